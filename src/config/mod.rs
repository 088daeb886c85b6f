//! The config file: TOML to typed values to a checked [`Policy`], every fault with file, line, column and a hint.
//!
//! All faults are named at once: no table hides those of another. Nothing outside this module names TOML.

mod cross;
mod reader;
mod tables;
#[cfg(test)]
mod tests;
mod warnings;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

pub use self::reader::finding::{Finding, Severity};
pub use self::tables::secrets::Secrets;

use self::reader::finding::Source;
use self::reader::{Keys, Report, Section, hide_secrets, syntax};
use self::tables::secrets::Surroundings;
use self::tables::{Drafts, department, desk, mailbox, oauth};
use crate::model::policy::Policy;
use crate::model::suggest::nearest;
use crate::model::text::os_words;

/// Where the config is when nobody says otherwise.
pub const DEFAULT_PATH: &str = "/etc/postroom/postroom.toml";
/// Names the config when no flag does.
pub const PATH_VARIABLE: &str = "POSTROOM_CONFIG";
/// Bytes of a config file.
pub const MAX_CONFIG: u64 = 4 * 1024 * 1024;
/// Where systemd puts credentials.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// Where they are for a command beside the service.
const CREDENTIALS_OF_THE_SERVICE: &str = "/run/credentials/postroom.service";

const ROOT: Keys =
    Keys { table: "the config", keys: &["desk", "smtp", "limits", "mailbox", "oauth", "agent", "department", "texts"] };

/// The tables of which there may be several.
const TABLE_LISTS: [&str; 4] = ["mailbox", "oauth", "agent", "department"];

/// A config that can be used.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it says.
    pub policy: Policy,
    /// What is hardly meant, in the order of the file.
    pub warnings: Vec<Finding>,
    /// Where the texts of the policy are, in their order: for what is found to be wrong with them.
    pub text_places: Vec<Finding>,
}

/// The config to read: `flag`, else `$POSTROOM_CONFIG`, else [`DEFAULT_PATH`].
pub fn config_path(flag: Option<&Path>) -> PathBuf {
    let from_variable = || std::env::var_os(PATH_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    flag.map(Path::to_owned).or_else(from_variable).unwrap_or_else(|| PathBuf::from(DEFAULT_PATH))
}

/// Reads and checks the config at `path`. On failure returns every fault, and the warnings, in the order of the file.
pub fn load(path: &Path, secrets: Secrets) -> Result<Loaded, Vec<Finding>> {
    check(&read(path)?, path, &surroundings(path, secrets))
}

/// Checks the config `text` as if it stood in the file `path`, whose directory relative paths start from.
pub fn load_text(text: &str, path: &Path) -> Result<Loaded, Vec<Finding>> {
    check(text, path, &surroundings(path, Secrets::Read))
}

/// The database that the config at `path` names, whatever else may be wrong with it; `None` when that cannot be said.
pub fn database(path: &Path) -> Option<PathBuf> {
    let text = read(path).ok()?;
    let (table, _) = DeTable::parse_recoverable(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let mut named = None;
    if let Some(DeValue::Table(desk)) = value_of(table.get_ref(), "desk")
        && let Some(DeValue::String(database)) = value_of(desk, "database")
    {
        named = Some(database.to_string());
    }
    let base = path.parent().unwrap_or(Path::new(""));
    Some(named.map_or_else(|| PathBuf::from(desk::DATABASE), |named| base.join(named)))
}

fn value_of<'a>(table: &'a DeTable<'a>, wanted: &str) -> Option<&'a DeValue<'a>> {
    table.iter().find(|(key, _)| key.get_ref().as_ref() == wanted).map(|(_, value)| value.get_ref())
}

fn surroundings(path: &Path, secrets: Secrets) -> Surroundings {
    let beside = || Some(PathBuf::from(CREDENTIALS_OF_THE_SERVICE)).filter(|folder| folder.is_dir());
    Surroundings {
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        credentials: std::env::var_os(CREDENTIALS_VARIABLE).map(PathBuf::from).or_else(beside),
        secrets,
    }
}

fn read(path: &Path) -> Result<String, Vec<Finding>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_CONFIG + 1).read_to_end(&mut bytes));
    let shown = path.display();
    if let Err(error) = read {
        let hint = format!("name the config with `-c FILE` or in `${PATH_VARIABLE}`");
        return Err(vec![Finding::of_file(path, format!("cannot read `{shown}`: {}", os_words(&error)), hint)]);
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
    let report = Report::new(source, &desk::SINGLE_TABLES);
    if !syntax_errors.is_empty() {
        // What was recovered behind a syntax error would only give faults that are none.
        syntax::report_mistakes(text, &report);
        return Err(report.into_findings());
    }
    if misnamed_tables(table.get_ref(), &report) {
        // What else would be said follows from it.
        return Err(report.into_findings());
    }
    warnings::variables(table.get_ref(), &report);
    let policy = policy(&Section::open(table.get_ref(), 0..0, &ROOT, &report), surroundings);
    let findings = report.into_findings();
    match policy {
        Some((policy, text_places)) if findings.iter().all(|finding| finding.severity == Severity::Warning) => {
            Ok(Loaded { policy, warnings: findings, text_places })
        }
        Some(_) | None => Err(findings),
    }
}

