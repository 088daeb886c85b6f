//! An agent's mail, proved by a token: commands are carried out, words go to the customer as the department's.
//!
//! All or nothing: a faulty command, a missing right or nothing to send brings the mail back to the agent untouched, and
//! nothing reaches the customer. A machine's mail in the agent's name is never passed on and never answered.

use std::sync::Arc;

use super::command::{Command, read};
use super::draft::{Drafts, Shown, Story, nothing_attached};
use super::{Case, attachment_infos, by_agent};
use crate::model::address::Person;
use crate::model::id::AgentId;
use crate::model::mail::Attachment;
use crate::model::outgoing::{AnswerDraft, Draft, News, NoticeBody};
use crate::model::plan::{Change, Event, Fate, NewMessage, Plan};
use crate::model::ticket::{MessageKind, Role, Status, Ticket, Visibility};
use crate::model::visibility::{Internal, Public};

/// What an agent's mail leads to, collected step by step.
struct Work<'a> {
    case: &'a Case<'a>,
    before: &'a Ticket,
    agent: &'a AgentId,
    name: String,
    shown: Shown,
    plan: Plan,
    drafts: Drafts,
    /// The agent said which status the ticket is to have.
    status_set: bool,
}

/// What happens because of an agent's mail on `ticket`.
pub(super) fn mail(case: &Case<'_>, ticket: &Ticket, agent: &AgentId) -> Plan {
    let name = case.policy.agent(agent).map(|agent| agent.name.clone()).unwrap_or_else(|| agent.to_string());
    let mut shown = Shown::of(ticket);
    shown.shows = case.counters.next_message;
    let plan = Plan { fate: Some(Fate::Ticket(ticket.number)), ..Plan::default() };
    let drafts = Drafts::new(case.counters.next_serial);
    let mut work = Work { case, before: ticket, agent, name, shown, plan, drafts, status_set: false };
    if let Some(machine) = case.mail.automated {
        work.record(MessageKind::Automatic, &case.mail.text);
        work.event("withheld", format!("an automatic mail ({}) in the agent's name: not passed on", machine.as_str()));
        work.plan.withheld.push("answer: no human wrote the mail".to_owned());
        return work.done();
    }
    let instructions = read(&case.mail.reply, case.policy);
    let note = instructions.commands.contains(&Command::Note);
    let attachments = travelling(case);
    let nothing_to_do = instructions.commands.is_empty() && instructions.text.is_empty() && attachments.is_empty();
    let mut faults = instructions.faults;
    faults.extend(work.missing_rights());
    if nothing_to_do {
        faults.push("no words of yours were found above the quoted text: write your answer at the top".to_owned());
    }
    let sends =
        !note && (!instructions.text.is_empty() || (instructions.commands.is_empty() && !attachments.is_empty()));
    if sends && !ticket.requester.address.is_reachable() {
        faults.push("the customer's address is not known, there is nobody to send an answer to".to_owned());
    }
    if !faults.is_empty() {
        return work.refuse(faults);
    }
    for command in &instructions.commands {
        work.carry_out(command);
    }
    if note {
        work.note(&instructions.text);
    } else if sends {
        work.answer(&instructions.text, attachments);
    } else {
        work.record(MessageKind::Note, case.mail.reply.trim());
    }
    work.done()
}

/// Attachments that travel along: all but the pictures that belong to the agent's own signature or the quoted mail.
fn travelling(case: &Case<'_>) -> Arc<[Attachment]> {
    let decoration = |attachment: &Attachment| {
        attachment.inline && attachment.content_id.is_some() && attachment.media_type.starts_with("image/")
    };
    if case.attachments.iter().any(decoration) {
        case.attachments.iter().filter(|attachment| !decoration(attachment)).cloned().collect()
    } else {
        Arc::clone(case.attachments)
    }
}

