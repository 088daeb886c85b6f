//! What concerns several tables at once: references, duplicates, loops, and what looks forgotten.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::hash::Hash;
use std::ops::Range;

use toml::Spanned;

use super::reader::Report;
use super::reader::values::reference_hint;
use super::tables::department::{AgentDraft, DepartmentDraft};
use super::tables::mailbox::MailboxDraft;
use super::tables::{Drafts, shown_id, without_detail};
use crate::model::address::{Address, AddressPattern};
use crate::model::habits::Notify;
use crate::model::id::{AgentId, DepartmentId};
use crate::model::policy::{KeywordPlace, Smtp, Source};
use crate::model::staff::AgentRole;

/// Ends of the names of relays that write Message-IDs of their own.
const REWRITING_RELAYS: &[&str] = &[".amazonaws.com"];
/// Connections that the same user may keep without a warning.
const CONNECTIONS_OF_A_USER: usize = 2;

/// Reports every fault between the tables.
pub fn check(drafts: &Drafts, smtp: Option<&Smtp>, report: &Report<'_>) {
    unique("mailboxes", "id", drafts.mailboxes.iter().filter_map(|mailbox| mailbox.id.as_ref()), report);
    unique("agents", "id", drafts.agents.iter().filter_map(|agent| agent.id.as_ref()), report);
    unique("departments", "id", drafts.departments.iter().filter_map(|department| department.id.as_ref()), report);
    let addresses: Vec<Spanned<String>> = drafts.mailboxes.iter().filter_map(key_of).collect();
    unique("mailboxes", "address", addresses.iter(), report);
    shared_accounts(drafts, report);
    references(drafts, report);
    agent_addresses(drafts, report);
    department_addresses(drafts, report);
    plus_parts(drafts, report);
    rewriting_relay(drafts, smtp, report);
    keywords(drafts, report);
    forgotten(drafts, report);
}

fn key_of(mailbox: &MailboxDraft) -> Option<Spanned<String>> {
    let address = mailbox.address.as_ref()?;
    Some(Spanned::new(address.span(), address.get_ref().key()))
}

fn unique<'a, T: Display + Eq + Hash + 'a>(
    tables: &str,
    key: &str,
    items: impl Iterator<Item = &'a Spanned<T>>,
    report: &Report<'_>,
) {
    let mut seen: HashMap<&T, Range<usize>> = HashMap::new();
    for item in items {
        if let Some(first) = seen.get(item.get_ref()) {
            let message = format!("two {tables} have the {key} `{}`", item.get_ref());
            report.error(item.span(), message, format!("the other one is in line {}", report.line(first)));
        } else {
            seen.insert(item.get_ref(), item.span());
        }
    }
}

/// Each mailbox keeps a connection of its own, and one more for its mirror, and servers count those of a user: some allow very few.
fn shared_accounts(drafts: &Drafts, report: &Report<'_>) {
    let mut users: HashMap<(String, u16, &str), usize> = HashMap::new();
    for mailbox in &drafts.mailboxes {
        let (Some(id), Some(checked)) = (&mailbox.id, &mailbox.checked) else { continue };
        let Source::Imap(account) = &checked.source else { continue };
        let (host, username) = (account.endpoint.host.to_lowercase(), account.login.username.as_str());
        let connections = users.entry((host, account.endpoint.port, username)).or_default();
        let before = *connections;
        *connections += 1 + usize::from(checked.mirror.is_some());
        if before <= CONNECTIONS_OF_A_USER && *connections > CONNECTIONS_OF_A_USER {
            let message = format!("more than {CONNECTIONS_OF_A_USER} connections are kept by `{username}`");
            let hint = "each mailbox keeps one, a mirror another, and servers limit those of a user: name the `folders` in one mailbox";
            report.warning(id.span(), message, hint);
        }
    }
}

fn references(drafts: &Drafts, report: &Report<'_>) {
    let departments: Vec<String> = ids(drafts.departments.iter().map(|department| department.id.as_ref()));
    let agents: Vec<String> = ids(drafts.agents.iter().map(|agent| agent.id.as_ref()));
    for department in drafts.mailboxes.iter().filter_map(|mailbox| mailbox.department.as_ref()) {
        let id = department.get_ref().as_str();
        if !departments.iter().any(|known| known == id) {
            let hint = reference_hint(id, &departments, "[[department]]");
            report.error(department.span(), format!("unknown department `{id}`"), hint);
        }
    }
    for department in &drafts.departments {
        let mut seen = BTreeSet::new();
        for agent in &department.agents {
            let id = agent.get_ref().as_str();
            if !agents.iter().any(|known| known == id) {
                let hint = reference_hint(id, &agents, "[[agent]]");
                report.error(agent.span(), format!("unknown agent `{id}`"), hint);
            } else if !seen.insert(id) {
                report.warning(agent.span(), format!("agent `{id}` is named twice"), "drop one of them");
            }
        }
        for lead in department.leads.iter().filter(|lead| !seen.contains(lead.get_ref().as_str())) {
            let id = lead.get_ref();
            let message = format!("the lead `{id}` is not among the `agents` of the department");
            report.error(lead.span(), message, format!("add \"{id}\" to `agents`: a lead is told of its mail too"));
        }
    }
}

