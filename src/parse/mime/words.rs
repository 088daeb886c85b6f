//! Encoded words (RFC 2047), as they are and as they come: split in the middle of a character, unquoted blanks inside,
//! inside quotes, back to back.

use crate::parse::charset;
use crate::parse::mime::transfer;

/// One encoded word, its text decoded to bytes.
struct Word<'a> {
    charset: &'a str,
    encoding: char,
    bytes: Vec<u8>,
}

/// Text with all its encoded words decoded. Neighbours in one charset are joined before they are decoded, because many
/// senders split a character over two words.
pub fn decode(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<Word<'_>> = None;
    let mut rest = text;
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let Some((word, after)) = read_word(from) else {
            flush(&mut out, &mut pending);
            out.push_str(before);
            out.push_str("=?");
            rest = from.get(2..).unwrap_or_default();
            continue;
        };
        if !before.trim().is_empty() || pending.is_none() {
            flush(&mut out, &mut pending);
            out.push_str(before);
        }
        match &mut pending {
            Some(open) if open.charset.eq_ignore_ascii_case(word.charset) && joinable(open, &word) => {
                open.bytes.extend_from_slice(&word.bytes);
            }
            _ => {
                flush(&mut out, &mut pending);
                pending = Some(word);
            }
        }
        rest = after;
    }
    flush(&mut out, &mut pending);
    out.push_str(rest);
    out
}

/// Stateful charsets start every word anew when the words were well made.
fn joinable(open: &Word<'_>, next: &Word<'_>) -> bool {
    open.encoding == next.encoding || !open.charset.to_ascii_lowercase().starts_with("iso-2022")
}

fn flush(out: &mut String, pending: &mut Option<Word<'_>>) {
    if let Some(word) = pending.take() {
        out.push_str(&charset::decode(&word.bytes, Some(word.charset)));
    }
}

/// Reads `=?charset?q?text?=` at the start of `text`; returns it and what follows.
fn read_word(text: &str) -> Option<(Word<'_>, &str)> {
    let rest = text.strip_prefix("=?")?;
    let (charset, rest) = rest.split_once('?')?;
    // RFC 2231 adds a language: `=?utf-8*en?q?…?=`.
    let charset = charset.split('*').next().unwrap_or_default();
    if charset.is_empty() || charset.len() > 40 || charset.contains(char::is_whitespace) {
        return None;
    }
    let mut characters = rest.chars();
    let encoding = characters.next()?.to_ascii_lowercase();
    let rest = characters.as_str().strip_prefix('?')?;
    let (body, after) = match encoding {
        'b' => rest.split_once("?=")?,
        // A `?` inside and a `=` after it are told apart from the end by what follows.
        'q' => rest.split_once("?=").filter(|(body, _)| !body.contains("=?"))?,
        _ => return None,
    };
    let bytes = match encoding {
        'b' => transfer::base64(body.as_bytes()),
        _ => q_decode(body.as_bytes()),
    };
    Some((Word { charset, encoding, bytes }, after))
}

fn q_decode(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'_', _) => bytes.push(b' '),
            (b'=', [high, low, tail @ ..]) => {
                if let Some(value) = transfer::hex_pair(*high, *low) {
                    bytes.push(value);
                    rest = tail;
                } else {
                    bytes.push(b'=');
                }
            }
            _ => bytes.push(byte),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_and_white_space_between_them_goes() {
        for (from, to) in [
            ("=?utf-8?q?Za=C5=BC=C3=B3=C5=82=C4=87?= now", "Zażółć now"),
            ("=?ISO-8859-2?Q?a?= =?iso-8859-2?Q?_=B1?=", "a ą"),
            ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
            ("a =?utf-8?q?b?= c =?utf-8?q?d?=", "a b c d"),
            ("=?utf-8*en?q?x?=", "x"),
            ("=?bad", "=?bad"),
            ("=?utf-8?x?abc?=", "=?utf-8?x?abc?="),
            ("=?utf-8?Q?what?_?=", "what? "),
            ("5 =? 6 =?utf-8?q?x?=", "5 =? 6 x"),
        ] {
            assert_eq!(decode(from), to, "{from}");
        }
    }

    #[test]
    fn a_character_split_over_two_words_is_whole_again() {
        assert_eq!(decode("=?utf-8?B?xbw=?= =?utf-8?B?xQ==?= =?utf-8?B?gg==?="), "żł");
        assert_eq!(decode("=?UTF-8?Q?=C5?= =?UTF-8?Q?=BC?="), "ż");
    }
}
