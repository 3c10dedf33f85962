//! What has to be reached, and what is.

mod frameworks;
mod hops;

use std::io;

use crate::compile;
use crate::measure::Runtimes;
use crate::settings::Settings;
use crate::table::Table;

/// One line of it; ratios all of them.
struct Target {
    what: String,
    against: String,
    /// By the cost of a message through the whole workload.
    whole: f64,
    /// By what one hop more costs, where that can be told.
    hop: f64,
    at_most: f64,
    aim: f64,
}

impl Target {
    fn verdict(&self) -> &'static str {
        let reaches = |limit| [self.whole, self.hop].map(|ratio| ratio <= limit);
        match (reaches(self.aim), reaches(self.at_most)) {
            ([true, _], _) => "aim",
            (_, [true, _]) => "reached",
            (_, [false, true]) if self.whole.is_nan() => "reached",
            (_, [false, true]) => "by the hop",
            _ => "missed",
        }
    }

    fn row(&self) -> [String; 7] {
        let shown = |ratio: f64| match ratio {
            ratio if ratio.is_nan() => "-".to_owned(),
            ratio => format!("{ratio:.2}"),
        };
        [
            self.what.clone(),
            self.against.clone(),
            shown(self.whole),
            shown(self.hop),
            shown(self.at_most),
            shown(self.aim),
            self.verdict().to_owned(),
        ]
    }
}

pub(crate) fn table(runtimes: &Runtimes, settings: Settings) -> io::Result<Table> {
    let mut targets = hops::targets(runtimes, settings);
    targets.extend(frameworks::targets(runtimes, settings));
    targets.push(Target {
        what: "`cargo check` after editing one step of 50".to_owned(),
        against: "written by hand".to_owned(),
        whole: compile::edited_check(settings)?,
        hop: f64::NAN,
        at_most: 1.3,
        aim: 1.1,
    });
    let columns = [
        "what", "against", "measured", "a hop", "at most", "aim", "is",
    ];
    let mut table = Table::new("what has to be reached, as ratios", columns);
    for target in targets {
        table.row(target.row());
    }
    Ok(table)
}
