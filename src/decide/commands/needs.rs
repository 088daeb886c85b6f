//! What has to be looked up for an agent's mail: the case that is decided must hold it.

use super::request::Instructions;
use super::table::{Command, Need};
use crate::model::mail::ParsedMail;
use crate::model::surroundings::Needs;

/// Tickets that one mail names, at most.
const MAX_NAMED: usize = 5;

/// What it takes to decide on an agent's mail that asks for this.
pub fn needs(asked: &Instructions, mail: &ParsedMail) -> Needs {
    let wanted: Vec<Need> = asked.commands.iter().flat_map(|command| command.spec().needs).copied().collect();
    let wants = |need: Need| wanted.contains(&need);
    Needs {
        tickets: asked.commands.iter().filter_map(Command::names).take(MAX_NAMED).collect(),
        mails: wants(Need::Mails),
        answers: mail.in_reply_to.clone(),
        case_file: wants(Need::CaseFile),
        conversation: wants(Need::Conversation),
        told_words: !asked.commands.is_empty(),
        next: wants(Need::Next),
        // What an answering machine says may be that its agent is away.
        unanswered: wants(Need::Unanswered) || mail.automated.is_some(),
    }
}
