//! The part of a notice that tells of a held answer: what the agent had not seen, what they can do, their words.

use jiff::Timestamp;

use super::links::{ReplyLinks, ReplyTo};
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::sender::agent_name;
use crate::compose::layout::subject;
use crate::compose::texts::{TextKey, Texts};
use crate::compose::when::in_full;
use crate::model::held::{Doubt, Newer};
use crate::model::id::MailId;
use crate::model::outgoing::NoticeDraft;
use crate::model::text::{clean_line, clean_name};

/// Characters of a headline.
const MAX_LINE: usize = 500;

/// A held answer as its agent is told of it.
pub struct Held<'a> {
    /// What they had not seen.
    pub newer: &'a [Newer],
    /// Why it is held, beside that.
    pub doubts: &'a [Doubt],
    /// Their words.
    pub text: &'a str,
    /// What they wrote in answer to the question.
    pub also: Option<&'a str>,
    /// When it will be dropped.
    pub until: Timestamp,
}

/// Why it is held, what is new, what can be done, the words.
pub fn blocks(held: &Held<'_>, texts: &Texts, desk: &Desk) -> Vec<Block> {
    let mut blocks = Vec::new();
    let for_whom = held.doubts.iter().any(Doubt::is_for_whom);
    if !held.newer.is_empty() {
        blocks.push(Block::Headline(texts.get(TextKey::HeldNewer).to_owned()));
    }
    blocks.extend(held.doubts.iter().map(|doubt| Block::Headline(clean_line(&why(doubt, texts), MAX_LINE))));
    for newer in held.newer {
        let (key, author) = match &newer.agent {
            Some(agent) => (TextKey::HeldColleagueAnswered, agent_name(agent, desk)),
            None => (TextKey::HeldCustomerWrote, clean_name(newer.author.label())),
        };
        let date = in_full(newer.date, texts, desk);
        blocks.push(Block::Text(texts.fill(key, &[("author", &author), ("date", &date)])));
        let words = newer.text.trim();
        let words = if words.is_empty() { texts.get(TextKey::NoWords) } else { words };
        blocks.push(Block::Words(words.to_owned()));
    }
    let how = if for_whom { TextKey::HeldHowForWhom } else { TextKey::HeldHow };
    blocks.push(Block::Text(texts.fill(how, &[("date", &in_full(held.until, texts, desk))])));
    blocks.push(Block::Text(texts.get(TextKey::HeldText).to_owned()));
    blocks.push(Block::Own(held.text.to_owned()));
    if let Some(also) = held.also {
        blocks.push(Block::Text(texts.get(TextKey::HeldAlso).to_owned()));
        blocks.push(Block::Own(also.to_owned()));
    }
    blocks
}

/// Why an answer waits, as its headline.
fn why(doubt: &Doubt, texts: &Texts) -> String {
    match doubt {
        Doubt::Note(words) => texts.fill(TextKey::HeldNote, &[("words", words)]),
        Doubt::Beside(command) => texts.fill(TextKey::HeldBeside, &[("command", command)]),
        Doubt::Colleague(line) => texts.fill(TextKey::HeldColleague, &[("line", line)]),
        Doubt::PerhapsCommand { line, meant } => {
            texts.fill(TextKey::HeldPerhapsCommand, &[("line", line), ("meant", meant)])
        }
        Doubt::AskedAgain => texts.get(TextKey::HeldAskedAgain).to_owned(),
        Doubt::ReadByNobody => texts.get(TextKey::HeldReadByNobody).to_owned(),
        Doubt::Unclear => texts.get(TextKey::HeldUnclear).to_owned(),
        Doubt::FileHolds { file, address } => {
            texts.fill(TextKey::HeldFile, &[("file", file), ("address", address.as_str())])
        }
        Doubt::Newcomers(people) => {
            let people = people.iter().map(|address| address.as_str()).collect::<Vec<_>>().join(", ");
            texts.fill(TextKey::HeldNewcomers, &[("people", &people)])
        }
        Doubt::Dropped(words) => texts.fill(TextKey::HeldDropped, &[("words", words)]),
        Doubt::PerhapsSignature(line) => texts.fill(TextKey::HeldSignature, &[("line", line)]),
    }
}

/// One click for each of the plain ways out.
pub fn buttons(draft: &NoticeDraft, reply: &ReplyTo, id: &MailId, texts: &Texts, desk: &Desk) -> Option<Block> {
    let ticket = draft.ticket?;
    let subject = subject::reply(ticket, &draft.subject);
    let way = ReplyLinks { reply, mailbox: &draft.mailbox, ticket, agent: &draft.agent, subject: &subject, id };
    let link = |key: TextKey, verb: &str| (texts.get(key).to_owned(), way.verb(verb, desk));
    let links = [(TextKey::LinkSend, "send"), (TextKey::LinkNote, "note"), (TextKey::LinkCancel, "cancel")];
    Some(Block::Buttons(links.into_iter().map(|(key, verb)| link(key, verb)).collect()))
}

/// That it was dropped, with the words.
pub fn expired(text: &str, texts: &Texts) -> [Block; 3] {
    [
        Block::Headline(texts.get(TextKey::HeldExpired).to_owned()),
        Block::Text(texts.get(TextKey::HeldText).to_owned()),
        Block::Own(text.to_owned()),
    ]
}
