//! What stands in a mail in a form of its own: TNEF, RTF, signed and sealed parts, enriched and flowed text, files.

pub mod armour;
pub mod calendar;
pub mod cms;
pub mod enriched;
pub mod file_addresses;
pub mod flowed;
pub mod rtf;
pub mod rtf_packed;
pub mod sealed;
pub mod tnef;
