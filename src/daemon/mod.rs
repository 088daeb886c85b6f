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
use std::path::Path;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use self::loops::Loops;
use self::secret::{Origin, SecretError};
use self::watchdog::ServiceManager;
use crate::clock::Clock;
use crate::config::{self, Finding, Loaded, Severity};
use crate::model::policy::Policy;
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
    Secret(#[from] SecretError),
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
    let result = match start(loaded.policy, &store).await {
        Ok(pipeline) => serve(path, pipeline, &store, &mut signals).await,
        Err(error) => Err(error),
    };
    store.close().await;
    info!("stopped");
    result
}

/// What there is to do before the loops start.
async fn start(policy: Policy, store: &Store) -> Result<Pipeline, DaemonError> {
    let (signer, origin) = secret::load_or_create(&policy.desk)?;
    if origin == Origin::MadeNow && store.read(|view| view.last_event()).await? > 0 {
        warn!("there are tickets already, but the secret is new: addresses in mails sent so far are no longer known");
    }
    store.forget_connections(Clock::System.now()).await?;
    Ok(Pipeline::new(policy, signer, store.clone(), Clock::System))
}

async fn serve(path: &Path, pipeline: Pipeline, store: &Store, signals: &mut Signals) -> Result<(), DaemonError> {
    let mut manager = ServiceManager::new();
    let mut loops = Loops::start(pipeline, store);
    let progress = std::io::stderr().is_terminal();
    if progress {
        loops.show_progress(store);
    }
    info!("watching {} mailboxes", loops.mailbox_count());
    manager.ready(&format!("watching {} mailboxes", loops.mailbox_count()));
    let result = loop {
        tokio::select! {
            order = signals.next() => match order {
                Order::Stop => break Ok(()),
                Order::Reload => {
                    manager.reloading();
                    match reload(path, store, &mut loops, signals).await {
                        Reloaded::Done(status) => manager.ready(&status),
                        Reloaded::Stop => break Ok(()),
                    }
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

/// How a reload ended.
enum Reloaded {
    /// The new config is in force, or the old one stays; in words.
    Done(String),
    /// The order to stop came first.
    Stop,
}

/// A good config replaces the old one as a whole; a faulty one is reported and the old one stays.
async fn reload(path: &Path, store: &Store, loops: &mut Loops, signals: &mut Signals) -> Reloaded {
    let pipeline = match successor(path, store, loops) {
        Ok(pipeline) => pipeline,
        Err(fault) => {
            if let DaemonError::Config(findings) = &fault {
                for finding in findings {
                    let Finding { file, line, column, message, .. } = finding;
                    error!("config: {}:{line}:{column}: {message}", file.display());
                }
            }
            error!("the config was not reloaded, the old one stays in force: {fault}");
            return Reloaded::Done(format!("the config was not reloaded, the old one stays in force: {fault}"));
        }
    };
    tokio::select! {
        () = loops.stop_mailboxes() => {}
        () = signals.stop() => return Reloaded::Stop,
    }
    loops.put_in_force(pipeline, store);
    info!("config reloaded");
    Reloaded::Done(format!("watching {} mailboxes", loops.mailbox_count()))
}

/// The pipeline of the config as it is now. What cannot change while we run is told.
fn successor(path: &Path, store: &Store, loops: &Loops) -> Result<Pipeline, DaemonError> {
    let Loaded { policy, .. } = load(path)?;
    let (new, old) = (&policy.desk, loops.desk());
    if new.database != loops.database() {
        warn!("`desk.database` changed: that needs a restart, the old database stays in use");
    }
    if new.domain != old.domain {
        warn!("`desk.domain` changed: Message-IDs of mails sent so far no longer prove who answers");
    }
    let signer = if new.secret_file == old.secret_file {
        secret::load(new)?.ok_or_else(|| SecretError::Gone(new.secret_file.clone()))?
    } else {
        warn!("`desk.secret_file` changed: addresses in mails sent so far are known only if it holds the same secret");
        secret::load_or_create(new)?.0
    };
    Ok(Pipeline::new(policy, signer, store.clone(), Clock::System))
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

    /// The next order; to stop goes first when both wait.
    async fn next(&mut self) -> Order {
        tokio::select! {
            biased;
            _ = self.terminate.recv() => Order::Stop,
            _ = self.interrupt.recv() => Order::Stop,
            _ = self.hang_up.recv() => Order::Reload,
        }
    }

    /// Returns when the order to stop comes. An order to reload stays for [`Signals::next`].
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
