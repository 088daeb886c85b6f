//! A desk under test: the real binary, with a config, a database and mail directories of its own.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;

use super::PATIENCE;
use super::config::DeskConfig;
use super::mail::{Mail, Received};
use super::process::{self, Finished, Running};
use super::random::unix_now;

/// Limit for commands that print and end.
const COMMAND_LIMIT: Duration = Duration::from_mins(1);

/// A desk; its daemon, if it runs, ends with it.
pub struct Desk {
    dir: TempDir,
    daemon: Option<Running>,
    notices: UnixDatagram,
    serial: u32,
}

impl Desk {
    /// Writes the config and what stands beside it; starts nothing.
    pub fn new(config: &DeskConfig) -> Self {
        let dir = tempfile::Builder::new().prefix("prd").tempdir().unwrap();
        let notices = UnixDatagram::bind(dir.path().join("notify")).unwrap();
        notices.set_nonblocking(true).unwrap();
        let desk = Self { dir, daemon: None, notices, serial: 0 };
        for (name, content) in &config.files {
            desk.write_secret(name, content);
        }
        for mailbox in &config.mailboxes {
            if let Some(name) = mailbox.lines().find_map(|line| line.strip_prefix("maildir = \"")) {
                for part in ["cur", "new", "tmp"] {
                    std::fs::create_dir_all(desk.path(name.trim_end_matches('"')).join(part)).unwrap();
                }
            }
        }
        std::fs::create_dir_all(desk.path("out")).unwrap();
        desk.write_config(&config.toml());
        desk
    }

    /// A file of this desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Replaces the config.
    pub fn write_config(&self, toml: &str) {
        std::fs::write(self.path("postroom.toml"), toml).unwrap();
    }

