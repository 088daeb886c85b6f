//! The command line, as `--help` shows it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use crate::daemon::log;
use crate::model::language::Language;
use crate::model::ticket::Status;

/// An email-native helpdesk: shared mailboxes in, tickets and answers out.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(super) struct Arguments {
    #[arg(
        short,
        long = "config",
        global = true,
        value_name = "FILE",
        help = "Config file [default: $POSTROOM_CONFIG, else /etc/postroom/postroom.toml]"
    )]
    pub(super) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(super) command: Command,
}

impl Arguments {
    /// Reads the command line.
    pub(super) fn read() -> Result<Self, clap::Error> {
        Self::of(std::env::args_os())
    }

    /// A tag to take off (`-old`) looks like an option, so a config file that is named behind tags comes as one of them.
    fn of(words: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut arguments = Self::try_parse_from(words)?;
        let Self { config, command: Command::Ticket(TicketCommand::Tag { tags, .. }) } = &mut arguments else {
            return Ok(arguments);
        };
        if config.is_none() {
            *config = config_among(tags);
        }
        Ok(arguments)
    }
}

/// Takes the config file out of `tags`. What follows `-c` and is a tag itself (`-c +vip`) names no file: then `c` is a tag to
/// take off.
fn config_among(tags: &mut Vec<String>) -> Option<PathBuf> {
    if let Some(at) = tags.iter().position(|tag| tag.starts_with("--config=")) {
        return tags.remove(at).strip_prefix("--config=").map(PathBuf::from);
    }
    let names_file = |pair: &[String]| match pair {
        [option, file] => (option == "-c" || option == "--config") && !file.starts_with(['+', '-']),
        _ => false,
    };
    let at = tags.windows(2).position(names_file)?;
    tags.drain(at..at + 2).next_back().map(PathBuf::from)
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the daemon in the foreground: log on standard error, SIGTERM stops it in order, SIGHUP reloads the config
    Run {
        /// How log lines look
        #[arg(long, value_enum, default_value_t = Format::Text)]
        log_format: Format,
    },
    /// Show the whole main job on mails that ship inside the program: no server, no config, no root
    Demo {
        /// Where to put mailbox, outbox and database; must not exist or be empty [default: a new temporary directory]
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
    /// Read the config and name every fault with file, line, column and a hint
    Check {
        /// Log in to each mailbox and the SMTP server too, and ask whether it takes our senders; sends nothing
        #[arg(long)]
        online: bool,
        /// Read the password files too, as `run` does; for the service before a reload
        #[arg(long)]
        secrets: bool,
    },
    /// List the texts of mails, with their placeholders, as `[texts]` of the config takes them
    Texts {
        /// Only the texts whose key contains this
        #[arg(value_name = "KEY")]
        keys: Vec<String>,
        /// Only in this language [default: all]
        #[arg(long, value_name = "LANGUAGE", value_parser = language)]
        language: Option<Language>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show as JSON how mails are understood
    Parse {
        /// Files, or `-` for standard input; several files give one line each
        #[arg(required = true, value_name = "MAIL")]
        mails: Vec<PathBuf>,
    },
    /// Show which ticket and department a mail would get and why; changes nothing
    Explain {
        /// A file, or `-` for standard input
        #[arg(value_name = "MAIL")]
        mail: PathBuf,
        /// The mailbox that it came by [default: the one it is addressed to, else the first]
        #[arg(long, value_name = "ID")]
        mailbox: Option<String>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List and show tickets
    #[command(subcommand)]
    Ticket(TicketCommand),
    /// Show who is away and who has how much to do, send agents away, hand tickets over
    #[command(subcommand)]
    Agent(AgentCommand),
    /// List, retry and drop mails that have not left yet
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// List, show and retry mails that could not be handled
    #[command(subcommand)]
    Quarantine(QuarantineCommand),
    /// Show mailboxes, outbox and tickets at a glance, and what needs a person
    Status {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Look for everything that can be wrong and say what to do; changes nothing, exit code 1 when there is a fault
    Doctor {
        /// Leave out what reads the whole database: its structure and every stored mail
        #[arg(long)]
        quick: bool,
        /// Count tickets and mails anew first: the one thing that is ever changed
        #[arg(long, conflicts_with = "quick")]
        repair: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Copy the database into a new file, while the daemon runs; the copy is checked
    Backup {
        /// The file to make; never overwritten
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum TicketCommand {
    /// List tickets: for people the newest 50 of those that are not closed, as JSON all that the filters leave
    List(ListArguments),
    /// Show a ticket with its messages and history
    Show {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give a ticket to an agent, who is told; `nobody` releases it
    Assign {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
        /// The agent's id, or `nobody`
        agent: String,
    },
    /// Move a ticket to another department, whose agents are told
    Move {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
        /// The department's id
        department: String,
        /// What its agents have to know, kept as an internal note
        reason: Vec<String>,
    },
    /// Close a ticket
    Close {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
    },
    /// Open a ticket again
    Open {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
    },
    /// Put tags on a ticket and take them off
    Tag {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
        /// Such as `+vip -old`
        #[arg(value_name = "TAG", required = true, allow_hyphen_values = true)]
        tags: Vec<String>,
    },
    /// Add an internal note, which its agents are told; customers never see it
    Note {
        /// Its number
        #[arg(value_name = "N", value_parser = ticket_number)]
        number: i64,
        /// The words, or `-` for standard input
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only of this department
    #[arg(long, value_name = "ID")]
    pub(super) department: Option<String>,
    /// Only in this status: new, open, waiting, resolved, closed
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(super) status: Option<Status>,
    /// Only of this assignee
    #[arg(long, value_name = "AGENT")]
    pub(super) assignee: Option<String>,
    /// Only of this requester
    #[arg(long, value_name = "ADDRESS")]
    pub(super) requester: Option<String>,
    /// Only with this tag
    #[arg(long, value_name = "TAG")]
    pub(super) tag: Option<String>,
    /// At most so many, the newest first [default: 50; with `--json` or `--all` no limit]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) limit: Option<u32>,
    /// Closed ones too, and no limit
    #[arg(long)]
    pub(super) all: bool,
    /// Print JSON: all of them, closed ones too, by number
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum AgentCommand {
    /// List the agents: departments, open tickets, who is away
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// An agent goes away: gets no new tickets; those that nobody has answered yet go on to colleagues
    Away {
        /// The agent's id
        agent: String,
        /// The day on which the agent is back, such as 2026-12-01 [default: until `agent back`]
        #[arg(long, value_name = "DAY", value_parser = day)]
        until: Option<Date>,
    },
    /// An agent is back
    Back {
        /// The agent's id
        agent: String,
    },
    /// Give all open tickets of one agent to another, who gets one mail about them
    Handover {
        /// The agent who has them; may be gone from the config
        from: String,
        /// The agent who gets them
        to: String,
        /// Only those of this department
        #[arg(long, value_name = "ID")]
        department: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum OutboxCommand {
    /// List the mails that have not left yet, and why
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Try a mail again at once
    Retry {
        /// Its id, from `outbox list`
        #[arg(required_unless_present = "all", value_parser = row_id)]
        id: Option<i64>,
        /// All mails that wait or failed in the last five days; not those that may have arrived already
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
    /// Never send a mail
    Drop {
        /// Its id, from `outbox list`
        #[arg(value_parser = row_id)]
        id: i64,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum QuarantineCommand {
    /// List the mails that could not be handled, and why
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print such a mail as it came
    Show {
        /// Its id, from `quarantine list`
        #[arg(value_parser = row_id)]
        id: i64,
    },
    /// Try to handle such a mail again
    Retry {
        /// Its id, from `quarantine list`
        #[arg(value_parser = row_id)]
        id: i64,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// For people and the journal
    Text,
    /// One JSON object a line
    Json,
}

impl From<Format> for log::LogFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Text => Self::Text,
            Format::Json => Self::Json,
        }
    }
}

impl Command {
    /// Whether root does it as the owner of the database. Not those that read or write files of the user who asks.
    pub(super) fn is_for_the_owner(&self) -> bool {
        match self {
            Self::Run { .. }
            | Self::Check { .. }
            | Self::Explain { .. }
            | Self::Ticket(_)
            | Self::Agent(_)
            | Self::Outbox(_)
            | Self::Quarantine(_)
            | Self::Status { .. }
            | Self::Doctor { .. } => true,
            Self::Demo { .. } | Self::Parse { .. } | Self::Texts { .. } | Self::Backup { .. } => false,
        }
    }

    /// Whether JSON is asked for.
    pub(super) fn json(&self) -> bool {
        match self {
            Self::Explain { json, .. }
            | Self::Status { json }
            | Self::Doctor { json, .. }
            | Self::Backup { json, .. }
            | Self::Ticket(TicketCommand::List(ListArguments { json, .. }) | TicketCommand::Show { json, .. })
            | Self::Agent(AgentCommand::List { json })
            | Self::Outbox(OutboxCommand::List { json })
            | Self::Quarantine(QuarantineCommand::List { json })
            | Self::Texts { json, .. } => *json,
            Self::Parse { .. } => true,
            Self::Ticket(
                TicketCommand::Assign { .. }
                | TicketCommand::Move { .. }
                | TicketCommand::Close { .. }
                | TicketCommand::Open { .. }
                | TicketCommand::Tag { .. }
                | TicketCommand::Note { .. },
            )
            | Self::Run { .. }
            | Self::Demo { .. }
            | Self::Check { .. }
            | Self::Agent(AgentCommand::Away { .. } | AgentCommand::Back { .. } | AgentCommand::Handover { .. })
            | Self::Outbox(OutboxCommand::Retry { .. } | OutboxCommand::Drop { .. })
            | Self::Quarantine(QuarantineCommand::Show { .. } | QuarantineCommand::Retry { .. }) => false,
        }
    }
}

fn status(word: &str) -> Result<Status, String> {
    Status::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
        format!("no such status, known are {}", words.join(", "))
    })
}

fn language(tag: &str) -> Result<Language, String> {
    let tags = Language::all().map(Language::tag).collect::<Vec<_>>().join(", ");
    Language::from_tag(tag).ok_or_else(|| format!("no such language, known are {tags}"))
}

/// Ids of rows are numbers.
fn row_id(text: &str) -> Result<i64, String> {
    text.parse().map_err(|_| "an id is a number, as `list` shows it".to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    text.trim().parse().map_err(|_| "write a day as 2026-12-01".to_owned())
}

/// People write `1042` and `#1042`.
fn ticket_number(text: &str) -> Result<i64, String> {
    text.trim_start_matches('#').parse().map_err(|_| "a ticket has a number, such as 1042".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(line: &str) -> (Option<PathBuf>, Vec<String>) {
        let arguments = Arguments::of(line.split(' ').map(OsString::from)).unwrap();
        let Command::Ticket(TicketCommand::Tag { tags, .. }) = arguments.command else { panic!("{line}") };
        (arguments.config, tags)
    }

    #[test]
    fn a_config_file_before_or_behind_tags_is_no_tag_and_a_tag_is_no_config_file() {
        let file = || Some(PathBuf::from("x.toml"));
        for (line, config, expected) in [
            ("postroom -c x.toml ticket tag 7 +vip -old", file(), ["+vip", "-old"].as_slice()),
            ("postroom ticket -c x.toml tag 7 -old", file(), &["-old"]),
            ("postroom ticket tag 7 +vip -old -c x.toml", file(), &["+vip", "-old"]),
            ("postroom ticket tag 7 -c x.toml +vip", file(), &["+vip"]),
            ("postroom ticket tag 7 +vip --config x.toml", file(), &["+vip"]),
            ("postroom ticket tag 7 +vip --config=x.toml", file(), &["+vip"]),
            ("postroom ticket tag 7 +vip -c", None, &["+vip", "-c"]),
            ("postroom ticket tag 7 +vip -c -old", None, &["+vip", "-c", "-old"]),
            ("postroom -c x.toml ticket tag 7 -old -c vip", file(), &["-old", "-c", "vip"]),
            ("postroom ticket tag 7 -cats", None, &["-cats"]),
        ] {
            assert_eq!(tags(line), (config, expected.iter().map(|tag| (*tag).to_owned()).collect()), "{line}");
        }
    }
}
