//! The one sanitiser each for names, one-line texts, file names and identifiers that come from outside.
//!
//! After these no text carries control characters, line breaks, bidirectional overrides or zero-width tricks, so it can be
//! written to a header, a log line, a terminal and a file listing as it is.

/// Characters of a display name.
pub const MAX_NAME: usize = 200;
/// Characters of a subject.
pub const MAX_SUBJECT: usize = 998;
/// Bytes of a file name.
pub const MAX_FILE_NAME: usize = 200;
/// Bytes of a Message-ID.
pub const MAX_MAIL_ID: usize = 512;

/// Whether `c` has no shape of its own and can hide or reorder text: bidirectional controls, zero-width characters, BOM,
/// soft hyphen, line and paragraph separators.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line without control or invisible characters, white space collapsed, at most `limit` characters.
pub fn clean_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 4));
    let mut characters = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = characters > 0;
            continue;
        }
        if is_invisible(c) {
            continue;
        }
        if characters + usize::from(gap) >= limit {
            break;
        }
        if gap {
            line.push(' ');
            characters += 1;
            gap = false;
        }
        line.push(c);
        characters += 1;
    }
    line
}

/// `1 mail`, `2 mails`: a number with its noun, for nouns that take an `s`.
pub fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// A display name: [`clean_line`] with quotes and white space trimmed off its ends.
pub fn clean_name(text: &str) -> String {
    let line = clean_line(text, MAX_NAME);
    line.trim_matches(|c: char| c == '"' || c == '\'' || c.is_whitespace()).to_owned()
}

/// A subject: [`clean_line`] of at most [`MAX_SUBJECT`] characters.
pub fn clean_subject(text: &str) -> String {
    clean_line(text, MAX_SUBJECT)
}

/// A Message-ID without angle brackets; `None` when nothing usable is left or it exceeds [`MAX_MAIL_ID`] bytes.
pub fn clean_mail_id(text: &str) -> Option<String> {
    let id: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(*c) && *c != '<' && *c != '>')
        .collect();
    (!id.is_empty() && id.len() <= MAX_MAIL_ID).then_some(id)
}

/// A file name that names a file and nothing else: no directories, drives, control characters or device names.
/// Falls back to `fallback` when nothing is left.
pub fn clean_file_name(text: &str, fallback: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let line = clean_line(last, MAX_FILE_NAME);
    let kept: String = line.chars().map(|c| if "<>:\"|?*".contains(c) { '_' } else { c }).collect();
    let trimmed = kept.trim_matches(|c: char| c == '.' || c.is_whitespace());
    // A leading dot hides a file, but `.htaccess` sent by a customer is still worth its name.
    let mut name = trimmed.to_owned();
    while name.len() > MAX_FILE_NAME {
        name.pop();
    }
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4
            && (stem.starts_with("COM") || stem.starts_with("LPT"))
            && stem.ends_with(|c: char| c.is_ascii_digit()));
    if name.is_empty() {
        fallback.to_owned()
    } else if device {
        format!("_{name}")
    } else {
        name
    }
}

/// Whether `c` may stand in running text: no control character but line feed and tab, nothing that hides or reorders.
pub fn is_running(c: char) -> bool {
    match c {
        // Zero-width joiners shape emoji and several scripts: harmless in running text.
        ' '..='~' | '\n' | '\t' | '\u{200c}' | '\u{200d}' => true,
        c => !c.is_control() && !is_invisible(c),
    }
}

/// Text of several lines: control characters other than line feed and tab gone, `\r\n` and `\r` become `\n`, invisible
/// reordering characters gone.
pub fn clean_text(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    // Almost everything stays as it is: whole runs are copied.
    let mut run = 0;
    for (index, c) in text.char_indices() {
        if is_running(c) {
            continue;
        }
        cleaned.push_str(text.get(run..index).unwrap_or_default());
        run = index + c.len_utf8();
        let ends_line = c == '\r' && !text.get(run..).is_some_and(|rest| rest.starts_with('\n'));
        if ends_line || matches!(c, '\u{2028}' | '\u{2029}') {
            cleaned.push('\n');
        }
    }
    cleaned.push_str(text.get(run..).unwrap_or_default());
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_line_breaks_and_reordering() {
        assert_eq!(clean_name("\"Bob\r\nBcc: x@y\u{202e}\0 Smith\""), "Bob Bcc: x@y Smith");
        assert_eq!(clean_name(&"x".repeat(1000)).len(), MAX_NAME);
        assert_eq!(clean_line("a b c", 3), "a b");
    }

    #[test]
    fn file_names_stay_in_their_folder() {
        for (from, to) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\evil\\x.exe", "x.exe"),
            ("con.txt", "_con.txt"),
            ("COM1", "_COM1"),
            ("..", "file"),
            ("a\u{202e}fdp.exe", "afdp.exe"),
            ("Umowa ąę.pdf", "Umowa ąę.pdf"),
        ] {
            assert_eq!(clean_file_name(from, "file"), to);
        }
        assert!(clean_file_name(&"ż".repeat(300), "f").len() <= MAX_FILE_NAME);
    }

    #[test]
    fn mail_ids_hold_no_white_space() {
        assert_eq!(clean_mail_id("<a\r\n b@c>").as_deref(), Some("ab@c"));
        assert_eq!(clean_mail_id(" <> "), None);
    }

    #[test]
    fn running_text_keeps_lines_and_tabs() {
        assert_eq!(clean_text("a\r\nb\rc\td\0\u{202e}"), "a\nb\nc\td");
    }
}
