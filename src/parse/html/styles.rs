//! What elements of mail HTML mean: layout, hidden text, and where mail programs put the quoted mail.
//!
//! Knows names, classes and styles; writes nothing.

use crate::model::text::beginning;
use crate::parse::html::tokens::attribute;
use crate::parse::quotes::attribution;

/// Lines under a rule that are looked at.
const MAX_UNDER_RULE: usize = 6;
/// Bytes of them.
const MAX_BLOCK: usize = 2_000;
/// Bytes of a style that is looked at for a line.
const MAX_STYLE: usize = 1_000;

/// Line ends around an element.
pub fn margin(name: &str, attributes: &str) -> u8 {
    match name {
        // Outlook writes each line as a paragraph without margins, and an empty one between paragraphs.
        "p" if attributes.contains("MsoNormal") || attributes.contains("MsoPlainText") => 1,
        "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "blockquote" | "pre" | "table" | "dl" | "fieldset" => 2,
        "div" | "tr" | "ul" | "ol" | "li" | "section" | "article" | "header" | "footer" | "address" | "main"
        | "aside" | "nav" | "center" | "form" | "dt" | "dd" | "figure" | "figcaption" | "body" | "tbody" | "thead"
        | "caption" => 1,
        _ => 0,
    }
}

/// How the white space in an element counts (CSS, `white-space`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Space {
    /// Any white space is one blank.
    #[default]
    Collapsed,
    /// Line ends count.
    Lines,
    /// All of it counts.
    Kept,
}

/// How white space counts in an element; `None` when it says nothing of that.
pub fn space(name: &str, attributes: &str) -> Option<Space> {
    let style = || attribute(attributes, "style").filter(|style| style.contains("white-space"));
    let value = style().and_then(|style| {
        declarations(&style).filter(|(name, _)| name == "white-space").last().and_then(|(_, value)| {
            Some(match value.trim_end_matches("!important") {
                "normal" | "nowrap" | "initial" => Space::Collapsed,
                "pre-line" => Space::Lines,
                "pre" | "pre-wrap" | "break-spaces" | "-moz-pre-wrap" => Space::Kept,
                _ => return None,
            })
        })
    });
    value.or((name == "pre").then_some(Space::Kept))
}

/// The declarations of a style in lower case, without blanks.
fn declarations(style: &str) -> impl Iterator<Item = (String, String)> {
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    style.split(';').filter_map(|rule| rule.split_once(':')).map(move |(name, value)| (bare(name), bare(value)))
}

/// Whether an element with these attributes is not shown.
pub fn is_hidden(name: &str, attributes: &str) -> bool {
    if attributes.len() < 6 {
        return false;
    }
    let style = attribute(attributes, "style").unwrap_or_default();
    if !style.is_empty() {
        let bare: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let bare = format!(";{bare};");
        let marks = ["display:none", "visibility:hidden", "mso-hide:all", ";max-height:0;", ";max-height:0px"];
        if marks.iter().any(|mark| bare.contains(mark)) || is_out_of_sight(name, &style) {
            return true;
        }
    }
    attributes.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("hidden"))
}

