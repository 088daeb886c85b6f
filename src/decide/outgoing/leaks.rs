//! What must not leave with an agent's answer: remains of our notifications, the agent's keys and cards.
//!
//! Looks for marks that only our own mails to agents carry. When one is found nothing is sent: a program that quotes
//! without marks may have left a note of a colleague among the words.

use std::collections::HashSet;
use std::sync::Arc;

use memchr::memmem;

use super::signature::holds_address;
use crate::decide::AgentReply;
use crate::model::address::Address;
use crate::model::fold::fold;
use crate::model::held::Doubt;
use crate::model::lookalike::as_read;
use crate::model::mail::Attachment;
use crate::model::outgoing::OwnPhrases;
use crate::model::policy::{Agent, Policy};
use crate::model::refusal::Refusal;
use crate::model::rich::Rich;
use crate::model::text::clean_line;
use crate::model::ticket::Ticket;

/// Start of the line above which agents reply.
pub(in crate::decide) const MARKER: &str = "##- ";
/// Characters of the signature in our reply addresses and Message-IDs, and of what a token may say behind it.
const TOKEN: usize = 20;
const TOKEN_STATE: usize = 17;
/// Characters of a foreign line that are shown.
const MAX_SHOWN: usize = 60;
/// Quoted lines that stand in the customer's mail above the one that was quoted before; a quote of more is not looked through.
const MAX_OUT_OF_ORDER: usize = 1_000;
/// Header that only our mails to agents carry.
const INTERNAL_HEADER: &[u8] = b"x-postroom-ticket:";
/// Bytes of an attached mail that are searched for it.
const SEARCHED: usize = 1_000_000;
/// Bytes of a picture that may be a logo.
const LARGEST_LOGO: usize = 16 * 1024;
/// Keys, signatures of a whole mail (void once we rewrite it): they name the agent.
const KEYS: &[&str] = &[
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
];
/// Business cards.
const CARDS: &[&str] = &["text/vcard", "text/x-vcard", "text/directory"];

/// Why quoted lines between the agent's words must not be sent: they are not in the customer's latest mail, so they may be a
/// colleague's note that our notification showed. Lines are compared folded: programs wrap what they quote.
pub(in crate::decide) fn foreign_quote(text: &str, customer: &str) -> Option<Refusal> {
    let known = fold(&customer.replace('>', " "));
    let quoted = text.lines().filter_map(|line| line.trim_start_matches([' ', '\t', '\u{a0}']).strip_prefix('>'));
    // Programs quote in order: each line is looked for behind the one above it, and rarely from the beginning again.
    let (mut at, mut begun) = (0, 0);
    let mut is_known = |line: &str| {
        let line = fold(line);
        let rest = known.get(at..).unwrap_or_default();
        let found = memmem::find(rest.as_bytes(), line.as_bytes()).map(|found| at + found).or_else(|| {
            begun += 1;
            memmem::find(known.as_bytes(), line.as_bytes()).filter(|_| begun <= MAX_OUT_OF_ORDER)
        });
        at = found.map_or(at, |found| found + line.len());
        found.is_some()
    };
    let foreign = quoted.map(|line| line.replace('>', " ")).find(|line| !is_known(line))?;
    Some(Refusal::ForeignQuote(clean_line(&foreign, MAX_SHOWN)))
}

/// Why `text` must not be sent: it names an address of an agent's, who is reached by customers through their department alone.
/// Addresses of the desk, of who is on the ticket as a customer, and what the customer wrote themselves are no secret.
pub(in crate::decide) fn private_address(
    text: &str,
    policy: &Policy,
    ticket: &Ticket,
    customer: &str,
) -> Option<Refusal> {
    let text = as_read(text);
    let shown = locals(&text);
    let mut named = private(policy, ticket, customer).filter(|address| {
        readings(address).iter().any(|reading| stands_among(&shown, reading) && holds_address(&text, reading))
    });
    named.next().map(|address| Refusal::PrivateAddress(address.clone()))
}

