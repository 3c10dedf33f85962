//! What is held by what does nothing, and by messages that wait.

mod counted;
pub(crate) mod instances;
mod queued;

use std::future::Future;

use self::instances::Life;
use crate::growth::chains::{Calls3, Calls8, Chain1, Chain10, Chain100};
use crate::measure::{Flavour, Runtimes};
use crate::table::{Table, number, ratio};

/// All on one thread, where everything that can happen has happened once the
/// others have had their turns.
pub(crate) fn tables(runtimes: &Runtimes) {
    counted::count();
    print!("{}", on_current(runtimes, pieces()));
    print!("{}", on_current(runtimes, thousand()));
}

fn on_current<F: Future>(runtimes: &Runtimes, future: F) -> F::Output {
    runtimes.block_on(Flavour::Current, future)
}

async fn pieces() -> Table {
    let columns = ["bytes", "topology", "bare tokio mpsc", "ratio"];
    let mut table = Table::new("memory, 8 B, capacity 64", columns);
    let mut row = |name: &str, ours: f64, bare: f64| {
        let cells = [number(ours), number(bare), ratio(ours, bare)];
        table.row(std::iter::once(name.to_owned()).chain(cells));
    };
    // What runs once in a process is behind it after these.
    let _ = (
        instances::ours(1, Chain1::start).await,
        instances::bare(1, 1).await,
    );

    let (one, ten) = (
        instances::ours(10, Chain1::start),
        instances::ours(10, Chain10::start),
    );
    let hundred = instances::ours(10, Chain100::start);
    let (one, ten, hundred) = (one.await, ten.await, hundred.await);
    let (bare_one, bare_ten) = (instances::bare(10, 1).await, instances::bare(10, 10).await);
    let bare_hundred = instances::bare(10, 100).await;
    let called = {
        let (three, eight) = (
            instances::ours(10, Calls3::start),
            instances::ours(10, Calls8::start),
        );
        each(three.await, eight.await, 5.0)
    };
    let step = each(ten, hundred, 90.0);
    row("a topology of one step, idle", one.bytes, bare_one.bytes);
    row("a topology of 10 steps, idle", ten.bytes, bare_ten.bytes);
    row(
        "each more `->` step: its task, its edge, its numbers",
        step,
        each(bare_ten, bare_hundred, 90.0),
    );
    row(
        "each more `>>` step: its part of a task, its numbers",
        called,
        f64::NAN,
    );
    row("so an idle edge and its task", step - called, f64::NAN);

    let (ours, bare) = (queued::ours().await, queued::bare());
    row("a queued message of 8 B", ours[0], bare[0]);
    row("a queued message of 256 B", ours[1], bare[1]);
    table
}

/// What each of so many more has.
fn each(less: Life, more: Life, steps: f64) -> f64 {
    (more.bytes - less.bytes) / steps
}

async fn thousand() -> Table {
    let columns = ["of each", "topology", "bare tokio mpsc", "ratio"];
    let mut table = Table::new("1,000 topologies of 10 steps, one thread", columns);
    let (ours, bare) = (
        instances::ours(1000, Chain10::start).await,
        instances::bare(1000, 10).await,
    );
    let mut row = |name: &str, ours: f64, bare: f64| {
        let cells = [number(ours), number(bare), ratio(ours, bare)];
        table.row(std::iter::once(name.to_owned()).chain(cells));
    };
    row("bytes", ours.bytes, bare.bytes);
    row("us to start", ours.start, bare.start);
    row("us to drain", ours.drain, bare.drain);
    table
}

/// Lets all others go on until there is nothing left for them to do: a turn of
/// ours comes after at most 61 of theirs.
async fn settle() {
    for _ in 0..64 + alive() / 16 {
        tokio::task::yield_now().await;
    }
}

/// Waits until there are no more tasks than that.
async fn ended(tasks: usize) {
    while alive() > tasks {
        tokio::task::yield_now().await;
    }
}

fn alive() -> usize {
    tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks()
}

#[allow(clippy::cast_precision_loss, reason = "far below 2^52 bytes")]
fn bytes(bytes: i64) -> f64 {
    bytes as f64
}
