//! The config file: TOML to typed values to a checked [`Policy`], every fault with file, line, column and a hint.
//!
//! All faults are named at once: no table hides those of another. Nothing outside this module names TOML.

mod cross;
mod department;
mod desk;
mod endpoint;
mod finding;
mod habits;
mod mailbox;
mod oauth;
mod reader;
mod secrets;
mod signature_html;
mod suggest;
#[cfg(test)]
mod tests;
mod values;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

pub use self::finding::{Finding, Paint, Severity};

use self::cross::Drafts;
use self::finding::Source;
use self::reader::{Keys, Report, Section, hide_secrets};
use self::secrets::{Surroundings, reason};
use crate::model::policy::Policy;

/// Where the config is when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/postroom/postroom.toml";
/// Names the config when no flag does.
pub const PATH_VARIABLE: &str = "POSTROOM_CONFIG";
/// Bytes of a config file.
pub const MAX_CONFIG: u64 = 4 * 1024 * 1024;
/// Where systemd puts credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

const ROOT: Keys =
    Keys { table: "the config", keys: &["desk", "smtp", "limits", "mailbox", "oauth", "agent", "department", "texts"] };

/// A config that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub policy: Policy,
    /// What is hardly meant, in the order of the file.
    pub warnings: Vec<Finding>,
}

/// The config to read: `flag`, else `$POSTROOM_CONFIG`, else [`DEFAULT_PATH`].
pub fn config_path(flag: Option<&Path>) -> PathBuf {
    let from_variable = || std::env::var_os(PATH_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    flag.map(Path::to_owned).or_else(from_variable).unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
}

/// Reads and checks the config at `path`. On failure returns every fault, and the warnings, in the order of the file.
pub fn load(path: &Path) -> Result<Loaded, Vec<Finding>> {
    load_text(&read(path)?, path)
}

/// Checks the config `text` as if it stood in the file `path`, whose directory relative paths start from.
pub fn load_text(text: &str, path: &Path) -> Result<Loaded, Vec<Finding>> {
    let surroundings = Surroundings {
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        credentials: std::env::var_os(CREDENTIALS_VARIABLE).map(PathBuf::from),
    };
    check(text, path, &surroundings)
}

fn read(path: &Path) -> Result<String, Vec<Finding>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_CONFIG + 1).read_to_end(&mut bytes));
    let shown = path.display();
    if let Err(error) = read {
        let hint = format!("name the config with `-c FILE` or in `${PATH_VARIABLE}`");
        return Err(vec![Finding::of_file(path, format!("cannot read `{shown}`: {}", reason(&error)), hint)]);
    }
    if bytes.len() as u64 > MAX_CONFIG {
        let message = format!("the config is larger than {MAX_CONFIG} bytes");
        return Err(vec![Finding::of_file(path, message, "check that this is the file that you mean")]);
    }
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|b| **b == b'\n').count() + 1;
        vec![Finding::of_file(path, format!("line {line} of the config is no UTF-8"), "save the file as UTF-8")]
    })
}

fn check(text: &str, path: &Path, surroundings: &Surroundings) -> Result<Loaded, Vec<Finding>> {
    // Columns are counted without a byte order mark, which some editors write.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (table, syntax_errors) = DeTable::parse_recoverable(text);
    let mut source = Source::new(path, text);
    hide_secrets(table.get_ref(), &mut source);
    let report = Report::new(source);
    if !syntax_errors.is_empty() {
        // What was recovered behind a syntax error would only give faults that are none.
        for error in &syntax_errors {
            report.error(error.span().unwrap_or(text.len()..text.len()), syntax_message(error.message()), "");
        }
        return Err(report.into_findings());
    }
    let policy = policy(&Section::open(table.get_ref(), 0..0, &ROOT, &report), surroundings);
    let findings = report.into_findings();
    match policy {
        Some(policy) if findings.iter().all(|finding| finding.severity == Severity::Warning) => {
            Ok(Loaded { policy, warnings: findings })
        }
        Some(_) | None => Err(findings),
    }
}

/// The policy; `None` only after a fault was reported.
fn policy(root: &Section<'_>, surroundings: &Surroundings) -> Option<Policy> {
    let desk = desk::desk(root, surroundings);
    let accounts = oauth::accounts(root, surroundings);
    let smtp = desk::smtp(root, &accounts, surroundings);
    let limits = desk::limits(root);
    let mailboxes = mailbox::mailboxes(root, &desk, &accounts, surroundings);
    let agents = department::agents(root, &desk);
    let departments = department::departments(root, &desk);
    let texts = desk::texts(root);
    let drafts = Drafts { mailboxes, agents, departments };
    cross::check(&drafts, smtp.as_ref(), root.report());
    Some(Policy {
        desk: desk.checked?,
        smtp: smtp?,
        limits: limits?,
        mailboxes: drafts.mailboxes.into_iter().map(|draft| draft.checked).collect::<Option<_>>()?,
        agents: drafts.agents.into_iter().map(|draft| draft.checked).collect::<Option<_>>()?,
        departments: drafts.departments.into_iter().map(|draft| draft.checked).collect::<Option<_>>()?,
        texts,
    })
}

/// The TOML parser's message in our style.
fn syntax_message(message: &str) -> String {
    message.strip_suffix('.').unwrap_or(message).to_owned()
}
