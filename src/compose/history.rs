//! A line of a ticket's history in the reader's language.
//!
//! Only values are told, never a reason in free words: those are kept in English for ops.

use super::Desk;
use super::episodes::moment;
use super::notification::{priority_text, status_text};
use super::sender::{agent_name, department_name};
use super::texts::{HistoryText as Text, RegroupText, StaffText, TextKey, Texts};
use crate::model::address::Address;
use crate::model::event::{Actor, EventKind, Failure, PastEvent, Retried, Withheld};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::text::plus_minus;

/// Who did what.
pub(super) fn line(event: &PastEvent, texts: &Texts<'_>, desk: &Desk) -> String {
    let who = match &event.actor {
        Actor::Agent(id) => agent_name(id, desk),
        Actor::Customer => texts.get(Text::Customer).to_owned(),
        Actor::Desk => "postroom".to_owned(),
        Actor::Admin => texts.get(Text::Admin).to_owned(),
        Actor::Mailbox(mailbox) => {
            let mailbox = desk.policy.mailbox(mailbox).map_or(mailbox.as_str(), |known| known.address.as_str());
            texts.fill(Text::Mailbox, &[("mailbox", mailbox)])
        }
        Actor::Rule(name) => texts.fill(Text::Rule, &[("rule", name)]),
    };
    let teller = Teller { texts, desk };
    format!("{who}: {}", teller.what(&event.kind))
}

struct Teller<'a> {
    texts: &'a Texts<'a>,
    desk: &'a Desk<'a>,
}

