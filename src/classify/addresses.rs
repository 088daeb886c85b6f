//! Departments found by their addresses among the recipients.

use std::collections::HashMap;

use super::Decision;
use crate::model::address::{Address, AddressPattern};
use crate::model::id::DepartmentId;
use crate::model::link::RouteKind;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;

/// Recipients that are looked at; a mail to more is hardly meant for one department.
const MAX_RECIPIENTS: usize = 1000;

/// Departments beside the first that get a ticket of their own of one mail.
const MAX_OTHERS: usize = 9;

/// All addresses of all departments.
#[derive(Debug)]
pub(super) struct Addresses {
    exact: HashMap<String, DepartmentId>,
    /// Those with a `*`, in the order of departments.
    wild: Vec<(AddressPattern, DepartmentId)>,
}

/// A recipient that is a department's.
struct Found<'a> {
    department: &'a DepartmentId,
    address: Address,
    header: &'static str,
    pattern: Option<&'a AddressPattern>,
}

impl Found<'_> {
    fn decides(&self, detail: String) -> Decision {
        let (kind, found) = (RouteKind::Address, vec![self.address.to_string()]);
        Decision { kind, department: self.department.clone(), found, detail }
    }
}

impl Addresses {
    pub fn new(policy: &Policy) -> Self {
        let mut exact = HashMap::new();
        let mut wild = Vec::new();
        for department in &policy.departments {
            for pattern in &department.addresses {
                match pattern.exact() {
                    Some(address) => {
                        exact.entry(address.key()).or_insert_with(|| department.id.clone());
                    }
                    None => wild.push((pattern.clone(), department.id.clone())),
                }
            }
        }
        Self { exact, wild }
    }

    /// The department of the first recipient that is an address of one: envelope recipients, then To, then Cc. An address
    /// written out goes before one with a `*`.
    pub fn decide(&self, policy: &Policy, mail: &ParsedMail) -> Option<Decision> {
        if self.exact.is_empty() && self.wild.is_empty() {
            return None;
        }
        let envelope = mail.delivered_to.iter().map(|address| (address, "Delivered-To"));
        let to = mail.to.iter().map(|person| (&person.address, "To"));
        let cc = mail.cc.iter().map(|person| (&person.address, "Cc"));
        let mut found = envelope
            .chain(to)
            .chain(cc)
            .take(MAX_RECIPIENTS)
            .filter_map(|(address, header)| self.find(policy.without_detail(address), header));
        let first = found.next()?;
        let other = found.find(|found| found.department != first.department);
        let matches = first.pattern.map(|pattern| format!(" matches `{pattern}`")).unwrap_or_default();
        let later = other.map(|Found { department, address, header, .. }| {
            format!("; `{address}` of `{department}` comes later, in {header}")
        });
        let detail = format!("`{}` in {}{matches}{}", first.address, first.header, later.unwrap_or_default());
        Some(first.decides(detail))
    }

    /// The departments that To and Cc name beside `first`, each once, in the order of the recipients.
    pub fn others(&self, policy: &Policy, mail: &ParsedMail, first: &DepartmentId) -> Vec<Decision> {
        let to = mail.to.iter().map(|person| (&person.address, "To"));
        let cc = mail.cc.iter().map(|person| (&person.address, "Cc"));
        let mut others: Vec<Decision> = Vec::new();
        for (address, header) in to.chain(cc).take(MAX_RECIPIENTS) {
            let Some(found) = self.find(policy.without_detail(address), header) else { continue };
            let known = found.department == first || others.iter().any(|other| other.department == *found.department);
            if !known && others.len() < MAX_OTHERS {
                let detail = format!("`{}` in {header} too", found.address);
                others.push(found.decides(detail));
            }
        }
        others
    }

    fn find(&self, address: Address, header: &'static str) -> Option<Found<'_>> {
        if let Some(department) = self.exact.get(&address.key()) {
            return Some(Found { department, address, header, pattern: None });
        }
        let (pattern, department) = self.wild.iter().find(|(pattern, _)| pattern.matches(&address))?;
        Some(Found { department, address, header, pattern: Some(pattern) })
    }
}
