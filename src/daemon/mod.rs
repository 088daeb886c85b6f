//! The daemon: builds the parts, supervises the loops, reloads, stops in order.
//!
//! A loop that ends by itself is a fault: everything is stopped in order and the service manager starts anew. Network
//! faults never come this far. Stopping: intake first, then the timers, then the mail being sent, the database last.

pub mod log;
mod loops;
mod progress;
pub mod secret;
mod timers;
mod watchdog;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use self::loops::Loops;
use self::watchdog::ServiceManager;
use crate::clock::Clock;
use crate::config::{self, Finding, Loaded, Severity};
use crate::pipeline::Pipeline;
use crate::store::{Store, StoreError};

/// Why the daemon did not start or did not go on.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// The config has faults.
    #[error("the config has faults")]
    Config(Vec<Finding>),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The secret cannot be read or made.
    #[error(transparent)]
    Secret(#[from] secret::SecretError),
    /// The system refused something.
    #[error("{what}: {source}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it said.
        source: std::io::Error,
    },
    /// A loop ended by itself.
    #[error("loop `{0}` ended, which is a fault of postroom: please report it")]
    LoopEnded(String),
}

/// Runs the daemon with the config at `path` until SIGTERM or SIGINT.
pub async fn run(path: &Path) -> Result<(), DaemonError> {
    let mut signals = Signals::new()?;
    let loaded = load(path)?;
    let store = Store::open(&loaded.policy.desk.database)?;
    let result = match pipeline(&loaded, &store) {
        Ok(pipeline) => serve(path.to_owned(), pipeline, &store, &mut signals).await,
        Err(error) => Err(error),
    };
    store.close().await;
    info!("stopped");
    result
}

async fn serve(path: PathBuf, pipeline: Pipeline, store: &Store, signals: &mut Signals) -> Result<(), DaemonError> {
    let mut manager = ServiceManager::new();
    let mut loops = Loops::start(pipeline, store);
    let progress = std::io::stderr().is_terminal();
    if progress {
        loops.show_progress(store);
    }
    info!("watching {} mailboxes", loops.mailbox_count());
    manager.ready();
    let result = loop {
        tokio::select! {
            order = signals.next() => match order {
                Order::Stop => break Ok(()),
                Order::Reload => {
                    manager.reloading();
                    reload(&path, store, &mut loops).await;
                    manager.ready();
                }
            },
            name = loops.ended() => {
                error!(name, "a loop ended by itself");
                break Err(DaemonError::LoopEnded(name));
            }
            () = manager.turn() => manager.feed(loops.heartbeats()),
        }
    };
    manager.stopping();
    info!("stopping");
    loops.stop().await;
    result
}

/// A good config replaces the old one as a whole; a faulty one is reported and the old one stays.
async fn reload(path: &Path, store: &Store, loops: &mut Loops) {
    let loaded = match load(path) {
        Ok(loaded) => loaded,
        Err(DaemonError::Config(findings)) => {
            for finding in findings {
                error!("config: {}:{}:{}: {}", finding.file.display(), finding.line, finding.column, finding.message);
            }
            error!("the config was not reloaded, the old one stays in force");
            return;
        }
        Err(other) => {
            error!("the config was not reloaded, the old one stays in force: {other}");
            return;
        }
    };
    if loaded.policy.desk.database != loops.database() {
        warn!("`desk.database` changed: that needs a restart, the old database stays in use");
    }
    match pipeline(&loaded, store) {
        Ok(pipeline) => {
            loops.replace(pipeline, store).await;
            info!("config reloaded");
        }
        Err(fault) => error!("the config was not reloaded, the old one stays in force: {fault}"),
    }
}

/// Reads and checks the config, texts included; logs its warnings.
pub fn load(path: &Path) -> Result<Loaded, DaemonError> {
    let loaded = config::load(path).map_err(DaemonError::Config)?;
    let faults = crate::compose::check_texts(&loaded.policy.texts);
    if !faults.is_empty() {
        let finding = |fault: String| Finding {
            severity: Severity::Error,
            file: path.to_owned(),
            line: 0,
            column: 0,
            source_line: String::new(),
            underline: (0, 0),
            message: fault,
            hint: "see `[texts.LANGUAGE]` in `config.example.toml`".to_owned(),
        };
        return Err(DaemonError::Config(faults.into_iter().map(finding).collect()));
    }
    for warning in &loaded.warnings {
        warn!("config: {}:{}:{}: {}", warning.file.display(), warning.line, warning.column, warning.message);
    }
    Ok(loaded)
}

fn pipeline(loaded: &Loaded, store: &Store) -> Result<Pipeline, DaemonError> {
    let signer = secret::load_or_create(&loaded.policy.desk)?;
    Ok(Pipeline::new(loaded.policy.clone(), signer, store.clone(), Clock::System))
}

/// What a signal asks for.
enum Order {
    Stop,
    Reload,
}

/// The signals that the daemon listens to.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> Result<Self, DaemonError> {
        let listen = |kind| signal(kind).map_err(|source| DaemonError::System { what: "listening to signals", source });
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Order {
        tokio::select! {
            _ = self.terminate.recv() => Order::Stop,
            _ = self.interrupt.recv() => Order::Stop,
            _ = self.hang_up.recv() => Order::Reload,
        }
    }
}
