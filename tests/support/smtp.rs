//! A small SMTP and LMTP client that puts raw bytes, exactly as given, into a server.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A connection, past the greeting.
#[derive(Debug)]
pub struct Client {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    greeting: &'static str,
}

/// Hands one mail to an SMTP server on loopback; panics unless it is accepted.
pub fn send(port: u16, from: &str, to: &[&str], raw: &[u8]) {
    Client::smtp(port).deliver(from, to, raw);
}

impl Client {
    /// Connects to an SMTP server.
    pub fn smtp(port: u16) -> Self {
        Self::connect(port, "EHLO")
    }

    /// Connects to an LMTP server (RFC 2033).
    pub fn lmtp(port: u16) -> Self {
        Self::connect(port, "LHLO")
    }

    fn connect(port: u16, greeting: &'static str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(5))).unwrap();
        let mut client = Self { reader: BufReader::new(stream.try_clone().unwrap()), writer: stream, greeting };
        client.reply("2");
        client.command(&format!("{greeting} sender.example.test"), "2");
        client
    }

    /// Delivers one mail to these recipients; panics unless every step is accepted.
    pub fn deliver(&mut self, from: &str, to: &[&str], raw: &[u8]) {
        self.command(&format!("MAIL FROM:<{from}>"), "2");
        for recipient in to {
            self.command(&format!("RCPT TO:<{recipient}>"), "2");
        }
        self.command("DATA", "354");
        let mut wire = Vec::with_capacity(raw.len() + 64);
        for line in raw.split_inclusive(|&byte| byte == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line);
        }
        if !wire.ends_with(b"\r\n") {
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b".\r\n");
        self.writer.write_all(&wire).unwrap();
        // LMTP answers once for every recipient, SMTP once.
        let answers = if self.greeting == "LHLO" { to.len() } else { 1 };
        for _ in 0..answers {
            self.reply("2");
        }
    }

    fn command(&mut self, line: &str, expected: &str) -> String {
        self.writer.write_all(format!("{line}\r\n").as_bytes()).unwrap();
        self.reply(expected)
    }

    fn reply(&mut self, expected: &str) -> String {
        let mut text = String::new();
        loop {
            let mut line = String::new();
            let read = self.reader.read_line(&mut line).unwrap();
            assert!(read > 0, "the server hung up after: {text}");
            text.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                break;
            }
        }
        assert!(text.starts_with(expected), "expected {expected}, the server said: {text}");
        text
    }
}
