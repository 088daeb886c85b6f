//! What one of us wrote to a customer past the desk: it stands on the ticket as an answer, once it is proved that it is one.
//!
//! Never sends it to the customer, who has it already, and never acknowledges it. What is not proved is shown to colleagues
//! and changes nothing.

use super::author::{Author, author};
use crate::decide::actions::orphaned::settle;
use crate::decide::commands::permissions::{self, Action, Standing};
use crate::decide::customer::acknowledge::FRESH;
use crate::decide::customer::follow_up::{MAX_PARTICIPANTS, referred, sender};
use crate::decide::notify::drafts::{Drafts, NotificationContent, nothing_attached};
use crate::decide::notify::ticket_view::{TicketView, present};
use crate::decide::ticket::{TicketEditor, finish};
use crate::decide::{AgentReply, CopyOfOurs, Incoming, attachment_infos, ignored};
use crate::model::address::{Address, Person};
use crate::model::event::{Actor, Event, EventKind, JoinedWhy, StatusWhy, Withheld};
use crate::model::id::AgentId;
use crate::model::link::AgentProof;
use crate::model::mail::Arrival;
use crate::model::outgoing::News;
use crate::model::plan::{Fate, NewMessage, Plan, UNPROVEN_COPY};
use crate::model::ticket::{MessageKind, Participant, Role, Status, Ticket, Visibility};

/// Ignored mails of the Sent folder. They are not remembered by their content: a copy that arrives is judged by itself.
pub(in crate::decide) const TO_US: &str = "written to the desk itself: the copy that arrives counts";

/// Whether an agent's mail with a token went to the requester themselves: then it is a copy, unless it gives commands. One that
/// went to others of the ticket alone is an answer that the requester still needs; one that lacks the DMARC that the config
/// asks for comes back to the agent as any other does.
pub(in crate::decide) fn is_copy(case: &AgentReply<'_>) -> bool {
    let ticket = case.ticket;
    let told = case.mail.to.iter().chain(&case.mail.cc).any(|to| to.address.same_as(&ticket.requester.address));
    let told = told && (case.verified || !case.policy.desk.require_dmarc);
    told && case.mail.automated.is_none() && case.asked.is_nothing()
}

/// A mail on a ticket.
pub(in crate::decide) fn answer(case: &CopyOfOurs<'_>, ticket: &Ticket) -> Plan {
    let mut copy = Copy::new(case, ticket);
    if copy.is_known() {
        return crate::decide::duplicate(Some(ticket.number));
    }
    let proof = case.proof;
    if let Some(machine) = case.mail.automated {
        let message = copy.message();
        copy.record(MessageKind::Automatic, Visibility::Public, message);
        let why = format!("an automatic mail ({}) of ours: it changes nothing", machine.as_str());
        copy.event(EventKind::withheld(Withheld::Effect, why));
        return copy.done();
    }
    let reached = copy.reached();
    if reached.is_empty() {
        if proof == AgentProof::SentFolder && is_for_us(case) {
            return ignored(TO_US);
        }
        return copy.aside();
    }
    if copy.is_proved() { copy.answered(&reached) } else { copy.unproved(&reached) }
}

/// Whether a mail is written to us at all.
fn is_for_us(case: &Incoming<'_>) -> bool {
    let written = case.mail.to.iter().chain(&case.mail.cc).chain(&case.mail.bcc);
    written.map(|person| &person.address).any(|address| case.policy.is_own(address))
}

pub(in crate::decide) fn actor(case: &Incoming<'_>, agent: Option<&AgentId>) -> Actor {
    agent.map_or_else(|| Actor::Mailbox(case.raw.mailbox.clone()), |agent| Actor::Agent(agent.clone()))
}

/// The mail as an answer that customers have.
pub(in crate::decide) fn message(case: &Incoming<'_>, agent: Option<&AgentId>, reason: &str) -> NewMessage {
    let words = case.mail.words();
    NewMessage {
        key: case.counters.next_message,
        ticket: case.counters.next_ticket,
        kind: MessageKind::Agent,
        visibility: Visibility::Public,
        from: sender(case.mail),
        to: case.mail.to.clone(),
        cc: case.mail.cc.clone(),
        date: case.mail.date.unwrap_or(case.raw.received_at),
        message_id: case.mail.message_id.clone(),
        agent: agent.cloned(),
        text: words.trim_end().to_owned(),
        attachments: attachment_infos(case.attachments),
        thread_reason: reason.to_owned(),
        defects: case.mail.defects.clone(),
    }
}

