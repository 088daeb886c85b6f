//! Plays written as text: mails in, separated by lines of `---`, and after each what came of it.
//!
//! A mail is written as it travels, with two liberties: `#` starts a remark, and `Reply: ADDRESS` makes it the answer to the
//! latest mail that ADDRESS got, with the headers and the quote of a mail program (`Reply: ADDRESS #1042`: the latest one
//! about that ticket; `for new`: the latest news of a new ticket, `for held`: the latest question about a held answer).
//! `Filed:` puts it into the Sent folder of the shared account. `Wait: 2h` (or `90s`, `5m`, a number of hours) lets time
//! pass instead, `Command: …` is a command line. Ten minutes lie between two steps, unless a step begins with `After: 30s`.

use std::fmt::Write as _;
use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::{Desk, Sent};

/// Ends the part of a notification that a human reads.
const RULE: &str = "____";

/// Between two steps that do not say otherwise: long enough for everybody to be told.
const BETWEEN: Duration = Duration::from_mins(10);

/// `90s`, `5m`, `2h`, or a number of hours.
fn duration(text: &str) -> Duration {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let number = number.parse().unwrap();
    match unit {
        "s" => Duration::from_secs(number),
        "m" => Duration::from_mins(number),
        "h" | "" => Duration::from_hours(number),
        _ => panic!("no duration: {text}"),
    }
}

/// Plays `script`; the transcript is what a support lead would want to read of it.
pub async fn play(script: &str, config: &str) -> String {
    let mut desk = Desk::open_with(config).await;
    let mut transcript = String::new();
    for (index, step) in script.split("\n---\n").enumerate() {
        let (remarks, lines): (Vec<&str>, Vec<&str>) = step.trim().lines().partition(|line| line.starts_with("# "));
        let lines = lines.join("\n");
        writeln!(transcript, "{}", remarks.join("\n")).unwrap();
        let last_event = desk.store.read(|view| view.last_event()).await.unwrap();
        let before = if let Some(time) = lines.strip_prefix("Wait: ") {
            desk.wait(duration(time)).await
        } else if let Some(command) = lines.strip_prefix("Command: ") {
            let (said, before) = desk.command(command).await;
            writeln!(transcript, "< postroom {command}\n= {said}").unwrap();
            before
        } else {
            let (pause, mail) = match lines.strip_prefix("After: ").and_then(|lines| lines.split_once('\n')) {
                Some((pause, mail)) => (duration(pause), mail),
                None => (BETWEEN, lines.as_str()),
            };
            let before = if index == 0 { 0 } else { desk.wait(pause).await };
            let mail = written(mail, index, &desk);
            let filed = lines.lines().any(|line| line == "Filed:");
            let (fate, _) = if filed { desk.file(&mail).await } else { desk.take(&mail).await };
            transcript.push_str(&indented("< ", &lines));
            writeln!(transcript, "= {}", outcome(&fate, &desk).await).unwrap();
            before
        };
        let events = desk.store.read(move |view| view.events_since(last_event)).await.unwrap();
        let kinds: Vec<String> = events.iter().map(|kind| kind.word().to_owned()).collect();
        writeln!(transcript, "= history: {}", if kinds.is_empty() { "nothing".to_owned() } else { kinds.join(", ") })
            .unwrap();
        desk.sent.iter().skip(before).for_each(|sent| transcript.push_str(&shown(sent)));
        transcript.push('\n');
    }
    transcript
}

/// The mail of a step as bytes travel.
fn written(lines: &str, index: usize, desk: &Desk) -> String {
    let (head, words) = lines.split_once("\n\n").unwrap_or((lines, ""));
    let mut mail = "Date: Sun, 22 Nov 2026 10:00:00 +0100\n".to_owned();
    if !head.contains("Message-ID: ") {
        writeln!(mail, "Message-ID: <step-{index}@mail.example>").unwrap();
    }
    let mut quote = String::new();
    for line in head.lines().filter(|line| *line != "Filed:") {
        if let Some(reader) = line.strip_prefix("Reply: ") {
            let (reader, what) = reader.split_once(" for ").unwrap_or((reader, ""));
            let (reader, about) = reader.split_once(" #").unwrap_or((reader, ""));
            let answered = desk.latest_for(reader, about, what);
            let answered = answered.unwrap_or_else(|| panic!("nothing was sent to {reader} {about}"));
            mail.push_str(&reply_head(answered));
            quote = quoted(answered);
        } else {
            writeln!(mail, "{line}").unwrap();
        }
    }
    format!(
        "{mail}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{words}\n{quote}"
    )
}

