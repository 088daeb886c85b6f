//! The reply matrix: what each mail program makes of a reply to a notification, and that exactly the agent's words reach the
//! customer, his commands are done and his notes stay inside.

use std::fmt::Write as _;

use mail_parser::MessageParser;
use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::{MessageKind, Priority, Visibility};

use super::desk::{Desk, Sent};
use super::script::reply_head;

const VIA: &str = "Ewa via Returns";
const FROM: &str = "returns@shop.example";
const MIB: &str = "[#1001] Lamp";

/// How a program writes a reply.
struct Client {
    name: &'static str,
    /// Plain text: `{words}` and `{quote}`, each line of the quote behind the mark. Empty when the program sends HTML alone.
    plain: &'static str,
    mark: &'static str,
    /// HTML: `{words}` as `paragraph` makes them, `{quote}` the notification's own HTML. Empty when it sends plain text alone.
    html: &'static str,
    paragraph: fn(&str) -> String,
}

fn div(line: &str) -> String {
    if line.is_empty() { "<div><br></div>".to_owned() } else { format!("<div>{line}</div>") }
}

fn auto_div(line: &str) -> String {
    if line.is_empty() { "<div dir=\"auto\"><br></div>".to_owned() } else { format!("<div dir=\"auto\">{line}</div>") }
}

fn broken(line: &str) -> String {
    format!("{line}<br>")
}

fn word_paragraph(line: &str) -> String {
    let line = if line.is_empty() { "<o:p>&nbsp;</o:p>".to_owned() } else { format!("{line}<o:p></o:p>") };
    format!("<p class=3DMsoNormal><span lang=3DEN-US style=3D'mso-fareast-language:EN-US'>{line}</span></p>\n")
        .replace("=3D", "=")
}

fn proof(line: &str) -> String {
    let line = if line.is_empty() { "<br>" } else { line };
    format!(
        "<div class=\"elementToProof\" style=\"font-family: Aptos, Calibri, sans-serif; font-size: 12pt;\">\n{line}</div>\n"
    )
}

