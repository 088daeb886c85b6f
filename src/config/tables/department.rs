//! `[[agent]]` and `[[department]]` with its keywords.

use std::ops::Range;
use std::time::Duration;

use jiff::SignedDuration;
use toml::Spanned;
use toml::de::DeValue;

use super::desk::DeskDraft;
use super::habits;
use super::{keyword, signature_html};
use crate::config::reader::values::{self, Complaint, choice, complain};
use crate::config::reader::{Keys, Section, text};
use crate::model::address::{Address, AddressPattern, Person};
use crate::model::habits::Notify;
use crate::model::id::{AgentId, DepartmentId};
use crate::model::language::Language;
use crate::model::policy::{Agent, ClosedPolicy, Department, Keyword};
use crate::model::staff::{AgentRole, Assignment, GivingOut};
use crate::model::text::clean_text;

pub const AGENT: Keys = Keys {
    table: "`[[agent]]`",
    keys: &["id", "name", "addresses", "language", "role", "max_open", "notify", "digest_at", "quiet_hours"],
};

pub const DEPARTMENT: Keys = Keys {
    table: "`[[department]]`",
    keys: &[
        "id",
        "name",
        "addresses",
        "keywords",
        "keyword_threshold",
        "agents",
        "leads",
        "assignment",
        "max_open",
        "take_on_reply",
        "from",
        "signature",
        "signature_html",
        "acknowledge",
        "language",
        "closed",
    ],
};

const MAX_AGENTS: usize = 2000;
const MAX_DEPARTMENTS: usize = 500;
/// Addresses of one agent or department.
const MAX_ADDRESSES: usize = 500;
/// Open tickets of one agent, as a limit.
const MAX_OPEN: u32 = 100_000;
const MAX_THRESHOLD: u32 = 1_000_000;
/// The shortest and the longest time within which a closed ticket is opened again.
const MIN_REOPEN: Duration = Duration::from_mins(1);
const MAX_REOPEN: Duration = Duration::from_hours(24 * 3650);
/// Characters of a signature.
const MAX_SIGNATURE: usize = 5000;

/// What is checked against other tables, even when something else in it is faulty.
pub struct AgentDraft {
    pub id: Option<Spanned<AgentId>>,
    pub addresses: Vec<Spanned<Address>>,
    pub notify: Notify,
    pub checked: Option<Agent>,
}

/// What is checked against other tables, even when something else in it is faulty.
pub struct DepartmentDraft {
    pub id: Option<Spanned<DepartmentId>>,
    pub addresses: Vec<Spanned<AddressPattern>>,
    pub keywords: Vec<Spanned<Keyword>>,
    pub agents: Vec<Spanned<AgentId>>,
    pub leads: Vec<Spanned<AgentId>>,
    pub from: Option<Spanned<Person>>,
    /// Where the table starts.
    pub place: Range<usize>,
    /// Where `agents` is, or the table.
    pub agents_place: Range<usize>,
    pub checked: Option<Department>,
}

/// Reads every `[[agent]]`.
pub fn agents(root: &Section<'_>, desk: &DeskDraft) -> Vec<AgentDraft> {
    root.sections("agent", &AGENT, MAX_AGENTS).iter().map(|section| agent(section, desk)).collect()
}

fn agent(section: &Section<'_>, desk: &DeskDraft) -> AgentDraft {
    let (id, valid_id) = section.id("anna", AgentId::new);
    let name = section.required("name", "Anna Nowak", values::name);
    section.require("addresses", "[\"anna@shop.example\"]");
    let addresses = section.parsed_list("addresses", MAX_ADDRESSES, values::address);
    if section.list("addresses", MAX_ADDRESSES).is_some_and(<[_]>::is_empty) {
        let hint = "name the address that notifications go to first";
        section.report().error(section.place("addresses"), "`addresses` is empty", hint);
    }
    let language = section.parsed_or("language", desk.language, values::language);
    let role = section.parsed_or("role", AgentRole::Agent, role);
    let max_open = max_open(section);
    let habits = habits::habits(section);
    let notify = habits.as_ref().map_or(Notify::All, |habits| habits.notify);
    let checked = || {
        Some(Agent {
            id: valid_id?,
            name: name?.into_inner(),
            addresses: addresses.iter().map(|address| address.get_ref().clone()).collect(),
            language: language?,
            role: role?,
            max_open: max_open.map(limit)?,
            habits: habits?,
        })
    };
    let checked = checked();
    AgentDraft { id, addresses, notify, checked }
}

