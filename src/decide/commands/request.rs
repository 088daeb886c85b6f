//! What an agent's mail asks for: by addresses that stand for a command, in its subject, at the top of its words.
//!
//! Read once, from the mail alone, before anything is looked up; put on its ticket once that is known. One fault and none of it
//! counts.

use super::arguments::{Line, MAX_SHOWN};
use super::greeting;
use super::lines::{OTHER_HASHES, behind_hash, blank, first_word};
use super::table::{Command, named};
use crate::model::command_words;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::proposal::{include_verb, is_include};
use crate::model::refusal::Refusal;
use crate::model::subject::bare_subject;
use crate::model::suggest::nearest_short;
use crate::model::text::clean_line;
use crate::model::ticket::Ticket;

/// Command lines read from one mail.
const MAX_COMMANDS: usize = 20;

/// What a mail asks for, whatever ticket it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// At the top of its words.
    top: Instructions,
    /// The subject without tags and `Re:`.
    subject: String,
    /// In the subject, one by one.
    in_subject: Vec<Result<Command, Refusal>>,
    /// The words behind a `#note` there.
    note: Option<String>,
}

/// What a mail asks for on its ticket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instructions {
    pub(in crate::decide) commands: Vec<Command>,
    /// What was wrong; if there is anything, nothing may be done.
    pub(in crate::decide) faults: Vec<Refusal>,
    pub(in crate::decide) text: String,
    /// The verb of the address that the mail was written to.
    pub(in crate::decide) verb: Option<String>,
}

impl Request {
    /// Reads a mail.
    pub fn of(mail: &ParsedMail, policy: &Policy) -> Self {
        let subject = hashed(&mail.subject);
        let lines = subject_lines(&subject);
        Self {
            top: read(&mail.reply, policy),
            in_subject: lines.iter().map(|line| command(line, policy)).collect(),
            note: lines.iter().find_map(|line| words_of_note(line)).map(str::to_owned),
            subject,
        }
    }

    /// What it asks for on `ticket`, where the addresses that it was written to say `verbs`.
    pub fn on(&self, ticket: &Ticket, verbs: &[String], policy: &Policy) -> Instructions {
        let mut instructions = Instructions { verb: verbs.first().cloned(), ..self.top.clone() };
        let own = !self.is_customers(ticket);
        let by_address = verbs.iter().map(|verb| included(verb, ticket).unwrap_or_else(|| command(verb, policy)));
        let in_subject = self.in_subject.iter().filter(|_| own).cloned();
        let mut commands = Vec::new();
        for command in by_address.chain(in_subject).take(MAX_COMMANDS) {
            match command {
                Ok(command) => commands.push(command),
                Err(fault) => instructions.faults.push(fault),
            }
        }
        if let Some(words) = self.note.as_ref().filter(|_| own) {
            format!("{words}\n{}", instructions.text).trim_end().clone_into(&mut instructions.text);
        }
        commands.append(&mut instructions.commands);
        instructions.commands = commands;
        instructions
    }

    /// Whether the subject is a customer's own, on this ticket or on one that was merged into it: nothing is read from it.
    /// Programs cut subjects, and lose or alter letters: the same first word is the same subject.
    fn is_customers(&self, ticket: &Ticket) -> bool {
        let word = |text: &str| text.strip_prefix('#').map(|words| first_word(words).0);
        let same = |own: &String| {
            own.starts_with(&self.subject) || self.subject.starts_with(own.as_str()) || word(own) == word(&self.subject)
        };
        let mut own = std::iter::once(&ticket.subject).chain(&ticket.merged_subjects).map(|subject| hashed(subject));
        own.any(|own| own.starts_with('#') && same(&own))
    }
}

impl Instructions {
    /// Whether it asks for nothing, and in a way that is no mistake.
    pub(in crate::decide) fn is_nothing(&self) -> bool {
        self.commands.is_empty() && self.faults.is_empty()
    }
}

