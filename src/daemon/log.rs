//! The log: standard error, for people, for journald (with priorities), as JSON on request.
//!
//! The libraries that see passwords and mails on the wire are capped at INFO whatever the filter says.

use std::fmt;
use std::fs::File;
use std::io::IsTerminal as _;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;

use tracing::{Event, Level, Subscriber, warn};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, filter};

/// Filter for the log, in the syntax of `tracing_subscriber::EnvFilter`; `info` when unset.
pub const FILTER_VARIABLE: &str = "POSTROOM_LOG";
/// Where systemd says which device and inode the journal reads.
const JOURNAL_VARIABLE: &str = "JOURNAL_STREAM";
/// Libraries that log what they send and receive.
const TALKATIVE: &[&str] = &["imap_proto", "lettre", "rustls", "tokio_rustls", "hyper", "h2"];

/// Logs as an error of its own, and without saying which server, what we report with the mailbox.
const REPEATS_US: &str = "rustls_platform_verifier";

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people; without times when the journal adds them.
    Text,
    /// One JSON object a line.
    Json,
}

/// Sends the log to standard error. Later calls change nothing.
pub fn start(format: LogFormat) {
    let asked = std::env::var(FILTER_VARIABLE).ok().filter(|text| !text.is_empty());
    let parsed = asked.as_ref().map(EnvFilter::try_new);
    let (wanted, fault) = match parsed {
        None => (EnvFilter::new("info"), None),
        Some(Ok(wanted)) => (wanted, None),
        Some(Err(fault)) => (EnvFilter::new("info"), Some(fault)),
    };
    let capped = filter::filter_fn(|metadata| {
        let quiet = *metadata.level() <= Level::INFO;
        (quiet || !TALKATIVE.iter().any(|library| metadata.target().starts_with(library)))
            && !metadata.target().starts_with(REPEATS_US)
    });
    let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colour);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text if is_journal() => lines.event_format(ForJournal::new()).boxed(),
        LogFormat::Text => lines.with_target(false).boxed(),
    };
    // A second start (in tests) keeps the first.
    drop(tracing_subscriber::registry().with(lines.with_filter(capped).with_filter(wanted)).try_init());
    if let Some(fault) = fault {
        warn!("`{FILTER_VARIABLE}` is no filter, `info` is used: {fault}");
    }
}

/// Whether standard error is the journal: shells hand the variable on to programs whose output goes elsewhere.
fn is_journal() -> bool {
    let stderr = std::io::stderr().as_fd().try_clone_to_owned().map(File::from);
    let Ok(metadata) = stderr.and_then(|file| file.metadata()) else { return false };
    let ours = format!("{}:{}", metadata.dev(), metadata.ino());
    std::env::var(JOURNAL_VARIABLE).is_ok_and(|journal| journal == ours)
}

/// Lines without a time, which the journal adds, and with the level as the journal reads it (sd-daemon(3)).
struct ForJournal(Format<Full, ()>);

impl ForJournal {
    fn new() -> Self {
        Self(Format::default().without_time().with_target(false).with_level(false))
    }
}

impl<S, N> FormatEvent<S, N> for ForJournal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(context, writer, event)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_journal_gets_priorities_and_no_times() {
        let kept = Kept::default();
        let lines = tracing_subscriber::fmt::layer().with_ansi(false).event_format(ForJournal::new());
        let writer = kept.clone();
        let subscriber = tracing_subscriber::registry().with(lines.with_writer(move || writer.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!("the database cannot be written");
            tracing::info!(mailbox = "info", "connected");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text, "<3>the database cannot be written\n<6>connected mailbox=\"info\"\n");
    }
}
