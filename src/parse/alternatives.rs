//! Of several forms of one text, the one to read (RFC 2046 §5.1.4).
//!
//! Forms are ordered from the plainest to the richest, and the plainest is read: what lists and scanners on the way put
//! behind it is not the writer's. A form that says something else is never lost: it becomes a file.

use super::mime::Part;

/// Forms that are compared; others become files.
const MAX_FORMS: usize = 20;

/// The parts of one form, with their indexes.
pub type Form<'p, 'a> = Vec<(usize, &'p Part<'a>)>;

/// Which form is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Best {
    /// The form to read.
    pub shown: usize,
    /// Forms that say what the one to read does not.
    pub left: Vec<usize>,
}

/// The form to read among the texts of several: the first that says anything, or a later one that says all of that and more.
pub fn best(forms: &[String]) -> Best {
    if forms.len() < 2 {
        return Best::default();
    }
    let words: Vec<String> = forms.iter().take(MAX_FORMS).map(|form| form.split_whitespace().collect()).collect();
    let empty = |index: usize| {
        words.get(index).is_some_and(String::is_empty) || forms.get(index).is_some_and(|form| is_stub(form))
    };
    let said = |index: usize| words.get(index).map(String::as_str).unwrap_or_default();
    let mut shown = (0..words.len()).find(|&index| !empty(index)).unwrap_or_default();
    for later in shown + 1..words.len() {
        if said(later).len() > said(shown).len() && said(later).contains(said(shown)) {
            shown = later;
        }
    }
    let other = |index: &usize| {
        *index != shown && !empty(*index) && (*index >= words.len() || !said(shown).contains(said(*index)))
    };
    Best { shown, left: (0..forms.len()).filter(other).collect() }
}

/// The indexes of the parts that are no files, of forms of which one was chosen.
pub fn used(forms: &[Form<'_, '_>], best: &Best) -> Vec<usize> {
    let kept = forms.iter().enumerate().filter(|(index, _)| !best.left.contains(index));
    kept.flat_map(|(_, form)| form).map(|(index, _)| *index).collect()
}

/// Text that only says that the real text is HTML.
pub fn is_stub(text: &str) -> bool {
    text.len() < 300 && {
        let lower = text.to_lowercase();
        lower.contains("html")
            && !lower.contains('@')
            && lower.lines().filter(|line| !line.trim().is_empty()).count() <= 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(forms: &[&str], shown: usize, left: &[usize]) {
        let forms: Vec<String> = forms.iter().map(|form| (*form).to_owned()).collect();
        assert_eq!(best(&forms), Best { shown, left: left.to_vec() }, "{forms:?}");
    }

    #[test]
    fn the_first_form_that_says_anything_is_read_unless_a_later_one_says_it_all() {
        check(&[], 0, &[]);
        check(&["a"], 0, &[]);
        check(&["the words", "a footer of the list"], 0, &[1]);
        check(&["", " ", "words"], 2, &[]);
        check(&["words", ""], 0, &[]);
        check(&["the words", "the\nwords"], 0, &[]);
        check(&["the words", "Dear all,\nthe words"], 1, &[]);
        check(&["This mail needs HTML.", "words"], 1, &[]);
        check(&["", ""], 0, &[]);
    }

    #[test]
    fn many_forms_are_survived() {
        let forms: Vec<String> = (0..1_000).map(|number| format!("form {number}")).collect();
        let best = best(&forms);
        // `form 10` says all that `form 1` says.
        assert_eq!((best.shown, best.left.len()), (0, 999));
    }
}
