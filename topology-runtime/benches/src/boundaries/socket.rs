//! Frames of a length and 8 bytes over a Unix socket, to a process that sends them
//! back.

use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Child, Command};
use std::thread;
use std::time::Instant;

use crate::measure::{Cost, Stopwatch};
use crate::work::since;

type Parcel = crate::work::Parcel<1>;

/// Where a process finds the socket.
const VARIABLE: &str = "TOPOLOGY_BENCHES_ECHO";

/// How much is written and read at once.
const ROOM: usize = 32 << 10;

const FRAME: usize = 12;

/// Sends back what comes, if this process was started for that.
pub(super) fn run_if_child() {
    let Some(path) = std::env::var_os(VARIABLE) else {
        return;
    };
    let mut stream = UnixStream::connect(path).expect("the socket is there");
    let mut bytes = vec![0; ROOM];
    let mut filled = 0;
    while let Ok(read @ 1..) = stream.read(&mut bytes[filled..]) {
        filled += read;
        let whole = filled / FRAME * FRAME;
        for frame in bytes[..whole].chunks_exact_mut(FRAME) {
            let number = u64::from_le_bytes(word(&frame[4..]));
            let parcel = Parcel::new(number).worked();
            frame[4..].copy_from_slice(&parcel.number().to_le_bytes());
        }
        stream.write_all(&bytes[..whole]).expect("the parent lives");
        bytes.copy_within(whole..filled, 0);
        filled -= whole;
    }
    std::process::exit(0);
}

fn word(bytes: &[u8]) -> [u8; 8] {
    bytes.try_into().expect("8 bytes")
}

fn frame(number: u64) -> [u8; FRAME] {
    let mut frame = [0; FRAME];
    frame[0] = 8;
    frame[4..].copy_from_slice(&number.to_le_bytes());
    frame
}

fn start() -> (UnixStream, Child) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("socket");
    let listener = UnixListener::bind(&path).expect("a socket");
    let executable = std::env::current_exe().expect("this executable");
    let child = Command::new(executable).env(VARIABLE, &path).spawn();
    let child = child.expect("another process");
    (listener.accept().expect("it connects").0, child)
}

pub(super) fn one_by_one(messages: u64) -> Vec<u64> {
    let (mut stream, mut child) = start();
    let one = |number| {
        let begun = Instant::now();
        stream.write_all(&frame(number)).expect("it lives");
        let mut back = [0; FRAME];
        stream.read_exact(&mut back).expect("it lives");
        since(begun)
    };
    let times = (0..messages).map(one).collect();
    drop(stream);
    child.wait().expect("it ends");
    times
}

/// As many as there is room for in buffers.
pub(super) fn stream(messages: u64) -> Cost {
    let (stream, mut child) = start();
    let watch = Stopwatch::start();
    let writing = stream.try_clone().expect("another end");
    let sending = thread::spawn(move || {
        let mut writer = BufWriter::with_capacity(ROOM, writing);
        for number in 0..messages {
            writer.write_all(&frame(number)).expect("it lives");
        }
        writer.flush().expect("it lives");
    });
    let mut reader = BufReader::with_capacity(ROOM, &stream);
    let mut back = [0; FRAME];
    for _ in 0..messages {
        reader.read_exact(&mut back).expect("it lives");
    }
    sending.join().expect("it sends all");
    let cost = watch.stop(messages);
    drop(stream);
    child.wait().expect("it ends");
    cost
}

/// As many as may wait on an edge: each that comes back lets another one go, which is
/// written together with others.
pub(super) fn stream_of(room: u64, messages: u64) -> Cost {
    let (mut stream, mut child) = start();
    let watch = Stopwatch::start();
    let (mut sent, mut back) = (0, 0);
    let mut bytes = vec![0; ROOM];
    let mut filled = 0;
    while back < messages {
        let mut frames = Vec::new();
        while sent < messages.min(back + room) {
            frames.extend_from_slice(&frame(sent));
            sent += 1;
        }
        stream.write_all(&frames).expect("it lives");
        filled += stream.read(&mut bytes[filled..]).expect("it lives");
        let whole = filled / FRAME;
        back += whole as u64;
        bytes.copy_within(whole * FRAME..filled, 0);
        filled -= whole * FRAME;
    }
    let cost = watch.stop(messages);
    drop(stream);
    child.wait().expect("it ends");
    cost
}
