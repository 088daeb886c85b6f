//! The circuit breakers on mail that no human wrote: what each keeps from whom, with a word for the database.

use super::ticket::word_enum;

word_enum!(
    /// What reached its limit.
    Breaker {
        /// Receipts to the addresses of one domain.
        ReceiptsOfDomain = "receipts-of-domain",
        /// Receipts from one mailbox.
        ReceiptsOfMailbox = "receipts-of-mailbox",
        /// Receipts that mails from one domain have sent to addresses elsewhere.
        ReceiptsForOthers = "receipts-for-others",
        /// New tickets of one domain.
        TicketsOfDomain = "tickets-of-domain",
        /// News of what one domain wrote.
        NewsOfDomain = "news-of-domain",
        /// News of what came by one mailbox.
        NewsOfMailbox = "news-of-mailbox",
        /// Word to an agent about their own mails.
        Notices = "notices",
        /// Mails in an agent's name that prove nothing, and came back to them.
        Returned = "returned",
    }
);

/// Something that a breaker kept back: it is counted, `status` names it, and somebody is told once a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Which limit is reached.
    pub breaker: Breaker,
    /// Whose: a domain, the id of a mailbox or of an agent.
    pub whose: String,
    /// The limit.
    pub limit: u32,
}
