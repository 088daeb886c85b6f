//! Mail programs as people have them: what each makes of a reply to the mail that really came, headers, quote and all.

use std::fmt::Write as _;

use mail_parser::MessageParser;

use super::letter::{self, Coding, Part};
use super::support::Received;
use super::support::mail::rfc2822_now;
use super::support::random::Random;

/// A picture in the words of an HTML mail: where it stands, and what it is.
pub const PICTURE: &str = "{picture}";
/// A pixel.
pub const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0";

/// A person at a mail program.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// As the program shows it.
    pub name: &'static str,
    /// Where mail comes from and to.
    pub address: &'static str,
}

/// Where a program puts the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Plain,
    Html,
    Both,
}

/// A mail program.
#[derive(Debug)]
pub struct Program {
    pub name: &'static str,
    /// What it writes into the head of each mail, and where the mail came through: lines with LF.
    pub headers: &'static str,
    /// Right-hand side of its Message-IDs.
    pub host: &'static str,
    /// What it puts before the subject of an answer.
    pub re: &'static str,
    pub form: Form,
    pub coding: Coding,
    /// Tried first; UTF-8 when the text does not fit.
    pub charset: &'static str,
    /// Plain text: `{words}`, `{signature}`, `{quote}` (each line behind `mark`), `{via}`, `{from}`, `{to}`, `{subject}`.
    pub plain: &'static str,
    pub mark: &'static str,
    /// What stands in it where a picture is; `{id}` is the picture's Content-ID.
    pub picture: &'static str,
    /// The same in HTML; `{quote}` is the mail's own HTML.
    pub html: &'static str,
    /// One line of the words in HTML.
    pub line: fn(&str) -> String,
}

/// What somebody writes.
#[derive(Clone, Debug, Default)]
pub struct Words<'a> {
    /// Line by line; [`PICTURE`] stands for a picture.
    pub text: &'a str,
    /// The program's own signature, line by line; none when empty.
    pub signature: &'a str,
    /// More people on the mail.
    pub cc: Vec<&'a str>,
    /// Files beside it: name, type, bytes.
    pub files: Vec<(&'a str, &'a str, &'a [u8])>,
    /// Instead of `Re:` and the subject.
    pub subject: Option<&'a str>,
    /// Instead of the address that the mail asks answers to go to.
    pub to: Option<String>,
    /// Further headers.
    pub headers: &'a str,
}

/// A mail that was written: where it goes, and its bytes.
#[derive(Clone, Debug)]
pub struct Written {
    pub recipients: Vec<String>,
    pub bytes: Vec<u8>,
}

impl Program {
    /// `writer` answers `answered` with these words.
    pub fn reply(&self, writer: Person, answered: &Received, words: &Words<'_>) -> Written {
        let (via, from) = answered.author();
        let subject = answered.subject();
        let with_words = |template: &str, text: &str, signature: &str, quote: &str| {
            let filled = template.replace("{via}", &via).replace("{from}", &from).replace("{to}", writer.address);
            let filled = filled.replace("{subject}", &subject).replace("{signature}", signature);
            filled.replace("{words}", text).replace("{quote}", quote)
        };
        let content_id = format!("part1.0A7@{}", self.host);
        let quote: String = answered.text().lines().flat_map(|line| [self.mark, line, "\n"]).collect();
        let signature = if words.signature.is_empty() { String::new() } else { format!("-- \n{}\n", words.signature) };
        let plain = with_words(
            self.plain,
            &words.text.replace(PICTURE, &self.picture.replace("{id}", &content_id)),
            &signature,
            &quote,
        );
        let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let picture = format!("<img src=\"cid:{content_id}\" alt=\"shot.png\">");
        let lines = |text: &str| text.lines().map(|line| (self.line)(&escape(line))).collect::<String>();
        let signed =
            if words.signature.is_empty() { String::new() } else { lines(&format!("-- \n{}", words.signature)) };
        let html = with_words(self.html, &lines(words.text).replace(PICTURE, &picture), &signed, &inner_html(answered));

        let charset = [self.charset, "utf-8"].into_iter().find(|charset| letter::fits(charset, &plain, &html));
        let charset = charset.unwrap();
        let to = words.to.clone().unwrap_or_else(|| answered.answer_address());
        let id = format!("{:x}@{}", Random::from_time().next(), self.host);
        let own_subject = format!("{}{subject}", self.re);
        let mut head = format!("{}From: {} <{}>\nTo: {to}\n", self.headers, writer.name, writer.address);
        if !words.cc.is_empty() {
            writeln!(head, "Cc: {}", words.cc.join(", ")).unwrap();
        }
        write!(
            head,
            "Subject: {}\nDate: {}\nMessage-ID: <{id}>\nIn-Reply-To: <{}>\nReferences: {} <{}>\nMIME-Version: 1.0\n{}",
            letter::encoded_word(words.subject.unwrap_or(&own_subject)),
            rfc2822_now(),
            answered.message_id(),
            answered.header("References"),
            answered.message_id(),
            words.headers,
        )
        .unwrap();
        let text = Part::text("plain", &plain, charset, self.coding);
        let rich = Part::text("html", &html, charset, self.coding.for_html());
        let rich = if words.text.contains(PICTURE) {
            let shown = Part::file("shot.png", "image/png", PIXEL).shown(&content_id);
            Part::several("related", vec![rich, shown])
        } else {
            rich
        };
        let body = match self.form {
            Form::Plain => text,
            Form::Html => rich,
            Form::Both => Part::several("alternative", vec![text, rich]),
        };
        let body = if words.files.is_empty() {
            body
        } else {
            let files = words.files.iter().map(|(name, kind, bytes)| Part::file(name, kind, bytes));
            Part::several("mixed", [body].into_iter().chain(files).collect())
        };
        let mut bytes = head.replace('\n', "\r\n").into_bytes();
        bytes.extend(body.bytes());
        let recipients = [to].into_iter().chain(words.cc.iter().map(|cc| bare(cc))).collect();
        Written { recipients, bytes }
    }
}

