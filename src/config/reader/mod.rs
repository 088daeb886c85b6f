//! A typed reader of TOML tables that collects every fault instead of stopping at the first one.
//!
//! It knows shapes (text, number, list, table) and names of keys; what a value means is for the other files to say.

pub mod finding;
pub mod syntax;
pub mod values;

use std::cell::RefCell;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use self::finding::{Finding, Severity, Source};

use self::values::{Complaint, quoted};
use crate::model::suggest::nearest;

/// Keys whose value is a duration, and those whose value is a size: numbers without a unit are told which to write.
const DURATIONS: [&str; 3] = ["poll", "hold", "notify_every"];
const SIZES: [&str; 1] = ["max_message"];
/// Characters of a value that a hint repeats.
const MAX_REPEATED: usize = 60;

/// Keys of one kind of table.
#[derive(Debug)]
pub struct Keys {
    /// The table as people write it.
    pub table: &'static str,
    /// The keys it may have.
    pub keys: &'static [&'static str],
}

/// Where findings go.
pub struct Report<'a> {
    source: Source<'a>,
    /// The tables that stand once in a config: where a key may have been meant to stand.
    single: &'static [&'static Keys],
    findings: RefCell<Vec<Finding>>,
}

impl<'a> Report<'a> {
    /// An empty report about `source`, in which these tables stand once.
    pub fn new(source: Source<'a>, single: &'static [&'static Keys]) -> Self {
        Self { source, single, findings: RefCell::default() }
    }

    /// Adds an error.
    pub fn error(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Error, span, message.into(), hint.into());
    }

    /// Adds a warning.
    pub fn warning(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.add(Severity::Warning, span, message.into(), hint.into());
    }

    /// The value of `result`, or `None` with an error at `span`.
    pub fn accept<T>(&self, span: Range<usize>, result: Result<T, Complaint>) -> Option<T> {
        result.map_err(|complaint| self.error(span, complaint.message, complaint.hint)).ok()
    }

    /// A finding at `span` that says nothing yet.
    pub fn place(&self, span: Range<usize>) -> Finding {
        self.source.finding(Severity::Error, span, String::new(), String::new())
    }

    /// The line, from 1, that `span` starts in.
    pub fn line(&self, span: &Range<usize>) -> usize {
        self.source.line(span.start)
    }

    /// All findings in the order of the file.
    pub fn into_findings(self) -> Vec<Finding> {
        let mut findings = self.findings.into_inner();
        findings.sort_by_key(|finding| (finding.line, finding.column));
        findings.dedup();
        findings
    }

    fn add(&self, severity: Severity, span: Range<usize>, message: String, hint: String) {
        let finding = self.source.finding(severity, span, message, hint);
        self.findings.borrow_mut().push(finding);
    }
}

/// A table whose keys are known.
pub struct Section<'a> {
    table: &'a DeTable<'a>,
    keys: &'static Keys,
    /// Where the table is: its header, or the whole of an inline table.
    pub span: Range<usize>,
    report: &'a Report<'a>,
}

impl<'a> Section<'a> {
    /// Opens a table and names every key that it must not have.
    pub fn open(table: &'a DeTable<'a>, span: Range<usize>, keys: &'static Keys, report: &'a Report<'a>) -> Self {
        for (key, _) in table.iter().filter(|(key, _)| !keys.keys.contains(&key.get_ref().as_ref())) {
            let name = key.get_ref().as_ref();
            report.error(
                key.span(),
                format!("unknown key `{name}` in {}", keys.table),
                unknown_key_hint(name, keys, report.single),
            );
        }
        Self { table, keys, span, report }
    }

