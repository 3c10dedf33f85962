//! Things that several threads write, kept apart from their neighbours.

use std::ops::Deref;

/// A value with cache lines of its own: what a thread writes does not slow down
/// another that reads or writes something beside it. Two lines of 64 bytes,
/// because processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Padded<T>(T);

impl<T> Padded<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }
}

impl<T> Deref for Padded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