/// The address alone.
pub fn bare(person: &str) -> String {
    person.rsplit_once('<').map_or(person, |(_, rest)| rest.trim_end_matches('>')).trim().to_owned()
}

/// What stands in the body of a mail's HTML part.
fn inner_html(mail: &Received) -> String {
    let parsed = MessageParser::default().parse(&mail.raw).unwrap();
    let html = parsed.body_html(0).unwrap().into_owned();
    let inner =
        html.split_once("<body").and_then(|(_, rest)| rest.split_once('>')).map_or(html.as_str(), |part| part.1);
    inner.split("</body").next().unwrap_or_default().to_owned()
}

fn div(line: &str) -> String {
    if line.is_empty() { "<div><br></div>".to_owned() } else { format!("<div>{line}</div>") }
}

fn paragraph(line: &str) -> String {
    if line.is_empty() { "<p><br></p>\n".to_owned() } else { format!("<p>{line}</p>\n") }
}

fn word(line: &str) -> String {
    let line = if line.is_empty() { "<o:p>&nbsp;</o:p>".to_owned() } else { format!("{line}<o:p></o:p>") };
    format!("<p class=MsoNormal><span style='mso-fareast-language:EN-US'>{line}</span></p>\n")
}

fn proof(line: &str) -> String {
    let line = if line.is_empty() { "<br>" } else { line };
    format!("<div class=\"elementToProof\" style=\"font-family: Aptos, sans-serif; font-size: 12pt;\">\n{line}</div>\n")
}

fn broken(line: &str) -> String {
    format!("{line}<br>")
}

/// Thunderbird in German, as HTML: the words above, its signature between words and quote.
pub const THUNDERBIRD_DE: Program = Program {
    name: "Thunderbird, German",
    headers: "Received: from [192.168.7.21] (annas-laptop.fritz.box [203.0.113.7]) by mail.home.example; Wed, 25 Nov 2026 18:40:00 +0100\n\
              User-Agent: Mozilla Thunderbird\nContent-Language: de-DE\nAutocrypt: addr=anna@example.test; keydata=xjMEZQ\n\
              X-Mozilla-Draft-Info: internal/draft; vcard=0; receipt=0\n",
    host: "annas-laptop.fritz.box",
    re: "Re: ",
    form: Form::Both,
    coding: Coding::Flowed,
    charset: "utf-8",
    plain: "{words}\n\n{signature}\nAm 25.11.26 um 18:40 schrieb {via}:\n{quote}",
    mark: "> ",
    picture: "",
    html: "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head><body>{words}\
           <div class=\"moz-signature\">{signature}</div><div class=\"moz-cite-prefix\">Am 25.11.26 um 18:40 schrieb {via}:<br></div>\
           <blockquote type=\"cite\" cite=\"mid:x@example.test\">{quote}</blockquote></body></html>",
    line: paragraph,
};

