//! Snapshots as tables.

use std::fmt;

use super::{Latency, Snapshot};

impl fmt::Display for Snapshot {
    /// Tables of steps and edges.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            topology,
            accepted,
            completed,
            failed,
            ended,
            abandoned,
            ..
        } = self;
        writeln!(
            f,
            "{topology}: {accepted} accepted, {completed} completed, {failed} failed, \
             {ended} ended, {abandoned} abandoned\n"
        )?;
        writeln!(
            f,
            "{:<32} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "step", "done", "failed", "retries", "p50", "p99"
        )?;
        for step in &self.steps {
            let failed = step.errors + step.timeouts + step.panics;
            let [p50, p99] = step.duration.show();
            writeln!(
                f,
                "{:<32} {:>9} {failed:>9} {:>9} {p50:>9} {p99:>9}",
                step.name, step.succeeded, step.retries,
            )?;
        }
        write!(
            f,
            "\n{:<32} {:>9} {:>9} {:>9} {:>9} {:>9}",
            "edge", "taken", "lost", "fill", "p50", "p99"
        )?;
        for edge in &self.edges {
            let [p50, p99] = edge.waited.show();
            write!(
                f,
                "\n{:<32} {:>9} {:>9} {:>9} {p50:>9} {p99:>9}",
                format!("{} -> {}", edge.from, edge.to),
                edge.taken,
                edge.timed_out + edge.dropped,
                format!("{}/{}", edge.fill, edge.capacity),
            )?;
        }
        for step in &self.steps {
            for inside in &step.inside {
                write!(f, "\n\ninside {}: {inside}", step.name)?;
            }
        }
        Ok(())
    }
}

impl Latency {
    /// The median and the 99th percentile, as short as a column.
    fn show(&self) -> [String; 2] {
        [self.p50, self.p99].map(|time| {
            if self.count == 0 {
                "-".to_owned()
            } else if time.is_zero() {
                "<1\u{b5}s".to_owned()
            } else {
                format!("{time:.1?}")
            }
        })
    }
}
