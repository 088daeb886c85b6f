//! `#spam`: a ticket is closed without a word to anybody, its receipt withdrawn if it has not left. `#spam mute` ignores all
//! further mails of its customer's address, until `#spam undo`.
//!
//! An ignored mail is kept and counted. Agents, our own addresses and reports on deliveries are never ignored.

use crate::decide::AgentReply;
use crate::decide::agent::work::Work;
use crate::decide::commands::SpamWish;
use crate::decide::customer::follow_up;
use crate::model::address::Address;
use crate::model::event::EventKind;
use crate::model::id::{AgentId, TicketNumber};
use crate::model::link::{Link, ThreadReason};
use crate::model::mail::ParsedMail;
use crate::model::outgoing::{NoticeBody, Regrouping};
use crate::model::plan::{Fate, Plan};
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::step::Step;
use crate::model::ticket::{Status, Ticket};

/// The tag of a ticket that is spam.
pub(in crate::decide) const TAG: &str = "spam";
/// Addresses that are muted at a time.
const MAX_MUTES: u32 = 10_000;
/// Who reports on our own mails: ignored, they could not tell us.
const REPORTERS: &[&str] = &["mailer-daemon", "postmaster"];

/// Why that cannot be done.
pub(in crate::decide) fn refusal(case: &AgentReply<'_>, ticket: &Ticket, wish: SpamWish) -> Option<Refusal> {
    let address = &ticket.requester.address;
    let why = match wish {
        SpamWish::Close => None,
        SpamWish::Undo => (!ticket.tags.iter().any(|tag| tag == TAG) && !case.surroundings.muted)
            .then(|| Refusal::NoSpam(ticket.number, address.clone())),
        SpamWish::Mute if REPORTERS.contains(&address.local().to_lowercase().as_str()) => {
            Some(Refusal::MutesReporter(address.clone()))
        }
        SpamWish::Mute if !address.is_reachable() || case.policy.is_own(address) => {
            Some(Refusal::MutesUs(address.clone()))
        }
        SpamWish::Mute if case.policy.agent_by_address(address).is_some() => Some(Refusal::MutesAgent(address.clone())),
        SpamWish::Mute => (case.surroundings.mutes >= MAX_MUTES).then_some(Refusal::TooManyMutes(MAX_MUTES)),
    };
    let word = if wish == SpamWish::Undo { "#spam undo" } else { "#spam mute" };
    why.map(|why| why.of(word))
}

impl Work<'_> {
    pub(in crate::decide) fn spam(&mut self, wish: SpamWish) {
        let address = self.before.requester.address.clone();
        if wish == SpamWish::Undo {
            self.no_spam();
            if self.case.surroundings.muted {
                self.event(EventKind::Unmuted { customer: address.clone() });
                self.edit().step(Step::Unmute(address));
            }
            if self.shown.status == Status::Closed {
                self.set_status(Status::Open, None);
            }
            return self.notice(NoticeBody::Regrouped(Regrouping::NoSpam));
        }
        self.event(EventKind::Spam { customer: address.clone() });
        self.tag(&[TAG.to_owned()], &[]);
        self.set_status(Status::Closed, None);
        self.edit().step(Step::WithdrawReceipt);
        let muted = (wish == SpamWish::Mute).then(|| address.clone());
        if muted.is_some() {
            self.event(EventKind::Muted { customer: address.clone() });
            let by = self.agent.clone();
            self.edit().step(Step::Mute { address, by });
        }
        self.notice(NoticeBody::Regrouped(Regrouping::Spam { muted }));
    }

    /// The ticket is not spam, if it was.
    pub(in crate::decide) fn no_spam(&mut self) {
        if self.tags.iter().any(|tag| tag == TAG) {
            self.tag(&[], &[TAG.to_owned()]);
        }
    }
}

/// Whose mail it is, for those mails that a muted address causes to be ignored.
pub fn mutable(policy: &Policy, mail: &ParsedMail, link: &Link) -> Option<Address> {
    let customers = match link {
        Link::Ticket { agent, reason, .. } => agent.is_none() && *reason != ThreadReason::Bounce,
        Link::New { .. } => true,
        Link::Own
        | Link::Unticketed { .. }
        | Link::Unproven { .. }
        | Link::Bounce { .. }
        | Link::Forward { .. }
        | Link::Direct { .. } => false,
    };
    (customers && mail.bounce.is_none()).then(|| follow_up::requester(policy, mail).address)
}

/// A mail of a muted address: kept, counted, and nothing else.
pub fn from_muted(address: Address, agent: &AgentId, ticket: TicketNumber) -> Plan {
    let reason = format!("{agent} muted `{address}` on #{ticket}; `#spam undo` there takes its mails again");
    Plan { fate: Some(Fate::Ignored(reason)), muted: Some(address), ..Plan::default() }
}
