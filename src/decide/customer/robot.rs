//! A robot that answers what we write from ever other addresses of its domain: counted by the domain, else it would never come to rest.
//!
//! Knows it by what it writes and when; people of one domain are strangers to each other until somebody writes as a machine does.

use crate::decide::agent::repeats::{repeats, word_count};
use crate::model::address::Address;
use crate::model::correspondent::{Correspondent, NamedBy, author, correspondent};
use crate::model::facts::Counters;
use crate::model::fold::fold;
use crate::model::link::Link;
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;
use crate::model::provider::{is_public, organisation};

/// A machine answers at once.
const PROMPT_SECS: i64 = 60;
/// People of one firm write alike, and a class its letter; the same words from ever other hosts of a domain are no people's.
const WORDS_OF_HOSTS: usize = 4;
/// Characters in which a receipt says what it is.
const HEAD: usize = 400;

/// What receipts of other desks say, without regard to case and accents.
const RECEIPTS: &[&str] = &[
    "thank you for your message",
    "thank you for your mail",
    "thank you for your email",
    "thank you for your e-mail",
    "thank you for your request",
    "thank you for contacting",
    "thanks for your message",
    "thanks for contacting",
    "we have received your",
    "we received your",
    "we've received your",
    "we got your",
    "has been received",
    "your ticket number",
    "your case number",
    "your reference number",
    "a ticket has been",
    "ticket has been created",
    "this is an automatic",
    "this is an automated",
    "dziękujemy za wiadomość",
    "dziękujemy za kontakt",
    "dziękujemy za zgłoszenie",
    "otrzymaliśmy twoj",
    "otrzymaliśmy państwa",
    "zgłoszenie zostało",
    "numer zgłoszenia",
    "wygenerowana automatycznie",
    "спасибо за ваше",
    "спасибо за обращение",
    "мы получили ваш",
    "ваше обращение",
    "номер обращения",
    "это автоматическ",
    "salamat sa iyong mensahe",
    "salamat sa inyong mensahe",
    "natanggap namin",
    "vielen dank für ihre nachricht",
    "vielen dank für ihre e-mail",
    "vielen dank für ihre anfrage",
    "wir haben ihre",
    "ihre ticketnummer",
    "merci pour votre message",
    "nous avons bien reçu",
    "gracias por su mensaje",
    "gracias por contactar",
    "hemos recibido su",
];

/// The domain whose mails have us write to others, when that is not a form of our own.
pub fn writes_for_another(policy: &Policy, mail: &ParsedMail) -> Option<String> {
    let Correspondent { person, named_by } = correspondent(policy, mail);
    let from = author(mail).address;
    let domain = organisation(from.domain());
    let another = named_by != NamedBy::From && organisation(person.address.domain()) != domain;
    (another && !policy.is_house(from.domain())).then(|| domain.to_owned())
}

/// Whose words `mail` is compared with, when its domain got as many receipts as one address may; `None` when there is nothing to ask.
pub fn suspect(policy: &Policy, mail: &ParsedMail, link: &Link, counters: &Counters) -> Option<Address> {
    let sated = counters.domain.receipts_of_day >= policy.limits.per_address_per_day;
    let new = matches!(link, Link::New { .. }) && mail.automated.is_none();
    let Correspondent { person, named_by } = correspondent(policy, mail);
    let domain = organisation(person.address.domain());
    let own_words = named_by == NamedBy::From || organisation(author(mail).address.domain()) == domain;
    (sated && new && own_words && !is_public(domain)).then_some(person.address)
}

