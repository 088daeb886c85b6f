//! The demo's result as text for a terminal of 80 columns.
//!
//! Takes plain values and prints nothing itself.

use anstyle::Style;

use crate::model::text::clean_line;
use crate::terminal::{ALARM, BOLD, Cell, DIM, DUE, GOOD, NEW, PLAIN, Paint, Table, USUAL_WIDTH, cut, wrapped};

/// How far mails and outcomes stand from the left.
const INDENT: usize = 6;
/// Lines of one mail that are shown.
const MAX_MAIL_LINES: usize = 40;
/// Characters of one line of a mail that are shown.
const MAX_LINE: usize = 2000;

/// All that is shown.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What happened, in order.
    pub steps: Vec<StepRow>,
    /// The tickets.
    pub tickets: Vec<TicketRow>,
    /// Why each ticket is where it is.
    pub routes: Vec<RouteRow>,
    /// The mails that would go out.
    pub mails: Vec<MailRow>,
    /// Some of them as their readers see them.
    pub letters: Vec<Letter>,
    /// Where to look.
    pub places: Vec<Place>,
}

/// One step of the script.
#[derive(Clone, Debug)]
pub struct StepRow {
    /// What came.
    pub title: String,
    /// What became of it: `ticket #3`, `duplicate of #1`, `ignored: …`.
    pub outcome: String,
    /// Whether it went as it should.
    pub good: bool,
}

/// One ticket.
#[derive(Clone, Debug)]
pub struct TicketRow {
    /// `#1042`.
    pub number: String,
    /// Department.
    pub department: String,
    /// Status.
    pub status: String,
    /// Assignee, empty for nobody.
    pub assignee: String,
    /// Subject.
    pub subject: String,
}

/// Why a ticket is in its department.
#[derive(Clone, Debug)]
pub struct RouteRow {
    /// `#1042`.
    pub number: String,
    /// Department.
    pub department: String,
    /// `keywords`, `address` …
    pub kind: String,
    /// In words.
    pub detail: String,
}

/// One mail that would go out.
#[derive(Clone, Debug)]
pub struct MailRow {
    /// `answer`, `acknowledgement`, `notification`, `notice`.
    pub kind: String,
    /// To whom.
    pub recipient: String,
    /// Subject.
    pub subject: String,
}

/// A mail as its reader sees it.
#[derive(Clone, Debug)]
pub struct Letter {
    /// What it is.
    pub title: String,
    /// Lines of its head: name and content.
    pub head: Vec<(String, String)>,
    /// Its text.
    pub text: String,
}

/// Something to look at.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it is.
    pub what: String,
    /// A path, or the words of a command.
    pub at: Vec<String>,
}

/// The whole result.
pub fn report(report: &Report, paint: Paint) -> String {
    let Report { steps, tickets, routes, mails, letters, places } = report;
    let sections = [
        ("What happened", self::steps(steps, paint)),
        ("Tickets", self::tickets(tickets, paint)),
        ("Why they are where they are", self::routes(routes, paint)),
        ("Mails that would go out", self::mails(mails, paint)),
        ("Two of them, as their readers see them", self::letters(letters, paint)),
        ("Where to look", self::places(places)),
    ];
    let shown = sections.iter().filter(|(_, body)| !body.is_empty());
    shown.map(|(title, body)| format!("\n{}\n\n{body}", paint.bold(title))).collect::<Vec<_>>().concat()
}

/// The steps with what became of each.
fn steps(rows: &[StepRow], paint: Paint) -> String {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let title = format!("{:>4}  {}", index + 1, row.title);
        text.extend([&wrapped(&title, USUAL_WIDTH, INDENT), "\n"]);
        let style = if row.good { GOOD } else { ALARM };
        for line in lines(&row.outcome) {
            text.extend(["      ", &paint.style(&line, style), "\n"]);
        }
    }
    text
}

fn tickets(rows: &[TicketRow], paint: Paint) -> String {
    let mut table = Table::new(&["TICKET", "DEPARTMENT", "STATUS", "ASSIGNEE", "SUBJECT"]).wrapping(USUAL_WIDTH - 2);
    for row in rows {
        let assignee = if row.assignee.is_empty() { "–" } else { &row.assignee };
        table.row(vec![
            Cell::styled(&row.number, BOLD),
            Cell::styled(&row.department, PLAIN),
            Cell::styled(&row.status, status_style(&row.status)),
            Cell::styled(assignee, PLAIN),
            Cell::styled(&row.subject, PLAIN),
        ]);
    }
    indented(&table, paint)
}

/// Why each ticket is in its department.
fn routes(rows: &[RouteRow], paint: Paint) -> String {
    let mut table = Table::new(&["TICKET", "DEPARTMENT", "DECIDED BY", "IN WORDS"]).wrapping(USUAL_WIDTH - 2);
    for row in rows {
        table.row(vec![
            Cell::styled(&row.number, BOLD),
            Cell::styled(&row.department, PLAIN),
            Cell::styled(&row.kind, GOOD),
            Cell::styled(&row.detail, PLAIN),
        ]);
    }
    indented(&table, paint)
}

/// The mails that would go out.
fn mails(rows: &[MailRow], paint: Paint) -> String {
    let mut table = Table::new(&["  #", "KIND", "TO", "SUBJECT"]).within(USUAL_WIDTH - 2, &["TO", "SUBJECT"]);
    for (index, row) in rows.iter().enumerate() {
        table.row(vec![
            Cell::styled(format!("{:>3}", index + 1), DIM),
            Cell::styled(&row.kind, kind_style(&row.kind)),
            Cell::styled(&row.recipient, PLAIN),
            Cell::styled(&row.subject, PLAIN),
        ]);
    }
    indented(&table, paint)
}

