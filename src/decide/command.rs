//! Commands: lines that start with `#` at the very top of an agent's mail. Read as a whole; one fault and none counts.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::command_line::{behind_hash, blank, first_word, is_never_prose, named};
use super::nearest::nearest;
use super::spam::SpamWish;
use super::{greeting, regroup};
use crate::model::address::Address;
use crate::model::command_words;
use crate::model::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use crate::model::policy::Policy;
use crate::model::refusal::{MAX_TAG, MAX_WAIT_DAYS, Nearest, Refusal};
use crate::model::text::clean_line;
use crate::model::ticket::Priority;

/// Command lines read from one mail.
pub(super) const MAX_COMMANDS: usize = 20;
/// Characters of a command that are shown when something is wrong with it.
const MAX_SHOWN: usize = 100;
/// Words of a name behind `#assign` and `#move`.
const MAX_NAME_WORDS: usize = 10;
/// Addresses behind one `#to`.
const MAX_TO: usize = 20;

/// A command, checked against the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    Take,
    /// `#assign jan`, with what the colleague has to know.
    Assign(AgentId, Option<String>),
    Release,
    /// `#move returns`, with what they have to know there.
    Move(DepartmentId, Option<String>),
    Note,
    /// All of the mail is an answer to the customers, whatever it replies to.
    Answer,
    /// The conversation so far, by mail.
    Show,
    /// The same with all that was done.
    History,
    /// `#cc +x@y.example -z@y.example`: people on the ticket.
    Cc {
        add: Vec<Address>,
        remove: Vec<Address>,
    },
    Resolve,
    Close,
    Open,
    /// `#wait`, with how long.
    Wait(Option<SignedDuration>),
    Priority(Priority),
    Tag {
        add: Vec<String>,
        remove: Vec<String>,
    },
    /// `#to ewa@client.example`: the answer goes to these alone.
    To(Vec<Address>),
    /// `#merge 1038`: this ticket becomes part of that one.
    Merge(TicketNumber),
    /// `#unmerge`, or `#unmerge 1042`: the latest part, or that one.
    Unmerge(Option<TicketNumber>),
    /// Give me the most urgent ticket that nobody has.
    Next,
    /// `#away`, until that day.
    Away(Option<Date>),
    Back,
    /// `#split`, or `#split 17`: the mail that the agent answers, or that one, is a ticket of its own.
    Split(Option<MessageKey>),
    Spam(SpamWish),
    Accept,
    /// `#return` with the reason.
    Return(String),
    /// Send the held answer as it stands.
    Send,
    /// Drop it.
    Cancel,
    Status,
    Help,
}

impl Command {
    /// Whether it is about the agent and not about the ticket whose notification he answers.
    pub(super) fn is_personal(&self) -> bool {
        matches!(self, Self::Next | Self::Away(_) | Self::Back | Self::Help)
    }

    /// What it makes of its mail: a note that begins with these words.
    pub(super) fn note_of_its_own(&self) -> Option<&str> {
        if let Self::Return(reason) = self { Some(reason) } else { None }
    }

    /// Why somebody else gets the ticket, for whoever gets it.
    pub(super) fn reason(&self) -> Option<&str> {
        if let Self::Assign(_, reason) | Self::Move(_, reason) = self { reason.as_deref() } else { None }
    }

    /// Its word when it gives the ticket to somebody else: words beside it may be meant for them.
    pub(super) fn gives_away(&self) -> Option<&'static str> {
        match self {
            Self::Assign(..) => Some("#assign"),
            Self::Move(..) => Some("#move"),
            Self::Release => Some("#release"),
            Self::Take
            | Self::Note
            | Self::Answer
            | Self::Show
            | Self::History
            | Self::Cc { .. }
            | Self::Resolve
            | Self::Close
            | Self::Open
            | Self::Wait(_)
            | Self::Priority(_)
            | Self::Tag { .. }
            | Self::To(_)
            | Self::Merge(_)
            | Self::Unmerge(_)
            | Self::Next
            | Self::Away(_)
            | Self::Back
            | Self::Split(_)
            | Self::Spam(_)
            | Self::Accept
            | Self::Return(_)
            | Self::Send
            | Self::Cancel
            | Self::Status
            | Self::Help => None,
        }
    }

    /// Whether it sets the status that the ticket has behind its mail.
    pub(super) fn sets_status(&self) -> bool {
        matches!(self, Self::Resolve | Self::Close | Self::Open | Self::Wait(_))
    }
}

