//! One history: things happen one after another at one desk, and after each the rules are checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::plan::Fate;
use postroom::model::subject::tagged_ticket;
use postroom::model::ticket::{MessageKind, Ticket};

use super::choosing::at;
use super::happening::{Happening, Quote, Setting, Step, Via, Words};
use super::record::{Decided, Incoming, Label, Sort, Worded};
use super::tally::Tally;
use super::writing::{CLIENT, Written};
use super::{STAFF, id_of, name_of};
use crate::desk::{CONFIG, Desk, Sent};

/// Whether a history is told as it happens: the one that failed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tell {
    Nothing,
    All,
}

pub struct History<'t> {
    pub desk: Desk,
    pub setting: Setting,
    pub tally: &'t Mutex<Tally>,
    pub decided: BTreeMap<String, Decided>,
    pub incoming: Vec<Incoming>,
    pub worded: Vec<Worded>,
    /// Words of notes that an agent let out after he was asked.
    pub let_out: BTreeSet<String>,
    /// Held words that their agent had sent.
    pub let_go: BTreeSet<String>,
    /// Mails that a server reported as not delivered, by their ids.
    pub came_back: BTreeSet<String>,
    pub index: usize,
    taken: usize,
    pub latest: Option<String>,
    pub handed: BTreeSet<TicketNumber>,
    last_event: i64,
    looked: usize,
    pub before: Vec<Ticket>,
    pub now: Vec<Ticket>,
    /// Of all mails that left, in their order.
    pub labels: Vec<Label>,
    messages: usize,
    tell: Tell,
}

fn config(setting: Setting) -> String {
    let mut config = CONFIG.to_owned();
    if setting.hold {
        config = config.replacen("[desk]\n", "[desk]\nhold = \"30s\"\n", 1);
    }
    let (members, more) =
        ("agents = [\"anna\", \"jan\"]", "agents = [\"anna\", \"jan\", \"maja\", \"piotr\", \"ola\"]");
    let members_now = if setting.habits { more } else { members };
    let how = if setting.in_turn { "\nassignment = \"round-robin\"" } else { "" };
    config.replacen(members, &format!("{members_now}{how}"), 1)
}

impl<'t> History<'t> {
    pub async fn play(setting: Setting, happenings: &[Happening], tally: &'t Mutex<Tally>, tell: Tell) {
        let desk = Desk::open_with(&config(setting)).await;
        let mut history = Self {
            desk,
            setting,
            tally,
            decided: BTreeMap::new(),
            incoming: Vec::new(),
            worded: Vec::new(),
            let_out: BTreeSet::new(),
            let_go: BTreeSet::new(),
            came_back: BTreeSet::new(),
            index: 0,
            taken: 0,
            latest: None,
            handed: BTreeSet::new(),
            last_event: 0,
            looked: 0,
            before: Vec::new(),
            now: Vec::new(),
            labels: Vec::new(),
            messages: 0,
            tell,
        };
        // Three tickets of two customers, so that there is something to merge.
        for who in ["ewa@client.example", "adam@client.example", "ewa@client.example"] {
            let opening = Step {
                writer: who,
                machine: false,
                via: Via::New,
                words: Words::Plain,
                quote: Quote::None,
                copy: None,
                html: false,
            };
            history.happen(&Happening::Mail(opening)).await;
        }
        for happening in happenings {
            history.happen(happening).await;
        }
        history.come_to_rest().await;
    }

    /// All that waits has its time.
    async fn come_to_rest(&mut self) {
        self.desk.troubles.clear();
        for minutes in [3, 3, 6, 6, 10, 600, 1_500, 1_500, 11_600, 3, 10, 1_500, 1_500, 800] {
            self.happen(&Happening::Pause(Duration::from_mins(minutes))).await;
        }
        self.check_end().await;
        let status = self.desk.store.read(|view| view.status()).await.unwrap();
        let fates: i64 = status.mailboxes.values().flat_map(|mailbox| mailbox.fates.values()).sum();
        assert_eq!(usize::try_from(fates).unwrap(), self.taken, "{status:?}");
    }

