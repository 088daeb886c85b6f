//! Mistakes in the TOML itself: each is told once, at the place where it was made, with what to write.
//!
//! The parser goes on after a mistake and stumbles over what follows from it. So the first mistake alone is taken from it,
//! its statement is blanked out, and the rest is read again. Never looks at what values mean.

use std::ops::Range;

use toml::de::DeTable;

use crate::config::reader::{Report, flag_meant};

/// Mistakes that are told at once.
const MAX_MISTAKES: usize = 20;
/// Characters of a value that a hint repeats.
const MAX_REPEATED: usize = 60;
/// What word processors make of straight quotes.
const CURLY: [char; 9] = ['“', '”', '„', '‟', '‘', '’', '‚', '«', '»'];

/// A mistake and what must not be read again because of it.
struct Mistake {
    span: Range<usize>,
    message: String,
    hint: String,
    blank: Range<usize>,
}

/// Reports every mistake in `text`.
pub fn report_mistakes(text: &str, report: &Report<'_>) {
    let mut rest = text.to_owned();
    let mut told: Vec<String> = Vec::new();
    for _ in 0..MAX_MISTAKES {
        let (_, errors) = DeTable::parse_recoverable(&rest);
        let place = |error: &toml::de::Error| error.span().map_or(rest.len(), |span| span.start);
        let Some(first) = errors.iter().min_by_key(|error| place(error)) else { return };
        let span = first.span().unwrap_or(rest.len()..rest.len());
        let mistake = unclosed(&rest, span.start).unwrap_or_else(|| on_one_line(&rest, span, first.message()));
        // One bracket among two is one mistake, however many tables it concerns.
        let again = is_about_header(&mistake.message) && told.contains(&mistake.message);
        if !again {
            report.error(mistake.span.clone(), mistake.message.clone(), mistake.hint);
        }
        told.push(mistake.message);
        let blanked = blank(&rest, &mistake.blank);
        if blanked == rest {
            return;
        }
        rest = blanked;
    }
}

/// Whether a message is about the brackets of a header.
fn is_about_header(message: &str) -> bool {
    message.starts_with("`[") && (message.ends_with("is there twice") || message.contains("stands among tables"))
}

/// The text with blanks in the place of `range`; lines stay lines and offsets stay offsets.
fn blank(text: &str, range: &Range<usize>) -> String {
    let (start, end) = (text.floor_char_boundary(range.start), text.ceil_char_boundary(range.end));
    let middle: String = text
        .get(start..end)
        .unwrap_or_default()
        .bytes()
        .map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' })
        .collect();
    [text.get(..start).unwrap_or_default(), &middle, text.get(end..).unwrap_or_default()].concat()
}

/// The line around `offset`, without its end.
fn line_at(text: &str, offset: usize) -> Range<usize> {
    let offset = text.floor_char_boundary(offset);
    let start = text.get(..offset).unwrap_or_default().rfind('\n').map_or(0, |at| at + 1);
    let end = text.get(offset..).unwrap_or_default().find('\n').map_or(text.len(), |at| offset + at);
    start..end.max(start)
}

/// A mistake that its own line shows.
fn on_one_line(text: &str, span: Range<usize>, message: &str) -> Mistake {
    let line = line_at(text, span.start);
    let content = text.get(line.clone()).unwrap_or_default();
    // What was expected instead is said in the parser's terms.
    let message = message.split(", expected").next().unwrap_or(message);
    if let Some((at, quote)) = curly(content) {
        let at = line.start + at;
        return Mistake {
            span: at..at + quote.len_utf8(),
            message: format!("`{quote}` is no quotation mark in TOML"),
            hint: format!("write straight ones: {}", straightened(content)),
            blank: line,
        };
    }
    if let Some(header) = header(content) {
        return in_header(text, header, span, line, message);
    }
    if let Some(mistake) = over_several_lines(text, &span, &line) {
        return mistake;
    }
    let (message, hint) = in_statement(content, message);
    Mistake { span, message, hint, blank: line }
}

