//! What is taken of the mail that stands in a folder: the mailbox's `import` at first contact, everything later.
//!
//! Never leaves out a mail because its date is unknown.

use jiff::{SignedDuration, Timestamp};

use super::first_contact::{Came, FirstStart};
use crate::model::mail::Arrival;
use crate::model::policy::Import;
use crate::model::text::counted;
use crate::store::ledger::Contact;

/// Recorded for mail that was there before us.
const BEFORE_US: &str = "it was there before postroom (import = \"new\")";
/// Recorded for mail that is too old.
const TOO_OLD: &str = "it is older than the import date";

/// What is taken of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Nothing.
    Nothing,
    /// What came since the first start with the mailbox, as [`Arrival::Live`]: the first login may have come late.
    SinceStart(FirstStart),
    /// Everything, and how it arrived.
    All(Arrival),
    /// What was received at or after this moment, as [`Arrival::Import`].
    Since(Timestamp),
}

impl Admission {
    /// Decides for a folder.
    pub fn new(contact: Contact, import: Import, now: Timestamp) -> Self {
        match (contact, import) {
            (Contact::Known { .. }, _) => Self::All(Arrival::Live),
            (Contact::First { since: None }, Import::New) => Self::Nothing,
            (Contact::First { since: Some(since) }, Import::New) => Self::SinceStart(FirstStart { since, now }),
            (Contact::First { .. } | Contact::Renumbered { .. }, Import::All) => Self::All(Arrival::Import),
            (Contact::First { .. } | Contact::Renumbered { .. }, Import::Since(date)) => Self::Since(date),
            (Contact::Renumbered { since }, Import::New) => Self::Since(since),
        }
    }

    /// Whether a mail received then is taken, by its date alone.
    pub fn takes(self, received_at: Option<Timestamp>) -> bool {
        match self {
            Self::Nothing => false,
            Self::SinceStart(start) => start.file_came(received_at) == Came::Since,
            Self::All(_) => true,
            Self::Since(date) => received_at.is_none_or(|received_at| received_at >= date),
        }
    }

    /// Why the others are not taken.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Nothing | Self::SinceStart(_) => BEFORE_US,
            Self::All(_) | Self::Since(_) => TOO_OLD,
        }
    }

    /// What people are told of mails that were not taken; `None` when there are none.
    pub fn left_alone(self, mails: usize) -> Option<String> {
        let why = match self {
            Self::Nothing | Self::SinceStart(_) => "`import = \"new\"`",
            Self::All(_) | Self::Since(_) => TOO_OLD,
        };
        (mails > 0).then(|| format!("{} left alone ({why})", counted(mails, "mail")))
    }

    /// How a mail that is taken arrived.
    pub fn arrival(self) -> Arrival {
        match self {
            Self::All(arrival) => arrival,
            Self::SinceStart(_) => Arrival::Live,
            Self::Nothing | Self::Since(_) => Arrival::Import,
        }
    }

    /// When a mail was received, if the server does not say: now for a new one; else long enough ago that it sends nothing.
    pub fn received_at(self, stated: Option<Timestamp>, now: Timestamp) -> Timestamp {
        stated.unwrap_or_else(|| match self.arrival() {
            Arrival::Live => now,
            Arrival::Import => now.checked_sub(SignedDuration::from_hours(48)).unwrap_or(Timestamp::UNIX_EPOCH),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn import_decides_at_first_contact_only() {
        let first = Contact::First { since: None };
        let late = Contact::First { since: Some(at(50)) };
        let known = Contact::Known { since: at(50) };
        let renumbered = Contact::Renumbered { since: at(50) };
        let check = |contact, import, old: bool, young: bool, arrival| {
            let admission = Admission::new(contact, import, at(100));
            assert_eq!(admission.takes(Some(at(10))), old);
            assert_eq!(admission.takes(Some(at(90))), young);
            assert_eq!(admission.arrival(), arrival);
        };
        check(first, Import::New, false, false, Arrival::Import);
        check(late, Import::New, false, true, Arrival::Live);
        check(late, Import::All, true, true, Arrival::Import);
        check(first, Import::All, true, true, Arrival::Import);
        check(first, Import::Since(at(60)), false, true, Arrival::Import);
        check(renumbered, Import::New, false, true, Arrival::Import);
        check(renumbered, Import::All, true, true, Arrival::Import);
        check(renumbered, Import::Since(at(60)), false, true, Arrival::Import);
        check(known, Import::New, true, true, Arrival::Live);
        check(known, Import::Since(at(60)), true, true, Arrival::Live);
    }

    #[test]
    fn a_mail_without_a_date_is_taken_and_counts_as_old_unless_it_is_new() {
        assert!(Admission::Since(at(60)).takes(None));
        assert_eq!(Admission::All(Arrival::Live).received_at(None, at(500_000)), at(500_000));
        assert!(Admission::Since(at(60)).received_at(None, at(500_000)) < at(400_000));
    }
}
