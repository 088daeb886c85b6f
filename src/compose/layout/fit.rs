//! What fits into a mail that the server takes: files that do not are named, words of a monstrous length are cut with a line
//! that says so. Measures what a mail becomes when it is encoded, never what came in.

use super::blocks::{self, Block};
use super::html;
use super::mime::{Text, encoded_len};
use crate::compose::Desk;
use crate::compose::texts::{TextKey, Texts};
use crate::model::id::TicketNumber;
use crate::model::mail::Attachment;
use crate::model::text::clean_line;

/// The largest mail in bytes, encoded, for a server that does not say what it takes.
pub const USUAL_LIMIT: usize = 10_000_000;
/// Bytes of attachments that travel along, however much the server takes: it has to be read somewhere.
const MAX_ATTACHED: usize = 10_000_000;
/// Bytes of a text in both its forms, encoded.
const MAX_TEXT: usize = 1_000_000;
/// What the servers on the way add, and our own head.
const MARGIN: usize = 32_768;
/// Characters of a file's name that are shown.
const MAX_NAME: usize = 300;
/// Headers of one part.
const PART_HEAD: usize = 400;
/// How often words are cut further.
const MAX_CUTS: usize = 12;
/// A text below this, in both forms, fits whatever its letters are: three bytes for each at most.
const SHORT_TEXT: usize = 100_000;

/// Bytes of a mail with all that the servers on its way add.
fn room(desk: &Desk) -> usize {
    desk.largest_mail.saturating_sub(MARGIN.min(desk.largest_mail / 4))
}

/// Bytes of a text that are left for it.
fn text_room(desk: &Desk) -> usize {
    MAX_TEXT.min(room(desk) / 2)
}

/// The blocks as text in both forms; too many words are cut with a line that says so.
pub fn text(mut blocks: Vec<Block>, ticket: Option<TicketNumber>, texts: &Texts, desk: &Desk) -> Text {
    let allowed = text_room(desk);
    let mut written = write(&blocks, texts);
    let mut keep = longest(&blocks);
    for _ in 0..MAX_CUTS {
        let long = written.plain.len() + written.html.len();
        let size = if long <= SHORT_TEXT && long.saturating_mul(3) <= allowed { 0 } else { encoded_len(&written) };
        if size <= allowed || keep == 0 {
            break;
        }
        // A tenth less than in proportion, so that few rounds are needed.
        keep = scaled(keep, allowed, size);
        let number = ticket.map_or(String::new(), |ticket| ticket.to_string());
        cut(&mut blocks, keep, &texts.fill(TextKey::WordsCut, &[("number", &number)]));
        written = write(&blocks, texts);
    }
    written
}

/// Nine tenths of `keep`, as many times smaller as `allowed` is than `size`.
fn scaled(keep: usize, allowed: usize, size: usize) -> usize {
    let wide = |number: usize| u128::try_from(number).unwrap_or(u128::MAX);
    let scaled = wide(keep).saturating_mul(wide(allowed)).saturating_mul(9) / wide(size).saturating_mul(10).max(1);
    usize::try_from(scaled).unwrap_or(keep).min(keep.saturating_sub(1))
}

fn write(blocks: &[Block], texts: &Texts) -> Text {
    Text { plain: blocks::plain(blocks), html: html::document(texts.language, blocks) }
}

/// Bytes of the longest words.
fn longest(blocks: &[Block]) -> usize {
    let words = |block: &Block| if let Block::Words(words) = block { words.len() } else { 0 };
    blocks.iter().map(words).max().unwrap_or(0)
}

/// Leaves `keep` bytes of all words, at the end of a line where there is one, and the line that says so below them.
fn cut(blocks: &mut Vec<Block>, keep: usize, says_so: &str) {
    let mut cut = Vec::with_capacity(blocks.len() + 4);
    let mut was_cut = false;
    for block in blocks.drain(..) {
        match block {
            Block::Hint(line) if was_cut && line == says_so => was_cut = false,
            Block::Words(mut words) if words.len() > keep => {
                words.truncate(words.floor_char_boundary(keep));
                let end = words.rfind('\n').filter(|end| *end >= keep / 2).unwrap_or(words.len());
                words.truncate(end);
                cut.extend([Block::Words(words), Block::Hint(says_so.to_owned())]);
                was_cut = true;
            }
            other @ (Block::Marker(..)
            | Block::Text(_)
            | Block::Headline(_)
            | Block::Facts(_)
            | Block::Words(_)
            | Block::Own(_)
            | Block::Below(_)
            | Block::Designed { .. }
            | Block::List(_)
            | Block::Rule
            | Block::Buttons(_)
            | Block::Hint(_)
            | Block::Signature { .. }) => {
                was_cut = false;
                cut.push(other);
            }
        }
    }
    *blocks = cut;
}

