use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use super::{BoundarySpec, Threads};

const SPEC: BoundarySpec = BoundarySpec::thread("pool").threads(3);

#[tokio::test]
async fn whoever_waits_for_the_end_leaves_no_thread_and_no_task() {
    let threads = Threads::start(&SPEC, false);
    let pool = Arc::downgrade(&threads.pool);
    let dropped = Arc::new(AtomicUsize::new(0));
    for _ in 0..5 {
        let held = Arc::clone(&dropped);
        drop(threads.run(Box::pin(async move {
            std::future::pending::<()>().await;
            drop(held);
        })));
    }
    threads.run(Box::pin(async {})).await;
    assert_eq!(Arc::strong_count(&dropped), 6);
    threads.end().await;
    assert_eq!(Arc::strong_count(&dropped), 1);
    assert_eq!(pool.strong_count(), 0);
}

#[tokio::test]
async fn whoever_lets_go_of_them_lets_their_tasks_go() {
    let threads = Threads::start(&SPEC, false);
    let (held, mut gone) = mpsc::channel::<()>(1);
    drop(threads.run(Box::pin(async move {
        std::future::pending::<()>().await;
        drop(held);
    })));
    drop(threads);
    assert_eq!(gone.recv().await, None);
}

#[tokio::test]
async fn nothing_begins_once_it_is_closed() {
    let threads = Threads::start(&SPEC, false);
    threads.close();
    let ran = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ran);
    let work = threads.run(Box::pin(async move {
        counted.fetch_add(1, Ordering::SeqCst);
    }));
    work.await;
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    threads.end().await;
}

#[tokio::test]
async fn a_panic_comes_back_and_leaves_the_threads() {
    let threads = Threads::start(&SPEC, false);
    for _ in 0..10 {
        let work = threads.run(Box::pin(async { std::panic::panic_any(7_u8) }));
        let caught = tokio::spawn(work).await.expect_err("it panics");
        let payload = caught.into_panic();
        assert_eq!(payload.downcast_ref::<u8>(), Some(&7));
    }
    threads.run(Box::pin(async {})).await;
    threads.end().await;
}

/// Tasks that wake one another all the time, on all threads: a wake-up that was
/// lost would leave them asleep.
#[tokio::test]
async fn no_wake_up_is_lost() {
    const ROUNDS: usize = 2_000;
    let threads = Threads::start(&SPEC, false);
    let mut works = Vec::new();
    let (first, mut last) = mpsc::channel(1);
    for _ in 0..8 {
        let (sender, receiver) = mpsc::channel(1);
        let mut incoming = std::mem::replace(&mut last, receiver);
        works.push(threads.run(Box::pin(async move {
            while let Some(number) = incoming.recv().await {
                if sender.send(number).await.is_err() {
                    break;
                }
            }
        })));
    }
    let feeding = threads.run(Box::pin(async move {
        for number in 0..ROUNDS {
            first.send(number).await.expect("somebody listens");
        }
    }));
    for number in 0..ROUNDS {
        assert_eq!(last.recv().await, Some(number));
    }
    feeding.await;
    for work in works {
        work.await;
    }
    threads.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_paused_clock_stands_still_while_a_thread_is_at_work() {
    let threads = Threads::start(&SPEC, true);
    let began = Instant::now();
    let (go, gone) = std::sync::mpsc::channel::<()>();
    let work = threads.run(Box::pin(async move {
        // Holds its thread until the runtime has nothing to do but to wait.
        let _ = gone.recv();
        sleep(Duration::from_millis(5)).await;
    }));
    tokio::spawn(async move {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        drop(go);
    });
    let late = tokio::spawn(async move {
        sleep(Duration::from_millis(3)).await;
        began.elapsed()
    });
    work.await;
    assert_eq!(began.elapsed(), Duration::from_millis(5));
    assert_eq!(late.await.expect("it ends"), Duration::from_millis(3));
    threads.end().await;
}

/// All of them run at once, each on a thread of its own.
#[cfg(all(feature = "affinity", target_os = "linux"))]
#[tokio::test]
async fn threads_take_the_cores_in_turn() {
    use std::sync::{Barrier, Mutex};

    use rustix::thread::sched_getaffinity;

    use super::Cores;

    const PINNED: BoundarySpec = BoundarySpec::thread("pinned")
        .threads(3)
        .cores(Cores::list(&[1, 0]));
    let before = sched_getaffinity(None).expect("the system says where this may run");
    let threads = Threads::start(&PINNED, false);
    let (together, sets) = (Arc::new(Barrier::new(3)), Arc::<Mutex<Vec<_>>>::default());
    let mut works = Vec::new();
    for _ in 0..3 {
        let (together, sets) = (Arc::clone(&together), Arc::clone(&sets));
        works.push(threads.run(Box::pin(async move {
            together.wait();
            let set = sched_getaffinity(None).expect("it says where this may run");
            sets.lock().expect("no panic").push(set);
        })));
    }
    for work in works {
        work.await;
    }
    threads.end().await;
    let sets = sets.lock().expect("no panic");
    for (core, times) in [(1, 2), (0, 1)] {
        if before.is_set(core) {
            let there = sets
                .iter()
                .filter(|set| set.is_set(core) && set.count() == 1);
            assert_eq!(there.count(), times, "{sets:?}");
        }
    }
    assert_eq!(sched_getaffinity(None).expect("it says so"), before);
}
