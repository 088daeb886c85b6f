//! A copy of the database while the daemon runs, and what it means to start from one.
//!
//! Never overwrites a file, never leaves half a copy under the name asked for, and never lets a restored copy do again
//! what was done after it was made: mails received since are recorded and lead to nothing, mails queued in it are held.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags, params};
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::model::outgoing::Outgoing;
use crate::model::text::folder_of;
use crate::store::engine::error::StoreError;
use crate::store::engine::high_water_mark::{HighWaterMark, highest_number};
use crate::store::engine::ids::{counter, set_counter};
use crate::store::engine::register::{self, Register};
use crate::store::engine::rows::time;
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};
use crate::store::engine::{check, connection, opening, schema};

/// In a copy: when it was made. The daemon takes it out when it starts from the copy.
const TAKEN_AT: &str = "backup_taken_at_s";
/// Mails received up to then may have been handled before the restore.
const RESTORED_AT: &str = "restored_at_s";

/// When this database was made beside a secret that had signed for another one.
const OLDER_SECRET: &str = "older_secret_s";
/// When the secret was found to be another one than this database had; the one that it has, and the one that it had.
const NEWER_SECRET: &str = "newer_secret_s";
const SECRET: &str = "secret";
const SECRET_BEFORE: &str = "secret_before";
/// What is said then.
pub const SECRET_IS_NEWER: &str = "the secret is newer than this database: reply addresses in older notifications are no longer \
                                   valid, and replies to those come back to their agents";
/// When a reply of an agent came last without a proof.
const LOST_PROOF: &str = "lost_proof_s";
/// People are told so for this long.
const TOLD_SECS: i64 = 30 * 86_400;
/// What is said then.
pub const SECRET_IS_OLDER: &str = "the secret is older than this new database: it has signed mails of another one, and replies to \
                                   those come back to their agents";
/// A secret that was put there for a new desk is not older than this.
const FRESH_SECRET: SignedDuration = SignedDuration::from_mins(10);
/// Numbers that are left out after a restore when nothing says which were given.
const UNSEEN_NUMBERS: i64 = 1_000;

/// Why a mail is held.
const MAY_HAVE_LEFT: &str = "the database was restored from a backup: it may have been sent since";
/// Holds mails of the outbox: nobody is told of them as failures, `outbox retry` sends them.
const HOLD_ALL: &str =
    "UPDATE outbox SET told = CASE WHEN rank = 0 THEN 'failure' ELSE told END, updated_at_s = ?1, reason = ?2,
                        state = CASE WHEN rank = 0 THEN 'failed' ELSE 'uncertain' END
     WHERE state IN ('queued', 'sending', 'deferred', 'uncertain')";
const HOLD_ONE: &str =
    "UPDATE outbox SET told = CASE WHEN rank = 0 THEN 'failure' ELSE told END, updated_at_s = ?1, reason = ?2,
                        state = CASE WHEN rank = 0 THEN 'failed' ELSE 'uncertain' END
     WHERE outgoing IN (SELECT id FROM outgoing WHERE message_id = ?3)";

/// What was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Bytes of the copy.
    pub size: u64,
    /// Tickets in it.
    pub tickets: i64,
    /// Mails in it.
    pub mails: i64,
}

/// An older state of a desk, from which it goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restored {
    /// When the backup was made; `None` for a database that is no copy made by `postroom backup`.
    pub taken_at: Option<Timestamp>,
    /// Mails of its outbox that are held.
    pub held: usize,
}

/// What was found when a desk started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// It goes on from an older state.
    pub restored: Option<Restored>,
    /// Whether the database is new and the secret is not.
    pub secret_is_older: bool,
}

impl Store {
    /// Copies the database at `path` to the new file `target`, whatever else reads or writes it, looks the copy over and
    /// makes it durable. Blocks. Nothing is left behind when it fails.
    pub fn backup(path: &Path, target: &Path, now: Timestamp) -> Result<Backup, StoreError> {
        opening::require(path)?;
        let fault = |path: &Path, source| StoreError::File { path: path.to_owned(), source };
        if target.symlink_metadata().is_ok() {
            return Err(fault(target, io::Error::from(io::ErrorKind::AlreadyExists)));
        }
        let partial = Partial::create(target)?;
        let copied = copy(path, &partial.0, now).map_err(|error| check::named(error, path))?;
        File::open(&partial.0).and_then(|file| file.sync_all()).map_err(|source| fault(&partial.0, source))?;
        let size = partial.0.metadata().map_err(|source| fault(&partial.0, source))?.len();
        rename_to_new(&partial.0, target).map_err(|source| fault(target, source))?;
        let folder = folder_of(target);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|source| fault(folder, source))?;
        Ok(Backup { size, ..copied })
    }

    /// What there is to settle before anything else. When this database is a copy that the daemon starts from for the first
    /// time, or an older state of the one that it had: holds what was queued in it, and remembers `now`, so that mails
    /// received before lead to nothing again. No number is given that was given in another state of it, or in another
    /// database for which the secret has signed.
    pub async fn settle(&self, secret_file: &Path, now: Timestamp) -> Result<Settled, StoreError> {
        let beside = Beside::of(&self.path, secret_file, now);
        let (settled, own) = self.write(move |tx| tx.settle(&beside, now)).await?;
        if let Some(register) = Register::enter(secret_file, own) {
            // Set once: a store is settled once.
            drop(self.register.set(register));
        }
        Ok(settled)
    }
}

