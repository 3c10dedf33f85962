//! tower's `Buffer`: a service behind a channel, and an answer for each
//! request, which whoever sends keeps.

use std::collections::VecDeque;
use std::future::{Ready, poll_fn, ready};
use std::task::{Context, Poll};
use std::time::Instant;

use tower::buffer::Buffer;
use tower::{BoxError, Service, ServiceExt};

use crate::measure::{Cost, Stopwatch};
use crate::work::{Case, Done, Parcel, Workload, since};

/// Works on a message and asks the next service.
struct Stage<S>(S);

impl<const N: usize, S> Service<Parcel<N>> for Stage<S>
where
    S: Service<Parcel<N>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, parcel: Parcel<N>) -> S::Future {
        self.0.call(parcel.worked())
    }
}

/// The last one.
struct Last(Done);

impl<const N: usize> Service<Parcel<N>> for Last {
    type Response = ();
    type Error = BoxError;
    type Future = Ready<Result<(), BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, parcel: Parcel<N>) -> Self::Future {
        drop(parcel.worked());
        self.0.arrived();
        ready(Ok(()))
    }
}

/// A pipeline or a merge; nothing else can be built of it alone.
pub(crate) async fn buffer<const N: usize>(case: Case) -> Option<Cost> {
    let (messages, capacity) = (case.messages, case.capacity);
    let done = Done::after(messages);
    let last = Buffer::new(Last(done.clone()), capacity);
    let cost = match case.workload {
        Workload::THREE => feed::<N, _>(Buffer::new(Stage(last), capacity), case, &done).await,
        Workload::NINE => {
            let eighth = Buffer::new(Stage(last), capacity);
            let seventh = Buffer::new(Stage(eighth), capacity);
            let sixth = Buffer::new(Stage(seventh), capacity);
            let fifth = Buffer::new(Stage(sixth), capacity);
            let fourth = Buffer::new(Stage(fifth), capacity);
            let third = Buffer::new(Stage(fourth), capacity);
            let second = Buffer::new(Stage(third), capacity);
            feed::<N, _>(second, case, &done).await
        }
        Workload::Merge { .. } => feed::<N, _>(last, case, &done).await,
        _ => return None,
    };
    Some(cost)
}

async fn feed<const N: usize, S>(head: S, case: Case, done: &Done) -> Cost
where
    S: Service<Parcel<N>, Response = (), Future: Send, Error: Send> + Clone + Send + 'static,
{
    let producers = case.workload.producers();
    let share = case.messages / producers as u64;
    done.expect(share * producers as u64);
    let watch = Stopwatch::start();
    for _ in 0..producers {
        let mut head = head.clone();
        tokio::spawn(async move {
            let mut answers = VecDeque::with_capacity(case.capacity);
            for number in 0..share {
                if answers.len() == case.capacity
                    && let Some(answer) = answers.pop_front()
                {
                    let _ = answer.await;
                }
                if poll_fn(|context| head.poll_ready(context)).await.is_err() {
                    return;
                }
                answers.push_back(head.call(Parcel::new(number)));
            }
            for answer in answers {
                let _ = answer.await;
            }
        });
    }
    done.wait().await;
    watch.stop(share * producers as u64)
}

/// One message on its way at a time: nanoseconds for each.
pub(crate) async fn buffer_latency<const N: usize>(messages: u64) -> Option<Vec<u64>> {
    let last = Buffer::new(Last(Done::default()), 64);
    let mut head = Buffer::new(Stage(last), 64);
    let feeding = tokio::spawn(async move {
        let mut times = Vec::new();
        for number in 0..messages {
            let begun = Instant::now();
            let ready: Result<&mut _, BoxError> = head.ready().await;
            let Ok(service) = ready else { break };
            let _: Result<(), BoxError> = service.call(Parcel::<N>::new(number)).await;
            times.push(since(begun));
        }
        times
    });
    feeding.await.ok()
}
