//! Rules that every mail keeps, whatever people write into names, subjects, texts and ids.
//!
//! Every mail is read back with a parser of somebody else's.

use mail_parser::{Message, MessageParser, MimeHeaders};
use proptest::prelude::*;

use super::samples::{
    acknowledgement, address, answer, file, keys, notification, now, person, policy, refused, signer,
};
use super::{check_texts, compose};
use crate::model::id::{AgentId, DepartmentId, MailId, MailboxId};
use crate::model::language::Language;
use crate::model::outgoing::{AcknowledgementDraft, Draft, News, Outgoing, OutgoingKind};
use crate::model::testing::language;
use crate::model::testing::opening;
use crate::model::text;
use crate::model::visibility::{Internal, Public};

fn write(draft: &Draft) -> Outgoing {
    let outgoing = compose(draft, &policy(), &signer(), &keys(), now());
    check_bytes(&outgoing.bytes);
    outgoing
}

fn parse(outgoing: &Outgoing) -> Message<'_> {
    MessageParser::default().parse(&outgoing.bytes).unwrap()
}

/// ASCII, CR LF alone, no NUL, no line over 998.
fn check_bytes(bytes: &[u8]) {
    assert!(bytes.iter().all(|byte| byte.is_ascii() && *byte != 0), "8-bit or NUL");
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "bare CR or LF");
    assert!(text.split("\r\n").all(|line| line.len() <= 998), "line too long");
}

fn header_names(mail: &Message) -> Vec<String> {
    mail.headers().iter().map(|header| header.name.as_str().to_owned()).collect()
}

fn header<'a>(mail: &'a Message, name: &'a str) -> &'a str {
    mail.header_raw(name).map(str::trim).unwrap_or_default()
}

#[test]
fn an_answer_is_the_departments_and_tells_nothing_of_the_agent() {
    let outgoing = write(&Draft::Answer(answer()));
    let mail = parse(&outgoing);
    assert_eq!(
        header_names(&mail),
        [
            "Date",
            "Message-ID",
            "From",
            "To",
            "Cc",
            "Subject",
            "In-Reply-To",
            "References",
            "MIME-Version",
            "Content-Type"
        ]
    );
    assert_eq!(mail.subject(), Some("Re: [#1042] Zwrot butów"));
    assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("returns@shop.example"));
    assert_eq!(mail.in_reply_to().as_text(), Some("second@klient.example"));
    assert_eq!(outgoing.recipients, [address("ewa@klient.example"), address("maz@klient.example")]);
    assert_eq!(outgoing.envelope_from, Some(address("returns@shop.example")));
    assert_eq!(outgoing.agent, Some(AgentId::new("anna")));
    assert!(mail.body_text(0).unwrap().ends_with(
        "Pozdrawiamy\r\n\r\n-- \r\nReturns team, Example Shop\r\nreturns@shop.example, +48 22 000 00 00\r\n"
    ));
    let attachment = mail.attachments().next().unwrap();
    assert_eq!(attachment.attachment_name(), Some("etykieta żółta.pdf"));
    assert_eq!(attachment.contents(), b"%PDF-1.4 label");
    let everything = format!(
        "{}{}{}",
        String::from_utf8_lossy(&outgoing.bytes),
        mail.body_text(0).unwrap(),
        mail.body_html(0).unwrap()
    );
    for secret in ["anna", "Anna", "Nowak", "home.example"] {
        assert!(!everything.contains(secret), "{secret}");
    }
}

