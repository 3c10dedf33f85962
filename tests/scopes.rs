//! An `each` makes one message many, and an `all` makes them one again.

use std::time::Duration;

use tokio::time::Instant;
use topology_runtime::{
    CallError, Failed, Failure, FailureKind, Message, State, topology, workflow_step,
};

use crate::support::{Census, Log, Token, assert_nothing_left, books, edge, ms, step};

/// What is to become of one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    /// Done after so many milliseconds.
    After(u64),
    Error,
    Panic,
}

#[workflow_step]
fn split(items: Vec<Item>) -> Vec<(usize, Item)> {
    items.into_iter().enumerate().collect()
}

#[workflow_step(timeout = 1h)]
async fn work((position, item): (usize, Item)) -> Result<usize, String> {
    match item {
        Item::After(millis) => {
            if millis > 0 {
                tokio::time::sleep(ms(millis)).await;
            }
            Ok(position)
        }
        Item::Error => Err(format!("item {position}")),
        Item::Panic => panic!("item {position}"),
    }
}

#[workflow_step]
fn sum(results: Vec<usize>) -> Vec<usize> {
    results
}

topology! {
    Whole<Vec<Item> -> Vec<usize>>;
    in -> split -> each work -> all sum -> out
        [capacity = 4, timeout = 1h, limit = 100, within = 10s];
    work [replicas = 8];
    else fail;
}