fn ids<'a, T: Display + 'a>(items: impl Iterator<Item = Option<&'a Spanned<T>>>) -> Vec<String> {
    items.flatten().map(|id| id.get_ref().to_string()).collect()
}

/// No two agents share an address, and none is an address of ours: mail to it would come back to us for ever.
fn agent_addresses(drafts: &Drafts, report: &Report<'_>) {
    let own = OwnAddresses::new(drafts);
    let mut seen: HashMap<String, (usize, Range<usize>)> = HashMap::new();
    for (index, agent) in drafts.agents.iter().enumerate() {
        for address in &agent.addresses {
            let shown = address.get_ref();
            match seen.get(&shown.key()) {
                Some((other, _)) if *other == index => {
                    report.warning(address.span(), format!("`{shown}` is named twice"), "drop one of them");
                }
                Some((_, place)) => {
                    let hint = format!("keep it at one of them; the other one is in line {}", report.line(place));
                    report.error(address.span(), format!("two agents have the address `{shown}`"), hint);
                }
                None => {
                    seen.insert(shown.key(), (index, address.span()));
                }
            }
            if let Some(owner) = own.owner(shown, drafts) {
                let message = format!("the agent's address `{shown}` is also {owner}: mail would go round in circles");
                report.error(address.span(), message, "give the agent an address that postroom does not watch");
            }
        }
    }
}

/// Addresses of mailboxes and departments, for finding the owner of one.
struct OwnAddresses<'a> {
    exact: HashMap<String, String>,
    wild: Vec<(&'a AddressPattern, String)>,
}

impl<'a> OwnAddresses<'a> {
    fn new(drafts: &'a Drafts) -> Self {
        let mut exact = HashMap::new();
        let mut wild = Vec::new();
        for department in &drafts.departments {
            let of = format!("of the department `{}`", shown_id(department.id.as_ref()));
            for pattern in department.addresses.iter().map(Spanned::get_ref) {
                if let Some(address) = pattern.exact() {
                    exact.insert(address.key(), format!("an address {of}"));
                } else {
                    wild.push((pattern, format!("matched by `{pattern}` {of}")));
                }
            }
            if let Some(from) = &department.from {
                exact.entry(from.get_ref().address.key()).or_insert_with(|| format!("the `from` {of}"));
            }
        }
        for mailbox in &drafts.mailboxes {
            if let Some(address) = &mailbox.address {
                let owner = format!("the address of the mailbox `{}`", shown_id(mailbox.id.as_ref()));
                exact.insert(address.get_ref().key(), owner);
            }
        }
        Self { exact, wild }
    }

    fn owner(&self, address: &Address, drafts: &Drafts) -> Option<&str> {
        let bare = without_detail(address, drafts);
        let wild = || self.wild.iter().find(|(pattern, _)| pattern.matches(&bare)).map(|(_, owner)| owner);
        self.exact.get(&bare.key()).or_else(wild).map(String::as_str)
    }
}

fn department_addresses(drafts: &Drafts, report: &Report<'_>) {
    let mut seen: BTreeMap<String, (usize, Range<usize>)> = BTreeMap::new();
    for (index, department) in drafts.departments.iter().enumerate() {
        for pattern in &department.addresses {
            let shown = pattern.get_ref().to_string();
            match seen.get(&shown) {
                Some((other, _)) if *other == index => {
                    report.warning(pattern.span(), format!("`{shown}` is named twice"), "drop one of them");
                }
                Some((_, place)) => {
                    let hint = format!("keep it at one of them; the other one is in line {}", report.line(place));
                    report.error(pattern.span(), format!("two departments have the address `{shown}`"), hint);
                }
                None => {
                    seen.insert(shown, (index, pattern.span()));
                }
            }
        }
    }
}

/// Without plus parts a reply is known by our Message-ID, which some relays replace.
fn rewriting_relay(drafts: &Drafts, smtp: Option<&Smtp>, report: &Report<'_>) {
    let Some(Smtp::Server(server)) = smtp else { return };
    let host = server.endpoint.host.to_lowercase();
    if !REWRITING_RELAYS.iter().any(|relay| host.ends_with(relay)) {
        return;
    }
    for mailbox in drafts.mailboxes.iter().filter(|mailbox| mailbox.subaddress.is_empty()) {
        let message = format!("`{host}` replaces our Message-IDs, and this mailbox has no plus parts");
        let hint = "replies of agents are known by References alone, which not every program keeps: use a mailbox with plus \
                    addressing, or another relay";
        report.warning(mailbox.subaddress_place.clone(), message, hint);
    }
}

