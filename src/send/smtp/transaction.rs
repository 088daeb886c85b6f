//! One mail to one recipient on an open connection: MAIL, RCPT, DATA, the mail, and what the reply means.
//!
//! Never writes the final dot before the phase is on record, and never a line end other than CR LF (SMTP smuggling).

use std::borrow::Cow;
use std::future::Future;
use std::iter;
use std::sync::atomic::{AtomicBool, Ordering};

use lettre::Address as SmtpAddress;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Severity;

use super::connection::Connection;
use super::timeouts::within;
use crate::model::address::Address;
use crate::model::outgoing::{Objection, OutgoingKind};
use crate::send::error::{SendError, Step, StepError, objection, reply_line, want};
use crate::store::StoreError;
use crate::store::outbox::Due;

impl Connection {
    /// Sends one mail; returns the server's reply. `before_dot` makes it durable that the server may have the mail; it is polled
    /// once the server wants the mail, and done before the mail's first byte is written.
    ///
    /// [`SendError::Connection`] and [`SendError::Stopped`] mean that `before_dot` was not polled.
    pub async fn send(
        &mut self,
        mail: &Due,
        before_dot: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<String, SendError> {
        let bytes = canonical(&mail.bytes);
        let parameters = self.parameters(mail, &bytes)?;
        if let Err((step, error)) = self.envelope(mail, &parameters).await {
            return Err(self.abandon(step, error).await);
        }
        if let Err(error) = self.say("DATA", self.timeouts.data, Severity::PositiveIntermediate, Data).await {
            return Err(self.abandon(Step::Content, error).await);
        }
        // From here the server waits for a mail: whatever happens, nothing else can be said on this connection.
        if let Err(error) = before_dot.await {
            self.usable = false;
            return Err(SendError::Store(error));
        }
        self.content(&bytes).await
    }

    /// The parameters of MAIL, or why the mail cannot be said to this server at all.
    fn parameters(&self, mail: &Due, bytes: &[u8]) -> Result<Vec<MailParameter>, SendError> {
        let mut parameters = Vec::new();
        if let Some(limit) = self.features.limit()
            && u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit
        {
            let text = format!("the mail has {} bytes and the server takes at most {limit}", bytes.len());
            return Err(SendError::Permanent(text, Objection::Size));
        }
        if self.features.size.is_some() {
            parameters.push(MailParameter::Size(bytes.len()));
        }
        if !bytes.is_ascii() {
            if !self.features.eight_bit {
                let text = "the mail is not ASCII and the server lacks 8BITMIME".to_owned();
                return Err(SendError::Permanent(text, Objection::Content));
            }
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let senders = [mail.envelope_from.as_ref(), Some(&mail.fallback_from), Some(&mail.recipient)];
        if !senders.into_iter().flatten().all(|address| address.as_str().is_ascii()) {
            if !self.features.utf8 {
                let text = "an address is not ASCII and the server lacks SMTPUTF8".to_owned();
                let ascii = mail.recipient.as_str().is_ascii();
                return Err(SendError::Permanent(text, if ascii { Objection::Sender } else { Objection::Address }));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        Ok(parameters)
    }

    /// MAIL and RCPT; with the mailbox's address for a sender where the server refuses `<>`, or the address of a notification
    /// that says whose it is.
    async fn envelope(&mut self, mail: &Due, parameters: &[MailParameter]) -> Result<(), (Step, StepError)> {
        let fallback = Some(&mail.fallback_from);
        let tagged = mail.kind == OutgoingKind::Notification && mail.envelope_from.as_ref() != fallback;
        let sender = match &mail.envelope_from {
            None if self.null_sender_refused => fallback,
            Some(_) if tagged && self.tagged_sender_refused => fallback,
            from => from.as_ref(),
        };
        let replaceable = sender.is_none() || (tagged && sender != fallback);
        match self.mail_and_rcpt(sender, &mail.recipient, parameters).await {
            Err((step, StepError::Refused { code, text })) if replaceable && dislikes_sender(step, code, &text) => {
                let again = self.say("RSET", self.timeouts.command, Severity::PositiveCompletion, Rset).await;
                again.map_err(|error| (Step::Mail, error))?;
                self.mail_and_rcpt(fallback, &mail.recipient, parameters).await?;
                self.null_sender_refused |= sender.is_none();
                self.tagged_sender_refused |= sender.is_some();
                Ok(())
            }
            result => result,
        }
    }

    async fn mail_and_rcpt(
        &mut self,
        sender: Option<&Address>,
        recipient: &Address,
        parameters: &[MailParameter],
    ) -> Result<(), (Step, StepError)> {
        let (limit, class) = (self.timeouts.command, Severity::PositiveCompletion);
        let from = Mail::new(sender.map(smtp_address), parameters.to_vec());
        self.say("MAIL", limit, class, from).await.map_err(|error| (Step::Mail, error))?;
        let to = Rcpt::new(smtp_address(recipient), Vec::new());
        self.say("RCPT", limit, class, to).await.map_err(|error| (Step::Rcpt, error))?;
        Ok(())
    }

    /// Clears the transaction after a refusal, so that the next mail finds the server at the beginning.
    async fn abandon(&mut self, step: Step, error: StepError) -> SendError {
        if self.usable {
            // A failure marks the connection as not usable, which is all that matters.
            self.say("RSET", self.timeouts.command, Severity::PositiveCompletion, Rset).await.ok();
        }
        error.into_verdict(step)
    }

    /// The mail and the final dot.
    async fn content(&mut self, bytes: &[u8]) -> Result<String, SendError> {
        self.usable = false;
        // lettre puts CR LF before the dot by itself.
        let mut body = Some(bytes.strip_suffix(b"\r\n").unwrap_or(bytes));
        let dot_written = AtomicBool::new(false);
        // lettre asks for the next piece once the last one is written, and writes the dot when there is none.
        let pieces = iter::from_fn(|| {
            let piece = body.take();
            dot_written.store(piece.is_none(), Ordering::Relaxed);
            piece
        });
        let step = "final dot";
        let writing =
            async { self.smtp.message_iter(pieces).await.map_err(|error| StepError::from_smtp(step, &error)) };
        let result = within(self.timeouts.dot_for(bytes.len()), &self.halt, step, writing)
            .await
            .and_then(|response| want(step, Severity::PositiveCompletion, response))
            .map_err(|error| error.hiding(&self.secrets));
        let dot_written = dot_written.into_inner();
        match result {
            Ok(response) => {
                self.usable = true;
                Ok(self.secrets.hide(&reply_line(&response)))
            }
            Err(StepError::Refused { code, text }) => {
                self.usable = code != 421;
                let objection = objection(Step::Content, code, &text);
                Err(if code >= 500 { SendError::Permanent(text, objection) } else { SendError::Temporary(text) })
            }
            Err(StepError::Broken(text)) if dot_written => Err(SendError::Uncertain(text)),
            Err(StepError::Stopped) if dot_written => {
                Err(SendError::Uncertain("we were stopped while the server thought about it".to_owned()))
            }
            // Without the dot the server cannot have it.
            Err(StepError::Broken(text)) => Err(SendError::Temporary(text)),
            Err(StepError::Stopped) => Err(SendError::Temporary("stopped in the middle of the mail".to_owned())),
        }
    }
}

/// Whether a refusal may be about the sender. Postfix judges the sender when it hears the recipient
/// (`smtpd_delay_reject`): `553 5.7.1 <>: Sender address rejected: not owned by user`.
fn dislikes_sender(step: Step, code: u16, text: &str) -> bool {
    match step {
        Step::Mail => code >= 500 && !matches!(code, 530 | 534 | 535 | 538),
        Step::Rcpt => {
            let text = text.to_ascii_lowercase();
            code >= 500 && ["5.1.7 ", "5.1.8 ", "5.7.1 ", "sender"].iter().any(|sign| text.contains(sign))
        }
        Step::Content => false,
    }
}

/// Our addresses are checked when they are parsed, and wider than lettre's on purpose.
pub fn smtp_address(address: &Address) -> SmtpAddress {
    SmtpAddress::new_dangerous(address.local(), address.domain())
}

/// The mail with CR LF for line ends and without NUL. What we compose is that already; this is the second lock on the door.
fn canonical(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut previous = 0;
    let clean = bytes.iter().all(|&byte| {
        let fits = byte != 0 && (byte == b'\n') == (previous == b'\r');
        previous = byte;
        fits
    });
    if clean && previous != b'\r' {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            0 => {}
            b'\r' => {
                rest.next_if_eq(&b'\n');
                out.extend_from_slice(b"\r\n");
            }
            b'\n' => out.extend_from_slice(b"\r\n"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &[u8], clean: &[u8]) {
        assert_eq!(canonical(raw).as_ref(), clean, "{:?}", String::from_utf8_lossy(raw));
    }

    #[test]
    fn only_cr_lf_ends_a_line() {
        check(b"a\r\n.b\r\n", b"a\r\n.b\r\n");
        assert!(matches!(canonical(b"a\r\n\r\nb"), Cow::Borrowed(_)));
        for smuggled in [&b"a\n.\nb"[..], b"a\r.\rb", b"a\n.\r\nb", b"a\r\n.\rb", b"a\0\n.\0\r\0\nb"] {
            let clean = canonical(smuggled);
            let text = std::str::from_utf8(&clean).unwrap().replace("\r\n", "");
            assert!(!text.contains(['\r', '\n', '\0']), "{text:?}");
        }
        check(b"a\r", b"a\r\n");
        check(b"\r\r\n\n", b"\r\n\r\n\r\n");
    }
}
