//! Keywords found in subject and new text by one Aho-Corasick automaton over those of all departments.
//!
//! Text and keywords are folded, so that case, accents and scripts' doubles do not matter; a keyword stands for whole words.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::model::fold::{Folded, fold_with_offsets};
use crate::model::id::DepartmentId;
use crate::model::link::{Hit, HitPlace, Score};
use crate::model::policy::{KeywordPlace, Policy};
use crate::model::text::{beginning, clean_line};

/// Bytes of a text that are searched: nobody writes more, and what stands that far down decides nothing.
const MAX_SCANNED: usize = 1024 * 1024;
/// Bytes of the folded word after a keyword with `*` that a hit still shows.
const MAX_ENDING: usize = 64;
/// Characters of a hit's text.
const MAX_SHOWN: usize = 300;

/// All keywords of all departments.
#[derive(Debug)]
pub(super) struct Keywords {
    /// `None` when there are no keywords.
    automaton: Option<AhoCorasick>,
    /// For each pattern of the automaton the keywords that read so, as places in `known`.
    readings: Vec<Vec<usize>>,
    /// In the order of departments, then of their keywords.
    known: Vec<Known>,
    departments: Vec<DepartmentId>,
}

#[derive(Debug)]
struct Known {
    /// Place in `departments`.
    department: usize,
    text: String,
    prefix: bool,
    weight: u32,
    place: KeywordPlace,
}

/// What is found of one keyword so far.
#[derive(Clone, Copy)]
struct Found {
    place: HitPlace,
    start: usize,
    end: usize,
}

impl Keywords {
    pub fn new(policy: &Policy) -> Self {
        let mut patterns: Vec<&str> = Vec::new();
        let mut numbers = std::collections::HashMap::new();
        let mut readings: Vec<Vec<usize>> = Vec::new();
        let mut known = Vec::new();
        for (department, keyword) in
            policy.departments.iter().enumerate().flat_map(|(n, d)| d.keywords.iter().map(move |keyword| (n, keyword)))
        {
            if keyword.folded.is_empty() {
                continue;
            }
            let number = *numbers.entry(keyword.folded.as_str()).or_insert_with(|| {
                patterns.push(&keyword.folded);
                readings.push(Vec::new());
                readings.len() - 1
            });
            if let Some(same) = readings.get_mut(number) {
                same.push(known.len());
            }
            known.push(Known {
                department,
                text: keyword.text.clone(),
                prefix: keyword.prefix,
                weight: keyword.weight,
                place: keyword.place,
            });
        }
        let automaton = || AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns).ok();
        Self {
            automaton: if patterns.is_empty() { None } else { automaton() },
            readings,
            known,
            departments: policy.departments.iter().map(|department| department.id.clone()).collect(),
        }
    }

    /// The scores of all departments with a hit, the highest first, of equal ones in the order of the config.
    pub fn scores(&self, subject: &str, text: &str) -> Vec<Score> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let (subject, text) = (scanned(subject), scanned(text));
        let mut found = vec![None; self.known.len()];
        let folded_subject = fold_with_offsets(subject);
        let mut any = self.search(automaton, HitPlace::Subject, &folded_subject, &mut found);
        let folded_text = fold_with_offsets(text);
        any |= self.search(automaton, HitPlace::Text, &folded_text, &mut found);
        if !any {
            return Vec::new();
        }
        let mut scores: Vec<(usize, Score)> = Vec::new();
        for (known, found) in self.known.iter().zip(&found) {
            let Some(found) = found else { continue };
            let (folded, original) = match found.place {
                HitPlace::Subject => (&folded_subject, subject),
                HitPlace::Text => (&folded_text, text),
            };
            let hit = known.hit(*found, original.get(folded.original(found.start, found.end)).unwrap_or_default());
            self.add(&mut scores, known.department, hit);
        }
        // Stable: equal scores stay in the order of departments.
        scores.sort_by_key(|(_, score)| std::cmp::Reverse(score.score));
        scores.into_iter().map(|(_, score)| score).collect()
    }

    /// Notes the first place of every keyword that counts at `place` and is not yet found; whether there was any.
    fn search(&self, automaton: &AhoCorasick, place: HitPlace, folded: &Folded, found: &mut [Option<Found>]) -> bool {
        let text = folded.text.as_str();
        let mut any = false;
        for matched in automaton.find_overlapping_iter(text) {
            let (start, end) = (matched.start(), matched.end());
            let readings = self.readings.get(matched.pattern().as_usize()).map(Vec::as_slice).unwrap_or_default();
            for &number in readings {
                let (Some(known), Some(slot)) = (self.known.get(number), found.get_mut(number)) else { continue };
                if slot.is_some() || !known.counts_at(place) || !starts_word(text, start) {
                    continue;
                }
                if known.prefix {
                    *slot = Some(Found { place, start, end: word_end(text, end) });
                    any = true;
                } else if ends_word(text, end) {
                    *slot = Some(Found { place, start, end });
                    any = true;
                }
            }
        }
        any
    }

    fn add(&self, scores: &mut Vec<(usize, Score)>, department: usize, hit: Hit) {
        // Keywords come in the order of departments, so the one at hand is always the last.
        match scores.last_mut() {
            Some((last, score)) if *last == department => {
                score.score = score.score.saturating_add(hit.score);
                score.hits.push(hit);
            }
            Some(_) | None => {
                if let Some(id) = self.departments.get(department) {
                    scores.push((department, Score { department: id.clone(), score: hit.score, hits: vec![hit] }));
                }
            }
        }
    }
}

impl Known {
    fn counts_at(&self, place: HitPlace) -> bool {
        match (self.place, place) {
            (KeywordPlace::Anywhere, _)
            | (KeywordPlace::Subject, HitPlace::Subject)
            | (KeywordPlace::Text, HitPlace::Text) => true,
            (KeywordPlace::Subject, HitPlace::Text) | (KeywordPlace::Text, HitPlace::Subject) => false,
        }
    }

    fn hit(&self, found: Found, text: &str) -> Hit {
        let score = match found.place {
            HitPlace::Subject => self.weight.saturating_mul(2),
            HitPlace::Text => self.weight,
        };
        // A phrase may span lines; a reason is one line.
        let text = clean_line(text, MAX_SHOWN);
        Hit { keyword: self.text.clone(), place: found.place, text, score }
    }
}

fn scanned(text: &str) -> &str {
    beginning(text, MAX_SCANNED)
}

/// Whether a word may start at `index`: no letter or digit stands before it.
fn starts_word(text: &str, index: usize) -> bool {
    text.get(..index).and_then(|before| before.chars().next_back()).is_none_or(|c| !is_word(c))
}

/// Whether a word may end at `index`: no letter or digit stands after it.
fn ends_word(text: &str, index: usize) -> bool {
    text.get(index..).and_then(|after| after.chars().next()).is_none_or(|c| !is_word(c))
}

/// The end of the word that goes on at `index`, at most [`MAX_ENDING`] bytes on.
fn word_end(text: &str, index: usize) -> usize {
    let rest = text.get(index..).unwrap_or_default();
    let rest = beginning(rest, MAX_ENDING);
    index + rest.find(|c| !is_word(c)).unwrap_or(rest.len())
}

/// Folded text has no combining marks left, so letters and digits are all that words are made of. An apostrophe ends one:
/// `refund` is found in `refund's`.
fn is_word(c: char) -> bool {
    c.is_alphanumeric()
}
