//! Text in lines and columns.

/// Breaks a paragraph into lines of at most `width` characters, where its words
/// allow it.
pub(crate) fn wrap(paragraph: &str, width: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length;
    }
    text.push('\n');
    text
}

/// `1 fault`, `5 faults`
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!(
            "{count} {}s",
            noun.strip_suffix('y')
                .map_or(noun.to_owned(), |stem| format!("{stem}ie"))
        ),
    }
}

/// How a column of a table is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Align {
    Left,
    Right,
}

/// Rows of equal length in columns two spaces apart.
pub(crate) fn columns(rows: &[Vec<String>], align: &[Align]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..align.len()).map(width).collect();
    let lines = rows.iter().map(|row| {
        let cells = row
            .iter()
            .zip(align)
            .zip(&widths)
            .map(|((cell, align), width)| match align {
                Align::Left => format!("{cell:<width$}"),
                Align::Right => format!("{cell:>width$}"),
            });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{Align, columns, counted, wrap};

    #[test]
    fn words_longer_than_a_line_stand_alone() {
        assert_eq!(wrap("a bb extraordinary c", 4), "a bb\nextraordinary\nc\n");
    }

    #[test]
    fn nouns_are_counted() {
        assert_eq!(counted(1, "topology"), "1 topology");
        assert_eq!(counted(0, "topology"), "0 topologies");
        assert_eq!(counted(2, "fault"), "2 faults");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["a".into(), "10".into()],
            vec!["bcd".into(), "5".into()],
        ];
        assert_eq!(
            columns(&rows, &[Align::Left, Align::Right]),
            "a    10\nbcd   5\n"
        );
    }
}
