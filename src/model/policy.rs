//! The checked config: every reference resolved, every text parsed, every default filled in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::address::{Address, AddressPattern, Person};
use super::habits::Habits;
use super::id::{AgentId, DepartmentId, MailboxId};
use super::language::Language;
use super::mail::{ParsedMail, RawMail};
use super::oauth::OAuth;
use super::provider;
use super::staff::{AgentRole, GivingOut};
use super::text;

/// Everything the config says. Replaced as a whole on reload.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `[desk]`.
    pub desk: Desk,
    /// `[smtp]`.
    pub smtp: Smtp,
    /// `[limits]`.
    pub limits: Limits,
    /// `[[mailbox]]`, in the order of the file.
    pub mailboxes: Vec<Mailbox>,
    /// `[[agent]]`, in the order of the file.
    pub agents: Vec<Agent>,
    /// `[[department]]`, in the order of the file, which is the order of preference in a tie; never empty.
    pub departments: Vec<Department>,
    /// `[texts.LANGUAGE]`: texts that replace the built-in ones, as (language, key, text).
    pub texts: Vec<(Language, String, String)>,
}

/// `[desk]`: the installation as a whole.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Name that people see.
    pub name: String,
    /// Right-hand side of our Message-IDs.
    pub domain: String,
    /// What we write in when nothing better is known.
    pub language: Language,
    /// For dates in mails.
    pub timezone: TimeZone,
    /// The database file.
    pub database: PathBuf,
    /// The file with the key that signs reply addresses.
    pub secret_file: PathBuf,
    /// Name of our mail server in its `Authentication-Results` (RFC 8601 §2.5), lower case; `None`: none is believed.
    pub authserv_id: Option<String>,
    /// Whether an agent's mail counts only when our own mail server vouches for its From (DMARC).
    pub require_dmarc: bool,
    /// How long an answer waits before it leaves, so that its agent can withdraw it; zero for not at all.
    pub hold: Duration,
}

/// `[smtp]`: how mail leaves.
#[derive(Clone, Debug)]
pub enum Smtp {
    /// Through a submission server.
    Server(SmtpServer),
    /// As files in a directory (demo, rehearsal).
    Directory(PathBuf),
}

/// A submission server.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    /// Host, port, TLS.
    pub endpoint: Endpoint,
    /// Login; `None` when the server wants none.
    pub login: Option<Login>,
}

/// Where a server is and how to reach it safely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or IP address, also the name that the certificate must bear.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// PEM file with roots to trust beside the system's.
    pub ca_file: Option<PathBuf>,
}

/// How a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Plain, then upgraded before anything is said; no fallback.
    StartTls,
    /// No protection: loopback hosts only.
    None,
}

/// A user name and where its secret comes from.
#[derive(Clone, Debug)]
pub struct Login {
    /// SASL user name.
    pub username: String,
    /// The secret.
    pub secret: Secret,
}

/// Where a password comes from.
#[derive(Clone, Debug)]
pub enum Secret {
    /// Read from a file or a systemd credential when the config was loaded.
    Password(SecretString),
    /// In this file, and not read: only `run` and `check --online` need it from the start.
    File(PathBuf),
    /// The first line that this command prints, asked for at every login.
    Command(Vec<String>),
    /// No password: a token of this `[[oauth]]`.
    Token(Arc<OAuth>),
}

/// `[limits]`: circuit breakers for mail that no human wrote.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Automatic mails to one customer's address in 24 hours.
    pub per_address_per_day: u32,
    /// Automatic mails to all customers of one mailbox in an hour.
    pub per_mailbox_per_hour: u32,
    /// New tickets from one address in an hour; its further mails are folded into its newest ticket.
    pub tickets_per_address_per_hour: u32,
    /// Receipts to all addresses of one organisation's domain in an hour; providers of free mail count by address alone.
    pub receipts_per_domain_per_hour: u32,
    /// New tickets from one organisation's domain in an hour; its further mails are folded into its newest ticket.
    pub tickets_per_domain_per_hour: u32,
    /// Between two notifications of one ticket to one agent; zero: each is sent at once.
    pub notify_every: Duration,
}

/// `[[mailbox]]`: a shared mail account.
#[derive(Clone, Debug)]
pub struct Mailbox {
    /// Its id.
    pub id: MailboxId,
    /// Its address.
    pub address: Address,
    /// Where its mail is.
    pub source: Source,
    /// Folders to watch.
    pub folders: Vec<String>,
    /// Folder with answers written from the shared account itself.
    pub sent_folder: Option<String>,
    /// `[mailbox.mirror]`: the mailbox shows where its tickets stand.
    pub mirror: Option<Mirror>,
    /// For mail that nothing else routes.
    pub department: DepartmentId,
    /// What is taken of the mail that is there at first contact.
    pub import: Import,
    /// What happens on the server once a mail is safely stored.
    pub after: After,
    /// What stands between a local part and its detail; empty when the server has no plus addressing.
    pub subaddress: String,
    /// Whether to use IDLE where the server has it.
    pub idle: bool,
    /// How often to look without being told.
    pub poll: Duration,
    /// Larger mails become tickets from their headers alone, in bytes.
    pub max_message: u64,
}

