//! Words that may not be meant for the customer: beside a command that gives the ticket away, to a colleague by name, behind
//! a command that lacks its `#`.
//!
//! They are held and asked about, never sent and never dropped.

use super::understood::Reply;
use crate::decide::AgentReply;
use crate::decide::commands::{blank, greeting, looks_like_command};
use crate::decide::names::sound;
use crate::model::fold::fold;
use crate::model::held::{Doubt, Held};
use crate::model::id::AgentId;
use crate::model::reader::Reader;
use crate::model::text::clean_line;
use crate::model::ticket::Ticket;

/// Characters of a line that are shown.
const MAX_SHOWN: usize = 100;
/// Letters of a word such as `and`, `i`, `po`.
const SMALL_WORD: usize = 3;
/// Letters of a name by which somebody is called.
const MIN_NAME: usize = 2;

/// Why the words of an answer may not be the customer's to read.
pub(in crate::decide) fn for_whom(
    case: &AgentReply<'_>,
    ticket: &Ticket,
    agent: &AgentId,
    reply: &Reply,
) -> Vec<Doubt> {
    if is_asked_already(case) {
        return vec![Doubt::AskedAgain];
    }
    let mut doubts: Vec<Doubt> = match case.read_by {
        Some(Reader::Customer) => Vec::new(),
        Some(Reader::Nobody) => vec![Doubt::ReadByNobody],
        // Words of a note, and whom alone an answer goes to.
        Some(Reader::Note) | None => vec![Doubt::Unclear],
    };
    let mut to_others = reply.commands.iter().filter(|command| command.assignee() != Some(agent));
    doubts.extend(to_others.find(|command| command.spec().gives_away).map(|command| Doubt::Beside(command.word())));
    let line = first_line(&reply.text);
    let greeted = greeting::above(&reply.text).map(|(_, below)| first_line(below));
    let shown = |line: &str| clean_line(line, MAX_SHOWN);
    if let Some(line) = lines(&reply.text).find(|line| called_by_sign(case, line)) {
        doubts.push(Doubt::Colleague(shown(line)));
    } else if called_by_name(case, ticket, agent, line) {
        doubts.push(Doubt::Colleague(shown(line)));
    }
    let meant = looks_like_command(line).map(|meant| (line, meant)).or_else(|| {
        let line = greeted.filter(|line| line.starts_with(['@', '/', '!']))?;
        Some((line, looks_like_command(line)?))
    });
    doubts.extend(meant.map(|(line, meant)| Doubt::PerhapsCommand { line: shown(line), meant: format!("#{meant}") }));
    doubts
}

/// Whether the mail answers a question whom words are for, without a command that says it.
fn is_asked_already(case: &AgentReply<'_>) -> bool {
    case.reading.held.as_ref().is_some_and(Held::is_asked_about)
}

fn first_line(text: &str) -> &str {
    lines(text).next().unwrap_or_default()
}

/// The lines that say something and are no quote.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.trim_matches(blank)).filter(|line| !line.is_empty() && !line.starts_with('>'))
}

/// `@jan`, `@Jan Kos`, `@billing`: somebody, or a department, of this desk.
fn called_by_sign(case: &AgentReply<'_>, line: &str) -> bool {
    let Some(called) = line.trim_start_matches(['*', '_', '"']).strip_prefix(['@', '＠']) else { return false };
    let called = fold(called.trim_start_matches(blank));
    let is = |name: &str| {
        let name = fold(name);
        let rest = called.strip_prefix(name.as_str()).filter(|_| !name.is_empty());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
            || (!name.is_ascii() || !called.is_ascii()) && sounds_like(&name, &called)
    };
    let agents = &case.policy.agents;
    agents.iter().any(|agent| is(agent.id.as_str()) || names(&agent.name).any(is))
        || case.policy.departments.iter().any(|department| is(department.id.as_str()) || department.all_names().any(is))
}

