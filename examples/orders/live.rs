//! Orders come, more and then fewer, and a page shows what becomes of them.

use std::error::Error;
use std::io;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, timeout};
use topology_runtime::dashboard::{self, Failures};
use topology_runtime::{Handle, Message};

use crate::{Orders, SEED, world};

/// Until Ctrl-C, or for as long as `--for 30s` says.
pub(crate) async fn serve(
    orders: &Handle<Orders>,
    failures: &Failures,
) -> Result<(), Box<dyn Error>> {
    let limit = limit(std::env::args().skip(1))?;
    let dashboard = dashboard::serve(0)
        .topology("orders", orders)
        .failures(failures)
        .await?;
    println!("Look at {}\n", dashboard.url());
    let end = async {
        match limit {
            Some(limit) => Ok(timeout(limit, tokio::signal::ctrl_c())
                .await
                .unwrap_or(Ok(()))?),
            None => tokio::signal::ctrl_c().await,
        }
    };
    tokio::select! {
        () = pour(orders) => {}
        ended = end => ended?,
    }
    dashboard.shutdown().await;
    Ok(())
}

/// Tides of ten seconds; at high tide more come than can be booked.
async fn pour(orders: &Handle<Orders>) {
    let mut raw = world::orders(SEED + 1, u64::MAX);
    let mut often = interval(Duration::from_millis(20));
    often.set_missed_tick_behavior(MissedTickBehavior::Skip);
    for turn in 0_u32.. {
        often.tick().await;
        let tide = 0.5 - 0.5 * (f64::from(turn) / 500.0 * std::f64::consts::TAU).cos();
        let mut many = 1.0 + 22.0 * tide;
        while many >= 1.0 {
            many -= 1.0;
            let Some(raw) = raw.next() else { return };
            let orders = orders.clone();
            tokio::spawn(async move { orders.call(Message::root(raw)).await.ok() });
        }
    }
}

fn limit(mut args: impl Iterator<Item = String>) -> io::Result<Option<Duration>> {
    let Some(arg) = args.next() else {
        return Ok(None);
    };
    let seconds = args.next().filter(|_| arg == "--for").and_then(|text| {
        let seconds = text.strip_suffix('s').unwrap_or(&text);
        seconds.parse().ok()
    });
    let usage = || io::Error::new(io::ErrorKind::InvalidInput, "say `--for 30s`, or nothing");
    Ok(Some(Duration::from_secs(seconds.ok_or_else(usage)?)))
}
