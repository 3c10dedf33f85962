//! Callers, whatever they call.

use super::Load;
use crate::measure::{Cost, Stopwatch};

/// Something that can be asked, by several at once.
pub(super) trait Asked: Clone + Send + 'static {
    /// One question, and its answer.
    fn ask(&mut self, number: u64) -> impl Future<Output = Option<u64>> + Send;
}

/// Lets them all call, one call after the other each.
pub(super) async fn ask(asked: impl Asked, load: Load) -> Cost {
    let watch = Stopwatch::start();
    let callers: Vec<_> = (0..load.callers)
        .map(|_| tokio::spawn(call(asked.clone(), load.calls)))
        .collect();
    for caller in callers {
        caller.await.expect("every call is answered");
    }
    watch.stop(load.callers * load.calls)
}

async fn call(mut asked: impl Asked, calls: u64) {
    for number in 0..calls {
        assert!(asked.ask(number).await.is_some(), "an answer");
    }
}
