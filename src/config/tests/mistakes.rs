//! What people type wrong, and what they are told.

use super::*;

/// The small config with `line` in the place of the one that holds `of`.
fn instead(of: &str, line: &str) -> String {
    small().lines().flat_map(|one| [if one.contains(of) { line } else { one }, "\n"]).collect()
}

/// What is told about `text`: each message with its hint.
#[track_caller]
fn check_told(what: &str, text: &str, expected: &[(&str, &str)]) {
    let findings = Desk::new().check(text).map_or_else(|findings| findings, |loaded| loaded.warnings);
    let told: Vec<(&str, &str)> =
        findings.iter().map(|finding| (finding.message.as_str(), finding.hint.as_str())).collect();
    assert_eq!(told, expected, "{what}");
}

#[test]
fn mistakes_in_toml_are_told_once_with_what_to_write() {
    let check = |of: &str, line: &str, message: &str, hint: &str| {
        check_told(line, &instead(of, line), &[(message, hint)]);
    };
    let curly = "`“` is no quotation mark in TOML";
    check("name = \"Shop\"", "name = “Shop”", curly, "write straight ones: `name = \"Shop\"`");
    let unquoted = "`Shop Ltd` is neither a number nor text in quotes";
    check("name = \"Shop\"", "name = Shop Ltd", unquoted, "write `name = \"Shop Ltd\"`");
    let closing = "the text of `domain` lacks its closing quote";
    check("domain", "domain = \"shop.example", closing, "write `domain = \"shop.example\"`");
    let opening = "the text of `domain` lacks its opening quote";
    check("domain", "domain = shop.example\"", opening, "write `domain = \"shop.example\"`");
    check("domain", "domain =", "`domain` has no value", "write `domain = \"…\"`, or drop the line");
    check("domain", "domain: shop.example", "`domain` has no `=` and no value", "write `domain = \"shop.example\"`");
    check("domain", "domain: \"shop.example\"", "`domain` has no `=`", "write `domain = \"shop.example\"`");
    check("domain", "domain shop.example", "`domain` has no `=` and no value", "write `domain = \"shop.example\"`");
    check("maildir", "poll: 60", "`poll` has no `=` and no value", "write `poll = 60`");
    check("maildir", "idle = True", "`True` is no value of TOML", "write `idle = true`");
    check("maildir", "folders = test", "`test` is neither a number nor text in quotes", "write `folders = \"test\"`");
    check("maildir", "idle = no", "`no` is no value of TOML", "write `idle = false`");
    let twice = "domain = \"shop.example\"\ndomain = \"other.example\"";
    check("domain", twice, "`domain` is there twice in its table", "keep one of them");
    check("[desk]", "[desk", "the header `[desk` is not closed", "write `[desk]`");
    check("[[agent]]", "[[agent]", "the header `[[agent]` is not closed", "write `[[agent]]`");
    let inline = "imap = { host = \"imap.shop.example\", username = \"x\"";
    check("maildir", inline, "the `{` of `imap` is never closed", "end it with `}`");
}

#[test]
fn a_bracket_that_is_not_closed_is_one_mistake() {
    let keywords = "keywords = [\n    \"zwrot*\", \"refund\",\n    { match = \"reklamacj*\", weight = 3 },\n";
    let text = small().replace("agents = [\"anna\"]\n", &format!("{keywords}agents = [\"anna\"]\n"));
    let text = text + "from = \"Shop <support@shop.example>\"\nacknowledge = true\n[limits]\nper_address_per_day = 3\n";
    check_told("keywords", &text, &[("the `[` of `keywords` is never closed", "end it with `]`")]);
    let text = instead("agents =", "agents = [\"anna\"");
    check_told("agents", &text, &[("the `[` of `agents` is never closed", "end it with `]`")]);
}

