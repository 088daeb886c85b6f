//! The identity of a mail: equal for two copies of one mail, whatever servers added on the way.

use crate::model::digest::Sha256;
use crate::parse::mime::fields::Fields;

/// The headers that belong to the mail itself.
const HEADERS: [&str; 4] = ["Message-ID", "From", "Date", "Subject"];

/// SHA-256 over Message-ID, From, Date, subject and the body's bytes.
///
/// White space of the headers and the blank end of the body are left out: servers fold anew and trim.
pub fn fingerprint(fields: &Fields<'_>, body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::default();
    for name in HEADERS {
        for value in fields.all(name) {
            for word in value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
                hash.update(word);
                hash.update(b" ");
            }
            hash.update(b"\n");
        }
        hash.update(b"\0");
    }
    hash.update(body.trim_ascii_end());
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mail: &str) -> [u8; 32] {
        let (fields, body) = Fields::scan(mail.as_bytes(), &mut Vec::new());
        fingerprint(&fields, body)
    }

    #[test]
    fn transport_headers_and_folding_do_not_change_the_identity() {
        let one = of("Message-ID: <a@b>\nSubject: c d\n\nbody\n");
        assert_eq!(one, of("Received: x\nDelivered-To: y@z\nMessage-ID: <a@b>\nSubject: c\n d\n\nbody\n\n"));
    }

    #[test]
    fn the_same_id_with_another_body_is_another_mail() {
        assert_ne!(of("Message-ID: <a@b>\n\nbody\n"), of("Message-ID: <a@b>\n\nbody 2\n"));
        assert_ne!(of("Message-ID: <a@b>\n\nbody\n"), of("Message-ID: <a@c>\n\nbody\n"));
        assert_ne!(of("From: a\n\n"), of("Subject: a\n\n"));
    }
}
