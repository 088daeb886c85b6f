//! `text/enriched` (RFC 1896) and its elder `text/richtext` (RFC 1341) as plain text.

/// Whether a part of this type is read here.
pub fn is_enriched(media_type: &str) -> bool {
    matches!(media_type, "text/enriched" | "text/richtext")
}

/// The text without its commands. One line end only wraps; of more, the first does.
pub fn convert(text: &str, media_type: &str) -> String {
    let rich = media_type == "text/richtext";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Depth of `<param>` and `<comment>`, whose content is for programs.
    let mut hidden = 0usize;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        if c == '<' && after.starts_with('<') && !rich {
            out.push('<');
            rest = after.get(1..).unwrap_or_default();
        } else if c == '<'
            && let Some((command, tail)) = command(after)
        {
            match command.to_ascii_lowercase().as_str() {
                "param" | "comment" => hidden += 1,
                "/param" | "/comment" => hidden = hidden.saturating_sub(1),
                "nl" => out.push('\n'),
                "paragraph" | "/paragraph" if rich => out.push('\n'),
                "lt" if rich => out.push('<'),
                _ => {}
            }
            rest = tail;
        } else if c == '\n' {
            let ends = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
            let count = rest.get(..ends).unwrap_or_default().matches('\n').count();
            if hidden == 0 {
                out.push_str(if rich || count == 1 { " " } else { "\n" });
                out.extend(std::iter::repeat_n('\n', if rich { 0 } else { count.saturating_sub(2) }));
            }
            rest = rest.get(ends..).unwrap_or_default();
        } else {
            if hidden == 0 && c != '\r' {
                out.push(c);
            }
            rest = after;
        }
    }
    out
}

/// A command up to its `>`, and what follows it.
fn command(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take(60).position(|byte| byte == b'>')?;
    let name = text.get(..end)?;
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-');
    (!name.is_empty() && name.chars().all(letters)).then(|| (name, text.get(end + 1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_go_and_the_text_stays() {
        for (text, want) in [
            ("<bold>Hello</bold> Kim\n\nBye", "Hello Kim\nBye"),
            ("one\ntwo\n\n\nthree", "one two\n\nthree"),
            ("<color><param>red</param>red</color> 5 << 6 < 7", "red 5 < 6 < 7"),
            ("<param>never closed", ""),
            ("a <", "a <"),
        ] {
            assert_eq!(convert(text, "text/enriched"), want, "{text}");
        }
        assert_eq!(convert("<bold>Hi</bold>\nKim<nl>5 <lt> 6", "text/richtext"), "Hi Kim\n5 < 6");
    }
}
