//! Who was not reached, among the addresses in the text of a returned mail: those that stand as a server names its
//! readers, rather than in prose, among examples, or as ourselves.

use std::sync::LazyLock;

use crate::model::address::Address;
use crate::parse::bounce::codes::{failure_in, has_reply};
use crate::parse::bounce::copy::Returned;
use crate::parse::bounce::evidence;
use crate::parse::phrase_set::{Stems, fold};
use crate::parse::phrases::{ANNOUNCE, OTHERS};

/// Recipients that are read.
const MAX_FOUND: usize = 200;
/// Recipients that one line may name.
const MAX_ON_LINE: usize = 10;
/// Lines under an address that may say why.
const REASON_LINES: usize = 8;
/// Lines above an address in which its announcement stands.
const ANNOUNCED: usize = 4;
/// Words of a line that is prose, when no code stands in it.
const PROSE: usize = 9;
/// How much less than the best one a candidate may be worth.
const NEAR: i32 = 3;
/// Local parts of those who are asked and never written to.
const HOUSE: [&str; 9] =
    ["postmaster", "mailer-daemon", "abuse", "support", "help", "helpdesk", "hostmaster", "webmaster", "admin"];

static ANNOUNCING: LazyLock<Stems> = LazyLock::new(|| Stems::new(&ANNOUNCE));
static ABOUT_OTHERS: LazyLock<Stems> = LazyLock::new(|| Stems::new(&OTHERS));

/// A recipient named in the text.
#[derive(Clone, Debug)]
pub struct Found {
    /// Who was not reached.
    pub address: Address,
    /// Enhanced status code near the address; empty when none.
    pub status: String,
    /// The words near the address.
    pub diagnostic: String,
    /// Whether the address stands first on its line, as servers list those who were not reached.
    pub listed: bool,
    /// Whether the reason stands behind it, as in `<kim@y.example>: why`.
    pub explained: bool,
}

/// What speaks for and against a candidate.
struct Candidate {
    found: Found,
    worth: i32,
}

/// What is known of the mail around the text.
pub struct Around<'a> {
    /// Addresses of those who got it.
    pub own: &'a [Address],
    /// The mail that came back.
    pub returned: &'a Returned,
    /// Whose machine returned it.
    pub domain: Option<&'a str>,
}

/// The recipients that `lines`, the text above the copy, names.
pub fn find(lines: &[&str], around: &Around<'_>) -> Vec<Found> {
    let folded: Vec<String> = lines.iter().map(|line| fold(line)).collect();
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut ourselves: Vec<Found> = Vec::new();
    for index in 0..lines.len() {
        for (address, form) in named(lines, index, around) {
            if around.own.iter().any(|own| own.same_as(&address)) {
                if ourselves.len() < MAX_FOUND && ourselves.iter().all(|found| !found.address.same_as(&address)) {
                    ourselves.push(found(lines, index, address));
                }
                continue;
            }
            if !lines.get(index).is_some_and(|line| line.contains('@')) && !announced(&folded, index, &address) {
                continue;
            }
            let worth = form + worth(lines, &folded, index, &address, around);
            if let Some(known) = candidates.iter_mut().find(|known| known.found.address.same_as(&address)) {
                if known.worth < worth {
                    *known = Candidate { found: better(&known.found, found(lines, index, address)), worth };
                }
            } else if candidates.len() < MAX_FOUND {
                candidates.push(Candidate { found: found(lines, index, address), worth });
            }
        }
    }
    let best = candidates.iter().map(|candidate| candidate.worth).max();
    let Some(best) = best.filter(|best| *best > 0 || ourselves.is_empty()) else { return ourselves };
    candidates.retain(|candidate| candidate.worth > best - NEAR && (candidate.worth >= 0 || candidate.worth == best));
    candidates.into_iter().map(|candidate| candidate.found).collect()
}

/// Of two mentions of one recipient the later one, with what only the earlier says.
fn better(earlier: &Found, mut later: Found) -> Found {
    if later.status.is_empty() {
        later.status.clone_from(&earlier.status);
        if has_reply(&earlier.diagnostic.to_lowercase()) {
            later.diagnostic.clone_from(&earlier.diagnostic);
        }
    }
    later
}

