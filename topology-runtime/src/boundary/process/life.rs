//! The life of one process: it is started, takes over, serves, and ends.

use std::any::type_name;
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::net::{UnixListener, UnixStream};
use tokio::task::spawn_blocking;

use super::gate::Gate;
use super::handover;
use super::link::Link;
use super::order::{NOT_TAKEN, forgotten, line};
use super::progress::Progress;
use super::spawn::{Spawned, told};
use crate::boundary::hold::Hold;

/// How long a process may take to end that was asked to.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked whether a process that is waited for takes too long, or
/// has ended.
const LOOK: Duration = Duration::from_millis(20);

/// How a process ended.
pub(crate) struct End {
    pub(crate) how: Arc<str>,
    /// Another one would end like that, too.
    pub(crate) is_hopeless: bool,
}

impl End {
    pub(crate) fn of(how: impl Into<Arc<str>>) -> Self {
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
    let end = run::<T>(gate, boundary, stopped).await;
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
    let mut child = Waited(Some(spawned));
    let mut stopped = pin!(stopped);
    let stream = match child.connected(until, stopped.as_mut()).await {
        Ok(Connected::To(stream)) => stream,
        Ok(Connected::Ended) => {
            let end = child.reap::<T>(PATIENCE).await;
            let why = format!("{} before it took over: {}", end.how, hint::<T>());
            return end.because(&why);
        }
        Ok(Connected::Late) => {
            let end = child.reap::<T>(Duration::ZERO).await;
            return end.because(&late::<T>(gate));
        }
        Ok(Connected::Stopped) => return child.reap::<T>(Duration::ZERO).await,
        Err(error) => {
            let end = child.reap::<T>(Duration::ZERO).await;
            return end.because(&error.to_string());
        }
    };
    let link = match linked(&stream, gate.lines()) {
        Ok(link) => Arc::new(link),
        Err(error) => {
            let end = child.reap::<T>(Duration::ZERO).await;
            return end.because(&format!("nothing can be shared with it: {error}"));
        }
    };
    let closing = Closing(&link, gate);
    let end = serve::<T>(gate, (&link, stream), until, starting, stopped).await;
    // What comes from here on waits for the next one.
    gate.close();
    let ended = match &end {
        Served::Ended => child.reap::<T>(PATIENCE).await,
        Served::Because(why) => child.reap::<T>(Duration::ZERO).await.because(why),
    };
    // Those whom the link tells of the end ask the gate how it came.
    gate.say_ended(&ended.how);
    drop(closing);
    ended
}

/// Shares the memory with a process where that says what it has begun.
fn linked(stream: &UnixStream, lines: usize) -> io::Result<Link> {
    let (progress, file) = Progress::new(lines)?;
    handover::give(stream, &file)?;
    Ok(Link::new(progress))
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
    /// It is to be killed.
    Because(String),
}

async fn serve<T>(
    gate: &Gate,
    (link, stream): (&Arc<Link>, UnixStream),
    until: Instant,
    starting: Option<Hold>,
    mut stopped: Pin<&mut impl Future<Output = ()>>,
) -> Served {
    let starting = Mutex::new(starting);
    let is_ready = AtomicBool::new(false);
    let mut serving = pin!(link.serve(stream, || {
        is_ready.store(true, Ordering::Relaxed);
        drop(starting.lock().map(|mut starting| starting.take()));
        gate.open(link);
    }));
    let mut killed = pin!(link.killed());
    let mut ending = None;
    let mut look = pin!(look());
    poll_fn(|context| {
        if let Poll::Ready(end) = serving.as_mut().poll(context) {
            return Poll::Ready(match end {
                Ok(()) => Served::Ended,
                Err(error) => Served::Because(error.to_string()),
            });
        }
        if let Poll::Ready(why) = killed.as_mut().poll(context) {
            return Poll::Ready(Served::Because(why.to_owned()));
        }
        if ending.is_none() && stopped.as_mut().poll(context).is_ready() {
            ending = Some(Instant::now() + PATIENCE);
            gate.close();
            link.end();
            // What it was asked is to be written.
            context.waker().wake_by_ref();
        }
        loop {
            let now = Instant::now();
            if ending.is_some_and(|until| until <= now) {
                let why = "it did not end when it was asked to";
                return Poll::Ready(Served::Because(why.to_owned()));
            }
            let is_waited_for = ending.is_some() || !is_ready.load(Ordering::Relaxed);
            if ending.is_none() && is_waited_for && until <= now {
                return Poll::Ready(Served::Because(late::<T>(gate)));
            }
            if !is_waited_for || look.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            look.set(self::look());
        }
    })
    .await
}

/// Until it is to be looked again. The system's clock tells: a process goes on
/// while tokio's is paused.
async fn look() {
    // Where the runtime is shutting down there is nothing to look at.
    let _ = spawn_blocking(|| std::thread::sleep(LOOK)).await;
}

fn late<T>(gate: &Gate) -> String {
    format!(
        "it did not take over within {:?}: {}",
        gate.start,
        hint::<T>()
    )
}

fn hint<T>() -> String {
    format!("does `main` begin with `{}`?", line(type_name::<T>()))
}

/// A process that is waited for at last.
struct Waited(Option<Spawned>);

/// What came of the wait for a process.
enum Connected {
    To(UnixStream),
    /// It has ended instead.
    Ended,
    /// It has taken too long.
    Late,
    /// Nobody wants it any more.
    Stopped,
}

impl Waited {
    /// Waits until the process connects. Whoever else does is turned away.
    async fn connected(
        &mut self,
        until: Instant,
        mut stopped: Pin<&mut impl Future<Output = ()>>,
    ) -> io::Result<Connected> {
        let Some(spawned) = &mut self.0 else {
            return Ok(Connected::Ended);
        };
        let listener = UnixListener::from_std(spawned.listener.try_clone()?)?;
        let mut look = pin!(look());
        loop {
            let accepted = poll_fn(|context| {
                if let Poll::Ready(accepted) = listener.poll_accept(context) {
                    return Poll::Ready(Some(accepted.map(Some)));
                }
                if stopped.as_mut().poll(context).is_ready() {
                    return Poll::Ready(None);
                }
                look.as_mut().poll(context).map(|()| Some(Ok(None)))
            });
            match accepted.await {
                None => return Ok(Connected::Stopped),
                Some(accepted) => {
                    if let Some((stream, _)) = accepted?
                        && spawned.is(&stream.peer_cred()?)
                    {
                        spawned.has_connected();
                        return Ok(Connected::To(stream));
                    }
                }
            }
            if spawned.has_ended() {
                return Ok(Connected::Ended);
            }
            if until <= Instant::now() {
                return Ok(Connected::Late);
            }
            look.set(self::look());
        }
    }