/// What an agent's new words hold: commands, then the text that remains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Instructions {
    pub(super) commands: Vec<Command>,
    /// What was wrong; if there is anything, nothing may be done.
    pub(super) faults: Vec<Refusal>,
    pub(super) text: String,
}

/// Splits an agent's words into commands and text.
pub(super) fn read(words: &str, policy: &Policy) -> Instructions {
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
pub(super) fn words_of_note(line: &str) -> Option<&str> {
    let (word, argument) = first_word(line);
    Some(argument).filter(|argument| word == "note" && !argument.is_empty())
}

/// A command below the words: its writer means it, and a `#note` there must not go to the customer with what it hides.
fn misplaced(text: &str, policy: &Policy) -> Option<Refusal> {
    let meant = |words: &str| is_never_prose(words) || command(words, policy).is_ok();
    let stray = text.lines().find(|line| behind_hash(line).is_some_and(meant))?;
    Some(Refusal::Misplaced(clean_line(stray, MAX_SHOWN)))
}

pub(super) fn command(line: &str, policy: &Policy) -> Result<Command, Refusal> {
    let (word, argument) = first_word(line);
    let without = |command: Command| match argument {
        "" => Ok(command),
        _ => Err(Refusal::TakesNothing(clean_line(argument, MAX_SHOWN)).of(format!("#{word}"))),
    };
    match word.as_str() {
        "take" => without(Command::Take),
        "release" => without(Command::Release),
        // What follows it is the note, which harms nobody: whoever reads the line takes its words.
        "note" => Ok(Command::Note),
        "answer" => without(Command::Answer),
        "show" => without(Command::Show),
        "history" => without(Command::History),
        "cc" => cc(argument),
        "resolve" => without(Command::Resolve),
        "close" => without(Command::Close),
        "open" => without(Command::Open),
        "send" => without(Command::Send),
        "cancel" => without(Command::Cancel),
        "status" => without(Command::Status),
        "help" => without(Command::Help),
        "next" => without(Command::Next),
        "back" => without(Command::Back),
        "away" => away(argument),
        "assign" => assign(argument, policy),
        "move" => move_to(argument, policy),
        "wait" => wait(argument),
        "priority" => priority(argument),
        "tag" => tags(argument),
        "to" => to(argument),
        "merge" => regroup::number(&word, argument).map(Command::Merge),
        "unmerge" if argument.is_empty() => Ok(Command::Unmerge(None)),
        "unmerge" => regroup::number(&word, argument).map(|number| Command::Unmerge(Some(number))),
        "split" if argument.is_empty() => Ok(Command::Split(None)),
        "split" => regroup::number(&word, argument).map(|number| Command::Split(Some(MessageKey(number.0)))),
        "spam" => regroup::spam_wish(argument).map(Command::Spam),
        "accept" => without(Command::Accept),
        "return" if argument.is_empty() => Err(Refusal::NeedsReason.of("#return")),
        "return" => Ok(Command::Return(argument.to_owned())),
        // A forward that could be taken was taken before any command is read.
        "fwd" => Err(Refusal::NothingForwarded.of("#fwd")),
        other => Err(Refusal::UnknownCommand(clean_line(other, MAX_SHOWN), likely(other))),
    }
}

fn assign(argument: &str, policy: &Policy) -> Result<Command, Refusal> {
    let found = leading(argument, |wanted| {
        policy.agents.iter().find(|agent| {
            agent.id.as_str() == wanted
                || named(&agent.name) == wanted
                || agent.addresses.iter().any(|address| address.key() == wanted)
        })
    });
    found.map(|(agent, reason)| Command::Assign(agent.id.clone(), reason)).ok_or_else(|| {
        let ids: Vec<&str> = policy.agents.iter().map(|agent| agent.id.as_str()).collect();
        unknown("#assign", argument, &ids, Refusal::NeedsAgent, Refusal::NoSuchAgent)
    })
}

fn move_to(argument: &str, policy: &Policy) -> Result<Command, Refusal> {
    let found = leading(argument, |wanted| {
        let mut departments = policy.departments.iter();
        departments.find(|department| department.id.as_str() == wanted || named(&department.name) == wanted)
    });
    found.map(|(department, reason)| Command::Move(department.id.clone(), reason)).ok_or_else(|| {
        let ids: Vec<&str> = policy.departments.iter().map(|department| department.id.as_str()).collect();
        unknown("#move", argument, &ids, Refusal::NeedsDepartment, Refusal::NoSuchDepartment)
    })
}

/// What the longest beginning of `argument` names, and the reason that follows it.
fn leading<T>(argument: &str, find: impl Fn(&str) -> Option<T>) -> Option<(T, Option<String>)> {
    let words: Vec<&str> = argument.split_whitespace().collect();
    // Programs put a link behind an address: it is no word of the reason.
    let is_link = |index: usize, word: &str| index > 0 && word.starts_with('<') && word.contains('@');
    let words: Vec<&str> =
        words.iter().enumerate().filter(|(index, word)| !is_link(*index, word)).map(|(_, word)| *word).collect();
    (1..=words.len().min(MAX_NAME_WORDS)).rev().find_map(|count| {
        let (name, reason) = words.split_at_checked(count)?;
        let name = name.iter().map(|word| named(word.trim_end_matches(':'))).collect::<Vec<_>>().join(" ");
        let reason = reason.join(" ");
        let reason = reason.trim_start_matches([':', ',', ';', '-', '–', '—', ' ', '*']).trim_end_matches('*').trim();
        find(&name).map(|found| (found, Some(reason.to_owned()).filter(|reason| !reason.is_empty())))
    })
}

/// Whom or what a command names that there is not.
fn unknown(
    command: &str,
    argument: &str,
    known: &[&str],
    needs: fn(Vec<String>) -> Refusal,
    no_such: fn(Nearest) -> Refusal,
) -> Refusal {
    let all = known.iter().map(|id| (*id).to_owned()).collect();
    if argument.is_empty() {
        return needs(all).of(command);
    }
    let first = argument.split_whitespace().next().unwrap_or_default();
    let meant = nearest(argument, known.iter().copied()).or_else(|| nearest(first, known.iter().copied()));
    let meant = meant.map(str::to_owned);
    no_such(Nearest { meant, known: all }).of(written(command, argument))
}

/// A command with what follows it, as it is shown.
pub(super) fn written(command: &str, argument: &str) -> String {
    clean_line(&format!("{command} {argument}"), MAX_SHOWN)
}

fn wait(argument: &str) -> Result<Command, Refusal> {
    if argument.is_empty() {
        return Ok(Command::Wait(None));
    }
    let fault = || Refusal::NoTime.of(written("#wait", argument));
    let lower = argument.to_lowercase();
    let unit = lower.chars().last().ok_or_else(fault)?;
    let count: i64 = lower.trim_end_matches(unit).trim().parse().map_err(|_| fault())?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return Err(fault()),
    };
    let total = count.checked_mul(minutes).filter(|total| *total > 0 && *total <= MAX_WAIT_DAYS * 24 * 60);
    total.map(|minutes| Command::Wait(Some(SignedDuration::from_mins(minutes)))).ok_or_else(fault)
}

