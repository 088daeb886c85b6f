//! Commands that regroup tickets: which tickets they name, and why they may not be carried out. All is known before anything
//! is done.

use super::Case;
use super::asked::asked;
use super::command::{Command, written};
use super::spam::SpamWish;
use super::{handover, merge, spam, split};
use crate::model::id::{AgentId, TicketNumber};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::surroundings::Wanted;
use crate::model::ticket::Ticket;

/// Tickets that one mail names, at most.
const MAX_NAMED: usize = 5;

/// What the commands of an agent's mail need to know: the case must hold it.
pub fn wanted(policy: &Policy, mail: &ParsedMail, ticket: &Ticket) -> Wanted {
    let commands = asked(mail, ticket, &[], policy).commands;
    let named = commands.iter();
    let named = named.filter_map(|command| if let Command::Merge(number) = command { Some(*number) } else { None });
    Wanted {
        tickets: named.take(MAX_NAMED).collect(),
        mails: commands.iter().any(|command| matches!(command, Command::Split(_))),
        answers: mail.in_reply_to.clone(),
        case_file: commands.iter().any(|command| matches!(command, Command::Move(..) | Command::Return(_))),
        conversation: commands.iter().any(|command| matches!(command, Command::Show | Command::History)),
    }
}

/// The number after a command: `1038` or `#1038`.
pub(super) fn number(word: &str, argument: &str) -> Result<TicketNumber, Refusal> {
    let digits = argument.strip_prefix('#').unwrap_or(argument);
    let number = digits.parse().ok().filter(|number: &i64| *number > 0 && digits.bytes().all(|b| b.is_ascii_digit()));
    number.map(TicketNumber).ok_or_else(|| match argument {
        "" => Refusal::NeedsNumber(word.to_owned()).of(format!("#{word}")),
        _ => Refusal::NoNumber(word.to_owned()).of(written(&format!("#{word}"), argument)),
    })
}

/// What stands after `#spam`.
pub(super) fn spam_wish(argument: &str) -> Result<SpamWish, Refusal> {
    match argument.to_lowercase().as_str() {
        "" => Ok(SpamWish::Close),
        "mute" => Ok(SpamWish::Mute),
        "undo" => Ok(SpamWish::Undo),
        _ => Err(Refusal::NoSpamWish.of(written("#spam", argument))),
    }
}

/// Why the commands cannot be carried out on `ticket`.
pub(super) fn faults(
    case: &Case<'_>,
    ticket: &Ticket,
    agent: &AgentId,
    commands: &[Command],
    with_words: bool,
) -> Vec<Refusal> {
    let mut faults = Vec::new();
    for command in commands {
        let (word, fault, takes_words) = if let Command::Merge(number) = command {
            ("merge", merge::refusal(case, ticket, agent, *number), false)
        } else if let Command::Unmerge(number) = command {
            ("unmerge", merge::undo_refusal(case, agent, ticket, *number), false)
        } else if let Command::Split(mail) = command {
            ("split", split::refusal(case, ticket, *mail), false)
        } else if let Command::Spam(wish) = command {
            ("spam", spam::refusal(case, ticket, *wish), false)
        } else if let Command::Return(_) = command {
            ("return", handover::return_refusal(case, ticket), true)
        } else {
            if *command == Command::Accept {
                faults.extend(handover::accept_refusal(case, ticket));
            }
            continue;
        };
        faults.extend(fault);
        if commands.len() > 1 || (with_words && !takes_words) {
            faults.push(Refusal::StandsAlone(word.to_owned()));
        }
    }
    faults
}
