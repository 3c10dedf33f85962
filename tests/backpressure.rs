//! Where every edge blocks, a fast producer waits, and nothing is lost.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};
use topology_runtime::{Handle, Message, Snapshot, State, Topology, topology, workflow_step};

use crate::support::{
    Census, Log, Token, assert_nothing_left, books, edge, ms, numbers, spawn_call, step,
};

/// How long the slowest step takes, and how often the producer offers.
const SLOWEST: u64 = 100;
const FASTEST: u64 = 1;

struct Load {
    number: u32,
    token: Token,
}

#[derive(State)]
struct App {
    done: Log<u32>,
}

#[workflow_step]
fn open(load: Load) -> Load {
    load
}

#[workflow_step(timeout = 1h)]
async fn quick(load: Load) -> Load {
    sleep(ms(FASTEST)).await;
    load
}

#[workflow_step(timeout = 1h)]
async fn slowest(load: Load) -> Load {
    sleep(ms(SLOWEST)).await;
    load
}

#[workflow_step(timeout = 1h)]
async fn done(load: Load, done: &Log<u32>) -> u32 {
    done.add(load.number);
    load.number
}

/// Offers so many, each as soon as the one before is accepted and its time has
/// come.
async fn produce<T>(topology: &Handle<T>, census: &Census, count: u32)
where
    T: Topology<Input = Load>,
{
    for number in 0..count {
        let load = Load {
            number,
            token: census.token(),
        };
        topology.send(Message::root(load)).await.unwrap();
        sleep(ms(FASTEST)).await;
    }
}

/// Everything that was offered went through, and something had to wait.
#[track_caller]
fn assert_nothing_dropped(snapshot: &Snapshot, count: u64) {
    let (mut blocked, mut waited) = (0, ms(0));
    for edge in &snapshot.edges {
        let counts = (edge.offered, edge.taken, edge.dropped, edge.timed_out);
        assert_eq!(counts, (count, count, 0, 0), "{} -> {}", edge.from, edge.to);
        blocked += edge.blocked;
        waited += edge.waited.max;
    }
    assert!(
        blocked > count / 2 && waited > ms(SLOWEST),
        "{blocked}, {waited:?}"
    );
    for step in &snapshot.steps {
        assert_eq!(
            (step.started, step.succeeded),
            (count, count),
            "{}",
            step.name
        );
    }
}

