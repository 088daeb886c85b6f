//! One of the lanes of the outbox: takes mail after mail, sends each over its own connection, records what became of it.
//!
//! Never holds more than one mail and one connection; never records an outcome that it did not see.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex, Notify, mpsc, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::account::{Account, Connected, Pause};
use super::outcome::{Fate, Outcome, Recorder, fate, tell};
use crate::model::policy::Smtp;
use crate::send::directory::Directory;
use crate::send::error::SendError;
use crate::send::smtp::connection::Connection;
use crate::send::smtp::timeouts::Timeouts;
use crate::store::StoreError;
use crate::store::outbox::Due;
use crate::store::running::{SmtpHealth, SmtpState};

/// A connection without work is closed after this.
const IDLE: Duration = Duration::from_secs(5);
/// A lane that gets no connection beside the other one's leaves it alone for so long.
const REST: Duration = Duration::from_mins(1);

/// What the lanes and the loop share.
#[derive(Clone)]
pub struct Shared {
    pub recorder: Recorder,
    pub account: Arc<Account>,
    /// The mails that were taken; a lane that waits for one holds the lock.
    pub mails: Arc<Mutex<mpsc::Receiver<Due>>>,
    /// Mails went back into the outbox that are due at once.
    pub put_back: Arc<Notify>,
    pub timeouts: Timeouts,
    pub stop: CancellationToken,
}

/// A lane.
pub struct Lane {
    shared: Shared,
    smtp: watch::Receiver<Smtp>,
    session: Option<Session>,
    tired: bool,
}

enum Session {
    Server(Box<Connection>),
    Directory(Directory),
}

impl Lane {
    pub fn new(shared: Shared, smtp: watch::Receiver<Smtp>) -> Self {
        Self { shared, smtp, session: None, tired: false }
    }

    /// Sends until the loop stops.
    pub async fn run(mut self) {
        let recorder = self.shared.recorder.clone();
        while let Some(mail) = self.wait_for_mail().await {
            let mut outcome = self.deliver(mail).await;
            // The outcome of one mail is written while the next one is on its way.
            while let Some(mail) = self.next_mail() {
                ((), outcome) = tokio::join!(recorder.record(outcome), self.deliver(mail));
            }
            let put_back = matches!(outcome.fate, Fate::Released { .. });
            recorder.record(outcome).await;
            if put_back {
                self.shared.put_back.notify_one();
            }
        }
        self.close().await;
    }

    async fn wait_for_mail(&mut self) -> Option<Due> {
        if std::mem::take(&mut self.tired) {
            tokio::select! {
                () = self.shared.stop.cancelled() => {}
                () = sleep(REST) => {}
            }
        }
        loop {
            let mails = Arc::clone(&self.shared.mails);
            tokio::select! {
                biased;
                () = self.shared.stop.cancelled() => return None,
                mail = async { mails.lock().await.recv().await } => return mail,
                () = sleep(IDLE), if self.session.is_some() => self.close().await,
            }
        }
    }

    /// A mail that is there already; none when the other lane waits for one, for then there is none.
    fn next_mail(&self) -> Option<Due> {
        if self.shared.stop.is_cancelled() || self.tired {
            return None;
        }
        self.shared.mails.try_lock().ok()?.try_recv().ok()
    }

    async fn deliver(&mut self, mail: Due) -> Outcome {
        let started = self.now();
        let fate = self.attempt(&mail).await;
        tell(&mail, &fate, self.now().duration_since(started));
        Outcome { id: mail.id, fate }
    }

    async fn attempt(&mut self, mail: &Due) -> Fate {
        if self.has_new_settings() {
            self.close().await;
        }
        loop {
            let (mut session, fresh) = match self.session.take() {
                Some(session) => (session, false),
                None => match self.open().await {
                    Ok(session) => (session, true),
                    Err(fate) => return fate,
                },
            };
            let recorder = &self.shared.recorder;
            let on_record = async { recorder.store.outbox_uncertain(mail.id, recorder.clock.now()).await };
            let result = session.send(mail, on_record).await;
            let broke = matches!(result, Err(SendError::Connection(_)));
            if session.is_usable() && !broke {
                self.session = Some(session);
            } else {
                self.shared.account.connected(Connected::Closed);
            }
            match result {
                // A server may close a connection that was idle, or after so many mails; that says nothing.
                Err(SendError::Connection(_)) if !fresh => {}
                result => return self.judge(result, mail).await,
            }
        }
    }

    /// What the attempt says about the account, then about the mail.
    async fn judge(&mut self, result: Result<String, SendError>, mail: &Due) -> Fate {
        let account = &self.shared.account;
        match &result {
            Ok(_) | Err(SendError::Temporary(_) | SendError::Permanent(..)) => {
                if account.works() {
                    info!("mail leaves again");
                }
            }
            Err(error @ SendError::Connection(_)) => {
                if account.broke() {
                    self.pause(error).await;
                }
            }
            Err(error @ (SendError::Auth(_) | SendError::AuthTemporary(_))) => {
                let fate = self.without_connection(error).await;
                self.close().await;
                return fate;
            }
            Err(SendError::Uncertain(_) | SendError::Stopped | SendError::Store(_)) => {}
        }
        fate(result, mail, self.now(), rand::random())
    }

