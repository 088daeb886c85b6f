//! A scripted SMTP server in this process: it accepts every mail and keeps it, except where a rule tells it to misbehave.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::mail::Received;

/// A point of the SMTP dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection was opened; the greeting is due.
    Greeting,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`.
    Data,
    /// The first line of the mail arrived.
    Content,
    /// The final dot arrived.
    Dot,
}

/// What the server does instead of accepting.
#[derive(Clone, Debug)]
pub enum Fault {
    /// This reply.
    Reply(&'static str),
    /// Hangs up; a mail whose dot has arrived is lost.
    Drop,
    /// Hangs up after the mail was taken and kept, so that its sender cannot know.
    KeepAndDrop,
    /// The usual reply, late.
    Delay(Duration),
}

/// A rule: at this step, for recipients that contain `recipient`, this many times.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Where.
    pub step: Step,
    /// For whom; empty for all. Before RCPT the recipient is unknown and only empty matches.
    pub recipient: &'static str,
    /// What.
    pub fault: Fault,
    /// How often.
    pub times: usize,
}

/// A mail that the server took.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Envelope sender.
    pub from: String,
    /// Envelope recipients.
    pub to: Vec<String>,
    /// The mail.
    pub mail: Received,
    /// When its dot came.
    pub at: Instant,
}

#[derive(Default)]
struct State {
    rules: Mutex<Vec<Rule>>,
    taken: Mutex<Vec<Taken>>,
    fired: Mutex<Vec<Step>>,
    closing: AtomicBool,
    discards: AtomicBool,
    /// What the server announces as SIZE; 0: 100 MiB.
    size: AtomicUsize,
}

/// The server; stops listening when dropped.
pub struct Sink {
    /// Its port on 127.0.0.1.
    pub port: u16,
    state: Arc<State>,
}

impl Sink {
    /// Starts it on a free port.
    pub fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.closing.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                std::thread::spawn(move || Dialogue::new(stream, state).map(Dialogue::run));
            }
        });
        Self { port, state }
    }

    /// Adds a rule; earlier ones come first.
    pub fn misbehave(&self, step: Step, recipient: &'static str, fault: Fault, times: usize) {
        lock(&self.state.rules).push(Rule { step, recipient, fault, times });
    }

    /// From now on all is well again.
    pub fn behave(&self) {
        lock(&self.state.rules).clear();
    }

    /// From now on announces and holds this limit for the size of a mail.
    pub fn limit(&self, bytes: usize) {
        self.state.size.store(bytes, Ordering::SeqCst);
    }

    /// From now on keeps no mail, for runs that take more than memory holds.
    pub fn discard(&self) {
        self.state.discards.store(true, Ordering::SeqCst);
    }

    /// The mails taken so far.
    pub fn taken(&self) -> Vec<Taken> {
        lock(&self.state.taken).clone()
    }

    /// How many mails were taken so far.
    pub fn count(&self) -> usize {
        lock(&self.state.taken).len()
    }

    /// The mails taken for this recipient.
    pub fn taken_for(&self, recipient: &str) -> Vec<Taken> {
        self.taken().into_iter().filter(|taken| taken.to.iter().any(|to| to == recipient)).collect()
    }

    /// How often rules of this step have fired.
    pub fn fired(&self, step: Step) -> usize {
        lock(&self.state.fired).iter().filter(|fired| **fired == step).count()
    }

    /// How many times each pair of recipient and Message-ID was taken.
    pub fn copies(&self) -> BTreeMap<(String, String), usize> {
        let mut copies = BTreeMap::new();
        for taken in self.taken() {
            for to in &taken.to {
                *copies.entry((to.clone(), taken.mail.message_id())).or_default() += 1;
            }
        }
        copies
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.state.closing.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap()
}

/// Whether the dialogue goes on.
enum Next {
    Go,
    End,
}

struct Dialogue {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    state: Arc<State>,
    from: String,
    to: Vec<String>,
}

impl Dialogue {
    fn new(stream: TcpStream, state: Arc<State>) -> Option<Self> {
        stream.set_nodelay(true).ok()?;
        let reader = BufReader::with_capacity(64 * 1024, stream.try_clone().ok()?);
        Some(Self { reader, writer: stream, state, from: String::new(), to: Vec::new() })
    }

    fn run(mut self) {
        if matches!(self.answer(Step::Greeting, "220 sink.example.test ESMTP"), Next::End) {
            return;
        }
        let mut line = String::new();
        loop {
            line.clear();
            if !matches!(self.reader.read_line(&mut line), Ok(1..)) {
                return;
            }
            if matches!(self.command(line.trim_end()), Next::End) {
                return;
            }
        }
    }

    fn command(&mut self, line: &str) -> Next {
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let size = self.size();
                self.say(&format!(
                    "250-sink.example.test\r\n250-8BITMIME\r\n250-SIZE {size}\r\n250-AUTH PLAIN\r\n250-PIPELINING\r\n250 DSN"
                ))
            }
            "AUTH" => self.answer(Step::Auth, "235 2.7.0 welcome"),
            "HELO" | "NOOP" => self.say("250 ok"),
            "MAIL" => {
                self.from = bracketed(line);
                self.to.clear();
                self.answer(Step::Mail, "250 2.1.0 ok")
            }
            "RCPT" => {
                self.to.push(bracketed(line));
                let before = self.to.len();
                let next = self.answer(Step::Rcpt, "250 2.1.5 ok");
                debug_assert!(self.to.len() <= before);
                next
            }
            "DATA" if self.to.is_empty() => self.say("503 5.5.1 no recipients"),
            "DATA" => self.data(),
            "RSET" => {
                self.to.clear();
                self.say("250 ok")
            }
            "QUIT" => {
                let _ = self.say("221 bye");
                Next::End
            }
            _ => self.say("502 5.5.2 unknown"),
        }
    }

    fn data(&mut self) -> Next {
        if let Some(fault) = self.fault(Step::Data) {
            return self.misbehave(&fault, "354 go");
        }
        if matches!(self.say("354 go"), Next::End) {
            return Next::End;
        }
        let mut raw = Vec::new();
        let mut line = Vec::new();
        loop {
            line.clear();
            if !matches!(self.reader.read_until(b'\n', &mut line), Ok(1..)) {
                return Next::End;
            }
            if raw.is_empty() && self.fault(Step::Content).is_some() {
                return Next::End;
            }
            if line == b".\r\n" {
                break;
            }
            raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let too_large = raw.len() > self.size();
        let fault = self.fault(Step::Dot).or(too_large.then_some(Fault::Reply("552 5.3.4 too large")));
        if matches!(fault, None | Some(Fault::Delay(_) | Fault::KeepAndDrop)) {
            let taken = Taken {
                from: self.from.clone(),
                to: std::mem::take(&mut self.to),
                mail: Received::from_bytes(raw),
                at: Instant::now(),
            };
            if !self.state.discards.load(Ordering::SeqCst) {
                lock(&self.state.taken).push(taken);
            }
        }
        match fault {
            None => self.say("250 2.0.0 taken"),
            Some(fault) => self.misbehave(&fault, "250 2.0.0 taken"),
        }
    }

    fn size(&self) -> usize {
        match self.state.size.load(Ordering::SeqCst) {
            0 => 104_857_600,
            size => size,
        }
    }

    fn answer(&mut self, step: Step, usual: &str) -> Next {
        match self.fault(step) {
            None => self.say(usual),
            Some(fault) => {
                if step == Step::Rcpt && matches!(fault, Fault::Reply(_)) {
                    self.to.pop();
                }
                self.misbehave(&fault, usual)
            }
        }
    }

    fn misbehave(&mut self, fault: &Fault, usual: &str) -> Next {
        match fault {
            Fault::Reply(reply) => self.say(reply),
            Fault::Drop | Fault::KeepAndDrop => Next::End,
            Fault::Delay(time) => {
                std::thread::sleep(*time);
                self.say(usual)
            }
        }
    }

    fn fault(&self, step: Step) -> Option<Fault> {
        let mut rules = lock(&self.state.rules);
        let recipients = &self.to;
        let rule = rules.iter_mut().find(|rule| {
            rule.times > 0
                && rule.step == step
                && (rule.recipient.is_empty() || recipients.iter().any(|to| to.contains(rule.recipient)))
        })?;
        rule.times -= 1;
        lock(&self.state.fired).push(step);
        Some(rule.fault.clone())
    }

    fn say(&mut self, reply: &str) -> Next {
        match self.writer.write_all(format!("{reply}\r\n").as_bytes()) {
            Ok(()) => Next::Go,
            Err(_) => Next::End,
        }
    }
}

fn bracketed(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or(String::new(), |(address, _)| address.into())
}
