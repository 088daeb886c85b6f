//! The byte stream below lettre's SMTP client: TCP or TLS, with the server's replies made fit for lettre's parser.
//!
//! lettre panics on a blank line in the reply to EHLO, reads a line without end into memory, waits for ever on a reply without
//! text and refuses letters that are not UTF-8. Never touches what we write.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Octets of one reply line, with room above RFC 5321's 512.
const MAX_LINE: usize = 990;
/// Octets of one reply of several lines: lettre reads them all anew with each line.
const MAX_REPLY: usize = 16 << 10;
/// Octets read from the socket at once.
const CHUNK: usize = 4096;

/// A connection as lettre gets it.
pub struct Wire {
    stream: Stream,
    replies: Replies,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Wire {
    /// An unprotected connection; the server's greeting is still to come.
    pub fn plain(stream: TcpStream) -> Self {
        Self { stream: Stream::Plain(stream), replies: Replies::default() }
    }

    /// A protected connection; the server's greeting is still to come.
    pub fn tls(stream: TlsStream<TcpStream>) -> Self {
        Self { stream: Stream::Tls(Box::new(stream)), replies: Replies::default() }
    }

    /// A connection upgraded by STARTTLS: no greeting will come (RFC 3207 §4.2), so lettre is handed one.
    pub fn upgraded(stream: TlsStream<TcpStream>) -> Self {
        let mut wire = Self::tls(stream);
        wire.replies.ready.extend_from_slice(b"220 upgraded\r\n");
        wire
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        match &self.stream {
            Stream::Plain(stream) => stream.peer_addr(),
            Stream::Tls(stream) => stream.get_ref().0.peer_addr(),
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while this.replies.ready.is_empty() {
            let mut chunk = [0; CHUNK];
            let mut raw = ReadBuf::new(&mut chunk);
            ready!(match &mut this.stream {
                Stream::Plain(stream) => Pin::new(stream).poll_read(cx, &mut raw),
                Stream::Tls(stream) => Pin::new(stream).poll_read(cx, &mut raw),
            })?;
            if raw.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.replies.take(raw.filled())?;
        }
        let count = out.remaining().min(this.replies.ready.len());
        for byte in this.replies.ready.drain(..count) {
            out.put_slice(&[byte]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.get_mut().stream {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

/// Replies on their way from the server to lettre.
#[derive(Default)]
struct Replies {
    ready: Vec<u8>,
    column: usize,
    previous: u8,
    /// Octets of the reply so far, and whether its line so far says that another follows.
    reply: usize,
    goes_on: bool,
}

impl Replies {
    /// Cleans what came in: ASCII only, line ends CR LF, a separator after the digits, a text, and no blank at its beginning.
    fn take(&mut self, raw: &[u8]) -> io::Result<()> {
        for &byte in raw {
            match (self.column, byte) {
                (_, b'\r') => {}
                (column, b'\n') => {
                    match column {
                        3 => self.ready.extend_from_slice(b" ."),
                        4 => self.ready.push(b'.'),
                        _ => {}
                    }
                    self.ready.extend_from_slice(b"\r\n");
                    self.column = 0;
                    self.reply = if self.goes_on { self.reply + 2 } else { 0 };
                    self.goes_on = false;
                    continue;
                }
                (4, b'\t' | b' ') => self.put(b'.')?,
                (_, b'\t' | b' '..=b'~') => self.put(byte)?,
                // Letters beyond ASCII become one mark each, not one an octet.
                (_, 0x80..=0xbf) if self.previous >= 0x80 => {}
                _ => self.put(b'?')?,
            }
            self.previous = byte;
        }
        Ok(())
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.column += 1;
        self.reply += 1;
        self.goes_on |= self.column == 4 && byte == b'-';
        if self.column > MAX_LINE {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "reply line without end"));
        }
        if self.reply > MAX_REPLY {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "reply without end"));
        }
        self.ready.push(byte);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &[u8], clean: &str) {
        let mut replies = Replies::default();
        for byte in raw {
            replies.take(&[*byte]).unwrap();
        }
        assert_eq!(String::from_utf8(replies.ready).unwrap(), clean, "{raw:?}");
    }

    #[test]
    fn replies_that_lettre_cannot_read_are_made_readable() {
        check(b"250-a\r\n250 SIZE 5\r\n", "250-a\r\n250 SIZE 5\r\n");
        check(b"250-  \r\n250-\r\n250\r\n", "250-. \r\n250-.\r\n250 .\r\n");
        check(b"250 ok\n354\n", "250 ok\r\n354 .\r\n");
        check("550 Użytkownik nieznany\r\n".as_bytes(), "550 U?ytkownik nieznany\r\n");
        check(b"550 \xce\xf2\r\x00\r\n", "550 ???\r\n");
    }

    #[test]
    fn a_line_without_end_is_an_error_and_not_memory() {
        let mut replies = Replies::default();
        assert!((0..10).any(|_| replies.take(&[b'x'; 500]).is_err()));
        assert!(replies.ready.len() <= MAX_LINE);
    }

    #[test]
    fn a_reply_of_lines_without_end_is_an_error_and_not_memory() {
        let mut replies = Replies::default();
        assert!((0..5000).any(|_| replies.take(b"250-x\r\n").is_err()));
        assert!(replies.ready.len() <= 2 * MAX_REPLY);
        let mut replies = Replies::default();
        assert!((0..5000).all(|_| replies.take(b"250-x\r\n250 x\r\n").is_ok()), "each ends");
    }
}
