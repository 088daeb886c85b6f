//! All that an agent's mail asks for: by addresses that stand for a command, in its subject, at the top of its words.

use super::command::{Command, HASH_OF_PHONES, Instructions, MAX_COMMANDS, command, likely, read, written};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::subject::bare_subject;
use crate::model::ticket::Ticket;

/// What a mail on `ticket` asks for: by the addresses that stand for commands, in its subject, at the top of its words.
pub(super) fn asked(mail: &ParsedMail, ticket: &Ticket, verbs: &[String], policy: &Policy) -> Instructions {
    let mut instructions = read(&mail.reply, policy);
    let others = verbs.iter().map(|verb| command(verb, policy)).chain(in_subject(mail, ticket, policy));
    let mut commands = Vec::new();
    for command in others.take(MAX_COMMANDS) {
        match command {
            Ok(command) => commands.push(command),
            Err(fault) => instructions.faults.push(fault),
        }
    }
    commands.append(&mut instructions.commands);
    instructions.commands = commands;
    instructions
}

/// Commands in the subject: when nothing but commands stands there beside our tag and `Re:`. Where a customer's own subject
/// begins so it came from him, and nothing is read from it.
fn in_subject(mail: &ParsedMail, ticket: &Ticket, policy: &Policy) -> Vec<Result<Command, Refusal>> {
    let subject = bare_subject(&mail.subject).replace(HASH_OF_PHONES, "#");
    if bare_subject(&ticket.subject).starts_with(['#', HASH_OF_PHONES]) {
        return Vec::new();
    }
    let Some(lines) = subject.strip_prefix('#').map(|rest| rest.split(" #").map(str::trim).collect::<Vec<_>>()) else {
        return Vec::new();
    };
    let meant = |line: &&str| likely(line.split_whitespace().next().unwrap_or_default()).is_some();
    if !lines.iter().all(meant) {
        return Vec::new();
    }
    lines.into_iter().map(|line| command(line, policy).and_then(|command| without_words(command, line))).collect()
}

/// What it takes to carry out these is looked up by the words of a mail alone.
fn without_words(command: Command, line: &str) -> Result<Command, Refusal> {
    match command {
        Command::Merge(_)
        | Command::Unmerge(_)
        | Command::Split(_)
        | Command::Spam(_)
        | Command::Accept
        | Command::Return(_)
        | Command::Next
        | Command::Away(_)
        | Command::Back => Err(Refusal::NotInSubject.of(written("#", line).replacen("# ", "#", 1))),
        Command::Take
        | Command::Assign(_)
        | Command::Release
        | Command::Move(_)
        | Command::Note
        | Command::Resolve
        | Command::Close
        | Command::Open
        | Command::Wait(_)
        | Command::Priority(_)
        | Command::Tag { .. }
        | Command::To(_)
        | Command::Send
        | Command::Cancel
        | Command::Status
        | Command::Help => Ok(command),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TicketNumber;
    use crate::model::refusal::in_one_line;
    use crate::model::testing::policy;
    use crate::model::ticket::Priority;

    #[test]
    fn a_subject_of_nothing_but_commands_is_read_unless_a_customer_wrote_it() {
        let of = |subject: &str, customers: &str| {
            let mail = ParsedMail { subject: subject.to_owned(), ..ParsedMail::default() };
            let mut ticket = crate::model::testing::ticket(TicketNumber(1042));
            customers.clone_into(&mut ticket.subject);
            let Instructions { commands, faults, .. } = asked(&mail, &ticket, &[], &policy());
            (commands, in_one_line(&faults))
        };
        assert_eq!(of("#close", "Lamp").0, [Command::Close]);
        let both = [Command::Take, Command::Priority(Priority::High)];
        assert_eq!(of("Odp: [#1042] #take #priority high", "Lamp").0, both);
        assert_eq!(of("Re: [#1042] #clsoe", "Lamp").1, "unknown command `#clsoe`, did you mean `#close`?");
        for (subject, customers) in [
            ("Re: [#1042] Lamp #close", "Lamp #close"),
            ("Re: [#1042] #close", "#close"),
            ("Re: [#1042] #4711 and #12", "Lamp"),
            ("Lamp", "Lamp"),
        ] {
            assert_eq!(of(subject, customers), (vec![], String::new()), "{subject}");
        }
    }
}