/// `Jan,`, `Jan Kos:`, `Jan - `, `Jan` alone, `Hi Jan,`, `Ej, Jan!`: a colleague, when nobody among the customers is called so.
fn called_by_name(case: &AgentReply<'_>, ticket: &Ticket, agent: &AgentId, line: &str) -> bool {
    let folded = fold(line.trim_matches(['*', '_']));
    let colleagues = case.policy.agents.iter().filter(|colleague| colleague.id != *agent);
    let dash = [" - ", " – ", " — "].into_iter().filter_map(|dash| folded.find(dash)).min();
    let end = folded.find([',', ':']).into_iter().chain(dash).min().unwrap_or(folded.len());
    let (head, rest) = folded.split_at_checked(end).unwrap_or_default();
    // `jan kos,`, but not `jan kos ,`: that is how a sentence goes on.
    let head = if rest.starts_with(':') { head.trim_end() } else { head };
    let mut called = colleagues.flat_map(|colleague| names(&colleague.name)).filter(|name| {
        let name = sound(name);
        sound(head) == name
            || greeting::of(&folded).is_some_and(|greeted| sound(greeted) == name)
            || calls(&folded, &name)
    });
    called.any(|name| !is_customers(case, ticket, name)) || calls_several(case, ticket, agent, &folded)
}

/// Whether a line is names of colleagues, words of greetings and little words between them: `Hello Luz and Anna!`, `Hi Mary po,`.
fn calls_several(case: &AgentReply<'_>, ticket: &Ticket, agent: &AgentId, line: &str) -> bool {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(8).collect();
    let colleagues = case.policy.agents.iter().filter(|colleague| colleague.id != *agent);
    let known: Vec<&str> = colleagues.flat_map(|colleague| colleague.name.split_whitespace()).collect();
    let name = |word: &str| known.iter().find(|known| sound(known) == sound(word));
    let small = |word: &str| word.chars().count() <= SMALL_WORD || greeting::has(word);
    let mut names = words.iter().filter_map(|word| name(word)).peekable();
    words.len() < 8
        && names.peek().is_some()
        && words.iter().all(|word| name(word).is_some() || small(word))
        && names.all(|name| !is_customers(case, ticket, name))
}

/// Whether a line is a word, whatever it is in whatever language, and the name.
fn calls(line: &str, name: &str) -> bool {
    let line = line.trim_end_matches(|c: char| !c.is_alphanumeric());
    line.split_once([' ', ','])
        .is_some_and(|(word, called)| word.chars().all(char::is_alphabetic) && sound(called) == name)
}

/// Whether `text` begins with a word or two that sound like a name.
fn sounds_like(name: &str, text: &str) -> bool {
    let words = name.split_whitespace().count();
    let first = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(words);
    words > 0 && sound(&first.collect::<Vec<_>>().join(" ")) == sound(name)
}

/// The full name, and the first one.
fn names(name: &str) -> impl Iterator<Item = &str> {
    let first = name.split_whitespace().next().filter(|first| *first != name);
    [Some(name.trim()), first].into_iter().flatten().filter(|name| name.chars().count() >= MIN_NAME)
}

/// Whether a customer on the ticket is called so: by the name in their mails, in their address, or as they sign.
fn is_customers(case: &AgentReply<'_>, ticket: &Ticket, name: &str) -> bool {
    let name = sound(name);
    let wanted: Vec<&str> = name.split_whitespace().collect();
    let holds = |text: &str| {
        let text = sound(text);
        let words: Vec<&str> = text.split_whitespace().collect();
        words.windows(wanted.len().max(1)).any(|run| run == wanted)
    };
    let people = ticket.participants.iter().map(|participant| &participant.person).chain([&ticket.requester]);
    let is = |person: &crate::model::Person| holds(&person.name) || holds(person.address.local());
    people.into_iter().any(is) || case.last_words.is_some_and(|(author, words)| is(author) || holds(words))
}
