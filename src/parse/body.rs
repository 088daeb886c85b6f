//! Which parts are running text, and that text: plain text when it says what the HTML says, else what the HTML shows.

use std::borrow::Cow;

use memchr::memmem;

use crate::model::mail::Attachment;
use crate::model::text::{clean_text, without_fillers};
use crate::parse::MAX_TEXT;
use crate::parse::charset;
use crate::parse::formats::armour;
use crate::parse::formats::calendar;
use crate::parse::formats::enriched;
use crate::parse::formats::flowed;
use crate::parse::formats::tnef::Tnef;
use crate::parse::html::containers::Marks;
use crate::parse::html::pictures;
use crate::parse::html::text;
use crate::parse::mime::alternatives::{self, Form, Read};
use crate::parse::mime::fields::Fields;
use crate::parse::mime::parts::{self, Disposition, Kind, Part, Parts};

/// Bytes of an encoded part that are decoded for its text: quoted-printable may triple them.
const MAX_ENCODED: usize = 3 * MAX_TEXT;

/// The running text of a mail.
#[derive(Debug, Default)]
pub struct Chosen {
    /// The text, line ends `\n`.
    pub text: String,
    /// Whether it was made from HTML.
    pub html: bool,
    /// What of it a mail program says is quoted.
    pub marks: Marks,
    /// Indexes of the parts that are no attachments.
    pub used: Vec<usize>,
    /// Content-IDs shown by the HTML.
    pub referred: Vec<String>,
    /// Files that stood in the text.
    pub files: Vec<Attachment>,
    /// How many of them are pictures that stood in HTML.
    pictures: usize,
}

impl Chosen {
    fn take_pictures(&mut self, files: Vec<Attachment>) {
        self.pictures += files.len();
        self.files.extend(files);
    }
}

/// Mails inside a mail that are opened for their text.
const MAX_ENCLOSED: usize = 3;

/// Chooses the running text among the parts of a mail.
pub fn choose(parts: &Parts<'_>, defects: &mut Vec<String>) -> Chosen {
    let mut chosen = Chosen::default();
    let mut done: Vec<usize> = Vec::new();
    for (index, part) in parts.leaves.iter().enumerate() {
        let Some(group) = parts.alternative(part) else {
            if is_running(parts, part, &chosen) {
                chosen.used.push(index);
                append(&mut chosen, part, defects);
            }
            continue;
        };
        if done.contains(&group) {
            continue;
        }
        done.push(group);
        alternative(parts, group, &mut chosen, defects);
    }
    if chosen.text.trim().is_empty() && parts.containers.is_empty() {
        enclosed(parts, &mut chosen);
    }
    if chosen.text.trim().is_empty()
        && let Some(part) = parts.leaves.iter().find(|part| part.media_type == "text/calendar")
    {
        push(&mut chosen, &calendar::words(&clean_text(&encoded_head(part, defects).text(MAX_TEXT + 4))));
    }
    if armour::is_encrypted(&chosen.text) {
        defects.push("encrypted text".to_owned());
    }
    if chosen.text.len() > MAX_TEXT {
        cut(&mut chosen.text, MAX_TEXT);
        defects.push(format!("only the first {MAX_TEXT} bytes of text were read"));
    }
    let end = chosen.text.trim_end().len();
    chosen.text.truncate(end);
    chosen.marks.quoted_from = chosen.marks.quoted_from.filter(|&at| at <= end);
    chosen.marks.introduced = chosen.marks.introduced.take().filter(|range| range.end <= end);
    chosen.marks.own.retain(|range| range.start < end);
    chosen
}

/// The text of a mail that is nothing but another mail, or another one in that.
fn enclosed(parts: &Parts<'_>, chosen: &mut Chosen) {
    let Some(part) = parts.leaves.first().filter(|part| part.media_type == "message/rfc822") else { return };
    let mut bytes = part.bytes().into_owned();
    for _ in 0..MAX_ENCLOSED {
        let (fields, body) = Fields::scan(bytes.trim_ascii_start(), &mut Vec::new());
        let inner = parts::split(&fields, body, &mut Vec::new());
        if let Some(part) = inner.leaves.first().filter(|part| part.media_type == "message/rfc822") {
            let next = part.bytes().into_owned();
            bytes = next;
            continue;
        }
        let inside = choose(&inner, &mut Vec::new());
        chosen.text = inside.text;
        chosen.html = inside.html;
        return;
    }
}

