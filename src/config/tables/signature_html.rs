//! `signature_html` of a department: a little markup that every mail program shows and that fetches nothing.
//!
//! It stands in the mail as it is written, so it is read here as strictly as anything: known elements, known attributes,
//! everything closed.

use crate::config::reader::values::quoted;

use crate::config::reader::values::{Complaint, complain};
use crate::model::suggest::nearest;

/// Bytes of a signature.
const MAX_LEN: usize = 10_000;
const ELEMENTS: [&str; 16] =
    ["a", "b", "big", "br", "div", "em", "font", "i", "p", "small", "span", "strong", "table", "tbody", "td", "tr"];
const ATTRIBUTES: [&str; 14] = [
    "align",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "color",
    "face",
    "height",
    "href",
    "role",
    "size",
    "style",
    "valign",
    "width",
];
const SCHEMES: [&str; 4] = ["https://", "http://", "mailto:", "tel:"];

/// The signature, checked.
pub fn signature_html(text: &str) -> Result<String, Complaint> {
    if text.len() > MAX_LEN {
        return complain("this signature is too long", format!("keep it to {MAX_LEN} bytes"));
    }
    let mut open: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some((_, from)) = rest.split_once('<') {
        let Some((tag, after)) = from.split_once('>') else {
            return complain("a tag in `signature_html` has no end", "close it with `>`, or write `&lt;` for a `<`");
        };
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let name = name.trim().to_lowercase();
            if open.pop().as_ref() != Some(&name) {
                return complain(
                    format!("`</{name}>` closes nothing that is open"),
                    "close what was opened last first",
                );
            }
            continue;
        }
        let name: String = tag.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        if !ELEMENTS.contains(&name.as_str()) {
            return complain(format!("`<{name}>` cannot stand in `signature_html`"), element_hint(&name));
        }
        attributes(tag.get(name.len()..).unwrap_or_default().trim_end_matches('/'))?;
        if name != "br" && !tag.ends_with('/') {
            open.push(name);
        }
    }
    match open.pop() {
        Some(name) => complain(format!("`<{name}>` in `signature_html` is never closed"), format!("add `</{name}>`")),
        None => Ok(text.trim().to_owned()),
    }
}

fn element_hint(name: &str) -> String {
    match name {
        "img" => "pictures would have to be fetched, and programs hide them: write words".to_owned(),
        "" => "write `&lt;` for a `<` that begins no tag".to_owned(),
        _ => match nearest(name, &ELEMENTS) {
            Some(near) => format!("did you mean `<{near}>`?"),
            None => format!("it takes {}", quoted(&ELEMENTS)),
        },
    }
}

/// `name="value"` pairs, and nothing in them that fetches or runs anything.
fn attributes(text: &str) -> Result<(), Complaint> {
    let mut rest = text.trim();
    while !rest.is_empty() {
        let parts = rest.split_once('=').and_then(|(name, from)| {
            let from = from.trim_start();
            let quote = from.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
            let (value, after) = from.get(1..)?.split_once(quote)?;
            Some((name.trim().to_lowercase(), value, after))
        });
        let Some((name, value, after)) = parts else {
            return complain(
                format!("`{rest}` in a tag of `signature_html` is no attribute"),
                "write `name=\"value\"`",
            );
        };
        rest = after.trim_start();
        if !ATTRIBUTES.contains(&name.as_str()) {
            let hint = format!("it takes {}", quoted(&ATTRIBUTES));
            return complain(format!("`{name}` cannot stand in `signature_html`"), hint);
        }
        let folded: String = value.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        if name == "href" && !SCHEMES.iter().any(|scheme| folded.starts_with(scheme)) {
            return complain(
                format!("`{value}` is no link for a mail"),
                format!("begin it with one of {}", quoted(&SCHEMES)),
            );
        }
        if name == "style" && ["url(", "expression", "@", "\\", "&"].iter().any(|mark| folded.contains(mark)) {
            return complain("a style in `signature_html` fetches something", "keep to colours, sizes and distances");
        }
    }
    Ok(())
}
