//! Mails as customers, agents and their programs write them. Each has words by which it is known wherever they turn up:
//! `Words 7.` a customer's, `reply-7` an agent's to a customer, `canary 7` a note's, `magpie-7` what is copied out of one.

use postroom::model::subject::tagged_ticket;

use super::happening::{AnswerWords, How, Quote, Step, Via, Words};
use super::record::headers;
use super::{STAFF, name_of};
use crate::desk::{Desk, Sent};
use crate::html_answers::with_html;
use crate::script::{quoted, reply_head};

/// Stands in every note.
pub const CANARY: &str = "canary";
/// Stands in whatever an agent's program writes beside his words.
pub const CLIENT: &str = "zz-client-zz";

/// A mail to be, with what is known of it.
#[derive(Clone, Debug)]
pub struct Written {
    pub writer: &'static str,
    pub mail: String,
    /// The words by which it is known.
    pub mark: String,
    /// Who reads a reply to the mail that it answers, as that one says.
    pub answered: Option<String>,
}

impl Written {
    /// Whether its words go to a customer whatever it answers.
    pub fn insists(&self) -> bool {
        ["#send", ".send.", "#answer"].iter().any(|word| self.mail.contains(word))
    }
}

/// What an agent's program writes into the header.
fn client_head(writer: &str) -> String {
    if name_of(writer).is_none() {
        return String::new();
    }
    format!(
        "Received: from {CLIENT}.home.example (10.9.8.7) by mx.shop.example; x\nUser-Agent: {CLIENT}/1.0\n\
         X-Mailer: {CLIENT} Outlook\nX-Originating-IP: [10.9.8.7]\nX-Agent-Secret: {CLIENT}\nOrganization: {CLIENT}\n"
    )
}

/// The sentence of a note that careless agents copy.
pub fn magpie(index: usize) -> String {
    format!("magpie-{index} the buyer is known to us for asking the same thing in every shop")
}

fn note(index: usize) -> String {
    format!("{CANARY} {index}\n{}", magpie(index))
}

fn whole(writer: &str, index: usize, head: &str, text: &str, html: bool, file: Option<&str>) -> String {
    let mail = format!("{}Message-ID: <{index}@mail.example>\nFrom: {writer}\n{head}", client_head(writer));
    match (html, file) {
        (true, _) => format!("{mail}{}", with_html(text)),
        (false, Some(content)) => format!(
            "{mail}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"m\"\n\n--m\n\
             Content-Type: text/plain; charset=utf-8\n\n{text}\n--m\nContent-Type: text/x-figures; name=\"figures.txt\"\n\
             Content-Disposition: attachment; filename=\"figures.txt\"\n\n{content}\n--m--\n"
        ),
        (false, None) => format!("{mail}\n{text}"),
    }
}

/// Whoever shows us what he cannot have will see it again: that is no leak of ours.
fn of_customer(writer: &str, text: String) -> String {
    if name_of(writer).is_some() {
        return text;
    }
    let text = text.replace(CANARY, "stolen").replace("magpie", "stolen");
    STAFF.into_iter().filter_map(name_of).fold(text, |text, name| text.replace(name, "Somebody"))
}

pub fn step(step: &Step, index: usize, desk: &Desk) -> Written {
    let Step { writer, machine, via, words, quote, copy, html } = step;
    let (mut head, answered) = finding(writer, *via, index, desk);
    head.extend(copy.map(|copy| format!("Cc: {copy}\n")));
    if *machine {
        head.push_str("Auto-Submitted: auto-replied\n");
    }
    let (words, mark) = words.text(index, name_of(writer));
    let quote = answered.map(|answered| quote.of(answered)).unwrap_or_default();
    let head = of_customer(writer, head);
    let text = format!("{words}\n{}", of_customer(writer, quote));
    let answered = answered.and_then(reader_of);
    Written { writer, mail: whole(writer, index, &head, &text, *html, None), mark, answered }
}

