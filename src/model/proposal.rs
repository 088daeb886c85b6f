//! The link by which an agent includes somebody who was proposed: an address that stands for a command, and names them shortly.

use data_encoding::HEXLOWER;

use super::address::Address;
use super::digest::sha256;

/// What such a command begins with.
const PREFIX: &str = "in-";
/// Bytes of a digest that name one of the few people who are proposed on a ticket; local parts of addresses are short.
const NAMING: usize = 5;

/// The command that includes `address`, in letters that survive in an address.
pub fn include_verb(address: &Address) -> String {
    let digest = sha256(address.key().as_bytes());
    format!("{PREFIX}{}", HEXLOWER.encode(digest.get(..NAMING).unwrap_or(&digest)))
}

/// Whether a command is one of these.
pub fn is_include(verb: &str) -> bool {
    verb.strip_prefix(PREFIX)
        .is_some_and(|name| name.len() == 2 * NAMING && name.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::address;

    #[test]
    fn a_person_has_one_verb_whatever_case_their_address_is_written_in() {
        let verb = include_verb(&address("Lee@Client.example"));
        assert_eq!(verb, include_verb(&address("lee@client.example")));
        assert_ne!(verb, include_verb(&address("kim@client.example")));
        assert!(is_include(&verb) && verb.len() == 13, "{verb}");
        for other in ["take", "in-", "in-zz", "include"] {
            assert!(!is_include(other), "{other}");
        }
    }
}
