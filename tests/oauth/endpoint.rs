//! Tokens from a scripted endpoint: asked for once, renewed in time, refresh tokens kept safe, faults told in full and
//! secrets never.

use std::io::Write;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use postroom::config::load_text;
use postroom::model::oauth::OAuth;
use postroom::model::policy::{Secret, Source};
use postroom::oauth;
use secrecy::ExposeSecret as _;
use tempfile::TempDir;
use tokio::time::{advance, resume};

use super::support::tokens::{Answer, TokenServer, refusal, rotated, token};

const CONFIG: &str = r#"
[desk]
name = "Shop"
domain = "shop.example"
database = "postroom.db"
[smtp]
directory = "out"
[[oauth]]
id = "m365"
token_url = "http://127.0.0.1:PORT/tenant/token?x=1"
client_id = "app"
GRANT
[[mailbox]]
id = "info"
address = "info@shop.example"
imap = { host = "127.0.0.1", port = 1, security = "none", username = "info@shop.example", oauth = "m365" }
department = "support"
[[agent]]
id = "anna"
name = "Anna"
addresses = ["anna@home.example"]
[[department]]
id = "support"
name = "Support"
agents = ["anna"]
from = "Support <info@shop.example>"
"#;
const CLIENT_CREDENTIALS: &str =
    "grant = \"client_credentials\"\nclient_secret_file = \"app.secret\"\nscope = \"https://mail.example/.default\"";
const REFRESH_TOKEN: &str = "grant = \"refresh_token\"\nrefresh_token_file = \"state/refresh\"";

/// An account as the config has it, on a scripted endpoint.
struct Scene {
    server: TokenServer,
    account: Arc<OAuth>,
    dir: TempDir,
}

impl Scene {
    fn new(grant: &str, answers: &[Answer]) -> Self {
        let server = TokenServer::start(answers);
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("state")).unwrap();
        for (name, text) in [("app.secret", "s3cret-canary\n"), ("state/refresh", "first-refresh-canary\n")] {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        }
        let text = CONFIG.replace("PORT", &server.port.to_string()).replace("GRANT", grant);
        let policy = load_text(&text, &dir.path().join("postroom.toml")).unwrap().policy;
        let Source::Imap(imap) = &policy.mailboxes[0].source else { panic!("no imap") };
        let Secret::Token(account) = &imap.login.secret else { panic!("no token") };
        Self { server, account: Arc::clone(account), dir }
    }

    async fn token(&self) -> Result<String, String> {
        let token = oauth::token(&self.account).await;
        token.map(|token| token.expose_secret().to_owned()).map_err(|fault| fault.to_string())
    }

    fn refresh_file(&self) -> PathBuf {
        self.dir.path().join("state/refresh")
    }

    fn refresh_token(&self) -> String {
        std::fs::read_to_string(self.refresh_file()).unwrap().trim().to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_once_and_renewed_five_minutes_before_its_end() {
    let scene = Scene::new(CLIENT_CREDENTIALS, &[token("one", 3600), token("two", 3600)]);
    let mut together = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let account = Arc::clone(&scene.account);
        together.spawn(async move { oauth::token(&account).await.unwrap().expose_secret().to_owned() });
    }
    assert_eq!(together.join_all().await, vec!["one".to_owned(); 20]);
    assert_eq!(scene.token().await.unwrap(), "one");
    let form = "grant_type=client_credentials&client_id=app&client_secret=s3cret-canary\
                &scope=https%3A%2F%2Fmail.example%2F.default";
    assert_eq!(scene.server.requests(), [form]);
    advance(Duration::from_secs(3290)).await;
    assert_eq!(scene.token().await.unwrap(), "one");
    advance(Duration::from_secs(20)).await;
    assert_eq!(scene.token().await.unwrap(), "two");
    assert_eq!(scene.server.requests().len(), 2);
}

