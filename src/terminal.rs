//! Text for a terminal: colours only when asked for, aligned columns, lines broken between words. Prints nothing.

use anstyle::{AnsiColor, Color, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::model::text::{clean_line, is_invisible};

/// Columns of a terminal of which nobody says how wide it is.
pub const USUAL_WIDTH: usize = 80;
/// What stands between two columns.
const BETWEEN: &str = "  ";
/// Columns of one cell; the rest is cut off with `…`.
const MAX_CELL: usize = 60;
/// A column that is cut keeps as much.
const MIN_COLUMN: usize = 8;

/// As it is.
pub const PLAIN: Style = Style::new();
/// Heads.
pub const BOLD: Style = Style::new().bold();
/// What is less important than the rest.
pub const DIM: Style = Style::new().dimmed();
/// What needs somebody.
pub const ALARM: Style = coloured(AnsiColor::Red);
/// What is as it should be.
pub const GOOD: Style = coloured(AnsiColor::Green);
/// What waits for us.
pub const DUE: Style = coloured(AnsiColor::Yellow);
/// What is new.
pub const NEW: Style = coloured(AnsiColor::Blue);

const fn coloured(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

/// Whether to write colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paint {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Colour,
}

impl Paint {
    /// `text` in this style.
    pub fn style(self, text: &str, style: Style) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Colour => format!("{style}{text}{style:#}"),
        }
    }

    /// `text` in bold.
    pub fn bold(self, text: &str) -> String {
        self.style(text, BOLD)
    }

    /// `text` dimmed.
    pub fn dim(self, text: &str) -> String {
        self.style(text, DIM)
    }

    /// `text` as something that needs someone.
    pub fn alarm(self, text: &str) -> String {
        self.style(text, ALARM)
    }
}

/// A cell of a table.
pub struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// This text in this style.
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        Self { text: text.into(), style }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::styled(text, PLAIN)
    }
}

/// Rows under a head.
pub struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    /// Of the columns in what was taken already.
    taken: Option<Vec<usize>>,
    fit: Fit,
}

/// What becomes of lines that are wider than a terminal.
enum Fit {
    /// They stay.
    None,
    /// These columns are cut, the widest first, to lines of at most so many columns.
    Cut(usize, &'static [&'static str]),
    /// The last cell goes on below itself.
    Wrap(usize),
}

impl Table {
    /// A table with this head.
    pub fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), taken: None, fit: Fit::None }
    }

    /// The same with lines of at most `width` columns, as far as cutting these columns makes that possible: the widest
    /// first.
    #[must_use]
    pub fn within(self, width: usize, columns: &'static [&'static str]) -> Self {
        Self { fit: Fit::Cut(width, columns), ..self }
    }

    /// The same with lines of at most `width` columns: the last cell of a row goes on below itself.
    #[must_use]
    pub fn wrapping(self, width: usize) -> Self {
        Self { fit: Fit::Wrap(width), ..self }
    }

    /// One more row, as many cells as the head has.
    pub fn row<C: Into<Cell>>(&mut self, cells: Vec<C>) {
        let last = cells.len().saturating_sub(1);
        let shortened = |(index, cell): (usize, C)| {
            let Cell { text, style } = cell.into();
            let whole = index == last && matches!(self.fit, Fit::Wrap(_));
            Cell { text: if whole { text } else { cut(&clean_line(&text, MAX_CELL + 1), MAX_CELL) }, style }
        };
        let cells = cells.into_iter().enumerate().map(shortened).collect();
        self.rows.push(cells);
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
        let head: Vec<Cell> = self.head.iter().map(|title| Cell::styled(*title, BOLD)).collect();
        [&head].into_iter().chain(&self.rows).map(|row| self.line(row, &widths, paint)).collect()
    }

    fn line(&self, row: &[Cell], widths: &[usize], paint: Paint) -> String {
        let mut text = String::new();
        let mut column = 0;
        for (index, (cell, room)) in row.iter().zip(widths).enumerate() {
            let wrap = match self.fit {
                Fit::Wrap(limit) if index + 1 == row.len() => Some(limit.saturating_sub(column).max(MIN_COLUMN)),
                Fit::Wrap(_) | Fit::Cut(..) | Fit::None => None,
            };
            if let Some(limit) = wrap {
                let below = format!("\n{}", " ".repeat(column));
                let parts = wrapped(&cell.text, limit, 0);
                let parts: Vec<String> = parts.lines().map(|part| paint.style(&cut(part, limit), cell.style)).collect();
                text.push_str(&parts.join(&below));
                continue;
            }
            let shown = cut(&cell.text, *room);
            let padding = room.saturating_sub(shown.width()) + BETWEEN.len();
            text.push_str(&paint.style(&shown, cell.style));
            text.extend(std::iter::repeat_n(' ', padding));
            column += room + BETWEEN.len();
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    fn widths(&self) -> Vec<usize> {
        let head = || self.head.iter().map(|title| title.width()).collect();
        let mut widths: Vec<usize> = self.taken.clone().unwrap_or_else(head);
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width());
            }
        }
        self.narrowed(widths)
    }

    fn narrowed(&self, mut widths: Vec<usize>) -> Vec<usize> {
        let Fit::Cut(limit, columns) = self.fit else { return widths };
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
pub fn one_line(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect()
}

/// `text` in at most `width` columns, the last one `…` when there were more.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut kept = String::new();
    for letter in text.chars() {
        let columns = letter.width().unwrap_or(0);
        if columns > room {
            break;
        }
        room -= columns;
        kept.push(letter);
    }
    kept + "…"
}

