//! Which mailing list brought a mail: the name that every mail of the list bears, whoever wrote it.

use crate::model::address::Address;
use crate::model::list::list_name;
use crate::model::text::clean_line;
use crate::parse::mime::addresses;
use crate::parse::mime::fields::{Fields, unfold};

/// Headers in which a list program puts its own address, when it does not write List-Id (RFC 2919).
const ADDRESSES: [&str; 3] = ["X-BeenThere", "X-Mailing-List", "List-Post"];
/// What list programs put before or behind a list's name in the address that they send from: Majordomo and LISTSERV,
/// Mailman of all ages, Sympa, ezmlm.
const SENDER_PREFIX: &str = "owner-";
const SENDER_SUFFIXES: [&str; 5] = ["-bounces", "-admin", "-owner", "-request", "-help"];
/// Characters of a name.
const MAX_NAME: usize = 255;

/// The list's name (see [`list_name`]); `None` when no list brought the mail.
pub fn name(fields: &Fields<'_>) -> Option<String> {
    let id = fields.text("List-Id").map(|text| {
        let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(id, _)| id.to_owned());
        inner.unwrap_or_else(|| text.into_owned())
    });
    let address = || {
        let mut raw = ADDRESSES.iter().filter_map(|header| fields.raw(header));
        raw.find_map(|raw| {
            let text = unfold(raw).replace("mailto:", "");
            addresses::read(&text).into_iter().next().map(|person| person.address.key())
        })
    };
    let name = id.or_else(address).or_else(|| mailing_list(fields)).or_else(|| sender(fields))?;
    let name = list_name(&name.split_whitespace().collect::<Vec<_>>().join(" "));
    let name = clean_line(&name, MAX_NAME);
    (!name.is_empty()).then_some(name)
}

/// The address in the topmost `Return-Path`, which the server that delivered the mail wrote (RFC 5321 §4.4).
pub fn return_path(fields: &Fields<'_>) -> Option<Address> {
    addresses::read(&unfold(fields.raw("Return-Path")?)).into_iter().next().map(|person| person.address)
}

/// `Mailing-List: list lamps@groups.example; contact lamps-owner@groups.example` of the old groups, and ezmlm's
/// `contact lamps-help@lists.example; run by ezmlm`.
fn mailing_list(fields: &Fields<'_>) -> Option<String> {
    let text = fields.text("Mailing-List")?;
    let mut words = text.split([' ', ';', '\t', '<', '>']);
    let named = words.find(|word| *word == "list" || *word == "contact")?;
    let address = words.find(|word| word.contains('@'))?;
    if named == "list" { Some(address.to_owned()) } else { behind(address) }
}

/// The list whose program sent the mail, if that says so of itself and the mail is one to many.
fn sender(fields: &Fields<'_>) -> Option<String> {
    let many = fields.keyword("Precedence").is_some_and(|word| matches!(word.as_str(), "list" | "bulk"));
    let raw = fields.raw("Sender").filter(|_| many)?;
    let sender = addresses::read(&unfold(raw)).into_iter().next()?;
    behind(&sender.address.key())
}

/// `lamps@lists.example` behind `owner-lamps@…`, `lamps-bounces@…`, `lamps-bounces+kim=y.example@…`.
fn behind(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let local = local.split_once('+').map_or(local, |(local, _)| local);
    let list = local
        .strip_prefix(SENDER_PREFIX)
        .or_else(|| SENDER_SUFFIXES.iter().find_map(|suffix| local.strip_suffix(suffix)))?;
    (!list.is_empty()).then(|| format!("{list}@{domain}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topmost_return_path_is_what_our_own_server_wrote() {
        for (headers, expected) in [
            (
                "Return-Path: <lamps-bounces@lists.example>\nReturn-Path: <kim@y.example>",
                Some("lamps-bounces@lists.example"),
            ),
            ("Return-Path: <>\nReturn-Path: <kim@y.example>", None),
            ("Return-Path: kim@y.example", Some("kim@y.example")),
            ("Sender: kim@y.example", None),
        ] {
            let mail = format!("{headers}\n\nbody\n");
            let (fields, _) = Fields::scan(mail.as_bytes(), &mut Vec::new());
            assert_eq!(return_path(&fields).as_ref().map(Address::as_str), expected, "{headers}");
        }
    }

    #[test]
    fn a_list_is_known_by_its_id_else_by_its_address() {
        for (header, expected) in [
            ("List-Id: Friends of lamps <Lamps.Lists.example>", Some("lamps.lists.example")),
            ("List-Id: <a> <lamps.lists.example>\nX-BeenThere: other@lists.example", Some("lamps.lists.example")),
            ("List-Id: lamps.lists.example", Some("lamps.lists.example")),
            ("X-BeenThere: lamps@Lists.example", Some("lamps.lists.example")),
            ("List-Post: <mailto:lamps@lists.example>", Some("lamps.lists.example")),
            ("Mailing-List: list Lamps@groups.example; contact x@groups.example", Some("lamps.groups.example")),
            ("Mailing-List: contact lamps-help@lists.example; run by ezmlm", Some("lamps.lists.example")),
            ("Sender: owner-lamps@lists.example\nPrecedence: bulk", Some("lamps.lists.example")),
            ("Sender: L <lamps-bounces+kim=y.example@lists.example>\nPrecedence: list", Some("lamps.lists.example")),
            ("Sender: owner-lamps@lists.example", None),
            ("Sender: -admin@lists.example\nPrecedence: bulk", None),
            ("Sender: kim@y.example\nPrecedence: bulk", None),
            ("List-Id: <>", None),
            ("To: lamps@lists.example", None),
        ] {
            let mail = format!("{header}\n\nbody\n");
            let (fields, _) = Fields::scan(mail.as_bytes(), &mut Vec::new());
            assert_eq!(name(&fields).as_deref(), expected, "{header}");
        }
    }
}