topology! {
    Line<Load -> u32> [state = App];
    in -> open [capacity = 4, timeout = 10h];
    open -> quick [capacity = 3, timeout = 10h];
    quick -> slowest [capacity = 2, timeout = 10h];
    slowest -> done [capacity = 5, timeout = 10h];
    done -> out [capacity = 1, timeout = 10h];
    quick [replicas = 2];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn live_payloads_are_bounded_by_capacities_and_replicas_and_the_one_that_is_offered() {
    let begin = Instant::now();
    let (census, log) = (Census::default(), Log::default());
    let line = Line::start(App { done: log.clone() });
    produce(&line, &census, 500).await;
    // Edges 4, 3 and 2; replicas 1, 2 and 1; one is offered, and behind the
    // slowest step there is never more than it has just let go.
    assert_eq!(census.most(), 4 + 3 + 2 + 1 + 2 + 1 + 1);
    // Long enough for all but the slowest step.
    sleep(ms(10)).await;
    let snapshot = line.snapshot();
    let fills = [("in", "open"), ("open", "quick"), ("quick", "slowest")];
    let fills = fills.map(|(from, to)| edge(&snapshot, from, to).fill);
    assert_eq!(fills, [4, 3, 2]);
    let in_flight = ["open", "quick", "slowest", "done"];
    let in_flight = in_flight.map(|name| step(&snapshot, name).in_flight);
    // Those that wait for room behind their step are not worked on any more.
    assert_eq!(in_flight, [0, 0, 1, 0]);
    let report = line.drain(Duration::MAX).await;
    assert_eq!(books(&report), [500, 500, 0, 0, 0]);
    assert_eq!(log.entries(), numbers(0..500));
    assert_eq!((census.created(), census.alive()), (500, 0));
    // The slowest step never had to wait, but for the first message.
    assert_eq!(begin.elapsed(), ms(500 * SLOWEST + FASTEST));
    assert_nothing_dropped(&line.snapshot(), 500);
    assert_nothing_left(&line.snapshot());
}

/// The producers are the callers, and there are more of them than places.
#[tokio::test(start_paused = true)]
async fn callers_wait_for_room_in_their_order_and_none_is_refused() {
    let begin = Instant::now();
    let (census, log) = (Census::default(), Log::default());
    let line = Line::start(App { done: log.clone() });
    let calls: Vec<_> = (0..200)
        .map(|number| {
            let load = Load {
                number,
                token: census.token(),
            };
            spawn_call!(line, Message::root(load))
        })
        .collect();
    for (number, call) in (0..).zip(calls) {
        let (answer, took) = call.await.unwrap();
        let place = u64::from(number) + 1;
        assert_eq!(
            (answer.unwrap(), took),
            (number, ms(place * SLOWEST + FASTEST))
        );
    }
    assert_eq!(begin.elapsed(), ms(200 * SLOWEST + FASTEST));
    assert_eq!(log.entries(), numbers(0..200));
    assert_nothing_dropped(&line.snapshot(), 200);
}

#[derive(Clone)]
struct Half(u32, #[expect(dead_code, reason = "it is counted")] Token);

#[workflow_step]
fn split(load: Load) -> Half {
    Half(load.number, load.token.clone())
}

#[workflow_step(timeout = 1h)]
async fn left(half: Half) -> Half {
    sleep(ms(FASTEST)).await;
    half
}

#[workflow_step(timeout = 1h)]
async fn right(half: Half) -> Half {
    sleep(ms(SLOWEST)).await;
    half
}

#[workflow_step(timeout = 1h)]
async fn meet(left: Half, right: Half, done: &Log<u32>) -> u32 {
    assert_eq!(left.0, right.0);
    done.add(left.0);
    left.0
}

topology! {
    Forked<Load -> u32> [state = App];
    in -> split [capacity = 4, timeout = 10h];
    split -> left & right [capacity = 3, timeout = 10h];
    left & right -> meet [capacity = 2, timeout = 10h];
    meet -> out [capacity = 1, timeout = 10h];
    else fail;
}

/// The parts that wait for their siblings have those between fork and join.
#[tokio::test(start_paused = true)]
async fn messages_and_their_parts_are_bounded_where_one_branch_is_slower() {
    let begin = Instant::now();
    let (census, log) = (Census::default(), Log::default());
    let forked = Forked::start(App { done: log.clone() });
    let mut most = 0;
    {
        let mut produced = std::pin::pin!(produce(&forked, &census, 300));
        loop {
            tokio::select! {
                biased;
                () = &mut produced => break,
                () = sleep(ms(1)) => most = most.max(forked.snapshot().live),
            }
        }
    }
    // On the first edge 4, in the fork 1, on the slow branch's edge 3 and in
    // its step 1. The other branch is never further ahead.
    assert_eq!(most, 4 + 1 + 3 + 1);
    // Of each message behind the fork there are two parts, of each before it
    // one, and one is offered.
    assert_eq!(census.most(), 4 + 2 * (1 + 3 + 1) + 1);
    let report = forked.drain(Duration::MAX).await;
    assert_eq!(books(&report), [300, 300, 0, 0, 0]);
    assert_eq!(log.entries(), numbers(0..300));
    assert_eq!(census.alive(), 0);
    assert_eq!(begin.elapsed(), ms(300 * SLOWEST));
    let snapshot = forked.snapshot();
    for edge in &snapshot.edges {
        assert_eq!(
            (edge.dropped, edge.timed_out),
            (0, 0),
            "{} -> {}",
            edge.from,
            edge.to
        );
    }
    for name in ["split", "left", "right", "meet"] {
        assert_eq!(step(&snapshot, name).succeeded, 300, "{name}");
    }
    assert_nothing_left(&snapshot);
}

topology! {
    Wide<Load -> u32> [state = App];
    in -> open -> slowest -> done -> out [capacity = 2, timeout = 10h];
    slowest [replicas = 4];
    else fail;
}

/// Many producers, on more than one thread: the same bound, and nothing lost.
#[test]
fn many_producers_on_two_threads_stay_within_the_bound() {
    #[workflow_step(timeout = 1h)]
    async fn brief(load: Load) -> Load {
        sleep(ms(1)).await;
        load
    }
    topology! {
        Narrow<Load -> u32> [state = App];
        in -> open -> brief -> done -> out [capacity = 2, timeout = 10h];
        brief [replicas = 3];
        else fail;
    }
    let runtime = crate::support::two_threads();
    let (census, log) = (Census::default(), Log::default());
    let app = App { done: log.clone() };
    let report = runtime.block_on(async {
        let narrow = Narrow::start(app);
        let mut producers = JoinSet::new();
        for producer in 0..5 {
            let (narrow, census) = (narrow.clone(), census.clone());
            producers.spawn(async move {
                for number in 0..100 {
                    let load = Load {
                        number: producer * 100 + number,
                        token: census.token(),
                    };
                    narrow.send(Message::root(load)).await.unwrap();
                }
            });
        }
        while let Some(producer) = producers.join_next().await {
            producer.unwrap();
        }
        narrow.drain(Duration::MAX).await
    });
    assert_eq!(books(&report), [500, 500, 0, 0, 0]);
    let mut done = log.entries();
    done.sort_unstable();
    assert_eq!(done, numbers(0..500));
    // Three edges, five replicas, and one that each producer offers.
    assert!(census.most() <= 3 * 2 + 5 + 5, "{}", census.most());
    assert_eq!(census.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn replicas_share_the_load_and_bound_it() {
    let begin = Instant::now();
    let (census, log) = (Census::default(), Log::default());
    let wide = Wide::start(App { done: log.clone() });
    produce(&wide, &census, 400).await;
    // Edges 2 and 2, replicas 1 and 4, and one is offered.
    assert_eq!(census.most(), 2 + 2 + 1 + 4 + 1);
    let report = wide.drain(Duration::MAX).await;
    assert_eq!(books(&report), [400, 400, 0, 0, 0]);
    // The last of the first four begins 3 ms behind the first.
    assert_eq!(begin.elapsed(), ms(400 / 4 * SLOWEST + 3 * FASTEST));
    assert_nothing_dropped(&wide.snapshot(), 400);
}
