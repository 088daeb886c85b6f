//! Which mailbox of the config is which of those that the ledger knows, and since when each of its folders is watched.
//!
//! A mailbox is known by its account and its address; its id is a name, which may change. Never lets the ledger of one
//! account stand for another: that would call mails taken that nobody has read.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::id::MailboxId;
use crate::store::engine::error::StoreError;
use crate::store::engine::rows::optional_time;
use crate::store::engine::store::Store;
use crate::store::engine::view::{Tx, View};
use crate::store::mailbox::folders::FolderKey;

/// How the account of a Maildir begins.
const MAILDIR: &str = "maildir ";
/// What names a mailbox by its id and goes with it when it is renamed.
const GO_ALONG: [&str; 5] = [
    "UPDATE folder SET mailbox = ?2 WHERE mailbox = ?1",
    "UPDATE mailbox_health SET mailbox = ?2 WHERE mailbox = ?1",
    "UPDATE machine_mail SET mailbox = ?2 WHERE mailbox = ?1",
    "UPDATE account SET mailbox = ?2 WHERE mailbox = ?1",
    "UPDATE watched SET mailbox = ?2 WHERE mailbox = ?1",
];

/// A mailbox of the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub mailbox: MailboxId,
    /// Its address, as a key.
    pub address: String,
    /// Where its mail is.
    pub account: String,
    /// The folders that are watched.
    pub folders: Vec<String>,
}

impl Account {
    /// Whether what named a mail at the account before names it here: a Maildir's files keep their names when it is moved, a
    /// server gives UIDs of its own.
    fn names_last(&self, before: &Known) -> bool {
        [&self.account, &before.account].into_iter().all(|account| account.starts_with(MAILDIR))
    }
}

/// What became of a mailbox since the last start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// It has another id.
    Renamed {
        /// The id before.
        from: MailboxId,
        /// The id now.
        to: MailboxId,
    },
    /// Its mail is elsewhere now: all of it is compared with what is known.
    Moved(MailboxId),
    /// Its id stands for another account and another address now: what was known is kept apart.
    Replaced(MailboxId),
    /// A folder of it is watched for the first time.
    Begun(MailboxId),
}

/// A mailbox that the ledger knows; of one from before accounts were noted, the id alone.
#[derive(Clone, Debug)]
struct Known {
    mailbox: String,
    address: String,
    account: String,
}

impl Store {
    /// Says of each mailbox of the config which one it is of those that are known: its ledger goes with it. Notes that its
    /// folders are watched from `begin` on, those of them that were not. To be called while no mailbox is watched.
    pub async fn recognise_mailboxes(
        &self,
        accounts: Vec<Account>,
        begin: Timestamp,
    ) -> Result<Vec<Recognised>, StoreError> {
        self.write(move |tx| tx.recognise(&accounts, begin)).await
    }
}

