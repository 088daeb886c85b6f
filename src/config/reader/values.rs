//! What single values mean: ids, names, addresses, durations, sizes, choices. Knows nothing of TOML or of other values.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rustls::pki_types::ServerName;

use crate::model::address::{Address, AddressPattern, Person, domain_name};
use crate::model::language::Language;
use crate::model::policy::{After, Import, Security};
use crate::model::suggest::nearest;
use crate::model::text::{MAX_NAME, clean_name};

/// Characters of an id.
const MAX_ID: usize = 32;
/// Characters of a folder's name.
const MAX_FOLDER: usize = 255;
/// Characters of what stands between a local part and its detail.
const MAX_SUBADDRESS: usize = 4;

/// Why a value cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// What is wrong.
    pub message: String,
    /// What can be done.
    pub hint: String,
}

/// `Err` with a message and a hint.
pub fn complain<T>(message: impl Into<String>, hint: impl Into<String>) -> Result<T, Complaint> {
    Err(Complaint { message: message.into(), hint: hint.into() })
}

/// An id: 1 to 32 of `a-z0-9_-`, a letter first. No dots, since ids of agents stand in mail addresses between dots.
pub fn id(text: &str) -> Result<String, Complaint> {
    let letter_first = text.starts_with(|c: char| c.is_ascii_lowercase());
    let allowed = text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if letter_first && allowed && text.len() <= MAX_ID {
        return Ok(text.to_owned());
    }
    let folded: String = crate::model::fold::fold(text)
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .skip_while(|c| !c.is_ascii_lowercase())
        .take(MAX_ID)
        .collect();
    let folded = folded.trim_end_matches('-');
    let rule = "1 to 32 of a-z, 0-9, `_` and `-`, a letter first";
    let hint = if folded.is_empty() { rule.to_owned() } else { format!("{rule}: for example `{folded}`") };
    complain(format!("`{text}` cannot be an id"), hint)
}

/// A name that people see.
pub fn name(text: &str) -> Result<String, Complaint> {
    let cleaned = clean_name(text);
    if cleaned.is_empty() {
        return complain("this name is empty", "write the name that people shall see");
    }
    if text.chars().count() > MAX_NAME {
        return complain("this name is too long", format!("keep it to {MAX_NAME} characters"));
    }
    Ok(cleaned)
}

/// Letters by which the name of a language is known.
const TELLING: usize = 3;

/// The tag of a language that we have texts in.
pub fn language(text: &str) -> Result<Language, Complaint> {
    let tags: Vec<&str> = Language::all().map(Language::tag).collect();
    if let Some(language) = Language::from_tag(text) {
        return Ok(language);
    }
    let lower = text.to_lowercase();
    let begins = |name: &&str| lower.chars().take(TELLING).eq(name.to_lowercase().chars().take(TELLING));
    let is_meant = |language: &Language| lower.starts_with(language.tag()) || language.names().iter().any(begins);
    let hint = match Language::all().find(is_meant) {
        Some(language) => format!("write `{language}`"),
        None => format!("write one of {}", quoted(&tags)),
    };
    complain(format!("unknown language `{text}`"), hint)
}

/// The name of a time zone in the system's time zone database.
pub fn timezone(text: &str) -> Result<TimeZone, Complaint> {
    if text == "UTC" {
        return Ok(TimeZone::UTC);
    }
    TimeZone::get(text).or_else(|_| {
        let database = jiff::tz::db();
        let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let hint = match nearest(text, &names) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "install the package `tzdata`: this system has no time zones".to_owned(),
            None => "write a name such as `Europe/Warsaw`".to_owned(),
        };
        complain(format!("unknown time zone `{text}`"), hint)
    })
}

/// The right-hand side of our Message-IDs, in lower case and as DNS knows it (`xn--…`).
pub fn domain(text: &str) -> Result<String, Complaint> {
    let as_address = Address::parse(&format!("x@{text}"));
    match as_address {
        Some(address) if address.domain().is_ascii() && !text.contains('@') => Ok(address.domain().to_owned()),
        Some(_) | None => {
            let bare = text
                .rsplit(['/', '@'])
                .find(|part| part.contains('.') && Address::parse(&format!("x@{part}")).is_some());
            let hint = match bare {
                Some(bare) => format!("write the domain alone: `{bare}`"),
                None => "write a domain of yours such as `shop.example`".to_owned(),
            };
            complain(format!("`{text}` is no domain"), hint)
        }
    }
}