/// The first curly quote of a line that opens a value: not within straight ones.
fn curly(line: &str) -> Option<(usize, char)> {
    let mut within = None;
    for (at, c) in line.char_indices() {
        match within {
            Some(open) if c == open => within = None,
            None if c == '"' || c == '\'' => within = Some(c),
            None if c == '#' => return None,
            None if CURLY.contains(&c) => return Some((at, c)),
            Some(_) | None => {}
        }
    }
    None
}

fn straightened(line: &str) -> String {
    let straight: String = line.trim().chars().map(|c| if CURLY.contains(&c) { '"' } else { c }).collect();
    if straight.chars().count() <= MAX_REPEATED { format!("`{straight}`") } else { "`\"`".to_owned() }
}

/// The name in a table's header: `mailbox` of `[[mailbox]]` and of `[mailbox`.
fn header(line: &str) -> Option<&str> {
    let name = line.trim_start().strip_prefix('[')?;
    let name = name.strip_prefix('[').unwrap_or(name);
    let name = name.split([']', '#']).next().unwrap_or_default().trim();
    let fits = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-. \"".contains(c));
    fits.then_some(name)
}

/// A table's header that the parser does not take. Its keys would only be taken for those of the table above.
fn in_header(text: &str, name: &str, span: Range<usize>, line: Range<usize>, message: &str) -> Mistake {
    let content = text.get(line.clone()).unwrap_or_default();
    let end = table_end(text, line.end);
    let code = content.split('#').next().unwrap_or_default().trim();
    let (opened, closed) = (code.matches('[').count(), code.matches(']').count());
    let start = line.start + (content.len() - content.trim_start().len());
    let whole = start..start + code.len();
    let of_list = text.lines().any(|other| other.trim_start().starts_with(&format!("[[{name}]]")));
    let (span, message, hint) = if opened > closed {
        let brackets = "]".repeat(opened);
        (whole, format!("the header `{code}` is not closed"), format!("write `{}{name}{brackets}`", "[".repeat(opened)))
    } else if is_there_twice(message) && opened == 1 && of_list {
        let message = format!("`[{name}]` stands among tables `[[{name}]]`");
        (whole, message, format!("write `[[{name}]]` with two brackets"))
    } else if is_there_twice(message) && opened == 2 {
        // The one with one bracket is the mistake, wherever it stands.
        let single = single_header(text, name);
        let message = format!("`[{name}]` stands among tables `[[{name}]]`");
        let hint = format!("write `[[{name}]]` with two brackets");
        if let Some(single) = single {
            let blank = single.start..table_end(text, line_at(text, single.start).end);
            return Mistake { span: single, message, hint, blank };
        }
        (whole, message, hint)
    } else if is_there_twice(message) {
        let hint = if ["mailbox", "agent", "department", "oauth"].contains(&name) {
            format!("write `[[{name}]]` with two brackets, each time")
        } else {
            "put what is below it into the first one".to_owned()
        };
        (whole, format!("`[{name}]` is there twice"), hint)
    } else {
        (span, told(message), format!("a header stands alone on its line: `[{name}]`"))
    };
    Mistake { span, message, hint, blank: line.start..end }
}

/// Where the header `[name]` with one bracket is.
fn single_header(text: &str, name: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split('#').next().unwrap_or_default();
        if code.trim_start().starts_with('[') && !code.trim_start().starts_with("[[") && header(code) == Some(name) {
            let start = at + (code.len() - code.trim_start().len());
            return Some(start..start + code.trim().len());
        }
        at += line.len();
    }
    None
}

/// Whether the parser says that a table's name is taken.
fn is_there_twice(message: &str) -> bool {
    message.contains("duplicate") || message.contains("cannot extend")
}