/// A mail of ours on a ticket.
struct Copy<'a> {
    case: &'a CopyOfOurs<'a>,
    ticket: &'a Ticket,
    author: Author,
    shown: TicketView,
    drafts: Drafts,
    plan: Plan,
}

impl<'a> Copy<'a> {
    fn new(case: &'a CopyOfOurs<'a>, ticket: &'a Ticket) -> Self {
        let mut plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
        let mut shown = TicketView::of(ticket);
        shown.shows = case.counters.next_message;
        shown.sender = case.sender;
        settle(&mut shown, case.policy, Some(case.route), &mut plan);
        let author = author(case, case.policy.department(&shown.department), case.agent);
        let drafts = Drafts::new(case.counters.next_serial);
        Self { case, ticket, author, shown, drafts, plan }
    }

    fn done(self) -> Plan {
        finish(self.plan, self.drafts)
    }

    /// Whether the answer stands there already: under its own id, or as one that we sent and that a server gave another id.
    fn is_known(&self) -> bool {
        let facts = self.case.direct;
        if facts.is_answer {
            return true;
        }
        let signature =
            self.case.policy.department(&self.shown.department).map_or("", |found| found.signature.as_str());
        let (bare, own) = (squeezed(&self.case.mail.text), self.case.mail.date);
        facts.answers.iter().any(|(date, text)| {
            let text = squeezed(text);
            own == Some(*date)
                && !text.is_empty()
                && (bare == text || bare.starts_with(&text) && bare.contains(&squeezed(signature)))
        })
    }

