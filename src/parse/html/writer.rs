//! Writes the text of HTML line by line: white space collapsed, blank lines where blocks end, quoted lines with `> `.
//!
//! Knows nothing of elements.

use crate::parse::html::styles::Space;

/// Depth of `> ` that is shown.
const MAX_QUOTE: usize = 10;
/// Characters of a link that is shown.
const MAX_LINK: usize = 500;

/// Text being written.
#[derive(Default)]
pub struct Writer {
    /// What is written; the line ends owed are not yet in it.
    pub out: String,
    /// Depth of quoting of what comes next.
    quotes: usize,
    /// How white space counts.
    pub space: Space,
    /// Line ends owed before the next text.
    breaks: u8,
    /// A blank owed before the next text.
    pub blank: bool,
    /// Whether a block began or ended since the last word.
    edge: bool,
    /// Whether the current line has its prefix already.
    started: bool,
}

impl Writer {
    /// Appends text as HTML means it.
    pub fn text(&mut self, text: &str) {
        match self.space {
            Space::Kept => self.preformatted(text),
            Space::Lines => {
                for (index, line) in text.split('\n').enumerate() {
                    if index > 0 {
                        self.line_end();
                    }
                    self.words(line);
                }
            }
            Space::Collapsed => self.words(text),
        }
    }

    /// Whether what comes next stands where a block begins or has ended.
    pub fn at_edge(&self) -> bool {
        self.edge || self.out.is_empty()
    }

    /// Appends text whose white space is blanks.
    fn words(&mut self, text: &str) {
        for (index, word) in text.split([' ', '\t', '\n', '\r', '\u{c}']).enumerate() {
            self.blank |= index > 0;
            if !word.is_empty() {
                self.word(word);
            }
        }
    }

    /// Begins a quote.
    pub fn begin_quote(&mut self) {
        self.end_lines();
        self.quotes += 1;
    }

    /// Ends a quote; the blank line after it is not quoted.
    pub fn end_quote(&mut self) {
        if self.started {
            trim_line(&mut self.out);
            self.out.push('\n');
            self.started = false;
        }
        self.breaks = u8::from(!self.out.is_empty());
        self.quotes = self.quotes.saturating_sub(1);
    }

    fn preformatted(&mut self, text: &str) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.line_end();
            }
            let line = line.trim_end_matches('\r');
            if !line.is_empty() {
                self.word(line);
            }
        }
    }

    /// Appends text that holds no line end.
    pub fn word(&mut self, word: &str) {
        self.settle();
        if self.blank && !self.out.is_empty() && !self.out.ends_with(['\n', ' ']) {
            self.out.push(' ');
        }
        self.blank = false;
        // No-break spaces are layout in mail.
        for (index, piece) in word.split('\u{a0}').enumerate() {
            if index > 0 {
                self.out.push(' ');
            }
            self.out.push_str(piece);
        }
    }

    /// Appends the target of a link whose text, which begins at `start`, does not show it.
    pub fn link(&mut self, href: &str, start: usize) {
        let web = href.starts_with("http://") || href.starts_with("https://");
        let shown = self.out.get(start..).unwrap_or_default().trim();
        if !web || shown.is_empty() || href.len() > MAX_LINK || href.contains(char::is_whitespace) {
            return;
        }
        let bare = |text: &str| {
            text.trim_start_matches("https://")
                .trim_start_matches("http://")
                .trim_start_matches("www.")
                .trim_end_matches('/')
                .to_lowercase()
        };
        if bare(shown) != bare(href) && !shown.contains(href) {
            let target = format!(" <{href}>");
            self.out.push_str(&target);
        }
    }

    /// Writes the line ends that are owed, blank lines in the current depth of quoting.
    fn end_lines(&mut self) {
        if self.breaks == 0 {
            return;
        }
        self.blank = false;
        if !self.out.is_empty() {
            for _ in 0..self.breaks {
                if !self.started {
                    self.prefix();
                }
                trim_line(&mut self.out);
                self.out.push('\n');
                self.started = false;
            }
        }
        self.breaks = 0;
    }

    /// Makes ready for text: ends the lines that are owed, prefixes a quoted line.
    fn settle(&mut self) {
        self.end_lines();
        self.edge = false;
        if !self.started {
            self.prefix();
            self.started = true;
        }
    }

    fn prefix(&mut self) {
        let depth = self.quotes.min(MAX_QUOTE);
        if depth > 0 {
            self.out.extend(std::iter::repeat_n('>', depth));
            self.out.push(' ');
        }
    }

    /// One line end that counts, as `<br>` gives.
    pub fn line_end(&mut self) {
        self.edge = false;
        self.breaks = if self.breaks > 0 { self.breaks.saturating_add(1).min(3) } else { 1 };
    }

    /// At least `lines` line ends before the next text.
    pub fn block(&mut self, lines: u8) {
        if lines > 0 {
            self.edge = true;
            self.breaks = self.breaks.max(lines);
        }
    }
}

fn trim_line(out: &mut String) {
    while out.ends_with([' ', '\t']) {
        out.pop();
    }
}
