//! TNEF (`winmail.dat`), in which Outlook and Exchange pack a body and files for others of their kind.
//!
//! Everything in it is a claim: every length is checked against what is there, and what is odd ends the reading of that piece.

use crate::model::mail::Attachment;
use crate::model::text::{clean_file_name, clean_line, clean_text};
use crate::parse::charset;
use crate::parse::formats::rtf::{self, Body};
use crate::parse::formats::rtf_packed;
use crate::parse::{MAX_PARTS, MAX_TEXT};

/// Properties of one block that are read.
const MAX_PROPERTIES: u32 = 5_000;
/// Values of one property that are read.
const MAX_VALUES: u32 = 1_000;
const SIGNATURE: u32 = 0x223e_9f78;

/// What a `winmail.dat` holds.
#[derive(Debug, Default)]
pub struct Tnef {
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
    /// The files.
    pub files: Vec<Attachment>,
    /// Whether something stays packed: a body that cannot be read, or a mail inside.
    pub incomplete: bool,
    /// Whether it ends in the middle.
    pub cut: bool,
}

/// Reads a TNEF stream; `None` when it is none.
pub fn read(bytes: &[u8]) -> Option<Tnef> {
    let mut reader = Reader(bytes);
    if reader.u32()? != SIGNATURE {
        return None;
    }
    reader.u16()?;
    let mut tnef = Tnef::default();
    let mut codepage = String::new();
    let mut file: Option<File<'_>> = None;
    while let Some((attribute, data)) = reader.attribute(&mut tnef.cut) {
        match attribute {
            0x0006_9007 => codepage = codepage_label(Reader(data).u32().unwrap_or_default()),
            0x0002_800c => tnef.text = decode(until_nul(data), &codepage),
            0x0006_9003 => message_properties(data, &mut codepage, &mut tnef),
            // The next file begins.
            0x0006_9002 => {
                close(&mut tnef, file.take());
                file = Some(File::default());
            }
            0x0001_8010 => {
                let file = file.get_or_insert_default();
                if file.name.is_empty() {
                    file.name = decode(until_nul(data), &codepage);
                }
            }
            0x0006_800f => file.get_or_insert_default().content = data,
            0x0006_9005 => file_properties(data, &codepage, file.get_or_insert_default(), &mut tnef.incomplete),
            _ => {}
        }
    }
    close(&mut tnef, file);
    Some(tnef)
}

#[derive(Default)]
struct File<'a> {
    name: String,
    media_type: String,
    content_id: Option<String>,
    content: &'a [u8],
}

fn close(tnef: &mut Tnef, file: Option<File<'_>>) {
    let Some(file) = file.filter(|file| !file.content.is_empty()) else { return };
    if tnef.files.len() >= MAX_PARTS {
        return;
    }
    let media_type = clean_line(&file.media_type.to_ascii_lowercase(), 100);
    tnef.files.push(Attachment {
        name: clean_file_name(&file.name, &format!("attachment-{}.bin", tnef.files.len() + 1)),
        media_type: if media_type.contains('/') { media_type } else { "application/octet-stream".to_owned() },
        content: file.content.to_vec(),
        inline: file.content_id.is_some(),
        content_id: file.content_id,
    });
}

fn message_properties(data: &[u8], codepage: &mut String, tnef: &mut Tnef) {
    let mut rich: Option<&[u8]> = None;
    properties(data, |id, kind, value| match id {
        0x3fde => *codepage = codepage_label(Reader(value).u32().unwrap_or_default()),
        0x1000 if tnef.text.is_empty() => tnef.text = string(kind, value, codepage),
        0x1013 => tnef.html = string(kind, value, codepage),
        0x1009 => rich = Some(value),
        _ => {}
    });
    let Some(packed) = rich.filter(|_| tnef.text.trim().is_empty() && tnef.html.is_empty()) else { return };
    match rtf_packed::unpack(packed).and_then(|rtf| rtf::read(&rtf)) {
        Some(Body::Html(html)) => tnef.html = clean_text(&html),
        Some(Body::Text(text)) => tnef.text = clean_text(&text),
        None => tnef.incomplete = true,
    }
}