/// Where the table whose header ends at `from` ends: at the next header.
fn table_end(text: &str, from: usize) -> usize {
    let mut at = from;
    for line in text.get(from..).unwrap_or_default().split_inclusive('\n') {
        if at > from && line.trim_start().starts_with('[') {
            return at;
        }
        at += line.len();
    }
    text.len()
}

/// Lines that a text in one pair of quotes may go over by mistake.
const MAX_LINES: usize = 20;

/// A text in double quotes that ends on a later line.
fn over_several_lines(text: &str, span: &Range<usize>, line: &Range<usize>) -> Option<Mistake> {
    let content = text.get(line.clone())?;
    let (key, value) = content.split_once('=')?;
    if !value.trim_start().starts_with('"') || value.matches('"').count() != 1 {
        return None;
    }
    let mut end = line.end;
    for below in text.get(line.end..)?.split_inclusive('\n').skip(1).take(MAX_LINES) {
        let statement = below.split_once('=').is_some_and(|(key, _)| is_key(key.trim())) || header(below).is_some();
        if statement {
            return None;
        }
        end = line_at(text, end + 1).end;
        if below.trim_end().ends_with('"') {
            let message = format!("the text of `{}` goes over several lines", key.trim());
            let hint = "begin and end it with three quotation marks: `\"\"\"`".to_owned();
            return Some(Mistake { span: span.clone(), message, hint, blank: line.start..end });
        }
    }
    None
}

/// The message of the parser for a line `key = value`, and what to write.
fn in_statement(line: &str, message: &str) -> (String, String) {
    let code = line.trim();
    let (key, value) = code.split_once('=').map_or((code, ""), |(key, value)| (key.trim(), value.trim()));
    let cut: String = key.chars().take(MAX_REPEATED).collect();
    let key = cut.as_str();
    let value = value.split(" #").next().unwrap_or_default().trim_end();
    let short = |text: &str| text.chars().count() <= MAX_REPEATED && !key.is_empty();
    let quotes = value.matches('"').count();
    if let Some(told) = foreign(code).filter(|_| message != "duplicate key") {
        return told;
    }
    match message {
        "duplicate key" => (format!("`{key}` is there twice in its table"), "keep one of them".to_owned()),
        _ if !code.contains('=') && short(code) && !code.contains('"') => {
            let (name, value) = code.split_once(':').or_else(|| code.split_once(' ')).unwrap_or((code, ""));
            (format!("`{name}` has no `=` and no value"), format!("write `{} = {}`", name.trim(), as_value(value)))
        }
        _ if !code.contains('=') && short(code) => match code.split_once(':') {
            // `host: "mail.shop.example"`
            Some((name, value)) if is_key(name.trim()) => (
                format!("`{}` has no `=`", name.trim()),
                format!("write `{} = {}`", name.trim(), value.trim().trim_end_matches(',')),
            ),
            Some(_) | None => (told(message), "write one `key = value` a line".to_owned()),
        },
        _ if value.is_empty() => (format!("`{key}` has no value"), format!("write `{key} = \"…\"`, or drop the line")),
        _ if quotes == 1 && value.starts_with('"') && short(value) => (
            format!("the text of `{key}` lacks its closing quote"),
            format!("write `{key} = {}\"`", value.trim_end_matches(',')),
        ),
        _ if quotes == 1 && value.ends_with('"') && short(value) => {
            (format!("the text of `{key}` lacks its opening quote"), format!("write `{key} = \"{value}`"))
        }
        _ if quotes == 0 && flag_meant(value).is_some() => {
            let flag = flag_meant(value).unwrap_or_default();
            (format!("`{value}` is no value of TOML"), format!("write `{key} = {flag}`"))
        }
        _ if quotes == 0 && key == "port" && !value.is_empty() => {
            (format!("`{value}` is no port"), "write its number, such as `port = 587`".to_owned())
        }
        // Words that begin like `true` and `false` are told otherwise.
        "string values must be quoted" | "invalid boolean" if short(value) && quotes == 0 => {
            (format!("`{value}` is neither a number nor text in quotes"), format!("write `{key} = \"{value}\"`"))
        }
        _ if message.contains("escape") || (value.contains('\\') && value.starts_with('"')) => (
            "a `\\` in double quotes begins an escape".to_owned(),
            "write it in single quotes, or as `\\\\`".to_owned(),
        ),
        other => {
            (told(other), "text stands in straight quotes, lists in brackets, one `key = value` a line".to_owned())
        }
    }
}

