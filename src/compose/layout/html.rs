//! A page as HTML that Outlook, Gmail and Thunderbird show alike: tables, inline CSS, no images, nothing fetched.
//!
//! Outlook renders with Word: it knows cell padding, borders and `bgcolor`, but no `max-width`, no padding on links.

use std::fmt::{self, Write};

use super::blocks::Block;
use crate::model::language::Language;
use crate::model::reader::Reader;

const FONT: &str = "font-family:Segoe UI,Helvetica,Arial,sans-serif";
pub const INK: &str = "#1f2933";
pub const GREY: &str = "#66727f";
pub const LINE: &str = "#d5dce3";
const CARD: &str = "#f4f6f8";
pub const LINK: &str = "#0b5cad";

/// The blocks as an HTML document.
pub fn document(language: Language, blocks: &[Block]) -> String {
    let mut html = String::with_capacity(4096);
    add(
        &mut html,
        format_args!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n</head>\n\
         <body style=\"margin:0;padding:12px;background-color:#ffffff;color:{INK};{FONT};font-size:15px;line-height:1.5;\
         word-break:break-word;overflow-wrap:anywhere\">\n"
        ),
    );
    for block in blocks {
        push_block(&mut html, block);
    }
    html.push_str("</body>\n</html>\n");
    html
}

fn push_block(html: &mut String, block: &Block) {
    match block {
        Block::Marker(reader, line) => push_band(html, *reader, line),
        Block::Headline(line) => {
            add(
                html,
                format_args!(
                    "<p style=\"margin:0 0 8px 0;max-width:680px;font-size:16px\"><strong>{}</strong></p>\n",
                    Escaped(line)
                ),
            );
        }
        Block::Text(words) => push_paragraphs(html, words, Links::Live, &format!("margin:0 0 14px 0;color:{INK}")),
        Block::Facts(facts) => push_facts(html, facts),
        Block::Words(words) | Block::Own(words) => {
            add(
                html,
                format_args!(
                    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
                 style=\"margin:0 0 14px 0;max-width:680px\"><tr>\
                 <td style=\"border-left:4px solid #8fb4dc;padding:2px 0 2px 14px;word-break:break-word;{FONT};font-size:15px;line-height:1.5;color:{INK}\">\n"
                ),
            );
            push_paragraphs(html, words, Links::Dead, "margin:0 0 10px 0");
            html.push_str("</td></tr></table>\n");
        }
        Block::Below(words) => {
            add(
                html,
                format_args!(
                    "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
                 style=\"margin:0 0 14px 0;max-width:680px\"><tr>\
                 <td style=\"border-left:4px solid {LINE};padding:2px 0 2px 14px;word-break:break-word;{FONT};font-size:13px;line-height:1.5;color:{GREY}\">\n"
                ),
            );
            push_paragraphs(html, words, Links::Dead, "margin:0 0 8px 0");
            html.push_str("</td></tr></table>\n");
        }
        Block::Designed { html: markup, .. } => html.push_str(markup),
        Block::List(lines) => {
            html.push_str("<ul style=\"margin:0 0 14px 0;max-width:680px;padding-left:22px\">\n");
            for line in lines {
                add(html, format_args!("<li style=\"margin:0 0 4px 0\">{}</li>\n", Escaped(line)));
            }
            html.push_str("</ul>\n");
        }
        Block::Rule => add(
            html,
            format_args!(
                "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
                 style=\"margin:4px 0 14px 0;max-width:680px\"><tr>\
                 <td height=\"1\" style=\"border-top:1px solid {LINE};font-size:1px;line-height:1px\">&nbsp;</td></tr></table>\n"
            ),
        ),
        Block::Buttons(links) => push_buttons(html, links),
        Block::Hint(line) => {
            add(
                html,
                format_args!(
                    "<p style=\"margin:0 0 10px 0;max-width:680px;color:{GREY};font-size:13px\">{}</p>\n",
                    Escaped(line)
                ),
            );
        }
        Block::Signature { html: markup, .. } if !markup.is_empty() => {
            add(html, format_args!("<div style=\"margin:18px 0 0 0\">-- <br>\n{markup}\n</div>\n"));
        }
        Block::Signature { plain: lines, .. } => {
            add(html, format_args!("<p style=\"margin:18px 0 0 0;color:{GREY};font-size:14px\">-- <br>\n"));
            push_lines(html, lines, Links::Live);
            html.push_str("</p>\n");
        }
    }
}

