//! Mails of many programs and languages against what they must become, and mails that nobody should have to read.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use postroom::parse::{parse, to_json};
use proptest::prelude::*;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mails");
    let mut mails: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    mails.retain(|path| path.extension().is_some_and(|extension| extension == "eml"));
    mails.sort();
    assert!(!mails.is_empty());
    mails
}

/// Compares every `NAME.eml` with `NAME.json` beside it. `UPDATE_GOLDEN=1 cargo test` writes them anew: read the difference.
#[test]
fn mails_become_what_their_golden_files_say() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for path in fixtures() {
        let mail = parse(&std::fs::read(&path).unwrap(), None);
        let got = serde_json::to_string_pretty(&to_json(&mail)).unwrap() + "\n";
        let golden = path.with_extension("json");
        if update {
            std::fs::write(&golden, &got).unwrap();
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{}\n{got}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_that_comes_out_can_break_a_header_a_terminal_or_a_folder() {
    for path in fixtures() {
        let mail = parse(&std::fs::read(&path).unwrap(), None);
        let names = mail.attachments.iter().map(|attachment| attachment.name.as_str());
        let people =
            mail.from.iter().chain(&mail.reply_to).chain(&mail.to).chain(&mail.cc).map(|person| person.name.as_str());
        for text in names.chain(people).chain([mail.subject.as_str()]) {
            assert!(!text.chars().any(char::is_control), "{text:?} in {}", path.display());
        }
        for attachment in &mail.attachments {
            assert!(!attachment.name.contains(['/', '\\']) && !attachment.name.starts_with('.'), "{}", attachment.name);
        }
        assert!(!mail.text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{}", path.display());
    }
}

/// What the kernel says this thread has computed: the clock on the wall measures the others too.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split_whitespace().next().unwrap().parse().unwrap())
}

/// Reads a mail, which takes well under a second.
fn check_bomb(name: &str, mail: &[u8]) {
    let began = processor_time();
    let parsed = parse(mail, None);
    // A loaded machine gets some grace; a quadratic step would take minutes.
    let took = processor_time().saturating_sub(began);
    assert!(took < Duration::from_secs(5), "{name}: {took:?}");
    assert!(!parsed.defects.is_empty() || parsed.text.len() < 2 * 1024 * 1024, "{name}");
}

#[test]
fn bombs_are_survived() {
    // Unoptimised code reads a tenth of what a release build does.
    let scale = if cfg!(debug_assertions) { 10 } else { 1 };
    let levels = (0..20_000).map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"));
    let multiparts = levels.collect::<Vec<_>>().concat();
    let mails = "Content-Type: message/rfc822\n\n".repeat(20_000);
    check_bomb("headers", "X-A: b\n".repeat(1_000_000 / scale).as_bytes());
    check_bomb("recipients", format!("To: {}\n\n", "a@b.example, ".repeat(1_000_000 / scale)).as_bytes());
    check_bomb("nested multiparts", multiparts.as_bytes());
    check_bomb("nested mails", mails.as_bytes());
    check_bomb(
        "parts",
        format!("Content-Type: multipart/mixed; boundary=a\n\n{}", "--a\n\nx\n".repeat(1_000_000 / scale)).as_bytes(),
    );
    let headers = "Content-Type: a/b\n".repeat(1_000_000 / scale);
    check_bomb(
        "part headers",
        format!("Content-Type: multipart/mixed; boundary=a\n\n--a\n{headers}\n\nx\n").as_bytes(),
    );
    check_bomb("long line", format!("Subject: x\n\n{}", "x".repeat(30_000_000 / scale)).as_bytes());
    check_bomb("long header", format!("Subject: {}\n\nx", "=?utf-8?q?x?= ".repeat(1_000_000 / scale)).as_bytes());
    for html in ["<div>", "<blockquote>", "<a href=\"", "<style>", "<!--", "&", "<p style='display:none'>", "<ul><li>"]
    {
        let body = html.repeat(5_000_000 / scale / html.len());
        check_bomb(html, format!("Content-Type: text/html\n\n{body}").as_bytes());
    }
    for text in [
        "> ",
        "> x\n",
        "On 1 Jan 2026 a@b wrote:\n",
        "From: a\nSent: b\n",
        "On \n",
        "<",
        "-- \n",
        "a@b.example ",
        "\u{feff}",
        "x: y\n",
    ] {
        let body = text.repeat(3_000_000 / scale / text.len());
        check_bomb(text, format!("Subject: Undelivered\nFrom: mailer-daemon@x.example\n\n{body}").as_bytes());
    }
    let references = (0..100_000 / scale).map(|n| format!("<{n}@x>")).collect::<Vec<_>>().join(" ");
    check_bomb("references", format!("References: {references}\n\n").as_bytes());
    check_bomb("parameters", format!("Content-Type: a/b{}\n\nx", "; name*0*=x".repeat(1_000_000 / scale)).as_bytes());
}

#[test]
fn every_cut_of_a_mail_is_survived() {
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        for end in (0..bytes.len()).step_by(37) {
            parse(&bytes[..end], None);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        parse(&bytes, None);
    }

    #[test]
    fn any_text_is_read(text in "(From|To|Subject|Content-Type|>|On|--|=\\?|<|;|\\PC|\n|\r| ){0,300}") {
        parse(text.as_bytes(), None);
    }

    #[test]
    fn changed_mails_are_read(pick in any::<prop::sample::Index>(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let mails = fixtures();
        let mut bytes = std::fs::read(&mails[pick.index(mails.len())]).unwrap();
        for (at, byte) in changes {
            let index = at.index(bytes.len());
            bytes[index] = byte;
        }
        parse(&bytes, None);
    }
}

const ANSWER: &str = "Hello,\nthe lamp is still broken.\nPlease send a new one.";
const QUOTED: &str = "Dear customer,\n\nthank you for your order 4711.\nWe will look into it.\n\nShop Support";

/// The entries of a file of `== NAME SHAPE` and what follows.
fn quoting(file: &str) -> Vec<(String, String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file);
    let text = std::fs::read_to_string(path).unwrap();
    let entries = text.split("\n== ").skip(1).map(|entry| {
        let (head, what) = entry.split_once('\n').unwrap();
        let (name, shape) = head.split_once(' ').unwrap();
        (name.to_owned(), shape.to_owned(), what.trim_end_matches('\n').to_owned())
    });
    entries.collect()
}

fn check_reply(name: &str, media_type: &str, body: &str, wrong: &mut Vec<String>) {
    let mail = format!(
        "From: ewa@client.example\nSubject: Re: Order\nIn-Reply-To: <a@shop.example>\nContent-Type: {media_type}; \
         charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n"
    );
    let reply = parse(mail.as_bytes(), None).reply;
    if reply.split_whitespace().ne(ANSWER.split_whitespace()) {
        wrong.push(format!("{name}: {reply:?}"));
    }
}

#[test]
fn answers_above_and_below_the_quotes_of_many_programs_and_languages_are_found() {
    let marked: Vec<String> = QUOTED.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect();
    let marked = marked.join("\n");
    let mut wrong = Vec::new();
    let entries = quoting("quoting.txt");
    assert!(entries.len() > 200, "{}", entries.len());
    for (name, shape, head) in entries {
        let whole: Vec<String> = format!("{head}\n\n{QUOTED}").lines().map(|line| format!("> {line}")).collect();
        let quote = match shape.as_str() {
            "bare" => format!("{head}\n{QUOTED}"),
            "nested" => whole.join("\n"),
            _ => format!("{head}\n{marked}"),
        };
        check_reply(&name, "text/plain", &format!("{ANSWER}\n\n{quote}"), &mut wrong);
        if shape == "marked" {
            check_reply(&format!("{name}, below"), "text/plain", &format!("{quote}\n\n{ANSWER}"), &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_last_line_above_an_attribution_is_kept_whatever_it_begins_with() {
    let mut wrong = Vec::new();
    for (name, shape, head) in quoting("quoting.txt") {
        if shape != "marked" {
            continue;
        }
        for last in ["4711", "10115 Berlin", "On the box it says 4711.", "le num\u{e9}ro est le 4711."] {
            let mail = format!(
                "From: ewa@client.example\nSubject: Re: Order\nIn-Reply-To: <a@shop.example>\nContent-Type: text/plain; \
                 charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nHello,\n{last}\n\n{head}\n> Hi\n"
            );
            let reply = parse(mail.as_bytes(), None).reply;
            if reply != format!("Hello,\n{last}") {
                wrong.push(format!("{name}: {reply:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn answers_in_the_html_of_many_programs_are_found() {
    let lines = |text: &str| text.replace('\n', "<br>");
    let paragraph = |line: &str| format!("<p class=MsoNormal>{line}</p>");
    let paragraphs = |text: &str| text.lines().map(paragraph).collect::<Vec<_>>().concat();
    let mut wrong = Vec::new();
    let entries = quoting("quoting_html.txt");
    assert!(entries.len() > 25, "{}", entries.len());
    for (name, _, html) in entries {
        let html = html.replace("{ANSWER}", &lines(ANSWER)).replace("{QUOTE}", &lines(QUOTED));
        let html = html.replace("{ANSWER_P}", &paragraphs(ANSWER)).replace("{QUOTE_P}", &paragraphs(QUOTED));
        check_reply(&name, "text/html", &html, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn letters_of_people_are_kept_whole() {
    let mut wrong = Vec::new();
    let letters = quoting("letters.txt");
    assert!(letters.len() > 90, "{}", letters.len());
    for (name, _, letter) in letters {
        for head in ["Subject: My order\n", "Subject: Re: My order\nIn-Reply-To: <a@shop.example>\n"] {
            let mail = format!("From: ewa@client.example\n{head}Content-Type: text/plain; charset=utf-8\n\n{letter}\n");
            let reply = parse(mail.as_bytes(), None).reply;
            if reply.split_whitespace().ne(letter.split_whitespace()) {
                wrong.push(format!("{name}: {reply:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn lines_that_devices_add_are_no_words_of_the_writer() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/device_lines.txt");
    let lines = std::fs::read_to_string(path).unwrap();
    let mut wrong = Vec::new();
    for line in lines.lines().skip(1) {
        check_reply(line, "text/plain", &format!("{ANSWER}\n\n{line}"), &mut wrong);
        let quote = "On Tue, Nov 3, 2026 at 10:15 AM Shop Support <support@shop.example> wrote:\n> Hello";
        check_reply(line, "text/plain", &format!("{ANSWER}\n\n{line}\n\n{quote}"), &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
