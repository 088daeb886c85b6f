//! Commands that regroup tickets: which tickets they name, and why they may not be carried out. All is known before anything
//! is done.

use super::Case;
use super::command::{Command, read};
use super::merge;
use crate::model::id::{AgentId, TicketNumber};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::ticket::Ticket;

/// Tickets that one mail names, at most.
const MAX_NAMED: usize = 5;

/// The tickets that the commands of an agent's mail name: the case needs them.
pub fn named_tickets(policy: &Policy, mail: &ParsedMail) -> Vec<TicketNumber> {
    let named = read(&mail.reply, policy).commands.into_iter();
    let named = named.filter_map(|command| if let Command::Merge(number) = command { Some(number) } else { None });
    named.take(MAX_NAMED).collect()
}

/// The number after a command: `1038` or `#1038`.
pub(super) fn number(word: &str, argument: &str) -> Result<TicketNumber, String> {
    let digits = argument.strip_prefix('#').unwrap_or(argument);
    let number = digits.parse().ok().filter(|number: &i64| *number > 0 && digits.bytes().all(|b| b.is_ascii_digit()));
    number.map(TicketNumber).ok_or_else(|| match argument {
        "" => format!("`#{word}` needs the number of a ticket: `#{word} 1038`"),
        _ => format!("`#{word} {argument}`: give the number of one ticket, like `#{word} 1038`"),
    })
}

/// Why the commands cannot be carried out on `ticket`.
pub(super) fn faults(
    case: &Case<'_>,
    ticket: &Ticket,
    agent: &AgentId,
    commands: &[Command],
    with_words: bool,
) -> Vec<String> {
    let mut faults = Vec::new();
    for command in commands {
        let (word, fault) = if let Command::Merge(number) = command {
            ("merge", merge::refusal(case, ticket, agent, *number))
        } else if let Command::Unmerge(number) = command {
            ("unmerge", merge::undo_refusal(case, agent, ticket, *number))
        } else {
            continue;
        };
        faults.extend(fault);
        if commands.len() > 1 || with_words {
            faults.push(format!(
                "`#{word}` stands alone in its mail: write to the customer, and other commands, in a mail after it"
            ));
        }
    }
    faults
}