impl View<'_> {
    /// When a daemon was first told to watch the folder.
    pub(in crate::store) fn watched_since(&self, key: &FolderKey) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT since_s FROM watched WHERE mailbox = ?1 AND folder = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let found: Option<i64> =
            statement.query_row(params![key.mailbox.as_str(), key.folder], |row| row.get(0)).optional()?;
        optional_time(found)
    }

    fn known_mailboxes(&self) -> Result<Vec<Known>, StoreError> {
        let sql = "SELECT mailbox, address_key, account FROM account
                   UNION ALL
                   SELECT DISTINCT mailbox, '', '' FROM folder WHERE mailbox NOT IN (SELECT mailbox FROM account)
                   ORDER BY 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let known = statement
            .query_map([], |row| Ok(Known { mailbox: row.get(0)?, address: row.get(1)?, account: row.get(2)? }))?;
        Ok(known.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    fn recognise(&self, wanted: &[Account], begin: Timestamp) -> Result<Vec<Recognised>, StoreError> {
        let known = self.known_mailboxes()?;
        let found = matched(&known, wanted);
        let mut changes = Vec::new();
        // Ids may have been exchanged: all that change are first out of the way.
        let aside = |index: usize| format!("{index}\n");
        for (index, (mailbox, known)) in wanted.iter().zip(&found).enumerate() {
            if let Some(known) = known.filter(|known| known.mailbox != mailbox.mailbox.as_str()) {
                self.rename(&known.mailbox, &aside(index))?;
                self.rename_on_tickets(&known.mailbox, &aside(index))?;
            }
        }
        for known in &known {
            let taken = found.iter().flatten().any(|found| found.mailbox == known.mailbox);
            if !taken && wanted.iter().any(|wanted| wanted.mailbox.as_str() == known.mailbox) {
                self.rename(&known.mailbox, &self.name_apart(known)?)?;
                changes.push(Recognised::Replaced(MailboxId::new(&known.mailbox)));
            }
        }
        for (index, (mailbox, known)) in wanted.iter().zip(&found).enumerate() {
            let id = &mailbox.mailbox;
            if let Some(known) = known {
                if known.mailbox != id.as_str() {
                    self.rename(&aside(index), id.as_str())?;
                    self.rename_on_tickets(&aside(index), id.as_str())?;
                    changes.push(Recognised::Renamed { from: MailboxId::new(&known.mailbox), to: id.clone() });
                }
                if !known.account.is_empty() && known.account != mailbox.account && !mailbox.names_last(known) {
                    self.retire_all(id)?;
                    changes.push(Recognised::Moved(id.clone()));
                }
            }
            self.one_inbox(id)?;
            if self.note(mailbox, begin)? {
                changes.push(Recognised::Begun(id.clone()));
            }
        }
        Ok(changes)
    }

    /// `Inbox` is `INBOX`, whichever the config said before.
    fn one_inbox(&self, mailbox: &MailboxId) -> Result<(), StoreError> {
        let sql = "SELECT DISTINCT name FROM folder WHERE mailbox = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let names = statement.query_map([mailbox.as_str()], |row| row.get(0))?;
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        let mut inboxes = names.iter().filter(|name| name.eq_ignore_ascii_case("INBOX"));
        if let (Some(name), None) = (inboxes.next(), inboxes.next()) {
            let sql = "UPDATE folder SET name = 'INBOX' WHERE mailbox = ?1 AND name = ?2";
            self.connection.prepare_cached(sql)?.execute([mailbox.as_str(), name])?;
        }
        Ok(())
    }

    /// A name for what is known of an account whose id stands for another one now: no id of a config has spaces.
    fn name_apart(&self, known: &Known) -> Result<String, StoreError> {
        let name = format!("{} ({})", known.mailbox, known.address);
        let sql = "SELECT count(*) FROM account WHERE mailbox = ?1 OR substr(mailbox, 1, length(?1) + 1) = ?1 || ' '";
        let same: i64 = self.connection.prepare_cached(sql)?.query_row([&name], |row| row.get(0))?;
        Ok(if same == 0 { name } else { format!("{name} {}", same + 1) })
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StoreError> {
        // Of one that never was connected there is nothing else.
        self.connection.prepare_cached("DELETE FROM mailbox_health WHERE mailbox = ?1")?.execute([to])?;
        for sql in GO_ALONG {
            self.connection.prepare_cached(sql)?.execute([from, to])?;
        }
        Ok(())
    }

    fn rename_on_tickets(&self, from: &str, to: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached("UPDATE ticket SET mailbox = ?2 WHERE mailbox = ?1")?.execute([from, to])?;
        Ok(())
    }

    /// Notes what a mailbox is known by; whether a folder of it is new.
    fn note(&self, mailbox: &Account, begin: Timestamp) -> Result<bool, StoreError> {
        let id = mailbox.mailbox.as_str();
        let sql = "INSERT INTO account (mailbox, address_key, account) VALUES (?1, ?2, ?3)
                   ON CONFLICT (mailbox) DO UPDATE SET address_key = excluded.address_key, account = excluded.account";
        self.connection.prepare_cached(sql)?.execute(params![id, mailbox.address, mailbox.account])?;
        let sql = "INSERT INTO watched (mailbox, folder, since_s) VALUES (?1, ?2, ?3)
                   ON CONFLICT (mailbox, folder) DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut new = 0;
        for folder in &mailbox.folders {
            new += statement.execute(params![id, folder, begin.as_second()])?;
        }
        Ok(new > 0)
    }
}

/// A sign by which a known mailbox is one of the config.
type Sign<'f> = &'f dyn Fn(&Known, &Account) -> bool;

/// For each mailbox of the config, the known one that it is: the surest signs first, each known one once.
fn matched<'k>(known: &'k [Known], wanted: &[Account]) -> Vec<Option<&'k Known>> {
    let same_id = |known: &Known, wanted: &Account| known.mailbox == wanted.mailbox.as_str();
    let same_account = |known: &Known, wanted: &Account| known.account == wanted.account;
    let same_address = |known: &Known, wanted: &Account| known.address == wanted.address;
    let signs: [Sign<'_>; 6] = [
        &|known, wanted| same_id(known, wanted) && same_account(known, wanted),
        &|known, wanted| same_account(known, wanted) && same_address(known, wanted),
        &same_account,
        &|known, wanted| same_id(known, wanted) && same_address(known, wanted),
        &same_address,
        &|known, wanted| same_id(known, wanted) && known.account.is_empty(),
    ];
    let mut found: Vec<Option<&Known>> = vec![None; wanted.len()];
    for is_it in signs {
        for (place, wanted) in wanted.iter().enumerate() {
            let free = |known: &&Known| !found.iter().flatten().any(|taken| taken.mailbox == known.mailbox);
            if found.get(place).is_some_and(Option::is_none) {
                let it = known.iter().filter(free).find(|known| is_it(known, wanted));
                if let Some(slot) = found.get_mut(place) {
                    *slot = it;
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(mailbox: &str, address: &str, account: &str) -> Known {
        Known { mailbox: mailbox.to_owned(), address: address.to_owned(), account: account.to_owned() }
    }

    fn wanted(mailbox: &str, address: &str, account: &str) -> Account {
        Account {
            mailbox: MailboxId::new(mailbox),
            address: address.to_owned(),
            account: account.to_owned(),
            folders: vec!["INBOX".to_owned()],
        }
    }

    fn check(known: &[Known], wanted: &[Account], expected: &[Option<&str>]) {
        let found: Vec<Option<&str>> =
            matched(known, wanted).into_iter().map(|found| found.map(|known| known.mailbox.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_mailbox_is_known_by_its_account_then_by_its_address() {
        let two = [known("a", "a@x", "A"), known("b", "b@x", "B")];
        check(&two, &[wanted("a", "a@x", "A"), wanted("b", "b@x", "B")], &[Some("a"), Some("b")]);
        check(&two, &[wanted("b", "a@x", "A"), wanted("a", "b@x", "B")], &[Some("a"), Some("b")]);
        check(&two, &[wanted("new", "other@x", "A")], &[Some("a")]);
        check(&two, &[wanted("a", "a@x", "elsewhere")], &[Some("a")]);
        check(&two, &[wanted("new", "b@x", "elsewhere")], &[Some("b")]);
        check(&two, &[wanted("a", "new@x", "elsewhere")], &[None]);
        check(&two, &[wanted("a", "b@x", "B")], &[Some("b")]);
        check(&[known("a", "", "")], &[wanted("a", "a@x", "A"), wanted("b", "b@x", "B")], &[Some("a"), None]);
    }

    #[test]
    fn two_mailboxes_on_one_account_stay_apart() {
        let two = [known("a", "a@x", "A"), known("b", "b@x", "A")];
        check(&two, &[wanted("a", "a@x", "A"), wanted("b", "b@x", "A")], &[Some("a"), Some("b")]);
        check(&two, &[wanted("c", "b@x", "A"), wanted("d", "a@x", "A")], &[Some("b"), Some("a")]);
    }
}
