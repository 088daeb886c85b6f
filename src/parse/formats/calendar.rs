//! What an invitation says when a mail has no other words: what it is about, when and where (RFC 5545).
//!
//! Reads the first event alone; knows nothing of time zones.

/// Lines of a calendar that are read.
const MAX_LINES: usize = 2_000;
/// Properties that are shown, in this order.
const SHOWN: [&str; 5] = ["SUMMARY", "DTSTART", "DTEND", "LOCATION", "DESCRIPTION"];

/// The words of a calendar; empty when there is no event in it.
pub fn words(text: &str) -> String {
    // A line that begins with a blank goes on with the one above.
    let unfolded = text.replace("\n ", "").replace("\n\t", "");
    let mut inside = false;
    let mut values = [const { String::new() }; SHOWN.len()];
    for line in unfolded.lines().take(MAX_LINES) {
        let Some((head, value)) = line.split_once(':') else { continue };
        let mut parameters = head.split(';');
        let name = parameters.next().unwrap_or_default().to_ascii_uppercase();
        match (name.as_str(), value.trim()) {
            ("BEGIN", "VEVENT" | "VTODO") => inside = true,
            ("END", "VEVENT" | "VTODO") => break,
            (_, value) if inside => {
                let slot = SHOWN.iter().position(|shown| *shown == name).and_then(|at| values.get_mut(at));
                if let Some(slot) = slot.filter(|slot| slot.is_empty()) {
                    let zone = parameters.find_map(|parameter| parameter.strip_prefix("TZID="));
                    *slot = if name.starts_with("DT") { moment(value, zone) } else { unescaped(value) };
                }
            }
            _ => {}
        }
    }
    let [summary, start, end, place, more] = values;
    let when = if end.is_empty() { start } else { format!("{start} – {end}") };
    let mut words = String::new();
    for line in [summary, when, place, more].iter().filter(|line| !line.trim().is_empty()) {
        words.push_str(line);
        words.push('\n');
    }
    words
}

/// `20261103T101500Z` as people read it.
fn moment(value: &str, zone: Option<&str>) -> String {
    let digits =
        |from: usize, to: usize| value.get(from..to).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let (Some(year), Some(month), Some(day)) = (digits(0, 4), digits(4, 6), digits(6, 8)) else {
        return value.to_owned();
    };
    let time = match (digits(9, 11), digits(11, 13)) {
        (Some(hour), Some(minute)) => format!(" {hour}:{minute}"),
        _ => String::new(),
    };
    let zone = if value.ends_with('Z') {
        " UTC".to_owned()
    } else {
        zone.map(|zone| format!(" ({zone})")).unwrap_or_default()
    };
    format!("{year}-{month}-{day}{time}{zone}")
}

/// A text without the escapes of calendars.
fn unescaped(value: &str) -> String {
    let mut plain = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push('\n'),
                Some(other) => plain.push(other),
                None => {}
            },
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_what_when_and_where() {
        let text = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VTIMEZONE\nDTSTART:16010101T000000\nEND:VTIMEZONE\nBEGIN:VEVENT\nSUMMARY;LANGUAGE=en:Repair of\n  the lamp\nDTSTART;TZID=Europe/Warsaw:20261103T101500\nDTEND:20261103T111500Z\nLOCATION:Shop\\, Main Street\nEND:VEVENT\n";
        assert_eq!(
            words(text),
            "Repair of the lamp\n2026-11-03 10:15 (Europe/Warsaw) – 2026-11-03 11:15 UTC\nShop, Main Street\n"
        );
        assert_eq!(words("no calendar"), "");
        assert_eq!(words("BEGIN:VEVENT\nDTSTART:20261103\n"), "2026-11-03\n");
    }
}
