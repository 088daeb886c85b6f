//! Holds the source to its plan: a module doc on every file, at most 700 lines, and who may import whom.
//!
//! The table below is the one in ARCHITECTURE.md. Change both, and say why in the commit.

use std::path::{Path, PathBuf};

mod sql_literals;

/// Longest file.
const MAX_LINES: usize = 700;

/// A module, and the modules of ours that it may import beside itself. `*` stands for all.
const IMPORTS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("users", &[]),
    ("config", &["model", "users"]),
    ("parse", &["model"]),
    ("thread", &["model"]),
    ("classify", &["model"]),
    ("decide", &["model"]),
    ("compose", &["model"]),
    ("store", &["model", "users"]),
    (
        "pipeline",
        &["model", "config", "parse", "thread", "classify", "decide", "compose", "store", "net", "clock", "heartbeat"],
    ),
    ("clock", &["model"]),
    ("heartbeat", &["model", "clock"]),
    ("net", &["model"]),
    ("oauth", &["model", "net"]),
    ("intake", &["model", "pipeline", "store", "net", "oauth", "clock", "heartbeat"]),
    ("send", &["model", "store", "net", "oauth", "clock", "heartbeat"]),
    ("report", &["model", "store", "net", "clock", "heartbeat"]),
    ("web", &["model", "store"]),
    (
        "daemon",
        &[
            "model",
            "users",
            "config",
            "parse",
            "thread",
            "classify",
            "decide",
            "compose",
            "store",
            "pipeline",
            "clock",
            "heartbeat",
            "net",
            "oauth",
            "intake",
            "send",
            "report",
            "web",
        ],
    ),
    ("cli", &["*"]),
    ("main", &["*"]),
    ("lib", &[]),
];

/// A path that only these modules may name.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("serde", &["config"]),
    ("toml", &["config"]),
    ("mail_parser", &["parse"]),
    ("aho_corasick", &["classify"]),
    ("rusqlite", &["store"]),
    ("async_imap", &["intake"]),
    ("lettre", &["compose", "send"]),
    ("hyper", &["oauth"]),
    ("url", &["config", "oauth"]),
    ("sd_notify", &["daemon"]),
    ("clap", &["cli", "main"]),
    ("anyhow", &["cli", "main", "daemon"]),
];

/// The only files that handle lines of history that were words and no values: to keep and to show them.
const KNOW_OLD_HISTORY: &[&str] = &[
    "model/event.rs",
    "model/event_words.rs",
    "store/tickets/history.rs",
    "compose/mails/history.rs",
    "compose/samples.rs",
];

/// What says how a ticket stands from now on.
const STATE: &[&str] = &["Status(", "Assignee(", "Given(", "Department(", "Priority(", "AddTag(", "RemoveTag("];
/// The files of `decide` that may write it: the editor, tickets that begin, and one that stands alone again.
const WRITE_STATE: &[&str] = &["decide/editor.rs", "decide/first.rs", "decide/opening.rs", "decide/merge.rs"];

#[test]
fn every_source_file_keeps_to_the_plan() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let sources = rust_files(&root.join("src"));
    assert!(sources.len() > 20, "the walk over src found only {} files", sources.len());
    for path in sources {
        let name = path.strip_prefix(root.join("src")).unwrap().to_str().unwrap().to_owned();
        found.extend(faults_of_source(&name, &std::fs::read_to_string(&path).unwrap()));
    }
    for path in ["build", "tests", "benches"].iter().flat_map(|name| rust_files(&root.join(name))) {
        let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        found.extend(faults_of_any_file(&name, &std::fs::read_to_string(&path).unwrap()));
    }
    assert!(found.is_empty(), "{} faults:\n{}", found.len(), found.join("\n"));
}

/// It compiles some of our modules by themselves, so it breaks when one of them takes to a crate that it lacks.
#[test]
fn the_fuzz_crate_has_every_crate_that_its_modules_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = |manifest: &str| -> Vec<String> {
        let text = std::fs::read_to_string(root.join(manifest)).unwrap();
        let dependencies = text.split("[dependencies]").nth(1).unwrap().split("\n[").next().unwrap();
        dependencies.lines().filter_map(|line| Some(line.split_once(" = ")?.0.replace('-', "_"))).collect()
    };
    let fuzzed = crates("fuzz/Cargo.toml");
    let mut sources: Vec<PathBuf> =
        ["model", "parse"].iter().flat_map(|name| rust_files(&root.join("src").join(name))).collect();
    sources.extend(["cut.rs", "sieve.rs"].map(|name| root.join("src/intake").join(name)));
    for path in sources.iter().filter(|path| !path.to_str().unwrap().contains("test")) {
        let code = code_only(&std::fs::read_to_string(path).unwrap());
        // imap-proto stands in for async-imap there.
        let lacking = |name: &&String| !fuzzed.contains(name) && *name != "async_imap" && names_crate(&code, name);
        let missing: Vec<String> = crates("Cargo.toml").iter().filter(lacking).cloned().collect();
        assert!(missing.is_empty(), "{} needs {missing:?} in fuzz/Cargo.toml", path.display());
    }
}

