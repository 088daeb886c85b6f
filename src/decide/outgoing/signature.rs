//! The agent's own signature under an answer: cut, with or without a `-- ` above it.
//!
//! A closing ("Kind regards") and the name below it stay, as people sign a letter; all below goes. Never cuts in the
//! middle: what goes is a block through the end of the text. Whoever writes on below it is asked, not cut.

use super::closings::{NOTICES, Signed, is_closing, is_postscript, is_thanks, signed};
use crate::model::fold::{fold, fold_with_offsets};
use crate::model::policy::Agent;

/// Filled lines at the end that are looked at: of a block under a name, of all that may stand under a closing.
const MAX_BLOCK: usize = 10;
const MAX_TAIL: usize = 40;
/// Lines of a closing: formulas in two languages, and a name.
const MAX_CLOSING: usize = 4;
/// Characters of a line of a signature that goes on after the name.
const MAX_LINE: usize = 120;
/// Words beside an address with which a line that ends like a sentence is one.
const SENTENCE_WORDS: usize = 5;
/// Words of what names a thing beside its number, and of a short sentence.
const LABEL_WORDS: usize = 3;
/// How names of firms end, folded.
const FIRMS: &[&str] = &["o.o.", "s.a.", "ltd.", "inc.", "co.", "corp.", "llc.", "j.", "k.", "p."];
/// Words of a question.
const QUESTION_WORDS: usize = 4;
/// Words of a line that closes a letter, whatever it says.
const FORMULA_WORDS: usize = 6;
/// Digits of a telephone number.
const PHONE_DIGITS: usize = 7;
/// What stands before a number or an address in signatures, folded.
const LABELS: &[&str] = &[
    "tel",
    "telefon",
    "phone",
    "mobile",
    "mob",
    "cell",
    "fax",
    "faks",
    "gsm",
    "kom",
    "komorka",
    "direct",
    "office",
    "email",
    "e-mail",
    "mail",
    "web",
    "www",
    "website",
    "strona",
    "skype",
    "whatsapp",
    "telegram",
    "viber",
    "address",
    "adres",
    "тел",
    "телефон",
    "моб",
    "факс",
    "почта",
    "эл. почта",
    "сайт",
    "адрес",
    "telepono",
    "selpon",
    "regon",
    "kontakt",
    "contact",
];

/// How a text ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Ending<'t> {
    /// Without a signature of the agent's.
    Words,
    /// These are the words, the rest is their signature.
    Signature(&'t str),
    /// From this line on it may be their signature, and they may have written on.
    Unsure(&'t str),
}

/// How `text`, an answer of `agent`, ends.
pub(in crate::decide) fn ending<'t>(text: &'t str, agent: &Agent) -> Ending<'t> {
    match below_closing(text, agent) {
        Ending::Words => {}
        found @ (Ending::Signature(_) | Ending::Unsure(_)) => return found,
    }
    if let Some(words) = on_one_line(text, agent).and_then(|end| text.get(..end)) {
        return Ending::Signature(words);
    }
    let end = by_name(text, agent);
    if let Some(unsure) = announced(text, agent).filter(|_| end.is_none()) {
        return unsure;
    }
    // Whoever writes on below their name is asked.
    if let Some(line) = end.and_then(|end| goes_on(text, end, agent)) {
        return Ending::Unsure(line);
    }
    let shorter = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let Some(end) = by_address(shorter, agent).or(end) else { return Ending::Words };
    text.get(..end).map_or(Ending::Words, |words| Ending::Signature(trim_rule(words)))
}

/// The first line below a name at `end` when somebody goes on writing there.
fn goes_on<'t>(text: &'t str, end: usize, agent: &Agent) -> Option<&'t str> {
    let lines: Vec<Line<'t>> = filled(text).into_iter().filter(|line| line.end() > end).collect();
    let has_name = |line: &&Line<'_>| begins_with(line.text, &fold(&agent.name)) || line.start < end;
    let below = lines.get(lines.iter().take_while(has_name).count()..).unwrap_or_default();
    below.first().filter(|_| writes_on(below)).map(|line| line.text)
}

