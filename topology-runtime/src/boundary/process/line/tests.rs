use std::time::Duration;

use tokio::net::UnixStream;
use tokio::task::JoinHandle;

use super::super::frame::Refused;
use super::super::progress::Progress;
use super::*;
use crate::message::TraceContext;

/// A line, and the process at its other end, which the test plays.
struct Process {
    line: Line,
    link: Arc<Link>,
    far: UnixStream,
    progress: Progress,
    served: JoinHandle<std::io::Result<()>>,
}

fn attempt() -> Attempt {
    Attempt {
        line: 0,
        epoch: 0,
        step: 0,
        number: 1,
        trace: TraceContext::root(),
        expires: Time::NEVER,
        deadline: Time::NEVER,
    }
}

fn start() -> Process {
    let (near, far) = UnixStream::pair().unwrap();
    let (progress, file) = Progress::new(2).unwrap();
    let link = Arc::new(Link::new(progress));
    let served = tokio::spawn({
        let link = Arc::clone(&link);
        async move {
            let end = link.serve(near, || ()).await;
            link.close();
            end
        }
    });
    Process {
        line: Line::new(Arc::clone(&link), 1),
        link,
        far,
        progress: Progress::of(&file).unwrap(),
        served,
    }
}

impl Process {
    fn send(&mut self, messages: usize) {
        for _ in 0..messages {
            self.line.send(attempt(), |_| Ok(())).unwrap();
        }
        self.line.say();
    }

    /// The process begins so many of the epoch.
    fn begin(&self, epoch: u32, attempts: usize) -> usize {
        let begun = (0..attempts).map(|_| self.progress.begin(1, epoch, Time::now()));
        begun.flatten().count()
    }

    fn says(&self, frame: &Frame<'_>) {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        assert_eq!(self.far.try_write(&bytes).unwrap(), bytes.len());
    }

    fn ends(&self, epoch: u32, index: u32, outcome: Outcome<'_>) {
        let which = Which {
            line: 1,
            epoch,
            index,
        };
        let ended = Ended {
            which,
            began: Time(1),
            took: 2,
        };
        self.says(&Frame::Ended(ended, outcome));
    }

    async fn next(&mut self) -> Next {
        self.line.arrived().await;
        self.line.next()
    }
}

#[tokio::test]
async fn what_comes_back_comes_in_the_order_in_which_it_was_sent() {
    let mut process = start();
    process.send(3);
    assert_eq!(process.line.on_the_way(), 3);
    assert_eq!(process.begin(1, 2), 2);
    process.ends(1, 1, Outcome::Done(b"one"));
    process.ends(1, 2, Outcome::Done(b"two"));
    for expected in [b"one", b"two"] {
        let Next::Ended {
            came: Came::Done(range),
            took: 2,
            ..
        } = process.next().await
        else {
            panic!("it has come back");
        };
        assert_eq!(process.line.bytes(range), expected);
    }
    assert!(matches!(process.line.next(), Next::Nothing));
    assert_eq!(process.line.on_the_way(), 1);
}

