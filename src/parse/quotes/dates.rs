//! Dates and times of day in a line, as mail programs write them: years, clocks, digits of other scripts.
//!
//! Knows no names of months: a date is known by its digits.

/// A year of our times, in digits.
pub fn has_year(lower: &str) -> bool {
    lower
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")))
}

/// `10:15` or `10.15`, and nothing longer that looks so.
pub fn has_clock(lower: &str) -> bool {
    lower.split(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | '∶'))).any(|word| {
        let mut fields = word.trim_end_matches([':', '.']).split([':', '.', '∶']);
        let hour = fields.next().is_some_and(|field| (1..=2).contains(&field.len()));
        let minute = fields.next().is_some_and(|field| field.len() == 2);
        hour && minute && fields.next().is_none_or(|second| second.len() == 2)
    })
}

/// A time of day, also as `10h15` and `10時15分`.
pub fn has_time(text: &str) -> bool {
    let lower = in_our_digits(&text.to_lowercase());
    let hours = |window: &[u8]| matches!(window, [a, b'h', b] if a.is_ascii_digit() && b.is_ascii_digit());
    has_clock(&lower) || lower.as_bytes().windows(3).any(hours) || lower.contains(['時', '时', '시', '点', '點'])
}

/// A day, a year and a time of day: all that a program writes of the date.
pub fn has_whole_date(text: &str) -> bool {
    let lower = in_our_digits(&text.to_lowercase());
    let numbers = lower.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty());
    // The day, the hour and the minute beside the year.
    let others = numbers.filter(|digits| digits.len() <= 2).count();
    has_clock(&lower) && ((has_year(&lower) && others >= 3) || has_short_date(&lower))
}

/// `3.11.26`, `3/11/26` or `26-11-03`.
fn has_short_date(lower: &str) -> bool {
    lower.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '/' | '-'))).any(|word| {
        let word = word.trim_end_matches(['.', '/', '-']);
        word.split(['.', '/', '-']).filter(|field| (1..=2).contains(&field.len())).count() == 3
            && word.matches(['.', '/', '-']).count() == 2
    })
}

/// A year, a clock time or a date in digits.
pub fn has_date_shape(lower: &str) -> bool {
    let bytes = lower.as_bytes();
    bytes.windows(3).any(|window| {
        matches!(window, [a, separator, b] if a.is_ascii_digit() && b.is_ascii_digit() && matches!(separator, b':' | b'/' | b'.' | b'-' | b'h'))
    }) || bytes.windows(4).any(|window| window.iter().all(u8::is_ascii_digit))
        || lower.contains('年')
}

/// With the digits of Arabic, Persian, Indian and other scripts as ours.
pub fn in_our_digits(lower: &str) -> String {
    const ZEROS: [char; 6] = ['٠', '۰', '०', '০', '๐', '０'];
    let ours = |c: char| {
        let digit = |zero: &char| (u32::from(c).checked_sub(u32::from(*zero))).and_then(|at| char::from_digit(at, 10));
        if c.is_ascii() { c } else { ZEROS.iter().find_map(digit).unwrap_or(c) }
    };
    lower.chars().map(ours).collect()
}