/// The closing at the beginning of what was taken for a signature, with the name below it: how people sign a letter.
pub(in crate::decide) fn closing_of<'t>(signature: &'t str, agent: &Agent) -> Option<&'t str> {
    let lines = filled(signature);
    let closing = closing_at(&lines, 0, agent)?;
    signature.get(..closing.end).map(str::trim)
}

/// Whether a text ends as a letter does, with a closing and perhaps a name: a picture below that is a logo.
pub(in crate::decide) fn ends_in_closing(text: &str, agent: &Agent) -> bool {
    let lines = filled(text);
    let mut starts = lines.len().saturating_sub(MAX_CLOSING)..lines.len();
    starts.any(|index| closing_at(&lines, index, agent).is_some_and(|closing| closing.last + 1 >= lines.len()))
}

/// A closing with what belongs to it.
struct Closing {
    /// The last line of it, that of the name if there is one.
    last: usize,
    /// Where it ends in the text: behind the name.
    end: usize,
    /// The agent's name stands in it, the first or the full one.
    named: bool,
    /// Another name stands below it.
    signed: bool,
    /// It only thanks.
    thanks: bool,
}

/// The closing that begins at line `index`: one line, or one in each of two languages, and the name below.
fn closing_at(lines: &[Line<'_>], index: usize, agent: &Agent) -> Option<Closing> {
    let how = |index: usize| lines.get(index).and_then(|line| signed(bare(line.text), first_name(agent)));
    let mut named = how(index)? == Signed::Named;
    let mut last = index;
    while let Some(more) = how(last + 1) {
        named |= more == Signed::Named;
        last += 1;
    }
    let line = |index: usize| lines.get(index).map(|line| bare(line.text)).unwrap_or_default();
    let thanks = (index..=last).all(|index| is_thanks(line(index)));
    let below = line(last + 1);
    let mut end = None;
    if !named && fold(below.trim_end_matches([',', '.', '!'])) == fold(first_name(agent)) {
        (last, named) = (last + 1, true);
    } else if !named
        && let (Some(formula), Some(line)) = (lines.get(last), lines.get(last + 1))
        && line.start == formula.start + formula.whole
    {
        // A full name apart from the formula begins a card, perhaps beside a logo.
        end = end_of_name(line.text, &fold(&agent.name)).map(|at| line.start + at);
        if end.is_some() {
            (last, named) = (last + 1, true);
        }
    }
    let signed = !named && is_other_name(below, agent) && lines.len() > last + 2;
    last += usize::from(signed);
    let end = end.or_else(|| lines.get(last).map(Line::end))?;
    Some(Closing { last, end, named, signed, thanks })
}

/// Where the full name ends with which a line begins, alone or with what one puts behind it.
fn end_of_name(line: &str, name: &str) -> Option<usize> {
    // A name behind a picture is that of a card.
    if !name.contains(' ') || line.trim_start().starts_with('[') || !begins_with(line, name) {
        return None;
    }
    let folded = fold_with_offsets(line);
    let end = folded.text.find(name)? + name.len();
    let behind = folded.text.get(end..).unwrap_or_default();
    // The marks of bold print stay together.
    Some(if bare(behind).is_empty() { line.len() } else { folded.original(end, end).start })
}

fn first_name(agent: &Agent) -> &str {
    agent.name.split_whitespace().next().unwrap_or_default()
}

fn last_name(agent: &Agent) -> Option<String> {
    agent.name.split_whitespace().skip(1).last().map(fold)
}

/// `Ania`, `Mr. Kos`: one or two words that may be how somebody signs, without the agent's last name.
fn is_other_name(line: &str, agent: &Agent) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let last = last_name(agent);
    (1..=2).contains(&words.len())
        && words.iter().all(|word| word.starts_with(char::is_uppercase) && Some(fold(word)) != last)
        && line.chars().all(|c| c.is_alphabetic() || " .-'".contains(c))
}