    /// Waits for its end, and kills it if that takes longer.
    async fn reap<T: 'static>(&mut self, patience: Duration) -> End {
        let Some(spawned) = self.0.take() else {
            return End::of("it ended");
        };
        match spawn_blocking(move || spawned.end(patience)).await {
            Ok(Ok(status)) if status.code() == Some(NOT_TAKEN) => End {
                how: forgotten(type_name::<T>()).into(),
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

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::boundary::process::order::child_arguments;

    /// A process of this executable that does not connect: it lists the tests.
    fn spawned() -> Waited {
        child_arguments(["--list"]);
        Waited(Some(Spawned::start::<()>(0).unwrap()))
    }

    #[tokio::test]
    async fn a_stranger_who_connects_is_turned_away() {
        let mut child = spawned();
        let socket = child.0.as_ref().and_then(Spawned::socket).unwrap();
        let stranger = UnixStream::connect(socket).await.unwrap();
        let until = Instant::now() + Duration::from_mins(10);
        let connected = child.connected(until, pin!(pending())).await.unwrap();
        assert!(matches!(connected, Connected::Ended));
        stranger.readable().await.unwrap();
        assert_eq!(stranger.try_read(&mut [0]).unwrap(), 0);
    }

    #[tokio::test]
    async fn the_socket_is_where_nobody_else_may_look_and_goes_with_its_process() {
        use std::os::unix::fs::PermissionsExt as _;

        let child = spawned();
        let socket = child.0.as_ref().and_then(Spawned::socket).unwrap();
        let directory = socket.parent().unwrap().to_owned();
        let mode = directory.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(child);
        assert!(!directory.exists());
    }

    #[tokio::test]
    async fn nobody_waits_for_a_process_that_is_not_wanted_any_more() {
        let mut child = spawned();
        let until = Instant::now() + Duration::from_mins(10);
        let connected = child.connected(until, pin!(std::future::ready(()))).await;
        assert!(matches!(connected, Ok(Connected::Stopped)));
    }
}
