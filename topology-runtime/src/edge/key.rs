//! Which messages belong together, and which replica has them.

use std::hash::{DefaultHasher, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Queue;
use super::queue::Item;
use crate::fate::{Delivery, panic_text};
use crate::step::{FailureKind, WorkflowStep};

/// Feeds what a message is known by to a hasher.
pub(super) type HashKey<M> = Box<dyn Fn(&M, &mut DefaultHasher) + Send + Sync>;

/// What is left of a message's key. Two keys that leave the same are taken for
/// one, which keeps order all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Key(u32);

impl Key {
    /// By a hasher whose own keys never change.
    fn of<M>(message: &M, hash: &HashKey<M>) -> Self {
        let mut hasher = DefaultHasher::new();
        hash(message, &mut hasher);
        Self((hasher.finish() >> 32) as u32)
    }

    /// The replica that has it, of so many: jump consistent hash, as in John Lamping
    /// and Eric Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm"
    /// (arXiv:1406.2294, 2014). One replica more takes its share of the others'
    /// keys, and no key moves between those that were there.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "as it was published; replicas are few"
    )]
    pub(super) fn replica(self, replicas: usize) -> usize {
        let (mut seed, mut replica, mut next) = (u64::from(self.0), 0, 0);
        while next < replicas {
            replica = next;
            seed = seed.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
            let drawn = ((seed >> 33) + 1) as f64;
            next = ((replica as f64 + 1.0) * ((1_u64 << 31) as f64 / drawn)) as usize;
        }
        replica
    }
}

impl<S: WorkflowStep> Queue<S> {
    /// Says what messages are known by: those that are known by the same keep
    /// their order, and their replica. Said once, while wiring.
    pub fn keyed(&self, hash: impl Fn(&S::Input, &mut DefaultHasher) + Send + Sync + 'static) {
        let _ = self.0.hash_key.set(Box::new(hash));
    }

    /// The item with its key, if messages have one here. One whose key cannot be
    /// told fails as any other that comes to the step.
    pub(super) fn with_key(&self, mut item: Item<S::Input>) -> Result<Item<S::Input>, Delivery> {
        let Some(hash) = self.0.hash_key.get() else {
            return Ok(item);
        };
        // It borrows the message only, so nothing of a message is lost here.
        match catch_unwind(AssertUnwindSafe(|| Key::of(&item.message, hash))) {
            Ok(key) => {
                item.key = key;
                Ok(item)
            }
            Err(panic) => Err(self.fail(item, FailureKind::Panic(panic_text(&*panic)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> impl Iterator<Item = Key> {
        let hash: HashKey<u32> = Box::new(|number, hasher| hasher.write_u32(*number));
        (0..8_000).map(move |number| Key::of(&number, &hash))
    }

    #[test]
    fn replicas_share_the_keys_evenly() {
        for replicas in 1..=16 {
            let mut shares = vec![0; replicas];
            keys().for_each(|key| shares[key.replica(replicas)] += 1);
            let even = 8_000 / replicas;
            let is_even = |share: &usize| (even * 3 / 4..=even * 5 / 4).contains(share);
            assert!(shares.iter().all(is_even), "{replicas}: {shares:?}");
        }
    }

    #[test]
    fn keys_move_only_to_a_replica_that_is_new() {
        for replicas in 1..16 {
            let moved = keys().filter(|key| key.replica(replicas) != key.replica(replicas + 1));
            let to: Vec<_> = moved.map(|key| key.replica(replicas + 1)).collect();
            assert!(!to.is_empty());
            assert!(to.iter().all(|&to| to == replicas), "{replicas}: {to:?}");
        }
    }

    /// As go-jump, which follows the paper, has them.
    #[test]
    fn replicas_are_those_of_the_paper() {
        for (key, replicas, replica) in [
            (1, 1, 0),
            (42, 57, 43),
            (0xDEAD_10CC, 1, 0),
            (0xDEAD_10CC, 666, 361),
            (256, 1024, 520),
        ] {
            assert_eq!(Key(key).replica(replicas), replica);
        }
    }
}
