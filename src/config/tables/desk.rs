//! `[desk]`, `[smtp]`, `[limits]` and `[texts.LANGUAGE]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use toml::Spanned;
use toml::de::DeValue;

use super::endpoint::{self, Protocol};
use super::login;
use super::oauth::Accounts;
use super::secrets::{self, Surroundings};
use crate::config::reader::finding::Finding;
use crate::config::reader::values::quoted;
use crate::config::reader::{Keys, Report, Section, text, wrong_type};

use crate::config::reader::values;
use crate::model::language::Language;
use crate::model::policy::{Desk, Limits, Smtp, SmtpServer};
use crate::model::suggest::nearest;

/// The tables that stand once in a config.
pub const SINGLE_TABLES: [&Keys; 3] = [&DESK, &SMTP, &LIMITS];

pub const DESK: Keys = Keys {
    table: "`[desk]`",
    keys: &[
        "name",
        "domain",
        "language",
        "timezone",
        "database",
        "secret_file",
        "authserv_id",
        "require_dmarc",
        "hold",
    ],
};

pub const SMTP: Keys = Keys {
    table: "`[smtp]`",
    keys: &[
        "host",
        "port",
        "security",
        "username",
        "password_file",
        "password_command",
        "password_credential",
        "oauth",
        "ca_file",
        "directory",
    ],
};

pub const LIMITS: Keys = Keys {
    table: "`[limits]`",
    keys: &[
        "per_address_per_day",
        "per_mailbox_per_hour",
        "tickets_per_address_per_hour",
        "receipts_per_domain_per_hour",
        "tickets_per_domain_per_hour",
        "notify_every",
    ],
};

/// Automatic mails to one address in a day, when the config does not say.
const PER_ADDRESS_PER_DAY: u32 = 3;
/// Automatic mails to all customers of a mailbox in an hour, when the config does not say.
const PER_MAILBOX_PER_HOUR: u32 = 500;
/// When nobody says otherwise.
const TICKETS_PER_ADDRESS_PER_HOUR: u32 = 20;
/// Receipts to all addresses of a domain in an hour, when the config does not say.
const RECEIPTS_PER_DOMAIN_PER_HOUR: u32 = 60;
/// New tickets from all addresses of a domain in an hour, when the config does not say.
const TICKETS_PER_DOMAIN_PER_HOUR: u32 = 200;
/// Between two notifications of one ticket to one agent, when the config does not say.
const NOTIFY_EVERY: Duration = Duration::from_mins(2);
const MAX_NOTIFY_EVERY: Duration = Duration::from_hours(1);
const MAX_LIMIT: u32 = 1_000_000;

pub const DATABASE: &str = "/var/lib/postroom/postroom.db";
const SECRET_FILE: &str = "secret";

/// An answer that waits longer than this is no answer.
const MAX_HOLD: Duration = Duration::from_hours(1);

/// A text of the config: its language, its key and its words.
type Text = (Language, String, String);

/// Texts of one language.
const MAX_TEXTS: usize = 500;
/// Characters of one text.
const MAX_TEXT: usize = 20_000;

/// What other tables need of `[desk]`, even when something else in it is faulty.
pub struct DeskDraft {
    pub name: Option<String>,
    pub language: Language,
    pub timezone: TimeZone,
    /// The database, also when it or something else is faulty: the state directory is where it is.
    pub database: PathBuf,
    pub checked: Option<Desk>,
}

/// Reads `[desk]`.
pub fn desk(root: &Section<'_>, surroundings: &Surroundings) -> DeskDraft {
    let Some(section) = root.section("desk", &DESK) else {
        if !root.has("desk") {
            let hint = "add `[desk]` with `name` and `domain` at the top";
            root.report().error(0..0, "there is no `[desk]`", hint);
        }
        return DeskDraft {
            name: None,
            language: Language::ENGLISH,
            timezone: TimeZone::UTC,
            database: PathBuf::from(DATABASE),
            checked: None,
        };
    };
    let base = &surroundings.base;
    let name = section.required("name", "Example Shop", values::name).map(Spanned::into_inner);
    let domain = section.required("domain", "shop.example", values::domain).map(Spanned::into_inner);
    let language = section.parsed_or("language", Language::ENGLISH, values::language);
    let timezone = section.parsed_or("timezone", TimeZone::UTC, values::timezone);
    let database = section.parsed_or("database", PathBuf::from(DATABASE), |text| values::file(text, base));
    let secret_file = secret_file(&section, database.as_ref(), surroundings);
    let authserv_id = if section.has("authserv_id") {
        section.parsed("authserv_id", values::host).map(|name| Some(name.into_inner().to_lowercase()))
    } else {
        Some(None)
    };
    let require_dmarc = require_dmarc(&section);
    let hold = section.parsed_or("hold", Duration::ZERO, |text| values::duration(text, Duration::ZERO..=MAX_HOLD));
    DeskDraft {
        name: name.clone(),
        language: language.unwrap_or(Language::ENGLISH),
        timezone: timezone.clone().unwrap_or(TimeZone::UTC),
        database: database.clone().unwrap_or_else(|| PathBuf::from(DATABASE)),
        checked: (|| {
            Some(Desk {
                name: name?,
                domain: domain?,
                language: language?,
                timezone: timezone?,
                database: database?,
                secret_file: secret_file?,
                authserv_id: authserv_id?,
                require_dmarc: require_dmarc?,
                hold: hold?,
            })
        })(),
    }
}

