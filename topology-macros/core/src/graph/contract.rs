//! What the brackets say: contracts of edges, settings of nodes and headers.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Expr, Ident, Type};

use super::{Border, Settings, Strategy};
use crate::amount::{self, Amount};
use crate::report::{Report, span_of};
use crate::review::{misplaced_attribute, repeated_attribute, unknown_attribute, zero_capacity};
use crate::syntax::{Attribute, Bracket, Value};

/// What an edge declares. What is missing is reported by the review.
#[derive(Clone, Default)]
pub(crate) struct Contract {
    pub(crate) capacity: Option<Amount<usize>>,
    pub(crate) timeout: Option<Amount<Duration>>,
    pub(crate) overflow: Overflow,
    /// The most items that one message may become.
    pub(crate) limit: Option<Amount<usize>>,
    /// The longest from the first item to the `all`.
    pub(crate) within: Option<Amount<Duration>>,
    /// How many arms of a race win.
    pub(crate) first: Option<Amount<usize>>,
    /// How many messages the step takes at once.
    pub(crate) batch: Option<Amount<usize>>,
    /// How long the first of them waits for others.
    pub(crate) linger: Option<Amount<Duration>>,
    /// How often a message may take a back edge.
    pub(crate) rounds: Option<Amount<usize>>,
    /// The bracket that declares it.
    pub(crate) bracket: Option<TokenStream>,
    /// Where it begins, which only edges of one bracket have in common.
    pub(crate) begins: Option<(usize, usize)>,
    /// Whether something in the bracket was reported already, so that what
    /// seems to be missing was only misread.
    pub(crate) misread: bool,
}

/// What happens to a message that finds the edge full.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Overflow {
    #[default]
    Block,
    DropOldest,
    DropNewest,
}

impl Overflow {
    const NAMES: [(&'static str, Self); 3] = [
        ("block", Self::Block),
        ("drop_oldest", Self::DropOldest),
        ("drop_newest", Self::DropNewest),
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::DropOldest => "drop_oldest",
            Self::DropNewest => "drop_newest",
        }
    }
}

/// Where an attribute may stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Header,
    Edge,
    Node,
    Step,
    /// A method of a stateful step.
    Method,
    /// A boundary of threads.
    Thread,
    /// A boundary of threads with processes inside.
    Around,
    /// A boundary that is a process.
    Process,
}

impl Place {
    /// All of them. What stands around processes has the attributes of others.
    pub(crate) const ALL: [Self; 7] = [
        Self::Header,
        Self::Edge,
        Self::Node,
        Self::Step,
        Self::Method,
        Self::Thread,
        Self::Process,
    ];

    /// The attributes that may stand here.
    pub(crate) fn known(self) -> &'static [&'static str] {
        match self {
            Self::Header => &["state", "deadline", "memory", "strategy"],
            Self::Edge => &[
                "capacity", "timeout", "overflow", "limit", "within", "first", "rounds", "batch",
                "linger",
            ],
            Self::Node => &["replicas", "key", "rate"],
            Self::Step => &["timeout", "blocking", "retry", "idempotent"],
            Self::Method => &["tick"],
            Self::Thread => &["threads", "name", "stack_size", "cores"],
            Self::Around => &[
                "threads",
                "name",
                "stack_size",
                "cores",
                "restart",
                "strategy",
            ],
            Self::Process => &[
                "restart", "strategy", "codec", "memory", "cpu", "start", "threads",
            ],
        }
    }

    /// Where that is, in words.
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Header => "the topology's header",
            Self::Edge => "an edge",
            Self::Node => "a node",
            Self::Step => "a step",
            Self::Method => "a method of a stateful step",
            Self::Thread | Self::Around => "a thread boundary",
            Self::Process => "a process boundary",
        }
    }

    /// The same, of an attribute that boundaries of either kind may have.
    pub(crate) fn describe_of(self, key: &str) -> &'static str {
        let is_shared = |place: Self| place.known().contains(&key);
        match self {
            Self::Thread if is_shared(Self::Process) => "a boundary",
            _ => self.describe(),
        }
    }

    /// How an attribute is written here, with the value it was given.
    pub(crate) fn example(self, attribute: &Attribute) -> String {
        let key = &attribute.key;
        let set = match (key.to_string().as_str(), &attribute.value) {
            ("retry", _) => "retry(attempts = 3)".to_owned(),
            ("blocking" | "idempotent", _) => key.to_string(),
            ("key", _) => "replicas = 4, key = |message| ..".to_owned(),
            (_, Value::Expr(_) | Value::In(..) | Value::Type(_)) => {
                let value = attribute.value.anchor(key).to_string();
                let value = value.replace(" :: ", "::").replace(" / ", "/");
                format!("{key} = {value}")
            }
            _ => format!("{key} = .."),
        };
        match self {
            Self::Header => format!("pub Name<In -> Out> [{set}];"),
            Self::Edge => format!("a -> b [{set}];"),
            Self::Node => format!("step [{set}];"),
            Self::Step => format!("#[workflow_step({set})]"),
            Self::Method => format!("#[workflow_step({set})] fn flush(&mut self) -> .."),
            Self::Thread | Self::Around => format!("boundary cpu: thread [{set}] {{ .. }}"),
            Self::Process => format!("boundary apart: process [{set}] {{ .. }}"),
        }
    }
}

