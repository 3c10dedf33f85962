//! One run of a topology.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use topology_runtime::Handle;

use crate::account::Account;
use crate::callers::{Caller, Outcome, Signature};
use crate::drawn::random::Random;
use crate::steps::{Mood, World};
use crate::topology::{Read, Run, set};
use crate::value::{Census, Value};

/// What is done with a topology.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) messages: usize,
    pub(crate) mood: Mood,
    /// When it is drained, in milliseconds, and how long that may take: without,
    /// once every message has its fate.
    pub(crate) drained: Option<(u64, u64)>,
    /// Whether messages have little time, and callers go away.
    pub(crate) is_hasty: bool,
    /// Whether some edge drops messages.
    pub(crate) drops: bool,
    /// Whether branches are cancelled by design: by races, or an `instead`.
    pub(crate) cancels: bool,
}

/// Runs what was read, on paused time.
pub(crate) fn run<E: Signature>(read: &Rc<Read>, plan: Plan, random: &mut Random) -> Account {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    set(Rc::clone(read));
    runtime.block_on(drive::<E>(read, plan, random))
}

async fn drive<E: Signature>(read: &Read, plan: Plan, random: &mut Random) -> Account {
    let census = Arc::<Census>::default();
    let optional = read.expansion.optional().into_iter();
    let optional = optional.map(|(step, parts)| (&*read.expansion.name(step).leak(), parts));
    let handle = Handle::<Run<E>>::start(World {
        census: Arc::clone(&census),
        mood: plan.mood,
        optional: optional.collect(),
    });
    let callers = (0..plan.messages).map(|number| {
        let value = Value::new(&census, number, random.seed());
        let caller = Caller::draw(value, plan.is_hasty, random);
        tokio::spawn(caller.ask(handle.clone()))
    });
    let callers: Vec<_> = callers.collect();
    let mut early = None;
    if let Some((at, within)) = plan.drained {
        tokio::time::sleep(Duration::from_millis(at)).await;
        early = Some(handle.drain(Duration::from_millis(within)).await);
    }
    let mut outcomes = Vec::new();
    for caller in callers {
        outcomes.push(caller.await.expect("no caller panics"));
    }
    let report = match early {
        Some(report) => report,
        None => handle.drain(Duration::from_hours(1)).await,
    };
    let mut account = Account::of(&report);
    account.look::<E>(&outcomes, plan);
    let outcomes: Vec<_> = outcomes.into_iter().map(Outcome::without_value).collect();
    // Tasks that were stopped are dropped by now, or when their turn comes.
    for _ in 0..4 {
        tokio::task::yield_now().await;
    }
    account.is_empty(&handle.snapshot());
    account.count(&census, &outcomes, plan);
    account
}