/// A host name or IP address.
pub fn host(text: &str) -> Result<String, Complaint> {
    let known = if text.is_ascii() { None } else { domain_name(text) };
    let name = known.unwrap_or_else(|| text.to_owned());
    if ServerName::try_from(name.as_str()).is_ok() {
        return Ok(name);
    }
    let hint = if text.contains("://") {
        "leave out what stands before the host; `security` says whether TLS is used"
    } else if let Some((_, port)) = text.split_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()) {
        return complain(
            format!("`{text}` is no host name"),
            format!("leave out the port; it has its own key: `port = {port}`"),
        );
    } else if text.contains(':') {
        "leave out the port; it has its own key `port`"
    } else {
        "write a host name such as `mail.shop.example`"
    };
    complain(format!("`{text}` is no host name"), hint)
}

/// Whether `host` is this very machine.
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// How a connection is protected.
pub fn security(text: &str) -> Result<Security, Complaint> {
    match text {
        "tls" => Ok(Security::Tls),
        "starttls" => Ok(Security::StartTls),
        "none" => Ok(Security::None),
        ssl if matches!(ssl.to_lowercase().as_str(), "ssl" | "ssl/tls" | "tls" | "imaps" | "smtps") => {
            complain(format!("unknown `security` `{text}`"), "did you mean `tls`?")
        }
        other => choice("security", other, &["tls", "starttls", "none"]),
    }
}

/// A mail address.
pub fn address(text: &str) -> Result<Address, Complaint> {
    Address::parse(text)
        .map_or_else(|| complain(format!("`{text}` is no mail address"), "write it as `name@shop.example`"), Ok)
}

/// An address of a department, `*` in the local part for anything.
pub fn pattern(text: &str) -> Result<AddressPattern, Complaint> {
    AddressPattern::parse(text).map_or_else(
        || {
            complain(
                format!("`{text}` is no mail address"),
                "write it as `returns@shop.example`; `*` may stand for any letters before the `@`",
            )
        },
        Ok,
    )
}

/// `Name <address>`, or the address alone.
pub fn person(text: &str) -> Result<Person, Complaint> {
    let (name, bare) = match text.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
        Some((name, bare)) => (name, bare),
        None => ("", text),
    };
    Address::parse(bare).map_or_else(
        || complain(format!("`{text}` is no sender"), "write it as `Shop Returns <returns@shop.example>`"),
        |address| Ok(Person { name: clean_name(name), address }),
    )
}

/// A duration such as `45s`, `5m`, `3h`, `2d`, within `range`.
pub fn duration(text: &str, range: std::ops::RangeInclusive<Duration>) -> Result<Duration, Complaint> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit.trim() {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => 0,
    };
    let duration = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)).map(Duration::from_secs);
    match duration {
        Some(duration) if seconds > 0 && range.contains(&duration) => Ok(duration),
        Some(_) if seconds > 0 => complain(
            format!("`{text}` is out of range"),
            format!("write {}s to {}s", range.start().as_secs(), range.end().as_secs()),
        ),
        Some(_) | None if unit.is_empty() && !number.is_empty() => {
            complain(format!("`{text}` has no unit"), format!("write `\"{text}s\"` for seconds; also `m`, `h`, `d`"))
        }
        Some(_) | None => {
            complain(format!("`{text}` is no duration"), "write a number and its unit: `45s`, `5m`, `3h`, `2d`")
        }
    }
}