/// The band at the top. Colours alone would not do: dark, light and white are told apart without them, and so are the borders
/// and the words.
fn push_band(html: &mut String, reader: Reader, line: &str) {
    let (ground, ink, border) = match reader {
        Reader::Customer => (LINK, "#ffffff", "2px solid #0b5cad"),
        Reader::Note => ("#ffe9a8", "#4a3500", "2px solid #b07d00"),
        Reader::Nobody => ("#ffffff", "#4a5560", "2px dashed #8b97a3"),
    };
    add(
        html,
        format_args!(
            "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
             style=\"margin:0 0 16px 0;max-width:680px\"><tr>\
             <td bgcolor=\"{ground}\" style=\"background-color:{ground};border:{border};border-radius:6px;padding:7px 14px;\
             {FONT};font-size:13px;line-height:1.4;color:{ink}\"><strong>{}</strong></td></tr></table>\n",
            Escaped(line)
        ),
    );
}

/// Characters of a name in a list of facts that still is not broken into lines.
const SHORT_NAME: usize = 20;

fn push_facts(html: &mut String, facts: &[(String, String)]) {
    let short = facts.iter().all(|(name, _)| name.chars().count() <= SHORT_NAME);
    let wrap = if short { "nowrap" } else { "normal" };
    add(
        html,
        format_args!(
            "<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" bgcolor=\"{CARD}\" \
         style=\"margin:0 0 16px 0;max-width:680px;background-color:{CARD};border:1px solid {LINE};border-radius:6px\">\
         <tr><td style=\"padding:10px 14px\">\n<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\">\n"
        ),
    );
    for (name, value) in facts {
        add(
            html,
            format_args!(
                "<tr><td valign=\"top\" style=\"padding:2px 16px 2px 0;{FONT};font-size:13px;line-height:1.5;color:{GREY};white-space:{wrap}\">{}</td>\
             <td valign=\"top\" style=\"padding:2px 0;word-break:break-word;{FONT};font-size:14px;line-height:1.5;color:{INK}\">{}</td></tr>\n",
                Escaped(name),
                Escaped(value)
            ),
        );
    }
    html.push_str("</table>\n</td></tr></table>\n");
}

fn push_buttons(html: &mut String, links: &[(String, String)]) {
    html.push_str(
        "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" style=\"margin:0 0 14px 0\"><tr>\n",
    );
    for (word, link) in links {
        add(
            html,
            format_args!(
                "<td bgcolor=\"#ffffff\" style=\"padding:6px 14px;border:1px solid {LINK};border-radius:4px;{FONT};font-size:14px\">\
             <a href=\"{}\" style=\"color:{LINK};text-decoration:none\"><strong>{}</strong></a></td>\
             <td width=\"8\" style=\"width:8px;font-size:1px\">&nbsp;</td>\n",
                Escaped(link),
                Escaped(word)
            ),
        );
    }
    html.push_str("</tr></table>\n");
}

/// Whether addresses in a text become links: in ours and an agent's, not in what a stranger wrote.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Links {
    Live,
    Dead,
}

fn push_paragraphs(html: &mut String, text: &str, links: Links, style: &str) {
    let mut paragraph = String::new();
    for line in text.trim_end().lines().chain([""]) {
        if !line.trim().is_empty() {
            if !paragraph.is_empty() {
                paragraph.push('\n');
            }
            paragraph.push_str(line);
        } else if !paragraph.is_empty() {
            add(html, format_args!("<p style=\"{style}\">"));
            push_lines(html, &paragraph, links);
            html.push_str("</p>\n");
            paragraph.clear();
        }
    }
}

