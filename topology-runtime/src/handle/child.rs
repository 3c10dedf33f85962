//! A topology as the inside of another's step.

use std::pin::Pin;
use std::sync::Weak;

use tokio::sync::OwnedSemaphorePermit;

use super::{CallError, Handle};
use crate::message::Message;
use crate::step::{Callee, Calling};
use crate::supervisor::{Child, Outer};
use crate::telemetry::Snapshot;
use crate::topology::Topology;

impl<T: Topology> Child for Handle<T> {
    fn belong_to(&self, outer: Weak<dyn Outer>) {
        self.0.core.belong_to(outer);
    }

    fn snapshot(&self) -> Snapshot {
        Self::snapshot(self)
    }

    fn finish(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(self.0.finishing.run(&self.0.core))
    }

    fn stop(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            let core = &self.0.core;
            core.accounts.close();
            core.stop();
            self.0.stopped.wait().await;
            core.accounts.idle().await;
        })
    }
}

impl<T: Topology> Callee<T> for Handle<T> {
    fn call(
        &self,
        message: Message<T::Input>,
        entering: Option<OwnedSemaphorePermit>,
    ) -> Calling<'_, T> {
        Box::pin(async move {
            let accepted = Self::call(self, message).cancel_on_drop().accepted().await;
            drop(entering);
            let answer = match accepted {
                Ok(accepted) => accepted.await,
                Err(refused) => Err(CallError::Refused(refused)),
            };
            answer.map_err(CallError::into_reason)
        })
    }
}
