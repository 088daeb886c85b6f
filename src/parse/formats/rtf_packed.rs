//! Rich text as Outlook packs it (MS-OXRTFCP).
//!
//! Every length in it is a claim: what is unpacked has a limit, and what is cut short ends where it is cut.

use crate::parse::MAX_TEXT;

/// Bytes that packed text may become.
const MAX_UNPACKED: usize = 4 * MAX_TEXT;
const COMPRESSED: u32 = 0x7546_5a4c;
const UNCOMPRESSED: u32 = 0x414c_454d;
/// What both sides know before the first byte (MS-OXRTFCP §2.1.2.1).
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const WINDOW: usize = 4096;

/// Unpacks `PidTagRtfCompressed`; what is cut short ends where it is cut.
pub fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| Some(u32::from_le_bytes(packed.get(at..at + 4)?.try_into().ok()?));
    let size = usize::try_from(word(4)?).ok()?.min(MAX_UNPACKED);
    let kind = word(8)?;
    let mut rest = packed.get(16..)?.iter().copied();
    if kind == UNCOMPRESSED {
        return Some(rest.take(size).collect());
    }
    if kind != COMPRESSED {
        return None;
    }
    let mut window = [0_u8; WINDOW];
    window.get_mut(..DICTIONARY.len())?.copy_from_slice(DICTIONARY);
    let mut at = DICTIONARY.len();
    let mut out: Vec<u8> = Vec::new();
    let mut put = |byte: u8, at: &mut usize, window: &mut [u8; WINDOW]| {
        out.push(byte);
        if let Some(slot) = window.get_mut(*at) {
            *slot = byte;
        }
        *at = (*at + 1) % WINDOW;
        out.len() < MAX_UNPACKED
    };
    'all: while let Some(control) = rest.next() {
        for bit in 0..8 {
            let Some(first) = rest.next() else { break 'all };
            if control & (1 << bit) == 0 {
                if !put(first, &mut at, &mut window) {
                    break 'all;
                }
                continue;
            }
            let Some(second) = rest.next() else { break 'all };
            let from = usize::from(first) << 4 | usize::from(second) >> 4;
            if from == at {
                break 'all;
            }
            for step in 0..usize::from(second & 0xf) + 2 {
                let byte = window.get((from + step) % WINDOW).copied().unwrap_or_default();
                if !put(byte, &mut at, &mut window) {
                    break 'all;
                }
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of MS-OXRTFCP §4.1.1.
    const PACKED: [u8; 49] = [
        0x2d, 0, 0, 0, 0x2b, 0, 0, 0, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0, 0x0a, 0, 0x72, 0x63,
        0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09, 0, 0x20, 0x62, 0x77, 0x05,
        0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
    ];

    #[test]
    fn packed_text_is_unpacked() {
        assert_eq!(DICTIONARY.len(), 207);
        let unpacked = unpack(&PACKED).unwrap();
        assert_eq!(unpacked, b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        let plain = [&[0; 4][..], &5_u32.to_le_bytes(), b"MELA", &[0; 4], b"helloxx"].concat();
        assert_eq!(unpack(&plain).unwrap(), b"hello");
    }

    #[test]
    fn cut_and_hostile_texts_end_somewhere() {
        for end in 0..PACKED.len() {
            unpack(&PACKED[..end]);
        }
        let mut bomb = [&[0; 4][..], &u32::MAX.to_le_bytes(), b"LZFu", &[0; 4]].concat();
        bomb.extend(std::iter::repeat_n(&[0xff][..], 1).flatten());
        bomb.extend(
            std::iter::repeat_n(
                [
                    0x00_u8, 0x0f, 0x00, 0x0f, 0x00, 0x0f, 0x00, 0x0f, 0x00, 0x0f, 0x00, 0x0f, 0x00, 0x0f, 0x00, 0x0f,
                    0xff,
                ],
                400_000,
            )
            .flatten(),
        );
        assert!(unpack(&bomb).unwrap().len() <= MAX_UNPACKED);
    }
}