/// A size in bytes such as `50MB` or `64KiB`, within `range`.
pub fn size(text: &str, range: std::ops::RangeInclusive<u64>) -> Result<u64, Complaint> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = match unit.trim().to_ascii_lowercase().as_str() {
        "b" => 1,
        "kb" => 1000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => 0,
    };
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)) {
        Some(size) if unit > 0 && range.contains(&size) => Ok(size),
        Some(_) if unit > 0 => {
            complain(format!("`{text}` is out of range"), format!("write {} to {} bytes", range.start(), range.end()))
        }
        Some(_) | None if unit == 0 && !number.is_empty() && number.len() == text.len() => {
            complain(format!("`{text}` has no unit"), format!("write `\"{text}MB\"`; also `KB`, `MiB`"))
        }
        Some(_) | None => {
            complain(format!("`{text}` is no size"), "write a number and its unit: `500KB`, `50MB`, `64MiB`")
        }
    }
}

/// `new`, `all` or `since:YYYY-MM-DD`, the date's midnight in `timezone`.
pub fn import(text: &str, timezone: &TimeZone) -> Result<Import, Complaint> {
    match (text, text.strip_prefix("since:")) {
        ("new", _) => Ok(Import::New),
        ("all", _) => Ok(Import::All),
        (_, Some(date)) => date
            .trim()
            .parse::<Date>()
            .and_then(|date| date.to_zoned(timezone.clone()))
            .map(|midnight| Import::Since(midnight.timestamp()))
            .or_else(|_| complain(format!("`{date}` is no date"), "write `since:2026-11-01`")),
        (other, None) => choice("import", other, &["new", "all", "since:2026-11-01"]),
    }
}

/// `keep`, `seen` or `move:FOLDER`.
pub fn after(text: &str) -> Result<After, Complaint> {
    match (text, text.strip_prefix("move:")) {
        ("keep", _) => Ok(After::Keep),
        ("seen", _) => Ok(After::Seen),
        (_, Some(name)) => folder(name.trim()).map(After::Move),
        (other, None) => choice("after", other, &["keep", "seen", "move:FOLDER"]),
    }
}

/// The name of a folder on the server.
pub fn folder(text: &str) -> Result<String, Complaint> {
    if text.is_empty() || text.chars().count() > MAX_FOLDER || text.chars().any(char::is_control) {
        return complain(format!("`{text}` is no folder"), "write its name as mail clients show it, such as `INBOX`");
    }
    Ok(text.to_owned())
}

/// What stands between a local part and its detail; empty when the server has no plus addressing.
pub fn subaddress(text: &str) -> Result<String, Complaint> {
    let allowed = |c: char| "+-=_.!#$%&/?^~".contains(c);
    if text.len() <= MAX_SUBADDRESS && text.chars().all(allowed) {
        return Ok(text.to_owned());
    }
    complain(
        format!("`{text}` cannot separate a plus part"),
        "write `+` as most servers have it, or an empty text when yours has no plus addressing",
    )
}

/// A file or directory; a relative one starts at `base`.
pub fn path(text: &str, base: &Path) -> Result<PathBuf, Complaint> {
    if text.is_empty() || text.contains('\0') {
        return complain("this path is empty", "name a file or directory");
    }
    if text == "~" || text.starts_with("~/") {
        return complain(format!("`~` in `{text}` stands for no home directory"), "write the whole path");
    }
    Ok(base.join(text))
}

/// A file; a relative one starts at `base`.
pub fn file(text: &str, base: &Path) -> Result<PathBuf, Complaint> {
    if text.ends_with('/') {
        return complain(format!("`{text}` names a folder"), format!("name the file: `{text}postroom.db`"));
    }
    path(text, base)
}

/// A complaint about a word that is none of `known`.
pub fn choice<T>(key: &str, word: &str, known: &[&str]) -> Result<T, Complaint> {
    let hint = match nearest(word, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of {}", quoted(known)),
    };
    complain(format!("unknown `{key}` `{word}`"), hint)
}

/// `` `a`, `b`, `c` ``
pub fn quoted<T: AsRef<str>>(words: &[T]) -> String {
    words.iter().map(|word| format!("`{}`", word.as_ref())).collect::<Vec<_>>().join(", ")
}

/// What to write instead of the unknown `id`.
pub fn reference_hint(id: &str, known: &[String], table: &str) -> String {
    match nearest(id, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("add a `{table}` with `id = \"{id}\"`"),
        None if known.len() <= 12 => format!("there are {}", quoted(known)),
        None => format!("add a `{table}` with `id = \"{id}\"`, or name one that there is"),
    }
}
