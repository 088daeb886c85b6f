//! The stage of the demo: the daemon's own intake, pipeline, store and outbox, on a directory of their own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::show::{self, Letter, MailRow, Place, Report, RouteRow, StepRow, TicketRow};
use super::{CONFIG, CONFIG_FILE, MAILBOX, OUTBOX, STEPS};
use crate::cli::Failure;
use crate::cli::output::Output;
use crate::clock::Clock;
use crate::config::{self, Secrets};
use crate::daemon::secret;
use crate::heartbeat::Heartbeat;
use crate::intake::MailboxLoop;
use crate::model::address::Person;
use crate::model::event::{EventKind, Withheld};
use crate::model::id::AgentId;
use crate::model::mail::ParsedMail;
use crate::model::ticket::Ticket;
use crate::parse::parse;
use crate::pipeline::Pipeline;
use crate::send::{OutboxLoop, Timeouts};
use crate::store::Store;
use crate::store::reports::TicketFilter;

/// How often the outbox is looked at while it empties.
const GLANCE: Duration = Duration::from_millis(2);
/// Mails that are shown whole: their kind, their recipient, and what they are.
const SHOWN: [(&str, &str, &str); 2] = [
    ("notification", "jan@staff.example", "What Jan, an agent of billing, is told"),
    ("answer", "accounts@mill.example", "What Dana gets when Jan has replied to it"),
];
/// Looks until we give up: far more than a directory needs.
const MAX_GLANCES: usize = 5_000;

/// The parts that a real daemon is built of.
struct Stage {
    folder: PathBuf,
    store: Store,
    intake: MailboxLoop,
    started: Timestamp,
}

/// Plays all steps and prints what came of them.
pub(in crate::cli) async fn run(dir: Option<PathBuf>, output: &Output) -> Result<(), Failure> {
    let folder = prepare(dir)?;
    let loaded = config::load(&folder.join(CONFIG_FILE), Secrets::Read).map_err(Failure::Config)?;
    let policy = loaded.policy;
    let store = Store::open(&policy.desk.database)?;
    let (signer, _) = secret::load_or_create(&policy.desk)?;
    let stop = CancellationToken::new();
    let (_smtp, smtp) = watch::channel(policy.smtp.clone());
    let heartbeat = Arc::new(Heartbeat::default());
    let clock = Clock::System;
    let outbox = OutboxLoop {
        store: store.clone(),
        smtp,
        clock,
        heartbeat: Arc::clone(&heartbeat),
        timeouts: Timeouts::default(),
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(outbox.run(stop.clone()));
    let mailbox = policy.mailboxes.first().cloned().context("the demo's config has a mailbox")?;
    let (_pipeline, pipeline) = watch::channel(Pipeline::new(policy, signer, store.clone(), clock));
    let intake = MailboxLoop { mailbox, store: store.clone(), pipeline, clock, heartbeat };
    let stage = Stage { folder, store: store.clone(), intake, started: clock.now() };
    let report = stage.play().await?;
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    store.close().await;
    Ok(output.text(&show::report(&report, output.paint()))?)
}

/// The directory with its config and an empty Maildir.
fn prepare(dir: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let folder = match dir {
        Some(dir) => dir,
        None => tempfile::Builder::new().prefix("postroom-demo-").tempdir()?.keep(),
    };
    let shown = folder.display().to_string();
    std::fs::create_dir_all(&folder).with_context(|| format!("`{shown}`"))?;
    if std::fs::read_dir(&folder).with_context(|| format!("`{shown}`"))?.next().is_some() {
        bail!("`{shown}` is not empty\nhint: name a directory that does not exist yet");
    }
    let folder = folder.canonicalize().with_context(|| format!("`{shown}`"))?;
    std::fs::write(folder.join(CONFIG_FILE), CONFIG).with_context(|| format!("`{shown}`"))?;
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(folder.join(MAILBOX).join(part)).with_context(|| format!("`{shown}`"))?;
    }
    Ok(folder)
}

