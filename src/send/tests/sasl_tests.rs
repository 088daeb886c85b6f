//! Logging in with a token at servers that take it, refuse it, or want it said otherwise.

use std::sync::Arc;

use data_encoding::BASE64;
use tempfile::TempDir;

use super::liar::{Act, Liar, Script};
use crate::model::oauth::{Grant, OAuth};
use crate::model::policy::{Login, Secret, SmtpServer};
use crate::send::online::try_login;

const XOAUTH2: Act = Act::Raw(b"250-liar\r\n250 AUTH PLAIN XOAUTH2 OAUTHBEARER\r\n");
const REASONS: Act = Act::Say("334 eyJzdGF0dXMiOiI0MDAifQ==");

/// A server, and an account whose tokens are `t0`, `t1`, … one after the other.
struct Scene {
    liar: Liar,
    dir: TempDir,
}

impl Scene {
    async fn new(script: Script) -> Self {
        let liar = Liar::start([vec![("EHLO", vec![XOAUTH2])], script].concat()).await;
        Self { liar, dir: tempfile::tempdir().unwrap() }
    }

    fn server(&self) -> SmtpServer {
        let counter = self.dir.path().join("counter");
        let script = format!("n=$(cat {0} 2>/dev/null || echo 0); echo $((n + 1)) > {0}; echo t$n", counter.display());
        let grant = Grant::Command(["/bin/sh", "-c", &script].map(str::to_owned).to_vec());
        let source = Arc::new(OAuth::new("m365", grant));
        let login = Login { username: "desk".to_owned(), secret: Secret::Token(source) };
        SmtpServer { login: Some(login), ..self.liar.server() }
    }

    fn tokens_asked_for(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("counter")).unwrap().trim().to_owned()
    }

    /// What was said after EHLO.
    fn heard(&self) -> Vec<String> {
        self.liar.heard().into_iter().filter(|line| !line.starts_with("EHLO")).collect()
    }
}

fn blob(token: &str) -> String {
    BASE64.encode(format!("user=desk\u{1}auth=Bearer {token}\u{1}\u{1}").as_bytes())
}

#[tokio::test]
async fn a_token_goes_with_the_command() {
    let scene = Scene::new(vec![]).await;
    assert!(try_login(&scene.server()).await.unwrap().starts_with("logged in"));
    assert_eq!(scene.heard(), [format!("AUTH XOAUTH2 {}", blob("t0")), "QUIT".to_owned()]);
}

#[tokio::test]
async fn a_server_that_takes_no_such_line_gets_the_token_in_one_of_its_own() {
    for refusal in ["500 5.5.6 line too long", "501 5.5.4 syntax"] {
        let auth = vec![Act::Say(refusal), Act::Say("334 ")];
        let scene = Scene::new(vec![("auth", auth), ("other", vec![Act::Say("235 welcome")])]).await;
        try_login(&scene.server()).await.unwrap();
        let expected =
            [format!("AUTH XOAUTH2 {}", blob("t0")), "AUTH XOAUTH2".to_owned(), blob("t0"), "QUIT".to_owned()];
        assert_eq!(scene.heard(), expected);
        assert_eq!(scene.tokens_asked_for(), "1", "nothing was wrong with the token");
    }
}

#[tokio::test]
async fn the_reasons_for_a_refusal_are_answered_and_the_token_is_replaced_once() {
    let auth = vec![REASONS, Act::Say("235 welcome")];
    let scene = Scene::new(vec![("auth", auth), ("other", vec![Act::Say("535 5.7.3 no")])]).await;
    try_login(&scene.server()).await.unwrap();
    let said = ["t0", "", "t1"]
        .map(|token| if token.is_empty() { String::new() } else { format!("AUTH XOAUTH2 {}", blob(token)) });
    assert_eq!(scene.heard(), [&said[..], &["QUIT".to_owned()]].concat());
    assert_eq!(scene.tokens_asked_for(), "2");
}

#[tokio::test]
async fn a_token_refused_twice_is_a_refused_login_that_does_not_show_it() {
    let echo: &'static str = format!("535 5.7.8 what is {}?", blob("t1")).leak();
    let scene =
        Scene::new(vec![("auth", vec![REASONS]), ("other", vec![Act::Say("535 5.7.8 no"), Act::Say(echo)])]).await;
    let error = try_login(&scene.server()).await.unwrap_err().to_string();
    assert!(
        error.starts_with("login refused: the server's reply repeats the token and is not shown; hint: "),
        "{error}"
    );
    assert_eq!(scene.tokens_asked_for(), "2");
    let logins = scene.heard().iter().filter(|line| line.starts_with("AUTH")).count();
    assert_eq!(logins, 2);

    let scene = Scene::new(vec![("auth", vec![Act::Say("535 5.7.8 no")])]).await;
    let error = try_login(&scene.server()).await.unwrap_err().to_string();
    assert!(error.starts_with("login refused: 535 5.7.8 no; hint: the token is not accepted"), "{error}");
}

#[tokio::test]
async fn without_a_mechanism_for_tokens_nothing_is_said() {
    let scene = Scene::new(vec![("EHLO", vec![Act::Say("250 AUTH PLAIN LOGIN")])]).await;
    let error = try_login(&scene.server()).await.unwrap_err().to_string();
    assert!(error.contains("offers neither AUTH XOAUTH2 nor AUTH OAUTHBEARER; hint: "), "{error}");
    assert!(scene.heard().iter().all(|line| !line.starts_with("AUTH")), "{:?}", scene.heard());
}
