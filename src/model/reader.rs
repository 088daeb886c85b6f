//! Who reads a reply to a mail of ours. It is decided by the mail that is answered, and signed into what the reply bears.

use super::ticket::word_enum;

word_enum!(
    /// Who reads an agent's reply.
    Reader {
        /// The customers on the ticket: the mail showed a customer's words.
        Customer = "customer",
        /// Colleagues: the mail showed theirs alone.
        Note = "note",
        /// Nobody: commands are done, other words come back.
        Nobody = "nobody",
    }
);
