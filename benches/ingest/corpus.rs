//! Support mails as they lie in a real mailbox: four languages, old charsets, HTML alternatives, quoted tails,
//! attachments, follow-ups. The same seed gives the same mails.

use std::fmt::Write;

use data_encoding::BASE64;
use encoding_rs::Encoding;

use crate::support::mail::base64_lines;
use crate::support::random::Random;

struct Tongue {
    per_cent: u64,
    charsets: &'static [&'static str],
    filler: &'static str,
    topics: &'static [&'static str],
    reply: &'static str,
}

const TONGUES: [Tongue; 4] = [
    Tongue {
        per_cent: 40,
        charsets: &["utf-8", "iso-8859-1"],
        filler: "Hello, I wrote to you last week about this and nobody has called me back yet. My order number is below. \
                 Please look into it and let me know when it is solved; the details may help you to find the cause. ",
        topics: &["price quote", "refund", "wrong size", "the app crashes at login", "charged twice", "lost parcel"],
        reply: "Re: ",
    },
    Tongue {
        per_cent: 30,
        charsets: &["utf-8", "iso-8859-2", "windows-1250"],
        filler: "Dzień dobry, pisałem w tej sprawie w zeszłym tygodniu i nikt jeszcze nie oddzwonił. Numer zamówienia \
                 podaję poniżej. Proszę o sprawdzenie i informację, kiedy sprawa zostanie załatwiona. ",
        topics: &["wycena", "zwrot towaru", "wymiana na inny rozmiar", "nie mogę się zalogować", "faktura VAT"],
        reply: "Odp: ",
    },
    Tongue {
        per_cent: 20,
        charsets: &["utf-8", "koi8-r", "windows-1251"],
        filler: "Здравствуйте, я писал вам об этом на прошлой неделе, и никто пока не перезвонил. Номер заказа ниже. \
                 Прошу разобраться и сообщить, когда вопрос будет решён. ",
        topics: &["оптовая скидка", "возврат товара", "обмен на другой размер", "не могу войти", "счёт на оплату"],
        reply: "Re[2]: ",
    },
    Tongue {
        per_cent: 10,
        charsets: &["utf-8"],
        filler: "Magandang araw po, sumulat ako noong nakaraang linggo tungkol dito at wala pang tumatawag. Nasa ibaba \
                 ang mga detalye. Pakitingnan po at ipaalam kung kailan maaayos. ",
        topics: &["presyo ng produkto", "maling sukat", "hindi makapasok", "overdue na invoice"],
        reply: "Re: ",
    },
];

struct Conversation {
    tongue: usize,
    customer: String,
    subject: String,
    ids: Vec<String>,
}

/// Writes one mail after the other.
pub struct Corpus {
    random: Random,
    earlier: Vec<Conversation>,
    count: usize,
}

impl Corpus {
    /// The corpus of this seed.
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), earlier: Vec::new(), count: 0 }
    }

    /// The next mail, lines ended by LF as in a Maildir. Two in five answer an earlier one.
    pub fn mail(&mut self) -> Vec<u8> {
        let number = self.count;
        self.count += 1;
        let follow_up = !self.earlier.is_empty() && self.random.per_cent(40);
        let index = if follow_up { self.random.index(self.earlier.len()) } else { self.open(number) };
        let id = format!("{number}.{:x}@customer{}.example", self.random.next(), number % 997);
        let random = &mut self.random;
        let conversation = &mut self.earlier[index];
        let tongue = &TONGUES[conversation.tongue];
        let charset = *random.pick(tongue.charsets);
        let encode = |text: &str| Encoding::for_label(charset.as_bytes()).unwrap().encode(text).0.into_owned();
        let subject = format!("{}{}", if follow_up { tongue.reply } else { "" }, conversation.subject);
        let mut head = format!(
            "Return-Path: <{customer}>\nReceived: from mx.customer.example (mx.customer.example [192.0.2.{}])\n\tby \
             mail.example.test with ESMTPS id {:x}\nFrom: =?utf-8?B?{}?= <{customer}>\nTo: info@example.test\n\
             Subject: =?{charset}?B?{}?=\nDate: Mon, 9 Nov 2026 10:{:02}:{:02} +0100\nMessage-ID: <{id}>\n\
             MIME-Version: 1.0\n",
            number % 250,
            random.next(),
            BASE64.encode(format!("Klient {number} Łoś").as_bytes()),
            BASE64.encode(&encode(&subject)),
            number / 60 % 60,
            number % 60,
            customer = conversation.customer,
        );
        if let Some(last) = conversation.ids.last() {
            let references: Vec<String> =
                conversation.ids.iter().rev().take(8).rev().map(|id| format!("<{id}>")).collect();
            write!(head, "In-Reply-To: <{last}>\nReferences: {}\n", references.join("\n ")).unwrap();
        }
        conversation.ids.push(id);
        let mut text = String::new();
        for _ in 0..random.between(1..13) {
            let (topic, order) = (random.pick(tongue.topics), random.between(0..1_000_000));
            writeln!(text, "{}{topic} {order}.", tongue.filler).unwrap();
        }
        if follow_up {
            text.push_str("\nOn Sun, 8 Nov 2026 at 09:12, Example Support <info@example.test> wrote:\n");
            for _ in 0..8 {
                text.push_str("> Thank you for your patience, we are looking into the matter.\n");
            }
        }
        let plain = base64_part("text/plain", charset, &encode(&text));
        let kind = random.between(0..100);
        let mail = if kind < 15 {
            format!("{head}{plain}")
        } else {
            let html = text.lines().collect::<Vec<_>>().join("</p><p style=\"font-family:Arial\">");
            let html = base64_part("text/html", charset, &encode(&format!("<html><body><p>{html}</p></body></html>")));
            let both = format!("--alt\n{plain}\n--alt\n{html}\n--alt--\n");
            if kind < 80 {
                format!("{head}Content-Type: multipart/alternative; boundary=\"alt\"\n\n{both}")
            } else {
                let size = usize::try_from(random.between(20_000..200_000)).unwrap();
                format!(
                    "{head}Content-Type: multipart/mixed; boundary=\"mix\"\n\n--mix\nContent-Type: multipart/alternative; \
                     boundary=\"alt\"\n\n{both}\n--mix\nContent-Type: application/pdf; name=\"scan.pdf\"\n\
                     Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=\"scan.pdf\"\n\n\
                     {}--mix--\n",
                    base64_lines(&random.bytes(size)).replace("\r\n", "\n")
                )
            }
        };
        mail.into_bytes()
    }

    fn open(&mut self, number: usize) -> usize {
        let mut chance = self.random.between(0..100);
        let tongue = TONGUES
            .iter()
            .position(|tongue| {
                let found = chance < tongue.per_cent;
                chance = chance.saturating_sub(tongue.per_cent);
                found
            })
            .unwrap_or(0);
        let customer = format!("client{}@customer{}.example", self.random.between(0..1_000_000), number % 997);
        let subject = format!("{} {}", self.random.pick(TONGUES[tongue].topics), self.random.between(0..100_000));
        self.earlier.push(Conversation { tongue, customer, subject, ids: Vec::new() });
        self.earlier.len() - 1
    }
}

fn base64_part(media: &str, charset: &str, bytes: &[u8]) -> String {
    let body = base64_lines(bytes).replace("\r\n", "\n");
    format!("Content-Type: {media}; charset={charset}\nContent-Transfer-Encoding: base64\n\n{body}")
}