/// What stands below a closing to the end of the text.
fn below_closing<'t>(text: &'t str, agent: &Agent) -> Ending<'t> {
    let lines = filled(text);
    let mut index = lines.len().saturating_sub(MAX_TAIL);
    while index < lines.len() {
        let Some(closing) = closing_at(&lines, index, agent).or_else(|| lone_name(text, &lines, index, agent)) else {
            index += 1;
            continue;
        };
        let below = lines.get(closing.last + 1..).unwrap_or_default();
        let reveals = below.iter().find(|line| reveals(line.text, agent));
        let last = closing.end;
        if below.is_empty() && lines.get(closing.last).is_some_and(|line| last < line.end()) {
            // More stands behind the name.
            return text.get(..last).map_or(Ending::Words, Ending::Signature);
        }
        match (below.is_empty(), writes_on(below), reveals) {
            (false, true, Some(line)) => return Ending::Unsure(line.text),
            (false, false, _) if closing.named || below.iter().all(|line| is_picture(line.text)) => {
                return Ending::Signature(text.get(..last).unwrap_or(text));
            }
            (false, false, Some(line)) if !closing.thanks => {
                // A number alone may be the customer's to have.
                let theirs = closing.signed || below.iter().any(|line| identifies(line.text, agent));
                return if theirs {
                    text.get(..last).map_or(Ending::Words, Ending::Signature)
                } else {
                    Ending::Unsure(line.text)
                };
            }
            (true | false, ..) => {}
        }
        index = closing.last + 1;
    }
    Ending::Words
}