const CLIENTS: &[Client] = &[
    Client {
        name: "Outlook for Windows",
        plain: "{words}\n\nFrom: {via} <{from}>\nSent: Sunday, November 22, 2026 10:00 AM\nTo: anna@shop.example\nSubject: {subject}\n\n{quote}",
        mark: "",
        html: "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns=\"http://www.w3.org/TR/REC-html40\"><head><meta name=Generator \
               content=\"Microsoft Word 15 (filtered medium)\"><style><!-- p.MsoNormal {margin:0cm;} --></style></head><body lang=EN-US link=\"#0563C1\">\
               <div class=WordSection1>{words}<p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;\
               padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> {via} &lt;{from}&gt; <br><b>Sent:</b> Sunday, November 22, 2026 10:00 AM<br>\
               <b>To:</b> anna@shop.example<br><b>Subject:</b> {subject}<o:p></o:p></p></div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p>{quote}</div></body></html>",
        paragraph: word_paragraph,
    },
    Client {
        name: "Outlook on the web",
        plain: "",
        mark: "",
        html: "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><style type=\"text/css\" style=\"display:none;\"> P {margin-top:0;} \
               </style></head><body dir=\"ltr\">{words}<div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
               <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\"><b>From:</b> {via} &lt;{from}&gt;<br>\
               <b>Sent:</b> Sunday, November 22, 2026 10:00 AM<br><b>To:</b> anna@shop.example &lt;anna@shop.example&gt;<br><b>Subject:</b> {subject}</font>\
               <div>&nbsp;</div></div>{quote}</body></html>",
        paragraph: proof,
    },
    Client {
        name: "Gmail on the web",
        plain: "{words}\n\nOn Sun, Nov 22, 2026 at 10:00 AM {via} <{from}>\nwrote:\n\n{quote}",
        mark: "> ",
        html: "<div dir=\"ltr\">{words}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">On Sun, Nov 22, 2026 at 10:00\u{202f}AM \
               {via} &lt;<a href=\"mailto:{from}\">{from}</a>&gt; wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px \
               solid rgb(204,204,204);padding-left:1ex\">{quote}</blockquote></div>",
        paragraph: div,
    },
    Client {
        name: "Gmail on a phone",
        plain: "{words}\n\nOn Sun, 22 Nov 2026, 10:00 {via}, <{from}> wrote:\n\n{quote}",
        mark: "> ",
        html: "{words}<br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">On Sun, 22 Nov 2026, 10:00 {via}, &lt;<a href=\"mailto:{from}\">{from}</a>&gt; \
               wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex\">{quote}</blockquote></div>",
        paragraph: auto_div,
    },
    Client {
        name: "Apple Mail",
        plain: "{words}\n\n> On 22 Nov 2026, at 10:00, {via} <{from}> wrote:\n> \n{quote}\n",
        mark: "> ",
        html: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body style=\"overflow-wrap: break-word; -webkit-nbsp-mode: space; \
               line-break: after-white-space;\">{words}<div><br><blockquote type=\"cite\"><div>On 22 Nov 2026, at 10:00, {via} &lt;{from}&gt; wrote:</div>\
               <br class=\"Apple-interchange-newline\"><div>{quote}</div></blockquote></div><br></body></html>",
        paragraph: broken,
    },
    Client {
        name: "iPhone",
        plain: "{words}\n\nSent from my iPhone\n\n> On 22 Nov 2026, at 10:00, {via} <{from}> wrote:\n> \n> \u{feff}\n{quote}",
        mark: "> ",
        html: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body dir=\"auto\">{words}<div dir=\"ltr\"><br>Sent from my iPhone\
               </div><div dir=\"ltr\"><br><blockquote type=\"cite\">On 22 Nov 2026, at 10:00, {via} &lt;{from}&gt; wrote:<br><br></blockquote></div>\
               <blockquote type=\"cite\"><div dir=\"ltr\">\u{feff}{quote}</div></blockquote></body></html>",
        paragraph: broken,
    },
    Client {
        name: "Thunderbird",
        plain: "{words}\n\nOn 22/11/2026 10:00, {via} wrote:\n{quote}",
        mark: "> ",
        html: "<!DOCTYPE html><html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head><body>{words}<div class=\"moz-cite-prefix\">\
               On 22/11/2026 10:00, {via} wrote:<br></div><blockquote type=\"cite\" cite=\"mid:x@shop.example\">{quote}</blockquote><br></body></html>",
        paragraph: div,
    },
    Client {
        name: "Yahoo",
        plain: "{words}\n\n    On Sunday, November 22, 2026 at 10:00:00 AM GMT+1, {via} <{from}> wrote:  \n \n{quote}",
        mark: " ",
        html: "<html><head></head><body><div class=\"ydp1yahoo-style-wrap\" style=\"font-family:Helvetica;font-size:13px;\"><div dir=\"ltr\" data-setdir=\"false\">{words}</div>\
               <div><br></div></div><div id=\"ydp2yahoo_quoted_4711\" class=\"ydp2yahoo_quoted\"><div style=\"font-family:Helvetica;color:#26282a;\"><div>On Sunday, \
               November 22, 2026 at 10:00:00 AM GMT+1, {via} &lt;{from}&gt; wrote: </div><div><br></div><div><br></div><div>{quote}</div></div></div></body></html>",
        paragraph: div,
    },
    Client {
        name: "mail.ru",
        plain: "{words}\n \n \n>Воскресенье, 22 ноября 2026, 10:00 +03:00 от {via} <{from}>:\n> \n{quote}",
        mark: ">",
        html: "<HTML><BODY>{words}<div>&nbsp;</div><blockquote style=\"border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px;\">Воскресенье, 22 ноября 2026, \
               10:00 +03:00 от {via} &lt;<a href=\"mailto:{from}\">{from}</a>&gt;:<br>&nbsp;<div id=\"\"><div class=\"js-helper js-readmsg-msg\">{quote}</div></div>\
               </blockquote></BODY></HTML>",
        paragraph: div,
    },
    Client {
        name: "Yandex",
        plain: "{words}\n\n22.11.2026, 10:00, \"{via}\" <{from}>:\n{quote}",
        mark: "> ",
        html: "{words}<div>&nbsp;</div><div>22.11.2026, 10:00, \"{via}\" &lt;{from}&gt;:</div><blockquote>{quote}</blockquote>",
        paragraph: div,
    },
    Client {
        name: "K-9 Mail",
        plain: "{words}\n\n\nOn 22 November 2026 10:00:00 CET, {via} <{from}> wrote:\n{quote}",
        mark: ">",
        html: "<!DOCTYPE html><html><body>{words}<br><br><div class=\"gmail_quote\"><div dir=\"auto\">On 22 November 2026 10:00:00 CET, {via} &lt;{from}&gt; wrote:</div>\
               <blockquote class=\"gmail_quote\" style=\"margin: 0pt 0pt 0pt 0.8ex; border-left: 1px solid rgb(204, 204, 204); padding-left: 1ex;\">{quote}</blockquote>\
               </div></body></html>",
        paragraph: auto_div,
    },
    Client {
        name: "Samsung Email",
        plain: "{words}\n\n\nSent from my Galaxy\n\n\n-------- Original message --------\nFrom: {via} <{from}> \nDate: 22/11/2026  10:00  (GMT+01:00) \nTo: anna@shop.example \
                \nSubject: {subject} \n\n{quote}",
        mark: "",
        html: "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head><body dir=\"auto\">{words}<div dir=\"auto\"><br></div>\
               <div id=\"composer_signature\" dir=\"auto\"><div style=\"font-size:14px;color:#2F4F4F\" dir=\"auto\">Sent from my Galaxy</div></div><div dir=\"auto\"><br></div>\
               <div><br></div><div align=\"left\" dir=\"auto\" style=\"font-size:100%;color:#000000\"><div>-------- Original message --------</div><div>From: {via} \
               &lt;{from}&gt; </div><div>Date: 22/11/2026  10:00  (GMT+01:00) </div><div>To: anna@shop.example </div><div>Subject: {subject} </div><div><br></div></div>\
               {quote}</body></html>",
        paragraph: auto_div,
    },
];