fn push_lines(html: &mut String, text: &str, links: Links) {
    for (index, line) in text.lines().enumerate() {
        if index > 0 {
            html.push_str("<br>\n");
        }
        // Indentation means something: lists, tables, code.
        let body = line.trim_start_matches([' ', '\t']);
        let indent: usize =
            line.chars().take_while(|c| matches!(c, ' ' | '\t')).map(|c| if c == '\t' { 4 } else { 1 }).sum();
        html.extend(std::iter::repeat_n("&nbsp;", indent.min(MAX_INDENT)));
        match links {
            Links::Dead => add_text(html, body),
            Links::Live => push_linked(html, body),
        }
    }
}

/// Blanks kept at the start of a line.
const MAX_INDENT: usize = 40;

fn push_linked(html: &mut String, line: &str) {
    for word in line.split_inclusive(' ') {
        let address = word.trim_start_matches(['(', '<', '"', '[']).trim_end();
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '>', '"', ']']);
        let link = address.starts_with("https://") || address.starts_with("http://");
        match word.split_once(address) {
            Some((before, after)) if link => {
                add_text(html, before);
                let escaped = Escaped(address);
                add(html, format_args!("<a href=\"{escaped}\" style=\"color:{LINK}\">{escaped}</a>"));
                add_text(html, after);
            }
            _ => add_text(html, word),
        }
    }
}

/// Appends markup.
pub fn add(html: &mut String, markup: fmt::Arguments) {
    // Writing to a String cannot fail.
    html.write_fmt(markup).unwrap_or_default();
}

fn add_text(html: &mut String, text: &str) {
    add(html, format_args!("{}", Escaped(text)));
}

/// Text in which nothing is markup, not even inside an attribute.
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in self.0.split_inclusive(['&', '<', '>', '"', '\'']) {
            let (text, entity) = match piece.as_bytes().last() {
                Some(b'&') => (piece.strip_suffix('&'), "&amp;"),
                Some(b'<') => (piece.strip_suffix('<'), "&lt;"),
                Some(b'>') => (piece.strip_suffix('>'), "&gt;"),
                Some(b'"') => (piece.strip_suffix('"'), "&quot;"),
                Some(b'\'') => (piece.strip_suffix('\''), "&#39;"),
                _ => (None, ""),
            };
            f.write_str(text.unwrap_or(piece))?;
            f.write_str(entity)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        let evil = "<script>alert('x')</script> & \"<img src=http://x.example>\"";
        for block in [
            Block::Text(evil.to_owned()),
            Block::Words(evil.to_owned()),
            Block::Facts(vec![(evil.to_owned(), evil.to_owned())]),
            Block::Buttons(vec![(evil.to_owned(), evil.to_owned())]),
            Block::Signature { plain: evil.to_owned(), html: String::new() },
        ] {
            let html = document(Language::ENGLISH, &[block]);
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        }
    }

    #[test]
    fn what_has_no_blank_in_it_is_broken_at_the_edge_of_a_phone() {
        let html = document(Language::ENGLISH, &[Block::Headline("x".repeat(300)), Block::Hint("x".repeat(300))]);
        let body = html.split_once("<body").unwrap().1.split_once('>').unwrap().0;
        assert!(body.contains("word-break:break-word"), "{body}");
    }

    #[test]
    fn links_of_ours_are_live_and_those_of_others_are_not() {
        let text = "see (https://shop.example/a?b=1&c=2), please";
        let html = document(Language::ENGLISH, &[Block::Text(text.to_owned())]);
        assert!(html.contains("see (<a href=\"https://shop.example/a?b=1&amp;c=2\""), "{html}");
        assert!(html.contains("</a>), please"), "{html}");
        assert!(!document(Language::ENGLISH, &[Block::Words(text.to_owned())]).contains("<a "));
    }
}