/// Thunderbird in Polish, plain text, with its words below the quote, as it comes out of the box.
pub const THUNDERBIRD_PL_BELOW: Program = Program {
    name: "Thunderbird, Polish, below the quote",
    headers: "User-Agent: Mozilla Thunderbird\nContent-Language: pl\n",
    host: "annas-laptop.example",
    re: "Re: ",
    form: Form::Plain,
    coding: Coding::Flowed,
    charset: "utf-8",
    plain: "W dniu 25.11.2026 o 18:40, {via} pisze:\n{quote}\n{words}\n\n{signature}",
    mark: "> ",
    picture: "",
    html: "",
    line: div,
};

/// Outlook for Windows in Polish.
pub const OUTLOOK_PL: Program = Program {
    name: "Outlook for Windows, Polish",
    headers: "Received: from ANNAS-PC.corp.example (10.1.2.3) by mail.corp.example with Microsoft SMTP Server\nX-Mailer: Microsoft Outlook 16.0\n\
              Thread-Index: AQHanna8gPz1==\nThread-Topic: topic\nAccept-Language: pl-PL, en-US\nX-Originating-IP: [10.1.2.3]\n\
              X-MS-Has-Attach:\nX-MS-TNEF-Correlator:\n",
    host: "ANNAS-PC.corp.example",
    re: "ODP: ",
    form: Form::Both,
    coding: Coding::Quoted,
    charset: "windows-1250",
    plain: "{words}\n\n{signature}\n\nOd: {via} <{from}> \nWysłane: środa, 25 listopada 2026 18:40\nDo: {to}\nTemat: {subject}\n\n{quote}",
    mark: "",
    picture: "[cid:{id}]",
    html: "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns=\"http://www.w3.org/TR/REC-html40\"><head><meta name=Generator \
           content=\"Microsoft Word 15 (filtered medium)\"><style><!-- p.MsoNormal {margin:0cm;} --></style></head><body lang=PL link=\"#0563C1\">\
           <div class=WordSection1>{words}<p class=MsoNormal><o:p>&nbsp;</o:p></p>{signature}<p class=MsoNormal><o:p>&nbsp;</o:p></p><div>\
           <div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Od:</b> {via} &lt;{from}&gt; \
           <br><b>Wysłane:</b> środa, 25 listopada 2026 18:40<br><b>Do:</b> {to}<br><b>Temat:</b> {subject}<o:p></o:p></p></div></div>\
           <p class=MsoNormal><o:p>&nbsp;</o:p></p>{quote}</div></body></html>",
    line: word,
};

/// Outlook on the web in German: HTML alone.
pub const OUTLOOK_WEB_DE: Program = Program {
    name: "Outlook on the web, German",
    headers: "Thread-Index: AQHanna8gPz1==\nX-Originating-IP: [203.0.113.9]\nX-MS-Exchange-Organization-AuthAs: Internal\nAccept-Language: de-DE\n",
    host: "ANNASPR01MB.eurprd01.prod.outlook.example",
    re: "AW: ",
    form: Form::Html,
    coding: Coding::Base64,
    charset: "utf-8",
    plain: "",
    mark: "",
    picture: "",
    html: "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><style type=\"text/css\" style=\"display:none;\"> P \
           {margin-top:0;} </style></head><body dir=\"ltr\">{words}<div id=\"Signature\">{signature}</div><div id=\"appendonsend\"></div>\
           <hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"><div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" \
           style=\"font-size:11pt\" color=\"#000000\"><b>Von:</b> {via} &lt;{from}&gt;<br><b>Gesendet:</b> Mittwoch, 25. November 2026 18:40<br>\
           <b>An:</b> {to} &lt;{to}&gt;<br><b>Betreff:</b> {subject}</font><div>&nbsp;</div></div>{quote}</body></html>",
    line: proof,
};

/// Outlook for Windows in Russian, whose charset is its own.
pub const OUTLOOK_RU: Program = Program {
    name: "Outlook for Windows, Russian",
    headers: "X-Mailer: Microsoft Outlook 16.0\nThread-Index: AQHolga8gPz1==\nContent-Language: ru\n",
    host: "OLGAS-PC.corp.example",
    re: "HA: ",
    form: Form::Html,
    coding: Coding::Base64,
    charset: "koi8-r",
    plain: "",
    mark: "",
    picture: "",
    html: "<html><head><meta name=Generator content=\"Microsoft Word 15\"></head><body lang=RU><div class=WordSection1>{words}{signature}<div>\
           <div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>From:</b> {via} &lt;{from}&gt;<br>\
           <b>Sent:</b> Wednesday, November 25, 2026 6:40 PM<br><b>To:</b> {to}<br><b>Subject:</b> {subject}<o:p></o:p></p></div></div>{quote}</div></body></html>",
    line: word,
};

