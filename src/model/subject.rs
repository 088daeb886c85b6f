//! Subjects: our tag `[#1042]`, and the prefixes that mail clients put in front.

use super::id::TicketNumber;
use super::text::clean_line;

/// Characters of a desk's name in a subject.
const MAX_DESK: usize = 60;

/// Reply and forward prefixes of mail clients, lower case, without the colon: English, Polish, Russian, German, Czech,
/// French, Spanish, Italian, Portuguese, Dutch, Nordic, Turkish, Hungarian, Romanian, Croatian, Greek, Hebrew,
/// Chinese, Korean, Vietnamese.
const PREFIXES: &[&str] = &[
    "re",
    "fwd",
    "fw",
    "odp",
    "pd",
    "отв",
    "ответ",
    "на",
    "пересл",
    "fyi",
    "aw",
    "antw",
    "wg",
    "vs",
    "vl",
    "sv",
    "vb",
    "ynt",
    "ilt",
    "res",
    "enc",
    "rif",
    "r",
    "i",
    "tr",
    "rv",
    "doorst",
    "vá",
    "tovább",
    "továbbítás",
    "răsp",
    "odg",
    "prosl",
    "відп",
    "відповідь",
    "απ",
    "πρθ",
    "σχετ",
    "השב",
    "הועבר",
    "回复",
    "回覆",
    "答复",
    "答覆",
    "转发",
    "轉寄",
    "返信",
    "転送",
    "회신",
    "전달",
    "trả lời",
    "chuyển tiếp",
];
/// Those of them that say that a mail was passed on.
const FORWARD_PREFIXES: &[&str] = &[
    "fwd",
    "fw",
    "wg",
    "tr",
    "pd",
    "пересл",
    "rv",
    "enc",
    "vb",
    "vl",
    "ilt",
    "doorst",
    "i",
    "tovább",
    "továbbítás",
    "prosl",
    "πρθ",
    "הועבר",
    "转发",
    "轉寄",
    "転送",
    "전달",
    "chuyển tiếp",
];
/// Prefixes taken off at most.
const MAX_PREFIXES: usize = 50;

/// Tags of one subject that are read.
const MAX_TAGS: usize = 8;
/// Letters of two subjects that agree when a program cut one of them off.
const CUT: usize = 40;
/// Letters of a header's name.
const MAX_LABEL: usize = 20;

/// The ticket of the first `[#n]` in a subject.
pub fn tagged_ticket(subject: &str) -> Option<TicketNumber> {
    tags(subject).next().map(|(number, _)| number)
}

