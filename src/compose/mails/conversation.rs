//! What was written on a ticket, and done, for an agent who wants to see all of it. For colleagues alone: it holds notes.

use super::audience::written_out;
use super::history;
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::sender::agent_name;
use crate::compose::texts::{CountedKey, TextKey, Texts};
use crate::compose::when::moment;
use crate::model::event::PastEvent;
use crate::model::surroundings::{Conversation, SaidOnTicket};
use crate::model::text::{clean_line, clean_name};
use crate::model::ticket::MessageKind;

/// Characters of a message, and of a line.
const MAX_WORDS: usize = 10_000;
const MAX_LINE: usize = 300;

/// Messages in the order in which they came, each with its author and time, then the history.
pub fn blocks(conversation: &Conversation, texts: &Texts, desk: &Desk) -> Vec<Block> {
    let Conversation { said, older, events } = conversation;
    let mut blocks = vec![Block::Headline(texts.get(TextKey::ConversationIntro).to_owned())];
    if *older > 0 {
        blocks.push(Block::Hint(texts.count(CountedKey::OlderNews, ("count", *older), &[])));
    }
    for message in said {
        let line = format!("{} · {}", moment(message.at, texts, desk), headline(message, texts, desk));
        blocks.push(Block::Rule);
        blocks.push(Block::Headline(clean_line(&line, MAX_LINE)));
        blocks.push(Block::Words(words(&message.text, texts)));
        if !message.files.is_empty() {
            let files = clean_line(&message.files.join(", "), MAX_LINE);
            blocks.push(Block::Hint(texts.fill(TextKey::FilesOfNews, &[("files", &files)])));
        }
    }
    if !events.is_empty() {
        let line = |event: &PastEvent| {
            clean_line(&format!("{} · {}", moment(event.at, texts, desk), history::line(event, texts, desk)), MAX_LINE)
        };
        blocks.push(Block::Rule);
        blocks.push(Block::Headline(texts.get(TextKey::BriefHistory).to_owned()));
        blocks.push(Block::List(events.iter().map(line).collect()));
    }
    blocks
}

/// Who wrote it, and to whom.
fn headline(message: &SaidOnTicket, texts: &Texts, desk: &Desk) -> String {
    let author = || clean_name(message.author.label());
    let agent = || message.agent.as_ref().map_or_else(author, |agent| agent_name(agent, desk));
    match message.kind {
        MessageKind::Customer | MessageKind::Automatic => written_out(&message.author),
        MessageKind::Agent => texts.fill(TextKey::NewsColleagueAnswered, &[("agent", &agent())]),
        MessageKind::Note | MessageKind::Returned => texts.fill(TextKey::NewsNote, &[("agent", &agent())]),
    }
}

fn words(text: &str, texts: &Texts) -> String {
    let text = text.trim();
    if text.is_empty() {
        return texts.get(TextKey::NoWords).to_owned();
    }
    let mut cut: String = text.chars().take(MAX_WORDS).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