/// An address that holds the separator of its own plus part is taken for another one.
fn plus_parts(drafts: &Drafts, report: &Report<'_>) {
    for mailbox in &drafts.mailboxes {
        let Some(address) = &mailbox.address else { continue };
        let (own, separator) = (address.get_ref(), &mailbox.subaddress);
        if own.without_detail(separator) != *own {
            let message = format!("the address `{own}` itself holds the `subaddress` `{separator}`");
            let hint = "write `subaddress = \"\"`, or what your server separates plus parts with";
            report.error(mailbox.subaddress_place.clone(), message, hint);
        }
    }
    for pattern in drafts.departments.iter().flat_map(|department| &department.addresses) {
        let Some(address) = pattern.get_ref().exact() else { continue };
        let bare = without_detail(&address, drafts);
        if bare != address {
            let message = format!("`{address}` never matches: plus parts are ignored, so it is read as `{bare}`");
            report.warning(pattern.span(), message, "use an address without a plus part");
        }
    }
}

/// Two departments with the same keyword: the earlier one wins every tie, which is seldom meant.
fn keywords(drafts: &Drafts, report: &Report<'_>) {
    let mut seen: HashMap<(&str, bool), (usize, Range<usize>)> = HashMap::new();
    for (index, department) in drafts.departments.iter().enumerate() {
        for keyword in &department.keywords {
            let value = keyword.get_ref();
            let Some((other, place)) = seen.get(&(value.folded.as_str(), value.prefix)) else {
                seen.insert((&value.folded, value.prefix), (index, keyword.span()));
                continue;
            };
            let line = report.line(place);
            let (message, hint) = if *other == index {
                (
                    format!("the keyword `{}` counts twice", value.text),
                    format!("the same one, but for case and accents, is in line {line}: keep one of them"),
                )
            } else {
                let first = drafts.departments.get(*other).and_then(|department| department.id.as_ref());
                let hint = format!("it is in line {line} too; in a tie `{}` gets the mail", shown_id(first));
                (format!("two departments have the keyword `{}`", value.text), hint)
            };
            report.warning(keyword.span(), message, hint);
        }
    }
}

fn forgotten(drafts: &Drafts, report: &Report<'_>) {
    let busy: BTreeSet<&AgentId> =
        drafts.departments.iter().flat_map(|department| &department.agents).map(Spanned::get_ref).collect();
    let manages = |agent: &AgentDraft| agent.checked.as_ref().is_some_and(|agent| agent.role == AgentRole::Manager);
    let others = drafts.agents.iter().filter(|agent| !manages(agent)).filter_map(|agent| agent.id.as_ref());
    for id in others.filter(|id| !busy.contains(id.get_ref())) {
        let message = format!("agent `{}` works in no department", id.get_ref());
        report.warning(id.span(), message, "add the id to `agents` of a department");
    }
    let named: BTreeSet<&DepartmentId> =
        drafts.mailboxes.iter().filter_map(|mailbox| mailbox.department.as_ref()).map(Spanned::get_ref).collect();
    for department in &drafts.departments {
        let id = shown_id(department.id.as_ref());
        if department.agents.is_empty() {
            let message = format!("department `{id}` has no agents: nobody is told of its mail");
            report.warning(department.agents_place.clone(), message, "add `agents = [\"…\"]`");
        } else if nobody_is_told_at_once(department, &drafts.agents) {
            let message =
                format!("no agent of department `{id}` has `notify = \"all\"`: nobody is told of a new ticket at once");
            let hint = "give one of them `notify = \"all\"`, or quiet hours instead of a digest";
            report.warning(department.agents_place.clone(), message, hint);
        }
        unreachable_threshold(department, &id, report);
        let by_mailbox = department.id.as_ref().is_some_and(|id| named.contains(id.get_ref()));
        if department.addresses.is_empty() && department.keywords.is_empty() && !by_mailbox {
            let message = format!("nothing routes mail to the department `{id}`");
            let hint = "give it `addresses` or `keywords`, or name it in a mailbox; now only `#move` reaches it";
            report.warning(department.place.clone(), message, hint);
        }
    }
}

/// A threshold that not even a mail with every keyword in its subject reaches.
fn unreachable_threshold(department: &DepartmentDraft, id: &str, report: &Report<'_>) {
    let Some(checked) = department.checked.as_ref().filter(|checked| !checked.keywords.is_empty()) else { return };
    let best = checked.keywords.iter().fold(0_u32, |sum, keyword| {
        let weight =
            if keyword.place == KeywordPlace::Text { keyword.weight } else { keyword.weight.saturating_mul(2) };
        sum.saturating_add(weight)
    });
    if best < checked.keyword_threshold {
        let message = format!("the keywords of `{id}` score {best} at most, below its `keyword_threshold`");
        report.warning(department.place.clone(), message, "lower the threshold, or add keywords or weight");
    }
}

/// Whether a new ticket reaches nobody before somebody's digest. Agents who do not exist are another fault.
fn nobody_is_told_at_once(department: &DepartmentDraft, agents: &[AgentDraft]) -> bool {
    let mut known = agents.iter().filter(|agent| {
        let id = agent.id.as_ref().map(Spanned::get_ref);
        department.agents.iter().any(|member| Some(member.get_ref()) == id)
    });
    known.clone().next().is_some() && known.all(|agent| agent.notify != Notify::All)
}
