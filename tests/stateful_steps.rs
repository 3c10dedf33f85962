//! Steps with a state of their own: kept from message to message, one in each
//! replica, and made anew where an attempt did not run to its end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Barrier};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use topology_runtime::{FailureKind, Handle, Message, State, StepContext, topology, workflow_step};

use crate::support::{
    Log, assert_nothing_left, blocking_thread_is_done, books, failure_of, let_tasks_run, ms,
    quiet_wanted_panics, spawn_call, step, until,
};

/// What happens to a message in a step.
#[derive(Clone, Copy, Debug)]
enum Order {
    Add(u32),
    Refuse,
    Panic,
    Hang,
}

/// Counts how often a state is made.
#[derive(Clone, Default)]
struct Births(Arc<AtomicU32>);

impl Births {
    fn next(&self) -> u32 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn count(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Clone, Default, State)]
struct App {
    births: Births,
}

/// Which state answered, and what it has added up.
type Total = (u32, u32);

struct Sum {
    birth: u32,
    sum: u32,
}

#[workflow_step(timeout = 10ms)]
impl Sum {
    fn start(births: &Births) -> Self {
        Self {
            birth: births.next(),
            sum: 0,
        }
    }

    async fn add(&mut self, order: Order) -> Result<Total, String> {
        self.sum += 100;
        match order {
            Order::Add(number) => self.sum += number,
            Order::Refuse => return Err("refused".to_owned()),
            Order::Panic => panic!("wanted"),
            Order::Hang => sleep(ms(1000)).await,
        }
        self.sum -= 100;
        Ok((self.birth, self.sum))
    }
}

topology! {
    Sums<Order -> Total> [state = App];
    in -> Sum -> out [capacity = 4, timeout = 1s];
    else fail;
}

async fn ask(sums: &Handle<Sums>, order: Order) -> Result<Total, FailureKind> {
    let answer = sums.call(Message::root(order)).await;
    answer.map_err(|error| failure_of::<Total, _>(Err(error)).kind().clone())
}

#[tokio::test(start_paused = true)]
async fn a_state_is_kept_from_message_to_message() {
    let sums = Sums::start(App::default());
    assert_eq!(ask(&sums, Order::Add(1)).await, Ok((1, 1)));
    assert_eq!(ask(&sums, Order::Add(2)).await, Ok((1, 3)));
    assert_eq!(ask(&sums, Order::Add(3)).await, Ok((1, 6)));
    let report = sums.drain(ms(1000)).await;
    assert_eq!(books(&report), [3, 3, 0, 0, 0]);
}