impl Teller<'_> {
    fn what(&self, kind: &EventKind) -> String {
        let plain = |text: Text| self.texts.get(text).to_owned();
        let people = |text: Text, people: &[Address]| self.texts.fill(text, &[("people", &list(people))]);
        let person = |text: Text, person: &Address| people(text, std::slice::from_ref(person));
        let numbered = |text: Text, number: TicketNumber| self.texts.fill(text, &[("number", &number.to_string())]);
        let of_agent = |text: Text, agent: &AgentId| self.texts.fill(text, &[("agent", &agent_name(agent, self.desk))]);
        match kind {
            EventKind::Legacy { kind, words } => format!("{kind}: {words}"),
            EventKind::SplitFrom { split_from, .. } => numbered(Text::SplitFrom, *split_from),
            EventKind::WroteFirst { to, .. } => person(Text::WroteFirst, to),
            EventKind::Opened { .. } => plain(Text::Opened),
            EventKind::Routed { to, .. } => self.labelled(TextKey::LabelDepartment, &department_name(to, self.desk)),
            EventKind::Requester { requester, .. } => person(Text::Requester, requester),
            EventKind::NewRequester { to, .. } => person(Text::Requester, to),
            EventKind::Follows { ticket, .. } => numbered(Text::Follows, *ticket),
            EventKind::PossiblyRelated { ticket, .. } => numbered(Text::Related, *ticket),
            EventKind::Sibling { tickets, .. } => {
                let tickets: Vec<String> = tickets.iter().map(|ticket| format!("#{ticket}")).collect();
                self.texts.fill(Text::Siblings, &[("number", &tickets.join(", "))])
            }
            EventKind::Forwarded { customer, .. } => person(Text::Forwarded, customer),
            EventKind::Retried { retried: Retried::Failed, .. } => plain(Text::RetriedFailed),
            EventKind::Retried { ticket: Some(ticket), .. } => numbered(Text::RetriedOn, *ticket),
            EventKind::Retried { ticket: None, .. } => plain(Text::RetriedNothing),
            EventKind::Quarantined { .. } => plain(Text::Quarantined),
            EventKind::Wrote { .. } => plain(Text::Wrote),
            EventKind::Folded { by, .. } => person(Text::Folded, by),
            EventKind::Note { .. } => self.texts.get(RegroupText::BriefNote).to_owned(),
            EventKind::NoteReached { to, .. } => people(Text::NoteReached, to),
            EventKind::AnsweredAside { .. } => plain(Text::AnsweredAside),
            EventKind::Answered { .. } => plain(Text::Answered),
            EventKind::Cut { .. } => plain(Text::Cut),
            EventKind::Refused { .. } => plain(Text::Refused),
            EventKind::Aside { to, .. } => people(Text::Aside, to),
            EventKind::Unproven { .. } => plain(Text::Unproven),
            EventKind::Held { .. } => plain(Text::Held),
            EventKind::Replaced { .. } => plain(Text::Replaced),
            EventKind::Cancelled { .. } => plain(Text::Cancelled),
            EventKind::Sent { .. } => plain(Text::Sent),
            EventKind::Expired { agent, .. } => of_agent(Text::Expired, agent),
            EventKind::Withdrawn { .. } => plain(Text::Withdrawn),
            EventKind::Status { from, to, until, .. } => {
                let name = |status| self.texts.get(status_text(status));
                let until = until.map(|until| format!(" ({})", moment(until, self.desk))).unwrap_or_default();
                let value = if from == to { name(*to).to_owned() } else { arrow(name(*from), name(*to)) };
                self.labelled(TextKey::LabelStatus, &format!("{value}{until}"))
            }
            EventKind::Priority { from, to } => {
                let name = |priority| self.texts.get(priority_text(priority));
                self.labelled(TextKey::LabelPriority, &arrow(name(*from), name(*to)))
            }
            EventKind::Tags { added, removed } => {
                format!("{}: {}", self.texts.get(StaffText::LabelTags), plus_minus(added, removed))
            }
            EventKind::Assigned { from, to, .. } => {
                let name = |agent: &Option<AgentId>| {
                    let nobody = || self.texts.get(TextKey::Nobody).to_owned();
                    agent.as_ref().map_or_else(nobody, |agent| agent_name(agent, self.desk))
                };
                let value = if from == to { name(to) } else { arrow(&name(from), &name(to)) };
                self.labelled(TextKey::LabelAssignee, &value)
            }
            EventKind::Moved { from, to, .. } => {
                let (from, to) = (department_name(from, self.desk), department_name(to, self.desk));
                self.labelled(TextKey::LabelDepartment, &arrow(&from, &to))
            }
            EventKind::Accepted { .. } => plain(Text::Accepted),
            EventKind::Away { agent, until: None, .. } => of_agent(Text::Away, agent),
            EventKind::Away { agent, until: Some(day), .. } => {
                let values = [("agent", agent_name(agent, self.desk)), ("day", day.to_string())];
                self.texts.fill(Text::AwayUntil, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
            }
            EventKind::Back { agent, .. } => of_agent(Text::Back, agent),
            EventKind::Joined { person: who, .. } => person(Text::Joined, who),
            EventKind::Left { person: who } => person(Text::Left, who),
            EventKind::Proposed { person: who, .. } => person(Text::Proposed, who),
            EventKind::KeyDead { agent, .. } => of_agent(Text::KeyDead, agent),
            EventKind::SenderFailed { from } => person(Text::SenderFailed, from),
            EventKind::MergedInto { into: ticket } | EventKind::Absorbed { part: ticket, .. } => {
                format!("{} #{ticket}", self.texts.get(Text::Merged))
            }
            EventKind::UnmergedFrom { from: ticket, .. } | EventKind::Unmerged { part: ticket, .. } => {
                format!("{} #{ticket}", self.texts.get(Text::Unmerged))
            }
            EventKind::Split { ticket, .. } => format!("{} #{ticket}", self.texts.get(Text::Split)),
            EventKind::Spam { .. } => plain(Text::Spam),
            EventKind::Muted { customer } => person(Text::Muted, customer),
            EventKind::Unmuted { customer } => person(Text::Unmuted, customer),
            EventKind::Acknowledged { to, .. } => person(Text::Acknowledged, to),
            EventKind::Notified { agents } => {
                let agents: Vec<String> = agents.iter().map(|agent| agent_name(agent, self.desk)).collect();
                self.texts.fill(Text::Notified, &[("people", &agents.join(", "))])
            }
            EventKind::NewsDropped { agent, kept, told, .. } => {
                let (agent, count) = (agent_name(agent, self.desk), kept.saturating_sub(*told).to_string());
                self.texts.fill(Text::NewsDropped, &[("agent", &agent), ("count", &count)])
            }
            EventKind::Withheld { what, .. } => plain(match what {
                Withheld::Acknowledgement => Text::NoReceipt,
                Withheld::Notification => Text::NoNotification,
                Withheld::Answer => Text::NoAnswer,
                Withheld::Notice => Text::NoNotice,
                Withheld::Effect => Text::NoEffect,
                Withheld::Repetition => Text::NoRepetition,
            }),
            EventKind::Delivery { to, failure: Failure::Final, .. } => person(Text::NotDelivered, to),
            EventKind::Delivery { to, failure: Failure::Late, .. } => person(Text::DeliveredLate, to),
            EventKind::Bounced { .. } | EventKind::StrayAgain { .. } | EventKind::Stray {} => plain(Text::Undelivered),
            EventKind::HeldByRecipient { held_by } => person(Text::HeldByRecipient, held_by),
        }
    }

    fn labelled(&self, label: TextKey, value: &str) -> String {
        format!("{}: {value}", self.texts.get(label))
    }
}

