//! The tasks of a topology inside another: it has the next message as soon as
//! the one before it is inside, and as many at once as its own edges hold.

use std::sync::Arc;

use tokio::task::{JoinError, JoinSet};

use super::Step;
use super::arrival::Arrival;
use super::onward::Onward;
use super::process::Process;
use super::runner::Replica;
use super::serve::Shared;
use crate::edge::Inbox;
use crate::supervisor::Core;
use crate::telemetry::{Writer, spans};
use crate::topology::Topology;

/// One replica, until it is stopped.
pub(super) async fn overlap<T, S, W, F>(shared: Arc<Shared<T, S, W, F>>, mut own: W::Own)
where
    T: Topology,
    S: Step<T::State>,
    W: Process<T::State, Input = S::Input>,
    W::Output: Send + 'static,
    F: Onward<T::Edges, W::Output>,
{
    let mut inside = JoinSet::new();
    let post = shared.queue.core().registry.begin(shared.queue.number(), 0);
    let mut inbox = Inbox::new(shared.queue.clone(), false);
    loop {
        while let Some(ended) = inside.try_join_next() {
            report(shared.queue.core(), ended);
        }
        let mut own = shared.work.another(&mut own);
        for (_, inner) in shared.work.inner(&mut own) {
            inner.enter().await;
        }
        let (mut message, mut arrival) = (None, Arrival::none());
        while !inbox.bring(None, &mut message, &mut arrival) {
            inbox.filled().await;
        }
        inbox.rest();
        let (shared, post) = (Arc::clone(&shared), Arc::clone(&post));
        inside.spawn(async move {
            let replica = Replica::new(Writer::OneOfSeveral, 0, post);
            shared.work_on(message, arrival, &replica, &mut own).await;
        });
    }
}

/// A value that panics while it is dropped fails its own message only.
fn report(core: &Core, ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        spans::task_restarted(core.name, &error);
    }
}