fn role(text: &str) -> Result<AgentRole, Complaint> {
    if text == "lead" {
        let message = "a lead leads a department, not the desk";
        return complain(message, "write `leads = [\"anna\"]` in each department that they lead");
    }
    AgentRole::from_word(text).map_or_else(|| choice("role", text, &["agent", "manager"]), Ok)
}

/// Reads every `[[department]]`.
pub fn departments(root: &Section<'_>, desk: &DeskDraft, agents: &[AgentDraft]) -> Vec<DepartmentDraft> {
    let sections = root.sections("department", &DEPARTMENT, MAX_DEPARTMENTS);
    if root.lists_nothing("department") {
        let hint = "add at least one: mail that nothing else routes needs a place to go";
        root.report().error(root.place("department"), "there is no `[[department]]`", hint);
    }
    let all: Vec<AgentId> =
        agents.iter().filter_map(|agent| agent.id.as_ref()).map(|id| id.get_ref().clone()).collect();
    sections.iter().map(|section| department(section, desk, &all)).collect()
}

/// Who works there: the agents of the list, or `"all"`.
fn members(section: &Section<'_>, all: &[AgentId]) -> Vec<Spanned<AgentId>> {
    match section.value("agents") {
        Some(value) if matches!(value.get_ref(), DeValue::String(word) if word == "all") => {
            all.iter().map(|id| Spanned::new(value.span(), id.clone())).collect()
        }
        Some(_) | None => section.parsed_list("agents", MAX_AGENTS, |text| Ok(AgentId::new(text))),
    }
}

fn department(section: &Section<'_>, desk: &DeskDraft, all: &[AgentId]) -> DepartmentDraft {
    let (id, valid_id) = section.id("support", DepartmentId::new);
    let names = names(section, desk.language);
    let addresses = section.parsed_list("addresses", MAX_ADDRESSES, values::pattern);
    let keywords = keyword::keywords(section);
    let keyword_threshold = section.number_or("keyword_threshold", 1, 1..=MAX_THRESHOLD);
    let agents = members(section, all);
    let leads = section.parsed_list("leads", MAX_AGENTS, |text| Ok(AgentId::new(text)));
    let giving_out = giving_out(section);
    let from = from(section, desk, &addresses);
    let signature = section.parsed_or("signature", String::new(), signature);
    let signature_html = section.parsed_or("signature_html", String::new(), signature_html::signature_html);
    if section.has("signature_html") && !section.has("signature") {
        let hint = "add `signature`: the same words for programs that show plain text";
        section.report().error(section.place("signature_html"), "`signature_html` has no `signature` beside it", hint);
    }
    let acknowledge = section.flag_or("acknowledge", true);
    let language = section.parsed_or("language", desk.language, values::language);
    let closed = section.parsed_or("closed", ClosedPolicy::Reopen, closed);
    let checked = || {
        let (name, names) = names?;
        Some(Department {
            id: valid_id?,
            name,
            names,
            addresses: values_of(&addresses),
            keywords: values_of(&keywords),
            keyword_threshold: keyword_threshold?,
            agents: values_of(&agents),
            leads: values_of(&leads),
            giving_out: giving_out?,
            from: from.as_ref()?.get_ref().clone(),
            signature: signature?,
            signature_html: signature_html?,
            acknowledge: acknowledge?,
            language: language?,
            closed: closed?,
        })
    };
    let checked = checked();
    let (place, agents_place) = (section.span.clone(), section.place("agents"));
    DepartmentDraft { id, addresses, keywords, agents, leads, from, place, agents_place, checked }
}

