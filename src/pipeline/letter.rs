//! A mail read as far as it can be before anything is looked up: parsed, judged, and what an agent's asks for.
//!
//! Happens outside of any transaction: reading costs time, and no other mail has to wait for it.

use std::sync::Arc;

use super::Parts;
use crate::decide::Request;
use crate::model::correspondent::speaks_for_a_human;
use crate::model::link::Clues;
use crate::model::mail::{Attachment, Automated, ParsedMail, RawMail};
use crate::model::rich::Rich;
use crate::model::ticket::SenderVerdict;
use crate::parse::{formatted, new_words_of_html, parse};
use crate::thread;

/// A mail that was read.
pub(super) struct Letter {
    /// How it is understood. What a human has a program send is that human's.
    pub(super) mail: ParsedMail,
    /// What its header says of who sent it.
    pub(super) marked: Option<Automated>,
    /// Its attachments, taken out of it so that all mails that carry them on share them.
    pub(super) attachments: Arc<[Attachment]>,
    /// What our own mail server says of its author.
    pub(super) verdict: SenderVerdict,
    /// What shows where it belongs.
    pub(super) clues: Clues,
    /// What is read of a mail with an agent's token alone.
    pub(super) of_agent: Option<WordsOfAgent>,
}

/// What an agent's mail says beside its plain words.
#[derive(Clone, Default)]
pub(super) struct WordsOfAgent {
    /// What it asks for.
    pub(super) request: Request,
    /// Its words as they are formatted.
    pub(super) rich: Option<Rich>,
    /// The words of the HTML beside the plain text that was read.
    pub(super) beside: Option<String>,
}

impl Parts {
    /// Reads a mail.
    pub(super) fn letter(&self, raw: &RawMail) -> Letter {
        let mut mail = parse(&raw.bytes, Some(&self.signer));
        let attachments = std::mem::take(&mut mail.attachments).into();
        let marked = mail.automated;
        if speaks_for_a_human(&self.policy, &mail) {
            mail.automated = None;
        }
        let verdict = thread::verdict(&mail, &self.policy);
        let clues = thread::clues(&mail, &self.policy, &self.signer);
        let of_agent = (!clues.tokens.is_empty()).then(|| WordsOfAgent {
            request: Request::of(&mail, &self.policy),
            rich: formatted(&raw.bytes),
            beside: if mail.html { None } else { new_words_of_html(&raw.bytes) },
        });
        Letter { mail, marked, attachments, verdict, clues, of_agent }
    }
}
