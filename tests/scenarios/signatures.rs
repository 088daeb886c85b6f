//! What an agent's program puts under their words, and where it loses some of them: the customer gets the words, the closing
//! and the first name, or nothing and the agent is asked.

use postroom::model::outgoing::OutgoingKind;

use super::desk::Desk;
use super::html_answers::html_of;
use super::script::{quoted, reply_head};

const OUTLOOK: &str = "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><meta name=Generator content=\"Microsoft Word 15\">\
    </head><body lang=EN-GB><div class=WordSection1><p class=MsoNormal>Dear Ewa,<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>\
    <p class=MsoNormal>the label is attached.<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>CLOSING\
    <table class=MsoNormalTable border=0 cellspacing=0 cellpadding=0><tr><td width=130 style='width:97.5pt;padding:0cm'>\
    <p class=MsoNormal><a href=\"https://shop.example\"><img width=96 height=40 src=\"cid:image001.png@01DA.HOST\" alt=\"Example Shop\"></a>\
    <o:p></o:p></p></td><td style='padding:0cm 0cm 0cm 12.0pt'><p class=MsoNormal><b>Anna Nowak</b><o:p></o:p></p>\
    <p class=MsoNormal>Returns Specialist<o:p></o:p></p><p class=MsoNormal>M: 600 100 200 | <a href=\"mailto:anna@shop.example\">\
    anna@shop.example</a><o:p></o:p></p><p class=MsoNormal>ul. Długa 5, 00-001 Warszawa<o:p></o:p></p></td></tr></table>\
    <p class=MsoNormal><span style='font-size:7.5pt'>This message is confidential and intended for its recipient.</span></p>\
    <div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> Ewa via Returns \
    &lt;returns@shop.example&gt;<br><b>Sent:</b> Sunday, 22 November 2026 10:00<br><b>To:</b> Anna Nowak<br><b>Subject:</b> [#1001] \
    Lamp<o:p></o:p></p></div><p class=MsoNormal><o:p>&nbsp;</o:p></p>QUOTE</div></body></html>";

async fn opened() -> Desk {
    let mut desk = Desk::open().await;
    let first = "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Lamp\n\n\
                 Is size 42 in stock?\n\nDo you ship to Norway?\n";
    desk.take(first).await;
    desk
}

/// Anna answers with this body behind the head of a reply; `QUOTE` stands for what she answers, as HTML.
async fn answer(desk: &mut Desk, body: &str) -> Option<String> {
    let notification = desk.latest("anna@shop.example").unwrap();
    let quote = html_of(&notification.bytes);
    let head = reply_head(notification);
    let plain = quoted(notification);
    let id = desk.sent.len();
    let body = body.replace("QUOTE", &quote).replace("PLAIN", &plain);
    desk.take(&format!(
        "Message-ID: <a{id}@mail.example>\nFrom: Anna Nowak <anna@shop.example>\n{head}MIME-Version: 1.0\n{body}"
    ))
    .await;
    let answer = desk.sent.iter().rfind(|sent| sent.kind == OutgoingKind::Answer)?;
    for secret in ["600 100", "Nowak", "anna@shop", "Długa", "image001", "confidential", "Specialist"] {
        let raw = String::from_utf8_lossy(&answer.bytes);
        let shown = [&answer.mail.text, &html_of(&answer.bytes), raw.as_ref()].iter().any(|text| text.contains(secret));
        assert!(!shown, "{secret} in\n{}", answer.mail.text);
    }
    answer.mail.text.split("\n\n-- \n").next().map(|text| text.trim().to_owned())
}

fn html(text: &str) -> String {
    format!("Content-Type: text/html; charset=utf-8\n\n{text}\n")
}

fn told(desk: &Desk) -> String {
    desk.latest("anna@shop.example").unwrap().mail.text.clone()
}

#[tokio::test(start_paused = true)]
async fn an_outlook_signature_with_a_logo_in_a_table_does_not_reach_the_customer() {
    for (lines, kept) in [
        ("", ""),
        ("Kind regards|", "\n\nKind regards"),
        ("Kind regards,|Anna||", "\n\nKind regards,\n\nAnna"),
        ("Pozdrawiam / Kind regards,||", "\n\nPozdrawiam / Kind regards,"),
        ("С уважением / Kind regards,|Anna|", "\n\nС уважением / Kind regards,\n\nAnna"),
    ] {
        let line =
            |line: &str| format!("<p class=MsoNormal>{}<o:p></o:p></p>", if line.is_empty() { "&nbsp;" } else { line });
        let closing: String = lines.split('|').map(line).collect();
        let mut desk = opened().await;
        let got = answer(&mut desk, &html(&OUTLOOK.replace("CLOSING", &closing))).await;
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let expected = plain(&format!("Dear Ewa,\n\nthe label is attached.{kept}"));
        assert_eq!(got.map(|got| plain(&got)), Some(expected), "{lines}: {}", told(&desk));
    }
}