impl Stage {
    async fn play(&self) -> anyhow::Result<Report> {
        let mut report = Report::default();
        for (index, step) in STEPS.iter().enumerate() {
            let outbox: Vec<ParsedMail> = self.outbox_files()?.iter().map(|(_, bytes)| parse(bytes, None)).collect();
            let bytes = step.mail(index, self.started, &outbox).map_err(anyhow::Error::msg)?;
            self.deliver(index, &bytes)?;
            let before = self.event_count().await?;
            self.intake.run_once().await?;
            self.empty_outbox().await?;
            report.steps.push(self.outcome(step.title, before).await?);
        }
        let tickets = self.store.read(|view| view.tickets(&TicketFilter::default())).await?;
        for ticket in &tickets {
            self.describe(ticket, &mut report).await?;
        }
        for (file, bytes) in self.outbox_files()? {
            let mail = parse(&bytes, None);
            let row = mail_row(&file, &mail);
            for (kind, recipient, title) in SHOWN {
                let shown = report.letters.iter().any(|letter| letter.title == title);
                if row.kind == kind && row.recipient == recipient && !shown {
                    report.letters.push(letter(title, &mail));
                }
            }
            report.mails.push(row);
        }
        report.places = self.places(&tickets);
        Ok(report)
    }

    /// As a mail server does it: complete in `tmp`, then into `new`.
    fn deliver(&self, index: usize, bytes: &[u8]) -> anyhow::Result<()> {
        let name = format!("{}.{:03}.demo", self.started.as_second(), index + 1);
        let mailbox = self.folder.join(MAILBOX);
        let half = mailbox.join("tmp").join(&name);
        std::fs::write(&half, bytes)?;
        Ok(std::fs::rename(half, mailbox.join("new").join(name))?)
    }

    async fn empty_outbox(&self) -> anyhow::Result<()> {
        for _ in 0..MAX_GLANCES {
            if self.store.read(|view| view.outbox()).await?.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(GLANCE).await;
        }
        bail!("the outbox does not empty into `{}`", self.folder.join(OUTBOX).display())
    }

    fn outbox_files(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let outbox = self.folder.join(OUTBOX);
        let mut files = Vec::new();
        if outbox.is_dir() {
            for entry in std::fs::read_dir(&outbox)? {
                let path = entry?.path();
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                if Path::new(&name).extension().is_some_and(|extension| extension == "eml") {
                    files.push((name, std::fs::read(path)?));
                }
            }
        }
        files.sort();
        Ok(files)
    }

    async fn event_count(&self) -> anyhow::Result<i64> {
        Ok(self.store.read(|view| view.last_event()).await?)
    }

    /// What became of the mail of one step: its fate, and what the ticket's history says since.
    async fn outcome(&self, title: &str, before: i64) -> anyhow::Result<StepRow> {
        let (fate, events) = self.store.read(move |view| Ok((view.last_fate()?, view.events_since(before)?))).await?;
        let Some((fate, ticket, detail)) = fate else { bail!("`{title}`: the mail was not taken") };
        let number = ticket.map(|number| format!("#{number}")).unwrap_or_default();
        let outcome = match fate.as_str() {
            "ticket" => format!("{number} {}", told(&events)),
            "duplicate" => format!("{number} duplicate, nothing happens twice"),
            "quarantined" => format!("{number} quarantined: {detail}"),
            _ => format!("{fate}: {detail}"),
        };
        Ok(StepRow { title: title.to_owned(), outcome, good: true })
    }

    async fn describe(&self, ticket: &Ticket, report: &mut Report) -> anyhow::Result<()> {
        let number = ticket.number;
        let route = self.store.read(move |view| view.route_of(number)).await?;
        report.tickets.push(TicketRow {
            number: format!("#{number}"),
            department: ticket.department.to_string(),
            status: ticket.status.to_string(),
            assignee: ticket.assignee.as_ref().map(ToString::to_string).unwrap_or_default(),
            subject: ticket.subject.clone(),
        });
        let (kind, detail) = route;
        report.routes.push(RouteRow {
            number: format!("#{number}"),
            department: ticket.department.to_string(),
            kind,
            detail,
        });
        Ok(())
    }

