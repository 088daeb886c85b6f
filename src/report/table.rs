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

/// What stands between two columns.
const BETWEEN: &str = "  ";
/// Characters of one cell; the rest is cut off with `…`.
const MAX_CELL: usize = 60;

/// Rows under a head.
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Of the columns in what was taken already.
    taken: Option<Vec<usize>>,
    /// How wide a line may be, and the columns that are cut for it.
    limit: Option<(usize, &'static [&'static str])>,
}

/// Columns of a terminal of which nobody says how wide it is.
pub const USUAL_WIDTH: usize = 80;
/// A column that is cut keeps as much.
const MIN_COLUMN: usize = 8;

impl Table {
    /// A table with this head.
    pub fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), taken: None, limit: None }
    }

    /// The same with lines of at most `width` characters, as far as cutting these columns makes that possible: the widest
    /// first.
    #[must_use]
    pub fn within(self, width: usize, columns: &'static [&'static str]) -> Self {
        Self { limit: Some((width, columns)), ..self }
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
            let padded = cells.zip(&widths).map(|(cell, width)| format!("{:<width$}", cut(cell, *width)));
            let padded = padded.collect::<Vec<_>>();
            padded.join(BETWEEN).trim_end().to_owned()
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
        self.narrowed(widths)
    }

    fn narrowed(&self, mut widths: Vec<usize>) -> Vec<usize> {
        let Some((limit, columns)) = self.limit else { return widths };
        let gaps = BETWEEN.len() * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > limit {
            let cuttable = widths.iter_mut().zip(&self.head).filter(|(_, head)| columns.contains(head));
            let wide = cuttable.map(|(width, _)| width).filter(|width| **width > MIN_COLUMN);
            let Some(widest) = wide.max_by_key(|width| **width) else { break };
            *widest -= 1;
        }
        widths
    }
}

/// What came from outside was cleaned when it came; nothing else reaches a terminal even if the database was tampered with.
pub(super) fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect()
}

fn shortened(cell: &str) -> String {
    cut(&clean_line(cell, MAX_CELL + 1), MAX_CELL)
}

/// `text` in at most `width` characters, the last one `…` when there were more.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(std::iter::once('…')).collect()
}

/// `text` in lines of at most `width` characters, broken between words, each after the first one behind `indent` blanks. A
/// longer word (an address, a link) stays whole. Lines stay lines.
pub(super) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        if line.chars().count() <= width {
            lines.push(line.to_owned());
            continue;
        }
        // What stands before the first word is kept, a quote mark or the blanks of a list.
        let (mut written, mut column) = (String::new(), 0);
        for word in line.split_inclusive(' ') {
            let letters = word.trim_end().chars().count();
            if column > indent && letters > 0 && column + letters > width {
                written.truncate(written.trim_end().len());
                written.push('\n');
                written.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            }
            written.push_str(word);
            column += word.chars().count();
        }
        written.truncate(written.trim_end().len());
        lines.push(written);
    }
    lines.join("\n")
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

    #[test]
    fn a_line_is_no_wider_than_its_terminal_and_the_widest_column_is_cut_first() {
        let mut table = Table::new(&["N", "SUBJECT", "WHO"]).within(30, &["SUBJECT", "WHO"]);
        table.row(vec!["1".to_owned(), "ż".repeat(50), "anna".to_owned()]);
        assert_eq!(table.take(Paint::Plain).lines().last().unwrap(), format!("1  {}…  anna", "ż".repeat(20)));
        table.row(vec!["1000".to_owned(), "x".repeat(50), "ewa.żak@client.example".to_owned()]);
        let text = table.take(Paint::Plain);
        assert!(text.lines().all(|line| line.chars().count() <= 30), "{text}");
        assert_eq!(text, format!("1000  {}…  ewa.żak@cl…\n", "x".repeat(10)));
    }

    #[test]
    fn words_are_wrapped_and_what_is_copied_stays_whole() {
        let address = format!("{}@client.example", "x".repeat(30));
        assert_eq!(wrapped("one two three four", 9, 2), "one two\n  three\n  four");
        assert_eq!(wrapped(&format!("to {address} by mail"), 20, 2), format!("to\n  {address}\n  by mail"));
        assert_eq!(wrapped("short\n\n  kept", 20, 2), "short\n\n  kept");
    }
}
