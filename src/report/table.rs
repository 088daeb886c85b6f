//! Aligned columns for a terminal, measured in characters, coloured only when asked.

use crate::model::text::{clean_line, is_invisible};

/// Whether to write colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Paint {
    /// `text` in bold.
    pub fn bold(self, text: &str) -> String {
        self.wrap(text, "1")
    }

    /// `text` dimmed.
    pub fn dim(self, text: &str) -> String {
        self.wrap(text, "2")
    }

    /// `text` as something that needs someone.
    pub fn alarm(self, text: &str) -> String {
        self.wrap(text, "31")
    }

    fn wrap(self, text: &str, code: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// Characters of one cell; the rest is cut off with `…`.
const MAX_CELL: usize = 60;

/// Rows under a head.
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Of the columns in what was taken already.
    taken: Option<Vec<usize>>,
}

impl Table {
    /// A table with this head.
    pub fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), taken: None }
    }

    /// One more row, as many cells as the head has.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells.into_iter().map(|cell| shortened(&cell)).collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What was added since it was last taken, as lines; the head once, no column narrower than before.
    pub fn take(&mut self, paint: Paint) -> String {
        let text = self.render(paint);
        let lines = if self.taken.is_some() { text.split_inclusive('\n').skip(1).collect() } else { text };
        self.taken = Some(self.widths());
        self.rows.clear();
        lines
    }

    /// The table as lines, each ended.
    pub fn render(&self, paint: Paint) -> String {
        let widths = self.widths();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let padded = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>();
            padded.join("  ").trim_end().to_owned()
        };
        let mut text = paint.bold(&line(&mut self.head.iter().copied()));
        text.push('\n');
        for row in &self.rows {
            text.push_str(&line(&mut row.iter().map(String::as_str)));
            text.push('\n');
        }
        text
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> =
            self.taken.clone().unwrap_or_else(|| self.head.iter().map(|cell| cell.chars().count()).collect());
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        widths
    }
}

/// What came from outside was cleaned when it came; nothing else reaches a terminal even if the database was tampered with.
pub(super) fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect()
}

fn shortened(cell: &str) -> String {
    let cell = clean_line(cell, MAX_CELL + 1);
    if cell.chars().count() <= MAX_CELL {
        return cell;
    }
    cell.chars().take(MAX_CELL - 1).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut table = Table::new(&["NAME", "N"]);
        table.row(vec!["żółć".to_owned(), "1".to_owned()]);
        table.row(vec!["x".repeat(100), "2\u{1b}[31m".to_owned()]);
        let lines: Vec<String> = table.render(Paint::Plain).lines().map(str::to_owned).collect();
        assert_eq!(lines[1].chars().position(|c| c == '1'), Some(MAX_CELL + 2));
        assert!(lines[2].contains("…  2 [31m"), "{}", lines[2]);
    }
}