/// Why `mail` of a suspect is a robot's, in words; `before`: what its domain wrote within the day, with the domain's hosts.
pub fn robot(
    mail: &ParsedMail,
    suspect: &Address,
    link: &Link,
    counters: &Counters,
    before: &[(String, String)],
) -> Option<String> {
    let prompt = counters.domain.since_receipt.is_some_and(|secs| secs <= PROMPT_SECS);
    let answers = matches!(link, Link::New { possibly_related: Some(_), .. });
    let alike = |(_, text): &&(String, String)| repeats(&mail.text, std::slice::from_ref(text)) > 0;
    let repeated = before.iter().filter(alike).count();
    let wandering = before.iter().filter(alike).any(|(host, _)| host != suspect.domain());
    let length = word_count(&mail.text);
    let receipt = is_receipt(mail);
    let why = if answers && prompt {
        "it answers ours within a minute"
    } else if receipt && (prompt || repeated > 0) {
        "it reads like a receipt"
    } else if wandering && length >= WORDS_OF_HOSTS {
        "the same words come from ever other hosts"
    } else {
        return None;
    };
    let domain = organisation(suspect.domain());
    Some(format!("a machine that writes from many addresses of {domain} ({why}): counted as one"))
}

fn is_receipt(mail: &ParsedMail) -> bool {
    let head: String = mail.subject.chars().chain("\n".chars()).chain(mail.words().chars()).take(HEAD).collect();
    let head = fold(&head);
    RECEIPTS.iter().any(|words| head.contains(&fold(words)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::{DomainCount, SenderCount, StrayCount};
    use crate::model::id::{MessageKey, TicketNumber};
    use crate::model::link::ThreadReason;
    use crate::model::testing::{person, policy};
    use crate::model::token::TicketKey;

    const NEW: Link = Link::New { reason: ThreadReason::Nothing, possibly_related: None };

    fn counters(since_receipt: i64) -> Counters {
        let domain = DomainCount { receipts_of_day: 3, since_receipt: Some(since_receipt), ..DomainCount::default() };
        Counters {
            next_ticket: TicketNumber(1),
            fresh_key: TicketKey::new(0),
            next_message: MessageKey(1),
            next_serial: 1,
            machine_mails_to_sender: 0,
            returned_to_sender: 0,
            is_acquainted: true,
            machine_mails_of_mailbox: 0,
            sender: SenderCount::default(),
            domain,
            stray: StrayCount::default(),
        }
    }

    #[track_caller]
    fn check(from: &str, text: &str, since_receipt: i64, before: &str, is_robot: bool) {
        let mail = ParsedMail { from: Some(person("", from)), text: text.to_owned(), ..ParsedMail::default() };
        let counters = counters(since_receipt);
        let suspect = suspect(&policy(), &mail, &NEW, &counters);
        let before = [("desk7.partner.example".to_owned(), before.to_owned())];
        let found = suspect.and_then(|suspect| robot(&mail, &suspect, &NEW, &counters, &before));
        assert_eq!(found.is_some(), is_robot, "{from}: {text}: {found:?}");
    }

    #[test]
    fn a_machine_is_known_by_what_it_writes_and_when() {
        let template = "Hello! Case 17 is in our queue and somebody looks at it before Monday evening.";
        let again = template.replace("17", "18");
        check("t18@desk7.partner.example", &again, 5, template, false);
        check("t18@desk7.partner.example", &again, 500, template, false);
        check("t18@desk8.partner.example", &again, 80_000, template, true);
        check("t18@desk8.partner.example", "Where is my parcel?", 5, template, false);
        check("t18@desk7.partner.example", "We have received your mail.", 5, "x", true);
        check(
            "t18@desk7.partner.example",
            "Otrzymaliśmy Państwa zgłoszenie 7.",
            900,
            "Otrzymaliśmy państwa zgłoszenie 8.",
            true,
        );
        check("t18@desk7.partner.example", "We have received your mail.", 900, "x", false);
    }

    #[test]
    fn people_of_a_provider_and_short_words_are_no_machine() {
        check("kim@gmail.com", "We have received your mail.", 5, "We have received your mail.", false);
        check("kim@desk7.partner.example", "Hello", 5, "Hello", false);
    }
}
