//! Tickets, outbox and quarantine for people.

use std::fmt::Write as _;

use super::json::time;
use crate::model::event::PastEvent;
use crate::model::hidden::without_keys;
use crate::model::text::clean_text;
use crate::model::ticket::{Role, Ticket, Visibility};
use crate::store::outbox::OutboxRow;
use crate::store::quarantine::Quarantined;
use crate::store::reports::MessageRow;
use crate::terminal::{Paint, Table, one_line, wrapped};

/// A terminal narrower than this is shown days without the time.
const ROOM_FOR_TIMES: usize = 110;
/// Where the values of `ticket show` begin, and the words of its history.
const VALUES: usize = 13;
const WORDS: usize = 18;

/// `ticket list`, to be filled row by row, in lines of at most `width` characters.
pub fn list(width: usize) -> Table {
    let head = ["TICKET", "STATUS", "DEPARTMENT", "ASSIGNEE", "REQUESTER", "SUBJECT", "CHANGED"];
    Table::new(&head).within(width, &["DEPARTMENT", "ASSIGNEE", "REQUESTER", "SUBJECT"])
}

/// A row of `ticket list`.
pub fn row(ticket: &Ticket, width: usize) -> Vec<String> {
    let changed = time(ticket.updated_at);
    let day = changed.split('T').next().unwrap_or_default().to_owned();
    vec![
        format!("#{}", ticket.number),
        match ticket.merged_into {
            Some(lead) => format!("in #{lead}"),
            None => ticket.status.to_string(),
        },
        ticket.department.to_string(),
        ticket.assignee.as_ref().map_or("-".to_owned(), ToString::to_string),
        ticket.requester.address.to_string(),
        ticket.subject.clone(),
        if width < ROOM_FOR_TIMES { day } else { changed },
    ]
}

/// What a list leaves out; `None` when it is nothing.
pub fn left_out(more: u64, closed: u64) -> Option<String> {
    let closed_ones = match closed {
        0 => String::new(),
        count => format!("{count} closed"),
    };
    match (more, closed) {
        (0, 0) => None,
        (0, _) => Some(format!("left out: {closed_ones} (`--all` lists them too)\n")),
        (_, 0) => Some(format!("left out: {more} more (`--limit N` lists more of them, `--all` all)\n")),
        _ => Some(format!("left out: {more} more and {closed_ones} (`--limit N` lists more of them, `--all` all)\n")),
    }
}

/// `ticket show`, in lines of at most `width` characters; only words are never broken.
pub fn show(
    ticket: &Ticket,
    route: &(String, String),
    messages: &[MessageRow],
    events: &[PastEvent],
    width: usize,
    paint: Paint,
) -> String {
    let mut text = String::new();
    let heading = paint.bold(&wrapped(&one_line(&format!("#{} {}", ticket.number, ticket.subject)), width, 0));
    writeln!(text, "{heading}\n").ok();
    let mut line = |name: &str, value: &str| {
        let value = wrapped(&format!("{name:<12} {}", one_line(value)), width, VALUES);
        let (name, value) = value.split_at(value.floor_char_boundary(VALUES.min(value.len())));
        writeln!(text, "{}{value}", paint.dim(name)).ok();
    };
    line("department", &format!("{} (by {}: {})", ticket.department, route.0, route.1));
    line("status", &format!("{}, priority {}", ticket.status, ticket.priority));
    if let Some(lead) = ticket.merged_into {
        line("merged", &format!("into #{lead}: its mails stand there, and what comes for it goes there"));
    }
    line("assignee", ticket.assignee.as_ref().map_or("nobody", |agent| agent.as_str()));
    line("requester", &label(&ticket.requester));
    for someone in ticket.participants.iter().filter(|someone| someone.role != Role::Requester) {
        line(someone.role.as_str(), &label(&someone.person));
    }
    if !ticket.tags.is_empty() {
        line("tags", &ticket.tags.join(", "));
    }
    if let Some(related) = ticket.possibly_related {
        let how = if ticket.follows == Some(related) { "follows" } else { "possibly to" };
        line("related", &format!("{how} #{related}"));
    }
    for sibling in &ticket.siblings {
        line("sibling", &format!("#{} in {}", sibling.number, sibling.department));
    }
    line("opened", &time(ticket.created_at));
    line("changed", &time(ticket.updated_at));
    for message in messages {
        let internal = if message.visibility == Visibility::Internal { ", internal" } else { "" };
        let head = format!("── {} · {}{internal} · {}", label(&message.from), message.kind, time(message.date));
        let (head, words) = (wrapped(&one_line(&head), width, 3), clean_text(message.text.trim_end()));
        writeln!(text, "\n{}\n{}", paint.bold(&head), wrapped(&words, width, 0)).ok();
        for attachment in &message.attachments {
            let about = format!("[{}, {}, {} bytes]", attachment.name, attachment.media_type, attachment.size);
            writeln!(text, "{}", paint.dim(&wrapped(&one_line(&about), width, 1))).ok();
        }
    }
    writeln!(text, "\n{}", paint.bold("history")).ok();
    for event in events {
        let at = time(event.at);
        let at: String = at.chars().take(WORDS - 2).map(|c| if c == 'T' { ' ' } else { c }).collect();
        let what = format!("{at}  {:<10} {:<12} {}", event.actor, event.kind.word(), event.kind);
        let line = wrapped(&one_line(&what), width, WORDS);
        let (at, what) = line.split_at(line.floor_char_boundary(WORDS.min(line.len())));
        writeln!(text, "{}{what}", paint.dim(at)).ok();
    }
    without_keys(&text).into_owned()
}

fn label(person: &crate::model::Person) -> String {
    if person.name.is_empty() { person.address.to_string() } else { format!("{} <{}>", person.name, person.address) }
}

/// `outbox list`.
pub fn outbox(rows: &[OutboxRow], paint: Paint) -> String {
    if rows.is_empty() {
        return "everything has left\n".to_owned();
    }
    let mut table = Table::new(&["ID", "KIND", "STATE", "TO", "TICKET", "TRIES", "NEXT", "WHY"]);
    for row in rows {
        let waits = matches!(row.state.as_str(), "queued" | "deferred");
        table.row(vec![
            row.id.to_string(),
            row.kind.clone(),
            row.state.clone(),
            row.recipient.clone(),
            row.ticket.map_or("-".to_owned(), |number| format!("#{number}")),
            row.attempts.to_string(),
            if waits { time(row.next_at) } else { "-".to_owned() },
            row.reason.clone(),
        ]);
    }
    table.render(paint)
}

/// `quarantine list`.
pub fn quarantine(rows: &[Quarantined], paint: Paint) -> String {
    if rows.is_empty() {
        return "nothing is held in quarantine\n".to_owned();
    }
    let mut table = Table::new(&["ID", "MAILBOX", "FOLDER", "UID", "SIZE", "TICKET", "SINCE", "WHY"]);
    for row in rows {
        table.row(vec![
            row.id.to_string(),
            row.mailbox.to_string(),
            row.folder.clone(),
            row.uid.to_string(),
            row.size.map_or("not fetched".to_owned(), |size| size.to_string()),
            row.ticket.map_or("-".to_owned(), |number| format!("#{number}")),
            time(row.at),
            row.reason.clone(),
        ]);
    }
    table.render(paint)
}
