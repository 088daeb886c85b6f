//! Signed reply addresses and Message-IDs: the only proof that a mail answers what we wrote to somebody.
//!
//! Every signature is HMAC-SHA-256 under the desk's secret, cut to 100 bits, in lower-case base32 (20 characters), and is
//! compared in constant time. What is signed starts with its purpose, so that no signature can stand in for another.

use data_encoding::BASE32_NOPAD;
use ring::hmac::{self, Context, HMAC_SHA256, Key};

use super::address::Address;
use super::id::{AgentId, MailId, MessageKey, TicketNumber};
use super::outgoing::OutgoingKind;

/// Bytes of the secret.
pub const SECRET_LEN: usize = 32;
/// Characters of a signature: 100 bits.
const SIGNATURE_LEN: usize = 20;

/// What our ids and reply addresses say where there is no ticket.
pub const NO_TICKET: TicketNumber = TicketNumber(0);

/// What a reply address proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyProof {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The agent whose address it is.
    pub agent: AgentId,
    /// The latest message that the mail with this address showed; `None` when the address does not say.
    pub shows: Option<MessageKey>,
    /// The one command that a mail to this address stands for: `close` of `1042.anna.close.<token>`.
    pub verb: Option<String>,
}

/// Makes and checks signatures. Holds the secret; has no `Debug`.
#[derive(Clone)]
pub struct Signer {
    key: [u8; SECRET_LEN],
    domain: String,
}

/// What one of our own Message-IDs says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnId {
    /// What the mail was.
    pub kind: OutgoingKind,
    /// The ticket it was about (0 when there was none).
    pub ticket: TicketNumber,
    /// The agent it was written to, for notifications and notices.
    pub agent: Option<AgentId>,
}

impl Signer {
    /// A signer for the desk with this secret and domain.
    pub fn new(key: [u8; SECRET_LEN], domain: &str) -> Self {
        Self { key, domain: domain.to_lowercase() }
    }

    /// The desk's domain, lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The detail of `agent`'s own reply address for `ticket`: `1042.anna.<token>`.
    pub fn reply_detail(&self, ticket: TicketNumber, agent: &AgentId) -> String {
        let claim = format!("{ticket}.{agent}");
        let signature = self.sign("reply", &claim);
        format!("{claim}.{signature}")
    }

    /// The same for a mail that shows the ticket up to `shows`: the token says so behind its signature. For programs that
    /// answer without In-Reply-To.
    pub fn reply_detail_at(&self, ticket: TicketNumber, agent: &AgentId, shows: MessageKey) -> String {
        let (claim, state) = (format!("{ticket}.{agent}"), state_to_text(shows));
        let signature = self.sign("reply-at", &format!("{claim}.{state}"));
        format!("{claim}.{signature}{state}")
    }

    /// The detail of the address that stands for one command of `agent` on `ticket`: `1042.anna.close.<token>`.
    fn verb_detail(&self, ticket: TicketNumber, agent: &AgentId, verb: &str) -> String {
        let claim = format!("{ticket}.{agent}.{verb}");
        let signature = self.sign("verb", &claim);
        format!("{claim}.{signature}")
    }

    /// What a reply address's detail proves, if its token is ours. Case does not matter: servers change it.
    pub fn check_reply_detail(&self, detail: &str) -> Option<ReplyProof> {
        let detail = detail.to_ascii_lowercase();
        let (claim, token) = detail.rsplit_once('.')?;
        let (ticket, agent) = claim.split_once('.')?;
        let ticket = TicketNumber(canonical_number(ticket)?);
        let (signature, state) = token.split_at_checked(SIGNATURE_LEN)?;
        let proof = |shows| ReplyProof { ticket, agent: AgentId::new(agent), shows, verb: None };
        if !state.is_empty() {
            let shows = state_from_text(state)?;
            return self.verify("reply-at", &format!("{claim}.{state}"), signature).then(|| proof(Some(shows)));
        }
        if self.verify("reply", claim, signature) {
            return Some(proof(None));
        }
        let (agent, verb) = agent.rsplit_once('.')?;
        let verb = Some(verb.to_owned());
        self.verify("verb", claim, signature).then(|| ReplyProof { agent: AgentId::new(agent), verb, ..proof(None) })
    }

    /// A new Message-ID, e.g. `notification.1042.anna.88.<signature>@shop.example`; `serial` makes it unique.
    pub fn mail_id(
        &self,
        kind: OutgoingKind,
        ticket: Option<TicketNumber>,
        agent: Option<&AgentId>,
        serial: i64,
    ) -> MailId {
        let ticket = ticket.unwrap_or(NO_TICKET);
        let agent = agent.map_or("-", AgentId::as_str);
        let claim = format!("{kind}.{ticket}.{agent}.{serial}");
        let signature = self.sign("message-id", &claim);
        MailId::new(&format!("{claim}.{signature}@{}", self.domain))
    }