#[test]
fn one_bracket_among_two_is_one_mistake() {
    let second = MAILBOX.replace("info", "sales");
    let one = |text: &str| text.replace("[[mailbox]]", "[mailbox]");
    for text in [small() + &one(&second), one(&small()) + &second, one(&small()) + &one(&second), one(&small())] {
        let findings = Desk::new().check(&text).unwrap_err();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        assert!(findings[0].hint.contains("`[[mailbox]]` with two brackets"), "{findings:#?}");
    }
}

#[test]
fn several_mistakes_are_told_at_once_and_each_once() {
    let text = small()
        .replace("name = \"Shop\"", "name = “Shop”")
        .replace("id = \"info\"", "id = info")
        .replace("agents = [\"anna\"]", "agents = [\"anna\"");
    let findings = Desk::new().check(&text).unwrap_err();
    let lines: Vec<usize> = findings.iter().map(|finding| finding.line).collect();
    assert_eq!(lines, [2, 7, 19], "{findings:#?}");
    assert!(findings.iter().all(|finding| !finding.hint.is_empty()), "{findings:#?}");
}

#[test]
fn hostile_toml_ends_soon() {
    let texts = [
        "[".repeat(20_000),
        "a = [\n".repeat(500),
        "[[x\n".repeat(500),
        "a = \"\"\"".to_owned() + &"x\n".repeat(9_000),
    ];
    for text in texts {
        let findings = Desk::new().check(&text).unwrap_err();
        assert!(!findings.is_empty() && findings.len() <= 20, "{}", findings.len());
    }
}

#[test]
fn numbers_without_a_unit_are_told_the_unit() {
    let hint = |text: &str| Desk::new().check(text).unwrap_err().remove(0).hint;
    let poll = "write a number and its unit in quotes: `poll = \"60s\"`";
    assert_eq!(hint(&with("[[mailbox]]", "poll = 60")), poll);
    assert_eq!(hint(&with("[[mailbox]]", "poll = \"60\"")), "write `\"60s\"` for seconds; also `m`, `h`, `d`");
    let size = "write a number and its unit in quotes: `max_message = \"50MB\"`";
    assert_eq!(hint(&with("[[mailbox]]", "max_message = 50")), size);
    assert_eq!(hint(&with("[[mailbox]]", "max_message = \"50\"")), "write `\"50MB\"`; also `KB`, `MiB`");
    let server = |lines: &str| instead("directory", lines);
    assert_eq!(hint(&server("host = \"mail.shop.example\"\nport = \"587\"")), "write `587` without quotes");
    let port = "leave out the port; it has its own key: `port = 587`";
    assert_eq!(hint(&server("host = \"mail.shop.example:587\"")), port);
}

#[test]
fn what_is_hardly_meant_is_a_warning() {
    let agents = "agents = [\"anna\"]";
    let keywords = |list: &str| instead("agents =", &format!("{agents}\nkeywords = [{list}]"));
    let unread = "`no-reply@shop.example` is watched by nothing: what customers answer to this `from` is lost";
    check_messages(&instead("agents =", &format!("{agents}\nfrom = \"no-reply@shop.example\"")), &[unread]);
    let imap = "imap = { host = \"imap.shop.example\", username = \"u\", password_file = \"pw\" }";
    let second = MAILBOX.replace("info", "sales").replace("maildir = \"m\"", imap);
    let twice = instead("maildir", imap) + &second;
    check_messages(&twice, &["the mailboxes `info` and `sales` watch the same account"]);
    let owned =
        keywords("\"refund\"").replace("\"support@shop.example\"", "\"support@shop.example\", \"info@shop.example\"");
    let never = "the keywords of `support` can never decide: the address of every mailbox belongs to a department";
    check_messages(&owned, &[never]);
    let pattern = "the keyword `refund|return` looks like a regular expression, and is looked for as it stands";
    check_messages(&keywords("\"refund|return\""), &[pattern]);
    check_messages(&keywords("\"zwrot.*\""), &["the keyword `zwrot.*` is no regular expression"]);
    let mixed = "the keyword `вoзврат` mixes Latin and Cyrillic letters: customers' words do not";
    check_messages(&keywords("\"вoзврат\""), &[mixed]);
    let variable = "`${SHOP_NAME}` stays as it is: variables of the environment are not filled in";
    check_messages(&instead("name = \"Shop\"", "name = \"${SHOP_NAME}\""), &[variable]);
    let star = "`*` in the agent's address `*@home.example` stands for itself";
    check_messages(&instead("anna@home", "addresses = [\"*@home.example\"]"), &[star]);
}

