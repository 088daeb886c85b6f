//! The status (RFC 3463) that the words of a mail server mean, when it names none itself.
//!
//! Words decide about subject and detail; the reply code near them, else the kind of fault, about permanent or not.

use std::sync::LazyLock;

use crate::parse::bounce::codes::reply_at;
use crate::parse::phrase_set::fold;
use crate::parse::phrases::reasons;

/// What a group of words means.
struct Reason {
    /// Class when no reply code says otherwise.
    class: char,
    /// Subject and detail, with a dot in front.
    code: &'static str,
    /// Words, each as stems that stand together.
    words: Vec<Vec<String>>,
}

/// The more specific first: a text may say "mailbox full" and "retry timeout exceeded".
static REASONS: LazyLock<Vec<Reason>> = LazyLock::new(|| {
    let reason = |(status, words): (&'static str, Vec<&'static str>)| {
        let (class, code) = status.split_at_checked(1)?;
        let words = words.iter().map(|words| words.split('+').map(fold).collect()).collect();
        Some(Reason { class: class.chars().next()?, code, words })
    };
    reasons().into_iter().filter_map(reason).collect()
});

/// The status that `text` means; `None` when it gives no reason that we know and no reply code.
pub fn status(text: &str) -> Option<String> {
    let folded = fold(text);
    let reply = reply_at(&folded);
    let said = |text: &str, words: &[String]| words.iter().all(|stem| text.contains(stem.as_str()));
    let find = |text: &str| REASONS.iter().find(|reason| reason.words.iter().any(|words| said(text, words)));
    // `User kim@x.example unknown`
    let bare = || folded.split(' ').filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    if let Some(reason) = find(&folded).or_else(|| find(&bare())) {
        return Some(format!("{}{}", reply.unwrap_or(reason.class), reason.code));
    }
    reply.map(|class| format!("{class}.0.0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_reply_codes_become_a_status() {
        for (text, want) in [
            ("550 <anna@x.example>... User unknown", Some("5.1.1")),
            ("mailbox is full: retry timeout exceeded", Some("5.2.2")),
            ("452 Mailbox full", Some("4.2.2")),
            ("Host or domain name not found. Name service error for name=x.example", Some("5.1.2")),
            ("connect to x.example[192.0.2.1]:25: Connection timed out", Some("4.4.1")),
            ("Message expired for domain x.example", Some("4.4.7")),
            ("550 User <kim@x.example> unknown", Some("5.1.1")),
            ("550 Brak takiego użytkownika", Some("5.1.1")),
            ("554 delivery error", Some("5.0.0")),
            ("451 try later", Some("4.0.0")),
            ("port 25, 1550 bytes", None),
        ] {
            assert_eq!(status(text).as_deref(), want, "{text}");
        }
    }
}
