//! The files of `locales/`: reads them, holds every language to English, and writes them down as tables of Rust.
//!
//! English says which texts there are, what can be filled in and which of them go with a number. A language that lacks one,
//! has one too many, or lacks a form that its own `[plural]` names, is a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::path::Path;

use toml::{Table, Value};

/// The language that the others are held to.
const FIRST: &str = "en";
/// The forms of CLDR, in its order; each language has `other`.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
/// What can stand in the patterns of `[dates]`.
const IN_DATES: [(&str, &[&str]); 3] = [
    ("day", &["day", "month", "month_number", "year"]),
    ("time", &["hour", "hour_twelve", "half", "minute"]),
    ("day_and_time", &["date", "time"]),
];

/// A text, or its forms by number.
pub enum Wording {
    Plain(String),
    Counted(BTreeMap<usize, String>),
}

/// Whether a number is among some, and which part of it is looked at.
struct Relation {
    /// What it is divided by, of which the rest counts; 0 for the number itself.
    modulus: u64,
    holds: bool,
    ranges: Vec<(u64, u64)>,
}

/// As it is written in Rust.
impl fmt::Debug for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { modulus, holds, ranges } = self;
        write!(f, "Relation {{ modulus: {modulus}, holds: {holds}, ranges: &{ranges:?} }}")
    }
}

/// One file.
pub struct Locale {
    tag: String,
    names: Vec<String>,
    iso639_3: String,
    /// By category: a number belongs to it if all relations of one list hold.
    plural: Vec<(usize, Vec<Vec<Relation>>)>,
    months: Vec<String>,
    /// As in [`IN_DATES`].
    patterns: [String; 3],
    halves: Vec<String>,
    commands: Vec<(String, Vec<String>)>,
    texts: Vec<(String, Wording)>,
}

/// All languages, English first, the others by their tags; or all that is wrong with them.
pub fn read(folder: &Path) -> Result<Vec<Locale>, Vec<String>> {
    let entries = std::fs::read_dir(folder).map_err(|error| vec![format!("{}: {error}", folder.display())])?;
    let files = entries.flatten().filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let tag = name.strip_suffix(".toml")?.to_owned();
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        Some((tag, text))
    });
    check(files.collect())
}

/// The same for files as tag and content.
pub fn check(mut files: Vec<(String, String)>) -> Result<Vec<Locale>, Vec<String>> {
    files.sort_by_key(|(tag, _)| (tag != FIRST, tag.clone()));
    let mut faults = Vec::new();
    let locales: Vec<Locale> = files.iter().filter_map(|(tag, text)| locale(tag, text, &mut faults)).collect();
    match locales.split_first() {
        Some((first, others)) if first.tag == FIRST => {
            for other in others {
                compare(first, other, &mut faults);
            }
        }
        _ => faults.push(format!("locales/{FIRST}.toml is missing or faulty, and the others are held to it")),
    }
    if faults.is_empty() { Ok(locales) } else { Err(faults) }
}

/// Reads one file.
fn locale(tag: &str, text: &str, faults: &mut Vec<String>) -> Option<Locale> {
    let table = match text.parse::<Table>() {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(0, |span| text.get(..span.start).unwrap_or_default().lines().count());
            faults.push(format!("locales/{tag}.toml:{line}: {}", error.message()));
            return None;
        }
    };
    let mut file = File { tag, faults };
    if tag.is_empty() || !tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        file.fault("the file's name is no language tag, such as `de`");
    }
    file.known(&table, "the file", &["names", "iso639_3", "plural", "dates", "commands", "texts"]);
    let (names, iso639_3) = (file.strings(&table, "names"), file.string(&table, "iso639_3"));
    let plural = file.table(&table, "plural");
    let plural = plural.iter().filter_map(|(category, rule)| file.rule(category, rule)).collect();
    let dates = file.table(&table, "dates");
    file.known(&dates, "[dates]", &["months", "day", "time", "day_and_time", "halves"]);
    let months = file.strings(&dates, "months");
    if months.len() != 12 {
        file.fault("`months` of [dates] are not twelve");
    }
    let patterns = IN_DATES.map(|(key, known)| {
        let pattern = file.string(&dates, key);
        for name in placeholders(&pattern).into_iter().filter(|name| !known.contains(&name.as_str())) {
            file.fault(&format!("`{{{name}}}` in `{key}` of [dates] is none of {}", known.join(", ")));
        }
        pattern
    });
    let halves = if dates.contains_key("halves") { file.strings(&dates, "halves") } else { Vec::new() };
    if halves.len() != 2 && patterns.iter().any(|pattern| pattern.contains("{half}")) {
        file.fault("`halves` of [dates] are not two, such as AM and PM");
    }
    let commands = file.table(&table, "commands");
    let commands = commands.keys().map(|word| (word.clone(), file.strings(&commands, word))).collect();
    let texts = file.table(&table, "texts");
    let texts = texts.iter().filter_map(|(key, value)| Some((key.clone(), file.wording(key, value)?))).collect();
    Some(Locale { tag: tag.to_owned(), names, iso639_3, plural, months, patterns, halves, commands, texts })
}

