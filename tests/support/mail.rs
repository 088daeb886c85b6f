//! Mails to send, byte by byte as customers' programs write them, and mails received, as a client shows them.

use std::fmt::Write;

use data_encoding::BASE64;
use encoding_rs::Encoding;
use mail_parser::{MessageParser, MimeHeaders};

use super::random::Random;

/// A mail being written.
#[derive(Clone, Debug)]
pub struct Mail {
    from: String,
    to: String,
    subject: String,
    text: String,
    charset: &'static str,
    declared: bool,
    message_id: String,
    date: String,
    headers: Vec<(String, String)>,
    attachment: Option<(String, Vec<u8>)>,
}

impl Mail {
    /// A plain mail of now, in UTF-8, with a Message-ID of its own.
    pub fn new(from: &str, to: &str, subject: &str, text: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
            charset: "utf-8",
            declared: true,
            message_id: format!("{:x}@client.example.test", Random::from_time().next()),
            date: rfc2822_now(),
            headers: Vec::new(),
            attachment: None,
        }
    }

    /// With this Message-ID (no angle brackets).
    pub fn id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.message_id);
        self
    }

    /// In this charset, declared.
    pub fn charset(mut self, charset: &'static str) -> Self {
        self.charset = charset;
        self
    }

    /// In this charset, but says so nowhere: raw bytes in subject and text.
    pub fn undeclared(mut self, charset: &'static str) -> Self {
        self.charset = charset;
        self.declared = false;
        self
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// As an answer to a mail: In-Reply-To and References.
    pub fn answering(self, id: &str) -> Self {
        self.header("In-Reply-To", &format!("<{id}>")).header("References", &format!("<{id}>"))
    }

    /// With an attachment.
    pub fn attach(mut self, name: &str, bytes: &[u8]) -> Self {
        self.attachment = Some((name.to_owned(), bytes.to_owned()));
        self
    }

    /// Its Message-ID, no angle brackets.
    pub fn message_id(&self) -> &str {
        &self.message_id
    }

    /// The mail as it goes over the wire: CR LF, 8-bit.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut line = |name: &str, value: &[u8]| {
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value);
            out.extend_from_slice(b"\r\n");
        };
        line("From", self.from.as_bytes());
        line("To", self.to.as_bytes());
        line("Subject", &self.header_text(&self.subject));
        line("Date", self.date.as_bytes());
        line("Message-ID", format!("<{}>", self.message_id).as_bytes());
        line("MIME-Version", b"1.0");
        for (name, value) in &self.headers {
            line(name, &self.header_text(value));
        }
        let text_type =
            if self.declared { format!("text/plain; charset={}", self.charset) } else { "text/plain".to_owned() };
        let text = self.encode(&self.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        let Some((name, bytes)) = &self.attachment else {
            line("Content-Type", text_type.as_bytes());
            line("Content-Transfer-Encoding", b"8bit");
            out.extend_from_slice(b"\r\n");
            out.extend_from_slice(&text);
            out.extend_from_slice(b"\r\n");
            return out;
        };
        line("Content-Type", b"multipart/mixed; boundary=\"=_mixed\"");
        out.extend_from_slice(
            format!("\r\n--=_mixed\r\nContent-Type: {text_type}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n").as_bytes(),
        );
        out.extend_from_slice(&text);
        out.extend_from_slice(
            format!(
                "\r\n--=_mixed\r\nContent-Type: application/pdf; name=\"{name}\"\r\nContent-Disposition: attachment; \
                 filename=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}--=_mixed--\r\n",
                base64_lines(bytes)
            )
            .as_bytes(),
        );
        out
    }

    fn header_text(&self, value: &str) -> Vec<u8> {
        if value.is_ascii() || !self.declared {
            return self.encode(value);
        }
        format!("=?{}?B?{}?=", self.charset, BASE64.encode(&self.encode(value))).into_bytes()
    }

    fn encode(&self, text: &str) -> Vec<u8> {
        let encoding = Encoding::for_label(self.charset.as_bytes()).unwrap();
        let (bytes, _, lossy) = encoding.encode(text);
        assert!(!lossy, "`{text}` cannot be written in {}", self.charset);
        bytes.into_owned()
    }
}

