//! Pictures that are no parts of a mail: those that stand in its HTML as data become files, those on other machines are named.
//!
//! Fetches nothing.

use memchr::memmem::Finder;

use crate::model::mail::Attachment;
use crate::model::text::clean_line;
use crate::parse::html::tokens::attribute;
use crate::parse::mime::transfer::{base64, hex_pair};

/// Pictures of one mail that become files, and their bytes.
const MAX_FILES: usize = 50;
const MAX_BYTES: usize = 50_000_000;
/// Bytes before the content of a picture in HTML.
const MAX_HEAD: usize = 200;
/// Width or height of what is an icon, a line or a spy and no picture.
const MAX_ICON: u32 = 32;
/// Characters of a link, and of what a picture says of itself, that are shown.
const MAX_LINK: usize = 500;
const MAX_ALT: usize = 100;
/// What stands in front of the address of a picture on another machine.
const MARK: &str = "[picture:";

/// Takes the pictures out of HTML that stand in it as `data:`; what is left refers to them by Content-ID. `None` when there
/// are none. They are numbered from `first` on.
pub fn lift(html: &[u8], first: usize) -> Option<(Vec<u8>, Vec<Attachment>)> {
    let mut kept = Vec::new();
    let mut files = Vec::new();
    let (mut from, mut bytes) = (0, 0);
    for at in Finder::new(b"data:image/").find_iter(html) {
        if at < from {
            continue;
        }
        let before = html.get(..at).and_then(|before| before.last()).copied().unwrap_or(b' ');
        let rest = html.get(at..).unwrap_or_default();
        // Looked at before the end is looked for, so that nobody looks for it in vain again and again.
        let Some(head) = Head::read(rest) else { continue };
        let ends = |byte: &u8| match before {
            b'"' | b'\'' => *byte == before,
            _ => byte.is_ascii_whitespace() || matches!(byte, b'>' | b')' | b'&'),
        };
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let content = head.content(rest.get(..length).unwrap_or_default());
        kept.extend_from_slice(html.get(from..at).unwrap_or_default());
        from = at + length;
        if content.is_empty() || files.len() >= MAX_FILES || bytes + content.len() > MAX_BYTES {
            continue;
        }
        bytes += content.len();
        let number = first + files.len();
        let id = format!("picture-{number}@data");
        kept.extend_from_slice(b"cid:");
        kept.extend_from_slice(id.as_bytes());
        let name = format!("picture-{number}.{}", head.extension());
        files.push(Attachment { name, media_type: head.media_type, inline: true, content_id: Some(id), content });
    }
    if from == 0 {
        return None;
    }
    kept.extend_from_slice(html.get(from..).unwrap_or_default());
    Some((kept, files))
}

/// What stands in front of the content: `data:image/png;base64,` (RFC 2397).
struct Head {
    media_type: String,
    base64: bool,
    length: usize,
}

impl Head {
    fn read(data: &[u8]) -> Option<Self> {
        let comma = data.iter().take(MAX_HEAD).position(|byte| *byte == b',')?;
        let head = data.get(b"data:".len()..comma)?;
        let head = std::str::from_utf8(head).ok()?.to_ascii_lowercase();
        let media_type = head.split(';').next()?.trim();
        let named = media_type.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/+.-".contains(&byte));
        let base64 = head.ends_with("base64");
        (named && media_type.len() <= 40).then(|| Self { media_type: media_type.to_owned(), base64, length: comma + 1 })
    }

    fn content(&self, data: &[u8]) -> Vec<u8> {
        let plain = unescape(data.get(self.length..).unwrap_or_default());
        if self.base64 { base64(&plain) } else { plain }
    }

    fn extension(&self) -> &str {
        match self.media_type.trim_start_matches("image/") {
            "jpeg" | "pjpeg" => "jpg",
            "svg+xml" => "svg",
            "x-icon" | "vnd.microsoft.icon" => "ico",
            other if !other.is_empty() && other.bytes().all(|byte| byte.is_ascii_alphanumeric()) => other,
            _ => "bin",
        }
    }
}

/// Without `%3C`.
fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        match (byte, after) {
            (b'%', [high, low, tail @ ..]) if let Some(byte) = hex_pair(*high, *low) => {
                plain.push(byte);
                rest = tail;
            }
            _ => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    plain
}

/// `[picture: alt <https://…>]` for a picture on another machine that is larger than an icon.
pub fn remote_picture(attributes: &str, alt: &str) -> Option<String> {
    let source = attribute(attributes, "src")?;
    let source = source.trim();
    let web = source.get(..8).is_some_and(|scheme| {
        let scheme = scheme.to_ascii_lowercase();
        scheme.starts_with("http://") || scheme.starts_with("https://")
    });
    let small = |name| {
        let value = attribute(attributes, name).unwrap_or_default();
        let number = value.trim().trim_end_matches("px");
        number.parse::<u32>().is_ok_and(|size| size <= MAX_ICON)
    };
    if !web || small("width") || small("height") || is_small_by_style(attributes) {
        return None;
    }
    let alt = clean_line(alt, MAX_ALT).replace(['[', ']', '<', '>'], " ");
    let shown = source.len() <= MAX_LINK
        && source.chars().all(|c| c.is_alphanumeric() || (c.is_ascii_graphic() && !"<>[]".contains(c)));
    let link = if shown { format!("<{source}>") } else { String::new() };
    let inner = [alt.trim(), link.as_str()].into_iter().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join(" ");
    (!inner.is_empty()).then(|| format!("{MARK} {inner}]"))
}

/// `style="width:1px"`.
fn is_small_by_style(attributes: &str) -> bool {
    let style = attribute(attributes, "style").unwrap_or_default().to_ascii_lowercase();
    style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
        let size = value.trim().trim_end_matches("!important").trim_end().trim_end_matches("px");
        matches!(name.trim(), "width" | "height") && size.parse::<u32>().is_ok_and(|size| size <= MAX_ICON)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_stand_in_the_markup_become_files() {
        let html =
            b"<p>See:<img src=\"data:image/png;base64,aGVs\r\nbG8=\"><img src='data:image/svg+xml,%3Csvg/%3E'> end";
        let (kept, files) = lift(html, 1).unwrap();
        let kept = String::from_utf8(kept).unwrap();
        assert_eq!(kept, "<p>See:<img src=\"cid:picture-1@data\"><img src='cid:picture-2@data'> end");
        let named: Vec<_> = files.iter().map(|file| (file.name.as_str(), file.content.as_slice())).collect();
        assert_eq!(named, [("picture-1.png", &b"hello"[..]), ("picture-2.svg", b"<svg/>")]);
        for none in ["", "<p>data:", "data:image/", "<img src='data:image/png'>", "data:image/p ng,x"] {
            assert_eq!(lift(none.as_bytes(), 1), None, "{none}");
        }
    }

    #[test]
    fn a_picture_elsewhere_is_named_unless_it_is_an_icon_or_a_spy() {
        let check = |attributes: &str, alt: &str, want: Option<&str>| {
            assert_eq!(remote_picture(attributes, alt).as_deref(), want, "{attributes}");
        };
        check(" src='https://x.example/a.png'", "The fault", Some("[picture: The fault <https://x.example/a.png>]"));
        check(" src=\"http://x.example/a.png\"", "", Some("[picture: <http://x.example/a.png>]"));
        check(" src='https://x.example/a.png' width='1' height='1'", "", None);
        check(" src='https://x.example/a.png' style='width: 16px'", "", None);
        check(" src='cid:a'", "a", None);
        check(" src='/a.png'", "a", None);
        check(" alt='x'", "x", None);
    }
}
