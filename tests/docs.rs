//! Holds the documentation to the program: every config key, command, mail command, header value and JSON key stands in
//! docs/reference, and every relative link leads somewhere.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use postroom::model::command_words;
use postroom::model::event::EventKind;
use postroom::model::language::Language;

/// The functions that say what may stand at the beginning of X-Postroom-Reason.
const REASONS: &[(&str, &str)] =
    &[("src/model/news.rs", "pub fn word(&self)"), ("src/compose/mails/notice.rs", "fn reason_mark(")];
/// Reasons that are written elsewhere.
const MORE_REASONS: &[&str] = &["digest", "handed-over"];
/// The files that make JSON for scripts.
const JSON: &[&str] = &[
    "src/cli/backup.rs",
    "src/cli/doctor.rs",
    "src/cli/parse.rs",
    "src/cli/texts.rs",
    "src/parse/json.rs",
    "src/report/agents.rs",
    "src/report/json.rs",
    "src/report/status.rs",
];

#[test]
fn every_config_key_is_in_its_section_of_the_reference() {
    let reference = read("docs/reference/config.md");
    let mut known = 0;
    for file in files_below("src/config", "rs") {
        for (table, keys) in tables(&code_of(&file)) {
            let section = section(&reference, &format!("## {table}"));
            let section = section.unwrap_or_else(|| panic!("docs/reference/config.md has no section `## {table}`"));
            known += keys.len();
            must_name("docs/reference/config.md", &section, keys.iter().map(|key| format!("`{key}`")));
            let first_cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" |").next());
            let gone: Vec<&str> = first_cells
                .flat_map(|cell| cell.split("`, `").map(|key| key.trim_end_matches('`')))
                .filter(|key| !keys.iter().any(|known| known == key))
                .collect();
            assert!(gone.is_empty(), "docs/reference/config.md has {gone:?} in `## {table}`, which are no keys");
        }
    }
    assert!(known > 80, "only {known} keys were found in src/config");
    // What stands in the example is known to the reader, which another test says; here only that it is explained.
    let example = read("config.example.toml");
    let (keys, _) = example.split_once("[texts.").unwrap();
    let keys = keys.lines().filter_map(|line| {
        let (key, _) = line.trim_start_matches(['#', ' ']).split_once(" = ")?;
        key.chars().all(|c| c.is_ascii_lowercase() || c == '_').then(|| format!("`{key}`"))
    });
    must_name("docs/reference/config.md", &reference, keys);
}

#[test]
fn every_command_and_option_is_in_the_reference() {
    let reference = read("docs/reference/commands.md");
    let mut open = vec![Vec::<String>::new()];
    let mut known = 0;
    while let Some(command) = open.pop() {
        known += 1;
        let help = help(&command);
        let subcommands: Vec<String> =
            listed(&help, "Commands:").into_iter().filter(|word| word != "help" || command.is_empty()).collect();
        if let Some(name) = command.last() {
            let depth = "#".repeat(command.len() + 1);
            let heading = format!("{depth} postroom {}", command.join(" "));
            let section = section(&reference, &heading);
            let section = section.unwrap_or_else(|| panic!("docs/reference/commands.md has no section `{heading}`"));
            let options = words(&help).filter(|word| word.starts_with("--") && word.len() > 2);
            let common = ["--config", "--help", "--version"];
            let own = options.filter(|option| !common.contains(option)).map(str::to_owned);
            if name != "help" {
                must_name("docs/reference/commands.md", &section, own);
            }
        }
        open.extend(subcommands.into_iter().filter(|word| word != "help").map(|word| {
            let mut longer = command.clone();
            longer.push(word);
            longer
        }));
    }
    // `help` is described and not asked; the program without a command is asked and not described.
    let described = reference.lines().filter(|line| line.contains("# postroom ")).count();
    assert_eq!(described, known, "docs/reference/commands.md describes {described} commands, there are {known}");
    assert!(known > 20, "only {known} commands were found in `postroom help`");
}

#[test]
fn every_mail_command_is_in_the_reference_in_every_language_that_it_has_a_column_for() {
    let reference = read("docs/reference/mail-commands.md");
    let named: BTreeSet<String> = words(&reference)
        .filter_map(|word| word.strip_prefix('#'))
        .filter(|word| word.starts_with(char::is_alphabetic))
        .map(str::to_owned)
        .collect();
    let has_column =
        |language: &Language| language.names().iter().any(|name| reference.contains(&format!("| {name} |")));
    let languages = Language::all().filter(|language| *language == Language::ENGLISH || has_column(language));
    let commands = languages.flat_map(Language::commands);
    let words = commands.flat_map(|(english, others)| [*english].into_iter().chain(others.iter().copied()));
    let missing: Vec<&str> = words.filter(|word| !named.contains(*word)).collect();
    assert!(missing.is_empty(), "docs/reference/mail-commands.md lacks {missing:?}");
    let unknown: Vec<&String> = named.iter().filter(|word| command_words::english(word).is_none()).collect();
    assert!(unknown.is_empty(), "docs/reference/mail-commands.md has {unknown:?}, which are no commands");
}

