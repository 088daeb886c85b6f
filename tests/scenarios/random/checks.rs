//! The rules, checked on bytes and rows by code that shares nothing with what wrote them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use postroom::model::address::Address;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::subject::tagged_ticket;
use postroom::model::ticket::{MessageKind, Visibility};

use super::history::History;
use super::record::{Decided, Incoming, Label, Sort, Worded, headers};
use super::writing::{CANARY, CLIENT, Written};
use super::{STAFF, id_of, name_of};
use crate::desk::Sent;
use crate::html_answers::html_of;

const EVERY: SignedDuration = SignedDuration::from_mins(2);
/// All that a mail to a customer may bear.
const HEADERS: [&str; 14] = [
    "Date",
    "Message-ID",
    "From",
    "To",
    "Cc",
    "Subject",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "Precedence",
    "X-Postroom-Loop",
];

/// The identity of a department: its From and its signature.
fn identity(department: &str) -> (&'static str, &'static str) {
    match department {
        "support" => ("support@shop.example", "Support team, Example Shop"),
        "returns" => ("returns@shop.example", "Returns team, Example Shop"),
        "billing" => ("billing@shop.example", ""),
        other => panic!("nothing goes to `{other}`"),
    }
}

pub fn is_customers(kind: OutgoingKind) -> bool {
    matches!(kind, OutgoingKind::Answer | OutgoingKind::Acknowledgement)
}

/// What begins with `word` and a number: `magpie-7`.
fn marks(text: &str, word: &str) -> BTreeSet<String> {
    let digits = |rest: &str| rest.chars().take_while(char::is_ascii_digit).collect::<String>();
    text.split(word).skip(1).map(|rest| format!("{word}{}", digits(rest))).collect()
}

/// Whether an address stands in a text, and not only at the end of another one, such as a Message-ID.
fn stands_in(text: &str, address: &str) -> bool {
    text.match_indices(address).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric()))
}

/// The lines that nobody quotes.
fn own_lines(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with('>')).flat_map(|line| [line, "\n"]).collect()
}