topology! {
    Partial<Vec<Item> -> Vec<usize>>;
    in -> split -> each work -> all sum -> out
        [capacity = 4, timeout = 1h, limit = 100, within = 10s];
    work [replicas = 3];
    work else skip;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn results_come_together_in_the_order_of_the_items() {
    let whole = Whole::start();
    let items = [7, 0, 9, 3, 3, 1, 8].map(Item::After).to_vec();
    let results = whole.call(Message::root(items)).await.unwrap();
    assert_eq!(results, [0, 1, 2, 3, 4, 5, 6]);
    let report = whole.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_nothing_left(&whole.snapshot());
}

#[tokio::test(start_paused = true)]
async fn of_no_items_there_is_an_empty_result() {
    let whole = Whole::start();
    let results = whole.call(Message::root(Vec::new())).await.unwrap();
    assert_eq!(results, [0; 0]);
    assert_eq!(books(&whole.drain(Duration::MAX).await), [1, 1, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn more_items_than_the_edge_holds_wait_their_turn() {
    let whole = Whole::start();
    let items = vec![Item::After(5); 100];
    let results = whole.call(Message::root(items)).await.unwrap();
    assert_eq!(results, (0..100).collect::<Vec<_>>());
    let snapshot = whole.snapshot();
    assert_eq!(step(&snapshot, "work").succeeded, 100);
    assert_eq!(step(&snapshot, "sum").succeeded, 1);
    assert_eq!(edge(&snapshot, "split", "work").taken, 100);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_fails_fails_its_message_and_cancels_the_others() {
    let whole = Whole::start();
    let items = vec![Item::After(50), Item::Error, Item::After(5_000)];
    let began = Instant::now();
    let failed = whole.call(Message::root(items)).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(failure.step(), "work");
    assert_eq!(*failure.kind(), FailureKind::Error);
    assert_eq!(began.elapsed(), Duration::ZERO);
    let report = whole.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(began.elapsed(), Duration::ZERO);
    assert_nothing_left(&whole.snapshot());
}

#[tokio::test(start_paused = true)]
async fn an_item_that_panics_fails_its_message() {
    let whole = Whole::start();
    let items = vec![Item::After(1), Item::Panic];
    let failed = whole.call(Message::root(items)).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::Panic("item 1".into()));
    assert_eq!(books(&whole.drain(Duration::MAX).await), [1, 0, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn items_that_are_skipped_are_left_out() {
    let partial = Partial::start();
    let items = vec![
        Item::After(9),
        Item::Error,
        Item::After(0),
        Item::Panic,
        Item::After(4),
    ];
    let results = partial.call(Message::root(items)).await.unwrap();
    assert_eq!(results, [0, 2, 4]);
    let none = vec![Item::Error; 3];
    let results = partial.call(Message::root(none)).await.unwrap();
    assert_eq!(results, [0; 0]);
    assert_eq!(books(&partial.drain(Duration::MAX).await), [2, 2, 0, 0, 0]);
    assert_nothing_left(&partial.snapshot());
}

#[tokio::test(start_paused = true)]
async fn more_items_than_the_limit_fail_the_step_that_returned_them() {
    let whole = Whole::start();
    let results = whole.call(Message::root(vec![Item::After(0); 100])).await;
    assert_eq!(results.unwrap().len(), 100);
    let failed = whole.call(Message::root(vec![Item::After(0); 101])).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(failure.step(), "split");
    assert_eq!(*failure.kind(), FailureKind::TooManyItems(100));
    assert_eq!(step(&whole.snapshot(), "work").succeeded, 100);
    assert_eq!(books(&whole.drain(Duration::MAX).await), [2, 1, 1, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_takes_too_long_fails_its_message_then() {
    let whole = Whole::start();
    let began = Instant::now();
    let items = vec![Item::After(1), Item::After(9_999), Item::After(10_001)];
    let failed = whole.call(Message::root(items)).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::ScopeTimeout);
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    let items = vec![Item::After(9_999)];
    assert_eq!(whole.call(Message::root(items)).await.unwrap(), [0]);
    assert_eq!(books(&whole.drain(Duration::MAX).await), [2, 1, 1, 0, 0]);
    assert_nothing_left(&whole.snapshot());
}

#[tokio::test(start_paused = true)]
async fn no_else_swallows_the_time_of_a_scope() {
    let partial = Partial::start();
    let items = vec![Item::After(1), Item::After(10_001)];
    let failed = partial.call(Message::root(items)).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::ScopeTimeout);
}

#[workflow_step]
fn mend(failed: Failed<(usize, Item)>) -> usize {
    1_000 + failed.payload.0
}

topology! {
    Mended<Vec<Item> -> Vec<usize>>;
    in -> split -> each work [capacity = 4, timeout = 1h, limit = 100, within = 10s];
    work | mend -> all out [capacity = 4, timeout = 1h];
    work else mend [capacity = 4, timeout = 1h];
    mend else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_item_goes_on_at_its_fallback_and_out_may_collect() {
    let mended = Mended::start();
    let items = vec![Item::Error, Item::After(3), Item::Panic];
    let results = mended.call(Message::root(items)).await.unwrap();
    assert_eq!(results, [1_000, 1, 1_002]);
    assert_eq!(books(&mended.drain(Duration::MAX).await), [1, 1, 0, 0, 0]);
}

#[workflow_step]
fn excuse(failure: Failure) -> Vec<usize> {
    vec![failure.step().len()]
}

topology! {
    Instead<Vec<Item> -> Vec<usize>>;
    in -> split -> each work -> all sum [capacity = 4, timeout = 1h, limit = 100, within = 10s];
    sum | excuse -> out [capacity = 4, timeout = 1h];
    work [replicas = 4];
    split, work else instead excuse [capacity = 4, timeout = 1h];
    excuse else fail;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn an_item_can_end_the_whole_message_another_way() {
    let log = Instead::start();
    let items = vec![Item::After(50), Item::Error, Item::Error];
    let results = log.call(Message::root(items)).await.unwrap();
    assert_eq!(results, ["work".len()]);
    let report = log.drain(Duration::MAX).await;
    assert_eq!(books(&report), [1, 1, 0, 0, 0]);
    assert_eq!(report.late_failures, 0);
    assert_nothing_left(&log.snapshot());
}

// Scopes in scopes, with a fork and a join for each inner item.

#[workflow_step]
fn rows(table: Vec<Vec<u64>>) -> Vec<Vec<u64>> {
    table
}

#[workflow_step]
fn cells(row: Vec<u64>) -> Vec<u64> {
    row
}

#[workflow_step]
fn cell(cell: u64) -> u64 {
    cell
}

#[workflow_step(timeout = 1h)]
async fn double(cell: u64) -> u64 {
    tokio::time::sleep(ms(cell)).await;
    cell * 2
}

#[workflow_step(timeout = 1h)]
async fn odd(cell: u64) -> Result<u64, String> {
    if cell % 2 == 1 {
        Ok(cell)
    } else {
        Err("even".to_owned())
    }
}

#[workflow_step]
fn both(double: u64, odd: Option<u64>) -> u64 {
    double + odd.map_or(0, |odd| 100 * odd)
}

#[workflow_step]
fn row_sum(cells: Vec<u64>) -> u64 {
    cells.iter().sum()
}

topology! {
    Table<Vec<Vec<u64>> -> Vec<u64>>;
    in -> rows -> each cells -> each cell -> double & odd -> both -> all row_sum -> all out
        [capacity = 2, timeout = 1h, limit = 9, within = 1min];
    double [replicas = 2];
    odd else skip;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn scopes_nest() {
    let table = Table::start();
    let rows = vec![vec![1, 2, 3], vec![], vec![4], vec![5, 5]];
    let sums = table.call(Message::root(rows)).await.unwrap();
    assert_eq!(sums, [2 + 100 + 4 + 6 + 300, 0, 8, 2 * (10 + 500)]);
    assert_eq!(books(&table.drain(Duration::MAX).await), [1, 1, 0, 0, 0]);
    assert_nothing_left(&table.snapshot());
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_an_inner_scope_fails_the_whole() {
    let table = Table::start();
    let failed = table.call(Message::root(vec![vec![1], vec![2; 10]])).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(*failure.kind(), FailureKind::TooManyItems(9));
    assert_eq!(failure.step(), "cells");
    assert_eq!(books(&table.drain(Duration::MAX).await), [1, 0, 1, 0, 0]);
    assert_nothing_left(&table.snapshot());
}

// A scope that ends at sinks.

#[derive(State)]
struct Shelf {
    stored: Log<u64>,
    census: Census,
}

#[workflow_step]
fn boxes(count: u64, census: &Census) -> Vec<(u64, Token)> {
    (0..count).map(|number| (number, census.token())).collect()
}

#[workflow_step(timeout = 1h)]
async fn store((number, _token): (u64, Token), stored: &Log<u64>) -> Result<(), String> {
    tokio::time::sleep(ms(number)).await;
    if number == 13 {
        return Err("unlucky".to_owned());
    }
    stored.add(number);
    Ok(())
}

topology! {
    Store<u64 -> !> [state = Shelf];
    in -> boxes -> each store [capacity = 2, timeout = 1h, limit = 50, within = 1min];
    store [replicas = 2];
    else fail;
}

fn shelf() -> (Shelf, Log<u64>, Census) {
    let (stored, census) = (Log::default(), Census::default());
    let shelf = Shelf {
        stored: stored.clone(),
        census: census.clone(),
    };
    (shelf, stored, census)
}

#[tokio::test(start_paused = true)]
async fn a_scope_may_end_at_sinks() {
    let (shelf, stored, census) = shelf();
    let store = Store::start(shelf);
    store.call(Message::root(10)).await.unwrap();
    assert_eq!(stored.len(), 10);
    store.call(Message::root(0)).await.unwrap_or(());
    let failed = store.call(Message::root(20)).await;
    assert!(matches!(failed, Err(CallError::Failed(_))), "{failed:?}");
    let report = store.drain(Duration::MAX).await;
    assert_eq!(books(&report)[0], 3);
    assert_nothing_left(&store.snapshot());
    drop(store);
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_a_drain_has_no_time_for_is_abandoned_whole() {
    let (shelf, stored, census) = shelf();
    let store = Store::start(shelf);
    store.send(Message::root(12)).await.unwrap();
    store.send(Message::root(12)).await.unwrap();
    let report = store.drain(ms(8)).await;
    assert_eq!(books(&report), [2, 0, 0, 0, 2]);
    assert!(stored.len() < 12);
    drop(store);
    assert_eq!(census.alive(), 0);
}

// A scope beside another branch.

#[workflow_step(timeout = 1h)]
async fn guard(items: Vec<Item>) -> Result<(), String> {
    tokio::time::sleep(ms(5)).await;
    if items.len() == 3 {
        Err("three".to_owned())
    } else {
        Ok(())
    }
}

topology! {
    Guarded<Vec<Item> -> Vec<usize>>;
    in -> whole -> split & guard [capacity = 4, timeout = 1h];
    split -> each work -> all sum -> out
        [capacity = 4, timeout = 1h, limit = 100, within = 10s];
    work [replicas = 8];
    else fail;
}

#[workflow_step]
fn whole(items: Vec<Item>) -> Vec<Item> {
    items
}

#[tokio::test(start_paused = true)]
async fn a_branch_beside_the_scope_cancels_its_items() {
    let guarded = Guarded::start();
    let began = Instant::now();
    let failed = guarded.call(Message::root(vec![Item::After(100); 3])).await;
    let Err(CallError::Failed(failure)) = failed else {
        panic!("{failed:?}");
    };
    assert_eq!(failure.step(), "guard");
    assert_eq!(began.elapsed(), ms(5));
    let report = guarded.drain(Duration::MAX).await;
    assert_eq!(began.elapsed(), ms(5));
    assert_eq!(books(&report), [1, 0, 1, 0, 0]);
    assert_eq!(step(&guarded.snapshot(), "work").cancelled, 3);
    assert_nothing_left(&guarded.snapshot());
}

#[test]
fn the_worst_case_counts_the_scope_once() {
    // Three edges outside of the scope, and what the scope may take.
    let edges = Duration::from_hours(3);
    assert_eq!(Whole::WORST_CASE, edges + Duration::from_secs(10));
    let edges = Duration::from_hours(2);
    assert!(Store::WORST_CASE < edges, "{:?}", Store::WORST_CASE);
    assert!(Whole::QUEUE_BYTES >= 100 * size_of::<Option<usize>>() as u64);
}
