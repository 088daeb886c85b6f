//! `outbox list`, `outbox retry ID` or `--all`, `outbox drop ID`. The daemon sees a change at its next look, within seconds.

use std::path::Path;

use super::Failure;
use super::arguments::OutboxCommand;
use super::desk::open;
use super::output::Output;
use crate::clock::Clock;
use crate::model::id::OutboxId;
use crate::model::text::counted;
use crate::report;

pub(super) async fn run(path: &Path, command: OutboxCommand, output: &Output) -> Result<(), Failure> {
    let (_, store) = open(path)?;
    let now = Clock::System.now();
    let text = match command {
        OutboxCommand::List { .. } => {
            let rows = store.read(|view| view.outbox()).await?;
            if output.json() {
                format!("{:#}\n", report::json::outbox(&rows))
            } else {
                report::tickets::outbox(&rows, output.paint())
            }
        }
        OutboxCommand::Retry { id: None, .. } => {
            let count = store.write(move |tx| tx.outbox_retry_all(now)).await?;
            format!("{} due now\n", counted(count, "mail"))
        }
        OutboxCommand::Retry { id: Some(id), .. } => {
            store.write(move |tx| tx.outbox_retry(OutboxId(id), now)).await?;
            format!("mail {id} is due now\n")
        }
        OutboxCommand::Drop { id } => {
            store.write(move |tx| tx.outbox_drop(OutboxId(id), now)).await?;
            format!("mail {id} will not be sent\n")
        }
    };
    store.close().await;
    Ok(output.text(&text)?)
}