#[tokio::test(start_paused = true)]
async fn a_state_is_there_before_the_first_message() {
    let app = App::default();
    let sums = Sums::start(app.clone());
    let_tasks_run().await;
    assert_eq!(app.births.count(), 1);
    assert_eq!(ask(&sums, Order::Add(1)).await, Ok((1, 1)));
    assert_eq!(app.births.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_step_keeps_the_state_as_the_step_left_it() {
    let sums = Sums::start(App::default());
    assert_eq!(ask(&sums, Order::Add(1)).await, Ok((1, 1)));
    assert_eq!(ask(&sums, Order::Refuse).await, Err(FailureKind::Error));
    assert_eq!(ask(&sums, Order::Add(1)).await, Ok((1, 102)));
}

#[tokio::test(start_paused = true)]
async fn a_state_is_made_anew_behind_a_panic_and_a_timeout() {
    quiet_wanted_panics();
    let app = App::default();
    let sums = Sums::start(app.clone());
    assert_eq!(ask(&sums, Order::Add(1)).await, Ok((1, 1)));
    let panicked = ask(&sums, Order::Panic).await;
    assert_eq!(panicked, Err(FailureKind::Panic("wanted".to_owned())));
    let_tasks_run().await;
    assert_eq!(app.births.count(), 2, "not made anew at once");
    assert_eq!(ask(&sums, Order::Add(2)).await, Ok((2, 2)));
    assert_eq!(ask(&sums, Order::Hang).await, Err(FailureKind::Timeout));
    assert_eq!(ask(&sums, Order::Add(3)).await, Ok((3, 3)));
    assert_nothing_left(&sums.snapshot());
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_passes_costs_the_state() {
    let sums = Sums::start(App::default());
    assert_eq!(ask(&sums, Order::Add(1)).await, Ok((1, 1)));
    let late = sums.call(Message::root(Order::Hang).within(ms(5))).await;
    assert_eq!(*failure_of(late).kind(), FailureKind::Deadline);
    assert_eq!(ask(&sums, Order::Add(2)).await, Ok((2, 2)));
}

#[workflow_step]
fn trip(order: Order) -> Result<Total, String> {
    match order {
        Order::Hang => Err("tripped".to_owned()),
        _ => Ok((0, 0)),
    }
}

#[workflow_step]
fn both(left: Total, _right: Total) -> Total {
    left
}

topology! {
    Forked<Order -> Total> [state = App];
    in -> Sum & trip [capacity = 4, timeout = 1s];
    Sum & trip -> both -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_failure_on_another_branch_costs_the_state() {
    let forked = Forked::start(App::default());
    let first = forked.call(Message::root(Order::Add(1))).await;
    assert_eq!(first.unwrap(), (1, 1));
    let failed = failure_of(forked.call(Message::root(Order::Hang)).await);
    assert_eq!(failed.step(), "trip");
    let next = forked.call(Message::root(Order::Add(2))).await;
    assert_eq!(next.unwrap(), (2, 2));
    assert_eq!(step(&forked.snapshot(), "Sum").cancelled, 1);
}

#[derive(Default)]
struct Seen(Vec<u32>);

#[workflow_step(timeout = 1s)]
impl Seen {
    async fn see(&mut self, number: u32) -> Vec<u32> {
        self.0.push(number);
        sleep(ms(10)).await;
        self.0.clone()
    }
}

topology! {
    Apart<u32 -> Vec<u32>>;
    in -> Seen -> out [capacity = 8, timeout = 1s];
    Seen [replicas = 2];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn each_replica_has_a_state_of_its_own() {
    let apart = Apart::start();
    let calls: Vec<_> = (0..6)
        .map(|number| spawn_call!(apart, Message::root(number)))
        .collect();
    let mut longest: Vec<Vec<u32>> = Vec::new();
    for call in calls {
        let (seen, _) = call.await.unwrap();
        let seen = seen.unwrap();
        longest.retain(|shorter| !seen.starts_with(shorter));
        longest.push(seen);
    }
    assert_eq!(longest.len(), 2, "{longest:?}");
    assert!(longest.iter().all(|seen| seen.len() == 3), "{longest:?}");
}

/// Retried on the state that an error left, and on a new one behind a timeout.
struct Tries {
    birth: u32,
    tries: u32,
}

#[workflow_step(timeout = 10ms, idempotent, retry(attempts = 3, backoff = 1ms..1ms))]
impl Tries {
    fn start(births: &Births) -> Self {
        Self {
            birth: births.next(),
            tries: 0,
        }
    }

    async fn attempt(&mut self, order: Order, context: &StepContext) -> Result<Total, String> {
        self.tries += 1;
        match order {
            Order::Hang if context.attempt() < 3 => sleep(ms(1000)).await,
            Order::Refuse if context.attempt() < 3 => return Err("again".to_owned()),
            _ => {}
        }
        Ok((self.birth, self.tries))
    }
}

topology! {
    Tried<Order -> Total> [state = App];
    in -> Tries -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_retry_goes_on_with_the_state_that_an_error_left_but_not_behind_a_timeout() {
    let tried = Tried::start(App::default());
    let refused = tried.call(Message::root(Order::Refuse)).await;
    assert_eq!(refused.unwrap(), (1, 3));
    let hung = tried.call(Message::root(Order::Hang)).await;
    assert_eq!(hung.unwrap(), (3, 1));
}

/// A thread that a test lets go on.
#[derive(Clone)]
struct Gate {
    begun: Arc<Notify>,
    open: Arc<Barrier>,
}

#[derive(State)]
struct Threads {
    births: Births,
    gate: Gate,
}

struct Slow {
    birth: u32,
    sum: u32,
}

#[workflow_step(blocking, timeout = 10ms)]
impl Slow {
    fn start(births: &Births) -> Self {
        Self {
            birth: births.next(),
            sum: 0,
        }
    }

    fn add(&mut self, order: Order, gate: &Gate) -> Total {
        match order {
            Order::Add(number) => self.sum += number,
            Order::Panic => panic!("wanted"),
            Order::Hang | Order::Refuse => {
                gate.begun.notify_one();
                gate.open.wait();
            }
        }
        (self.birth, self.sum)
    }
}

topology! {
    Slowly<Order -> Total> [state = Threads];
    in -> Slow -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[test]
fn a_state_goes_to_a_thread_and_comes_back_or_is_made_anew() {
    quiet_wanted_panics();
    let runtime = crate::support::paused();
    runtime.block_on(async {
        let gate = Gate {
            begun: Arc::default(),
            open: Arc::new(Barrier::new(2)),
        };
        let slowly = Slowly::start(Threads {
            births: Births::default(),
            gate: gate.clone(),
        });
        let add = async |number| {
            slowly
                .call(Message::root(Order::Add(number)))
                .await
                .unwrap()
        };
        assert_eq!(add(1).await, (1, 1));
        assert_eq!(add(2).await, (1, 3));
        let panicked = slowly.call(Message::root(Order::Panic)).await;
        assert!(matches!(failure_of(panicked).kind(), FailureKind::Panic(_)));
        assert_eq!(add(3).await, (2, 3));
        let hung = spawn_call!(slowly, Message::root(Order::Hang));
        // What no thread has begun would be taken back.
        gate.begun.notified().await;
        tokio::time::advance(ms(10)).await;
        let (hung, _) = hung.await.unwrap();
        assert_eq!(*failure_of(hung).kind(), FailureKind::Timeout);
        gate.open.wait();
        blocking_thread_is_done().await;
        assert_eq!(add(4).await, (3, 4));
    });
}

/// A state that cannot be made at first.
struct Stubborn(u32);

#[workflow_step]
impl Stubborn {
    fn start(births: &Births) -> Self {
        let birth = births.next();
        assert!(birth > 2, "wanted");
        Self(birth)
    }

    fn work(&mut self, _order: Order) -> u32 {
        self.0
    }
}

topology! {
    Stubbornly<Order -> u32> [state = App];
    in -> Stubborn -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_start_that_panics_fails_the_message_and_is_tried_again() {
    quiet_wanted_panics();
    let app = App::default();
    let stubborn = Stubbornly::start(app.clone());
    let_tasks_run().await;
    assert_eq!(app.births.count(), 1);
    let failure = failure_of(stubborn.call(Message::root(Order::Add(1))).await);
    assert_eq!(*failure.kind(), FailureKind::Panic("wanted".to_owned()));
    assert_eq!(failure.step(), "Stubborn");
    let answer = stubborn.call(Message::root(Order::Add(1))).await;
    assert_eq!(answer.unwrap(), 3);
    let report = stubborn.drain(ms(1000)).await;
    assert_eq!(books(&report), [2, 1, 1, 0, 0]);
    assert!(report.aborted.is_none());
}

#[derive(Default)]
struct Pairs(usize);

#[workflow_step]
impl Pairs {
    fn pair(&mut self, left: u32, right: Option<String>) -> (usize, u32, Option<String>) {
        self.0 += 1;
        (self.0, left, right)
    }
}

#[workflow_step]
fn number(order: u32) -> u32 {
    order
}

#[workflow_step]
fn text(order: u32) -> Result<String, String> {
    if order == 0 {
        return Err("nothing".to_owned());
    }
    Ok(order.to_string())
}

topology! {
    Paired<u32 -> (usize, u32, Option<String>)>;
    in -> number & text [capacity = 4, timeout = 1s];
    number & text -> Pairs -> out [capacity = 4, timeout = 1s];
    text else skip;
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_stateful_step_joins_like_any_other() {
    let paired = Paired::start();
    let call = async |number| paired.call(Message::root(number)).await.unwrap();
    assert_eq!(call(7).await, (1, 7, Some("7".to_owned())));
    assert_eq!(call(0).await, (2, 0, None));
}

/// A generic state, called behind another step of its task.
struct Last<T> {
    last: Option<T>,
}

impl<T> Default for Last<T> {
    fn default() -> Self {
        Self { last: None }
    }
}

#[workflow_step]
impl<T> Last<T>
where
    T: Clone + Send + 'static,
{
    const DOUBLE: usize = { 2 };

    fn keep(&mut self, now: T) -> Vec<T> {
        let before = self.last.replace(now.clone());
        let mut both = Vec::with_capacity(Self::DOUBLE);
        both.extend(before);
        both.push(now);
        both
    }
}

#[derive(Default)]
struct Count(usize);

#[workflow_step]
impl Count {
    fn count(&mut self, numbers: Vec<u32>, log: &Log<u32>) -> (usize, Vec<u32>) {
        self.0 += 1;
        for &number in &numbers {
            log.add(number);
        }
        (self.0, numbers)
    }
}

#[derive(State)]
struct Logged {
    log: Log<u32>,
}

topology! {
    Chained<u32 -> (usize, Vec<u32>)> [state = Logged];
    in -> Last::<u32> >> Count -> out [capacity = 4, timeout = 1s];
    else fail;
}

#[tokio::test(start_paused = true)]
async fn steps_of_one_task_have_a_state_each() {
    let start = Instant::now();
    let log = Log::default();
    let chained = Chained::start(Logged { log: log.clone() });
    let call = async |number| chained.call(Message::root(number)).await.unwrap();
    assert_eq!(call(1).await, (1, vec![1]));
    assert_eq!(call(2).await, (2, vec![1, 2]));
    until(start, 5).await;
    assert_eq!(call(3).await, (3, vec![2, 3]));
    assert_eq!(log.entries(), [1, 1, 2, 2, 3]);
}

#[test]
fn a_block_can_be_used_without_a_topology() {
    let mut last = Last::default();
    assert_eq!(last.keep(1), [1]);
    assert_eq!(last.keep(2), [1, 2]);
}
