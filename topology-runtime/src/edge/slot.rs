//! A box that is lent by one and borrowed by others, without a lock.
//!
//! One word says where it is: in the slot, with somebody who has borrowed it, or
//! elsewhere. Whoever lends it can call it back at any time: then either it is in the
//! slot still, or its borrower finds on its return that it is called back.

use std::marker::PhantomData;
use std::ptr::null_mut;
use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};

/// Where a box is lent.
///
/// What stands in the word without its lowest bit came from `Box::into_raw`, and is
/// nowhere else.
pub(super) struct Slot<T, W: Word<T> = AtomicPtr<T>> {
    /// The box; with its lowest bit set, the box that was borrowed; null if nothing is
    /// lent.
    word: W,
    /// It is handed from thread to thread, and never with two of them.
    holds: PhantomData<Mutex<Box<T>>>,
}

/// Where the box was as it was called back.
pub(super) enum Recalled<T> {
    Here(Box<T>),
    /// Its borrower will find that out.
    Borrowed,
    /// Nothing was lent.
    Nothing,
}

/// The word, which is another where all orders of events are tried.
pub(super) trait Word<T>: Default {
    fn load(&self) -> *mut T;
    /// Changes what is there, if that is still `old`: what it was.
    fn change(&self, old: *mut T, new: *mut T) -> Option<*mut T>;
    fn replace(&self, new: *mut T) -> *mut T;
}

impl<T> Word<T> for AtomicPtr<T> {
    #[inline]
    fn load(&self) -> *mut T {
        self.load(Ordering::Relaxed)
    }

    #[inline]
    fn change(&self, old: *mut T, new: *mut T) -> Option<*mut T> {
        self.compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed)
            .ok()
    }

    #[inline]
    fn replace(&self, new: *mut T) -> *mut T {
        self.swap(new, Ordering::AcqRel)
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(unsafe_code, reason = "one word holds a box and says where it is")]
impl<T, W: Word<T>> Slot<T, W> {
    fn new() -> Self {
        const { assert!(align_of::<T>() > 1, "the lowest bit of its address is free") };
        Self {
            word: W::default(),
            holds: PhantomData,
        }
    }

    /// Lends a box. What is lent already is called back first.
    pub(super) fn lend(&self, own: Box<T>) -> Recalled<T> {
        self.replace(Box::into_raw(own))
    }

    /// Borrows the box, if it is there.
    #[inline]
    pub(super) fn borrow(&self) -> Option<Box<T>> {
        let seen = self.word.load();
        if seen.is_null() || is_marked(seen) {
            return None;
        }
        // Another box may have its address by now, and only that one may be used.
        let own = self.word.change(seen, marked(seen))?;
        // SAFETY: the box was in the word, and only one can have changed that from the box
        // itself. What was done with it before it was put there was released with it, and is
        // acquired with this change.
        Some(unsafe { Box::from_raw(own) })
    }

    /// Brings the borrowed box back; it is returned if it was called back meanwhile.
    #[inline]
    pub(super) fn bring_back(&self, own: Box<T>) -> Result<(), Box<T>> {
        let own = Box::into_raw(own);
        if self.word.change(marked(own), own).is_some() {
            Ok(())
        } else {
            // SAFETY: it is the one from above, and did not get into the word.
            Err(unsafe { Box::from_raw(own) })
        }
    }

    /// Whether somebody has it who will bring it back.
    pub(super) fn is_borrowed(&self) -> bool {
        is_marked(self.word.load())
    }

    /// Whether that one, which is borrowed, was called back.
    #[inline]
    pub(super) fn is_called_back(&self, own: &T) -> bool {
        self.word.load() != marked(std::ptr::from_ref(own).cast_mut())
    }

    /// Calls the box back: from now on nobody can borrow it.
    pub(super) fn recall(&self) -> Recalled<T> {
        self.replace(null_mut())
    }

    fn replace(&self, new: *mut T) -> Recalled<T> {
        let own = self.word.replace(new);
        if own.is_null() {
            Recalled::Nothing
        } else if is_marked(own) {
            Recalled::Borrowed
        } else {
            // SAFETY: as in `borrow`: this has changed the word from the box itself.
            Recalled::Here(unsafe { Box::from_raw(own) })
        }
    }
}

impl<T, W: Word<T>> Drop for Slot<T, W> {
    fn drop(&mut self) {
        self.recall();
    }
}