/// A file that is read, and where its faults go.
struct File<'a> {
    tag: &'a str,
    faults: &'a mut Vec<String>,
}

impl File<'_> {
    fn fault(&mut self, what: &str) {
        self.faults.push(format!("locales/{}.toml: {what}", self.tag));
    }

    fn known(&mut self, table: &Table, place: &str, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.as_str())) {
            self.fault(&format!("`{key}` is no key of {place}, which knows {}", known.join(", ")));
        }
    }

    fn table(&mut self, table: &Table, key: &str) -> Table {
        let value = table.get(key).and_then(Value::as_table);
        if value.is_none() {
            self.fault(&format!("the table [{key}] is missing"));
        }
        value.cloned().unwrap_or_default()
    }

    fn string(&mut self, table: &Table, key: &str) -> String {
        let value = table.get(key).and_then(Value::as_str);
        if value.is_none() {
            self.fault(&format!("`{key}` is missing or no text"));
        }
        value.unwrap_or_default().to_owned()
    }

    fn strings(&mut self, table: &Table, key: &str) -> Vec<String> {
        let value = table.get(key).and_then(Value::as_array);
        let strings: Option<Vec<String>> =
            value.and_then(|values| values.iter().map(|value| Some(value.as_str()?.to_owned())).collect());
        if strings.is_none() {
            self.fault(&format!("`{key}` is missing or no list of texts"));
        }
        strings.unwrap_or_default()
    }

    fn rule(&mut self, category: &str, rule: &Value) -> Option<(usize, Vec<Vec<Relation>>)> {
        let category = CATEGORIES.iter().position(|known| *known == category).filter(|_| category != "other");
        let rule = rule.as_str().and_then(condition);
        if category.is_none() || rule.is_none() {
            self.fault("[plural] takes zero, one, two, few, many, each with a rule as CLDR writes it");
        }
        Some((category?, rule?))
    }

    fn wording(&mut self, key: &str, value: &Value) -> Option<Wording> {
        if !key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            self.fault(&format!("the key `{key}` has more than small letters, digits and `_`"));
            return None;
        }
        let wording = match value {
            Value::String(text) => Some(Wording::Plain(text.clone())),
            Value::Table(forms) => {
                let form = |(category, text): (&String, &Value)| {
                    let category = CATEGORIES.iter().position(|known| known == category)?;
                    Some((category, text.as_str()?.to_owned()))
                };
                forms.iter().map(form).collect::<Option<BTreeMap<_, _>>>().map(Wording::Counted)
            }
            Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) | Value::Array(_) => None,
        };
        if wording.is_none() {
            self.fault(&format!("the text `{key}` is neither a text nor its forms ({})", CATEGORIES.join(", ")));
        }
        wording
    }
}

/// A condition of CLDR for whole numbers: lists of relations, of which one must hold altogether.
fn condition(rule: &str) -> Option<Vec<Vec<Relation>>> {
    rule.split(" or ").map(|alternative| alternative.split(" and ").map(relation).collect()).collect()
}

