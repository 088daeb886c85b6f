//! What needs a person today, each with what to do: for `status`, whose exit code it is, and for `doctor`.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::json::time;
use crate::model::breaker::Breaker;
use crate::model::digest::Digest;
use crate::model::id::MailboxId;
use crate::model::policy::{Policy, Smtp};
use crate::model::text::counted;
use crate::store::reports::StatusReport;
use crate::store::running::SmtpState;
use crate::store::stopped::KeptBack;
use crate::store::{SECRET_IS_NEWER, SECRET_IS_OLDER};

/// A mailbox or a server that has been out of reach for this long does not come back by itself.
const PASSES_BY_ITSELF: SignedDuration = SignedDuration::from_mins(15);

/// All that can be looked at.
#[derive(Clone, Copy)]
pub struct Looked<'a> {
    /// The config as it is now; `None` when it has faults.
    pub policy: Option<&'a Policy>,
    /// Its faults, each with what to do.
    pub faults: &'a [(String, String)],
    /// What is wrong with the secret, when it was looked at.
    pub secret: Option<&'a Trouble>,
    /// What the database says.
    pub report: &'a StatusReport,
    /// The digest of the config file.
    pub file: &'a Digest,
    /// Now.
    pub now: Timestamp,
}

/// One thing that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What was looked at, in a word.
    pub check: &'static str,
    /// What is wrong.
    pub detail: String,
    /// What to do.
    pub hint: String,
}

/// What to do when the secret has signed for another database.
pub fn another_database(policy: &Policy) -> String {
    format!(
        "if `{}` is not the database that you mean: stop postroom, correct `desk.database` or mount its disk, start again; if it \
         is, nothing: this is said for 30 days",
        policy.desk.database.display()
    )
}

/// What to do when the secret is not the one that signed before.
pub fn another_secret(secret_file: &Path) -> String {
    format!(
        "put the old `{}` back from a backup and start the daemon again; if it is lost, nothing: this is said for 30 days",
        secret_file.display()
    )
}

