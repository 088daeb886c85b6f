//! Holds the source to its plan: a module doc on every file, at most 700 lines, and who may import whom.
//!
//! The table below is the one in ARCHITECTURE.md. Change both, and say why in the commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

mod sql_literals;

/// Longest file.
const MAX_LINES: usize = 700;

/// A module, and the modules of ours that it may import beside itself. `*` stands for all.
const IMPORTS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("users", &[]),
    ("terminal", &["model"]),
    ("config", &["model", "users", "terminal"]),
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
    ("report", &["model", "terminal", "store", "net", "clock", "heartbeat"]),
    ("web", &["model", "store"]),
    (
        "daemon",
        &[
            "model",
            "users",
            "terminal",
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
    ("imap_proto", &["intake"]),
    ("lettre", &["compose", "send"]),
    ("hyper", &["oauth"]),
    ("url", &["config", "oauth"]),
    ("sd_notify", &["daemon"]),
    ("anstyle", &["terminal", "config", "cli"]),
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

/// The only file of `decide` that may write how a ticket stands from now on.
const TICKET_EDITOR: &str = "decide/ticket.rs";

/// Circles of files that join more than one folder: the folders, as ARCHITECTURE.md names them with the reason.
const CIRCLES: &[&[&str]] = &[
    &["decide", "decide/agent", "decide/commands"],
    &["parse", "parse/bounce", "parse/formats", "parse/html", "parse/mime", "parse/origin"],
    &["parse/html", "parse/quotes"],
];
/// How many of them there may be.
const MAX_CIRCLES: usize = 6;

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

/// A circle inside one folder is one duty in several files. One that joins folders ties duties together: each has a reason.
#[test]
fn circles_of_files_stay_inside_one_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let architecture = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let sources = rust_files(&root.join("src")).into_iter().map(|path| {
        let name = path.strip_prefix(root.join("src")).unwrap().to_str().unwrap().to_owned();
        (name, std::fs::read_to_string(path).unwrap())
    });
    for circle in circles(&sources.collect::<Vec<_>>()) {
        let folders: BTreeSet<&str> = circle.iter().map(|file| folder(file)).collect();
        let known = |circle: &&[&str]| folders.iter().all(|folder| circle.contains(folder));
        assert!(folders.len() < 2 || CIRCLES.iter().any(known), "a circle joins {folders:?}:\n{circle:#?}");
    }
    assert!(CIRCLES.len() <= MAX_CIRCLES, "{CIRCLES:?}");
    for circle in CIRCLES {
        let named = format!("| `{}` |", circle.join("` `"));
        assert!(architecture.contains(&named), "ARCHITECTURE.md gives no reason for the circle {named}");
    }
}

#[test]
fn circles_are_found_through_groups_and_not_through_the_face_of_a_folder() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("a/mod.rs", "mod x;\nuse self::x::run;\npub struct Shared;\n"),
        file("a/x.rs", "use super::{Shared, y::Y};\n"),
        file("a/y.rs", "use crate::b::{z::{Z, W}, V};\n"),
        file("b/mod.rs", "pub struct V;\n"),
        file("b/z.rs", "fn f() { crate::a::y::g() }\n"),
    ];
    assert_eq!(circles(&sources), [["a/y.rs", "b/z.rs"]]);
}

