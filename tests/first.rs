//! A first path through everything.

use std::time::Duration;

use topology_runtime::{Failed, Message, State, topology, workflow_step};

#[derive(Clone, Debug)]
struct Order(u32);
struct Rules(u32);

#[derive(State)]
struct App {
    rules: Rules,
}

enum Verdict {
    Clear(Order),
    Odd(u32),
    Duplicate,
}

#[workflow_step(timeout = 20ms)]
async fn parse(raw: String) -> Result<Order, std::num::ParseIntError> {
    Ok(Order(raw.parse()?))
}

#[workflow_step(timeout = 200ms, idempotent, retry(attempts = 3, backoff = 10ms..100ms))]
async fn screen(order: Order, rules: &Rules) -> Result<Verdict, std::io::Error> {
    Ok(match order.0 {
        0 => Verdict::Duplicate,
        n if n % 2 == 1 => Verdict::Odd(n),
        n => Verdict::Clear(Order(n + rules.0)),
    })
}

#[workflow_step]
fn settle(order: Order) -> u32 {
    order.0
}

#[workflow_step]
fn review(odd: u32) -> u32 {
    odd * 100
}

#[workflow_step(timeout = 1s, blocking)]
fn ledger(entry: u32) -> u32 {
    entry + 1
}

#[workflow_step]
fn notify(entry: u32) -> Result<String, String> {
    if entry > 1000 {
        Err("too much".into())
    } else {
        Ok(format!("n{entry}"))
    }
}

#[workflow_step]
fn summarise(entry: u32, notice: Option<String>) -> String {
    format!("{entry} {notice:?}")
}

#[workflow_step]
fn quarantine(failed: Failed<String>) {
    drop(failed);
}

topology! {
    /// Settles.
    Orders<String -> String?> [state = App];

    in -> parse -> screen [capacity = 16, timeout = 2s];

    screen -> match {
        Verdict::Clear(order) => settle(order) [capacity = 16, timeout = 2s],
        Verdict::Odd(n) => review(n) [capacity = 16, timeout = 5s],
        Verdict::Duplicate => discard,
    };

    settle | review -> ledger & notify -> summarise -> out [capacity = 4, timeout = 1s];

    screen [replicas = 8];
    parse else quarantine [capacity = 4, timeout = 1s];
    quarantine else fail;
    notify else skip;
    else fail;
}

#[tokio::test]
async fn it_runs() {
    let orders = Orders::start(App { rules: Rules(2) });
    println!("{}", Orders::GRAPH);
    let answer = orders.call(Message::root("4".into())).await.unwrap();
    assert_eq!(answer.as_deref(), Some("7 Some(\"n6\")"));
    let answer = orders.call(Message::root("13".into())).await.unwrap();
    assert_eq!(answer.as_deref(), Some("1301 None"));
    let answer = orders.call(Message::root("0".into())).await.unwrap();
    assert_eq!(answer, None);
    let answer = orders.call(Message::root("x".into())).await.unwrap();
    assert_eq!(answer, None);
    let report = orders.drain(Duration::from_secs(1)).await;
    println!("{report}\n{}", orders.snapshot());
    assert_eq!((report.accepted, report.completed, report.ended), (4, 2, 2));
}
