//! Whose matter a mail is: its author's, or that of the one human in whose name a form or a relay wrote it; and which of the
//! addresses in it are the desk's own.
//!
//! Answers go to Reply-To (RFC 5322 §3.6.2). Nothing here proves anything: From and Reply-To are written by whoever writes a mail.

use std::collections::BTreeSet;

use super::address::{Address, Person};
use super::fold::fold;
use super::list::list_name;
use super::mail::{Automated, ParsedMail};
use super::policy::Policy;
use super::provider::organisation;

/// Addresses that no human reads.
const MACHINES: &[&str] = &[
    "mailer-daemon",
    "postmaster",
    "noreply",
    "no-reply",
    "no_reply",
    "donotreply",
    "do-not-reply",
    "do_not_reply",
    "bounce",
    "bounces",
    "root",
    "abuse",
    "daemon",
    "nobody",
    "listserv",
    "majordomo",
];
/// What forms write in front of the address that the visitor gave, folded and without marks.
const LABELS: &[&str] = &[
    "email",
    "e mail",
    "mail",
    "email address",
    "e mail address",
    "your email",
    "your e mail",
    "from",
    "reply to",
    "contact",
    "adres email",
    "adres e mail",
    "twoj email",
    "twoj e mail",
    "od",
    "nadawca",
    "почта",
    "эл почта",
    "электронная почта",
    "адрес электронной почты",
    "ваш email",
    "ваш e mail",
    "от",
    "отправитель",
    "email adresse",
    "e mail adresse",
    "von",
    "courriel",
    "adresse email",
    "adresse e mail",
    "correo",
    "correo electronico",
    "indirizzo email",
    "iyong email",
    "email mo",
    "mula sa",
];
/// Lines of a form that are read, and the longest label.
const MAX_LINES: usize = 60;
const MAX_LABEL: usize = 40;
/// Recipients that servers recorded, people in To and Cc, and people in Reply-To that are looked at.
const MAX_PEOPLE: usize = 200;

/// Who wants something from us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correspondent {
    /// Who.
    pub person: Person,
    /// What names them.
    pub named_by: NamedBy,
}

/// What names the one whose matter a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamedBy {
    /// They wrote it.
    From,
    /// Reply-To.
    ReplyTo,
    /// A line of our own form, which names them nowhere else.
    FormLine,
}

/// The author, as From says.
pub fn author(mail: &ParsedMail) -> Person {
    let unknown = || Person { name: String::new(), address: Address::unknown_sender() };
    mail.from.clone().unwrap_or_else(unknown)
}

/// Whose matter `mail` is: that of the one human in Reply-To who is neither ours nor an agent, else its author's.
pub fn correspondent(policy: &Policy, mail: &ParsedMail) -> Correspondent {
    let author = author(mail);
    let named = answers_to(policy, mail);
    let nobodys = mail.from.is_none() || is_machine(&author.address) || policy.is_own(&author.address);
    let chosen = match named.as_slice() {
        [person] => Some((*person, NamedBy::ReplyTo)),
        [first, ..] if nobodys => Some((*first, NamedBy::ReplyTo)),
        _ => None,
    };
    if let Some((person, named_by)) = chosen.filter(|(person, _)| !person.address.same_as(&author.address)) {
        let alike = person.name.is_empty() && person.address.local().eq_ignore_ascii_case(author.address.local());
        let name = if alike { author.name } else { person.name.clone() };
        return Correspondent { person: Person { name, address: person.address.clone() }, named_by };
    }
    if named.is_empty()
        && policy.is_house(author.address.domain())
        && (nobodys || mail.automated == Some(Automated::Notice))
        && policy.agent_by_address(&author.address).is_none()
        && let Some(address) = form_line(policy, &mail.text)
    {
        return Correspondent { person: Person { name: String::new(), address }, named_by: NamedBy::FormLine };
    }
    Correspondent { person: author, named_by: NamedBy::From }
}

/// Whether a machine only passes on what a human wrote into a form: marked as machine mail that answers nothing, while another
/// organisation's human waits for the answer.
pub fn speaks_for_a_human(policy: &Policy, mail: &ParsedMail) -> bool {
    let Correspondent { person, named_by } = correspondent(policy, mail);
    let from = author(mail).address;
    let elsewhere = organisation(person.address.domain()) != organisation(from.domain());
    mail.automated == Some(Automated::Notice)
        && mail.in_reply_to.is_empty()
        && mail.references.is_empty()
        && named_by != NamedBy::From
        && (elsewhere || policy.is_house(from.domain()))
}

