//! Says which mailbox of the config is which of those that the database knows, before any of them is watched.

use tracing::{info, warn};

use crate::clock::Clock;
use crate::model::policy::{Policy, Source};
use crate::store::accounts::{Account, Recognised};
use crate::store::{Store, StoreError};

/// Lets the ledger of each mailbox go with its account, whatever its id is now, and notes since when it is to be watched.
pub(super) async fn recognise(policy: &Policy, store: &Store) -> Result<(), StoreError> {
    let accounts = policy.mailboxes.iter().map(|mailbox| Account {
        mailbox: mailbox.id.clone(),
        address: mailbox.address.key(),
        account: mailbox.source.account(),
        lasting_names: matches!(mailbox.source, Source::Maildir(_)),
        folders: mailbox.watched().cloned().collect(),
    });
    for change in store.recognise_mailboxes(accounts.collect(), Clock::System.now()).await? {
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
        }
    }
    Ok(())
}
