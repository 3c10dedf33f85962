//! What was asked for.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::prelude::*;
use topology_macros_core::nearest;
use topology_macros_drawing::Direction;

use crate::graph::{self, Format};
use crate::help::Topic;
use crate::misuse::Misuse;

/// One call of the command.
#[derive(Debug)]
pub(crate) enum Command {
    Help(Topic),
    Version,
    Check {
        scope: Scope,
    },
    Graph {
        scope: Scope,
        name: String,
        format: Format,
        direction: Option<Direction>,
    },
    Explain {
        rule: Option<String>,
    },
    Table {
        scope: Scope,
        name: String,
    },
    Diff {
        scope: Scope,
        old: String,
        new: String,
        name: Option<String>,
    },
}

/// Which packages are meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scope {
    pub(crate) manifest: Option<PathBuf>,
    pub(crate) whole_workspace: bool,
}

/// What stood behind the command, whichever it was.
#[derive(Default)]
struct Given {
    scope: Scope,
    format: Option<String>,
    direction: Option<String>,
    values: Vec<String>,
}

const OPTIONS: [&str; 6] = [
    "--manifest-path",
    "--workspace",
    "--format",
    "--direction",
    "--help",
    "--version",
];

/// Reads the arguments, the program's name first. Cargo puts the name of its
/// subcommand, `topology`, behind it.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Misuse> {
    let mut arguments: Vec<_> = arguments.into_iter().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "topology") {
        arguments.remove(0);
    }
    let mut parser = lexopt::Parser::from_args(arguments);
    let topic = match parser.next().map_err(unreadable)? {
        None | Some(Short('h') | Long("help")) => return Ok(Command::Help(Topic::All)),
        Some(Short('V') | Long("version")) => return Ok(Command::Version),
        Some(Value(word)) => topic(&text(word)?)?,
        Some(other) => return Err(unknown_option(&other)),
    };
    if topic == Topic::All {
        let about = parser.next().map_err(unreadable)?;
        return match about {
            Some(Value(word)) => Ok(Command::Help(self::topic(&text(word)?)?)),
            _ => Ok(Command::Help(Topic::All)),
        };
    }
    match given(parser)? {
        Some(given) => command(topic, given),
        None => Ok(Command::Help(topic)),
    }
}

fn topic(word: &str) -> Result<Topic, Misuse> {
    if word == "help" {
        return Ok(Topic::All);
    }
    let known = Topic::COMMANDS.iter().find(|(name, _)| *name == word);
    known.map(|(_, topic)| *topic).ok_or_else(|| {
        let names = Topic::COMMANDS.map(|(name, _)| name);
        Misuse::new(format!("there is no command `{word}`"))
            .help_nearest(nearest(word, names))
            .help("`cargo topology --help` lists them")
    })
}

/// `None` if it is help that was asked for.
fn given(mut parser: lexopt::Parser) -> Result<Option<Given>, Misuse> {
    let mut given = Given::default();
    while let Some(argument) = parser.next().map_err(unreadable)? {
        match argument {
            Short('h') | Long("help") => return Ok(None),
            Long("manifest-path") => {
                let path = parser.value().map_err(unreadable)?;
                given.scope.manifest = Some(path.into());
            }
            Long("workspace") => given.scope.whole_workspace = true,
            Long("format") => given.format = Some(text(parser.value().map_err(unreadable)?)?),
            Long("direction") => given.direction = Some(text(parser.value().map_err(unreadable)?)?),
            Value(value) => given.values.push(text(value)?),
            other => return Err(unknown_option(&other)),
        }
    }
    Ok(Some(given))
}

fn command(topic: Topic, given: Given) -> Result<Command, Misuse> {
    let Given {
        scope,
        format,
        direction,
        values,
    } = given;
    let of_graph = [("--format", &format), ("--direction", &direction)];
    let mut given = of_graph.iter().filter(|(_, value)| value.is_some());
    if let (Some((option, _)), true) = (given.next(), topic != Topic::Graph) {
        return Err(Misuse::new(format!(
            "`{option}` is an option of `cargo topology graph`"
        )));
    }
    let mut values = values.into_iter();
    let command = match topic {
        Topic::Check => Command::Check { scope },
        Topic::Graph => Command::Graph {
            scope,
            name: required(&mut values, "graph NAME")?,
            format: format
                .as_deref()
                .map_or(Ok(Format::Mermaid), Format::named)?,
            direction: direction.as_deref().map(graph::direction).transpose()?,
        },
        Topic::Explain => Command::Explain {
            rule: values.next(),
        },
        Topic::Table => Command::Table {
            scope,
            name: required(&mut values, "table NAME")?,
        },
        Topic::Diff => Command::Diff {
            scope,
            old: required(&mut values, "diff OLD NEW [NAME]")?,
            new: required(&mut values, "diff OLD NEW [NAME]")?,
            name: values.next(),
        },
        Topic::All => Command::Help(topic),
    };
    match values.next() {
        Some(more) => Err(Misuse::new(format!("`{more}` is one argument too many"))
            .help("`cargo topology --help` shows what each command takes")),
        None => Ok(command),
    }
}

fn required(values: &mut impl Iterator<Item = String>, usage: &str) -> Result<String, Misuse> {
    values.next().ok_or_else(|| {
        Misuse::new("an argument is missing").help(format_args!("write `cargo topology {usage}`"))
    })
}

fn text(value: OsString) -> Result<String, Misuse> {
    value
        .into_string()
        .map_err(|value| Misuse::new(format!("`{}` is no Unicode text", value.to_string_lossy())))
}

fn unknown_option(argument: &lexopt::Arg) -> Misuse {
    let name = match argument {
        Short(letter) => format!("-{letter}"),
        Long(name) => format!("--{name}"),
        Value(value) => value.to_string_lossy().into_owned(),
    };
    Misuse::new(format!("there is no option `{name}`")).help_nearest(nearest(&name, OPTIONS))
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unreadable(error: lexopt::Error) -> Misuse {
    Misuse::new(error.to_string())
}
