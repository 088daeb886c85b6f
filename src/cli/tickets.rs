//! `ticket list`, `ticket show N`, and what changes a ticket: `ticket assign|move|close|open|tag|note N`.
//!
//! Never holds all tickets at once: what is long is printed page by page.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail, ensure};

use super::Failure;
use super::agent::{known as known_agent, known_department, pipeline};
use super::arguments::{ListArguments, TicketCommand};
use super::desk::open;
use super::output::Output;
use crate::decide::{self, HandChange};
use crate::model::id::{DepartmentId, TicketNumber};
use crate::model::policy::Policy;
use crate::model::text::clean_text;
use crate::model::ticket::{Status, Ticket};
use crate::pipeline::ChangedByHand;
use crate::report;
use crate::store::reports::TicketFilter;
use crate::store::{Store, StoreError};

/// Tickets that people see unless they ask for more.
const SHOWN: usize = 50;

/// Bytes of a note.
const MAX_NOTE: u64 = 100_000;

pub(super) async fn run(path: &Path, command: TicketCommand, output: &Output) -> Result<(), Failure> {
    let (policy, store) = open(path)?;
    let (number, change) = match command {
        TicketCommand::List(arguments) => {
            list(&policy, &store, arguments, output).await?;
            store.close().await;
            return Ok(());
        }
        TicketCommand::Show { number, .. } => {
            show(&store, TicketNumber(number), output).await?;
            store.close().await;
            return Ok(());
        }
        TicketCommand::Assign { number, agent } => {
            let agent = if agent == "nobody" { None } else { Some(known_agent(&policy, &agent)?) };
            (number, HandChange::Assign(agent))
        }
        TicketCommand::Move { number, department, reason } => {
            let (department, reason) = (known_department(&policy, &department)?, clean_text(&reason.join(" ")));
            (number, HandChange::Move(department, Some(reason).filter(|reason| !reason.trim().is_empty())))
        }
        TicketCommand::Close { number } => (number, HandChange::Status(Status::Closed)),
        TicketCommand::Open { number } => (number, HandChange::Status(Status::Open)),
        TicketCommand::Tag { number, tags } => {
            let (add, remove) = decide::read_tags(&tags.join(" ")).map_err(|why| anyhow::anyhow!("{why}"))?;
            (number, HandChange::Tag { add, remove })
        }
        TicketCommand::Note { number, text } => (number, HandChange::Note(words(text)?)),
    };
    change_one(policy, &store, TicketNumber(number), change, output).await?;
    store.close().await;
    Ok(())
}

async fn change_one(
    policy: Policy,
    store: &Store,
    number: TicketNumber,
    change: HandChange,
    output: &Output,
) -> anyhow::Result<()> {
    match pipeline(policy, store)?.change_by_admin(number, change).await? {
        ChangedByHand::NoTicket => bail!("no ticket #{number}"),
        ChangedByHand::PartOf(lead) => bail!("#{number} is part of #{lead}\nhint: change #{lead}"),
        ChangedByHand::Done(events) if events.is_empty() => output.text(&format!("#{number}: nothing to change\n")),
        ChangedByHand::Done(events) => {
            let lines = events.iter().map(|event| format!("#{number}: {}: {event}\n", event.word()));
            output.text(&lines.collect::<String>())
        }
    }
}

/// The words of a note; of standard input for `-`.
fn words(text: String) -> anyhow::Result<String> {
    let mut words = text;
    if words == "-" {
        words.clear();
        std::io::stdin().lock().take(MAX_NOTE + 1).read_to_string(&mut words).context("standard input")?;
    }
    let words = words.trim();
    ensure!(!words.is_empty(), "the note has no words");
    ensure!(words.len() as u64 <= MAX_NOTE, "the note is longer than {MAX_NOTE} bytes");
    Ok(clean_text(words))
}

async fn show(store: &Store, number: TicketNumber, output: &Output) -> anyhow::Result<()> {
    let found = store.read(move |view| {
        let Some(ticket) = view.ticket(number)? else { return Ok(None) };
        Ok(Some((ticket, view.route_of(number)?, view.messages(number)?, view.events(number)?)))
    });
    let (ticket, route, messages, events) = found.await?.with_context(|| format!("no ticket #{number}"))?;
    if output.json() {
        return output.value(&report::json::whole_ticket(&ticket, &messages, &events));
    }
    output.text(&report::tickets::show(&ticket, &route, &messages, &events, output.width(), output.paint()))
}

