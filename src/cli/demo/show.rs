//! The demo's result as text for a terminal of 80 columns: aligned columns, colour only when asked for.
//!
//! Takes plain values and prints nothing itself.

/// Columns of the narrowest terminal that it is shown on.
const COLUMNS: usize = 80;
/// Lines of one mail that are shown.
const MAX_MAIL_LINES: usize = 40;

/// Whether the text carries colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI escapes.
    Always,
}

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
pub fn report(report: &Report, colour: Colour) -> String {
    let Report { steps, tickets, routes, mails, letters, places } = report;
    let sections = [
        ("What happened", self::steps(steps, colour)),
        ("Tickets", self::tickets(tickets, colour)),
        ("Why they are where they are", self::routes(routes, colour)),
        ("Mails that would go out", self::mails(mails, colour)),
        ("Two of them, as their readers see them", self::letters(letters, colour)),
        ("Where to look", self::places(places)),
    ];
    let shown = sections.iter().filter(|(_, body)| !body.is_empty());
    shown.map(|(title, body)| format!("\n{}\n\n{body}", paint(title, Tint::Bold, colour))).collect::<Vec<_>>().concat()
}

/// The steps with what became of each.
pub fn steps(rows: &[StepRow], colour: Colour) -> String {
    let mut text = String::new();
    for (index, row) in rows.iter().enumerate() {
        let tint = if row.good { Tint::Green } else { Tint::Red };
        for (line, part) in wrapped(&row.title, COLUMNS - 6).iter().enumerate() {
            let number = if line == 0 { format!("{:>4}", index + 1) } else { " ".repeat(4) };
            text.extend([number.as_str(), "  ", part, "\n"]);
        }
        for part in wrapped(&row.outcome, COLUMNS - 6) {
            text.extend(["      ", &paint(&part, tint, colour), "\n"]);
        }
    }
    text
}

/// The tickets.
pub fn tickets(rows: &[TicketRow], colour: Colour) -> String {
    let lines = rows.iter().map(|row| {
        vec![
            Cell::tinted(row.number.clone(), Tint::Bold),
            Cell::plain(row.department.clone()),
            Cell::tinted(row.status.clone(), status_tint(&row.status)),
            Cell::plain(if row.assignee.is_empty() { "–".to_owned() } else { row.assignee.clone() }),
            Cell::plain(row.subject.clone()),
        ]
    });
    table(&["ticket", "department", "status", "assignee", "subject"], lines.collect(), colour)
}

/// Why each ticket is in its department.
pub fn routes(rows: &[RouteRow], colour: Colour) -> String {
    let lines = rows.iter().map(|row| {
        vec![
            Cell::tinted(row.number.clone(), Tint::Bold),
            Cell::plain(row.department.clone()),
            Cell::tinted(row.kind.clone(), Tint::Green),
            Cell::plain(row.detail.clone()),
        ]
    });
    table(&["ticket", "department", "decided by", "in words"], lines.collect(), colour)
}

/// The mails that would go out.
pub fn mails(rows: &[MailRow], colour: Colour) -> String {
    let lines = rows.iter().enumerate().map(|(index, row)| {
        vec![
            Cell::tinted(format!("{:>3}", index + 1), Tint::Dim),
            Cell::tinted(row.kind.clone(), kind_tint(&row.kind)),
            Cell::plain(cut(&row.recipient, 26)),
            Cell::plain(cut(&row.subject, 28)),
        ]
    });
    table(&["", "kind", "to", "subject"], lines.collect(), colour)
}

