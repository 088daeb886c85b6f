//! Rows to values and back: words, times, people.

use jiff::Timestamp;
use rusqlite::Row;

use crate::model::address::{Address, Person};
use crate::store::engine::error::StoreError;

/// A time from whole seconds.
pub(in crate::store) fn time(seconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_second(seconds).map_err(|_| StoreError::Corrupt(format!("a time ({seconds} s)")))
}

/// A time from whole seconds, or none.
pub(in crate::store) fn optional_time(seconds: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    seconds.map(time).transpose()
}

/// An enum from its word.
pub(in crate::store) fn word<T>(text: &str, from_word: impl Fn(&str) -> Option<T>) -> Result<T, StoreError> {
    from_word(text).ok_or_else(|| StoreError::Corrupt(format!("a word (`{text}`)")))
}

/// A person from two columns.
pub(in crate::store) fn person(name: String, address: &str) -> Result<Person, StoreError> {
    let address = Address::parse(address).ok_or_else(|| StoreError::Corrupt(format!("an address (`{address}`)")))?;
    Ok(Person { name, address })
}

/// A size or UID for a row; both are below 2^63 by contract.
pub(in crate::store) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A size or UID from a row.
pub(in crate::store) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// A column as the type it is needed in.
pub(in crate::store) fn get<T: rusqlite::types::FromSql>(row: &Row<'_>, index: usize) -> Result<T, StoreError> {
    Ok(row.get(index)?)
}