#[test]
fn our_message_ids_and_marks_prove_themselves() {
    for (draft, kind, agent) in [
        (Draft::Answer(answer()), OutgoingKind::Answer, None),
        (Draft::Acknowledgement(acknowledgement(language("ru"))), OutgoingKind::Acknowledgement, None),
        (Draft::Notification(Box::new(notification())), OutgoingKind::Notification, Some("anna")),
        (Draft::Notice(refused()), OutgoingKind::Notice, Some("jan")),
    ] {
        let outgoing = write(&draft);
        let mail = parse(&outgoing);
        assert_eq!(mail.message_id(), Some(outgoing.message_id.as_str()));
        let own = signer().check_mail_id(&outgoing.message_id).unwrap();
        assert_eq!((own.kind, own.agent), (kind, agent.map(AgentId::new)));
        let automatic = kind != OutgoingKind::Answer;
        assert_eq!(!header(&mail, "Auto-Submitted").is_empty(), automatic);
        assert_eq!(signer().check_loop_mark(&outgoing.message_id, header(&mail, "X-Postroom-Loop")), automatic);
        assert_eq!(header(&mail, "Precedence") == "bulk", automatic);
        assert_eq!(header(&mail, "X-Auto-Response-Suppress") == "All", automatic);
        // A notification leaves from an address that says whose it is, for reports that it did not arrive.
        let unanswerable = automatic && kind != OutgoingKind::Notification;
        assert_eq!(outgoing.envelope_from.is_none(), unanswerable);
    }
}

#[test]
fn an_acknowledgement_holds_the_number_and_the_names_and_no_links_of_the_customer() {
    for language in Language::all() {
        let mut draft = acknowledgement(language);
        draft.subject = "Buy at https://evil.example".to_owned();
        let outgoing = write(&Draft::Acknowledgement(draft));
        let mail = parse(&outgoing);
        assert_eq!(mail.subject(), Some("Re: [#1042] Buy at"));
        for body in [mail.body_text(0).unwrap(), mail.body_html(0).unwrap()] {
            assert!(body.contains("#1042") && body.contains("Returns") && body.contains("Example Shop"), "{body}");
            assert!(!body.contains("evil") && !body.contains('{'));
        }
    }
}

#[test]
fn a_notification_leads_back_to_the_agent_it_was_written_to() {
    let outgoing = write(&Draft::Notification(Box::new(notification())));
    let mail = parse(&outgoing);
    let reply_to = mail.reply_to().unwrap().first().unwrap().address().unwrap().to_owned();
    let detail = address(&reply_to).detail("+").unwrap().to_owned();
    assert_eq!(signer().check_reply_detail(&detail).unwrap().agent, AgentId::new("anna"));
    assert_eq!(mail.from().unwrap().first().unwrap().name(), Some("Ewa Żółć via Returns"));
    assert_eq!(
        mail.in_reply_to().as_text(),
        Some(signer().thread_root(opening(notification().ticket), &notification().agent).as_str())
    );
    assert_eq!(mail.subject(), Some("[#1042] Zwrot butów"));
    assert_eq!(
        header(&mail, "X-Postroom-Reason").replace("\r\n", ""),
        "new-ticket; keywords: `zwrot*` in the subject (`Zwrot`): score 2; next `support` with 1"
    );
    let plain = mail.body_text(0).unwrap();
    assert!(plain.starts_with("##- "), "{plain}");
    let html = mail.body_html(0).unwrap();
    let visible = html.split_once("<body").and_then(|(_, body)| body.split_once('>')).unwrap().1;
    assert!(visible.split_once("<strong>").unwrap().1.starts_with("##- "), "the band is first");
    for command in ["mailto:info%2B1042.anna.take.", "mailto:info%2B1042.anna.close.", "body=%23move%20\""] {
        assert!(html.contains(command), "{command}");
    }
}

#[test]
fn without_plus_addressing_the_proof_travels_in_the_message_id() {
    let mut policy = policy();
    policy.mailboxes[0].subaddress = String::new();
    let outgoing = compose(&Draft::Notification(Box::new(notification())), &policy, &signer(), &keys(), now());
    let mail = parse(&outgoing);
    assert_eq!(mail.reply_to().unwrap().first().unwrap().address(), Some("info@shop.example"));
    assert!(mail.body_html(0).unwrap().contains("&amp;in-reply-to=%3Cnotification.1042.anna.c"));
}

