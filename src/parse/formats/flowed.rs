//! `format=flowed` (RFC 3676): paragraphs put back into one line, quote marks kept.

/// Unfolds flowed text. `delsp`: the blank that marks a soft line end is not part of the text.
pub fn unfold(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // Depth of the paragraph being put together; `None` between paragraphs.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let separator = content == "-- ";
        if open.is_some_and(|paragraph| paragraph != depth || separator) {
            end_paragraph(&mut out);
            open = None;
        }
        if open.is_none() && depth > 0 {
            out.extend(std::iter::repeat_n('>', depth));
            if !content.is_empty() {
                out.push(' ');
            }
        }
        let flowed = content.ends_with(' ') && !separator;
        out.push_str(if flowed && delsp { content.strip_suffix(' ').unwrap_or(content) } else { content });
        open = flowed.then_some(depth);
        if !flowed {
            out.push('\n');
        }
    }
    if open.is_some() {
        end_paragraph(&mut out);
    }
    out
}

fn end_paragraph(out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soft_line_ends_are_joined_within_one_depth() {
        for (from, to) in [
            ("one \ntwo\nthree\n", "one two\nthree\n"),
            (">> a \n>> b\n> c\n", ">> a b\n> c\n"),
            ("> a \nb\n", "> a\nb\n"),
            ("text \n-- \nsig\n", "text\n-- \nsig\n"),
            (" >no quote\n From x\n", ">no quote\nFrom x\n"),
            ("end ", "end\n"),
        ] {
            assert_eq!(unfold(from, false), to, "{from:?}");
        }
        assert_eq!(unfold("日本 \n語\n", true), "日本語\n");
    }
}
