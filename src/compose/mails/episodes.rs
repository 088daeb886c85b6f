//! What a notification tells: one thing, or several in the order in which they happened, each with its time.

use super::labels::{MAX_LINE, headline};
use crate::compose::Desk;
use crate::compose::layout::blocks::Block;
use crate::compose::texts::{CountedKey, TextKey, Texts};
use crate::compose::when::moment;
use crate::model::address::Person;
use crate::model::link::RouteKind;
use crate::model::news::Since;
use crate::model::outgoing::{Brief, News, NotificationDraft};
use crate::model::text::{clean_line, clean_name};
use crate::model::ticket::SenderVerdict;

/// The things that happened, and the words that came with them.
pub fn told(draft: &NotificationDraft, department: &str, texts: &Texts, desk: &Desk) -> Vec<Block> {
    if draft.episodes.is_empty() {
        let line = headline(&draft.news, &draft.author, department, texts);
        let words = words(&draft.news, draft.body.as_str(), texts);
        let warning = warning(&draft.news, draft.sender, texts);
        let head = [Block::Headline(line)].into_iter().chain(warning);
        return head.chain(words).chain(below(draft.below.as_str(), texts)).collect();
    }
    let mut blocks = Vec::new();
    if draft.older > 0 {
        blocks.push(Block::Hint(texts.count(CountedKey::OlderNews, ("count", draft.older), &[])));
    }
    for episode in &draft.episodes {
        let line = headline(&episode.news, &episode.author, department, texts);
        blocks.push(Block::Headline(format!("{} · {line}", moment(episode.at, texts, desk))));
        blocks.extend(warning(&episode.news, episode.sender, texts));
        blocks.extend(episode.since.as_ref().map(|since| Block::Hint(became(since, texts))));
        blocks.extend(words(&episode.news, episode.words.as_str(), texts));
        blocks.extend(below(episode.below.as_str(), texts));
        if !episode.files.is_empty() {
            let files = clean_line(&episode.files.join(", "), MAX_LINE);
            blocks.push(Block::Hint(texts.fill(TextKey::FilesOfNews, &[("files", &files)])));
        }
    }
    blocks
}

/// That our own mail server does not take the author of a customer's mail for who they say they are.
fn warning(news: &News, sender: SenderVerdict, texts: &Texts) -> Option<Block> {
    let shown = news.shows_a_mail() || shows_author(news);
    (sender == SenderVerdict::Failed && shown).then(|| Block::Hint(texts.get(TextKey::SenderFailed).to_owned()))
}

/// The latest customer of whom a notification tells, else whoever it tells of.
pub fn face(draft: &NotificationDraft) -> &Person {
    let episode = draft.episodes.iter().rev().find(|episode| shows_author(&episode.news));
    episode.map_or(&draft.author, |episode| &episode.author)
}

/// Whether there is a customer among those of whom a notification tells.
pub fn shows_customer(draft: &NotificationDraft) -> bool {
    shows_author(&draft.news) || draft.episodes.iter().any(|episode| shows_author(&episode.news))
}

/// Whether a customer's words and files are left out of it.
pub fn is_bare(draft: &NotificationDraft) -> bool {
    let empty = || draft.body.as_str().trim().is_empty();
    matches!(draft.news, News::WithoutWords(_)) || (matches!(draft.news, News::NotTold { .. }) && empty())
}

/// What happened, as words that filters can rely on; for a new ticket with the whole reason why it is here.
pub fn reason_mark(draft: &NotificationDraft) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in draft.episodes.iter().map(|episode| episode.news.word()).chain([draft.news.word()]) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    let words = words.join(", ");
    match &draft.route {
        Some(route) if route.detail.is_empty() => format!("{words}; {}", route.kind.as_str()),
        Some(route) => format!("{words}; {}: {}", route.kind.as_str(), route.detail),
        None => format!("{words}; {}", RouteKind::FollowUp.as_str()),
    }
}

/// The brief of a hand-over that a notification tells of.
pub fn brief(draft: &NotificationDraft) -> Option<&Brief> {
    let news = draft.episodes.iter().rev().map(|episode| &episode.news).chain([&draft.news]);
    news.into_iter().find_map(|news| if let News::HandedOver { brief, .. } = news { Some(&**brief) } else { None })
}

/// The words that came with it.
fn words(news: &News, text: &str, texts: &Texts) -> Option<Block> {
    // That a colleague took, accepted or merged a ticket says all by itself.
    if matches!(news, News::Accepted(_) | News::Taken(_) | News::WithoutWords(_) | News::KeyDead(_)) {
        return None;
    }
    let mute = matches!(news, News::NotTold { .. } | News::NoLongerYours(_) | News::MergedInto { .. });
    if mute && text.trim().is_empty() {
        return None;
    }
    let words = text.trim_matches(['\n', '\r']).trim_end();
    Some(Block::Words(if words.trim().is_empty() { texts.get(TextKey::NoWords) } else { words }.to_owned()))
}

/// What stood below a customer's words.
fn below(text: &str, texts: &Texts) -> Vec<Block> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    vec![
        Block::Hint(texts.get(TextKey::BelowTheWords).to_owned()),
        Block::Below(text.trim_matches('\n').trim_end().to_owned()),
    ]
}

fn became(since: &Since, texts: &Texts) -> String {
    match since {
        Since::Answered(name) => texts.fill(TextKey::SinceAnswered, &[("agent", &clean_name(name))]),
        Since::YouAnswered => texts.get(TextKey::SinceYouAnswered).to_owned(),
        Since::Taken(name) => texts.fill(TextKey::SinceTaken, &[("agent", &clean_name(name))]),
    }
}

/// Whether the author is a customer, whose address colleagues want to see.
fn shows_author(news: &News) -> bool {
    match news {
        News::Opened
        | News::CustomerWrote { .. }
        | News::AssignedToYou(_)
        | News::NoLongerYours(_)
        | News::Moved(_)
        | News::DeliveryFailed(_)
        | News::Quarantined(_)
        | News::WaitOver
        | News::Flood
        | News::HandedOver { .. }
        | News::Returned(_)
        | News::Split { .. }
        | News::Absorbed { .. }
        | News::MergedInto { .. }
        | News::Unmerged { .. }
        | News::Next
        | News::YoursAsAway(_)
        | News::YoursAsReleased(_)
        | News::FreeAsReleased(_)
        | News::FreeAsAway(_)
        | News::NotTold { .. } => true,
        News::ColleagueAnswered(_)
        | News::Unproven(_)
        | News::Note(_)
        | News::Accepted(_)
        | News::Taken(_)
        | News::KeyDead(_)
        | News::WithoutWords(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::samples;
    use crate::model::news::NotificationItem;

    fn episode(news: News) -> NotificationItem {
        let draft = samples::notification();
        NotificationItem {
            at: samples::now(),
            news,
            author: draft.author,
            words: draft.body,
            below: draft.below,
            files: vec![],
            since: None,
            sender: draft.sender,
        }
    }

    #[test]
    fn the_reason_names_each_thing_once_and_why_the_ticket_is_here() {
        let mut draft = samples::notification();
        let again = || episode(News::CustomerWrote { reopened: false });
        draft.news = News::ColleagueAnswered("Jan".to_owned());
        draft.episodes = vec![episode(News::Opened), again(), again(), episode(draft.news.clone())];
        assert!(reason_mark(&draft).starts_with("new-ticket, customer-wrote, colleague-answered; keywords: "));
        assert_eq!(face(&draft).label(), "Ewa Żółć");
        assert!(shows_customer(&draft));
    }
}
