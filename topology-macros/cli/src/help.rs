//! What `--help` prints.

/// A command, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    All,
    Check,
    Graph,
    Explain,
    Table,
    Diff,
}

impl Topic {
    pub(crate) const COMMANDS: [(&'static str, Self); 5] = [
        ("check", Self::Check),
        ("graph", Self::Graph),
        ("explain", Self::Explain),
        ("table", Self::Table),
        ("diff", Self::Diff),
    ];
}

pub(crate) fn text(topic: Topic) -> &'static str {
    match topic {
        Topic::All => ALL,
        Topic::Check => CHECK,
        Topic::Graph => GRAPH,
        Topic::Explain => EXPLAIN,
        Topic::Table => TABLE,
        Topic::Diff => DIFF,
    }
}

const ALL: &str = "\
Checks, draws, explains and compares topologies without building them

Usage: cargo topology <COMMAND> [OPTIONS]

Commands:
  check                 Review every topology and step of the package
  graph NAME            Draw a topology
  explain [RULE]        Say why a rule is one; without a rule, list them
  table NAME            Every edge with its contract, in one table
  diff OLD NEW [NAME]   What changed between two revisions or folders

Options:
  --manifest-path PATH  The `Cargo.toml` of the package or workspace
  --workspace           All packages of the workspace, not only this one
  -h, --help            This text, or that of a command
  -V, --version         The version

A NAME may be qualified (`billing::Orders`), or a place (`src/billing.rs:12`).

Exit codes: 0 nothing found, 1 faults or differences, 2 the command could not run.
";

const CHECK: &str = "\
Reviews every topology and step of the package, by the rules that the compiler uses

Usage: cargo topology check [--manifest-path PATH] [--workspace]

The sources are parsed, not built: from the roots of the package's targets along
their `mod` declarations, whatever their `cfg`. What could not be looked into is
named at the end. The types of messages and steps are the compiler's to check.

Exit codes: 0 no faults, 1 faults, 2 the command could not run.
";

const GRAPH: &str = "\
Draws a topology

Usage: cargo topology graph NAME [--format FORMAT] [--direction DIRECTION]
                            [--manifest-path PATH] [--workspace]

Formats:
  mermaid  A Mermaid flowchart, as in the generated `GRAPH` (the default)
  dot      For Graphviz
  svg      A picture that follows the reader's light or dark theme
  json     Everything that is known, for other tools

Directions: `down`, as dot and svg go, or `right`, as mermaid goes. An SVG only
goes down.

A topology with faults is drawn as far as its names resolve.
";

const EXPLAIN: &str = "\
Says why a rule is one, and what to do about it

Usage: cargo topology explain [RULE]

Without a rule, lists all of them with a line each.
";

const TABLE: &str = "\
Prints every edge of a topology in one table: how many messages may wait, how
long, what happens when it is full, and where the target's failures go

Usage: cargo topology table NAME [--manifest-path PATH] [--workspace]
";

const DIFF: &str = "\
Says what changed between the topologies of two states of the package

Usage: cargo topology diff OLD NEW [NAME] [--manifest-path PATH] [--workspace]

OLD and NEW are git revisions, or paths of a folder, a `Cargo.toml` or a source
file; `./name` is always a path. Revisions are read beside the work tree, which
is left alone. NEW is often `.`, the work tree as it is.

Exit codes: 0 no difference, 1 differences, 2 the command could not run.
";