/// Whether a style shows an element to nobody without saying so: without height, without colour, far outside the window.
fn is_out_of_sight(name: &str, style: &str) -> bool {
    // A height means nothing to running text, and the cells of a table grow with what they hold.
    let has_height = matches!(name, "div" | "p" | "center" | "section" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
    let (mut flat, mut clipped, mut placed, mut away) = (false, false, false, false);
    for (property, value) in declarations(style) {
        let value = value.trim_end_matches("!important");
        match property.as_str() {
            "opacity" if is_zero(value) => return true,
            "text-indent" if is_far(value) => return true,
            "height" => flat = is_zero(value),
            "overflow" | "overflow-y" => clipped = value == "hidden" || value == "clip",
            "position" => placed = matches!(value, "absolute" | "fixed"),
            "left" | "top" => away |= is_far(value),
            _ => {}
        }
    }
    (has_height && flat && clipped) || (placed && away)
}

/// `0`, `0.0` or `0px`.
fn is_zero(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    number.contains('0') && number.chars().all(|c| matches!(c, '0' | '.'))
}

/// `-9999px`: no window is so wide, and nobody indents or shifts so much.
fn is_far(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    number.parse::<f32>().is_ok_and(|number| number <= -900.0)
}

/// Whether an element says that its text has no size; `None` when it says nothing of size. Layouts put such an element
/// around the whole mail and give the text inside its size back.
pub fn zero_font(attributes: &str) -> Option<bool> {
    if attributes.len() < 12 {
        return None;
    }
    let style = attribute(attributes, "style")?.to_ascii_lowercase();
    let mut value =
        style.split(';').filter_map(|rule| rule.split_once(':')).filter(|(name, _)| name.trim() == "font-size");
    let value = value.next_back()?.1.trim();
    let number: String = value.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    Some(!number.is_empty() && number.chars().all(|c| c == '0' || c == '.'))
}

/// Gmail writes indentation as a blockquote without a border.
pub fn is_indentation(attributes: &str) -> bool {
    let style: String =
        attribute(attributes, "style").unwrap_or_default().chars().filter(|c| !c.is_whitespace()).collect();
    let named = || attribute(attributes, "class").is_some_and(|class| class.contains("quote"));
    style.to_ascii_lowercase().contains("border:none") && attribute(attributes, "type").is_none() && !named()
}

/// Elements in which a mail program puts the quoted mail: they are called a quote, or by a name of two programs that is none.
pub fn is_quote_container(name: &str, attributes: &str) -> bool {
    const PARTS: [&str; 7] = ["uote", "UOTE", "zmail", "airmail", "eplySection", "orwardContent", "oriMsg"];
    if name != "div" && name != "section" && name != "table" && name != "article" {
        // A blockquote that is called a quote says nothing more: so does the button by which one sets something off.
        return false;
    }
    // Almost no element is called so.
    if !PARTS.iter().any(|part| attributes.contains(part)) {
        return false;
    }
    let called = |attribute_name: &str| {
        attribute(attributes, attribute_name).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            // The cite prefix is the attribution line; the quote itself follows it.
            value.split_ascii_whitespace().any(|word| {
                word.contains("quote")
                    || matches!(
                        word,
                        "zmail_extra"
                            | "airmail_on"
                            | "messagereplysection"
                            | "isforwardcontent"
                            | "orimsghtmlseperator"
                    )
            })
        })
    };
    ["class", "id", "name"].into_iter().any(called)
}

/// Whether the program that made a container marks every line that it quotes.
pub fn marks_lines(attributes: &str) -> bool {
    const MARKS: [&str; 4] = ["gmail_quote", "protonmail_quote", "tutanota_quote", "zmail_extra"];
    let class = attribute(attributes, "class").unwrap_or_default().to_ascii_lowercase();
    MARKS.iter().any(|mark| class.contains(mark)) || attribute(attributes, "name").is_some_and(|name| name != "quote")
}

/// The element in a container in which Gmail introduces the mail.
pub fn is_introduction(attributes: &str) -> bool {
    attributes.contains("gmail_attr")
}

/// The line by which Roundcube introduces the marked lines that follow it.
pub fn introduces_marked_lines(attributes: &str) -> bool {
    attributes.contains("reply-intro") && attribute(attributes, "id").is_some_and(|id| id.starts_with("reply-intro"))
}

/// Elements after which everything is the quoted mail.
pub fn is_quote_start(name: &str, attributes: &str) -> bool {
    let id = attribute(attributes, "id").unwrap_or_default();
    let id = id.trim_start_matches("x_");
    if matches!(
        id,
        "divRplyFwdMsg"
            | "appendonsend"
            | "mail-editor-reference-message-container"
            | "stopSpelling"
            | "OLK_SRC_BODY_SECTION"
            | "replySplit"
            | "ms-outlook-mobile-reference"
    ) {
        return true;
    }
    if name == "div" && is_outlook_rule(attributes) {
        return true;
    }
    let class = attribute(attributes, "class").unwrap_or_default();
    class
        .split_ascii_whitespace()
        .any(|word| matches!(word, "OutlookMessageHeader" | "WordSection1-reply" | "gmail_attr_reply"))
        && name != "span"
}

