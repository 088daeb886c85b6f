//! Bounces of our own making in the words of many servers, under a neutral subject, from a plain sender, in synonyms; and
//! letters and notices that speak of failed deliveries and are none.

use crate::parse::parse;

/// Texts of servers, old and new, in several languages. `{a}` is who was not reached.
const TEXTS: [&str; 34] = [
    "This is the mail system at host mx.y.example.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<{a}>: host mx.y.example[192.0.2.1] said: 550 5.1.1\n    <{a}>: Recipient address rejected (in reply to RCPT TO command)",
    "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. The following address(es) failed:\n\n  {a}\n    Unrouteable address",
    "   ----- The following addresses had permanent fatal errors -----\n<{a}>\n    (reason: 550 5.1.1 User unknown)\n\n   ----- Transcript of session follows -----\n... while talking to mx.y.example.:\n>>> RCPT To:<{a}>\n<<< 550 5.1.1 User unknown",
    "Hi. This is the qmail-send program at y.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<{a}>:\nSorry, no mailbox here by that name. (#5.1.1)",
    "Your message\n\n  To:      {a}\n  Subject: Lamp\n  Sent:    Tue, 3 Nov 2026 10:15\n\ndid not reach the following recipient(s):\n\n{a} on Tue, 3 Nov 2026 10:16\n    The recipient name is not recognized",
    "Delivery to the following recipient failed permanently:\n\n     {a}\n\nTechnical details of permanent failure:\nThe server said: 550 5.2.1 The account is disabled.",
    "** Address not found **\n\nYour message wasn't delivered to {a} because the address couldn't be found.\n\nThe response was:\n\n550 5.1.1 The email account does not exist.",
    "Sorry, we were unable to deliver your message to the following address.\n\n<{a}>:\nThis user doesn't have a yahoo.example account ({a}) [0]",
    "The original message was received at Tue, 3 Nov 2026 10:15:00\nfrom mx.shop.example [192.0.2.9]\n\n----- The following addresses had delivery problems -----\n{a}  (unrecoverable error)",
    "Message delivery to '{a}' failed\nSMTP module(domain y.example) reports:\n host says: 550 mailbox unavailable",
    "Failed recipient: {a}\nReason: Remote host said: 550 User unknown",
    "Twoja wiadomość nie mogła zostać dostarczona do następującego adresata:\n\n{a}\n\nPowód: skrzynka przepełniona",
    "Odbiorca {a} nie odbierze tej poczty.\nPowód: skrzynka jest pełna.",
    "Nie udało się doręczyć wiadomości do: {a}\nSerwer odpowiedział: 550 5.1.1",
    "Ваше сообщение не было доставлено следующим получателям:\n\n{a}\n\nПричина: 550 5.1.1 нет такого пользователя",
    "Не удалось доставить письмо на адрес {a}.\nЯщик переполнен.",
    "Ваш лист не може бути доставлений: {a}\n550 5.1.1 адресу не знайдено",
    "Ihre Nachricht konnte nicht zugestellt werden an:\n\n{a}\n\n550 5.1.1 Empfänger unbekannt",
    "Die Nachricht an {a} ist unzustellbar: Postfach voll.",
    "Votre message n'a pas pu être remis à :\n\n{a}\n\nRaison : 550 5.1.1 utilisateur inconnu",
    "Su mensaje no se ha podido entregar a {a}.\nEl buzón está lleno.",
    "Non è stato possibile recapitare il messaggio a {a}.\nCasella piena.",
    "Uw bericht kon niet worden bezorgd bij:\n\n{a}\n\n550 5.1.1 onbekend",
    "Vaši zprávu se nepodařilo doručit: {a}\n550 5.1.1",
    "A levelet nem tudtuk átadni.\nCímzett: {a}\nA kiszolgáló válasza: 550 5.1.1",
    "Meddelandet kunde inte levereras till {a}\n550 5.1.1",
    "Laiško neįteikėme:\n\n  RCPT TO:<{a}>\n  550 5.2.1",
    "メールを配信できませんでした。\n\n{a}\n550 5.1.1",
    "您的邮件无法投递:\n{a}\n550 5.1.1",
    "Hindi naihatid ang iyong mensahe sa:\n\n{a}\n\n550 5.1.1",
    "Mail filter, report 81\n\n  to     {a}\n  answer 550 5.1.1 user unknown\n\nNothing was handed over to this address.",
    "A letter of yours found no reader.\n\nWho: {a}\nWhy: no such user",
    "This is a warning message only. You do not need to resend your message.\n\nDelivery to the following recipient has been delayed:\n\n     {a}\n\nMessage will be retried for 2 more day(s)",
    "*** A letter without a reader ***\nThe mail further down could not be delivered to this person:\n\n\"Kim\" <{a}>\n\nYour mail was:\n\nDear Kim",
];

