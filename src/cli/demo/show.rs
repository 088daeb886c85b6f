//! The demo's result as text for a terminal: aligned columns, colour only when asked for.
//!
//! Takes plain values and prints nothing itself.

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
    /// Who opened it.
    pub requester: String,
    /// Number of messages.
    pub messages: usize,
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
    /// Its file in the outbox directory.
    pub file: String,
}

/// Something to look at.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it is.
    pub what: String,
    /// A path or a command.
    pub at: String,
}

/// The whole result.
pub fn report(report: &Report, colour: Colour) -> String {
    let Report { steps, tickets, routes, mails, places } = report;
    let sections = [
        ("What happened", self::steps(steps, colour)),
        ("Tickets", self::tickets(tickets, colour)),
        ("Why they are where they are", self::routes(routes, colour)),
        ("Mails that would go out", self::mails(mails, colour)),
        ("Where to look", self::places(places)),
    ];
    let shown = sections.iter().filter(|(_, body)| !body.is_empty());
    shown.map(|(title, body)| format!("\n{}\n\n{body}", paint(title, Tint::Bold, colour))).collect::<Vec<_>>().concat()
}

/// The steps with what became of each.
pub fn steps(rows: &[StepRow], colour: Colour) -> String {
    let lines = rows.iter().enumerate().map(|(index, row)| {
        let tint = if row.good { Tint::Green } else { Tint::Red };
        vec![
            Cell::plain(format!("{:>3}", index + 1)),
            Cell::plain(cut(&row.title, 84)),
            Cell::tinted(cut(&row.outcome, 76), tint),
        ]
    });
    table(&[], lines.collect(), colour)
}

/// The tickets.
pub fn tickets(rows: &[TicketRow], colour: Colour) -> String {
    let lines = rows.iter().map(|row| {
        vec![
            Cell::tinted(row.number.clone(), Tint::Bold),
            Cell::plain(row.department.clone()),
            Cell::tinted(row.status.clone(), status_tint(&row.status)),
            Cell::plain(if row.assignee.is_empty() { "–".to_owned() } else { row.assignee.clone() }),
            Cell::plain(cut(&row.requester, 32)),
            Cell::plain(format!("{:>8}", row.messages)),
            Cell::plain(cut(&row.subject, 48)),
        ]
    });
    table(&["ticket", "department", "status", "assignee", "requester", "messages", "subject"], lines.collect(), colour)
}

/// Why each ticket is in its department.
pub fn routes(rows: &[RouteRow], colour: Colour) -> String {
    let lines = rows.iter().map(|row| {
        vec![
            Cell::tinted(row.number.clone(), Tint::Bold),
            Cell::plain(row.department.clone()),
            Cell::tinted(row.kind.clone(), Tint::Green),
            Cell::plain(cut(&row.detail, 100)),
        ]
    });
    table(&["ticket", "department", "decided by", "in words"], lines.collect(), colour)
}

/// The mails that would go out.
pub fn mails(rows: &[MailRow], colour: Colour) -> String {
    let lines = rows.iter().map(|row| {
        vec![
            Cell::tinted(row.kind.clone(), kind_tint(&row.kind)),
            Cell::plain(cut(&row.recipient, 32)),
            Cell::plain(cut(&row.subject, 52)),
            Cell::tinted(row.file.clone(), Tint::Dim),
        ]
    });
    table(&["kind", "to", "subject", "file"], lines.collect(), colour)
}

/// Where to look.
pub fn places(rows: &[Place]) -> String {
    let lines = rows.iter().map(|row| vec![Cell::plain(row.what.clone()), Cell::plain(row.at.clone())]);
    table(&[], lines.collect(), Colour::Never)
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

/// Columns two blanks apart, indented by two; the last one is not filled up. Nothing when there are no rows.
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
    lines.iter().map(|line| row(line, &widths, colour)).collect()
}

fn row(line: &[Cell], widths: &[usize], colour: Colour) -> String {
    let mut text = String::from("  ");
    for (index, (cell, column)) in line.iter().zip(widths).enumerate() {
        text.push_str(&paint(&cell.text, cell.tint, colour));
        if index + 1 < line.len() {
            text.extend(std::iter::repeat_n(' ', column.saturating_sub(width(&cell.text)) + 2));
        }
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

/// At most `limit` characters, one line, the end marked when something is left out.
fn cut(text: &str, limit: usize) -> String {
    let line = crate::model::text::clean_line(text, limit + 1);
    if line.chars().count() <= limit {
        return line;
    }
    line.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
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
                    requester: text("Ewa Żółć"),
                    messages: 12,
                    subject: text("Zwrot butów"),
                },
                TicketRow {
                    number: text("#10"),
                    department: text("sales"),
                    status: text("waiting"),
                    assignee: String::new(),
                    requester: text("李雷"),
                    messages: 1,
                    subject: "x".repeat(100),
                },
            ],
            routes: Vec::new(),
            mails: vec![MailRow {
                kind: text("answer"),
                recipient: text("ewa@x.example"),
                subject: text("Re: [#1] Zwrot\u{1b}[31m"),
                file: text("000001.eml"),
            }],
            places: vec![Place { what: text("outbox"), at: text("demo/outbox") }],
        }
    }

    #[test]
    fn columns_are_aligned_and_nothing_is_coloured_unasked() {
        insta::assert_snapshot!(report(&sample(), Colour::Never));
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
