//! The place of a diagram in a Markdown file.

/// A file, split around what stands between the two lines.
pub(super) struct Page<'a> {
    before: &'a str,
    behind: &'a str,
}

impl<'a> Page<'a> {
    /// `None` if one of the lines is missing, or they are the wrong way round.
    pub(super) fn split(text: &'a str, name: &str) -> Option<Self> {
        let (start, end) = (start(name), end(name));
        let (_, rest) = text.split_once(&*start)?;
        let before = &text[..text.len() - rest.len()];
        let position = rest.find(&*end)?;
        Some(Self {
            before,
            behind: &rest[position..],
        })
    }

    pub(super) fn with(&self, mermaid: &str) -> String {
        let Self { before, behind } = self;
        format!("{before}```mermaid\n{mermaid}```\n{behind}")
    }

    /// What a file needs for there to be a place.
    pub(super) fn place(name: &str) -> String {
        let (before, behind) = (&*start(name), &*end(name));
        let page = Page { before, behind };
        page.with("")
    }
}

fn start(name: &str) -> String {
    format!("<!-- topology {name} -->\n")
}

fn end(name: &str) -> String {
    format!("<!-- end {name} -->")
}
