//! Who reads a reply to a mail of ours. It is decided by the mail that is answered, and signed into what the reply bears.
//!
//! The tables here are the only place that says so: marker, colour, Reply-To and what becomes of a reply follow them.

use super::held::Doubt;
use super::news::DigestDraft;
use super::outgoing::{News, NoticeBody, NoticeDraft, NotificationDraft};
use super::ticket::word_enum;
use super::visibility::Internal;

word_enum!(
    /// Who reads an agent's reply. Of two that are in question the later one is the safer.
    Reader {
        /// The customers on the ticket: the mail showed a customer's words.
        Customer = "customer",
        /// Colleagues: the mail showed theirs alone.
        Note = "note",
        /// Nobody: commands are done, other words come back.
        Nobody = "nobody",
    }
);

impl NotificationDraft {
    /// Who reads a reply: the customers as soon as one thing that it tells shows a customer's words.
    pub fn reader(&self) -> Reader {
        // That somebody was not told may have to go without the words.
        let without_words =
            |news: &News, words: &Internal| matches!(news, News::NotTold { .. }) && words.as_str().trim().is_empty();
        let of = |news: &News, words: &Internal| {
            if without_words(news, words) { Reader::Nobody } else { news.reader() }
        };
        let told = self.episodes.iter().map(|episode| of(&episode.news, &episode.words));
        told.chain([of(&self.news, &self.body)]).min().unwrap_or(Reader::Nobody)
    }
}

impl DigestDraft {
    /// Who reads a reply.
    pub const READER: Reader = Reader::Nobody;
}

impl NoticeDraft {
    /// Who reads a reply. A mail that came back is written again to whoever read the first one.
    pub fn reader(&self) -> Reader {
        match &self.body {
            NoticeBody::Refused { .. } | NoticeBody::NotDelivered { .. } => self.answered,
            // A question whom words are for is answered by a command alone.
            NoticeBody::Held { doubts, .. } if doubts.iter().any(Doubt::is_for_whom) => Reader::Nobody,
            NoticeBody::Held { .. } => Reader::Customer,
            NoticeBody::Unticketed { .. }
            | NoticeBody::Expired { .. }
            | NoticeBody::State(_)
            | NoticeBody::Conversation(_)
            | NoticeBody::Help(_)
            | NoticeBody::Done(_)
            | NoticeBody::NoteReached(_)
            | NoticeBody::Staff(_)
            | NoticeBody::Regrouped(_) => Reader::Nobody,
        }
    }
}

impl News {
    /// Who reads a reply to a mail that tells this alone.
    pub fn reader(&self) -> Reader {
        match self {
            Self::Opened
            | Self::CustomerWrote { .. }
            | Self::AssignedToYou(_)
            | Self::WaitOver
            | Self::Absorbed { .. }
            | Self::Split { .. }
            | Self::HandedOver { .. }
            | Self::Returned(_)
            | Self::Unmerged { .. }
            | Self::Next
            | Self::NotTold { .. }
            | Self::KeyDead(_)
            | Self::YoursAsAway(_)
            | Self::FreeAsAway(_)
            | Self::YoursAsReleased(_)
            | Self::FreeAsReleased(_) => Reader::Customer,
            Self::ColleagueAnswered(_)
            | Self::Unproven(_)
            | Self::Note(_)
            | Self::NoLongerYours(_)
            | Self::MergedInto { .. }
            | Self::Moved(_)
            | Self::Accepted(_)
            | Self::Taken(_) => Reader::Note,
            Self::DeliveryFailed(answered) => *answered,
            Self::Quarantined(_) | Self::Flood | Self::WithoutWords(_) => Reader::Nobody,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_safer_reader_is_the_greater_and_words_lead_back() {
        assert!(Reader::Customer < Reader::Note && Reader::Note < Reader::Nobody);
        assert!(Reader::ALL.iter().all(|reader| Reader::from_word(reader.as_str()) == Some(*reader)));
    }
}
