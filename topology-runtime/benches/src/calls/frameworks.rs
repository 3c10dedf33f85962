//! The same by actors and services that answer.

use std::future::{Ready, ready};
use std::task::{Context, Poll};

use futures_util::TryFutureExt;
use kameo::actor::Spawn;
use ractor::RpcReplyPort;
use tower::buffer::Buffer;
use tower::{BoxError, Service, ServiceExt};

use super::Load;
use super::asked::{Asked, ask};
use crate::kits::{Actix, Kit};
use crate::measure::{Cost, Runtimes};
use crate::work::Parcel;

const CAPACITY: usize = 64;

type Question = Parcel<1>;

#[derive(kameo::Actor)]
struct KameoStep;

impl kameo::message::Message<Question> for KameoStep {
    type Reply = u64;

    async fn handle(
        &mut self,
        parcel: Question,
        _: &mut kameo::message::Context<Self, u64>,
    ) -> u64 {
        parcel.worked().number()
    }
}

pub(super) fn kameo(runtimes: &Runtimes, load: Load) -> Cost {
    runtimes.block_on(load.flavour, async {
        let mailbox = kameo::mailbox::bounded(CAPACITY);
        ask(KameoStep::spawn_with_mailbox(KameoStep, mailbox), load).await
    })
}

impl Asked for kameo::actor::ActorRef<KameoStep> {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        kameo::actor::ActorRef::ask(self, Parcel::new(number))
            .await
            .ok()
    }
}

struct RactorStep;

struct RactorQuestion(Question, RpcReplyPort<u64>);

impl ractor::Actor for RactorStep {
    type Msg = RactorQuestion;
    type State = ();
    type Arguments = ();

    async fn pre_start(
        &self,
        _: ractor::ActorRef<RactorQuestion>,
        (): (),
    ) -> Result<(), ractor::ActorProcessingErr> {
        Ok(())
    }

    async fn handle(
        &self,
        _: ractor::ActorRef<RactorQuestion>,
        RactorQuestion(parcel, answer): RactorQuestion,
        (): &mut (),
    ) -> Result<(), ractor::ActorProcessingErr> {
        let _ = answer.send(parcel.worked().number());
        Ok(())
    }
}

pub(super) fn ractor(runtimes: &Runtimes, load: Load) -> Cost {
    runtimes.block_on(load.flavour, async {
        let spawned = ractor::Actor::spawn(None, RactorStep, ()).await;
        let (actor, _) = spawned.expect("nothing can fail at its start");
        let cost = ask(actor.clone(), load).await;
        actor.stop(None);
        cost
    })
}

impl Asked for ractor::ActorRef<RactorQuestion> {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        let question = |answer| RactorQuestion(Parcel::new(number), answer);
        match self.call(question, None).await {
            Ok(ractor::rpc::CallResult::Success(number)) => Some(number),
            _ => None,
        }
    }
}

struct ActixStep;

struct ActixQuestion(Question);

impl actix::Message for ActixQuestion {
    type Result = u64;
}

impl actix::Actor for ActixStep {
    type Context = actix::Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.set_mailbox_capacity(CAPACITY);
    }
}

impl actix::Handler<ActixQuestion> for ActixStep {
    type Result = u64;

    fn handle(&mut self, question: ActixQuestion, _: &mut Self::Context) -> u64 {
        question.0.worked().number()
    }
}

pub(super) fn actix(runtimes: &Runtimes, load: Load) -> Cost {
    Actix::block_on(runtimes, load.flavour, async {
        ask(Actix::place(|| ActixStep), load).await
    })
}

impl Asked for actix::Addr<ActixStep> {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        self.send(ActixQuestion(Parcel::new(number))).await.ok()
    }
}

#[derive(Clone)]
struct TowerStep;

impl Service<Question> for TowerStep {
    type Response = u64;
    type Error = BoxError;
    type Future = Ready<Result<u64, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, parcel: Question) -> Self::Future {
        ready(Ok(parcel.worked().number()))
    }
}

pub(super) fn tower(runtimes: &Runtimes, load: Load) -> Cost {
    runtimes.block_on(load.flavour, async {
        ask(Buffer::new(TowerStep, CAPACITY), load).await
    })
}

type Buffered = Buffer<Question, Ready<Result<u64, BoxError>>>;

impl Asked for Buffered {
    async fn ask(&mut self, number: u64) -> Option<u64> {
        let ready = self.ready();
        let answered = ready.and_then(|service| service.call(Parcel::new(number)));
        answered.await.ok()
    }
}