async fn list(policy: &Policy, store: &Store, arguments: ListArguments, output: &Output) -> anyhow::Result<()> {
    let ListArguments { department, status, assignee, requester, tag, limit, all, json: _ } = arguments;
    let filter = TicketFilter { department, statuses: status.into_iter().collect(), assignee, requester, tag };
    refuse_unknown_department(policy, store, &filter).await?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    if output.json() {
        return print_json(store, filter, limit, output).await;
    }
    // Closed tickets are most of what there is.
    let closed_too = all || !filter.statuses.is_empty();
    let mut listed = filter.clone();
    if !closed_too {
        listed.statuses = Status::ALL.iter().copied().filter(|status| *status != Status::Closed).collect();
    }
    let shown = match limit.or((!all).then_some(SHOWN)) {
        Some(limit) => print_newest(store, listed.clone(), limit, output).await?,
        None => print_all(store, &listed, output).await?,
    };
    let mut closed = filter;
    closed.statuses = vec![Status::Closed];
    let (there, closed) =
        store.read(move |view| Ok((view.count_tickets(&listed)?, view.count_tickets(&closed)?))).await?;
    if shown == 0 {
        output.text("no tickets\n")?;
    }
    let closed = if closed_too { 0 } else { closed };
    match report::tickets::left_out(there.saturating_sub(shown), closed) {
        Some(text) => output.text(&text),
        None => Ok(()),
    }
}

/// A department that was in the config once may still have tickets.
async fn refuse_unknown_department(policy: &Policy, store: &Store, filter: &TicketFilter) -> anyhow::Result<()> {
    let Some(id) = filter.department.clone().filter(|id| policy.department(&DepartmentId::new(id)).is_none()) else {
        return Ok(());
    };
    let of_that_name = TicketFilter { department: Some(id.clone()), ..TicketFilter::default() };
    match store.read(move |view| view.count_tickets(&of_that_name)).await? {
        0 => Err(anyhow::anyhow!("no department `{id}` in the config, and no ticket in one of that name")),
        _ => Ok(()),
    }
}

async fn newest(store: &Store, filter: TicketFilter, limit: usize) -> Result<Vec<Ticket>, StoreError> {
    store.read(move |view| view.newest_tickets(&filter, limit)).await
}

async fn after(store: &Store, filter: &TicketFilter, number: TicketNumber) -> Result<Vec<Ticket>, StoreError> {
    let filter = filter.clone();
    store.read(move |view| view.tickets_after(&filter, number)).await
}

/// Prints the newest as a table; how many those are.
async fn print_newest(store: &Store, filter: TicketFilter, limit: usize, output: &Output) -> anyhow::Result<u64> {
    let tickets = newest(store, filter, limit).await?;
    let mut table = report::tickets::list(output.width());
    for ticket in &tickets {
        table.row(report::tickets::row(ticket, output.width()));
    }
    if !table.is_empty() {
        output.text(&table.render(output.paint()))?;
    }
    Ok(tickets.len() as u64)
}

/// Prints all as a table, page by page, the newest first; how many those are.
async fn print_all(store: &Store, filter: &TicketFilter, output: &Output) -> anyhow::Result<u64> {
    let mut table = report::tickets::list(output.width());
    let (mut shown, mut below) = (0, None);
    loop {
        let page = filter.clone();
        let tickets = store.read(move |view| view.tickets_before(&page, below)).await?;
        let Some(last) = tickets.last() else { return Ok(shown) };
        below = Some(last.number);
        shown += tickets.len() as u64;
        for ticket in &tickets {
            table.row(report::tickets::row(ticket, output.width()));
        }
        output.text(&table.take(output.paint()))?;
    }
}

/// Prints an array: all by number, or the newest.
async fn print_json(store: &Store, filter: TicketFilter, limit: Option<usize>, output: &Output) -> anyhow::Result<()> {
    let mut array = output.array();
    if let Some(limit) = limit {
        let tickets = newest(store, filter, limit).await?;
        array.items(tickets.iter().map(report::json::ticket))?;
        return array.end();
    }
    let mut last = TicketNumber(0);
    loop {
        let tickets = after(store, &filter, last).await?;
        let Some(ticket) = tickets.last() else { return array.end() };
        last = ticket.number;
        array.items(tickets.iter().map(report::json::ticket))?;
    }
}