/// `#away`, `#away until 2026-12-01`.
fn away(argument: &str) -> Result<Command, Refusal> {
    let lower = argument.to_lowercase();
    let day = lower.strip_prefix("until").unwrap_or(&lower).trim();
    if argument.is_empty() {
        return Ok(Command::Away(None));
    }
    let day: Result<Date, _> = day.parse();
    day.map(|day| Command::Away(Some(day))).map_err(|_| Refusal::NoDay.of(written("#away", argument)))
}

fn priority(argument: &str) -> Result<Command, Refusal> {
    let found = Priority::from_word(&argument.to_lowercase());
    found.map(Command::Priority).ok_or_else(|| Refusal::NoPriority.of(written("#priority", argument)))
}

/// Addresses with blanks, commas or semicolons between them, in angle brackets or not; names beside them are left out.
fn to(argument: &str) -> Result<Command, Refusal> {
    let words = argument.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let words = words.map(|word| word.trim_matches(['<', '>', '"'])).filter(|word| word.contains('@'));
    // Programs make links of addresses: `ewa@client.example<mailto:ewa@client.example>`.
    let words = words.map(|word| word.split('<').next().unwrap_or(word));
    let addresses: Option<Vec<Address>> = words.take(MAX_TO).map(Address::parse).collect();
    addresses
        .filter(|addresses| !addresses.is_empty())
        .map(Command::To)
        .ok_or_else(|| Refusal::NoAddress.of(written("#to", argument)))
}

