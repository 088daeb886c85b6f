//! What of a server's responses reaches the parser: kinds that somebody asked for or that are news, and of a FETCH the items
//! that we ask for.
//!
//! imap-proto recurses without a limit into BODYSTRUCTURE, so that a few hundred parentheses end the process, and panics on
//! some values. Never lets a nested list through, and never looks at a byte more often than a few times.

use std::panic::{AssertUnwindSafe, catch_unwind};

use imap_proto::Response;
use memchr::{memchr, memchr_iter};

/// Items that are kept of one FETCH response: we ask for three.
const MOST_ITEMS: usize = 16;
/// Numbers in one SEARCH response.
pub const MOST_NUMBERS: usize = 2_500_000;
/// Opening parentheses in one response that is no FETCH: those that we ask for have one.
const MOST_PARENTHESES: usize = 64;

/// What kind of response it is, by its first words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The end of a command, or nonsense.
    Tagged,
    /// `+`.
    Continue,
    /// `* OK`, `NO`, `BAD`, `BYE`, `PREAUTH`.
    Status,
    /// `* 5 EXISTS`.
    Exists,
    /// `* 5 EXPUNGE`.
    Expunge,
    /// `* SEARCH`.
    Search,
    /// `* LIST`.
    List,
    /// `* CAPABILITY`.
    Capability,
    /// `* 5 FETCH`.
    Fetch,
    /// Nothing that we ever ask for.
    Other,
}

impl Kind {
    /// The kind of a response.
    pub fn of(response: &[u8]) -> Self {
        let Some(rest) = response.strip_prefix(b"* ") else {
            return if response.starts_with(b"+") { Self::Continue } else { Self::Tagged };
        };
        let mut words = rest.split(|byte| matches!(byte, b' ' | b'\r' | b'(')).map(<[u8]>::to_ascii_uppercase);
        let mut word = words.next().unwrap_or_default();
        let counted = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
        if counted {
            word = words.next().unwrap_or_default();
        }
        match (counted, &*word) {
            (false, b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH") => Self::Status,
            (false, b"SEARCH") => Self::Search,
            (false, b"LIST") => Self::List,
            (false, b"CAPABILITY") => Self::Capability,
            (true, b"EXISTS") => Self::Exists,
            (true, b"EXPUNGE") => Self::Expunge,
            (true, b"FETCH") => Self::Fetch,
            _ => Self::Other,
        }
    }
}

/// What is left of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sieved {
    /// So many bytes that the parser bears.
    Fit(usize),
    /// Nothing that we ask for.
    Nothing,
    /// It cannot be read.
    Unreadable,
}

/// Makes a response fit for the parser, in its place.
pub fn sieve(kind: Kind, response: &mut [u8]) -> Sieved {
    let length = response.len();
    let is_plain = match kind {
        Kind::Fetch => return keep_items(response).unwrap_or(Sieved::Unreadable),
        Kind::Other => return Sieved::Nothing,
        Kind::Search => memchr_iter(b' ', response).count() <= MOST_NUMBERS,
        Kind::List | Kind::Capability | Kind::Exists | Kind::Expunge => {
            memchr_iter(b'(', response).count() <= MOST_PARENTHESES
        }
        Kind::Status | Kind::Tagged | Kind::Continue => {
            part_words_from_code(response);
            true
        }
    };
    if is_plain { Sieved::Fit(length) } else { Sieved::Unreadable }
}

/// Reads one response that went through the sieve. A panic of the parser costs no more than the response.
pub fn read(response: &[u8]) -> Option<Response<'_>> {
    let parsed = catch_unwind(AssertUnwindSafe(|| Response::parse(response).ok())).ok()??;
    Some(parsed.1)
}

/// After a response code the parser cuts off one byte, which must not be a part of a letter.
fn part_words_from_code(response: &mut [u8]) {
    let mut after_code = false;
    for byte in response {
        after_code = *byte == b']' || (after_code && !byte.is_ascii());
        if after_code && !byte.is_ascii() {
            *byte = b'?';
        }
    }
}

