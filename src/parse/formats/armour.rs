//! Blocks that stand in plain text and are no text: uuencoded files, and the armour of inline PGP (RFC 9580 §6, §7).

use crate::model::mail::Attachment;
use crate::model::text::clean_file_name;
use crate::parse::mime::transfer;

/// Files that are taken out of one text.
const MAX_FILES: usize = 100;
/// Lines of the armour's own headers.
const MAX_ARMOUR_HEADERS: usize = 10;

const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_END: &str = "-----END PGP SIGNATURE-----";
const ENCRYPTED: &str = "-----BEGIN PGP MESSAGE-----";

/// Whether a text holds an encrypted message.
pub fn is_encrypted(text: &str) -> bool {
    text.contains(ENCRYPTED) && text.lines().any(|line| line.trim_end() == ENCRYPTED)
}

/// Takes uuencoded files and PGP armour out of `text`; `None` when there is nothing of the kind.
pub fn remove(text: &str) -> Option<(String, Vec<Attachment>)> {
    let uuencoded = text.starts_with("begin ") || text.contains("\nbegin ");
    if !uuencoded && !text.contains(SIGNED) {
        return None;
    }
    let lines: Vec<&str> = text.split('\n').collect();
    let mut out = String::with_capacity(text.len());
    let mut files = Vec::new();
    let mut index = 0;
    let mut signed = false;
    // Armour without its signature is text.
    let last_signature = lines.iter().rposition(|line| line.trim_end() == SIGNATURE);
    while let Some(line) = lines.get(index) {
        let rest = lines.get(index..).unwrap_or_default();
        let clean = line.trim_end();
        if clean == SIGNED && !signed && last_signature.is_some_and(|last| last > index) {
            signed = true;
            // `Hash: SHA256` and a blank line.
            let headers =
                rest.iter().skip(1).take(MAX_ARMOUR_HEADERS).take_while(|line| !line.trim().is_empty()).count();
            index += headers + 2;
            continue;
        }
        if signed && clean == SIGNATURE {
            let length = rest.iter().position(|line| line.trim_end() == SIGNATURE_END).map_or(rest.len(), |at| at + 1);
            let block = rest.get(..length).unwrap_or_default().join("\n");
            files.push(file("signature.asc", "application/pgp-signature", block.into_bytes()));
            signed = false;
            index += length;
            continue;
        }
        if files.len() < MAX_FILES
            && let Some(name) = begin_name(clean)
            && let Some(length) = uu_length(rest)
        {
            let block = rest.get(..length).unwrap_or_default().join("\n");
            let name = clean_file_name(name, &format!("attachment-{}.bin", files.len() + 1));
            files.push(file(&name, "application/octet-stream", transfer::uuencode(block.as_bytes())));
            index += length;
            continue;
        }
        // RFC 9580 §7.2: a line that begins with a dash was escaped.
        out.push_str(if signed { line.strip_prefix("- ").unwrap_or(line) } else { line });
        out.push('\n');
        index += 1;
    }
    if !text.ends_with('\n') {
        out.pop();
    }
    Some((out, files))
}

fn file(name: &str, media_type: &str, content: Vec<u8>) -> Attachment {
    Attachment { name: name.to_owned(), media_type: media_type.to_owned(), content, inline: false, content_id: None }
}

/// The file name of `begin 644 name`.
fn begin_name(line: &str) -> Option<&str> {
    let (mode, name) = line.strip_prefix("begin ")?.split_once(' ')?;
    let octal = (3..=4).contains(&mode.len()) && mode.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    (octal && !name.trim().is_empty()).then_some(name.trim())
}

/// Lines of a uuencoded file up to its `end`: every line between is as long as it says.
fn uu_length(lines: &[&str]) -> Option<usize> {
    for (index, line) in lines.iter().enumerate().skip(1) {
        let line = line.trim_end_matches('\r');
        if line.trim_end() == "end" {
            return (index > 1).then_some(index + 1);
        }
        let first = line.bytes().next().unwrap_or(b' ');
        let wanted = usize::from(first.wrapping_sub(32) & 63).div_ceil(3) * 4 + 1;
        let shape = line.bytes().all(|byte| (b' '..=b'`').contains(&byte));
        // Blanks at the end of a line may be lost, and some programs add a checksum.
        if !shape || line.len() > wanted + 2 {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuencoded_files_become_attachments() {
        let (text, files) = remove("See this.\nbegin 644 ../a.txt\n%:&5L;&\\\n`\nend\nBye").unwrap();
        assert_eq!(text, "See this.\nBye");
        assert_eq!((files[0].name.as_str(), files[0].content.as_slice()), ("a.txt", b"hello".as_slice()));
    }

    #[test]
    fn sentences_that_begin_with_begin_stay() {
        for text in ["begin 644 of them\nwe said\nend", "x\nbegin 644 a\n%:&5L;&\\", "we\nbegin tomorrow\nend"] {
            assert_eq!(
                remove(text).map(|(text, files)| (text, files.len())).unwrap_or((text.to_owned(), 0)),
                (text.to_owned(), 0)
            );
        }
        assert!(remove("plain").is_none());
    }

    #[test]
    fn signed_text_is_shown_without_its_armour() {
        let mail = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHello\n- -- \nAnna\n-----BEGIN PGP SIGNATURE-----\n\niQEz\n-----END PGP SIGNATURE-----\nfooter";
        let (text, files) = remove(mail).unwrap();
        assert_eq!(text, "Hello\n-- \nAnna\nfooter");
        assert_eq!((files.len(), files[0].name.as_str()), (1, "signature.asc"));
    }
}