/// To, Subject, In-Reply-To and References of an answer.
pub fn reply_head(answered: &Sent) -> String {
    let mail = &answered.mail;
    let to = mail.reply_to.first().or(mail.from.as_ref()).unwrap();
    let id = mail.message_id.as_ref().unwrap();
    let chain: Vec<String> = mail.references.iter().chain([id]).map(|id| format!("<{id}>")).collect();
    format!(
        "To: {}\nSubject: Re: {}\nIn-Reply-To: <{id}>\nReferences: {}\n",
        to.address,
        mail.subject,
        chain.join("\n ")
    )
}

/// The mail, as most programs quote it.
pub fn quoted(answered: &Sent) -> String {
    let from = answered.mail.from.as_ref().unwrap();
    let lines: String = answered.mail.text.lines().flat_map(|line| ["> ", line, "\n"]).collect();
    format!("\nOn Sun, Nov 22, 2026 at 10:00 AM {} <{}> wrote:\n\n{lines}", from.name, from.address)
}

async fn outcome(fate: &Fate, desk: &Desk) -> String {
    match fate {
        Fate::Ticket(number) => ticket(*number, desk).await,
        Fate::Duplicate(_) => "taken before, nothing happens".to_owned(),
        Fate::Ignored(reason) => format!("ignored: {reason}"),
        Fate::Quarantined(number, reason) => format!("quarantined: {reason}; {}", ticket(*number, desk).await),
    }
}

async fn ticket(number: TicketNumber, desk: &Desk) -> String {
    let ticket = desk.store.read(move |view| view.ticket(number)).await.unwrap().unwrap();
    let assignee = ticket.assignee.map_or("nobody".to_owned(), |agent| agent.to_string());
    let mut line =
        format!("ticket #{number} \"{}\": {}, {}, {assignee}", ticket.subject, ticket.department, ticket.status);
    if !ticket.tags.is_empty() {
        write!(line, ", tagged {}", ticket.tags.join(" ")).unwrap();
    }
    if let Some(lead) = ticket.merged_into {
        write!(line, ", part of #{lead}").unwrap();
    }
    if let Some(related) = ticket.possibly_related {
        write!(line, ", possibly related to #{related}").unwrap();
    }
    line
}

/// What a reader sees first: customers' mails whole, agents' without the small print.
fn shown(sent: &Sent) -> String {
    let mut text = format!("> {} to {}: {}\n", sent.kind, sent.recipient, sent.mail.subject);
    let machine = sent.kind == OutgoingKind::Notification || sent.kind == OutgoingKind::Notice;
    let lines = sent.mail.text.lines().filter(|line| !machine || !line.starts_with("##- "));
    // Below the rule of a notification stands the small print; lists have one between their entries.
    let list = ["digest", "conversation"].map(|word| format!("X-Postroom-Reason: {word}\r\n"));
    let whole = list.iter().any(|mark| String::from_utf8_lossy(&sent.bytes).contains(mark));
    let lines = lines.filter(|line| !machine || !line.contains(": mailto:"));
    let read: Vec<&str> = lines.take_while(|line| !machine || whole || !line.starts_with(RULE)).collect();
    text.push_str(&indented(">     ", &without_tokens(read.join("\n").trim())));
    text
}

/// Tokens are random: `info+1042.anna.…@shop.example`.
fn without_tokens(text: &str) -> String {
    let hidden = |word: &str| match (word.split_once('+'), word.rsplit_once('@')) {
        (Some(_), Some((local, domain))) => match local.rsplit_once('.') {
            Some((claim, token)) if token.len() > 20 => format!("{claim}.…@{domain}"),
            _ => word.to_owned(),
        },
        _ => word.to_owned(),
    };
    text.split_inclusive(char::is_whitespace).map(hidden).collect()
}

fn indented(lead: &str, text: &str) -> String {
    let mut indented = String::new();
    text.lines().for_each(|line| writeln!(indented, "{}", format!("{lead}{line}").trim_end()).unwrap());
    indented
}
