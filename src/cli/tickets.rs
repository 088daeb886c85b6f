//! `ticket list`, `ticket show N`.

use std::path::Path;

use anyhow::Context as _;

use super::Failure;
use super::arguments::TicketCommand;
use super::desk::open;
use super::output::Output;
use crate::model::id::{DepartmentId, TicketNumber};
use crate::report;
use crate::store::reports::TicketFilter;

pub(super) async fn run(path: &Path, command: TicketCommand, output: &Output) -> Result<(), Failure> {
    let (policy, store) = open(path)?;
    let text = match command {
        TicketCommand::List { department, status, assignee, requester, .. } => {
            let filter = TicketFilter { department, status, assignee, requester };
            let unknown = filter.department.clone().filter(|id| policy.department(&DepartmentId::new(id)).is_none());
            let tickets = store.read(move |view| view.tickets(&filter)).await?;
            if let Some(id) = unknown.filter(|_| tickets.is_empty()) {
                return Err(
                    anyhow::anyhow!("no department `{id}` in the config, and no ticket in one of that name").into()
                );
            }
            if output.json() {
                let tickets: serde_json::Value = tickets.iter().map(report::json::ticket).collect();
                format!("{tickets:#}\n")
            } else {
                report::tickets::list(&tickets, output.paint())
            }
        }
        TicketCommand::Show { number, .. } => {
            let number = TicketNumber(number);
            let found = store.read(move |view| {
                let Some(ticket) = view.ticket(number)? else { return Ok(None) };
                Ok(Some((ticket, view.route_of(number)?, view.messages(number)?, view.events(number)?)))
            });
            let (ticket, route, messages, events) = found.await?.with_context(|| format!("no ticket #{number}"))?;
            if output.json() {
                format!("{:#}\n", report::json::whole_ticket(&ticket, &messages, &events))
            } else {
                report::tickets::show(&ticket, &route, &messages, &events, output.paint())
            }
        }
    };
    store.close().await;
    Ok(output.text(&text)?)
}
