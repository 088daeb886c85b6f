//! The head of the first mail that is forwarded inside this one.

use crate::model::mail::Forwarded;
use crate::model::text::clean_line;
use crate::parse::mime::addresses;
use crate::parse::mime::fields::{Fields, unfold};
use crate::parse::mime::parts::{Part, Parts};
use crate::parse::origin::automated;
use crate::parse::quotes::attribution::{self, Certainty, Mark};
use crate::parse::quotes::budget;
use crate::parse::quotes::dates::has_whole_date;
use crate::parse::quotes::labels;
use crate::parse::quotes::split;

/// Lines after a mark in which the headers must begin.
const LOOK_AHEAD: usize = 4;
/// Header lines of a forwarded mail that are read.
const MAX_LINES: usize = 20;
/// Lines of a text in which one may introduce a forwarded mail.
const MAX_TEXT_LINES: usize = 500;
/// Colons of one line before which another header is looked for.
const MAX_COLONS: usize = 30;
/// Letters of a label.
const MAX_LABEL: usize = 20;

/// The first forwarded mail: inside the text, else attached, else introduced in a line as an answer introduces one.
pub fn find(text: &str, subject: &str, parts: &Parts<'_>) -> Option<Forwarded> {
    let lines: Vec<&str> = budget::affordable(text).0.split('\n').collect();
    let by_subject = split::is_forward_subject(subject);
    in_text(&lines, by_subject).or_else(|| attached(parts)).or_else(|| {
        let mut starts = 0..lines.len().min(if by_subject { MAX_TEXT_LINES } else { 0 });
        starts.find_map(|index| {
            let rest = lines.get(index..)?;
            let sure = attribution::attribution(rest).is_some_and(|(_, certainty)| certainty == Certainty::Strong);
            sure.then(|| introduced(rest)).flatten()
        })
    })
}

fn in_text(lines: &[&str], by_subject: bool) -> Option<Forwarded> {
    for (index, line) in lines.iter().enumerate() {
        let rest = lines.get(index..).unwrap_or_default();
        let below = rest.get(1..).unwrap_or_default();
        if attribution::mark(line) == Some(Mark::Forward) {
            let skip = below.iter().take(LOOK_AHEAD).position(|line| attribution::label(line).is_some());
            let at = || below.iter().take(LOOK_AHEAD).position(|line| !line.trim().is_empty());
            let under = || at().and_then(|at| introduced(below.get(at..)?)).unwrap_or_default();
            return Some(skip.map_or_else(under, |skip| head(below.get(skip..).unwrap_or_default())));
        }
        if let Some(first) = behind_mark(line) {
            let glued: Vec<&str> = std::iter::once(first).chain(below.iter().take(MAX_LINES).copied()).collect();
            return Some(head(&glued));
        }
        if by_subject && attribution::header_block(rest).is_some() {
            return Some(head(rest));
        }
        if by_subject && labels::unknown_block(rest) {
            return Some(unknown_head(rest));
        }
    }
    None
}

/// The first header behind a mark on the same line, as in the texts of Yahoo: `----- Forwarded Message ----- From: …`.
fn behind_mark(line: &str) -> Option<&str> {
    let line = line.trim_start().strip_prefix("---")?;
    let (words, rest) = line.trim_start_matches('-').split_once("---")?;
    let rest = rest.trim_start_matches('-').trim_start();
    let is_mark = attribution::mark(&format!("---{words}---")) == Some(Mark::Forward);
    (is_mark && attribution::label(rest).is_some()).then_some(rest)
}

