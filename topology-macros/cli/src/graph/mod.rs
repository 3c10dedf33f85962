//! `cargo topology graph`: a topology as a drawing, or as data.

mod json;

use topology_macros_core::nearest;

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

pub(crate) fn run(scope: &Scope, name: &str, format: Format) -> Result<String, Misuse> {
    let model = select::topology(scope, name)?;
    Ok(match format {
        Format::Mermaid => model.mermaid,
        Format::Dot => topology_macros_drawing::dot(&model),
        Format::Svg => topology_macros_drawing::svg(&model),
        Format::Json => json::text(&model),
    })
}
