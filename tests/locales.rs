//! Holds the files of `locales/` to each other, and shows that each kind of fault in one of them is found.

#[path = "../build/locales.rs"]
mod locales;

use std::path::Path;

/// A language with one text and one that goes with a number.
const ENGLISH: &str = r#"
names = ["English"]
iso639_3 = "eng"
[plural]
one = "i = 1 and v = 0"
[dates]
months = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"]
day = "{day} {month} {year}"
time = "{hour}:{minute}"
day_and_time = "{date}, {time}"
[commands]
[texts]
hello = "Hello {name}"
mails.one = "{count} email"
mails.other = "{count} emails"
"#;

#[test]
fn the_languages_that_ship_have_every_text_with_its_placeholders_and_forms() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let read = locales::read(&folder).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    assert!(read.len() >= 4);
    assert!(locales::tables(&read).unwrap().contains("NewsOpened"));
}

#[test]
fn a_language_that_has_all_of_english_is_taken() {
    check(&[], &[]);
}

#[test]
fn a_text_that_is_missing_or_one_too_many_is_found() {
    check(&[("hello = \"Hello {name}\"", "")], &["the text `hello` is missing"]);
    check(&[("[texts]", "[texts]\nmore = \"x\"")], &["the text `more` is none of English"]);
    check(&[("hello = \"Hello {name}\"", "hello = 3")], &["`hello` is neither a text", "`hello` is missing"]);
}

#[test]
fn what_a_command_does_may_be_english_and_nothing_else() {
    let english = ENGLISH.replace("[texts]", "[texts]\nhelp_ping = \"answers\"");
    let files = vec![("en".to_owned(), english), ("xx".to_owned(), ENGLISH.to_owned())];
    let read = locales::check(files).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    assert_eq!(locales::tables(&read).unwrap().matches("\"answers\",").count(), 2);
}

#[test]
fn a_placeholder_that_differs_from_english_is_found() {
    check(&[("{name}", "{surname}")], &["the placeholder `{name}`", "the placeholder `{surname}`"]);
    check(&[("{count} emails", "emails")], &["the text `mails`: the placeholder `{count}`"]);
}

#[test]
fn a_form_that_the_language_needs_or_does_not_have_is_found() {
    let few = "[plural]\nfew = \"i % 10 = 2..4 and i % 100 != 12..14\"";
    check(&[("[plural]", few)], &["the text `mails` lacks its form `few`"]);
    check(&[("mails.other", "mails.many = \"{count}\"\nmails.other")], &["`mails` has no use for its form `many`"]);
    check(&[("mails.one", "mails.uno")], &["`mails` is neither", "`mails` is missing"]);
    check(
        &[("mails.one = \"{count} email\"\nmails.other = ", "mails = ")],
        &["`mails` has forms by number in one of English and this language alone"],
    );
    check(&[("i = 1 and v = 0", "i is 1")], &["[plural] takes zero, one, two", "no use for its form `one`"]);
}

#[test]
fn a_word_for_no_command_is_found() {
    check(&[("[commands]", "[commands]\nbegin = [\"commence\"]")], &["`begin` of [commands] is none of English"]);
}

#[test]
fn dates_that_could_not_be_written_are_found() {
    check(&[(", \"12\"]", "]")], &["`months` of [dates] are not twelve"]);
    check(&[("{day} {month}", "{day} {moon}")], &["`{moon}` in `day` of [dates]"]);
    check(&[("{hour}:", "{hour_twelve} {half}:")], &["`halves` of [dates] are not two"]);
}

#[test]
fn a_file_that_cannot_be_read_and_a_key_that_nobody_knows_are_found() {
    check(&[("names", "labels")], &["`labels` is no key of the file", "`names` is missing"]);
    check(&[("iso639_3 = \"eng\"", "iso639_3 = ")], &["locales/xx.toml:"]);
    check(&[("[commands]", "")], &["the table [commands] is missing"]);
}

/// A second language like English but for these changes, and what of its faults must be said, in order.
fn check(changes: &[(&str, &str)], expected: &[&str]) {
    let mut other = ENGLISH.to_owned();
    for (from, to) in changes {
        assert!(other.contains(from), "{from}");
        other = other.replacen(from, to, 1);
    }
    let files = vec![("xx".to_owned(), other), ("en".to_owned(), ENGLISH.to_owned())];
    let faults = locales::check(files).err().unwrap_or_default();
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
    for (fault, part) in faults.iter().zip(expected) {
        assert!(fault.contains(part), "{fault}\nlacks {part}");
    }
}