/// The forms that a program sends its mails in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Html,
    Both,
}

impl Client {
    fn forms(&self) -> Vec<Form> {
        match (self.plain.is_empty(), self.html.is_empty()) {
            (false, false) => vec![Form::Plain, Form::Html, Form::Both],
            (false, true) => vec![Form::Plain],
            (true, _) => vec![Form::Html],
        }
    }

    /// A reply with `words` to `answered`.
    fn reply(&self, form: Form, words: &str, answered: &Sent) -> String {
        let fill = |template: &str, words: &str, quote: &str| {
            let filled = template.replace("{via}", VIA).replace("{from}", FROM).replace("{subject}", MIB);
            filled.replace("{words}", words).replace("{quote}", quote)
        };
        let quote: String = answered.mail.text.lines().flat_map(|line| [self.mark, line, "\n"]).collect();
        let plain = fill(self.plain, words, &quote);
        let escape = |line: &str| (self.paragraph)(&line.replace('&', "&amp;").replace('<', "&lt;"));
        let html_words: String = words.lines().map(escape).collect();
        let notification = MessageParser::default().parse(&answered.bytes).unwrap();
        let html = fill(self.html, &html_words, &notification.body_html(0).unwrap());
        let mut mail = format!(
            "Message-ID: <reply@laptop.example>\nDate: Sun, 22 Nov 2026 11:00:00 +0100\nFrom: Anna <anna@shop.example>\n{}MIME-Version: 1.0\n",
            reply_head(answered)
        );
        let part = |kind: &str, text: &str| {
            format!("Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n")
        };
        match form {
            Form::Plain => mail.push_str(&part("plain", &plain)),
            Form::Html => mail.push_str(&part("html", &html)),
            Form::Both => writeln!(
                mail,
                "Content-Type: multipart/alternative; boundary=b\n\n--b\n{}--b\n{}--b--",
                part("plain", &plain),
                part("html", &html)
            )
            .unwrap(),
        }
        mail
    }
}

const ANSWER: &str = "Dear Ewa,\n\nthe label is attached & costs you nothing.\nPlease use it within 14 days.";
const SIGNED: &str = "\n\n-- \nReturns team, Example Shop";

/// What became of a reply.
struct Outcome {
    answers: Vec<String>,
    notes: Vec<String>,
    assigned: bool,
    priority: Priority,
    told: String,
}

