//! Rules of the config, each with the smallest config that shows it.

mod habits;
mod hostile;
mod mistakes;
mod servers;
mod signatures;
mod tables;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::model::id::{AgentId, DepartmentId, MailboxId};
use crate::model::policy::{After, Import, KeywordPlace};

/// A directory with what a config refers to.
struct Desk {
    directory: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { directory: tempfile::tempdir().unwrap() };
        desk.file("pw", "hunter2\n", 0o600);
        desk
    }

    fn file(&self, name: &str, content: &str, mode: u32) {
        let path = self.directory.path().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn check(&self, text: &str) -> Result<Loaded, Vec<Finding>> {
        let surroundings = Surroundings {
            base: self.directory.path().to_owned(),
            credentials: Some(self.directory.path().join("credentials")),
            secrets: Secrets::Read,
        };
        check(text, Path::new("postroom.toml"), &surroundings)
    }

    /// The findings of `text`, rendered, the temporary directory shown as `DIR`.
    fn findings(&self, text: &str) -> String {
        let findings = match self.check(text) {
            Ok(loaded) => loaded.warnings,
            Err(findings) => findings,
        };
        let text: Vec<String> = findings.iter().map(Finding::to_string).collect();
        text.join("\n\n").replace(&self.directory.path().display().to_string(), "DIR")
    }
}

const DESK_TABLE: &str = "[desk]\nname = \"Shop\"\ndomain = \"shop.example\"\n";
const SMTP_TABLE: &str = "[smtp]\ndirectory = \"out\"\n";
const MAILBOX: &str =
    "[[mailbox]]\nid = \"info\"\naddress = \"info@shop.example\"\nmaildir = \"m\"\ndepartment = \"support\"\n";
const AGENT: &str = "[[agent]]\nid = \"anna\"\nname = \"Anna\"\naddresses = [\"anna@home.example\"]\n";
const DEPARTMENT: &str = "[[department]]\nid = \"support\"\nname = \"Support\"\naddresses = [\"support@shop.example\"]\nagents = [\"anna\"]\n";

/// A small config; `extra` is a place and what is put there: the line below the header of that table, or a new table.
fn small() -> String {
    [DESK_TABLE, SMTP_TABLE, MAILBOX, AGENT, DEPARTMENT].concat()
}

/// `small`, with `line` put below the header `table`.
fn with(table: &str, line: &str) -> String {
    small().replacen(&format!("{table}\n"), &format!("{table}\n{line}\n"), 1)
}

fn policy(text: &str) -> Policy {
    match Desk::new().check(text) {
        Ok(loaded) => loaded.policy,
        Err(findings) => panic!("{}", findings.iter().map(|f| f.to_string() + "\n").collect::<String>()),
    }
}

/// The messages of the findings in `text`.
#[track_caller]
fn check_messages(text: &str, expected: &[&str]) {
    let desk = Desk::new();
    let findings = desk.check(text).map_or_else(|findings| findings, |loaded| loaded.warnings);
    let directory = desk.directory.path().display().to_string();
    let messages: Vec<String> = findings.iter().map(|finding| finding.message.replace(&directory, "DIR")).collect();
    assert_eq!(messages, expected, "\n{}", desk.findings(text));
}

#[test]
fn a_small_config_gets_its_defaults() {
    let policy = policy(&small());
    let mailbox = policy.mailbox(&MailboxId::new("info")).unwrap();
    assert_eq!((mailbox.folders.as_slice(), mailbox.sent_folder.as_ref()), (["INBOX".to_owned()].as_slice(), None));
    assert_eq!((mailbox.import, &mailbox.after, mailbox.subaddress.as_str()), (Import::New, &After::Keep, "+"));
    assert_eq!((mailbox.idle, mailbox.poll.as_secs(), mailbox.max_message), (true, 60, 50_000_000));
    assert_eq!((policy.limits.per_address_per_day, policy.limits.per_mailbox_per_hour), (3, 500));
    let department = policy.department(&DepartmentId::new("support")).unwrap();
    assert_eq!((department.keyword_threshold, department.acknowledge, department.signature.as_str()), (1, true, ""));
    assert_eq!((department.from.name.as_str(), department.from.address.as_str()), ("Shop", "support@shop.example"));
    assert_eq!(policy.agent(&AgentId::new("anna")).unwrap().language, policy.desk.language);
    assert_eq!(policy.desk.timezone.iana_name(), Some("UTC"));
    assert_eq!(policy.desk.secret_file, Path::new("/var/lib/postroom/secret"));
}

