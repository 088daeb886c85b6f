//! Whatever stands in the file: no panic, and no refusal without a fault.

use proptest::prelude::*;

use super::*;
use crate::terminal::Paint;

/// Either a policy, or at least one error; every finding has a place inside the text and renders.
fn check_consistent(desk: &Desk, text: &str) {
    if let Err(findings) = desk.check(text) {
        assert!(findings.iter().any(|finding| finding.severity == Severity::Error), "{text}");
        for finding in findings {
            assert!(finding.line <= text.matches('\n').count() + 1);
            assert!(finding.render(Paint::Colour).contains(&finding.message));
            assert!(finding.one_line().contains(&finding.message));
        }
    }
}

proptest! {
    #[test]
    fn a_damaged_config_is_named_faulty_or_still_good(
        cuts in proptest::collection::vec((0_usize..8000, 0_usize..40, "[a-zż0-9\\[\\]\\{\\}=\"\n*., -]{0,12}"), 1..5)
    ) {
        let mut text = EXAMPLE.to_owned();
        for (start, length, put) in cuts {
            let start = text.floor_char_boundary(start);
            let end = text.floor_char_boundary(start + length);
            text.replace_range(start..end, &put);
        }
        check_consistent(&Desk::new(), &text);
    }

    #[test]
    fn a_value_of_another_type_is_named_faulty_or_still_good(
        line in 0_usize..200,
        value in prop::sample::select(vec!["1", "-1", "true", "\"\"", "\"x\"", "[]", "[1]", "{}", "{ x = 1 }", "1.5", "2026-11-01", "[[]]", "\"\\u0000\""]),
    ) {
        let lines = EXAMPLE.lines().enumerate().map(|(index, text)| match text.split_once(" = ") {
            Some((key, _)) if index == line => format!("{} = {value}", key.trim_start_matches("# ")),
            _ => text.to_owned(),
        });
        let desk = Desk::new();
        desk.file("smtp.password", "x", 0o600);
        desk.file("info.password", "x", 0o600);
        check_consistent(&desk, &lines.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn deep_nesting_is_a_fault() {
    let desk = Desk::new();
    for text in [
        format!("desk = {}", "[".repeat(5_000)),
        format!("desk = {}", "{a=".repeat(5_000)),
        "a.".repeat(5_000) + "a = 1",
        format!("[{}a]", "a.".repeat(5_000)),
    ] {
        check_consistent(&desk, &text);
        assert!(desk.check(&text).is_err());
    }
}

#[test]
fn a_very_large_config_loads() {
    let tables = (0..200).map(|number| {
        let keywords: Vec<String> = (0..500).map(|keyword| format!("\"word{number}x{keyword}*\"")).collect();
        let keywords = keywords.join(",");
        format!(
            "[[agent]]\nid = \"a{number}\"\nname = \"A\"\naddresses = [\"a{number}@home.example\"]\n\
             [[department]]\nid = \"d{number}\"\nname = \"D\"\nfrom = \"info@shop.example\"\n\
             agents = [\"a{number}\"]\nkeywords = [{keywords}]\n"
        )
    });
    let text = small() + &tables.collect::<String>();
    let loaded = Desk::new().check(&text).unwrap();
    assert_eq!((loaded.policy.departments.len(), loaded.warnings.len()), (201, 0));
}