/// The people in Reply-To to whom answers are to go, each once: no list, no machine, none of us.
pub fn answers_to<'m>(policy: &Policy, mail: &'m ParsedMail) -> Vec<&'m Person> {
    let mut people: Vec<&Person> = Vec::new();
    for person in mail.reply_to.iter().take(MAX_PEOPLE) {
        let known = people.iter().any(|known| known.address.same_as(&person.address));
        if !known && is_outsider(policy, &person.address) && !is_the_list(mail, &person.address) {
            people.push(person);
        }
    }
    people
}

/// Whether an address is that of the mailing list which brought the mail: by its name, or because the mail was written to it.
fn is_the_list(mail: &ParsedMail, address: &Address) -> bool {
    let carried = mail.list.is_some() || mail.automated == Some(Automated::List);
    let named = || mail.list.as_deref() == Some(list_name(address.as_str()).as_str());
    let written = || mail.to.iter().chain(&mail.cc).take(MAX_PEOPLE).any(|person| person.address.same_as(address));
    carried && (named() || written())
}

/// The one address that a form's lines name as the visitor's.
fn form_line(policy: &Policy, text: &str) -> Option<Address> {
    let mut found: Option<Address> = None;
    let mut labelled = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MAX_LINES) {
        let (label, value) = line.split_once([':', '\t', '：']).unwrap_or((line, ""));
        let is_label = label.chars().count() <= MAX_LABEL && is_email_label(label);
        let value = if labelled && !is_label { line } else { value };
        let inner = value.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(value, |(inner, _)| inner);
        let address = Address::parse(inner.trim().trim_start_matches("mailto:"));
        if let Some(address) = address.filter(|address| (is_label || labelled) && is_outsider(policy, address)) {
            if found.as_ref().is_some_and(|known| !known.same_as(&address)) {
                return None;
            }
            found.get_or_insert(address);
        }
        labelled = is_label && value.trim().is_empty();
    }
    found
}

fn is_email_label(label: &str) -> bool {
    let label = plain(label);
    !label.is_empty() && LABELS.iter().any(|known| plain(known) == label)
}

