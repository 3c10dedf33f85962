//! `cargo topology explain`: why a rule is one.

use topology_macros_core::{Example, Level, RULES, Rule, nearest};

use crate::misuse::Misuse;
use crate::text::{Align, columns, wrap};

const WIDTH: usize = 80;

pub(crate) fn run(rule: Option<&str>) -> Result<String, Misuse> {
    match rule {
        Some(name) => named(name).map(explained),
        None => Ok(list()),
    }
}

fn named(name: &str) -> Result<&'static Rule, Misuse> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.name == name)
        .ok_or_else(|| {
            let names = RULES.iter().map(|rule| rule.name);
            Misuse::new(format!("there is no rule `{name}`"))
                .help_nearest(nearest(name, names))
                .help("`cargo topology explain` lists them")
        })
}

fn explained(rule: &Rule) -> String {
    let weight = match rule.level {
        Level::Error => "error",
        Level::Note => "note: it can be allowed",
    };
    let Rule {
        name,
        summary,
        explain,
        rejected,
        accepted,
        ..
    } = rule;
    let reason = wrap(explain, WIDTH);
    let (rejected, accepted) = (indented(rejected), indented(accepted));
    format!(
        "{name} ({weight})\n{summary}\n\n{reason}\nRejected:\n\n{rejected}\nAccepted:\n\n{accepted}"
    )
}

fn indented(example: &Example) -> String {
    let example = example.to_string();
    let lines = example.lines();
    lines.fold(String::new(), |text, line| text + "    " + line + "\n")
}

fn list() -> String {
    let row = |rule: &&Rule| vec![rule.name.to_owned(), rule.summary.to_owned()];
    let rows: Vec<_> = RULES.iter().map(row).collect();
    columns(&rows, &[Align::Left, Align::Left])
}
