//! How letters end in the languages that agents write: formulas, folded, and what a line of them says.

use crate::model::fold::fold;

const CLOSINGS: &[&str] = &[
    "best regards",
    "kind regards",
    "kindest regards",
    "warm regards",
    "warmest regards",
    "with best regards",
    "with kind regards",
    "with warm regards",
    "regards",
    "best wishes",
    "with best wishes",
    "all the best",
    "sincerely",
    "sincerely yours",
    "yours sincerely",
    "yours faithfully",
    "yours truly",
    "respectfully",
    "pozdrawiam",
    "pozdrawiamy",
    "serdecznie pozdrawiam",
    "pozdrawiam serdecznie",
    "serdecznie pozdrawiamy",
    "pozdrawiamy serdecznie",
    "pozdrawiam cieplo",
    "cieplo pozdrawiam",
    "pozdrowienia",
    "serdeczne pozdrowienia",
    "z pozdrowieniami",
    "z serdecznymi pozdrowieniami",
    "lacze pozdrowienia",
    "z powazaniem",
    "z wyrazami szacunku",
    "z szacunkiem",
    "с уважением",
    "с наилучшими пожеланиями",
    "с уважением и наилучшими пожеланиями",
    "с добрыми пожеланиями",
    "всего доброго",
    "всего хорошего",
    "всего наилучшего",
    "искренне ваш",
    "искренне ваша",
    "с теплом",
    "lubos na gumagalang",
    "lubos na sumasainyo",
    "taos-pusong gumagalang",
    "gumagalang",
    "sumasainyo",
    "ang inyong lingkod",
    "ingat",
    "ingat po",
    "ingat po kayo",
];

/// Those that thank, and those of one word that begin sentences too: alone they say something.
const THANKS: &[&str] = &[
    "хорошего дня",
    "zycze milego dnia",
    "milego dnia",
    "have a great day",
    "have a nice day",
    "best",
    "cheers",
    "yours",
    "take care",
    "many thanks",
    "thanks",
    "thanks a lot",
    "thanks in advance",
    "thank you",
    "thank you very much",
    "thank you in advance",
    "thanks and regards",
    "thanks & regards",
    "thank you and best regards",
    "thank you and kind regards",
    "dziekuje",
    "dziekuje i pozdrawiam",
    "dziekuje bardzo",
    "bardzo dziekuje",
    "z gory dziekuje",
    "dziekujemy",
    "с благодарностью",
    "спасибо",
    "большое спасибо",
    "благодарю",
    "заранее спасибо",
    "заранее благодарю",
    "salamat",
    "salamat po",
    "maraming salamat",
    "maraming salamat po",
    "lubos na nagpapasalamat",
    "nagpapasalamat",
];

/// What notices below signatures are about, folded.
pub(super) const NOTICES: &[&str] = &[
    "confidential",
    "intended",
    "recipient",
    "disclaimer",
    "virus",
    "print this",
    "gdpr",
    "poufn",
    "adresat",
    "rodo",
    "drukowa",
    "drukuj",
    "конфиденц",
    "получател",
    "печата",
    "kumpidensyal",
    "kompidensyal",
    "registered",
    "zarejestrowan",
];

/// What stands between the closings of two languages, and before a name.
const BETWEEN: [char; 9] = ['/', '|', '\\', '·', '•', ';', ',', '–', '—'];

/// What a line that closes a letter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::decide) enum Signed {
    /// A formula.
    Closing,
    /// A formula, and the writer's first name.
    Named,
}

/// Whether a folded line is a formula.
pub(in crate::decide) fn is_closing(folded: &str) -> bool {
    let line = folded.trim_end_matches([',', '.', '!', ';', ' ']);
    CLOSINGS.contains(&line) || THANKS.contains(&line)
}

/// What `line` says if it is one formula or several (`Pozdrawiam / Kind regards, Anna`).
pub(in crate::decide) fn signed(line: &str, first_name: &str) -> Option<Signed> {
    let (line, name) = (fold(line), fold(first_name));
    if is_closing(&line) {
        return Some(Signed::Closing);
    }
    let parts =
        line.split(BETWEEN).map(|part| part.trim_matches([' ', '.', '!', '*', '_'])).filter(|part| !part.is_empty());
    let (closings, others): (Vec<&str>, Vec<&str>) = parts.partition(|part| is_closing(part));
    let named = others.as_slice() == [name.as_str()];
    match (closings.is_empty(), others.is_empty()) {
        (false, true) => Some(Signed::Closing),
        (false, false) if named => Some(Signed::Named),
        _ => None,
    }
}

/// Whether a line that closes a letter does so by thanking alone.
pub(in crate::decide) fn is_thanks(line: &str) -> bool {
    let line = fold(line);
    let mut parts = line.split(BETWEEN).map(|part| part.trim_matches([' ', '.', '!']));
    !parts.any(|part| CLOSINGS.contains(&part))
}

/// "PS: …": the writer goes on under their signature.
pub(in crate::decide) fn is_postscript(line: &str) -> bool {
    let letters: String = line.chars().filter(|c| !matches!(c, '.' | ' ' | '\u{a0}' | '*')).take(3).collect();
    let letters = letters.to_lowercase();
    let known = letters.starts_with("ps") || letters.starts_with("пс") || letters.starts_with("nb");
    let dotted = line.chars().take(4).any(|c| c == '.');
    known && (letters.ends_with([':', '-', ',', ')']) || dotted)
}
