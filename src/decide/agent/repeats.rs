//! Machines that hide what they are repeat themselves. Two of them that write to each other are stopped when both do, however
//! slowly; neither an agent who uses a stock phrase nor a customer who insists is. And an answer that is sent twice.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::loop_limits;
use super::understood::Reply;
use crate::decide::AgentReply;
use crate::decide::customer::follow_up::is_outsider;
use crate::model::address::Person;
use crate::model::fold::fold;
use crate::model::refusal::Refusal;
use crate::model::ticket::Ticket;

/// Answers with the same words that a customer gets on one ticket, when they repeat their words too.
const SAME_ANSWERS: usize = 2;
/// Notices about mails with the same words: when they answer a notice, and when nothing shows what they answer.
const SAME_NOTICES: usize = 2;
const SAME_NOTICES_AT_ALL: usize = 3;
/// Words of a hundred that two texts share when they are the same but for a date or a number.
const ALIKE_PER_CENT: usize = 90;
/// Words of a text that are compared.
const MAX_WORDS: usize = 5_000;
/// Programs, and people who press a button again, send a mail a second time within this.
const SENT_TWICE: SignedDuration = SignedDuration::from_mins(10);

/// Why an answer with these words is not sent: the customer has them already, more than once, and their own do not change.
pub(in crate::decide) fn answers_an_echo(case: &AgentReply<'_>, text: &str) -> Option<Refusal> {
    let said = &case.reading.said;
    let customer_repeats = said.customers.split_first().is_some_and(|(last, before)| repeats(last, before) > 0);
    let count = repeats(text, &said.answers);
    (customer_repeats && count >= SAME_ANSWERS).then_some(Refusal::Echo(count))
}

/// Why the answer is not sent: their program sends it a second time, under another Message-ID, and the first copy was taken. Who
/// adds a file or somebody in Cc, or chooses who gets it, means it.
pub(in crate::decide) fn sent_twice(case: &AgentReply<'_>, ticket: &Ticket, reply: &Reply) -> Option<Refusal> {
    let (at, words) = case.reading.said.last.as_ref()?;
    let added = |person: &&Person| {
        let on = ticket.participants.iter().any(|on| on.person.address.same_as(&person.address));
        !on && !person.address.same_as(&ticket.requester.address) && is_outsider(case.policy, &person.address)
    };
    let as_before = reply.commands.is_empty()
        && reply.attachments.is_empty()
        && !case.mail.to.iter().chain(&case.mail.cc).any(|person| added(&person));
    let same = !reply.text.is_empty() && words.split_whitespace().eq(reply.text.split_whitespace());
    (as_before && same && case.now.duration_since(*at) < SENT_TWICE).then_some(Refusal::SaidAlready(*at))
}

/// Whether the agent was told of mails with these words so often that a machine must be writing them. What holds a command
/// that can be read was written by a human.
pub(in crate::decide) fn was_told(case: &AgentReply<'_>, text: &str) -> bool {
    let limit = if loop_limits::answers_a_notice(case.mail) { SAME_NOTICES } else { SAME_NOTICES_AT_ALL };
    repeats(text, &case.reading.said.kept) >= limit && case.asked.commands.is_empty()
}

/// Whether a mail with these words was kept back before.
pub(in crate::decide) fn was_kept(case: &AgentReply<'_>, text: &str) -> bool {
    repeats(text, &case.reading.said.kept) > 0
}

/// How many of `before` say the same.
pub(in crate::decide) fn repeats(text: &str, before: &[String]) -> usize {
    let own = words(text);
    if own.is_empty() { 0 } else { before.iter().filter(|other| are_alike(&own, &words(other))).count() }
}

/// How many words a text has that are compared.
pub(in crate::decide) fn word_count(text: &str) -> usize {
    words(text).values().sum()
}

/// The words of a text and how often each stands there, without regard to case, accents, quoted lines and numbers.
fn words(text: &str) -> BTreeMap<String, usize> {
    let own: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with('>')).collect();
    let mut words = BTreeMap::new();
    let folded = fold(&own.join("\n"));
    let plain = folded.split(|c: char| !c.is_alphanumeric());
    for word in plain.filter(|word| !word.is_empty() && !word.contains(|c: char| c.is_numeric())).take(MAX_WORDS) {
        *words.entry(word.to_owned()).or_insert(0) += 1;
    }
    words
}

fn are_alike(one: &BTreeMap<String, usize>, other: &BTreeMap<String, usize>) -> bool {
    let shared: usize = one.iter().map(|(word, count)| (*count).min(other.get(word).copied().unwrap_or(0))).sum();
    let longer = one.values().sum::<usize>().max(other.values().sum());
    shared > 0 && shared * 100 >= longer * ALIKE_PER_CENT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, other: &str, alike: bool) {
        assert_eq!(repeats(text, &[other.to_owned()]) == 1, alike, "{text} / {other}");
    }

    #[test]
    fn what_differs_in_numbers_quotes_and_case_is_the_same() {
        check("I am away until Monday. (17)", "I AM AWAY until monday (18)\n> quoted", true);
        check(
            "Ticket 4711: we have received your mail, 12:30.",
            "Ticket 4712: we have received your mail, 12:45.",
            true,
        );
        check("Меня нет до 1 декабря", "меня нет до 2 декабря", true);
    }

    #[test]
    fn what_a_human_changes_makes_another_text() {
        check("We look for your parcel.", "We look for your parcel, and it is in Gdynia.", false);
        check("Thank you!", "Thank you, it works.", false);
        check("", "", false);
        check("12", "12", false);
        check("> all quoted", "> all quoted", false);
    }
}