/// The sender named in a line that introduces the mail instead of its headers: `3.11.2026, 10:15, "Jan" <jan@x.example>:`.
fn introduced(lines: &[&str]) -> Option<Forwarded> {
    let (length, _) = attribution::attribution(lines)?;
    let line = lines.get(..length)?.join(" ");
    let (head, tail) = line.split_once('<')?;
    let (address, _) = tail.split_once('>')?;
    // The name stands between the time and the address, perhaps behind a word: `AM Jan`, `schrieb Jan`, `от Jan`.
    let name = head.rsplit(|c: char| c.is_numeric()).next().unwrap_or(head);
    let name = name.trim_matches(|c: char| !c.is_alphabetic());
    let words = || name.split_whitespace();
    let is_time = |word: &&str| matches!(*word, "AM" | "PM" | "Uhr") || word.chars().all(char::is_lowercase);
    let from = words().position(|word| !is_time(&word)).unwrap_or_default();
    let name = words().skip(from).collect::<Vec<_>>().join(" ");
    let from = addresses::read(&format!("\"{name}\" <{address}>")).into_iter().next();
    Some(Forwarded { from, ..Forwarded::default() })
}

/// Reads the labelled lines at the start of `lines`, which a program may have wrapped.
fn head(lines: &[&str]) -> Forwarded {
    let mut fields: Vec<(usize, String)> = Vec::new();
    // What continues the value above, should another label follow.
    let mut wrapped: Vec<&str> = Vec::new();
    let mut blank = false;
    for line in lines.iter().take(MAX_LINES).flat_map(|line| unglue(line)) {
        if let Some((kind, value)) = attribution::label(line) {
            if let Some((_, above)) = fields.last_mut() {
                for line in wrapped.drain(..) {
                    above.push(' ');
                    above.push_str(line);
                }
            }
            fields.push((kind, value.to_owned()));
        } else if line.trim().is_empty() {
            if blank {
                break;
            }
            blank = true;
        } else if blank || fields.is_empty() {
            break;
        } else {
            wrapped.push(line.trim());
        }
    }
    // A label with its value below it.
    if let (Some((_, value)), Some(below)) = (fields.last_mut(), wrapped.first())
        && value.is_empty()
    {
        (*below).clone_into(value);
    }
    let value = |wanted: usize| {
        let mut values = fields.iter().filter(|(kind, value)| *kind == wanted && !value.trim().is_empty());
        values.next().map(|(_, value)| value.trim()).unwrap_or_default()
    };
    Forwarded {
        from: fields
            .iter()
            .filter(|(kind, _)| *kind == 0)
            .find_map(|(_, from)| addresses::read(&without_link(from)).into_iter().next()),
        date: clean_line(value(1), 100),
        subject: clean_line(value(3), 500),
    }
}

/// What labels say of which we do not know the language: the author first, the date by its form, the subject last.
fn unknown_head(lines: &[&str]) -> Forwarded {
    let values: Vec<&str> = lines.iter().take(MAX_LINES).map_while(|line| labels::labelled(line)).collect();
    let from = values.first().and_then(|first| addresses::read(&without_link(first)).into_iter().next());
    let date = values.iter().find(|value| has_whole_date(value)).copied().unwrap_or_default();
    let subject =
        values.iter().skip(1).rfind(|value| !value.contains('@') && **value != date).copied().unwrap_or_default();
    Forwarded { from, date: clean_line(date, 100), subject: clean_line(subject, 500) }
}

/// `Jan <jan@x.example>` of `Jan <jan@x.example<mailto:jan@x.example>>`, as Outlook's text shows its links.
fn without_link(value: &str) -> String {
    let Some((head, tail)) = value.split_once("<mailto:") else { return value.to_owned() };
    let Some((linked, tail)) = tail.split_once('>') else { return value.to_owned() };
    if head.contains('@') { format!("{head}{tail}") } else { format!("{head}<{linked}>{tail}") }
}