/// A subject as commands are read from it.
fn hashed(subject: &str) -> String {
    bare_subject(subject).replace(OTHER_HASHES, "#")
}

/// Commands in a subject, when it begins with one. `#4711` is a number, not a word.
fn subject_lines(subject: &str) -> Vec<String> {
    let begins = |words: &str| words.starts_with(char::is_alphabetic);
    let Some(words) = subject.strip_prefix('#').filter(|words| begins(words)) else { return Vec::new() };
    let mut lines: Vec<String> = Vec::new();
    for piece in words.split(" #") {
        match lines.last_mut() {
            // What `#merge #1038` names.
            Some(line) if !begins(piece) => line.extend([" #", piece.trim()]),
            Some(_) | None => lines.push(piece.trim().to_owned()),
        }
    }
    lines
}

/// Reads one command: its word, and what follows it.
fn command(line: &str, policy: &Policy) -> Result<Command, Refusal> {
    let (word, argument) = first_word(line);
    let Some(spec) = named(&word) else {
        let meant = nearest_short(&word, command_words::all());
        return Err(Refusal::UnknownCommand(clean_line(&word, MAX_SHOWN), meant));
    };
    (spec.read)(&Line { word: spec.word, argument }, policy)
}

/// What the address of an `include` link asks for: that somebody who was proposed is on the ticket. `None` for another verb.
fn included(verb: &str, ticket: &Ticket) -> Option<Result<Command, Refusal>> {
    if !is_include(verb) {
        return None;
    }
    let mut meant = ticket.participants.iter().filter(|someone| include_verb(&someone.person.address) == verb);
    let known = || ticket.participants.iter().map(|someone| someone.person.address.to_string()).collect();
    Some(match (meant.next(), meant.next()) {
        (Some(someone), None) => Ok(Command::Cc { add: vec![someone.person.address.clone()], remove: Vec::new() }),
        (None | Some(_), _) => Err(Refusal::NotAmong(known()).of("#cc")),
    })
}

/// Splits an agent's words into commands and text.
fn read(words: &str, policy: &Policy) -> Instructions {
    let mut instructions = Instructions::default();
    let mut rest = words.trim_start_matches(blank);
    // Phones put a greeting where one begins to write.
    let greeting = greeting::above(rest).filter(|(_, below)| {
        let line = below.trim_start_matches(blank).lines().next();
        line.and_then(behind_hash).is_some_and(|words| command(words, policy).is_ok())
    });
    if let Some((_, below)) = greeting {
        rest = below.trim_start_matches(blank);
    }
    let mut notes = Vec::new();
    loop {
        let (line, remainder) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some(words) = behind_hash(line) else { break };
        if instructions.commands.len() + instructions.faults.len() >= MAX_COMMANDS {
            instructions.faults.push(Refusal::TooManyCommands(MAX_COMMANDS));
            break;
        }
        match command(words, policy) {
            Ok(command) => instructions.commands.push(command),
            Err(fault) => instructions.faults.push(fault),
        }
        notes.extend(words_of_note(words));
        rest = remainder.trim_start_matches(blank);
    }
    notes.extend(Some(rest.trim()).filter(|rest| !rest.is_empty()));
    instructions.text = notes.join("\n");
    if let Some((greeting, _)) = greeting.filter(|_| !instructions.text.is_empty()) {
        instructions.text = format!("{greeting}\n\n{}", instructions.text);
    }
    instructions.faults.extend(misplaced(&instructions.text, policy));
    instructions
}

/// The words behind `#note` in its own line: they are the note, or its beginning.
fn words_of_note(line: &str) -> Option<&str> {
    let (word, argument) = first_word(line);
    Some(argument).filter(|argument| word == "note" && !argument.is_empty())
}

