//! Progress on a terminal while a backlog is imported: one line, rewritten every second, gone when there is nothing to tell.

use std::io::Write as _;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::store::Store;

const EVERY: Duration = Duration::from_secs(1);
/// Fewer mails than this a second are no backlog.
const WORTH_SHOWING: i64 = 20;

/// Shows how many mails were decided, while many are.
pub(super) async fn show(store: Store, stop: CancellationToken) {
    let mut turn = interval(EVERY);
    turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last: Option<i64> = None;
    let mut shown = false;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = turn.tick() => {}
        }
        let Ok((decided, waiting)) = store.read(|view| view.progress()).await else { continue };
        let rate = last.map_or(0, |last| decided - last);
        last = Some(decided);
        let mut terminal = std::io::stderr().lock();
        // A terminal that went away is no reason to stop.
        if rate >= WORTH_SHOWING {
            drop(write!(terminal, "\r{decided} mails taken, {rate} a second, {waiting} being decided\u{1b}[K"));
            shown = true;
        } else if shown {
            drop(writeln!(terminal, "\r{decided} mails taken\u{1b}[K"));
            shown = false;
        }
        drop(terminal.flush());
    }
}
