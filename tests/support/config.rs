//! The config of a test's desk, as TOML text: one shop in `example.test` with two departments and three agents.

use std::path::Path;

/// Password of everybody on the test servers.
pub const PASSWORD: &str = "secret";

/// The shop's people. Anna works in both departments.
const PEOPLE: &str = r#"
[[agent]]
id = "anna"
name = "Anna Nowak"
addresses = ["anna@example.test"]
language = "pl"

[[agent]]
id = "jan"
name = "Jan Kowalski"
addresses = ["jan@example.test"]
language = "en"

[[agent]]
id = "olga"
name = "Olga Petrova"
addresses = ["olga@example.test"]
language = "ru"

[[department]]
id = "support"
addresses = ["support@example.test"]
name = "Support"
keywords = ["password", "login"]
agents = ["anna", "jan"]
from = "Example Support <info@example.test>"
signature = """
Support team, Example Shop
phone 22 000 00 01"""
acknowledge = true

[[department]]
id = "returns"
name = "Returns"
addresses = ["returns@example.test", "zwroty*@example.test"]
keywords = ["zwrot*", "refund", "возврат*", "maling sukat", { match = "reklamacj*", weight = 3, in = "subject" }]
agents = ["anna", "olga"]
from = "Example Returns <returns@example.test>"
signature = """
Returns team, Example Shop
phone 22 000 00 02"""
acknowledge = true
"#;

/// A config in the making. Fields are TOML text, so that a test can say anything.
#[derive(Clone, Debug)]
pub struct DeskConfig {
    /// More lines of `[desk]`.
    pub desk: String,
    /// `[smtp]` without its header line.
    pub smtp: String,
    /// `[limits]` without its header line.
    pub limits: String,
    /// Each `[[mailbox]]` without its header line.
    pub mailboxes: Vec<String>,
    /// Agents and departments.
    pub people: String,
    /// Files beside the config: name and content, mode 0600.
    pub files: Vec<(String, String)>,
}

impl DeskConfig {
    /// The shop, without the pause between two notifications, with mail leaving as files in the directory `out` beside the config.
    pub fn shop() -> Self {
        Self {
            desk: String::new(),
            smtp: "directory = \"out/\"".to_owned(),
            // One domain plays all customers.
            limits: "per_address_per_day = 3\nper_mailbox_per_hour = 500\nnotify_every = \"0s\"\n\
                     receipts_per_domain_per_hour = 100000\ntickets_per_domain_per_hour = 100000"
                .to_owned(),
            mailboxes: Vec::new(),
            people: PEOPLE.to_owned(),
            files: vec![
                ("password".to_owned(), format!("{PASSWORD}\n")),
                ("wrong.password".to_owned(), "not-it\n".to_owned()),
            ],
        }
    }

    /// Mail leaves through this plain SMTP server on loopback.
    pub fn plain_smtp(mut self, port: u16) -> Self {
        self.smtp = format!("host = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"");
        self
    }

    /// Mail leaves through a submission server with a login.
    pub fn submission(mut self, port: u16, security: &str, ca_file: &Path, password_file: &str) -> Self {
        self.smtp = format!(
            "host = \"localhost\"\nport = {port}\nsecurity = \"{security}\"\nusername = \"info@example.test\"\n\
             password_file = \"{password_file}\"\nca_file = \"{}\"",
            ca_file.display()
        );
        self
    }

    /// One more mailbox, a Maildir beside the config. `extra` is TOML.
    pub fn maildir(mut self, id: &str, department: &str, extra: &str) -> Self {
        self.mailboxes.push(format!(
            "id = \"{id}\"\naddress = \"{id}@example.test\"\nmaildir = \"{id}\"\ndepartment = \"{department}\"\n\
             poll = \"1s\"\n{}",
            with_import(extra)
        ));
        self
    }

    /// One more mailbox over IMAP; `security` is `tls`, `starttls` or `none`.
    pub fn imap(mut self, id: &str, department: &str, access: &ImapAccess<'_>, extra: &str) -> Self {
        let ImapAccess { port, security, ca_file, password_file } = access;
        self.mailboxes.push(format!(
            "id = \"{id}\"\naddress = \"{id}@example.test\"\ndepartment = \"{department}\"\n\
             imap = {{ host = \"localhost\", port = {port}, security = \"{security}\", username = \"{id}@example.test\", \
             password_file = \"{password_file}\", ca_file = \"{}\" }}\n{}",
            ca_file.display(),
            with_import(extra)
        ));
        self
    }

    /// The whole config as TOML.
    pub fn toml(&self) -> String {
        let Self { desk, smtp, limits, mailboxes, people, files: _ } = self;
        let mailboxes =
            mailboxes.iter().map(|mailbox| format!("[[mailbox]]\n{mailbox}\n")).collect::<Vec<_>>().join("\n");
        format!(
            "[desk]\nname = \"Example Shop\"\ndomain = \"example.test\"\nlanguage = \"en\"\n\
             timezone = \"Europe/Warsaw\"\ndatabase = \"postroom.db\"\nsecret_file = \"secret\"\n\
             {desk}\n\n\
             [smtp]\n{smtp}\n\n[limits]\n{limits}\n\n{mailboxes}\n{people}"
        )
    }
}

/// All mail is taken at first contact unless the test says otherwise: a mail may be there before the first login.
fn with_import(extra: &str) -> String {
    if extra.contains("import") { extra.to_owned() } else { format!("import = \"all\"\n{extra}") }
}

/// How a mailbox is reached.
#[derive(Clone, Copy, Debug)]
pub struct ImapAccess<'a> {
    /// Port on localhost.
    pub port: u16,
    /// `tls`, `starttls` or `none`.
    pub security: &'a str,
    /// Roots to trust.
    pub ca_file: &'a Path,
    /// `password` or `wrong.password`.
    pub password_file: &'a str,
}
