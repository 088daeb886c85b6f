//! The three ways to a token, and the care for a refresh token that is replaced.
//!
//! Never uses an access token before the refresh token that came with it is durable: who lost that one would have to
//! consent again.

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::timeout;

use super::fault::Fault;
use super::reply::{self, Reply, same};
use super::{command, exchange, file};
use crate::model::oauth::{Client, Grant, Held, OAuth, TokenFault, Unsaved};

/// What came of asking: the token or why there is none, and a refresh token that could not be saved.
type Outcome = (Result<Reply, Fault>, Option<Unsaved>);

/// Asks for a new token.
pub(super) async fn ask(account: &OAuth, held: &mut Held) -> Result<Reply, TokenFault> {
    let result = match &account.grant {
        Grant::Command(words) => command::run(words).await,
        Grant::ClientCredentials { .. } | Grant::RefreshToken { .. } => {
            let (grant, unsaved) = (account.grant.clone(), held.unsaved.clone());
            match to_its_end(async move { over_http(&grant, unsaved).await }).await {
                Ok((result, unsaved)) => {
                    held.unsaved = unsaved;
                    result
                }
                Err(fault) => Err(fault),
            }
        }
    };
    result.map_err(|fault| fault.of(&account.id))
}

/// Runs this to its end although whoever waits for it may go: a reload or a stop while the server's answer is on its way
/// would lose the refresh token in it. The program does not end before its blocking tasks do.
async fn to_its_end<F>(work: F) -> Result<Outcome, Fault>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let running = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let outcome = runtime.block_on(work);
        // A name that is being looked up must not hold us.
        runtime.shutdown_background();
        Ok::<Outcome, std::io::Error>(outcome)
    });
    let broken = |text: String| Fault::passing(format!("no request could be made: {text}"), "see the log");
    running.await.map_err(|error| broken(error.to_string()))?.map_err(|error| broken(error.to_string()))
}

async fn over_http(grant: &Grant, unsaved: Option<Unsaved>) -> Outcome {
    match grant {
        Grant::ClientCredentials { client, secret_file, scope } => {
            (client_credentials(client, secret_file, scope).await, None)
        }
        Grant::RefreshToken { client, secret_file, token_file, scope } => {
            // Bounded, for whoever holds the lock has limits of their own.
            let Ok(_lock) = timeout(exchange::LIMIT * 2, file::lock_token_dir(token_file)).await else {
                let hint = "see which program has locked the folder of `refresh_token_file`";
                return (Err(Fault::passing("somebody else uses the refresh token", hint)), unsaved);
            };
            let mut unsaved = unsaved;
            let secret_file = secret_file.as_deref();
            let result = refresh(client, secret_file, token_file, scope.as_deref(), &mut unsaved).await;
            (result, unsaved)
        }
        Grant::Command(words) => (command::run(words).await, None),
    }
}

async fn client_credentials(client: &Client, secret_file: &std::path::Path, scope: &str) -> Result<Reply, Fault> {
    let secret = file::read(secret_file, "client_secret_file")?;
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client.id.as_str()),
        ("client_secret", secret.expose_secret()),
        ("scope", scope),
    ];
    let (status, body) = exchange::post(&client.url, &form).await?;
    reply::read(status, &body, &[&secret])
}

async fn refresh(
    client: &Client,
    secret_file: Option<&std::path::Path>,
    token_file: &std::path::Path,
    scope: Option<&str>,
    unsaved: &mut Option<Unsaved>,
) -> Result<Reply, Fault> {
    let secret = secret_file.map(|path| file::read(path, "client_secret_file")).transpose()?;
    let mut token = file::read(token_file, "refresh_token_file")?;
    // If somebody has consented again meanwhile, theirs is the newer one.
    if let Some(waiting) = unsaved.take_if(|waiting| !same(&waiting.old, &token)) {
        drop(waiting);
    }
    if let Some(waiting) = unsaved.clone() {
        save(token_file, &waiting.new)?;
        token = waiting.new;
        *unsaved = None;
    }
    let mut form = vec![
        ("grant_type", "refresh_token"),
        ("client_id", client.id.as_str()),
        ("refresh_token", token.expose_secret()),
    ];
    form.extend(secret.as_ref().map(|secret| ("client_secret", secret.expose_secret())));
    form.extend(scope.map(|scope| ("scope", scope)));
    let (status, body) = exchange::post(&client.url, &form).await?;
    let secrets: Vec<&SecretString> = secret.iter().chain([&token]).collect();
    let reply = reply::read(status, &body, &secrets)?;
    // A server that sends none, or the same, goes on with the old one (RFC 6749 §6).
    if let Some(new) = reply.refresh_token.clone().filter(|new| !same(new, &token))
        && let Err(fault) = save(token_file, &new)
    {
        *unsaved = Some(Unsaved { old: token, new });
        return Err(fault);
    }
    Ok(reply)
}

fn save(path: &std::path::Path, token: &SecretString) -> Result<(), Fault> {
    file::replace(path, token).map_err(|error| {
        let reason = error.to_string().to_lowercase();
        let text = format!("the new refresh token cannot be saved as `{}`: {reason}", path.display());
        let hint = "make its folder writable for postroom's user now, before a restart or reload: until then the token is \
                    in memory alone, and the old one may no longer be good";
        Fault::permanent(text, hint)
    })
}
