//! What elements of mail HTML mean: layout, hidden text, and where mail programs put the quoted mail.
//!
//! Knows names, classes and styles; writes nothing.

use super::html_tokens::attribute;

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

/// Whether an element with these attributes is not shown.
pub fn is_hidden(attributes: &str) -> bool {
    if attributes.len() < 6 {
        return false;
    }
    let style = attribute(attributes, "style").unwrap_or_default();
    if !style.is_empty() {
        let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
        let style = format!(";{style};");
        let marks =
            ["display:none", "visibility:hidden", "mso-hide:all", ";max-height:0;", ";max-height:0px", ";opacity:0;"];
        if marks.iter().any(|mark| style.contains(mark)) {
            return true;
        }
    }
    attributes.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("hidden"))
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
    style.to_ascii_lowercase().contains("border:none") && attribute(attributes, "type").is_none()
}

/// Elements in which a mail program puts the quoted mail.
pub fn is_quote_container(name: &str, attributes: &str) -> bool {
    const CLASSES: [&str; 14] = [
        "gmail_quote",
        "gmail_quote_container",
        "yahoo_quoted",
        "protonmail_quote",
        "tutanota_quote",
        "zmail_extra",
        "mailru-blockquote",
        "ox_quote",
        "airmail_on",
        "moz-cite-prefix",
        "moz-forward-container",
        "gmx_quote",
        "freebirdfxmailquote",
        "front-blockquote",
    ];
    let class = attribute(attributes, "class").unwrap_or_default();
    if class.split_ascii_whitespace().any(|word| CLASSES.iter().any(|known| known.eq_ignore_ascii_case(word))) {
        // The cite prefix is the attribution line; the quote itself follows it.
        return !class.contains("moz-cite-prefix") && !class.contains("moz-forward-container");
    }
    let named = |marks: &[&str]| attribute(attributes, "name").is_some_and(|name| marks.contains(&name.as_str()));
    let id = || attribute(attributes, "id").unwrap_or_default();
    let marked = |id: &str| {
        id.starts_with("yahoo_quoted") || matches!(id, "protonmail_quote" | "isForwardContent" | "oriMsgHtmlSeperator")
    };
    // The names are those of GMX and WEB.DE, and of Spark.
    name == "div" && (named(&["quote", "messageReplySection"]) || marked(&id()))
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
    ) || id.starts_with("reply-intro")
    {
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

/// The line that Outlook for the desktop draws above the headers of the mail that is answered, whatever its language: in
/// grey since 2013, in blue before.
fn is_outlook_rule(attributes: &str) -> bool {
    let Some(style) = attribute(attributes, "style").filter(|style| style.len() < 400) else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_ascii_lowercase();
    let drawn = ["border-top:solid#e1e1e11.0pt", "border-top:solid#b5c4df1.0pt"];
    style.contains("border:none") && drawn.iter().any(|rule| style.contains(rule)) && style.contains("padding:3.0pt0")
}
