//! A workload on a kit.

use super::{Case, Done, Node, Workload};
use crate::kits::{Kit, Letter, To};
use crate::measure::{Cost, Stopwatch};

/// Wires the workload, sends all messages through, and says what each cost;
/// nothing where the kit cannot.
pub(crate) async fn run<const N: usize, K: Kit>(case: Case) -> Option<Cost> {
    let producers = case.workload.producers();
    let share = case.messages / producers as u64;
    let messages = share * producers as u64;
    let done = Done::after(messages);
    let heads = wire::<N, K>(case.workload, case.capacity, &done).await?;
    let watch = Stopwatch::start();
    for head in heads {
        tokio::spawn(feed::<N, K>(head, share, case.capacity));
    }
    done.wait().await;
    Some(watch.stop(messages))
}

/// What the producers put messages to, one for each.
pub(crate) async fn wire<const N: usize, K: Kit>(
    workload: Workload,
    capacity: usize,
    done: &Done,
) -> Option<Vec<K::To<N>>> {
    let sink = || K::open(Node::Sink(done.clone()), capacity);
    let heads = match workload {
        Workload::Pipeline { stages } => {
            let mut next = sink().await;
            for _ in 2..stages {
                next = K::open(Node::Forward(next), capacity).await;
            }
            vec![next]
        }
        Workload::ForkJoin => {
            let join = K::open(Node::join(done.clone()), capacity).await;
            let right = K::open(Node::Forward(K::shared(&join)?), capacity).await;
            let left = K::open(Node::Forward(join), capacity).await;
            vec![K::open(Node::Fork([left, right]), capacity).await]
        }
        Workload::Merge { producers } => {
            let sink = sink().await;
            let shared = (0..producers).map(|_| K::shared(&sink));
            shared.collect::<Option<_>>()?
        }
        Workload::Route => {
            let arms = [sink().await, sink().await, sink().await, sink().await];
            vec![K::open(Node::Route(arms), capacity).await]
        }
        Workload::Meet => {
            let sink = sink().await;
            let arm = async || Some(K::open(Node::Forward(K::shared(&sink)?), capacity).await);
            let arms = [arm().await?, arm().await?, arm().await?, arm().await?];
            vec![K::open(Node::Route(arms), capacity).await]
        }
        Workload::Called { .. } => return None,
    };
    Some(heads)
}

async fn feed<const N: usize, K: Kit>(mut head: K::To<N>, messages: u64, capacity: usize) {
    if K::IS_BATCHED {
        let mut letters = Vec::new();
        let mut number = 0;
        while number < messages {
            let end = messages.min(number + capacity as u64 / 2);
            letters.extend((number..end).map(K::Letter::<N>::new));
            head.put_all(&mut letters).await;
            number = end;
        }
        return;
    }
    for number in 0..messages {
        head.put(K::Letter::<N>::new(number)).await;
        // Nothing else holds back who sends to an unbounded queue.
        if K::IS_UNBOUNDED && number % capacity as u64 == 0 {
            tokio::task::yield_now().await;
        }
    }
}
