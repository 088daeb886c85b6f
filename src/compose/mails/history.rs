//! A line of a ticket's history in the reader's language.
//!
//! Only values are told, never a reason in free words: those are kept in English for ops.

use super::labels::{priority_text, reason, status_text};
use crate::compose::Desk;
use crate::compose::layout::sender::{agent_name, department_name};
use crate::compose::texts::{CountedKey, TextKey, Texts};
use crate::compose::when::{day, moment};
use crate::model::address::Address;
use crate::model::event::{Actor, EventKind, Failure, PastEvent, Retried, Withheld};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::link::ThreadReason;
use crate::model::text::plus_minus;

/// Who did what.
pub fn line(event: &PastEvent, texts: &Texts<'_>, desk: &Desk) -> String {
    let who = match &event.actor {
        Actor::Agent(id) => agent_name(id, desk),
        Actor::Customer => texts.get(TextKey::HistoryCustomer).to_owned(),
        Actor::Desk => "postroom".to_owned(),
        Actor::Admin => texts.get(TextKey::HistoryAdmin).to_owned(),
        Actor::Mailbox(mailbox) => {
            let mailbox = desk.policy.mailbox(mailbox).map_or(mailbox.as_str(), |known| known.address.as_str());
            texts.fill(TextKey::HistoryMailbox, &[("mailbox", mailbox)])
        }
        Actor::Rule(name) => texts.fill(TextKey::HistoryRule, &[("rule", name)]),
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
        let plain = |text: TextKey| self.texts.get(text).to_owned();
        let people = |text: TextKey, people: &[Address]| self.texts.fill(text, &[("people", &list(people))]);
        let person = |text: TextKey, person: &Address| people(text, std::slice::from_ref(person));
        let numbered = |text: TextKey, number: TicketNumber| self.texts.fill(text, &[("number", &number.to_string())]);
        let of_agent =
            |text: TextKey, agent: &AgentId| self.texts.fill(text, &[("agent", &agent_name(agent, self.desk))]);
        match kind {
            EventKind::Legacy { kind, words } => format!("{kind}: {words}"),
            EventKind::SplitFrom { split_from, .. } => numbered(TextKey::HistorySplitFrom, *split_from),
            EventKind::WroteFirst { to, .. } => person(TextKey::HistoryWroteFirst, to),
            EventKind::Opened { why, .. } => self.for_reason(TextKey::HistoryOpened, *why),
            EventKind::Routed { to, by, found } => {
                let department = department_name(to, self.texts, self.desk);
                let why = reason(*by, found, self.texts);
                self.labelled(TextKey::LabelDepartment, &format!("{department} ({why})"))
            }
            EventKind::Requester { requester, .. } => person(TextKey::HistoryRequester, requester),
            EventKind::NewRequester { to, .. } => person(TextKey::HistoryRequester, to),
            EventKind::Follows { ticket, .. } => numbered(TextKey::HistoryFollows, *ticket),
            EventKind::PossiblyRelated { ticket, .. } => numbered(TextKey::HistoryRelated, *ticket),
            EventKind::Sibling { tickets, .. } => {
                let tickets: Vec<String> = tickets.iter().map(|ticket| format!("#{ticket}")).collect();
                self.texts.fill(TextKey::HistorySiblings, &[("number", &tickets.join(", "))])
            }
            EventKind::Forwarded { customer, .. } => person(TextKey::HistoryForwarded, customer),
            EventKind::Retried { retried: Retried::Failed, .. } => plain(TextKey::HistoryRetriedFailed),
            EventKind::Retried { ticket: Some(ticket), .. } => numbered(TextKey::HistoryRetriedOn, *ticket),
            EventKind::Retried { ticket: None, .. } => plain(TextKey::HistoryRetriedNothing),
            EventKind::Quarantined { .. } => plain(TextKey::HistoryQuarantined),
            EventKind::Wrote { why, .. } => self.for_reason(TextKey::HistoryWrote, *why),
            EventKind::Folded { by, .. } => person(TextKey::HistoryFolded, by),
            EventKind::Note { .. } => self.texts.get(TextKey::BriefNote).to_owned(),
            EventKind::NoteReached { to, .. } => people(TextKey::HistoryNoteReached, to),
            EventKind::AnsweredAside { .. } => plain(TextKey::HistoryAnsweredAside),
            EventKind::Answered { .. } => plain(TextKey::HistoryAnswered),
            EventKind::Cut { .. } => plain(TextKey::HistoryCut),
            EventKind::Refused { .. } => plain(TextKey::HistoryRefused),
            EventKind::Aside { to, .. } => people(TextKey::HistoryAside, to),
            EventKind::Unproven { .. } => plain(TextKey::HistoryUnproven),
            EventKind::Held { .. } => plain(TextKey::HistoryHeld),
            EventKind::Replaced { .. } => plain(TextKey::HistoryReplaced),
            EventKind::Cancelled { .. } => plain(TextKey::HistoryCancelled),
            EventKind::Sent { .. } => plain(TextKey::HistorySent),
            EventKind::Expired { agent, .. } => of_agent(TextKey::HistoryExpired, agent),
            EventKind::Withdrawn { .. } => plain(TextKey::HistoryWithdrawn),
            EventKind::Status { from, to, until, .. } => {
                let name = |status| self.texts.get(status_text(status));
                let until =
                    until.map(|until| format!(" ({})", moment(until, self.texts, self.desk))).unwrap_or_default();
                let value = if from == to { name(*to).to_owned() } else { arrow(name(*from), name(*to)) };
                self.labelled(TextKey::LabelStatus, &format!("{value}{until}"))
            }
            EventKind::Priority { from, to } => {
                let name = |priority| self.texts.get(priority_text(priority));
                self.labelled(TextKey::LabelPriority, &arrow(name(*from), name(*to)))
            }
            EventKind::Tags { added, removed } => {
                format!("{}: {}", self.texts.get(TextKey::LabelTags), plus_minus(added, removed))
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
                let (from, to) =
                    (department_name(from, self.texts, self.desk), department_name(to, self.texts, self.desk));
                self.labelled(TextKey::LabelDepartment, &arrow(&from, &to))
            }
            EventKind::Accepted { .. } => plain(TextKey::HistoryAccepted),
            EventKind::Away { agent, until: None, .. } => of_agent(TextKey::HistoryAway, agent),
            EventKind::Away { agent, until: Some(until), .. } => {
                let values = [("agent", agent_name(agent, self.desk)), ("day", day(*until, self.texts))];
                self.texts
                    .fill(TextKey::HistoryAwayUntil, &values.each_ref().map(|(name, value)| (*name, value.as_str())))
            }
            EventKind::Back { agent, .. } => of_agent(TextKey::HistoryBack, agent),
            EventKind::Joined { person: who, .. } => person(TextKey::HistoryJoined, who),
            EventKind::Left { person: who } => person(TextKey::HistoryLeft, who),
            EventKind::Proposed { person: who, .. } => person(TextKey::HistoryProposed, who),
            EventKind::KeyDead { agent, .. } => of_agent(TextKey::HistoryKeyDead, agent),
            EventKind::SenderFailed { from } => person(TextKey::HistorySenderFailed, from),
            EventKind::MergedInto { into: ticket } | EventKind::Absorbed { part: ticket, .. } => {
                format!("{} #{ticket}", self.texts.get(TextKey::HistoryMerged))
            }
            EventKind::UnmergedFrom { from: ticket, .. } | EventKind::Unmerged { part: ticket, .. } => {
                format!("{} #{ticket}", self.texts.get(TextKey::HistoryUnmerged))
            }
            EventKind::Split { ticket, .. } => format!("{} #{ticket}", self.texts.get(TextKey::HistorySplit)),
            EventKind::Spam { .. } => plain(TextKey::HistorySpam),
            EventKind::Muted { customer } => person(TextKey::HistoryMuted, customer),
            EventKind::Unmuted { customer } => person(TextKey::HistoryUnmuted, customer),
            EventKind::Acknowledged { to, .. } => person(TextKey::HistoryAcknowledged, to),
            EventKind::Notified { agents } => {
                let agents: Vec<String> = agents.iter().map(|agent| agent_name(agent, self.desk)).collect();
                self.texts.fill(TextKey::HistoryNotified, &[("people", &agents.join(", "))])
            }
            EventKind::NewsDropped { agent, kept, told, .. } => {
                let agent = agent_name(agent, self.desk);
                let count = ("count", kept.saturating_sub(*told));
                self.texts.count(CountedKey::HistoryNewsDropped, count, &[("agent", &agent)])
            }
            EventKind::Withheld { what, .. } => plain(match what {
                Withheld::Acknowledgement => TextKey::HistoryNoReceipt,
                Withheld::Notification => TextKey::HistoryNoNotification,
                Withheld::Answer => TextKey::HistoryNoAnswer,
                Withheld::Notice => TextKey::HistoryNoNotice,
                Withheld::Effect => TextKey::HistoryNoEffect,
                Withheld::Repetition => TextKey::HistoryNoRepetition,
            }),
            EventKind::Delivery { to, failure: Failure::Final, .. } => person(TextKey::HistoryNotDelivered, to),
            EventKind::Delivery { to, failure: Failure::Late, .. } => person(TextKey::HistoryDeliveredLate, to),
            EventKind::Bounced { .. } | EventKind::StrayAgain { .. } | EventKind::Stray {} => {
                plain(TextKey::HistoryUndelivered)
            }
            EventKind::HeldByRecipient { held_by } => person(TextKey::HistoryHeldByRecipient, held_by),
        }
    }

    /// What happened with a mail, and why it stands on this ticket; nothing is said where nothing pointed to one.
    fn for_reason(&self, what: TextKey, why: ThreadReason) -> String {
        let what = self.texts.get(what);
        if why == ThreadReason::Nothing {
            return what.to_owned();
        }
        format!("{what} ({})", self.texts.get(thread_text(why)))
    }

    fn labelled(&self, label: TextKey, value: &str) -> String {
        format!("{}: {value}", self.texts.get(label))
    }
}

