//! Which department a mail goes to, and why: addresses, keywords, the mailbox.

use crate::model::id::{DepartmentId, MailboxId, TicketNumber};
use crate::model::link::Route;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;

/// The routing of one config: one automaton over all keywords of all departments, built once.
pub struct Classifier {}

impl Classifier {
    /// Builds the automaton.
    pub fn new(policy: &Policy) -> Self {
        let _ = policy;
        Self {}
    }

    /// Where `mail`, taken from `mailbox`, goes. A follow-up stays with its ticket's department; the keyword scores are
    /// reported all the same.
    pub fn route(
        &self,
        policy: &Policy,
        mail: &ParsedMail,
        mailbox: &MailboxId,
        follow_up: Option<(TicketNumber, &DepartmentId)>,
    ) -> Route {
        let _ = (policy, mail, mailbox, follow_up);
        unimplemented!()
    }
}
