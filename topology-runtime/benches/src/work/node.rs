//! What a task does with what it has worked on.

use std::collections::HashMap;

use super::Done;
use crate::kits::{Kit, Letter, To};

/// A place in a workload, whatever carries messages to it.
pub(crate) enum Node<const N: usize, K: Kit> {
    Forward(K::To<N>),
    Fork([K::To<N>; 2]),
    Route([K::To<N>; 4]),
    /// The parts that wait for the other one.
    Join(HashMap<u64, K::Letter<N>>, Done),
    Sink(Done),
}

impl<const N: usize, K: Kit> Node<N, K> {
    pub(crate) fn join(done: Done) -> Self {
        Self::Join(HashMap::new(), done)
    }

    /// Works on a letter and hands it on.
    pub(crate) async fn take(&mut self, letter: K::Letter<N>) {
        self.hand_on(letter.worked()).await;
    }

    pub(crate) async fn hand_on(&mut self, letter: K::Letter<N>) {
        match self {
            Self::Forward(next) => next.put(letter).await,
            Self::Fork([left, right]) => {
                left.put(letter.clone()).await;
                right.put(letter).await;
            }
            Self::Route(arms) => {
                let arm = usize::from(letter.number().to_le_bytes()[0] & 3);
                arms[arm].put(letter).await;
            }
            Self::Join(waiting, done) => {
                let number = letter.number();
                if waiting.remove(&number).is_some() {
                    done.arrived();
                } else {
                    waiting.insert(number, letter);
                }
            }
            Self::Sink(done) => {
                drop(letter);
                done.arrived();
            }
        }
    }

    /// The same with several at once, for what can make use of it.
    pub(crate) async fn hand_on_all(&mut self, letters: &mut Vec<K::Letter<N>>) {
        if let Self::Forward(next) = self {
            next.put_all(letters).await;
            return;
        }
        for letter in letters.drain(..) {
            self.hand_on(letter).await;
        }
    }
}