#[test]
fn a_file_without_module_doc_is_found() {
    check(
        "send/queue.rs",
        "use std::fs;\n",
        &["send/queue.rs: the first line must say with `//!` what the file is for"],
    );
    check("send/queue.rs", "//! Queue.\nuse std::fs;\n", &[]);
}

#[test]
fn a_long_file_is_found() {
    let long = format!("//! Long.\n{}", "\n".repeat(MAX_LINES));
    check("parse/mod.rs", &long, &["parse/mod.rs: 701 lines, at most 700"]);
}

#[test]
fn a_forbidden_import_is_found() {
    let fault = "decide/customer.rs: `decide` must not import `crate::store`";
    check("decide/customer.rs", "//! x\nuse crate::store::Store;\n", &[fault]);
    check("decide/customer.rs", "//! x\nuse crate::{model::id::MailId, store};\n", &[fault]);
    check("decide/customer.rs", "//! x\nfn f() { crate::store::open() }\n", &[fault]);
    check("decide/customer.rs", "//! x\nuse crate::model::plan::Plan;\nuse crate::decide::agent;\n", &[]);
    check("decide/customer.rs", "//! See [`crate::store`].\n// crate::store is not for us\n", &[]);
    check("decide/mod.rs", "//! x\n#[cfg(test)]\nmod tests {\n    use crate::parse::parse;\n}\n", &[]);
    check("cli/mod.rs", "//! x\nuse crate::daemon::run;\n", &[]);
}

#[test]
fn a_foreign_crate_out_of_its_place_is_found() {
    check("decide/mod.rs", "//! x\nuse rusqlite::Row;\n", &["decide/mod.rs: `decide` must not name `rusqlite`"]);
    check("model/id.rs", "//! x\n#[derive(serde::Serialize)]\n", &["model/id.rs: `model` must not name `serde`"]);
    check("model/id.rs", "//! x\nuse serde_json::Value;\n", &[]);
    check(
        "compose/mod.rs",
        "//! x\nuse lettre::message::Mailbox;\nuse crate::config::toml::x;\n",
        &["compose/mod.rs: `compose` must not import `crate::config`"],
    );
}

#[test]
fn a_file_that_reads_history_out_of_words_is_found() {
    let fault = "decide/tick.rs: words of old history are shown as they stand, and nothing is read out of them";
    check(
        "decide/tick.rs",
        "//! x\nfn f(kind: &EventKind) -> bool { matches!(kind, EventKind::Legacy { .. }) }\n",
        &[fault],
    );
}

#[test]
fn a_file_that_changes_a_ticket_past_the_editor_is_found() {
    let fault = "decide/tick.rs: a ticket is changed by `TicketEditor` alone, so that its history says so";
    let change = "plan.changes.push((number, Change::Status(Status::Open, None)))";
    check("decide/tick.rs", &format!("//! x\nfn f() {{ {change} }}\n"), &[fault]);
    check("decide/editor.rs", &format!("//! x\nfn f() {{ {change} }}\n"), &[]);
    check("decide/tick.rs", "//! x\nfn f() { HandChange::Status(status) }\n", &[]);
}

#[test]
fn a_statement_that_only_sqlite_takes_is_found() {
    let source =
        |sql: &str| format!("//! x\nfn f<'a>(c: char) -> bool {{ c == '\"' }} // \"DELETE\nfn g() {{ \"{sql}\"; }}\n");
    let fault = |fault: &str, sql: &str| format!("store/a.rs:3: {fault}: {sql}");
    for (found, sql) in [
        ("`INSERT OR`: write ON CONFLICT", "INSERT OR IGNORE INTO tag (ticket) VALUES (?1)"),
        ("a sub-query in FROM without a name: write AS name", "SELECT 1 FROM (SELECT 1 FROM ticket) ORDER BY 1"),
        ("max or min of several values: write CASE WHEN", "SELECT max(number, coalesce(?1, 2)) FROM ticket"),
        ("numbering by max() + 1: take ids from `next_id`", "SELECT max(id) + 1 FROM mail"),
        ("a truth value as a number: write count(*) FILTER (WHERE …)", "SELECT max(state = 'held') FROM quarantine"),
        ("sum is no integer in PostgreSQL: write CAST(sum(…) AS bigint)", "SELECT sum(tickets) FROM ticket_tally"),
        ("`LOWER(`: fold in Rust: SQLite folds ASCII alone", "SELECT lower(name) FROM folder"),
        ("`X'`: bind the bytes", "UPDATE mail SET bytes = x''"),
        ("made by format!: write it as one literal", "DELETE FROM {table}"),
    ] {
        check("store/a.rs", &source(sql), &[fault(found, sql).as_str()]);
        check("store/tests/a.rs", &source(sql), &[]);
    }
    for sql in [
        "SELECT CAST(coalesce(sum(tickets), 0) AS bigint), max(number) FROM ticket_tally HAVING sum(tickets) > 0",
        "SELECT 1 FROM (SELECT max(id) AS id FROM mail) AS last WHERE id IN (SELECT id FROM mail) AND name = 'lower(x) {'",
        "WITH RECURSIVE up (number) AS (SELECT CAST(?1 AS bigint)) SELECT number FROM up",
    ] {
        check("store/a.rs", &source(sql), &[]);
    }
}