/// Addresses with `+` or `-` before them, or before the names beside them; one without a sign is added.
fn cc(argument: &str) -> Result<Command, Refusal> {
    let fault = || Refusal::NoPeople.of(written("#cc", argument));
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    let mut takes_off = false;
    for word in argument.split(|c: char| c.is_whitespace() || c == ',' || c == ';') {
        let bare = word.trim_start_matches(['+', '-', '\u{2010}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2212}']);
        if bare.len() < word.len() {
            takes_off = !word.starts_with('+');
        }
        // Programs make links of addresses: `ewa@client.example<mailto:ewa@client.example>`.
        let bare = bare.trim_matches(['<', '>', '"', '\'', '(', ')']).split('<').next().unwrap_or_default();
        let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
        if !bare.contains('@') {
            continue;
        }
        let list = if takes_off { &mut remove } else { &mut add };
        let address = Address::parse(bare).filter(|_| list.len() < MAX_TO).ok_or_else(fault)?;
        if !list.iter().any(|known: &Address| known.same_as(&address)) {
            list.push(address);
        }
        takes_off = false;
    }
    if add.is_empty() && remove.is_empty() || add.iter().any(|address| remove.iter().any(|off| off.same_as(address))) {
        return Err(fault());
    }
    Ok(Command::Cc { add, remove })
}

fn tags(argument: &str) -> Result<Command, Refusal> {
    read_tags(argument).map(|(add, remove)| Command::Tag { add, remove })
}

/// The tags of `+vip -old`: those to put on, those to take off.
pub fn read_tags(argument: &str) -> Result<(Vec<String>, Vec<String>), Refusal> {
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    for word in argument.split_whitespace() {
        let (list, tag) = match word.strip_prefix('-') {
            Some(tag) => (&mut remove, tag),
            None => (&mut add, word.strip_prefix('+').unwrap_or(word)),
        };
        if tag.is_empty()
            || tag.chars().count() > MAX_TAG
            || !tag.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c))
        {
            return Err(Refusal::NoTag.of(written("#tag", word)));
        }
        list.push(tag.to_lowercase());
    }
    if add.is_empty() && remove.is_empty() {
        return Err(Refusal::NeedsTag.of("#tag"));
    }
    Ok((add, remove))
}

/// The command that a word is, or most likely means.
pub(super) fn likely(word: &str) -> Option<&'static str> {
    nearest(word, command_words::all())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::refusal::in_one_line;
    use crate::model::testing::policy;

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
}
