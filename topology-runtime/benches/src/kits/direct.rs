//! No tasks at all: the floor.

use std::hint::black_box;

use crate::measure::{Cost, Stopwatch};
use crate::work::Parcel;

/// As many steps, each a function that is called.
pub(crate) fn direct<const N: usize>(steps: usize, messages: u64) -> Cost {
    let watch = Stopwatch::start();
    for number in 0..messages {
        let mut parcel = Parcel::<N>::new(number);
        for _ in 0..steps {
            parcel = work(parcel);
        }
        black_box(&parcel);
    }
    watch.stop(messages)
}

#[inline(never)]
fn work<const N: usize>(parcel: Parcel<N>) -> Parcel<N> {
    parcel.worked()
}
