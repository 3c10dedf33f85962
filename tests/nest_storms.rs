//! Scopes, races, loops, batches and stateful steps in one topology, under
//! random work, failures, panics, lost callers and drains: every message has
//! its fate, every caller one outcome, and nothing is left behind.

use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use topology_runtime::{CallError, Failure, Message, State, topology, workflow_step};

use crate::support::{
    Census, Token, assert_balanced, assert_nothing_left, ms, paused, quiet_wanted_panics,
    two_threads,
};

/// A message, an item or a result: counted while it is there.
#[derive(Clone, Debug)]
struct Piece {
    caller: u64,
    rounds: u32,
    _token: Token,
}

/// How hard it blows.
#[derive(Clone, Copy, Debug)]
struct Weather {
    /// Of a hundred pieces of work.
    errors: u8,
    panics: u8,
    slow: u8,
}

#[derive(State)]
struct World {
    weather: Weather,
}

impl Weather {
    fn random() -> Self {
        let calm = fastrand::bool();
        let up_to = |most: u8| {
            if calm {
                fastrand::u8(..3)
            } else {
                fastrand::u8(..most)
            }
        };
        Self {
            errors: up_to(25),
            panics: up_to(10),
            slow: up_to(15),
        }
    }

    fn strikes(percent: u8) -> bool {
        fastrand::u8(..100) < percent
    }

    async fn blow(&self) -> Result<(), String> {
        match fastrand::u8(..4) {
            0 => {}
            1 => tokio::task::yield_now().await,
            _ => tokio::time::sleep(Duration::from_micros(fastrand::u64(..3_000))).await,
        }
        if Self::strikes(self.slow) {
            tokio::time::sleep(ms(60)).await;
        }
        assert!(!Self::strikes(self.panics), "wanted");
        if Self::strikes(self.errors) {
            return Err("an error".to_owned());
        }
        Ok(())
    }
}

#[workflow_step]
fn split(piece: Piece) -> Vec<Piece> {
    // Now and then more than the limit.
    let items = fastrand::usize(..8);
    vec![piece; if items == 7 { 7 } else { items.min(5) }]
}

#[workflow_step(timeout = 50ms)]
async fn ask(piece: Piece, weather: &Weather) -> Result<Piece, String> {
    weather.blow().await.map(|()| piece)
}

#[workflow_step(timeout = 50ms)]
async fn fast(piece: Piece, weather: &Weather) -> Result<Piece, String> {
    weather.blow().await.map(|()| piece)
}

#[workflow_step(timeout = 50ms, idempotent, retry(attempts = 2, backoff = 1ms..2ms))]
async fn slow(piece: Piece, weather: &Weather) -> Result<Piece, String> {
    weather.blow().await.map(|()| piece)
}

#[workflow_step(timeout = 50ms)]
async fn check(piece: Piece, weather: &Weather) -> Result<Piece, String> {
    weather.blow().await.map(|()| piece)
}

#[workflow_step]
fn won(piece: Piece) -> Piece {
    piece
}

#[workflow_step]
fn left(piece: Piece) -> Piece {
    piece
}

#[workflow_step(timeout = 50ms)]
async fn right(piece: Piece, weather: &Weather) -> Result<Piece, String> {
    weather.blow().await.map(|()| piece)
}

#[workflow_step]
fn both(left: Piece, right: Option<Piece>) -> Piece {
    drop(right);
    left
}

enum Sum {
    Again(Piece),
    Done(Piece),
    Nothing,
}

#[workflow_step]
fn sum(pieces: Vec<Piece>) -> Sum {
    assert!(
        pieces
            .windows(2)
            .all(|pair| pair[0].caller == pair[1].caller),
        "pieces of two messages in one scope"
    );
    match pieces.into_iter().next() {
        None => Sum::Nothing,
        Some(piece) if fastrand::u8(..3) == 0 => Sum::Again(Piece {
            rounds: piece.rounds + 1,
            ..piece
        }),
        Some(piece) => Sum::Done(piece),
    }
}

#[workflow_step(timeout = 50ms)]
async fn store(
    pieces: Vec<Piece>,
    weather: &Weather,
) -> Result<Vec<Result<Piece, String>>, String> {
    weather.blow().await?;
    let stored = pieces.into_iter().map(|piece| {
        if Weather::strikes(weather.errors) {
            Err("not stored".to_owned())
        } else {
            Ok(piece)
        }
    });
    Ok(stored.collect())
}

#[derive(Default)]
struct Ledger {
    entries: u64,
}

#[workflow_step(timeout = 50ms)]
impl Ledger {
    async fn enter(&mut self, piece: Piece, weather: &Weather) -> Result<Piece, String> {
        self.entries += 1;
        weather.blow().await.map(|()| piece)
    }

