//! Mail addresses, parsed once at the edge.
//!
//! An [`Address`] can be written into a header or an SMTP command as it is: no control characters, no white space, at
//! most 254 octets (RFC 5321 §4.5.3.1.3), domain in lower case and in the form that DNS knows: `xn--bcher-kva.example` for
//! `bücher.example` (RFC 5890 §2.3.2.1), so that both are one address everywhere. It is not a promise that anybody reads mail there.

use std::fmt;

use super::text;

/// Octets of a whole address (RFC 5321 §4.5.3.1.3 less the angle brackets).
pub const MAX_ADDRESS: usize = 254;

/// One mail address, `local@domain`; the domain is lower case and, where its letters allow, ASCII.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// Parses a bare `local@domain`; `None` for anything that must not be written into a header or a command.
    ///
    /// Deliberately wider than RFC 5321: `a..b@x` and `user.@x` exist in the wild and get answers too.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@')?;
        if local.is_empty() || domain.is_empty() || text.len() > MAX_ADDRESS {
            return None;
        }
        let forbidden =
            |c: char| c.is_control() || c.is_whitespace() || text::is_invisible(c) || "<>(),;:\\\"[]".contains(c);
        if local.chars().any(|c| forbidden(c) || c == '@') {
            return None;
        }
        let text = format!("{local}@{}", domain_name(domain)?);
        (text.len() <= MAX_ADDRESS).then_some(Self { text, at: local.len() })
    }

    /// The address as people write it, with the domain in its own letters; in lower case. The same as [`Address::key`] for most.
    pub fn written(&self) -> String {
        if !self.domain().contains("xn--") {
            return self.key();
        }
        match idna::domain_to_unicode(self.domain()) {
            (domain, Ok(())) => format!("{}@{domain}", self.local()).to_lowercase(),
            (_, Err(_)) => self.key(),
        }
    }

    /// Stands for the sender of a mail that names none; nothing can be sent there (RFC 2606).
    pub fn unknown_sender() -> Self {
        Self { text: "unknown@sender.invalid".to_owned(), at: "unknown".len() }
    }

    /// Whether mail can be sent there at all.
    pub fn is_reachable(&self) -> bool {
        *self != Self::unknown_sender()
    }

    /// The part before the last `@`.
    pub fn local(&self) -> &str {
        self.text.get(..self.at).unwrap_or_default()
    }

    /// The part after the last `@`, lower case.
    pub fn domain(&self) -> &str {
        self.text.get(self.at + 1..).unwrap_or_default()
    }

    /// The whole address.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The form to compare by: all in lower case. Real systems do not tell `Anna@` from `anna@`.
    pub fn key(&self) -> String {
        self.text.to_lowercase()
    }

    /// Whether both name the same mail account, without regard to case.
    pub fn same_as(&self, other: &Self) -> bool {
        self.key() == other.key()
    }

    /// The address without its plus part: `info+x@d` is `info@d` for the separator `+`. An empty separator changes nothing.
    #[must_use]
    pub fn without_detail(&self, separator: &str) -> Self {
        match self.local().split_once(separator) {
            Some((base, _)) if !separator.is_empty() && !base.is_empty() => {
                Self { text: format!("{base}@{}", self.domain()), at: base.len() }
            }
            _ => self.clone(),
        }
    }

    /// The plus part of the local part, if it has one: `x` of `info+x@d`.
    pub fn detail(&self, separator: &str) -> Option<&str> {
        if separator.is_empty() {
            return None;
        }
        self.local().split_once(separator).map(|(_, detail)| detail)
    }

    /// The address with `detail` as its plus part; `None` when that would exceed 64 octets of local part (RFC 5321).
    pub fn with_detail(&self, separator: &str, detail: &str) -> Option<Self> {
        let local = format!("{}{separator}{detail}", self.local());
        (local.len() <= 64).then(|| Self { at: local.len(), text: format!("{local}@{}", self.domain()) })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.text)
    }
}

/// A domain in lower case and as DNS knows it (RFC 5891 §5); `None` when it is none. Letters that DNS refuses are left as they are.
pub fn domain_name(domain: &str) -> Option<String> {
    let ascii = if domain.is_ascii() { None } else { idna::domain_to_ascii(domain).ok() };
    let domain = ascii.unwrap_or_else(|| domain.to_lowercase());
    let fits = domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.' || c == '_')
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !domain.contains("..");
    fits.then_some(domain)
}

/// A human or a machine with an address and perhaps a display name (already sanitised, maybe empty).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Display name, cleaned by [`text::clean_name`]; empty when there is none.
    pub name: String,
    /// Where to write to.
    pub address: Address,
}

impl Person {
    /// The name, or the address when there is no name.
    pub fn label(&self) -> &str {
        if self.name.is_empty() { self.address.as_str() } else { &self.name }
    }
}