#[test]
fn the_example_loads_without_a_warning() {
    let desk = Desk::new();
    desk.file("smtp.password", "x", 0o600);
    desk.file("info.password", "x", 0o600);
    let loaded = desk.check(EXAMPLE).unwrap_or_else(|_| panic!("{}", desk.findings(EXAMPLE)));
    assert_eq!(loaded.warnings, []);
    assert_eq!(loaded.policy.departments.len(), 3);
    assert!(loaded.policy.departments[0].signature.ends_with("+48 22 000 00 00"));
}

const EXAMPLE: &str = include_str!("../../../config.example.toml");

#[test]
fn the_example_names_every_key_that_the_reader_knows() {
    let lists = [
        &ROOT,
        &desk::DESK,
        &desk::SMTP,
        &desk::LIMITS,
        &mailbox::MAILBOX,
        &mailbox::IMAP,
        &mailbox::MIRROR,
        &oauth::OAUTH,
        &department::AGENT,
        &super::tables::habits::QUIET_HOURS,
        &department::DEPARTMENT,
        &super::tables::keyword::KEYWORD,
    ];
    for keys in lists {
        for key in keys.keys {
            let named = EXAMPLE.lines().any(|line| {
                let line = line.trim_start_matches(['#', ' ']);
                let header = line.trim_start_matches('[');
                let starts =
                    |text: &str| text.strip_prefix(key).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
                starts(header) || line.contains(&format!(" {key} = ")) || header.ends_with(&format!(".{key}]"))
            });
            assert!(named, "`{key}` of {} is missing in config.example.toml", keys.table);
        }
    }
}

#[test]
fn every_fault_is_named_at_once_with_its_place_and_a_hint() {
    let desk = Desk::new();
    desk.file("open.password", "hunter2", 0o644);
    desk.file("not-a-ca.pem", "hello", 0o644);
    let text = include_str!("../testdata/twelve-faults.toml");
    insta::assert_snapshot!(desk.findings(text));
}