/// The tickets of all `[#n]` in a subject, each once. Some may be another helpdesk's.
pub fn tagged_tickets(subject: &str) -> Vec<TicketNumber> {
    let mut found: Vec<TicketNumber> = Vec::new();
    for (number, _) in tags(subject).take(MAX_TAGS) {
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

/// The subject without the tag of the ticket `ours` and without the reply prefixes in front, those behind the tags of other
/// helpdesks among them. Their tags stay: they know our answer by them. May be empty.
pub fn own_words(subject: &str, ours: Option<TicketNumber>) -> String {
    let text = match ours {
        Some(number) => without_tag(subject, number),
        None => subject.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    let bare = without_prefixes(&text);
    let behind = behind_tags(bare);
    let tags = bare.strip_suffix(behind).unwrap_or_default().trim_end();
    [tags, without_prefixes(behind)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The subject without each tag of one ticket, on one line.
pub fn without_tag(subject: &str, number: TicketNumber) -> String {
    let mut text = String::with_capacity(subject.len());
    let mut rest = subject;
    while let Some((_, tag)) = tags(rest).find(|(found, _)| *found == number) {
        let Some((before, after)) = rest.split_once(tag) else { break };
        text.push_str(before);
        text.push(' ');
        rest = after;
    }
    text.push_str(rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a mail's subject, without tags, prefixes and what a program cut off, is that of a ticket. One that says nothing else
/// than the tag is too.
pub fn is_about(subject: &str, ticket: &str) -> bool {
    let (subject, ticket) = (essence(subject), essence(ticket));
    let cut = |short: &str, long: &str| short.chars().count() >= CUT && long.starts_with(short);
    subject.is_empty() || subject == ticket || cut(&subject, &ticket) || cut(&ticket, &subject)
}

/// The name of a desk as it begins the subjects that we write ourselves.
pub fn of_desk(name: &str) -> String {
    clean_line(&name.replace("=?", "= ?"), MAX_DESK)
}

/// Whether `subject` answers one that we wrote ourselves: `Re: [#1042] Example Shop: …`.
pub fn is_our_own(subject: &str, desk: &str) -> bool {
    let desk = of_desk(desk);
    !desk.is_empty() && bare_subject(subject).strip_prefix(desk.as_str()).is_some_and(|rest| rest.starts_with(':'))
}

/// Whether the words of a ticket's subject stand in `text`, one after another: what a machine writes around them does not matter.
pub fn mentions(text: &str, ticket: &str) -> bool {
    let (text, ticket) = (format!(" {} ", essence(text)), essence(ticket));
    ticket.is_empty() || text.contains(&format!(" {ticket} ")) || is_about(&text, &ticket)
}

/// What stands behind a header's name: `Subject: Re: x` is `Re: x`.
pub fn without_label(line: &str) -> &str {
    let line = line.trim_start_matches(['>', ' ', '\t', '*', '|', '\u{a0}']);
    match line.split_once([':', '：']) {
        Some((label, rest))
            if label.chars().count() <= MAX_LABEL && label.chars().all(|c| c.is_alphabetic() || c == '*') =>
        {
            rest.trim()
        }
        _ => line,
    }
}

/// The words that subjects of one conversation share: in lower case, without signs, and without links, which our automatic
/// mails leave out.
pub fn essence(subject: &str) -> String {
    let words = conversation(subject);
    let words = words.split_whitespace().filter(|word| !word.contains("://") && !word.contains("www."));
    let plain = words.flat_map(|word| word.split(|c: char| !c.is_alphanumeric())).filter(|word| !word.is_empty());
    plain.collect::<Vec<_>>().join(" ")
}

/// The subject without our tags and without the reply prefixes in front; what is left may be empty.
pub fn bare_subject(subject: &str) -> String {
    let mut text = String::with_capacity(subject.len());
    let mut rest = subject;
    while let Some((_, tag)) = tags(rest).next() {
        let Some((before, after)) = rest.split_once(tag) else { break };
        text.push_str(before);
        text.push(' ');
        rest = after;
    }
    text.push_str(rest);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    without_prefixes(&text).to_owned()
}

fn without_prefixes(subject: &str) -> &str {
    let mut bare = subject;
    for _ in 0..MAX_PREFIXES {
        match without_prefix(bare) {
            Some(shorter) => bare = shorter,
            None => break,
        }
    }
    bare
}

/// What stands behind the `[tags]` in front.
fn behind_tags(subject: &str) -> &str {
    let mut rest = subject;
    for _ in 0..MAX_PREFIXES {
        match rest.strip_prefix('[').and_then(|tail| tail.split_once(']')) {
            Some((_, after)) => rest = after.trim_start(),
            None => break,
        }
    }
    rest
}

/// What the subjects of one conversation on a mailing list have in common, in lower case: no reply prefixes and none of the
/// `[tags]` that list programs put in front, in whatever order (RFC 5256, section 2.1). May be empty.
pub fn conversation(subject: &str) -> String {
    let bare = bare_subject(subject);
    let mut rest = bare.as_str();
    for _ in 0..MAX_PREFIXES {
        let untagged =
            rest.strip_prefix('[').and_then(|tail| tail.split_once(']')).map(|(_, after)| after.trim_start());
        match without_prefix(rest).or(untagged.filter(|after| !after.is_empty())) {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    let rest = rest.to_lowercase();
    rest.strip_suffix("(fwd)").unwrap_or(&rest).trim_end().to_owned()
}

/// Whether a subject begins as the answer to another mail does, behind tags.
pub fn is_reply(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    for _ in 0..MAX_PREFIXES {
        if let Some((word, _)) = prefix(rest) {
            return !FORWARD_PREFIXES.contains(&word.as_str());
        }
        match rest.strip_prefix('[').and_then(|tail| tail.split_once(']')) {
            Some((_, after)) => rest = after.trim_start(),
            None => break,
        }
    }
    false
}

/// Whether a subject says that the mail was passed on; an answer to such a mail was not.
pub fn is_forward(subject: &str) -> bool {
    let mut rest = subject.trim_start();
    while let Some((_, tag)) = tags(rest).next().filter(|(_, tag)| rest.starts_with(tag)) {
        rest = rest.get(tag.len()..).unwrap_or_default().trim_start();
    }
    prefix(rest).is_some_and(|(word, _)| FORWARD_PREFIXES.contains(&word.as_str()))
}

/// Each `[#digits]` with its text, from the left.
fn tags(subject: &str) -> impl Iterator<Item = (TicketNumber, &str)> {
    subject.match_indices("[#").filter_map(move |(start, _)| {
        let from = subject.get(start..)?;
        let end = from.find(']')?;
        let digits = from.get(2..end)?.trim();
        let is_number = !digits.is_empty() && digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = if is_number { digits.parse().ok()? } else { return None };
        Some((TicketNumber(number), from.get(..=end)?))
    })
}

/// `Re: x` is `x`; also `RE[2]: x`, `Odp.: x`, `Re : x`. `None` when there is no prefix.
fn without_prefix(subject: &str) -> Option<&str> {
    prefix(subject).map(|(_, rest)| rest)
}

/// The prefix in front, in lower case and without its count, and what follows it.
fn prefix(subject: &str) -> Option<(String, &str)> {
    let (prefix, rest) = subject.split_once([':', '：'])?;
    let word = prefix.trim_end();
    let word = match word.split_once(['[', '(']) {
        Some((word, count)) if count.trim_end_matches([']', ')']).bytes().all(|byte| byte.is_ascii_digit()) => word,
        Some(_) => return None,
        None => word,
    };
    let word = word.trim_end_matches('.').trim().to_lowercase();
    PREFIXES.contains(&word.as_str()).then(|| (word, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_is_found_wherever_it_stands() {
        for (subject, number) in [
            ("[#1042] Zwrot", Some(1042)),
            ("Re: Odp: [#1042] Zwrot", Some(1042)),
            ("Zwrot [# 7 ]", Some(7)),
            ("[#] [#x] [#99999999999999999999]", None),
            ("order #1042", None),
            ("[#12", None),
        ] {
            assert_eq!(tagged_ticket(subject), number.map(TicketNumber), "{subject}");
        }
    }

    #[test]
    fn the_tag_of_the_ticket_comes_off_and_those_of_others_stay() {
        for (subject, words) in [
            ("Re: [#1042] Odp: Your delivery", "Your delivery"),
            ("Re: [#1042] [#55512] Your delivery", "[#55512] Your delivery"),
            ("[#55512] Re: [#1042] Your delivery", "[#55512] Your delivery"),
            ("[#55512] Re: Your delivery", "[#55512] Your delivery"),
            ("RE: [JIRA] (PROJ-12) Re: x [#1042]", "[JIRA] (PROJ-12) Re: x"),
            ("[Ticket#1001]  other", "[Ticket#1001] other"),
            ("[#1042]", ""),
            ("[#7]", "[#7]"),
            ("[#9999999999] big", "[#9999999999] big"),
        ] {
            assert_eq!(own_words(subject, Some(TicketNumber(1042))), words, "{subject}");
        }
        assert_eq!(tagged_tickets("[#77] Re: [#1001] x [#77]"), [TicketNumber(77), TicketNumber(1001)]);
    }

    #[test]
    fn a_subject_is_known_under_prefixes_tags_and_cuts() {
        let ticket = "Pallets for December, see https://x.example/1";
        for subject in [
            "Re: [#1001] Pallets for December, see",
            "[#77] RE: [#1001] Pallets  for December, see https://x.example/1",
            "[EXT] Odp: [#1001] pallets for december see",
            "Re: [#1001]",
        ] {
            assert!(is_about(subject, ticket), "{subject}");
        }
        for subject in ["Re: [#1001] Pallets", "Re: [#1001] Invoice", "[#1001] Re: Pallets for December, see you"] {
            assert!(!is_about(subject, ticket), "{subject}");
        }
        assert!(is_about(
            "Re: [#1] My order of the twenty-first of December has n",
            "My order of the twenty-first of December has not come"
        ));
        assert!(mentions("Automatic reply: Re: [#1] Blue shoes - please confirm", "Blue shoes"));
        assert!(!mentions("Undeliverable: Re: [#1] Blue shoeshine", "Blue shoes"));
    }

    #[test]
    fn a_mail_passed_on_says_so_in_front() {
        for subject in ["Fwd: x", "[#7] WG: x", "[#7] [#8]  PD: Re: x", "TR : x", "Пересл: x", "FW[2]: x"] {
            assert!(is_forward(subject), "{subject}");
        }
        for subject in ["Re: Fwd: x", "x", "", "[#7] x", "forward: x", "Fwd", "[#7]", "Odp: PD: x"] {
            assert!(!is_forward(subject), "{subject}");
        }
    }

    #[test]
    fn a_conversation_keeps_its_subject_wherever_its_list_puts_the_tag() {
        for subject in ["[lamps] Re: Which bulb?", "R: [lamps] which bulb?", "Re: [lamps] Re: [hall] Which bulb? (fwd)"]
        {
            assert_eq!(conversation(subject), "which bulb?", "{subject}");
            assert!(is_reply(subject), "{subject}");
        }
        assert_eq!(conversation("[lamps]"), "[lamps]");
        for subject in ["[lamps] Which bulb?", "Fwd: Re: x", "[lamps] [", "Order: x", ""] {
            assert!(!is_reply(subject), "{subject}");
        }
    }

    #[test]
    fn tags_and_prefixes_come_off_and_nothing_else() {
        for (subject, bare) in [
            ("Re: [#1042] Zwrot butów", "Zwrot butów"),
            ("RE[3]: Odp: Отв: FW: [#1] [#2] x", "x"),
            ("Re : a: b", "a: b"),
            ("Order: missing", "Order: missing"),
            ("[#5]", ""),
            ("Rescue: help", "Rescue: help"),
        ] {
            assert_eq!(bare_subject(subject), bare, "{subject}");
        }
    }
}
