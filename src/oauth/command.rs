//! A program that prints a token: run without a shell, for a limited time, with a limited output.
//!
//! Never shows what it printed, and leaves none of its processes behind when it takes too long.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;

use super::fault::Fault;
use super::reply::{Reply, read_printed};
use crate::model::text::os_words;
use crate::net;

/// Time for a command.
const LIMIT: Duration = Duration::from_secs(30);
/// What it may print, in bytes.
const MAX_OUTPUT: u64 = 64 << 10;

/// Ends the processes of a command that did not end by itself.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            // All of them may have ended just now.
            kill_process_group(pid, Signal::KILL).ok();
        }
    }
}

/// Runs the command and reads the token that it prints.
pub(super) async fn run(words: &[String]) -> Result<Reply, Fault> {
    let name = words.first().map_or("", String::as_str);
    run_within(words, LIMIT).await.map_err(|fault| Fault { text: format!("command `{name}`: {}", fault.text), ..fault })
}

async fn run_within(words: &[String], limit: Duration) -> Result<Reply, Fault> {
    let [program, arguments @ ..] = words else {
        return Err(Fault::permanent("it names no program", "write the program and its arguments"));
    };
    let broken = |error: std::io::Error| {
        let hint = "check the path, and that postroom's user may run it";
        Fault::permanent(format!("it cannot be run: {}", os_words(&error)), hint)
    };
    let mut child = net::command(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(broken)?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    let mut printed = Vec::new();
    let running = async {
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MAX_OUTPUT + 1).read_to_end(&mut printed).await?;
        }
        if printed.len() as u64 > MAX_OUTPUT { Ok(None) } else { child.wait().await.map(Some) }
    };
    let hint = "run it by hand as postroom's user; what it prints on standard error is not shown here";
    let status = match timeout(limit, running).await {
        Err(_) => return Err(Fault::passing(format!("it did not end within {} seconds", limit.as_secs()), hint)),
        Ok(Err(error)) => return Err(broken(error)),
        Ok(Ok(None)) => return Err(Fault::passing(format!("it printed more than {MAX_OUTPUT} bytes"), hint)),
        Ok(Ok(Some(status))) => status,
    };
    // It has ended by itself: its number may belong to somebody else now.
    group.0 = None;
    if !status.success() {
        return Err(Fault::passing(format!("it ended with {status}"), hint));
    }
    read_printed(&printed)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use std::time::Instant;

    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[tokio::test]
    async fn arguments_reach_the_program_as_they_are() {
        let reply = run(&words(&["/bin/echo", "$HOME;`id`"])).await.unwrap();
        assert_eq!(reply.access_token.expose_secret(), "$HOME;`id`");
    }

    #[tokio::test]
    async fn failing_mute_and_talkative_commands_give_no_token_and_show_no_output() {
        for script in ["echo canary; exit 3", "true", "echo canary two", "yes canary", "echo canary >&2; exit 1"] {
            let fault = run(&words(&["/bin/sh", "-c", script])).await.unwrap_err();
            assert!(!fault.text.contains("canary") && fault.text.starts_with("command `/bin/sh`: "), "{}", fault.text);
        }
        assert!(run(&words(&["/nonexistent/helper"])).await.unwrap_err().permanent);
    }

    #[tokio::test]
    async fn a_command_that_hangs_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let pid_file = dir.path().join("pid");
        let script = format!("sleep 600 & echo $! > {}; wait", pid_file.display());
        let began = Instant::now();
        let fault = run_within(&words(&["/bin/sh", "-c", &script]), Duration::from_millis(500)).await.unwrap_err();
        assert!(fault.text.contains("did not end") && began.elapsed() < Duration::from_secs(20), "{}", fault.text);
        let pid = std::fs::read_to_string(&pid_file).unwrap().trim().to_owned();
        let dead = || {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.is_empty() || stat.contains(") Z")
        };
        for _ in 0..200 {
            if dead() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("process {pid} lives on");
    }
}
