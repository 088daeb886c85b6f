//! Which mail a happening becomes, as things stand.

use postroom::model::id::TicketNumber;
use postroom::model::subject::tagged_ticket;
use postroom::model::ticket::MessageKind;

use super::happening::{Happening, How, Step, Words};
use super::history::History;
use super::record::Sort;
use super::writing::{self, Written};
use super::{STAFF, id_of};
use crate::desk::Sent;

impl History<'_> {
    /// The mail that a happening stands for; nothing when nothing fits.
    pub async fn written(&self, happening: &Happening) -> Option<Written> {
        let (index, desk) = (self.index, &self.desk);
        match happening {
            Happening::Mail(step) => Some(writing::step(step, index, desk)),
            Happening::Customer { who, via, quote, html, machine } => {
                let step = Step {
                    writer: who,
                    machine: *machine,
                    via: *via,
                    words: Words::Plain,
                    quote: *quote,
                    copy: None,
                    html: *html,
                };
                Some(writing::step(&step, index, desk))
            }
            Happening::Answer { who, which, answer, quote, html, file } => {
                // Whatever they got, lists too.
                let got: Vec<&Sent> = desk.sent.iter().filter(|sent| sent.recipient == *who).collect();
                // The latest ones rather than the old ones: half of all answers are to the newest.
                let back = usize::from(*which % 8).saturating_sub(4);
                let answered = got.iter().rev().nth(back).or(got.last())?;
                let note = match tagged_ticket(&answered.mail.subject) {
                    Some(number) => self.note_on(number).await,
                    None => None,
                };
                Some(writing::answer((who, index), answered, *answer, note, (*quote, *html, *file)))
            }
            Happening::Fitting { which, pick, how, words } => self.fitting(*which, *pick, *how, *words),
            Happening::OutOfOffice(who) => {
                self.to_staff(who).last().map(|answered| writing::out_of_office(who, index, answered))
            }
            Happening::Filed { who, pick } => {
                let answered = at(&self.incoming, *pick)?;
                Some(writing::filed(who, index, answered.who, &answered.id))
            }
            Happening::Again => {
                let mail = self.latest.clone()?;
                Some(Written { writer: "nobody", mail, mark: String::new(), answered: None })
            }
            Happening::Bounce(reader) => desk.latest(reader).map(|sent| writing::bounce(index, sent)),
            Happening::Forward => Some(writing::forward(index)),
            Happening::Pause(_) | Happening::Troubles(_) | Happening::Line(_) | Happening::Moved { .. } => None,
        }
    }

    /// The latest note of a colleague on a ticket.
    async fn note_on(&self, number: TicketNumber) -> Option<usize> {
        let messages = self.desk.store.read(move |view| view.lead(number).and_then(|lead| view.messages(lead)));
        let messages = messages.await.unwrap();
        let note = messages.iter().rev().find(|message| {
            let words = &message.text;
            message.kind == MessageKind::Note
                && words.contains("magpie-")
                && !words.contains(['#'])
                && !words.contains("reply-")
        })?;
        note.text.split("magpie-").nth(1)?.split(' ').next()?.parse().ok()
    }

    /// Mails about tickets that this agent got.
    fn to_staff<'a>(&'a self, who: &'a str) -> impl DoubleEndedIterator<Item = &'a Sent> {
        let about = |sent: &&Sent| tagged_ticket(&sent.mail.subject).is_some();
        self.desk.sent.iter().filter(move |sent| sent.recipient == who).filter(about)
    }

    /// A command that makes sense as things stand, by somebody who was told of the ticket.
    fn fitting(&self, which: u16, pick: u16, how: How, words: bool) -> Option<Written> {
        let mut choices: Vec<(usize, TicketNumber, String)> = Vec::new();
        for ticket in &self.before {
            let number = ticket.number;
            let mut may = |weight, command: &str| choices.push((weight, number, command.to_owned()));
            if let Some(lead) = ticket.merged_into {
                may(14, "unmerge");
                choices.push((8, lead, format!("unmerge {number}")));
                continue;
            }
            for (weight, command) in
                [(6, "split"), (1, "spam"), (2, "spam mute"), (1, "next"), (1, "away until 2026-12-09")]
            {
                may(weight, command);
            }
            for (weight, command) in
                [(1, "take"), (1, "release"), (1, "wait 1d"), (1, "status"), (1, "back"), (1, "help")]
            {
                may(weight, command);
            }
            for (weight, command) in [
                (1, "show"),
                (1, "history"),
                (2, "cc +adam@client.example"),
                (1, "cc -ewa@client.example"),
                (1, "cc +ewa@client.example -adam@client.example"),
            ] {
                may(weight, command);
            }
            for (weight, command) in [(2, "move support"), (3, "move returns"), (2, "move billing"), (1, "assign jan")]
            {
                may(weight, command);
            }
            may(1, if ticket.closed_at.is_some() { "open" } else { "close" });
            if ticket.tags.iter().any(|tag| tag == "spam") {
                may(40, "spam undo");
            }
            if self.handed.contains(&number) {
                may(20, "accept");
                may(20, "return");
            }
            if self.setting.hold {
                may(8, "cancel");
            }
            let others = self.before.iter().filter(|other| other.number != number && other.merged_into.is_none());
            choices.extend(others.take(3).map(|other| (2, number, format!("merge {}", other.number))));
        }
        // An answer that waits can be taken back.
        let latest = self.worded.last().filter(|worded| worded.sort == Sort::Answered && which.is_multiple_of(3));
        if let Some(worded) = latest.filter(|_| self.setting.hold) {
            let about = |sent: &&Sent| tagged_ticket(&sent.mail.subject) == Some(worded.ticket);
            let answered = self.to_staff(worded.writer).rev().find(about)?;
            return Some(writing::command((worded.writer, self.index), answered, "cancel", how, words));
        }
        // Half of what can be said is about an answer that is held.
        let held = self.labelled().rfind(|(_, label)| label.reason == "held").map(|(sent, _)| sent);
        if let Some(held) = held.filter(|_| which.is_multiple_of(2)) {
            let command = ["send", "send", "answer", "cancel", "note"][usize::from(pick % 5)];
            let words = words && command != "note";
            let writer = STAFF.into_iter().find(|agent| *agent == held.recipient)?;
            return Some(writing::command((writer, self.index), held, command, how, words));
        }
        let all: usize = choices.iter().map(|(weight, ..)| weight).sum();
        let mut place = usize::from(which) * 7919 % all.max(1);
        let (_, number, command) = choices.into_iter().find(|(weight, ..)| {
            let found = place < *weight;
            place = place.saturating_sub(*weight);
            found
        })?;
        let told: Vec<&Sent> = STAFF
            .into_iter()
            .filter_map(|agent| {
                self.to_staff(agent).rev().find(|sent| tagged_ticket(&sent.mail.subject) == Some(number))
            })
            .collect();
        let stands = self.before.iter().find(|ticket| ticket.number == number)?;
        let readers = self.readers(stands);
        let able: Vec<&Sent> = told
            .iter()
            .copied()
            .filter(|sent| id_of(&sent.recipient).is_some_and(|id| readers.contains(&id)))
            .collect();
        // Whoever may not any more tries it now and then.
        let answered = if pick.is_multiple_of(8) { at(&told, pick) } else { at(&able, pick) }?;
        let writer = STAFF.into_iter().find(|agent| *agent == answered.recipient)?;
        Some(writing::command((writer, self.index), answered, &command, how, words))
    }
}

/// One of them, for any number.
pub fn at<T>(all: &[T], pick: u16) -> Option<&T> {
    all.get(usize::from(pick) % all.len().max(1))
}