/// Without a server whose verdicts are believed no agent could ever prove themselves.
fn require_dmarc(section: &Section<'_>) -> Option<bool> {
    let required = section.flag_or("require_dmarc", false)?;
    if required && !section.has("authserv_id") {
        let message = "`require_dmarc` without `authserv_id`: no agent's mail would count";
        let hint = "add `authserv_id = \"…\"`, the name in the Authentication-Results of your own mail server";
        section.report().error(section.place("require_dmarc"), message, hint);
        return None;
    }
    Some(required)
}

/// The file that signs reply addresses; by default `secret` beside the database. It may not exist yet.
fn secret_file(section: &Section<'_>, database: Option<&PathBuf>, surroundings: &Surroundings) -> Option<PathBuf> {
    let beside = database.map_or_else(|| PathBuf::from(DATABASE), PathBuf::clone).with_file_name(SECRET_FILE);
    let file = section.parsed_or("secret_file", beside, |text| values::path(text, &surroundings.base))?;
    section.report().accept(section.place("secret_file"), secrets::refuse_world_readable(&file))?;
    if Some(&file) == database {
        let hint = "name a file of its own, such as `secret` beside the database";
        section.report().error(section.place("secret_file"), "`secret_file` and `database` are the same file", hint);
    }
    Some(file)
}

/// Reads `[smtp]`.
pub fn smtp(root: &Section<'_>, desk: &DeskDraft, accounts: &Accounts, surroundings: &Surroundings) -> Option<Smtp> {
    let Some(section) = root.section("smtp", &SMTP) else {
        if !root.has("smtp") {
            let hint = "add `[smtp]` with `host`, or with `directory` to write mails as files";
            root.report().error(0..0, "there is no `[smtp]`: mail cannot leave", hint);
        }
        return None;
    };
    // The config's directory is read-only to the service: mails go where the database is.
    let state = desk.database.parent().unwrap_or(Path::new(""));
    let directory = section.parsed("directory", |text| {
        // Where versions before put it, it stays.
        let beside = values::path(text, &surroundings.base)?;
        if beside.is_dir() { Ok(beside) } else { values::path(text, state) }
    });
    match (section.has("host"), section.has("directory")) {
        (true, true) => {
            let message = "`host` and `directory` exclude each other";
            section.report().error(section.place("directory"), message, "keep the one that mail shall leave by");
            None
        }
        (false, true) => {
            warn_about_server_keys(&section);
            directory.map(|directory| Smtp::Directory(directory.into_inner()))
        }
        (_, false) => server(&section, accounts, surroundings).map(Smtp::Server),
    }
}

fn server(section: &Section<'_>, accounts: &Accounts, surroundings: &Surroundings) -> Option<SmtpServer> {
    let endpoint = endpoint::endpoint(section, Protocol::Smtp, surroundings);
    let login = if section.has("username") || section.has("oauth") {
        Some(login::login(section, accounts, surroundings)?)
    } else {
        if let Some(key) = login::names_a_password(section) {
            let message = format!("`{key}`, but no `username` for it");
            section.report().error(section.place(key), message, "add `username`");
            return None;
        }
        None
    };
    Some(SmtpServer { endpoint: endpoint?, login })
}

fn warn_about_server_keys(section: &Section<'_>) {
    for key in SMTP.keys.iter().filter(|key| **key != "directory" && section.has(key)) {
        let message = format!("`{key}` does nothing beside `directory`");
        section.report().warning(section.place(key), message, "drop it, or write `host` instead of `directory`");
    }
}

