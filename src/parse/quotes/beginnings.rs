//! Where a quoted mail begins: how sure its introduction is, and lines that it shares with the words of one of the two.
//!
//! Only recognises; what to cut is decided in `reply`.

use crate::parse::quotes::attribution::{self, Certainty, Mark};
use crate::parse::quotes::lines::is_quote;

/// Parts an attribution from the writer's words that a program left on the same line.
pub fn unshare(line: &str) -> impl Iterator<Item = &str> {
    let at = line.trim_end().ends_with("wrote:").then(|| line.find(" On ").or_else(|| line.find("--- On "))).flatten();
    let at = at.filter(|&at| line.get(..at).is_some_and(|head| !head.trim_matches([' ', '-', '*', '>']).is_empty()));
    // A rule in front of it belongs to it.
    let at = at.map(|at| {
        let head = line.get(..at).unwrap_or_default();
        if head.ends_with("---") { head.trim_end_matches('-').len() } else { at }
    });
    let (head, tail) = at.and_then(|at| line.split_at_checked(at)).unwrap_or((line, ""));
    let sure =
        |text: &str| attribution::attribution(&[text]).is_some_and(|(_, certainty)| certainty != Certainty::Weak);
    let shared = sure(tail) && !is_quote(line);
    let (head, tail) = if shared { (head, Some(tail)) } else { part_quote(line) };
    std::iter::once(head).chain(tail)
}

/// Parts an attribution from the first words of the quote, which Yahoo's apps leave on its line after several blanks.
fn part_quote(line: &str) -> (&str, Option<&str>) {
    const MAX_HEAD: usize = 500;
    let mut ends = line.match_indices(":  ").map(|(at, _)| at).take_while(|at| *at < MAX_HEAD);
    let parted = ends.find_map(|at| {
        let (head, tail) = line.split_at_checked(at + 1)?;
        let sure = attribution::attribution(&[head]).is_some_and(|(_, certainty)| certainty == Certainty::Strong);
        (sure && !tail.trim().is_empty()).then_some((head, Some(tail)))
    });
    parted.filter(|_| !is_quote(line)).unwrap_or((line, None))
}

/// How sure lines are that introduce a quote: a rule or labels leave no doubt.
pub fn certainty_of(lines: &[&str]) -> Certainty {
    let start = lines.iter().position(|line| !line.trim().is_empty()).unwrap_or_default();
    let found = lines.get(start..).and_then(attribution::attribution);
    found.map_or(Certainty::Strong, |(_, certainty)| certainty)
}

/// The last line at which the mail that is answered begins beyond doubt: a mark, or an attribution of marked lines.
pub fn last_sure_end(lines: &[&str], marked: Option<usize>) -> Option<usize> {
    let sure = |&index: &usize| {
        let rest = lines.get(index..).unwrap_or_default();
        let line = rest.first().copied().unwrap_or_default();
        marked == Some(index)
            || attribution::mark(line) == Some(Mark::Original)
            || attribution::attribution(rest).is_some_and(|(length, certainty)| {
                let below = rest.iter().skip(length).find(|line| !line.trim().is_empty());
                certainty != Certainty::Weak && below.is_some_and(|line| is_quote(line))
            })
    };
    (0..lines.len()).rev().find(sure)
}