    /// The value of `key` as it is.
    pub fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        debug_assert!(self.keys.keys.contains(&key), "`{key}` is missing in the list of {}", self.keys.table);
        self.table.iter().find(|(name, _)| name.get_ref().as_ref() == key).map(|(_, value)| value)
    }

    /// Whether `key` is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Where `key` is, or else where the table is.
    pub fn place(&self, key: &str) -> Range<usize> {
        self.value(key).map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// Reports that `key` is missing unless it is there.
    pub fn require(&self, key: &str, example: &str) {
        if !self.has(key) {
            self.report.error(
                self.span.clone(),
                format!("{} has no `{key}`", self.keys.table),
                format!("add `{key} = {example}`"),
            );
        }
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<Spanned<&'a str>> {
        text(self.value(key)?, key, self.report)
    }

    /// A text that must be there.
    pub fn required_text(&self, key: &str, example: &str) -> Option<Spanned<&'a str>> {
        self.require(key, &format!("\"{example}\""));
        self.text(key)
    }

    /// A text with a meaning.
    pub fn parsed<T>(&self, key: &str, parse: impl FnOnce(&str) -> Result<T, Complaint>) -> Option<Spanned<T>> {
        let text = self.text(key)?;
        let value = self.report.accept(text.span(), parse(text.get_ref()))?;
        Some(Spanned::new(text.span(), value))
    }

    /// A text with a meaning that must be there.
    pub fn required<T>(
        &self,
        key: &str,
        example: &str,
        parse: impl FnOnce(&str) -> Result<T, Complaint>,
    ) -> Option<Spanned<T>> {
        self.require(key, &format!("\"{example}\""));
        self.parsed(key, parse)
    }

    /// A text with a meaning; `default` when it is not there, `None` when it is wrong.
    pub fn parsed_or<T>(&self, key: &str, default: T, parse: impl FnOnce(&str) -> Result<T, Complaint>) -> Option<T> {
        if self.has(key) { self.parsed(key, parse).map(Spanned::into_inner) } else { Some(default) }
    }

    /// A whole number within `range`; `default` when it is not there, `None` when it is wrong.
    pub fn number_or(&self, key: &str, default: u32, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let Some(value) = self.value(key) else { return Some(default) };
        let DeValue::Integer(integer) = value.get_ref() else {
            wrong_type(value, key, "a whole number", self.report);
            return None;
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| range.contains(n));
        if number.is_none() {
            let message = format!("`{key}` is out of range");
            let hint = format!("write a number from {} to {}", range.start(), range.end());
            self.report.error(value.span(), message, hint);
        }
        number
    }

    /// `true` or `false`; `default` when it is not there, `None` when it is wrong.
    pub fn flag_or(&self, key: &str, default: bool) -> Option<bool> {
        let Some(value) = self.value(key) else { return Some(default) };
        if let DeValue::Boolean(flag) = value.get_ref() {
            return Some(*flag);
        }
        wrong_type(value, key, "`true` or `false`", self.report);
        None
    }

    /// The values of a list of at most `limit`; `None` when it is not there or wrong.
    pub fn list(&self, key: &str, limit: usize) -> Option<&'a [Spanned<DeValue<'a>>]> {
        let value = self.value(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            wrong_type(value, key, "a list in brackets", self.report);
            return None;
        };
        if items.len() > limit {
            let message = format!("`{key}` has {} entries, more than {limit}", items.len());
            self.report.error(value.span(), message, format!("keep at most {limit}"));
        }
        items.get(..limit.min(items.len()))
    }

    /// A list of texts with a meaning, the faulty ones left out; empty when it is not there.
    pub fn parsed_list<T>(
        &self,
        key: &str,
        limit: usize,
        parse: impl Fn(&str) -> Result<T, Complaint>,
    ) -> Vec<Spanned<T>> {
        let items = self.list(key, limit).unwrap_or_default();
        let texts = items.iter().filter_map(|item| text(item, key, self.report));
        texts
            .filter_map(|item| {
                let value = self.report.accept(item.span(), parse(item.get_ref()))?;
                Some(Spanned::new(item.span(), value))
            })
            .collect()
    }

    /// A table inside this one; `None` when it is not there or no table.
    pub fn section(&self, key: &str, keys: &'static Keys) -> Option<Section<'a>> {
        let value = self.value(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            wrong_type(value, key, "a table", self.report);
            return None;
        };
        Some(Section::open(table, value.span(), keys, self.report))
    }

    /// The tables of a `[[key]]`, at most `limit`.
    pub fn sections(&self, key: &str, keys: &'static Keys, limit: usize) -> Vec<Section<'a>> {
        let Some(value) = self.value(key) else { return Vec::new() };
        if let DeValue::Table(_) = value.get_ref() {
            not_one_table(key, value, self.report);
            return Vec::new();
        }
        let tables = self.list(key, limit).unwrap_or_default().iter().filter_map(|item| {
            let DeValue::Table(table) = item.get_ref() else {
                wrong_type(item, key, "a table", self.report);
                return None;
            };
            Some(Section::open(table, item.span(), keys, self.report))
        });
        tables.collect()
    }

    /// The `id` as written, for references to it, and once more if it is a good one.
    pub fn id<T: Clone>(&self, example: &str, wrap: impl Fn(&str) -> T) -> (Option<Spanned<T>>, Option<T>) {
        let Some(written) = self.required_text("id", example) else { return (None, None) };
        let id = wrap(written.get_ref());
        let good = self.report.accept(written.span(), values::id(written.get_ref())).map(|_| id.clone());
        (Some(Spanned::new(written.span(), id)), good)
    }

    /// Whether `key` is not there, or a list of nothing.
    pub fn lists_nothing(&self, key: &str) -> bool {
        self.value(key).is_none_or(|value| matches!(value.get_ref(), DeValue::Array(items) if items.is_empty()))
    }

    /// The report that this section writes to.
    pub fn report(&self) -> &'a Report<'a> {
        self.report
    }
}

/// Reports that a table stands where a list of them should.
pub fn not_one_table(key: &str, value: &Spanned<DeValue<'_>>, report: &Report<'_>) {
    let message = format!("`{key}` must be a list of tables, not one table");
    report.error(value.span(), message, format!("write `[[{key}]]` with two brackets"));
}

/// `value` as a text.
pub fn text<'a>(value: &'a Spanned<DeValue<'a>>, key: &str, report: &Report<'_>) -> Option<Spanned<&'a str>> {
    if let DeValue::String(text) = value.get_ref() {
        return Some(Spanned::new(value.span(), text.as_ref()));
    }
    wrong_type(value, key, "text in quotes", report);
    None
}