/// `text` in lines of at most `width` columns, broken between words, each after the first one behind `indent` blanks. A
/// longer word (an address, a link) stays whole. Lines stay lines.
pub fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        if line.width() <= width {
            lines.push(line.to_owned());
            continue;
        }
        // What stands before the first word is kept, a quote mark or the blanks of a list.
        let (mut written, mut column) = (String::new(), 0);
        for word in line.split_inclusive(' ') {
            let letters = word.trim_end().width();
            if column > indent && letters > 0 && column + letters > width {
                written.truncate(written.trim_end().len());
                written.push('\n');
                written.extend(std::iter::repeat_n(' ', indent));
                column = indent;
            }
            written.push_str(word);
            column += word.width();
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
    fn columns_are_aligned_by_what_letters_take() {
        let mut table = Table::new(&["NAME", "N"]);
        table.row(vec!["żółć".to_owned(), "1".to_owned()]);
        table.row(vec!["李雷".to_owned(), "2".to_owned()]);
        table.row(vec!["x".repeat(100), "3\u{1b}[31m".to_owned()]);
        let lines: Vec<String> = table.render(Paint::Plain).lines().map(str::to_owned).collect();
        assert_eq!(lines[1].chars().position(|c| c == '1'), Some(MAX_CELL + 2));
        assert_eq!(lines[2].chars().position(|c| c == '2'), Some(MAX_CELL));
        assert!(lines[3].contains("…  3 [31m"), "{}", lines[3]);
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
    fn the_last_cell_goes_on_below_itself_and_colours_move_no_column() {
        let mut table = Table::new(&["N", "WHY"]).wrapping(20);
        table.row(vec![Cell::styled("#1", BOLD), Cell::styled("keywords of billing won", GOOD)]);
        let plain = table.render(Paint::Plain);
        assert_eq!(plain, "N   WHY\n#1  keywords of\n    billing won\n");
        let mut coloured = table.render(Paint::Colour);
        assert!(coloured.contains("\u{1b}[32mbilling won\u{1b}[0m"), "{coloured}");
        for code in ["\u{1b}[1m", "\u{1b}[32m", "\u{1b}[0m"] {
            coloured = coloured.replace(code, "");
        }
        assert_eq!(coloured.lines().map(str::trim_end).collect::<Vec<_>>(), plain.lines().collect::<Vec<_>>());
    }

    #[test]
    fn words_are_wrapped_and_what_is_copied_stays_whole() {
        let address = format!("{}@client.example", "x".repeat(30));
        assert_eq!(wrapped("one two three four", 9, 2), "one two\n  three\n  four");
        assert_eq!(wrapped(&format!("to {address} by mail"), 20, 2), format!("to\n  {address}\n  by mail"));
        assert_eq!(wrapped("short\n\n  kept", 20, 2), "short\n\n  kept");
    }
}