#[test]
fn every_reason_of_a_mail_to_agents_is_in_the_reference() {
    let mut reasons: Vec<String> = MORE_REASONS.iter().map(|reason| (*reason).to_owned()).collect();
    for (file, function) in REASONS {
        let code = read(file);
        let (_, body) = code.split_once(function).unwrap_or_else(|| panic!("`{function}` is not in {file} any more"));
        let (body, _) = body.split_once("\n    }\n").unwrap();
        let arms = body.lines().filter_map(|line| line.split_once("=> \"")?.1.split('"').next());
        let before = reasons.len();
        reasons.extend(arms.map(str::to_owned));
        assert!(reasons.len() > before, "no reason was found in `{function}` of {file}");
    }
    let reference = read("docs/reference/headers.md");
    must_name("docs/reference/headers.md", &reference, reasons.iter().map(|reason| format!("| `{reason}` |")));
    let headers = files_below("src", "rs").into_iter().flat_map(|file| {
        let code = code_of(&file);
        quoted(&code).filter(|text| text.starts_with("X-Postroom-")).map(str::to_owned).collect::<Vec<_>>()
    });
    must_name("docs/reference/headers.md", &reference, headers.map(|header| format!("`{header}`")));
}

#[test]
fn every_json_key_is_in_the_reference() {
    let reference = read("docs/reference/json.md");
    let named: BTreeSet<&str> = words(&reference).flat_map(|word| word.split(['.', '[', ']'])).collect();
    for file in JSON {
        let code = code_of(&root().join(file));
        let is_key = |text: &str| {
            let written = [format!("\"{text}\": "), format!("insert(\"{text}\".")];
            text.chars().all(|c| c.is_ascii_lowercase() || c == '_') && written.iter().any(|form| code.contains(form))
        };
        let keys: Vec<&str> = quoted(&code).filter(|text| is_key(text)).collect();
        assert!(!keys.is_empty(), "{file} makes no JSON any more: take it off the list");
        let missing: Vec<&str> = keys.into_iter().filter(|key| !named.contains(key)).collect();
        assert!(missing.is_empty(), "docs/reference/json.md lacks {missing:?} of {file}");
    }
}

#[test]
fn every_kind_of_event_and_its_values_are_in_the_reference() {
    let reference = read("docs/reference/json.md");
    let section = section(&reference, "### The values of an event").unwrap();
    for (kind, values) in EventKind::SHAPES {
        let named = |line: &&str| line.split(" | ").next().is_some_and(|cell| cell.contains(&format!("`{kind}`")));
        let line = section.lines().filter(|line| line.starts_with("| ")).find(named);
        let line = line.unwrap_or_else(|| panic!("docs/reference/json.md has no event `{kind}`"));
        must_name("docs/reference/json.md", line, values.iter().map(|value| format!("`{value}`")));
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut pages: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md", "CHANGELOG.md"]
        .iter()
        .map(|page| root().join(page))
        .collect();
    pages.extend(files_below("docs", "md"));
    let mut dead = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            let there =
                std::fs::read_to_string(&target).is_ok_and(|text| anchor.is_empty() || has_anchor(&text, anchor));
            if !there {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "links that lead nowhere:\n{}", dead.join("\n"));
}

/// Every item must stand in `text`, which is a part of `page`.
fn must_name(page: &str, text: &str, items: impl Iterator<Item = String>) {
    let missing: Vec<String> = items.filter(|item| !text.contains(item.as_str())).collect();
    assert!(
        missing.is_empty(),
        "{page} lacks {missing:?} in:\n{}",
        text.lines().take(3).collect::<Vec<_>>().join("\n")
    );
}

/// The lines below `heading` up to the next one of its depth or above.
fn section(page: &str, heading: &str) -> Option<String> {
    let depth = heading.bytes().take_while(|byte| *byte == b'#').count();
    let is_it = |line: &&str| line.strip_prefix(heading).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let mut lines = page.lines().skip_while(|line| !is_it(line));
    let first = lines.next()?;
    let ends = |line: &str| line.starts_with('#') && line.bytes().take_while(|byte| *byte == b'#').count() <= depth;
    let body = lines.take_while(|line| !ends(line));
    Some([first].into_iter().chain(body).collect::<Vec<_>>().join("\n"))
}

/// The tables of keys that a file of `config` declares: `Keys { table: "…", keys: &["…", …] }`.
fn tables(code: &str) -> Vec<(String, Vec<String>)> {
    let declared = code.split("table: \"").skip(1);
    let table = |rest: &str| {
        let (name, rest) = rest.split_once('"')?;
        let (_, keys) = rest.split_once("keys: &[")?;
        let (keys, _) = keys.split_once(']')?;
        Some((name.to_owned(), quoted(keys).map(str::to_owned).collect()))
    };
    declared.filter_map(table).collect()
}

/// Texts between quotation marks.
fn quoted(code: &str) -> impl Iterator<Item = &str> {
    code.lines().flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// What stands between blanks, brackets and marks, with the letters that commands and options have.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "`|,()<>{}\":;=…".contains(c)).map(|word| word.trim_end_matches('.'))
}

fn help(command: &[String]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_postroom")).arg("help").args(command).output().unwrap();
    assert!(output.status.success(), "postroom help {command:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The first words of the indented lines below `title`.
fn listed(help: &str, title: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != title).skip(1).take_while(|line| !line.is_empty());
    let entries = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    entries.filter_map(|line| Some(line.split_whitespace().next()?.to_owned())).collect()
}

/// Whether a page has a heading that links know by `anchor`.
fn has_anchor(page: &str, anchor: &str) -> bool {
    page.lines().filter(|line| line.starts_with('#')).any(|line| {
        let heading = line.trim_start_matches('#').trim().to_lowercase();
        let plain = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        plain.map(|c| if c == ' ' { '-' } else { c }).collect::<String>() == anchor
    })
}

/// A file's code without its unit tests and comments.
fn code_of(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn files_below(directory: &str, extension: &str) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![root().join(directory)]);
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(&directory).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|known| known == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