/// `name`: one for all, or one a language, of which that of the desk's language is for all others; else English, else the first.
fn names(section: &Section<'_>, desk: Language) -> Option<(String, Vec<(Language, String)>)> {
    let Some(DeValue::Table(table)) = section.value("name").map(Spanned::get_ref) else {
        return Some((section.required("name", "Support", values::name)?.into_inner(), Vec::new()));
    };
    let report = section.report();
    let mut names: Vec<(Language, String)> = Vec::new();
    for (tag, value) in table {
        let language = report.accept(tag.span(), values::language(tag.get_ref()));
        let name = text(value, tag.get_ref(), report)
            .and_then(|name| report.accept(name.span(), values::name(name.get_ref())));
        names.push((language?, name?));
    }
    let of = |language| names.iter().find(|(known, _)| *known == language);
    let Some((_, name)) = of(desk).or_else(|| of(Language::ENGLISH)).or_else(|| names.first()) else {
        report.error(
            section.place("name"),
            "`name` is empty",
            "write `name = \"Support\"`, or `name = { en = \"Support\" }`",
        );
        return None;
    };
    Some((name.clone(), names))
}

/// 0 when there is no limit.
fn max_open(section: &Section<'_>) -> Option<u32> {
    section.number_or("max_open", 0, 1..=MAX_OPEN)
}

fn limit(max_open: u32) -> Option<u32> {
    Some(max_open).filter(|limit| *limit > 0)
}

fn giving_out(section: &Section<'_>) -> Option<GivingOut> {
    let words = Assignment::ALL.iter().map(|how| how.as_str()).collect::<Vec<_>>();
    let how = section.parsed_or("assignment", Assignment::None, |text| {
        Assignment::from_word(text).map_or_else(|| choice("assignment", text, &words), Ok)
    });
    let (max_open, take_on_reply) = (max_open(section), section.flag_or("take_on_reply", true));
    Some(GivingOut { how: how?, max_open: max_open.map(limit)?, take_on_reply: take_on_reply? })
}

fn values_of<T: Clone>(items: &[Spanned<T>]) -> Vec<T> {
    items.iter().map(|item| item.get_ref().clone()).collect()
}

/// `from`; by default the desk's name at the department's first address without a `*`.
fn from(section: &Section<'_>, desk: &DeskDraft, addresses: &[Spanned<AddressPattern>]) -> Option<Spanned<Person>> {
    if section.has("from") {
        return section.parsed("from", values::person);
    }
    let exact = addresses.iter().find_map(|pattern| Some(Spanned::new(pattern.span(), pattern.get_ref().exact()?)));
    let Some(exact) = exact else {
        let name = desk.name.as_deref().unwrap_or("Example Shop");
        let message = "this department has no `from` and no address to take it from";
        let hint = format!("add `from = \"{name} <support@shop.example>\"`");
        section.report().error(section.span.clone(), message, hint);
        return None;
    };
    let name = desk.name.clone().unwrap_or_default();
    Some(Spanned::new(exact.span(), Person { name, address: exact.into_inner() }))
}

/// `reopen`, `new` or `reopen within 14d`.
fn closed(text: &str) -> Result<ClosedPolicy, Complaint> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["reopen"] => Ok(ClosedPolicy::Reopen),
        ["new"] => Ok(ClosedPolicy::New),
        ["reopen", "within", time] => {
            let time = values::duration(time, MIN_REOPEN..=MAX_REOPEN)?;
            let time = SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX);
            Ok(ClosedPolicy::ReopenWithin(time))
        }
        _ => choice("closed", text, &["reopen", "new", "reopen within 14d"]),
    }
}

fn signature(text: &str) -> Result<String, Complaint> {
    if text.chars().count() > MAX_SIGNATURE {
        return complain("this signature is too long", format!("keep it to {MAX_SIGNATURE} characters"));
    }
    Ok(clean_text(text).trim_end().to_owned())
}