/// `i % 10 = 2..4`.
fn relation(text: &str) -> Option<Relation> {
    let (left, right, holds) = match text.split_once("!=") {
        Some((left, right)) => (left, right, false),
        None => text.split_once('=').map(|(left, right)| (left, right, true))?,
    };
    let (operand, modulus) = match left.split_once('%') {
        Some((operand, modulus)) => (operand.trim(), modulus.trim().parse().ok()?),
        None => (left.trim(), 0),
    };
    let range = |text: &str| {
        let (from, to) = text.split_once("..").unwrap_or((text, text));
        Some((from.trim().parse().ok()?, to.trim().parse().ok()?))
    };
    let ranges = right.split(',').map(range).collect::<Option<_>>()?;
    match operand {
        "n" | "i" => Some(Relation { modulus, holds, ranges }),
        // Digits behind the point, and powers of ten, of which a whole number has none: what is left by 1 is 0.
        "v" | "w" | "f" | "t" | "c" | "e" => Some(Relation { modulus: 1, holds, ranges }),
        _ => None,
    }
}

/// The names in braces.
fn placeholders(text: &str) -> BTreeSet<String> {
    let names = text.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|(name, _)| name);
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    names.filter(is_name).map(str::to_owned).collect()
}

impl Wording {
    fn kind(&self) -> Kind {
        match self {
            Self::Plain(_) => Kind::Plain,
            Self::Counted(_) => Kind::Counted,
        }
    }

    /// Each text with its form.
    fn forms(&self) -> Vec<(Option<usize>, &str)> {
        match self {
            Self::Plain(text) => vec![(None, text)],
            Self::Counted(forms) => forms.iter().map(|(category, text)| (Some(*category), text.as_str())).collect(),
        }
    }

    /// What can be filled in.
    fn placeholders(&self) -> BTreeSet<String> {
        self.forms().into_iter().flat_map(|(_, text)| placeholders(text)).collect()
    }
}

impl Locale {
    /// The forms that each text with a number has.
    fn categories(&self) -> BTreeSet<usize> {
        self.plural.iter().map(|(category, _)| *category).chain([CATEGORIES.len() - 1]).collect()
    }
}

/// Holds a language to English, and each of its texts to the forms that the language has.
fn compare(first: &Locale, other: &Locale, faults: &mut Vec<String>) {
    for locale in [first, other] {
        let categories = locale.categories();
        for (key, wording) in &locale.texts {
            let Wording::Counted(forms) = wording else { continue };
            let has: BTreeSet<usize> = forms.keys().copied().collect();
            for category in categories.symmetric_difference(&has).filter_map(|category| CATEGORIES.get(*category)) {
                let what = if has.len() < categories.len() { "lacks" } else { "has no use for" };
                faults.push(format!("locales/{}.toml: the text `{key}` {what} its form `{category}`", locale.tag));
            }
        }
    }
    let theirs: BTreeMap<&str, &Wording> = other.texts.iter().map(|(key, wording)| (key.as_str(), wording)).collect();
    let mut fault = |what: String| faults.push(format!("locales/{}.toml: {what}", other.tag));
    for (key, english) in &first.texts {
        let Some(wording) = theirs.get(key.as_str()) else {
            if !may_be_english(key) {
                fault(format!("the text `{key}` is missing"));
            }
            continue;
        };
        if english.kind() != wording.kind() {
            fault(format!("the text `{key}` has forms by number in one of English and this language alone"));
        }
        let wanted = english.placeholders();
        for (_, text) in wording.forms() {
            for name in placeholders(text).symmetric_difference(&wanted) {
                fault(format!(
                    "the text `{key}`: the placeholder `{{{name}}}` stands in one of English and this language alone"
                ));
            }
        }
    }
    for (word, _) in other.commands.iter().filter(|(word, _)| !first.commands.iter().any(|(known, _)| known == word)) {
        fault(format!("`{word}` of [commands] is none of English"));
    }
    for key in theirs.keys().filter(|key| !first.texts.iter().any(|(known, _)| known == *key)) {
        fault(format!("the text `{key}` is none of English"));
    }
}

/// Whether a text may be told in English until somebody translates it: what a command does and says. Who adds a command may not
/// speak every language.
fn may_be_english(key: &str) -> bool {
    ["help_", "said_"].iter().any(|beginning| key.starts_with(beginning))
}

