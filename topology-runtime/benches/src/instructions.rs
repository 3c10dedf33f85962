//! Instructions, counted by callgrind: the figure that is the same every time.

use std::process::Command;
use std::{env, io};

use crate::contenders::{self, BARE, HAND, HAND_SILENT, SAMPLED, SILENT, SOME, UNSAMPLED};
use crate::measure::{Flavour, Runtimes, listening};
use crate::settings::Settings;
use crate::table::{Table, number, ratio};
use crate::work::{Case, Size, Workload};

/// Before the name of a contender, its stages, and its messages: runs that and
/// nothing else.
pub(crate) const FIXED: &str = "--fixed";

const COUNTED: [&str; 7] = [BARE, HAND_SILENT, HAND, SILENT, UNSAMPLED, SOME, SAMPLED];

/// What runs below callgrind. Nothing is said of what cannot be read: nobody
/// types it.
pub(crate) fn run_fixed(mut arguments: impl Iterator<Item = String>) -> Option<()> {
    let name = arguments.next()?;
    let stages = arguments.next()?.parse().ok()?;
    let messages = arguments.next()?.parse().ok()?;
    let contender = contenders::only(&[&name]).into_iter().next()?;
    let case = Case {
        workload: Workload::Pipeline { stages },
        flavour: Flavour::Current,
        capacity: 64,
        size: Size::Small,
        messages,
    };
    listening::listen(contender.is_listened_to);
    (contender.run)(&Runtimes::new(), case).map(drop)
}

pub(crate) fn table(settings: Settings) -> io::Result<Table> {
    let title = "instructions, one thread, 8 B, capacity 64";
    let columns = [
        "counted",
        "a message, 3 stages",
        "x bare",
        "a hop",
        "x bare",
    ];
    let mut table = Table::new(title, columns);
    let mut bare = None;
    for name in COUNTED {
        let (three, five) = (message(name, 3, settings)?, message(name, 5, settings)?);
        let hop = (five - three) / 2.0;
        let (bare_message, bare_hop) = *bare.get_or_insert((three, hop));
        table.row([
            name.to_owned(),
            number(three),
            ratio(three, bare_message),
            number(hop),
            ratio(hop, bare_hop),
        ]);
    }
    Ok(table)
}

/// Of each message: what twice as many need more.
fn message(name: &str, stages: usize, settings: Settings) -> io::Result<f64> {
    let messages = settings.messages / 10;
    let once = count(name, stages, messages)?;
    let twice = count(name, stages, 2 * messages)?;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52 of both")]
    Ok((twice as f64 - once as f64) / messages as f64)
}

fn count(name: &str, stages: usize, messages: u64) -> io::Result<u64> {
    let program = env::current_exe()?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args([FIXED, name, &stages.to_string(), &messages.to_string()])
        .output()
        .map_err(|error| io::Error::other(format!("valgrind: {error}")))?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said.lines().find_map(|line| line.split_once("Collected :"));
    counted
        .and_then(|(_, count)| count.trim().parse().ok())
        .ok_or_else(|| io::Error::other(format!("callgrind counted nothing:\n{said}")))
}