fn file_properties<'a>(data: &'a [u8], codepage: &str, file: &mut File<'a>, incomplete: &mut bool) {
    let mut short = String::new();
    properties(data, |id, kind, value| match id {
        // The long name wins over the one of eight characters.
        0x3707 => file.name = string(kind, value, codepage),
        0x3704 | 0x3001 if short.is_empty() => short = string(kind, value, codepage),
        0x370e => file.media_type = string(kind, value, codepage),
        0x3712 => {
            let id = clean_line(string(kind, value, codepage).trim_matches(['<', '>']), 200);
            file.content_id = (!id.is_empty()).then_some(id);
        }
        // An object begins with 16 bytes that name its kind; most are mails.
        0x3701 if kind == 0x000d => *incomplete = true,
        0x3701 if file.content.is_empty() => file.content = value,
        _ => {}
    });
    if file.name.is_empty() {
        file.name = short;
    }
}

/// Calls `take` with id, type and first value of each property.
fn properties<'a>(data: &'a [u8], mut take: impl FnMut(u16, u16, &'a [u8])) {
    let mut reader = Reader(data);
    let count = reader.u32().unwrap_or_default().min(MAX_PROPERTIES);
    for _ in 0..count {
        let Some((id, kind, value)) = reader.property() else { return };
        take(id, kind, value);
    }
}

fn string(kind: u16, value: &[u8], codepage: &str) -> String {
    let value = value.get(..MAX_TEXT).unwrap_or(value);
    let text = if kind == 0x001f {
        charset::decode(value, Some("utf-16le")).into_owned()
    } else {
        decode(until_nul(value), codepage)
    };
    clean_text(text.trim_end_matches('\0'))
}