/// The agent's name alone under a blank line or under a few words that close a letter, whatever they are, with how to reach its
/// bearer below: `Anna / +48 600 100 200`, `Greetings / ANNA NOWAK (she/her) / +48 600 100 200`.
fn lone_name(text: &str, lines: &[Line<'_>], index: usize, agent: &Agent) -> Option<Closing> {
    let line = lines.get(index)?;
    let name = fold(without_brackets(bare(line.text)).trim_end_matches([',', '.', '!', ' ']));
    let is_name = name == fold(first_name(agent)) || name == fold(&agent.name);
    let above = index.checked_sub(1).and_then(|above| lines.get(above))?;
    let below = lines.get(index + 1..).unwrap_or_default();
    let all_contacts =
        below.iter().all(|line| !is_sentence(line.text)) && below.iter().any(|line| reveals(line.text, agent));
    let apart = (is_apart(text, above, line) || is_formula(above.text)) && !above.text.ends_with(':');
    let end = line.end();
    (is_name && apart && all_contacts).then_some(Closing {
        last: index,
        end,
        named: true,
        signed: false,
        thanks: false,
    })
}

/// A name without what stands in brackets behind it.
fn without_brackets(name: &str) -> &str {
    let shorter = name.strip_suffix(')').and_then(|inner| inner.rsplit_once('(')).map(|(name, _)| name.trim_end());
    shorter.filter(|shorter| !shorter.is_empty()).unwrap_or(name)
}

/// A few words that end as a closing does: with a comma, a full stop, an exclamation mark or nothing.
fn is_formula(line: &str) -> bool {
    let words = bare(line).trim_end_matches([',', '.', '!', ' ']);
    let plain = words.chars().all(|c| c.is_alphabetic() || " '’,/&-".contains(c));
    let closes = line.trim_end().ends_with([',', '!']) || !words.contains(' ');
    plain && closes && words.starts_with(char::is_uppercase) && words.split_whitespace().count() <= FORMULA_WORDS
}

/// A closing, the agent's name and how to reach them on one line, the last one: where the name ends.
fn on_one_line(text: &str, agent: &Agent) -> Option<usize> {
    let last = *filled(text).last()?;
    let folded = fold_with_offsets(last.text);
    [fold(&agent.name), fold(first_name(agent))].iter().find_map(|name| {
        let (closing, rest) = folded.text.split_once(name.as_str()).filter(|_| !name.is_empty())?;
        let closes = signed(closing.trim_end_matches(|c: char| !c.is_alphanumeric()), "").is_some();
        let end = folded.original(closing.len() + name.len(), closing.len() + name.len()).start;
        let apart = !rest.starts_with(char::is_alphanumeric);
        (closes && apart && reveals(rest, agent)).then_some(last.start + end)
    })
}

/// Whether blank lines stand between two.
fn is_apart(text: &str, above: &Line<'_>, line: &Line<'_>) -> bool {
    let gap = text.get(above.start + above.text.len()..line.start).unwrap_or_default();
    gap.matches('\n').count() > 1
}

/// Whether a line shows who the agent is or how to reach somebody: their last name, an address of theirs, a telephone.
fn reveals(line: &str, agent: &Agent) -> bool {
    identifies(line, agent) || is_phone(line)
}

/// Whether a line shows who the agent is.
fn identifies(line: &str, agent: &Agent) -> bool {
    let (lower, words) = (line.to_lowercase(), fold(line));
    let named = last_name(agent)
        .is_some_and(|last| words.split(|c: char| !c.is_alphanumeric() && c != '-').any(|word| word == last));
    named || agent.addresses.iter().any(|address| holds_address(&lower, &address.key()))
}

fn digits(line: &str) -> usize {
    line.chars().filter(char::is_ascii_digit).count()
}

/// `+48 600 100 200`, `tel. 600 100 200`, `M: 600-100-200`.
fn is_phone(line: &str) -> bool {
    if digits(line) < PHONE_DIGITS {
        return false;
    }
    let folded = fold(bare(line));
    let label = folded.split(|c: char| c.is_ascii_digit() || "+:(".contains(c)).next().unwrap_or_default();
    let label = label.trim_matches(|c: char| !c.is_alphanumeric());
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    let labelled =
        label.chars().count() <= 1 || LABELS.contains(&label) || label.split(' ').any(|word| LABELS.contains(&word));
    (folded.contains('+') && letters <= 40) || (labelled && letters <= 20)
}

/// `[cid:logo@HOST]`, `[image: logo.png]`: marks of pictures and nothing else.
fn is_picture(line: &str) -> bool {
    line.trim_start().starts_with('[') && bare(line).is_empty()
}

/// Whether somebody goes on writing in these lines: a postscript, a question, a sentence first of all, something named.
fn writes_on(lines: &[Line<'_>]) -> bool {
    let is_notice = |line: &str| NOTICES.iter().any(|word| fold(line).contains(word));
    let asks = |line: &str| line.ends_with('?') && line.split_whitespace().count() >= QUESTION_WORDS;
    let names = |line: &str| {
        line.split_once(": ").is_some_and(|(label, value)| {
            let label = fold(label);
            let word = label.chars().count() > 3 && label.chars().all(|c| c.is_alphabetic());
            word && !LABELS.contains(&label.as_str()) && !value.contains('@') && digits(value) > 0
        })
    };
    // `1. invoice`, `Your tracking number: 4711`, `It leaves today.`
    let begins_text = |line: &str| {
        let words = line.split_whitespace().count();
        let item = line.trim_start().split_once(['.', ')']).is_some_and(|(number, rest)| {
            !number.is_empty() && number.len() <= 2 && digits(number) == number.len() && rest.starts_with(' ')
        });
        let named = line.split_once(": ").is_some_and(|(label, value)| {
            let plain = label.chars().all(|c| c.is_alphabetic() || c == ' ');
            plain
                && label.split(' ').count() >= LABEL_WORDS
                && !value.contains('@')
                && digits(value) > 0
                && !is_phone(line)
        });
        item || named || (words >= LABEL_WORDS && ends_like_a_sentence(line) && !names_a_firm(line))
    };
    lines.first().is_some_and(|line| (is_sentence(line.text) || begins_text(line.text)) && !is_notice(line.text))
        || lines
            .iter()
            .any(|line| is_postscript(line.text) || (asks(line.text) || names(line.text)) && !is_notice(line.text))
}

/// `Example Shop Sp. z o.o.`, `Example Ltd.`: a firm, not a sentence.
fn names_a_firm(line: &str) -> bool {
    let last = fold(line.split_whitespace().last().unwrap_or_default());
    FIRMS.contains(&last.as_str())
}

/// The agent's full name under a line that announces it ("Send it to:"): an address to be used, or a signature below a
/// picture that the plain text does not show.
fn announced<'t>(text: &'t str, agent: &Agent) -> Option<Ending<'t>> {
    let (lines, name) = (filled(text), fold(&agent.name));
    let from = lines.len().saturating_sub(MAX_BLOCK);
    (from.max(1)..lines.len()).find_map(|index| {
        let line = lines.get(index)?;
        let above = lines.get(index - 1).filter(|above| above.text.ends_with(':'))?;
        if !begins_with(line.text, &name) || !is_apart(text, above, line) {
            return None;
        }
        let below = lines.get(index + 1..).unwrap_or_default();
        let phone = below.iter().any(|line| is_phone(line.text) || is_contact(line.text));
        let nothing_else = below.iter().all(|line| is_phone(line.text) || is_contact(line.text));
        match (phone, nothing_else) {
            (true, true) => text.get(..line.start).map(|words| Ending::Signature(words.trim_end())),
            (true, false) => Some(Ending::Unsure(line.text)),
            (false, _) => None,
        }
    })
}