/// Takes the body out of a `winmail.dat` when the mail has none of its own.
pub fn take_packed(packed: &[(usize, Tnef)], chosen: &mut Chosen) {
    for (_, tnef) in packed {
        if !tnef.text.trim().is_empty() {
            push(chosen, &tnef.text);
        } else if !tnef.html.is_empty() {
            chosen.html = true;
            push(chosen, &text::convert(&tnef.html).text);
        }
    }
    cut(&mut chosen.text, MAX_TEXT);
    chosen.text.truncate(chosen.text.trim_end().len());
}

/// Other types of text that people write mails in.
fn is_other_text(media_type: &str) -> bool {
    enriched::is_enriched(media_type)
        || matches!(media_type, "text/markdown" | "text/x-markdown" | "text/x-web-markdown")
}

/// Whether a part outside an alternative is running text.
fn is_running(parts: &Parts<'_>, part: &Part<'_>, chosen: &Chosen) -> bool {
    if !part.is_text() && !is_other_text(&part.media_type) {
        return false;
    }
    // A mail that is one text without a name is that text, whatever it says of itself.
    if part.disposition == Disposition::Attachment && (part.parent.is_some() || part.name.is_some()) {
        return false;
    }
    // A named text is a file, unless it is all there is to read.
    if part.name.is_some() && !(chosen.text.is_empty() && part.disposition == Disposition::None) {
        return false;
    }
    // Of a report the first text is for people; the rest is evidence.
    parts.kind(part) != Some(Kind::Report) || chosen.text.is_empty()
}

