//! What a program did to the files of a database, in order, read from a log of strace.
//!
//! Bytes and all: strace writes them as `\x..`, paths too.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::strace;

/// Longer than any single write of SQLite: a page and a frame's header.
const MAX_STRING: &str = "70000";

/// One step. Files are known by their name in the directory.
#[derive(Clone, Debug)]
pub enum Event {
    /// The file is there from now on, if it was not.
    Create(String),
    /// Bytes at an offset.
    Write { name: String, offset: usize, bytes: Vec<u8> },
    /// A new length.
    Truncate { name: String, length: usize },
    /// The name is gone.
    Unlink(String),
    /// A sync was asked for; what was written before is on its way. No name: the directory.
    SyncBegin { thread: u32, name: Option<String> },
    /// That thread's sync has returned.
    SyncEnd { thread: u32 },
    /// The server was told that we have the mail in the file of this name.
    Told(String),
}

/// `command` with a log from which [`read`] makes events.
pub fn logged(command: &Command, log: &Path) -> Command {
    let calls = "trace=openat,pwrite64,pwritev,write,fdatasync,fsync,ftruncate,fallocate,unlink,unlinkat,rename,renameat,renameat2";
    strace::under_strace(command, log, &["-y", "-xx", "-s", MAX_STRING, "-e", calls])
}

/// The events of a log that concern the database `database` and the Maildir `maildir`, from which mails are moved to `Done`.
pub fn read(log: &Path, database: &Path, maildir: &Path) -> Vec<Event> {
    let mut reader = Reader { database, maildir, in_sync: BTreeSet::new(), events: Vec::new() };
    let mut file = BufReader::with_capacity(1 << 20, File::open(log).unwrap());
    let mut line = Vec::new();
    while file.read_until(b'\n', &mut line).unwrap() > 0 {
        reader.line(&line);
        line.clear();
    }
    reader.events
}

struct Reader<'a> {
    database: &'a Path,
    maildir: &'a Path,
    /// Threads inside a sync of ours.
    in_sync: BTreeSet<u32>,
    events: Vec<Event>,
}

impl Reader<'_> {
    fn line(&mut self, line: &[u8]) {
        let (thread, call) = cut_at(line, b' ');
        let thread: u32 = text(thread).parse().unwrap();
        let call = call.trim_ascii();
        if call.starts_with(b"<... ") {
            if self.in_sync.remove(&thread) {
                self.events.push(Event::SyncEnd { thread });
            }
            return;
        }
        let (name, arguments) = cut_at(call, b'(');
        match name {
            b"openat" if contains(arguments, b"O_CREAT") && !contains(arguments, b") = -1 ") => {
                let name = self.name(&quoted(arguments).next().unwrap());
                self.events.extend(name.map(Event::Create));
            }
            b"pwrite64" => self.write(arguments),
            b"ftruncate" => {
                let length = numbers(arguments).next().unwrap();
                self.events.extend(self.name(&opened(arguments)).map(|name| Event::Truncate { name, length }));
            }
            b"fsync" | b"fdatasync" => self.sync(thread, arguments),
            b"unlink" => self.events.extend(self.name(&quoted(arguments).next().unwrap()).map(Event::Unlink)),
            b"rename" => self.rename(arguments),
            b"write" | b"pwritev" | b"fallocate" => {
                assert_eq!(
                    self.name(&opened(arguments)),
                    None,
                    "a call that the model of the disk lacks: {}",
                    text(name)
                );
            }
            b"unlinkat" | b"renameat" | b"renameat2" => panic!("a call that the reader lacks: {}", text(name)),
            _ => {}
        }
    }

    fn write(&mut self, arguments: &[u8]) {
        let Some(name) = self.name(&opened(arguments)) else { return };
        let bytes = quoted(arguments).next().unwrap();
        let mut numbers = numbers(arguments);
        assert_eq!(numbers.next(), Some(bytes.len()), "strace cut a string short");
        self.events.push(Event::Write { name, offset: numbers.next().unwrap(), bytes });
    }

    fn sync(&mut self, thread: u32, arguments: &[u8]) {
        let path = opened(arguments);
        let name = self.name(&path);
        if name.is_none() && Some(path_of(&path).as_path()) != self.database.parent() {
            return;
        }
        self.events.push(Event::SyncBegin { thread, name });
        if contains(arguments, b"<unfinished ...>") {
            self.in_sync.insert(thread);
        } else {
            self.events.push(Event::SyncEnd { thread });
        }
    }

    fn rename(&mut self, arguments: &[u8]) {
        let paths: Vec<PathBuf> = quoted(arguments).map(|path| path_of(&path)).collect();
        let [from, to] = paths.as_slice() else { panic!("a rename has two paths") };
        if to.starts_with(self.maildir.join(".Done")) {
            self.events.push(Event::Told(from.file_name().unwrap().to_str().unwrap().to_owned()));
        }
    }

    /// The name, if it is a file of the database that lives on the disk; the shared memory does not.
    fn name(&self, path: &[u8]) -> Option<String> {
        let path = path_of(path);
        let name = path.file_name()?.to_str()?;
        let suffix = name.strip_prefix(self.database.file_name()?.to_str()?)?;
        let ours = path.parent() == self.database.parent() && !matches!(suffix, "-shm" | ".lock");
        ours.then(|| name.to_owned())
    }
}

fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(bytes))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn cut_at(bytes: &[u8], separator: u8) -> (&[u8], &[u8]) {
    let at = bytes.iter().position(|byte| *byte == separator).unwrap_or(bytes.len());
    (&bytes[..at], bytes.get(at + 1..).unwrap_or_default())
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

/// The path behind a file descriptor: `7<\x2f…>`.
fn opened(arguments: &[u8]) -> Vec<u8> {
    unescaped(cut_at(cut_at(arguments, b'<').1, b'>').0)
}

/// The strings among the arguments.
fn quoted(arguments: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    arguments.split(|byte| *byte == b'"').skip(1).step_by(2).map(unescaped)
}

/// The numbers behind the last string or path, up to the result.
fn numbers(arguments: &[u8]) -> impl Iterator<Item = usize> {
    let from = memchr::memrchr2(b'"', b'>', cut_before_result(arguments)).map_or(0, |at| at + 1);
    let tail = text(cut_before_result(&arguments[from..]));
    let numbers: Vec<usize> = tail.split(',').filter_map(|word| word.trim().parse().ok()).collect();
    numbers.into_iter()
}

/// The arguments alone: what follows is `) = result` or ` <unfinished ...>`.
fn cut_before_result(arguments: &[u8]) -> &[u8] {
    let end = memchr::memmem::rfind(arguments, b") ").or(memchr::memmem::rfind(arguments, b" <unfinished"));
    &arguments[..end.unwrap_or(arguments.len())]
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        _ => panic!("not a hexadecimal digit: {byte}"),
    };
    assert_eq!(text.len() % 4, 0, "not all of it is escaped: {}", String::from_utf8_lossy(&text[..text.len().min(80)]));
    text.chunks_exact(4).map(|escape| digit(escape[2]) << 4 | digit(escape[3])).collect()
}
