//! `[[mailbox]]`.

use std::ops::Range;
use std::time::Duration;

use toml::Spanned;

use super::desk::DeskDraft;
use super::endpoint::{self, Protocol};
use super::login;
use super::oauth::Accounts;
use super::secrets::Surroundings;
use crate::config::reader::{Keys, Section};

use crate::config::reader::values;
use crate::model::address::Address;
use crate::model::id::{DepartmentId, MailboxId};
use crate::model::policy::{After, ImapAccount, Import, Mailbox, Mirror, Source};

pub const MAILBOX: Keys = Keys {
    table: "`[[mailbox]]`",
    keys: &[
        "id",
        "address",
        "imap",
        "maildir",
        "folders",
        "sent_folder",
        "mirror",
        "department",
        "import",
        "after",
        "subaddress",
        "idle",
        "poll",
        "max_message",
    ],
};

pub const IMAP: Keys = Keys {
    table: "`imap`",
    keys: &[
        "host",
        "port",
        "security",
        "username",
        "password_file",
        "password_command",
        "password_credential",
        "oauth",
        "ca_file",
    ],
};

pub const MIRROR: Keys = Keys { table: "`[mailbox.mirror]`", keys: &["root"] };

/// Mailboxes of one desk.
const MAX_MAILBOXES: usize = 500;
/// Folders of one mailbox.
const MAX_FOLDERS: usize = 100;
const POLL: Duration = Duration::from_mins(1);
const POLL_RANGE: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_hours(24);
const MAX_MESSAGE: u64 = 50_000_000;
const MAX_MESSAGE_RANGE: std::ops::RangeInclusive<u64> = 1000..=1_000_000_000;

/// What is checked against other tables, even when something else in it is faulty.
pub struct MailboxDraft {
    pub id: Option<Spanned<MailboxId>>,
    pub address: Option<Spanned<Address>>,
    pub department: Option<Spanned<DepartmentId>>,
    pub subaddress: String,
    pub subaddress_place: Range<usize>,
    pub checked: Option<Mailbox>,
}

/// Reads every `[[mailbox]]`.
pub fn mailboxes(
    root: &Section<'_>,
    desk: &DeskDraft,
    accounts: &Accounts,
    surroundings: &Surroundings,
) -> Vec<MailboxDraft> {
    let sections = root.sections("mailbox", &MAILBOX, MAX_MAILBOXES);
    if !root.has("mailbox") {
        root.report().error(
            0..0,
            "there is no `[[mailbox]]`: nothing to watch",
            "add one for each shared mail account",
        );
    }
    sections.iter().map(|section| mailbox(section, desk, accounts, surroundings)).collect()
}

fn mailbox(section: &Section<'_>, desk: &DeskDraft, accounts: &Accounts, surroundings: &Surroundings) -> MailboxDraft {
    let (id, valid_id) = section.id("info", MailboxId::new);
    let address = section.required("address", "info@shop.example", values::address);
    let department = section.required("department", "support", |text| Ok(DepartmentId::new(text)));
    let source = source(section, accounts, surroundings);
    let folders = folders(section);
    let sent_folder = section.parsed("sent_folder", values::folder);
    let import = section.parsed_or("import", Import::New, |text| values::import(text, &desk.timezone));
    let after = section.parsed_or("after", After::Keep, values::after);
    let subaddress = section.parsed_or("subaddress", "+".to_owned(), values::subaddress);
    let idle = section.flag_or("idle", true);
    let poll = section.parsed_or("poll", POLL, |text| values::duration(text, POLL_RANGE));
    let max_message = section.parsed_or("max_message", MAX_MESSAGE, |text| values::size(text, MAX_MESSAGE_RANGE));
    let mirror = mirror(section, &folders, after.as_ref());
    check_folders(section, &folders, sent_folder.as_ref(), after.as_ref());
    let sent_faulty = section.has("sent_folder") && sent_folder.is_none();
    let checked = || {
        Some(Mailbox {
            id: valid_id?,
            address: address.as_ref()?.get_ref().clone(),
            source: source?,
            folders: folders.iter().map(|folder| one_inbox(folder.get_ref())).collect(),
            sent_folder: if sent_faulty { return None } else { sent_folder.map(Spanned::into_inner) },
            mirror: if section.has("mirror") { Some(mirror?) } else { None },
            department: department.as_ref()?.get_ref().clone(),
            import: import?,
            after: after?,
            subaddress: subaddress.clone()?,
            idle: idle?,
            poll: poll?,
            max_message: max_message?,
        })
    };
    let checked = checked();
    MailboxDraft {
        checked,
        id,
        address,
        department,
        subaddress: subaddress.unwrap_or_default(),
        subaddress_place: section.place("subaddress"),
    }
}

