//! Mails as people's programs write them: Thunderbird, Outlook, Gmail, a phone; and as machines do.
//!
//! Only for the demo, and only in the forms that it needs: postroom's own mails are written by `compose`.

use data_encoding::{BASE64, BASE64_MIME};
use jiff::Zoned;

use crate::model::mail::ParsedMail;
use crate::model::text::clean_line;

/// A person who writes in the demo.
#[derive(Debug)]
pub struct Writer {
    /// Display name.
    pub name: &'static str,
    /// Address.
    pub address: &'static str,
    /// The program.
    pub client: Client,
    /// What the program puts below every mail; empty for nothing.
    pub signature: &'static str,
}

/// A mail program, by what it does to a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Thunderbird in Polish: attribution line, `> ` quotes, signature below `-- `.
    Thunderbird,
    /// Outlook: a block of headers, no quote marks, signature without a separator.
    Outlook,
    /// Gmail in Russian: attribution line with the address, `> ` quotes.
    Gmail,
    /// A phone: a line of advertisement, attribution line, `> ` quotes.
    Phone,
}

/// A file that goes along.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Name, ASCII.
    pub name: &'static str,
    /// Media type.
    pub media_type: &'static str,
    /// Bytes.
    pub content: &'static [u8],
}

/// One mail to be written.
pub struct Letter<'a> {
    /// Who writes.
    pub writer: &'a Writer,
    /// To whom.
    pub to: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// The writer's words.
    pub words: &'a str,
    /// When.
    pub at: &'a Zoned,
    /// Left part of the Message-ID.
    pub id: &'a str,
    /// The mail it answers.
    pub answers: Option<&'a ParsedMail>,
    /// More headers, a line each.
    pub headers: &'a [&'a str],
    /// A file that goes along.
    pub file: Option<File>,
}

impl Letter<'_> {
    /// The mail as it lies in a Maildir, line ends `\n`.
    pub fn bytes(&self) -> Vec<u8> {
        let mut mail = self.head();
        let body = self.body();
        match self.file {
            None => mail.extend([TEXT_PART, "\n", &body].map(str::to_owned)),
            Some(file) => {
                mail.push("Content-Type: multipart/mixed; boundary=\"=_part\"\n\n".to_owned());
                mail.extend(["--=_part\n", TEXT_PART, "\n", &body, "\n--=_part\n"].map(str::to_owned));
                mail.push(format!("Content-Type: {}\nContent-Transfer-Encoding: base64\n", file.media_type));
                mail.push(format!("Content-Disposition: attachment; filename=\"{}\"\n\n", file.name));
                mail.push(BASE64_MIME.encode(file.content).replace("\r\n", "\n"));
                mail.push("--=_part--\n".to_owned());
            }
        }
        mail.concat().into_bytes()
    }

    fn head(&self) -> Vec<String> {
        let Writer { name, address, client, .. } = self.writer;
        let domain = address.rsplit('@').next().unwrap_or_default();
        let mut head = vec![
            format!("Return-Path: <{address}>\n"),
            format!("Received: from laptop-of-{} ([192.0.2.7]) by mx.{domain}; {}\n", self.id, date(self.at)),
            format!("Date: {}\n", date(self.at)),
            format!("From: {} <{address}>\n", encoded(name)),
            format!("To: {}\n", self.to),
            format!("Subject: {}\n", encoded(self.subject)),
            format!("Message-ID: <{}@{domain}>\n", self.id),
            format!("{}\nMIME-Version: 1.0\n", client.header()),
        ];
        if let Some(answered) = self.answers {
            let ids: Vec<String> =
                answered.references.iter().chain(&answered.message_id).map(|id| format!("<{id}>")).collect();
            if let Some(last) = ids.last() {
                head.push(format!("In-Reply-To: {last}\nReferences: {}\n", ids.join("\n ")));
            }
        }
        head.extend(self.headers.iter().map(|line| format!("{line}\n")));
        head
    }

    fn body(&self) -> String {
        let Writer { client, signature, .. } = self.writer;
        let quoted = self.answers.map(|answered| client.quote(answered, self.at)).unwrap_or_default();
        let signed = match client {
            _ if signature.is_empty() => String::new(),
            Client::Thunderbird => format!("\n-- \n{signature}\n"),
            Client::Outlook | Client::Gmail | Client::Phone => format!("\n{signature}\n"),
        };
        match client {
            // Thunderbird puts the signature of a reply below the quotes.
            Client::Thunderbird => format!("{}\n{quoted}{signed}", self.words),
            Client::Outlook | Client::Gmail | Client::Phone => format!("{}\n{signed}{quoted}", self.words),
        }
    }
}

