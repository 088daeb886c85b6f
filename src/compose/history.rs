//! A line of a ticket's history in the reader's language, for the brief of a hand-over.
//!
//! The history is kept in English for ops; of a change only what was and what is now is told, and never a whole reason.

use super::Desk;
use super::notification::{priority_text, status_text};
use super::sender::agent_name;
use super::texts::{RegroupText, StaffText, TextKey, Texts};
use crate::model::id::{AgentId, DepartmentId};
use crate::model::policy::Department;
use crate::model::surroundings::PastEvent;
use crate::model::ticket::{Priority, Status};

/// Who did what.
pub(super) fn line(event: &PastEvent, texts: &Texts<'_>, desk: &Desk) -> String {
    let who = match event.actor.split_once(' ') {
        Some(("agent", id)) => agent_name(&AgentId::new(id), desk),
        _ if event.actor == "customer" => texts.get(RegroupText::HistoryCustomer).to_owned(),
        _ => event.actor.clone(),
    };
    format!("{who}: {}", what(event, texts, desk))
}

fn what(event: &PastEvent, texts: &Texts<'_>, desk: &Desk) -> String {
    let detail = event.detail.as_str();
    let changed = |label: &str, say: &dyn Fn(&str) -> Option<String>| {
        let (before, after) = change(detail);
        let values: Vec<String> = [before.and_then(say), say(after)].into_iter().flatten().collect();
        if values.is_empty() { label.to_owned() } else { format!("{label}: {}", values.join(" → ")) }
    };
    let with_number = |label: &str| format!("{label} {}", number(detail)).trim_end().to_owned();
    match event.kind.as_str() {
        "opened" => with_number(texts.get(RegroupText::HistoryOpened)),
        "status" => changed(texts.get(TextKey::LabelStatus), &|word| {
            Status::from_word(word.split(' ').next()?).map(|status| texts.get(status_text(status)).to_owned())
        }),
        "priority" => changed(texts.get(TextKey::LabelPriority), &|word| {
            Priority::from_word(word).map(|priority| texts.get(priority_text(priority)).to_owned())
        }),
        "assigned" => changed(texts.get(TextKey::LabelAssignee), &|id| {
            let nobody = (id == "nobody").then(|| texts.get(TextKey::Nobody).to_owned());
            nobody.or_else(|| desk.policy.agent(&AgentId::new(id)).map(|agent| agent_name(&agent.id, desk)))
        }),
        "moved" => changed(texts.get(TextKey::LabelDepartment), &|id| {
            desk.policy.department(&DepartmentId::new(id)).map(Department::label)
        }),
        "tags" => format!("{}: {detail}", texts.get(StaffText::LabelTags)),
        "answered" => texts.get(RegroupText::HistoryAnswered).to_owned(),
        "note" => texts.get(RegroupText::BriefNote).to_owned(),
        "bounced" => texts.get(RegroupText::HistoryUndelivered).to_owned(),
        "merged" => with_number(texts.get(RegroupText::HistoryMerged)),
        "unmerged" => with_number(texts.get(RegroupText::HistoryUnmerged)),
        "split" => with_number(texts.get(RegroupText::HistorySplit)),
        kind => kind.to_owned(),
    }
}

/// What was and what is now: `new to open: the customer wrote`, `to nobody`, `waiting until …`.
fn change(detail: &str) -> (Option<&str>, &str) {
    let detail = detail.split(": ").next().unwrap_or_default();
    let detail = detail.split(", ").next().unwrap_or_default();
    match detail.split_once(" to ") {
        Some((before, after)) => (Some(before), after),
        None => (None, detail.strip_prefix("to ").unwrap_or(detail)),
    }
}

/// The ticket that is named first.
fn number(detail: &str) -> &str {
    let is_number = |word: &&str| {
        word.strip_prefix('#')
            .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    detail.split_whitespace().find(is_number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::model::Language;

    fn check(language: Language, (actor, kind, detail): (&str, &str, &str), expected: &str) {
        let policy = samples::policy();
        let desk = Desk {
            policy: &policy,
            signer: &samples::signer(),
            keys: &samples::keys(),
            now: samples::now(),
            largest_mail: crate::compose::fit::USUAL_LIMIT,
        };
        let event =
            PastEvent { at: samples::now(), actor: actor.to_owned(), kind: kind.to_owned(), detail: detail.to_owned() };
        assert_eq!(line(&event, &Texts::new(&policy, language), &desk), expected);
    }

    #[test]
    fn history_is_told_in_the_readers_language() {
        check(
            Language::En,
            ("agent anna", "status", "new to waiting: answered"),
            "Anna Nowak: Status: new → waiting for the customer",
        );
        check(
            Language::Pl,
            ("agent anna", "status", "waiting until 2026-11-25 10:20 CET"),
            "Anna Nowak: Status: czeka na klienta",
        );
        check(
            Language::Pl,
            ("agent anna", "assigned", "nobody to anna: the first to answer"),
            "Anna Nowak: Prowadzi: jeszcze nikt → Anna Nowak",
        );
        check(
            Language::Ru,
            ("postroom", "assigned", "to nobody: the assignee does not work in the new department"),
            "postroom: Ответственный: пока никто",
        );
        check(Language::Fil, ("agent gone", "priority", "normal to urgent"), "gone: Priyoridad: karaniwan → apurahan");
        check(
            Language::En,
            ("agent anna", "moved", "returns to nowhere, hand-over 2"),
            "Anna Nowak: Department: Returns",
        );
        check(
            Language::Pl,
            ("customer", "opened", "by ewa@client.example: nothing in it points to a ticket"),
            "klient: założenie zgłoszenia",
        );
        check(
            Language::En,
            ("agent anna", "unmerged", "#1002 \"Lamp #4\" stands alone again"),
            "Anna Nowak: taken apart #1002",
        );
        check(Language::En, ("agent anna", "answered", "to ewa@client.example"), "Anna Nowak: answer to the customer");
    }
}
