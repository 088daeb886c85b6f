//! All that an agent's mail asks for: by addresses that stand for a command, in its subject, at the top of its words.

use super::command::{Command, Instructions, MAX_COMMANDS, command, read, words_of_note, written};
use super::command_line::{OTHER_HASHES, first_word};
use super::people::included;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::subject::bare_subject;
use crate::model::ticket::Ticket;

/// What a mail on `ticket` asks for: by the addresses that stand for commands, in its subject, at the top of its words.
pub(super) fn asked(mail: &ParsedMail, ticket: &Ticket, verbs: &[String], policy: &Policy) -> Instructions {
    let mut instructions = read(&mail.reply, policy);
    let by_address = |verb: &String| included(verb, ticket).unwrap_or_else(|| command(verb, policy));
    let subject = subject_lines(mail, ticket);
    let in_subject = subject.iter().map(|line| command(line, policy).and_then(|command| without_words(command, line)));
    let others = verbs.iter().map(by_address).chain(in_subject);
    let mut commands = Vec::new();
    for command in others.take(MAX_COMMANDS) {
        match command {
            Ok(command) => commands.push(command),
            Err(fault) => instructions.faults.push(fault),
        }
    }
    if let Some(words) = subject.iter().find_map(|line| words_of_note(line)) {
        format!("{words}\n{}", instructions.text).trim_end().clone_into(&mut instructions.text);
    }
    commands.append(&mut instructions.commands);
    instructions.commands = commands;
    instructions
}

/// Whether an agent's `mail` on `ticket` carries a command in its subject or at the top of its words.
pub fn has_commands(policy: &Policy, mail: &ParsedMail, ticket: &Ticket) -> bool {
    let Instructions { commands, .. } = asked(mail, ticket, &[], policy);
    !commands.is_empty()
}

/// Commands in the subject: when it begins with one beside our tag and `Re:`. Nothing is read from a subject that is a
/// customer's own, on this ticket or on one that was merged into it; and `#4711` is a number, not a word.
fn subject_lines(mail: &ParsedMail, ticket: &Ticket) -> Vec<String> {
    let hashed = |subject: &str| bare_subject(subject).replace(OTHER_HASHES, "#");
    let subject = hashed(&mail.subject);
    let mut customers = std::iter::once(&ticket.subject).chain(&ticket.merged_subjects).map(|subject| hashed(subject));
    // Programs cut subjects, and lose or alter letters: the same first word is the same subject.
    let word = |text: &str| text.strip_prefix('#').map(|words| first_word(words).0);
    let same = |own: &String| own.starts_with(&subject) || subject.starts_with(own) || word(own) == word(&subject);
    if customers.any(|own| own.starts_with('#') && same(&own)) {
        return Vec::new();
    }
    let Some(words) = subject.strip_prefix('#').filter(|words| words.starts_with(char::is_alphabetic)) else {
        return Vec::new();
    };
    words.split(" #").map(|line| line.trim().to_owned()).collect()
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
        | Command::Back
        | Command::Show
        | Command::History => Err(Refusal::NotInSubject.of(written("#", line).replacen("# ", "#", 1))),
        Command::Take
        | Command::Assign(..)
        | Command::Release
        | Command::Move(..)
        | Command::Note
        | Command::Answer
        | Command::Cc { .. }
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
        // What is no command at all is not taken for a new subject: the words below were meant for it.
        assert_eq!(of("#secret", "Lamp").1, "unknown command `#secret`");
        assert_eq!(of("#close", "#4711 is late").0, [Command::Close]);
        let merged = |subject: &str| {
            let mail = ParsedMail { subject: subject.to_owned(), ..ParsedMail::default() };
            let mut ticket = crate::model::testing::ticket(TicketNumber(1042));
            ticket.merged_subjects = vec!["Chair".to_owned(), "#close".to_owned()];
            asked(&mail, &ticket, &[], &policy()).commands
        };
        assert_eq!(merged("Re: [#1043] #close"), [], "the subject of a ticket that was merged into it");
        assert_eq!(merged("Re: [#1043] #take"), [Command::Take]);
        for (subject, customers) in [
            ("Re: [#1042] #move billing caf? ? zwrot", "#move billing café — zwrot"),
            ("Re: [#1042] #move billing long words of a sub…", "#move billing long words of a subject that goes on"),
            ("Re: [#1042] #CLOSE NOW", "#close   now"),
            ("Re: [#1042] Lamp #close", "Lamp #close"),
            ("Re: [#1042] #close", "#close"),
            ("Re: [#1042] #4711 and #12", "Lamp"),
            ("Lamp", "Lamp"),
        ] {
            assert_eq!(of(subject, customers), (vec![], String::new()), "{subject}");
        }
    }
}
