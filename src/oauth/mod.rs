//! Tokens instead of passwords: asked for when they are needed, held in memory, renewed before their end.
//!
//! ```text
//! login ─ token ─▶ Held (one request at a time) ─▶ grant: HTTPS (exchange, reply) with the refresh token (file), or a command
//! ```
//!
//! Never asks twice at a time, never asks a failing server again at once, and never shows a token or a secret.

mod command;
mod exchange;
mod fault;
mod file;
mod grant;
mod mechanism;
mod reply;

use std::time::Duration;

use secrecy::SecretString;
use tokio::time::Instant;
use tracing::{error, info, warn};

pub use self::mechanism::{Mechanism, repeats};

use self::reply::{Reply, same};
use crate::model::oauth::{Failure, Held, OAuth, Token, TokenFault};

/// A token is renewed so long before its end; one that lives for less than twice that, in the middle of its life.
pub const EARLY: Duration = Duration::from_mins(5);
/// How long a token of unknown life is used before the command is asked again.
const UNDATED: Duration = Duration::from_mins(1);
/// Nobody asks again so soon after a failure that may pass.
const QUIET: Duration = Duration::from_secs(10);
/// Nobody asks again so soon after a failure that somebody must mend; nor for another token in place of a refused one.
const LONG_QUIET: Duration = Duration::from_mins(1);

/// A token for a login now.
pub async fn token(account: &OAuth) -> Result<SecretString, TokenFault> {
    obtain(account, &mut *account.held.lock().await, None).await
}

/// Another token, because a server refused this one; `None` when there is no other to be had so soon.
pub async fn instead_of(account: &OAuth, refused: &SecretString) -> Result<Option<SecretString>, TokenFault> {
    let mut held = account.held.lock().await;
    let now = Instant::now();
    let current = held.token.as_ref().is_some_and(|token| same(&token.secret, refused));
    if current {
        if held.replaced_at.is_some_and(|at| now.duration_since(at) < LONG_QUIET) {
            return Ok(None);
        }
        held.replaced_at = Some(now);
    }
    let other = obtain(account, &mut held, Some(refused)).await?;
    Ok((!same(&other, refused)).then_some(other))
}

/// Renews the token of a connection that stands if it is time, and says what is wrong with it.
pub async fn trouble(account: &OAuth) -> Option<String> {
    let mut held = account.held.lock().await;
    if held.token.as_ref().is_some_and(|token| token.dated)
        && let Err(fault) = obtain(account, &mut held, None).await
    {
        return Some(fault.to_string());
    }
    held.failure.as_ref().map(|failure| failure.told.clone())
}

async fn obtain(account: &OAuth, held: &mut Held, refused: Option<&SecretString>) -> Result<SecretString, TokenFault> {
    let now = Instant::now();
    let usable =
        |token: &&Token| token.good_until > now && !refused.is_some_and(|refused| same(&token.secret, refused));
    let live = held.token.as_ref().filter(usable).cloned();
    if let Some(token) = live.as_ref().filter(|token| token.renew_at > now) {
        return Ok(token.secret.clone());
    }
    if let Some(failure) = held.failure.as_ref().filter(|failure| failure.quiet_until > now) {
        return live.map(|token| token.secret).ok_or_else(|| failure.fault.clone());
    }
    match grant::ask(account, held).await {
        Ok(reply) => {
            if held.failure.take().is_some() {
                info!("oauth `{}` gives tokens again", account.id);
            }
            let token = dated(reply, Instant::now());
            let secret = token.secret.clone();
            held.token = Some(token);
            Ok(secret)
        }
        Err(fault) => {
            note(held, &fault, live.as_ref());
            live.map(|token| token.secret).ok_or(fault)
        }
    }
}

fn dated(reply: Reply, now: Instant) -> Token {
    let Reply { access_token: secret, expires_in, refresh_token: _ } = reply;
    let (life, early) = match expires_in {
        Some(life) => (life, EARLY.min(life / 2)),
        None => (UNDATED, Duration::ZERO),
    };
    let good_until = now + life;
    Token { secret, renew_at: good_until - early, good_until, dated: expires_in.is_some() }
}

/// Remembers a failure, and logs it if that is news: once while the old token lives, and once when there is none.
fn note(held: &mut Held, fault: &TokenFault, live: Option<&Token>) {
    let told = match live {
        Some(_) => format!(
            "a new token could not be had, and the old one ends within {} minutes: {fault}",
            EARLY.as_secs() / 60
        ),
        None => fault.to_string(),
    };
    if held.failure.as_ref().is_none_or(|failure| failure.told != told) {
        if live.is_none() && fault.permanent {
            error!("{told}");
        } else {
            warn!("{told}");
        }
    }
    let quiet = if fault.permanent { LONG_QUIET } else { QUIET };
    held.failure = Some(Failure { fault: fault.clone(), quiet_until: Instant::now() + quiet, told });
}
