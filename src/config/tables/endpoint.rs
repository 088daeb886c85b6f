//! Host, port, TLS: what IMAP and SMTP servers have in common.

use toml::Spanned;

use super::secrets::{self, Surroundings};
use crate::config::reader::Section;
use crate::config::reader::values;
use crate::model::policy::{Endpoint, Security};

/// Which protocol a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Imap,
    Smtp,
}

impl Protocol {
    /// The port by custom (RFC 8314; RFC 5321 without TLS).
    fn port(self, security: Security) -> u16 {
        match (self, security) {
            (Self::Imap, Security::Tls) => 993,
            (Self::Imap, Security::StartTls | Security::None) => 143,
            (Self::Smtp, Security::Tls) => 465,
            (Self::Smtp, Security::StartTls) => 587,
            (Self::Smtp, Security::None) => 25,
        }
    }

    /// What is meant when only a port is given.
    fn security(self, port: Option<u16>) -> Security {
        match (self, port) {
            (Self::Imap, Some(143)) => Security::StartTls,
            (Self::Imap, _) | (Self::Smtp, Some(465)) => Security::Tls,
            (Self::Smtp, _) => Security::StartTls,
        }
    }
}

/// The server of a section with `host`, `port`, `security`, `ca_file`; `None` when faulty.
pub fn endpoint(section: &Section<'_>, protocol: Protocol, surroundings: &Surroundings) -> Option<Endpoint> {
    let host = section.required("host", "mail.shop.example", values::host).map(Spanned::into_inner);
    let given = section.number_or("port", 0, 1..=u32::from(u16::MAX)).map(|port| u16::try_from(port).unwrap_or(0));
    let given = given.map(|port| (port != 0).then_some(port));
    let security = section.parsed_or("security", protocol.security(given.flatten()), values::security);
    let ca_file = section.parsed("ca_file", |text| secrets::ca_file(text, &surroundings.base));
    let ca_file = match (section.has("ca_file"), ca_file) {
        (true, None) => None,
        (_, file) => Some(file.map(Spanned::into_inner)),
    };
    let (host, given, security) = (host?, given?, security?);
    if security == Security::None && !values::is_loopback(&host) {
        let message = format!("`security = \"none\"` would send passwords to `{host}` in the clear");
        let hint = "write `tls` or `starttls`; `none` is for loopback hosts alone";
        section.report().error(section.place("security"), message, hint);
        return None;
    }
    let port = given.unwrap_or_else(|| protocol.port(security));
    warn_about_port(section, security, port);
    Some(Endpoint { host, port, security, ca_file: ca_file? })
}

/// Ports that speak TLS from the first byte, and those that never do.
fn warn_about_port(section: &Section<'_>, security: Security, port: u16) {
    let (other, why) = match (port, security) {
        (465 | 993, Security::StartTls) => ("tls", "expects TLS from the first byte"),
        (25 | 143 | 587, Security::Tls) => ("starttls", "starts in the clear"),
        _ => return,
    };
    let message = format!("port {port} {why} almost everywhere");
    section.report().warning(section.place("security"), message, format!("write `security = \"{other}\"`"));
}
