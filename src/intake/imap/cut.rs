//! Finds where a response of an IMAP server ends (RFC 3501 §2.2.2), literals included.
//!
//! Never lets a response grow beyond its limits, however it is made up: what stands around the literals counts as one.

use memchr::memchr;

/// Most literals of one response: each costs a step.
const MOST_LITERALS: u32 = 1000;

/// How large a response may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes without its literals.
    pub text: usize,
    /// Bytes of its literals together.
    pub literals: u64,
}

/// Where a response ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Before this byte.
    Ends(usize),
    /// Beyond what is there; at least this many bytes are missing.
    Lacks(usize),
}

/// What a response has too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excess {
    /// Text without an end.
    Text,
    /// Literals of so many bytes.
    Literals(u64),
}

/// Looks for the end of one response in a buffer that grows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cutter {
    /// Where the line begins that is being looked at.
    line: usize,
    /// No line ends before this byte.
    scanned: usize,
    /// Bytes of the lines before it.
    text: usize,
    /// Bytes of literals, and how many there are.
    literals: (u64, u32),
}

impl Cutter {
    /// Looks on; `bytes` begins with the response and holds all that was looked at before.
    pub fn find(&mut self, bytes: &[u8], limits: Limits) -> Result<Cut, Excess> {
        loop {
            if self.line > bytes.len() {
                return Ok(Cut::Lacks(self.line - bytes.len()));
            }
            let end = line_end(bytes, self.scanned.max(self.line));
            let length = end.unwrap_or(bytes.len()) - self.line;
            if self.text.saturating_add(length) > limits.text {
                return Err(Excess::Text);
            }
            let Some(end) = end else {
                // the last byte may be a CR
                self.scanned = bytes.len().saturating_sub(1);
                return Ok(Cut::Lacks(1));
            };
            let line = bytes.get(self.line..end).unwrap_or_default();
            let literal = (self.line > 0 || may_hold_literal(line)).then(|| literal_length(line)).flatten();
            let Some(literal) = literal else { return Ok(Cut::Ends(end)) };
            self.literals = (self.literals.0.saturating_add(literal), self.literals.1 + 1);
            if self.literals.0 > limits.literals {
                return Err(Excess::Literals(self.literals.0));
            }
            if self.literals.1 > MOST_LITERALS {
                return Err(Excess::Text);
            }
            self.text += length;
            self.line = end.saturating_add(usize::try_from(literal).unwrap_or(usize::MAX));
        }
    }
}

/// Where the line ends, after its CRLF, that has none before `from`.
fn line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut position = from;
    loop {
        let line_feed = position + memchr(b'\n', bytes.get(position..)?)?;
        if line_feed > 0 && bytes.get(line_feed - 1) == Some(&b'\r') {
            return Some(line_feed + 1);
        }
        position = line_feed + 1;
    }
}

/// Whether a response is data; in status responses `{7}` at the end is only text.
fn may_hold_literal(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"* ") else { return false };
    let word = rest.split(|byte| matches!(byte, b' ' | b'\r')).next().unwrap_or_default();
    ![&b"OK"[..], b"NO", b"BAD", b"BYE", b"PREAUTH"].iter().any(|status| word.eq_ignore_ascii_case(status))
}

/// The length of the literal that a line announces at its end: `{123}` CRLF.
pub(super) fn literal_length(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"}\r\n")?;
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let digits = std::str::from_utf8(line.get(open + 1..)?).ok()?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { text: 100, literals: 100 };

    /// Looks at ever more of `bytes`.
    fn cut(bytes: &[u8]) -> Result<Cut, Excess> {
        let mut cutter = Cutter::default();
        let mut found = Ok(Cut::Lacks(1));
        for length in 1..=bytes.len() {
            found = cutter.find(bytes.get(..length).unwrap(), LIMITS);
            if !matches!(found, Ok(Cut::Lacks(_))) {
                break;
            }
        }
        assert_eq!(found.is_err(), Cutter::default().find(bytes, LIMITS).is_err(), "{bytes:?}");
        found
    }

    #[test]
    fn a_response_ends_after_its_last_literal() {
        assert_eq!(cut(b"* 1 FETCH (A {3}\r\n\r\n{ B {0}\r\n)\r\nA1 OK\r\n"), Ok(Cut::Ends(32)));
        assert_eq!(cut(b"* OK take {3}\r\nA1 OK\r\n"), Ok(Cut::Ends(15)));
        assert_eq!(cut(b"* 1 FETCH (A {30}\r\n\r\n"), Ok(Cut::Lacks(28)));
        assert_eq!(cut(b"* 1\n2\r3"), Ok(Cut::Lacks(1)));
    }

    #[test]
    fn no_literal_starts_the_limit_of_the_text_anew() {
        assert_eq!(cut(&[b'x'; 101]), Err(Excess::Text));
        assert_eq!(cut(&[&b"* 1 FETCH ("[..], &b"A {0}\r\n".repeat(20)].concat()), Err(Excess::Text));
        assert_eq!(cut(b"* 1 FETCH (A {60}\r\n"), Ok(Cut::Lacks(60)));
        assert_eq!(cut(b"* 1 FETCH (A {101}\r\n"), Err(Excess::Literals(101)));
        assert_eq!(cut(b"* 1 FETCH (A {99999999999999999999}\r\n"), Err(Excess::Literals(u64::MAX)));
    }
}
