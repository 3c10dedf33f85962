//! Which thread runs what.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use futures_core::Stream;
use topology_runtime::{Handle, Message, State, topology, workflow_step};

use super::world::App;
use crate::support::{Log, assert_balanced, ms, two_threads};

type Places = Log<(String, u32)>;

#[workflow_step]
fn first(number: u32, places: &Places) -> u32 {
    App::note(places, 1);
    number
}

#[workflow_step]
fn second(number: u32, places: &Places) -> u32 {
    App::note(places, 2);
    number
}

#[workflow_step]
fn third(number: u32, places: &Places) -> u32 {
    App::note(places, 3);
    number
}

#[workflow_step(timeout = 1h)]
async fn nap(number: u32, places: &Places) -> u32 {
    App::note(places, 4);
    tokio::time::sleep(ms(7)).await;
    App::note(places, 5);
    number
}

topology! {
    Named<u32 -> u32> [state = App];
    in -> first -> second >> third -> out [capacity = 4, timeout = 1h];
    boundary cpu: thread { second, third }
    else fail;
}

fn own_name() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_steps_of_a_boundary_run_on_a_thread_that_has_its_name() {
    let (outside, app) = App::new();
    let named = Named::start(app);
    assert_eq!(named.call(Message::root(7)).await.unwrap(), 7);
    let own = own_name();
    let expected = [(&*own, 1), ("cpu", 2), ("cpu", 3)];
    let places = outside.places.entries();
    let places: Vec<_> = places.iter().map(|(name, step)| (&**name, *step)).collect();
    assert_eq!(places, expected);
    assert_balanced(&named.drain(Duration::MAX).await);
}

topology! {
    Within<u32 -> u32> [state = App];
    in -> first -> out [capacity = 4, timeout = 1h];
    else fail;
}

#[derive(State)]
struct Caller {
    within: Handle<Within>,
}

#[workflow_step(timeout = 1h)]
async fn calls(number: u32, within: &Handle<Within>) -> Result<u32, String> {
    let called = within.call(Message::root(number)).await;
    called.map_err(|error| error.to_string())
}

