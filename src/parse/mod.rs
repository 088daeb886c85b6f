//! Bytes to [`ParsedMail`]: headers, text, new words against quoted ones, signature, automatic mail, bounces, forwards.
//!
//! Never fails and never panics on purpose: what is odd becomes a defect. Every step is linear in the size of the mail and
//! has a limit of its own.

mod body;
mod bounce;
mod charset;
mod formats;
mod html;
mod json;
#[cfg(test)]
mod kinds;
mod mime;
mod origin;
mod phrase_set;
mod phrases;
mod quotes;

pub use formats::file_addresses::addresses_in;
pub use json::to_json;

use crate::model::mail::{Automated, ParsedMail};
use crate::model::rich::Rich;
use crate::model::token::Signer;

use bounce::free_text;
use formats::sealed;
use html::{containers, rich};
use mime::fields::Fields;
use mime::{attachments, fingerprint, headers, normalise, parts};
use origin::envelope::Envelope;
use origin::{authentication, automated, language, mailing_list};
use quotes::{forwarded, lines, split};

/// Bytes of a mail that are read at all; the rest is left out and reported.
pub const MAX_MAIL: usize = 100 * 1024 * 1024;
/// Lines of a header block that are read.
pub const MAX_HEADER_LINES: usize = 10_000;
/// Bytes of one header that are used.
pub const MAX_HEADER: usize = 64 * 1024;
/// Parts of a mail that are told apart.
pub const MAX_PARTS: usize = 1_000;
/// Nesting of multiparts that is followed.
pub const MAX_NESTING: usize = 50;
/// Bytes of text that are read, converted and split.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Defects that are kept.
const MAX_DEFECTS: usize = 50;

/// The new words of a text that answers something; all of it when nothing else is in it.
pub fn new_words(text: &str) -> String {
    let words = split::split(text, containers::Marks::default(), split::Intent::Answer).reply;
    if words.trim().is_empty() { text.to_owned() } else { words }
}

/// `quoted` text without marks in front of its lines and without the lines by which programs introduce a quote.
pub fn without_introductions(quoted: &str) -> String {
    lines::without_introductions(quoted)
}

/// The words of a mail as it shows them where it has one HTML part, for an answer that keeps their look.
pub fn formatted(bytes: &[u8]) -> Option<Rich> {
    let mut defects = Vec::new();
    let bytes = normalise::normalise(bytes, &mut defects);
    let (fields, body) = Fields::scan(&bytes, &mut defects);
    let sealed = sealed::open(&fields, body, &mut defects);
    let opened = sealed.as_ref().map(|sealed| Fields::scan(&sealed.content, &mut defects));
    let parts = match &opened {
        Some((head, body)) => parts::split(head, body, &mut defects),
        None => parts::split(&fields, body, &mut defects),
    };
    rich::convert(&body::only_html(&parts)?)
}

/// All that a mail says, in each of its forms.
pub fn every_text(bytes: &[u8]) -> String {
    let mail = parse(bytes, None);
    format!("{}\n{}", mail.text, html_text(bytes).map(|html| html.text).unwrap_or_default())
}

/// What the writer wrote anew by the HTML of a mail that has one part of it.
pub fn new_words_of_html(bytes: &[u8]) -> Option<String> {
    let html = html_text(bytes)?;
    Some(split::split(&html.text, html.marks, split::Intent::Answer).reply)
}

fn html_text(bytes: &[u8]) -> Option<html::text::HtmlText> {
    let mut defects = Vec::new();
    let bytes = normalise::normalise(bytes, &mut defects);
    let (fields, body) = Fields::scan(&bytes, &mut defects);
    let parts = parts::split(&fields, body, &mut defects);
    Some(html::text::convert(&body::only_html(&parts)?))
}

/// What the first server on the way wrote of a mail, without regard to folding; `None` when none did.
pub fn first_hop(bytes: &[u8]) -> Option<String> {
    let (fields, _) = Fields::scan(bytes, &mut Vec::new());
    let hop = fields.all("Received").last()?;
    Some(String::from_utf8_lossy(hop).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Reads a mail. `signer` recognises our own mails come back; without it none is recognised as ours.
pub fn parse(bytes: &[u8], signer: Option<&Signer>) -> ParsedMail {
    let mut defects = Vec::new();
    let received = bytes;
    let bytes = normalise::normalise(bytes, &mut defects);
    let (fields, body) = Fields::scan(&bytes, &mut defects);
    let envelope = Envelope::of(received, &fields);
    let mut mail = headers::read(&fields, &mut defects);
    mail.fingerprint = fingerprint::fingerprint(&fields, body);
    mail.authentication = authentication::read(&fields);
    mail.list = mailing_list::name(&fields);
    mail.return_path = mailing_list::return_path(&fields);

    let sealed = sealed::open(&fields, body, &mut defects);
    let opened = sealed.as_ref().map(|sealed| Fields::scan(&sealed.content, &mut defects));
    let parts = match &opened {
        Some((head, body)) => parts::split(head, body, &mut defects),
        None => parts::split(&fields, body, &mut defects),
    };
    let packed = attachments::unpack(&parts);
    let mut chosen = body::choose(&parts, &mut defects);
    if chosen.text.is_empty() {
        body::take_packed(&packed, &mut chosen);
    }
    mail.html = chosen.html;
    mail.text = chosen.text;

    mail.automated = automated::recognise(&fields, &mail, &parts, signer, envelope);
    mail.bounce = bounce::read(&fields, &mail, &parts, envelope);
    if mail.automated == Some(Automated::Own) {
        mail.bounce = None;
    } else if mail.bounce.is_some() {
        mail.automated = Some(Automated::Bounce);
    }

    let machine = matches!(mail.automated, Some(Automated::AutoReply | Automated::Notice));
    mail.asks_to_confirm = machine && free_text::asks_to_confirm(&mail.text);

    let split = split::split(&mail.text, chosen.marks, split::Intent::of(&mail));
    mail.reply = split.reply;
    mail.quoted = split.quoted;
    mail.signature = split.signature;
    defects.extend(
        (!split.whole).then(|| "only the beginning of the text was searched for quotes and signatures".to_owned()),
    );
    mail.forwarded = forwarded::find(&mail.text, &mail.subject, &parts);
    mail.language = language::guess(if mail.reply.is_empty() { &mail.subject } else { &mail.reply });
    mail.attachments = attachments::collect(parts, &chosen.used, &chosen.referred, packed, &mut defects);
    mail.attachments.extend(chosen.files);
    mail.attachments.extend(sealed.map(|sealed| sealed.envelope));
    defects.truncate(MAX_DEFECTS);
    mail.defects = defects;
    mail
}