/// The text of the reason for which a mail stands on its ticket.
fn thread_text(why: ThreadReason) -> TextKey {
    match why {
        ThreadReason::Bounce => TextKey::WhyBounce,
        ThreadReason::ReplyAddress => TextKey::WhyReplyAddress,
        ThreadReason::NotificationId => TextKey::WhyNotificationId,
        ThreadReason::InReplyTo => TextKey::WhyInReplyTo,
        ThreadReason::References => TextKey::WhyReferences,
        ThreadReason::SubjectTag => TextKey::WhySubjectTag,
        ThreadReason::QuotedTag => TextKey::WhyQuotedTag,
        ThreadReason::Nothing => TextKey::WhyNothing,
        ThreadReason::Stranger => TextKey::WhyStranger,
        ThreadReason::InManyHands => TextKey::WhyInManyHands,
        ThreadReason::Forged => TextKey::WhyForged,
        ThreadReason::AgentsToken => TextKey::WhyAgentsToken,
        ThreadReason::OtherSubject => TextKey::WhyOtherSubject,
        ThreadReason::Colleague => TextKey::WhyColleague,
        ThreadReason::Closed => TextKey::WhyClosed,
        ThreadReason::PassedOn => TextKey::WhyPassedOn,
        ThreadReason::TaggedForParticipant => TextKey::WhyTaggedForParticipant,
        ThreadReason::AnsweredBefore => TextKey::WhyAnsweredBefore,
        ThreadReason::Flood => TextKey::WhyFlood,
        ThreadReason::StrayBounce => TextKey::WhyStrayBounce,
        ThreadReason::SameList => TextKey::WhySameList,
        ThreadReason::ListSubject => TextKey::WhyListSubject,
        ThreadReason::SharedReference => TextKey::WhySharedReference,
        ThreadReason::ThreadIndex => TextKey::WhyThreadIndex,
        ThreadReason::SameMail => TextKey::WhySameMail,
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
    use super::*;
    use crate::compose::samples;
    use crate::model::Language;
    use crate::model::event::{AssignedWhy, StatusWhy, Stead};
    use crate::model::id::DepartmentId;
    use crate::model::testing::{GOLDEN, language};
    use crate::model::ticket::{Priority, Status};

    fn told(language: Language, actor: Actor, kind: EventKind) -> String {
        let policy = samples::policy();
        let desk = Desk {
            policy: &policy,
            signer: &samples::signer(),
            keys: &samples::keys(),
            now: samples::now(),
            largest_mail: crate::compose::layout::fit::USUAL_LIMIT,
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
            (Language::ENGLISH, anna(), answered(), "Anna Nowak: Status: new → waiting for the customer"),
            (language("fil"), anna(), answered(), "Anna Nowak: Status: bago → hinihintay ang customer"),
            (language("pl"), anna(), assigned(None, Some("anna")), "Anna Nowak: Prowadzi: jeszcze nikt → Anna Nowak"),
            (
                language("ru"),
                Actor::Desk,
                assigned(Some("anna"), None),
                "postroom: Ответственный: Anna Nowak → пока никто",
            ),
            (language("ru"), Actor::Desk, assigned(None, None), "postroom: Ответственный: пока никто"),
            (Language::ENGLISH, anna(), moved, "Anna Nowak: Department: Returns → nowhere"),
            (Language::ENGLISH, anna(), lamp, "Anna Nowak: taken apart #1002"),
            (language("pl"), Actor::Desk, requester, "postroom: odpowiedzi otrzymuje ewa@client.example"),
            (
                language("fil"),
                Actor::Agent(AgentId::new("gone")),
                EventKind::Priority { from: Priority::Normal, to: Priority::Urgent },
                "gone: Priyoridad: karaniwan → urgent",
            ),
            (language("ru"), Actor::Admin, EventKind::Spam { customer: ewa() }, "администратор: отмечено как спам"),
            (
                language("pl"),
                Actor::Rule("VIP".to_owned()),
                EventKind::Cut { parts: vec![] },
                "reguła „VIP”: części tekstu nie wysłano",
            ),
        ] {
            assert_eq!(told(language, actor, kind), expected);
        }
        assert!(told(language("pl"), anna(), until).starts_with("Anna Nowak: Status: czeka na klienta ("));
    }

    #[test]
    fn every_kind_is_told_in_every_language_without_english_reasons() {
        for kind in EventKind::samples() {
            let in_english = told(Language::ENGLISH, Actor::Desk, kind.clone());
            for language in GOLDEN.map(language) {
                let line = told(language, Actor::Desk, kind.clone());
                let names = matches!(kind, EventKind::Tags { .. } | EventKind::Routed { .. });
                let loan = matches!(kind, EventKind::Note { .. });
                assert!(!line.contains(['{', '}']) && (names || !line.contains("xyzzy")), "{line}");
                assert!(language == Language::ENGLISH || loan || line != in_english, "{language}: {line}");
            }
        }
    }

    #[test]
    fn a_line_of_old_is_told_in_its_own_words() {
        let kind = EventKind::Legacy { kind: "status".to_owned(), words: "new to waiting: answered".to_owned() };
        assert_eq!(told(language("pl"), anna(), kind), "Anna Nowak: status: new to waiting: answered");
    }
}
