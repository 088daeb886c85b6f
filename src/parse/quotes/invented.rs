//! Introductions in languages that nobody speaks, made at random, and letters of people that none of them may cut.

use crate::model::text::beginning;
use crate::parse::html::containers::Marks;
use crate::parse::quotes::split::{Intent, split};

/// Of each form.
const EACH: usize = 200;
const WORDS: &str = "The lamp hums when I switch it on.";
const QUOTE: [&str; 2] = ["Mozu tari leno?", "Kelin vodas merut."];

/// A small generator of numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(limit).unwrap()).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }

    /// A word of a language that nobody speaks, in one of four scripts.
    fn word(&mut self, script: usize, syllables: usize) -> String {
        let (consonants, vowels): (&[&str], &[&str]) = match script % 4 {
            0 => (&["b", "d", "g", "k", "l", "m", "r", "v", "z"], &["a", "e", "o", "ui"]),
            1 => (&["б", "г", "ж", "к", "л", "м", "щ"], &["а", "у", "ы"]),
            2 => (&["բ", "գ", "դ", "լ", "մ", "ր"], &["ա", "ո", "ի"]),
            _ => (&["š", "č", "ř", "ł", "ñ", "t"], &["á", "ö", "ü"]),
        };
        (0..syllables).flat_map(|_| [self.pick(consonants), self.pick(vowels)]).collect()
    }

    fn capital(&mut self, script: usize) -> String {
        let syllables = 1 + self.below(2);
        let word = self.word(script, 1 + syllables);
        let first = word.chars().next().unwrap();
        first.to_uppercase().chain(word.chars().skip(1)).collect()
    }

    fn name(&mut self) -> String {
        let script = self.below(2) * 3;
        format!("{} {}", self.capital(script), self.capital(script))
    }

    fn address(&mut self) -> String {
        format!("{}@{}.example", self.word(0, 2), self.word(0, 2))
    }

    fn date(&mut self, script: usize) -> String {
        let (day, month) = (1 + self.below(28), 1 + self.below(12));
        let (hour, minute) = (self.below(24), 10 + self.below(50));
        match self.below(4) {
            0 => format!("{day}.{month}.2026 {hour}:{minute}"),
            1 => format!("2026-{month:02}-{day:02}, {hour:02}:{minute}"),
            2 => format!("{day} {} 2026 {} {hour:02}:{minute}", self.capital(script), self.word(script, 1)),
            _ => format!("{}, {day} {} 2026, {hour}:{minute}", self.capital(script), self.word(script, 2)),
        }
    }

    /// `Zelo 3.11.2026 ub 10:15 Kim <kim@y.example> kruva:`, in one of some orders.
    fn attribution(&mut self) -> String {
        let script = self.below(4);
        let (date, name, address) = (self.date(script), self.name(), self.address());
        let (opener, verb) = (self.capital(script), self.word(script, 3));
        match self.below(5) {
            0 => format!("{opener} {date} {name} <{address}> {verb}:"),
            1 => format!("{date}, {name} <{address}> {verb}:"),
            2 => format!("{date} {verb} {name} <{address}>:"),
            3 => format!("{name} <{address}> {verb} {date}:"),
            _ => format!("{date} {name} <{address}>:"),
        }
    }

    fn headers(&mut self, star: &str) -> String {
        let script = self.below(4);
        let (name, address, other) = (self.name(), self.address(), self.address());
        let date = self.date(script);
        let label = |dice: &mut Self| format!("{star}{}:{star}", dice.capital(script));
        let (from, sent, to, subject) = (label(self), label(self), label(self), label(self));
        let first = if self.below(3) == 0 {
            format!("{from} {name} [mailto:{address}]")
        } else {
            format!("{from} {name} <{address}>")
        };
        format!("{first}\n{sent} {date}\n{to} {other}\n{subject} {}", self.capital(script))
    }

    fn separator(&mut self) -> String {
        let script = self.below(4);
        let rule = "-".repeat(5 + self.below(6));
        format!("{rule}{} {}{rule}", self.capital(script), self.word(script, 2))
    }
}

/// How many of [`EACH`] texts of a form are parted as they should be.
fn found(form: &str, mut make: impl FnMut(&mut Dice) -> String) -> usize {
    let mut dice = Dice(form.bytes().fold(7, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte))));
    let parted = |text: &str| {
        let reply = split(text, Marks::default(), Intent::Answer).reply;
        if reply != WORDS {
            println!("{form}: {:?} from {:?}", beginning(&reply, 300), beginning(text, 400));
        }
        reply == WORDS
    };
    (0..EACH).filter(|_| parted(&make(&mut dice))).count()
}