#[tokio::test]
async fn what_has_begun_when_a_process_ends_is_known() {
    let mut process = start();
    process.send(3);
    assert_eq!(process.begin(1, 2), 2);
    process.ends(1, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
    drop(process.far);
    process.served.await.unwrap().unwrap();
    process.line.arrived().await;
    assert!(matches!(process.line.next(), Next::Closed));
    assert_eq!(process.line.recall(), 1, "the second, and not the third");
}

#[tokio::test]
async fn what_was_called_back_is_not_begun_and_what_is_sent_next_is() {
    let mut process = start();
    process.send(3);
    assert_eq!(process.begin(1, 1), 1);
    assert_eq!(process.line.recall(), 1);
    assert_eq!(process.begin(1, 2), 0);
    assert!(!process.line.has_room(), "the first is still at work");
    process.ends(1, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
    assert!(process.line.has_room());
    process.send(1);
    assert_eq!(process.begin(2, 1), 1);
    process.ends(2, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
}

#[tokio::test]
async fn behind_what_does_not_end_well_nothing_is_begun() {
    let mut process = start();
    process.send(2);
    assert_eq!(process.begin(1, 1), 1);
    let refused = Refused {
        may_retry: true,
        texts: vec!["busy", "full"],
    };
    process.ends(1, 1, Outcome::Failed(refused));
    let Next::Ended {
        came: Came::Failed(error, true),
        ..
    } = process.next().await
    else {
        panic!("it has failed");
    };
    assert_eq!(error.to_string(), "busy");
    assert_eq!(error.source().unwrap().to_string(), "full");
    assert_eq!(process.line.on_the_way(), 0);
    assert_eq!(process.begin(1, 1), 0);
}

#[tokio::test]
async fn a_process_that_began_something_behind_that_is_ended() {
    let mut process = start();
    process.send(2);
    assert_eq!(process.begin(1, 2), 2);
    process.ends(1, 1, Outcome::Panicked("no"));
    assert!(matches!(process.next().await, Next::Nothing));
    let why = process.link.killed().await;
    assert_eq!(why, "it wrote that it stops, and has begun more");
}

#[tokio::test]
async fn what_expires_there_is_said() {
    let mut process = start();
    process.send(2);
    process.says(&Frame::Stopped(1, 1));
    assert!(matches!(process.next().await, Next::Stopped));
    assert_eq!(process.line.recall(), 0);
    process.send(1);
    // Of an epoch that is over: that is known.
    process.says(&Frame::Stopped(1, 1));
    assert_eq!(process.begin(2, 1), 1);
    process.ends(2, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
}

#[tokio::test]
async fn whoever_gives_up_learns_when_the_process_is_not_at_it_any_more() {
    let mut process = start();
    process.send(2);
    assert_eq!(process.begin(1, 1), 1);
    process.line.give_up();
    assert!(process.line.is_taken());
    let waited = tokio::time::timeout(Duration::from_millis(1), process.line.free());
    waited.await.unwrap_err();
    process.ends(1, 1, Outcome::GivenUp);
    process.line.free().await;
    assert!(!process.line.is_taken());
    process.send(1);
    assert_eq!(process.begin(2, 1), 1);
    process.ends(2, 1, Outcome::Panicked("no"));
    let Next::Ended { came, .. } = process.next().await else {
        panic!("it has ended");
    };
    assert!(matches!(came, Came::Panicked(text) if text == "no"));
}

#[tokio::test]
async fn what_was_not_begun_is_given_up_at_once() {
    let mut process = start();
    process.send(1);
    process.line.give_up();
    assert!(!process.line.is_taken());
    assert_eq!(process.line.on_the_way(), 0);
    assert_eq!(process.begin(1, 1), 0);
}

#[tokio::test]
async fn a_line_that_is_dropped_gives_up_what_it_has_sent() {
    let mut process = start();
    process.send(2);
    assert_eq!(process.begin(1, 1), 1);
    process.line = Line::new(Arc::clone(&process.link), 1);
    assert_eq!(process.begin(1, 1), 0);
    // What comes of it is nobody's, and in nobody's way.
    process.ends(1, 1, Outcome::GivenUp);
    process.send(1);
    let epoch = process.progress.begun(1).0.epoch;
    assert_eq!(process.begin(epoch, 1), 1);
    process.ends(epoch, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
}

#[tokio::test]
async fn an_answer_to_what_was_not_asked_ends_the_process() {
    let mut process = start();
    process.send(1);
    process.ends(1, 2, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Nothing));
    let why = process.link.killed().await;
    assert!(why.starts_with("it wrote an answer to "), "{why}");
}

#[tokio::test]
async fn an_answer_to_what_was_not_said_ends_the_process() {
    let mut process = start();
    process.send(1);
    // Sent, and not said: the process cannot know of it.
    process.line.send(attempt(), |_| Ok(())).unwrap();
    process.ends(1, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
    process.ends(1, 2, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Nothing));
    let why = process.link.killed().await;
    assert!(why.starts_with("it wrote an answer to "), "{why}");
}

#[tokio::test]
async fn what_was_sent_is_said_before_the_process_has_nothing_to_do() {
    let mut process = start();
    process.send(ENOUGH);
    process.line.send(attempt(), |_| Ok(())).unwrap();
    process.line.say_in_time();
    assert_eq!(process.line.unsaid, 1, "it has enough to do");
    process.ends(1, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
    process.line.say_in_time();
    assert_eq!(process.line.unsaid, 0);
}

#[tokio::test]
async fn a_message_that_cannot_be_written_is_not_sent() {
    let mut process = start();
    let refused = process.line.send(attempt(), |to| {
        to.extend([1; 100]);
        Err("no".into())
    });
    assert_eq!(refused.unwrap_err().to_string(), "no");
    assert_eq!(process.line.on_the_way(), 0);
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        process.line.send(attempt(), |to| {
            to.extend([1; 100]);
            panic!("while it is written")
        })
    }));
    panicked.unwrap_err();
    process.send(1);
    let mut bytes = vec![0; 1000];
    process.far.readable().await.unwrap();
    let read = process.far.try_read(&mut bytes).unwrap();
    let (frame, length) = Frame::read(&bytes[..read]).unwrap().unwrap();
    assert!(matches!(frame, Frame::Attempt(_, b"")));
    assert_eq!(length, read, "and nothing else");
}

#[tokio::test]
async fn what_is_on_its_way_is_not_more_than_can_be_kept() {
    let mut process = start();
    let large = |to: &mut Vec<u8>| {
        to.resize(to.len() + PLENTY / 2, 0);
        Ok(())
    };
    for _ in 0..2 {
        assert!(process.line.has_room());
        process.line.send(attempt(), large).unwrap();
    }
    assert!(!process.line.has_room());
    assert_eq!(process.begin(1, 1), 1);
    assert_eq!(process.line.recall(), 1);
    process.ends(1, 1, Outcome::Done(b""));
    assert!(matches!(process.next().await, Next::Ended { .. }));
    assert_eq!(process.line.size, 0);
    assert!(process.line.has_room());
}

#[tokio::test]
async fn an_epoch_ends_before_its_numbers_do() {
    let mut process = start();
    process.line.sent = MOST;
    process.line.ended = MOST;
    process.send(1);
    assert_eq!(process.line.epoch, 2);
    assert_eq!(process.line.on_the_way(), 1);
}
