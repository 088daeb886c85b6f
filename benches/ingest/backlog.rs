//! A backlog of support mails through the whole job, beside `mbsync` merely copying the same mailbox to a Maildir.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, UNIX_EPOCH};

use crate::corpus::Corpus;
use crate::support::random::unix_now;
use crate::support::{Desk, DeskConfig, MailServers, config, process};
use crate::{Bar, figure};

const USER: &str = "info@example.test";
const LIMIT: Duration = Duration::from_mins(20);

/// Runs it.
pub fn run() {
    let count: usize = std::env::var("POSTROOM_BENCH_MAILS").ok().and_then(|text| text.parse().ok()).unwrap_or(5000);
    let servers = MailServers::dovecot_only();
    let bytes = fill(&servers, count);
    println!("{count} mails, mean {:.1} kB, over IMAP with TLS", bytes as f64 / count as f64 / 1000.0);
    // The server's own index is made before either starts.
    assert_eq!(servers.login(USER).count("INBOX"), count);

    // The first reader pays for the server's caches, so mbsync runs before and after, and its better time counts.
    let before = mbsync(&servers, count).as_secs_f64();
    figure("mbsync copies the mailbox, first run", before, "s", Bar::None);
    let (took, peak_kib) = postroom(&servers, count);
    let took = took.as_secs_f64();
    let after = mbsync(&servers, count).as_secs_f64();
    figure("mbsync copies the mailbox, second run", after, "s", Bar::None);
    let copying = before.min(after);
    figure("mbsync", count as f64 / copying, "mails/s", Bar::None);
    figure("postroom: fetched, parsed, threaded, routed, stored", took, "s", Bar::None);
    figure("postroom", count as f64 / took, "mails/s", Bar::None);
    figure("time against mbsync (aim < 1.0)", took / copying, "x", Bar::AtMost(1.5));
    figure("peak memory", peak_kib as f64 / 1024.0, "MiB", Bar::AtMost(200.0));
}

/// Puts mails older than a day into the server's Maildir, named as Dovecot's own deliveries are.
fn fill(servers: &MailServers, count: usize) -> usize {
    let maildir = servers.maildir(USER);
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(maildir.join(part)).unwrap();
    }
    let mut corpus = Corpus::new(1);
    let mut total = 0;
    let oldest = unix_now().saturating_sub(Duration::from_hours(24 * 30));
    for number in 0..count {
        let mail = corpus.mail();
        total += mail.len();
        let at = oldest + Duration::from_secs(number as u64);
        let lines = mail.iter().filter(|&&byte| byte == b'\n').count();
        let name = format!("{}.M{number}P1.bench,S={},W={}", at.as_secs(), mail.len(), mail.len() + lines);
        let path = maildir.join("new").join(name);
        std::fs::write(&path, mail).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(UNIX_EPOCH + at).unwrap();
    }
    let home = maildir.parent().unwrap();
    assert!(Command::new("chown").args(["-R", "65534:65534"]).arg(home).status().unwrap().success());
    total
}

fn mbsync(servers: &MailServers, count: usize) -> Duration {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path().display();
    let rc = directory.path().join("mbsyncrc");
    let ca = servers.ca_file();
    let text = format!(
        "IMAPAccount server\nHost localhost\nPort {}\nUser {USER}\nPass {}\nSSLType IMAPS\nCertificateFile {}\n\n\
         IMAPStore far\nAccount server\n\nMaildirStore near\nPath {at}/mail/\nInbox {at}/mail/INBOX\n\n\
         Channel copy\nFar :far:\nNear :near:\nPatterns INBOX\nCreate Near\nSync Pull\nSyncState *\n",
        servers.imaps(),
        config::PASSWORD,
        ca.display()
    );
    std::fs::write(&rc, text).unwrap();
    std::fs::create_dir_all(directory.path().join("mail")).unwrap();
    let mut command = Command::new("mbsync");
    command.arg("-c").arg(&rc).arg("-q").arg("copy").env("HOME", directory.path());
    let done = process::finish(command, LIMIT);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let inbox = directory.path().join("mail/INBOX");
    assert_eq!(files(&inbox.join("new")) + files(&inbox.join("cur")), count, "mbsync copied all");
    done.took
}

fn files(directory: &Path) -> usize {
    std::fs::read_dir(directory).map_or(0, Iterator::count)
}

fn postroom(servers: &MailServers, count: usize) -> (Duration, u64) {
    let ca = servers.ca_file();
    let mut desk = Desk::new(&DeskConfig::shop().imap("info", "support", &servers.tls(&ca), "import = \"all\""));
    let started = Instant::now();
    desk.spawn();
    while !desk.path("postroom.db").exists() || count as u64 > decided(&desk) {
        assert!(started.elapsed() < LIMIT, "not done in time\n{}", desk.log());
        assert!(desk.daemon().ended().is_none(), "the daemon ended\n{}", desk.log());
        std::thread::sleep(Duration::from_millis(50));
    }
    let took = started.elapsed();
    let peak = desk.daemon().status_kib("VmHWM");
    let tickets = desk.tickets().len();
    println!("{tickets} tickets; {} mails sent (all are older than a day)", desk.sent().len());
    desk.stop();
    (took, peak)
}

/// Mails decided so far; none while the daemon is still making its database.
fn decided(desk: &Desk) -> u64 {
    let done = desk.run(&["status", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&done.stdout).unwrap_or_default();
    let ledger = status.pointer("/mailboxes/0/ledger");
    ledger.map_or(0, crate::support::desk::decided_of)
}