    async fn happen(&mut self, happening: &Happening) {
        self.index += 1;
        self.before.clone_from(&self.now);
        let messages = self.messages;
        let (written, fate) = match happening {
            Happening::Pause(time) => {
                self.desk.wait(*time).await;
                (None, None)
            }
            Happening::Troubles(troubles) => {
                self.desk.troubles = troubles.iter().copied().collect();
                return;
            }
            Happening::Line(line) => {
                self.desk.command(line).await;
                (None, None)
            }
            Happening::Moved { pick, to } => {
                let Some(mail) = at(&self.incoming, *pick).map(|mail| mail.mail.clone()) else { return };
                let (fate, _) = self.desk.moved(&mail, to.clone()).await;
                assert!(matches!(fate, Fate::Duplicate(Some(_))), "{fate:?}");
                self.taken += 1;
                (None, None)
            }
            Happening::Mail(_)
            | Happening::Customer { .. }
            | Happening::Answer { .. }
            | Happening::Fitting { .. }
            | Happening::OutOfOffice(_)
            | Happening::Filed { .. }
            | Happening::Again
            | Happening::Bounce(_)
            | Happening::Forward => {
                let Some(written) = self.written(happening).await else { return };
                let filed = matches!(happening, Happening::Filed { .. });
                let taking =
                    if filed { self.desk.file(&written.mail).await } else { self.desk.take(&written.mail).await };
                self.taken += 1;
                self.latest = Some(written.mail.clone());
                (Some(written), Some(taking.0))
            }
        };
        let kinds = self.kinds().await;
        if self.tell == Tell::All {
            self.told(happening, written.as_ref(), fate.as_ref(), &kinds);
        }
        self.now = self.desk.tickets().await;
        let fresh = self.note_decided().await;
        self.messages = self.check_step(written.as_ref(), &fresh).await;
        if let (Some(written), Some(fate)) = (&written, &fate) {
            self.check_fate(happening, fate, messages, &fresh);
            self.remember(happening, written, fate, &kinds, &fresh).await;
        }
        self.check_sent(self.looked);
        self.looked = self.desk.sent.len();
    }

    fn told(&self, happening: &Happening, written: Option<&Written>, fate: Option<&Fate>, kinds: &[String]) {
        println!("\n=== {}. {happening:?}", self.index);
        let lines = written.map(|written| written.mail.lines().filter(|line| !line.contains(CLIENT)));
        lines.into_iter().flatten().take(25).for_each(|line| println!("    < {line}"));
        println!("    {fate:?}: {}", kinds.join(", "));
        for sent in self.desk.sent.iter().skip(self.looked) {
            let reason = Label::of(sent).reason;
            println!("    > {} to {}: {} ({reason})", sent.kind, sent.recipient, sent.mail.subject);
        }
    }

    /// What stands in the history of tickets since this was asked last.
    async fn kinds(&mut self) -> Vec<String> {
        let last = self.last_event;
        let (events, last) =
            self.desk.store.read(move |view| Ok((view.events_since(last)?, view.last_event()?))).await.unwrap();
        self.last_event = last;
        let mut tally = self.tally.lock().unwrap();
        for event in &events {
            tally.event(event.word(), &event.to_string());
        }
        events.iter().map(|event| event.word().to_owned()).collect()
    }

    /// Mails that were decided by what just happened: their ids.
    async fn note_decided(&mut self) -> Vec<String> {
        let rows = self.desk.store.read(|view| view.outbox()).await.unwrap();
        self.labels.extend(self.desk.sent.iter().skip(self.looked).map(Label::of));
        let waiting = rows.into_iter().map(|row| (row.message_id.to_string(), row.ticket, row.kind));
        let sent = self.desk.sent.iter().zip(&self.labels).skip(self.looked);
        let sent =
            sent.map(|(sent, label)| (label.id.clone(), tagged_ticket(&sent.mail.subject), sent.kind.to_string()));
        let all: Vec<_> = waiting.chain(sent).collect();
        let mut fresh = Vec::new();
        for (id, ticket, kind) in all {
            if self.decided.contains_key(&id) {
                continue;
            }
            let stands = self.now.iter().find(|stands| Some(stands.number) == ticket);
            let stood = self.before.iter().find(|stood| Some(stood.number) == ticket);
            let readers = stands.into_iter().chain(stood).flat_map(|ticket| self.readers(ticket)).collect();
            let department = stands.map(|ticket| ticket.department.to_string()).unwrap_or_default();
            self.decided.insert(id.clone(), Decided { ticket, kind, department, readers });
            fresh.push(id);
        }
        fresh
    }

