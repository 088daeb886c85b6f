//! The table of commands: one entry says all that is known of a command, `carry_out` what it does.
//!
//! A new command is an entry and a line of `carry_out` here, its text for `#help` in `locales/`, a row in
//! `docs/reference/mail-commands.md`. What needs more than that says so in its entry.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::arguments::{self, Line, SpamWish};
use crate::decide::agent::work::Work;
use crate::model::address::Address;
use crate::model::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use crate::model::language::TextKey;
use crate::model::outgoing::{HelpLine, NoticeBody};
use crate::model::policy::Policy;
use crate::model::refusal::Refusal;
use crate::model::ticket::{Priority, Status};

/// All that is known of a command but what it does.
pub(in crate::decide) struct CommandSpec {
    /// Its word in English, without `#`.
    pub(in crate::decide) word: &'static str,
    /// How `#help` shows it.
    pub(in crate::decide) shown: &'static [&'static str],
    /// The text of `#help` that tells what it does; commands that share one stand in one line.
    pub(in crate::decide) help: TextKey,
    /// Reads what follows the word.
    pub(in crate::decide) read: fn(&Line<'_>, &Policy) -> Result<Command, Refusal>,
    /// What may stand beside it in its mail.
    pub(in crate::decide) beside: Beside,
    /// The right that it needs.
    pub(in crate::decide) right: Right,
    /// What it changes, for the line that confirms it.
    pub(in crate::decide) changes: Option<Field>,
    /// Whether it gives the ticket to somebody else: words beside it may be meant for them.
    pub(in crate::decide) gives_away: bool,
    /// Whether it is none of a customer's business, whatever follows it: a line that begins with it is no prose.
    pub(in crate::decide) never_prose: bool,
    /// What has to be looked up for it.
    pub(in crate::decide) needs: &'static [Need],
}

/// What may stand beside a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Beside {
    Anything,
    /// Words, but no other command.
    Words,
    Nothing,
}

/// The right that a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Right {
    /// To work on the ticket.
    Work,
    /// None: it is about the agent and not about the ticket whose notification they answer.
    Own,
    /// To work on the ticket, or to have been asked about the words.
    Words,
    /// To have the ticket.
    Take,
    /// To give the ticket to somebody.
    Give,
    /// To give the ticket to nobody.
    Release,
}

/// What a command changes of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Field {
    Status,
    Assignee,
    Department,
    Priority,
    Tags,
    People,
}

impl Field {
    /// All of them, in the order in which they are told.
    pub(in crate::decide) const ALL: [Self; 6] =
        [Self::Status, Self::Assignee, Self::Department, Self::Priority, Self::Tags, Self::People];
}

/// What is looked up for a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Need {
    /// The customers' mails on the ticket.
    Mails,
    /// What another department has to know of the ticket.
    CaseFile,
    /// All that was written and done on it.
    Conversation,
    /// The most urgent ticket that nobody has.
    Next,
    /// What the agent leaves unanswered.
    Unanswered,
}

