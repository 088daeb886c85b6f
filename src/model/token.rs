//! Signed reply addresses and Message-IDs: the only proof that a mail answers what we wrote to somebody.
//!
//! Every signature is HMAC-SHA-256 under the desk's secret, in lower-case base32, compared in constant time. What is signed
//! starts with its purpose, so that no signature can stand in for another, and names the *opening* of its ticket: a random
//! key that is stored with the ticket. A number that is given again (a database restored from a backup, a new one beside a
//! living secret) has another key, and nothing that was written about the first ticket proves anything about the second.

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use ring::hmac::{self, Context, HMAC_SHA256, Key};

use super::address::Address;
use super::id::{AgentId, MailId, MessageKey, TicketNumber};
use super::outgoing::OutgoingKind;
use super::reader::Reader;

/// Bytes of the secret.
pub const SECRET_LEN: usize = 32;
/// Characters of a signature in a Message-ID: 100 bits.
const SIGNATURE_LEN: usize = 20;
/// Characters of a signature in an address, where the local part has room for 64 (RFC 5321 §4.5.3.1.1): 80 bits.
const SHORT_SIGNATURE_LEN: usize = 16;
/// Characters of a ticket's key.
const KEY_LEN: usize = 7;

/// What our ids and reply addresses say where there is no ticket.
pub const NO_TICKET: TicketNumber = TicketNumber(0);

/// What only this ticket has, whatever becomes of its number: 35 random bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketKey(i64);

impl TicketKey {
    /// The bits that a key has.
    const MASK: i64 = (1 << 35) - 1;

    /// A key out of any random number, or the one that was stored.
    pub fn new(random: i64) -> Self {
        Self(random & Self::MASK)
    }

    /// As it is stored.
    pub fn get(self) -> i64 {
        self.0
    }

    fn to_text(self) -> String {
        let bytes = (self.0 << 5).to_be_bytes();
        let text = BASE32_NOPAD.encode(bytes.get(3..).unwrap_or_default()).to_ascii_lowercase();
        text.get(..KEY_LEN).unwrap_or_default().to_owned()
    }

    fn from_text(text: &str) -> Option<Self> {
        let padded = format!("{}A", text.to_ascii_uppercase());
        let decoded = BASE32_NOPAD.decode(padded.as_bytes()).ok().filter(|decoded| decoded.len() == 5)?;
        let mut bytes = [0; 8];
        bytes.get_mut(3..)?.copy_from_slice(&decoded);
        Some(Self(i64::from_be_bytes(bytes) >> 5))
    }
}

/// A ticket as our tokens name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Its number.
    pub number: TicketNumber,
    /// What no other ticket under this number has.
    pub key: TicketKey,
}

impl Opening {
    /// Where there is no ticket.
    pub const NONE: Self = Self { number: NO_TICKET, key: TicketKey(0) };
}

/// What a token says of the ticket beside its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Its key.
    Key(TicketKey),
    /// Nothing: it was made before tickets had keys.
    Old {
        /// When it was made, where it says so.
        minted: Option<Timestamp>,
    },
}

/// What a reply address proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyProof {
    /// The ticket.
    pub ticket: TicketNumber,
    /// Which ticket of that number.
    pub seal: Seal,
    /// The agent whose address it is.
    pub agent: AgentId,
    /// Who reads what is written to it; `None` when it was made before addresses said so.
    pub reader: Option<Reader>,
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

/// What a Message-ID of ours is made of.
#[derive(Clone, Copy, Debug)]
pub struct MailClaim<'a> {
    /// What the mail is.
    pub kind: OutgoingKind,
    /// The ticket that it is about.
    pub ticket: Opening,
    /// The agent it is written to.
    pub agent: Option<&'a AgentId>,
    /// Who reads a reply to it.
    pub reader: Reader,
    /// Makes it unique; microseconds of the clock, for all but hand-made ones.
    pub serial: i64,
}

