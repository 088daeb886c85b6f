//! Which ticket a mail belongs to, with all that was looked up to know it: by what it names, the ticket of its department in a
//! family, the newest of a flood.

use jiff::Timestamp;

use super::Parts;
use super::letter::Letter;
use crate::decide;
use crate::model::facts::{Counters, ThreadFacts};
use crate::model::id::{DepartmentId, TicketNumber};
use crate::model::link::{Clues, Link, ThreadReason};
use crate::model::mail::{ParsedMail, RawMail};
use crate::model::ticket::Ticket;
use crate::store::{StoreError, View};
use crate::thread::{self, Moment};

/// Where a mail belongs.
pub(super) struct Threaded {
    pub(super) facts: ThreadFacts,
    /// What shows it, as far as it proves something.
    pub(super) clues: Clues,
    pub(super) link: Link,
    /// The merged ticket that the mail was written to.
    pub(super) came_for: Option<TicketNumber>,
    /// The ticket of the link, where the facts do not hold it.
    found: Option<Ticket>,
}

impl Threaded {
    /// The ticket.
    pub(super) fn ticket(&self) -> Option<&Ticket> {
        self.found.as_ref().or_else(|| self.number().and_then(|number| self.facts.ticket(number)))
    }

    /// Its number, whether or not there is such a ticket.
    pub(super) fn number(&self) -> Option<TicketNumber> {
        match &self.link {
            Link::Ticket { number, .. } | Link::Bounce { number, .. } => Some(*number),
            Link::Direct { number, .. } => *number,
            Link::Own | Link::Unticketed { .. } | Link::Unproven { .. } | Link::New { .. } | Link::Forward { .. } => {
                None
            }
        }
    }

    /// The ticket in whose department the mail stays: its own, or the closed one that a new one follows.
    pub(super) fn stays(&self) -> Option<(TicketNumber, &DepartmentId)> {
        let followed = match &self.link {
            Link::New { reason: ThreadReason::Closed, possibly_related: Some(number) } => self.facts.ticket(*number),
            Link::Own
            | Link::Unticketed { .. }
            | Link::Unproven { .. }
            | Link::New { .. }
            | Link::Forward { .. }
            | Link::Ticket { .. }
            | Link::Direct { .. }
            | Link::Bounce { .. } => None,
        };
        self.ticket().or(followed).map(|ticket| (ticket.number, &ticket.department))
    }

    fn lead_to(&mut self, ticket: Ticket, reason: ThreadReason) {
        self.link = Link::Ticket { number: ticket.number, reason, agent: None };
        self.found = Some(ticket);
    }
}

impl Parts {
    /// Which ticket a mail belongs to, by itself.
    pub(super) fn thread(
        &self,
        view: &View<'_>,
        raw: &RawMail,
        letter: &Letter,
        now: Timestamp,
    ) -> Result<Threaded, StoreError> {
        let Letter { mail, attachments, clues, .. } = letter;
        let facts = view.thread_facts(clues, &mail.fingerprint)?;
        let mut clues = clues.clone();
        thread::prove(&mut clues, &facts);
        let moment = Moment { now, silent: decide::says_nothing(mail, attachments), sent: self.policy.is_sent(raw) };
        let link = thread::resolve(mail, &clues, &facts, &self.policy, moment);
        let (link, came_for) = thread::lead(link, &facts);
        Ok(Threaded { facts, clues, link, came_for, found: None })
    }

    /// What one of us wrote past the desk answers the ticket of the family whose department writes from its From.
    pub(super) fn lead_to_sibling(
        &self,
        view: &View<'_>,
        mail: &ParsedMail,
        threaded: &mut Threaded,
    ) -> Result<(), StoreError> {
        let (Link::Direct { .. }, Some(ticket), Some(from)) = (&threaded.link, threaded.ticket(), &mail.from) else {
            return Ok(());
        };
        let department = self.policy.department_of(&from.address).filter(|found| found.id != ticket.department);
        let sibling = department
            .and_then(|department| ticket.siblings.iter().find(|sibling| sibling.department == department.id));
        let Some(meant) = sibling.map(|sibling| sibling.number) else { return Ok(()) };
        threaded.found = view.ticket(meant)?;
        if let Link::Direct { number, .. } = &mut threaded.link {
            *number = Some(meant);
        }
        Ok(())
    }

    /// Leads a new mail to the ticket into which it is folded: of a flood, or of reports that nothing explains. Returns
    /// whether it does.
    #[expect(clippy::too_many_arguments, reason = "what was counted is looked at and added to")]
    pub(super) fn folds(
        &self,
        view: &View<'_>,
        raw: &RawMail,
        mail: &ParsedMail,
        threaded: &mut Threaded,
        counters: &mut Counters,
        robot: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let living = |number: TicketNumber| view.ticket(view.lead(number)?);
        let flooded = decide::folds_into(&self.policy, &threaded.link, raw.arrival, counters, robot);
        if let Some(newest) = flooded.map(living).transpose()?.flatten() {
            threaded.lead_to(newest, ThreadReason::Flood);
            return Ok(true);
        }
        if mail.bounce.is_none() || !matches!(threaded.link, Link::New { .. }) {
            return Ok(false);
        }
        counters.stray = view.stray_count(&decide::unreached(mail), now)?;
        let like_it = decide::stands_with(&counters.stray).map(living).transpose()?.flatten();
        let found = like_it.is_some();
        if let Some(ticket) = like_it {
            threaded.lead_to(ticket, ThreadReason::StrayBounce);
        }
        Ok(found)
    }
}