/// The addresses that a line names, each with the worth of its form.
fn named(lines: &[&str], index: usize, around: &Around<'_>) -> Vec<(Address, i32)> {
    let line = lines.get(index).copied().unwrap_or_default();
    if let Some(original) = generated_from(line) {
        return vec![(original, 8)];
    }
    // `piet@inner.example` with `(expanded from: <piet@outer.example>)` below is a name inside.
    let original = lines
        .iter()
        .skip(index + 1)
        .take(3)
        .take_while(|line| !line.trim().is_empty())
        .find_map(|line| generated_from(line));
    let inside = if original.is_some() { -8 } else { 0 };
    if let Some(first) = listed_first(line) {
        // What the other server said follows, whom to ask among it.
        return vec![(first, 3 + inside)];
    }
    let addresses = addresses_of(line);
    if addresses.is_empty() {
        return local(line, around).map(|address| (address, -1)).into_iter().collect();
    }
    addresses.into_iter().take(MAX_ON_LINE).map(|address| (address, inside)).collect()
}

/// What the place of an address says of it.
fn worth(lines: &[&str], folded: &[String], index: usize, address: &Address, around: &Around<'_>) -> i32 {
    let line = folded.get(index).map(String::as_str).unwrap_or_default();
    let mut worth = 0;
    let bare = line.trim_start_matches(['>', '<', ' ', '*', '-', '•', '"', '(']);
    let first = bare.starts_with(address.key().as_str()) || !line.contains('@');
    let words = line.split_whitespace().filter(|word| !word.contains('@')).count();
    // Alone, or with the reason behind it.
    worth += if first { 3 } else { 0 } + i32::from(first && words == 0);
    // `Who: kim@y.example`, `to kim@y.example`, `"Kim" <kim@y.example>`.
    worth += i32::from(!first && words <= 3);
    worth +=
        if line.contains("rcpt to:") || line.starts_with("to:") || line.contains("final-recipient") { 3 } else { 0 };
    if announced(folded, index, address) {
        worth += 2;
    }
    let paragraph = |line: &&String| !line.trim().is_empty();
    let near = folded.iter().skip(index).take(REASON_LINES).take_while(paragraph);
    let coded = near
        .enumerate()
        .any(|(at, line)| has_reply(line) && (at == 0 || !names_another(lines.get(index + at), address)));
    worth += i32::from(coded);
    if around.returned.to.iter().any(|to| to.same_as(address)) {
        worth += if first { 2 } else { 5 };
    }
    if around.returned.from.iter().any(|from| from.same_as(address)) {
        worth -= 6;
    }
    if around.own.iter().any(|own| own.domain() == address.domain()) {
        worth -= 2;
    }
    worth += 2 * i32::from(!first && evidence::fails(line));
    worth -= 2 * i32::from(
        line.split(address.key().as_str()).next().is_some_and(|before| before.trim_end().ends_with("from")),
    );
    let sender = ["from:", "mail from:", "sender:", "sender address:", "in: mail from", "return-path"];
    let heading = line.trim_start_matches(['>', '<', ' ', '*']);
    if sender.iter().any(|label| heading.starts_with(label)) {
        worth -= 6;
    }
    if HOUSE.contains(&address.local().to_lowercase().as_str()) && !first {
        worth -= 2;
    }
    let without = || line.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    let others = |line: &str| ABOUT_OTHERS.stand_in(line);
    if !line.starts_with('<') && others(&without()) {
        worth -= 5;
    } else if words > PROSE && !coded {
        worth -= 1;
    }
    worth
}

/// Whether the line, or one of the few above it, announces who was not reached.
fn announced(folded: &[String], index: usize, address: &Address) -> bool {
    let line = folded.get(index).map(String::as_str).unwrap_or_default();
    let before = line.split(address.key().as_str()).next().unwrap_or_default();
    let from = index.saturating_sub(ANNOUNCED);
    let mut above = folded.get(from..index).unwrap_or_default().iter().rev().filter(|line| !line.trim().is_empty());
    let listed = |line: &String| line.contains('@') && line.split_whitespace().count() <= 3;
    ANNOUNCING.stand_in(before)
        || above.find(|line| !listed(line)).is_some_and(|line| ANNOUNCING.stand_in(line) || line.ends_with(':'))
}

