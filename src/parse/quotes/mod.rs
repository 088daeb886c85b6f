//! Whose words a line is: the writer's, a quote, a signature, a forwarded mail.

pub mod attribution;
pub mod beginnings;
pub mod budget;
pub mod clause;
pub mod dates;
pub mod device_footers;
pub mod forwarded;
pub mod intent;
pub mod interleaved;
#[cfg(test)]
mod invented;
pub mod labels;
pub mod lines;
pub mod separators;
pub mod signature;
pub mod split;
