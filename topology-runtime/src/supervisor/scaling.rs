//! Looks now and then whether steps have as many replicas as they need.

use std::time::Duration;

use tokio::time::sleep;

use super::Core;
use crate::edge::AnyQueue;

/// How often, while something waits or there are more replicas than the least.
const OFTEN: Duration = Duration::from_millis(10);

/// Looks until dropped.
pub(super) async fn scale(core: &Core, queues: &[Box<dyn AnyQueue>]) {
    loop {
        let now = core.clock.now();
        let looked = queues.iter().map(|queue| queue.look_after_replicas(now));
        // Each is looked after, whatever comes of the others.
        let goes_on = looked.fold(false, |goes_on, more| goes_on | more);
        if goes_on {
            sleep(OFTEN).await;
        } else {
            core.scaling.notified().await;
        }
    }
}