impl Work<'_> {
    fn done(mut self) -> Plan {
        self.plan.mails = self.drafts.mails;
        self.plan
    }

    /// Rights are those at the time of processing: a token of somebody who left the department does nothing.
    fn missing_rights(&self) -> Option<String> {
        let department = self.case.policy.department(&self.before.department);
        let member = department.is_some_and(|department| department.has_agent(self.agent));
        let assignee = self.before.assignee.as_ref() == Some(self.agent);
        (!member && !assignee).then(|| {
            format!(
                "ticket #{} is now in department `{}`, where you do not work",
                self.before.number, self.before.department
            )
        })
    }

    fn event(&mut self, kind: &'static str, detail: String) {
        let actor = by_agent(self.agent);
        self.plan.events.push(Event { ticket: self.before.number, actor, kind, detail });
    }

    fn change(&mut self, change: Change) {
        self.plan.changes.push((self.before.number, change));
    }

    fn me(&self) -> Person {
        let address = self.case.mail.from.as_ref().map(|from| from.address.clone());
        let address = address.unwrap_or_else(crate::model::Address::unknown_sender);
        Person { name: self.name.clone(), address }
    }

    /// Keeps the agent's mail on the ticket, for colleagues only.
    fn record(&mut self, kind: MessageKind, text: &str) {
        self.plan.messages.push(NewMessage {
            key: self.case.counters.next_message,
            ticket: self.before.number,
            kind,
            visibility: Visibility::Internal,
            from: self.me(),
            to: Vec::new(),
            cc: Vec::new(),
            date: self.case.mail.date.unwrap_or(self.case.raw.received_at),
            message_id: self.case.mail.message_id.clone(),
            agent: Some(self.agent.clone()),
            text: text.to_owned(),
            attachments: attachment_infos(self.case.attachments),
            thread_reason: "an agent's mail".to_owned(),
            defects: self.case.mail.defects.clone(),
        });
    }

    fn refuse(mut self, reasons: Vec<String>) -> Plan {
        let text = if self.case.mail.reply.trim().is_empty() { &self.case.mail.text } else { &self.case.mail.reply };
        self.record(MessageKind::Note, text);
        self.event("refused", reasons.join("; "));
        self.plan.withheld.push(format!("answer: {}", reasons.join("; ")));
        let body = NoticeBody::Refused { reasons, text: Internal::new(text.clone()) };
        let references = self.case.mail.message_id.iter().cloned().collect();
        self.drafts.notice(self.before, self.agent, body, references);
        self.done()
    }

    fn carry_out(&mut self, command: &Command) {
        match command {
            Command::Take => self.assign(Some(self.agent.clone())),
            Command::Release => self.assign(None),
            Command::Assign(agent) => self.assign(Some(agent.clone())),
            Command::Move(department) => self.move_to(department.clone()),
            Command::Note => {}
            Command::Resolve => self.set_status(Status::Resolved, None),
            Command::Close => self.set_status(Status::Closed, None),
            Command::Open => self.set_status(Status::Open, None),
            Command::Wait(time) => self.set_status(Status::Waiting, *time),
            Command::Priority(priority) => {
                self.shown.priority = *priority;
                self.change(Change::Priority(*priority));
                self.event("priority", priority.to_string());
            }
            Command::Tag { add, remove } => {
                add.iter().for_each(|tag| self.change(Change::AddTag(tag.clone())));
                remove.iter().for_each(|tag| self.change(Change::RemoveTag(tag.clone())));
                self.event("tags", format!("added {add:?}, removed {remove:?}"));
            }
            Command::Status => self.tell_state(),
            Command::Help => {
                let references = self.case.mail.message_id.iter().cloned().collect();
                self.drafts.notice(self.before, self.agent, NoticeBody::Help, references);
            }
        }
    }

    fn set_status(&mut self, status: Status, wait: Option<jiff::SignedDuration>) {
        let until = wait.and_then(|wait| self.case.now.checked_add(wait).ok());
        self.status_set = true;
        self.event(
            "status",
            match until {
                Some(until) => format!("{} to {status} until {until}", self.shown.status),
                None => format!("{} to {status}", self.shown.status),
            },
        );
        self.shown.status = status;
        self.change(Change::Status(status, until));
    }

    fn assign(&mut self, to: Option<AgentId>) {
        if self.shown.assignee == to {
            return;
        }
        let word = |agent: &Option<AgentId>| agent.as_ref().map_or("nobody".to_owned(), ToString::to_string);
        self.event("assigned", format!("{} to {}", word(&self.shown.assignee), word(&to)));
        self.shown.assignee.clone_from(&to);
        self.change(Change::Assignee(to.clone()));
        let colleague = to.into_iter().filter(|agent| agent != self.agent).collect();
        self.tell(colleague, &News::AssignedToYou(self.name.clone()));
    }

    fn move_to(&mut self, department: crate::model::DepartmentId) {
        if self.shown.department == department {
            return;
        }
        self.event("moved", format!("{} to {department}", self.shown.department));
        self.shown.department = department.clone();
        self.change(Change::Department(department.clone()));
        let members = self.case.policy.department(&department).map(|found| found.agents.clone()).unwrap_or_default();
        if self.shown.assignee.as_ref().is_some_and(|assignee| !members.contains(assignee)) {
            self.shown.assignee = None;
            self.change(Change::Assignee(None));
            self.event("assigned", "to nobody: the assignee does not work in the new department".to_owned());
        }
        self.tell(members.into_iter().filter(|agent| agent != self.agent).collect(), &News::Moved(self.name.clone()));
    }

    /// Tells colleagues, with the customer's last words.
    fn tell(&mut self, readers: Vec<AgentId>, news: &News) {
        let nobody = self.me();
        let (author, words) = self.case.last_words.map_or((&nobody, ""), |(author, words)| (author, words.as_str()));
        let story = Story { news: news.clone(), author, words, attachments: &nothing_attached(), route: None };
        self.drafts.notify(&self.shown, readers, &story);
    }

    fn note(&mut self, text: &str) {
        self.record(MessageKind::Note, text);
        self.event("note", "an internal note".to_owned());
        let me = self.me();
        let story = Story {
            news: News::Note(self.name.clone()),
            author: &me,
            words: text,
            attachments: self.case.attachments,
            route: None,
        };
        let colleagues = self.colleagues();
        self.drafts.notify(&self.shown, colleagues, &story);
    }

    /// All agents of the department but the writer; the assignee too.
    fn colleagues(&self) -> Vec<AgentId> {
        let department = self.case.policy.department(&self.shown.department);
        let members = department.map(|department| department.agents.clone()).unwrap_or_default();
        self.shown.assignee.iter().cloned().chain(members).filter(|agent| agent != self.agent).collect()
    }

    fn answer(&mut self, text: &str, attachments: Arc<[Attachment]>) {
        let taken_before = self.before.assignee.is_some();
        if !taken_before && self.shown.assignee.is_none() {
            self.shown.assignee = Some(self.agent.clone());
            self.change(Change::Assignee(Some(self.agent.clone())));
            self.event("assigned", format!("nobody to {}: the first to answer", self.agent));
        }
        if !self.status_set && self.shown.status != Status::Waiting {
            self.event("status", format!("{} to waiting: answered", self.shown.status));
            self.shown.status = Status::Waiting;
            self.change(Change::Status(Status::Waiting, None));
        }
        let others =
            |person: &Person| !person.address.same_as(&self.before.requester.address) && person.address.is_reachable();
        let cc: Vec<Person> = self
            .before
            .participants
            .iter()
            .filter(|participant| participant.role != Role::Proposed && others(&participant.person))
            .map(|participant| participant.person.clone())
            .collect();
        let to = vec![self.before.requester.clone()];
        let department = self.case.policy.department(&self.shown.department);
        let from = department.map_or_else(|| self.before.requester.clone(), |department| department.from.clone());
        let recipients = to.iter().chain(&cc).map(|person| person.address.to_string()).collect::<Vec<_>>().join(", ");
        self.event("answered", format!("to {recipients}"));
        self.plan.messages.push(NewMessage {
            key: self.case.counters.next_message,
            ticket: self.before.number,
            kind: MessageKind::Agent,
            visibility: Visibility::Public,
            from,
            to: to.clone(),
            cc: cc.clone(),
            date: self.case.now,
            // Filled in once the mail is written.
            message_id: None,
            agent: Some(self.agent.clone()),
            text: text.to_owned(),
            attachments: attachment_infos(&attachments),
            thread_reason: "an agent's answer".to_owned(),
            defects: self.case.mail.defects.clone(),
        });
        let serial = self.drafts.serial();
        self.drafts.mails.push(Draft::Answer(AnswerDraft {
            ticket: self.before.number,
            department: self.shown.department.clone(),
            agent: self.agent.clone(),
            subject: self.before.subject.clone(),
            to,
            cc,
            body: Public::new(text),
            attachments: Arc::clone(&attachments),
            references: self.before.public_ids.clone(),
            serial,
        }));
        self.tell_of_answer(text, taken_before);
    }

    /// The first answer tells the department that the ticket is taken; later ones only an assignee who did not write them.
    fn tell_of_answer(&mut self, text: &str, taken_before: bool) {
        let readers = if taken_before {
            self.shown.assignee.iter().filter(|agent| *agent != self.agent).cloned().collect()
        } else {
            self.colleagues()
        };
        let me = self.me();
        let story = Story {
            news: News::ColleagueAnswered(self.name.clone()),
            author: &me,
            words: text,
            attachments: &nothing_attached(),
            route: None,
        };
        self.drafts.notify(&self.shown, readers, &story);
    }

    fn tell_state(&mut self) {
        let ticket = self.before;
        let lines = vec![
            format!("department: {}", self.shown.department),
            format!("status: {}", self.shown.status),
            format!("priority: {}", self.shown.priority),
            format!("assignee: {}", self.shown.assignee.as_ref().map_or("nobody", AgentId::as_str)),
            format!("customer: {} <{}>", ticket.requester.name, ticket.requester.address),
            format!("tags: {}", if ticket.tags.is_empty() { "none".to_owned() } else { ticket.tags.join(", ") }),
            format!("opened: {}", ticket.created_at),
            format!("last changed: {}", ticket.updated_at),
        ];
        let references = self.case.mail.message_id.iter().cloned().collect();
        self.drafts.notice(ticket, self.agent, NoticeBody::State(lines), references);
    }
}