    /// Who of the ticket has the mail, those among them who were only named before.
    fn reached(&self) -> Vec<&'a Participant> {
        let written = |address: &Address| {
            let mail = self.case.mail;
            mail.to.iter().chain(&mail.cc).chain(&mail.bcc).any(|person| person.address.same_as(address))
        };
        self.ticket.participants.iter().filter(|someone| written(&someone.person.address)).collect()
    }

    /// Whether it counts as an answer: From alone does not, nor does an agent without a right to the ticket, unless they
    /// holds the account.
    fn is_proved(&self) -> bool {
        let standing = Standing { department: &self.shown.department, ..Standing::of(self.ticket) };
        let refused = |agent| permissions::refusal(self.case.policy, standing, agent, Action::Work);
        let rights = self.case.agent.is_none_or(|agent| refused(agent).is_none());
        match self.case.proof {
            AgentProof::SentFolder => true,
            AgentProof::Token | AgentProof::Dmarc => rights,
            AgentProof::FromAlone => false,
        }
    }

    fn edit(&mut self) -> TicketEditor<'_> {
        let actor = actor(self.case, self.author.agent.as_ref());
        TicketEditor { ticket: self.ticket.number, actor, shown: &mut self.shown, plan: &mut self.plan }
    }

    fn event(&mut self, kind: EventKind) {
        self.edit().record(kind);
    }

    /// Keeps the mail on the ticket.
    fn record(&mut self, kind: MessageKind, visibility: Visibility, message: NewMessage) {
        self.plan.messages.push(NewMessage { ticket: self.ticket.number, kind, visibility, ..message });
    }

    fn message(&self) -> NewMessage {
        message(self.case, self.author.agent.as_ref(), self.case.reason.in_words())
    }

    /// Written about the ticket to others: a supplier, a colleague. It is nobody's answer.
    fn aside(mut self) -> Plan {
        let message = self.message();
        self.record(MessageKind::Note, Visibility::Internal, message);
        let mail = self.case.mail;
        let to = mail.to.iter().chain(&mail.cc).take(MAX_PARTICIPANTS).map(|to| to.address.clone()).collect();
        let (author, message) = (self.author.how.clone(), self.case.counters.next_message);
        self.event(EventKind::Aside { to, author, message });
        self.done()
    }

    /// The customer has the answer.
    fn answered(mut self, reached: &[&Participant]) -> Plan {
        let taken_before = self.ticket.assignee.is_some();
        self.claim();
        // What a customer wrote after it is still to be answered.
        let overtaken = self.case.direct.customer_wrote_at > Some(self.case.raw.received_at);
        if !overtaken && self.shown.status != Status::Waiting {
            self.edit().set_status(Status::Waiting, None, Some(StatusWhy::Answered));
        }
        for proposed in reached.iter().filter(|someone| someone.role == Role::Proposed) {
            self.edit().join(&proposed.person, JoinedWhy::Answer);
        }
        self.event(EventKind::AnsweredAside {
            to: reached.iter().map(|someone| someone.person.address.clone()).collect(),
            proof: self.case.proof,
            author: self.author.how.clone(),
            overtaken,
            message: self.case.counters.next_message,
        });
        let answer = self.message();
        let words = answer.text.clone();
        self.record(MessageKind::Agent, Visibility::Public, answer);
        self.plan.refers.extend(referred(self.case).map(|id| (self.ticket.number, id)));
        self.plan.withheld.push("answer: the customer has it already".to_owned());
        let readers = match &self.shown.assignee {
            _ if !taken_before => self.colleagues(),
            Some(assignee) if Some(assignee) == self.author.agent.as_ref() => Vec::new(),
            Some(_) | None => self.shown.readers(self.case.policy),
        };
        self.tell(readers, News::ColleagueAnswered(self.name()), &words);
        self.done()
    }

    /// Anybody can write From: colleagues see the mail, and nothing changes.
    fn unproved(mut self, reached: &[&Participant]) -> Plan {
        let message = message(self.case, None, UNPROVEN_COPY);
        let words = message.text.clone();
        self.record(MessageKind::Note, Visibility::Internal, message);
        let to = reached.iter().map(|someone| someone.person.address.clone()).collect();
        let why = match self.case.proof {
            AgentProof::FromAlone => self.case.proof.in_words(),
            AgentProof::Token | AgentProof::Dmarc | AgentProof::SentFolder => {
                "by an agent who does not work in the department"
            }
        };
        let message = self.case.counters.next_message;
        let kind = EventKind::Unproven { to, why: why.to_owned(), message };
        self.plan.events.push(Event::of_desk(self.ticket.number, kind));
        let readers = self.shown.readers(self.case.policy);
        self.tell(readers, News::Unproven(self.name()), &words);
        self.done()
    }

    /// The first to answer has the ticket.
    fn claim(&mut self) {
        let Some(agent) = self.author.agent.clone() else { return };
        let policy = self.case.policy;
        self.edit().claim(policy, &agent);
    }

    /// The assignee and the agents of the department who are there.
    fn colleagues(&self) -> Vec<AgentId> {
        let department = self.case.policy.department(&self.shown.department);
        let agents = department.map(|department| department.agents.as_slice()).unwrap_or_default();
        let present = present(agents, |agent| self.shown.away.contains(agent));
        self.shown.assignee.iter().cloned().chain(present).collect()
    }

    fn name(&self) -> String {
        let agent = self.author.agent.as_ref().and_then(|agent| self.case.policy.agent(agent));
        agent.map_or_else(|| sender(self.case.mail).address.to_string(), |agent| agent.name.clone())
    }

    /// Tells colleagues, but not the author, and nobody of what lay there before us.
    fn tell(&mut self, readers: Vec<AgentId>, news: News, words: &str) {
        if self.case.raw.arrival == Arrival::Import || self.case.now.duration_since(self.case.raw.received_at) > FRESH {
            self.plan.withheld.push("notification: the mail is old or was imported".to_owned());
            return;
        }
        let author = Person { name: self.name(), address: sender(self.case.mail).address };
        let proved = self.case.proof != AgentProof::FromAlone;
        let known = |agent: &AgentId| self.case.policy.agent(agent).is_some();
        let own = self.author.agent.clone().filter(|_| proved);
        let readers: Vec<AgentId> =
            readers.into_iter().filter(|agent| known(agent) && Some(agent) != own.as_ref()).collect();
        let files = nothing_attached();
        let story = NotificationContent { news, author: &author, words, attachments: &files, route: None };
        self.drafts.notify(&mut self.plan, self.case.policy, &self.shown, readers, &story);
    }
}

/// A text without white space, which programs set as they like.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}