/// What one of our own Message-IDs says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnId {
    /// What the mail was.
    pub kind: OutgoingKind,
    /// The ticket it was about (0 when there was none).
    pub ticket: TicketNumber,
    /// Which ticket of that number.
    pub seal: Seal,
    /// The agent it was written to, for notifications and notices.
    pub agent: Option<AgentId>,
    /// Who reads a reply to it; `None` when it was made before ids said so.
    pub reader: Option<Reader>,
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

    /// The detail of `agent`'s own reply address for a ticket: `1042.anna.<token>`. The token says who reads the reply and, for
    /// programs that answer without In-Reply-To, up to which message its mail `shows` the ticket.
    pub fn reply_detail(&self, ticket: Opening, agent: &AgentId, reader: Reader, shows: Option<MessageKey>) -> String {
        let claim = format!("{}.{agent}", ticket.number);
        let state = format!("{}{}", seal_to_text(ticket.key, reader), shows.map(state_to_text).unwrap_or_default());
        self.sealed("address", &claim, &state)
    }

    /// The detail of the address that stands for one command of `agent` on a ticket: `1042.anna.close.<token>`.
    fn verb_detail(&self, ticket: Opening, agent: &AgentId, verb: &str) -> String {
        let claim = format!("{}.{agent}.{verb}", ticket.number);
        self.sealed("command", &claim, &seal_to_text(ticket.key, Reader::Nobody))
    }

    fn sealed(&self, purpose: &str, claim: &str, state: &str) -> String {
        let signature = self.sign(purpose, &format!("{claim}.{state}"), SHORT_SIGNATURE_LEN);
        format!("{claim}.{signature}{state}")
    }

    /// What a reply address's detail proves, if its token is ours. Case does not matter: servers change it.
    pub fn check_reply_detail(&self, detail: &str) -> Option<ReplyProof> {
        let detail = detail.to_ascii_lowercase();
        let (claim, token) = detail.rsplit_once('.')?;
        let (ticket, agent) = claim.split_once('.')?;
        let ticket = TicketNumber(canonical_number(ticket)?);
        let proof = match self.check_seal(claim, token) {
            Some((seal, reader, shows, purpose)) => {
                let (agent, verb) = part_verb(agent, purpose == "command")?;
                ReplyProof { ticket, seal, agent, reader: Some(reader), shows, verb }
            }
            None => self.check_old_detail(claim, token, ticket, agent)?,
        };
        Some(proof)
    }

    fn check_seal(&self, claim: &str, token: &str) -> Option<(Seal, Reader, Option<MessageKey>, &'static str)> {
        let (signature, state) = token.split_at_checked(SHORT_SIGNATURE_LEN)?;
        let signed = format!("{claim}.{state}");
        let purpose = ["address", "command"].into_iter().find(|purpose| self.verify(purpose, &signed, signature))?;
        let (seal, shows) = state.split_at_checked(1 + KEY_LEN)?;
        let (key, reader) = seal_from_text(seal)?;
        let shows = if shows.is_empty() { None } else { Some(state_from_text(shows)?) };
        Some((Seal::Key(key), reader, shows, purpose))
    }

    /// An address that was made before tickets had keys.
    fn check_old_detail(&self, claim: &str, token: &str, ticket: TicketNumber, agent: &str) -> Option<ReplyProof> {
        let (signature, state) = token.split_at_checked(SIGNATURE_LEN)?;
        let seal = Seal::Old { minted: None };
        let proof = |shows| ReplyProof { ticket, seal, agent: AgentId::new(agent), reader: None, shows, verb: None };
        if !state.is_empty() {
            let shows = state_from_text(state)?;
            return self.verify("reply-at", &format!("{claim}.{state}"), signature).then(|| proof(Some(shows)));
        }
        if self.verify("reply", claim, signature) {
            return Some(proof(None));
        }
        let (agent, verb) = part_verb(agent, true)?;
        self.verify("verb", claim, signature).then(|| ReplyProof { agent, verb, ..proof(None) })
    }

    /// A new Message-ID, e.g. `notification.1042.anna.cgs2kzq7.88.<signature>@shop.example`.
    pub fn mail_id(&self, claim: &MailClaim<'_>) -> MailId {
        self.id_of("mail", &claim_to_text(claim))
    }

    /// An id for References that stands in for the Message-ID of the same mail: some relays (Amazon SES) write a Message-ID of
    /// their own and leave References alone.
    pub fn stand_in(&self, claim: &MailClaim<'_>) -> MailId {
        self.id_of("stand-in", &claim_to_text(claim))
    }

    /// The Message-ID for which `id` stands in.
    pub fn behind(&self, id: &MailId) -> Option<MailId> {
        let claim = self.check_id("stand-in", id)?;
        Some(self.id_of("mail", &claim))
    }

    fn id_of(&self, purpose: &str, claim: &str) -> MailId {
        let signature = self.sign(purpose, claim, SIGNATURE_LEN);
        MailId::new(&format!("{claim}.{signature}@{}", self.domain))
    }

    /// The claim of an id that we minted for `purpose`.
    fn check_id(&self, purpose: &str, id: &MailId) -> Option<String> {
        let (local, domain) = id.as_str().rsplit_once('@')?;
        if !domain.eq_ignore_ascii_case(&self.domain) {
            return None;
        }
        let local = local.to_ascii_lowercase();
        let (claim, signature) = local.rsplit_once('.')?;
        self.verify(purpose, claim, signature).then(|| claim.to_owned())
    }

    /// Whether an id is ours, whatever for.
    pub fn is_minted(&self, id: &MailId) -> bool {
        ["mail", "stand-in", "root", "message-id", "thread"].iter().any(|purpose| self.check_id(purpose, id).is_some())
    }

    /// Whether an id looks as those of our mails to agents do; proves nothing.
    pub fn looks_minted(&self, id: &MailId) -> bool {
        let Some((local, domain)) = id.as_str().rsplit_once('@') else { return false };
        let Some((claim, signature)) = local.rsplit_once('.') else { return false };
        let mut fields = claim.split('.');
        let kind = fields.next().is_some_and(|kind| kind == "ticket" || OutgoingKind::from_word(kind).is_some());
        let ticket = fields.next().and_then(canonical_number).is_some();
        let agent = fields.next().is_some_and(|agent| agent != "-");
        domain.eq_ignore_ascii_case(&self.domain) && kind && ticket && agent && is_signature(signature, SIGNATURE_LEN)
    }

    /// What one of our own Message-IDs says; `None` for any id that we did not mint.
    pub fn check_mail_id(&self, id: &MailId) -> Option<OwnId> {
        let Some(claim) = self.check_id("mail", id) else { return self.check_old_id(id) };
        let mut fields = claim.split('.');
        let kind = OutgoingKind::from_word(fields.next()?)?;
        let ticket = TicketNumber(canonical_number(fields.next()?)?);
        let agent = fields.next().filter(|agent| *agent != "-").map(AgentId::new);
        let (key, reader) = seal_from_text(fields.next()?)?;
        Some(OwnId { kind, ticket, seal: Seal::Key(key), agent, reader: Some(reader) })
    }

    /// An id that was minted before tickets had keys: `notification.1042.anna.88.<signature>`.
    fn check_old_id(&self, id: &MailId) -> Option<OwnId> {
        let claim = self.check_id("message-id", id)?;
        let mut fields = claim.split('.');
        let kind = OutgoingKind::from_word(fields.next()?)?;
        let ticket = TicketNumber(canonical_number(fields.next()?)?);
        let agent = fields.next().filter(|agent| *agent != "-").map(AgentId::new);
        let minted = fields.next()?.parse().ok().and_then(|serial| Timestamp::from_microsecond(serial).ok());
        Some(OwnId { kind, ticket, seal: Seal::Old { minted }, agent, reader: None })
    }

    /// The Message-ID to which all mails of a ticket to `agent` refer, so that they stand in one thread: it proves the ticket
    /// and the agent, and says of no single mail anything.
    pub fn thread_root(&self, ticket: Opening, agent: &AgentId) -> MailId {
        self.id_of("root", &format!("ticket.{}.{agent}.{}", ticket.number, ticket.key.to_text()))
    }

    /// The ticket, which one of that number, and the agent of a [`Signer::thread_root`].
    pub fn check_thread_root(&self, id: &MailId) -> Option<(TicketNumber, Seal, AgentId)> {
        let claim = self.check_id("root", id)?;
        let mut fields = claim.split('.').skip(1);
        let ticket = TicketNumber(canonical_number(fields.next()?)?);
        let agent = AgentId::new(fields.next()?);
        Some((ticket, Seal::Key(TicketKey::from_text(fields.next()?)?), agent))
    }

    /// The value of `X-Postroom-Loop` for a mail: proves that we wrote it.
    pub fn loop_mark(&self, id: &MailId) -> String {
        self.sign("loop", &id.as_str().to_ascii_lowercase(), SIGNATURE_LEN)
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
        ticket: Opening,
        agent: &AgentId,
        reader: Reader,
        shows: Option<MessageKey>,
    ) -> Option<Address> {
        if separator.is_empty() {
            return None;
        }
        let of = |shows| mailbox.with_detail(separator, &self.reply_detail(ticket, agent, reader, shows));
        of(shows).or_else(|| of(None))
    }

    /// The address that stands for one command, or `None` as for [`Signer::reply_address`].
    pub fn verb_address(
        &self,
        mailbox: &Address,
        separator: &str,
        ticket: Opening,
        agent: &AgentId,
        verb: &str,
    ) -> Option<Address> {
        (!separator.is_empty()).then(|| mailbox.with_detail(separator, &self.verb_detail(ticket, agent, verb)))?
    }

    /// A number by which the secret is known again and that tells nothing of it.
    pub fn fingerprint(&self) -> i64 {
        let mac = self.mac("fingerprint", "").sign();
        let bytes = mac.as_ref().first_chunk().copied().unwrap_or_default();
        i64::from_be_bytes(bytes)
    }

    fn mac(&self, purpose: &str, claim: &str) -> Context {
        let mut mac = Context::with_key(&Key::new(HMAC_SHA256, &self.key));
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(claim.as_bytes());
        mac
    }

    fn sign(&self, purpose: &str, claim: &str, length: usize) -> String {
        let mut text = BASE32_NOPAD.encode(self.mac(purpose, claim).sign().as_ref()).to_ascii_lowercase();
        text.truncate(length);
        text
    }

    fn verify(&self, purpose: &str, claim: &str, signature: &str) -> bool {
        let length = if matches!(purpose, "address" | "command") { SHORT_SIGNATURE_LEN } else { SIGNATURE_LEN };
        // The library compares whole macs in constant time: so the cut signatures are compared by a mac of each.
        let expected = self.mac("compare", &self.sign(purpose, claim, length)).sign();
        let given = [b"compare\0", signature.as_bytes()].concat();
        signature.len() == length && hmac::verify(&Key::new(HMAC_SHA256, &self.key), &given, expected.as_ref()).is_ok()
    }
}