/// Takes out of a FETCH response what we never ask for: FLAGS, ENVELOPE, BODYSTRUCTURE and all that may yet be invented;
/// `None` for one that cannot be read.
fn keep_items(response: &mut [u8]) -> Option<Sieved> {
    let mut at = memchr(b'(', response)? + 1;
    let (mut kept, mut items) = (at, 0);
    loop {
        at += spaces(response, at);
        if response.get(at) == Some(&b')') {
            let end = response.get_mut(kept..kept + 3)?;
            end.copy_from_slice(b")\r\n");
            return Some(if items > 0 { Sieved::Fit(kept + 3) } else { Sieved::Nothing });
        }
        let name_end = name_end(response, at)?;
        let value = name_end + spaces(response, name_end);
        let end = value_end(response, value)?;
        if is_kept(response.get(at..name_end)?, response.get(value..end)?) {
            items += 1;
            if items > MOST_ITEMS {
                return None;
            }
            if items > 1 {
                *response.get_mut(kept)? = b' ';
                kept += 1;
            }
            let length = name_end - at;
            response.copy_within(at..name_end, kept);
            kept += length;
            *response.get_mut(kept)? = b' ';
            kept += 1;
            response.copy_within(value..end, kept);
            kept += end - value;
        }
        at = end;
    }
}

fn is_kept(name: &[u8], value: &[u8]) -> bool {
    let name = name.to_ascii_uppercase();
    match value.first() {
        Some(b'(') | None => false,
        Some(b'"' | b'{') => name == b"INTERNALDATE" || name.starts_with(b"BODY["),
        Some(_) => name == b"UID" || name == b"RFC822.SIZE" || name.starts_with(b"BODY["),
    }
}

fn spaces(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..).unwrap_or_default().iter().take_while(|byte| **byte == b' ').count()
}

/// Where an item's name ends that begins at `at`: before a space that stands in no brackets.
fn name_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut position, mut bracket, mut list) = (at, false, false);
    loop {
        match bytes.get(position)? {
            b'"' if bracket => position = quoted_end(bytes, position)?,
            b'[' => (bracket, position) = (true, position + 1),
            b']' => (bracket, position) = (false, position + 1),
            b' ' if !bracket => return (position > at).then_some(position),
            // The names of header fields, in one list.
            b'(' if bracket && !list => (list, position) = (true, position + 1),
            b')' if bracket => position += 1,
            b'(' | b')' | b'\r' | b'\n' => return None,
            _ => position += 1,
        }
    }
}

/// Where the value ends that begins at `at`; lists are passed over without recursion.
fn value_end(bytes: &[u8], at: usize) -> Option<usize> {
    let (mut position, mut depth) = (at, 0_u32);
    loop {
        match bytes.get(position)? {
            b'(' => (depth, position) = (depth.checked_add(1)?, position + 1),
            b')' | b' ' if depth == 0 => return (position > at).then_some(position),
            b')' => (depth, position) = (depth - 1, position + 1),
            b'"' => position = quoted_end(bytes, position)?,
            b'{' => position = literal_end(bytes, position)?,
            b'\r' | b'\n' => return None,
            _ => position += 1,
        }
        if depth == 0 && matches!(bytes.get(position), Some(b' ' | b')')) {
            return Some(position);
        }
    }
}

/// After the string in quotes that begins at `at`.
fn quoted_end(bytes: &[u8], at: usize) -> Option<usize> {
    let mut position = at + 1;
    loop {
        match bytes.get(position)? {
            b'"' => return Some(position + 1),
            b'\\' => position += 2,
            b'\r' | b'\n' => return None,
            _ => position += 1,
        }
    }
}