/// The file that shows such an address.
pub(in crate::decide) fn file_with_private_address(
    case: &AgentReply<'_>,
    ticket: &Ticket,
    files: &[Attachment],
) -> Option<Doubt> {
    if files.is_empty() {
        return None;
    }
    let customer = case.last_words.map_or("", |(_, words)| words.as_str());
    let secret: Vec<&Address> = private(case.policy, ticket, customer).collect();
    files.iter().find_map(|file| {
        let shown = (case.addresses_in)(file);
        let name = as_read(&file.name);
        let address = secret.iter().find(|address| {
            let plain = readings(&address.without_detail("+"));
            plain.iter().any(|reading| shown.contains(reading))
                || readings(address).iter().any(|reading| name.contains(reading))
        })?;
        Some(Doubt::FileHolds { file: clean_line(&file.name, MAX_SHOWN), address: (*address).clone() })
    })
}

/// The addresses of agents that a customer does not know.
fn private<'p>(policy: &'p Policy, ticket: &Ticket, customer: &str) -> impl Iterator<Item = &'p Address> {
    let customer = customer.to_lowercase();
    let known: HashSet<String> = locals(&customer).into_iter().map(str::to_owned).collect();
    policy.agents.iter().flat_map(|agent| &agent.addresses).filter(move |address| {
        let may_be_known = known.contains(&address.local().to_lowercase()) || !is_plain(address.local());
        let is_known = may_be_known && holds_address(&customer, &address.key());
        !policy.is_own(address) && !ticket.is_participant(address) && !is_known
    })
}

/// An address as people read it, its domain in ASCII and in its own letters.
fn readings(address: &Address) -> [String; 2] {
    [as_read(&address.key()), as_read(&address.written())]
}

/// What stands before the `@`s of a text: looked through once, however many agents there are.
fn locals(text: &str) -> HashSet<&str> {
    let pieces = text.match_indices('@').filter_map(|(at, _)| text.get(..at));
    pieces.filter_map(|before| before.rsplit(|c: char| !joins(c)).next()).collect()
}

/// Whether an address may stand in the text whose `locals` these are.
fn stands_among(locals: &HashSet<&str>, reading: &str) -> bool {
    let local = reading.split('@').next().unwrap_or_default();
    locals.contains(local) || !is_plain(local)
}

fn is_plain(local: &str) -> bool {
    local.chars().all(joins)
}

/// Whether `c` is a part of the word that an address begins with.
fn joins(c: char) -> bool {
    c.is_alphanumeric() || "._+-".contains(c)
}

/// Why `text` and `attachments` must not be sent to a customer.
pub(in crate::decide) fn remains(
    text: &str,
    attachments: &[Attachment],
    policy: &Policy,
    phrases: &OwnPhrases,
) -> Option<Refusal> {
    if text.lines().any(|line| line.trim_start_matches(['>', ' ', '\t', '\u{a0}', '|']).starts_with(MARKER)) {
        return Some(Refusal::HoldsOurMail(format!("{MARKER}…")));
    }
    if let Some(line) = own_words(text, phrases) {
        return Some(Refusal::HoldsOurMail(line));
    }
    if let Some(address) = token_address(text, policy) {
        return Some(Refusal::HoldsKey(address));
    }
    let notification = attachments.iter().find(|attachment| is_notification(attachment))?;
    Some(Refusal::AttachedOurMail(clean_line(&notification.name, MAX_SHOWN)))
}

/// A line of `text` that only our mails to agents have: a ticket's number behind its label, or the hint at the foot.
fn own_words(text: &str, phrases: &OwnPhrases) -> Option<String> {
    let is_ours = |line: &str| {
        let folded = fold(line.trim_start_matches(['>', ' ', '\t', '\u{a0}', '|', '*']));
        let number = |rest: &str| {
            let digits = rest.trim_start_matches([':', ' ', '|', '*']).strip_prefix('#');
            digits.is_some_and(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))
        };
        phrases.labels.iter().any(|label| folded.strip_prefix(label.as_str()).is_some_and(number))
    };
    if let Some(line) = text.lines().find(|line| is_ours(line)) {
        return Some(clean_line(line, MAX_SHOWN));
    }
    // Programs wrap what they quote: the hint is looked for in all of the text.
    let folded = fold(text);
    phrases.hints.iter().find(|hint| !hint.is_empty() && folded.contains(hint.as_str())).map(|hint| format!("{hint}…"))
}

