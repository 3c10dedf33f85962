//! Panics on the threads of a boundary end with their message.

use std::time::Duration;

use topology_runtime::{FailureKind, Message, topology, workflow_step};

use super::world::App;
use crate::support::{Log, assert_nothing_left, books, failure_of, quiet_wanted_panics, record};

#[workflow_step]
fn fail_odd(number: u32, places: &Log<(String, u32)>) -> u32 {
    App::note(places, number);
    assert!(number.is_multiple_of(2), "wanted of {number}");
    number
}

topology! {
    Panics<u32 -> u32> [state = App];
    in -> fail_odd -> out [capacity = 4, timeout = 1h];
    boundary one: thread { fail_odd }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_step_fails_its_message_and_leaves_the_thread() {
    quiet_wanted_panics();
    let (outside, app) = App::new();
    let panics = Panics::start(app);
    for number in 0..6 {
        let outcome = panics.call(Message::root(number)).await;
        if number.is_multiple_of(2) {
            assert_eq!(outcome.unwrap(), number);
        } else {
            let failure = failure_of(outcome);
            let text = format!("wanted of {number}");
            assert_eq!(failure.kind(), &FailureKind::Panic(text));
        }
    }
    let places = outside.places.entries();
    let expected: Vec<_> = (0..6).map(|number| ("one".to_owned(), number)).collect();
    assert_eq!(places, expected);
    let report = panics.drain(Duration::MAX).await;
    assert_eq!(books(&report), [6, 3, 3, 0, 0]);
    assert_nothing_left(&panics.snapshot());
}

/// Panics while it is copied for a second attempt, if it is odd.
struct Touchy(u32);

impl Clone for Touchy {
    fn clone(&self) -> Self {
        assert!(self.0.is_multiple_of(2), "wanted in a clone");
        Self(self.0)
    }
}

#[workflow_step(timeout = 1h, idempotent, retry(attempts = 2))]
async fn keep(touchy: Touchy, places: &Log<(String, u32)>) -> Result<u32, String> {
    App::note(places, touchy.0);
    Ok(touchy.0)
}

topology! {
    Restarts<Touchy -> u32> [state = App];
    in -> keep -> out [capacity = 4, timeout = 1h];
    boundary one: thread { keep }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_panics_outside_its_step_is_started_again_on_its_threads() {
    quiet_wanted_panics();
    let (recorder, _guard) = record();
    let (outside, app) = App::new();
    let restarts = Restarts::start(app);
    for number in 0..5 {
        let outcome = restarts.call(Message::root(Touchy(number))).await;
        assert_eq!(outcome.is_ok(), number.is_multiple_of(2), "{number}");
    }
    let events = recorder.events();
    let restarted = events
        .iter()
        .filter(|event| event.fields["message"].contains("was started again"));
    assert_eq!(restarted.count(), 2);
    let expected: Vec<_> = [0, 2, 4].map(|number| ("one".to_owned(), number)).into();
    assert_eq!(outside.places.entries(), expected);
    let report = restarts.drain(Duration::MAX).await;
    assert_eq!((report.accepted, report.completed), (5, 3));
    assert_eq!(report.failed + report.abandoned, 2);
    assert_nothing_left(&restarts.snapshot());
}
