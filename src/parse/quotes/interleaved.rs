//! Quotes in the middle of a text: which of them the writer answers or made themselves, so that they are part of their words.

use crate::parse::quotes::attribution::{self, Certainty};
use crate::parse::quotes::signature;
use crate::parse::quotes::split::{CUT_MARK, Intent, Owner};

/// Gives quotes that belong to the writer's text back to it: those answered line by line, and those that no program
/// introduced. A quote above or below all new words stays cut, and so does one with nothing but a greeting under it.
pub fn release(lines: &[&str], owners: &mut [Owner], intent: Intent) {
    let written: Vec<usize> = (0..lines.len())
        .filter(|&index| {
            owners.get(index) == Some(&Owner::Writer) && lines.get(index).is_some_and(|line| !line.trim().is_empty())
        })
        .collect();
    // What a device adds above the quote is no text that the quote could stand in the middle of.
    let said = |index: &&usize| lines.get(**index).is_some_and(|line| !signature::is_signature_start(line));
    let (Some(&first), Some(&last)) = (written.iter().find(said).or(written.first()), written.last()) else { return };
    // "As Shakespeare wrote:" is believed at the top of an answer, unless another mail is quoted under the words.
    let below = || owners.iter().skip(first).any(|owner| matches!(owner, Owner::Attribution | Owner::Rest));
    let doubtful = intent == Intent::Answer && !below();
    let introduced = owners
        .iter()
        .take(first)
        .any(|owner| *owner == Owner::Attribution || (doubtful && *owner == Owner::Introduction))
        || introduces_itself(lines.get(..first).unwrap_or_default(), doubtful);
    let inner = owners.iter().take(last).skip(first).any(|owner| *owner == Owner::Quote);
    let from = if introduced && !inner { first } else { 0 };
    let ours = |line: &&str| line.trim_start_matches(['>', ' ']).starts_with(CUT_MARK);
    if lines.get(from..last).unwrap_or_default().iter().any(ours) {
        return;
    }
    release_own_quotes(lines, owners, first);
    let until = last_answered(lines, owners, &written).unwrap_or(last);
    for owner in owners.iter_mut().take(until).skip(from) {
        if matches!(owner, Owner::Quote | Owner::Introduction) {
            *owner = Owner::Writer;
        }
    }
}

/// Gives quotes back that the writer put under the first of their words, when a program introduces another one below them:
/// that is where the mail that is answered begins.
fn release_own_quotes(lines: &[&str], owners: &mut [Owner], first: usize) {
    let rest = owners.iter().position(|owner| *owner == Owner::Rest);
    let introduction = rest.or_else(|| owners.iter().rposition(|owner| *owner == Owner::Attribution));
    // Where our own mail is quoted, nothing of it may pass for the writer's.
    let ours = lines.iter().any(|line| line.trim_start_matches(['>', ' ']).starts_with(CUT_MARK));
    let Some(introduction) = introduction.filter(|_| !ours) else { return };
    // What touches the introduction is a part of it.
    let gap = owners.iter().take(introduction).rposition(|owner| *owner == Owner::Writer).unwrap_or_default();
    let mut own = true;
    for index in first..gap {
        let filled = lines.get(index).is_some_and(|line| !line.trim().is_empty());
        match owners.get(index) {
            Some(Owner::Attribution | Owner::Rest) => own = false,
            Some(Owner::Writer) if filled => own = true,
            Some(Owner::Introduction) => {
                own = true;
                if let Some(owner) = owners.get_mut(index) {
                    *owner = Owner::Writer;
                }
            }
            Some(Owner::Quote) if own => {
                if let Some(owner) = owners.get_mut(index) {
                    *owner = Owner::Writer;
                }
            }
            Some(Owner::Writer | Owner::Quote) | None => {}
        }
    }
}

/// Whether the quoted lines at the top begin with the headers or the attribution of the mail that they quote.
fn introduces_itself(lines: &[&str], doubtful: bool) -> bool {
    let bare: Vec<&str> = lines.iter().map(|line| line.trim_start_matches(['>', ' '])).take(12).collect();
    let start = bare.iter().position(|line| !line.is_empty()).unwrap_or_default();
    let bare = bare.get(start..).unwrap_or_default();
    attribution::attribution(bare).is_some_and(|(_, certainty)| doubtful || certainty != Certainty::Weak)
        || attribution::header_block(bare).is_some()
        || bare.get(1..).is_some_and(|under| attribution::header_block(under).is_some())
}

/// The last written line that can be an answer to a quote above it; words under the last quote that only greet are none.
fn last_answered(lines: &[&str], owners: &[Owner], written: &[usize]) -> Option<usize> {
    let quote =
        owners.iter().rposition(|owner| matches!(owner, Owner::Quote | Owner::Attribution | Owner::Introduction))?;
    let below: Vec<&str> =
        written.iter().filter(|&&index| index > quote).filter_map(|&index| lines.get(index).copied()).collect();
    let above = written.iter().rev().copied().find(|&index| index < quote)?;
    let first = below.first()?;
    // Gmail puts the signature under the quote.
    let signs = signature::is_signature_start(first) && below.len() <= signature::MAX_SIGNATURE;
    let greets = signs || (signature::is_greeting(first) && below.len() <= 4);
    if !greets {
        return None;
    }
    Some(above)
}