/// The original recipient in `(expanded from <ola@firma.example>)`.
fn generated_from(line: &str) -> Option<Address> {
    let lower = line.to_lowercase();
    let at = ["expanded from", "generated from", "originally to", "forwarded from"]
        .iter()
        .find_map(|words| lower.find(words).map(|at| at + words.len()));
    let rest = line.get(at?..)?;
    // `(report generated from …)` is about no recipient.
    if lower.contains("report generated") || lower.contains("message generated") {
        return None;
    }
    addresses_of(rest).into_iter().next()
}

/// A name without a domain, as large providers list their own users: `kowalski   no entry`, `local user maja`.
fn local(line: &str, around: &Around<'_>) -> Option<Address> {
    let domain = around.domain?;
    let indented = line.starts_with([' ', '\t', '<']);
    let line = line.trim().trim_matches(['<', '>']);
    let name = match line.split_once([' ', '\t']) {
        None => line,
        // A gap as in a table, or a reason in brackets.
        Some((name, rest)) if rest.starts_with([' ', '\t', '(']) => name,
        Some(("local", rest)) => rest.strip_prefix("user ")?.split_whitespace().next()?,
        Some(_) => return None,
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    let usable =
        (3..=64).contains(&name.len()) && name.bytes().all(plain) && name.bytes().any(|byte| byte.is_ascii_lowercase());
    let usable = usable && !name.ends_with(['.', '-', '_']) && !name.starts_with(['.', '-', '_']);
    (usable
        && (indented || name.len() < line.len() || name.bytes().any(|byte| !byte.is_ascii_lowercase()) || line == name))
        .then(|| Address::parse(&format!("{name}@{domain}")))
        .flatten()
}

/// A recipient named on the line at `index`.
fn found(lines: &[&str], index: usize, address: Address) -> Found {
    let diagnostic = reason(lines.get(index..).unwrap_or_default(), &address);
    let status = failure_in(&diagnostic).unwrap_or_default();
    let line = lines
        .get(index)
        .map(|line| line.trim_start_matches(['>', '<', ' ', '\t', '*', '-', '•', '"', '(']))
        .unwrap_or_default();
    let listed = line.get(..address.as_str().len()).is_some_and(|start| start.eq_ignore_ascii_case(address.as_str()));
    let explained = lines.get(index).and_then(|line| listed_first(line)).is_some_and(|first| first.same_as(&address));
    Found { address, status, diagnostic, listed, explained }
}

/// The lines under a recipient that say why, up to the next recipient.
fn reason(lines: &[&str], address: &Address) -> String {
    let more = lines
        .iter()
        .skip(1)
        .take(REASON_LINES)
        .take_while(|line| !line.trim().is_empty() && !names_another(Some(line), address))
        .count();
    lines.iter().take(1 + more).map(|line| line.trim()).collect::<Vec<_>>().join(" ")
}

fn names_another(line: Option<&&str>, address: &Address) -> bool {
    line.is_some_and(|line| {
        generated_from(line).is_none()
            && (listed_first(line).is_some() || addresses_of(line).iter().any(|other| !other.same_as(address)))
    })
}

/// The recipient with whom a line begins as servers list them: `<kim@y.example>: why`.
fn listed_first(line: &str) -> Option<Address> {
    let (address, rest) = line.trim_start().strip_prefix('<')?.split_once('>')?;
    rest.trim_start().starts_with(':').then(|| Address::parse(address)).flatten()
}

/// The addresses in a line that can be recipients: no Message-IDs, no postmasters.
pub fn addresses_of(line: &str) -> Vec<Address> {
    if !line.contains('@') || line.to_lowercase().contains("message-id") {
        return Vec::new();
    }
    line.split(|c: char| c.is_whitespace() || "<>()[]\"',;|：（），、；".contains(c))
        .filter(|word| word.contains('@'))
        .filter_map(|word| {
            // `dda:SMTP=anna@x.example` of X.400 gateways, `TO:anna@x.example`.
            let word = word.rsplit_once("SMTP=").map_or(word, |(_, rest)| rest);
            let word = word
                .rsplit_once(':')
                .map_or(word, |(head, rest)| if rest.contains('@') && !head.contains('@') { rest } else { word });
            Address::parse(word.trim_matches([':', '.', '*', '=', '?', '!', '-']))
        })
        .filter(|address| address.domain().contains('.'))
        .filter(|address| !matches!(address.local().to_lowercase().as_str(), "postmaster" | "mailer-daemon" | "abuse"))
        .collect()
}