/// Whether `text` is a closing and the agent's name at most: nothing that one sends to anybody.
pub(in crate::decide) fn only_signs_off(text: &str, agent: &Agent) -> bool {
    let name = fold(&agent.name);
    filled(text).iter().all(|line| {
        let line = fold(bare(line.text));
        signed(&line, first_name(agent)).is_some() || line == name || name.split(' ').next() == Some(line.as_str())
    })
}

/// A line with something on it, and where it starts.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
    /// Bytes with what stands behind its last letter, its end among them.
    whole: usize,
}

impl Line<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

fn filled(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            lines.push(Line { start, text: line.trim_end(), whole: line.len() });
        }
        start += line.len();
    }
    lines
}

/// Where the block that begins with the agent's full name starts; below a closing the name itself stays.
fn by_name(text: &str, agent: &Agent) -> Option<usize> {
    let name = fold(&agent.name);
    if !name.contains(' ') {
        // A single word may be a first name typed under a letter.
        return None;
    }
    let lines = filled(text);
    let from = lines.len().saturating_sub(MAX_BLOCK);
    let closing_below = |index: usize| lines.iter().skip(index + 1).any(|line| is_closing(&fold(bare(line.text))));
    (from..lines.len()).filter(|index| !closing_below(*index)).find_map(|index| {
        let line = lines.get(index)?;
        let above = index.checked_sub(1).and_then(|above| lines.get(above));
        let below = || (index + 1 < lines.len()).then(|| line.end());
        let behind = |end: usize| if end < line.text.len() { Some(line.start + end) } else { below() };
        if begins_with(line.text, &name) && opens(text, above, *line) {
            let closes = above
                .is_some_and(|above| is_closing(&fold(bare(above.text))) && line.start == above.start + above.whole);
            return if closes { end_of_name(line.text, &name).and_then(behind) } else { Some(line.start) };
        }
        after_closing(line.text, &name).and_then(behind)
    })
}