/// Words and what stands for them elsewhere.
const SYNONYMS: [(&str, &str); 12] = [
    ("delivered", "handed over"),
    ("deliver", "hand over"),
    ("Delivery", "Transport"),
    ("undeliverable", "unreadable for all"),
    ("recipients", "readers"),
    ("recipient", "reader"),
    ("message", "letter"),
    ("failed", "came to nothing"),
    ("unknown", "not one of ours"),
    ("errors", "mishaps"),
    ("permanent", "lasting"),
    ("following", "these"),
];

const COPY: &str = "\n\n------ This is a copy of the message ------\n\nReceived: from mx.shop.example by mx.y.example; Tue, 3 Nov 2026\nFrom: Shop <info@shop.example>\nTo: {a}\nMessage-ID: <1042.a@shop.example>\nSubject: Lamp\n\nYour lamp.\n";

struct Head {
    path: &'static str,
    from: &'static str,
    subject: &'static str,
}

const USUAL: Head = Head {
    path: "Return-Path: <>\n",
    from: "Mail Delivery System <MAILER-DAEMON@mx.y.example>",
    subject: "Undelivered Mail Returned to Sender",
};
const NEUTRAL: Head = Head { subject: "Information", ..USUAL };
const PLAIN: Head = Head { from: "service@mx.y.example", ..USUAL };
const BOTH: Head = Head { subject: "Information", ..PLAIN };

fn mail(head: &Head, text: &str) -> String {
    format!(
        "{}From: {}\nTo: info@shop.example\nSubject: {}\nMessage-ID: <b.1@mx.y.example>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n",
        head.path, head.from, head.subject
    )
}

fn check(what: &str, head: &Head, change: impl Fn(&str) -> String) {
    let (mut found, mut reached, mut all) = (0, 0, 0);
    for text in TEXTS {
        for (round, copy) in ["", COPY].iter().enumerate() {
            let address = ["kim.lee@y.example", "o-petrova@z.example"][round];
            let text = change(&format!("{text}{copy}")).replace("{a}", address);
            let read = parse(mail(head, &text).as_bytes(), None);
            all += 1;
            let named = read
                .bounce
                .as_ref()
                .map(|bounce| bounce.recipients.iter().map(|one| one.address.as_str()).collect::<Vec<_>>());
            if named.is_none() {
                println!("{what}: not found: {text}");
            } else if named != Some(vec![address]) {
                println!("{what}: {named:?}: {text}");
            }
            found += usize::from(named.is_some());
            reached += usize::from(named == Some(vec![address]));
        }
    }
    println!("{what}: {found} of {all} found, {reached} recipients");
    assert!(
        found * 100 >= all * 93 && reached * 100 >= all * 90,
        "{what}: {found} found, {reached} recipients of {all}"
    );
}

fn synonyms(text: &str) -> String {
    let (words, copy) = text.split_once("\n\n------ This").unwrap_or((text, ""));
    let words = SYNONYMS.iter().fold(words.to_owned(), |text, (word, other)| text.replace(word, other));
    if copy.is_empty() { words } else { format!("{words}\n\n------ This{copy}") }
}

#[test]
fn bounces_are_known_whatever_their_subject_sender_and_words() {
    check("as usual", &USUAL, str::to_owned);
    check("neutral subject", &NEUTRAL, str::to_owned);
    check("plain sender", &PLAIN, str::to_owned);
    check("both", &BOTH, str::to_owned);
    check("synonyms", &NEUTRAL, synonyms);
    check("synonyms from a plain sender", &Head { subject: "Undelivered mail", ..PLAIN }, synonyms);
}

