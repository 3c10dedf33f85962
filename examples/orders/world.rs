//! Everything around the topology: the orders that come in, and services that
//! do not always answer. The same seed gives the same world.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::future::pending;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use tokio::time::sleep;

use crate::steps::{Notice, Order, Verdict};

/// An order as it comes in: `reference;cents`.
#[derive(Debug, Clone)]
pub(crate) struct RawOrder(pub(crate) String);

/// Orders, some of which came before or cannot be read.
pub(crate) fn orders(seed: u64, count: u64) -> impl Iterator<Item = RawOrder> {
    let mut draw = Rng::with_seed(seed);
    let mut last = String::new();
    (0..count).map(move |number| {
        match draw.u8(..100) {
            // The same order again.
            0..8 if number > 0 => {}
            8..11 => last = format!("A-{number:04};a lot"),
            _ => last = format!("A-{number:04};{}", draw.u64(100..100_000)),
        }
        RawOrder(last.clone())
    })
}

/// A service had too much to do.
#[derive(Debug)]
pub(crate) struct Busy(&'static str);

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} is busy", self.0)
    }
}

impl Error for Busy {}

/// Says which orders are suspect, and which came before.
pub(crate) struct Screening {
    seed: u64,
    /// How often each order was asked about, by reference; the first one that
    /// is answered is no duplicate.
    seen: Mutex<HashMap<String, u32>>,
}

impl Screening {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            seen: Mutex::default(),
        }
    }

    pub(crate) async fn ask(&self, order: Order, attempt: usize) -> Result<Verdict, Busy> {
        sleep(Duration::from_millis(2)).await;
        match draw(self.seed, &order.reference, attempt) {
            0..20 => return Err(Busy("screening")),
            20..24 => pending().await,
            _ => {}
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let times = seen.entry(order.reference.clone()).or_default();
        *times += 1;
        Ok(match order.cents {
            _ if *times > 1 => Verdict::Duplicate,
            90_000.. => Verdict::Suspect(order),
            _ => Verdict::Clear(order),
        })
    }
}

/// What the company owns.
#[derive(Default)]
pub(crate) struct Books(AtomicU64);

impl Books {
    /// Writes to the disk, and returns the sum.
    pub(crate) fn add(&self, cents: u64) -> u64 {
        std::thread::sleep(Duration::from_micros(500));
        self.0.fetch_add(cents, Ordering::Relaxed) + cents
    }
}

/// Sends notices, most of the time.
pub(crate) struct Mail {
    seed: u64,
}

impl Mail {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(crate) async fn send(&self, reference: &str) -> Result<Notice, Busy> {
        sleep(Duration::from_millis(1)).await;
        match draw(self.seed, reference, 0) {
            0..5 => Err(Busy("mail")),
            _ => Ok(Notice),
        }
    }
}

/// Up to 99, always the same for the same.
fn draw(seed: u64, reference: &str, attempt: usize) -> u8 {
    let mut hasher = DefaultHasher::new();
    (seed, reference, attempt).hash(&mut hasher);
    Rng::with_seed(hasher.finish()).u8(..100)
}
