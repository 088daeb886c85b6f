//! Standard output and standard error: the only place that prints. Colour only on a terminal, never with `NO_COLOR`.

use std::io::{self, IsTerminal as _, Write as _};

use rustix::termios::tcgetwinsize;
use serde_json::Value;

use crate::config::Finding;
use crate::model::text::{clean_text, os_words};
use crate::terminal::{Paint, USUAL_WIDTH};

/// Where a command's results go.
pub(super) struct Output {
    json: bool,
    paint: Paint,
    width: usize,
}

/// Narrower ones are not fitted to.
const MIN_WIDTH: usize = 60;

impl Output {
    /// Standard output; `json` as the command line says.
    pub(super) fn stdout(json: bool) -> Self {
        Self { json, paint: paint(&io::stdout()), width: width() }
    }

    /// Characters of a line for people: those of the terminal, 80 when nobody knows or there is none.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Whether to print JSON.
    pub(super) fn json(&self) -> bool {
        self.json
    }

    /// Whether to colour.
    pub(super) fn paint(&self) -> Paint {
        self.paint
    }

    /// Prints text as it is.
    pub(super) fn text(&self, text: &str) -> anyhow::Result<()> {
        self.bytes(text.as_bytes())
    }

    /// Prints bytes from outside: as they are into a file or pipe, without control characters on a terminal.
    pub(super) fn foreign(&self, bytes: &[u8]) -> anyhow::Result<()> {
        if io::stdout().is_terminal() {
            return self.text(&clean_text(&String::from_utf8_lossy(bytes)));
        }
        self.bytes(bytes)
    }

    #[expect(clippy::unused_self, reason = "only what has an output prints")]
    fn bytes(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()?;
        Ok(())
    }

    /// Prints a JSON value over several lines.
    pub(super) fn value(&self, value: &Value) -> anyhow::Result<()> {
        self.text(&format!("{value:#}\n"))
    }

    /// An array that is printed part by part.
    pub(super) fn array(&self) -> Array<'_> {
        Array { output: self, begun: false }
    }

    /// Prints a JSON value on one line.
    pub(super) fn line(&self, value: &Value) -> anyhow::Result<()> {
        self.text(&format!("{value}\n"))
    }

    /// Prints faults of the config to standard error.
    #[expect(clippy::unused_self, reason = "only what has an output prints")]
    pub(super) fn findings(&self, findings: &[Finding]) {
        let mut stderr = io::stderr().lock();
        let paint = paint(&io::stderr());
        for finding in findings {
            // There is nowhere left to say that standard error is closed.
            drop(writeln!(stderr, "{}", finding.render(paint).trim_end()));
            drop(writeln!(stderr));
        }
    }

    /// Prints what went wrong with its causes to standard error.
    pub(super) fn failure(&self, error: &anyhow::Error) {
        self.error(&told(error));
    }

    /// Prints what went wrong to standard error.
    #[expect(clippy::unused_self, reason = "only what has an output prints")]
    pub(super) fn error(&self, text: &str) {
        drop(writeln!(io::stderr().lock(), "{} {text}", paint(&io::stderr()).alarm("error:")));
    }
}

/// A JSON array in the making, over several lines.
pub(super) struct Array<'a> {
    output: &'a Output,
    begun: bool,
}

impl Array<'_> {
    /// Prints more of it.
    pub(super) fn items(&mut self, items: impl Iterator<Item = Value>) -> anyhow::Result<()> {
        let mut text = String::new();
        for item in items {
            text.push_str(if std::mem::replace(&mut self.begun, true) { ",\n  " } else { "[\n  " });
            // No line of a value begins within a text: line ends there are written as `\n`.
            text.push_str(&format!("{item:#}").replace('\n', "\n  "));
        }
        self.output.text(&text)
    }

    /// Prints its end.
    pub(super) fn end(self) -> anyhow::Result<()> {
        self.output.text(if self.begun { "\n]\n" } else { "[]\n" })
    }
}

fn width() -> usize {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let stdout = io::stdout();
    let terminal = || tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col)).filter(|columns| *columns > 0);
    told.or_else(terminal).unwrap_or(USUAL_WIDTH).max(MIN_WIDTH)
}

fn paint(stream: &impl io::IsTerminal) -> Paint {
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    if wanted && stream.is_terminal() { Paint::Colour } else { Paint::Plain }
}

/// An error and its causes on one line, each told once and what the system said in words.
fn told(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let own = cause.downcast_ref::<io::Error>().map_or_else(|| cause.to_string(), os_words);
        // An error that shows its cause by itself has told it.
        let (plain, told) = (own.to_lowercase(), text.to_lowercase());
        if text.is_empty() {
            text = own;
        } else if !told.contains(&plain) && !told.contains(&cause.to_string().to_lowercase()) {
            text = format!("{text}: {own}");
        }
    }
    text
}

/// Whether a reader such as `head` went away, which is no failure of ours.
pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
