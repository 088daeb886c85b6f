//! Facts for a decision: what the database knows of a mail's clues, of a ticket and what was said on it, of the circuit breakers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::address::{Address, Person};
use crate::model::digest;
use crate::model::facts::{
    Counters, DirectFacts, DomainCount, Known, RelatedTicket, SenderCount, StrayCount, ThreadFacts, TicketRelation,
};
use crate::model::held::Said;
use crate::model::id::{AgentId, DepartmentId, MailId, MailboxId, MessageKey, TicketNumber};
use crate::model::language::Language;
use crate::model::link::Clues;
use crate::model::mail::RawMail;
use crate::model::plan::{INTERNAL_NOTE, UNPROVEN_COPY};
use crate::model::subject::conversation;
use crate::model::ticket::{OldTokens, Priority, SenderVerdict, Sibling, Status, Ticket};
use crate::model::token::TicketKey;
use crate::store::breakers::counts::{DAY_SECS, HOUR_SECS, RETURNED, counted_domain, counted_key};
use crate::store::engine::error::StoreError;
use crate::store::engine::high_water_mark::{MESSAGES, TICKETS};
use crate::store::engine::rows::{get, optional_time, person, time, unsigned, word};
use crate::store::engine::schema::FIRST_TICKET;
use crate::store::engine::view::View;

/// Internal notes of a ticket that an answer is compared with.
const MAX_NOTES: i64 = 100;
/// Tickets with an id in common that are looked at for one mail, and for one id of it: the latest.
const MAX_KIN: usize = 32;
const KIN_OF_ONE_ID: i64 = 8;
/// Tickets of a mailing list whose subjects are compared with a mail's: the latest.
const TICKETS_OF_A_LIST: i64 = 100;
/// Our own texts on a ticket that are compared with what a customer's mail quotes, and characters of each.
const SENT_TEXTS: i64 = 20;
const SENT_CHARS: i64 = 20_000;
/// Mails of ours whose text is compared, and bytes of one.
const SENT_MAILS: i64 = 5;
const SENT_BYTES: i64 = 200_000;
/// Tickets opened one after another in place of closed ones that are looked at for one mail.
const MAX_FOLLOWERS: usize = 32;
/// The last number in a Message-ID of ours, and the time that breakers count by, among the counters.
const SERIAL: &str = "serial";
const RUNNING: &str = "running_s";
/// Texts of each kind that are looked at, the newest, and characters of each.
const SAID_TEXTS: i64 = 5;
const SAID_CHARS: i64 = 20_000;
/// Answers that a copy is compared with.
const ANSWERS: i64 = 20;
/// Characters of each.
const ANSWER_CHARS: i64 = 20_000;

