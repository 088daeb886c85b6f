//! What follows the word of a command: a name, a day, addresses, tags, the number of a ticket.

use jiff::SignedDuration;
use jiff::civil::Date;

use super::lines::named;
use crate::model::address::Address;
use crate::model::id::{AgentId, DepartmentId, TicketNumber};
use crate::model::policy::Policy;
use crate::model::refusal::{MAX_TAG, MAX_WAIT_DAYS, Nearest, Refusal};
use crate::model::suggest::nearest_short;
use crate::model::text::clean_line;
use crate::model::ticket::Priority;

/// Characters of a command that are shown when something is wrong with it.
pub(super) const MAX_SHOWN: usize = 100;
/// Words of a name behind `#assign` and `#move`.
const MAX_NAME_WORDS: usize = 10;
/// Addresses behind one `#to`.
const MAX_TO: usize = 20;

/// What `#spam` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum SpamWish {
    /// This ticket alone.
    Close,
    /// And all further mails of its customer's address.
    Mute,
    /// Neither.
    Undo,
}

/// A command as it is written.
pub(in crate::decide) struct Line<'l> {
    /// Its word in English.
    pub(super) word: &'l str,
    /// What follows it.
    pub(super) argument: &'l str,
}

impl Line<'_> {
    /// A command behind which nothing stands.
    pub(super) fn alone<C>(&self, command: C) -> Result<C, Refusal> {
        match self.argument {
            "" => Ok(command),
            argument => Err(Refusal::TakesNothing(clean_line(argument, MAX_SHOWN)).of(format!("#{}", self.word))),
        }
    }

    /// `1038` or `#1038`.
    pub(super) fn number(&self) -> Result<TicketNumber, Refusal> {
        let digits = self.argument.strip_prefix('#').unwrap_or(self.argument);
        let number =
            digits.parse().ok().filter(|number: &i64| *number > 0 && digits.bytes().all(|b| b.is_ascii_digit()));
        number.map(TicketNumber).ok_or_else(|| match self.argument {
            "" => Refusal::NeedsNumber(self.word.to_owned()).of(format!("#{}", self.word)),
            argument => Refusal::NoNumber(self.word.to_owned()).of(written(&format!("#{}", self.word), argument)),
        })
    }

    /// The same, or nothing.
    pub(super) fn number_or_none(&self) -> Result<Option<TicketNumber>, Refusal> {
        if self.argument.is_empty() { Ok(None) } else { self.number().map(Some) }
    }
}

/// `#return` with a reason.
pub(super) fn give_back(line: &Line<'_>, _: &Policy) -> Result<String, Refusal> {
    match line.argument {
        "" => Err(Refusal::NeedsReason.of("#return")),
        reason => Ok(reason.to_owned()),
    }
}

/// What stands after `#spam`.
pub(super) fn spam_wish(line: &Line<'_>, _: &Policy) -> Result<SpamWish, Refusal> {
    match line.argument.to_lowercase().as_str() {
        "" => Ok(SpamWish::Close),
        "mute" => Ok(SpamWish::Mute),
        "undo" => Ok(SpamWish::Undo),
        _ => Err(Refusal::NoSpamWish.of(written("#spam", line.argument))),
    }
}

pub(super) fn assign(line: &Line<'_>, policy: &Policy) -> Result<(AgentId, Option<String>), Refusal> {
    let argument = line.argument;
    let found = leading(argument, |wanted| {
        policy.agents.iter().find(|agent| {
            agent.id.as_str() == wanted
                || named(&agent.name) == wanted
                || agent.addresses.iter().any(|address| address.key() == wanted)
        })
    });
    found.map(|(agent, reason)| (agent.id.clone(), reason)).ok_or_else(|| {
        let ids: Vec<&str> = policy.agents.iter().map(|agent| agent.id.as_str()).collect();
        unknown("#assign", argument, &ids, Refusal::NeedsAgent, Refusal::NoSuchAgent)
    })
}

pub(super) fn move_to(line: &Line<'_>, policy: &Policy) -> Result<(DepartmentId, Option<String>), Refusal> {
    let argument = line.argument;
    let found = leading(argument, |wanted| {
        let mut departments = policy.departments.iter();
        departments.find(|department| {
            department.id.as_str() == wanted || department.all_names().any(|name| named(name) == wanted)
        })
    });
    found.map(|(department, reason)| (department.id.clone(), reason)).ok_or_else(|| {
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
    let meant = nearest_short(argument, known.iter().copied()).or_else(|| nearest_short(first, known.iter().copied()));
    let meant = meant.map(str::to_owned);
    no_such(Nearest { meant, known: all }).of(written(command, argument))
}

/// A command with what follows it, as it is shown.
pub(in crate::decide) fn written(command: &str, argument: &str) -> String {
    clean_line(&format!("{command} {argument}"), MAX_SHOWN)
}

pub(super) fn wait(line: &Line<'_>, _: &Policy) -> Result<Option<SignedDuration>, Refusal> {
    let argument = line.argument;
    if argument.is_empty() {
        return Ok(None);
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
    total.map(|minutes| Some(SignedDuration::from_mins(minutes))).ok_or_else(fault)
}

/// `#away`, `#away until 2026-12-01`.
pub(super) fn away(line: &Line<'_>, _: &Policy) -> Result<Option<Date>, Refusal> {
    let argument = line.argument;
    let lower = argument.to_lowercase();
    let day = lower.strip_prefix("until").unwrap_or(&lower).trim();
    if argument.is_empty() {
        return Ok(None);
    }
    let day: Result<Date, _> = day.parse();
    day.map(Some).map_err(|_| Refusal::NoDay.of(written("#away", argument)))
}

pub(super) fn priority(line: &Line<'_>, _: &Policy) -> Result<Priority, Refusal> {
    let argument = line.argument;
    let found = Priority::from_word(&argument.to_lowercase());
    found.ok_or_else(|| Refusal::NoPriority.of(written("#priority", argument)))
}

/// Addresses with blanks, commas or semicolons between them, in angle brackets or not; names beside them are left out.
pub(super) fn to(line: &Line<'_>, _: &Policy) -> Result<Vec<Address>, Refusal> {
    let argument = line.argument;
    let words = argument.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let words = words.map(|word| word.trim_matches(['<', '>', '"'])).filter(|word| word.contains('@'));
    // Programs make links of addresses: `ewa@client.example<mailto:ewa@client.example>`.
    let words = words.map(|word| word.split('<').next().unwrap_or(word));
    let addresses: Option<Vec<Address>> = words.take(MAX_TO).map(Address::parse).collect();
    addresses.filter(|addresses| !addresses.is_empty()).ok_or_else(|| Refusal::NoAddress.of(written("#to", argument)))
}

/// Addresses with `+` or `-` before them, or before the names beside them; one without a sign is added.
pub(super) fn cc(line: &Line<'_>, _: &Policy) -> Result<(Vec<Address>, Vec<Address>), Refusal> {
    let argument = line.argument;
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
    Ok((add, remove))
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
