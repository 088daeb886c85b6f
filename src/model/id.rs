//! Identifiers, each its own type so that none can stand in for another.

use std::fmt;
use std::sync::Arc;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps `text` as it is; the config checks which characters an id may have.
            pub fn new(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The id as written in the config.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

text_id!(
    /// The `id` of a `[[department]]`.
    DepartmentId
);
text_id!(
    /// The `id` of an `[[agent]]`.
    AgentId
);
text_id!(
    /// The `id` of a `[[mailbox]]`.
    MailboxId
);
text_id!(
    /// A `Message-ID` (RFC 5322 §3.6.4) without its angle brackets, free of white space and control characters.
    MailId
);

row_id!(
    /// The number of a ticket, as people see it: `#1042`.
    TicketNumber
);
row_id!(
    /// The row of a message on a ticket.
    MessageKey
);
row_id!(
    /// The row of the raw bytes of a mail.
    MailKey
);
row_id!(
    /// The row of one (mailbox, folder, UIDVALIDITY, UID) in the ledger.
    LedgerId
);
row_id!(
    /// The row of one mail to one recipient in the outbox.
    OutboxId
);
row_id!(
    /// The row of a quarantined mail.
    QuarantineId
);
