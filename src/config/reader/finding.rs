//! Faults and warnings with file, line, column, the source line and a hint, and how they are shown.
//!
//! Never shows a password that somebody wrote into the config itself: see [`Source::hide`].

use std::fmt;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::terminal::{ALARM, DUE, NEW, Paint};

/// Characters of a source line that are shown; of longer ones the part around the fault.
const MAX_SHOWN: usize = 160;

/// How bad a [`Finding`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The config cannot be used.
    Error,
    /// The config can be used, but this is hardly what was meant.
    Warning,
}

/// A fault or a warning in a config file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The config file.
    pub file: PathBuf,
    /// Line, from 1; 0 when the file as a whole is meant.
    pub line: usize,
    /// Column in characters, from 1; 0 when the file as a whole is meant.
    pub column: usize,
    /// The line as it stands in the file, control characters shown as blanks, secrets as asterisks; cut when very long.
    pub source_line: String,
    /// What is underlined: characters of `source_line` before it, and its width.
    pub underline: (usize, usize),
    /// What is wrong: lower case, no full stop, values in backticks.
    pub message: String,
    /// What can be done about it; empty for none.
    pub hint: String,
}

impl Finding {
    /// A finding about the file as a whole.
    pub fn of_file(file: &Path, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            file: file.to_owned(),
            line: 0,
            column: 0,
            source_line: String::new(),
            underline: (0, 0),
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// The finding on several lines, the last one without a line end.
    pub fn render(&self, paint: Paint) -> String {
        let (word, strong) = match self.severity {
            Severity::Error => ("error", ALARM.bold()),
            Severity::Warning => ("warning", DUE.bold()),
        };
        let (strong, weak) = (|text: &str| paint.style(text, strong), |text: &str| paint.style(text, NEW));
        let number = if self.line == 0 { String::new() } else { self.line.to_string() };
        let margin = " ".repeat(number.len().max(2));
        let file = self.file.display();
        let message = paint.bold(&format!(": {}", self.message));
        let mut text = format!("{}{message}\n{margin}{} {file}", strong(word), weak("-->"));
        if self.line > 0 {
            let (before, width) = self.underline;
            let (before, carets) = (" ".repeat(before), strong(&"^".repeat(width.max(1))));
            let (line, bar) = (self.source_line.trim_end(), weak("|"));
            push(&mut text, format_args!(":{}:{}\n{margin} {bar}\n", self.line, self.column));
            push(
                &mut text,
                format_args!("{} {line}\n{margin} {bar} {before}{carets}", weak(&format!("{number:>2} |"))),
            );
        }
        if !self.hint.is_empty() {
            push(&mut text, format_args!("\n{margin} {} {}", paint.bold("hint:"), self.hint));
        }
        text
    }

    /// The finding on one line, for logs: `postroom.toml:16:14: unknown department …; hint: …`.
    pub fn one_line(&self) -> String {
        let mut text = self.file.display().to_string();
        if self.line > 0 {
            push(&mut text, format_args!(":{}:{}", self.line, self.column));
        }
        push(&mut text, format_args!(": {}", self.message));
        if !self.hint.is_empty() {
            push(&mut text, format_args!("; hint: {}", self.hint));
        }
        text
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Paint::Plain))
    }
}

fn push(text: &mut String, arguments: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    text.write_fmt(arguments).unwrap_or_default();
}

/// The text of a config file, for going from byte offsets to lines.
pub struct Source<'a> {
    file: &'a Path,
    text: &'a str,
    line_starts: Vec<usize>,
    hidden: Vec<Range<usize>>,
}

impl<'a> Source<'a> {
    /// The source `text` of `file`.
    pub fn new(file: &'a Path, text: &'a str) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(index, _)| index + 1)).collect();
        Self { file, text, line_starts, hidden: Vec::new() }
    }

    /// Never shows the bytes of `span`.
    pub fn hide(&mut self, span: Range<usize>) {
        self.hidden.push(span);
    }

    /// The line, from 1, that the byte `offset` is in.
    pub fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|first| *first <= offset).max(1)
    }

    /// A finding at `span`; of a span over several lines the first is shown.
    pub fn finding(&self, severity: Severity, span: Range<usize>, message: String, hint: String) -> Finding {
        let start = self.text.floor_char_boundary(span.start);
        let line = self.line(start);
        let line_start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let rest = self.text.get(line_start..).unwrap_or_default();
        let content = rest.split(['\n', '\r']).next().unwrap_or_default();
        let column = content.char_indices().take_while(|(index, _)| line_start + index < start).count();
        let width =
            content.char_indices().filter(|(index, _)| (start..span.end).contains(&(line_start + index))).count();
        let fits = content.chars().count() <= MAX_SHOWN;
        let skipped = if fits { 0 } else { column.saturating_sub(MAX_SHOWN / 2) };
        Finding {
            severity,
            file: self.file.to_owned(),
            line,
            column: column + 1,
            source_line: self.shown(line_start, content, skipped),
            underline: (column - skipped, width.min(MAX_SHOWN.saturating_sub(column - skipped)).max(1)),
            message,
            hint,
        }
    }

    fn shown(&self, line_start: usize, content: &str, skipped: usize) -> String {
        let is_hidden = |index: usize| self.hidden.iter().any(|span| span.contains(&(line_start + index)));
        content
            .char_indices()
            .skip(skipped)
            .take(MAX_SHOWN)
            .map(|(index, c)| match c {
                _ if is_hidden(index) => '*',
                c if c.is_control() || crate::model::text::is_invisible(c) => ' ',
                c => c,
            })
            .collect()
    }
}
