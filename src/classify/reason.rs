//! Routing reasons in words: one line, what was found and where, the score, who came next.

use std::fmt::Write as _;

use crate::model::link::{Hit, HitPlace, Score};

/// Hits that a reason names; the scores have all of them.
const MAX_NAMED: usize = 5;

/// Why keywords chose `winner` before `next`.
pub(super) fn keywords(winner: &Score, next: Option<&Score>) -> String {
    let mut reason: Vec<String> = winner.hits.iter().take(MAX_NAMED).map(hit).collect();
    if winner.hits.len() > MAX_NAMED {
        reason.push(format!("{} more", winner.hits.len() - MAX_NAMED));
    }
    let mut reason = reason.join(", ");
    let written = match next {
        None => write!(reason, ": score {}", winner.score),
        Some(next) if next.score == winner.score => {
            write!(reason, ": score {}; `{}` has as much", winner.score, next.department)
        }
        Some(next) => write!(reason, ": score {}; next `{}` with {}", winner.score, next.department, next.score),
    };
    // Writing to a string cannot fail.
    written.unwrap_or_default();
    reason
}

/// Why keywords did not decide although there were some.
pub(super) fn below_threshold(best: &Score, threshold: u32) -> String {
    format!("; keywords give `{}` a score of {}, below its threshold of {threshold}", best.department, best.score)
}

fn hit(hit: &Hit) -> String {
    let place = match hit.place {
        HitPlace::Subject => "in the subject",
        HitPlace::Text => "in the text",
    };
    if hit.text.to_lowercase() == hit.keyword.to_lowercase() {
        format!("`{}` {place}", hit.keyword)
    } else {
        format!("`{}` {place} (`{}`)", hit.keyword, hit.text)
    }
}
