//! The promises that `tests/fuzz` tries to break, in a small dose: changed mails, bounces, tokens and responses of
//! IMAP servers.
//!
//! `POSTROOM_FUZZ=100000` is the full dose: so many cases a check.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

use std::path::Path;

use proptest::prelude::*;

#[path = "../fuzz/checks.rs"]
mod checks;

fn cases() -> ProptestConfig {
    let cases = std::env::var("POSTROOM_FUZZ").ok().and_then(|cases| cases.parse().ok()).unwrap_or(150);
    ProptestConfig { cases, ..ProptestConfig::default() }
}

fn mails() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mails");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().is_some_and(|extension| extension == "eml")).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// A mail of the fixtures with a piece of another put somewhere and some bytes changed.
fn mixed() -> impl Strategy<Value = Vec<u8>> {
    let mails = mails();
    let index = any::<prop::sample::Index>;
    let changes = proptest::collection::vec((index(), any::<u8>()), 0..8);
    (index(), index(), [index(), index(), index()], changes).prop_map(move |(to, from, [at, start, end], changes)| {
        let (mut mail, other) = (mails[to.index(mails.len())].clone(), &mails[from.index(mails.len())]);
        let (start, end) = (start.index(other.len()), end.index(other.len()));
        let at = at.index(mail.len());
        mail.splice(at..at, other[start.min(end)..start.max(end)].iter().copied());
        for (at, byte) in changes {
            let at = at.index(mail.len());
            mail[at] = byte;
        }
        mail
    })
}

/// Text of the words that steer the readers.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "\n",
        "\n\n",
        "> ",
        ">> ",
        "-- \n",
        "On 3 Nov 2026 at 10:15, Anna <a@b.example> wrote:",
        "From: Anna <a@b.example>",
        "Sent: Monday",
        "To: Kim",
        "Subject: x",
        "-----Original Message-----",
        "Sent from my iPhone",
        "Regards,",
        "Anna",
        "begin 644 a.txt\n",
        "`\nend\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\n",
        "-----BEGIN PGP SIGNATURE-----\n",
        "<blockquote>",
        "</blockquote>",
        "<hr>",
        "<div style='font-size:0'>",
        "</div>",
        "<br>",
        "Final-Recipient: rfc822; a@b.example\n",
        "Action: failed\n",
        "Status: 5.1.1\n",
        "Diagnostic-Code: smtp; 550 ",
        "<a@b.example>:",
        "550 5.1.1 user unknown",
        "mailbox full",
        "##- ",
        "\u{202e}",
        "\u{a0}",
        "ż",
        "ё",
        "<a href='https://x.example'>",
        "&nbsp;",
        "a",
        " ",
    ]);
    proptest::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

/// Words of an IMAP server, in any order.
fn talk() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "* ",
        "1 FETCH (",
        "UID 3",
        "RFC822.SIZE 7",
        "INTERNALDATE ",
        "NIL",
        "BODY[] ",
        "BODY[HEADER.FIELDS (DATE)] ",
        "BODYSTRUCTURE ",
        "ENVELOPE ",
        "FLAGS (\\Seen)",
        "{5}\r\n",
        "{0}\r\n",
        "{99999}\r\n",
        "\"",
        "\\",
        "(",
        ")",
        "((((",
        "\r\n",
        ")\r\n",
        " ",
        "OK ",
        "NO ",
        "[",
        "]",
        "[COPYUID 1 1:3 4:6]",
        "[CAPABILITY IMAP4rev1]",
        "CAPABILITY IDLE",
        "SEARCH 1 2 3",
        "4294967296",
        "3 EXISTS",
        "LIST () \"/\" INBOX",
        "BYE ",
        "+ ",
        "P1 ",
        "é",
        "x",
    ]);
    proptest::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn mixed_mails_come_out_clean(mail in mixed()) {
        checks::parse(&mail);
    }

    #[test]
    fn no_word_of_a_text_is_lost(kind in 0..8u8, text in words()) {
        checks::quote(&[&[kind], text.as_bytes()].concat());
    }

    #[test]
    fn bounces_of_any_text_are_well_formed(kind in 0..2u8, text in words()) {
        checks::bounce(&[&[kind], text.as_bytes()].concat());
    }

    #[test]
    fn no_response_of_a_server_nests_or_panics(text in talk()) {
        checks::responses(text.as_bytes());
    }

    #[test]
    fn no_text_proves_anything(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        checks::token(&bytes);
    }
}
