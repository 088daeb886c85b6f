//! The one sanitiser each for names, one-line texts, file names and identifiers that come from outside.
//!
//! After these no text carries control characters, line breaks, bidirectional overrides or zero-width tricks, so it can be
//! written to a header, a log line, a terminal and a file listing as it is.

use std::borrow::Cow;
use std::fmt::Display;
use std::io;
use std::path::Path;

/// Characters of a display name.
pub const MAX_NAME: usize = 200;
/// Characters of a subject.
pub const MAX_SUBJECT: usize = 998;
/// Bytes of a file name.
pub const MAX_FILE_NAME: usize = 200;
/// Bytes of a Message-ID.
pub const MAX_MAIL_ID: usize = 512;

/// The first letter of the scripts whose letters joiners shape: Hebrew; Latin, Greek and Cyrillic stand before it.
const FIRST_JOINED: char = '\u{590}';

/// What windows-1252 has for the bytes 80 to 9F; a blank where it has nothing.
const WINDOWS_1252: [char; 32] = [
    '€', ' ', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', ' ', 'Ž', ' ', //
    ' ', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', ' ', 'ž', 'Ÿ',
];

/// The character meant by a control character of Latin-1: gateways that take windows-1252 for Latin-1 write `€` as U+0080.
fn from_c1(c: char) -> Option<char> {
    let index = usize::try_from(u32::from(c).checked_sub(0x80)?).ok()?;
    WINDOWS_1252.get(index).copied().filter(|c| *c != ' ')
}

/// Whether `c` has no shape of its own and can hide or reorder text: bidirectional controls, zero-width characters, BOM,
/// soft hyphen, line and paragraph separators, and the fillers by which newsletters push text out of a preview (grapheme
/// joiner, Hangul fillers).
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// `+one -another`: what was added and what was removed.
pub fn plus_minus<T: Display>(added: &[T], removed: &[T]) -> String {
    let added = added.iter().map(|one| format!("+{one}"));
    added.chain(removed.iter().map(|one| format!("-{one}"))).collect::<Vec<_>>().join(" ")
}

/// The beginning of `text`, at most `limit` bytes of it and no letter cut in two.
pub fn beginning(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// One line without control or invisible characters, white space collapsed, at most `limit` characters.
pub fn clean_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit * 4));
    let mut characters = 0;
    let mut gap = false;
    for c in text.chars() {
        let c = from_c1(c).unwrap_or(c);
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

/// A display name: [`clean_line`] without the quotes around it. Quotes around a part of it stay: `Anna "Ania" Nowak`.
pub fn clean_name(text: &str) -> String {
    let line = clean_line(text, MAX_NAME);
    let mut name = line.as_str();
    loop {
        let trimmed = name.trim_matches(|c: char| c.is_whitespace());
        let inner = without_quote(trimmed, '"').or_else(|| without_quote(trimmed, '\''));
        match inner {
            Some(inner) => name = inner,
            None => return trimmed.to_owned(),
        }
    }
}

/// `text` without a pair of quotes around it, or a single one at an end that has no partner inside.
fn without_quote(text: &str, quote: char) -> Option<&str> {
    let pair = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let single = || text.strip_prefix(quote).or_else(|| text.strip_suffix(quote)).filter(|rest| !rest.contains(quote));
    pair.or_else(single)
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
        cleaned.extend(from_c1(c));
        let ends_line = c == '\r' && !text.get(run..).is_some_and(|rest| rest.starts_with('\n'));
        if ends_line || matches!(c, '\u{2028}' | '\u{2029}') {
            cleaned.push('\n');
        }
    }
    cleaned.push_str(text.get(run..).unwrap_or_default());
    cleaned
}

/// Stands before each line of somebody else's words. Mail programs fold lines behind `>`, and leave these alone.
pub const WORDS_MARK: char = '|';

/// Somebody else's words with a mark before each line, by which none of them passes for a line of ours.
pub fn marked(words: &str) -> String {
    let clean = clean_text(words);
    let mut marked = String::with_capacity(clean.len() + clean.len() / 16);
    for (index, line) in clean.trim_end().lines().enumerate() {
        if index > 0 {
            marked.push('\n');
        }
        marked.push(WORDS_MARK);
        if !line.is_empty() {
            marked.push(' ');
            marked.push_str(line);
        }
    }
    marked
}

/// A quoted line as it was before [`marked`]: `> | text` becomes `> text`. Any other line stays as it is.
pub fn unmarked_quote(line: &str) -> Cow<'_, str> {
    let quoted = line.trim_start_matches(['>', ' ', '\t', '\u{a0}']);
    let marks = line.get(..line.len() - quoted.len()).unwrap_or_default();
    let words = quoted.strip_prefix(WORDS_MARK).filter(|words| words.is_empty() || words.starts_with(' '));
    match words {
        Some(words) if marks.contains('>') => Cow::Owned(format!("{}{words}", marks.trim_end())),
        Some(_) | None => Cow::Borrowed(line),
    }
}