fn decode(bytes: &[u8], codepage: &str) -> String {
    let bytes = bytes.get(..MAX_TEXT).unwrap_or(bytes);
    clean_text(&charset::decode(bytes, Some(codepage).filter(|label| !label.is_empty())))
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// The charset of a Windows code page.
pub fn codepage_label(codepage: u32) -> String {
    match codepage {
        0 => String::new(),
        65001 => "utf-8".to_owned(),
        20127 => "us-ascii".to_owned(),
        20866 => "koi8-r".to_owned(),
        21866 => "koi8-u".to_owned(),
        28591..=28606 => format!("iso-8859-{}", codepage - 28590),
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        _ => format!("windows-{codepage}"),
    }
}

/// A slice that is read from its front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// The id and data of the next attribute; data cut short by the end of the file still counts, and sets `cut`.
    fn attribute(&mut self, cut: &mut bool) -> Option<(u32, &'a [u8])> {
        let level = self.take(1)?;
        if !matches!(level, [1 | 2]) {
            return None;
        }
        let id = self.u32()?;
        let length = self.length()?;
        *cut |= length > self.0.len();
        let data = self.take(length).or_else(|| self.take(self.0.len()))?;
        self.take(2);
        Some((id, data))
    }

    /// Id, type and first value of the next property.
    fn property(&mut self) -> Option<(u16, u16, &'a [u8])> {
        let kind = self.u16()?;
        let id = self.u16()?;
        if id >= 0x8000 {
            self.take(16)?;
            if self.u32()? == 0 {
                self.u32()?;
            } else {
                let length = self.length()?;
                self.padded(length)?;
            }
        }
        let many = kind & 0x1000 != 0;
        let base = kind & !0x1000;
        let variable = matches!(base, 0x001e | 0x001f | 0x000d | 0x0102);
        let count = if many || variable { self.u32()?.min(MAX_VALUES) } else { 1 };
        let mut first = None;
        for _ in 0..count {
            let value = if variable {
                let length = self.length()?;
                self.padded(length)?
            } else {
                self.take(match base {
                    0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
                    0x0048 => 16,
                    _ => 4,
                })?
            };
            first = first.or(Some(value));
        }
        Some((id, base, first.unwrap_or_default()))
    }

    /// A value that is filled up to a multiple of four bytes.
    fn padded(&mut self, length: usize) -> Option<&'a [u8]> {
        let value = self.take(length)?;
        let fill = length.next_multiple_of(4) - length;
        self.take(fill.min(self.0.len()))?;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![level];
        bytes.extend(id.to_le_bytes());
        bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data);
        bytes.extend([0, 0]);
        bytes
    }

    fn variable(kind: u16, id: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        bytes.extend(1u32.to_le_bytes());
        bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn sample() -> Vec<u8> {
        let long: Vec<u8> = "Umowa ąę.pdf\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut properties = 2u32.to_le_bytes().to_vec();
        properties.extend(variable(0x001f, 0x3707, &long));
        properties.extend(variable(0x001e, 0x370e, b"application/pdf\0"));
        let mut bytes = SIGNATURE.to_le_bytes().to_vec();
        bytes.extend([1, 0]);
        bytes.extend(attribute(1, 0x0006_9007, &1250u32.to_le_bytes()));
        bytes.extend(attribute(1, 0x0002_800c, b"Dzie\xf1 dobry\0"));
        bytes.extend(attribute(2, 0x0006_9002, &[0; 14]));
        bytes.extend(attribute(2, 0x0001_8010, b"UMOWA~1.PDF\0"));
        bytes.extend(attribute(2, 0x0006_800f, b"%PDF"));
        bytes.extend(attribute(2, 0x0006_9005, &properties));
        bytes
    }

    #[test]
    fn body_and_files_are_unpacked() {
        let tnef = read(&sample()).unwrap();
        assert_eq!(tnef.text, "Dzień dobry");
        let file = &tnef.files[0];
        assert_eq!(
            (file.name.as_str(), file.media_type.as_str(), file.content.as_slice()),
            ("Umowa ąę.pdf", "application/pdf", b"%PDF".as_slice())
        );
        assert!(!tnef.incomplete && !tnef.cut && tnef.files.len() == 1);
        let whole = sample();
        assert!(read(&whole[..whole.len() - 8]).unwrap().cut);
        assert!(!read(&[&whole[..], &[0; 5]].concat()).unwrap().cut);
    }

    #[test]
    fn a_body_in_rich_text_alone_is_read() {
        for (rtf, text, html) in [
            ("{\\rtf1\\ansicpg1250 Dzie\\'f1 dobry\\par}", "Dzień dobry\n", ""),
            ("{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}Hello{\\*\\htmltag72 </p>}}", "", "<p>Hello</p>"),
            ("nothing that we know", "", ""),
        ] {
            let size = u32::try_from(rtf.len()).unwrap().to_le_bytes();
            let packed = [&[0; 4][..], &size, b"MELA", &[0; 4], rtf.as_bytes()].concat();
            let mut properties = 1u32.to_le_bytes().to_vec();
            properties.extend(variable(0x0102, 0x1009, &packed));
            let mut bytes = SIGNATURE.to_le_bytes().to_vec();
            bytes.extend([1, 0]);
            bytes.extend(attribute(1, 0x0006_9003, &properties));
            let tnef = read(&bytes).unwrap();
            assert_eq!((tnef.text.as_str(), tnef.html.as_str()), (text, html));
            assert_eq!(tnef.incomplete, text.is_empty() && html.is_empty(), "{rtf}");
        }
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_survived() {
        let whole = sample();
        assert!(read(b"PK").is_none());
        for end in 0..whole.len() {
            read(&whole[..end]);
            for value in [0, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[end] = value;
                read(&changed);
            }
        }
    }
}
