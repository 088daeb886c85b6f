//! Parts that are no running text, as files: a safe name, a type, the decoded bytes.

use crate::model::mail::Attachment;
use crate::model::text::{clean_file_name, clean_line};
use crate::parse::formats::tnef::{self, Tnef};
use crate::parse::mime::fields::Fields;
use crate::parse::mime::parts::{Disposition, Kind, Part, Parts};
use crate::parse::mime::words;

/// Extensions of files that people send.
const EXTENSIONS: [&str; 36] = [
    "7z", "asc", "bmp", "csv", "doc", "docx", "eml", "gif", "heic", "htm", "html", "ics", "jpeg", "jpg", "json", "mov",
    "mp3", "mp4", "odt", "ods", "p7s", "pdf", "png", "ppt", "pptx", "rar", "rtf", "svg", "tif", "txt", "vcf", "wav",
    "webp", "xls", "xlsx", "zip",
];
/// Packed parts of one mail that are unpacked.
const MAX_PACKED: usize = 10;

/// The parts that are a `winmail.dat`, by index, with what is packed in them.
pub fn unpack(parts: &Parts<'_>) -> Vec<(usize, Tnef)> {
    let packed = |part: &Part<'_>| {
        matches!(part.media_type.as_str(), "application/ms-tnef" | "application/vnd.ms-tnef")
            || part.name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case("winmail.dat"))
    };
    let leaves = parts.leaves.iter().enumerate().filter(|(_, part)| packed(part)).take(MAX_PACKED);
    leaves.filter_map(|(index, part)| Some((index, tnef::read(&part.bytes())?))).collect()
}

/// Everything that `used` does not name. `referred` are the Content-IDs that the text shows; of `packed` the files count.
pub fn collect(
    parts: Parts<'_>,
    used: &[usize],
    referred: &[String],
    packed: Vec<(usize, Tnef)>,
    defects: &mut Vec<String>,
) -> Vec<Attachment> {
    let mut packed = packed;
    let Parts { containers, leaves } = parts;
    let mut attachments = Vec::new();
    for (index, part) in leaves.into_iter().enumerate() {
        if used.contains(&index) {
            continue;
        }
        if let Some((_, tnef)) = packed.iter_mut().find(|(at, _)| *at == index) {
            let empty = tnef.files.is_empty() && tnef.text.is_empty() && tnef.html.is_empty();
            attachments.append(&mut tnef.files);
            if tnef.cut {
                defects.push("winmail.dat is cut".to_owned());
            }
            if !tnef.incomplete && !empty {
                continue;
            }
            defects.push("winmail.dat holds more than could be unpacked".to_owned());
        }
        let kind = part.parent.and_then(|parent| containers.get(parent)).map(|container| container.kind);
        if part.raw.trim_ascii().is_empty() && part.name.is_none() && part.is_text() {
            continue;
        }
        attachments.push(attachment(&part, kind, attachments.len() + 1, referred));
    }
    attachments
}

fn attachment(part: &Part<'_>, kind: Option<Kind>, number: usize, referred: &[String]) -> Attachment {
    let shown = part.content_id.as_ref().is_some_and(|id| {
        referred.iter().any(|referred| referred == id)
            || (kind == Some(Kind::Related) && part.disposition != Disposition::Attachment)
    });
    let content = part.bytes().into_owned();
    let media_type = clean_line(&part.media_type, 100);
    let fallback = format!("attachment-{number}{}", extension(&media_type));
    let name = match &part.name {
        Some(name) if is_only_extension(name) => format!("attachment-{number}{}", name.trim().to_ascii_lowercase()),
        Some(name) => clean_file_name(name, &fallback),
        None if media_type == "message/rfc822" => mail_name(&content, &fallback),
        None => fallback,
    };
    Attachment {
        name,
        inline: part.disposition == Disposition::Inline || shown,
        content_id: part.content_id.as_deref().map(|id| clean_line(id, 200)).filter(|id| !id.is_empty()),
        media_type,
        content,
    }
}

/// `.pdf`: no name but the type once more. `.profile` is one.
fn is_only_extension(name: &str) -> bool {
    let Some(bare) = name.trim().strip_prefix('.') else { return false };
    EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(bare))
}

/// The name of an attached mail: its subject.
fn mail_name(content: &[u8], fallback: &str) -> String {
    let (fields, _) = Fields::scan(content, &mut Vec::new());
    let subject = fields.text("Subject").map(|text| words::decode(&text)).unwrap_or_default();
    let subject = clean_line(&subject, 80).replace(['/', '\\'], "-");
    if subject.is_empty() { fallback.to_owned() } else { clean_file_name(&format!("{subject}.eml"), fallback) }
}

/// The usual extension of a media type, with its dot.
fn extension(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => ".pdf",
        "application/zip" => ".zip",
        "application/json" => ".json",
        "application/ics" | "text/calendar" => ".ics",
        "application/pgp-signature" => ".asc",
        "application/pkcs7-signature" | "application/x-pkcs7-signature" => ".p7s",
        "image/jpeg" | "image/jpg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "image/webp" => ".webp",
        "image/heic" => ".heic",
        "image/svg+xml" => ".svg",
        "audio/mpeg" => ".mp3",
        "audio/wav" | "audio/x-wav" => ".wav",
        "video/mp4" => ".mp4",
        "message/rfc822" | "message/global" => ".eml",
        "text/html" => ".html",
        "text/csv" => ".csv",
        "text/vcard" | "text/x-vcard" => ".vcf",
        "text/rfc822-headers" => ".txt",
        _ if media_type.starts_with("text/") || media_type.starts_with("message/") => ".txt",
        _ => ".bin",
    }
}
