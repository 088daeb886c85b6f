//! Says which mailbox of the config is which of those that the database knows, before any of them is watched.

use jiff::Timestamp;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::model::policy::{Import, Policy};
use crate::store::accounts::{Account, Recognised};
use crate::store::{Store, StoreError};

/// Lets the ledger of each mailbox go with its account, whatever its id is now, and notes since when it is watched.
///
/// Servers date mails to the second. Where that date is to tell what was there before, watching begins with a second.
pub(super) async fn recognise(policy: &Policy, store: &Store) -> Result<(), StoreError> {
    let accounts = policy.mailboxes.iter().map(|mailbox| Account {
        mailbox: mailbox.id.clone(),
        address: mailbox.address.key(),
        account: mailbox.source.account(),
        folders: mailbox.watched().cloned().collect(),
    });
    let now = Clock::System.now();
    let next_second = Timestamp::from_second(now.as_second() + 1).unwrap_or(now);
    let mut waits = false;
    for change in store.recognise_mailboxes(accounts.collect(), next_second).await? {
        match change {
            Recognised::Renamed { from, to } => {
                info!(mailbox = %to, "mailbox `{from}` is called `{to}` now: what is known of its mails goes with it");
            }
            Recognised::Moved(mailbox) => {
                info!(%mailbox, "`{mailbox}` is on another server or account now: its mails are compared with what is known");
            }
            Recognised::Replaced(mailbox) => {
                warn!(%mailbox, "`{mailbox}` is another mailbox than before: what was known of the other is kept apart");
            }
            Recognised::Begun(mailbox) => {
                waits |= policy.mailbox(&mailbox).is_some_and(|mailbox| mailbox.import == Import::New);
            }
        }
    }
    if waits {
        let rest = next_second.duration_since(Clock::System.now());
        tokio::time::sleep(rest.try_into().unwrap_or_default()).await;
    }
    Ok(())
}
