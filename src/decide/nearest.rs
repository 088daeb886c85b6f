//! What a mistyped word most likely meant.

/// The known word that a mistyped one most likely meant: at most two edits away, and fewer than half its letters.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distances = known.map(|candidate| (distance(&word, candidate), candidate));
    distances.filter(|(distance, candidate)| *distance <= 2 && distance * 2 <= candidate.len()).min().map(|(_, c)| c)
}

/// How far a mistyped word is from a known one: two neighbours in the wrong order, which hurried hands write, are one slip.
fn distance(word: &str, candidate: &str) -> usize {
    if is_swapped(word, candidate) { 1 } else { edits(word, candidate) }
}

/// Whether the words are the same but for two neighbouring letters that changed places.
fn is_swapped(left: &str, right: &str) -> bool {
    let mut pairs = left.chars().zip(right.chars()).skip_while(|(a, b)| a == b);
    let (Some((a, b)), Some((c, d))) = (pairs.next(), pairs.next()) else { return false };
    left.chars().count() == right.chars().count() && a == d && b == c && pairs.all(|(a, b)| a == b)
}

/// Levenshtein distance; words are short by construction.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.chars().take(64).enumerate() {
        let mut diagonal = index;
        let mut last = index + 1;
        if let Some(first) = row.first_mut() {
            *first = last;
        }
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let value = if a == *b { diagonal } else { 1 + diagonal.min(*cell).min(last) };
            diagonal = *cell;
            *cell = value;
            last = value;
        }
    }
    row.last().copied().unwrap_or(0)
}