#[test]
fn attachments_travel_up_to_the_limit_and_are_named_beyond_it() {
    let mut draft = notification();
    draft.attachments = [
        file("small.txt", "text/plain", vec![b'x'; 1_000]),
        file("huge.zip", "application/zip", vec![0; 12_345_678]),
        file("mail.eml", "message/rfc822", b"From: x\n\ny".to_vec()),
    ]
    .into();
    let outgoing = write(&Draft::Notification(Box::new(draft)));
    let mail = parse(&outgoing);
    let names: Vec<_> = mail.attachments().map(|part| part.attachment_name().unwrap().to_owned()).collect();
    assert_eq!(names, ["small.txt", "mail.eml"]);
    assert_eq!(mail.attachments().nth(1).unwrap().contents(), b"From: x\n\ny");
    assert!(mail.body_text(0).unwrap().contains("- huge.zip (12.3 MB)"));
}

#[test]
fn a_refused_command_comes_back_with_the_text_intact() {
    let outgoing = write(&Draft::Notice(refused()));
    let mail = parse(&outgoing);
    assert!(
        mail.body_text(0)
            .unwrap()
            .contains("#statsu open\r\n\r\nDear Ewa,\r\nthe label is attached.\r\n-- \r\nJan\r\n")
    );
    assert_eq!(mail.in_reply_to().as_text(), Some("jans-mail@home.example"));
    assert_eq!(header(&mail, "References").matches('<').count(), 3);
}

#[test]
fn a_department_is_called_by_its_name_in_the_readers_language() {
    let mut policy = policy();
    policy.departments[0].names = vec![(language("pl"), "Zwroty".to_owned())];
    let department = policy.departments[0].id.clone();
    for (tag, name) in [("pl", "Zwroty"), ("ru", policy.departments[0].name.as_str())] {
        let draft = AcknowledgementDraft { department: department.clone(), ..acknowledgement(language(tag)) };
        let outgoing = compose(&Draft::Acknowledgement(draft), &policy, &signer(), &keys(), now());
        let mail = MessageParser::default().parse(&outgoing.bytes).unwrap();
        let plain = mail.body_text(0).unwrap();
        assert!(plain.contains(name) && (tag == "pl" || !plain.contains("Zwroty")), "{plain}");
    }
}

#[test]
fn every_news_and_notice_can_be_written_in_every_language() {
    for language in Language::all() {
        let mut policy = policy();
        policy.agents.iter_mut().for_each(|agent| agent.language = language);
        for draft in super::samples::of_every_kind() {
            let outgoing = compose(&draft, &policy, &signer(), &keys(), now());
            check_bytes(&outgoing.bytes);
            let mail = parse(&outgoing);
            assert!(mail.body_text(0).unwrap().starts_with("##- "));
            assert!(!mail.body_text(0).unwrap().contains(['{', '}']));
        }
    }
}

#[test]
fn texts_of_the_config_replace_ours_and_cannot_break_the_marker() {
    let mut policy = policy();
    policy.texts = vec![
        (Language::ENGLISH, "acknowledgement_body".to_owned(), "Ticket {number}".to_owned()),
        (language("pl"), "marker".to_owned(), "no marker".to_owned()),
    ];
    let outgoing =
        compose(&Draft::Acknowledgement(acknowledgement(Language::ENGLISH)), &policy, &signer(), &keys(), now());
    assert!(parse(&outgoing).body_text(0).unwrap().starts_with("Ticket 1042\r\n"));
    let outgoing = compose(&Draft::Notification(Box::new(notification())), &policy, &signer(), &keys(), now());
    assert!(parse(&outgoing).body_text(0).unwrap().starts_with("##- "));
    assert_eq!(check_texts(&policy.texts).len(), 1);
}