/// Takes the best form of one alternative; the forms not taken are no attachments either.
fn alternative(parts: &Parts<'_>, group: usize, chosen: &mut Chosen, defects: &mut Vec<String>) {
    let members: Vec<(usize, &Part<'_>)> = parts
        .leaves
        .iter()
        .enumerate()
        .filter(|(_, part)| parts.alternative(part) == Some(group) && part.disposition != Disposition::Attachment)
        .filter(|(_, part)| part.name.is_none() || part.is_text())
        .collect();
    let mut plain: Vec<(usize, &Part<'_>)> = Vec::new();
    let mut rich: Vec<(usize, &Part<'_>)> = Vec::new();
    for (index, part) in members {
        match part.media_type.as_str() {
            "text/plain" => plain.push((index, part)),
            "text/html" => rich.push((index, part)),
            // The invitation again, of which there is a file already.
            "text/calendar" if has_calendar_file(parts) => chosen.used.push(index),
            "text/enriched" | "text/richtext" | "text/x-amp-html" | "text/watch-html" => chosen.used.push(index),
            _ => {}
        }
    }
    let (plain, rich) = (forms(parts, group, plain), forms(parts, group, rich));
    let texts: Vec<String> = plain
        .iter()
        .map(|form| {
            let mut whole = Chosen::default();
            for (_, part) in form {
                append(&mut whole, part, defects);
            }
            chosen.files.append(&mut whole.files);
            whole.text
        })
        .collect();
    let best = alternatives::best(&texts);
    let text = texts.get(best.shown).map(String::as_str).unwrap_or_default();
    let mut used: Vec<usize> = alternatives::used(&plain, &best);
    let mut markups: Vec<(Cow<'_, [u8]>, Vec<Attachment>)> = Vec::new();
    for (_, part) in rich.iter().flatten() {
        let first = chosen.pictures + 1 + markups.iter().map(|(_, files)| files.len()).sum::<usize>();
        markups.push(markup(part, first, &mut Vec::new()));
    }
    let read = rich.first().map_or(Read::Plain, |form| {
        let first: Vec<&[u8]> = markups.iter().take(form.len()).map(|(markup, _)| &**markup).collect();
        if alternatives::may_say_more(text, &first) {
            alternatives::compare(text, &shown(form, &mut Vec::new()))
        } else {
            Read::Plain
        }
    });
    if read == Read::Html || read == Read::HtmlAndKeepPlain || text.trim().is_empty() {
        let texts: Vec<String> =
            if rich.len() > 1 { rich.iter().map(|form| shown(form, defects)).collect() } else { Vec::new() };
        let best = alternatives::best(&texts);
        if read == Read::HtmlAndKeepPlain {
            used.clear();
        }
        used.extend(alternatives::used(&rich, &best));
        for (_, part) in rich.get(best.shown).into_iter().flatten() {
            append(chosen, part, defects);
        }
        if !chosen.text.trim().is_empty() || text.trim().is_empty() {
            chosen.used.append(&mut used);
            return;
        }
    } else if read == Read::Plain {
        used.extend(rich.iter().flatten().map(|(index, _)| *index));
    }
    chosen.used.append(&mut used);
    push(chosen, text);
    // Pictures that the other form shows are still part of the text, not files.
    for (markup, files) in markups {
        chosen.referred.extend(referred(&markup));
        chosen.take_pictures(files);
    }
}

/// What a form of HTML shows.
fn shown(form: &[(usize, &Part<'_>)], defects: &mut Vec<String>) -> String {
    form.iter().map(|(_, part)| text::convert(&html_source(part, 1, defects).0).text).collect()
}

/// Parts with their indexes, grouped by the member of the alternative `group` in which they stand: each is one form.
fn forms<'p, 'a>(parts: &Parts<'_>, group: usize, members: Vec<(usize, &'p Part<'a>)>) -> Vec<Form<'p, 'a>> {
    let mut forms: Vec<Form<'_, '_>> = Vec::new();
    let mut last = None;
    for (index, part) in members {
        let member = parts.member_of(group, part);
        match forms.last_mut().filter(|_| member.is_some() && member == last) {
            Some(form) => form.push((index, part)),
            None => forms.push(vec![(index, part)]),
        }
        last = member;
    }
    forms
}

/// The HTML of a mail that has one part of it.
pub fn only_html(parts: &Parts<'_>) -> Option<String> {
    let shown = |part: &&Part<'_>| part.media_type == "text/html" && part.disposition != Disposition::Attachment;
    let mut found = parts.leaves.iter().filter(shown);
    let part = found.next().filter(|_| found.next().is_none())?;
    Some(html_source(part, 1, &mut Vec::new()).0)
}

fn has_calendar_file(parts: &Parts<'_>) -> bool {
    let calendar = |part: &&Part<'_>| matches!(part.media_type.as_str(), "text/calendar" | "application/ics");
    parts.leaves.iter().filter(calendar).any(|part| part.disposition == Disposition::Attachment)
}

fn append(chosen: &mut Chosen, part: &Part<'_>, defects: &mut Vec<String>) {
    if chosen.text.len() >= MAX_TEXT {
        return;
    }
    if part.media_type == "text/html" {
        let (source, files) = html_source(part, chosen.pictures + 1, defects);
        let converted = text::convert(&source);
        let before = chosen.text.len();
        let (text, mut marks) = without_layout(&converted.text, converted.marks);
        let separator = push(chosen, &text);
        chosen.html = true;
        let shift = before + separator;
        marks.quoted_from = marks.quoted_from.map(|at| at + shift);
        marks.introduced = marks.introduced.map(|range| range.start + shift..range.end + shift);
        marks.own = marks.own.into_iter().map(|range| range.start + shift..range.end + shift).collect();
        if chosen.marks == Marks::default() {
            chosen.marks = marks;
        }
        chosen.referred.extend(converted.referred);
        chosen.take_pictures(files);
    } else {
        let text = plain_text(part, &mut chosen.files, defects);
        push(chosen, &without_fillers(&text));
    }
}

/// `text` without characters that fill it and the line ends at its beginning, and its marks where they are then.
fn without_layout(text: &str, marks: Marks) -> (String, Marks) {
    let Marks { quoted_from, introduced, own } = marks;
    let ranges = || introduced.iter().chain(&own);
    let mut places: Vec<usize> = ranges().flat_map(|range| [range.start, range.end]).chain(quoted_from).collect();
    places.sort_unstable();
    let mut written = String::with_capacity(text.len());
    let mut moved = Vec::with_capacity(places.len());
    let mut from = 0;
    for at in places.into_iter().chain([text.len()]) {
        let piece = without_fillers(text.get(from..at).unwrap_or_default());
        written.push_str(if written.is_empty() { piece.trim_start_matches('\n') } else { &piece });
        from = from.max(at);
        moved.push((at, written.len()));
    }
    let place = |at: usize| moved.iter().find(|(before, _)| *before == at).map_or(at, |(_, after)| *after);
    let marks = Marks {
        quoted_from: quoted_from.map(place),
        introduced: introduced.as_ref().map(|range| place(range.start)..place(range.end)),
        own: own.iter().map(|range| place(range.start)..place(range.end)).collect(),
    };
    (written, marks)
}

/// Appends a text after a blank line; returns the bytes put between.
fn push(chosen: &mut Chosen, text: &str) -> usize {
    let kept = chosen.text.trim_end().len();
    if kept == 0 {
        chosen.text.clear();
        let text = text.trim_start_matches(['\n', '\r']);
        chosen.text.push_str(text);
        return 0;
    }
    let before = chosen.text.len();
    if !text.trim().is_empty() {
        chosen.text.push_str(if chosen.text.ends_with("\n\n") {
            ""
        } else if chosen.text.ends_with('\n') {
            "\n"
        } else {
            "\n\n"
        });
        let separator = chosen.text.len() - before;
        chosen.text.push_str(text);
        return separator;
    }
    0
}

fn encoded_head<'a>(part: &Part<'a>, defects: &mut Vec<String>) -> Part<'a> {
    let mut head = part.clone();
    if let Some(raw) = part.raw.get(..MAX_ENCODED) {
        head.raw = raw;
        defects.push(format!("only the first {MAX_ENCODED} bytes of a text part were read"));
    }
    head
}

fn plain_text(part: &Part<'_>, files: &mut Vec<Attachment>, defects: &mut Vec<String>) -> String {
    let text = clean_text(&encoded_head(part, defects).text(MAX_TEXT + 4));
    let text = match armour::remove(&text) {
        Some((text, found)) => {
            files.extend(found);
            text
        }
        None => text,
    };
    let text = match () {
        () if part.flowed => flowed::unfold(&text, part.delsp),
        () if enriched::is_enriched(&part.media_type) => enriched::convert(&text, &part.media_type),
        () => text,
    };
    // Plain text that is HTML by mistake.
    if looks_like_html(&text) { text::convert(&text).text } else { text }
}

fn looks_like_html(text: &str) -> bool {
    let start = text.trim_start();
    let start = start.get(..15).unwrap_or(start).to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

/// The bytes of an HTML part without the pictures that stand in it, cut to the limit; the pictures, numbered from `first` on.
fn markup<'a>(part: &Part<'a>, first: usize, defects: &mut Vec<String>) -> (Cow<'a, [u8]>, Vec<Attachment>) {
    let bytes = part.bytes();
    let (mut bytes, files) = match pictures::lift(&bytes, first) {
        Some((left, files)) => (Cow::Owned(left), files),
        None => (bytes, Vec::new()),
    };
    if bytes.len() > MAX_TEXT {
        defects.push(format!("only the first {MAX_TEXT} bytes of a text part were read"));
        match &mut bytes {
            Cow::Borrowed(bytes) => *bytes = bytes.get(..MAX_TEXT).unwrap_or(bytes),
            Cow::Owned(bytes) => bytes.truncate(MAX_TEXT),
        }
    }
    (bytes, files)
}

/// As `markup`, decoded and cleaned.
fn html_source(part: &Part<'_>, first: usize, defects: &mut Vec<String>) -> (String, Vec<Attachment>) {
    let (bytes, files) = markup(part, first, defects);
    let label = part.charset.clone().or_else(|| meta_charset(&bytes));
    (clean_text(&charset::decode(&bytes, label.as_deref())), files)
}

/// The charset that the HTML declares itself.
fn meta_charset(bytes: &[u8]) -> Option<String> {
    let start = String::from_utf8_lossy(bytes.get(..2048).unwrap_or(bytes)).to_ascii_lowercase();
    let (_, rest) = start.split_once("charset=")?;
    let label: String = rest
        .trim_start_matches(['"', '\'', ' '])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || "-_:".contains(*c))
        .collect();
    (!label.is_empty() && !label.starts_with("utf-16")).then_some(label)
}

/// The Content-IDs that markup names.
fn referred(markup: &[u8]) -> Vec<String> {
    const MAX_ID: usize = 800;
    let ids = memmem::find_iter(markup, b"cid:").take(super::MAX_PARTS).filter_map(|at| {
        let rest = markup.get(at + 4..)?;
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b"\"'>)".contains(byte);
        let length = rest.iter().take(MAX_ID).position(ends).unwrap_or(rest.len().min(MAX_ID));
        rest.get(..length)
    });
    ids.map(|id| String::from_utf8_lossy(id).chars().take(200).take_while(|c| !c.is_whitespace()).collect()).collect()
}

/// Cuts at a character's edge.
fn cut(text: &mut String, limit: usize) {
    let mut end = limit.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(mail: &str, text: &str, html: bool, used: &[usize]) {
        let mut defects = Vec::new();
        let (fields, body) = Fields::scan(mail.as_bytes(), &mut defects);
        let parts = parts::split(&fields, body, &mut defects);
        let mut chosen = choose(&parts, &mut defects);
        chosen.used.sort_unstable();
        assert_eq!((chosen.text.as_str(), chosen.html, chosen.used.as_slice()), (text, html, used), "{mail}");
    }

    const ALTERNATIVE: &str = "Content-Type: multipart/alternative; boundary=a\n\n--a\n\nPLAIN\n--a\nContent-Type: text/html\n\n<p>rich</p>\n--a--\n";

    #[test]
    fn plain_text_is_preferred_unless_it_is_blank_or_a_stub() {
        check(&ALTERNATIVE.replace("PLAIN", "plain"), "plain", false, &[0, 1]);
        check(&ALTERNATIVE.replace("PLAIN", "  \n"), "rich", true, &[0, 1]);
        check(&ALTERNATIVE.replace("PLAIN", "Your program cannot show HTML."), "rich", true, &[0, 1]);
    }

    #[test]
    fn texts_of_a_mixed_mail_are_joined_and_files_left_out() {
        let mail = "Content-Type: multipart/mixed; boundary=a\n\n--a\n\none\n--a\nContent-Type: text/plain; name=x.txt\nContent-Disposition: attachment\n\nfile\n--a\n\ntwo\n--a--\n";
        check(mail, "one\n\ntwo", false, &[0, 2]);
    }

    #[test]
    fn of_several_forms_one_is_read_and_other_words_are_kept_as_a_file() {
        let mail = |second: &str| {
            format!("Content-Type: multipart/alternative; boundary=a\n\n--a\n\none two\n--a\n\n{second}\n--a--\n")
        };
        check(&mail("three"), "one two", false, &[0]);
        check(&mail("one\ntwo"), "one two", false, &[0, 1]);
        check(&mail("one two three"), "one two three", false, &[0, 1]);
        check(&mail(""), "one two", false, &[0, 1]);
        check(&mail("").replace("one two", ""), "", false, &[0, 1]);
        let rich = mail("<p>three</p>").replace("a\n\n", "a\nContent-Type: text/html\n\n");
        check(&rich.replace("one two", "<p></p>"), "three", true, &[0, 1]);
    }

    #[test]
    fn texts_that_stand_together_in_one_form_are_all_read() {
        let mail = "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n--a\nContent-Type: text/html\n\n<p>rich</p>\n--a--\n";
        check(mail, "one\n\ntwo", false, &[0, 1, 2]);
    }

    #[test]
    fn html_may_name_its_own_charset() {
        assert_eq!(
            meta_charset(b"<meta http-equiv=x content=\"text/html; charset=koi8-r\">").as_deref(),
            Some("koi8-r")
        );
    }
}
