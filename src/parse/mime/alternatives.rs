//! Of several forms of one text, the one to read (RFC 2046 §5.1.4).
//!
//! Forms are ordered from the plainest to the richest, and the plainest is read: what lists and scanners on the way put
//! behind it is not the writer's. HTML is read where it says much more. A form that says something else is never lost: it
//! becomes a file.

use std::collections::HashSet;

use crate::parse::mime::parts::Part;

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

/// What is read of a text that stands in a mail as plain text and as HTML.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// The plain text, which says what the HTML says.
    Plain,
    /// The plain text; the HTML says something else and becomes a file.
    PlainAndKeepHtml,
    /// The HTML, which says much more.
    Html,
    /// The HTML; the plain text says something else and becomes a file.
    HtmlAndKeepPlain,
}

/// Letters that make up a word or two: fewer are a mark, a name of a picture, a line end that became visible.
const FEW: usize = 10;
/// Letters of plain text beside HTML that says something else, from which on they are more than a stub.
const MORE_THAN_A_STUB: usize = 120;

/// Letters of plain text up to which it may be a stub.
const SHORT: usize = 300;
/// Words of a short text that are looked for in the markup.
const SAMPLE: usize = 6;

/// Whether markup may say more than plain text does; almost none does, and it need not be read then.
pub fn may_say_more(plain: &str, markup: &[&[u8]]) -> bool {
    let about: usize = markup.iter().map(|markup| letters_of_markup(markup)).sum();
    let said = letters(plain);
    about >= said + said / 4 + FEW || (about > 0 && (is_stub(plain) || (said <= SHORT && !stands_in(plain, markup))))
}

/// Whether most words of a short text stand in the markup.
fn stands_in(plain: &str, markup: &[&[u8]]) -> bool {
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 4).take(SAMPLE);
    let (mut found, mut all) = (0, 0);
    for word in words {
        all += 1;
        found += usize::from(markup.iter().any(|markup| memchr::memmem::find(markup, word.as_bytes()).is_some()));
    }
    all > 0 && found * 3 >= all * 2
}

/// What to read of a text in two forms, by the letters of the words that only one of them has.
pub fn compare(plain: &str, html: &str) -> Read {
    let (in_plain, in_html): (HashSet<String>, HashSet<String>) = (words(plain).collect(), words(html).collect());
    let only = |text: &str, other: &HashSet<String>| -> usize {
        words(text).filter(|word| !other.contains(word)).map(|word| word.chars().count()).sum()
    };
    let (new, left) = (only(html, &in_plain), only(plain, &in_html));
    let (said, shown) = (letters(plain), letters(html));
    if is_stub(plain) && shown > 0 {
        return Read::Html;
    }
    // What is on no side of the other is another text.
    let differs = new * 2 >= shown && (new >= FEW || new >= 2 * said);
    if differs && new > 0 {
        return match (new * 2 >= left, left >= MORE_THAN_A_STUB) {
            (true, false) => Read::Html,
            (true, true) => Read::HtmlAndKeepPlain,
            (false, _) => Read::PlainAndKeepHtml,
        };
    }
    let covers = left * 10 <= said;
    if covers && new >= 2 * FEW && new * 3 >= said { Read::Html } else { Read::Plain }
}

/// The words of a text in small letters, without links; of scripts without blanks every letter.
fn words(text: &str) -> impl Iterator<Item = String> {
    let shown = text.split_whitespace().filter(|word| !word.contains("://"));
    shown.flat_map(|word| {
        let mut words = Vec::new();
        let mut word_of = String::new();
        for c in word.chars().flat_map(char::to_lowercase) {
            if c.is_alphanumeric() && c < '\u{2e80}' {
                word_of.push(c);
                continue;
            }
            if !word_of.is_empty() {
                words.push(std::mem::take(&mut word_of));
            }
            if c.is_alphanumeric() {
                words.push(c.to_string());
            }
        }
        words.extend(Some(word_of).filter(|word| !word.is_empty()));
        words
    })
}

/// The letters and digits of a text, links left out.
fn letters(text: &str) -> usize {
    let count = |text: &str| {
        if text.is_ascii() {
            text.bytes().filter(u8::is_ascii_alphanumeric).count()
        } else {
            text.chars().filter(|c| c.is_alphanumeric()).count()
        }
    };
    if memchr::memmem::find(text.as_bytes(), b"://").is_none() {
        return count(text);
    }
    text.split_whitespace().filter(|word| !word.contains("://")).map(count).sum()
}

