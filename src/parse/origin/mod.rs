//! Who or what sent a mail: automatic mail, lists, what servers prove, the language.

pub mod authentication;
pub mod automated;
pub mod envelope;
pub mod language;
pub mod mailing_list;