    #[workflow_step(tick = 7ms)]
    fn flush(&mut self) {
        self.entries = 0;
    }
}

#[workflow_step]
fn report(failure: Failure) {
    drop(failure);
}

topology! {
    Storm<Piece -> Piece?> [state = World];

    in -> split [capacity = 4, timeout = 40ms];
    split -> each ask [capacity = 2, timeout = 30ms, limit = 6, within = 200ms];
    ask -> fast ^ slow [capacity = 2, timeout = 30ms];
    fast -> check [capacity = 2, timeout = 30ms];
    check ^ slow -> won -> left & right [capacity = 2, timeout = 30ms];
    left & right -> both -> all sum [capacity = 2, timeout = 30ms];
    sum -> match {
        Sum::Again(piece) => split(piece) [capacity = 64, timeout = 40ms, rounds = 3],
        Sum::Done(piece) => store(piece) [capacity = 8, timeout = 40ms, batch = 4, linger = 5ms],
        Sum::Nothing => discard,
    };
    store -> Ledger -> out [capacity = 4, timeout = 40ms];

    ask [replicas = 3];
    fast [replicas = 2];
    slow [replicas = 2];
    right else skip;
    store else report [capacity = 4, timeout = 40ms];
    report else fail;
    else fail;
}

#[derive(Debug, Default)]
struct Seen {
    answered: u64,
    ended: u64,
    failed: u64,
    abandoned: u64,
    refused: u64,
}

fn storm(number: u64, runtime: &Runtime) -> Seen {
    quiet_wanted_panics();
    fastrand::seed(number);
    let weather = Weather::random();
    let census = Census::default();
    let counted = census.clone();
    let work = async move {
        let storm = Storm::start(World { weather });
        let mut calls = JoinSet::new();
        let offered = 30 + fastrand::u64(..30);
        for caller in 0..offered {
            let storm = storm.clone();
            let piece = Piece {
                caller,
                rounds: 0,
                _token: counted.token(),
            };
            calls.spawn(async move {
                tokio::time::sleep(Duration::from_micros(fastrand::u64(..80_000))).await;
                let outcome = storm.call(Message::root(piece)).await;
                (caller, outcome)
            });
        }
        if fastrand::u8(..3) == 0 {
            tokio::time::sleep(Duration::from_micros(fastrand::u64(..90_000))).await;
            let within = Duration::from_micros(fastrand::u64(..50_000));
            assert_balanced(&storm.drain(within).await);
        }
        let mut seen = Seen::default();
        while let Some(call) = calls.join_next().await {
            let (caller, outcome) = call.expect("a call does not panic");
            match outcome {
                Ok(Some(piece)) => {
                    assert_eq!(piece.caller, caller, "another caller's answer");
                    assert!(piece.rounds <= 3);
                    seen.answered += 1;
                }
                Ok(None) => seen.ended += 1,
                Err(CallError::Failed(_)) => seen.failed += 1,
                Err(CallError::Abandoned(_)) => seen.abandoned += 1,
                Err(CallError::Refused(_)) => seen.refused += 1,
            }
        }
        let report = storm.drain(Duration::MAX).await;
        assert_balanced(&report);
        let fates = [
            (report.completed, seen.answered),
            (report.ended, seen.ended),
            (report.failed, seen.failed),
            (report.abandoned, seen.abandoned),
        ];
        for (booked, seen) in fates {
            assert_eq!(booked, seen, "storm {number}: {report}");
        }
        assert_eq!(report.accepted + seen.refused, offered, "storm {number}");
        assert_nothing_left(&storm.snapshot());
        seen
    };
    let in_time = async { tokio::time::timeout(Duration::from_mins(10), work).await };
    let Ok(seen) = runtime.block_on(in_time) else {
        panic!("storm {number}: the storm never ends");
    };
    assert_eq!(census.alive(), 0, "storm {number}: pieces are left");
    seen
}

/// All of them, and whether they were storms worth the name.
fn storms(numbers: std::ops::Range<u64>, runtime: fn() -> Runtime) {
    let mut all = Seen::default();
    for number in numbers {
        let runtime = runtime();
        let seen = storm(number, &runtime);
        all.answered += seen.answered;
        all.ended += seen.ended;
        all.failed += seen.failed;
        all.abandoned += seen.abandoned;
        all.refused += seen.refused;
    }
    let Seen {
        answered,
        ended,
        failed,
        abandoned,
        refused,
    } = all;
    let kinds = [answered, ended, failed, abandoned, refused];
    assert!(kinds.iter().all(|&kind| kind > 0), "{all:?}");
}

#[test]
fn nothing_is_lost_in_paused_storms() {
    storms(0..150, paused);
}

#[test]
fn nothing_is_lost_in_storms_on_two_threads() {
    storms(1_000..1_015, two_threads);
}