/// After the literal that begins at `at`.
fn literal_end(bytes: &[u8], at: usize) -> Option<usize> {
    let rest = bytes.get(at..)?;
    let head = rest.get(..memchr(b'\n', rest)? + 1)?;
    let length = usize::try_from(super::cut::literal_length(head)?).ok()?;
    // as the framer sees it: the brace that opens is the last one
    let opens = head.iter().rposition(|byte| *byte == b'{')? == 0;
    let end = at.checked_add(head.len())?.checked_add(length)?;
    (opens && end <= bytes.len()).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sifted(response: &str) -> Result<String, Sieved> {
        let mut bytes = response.as_bytes().to_vec();
        let Sieved::Fit(length) = sieve(Kind::of(&bytes), &mut bytes) else {
            return Err(sieve(Kind::of(response.as_bytes()), &mut response.as_bytes().to_vec()));
        };
        Ok(String::from_utf8(bytes.get(..length).unwrap().to_vec()).unwrap())
    }

    #[test]
    fn kinds_are_told_by_their_first_words() {
        for (response, kind) in [
            ("* OK ready", Kind::Status),
            ("* bye\r\n", Kind::Status),
            ("* 5 EXISTS\r\n", Kind::Exists),
            ("* 5 expunge\r\n", Kind::Expunge),
            ("* 5 FETCH (UID 3)\r\n", Kind::Fetch),
            ("* 5 FETCH(UID 3)\r\n", Kind::Fetch),
            ("* SEARCH\r\n", Kind::Search),
            ("* SEARCH 3", Kind::Search),
            ("* VANISHED 1:5", Kind::Other),
            ("* 5 OK", Kind::Other),
            ("* FETCH", Kind::Other),
            ("* ", Kind::Other),
            ("+ go on", Kind::Continue),
            ("P1 OK done", Kind::Tagged),
            ("", Kind::Tagged),
        ] {
            assert_eq!(Kind::of(response.as_bytes()), kind, "{response}");
        }
    }

    #[test]
    fn of_a_fetch_only_what_we_ask_for_is_kept() {
        let deep = "(".repeat(50_000) + &")".repeat(50_000);
        for (list, kept) in [
            ("UID 3 RFC822.SIZE 7 INTERNALDATE \"a\"", Ok("UID 3 RFC822.SIZE 7 INTERNALDATE \"a\"")),
            ("FLAGS (\\Seen) uid 3", Ok("uid 3")),
            ("UID 3 INTERNALDATE NIL BODY[] NIL", Ok("UID 3 BODY[] NIL")),
            ("UID 3 BODY[] {4}\r\n))\r\n FLAGS ()", Ok("UID 3 BODY[] {4}\r\n))\r\n")),
            ("X {3}\r\n))( BODY[] \"a\\\")\" UID 3 ", Ok("BODY[] \"a\\\")\" UID 3")),
            (
                "BODY[HEADER.FIELDS (DATE \"x] \")] {0}\r\n UID 3",
                Ok("BODY[HEADER.FIELDS (DATE \"x] \")] {0}\r\n UID 3"),
            ),
            ("ENVELOPE (\"a\" ((NIL NIL \"(\" NIL))) UID 3", Ok("UID 3")),
            (&format!("BODYSTRUCTURE {deep} UID 3"), Ok("UID 3")),
            (&format!("BODY {deep} UID 3"), Ok("UID 3")),
            (&format!("UID {deep}"), Err(Sieved::Nothing)),
            (&"(".repeat(400), Err(Sieved::Unreadable)),
            ("BODY ((((", Err(Sieved::Unreadable)),
            ("FLAGS ()", Err(Sieved::Nothing)),
            ("", Err(Sieved::Nothing)),
            ("INTERNALDATE NIL", Err(Sieved::Nothing)),
            ("UID", Err(Sieved::Unreadable)),
            ("UID 3 BODY[] {4}\r\nab", Err(Sieved::Unreadable)),
            ("UID 3\r\n", Err(Sieved::Unreadable)),
            (&"UID 3 ".repeat(17), Err(Sieved::Unreadable)),
        ] {
            let expected = kept.map(|kept| format!("* 1 FETCH ({kept})\r\n"));
            assert_eq!(sifted(&format!("* 1 FETCH ({list})\r\n")), expected, "{}", list.get(..40).unwrap_or(list));
        }
    }

    #[test]
    fn what_the_parser_stumbles_over_does_not_reach_it() {
        for response in
            ["* OK [ALERT]é\r\n", "P1 NO [BADCHARSET (\"a]\")]é x\r\n", "* 1 FETCH (UID 3 INTERNALDATE NIL)\r\n"]
        {
            assert!(read(sifted(response).unwrap().as_bytes()).is_some(), "{response}");
        }
        assert_eq!(sifted(&format!("* LIST ({}\r\n", "(".repeat(400))), Err(Sieved::Unreadable));
        assert_eq!(sifted("* OK Świeżo [x] é ((((\r\n").unwrap(), "* OK Świeżo [x] é ((((\r\n");
    }
}