/// A line that another language would take: a comment, a list of YAML, an include, a comma at the end, a key without `=`.
fn foreign(code: &str) -> Option<(String, String)> {
    let short = |text: &str| text.chars().take(MAX_REPEATED).collect::<String>();
    if let Some(comment) = ["//", ";", "--", "%"].iter().find_map(|sign| code.strip_prefix(sign)) {
        let hint = format!("write `# {}`", short(comment.trim()));
        return Some(("a comment begins with `#`".to_owned(), hint));
    }
    if let Some(item) = code.strip_prefix("- ") {
        let item = item.trim().trim_matches(['"', '\'']);
        let hint = format!("write lists in brackets, one text behind the other: `[\"{}\"]`", short(item));
        return Some(("a list of YAML".to_owned(), hint));
    }
    if code.starts_with(['!', '@']) || (code.starts_with("include") && !code.contains('=')) {
        let hint = "the whole config stands in one file: put the lines of the other one here".to_owned();
        return Some((format!("`{}` is nothing that TOML knows", short(code)), hint));
    }
    let Some((key, value)) = code.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
        let (key, value) = code.split_once('"')?;
        let key = key.trim();
        let whole = format!("write `{key} = \"{}`", short(value));
        return (is_key(key) && value.ends_with('"')).then(|| (format!("`{key}` has no `=`"), whole));
    };
    if value.starts_with('[')
        && value.ends_with(']')
        && !value.contains(['"', '\'', '{'])
        && value.contains(char::is_alphabetic)
    {
        let items: Vec<String> = value
            .trim_matches(['[', ']'])
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(|item| format!("\"{item}\""))
            .collect();
        let hint = format!("write `{key} = [{}]`", short(&items.join(", ")));
        return Some((format!("the texts of `{key}` lack their quotation marks"), hint));
    }
    let inner = value.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    if let Some((text, rest)) = inner.filter(|(text, rest)| !text.is_empty() && !rest.contains('"')) {
        let rest = rest.trim();
        if rest == "," || rest == ";" {
            let hint = format!("write `{key} = \"{}\"`", short(text));
            return Some((format!("`{rest}` at the end of `{key}`"), hint));
        }
        if !rest.is_empty() && !rest.starts_with('#') {
            let hint = format!("a remark begins with `#`: `{key} = \"{}\"  # {}`", short(text), short(rest));
            return Some((format!("something stands behind the text of `{key}`"), hint));
        }
    }
    let single = value.starts_with('\'') && value.ends_with('\'') && value.matches('\'').count() == 3;
    single.then(|| {
        let hint = format!("write `{key} = \"{}\"`", short(value.trim_matches('\'')));
        (format!("an apostrophe ends the text of `{key}`"), hint)
    })
}

/// A bare word as TOML writes it: numbers, `true` and `false` as they are, all else in quotes.
fn as_value(word: &str) -> String {
    let word = word.trim().trim_end_matches(',');
    let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    match (flag_meant(word), word) {
        (_, "") => "\"…\"".to_owned(),
        (Some(flag), _) if !number => flag.to_string(),
        _ if number || word.starts_with(['[', '{']) => word.to_owned(),
        _ => format!("\"{}\"", word.trim_matches('\'')),
    }
}

fn is_key(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.')
}

/// The parser's message in our style.
fn told(message: &str) -> String {
    message.strip_suffix('.').unwrap_or(message).to_owned()
}

