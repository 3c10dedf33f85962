use std::io::Write as _;
use std::sync::Arc;

use super::super::frame::{Ended, Outcome, Which};
use super::super::line::Line;
use super::super::progress::Time;
use super::*;

/// Both ends of a socket: the other one is that of the process.
fn pair() -> (UnixStream, std::os::unix::net::UnixStream) {
    let (near, far) = std::os::unix::net::UnixStream::pair().unwrap();
    near.set_nonblocking(true).unwrap();
    (UnixStream::from_std(near).unwrap(), far)
}

fn frames(frames: &[Frame<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for frame in frames {
        frame.write(&mut bytes).unwrap();
    }
    bytes
}

fn done(line: u32, index: u32) -> Frame<'static> {
    let which = Which {
        line,
        epoch: 1,
        index,
    };
    let ended = Ended {
        which,
        began: Time(0),
        took: 1,
    };
    Frame::Ended(ended, Outcome::Done(b"output"))
}

/// What the link makes of that, from a process that closes the connection behind it:
/// how that ends, and what comes on two lines.
async fn heard(said: &[u8]) -> (io::Result<()>, [Vec<u8>; 2]) {
    let (near, far) = pair();
    let link = Link::new(Progress::new(2).unwrap().0);
    (&far).write_all(said).unwrap();
    drop(far);
    let end = link.serve(near, || ()).await;
    link.close();
    let came = [0, 1].map(|line| std::mem::take(&mut link.came(line).frames));
    (end, came)
}

#[tokio::test]
async fn each_line_is_brought_what_is_for_it() {
    let said = [done(0, 1), done(0, 2), done(1, 1), Frame::Ready, done(0, 3)];
    let (end, came) = heard(&frames(&said)).await;
    end.unwrap();
    assert_eq!(came[0], frames(&[done(0, 1), done(0, 2), done(0, 3)]));
    assert_eq!(came[1], frames(&[done(1, 1)]));
}

#[tokio::test]
async fn what_is_no_frame_or_no_answer_ends_the_connection() {
    let which = Which {
        line: 0,
        epoch: 0,
        index: 1,
    };
    let too_long = u32::MAX.to_le_bytes().to_vec();
    let no_kind = vec![1, 0, 0, 0, 200];
    let no_answer = frames(&[Frame::GiveUp(which)]);
    let no_line = frames(&[done(2, 1)]);
    for said in [too_long, no_kind, no_answer, no_line] {
        let (end, came) = heard(&said).await;
        let error = end.unwrap_err().to_string();
        assert!(error.starts_with("it wrote "), "{error}");
        assert!(came.iter().all(Vec::is_empty));
    }
}

#[tokio::test]
async fn a_frame_that_is_cut_short_is_brought_to_nobody() {
    let said = frames(&[done(0, 1), done(0, 2)]);
    let (end, came) = heard(&said[..said.len() - 1]).await;
    end.unwrap();
    assert_eq!(came[0], frames(&[done(0, 1)]));
}

#[tokio::test]
async fn what_can_be_read_is_read_where_nothing_can_be_written() {
    let (near, far) = pair();
    let link = Link::new(Progress::new(1).unwrap().0);
    far.shutdown(std::net::Shutdown::Read).unwrap();
    let mut serving = by_hand(link.serve(near, || ()));
    assert!(serving.poll().is_pending());
    link.end();
    // That is found out, and there is still something to be waited for.
    for _ in 0..10 {
        assert!(serving.poll().is_pending());
        tokio::task::yield_now().await;
    }
    (&far).write_all(&frames(&[done(0, 1)])).unwrap();
    drop(far);
    serving.future.await.unwrap();
    assert_eq!(link.came(0).frames, frames(&[done(0, 1)]));
}

#[tokio::test]
async fn whoever_waits_is_told_of_the_end() {
    let link = Arc::new(Link::new(Progress::new(1).unwrap().0));
    let mut own = Line::new(Arc::clone(&link), 0);
    let mut arrived = by_hand(own.arrived());
    assert!(arrived.poll().is_pending());
    link.close();
    assert!(arrived.is_woken());
    assert!(arrived.poll().is_ready());
}

/// A future that is polled by hand.
fn by_hand<F: Future>(future: F) -> ByHand<F> {
    ByHand {
        future: Box::pin(future),
        woken: Arc::default(),
    }
}

struct ByHand<F> {
    future: std::pin::Pin<Box<F>>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(std::sync::atomic::AtomicBool);

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

impl<F: Future> ByHand<F> {
    fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.woken));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    fn is_woken(&self) -> bool {
        self.woken.0.load(std::sync::atomic::Ordering::Relaxed)
    }
}
