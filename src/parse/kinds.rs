//! Kinds of mails that are understood by what they show, each with a near miss that must stay as it is.

use crate::model::mail::ParsedMail;
use crate::parse::parse;

fn read(head: &str, body: &str) -> ParsedMail {
    let mail =
        format!("To: desk@shop.example\nDate: Tue, 3 Nov 2026 10:00:00 +0100\nMIME-Version: 1.0\n{head}\n\n{body}");
    parse(mail.as_bytes(), None)
}

fn answer(media_type: &str, body: &str) -> ParsedMail {
    let head = format!(
        "From: Kim <kim@y.example>\nSubject: Re: lamp\nIn-Reply-To: <o.1@shop.example>\nContent-Type: {media_type}; charset=utf-8"
    );
    read(&head, body)
}

fn returned(body: &str) -> Vec<(String, String)> {
    let head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.y.example\nSubject: Undelivered mail\nContent-Type: text/plain; charset=utf-8";
    recipients(&read(head, body))
}

fn recipients(mail: &ParsedMail) -> Vec<(String, String)> {
    let all = mail.bounce.as_ref().map(|bounce| bounce.recipients.clone()).unwrap_or_default();
    all.into_iter().map(|one| (one.address.as_str().to_owned(), one.status)).collect()
}

fn report(group: &str) -> Vec<(String, String)> {
    let head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.y.example\nSubject: x\nContent-Type: multipart/report; report-type=delivery-status; boundary=q";
    let body = format!(
        "--q\n\nNo details are left.\n--q\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.y.example\n\n{group}\n--q\nContent-Type: message/rfc822\n\nFrom: desk@shop.example\nTo: kim@y.example\nMessage-ID: <1042.a@shop.example>\n\nHello\n--q--\n"
    );
    recipients(&read(head, &body))
}

fn one(address: &str, status: &str) -> Vec<(String, String)> {
    vec![(address.to_owned(), status.to_owned())]
}

#[test]
fn who_was_not_reached_is_told_from_other_addresses() {
    for (text, want) in [
        (
            "The following addresses had errors:\n\nkim@in.y.example\n    (reason: 550 5.1.1 unknown)\n    (expanded from: <kim@y.example>)",
            one("kim@y.example", "5.1.1"),
        ),
        (
            "<box@back.example> (expanded from <ola@y.example>): host\n    back.example said: 552 5.2.2 mailbox full",
            one("ola@y.example", "5.2.2"),
        ),
        (
            "Could not be delivered to the following:\n\n kowal    no entry in the directory\n\nInstead of jan@mx.y.example, for instance, write to j.n@mx.y.example.",
            one("kowal@mx.y.example", "5.1.1"),
        ),
        (
            "Addresses look like name@y.example. The one that you used, kowal@y.example, fits nobody.\n\n>Received: from a by b\n>From: desk@shop.example\n>To: kowal@y.example\n>Message-ID: <1@shop.example>",
            one("kowal@y.example", "5.0.0"),
        ),
        (
            "These people did NOT get a copy of your message:\n\n> kim@y.example\n\n--- Session ---\n RCPT To:<kim@y.example>\n 550 5.1.1 no such user",
            one("kim@y.example", "5.1.1"),
        ),
        (
            "<kim@y.example>: 550 5.1.1 user unknown\n\n----- Copy of your message -----\n\nTo: kim@y.example\nCc: ewa@y.example\n\nAsk <jan@y.example>.",
            one("kim@y.example", "5.1.1"),
        ),
        (
            "The following recipients were not reached:\n\nkim@y.example\n    Remedy:  Check the spelling\n    Contact: help@y.example",
            one("kim@y.example", "5.0.0"),
        ),
    ] {
        assert_eq!(returned(text), want, "{text}");
    }
    assert_eq!(report(""), one("kim@y.example", "5.0.0"));
}

