//! The addresses that a file shows to whoever opens it: an invitation, a mail, a table, a signature, an office document.
//!
//! Looks at bytes, not at what a file is said to be, and through what is wrapped around text: folded lines, quoted-printable,
//! base64, entities, UTF-16, zip, zlib, TNEF; letters count as what they look like. What cannot be read shows nothing. Bounded
//! in work, depth and findings.

use std::borrow::Cow;
use std::collections::BTreeSet;

use encoding_rs::UTF_16LE;
use memchr::memmem;
use miniz_oxide::inflate::{decompress_to_vec_with_limit, decompress_to_vec_zlib_with_limit};

use crate::model::lookalike::as_read;
use crate::model::mail::Attachment;
use crate::parse::formats::tnef::{self, Tnef};
use crate::parse::html::tokens::decode_entities;
use crate::parse::mime::transfer::{base64, hex_pair, quoted_printable};
use crate::parse::mime::words;

/// Bytes that are looked at for one file, whatever is unpacked from it.
const MAX_WORK: usize = 64 * 1024 * 1024;
/// Bytes of a text that is taken out of its wrapping.
const MAX_TEXT: usize = 4 * 1024 * 1024;
/// Bytes that one packed piece is unpacked to.
const MAX_UNPACKED: usize = 4 * 1024 * 1024;
/// Wrappings within wrappings.
const MAX_DEPTH: usize = 8;
/// Pieces of one archive, of one PDF.
const MAX_PIECES: usize = 500;
/// What looking around an `@` costs, in bytes.
const WORK_OF_SIGN: usize = 64;
/// Different addresses of one file.
const MAX_FOUND: usize = 10_000;
/// Letters on both sides of an `@` (RFC 5321 §4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;
/// Bytes of UTF-16 that are decoded at a time.
const WIDE: usize = 1024 * 1024;
/// The soft hyphen in Latin-1 and its kin.
const SOFT_HYPHEN: u8 = 0xad;
/// Other forms of the `@`.
const AT_SIGNS: [&[u8]; 2] = ["＠".as_bytes(), "﹫".as_bytes()];
/// Letters of a line that may be base64: the shortest that hides an address.
const MIN_BASE64: usize = 8;

/// The addresses in a file and in its name, as people read them, without what stands behind a `+`.
pub fn addresses_in(file: &Attachment) -> BTreeSet<String> {
    let mut search = Search { found: BTreeSet::new(), work: MAX_WORK };
    search.plain(file.name.as_bytes());
    search.bytes(&file.content, 0);
    search.found
}

struct Search {
    found: BTreeSet<String>,
    work: usize,
}