    fn places(&self, tickets: &[Ticket]) -> Vec<Place> {
        let config = self.folder.join(CONFIG_FILE);
        let first = tickets.first().map_or(0, |ticket| ticket.number.0);
        let place = |what: &str, at: &[&str]| Place {
            what: what.to_owned(),
            at: at.iter().map(|word| (*word).to_owned()).collect(),
        };
        let (program, config) = (program(), config.display().to_string());
        vec![
            place("mails that came in", &[&self.folder.join(MAILBOX).display().to_string()]),
            place("mails that would go out", &[&self.folder.join(OUTBOX).display().to_string()]),
            place("the config", &[&config]),
            place("a ticket", &[&program, "-c", &config, "ticket", "show", &first.to_string()]),
            place("all tickets", &[&program, "-c", &config, "ticket", "list"]),
        ]
    }
}

/// How this program is called: by its name where the shell finds it by that, else by its path.
fn program() -> String {
    const NAME: &str = "postroom";
    let Ok(own) = std::env::current_exe() else { return NAME.to_owned() };
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&folders).map(|folder| folder.join(NAME)).find(|path| path.is_file());
    if found.and_then(|path| path.canonicalize().ok()) == own.canonicalize().ok() {
        return NAME.to_owned();
    }
    own.display().to_string()
}

/// A mail as its reader sees it.
fn letter(title: &str, mail: &ParsedMail) -> Letter {
    let all = |people: &[Person]| people.iter().map(shown).collect::<Vec<_>>().join(", ");
    let mut head = vec![("From".to_owned(), mail.from.as_ref().map(shown).unwrap_or_default())];
    head.push(("To".to_owned(), all(&mail.to)));
    if !mail.reply_to.is_empty() {
        head.push(("Reply-To".to_owned(), all(&mail.reply_to)));
    }
    head.push(("Subject".to_owned(), mail.subject.clone()));
    Letter { title: title.to_owned(), head, text: mail.text.clone() }
}

fn shown(person: &Person) -> String {
    match person.name.as_str() {
        "" => person.address.to_string(),
        name => format!("{name} <{}>", person.address),
    }
}

/// What the history says, in a few words.
fn told(events: &[EventKind]) -> String {
    events.iter().filter_map(in_brief).collect::<Vec<_>>().join(" · ")
}

/// One line of history in a few words; `None` for what the step itself says.
fn in_brief(event: &EventKind) -> Option<String> {
    let agent = |agent: &Option<AgentId>| agent.as_ref().map_or("nobody".to_owned(), ToString::to_string);
    if matches!(event, EventKind::Opened { .. } | EventKind::Wrote { .. }) {
        return None;
    }
    Some(if let EventKind::Routed { to, .. } = event {
        format!("new in {to}")
    } else if let EventKind::Acknowledged { .. } = event {
        "receipt".to_owned()
    } else if let EventKind::Notified { agents } = event {
        format!("told {}", agents.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    } else if let EventKind::Withheld { what, .. } = event {
        let receipt = *what == Withheld::Acknowledgement;
        if receipt { "no receipt" } else { "nothing changes, nobody is told" }.to_owned()
    } else if let EventKind::Status { from, to, .. } = event {
        if from == to { to.to_string() } else { format!("{from} to {to}") }
    } else if let EventKind::Moved { from, to, .. } = event {
        format!("{from} to {to}")
    } else if let EventKind::Assigned { from, to, .. } = event {
        format!("assignee {} to {}", agent(from), agent(to))
    } else if let EventKind::PossiblyRelated { ticket, .. } = event {
        format!("possibly related to #{ticket}")
    } else {
        event.word().to_owned()
    })
}

fn mail_row(file: &str, mail: &ParsedMail) -> MailRow {
    let kind = file.split('-').nth(1).unwrap_or_default().to_owned();
    let recipient = mail.to.first().map(|person| person.address.to_string()).unwrap_or_default();
    MailRow { kind, recipient, subject: mail.subject.clone() }
}