#[test]
fn the_other_servers_code_counts_before_a_vague_status() {
    for (status, diagnostic, want) in [
        ("5.1.1", "smtp; 552 5.2.2 over its limit", "5.2.2"),
        ("5.1.1", "smtp; 550 5.0.0 rejected", "5.1.1"),
        ("5.2.0", "smtp; 550-5.7.26 not taken.\n    550 5.7.26 See the policy.", "5.7.26"),
        ("4.4.7", "smtp; 550 5.7.1 blocked", "5.7.1"),
        ("5.2.2", "smtp; 550 (version 5.7.1.2) refused", "5.2.2"),
        ("5.4.6", "X-Local; loop found by 5.1.1 agent", "5.4.6"),
    ] {
        let group = format!(
            "Final-Recipient: rfc822; kim@y.example\nAction: failed\nStatus: {status}\nDiagnostic-Code: {diagnostic}\n"
        );
        assert_eq!(report(&group), one("kim@y.example", want), "{diagnostic}");
    }
}

#[test]
fn a_report_inside_a_gateways_mail_is_read_and_one_that_a_person_attaches_is_not() {
    let body = "--o\n\nThis mail passed a gateway.\n--o\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@mx.y.example\nTo: desk@shop.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nNot delivered.\n--r\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; kim@y.example\nAction: failed\nStatus: 5.1.1\n\n--r--\n--o--\n";
    let kind = "Content-Type: multipart/mixed; boundary=o";
    let gateway = read(&format!("Return-Path: <>\nFrom: postmaster@y.example\nSubject: Delivery failed\n{kind}"), body);
    assert_eq!(recipients(&gateway), one("kim@y.example", "5.1.1"));
    let person = read(
        &format!("Return-Path: <kim@y.example>\nFrom: kim@y.example\nSubject: Fwd: Delivery failed\n{kind}"),
        body,
    );
    assert_eq!(person.bounce, None);
}

#[test]
fn what_the_writer_set_off_in_html_is_theirs() {
    let quote = "<blockquote class='gmail_quote'>";
    for (html, reply) in [
        (format!("What now?<br>{quote}Error E-17</blockquote>"), "What now?\n\n> Error E-17"),
        ("<p>The label says:</p><blockquote>Type E27</blockquote>".to_owned(), "The label says:\n\n> Type E27"),
        (
            format!(
                "<div>Thanks</div><div>On 3 Nov 2026 10:15 Shop &lt;desk@shop.example&gt; wrote:</div>{quote}Old</blockquote>"
            ),
            "Thanks",
        ),
        (format!("<div><br></div><div class=gmail_quote>{quote}Old</blockquote></div>"), ""),
        ("<div>Thanks</div><blockquote type=cite>Old</blockquote>".to_owned(), "Thanks"),
    ] {
        assert_eq!(answer("text/html", &html).reply, reply, "{html}");
    }
}

#[test]
fn headers_under_a_drawn_line_begin_the_quote_in_any_language() {
    let headers = |from: &str, date: &str| {
        format!(
            "<p>It broke.</p><div style='border-top:1px solid #ccc'><b>Vro:</b> <a href='mailto:desk@shop.example'>{from}</a><br><b>Zad:</b> {date}<br><b>Kom:</b> Kim</div><p>Old</p>"
        )
    };
    assert_eq!(answer("text/html", &headers("Shop", "3.11.2026 10:15")).reply, "It broke.");
    let form = headers("Shop", "3 November 2026").replace("mailto:", "https://");
    assert!(answer("text/html", &form).reply.contains("Kom: Kim"));
}

#[test]
fn an_answer_below_an_introduction_without_marks_is_kept() {
    let on = "On 3 Nov 2026 10:15, Shop <desk@shop.example> wrote:";
    assert!(answer("text/plain", &format!("{on}\n\nWhich size?\n\nSize 44.")).reply.contains("Size 44."));
    assert_eq!(answer("text/plain", &format!("{on}\n\n> Which size?\n\nSize 44.")).reply, "Size 44.");
    assert_eq!(answer("text/plain", &format!("Size 44.\n\n{on}\n\nWhich size?")).reply, "Size 44.");
    assert_eq!(answer("text/plain", &format!("{on}\n\n##- Please write above this line -##\nTicket 1042")).reply, "");
}

