//! The small notations of IMAP: quoted strings, folder names in modified UTF-7, UID sets, dates, capabilities.
//!
//! Never lets a NUL, CR or LF through into a command.

use std::collections::BTreeSet;

use data_encoding::BASE64_NOPAD;
use jiff::Timestamp;
use jiff::fmt::strtime;

use imap_proto::Capability;

use super::error::ImapError;

/// What a server can do, in capitals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities(BTreeSet<String>);

impl Capabilities {
    /// From the words of a `CAPABILITY` response.
    pub fn new<'a>(words: impl Iterator<Item = &'a str>) -> Self {
        Self(words.map(str::to_ascii_uppercase).collect())
    }

    /// Those that the parser read.
    pub fn read(list: &[Capability<'_>]) -> Self {
        let words: Vec<String> = list
            .iter()
            .map(|capability| match capability {
                Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
                Capability::Auth(mechanism) => format!("AUTH={mechanism}"),
                Capability::Atom(atom) => atom.clone().into_owned(),
            })
            .collect();
        Self::new(words.iter().map(String::as_str))
    }

    /// Whether `word` (in capitals) is among them.
    pub fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// `text` as a quoted string (RFC 3501 §4.3); `None` if it needs a literal.
pub fn quoted(text: &str) -> Option<String> {
    if !text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control()) {
        return None;
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    Some(quoted)
}

/// A folder name as it stands in a command: modified UTF-7 (RFC 3501 §5.1.3), quoted.
pub fn folder_name(name: &str) -> Result<String, ImapError> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ImapError::FolderName(name.escape_default().to_string()));
    }
    quoted(&modified_utf7(name)).ok_or_else(|| ImapError::FolderName(name.to_owned()))
}

/// A folder name in modified UTF-7 (RFC 3501 §5.1.3).
pub fn modified_utf7(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    let mut pending: Vec<u8> = Vec::new();
    let flush = |pending: &mut Vec<u8>, encoded: &mut String| {
        if !pending.is_empty() {
            encoded.push('&');
            encoded.push_str(&BASE64_NOPAD.encode(pending).replace('/', ","));
            encoded.push('-');
            pending.clear();
        }
    };
    for character in name.chars() {
        if character.is_ascii() {
            flush(&mut pending, &mut encoded);
            encoded.push(character);
            if character == '&' {
                encoded.push('-');
            }
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                pending.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
    flush(&mut pending, &mut encoded);
    encoded
}

/// A folder name out of modified UTF-7. What is no such thing stays as it is: some servers send plain UTF-8.
pub fn from_modified_utf7(name: &str) -> String {
    let mut decoded = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let Some((shifted, behind)) = after.split_once('-') else {
            decoded.push('&');
            rest = after;
            continue;
        };
        match utf16(shifted) {
            _ if shifted.is_empty() => decoded.push('&'),
            Some(text) => decoded.push_str(&text),
            None => {
                decoded.push('&');
                rest = after;
                continue;
            }
        }
        rest = behind;
    }
    decoded.push_str(rest);
    decoded
}

fn utf16(shifted: &str) -> Option<String> {
    let bytes = BASE64_NOPAD.decode(shifted.replace(',', "/").as_bytes()).ok()?;
    let (pairs, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
    String::from_utf16(&units).ok()
}

/// UIDs in ascending order as a set: `1:3,7`.
pub fn uid_set(uids: impl IntoIterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match ranges.last_mut() {
            Some((_, high)) if high.checked_add(1) == Some(uid) => *high = uid,
            Some(_) | None => ranges.push((uid, uid)),
        }
    }
    let text = |(low, high)| if low == high { format!("{low}") } else { format!("{low}:{high}") };
    ranges.into_iter().map(text).collect::<Vec<String>>().join(",")
}

/// An INTERNALDATE such as `17-Jul-1996 02:44:25 -0700`; `None` if it is none.
pub fn internal_date(text: &str) -> Option<Timestamp> {
    strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_are_encoded_and_quoted() {
        let check = |name: &str, expected: &str| assert_eq!(folder_name(name).unwrap(), expected);
        check("INBOX", "\"INBOX\"");
        check("Wysłane", "\"Wys&AUI-ane\"");
        check("~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\"");
        check("R&D \"x\\y\"", "\"R&-D \\\"x\\\\y\\\"\"");
        check("😀", "\"&2D3eAA-\"");
        for bad in ["", "a\0b", "a\r\nb", "a\nA1 LOGOUT"] {
            assert!(folder_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_of_folders_are_decoded() {
        for name in ["INBOX", "Wysłane", "~peter/mail/台北/日本語", "R&D", "😀 & 😀", "&-", "a&b-c"] {
            assert_eq!(from_modified_utf7(&modified_utf7(name)), name);
        }
        for odd in ["R&D", "a & b", "&AUI", "&AU-", "&2D0-", "Wysłane", "&&", "&!!!!-"] {
            assert_eq!(from_modified_utf7(odd), odd, "what cannot be decoded stays");
        }
    }

    #[test]
    fn only_plain_text_is_quoted() {
        assert_eq!(quoted("a\"b\\c").unwrap(), "\"a\\\"b\\\\c\"");
        assert_eq!(quoted("zażółć"), None);
        assert_eq!(quoted("a\rb"), None);
    }

    #[test]
    fn sets_are_short() {
        assert_eq!(uid_set([1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(uid_set([u32::MAX - 1, u32::MAX]), "4294967294:4294967295");
        assert_eq!(uid_set([]), "");
    }

    #[test]
    fn dates_have_a_zone() {
        let expected: Timestamp = "1996-07-17T09:44:25Z".parse().unwrap();
        assert_eq!(internal_date("17-Jul-1996 02:44:25 -0700"), Some(expected));
        assert_eq!(internal_date(" 7-Jul-1996 02:44:25 +0000"), Some("1996-07-07T02:44:25Z".parse().unwrap()));
        assert_eq!(internal_date("yesterday"), None);
    }
}
