//! The dialogue up to STARTTLS, on the bare TCP stream.
//!
//! lettre's own keeps what the server said before the handshake (response injection, CVE-2011-0411), so it is done here.
//! Never goes on without TLS.

use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::send::error::StepError;

/// Octets of one reply line.
const MAX_LINE: u64 = 1000;
/// Lines of one reply.
const MAX_LINES: usize = 100;

/// Reads the greeting, says EHLO and STARTTLS; afterwards the stream is at the first byte of TLS.
pub async fn ask(stream: TcpStream, hello: &ClientId) -> Result<TcpStream, StepError> {
    let mut stream = BufReader::new(stream);
    reply(&mut stream, "greeting").await?;
    let features = exchange(&mut stream, "EHLO", &format!("EHLO {hello}\r\n")).await?;
    let offered = features.iter().any(|line| line.trim().eq_ignore_ascii_case("STARTTLS"));
    if !offered {
        return Err(StepError::Broken(
            "the server does not offer STARTTLS, and nothing is sent unprotected; hint: try `security = \"tls\"`"
                .to_owned(),
        ));
    }
    exchange(&mut stream, "STARTTLS", "STARTTLS\r\n").await?;
    if !stream.buffer().is_empty() {
        return Err(StepError::Broken("STARTTLS: the server went on talking unprotected".to_owned()));
    }
    Ok(stream.into_inner())
}

async fn exchange(stream: &mut BufReader<TcpStream>, step: &str, command: &str) -> Result<Vec<String>, StepError> {
    stream.write_all(command.as_bytes()).await.map_err(|error| StepError::from_io(step, &error))?;
    stream.flush().await.map_err(|error| StepError::from_io(step, &error))?;
    reply(stream, step).await
}

/// The texts of a 2yz reply, a line each.
async fn reply(stream: &mut BufReader<TcpStream>, step: &str) -> Result<Vec<String>, StepError> {
    let mut texts = Vec::new();
    while texts.len() < MAX_LINES {
        let mut line = Vec::new();
        stream.take(MAX_LINE).read_until(b'\n', &mut line).await.map_err(|error| StepError::from_io(step, &error))?;
        if line.is_empty() {
            return Err(StepError::Broken(format!("{step}: the server closed the connection")));
        }
        let line = String::from_utf8_lossy(&line).into_owned();
        let (Some(code), true) = (line.get(..3).and_then(|digits| digits.parse::<u16>().ok()), line.ends_with('\n'))
        else {
            return Err(StepError::Broken(format!("{step}: this is not SMTP")));
        };
        let text = line.get(4..).unwrap_or_default().trim_end().to_owned();
        let more = line.get(3..4) == Some("-");
        texts.push(text);
        match (code, more) {
            (_, true) => {}
            (200..=299, false) => return Ok(texts),
            (400..=599, false) => return Err(StepError::refused(code, &texts.join(" "))),
            (_, false) => return Err(StepError::Broken(format!("{step}: unexpected reply `{code}`"))),
        }
    }
    Err(StepError::Broken(format!("{step}: a reply without end")))
}