impl Search {
    /// All that `bytes` are or hold.
    fn bytes(&mut self, bytes: &[u8], depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let affordable = self.work >= bytes.len();
        if depth == 0 || affordable {
            self.plain(bytes);
        }
        if !affordable {
            return;
        }
        self.work = self.work.saturating_sub(bytes.len());
        if bytes.starts_with(b"PK\x03\x04") {
            return self.zip(bytes, depth);
        }
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return self.gzip(bytes, depth);
        }
        if bytes.starts_with(b"%PDF") {
            return self.pdf(bytes, depth);
        }
        if let Some(tnef) = tnef::read(bytes) {
            return self.tnef(&tnef, depth);
        }
        if memchr::memchr(0, bytes).is_some() {
            // UTF-16, and the strings of old office files and of mails that Outlook saved, wherever they begin.
            self.wide(bytes);
            self.wide(bytes.get(1..).unwrap_or_default());
            let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
            return self.bytes(&letters, depth + 1);
        }
        if bytes.len() <= MAX_TEXT {
            self.text(bytes, depth);
        }
    }

    /// Addresses in UTF-16.
    fn wide(&mut self, bytes: &[u8]) {
        for start in (0..bytes.len()).step_by(WIDE) {
            let end = bytes.len().min(start + WIDE + 2 * (MAX_LOCAL + MAX_DOMAIN));
            self.work = self.work.saturating_sub(WIDE);
            let (text, _) = UTF_16LE.decode_without_bom_handling(bytes.get(start..end).unwrap_or_default());
            self.plain(text.as_bytes());
        }
    }

    /// A body and files in Outlook's wrapping.
    fn tnef(&mut self, tnef: &Tnef, depth: usize) {
        for text in [&tnef.text, &tnef.html] {
            self.bytes(text.as_bytes(), depth + 1);
        }
        for file in tnef.files.iter().take(MAX_PIECES) {
            self.plain(file.name.as_bytes());
            self.bytes(&file.content, depth + 1);
        }
    }

    /// What a text shows once its lines are joined and its signs decoded, and what is wrapped in it.
    fn text(&mut self, bytes: &[u8], depth: usize) {
        let mut forms = vec![Cow::Borrowed(bytes)];
        if let Some(unfolded) = unfolded(bytes) {
            forms.push(Cow::Owned(unfolded));
        }
        if [&b"=\n"[..], b"=\r\n", b"=40"].iter().any(|mark| memmem::find(bytes, mark).is_some()) {
            forms.push(Cow::Owned(quoted_printable(bytes)));
        }
        for form in &forms {
            self.plain(form);
            let text = String::from_utf8_lossy(form);
            if text.contains(['&', '%', '\\']) {
                self.plain(unescaped(&text).as_bytes());
            }
            if text.contains('<') {
                self.plain(unescaped(&without_tags(&text)).as_bytes());
            }
            if text.contains("=?") {
                self.plain(words::decode(&text).as_bytes());
            }
        }
        for piece in wrapped(bytes) {
            self.bytes(&base64(&piece), depth + 1);
        }
    }

    /// Addresses that stand in `bytes` letter for letter.
    fn plain(&mut self, bytes: &[u8]) {
        let other_signs = AT_SIGNS.iter().any(|sign| memmem::find(bytes, sign).is_some());
        if other_signs && self.work >= bytes.len() {
            self.work -= bytes.len();
            let usual = AT_SIGNS.iter().fold(String::from_utf8_lossy(bytes).into_owned(), |text, sign| {
                text.replace(&*String::from_utf8_lossy(sign), "@")
            });
            return self.plain(usual.as_bytes());
        }
        for at in memchr::memchr_iter(b'@', bytes) {
            if self.found.len() >= MAX_FOUND || self.work == 0 {
                return;
            }
            self.work = self.work.saturating_sub(WORK_OF_SIGN);
            let (before, after) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
            let local = before.iter().rev().take(MAX_LOCAL + 1).take_while(|byte| is_local(**byte)).count();
            let domain = after.iter().skip(1).take(MAX_DOMAIN).take_while(|byte| is_domain(**byte)).count();
            let (start, end) = (at - local, at + 1 + domain);
            self.note(bytes.get(start..end).unwrap_or_default());
            // In a certificate a string's length stands before it, perhaps as a letter, and what follows may be one too.
            let length = |index: usize| bytes.get(index).map_or(0, |byte| usize::from(*byte));
            for begin in [start, start + 1] {
                let stop = begin + begin.checked_sub(1).map_or(0, length);
                if stop > at && stop <= end && (begin, stop) != (start, end) {
                    self.note(bytes.get(begin..stop).unwrap_or_default());
                }
            }
        }
    }

    fn note(&mut self, address: &[u8]) {
        let mut text = String::from_utf8_lossy(address);
        if text.contains('\u{fffd}') && address.contains(&SOFT_HYPHEN) {
            // Latin-1.
            let kept: Vec<u8> = address.iter().copied().filter(|byte| *byte != SOFT_HYPHEN).collect();
            text = String::from_utf8_lossy(&kept).into_owned().into();
        }
        let address = as_read(&text);
        let Some((local, domain)) = address.rsplit_once('@') else { return };
        // Dashes, quotes, blanks and bytes beside it that are no letters.
        let local = local.rsplit(|c: char| !(c.is_alphanumeric() || "._+-'/".contains(c))).next().unwrap_or(local);
        let domain = domain.split(|c: char| !(c.is_alphanumeric() || ".-".contains(c))).next().unwrap_or(domain);
        let domain = domain.trim_matches(['.', '-']);
        let local = local.trim_matches(['.', '-', '\'', '_', '/']);
        let local = local.split('+').next().unwrap_or(local);
        if !local.is_empty() && domain.contains('.') {
            self.found.insert(format!("{local}@{domain}"));
        }
    }

    /// The pieces of a zip archive: office documents are such.
    fn zip(&mut self, bytes: &[u8], depth: usize) {
        for at in memmem::find_iter(bytes, b"PK\x03\x04").take(MAX_PIECES) {
            let Some(head) = bytes.get(at..at + 30) else { return };
            let number = |from: usize| head.get(from..from + 2).map_or(0, |two| usize::from(le(two)));
            let (method, name, extra) = (number(8), number(26), number(28));
            let name_at = at + 30;
            self.plain(bytes.get(name_at..name_at + name).unwrap_or_default());
            let rest = bytes.get(name_at + name + extra..).unwrap_or_default();
            match method {
                // Stored pieces were looked at with the archive; wrapped ones end where the next begins.
                0 => {
                    let end = memmem::find(rest, b"PK").unwrap_or(rest.len());
                    self.bytes(rest.get(..end).unwrap_or_default(), depth + 1);
                }
                8 => self.inflated(decompress_to_vec_with_limit(rest, MAX_UNPACKED.min(self.work)), depth),
                _ => {}
            }
        }
    }

    fn gzip(&mut self, bytes: &[u8], depth: usize) {
        let flags = bytes.get(3).copied().unwrap_or_default();
        let mut rest = bytes.get(10..).unwrap_or_default();
        if flags & 4 != 0 {
            let extra = rest.get(..2).map_or(0, |two| usize::from(le(two)));
            rest = rest.get(2 + extra..).unwrap_or_default();
        }
        for _ in 0..(flags & 8).count_ones() + (flags & 16).count_ones() {
            let end = memchr::memchr(0, rest).map_or(rest.len(), |end| end + 1);
            rest = rest.get(end..).unwrap_or_default();
        }
        self.inflated(decompress_to_vec_with_limit(rest, MAX_UNPACKED.min(self.work)), depth);
    }

    /// Links and descriptions of a PDF stand in packed streams.
    fn pdf(&mut self, bytes: &[u8], depth: usize) {
        for at in memmem::find_iter(bytes, b"stream").take(MAX_PIECES * 2) {
            let rest = bytes.get(at + 6..).unwrap_or_default();
            let rest = rest.strip_prefix(b"\r").unwrap_or(rest);
            let rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            if rest.first().is_some_and(|first| first & 0x0f == 8) {
                self.inflated(decompress_to_vec_zlib_with_limit(rest, MAX_UNPACKED.min(self.work)), depth);
            }
        }
    }

    /// What could be unpacked, though it breaks off.
    fn inflated(&mut self, unpacked: Result<Vec<u8>, miniz_oxide::inflate::DecompressError>, depth: usize) {
        let unpacked = unpacked.unwrap_or_else(|broken| broken.output);
        self.bytes(&unpacked, depth + 1);
    }
}

