//! The demo's people, and what happens to them, in order.

use super::letters::{Client, File, Writer};
use super::script::{Keeps, Step, What};

macro_rules! deliver {
    ($title:literal, $file:literal, $minutes_ago:literal) => {
        Step {
            title: $title,
            what: What::Deliver { mail: include_bytes!(concat!("mails/", $file)), minutes_ago: $minutes_ago },
        }
    };
}

static ANNA: Writer = Writer {
    name: "Anna Nowak",
    address: "anna@staff.example",
    client: Client::Thunderbird,
    signature: "Anna Nowak\nprywatnie: +48 600 123 456, anna.nowak@home.example",
};
static JAN: Writer = Writer {
    name: "Jan Wilk",
    address: "jan@staff.example",
    client: Client::Outlook,
    signature: "-- \nJan Wilk | back office | ext. 117",
};
static OLGA: Writer =
    Writer { name: "Olga Sokolova", address: "olga@staff.example", client: Client::Gmail, signature: "" };
static MARIA: Writer =
    Writer { name: "Maria Santos", address: "maria@staff.example", client: Client::Phone, signature: "" };

static EWA: Writer =
    Writer { name: "Ewa Żółć", address: "ewa.zolc@poczta.example", client: Client::Thunderbird, signature: "" };
static DANA: Writer =
    Writer { name: "Dana Harper", address: "accounts@mill.example", client: Client::Outlook, signature: "" };
static SERGEY: Writer =
    Writer { name: "Сергей Орлов", address: "zakupki@lavka.example", client: Client::Gmail, signature: "" };
static STRANGER: Writer =
    Writer { name: "Ewa Zolc", address: "ewa.zolc@elsewhere.example", client: Client::Gmail, signature: "" };

const LIZA: &str = "liza.reyes@koreo.example";
const NINA: &str = "nina@fjell.example";

/// The script.
pub static STEPS: &[Step] = &[
    deliver!("A Polish customer wants to return boots (ISO-8859-2, a photo attached)", "01-zwrot-iso-8859-2.eml", 50),
    deliver!("A company asks billing for a corrected invoice (Outlook, HTML)", "02-invoice-outlook.eml", 48),
    deliver!("A Russian shop asks for wholesale prices (windows-1251)", "03-opt-windows-1251.eml", 46),
    deliver!("A Filipino customer's headlamp does not work (written on a phone)", "04-sira-filipino.eml", 44),
    deliver!("A refund is late (KOI8-R)", "05-vozvrat-koi8-r.eml", 42),
    deliver!("A torch does not work (an old program that declares no charset)", "06-nie-dziala-no-charset.eml", 40),
    deliver!("A jacket in the wrong size (HTML alone, with a tracking pixel)", "07-html-only.eml", 38),
    deliver!("The first mail once more, as if it had been fetched twice", "01-zwrot-iso-8859-2.eml", 50),
    deliver!("A newsletter", "08-newsletter.eml", 36),
    deliver!("A mailing list", "09-mailing-list.eml", 34),
    deliver!("A courier's robot reports a returned parcel", "10-courier-notice.eml", 32),
    deliver!("A question that no keyword fits", "11-question.eml", 30),
    deliver!("A sender's name and a subject that try to add a Bcc", "12-hostile-name.eml", 28),
    deliver!("A mail whose headers are garbage", "13-broken-headers.eml", 26),
    deliver!("A mail cut off in the middle of an attachment", "14-truncated-mime.eml", 24),
    Step {
        title: "Anna answers Ewa from Thunderbird, with a label attached and her private signature",
        what: What::AgentReplies {
            agent: &ANNA,
            customer: EWA.address,
            words: "Dzień dobry,\n\noczywiście. W załączniku etykieta zwrotna: proszę ją nakleić na paczkę i nadać \
                    w dowolnym punkcie.\nRozmiar 39 odłożyliśmy dla Pani.\n\nPozdrawiamy",
            file: Some(File {
                name: "etykieta-55120.pdf",
                media_type: "application/pdf",
                content: b"%PDF-1.4\n% a return label\n",
            }),
        },
    },
    Step {
        title: "Ewa answers",
        what: What::CustomerReplies {
            customer: &EWA,
            words: "Dziękuję! Czy mogę nadać paczkę dopiero w poniedziałek?",
            keeps: Keeps::Everything,
        },
    },
    Step {
        title: "Anna takes the ticket and answers in one mail",
        what: What::AgentReplies {
            agent: &ANNA,
            customer: EWA.address,
            words: "#take\n#wait 5d\n\nTak, poniedziałek w zupełności wystarczy.",
            file: None,
        },
    },
    Step {
        title: "Dana's program is out of office",
        what: What::OutOfOffice { customer: &DANA, words: "I am away until Monday. In urgent cases call the office." },
    },
    Step {
        title: "Jan answers Dana from Outlook",
        what: What::AgentReplies {
            agent: &JAN,
            customer: DANA.address,
            words: "#take\nDear Dana,\n\nthe corrected invoice is on its way by post and will reach you this week.",
            file: None,
        },
    },
    Step { title: "The answer to Dana comes back: mailbox full", what: What::Bounce { customer: DANA.address } },
    Step {
        title: "Maria writes a note to colleagues about the headlamp",
        what: What::AgentReplies {
            agent: &MARIA,
            customer: LIZA,
            words: "#note\nThird headlamp of this batch. Do not tell customers before the supplier has answered.",
            file: None,
        },
    },
    Step {
        title: "Maria mistypes a command",
        what: What::AgentReplies {
            agent: &MARIA,
            customer: LIZA,
            words: "#prioriti high\nMagandang araw po Liza, papalitan po namin ang headlamp.",
            file: None,
        },
    },
    Step {
        title: "Jan clicks `Take` at the foot of a notification",
        what: What::AgentClicks { agent: &JAN, customer: NINA, command: "#take" },
    },
    Step {
        title: "Jan hands the question over to sales",
        what: What::AgentReplies { agent: &JAN, customer: NINA, words: "#release\n#move sales", file: None },
    },
    Step {
        title: "Olga answers Sergey in Russian",
        what: What::AgentReplies {
            agent: &OLGA,
            customer: SERGEY.address,
            words: "Здравствуйте, Сергей!\n\nДа, при заказе от 30 штук действует скидка 12 %. На складе 64 рюкзака.",
            file: None,
        },
    },
    Step {
        title: "Sergey writes anew and keeps only the subject",
        what: What::CustomerReplies {
            customer: &SERGEY,
            words: "Отлично, берём 40 штук. Пришлите, пожалуйста, счёт.",
            keeps: Keeps::SubjectOnly,
        },
    },
    Step {
        title: "A stranger uses the number of Ewa's ticket",
        what: What::StolenTag {
            stranger: &STRANGER,
            customer: EWA.address,
            words: "Please send the refund to another account: PL00 0000 0000.",
        },
    },
    Step {
        title: "Somebody pretends to be Anna and wants Ewa's ticket closed",
        what: What::SpoofedAgent {
            agent: &ANNA,
            customer: EWA.address,
            words: "#close\nWe do not take anything back.",
        },
    },
];
