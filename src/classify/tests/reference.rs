//! The automaton agrees with a matcher so simple that it can be read as the rule itself.

use proptest::prelude::*;

use super::*;

/// Every keyword that stands in `text` as whole words, by trying each place.
fn stands_in(keyword: &Keyword, text: &str) -> bool {
    let text: Vec<char> = fold(text).chars().collect();
    let word: Vec<char> = keyword.folded.chars().collect();
    let outside = |index: Option<usize>| index.and_then(|index| text.get(index)).is_none_or(|c| !c.is_alphanumeric());
    (0..text.len()).any(|start| {
        let end = start + word.len();
        text[start..].starts_with(&word) && outside(start.checked_sub(1)) && (keyword.prefix || outside(Some(end)))
    })
}

fn expected(policy: &Policy, subject: &str, text: &str) -> Vec<(String, u32, Vec<String>)> {
    let mut scores = Vec::new();
    for department in &policy.departments {
        let (mut score, mut hits) = (0, Vec::new());
        for keyword in &department.keywords {
            let in_subject = keyword.place != KeywordPlace::Text && stands_in(keyword, subject);
            let in_text = keyword.place != KeywordPlace::Subject && stands_in(keyword, text);
            if in_subject || in_text {
                score += if in_subject { keyword.weight * 2 } else { keyword.weight };
                hits.push(keyword.text.clone());
            }
        }
        if score > 0 {
            scores.push((department.id.to_string(), score, hits));
        }
    }
    scores.sort_by_key(|(_, score, _)| std::cmp::Reverse(*score));
    scores
}

/// Few letters, so that words overlap, with marks, digits, white space and two scripts among them.
fn words() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop::sample::select(vec![
            "a",
            "b",
            "ą",
            "A",
            "ł",
            "ё",
            "е",
            "и\u{306}",
            "ß",
            "s",
            "1",
            "'",
            "-",
            " ",
            "\n",
            "\u{a0}",
            ".",
        ]),
        0..24,
    )
    .prop_map(|letters| letters.concat())
}

fn keyword_text() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec!["", "", "s:", "t:", "3:"]);
    let end = prop::sample::select(vec!["", "*"]);
    (mark, "[abąłеs1]{1,2}( [ab]{1,2})?", end).prop_map(|(mark, word, end)| format!("{mark}{word}{end}"))
}

proptest! {
    #[test]
    fn the_automaton_agrees_with_trying_each_place(
        keywords in proptest::collection::vec(proptest::collection::vec(keyword_text(), 0..6), 1..4),
        subject in words(),
        text in words(),
    ) {
        let departments = keywords.iter().enumerate().map(|(index, keywords)| {
            let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
            department(&format!("d{index}"), &[], &keywords)
        });
        let policy = policy(departments.collect());
        let scores = route(&policy, &mail(&subject, &text)).scores;
        let found: Vec<_> = scores
            .into_iter()
            .map(|score| {
                let hits = score.hits.iter().map(|hit| hit.keyword.clone()).collect::<Vec<_>>();
                (score.department.to_string(), score.score, hits)
            })
            .collect();
        prop_assert_eq!(found, expected(&policy, &subject, &text));
    }
}