/// What lies beside a database and beside the secret.
struct Beside {
    /// How far the database that was here had come.
    noted: Option<HighWaterMark>,
    /// How far each database had come for which the secret signed.
    signed_for: Vec<HighWaterMark>,
    /// Whether there is a secret, and whether it has been there for a while.
    has_secret: bool,
    has_old_secret: bool,
}

impl Beside {
    fn of(database: &Path, secret_file: &Path, now: Timestamp) -> Self {
        let made = secret_file.metadata().and_then(|secret| secret.modified());
        let made = made.ok().and_then(|made| Timestamp::try_from(made).ok());
        Self {
            noted: HighWaterMark::noted(database),
            signed_for: register::known(secret_file),
            has_secret: made.is_some(),
            has_old_secret: made.is_some_and(|made| now.duration_since(made) > FRESH_SECRET),
        }
    }

    /// How far this very database is known to have come.
    fn of_this(&self, own: HighWaterMark) -> impl Iterator<Item = HighWaterMark> {
        self.noted.into_iter().chain(self.signed_for.iter().copied()).filter(move |other| other.desk == own.desk)
    }
}

impl Tx<'_> {
    fn settle(&self, beside: &Beside, now: Timestamp) -> Result<(Settled, HighWaterMark), StoreError> {
        let is_new = !HighWaterMark::is_named(self.connection)? && highest_number(self.connection)? == 0;
        let own = HighWaterMark::of(self.connection)?;
        let ahead = beside.of_this(own).filter(|other| own.is_behind(*other)).max_by_key(|other| other.tickets);
        let restored = self.settle_restored(ahead, now)?;
        let given = beside.signed_for.iter().chain(&beside.noted).map(|other| other.tickets).max().unwrap_or(0);
        let says = beside.of_this(own).any(|other| other.tickets > 0);
        // Nothing says how far it had come: no day of a desk has more tickets than this.
        let unseen = if restored.is_some() && !says { own.tickets.saturating_add(UNSEEN_NUMBERS) } else { 0 };
        if given.max(unseen) > own.tickets {
            self.note_number(given.max(unseen))?;
        }
        let signed = beside.has_secret && beside.signed_for.iter().any(|other| other.tickets > 0);
        if is_new && (signed || (beside.signed_for.is_empty() && beside.has_old_secret)) {
            set_counter(self.connection, OLDER_SECRET, now.as_second())?;
        }
        let secret_is_older = self.secret_is_older()?;
        Ok((Settled { restored, secret_is_older }, HighWaterMark::of(self.connection)?))
    }

    fn settle_restored(&self, ahead: Option<HighWaterMark>, now: Timestamp) -> Result<Option<Restored>, StoreError> {
        let taken = counter(self.connection, TAKEN_AT)?;
        if taken.is_none() && ahead.is_none() {
            return Ok(None);
        }
        let held = self.connection.execute(HOLD_ALL, params![now.as_second(), MAY_HAVE_LEFT])?;
        self.drop_news(MAY_HAVE_LEFT, now)?;
        self.leave_out_messages()?;
        set_counter(self.connection, RESTORED_AT, now.as_second())?;
        self.connection.execute("DELETE FROM counter WHERE name = ?1", [TAKEN_AT])?;
        ahead.map(|noted| self.catch_up(noted)).transpose()?;
        Ok(Some(Restored { taken_at: taken.map(time).transpose()?, held }))
    }

    /// A reply of an agent came without anything that proves whose it is.
    pub(in crate::store) fn note_lost_proof(&self, now: Timestamp) -> Result<(), StoreError> {
        set_counter(self.connection, LOST_PROOF, now.as_second())
    }

    /// What was said about the secret has been said long enough.
    pub(in crate::store) fn forget_older_secret(&self, now: Timestamp) -> Result<(), StoreError> {
        let sql = "DELETE FROM counter WHERE name IN (?1, ?2) AND value < ?3";
        self.connection.execute(sql, params![OLDER_SECRET, NEWER_SECRET, now.as_second() - TOLD_SECS])?;
        Ok(())
    }
}