impl Mailbox {
    /// Every folder that is watched.
    pub fn watched(&self) -> impl Iterator<Item = &String> {
        self.folders.iter().chain(&self.sent_folder)
    }
}

/// `[mailbox.mirror]`: mails of tickets are filed into folders, and who moves one changes its ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirror {
    /// The folder above those that stand for departments, agents and what is done.
    pub root: String,
}

/// Where a mailbox's mail is.
#[derive(Clone, Debug)]
pub enum Source {
    /// On an IMAP server.
    Imap(ImapAccount),
    /// In a Maildir on disk.
    Maildir(PathBuf),
}

impl Source {
    /// What the account is known by, whatever the mailbox is called: the user and the server, or the directory.
    pub fn account(&self) -> String {
        match self {
            Self::Imap(account) => {
                format!("imap {}@{}", account.login.username, account.endpoint.host.to_ascii_lowercase())
            }
            Self::Maildir(path) => format!("maildir {}", path.display()),
        }
    }
}

/// An IMAP account.
#[derive(Clone, Debug)]
pub struct ImapAccount {
    /// Host, port, TLS.
    pub endpoint: Endpoint,
    /// Login.
    pub login: Login,
}

/// What is taken of the mail that is there at first contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Import {
    /// Nothing; only what comes later.
    New,
    /// Everything.
    All,
    /// What the server received at or after this moment (midnight of a date in the desk's time zone).
    Since(Timestamp),
}

/// What happens on the server once a mail is safely stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing.
    Keep,
    /// It is marked `\Seen`.
    Seen,
    /// It is moved to this folder.
    Move(String),
}

/// `[[agent]]`: a member of staff.
#[derive(Clone, Debug)]
pub struct Agent {
    /// The id, used in commands and tokens.
    pub id: AgentId,
    /// Name that colleagues see.
    pub name: String,
    /// Addresses that the agent writes from; notifications go to the first. Never empty.
    pub addresses: Vec<Address>,
    /// What we write to the agent in.
    pub language: Language,
    /// What they are beside their departments.
    pub role: AgentRole,
    /// Open tickets beyond which they are given no further one; overrides their departments'.
    pub max_open: Option<u32>,
    /// What the agent wants to be told of, and when.
    pub habits: Habits,
}

/// `[[department]]`: a queue.
#[derive(Clone, Debug)]
pub struct Department {
    /// The id, used in commands and reasons.
    pub id: DepartmentId,
    /// Name that people see who read none of the languages of `names`.
    pub name: String,
    /// Its name in languages.
    pub names: Vec<(Language, String)>,
    /// Addresses that route to it.
    pub addresses: Vec<AddressPattern>,
    /// Words that route to it.
    pub keywords: Vec<Keyword>,
    /// Least score for keywords to decide.
    pub keyword_threshold: u32,
    /// Who works in it, in the order of the config.
    pub agents: Vec<AgentId>,
    /// Those of them who lead it: they assign colleagues' tickets. Empty: all of them do.
    pub leads: Vec<AgentId>,
    /// How its new tickets find their agents.
    pub giving_out: GivingOut,
    /// Who its mails are from.
    pub from: Person,
    /// Below every answer; empty for none.
    pub signature: String,
    /// The same in the HTML part; empty: the plain one.
    pub signature_html: String,
    /// Whether a new ticket is acknowledged.
    pub acknowledge: bool,
    /// What it writes in when the customer's language is not known.
    pub language: Language,
    /// What becomes of a customer's mail on a closed ticket.
    pub closed: ClosedPolicy,
}

/// What becomes of a customer's mail on a ticket that was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClosedPolicy {
    /// It opens the ticket again.
    #[default]
    Reopen,
    /// It opens a new one that follows the old one.
    New,
    /// It opens the ticket again when that was closed no longer ago than this, else a new one.
    ReopenWithin(SignedDuration),
}

/// One keyword of a department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// As written in the config.
    pub text: String,
    /// Folded, without the `*`, words joined by one blank; never empty.
    pub folded: String,
    /// Whether any ending may follow (`*`).
    pub prefix: bool,
    /// What a hit counts; twice that in the subject.
    pub weight: u32,
    /// Where it counts.
    pub place: KeywordPlace,
}

/// Where a keyword counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeywordPlace {
    /// Subject and new text.
    Anywhere,
    /// The subject alone.
    Subject,
    /// The new text alone.
    Text,
}

