//! Elements that end without an end tag: which open ones an opening tag closes (HTML, "tree construction").
//!
//! Knows names only. What is shown does not depend on it much; what is hidden would go on hiding to the end of the mail.

/// Open elements that are looked at.
const MAX_DEPTH: usize = 16;
/// Elements that close an open `p`, and that a `p` therefore never holds.
const CLOSE_P: [&str; 38] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "hr",
    "li",
    "listing",
    "main",
    "menu",
    "nav",
    "ol",
    "plaintext",
    "pre",
    "section",
    "summary",
    "table",
    "ul",
];
/// Elements through which no closing reaches.
const BARRIERS: [&str; 13] = [
    "applet", "body", "button", "caption", "html", "marquee", "object", "table", "tbody", "td", "template", "th", "tr",
];
/// Elements besides [`BARRIERS`] that keep an item of a list open outside them.
const LISTS: [&str; 7] = ["blockquote", "center", "dl", "fieldset", "form", "ol", "ul"];
/// Elements that may stand in a head; any other one ends it.
const OF_HEAD: [&str; 11] =
    ["base", "basefont", "bgsound", "head", "html", "link", "meta", "noframes", "noscript", "object", "template"];

/// How many of the elements `open` (innermost first) an opening tag of this name closes; names in any case, `name` in
/// lower case.
pub fn closed_by<'a>(name: &str, open: impl Iterator<Item = &'a str>) -> usize {
    let mut closed = 0;
    for (depth, element) in open.take(MAX_DEPTH).enumerate() {
        let is = |known: &str| known.eq_ignore_ascii_case(element);
        let among = |known: &[&str]| known.iter().any(|known| is(known));
        if depth == 0 && is("head") {
            // Names with a colon are Word's.
            return usize::from(!OF_HEAD.contains(&name) && !name.contains(':'));
        }
        let (closes, ends) = match name {
            "td" | "th" => (among(&["td", "th"]), among(&["td", "th", "tr", "table"])),
            "tr" => (among(&["td", "th", "tr"]), among(&["tr", "table"])),
            "tbody" | "thead" | "tfoot" => {
                let sections = ["tbody", "thead", "tfoot", "caption"];
                (among(&["td", "th", "tr"]) || among(&sections), among(&sections) || is("table"))
            }
            "li" => (among(&["li", "p"]), is("li") || among(&BARRIERS) || among(&LISTS)),
            "dd" | "dt" => (among(&["dd", "dt", "p"]), among(&["dd", "dt"]) || among(&BARRIERS) || among(&LISTS)),
            "p" => (is("p"), is("p") || among(&BARRIERS) || among(&CLOSE_P)),
            _ if CLOSE_P.contains(&name) => {
                let heading = |name: &str| matches!(name.as_bytes(), [b'h' | b'H', b'1'..=b'6']);
                let closes = is("p") || (depth == 0 && heading(name) && heading(element));
                (closes, closes || among(&BARRIERS) || among(&CLOSE_P))
            }
            _ => return 0,
        };
        if closes {
            closed = depth + 1;
        }
        if ends {
            break;
        }
    }
    closed
}

/// Whether attributes end in the slash of `<br/>`, which is no part of a value without quotes.
pub fn is_self_closed(attributes: &str) -> bool {
    attributes.strip_suffix('/').is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\n', '\t', '"', '\'']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opening_tag_closes_what_cannot_hold_it() {
        for (name, open, want) in [
            ("p", &["p", "body"][..], 1),
            ("div", &["span", "P"], 2),
            ("span", &["p"], 0),
            ("div", &["div", "p"], 0),
            ("p", &["td", "tr", "table", "p"], 0),
            ("li", &["li", "ul", "li"], 1),
            ("li", &["ul", "li"], 0),
            ("li", &["div", "li"], 2),
            ("td", &["b", "td", "tr"], 2),
            ("td", &["tr", "table", "td"], 0),
            ("tr", &["p", "td", "tr", "tbody"], 3),
            ("tr", &["table", "td", "tr"], 0),
            ("tbody", &["td", "tr", "thead", "table"], 3),
            ("dd", &["dt", "dl"], 1),
            ("h2", &["h1"], 1),
            ("h2", &["b", "h1"], 0),
            ("body", &["head", "html"], 1),
            ("meta", &["head", "html"], 0),
            ("o:p", &["head", "html"], 0),
        ] {
            assert_eq!(closed_by(name, open.iter().copied()), want, "{name} in {open:?}");
        }
    }
}
