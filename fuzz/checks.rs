//! What must hold for any input; used by the fuzz targets and, in small doses, by `tests/fuzz.rs`.

use postroom::intake::imap::cut::{Cut, Cutter, Limits};
use postroom::intake::imap::sieve::{Kind, Sieved, read as read_response, sieve};
use postroom::model::id::{AgentId, MailId, TicketNumber};
use postroom::model::mail::ParsedMail;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::reader::Reader;
use postroom::model::text::{is_invisible, is_running};
use postroom::model::token::{MailClaim, Opening, Signer, TicketKey};
use postroom::parse::{MAX_TEXT, parse as read, to_json};

/// Any bytes are a mail, and nothing that comes out can break a header, a terminal or a folder.
pub fn parse(bytes: &[u8]) {
    check_mail(&read(bytes, None));
}

/// The first byte chooses the kind of mail, the rest is its text: no word of it is lost.
pub fn quote(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else { return };
    let subject = ["Order 5", "Re: Order 5", "Fwd: Order 5", "Odp: [#7] Order"][usize::from(kind & 3)];
    let media_type = if kind & 4 == 0 { "text/plain" } else { "text/html" };
    let head = format!("From: Kim <kim@y.example>\nSubject: {subject}\nContent-Type: {media_type}; charset=utf-8\n\n");
    let mail = read(&[head.as_bytes(), text].concat(), None);
    check_mail(&mail);
    let count = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    // The separator of a signature is dashes or underscores: no letters.
    let parts = count(&mail.reply) + count(&mail.quoted) + count(&mail.signature);
    assert_eq!(
        count(&mail.text),
        parts,
        "{:?} became {:?}, {:?}, {:?}",
        mail.text,
        mail.reply,
        mail.quoted,
        mail.signature
    );
}