/// Mails as their readers see them, each between two rules.
pub fn letters(letters: &[Letter], colour: Colour) -> String {
    let mut text = String::new();
    for letter in letters {
        text.extend(["  ", &paint(&letter.title, Tint::Blue, colour), "\n\n"]);
        let head = letter.head.iter().map(|(name, content)| cut(&format!("{name}: {content}"), COLUMNS - 6));
        let body = letter.text.trim_end().lines().flat_map(|line| wrapped(line, COLUMNS - 6));
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
pub fn places(rows: &[Place]) -> String {
    rows.iter().flat_map(|Place { what, at }| ["  ", what, ":\n", &command(at)].map(str::to_owned)).collect()
}

/// The words of a command as a shell takes them, on as many lines as they need.
fn command(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| shell_word(word)).collect();
    let mut text = String::from("   ");
    let mut used = 3;
    for (index, word) in quoted.iter().enumerate() {
        let more = if index + 1 < quoted.len() { 2 } else { 0 };
        if index > 0 && used + 1 + width(word) + more > COLUMNS {
            text.push_str(" \\\n     ");
            used = 5;
        }
        text.extend([" ", word]);
        used += 1 + width(word);
    }
    text.push('\n');
    text
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

/// The words of one line on lines of at most `limit` columns; a word that is longer (a link) is cut.
fn wrapped(text: &str, limit: usize) -> Vec<String> {
    let text = crate::model::text::clean_line(text, 2000);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && width(&line) + 1 + width(word) > limit {
            // A link starts a line of its own only when that shows more of it.
            let room = limit.saturating_sub(width(&line) + 1);
            if width(word) > limit && room >= limit / 2 {
                line.extend([" ", &cut(word, room)]);
                continue;
            }
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&cut(word, limit));
    }
    lines.push(line);
    lines
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tint {
    None,
    Bold,
    Dim,
    Green,
    Yellow,
    Red,
    Blue,
}

struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    fn plain(text: String) -> Self {
        Self { text, tint: Tint::None }
    }

    fn tinted(text: String, tint: Tint) -> Self {
        Self { text, tint }
    }
}

/// Columns two blanks apart, indented by two; the last one goes on below itself. Nothing when there are no rows.
fn table(titles: &[&str], rows: Vec<Vec<Cell>>, colour: Colour) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut lines = Vec::with_capacity(rows.len() + 1);
    if !titles.is_empty() {
        lines.push(titles.iter().map(|title| Cell::tinted((*title).to_owned(), Tint::Dim)).collect());
    }
    lines.extend(rows);
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| lines.iter().filter_map(|line| line.get(column)).map(|cell| width(&cell.text)).max().unwrap_or(0))
        .collect();
    let before: usize = 2 + widths.iter().rev().skip(1).map(|width| width + 2).sum::<usize>();
    lines.iter().map(|line| row(line, &widths, before, colour)).collect()
}

fn row(line: &[Cell], widths: &[usize], before: usize, colour: Colour) -> String {
    let mut text = String::from("  ");
    for (index, (cell, column)) in line.iter().zip(widths).enumerate() {
        if index + 1 < line.len() {
            text.push_str(&paint(&cell.text, cell.tint, colour));
            text.extend(std::iter::repeat_n(' ', column.saturating_sub(width(&cell.text)) + 2));
            continue;
        }
        let below = format!("\n{}", " ".repeat(before));
        let parts = wrapped(&cell.text, COLUMNS.saturating_sub(before).max(10));
        let parts: Vec<String> = parts.iter().map(|part| paint(part, cell.tint, colour)).collect();
        text.push_str(&parts.join(&below));
    }
    let kept = text.trim_end().len();
    text.truncate(kept);
    text.push('\n');
    text
}

/// Columns that `text` takes: combining marks none, East Asian letters and emoji two.
fn width(text: &str) -> usize {
    let one = |c: char| match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}' => 2,
        _ => 1,
    };
    text.chars().map(one).sum()
}

/// At most `limit` columns, one line, the end marked when something is left out.
fn cut(text: &str, limit: usize) -> String {
    let line = crate::model::text::clean_line(text, 2000);
    if width(&line) <= limit {
        return line;
    }
    let mut kept = String::new();
    for c in line.chars() {
        if width(&kept) + width(c.encode_utf8(&mut [0; 4])) + 1 > limit {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

fn status_tint(status: &str) -> Tint {
    match status {
        "new" => Tint::Blue,
        "open" => Tint::Yellow,
        "resolved" | "closed" => Tint::Dim,
        _ => Tint::None,
    }
}

fn kind_tint(kind: &str) -> Tint {
    match kind {
        "answer" => Tint::Green,
        "notice" => Tint::Yellow,
        "acknowledgement" => Tint::Blue,
        _ => Tint::None,
    }
}

fn paint(text: &str, tint: Tint, colour: Colour) -> String {
    let code = match tint {
        Tint::None => return text.to_owned(),
        Tint::Bold => "1",
        Tint::Dim => "2",
        Tint::Green => "32",
        Tint::Yellow => "33",
        Tint::Red => "31",
        Tint::Blue => "34",
    };
    match colour {
        Colour::Never => text.to_owned(),
        Colour::Always => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}

#[cfg(test)]
mod tests {
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
        let shown = report(&sample(), Colour::Never);
        assert!(shown.contains("\n   1  A Polish customer\n      ticket #1\n"), "{shown}");
        assert!(shown.contains("\n  #1      returns     open     anna      Zwrot butów\n"), "{shown}");
        assert!(shown.contains("\n    | From: Shop <info@x.example>\n    |\n    | Dear Ewa,\n"), "{shown}");
        assert!(shown.contains("\n    'demo/out box'\n") && !shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn every_line_fits_eighty_columns() {
        for line in report(&sample(), Colour::Never).lines() {
            assert!(width(line) <= COLUMNS, "{line}");
        }
    }

    #[test]
    fn colours_do_not_move_columns_and_text_of_mails_cannot_bring_its_own() {
        let plain = report(&sample(), Colour::Never);
        let mut coloured = report(&sample(), Colour::Always);
        for code in ["1", "2", "31", "32", "33", "34", "0"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(plain, coloured);
        assert!(!plain.contains('\u{1b}'));
    }
}