topology! {
    Calling<u32 -> u32> [state = Caller];
    in -> calls -> out [capacity = 4, timeout = 1h];
    boundary cpu: thread { calls }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_thread_that_is_apart_works_for_nobody_else() {
    let (outside, app) = App::new();
    let within = Within::start(app);
    let calling = Calling::start(Caller { within });
    for number in 0..3 {
        assert_eq!(calling.call(Message::root(number)).await.unwrap(), number);
    }
    assert_eq!(outside.places.entries(), vec![(own_name(), 1); 3]);
    assert_balanced(&calling.drain(Duration::MAX).await);
}

#[test]
fn they_never_run_on_a_worker_of_the_runtime() {
    let runtime = two_threads();
    let (outside, app) = App::new();
    runtime.block_on(async {
        let named = Named::start(app);
        for number in 0..100 {
            assert_eq!(named.call(Message::root(number)).await.unwrap(), number);
        }
        assert_balanced(&named.drain(Duration::MAX).await);
    });
    let places = outside.places.entries();
    let on_threads = places.iter().filter(|(name, _)| name == "cpu");
    let steps = on_threads.map(|(_, step)| *step);
    assert_eq!(steps.collect::<Vec<_>>(), [2, 3].repeat(100));
    assert_eq!(places.len(), 300);
}

const FARM: &str = "farm";
const ROOM: u64 = 64 << 20;
const HANDS: usize = 2;

/// Needs more of a stack than a thread has that nothing is said of.
#[workflow_step]
#[expect(clippy::large_stack_arrays, reason = "there is room for it")]
fn deep(number: u32, places: &Places) -> u32 {
    App::note(places, number);
    let wide = std::hint::black_box([number; 4 << 20]);
    wide[usize::try_from(number).expect("a small number")]
}

topology! {
    Declared<u32 -> u32> [state = App];
    in -> deep -> first -> out [capacity = 4, timeout = 1h];
    boundary wide: thread [stack_size = 64MiB, name = "a wide one"] { deep }
    boundary narrow: thread [threads = HANDS, name = FARM, stack_size = ROOM] { first }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_boundary_says_what_its_threads_are_called_and_how_large_their_stacks_are() {
    let (outside, app) = App::new();
    let declared = Declared::start(app);
    assert_eq!(declared.call(Message::root(3)).await.unwrap(), 3);
    let places = outside.places.entries();
    let expected = [("a wide one".to_owned(), 3), ("farm".to_owned(), 1)];
    assert_eq!(places, expected);
    assert_balanced(&declared.drain(Duration::MAX).await);
}

topology! {
    Nested<u32 -> u32> [state = App];
    in -> first -> second -> third -> nap -> out [capacity = 4, timeout = 1h];
    boundary outer: thread {
        first,
        boundary inner: thread { second }
        nap,
    }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn a_step_runs_in_the_innermost_boundary_and_in_none_if_it_is_in_none() {
    let (outside, app) = App::new();
    let nested = Nested::start(app);
    let began = tokio::time::Instant::now();
    nested.call(Message::root(7)).await.unwrap();
    // Timers are the runtime's, which stands still here but for them.
    assert_eq!(began.elapsed(), ms(7));
    let own = own_name();
    let names = outside.places.entries().into_iter().map(|(name, _)| name);
    let expected = ["outer", "inner", &own, "outer", "outer"];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    assert_balanced(&nested.drain(Duration::MAX).await);
}

#[workflow_step]
impl Sum {
    fn add(&mut self, number: u32, places: &Places) -> u32 {
        App::note(places, 6);
        self.0 += number;
        self.0
    }

    fn finish(&mut self, places: &Places) -> Option<u32> {
        App::note(places, 7);
        Some(self.0)
    }
}

#[derive(Default)]
struct Sum(u32);

#[workflow_step]
fn gather(numbers: Vec<u32>, places: &Places) -> Vec<u32> {
    App::note(places, 8);
    numbers
}

/// Brings numbers, and says from where.
struct Numbers(std::vec::IntoIter<u32>, Places);

impl Stream for Numbers {
    type Item = u32;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<u32>> {
        let next = self.0.next();
        App::note(&self.1, 9);
        Poll::Ready(next)
    }
}

#[workflow_step]
fn numbers(places: &Places) -> impl Stream<Item = u32> + use<> {
    Numbers(vec![1, 2].into_iter(), places.clone())
}

#[workflow_step]
fn end(number: u32, places: &Places) {
    App::note(places, number * 10);
}

topology! {
    Brought<! -> !> [state = App];
    numbers -> Sum [capacity = 4, timeout = 1h];
    Sum -> gather [capacity = 4, timeout = 1h, batch = 2, linger = 1ms];
    gather -> end [capacity = 4, timeout = 1h];
    boundary all: thread [threads = 3] { numbers, Sum, gather }
    else fail;
}

#[tokio::test(start_paused = true)]
async fn sources_states_and_batches_run_there_too() {
    let (outside, app) = App::new();
    let brought = Brought::start(app);
    brought.finished().await;
    let report = brought.drain(Duration::MAX).await;
    // Two items, and what the state comes to at last.
    assert_eq!((report.accepted, report.completed), (3, 3));
    let places = outside.places.entries();
    let (apart, own): (Vec<_>, Vec<_>) = places.iter().partition(|(name, _)| name == "all");
    let of_step = |step| apart.iter().filter(|(_, other)| *other == step).count();
    // Three looks at the stream, of which the last finds its end.
    assert_eq!([9, 6, 7].map(of_step), [3, 2, 1]);
    assert!(of_step(8) >= 2, "{places:?}");
    let mut ended: Vec<_> = own.iter().map(|(_, number)| *number).collect();
    ended.sort_unstable();
    assert_eq!(ended, [10, 30, 30]);
}

#[workflow_step]
fn borrow_the_runtime(number: u32, places: &Places) -> u32 {
    let places = places.clone();
    let elsewhere = async move {
        let noted = tokio::spawn(async move { App::note(&places, number) });
        noted.await.expect("it does not panic");
        number + 1
    };
    // As on any other thread that is none of tokio's.
    tokio::runtime::Handle::current().block_on(elsewhere)
}

topology! {
    Borrows<u32 -> u32> [state = App];
    in -> borrow_the_runtime -> out [capacity = 4, timeout = 1h];
    boundary apart: thread { borrow_the_runtime }
    else fail;
}

#[tokio::test]
async fn a_step_there_may_block_on_a_future_of_the_runtime() {
    let (outside, app) = App::new();
    let borrows = Borrows::start(app);
    assert_eq!(borrows.call(Message::root(1)).await.unwrap(), 2);
    assert_eq!(outside.places.entries(), [(own_name(), 1)]);
    assert_balanced(&borrows.drain(Duration::MAX).await);
}

#[tokio::test(start_paused = true)]
async fn each_instance_has_threads_of_its_own() {
    let started: Vec<_> = (0..2).map(|_| App::new()).collect();
    let mut both = Vec::new();
    for (outside, app) in started {
        both.push((outside, Standing::start(app)));
    }
    for (outside, standing) in &both {
        standing.send(Message::root(1)).await.expect("room");
        outside.signals.begun(1).await;
    }
    for (outside, standing) in both {
        outside.porter.open(1);
        let report = standing.drain(Duration::MAX).await;
        assert_eq!((report.accepted, report.completed), (1, 1));
    }
}

#[workflow_step]
fn stand(
    number: u32,
    doors: &super::world::Doors,
    gauge: &crate::support::Gauge,
    signals: &super::world::Signals,
) {
    super::world::stand(number, (doors, gauge, signals));
}

topology! {
    Standing<u32 -> !> [state = App];
    in -> stand [capacity = 4, timeout = 1h];
    boundary one: thread { stand }
    else fail;
}

#[test]
fn the_drawing_frames_what_is_in_a_boundary() {
    let expected = "\
flowchart LR
    in([\"in: u32\"])
    subgraph b0[\"outer: thread\"]
        s0[\"first\"]
        subgraph b1[\"inner: thread\"]
            s1[\"second\"]
        end
        s3[\"nap\"]
    end
    s2[\"third\"]
    out([\"out: u32\"])
    in -- \"4, 1h\" --> s0
    s0 -- \"4, 1h\" --> s1
    s1 -- \"4, 1h\" --> s2
    s2 -- \"4, 1h\" --> s3
    s3 -- \"4, 1h\" --> out
";
    assert_eq!(Nested::GRAPH.mermaid(), expected);
}

#[workflow_step]
fn once_more(number: u32) -> u32 {
    number
}

topology! {
    Around<u32 -> u32> [state = Arc<App>];
    in -> once_more -> Inner -> out [capacity = 4, timeout = 1h];
    else fail;
}

topology! {
    Inner<u32 -> u32>;
    in -> once_more -> out [capacity = 4, timeout = 1h];
    boundary cpu: thread [threads = 2] { once_more }
    else fail;
}

#[test]
fn a_frame_inside_a_topology_that_is_a_step_is_drawn_inside_that() {
    let drawn = Around::GRAPH.mermaid();
    let inside = "
    subgraph s1[\"Inner\"]
        s1__in([\"in: u32\"])
        subgraph s1__b0[\"cpu: thread ×2\"]
            s1__s0[\"once_more\"]
        end
        s1__out([\"out: u32\"])
";
    assert!(drawn.contains(inside), "{drawn}");
}