fn check(form: &str, percent: usize, make: impl FnMut(&mut Dice) -> String) {
    let found = found(form, make);
    println!("{form}: {found} of {EACH}");
    assert!(found * 100 >= EACH * percent, "{form}: {found} of {EACH}, at least {percent} %");
}

fn marked() -> String {
    QUOTE.map(|line| format!("> {line}\n")).concat()
}

fn unmarked() -> String {
    QUOTE.map(|line| format!("{line}\n")).concat()
}

#[test]
fn attributions_above_marked_lines_are_found_in_any_language() {
    check("attribution, marks", 90, |dice| format!("{WORDS}\n\n{}\n\n{}", dice.attribution(), marked()));
    check("attribution below, marks", 90, |dice| format!("{}\n{}\n{WORDS}", dice.attribution(), marked()));
}

#[test]
fn attributions_above_unmarked_lines_are_found_in_most_languages() {
    check("attribution", 70, |dice| format!("{WORDS}\n\n{}\n\n{}", dice.attribution(), unmarked()));
}

#[test]
fn headers_under_a_rule_are_found_in_any_language() {
    check("headers, rule", 90, |dice| {
        format!("{WORDS}\n\n________________________________\n{}\n\n{}", dice.headers(""), unmarked())
    });
    check("headers, separator", 90, |dice| {
        format!("{WORDS}\n\n{}\n{}\n\n{}", dice.separator(), dice.headers(""), unmarked())
    });
    check("attribution, separator", 90, |dice| {
        format!("{WORDS}\n\n{}\n{}\n\n{}", dice.separator(), dice.attribution(), unmarked())
    });
}

#[test]
fn headers_without_a_rule_are_found_in_most_languages() {
    check("headers", 70, |dice| format!("{WORDS}\n\n{}\n\n{}", dice.headers(""), unmarked()));
    check("headers in stars", 70, |dice| format!("{WORDS}\n\n{}\n\n{}", dice.headers("*"), unmarked()));
}

#[test]
fn letters_of_people_are_never_cut() {
    const FORMS: [&str; 20] = [
        "On {date} your agent {name} told me this:\nthe lamp would come on Monday.\nIt did not.",
        "Name: {name}\nOrdered: {date}\nE-mail: {address}\nWhat happened: it hums",
        "W dniu {date} kurier {name} napisał do mnie:\nnikogo nie było.\nTo nieprawda.",
        "My colleague {name} ({address}) wrote on {date}:\nplease refund us.\nWhat now?",
        "Am {date} schrieb mir Ihr Kollege {name}, dass:\ndie Lampe repariert wird.\nWann?",
        "This is what the label says:\n{name}\n{date}\nIs that right?",
        "Please send it to:\n{name}\n{address}\nand not to me.",
        "Termin: {date}\nOrt: Büro von {name}\nKontakt: {address}\nPasst das?",
        "-----\nMy list:\n-----\n1. lamp of {date}\n2. bulb\nPlease tell {name}.",
        "--- Question 1 ---\nWhen does it come, {date}?\n--- Question 2 ---\nWho is {name}?",
        "Data: {date}\nMiejsce: Łódź\nOsoba: {name}\nProszę o fakturę na {address}.",
        "Order placed: {date}\nCustomer: {name}\nAddress: Main Street 5\nPlease cancel it.",
        "I got a mail from {address} on {date}:\nit says that the lamp is lost.\nIs it?",
        "Since {date} the lamp hums:\nfirst a little,\nthen a lot. {name} heard it too.",
        "Здравствуйте! {date} мне звонил {name}:\nсказал, что лампа едет.\nГде она?",
        "From: Warsaw\nTo: Berlin\nDate: {date}\nPlease ship it so, {name} pays.",
        "Kontakt:\n{name} <{address}>\nTel: 22 123 45 67\nProszę dzwonić po {date}.",
        "The log says:\n{date} login failed <{address}>:\nwrong password.\nWhy?",
        "Noong {date} sinabi po ni {name} sa akin:\ndarating ang ilaw.\nWala pa rin.",
        "Le {date}, votre collègue {name} m'a écrit :\nla lampe arrive.\nElle n'est pas là.",
    ];
    let mut dice = Dice(11);
    for round in 0..25 {
        for form in FORMS {
            let letter = form
                .replace("{date}", &dice.date(round))
                .replace("{name}", &dice.name())
                .replace("{address}", &dice.address());
            let greeted = format!("Hello,\n\nI still wait for an answer.\n\n{letter}");
            for (letter, intent) in
                [(&letter, Intent::New), (&letter, Intent::Answer), (&greeted, Intent::New), (&greeted, Intent::Answer)]
            {
                assert_eq!(&split(letter, Marks::default(), intent).reply, letter);
            }
        }
    }
}
