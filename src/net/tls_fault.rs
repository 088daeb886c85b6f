//! Why TLS did not come about, in plain words and with what to do about it.

use std::io;

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error};

use crate::model::text::clean_line;

const RENEW: &str = "renew the server's certificate; if it is new, check the clock of this machine";
const CLOCK: &str = "check the clock of this machine";
const NAME: &str = "write a name as `host` that stands in the certificate";
const TRUST: &str =
    "name the certificate, or the authority that signed it, in `ca_file`; check that `host` is the right one";
const PORT: &str = "check `port` and `security`";
const SERVER: &str = "see the log of the server";

/// What is wrong, and a hint.
pub(super) fn describe(error: &io::Error) -> String {
    let (text, hint) = match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => of_tls(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            ("the server closed the connection during the handshake".to_owned(), PORT)
        }
        None => (clean_line(&error.to_string(), 200), PORT),
    };
    format!("{text}; hint: {hint}")
}

fn of_tls(error: &Error) -> (String, &'static str) {
    if let Error::InvalidCertificate(fault) = error {
        return of_certificate(fault);
    }
    if let Error::InvalidMessage(_) = error {
        return ("the server does not speak TLS there".to_owned(), PORT);
    }
    if let Error::AlertReceived(alert) = error {
        let old = matches!(alert, AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure);
        let hint = if old { "the server must speak TLS 1.2 or later with a modern cipher" } else { SERVER };
        return (format!("the server refuses the handshake ({alert:?})"), hint);
    }
    if let Error::PeerIncompatible(_) = error {
        let hint = "the server must speak TLS 1.2 or later with a modern cipher";
        return ("the server's TLS is too old".to_owned(), hint);
    }
    (clean_line(&error.to_string(), 200), SERVER)
}

fn of_certificate(fault: &CertificateError) -> (String, &'static str) {
    if let CertificateError::ExpiredContext { not_after, .. } = fault {
        return (format!("the server's certificate expired on {}", day(*not_after)), RENEW);
    }
    if let CertificateError::NotValidYetContext { not_before, .. } = fault {
        return (format!("the server's certificate is not valid before {}", day(*not_before)), CLOCK);
    }
    if let CertificateError::NotValidForNameContext { expected, presented } = fault {
        let names = clean_line(&presented.join(", "), 200);
        let names = if names.is_empty() { "no name at all".to_owned() } else { names };
        let expected = clean_line(&expected.to_str(), 200);
        return (format!("the server's certificate is not for `{expected}` but for {names}"), NAME);
    }
    if matches!(fault, CertificateError::Expired) {
        return ("the server's certificate has expired".to_owned(), RENEW);
    }
    if matches!(fault, CertificateError::NotValidForName) {
        return ("the server's certificate is for another name".to_owned(), NAME);
    }
    if matches!(fault, CertificateError::Revoked) {
        return ("the server's certificate was revoked".to_owned(), RENEW);
    }
    let own_authority = matches!(fault, CertificateError::Other(other) if other.0.to_string() == "CaUsedAsEndEntity");
    if own_authority || matches!(fault, CertificateError::UnknownIssuer) {
        return ("nobody whom this machine trusts signed the server's certificate".to_owned(), TRUST);
    }
    (format!("the server's certificate is not accepted: {}", clean_line(&fault.to_string(), 200)), TRUST)
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(|_| "an unknown day".to_owned(), |time| time.strftime("%F").to_string())
}