#[tokio::test]
async fn a_new_refresh_token_is_on_the_disk_before_the_token_is_given_out_and_none_keeps_the_old() {
    let answers = [rotated("one", "second-refresh"), token("two", 3600), rotated("three", "second-refresh")];
    let scene = Scene::new(REFRESH_TOKEN, &answers);
    assert_eq!(scene.token().await.unwrap(), "one");
    assert_eq!(scene.refresh_token(), "second-refresh");
    assert_eq!(scene.refresh_file().metadata().unwrap().mode() & 0o777, 0o600);
    let inode = scene.refresh_file().metadata().unwrap().ino();
    for expected in ["two", "three"] {
        scene.account.held.lock().await.token = None;
        assert_eq!(scene.token().await.unwrap(), expected);
    }
    assert_eq!(scene.refresh_token(), "second-refresh");
    assert_eq!(scene.refresh_file().metadata().unwrap().ino(), inode, "what did not change was written again");
    assert_eq!(scene.dir.path().join("state").read_dir().unwrap().count(), 1);
    let asked: Vec<bool> = scene.server.requests().iter().map(|form| form.contains("first-refresh-canary")).collect();
    assert_eq!(asked, [true, false, false]);
    assert!(!scene.server.requests()[0].contains("client_secret"), "an app without a secret sends none");
}

#[tokio::test(start_paused = true)]
async fn a_refresh_token_that_cannot_be_saved_is_kept_and_its_access_token_is_not_used() {
    let scene = Scene::new(REFRESH_TOKEN, &[rotated("one", "second-refresh"), rotated("two", "third-refresh")]);
    let (state, away) = (scene.dir.path().join("state"), scene.dir.path().join("away"));
    let (from, to) = (state.clone(), away.clone());
    // The disk goes while the request is on its way.
    scene.server.before_answer(move || drop(std::fs::rename(&from, &to)));
    let fault = scene.token().await.unwrap_err();
    assert!(fault.contains("cannot be saved") && fault.contains("hint: make its folder writable"), "{fault}");
    scene.server.before_answer(|| {});
    std::fs::rename(&away, &state).unwrap();
    assert_eq!(scene.refresh_token(), "first-refresh-canary");
    advance(Duration::from_secs(61)).await;
    assert_eq!(scene.token().await.unwrap(), "two");
    assert_eq!(scene.refresh_token(), "third-refresh");
    assert!(scene.server.requests()[1].contains("refresh_token=second-refresh"), "{:?}", scene.server.requests());
}