/// Attachments that travel along, and the names of those that do not: small pictures that neither `words` mention nor `shown`
/// (the same words as they were formatted) holds, which are logos or the quoted mail's; keys; the agent's own card.
pub(in crate::decide) fn travelling(
    all: &Arc<[Attachment]>,
    words: &str,
    shown: Option<&Rich>,
    agent: Option<&Agent>,
) -> (Arc<[Attachment]>, Vec<String>) {
    let own = |attachment: &Attachment| {
        is_decoration(attachment, words, shown)
            || KEYS.contains(&attachment.media_type.as_str())
            || agent.is_some_and(|agent| is_card_of(attachment, agent))
    };
    let left: Vec<String> = all.iter().filter(|attachment| own(attachment)).map(|found| found.name.clone()).collect();
    if left.is_empty() {
        return (Arc::clone(all), left);
    }
    (all.iter().filter(|attachment| !own(attachment)).cloned().collect(), left)
}

/// Some programs leave `[image: shot.png]` or `[cid:…]` in the plain text where a picture stands among the words, Thunderbird
/// and Apple Mail do not. One that stands nowhere is the signature's, unless it is as large as no logo is: rather a logo too
/// many than a screenshot lost.
fn is_decoration(attachment: &Attachment, words: &str, formatted: Option<&Rich>) -> bool {
    let picture = attachment.inline && attachment.media_type.starts_with("image/");
    let mentioned = |name: &str| !name.is_empty() && words.contains(name);
    let stands = |id: &str| formatted.is_some_and(|rich| rich.pictures().any(|shown| shown == id));
    let shown =
        mentioned(&attachment.name) || attachment.content_id.as_deref().is_some_and(|id| mentioned(id) || stands(id));
    picture && attachment.content_id.is_some() && !shown && attachment.content.len() < LARGEST_LOGO
}

fn is_card_of(attachment: &Attachment, agent: &Agent) -> bool {
    let card = String::from_utf8_lossy(&attachment.content).to_lowercase();
    CARDS.contains(&attachment.media_type.as_str()) && agent.addresses.iter().any(|own| card.contains(&own.key()))
}

fn is_notification(attachment: &Attachment) -> bool {
    let mail = attachment.media_type.starts_with("message/") || attachment.name.to_lowercase().ends_with(".eml");
    let searched = attachment.content.get(..SEARCHED).unwrap_or(&attachment.content);
    mail && searched.windows(INTERNAL_HEADER.len()).any(|window| window.eq_ignore_ascii_case(INTERNAL_HEADER))
}

/// The first address or Message-ID of ours in `text` that ends in a token, `+` written as it is or as `%2B`.
fn token_address(text: &str, policy: &Policy) -> Option<String> {
    let spelled = text.replace("%40", "@").replace("%2B", "+").replace("%2b", "+");
    let ours = |domain: &str| {
        domain.eq_ignore_ascii_case(&policy.desk.domain)
            || policy.mailboxes.iter().any(|mailbox| mailbox.address.domain().eq_ignore_ascii_case(domain))
    };
    spelled.match_indices('@').find_map(|(at, _)| {
        let before = spelled.get(..at)?;
        let local = before.rsplit(|c: char| !(c.is_alphanumeric() || "._-+=".contains(c))).next()?;
        let after = spelled.get(at + 1..)?;
        let domain = after.split(|c: char| !(c.is_alphanumeric() || ".-".contains(c))).next()?.trim_end_matches('.');
        (ours(domain) && ends_in_token(local)).then(|| format!("{local}@{domain}"))
    })
}