fn arrow(before: &str, after: &str) -> String {
    format!("{before} → {after}")
}

fn list(people: &[Address]) -> String {
    people.iter().map(|person| person.written()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::model::Language;
    use crate::model::event::{AssignedWhy, StatusWhy, Stead};
    use crate::model::id::DepartmentId;
    use crate::model::ticket::{Priority, Status};

    fn told(language: Language, actor: Actor, kind: EventKind) -> String {
        let policy = samples::policy();
        let desk = Desk {
            policy: &policy,
            signer: &samples::signer(),
            keys: &samples::keys(),
            now: samples::now(),
            largest_mail: crate::compose::fit::USUAL_LIMIT,
        };
        line(&PastEvent { at: samples::now(), actor, kind }, &Texts::new(&policy, language), &desk)
    }

    fn anna() -> Actor {
        Actor::Agent(AgentId::new("anna"))
    }

    #[test]
    fn history_is_told_in_the_readers_language() {
        let answered = || EventKind::status_as(Status::New, Status::Waiting, StatusWhy::Answered);
        let assigned = |from: Option<&str>, to: Option<&str>| EventKind::Assigned {
            from: from.map(AgentId::new),
            to: to.map(AgentId::new),
            why: Some(AssignedWhy::FirstToAnswer),
        };
        let until = EventKind::Status {
            from: Status::Waiting,
            to: Status::Waiting,
            until: Some(samples::now()),
            why: None,
            ticket: None,
        };
        let moved = EventKind::Moved {
            from: DepartmentId::new("returns"),
            to: DepartmentId::new("nowhere"),
            why: None,
            route: None,
            hand_over: Some(2),
        };
        let ewa = || Address::parse("ewa@client.example").unwrap();
        let requester = EventKind::Requester { requester: ewa(), author: ewa(), why: Stead::ReplyTo };
        let lamp = EventKind::Unmerged { part: TicketNumber(1002), subject: "Lamp #4".to_owned() };
        for (language, actor, kind, expected) in [
            (Language::En, anna(), answered(), "Anna Nowak: Status: new → waiting for the customer"),
            (Language::Fil, anna(), answered(), "Anna Nowak: Katayuan: bago → hinihintay ang customer"),
            (Language::Pl, anna(), assigned(None, Some("anna")), "Anna Nowak: Prowadzi: jeszcze nikt → Anna Nowak"),
            (
                Language::Ru,
                Actor::Desk,
                assigned(Some("anna"), None),
                "postroom: Ответственный: Anna Nowak → пока никто",
            ),
            (Language::Ru, Actor::Desk, assigned(None, None), "postroom: Ответственный: пока никто"),
            (Language::En, anna(), moved, "Anna Nowak: Department: Returns → nowhere"),
            (Language::En, anna(), lamp, "Anna Nowak: taken apart #1002"),
            (Language::Pl, Actor::Desk, requester, "postroom: odpowiedzi otrzymuje ewa@client.example"),
            (
                Language::Fil,
                Actor::Agent(AgentId::new("gone")),
                EventKind::Priority { from: Priority::Normal, to: Priority::Urgent },
                "gone: Priyoridad: karaniwan → apurahan",
            ),
            (Language::Ru, Actor::Admin, EventKind::Spam { customer: ewa() }, "администратор: отмечено как спам"),
            (
                Language::Pl,
                Actor::Rule("VIP".to_owned()),
                EventKind::Cut { parts: vec![] },
                "reguła „VIP”: nie wszystkie słowa wysłano",
            ),
        ] {
            assert_eq!(told(language, actor, kind), expected);
        }
        assert!(told(Language::Pl, anna(), until).starts_with("Anna Nowak: Status: czeka na klienta ("));
    }

    #[test]
    fn every_kind_is_told_in_every_language_without_english_reasons() {
        for kind in EventKind::samples() {
            let in_english = told(Language::En, Actor::Desk, kind.clone());
            for language in Language::ALL {
                let line = told(language, Actor::Desk, kind.clone());
                let tags = matches!(kind, EventKind::Tags { .. });
                assert!(!line.contains(['{', '}']) && (tags || !line.contains("xyzzy")), "{line}");
                assert!(language == Language::En || line != in_english, "{language}: {line}");
            }
        }
    }

    #[test]
    fn a_line_of_old_is_told_in_its_own_words() {
        let kind = EventKind::Legacy { kind: "status".to_owned(), words: "new to waiting: answered".to_owned() };
        assert_eq!(told(Language::Pl, anna(), kind), "Anna Nowak: status: new to waiting: answered");
    }
}
