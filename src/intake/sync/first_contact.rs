//! What counts as there before us, at first contact with a folder under `import = "new"`: what came before the first start
//! with this mailbox, however late the first login works.
//!
//! Never calls a mail old by a clock alone that may be wrong: a mail of the day before is asked when it was written.

use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};
use tracing::debug;

use crate::intake::fault::Fault;
use crate::intake::imap::session::{Listed, Session, UIDS_PER_COMMAND};

/// A clock of a server, or its time zone, may be wrong by this much.
const DOUBT: SignedDuration = SignedDuration::from_hours(24);
/// Mails in a row, from the newest down, that are all older than any doubt: below them nothing is younger.
const SURELY_OLD: usize = 5_000;
/// Heads asked for by one command.
const HEADS: usize = 100;

/// The first start with a mailbox, as it is seen at first contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstStart {
    /// When a daemon first watched the folder, or tried to: the beginning of a second, so that dates tell before from after.
    pub since: Timestamp,
    /// When it looked first.
    pub now: Timestamp,
}

/// When a mail came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// Before the first start.
    Before,
    /// The date does not tell.
    Doubtful,
    /// Since.
    Since,
}

impl FirstStart {
    /// When a mail came that the server dates so, to the second.
    pub fn came(self, received_at: Option<Timestamp>) -> Came {
        let Some(at) = received_at.filter(|at| at.duration_since(self.now) < DOUBT) else { return Came::Doubtful };
        if at >= self.since {
            Came::Since
        } else if self.since.duration_since(at) > DOUBT {
            Came::Before
        } else {
            Came::Doubtful
        }
    }

    /// When a file came that the system dates so.
    pub fn file_came(self, modified_at: Option<Timestamp>) -> Came {
        if modified_at.is_some_and(|at| at >= self.since) { Came::Since } else { Came::Before }
    }

    /// Whether a mail came since, by its own head: it cannot have come before it was written or passed on.
    pub fn is_written_since(self, head: &[u8]) -> bool {
        let text = unfolded(head);
        let dates = text.lines().filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            let date = match name.to_ascii_lowercase().as_str() {
                "date" => value,
                "received" => value.rsplit_once(';')?.1,
                _ => return None,
            };
            DateTimeParser::new().relaxed_weekday(true).parse_timestamp(date.trim()).ok()
        });
        // what lies in the future proves nothing
        dates.filter(|at| at <= &self.now).any(|at| at >= self.since)
    }
}

/// Of mails with these UIDs, ascending, how many were surely there before: UIDs are given in the order of arrival.
pub async fn surely_before(session: &mut Session, uids: &[u32], start: FirstStart) -> Result<usize, Fault> {
    if uids.len() <= SURELY_OLD {
        return Ok(0);
    }
    let (mut rest, mut old) = (uids.len(), 0);
    for chunk in uids.rchunks(UIDS_PER_COMMAND) {
        if old >= SURELY_OLD {
            return Ok(rest);
        }
        let listed = match session.list(chunk).await {
            Ok(listed) => listed,
            // a server that cannot list many at once is asked for each
            Err(error) if error.is_refusal() && !error.is_server_trouble() => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let all_old =
            listed.len() == chunk.len() && listed.iter().all(|mail| start.came(mail.received_at) == Came::Before);
        old = if all_old { old + chunk.len() } else { 0 };
        rest -= chunk.len();
    }
    Ok(0)
}

/// Parts mails into those that came since and those that were there before.
pub async fn part(
    session: &mut Session,
    mails: Vec<Listed>,
    start: FirstStart,
) -> Result<(Vec<Listed>, Vec<Listed>), Fault> {
    let doubtful: Vec<u32> =
        mails.iter().filter(|mail| start.came(mail.received_at) == Came::Doubtful).map(|mail| mail.uid).collect();
    let mut written_since = Vec::new();
    for chunk in doubtful.chunks(HEADS) {
        match session.dates(chunk).await {
            Ok(heads) => {
                written_since
                    .extend(heads.iter().filter(|head| start.is_written_since(&head.bytes)).map(|head| head.uid));
            }
            Err(error) if error.is_server_trouble() || !session.is_usable() => return Err(error.into()),
            Err(error) => debug!("the server does not say when {} mails were written: {error}", chunk.len()),
        }
    }
    Ok(mails.into_iter().partition(|mail| match start.came(mail.received_at) {
        Came::Since => true,
        Came::Before => false,
        Came::Doubtful => written_since.contains(&mail.uid),
    }))
}

/// Header fields, each on one line.
fn unfolded(head: &[u8]) -> String {
    String::from_utf8_lossy(head).replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_796_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(START + second).unwrap()
    }

    fn late() -> FirstStart {
        FirstStart { since: at(0), now: at(7200) }
    }

    #[test]
    fn dates_tell_what_came_while_nobody_could_log_in() {
        let check = |second: i64, expected| assert_eq!(late().came(Some(at(second))), expected, "{second}");
        check(0, Came::Since);
        check(1, Came::Since);
        check(7300, Came::Since);
        check(-1, Came::Doubtful);
        check(-80_000, Came::Doubtful);
        check(-90_000, Came::Before);
        check(200_000, Came::Doubtful);
        assert_eq!(late().came(None), Came::Doubtful);
    }

    #[test]
    fn a_mail_is_asked_when_it_was_written_or_passed_on() {
        let head = |second: i64| {
            let date = at(second).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
            format!(
                "Received: from a by b\r\n\tfor <c@d.example>; {date} (UTC)\r\nDate: Thu, 1 Jan 2015 00:00:00 +0000\r\n\r\n"
            )
        };
        assert!(late().is_written_since(head(60).as_bytes()));
        assert!(!late().is_written_since(head(-60).as_bytes()));
        assert!(!late().is_written_since(head(8000).as_bytes()), "in the future");
        assert!(!late().is_written_since(b"Date: nonsense\r\nReceived: x\r\n\xff"));
    }
}