/// Reports that `value` is something else than `wanted`.
pub fn wrong_type(value: &Spanned<DeValue<'_>>, key: &str, wanted: &str, report: &Report<'_>) {
    let found = match value.get_ref() {
        DeValue::String(_) => "text",
        DeValue::Float(_) if wanted == "a whole number" => "a fraction",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    let hint = match (value.get_ref(), wanted) {
        (DeValue::Integer(number), "text in quotes") if DURATIONS.contains(&key) => {
            format!("write a number and its unit in quotes: `{key} = \"{number}s\"`")
        }
        (DeValue::Integer(number), "text in quotes") if SIZES.contains(&key) => {
            format!("write a number and its unit in quotes: `{key} = \"{number}MB\"`")
        }
        (DeValue::Integer(number), "text in quotes") => format!("write `\"{number}\"`"),
        (DeValue::Boolean(_), "text in quotes") if key == "security" => {
            "write `\"tls\"`, `\"starttls\"` or `\"none\"`".to_owned()
        }
        (DeValue::Boolean(flag), "text in quotes") => format!("write `\"{flag}\"`"),
        (DeValue::Float(number), "a whole number") => {
            format!("write `{}`", number.as_str().split('.').next().unwrap_or_default())
        }
        (DeValue::String(text), "a list in brackets") if text.len() < MAX_REPEATED => {
            let items: Vec<String> = text.split([',', ';']).map(|item| format!("\"{}\"", item.trim())).collect();
            format!("write `{key} = [{}]`", items.join(", "))
        }
        (DeValue::String(text), "a whole number") if text.parse::<u32>().is_ok() => {
            format!("write `{text}` without quotes")
        }
        (DeValue::String(_), "a whole number") => format!("write a number without quotes: `{key} = 3`"),
        (DeValue::String(text), "`true` or `false`") => match flag_meant(text) {
            Some(flag) => format!("write `{key} = {flag}`, without quotes"),
            None => format!("write `{key} = true` or `{key} = false`"),
        },
        (DeValue::Integer(number), "`true` or `false`") => match number.as_str() {
            "0" => format!("write `{key} = false`"),
            _ => format!("write `{key} = true`"),
        },
        (DeValue::Array(items), "text in quotes") => match items.first().map(Spanned::get_ref) {
            Some(DeValue::String(text)) if items.len() == 1 && text.len() < MAX_REPEATED => {
                format!("write `{key} = \"{text}\"`, without brackets")
            }
            _ => format!("write one text: `{key} = \"…\"`"),
        },
        (DeValue::Array(_), "a table") => format!("write `[{key}]` with one bracket, once"),
        (_, "a table") if key == "imap" => {
            "write `imap = { host = \"imap.shop.example\", username = \"…\", password_file = \"…\" }`".to_owned()
        }
        _ => String::new(),
    };
    report.error(value.span(), format!("`{key}` must be {wanted}, not {found}"), hint);
}

/// What is meant by a word for yes or no.
pub fn flag_meant(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "1" | "tak" | "да" | "oo" => Some(true),
        "false" | "no" | "off" | "n" | "0" | "nie" | "нет" | "hindi" => Some(false),
        _ => None,
    }
}