#[test]
fn every_syntax_fault_is_named_at_once() {
    insta::assert_snapshot!(Desk::new().findings("[desk\nname = \"a\n\n[smtp]\nport = 5x\nhost = \n"));
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault_of_the_file() {
    let faults = load(Path::new("/nowhere/postroom.toml"), Secrets::Read).unwrap_err();
    assert_eq!(
        faults[0].to_string().lines().collect::<Vec<_>>(),
        [
            "error: cannot read `/nowhere/postroom.toml`: no such file",
            "  --> /nowhere/postroom.toml",
            "   hint: name the config with `-c FILE` or in `$POSTROOM_CONFIG`",
        ]
    );
}

#[test]
fn an_empty_config_says_what_is_needed() {
    check_messages(
        "",
        &[
            "there is no `[desk]`",
            "there is no `[smtp]`: mail cannot leave",
            "there is no `[[mailbox]]`: nothing to watch",
            "there is no `[[department]]`",
        ],
    );
}

#[test]
fn no_snippet_shows_a_password_written_into_the_config() {
    let text = with("[smtp]", "password = \"hunter2\"");
    let shown = Desk::new().findings(&text);
    assert!(shown.contains("password = *********"), "{shown}");
    assert!(!shown.contains("hunter2"), "{shown}");
    for key in ["pasword", "Passwd", "smtp_pwd", "secret"] {
        let shown = Desk::new().findings(&with("[smtp]", &format!("{key} = \"hunter2\"")));
        assert!(shown.contains("unknown key") && !shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn a_wrong_type_says_what_was_found_and_what_to_write() {
    check_messages(&with("[limits]", ""), &[]);
    for (table, line, message) in [
        ("[[mailbox]]", "idle = \"true\"", "`idle` must be `true` or `false`, not text"),
        ("[[mailbox]]", "poll = 60", "`poll` must be text in quotes, not a number"),
        ("[[mailbox]]", "folders = \"INBOX\"", "`folders` must be a list in brackets, not text"),
        ("[[department]]", "keywords = [1]", "`keywords` must be text or `{ match = \"…\" }`, not a number"),
        ("[[department]]", "keyword_threshold = 0", "`keyword_threshold` is out of range"),
        ("[[department]]", "keyword_threshold = 99999999999999999999", "`keyword_threshold` is out of range"),
    ] {
        check_messages(&with(table, line), &[message]);
    }
    check_messages(
        &format!("desk = 1\n{SMTP_TABLE}{MAILBOX}{AGENT}{DEPARTMENT}"),
        &["`desk` must be a table, not a number"],
    );
    let one = small().replace("[[agent]]", "[agent]");
    check_messages(&one, &["`agent` must be a list of tables, not one table"]);
}

#[test]
fn values_out_of_range_or_of_no_meaning_are_faults() {
    for (table, line, message) in [
        ("[desk]", "timezone = \"Europe/Warsow\"", "unknown time zone `Europe/Warsow`"),
        ("[desk]", "language = \"xx\"", "unknown language `xx`"),
        ("[[mailbox]]", "poll = \"60\"", "`60` has no unit"),
        ("[[mailbox]]", "poll = \"3d\"", "`3d` is out of range"),
        ("[[mailbox]]", "max_message = \"50\"", "`50` has no unit"),
        ("[[mailbox]]", "import = \"since:2026-02-30\"", "`2026-02-30` is no date"),
        ("[[mailbox]]", "import = \"old\"", "unknown `import` `old`"),
        ("[[mailbox]]", "after = \"delete\"", "unknown `after` `delete`"),
        ("[[mailbox]]", "after = \"move:inbox\"", "`after` moves mail to `inbox`, which is one of `folders`"),
        (
            "[[mailbox]]",
            "after = \"move:Sent\"\nsent_folder = \"Sent\"",
            "`after` moves mail to `Sent`, which is the `sent_folder`",
        ),
        ("[[mailbox]]", "folders = [\"A\"]\nsent_folder = \"A\"", "`A` is both `sent_folder` and one of `folders`"),
        (
            "[[mailbox]]",
            "folders = [\"A\"]\nsent_folder = \"Inbox\"",
            "`sent_folder` is the folder where everybody's mail arrives",
        ),
        ("[[mailbox]]", "mirror = {}", "`[mailbox.mirror]` needs `imap`"),
        ("[[mailbox]]", "folders = []", "`folders` is empty"),
        ("[[mailbox]]", "subaddress = \"@\"", "`@` cannot separate a plus part"),
        ("[[department]]", "from = \"Shop\"", "`Shop` is no sender"),
        ("[[department]]", "keywords = [\"!!!\"]", "the keyword `!!!` has no letter and no digit"),
        ("[[department]]", "keywords = [\"*\"]", "the keyword `*` has no letter and no digit"),
        ("[[department]]", "keywords = [\"a*b\"]", "`*` inside the keyword `a*b`"),
        ("[[department]]", "keywords = [\"zwrot *\"]", "`*` in `zwrot *` follows no letter"),
        ("[[department]]", "keywords = [{ match = \"a\", weight = 0 }]", "`weight` is out of range"),
        ("[[department]]", "keywords = [{ match = \"a\", in = \"body\" }]", "unknown `in` `body`"),
        ("[[department]]", "keywords = [{ weight = 2 }]", "a keyword has no `match`"),
    ] {
        check_messages(&with(table, line), &[message]);
    }
    let bad_id = small().replace("id = \"anna\"", "id = \"Anna.N\"").replace("[\"anna\"]", "[\"Anna.N\"]");
    check_messages(&bad_id, &["`Anna.N` cannot be an id"]);
}

#[test]
fn a_mirror_has_folders_of_its_own() {
    let imap = "imap = { host = \"127.0.0.1\", security = \"none\", username = \"u\", password_file = \"pw\" }";
    let with = |lines: &str| small().replace("maildir = \"m\"", &format!("{imap}\n{lines}"));
    assert_eq!(policy(&with("mirror = {}")).mailboxes[0].mirror.as_ref().unwrap().root, "Helpdesk");
    let check = |lines: &str, message: &str| check_messages(&with(lines), &[message]);
    let holds = "`root` `Help` of `[mailbox.mirror]` holds a folder that is watched";
    check("folders = [\"Help/A\"]\nmirror = { root = \"Help\" }", holds);
    check("folders = [\"INBOX\", \"Help\"]\nmirror = { root = \"Help\" }", holds);
    check("mirror = { root = \"inbox\" }", "`root` `inbox` of `[mailbox.mirror]` holds a folder that is watched");
    check("after = \"move:Done\"\nmirror = {}", "`after` moves mail that `[mailbox.mirror]` files");
}

#[test]
fn durations_sizes_dates_and_choices_are_read() {
    let text = small() + "[limits]\nper_address_per_day = 0\n";
    let text = text.replacen("[[mailbox]]\n", "[[mailbox]]\nimport = \"since:2026-11-01\"\nafter = \"move:Done/2026\"\npoll = \"5m\"\nmax_message = \"1MiB\"\nsubaddress = \"\"\nidle = false\n", 1);
    let text = text.replacen("[desk]\n", "[desk]\ntimezone = \"Europe/Warsaw\"\n", 1);
    let policy = policy(&text);
    let mailbox = &policy.mailboxes[0];
    assert_eq!(mailbox.import, Import::Since("2026-10-31T23:00:00Z".parse().unwrap()));
    assert_eq!(mailbox.after, After::Move("Done/2026".into()));
    assert_eq!((mailbox.poll.as_secs(), mailbox.max_message), (300, 1 << 20));
    assert_eq!((mailbox.subaddress.as_str(), mailbox.idle), ("", false));
    assert_eq!((policy.limits.per_address_per_day, policy.limits.tickets_per_address_per_hour), (0, 20));
}

#[test]
fn keywords_are_folded_and_keep_what_was_written() {
    let line = "keywords = [\"Wysyłk*\", \"  WRONG \t size \", { match = \"ё2\", weight = 3, in = \"subject\" }]";
    let policy = policy(&with("[[department]]", line));
    let keywords: Vec<_> = policy.departments[0]
        .keywords
        .iter()
        .map(|keyword| (keyword.folded.as_str(), keyword.prefix, keyword.weight, keyword.place))
        .collect();
    assert_eq!(
        keywords,
        [
            ("wysylk", true, 1, KeywordPlace::Anywhere),
            ("wrong size", false, 1, KeywordPlace::Anywhere),
            ("е2", false, 3, KeywordPlace::Subject),
        ]
    );
    assert_eq!(policy.departments[0].keywords[0].text, "Wysyłk*");
}

#[test]
fn columns_count_characters_and_long_lines_are_cut() {
    let text = small().replacen("name = \"Shop\"", "\"zażółć\" = 1\nname = \"Shop\"", 1);
    let faults = Desk::new().check(&text).unwrap_err();
    assert_eq!((faults[0].line, faults[0].column, faults[0].underline), (2, 1, (0, 8)));
    let long = small().replacen(
        "name = \"Shop\"",
        &format!("name = \"Shop\"{}\t# \nlanguage = \"{}\"", " ".repeat(500), "ż".repeat(500)),
        1,
    );
    let faults = Desk::new().check(&long).unwrap_err();
    assert!(faults[0].source_line.chars().count() <= 160);
}

#[test]
fn the_flag_names_the_config_before_the_default() {
    assert_eq!(config_path(Some(Path::new("x.toml"))), Path::new("x.toml"));
}