/// A bracket, a brace or a text of several lines that is opened before `error` and never closed: what follows it is taken
/// for its content until a line begins like a statement of its own.
fn unclosed(text: &str, error: usize) -> Option<Mistake> {
    let mut open: Vec<(usize, char)> = Vec::new();
    let mut at = 0;
    let mut statement = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        if at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n') {
            if let Some((bracket, sign)) = open.first().copied()
                && begins_statement(rest, sign)
            {
                return (bracket <= error).then(|| not_closed(text, bracket, sign, statement..at));
            }
            if open.is_empty() {
                statement = at;
            }
        }
        match c {
            '#' => at = line_at(text, at).end,
            '"' | '\'' => match end_of_text(rest, c) {
                Some(length) => at += length,
                None if rest.starts_with(&String::from(c).repeat(3)) => {
                    let quotes = String::from(c).repeat(3);
                    let message = format!("the text that begins with `{quotes}` is never closed");
                    let (hint, blank) = (format!("end it with `{quotes}`"), statement..text.len());
                    return (at <= error).then_some(Mistake { span: at..at + 3, message, hint, blank });
                }
                // A fault of its own line: the brackets on it say nothing.
                None => {
                    at = line_at(text, at).end;
                    open.clear();
                }
            },
            '[' if open.is_empty() && text.get(statement..at).is_some_and(|before| before.trim().is_empty()) => {
                at = line_at(text, at).end;
            }
            '[' | '{' => {
                open.push((at, c));
                at += 1;
            }
            ']' | '}' => {
                let fits = open.last().is_some_and(|(_, sign)| (*sign == '[') == (c == ']'));
                if fits {
                    open.pop();
                }
                at += c.len_utf8();
            }
            _ => at += c.len_utf8(),
        }
    }
    let (bracket, sign) = open.first().copied()?;
    (bracket <= error).then(|| not_closed(text, bracket, sign, statement..text.len()))
}

fn not_closed(text: &str, bracket: usize, sign: char, blank: Range<usize>) -> Mistake {
    let closing = if sign == '[' { ']' } else { '}' };
    let key = text.get(blank.start..bracket).unwrap_or_default().split('=').next().unwrap_or_default().trim();
    let message = if key.is_empty() {
        format!("this `{sign}` is never closed")
    } else {
        format!("the `{sign}` of `{key}` is never closed")
    };
    Mistake { span: bracket..bracket + 1, message, hint: format!("end it with `{closing}`"), blank }
}

/// Whether a line begins a statement although a bracket is open: a header, or `key =`; in braces a key may stand.
fn begins_statement(rest: &str, sign: char) -> bool {
    let line = rest.split('\n').next().unwrap_or_default().trim();
    if line.starts_with("[[") || (line.starts_with('[') && header(line).is_some() && !line.contains(['"', ',', '='])) {
        return true;
    }
    let Some((key, _)) = line.split_once('=') else { return false };
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    let key = key.trim();
    // An inline table may go over several lines: there only a line without a comma at its end tells.
    let statement = !key.is_empty() && key.chars().all(bare);
    statement && (sign == '[' || !line.ends_with([',', '}']))
}

/// Bytes of the text in quotes at the start of `rest`, its quotes included; `None` when it is not closed.
fn end_of_text(rest: &str, quote: char) -> Option<usize> {
    let three = String::from(quote).repeat(3);
    if let Some(inner) = rest.strip_prefix(&three) {
        let mut escaped = false;
        for (at, c) in inner.char_indices() {
            if escaped {
                escaped = false;
            } else if c == '\\' && quote == '"' {
                escaped = true;
            } else if inner.get(at..).is_some_and(|here| here.starts_with(&three)) {
                let more = inner.get(at + 3..).unwrap_or_default().chars().take_while(|c| *c == quote).count();
                return Some(3 + at + 3 + more.min(2));
            }
        }
        return None;
    }
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return None,
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}