/// Whether a style draws a line above an element, as programs do above the headers of the mail that is answered.
pub fn draws_line_above(attributes: &str) -> bool {
    if !attributes.contains("border-top") {
        return false;
    }
    let Some(style) = attribute(attributes, "style").filter(|style| style.len() < MAX_STYLE) else { return false };
    let drawn = |value: &str| !value.contains("none") && !value.contains("hidden") && !value.starts_with('0');
    declarations(&style).any(|(name, value)| match name.as_str() {
        "border-top" | "border-top-style" => drawn(&value),
        _ => false,
    })
}

/// Whether a program says that a blockquote holds a mail.
pub fn is_cited(attributes: &str) -> bool {
    let kind = attribute(attributes, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("cite"));
    let cited = || attribute(attributes, "cite").is_some();
    let classed = || {
        attribute(attributes, "class").is_some_and(|class| {
            let class = class.to_ascii_lowercase();
            class.contains("quote") && !class.contains("gmail_quote") || class.contains("cite")
        })
    };
    kind || cited() || classed()
}

/// The line that Outlook for the desktop draws above the headers of the mail that is answered, whatever its language: in
/// grey since 2013, in blue before.
fn is_outlook_rule(attributes: &str) -> bool {
    let Some(style) = attribute(attributes, "style").filter(|style| style.len() < 400) else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let drawn = ["border-top:solid#e1e1e11.0pt", "border-top:solid#b5c4df1.0pt"];
    style.contains("border:none") && drawn.iter().any(|rule| style.contains(rule)) && style.contains("padding:3.0pt0")
}

/// A rule with the sender of the quoted mail right under it, which the text alone does not show. `links`: where mail addresses
/// are linked that are not written out.
pub fn sender_under_rule(text: &str, rules: &[usize], links: &[usize]) -> Option<usize> {
    rules.iter().copied().find(|&at| {
        let below = beginning(text.get(at..).unwrap_or_default(), MAX_BLOCK);
        let start = at + below.len() - below.trim_start().len();
        let lines: Vec<&str> = below.lines().filter(|line| !line.trim().is_empty()).take(MAX_UNDER_RULE).collect();
        let first_end = start + lines.first().map_or(0, |line| line.len());
        let linked = links.iter().any(|link| (start..=first_end).contains(link));
        attribution::sender_block(&lines) || attribution::drawn_block(&lines, linked)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_hidden_and_what_only_takes_no_room_is_not() {
        for (name, style, want) in [
            ("div", "height:0;overflow:hidden", true),
            ("div", "overflow: hidden; height: 0px !important", true),
            ("td", "height:0;overflow:hidden", false),
            ("span", "height:0;overflow:hidden", false),
            ("div", "height:0", false),
            ("div", "line-height:0;overflow:hidden", false),
            ("div", "height:0.5em;overflow:hidden", false),
            ("p", "opacity:0.0", true),
            ("p", "opacity:0.05", false),
            ("div", "position:absolute;left:-9999px", true),
            ("div", "position:absolute;left:-10px", false),
            ("div", "margin-left:-9999px", false),
            ("p", "text-indent:-9999px", true),
            ("p", "text-indent:-18.0pt", false),
            ("p", "display:none", true),
        ] {
            assert_eq!(is_hidden(name, &format!(" style=\"{style}\"")), want, "{name} {style}");
        }
    }

    #[test]
    fn white_space_counts_as_the_style_says() {
        for (name, attributes, want) in [
            ("pre", "", Some(Space::Kept)),
            ("p", " style='white-space: pre-wrap'", Some(Space::Kept)),
            ("p", " style='color:red;white-space:pre-line;'", Some(Space::Lines)),
            ("pre", " style='white-space:normal'", Some(Space::Collapsed)),
            ("p", " style='-white-space:pre'", None),
            ("p", " style='white-space:inherit'", None),
        ] {
            assert_eq!(space(name, attributes), want, "{name}{attributes}");
        }
    }
}
