//! What counts as a clue, and what does not.

use super::*;
use crate::model::id::MailId;
use crate::model::link::{IdClue, TokenClue};
use crate::model::outgoing::OutgoingKind;
use crate::model::reader::Reader;
use crate::model::testing::{opening, person, policy};
use crate::model::token::{MailClaim, SECRET_LEN, Signer};

const NUMBER: TicketNumber = TicketNumber(1042);

fn signer() -> Signer {
    Signer::new([7; SECRET_LEN], "shop.example")
}

fn id(kind: OutgoingKind, agent: Option<&AgentId>) -> MailId {
    signer().mail_id(&claim(kind, agent))
}

fn claim(kind: OutgoingKind, agent: Option<&AgentId>) -> MailClaim<'_> {
    MailClaim { kind, ticket: opening(NUMBER), agent, reader: Reader::Customer, serial: 5 }
}

fn token(place: TokenPlace) -> TokenClue {
    let seal = Seal::Key(opening(NUMBER).key);
    let (agent, reader) = (AgentId::new("anna"), Some(Reader::Customer));
    TokenClue { ticket: NUMBER, seal, agent, reader, place, shows: None, verb: None }
}

#[test]
fn a_token_is_found_in_any_recipient_in_any_case() {
    let detail = signer().reply_detail(opening(NUMBER), &AgentId::new("anna"), Reader::Customer, None);
    let address = format!("Info+{}@SHOP.example", detail.to_uppercase());
    let to = ParsedMail { to: vec![person("", &address)], ..ParsedMail::default() };
    let cc = ParsedMail { cc: vec![person("", &address)], ..ParsedMail::default() };
    let envelope = ParsedMail { delivered_to: vec![person("", &address).address], ..ParsedMail::default() };
    for mail in [to, cc, envelope] {
        assert_eq!(clues(&mail, &policy(), &signer()).tokens, [token(TokenPlace::Address)]);
    }
}

#[test]
fn a_token_on_somebody_elses_domain_or_with_a_changed_letter_is_none() {
    let detail = signer().reply_detail(opening(NUMBER), &AgentId::new("anna"), Reader::Customer, None);
    for address in
        [format!("info+{detail}@else.example"), format!("info+{}@shop.example", detail.replace("1042", "1043"))]
    {
        let mail = ParsedMail { to: vec![person("", &address)], ..ParsedMail::default() };
        assert_eq!(clues(&mail, &policy(), &signer()).tokens, []);
    }
}

#[test]
fn a_notifications_id_is_a_token_and_an_answers_is_not() {
    let anna = AgentId::new("anna");
    let notification = id(OutgoingKind::Notification, Some(&anna));
    let answer = id(OutgoingKind::Answer, None);
    let mail = ParsedMail { in_reply_to: vec![answer, notification], ..ParsedMail::default() };
    assert_eq!(clues(&mail, &policy(), &signer()).tokens, [token(TokenPlace::MessageId)]);
}

#[test]
fn where_a_relay_replaced_our_message_id_the_references_say_which_it_was() {
    let anna = AgentId::new("anna");
    let notification = claim(OutgoingKind::Notification, Some(&anna));
    let root = signer().thread_root(opening(NUMBER), &anna);
    let replaced = MailId::new("0102018c-1@eu-west-1.amazonses.com");
    let mail = ParsedMail {
        in_reply_to: vec![replaced.clone()],
        references: vec![root, signer().stand_in(&notification), replaced],
        ..ParsedMail::default()
    };
    let found = clues(&mail, &policy(), &signer());
    assert!(found.ids.iter().any(|clue| clue.id == signer().mail_id(&notification)));
    let of_the_root = TokenClue { reader: None, ..token(TokenPlace::MessageId) };
    assert_eq!(found.tokens, [token(TokenPlace::MessageId), of_the_root]);
}

#[test]
fn ids_come_in_reply_to_first_then_references_from_the_right_and_none_twice() {
    let ids = |names: &[&str]| names.iter().map(|name| MailId::new(name)).collect::<Vec<_>>();
    let mail = ParsedMail { in_reply_to: ids(&["c"]), references: ids(&["a", "b", "c"]), ..ParsedMail::default() };
    let clue = |name, header| IdClue { id: MailId::new(name), header };
    let expected =
        [clue("c", HeaderClue::InReplyTo), clue("b", HeaderClue::References), clue("a", HeaderClue::References)];
    assert_eq!(clues(&mail, &policy(), &signer()).ids, expected);
}

#[test]
fn a_chain_without_end_is_cut() {
    let references = (0..10_000).map(|n| MailId::new(&format!("{n}@x"))).collect();
    let found = clues(&ParsedMail { references, ..ParsedMail::default() }, &policy(), &signer());
    assert_eq!(found.ids.first().map(|clue| clue.id.as_str()), Some("9999@x"));
    assert_eq!(found.ids.len(), 30);
}

#[test]
fn only_a_bounce_names_a_mail_that_bounced() {
    let answer = id(OutgoingKind::Answer, None);
    let human = ParsedMail { in_reply_to: vec![answer.clone()], ..ParsedMail::default() };
    assert_eq!(clues(&human, &policy(), &signer()).bounced, None);
    let bounce = ParsedMail { automated: Some(Automated::Bounce), ..human };
    assert_eq!(clues(&bounce, &policy(), &signer()).bounced, signer().check_mail_id(&answer));
    let forged = ParsedMail { in_reply_to: vec![MailId::new("answer.1042.-.6.x@shop.example")], ..bounce };
    assert_eq!(clues(&forged, &policy(), &signer()).bounced, None);
}

#[test]
fn the_subject_above_a_quoted_mail_is_a_clue_when_the_mail_has_no_tag_of_its_own() {
    let quoted = "From: Returns <returns@shop.example>\nSent: today\n*Temat:* Re: [#1042] Lamp\n\nSend it back.";
    let mail = |subject: &str, quoted: &str| ParsedMail {
        subject: subject.to_owned(),
        quoted: quoted.to_owned(),
        ..ParsedMail::default()
    };
    let of = |mail: &ParsedMail| clues(mail, &policy(), &signer()).quoted_tag;
    assert_eq!(of(&mail("A question", quoted)), Some((TicketNumber(1042), "Re: [#1042] Lamp".to_owned())));
    assert_eq!(of(&mail("Re: [#7] A question", quoted)), None);
    let robot = ParsedMail { automated: Some(Automated::Notice), ..mail("A question", quoted) };
    assert_eq!(of(&robot), None);
    let deep = format!("{}Subject: [#1042]", "line\n".repeat(60));
    for words in ["See our order here, number 4: [#1042]", "[#1042]", deep.as_str()] {
        assert_eq!(of(&mail("A question", words)), None, "{words}");
    }
}
