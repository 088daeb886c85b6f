//! The brief with which a ticket is handed over: who, what, what was promised, notes, files, history. For colleagues alone,
//! bounded whatever the ticket holds.

use super::history;
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::sender::{agent_name, department_name};
use crate::compose::texts::{TextKey, Texts};
use crate::compose::when::in_full;
use crate::model::address::Person;
use crate::model::event::PastEvent;
use crate::model::outgoing::Brief;
use crate::model::text::{clean_line, clean_name};

/// Characters of a text, of a note, of a line.
const MAX_TEXT: usize = 600;
const MAX_NOTE: usize = 300;
const MAX_LINE: usize = 160;
/// People and files that are named.
const MAX_NAMED: usize = 10;
/// Characters of a file's name.
const MAX_FILE_NAME: usize = 80;

/// The brief as blocks.
pub fn blocks(brief: &Brief, texts: &Texts<'_>, desk: &Desk) -> Vec<Block> {
    let from = department_name(&brief.from, texts, desk);
    let file = &brief.file;
    let mut facts = vec![
        (TextKey::BriefFrom, from),
        (TextKey::BriefPeople, named(&brief.people, person)),
        (TextKey::BriefOpened, in_full(brief.opened_at, texts, desk)),
    ];
    facts.extend(file.wait_until.map(|until| (TextKey::BriefDeadline, in_full(until, texts, desk))));
    if !file.attachments.is_empty() {
        facts.push((TextKey::BriefFiles, named(&file.attachments, |file| clean_line(&file.name, MAX_FILE_NAME))));
    }
    let facts = facts.into_iter().map(|(key, value)| (texts.get(key).to_owned(), value)).collect();
    let mut blocks = vec![Block::Facts(facts)];
    if let Some((at, words)) = &file.first {
        part(&mut blocks, texts.get(TextKey::BriefFirst), &in_full(*at, texts, desk), &cut(words, MAX_TEXT));
    }
    match &file.promised {
        Some((agent, at, words)) => {
            let by = format!("{}, {}", agent_name(agent, desk), in_full(*at, texts, desk));
            part(&mut blocks, texts.get(TextKey::BriefPromised), &by, &cut(words, MAX_TEXT));
        }
        None => blocks.push(Block::Text(texts.get(TextKey::BriefNothingPromised).to_owned())),
    }
    for (author, at, words) in &file.notes {
        let by = format!("{}, {}", clean_name(author), in_full(*at, texts, desk));
        part(&mut blocks, texts.get(TextKey::BriefNote), &by, &cut(words, MAX_NOTE));
    }
    if !file.history.is_empty() {
        blocks.push(Block::Text(format!("{}:", texts.get(TextKey::BriefHistory))));
        let line = |event: &PastEvent| {
            format!("{} {}", in_full(event.at, texts, desk), clean_line(&history::line(event, texts, desk), MAX_LINE))
        };
        blocks.push(Block::List(file.history.iter().map(line).collect()));
    }
    blocks.push(Block::Hint(texts.get(TextKey::BriefHint).to_owned()));
    blocks
}

fn part(blocks: &mut Vec<Block>, title: &str, about: &str, words: &str) {
    blocks.push(Block::Text(format!("{title} ({about}):")));
    blocks.push(Block::Words(words.to_owned()));
}

/// The first few, and how many more there are.
fn named<T>(all: &[T], name: impl Fn(&T) -> String) -> String {
    let shown: Vec<String> = all.iter().take(MAX_NAMED).map(name).collect();
    let more = all.len().saturating_sub(MAX_NAMED);
    let more = if more > 0 { format!(", +{more}") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

fn person(person: &Person) -> String {
    let name = clean_name(&person.name);
    clean_line(
        &if name.is_empty() { person.address.to_string() } else { format!("{name} <{}>", person.address) },
        MAX_LINE,
    )
}

/// The beginning of a text.
fn cut(text: &str, limit: usize) -> String {
    let text = text.trim();
    let mut cut: String = text.chars().take(limit).collect();
    if text.chars().nth(limit).is_some() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::layout::blocks::plain;
    use crate::compose::samples;
    use crate::model::Language;
    use crate::model::policy::Policy;

    fn written(brief: &Brief, language: Language, policy: &Policy) -> String {
        let desk = Desk {
            policy,
            signer: &samples::signer(),
            keys: &samples::keys(),
            now: samples::now(),
            largest_mail: crate::compose::layout::fit::USUAL_LIMIT,
        };
        plain(&blocks(brief, &Texts::new(policy, language), &desk))
    }

    #[test]
    fn a_brief_is_bounded_and_says_who_what_and_what_was_promised_in_the_readers_language() {
        let policy = samples::policy();
        for language in Language::all() {
            let texts = Texts::new(&policy, language);
            let text = written(&samples::brief(), language, &policy);
            assert!(text.len() < 8_000, "{} bytes", text.len());
            for key in [TextKey::BriefFirst, TextKey::BriefPromised, TextKey::BriefNote] {
                assert!(text.contains(&format!("{} (", texts.get(key))), "{text}");
            }
            assert!(text.contains("Ewa <ewa0@client.example>") && text.contains(", +30"), "{text}");
        }
    }

    #[test]
    fn a_ticket_that_nobody_answered_says_so() {
        let policy = samples::policy();
        let brief = Brief { file: crate::model::surroundings::CaseFile::default(), ..samples::brief() };
        let text = written(&brief, Language::ENGLISH, &policy);
        assert!(text.contains("Nobody has answered the customer yet.") && !text.contains("History"), "{text}");
    }
}
