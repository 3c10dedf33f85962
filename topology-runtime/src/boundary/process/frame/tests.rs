use super::*;

fn attempt(state: &str) -> Attempt {
    Attempt {
        line: 7,
        epoch: 2,
        step: 3,
        number: 1,
        trace: TraceContext::root().with_state(TraceState::parse(state).unwrap()),
        expires: Time(250),
        deadline: Time::NEVER,
    }
}

const WHICH: Which = Which {
    line: 1,
    epoch: u32::MAX,
    index: 9,
};

const ENDED: Ended = Ended {
    which: WHICH,
    began: Time(1),
    took: u64::MAX,
};

fn frames() -> Vec<Frame<'static>> {
    let refused = Refused {
        may_retry: true,
        texts: vec!["it is busy", "", "too many connections"],
    };
    vec![
        Frame::Attempt(attempt(""), b"message"),
        Frame::Attempt(attempt("vendor=value,other=1"), b""),
        Frame::GiveUp(WHICH),
        Frame::End,
        Frame::Ready,
        Frame::Ended(ENDED, Outcome::Done(&[0, 255])),
        Frame::Ended(ENDED, Outcome::Failed(refused)),
        Frame::Ended(ENDED, Outcome::Panicked("öh")),
        Frame::Ended(ENDED, Outcome::GivenUp),
        Frame::Stopped(3, 4),
    ]
}

#[test]
fn what_is_written_is_read_one_after_the_other() {
    let frames = frames();
    let mut bytes = Vec::new();
    for frame in &frames {
        frame.write(&mut bytes).unwrap();
    }
    let mut rest = &bytes[..];
    for frame in &frames {
        let (read, length) = Frame::read(rest).unwrap().unwrap();
        assert_eq!(&read, frame);
        rest = &rest[length..];
    }
    assert!(rest.is_empty());
}

#[test]
fn a_frame_that_has_not_come_whole_is_waited_for() {
    for frame in frames() {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(Frame::read(&bytes[..length]), Ok(None), "{frame:?}");
        }
    }
}

#[test]
fn a_frame_that_is_cut_or_goes_on_is_malformed() {
    for frame in frames() {
        let mut bytes = Vec::new();
        frame.write(&mut bytes).unwrap();
        let kind = bytes[LENGTH];
        // What is free at its end may be of any length.
        let is_free = matches!(
            frame,
            Frame::Attempt(..)
                | Frame::Ended(
                    _,
                    Outcome::Done(_) | Outcome::Failed(_) | Outcome::Panicked(_)
                )
        );
        for cut in 1..bytes.len() - LENGTH {
            let length = bytes.len() - LENGTH - cut;
            let mut shorter = u32::try_from(length).unwrap().to_le_bytes().to_vec();
            shorter.extend_from_slice(&bytes[LENGTH..LENGTH + length]);
            let read = Frame::read(&shorter);
            assert!(
                is_free || read == Err(Malformed::Body(kind)),
                "{frame:?} {read:?}"
            );
        }
        if !is_free {
            let length = u32::try_from(bytes.len() - LENGTH + 1).unwrap();
            bytes[..LENGTH].copy_from_slice(&length.to_le_bytes());
            bytes.push(0);
            assert_eq!(Frame::read(&bytes), Err(Malformed::Body(kind)));
        }
    }
}

#[test]
fn neither_end_believes_a_length_that_is_too_long() {
    let length = LONGEST + 1;
    let bytes = u32::try_from(length).unwrap().to_le_bytes();
    assert_eq!(Frame::read(&bytes), Err(Malformed::TooLong(length)));
    let body = vec![0; LONGEST];
    let mut written = vec![1, 2, 3];
    let frame = Frame::Ended(ENDED, Outcome::Done(&body));
    assert!(matches!(
        frame.write(&mut written),
        Err(Malformed::TooLong(_))
    ));
    assert_eq!(written, [1, 2, 3]);
}

#[test]
fn any_bytes_are_read_or_refused() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..100_000 {
        let length = random.usize(..120);
        let mut bytes = vec![0; length + LENGTH];
        random.fill(&mut bytes);
        bytes[..LENGTH].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        if length > 0 {
            bytes[LENGTH] %= STOPPED + 2;
        }
        if let Ok(Some((frame, read))) = Frame::read(&bytes) {
            assert_eq!(read, bytes.len());
            let mut written = Vec::new();
            frame.write(&mut written).unwrap();
            let begin = Frame::begin(&written).unwrap().unwrap();
            assert_eq!(begin.frames, written);
            let again = Frame::read(&written).unwrap().unwrap().0;
            assert_eq!(again, frame);
            let done = Frame::read_done(&written);
            let done = done.map(|(ended, output, _)| Frame::Ended(ended, Outcome::Done(output)));
            let is_done = matches!(frame, Frame::Ended(_, Outcome::Done(_)));
            assert_eq!(done, is_done.then_some(frame));
        }
    }
}

#[test]
fn frames_of_one_line_come_together() {
    let of = |line| Frame::Stopped(line, 0);
    let told = [of(1), of(1), Frame::Ready, Frame::Ready, of(1), of(2)];
    let mut bytes = Vec::new();
    for frame in &told {
        frame.write(&mut bytes).unwrap();
    }
    let whole = bytes.len();
    // Not all of it is there.
    Frame::Attempt(attempt(""), b"").write(&mut bytes).unwrap();
    bytes.pop();
    let mut runs = Runs::of(&bytes);
    let mut lines = Vec::new();
    while let Some(run) = runs.next().unwrap() {
        lines.push((run.line, run.frames.len()));
        assert!(!run.are_attempts);
    }
    let (one, ready) = (LENGTH + 9, LENGTH + 1);
    let expected = [
        (Some(1), 2 * one),
        (None, ready),
        (None, ready),
        (Some(1), one),
        (Some(2), one),
    ];
    assert_eq!(lines, expected);
    assert_eq!(runs.read, whole);
}
