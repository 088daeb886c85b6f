//! The password for a login: as the config has it, or asked of a command.
//!
//! Never shows a password, nor what the command said when it failed.

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};

use super::error::SendError;
use crate::model::policy::Login;
use crate::net;

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
        let password =
            net::password(&login.secret).await.map_err(|error| SendError::AuthTemporary(error.to_string()))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::policy::Secret;

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
