//! `postroom check --online`: whether the submission server would take our mail. Sends none.

use lettre::transport::smtp::commands::{Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::MailParameter;
use lettre::transport::smtp::response::Severity;
use tokio_util::sync::CancellationToken;

use super::error::{SendError, StepError};
use super::smtp::connection::Connection;
use super::smtp::timeouts::Timeouts;
use super::smtp::transaction::smtp_address;
use crate::model::address::Address;
use crate::model::policy::SmtpServer;

/// What is asked of the server beside the login.
#[derive(Clone, Debug, Default)]
pub struct Probe {
    /// Whom answers come from.
    pub senders: Vec<Address>,
    /// Whom they may go to: our own addresses with a plus part.
    pub recipients: Vec<Address>,
}

/// What the server said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probed {
    /// A line for people: `logged in, takes mails up to 30 MB`.
    pub summary: String,
    /// Senders that are refused, with the server's words.
    pub senders: Vec<(Address, String)>,
    /// Recipients that are refused, with the server's words.
    pub recipients: Vec<(Address, String)>,
    /// Why the asking ended before its end, in the server's words.
    pub broken: Option<String>,
}

/// Connects, logs in and leaves; returns a line for people. Errors as [`try_server`].
pub async fn try_login(server: &SmtpServer) -> Result<String, SendError> {
    try_server(server, &Probe::default()).await.map(|probed| probed.summary)
}

/// Connects, logs in, asks what `probe` says, and leaves.
///
/// Errors: [`SendError::Connection`], [`SendError::Auth`], [`SendError::AuthTemporary`].
pub async fn try_server(server: &SmtpServer, probe: &Probe) -> Result<Probed, SendError> {
    // Somebody sits and waits: RFC 5321's minutes are for daemons.
    let timeouts = Timeouts {
        greeting: super::smtp::timeouts::CONNECT,
        command: super::smtp::timeouts::CONNECT,
        ..Timeouts::default()
    };
    let mut connection = Connection::open(server, timeouts, CancellationToken::new()).await?;
    let login = match server.login {
        Some(_) => "logged in",
        None => "connected without a login",
    };
    let mut probed = Probed { summary: format!("{login}, {}", connection.features()), ..Probed::default() };
    if let Err(error) = ask(&mut connection, probe, &mut probed).await {
        probed.broken = Some(error.into_no_connection().to_string());
    }
    connection.quit().await;
    Ok(probed)
}

/// One transaction a sender, ended before DATA. Many servers (Postfix by default) judge a sender at RCPT only, so each is
/// followed by a recipient; the first that is taken is followed by all.
async fn ask(connection: &mut Connection, probe: &Probe, probed: &mut Probed) -> Result<(), StepError> {
    let mut asked_all = false;
    for sender in &probe.senders {
        let parameters = parameters(connection, sender);
        match say(connection, "MAIL", Mail::new(Some(smtp_address(sender)), parameters)).await? {
            Some(refusal) => probed.senders.push((sender.clone(), refusal)),
            None if asked_all => {
                if let Some(recipient) = probe.recipients.first()
                    && let Some(refusal) = rcpt(connection, recipient).await?.filter(|words| blames_sender(words))
                {
                    probed.senders.push((sender.clone(), refusal));
                }
            }
            None => asked_all = ask_all(connection, sender, probe, probed).await?,
        }
        say(connection, "RSET", Rset).await?;
    }
    Ok(())
}

/// Every recipient after a sender; `false` when the sender was to blame for the first refusal.
async fn ask_all(
    connection: &mut Connection,
    sender: &Address,
    probe: &Probe,
    probed: &mut Probed,
) -> Result<bool, StepError> {
    for recipient in &probe.recipients {
        if let Some(refusal) = rcpt(connection, recipient).await? {
            if blames_sender(&refusal) {
                probed.senders.push((sender.clone(), refusal));
                return Ok(false);
            }
            probed.recipients.push((recipient.clone(), refusal));
        }
    }
    Ok(true)
}

async fn rcpt(connection: &mut Connection, recipient: &Address) -> Result<Option<String>, StepError> {
    say(connection, "RCPT", Rcpt::new(smtp_address(recipient), Vec::new())).await
}

/// Whether a refusal of RCPT is meant for the sender: RFC 3463 has 5.1.7 and 5.1.8 for it, Postfix says it in words.
fn blames_sender(refusal: &str) -> bool {
    refusal.contains(".1.7 ") || refusal.contains(".1.8 ") || refusal.to_lowercase().contains("sender")
}

fn parameters(connection: &Connection, sender: &Address) -> Vec<MailParameter> {
    let needs_utf8 = !sender.as_str().is_ascii() && connection.features().utf8;
    if needs_utf8 { vec![MailParameter::SmtpUtfEight] } else { Vec::new() }
}

