//! Rows to values and back: words, times, people, lists.

use jiff::Timestamp;
use rusqlite::Row;

use super::error::StoreError;
use crate::model::address::{Address, Person};
use crate::model::plan::AttachmentInfo;

/// A time from whole seconds.
pub(super) fn time(seconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_second(seconds).map_err(|_| StoreError::Corrupt(format!("a time ({seconds} s)")))
}

/// A time from whole seconds, or none.
pub(super) fn optional_time(seconds: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    seconds.map(time).transpose()
}

/// An enum from its word.
pub(super) fn word<T>(text: &str, from_word: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    from_word(text).ok_or_else(|| StoreError::Corrupt(format!("a word (`{text}`)")))
}

/// A person from two columns.
pub(super) fn person(name: String, address: &str) -> Result<Person, StoreError> {
    let address = Address::parse(address).ok_or_else(|| StoreError::Corrupt(format!("an address (`{address}`)")))?;
    Ok(Person { name, address })
}

/// A size or UID for a row; both are below 2^63 by contract.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A size or UID from a row.
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A column as the type it is needed in.
pub(super) fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    Ok(row.get(index)?)
}

/// Recipients as text: a line each, `to` or `cc`, address, name. Names and addresses hold no line breaks or tabs.
pub(super) fn recipients_to_text(to: &[Person], cc: &[Person]) -> String {
    let line = |kind: &str, person: &Person| format!("{kind}\t{}\t{}\n", person.address, person.name);
    to.iter().map(|person| line("to", person)).chain(cc.iter().map(|person| line("cc", person))).collect()
}

/// Recipients from text: To and Cc.
pub(super) fn recipients_from_text(text: &str) -> Result<(Vec<Person>, Vec<Person>), StoreError> {
    let (mut to, mut cc) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut fields = line.splitn(3, '\t');
        let (Some(kind), Some(address), Some(name)) = (fields.next(), fields.next(), fields.next()) else {
            return Err(StoreError::Corrupt("recipients of a message".to_owned()));
        };
        let someone = person(name.to_owned(), address)?;
        if kind == "to" { to.push(someone) } else { cc.push(someone) }
    }
    Ok((to, cc))
}

/// Attachments as text: a line each, size, inline or not, media type, name.
pub(super) fn attachments_to_text(attachments: &[AttachmentInfo]) -> String {
    let line = |info: &AttachmentInfo| {
        let place = if info.inline { "inline" } else { "attached" };
        format!("{}\t{place}\t{}\t{}\n", info.size, info.media_type, info.name)
    };
    attachments.iter().map(line).collect()
}

/// Attachments from text.
pub(super) fn attachments_from_text(text: &str) -> Result<Vec<AttachmentInfo>, StoreError> {
    let corrupt = || StoreError::Corrupt("attachments of a message".to_owned());
    let mut attachments = Vec::new();
    for line in text.lines() {
        let mut fields = line.splitn(4, '\t');
        let (Some(size), Some(place), Some(media_type), Some(name)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(corrupt());
        };
        attachments.push(AttachmentInfo {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: size.parse().map_err(|_| corrupt())?,
            inline: place == "inline",
        });
    }
    Ok(attachments)
}