/// Marks the values of keys that look like secrets, so that no snippet shows them.
pub fn hide_secrets(table: &DeTable<'_>, source: &mut Source<'_>) {
    for (key, value) in table {
        match value.get_ref() {
            DeValue::Table(inner) => hide_secrets(inner, source),
            DeValue::Array(items) => {
                for item in items {
                    if let DeValue::Table(inner) = item.get_ref() {
                        hide_secrets(inner, source);
                    }
                }
            }
            DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) if is_secret_key(key.get_ref()) => {
                source.hide(value.span());
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }
}

/// Whether a key may hold a secret itself, as none should; misspelt ones too.
fn is_secret_key(key: &str) -> bool {
    let key = bare(key);
    ["pass", "pasw", "pwd", "secret", "token"].iter().any(|part| key.contains(part))
        && !["file", "command", "credential", "url"].iter().any(|end| key.ends_with(end))
}

fn unknown_key_hint(name: &str, keys: &Keys, single: &[&Keys]) -> String {
    if let Some(key) = keys.keys.iter().find(|key| bare(key) == bare(name)) {
        return format!("write `{key}`");
    }
    if let Some(near) = nearest(name, keys.keys) {
        return format!("did you mean `{near}`?");
    }
    let meant = OTHER_WORDS.iter().filter(|(other, _)| bare(other) == bare(name)).map(|(_, key)| key);
    if let Some(key) = meant.into_iter().find(|key| keys.keys.contains(key)) {
        return format!("write `{key}`");
    }
    let file = keys.keys.iter().find(|key| key.ends_with("_file") && is_secret_key(key.trim_end_matches("_file")));
    if let Some(file) = file.filter(|_| is_secret_key(name)) {
        return format!("keep secrets out of the config: put it into a file of mode 0600 and name that in `{file}`");
    }
    if let Some(table) = single.iter().find(|other| other.keys.contains(&name)) {
        return format!("it belongs to {}: move it below that header", table.table);
    }
    format!("{} takes {}", keys.table, quoted(keys.keys))
}

/// What people write for a key, from other programs.
const OTHER_WORDS: [(&str, &str); 26] = [
    ("hostname", "host"),
    ("server", "host"),
    ("smtp_host", "host"),
    ("imap_host", "host"),
    ("user", "username"),
    ("login", "username"),
    ("account", "username"),
    ("ssl", "security"),
    ("tls", "security"),
    ("encryption", "security"),
    ("email", "addresses"),
    ("emails", "addresses"),
    ("mail", "addresses"),
    ("email", "address"),
    ("mail", "address"),
    ("word", "match"),
    ("keyword", "match"),
    ("words", "keywords"),
    ("members", "agents"),
    ("staff", "agents"),
    ("sender", "from"),
    ("title", "name"),
    ("db", "database"),
    ("folder", "folders"),
    ("interval", "poll"),
    ("footer", "signature"),
];

/// A key without what people leave out or put between its words: `secret-file`, `passwordFile`.
fn bare(key: &str) -> String {
    key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
