//! The password or token for a login: as the config has it, or asked of a command or a token server.
//!
//! Never shows a password or a token, nor what the command said when it failed.

use std::sync::Arc;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};

use crate::model::oauth::{OAuth, TokenFault};
use crate::model::policy::{Login, Secret};
use crate::model::repeated::Secrets;
use crate::net;
use crate::oauth;
use crate::send::error::SendError;

/// A user name and the secret to use now.
pub struct Credentials {
    /// SASL user name.
    pub username: String,
    /// What proves it.
    pub proof: Proof,
}

/// What proves who we are.
pub enum Proof {
    /// A password.
    Password(SecretString),
    /// A token, and where another one is had.
    Token(SecretString, Arc<OAuth>),
}

impl Credentials {
    /// Reads the password, or asks a command or a token server for it.
    pub async fn of(login: &Login) -> Result<Self, SendError> {
        let proof = match &login.secret {
            Secret::Token(account) => {
                Proof::Token(oauth::token(account).await.map_err(|fault| without_token(&fault))?, Arc::clone(account))
            }
            Secret::Password(_) | Secret::File(_) | Secret::Command(_) => {
                let password = net::password(&login.secret).await;
                Proof::Password(password.map_err(|error| SendError::AuthTemporary(error.to_string()))?)
            }
        };
        Ok(Self { username: login.username.clone(), proof })
    }

    /// The same with another token, once the server has refused this one; `None` when nothing else is to be had.
    pub async fn instead(&self) -> Result<Option<Self>, SendError> {
        let Proof::Token(refused, account) = &self.proof else { return Ok(None) };
        let other = oauth::instead_of(account, refused).await.map_err(|fault| without_token(&fault))?;
        let proof = other.map(|token| Proof::Token(token, Arc::clone(account)));
        Ok(proof.map(|proof| Self { username: self.username.clone(), proof }))
    }

    /// What the server's words must not show: some servers repeat a command that they do not know.
    pub fn secrets(&self) -> Secrets {
        match &self.proof {
            Proof::Password(password) => {
                let said = format!("\0{}\0{}", self.username, password.expose_secret());
                Secrets::password(password).and_said(&BASE64.encode(said.as_bytes()))
            }
            Proof::Token(token, _) => Secrets::tokens([token]),
        }
    }
}

fn without_token(fault: &TokenFault) -> SendError {
    let text = fault.to_string();
    if fault.permanent { SendError::Auth(text) } else { SendError::AuthTemporary(text) }
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
        assert!(matches!(credentials.proof, Proof::Password(password) if password.expose_secret() == "s3cret"));
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
        let credentials =
            Credentials { username: "desk".to_owned(), proof: Proof::Password(SecretString::from("s3cret")) };
        for reply in ["500 AUTH PLAIN AGRlc2sAczNjcmV0", "501 czNjcmV0?", "no s3cret"] {
            assert!(!credentials.secrets().hide(reply).contains(reply), "{reply}");
        }
        assert_eq!(credentials.secrets().hide("535 no"), "535 no");
    }
}
