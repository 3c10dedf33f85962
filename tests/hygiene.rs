//! Expansions hold in a crate that forbids every warning and in which the usual
//! names mean something else.

#![deny(warnings, clippy::pedantic, missing_docs, unused_qualifications)]
#![deny(unsafe_code)]
#![allow(unreachable_pub, reason = "a test has no one to be reached by")]
#![allow(
    dead_code,
    unused_imports,
    reason = "the shadows are there to be in the way"
)]

use std::time::Duration;

use topology_runtime::{Failure, Message, StepContext};

/// In the way of `Option`.
pub struct Option;
/// In the way of `Result`.
pub struct Result;
/// In the way of `Some`.
pub struct Some;
/// In the way of `None`.
pub struct None;
/// In the way of `Ok`.
pub struct Ok;
/// In the way of `Vec`.
pub struct Vec;
/// In the way of `Send`.
pub trait Send {}
/// In the way of `Clone`.
pub trait Clone {}

/// In the way of `::std` for whoever forgets the colons.
pub mod std_in_the_way {
    /// In the way of `std`.
    pub mod std {}
    /// In the way of `core`.
    pub mod core {}
    /// In the way of the runtime.
    pub mod topology_runtime {}
}

mod steps {
    use ::std::future::ready;

    use super::std_in_the_way::{core, std, topology_runtime};
    use ::topology_runtime::{State, topology, workflow_step};

    use super::{Clone, Failure, None, Ok, Option, Result, Send, Some, StepContext, Vec};

    type Shadows = (Option, Result, Some, None, Ok, Vec);

    /// Limits.
    #[derive(State)]
    pub struct App {
        limit: u32,
        unit: String,
    }

    impl App {
        pub fn new(limit: u32) -> Self {
            let unit = "m".to_owned();
            Self { limit, unit }
        }
    }

    /// Halves even numbers.
    #[workflow_step(timeout = 1s, idempotent, retry(attempts = 2, backoff = 1ms..2ms))]
    pub async fn halve(
        number: u32,
        limit: &u32,
        context: &StepContext,
    ) -> ::std::result::Result<u32, String> {
        ready(()).await;
        if number.is_multiple_of(2) && number < *limit {
            return ::std::result::Result::Ok(number / 2);
        }
        ::std::result::Result::Err(format!("attempt {}", context.attempt()))
    }

    /// Names a number.
    #[workflow_step(blocking, timeout = 1s)]
    pub fn name(number: u32) -> String {
        number.to_string()
    }

    /// Counts digits.
    #[workflow_step]
    pub fn count(number: u32) -> usize {
        number.to_string().len()
    }

    /// Puts it together.
    #[workflow_step]
    pub fn join(name: String, count: ::std::option::Option<usize>, unit: &String) -> String {
        format!("{name}{unit} {count:?}")
    }

    /// Keeps what failed.
    #[workflow_step]
    pub fn keep(failure: Failure) {
        drop(failure);
    }

    topology! {
        /// Halves.
        pub Halves<u32 -> String?> [state = App];

        in -> halve -> name & count -> join -> out [capacity = 4, timeout = 3s];
        count else skip;
        halve else keep [capacity = 4, timeout = 1s, overflow = drop_newest];
        keep else abort;
        else fail;
    }

    /// All smaller numbers.
    #[workflow_step]
    pub fn smaller(number: u32) -> ::std::vec::Vec<u32> {
        (0..number).collect()
    }

    /// Passes a number on.
    #[workflow_step]
    pub fn slow(number: u32) -> u32 {
        number
    }

    /// Adds one.
    #[workflow_step]
    pub fn add(numbers: ::std::vec::Vec<u32>) -> u32 {
        numbers.iter().map(|_| 1).sum()
    }

    /// Counts them.
    #[workflow_step]
    pub fn sum(counts: ::std::vec::Vec<u32>) -> u32 {
        counts.iter().sum()
    }

    topology! {
        /// Has a scope, a race and a loop in it.
        pub Nests<u32 -> u32>;

        in -> smaller -> each slow -> count & slow_too -> both -> first ^ second -> add -> all sum
            [capacity = 4, timeout = 3s, limit = 100, within = 10s, first = 2];
        sum >> check;
        check -> match {
            0 => smaller(1) [capacity = 64, timeout = 3s, rounds = 1],
            sum => out(sum) [capacity = 4, timeout = 3s],
        };

        use slow as slow_too;
        use slow as first;
        use slow as second;
        else fail;
    }

    /// Passes a number on.
    #[workflow_step]
    pub fn check(number: u32) -> u32 {
        number
    }

    /// Puts both together.
    #[workflow_step]
    pub fn both(digits: usize, number: u32) -> u32 {
        digits.checked_ilog2().map_or(number, |_| number)
    }
}

#[tokio::test]
async fn expansions_of_nests_hold_there_too() {
    let nests = steps::Nests::start();
    let answer = nests.call(Message::root(5)).await.expect("an answer");
    assert_eq!(answer, 10);
    let answer = nests.call(Message::root(0)).await.expect("an answer");
    assert_eq!(answer, 2);
    let report = nests.drain(Duration::from_secs(1)).await;
    assert_eq!((report.completed, report.ended), (2, 0));
}

#[tokio::test]
async fn expansions_hold_where_names_mean_something_else() {
    let halves = steps::Halves::start(steps::App::new(100));
    let answer = halves.call(Message::root(24)).await.expect("an answer");
    assert_eq!(
        answer.as_deref(),
        ::std::option::Option::Some("12m Some(2)")
    );
    let answer = halves.call(Message::root(7)).await.expect("no failure");
    assert_eq!(answer, ::std::option::Option::None);
    let report = halves.drain(Duration::from_secs(1)).await;
    assert_eq!((report.completed, report.ended), (1, 1));
}
