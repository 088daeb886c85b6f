//! The daemon: builds the parts, supervises the loops, reloads, stops in order.
//!
//! A loop that ends by itself is a fault: everything is stopped in order and the service manager starts anew. Network
//! faults never come this far. Stopping: intake first, then the timers, then the mail being sent, the database last.

pub mod log;
mod loops;
mod mailboxes;
mod progress;
pub mod secret;
mod timers;
mod watchdog;

use std::io::IsTerminal as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use self::loops::Loops;
use self::secret::{Origin, SecretError};
use self::watchdog::ServiceManager;
use crate::clock::Clock;
use crate::compose::TextFault;
use crate::config::{self, Finding, Loaded, Secrets};
use crate::model::digest::{Digest, sha256};
use crate::model::policy::Policy;
use crate::model::text::{folder_of, os_words};
use crate::pipeline::Pipeline;
use crate::report::trouble::another_secret;
use crate::store::running::Running;
use crate::store::{Restored, SECRET_IS_NEWER, SECRET_IS_OLDER, Settled, Store, StoreError};
use crate::users;

/// Wait before a database is opened again that cannot be opened for now.
const OPEN_PAUSE: Duration = Duration::from_secs(5);

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
    #[error("{what}: {}", os_words(source))]
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
    let config = digest(path);
    let loaded = load(path, Secrets::Read)?;
    let Some((store, is_used)) = open(&loaded.policy, &mut signals).await? else { return Ok(()) };
    store.daemon_starts(itself(config)).await?;
    if let Some(warning) = owned_by_root(&loaded.policy.desk.database) {
        warn!("{warning}");
    }
    let result = match start(loaded.policy, &store, is_used).await {
        Ok(pipeline) => serve(path, pipeline, &store, &mut signals).await,
        Err(error) => Err(error),
    };
    store.close().await;
    info!("stopped");
    result
}

/// The digest of the config file, by which `status` sees that it was changed since.
pub fn digest(path: &Path) -> Digest {
    sha256(&std::fs::read(path).unwrap_or_default())
}

/// What `status` shows of this daemon.
fn itself(config: Digest) -> Running {
    Running { pid: std::process::id(), since: Clock::System.now(), config, trouble: None }
}

/// Opens the database, and says whether anything happened on it yet. While its disk is full, ill or read-only, tries again
/// and says so once; `None` when told to stop.
async fn open(policy: &Policy, signals: &mut Signals) -> Result<Option<(Store, bool)>, DaemonError> {
    let mut manager = ServiceManager::new();
    let mut told = false;
    loop {
        let fault = match open_and_settle(policy).await {
            Ok(opened) => return Ok(Some(opened)),
            Err(fault) if fault.may_pass() => fault,
            Err(fault) => return Err(fault.into()),
        };
        if !told {
            error!("waiting for the database, no mailbox is watched: {fault}");
            manager.ready(&format!("waiting for the database: {fault}"));
            told = true;
        }
        // Each attempt has an end: that it came to one is the sign of life.
        manager.feed(std::iter::empty());
        tokio::select! {
            () = tokio::time::sleep(OPEN_PAUSE) => {}
            () = signals.stop() => return Ok(None),
        }
    }
}

/// Opens the database, writes and reads what is to be written and read before anything else.
async fn open_and_settle(policy: &Policy) -> Result<(Store, bool), StoreError> {
    let store = Store::open(&policy.desk.database)?;
    match settle(&store, policy).await {
        Ok(is_used) => Ok((store, is_used)),
        Err(fault) => {
            store.close().await;
            Err(fault)
        }
    }
}

async fn settle(store: &Store, policy: &Policy) -> Result<bool, StoreError> {
    let Settled { restored, secret_is_older } = store.settle(&policy.desk.secret_file, Clock::System.now()).await?;
    if secret_is_older {
        warn!(
            "{SECRET_IS_OLDER}; if `{}` is not the database that you mean, correct `desk.database` or mount its disk",
            policy.desk.database.display()
        );
    }
    if let Some(Restored { taken_at, held }) = restored {
        let what = match taken_at {
            Some(taken_at) => format!("is a backup of {taken_at:.0}"),
            None => {
                "is older than the mails that left from it (an older file is in its place, or its write-ahead log is \
                     gone)"
                    .to_owned()
            }
        };
        warn!(
            "the database {what}: mails received since are taken again and nothing is sent because of them; {held} mails of \
             its outbox are held, see `postroom outbox list`"
        );
    }
    store.forget_connections(Clock::System.now()).await?;
    mailboxes::recognise(policy, store).await?;
    Ok(store.read(|view| view.last_event()).await? > 0)
}

