//! "Did you mean": the known word that is nearest to a mistyped one. Two neighbours in the wrong order, which hurried hands
//! write, are one slip.

use strsim::osa_distance;

/// The known word nearest to `word`, if it is near enough to be meant: one slip in three letters, at most three.
pub fn nearest<'a, T: AsRef<str>>(word: &str, known: &'a [T]) -> Option<&'a str> {
    let most = (word.chars().count() / 3).clamp(1, 3);
    closest(word, known.iter().map(AsRef::as_ref), |_| most)
}

/// The same among words of a few letters, such as commands and ids: one slip in two letters, at most two.
pub fn nearest_short<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    closest(word, known, |letters| (letters / 2).min(2))
}

/// The first of those with the fewest slips, if these are no more than `most` allows to a word of that many letters.
fn closest<'a>(word: &str, known: impl Iterator<Item = &'a str>, most: impl Fn(usize) -> usize) -> Option<&'a str> {
    let word = word.to_lowercase();
    let letters = word.chars().count();
    let slips = |candidate: &'a str| {
        let length = candidate.chars().count();
        // Words of another length are not compared: a stranger's word may be as long as a mail.
        let near = letters.abs_diff(length) <= most(length);
        let slips = near.then(|| osa_distance(&word, &candidate.to_lowercase()))?;
        (slips <= most(length)).then_some((slips, candidate))
    };
    known.filter_map(slips).min_by_key(|(slips, _)| *slips).map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_words_are_suggested() {
        let known = ["returns", "billing", "support"];
        for (word, expected) in [
            ("retruns", Some("returns")),
            ("Billing", Some("billing")),
            ("xsupport", Some("support")),
            ("sales", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, &known), expected, "{word}");
        }
        assert_eq!(nearest("id", &["id", "in"]), Some("id"));
    }

    #[test]
    fn short_words_bear_two_slips_in_half_their_letters() {
        for (word, expected) in [("tkae", Some("take")), ("Asign", Some("assign")), ("xx", None), ("tqqx", None)] {
            assert_eq!(nearest_short(word, ["take", "assign", "cc"].into_iter()), expected, "{word}");
        }
        assert_eq!(nearest_short(&"x".repeat(1_000_000), ["take"].into_iter()), None);
    }
}
