//! Addresses as delivery reports write them: with their type (RFC 3464 §2.1.2), and in the escapes of SMTP's own parameters.

use crate::model::address::Address;
use crate::parse::mime::addresses;

/// The address of `rfc822; anna@x.example`, in the forms that occur.
pub fn typed_address(value: &str) -> Option<Address> {
    let (kind, text) = value.split_once(';').unwrap_or(("", value));
    let text = if kind.trim().eq_ignore_ascii_case("utf-8") { &without_escapes(text) } else { text };
    addresses::read(text).into_iter().next().map(|person| person.address)
}

/// The address that `anna+2Bshop@x.example` stands for: some servers copy the xtext (RFC 3461, 4) of the envelope's ORCPT as it came,
/// others (Postfix) write it out.
///
/// Only the two signs that xtext must hide are read: `+42` of an address that is not written so is its own.
pub fn without_xtext(address: Address) -> Address {
    if !address.local().contains('+') {
        return address;
    }
    let plain = address.local().replace("+3D", "=").replace("+2B", "+");
    Address::parse(&format!("{plain}@{}", address.domain())).unwrap_or(address)
}

/// The text that `b\x{FC}ro` stands for (RFC 6533 §3, utf-8-addr-xtext).
fn without_escapes(text: &str) -> String {
    let mut pieces = text.split("\\x{");
    let mut plain = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let escaped = piece.split_once('}').and_then(|(digits, rest)| {
            let letter = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)?;
            Some((letter, rest))
        });
        match escaped {
            Some((letter, rest)) => {
                plain.push(letter);
                plain.push_str(rest);
            }
            None => plain.push_str(piece),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_addresses_are_read_with_their_escapes() {
        for (value, want) in [
            ("rfc822; kim@y.example", Some("kim@y.example")),
            ("rfc822;<kim@y.example>", Some("kim@y.example")),
            ("kim@y.example", Some("kim@y.example")),
            ("utf-8; b\\x{FC}ro@y.example", Some("büro@y.example")),
            ("utf-8; b\\x{zz}ro@y.example", Some("bzz}ro@y.example")),
            ("rfc822; nobody", None),
        ] {
            assert_eq!(typed_address(value).as_ref().map(Address::as_str), want, "{value}");
        }
    }

    #[test]
    fn xtext_hides_two_signs() {
        for (written, plain) in [
            ("a+2Bb@y.example", "a+b@y.example"),
            ("a+3Db@y.example", "a=b@y.example"),
            ("a+42@y.example", "a+42@y.example"),
            ("ab@y.example", "ab@y.example"),
        ] {
            let address = Address::parse(written).unwrap();
            assert_eq!(without_xtext(address).as_str(), plain);
        }
    }
}
