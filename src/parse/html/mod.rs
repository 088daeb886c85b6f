//! HTML of mails: read into text and into formatted words, and where programs put the quoted mail in it.

pub mod containers;
pub mod nesting;
pub mod pictures;
pub mod rich;
pub mod styles;
pub mod text;
pub mod tokens;
pub mod walk;
pub mod writer;