/// Whether the detail of an address looks as those of our reply addresses do; proves nothing.
pub fn looks_signed(detail: &str) -> bool {
    let Some((claim, token)) = detail.rsplit_once('.') else { return false };
    let Some((ticket, agent)) = claim.split_once('.') else { return false };
    canonical_number(ticket).is_some() && !agent.is_empty() && is_signature(token, SIGNATURE_LEN)
}

fn is_signature(text: &str, least: usize) -> bool {
    let base32 = |byte: u8| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(&byte);
    text.len() >= least && text.bytes().all(base32)
}

fn claim_to_text(claim: &MailClaim<'_>) -> String {
    let MailClaim { kind, ticket, agent, reader, serial } = *claim;
    let agent = agent.map_or("-", AgentId::as_str);
    format!("{kind}.{}.{agent}.{}.{serial}", ticket.number, seal_to_text(ticket.key, reader))
}

/// Who reads a reply, then the ticket's key, in letters that survive in an address.
fn seal_to_text(key: TicketKey, reader: Reader) -> String {
    let letter = match reader {
        Reader::Customer => 'c',
        Reader::Note => 'n',
        Reader::Nobody => 'x',
    };
    format!("{letter}{}", key.to_text())
}

fn seal_from_text(text: &str) -> Option<(TicketKey, Reader)> {
    let (letter, key) = text.split_at_checked(1)?;
    let reader = match letter {
        "c" => Reader::Customer,
        "n" => Reader::Note,
        "x" => Reader::Nobody,
        _ => return None,
    };
    Some((TicketKey::from_text(key)?, reader))
}

