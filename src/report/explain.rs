//! `explain` for people: which ticket, which department, and every reason on the way.

use std::fmt::Write as _;

use super::json::would_send;
use crate::model::hidden::without_keys;
use crate::model::link::{Link, Route, ThreadReason};
use crate::model::mail::ParsedMail;
use crate::model::outgoing::Draft;
use crate::model::plan::{Fate, Plan};
use crate::model::refusal::Refusal;
use crate::terminal::{Paint, Table, one_line};

/// Why the mail belongs to its ticket, or to none.
pub fn thread_reason(link: &Link) -> &'static str {
    match link {
        Link::Own => "it is our own mail come back",
        Link::Bounce { .. } => ThreadReason::Bounce.in_words(),
        Link::Unticketed { .. } => "it answers a mail of ours that stands on no ticket",
        Link::Unproven { .. } => "it is in an agent's name, which nothing proves, and is no new matter",
        Link::Forward { .. } => "an agent forwards a customer's mail with `#fwd`",
        Link::Ticket { reason, .. } | Link::Direct { reason, .. } | Link::New { reason, .. } => reason.in_words(),
    }
}

/// The explanation as lines.
pub fn explanation(mail: &ParsedMail, link: &Link, route: &Route, plan: &Plan, paint: Paint) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        writeln!(text, "{} {}", paint.bold(&format!("{name:<11}")), one_line(value)).ok();
    };
    line("mail", &heading(mail));
    line("written by", mail.automated.map_or("a human, as far as can be told", |machine| machine.as_str()));
    if let Some(language) = &mail.language {
        line("language", language);
    }
    line("ticket", &ticket(link));
    if let Some(merged) = plan.came_for {
        line("merged", &format!("it was written to #{merged}, which is part of that ticket"));
    }
    match &plan.fate {
        Some(Fate::Duplicate(_)) => line("outcome", "nothing: this mail was taken before"),
        Some(Fate::Ignored(reason)) => line("outcome", &format!("nothing: {reason}")),
        Some(Fate::Ticket(_) | Fate::Quarantined(..)) | None => {
            line("department", &format!("{}, by {}: {}", route.department, route.kind.as_str(), route.detail));
        }
    }
    for because in &plan.because {
        line("because", because);
    }
    for draft in &plan.mails {
        line("would send", &format!("{} to {}", would_send(draft), recipient(draft)));
    }
    for withheld in &plan.withheld {
        line("would not", withheld);
    }
    for defect in &mail.defects {
        line("defect", defect);
    }
    if !route.scores.is_empty() {
        text.push('\n');
        text.push_str(&scores(route, paint));
    }
    without_keys(&text).into_owned()
}

fn heading(mail: &ParsedMail) -> String {
    let from = mail.from.as_ref().map_or("nobody".to_owned(), |from| match from.name.as_str() {
        "" => from.address.to_string(),
        name => format!("{name} <{}>", from.address),
    });
    format!("`{}` from {from}", mail.subject)
}

fn ticket(link: &Link) -> String {
    let reason = thread_reason(link);
    match link {
        Link::Own => reason.to_owned(),
        Link::Unticketed { agent } => format!("none, as agent {agent}: {reason}"),
        Link::Unproven { agent, why } => format!("none, {reason}: {} ({agent})", Refusal::Unproven(why.clone())),
        Link::Bounce { number, .. } | Link::Ticket { number, agent: None, .. } => format!("#{number}: {reason}"),
        Link::Ticket { number, agent: Some(agent), .. } => format!("#{number}, as agent {agent}: {reason}"),
        Link::Forward { agent, proof } => {
            format!("a new one for the customer: {reason}, as agent {agent}, {}", proof.in_words())
        }
        Link::Direct { number, proof, .. } => {
            let ticket = number.map_or("none".to_owned(), |number| format!("#{number}"));
            format!("{ticket}, written to the customer past the desk, {}: {reason}", proof.in_words())
        }
        Link::New { reason: ThreadReason::Closed, possibly_related: Some(number) } => {
            format!("a new one that follows #{number}: {}", ThreadReason::Closed.in_words())
        }
        Link::New { possibly_related: None, .. } => format!("a new one: {reason}"),
        Link::New { possibly_related: Some(number), .. } => {
            format!("a new one, possibly related to #{number}: {reason}")
        }
    }
}

fn recipient(draft: &Draft) -> String {
    match draft {
        Draft::Answer(answer) => {
            answer.to.iter().chain(&answer.cc).map(|person| person.address.to_string()).collect::<Vec<_>>().join(", ")
        }
        Draft::Acknowledgement(receipt) => format!("{}, in `{}`", receipt.to.address, receipt.language),
        Draft::Notification(news) => format!("agent {}", news.agent),
        Draft::Digest(digest) => format!("agent {}", digest.agent),
        Draft::Notice(notice) => format!("agent {}", notice.agent),
    }
}

fn scores(route: &Route, paint: Paint) -> String {
    let mut table = Table::new(&["DEPARTMENT", "SCORE", "KEYWORD", "FOUND IN", "AS", "COUNTS"]);
    for score in &route.scores {
        let mut first = true;
        for hit in &score.hits {
            let (department, total) = if first {
                (score.department.to_string(), score.score.to_string())
            } else {
                (String::new(), String::new())
            };
            let place = hit.place.as_str().to_owned();
            table.row(vec![department, total, hit.keyword.clone(), place, hit.text.clone(), hit.score.to_string()]);
            first = false;
        }
    }
    table.render(paint)
}
