//! What goes through a generated topology: it knows which message it is of, and
//! somebody counts how many there are.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use topology_runtime::Failure;
use topology_runtime::wiring::FromFailure;

use crate::drawn::random::Random;

/// A message, or a part of one.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    token: Token,
    /// What it has been through, as a number: decisions are drawn from it.
    seed: u64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    One,
    /// One of a batch, on which the step fails.
    Ill,
    /// The parts of a join.
    Parts(Parts),
    /// Several messages.
    Batch(Vec<Value>),
}

/// What has come of a join so far. If it goes before all has, somebody may have
/// waited in vain.
#[derive(Debug, Clone, Default)]
struct Parts {
    all: Vec<Part>,
    of: Option<(Arc<Census>, usize)>,
}

impl Drop for Parts {
    fn drop(&mut self) {
        let is_missing = |part: &Part| matches!(part, Part::Missing);
        if let Some((census, message)) = &self.of
            && self.all.iter().any(is_missing)
        {
            *census.books().waiting.entry(*message).or_default() += 1;
        }
    }
}

/// A part of a join.
#[derive(Debug, Clone)]
enum Part {
    Missing,
    Skipped,
    Came,
}

impl Value {
    pub(crate) fn new(census: &Arc<Census>, message: usize, seed: u64) -> Self {
        Self {
            token: Token::new(census, message),
            seed,
            what: What::One,
        }
    }

    /// Several of one message: a scope's results, or winners. Of none it is not
    /// known which message they are of.
    pub(crate) fn together(all: &[Self]) -> Self {
        let mut together = Self::nothing(0);
        for value in all {
            together.join(value);
        }
        together.what = What::One;
        together
    }

    /// A batch: each is a message of its own.
    pub(crate) fn batch(all: Vec<Self>) -> Self {
        Self {
            what: What::Batch(all),
            ..Self::nothing(0)
        }
    }

    /// The messages of a batch, with an error in place of those that failed.
    pub(crate) fn apart(self) -> Vec<Result<Self, &'static str>> {
        let What::Batch(all) = self.what else {
            return vec![Ok(self)];
        };
        let results = all.into_iter().map(|value| match value.what {
            What::Ill => Err("drawn"),
            _ => Ok(value),
        });
        results.collect()
    }

    /// A join before any part has come.
    pub(crate) fn nothing(parts: usize) -> Self {
        Self {
            token: Token::unknown(),
            seed: 0,
            what: What::Parts(Parts {
                all: vec![Part::Missing; parts],
                of: None,
            }),
        }
    }

    /// A part has come, or is skipped.
    pub(crate) fn set(&mut self, position: usize, part: Option<Self>) {
        if let Some(value) = &part {
            self.join(value);
        }
        if let What::Parts(parts) = &mut self.what {
            let token = part.as_ref().map(|value| &value.token);
            if let Some((Some(census), Some(message))) =
                token.map(|token| (token.census.clone(), token.message))
            {
                parts.of = Some((census, message));
            }
            parts.all[position] = part.map_or(Part::Skipped, |_| Part::Came);
        }
    }

    /// Which parts were skipped; `None` if one is missing yet.
    pub(crate) fn skipped(&self) -> Option<Vec<bool>> {
        let What::Parts(parts) = &self.what else {
            return Some(Vec::new());
        };
        let parts = parts.all.iter().map(|part| match part {
            Part::Missing => None,
            Part::Skipped => Some(true),
            Part::Came => Some(false),
        });
        parts.collect()
    }

    fn join(&mut self, other: &Self) {
        self.seed = self.seed.rotate_left(7) ^ other.seed;
        if let (Some(own), Some(others)) = (self.token.message, other.token.message)
            && own != others
        {
            self.token.complain(format!("{own} and {others} in one"));
        }
        if self.token.message.is_none() {
            self.token = other.token.clone();
        }
    }

    /// The message as a whole, with another seed.
    pub(crate) fn after(mut self, seed: u64) -> Self {
        self.seed = seed;
        self.what = What::One;
        self
    }

    /// What comes of a step: of a batch, some fail by themselves.
    pub(crate) fn worked_on(self, random: &mut Random, errors: usize) -> Self {
        match self.what {
            What::Batch(all) => {
                let each = all.into_iter().map(|value| {
                    let mut value = value.worked_on(random, errors);
                    if random.chance(errors) {
                        value.what = What::Ill;
                    }
                    value
                });
                Self::batch(each.collect())
            }
            _ => self.after(random.seed()),
        }
    }

    /// Decisions that depend on where the message has been, and where it is.
    pub(crate) fn random(&self, place: &str, attempt: usize) -> Random {
        let place = place.bytes().fold(self.seed, |seed, byte| {
            (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Random::new(place ^ attempt as u64)
    }

    /// So many messages of one, each with a life of its own.
    pub(crate) fn items(self, count: usize) -> Vec<Self> {
        let items = (0..count as u64).map(|item| {
            let seed = self.seed ^ (item + 1) << 40;
            self.clone().after(seed)
        });
        items.collect()
    }

    pub(crate) fn message(&self) -> Option<usize> {
        self.token.message
    }

    pub(crate) fn arrive(&self) {
        if let (Some(message), Some(census)) = (self.token.message, &self.token.census) {
            *census.books().arrivals.entry(message).or_default() += 1;
        }
    }
}

/// Fallbacks take what failed, or only why.
impl FromFailure<Self, Self> for Value {
    const KEEP: Option<fn(&Self) -> Self> = Some(Clone::clone);

    fn from_failure(kept: Option<Self>, failure: Failure) -> Option<Self> {
        match kept {
            Some(value) => Some(value),
            None if failure.step().len().is_multiple_of(2) => Some(Self::together(&[])),
            None => None,
        }
    }
}

/// Counted for as long as it is there.
#[derive(Debug)]
struct Token {
    census: Option<Arc<Census>>,
    message: Option<usize>,
}

impl Token {
    fn new(census: &Arc<Census>, message: usize) -> Self {
        census.books().alive += 1;
        Self {
            census: Some(Arc::clone(census)),
            message: Some(message),
        }
    }

    fn unknown() -> Self {
        Self {
            census: None,
            message: None,
        }
    }

    fn complain(&self, what: String) {
        if let Some(census) = &self.census {
            census.complain(what);
        }
    }
}

impl Clone for Token {
    fn clone(&self) -> Self {
        match (&self.census, self.message) {
            (Some(census), Some(message)) => Self::new(census, message),
            _ => Self::unknown(),
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        if let Some(census) = &self.census {
            census.books().alive -= 1;
        }
    }
}

/// What is known of all values of one run.
#[derive(Debug, Default)]
pub(crate) struct Census(Mutex<Books>);

#[derive(Debug, Default)]
pub(crate) struct Books {
    /// Values that were not dropped yet.
    pub(crate) alive: usize,
    /// How often each message came to `out`.
    pub(crate) arrivals: BTreeMap<usize, usize>,
    /// How many joins of each message went before all their parts had come.
    pub(crate) waiting: BTreeMap<usize, usize>,
    /// What must not be.
    pub(crate) complaints: Vec<String>,
}

impl Census {
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().expect("nothing panics in here")
    }

    pub(crate) fn complain(&self, what: String) {
        self.books().complaints.push(what);
    }
}