#[tokio::test(start_paused = true)]
async fn a_signature_that_apple_mail_puts_below_a_colon_does_not_reach_the_customer() {
    let mut desk = opened().await;
    let body = "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nHello Ewa,\n\n\
        this is how the label looks:\n\n\n\nAnna Nowak\nmobile 600 100 200\nPLAIN\n--b\nContent-Type: text/html; charset=utf-8\n\n\
        <html><body>Hello Ewa,<div><br></div><div>this is how the label looks:</div><div><br></div><div><br></div><div>Anna Nowak<br>\
        mobile 600 100 200</div><div><br><blockquote type=\"cite\"><div>QUOTE</div></blockquote></div></body></html>\n--b--\n";
    let got = answer(&mut desk, body).await;
    assert_eq!(got.as_deref(), Some("Hello Ewa,\n\nthis is how the label looks:"), "{}", told(&desk));
}

#[tokio::test(start_paused = true)]
async fn who_writes_on_below_a_closing_is_sent_whole_or_asked() {
    let plain = |text: &str| format!("Content-Type: text/plain; charset=utf-8\n\n{text}\nPLAIN");
    let mut desk = opened().await;
    let words = "Yes.\n\nKind regards,\nAnna\n\nPS: the courier comes on Monday.";
    assert_eq!(answer(&mut desk, &plain(words)).await.as_deref(), Some(words), "{}", told(&desk));
    let mut desk = opened().await;
    let words = "Yes.\n\nKind regards,\nAnna\n+48 600 100 200\n\nPS: the courier comes on Monday.";
    assert_eq!(answer(&mut desk, &plain(words)).await, None);
    assert!(
        told(&desk).contains("may end with your own signature") && told(&desk).contains("courier"),
        "{}",
        told(&desk)
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_never_sent_with_fewer_words_than_its_agent_wrote() {
    let quoted = "<div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Sun, Nov 22, 2026 at 10:00 AM Ewa via \
        Returns &lt;returns@shop.example&gt; wrote:<br></div><blockquote class=\"gmail_quote\"><p>Is size 42 in stock?</p></blockquote>\
        <div>Size 42 is in stock.</div><blockquote class=\"gmail_quote\"><p>Do you ship to Norway?</p></blockquote>\
        <div>Yes, we ship to Norway.</div><blockquote class=\"gmail_quote\">Take: mailto</blockquote></div>";
    for body in [
        html(&format!("<div dir=\"ltr\">Hello Ewa, see below.</div>{quoted}")),
        html(
            "<div dir=\"ltr\"><div>Hello Ewa,</div></div><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\">\
             <p>Size 42 is in stock.</p><p>Yes, we ship to Norway.</p></div></div>",
        ),
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nYour mail program cannot show this message.\n\
         --b\nContent-Type: text/html\n\n<p>Size 42 is in stock.</p><p>Yes, we ship to Norway.</p>\n--b--\n"
            .to_owned(),
        html(
            "<html><body><div class=\"WordSection1\"><p class=\"MsoNormal\">Two answers:</p><ol><li>Size 42 is in stock.</li><li>Yes, we ship \
             to Norway.</li></ol><p class=\"MsoNormal\">&nbsp;</p><div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in \
             0in 0in\"><p class=\"MsoNormal\"><b>From:</b> Ewa via Returns &lt;returns@shop.example&gt;<br><b>Sent:</b> Sunday<br><b>To:</b> Anna\
             <br><b>Subject:</b> [#1001] Lamp</p></div></div>QUOTE</div></body></html>",
        ),
    ] {
        let mut desk = opened().await;
        let got = answer(&mut desk, &body).await;
        let whole = got.as_ref().is_none_or(|got| got.contains("Size 42 is in stock.") && got.contains("Yes, we ship to Norway."));
        assert!(whole, "{body}\n{got:?}");
        let asked = ["part of your text would be missing", "no text of yours"].iter().any(|why| told(&desk).contains(why));
        assert!(got.is_some() || asked, "{body}\n{}", told(&desk));
    }
}