fn plain(label: &str) -> String {
    let folded = fold(label);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whether a customer can be behind an address: it is none of ours or of an agent, and a human may read it.
pub fn is_outsider(policy: &Policy, address: &Address) -> bool {
    let agent = || policy.agent_by_address(address).or_else(|| policy.agent_by_address(&address.without_detail("+")));
    !policy.is_own(address) && agent().is_none() && !is_machine(address) && address.is_reachable()
}

/// Whether the local part says that no human reads mail there.
pub fn is_machine(address: &Address) -> bool {
    let local = address.local().to_lowercase();
    let base = local.split('+').next().unwrap_or_default();
    MACHINES.contains(&base)
        || base.starts_with("noreply")
        || base.starts_with("no-reply")
        || base.ends_with("-bounces")
}

/// The addresses by which one mail came to us, beside those that the config names: aliases.
pub struct Doors(BTreeSet<String>);

impl Doors {
    /// The aliases that our own server wrote down when it delivered `mail`; further down anybody may have written them, so
    /// that they count only under a domain of ours. And the only address that a mail was written to, when it is of the house:
    /// how else would it have come here?
    pub fn of(policy: &Policy, mail: &ParsedMail) -> Self {
        let writers: Vec<&Address> = mail.from.iter().chain(&mail.reply_to).map(|person| &person.address).collect();
        let theirs = |address: &Address| writers.iter().any(|writer| writer.same_as(address));
        let named = mail.delivered_to.iter().take(MAX_PEOPLE);
        let proved = named.filter(|address| mail.handed_to.contains(address) || policy.is_house(address.domain()));
        let mut written = mail.to.iter().chain(&mail.cc).map(|person| &person.address);
        let only = written.next().filter(|first| written.all(|other| other.same_as(first)));
        let only = only.filter(|address| policy.is_house(address.domain()));
        let outsiders = proved.chain(only).filter(|address| is_outsider(policy, address) && !theirs(address));
        Self(outsiders.map(Address::key).collect())
    }

    /// Whether mail to `address` comes to us.
    pub fn lead_from(&self, address: &Address) -> bool {
        self.0.contains(&address.key()) || self.0.contains(&address.without_detail("+").key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{address, person, policy};

    fn mail(from: &str, reply_to: &[&str]) -> ParsedMail {
        ParsedMail {
            from: Some(person("Kim", from)),
            reply_to: reply_to.iter().map(|address| person("", address)).collect(),
            to: vec![person("", "info@shop.example")],
            ..ParsedMail::default()
        }
    }

    #[track_caller]
    fn check(mail: &ParsedMail, expected: &str, named_by: NamedBy) {
        let found = correspondent(&policy(), mail);
        assert_eq!((found.person.address.as_str(), found.named_by), (expected, named_by));
    }

    #[test]
    fn the_one_human_in_reply_to_is_answered() {
        for from in ["wordpress@shop.example", "forms@agency.example", "noreply@forms.example", "info@shop.example"] {
            check(&mail(from, &["ola@client.example"]), "ola@client.example", NamedBy::ReplyTo);
            let also_ours = ["info@shop.example", "ola@client.example", "anna@shop.example"];
            check(&mail(from, &also_ours), "ola@client.example", NamedBy::ReplyTo);
        }
        let at_home = correspondent(&policy(), &mail("kim@work.example", &["kim@home.example"]));
        assert_eq!(at_home.person, person("Kim", "kim@home.example"));
    }

    #[test]
    fn reply_to_of_ours_of_an_agent_of_a_list_or_of_nobody_is_no_person() {
        for to in [
            "info@shop.example",
            "anna@shop.example",
            "anna+x@shop.example",
            "noreply@client.example",
            "kim@client.example",
        ] {
            check(&mail("kim@client.example", &[to]), "kim@client.example", NamedBy::From);
        }
        let two = ["kim@home.example", "lee@home.example"];
        check(&mail("kim@client.example", &two), "kim@client.example", NamedBy::From);
        check(&mail("noreply@client.example", &two), "kim@home.example", NamedBy::ReplyTo);
        let by_list = ParsedMail {
            list: Some("lamps.lists.example".to_owned()),
            ..mail("kim@client.example", &["lamps@lists.example"])
        };
        check(&by_list, "kim@client.example", NamedBy::From);
        let munged = ParsedMail { reply_to: vec![person("Kim", "kim@client.example")], ..by_list };
        let munged = ParsedMail { from: Some(person("Kim via lamps", "lamps@lists.example")), ..munged };
        check(&munged, "kim@client.example", NamedBy::ReplyTo);
    }

    #[test]
    fn our_own_form_may_name_its_visitor_in_a_line_alone() {
        let form = |from: &str, text: &str| ParsedMail { text: text.to_owned(), ..mail(from, &[]) };
        for text in [
            "Name: Ola\nE-Mail: ola@client.example\n\nIt is broken.",
            "From: Ola <ola@client.example>\nSubject: x\n\nIt is broken.",
            "Adres e-mail:\nola@client.example\nTreść:\nx",
            "*Email address*: ola@client.example\nEmail: OLA@client.example",
        ] {
            check(&form("info@shop.example", text), "ola@client.example", NamedBy::FormLine);
            check(&form("kim@client.example", text), "kim@client.example", NamedBy::From);
            check(&form("noreply@forms.example", text), "noreply@forms.example", NamedBy::From);
        }
        for text in [
            "Email: ola@client.example\nEmail: kim@client.example",
            "Email: info@shop.example",
            "Email:",
            "ola@x.example",
        ] {
            check(&form("info@shop.example", text), "info@shop.example", NamedBy::From);
        }
    }

    #[test]
    fn an_alias_is_ours_when_our_server_says_so_or_it_is_all_that_the_mail_is_written_to() {
        let to = |to: &[&str], delivered: &[&str], handed: &[&str]| ParsedMail {
            to: to.iter().map(|address| person("", address)).collect(),
            delivered_to: delivered.iter().map(|text| address(text)).collect(),
            handed_to: handed.iter().map(|text| address(text)).collect(),
            ..mail("kim@client.example", &[])
        };
        let leads = |mail: &ParsedMail, from: &str| Doors::of(&policy(), mail).lead_from(&address(from));
        let sklep = "sklep@shop.example";
        assert!(leads(&to(&[sklep, "lee@client.example"], &[sklep], &[]), "Sklep+x@shop.example"));
        assert!(leads(
            &to(&["sklep@brand.example"], &["sklep@brand.example"], &["sklep@brand.example"]),
            "sklep@brand.example"
        ));
        assert!(!leads(&to(&["lee@client.example"], &["lee@client.example"], &[]), "lee@client.example"));
        assert!(leads(&to(&[sklep], &[], &[]), sklep));
        assert!(!leads(&to(&["boss@shop.example", "info@shop.example"], &[], &[]), "boss@shop.example"));
        let own = to(&["kim@client.example"], &["kim@client.example"], &["kim@client.example"]);
        assert!(!leads(&own, "kim@client.example"), "who writes to himself is no alias of ours");
        assert!(!leads(&to(&["anna@shop.example"], &["anna@shop.example"], &[]), "anna@shop.example"));
    }
}