impl Store {
    /// Notes which secret signs from now on. Says whether mails that an older one signed are in people's mailboxes, as far as
    /// is known: it was another one before, or it was `made_now` beside tickets.
    pub async fn note_secret(&self, fingerprint: i64, made_now: bool, now: Timestamp) -> Result<bool, StoreError> {
        self.write(move |tx| tx.note_secret(fingerprint, made_now, now)).await
    }
}

impl Tx<'_> {
    fn note_secret(&self, fingerprint: i64, made_now: bool, now: Timestamp) -> Result<bool, StoreError> {
        let (known, before) = (counter(self.connection, SECRET)?, counter(self.connection, SECRET_BEFORE)?);
        let is_another = known.is_some_and(|known| known != fingerprint);
        if is_another && before == Some(fingerprint) {
            // The old one is back.
            self.connection.execute("DELETE FROM counter WHERE name = ?1", [NEWER_SECRET])?;
        } else if is_another || (known.is_none() && made_now && highest_number(self.connection)? > 0) {
            set_counter(self.connection, NEWER_SECRET, now.as_second())?;
        }
        if let Some(known) = known.filter(|_| is_another) {
            set_counter(self.connection, SECRET_BEFORE, known)?;
        }
        if known != Some(fingerprint) {
            set_counter(self.connection, SECRET, fingerprint)?;
        }
        self.secret_is_newer()
    }

    /// Mails that were just queued are held: what caused them came before a restore.
    pub(in crate::store) fn hold_queued(&self, mails: &[Outgoing], now: Timestamp) -> Result<(), StoreError> {
        for mail in mails {
            let parameters = params![now.as_second(), MAY_HAVE_LEFT, mail.message_id.as_str()];
            self.connection.prepare_cached(HOLD_ONE)?.execute(parameters)?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// The moment of the last restore from a backup, if there was one: what mails received before it led to may have
    /// happened already.
    pub fn restored_at(&self) -> Result<Option<Timestamp>, StoreError> {
        counter(self.connection, RESTORED_AT)?.map(time).transpose()
    }

    /// When a reply of an agent came last without anything that proves whose it is.
    pub fn lost_proof_at(&self) -> Result<Option<Timestamp>, StoreError> {
        counter(self.connection, LOST_PROOF)?.map(time).transpose()
    }

    /// Whether the secret is not the one that signed before: [`SECRET_IS_NEWER`].
    pub fn secret_is_newer(&self) -> Result<bool, StoreError> {
        Ok(counter(self.connection, NEWER_SECRET)?.is_some())
    }

    /// Whether the database is new and the secret beside it is not: [`SECRET_IS_OLDER`].
    pub fn secret_is_older(&self) -> Result<bool, StoreError> {
        Ok(counter(self.connection, OLDER_SECRET)?.is_some())
    }
}

/// A file in the making, removed unless it got its name.
struct Partial(PathBuf);

impl Partial {
    fn create(target: &Path) -> Result<Self, StoreError> {
        let mut name = target.as_os_str().to_owned();
        name.push(format!(".partial-{}", std::process::id()));
        let path = PathBuf::from(name);
        let made = OpenOptions::new().create_new(true).write(true).mode(0o600).open(&path);
        made.map(drop).map_err(|source| StoreError::File { path: path.clone(), source })?;
        Ok(Self(path))
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        for ending in ["", "-journal"] {
            // Most often it has its name by now.
            drop(std::fs::remove_file(crate::store::engine::disk::beside(&self.0, ending)));
        }
    }
}

/// One consistent picture: in WAL mode a reader holds up no writer.
fn copy(path: &Path, target: &Path, now: Timestamp) -> Result<Backup, StoreError> {
    let source = connection::open_reader(path)?;
    if schema::check_version(&source, path)? == 0 {
        return Err(opening::missing(path));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut made = Connection::open_with_flags(target, flags)?;
    let step = Copying::new(&source, &mut made)?.step(-1)?;
    if step != StepResult::Done {
        return Err(StoreError::lost(format!("the copy was not finished ({step:?}), try again")));
    }
    // A copy is one file.
    made.pragma_update(None, "journal_mode", "delete")?;
    set_counter(&made, TAKEN_AT, now.as_second())?;
    if let Some(fault) = check::thorough(&made)?.first() {
        return Err(StoreError::Damaged { path: path.to_owned(), detail: fault.replace('\n', " ") });
    }
    let sql = "SELECT (SELECT count(*) FROM ticket), (SELECT count(*) FROM mail)";
    let (tickets, mails) = made.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Backup { size: 0, tickets, mails })
}

/// Gives a file its name unless a file has it.
fn rename_to_new(from: &Path, to: &Path) -> io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some network file systems cannot; then there is an instant in which another file could come into being.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) if to.symlink_metadata().is_err() => {
            std::fs::rename(from, to)
        }
        done => Ok(done?),
    }
}
