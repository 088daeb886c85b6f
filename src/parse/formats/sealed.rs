//! Mails that are one envelope: opaque S/MIME, whose text is taken out, and encrypted mails, which are said to be so.

use crate::model::mail::Attachment;
use crate::parse::formats::cms::{self, Envelope};
use crate::parse::mime::fields::{Fields, unfold};
use crate::parse::mime::params::Value;
use crate::parse::mime::transfer::Transfer;

/// What stood in an envelope.
pub struct Sealed {
    /// The part inside: its headers and its body.
    pub content: Vec<u8>,
    /// The envelope itself, with the signature.
    pub envelope: Attachment,
}

/// Opens a mail that is signed as a whole; says so when it is encrypted.
pub fn open(fields: &Fields<'_>, body: &[u8], defects: &mut Vec<String>) -> Option<Sealed> {
    let value = Value::read(&fields.text("Content-Type")?);
    match value.main.as_str() {
        "multipart/encrypted" => {
            defects.push("encrypted mail: its text cannot be read".to_owned());
            return None;
        }
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => {}
        _ => return None,
    }
    let transfer =
        fields.raw("Content-Transfer-Encoding").map_or(Transfer::Base64, |raw| Transfer::from_name(&unfold(raw)));
    let bytes = transfer.decode(body);
    match cms::open(&bytes) {
        Envelope::Signed(content) => {
            let name = "smime.p7m".to_owned();
            let content_type = "application/pkcs7-mime".to_owned();
            let envelope = Attachment {
                name,
                media_type: content_type,
                content: bytes.into_owned(),
                inline: false,
                content_id: None,
            };
            Some(Sealed { content, envelope })
        }
        Envelope::Encrypted => {
            defects.push("encrypted mail: its text cannot be read".to_owned());
            None
        }
        Envelope::Other => None,
    }
}