/// To and Subject of a mail, and what it answers: an honest writer answers what he himself got; some what somebody else did.
fn finding<'d>(writer: &str, via: Via, index: usize, desk: &'d Desk) -> (String, Option<&'d Sent>) {
    let answered = match via {
        Via::Reply(reader) | Via::Bare(reader) => desk.latest(writer).or_else(|| desk.latest(reader)),
        Via::New | Via::Tag => None,
    };
    let head = match (via, answered) {
        (Via::Reply(_), Some(answered)) => reply_head(answered),
        (Via::Bare(_), Some(answered)) => without_ids(&reply_head(answered)),
        (Via::Tag, _) => "To: returns@shop.example\nSubject: [#1001] again\n".to_owned(),
        (Via::New | Via::Reply(_) | Via::Bare(_), _) => {
            format!("To: returns@shop.example\nSubject: Matter {index}\n")
        }
    };
    (head, answered)
}

/// Who reads a reply to this mail, as it says.
pub fn reader_of(sent: &Sent) -> Option<String> {
    headers(sent).into_iter().find(|(name, _)| name == "X-Postroom-Reader").map(|(_, value)| value)
}

fn without_ids(head: &str) -> String {
    head.lines().take(2).flat_map(|line| [line, "\n"]).collect()
}

/// An agent's answer to one certain mail.
pub fn answer(
    (writer, index): (&'static str, usize),
    answered: &Sent,
    answer: AnswerWords,
    note_to_copy: Option<usize>,
    (quote, html, file): (Quote, bool, bool),
) -> Written {
    let mark = format!("reply-{index}");
    let name = name_of(writer).unwrap_or_default();
    let (text, content) = match answer {
        AnswerWords::Plain => (format!("Words of {mark}."), format!("file of {mark}")),
        AnswerWords::Careless => {
            let copied = note_to_copy.map_or_else(|| "nothing to copy".to_owned(), magpie);
            (format!("Words of {mark}.\n{copied}"), format!("file of {mark}"))
        }
        AnswerWords::WithCommand(command) => (format!("#{command}\nWords of {mark}."), format!("file of {mark}")),
        AnswerWords::Insist => (format!("#answer\nWords of {mark}."), format!("file of {mark}")),
        AnswerWords::Note => (format!("#note\n{}", note(index)), format!("{CANARY} file")),
        AnswerWords::Signed => {
            (format!("Words of {mark}.\n\nBest regards,\n{name}\nReturns"), format!("file of {mark}"))
        }
    };
    let mark = if matches!(answer, AnswerWords::Note) { format!("{CANARY} {index}") } else { mark };
    let text = format!("{text}\n{}", quote.of(answered));
    let file = file.then_some(content.as_str());
    let mail = whole(writer, index, &reply_head(answered), &text, html, file);
    Written { writer, mail, mark, answered: reader_of(answered) }
}

/// A command in answer to one certain mail.
pub fn command(
    (writer, index): (&'static str, usize),
    answered: &Sent,
    command: &str,
    how: How,
    words: bool,
) -> Written {
    let mut head = reply_head(answered);
    let mut text = format!("#{command}\n");
    let link = mailto(&answered.mail.text, command);
    match (how, link) {
        (How::Line, _) | (How::Link, None) => {}
        (How::Subject, _) => {
            let tag = tagged_ticket(&answered.mail.subject).map(|number| format!("[#{number}] ")).unwrap_or_default();
            let subject = format!("Subject: Re: {tag}#{command}");
            let lines = head.lines().map(|line| if line.starts_with("Subject: ") { subject.as_str() } else { line });
            head = lines.flat_map(|line| [line, "\n"]).collect();
            text.clear();
        }
        (How::Link, Some(address)) => {
            head = format!("To: {address}\nSubject: {command}\n");
            text.clear();
        }
    }
    let mut mark = String::new();
    if words {
        mark = format!("reply-{index}");
        text = format!("{text}Words of {mark}.\n");
    }
    if command == "return" {
        text = format!("#return {}\n", note(index).replace('\n', " "));
        mark = format!("{CANARY} {index}");
    }
    let text = format!("{text}{}", quoted(answered));
    Written { writer, mail: whole(writer, index, &head, &text, false, None), mark, answered: reader_of(answered) }
}

/// The address of a link for this command.
fn mailto(text: &str, command: &str) -> Option<String> {
    let part = format!(".{command}.");
    let links = text.split("mailto:").skip(1).filter_map(|link| link.split(['?', '\n', '>', ' ']).next());
    let mut addresses = links.map(|address| address.replace("%2B", "+").replace("%40", "@"));
    addresses.find(|address| address.contains(&part))
}

impl Words {
    /// Customers write no notes: in their mails the same words are plain.
    fn text(self, index: usize, name: Option<&str>) -> (String, String) {
        let agent = name.is_some();
        let reply = format!("reply-{index}");
        match self {
            Self::Note if agent => (format!("#note\n{}", note(index)), format!("{CANARY} {index}")),
            Self::NoteBelow if agent => (format!("{}\n\n#note", note(index)), String::new()),
            Self::MoveWithNote if agent => {
                (format!("#move support\n#note\n{}", note(index)), format!("{CANARY} {index}"))
            }
            Self::Command(command) if agent => (format!("#{command}"), String::new()),
            Self::Return if agent => {
                (format!("#return {}", note(index).replace('\n', " ")), format!("{CANARY} {index}"))
            }
            Self::Signed if agent => {
                (format!("Words of {reply}.\n\nBest regards,\n{}\nReturns", name.unwrap_or_default()), reply)
            }
            Self::Plain if agent => (format!("Words of {reply}."), reply),
            Self::Nothing => (String::new(), String::new()),
            Self::Plain
            | Self::Note
            | Self::NoteBelow
            | Self::MoveWithNote
            | Self::Command(_)
            | Self::Return
            | Self::Signed => (format!("Words {index}."), format!("Words {index}.")),
        }
    }
}

impl Quote {
    fn of(self, answered: &Sent) -> String {
        match self {
            Self::None => String::new(),
            Self::Marked => quoted(answered),
            Self::Raw => answered.mail.text.clone(),
            Self::Inline => {
                let lines = answered.mail.text.lines().filter(|line| !line.starts_with("##- "));
                lines.flat_map(|line| ["> ", line, "\n"]).chain(["That is all.\n"]).collect()
            }
        }
    }
}

/// An answering machine's mail.
pub fn out_of_office(writer: &'static str, index: usize, answered: &Sent) -> Written {
    let head = format!("{}Auto-Submitted: auto-replied\n", reply_head(answered));
    let text = format!("I am away until 2026-12-{:02}. {CANARY} {index}\n", 5 + index % 20);
    Written { writer, mail: whole(writer, index, &head, &text, false, None), mark: String::new(), answered: None }
}

/// An agent's answer to a customer's mail, as it lies in the Sent folder.
pub fn filed(writer: &'static str, index: usize, customer: &str, answers: &str) -> Written {
    let head = format!("To: {customer}\nSubject: Re: Matter\nIn-Reply-To: <{answers}>\n");
    let text = format!("Written past the desk, filed-{index}.\n");
    Written { writer, mail: whole(writer, index, &head, &text, false, None), mark: String::new(), answered: None }
}

/// A server's report on a mail.
pub fn bounce(index: usize, of: &Sent) -> Written {
    let id = of.mail.message_id.as_ref().unwrap();
    let mail = format!(
        "Message-ID: <{index}@mx.example>\nFrom: MAILER-DAEMON@mx.example\nTo: returns@shop.example\n\
         Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\n\
         Not delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n\
         Message-ID: <{id}>\nSubject: x\n\n--b--\n",
        of.recipient
    );
    Written { writer: "mailer-daemon", mail, mark: String::new(), answered: None }
}

pub fn forward(index: usize) -> Written {
    let mail = format!(
        "Authentication-Results: mx.shop.example; dmarc=pass header.from=shop.example\nMessage-ID: <{index}@shop.example>\n\
         From: Anna Nowak <anna@shop.example>\nTo: returns@shop.example\nSubject: Fwd: Matter {index}\n\n#fwd\n{CANARY}\n\n\
         ---------- Forwarded message ---------\nFrom: Adam <adam@client.example>\nDate: Mon, 16 Nov 2026\n\
         Subject: Matter {index}\nTo: anna@shop.example\n\nWords {index}.\n"
    );
    Written { writer: "forwarder", mail, mark: String::new(), answered: None }
}
