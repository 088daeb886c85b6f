//! What an agent gets to read of a customer's mail: all of it once, whatever programs wrap it in; and what of an agent's mail
//! goes to the customer.

use postroom::model::outgoing::OutgoingKind;

use super::desk::{Desk, Sent};
use super::html_answers::html_of;
use super::script::reply_head;

/// A mail of Ewa's to returns@.
fn mail(number: u8, head: &str, body: &str) -> String {
    format!(
        "Message-ID: <{number}@mail.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n{head}\n{body}\n"
    )
}

/// Stands above what a notification shows below a customer's words.
const BELOW: &str = "Below that in their email";

const HTML: &str = "Subject: Shoes\nContent-Type: text/html; charset=utf-8\n";

/// What Anna is told of a first mail.
async fn told(head: &str, body: &str) -> (Desk, String) {
    let mut desk = Desk::open().await;
    desk.take(&mail(1, head, body)).await;
    let text = desk.latest("anna@shop.example").unwrap().mail.text.clone();
    (desk, text)
}

fn answers(desk: &Desk) -> Vec<&Sent> {
    desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer).collect()
}

/// Anna answers the latest mail to her.
async fn answer(desk: &mut Desk, number: u8, rest: &str) {
    let head = reply_head(desk.latest("anna@shop.example").unwrap());
    desk.take(&format!("Message-ID: <{number}@shop.example>\nFrom: Anna Nowak <anna@shop.example>\n{head}{rest}\n"))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_agent_reads_the_phone_number_below_the_signature_mark_once() {
    let body = "Please call me about my order.\n\n-- \nEwa Lis, Lamps Ltd\ntel. +48 600 100 200";
    let (mut desk, first) = told("Subject: Order\n", body).await;
    assert!(first.contains("| tel. +48 600 100 200"), "{first}");
    let html = html_of(&desk.latest("anna@shop.example").unwrap().bytes);
    assert!(html.contains("tel. +48 600 100 200"), "{html}");
    let again = body.replace("my order", "the lamp");
    desk.take(&mail(2, "Subject: Re: [#1001] Order\n", &again)).await;
    desk.wait(std::time::Duration::from_mins(3)).await;
    let second = &desk.latest("anna@shop.example").unwrap().mail.text;
    assert!(second.contains("call me about the lamp") && !second.contains("600 100 200"), "{second}");
    desk.take(&mail(3, "Subject: Re: [#1001] Order\n", &body.replace("200", "300"))).await;
    desk.wait(std::time::Duration::from_mins(3)).await;
    let third = &desk.latest("anna@shop.example").unwrap().mail.text;
    assert!(third.contains("| tel. +48 600 100 300"), "{third}");
}

#[tokio::test(start_paused = true)]
async fn an_agent_reads_a_mail_that_a_first_mail_quotes_or_passes_on() {
    let courier = "Your parcel 99 was damaged.";
    let outlook = format!(
        "<div>Please see below.</div><div id=\"appendonsend\"></div><hr><div id=\"divRplyFwdMsg\"><b>From:</b> Courier \
         &lt;info@courier.example&gt;<br><b>Sent:</b> Thursday 9:14<br><b>To:</b> Ewa<br><b>Subject:</b> Parcel 99</div><div>{courier}</div>"
    );
    let gmail = format!(
        "<div dir=\"ltr\">Please see below.<br><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">\
         ---------- Forwarded message ---------<br>From: <b>Courier</b> &lt;info@courier.example&gt;<br>Date: Thu, Nov 12, 2026 at 9:14 AM<br>\
         Subject: Parcel 99<br></div><br><p>{courier}</p></div></div>"
    );
    let quoted =
        format!("Is this so?\n\nOn Thu, 12 Nov 2026 at 09:14, Courier <info@courier.example> wrote:\n> {courier}");
    let plain = format!(
        "Please see below.\n\nKind regards,\nEwa Lis\ntel. 600 100 200\n\n________________________________\nFrom: Courier \
         <info@courier.example>\nSent: Thursday 9:14\nTo: Ewa\nSubject: Parcel 99\n\n{courier}"
    );
    for (head, body) in
        [(HTML, &outlook), (HTML, &gmail), ("Subject: Parcel\n", &quoted), ("Subject: Fw: Parcel\n", &plain)]
    {
        let (_, text) = told(head, body).await;
        assert!(text.contains(courier) && text.contains("info@courier.example"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_later_mail_an_agent_reads_what_the_desk_has_not_got() {
    let (mut desk, _) = told("Subject: Shoes\n", "The shoes are too small.").await;
    answer(&mut desk, 2, "\nDear Ewa,\n\nwhich size do you need, and where shall we send the new pair to?\n\nAnna")
        .await;
    let sent = answers(&desk).pop().unwrap();
    let quote: String = sent.mail.text.lines().flat_map(|line| ["> ", line, "\n"]).collect();
    let head = "Subject: Re: [#1001] Shoes\nIn-Reply-To: <1@mail.example>\n";
    let attribution = "On Sun, Nov 22, 2026 at 10:15 AM Shop Returns <returns@shop.example> wrote:";
    desk.take(&mail(3, head, &format!("Size 42.\n\n{attribution}\n{quote}"))).await;
    desk.wait(std::time::Duration::from_mins(3)).await;
    let text = desk.latest("anna@shop.example").unwrap().mail.text.clone();
    assert!(text.contains("Size 42.") && !text.contains("which size") && !text.contains(BELOW), "{text}");
    // Written into the quote, which this program does not mark.
    let inside = sent_inside(&answers(&desk).pop().unwrap().mail.text);
    let gmx = format!(
        "<div>See below.</div><div name=\"quote\"><div><b>Von:</b> Shop Returns &lt;returns@shop.example&gt;<br><b>Betreff:</b> Shoes\
         </div><div name=\"quoted-content\">{inside}</div></div>"
    );
    desk.take(&mail(4, &format!("{head}MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n"), &gmx)).await;
    desk.wait(std::time::Duration::from_mins(3)).await;
    let text = desk.latest("anna@shop.example").unwrap().mail.text.clone();
    assert!(text.contains("To my office, Mill Lane 5.") && !text.contains("which size"), "{text}");
}

fn sent_inside(answer: &str) -> String {
    let lines = answer.lines().map(|line| format!("<div>{line}</div>")).collect::<Vec<_>>();
    format!("{}<div>To my office, Mill Lane 5.</div>", lines.concat())
}

#[tokio::test(start_paused = true)]
async fn an_agent_reads_what_a_customer_wrote_between_quotes_or_in_a_container() {
    let on = "On Thu, Nov 12, 2026 at 9:14 AM Shop Returns &lt;returns@shop.example&gt; wrote:<br>";
    let between = |open: &str, quote: &str| {
        format!(
            "<div>Answers below.</div><div {open}><div>{on}</div><blockquote {quote}>Which size?</blockquote><div>Size 42.</div>\
             <blockquote {quote}>Where to?</blockquote><div>To my office.</div><blockquote {quote}>Returns team</blockquote></div>"
        )
    };
    for html in [
        between("class=\"gmail_quote gmail_quote_container\"", "class=\"gmail_quote\""),
        between("class=\"protonmail_quote\"", "class=\"protonmail_quote\" type=\"cite\""),
        between("class=\"yahoo_quoted\"", ""),
        between("name=\"quote\"", ""),
        "<div>Heather,</div><div class=\"gmail_quote\"><p>Size 42.</p><p>To my office.</p></div>".to_owned(),
    ] {
        let head = format!("{HTML}In-Reply-To: <x@mail.example>\n");
        let (_, text) = told(&head, &html).await;
        let words = text.split(BELOW).next().unwrap();
        assert!(words.contains("Size 42.") && words.contains("To my office."), "{html}\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_reads_the_html_beside_a_stub_and_gets_pictures_that_stand_in_it() {
    for stub in
        ["", ".", "Hello", "View in browser: https://x.example/1", "Wiadomość w innym formacie.", "[image: logo.png]"]
    {
        let body = format!(
            "--b\nContent-Type: text/plain; charset=utf-8\n\n{stub}\n--b\nContent-Type: text/html; charset=utf-8\n\n\
             <p>My order 4711 arrived broken. Please refund me.</p><img src=\"data:image/png;base64,aGVsbG8=\">\
             <img alt=\"The crack\" src=\"https://pics.example/1.jpg\">\n--b--"
        );
        let head = "Subject: Order\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b\n";
        let (desk, text) = told(head, &body).await;
        assert!(text.contains("My order 4711 arrived broken."), "{stub}\n{text}");
        assert!(text.contains("[picture: The crack <https://pics.example/1.jpg>]"), "{text}");
        let files = &desk.latest("anna@shop.example").unwrap().mail.attachments;
        assert!(files.iter().any(|file| file.name == "picture-1.png" && file.content == b"hello"), "{files:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_between_quotes_reaches_the_customer_whole_and_without_what_stood_below() {
    let (mut desk, _) = told("Subject: Sizes\n", "Which size do you have?\n\n-- \nEwa\ntel. 600 100 200").await;
    let html = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n<div dir=\"ltr\">Hello Ewa, see below.</div>\
        <div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Tue, Dec 1, 2026 at 9:14 AM Ewa via \
        Returns &lt;returns@shop.example&gt; wrote:<br></div><blockquote class=\"gmail_quote\"><p>##- Reply above this line: your words go \
        to the customer -##</p><p>Which size do you have?</p></blockquote><div>Size 42 is in stock.</div><blockquote class=\"gmail_quote\">\
        <p>tel. 600 100 200</p></blockquote><div>Yes, we ship to Norway.</div><img src=\"https://staff.example/logo.png\"></div>";
    answer(&mut desk, 2, html).await;
    let sent = answers(&desk);
    if let Some(sent) = sent.first() {
        let text = &sent.mail.text;
        assert!(text.contains("Size 42 is in stock.") && text.contains("Yes, we ship to Norway."), "{text}");
        for inner in ["600 100 200", "via Returns", "staff.example", "|", "##-"] {
            assert!(!text.contains(inner), "{inner} in {text}");
        }
    } else {
        let back = &desk.latest("anna@shop.example").unwrap().mail.text;
        assert!(back.contains("Yes, we ship to Norway."), "{back}");
    }
}