/// `…1042.anna.` and a signature in base32.
fn ends_in_token(local: &str) -> bool {
    let Some((claim, token)) = local.rsplit_once('.') else { return false };
    let base32 = |c: char| c.is_ascii_alphabetic() || ('2'..='7').contains(&c);
    (TOKEN..=TOKEN + TOKEN_STATE).contains(&token.len()) && token.chars().all(base32) && claim.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::reader::Reader;
    use crate::model::rich::Piece;
    use crate::model::testing::{address, opening, policy};
    use crate::model::token::{SECRET_LEN, Signer};
    use crate::model::{AgentId, TicketNumber};

    fn check(text: &str, held: bool) {
        assert_eq!(remains(text, &[], &policy(), &phrases()).is_some(), held, "{text}");
    }

    fn phrases() -> OwnPhrases {
        OwnPhrases { labels: vec![fold("Zgłoszenie")], hints: vec![fold("Aby odpowiedzieć klientowi, odpowiedz")] }
    }

    #[test]
    fn our_notification_is_known_by_its_words_when_a_program_quotes_without_marks() {
        check("Tak.\nZgłoszenie:  #1006 Zwrot butów\nStatus: nowe", true);
        check("Tak.\n| Zgłoszenie #1006 Zwrot butów", true);
        check("Tak.\nBiorę Zamknij\nAby odpowiedzieć\nklientowi, odpowiedz na tę wiadomość.", true);
        check("Państwa zgłoszenie #1006 jest gotowe.\nZgłoszenie: gotowe", false);
    }

    fn file(name: &str, media_type: &str, content: &[u8]) -> Attachment {
        let (name, media_type) = (name.to_owned(), media_type.to_owned());
        Attachment { name, media_type, inline: false, content_id: None, content: content.to_vec() }
    }

    #[test]
    fn our_marker_line_is_found_under_any_quote_mark() {
        check("Yes.\n> ##- Reply above this line -##\nsecret", true);
        check("Yes.\n  ##- Odpowiedz powyżej tej linii -##", true);
        check("The order number is ##-12", false);
    }

    #[test]
    fn reply_addresses_and_message_ids_with_a_token_are_found_however_they_are_spelled() {
        let signer = Signer::new([7; SECRET_LEN], "shop.example");
        let (number, anna) = (TicketNumber(1042), AgentId::new("anna"));
        let reply = signer
            .reply_address(
                &address("info@shop.example"),
                "+",
                opening(number),
                &anna,
                Reader::Customer,
                Some(crate::model::MessageKey(7)),
            )
            .unwrap();
        check(&format!("Reply-To: <{reply}>"), true);
        check(&format!("take: mailto:{}?subject=x", reply.as_str().replace('+', "%2B")), true);
        check(&reply.as_str().to_uppercase(), true);
        check(&format!("<{}>", signer.thread_root(opening(number), &anna)), true);
        check("write to returns@shop.example or anna.maria.nowakowska@shop.example", false);
        check(&reply.as_str().replace("shop.example", "else.example"), false);
    }

    #[test]
    fn a_quote_between_the_words_must_be_the_customers() {
        let customer = "The lamp is  broken,\nand the bulb too.\n> Is it Żółty?";
        let held = |text: &str| foreign_quote(text, customer).is_some();
        for text in ["> the lamp is broken, and\n> the bulb\n>\nYes.\n> > is it żółty?\nNo.", "Yes.", "2 > 1"] {
            assert!(!held(text), "{text}");
        }
        for text in ["Yes.\n > He is rude.\nSent.", "> Assignee: Anna Nowak\nYes."] {
            assert!(held(text), "{text}");
        }
    }

    #[test]
    fn an_attached_notification_is_found_and_an_attached_mail_of_a_customer_is_not() {
        let held = |content: &[u8]| {
            remains("Yes", &[file("mail.eml", "message/rfc822", content)], &policy(), &phrases()).is_some()
        };
        assert!(held(b"From: x\r\nX-Postroom-Ticket: 1042\r\n\r\nnote"));
        assert!(!held(b"From: x\r\n\r\nHello"));
    }

    #[test]
    fn keys_cards_and_pictures_inside_the_text_stay_behind() {
        let logo = Attachment { inline: true, content_id: Some("c".into()), ..file("logo.png", "image/png", b"") };
        let all: Arc<[Attachment]> = [
            Attachment { name: "shot.png".into(), ..logo.clone() },
            Attachment { name: "screen.png".into(), content: vec![0; LARGEST_LOGO], ..logo.clone() },
            logo,
            file("smime.p7s", "application/pkcs7-signature", b""),
            file("anna.vcf", "text/vcard", b"EMAIL:Anna@shop.example"),
            file("courier.vcf", "text/vcard", b"EMAIL:courier@else.example"),
            file("label.pdf", "application/pdf", b""),
        ]
        .into();
        let (kept, left) = travelling(&all, "see [image: shot.png]", None, policy().agents.first());
        let kept: Vec<_> = kept.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(kept, ["shot.png", "screen.png", "courier.vcf", "label.pdf"]);
        assert_eq!(left, ["logo.png", "smime.p7s", "anna.vcf"]);
        // A program that says nothing of it in its plain text.
        let picture = Piece::Picture { id: "c".to_owned(), name: String::new() };
        let shown = Rich { pieces: vec![picture], links: vec![] };
        assert!(travelling(&all, "see", Some(&shown), None).1.iter().all(|name| name != "logo.png"));
    }
}