impl Looked<'_> {
    /// Whether the config file is another than the one in force; `None` while no daemon runs.
    pub fn config_is_newer(&self) -> Option<bool> {
        let daemon = self.report.daemon.as_ref().filter(|_| self.report.daemon_runs)?;
        Some(daemon.config != *self.file)
    }

    /// The departments that are not in the config and have tickets that are not closed, with their number.
    pub fn removed_departments(&self) -> impl Iterator<Item = (&str, u64)> {
        let known = |id: &str| {
            self.policy.is_none_or(|policy| policy.departments.iter().any(|department| department.id.as_str() == id))
        };
        let open = self.report.open_by_department.iter();
        open.filter(move |(id, _)| !known(id)).map(|(id, count)| (id.as_str(), *count))
    }

    /// Everything that needs a person.
    pub fn troubles(&self) -> Vec<Trouble> {
        let mut troubles = Vec::new();
        self.of_the_daemon(&mut troubles);
        self.of_mailboxes(&mut troubles);
        self.of_smtp(&mut troubles);
        self.of_people(&mut troubles);
        troubles
    }

    fn of_the_daemon(&self, troubles: &mut Vec<Trouble>) {
        let mut tell =
            |check, detail: String, hint: &str| troubles.push(Trouble { check, detail, hint: hint.to_owned() });
        if let Some(trouble) = &self.report.trouble {
            let (detail, hint) = trouble.split_once("; hint: ").unwrap_or((trouble, "see the daemon's log"));
            tell("daemon", format!("nothing can be stored: {detail}"), hint);
        } else if !self.report.daemon_runs {
            tell("daemon", "does not run".to_owned(), "start it: `systemctl start postroom`");
        }
        for (fault, hint) in self.faults {
            tell("config", fault.clone(), hint);
        }
        if self.faults.is_empty() && self.config_is_newer() == Some(true) {
            let refused = self.report.daemon.as_ref().and_then(|daemon| daemon.trouble.clone());
            let (detail, hint) = match refused {
                Some(refused) => (refused, "see `postroom check`, mend it, then `systemctl reload postroom`"),
                None => (
                    "the config file is newer than the one in force".to_owned(),
                    "`postroom check`, then `systemctl reload postroom`",
                ),
            };
            tell("config", detail, hint);
        }
        for (department, count) in self.removed_departments() {
            let detail =
                format!("{} of department `{department}`, which is not in the config", counted(count, "ticket"));
            tell(
                "departments",
                detail,
                "they go to the department of their mailbox at the next start or reload; put the department back to keep them there",
            );
        }
        if let Some(policy) = self.policy.filter(|_| self.report.secret_is_older) {
            tell("secret", SECRET_IS_OLDER.to_owned(), &another_database(policy));
        }
        if let Some(policy) = self.policy.filter(|_| self.report.secret_is_newer && self.secret.is_none()) {
            tell("secret", SECRET_IS_NEWER.to_owned(), &another_secret(&policy.desk.secret_file));
        }
        if let Some(Trouble { detail, hint, .. }) = self.secret {
            tell("secret", detail.clone(), hint);
        }
        if self.report.held > 0 {
            let detail = format!("{} held in quarantine", counted(self.report.held, "mail"));
            tell(
                "quarantine",
                detail,
                "see `postroom quarantine list`; after an upgrade `postroom quarantine retry ID`",
            );
        }
    }

    fn of_mailboxes(&self, troubles: &mut Vec<Trouble>) {
        if !self.report.daemon_runs {
            return;
        }
        let watched = |id: &MailboxId| self.policy.is_none_or(|policy| policy.mailbox(id).is_some());
        for (id, known) in self.report.mailboxes.iter().filter(|(id, _)| watched(id)) {
            let lasts = known.failing_since.is_some_and(|since| self.now.duration_since(since) >= PASSES_BY_ITSELF);
            let Some(error) = known.error.as_ref().filter(|_| known.login_refused || lasts) else { continue };
            let (what, hint) = error.split_once("; hint: ").unwrap_or((error, ""));
            let detail = format!("mailbox `{id}`: {what}{}", next(known.next_try_at));
            let hint = match hint {
                "" if known.login_refused => "mend the user name or the password, then `systemctl reload postroom`",
                "" => "see `postroom check --online` and the daemon's log",
                hint => hint,
            };
            troubles.push(Trouble { check: "mailbox", detail, hint: hint.to_owned() });
        }
    }

    fn of_smtp(&self, troubles: &mut Vec<Trouble>) {
        let host = match self.policy.map(|policy| &policy.smtp) {
            Some(Smtp::Server(server)) => format!("`{}`", server.endpoint.host),
            Some(Smtp::Directory(_)) => return,
            None => "`[smtp]`".to_owned(),
        };
        let smtp = &self.report.smtp;
        let Some(error) = smtp.error.as_ref().filter(|_| self.report.daemon_runs) else { return };
        let lasts = smtp.since.is_some_and(|since| self.now.duration_since(since) >= PASSES_BY_ITSELF);
        let hint = match smtp.state {
            SmtpState::LoginRefused => "mend `[smtp]` `username` or its password, then `systemctl reload postroom`",
            SmtpState::Unreachable if lasts => "see `postroom check --online` and the daemon's log",
            SmtpState::Unreachable | SmtpState::Untried | SmtpState::Working => return,
        };
        let detail = format!("no mail leaves through {host}: {error}{}", next(smtp.next_try_at));
        troubles.push(Trouble { check: "smtp", detail, hint: hint.to_owned() });
    }

    fn of_people(&self, troubles: &mut Vec<Trouble>) {
        for gone in &self.report.unreachable {
            let detail = format!(
                "agent `{}` cannot be reached at `{}` since {}: {}",
                gone.agent,
                gone.address,
                time(gone.since),
                gone.reason
            );
            let hint = "mend their mailbox, or their first address in `[[agent]]`; until then they count as absent";
            troubles.push(Trouble { check: "agents", detail, hint: hint.to_owned() });
        }
        for kept in &self.report.kept_back {
            troubles.extend(kept_back(kept));
        }
        let (lost, count) = &self.report.lost_words;
        for words in lost {
            let at = time(words.at);
            let detail = format!(
                "agent `{}` wrote about #{}, which this database does not know any more ({at}): the words came back to them",
                words.agent, words.ticket
            );
            let hint = "let them write to the customer anew, on a ticket that is there; this is said for 7 days";
            troubles.push(Trouble { check: "restored", detail, hint: hint.to_owned() });
        }
        let more = count.saturating_sub(lost.len() as u64);
        if more > 0 {
            let detail =
                format!("{} more about tickets that are lost came back to their agents", counted(more, "mail"));
            let hint = "they are in `ledger` as ignored; this is said for 7 days".to_owned();
            troubles.push(Trouble { check: "restored", detail, hint });
        }
        for (id, reason) in &self.report.untold {
            let hint = format!("mend the reason, then `postroom outbox retry {id}`, or `postroom outbox drop {id}`");
            let detail = format!("mail {id} failed and nobody could be told: {reason}");
            troubles.push(Trouble { check: "outbox", detail, hint });
        }
    }
}

/// An agent who does not hear of their own mails: what concerns customers alone is on tickets, where it is seen.
fn kept_back(kept: &KeptBack) -> Option<Trouble> {
    let (count, whose, at) = (counted(kept.count, "mail"), &kept.whose, time(kept.last_at));
    let (detail, hint) = match kept.breaker {
        Breaker::Notices => (
            format!("agent `{whose}` heard nothing of {count} of theirs within a day, the last at {at}: too many came"),
            "see whether a machine answers in their mailbox; what they wrote is on its tickets, held answers wait for their word",
        ),
        Breaker::Returned => (
            format!(
                "{count} in the name of agent `{whose}` proved nothing and did not go back to them, the last at {at}"
            ),
            "ask them whether they wrote them; if so, see `postroom check --online` for what takes the proof away",
        ),
        Breaker::ReceiptsOfDomain
        | Breaker::ReceiptsOfMailbox
        | Breaker::ReceiptsForOthers
        | Breaker::TicketsOfDomain
        | Breaker::NewsOfDomain
        | Breaker::NewsOfMailbox => return None,
    };
    Some(Trouble { check: "agents", detail, hint: hint.to_owned() })
}

/// When something is tried again, as the end of a sentence.
fn next(at: Option<Timestamp>) -> String {
    at.map(|at| format!(" (next try {})", time(at))).unwrap_or_default()
}
