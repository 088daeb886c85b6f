//! An IMAP server that has as many mails as it is told and hands none of them out.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// Starts it; its port.
pub fn start(mails: u32) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(&stream, mails));
        }
    });
    port
}

fn serve(stream: &TcpStream, mails: u32) -> Option<()> {
    let mut writer = stream.try_clone().ok()?;
    writer.write_all(b"* OK ready\r\n").ok()?;
    for line in BufReader::new(stream).lines() {
        let line = line.ok()?;
        let (tag, command) = line.split_once(' ')?;
        let answer = answer(&command.to_ascii_uppercase(), mails);
        writer.write_all(format!("{answer}{tag} OK done\r\n").as_bytes()).ok()?;
    }
    None
}

fn answer(command: &str, mails: u32) -> String {
    if command.starts_with("CAPABILITY") {
        "* CAPABILITY IMAP4rev1\r\n".to_owned()
    } else if command.starts_with("SELECT") {
        format!("* {mails} EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT {}] next\r\n", mails + 1)
    } else if let Some(range) = command.strip_prefix("UID SEARCH UID ") {
        let first: u32 = range.split(':').next().and_then(|first| first.parse().ok()).unwrap_or(1);
        let uids: Vec<String> = (first.min(mails)..=mails).map(|uid| uid.to_string()).collect();
        format!("* SEARCH {}\r\n", uids.join(" "))
    } else {
        String::new()
    }
}