/// The server's words when it refuses for good; it may say "later" to a sender that it has not seen before (greylisting).
async fn say(
    connection: &mut Connection,
    step: &str,
    command: impl std::fmt::Display,
) -> Result<Option<String>, StepError> {
    match connection.say(step, super::smtp::timeouts::CONNECT, Severity::PositiveCompletion, command).await {
        // 421: the server is about to close.
        Err(error @ (StepError::Refused { code: 421, .. } | StepError::Broken(_) | StepError::Stopped)) => Err(error),
        Err(StepError::Refused { code: 500.., text }) => Ok(Some(text)),
        Ok(_) | Err(StepError::Refused { .. }) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::tests::liar::{Act, Liar, Tls};
    use super::*;

    #[tokio::test]
    async fn a_good_login_is_told_with_the_servers_limit() {
        let liar = Liar::start(vec![]).await;
        let probed = try_server(&liar.server_with_login(), &Probe::default()).await.unwrap();
        assert_eq!(
            probed,
            Probed { summary: "logged in, takes mails up to 100000 bytes".to_owned(), ..Probed::default() }
        );
        assert_eq!(liar.heard().last().unwrap(), "QUIT");
        let probed = try_server(&liar.server(), &Probe::default()).await.unwrap();
        assert!(probed.summary.starts_with("connected without a login"));
    }

    #[tokio::test]
    async fn a_refused_login_is_an_error_with_the_servers_words() {
        let liar = Liar::start(vec![("auth", vec![Act::Say("535 5.7.8 bad password")])]).await;
        let error = try_server(&liar.server_with_login(), &Probe::default()).await.unwrap_err();
        assert_eq!(error.to_string(), "login refused: 535 5.7.8 bad password");
    }

    fn probe() -> Probe {
        let all = |addresses: &[&str]| addresses.iter().map(|one| Address::parse(one).unwrap()).collect();
        Probe {
            senders: all(&["returns@shop.example", "billing@shop.example"]),
            recipients: all(&["info+check@shop.example", "sales+check@shop.example"]),
        }
    }

    /// A server that refuses at a step whomever `refused` names.
    async fn asked(step: &'static str, refused: &'static str, words: &'static str) -> (Probed, Vec<String>) {
        let whim = move |at: &str, whom: &str| (at == step && whom.contains(refused)).then_some(Act::Say(words));
        let liar = Liar::start_whimsical(vec![], Arc::new(whim), Tls::None, "127.0.0.1").await;
        let probed = try_server(&liar.server(), &probe()).await.unwrap();
        assert!(liar.mails().is_empty() && !liar.heard().iter().any(|line| line.starts_with("DATA")));
        (probed, liar.heard())
    }

    fn shown(refused: &[(Address, String)]) -> Vec<String> {
        refused.iter().map(|(address, words)| format!("{address}: {words}")).collect()
    }

    #[tokio::test]
    async fn each_sender_and_each_plus_address_is_asked_about_and_nothing_is_sent() {
        let (probed, heard) = asked("none", "", "").await;
        assert!(probed.senders.is_empty() && probed.recipients.is_empty() && probed.broken.is_none(), "{probed:?}");
        let expected = [
            "MAIL FROM:<returns@shop.example>",
            "RCPT TO:<info+check@shop.example>",
            "RCPT TO:<sales+check@shop.example>",
            "RSET",
            "MAIL FROM:<billing@shop.example>",
            "RCPT TO:<info+check@shop.example>",
            "RSET",
            "QUIT",
        ];
        assert_eq!(heard[2..], expected);
    }

    #[tokio::test]
    async fn a_refused_sender_is_told_also_when_the_server_waits_for_the_recipient() {
        let (probed, _) = asked("MAIL", "billing", "553 5.7.1 not yours").await;
        assert_eq!(shown(&probed.senders), ["billing@shop.example: 553 5.7.1 not yours"]);
        let (probed, _) = asked("RCPT", "info", "553 5.7.1 Sender address rejected: not owned by user desk").await;
        assert_eq!((probed.senders.len(), probed.recipients.len()), (2, 0), "{probed:?}");
    }

    #[tokio::test]
    async fn a_refused_plus_part_is_told_once_and_greylisting_is_no_refusal() {
        let (probed, _) = asked("RCPT", "info+check", "550 5.1.1 no such user").await;
        assert_eq!(shown(&probed.recipients), ["info+check@shop.example: 550 5.1.1 no such user"]);
        assert!(probed.senders.is_empty());
        let (probed, _) = asked("RCPT", "check", "450 4.2.0 greylisted").await;
        assert_eq!((probed.senders.len(), probed.recipients.len(), probed.broken), (0, 0, None));
    }

    #[tokio::test]
    async fn a_server_that_hangs_up_in_the_middle_is_told() {
        let liar = Liar::start(vec![("RCPT", vec![Act::Close])]).await;
        let probed = try_server(&liar.server(), &probe()).await.unwrap();
        assert!(probed.broken.unwrap().contains("closed"));
    }
}
