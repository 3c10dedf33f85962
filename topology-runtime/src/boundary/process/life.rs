//! The life of one process: it is started, takes over, serves, and ends.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::gate::Gate;
use super::link::Link;
use super::order::{NOT_TAKEN, forgotten};
use super::spawn::{Spawned, told};
use crate::boundary::hold::Hold;

/// How long a process may take to end that was asked to.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked whether a process that has not connected still lives.
const LOOK: Duration = Duration::from_millis(20);

/// How a process ended.
pub(crate) struct End {
    pub(crate) how: Arc<str>,
    /// Another one would end like that, too.
    pub(crate) is_hopeless: bool,
}

impl End {
    fn of(how: impl Into<Arc<str>>) -> Self {
        Self {
            how: how.into(),
            is_hopeless: false,
        }
    }
}

/// Runs a process for a boundary of the topology `T`, until it ends; it is asked to
/// when `stopped` is over. Dropped, the process is killed.
pub(crate) async fn live<T: 'static>(
    gate: &Gate,
    boundary: usize,
    stopped: impl Future<Output = ()>,
) -> End {
    gate.begin();
    let end = run::<T>(gate, boundary, stopped).await;
    gate.close();
    gate.say_ended(&end.how);
    end
}

async fn run<T: 'static>(gate: &Gate, boundary: usize, stopped: impl Future<Output = ()>) -> End {
    let starting = gate.hold();
    let until = Instant::now() + gate.start;
    let spawned = match spawn_blocking(move || Spawned::start::<T>(boundary)).await {
        Ok(Ok(spawned)) => spawned,
        Ok(Err(error)) => return End::of(format!("it cannot be started: {error}")),
        // The runtime is shutting down.
        Err(_) => return End::of("it was not started"),
    };
    gate.started(spawned.id());
    let mut child = Ended {
        spawned: Some(spawned),
    };
    let stream = match timeout_at(until, child.connected()).await {
        Ok(Ok(Some(stream))) => stream,
        Ok(Ok(None)) => {
            let end = child.reap::<T>(PATIENCE).await;
            let why = format!("{} before it took over: {}", end.how, hint::<T>());
            return end.because(&why);
        }
        Ok(Err(error)) => {
            return child
                .reap::<T>(Duration::ZERO)
                .await
                .because(&error.to_string());
        }
        Err(_) => {
            let end = child.reap::<T>(Duration::ZERO).await;
            return end.because(&late::<T>(gate));
        }
    };
    let link = Arc::new(Link::new(stream));
    let closing = Closing(&link, gate);
    let end = serve::<T>(gate, &link, until, starting, stopped).await;
    gate.close();
    let patience = match &end {
        Served::Ended | Served::Stopped => PATIENCE,
        Served::Because(_) => Duration::ZERO,
    };
    let ended = child.reap::<T>(patience).await;
    let ended = match &end {
        Served::Because(why) => ended.because(why),
        Served::Ended | Served::Stopped => ended,
    };
    gate.say_ended(&ended.how);
    drop(closing);
    ended
}

/// Whoever waits for the process is told of its end, however that comes about.
struct Closing<'l>(&'l Arc<Link>, &'l Gate);

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        self.1.close();
        self.0.close();
    }
}

/// Why a process is not served any more.
enum Served {
    /// It has closed the connection.
    Ended,
    /// It was asked to end.
    Stopped,
    /// It is to be killed.
    Because(String),
}

async fn serve<T>(
    gate: &Gate,
    link: &Arc<Link>,
    until: Instant,
    starting: Option<Hold>,
    stopped: impl Future<Output = ()>,
) -> Served {
    let starting = Mutex::new(starting);
    let is_ready = AtomicBool::new(false);
    let mut serving = pin!(link.serve(|| {
        is_ready.store(true, Ordering::Relaxed);
        drop(starting.lock().map(|mut starting| starting.take()));
        gate.open(link);
    }));
    let mut killed = pin!(gate.killed());
    let mut stopped = pin!(stopped);
    let mut is_stopped = false;
    let mut late = pin!(tokio::time::sleep_until(until));
    poll_fn(|context| {
        if let Poll::Ready(end) = serving.as_mut().poll(context) {
            return Poll::Ready(match end {
                Ok(()) if is_stopped => Served::Stopped,
                Ok(()) => Served::Ended,
                Err(error) => Served::Because(error.to_string()),
            });
        }
        if let Poll::Ready(why) = killed.as_mut().poll(context) {
            return Poll::Ready(Served::Because(why.to_string()));
        }
        if !is_stopped && stopped.as_mut().poll(context).is_ready() {
            is_stopped = true;
            gate.close();
            link.end();
            late.as_mut().reset(Instant::now() + PATIENCE);
            // What it was asked is to be written.
            context.waker().wake_by_ref();
        }
        if (is_stopped || !is_ready.load(Ordering::Relaxed))
            && late.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Served::Because(if is_stopped {
                "it did not end when it was asked to".to_owned()
            } else {
                self::late::<T>(gate)
            }));
        }
        Poll::Pending
    })
    .await
}

fn late<T>(gate: &Gate) -> String {
    format!(
        "it did not take over within {:?}: {}",
        gate.start,
        hint::<T>()
    )
}

fn hint<T>() -> String {
    let name = std::any::type_name::<T>();
    let name = name.rsplit("::").next().unwrap_or(name);
    format!("does `main` begin with `{name}::run_if_child(..);`?")
}

/// A process that is waited for at last.
struct Ended {
    spawned: Option<Spawned>,
}

impl Ended {
    /// Waits until the process connects; `None` if it ends instead.
    async fn connected(&mut self) -> io::Result<Option<UnixStream>> {
        let Some(spawned) = &mut self.spawned else {
            return Ok(None);
        };
        let listener = UnixListener::from_std(spawned.listener.try_clone()?)?;
        let mut look = tokio::time::interval(LOOK);
        loop {
            let accepted = poll_fn(|context| {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(Some(accepted));
                }
                look.poll_tick(context).map(|_| None)
            });
            match accepted.await {
                Some(accepted) => {
                    let (stream, _) = accepted?;
                    if spawned.is(&stream.peer_cred()?) {
                        spawned.has_connected();
                        return Ok(Some(stream));
                    }
                }
                None if spawned.has_ended() => return Ok(None),
                None => {}
            }
        }
    }

    /// Waits for its end, and kills it if that takes longer.
    async fn reap<T: 'static>(&mut self, patience: Duration) -> End {
        let Some(spawned) = self.spawned.take() else {
            return End::of("it ended");
        };
        match spawn_blocking(move || spawned.end(patience)).await {
            Ok(Ok(status)) if status.code() == Some(NOT_TAKEN) => End {
                how: forgotten(std::any::type_name::<T>()).into(),
                is_hopeless: true,
            },
            Ok(Ok(status)) => End::of(told(status)),
            Ok(Err(error)) => End::of(format!("it cannot be waited for: {error}")),
            Err(_) => End::of("it ended"),
        }
    }
}

impl End {
    fn because(self, why: &str) -> Self {
        if self.is_hopeless {
            return self;
        }
        Self::of(why)
    }
}