/// A name opens a block under a blank line or a closing, and not under a line that announces it ("send it to:").
fn opens(text: &str, above: Option<&Line<'_>>, line: Line<'_>) -> bool {
    let Some(above) = above else { return true };
    let gap = text.get(above.start + above.text.len()..line.start).unwrap_or_default();
    let apart = gap.matches('\n').count() > 1 || is_closing(&fold(bare(above.text))) || is_rule(above.text);
    apart && !above.text.ends_with(':')
}

/// The name alone, or the name and what one puts behind it in a signature: `Anna Nowak, Returns`, `Anna Nowak | Shop`.
fn begins_with(line: &str, name: &str) -> bool {
    let folded = fold(bare(line));
    let Some(rest) = folded.strip_prefix(name) else { return false };
    let rest = rest.trim_start();
    rest.is_empty()
        || (rest.starts_with([',', '|', '-', '–', '—', '/', '(', '<', '•', '·', ';', '*', '['])
            && line.chars().count() <= MAX_LINE
            && !ends_like_a_sentence(rest))
}

/// `Best regards, Anna Nowak`: where the name ends.
fn after_closing(line: &str, name: &str) -> Option<usize> {
    let folded = fold_with_offsets(line);
    let (closing, rest) = folded.text.split_once(name)?;
    let signed = is_closing(closing.trim_end_matches([',', ' ', '-', '–', '*', '!']))
        && !rest.starts_with(char::is_alphanumeric)
        && !closing.is_empty();
    let end = closing.len() + name.len();
    signed.then(|| if bare(rest).is_empty() { line.len() } else { folded.original(end, end).start })
}

/// Where the last lines start that carry an address of the agent, perhaps with other ways to reach them among them.
fn by_address(text: &str, agent: &Agent) -> Option<usize> {
    let keys: Vec<String> = agent.addresses.iter().map(crate::model::Address::key).collect();
    let carries = |line: &Line<'_>| {
        let lower = line.text.to_lowercase();
        keys.iter().any(|key| holds_address(&lower, key)) && !is_sentence(line.text)
    };
    let tail = filled(text).into_iter().rev().take(MAX_BLOCK);
    let reachable = tail.take_while(|line| carries(line) || is_contact(line.text) || is_rule(line.text));
    reachable.filter(carries).last().map(|line| line.start)
}

/// `key` as a whole address, not as the end of a longer one.
pub(in crate::decide) fn holds_address(lower: &str, key: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    lower.match_indices(key).any(|(at, _)| {
        let before = lower.get(..at).unwrap_or_default();
        let after = lower.get(at + key.len()..).unwrap_or_default();
        !before.ends_with(joins) && !after.starts_with(|c: char| c.is_alphanumeric() || c == '-')
    })
}

fn is_sentence(line: &str) -> bool {
    !names_a_firm(line)
        && line.split_whitespace().filter(|word| !word.contains('@')).count() >= SENTENCE_WORDS
        && ends_like_a_sentence(line)
}

fn ends_like_a_sentence(line: &str) -> bool {
    line.trim_end().ends_with(['.', '?', '!', '…', ':'])
}

/// A phone number or an address of the web or of mail, and little else.
fn is_contact(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let lower = line.to_lowercase();
    let web = lower.starts_with("www.") || lower.starts_with("http") || (lower.contains('@') && lower.contains('.'));
    (digits >= 7 && letters <= 12) || (web && line.split_whitespace().count() <= 3)
}

/// A line drawn above a signature.
pub(in crate::decide) fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() >= 2 && line.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '—' | '–'))
}

/// Without the marks that bold print, lists and cells of a table leave in plain text, and those of pictures before it.
fn bare(line: &str) -> &str {
    let decorated = |c: char| c.is_whitespace() || "*_|>•-–—".contains(c);
    let mut line = line.trim_matches(decorated);
    while let Some((_, after)) = line.strip_prefix('[').and_then(|picture| picture.split_once(']')) {
        line = after.trim_matches(decorated);
    }
    line
}

