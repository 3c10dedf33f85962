//! The steps, and what they hand on.

use std::num::ParseIntError;
use std::time::Duration;

use tokio::time::sleep;
use topology_runtime::{StepContext, workflow_step};

use crate::world::{Books, Busy, Mail, RawOrder, Screening};

#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) reference: String,
    pub(crate) cents: u64,
}

/// What the screening says of an order.
pub(crate) enum Verdict {
    Clear(Order),
    Suspect(Order),
    /// The same order came before.
    Duplicate,
}

/// An order that will be paid, and who decided it.
pub(crate) struct Decided {
    order: Order,
    by: Clerk,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Clerk {
    Machine,
    Person,
}

/// What is written into the books and told to the customer.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) reference: String,
    pub(crate) cents: u64,
    by: Clerk,
}

pub(crate) struct Booked {
    entry: Entry,
    balance: u64,
}

/// A notice that went out.
pub(crate) struct Notice;

pub(crate) struct Receipt {
    pub(crate) cents: u64,
    pub(crate) by: Clerk,
    /// What the books come to with this order.
    pub(crate) balance: u64,
    pub(crate) was_announced: bool,
}

/// Reads `reference;cents`.
#[workflow_step]
pub(crate) fn parse(raw: RawOrder) -> Result<Order, ParseIntError> {
    let (reference, cents) = raw.0.split_once(';').unwrap_or((&raw.0, ""));
    Ok(Order {
        reference: reference.to_owned(),
        cents: cents.parse()?,
    })
}

/// Asks a service that is busy now and then, and sometimes never answers.
#[workflow_step(timeout = 50ms, idempotent, retry(attempts = 3, backoff = 5ms..40ms))]
pub(crate) async fn screen(
    order: Order,
    service: &Screening,
    context: &StepContext,
) -> Result<Verdict, Busy> {
    service.ask(order, context.attempt()).await
}

#[workflow_step(timeout = 100ms)]
pub(crate) async fn settle(order: Order) -> Decided {
    sleep(Duration::from_millis(1)).await;
    Decided {
        order,
        by: Clerk::Machine,
    }
}

/// Somebody looks at it.
#[workflow_step(timeout = 1s)]
pub(crate) async fn review(order: Order) -> Decided {
    sleep(Duration::from_millis(10)).await;
    Decided {
        order,
        by: Clerk::Person,
    }
}

/// The entry, with a fee for looking.
#[workflow_step]
pub(crate) fn record(decided: Decided) -> Entry {
    let Decided { order, by } = decided;
    let fee = if by == Clerk::Person { 250 } else { 0 };
    Entry {
        reference: order.reference,
        cents: order.cents + fee,
        by,
    }
}

/// Writes it down.
#[workflow_step(timeout = 1s, blocking)]
pub(crate) fn ledger(entry: Entry, books: &Books) -> Booked {
    let balance = books.add(entry.cents);
    Booked { entry, balance }
}

/// Tells the customer. An order whose notice is lost is settled all the same.
#[workflow_step(timeout = 100ms)]
pub(crate) async fn notify(entry: Entry, mail: &Mail) -> Result<Notice, Busy> {
    mail.send(&entry.reference).await
}

/// Runs once the order is booked and its notice is out, or was skipped.
#[workflow_step]
pub(crate) fn summarise(booked: Booked, notice: Option<Notice>) -> Receipt {
    let Booked { entry, balance } = booked;
    Receipt {
        cents: entry.cents,
        by: entry.by,
        balance,
        was_announced: notice.is_some(),
    }
}