    /// Writes a file that only its owner may read.
    pub fn write_secret(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
        std::fs::set_permissions(self.path(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A command of postroom with this config, not yet started.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(args).arg("-c").arg(self.path("postroom.toml")).current_dir(self.dir.path());
        command.env_remove("POSTROOM_CONFIG").env_remove("RUST_LOG").env("NO_COLOR", "1");
        command
    }

    /// Runs a command of postroom to its end.
    pub fn run(&self, args: &[&str]) -> Finished {
        process::finish(self.command(args), COMMAND_LIMIT)
    }

    /// Runs a command with `--json`; panics unless it succeeds and prints JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let args = [args, &["--json"]].concat();
        let done = self.run(&args);
        assert_eq!(done.code, 0, "postroom {args:?}\n{}\n{}", done.stdout, done.stderr);
        serde_json::from_str(&done.stdout)
            .unwrap_or_else(|error| panic!("postroom {args:?} printed no JSON: {error}\n{}", done.stdout))
    }

    /// Starts the daemon and waits until it tells the service manager that it is ready.
    pub fn start(&mut self) {
        self.spawn();
        self.await_notice("READY=1");
    }

    /// Starts the daemon and waits for nothing.
    pub fn spawn(&mut self) {
        self.spawn_as(|command| command);
    }

    /// Starts the daemon by a command made of its own (under strace, say) and waits for nothing.
    pub fn spawn_as(&mut self, made: impl FnOnce(Command) -> Command) {
        assert!(self.daemon.is_none(), "the daemon runs already");
        self.drain_notices();
        let mut command = self.command(&["run"]);
        command.env("NOTIFY_SOCKET", self.path("notify"));
        self.daemon = Some(Running::start(made(command), &self.path("log")));
    }

    /// Starts the daemon under another program, such as strace, and waits for nothing.
    pub fn spawn_under(&mut self, program: &str, arguments: &[&str]) {
        assert!(self.daemon.is_none(), "the daemon runs already");
        let inner = self.command(&["run"]);
        let mut command = Command::new(program);
        command.args(arguments).arg(inner.get_program()).args(inner.get_args()).current_dir(self.dir.path());
        command.env("NO_COLOR", "1").env("NOTIFY_SOCKET", self.path("notify"));
        self.daemon = Some(Running::start_tree(command, &self.path("log")));
    }

    /// Runs a command that may go on for ever; its exit code and what it printed if it ended within `limit`.
    pub fn run_for(&self, args: &[&str], limit: Duration) -> Option<(i32, String)> {
        let log = self.path("run_for.log");
        drop(std::fs::remove_file(&log));
        let mut running = Running::start(self.command(args), &log);
        let ended = running.wait(limit);
        running.kill();
        ended.map(|status| (status.code().unwrap_or(-1), process::read(&log)))
    }

    /// Waits for a line that the daemon sends to the service manager.
    pub fn await_notice(&mut self, wanted: &str) {
        let started = Instant::now();
        loop {
            if self.noticed(wanted) {
                return;
            }
            if let Some(status) = self.daemon().ended() {
                panic!("the daemon ended ({status}) before it said {wanted}\n{}", self.log());
            }
            assert!(started.elapsed() < PATIENCE, "no {wanted} from the daemon");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether the daemon has sent this line to the service manager since it was last asked.
    pub fn noticed(&self, wanted: &str) -> bool {
        let mut buffer = [0; 4096];
        while let Ok(len) = self.notices.recv(&mut buffer) {
            if String::from_utf8_lossy(&buffer[..len]).lines().any(|line| line == wanted) {
                return true;
            }
        }
        false
    }

    /// Reads what the daemon told the service manager, so that it never waits for a reader.
    pub fn drain_notices(&self) {
        let mut buffer = [0; 4096];
        while self.notices.recv(&mut buffer).is_ok() {}
    }

    /// The running daemon.
    pub fn daemon(&mut self) -> &mut Running {
        self.daemon.as_mut().expect("a running daemon")
    }

    /// SIGTERM; the exit status, which must come within 20 seconds, and how long it took.
    pub fn stop(&mut self) -> (ExitStatus, Duration) {
        let mut daemon = self.daemon.take().expect("a running daemon");
        let started = Instant::now();
        daemon.signal("TERM");
        let status = daemon.wait(Duration::from_secs(20));
        let took = started.elapsed();
        (status.unwrap_or_else(|| panic!("SIGTERM did not end the daemon within 20 s\n{}", self.log())), took)
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.daemon.take().expect("a running daemon").kill();
    }

    /// What the daemon logged.
    pub fn log(&self) -> String {
        process::read(&self.path("log"))
    }

    /// Puts a mail into a Maildir of this desk, as a delivery agent does.
    pub fn deliver(&mut self, maildir: &str, raw: &[u8]) {
        self.serial += 1;
        self.put(maildir, raw, unix_now());
    }

    /// Puts a mail into a Maildir that came this long ago.
    pub fn deliver_old(&mut self, maildir: &str, raw: &[u8], age: Duration) {
        self.serial += 1;
        self.put(maildir, raw, unix_now().saturating_sub(age));
    }

    fn put(&self, maildir: &str, raw: &[u8], at: Duration) {
        // Unique over all desks: a database may be carried from one to another.
        let name = format!("{}.M{}P{}Q{}.test", at.as_secs(), at.subsec_nanos(), std::process::id(), self.serial);
        let (tmp, new) = (self.path(maildir).join("tmp").join(&name), self.path(maildir).join("new").join(&name));
        std::fs::write(&tmp, raw).unwrap();
        std::fs::File::options().write(true).open(&tmp).unwrap().set_modified(UNIX_EPOCH + at).unwrap();
        std::fs::rename(&tmp, &new).unwrap();
    }

    /// Puts a mail into a Maildir and waits until the desk has decided `decided` mails in all and sent what follows.
    pub fn receive(&mut self, maildir: &str, mail: &Mail, decided: u64) {
        self.deliver(maildir, &mail.bytes());
        self.settled(decided);
    }

    /// The mails written to the directory that stands for SMTP, oldest first.
    pub fn sent(&self) -> Vec<Received> {
        let mut files = files_below(&self.path("out"));
        // One that is being written has a name with a dot until it is whole.
        files.retain(|path| !path.file_name().unwrap().as_encoded_bytes().starts_with(b"."));
        files.sort_by_cached_key(|path| (std::fs::metadata(path).unwrap().modified().unwrap(), path.clone()));
        files.into_iter().map(|path| Received::from_bytes(std::fs::read(path).unwrap())).collect()
    }

    /// The mails of `sent` to this address.
    pub fn sent_to(&self, address: &str) -> Vec<Received> {
        self.sent().into_iter().filter(|mail| mail.header("To").contains(address)).collect()
    }

    /// `status --json`.
    pub fn status(&self) -> Value {
        self.status_and_code().0
    }

    /// `status --json` and its exit code: 1 when something needs a person.
    pub fn status_and_code(&self) -> (Value, i32) {
        let done = self.run(&["status", "--json"]);
        let status = serde_json::from_str(&done.stdout);
        (status.unwrap_or_else(|error| panic!("{error}\n{}\n{}", done.stdout, done.stderr)), done.code)
    }

    /// Number of mails decided so far, over all mailboxes.
    pub fn decided(&self) -> u64 {
        let status = self.status();
        let mailboxes = status["mailboxes"].as_array().expect("mailboxes");
        mailboxes.iter().map(|mailbox| decided_of(&mailbox["ledger"])).sum()
    }

    /// Waits until `decided` mails are decided, none is waiting, and nothing is left to send.
    pub fn settled(&self, decided: u64) {
        let started = Instant::now();
        while self.decided() < decided || !self.nothing_to_send() {
            let late = started.elapsed() > PATIENCE;
            assert!(
                !late,
                "not {decided} mails decided and all sent: {}\n{}",
                self.status(),
                self.run(&["outbox", "list"]).stdout
            );
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Whether the outbox has nothing that is still to be tried. What a person wrote is never left in doubt.
    pub fn nothing_to_send(&self) -> bool {
        let sending = self.json(&["outbox", "list"]);
        let under_way = |mail: &Value| match mail["state"].as_str().expect("a state") {
            "queued" | "deferred" | "sending" => true,
            "uncertain" => mail["kind"] == "answer" || mail["kind"] == "notice",
            _ => false,
        };
        !sending.as_array().expect("an array").iter().any(under_way)
    }

    /// All tickets, as `ticket list --json` prints them.
    pub fn tickets(&self) -> Vec<Value> {
        self.json(&["ticket", "list"]).as_array().expect("an array").clone()
    }

    /// A ticket, as `ticket show --json` prints it.
    pub fn ticket(&self, number: u64) -> Value {
        self.json(&["ticket", "show", &number.to_string()])
    }

    /// The number of the only ticket whose requester has this address.
    pub fn ticket_of(&self, address: &str) -> u64 {
        let tickets = self.tickets();
        let mut of = tickets.iter().filter(|ticket| ticket["requester"]["address"] == address);
        let ticket = of.next().unwrap_or_else(|| panic!("no ticket of {address}"));
        assert!(of.next().is_none(), "more than one ticket of {address}");
        ticket["number"].as_u64().expect("a number")
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the daemon's log ---\n{}", process::tail(&self.path("log"), 60));
        }
    }
}

/// The program under test; `POSTROOM_BIN` names another build of it, for runs that measure.
fn binary() -> PathBuf {
    std::env::var_os("POSTROOM_BIN").map_or_else(|| env!("CARGO_BIN_EXE_postroom").into(), PathBuf::from)
}

/// Sum of the ledger's counts, without those that are still waiting.
pub fn decided_of(ledger: &Value) -> u64 {
    ["ticket", "duplicate", "quarantined", "ignored"]
        .iter()
        .map(|key| ledger[key].as_u64().unwrap_or_else(|| panic!("no number `{key}` in the ledger {ledger}")))
        .sum()
}

/// All files below a directory.
pub fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
