//! Why commands may not be carried out here and now: what they name is not there, or they do not stand alone. All is known
//! before anything is done.

use super::table::{Beside, Command};
use crate::decide::actions::{handover, merge, spam, split};
use crate::decide::agent::work::Work;
use crate::model::refusal::Refusal;

/// Why the commands cannot be carried out on the ticket of `work`.
pub(in crate::decide) fn faults(work: &Work<'_>, commands: &[Command], with_words: bool) -> Vec<Refusal> {
    let mut faults = Vec::new();
    for command in commands {
        faults.extend(refusal(work, command));
        let spec = command.spec();
        let stands_alone = match spec.beside {
            Beside::Anything => true,
            Beside::Words => commands.len() == 1,
            Beside::Nothing => commands.len() == 1 && !with_words,
        };
        if !stands_alone {
            faults.push(Refusal::StandsAlone(spec.word.to_owned()));
        }
    }
    faults
}

/// Why one of them cannot. Most always can.
fn refusal(work: &Work<'_>, command: &Command) -> Option<Refusal> {
    let (case, ticket, agent) = (work.case, work.before, work.agent);
    if let Command::Merge(number) = command {
        merge::refusal(case, ticket, agent, *number)
    } else if let Command::Unmerge(number) = command {
        merge::undo_refusal(case, agent, ticket, *number)
    } else if let Command::Split(mail) = command {
        split::refusal(case, ticket, *mail)
    } else if let Command::Spam(wish) = command {
        spam::refusal(case, ticket, *wish)
    } else if let Command::Return(_) = command {
        handover::return_refusal(case, ticket)
    } else if *command == Command::Accept {
        handover::accept_refusal(case, ticket)
    } else {
        None
    }
}
