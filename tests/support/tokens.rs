//! A token endpoint on loopback that answers as it is told, and an introspection endpoint beside it for Dovecot.
//!
//! Never waits for anything but its clients; its threads end with it.
#![allow(dead_code, reason = "every test crate uses a part of this module")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done about a request for a token.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A status and JSON.
    Json(u16, String),
    /// Exactly these bytes.
    Raw(Vec<u8>),
    /// Nothing, and the end of the connection.
    Close,
    /// Nothing, for as long as the client likes.
    Stall,
}

/// A token that lives for so many seconds.
pub fn token(token: &str, expires_in: u64) -> Answer {
    let json = format!(r#"{{"token_type": "Bearer", "expires_in": {expires_in}, "access_token": "{token}"}}"#);
    Answer::Json(200, json)
}

/// A token, and a refresh token in place of the one that was used.
pub fn rotated(token: &str, refresh_token: &str) -> Answer {
    let json = format!(r#"{{"expires_in": 3600, "access_token": "{token}", "refresh_token": "{refresh_token}"}}"#);
    Answer::Json(200, json)
}

/// A refusal.
pub fn refusal(code: &str) -> Answer {
    Answer::Json(400, format!(r#"{{"error": "{code}", "error_description": "AADSTS700: so it is."}}"#))
}

type Hook = Box<dyn Fn() + Send>;

#[derive(Default)]
struct State {
    answers: VecDeque<Answer>,
    requests: Vec<String>,
    before_answer: Option<Hook>,
    active: Vec<(String, String)>,
    stalled: Vec<TcpStream>,
}

/// The server.
pub struct TokenServer {
    /// Its port.
    pub port: u16,
    state: Arc<Mutex<State>>,
    ends: Arc<AtomicBool>,
}

impl TokenServer {
    /// Starts it with these answers, in turn; after them it gives `spare-token`.
    pub fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State { answers: answers.iter().cloned().collect(), ..State::default() }));
        let ends = Arc::new(AtomicBool::new(false));
        let (for_thread, until) = (Arc::clone(&state), Arc::clone(&ends));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if until.load(Ordering::Relaxed) {
                    return;
                }
                let state = Arc::clone(&for_thread);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { port, state, ends }
    }

    /// More answers.
    pub fn answer(&self, answers: &[Answer]) {
        self.state.lock().unwrap().answers.extend(answers.iter().cloned());
    }

    /// Does this before each answer.
    pub fn before_answer(&self, hook: impl Fn() + Send + 'static) {
        self.state.lock().unwrap().before_answer = Some(Box::new(hook));
    }

    /// The bodies of the requests for tokens so far.
    pub fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }

    /// Lets the introspection say that this token is this user's, and no other token anybody's.
    pub fn activate(&self, token: &str, user: &str) {
        self.state.lock().unwrap().active.push((token.to_owned(), user.to_owned()));
    }

    /// Withdraws every token.
    pub fn withdraw_all(&self) {
        self.state.lock().unwrap().active.clear();
    }
}

impl Drop for TokenServer {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some((line, body)) = request(&mut reader) {
        let answer = if line.contains("/introspect") {
            let state = state.lock().unwrap();
            let known = state.active.iter().find(|(token, _)| body.contains(token.as_str()));
            let json = known.map_or_else(
                || r#"{"active": false}"#.to_owned(),
                |(_, user)| format!(r#"{{"active": true, "email": "{user}"}}"#),
            );
            Answer::Json(200, json)
        } else {
            let mut state = state.lock().unwrap();
            state.requests.push(body);
            if let Some(hook) = &state.before_answer {
                hook();
            }
            state.answers.pop_front().unwrap_or_else(|| token("spare-token", 3600))
        };
        let bytes = match answer {
            Answer::Json(status, json) => format!(
                "HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{json}",
                json.len()
            )
            .into_bytes(),
            Answer::Raw(bytes) => {
                drop(writer.write_all(&bytes));
                return;
            }
            Answer::Close => return,
            Answer::Stall => {
                state.lock().unwrap().stalled.push(writer);
                return;
            }
        };
        if writer.write_all(&bytes).is_err() {
            return;
        }
    }
}

/// The request line and the body of the next request.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String)> {
    let (mut line, mut length) = (String::new(), 0);
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).ok()? == 0 {
            return None;
        }
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        if line.is_empty() {
            header.clone_into(&mut line);
        } else if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((line, String::from_utf8(body).ok()?))
}
