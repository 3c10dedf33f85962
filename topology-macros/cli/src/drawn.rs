//! A fault, drawn into its source.

use std::io::IsTerminal as _;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Renderer, Snippet};
use topology_macros_core::{Fault, Place, Position};

use crate::sources::File;

/// The fault under the lines that show it, ending in a newline.
pub(crate) fn fault(file: &File, fault: &Fault) -> String {
    let mut title = level(fault).primary_title(fault.headline());
    if let Some(rule) = fault.rule() {
        title = title.id(rule.name);
    }
    let group = title
        .element(snippet(file, fault))
        .elements(fault.notes().map(|note| Level::NOTE.message(note)))
        .elements(fault.helps().map(|help| Level::HELP.message(help)))
        .elements(fault.rule().map(|rule| explained(rule.name)));
    let mut text = renderer().render(&[group]);
    text.push_str("\n\n");
    text
}

fn level(fault: &Fault) -> Level<'static> {
    match fault.rule().map(|rule| rule.level) {
        Some(topology_macros_core::Level::Note) => Level::WARNING,
        _ => Level::ERROR,
    }
}

fn snippet<'a>(file: &'a File, fault: &Fault) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let (here, elsewhere): (Vec<_>, Vec<_>) = fault
        .marks()
        .into_iter()
        .partition(|mark| mark.place == fault.place());
    let anchor = AnnotationKind::Primary
        .span(range(&file.text, fault.place()))
        .label(here.into_iter().next().map(|mark| mark.text));
    let marks = elsewhere.into_iter().map(|mark| {
        let range = range(&file.text, mark.place);
        AnnotationKind::Context.span(range).label(mark.text)
    });
    Snippet::source(&file.text)
        .path(&file.name)
        .annotation(anchor)
        .annotations(marks)
}

fn explained(rule: &str) -> Element<'static> {
    let text = format!("see `cargo topology explain {rule}`");
    Level::NOTE.message(text).into()
}

fn renderer() -> Renderer {
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if std::io::stdout().is_terminal() && !is_plain {
        Renderer::styled()
    } else {
        Renderer::plain()
    }
}

/// The bytes of a place. What lies outside the text is its end.
fn range(text: &str, place: Place) -> Range<usize> {
    let (start, end) = (offset(text, place.start), offset(text, place.end));
    start..end.max(start)
}

fn offset(text: &str, position: Position) -> usize {
    let before = position.line.saturating_sub(1);
    let Some(line) = text.split_inclusive('\n').nth(before) else {
        return text.len();
    };
    let start: usize = text.split_inclusive('\n').take(before).map(str::len).sum();
    let column = line.char_indices().nth(position.column);
    start + column.map_or(line.len(), |(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_characters_and_offsets_are_bytes() {
        let at = |line, column| offset("ä = ö;\nb", Position { line, column });
        assert_eq!(at(1, 0), 0);
        assert_eq!(at(1, 4), 5);
        assert_eq!(at(2, 1), 10);
        assert_eq!(at(7, 0), 10);
    }
}