/// What root is told who runs the daemon on a database of root's.
fn owned_by_root(database: &Path) -> Option<String> {
    if !users::is_root() || database.metadata().ok()?.uid() != 0 {
        return None;
    }
    let shown = database.display();
    let folder = folder_of(database).display();
    Some(match users::named(users::SERVICE) {
        Some(_) => format!(
            "the database `{shown}` belongs to root, and the service's user `{user}` cannot open it; hint: stop, \
             `chown -R {user}: {folder}`, then `systemctl start postroom`",
            user = users::SERVICE
        ),
        None => format!(
            "the daemon runs as root, to whom the database `{shown}` belongs; hint: give it a user of its own: stop, \
             `chown -R USER: {folder}`, then start as that user"
        ),
    })
}

/// What there is to do before the loops start.
async fn start(policy: Policy, store: &Store, is_used: bool) -> Result<Pipeline, DaemonError> {
    let (signer, origin) = secret::load_or_create(&policy.desk)?;
    let made_now = origin == Origin::MadeNow && is_used;
    // A disk that fails just now stops nothing: the next start notes it.
    let is_newer =
        store.note_secret(signer.fingerprint(), made_now, Clock::System.now()).await.unwrap_or_else(|error| {
            warn!("which secret signs cannot be noted for now: {error}");
            made_now
        });
    if is_newer {
        warn!("{SECRET_IS_NEWER}; {}", another_secret(&policy.desk.secret_file));
    }
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
    let watching = format!("watching {} mailboxes", loops.mailbox_count());
    let mut notices = store.notices();
    let result = loop {
        tokio::select! {
            Ok(()) = notices.changed() => {
                let notice = notices.borrow_and_update().clone();
                manager.status(if notice.is_empty() { &watching } else { &notice });
            }
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
    let config = digest(path);
    let pipeline = match successor(path, store, loops) {
        Ok(pipeline) => pipeline,
        Err(fault) => {
            if let DaemonError::Config(findings) = &fault {
                for finding in findings {
                    let Finding { file, line, column, message, .. } = finding;
                    error!("config: {}:{line}:{column}: {message}", file.display());
                }
            }
            let words = format!("the config was not reloaded, the old one stays in force: {fault}");
            error!("{words}");
            noted(store.config_refused(&words).await);
            return Reloaded::Done(words);
        }
    };
    tokio::select! {
        () = loops.stop_mailboxes() => {}
        () = signals.stop() => return Reloaded::Stop,
    }
    if let Err(fault) = mailboxes::recognise(pipeline.policy(), store).await {
        error!("the config was not reloaded, the old one stays in force: {fault}");
        loops.start_mailboxes(store);
        return Reloaded::Done(format!("the config was not reloaded, the old one stays in force: {fault}"));
    }
    loops.put_in_force(pipeline, store);
    noted(store.config_in_force(config).await);
    info!("config reloaded");
    Reloaded::Done(format!("watching {} mailboxes", loops.mailbox_count()))
}

/// What `status` could not be told is no reason to stop.
fn noted(written: Result<(), StoreError>) {
    if let Err(fault) = written {
        warn!("`postroom status` may be wrong about the config: {fault}");
    }
}

/// The pipeline of the config as it is now. What cannot change while we run is told.
fn successor(path: &Path, store: &Store, loops: &Loops) -> Result<Pipeline, DaemonError> {
    let Loaded { policy, .. } = load(path, Secrets::Read)?;
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
pub fn load(path: &Path, secrets: Secrets) -> Result<Loaded, DaemonError> {
    let loaded = config::load(path, secrets).map_err(DaemonError::Config)?;
    let faults = crate::compose::check_texts(&loaded.policy.texts);
    if !faults.is_empty() {
        let finding = |fault: TextFault| {
            let place = loaded.text_places.get(fault.index).cloned();
            let place = place.unwrap_or_else(|| Finding::of_file(path, "", ""));
            Finding { message: fault.message, hint: fault.hint, ..place }
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
