//! Child processes that end with their owner, and commands that end within a time.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// A running child; its output goes to a file; killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// Whether its children end with it.
    tree: bool,
    /// What it printed on both outputs.
    pub log: PathBuf,
}

/// What a finished command left.
#[derive(Debug)]
pub struct Finished {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// How long it ran.
    pub took: Duration,
}

impl Running {
    /// Starts the command in a process group of its own (Postfix signals its whole group).
    pub fn start(mut command: Command, log: &Path) -> Self {
        let output = File::options().create(true).append(true).open(log).unwrap();
        command.stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output).process_group(0);
        let child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        Self { child, tree: false, log: log.to_owned() }
    }

    /// Starts a command whose children are killed with it.
    pub fn start_tree(command: Command, log: &Path) -> Self {
        let mut running = Self::start(command, log);
        running.tree = true;
        running
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal (`TERM`, `HUP`, `KILL`) to this process alone.
    pub fn signal(&self, name: &str) {
        assert!(signal(self.pid(), name), "no process {} to send SIG{name}", self.pid());
    }

    /// Its exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for its end; `None` when it still runs after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let started = Instant::now();
        while started.elapsed() < limit {
            if let Some(status) = self.ended() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Ends it with SIGTERM, or with SIGKILL when it does not obey within `limit`.
    pub fn terminate(&mut self, limit: Duration) {
        if self.ended().is_none() {
            self.signal("TERM");
            if self.wait(limit).is_none() {
                self.kill();
            }
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if self.tree && self.ended().is_none() {
            // The command is the leader of a group of its own.
            let _ = Command::new("sh").args(["-c", &format!("kill -KILL -{}", self.pid())]).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        if self.tree {
            let group = self.pid();
            let ended = || (!lives(group)).then_some(());
            super::eventually(super::PATIENCE, "the end of all that the command started", ended);
        }
    }

    /// A number of kB from `/proc/PID/status`, e.g. `VmHWM`.
    pub fn status_kib(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
    }

    /// Processor time used so far, in clock ticks (hundredths of a second on Linux).
    pub fn cpu_ticks(&self) -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.get(11..13).map_or(0, |times| times.iter().filter_map(|time| time.parse::<u64>().ok()).sum())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process of ours; whether it was there.
pub fn signal(pid: u32, name: &str) -> bool {
    Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().is_ok_and(|status| status.success())
}

/// Runs a command to its end; kills it and panics when that takes longer than `limit`.
pub fn finish(mut command: Command, limit: Duration) -> Finished {
    let directory = tempfile::tempdir().unwrap();
    let (out, err) = (directory.path().join("out"), directory.path().join("err"));
    command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
    let started = Instant::now();
    let mut child = command.spawn().unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{command:?} did not end within {} s\n{}", limit.as_secs(), read(&err));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    Finished { code: status.code().unwrap_or(-1), stdout: read(&out), stderr: read(&err), took: started.elapsed() }
}

/// A file as text; empty when there is none.
pub fn read(path: &Path) -> String {
    std::fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// The last lines of a file, for the report of a failed test.
pub fn tail(path: &Path, lines: usize) -> String {
    let text = read(path);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Whether a process of this group still runs, whoever has to bury it.
fn lives(group: u32) -> bool {
    let stats = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| read(&entry.path().join("stat")));
    stats.into_iter().any(|stat| {
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.first().is_some_and(|state| *state != "Z") && fields.get(2) == Some(&group.to_string().as_str())
    })
}