fn trim_rule(text: &str) -> &str {
    let text = text.trim_end();
    let (above, last) = text.rsplit_once('\n').unwrap_or(("", text));
    if is_rule(last) { above.trim_end() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::staff::AgentRole;
    use crate::model::testing::address;
    use crate::model::{AgentId, Language};

    fn agent(name: &str) -> Agent {
        let addresses = vec![address("anna@shop.example"), address("anna.nowak@home.example")];
        Agent {
            id: AgentId::new("anna"),
            name: name.to_owned(),
            addresses,
            language: Language::ENGLISH,
            role: AgentRole::Agent,
            max_open: None,
            habits: crate::model::habits::Habits::default(),
        }
    }

    fn check(name: &str, text: &str, kept: &str) {
        let expected = if text == kept { Ending::Words } else { Ending::Signature(kept) };
        assert_eq!(ending(text, &agent(name)), expected, "{text}");
    }

    #[test]
    fn a_block_under_the_full_name_is_cut_and_the_closing_stays() {
        check(
            "Anna Nowak",
            "Hello Ewa,\n\nthe label is attached.\n\nBest regards,\nAnna Nowak\nReturns specialist\nPlease mind the trees",
            "Hello Ewa,\n\nthe label is attached.\n\nBest regards,\nAnna Nowak",
        );
        let polish = "Wysłałam.\n\nZ poważaniem\n*LUCJA ZOLC*";
        check("Łucja Żółć", &format!("{polish}\nDział zwrotów"), polish);
        let russian = "Отправила.\n\nС уважением,\nАнна Королева";
        check("Анна Королёва", &format!("{russian}\nОтдел"), russian);
        check("Анна Королёва", russian, russian);
        check("Anna Nowak", "Done.\n\nKind regards\n\nAnna Nowak\nReturns", "Done.\n\nKind regards");
        let signed = "Done.\n\nKind regards,\nAnna Nowak";
        for behind in ["", "\nReturns", ", Returns specialist", " | Returns\n+48 600 100 200", "\nanna@shop.example"] {
            check("Anna Nowak", &format!("{signed}{behind}"), signed);
        }
        check("Anna Nowak", "Done.\n\nAnna Nowak | Returns | Example Shop\nconfidential", "Done.");
        check("Anna Nowak", "Done.\n\n_____\nAnna Nowak\nReturns", "Done.");
        check("Anna Nowak", "Done.\n\nPozdrawiam, Anna Nowak\ntel. 1", "Done.\n\nPozdrawiam, Anna Nowak");
    }

    #[test]
    fn a_closing_in_whatever_words_keeps_its_name_and_loses_the_number() {
        for (name, kept) in [
            ("Anna Nowak", "Done.\n\nGreetings\nANNA"),
            ("Anna Nowak", "Done.\n\nMany thanks for your patience,\nAnna Nowak"),
            ("Anna Nowak", "Done.\n\nKind regards,\nAnna Nowak"),
            ("Anna Nowak", "Gotowe.\n\nŚciskam mocno,\nAnna"),
            ("Анна Королёва", "Готово.\n\nЖдём вас снова!\nАнна Королёва"),
            ("Maria Santos", "Tapos na.\n\nHanggang sa muli,\nMaria"),
        ] {
            check(name, &format!("{kept}\n+48 600 100 200"), kept);
            check(name, &format!("{kept}\nReturns\ntel. 600 100 200"), kept);
            let text = format!("{kept} (she/her)\n+48 600 100 200");
            let Ending::Signature(words) = ending(&text, &agent(name)) else { panic!("{text}") };
            assert!(words.starts_with(kept) && !words.contains("600"), "{text}");
        }
        for kept in ["Done.\n\nBest, Anna", "Gotowe.\nPozdrawiam, Anna Nowak", "Готово.\n\nС уважением, Anna"]
        {
            for behind in [", +48 600 100 200", " | tel. 600 100 200", " (600 100 200)"] {
                check("Anna Nowak", &format!("{kept}{behind}"), kept);
            }
        }
        for text in ["You reach us here:\nAnna\n+48 600 100 200", "Please call Anna, +48 600 100 200"] {
            check("Anna Nowak", text, text);
        }
    }

    #[test]
    fn who_writes_on_below_their_full_name_is_asked() {
        for below in [
            "\n\nPS: I also need the invoice.",
            "\n\n1. invoice\n2. photo",
            "\nYour tracking number: 1234567890",
            "\n\nKod do bramy: 4711",
            "\n\nYour refund has been paid.",
            "\n\nIt leaves today.",
            "\n\nat the desk in room 12. She has your parcel.",
        ] {
            for above in
                ["Done.\n\nKind regards,", "Gotowe.\n\nPozdrawiam", "Done.\n\nKind regards from Gdynia!\n", "Done.\n"]
            {
                let text = format!("{above}\nAnna Nowak{below}");
                assert!(matches!(ending(&text, &agent("Anna Nowak")), Ending::Unsure(_)), "{text}");
            }
        }
        let signed = "Done.\n\nKind regards,\nAnna Nowak";
        for below in [
            "Example Shop Sp. z o.o.\nNIP: 525-000-11-22",
            "Returns\nWe have made lamps for forty years.",
            "Reg. No. 1",
        ] {
            check("Anna Nowak", &format!("{signed}\n{below}"), signed);
        }
        let text = "The person to call is\nAnna Nowak\n+48 600 111 222\n\nBye";
        assert_ne!(
            ending(text, &agent("Anna Nowak")),
            Ending::Signature("The person to call is\nAnna Nowak"),
            "{text}"
        );
    }

    #[test]
    fn a_first_name_typed_under_a_letter_stays() {
        for text in ["Done.\n\nAnna", "Gotowe.\n\nPozdrawiam\nAnna", "Готово.\n\nАнна"] {
            check("Anna Nowak", text, text);
        }
        check("Anna", "Done.\n\nAnna", "Done.\n\nAnna");
        check("Anna Nowak", "Done.\n\nAnna\n\nAnna Nowak\nReturns", "Done.\n\nAnna");
    }

    #[test]
    fn nothing_is_cut_in_the_middle() {
        for text in [
            "Anna Nowak will call you tomorrow.",
            "Hello,\n\nAnna Nowak, my colleague, is going to call you.",
            "Please send it to:\nExample Shop\nAnna Nowak\nul. Długa 5\n00-001 Warszawa",
            "Please send it to:\n\nAnna Nowak\nul. Długa 5\n00-001 Warszawa",
            "Ship to\n\nAnna Nowak\nul. Długa 5\n\nBest regards,\nAnna",
            "Anna Nowak\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10",
            "Anna Nowakowska\nis your contact",
            "Write to anna@shop.example.\n\nIs that all right?",
            "From now on you can simply write to anna@shop.example.",
            "Your contact is joanna@shop.example",
        ] {
            check("Anna Nowak", text, text);
        }
    }

    #[test]
    fn trailing_lines_with_an_address_of_the_agent_are_cut() {
        check("Anna Nowak", "Done.\n\nAnna\nANNA@shop.example", "Done.\n\nAnna");
        check("Anna Nowak", "Gotowe.\nAnna\ne-mail: anna.nowak@home.example\n+48 600 700 800", "Gotowe.\nAnna");
        check("Anna Nowak", "Готово.\n--\n<anna@shop.example>", "Готово.");
        check("Anna Nowak", "Call +48 22 123 45 67", "Call +48 22 123 45 67");
    }

    #[test]
    fn a_closing_and_a_name_say_nothing() {
        for (text, nothing) in
            [("", true), ("Pozdrawiam,\n\nAnna", true), ("С уважением", true), ("Thanks, sent.", false), ("Jan", false)]
        {
            assert_eq!(only_signs_off(text, &agent("Anna Nowak")), nothing, "{text}");
        }
    }
}