/// The first byte chooses the form, the rest is what a mail server wrote.
pub fn bounce(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else { return };
    let head = "Return-Path: <>\nFrom: Mail Delivery System <mailer-daemon@y.example>\nTo: desk@shop.example\nSubject: Undelivered Mail\n";
    let form = if kind & 1 == 0 {
        "\n"
    } else {
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/delivery-status\n\n"
    };
    let mail = read(&[head.as_bytes(), form.as_bytes(), text].concat(), None);
    check_mail(&mail);
    for recipient in mail.bounce.iter().flat_map(|bounce| &bounce.recipients) {
        let fields: Vec<&str> = recipient.status.split('.').collect();
        let digits = fields.iter().all(|field| !field.is_empty() && field.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(fields.len() == 3 && digits, "status {:?}", recipient.status);
        assert!(recipient.action.bytes().all(|byte| byte.is_ascii_lowercase()), "action {:?}", recipient.action);
    }
}

/// No text proves anything unless we signed it, and what we signed does not survive a change.
pub fn token(bytes: &[u8]) {
    let signer = Signer::new([7; 32], "shop.example");
    let text = String::from_utf8_lossy(bytes);
    let id = MailId::new(&text);
    let marked = MailId::new("a@b.example");
    assert!(signer.check_mail_id(&id).is_none() && signer.check_reply_detail(&text).is_none(), "forged: {text:?}");
    assert!(!signer.check_loop_mark(&marked, &text), "forged: {text:?}");
    // The text as an edit of real ones: two bytes say where, the rest what.
    let [at, length, patch @ ..] = bytes else { return };
    let agent = AgentId::new("anna");
    let ticket = Opening { number: TicketNumber(1042), key: TicketKey::new(7) };
    let detail = signer.reply_detail(ticket, &agent, Reader::Customer, None);
    let claim = MailClaim {
        kind: OutgoingKind::Notification,
        ticket,
        agent: Some(&agent),
        reader: Reader::Customer,
        serial: 88,
    };
    let own = signer.mail_id(&claim).as_str().to_owned();
    for original in [detail, own] {
        let start = usize::from(*at) % original.len();
        let end = (start + usize::from(*length)).min(original.len());
        let mut changed = original.clone();
        changed.replace_range(start..end, &String::from_utf8_lossy(patch));
        // The case of letters proves nothing and counts for nothing: servers change it.
        let same = changed.eq_ignore_ascii_case(&original);
        let valid =
            signer.check_reply_detail(&changed).is_some() || signer.check_mail_id(&MailId::new(&changed)).is_some();
        assert_eq!(valid, same, "{changed:?}");
    }
}

/// Any bytes are what an IMAP server says: however they come in pieces, they are cut into the same responses, none larger than
/// it may be, and nothing that nests reaches the parser.
pub fn responses(bytes: &[u8]) {
    const LIMITS: Limits = Limits { text: 4096, literals: 4096 };
    let mut rest = bytes;
    while !rest.is_empty() {
        let whole = Cutter::default().find(rest, LIMITS);
        let mut cutter = Cutter::default();
        let mut in_pieces = Ok(Cut::Lacks(1));
        for length in (1..rest.len()).step_by(7).chain([rest.len()]) {
            if matches!(in_pieces, Ok(Cut::Lacks(_))) {
                in_pieces = cutter.find(&rest[..length], LIMITS);
            }
        }
        let Ok(Cut::Ends(end)) = whole else {
            assert_eq!(whole.is_err(), in_pieces.is_err(), "{rest:?}");
            return;
        };
        assert_eq!(in_pieces, whole, "{rest:?}");
        assert!(end <= 2 * 4096 && rest[..end].ends_with(b"\r\n"), "{rest:?}");
        let mut response = rest[..end].to_vec();
        let kind = Kind::of(&response);
        if let Sieved::Fit(length) = sieve(kind, &mut response) {
            response.truncate(length);
            assert!(kind != Kind::Fetch || deepest(&response) <= 2, "{response:?}");
            read_response(&response);
        }
        rest = &rest[end..];
    }
}

/// How deep the lists of a response nest, outside strings.
fn deepest(response: &[u8]) -> usize {
    let (mut depth, mut most, mut at) = (0_usize, 0, 0);
    while let Some(byte) = response.get(at) {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            b'"' => {
                at += 1;
                while response.get(at).is_some_and(|byte| *byte != b'"') {
                    at += if response[at] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' => {
                let digits = response[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
                let length = String::from_utf8_lossy(&response[at + 1..at + 1 + digits]).parse().unwrap_or(0);
                // Behind the brace, CR and LF; the loop goes on behind the last byte.
                at += digits + 3 + length;
            }
            _ => {}
        }
        most = most.max(depth);
        at += 1;
    }
    most
}

fn check_mail(mail: &ParsedMail) {
    let line = |text: &str| !text.chars().any(|c| c.is_control() || is_invisible(c));
    assert!(line(&mail.subject), "subject {:?}", mail.subject);
    for person in mail.from.iter().chain(&mail.reply_to).chain(&mail.to).chain(&mail.cc) {
        assert!(line(&person.name), "name {:?}", person.name);
        let address = person.address.as_str();
        assert!(line(address) && !address.contains(char::is_whitespace), "address {address:?}");
    }
    for file in &mail.attachments {
        let safe = line(&file.name) && !file.name.contains(['/', '\\']) && !file.name.starts_with('.');
        assert!(safe && !file.name.is_empty() && file.name.len() <= 250, "file name {:?}", file.name);
        assert!(line(&file.media_type), "type {:?}", file.media_type);
    }
    for text in [&mail.text, &mail.reply, &mail.quoted, &mail.signature] {
        assert!(text.chars().all(is_running), "text {text:?}");
    }
    if let Some(forwarded) = &mail.forwarded {
        assert!(line(&forwarded.subject) && line(&forwarded.date), "{forwarded:?}");
    }
    if let Some(bounce) = &mail.bounce {
        assert!(bounce.recipients.iter().all(|recipient| line(&recipient.diagnostic)), "{bounce:?}");
        assert!(bounce.original_message_id.iter().all(|id| line(id.as_str())), "{bounce:?}");
    }
    for id in mail.message_id.iter().chain(&mail.in_reply_to).chain(&mail.references) {
        assert!(line(id.as_str()) && !id.as_str().contains(char::is_whitespace), "id {id:?}");
    }
    assert!(mail.text.len() <= MAX_TEXT && mail.defects.len() <= 50);
    to_json(mail);
}