/// The languages as tables of Rust: what `src/model/language.rs` takes in.
pub fn tables(locales: &[Locale]) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let Some(first) = locales.first() else { return Ok(out) };
    keys(&mut out, "TextKey", "A text that postroom writes.", first, Kind::Plain)?;
    keys(&mut out, "CountedKey", "A text that goes with a number, by which it has its form.", first, Kind::Counted)?;
    writeln!(out, "static LOCALES: [Locale; {}] = [", locales.len())?;
    for locale in locales {
        table(&mut out, locale, first)?;
    }
    out.push_str("];\n");
    Ok(out)
}

/// An enum of keys.
fn keys(out: &mut String, name: &str, doc: &str, first: &Locale, kind: Kind) -> fmt::Result {
    let texts = of_kind(kind, first, first);
    writeln!(out, "/// {doc}\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]\npub enum {name} {{")?;
    for (key, wording) in &texts {
        let english = wording.forms().last().map(|(_, text)| *text).unwrap_or_default();
        writeln!(out, "    #[doc = {english:?}]\n    {},", variant(key))?;
    }
    let all: Vec<String> = texts.iter().map(|(key, _)| format!("Self::{}", variant(key))).collect();
    writeln!(
        out,
        "}}\n\nimpl {name} {{\n    /// All of them.\n    pub const ALL: [Self; {}] = [{}];\n",
        all.len(),
        all.join(", ")
    )?;
    writeln!(
        out,
        "    /// Its word and what can be filled in.\n    pub fn entry(self) -> &'static Entry {{\n        match self {{"
    )?;
    for (key, wording) in &texts {
        let placeholders: Vec<String> = wording.placeholders().into_iter().collect();
        let entry = format!("Entry {{ word: {key:?}, placeholders: &{placeholders:?} }}");
        writeln!(out, "            Self::{} => &{entry},", variant(key))?;
    }
    writeln!(out, "        }}\n    }}\n}}\n")
}

/// A language.
fn table(out: &mut String, locale: &Locale, first: &Locale) -> fmt::Result {
    let Locale { tag, names, iso639_3, plural, months, patterns: [day, time, both], halves, commands, .. } = locale;
    writeln!(
        out,
        "    Locale {{\n        tag: {tag:?},\n        names: &{names:?},\n        iso639_3: {iso639_3:?},\n        plural: &["
    )?;
    for (category, alternatives) in plural {
        let category = CATEGORIES.get(*category).copied().map(variant).unwrap_or_default();
        let list = |relations: &Vec<Relation>| format!("&{relations:?}");
        let alternatives: Vec<String> = alternatives.iter().map(list).collect();
        writeln!(out, "            (Category::{category}, &[{}]),", alternatives.join(", "))?;
    }
    writeln!(out, "        ],\n        dates: Dates {{ months: &{months:?}, halves: &{halves:?},")?;
    writeln!(out, "            day: {day:?}, time: {time:?}, day_and_time: {both:?} }},\n        commands: &[")?;
    for (word, others) in commands {
        writeln!(out, "            ({word:?}, &{others:?}),")?;
    }
    writeln!(out, "        ],\n        texts: [")?;
    for (_, wording) in of_kind(Kind::Plain, first, locale) {
        for (_, text) in wording.forms() {
            writeln!(out, "            {text:?},")?;
        }
    }
    writeln!(out, "        ],\n        counted: [")?;
    for (_, wording) in of_kind(Kind::Counted, first, locale) {
        let forms = wording.forms();
        let form = |place| forms.iter().find(|(category, _)| *category == Some(place)).map(|(_, text)| *text);
        writeln!(out, "            {:?},", std::array::from_fn::<_, { CATEGORIES.len() }, _>(form))?;
    }
    writeln!(out, "        ],\n    }},")
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Counted,
}

/// The texts of `locale` of this kind, in the order of English, and in English where it may lack one.
fn of_kind<'a>(kind: Kind, first: &'a Locale, locale: &'a Locale) -> Vec<(&'a str, &'a Wording)> {
    let theirs: BTreeMap<&str, &Wording> = locale.texts.iter().map(|(key, wording)| (key.as_str(), wording)).collect();
    let keys = first.texts.iter().filter(|(_, wording)| wording.kind() == kind);
    keys.map(|(key, english)| (key.as_str(), theirs.get(key.as_str()).copied().unwrap_or(english))).collect()
}

/// `news_opened` as the name of a variant.
fn variant(key: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
    };
    key.split('_').map(capitalised).collect()
}
