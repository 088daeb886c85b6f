//! The agent's own signature under an answer: cut, with or without a `-- ` above it.
//!
//! Never cuts in the middle: what goes is a block through the end of the text, and it begins with the agent's full name or
//! holds the agent's own address. A lone first name is how people sign a letter; it stays.

use crate::model::fold::{fold, fold_with_offsets};
use crate::model::policy::Agent;

/// Filled lines at the end that are looked at.
const MAX_BLOCK: usize = 10;
/// Characters of a line of a signature that goes on after the name.
const MAX_LINE: usize = 120;
/// Words beside an address with which a line that ends like a sentence is one.
const SENTENCE_WORDS: usize = 5;

/// How letters end, folded.
const CLOSINGS: &[&str] = &[
    "best regards",
    "kind regards",
    "warm regards",
    "with best regards",
    "with kind regards",
    "regards",
    "best wishes",
    "best",
    "cheers",
    "sincerely",
    "yours sincerely",
    "yours faithfully",
    "many thanks",
    "thanks",
    "thank you",
    "pozdrawiam",
    "pozdrawiamy",
    "serdecznie pozdrawiam",
    "pozdrawiam serdecznie",
    "pozdrowienia",
    "z pozdrowieniami",
    "z powazaniem",
    "z wyrazami szacunku",
    "dziekuje",
    "с уважением",
    "с наилучшими пожеланиями",
    "с благодарностью",
    "всего доброго",
    "спасибо",
    "lubos na gumagalang",
    "gumagalang",
    "salamat",
    "maraming salamat",
];

/// `text` without the signature of `agent` at its end; `None` when there is none.
pub(super) fn without<'t>(text: &'t str, agent: &Agent) -> Option<&'t str> {
    let end = by_name(text, agent);
    let shorter = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let end = by_address(shorter, agent).or(end)?;
    Some(trim_rule(text.get(..end)?))
}

/// Whether `text` is a closing and the agent's name at most: nothing that one sends to anybody.
pub(super) fn only_signs_off(text: &str, agent: &Agent) -> bool {
    let name = fold(&agent.name);
    filled(text).iter().all(|line| {
        let line = fold(bare(line.text));
        is_closing(&line) || line == name || name.split(' ').next() == Some(line.as_str())
    })
}

/// A line with something on it, and where it starts.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    text: &'t str,
}

fn filled(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        if !line.trim().is_empty() {
            lines.push(Line { start, text: line.trim_end() });
        }
        start += line.len();
    }
    lines
}

/// Where the block that begins with the agent's full name starts.
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
        if begins_with(line.text, &name) && opens(text, above, *line) {
            return Some(line.start);
        }
        after_closing(line.text, &name).map(|offset| line.start + offset)
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

/// `Best regards, Anna Nowak`: the offset of the name, so that the closing stays.
fn after_closing(line: &str, name: &str) -> Option<usize> {
    let folded = fold_with_offsets(line);
    let (closing, rest) = folded.text.split_once(name)?;
    let signed = is_closing(closing.trim_end_matches([',', ' ', '-', '–', '*', '!']))
        && !rest.starts_with(char::is_alphanumeric)
        && !closing.is_empty();
    signed.then(|| folded.original(closing.len(), closing.len() + 1).start)
}

/// Where the last lines start that carry an address of the agent, perhaps with other ways to reach him among them.
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
pub(super) fn holds_address(lower: &str, key: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    lower.match_indices(key).any(|(at, _)| {
        let before = lower.get(..at).unwrap_or_default();
        let after = lower.get(at + key.len()..).unwrap_or_default();
        !before.ends_with(joins) && !after.starts_with(|c: char| c.is_alphanumeric() || c == '-')
    })
}

fn is_sentence(line: &str) -> bool {
    line.split_whitespace().filter(|word| !word.contains('@')).count() >= SENTENCE_WORDS && ends_like_a_sentence(line)
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

pub(super) fn is_closing(folded: &str) -> bool {
    CLOSINGS.contains(&folded.trim_end_matches([',', '.', '!', ';', ' ']))
}

/// A line drawn above a signature.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() >= 2 && line.chars().all(|c| matches!(c, '-' | '_' | '=' | '*' | '—' | '–'))
}

/// Without the marks that bold print and lists leave in plain text.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || "*_|>•-–—".contains(c))
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
            language: Language::En,
            role: AgentRole::Agent,
            max_open: None,
            habits: crate::model::habits::Habits::default(),
        }
    }

    fn check(name: &str, text: &str, kept: &str) {
        assert_eq!(without(text, &agent(name)).unwrap_or(text), kept, "{text}");
    }

    #[test]
    fn a_block_under_the_full_name_is_cut_and_the_closing_stays() {
        check(
            "Anna Nowak",
            "Hello Ewa,\n\nthe label is attached.\n\nBest regards,\nAnna Nowak\nReturns specialist\nPlease mind the trees",
            "Hello Ewa,\n\nthe label is attached.\n\nBest regards,",
        );
        check("Łucja Żółć", "Wysłałam.\n\nZ poważaniem\n*LUCJA ZOLC*\nDział zwrotów", "Wysłałam.\n\nZ poważaniem");
        check("Анна Королёва", "Отправила.\n\nС уважением,\nАнна Королева\nОтдел", "Отправила.\n\nС уважением,");
        check("Anna Nowak", "Done.\n\nAnna Nowak | Returns | Example Shop\nconfidential", "Done.");
        check("Anna Nowak", "Done.\n\n_____\nAnna Nowak\nReturns", "Done.");
        check("Anna Nowak", "Done.\n\nPozdrawiam, Anna Nowak\ntel. 1", "Done.\n\nPozdrawiam,");
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