#[test]
fn what_is_meant_is_no_warning() {
    let keywords = "keywords = [\"c++\", \"what is it?\", \"5 $\", \"wi-fi\", \"цена usd\"]";
    check_messages(&instead("agents =", &format!("agents = [\"anna\"]\n{keywords}")), &[]);
    let plus = small().replace("agents = [", "from = \"Shop <info+x@shop.example>\"\nagents = [");
    check_messages(&plus, &[]);
    let folders = small().replace("maildir = \"m\"", "maildir = \"m\"\nfolders = [\"A\"]")
        + &MAILBOX.replace("info", "sales").replace("maildir = \"m\"", "maildir = \"m\"\nfolders = [\"B\"]");
    check_messages(&folders, &[]);
}

#[test]
fn only_those_who_log_in_need_the_passwords() {
    let desk = Desk::new();
    let text = instead("directory", "host = \"mail.shop.example\"\nusername = \"desk\"\npassword_file = \"gone\"");
    let with = |secrets: Secrets| {
        let surroundings = Surroundings { base: desk.directory.path().to_owned(), credentials: None, secrets };
        let found = check(&text, Path::new("postroom.toml"), &surroundings);
        found.map(|loaded| loaded.warnings.len()).map_err(|findings| findings.len())
    };
    assert_eq!(with(Secrets::Read), Err(1));
    assert_eq!(with(Secrets::LookAt), Ok(1));
    assert_eq!(with(Secrets::LeaveAlone), Ok(0));
    let credential = text.replace("password_file", "password_credential");
    let surroundings = Surroundings { base: PathBuf::new(), credentials: None, secrets: Secrets::LookAt };
    let warnings = check(&credential, Path::new("postroom.toml"), &surroundings).unwrap().warnings;
    assert!(warnings[0].message.starts_with("no systemd credential `gone`"), "{warnings:?}");
    let before_reload = Surroundings { secrets: Secrets::ReadFiles, ..surroundings };
    assert_eq!(check(&credential, Path::new("postroom.toml"), &before_reload).unwrap().warnings, warnings);
    assert_eq!(with(Secrets::ReadFiles), Err(1));
}

#[test]
fn mails_as_files_go_beside_the_database_and_stay_where_they_went() {
    let desk = Desk::new();
    let directory = |text: &str| match desk.check(text).unwrap().policy.smtp {
        crate::model::policy::Smtp::Directory(directory) => directory,
        crate::model::policy::Smtp::Server(_) => panic!("no directory"),
    };
    assert_eq!(directory(&small()), Path::new("/var/lib/postroom/out"));
    assert_eq!(directory(&with("[desk]", "database = \"state/x.db\"")), desk.directory.path().join("state/out"));
    fs::create_dir(desk.directory.path().join("out")).unwrap();
    assert_eq!(directory(&small()), desk.directory.path().join("out"));
}

#[test]
fn the_texts_of_the_example_are_texts() {
    let (_, texts) = EXAMPLE.split_once("# [texts.en]").unwrap();
    let texts: String =
        texts.lines().map(|line| line.trim_start_matches("# ").trim_start_matches('#').to_owned() + "\n").collect();
    let loaded = Desk::new().check(&(small() + "[texts.en]\n" + &texts)).unwrap();
    assert_eq!((loaded.policy.texts.len(), loaded.text_places.len()), (2, 2));
    assert_eq!(crate::compose::check_texts(&loaded.policy.texts), []);
}