/// Running text without the fillers by which newsletters push it out of a preview: joiners that join nothing, and lines of
/// blanks. A joiner has a meaning after a letter of the scripts that have them (Arabic, those of India) and in emoji.
pub fn without_fillers(text: &str) -> Cow<'_, str> {
    let is_joiner = |c: char| matches!(c, '\u{200c}' | '\u{200d}');
    // The blank of Braille and that of a digit's width are fillers only where a line holds nothing else.
    let is_filler = |c: char| is_joiner(c) || matches!(c, '\u{2007}' | '\u{2800}');
    if !text.contains(is_filler) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        if !line.contains(is_filler) {
            kept.push_str(line);
            continue;
        }
        let start = kept.len();
        let mut last = ' ';
        for c in line.trim_end_matches('\n').chars() {
            let joins = last >= FIRST_JOINED && !last.is_whitespace() && !matches!(last, '\u{2000}'..='\u{206f}');
            if !is_joiner(c) || joins {
                kept.push(c);
            }
            last = c;
        }
        let blank = |c: char| c.is_whitespace() || c == '\u{2800}';
        let filled = kept.get(start..).unwrap_or_default().trim_end_matches(blank).len();
        kept.truncate(start + filled);
        kept.extend(line.ends_with('\n').then_some('\n'));
    }
    Cow::Owned(kept)
}

/// The folder in which a file lies; `.` for a bare name, which the system does not open as an empty one.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// What the operating system said, in words: lower case, without its number.
pub fn os_words(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    if error.get_ref().is_some() {
        return error.to_string();
    }
    let known = [
        (Kind::NotFound, "no such file"),
        (Kind::PermissionDenied, "permission denied"),
        (Kind::AlreadyExists, "it is there already"),
        (Kind::IsADirectory, "it is a directory"),
        (Kind::NotADirectory, "a part of the path is no directory"),
        (Kind::StorageFull, "no space left on the disk"),
        (Kind::ReadOnlyFilesystem, "the file system is read-only"),
        (Kind::QuotaExceeded, "the disk quota is used up"),
        (Kind::ConnectionRefused, "connection refused"),
        (Kind::ConnectionReset, "the connection was reset"),
        (Kind::HostUnreachable, "the host cannot be reached"),
        (Kind::NetworkUnreachable, "the network cannot be reached"),
        (Kind::TimedOut, "no answer in time"),
        (Kind::AddrInUse, "the address is in use"),
        (Kind::UnexpectedEof, "it ended too early"),
    ];
    let words = known.iter().find(|(kind, _)| *kind == error.kind()).map(|(_, words)| (*words).to_owned());
    words.unwrap_or_else(|| without_number(&error.to_string()).to_lowercase())
}

/// A text without the `(os error 2)` that Rust puts behind what the system said.
fn without_number(text: &str) -> &str {
    text.rsplit_once(" (os error ").map_or(text, |(words, _)| words)
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
    fn names_lose_the_quotes_around_them_alone() {
        for (from, to) in [
            ("\"Anna\"", "Anna"),
            ("\"'Anna'\"", "Anna"),
            ("\"Anna", "Anna"),
            ("Anna 'Ania'", "Anna 'Ania'"),
            ("\"Boss\" <a@b.example>,", "\"Boss\" <a@b.example>,"),
            ("\"", ""),
            ("\"\"", ""),
        ] {
            assert_eq!(clean_name(from), to, "{from}");
        }
    }

    #[test]
    fn control_characters_of_latin_1_are_those_of_windows() {
        assert_eq!(clean_text("don\u{92}t \u{93}why\u{94} 5 \u{80}\u{81}"), "don’t “why” 5 €");
        assert_eq!(clean_subject("Don\u{92}t\u{90}"), "Don’t");
    }

    #[test]
    fn fillers_of_previews_are_gone() {
        assert_eq!(clean_text("Sale\u{34f} \u{34f}\u{3164}\u{ffa0}\u{115f}"), "Sale ");
        for (from, to) in [
            ("Sale \u{200c}\u{200c} \u{200c}\nnow", "Sale\nnow"),
            ("\u{2800} \u{2007}\u{200d}\n\u{200c}\u{a0}\nText \n", "\n\nText \n"),
            // Letters and emoji that joiners shape.
            ("می\u{200c}خواهم \u{200c}", "می\u{200c}خواهم"),
            ("👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥", "👩\u{200d}💻 ❤\u{fe0f}\u{200d}🔥"),
        ] {
            assert_eq!(without_fillers(from), to, "{from:?}");
        }
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
    fn a_beginning_keeps_its_limit_when_that_falls_into_a_letter() {
        assert_eq!(beginning("żółw", 4), "żó");
        assert_eq!(beginning("żółw", 5), "żó");
        assert_eq!(beginning("żółw", 0), "");
        assert_eq!(beginning("żółw", 70), "żółw");
    }

    #[test]
    fn a_bare_name_lies_in_this_folder() {
        for (path, folder) in [("postroom.db", "."), ("var/postroom.db", "var"), ("/postroom.db", "/")] {
            assert_eq!(folder_of(Path::new(path)), Path::new(folder), "{path}");
        }
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
