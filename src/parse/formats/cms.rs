//! What an S/MIME envelope (RFC 8551, CMS of RFC 5652) holds: the text under an opaque signature, or that it is encrypted.
//!
//! Reads just enough of BER to find the content. Checks no signature and believes none.

/// Depth of nested elements that are skipped.
const MAX_DEPTH: usize = 20;
/// Pieces of a content that are put together.
const MAX_PIECES: usize = 100_000;

/// What an envelope is.
#[derive(Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Signed: the mail inside.
    Signed(Vec<u8>),
    /// Encrypted for somebody.
    Encrypted,
    /// Anything else, certificates alone for one.
    Other,
}

const SIGNED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
const ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x03];
const AUTH_ENVELOPED: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17];

/// Looks into DER or BER.
pub fn open(bytes: &[u8]) -> Envelope {
    match kind(bytes) {
        Some((SIGNED, rest)) => signed_content(rest).map_or(Envelope::Other, Envelope::Signed),
        Some((ENVELOPED | AUTH_ENVELOPED, _)) => Envelope::Encrypted,
        _ => Envelope::Other,
    }
}

/// The content type, and what follows it.
fn kind(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = enter(bytes, 0x30)?;
    let (head, rest) = Head::read(inner)?;
    let length = head.length.filter(|_| head.tag == 0x06)?;
    rest.split_at_checked(length)
}

fn signed_content(rest: &[u8]) -> Option<Vec<u8>> {
    let inner = enter(enter(rest, 0xa0)?, 0x30)?;
    // Version and digest algorithms.
    let inner = skip(skip(inner, 0)?, 0)?;
    let inner = skip(enter(inner, 0x30)?, 0)?;
    let mut content = Vec::new();
    octets(enter(inner, 0xa0)?, &mut content);
    (!content.is_empty()).then_some(content)
}

/// The head of an element.
struct Head {
    tag: u8,
    /// `None`: up to the end mark.
    length: Option<usize>,
}

impl Head {
    fn read(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        if first == 0x80 {
            return Some((Self { tag, length: None }, rest));
        }
        if first < 0x80 {
            return Some((Self { tag, length: Some(usize::from(first)) }, rest));
        }
        let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.len() > 4 {
            return None;
        }
        let length = digits.iter().fold(0usize, |length, &digit| length << 8 | usize::from(digit));
        Some((Self { tag, length: Some(length) }, rest))
    }
}

/// What stands in the element with this tag at the start; its end is not looked for.
fn enter(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    let (head, rest) = Head::read(bytes)?;
    (head.tag == tag).then_some(rest)
}

/// What follows the element at the start.
fn skip(bytes: &[u8], depth: usize) -> Option<&[u8]> {
    let (head, mut rest) = Head::read(bytes)?;
    if let Some(length) = head.length {
        return rest.get(length..);
    }
    if depth > MAX_DEPTH {
        return None;
    }
    while !rest.starts_with(&[0, 0]) {
        rest = skip(rest, depth + 1)?;
    }
    rest.get(2..)
}

/// Puts together the octet string at the start, which may come in pieces. Cut short, what is there counts.
fn octets(bytes: &[u8], content: &mut Vec<u8>) {
    let mut rest = bytes;
    for _ in 0..MAX_PIECES {
        let Some((head, inner)) = Head::read(rest) else { return };
        match (head.tag, head.length) {
            (0x04, Some(length)) => {
                content.extend_from_slice(inner.get(..length).unwrap_or(inner));
                rest = inner.get(length..).unwrap_or_default();
            }
            // Pieces: their container may be nested and needs no end.
            (0x24, _) => rest = inner,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], length.as_slice(), content].concat()
    }

    fn signed(octets: &[u8]) -> Vec<u8> {
        let data = element(0x06, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01]);
        let inside = element(0x30, &[data, element(0xa0, octets)].concat());
        let body = [element(0x02, &[1]), element(0x31, &[]), inside, element(0x31, &[])].concat();
        element(0x30, &[element(0x06, SIGNED), element(0xa0, &element(0x30, &body))].concat())
    }

    #[test]
    fn the_mail_under_a_signature_is_found_whole_or_in_pieces() {
        let text = b"Content-Type: text/plain\r\n\r\nHello";
        assert_eq!(open(&signed(&element(0x04, text))), Envelope::Signed(text.to_vec()));
        let pieces = [element(0x04, &text[..10]), element(0x04, &text[10..])].concat();
        assert_eq!(
            open(&signed(&[&[0x24, 0x80], pieces.as_slice(), &[0, 0]].concat())),
            Envelope::Signed(text.to_vec())
        );
    }

    #[test]
    fn encrypted_mails_and_rubbish_are_told_apart() {
        assert_eq!(open(&element(0x30, &element(0x06, ENVELOPED))), Envelope::Encrypted);
        for bytes in
            [b"".as_slice(), b"hello", &[0x30, 0x80], &[0x30, 0xff, 0, 0], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]]
        {
            assert_eq!(open(bytes), Envelope::Other);
        }
        let whole = signed(&element(0x04, b"x"));
        for end in 0..whole.len() {
            open(&whole[..end]);
        }
        open(&[0x30, 0x80].repeat(10_000));
    }
}
