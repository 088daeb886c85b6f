//! What really took effect over all histories, so that rules are not kept by things that never happen.

use std::collections::BTreeMap;

use crate::desk::Sent;

/// What must take effect at least once, however small the dose.
const MUST: &[&str] = &[
    "agent's words: Answered",
    "agent's words: Held",
    "agent's words: Noted",
    "agent's words: Refused",
    "history: accepted",
    "history: assigned: moved in the mailbox",
    "history: away",
    "history: back",
    "history: bounced",
    "history: cancelled",
    "history: delivery",
    "history: expired",
    "history: forwarded",
    "history: held: had not seen",
    "history: held: replies nobody reads",
    "history: held: stand beside",
    "history: held: words of an internal note",
    "history: joined",
    "history: left",
    "history: merged",
    "history: moved: moved in the mailbox",
    "history: moved: returned",
    "history: muted",
    "history: note",
    "history: replaced",
    "history: sent",
    "history: spam",
    "history: split",
    "history: status: moved in the mailbox",
    "history: status: the wait is over",
    "history: unmerged",
    "history: unmuted",
    "history: withdrawn",
    "mails: acknowledgement of doubtful arrival",
    "mails: answer of doubtful arrival",
    "mails: notice of doubtful arrival",
    "mails: notification of doubtful arrival",
    "told: accepted",
    "told: colleague-answered",
    "told: conversation",
    "told: delivery-failed",
    "told: digest",
    "told: handed-over",
    "told: held",
    "told: next",
    "told: not-delivered",
    "told: returned",
    "told: several things in one mail",
    "told: unassigned",
    "told: unmerged",
    "told: wait-over",
];

#[derive(Debug, Default)]
pub struct Tally {
    counts: BTreeMap<String, usize>,
}

impl Tally {
    pub fn count(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_default() += 1;
    }

    /// A line of a ticket's history.
    pub fn event(&mut self, kind: &str, detail: &str) {
        self.count(&format!("history: {kind}"));
        let known = ["returned", "moved in the mailbox", "the wait is over", "words of an internal note"];
        let known = known.into_iter().chain([
            "had not seen",
            "not delivered yet",
            "is away",
            "stand beside",
            "replies nobody reads",
        ]);
        for words in known.filter(|words| detail.contains(words)) {
            self.count(&format!("history: {kind}: {words}"));
        }
    }

    /// A mail that left.
    pub fn sent(&mut self, sent: &Sent, reasons: &str) {
        self.count(&format!("mails: {}", sent.kind));
        if !sent.sure {
            self.count(&format!("mails: {} of doubtful arrival", sent.kind));
        }
        let words: Vec<&str> = reasons.split(';').next().unwrap_or_default().split(", ").collect();
        for word in words.iter().filter(|word| !word.is_empty()) {
            self.count(&format!("told: {word}"));
        }
        if words.len() > 1 || sent.mail.text.matches(" · ").count() > 1 && reasons != "digest" {
            self.count("told: several things in one mail");
        }
    }

    pub fn check(&self) {
        let missing: Vec<&&str> = MUST.iter().filter(|what| !self.counts.contains_key(**what)).collect();
        assert!(missing.is_empty(), "never happened: {missing:?}\n{self}");
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "{count:>9}  {what}"))
    }
}