/// Mails as their readers see them, each between two rules.
fn letters(letters: &[Letter], paint: Paint) -> String {
    let mut text = String::new();
    for letter in letters {
        text.extend(["  ", &paint.style(&letter.title, NEW), "\n\n"]);
        let head = letter.head.iter().map(|(name, content)| shortened(&format!("{name}: {content}")));
        let body = letter.text.trim_end().lines().flat_map(lines);
        let lines: Vec<String> = head.chain([String::new()]).chain(body).collect();
        for line in lines.iter().take(MAX_MAIL_LINES) {
            text.extend([format!("    | {line}").trim_end(), "\n"]);
        }
        if lines.len() > MAX_MAIL_LINES {
            text.push_str("    | …\n");
        }
        text.push('\n');
    }
    text.truncate(text.trim_end_matches('\n').len() + usize::from(!text.is_empty()));
    text
}

/// Where to look: what it is, and below it a path or a command that can be copied as it stands.
fn places(rows: &[Place]) -> String {
    rows.iter().flat_map(|Place { what, at }| ["  ", what, ":\n", &command(at)].map(str::to_owned)).collect()
}

/// The words of a command as a shell takes them, on as many lines as they need.
fn command(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    let mut lines = vec![String::from("   ")];
    for (index, word) in words.iter().enumerate() {
        let more = if index + 1 < words.len() { " \\".len() } else { 0 };
        let used = lines.last().map_or(0, |line| line.chars().count());
        if index > 0 && used + 1 + word.chars().count() + more > USUAL_WIDTH {
            lines.push(String::from("     "));
        }
        if let Some(line) = lines.last_mut() {
            line.extend([" ", word]);
        }
    }
    lines.join(" \\\n") + "\n"
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The table two blanks from the left; nothing when it has no rows.
fn indented(table: &Table, paint: Paint) -> String {
    if table.is_empty() {
        return String::new();
    }
    table.render(paint).lines().flat_map(|line| ["  ", line, "\n"]).collect()
}

/// One line of a mail on as many as it needs; a word that is longer than a line (a link) is cut.
fn lines(text: &str) -> Vec<String> {
    wrapped(&clean_line(text, MAX_LINE), USUAL_WIDTH - INDENT, 0).lines().map(shortened).collect()
}

fn shortened(line: &str) -> String {
    cut(&clean_line(line, MAX_LINE), USUAL_WIDTH - INDENT)
}

fn status_style(status: &str) -> Style {
    match status {
        "new" => NEW,
        "open" => DUE,
        "resolved" | "closed" => DIM,
        _ => PLAIN,
    }
}

fn kind_style(kind: &str) -> Style {
    match kind {
        "answer" => GOOD,
        "notice" => DUE,
        "acknowledgement" => NEW,
        _ => PLAIN,
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;

    fn sample() -> Report {
        let text = str::to_owned;
        Report {
            steps: vec![
                StepRow { title: text("A Polish customer"), outcome: text("ticket #1"), good: true },
                StepRow { title: text("A newsletter"), outcome: text("ignored: bulk"), good: false },
            ],
            tickets: vec![
                TicketRow {
                    number: text("#1"),
                    department: text("returns"),
                    status: text("open"),
                    assignee: text("anna"),
                    subject: text("Zwrot butów"),
                },
                TicketRow {
                    number: text("#10"),
                    department: text("sales"),
                    status: text("waiting"),
                    assignee: String::new(),
                    subject: format!("李雷 {}", "x".repeat(100)),
                },
            ],
            routes: Vec::new(),
            mails: vec![MailRow {
                kind: text("answer"),
                recipient: text("ewa@x.example"),
                subject: text("Re: [#1] Zwrot\u{1b}[31m"),
            }],
            letters: vec![Letter {
                title: text("An answer"),
                head: vec![(text("From"), text("Shop <info@x.example>"))],
                text: format!("Dear Ewa,\n\n{}\n\nTake: mailto:{}\n", "of course ".repeat(12), "x".repeat(200)),
            }],
            places: vec![
                Place { what: text("outbox"), at: vec![text("demo/out box")] },
                Place {
                    what: text("a ticket"),
                    at: [
                        "/a/long/path/to/postroom",
                        "-c",
                        "/a/longer/path/to/the/folder/postroom.toml",
                        "ticket",
                        "show",
                        "1",
                    ]
                    .map(str::to_owned)
                    .to_vec(),
                },
            ],
        }
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_coloured_unasked() {
        let shown = report(&sample(), Paint::Plain);
        assert!(shown.contains("\n   1  A Polish customer\n      ticket #1\n"), "{shown}");
        assert!(shown.contains("\n  #1      returns     open     anna      Zwrot butów\n"), "{shown}");
        assert!(shown.contains("\n    | From: Shop <info@x.example>\n    |\n    | Dear Ewa,\n"), "{shown}");
        assert!(shown.contains("\n    'demo/out box'\n") && !shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn every_line_fits_eighty_columns() {
        for line in report(&sample(), Paint::Plain).lines() {
            assert!(line.width() <= USUAL_WIDTH, "{line}");
        }
    }

    #[test]
    fn colours_do_not_move_columns_and_text_of_mails_cannot_bring_its_own() {
        let plain = report(&sample(), Paint::Plain);
        let mut coloured = report(&sample(), Paint::Colour);
        for code in ["1", "2", "31", "32", "33", "34", "0"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(plain, coloured);
        assert!(!plain.contains('\u{1b}'));
    }
}