/// What stands in the word as long as the box is borrowed. No other box has its address
/// meanwhile, so the word says which one it is.
fn marked<T>(own: *mut T) -> *mut T {
    own.map_addr(|address| address | 1)
}

fn is_marked<T>(own: *mut T) -> bool {
    own.addr() & 1 == 1
}

#[cfg(test)]
mod tests {
    use loom::cell::UnsafeCell;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    use super::*;

    type Loomed = loom::sync::atomic::AtomicPtr<Own>;

    /// Who looks at it at the same time as another is found out.
    struct Own {
        uses: UnsafeCell<usize>,
        dropped: Arc<Mutex<usize>>,
    }

    impl Drop for Own {
        fn drop(&mut self) {
            self.use_it();
            *self.dropped.lock().unwrap() += 1;
        }
    }

    impl Own {
        #[expect(unsafe_code, reason = "it is looked at whether that is sound")]
        fn use_it(&self) -> usize {
            self.uses.with_mut(|uses| {
                // SAFETY: what this would break if it were not sound is what `loom` says.
                unsafe {
                    *uses += 1;
                    *uses
                }
            })
        }
    }

    impl Word<Own> for Loomed {
        fn load(&self) -> *mut Own {
            self.load(Ordering::Relaxed)
        }

        fn change(&self, old: *mut Own, new: *mut Own) -> Option<*mut Own> {
            self.compare_exchange(old, new, Ordering::AcqRel, Ordering::Relaxed)
                .ok()
        }

        fn replace(&self, new: *mut Own) -> *mut Own {
            self.swap(new, Ordering::AcqRel)
        }
    }

    fn own(dropped: &Arc<Mutex<usize>>) -> Own {
        Own {
            uses: UnsafeCell::new(0),
            dropped: Arc::clone(dropped),
        }
    }

    /// Borrows the box, uses it, and brings it back, to the owner if that is said.
    fn visit(slot: &Slot<Own, Loomed>, owner: &Mutex<Option<Box<Own>>>) -> bool {
        let Some(own) = slot.borrow() else {
            return false;
        };
        own.use_it();
        if let Err(own) = slot.bring_back(own) {
            own.use_it();
            *owner.lock().unwrap() = Some(own);
        }
        true
    }

    #[test]
    fn a_box_is_with_one_at_a_time_and_called_back_once() {
        loom::model(|| {
            let dropped = Arc::new(Mutex::new(0));
            let slot = Arc::new(Slot::<Own, Loomed>::new());
            let owner = Arc::new(Mutex::new(None));
            let lent = Box::new(own(&dropped));
            assert_eq!(lent.use_it(), 1);
            assert!(matches!(slot.lend(lent), Recalled::Nothing));
            let others = [(); 2].map(|()| {
                let (slot, owner) = (Arc::clone(&slot), Arc::clone(&owner));
                thread::spawn(move || visit(&slot, &owner))
            });
            let recalled = slot.recall();
            let visits = others.map(|other| usize::from(other.join().unwrap()));
            let returned = owner.lock().unwrap().take();
            let ((Recalled::Here(own), None) | (Recalled::Borrowed, Some(own))) =
                (recalled, returned)
            else {
                panic!("it is with the owner, once");
            };
            let visits: usize = visits.iter().sum();
            assert!(own.use_it() > 1 + visits);
            assert!(slot.borrow().is_none());
            drop(own);
            drop(slot);
            assert_eq!(*dropped.lock().unwrap(), 1);
        });
    }

    #[test]
    fn another_box_is_lent_while_one_that_was_called_back_is_out() {
        loom::model(|| {
            let dropped = Arc::new(Mutex::new(0));
            let slot = Arc::new(Slot::<Own, Loomed>::new());
            let owner = Arc::new(Mutex::new(None));
            slot.lend(Box::new(own(&dropped)));
            let other = thread::spawn({
                let (slot, owner) = (Arc::clone(&slot), Arc::clone(&owner));
                move || visit(&slot, &owner)
            });
            let first = slot.recall();
            slot.lend(Box::new(own(&dropped)));
            visit(&slot, &owner);
            other.join().unwrap();
            drop(first);
            drop(owner);
            drop(slot);
            assert_eq!(*dropped.lock().unwrap(), 2, "each of them once");
        });
    }
}