#[test]
fn ids_gone_from_the_config_do_not_stop_a_mail() {
    let mut draft = notification();
    draft.department = DepartmentId::new("gone");
    draft.agent = AgentId::new("gone");
    draft.mailbox = MailboxId::new("gone");
    let draft = Draft::Notification(Box::new(draft));
    assert!(write(&draft).recipients.is_empty());
    let mut empty = policy();
    empty.departments.clear();
    empty.mailboxes.clear();
    empty.agents.clear();
    for draft in [
        draft,
        Draft::Answer(answer()),
        Draft::Acknowledgement(acknowledgement(language("fil"))),
        Draft::Notice(refused()),
    ] {
        check_bytes(&compose(&draft, &empty, &signer(), &keys(), now()).bytes);
    }
}

#[test]
fn an_address_beyond_ascii_stays_in_the_envelope_and_out_of_the_headers() {
    let mut draft = acknowledgement(language("ru"));
    draft.to = person("Кто", "кто@пример.example");
    let outgoing = write(&Draft::Acknowledgement(draft));
    assert_eq!(outgoing.recipients, [address("кто@пример.example")]);
    assert!(String::from_utf8_lossy(&outgoing.bytes).contains("To: undisclosed-recipients:;\r\n"));
}

proptest! {
    #[test]
    fn nothing_that_people_write_changes_recipients_or_headers(
        name in "\\PC{0,40}|(?s).{0,300}",
        subject in "(?s).{0,400}",
        words in "(?s).{0,600}",
        reason in "(?s).{0,300}",
        file_name in "(?s).{0,80}",
        ids in prop::collection::vec("(?s).{1,60}", 0..4),
    ) {
        let cleaned = text::clean_name(&name);
        // Straight from the wire, as if nobody had cleaned it before.
        let customer = person(&name, "kunde@x.example");
        let references: Vec<MailId> = ids.iter().map(|id| MailId::new(id)).collect();

        let mut one = answer();
        one.to = vec![customer.clone()];
        one.subject.clone_from(&subject);
        one.body = Public::new(words.clone());
        one.references.clone_from(&references);
        one.attachments = [file(&file_name, &reason, words.clone().into_bytes())].into();
        let outgoing = write(&Draft::Answer(one));
        let mail = parse(&outgoing);
        let names = header_names(&mail);
        prop_assert!(names.iter().all(|name| ["Date", "Message-ID", "From", "In-Reply-To", "References", "To", "Cc", "Subject",
            "MIME-Version", "Content-Type"].contains(&name.as_str())), "{names:?}");
        let to = mail.to().unwrap();
        prop_assert_eq!(to.iter().count(), 1);
        prop_assert_eq!(to.first().unwrap().address(), Some("kunde@x.example"));
        if !cleaned.contains("=?") {
            prop_assert_eq!(to.first().unwrap().name().unwrap_or_default(), cleaned.as_str());
        }
        prop_assert_eq!(mail.subject().unwrap(), super::layout::subject::reply(answer().ticket, &subject));
        prop_assert_eq!(mail.subject().unwrap().matches("[#1042]").count(), 1);
        let attachment = mail.attachments().next().unwrap();
        prop_assert_eq!(attachment.contents(), words.as_bytes());
        let sent = mail.body_text(0).unwrap().replace("\r\n", "\n");
        prop_assert!(sent.starts_with(text::clean_text(words.trim()).trim_end()), "{sent:?}");

        let mut news = notification();
        news.author = customer;
        news.subject = subject;
        news.body = Internal::new(words);
        news.news = News::Quarantined(reason.clone());
        news.route.as_mut().unwrap().detail = reason;
        let outgoing = write(&Draft::Notification(Box::new(news)));
        let mail = parse(&outgoing);
        prop_assert_eq!(header_names(&mail).len(), 19);
        prop_assert_eq!(mail.from().unwrap().first().unwrap().address(), Some("returns@shop.example"));
        prop_assert_eq!(mail.to().unwrap().first().unwrap().address(), Some("anna.private@home.example"));
        prop_assert!(mail.body_text(0).unwrap().starts_with("##- "));
    }
}