#[tokio::test]
async fn a_stop_while_the_answer_is_on_its_way_loses_no_refresh_token() {
    let scene = Scene::new(REFRESH_TOKEN, &[rotated("one", "second-refresh")]);
    let (asked, wait) = std::sync::mpsc::channel::<()>();
    let (go, going) = std::sync::mpsc::channel::<()>();
    let going = Mutex::new(going);
    scene.server.before_answer(move || {
        asked.send(()).ok();
        going.lock().unwrap().recv_timeout(Duration::from_secs(20)).ok();
    });
    let account = Arc::clone(&scene.account);
    let mut asking = tokio::task::JoinSet::new();
    asking.spawn(async move { oauth::token(&account).await.map(drop) });
    tokio::task::spawn_blocking(move || wait.recv_timeout(Duration::from_secs(20)).unwrap()).await.unwrap();
    asking.shutdown().await;
    drop(go);
    for _ in 0..400 {
        if scene.refresh_token() == "second-refresh" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("still {}", scene.refresh_token());
}

#[tokio::test(start_paused = true)]
async fn trouble_is_told_while_the_old_token_lives_and_again_at_its_end() {
    let scene = Scene::new(CLIENT_CREDENTIALS, &[token("one", 3600)]);
    assert_eq!(scene.token().await.unwrap(), "one");
    assert_eq!(oauth::trouble(&scene.account).await, None);
    scene.server.answer(&vec![refusal("invalid_client"); 50]);
    advance(Duration::from_secs(3310)).await;
    let before = oauth::trouble(&scene.account).await.unwrap();
    assert!(before.starts_with("a new token could not be had, and the old one ends within 5 minutes"), "{before}");
    assert!(before.contains("oauth `m365`") && before.contains("hint: the client secret has expired"), "{before}");
    assert_eq!(scene.token().await.unwrap(), "one", "it is good for a login still");
    for _ in 0..20 {
        assert!(oauth::trouble(&scene.account).await.is_some());
    }
    assert_eq!(scene.server.requests().len(), 2, "a server that refuses is left alone for a minute");
    advance(Duration::from_mins(5)).await;
    let after = scene.token().await.unwrap_err();
    assert!(
        after.starts_with("oauth `m365`: the token server refuses: `invalid_client` (AADSTS700: so it is.)"),
        "{after}"
    );
    assert_eq!(oauth::trouble(&scene.account).await.unwrap(), after);
}

#[tokio::test(start_paused = true)]
async fn a_refused_token_is_replaced_once_for_all_who_hold_it() {
    let scene = Scene::new(CLIENT_CREDENTIALS, &[token("one", 3600), token("two", 3600), token("three", 3600)]);
    let one = oauth::token(&scene.account).await.unwrap();
    let two = oauth::instead_of(&scene.account, &one).await.unwrap().unwrap();
    assert_eq!(two.expose_secret(), "two");
    for _ in 0..10 {
        assert_eq!(oauth::instead_of(&scene.account, &one).await.unwrap().unwrap().expose_secret(), "two");
        assert!(oauth::instead_of(&scene.account, &two).await.unwrap().is_none());
    }
    assert_eq!(scene.server.requests().len(), 2);
    advance(Duration::from_secs(61)).await;
    assert_eq!(oauth::instead_of(&scene.account, &two).await.unwrap().unwrap().expose_secret(), "three");
}

/// What is logged, for looking through it.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Answers that are no tokens, each holding what must not be shown, and a word of what is said about it.
fn bad_answers() -> Vec<(Answer, &'static str)> {
    let echo = "s3cret-canary first-refresh-canary client_secret=s3cret-canary tok-canary";
    let big = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n{{\"access_token\": \"tok-canary{}",
        "x".repeat(200_000)
    );
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "tok-canary".repeat(20_000));
    let redirect = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/tok-canary\r\nContent-Length: 0\r\n\r\n";
    vec![
        (
            Answer::Json(400, format!(r#"{{"error": "invalid_client", "error_description": "{echo}"}}"#)),
            "invalid_client",
        ),
        (Answer::Json(400, format!(r#"{{"error": "{echo}"}}"#)), "answers 400"),
        (Answer::Json(500, echo.to_owned()), "answers 500"),
        (Answer::Json(200, echo.to_owned()), "no JSON"),
        (Answer::Json(200, r#"{"access_token": "tok-canary with blanks"}"#.to_owned()), "no `access_token`"),
        (Answer::Json(200, r#"{"id_token": "tok-canary"}"#.to_owned()), "no `access_token`"),
        (Answer::Raw(redirect.into()), "redirects are not followed"),
        (Answer::Raw(big.into_bytes()), "cannot be read"),
        (Answer::Raw(endless.into_bytes()), "as it should"),
        (Answer::Raw(b"220 tok-canary ESMTP\r\n".to_vec()), "as it should"),
        (Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"access_token\"".to_vec()), "cannot be read"),
        (Answer::Close, "as it should"),
    ]
}

#[tokio::test]
async fn bad_answers_are_told_with_a_hint_and_without_a_secret() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(subscriber.finish());
    let with_secret = format!("{REFRESH_TOKEN}\nclient_secret_file = \"app.secret\"");
    let scene = Scene::new(&with_secret, &[]);
    for (answer, words) in bad_answers() {
        scene.server.answer(std::slice::from_ref(&answer));
        scene.account.held.lock().await.failure = None;
        let fault = scene.token().await.unwrap_err();
        assert!(fault.contains(words) && fault.contains("; hint: "), "{words}: {fault}");
        assert!(!fault.contains("canary"), "{fault}");
    }
    assert_eq!(scene.refresh_token(), "first-refresh-canary");
    scene.server.answer(&[token("tok-canary", 3600)]);
    scene.account.held.lock().await.failure = None;
    assert_eq!(scene.token().await.unwrap(), "tok-canary");
    let shown = format!("{:?} {:?}", scene.account, scene.account.held.lock().await);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("invalid_client"), "nothing was logged: {log}");
    assert!(!log.contains("canary") && !shown.contains("canary"), "{log}\n{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_endpoint_is_given_up_after_half_a_minute() {
    let scene = Scene::new(CLIENT_CREDENTIALS, &[Answer::Stall]);
    resume();
    let began = std::time::Instant::now();
    let fault = scene.token().await.unwrap_err();
    assert!(fault.contains("within 30 seconds") && began.elapsed() < Duration::from_secs(40), "{fault}");
}