/// Reads `[limits]`.
pub fn limits(root: &Section<'_>) -> Option<Limits> {
    let defaults = Limits {
        per_address_per_day: PER_ADDRESS_PER_DAY,
        per_mailbox_per_hour: PER_MAILBOX_PER_HOUR,
        tickets_per_address_per_hour: TICKETS_PER_ADDRESS_PER_HOUR,
        receipts_per_domain_per_hour: RECEIPTS_PER_DOMAIN_PER_HOUR,
        tickets_per_domain_per_hour: TICKETS_PER_DOMAIN_PER_HOUR,
        notify_every: NOTIFY_EVERY,
    };
    if !root.has("limits") {
        return Some(defaults);
    }
    let section = root.section("limits", &LIMITS)?;
    let Limits {
        per_address_per_day,
        per_mailbox_per_hour,
        tickets_per_address_per_hour,
        receipts_per_domain_per_hour,
        tickets_per_domain_per_hour,
        notify_every,
    } = defaults;
    let per_address_per_day = section.number_or("per_address_per_day", per_address_per_day, 0..=MAX_LIMIT);
    let per_mailbox_per_hour = section.number_or("per_mailbox_per_hour", per_mailbox_per_hour, 0..=MAX_LIMIT);
    let tickets_per_address_per_hour =
        section.number_or("tickets_per_address_per_hour", tickets_per_address_per_hour, 1..=MAX_LIMIT);
    let receipts_per_domain_per_hour =
        section.number_or("receipts_per_domain_per_hour", receipts_per_domain_per_hour, 0..=MAX_LIMIT);
    let tickets_per_domain_per_hour =
        section.number_or("tickets_per_domain_per_hour", tickets_per_domain_per_hour, 1..=MAX_LIMIT);
    let notify_every = section
        .parsed_or("notify_every", notify_every, |text| values::duration(text, Duration::ZERO..=MAX_NOTIFY_EVERY));
    Some(Limits {
        per_address_per_day: per_address_per_day?,
        per_mailbox_per_hour: per_mailbox_per_hour?,
        tickets_per_address_per_hour: tickets_per_address_per_hour?,
        receipts_per_domain_per_hour: receipts_per_domain_per_hour?,
        tickets_per_domain_per_hour: tickets_per_domain_per_hour?,
        notify_every: notify_every?,
    })
}

/// Reads `[texts.LANGUAGE]`, with the place of each; which keys there are is for `compose` to say.
pub fn texts(root: &Section<'_>) -> (Vec<Text>, Vec<Finding>) {
    let report = root.report();
    let Some(value) = root.value("texts") else { return (Vec::new(), Vec::new()) };
    let DeValue::Table(languages) = value.get_ref() else {
        wrong_type(value, "texts", "a table", report);
        return (Vec::new(), Vec::new());
    };
    let (mut texts, mut places) = (Vec::new(), Vec::new());
    for (tag, table) in languages {
        let name = tag.get_ref().as_ref();
        let Some(language) = Language::from_tag(name) else {
            if let DeValue::String(_) = table.get_ref() {
                let language = value_language(root).tag();
                let hint =
                    format!("put it below `[texts.{language}]`, or below the header of the language that it is in");
                report.error(tag.span(), format!("the text `{name}` stands below `[texts]`, in no language"), hint);
                continue;
            }
            let tags: Vec<&str> = Language::all().map(Language::tag).collect();
            let hint = nearest(name, &tags)
                .map_or_else(|| format!("write one of {}", quoted(&tags)), |near| format!("did you mean `{near}`?"));
            report.error(tag.span(), format!("unknown language `{name}` in `[texts]`"), hint);
            continue;
        };
        let DeValue::Table(entries) = table.get_ref() else {
            let hint = format!("write `[texts.{name}]` with `key = \"text\"` below it");
            report.error(table.span(), format!("`{name}` must be a table of texts"), hint);
            continue;
        };
        for (key, value) in entries.iter().take(MAX_TEXTS) {
            let word = key.get_ref().to_string();
            // A text that goes with a number: one wording for all, or a table of its forms.
            let wordings = if let DeValue::Table(forms) = value.get_ref() {
                let form = |(form, text)| (format!("{word}.{}", Spanned::get_ref(form)), form, text);
                forms.iter().map(form).collect()
            } else {
                vec![(word, key, value)]
            };
            for (word, key, value) in wordings {
                if let Some(text) = one_text(language, word, value, report) {
                    texts.push(text);
                    places.push(report.place(key.span()));
                }
            }
        }
    }
    (texts, places)
}

/// The language that the desk names, as far as it can be read.
fn value_language(root: &Section<'_>) -> Language {
    let desk = root.value("desk").map(Spanned::get_ref);
    let DeValue::Table(desk) = desk.unwrap_or(&DeValue::Boolean(false)) else { return Language::ENGLISH };
    let named = desk.iter().find(|(key, _)| key.get_ref().as_ref() == "language").map(|(_, value)| value.get_ref());
    let Some(DeValue::String(tag)) = named else { return Language::ENGLISH };
    Language::from_tag(tag).unwrap_or(Language::ENGLISH)
}

fn one_text(language: Language, word: String, value: &Spanned<DeValue<'_>>, report: &Report<'_>) -> Option<Text> {
    let content = text(value, &word, report)?;
    if content.get_ref().chars().count() > MAX_TEXT {
        report.error(value.span(), "this text is too long", format!("keep it to {MAX_TEXT} characters"));
        return None;
    }
    Some((language, word, crate::model::text::clean_text(content.get_ref())))
}