    /// A fresh connection, or what becomes of the mail without one.
    async fn open(&mut self) -> Result<Session, Fate> {
        let account = Arc::clone(&self.shared.account);
        let stop = self.shared.stop.clone();
        let opening = async {
            let _one_at_a_time = account.opening.acquire().await;
            if let Some(pause) = account.pause(self.now()) {
                return Err(released(pause));
            }
            let smtp = self.smtp.borrow_and_update().clone();
            match Session::open(&smtp, self.shared.timeouts, &self.shared.recorder.halt).await {
                Ok(session) => {
                    account.connected(Connected::Opened);
                    let largest_mail = session.largest_mail();
                    self.show(SmtpHealth { state: SmtpState::Working, largest_mail, ..SmtpHealth::default() }).await;
                    Ok(session)
                }
                Err(error) => Err(self.without_connection(&error).await),
            }
        };
        // Boxed: large, and seldom.
        tokio::select! {
            biased;
            result = Box::pin(opening) => result,
            () = stop.cancelled() => {
                Err(Fate::Released { reason: SendError::Stopped.to_string(), next_at: self.shared.recorder.clock.now() })
            }
        }
    }

    async fn without_connection(&mut self, error: &SendError) -> Fate {
        // What the old settings led to says nothing about the new ones.
        if matches!(error, SendError::Stopped) || self.has_new_settings() {
            return self.put_back(error);
        }
        if matches!(error, SendError::Connection(_)) && self.shared.account.is_connected() {
            info!("the server takes no second connection for now: {error}");
            self.tired = true;
            return self.put_back(error);
        }
        released(self.pause(error).await)
    }

    fn has_new_settings(&self) -> bool {
        self.smtp.has_changed().unwrap_or(false)
    }

    /// Pauses the account and puts the mails back that wait for a lane.
    async fn pause(&self, error: &SendError) -> Pause {
        let (pause, news) = self.shared.account.failed(error, self.now(), rand::random());
        let refused = matches!(error, SendError::Auth(_));
        let state = if refused { SmtpState::LoginRefused } else { SmtpState::Unreachable };
        let (error_text, next_try_at) = (Some(pause.reason.clone()), Some(pause.until));
        self.show(SmtpHealth { state, error: error_text, next_try_at, ..SmtpHealth::default() }).await;
        if news && refused {
            error!(
                "no mail leaves before {:.0}, a reload of the config or `postroom outbox retry`: {error}",
                pause.until
            );
        } else if news {
            warn!("no mail leaves before {:.0}: {error}", pause.until);
        }
        let mut waiting = Vec::new();
        if let Ok(mut mails) = self.shared.mails.try_lock() {
            while let Ok(mail) = mails.try_recv() {
                waiting.push(mail.id);
            }
        }
        self.shared.recorder.release(waiting, &pause.reason, pause.until).await;
        pause
    }

    /// Tells `status` how the account is.
    async fn show(&self, health: SmtpHealth) {
        let (account, recorder) = (&self.shared.account, &self.shared.recorder);
        if account.is_news(&health)
            && let Err(fault) = recorder.store.report_smtp(health, recorder.clock.now()).await
        {
            tracing::debug!("how the submission account is was not recorded: {fault}");
            account.not_shown();
        }
    }

    /// May be taken again at once.
    fn put_back(&self, error: &SendError) -> Fate {
        Fate::Released { reason: error.to_string(), next_at: self.now() }
    }

    async fn close(&mut self) {
        if let Some(session) = self.session.take() {
            self.shared.account.connected(Connected::Closed);
            session.quit().await;
        }
    }

    fn now(&self) -> Timestamp {
        self.shared.recorder.clock.now()
    }
}

fn released(pause: Pause) -> Fate {
    Fate::Released { reason: pause.reason, next_at: pause.until }
}

impl Session {
    async fn open(smtp: &Smtp, timeouts: Timeouts, halt: &CancellationToken) -> Result<Self, SendError> {
        match smtp {
            Smtp::Server(server) => Ok(Self::Server(Box::new(Connection::open(server, timeouts, halt.clone()).await?))),
            Smtp::Directory(path) => Ok(Self::Directory(Directory::open(path)?)),
        }
    }

    async fn send(
        &mut self,
        mail: &Due,
        on_record: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<String, SendError> {
        match self {
            Self::Server(connection) => connection.send(mail, on_record).await,
            Self::Directory(directory) => directory.send(mail, on_record).await,
        }
    }

    /// The largest mail in bytes that it takes, as far as it says.
    fn largest_mail(&self) -> Option<u64> {
        match self {
            Self::Server(connection) => connection.features().limit(),
            Self::Directory(_) => None,
        }
    }

    fn is_usable(&self) -> bool {
        match self {
            Self::Server(connection) => connection.is_usable(),
            Self::Directory(_) => true,
        }
    }

    async fn quit(self) {
        match self {
            Self::Server(connection) => connection.quit().await,
            Self::Directory(_) => {}
        }
    }
}
