//! An IMAP server on loopback that answers as it is told, and lies, stalls or hangs up on demand.
//!
//! Never waits for anything but its client: a test ends when its client's task ends.
#![allow(dead_code, reason = "every test crate uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use postroom::model::policy::{Endpoint, ImapAccount, Login, Secret, Security};
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// What the server does about a command.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends text; `TAG` is replaced by the client's tag.
    Send(String),
    /// Closes the connection.
    Close,
    /// Closes it by a reset.
    Reset,
    /// Says nothing any more.
    Hang,
}

/// A command's beginning and what is done about it, once.
#[derive(Clone, Debug)]
pub struct Rule {
    begins: String,
    acts: Vec<Act>,
    always: bool,
}

/// Answers once to a command that begins so.
pub fn on(begins: &str, acts: &[Act]) -> Rule {
    Rule { begins: begins.to_owned(), acts: acts.to_vec(), always: false }
}

/// Answers so to every command that begins so.
pub fn always(begins: &str, acts: &[Act]) -> Rule {
    Rule { always: true, ..on(begins, acts) }
}

/// Text to send.
pub fn say(text: &str) -> Act {
    Act::Send(text.to_owned())
}

/// A running server.
pub struct Server {
    /// Its port.
    pub port: u16,
    /// All lines it got, without tags.
    pub heard: Arc<Mutex<Vec<String>>>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Starts a server that follows `rules`, each once and in any order, and otherwise behaves: one folder with
    /// UIDVALIDITY 7 and the mails `(uid, bytes)`.
    pub async fn start(mails: &[(u32, &str)], rules: Vec<Rule>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let mails: Arc<Vec<(u32, String)>> = Arc::new(mails.iter().map(|(uid, text)| (*uid, (*text).into())).collect());
        let rules = Arc::new(Mutex::new(rules));
        let mut tasks = JoinSet::new();
        let for_task = Arc::clone(&heard);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (mails, rules, heard) = (Arc::clone(&mails), Arc::clone(&rules), Arc::clone(&for_task));
                connections.spawn(async move { serve(stream, &mails, &rules, &heard).await });
            }
        });
        Self { port, heard, _tasks: tasks }
    }

    /// An account on it.
    pub fn account(&self) -> ImapAccount {
        ImapAccount {
            endpoint: Endpoint {
                host: "127.0.0.1".to_owned(),
                port: self.port,
                security: Security::None,
                ca_file: None,
            },
            login: Login { username: "desk".to_owned(), secret: Secret::Password(SecretString::from("geheim")) },
        }
    }

    /// Whether it got a line that begins so.
    pub fn heard(&self, begins: &str) -> bool {
        self.heard.lock().unwrap().iter().any(|line| line.starts_with(begins))
    }
}

async fn serve(stream: TcpStream, mails: &[(u32, String)], rules: &Mutex<Vec<Rule>>, heard: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(stream);
    if !act(&mut stream, "", &take(rules, "greeting").unwrap_or_else(|| vec![say("* OK ready\r\n")])).await {
        return;
    }
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        let (tag, command) = match line.trim_end().split_once(' ') {
            Some((tag, command)) => (tag.to_owned(), command.to_owned()),
            None => (String::new(), line.trim_end().to_owned()),
        };
        heard.lock().unwrap().push(command.clone());
        let acts = take(rules, &command).unwrap_or_else(|| vec![Act::Send(honest(&command, mails))]);
        if !act(&mut stream, &tag, &acts).await {
            return;
        }
    }
}

fn take(rules: &Mutex<Vec<Rule>>, command: &str) -> Option<Vec<Act>> {
    let mut rules = rules.lock().unwrap();
    let at = rules.iter().position(|rule| command.starts_with(&rule.begins))?;
    if rules[at].always { Some(rules[at].acts.clone()) } else { Some(rules.remove(at).acts) }
}

async fn act(stream: &mut BufReader<TcpStream>, tag: &str, acts: &[Act]) -> bool {
    for act in acts {
        match act {
            Act::Send(text) => {
                if stream.write_all(text.replace("TAG", tag).as_bytes()).await.is_err() {
                    return false;
                }
            }
            Act::Close => return false,
            Act::Reset => {
                stream.get_ref().set_zero_linger().unwrap();
                return false;
            }
            Act::Hang => {
                let mut rest = Vec::new();
                drop(stream.read_to_end(&mut rest).await);
                return false;
            }
        }
    }
    true
}

fn honest(command: &str, mails: &[(u32, String)]) -> String {
    let upper = command.to_uppercase();
    let untagged = if upper.starts_with("CAPABILITY") {
        "* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n".to_owned()
    } else if upper.starts_with("SELECT") {
        format!("* {} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n", mails.len())
    } else if upper.starts_with("UID SEARCH") {
        let uids: Vec<String> = asked(command, mails).iter().map(|(uid, _)| uid.to_string()).collect();
        format!("* SEARCH {}\r\n", uids.join(" ")).replace("SEARCH \r", "SEARCH\r")
    } else if upper.starts_with("UID FETCH") {
        asked(command, mails).iter().map(|(uid, text)| fetched(&upper, *uid, text)).collect()
    } else if upper.starts_with("LOGOUT") {
        "* BYE\r\n".to_owned()
    } else {
        String::new()
    };
    format!("{untagged}TAG OK done\r\n")
}

fn fetched(command: &str, uid: u32, text: &str) -> String {
    let size = text.len();
    if command.contains("RFC822.SIZE") {
        format!("* 1 FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"22-Nov-2026 01:02:03 +0000\")\r\n")
    } else {
        format!("* 1 FETCH (UID {uid} BODY[] {{{size}}}\r\n{text})\r\n")
    }
}

/// The mails that the set in a command names; like real servers, `n:*` always names the last one.
fn asked<'a>(command: &str, mails: &'a [(u32, String)]) -> Vec<&'a (u32, String)> {
    let set = command.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default();
    let last = mails.last().map_or(0, |(uid, _)| *uid);
    let holds = |uid: u32| {
        set.split(',').any(|part| match part.split_once(':') {
            Some((low, "*")) => uid >= low.parse().unwrap() || uid == last,
            Some((low, high)) => (low.parse().unwrap()..=high.parse().unwrap()).contains(&uid),
            None => part.parse() == Ok(uid),
        })
    };
    mails.iter().filter(|(uid, _)| holds(*uid)).collect()
}
