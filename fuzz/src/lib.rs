//! The modules that read what strangers wrote, compiled without the program around them.
#![expect(dead_code, reason = "the program around these modules uses more of them")]

#[path = "../../src/intake"]
pub mod intake {
    pub mod imap {
        pub mod cut;
        pub mod sieve;
    }
}
#[path = "../../src/model/mod.rs"]
pub mod model;
#[path = "../../src/parse/mod.rs"]
pub mod parse;
