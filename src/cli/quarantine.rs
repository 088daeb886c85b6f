//! `quarantine list`, `quarantine show ID`, `quarantine retry ID`.

use std::path::Path;

use anyhow::Context as _;

use super::Failure;
use super::arguments::QuarantineCommand;
use super::desk::open;
use super::output::Output;
use crate::clock::Clock;
use crate::daemon::secret;
use crate::model::id::QuarantineId;
use crate::model::plan::Fate;
use crate::pipeline::Pipeline;
use crate::report;

/// What the daemon does with a mail that was never fetched.
const TO_BE_FETCHED: &str = "is fetched again within a day, or at once when the daemon is told to reload (SIGHUP)";

pub(super) async fn run(path: &Path, command: QuarantineCommand, output: &Output) -> Result<(), Failure> {
    let (policy, store) = open(path)?;
    let bytes = match command {
        QuarantineCommand::List { .. } => {
            let rows = store.read(|view| view.quarantined()).await?;
            if output.json() {
                format!("{:#}\n", report::json::quarantine(&rows)).into_bytes()
            } else {
                report::tickets::quarantine(&rows, output.paint()).into_bytes()
            }
        }
        QuarantineCommand::Show { id } => {
            let bytes = store.read(move |view| view.quarantined_bytes(QuarantineId(id))).await?;
            bytes.with_context(|| format!("mail {id} was never fetched, there is nothing to show"))?
        }
        QuarantineCommand::Retry { id } => {
            let signer = secret::load(&policy.desk)?.context("there is no secret yet, start the daemon once")?;
            let pipeline = Pipeline::new(policy, signer, store.clone(), Clock::System);
            let fate = pipeline.retry_quarantined(QuarantineId(id)).await?;
            format!("mail {id}: {}\n", fate.as_ref().map_or(TO_BE_FETCHED.to_owned(), in_words)).into_bytes()
        }
    };
    store.close().await;
    Ok(output.foreign(&bytes)?)
}

fn in_words(fate: &Fate) -> String {
    match fate {
        Fate::Ticket(number) => format!("is now on ticket #{number}"),
        Fate::Duplicate(Some(number)) => format!("was taken before, it is on ticket #{number}"),
        Fate::Duplicate(None) => "was taken before, and ignored".to_owned(),
        Fate::Ignored(reason) => format!("needs nothing: {reason}"),
        Fate::Quarantined(number, reason) => format!("is held again, shown by ticket #{number}: {reason}"),
    }
}