#[test]
fn a_module_that_the_table_does_not_know_is_found() {
    check("utils.rs", "//! x\n", &["utils.rs: `utils` stands in no row of the table in tests/tidy.rs"]);
}

fn check(name: &str, text: &str, expected: &[&str]) {
    assert_eq!(faults_of_source(name, text), expected, "{name}:\n{text}");
}

fn faults_of_any_file(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") {
        faults.push(format!("{name}: the first line must say with `//!` what the file is for"));
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{name}: {lines} lines, at most {MAX_LINES}"));
    }
    faults
}

fn faults_of_source(name: &str, text: &str) -> Vec<String> {
    let mut faults = faults_of_any_file(name, text);
    let module = name.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let Some((_, allowed)) = IMPORTS.iter().find(|(known, _)| *known == module) else {
        faults.push(format!("{name}: `{module}` stands in no row of the table in tests/tidy.rs"));
        return faults;
    };
    if name.split('/').any(|part| part.trim_end_matches(".rs").ends_with("tests")) {
        return faults;
    }
    for sql_literals::Statement { place, sql } in sql_literals::statements(name, text) {
        faults.extend(sql_literals::unportable(&sql).iter().map(|fault| format!("{place}: {fault}: {sql}")));
    }
    let code = code_only(text);
    for imported in imports(&code) {
        let is_module = IMPORTS.iter().any(|(known, _)| *known == imported);
        if is_module && imported != module && !allowed.contains(&"*") && !allowed.contains(&imported.as_str()) {
            faults.push(format!("{name}: `{module}` must not import `crate::{imported}`"));
        }
    }
    for (foreign, places) in ONLY_IN {
        if !places.contains(&module) && names_crate(&code, foreign) {
            faults.push(format!("{name}: `{module}` must not name `{foreign}`"));
        }
    }
    if code.contains("Legacy") && !KNOW_OLD_HISTORY.contains(&name) {
        faults.push(format!("{name}: words of old history are shown as they stand, and nothing is read out of them"));
    }
    let writes_state = || {
        STATE
            .iter()
            .any(|state| code.contains(&format!(" Change::{state}")) || code.contains(&format!("(Change::{state}")))
    };
    if module == "decide" && !WRITE_STATE.contains(&name) && writes_state() {
        faults.push(format!("{name}: a ticket is changed by `TicketEditor` alone, so that its history says so"));
    }
    faults
}

/// The text without comments and without the unit tests at its end.
fn code_only(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// First segments of all paths that start with `crate::`, groups opened.
fn imports(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        if code.get(..start).is_some_and(|before| before.ends_with(is_word)) {
            continue;
        }
        let rest = code.get(start + "crate::".len()..).unwrap_or_default();
        match rest.strip_prefix('{') {
            None => found.push(first_word(rest)),
            Some(group) => found.extend(members(group)),
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The first word of each member of a `use` group, up to its closing brace.
fn members(group: &str) -> Vec<String> {
    let mut depth = 0;
    let mut member = String::new();
    let mut found = Vec::new();
    for letter in group.chars() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(first_word(std::mem::take(&mut member).trim())),
            _ if depth == 0 => member.push(letter),
            _ => {}
        }
    }
    found.push(first_word(member.trim()));
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|letter| is_word(*letter)).collect()
}

/// Whether the code names this crate: as a path's first segment or in `use`.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(start, _)| {
        let before = code.get(..start).unwrap_or_default();
        let after = code.get(start + name.len()..).unwrap_or_default();
        let first = !before.ends_with(is_word) && !before.ends_with(':') && !before.ends_with('.');
        first && (after.starts_with("::") || (after.starts_with(';') && before.trim_end().ends_with("use")))
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
