//! Those who send messages, and what they get.

use std::time::Duration;

use topology_runtime::wiring::{Always, Maybe, Never};
use topology_runtime::{CallError, FailureKind, Handle, Message, Refused};

use crate::drawn::random::Random;
use crate::topology::{Promise, Run};
use crate::value::Value;

/// What a caller has got.
pub(crate) enum Outcome {
    Answer(Option<Value>),
    Failed(FailureKind),
    Abandoned,
    Refused,
    /// It was only sent.
    Accepted,
    /// The caller has gone away.
    Gone,
}

impl Outcome {
    /// The same, with the answer dropped.
    pub(crate) fn without_value(self) -> Self {
        match self {
            Self::Answer(_) => Self::Answer(None),
            other => other,
        }
    }
}

/// What an answer is worth, by signature.
pub(crate) trait Signature: Promise {
    /// The answer, or that there is none; a complaint if it promised one.
    fn value(answer: Self::Answer) -> Option<Value>;
    /// Whether there may be no answer at the end of a message that is well.
    const MAY_END: bool;
    /// Whether there is never one.
    const IS_MUTE: bool;
}

impl Signature for Always<Value> {
    fn value(answer: Value) -> Option<Value> {
        Some(answer)
    }
    const MAY_END: bool = false;
    const IS_MUTE: bool = false;
}

impl Signature for Maybe<Value> {
    fn value(answer: Option<Value>) -> Option<Value> {
        answer
    }
    const MAY_END: bool = true;
    const IS_MUTE: bool = false;
}

impl Signature for Never {
    fn value((): ()) -> Option<Value> {
        None
    }
    const MAY_END: bool = true;
    const IS_MUTE: bool = true;
}

/// One message, and how somebody asks for it.
pub(crate) struct Caller {
    message: Message<Value>,
    wait: Duration,
    is_called: bool,
    /// When the caller goes away.
    leaves: Option<Duration>,
}

impl Caller {
    pub(crate) fn draw(value: Value, is_hasty: bool, random: &mut Random) -> Self {
        let mut millis = |most| Duration::from_millis(random.between(1, most) as u64);
        let (within, leaves) = (millis(30), millis(10));
        let mut message = Message::root(value);
        if is_hasty && random.chance(25) {
            message = message.within(within);
        }
        Self {
            message,
            wait: Duration::from_millis(random.pick(&[0, 0, 1, 5])),
            is_called: random.chance(70),
            leaves: (is_hasty && random.chance(20)).then_some(leaves),
        }
    }

    pub(crate) async fn ask<E: Signature>(self, handle: Handle<Run<E>>) -> Outcome {
        tokio::time::sleep(self.wait).await;
        if !self.is_called {
            return match handle.send(self.message).await {
                Ok(()) => Outcome::Accepted,
                Err(Refused { .. }) => Outcome::Refused,
            };
        }
        let call = handle.call(self.message);
        let answer = match self.leaves {
            Some(leaves) => {
                let call = call.cancel_on_drop();
                match tokio::time::timeout(leaves, call).await {
                    Ok(answer) => answer,
                    Err(_) => return Outcome::Gone,
                }
            }
            None => call.await,
        };
        match answer {
            Ok(answer) => Outcome::Answer(E::value(answer)),
            Err(CallError::Failed(failure)) => Outcome::Failed(failure.kind().clone()),
            Err(CallError::Abandoned(_)) => Outcome::Abandoned,
            Err(CallError::Refused(_)) => Outcome::Refused,
        }
    }
}