/// A line cut where a program left out the line ends between headers: `From: Jan <jan@x.example>To: …GMT+1Subject: …`.
fn unglue(line: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while pieces.len() < MAX_LINES && attribution::label(rest).is_some_and(|(kind, _)| kind != 3) {
        let colons = rest.match_indices([':', '：']).take(MAX_COLONS).map(|(at, _)| at).skip(1);
        let Some((before, after)) = colons.into_iter().find_map(|colon| glued_label(rest, colon)) else { break };
        pieces.push(before);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// `text` cut before the label that ends at `colon`, when it begins inside a word: behind an address or a time.
fn glued_label(text: &str, colon: usize) -> Option<(&str, &str)> {
    // French puts a blank in front of its colon.
    let words = text.get(..colon)?.trim_end_matches([' ', '\u{a0}']);
    let mut letters = words.char_indices().rev().take(MAX_LABEL).take_while(|(_, c)| c.is_alphabetic());
    let start = letters.find_map(|(at, c)| {
        let before = words.get(..at)?;
        let value = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let edge = before.ends_with('>') || value.contains('@') || value.ends_with(|c: char| c.is_ascii_digit());
        let zone = !value.is_empty() && value.chars().all(char::is_uppercase);
        let begins = c.is_uppercase() && (edge || zone);
        (begins && attribution::label(text.get(at..)?).is_some()).then_some(at)
    })?;
    text.split_at_checked(start)
}

/// An attached mail, unless the mail is a report.
fn attached(parts: &Parts<'_>) -> Option<Forwarded> {
    if automated::is_report(parts) {
        return None;
    }
    let is_file = |part: &Part<'_>| {
        let named = part.name.as_deref().is_some_and(|name| name.to_lowercase().ends_with(".eml"));
        named && part.media_type == "application/octet-stream"
    };
    let is_mail = |part: &&Part<'_>| matches!(part.media_type.as_str(), "message/rfc822" | "message/global");
    let part = parts.leaves.iter().find(|part| is_mail(part) || is_file(part))?;
    let bytes = part.bytes();
    let (fields, _) = Fields::scan(bytes.trim_ascii_start(), &mut Vec::new());
    // Not every file of that name is a mail.
    let known = is_mail(&part) || (fields.raw("From").is_some() && fields.raw("Date").is_some());
    known.then(|| Forwarded {
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
    fn heads_are_read_in_many_languages_and_in_none() {
        for (head, subject) in [
            (
                "Începutul mesajului redirecționat:\n\nDe la: Jan <jan@x.example>\nSubiect: Lamp\nDată: 3 noiembrie 2026, 10:15",
                "x",
            ),
            (
                "Початок переадресованого повідомлення:\n\nВід: Jan <jan@x.example>\nТема: Lamp\nДата: 3 листопада 2026 р., 10:15",
                "x",
            ),
            ("-----Original Message-----\nFrom：Jan <jan@x.example>\nSent：2026/11/03 10:15\nSubject：Lamp", "Fwd: x"),
            (
                "----- Přeposlaná zpráva ----- Od: Jan <jan@x.example>Komu: A <a@x.example>Odesláno: 3. listopadu 2026 10:15:00 SEČPředmět: Lamp",
                "x",
            ),
            (
                "----- Preposlaná správa ----- Od: Jan <jan@x.example>Komu: A <a@x.example>Odoslané: 3. novembra 2026 10:15:00 GMT+1Predmet: Lamp",
                "x",
            ),
            (
                "----- Mensagem encaminhada ----- De: Jan <jan@x.example>Para: A <a@x.example>Enviado: 3 de novembro de 2026 10:15:00 BRTAssunto: Lamp",
                "x",
            ),
            (
                "----- Message transféré ----- De : Jan <jan@x.example>À : A <a@x.example>Envoyé : 3 novembre 2026 à 10:15:00 UTC+1Objet : Lamp",
                "x",
            ),
            (
                "----- Välitetty viesti ----- Lähettäjä: Jan <jan@x.example>Vastaanottaja: A <a@x.example>Lähetetty: 3. marraskuuta 2026 klo 10.15.00 UTC+2Aihe: Lamp",
                "x",
            ),
            (
                "----- Переслане повідомлення ----- Від: Jan <jan@x.example>Кому: A <a@x.example>Надіслано: 3 листопада 2026 р. о 10:15:00 GMT+2Тема: Lamp",
                "x",
            ),
            (
                "From: Jan <jan@x.example<mailto:jan@x.example>>\nSent: Tuesday, 3 November 2026 10:15\nSubject: Lamp",
                "FW: x",
            ),
            ("Feladó: Jan <jan@x.example>\nDátum: 2026. november 3., kedd 10:15\nTárgy: Lamp", "Továbbít: x"),
            ("Od: Jan <jan@x.example>\nDátum: 3. novembra 2026 o 10:15\nPredmet: Lamp", "Redir: x"),
            ("Fra: Jan <jan@x.example>\nSendt: 3. november 2026 10:15\nEmne: Lamp", "Videresend: x"),
            ("Vron: Jan <jan@x.example>\nZadu: 3.11.2026 10:15\nKomo: A <a@x.example>\nTemu: Lamp", "Fwd: x"),
        ] {
            let forwarded = find(&format!("FYI\n\n{head}\n\nText"), subject, &Parts::default()).unwrap();
            let from = forwarded.from.map(|from| from.address.as_str().to_owned());
            assert_eq!((from.as_deref(), forwarded.subject.as_str()), (Some("jan@x.example"), "Lamp"), "{head}");
            assert!(forwarded.date.contains("10"), "{head}: {}", forwarded.date);
        }
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
    fn wrapped_and_glued_headers_are_read() {
        for (text, from, date, subject) in [
            (
                "---- Forwarded message ----\nFrom: Jan of a firm with a long name\n<jan@x.example>\nDate: Mon, 2 Nov 2026\nSubject: Order\n 5\nTo: a@b\n\nhello",
                "Jan of a firm with a long name",
                "Mon, 2 Nov 2026",
                "Order 5",
            ),
            (
                "---- Forwarded message ----\nFrom: Jan <jan@x.example>\nSent: Monday\nTo: a@b;\n c@d;\n e@f\nSubject: Order 5\nhello",
                "Jan",
                "Monday",
                "Order 5",
            ),
            (
                "FYI\n ----- Forwarded Message ----- From: Jan <jan@x.example>To: a@b.exampleSent: Monday at 09:12:33 AM GMT+1Subject: Order: 5\n hello",
                "Jan",
                "Monday at 09:12:33 AM GMT+1",
                "Order: 5",
            ),
            (
                "----- Weitergeleitete Nachricht ----- Von: Jan <jan@x.example>An: a@b.example\nGesendet: Montag 09:12 MEZBetreff: Order 5\nhello",
                "Jan",
                "Montag 09:12 MEZ",
                "Order 5",
            ),
        ] {
            let forwarded = find(text, "", &Parts::default()).unwrap();
            assert_eq!(forwarded.from.unwrap().name, from, "{text}");
            assert_eq!((forwarded.date.as_str(), forwarded.subject.as_str()), (date, subject), "{text}");
        }
    }

    #[test]
    fn a_mail_whose_subject_says_that_it_is_forwarded_may_be_introduced_as_an_answer_is() {
        for line in [
            "On Mon, Nov 2, 2026 at 9:12 AM Jan Nowak <jan@x.example> wrote:",
            "Dnia 2 listopada 2026 09:12 Jan Nowak <jan@x.example> napisał(a):",
            "Am 02.11.2026 um 09:12 Uhr schrieb Jan Nowak <jan@x.example>:",
        ] {
            let text = format!("FYI\n\n{line}\n\nhello");
            let from = find(&text, "Fwd: x", &Parts::default()).unwrap().from.unwrap();
            assert_eq!((from.name.as_str(), from.address.as_str()), ("Jan Nowak", "jan@x.example"), "{line}");
            assert_eq!(find(&text, "Re: x", &Parts::default()), None, "{line}");
        }
    }

    #[test]
    fn a_reply_is_no_forward() {
        assert_eq!(
            find("x\n-----Original Message-----\nFrom: a\nSent: b\nSubject: c", "Re: c", &Parts::default()),
            None
        );
    }
}
