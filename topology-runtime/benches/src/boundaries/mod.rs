//! What it costs to have a step on a thread or in a process of its own: a hop
//! there, and a hop back.

mod by_hand;
mod ours;
mod socket;

use crate::measure::{Cost, Flavour, Runtimes, median, quantile};
use crate::settings::Settings;
use crate::table::{Table, number, ratio};

/// A way to have work done elsewhere.
struct Way {
    name: &'static str,
    /// One message on its way at a time: nanoseconds for each.
    one_by_one: fn(&Runtimes, u64) -> Vec<u64>,
    /// As many as there is room for.
    stream: fn(&Runtimes, u64) -> Cost,
}

/// How many more messages make a stream.
const STREAM: u64 = 4;

/// How many messages may wait in each direction.
const ROOM: usize = 64;

/// The first is what the others are compared with.
const WAYS: [Way; 11] = [
    Way {
        name: "crossbeam, two threads",
        one_by_one: |_, messages| by_hand::crossbeam_one_by_one(messages),
        stream: |_, messages| by_hand::crossbeam_stream(messages),
    },
    Way {
        name: "tokio mpsc to a thread and back",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, by_hand::mpsc_one_by_one(messages))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, by_hand::mpsc_stream(messages))
        },
    },
    Way {
        name: "`spawn_blocking` a message",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, by_hand::pool_one_by_one(messages))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, by_hand::pool_stream(messages))
        },
    },
    Way {
        name: "topology, thread boundary",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::one_by_one(messages))
        },
        stream: |runtimes, messages| runtimes.block_on(Flavour::Current, ours::stream(messages)),
    },
    Way {
        name: "topology, no boundary",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::one_by_one_within(messages))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::stream_within(messages))
        },
    },
    Way {
        name: "the same, room for 4096",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::one_by_one_within_far(messages))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::stream_within_far(messages))
        },
    },
    Way {
        name: "frames to a process and back",
        one_by_one: |_, messages| socket::one_by_one(messages / 4),
        stream: |_, messages| socket::stream(messages),
    },
    Way {
        name: "the same, 64 on their way",
        one_by_one: |_, messages| socket::one_by_one(messages / 4),
        stream: |_, messages| socket::stream_of(ROOM as u64, messages),
    },
    Way {
        name: "topology, process boundary",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::one_by_one_away(messages / 4))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::stream_away(messages))
        },
    },
    Way {
        name: "the same, room for 4096",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::one_by_one_away_far(messages / 4))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::stream_away_far(messages))
        },
    },
    Way {
        name: "topology, process boundary, 64 replicas",
        one_by_one: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::one_by_one_away_wide(messages / 4))
        },
        stream: |runtimes, messages| {
            runtimes.block_on(Flavour::Current, ours::stream_away_wide(messages))
        },
    },
];

/// Does what a process was started for, if this one was.
pub(crate) fn run_if_child() {
    ours::run_if_child();
    socket::run_if_child();
}

pub(crate) fn table(runtimes: &Runtimes, settings: Settings) -> Table {
    let mut times = vec![Vec::new(); WAYS.len()];
    let mut costs = vec![Vec::new(); WAYS.len()];
    for round in 0..=settings.rounds {
        for (at, way) in WAYS.iter().enumerate() {
            let mut taken = (way.one_by_one)(runtimes, settings.messages / 4);
            let cost = (way.stream)(runtimes, STREAM * settings.messages);
            if round > 0 {
                // The first warm it up.
                taken.drain(..taken.len() / 10);
                taken.sort_unstable();
                times[at].push(quantile(&taken, 0.5));
                costs[at].push(cost);
            }
        }
    }
    let title = "to a step elsewhere and back: 8 B, room for 64, runtime of one thread";
    let columns = [
        "ns a message",
        "one in flight, p50",
        "x first",
        "streaming, wall",
        "x first",
        "cpu",
        "x first",
    ];
    let mut table = Table::new(title, columns);
    for (at, way) in WAYS.iter().enumerate() {
        let time = |at: usize| median(times[at].iter().copied());
        let wall = |at: usize| median(costs[at].iter().map(|cost: &Cost| cost.wall));
        let cpu = |at: usize| median(costs[at].iter().map(|cost: &Cost| cost.cpu));
        table.row([
            way.name.to_owned(),
            number(time(at)),
            ratio(time(at), time(0)),
            number(wall(at)),
            ratio(wall(at), wall(0)),
            number(cpu(at)),
            ratio(cpu(at), cpu(0)),
        ]);
    }
    table
}
