//! `cargo topology graph`: a topology as a drawing, or as data.

mod json;

use topology_macros_core::nearest;
use topology_macros_drawing::Direction;

use crate::arguments::Scope;
use crate::misuse::Misuse;
use crate::select;

/// What a topology is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Mermaid,
    Dot,
    Svg,
    Json,
}

impl Format {
    const ALL: [(&'static str, Self); 4] = [
        ("mermaid", Self::Mermaid),
        ("dot", Self::Dot),
        ("svg", Self::Svg),
        ("json", Self::Json),
    ];

    pub(crate) fn named(name: &str) -> Result<Self, Misuse> {
        let known = Self::ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, format)| *format).ok_or_else(|| {
            let names = Self::ALL.map(|(name, _)| name);
            Misuse::new(format!("there is no format `{name}`"))
                .help_nearest(nearest(name, names))
                .help(format_args!("a format is one of `{}`", names.join("`, `")))
        })
    }
}

/// What `--direction` says.
pub(crate) fn direction(name: &str) -> Result<Direction, Misuse> {
    match name {
        "down" => Ok(Direction::Down),
        "right" => Ok(Direction::Right),
        _ => Err(Misuse::new(format!("there is no direction `{name}`"))
            .help("a direction is one of `down`, `right`")),
    }
}

/// Without a direction, pictures go down, and a Mermaid flowchart as in `GRAPH`.
pub(crate) fn run(
    scope: &Scope,
    name: &str,
    format: Format,
    direction: Option<Direction>,
) -> Result<String, Misuse> {
    match (format, direction) {
        (Format::Svg, Some(Direction::Right)) => {
            return Err(Misuse::new("an SVG goes from top to bottom")
                .help("`--format dot --direction right` goes from left to right"));
        }
        (Format::Json, Some(_)) => return Err(Misuse::new("JSON has no direction")),
        _ => {}
    }
    let model = select::topology(scope, name)?;
    Ok(match format {
        Format::Mermaid if direction == Some(Direction::Down) => {
            model.mermaid.replacen("flowchart LR", "flowchart TB", 1)
        }
        Format::Mermaid => model.mermaid,
        Format::Dot => topology_macros_drawing::dot(&model, direction.unwrap_or(Direction::Down)),
        Format::Svg => topology_macros_drawing::svg(&model),
        Format::Json => json::text(&model),
    })
}
