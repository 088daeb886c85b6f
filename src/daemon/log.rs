//! The log: standard error, readable by journald, JSON on request.
//!
//! The libraries that see passwords and mails on the wire are capped at INFO whatever the filter says.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, filter};

/// Filter for the log, in the syntax of `tracing_subscriber::EnvFilter`; `info` when unset.
pub const FILTER_VARIABLE: &str = "POSTROOM_LOG";
/// Where systemd says that standard error goes to the journal.
const JOURNAL_VARIABLE: &str = "JOURNAL_STREAM";
/// Libraries that log what they send and receive.
const TALKATIVE: &[&str] = &["async_imap", "imap_proto", "lettre", "rustls", "tokio_rustls", "hyper", "h2"];

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
    let wanted = EnvFilter::try_from_env(FILTER_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info"));
    let capped = filter::filter_fn(|metadata| {
        *metadata.level() <= Level::INFO || !TALKATIVE.iter().any(|library| metadata.target().starts_with(library))
    });
    let journal = std::env::var_os(JOURNAL_VARIABLE).is_some();
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    let lines = match (format, journal) {
        (LogFormat::Json, _) => lines.json().flatten_event(true).boxed(),
        (LogFormat::Text, true) => lines.without_time().with_target(false).boxed(),
        (LogFormat::Text, false) => lines.with_target(false).boxed(),
    };
    // A second start (in tests) keeps the first.
    let _ = tracing_subscriber::registry().with(lines.with_filter(capped).with_filter(wanted)).try_init();
}