/// The attachments that travel along beside a text of `text_len` bytes, and those that do not fit, in the order of the mail.
pub fn files<'a>(
    attachments: &'a [Attachment],
    text_len: usize,
    desk: &Desk,
) -> (Vec<&'a Attachment>, Vec<&'a Attachment>) {
    let room = room(desk).saturating_sub(text_len);
    let (mut total, mut encoded) = (0_usize, 0_usize);
    attachments.iter().partition(|attachment| {
        let bytes = attachment.content.len();
        let (with, as_sent) = (total.saturating_add(bytes), encoded.saturating_add(encoded_file(attachment)));
        let fits = with <= MAX_ATTACHED && as_sent <= room;
        if fits {
            (total, encoded) = (with, as_sent);
        }
        fits
    })
}

/// Bytes of files, as they are, that fit beside a text of `text_len` bytes: for people.
pub fn files_limit(text_len: usize, desk: &Desk) -> usize {
    MAX_ATTACHED.min(room(desk).saturating_sub(text_len) / 78 * 57)
}

/// Files that do not travel along, and how large those that do may be.
pub struct LeftOut<'a> {
    pub files: Vec<&'a Attachment>,
    limit: usize,
}

/// The attachments that travel along, and the text that names those that do not.
pub fn beside<'a>(
    attachments: &'a [Attachment],
    written: impl Fn(&LeftOut<'a>) -> Text,
    desk: &Desk,
) -> (Vec<&'a Attachment>, Text) {
    if attachments.is_empty() {
        return (Vec::new(), written(&LeftOut { files: Vec::new(), limit: 0 }));
    }
    // As large as it can be: all of them named.
    let named = written(&LeftOut { files: attachments.iter().collect(), limit: usize::MAX });
    let text_len = encoded_len(&named);
    let (attached, left) = files(attachments, text_len, desk);
    let text = written(&LeftOut { files: left, limit: files_limit(text_len, desk) });
    (attached, text)
}

impl LeftOut<'_> {
    /// That they are left out, with their names and sizes, and those that `never_kept` names beside them.
    pub fn blocks(&self, never_kept: &[(String, u64)], texts: &Texts, desk: &Desk) -> Option<[Block; 2]> {
        if self.files.is_empty() && never_kept.is_empty() {
            return None;
        }
        let limit = if self.files.is_empty() { files_limit(0, desk) } else { self.limit };
        let line = |name: &str, bytes: usize| format!("{} ({})", clean_line(name, MAX_NAME), size(bytes));
        let never_kept =
            never_kept.iter().map(|(name, bytes)| line(name, usize::try_from(*bytes).unwrap_or(usize::MAX)));
        let too_large = self.files.iter().map(|file| line(&file.name, file.content.len()));
        let says_so = texts.fill(TextKey::AttachmentsLeftOut, &[("limit", &size(limit))]);
        Some([Block::Hint(says_so), Block::List(never_kept.chain(too_large).collect())])
    }
}

/// `3.4 MB`; powers of ten, as mail programs show it.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// What an attachment becomes: base64 in lines of 76 characters, and its headers with its name.
fn encoded_file(attachment: &Attachment) -> usize {
    attachment.content.len().div_ceil(57).saturating_mul(78) + PART_HEAD + attachment.name.len().saturating_mul(6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Block {
        Block::Words(text.to_owned())
    }

    fn plain(blocks: &[Block]) -> String {
        blocks::plain(blocks)
    }

    #[test]
    fn words_are_cut_at_the_end_of_a_line_and_the_line_that_says_so_stands_once() {
        let mut blocks = vec![words("one\ntwo\nthree\nfour"), Block::Rule, words("short")];
        cut(&mut blocks, 14, "cut");
        assert_eq!(plain(&blocks[..2]), "| one\n| two\n| three\n\ncut\n");
        cut(&mut blocks, 8, "cut");
        assert_eq!(plain(&blocks[..2]), "| one\n| two\n\ncut\n");
        assert_eq!(blocks.len(), 4, "{blocks:?}");
        let mut cyrillic = vec![words("жжж")];
        cut(&mut cyrillic, 3, "cut");
        assert_eq!(plain(&cyrillic), "| ж\n\ncut\n");
    }
}