/// An address of a department as the config writes it; `*` stands for any run of characters in the local part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressPattern {
    local: String,
    domain: String,
}

impl AddressPattern {
    /// Parses `zwroty*@shop.example`; `None` when it is no address once each `*` is read as a letter.
    pub fn parse(text: &str) -> Option<Self> {
        let probe = Address::parse(&text.replace('*', "x"))?;
        let (local, _) = text.trim().rsplit_once('@')?;
        let domain = probe.domain();
        (!text.trim().rsplit_once('@')?.1.contains('*'))
            .then(|| Self { local: local.to_lowercase(), domain: domain.to_owned() })
    }

    /// The part after the `@`, lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether `address`, already without its plus part, is meant; case does not matter.
    pub fn matches(&self, address: &Address) -> bool {
        self.domain == address.domain() && wildcard(&self.local, &address.local().to_lowercase())
    }

    /// The address itself when the pattern has no `*`.
    pub fn exact(&self) -> Option<Address> {
        if self.local.contains('*') { None } else { Address::parse(&format!("{}@{}", self.local, self.domain)) }
    }
}

impl fmt::Display for AddressPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

/// Whether `text` fits `pattern` whose `*` match any run of characters; linear in both.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).unwrap()
    }

    #[test]
    fn addresses_that_could_break_a_header_or_a_command_are_refused() {
        for bad in
            ["", "@", "a@", "@b", "a b@c", "a@b\r\nRCPT TO:<x@y>", "a\u{202e}@b.example", "<a@b>", "a@b..c", "a@.b"]
        {
            assert_eq!(Address::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Address::parse(&format!("{}@x.example", "a".repeat(300))), None);
    }

    #[test]
    fn odd_but_real_addresses_are_kept() {
        assert_eq!(address("user.@Docomo.Example").as_str(), "user.@docomo.example");
        assert_eq!(address("a..b@x").local(), "a..b");
    }

    #[test]
    fn a_domain_in_its_own_letters_is_the_one_that_dns_knows() {
        for (written, kept) in [
            ("Pat@BÜCHER.example", "Pat@xn--bcher-kva.example"),
            ("pat@XN--BCHER-KVA.example", "pat@xn--bcher-kva.example"),
            ("jo@żółw。pl", "jo@xn--w-uga1v8h.pl"),
            ("büro@straße.example", "büro@xn--strae-oqa.example"),
            ("kim@पुस्तकालय.example", "kim@xn--11b3arwo7a7bu3i.example"),
            ("a_b@under_score.example", "a_b@under_score.example"),
        ] {
            assert_eq!(Address::parse(written).as_ref().map(Address::as_str), Some(kept), "{written}");
        }
        assert!(address("pat@bücher.example").same_as(&address("PAT@xn--bcher-kva.EXAMPLE")));
        assert_eq!(address("Pat@xn--bcher-kva.example").written(), "pat@bücher.example");
        assert_eq!(address("pat@xn--99999999.example").written(), "pat@xn--99999999.example");
        for bad in ["a@\u{ff0e}b", "a@b\u{ff20}c.example", "a@b\u{2028}c", "a@\u{ad}"] {
            assert_eq!(Address::parse(bad), None, "{bad:?}");
        }
        assert!(
            AddressPattern::parse("shop*@bücher.example").unwrap().matches(&address("shop1@xn--bcher-kva.example"))
        );
        assert_eq!(Address::parse(&format!("{}@ü.é.ä.example", "a".repeat(230))), None);
    }

    #[test]
    fn plus_parts_come_off_and_go_on() {
        let info = address("info@shop.example");
        let tagged = info.with_detail("+", "1042.anna.x").unwrap();
        assert_eq!(tagged.as_str(), "info+1042.anna.x@shop.example");
        assert_eq!(tagged.detail("+"), Some("1042.anna.x"));
        assert_eq!(tagged.without_detail("+"), info);
        assert_eq!(tagged.without_detail(""), tagged);
        assert_eq!(info.with_detail("+", &"x".repeat(60)), None);
    }

    #[test]
    fn patterns_match_by_wildcard() {
        let pattern = AddressPattern::parse("zwroty*@Shop.example").unwrap();
        for (text, fits) in [
            ("zwroty@shop.example", true),
            ("Zwroty-pl@shop.example", true),
            ("zwrot@shop.example", false),
            ("zwroty@other.example", false),
        ] {
            assert_eq!(pattern.matches(&address(text)), fits, "{text}");
        }
        assert!(AddressPattern::parse("a@*.example").is_none());
        assert!(wildcard("a*b*c", "a-b-b-c"));
        assert!(!wildcard("a*b*c", "acb"));
        assert!(wildcard("*", ""));
        assert!(!wildcard("ab*ba", "aba"));
    }
}
