//! Rules of the config, each with the smallest config that shows it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use secrecy::ExposeSecret as _;

use super::*;
use crate::model::id::{AgentId, DepartmentId, MailboxId};
use crate::model::policy::{After, Import, KeywordPlace, Secret, Security, Smtp, Source as MailSource};

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

const EXAMPLE: &str = include_str!("../../config.example.toml");

#[test]
fn the_example_names_every_key_that_the_reader_knows() {
    let lists = [
        &ROOT,
        &desk::DESK,
        &desk::SMTP,
        &desk::LIMITS,
        &mailbox::MAILBOX,
        &mailbox::IMAP,
        &mailbox::OAUTH,
        &department::AGENT,
        &department::DEPARTMENT,
        &department::KEYWORD,
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
    let text = include_str!("testdata/twelve-faults.toml");
    insta::assert_snapshot!(desk.findings(text));
}

#[test]
fn every_syntax_fault_is_named_at_once() {
    insta::assert_snapshot!(Desk::new().findings("[desk\nname = \"a\n\n[smtp]\nport = 5x\nhost = \n"));
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault_of_the_file() {
    let faults = load(Path::new("/nowhere/postroom.toml")).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "error: cannot read `/nowhere/postroom.toml`: no such file\n  --> /nowhere/postroom.toml\n  \
         hint: name the config with `-c FILE` or in `$POSTROOM_CONFIG`"
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
    check_messages(&one, &["`agent` must be a list of tables, not one table", "unknown agent `anna`"]);
}

#[test]
fn values_out_of_range_or_of_no_meaning_are_faults() {
    for (table, line, message) in [
        ("[desk]", "timezone = \"Europe/Warsow\"", "unknown time zone `Europe/Warsow`"),
        ("[desk]", "language = \"de\"", "unknown language `de`"),
        ("[[mailbox]]", "poll = \"60\"", "`60` is no duration"),
        ("[[mailbox]]", "poll = \"3d\"", "`3d` is out of range"),
        ("[[mailbox]]", "max_message = \"50\"", "`50` is no size"),
        ("[[mailbox]]", "import = \"since:2026-02-30\"", "`2026-02-30` is no date"),
        ("[[mailbox]]", "import = \"old\"", "unknown `import` `old`"),
        ("[[mailbox]]", "after = \"delete\"", "unknown `after` `delete`"),
        ("[[mailbox]]", "after = \"move:inbox\"", "`after` moves mail to `inbox`, which is one of `folders`"),
        ("[[mailbox]]", "sent_folder = \"INBOX\"", "`INBOX` is both `sent_folder` and one of `folders`"),
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
    assert_eq!(policy.limits.per_address_per_day, 0);
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

fn imap(rest: &str) -> String {
    small().replace("maildir = \"m\"", &format!("imap = {{ host = \"imap.shop.example\", username = \"info\"{rest} }}"))
}

#[test]
fn an_imap_account_gets_port_and_password() {
    for (rest, port, security) in [
        (", password_file = \"pw\"", 993, Security::Tls),
        (", password_file = \"pw\", security = \"starttls\"", 143, Security::StartTls),
        (", password_file = \"pw\", port = 10143", 10143, Security::Tls),
    ] {
        let policy = policy(&imap(rest));
        let MailSource::Imap(account) = &policy.mailboxes[0].source else { panic!("no imap") };
        assert_eq!((account.endpoint.port, account.endpoint.security), (port, security));
        let Secret::Password(password) = &account.login.secret else { panic!("no password") };
        assert_eq!(password.expose_secret(), "hunter2");
    }
}

#[test]
fn a_password_comes_from_exactly_one_place() {
    for (rest, message) in [
        ("", "a `username`, but no password for it"),
        (
            ", password_file = \"pw\", password_command = \"x\"",
            "`password_file`, `password_command` exclude each other",
        ),
        (", password_file = \"gone\"", "cannot read `DIR/gone`: no such file"),
        (", password_command = []", "`password_command` names no program"),
        (", password_credential = \"imap\"", "cannot read `DIR/credentials/imap`: no such file"),
        (", password_credential = \"../x\"", "`../x` is no name of a credential"),
        (", oauth = \"m365\"", "unknown OAuth2 account `m365`"),
    ] {
        check_messages(&imap(rest), &[message]);
    }
    let policy = policy(&imap(", password_command = \"pass show mail\""));
    let MailSource::Imap(account) = &policy.mailboxes[0].source else { panic!("no imap") };
    assert!(matches!(&account.login.secret, Secret::Command(words) if words == &["sh", "-c", "pass show mail"]));
}

#[test]
fn secrets_that_others_can_read_are_refused() {
    let desk = Desk::new();
    desk.file("empty", "\n", 0o600);
    desk.file("open", "x", 0o604);
    desk.file("group", "x", 0o640);
    for (file, expected) in [
        ("empty", "error: `DIR/empty` is empty"),
        ("open", "error: `DIR/open` can be read by everybody"),
        ("group", "warning: `DIR/group` can be read by its group"),
    ] {
        let shown = desk.findings(&imap(&format!(", password_file = \"{file}\"")));
        assert!(shown.starts_with(expected), "{shown}");
        assert!(!shown.contains("\n\n"), "one finding: {shown}");
    }
    let shown = desk.findings(&with("[desk]", "secret_file = \"open\""));
    assert!(shown.starts_with("error: `DIR/open` can be read by everybody"), "{shown}");
}

#[test]
fn oauth_accounts_are_checked_but_not_used_yet() {
    let oauth = "[[oauth]]\nid = \"m365\"\ngrant = \"command\"\ncommand = [\"/bin/token\"]\n";
    check_messages(&(small() + oauth), &[]);
    check_messages(&(imap(", oauth = \"m365\"") + oauth), &["OAuth2 accounts are not supported by this version"]);
    check_messages(
        &(small() + oauth + "[[oauth]]\nid = \"m365\"\ngrant = \"refresh_token\"\n"),
        &[
            "`[[oauth]]` has no `token_url`",
            "`[[oauth]]` has no `client_id`",
            "`[[oauth]]` has no `refresh_token_file`",
            "two OAuth2 accounts have the id `m365`",
        ],
    );
}

#[test]
fn only_loopback_servers_may_go_without_tls() {
    let smtp = |host: &str| small().replace("directory = \"out\"", &format!("host = \"{host}\"\nsecurity = \"none\""));
    for host in ["localhost", "127.0.0.1", "127.8.8.8", "::1"] {
        let Smtp::Server(server) = policy(&smtp(host)).smtp else { panic!("no server") };
        assert_eq!((server.endpoint.port, server.login.is_none()), (25, true));
    }
    for host in ["mail.shop.example", "10.0.0.1", "127.0.0.1.evil.example"] {
        check_messages(&smtp(host), &[&format!("`security = \"none\"` would send passwords to `{host}` in the clear")]);
    }
}

#[test]
fn hosts_are_names_and_ports_fit_their_security() {
    let smtp = |rest: &str| small().replace("directory = \"out\"", rest);
    for (rest, message) in [
        ("host = \"smtps://mail.example\"", "`smtps://mail.example` is no host name"),
        ("host = \"mail.example:587\"", "`mail.example:587` is no host name"),
        ("host = \"mail.example\"\nport = 0", "`port` is out of range"),
        (
            "host = \"mail.example\"\nport = 465\nsecurity = \"starttls\"",
            "port 465 expects TLS from the first byte almost everywhere",
        ),
        ("host = \"mail.example\"\ndirectory = \"out\"", "`host` and `directory` exclude each other"),
        ("host = \"mail.example\"\npassword_file = \"pw\"", "`password_file`, but no `username` for it"),
        ("directory = \"out\"\nport = 25", "`port` does nothing beside `directory`"),
        ("port = 25", "`[smtp]` has no `host`"),
    ] {
        check_messages(&smtp(rest), &[message]);
    }
}

#[test]
fn agents_addresses_are_nobody_elses() {
    let agent = |address: &str| small().replace("anna@home.example", address);
    let end = ": mail would go round in circles";
    for (address, owner) in [
        ("INFO@shop.example", "the address of the mailbox `info`"),
        ("info+anna@shop.example", "the address of the mailbox `info`"),
        ("support@shop.example", "an address of the department `support`"),
    ] {
        check_messages(&agent(address), &[&format!("the agent's address `{address}` is also {owner}{end}")]);
    }
    let wild =
        agent("anna@shop.example").replace("\"support@shop.example\"", "\"support@shop.example\", \"a*@shop.example\"");
    let owner = "matched by `a*@shop.example` of the department `support`";
    check_messages(&wild, &[&format!("the agent's address `anna@shop.example` is also {owner}{end}")]);
    let two = small().replace("[[department]]", &format!("{}[[department]]", AGENT.replace("\"anna\"", "\"jan\"")));
    check_messages(&two, &["agent `jan` works in no department", "two agents have the address `anna@home.example`"]);
}

#[test]
fn duplicates_and_overlaps_are_named() {
    check_messages(
        &(small() + MAILBOX),
        &["two mailboxes have the id `info`", "two mailboxes have the address `info@shop.example`"],
    );
    let second = DEPARTMENT.replace("\"support\"", "\"sales\"");
    check_messages(&(small() + &second), &["two departments have the address `support@shop.example`"]);
    let keywords = with("[[department]]", "keywords = [\"Wysyłka\", \"wysylka\"]")
        + &second.replace("support@", "sales@")
        + "keywords = [\"wysyłka\", \"wysyłka*\"]\n";
    check_messages(&keywords, &["the keyword `wysylka` counts twice", "two departments have the keyword `wysyłka`"]);
}

#[test]
fn what_looks_forgotten_is_a_warning() {
    let idle = small() + "[[department]]\nid = \"sales\"\nname = \"Sales\"\nfrom = \"sales@shop.example\"\n";
    check_messages(
        &idle,
        &[
            "department `sales` has no agents: nobody is told of its mail",
            "nothing routes mail to the department `sales`",
        ],
    );
    check_messages(
        &small().replace("[\"support@shop.example\"]", "[\"support@shop.example\", \"info+s@shop.example\"]"),
        &["`info+s@shop.example` never matches: plus parts are ignored, so it is read as `info@shop.example`"],
    );
    check_messages(
        &small().replace("address = \"info@", "address = \"info+x@"),
        &["the address `info+x@shop.example` itself holds the `subaddress` `+`"],
    );
}

#[test]
fn texts_replace_built_in_ones_in_languages_that_we_have() {
    let loaded = policy(&(small() + "[texts.pl]\nhello = \"Dzień dobry\\r\\n\"\n"));
    assert_eq!(loaded.texts, [(crate::model::Language::Pl, "hello".to_owned(), "Dzień dobry\n".to_owned())]);
    check_messages(&(small() + "[texts.de]\nhello = \"Hallo\"\n"), &["unknown language `de` in `[texts]`"]);
}

#[test]
fn columns_count_characters_and_long_lines_are_cut() {
    let text = small().replacen("name = \"Shop\"", "zażółć = 1\nname = \"Shop\"", 1);
    let faults = Desk::new().check(&text).unwrap_err();
    assert_eq!((faults[0].line, faults[0].column, faults[0].underline), (2, 1, (0, 6)));
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
