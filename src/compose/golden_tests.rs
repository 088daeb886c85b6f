//! Golden texts: whole mails as they leave, for a reviewer to read.

use mail_parser::MimeHeaders;

use super::compose;
use super::samples::{
    acknowledgement, answer, coalesced, digest, formatted_answer, keys, notification, now, policy, refused, signer,
};
use crate::model::outgoing::Draft;
use crate::model::testing::{GOLDEN, language};

/// The headers as they leave, then each part decoded.
fn readable(draft: &Draft) -> String {
    let outgoing = compose(draft, &policy(), &signer(), &keys(), now());
    let raw = String::from_utf8(outgoing.bytes.clone()).unwrap();
    let (head, _) = raw.split_once("\r\n\r\n").unwrap();
    let mail = mail_parser::MessageParser::default().parse(&outgoing.bytes).unwrap();
    let from = outgoing.envelope_from.map(|from| from.to_string()).unwrap_or_default();
    let (plain, html) = (mail.body_text(0).unwrap(), mail.body_html(0).unwrap());
    let mut attachments = String::new();
    for part in mail.attachments() {
        attachments.extend(["===== ", part.attachment_name().unwrap(), "\n"]);
    }
    let text = format!(
        "MAIL FROM:<{from}>\nRCPT TO: {:?}\n\n{head}\n\n===== plain\n{plain}\n===== html\n{html}{attachments}",
        outgoing.recipients
    );
    text.replace("\r\n", "\n")
}

#[test]
fn acknowledgements() {
    for language in GOLDEN.map(language) {
        insta::assert_snapshot!(
            format!("acknowledgement_{language}"),
            readable(&Draft::Acknowledgement(acknowledgement(language)))
        );
    }
}

#[test]
fn an_answer() {
    insta::assert_snapshot!(readable(&Draft::Answer(answer())));
}

#[test]
fn a_notification() {
    insta::assert_snapshot!(readable(&Draft::Notification(Box::new(notification()))));
}

#[test]
fn a_notification_of_several_things() {
    insta::assert_snapshot!(readable(&Draft::Notification(Box::new(coalesced()))));
}

#[test]
fn a_digest() {
    insta::assert_snapshot!(readable(&Draft::Digest(Box::new(digest()))));
}

#[test]
fn an_answer_written_as_html() {
    insta::assert_snapshot!(readable(&Draft::Answer(formatted_answer())));
}

#[test]
fn a_refused_command() {
    insta::assert_snapshot!(readable(&Draft::Notice(refused())));
}

/// Writes the HTML parts to the directory `COMPOSE_PREVIEW` for a look in a browser; does nothing without it.
#[test]
fn previews() {
    let Some(directory) = std::env::var_os("COMPOSE_PREVIEW").map(std::path::PathBuf::from) else { return };
    let mut help = refused();
    help.body = crate::model::outgoing::NoticeBody::Help(super::samples::help());
    let mut state = refused();
    state.body = crate::model::outgoing::NoticeBody::State(Box::new(super::samples::state()));
    let mut handed_over = notification();
    handed_over.news = crate::model::outgoing::News::HandedOver {
        by: "Jan Wilk".to_owned(),
        brief: Box::new(super::samples::brief()),
    };
    let mut held = refused();
    held.body = super::words_tests::held();
    let mut note = notification();
    note.news = crate::model::outgoing::News::Note("Jan Wilk".to_owned());
    let mut shown = refused();
    shown.body = crate::model::outgoing::NoticeBody::Conversation(Box::new(super::samples::conversation()));
    for (name, draft) in [
        ("note", Draft::Notification(Box::new(note))),
        ("conversation", Draft::Notice(shown)),
        ("state", Draft::Notice(state)),
        ("held", Draft::Notice(held)),
        ("brief", Draft::Notification(Box::new(handed_over))),
        ("acknowledgement", Draft::Acknowledgement(acknowledgement(language("pl")))),
        ("answer", Draft::Answer(answer())),
        ("notification", Draft::Notification(Box::new(notification()))),
        ("coalesced", Draft::Notification(Box::new(coalesced()))),
        ("digest", Draft::Digest(Box::new(digest()))),
        ("formatted", Draft::Answer(formatted_answer())),
        ("refused", Draft::Notice(refused())),
        ("help", Draft::Notice(help)),
    ] {
        let outgoing = compose(&draft, &policy(), &signer(), &keys(), now());
        let mail = mail_parser::MessageParser::default().parse(&outgoing.bytes).unwrap();
        std::fs::write(directory.join(format!("{name}.html")), mail.body_html(0).unwrap().as_bytes()).unwrap();
        std::fs::write(directory.join(format!("{name}.txt")), mail.body_text(0).unwrap().as_bytes()).unwrap();
    }
}