impl History<'_> {
    /// What one mail, or the time, may lead to.
    ///
    /// Returns how many messages there are.
    pub async fn check_step(&mut self, written: Option<&Written>, fresh: &[String]) -> usize {
        let answers = fresh.iter().filter(|id| id.starts_with("answer.")).count();
        let allowed = usize::from(Self::may_answer(written));
        assert!(answers <= allowed, "{answers} answers because of one mail: {written:?}");
        if answers == 1
            && let Some(written) = written
        {
            let to_customers = written.insists() || written.answered.as_deref() == Some("customer");
            assert!(to_customers, "an answer to a mail that is none of a customer's: {written:?}");
            let let_out = marks(&self.asked(written.writer), "magpie-");
            if written.insists() {
                self.let_out.extend(let_out);
                let held = self
                    .worded
                    .iter()
                    .filter(|worded| id_of(worded.writer) == id_of(written.writer) && worded.sort == Sort::Held);
                self.let_go.extend(held.map(|worded| worded.mark.clone()));
            }
        }
        self.check_tickets().await
    }

    /// What must hold of the tickets whatever happened.
    async fn check_tickets(&self) -> usize {
        let tickets = &self.now;
        let mut counted = BTreeMap::<String, i64>::new();
        for ticket in tickets {
            *counted.entry(ticket.status.to_string()).or_default() += 1;
        }
        let status = self.desk.store.read(|view| view.status()).await.unwrap();
        assert_eq!(status.tickets, counted, "`status` counts otherwise than the tickets stand");
        let numbers: Vec<_> = tickets.iter().map(|ticket| ticket.number).collect();
        let look = move |view: &postroom::store::View<'_>| {
            numbers.into_iter().map(|number| Ok((view.lead(number)?, view.messages(number)?.len()))).collect()
        };
        let found: Vec<(postroom::model::TicketNumber, usize)> = self.desk.store.read(look).await.unwrap();
        for (ticket, (lead, messages)) in tickets.iter().zip(&found) {
            let (number, lead, messages) = (ticket.number, *lead, *messages);
            let living = tickets.iter().find(|ticket| ticket.number == lead).unwrap();
            assert_eq!(living.merged_into, None, "#{number} leads to #{lead}, which is merged");
            assert_eq!(lead == number, ticket.merged_into.is_none());
            if lead != number {
                assert_eq!((messages, ticket.status.as_str()), (0, "closed"), "#{number} is part of #{lead}");
            }
            assert!(
                ticket.wait_until.is_none() || ticket.status.as_str() == "waiting",
                "#{number} is {} and would wake",
                ticket.status
            );
        }
        let counted: i64 = self.desk.store.status().await.unwrap().tickets.values().sum();
        assert_eq!(usize::try_from(counted).unwrap(), tickets.len());
        found.into_iter().map(|(_, messages)| messages).sum()
    }

    /// What must hold of every mail that left since `from`.
    pub fn check_sent(&self, from: usize) {
        for (place, (sent, label)) in self.labelled().enumerate().skip(from) {
            let id = &label.id;
            let decided = self.decided.get(id).unwrap_or_else(|| panic!("nobody decided {id}"));
            assert_eq!(decided.kind, sent.kind.as_str());
            self.check_repeated(place, sent, id);
            if is_customers(sent.kind) {
                self.check_customers(sent, id, decided);
            } else {
                self.check_staffs(place, sent, label, decided);
            }
            self.tally.lock().unwrap().sent(sent, &label.reason);
        }
    }

    /// The same mail goes twice to nobody but when its first arrival is in doubt or it came back, and then it is the same.
    fn check_repeated(&self, place: usize, sent: &Sent, id: &str) {
        let same = |(earlier, label): &(&Sent, &Label)| earlier.recipient == sent.recipient && label.id == id;
        for (earlier, _) in self.labelled().take(place).filter(same) {
            let in_doubt = !earlier.sure && sent.kind.at_least_once();
            assert!(in_doubt || self.came_back.contains(id), "{id} went twice to {}", sent.recipient);
            assert_eq!(earlier.bytes, sent.bytes, "{id} changed on its way");
        }
    }

    fn check_customers(&self, sent: &Sent, id: &str, decided: &Decided) {
        let raw = String::from_utf8_lossy(&sent.bytes);
        for (name, value) in headers(sent) {
            assert!(HEADERS.contains(&name.as_str()), "{name}: {value}");
            let machine = matches!(name.as_str(), "Auto-Submitted" | "Precedence" | "X-Postroom-Loop");
            assert!(!machine || sent.kind == OutgoingKind::Acknowledgement, "{name}: {value}");
        }
        let (text, html) = (&sent.mail.text, html_of(&sent.bytes));
        let files = sent.mail.attachments.iter().map(|file| String::from_utf8_lossy(&file.content).into_owned());
        let all: Vec<String> = [raw.to_string(), text.clone(), html].into_iter().chain(files).collect();
        for words in &all {
            assert!(!words.contains(CANARY), "a note went out:\n{words}");
            let noted = self.worded.iter().filter(|worded| worded.sort == Sort::Noted).map(|worded| &worded.mark);
            let said = marks(words, "reply-");
            let leaked = noted.into_iter().find(|mark| said.contains(*mark));
            assert_eq!(leaked, None, "words to colleagues went out:\n{words}");
            let magpies = marks(words, "magpie-");
            assert!(magpies.is_subset(&self.let_out), "words of a note went out unasked:\n{words}");
            assert!(!words.contains(CLIENT) && !words.contains("10.9.8.7"), "what a program wrote:\n{words}");
            assert!(
                !words.contains("##- ") && !words.contains("x-line") && !words.contains("#123"),
                "remains:\n{words}"
            );
            // An agent who writes as a customer may name his colleagues.
            let unsigned = without_closing(words);
            let names = STAFF.into_iter().filter_map(name_of).find(|name| unsigned.contains(name));
            assert_eq!(
                names.filter(|_| !STAFF.contains(&sent.recipient.as_str())),
                None,
                "an agent's name in\n{words}"
            );
        }
        let ticket = decided.ticket.and_then(|number| self.ticket(number)).unwrap();
        let named = sent.mail.to.iter().chain(&sent.mail.cc).map(|person| person.address.clone());
        for address in named.chain(Address::parse(&sent.recipient)) {
            let customer = ticket.requester.address.same_as(&address);
            assert!(customer || !STAFF.contains(&address.as_str()), "an agent's address in\n{raw}");
        }
        for agent in STAFF.into_iter().filter(|agent| ticket.requester.address.as_str() != *agent) {
            assert!(all.iter().all(|words| !stands_in(words, agent)), "{agent} stands in\n{raw}");
        }
        let (from, signature) = identity(&decided.department);
        assert_eq!(sent.mail.from.as_ref().unwrap().address.as_str(), from, "the ticket is {}'s", decided.department);
        for (_, other) in ["support", "returns"].map(identity) {
            assert!(other == signature || !text.contains(other), "`{other}` in a mail of {}", decided.department);
        }
        assert!(text.contains(signature), "no signature of {} in\n{text}", decided.department);
        assert!(!own_lines(text).contains("filed-"), "what was written past the desk:\n{text}");
        let to_answer = marks(&own_lines(text), "reply-");
        let held = self.worded.iter().filter(|worded| worded.sort == Sort::Held).map(|worded| &worded.mark);
        let unasked = held.into_iter().find(|mark| to_answer.contains(*mark) && !self.let_go.contains(*mark));
        assert_eq!(unasked, None, "held words went out without a `#send`:\n{text}");
        if sent.kind == OutgoingKind::Acknowledgement {
            assert!(!text.contains("Words ") && to_answer.is_empty(), "a receipt with words:\n{text}");
        }
        let earlier = self.labelled().filter(|(other, label)| other.kind == sent.kind && label.id != id);
        let mut earlier = earlier.map(|(other, _)| other);
        if sent.kind == OutgoingKind::Acknowledgement {
            let twice = earlier.any(|other| tagged_ticket(&other.mail.subject) == decided.ticket);
            assert!(!twice, "two receipts for {:?}", decided.ticket);
        } else {
            let others: BTreeSet<String> =
                earlier.flat_map(|other| marks(&own_lines(&other.mail.text), "reply-")).collect();
            assert!(others.is_disjoint(&to_answer), "two answers for one mail: {to_answer:?}");
        }
    }

    fn ticket(&self, number: postroom::model::id::TicketNumber) -> Option<postroom::model::ticket::Ticket> {
        self.now.iter().find(|ticket| ticket.number == number).cloned()
    }

    fn check_staffs(&self, place: usize, sent: &Sent, label: &Label, decided: &Decided) {
        assert!(STAFF.contains(&sent.recipient.as_str()), "{} to {}", sent.kind, sent.recipient);
        let Some(number) = &label.ticket else { return };
        let text = &sent.mail.text;
        let reader = id_of(&sent.recipient).unwrap();
        let others = text.contains(" wrote, ") || text.contains("answered the customer, ");
        let own = matches!(label.reason.as_str(), "refused" | "not-delivered" | "expired")
            || (label.reason == "held" && !others);
        let tells = text.contains("Words ") || text.contains("reply-") || text.contains(CANARY);
        assert!(own || decided.readers.contains(reader) || !tells, "{reader} may not read #{number}:\n{text}");
        // One thread: the same root and the same subject in every mail about a ticket.
        assert_eq!(tagged_ticket(&sent.mail.subject).map(|tag| tag.to_string()).as_ref(), Some(number));
        let same =
            |(earlier, of): &(&Sent, &Label)| earlier.recipient == sent.recipient && of.ticket.as_ref() == Some(number);
        let earlier: Vec<(&Sent, &Label)> = self.labelled().take(place).filter(same).collect();
        if let Some((first, of)) = earlier.first() {
            let threads = [(&of.root, &first.mail.subject), (&label.root, &sent.mail.subject)];
            assert_eq!(threads[0], threads[1], "two threads for #{number}");
        }
        assert!(label.root.as_ref().is_some_and(|root| root.starts_with(&format!("<ticket.{number}."))), "{label:?}");
        // That a colleague could not be told is said at once.
        let waits_not = |reason: &str| ["next", "not-told"].iter().any(|word| reason.contains(word));
        if sent.kind == OutgoingKind::Notice || waits_not(&label.reason) {
            return;
        }
        // What came back is sent again at once, when the address takes mail again: nothing else leaves twice.
        if earlier.iter().any(|(_, of)| of.id == label.id) {
            assert!(self.came_back.contains(&label.id), "sent twice to {reader}:\n{text}");
            return;
        }
        let is_news = |(earlier, of): &&(&Sent, &Label)| {
            let again = self.came_back.contains(&of.id);
            earlier.kind == OutgoingKind::Notification && !waits_not(&of.reason) && !again
        };
        let news = earlier.iter().rev().find(is_news);
        let close = news.filter(|(earlier, _)| sent.at.duration_since(earlier.at) < EVERY);
        assert!(close.is_none(), "two within two minutes for {reader} about #{number}:\n{text}");
    }

    /// All that waited had its time: nothing is left, nobody's words are lost.
    pub async fn check_end(&self) {
        let now = self.desk.now();
        let later = now + SignedDuration::from_hours(24 * 100);
        let (mut due, rows) =
            self.desk.store.read(move |view| Ok((view.due_work(later)?, view.outbox()?))).await.unwrap();
        due.timers.retain(|timer| !matches!(timer, postroom::store::Timer::Absence(_)));
        assert!(due.is_empty(), "something waits for ever: {due:?}");
        let mut failed = BTreeMap::new();
        for row in rows {
            let machines = !matches!(row.kind.as_str(), "answer" | "notice");
            assert!(row.state == "failed" || (row.state == "uncertain" && machines), "{row:?}");
            failed.insert((row.message_id.to_string(), row.recipient.clone()), row);
        }
        for ((id, recipient), row) in &failed {
            let lost = row.state == "failed" && row.kind == "answer";
            let told = |sent: &Sent| !is_customers(sent.kind) && sent.mail.text.contains(recipient.as_str());
            let notice_failed = failed.values().any(|row| row.state == "failed" && row.kind != "answer");
            assert!(!lost || notice_failed || self.desk.sent.iter().any(told), "nobody knows that {id} failed");
        }
        for worded in &self.worded {
            let failed = failed.values().any(|row| row.state == "failed" || row.state == "uncertain");
            self.check_worded(worded, failed).await;
        }
        let failed = failed.values().any(|row| row.kind == "notification");
        for incoming in self.incoming.iter().filter(|incoming| !incoming.machine && !failed) {
            self.check_told(incoming).await;
        }
    }

    /// What an agent wrote to a customer was sent, or they have it back with the reason.
    async fn check_worded(&self, worded: &Worded, failed: bool) {
        let Worded { mark, writer, sort, .. } = worded;
        let went = self.desk.sent.iter().any(|sent| {
            sent.kind == OutgoingKind::Answer && marks(&own_lines(&sent.mail.text), "reply-").contains(mark)
        });
        let back = self.desk.sent.iter().any(|sent| {
            let theirs = id_of(&sent.recipient) == id_of(writer) && sent.kind == OutgoingKind::Notice;
            theirs && marks(&sent.mail.text, "reply-").contains(mark)
        });
        match sort {
            Sort::Answered if !went && !failed => {
                // Wherever its ticket was merged or split to since.
                let numbers: Vec<_> = self.now.iter().map(|ticket| ticket.number).collect();
                let look = move |view: &postroom::store::View<'_>| {
                    numbers.into_iter().map(|number| view.messages(number)).collect::<Result<Vec<_>, _>>()
                };
                let messages = self.desk.store.read(look).await.unwrap();
                let withdrawn = messages.iter().flatten().any(|message| {
                    message.text.contains(mark)
                        && message.kind == MessageKind::Note
                        && message.visibility == Visibility::Internal
                });
                assert!(withdrawn, "{mark} of {writer} never left");
            }
            Sort::Refused | Sort::Held => {
                assert!(back || failed, "{mark} of {writer} did not come back to them: {sort:?}");
            }
            Sort::Answered | Sort::PastTheDesk | Sort::Braked | Sort::Customers | Sort::Noted => {}
        }
    }

    /// What a customer wrote, somebody was told.
    async fn check_told(&self, incoming: &Incoming) {
        let told =
            self.desk.sent.iter().any(|sent| !is_customers(sent.kind) && sent.mail.text.contains(&incoming.mark));
        let number = incoming.ticket;
        let events = self.desk.store.read(move |view| view.events(number)).await.unwrap();
        let history: Vec<String> =
            events.iter().map(|event| format!("{} {}: {}", event.actor, event.kind.word(), event.kind)).collect();
        assert!(told, "nobody was told of {} on #{number}:\n{}\n{}", incoming.mark, history.join("\n"), incoming.mail);
    }
}

/// The words without a closing and the name below it: with that an agent may sign an answer.
fn without_closing(words: &str) -> String {
    let plain = words.replace("\r\n", "\n").replace("<br>", "");
    let names = STAFF.into_iter().filter_map(name_of);
    names.fold(plain, |plain, name| plain.replace(&format!("Best regards,\n{name}"), "Best regards,"))
}