    /// Who may read a ticket, by the config of these histories.
    pub fn readers(&self, ticket: &Ticket) -> Vec<&'static str> {
        let members: &[&str] = match ticket.department.as_str() {
            "returns" if self.setting.habits => &["anna", "jan", "maja", "piotr", "ola"],
            "returns" => &["anna", "jan"],
            "support" | "billing" => &["jan"],
            other => panic!("nothing goes to `{other}`"),
        };
        let all = STAFF.into_iter().filter_map(id_of);
        all.filter(|agent| {
            members.contains(agent) || ticket.assignee.as_ref().is_some_and(|assignee| assignee.as_str() == *agent)
        })
        .collect()
    }

    /// What later happenings build on, and what has to be made good in the end.
    async fn remember(
        &mut self,
        happening: &Happening,
        written: &Written,
        fate: &Fate,
        kinds: &[String],
        fresh: &[String],
    ) {
        if let Some((_, returned)) =
            written.mail.split_once("\n\nMessage-ID: <").filter(|_| written.writer == "mailer-daemon")
        {
            self.came_back.extend(returned.split_once('>').map(|(id, _)| id.to_owned()));
        }
        let Fate::Ticket(number) = fate else { return };
        let number = *number;
        let has = |kind: &str| kinds.iter().any(|found| found == kind);
        if has("moved") {
            self.handed.insert(number);
        }
        if has("accepted") || written.mail.contains("#return") {
            self.handed.remove(&number);
        }
        if written.mark.starts_with("Words") {
            let machine = matches!(happening, Happening::Customer { machine: true, .. })
                || matches!(happening, Happening::Mail(step) if step.machine);
            self.incoming.push(Incoming {
                id: format!("{}@mail.example", self.index),
                who: written.writer,
                mail: written.mail.clone(),
                mark: written.mark.clone(),
                ticket: number,
                machine,
            });
        }
        if !written.mark.starts_with("reply-") {
            return;
        }
        let mut sort = self.sort(number, &written.mark, kinds).await;
        let mailed = fresh.iter().any(|id| id.starts_with("answer."));
        if written.mail.contains("\nCc: ") && sort == Sort::Answered && !mailed {
            sort = Sort::PastTheDesk;
        }
        let told = |word: &str| fresh.iter().any(|id| id.starts_with(word));
        match sort {
            Sort::Answered => assert!(told("answer."), "an answer without a mail: {happening:?} {fresh:?}"),
            Sort::Refused | Sort::Held => {
                assert!(told("notice.") || has("withheld"), "not told: {happening:?} {kinds:?}");
            }
            Sort::Noted => assert_eq!(written.answered.as_deref(), Some("note"), "{happening:?}"),
            Sort::Braked | Sort::Customers | Sort::PastTheDesk => {}
        }
        self.tally.lock().unwrap().count(&format!("agent's words: {sort:?}"));
        self.worded.push(Worded { mark: written.mark.clone(), writer: written.writer, ticket: number, sort });
    }

    /// What became of an agent's words, by the message that they are now.
    async fn sort(&self, number: TicketNumber, mark: &str, kinds: &[String]) -> Sort {
        let has = |kind: &str| kinds.iter().any(|found| found == kind);
        let messages = self.desk.store.read(move |view| view.messages(number)).await.unwrap();
        let message = messages.iter().rev().find(|message| message.text.contains(mark));
        let message = message.unwrap_or_else(|| panic!("{mark} stands nowhere on #{number}"));
        match message.kind {
            MessageKind::Agent => Sort::Answered,
            MessageKind::Customer | MessageKind::Automatic => Sort::Customers,
            MessageKind::Note if has("note") => Sort::Noted,
            MessageKind::Returned if has("refused") => Sort::Refused,
            MessageKind::Returned if has("held") => Sort::Held,
            MessageKind::Note if has("withheld") => Sort::Braked,
            MessageKind::Note if has("unproven") || has("aside") => Sort::PastTheDesk,
            MessageKind::Note | MessageKind::Returned => {
                panic!("{mark} was neither sent nor held nor refused: {kinds:?}")
            }
        }
    }

    /// One mail has one fate, and what is ignored or known leads to nothing.
    fn check_fate(&self, happening: &Happening, fate: &Fate, before: usize, fresh: &[String]) {
        let after = self.messages;
        match fate {
            Fate::Ticket(_) => assert!(after > before, "{before} messages, then {after}: {happening:?}"),
            Fate::Ignored(_) | Fate::Duplicate(_) => {
                // An agent's reply to a mail of ours that stands on no ticket is told so; his answering machine's says that
                // he is away, and others are told of the tickets that they get.
                let robot =
                    matches!(happening, Happening::Mail(step) if step.machine && name_of(step.writer).is_some());
                let away = robot && matches!(fate, Fate::Ignored(why) if why.contains("answering machine"));
                let due = |id: &String| id.starts_with("notice.0.") || (away && id.starts_with("notification."));
                assert!(after == before && fresh.iter().all(due), "{happening:?}: {fate:?} led to {fresh:?}");
            }
            Fate::Quarantined(_, reason) => panic!("{happening:?}: {reason}"),
        }
        if matches!(happening, Happening::Again) {
            assert!(matches!(fate, Fate::Duplicate(_) | Fate::Ignored(_)), "{fate:?}");
        }
    }

    /// Whether whoever wrote is an agent whose one mail may lead to one answer.
    pub fn may_answer(written: Option<&Written>) -> bool {
        written.is_some_and(|written| name_of(written.writer).is_some())
    }

    /// What `who` was asked about answers of his that are held.
    pub fn asked(&self, who: &str) -> String {
        let asked = self.labelled().filter(|(sent, label)| sent.recipient == who && label.reason == "held");
        asked.map(|(sent, _)| sent.mail.text.as_str()).collect()
    }

    /// The mails that left, each with its label.
    pub fn labelled(&self) -> impl DoubleEndedIterator<Item = (&Sent, &Label)> + ExactSizeIterator {
        self.desk.sent.iter().zip(&self.labels)
    }
}