/// Declares the commands: an entry makes a variant of `Command` and a row of `TABLE`.
macro_rules! commands {
    ($($(#[$meta:meta])* $name:ident $(($($part:ty),+))? $({ $($field:ident: $type:ty),+ })? => $spec:expr;)+) => {
        /// A command, checked against the config.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(in crate::decide) enum Command { $($(#[$meta])* $name $(($($part),+))? $({ $($field: $type),+ })?),+ }

        /// Every command, in the order of `#help`.
        pub(in crate::decide) static TABLE: &[CommandSpec] = &[$($spec),+];

        impl Command {
            /// All that is known of it.
            pub(in crate::decide) fn spec(&self) -> &'static CommandSpec {
                match self { $(Self::$name { .. } => { static SPEC: CommandSpec = $spec; &SPEC })+ }
            }
        }
    };
}

/// A command that takes nothing behind it and needs nothing that is special.
const fn plain(
    word: &'static str,
    shown: &'static [&'static str],
    help: TextKey,
    read: fn(&Line<'_>, &Policy) -> Result<Command, Refusal>,
) -> CommandSpec {
    CommandSpec {
        word,
        shown,
        help,
        read,
        beside: Beside::Anything,
        right: Right::Work,
        changes: None,
        gives_away: false,
        never_prose: false,
        needs: &[],
    }
}

commands! {
    /// The ticket is the agent's.
    Take => CommandSpec {
        right: Right::Take,
        changes: Some(Field::Assignee),
        ..plain("take", &["#take"], TextKey::HelpAssign, |line, _| line.alone(Command::Take))
    };
    /// `#assign jan`, with what the colleague has to know.
    Assign(AgentId, Option<String>) => CommandSpec {
        right: Right::Give,
        changes: Some(Field::Assignee),
        gives_away: true,
        never_prose: true,
        ..plain("assign", &["#assign anna"], TextKey::HelpAssign, |line, policy| {
            arguments::assign(line, policy).map(|(agent, reason)| Command::Assign(agent, reason))
        })
    };
    /// The ticket is nobody's.
    Release => CommandSpec {
        right: Right::Release,
        changes: Some(Field::Assignee),
        gives_away: true,
        ..plain("release", &["#release"], TextKey::HelpAssign, |line, _| line.alone(Command::Release))
    };
    /// `#move returns`, with what they have to know there.
    Move(DepartmentId, Option<String>) => CommandSpec {
        changes: Some(Field::Department),
        gives_away: true,
        never_prose: true,
        needs: &[Need::CaseFile],
        ..plain("move", &["#move returns"], TextKey::HelpMove, |line, policy| {
            arguments::move_to(line, policy).map(|(department, reason)| Command::Move(department, reason))
        })
    };
    /// All of the mail is for colleagues. What follows in its line is the note, which harms nobody.
    Note => CommandSpec {
        right: Right::Words,
        never_prose: true,
        ..plain("note", &["#note"], TextKey::HelpNote, |_, _| Ok(Command::Note))
    };
    /// All of the mail is an answer to the customers, whatever it replies to.
    Answer => CommandSpec {
        right: Right::Words,
        never_prose: true,
        ..plain("answer", &["#answer"], TextKey::HelpAnswer, |line, _| line.alone(Command::Answer))
    };
    /// The matter is settled.
    Resolve => CommandSpec {
        changes: Some(Field::Status),
        ..plain("resolve", &["#resolve"], TextKey::HelpStatus, |line, _| line.alone(Command::Resolve))
    };
    /// Nothing is to be done any more.
    Close => CommandSpec {
        changes: Some(Field::Status),
        ..plain("close", &["#close"], TextKey::HelpStatus, |line, _| line.alone(Command::Close))
    };
    /// Something is to be done.
    Open => CommandSpec {
        changes: Some(Field::Status),
        ..plain("open", &["#open"], TextKey::HelpStatus, |line, _| line.alone(Command::Open))
    };
    /// `#wait`, with how long.
    Wait(Option<SignedDuration>) => CommandSpec {
        changes: Some(Field::Status),
        ..plain("wait", &["#wait 3d"], TextKey::HelpStatus, |line, policy| arguments::wait(line, policy).map(Command::Wait))
    };
    /// `#priority high`.
    Priority(Priority) => CommandSpec {
        changes: Some(Field::Priority),
        never_prose: true,
        ..plain("priority", &["#priority high"], TextKey::HelpMarks, |line, policy| arguments::priority(line, policy).map(Command::Priority))
    };
    /// `#tag +vip -old`.
    Tag { add: Vec<String>, remove: Vec<String> } => CommandSpec {
        changes: Some(Field::Tags),
        never_prose: true,
        ..plain("tag", &["#tag +vip -old"], TextKey::HelpMarks, |line, _| {
            arguments::read_tags(line.argument).map(|(add, remove)| Command::Tag { add, remove })
        })
    };
    /// `#to ewa@client.example`: the answer goes to these alone.
    To(Vec<Address>) => CommandSpec {
        right: Right::Words,
        ..plain("to", &["#to ewa@client.example"], TextKey::HelpTo, |line, policy| arguments::to(line, policy).map(Command::To))
    };
    /// `#cc +x@y.example -z@y.example`: people on the ticket.
    Cc { add: Vec<Address>, remove: Vec<Address> } => CommandSpec {
        changes: Some(Field::People),
        never_prose: true,
        ..plain("cc", &["#cc +x@y.example -z@y.example"], TextKey::HelpCc, |line, policy| {
            arguments::cc(line, policy).map(|(add, remove)| Command::Cc { add, remove })
        })
    };
    /// The conversation so far, by mail.
    Show => CommandSpec {
        needs: &[Need::Conversation],
        ..plain("show", &["#show"], TextKey::HelpShow, |line, _| line.alone(Command::Show))
    };
    /// The same with all that was done.
    History => CommandSpec {
        needs: &[Need::Conversation],
        ..plain("history", &["#history"], TextKey::HelpShow, |line, _| line.alone(Command::History))
    };
    /// Send the held answer as it stands.
    Send => CommandSpec {
        right: Right::Words,
        ..plain("send", &["#send"], TextKey::HelpHeld, |line, _| line.alone(Command::Send))
    };
    /// Drop it.
    Cancel => CommandSpec {
        right: Right::Words,
        ..plain("cancel", &["#cancel"], TextKey::HelpHeld, |line, _| line.alone(Command::Cancel))
    };
    /// How the ticket stands, by mail.
    Status => plain("status", &["#status"], TextKey::HelpTell, |line, _| line.alone(Command::Status));
    /// The list of commands, by mail.
    Help => CommandSpec {
        right: Right::Own,
        ..plain("help", &["#help"], TextKey::HelpTell, |line, _| line.alone(Command::Help))
    };
    /// `#merge 1038`: this ticket becomes part of that one.
    Merge(TicketNumber) => CommandSpec {
        beside: Beside::Nothing,
        never_prose: true,
        ..plain("merge", &["#merge 1038"], TextKey::HelpMerge, |line, _| line.number().map(Command::Merge))
    };
    /// `#unmerge`, or `#unmerge 1042`: the latest part, or that one.
    Unmerge(Option<TicketNumber>) => CommandSpec {
        beside: Beside::Nothing,
        never_prose: true,
        ..plain("unmerge", &["#unmerge"], TextKey::HelpMerge, |line, _| line.number_or_none().map(Command::Unmerge))
    };
    /// `#split`, or `#split 17`: the mail that the agent answers, or that one, is a ticket of its own.
    Split(Option<MessageKey>) => CommandSpec {
        beside: Beside::Nothing,
        needs: &[Need::Mails],
        ..plain("split", &["#split"], TextKey::HelpSplit, |line, _| {
            line.number_or_none().map(|number| Command::Split(number.map(|number| MessageKey(number.0))))
        })
    };
    /// Above a mail that is sent on to the desk. One that could be taken was taken before any command is read.
    #[expect(dead_code, reason = "what is left to be read is refused")]
    Forward => plain("fwd", &["#fwd"], TextKey::HelpForward, |_, _| Err(Refusal::NothingForwarded.of("#fwd")));
    /// It is spam, or is not.
    Spam(SpamWish) => CommandSpec {
        beside: Beside::Nothing,
        ..plain("spam", &["#spam", "#spam mute", "#spam undo"], TextKey::HelpSpam, |line, policy| arguments::spam_wish(line, policy).map(Command::Spam))
    };
    /// The department has the ticket that was handed over.
    Accept => CommandSpec {
        right: Right::Take,
        changes: Some(Field::Assignee),
        ..plain("accept", &["#accept"], TextKey::HelpHandOver, |line, _| line.alone(Command::Accept))
    };
    /// `#return` with the reason: it goes back.
    Return(String) => CommandSpec {
        beside: Beside::Words,
        needs: &[Need::CaseFile],
        ..plain("return", &["#return reason"], TextKey::HelpHandOver, |line, policy| arguments::give_back(line, policy).map(Command::Return))
    };
    /// Give me the most urgent ticket that nobody has.
    Next => CommandSpec {
        right: Right::Own,
        needs: &[Need::Next],
        ..plain("next", &["#next"], TextKey::HelpNext, |line, _| line.alone(Command::Next))
    };
    /// `#away`, until that day.
    Away(Option<Date>) => CommandSpec {
        right: Right::Own,
        needs: &[Need::Unanswered],
        ..plain("away", &["#away until 2026-12-01"], TextKey::HelpAway, |line, policy| arguments::away(line, policy).map(Command::Away))
    };
    /// The agent is there again.
    Back => CommandSpec {
        right: Right::Own,
        ..plain("back", &["#back"], TextKey::HelpAway, |line, _| line.alone(Command::Back))
    };
}

impl Work<'_> {
    /// Does what a command says.
    pub(in crate::decide) fn carry_out(&mut self, command: &Command) {
        self.says(command.reason());
        match command {
            Command::Take => self.assign(Some(self.agent.clone())),
            Command::Assign(agent, _) => self.assign(Some(agent.clone())),
            Command::Release => self.release(),
            Command::Move(department, _) => self.move_to(department.clone()),
            // Asked for before anything is carried out: the words of a note, and `held_answer`.
            Command::Note | Command::Answer | Command::Send | Command::Cancel | Command::Forward => {}
            Command::Resolve => self.set_status(Status::Resolved, None),
            Command::Close => self.set_status(Status::Closed, None),
            Command::Open => self.reopen(),
            Command::Wait(time) => self.set_status(Status::Waiting, *time),
            Command::Priority(priority) => self.edit().prioritise(*priority),
            Command::Tag { add, remove } => self.tag(add, remove),
            Command::To(addresses) => self.answers_only(addresses),
            Command::Cc { add, remove } => self.change_people(add, remove),
            Command::Show => self.tell_conversation(),
            Command::History => self.tell_history(),
            Command::Status => self.tell_state(),
            Command::Help => self.notice(NoticeBody::Help(help())),
            Command::Merge(number) => self.merge(*number),
            Command::Unmerge(number) => self.unmerge(*number),
            Command::Split(mail) => self.split(*mail),
            Command::Spam(wish) => self.spam(*wish),
            Command::Accept => self.accept_hand_over(),
            Command::Return(_) => self.return_hand_over(),
            Command::Next => self.next(),
            Command::Away(day) => self.go_away(*day),
            Command::Back => self.come_back(),
        }
    }
}

