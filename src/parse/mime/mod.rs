//! Headers and parts of a mail, decoded (RFC 5322, MIME). Knows nothing of what the words mean.

pub mod addresses;
pub mod alternatives;
pub mod attachments;
pub mod fields;
pub mod fingerprint;
pub mod headers;
pub mod normalise;
pub mod params;
pub mod parts;
pub mod transfer;
pub mod words;
