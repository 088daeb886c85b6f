//! A small blocking IMAP client: the customers' and agents' view of their own mailboxes.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::mail::Received;

/// A session over plain TCP on loopback.
#[derive(Debug)]
pub struct Imap {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    tag: u32,
}

/// One response of the server: its text with literals cut out, and the literals.
#[derive(Debug)]
struct Response {
    text: String,
    literals: Vec<Vec<u8>>,
}

impl Imap {
    /// Connects and logs in.
    pub fn login(port: u16, user: &str, password: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(5))).unwrap();
        let mut imap = Self { reader: BufReader::new(stream.try_clone().unwrap()), writer: stream, tag: 0 };
        imap.response();
        imap.command(&format!("LOGIN \"{user}\" \"{password}\""));
        imap
    }

    /// All mails of a folder, in the order of their UIDs; reading does not mark them as seen.
    pub fn mails(&mut self, folder: &str) -> Vec<Received> {
        let selected = self.command(&format!("EXAMINE \"{folder}\""));
        if selected.iter().any(|response| response.text.starts_with("* 0 EXISTS")) {
            return Vec::new();
        }
        let fetched = self.command("UID FETCH 1:* (UID FLAGS BODY.PEEK[])");
        fetched.into_iter().filter(|response| !response.literals.is_empty()).map(Received::from).collect()
    }

    /// The names of all folders that mails can lie in.
    pub fn folders(&mut self) -> Vec<String> {
        let listed = self.command("LIST \"\" \"*\"");
        let name = |response: Response| {
            let text = response.text.strip_prefix("* LIST ")?.to_owned();
            let (flags, rest) = text.split_once(") ")?;
            let name = rest.split_once(' ')?.1.trim_matches('"').to_owned();
            (!flags.to_lowercase().contains("\\noselect")).then_some(name)
        };
        listed.into_iter().filter_map(name).collect()
    }

    /// The UIDs of all mails in a folder, which is open then.
    pub fn uids(&mut self, folder: &str) -> Vec<u32> {
        self.search(folder, "ALL")
    }

    /// The UIDs of the mails in a folder that fit a search; the folder is open then.
    pub fn search(&mut self, folder: &str, what: &str) -> Vec<u32> {
        self.open(folder);
        let found = self.command(&format!("UID SEARCH {what}"));
        let line = found.into_iter().find_map(|response| response.text.strip_prefix("* SEARCH").map(str::to_owned));
        line.unwrap_or_default().split_whitespace().filter_map(|uid| uid.parse().ok()).collect()
    }

    /// Number of mails in a folder.
    pub fn count(&mut self, folder: &str) -> usize {
        let responses = self.command(&format!("STATUS \"{folder}\" (MESSAGES)"));
        let text = responses.iter().find(|response| response.text.starts_with("* STATUS")).unwrap();
        word_after(&text.text, "MESSAGES").and_then(|word| word.parse().ok()).unwrap()
    }

    /// Puts a mail into a folder.
    pub fn append(&mut self, folder: &str, raw: &[u8]) {
        let tag = self.send(&format!("APPEND \"{folder}\" {{{}}}", raw.len()));
        let go = self.response();
        assert!(go.text.starts_with('+'), "{}", go.text);
        self.writer.write_all(raw).unwrap();
        self.writer.write_all(b"\r\n").unwrap();
        self.finish(&tag);
    }

    /// Moves a mail to another folder.
    pub fn move_to(&mut self, folder: &str, uid: u32, target: &str) {
        self.command(&format!("SELECT \"{folder}\""));
        self.command(&format!("UID MOVE {uid} \"{target}\""));
    }

    /// Creates a folder, unless somebody else just did.
    pub fn create(&mut self, folder: &str) {
        let tag = self.send(&format!("CREATE \"{folder}\""));
        self.finish_with(&tag, &["OK", "NO [ALREADYEXISTS]"]);
    }

    /// Opens a folder.
    pub fn open(&mut self, folder: &str) {
        self.command(&format!("SELECT \"{folder}\""));
    }

    /// Runs a command on the folder that is open; panics unless it works.
    pub fn run(&mut self, line: &str) {
        self.command(line);
    }

    fn command(&mut self, line: &str) -> Vec<Response> {
        let tag = self.send(line);
        self.finish(&tag)
    }

    fn send(&mut self, line: &str) -> String {
        self.tag += 1;
        let tag = format!("t{}", self.tag);
        self.writer.write_all(format!("{tag} {line}\r\n").as_bytes()).unwrap();
        tag
    }

    fn finish(&mut self, tag: &str) -> Vec<Response> {
        self.finish_with(tag, &["OK"])
    }

    /// Reads on to the end of a command, which has to be one of `ends`.
    fn finish_with(&mut self, tag: &str, ends: &[&str]) -> Vec<Response> {
        let mut responses = Vec::new();
        loop {
            let response = self.response();
            if let Some(result) = response.text.strip_prefix(tag) {
                let good = ends.iter().any(|end| result.trim_start().starts_with(end));
                assert!(good, "the IMAP server said: {}", response.text);
                return responses;
            }
            responses.push(response);
        }
    }

    fn response(&mut self) -> Response {
        let mut response = Response { text: String::new(), literals: Vec::new() };
        loop {
            let mut line = Vec::new();
            let read = self.reader.read_until(b'\n', &mut line).unwrap();
            assert!(read > 0, "the IMAP server hung up");
            let line = String::from_utf8_lossy(&line).into_owned();
            let line = line.trim_end_matches(['\r', '\n']);
            let Some(size) = literal_size(line) else {
                response.text.push_str(line);
                return response;
            };
            response.text.push_str(&line[..line.rfind('{').unwrap()]);
            let mut literal = vec![0; size];
            self.reader.read_exact(&mut literal).unwrap();
            response.literals.push(literal);
        }
    }
}

fn literal_size(line: &str) -> Option<usize> {
    line.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()
}

fn word_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split(['(', ')', ' ']).skip_while(|word| *word != key).nth(1)
}

impl From<Response> for Received {
    fn from(mut response: Response) -> Self {
        let uid = word_after(&response.text, "UID").and_then(|word| word.parse().ok()).unwrap();
        let flags = response.text.split_once("FLAGS (").and_then(|(_, rest)| rest.split_once(')')).unwrap().0;
        let flags = flags.split(' ').filter(|flag| !flag.is_empty()).map(str::to_owned).collect();
        Received { uid, flags, raw: response.literals.remove(0) }
    }
}
