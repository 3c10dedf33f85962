//! actix: an actor for each task, sent to without waiting for room.

use std::cell::{Cell, RefCell};

use actix::{Actor, Addr, Arbiter, ArbiterHandle, Context, Handler, Message, System};
use futures_util::FutureExt;

use super::{Kit, To};
use crate::measure::{Flavour, Runtimes};
use crate::work::{Node, Parcel};

pub(crate) struct Actix;

pub(crate) struct Stage<const N: usize>(Node<N, Actix>);

pub(crate) struct Letter<const N: usize>(Parcel<N>);

thread_local! {
    /// The threads that actors are put on, in turn; none means this one.
    static ARBITERS: RefCell<Vec<ArbiterHandle>> = const { RefCell::new(Vec::new()) };
    static TURN: Cell<usize> = const { Cell::new(0) };
}

impl<const N: usize> Message for Letter<N> {
    type Result = ();
}

impl<const N: usize> Actor for Stage<N> {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        // No limit: `do_send` takes no notice of one.
        context.set_mailbox_capacity(0);
    }
}

impl<const N: usize> Handler<Letter<N>> for Stage<N> {
    type Result = ();

    fn handle(&mut self, letter: Letter<N>, _: &mut Self::Context) {
        let taken = self.0.take(letter.0).now_or_never();
        taken.expect("`do_send` does not wait");
    }
}

impl Kit for Actix {
    type Letter<const N: usize> = Parcel<N>;
    type To<const N: usize> = Addr<Stage<N>>;
    const IS_UNBOUNDED: bool = true;

    async fn open<const N: usize>(node: Node<N, Self>, _capacity: usize) -> Self::To<N> {
        Self::place(|| Stage(node))
    }

    fn shared<const N: usize>(to: &Self::To<N>) -> Option<Self::To<N>> {
        Some(to.clone())
    }

    /// actix has a runtime of its own for each thread. Its two workers are
    /// two of them, and a third for whoever sends.
    fn block_on<F: Future>(_: &Runtimes, flavour: Flavour, future: F) -> F::Output {
        let system = System::new();
        system.block_on(async {
            let arbiters = match flavour {
                Flavour::Current => Vec::new(),
                Flavour::Two => vec![Arbiter::new(), Arbiter::new()],
            };
            ARBITERS.set(arbiters.iter().map(Arbiter::handle).collect());
            let output = future.await;
            ARBITERS.take();
            for arbiter in arbiters {
                arbiter.stop();
                let _ = arbiter.join();
            }
            output
        })
    }
}

impl Actix {
    /// Starts an actor, on one thread or another.
    pub(crate) fn place<A>(make: impl FnOnce() -> A + Send + 'static) -> Addr<A>
    where
        A: Actor<Context = Context<A>>,
    {
        let turn = TURN.replace(TURN.get().wrapping_add(1));
        let arbiter = ARBITERS.with_borrow(|arbiters| {
            let turn = turn.checked_rem(arbiters.len())?;
            arbiters.get(turn).cloned()
        });
        match arbiter {
            Some(arbiter) => A::start_in_arbiter(&arbiter, |_| make()),
            None => make().start(),
        }
    }
}

impl<const N: usize> To<Parcel<N>> for Addr<Stage<N>> {
    async fn put(&mut self, parcel: Parcel<N>) {
        self.do_send(Letter(parcel));
    }
}