#[test]
fn letters_about_failed_deliveries_are_no_bounces() {
    const LETTERS: [&str; 24] = [
        "Hello,\n\nmy order was not delivered. The courier says that the address is unknown:\nkim@y.example\n\nKim",
        "Hello,\n\nyour e-mail titled Lamp could not be delivered to these readers:\n\nkim@y.example\n\nCould you send it to my private address?\n\nKim",
        "I wrote to orders@shop.example and MAILER-DAEMON sent it back: 550 5.1.1 no such mailbox. Where do I write to?\n\nKim",
        "Dear all,\n\nsince yesterday our server rejects your mails with \"550 5.7.1 SPF\". Please repair your record.\n\nOla Dudek, postmaster",
        "Hi,\nwhat does this mean?\n\n> Your message could not be delivered to\n> <kim@y.example>: 550 5.1.1\n\nKim",
        "Dzień dobry,\n\nwiadomość nie dotarła, serwer odrzucił ją: 550 5.1.1.\nMój adres: kim@y.example\n\nPozdrawiam\nKim",
        "Здравствуйте,\n\nваше письмо не было доставлено, ящик переполнен. Пишите на kim@y.example.\n\nКим",
        "Guten Tag,\n\nIhre Nachricht konnte nicht zugestellt werden. Bitte an kim@y.example senden.\n\nMit freundlichen Grüßen\nKim",
        "Bonjour,\n\nvotre message n'a pas pu être remis. Merci d'écrire à kim@y.example.\n\nKim",
        "My mailbox was full, so your mail was returned. It is empty now: kim@y.example. Please send it again.",
        "The parcel was returned to sender, delivery failed twice. Address unknown, says the courier.\nkim@y.example",
        "Could you tell me why my message to sales@shop.example failed? It says: user unknown.",
        "I returned the mail order catalogue on Friday, it was not delivered to you yet?\nMy address is kim@y.example.\n\nKim",
        "Your newsletter bounced, my old address is invalid. The new one:\nkim@y.example",
        "Please do not send mails to old@y.example any more, it does not exist. Use kim@y.example.",
        "Delivery failed again.\n\nNobody rang, and the lamp was not handed over. Call me.\n\nKim Lee\nkim@y.example",
        "The error report says \"550 relay denied\" in our printer's log, can you help with your model?",
        "Hello, we did not receive your message of Monday. Was it sent to kim@y.example?",
        "Nie dostarczono mi paczki. Kurier napisał, że adres nie istnieje.\nkim@y.example",
        "Пакет не доставлен, вернулся отправителю. Мой адрес kim@y.example",
        "Mein Paket ist unzustellbar zurückgekommen. Was nun?\nkim@y.example",
        "This is what our system told me:\n\nThe following addresses had permanent fatal errors\n<info@shop.example>\n\nIs your mailbox full?\n\nKim",
        "The lamp failed after a day. Rejected by the shop, I write to you.\nkim@y.example",
        "Hindi naihatid ang parcel ko. Pakisagot sa kim@y.example.",
    ];
    for text in LETTERS {
        for subject in ["Delivery failure", "Undeliverable mail", "Question", "Returned mail", "Re: your mail"] {
            for (path, from) in [
                ("Return-Path: <kim@y.example>\n", "Kim Lee <kim@y.example>"),
                ("", "Kim Lee <kim@y.example>"),
                ("Return-Path: <postmaster@y.example>\n", "Ola Dudek <postmaster@y.example>"),
                ("Return-Path: <srs0=ab=y.example=kim@relay.example>\n", "kim@y.example"),
            ] {
                let mail = format!(
                    "{path}From: {from}\nTo: info@shop.example\nSubject: {subject}\nMessage-ID: <k.1@y.example>\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
                );
                assert_eq!(parse(mail.as_bytes(), None).bounce, None, "{mail}");
            }
        }
    }
}

#[test]
fn machines_that_write_of_other_things_are_no_bounces() {
    const NOTICES: [&str; 12] = [
        "Parcel 00340434 could not be delivered to the recipient kim@y.example:\naddress unknown. It is being returned to the sender.",
        "A copy of the attached mail was stored and delivered to kim@y.example.",
        "Kim Lee (kim@y.example) is out of the office until Monday.",
        "I am on vacation until Monday. Urgent mails go to lee@y.example.",
        "Thank you, we received your message. We will answer soon.\n\nhelp@y.example",
        "Your request 4711 was registered.\n\nOwner: kim@y.example\nStatus: open",
        "New login to your account kim@y.example from 192.0.2.5.\nIf this was not you, change your password.",
        "Your invoice 550 is ready. Questions go to billing@y.example.",
        "Backup of host mx.y.example finished. 3 files were not found.\n\nroot@mx.y.example",
        "Przesyłka 4711 nie została doręczona: adresat nieznany.\nkim@y.example",
        "Посылка не доставлена получателю kim@y.example: адрес неизвестен.",
        "Your message to the list lamps@lists.example awaits the approval of its moderator.",
    ];
    for text in NOTICES {
        for subject in ["Information", "Report"] {
            let head = Head { path: "Return-Path: <>\n", from: "no-reply@z.example", subject };
            assert_eq!(parse(mail(&head, text).as_bytes(), None).bounce, None, "{text}");
        }
    }
}
