//! The password for a login: as the config has it, or asked of a command.
//!
//! Never shows a password, nor what the command said when it failed.

use std::process::Stdio;
use std::time::Duration;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use tokio::time::timeout;

use super::error::SendError;
use crate::model::policy::{Login, Secret};

/// How long a password command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that a password may have.
const MAX_PASSWORD: usize = 16 * 1024;

/// A user name and the password to use now.
pub(super) struct Credentials {
    /// SASL user name.
    pub(super) username: String,
    /// The password.
    pub(super) password: SecretString,
}

impl Credentials {
    /// Reads the password, or asks the command for it.
    pub(super) async fn of(login: &Login) -> Result<Self, SendError> {
        let password = match &login.secret {
            Secret::Password(password) => password.clone(),
            Secret::Command(command) => ask(command).await.map_err(SendError::AuthTemporary)?,
        };
        Ok(Self { username: login.username.clone(), password })
    }

    /// `text`, unless it repeats the password as some servers repeat a command that they do not know.
    pub(super) fn redact(&self, text: String) -> String {
        let password = self.password.expose_secret();
        let plain = BASE64.encode(format!("\0{}\0{password}", self.username).as_bytes());
        let login = BASE64.encode(password.as_bytes());
        let repeats = !password.is_empty() && [password, &plain, &login].iter().any(|secret| text.contains(*secret));
        if repeats { "the server's reply repeats the password and is not shown".to_owned() } else { text }
    }
}

/// The first line that the command prints.
async fn ask(command: &[String]) -> Result<SecretString, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("the password command is empty".to_owned());
    };
    let running = Command::new(program).args(arguments).stdin(Stdio::null()).kill_on_drop(true).output();
    let output = match timeout(COMMAND_TIMEOUT, running).await {
        Err(_) => return Err(format!("the password command `{program}` took over {COMMAND_TIMEOUT:?}")),
        Ok(Err(error)) => return Err(format!("the password command `{program}` does not run: {error}")),
        Ok(Ok(output)) => output,
    };
    if !output.status.success() {
        return Err(format!("the password command `{program}` failed: {}", output.status));
    }
    let line = output.stdout.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let password = std::str::from_utf8(line).unwrap_or_default().trim_end_matches('\r');
    if password.is_empty() || password.len() > MAX_PASSWORD {
        return Err(format!("the password command `{program}` printed no password"));
    }
    Ok(SecretString::from(password))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(script: &str) -> Login {
        let command = ["sh", "-c", script].map(str::to_owned).to_vec();
        Login { username: "desk".to_owned(), secret: Secret::Command(command) }
    }

    #[tokio::test]
    async fn the_first_line_of_a_command_is_the_password() {
        let credentials = Credentials::of(&login("echo s3cret; echo more")).await.unwrap();
        assert_eq!(credentials.password.expose_secret(), "s3cret");
    }

    #[tokio::test]
    async fn a_failing_command_is_a_passing_trouble_and_its_output_stays_unseen() {
        for script in ["echo s3cret; exit 1", "true", "echo; echo s3cret"] {
            match Credentials::of(&login(script)).await {
                Err(error @ SendError::AuthTemporary(_)) => assert!(!error.to_string().contains("s3cret"), "{error}"),
                _ => panic!("{script}"),
            }
        }
    }

    #[test]
    fn a_reply_that_repeats_the_password_is_not_shown() {
        let credentials = Credentials { username: "desk".to_owned(), password: SecretString::from("s3cret") };
        for reply in ["500 AUTH PLAIN AGRlc2sAczNjcmV0", "501 czNjcmV0?", "no s3cret"] {
            assert!(!credentials.redact(reply.to_owned()).contains(reply), "{reply}");
        }
        assert_eq!(credentials.redact("535 no".to_owned()), "535 no");
    }
}