    /// What one of our own Message-IDs says; `None` for any id that we did not mint.
    pub fn check_mail_id(&self, id: &MailId) -> Option<OwnId> {
        let (local, domain) = id.as_str().rsplit_once('@')?;
        if !domain.eq_ignore_ascii_case(&self.domain) {
            return None;
        }
        let local = local.to_ascii_lowercase();
        let (claim, signature) = local.rsplit_once('.')?;
        let mut fields = claim.split('.');
        let kind = OutgoingKind::from_word(fields.next()?)?;
        let ticket = canonical_number(fields.next()?)?;
        let agent = fields.next()?;
        let agent = (agent != "-").then(|| AgentId::new(agent));
        self.verify("message-id", claim, signature).then_some(OwnId { kind, ticket: TicketNumber(ticket), agent })
    }

    /// The Message-ID that all notifications of a ticket refer to, so that they stand in one thread.
    pub fn thread_root(&self, ticket: TicketNumber) -> MailId {
        let claim = format!("ticket.{ticket}");
        let signature = self.sign("thread", &claim);
        MailId::new(&format!("{claim}.{signature}@{}", self.domain))
    }

    /// The value of `X-Postroom-Loop` for a mail: proves that we wrote it.
    pub fn loop_mark(&self, id: &MailId) -> String {
        self.sign("loop", &id.as_str().to_ascii_lowercase())
    }

    /// Whether `mark` is the loop mark of the mail `id`.
    pub fn check_loop_mark(&self, id: &MailId, mark: &str) -> bool {
        self.verify("loop", &id.as_str().to_ascii_lowercase(), &mark.trim().to_ascii_lowercase())
    }

    /// The agent's own reply address on a mailbox, or `None` when the server has no plus addressing or it would be too long.
    /// It says what `shows` says as long as there is room.
    pub fn reply_address(
        &self,
        mailbox: &Address,
        separator: &str,
        ticket: TicketNumber,
        agent: &AgentId,
        shows: Option<MessageKey>,
    ) -> Option<Address> {
        if separator.is_empty() {
            return None;
        }
        let exact = shows.map(|shows| self.reply_detail_at(ticket, agent, shows));
        let exact = exact.and_then(|detail| mailbox.with_detail(separator, &detail));
        exact.or_else(|| mailbox.with_detail(separator, &self.reply_detail(ticket, agent)))
    }

    /// The address that stands for one command, or `None` as for [`Signer::reply_address`].
    pub fn verb_address(
        &self,
        mailbox: &Address,
        separator: &str,
        ticket: TicketNumber,
        agent: &AgentId,
        verb: &str,
    ) -> Option<Address> {
        (!separator.is_empty()).then(|| mailbox.with_detail(separator, &self.verb_detail(ticket, agent, verb)))?
    }

    fn mac(&self, purpose: &str, claim: &str) -> Context {
        let mut mac = Context::with_key(&Key::new(HMAC_SHA256, &self.key));
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(claim.as_bytes());
        mac
    }

    fn sign(&self, purpose: &str, claim: &str) -> String {
        let mut text = BASE32_NOPAD.encode(self.mac(purpose, claim).sign().as_ref()).to_ascii_lowercase();
        text.truncate(SIGNATURE_LEN);
        text
    }

    fn verify(&self, purpose: &str, claim: &str, signature: &str) -> bool {
        // The library compares whole macs in constant time: so the cut signatures are compared by a mac of each.
        let expected = self.mac("compare", &self.sign(purpose, claim)).sign();
        let given = [b"compare\0", signature.as_bytes()].concat();
        signature.len() == SIGNATURE_LEN
            && hmac::verify(&Key::new(HMAC_SHA256, &self.key), &given, expected.as_ref()).is_ok()
    }
}

/// A message's key, short, in letters that survive in an address.
fn state_to_text(shows: MessageKey) -> String {
    let bytes = shows.0.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count().min(bytes.len() - 1);
    BASE32_NOPAD.encode(bytes.get(zeros..).unwrap_or(&bytes)).to_ascii_lowercase()
}

/// The key that [`state_to_text`] writes so; `None` for every other text.
fn state_from_text(text: &str) -> Option<MessageKey> {
    let decoded = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).ok()?;
    let mut bytes = [0; 8];
    bytes.get_mut(8_usize.checked_sub(decoded.len())?..)?.copy_from_slice(&decoded);
    let shows = MessageKey(i64::from_be_bytes(bytes));
    (state_to_text(shows) == text).then_some(shows)
}