/// Headers of a text part.
const TEXT_PART: &str = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n";

impl Client {
    fn header(self) -> &'static str {
        match self {
            Self::Thunderbird => "User-Agent: Mozilla Thunderbird",
            Self::Outlook => "X-Mailer: Microsoft Outlook 16.0\nThread-Index: AdxYdemo==",
            Self::Gmail => "X-Google-Original-From: none",
            Self::Phone => "X-Mailer: iPhone Mail (23A341)",
        }
    }

    /// The mail that is answered, as the program quotes it.
    fn quote(self, mail: &ParsedMail, at: &Zoned) -> String {
        let name = mail.from.as_ref().map(|from| from.label().to_owned()).unwrap_or_default();
        let address = mail.from.as_ref().map(|from| from.address.to_string()).unwrap_or_default();
        let marked = || mail.text.lines().map(|line| format!("> {line}\n")).collect::<Vec<_>>().concat();
        match self {
            Self::Thunderbird => {
                let day = at.strftime("%d.%m.%Y o %H:%M");
                format!("\nW dniu {day}, {name} pisze:\n{}", marked())
            }
            Self::Outlook => {
                let day = at.strftime("%A, %B %-d, %Y %-I:%M %p");
                format!("\nFrom: {name} <{address}>\nSent: {day}\nSubject: {}\n\n{}\n", mail.subject, mail.text)
            }
            Self::Gmail => {
                let day = at.strftime("%d.%m.%Y, %H:%M");
                format!("\n{day}, {name} <{address}>:\n\n{}", marked())
            }
            Self::Phone => {
                let day = at.strftime("%b %-d, %Y, at %H:%M");
                format!("\nSent from my iPhone\n\nOn {day}, {name} <{address}> wrote:\n\n{}", marked())
            }
        }
    }
}

/// A delivery status notification (RFC 3464) for a mail of ours that did not arrive.
pub fn bounce(failed: &ParsedMail, recipient: &str, at: &Zoned, id: &str) -> Vec<u8> {
    let sender = failed.from.as_ref().map(|from| from.address.to_string()).unwrap_or_default();
    let message_id = failed.message_id.as_ref().map(ToString::to_string).unwrap_or_default();
    let domain = recipient.rsplit('@').next().unwrap_or_default();
    format!(
        "Return-Path: <>\nDate: {date}\nFrom: Mail Delivery System <MAILER-DAEMON@mx.{domain}>\nTo: {sender}\n\
         Subject: Undelivered Mail Returned to Sender\nMessage-ID: <{id}@mx.{domain}>\nAuto-Submitted: auto-replied\n\
         MIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"=_dsn\"\n\n\
         --=_dsn\nContent-Type: text/plain; charset=us-ascii\n\n\
         Your message could not be delivered to <{recipient}>: mailbox full for too long.\n\n\
         --=_dsn\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mx.{domain}\n\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: 5.2.2\n\
         Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n\
         --=_dsn\nContent-Type: text/rfc822-headers\n\n\
         From: {sender}\nTo: {recipient}\nSubject: {subject}\nMessage-ID: <{message_id}>\n\n--=_dsn--\n",
        date = date(at),
        subject = encoded(&failed.subject),
    )
    .into_bytes()
}

/// A date as mails have it (RFC 5322).
pub fn date(at: &Zoned) -> String {
    at.strftime("%a, %-d %b %Y %H:%M:%S %z").to_string()
}

/// `text` for a header: as it is when it is ASCII, else as encoded-words (RFC 2047).
fn encoded(text: &str) -> String {
    let line = clean_line(text, 300);
    if line.is_ascii() {
        return line;
    }
    let letters: Vec<char> = line.chars().collect();
    let words = letters.chunks(12).map(|piece| piece.iter().collect::<String>());
    words.map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes()))).collect::<Vec<_>>().join("\n ")
}
