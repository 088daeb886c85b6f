//! An IMAP server on loopback that answers as it is told, and lies, stalls or hangs up on demand.
//!
//! Never waits for anything but its client: a test ends when its client's task ends.
#![allow(dead_code, reason = "every test crate uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "lies.rs"]
pub mod lies;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use postroom::model::policy::{Endpoint, ImapAccount, Login, Secret, Security};
use secrecy::SecretString;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use lies::{Planned, responses, tell};

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

/// A mail on the server.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its UID.
    pub uid: u32,
    /// Its bytes.
    pub text: String,
    /// Its INTERNALDATE.
    pub date: String,
}

impl Held {
    /// A mail received days ago.
    pub fn old(uid: u32, text: &str) -> Self {
        Self { uid, text: text.to_owned(), date: "22-Nov-2026 01:02:03 +0000".to_owned() }
    }
}

/// The one folder of the server.
#[derive(Clone, Debug)]
pub struct HeldFolder {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT, if the server tells.
    pub uid_next: Option<u32>,
    /// Whether the next answer tells UIDVALIDITY.
    pub announce: bool,
    /// What is in it, ascending.
    pub mails: Vec<Held>,
}

/// What all connections of a server share.
struct Shared {
    folder: Mutex<HeldFolder>,
    rules: Mutex<Vec<Rule>>,
    heard: Arc<Mutex<Vec<String>>>,
    /// Responses sent so far, and the lie that is still to be told.
    lie: Mutex<(usize, Option<Planned>)>,
}

/// A running server.
pub struct Server {
    /// Its port.
    pub port: u16,
    /// All lines it got, without tags.
    pub heard: Arc<Mutex<Vec<String>>>,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

impl Server {
    /// Starts a server that follows `rules`, each once and in any order, and otherwise behaves: one folder with
    /// UIDVALIDITY 7 and the mails `(uid, bytes)`.
    pub async fn start(mails: &[(u32, &str)], rules: Vec<Rule>) -> Self {
        Self::holding(mails.iter().map(|(uid, text)| Held::old(*uid, text)).collect(), rules, None).await
    }

