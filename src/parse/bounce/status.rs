//! The status (RFC 3463) that the words of a mail server mean, when it names none itself.
//!
//! Words decide about subject and detail; the reply code near them, else the kind of fault, about permanent or not.

/// What a group of words means.
struct Reason {
    /// Class when no reply code says otherwise.
    class: char,
    /// Subject and detail.
    code: &'static str,
    words: &'static [&'static str],
}

/// The more specific first: a text may say "mailbox full" and "retry timeout exceeded".
const REASONS: [Reason; 10] = [
    Reason {
        class: '5',
        code: ".1.2",
        words: &[
            "host unknown",
            "unknown host",
            "host not found",
            "domain not found",
            "domain name not found",
            "no such domain",
            "domain does not exist",
            "domain doesn't exist",
            "name service error",
            "bad destination",
            "unrouteable mail domain",
            "invalid domain",
            "unknown domain",
            "couldn't find any host",
            "nieznana domena",
            "домен не найден",
            "domain unbekannt",
        ],
    },
    Reason {
        class: '5',
        code: ".2.2",
        words: &[
            "mailbox full",
            "mailbox is full",
            "inbox is full",
            "quota",
            "exceeds allowed size",
            "exceeded storage",
            "out of storage",
            "storage limit",
            "mailbox size",
            "mail box full",
            "not enough storage space",
            "przepełnion",
            "przepelnion",
            "skrzynka pełna",
            "skrzynka jest pełna",
            "переполнен",
            "ящик полон",
            "переповнен",
            "postfach voll",
            "postfach ist voll",
            "boîte pleine",
            "boîte aux lettres est pleine",
            "buzón lleno",
            "buzón está lleno",
            "casella piena",
            "caixa de correio cheia",
        ],
    },
    Reason {
        class: '5',
        code: ".3.4",
        words: &[
            "message too large",
            "message is too large",
            "message too big",
            "message size exceeds",
            "exceeds size limit",
            "exceeds maximum size",
            "maximum incoming message size",
            "maximum message size",
            "message length exceeds",
            "zbyt duża wiadomość",
            "слишком большое",
        ],
    },
    Reason {
        class: '5',
        code: ".2.1",
        words: &[
            "account disabled",
            "account is disabled",
            "account has been disabled",
            "mailbox disabled",
            "mailbox is disabled",
            "account inactive",
            "account is inactive",
            "inactive user",
            "mailbox is inactive",
            "user is inactive",
            "account suspended",
            "has been suspended",
            "been deactivated",
            "konto zablokowane",
            "konto jest zablokowane",
            "ящик заблокирован",
            "аккаунт заблокирован",
        ],
    },
    Reason {
        class: '5',
        code: ".1.1",
        words: &[
            "user unknown",
            "unknown user",
            "no such user",
            "no mailbox here",
            "no such mailbox",
            "no such recipient",
            "no such address",
            "address not found",
            "address couldn't be found",
            "wasn't found",
            "was not found",
            "unknown recipient",
            "recipient unknown",
            "unknown address",
            "unknown mailbox",
            "unknown local",
            "not listed in",
            "user not found",
            "user name not found",
            "recipient not found",
            "recipnotfound",
            "recipientnotfound",
            "mailbox not found",
            "invalid recipient",
            "invalid address",
            "invalid mailbox",
            "invalid user",
            "bad address",
            "unrouteable address",
            "does not exist",
            "doesn't exist",
            "is not recognized",
            "not a known user",
            "not a valid mailbox",
            "not our customer",
            "doesn't have a",
            "does not have an account",
            "no account by that name",
            "no user here by that name",
            "brak takiego",
            "nie istnieje",
            "nie znaleziono",
            "nie można odnaleźć",
            "не найден",
            "не существует",
            "нет такого",
            "не знайдено",
            "не існує",
            "unbekannter",
            "empfänger unbekannt",
            "existiert nicht",
            "n'existe pas",
            "utilisateur inconnu",
            "no existe",
            "usuario desconocido",
            "não existe",
            "non esiste",
            "neexistuje",
            "宛先不明",
            "見つかりません",
            "收件人不存在",
        ],
    },
    Reason {
        class: '5',
        code: ".4.6",
        words: &["too many hops", "mail loop", "loops back", "hop count exceeded", "routing loop", "mail loops"],
    },
    Reason {
        class: '5',
        code: ".7.1",
        words: &[
            "relay access denied",
            "relaying denied",
            "relay not permitted",
            "unable to relay",
            "relaying not allowed",
            "we do not relay",
        ],
    },
    Reason {
        class: '4',
        code: ".4.7",
        words: &[
            "message expired",
            "expired for domain",
            "retry timeout exceeded",
            "retry time not reached",
            "in queue too long",
            "queue too long",
            "too old",
            "delivery time expired",
            "has been in the queue",
            "wasn't able to establish an smtp connection",
        ],
    },
    Reason {
        class: '4',
        code: ".4.1",
        words: &[
            "connection timed out",
            "connection refused",
            "connection was refused",
            "no answer from host",
            "network is unreachable",
            "could not connect",
            "couldn't connect",
            "unable to connect",
            "no route to host",
            "host is down",
            "not responding",
        ],
    },
    Reason {
        class: '5',
        code: ".7.1",
        words: &[
            "considered spam",
            "detected as spam",
            "as spam",
            "spam message",
            "blacklist",
            "blocklist",
            "block list",
            "blocked using",
            "message blocked",
            "policy",
            "not authorized",
            "access denied",
            "not accepting mail from",
            "dmarc",
            "spf check",
            "sender rejected",
        ],
    },
];

/// The status that `text` means; `None` when it gives no reason that we know and no reply code.
pub fn status(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let reply = reply_class(&lower);
    let find = |text: &str| REASONS.iter().find(|reason| reason.words.iter().any(|words| text.contains(words)));
    // `User kim@x.example unknown`
    let bare = || lower.split_whitespace().filter(|word| !word.contains('@')).collect::<Vec<_>>().join(" ");
    if let Some(reason) = find(&lower).or_else(|| find(&bare())) {
        return Some(format!("{}{}", reply.unwrap_or(reason.class), reason.code));
    }
    reply.map(|class| format!("{class}.0.0"))
}

/// The class of the first SMTP reply code of a failure.
fn reply_class(text: &str) -> Option<char> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| match word.as_bytes() {
        [b'5', b'0' | b'5', b'0'..=b'9'] => Some('5'),
        [b'4', b'2' | b'5', b'0'..=b'9'] => Some('4'),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_reply_codes_become_a_status() {
        for (text, want) in [
            ("550 <anna@x.example>... User unknown", Some("5.1.1")),
            ("mailbox is full: retry timeout exceeded", Some("5.2.2")),
            ("452 Mailbox full", Some("4.2.2")),
            ("Host or domain name not found. Name service error for name=x.example", Some("5.1.2")),
            ("connect to x.example[192.0.2.1]:25: Connection timed out", Some("4.4.1")),
            ("Message expired for domain x.example", Some("4.4.7")),
            ("550 User <kim@x.example> unknown", Some("5.1.1")),
            ("550 Brak takiego użytkownika", Some("5.1.1")),
            ("554 delivery error", Some("5.0.0")),
            ("451 try later", Some("4.0.0")),
            ("port 25, 1550 bytes", None),
        ] {
            assert_eq!(status(text).as_deref(), want, "{text}");
        }
    }
}
