//! What boundaries declare.

use std::time::Duration;

use syn::{Expr, ExprLit, Lit};

use super::contract::{Place, known, one_of, positive};
use super::{Cores, Isolation, Restart};
use crate::amount::{self, Amount};
use crate::report::Report;
use crate::review::{fine_timeout, misplaced_attribute, unknown_attribute, zero_capacity};
use crate::syntax::{Attribute, Boundary, Value};

/// What a boundary declares. What its kind does not know is not there.
#[derive(Clone, Default)]
pub(crate) struct Declared {
    pub(crate) threads: Option<Amount<usize>>,
    /// What the system calls them.
    pub(crate) thread_name: Option<Text>,
    /// In bytes.
    pub(crate) stack_size: Option<Amount<u64>>,
    pub(crate) cores: Option<Cores>,
    pub(crate) restart: Option<Restart>,
    pub(crate) strategy: Option<Strategy>,
    pub(crate) codec: Option<Codec>,
    /// The address space of a process, in bytes.
    pub(crate) memory: Option<Amount<u64>>,
    /// The processor time of a process.
    pub(crate) cpu: Option<Amount<Duration>>,
    /// How long a process may take to start.
    pub(crate) start: Option<Amount<Duration>>,
}

/// A text as far as the macro can know it.
#[derive(Clone)]
pub(crate) enum Text {
    Known(String),
    /// A constant expression: the compiler evaluates and checks it.
    Const(Box<Expr>),
}

/// What is restarted with a boundary that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strategy {
    OneForOne,
    RestForOne,
    OneForAll,
}

impl Strategy {
    const NAMES: [(&'static str, Self); 3] = [
        ("one_for_one", Self::OneForOne),
        ("rest_for_one", Self::RestForOne),
        ("one_for_all", Self::OneForAll),
    ];

    pub(super) fn read(attribute: &Attribute, report: &mut Report) -> Option<Self> {
        one_of(attribute, &Self::NAMES, report)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OneForOne => "one_for_one",
            Self::RestForOne => "rest_for_one",
            Self::OneForAll => "one_for_all",
        }
    }
}

/// How messages are written that cross.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Postcard,
    MessagePack,
}

impl Codec {
    const NAMES: [(&'static str, Self); 2] =
        [("postcard", Self::Postcard), ("msgpack", Self::MessagePack)];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postcard => "postcard",
            Self::MessagePack => "msgpack",
        }
    }
}

impl Declared {
    pub(crate) fn read(isolation: Isolation, boundary: &Boundary, report: &mut Report) -> Self {
        let mut declared = Self::default();
        let attributes = boundary.bracket.as_ref();
        let attributes = attributes.map_or(&[][..], |bracket| &bracket.attributes);
        let process = boundary.process();
        let place = match (isolation, process) {
            (Isolation::Process, _) => Place::Process,
            (Isolation::Thread, Some(_)) => Place::Around,
            (Isolation::Thread, None) => Place::Thread,
        };
        for attribute in known(attributes, place, report) {
            if let (Place::Around, Some(process), false) = (place, process, boundary.has_steps())
                && Place::Thread.known().contains(&&*attribute.key.to_string())
            {
                let fault = misplaced_attribute::of_no_threads(&attribute.key, boundary, process);
                report.push(fault);
                continue;
            }
            match attribute.key.to_string().as_str() {
                "threads" => declared.threads = positive(attribute, report),
                "name" => declared.thread_name = thread_name(attribute, report),
                "stack_size" => declared.stack_size = amount::bytes(attribute, report),
                "cores" => declared.cores = Cores::read(attribute, report),
                "restart" => declared.restart = Restart::read(attribute, report),
                "strategy" => declared.strategy = Strategy::read(attribute, report),
                "codec" => declared.codec = one_of(attribute, &Codec::NAMES, report),
                "memory" => declared.memory = memory(attribute, report),
                "cpu" => declared.cpu = processor_time(attribute, report),
                _ => declared.start = amount::duration(attribute, report),
            }
        }
        if let Some(cores) = &declared.cores {
            cores.with_threads(declared.threads.as_ref(), report);
        }
        declared
    }
}

/// The system takes no empty name, and none with a zero byte inside.
fn thread_name(attribute: &Attribute, report: &mut Report) -> Option<Text> {
    let key = &attribute.key;
    let known = match &attribute.value {
        Value::Expr(expr) => match &**expr {
            Expr::Lit(ExprLit { lit, .. }) => match lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => return Some(Text::Const(expr.clone())),
        },
        _ => None,
    };
    let fits = |text: &String| !text.is_empty() && !text.contains('\0');
    let known = known.filter(fits);
    if known.is_none() {
        let anchor = attribute.value.anchor(key);
        report.push(unknown_attribute::no_thread_name(&anchor, key));
    }
    known.map(Text::Known)
}

/// Nothing runs in no memory.
fn memory(attribute: &Attribute, report: &mut Report) -> Option<Amount<u64>> {
    let bytes = amount::bytes(attribute, report)?;
    if let Amount::Known(0, tokens) = &bytes {
        report.push(zero_capacity::no_memory(tokens, &attribute.key));
        return None;
    }
    Some(bytes)
}

/// The system counts processor time in seconds.
fn processor_time(attribute: &Attribute, report: &mut Report) -> Option<Amount<Duration>> {
    let time = amount::duration(attribute, report)?;
    if let Amount::Known(known, tokens) = &time
        && known.subsec_nanos() > 0
    {
        report.push(fine_timeout::no_seconds(tokens, &attribute.key, *known));
        return None;
    }
    Some(time)
}