    /// Starts a server with these mails that tells one lie.
    pub async fn holding(mails: Vec<Held>, rules: Vec<Rule>, lie: Option<Planned>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let folder = HeldFolder { uid_validity: 7, uid_next: None, announce: false, mails };
        let shared = Arc::new(Shared {
            folder: Mutex::new(folder),
            rules: Mutex::new(rules),
            heard: Arc::clone(&heard),
            lie: Mutex::new((0, lie)),
        });
        let mut tasks = JoinSet::new();
        let for_task = Arc::clone(&shared);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                let shared = Arc::clone(&for_task);
                connections.spawn(async move { serve(stream, &shared).await });
            }
        });
        Self { port, heard, shared, _tasks: tasks }
    }

    /// Changes what the server holds.
    pub fn change(&self, change: impl FnOnce(&mut HeldFolder)) {
        change(&mut self.shared.folder.lock().unwrap());
    }

    /// One more rule from now on.
    pub fn rule(&self, rule: Rule) {
        self.shared.rules.lock().unwrap().push(rule);
    }

    /// Forgets all rules: the server is honest from now on.
    pub fn heal(&self) {
        self.shared.rules.lock().unwrap().clear();
    }

    /// Whether the lie has been told.
    pub fn lied(&self) -> bool {
        self.shared.lie.lock().unwrap().1.is_none()
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

async fn serve(stream: TcpStream, shared: &Shared) {
    let mut stream = BufReader::new(stream);
    let greeting = take(&shared.rules, "greeting");
    let greeted = match greeting {
        Some(acts) => act(&mut stream, "", &acts).await,
        None => answer(&mut stream, shared, "*", "* OK ready\r\n").await,
    };
    if !greeted {
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
        shared.heard.lock().unwrap().push(command.clone());
        let goes_on = if let Some(acts) = take(&shared.rules, &command) {
            act(&mut stream, &tag, &acts).await
        } else {
            let text = honest(&command, &mut shared.folder.lock().unwrap());
            answer(&mut stream, shared, &tag, &text).await
        };
        if !goes_on {
            return;
        }
    }
}

/// Sends an honest answer, with the lie in it if it is due.
async fn answer(stream: &mut BufReader<TcpStream>, shared: &Shared, tag: &str, text: &str) -> bool {
    let mut responses = responses(text);
    let lie = {
        let mut lie = shared.lie.lock().unwrap();
        let first = lie.0;
        lie.0 += responses.len();
        let due = lie.1.filter(|planned| planned.place < lie.0);
        if due.is_some() {
            lie.1 = None;
        }
        due.map(|planned| (planned.lie, planned.place.saturating_sub(first)))
    };
    let end = lie.map(|(lie, at)| tell(lie, at, &mut responses)).unwrap_or_default();
    act(stream, tag, &[say(&responses.concat())]).await && act(stream, tag, &end).await
}

/// Lets a runtime's clock run about fifty times as fast, for time-outs and polls that nobody wants to wait for.
pub async fn hurry() {
    loop {
        tokio::time::sleep(Duration::from_millis(10)).await;
        advance(Duration::from_millis(500)).await;
    }
}

/// Moves a runtime's clock; it runs on even if this is cancelled.
pub async fn advance(time: Duration) {
    struct Running;
    impl Drop for Running {
        fn drop(&mut self) {
            tokio::time::resume();
        }
    }
    tokio::time::pause();
    let _running = Running;
    tokio::time::advance(time).await;
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

fn honest(command: &str, folder: &mut HeldFolder) -> String {
    let upper = command.to_uppercase();
    let announced = if std::mem::take(&mut folder.announce) && !upper.starts_with("SELECT") {
        format!("* OK [UIDVALIDITY {}] numbered anew\r\n", folder.uid_validity)
    } else {
        String::new()
    };
    let mails = &folder.mails;
    let untagged = if upper.starts_with("CAPABILITY") {
        "* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\n".to_owned()
    } else if upper.starts_with("SELECT") {
        let next = folder.uid_next.map(|next| format!("* OK [UIDNEXT {next}] next\r\n")).unwrap_or_default();
        format!("* {} EXISTS\r\n* OK [UIDVALIDITY {}] valid\r\n{next}", mails.len(), folder.uid_validity)
    } else if upper.starts_with("UID SEARCH") {
        let uids: Vec<String> = asked(command, mails).iter().map(|mail| mail.uid.to_string()).collect();
        format!("* SEARCH {}\r\n", uids.join(" ")).replace("SEARCH \r", "SEARCH\r")
    } else if upper.starts_with("UID FETCH") {
        asked(command, mails).iter().map(|mail| fetched(&upper, mail)).collect()
    } else if upper.starts_with("LOGOUT") {
        "* BYE\r\n".to_owned()
    } else {
        String::new()
    };
    format!("{announced}{untagged}TAG OK done\r\n")
}

fn fetched(command: &str, mail: &Held) -> String {
    let Held { uid, text, date } = mail;
    let size = text.len();
    if command.contains("INTERNALDATE") {
        format!("* 1 FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE \"{date}\")\r\n")
    } else if command.contains("RFC822.SIZE") {
        format!("* 1 FETCH (UID {uid} RFC822.SIZE {size})\r\n")
    } else if command.contains("[HEADER]") {
        let end = text.find("\r\n\r\n").map_or(size, |end| end + 4);
        format!("* 1 FETCH (UID {uid} BODY[HEADER]<0> {{{end}}}\r\n{})\r\n", &text[..end])
    } else {
        format!("* 1 FETCH (UID {uid} BODY[] {{{size}}}\r\n{text})\r\n")
    }
}

/// The mails that the set in a command names; like real servers, `n:*` always names the last one.
fn asked<'a>(command: &str, mails: &'a [Held]) -> Vec<&'a Held> {
    let set = command.split(' ').find(|word| word.starts_with(|c: char| c.is_ascii_digit())).unwrap_or_default();
    let last = mails.last().map_or(0, |mail| mail.uid);
    let ranges: Vec<(u32, u32)> = set
        .split(',')
        .filter_map(|part| match part.split_once(':') {
            Some((low, "*")) => Some((low.parse().ok()?, u32::MAX)),
            Some((low, high)) => Some((low.parse().ok()?, high.parse().ok()?)),
            None => part.parse().ok().map(|uid| (uid, uid)),
        })
        .collect();
    let holds =
        |uid: u32| ranges.iter().any(|(low, high)| (*low..=*high).contains(&uid) || (*high == u32::MAX && uid == last));
    mails.iter().filter(|mail| holds(mail.uid)).collect()
}