/// About how many letters markup shows: what stands outside of tags, entities, styles and comments.
fn letters_of_markup(markup: &[u8]) -> usize {
    const UNREAD: [(&[u8], &[u8]); 5] = [
        (b"!--", b"-->"),
        (b"style", b"</style"),
        (b"script", b"</script"),
        (b"head", b"</head"),
        (b"title", b"</title"),
    ];
    // What does not come any more is not looked for again.
    let mut missing = [false; UNREAD.len()];
    let mut count = 0;
    let mut rest = markup;
    while let Some(at) = memchr::memchr(b'<', rest) {
        let (text, tag) = rest.split_at_checked(at).unwrap_or((rest, b""));
        count += letters_of_text(text);
        let mut tag = tag.get(1..).unwrap_or_default();
        for ((open, close), missing) in UNREAD.iter().zip(&mut missing) {
            let named = tag.get(..open.len()).is_some_and(|start| start.eq_ignore_ascii_case(open));
            let whole = open.starts_with(b"!") || !tag.get(open.len()).is_some_and(u8::is_ascii_alphanumeric);
            if named && whole && !*missing {
                let end = memchr::memmem::find(tag, close);
                *missing = end.is_none();
                tag = tag.get(end.unwrap_or_default()..).unwrap_or_default();
            }
        }
        rest = memchr::memchr(b'>', tag).and_then(|at| tag.get(at + 1..)).unwrap_or_default();
    }
    count + letters_of_text(rest)
}

fn letters_of_text(text: &[u8]) -> usize {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || (*byte >= 0xc0);
    let mut count = 0;
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'&', rest) {
        count += rest.iter().take(at).filter(|byte| is_letter(byte)).count();
        rest = rest.get(at + 1..).unwrap_or_default();
        let end = rest.iter().take(10).position(|byte| *byte == b';');
        rest = rest.get(end.map_or(0, |end| end + 1)..).unwrap_or_default();
    }
    count + rest.iter().filter(|byte| is_letter(byte)).count()
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
    fn html_is_read_where_it_says_much_more() {
        let letter = "My order 4711 arrived broken. Please refund me. Pat Brown";
        for stub in [
            "",
            ".",
            "--",
            "Hello",
            "[image: logo.png]",
            "{{text}}",
            "View this email in your browser: https://mail.shops.example/v/123",
            "Aby zobaczyć tę wiadomość, otwórz ją w innym programie pocztowym.",
            "Это письмо нельзя показать.",
            "My order 4711",
        ] {
            assert_eq!(compare(stub, letter), Read::Html, "{stub}");
            assert!(may_say_more(stub, &[letter.as_bytes()]), "{stub}");
        }
        for plain in [letter, "MY ORDER 4711 arrived broken.\n\nPlease refund me.\n-- \nPat Brown, Leeds"] {
            assert_eq!(compare(plain, letter), Read::Plain, "{plain}");
            assert!(!may_say_more(&plain.to_lowercase(), &[letter.to_lowercase().as_bytes()]), "{plain}");
        }
        let long = "This is what the mail is about, in many words that the other form does not have. ".repeat(4);
        assert_eq!(compare(&long, letter), Read::PlainAndKeepHtml);
        assert_eq!(compare("我的订单坏了", "我的订单坏了"), Read::Plain);
        assert_eq!(compare("letter", ""), Read::Plain);
    }

    #[test]
    fn what_markup_shows_is_about_counted() {
        for (markup, count) in [
            ("<p>one two</p>", 6),
            ("<head><title>no</title></head><style>p{}</style><!-- <p>no -->yes&nbsp;&amp;", 3),
            ("a < b", 1),
            ("żółw", 4),
        ] {
            assert_eq!(letters_of_markup(markup.as_bytes()), count, "{markup}");
        }
        for hostile in ["<style>", "<!--", "<head", "&", "<"] {
            letters_of_markup(hostile.repeat(200_000).as_bytes());
        }
    }

    #[test]
    fn many_forms_are_survived() {
        let forms: Vec<String> = (0..1_000).map(|number| format!("form {number}")).collect();
        let best = best(&forms);
        // `form 10` says all that `form 1` says.
        assert_eq!((best.shown, best.left.len()), (0, 999));
    }
}
