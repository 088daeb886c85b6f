//! Logging in with a token: XOAUTH2, which is what Microsoft and Google have, or OAUTHBEARER (RFC 7628).
//!
//! lettre has the first alone, sends it in the line of the command alone, and never answers the server's reasons.

use data_encoding::BASE64;
use lettre::transport::smtp::response::{Response, Severity};
use secrecy::SecretString;

use super::connection::Connection;
use crate::model::policy::Endpoint;
use crate::oauth::{Mechanism, repeats};
use crate::send::error::{StepError, reply_line, want};

const STEP: &str = "AUTH";
/// Goes with every refusal.
const HINT: &str = "hint: the token is not accepted: check `username`, the `scope`, and that the app may send";

impl Connection {
    /// Says the token with the command, or after it where the server takes no line so long (500, 501).
    pub(in crate::send) async fn auth_token(
        &mut self,
        endpoint: &Endpoint,
        username: &str,
        token: &SecretString,
    ) -> Result<Response, StepError> {
        let mechanism = match (self.features.auth_xoauth2, self.features.auth_oauthbearer) {
            (true, _) => Mechanism::XOAuth2,
            (false, true) => Mechanism::OAuthBearer,
            (false, false) => {
                let text = "the server offers neither AUTH XOAUTH2 nor AUTH OAUTHBEARER; hint: use a password instead of \
                            `oauth`";
                // Not 5yz: another token would not help.
                return Err(StepError::Refused { code: 454, text: text.to_owned() });
            }
        };
        let blob = BASE64.encode(mechanism.blob(username, endpoint, token).as_bytes());
        let limit = self.timeouts.command;
        let inline = self.exchange(STEP, limit, Line(&format!("AUTH {} {blob}", mechanism.name()))).await;
        let reply = match inline {
            Err(StepError::Refused { code: 500 | 501, .. }) => {
                let command = Line(&format!("AUTH {}", mechanism.name())).to_string();
                self.say(STEP, limit, Severity::PositiveIntermediate, command).await?;
                self.exchange(STEP, limit, Line(&blob)).await
            }
            reply => reply,
        };
        let reply = match reply {
            // Not a question but the reasons for a refusal, which comes once they are answered.
            Ok(reasons) if reasons.code().severity == Severity::PositiveIntermediate => {
                match self.exchange(STEP, limit, Line(mechanism.after_error())).await {
                    Ok(reply) => Err(StepError::Broken(format!("{STEP}: unexpected reply `{}`", reply_line(&reply)))),
                    refusal => refusal,
                }
            }
            other => other.and_then(|reply| want(STEP, Severity::PositiveCompletion, reply)),
        };
        self.usable = reply.is_ok();
        reply.map_err(|error| match error {
            StepError::Refused { text, .. } | StepError::Broken(text) if repeats(&text, &blob, token) => {
                // A server that does that understands neither the token nor the command.
                StepError::Refused {
                    code: 535,
                    text: format!("the server's reply repeats the token and is not shown; {HINT}"),
                }
            }
            StepError::Refused { code: code @ 500.., text } => {
                StepError::Refused { code, text: format!("{text}; {HINT}") }
            }
            other @ (StepError::Refused { .. } | StepError::Broken(_) | StepError::Stopped) => other,
        })
    }
}

/// A line as it is.
struct Line<'a>(&'a str);

impl std::fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\r\n", self.0)
    }
}