fn le(two: &[u8]) -> u16 {
    two.try_into().map_or(0, u16::from_le_bytes)
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._+-'/".contains(&byte) || byte >= 0x80
}

fn is_domain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-".contains(&byte) || byte >= 0x80
}

/// The text with its folded lines joined (RFC 5545 §3.1, RFC 6350 §3.2, RFC 5322 §2.2.3); `None` when there is none.
fn unfolded(bytes: &[u8]) -> Option<Vec<u8>> {
    [&b"\n "[..], b"\n\t"].iter().find(|fold| memmem::find(bytes, fold).is_some())?;
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\n', rest) {
        let (line, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        let after = after.get(1..).unwrap_or_default();
        if let [b' ' | b'\t', folded @ ..] = after {
            out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
            rest = folded;
        } else {
            out.extend_from_slice(line);
            out.push(b'\n');
            rest = after;
        }
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// The text with the signs decoded that HTML, links, JSON and RTF write for others.
fn unescaped(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    decode_entities(text, &mut decoded);
    let mut out = Vec::with_capacity(decoded.len());
    let mut rest = decoded.as_bytes();
    while let Some(at) = memchr::memchr2(b'%', b'\\', rest) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(before);
        let (sign, tail) = match from {
            [b'%', high, low, tail @ ..]
            | [b'\\', b'\'' | b'x', high, low, tail @ ..]
            | [b'\\', b'u', b'0', b'0', high, low, tail @ ..] => (hex_pair(*high, *low), tail),
            _ => (None, from),
        };
        rest = match sign {
            Some(sign) => {
                out.push(sign);
                tail
            }
            None => from.get(1..).unwrap_or_default(),
        };
    }
    out.extend_from_slice(rest);
    String::from_utf8_lossy(&out).into_owned()
}

/// The text without what stands in angle brackets, but for an address in them.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('<') {
        out.push_str(before);
        let Some((tag, after)) = from.split_once('>') else { break };
        if !tag.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c)) {
            out.push(' ');
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Runs of lines that may be base64: parts of mails, keys, signatures.
fn wrapped(bytes: &[u8]) -> Vec<Vec<u8>> {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=".contains(byte);
    let (mut runs, mut run): (Vec<Vec<u8>>, Vec<u8>) = (Vec::new(), Vec::new());
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.trim_ascii();
        let fits = line.iter().all(is_base64) && !line.starts_with(b"=");
        if fits && !line.is_empty() && (line.len() >= MIN_BASE64 || !run.is_empty()) {
            run.extend_from_slice(line);
            run.push(b'\n');
        } else if !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
        if runs.len() >= MAX_PIECES {
            return runs;
        }
    }
    runs.extend(Some(run).filter(|run| !run.is_empty()));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(content: &[u8]) -> Vec<String> {
        let file = Attachment {
            name: "file".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            inline: false,
            content_id: None,
            content: content.to_vec(),
        };
        addresses_in(&file).into_iter().collect()
    }

    fn check(content: &[u8]) {
        let found = found(content);
        assert!(found.contains(&"jan@staff.example".to_owned()), "{found:?} in {}", String::from_utf8_lossy(content));
    }

    #[test]
    fn an_address_is_found_however_a_text_writes_it() {
        for text in [
            "Jan@Staff.example;1",
            "ORGANIZER;CN=Jan Kos:mailto:jan@sta\r\n ff.example\r\n",
            "EMAIL;TYPE=work:jan@st\n\taff.example",
            "<p>jan&#64;staff.example</p>",
            "<p>jan&#x40;staff&#46;example</p>",
            "<a href=\"mailto:jan%40staff.example\">x</a>",
            "<td>jan<wbr>@staff.example</td>",
            "<w:t>jan</w:t></w:r><w:r><w:t>@staff.example</w:t>",
            "{\"from\": \"jan\\u0040staff.example\"}",
            "{\\rtf1 jan\\'40staff.example}",
            "Reply to jan@staff=\r\n.example now",
            "From: =?utf-8?B?amFuQHN0YWZmLmV4YW1wbGU=?= <x@y.example>",
            "Content-Transfer-Encoding: base64\n\namFuQHN0YWZm\nLmV4YW1wbGU=\n",
            "-----BEGIN PGP SIGNATURE-----\n\namFuQHN0YWZmLmV4YW1wbGU=\n=abcd\n",
            "(jan+private@staff.example)",
            "see jan@staff.example.",
            "«jan@staff.example»",
            "\u{a0}jan@staff.example\u{a0}",
            "jаn@stаff.ехаmрlе",
            "ｊａｎ＠staff.example",
            "jan﹫staff.example",
            "ja\u{200b}n@sta\u{ad}ff.example",
            "<p>ja&shy;n@staff&#46;exam&#8203;ple</p>",
            "jan&commat;staff.example",
            "mailto:j%61n%40staff%2Eexample",
        ] {
            check(text.as_bytes());
        }
    }

    #[test]
    fn an_address_is_found_in_wide_letters_certificates_and_nested_wrappings() {
        let wide: Vec<u8> = "\u{feff}jan@staff.example".encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(&wide);
        check(&[&[0xd0, 0xcf, 0x11, 0xe0, 0, 0][..], &wide].concat());
        check(&"jan@staff.example".encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>());
        let hidden: Vec<u8> = "jа\u{200b}n@staff.example".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for above in [&[0xd0, 0xcf, 0x11, 0xe0, 0, 0][..], &[0xd0, 0xcf, 0x11, 0xe0, 0, 0, 0]] {
            check(&[above, &hidden].concat());
        }
        check(b"ja\xadn@staff.example");
        check(b"\x30\x82\x16\x11jan@staff.example\x30\x1d");
        // A length that is a letter by chance.
        let long = format!("{}@staff.example", "a".repeat(40));
        let certificate = [&[0x16, u8::try_from(long.len()).unwrap()][..], long.as_bytes()].concat();
        assert!(found(&certificate).contains(&long));
        let inner = data_encoding::BASE64.encode(b"Subject: x\r\n\r\njan=40staff.example");
        check(format!("Content-Transfer-Encoding: base64\r\n\r\n{inner}\r\n").as_bytes());
    }

    #[test]
    fn an_address_is_found_in_office_documents_pdfs_and_packed_files() {
        let packed = miniz_oxide::deflate::compress_to_vec(b"<dc:creator>jan@staff.example</dc:creator>", 6);
        let head = [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), &[0; 16], &[8, 0, 0, 0], b"core.xml"].concat();
        check(&[head.as_slice(), &packed, b"PK\x01\x02"].concat());
        check(&[&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &packed].concat());
        let stream = miniz_oxide::deflate::compress_to_vec_zlib(b"/URI (mailto:jan@staff.example)", 6);
        check(&[b"%PDF-1.7\n1 0 obj <<>> stream\r\n".as_slice(), &stream, b"\nendstream"].concat());
    }

    #[test]
    fn an_address_is_found_in_what_outlook_packs() {
        let attribute = |level: u8, id: u32, data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_le_bytes();
            [&[level][..], &id.to_le_bytes(), &length, data, &[0; 2]].concat()
        };
        let head = [&0x223e_9f78_u32.to_le_bytes()[..], &[0; 2]].concat();
        check(&[head.clone(), attribute(1, 0x0002_800c, b"Write to jan@staff.example\0")].concat());
        let wide: Vec<u8> = "jan@staff.example".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let file = [attribute(2, 0x0006_9002, &[0; 4]), attribute(2, 0x0006_800f, &wide)].concat();
        check(&[head, file].concat());
    }

    #[test]
    fn other_addresses_and_what_cannot_be_read_are_not_taken_for_it() {
        for text in
            ["joan@staff.example", "jan@staff.example.org", "jan at staff.example", "@staff.example", "jan@staff"]
        {
            assert!(!found(text.as_bytes()).contains(&"jan@staff.example".to_owned()), "{text}");
        }
        let noise: Vec<u8> = (0..200_000u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
        assert!(found(&noise).iter().all(|address| !address.ends_with("staff.example")));
    }

    #[test]
    fn a_bomb_costs_bounded_work() {
        let bomb = miniz_oxide::deflate::compress_to_vec(&vec![b'@'; MAX_UNPACKED * 2], 1);
        let head = [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), &[0; 16], &[0, 0, 0, 0]].concat();
        let archive = [head.as_slice(), &bomb].concat().repeat(20);
        assert_eq!(found(&archive), Vec::<String>::new());
        let many = (0..MAX_FOUND * 2).map(|n| format!("a{n}@b.example")).collect::<Vec<_>>().join(" ");
        assert_eq!(found(many.as_bytes()).len(), MAX_FOUND);
    }
}