async fn outcome(client: &Client, form: Form, words: &str) -> Outcome {
    let mut desk = Desk::open().await;
    desk.take(
        "Message-ID: <first@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Lamp\n\n\
         Hello,\n\nthe lamp is broken, how do I send it back?\n\nEwa\n",
    )
    .await;
    let reply = client.reply(form, words, desk.latest("anna@shop.example").unwrap());
    desk.take(&reply).await;
    let text = |sent: &Sent| sent.mail.text.trim().to_owned();
    let answers = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer).map(text).collect();
    let messages = desk.store.read(|view| view.messages(TicketNumber(1001))).await.unwrap();
    let notes = messages
        .into_iter()
        .filter(|message| message.kind == MessageKind::Note && message.visibility == Visibility::Internal);
    let ticket = desk.tickets().await.remove(0);
    Outcome {
        answers,
        notes: notes.map(|note| note.text).collect(),
        assigned: ticket.assignee.is_some(),
        priority: ticket.priority,
        told: desk.latest("anna@shop.example").map(text).unwrap_or_default(),
    }
}

/// Runs every program in every form, and names all that fail.
async fn check(words: &str, good: impl Fn(&Outcome) -> bool) {
    check_with(CLIENTS.iter(), words, good).await;
}

/// The same with some of them.
async fn check_with(clients: impl Iterator<Item = &Client>, words: &str, good: impl Fn(&Outcome) -> bool) {
    let mut faults = String::new();
    for client in clients {
        for form in client.forms() {
            let outcome = outcome(client, form, words).await;
            if !good(&outcome) {
                let Outcome { answers, notes, assigned, priority, told } = &outcome;
                writeln!(
                    faults,
                    "== {} {form:?}: answers {answers:?}, notes {notes:?}, assigned {assigned}, {priority}, told:\n{told}",
                    client.name
                )
                .unwrap();
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
}

#[tokio::test(start_paused = true)]
async fn exactly_the_agents_words_reach_the_customer() {
    check(ANSWER, |outcome| outcome.answers == [format!("{ANSWER}{SIGNED}")] && outcome.notes.is_empty()).await;
}

#[tokio::test(start_paused = true)]
async fn commands_above_an_answer_are_done_and_cut() {
    check(&format!("#priority high\n\n{ANSWER}"), |outcome| {
        outcome.answers == [format!("{ANSWER}{SIGNED}")] && outcome.priority == Priority::High
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn commands_alone_send_nothing() {
    check("#take\n#priority urgent", |outcome| {
        outcome.answers.is_empty() && outcome.assigned && outcome.priority == Priority::Urgent
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_note_stays_inside_whole() {
    check("#note\nShe never paid.\n\nBe careful.", |outcome| {
        outcome.answers.is_empty() && outcome.notes.iter().any(|note| note.trim() == "She never paid.\n\nBe careful.")
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_closing_with_a_first_name_stays_and_what_stands_below_it_goes_in_every_language() {
    const SIGNATURES: [&str; 4] = [
        "Anna Nowak\nReturns team\nm: 600 100 200\nanna@shop.example",
        "Dział Zwrotów\ntel. +48 600 100 200",
        "Отдел возвратов\nмоб. +48 600 100 200",
        "",
    ];
    let closings = [
        ("Kind regards,\nAnna", SIGNATURES[0]),
        ("Thank you,\nAnna", SIGNATURES[1]),
        ("Pozdrawiam,\nAnna", SIGNATURES[1]),
        ("Z poważaniem\n\nAnna", SIGNATURES[0]),
        ("С уважением,\nAnna", SIGNATURES[2]),
        ("Спасибо!\nAnna", SIGNATURES[3]),
        ("Lubos na gumagalang,\nAnna", SIGNATURES[1]),
        ("Maraming salamat po,\nAnna", SIGNATURES[0]),
        ("Pozdrawiam / Kind regards,\nAnna", SIGNATURES[0]),
        ("Pozdrawiam\nKind regards\nAnna", SIGNATURES[1]),
        ("Best regards, Anna", SIGNATURES[3]),
    ];
    // Every program writes some of them, in all of its forms.
    for (index, (closing, signature)) in closings.into_iter().enumerate() {
        let words = format!("{ANSWER}\n\n{closing}\n{signature}");
        let clients = CLIENTS.iter().skip(index % 3).step_by(3);
        check_with(clients, words.trim(), |outcome| outcome.answers == [format!("{ANSWER}\n\n{closing}{SIGNED}")])
            .await;
    }
}
