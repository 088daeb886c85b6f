//! The head of the first mail that is forwarded inside this one.

use super::addresses;
use super::attribution::{self, Mark};
use super::fields::{Fields, unfold};
use super::mime::Parts;
use super::{automated, reply};
use crate::model::mail::Forwarded;
use crate::model::text::clean_line;

/// Lines after a mark in which the headers must begin.
const LOOK_AHEAD: usize = 4;
/// Header lines of a forwarded mail that are read.
const MAX_LINES: usize = 12;

/// The first forwarded mail: inside the text, else attached.
pub fn find(text: &str, subject: &str, parts: &Parts<'_>) -> Option<Forwarded> {
    in_text(text, subject).or_else(|| attached(parts))
}

fn in_text(text: &str, subject: &str) -> Option<Forwarded> {
    let lines: Vec<&str> = text.split('\n').collect();
    let by_subject = reply::is_forward_subject(subject);
    for (index, line) in lines.iter().enumerate() {
        let rest = lines.get(index..).unwrap_or_default();
        if attribution::mark(line) == Some(Mark::Forward) {
            let skip =
                (1..=LOOK_AHEAD).find(|&skip| rest.get(skip).is_some_and(|line| attribution::label(line).is_some()));
            let under = || introduced(rest.get(1..).unwrap_or_default()).unwrap_or_default();
            return Some(skip.map_or_else(under, |skip| head(rest.get(skip..).unwrap_or_default())));
        }
        if by_subject && attribution::header_block(rest).is_some() {
            return Some(head(rest));
        }
    }
    None
}

/// The sender named in a line that introduces the mail instead of its headers: `3.11.2026, 10:15, "Jan" <jan@x.example>:`.
fn introduced(lines: &[&str]) -> Option<Forwarded> {
    let at = lines.iter().take(LOOK_AHEAD).position(|line| !line.trim().is_empty())?;
    let rest = lines.get(at..)?;
    let (length, _) = attribution::attribution(rest)?;
    let line = rest.get(..length)?.join(" ");
    let (head, tail) = line.split_once('<')?;
    let (address, _) = tail.split_once('>')?;
    // The name stands between the time and the address.
    let name = head.rsplit(|c: char| c.is_numeric()).next().unwrap_or(head);
    let name = name.trim_matches(|c: char| !c.is_alphabetic());
    let from = addresses::read(&format!("\"{name}\" <{address}>")).into_iter().next();
    Some(Forwarded { from, ..Forwarded::default() })
}

/// Reads the labelled lines at the start of `lines`.
fn head(lines: &[&str]) -> Forwarded {
    let mut forwarded = Forwarded::default();
    let mut gap = 0;
    for line in lines.iter().take(MAX_LINES) {
        let Some((kind, value)) = attribution::label(line) else {
            gap += 1;
            if gap > 1 {
                break;
            }
            continue;
        };
        match kind {
            0 if forwarded.from.is_none() => forwarded.from = addresses::read(value).into_iter().next(),
            1 if forwarded.date.is_empty() => forwarded.date = clean_line(value, 100),
            3 if forwarded.subject.is_empty() => forwarded.subject = clean_line(value, 500),
            _ => {}
        }
    }
    forwarded
}

/// An attached mail, unless the mail is a report.
fn attached(parts: &Parts<'_>) -> Option<Forwarded> {
    if automated::is_report(parts) {
        return None;
    }
    let part = parts.leaves.iter().find(|part| part.media_type == "message/rfc822")?;
    let bytes = part.bytes();
    let (fields, _) = Fields::scan(bytes.trim_ascii_start(), &mut Vec::new());
    Some(Forwarded {
        from: fields.raw("From").and_then(|raw| addresses::read(&unfold(raw)).into_iter().next()),
        date: clean_line(&fields.text("Date").unwrap_or_default(), 100),
        subject: clean_line(&fields.decoded("Subject").unwrap_or_default(), 500),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_forwarded_mail_is_read() {
        let text = "FYI\n\n---------- Forwarded message ---------\nFrom: Jan <jan@x.example>\nDate: Mon, 2 Nov 2026\nSubject: Order 5\nTo: a@b\n\nhello";
        let forwarded = find(text, "", &Parts::default()).unwrap();
        assert_eq!(forwarded.from.unwrap().address.as_str(), "jan@x.example");
        assert_eq!((forwarded.date.as_str(), forwarded.subject.as_str()), ("Mon, 2 Nov 2026", "Order 5"));
    }

    #[test]
    fn a_line_that_introduces_the_mail_names_its_sender() {
        let text =
            "FYI\n\n-------- Пересылаемое сообщение --------\n03.11.2026, 10:15, \"Jan\" <jan@x.example>:\n\nhello";
        let from = find(text, "", &Parts::default()).unwrap().from.unwrap();
        assert_eq!((from.name.as_str(), from.address.as_str()), ("Jan", "jan@x.example"));
        let text = "FYI\n\n-------- Forwarded Message --------\n\nhello";
        assert_eq!(find(text, "", &Parts::default()), Some(Forwarded::default()));
    }

    #[test]
    fn a_reply_is_no_forward() {
        assert_eq!(
            find("x\n-----Original Message-----\nFrom: a\nSent: b\nSubject: c", "Re: c", &Parts::default()),
            None
        );
    }
}