impl Policy {
    /// The department with this id.
    pub fn department(&self, id: &DepartmentId) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == *id)
    }

    /// The agent with this id.
    pub fn agent(&self, id: &AgentId) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == *id)
    }

    /// The name of an agent; the id when the agent is gone.
    pub fn agent_name(&self, id: &AgentId) -> String {
        self.agent(id).map_or_else(|| id.to_string(), |agent| agent.name.clone())
    }

    /// The agent who writes from `address`.
    pub fn agent_by_address(&self, address: &Address) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.addresses.iter().any(|own| own.same_as(address)))
    }

    /// Whether `agent` works on the tickets of all departments.
    pub fn is_manager(&self, agent: &AgentId) -> bool {
        self.agent(agent).is_some_and(|agent| agent.role == AgentRole::Manager)
    }

    /// Those who work on the tickets of all departments.
    pub fn managers(&self) -> impl Iterator<Item = &AgentId> {
        self.agents.iter().filter(|agent| agent.role == AgentRole::Manager).map(|agent| &agent.id)
    }

    /// The mailbox with this id.
    pub fn mailbox(&self, id: &MailboxId) -> Option<&Mailbox> {
        self.mailboxes.iter().find(|mailbox| mailbox.id == *id)
    }

    /// Whether a mail lies where the shared account files what was sent from it.
    pub fn is_sent(&self, raw: &RawMail) -> bool {
        self.mailbox(&raw.mailbox).is_some_and(|mailbox| mailbox.sent_folder.as_deref() == Some(raw.folder.as_str()))
    }

    /// The first department that writes from `address` or is written to there.
    pub fn department_of(&self, address: &Address) -> Option<&Department> {
        let bare = self.without_detail(address);
        let writes = |department: &&Department| department.from.address.same_as(&bare);
        let is_written = |department: &&Department| department.addresses.iter().any(|pattern| pattern.matches(&bare));
        self.departments.iter().find(writes).or_else(|| self.departments.iter().find(is_written))
    }

    /// Whether To or Cc of a mail name an address of the department.
    pub fn is_written_to(&self, mail: &ParsedMail, department: &Department) -> bool {
        mail.to.iter().chain(&mail.cc).any(|person| {
            let address = self.without_detail(&person.address);
            department.addresses.iter().any(|pattern| pattern.matches(&address))
        })
    }

    /// `address` without a plus part that one of our mailboxes on that domain understands.
    pub fn without_detail(&self, address: &Address) -> Address {
        self.mailboxes
            .iter()
            .filter(|mailbox| mailbox.address.domain() == address.domain())
            .map(|mailbox| address.without_detail(&mailbox.subaddress))
            .find(|bare| bare != address)
            .unwrap_or_else(|| address.clone())
    }

    /// Whether a domain, as addresses hold it, is one at which the desk receives or in whose name it writes, or lies under one.
    pub fn is_house(&self, domain: &str) -> bool {
        let boxes = self.mailboxes.iter().map(|mailbox| mailbox.address.domain());
        let patterns = self.departments.iter().flat_map(|department| &department.addresses).map(AddressPattern::domain);
        let departments = self.departments.iter().map(|department| department.from.address.domain());
        let mut houses = boxes.chain(departments).chain(patterns).chain([self.desk.domain.as_str()]);
        houses.any(|house| {
            !provider::is_public(house)
                && domain.strip_suffix(house).is_some_and(|left| left.is_empty() || left.ends_with('.'))
        })
    }

    /// Whether mail to `address` comes to us: a mailbox's or department's address or From, plus parts ignored.
    pub fn is_own(&self, address: &Address) -> bool {
        let bare = self.without_detail(address);
        self.mailboxes.iter().any(|mailbox| mailbox.address.same_as(&bare))
            || self.departments.iter().any(|department| {
                department.from.address.same_as(&bare)
                    || department.addresses.iter().any(|pattern| pattern.matches(&bare))
            })
    }
}

impl Department {
    /// Whether `agent` works in it.
    pub fn has_agent(&self, agent: &AgentId) -> bool {
        self.agents.contains(agent)
    }

    /// Whether `agent` has a ticket that nobody has by answering it.
    pub fn takes_by_answer(&self, agent: &AgentId) -> bool {
        self.giving_out.take_on_reply && self.has_agent(agent)
    }

    /// Whether `agent` assigns the tickets of colleagues in it.
    pub fn has_lead(&self, agent: &AgentId) -> bool {
        if self.leads.is_empty() { self.has_agent(agent) } else { self.leads.contains(agent) }
    }

    /// The name in a language as it may stand inside a display name.
    pub fn label(&self, language: Language) -> String {
        let named = self.names.iter().find(|(known, _)| *known == language);
        text::clean_name(named.map_or(&self.name, |(_, name)| name))
    }

    /// The name in every language.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        [&self.name].into_iter().chain(self.names.iter().map(|(_, name)| name)).map(String::as_str)
    }
}
