//! Mails hashed and compressed before they enter the write transaction, so that the writer only writes.

use zstd::bulk::Compressor;

use super::ledger::SpoolItem;
use crate::model::digest::{Digest, sha256};

/// Mails up to this size are mostly text, which packs well and is soon done.
const SMALL: usize = 16 * 1024;
/// For small mails: about half their size.
const SMALL_LEVEL: i32 = 1;
/// For large ones, mostly base64: their text is packed, the rest is passed through at a gigabyte a second. Squeezing a
/// quarter out of base64 would cost more time than all else that is done to a mail.
const LARGE_LEVEL: i32 = -1;

/// A mail hashed and compressed.
pub(super) struct Packed {
    pub(super) item: SpoolItem,
    pub(super) sha256: Digest,
    /// `None` when compression gains nothing.
    pub(super) compressed: Option<Vec<u8>>,
}

/// Packs a batch. Setting up a compressor costs as much as a mail: the batch shares them.
pub(super) fn pack(batch: Vec<SpoolItem>) -> Vec<Packed> {
    let mut small = Compressor::new(SMALL_LEVEL).ok();
    let mut large = Compressor::new(LARGE_LEVEL).ok();
    let mut pack_one = |item: SpoolItem| {
        let compressor = if item.bytes.len() <= SMALL { &mut small } else { &mut large };
        let compressed = compressor.as_mut().and_then(|compressor| compressor.compress(&item.bytes).ok());
        let compressed = compressed.filter(|bytes| bytes.len() < item.bytes.len());
        Packed { sha256: sha256(&item.bytes), compressed, item }
    };
    batch.into_iter().map(&mut pack_one).collect()
}
