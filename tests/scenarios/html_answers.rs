//! An agent's answer written as HTML: the customer's mail keeps its look and carries nothing that a program wrote beside it.

use postroom::model::outgoing::OutgoingKind;

use super::desk::Desk;
use super::script::{quoted, reply_head};

/// The HTML part, decoded.
pub fn html_of(bytes: &[u8]) -> String {
    let mail = mail_parser::MessageParser::default().parse(bytes).unwrap();
    mail.body_html(0).unwrap().into_owned()
}

/// The text twice, the second time as a web mail would write it.
pub fn with_html(text: &str) -> String {
    let line = |line: &str| {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let line = if line.is_empty() { "<br>".to_owned() } else { line.replacen("Words", "<b>Words</b>", 1) };
        format!("<div class=\"x-line\" style=\"color:#123\">{line}</div>\n")
    };
    let html: String = text.lines().map(line).collect();
    format!(
        "MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n\
         {text}\n--b\nContent-Type: text/html; charset=utf-8\n\n<html><body>\n{html}</body></html>\n--b--\n"
    )
}

/// Anna answers Ewa's mail; the answer's plain text and HTML as the customer gets them.
async fn answered(plain: &str, html: &str, related: &str) -> (String, String, String) {
    let mut desk = Desk::open().await;
    let first = "Message-ID: <1@mail.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Shoes\n\nToo small.\n";
    desk.take(first).await;
    let notification = desk.latest("anna@shop.example").unwrap();
    let (head, quote) = (reply_head(notification), quoted(notification));
    let in_html = notification.mail.text.replace('<', "&lt;").replace('\n', "<br>\n");
    let html = html.replace("QUOTE", &in_html);
    let mail = format!(
        "Message-ID: <2@mail.example>\nFrom: Anna Nowak <anna@shop.example>\n{head}MIME-Version: 1.0\n\
         Content-Type: multipart/related; boundary=\"r\"\n\n--r\nContent-Type: multipart/alternative; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n{quote}\n--b\nContent-Type: text/html; charset=utf-8\n\n\
         {html}\n--b--\n{related}--r--\n"
    );
    desk.take(&mail).await;
    let answer = desk.latest("ewa@client.example").filter(|sent| sent.kind == OutgoingKind::Answer);
    let answer = answer.unwrap_or_else(|| panic!("{}", desk.latest("anna@shop.example").unwrap().mail.text));
    let raw = String::from_utf8(answer.bytes.clone()).unwrap();
    let html = html_of(&answer.bytes);
    for garbage in
        ["class=", "id=\"", "<script", "<style", "http://tracker", "##-", "Nowak", "600 100 200", "mso", "onclick"]
    {
        assert!(!html.contains(garbage), "{garbage} in\n{html}");
    }
    (answer.mail.text.clone(), html, raw)
}

const SIGNED: &str = "-- \nAnna Nowak\nmobile 600 100 200";

#[tokio::test(start_paused = true)]
async fn a_web_mails_answer_keeps_bold_words_lists_and_links_and_loses_signature_and_quote() {
    let plain = format!(
        "#priority high\n\nDear Ewa,\n\nplease *print* the label <https://shop.example/label?n=1001>:\n\n   1. cut it out\n   2. glue it on\n\nKind regards\n\n{SIGNED}"
    );
    let html = "<div dir=\"ltr\"><div>#priority high</div><div><br></div><div>Dear Ewa,</div><div><br></div>\
        <div class=\"x\" id=\"y\" onclick=\"z()\">please <b>print</b> the <a href=\"https://shop.example/label?n=1001\">label</a>:</div>\
        <ol><li style=\"margin-left:15px\">cut it out</li><li>glue it on</li></ol><div>Kind regards</div>\
        <img src=\"http://tracker.example/1.gif\"><div><br></div><span class=\"gmail_signature_prefix\">-- </span><br>\
        <div class=\"gmail_signature\">Anna Nowak<br>mobile 600 100 200</div></div>\
        <div class=\"gmail_quote\"><div>On Sun, Shop wrote:<br></div><blockquote>QUOTE</blockquote></div>";
    let (text, html, _) = answered(&plain, html, "").await;
    assert!(text.starts_with("Dear Ewa,\n\nplease *print* the label"), "{text}");
    assert!(html.contains("please <b>print</b> the <a href=\"https://shop.example/label?n=1001\""), "{html}");
    assert!(html.contains("<ol ") && html.matches("<li").count() == 2, "{html}");
    assert!(html.contains("Kind regards</p>") && !html.contains("priority"), "{html}");
}

#[tokio::test(start_paused = true)]
async fn a_table_and_a_picture_arrive_as_they_were_written() {
    let plain = format!("Dear Ewa,\n\nsize EU\n8 42\n\n[image: shot.png]\nas you see.\n\n{SIGNED}");
    let html = "<html><head><style>p.MsoNormal{margin:0}</style></head><body><p class=MsoNormal>Dear Ewa,<o:p></o:p></p>\
        <table class=MsoTableGrid border=1><tr><td><p class=MsoNormal>size</p></td><td>EU</td></tr><tr><td>8</td><td>42</td></tr></table>\
        <p><img src=\"cid:image001.png@01D9.HOST7\" alt=\"shot.png\"></p><p>as you see.</p><p>-- <br>Anna Nowak<br>mobile 600 100 200</p>\
        <div style=\"border:none;border-top:solid #E1E1E1 1.0pt\"><p><b>From:</b> Shop</p></div><p>QUOTE</p></body></html>";
    let picture = "--r\nContent-Type: image/png; name=\"shot.png\"\nContent-Disposition: inline; filename=\"shot.png\"\n\
        Content-ID: <image001.png@01D9.HOST7>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n";
    let (_, html, raw) = answered(&plain, html, picture).await;
    assert!(html.matches("<td").count() >= 4 && html.contains("42</td>"), "{html}");
    assert!(html.contains("<img src=\"cid:picture-1@shop.example\" alt=\"shot.png\""), "{html}");
    assert!(raw.contains("multipart/related") && raw.contains("Content-ID: <picture-1@shop.example>"), "{raw}");
    assert!(!raw.contains("HOST7") && !raw.contains("multipart/mixed"), "{raw}");
}

#[tokio::test(start_paused = true)]
async fn html_that_says_something_else_than_the_plain_text_is_not_used() {
    let html = "<p>Dear Ewa, <b>this</b> stands in the HTML alone.</p>";
    let (text, html, _) = answered("Dear Ewa, this stands in the plain text.", html, "").await;
    assert!(text.starts_with("Dear Ewa, this stands in the plain text."), "{text}");
    assert!(html.contains("Dear Ewa, this stands in the plain text.</p>") && !html.contains("alone"), "{html}");
}