/// A command below the words: its writer means it, and a `#note` there must not go to the customer with what it hides.
fn misplaced(text: &str, policy: &Policy) -> Option<Refusal> {
    let never_prose = |words: &str| named(&first_word(words).0).is_some_and(|spec| spec.never_prose);
    let meant = |words: &str| never_prose(words) || command(words, policy).is_ok();
    let stray = text.lines().find(|line| behind_hash(line).is_some_and(meant))?;
    Some(Refusal::Misplaced(clean_line(stray, MAX_SHOWN)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    use crate::model::TicketNumber;
    use crate::model::address::Address;
    use crate::model::id::{AgentId, DepartmentId};
    use crate::model::refusal::in_one_line;
    use crate::model::testing::policy;
    use crate::model::ticket::Priority;

    fn commands(words: &str) -> Vec<Command> {
        let instructions = read(words, &policy());
        assert_eq!(instructions.faults, Vec::new(), "{words}");
        instructions.commands
    }

    fn fault(words: &str) -> String {
        in_one_line(&read(words, &policy()).faults)
    }

    #[test]
    fn lines_at_the_top_are_commands_and_the_rest_is_text() {
        let instructions = read("\n\u{a0}\n#take\n#tag +VIP -old\n\nHello\n#not a command", &policy());
        let tag = Command::Tag { add: vec!["vip".into()], remove: vec!["old".into()] };
        assert_eq!(instructions.commands, [Command::Take, tag]);
        assert_eq!(instructions.text, "Hello\n#not a command");
    }

    #[test]
    fn a_command_below_the_words_is_a_fault() {
        let why = "`#note` stands below the words";
        assert_eq!(fault("#take\nHe is rude.\n #note"), why);
        for text in ["Hello\n#1 is the lamp", "Hello\n#status of your order", "Hello\n#noted"] {
            assert_eq!(fault(text), "", "{text}");
        }
        // What a note hides may stand in the same line, or the line may be bold or in a list.
        for text in [
            "Sent.\n#note he is rude",
            "Sent.\n*#note*\nrude",
            "Sent.\n- #take",
            "Sent.\n\u{200b}＃take",
            "Sent.\n#assign jna",
        ] {
            assert!(fault(text).contains("stands below the words"), "{text}: {}", fault(text));
        }
    }

    #[test]
    fn a_mistyped_command_is_a_fault_with_a_suggestion() {
        assert_eq!(fault("#statsu"), "unknown command `#statsu`, did you mean `#status`?");
        assert_eq!(fault("#tkae\nHello"), "unknown command `#tkae`, did you mean `#take`?");
        assert_eq!(fault("#noet\nHello"), "unknown command `#noet`, did you mean `#note`?");
        assert_eq!(fault("#1042 is the order"), "unknown command `#1042`");
        assert_eq!(fault("#move retruns"), "`#move retruns`: no such department, did you mean `returns`?");
        assert_eq!(fault("#assign"), "`#assign`: needs the id of an agent");
        assert_eq!(fault("#take it"), "`#take`: takes nothing after it, found `it`");
    }

    #[test]
    fn commands_stand_below_what_phones_put_first() {
        for words in ["\u{200e}\u{feff}\n#take\nSent.", "Hi Support,\n\n#take\nSent.", "＃Take\nSent."] {
            let instructions = read(words, &policy());
            assert_eq!((instructions.commands, instructions.faults), (vec![Command::Take], vec![]), "{words}");
            assert!(instructions.text.ends_with("Sent."), "{}", instructions.text);
        }
        assert_eq!(read("Dzień dobry,\n#take\nWysłane.", &policy()).text, "Dzień dobry,\n\nWysłane.");
        assert_eq!(read("Dear Ewa,\n#take\n", &policy()).text, "");
        assert!(!fault("We sent it to you.\n#take").is_empty());
    }

    #[test]
    fn whom_an_answer_goes_to_is_read_however_a_program_writes_addresses() {
        let to =
            |list: &[&str]| vec![Command::To(list.iter().map(|address| Address::parse(address).unwrap()).collect())];
        for words in ["#to ewa@x.example", "#To Ewa Lis <ewa@x.example>", "#to ewa@x.example<mailto:ewa@x.example>"] {
            assert_eq!(commands(words), to(&["ewa@x.example"]), "{words}");
        }
        assert_eq!(commands("#to ewa@x.example, jo@x.example"), to(&["ewa@x.example", "jo@x.example"]));
        for bad in ["#to", "#to Ewa", "#to @"] {
            assert!(!fault(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn who_is_added_and_who_is_taken_off_is_read_however_a_program_writes_addresses() {
        let list = |list: &[&str]| list.iter().map(|address| Address::parse(address).unwrap()).collect::<Vec<_>>();
        for words in [
            "#cc +x@y.example -z@y.example",
            "#CC x@y.example, \u{2013}z@y.example",
            "#cc +x@y.example<mailto:x@y.example> -<z@y.example>",
            "#cc +Ewa Lis <x@y.example> -Jo <z@y.example>",
        ] {
            let expected = Command::Cc { add: list(&["x@y.example"]), remove: list(&["z@y.example"]) };
            assert_eq!(commands(words), [expected], "{words}");
        }
        for bad in ["#cc", "#cc Ewa", "#cc +", "#cc @", "#cc +x@y.example -x@y.example"] {
            assert!(!fault(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn waits_have_units_and_limits() {
        assert_eq!(commands("#wait"), [Command::Wait(None)]);
        assert_eq!(commands("#wait 3D"), [Command::Wait(Some(SignedDuration::from_hours(72)))]);
        assert_eq!(commands("#wait 3d"), [Command::Wait(Some(SignedDuration::from_hours(72)))]);
        for bad in ["#wait 3", "#wait d", "#wait -3d", "#wait 9999999999999999w", "#wait 400d", "#wait ż"] {
            assert!(!fault(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn agents_are_found_by_id_name_or_address() {
        for words in
            ["#assign jan", "#ASSIGN Jan  Kos", "#assign JAN@shop.example <mailto:jan@shop.example>", "*#assign* @jan"]
        {
            assert_eq!(commands(words), [Command::Assign(AgentId::new("jan"), None)]);
        }
    }

    #[test]
    fn what_follows_whom_a_ticket_goes_to_is_the_reason() {
        let reason = || Some("he knows the courier".to_owned());
        for words in [
            "#assign jan he knows the courier",
            "#assign Jan Kos: he knows the courier",
            "#przypisz jan@shop.example <mailto:jan@shop.example> he knows the courier",
            "№assign @jan, he knows the courier",
        ] {
            assert_eq!(commands(words), [Command::Assign(AgentId::new("jan"), reason())], "{words}");
        }
        for words in ["#move returns he knows the courier", "*#передать* Returns – he knows the courier"] {
            assert_eq!(commands(words), [Command::Move(DepartmentId::new("returns"), reason())], "{words}");
        }
        assert!(
            fault("#move retruns he knows").contains("did you mean `returns`?"),
            "{}",
            fault("#move retruns he knows")
        );
    }

    #[test]
    fn commands_are_read_in_the_languages_of_agents() {
        assert_eq!(
            commands("#biorę\n№Решено\n#priorytet high"),
            [Command::Take, Command::Resolve, Command::Priority(Priority::High)]
        );
        assert_eq!(fault("#notatk\nrude"), "unknown command `#notatk`, did you mean `#notatka`?");
    }

    #[test]
    fn a_subject_of_nothing_but_commands_is_read_unless_a_customer_wrote_it() {
        let of = |subject: &str, customers: &str| {
            let mail = ParsedMail { subject: subject.to_owned(), ..ParsedMail::default() };
            let mut ticket = crate::model::testing::ticket(TicketNumber(1042));
            customers.clone_into(&mut ticket.subject);
            let Instructions { commands, faults, .. } = Request::of(&mail, &policy()).on(&ticket, &[], &policy());
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
            Request::of(&mail, &policy()).on(&ticket, &[], &policy()).commands
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
