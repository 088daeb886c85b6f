//! Which mailing list a mail belongs to, as far as threading cares: what everybody on it has read anyway.
//!
//! Never a list of our own house: a group address that hands customers' mail on to us marks all of it as one list's, and
//! its writers are strangers to each other.

use super::mail::ParsedMail;
use super::policy::Policy;

/// Recipients that are looked at.
const MAX_RECIPIENTS: usize = 50;

/// A list's name as one word for its id and its address: `Lamps@lists.example` is `lamps.lists.example`, as most list
/// programs make the id out of the address.
pub fn list_name(text: &str) -> String {
    text.replace('@', ".").to_lowercase()
}

/// The list that brought `mail`: by its headers, else by the tag that list programs put into subjects, `[lamps]` in a mail
/// to `lamps@lists.example`.
pub fn list_of(mail: &ParsedMail, policy: &Policy) -> Option<String> {
    let by_tag = || {
        let subject = mail.subject.to_lowercase();
        let tagged = |local: &str| subject.contains(&format!("[{}]", local.to_lowercase()));
        let mut people = mail.to.iter().chain(&mail.cc).take(MAX_RECIPIENTS);
        let list = people.find(|person| {
            let local = person.address.as_str().rsplit_once('@').map(|(local, _)| local);
            local.is_some_and(tagged)
        })?;
        Some(list_name(list.address.as_str()))
    };
    mail.list.clone().or_else(by_tag).filter(|name| !is_ours(name, policy))
}

/// Whether `mail` belongs to the list `name`: the list brought it, or it is written to the list's address.
pub fn is_of_list(mail: &ParsedMail, name: &str, policy: &Policy) -> bool {
    if is_ours(name, policy) {
        return false;
    }
    let written = || mail.to.iter().chain(&mail.cc).take(MAX_RECIPIENTS);
    mail.list.as_deref() == Some(name) || written().any(|person| list_name(person.address.as_str()) == name)
}

/// Whether the program of the list `name` handed `mail` over: its envelope comes from the list's domain and not from its
/// author. List-Id, To and Sender are written by whoever writes a mail; an envelope is what our server was told, and SPF
/// speaks of it.
pub fn is_carried(mail: &ParsedMail, name: &str) -> bool {
    let Some(envelope) = &mail.return_path else { return false };
    let domain = envelope.domain().to_lowercase();
    let lives_there = name.strip_suffix(domain.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'));
    let by_author = mail.from.as_ref().is_some_and(|from| from.address.same_as(envelope));
    domain.contains('.') && lives_there && !by_author
}

/// Whether a list lives under a domain that we receive mail at.
fn is_ours(name: &str, policy: &Policy) -> bool {
    let boxes = policy.mailboxes.iter().map(|mailbox| mailbox.address.domain());
    let departments = policy.departments.iter().map(|department| department.from.address.domain());
    let mut domains = boxes.chain(departments).chain([policy.desk.domain.as_str()]);
    domains.any(|domain| {
        let domain = domain.to_lowercase();
        name.strip_suffix(domain.as_str()).is_some_and(|left| left.is_empty() || left.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{person, policy};

    fn mail(list: Option<&str>, to: &str, subject: &str) -> ParsedMail {
        ParsedMail {
            list: list.map(str::to_owned),
            to: vec![person("", to)],
            subject: subject.to_owned(),
            ..ParsedMail::default()
        }
    }

    #[test]
    fn a_list_is_known_by_its_headers_or_by_its_tag_and_address_together() {
        for (mail, list) in [
            (mail(Some("lamps.lists.example"), "a@b.example", "x"), Some("lamps.lists.example")),
            (mail(None, "Lamps@Lists.example", "Re: [lamps] x"), Some("lamps.lists.example")),
            (mail(None, "lamps@lists.example", "[lamp] x"), None),
            (mail(None, "lamps@lists.example", "lamps"), None),
            (mail(None, "a@b.example", "[lamps] x"), None),
        ] {
            assert_eq!(list_of(&mail, &policy()).as_deref(), list, "{mail:?}");
        }
    }

    #[test]
    fn a_list_carries_what_its_own_domain_hands_over_for_another_author() {
        let name = "lamps.lists.example";
        let handed = |envelope: &str| ParsedMail {
            from: Some(person("", "kim@lists.example")),
            return_path: crate::model::address::Address::parse(envelope),
            ..mail(Some(name), "a@b.example", "x")
        };
        for envelope in ["lamps-bounces+kim=y.example@LISTS.example", "bounce@lists.example", "x@lamps.lists.example"] {
            assert!(is_carried(&handed(envelope), name), "{envelope}");
        }
        for envelope in ["kim@y.example", "kim@lists.example", "x@ists.example", "x@example", "x@a.lists.example", ""] {
            assert!(!is_carried(&handed(envelope), name), "{envelope}");
        }
    }

    #[test]
    fn our_own_group_addresses_are_no_lists() {
        for name in ["help.shop.example", "all.lists.shop.example", "shop.example"] {
            let mail = mail(Some(name), "help@shop.example", "[help] x");
            assert_eq!(list_of(&mail, &policy()), None, "{name}");
            assert!(!is_of_list(&mail, name, &policy()), "{name}");
        }
        let mail = mail(Some("lamps.workshop.example"), "x@y.example", "x");
        assert!(list_of(&mail, &policy()).is_some());
    }

    #[test]
    fn an_answer_to_the_lists_address_is_the_lists() {
        let name = "lamps.lists.example";
        assert!(is_of_list(&mail(None, "lamps@LISTS.example", "x"), name, &policy()));
        assert!(is_of_list(&mail(Some(name), "a@b.example", "x"), name, &policy()));
        assert!(!is_of_list(&mail(Some("chairs.lists.example"), "a@b.example", "x"), name, &policy()));
    }
}