#[test]
fn architecture_names_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("ARCHITECTURE.md")).unwrap();
    let is_path = |name: &str| name.chars().all(|c| is_word(c) || c == '/');
    let is_file = |name: &&str| name.strip_suffix(".rs").is_some_and(is_path);
    let named: Vec<&str> = text.split('`').filter(is_file).collect();
    assert!(named.len() > 50, "only {} files are named", named.len());
    let gone: Vec<&&str> =
        named.iter().filter(|name| !root.join("src").join(name).exists() && !root.join(name).exists()).collect();
    assert!(gone.is_empty(), "ARCHITECTURE.md names files that are gone: {gone:?}");
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
    sources.extend(["cut.rs", "sieve.rs"].map(|name| root.join("src/intake/imap").join(name)));
    for path in sources.iter().filter(|path| !path.to_str().unwrap().contains("test")) {
        let code = code_only(&std::fs::read_to_string(path).unwrap());
        let lacking = |name: &&String| !fuzzed.contains(name) && names_crate(&code, name);
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
    let fault = "decide/customer/follow_up.rs: `decide` must not import `crate::store`";
    check("decide/customer/follow_up.rs", "//! x\nuse crate::store::Store;\n", &[fault]);
    check("decide/customer/follow_up.rs", "//! x\nuse crate::{model::id::MailId, store};\n", &[fault]);
    check("decide/customer/follow_up.rs", "//! x\nfn f() { crate::store::open() }\n", &[fault]);
    check("decide/customer/follow_up.rs", "//! x\nuse crate::model::plan::Plan;\nuse crate::decide::agent;\n", &[]);
    check("decide/customer/follow_up.rs", "//! See [`crate::store`].\n// crate::store is not for us\n", &[]);
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
    check("decide/ticket.rs", &format!("//! x\nfn f() {{ {change} }}\n"), &[]);
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
    let changes = ["changes.push(", "changes.extend(", "changes.append(", "changes.insert(", "changes: vec!"];
    if module == "decide" && name != TICKET_EDITOR && changes.iter().any(|change| code.contains(change)) {
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

/// The folder that a file stands in; of a folder's face the folder itself.
fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Files that import each other in a loop, sorted. What a folder's face (`mod.rs`) takes from inside it does not count: that is
/// what it is there for.
fn circles(sources: &[(String, String)]) -> Vec<Vec<String>> {
    let is_test = |name: &str| name.split('/').any(|part| part.trim_end_matches(".rs").ends_with("tests"));
    let modules: BTreeMap<Vec<String>, &str> = sources
        .iter()
        .filter(|(name, _)| !is_test(name) && !["lib.rs", "main.rs"].contains(&name.as_str()))
        .map(|(name, _)| (module_path(name), name.as_str()))
        .collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, text) in sources.iter().filter(|(name, _)| modules.values().any(|known| known == name)) {
        let own = module_path(name);
        let taken = edges.entry(name).or_default();
        for path in paths(&code_only(text), &own) {
            let file = (1..=path.len()).rev().find_map(|length| modules.get(path.get(..length)?));
            let is_inside = |file: &str| module_path(file).starts_with(&own);
            taken.extend(file.filter(|file| *file != name && !is_inside(file)));
        }
    }
    let all: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|file| (*file, reached(file, &edges))).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    for (file, there) in &all {
        let circle: Vec<String> = there
            .iter()
            .filter(|other| all.get(*other).is_some_and(|back| back.contains(file)))
            .map(|one| (*one).to_owned())
            .collect();
        if circle.len() > 1 && !found.contains(&circle) {
            found.push(circle);
        }
    }
    found
}

/// Every file that one takes something from, itself or through others.
fn reached<'a>(from: &'a str, edges: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeSet<&'a str> {
    let (mut seen, mut work) = (BTreeSet::new(), vec![from]);
    while let Some(file) = work.pop() {
        work.extend(edges.get(file).into_iter().flatten().filter(|next| seen.insert(**next)));
    }
    seen
}

/// `decide/agent/mod.rs` and `decide/agent.rs` are `decide::agent`.
fn module_path(name: &str) -> Vec<String> {
    let path = name.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').map(str::to_owned).collect()
}

/// Every path of ours in the code of the module `own`, from the root of the crate, groups opened.
fn paths(code: &str, own: &[String]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for root in ["crate::", "super::", "self::"] {
        for (start, _) in code.match_indices(root) {
            let before = code.get(..start).unwrap_or_default();
            // `pub(in crate::…)` names a module and takes nothing of it.
            if before.ends_with(is_word) || before.ends_with("::") || before.ends_with("(in ") {
                continue;
            }
            let mut rest = code.get(start + root.len()..).unwrap_or_default();
            let mut base = if root == "crate::" { Vec::new() } else { own.to_vec() };
            if root == "super::" {
                base.pop();
            }
            while let Some(further) = rest.strip_prefix("super::") {
                base.pop();
                rest = further;
            }
            open(rest, &base, &mut found);
        }
    }
    found
}

/// The paths that begin with `base` and go on as the code does.
fn open(code: &str, base: &[String], found: &mut Vec<Vec<String>>) {
    let Some(group) = code.strip_prefix('{') else {
        let word = first_word(code);
        let rest = code.get(word.len()..).unwrap_or_default();
        let path = [base, &[word]].concat();
        match rest.strip_prefix("::") {
            Some(rest) if rest.starts_with(|c| is_word(c) || c == '{') => open(rest, &path, found),
            _ => found.push(path),
        }
        return;
    };
    let (mut depth, mut start) = (0, 0);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                open(group.get(start..at).unwrap_or_default().trim(), base, found);
                start = at + 1;
            }
            _ => {}
        }
        if letter == '}' && depth == 0 && start > at {
            return;
        }
    }
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
