//! How a mail is built whatever it says: blocks, HTML, MIME, subject, sender, and what fits into it.

pub mod blocks;
pub mod fit;
pub mod html;
pub mod mime;
pub mod rich;
pub mod sender;
pub mod subject;
