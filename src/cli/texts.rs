//! `texts`: every text of our mails, as `[texts.LANGUAGE]` takes it. Needs no config.

use serde_json::{Map, Value, json};

use super::Failure;
use super::output::Output;
use crate::compose::{TextEntry, all_texts};
use crate::model::language::Language;
use crate::model::suggest::nearest;

/// Prints the texts whose keys hold one of `keys`; all of them for none.
pub(super) fn run(keys: &[String], language: Option<Language>, output: &Output) -> Result<(), Failure> {
    let mut entries = all_texts();
    for key in keys {
        if !entries.iter().any(|entry| entry.word.contains(key.as_str())) {
            let words: Vec<&str> = entries.iter().map(|entry| entry.word.as_str()).collect();
            let hint = nearest(key, &words)
                .map_or_else(|| "`postroom texts` lists all".to_owned(), |near| format!("did you mean `{near}`?"));
            return Err(anyhow::anyhow!("no text has `{key}` in its key\nhint: {hint}").into());
        }
    }
    entries.retain(|entry| keys.is_empty() || keys.iter().any(|key| entry.word.contains(key.as_str())));
    let languages: Vec<Language> = Language::all().filter(|one| language.is_none_or(|l| l == *one)).collect();
    if output.json() {
        let value: Value = entries.iter().filter_map(|entry| as_json(entry, &languages)).collect();
        return Ok(output.value(&value)?);
    }
    let tables: Vec<String> = languages.iter().map(|language| as_toml(&entries, *language)).collect();
    Ok(output.text(&tables.join("\n"))?)
}

/// `None` for a form that none of the languages has.
fn as_json(entry: &TextEntry, languages: &[Language]) -> Option<Value> {
    let wanted = entry.builtin.iter().filter(|(language, _)| languages.contains(language));
    let wording: Map<String, Value> =
        wanted.map(|(language, text)| (language.tag().to_owned(), (*text).into())).collect();
    (!wording.is_empty()).then(|| json!({"key": entry.word, "placeholders": entry.placeholders, "texts": wording}))
}

/// A table that can be pasted into the config as it is.
fn as_toml(entries: &[TextEntry], language: Language) -> String {
    let mut text = format!("[texts.{language}]\n");
    for entry in entries {
        let Some((_, builtin)) = entry.builtin.iter().find(|(known, _)| *known == language) else { continue };
        if !entry.placeholders.is_empty() {
            let names: Vec<String> = entry.placeholders.iter().map(|name| format!("{{{name}}}")).collect();
            text.extend(["# ", &names.join(" "), "\n"]);
        }
        text.extend([&entry.word, " = ", &quoted(builtin), "\n"]);
    }
    text
}

/// A TOML string: on lines of its own when it has several.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    if escaped.contains('\n') { format!("\"\"\"\n{escaped}\"\"\"") } else { format!("\"{escaped}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: &str = "[desk]\nname = \"Shop\"\ndomain = \"shop.example\"\n[smtp]\ndirectory = \"out\"\n[[mailbox]]\n\
        id = \"info\"\naddress = \"info@shop.example\"\nmaildir = \"m\"\ndepartment = \"support\"\n[[agent]]\n\
        id = \"anna\"\nname = \"Anna\"\naddresses = [\"anna@home.example\"]\n[[department]]\nid = \"support\"\n\
        name = \"Support\"\nfrom = \"info@shop.example\"\nagents = [\"anna\"]\n";

    #[test]
    fn what_texts_prints_is_a_config_that_changes_nothing() {
        let entries = all_texts();
        assert!(entries.len() > 100, "{}", entries.len());
        let tables: String = Language::all().map(|language| as_toml(&entries, language)).collect();
        let config = format!("{REST}{tables}");
        let loaded = crate::config::load_text(&config, std::path::Path::new("x.toml")).unwrap();
        let of_all: usize = entries.iter().map(|entry| entry.builtin.len()).sum();
        assert_eq!(loaded.policy.texts.len(), of_all);
        for (language, word, text) in &loaded.policy.texts {
            let entry = entries.iter().find(|entry| entry.word == *word).unwrap();
            assert!(entry.builtin.contains(&(*language, text.as_str())), "{word} {language}");
        }
        assert!(crate::compose::check_texts(&loaded.policy.texts).is_empty());
    }
}