/// The agent and the command of `anna.close`.
fn part_verb(agent: &str, has_verb: bool) -> Option<(AgentId, Option<String>)> {
    if !has_verb {
        return Some((AgentId::new(agent), None));
    }
    let (agent, verb) = agent.rsplit_once('.')?;
    Some((AgentId::new(agent), Some(verb.to_owned())))
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

    const TICKET: Opening = Opening { number: TicketNumber(1042), key: TicketKey(0x5_1234_5678) };

    fn signer() -> Signer {
        Signer::new([7; SECRET_LEN], "Shop.example")
    }

    fn detail(agent: &str, shows: Option<MessageKey>) -> String {
        signer().reply_detail(TICKET, &AgentId::new(agent), Reader::Customer, shows)
    }

    #[test]
    fn a_reply_address_proves_its_ticket_its_agent_and_its_reader() {
        for reader in Reader::ALL {
            let detail = signer().reply_detail(TICKET, &AgentId::new("anna"), *reader, None);
            assert_eq!(detail.len(), "1042.anna.".len() + SHORT_SIGNATURE_LEN + 1 + KEY_LEN);
            let proof = Some(ReplyProof {
                ticket: TICKET.number,
                seal: Seal::Key(TICKET.key),
                agent: AgentId::new("anna"),
                reader: Some(*reader),
                shows: None,
                verb: None,
            });
            assert_eq!(signer().check_reply_detail(&detail), proof);
            assert_eq!(signer().check_reply_detail(&detail.to_uppercase()), proof);
        }
    }

    #[test]
    fn every_key_of_a_ticket_comes_back_as_it_was() {
        for random in [0, 1, 31, 32, TicketKey::MASK, -1, i64::MAX, 0x5_1234_5678] {
            let key = TicketKey::new(random);
            assert_eq!((key.to_text().len(), TicketKey::from_text(&key.to_text())), (KEY_LEN, Some(key)));
        }
        assert_ne!(TicketKey::new(1), TicketKey::new(2));
    }

    #[test]
    fn a_reply_address_may_say_what_its_mail_showed() {
        for key in [0, 1, 255, 256, 70_000, 1 << 40, i64::MAX] {
            let proof = signer().check_reply_detail(&detail("anna", Some(MessageKey(key))).to_uppercase()).unwrap();
            assert_eq!((proof.ticket, proof.shows), (TICKET.number, Some(MessageKey(key))));
        }
        let info = Address::parse("info@shop.example").unwrap();
        let address = |agent: &str, shows| {
            let agent = AgentId::new(agent);
            signer().reply_address(&info, "+", TICKET, &agent, Reader::Customer, Some(MessageKey(shows))).unwrap()
        };
        assert_eq!(address("anna", 70_000).local().len(), "info+1042.anna.".len() + SHORT_SIGNATURE_LEN + 8 + 5);
        // Where there is no room for it, the address says less.
        let long = "anna-maria-nowakowska-retour";
        assert_eq!(address(long, 70_000).local().len(), "info+1042.".len() + long.len() + 1 + SHORT_SIGNATURE_LEN + 8);
    }

    #[test]
    fn an_address_of_a_verb_is_worth_nothing_for_another_verb_ticket_or_agent() {
        let detail = signer().verb_detail(TICKET, &AgentId::new("anna"), "close");
        let proof = signer().check_reply_detail(&detail).unwrap();
        assert_eq!((proof.ticket, proof.agent.as_str()), (TICKET.number, "anna"));
        assert_eq!((proof.verb.as_deref(), proof.shows), (Some("close"), None));
        for (from, to) in [("close", "spam"), ("close.", ""), ("1042", "1043"), ("anna", "jan"), (".close", "close")] {
            assert_eq!(signer().check_reply_detail(&detail.replacen(from, to, 1)), None, "{from} {to}");
        }
        no_change_is_accepted(&detail);
        // No agent's plain address is the address of a verb of somebody else.
        let plain = self::detail("anna.close", None);
        assert_eq!(signer().check_reply_detail(&plain).unwrap().verb, None);
        assert_ne!(plain, detail);
    }

    #[test]
    fn no_changed_reply_address_is_accepted() {
        let plain = detail("anna", None);
        no_change_is_accepted(&plain);
        no_change_is_accepted(&detail("anna", Some(MessageKey(70_000))));
        assert_eq!(signer().check_reply_detail(&plain.replace("1042", "01042")), None);
        assert_eq!(Signer::new([8; SECRET_LEN], "shop.example").check_reply_detail(&plain), None);
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

    fn notification(agent: Option<&AgentId>) -> MailClaim<'_> {
        MailClaim { kind: OutgoingKind::Notification, ticket: TICKET, agent, reader: Reader::Note, serial: 88 }
    }

    #[test]
    fn own_message_ids_say_what_they_were_and_nothing_else_passes_for_one() {
        let jan = AgentId::new("jan");
        let id = signer().mail_id(&notification(Some(&jan)));
        let own = signer().check_mail_id(&id).unwrap();
        assert_eq!(
            own,
            OwnId {
                kind: OutgoingKind::Notification,
                ticket: TICKET.number,
                seal: Seal::Key(TICKET.key),
                agent: Some(jan.clone()),
                reader: Some(Reader::Note),
            }
        );
        for forged in [
            id.as_str().replace(".1042.", ".1043."),
            id.as_str().replace("jan", "anna"),
            id.as_str().replace("shop", "evil"),
            id.as_str().replace(".n", ".c"),
            format!("notification.1042.jan.88.{}@shop.example", "a".repeat(20)),
            "x@shop.example".into(),
        ] {
            assert_eq!(signer().check_mail_id(&MailId::new(&forged)), None, "{forged}");
        }
        assert_eq!(signer().check_mail_id(&signer().mail_id(&notification(None))).unwrap().agent, None);
    }

    #[test]
    fn an_id_in_references_stands_in_for_the_message_id_that_a_relay_replaced() {
        let jan = AgentId::new("jan");
        let (id, stand_in) =
            (signer().mail_id(&notification(Some(&jan))), signer().stand_in(&notification(Some(&jan))));
        assert_eq!(signer().behind(&stand_in), Some(id.clone()));
        assert_eq!((signer().behind(&id), signer().check_mail_id(&stand_in)), (None, None));
        let changed = MailId::new(&stand_in.as_str().replace("jan", "anna"));
        assert_eq!(signer().behind(&changed), None);
    }

    #[test]
    fn what_was_made_before_tickets_had_keys_is_known_for_what_it_is() {
        let old = |purpose: &str, claim: &str| signer().sign(purpose, claim, SIGNATURE_LEN);
        let reply = format!("1042.anna.{}", old("reply", "1042.anna"));
        let proof = signer().check_reply_detail(&reply).unwrap();
        assert_eq!((proof.agent.as_str(), proof.seal, proof.reader), ("anna", Seal::Old { minted: None }, None));
        let at = format!("1042.anna.{}a4", old("reply-at", "1042.anna.a4"));
        assert_eq!(signer().check_reply_detail(&at).unwrap().shows, Some(MessageKey(7)));
        let verb = format!("1042.anna.close.{}", old("verb", "1042.anna.close"));
        assert_eq!(signer().check_reply_detail(&verb).unwrap().verb.as_deref(), Some("close"));
        let claim = "notification.1042.anna.1700000000000000";
        let id = MailId::new(&format!("{claim}.{}@shop.example", old("message-id", claim)));
        let minted = Some("2023-11-14T22:13:20Z".parse().unwrap());
        assert_eq!(signer().check_mail_id(&id).unwrap().seal, Seal::Old { minted });
    }

    #[test]
    fn a_signature_for_one_purpose_is_worth_nothing_for_another() {
        let anna = AgentId::new("anna");
        let root = signer().thread_root(TICKET, &anna);
        let proved = (TICKET.number, Seal::Key(TICKET.key), anna);
        assert_eq!(signer().check_thread_root(&root), Some(proved));
        assert_eq!((signer().check_mail_id(&root), signer().behind(&root)), (None, None));
        let mark = signer().loop_mark(&root);
        assert!(signer().check_loop_mark(&root, &mark));
        assert!(!signer().check_loop_mark(&MailId::new("other@x"), &mark));
    }
}