/// Reports each `[mailbox]` that should be a `[[mailbox]]`, and each `[[mailboxes]]`; whether there is one.
fn misnamed_tables(root: &DeTable<'_>, report: &Report<'_>) -> bool {
    let mut found = false;
    let is_table = |value: &DeValue<'_>| match value {
        DeValue::Table(_) => true,
        DeValue::Array(items) => items.iter().all(|item| matches!(item.get_ref(), DeValue::Table(_))),
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            false
        }
    };
    for (key, value) in
        root.iter().filter(|(key, value)| !ROOT.keys.contains(&key.get_ref().as_ref()) && is_table(value.get_ref()))
    {
        let name = key.get_ref().as_ref();
        let Some(meant) = nearest(&name.to_lowercase(), ROOT.keys) else { continue };
        let header = if TABLE_LISTS.contains(&meant) { format!("[[{meant}]]") } else { format!("[{meant}]") };
        let written =
            if matches!(value.get_ref(), DeValue::Table(_)) { format!("[{name}]") } else { format!("[[{name}]]") };
        report.error(key.span(), format!("unknown table `{written}`"), format!("write `{header}`"));
        found = true;
    }
    for (key, value) in root.iter().filter(|(key, _)| TABLE_LISTS.contains(&key.get_ref().as_ref())) {
        if matches!(value.get_ref(), DeValue::Table(_)) {
            reader::not_one_table(key.get_ref(), value, report);
            found = true;
        }
    }
    found
}

/// The policy, and where its texts are; `None` only after a fault was reported.
fn policy(root: &Section<'_>, surroundings: &Surroundings) -> Option<(Policy, Vec<Finding>)> {
    let desk = desk::desk(root, surroundings);
    let accounts = oauth::accounts(root, surroundings);
    let smtp = desk::smtp(root, &desk, &accounts, surroundings);
    let limits = desk::limits(root);
    let mailboxes = mailbox::mailboxes(root, &desk, &accounts, surroundings);
    let agents = department::agents(root, &desk);
    let departments = department::departments(root, &desk, &agents);
    let (texts, text_places) = desk::texts(root);
    let drafts = Drafts { mailboxes, agents, departments };
    cross::check(&drafts, smtp.as_ref(), root.report());
    warnings::check(&drafts, root.report());
    let policy = Policy {
        desk: desk.checked?,
        smtp: smtp?,
        limits: limits?,
        mailboxes: drafts.mailboxes.into_iter().map(|draft| draft.checked).collect::<Option<_>>()?,
        agents: drafts.agents.into_iter().map(|draft| draft.checked).collect::<Option<_>>()?,
        departments: drafts.departments.into_iter().map(|draft| draft.checked).collect::<Option<_>>()?,
        texts,
    };
    Some((policy, text_places))
}