impl View<'_> {
    /// What is known of a mail's clues.
    pub fn thread_facts(&self, clues: &Clues, fingerprint: &[u8; 32]) -> Result<ThreadFacts, StoreError> {
        let mut facts = ThreadFacts { duplicate_of: self.known(fingerprint)?, ..ThreadFacts::default() };
        if let Some(id) = &clues.own_id {
            facts.is_own = self.is_outgoing(id)?;
        }
        for clue in &clues.ids {
            if let Some(ticket) = self.ticket_of_id(&clue.id)? {
                facts.by_id.push((clue.id.clone(), ticket));
            }
        }
        facts.kin = self.kin(clues)?;
        if clues.bounced.is_none() {
            facts.of_unreached = self.tickets_of_people(&clues.unreached)?;
        }
        let bounced = clues.bounced.as_ref().map(|own| own.ticket);
        let named = clues.tokens.iter().map(|token| token.ticket).chain(facts.by_id.iter().map(|(_, ticket)| *ticket));
        let mut numbers: Vec<TicketNumber> = named
            .chain(clues.tags.iter().copied())
            .chain(clues.quoted_tag.as_ref().map(|(number, _)| *number))
            .chain(bounced)
            .chain(facts.kin.iter().map(|kin| kin.number))
            .chain(facts.of_unreached.iter().copied())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        for number in numbers {
            facts.tickets.extend(self.ticket(number)?);
            if let Some(relay) = &clues.relay
                && self.is_relay(number, relay)?
            {
                facts.relayed.push(number);
            }
        }
        self.add_leads(&mut facts)?;
        self.add_followers(&mut facts.tickets)?;
        self.add_leads(&mut facts)?;
        self.add_hands(clues, &mut facts)?;
        Ok(facts)
    }

    /// The tickets that have an id in common with a mail. Under one Message-ID the newest hundred messages are looked at: some
    /// robots give the same to all their mails.
    fn kin(&self, clues: &Clues) -> Result<Vec<RelatedTicket>, StoreError> {
        let mut kin = Vec::new();
        let own = clues.own_id.iter();
        if let Some((id, (author, date))) = clues.own_id.as_ref().zip(clues.written.as_ref()) {
            let sql = "SELECT coalesce(origin, ticket) FROM (
                           SELECT id, ticket, origin, from_address, date_s, kind FROM message WHERE message_id = ?1
                           ORDER BY ticket DESC, id DESC LIMIT 100) AS under_one_id
                       WHERE from_address = ?2 AND date_s = ?3 AND kind IN ('customer', 'automatic')
                       ORDER BY ticket DESC, id DESC LIMIT 1";
            let mut statement = self.connection.prepare_cached(sql)?;
            let row = params![id.as_str(), author.as_str(), date.as_second()];
            let number = statement.query_row(row, |row| row.get(0)).optional()?;
            kin.extend(
                number.map(|number| RelatedTicket { number: TicketNumber(number), bond: TicketRelation::SameMail }),
            );
        }
        let sql = "SELECT DISTINCT coalesce(origin, ticket) FROM (
                       SELECT ticket, origin FROM message WHERE message_id = ?1
                       ORDER BY ticket DESC, id DESC LIMIT 100) AS under_one_id
                   ORDER BY 1 DESC LIMIT ?2";
        for id in own.clone() {
            let numbers = self.numbers(sql, id)?;
            kin.extend(numbers.into_iter().map(|number| RelatedTicket { number, bond: TicketRelation::SameId }));
        }
        let sql = "SELECT ticket FROM reference WHERE message_id = ?1 ORDER BY ticket DESC LIMIT ?2";
        let refers = clues.ids.iter().map(|clue| &clue.id).chain(own).map(|id| (id, TicketRelation::Reference));
        for (id, bond) in refers.chain(clues.thread_index.iter().map(|id| (id, TicketRelation::ThreadIndex))) {
            for number in self.numbers(sql, id)? {
                let known = kin.contains(&RelatedTicket { number, bond });
                if !known && kin.len() < MAX_KIN {
                    kin.push(RelatedTicket { number, bond });
                }
            }
        }
        if let Some((list, subject)) = &clues.list_subject {
            kin.extend(
                self.of_list(list, subject)?.map(|number| RelatedTicket { number, bond: TicketRelation::ListSubject }),
            );
        }
        Ok(kin)
    }

    /// The newest ticket of a mailing list with that conversation's subject among those that are not closed.
    fn of_list(&self, list: &str, subject: &str) -> Result<Option<TicketNumber>, StoreError> {
        let sql =
            "SELECT number, subject FROM ticket WHERE list = ?1 AND status <> 'closed' ORDER BY number DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![list, TICKETS_OF_A_LIST])?;
        while let Some(row) = rows.next()? {
            if conversation(&get::<String>(row, 1)?) == subject {
                return Ok(Some(TicketNumber(get(row, 0)?)));
            }
        }
        Ok(None)
    }

    fn numbers(&self, sql: &str, id: &MailId) -> Result<Vec<TicketNumber>, StoreError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let numbers = statement.query_map(params![id.as_str(), KIN_OF_ONE_ID], |row| row.get(0))?;
        Ok(numbers.map(|number| number.map(TicketNumber)).collect::<Result<_, _>>()?)
    }

    /// The tickets that were opened in place of closed ones, so that a second mail on a closed one finds the living one.
    fn add_followers(&self, tickets: &mut Vec<Ticket>) -> Result<(), StoreError> {
        let mut wanted: Vec<TicketNumber> = tickets.iter().filter_map(|ticket| ticket.followed_by).collect();
        for _ in 0..MAX_FOLLOWERS {
            let Some(number) = wanted.pop() else { break };
            if tickets.iter().any(|known| known.number == number) {
                continue;
            }
            let Some(follower) = self.ticket(number)? else { continue };
            wanted.extend(follower.followed_by);
            tickets.push(follower);
        }
        Ok(())
    }

    /// The numbers that a decision about a mail from `sender` to `mailbox` needs.
    pub fn counters(
        &self,
        sender: Option<&Address>,
        mailbox: &MailboxId,
        now: Timestamp,
    ) -> Result<Counters, StoreError> {
        let said = self.said_counters()?;
        let running = said.get(RUNNING).copied().unwrap_or(now.as_second());
        let is_acquainted = sender.map_or(Ok(false), |address| self.is_acquainted(address))?;
        let (to_sender, returned, sender, domain) = match sender {
            Some(address) => {
                let key = counted_key(address);
                let sql = "SELECT count(*) FROM machine_mail WHERE mailbox <> ?1 AND address_key = ?2 AND at_s > ?3";
                let to_sender = self.count(sql, params![RETURNED, key, running - DAY_SECS])?;
                let sql = "SELECT count(*) FROM machine_mail WHERE mailbox = ?1 AND address_key = ?2 AND at_s > ?3";
                let returned = self.count(sql, params![RETURNED, key, running - HOUR_SECS])?;
                let domain = self.domain_count(counted_domain(address), running)?;
                (to_sender, returned, self.sender_count(&key, running)?, domain)
            }
            None => (0, 0, SenderCount::default(), DomainCount::default()),
        };
        Ok(Counters {
            next_ticket: TicketNumber(
                said.get(TICKETS).map_or(FIRST_TICKET, |highest| highest.saturating_add(1).max(FIRST_TICKET)),
            ),
            fresh_key: TicketKey::new(rand::random()),
            next_message: MessageKey(said.get(MESSAGES).copied().unwrap_or(1)),
            // Later than every serial before and than the clock of any earlier run, so that a database restored from a backup
            // does not mint the same Message-ID again.
            next_serial: now.as_microsecond().max(said.get(SERIAL).map_or(1, |last| last + 1)),
            machine_mails_to_sender: to_sender,
            returned_to_sender: returned,
            is_acquainted,
            machine_mails_of_mailbox: self.count(
                "SELECT count(*) FROM machine_mail WHERE mailbox = ?1 AND at_s > ?2",
                params![mailbox.as_str(), running - HOUR_SECS],
            )?,
            sender,
            domain,
            stray: StrayCount::default(),
        })
    }

    /// The time that the breakers count by: seconds for which we have run, from an arbitrary start. A clock that is set, or a
    /// stop, does not move it, so that neither can make a breaker forget; that it stands still while we do errs on the careful side.
    pub(in crate::store) fn running_secs(&self, now: Timestamp) -> Result<i64, StoreError> {
        let sql = "SELECT value FROM counter WHERE name = 'running_s'";
        let running: Option<i64> = self.connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
        Ok(running.unwrap_or(now.as_second()))
    }

    /// What is a ticket's own beside its number.
    pub fn ticket_key(&self, number: TicketNumber) -> Result<Option<TicketKey>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT token_key FROM ticket WHERE number = ?1")?;
        Ok(statement.query_row([number.0], |row| row.get(0)).optional()?.map(TicketKey::new))
    }

    /// A ticket as it stands.
    pub fn ticket(&self, number: TicketNumber) -> Result<Option<Ticket>, StoreError> {
        let sql = "SELECT subject, department, status, priority, assignee, requester_name, requester_address, language,
                          mailbox, possibly_related, wait_until_s, created_at_s, updated_at_s, closed_at_s, family, follows, list,
                          (SELECT lead FROM merge WHERE merge.ticket = number), token_key, old_tokens,
                          (SELECT address_key FROM relay WHERE relay.ticket = number),
                          (SELECT sender FROM message WHERE message.ticket = number AND visibility = 'public'
                               AND kind IN ('customer', 'automatic') ORDER BY id DESC LIMIT 1)
                   FROM ticket WHERE number = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let language: String = get(row, 7)?;
        let (public_ids, answered_at) = self.public_mails(number)?;
        Ok(Some(Ticket {
            number,
            key: TicketKey::new(get(row, 18)?),
            renewed: self.renewed_keys(number)?,
            old_tokens: word(&get::<String>(row, 19)?, OldTokens::from_word)?,
            subject: get(row, 0)?,
            department: DepartmentId::new(&get::<String>(row, 1)?),
            status: word(&get::<String>(row, 2)?, Status::from_word)?,
            priority: word(&get::<String>(row, 3)?, Priority::from_word)?,
            assignee: get::<Option<String>>(row, 4)?.map(|id| AgentId::new(&id)),
            requester: person(get(row, 5)?, &get::<String>(row, 6)?)?,
            participants: self.participants(number)?,
            tags: self.tags(number)?,
            language: word(&language, Language::from_tag)?,
            mailbox: MailboxId::new(&get::<String>(row, 8)?),
            created_at: time(get(row, 11)?)?,
            updated_at: time(get(row, 12)?)?,
            wait_until: optional_time(get(row, 10)?)?,
            possibly_related: get::<Option<i64>>(row, 9)?.map(TicketNumber),
            closed_at: optional_time(get(row, 13)?)?,
            relay: get::<Option<String>>(row, 20)?.and_then(|address| Address::parse(&address)),
            sender: match get::<Option<String>>(row, 21)? {
                Some(verdict) => word(&verdict, SenderVerdict::from_word)?,
                None => SenderVerdict::Unknown,
            },
            list: get(row, 16)?,
            follows: get::<Option<i64>>(row, 15)?.map(TicketNumber),
            followed_by: self.followed_by(number)?,
            merged_subjects: self.merged_subjects(number)?,
            merged_into: get::<Option<i64>>(row, 17)?.map(TicketNumber),
            siblings: self.siblings(number, get(row, 14)?)?,
            public_ids,
            answered_at,
            last_message: self.last_message(number)?,
            away: self.away()?,
        }))
    }

    /// What we wrote to the customers of a ticket, the latest first: what their mails may quote.
    pub fn sent_words(&self, number: TicketNumber) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT substr(text, 1, ?2) FROM message
                   WHERE ticket = ?1 AND kind = 'agent' AND visibility = 'public' ORDER BY id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let words = statement.query_map(params![number.0, SENT_CHARS, SENT_TEXTS], |row| row.get(0))?;
        Ok(words.collect::<Result<_, _>>()?)
    }

    /// What customers and we wrote on a ticket before a message of it, all that they quote too, the latest first.
    pub fn public_texts(&self, number: TicketNumber, before: MessageKey) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT substr(text, 1, ?3) FROM message
                   WHERE ticket = ?1 AND id < ?2 AND visibility = 'public' ORDER BY id DESC LIMIT ?4";
        let mut statement = self.connection.prepare_cached(sql)?;
        let texts = statement.query_map(params![number.0, before.0, SENT_CHARS, SENT_TEXTS], |row| row.get(0))?;
        Ok(texts.collect::<Result<_, _>>()?)
    }

    /// The latest mails of a ticket to its customers, as they were sent; large ones are left out.
    pub fn sent_mails(&self, number: TicketNumber) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM outgoing
                   WHERE ticket = ?1 AND kind IN ('answer', 'acknowledgement') AND length(bytes) <= ?2
                   ORDER BY id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mails = statement.query_map(params![number.0, SENT_BYTES, SENT_MAILS], |row| row.get(0))?;
        Ok(mails.collect::<Result<_, _>>()?)
    }

    /// The last public words of a customer on a ticket: who wrote them and what.
    pub fn last_customer_words(&self, number: TicketNumber) -> Result<Option<(Person, String)>, StoreError> {
        let sql = "SELECT from_name, from_address, text FROM message
                   WHERE ticket = ?1 AND kind = 'customer' ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([number.0])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some((person(get(row, 0)?, &get::<String>(row, 1)?)?, get(row, 2)?)))
    }

    /// What colleagues told each other on a ticket after message `after`, the newest hundred.
    pub fn notes(&self, number: TicketNumber, after: MessageKey) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT text FROM message
                   WHERE ticket = ?1 AND kind = 'note' AND thread_reason = ?2 AND id > ?4 ORDER BY id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let notes = statement.query_map(params![number.0, INTERNAL_NOTE, MAX_NOTES, after.0], |row| row.get(0))?;
        Ok(notes.collect::<Result<_, _>>()?)
    }

    /// The raw bytes of a mail, decompressed, with its size on the server when the body was left there.
    pub(in crate::store) fn mail_bytes(&self, mail: i64) -> Result<(Vec<u8>, Option<u64>), StoreError> {
        let sql = "SELECT encoding, bytes, size, omitted_size, sha256 FROM mail WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (encoding, stored, size, omitted, sha256): (String, Vec<u8>, i64, Option<i64>, Vec<u8>) =
            statement.query_row([mail], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
        let size = usize::try_from(size).unwrap_or(0);
        let bytes = match encoding.as_str() {
            "plain" => stored,
            _ => zstd::bulk::decompress(&stored, size)
                .map_err(|error| StoreError::Corrupt(format!("a stored mail: {error}")))?,
        };
        if digest::sha256(&bytes).as_slice() != sha256 {
            return Err(StoreError::Corrupt("a stored mail: its bytes are not those that were stored".to_owned()));
        }
        Ok((bytes, omitted.map(unsigned)))
    }

    /// The mail behind a row of the ledger, as it was spooled.
    pub(in crate::store) fn raw_mail(&self, ledger: i64) -> Result<RawMail, StoreError> {
        let sql = "SELECT folder.mailbox, ledger.arrival, ledger.mail, mail.received_at_s, folder.name
                   FROM ledger JOIN folder ON folder.id = ledger.folder JOIN mail ON mail.id = ledger.mail
                   WHERE ledger.id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (mailbox, arrival, mail, received, folder): (String, String, i64, i64, String) = statement
            .query_row([ledger], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
        let (bytes, omitted) = self.mail_bytes(mail)?;
        Ok(RawMail {
            mailbox: MailboxId::new(&mailbox),
            folder,
            bytes: bytes.into(),
            received_at: time(received)?,
            arrival: crate::store::mailbox::ledger::arrival_from_word(&arrival)?,
            omitted,
        })
    }

    fn known(&self, fingerprint: &[u8; 32]) -> Result<Option<Known>, StoreError> {
        let sql = "SELECT ticket FROM ledger WHERE fingerprint = ?1 AND fate <> 'quarantined' ORDER BY id LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ticket: Option<Option<i64>> = statement.query_row([fingerprint], |row| row.get(0)).optional()?;
        Ok(ticket.map(|ticket| Known { ticket: ticket.map(TicketNumber) }))
    }

    fn is_outgoing(&self, id: &MailId) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM outgoing WHERE message_id = ?1")?;
        Ok(statement.exists([id.as_str()])?)
    }

    fn ticket_of_id(&self, id: &MailId) -> Result<Option<TicketNumber>, StoreError> {
        let sql = "SELECT ticket FROM outgoing WHERE message_id = ?1 AND ticket IS NOT NULL ORDER BY ticket LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let ours: Option<i64> = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
        if let Some(ticket) = ours {
            return Ok(Some(TicketNumber(ticket)));
        }
        // The same id on two tickets: the later one is the living conversation.
        let sql = "SELECT max(coalesce(origin, ticket)) FROM (
                       SELECT ticket, origin FROM message WHERE message_id = ?1
                       ORDER BY ticket DESC, id DESC LIMIT 100) AS under_one_id";
        let theirs: Option<i64> = self.connection.prepare_cached(sql)?.query_row([id.as_str()], |row| row.get(0))?;
        Ok(theirs.map(TicketNumber))
    }

    fn followed_by(&self, number: TicketNumber) -> Result<Option<TicketNumber>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT max(number) FROM ticket WHERE follows = ?1")?;
        let latest: Option<i64> = statement.query_row([number.0], |row| row.get(0))?;
        Ok(latest.map(TicketNumber))
    }

    fn siblings(&self, number: TicketNumber, family: Option<i64>) -> Result<Vec<Sibling>, StoreError> {
        let Some(family) = family else { return Ok(Vec::new()) };
        let sql = "SELECT number, department FROM ticket WHERE family = ?1 AND number <> ?2
                     AND NOT EXISTS (SELECT 1 FROM merge WHERE merge.ticket = number) ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql)?;
        let siblings = statement.query_map([family, number.0], |row| {
            Ok(Sibling { number: TicketNumber(row.get(0)?), department: DepartmentId::new(&row.get::<_, String>(1)?) })
        })?;
        Ok(siblings.collect::<Result<_, _>>()?)
    }

    fn last_message(&self, number: TicketNumber) -> Result<Option<MessageKey>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT max(id) FROM message WHERE ticket = ?1")?;
        let last: Option<i64> = statement.query_row([number.0], |row| row.get(0))?;
        Ok(last.map(MessageKey))
    }

    /// How far what every decision counts on has come.
    fn said_counters(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        let sql = "SELECT name, value FROM counter WHERE name IN (?1, ?2, ?3, ?4)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let said = statement.query_map([TICKETS, MESSAGES, SERIAL, RUNNING], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(said.collect::<Result<_, _>>()?)
    }

    /// The newest texts of a ticket, those of customers with all that they quote.
    pub fn said(&self, ticket: TicketNumber, agent: &AgentId) -> Result<Said, StoreError> {
        let of_customers = "SELECT substr(text, 1, ?3) FROM message
            WHERE ticket = ?1 AND kind = 'customer' AND ?2 <> '' ORDER BY id DESC LIMIT ?4";
        let answers = "SELECT substr(text, 1, ?3) FROM message
            WHERE ticket = ?1 AND kind = 'agent' AND visibility = 'public' AND agent = ?2 ORDER BY id DESC LIMIT ?4";
        let refused = "SELECT substr(text, 1, ?3) FROM message
            WHERE ticket = ?1 AND kind IN ('note', 'returned') AND agent = ?2 ORDER BY id DESC LIMIT ?4";
        let texts = |sql: &str| -> Result<Vec<String>, StoreError> {
            let mut statement = self.connection.prepare_cached(sql)?;
            let texts =
                statement.query_map(params![ticket.0, agent.as_str(), SAID_CHARS, SAID_TEXTS], |row| row.get(0))?;
            Ok(texts.collect::<Result<_, _>>()?)
        };
        let sql = "SELECT coalesce(agent, ''), added_at_s, text FROM message
            WHERE ticket = ?1 AND kind IN ('agent', 'customer') AND visibility = 'public' ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([ticket.0])?;
        let last = match rows.next()? {
            Some(row) if get::<String>(row, 0)? == agent.as_str() => Some((time(get(row, 1)?)?, get(row, 2)?)),
            Some(_) | None => None,
        };
        Ok(Said { customers: texts(of_customers)?, answers: texts(answers)?, kept: texts(refused)?, last })
    }

    /// What a decision about such a mail with this Message-ID needs.
    pub fn direct_facts(&self, number: TicketNumber, id: Option<&MailId>) -> Result<DirectFacts, StoreError> {
        let sql = "SELECT max(coalesce(mail.received_at_s, message.added_at_s))
                   FROM message LEFT JOIN mail ON mail.id = message.mail
                   WHERE message.ticket = ?1 AND message.kind = 'customer'";
        let mut statement = self.connection.prepare_cached(sql)?;
        let customer_wrote_at = optional_time(statement.query_row([number.0], |row| row.get(0))?)?;
        let sql = "SELECT date_s, substr(text, 1, ?2) FROM message
                   WHERE ticket = ?1 AND kind = 'agent' ORDER BY id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows =
            statement.query_map(params![number.0, ANSWER_CHARS, ANSWERS], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut answers = Vec::new();
        for row in rows {
            let (date, text): (i64, String) = row?;
            answers.push((time(date)?, text));
        }
        let (mut is_answer, mut is_unproven) = (false, false);
        if let Some(id) = id {
            let sql = "SELECT count(*) FILTER (WHERE kind = 'agent') > 0, count(*) FILTER (WHERE kind = 'note' AND thread_reason = ?2) > 0
                       FROM message WHERE message_id = ?1";
            let mut statement = self.connection.prepare_cached(sql)?;
            (is_answer, is_unproven) =
                statement.query_row(params![id.as_str(), UNPROVEN_COPY], |row| Ok((row.get(0)?, row.get(1)?)))?;
        }
        Ok(DirectFacts { customer_wrote_at, answers, is_answer, is_unproven })
    }
}
