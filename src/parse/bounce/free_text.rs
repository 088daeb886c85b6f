//! Reads what mail programs write for people when they return a mail: who was not reached, and why.

use std::sync::LazyLock;

use crate::model::address::Address;
use crate::model::mail::ParsedMail;
use crate::model::text::beginning;
use crate::parse::bounce::candidates::{self, Around, Found};
use crate::parse::bounce::codes::failure_in;
use crate::parse::bounce::copy::{self, Returned};
use crate::parse::bounce::evidence::{self, Failure};
use crate::parse::mime::parts::Parts;
use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::{HELD_BACK, LATE, PROOF};

/// Lines of the text that are read.
const MAX_LINES: usize = 400;
/// Bytes of a line that are read.
const MAX_LINE: usize = 2_000;
/// Bytes of it that are searched for a demand.
const MAX_BYTES: usize = 16 * 1024;

static PROOFS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&PROOF));
static LATE_WORDS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&LATE));

/// What a text says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// The recipients named.
    pub recipients: Vec<Found>,
    /// The mail that came back, as far as it is shown.
    pub returned: Returned,
    /// The first enhanced status code of a failure anywhere above the copy.
    pub status: String,
    /// The words up to the copy of the mail, in lower case on one line.
    pub words: String,
    /// How much speaks for a machine, beyond the headers.
    pub machine: i32,
    /// Whether it begins as only a machine's text does.
    pub opens: bool,
    /// How much speaks for a mail of ours that failed.
    pub failure: i32,
    /// Whether it only says that delivery takes longer.
    pub delayed: bool,
}

/// Whether a text asks its reader to prove that they are human. To be asked of a machine's text alone.
pub fn asks_to_confirm(text: &str) -> bool {
    PROOFS.stand_in(&fold(beginning(text, MAX_BYTES)))
}

/// Reads the text of a mail. `own`: addresses of those who got it, which are recipients only when nobody else is named.
pub fn read(mail: &ParsedMail, own: &[Address], parts: &Parts<'_>) -> Said {
    let all: Vec<&str> = mail.text.lines().take(MAX_LINES).map(|line| beginning(line, MAX_LINE)).collect();
    let (lines, under) = all.split_at_checked(copy::begins(&all, own)).unwrap_or((all.as_slice(), &[]));
    let returned = Returned::find(parts, under);
    let domain = mail.from.as_ref().map(|from| from.address.domain());
    let around = Around { own, returned: &returned, domain };
    let recipients = candidates::find(lines, &around);
    let words = lines.iter().map(|line| line.trim().to_lowercase()).collect::<Vec<_>>().join(" ");
    let failure = Failure { lines, recipients: &recipients, returned: &returned, own };
    // Servers that hold a mail back, until its writer proves that they are one, begin in the same words.
    let challenge = HELD_BACK.iter().any(|challenge| words.contains(challenge));
    let failure = if challenge { 0 } else { failure.worth(mail) };
    let opening = evidence::is_fixed(&mail.text) || evidence::begins_with_recipient(&mail.text);
    let opens = opening && !challenge;
    let machine = 2 * i32::from(opens) + i32::from(returned.shown && returned.is_from(own))
        - i32::from(evidence::is_personal(lines));
    let status = lines.iter().find_map(|line| failure_in(line)).unwrap_or_default();
    let delayed = LATE_WORDS.stand_in(&fold(&words));
    Said { recipients, returned, status, words, machine, opens, failure, delayed }
}