/// The attributes of a bracket that may stand in `place`, each once.
pub(crate) fn known<'a>(
    attributes: &'a [Attribute],
    place: Place,
    report: &mut Report,
) -> Vec<&'a Attribute> {
    let mut seen: Vec<&Attribute> = Vec::new();
    for attribute in attributes {
        let key = attribute.key.to_string();
        if let Some(first) = seen.iter().find(|other| other.key == attribute.key) {
            report.push(repeated_attribute::fault(&attribute.key, &first.key));
        } else if place.known().contains(&&*key) {
            seen.push(attribute);
        } else if let Some(other) = elsewhere(&key, place) {
            report.push(misplaced_attribute::elsewhere(attribute, place, other));
        } else {
            report.push(unknown_attribute::fault(&attribute.key, place));
        }
    }
    seen
}

fn elsewhere(key: &str, place: Place) -> Option<Place> {
    let mut others = Place::ALL.into_iter().filter(|other| *other != place);
    let near = match place {
        Place::Method => Some(Place::Step),
        Place::Thread | Place::Around => Some(Place::Process),
        Place::Process => Some(Place::Thread),
        _ => None,
    };
    near.filter(|near| near.known().contains(&key))
        .or_else(|| others.find(|other| other.known().contains(&key)))
}

impl Contract {
    /// What of a bracket that holds for several edges concerns this one.
    pub(crate) fn of(mut self, border: Border) -> Self {
        if border != Border::Each {
            self.limit = None;
            self.within = None;
        }
        if border != Border::Finish {
            self.first = None;
        }
        self
    }

    pub(crate) fn read(bracket: &Bracket, report: &mut Report) -> Self {
        let faults = report.faults().len();
        let tokens = bracket.to_token_stream();
        let start = span_of(&tokens).start();
        let mut contract = Self {
            bracket: Some(tokens),
            begins: Some((start.line, start.column)),
            ..Self::default()
        };
        for attribute in known(&bracket.attributes, Place::Edge, report) {
            match attribute.key.to_string().as_str() {
                "capacity" => contract.capacity = positive(attribute, report),
                "timeout" => contract.timeout = amount::duration(attribute, report),
                "limit" => contract.limit = positive(attribute, report),
                "within" => contract.within = amount::duration(attribute, report),
                "first" => contract.first = positive(attribute, report),
                "rounds" => contract.rounds = positive(attribute, report),
                "batch" => contract.batch = positive(attribute, report),
                "linger" => contract.linger = amount::duration(attribute, report),
                _ => {
                    let overflow = one_of(attribute, &Overflow::NAMES, report);
                    contract.overflow = overflow.unwrap_or_default();
                }
            }
        }
        contract.misread = report.faults().len() > faults;
        contract
    }
}

impl Settings {
    pub(crate) fn read(bracket: Option<&Bracket>, report: &mut Report) -> Self {
        let mut settings = Self::default();
        let Some(bracket) = bracket else {
            return settings;
        };
        for attribute in known(&bracket.attributes, Place::Header, report) {
            match attribute.key.to_string().as_str() {
                "state" => settings.state = state(attribute, report),
                "deadline" => settings.deadline = amount::duration(attribute, report),
                "strategy" => settings.strategy = Strategy::read(attribute, report),
                _ => settings.memory = amount::bytes(attribute, report),
            }
        }
        settings
    }
}

pub(super) fn positive(attribute: &Attribute, report: &mut Report) -> Option<Amount<usize>> {
    let amount = amount::count(attribute, report)?;
    more_than_none(amount, &attribute.key, report)
}

/// The same of one number in a value.
pub(super) fn whole(expr: &Expr, key: &Ident, report: &mut Report) -> Option<Amount<usize>> {
    let amount = amount::count_of(expr, key, report)?;
    more_than_none(amount, key, report)
}

fn more_than_none(
    amount: Amount<usize>,
    key: &Ident,
    report: &mut Report,
) -> Option<Amount<usize>> {
    if let Amount::Known(0, tokens) = &amount {
        report.push(zero_capacity::fault(tokens, &key.to_string()));
        return None;
    }
    Some(amount)
}

/// One of a few words; another is reported.
pub(super) fn one_of<T: Copy>(
    attribute: &Attribute,
    words: &[(&'static str, T)],
    report: &mut Report,
) -> Option<T> {
    let key = &attribute.key;
    let word = match &attribute.value {
        Value::Expr(expr) => match &**expr {
            Expr::Path(path) => path.path.get_ident(),
            _ => None,
        },
        _ => None,
    };
    let written = word.map_or(String::new(), Ident::to_string);
    let known = words.iter().find(|(name, _)| *name == written);
    if known.is_none() {
        let anchor = attribute.value.anchor(key);
        let names: Vec<_> = words.iter().map(|(name, _)| *name).collect();
        let fault = unknown_attribute::value(&anchor, &key.to_string(), &written, &names);
        report.push(fault);
    }
    known.map(|(_, value)| *value)
}

fn state(attribute: &Attribute, report: &mut Report) -> Option<Type> {
    if let Value::Type(ty) = &attribute.value {
        return Some((**ty).clone());
    }
    report.push(unknown_attribute::no_type(&attribute.key));
    None
}
