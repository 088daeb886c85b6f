//! What is remembered of a folder's mails that could not be fetched as announced.
//!
//! Never lets a busy server count against a mail: what is refused while nothing else is handed out either proves nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::intake::imap::session::{Listed, UIDS_PER_COMMAND};

/// Fetches of a mail that fail before it is recorded as quarantined.
pub(super) const FETCH_ATTEMPTS: u32 = 3;

/// What is remembered from one look to the next.
#[derive(Debug, Default)]
pub struct FetchHistory {
    /// To be fetched again.
    pub retry: BTreeSet<u32>,
    /// To be fetched alone, because one of them broke an answer.
    pub(super) retry_alone: BTreeSet<u32>,
    /// Have broken an answer, alone: fetched after all others.
    pub(super) fetch_last: BTreeSet<u32>,
    /// Larger than announced and than what is taken: their headers will do. With the size that was about to come.
    pub(super) oversize: BTreeMap<u32, u64>,
    /// Listed, and gone when they were to be fetched, at this look.
    pub(super) gone: BTreeSet<u32>,
    /// A mail that the server has handed out: whether it still does tells a bad mail from a bad hour.
    pub(super) control: Option<Listed>,
    /// How often a mail came shorter than half its size.
    short: BTreeMap<u32, u32>,
    /// Listings of several mails that broke the connection, in a row.
    broken_listings: u32,
}

impl FetchHistory {
    /// The mail is settled.
    pub(super) fn forget(&mut self, uid: u32) {
        self.retry.remove(&uid);
        self.retry_alone.remove(&uid);
        self.fetch_last.remove(&uid);
        self.oversize.remove(&uid);
        self.short.remove(&uid);
    }

    /// It broke an answer, alone.
    pub(super) fn accuse(&mut self, uid: u32) {
        self.retry_alone.insert(uid);
        self.fetch_last.insert(uid);
    }

    /// Counts that a mail came cut off; `true` if the server insists.
    pub(super) fn came_short(&mut self, uid: u32) -> (u32, bool) {
        let seen = self.short.entry(uid).or_default();
        *seen += 1;
        (*seen, *seen >= FETCH_ATTEMPTS)
    }

    /// How many mails are listed by one command: fewer each time that this broke the connection, down to one.
    pub(super) fn listing_size(&self) -> usize {
        (UIDS_PER_COMMAND >> (2 * self.broken_listings.min(16))).max(1)
    }

    /// A listing broke the connection.
    pub(super) fn listing_broke(&mut self) {
        self.broken_listings += 1;
    }

    /// All listings worked.
    pub(super) fn listings_work(&mut self) {
        self.broken_listings = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listings_that_break_shrink_to_a_single_mail() {
        let mut history = FetchHistory::default();
        let sizes: Vec<usize> = (0..7)
            .map(|_| {
                let size = history.listing_size();
                history.listing_broke();
                size
            })
            .collect();
        assert_eq!(sizes, [500, 125, 31, 7, 1, 1, 1]);
        history.listings_work();
        assert_eq!(history.listing_size(), 500);
    }
}