#[test]
fn a_key_that_is_written_otherwise_is_told_how_it_is_written() {
    let told = |text: &str| {
        let findings = Desk::new().check(text).unwrap_err();
        findings.into_iter().map(|finding| (finding.message, finding.hint)).next().unwrap()
    };
    for (key, hint) in [
        ("secret-file", "write `secret_file`"),
        ("secretfile", "write `secret_file`"),
        ("SecretFile", "write `secret_file`"),
        ("secrets_file", "did you mean `secret_file`?"),
        ("data_base", "write `database`"),
    ] {
        let (message, found) = told(&with("[desk]", &format!("{key} = \"state/x\"")));
        assert_eq!((message, found), (format!("unknown key `{key}` in `[desk]`"), hint.to_owned()));
    }
    for (key, hint) in [
        ("passwordfile", "write `password_file`"),
        ("password-file", "write `password_file`"),
        ("pasword_file", "did you mean `password_file`?"),
        ("passwords", "keep secrets out of the config"),
        ("pass", "keep secrets out of the config"),
    ] {
        let server = format!("host = \"mail.shop.example\"\nusername = \"u\"\n{key} = \"hunter2\"");
        let findings = Desk::new().check(&instead("directory", &server)).unwrap_err();
        let found = findings.iter().find(|finding| finding.message.contains(&format!("`{key}`"))).unwrap();
        assert!(found.hint.starts_with(hint), "{key}: {found}");
    }
}

#[test]
fn one_table_where_a_list_of_them_belongs_is_told_first_and_alone() {
    for table in ["mailbox", "agent", "department"] {
        let text = small().replace(&format!("[[{table}]]"), &format!("[{table}]"));
        let message = format!("`{table}` must be a list of tables, not one table");
        check_told(table, &text, &[(&message, &format!("write `[[{table}]]` with two brackets"))]);
    }
}

#[test]
fn values_of_another_kind_are_told_as_they_are_written() {
    let check = |of: &str, line: &str, message: &str, hint: &str| {
        let findings = Desk::new().check(&instead(of, line)).unwrap_err();
        let told: Vec<(&str, &str)> = findings.iter().map(|one| (one.message.as_str(), one.hint.as_str())).collect();
        assert!(told.contains(&(message, hint)), "{line}: {told:#?}");
    };
    let flag = "`idle` must be `true` or `false`, not text";
    let maildir = |line: &str| format!("maildir = \"m\"\n{line}");
    check("maildir", &maildir("idle = \"yes\""), flag, "write `idle = true`, without quotes");
    check("maildir", &maildir("idle = \"False\""), flag, "write `idle = false`, without quotes");
    check("maildir", &maildir("idle = 1"), "`idle` must be `true` or `false`, not a number", "write `idle = true`");
    let list = "`addresses` must be a list in brackets, not text";
    check(
        "anna@home",
        "addresses = \"a@x.example, b@x.example\"",
        list,
        "write `addresses = [\"a@x.example\", \"b@x.example\"]`",
    );
    check(
        "name = \"Shop\"",
        "name = [\"Shop\"]",
        "`name` must be text in quotes, not a list",
        "write `name = \"Shop\"`, without brackets",
    );
    let keywords = |list: &str| format!("agents = [\"anna\"]\nkeywords = [{list}]");
    let ending = "`*` may stand at the end alone, for any ending: `refund*`";
    check("agents =", &keywords("\"*refund*\""), "`*` inside the keyword `*refund*`", ending);
    let typed = "this keyword holds a sign that nobody types (`\\b` in double quotes is a backspace)";
    let plain = "keywords match whole words by themselves: write `refund`";
    check("agents =", &keywords("\"\\brefund\\b\""), typed, plain);
    let text = small() + "[texts]\nacknowledgement_body = \"Hello\"\n";
    let below = "put it below `[texts.en]`, or below the header of the language that it is in";
    check_told("texts", &text, &[("the text `acknowledgement_body` stands below `[texts]`, in no language", below)]);
}