/// `[mailbox.mirror]`; `None` when it is not there or faulty.
fn mirror(section: &Section<'_>, folders: &[Spanned<String>], after: Option<&After>) -> Option<Mirror> {
    let table = section.section("mirror", &MIRROR)?;
    let root = table.parsed_or("root", "Helpdesk".to_owned(), values::folder)?;
    let report = section.report();
    let place = if table.has("root") { table.place("root") } else { section.place("mirror") };
    if section.has("maildir") {
        report.error(section.place("mirror"), "`[mailbox.mirror]` needs `imap`", "leave it out for a `maildir`");
        return None;
    }
    if matches!(after, Some(After::Move(_))) {
        let message = "`after` moves mail that `[mailbox.mirror]` files";
        report.error(section.place("after"), message, "keep one of them; `after = \"seen\"` goes with both");
        return None;
    }
    let below =
        |name: &str| name.strip_prefix(root.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if same_folder(&root, "INBOX") || folders.iter().any(|folder| below(folder.get_ref())) {
        let message = format!("`root` `{root}` of `[mailbox.mirror]` holds a folder that is watched");
        report.error(place, message, "name a folder that is its own, such as `Helpdesk`");
        return None;
    }
    Some(Mirror { root })
}

fn source(section: &Section<'_>, accounts: &Accounts, surroundings: &Surroundings) -> Option<Source> {
    let maildir = section.parsed("maildir", |text| values::path(text, &surroundings.base)).map(Spanned::into_inner);
    let imap = section.section("imap", &IMAP);
    let account = imap.and_then(|imap| imap_account(&imap, accounts, surroundings));
    match (section.has("imap"), section.has("maildir")) {
        (true, true) => {
            let message = "`imap` and `maildir` exclude each other";
            section.report().error(section.place("maildir"), message, "keep the one where the mail is");
            None
        }
        (false, false) => {
            let hint = "add `imap = { host = …, username = …, password_file = … }` or `maildir = \"…\"`";
            section.report().error(section.span.clone(), "`[[mailbox]]` has no `imap` and no `maildir`", hint);
            None
        }
        (true, false) => account.map(Source::Imap),
        (false, true) => maildir.map(Source::Maildir),
    }
}

fn imap_account(imap: &Section<'_>, accounts: &Accounts, surroundings: &Surroundings) -> Option<ImapAccount> {
    let endpoint = endpoint::endpoint(imap, Protocol::Imap, surroundings);
    Some(ImapAccount { login: login::login(imap, accounts, surroundings)?, endpoint: endpoint? })
}

fn folders(section: &Section<'_>) -> Vec<Spanned<String>> {
    let folders = section.parsed_list("folders", MAX_FOLDERS, values::folder);
    if !section.has("folders") {
        return vec![Spanned::new(section.span.clone(), "INBOX".to_owned())];
    }
    let empty = section.list("folders", MAX_FOLDERS).is_some_and(<[_]>::is_empty);
    if empty {
        section.report().error(section.place("folders"), "`folders` is empty", "name at least one, such as `INBOX`");
    }
    folders
}

fn check_folders(
    section: &Section<'_>,
    folders: &[Spanned<String>],
    sent_folder: Option<&Spanned<String>>,
    after: Option<&After>,
) {
    let report = section.report();
    let watched = |name: &str| folders.iter().any(|folder| same_folder(folder.get_ref(), name));
    for (index, folder) in folders.iter().enumerate() {
        if folders.iter().take(index).any(|earlier| same_folder(earlier.get_ref(), folder.get_ref())) {
            report.error(folder.span(), format!("folder `{}` is named twice", folder.get_ref()), "keep one of them");
        }
    }
    if let Some(sent) = sent_folder.filter(|sent| watched(sent.get_ref())) {
        let message = format!("`{}` is both `sent_folder` and one of `folders`", sent.get_ref());
        report.error(sent.span(), message, "take it out of `folders`: what lies there was sent, not received");
    }
    if let Some(sent) = sent_folder.filter(|sent| same_folder(sent.get_ref(), "INBOX")) {
        let message = "`sent_folder` is the folder where everybody's mail arrives";
        report.error(sent.span(), message, "name the folder where mail programs file what they sent, such as `Sent`");
    }
    let into_sent = |target: &str| sent_folder.is_some_and(|sent| same_folder(sent.get_ref(), target));
    if let Some(After::Move(target)) = after
        && (watched(target) || into_sent(target))
    {
        let one = if into_sent(target) { "the `sent_folder`" } else { "one of `folders`" };
        let message = format!("`after` moves mail to `{target}`, which is {one}");
        report.error(section.place("after"), message, "name a folder that is not watched");
    }
}

/// The name of a folder as the ledger has it, however the config writes the one that is the same in any case.
fn one_inbox(name: &str) -> String {
    if same_folder(name, "INBOX") { "INBOX".to_owned() } else { name.to_owned() }
}

/// Folder names are exact, but INBOX is the same in any case (RFC 9051 §5.1).
pub fn same_folder(a: &str, b: &str) -> bool {
    a == b || (a.eq_ignore_ascii_case("INBOX") && b.eq_ignore_ascii_case("INBOX"))
}