impl Command {
    /// The ticket that it names.
    pub(in crate::decide) fn names(&self) -> Option<TicketNumber> {
        if let Self::Merge(number) = self { Some(*number) } else { None }
    }

    /// Whom it gives the ticket.
    pub(in crate::decide) fn assignee(&self) -> Option<&AgentId> {
        if let Self::Assign(agent, _) = self { Some(agent) } else { None }
    }

    /// What it makes of its mail: a note that begins with these words.
    pub(in crate::decide) fn note_of_its_own(&self) -> Option<&str> {
        if let Self::Return(reason) = self { Some(reason) } else { None }
    }

    /// Why somebody else gets the ticket, for whoever gets it.
    pub(in crate::decide) fn reason(&self) -> Option<&str> {
        if let Self::Assign(_, reason) | Self::Move(_, reason) = self { reason.as_deref() } else { None }
    }

    /// Its word with the `#`, as it is shown.
    pub(in crate::decide) fn word(&self) -> String {
        format!("#{}", self.spec().word)
    }
}

/// The command with this English word.
pub(in crate::decide) fn named(word: &str) -> Option<&'static CommandSpec> {
    TABLE.iter().find(|spec| spec.word == word)
}

/// What `#help` tells, line by line.
fn help() -> Vec<HelpLine> {
    let mut lines: Vec<HelpLine> = Vec::new();
    for spec in TABLE {
        match lines.iter_mut().find(|line| line.text == spec.help) {
            Some(line) => line.commands.extend(spec.shown),
            None => lines.push(HelpLine { commands: spec.shown.to_vec(), text: spec.help }),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::command_words;

    #[test]
    fn every_command_has_one_entry_and_words_and_is_shown_by_its_own_word() {
        for spec in TABLE {
            assert_eq!(TABLE.iter().filter(|other| other.word == spec.word).count(), 1, "{}", spec.word);
            assert_eq!(command_words::english(spec.word), Some(spec.word));
            let shown =
                |line: &&str| line.strip_prefix('#').is_some_and(|line| line.split(' ').next() == Some(spec.word));
            assert!(!spec.shown.is_empty() && spec.shown.iter().all(shown), "{}", spec.word);
        }
        assert!(command_words::all().all(|word| command_words::english(word).and_then(named).is_some()));
    }
}
