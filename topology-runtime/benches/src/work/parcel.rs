//! What is sent, and what a step does with it.

use std::hint::black_box;

/// `N` words of payload; the first tells one from another.
#[derive(Clone, Debug)]
pub(crate) struct Parcel<const N: usize>([u64; N]);

impl<const N: usize> Parcel<N> {
    pub(crate) fn new(number: u64) -> Self {
        let mut words = [0; N];
        words[0] = number;
        Self(words)
    }

    pub(crate) fn number(&self) -> u64 {
        self.0[0]
    }

    /// A step's work: next to nothing, so that what carries it is measured.
    #[must_use]
    pub(crate) fn worked(mut self) -> Self {
        self.0[0] = black_box(self.0[0].wrapping_add(1));
        self
    }
}

impl serde::Serialize for Parcel<1> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0[0].serialize(to)
    }
}

impl<'de> serde::Deserialize<'de> for Parcel<1> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::Deserialize::deserialize(from).map(Self::new)
    }
}