#[test]
fn devices_closings_and_names_are_known_by_their_form() {
    for signature in [
        "Sent wirelessly from my Nokia phone.",
        "Sent securely from my Fairphone over the network of Orange.\nEnvoyé de mon Fairphone par le réseau Orange.",
        "Written on my iPhone, sorry for typos",
        "From my iPad",
        "Napisane na telefonie",
        "<<sent from my phone>>",
        "Z powazaniem,\nEwa Mak",
        "S pratelskym pozdravem\nJana Nova",
        "/Anna",
        "// Anna Berg",
    ] {
        let mail = answer("text/plain", &format!("The lamp hums, please call.\n\n{signature}\n"));
        assert_eq!(
            (mail.reply.as_str(), mail.signature.is_empty()),
            ("The lamp hums, please call.", false),
            "{signature}"
        );
    }
    for last in [
        "From my iPad I cannot open the invoice.",
        "Sent wirelessly, the file arrived broken.",
        "Written on my phone bill is another name.",
        "Sent from my shop in Lodz on Monday.",
        "Napisane na pudełku jest 40 W.",
        "/etc/hosts",
        "/red",
    ] {
        let text = format!("This stands there:\n\n{last}");
        assert_eq!(answer("text/plain", &text).reply, text);
    }
    assert_eq!(answer("text/plain", "Yes.\n\n\u{1427}\n").reply, "Yes.");
}

#[test]
fn a_signature_never_goes_across_a_mail_that_is_passed_on() {
    for below in [
        "On 3 Nov 2026 10:15, Jan <jan@x.example> wrote:\n\nThe lamp hums.",
        "Vro: Jan <jan@x.example>\nZad: 3.11.2026 10:15\nKom: Kim <kim@y.example>\n\nThe lamp hums.",
        "---------- Forwarded message ---------\nFrom: Jan <jan@x.example>\n\nThe lamp hums.",
    ] {
        let head = "From: Kim <kim@y.example>\nSubject: FW: lamp\nContent-Type: text/plain; charset=utf-8";
        let mail = read(head, &format!("See below.\n\nKind regards\nKim Lee\nTel. 22 123 45 67\n\n{below}\n"));
        assert!(mail.reply.contains("The lamp hums.") && mail.signature.is_empty(), "{below}: {}", mail.reply);
    }
}

#[test]
fn other_forms_of_text_are_read() {
    let mail = answer(
        "text/html",
        "It hums.\n\nOn Tue, Nov 3, 2026 at 9:15 AM Shop &lt;desk@shop.example&gt; wrote:\n&gt; What?",
    );
    assert_eq!(mail.reply, "It hums.");
    let invitation = answer(
        "text/calendar",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Repair\nDTSTART:20261103T101500\nLOCATION:Shop\nEND:VEVENT\nEND:VCALENDAR\n",
    );
    assert_eq!(invitation.text, "Repair\n2026-11-03 10:15\nShop");
    let named = |name: &str, media_type: &str| {
        let body = format!(
            "--x\n\nsee\n--x\nContent-Type: {media_type}\nContent-Disposition: attachment; filename=\"{name}\"\n\nx\n--x--\n"
        );
        read("From: kim@y.example\nContent-Type: multipart/mixed; boundary=x", &body).attachments[0].name.clone()
    };
    assert_eq!(
        (named(".pdf", "application/pdf"), named(".profile", "text/plain")),
        ("attachment-1.pdf".to_owned(), "profile".to_owned())
    );
}

#[test]
fn a_notification_inside_another_one_is_opened() {
    let ses = "{\\\"notificationType\\\":\\\"Bounce\\\",\\\"bounce\\\":{\\\"bounceType\\\":\\\"Permanent\\\",\\\"bouncedRecipients\\\":[{\\\"emailAddress\\\":\\\"kim@y.example\\\",\\\"status\\\":\\\"5.1.1\\\"}]}}";
    let sns = |inner: &str| format!("{{\"Type\":\"Notification\",\"Message\":\"{inner}\"}}\n\n--\nIf you wish to stop");
    let head = "Return-Path: <a@ses.example>\nFrom: no-reply@sns.example\nSubject: AWS Notification Message";
    assert_eq!(recipients(&read(head, &sns(ses))), one("kim@y.example", "5.1.1"));
    assert_eq!(read(head, &sns(&ses.replace("\"Bounce\\\"", "\"Delivery\\\""))).bounce, None);
}
