//! What these tests share: steps that stand still, and threads that say when
//! they end.

use std::cell::RefCell;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use tokio::sync::Semaphore;
use topology_runtime::State;

use crate::support::{Gauge, Log};

#[derive(State)]
pub(super) struct App {
    pub(super) doors: Doors,
    pub(super) gauge: Gauge,
    pub(super) signals: Signals,
    pub(super) places: Log<(String, u32)>,
}

/// The same, for who looks at it from outside.
pub(super) struct Outside {
    /// Opens all doors at last: a test that fails does not wait for its threads.
    pub(super) porter: Porter,
    pub(super) gauge: Gauge,
    pub(super) signals: Signals,
    pub(super) places: Log<(String, u32)>,
}

/// What threads stand still behind, one at a time.
#[derive(Clone, Default)]
pub(super) struct Doors(Arc<(Mutex<usize>, Condvar)>);

pub(super) struct Porter(Doors);

/// What threads say to tests.
#[derive(Clone)]
pub(super) struct Signals {
    begun: Arc<Semaphore>,
    left: Arc<Semaphore>,
}

/// Says, as the last thing of a thread, that it ends.
struct Leaving(Arc<Semaphore>);

thread_local! {
    static LEAVING: RefCell<Option<Leaving>> = const { RefCell::new(None) };
}

impl App {
    pub(super) fn new() -> (Outside, Self) {
        let (doors, gauge, places) = (Doors::default(), Gauge::default(), Log::default());
        let signals = Signals {
            begun: Arc::new(Semaphore::new(0)),
            left: Arc::new(Semaphore::new(0)),
        };
        let outside = Outside {
            porter: Porter(doors.clone()),
            gauge: gauge.clone(),
            signals: signals.clone(),
            places: places.clone(),
        };
        let app = Self {
            doors,
            gauge,
            signals,
            places,
        };
        (outside, app)
    }
}

impl App {
    /// The name of the thread, by the number of the message.
    pub(super) fn note(places: &Log<(String, u32)>, number: u32) {
        let thread = thread::current();
        places.add((thread.name().unwrap_or_default().to_owned(), number));
    }
}

impl Porter {
    /// Lets so many threads through.
    pub(super) fn open(&self, threads: usize) {
        *self.0.0.0.lock().unwrap() += threads;
        self.0.0.1.notify_all();
    }
}

impl Drop for Porter {
    fn drop(&mut self) {
        *self.0.0.0.lock().unwrap() = usize::MAX / 2;
        self.0.0.1.notify_all();
    }
}

impl Doors {
    pub(super) fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        let mut open = self.0.1.wait_while(open, |open| *open == 0).unwrap();
        *open -= 1;
    }
}

impl Signals {
    /// A step has begun; its thread says when it ends.
    pub(super) fn begin(&self) {
        LEAVING.with(|place| {
            let leaving = || Leaving(Arc::clone(&self.left));
            let _ = place.borrow_mut().get_or_insert_with(leaving);
        });
        self.begun.add_permits(1);
    }

    /// Waits until a step has begun so many times more.
    pub(super) async fn begun(&self, times: u32) {
        let begun = self.begun.acquire_many(times).await;
        begun.expect("it is not closed").forget();
    }

    /// Waits until so many threads more have ended.
    pub(super) async fn left(&self, threads: u32) {
        let left = self.left.acquire_many(threads).await;
        left.expect("it is not closed").forget();
    }

    /// How many threads have ended that nobody has waited for.
    pub(super) fn left_by_now(&self) -> usize {
        self.left.available_permits()
    }
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

/// Stands at the doors, and returns the number.
pub(super) fn stand(number: u32, app: (&Doors, &Gauge, &Signals)) -> u32 {
    let (doors, gauge, signals) = app;
    let _inside = gauge.enter();
    signals.begin();
    doors.pass();
    number
}