/// Gmail in Polish.
pub const GMAIL_PL: Program = Program {
    name: "Gmail, Polish",
    headers: "Received: from anna by mail.gmail.example; Wed, 25 Nov 2026 18:40:00 +0100\nX-Gm-Message-State: AOJu0YanNa\nX-Google-Smtp-Source: AGHT+IanNa\n",
    host: "mail.gmail.example",
    re: "Re: ",
    form: Form::Both,
    coding: Coding::Base64,
    charset: "utf-8",
    plain: "{words}\n\n{signature}\n\nśr., 25 lis 2026 o 18:40 {via} <{from}> napisał(a):\n\n{quote}",
    mark: "> ",
    picture: "[image: shot.png]",
    html: "<div dir=\"ltr\">{words}<div><br clear=\"all\"></div><div class=\"gmail_signature\" data-smartmail=\"gmail_signature\">{signature}</div></div><br>\
           <div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">śr., 25 lis 2026 o 18:40\u{202f}{via} &lt;\
           <a href=\"mailto:{from}\">{from}</a>&gt; napisał(a):<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;\
           border-left:1px solid rgb(204,204,204);padding-left:1ex\">{quote}</blockquote></div>",
    line: div,
};

/// Gmail in Russian.
pub const GMAIL_RU: Program = Program {
    name: "Gmail, Russian",
    headers: "X-Gm-Message-State: AOJu0YoLga\n",
    host: "mail.gmail.example",
    re: "Re: ",
    form: Form::Both,
    coding: Coding::Quoted,
    charset: "utf-8",
    plain: "{words}\n\n{signature}\n\nср, 25 нояб. 2026\u{202f}г. в 18:40, {via} <{from}>:\n\n{quote}",
    mark: "> ",
    picture: "[image: shot.png]",
    html: "<div dir=\"ltr\">{words}<div class=\"gmail_signature\">{signature}</div></div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">\
           ср, 25 нояб. 2026\u{202f}г. в 18:40, {via} &lt;<a href=\"mailto:{from}\">{from}</a>&gt;:<br></div><blockquote class=\"gmail_quote\">{quote}\
           </blockquote></div>",
    line: div,
};

/// Apple Mail in German.
pub const APPLE_DE: Program = Program {
    name: "Apple Mail, German",
    headers: "X-Mailer: Apple Mail (2.3826.200.121)\nX-Apple-Base-Url: x-msg://7/\nX-Universally-Unique-Identifier: 8A5B2C\n",
    host: "annas-macbook.local",
    re: "Re: ",
    form: Form::Both,
    coding: Coding::Quoted,
    charset: "utf-8",
    plain: "{words}\n\n{signature}\n> Am 25.11.2026 um 18:40 schrieb {via} <{from}>:\n> \n{quote}\n",
    mark: "> ",
    picture: "",
    html: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body style=\"overflow-wrap: break-word;\
           -webkit-nbsp-mode: space;\">{words}<div>{signature}</div><div><br><blockquote type=\"cite\"><div>Am 25.11.2026 um 18:40 schrieb {via} \
           &lt;{from}&gt;:</div><br class=\"Apple-interchange-newline\"><div>{quote}</div></blockquote></div><br></body></html>",
    line: broken,
};

/// An iPhone in Russian.
pub const IPHONE_RU: Program = Program {
    name: "iPhone, Russian",
    headers: "X-Mailer: iPhone Mail (22F76)\n",
    host: "olgas-iphone.local",
    re: "Re: ",
    form: Form::Both,
    coding: Coding::Quoted,
    charset: "utf-8",
    plain: "{words}\n\nОтправлено с iPhone\n\n> 25 нояб. 2026 г., в 18:40, {via} <{from}> написал(а):\n> \n> \u{feff}\n{quote}",
    mark: "> ",
    picture: "",
    html: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body dir=\"auto\">{words}<div dir=\"ltr\"><br>\
           Отправлено с iPhone</div><div dir=\"ltr\"><br><blockquote type=\"cite\">25 нояб. 2026 г., в 18:40, {via} &lt;{from}&gt; написал(а):<br><br>\
           </blockquote></div><blockquote type=\"cite\"><div dir=\"ltr\">\u{feff}{quote}</div></blockquote></body></html>",
    line: broken,
};

/// All of them.
pub const ALL: &[&Program] = &[
    &THUNDERBIRD_DE,
    &THUNDERBIRD_PL_BELOW,
    &OUTLOOK_PL,
    &OUTLOOK_WEB_DE,
    &OUTLOOK_RU,
    &GMAIL_PL,
    &GMAIL_RU,
    &APPLE_DE,
    &IPHONE_RU,
];
