//! Programs run under strace: the write syscalls they make, and a kill at any one of them.
//!
//! strace counts calls for each thread by itself, so a point is the n-th call of the first thread that comes so far.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use super::process;

/// The calls that change a file, a directory or what a peer has been told.
pub const WRITES: &[&str] = &[
    "pwrite64",
    "pwritev",
    "write",
    "writev",
    "sendto",
    "sendmsg",
    "fdatasync",
    "fsync",
    "ftruncate",
    "fallocate",
    "unlink",
    "unlinkat",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "mkdir",
    "mkdirat",
    "fchmod",
];

/// The n-th call of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// The syscall.
    pub call: &'static str,
    /// From 1.
    pub nth: usize,
}

impl Point {
    /// Whether a list like `fsync:3,pwrite64:50` names it.
    pub fn is_named_in(self, list: &str) -> bool {
        list.split(',').any(|name| name == format!("{}:{}", self.call, self.nth))
    }
}

/// `command` under strace, with a log of its write calls. The child is the program itself, not strace.
pub fn logged(command: &Command, log: &Path) -> Command {
    under_strace(command, log, &["-e", &format!("trace={}", WRITES.join(","))])
}

/// `command`, killed on entering its call at `point`, which is then not carried out.
pub fn killed_at(command: &Command, log: &Path, point: Point) -> Command {
    let Point { call, nth } = point;
    under_strace(
        command,
        log,
        &["-e", &format!("trace={call}"), "-e", &format!("inject={call}:signal=KILL:when={nth}")],
    )
}

/// `command` under strace with these arguments.
pub fn under_strace(command: &Command, log: &Path, args: &[&str]) -> Command {
    let mut strace = Command::new("strace");
    // Not --seccomp-bpf: strace 6.1 then carries out no injection in threads.
    strace.args(["-D", "-f", "-o"]).arg(log).args(args);
    strace.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => strace.env(name, value),
            None => strace.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        strace.current_dir(directory);
    }
    strace
}

/// All points in a log: for each call as many as the busiest thread made.
pub fn points(log: &Path) -> Vec<Point> {
    let mut counts = BTreeMap::<(&'static str, String), usize>::new();
    for line in process::read(log).lines() {
        let Some((pid, rest)) = line.split_once(' ') else { continue };
        let Some((name, _)) = rest.trim_start().split_once('(') else { continue };
        if let Some(call) = WRITES.iter().find(|call| **call == name) {
            *counts.entry((call, pid.to_owned())).or_default() += 1;
        }
    }
    let mut busiest = BTreeMap::<&'static str, usize>::new();
    for ((call, _), count) in counts {
        let most = busiest.entry(call).or_default();
        *most = count.max(*most);
    }
    busiest.into_iter().flat_map(|(call, count)| (1..=count).map(move |nth| Point { call, nth })).collect()
}

/// Waits until strace has written its log to the end; it does so after its program has ended.
pub fn finished(log: &Path) {
    super::eventually(super::PATIENCE, "strace ends", || {
        let text = process::read(log);
        let last = text.lines().last().unwrap_or_default();
        (last.contains("+++ exited") || last.contains("+++ killed")).then_some(())
    });
}
