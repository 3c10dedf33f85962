//! A thread and channels, without any contract; and a thread for each message.

use std::thread;
use std::time::Instant;

use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};

use super::ROOM;
use crate::measure::{Cost, Stopwatch};
use crate::work::since;

type Parcel = crate::work::Parcel<1>;

/// A thread that works, between two channels of threads.
fn crossbeam() -> (
    crossbeam_channel::Sender<Parcel>,
    crossbeam_channel::Receiver<Parcel>,
) {
    let (sender, coming) = crossbeam_channel::bounded::<Parcel>(ROOM);
    let (going, receiver) = crossbeam_channel::bounded(ROOM);
    thread::spawn(move || {
        for parcel in coming {
            if going.send(parcel.worked()).is_err() {
                return;
            }
        }
    });
    (sender, receiver)
}

pub(super) fn crossbeam_one_by_one(messages: u64) -> Vec<u64> {
    let (sender, receiver) = crossbeam();
    let one = |number| {
        let begun = Instant::now();
        sender.send(Parcel::new(number)).expect("the thread lives");
        drop(receiver.recv().expect("the thread lives").worked());
        since(begun)
    };
    (0..messages).map(one).collect()
}

pub(super) fn crossbeam_stream(messages: u64) -> Cost {
    let (sender, receiver) = crossbeam();
    let watch = Stopwatch::start();
    let sending = thread::spawn(move || {
        for number in 0..messages {
            sender.send(Parcel::new(number)).expect("the thread lives");
        }
    });
    receiver.iter().for_each(|parcel| drop(parcel.worked()));
    sending.join().expect("it sends all");
    watch.stop(messages)
}

/// A thread that works, between two channels of tasks.
fn mpsc() -> (mpsc::Sender<Parcel>, mpsc::Receiver<Parcel>) {
    let (sender, mut coming) = mpsc::channel::<Parcel>(ROOM);
    let (going, receiver) = mpsc::channel(ROOM);
    thread::spawn(move || {
        while let Some(parcel) = coming.blocking_recv() {
            if going.blocking_send(parcel.worked()).is_err() {
                return;
            }
        }
    });
    (sender, receiver)
}

pub(super) async fn mpsc_one_by_one(messages: u64) -> Vec<u64> {
    let (sender, mut receiver) = mpsc();
    let mut times = Vec::new();
    for number in 0..messages {
        let begun = Instant::now();
        let sent = sender.send(Parcel::new(number)).await;
        sent.expect("the thread lives");
        drop(receiver.recv().await.expect("the thread lives").worked());
        times.push(since(begun));
    }
    times
}

pub(super) async fn mpsc_stream(messages: u64) -> Cost {
    let (sender, mut receiver) = mpsc();
    let watch = Stopwatch::start();
    tokio::spawn(async move {
        for number in 0..messages {
            let sent = sender.send(Parcel::new(number)).await;
            sent.expect("the thread lives");
        }
    });
    while let Some(parcel) = receiver.recv().await {
        drop(parcel.worked());
    }
    watch.stop(messages)
}

pub(super) async fn pool_one_by_one(messages: u64) -> Vec<u64> {
    let mut times = Vec::new();
    for number in 0..messages {
        let begun = Instant::now();
        let work = spawn_blocking(move || Parcel::new(number).worked());
        drop(work.await.expect("it does not panic").worked());
        times.push(since(begun));
    }
    times
}

pub(super) async fn pool_stream(messages: u64) -> Cost {
    let watch = Stopwatch::start();
    let mut works = JoinSet::<Parcel>::new();
    for number in 0..messages {
        if works.len() == ROOM
            && let Some(work) = works.join_next().await
        {
            drop(work.expect("it does not panic").worked());
        }
        works.spawn_blocking(move || Parcel::new(number).worked());
    }
    while let Some(work) = works.join_next().await {
        drop(work.expect("it does not panic").worked());
    }
    watch.stop(messages)
}