/// Base64 in lines of 76 characters, each ended by CR LF.
pub fn base64_lines(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + bytes.len() / 25 + 4);
    for chunk in bytes.chunks(57) {
        out.push_str(&BASE64.encode(chunk));
        out.push_str("\r\n");
    }
    out
}

/// The time as a `Date` header has it.
#[expect(clippy::disallowed_methods, reason = "the tests are outside the program, whose clock is injected")]
pub fn rfc2822_now() -> String {
    jiff::fmt::rfc2822::to_string(&jiff::Zoned::now()).unwrap()
}

/// A mail in somebody's mailbox.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its UID; 0 when it came by another way than IMAP.
    pub uid: u32,
    /// Its flags.
    pub flags: Vec<String>,
    /// Its bytes.
    pub raw: Vec<u8>,
}

impl Received {
    /// A mail that did not come by IMAP.
    pub fn from_bytes(raw: Vec<u8>) -> Self {
        Self { uid: 0, flags: Vec::new(), raw }
    }

    fn parsed(&self) -> mail_parser::Message<'_> {
        MessageParser::default().parse(&self.raw).expect("a readable mail")
    }

    /// A header's value as it stands, unfolded; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        let value = self.parsed().header_raw(name).unwrap_or_default().replace(['\r', '\n', '\t'], " ");
        value.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The subject, decoded.
    pub fn subject(&self) -> String {
        self.parsed().subject().unwrap_or_default().to_owned()
    }

    /// Display name and address in From.
    pub fn author(&self) -> (String, String) {
        let message = self.parsed();
        let from = message.from().and_then(|address| address.first()).expect("a From");
        (from.name().unwrap_or_default().to_owned(), from.address().unwrap_or_default().to_owned())
    }

    /// The address in Reply-To, or in From when there is none: where a client sends the answer.
    pub fn answer_address(&self) -> String {
        let message = self.parsed();
        let reply = message.reply_to().and_then(|address| address.first()).and_then(|one| one.address());
        reply.map_or_else(|| self.author().1, str::to_owned)
    }

    /// The Message-ID, no angle brackets.
    pub fn message_id(&self) -> String {
        self.parsed().message_id().unwrap_or_default().to_owned()
    }

    /// The plain text part, decoded.
    pub fn text(&self) -> String {
        self.parsed().body_text(0).unwrap_or_default().into_owned()
    }

    /// The HTML part, decoded.
    pub fn html(&self) -> String {
        self.parsed().body_html(0).unwrap_or_default().into_owned()
    }

    /// Every text in it, decoded, headers included: for the search for what must not be there.
    pub fn everything(&self) -> String {
        let message = self.parsed();
        let mut all = String::from_utf8_lossy(&self.raw).into_owned();
        for part in &message.parts {
            all.push('\n');
            all.push_str(&String::from_utf8_lossy(part.contents()));
        }
        for header in message.headers() {
            let _ = write!(all, "\n{:?}", header.value);
        }
        all
    }

    /// Names and bytes of the attachments.
    pub fn attachments(&self) -> Vec<(String, Vec<u8>)> {
        let message = self.parsed();
        message
            .attachments()
            .map(|part| (part.attachment_name().unwrap_or_default().to_owned(), part.contents().to_owned()))
            .collect()
    }

    /// The text as a client quotes it in an answer.
    pub fn quoted(&self) -> String {
        let text = self.text();
        let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
        format!("On Sat, 21 Nov 2026 at 10:00, {} <{}> wrote:\n{}", self.author().0, self.author().1, lines.join("\n"))
    }
}