/// A number in the one way that we write it: no sign, no leading zeros.
fn canonical_number(text: &str) -> Option<i64> {
    let number: i64 = text.parse().ok()?;
    (number >= 0 && number.to_string() == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new([7; SECRET_LEN], "Shop.example")
    }

    #[test]
    fn a_reply_address_proves_its_ticket_and_agent() {
        let detail = signer().reply_detail(TicketNumber(1042), &AgentId::new("anna"));
        assert_eq!(detail.len(), "1042.anna.".len() + SIGNATURE_LEN);
        let proof =
            Some(ReplyProof { ticket: TicketNumber(1042), agent: AgentId::new("anna"), shows: None, verb: None });
        assert_eq!(signer().check_reply_detail(&detail), proof);
        assert_eq!(signer().check_reply_detail(&detail.to_uppercase()), proof);
    }

    #[test]
    fn a_reply_address_may_say_what_its_mail_showed() {
        for key in [0, 1, 255, 256, 70_000, 1 << 40, i64::MAX] {
            let detail = signer().reply_detail_at(TicketNumber(1042), &AgentId::new("anna"), MessageKey(key));
            let proof = signer().check_reply_detail(&detail.to_uppercase()).unwrap();
            assert_eq!((proof.ticket, proof.shows), (TicketNumber(1042), Some(MessageKey(key))), "{detail}");
        }
        let (info, anna) = (Address::parse("info@shop.example").unwrap(), AgentId::new("anna"));
        let address = |agent: &AgentId| {
            signer().reply_address(&info, "+", TicketNumber(1042), agent, Some(MessageKey(70_000))).unwrap()
        };
        assert_eq!(address(&anna).local().len(), "info+1042.anna.".len() + SIGNATURE_LEN + 5);
        // Where there is no room for it, the address says less.
        let long = AgentId::new("anna.maria.nowakowska.of.returns");
        assert_eq!(address(&long).local().len(), "info+1042.".len() + long.as_str().len() + 1 + SIGNATURE_LEN);
    }

    #[test]
    fn an_address_of_a_verb_is_worth_nothing_for_another_verb_ticket_or_agent() {
        let detail = signer().verb_detail(TicketNumber(1042), &AgentId::new("anna"), "close");
        let proof = signer().check_reply_detail(&detail).unwrap();
        assert_eq!((proof.ticket, proof.agent.as_str()), (TicketNumber(1042), "anna"));
        assert_eq!((proof.verb.as_deref(), proof.shows), (Some("close"), None));
        for (from, to) in [("close", "spam"), ("close.", ""), ("1042", "1043"), ("anna", "jan"), (".close", "close")] {
            assert_eq!(signer().check_reply_detail(&detail.replacen(from, to, 1)), None, "{from} {to}");
        }
        no_change_is_accepted(&detail);
        // No agent's plain address is the address of a verb of somebody else.
        let plain = signer().reply_detail(TicketNumber(1042), &AgentId::new("anna.close"));
        assert_eq!(signer().check_reply_detail(&plain).unwrap().verb, None);
        assert_ne!(plain, detail);
    }

    #[test]
    fn no_changed_reply_address_is_accepted() {
        let detail = signer().reply_detail(TicketNumber(1042), &AgentId::new("anna"));
        no_change_is_accepted(&detail);
        no_change_is_accepted(&signer().reply_detail_at(TicketNumber(1042), &AgentId::new("anna"), MessageKey(70_000)));
        assert_eq!(signer().check_reply_detail(&detail.replace("1042", "01042")), None);
        assert_eq!(Signer::new([8; SECRET_LEN], "shop.example").check_reply_detail(&detail), None);
    }

    fn no_change_is_accepted(detail: &str) {
        for shorter in 0..detail.len() {
            assert_eq!(signer().check_reply_detail(detail.get(..shorter).unwrap()), None);
        }
        for index in 0..detail.len() {
            for letter in ["a", "b", "0", "7", ".", "z"] {
                let mut changed = detail.to_owned();
                changed.replace_range(index..=index, letter);
                if changed != detail {
                    assert_eq!(signer().check_reply_detail(&changed), None, "{changed}");
                }
            }
        }
    }

    #[test]
    fn own_message_ids_say_what_they_were_and_nothing_else_passes_for_one() {
        let id = signer().mail_id(OutgoingKind::Notification, Some(TicketNumber(7)), Some(&AgentId::new("jan")), 88);
        let own = signer().check_mail_id(&id).unwrap();
        assert_eq!(
            own,
            OwnId { kind: OutgoingKind::Notification, ticket: TicketNumber(7), agent: Some(AgentId::new("jan")) }
        );
        for forged in [
            id.as_str().replace(".7.", ".8."),
            id.as_str().replace("jan", "anna"),
            id.as_str().replace("shop", "evil"),
            format!("notification.7.jan.88.{}@shop.example", "a".repeat(20)),
            "x@shop.example".into(),
        ] {
            assert_eq!(signer().check_mail_id(&MailId::new(&forged)), None, "{forged}");
        }
    }

    #[test]
    fn a_signature_for_one_purpose_is_worth_nothing_for_another() {
        let root = signer().thread_root(TicketNumber(7));
        assert_eq!(signer().check_mail_id(&root), None);
        let mark = signer().loop_mark(&root);
        assert!(signer().check_loop_mark(&root, &mark));
        assert!(!signer().check_loop_mark(&MailId::new("other@x"), &mark));
    }
}
