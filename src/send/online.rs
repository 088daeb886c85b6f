//! `postroom check --online`: whether the submission server would take our mail. Sends none.

use tokio_util::sync::CancellationToken;

use super::connection::Connection;
use super::error::SendError;
use super::timeouts::Timeouts;
use crate::model::policy::SmtpServer;

/// Connects, logs in and leaves; returns a line for people: `logged in, takes mails up to 30 MB`.
///
/// Errors: [`SendError::Connection`], [`SendError::Auth`], [`SendError::AuthTemporary`].
pub async fn try_login(server: &SmtpServer) -> Result<String, SendError> {
    // Somebody sits and waits: RFC 5321's minutes are for daemons.
    let timeouts =
        Timeouts { greeting: super::timeouts::CONNECT, command: super::timeouts::CONNECT, ..Timeouts::default() };
    let connection = Connection::open(server, timeouts, CancellationToken::new()).await?;
    let login = match server.login {
        Some(_) => "logged in",
        None => "connected without a login",
    };
    let summary = format!("{login}, {}", connection.features());
    connection.quit().await;
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::super::liar::{Act, Liar};
    use super::*;

    #[tokio::test]
    async fn a_good_login_is_told_with_the_servers_limit() {
        let liar = Liar::start(vec![]).await;
        assert_eq!(try_login(&liar.server_with_login()).await.unwrap(), "logged in, takes mails up to 100000 bytes");
        assert_eq!(liar.heard().last().unwrap(), "QUIT");
        assert!(try_login(&liar.server()).await.unwrap().starts_with("connected without a login"));
    }

    #[tokio::test]
    async fn a_refused_login_is_an_error_with_the_servers_words() {
        let liar = Liar::start(vec![("auth", vec![Act::Say("535 5.7.8 bad password")])]).await;
        let error = try_login(&liar.server_with_login()).await.unwrap_err();
        assert_eq!(error.to_string(), "login refused: 535 5.7.8 bad password");
    }
}
