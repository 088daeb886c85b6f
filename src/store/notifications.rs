//! News kept for agents until it is their time: put in with the plan that caused it, taken out with the mail that tells it.
//!
//! What happened is stored once, however many are to be told. Nothing is deleted but by the transaction that queues its mail
//! or writes down why there is none.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::model::facts::{Answered, LastTold};
use crate::model::id::{AgentId, DepartmentId, MessageKey, TicketNumber};
use crate::model::link::{Route, RouteKind};
use crate::model::mail::Attachment;
use crate::model::news::{FOR_ANYBODY, Gathered, HANDED_OVER, Kept, KeptNews, OF_CUSTOMERS};
use crate::model::outgoing::{Brief, News, NotificationDraft};
use crate::model::ticket::{Role, SenderVerdict};
use crate::model::visibility::Internal;
use crate::store::engine::error::StoreError;
use crate::store::engine::ids::Numbered;
use crate::store::engine::rows::{get, person, signed, time, unsigned, word};
use crate::store::engine::view::{Tx, View};
use crate::store::timers::Timer;

/// Bytes of files kept for one ticket; of more, name and size are kept. As much as travels with one mail.
const MAX_KEPT: i64 = 10_000_000;
/// Things kept for one agent on one ticket, so that no customer's robot fills a mail without end; the latest count.
const MAX_TOLD: i64 = 50;

/// For whom news of a ticket is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The agent.
    pub agent: AgentId,
    /// The ticket.
    pub ticket: TicketNumber,
}

impl View<'_> {
    /// The tickets of which news is kept for an agent.
    pub fn kept_tickets(&self, agent: &AgentId) -> Result<Vec<TicketNumber>, StoreError> {
        let sql = "SELECT DISTINCT ticket FROM kept_news WHERE agent = ?1 ORDER BY ticket";
        let mut statement = self.connection.prepare_cached(sql)?;
        let tickets = statement.query_map([agent.as_str()], |row| row.get(0))?;
        Ok(tickets.map(|number| number.map(TicketNumber)).collect::<Result<_, _>>()?)
    }

    /// The agents for whom news of a ticket is kept.
    pub fn keepers(&self, ticket: TicketNumber) -> Result<Vec<AgentId>, StoreError> {
        let sql = "SELECT DISTINCT agent FROM kept_news WHERE ticket = ?1 ORDER BY agent";
        let mut statement = self.connection.prepare_cached(sql)?;
        let agents = statement.query_map([ticket.0], |row| row.get::<_, String>(0))?;
        Ok(agents.map(|agent| agent.map(|agent| AgentId::new(&agent))).collect::<Result<_, _>>()?)
    }

    /// The latest mail of a customer on a ticket.
    pub fn latest_of_customer(&self, ticket: TicketNumber) -> Result<Option<MessageKey>, StoreError> {
        let sql = "SELECT max(id) FROM message WHERE ticket = ?1 AND kind = 'customer'";
        let latest: Option<i64> = self.connection.prepare_cached(sql)?.query_row([ticket.0], |row| row.get(0))?;
        Ok(latest.map(MessageKey))
    }

    /// Whether news of a ticket is kept for an agent.
    pub fn keeps_news(&self, agent: &AgentId, ticket: TicketNumber) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM kept_news WHERE agent = ?1 AND ticket = ?2";
        Ok(self.connection.prepare_cached(sql)?.exists(params![agent.as_str(), ticket.0])?)
    }

    /// Whether some of it was found again after a restore.
    pub fn found_again(&self, agent: &AgentId, ticket: TicketNumber) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM kept_news WHERE agent = ?1 AND ticket = ?2 AND found_again = 1";
        Ok(self.connection.prepare_cached(sql)?.exists(params![agent.as_str(), ticket.0])?)
    }

    /// Whether it is told in one list with all else that is kept for the agent.
    pub fn is_gathered(&self, agent: &AgentId, ticket: TicketNumber) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM kept_news WHERE agent = ?1 AND ticket = ?2 AND found_again > 0";
        Ok(self.connection.prepare_cached(sql)?.exists(params![agent.as_str(), ticket.0])?)
    }

    /// What is kept of a ticket for an agent, in the order in which it happened: the latest fifty things.
    pub fn kept_news(&self, agent: &AgentId, ticket: TicketNumber) -> Result<Kept, StoreError> {
        let sql = "SELECT story.id, at_s, news, detail, author_name, author_address, route_kind, route_department,
                          route_detail, shows, words, below,
                          coalesce((SELECT sender FROM message WHERE message.id = story.shows), 'unknown')
                   FROM kept_news JOIN story ON story.id = story
                   WHERE agent = ?1 AND kept_news.ticket = ?2 ORDER BY story.id DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![agent.as_str(), ticket.0, MAX_TOLD])?;
        let mut kept = Vec::new();
        while let Some(row) = rows.next()? {
            let (word_of, detail): (String, String) = (get(row, 2)?, get(row, 3)?);
            let (files, left_out) = self.story_files(get(row, 0)?)?;
            kept.push(KeptNews {
                at: time(get(row, 1)?)?,
                news: self.news(ticket, &word_of, &detail)?,
                author: person(get(row, 4)?, &get::<String>(row, 5)?)?,
                words: Internal::new(get::<String>(row, 10)?),
                below: Internal::new(get::<String>(row, 11)?),
                files,
                left_out,
                route: route(get(row, 6)?, get(row, 7)?, get(row, 8)?)?,
                shows: MessageKey(get(row, 9)?),
                sender: word(&get::<String>(row, 12)?, SenderVerdict::from_word)?,
            });
        }
        kept.reverse();
        let sql = "SELECT count(*) FROM kept_news WHERE agent = ?1 AND ticket = ?2";
        let all: i64 =
            self.connection.prepare_cached(sql)?.query_row(params![agent.as_str(), ticket.0], |row| row.get(0))?;
        let older = usize::try_from(all).unwrap_or(0).saturating_sub(kept.len());
        Ok(Kept { news: kept, older })
    }

    /// News of a word; the brief of a hand-over says how things stand now.
    fn news(&self, ticket: TicketNumber, word_of: &str, detail: &str) -> Result<News, StoreError> {
        let handed = detail.split_once(' ').filter(|_| word_of == HANDED_OVER);
        let (Some((from, by)), Some(ticket)) = (handed, self.ticket(ticket)?) else {
            return word(word_of, |word| News::from_word(word, detail));
        };
        let people = ticket.participants.iter().filter(|someone| someone.role != Role::Proposed);
        let brief = Brief {
            from: DepartmentId::new(from),
            people: people.map(|someone| someone.person.clone()).collect(),
            opened_at: ticket.created_at,
            file: self.case_file(ticket.number)?,
        };
        Ok(News::HandedOver { by: by.to_owned(), brief: Box::new(brief) })
    }

    #[expect(clippy::type_complexity, reason = "two lists, taken apart at once")]
    fn story_files(&self, story: i64) -> Result<(Vec<Attachment>, Vec<(String, u64)>), StoreError> {
        let sql = "SELECT name, media_type, size, content FROM story_file WHERE story = ?1 ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([story])?;
        let (mut files, mut left_out) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let name: String = get(row, 0)?;
            match get::<Option<Vec<u8>>>(row, 3)? {
                Some(content) => {
                    files.push(Attachment { name, media_type: get(row, 1)?, inline: false, content_id: None, content });
                }
                None => left_out.push((name, unsigned(get(row, 2)?))),
            }
        }
        Ok((files, left_out))
    }

    /// The latest notification of a ticket to an agent.
    pub fn last_told(&self, agent: &AgentId, ticket: TicketNumber) -> Result<Option<LastTold>, StoreError> {
        let sql = "SELECT CASE WHEN state IN ('sent', 'uncertain') AND updated_at_s > created_at_s THEN updated_at_s
                               ELSE created_at_s END,
                          CASE WHEN state IN ('queued', 'sending', 'deferred') THEN 1 ELSE 0 END
                   FROM outgoing LEFT JOIN outbox ON outbox.outgoing = outgoing.id
                   WHERE ticket = ?1 AND agent = ?2 AND kind = 'notification' ORDER BY outgoing.id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let last: Option<(i64, bool)> =
            statement.query_row(params![ticket.0, agent.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        last.map(|(at, waits)| Ok(LastTold { at: time(at)?, waits })).transpose()
    }

    /// When an answer leaves of which news is kept for an agent, while it can still be taken back: nobody hears of it before.
    pub fn tells_of_answer_until(&self, waiting: &Waiting, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT max(outbox.next_at_s) FROM kept_news JOIN story ON story.id = story
                       JOIN answered ON answered.message = story.shows AND answered.at_s = story.at_s
                       JOIN message ON message.id = story.shows
                       JOIN outgoing ON outgoing.message_id = message.message_id
                       JOIN outbox ON outbox.outgoing = outgoing.id
                   WHERE kept_news.agent = ?1 AND kept_news.ticket = ?2 AND outgoing.kind = 'answer'
                     AND outbox.state = 'queued' AND outbox.next_at_s > ?3";
        let parameters = params![waiting.agent.as_str(), waiting.ticket.0, now.as_second()];
        let at: Option<i64> = self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0))?;
        at.map(time).transpose()
    }

    /// Who answered the customers of a ticket after a message of it, oldest first.
    pub fn answered_since(&self, ticket: TicketNumber, after: MessageKey) -> Result<Vec<Answered>, StoreError> {
        let sql = "SELECT id, agent FROM message
                   WHERE ticket = ?1 AND id > ?2 AND visibility = 'public' AND kind = 'agent' AND agent IS NOT NULL
                   ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql)?;
        let answers = statement.query_map(params![ticket.0, after.0], |row| {
            let agent: String = row.get(1)?;
            Ok(Answered { message: MessageKey(row.get(0)?), agent: AgentId::new(&agent) })
        })?;
        Ok(answers.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Keeps a notification until `due`; what is `gathered` is told with all that is. Of what one plan says to many, the story
    /// is stored once.
    pub fn keep_news(
        &self,
        draft: &NotificationDraft,
        due: Timestamp,
        gathered: Gathered,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let story = match self.same_story(draft, now)? {
            Some(story) => story,
            None => self.add_story(draft, now)?,
        };
        let sql = "INSERT INTO kept_news (agent, ticket, story, found_again)
                   VALUES (?1, ?2, ?3, ?4) ON CONFLICT (agent, ticket, story) DO NOTHING";
        let parameters = params![draft.agent.as_str(), draft.ticket.0, story, gathered.number()];
        self.connection.prepare_cached(sql)?.execute(parameters)?;
        // What waits for an agent on a ticket goes in one mail.
        let waiting = Waiting { agent: draft.agent.clone(), ticket: draft.ticket };
        self.set_timer_no_later(&Timer::News(waiting), due)
    }

    /// The story that was stored for another reader of the same plan.
    fn same_story(&self, draft: &NotificationDraft, now: Timestamp) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT id FROM story WHERE id = (SELECT max(id) FROM story) AND ticket = ?1 AND at_s = ?2
                       AND news = ?3 AND detail = ?4 AND shows = ?5 AND words = ?6
                       AND NOT EXISTS (SELECT 1 FROM kept_news WHERE story = story.id AND agent = ?7)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let parameters = params![
            draft.ticket.0,
            now.as_second(),
            draft.news.word(),
            draft.news.detail(),
            draft.shows.0,
            draft.body.as_str(),
            draft.agent.as_str()
        ];
        Ok(statement.query_row(parameters, |row| row.get(0)).optional()?)
    }

    fn add_story(&self, draft: &NotificationDraft, now: Timestamp) -> Result<i64, StoreError> {
        let sql = "INSERT INTO story (id, ticket, at_s, news, detail, author_name, author_address, route_kind,
                       route_department, route_detail, shows, words, below)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
        let route = draft.route.as_ref();
        let story = self.next_id(Numbered::NotificationContent)?;
        self.connection.prepare_cached(sql)?.execute(params![
            story,
            draft.ticket.0,
            now.as_second(),
            draft.news.word(),
            draft.news.detail(),
            draft.author.name,
            draft.author.address.as_str(),
            route.map(|route| route.kind.as_str()),
            route.map(|route| route.department.as_str().to_owned()),
            route.map(|route| route.detail.clone()),
            draft.shows.0,
            draft.body.as_str(),
            draft.below.as_str(),
        ])?;
        let sql = "SELECT CAST(coalesce(sum(length(content)), 0) AS bigint) FROM story_file JOIN story ON story.id = story_file.story
                   WHERE ticket = ?1";
        let mut kept: i64 = self.connection.prepare_cached(sql)?.query_row([draft.ticket.0], |row| row.get(0))?;
        let sql = "INSERT INTO story_file (id, story, name, media_type, size, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        for file in draft.attachments.iter() {
            let size = i64::try_from(file.content.len()).unwrap_or(i64::MAX);
            let fits = kept.saturating_add(size) <= MAX_KEPT;
            kept = if fits { kept + size } else { kept };
            let content = fits.then_some(file.content.as_slice());
            let row = params![self.next_id(Numbered::StoryFile)?, story, file.name, file.media_type, size, content];
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        let sql = "INSERT INTO story_file (id, story, name, media_type, size) VALUES (?1, ?2, ?3, '', ?4)";
        for (name, size) in &draft.left_out {
            let row = params![self.next_id(Numbered::StoryFile)?, story, name, signed(*size)];
            self.connection.prepare_cached(sql)?.execute(row)?;
        }
        Ok(story)
    }

    /// Keeps the news of a ticket for an agent until `due`.
    pub fn postpone_news(&self, waiting: &Waiting, due: Timestamp) -> Result<(), StoreError> {
        self.set_timer(&Timer::News(waiting.clone()), due)
    }

    /// The news of a ticket is told to an agent, or never will be.
    pub fn forget_news(&self, waiting: &Waiting) -> Result<(), StoreError> {
        self.stop_timer(&Timer::News(waiting.clone()))?;
        let sql = "DELETE FROM kept_news WHERE agent = ?1 AND ticket = ?2";
        self.connection.prepare_cached(sql)?.execute(params![waiting.agent.as_str(), waiting.ticket.0])?;
        let sql = "DELETE FROM story_file WHERE story IN (
                       SELECT id FROM story
                       WHERE ticket = ?1 AND NOT EXISTS (SELECT 1 FROM kept_news WHERE kept_news.story = story.id))";
        self.connection.prepare_cached(sql)?.execute([waiting.ticket.0])?;
        let sql = "DELETE FROM story
                   WHERE ticket = ?1 AND NOT EXISTS (SELECT 1 FROM kept_news WHERE kept_news.story = story.id)";
        self.connection.prepare_cached(sql)?.execute([waiting.ticket.0])?;
        Ok(())
    }

    /// Forgets what an answer's plan had to tell, as the answer is withdrawn. What happened later stays.
    pub(in crate::store) fn drop_stories(&self, answer: MessageKey) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM kept_news WHERE story IN (
                 SELECT story.id FROM story JOIN answered ON answered.message = story.shows
                 WHERE story.shows = ?1 AND story.at_s = answered.at_s)",
            "DELETE FROM story_file WHERE story IN (
                 SELECT story.id FROM story JOIN answered ON answered.message = story.shows
                 WHERE story.shows = ?1 AND story.at_s = answered.at_s)",
            "DELETE FROM story
             WHERE shows = ?1 AND at_s = (SELECT answered.at_s FROM answered WHERE answered.message = ?1)",
        ] {
            self.connection.prepare_cached(sql)?.execute([answer.0])?;
        }
        Ok(())
    }

    /// Forgets all kept news, with a line of history on each ticket that says why.
    pub(in crate::store) fn drop_news(&self, why: &str, now: Timestamp) -> Result<(), StoreError> {
        self.note_dropped_news(why, now)?;
        self.connection.execute_batch(
            "DELETE FROM kept_news; DELETE FROM story_file; DELETE FROM story; DELETE FROM timer WHERE kind = 'news';",
        )?;
        Ok(())
    }
}

fn route(
    kind: Option<String>,
    department: Option<String>,
    detail: Option<String>,
) -> Result<Option<Route>, StoreError> {
    let (Some(kind), Some(department), Some(detail)) = (kind, department, detail) else { return Ok(None) };
    let kind = word(&kind, RouteKind::from_word)?;
    // What was found is kept in the words alone; the first of it stands there in backticks.
    let found = detail.split('`').nth(1).map(str::to_owned).into_iter().collect();
    Ok(Some(Route { department: DepartmentId::new(&department), kind, found, detail, scores: Vec::new() }))
}

impl Tx<'_> {
    /// Keeps what is kept of a ticket for one agent for another one too, as far as it is not about the first themselves.
    pub fn share_news(&self, waiting: &Waiting, with: &AgentId, due: Timestamp) -> Result<(), StoreError> {
        let sql = "INSERT INTO kept_news (agent, ticket, story, found_again)
                   SELECT ?1, kept_news.ticket, story, found_again FROM kept_news JOIN story ON story.id = story
                   WHERE agent = ?2 AND kept_news.ticket = ?3 AND news = ?4
                   ON CONFLICT (agent, ticket, story) DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut shared = 0;
        for word in FOR_ANYBODY {
            let (agent, ticket) = (waiting.agent.as_str(), waiting.ticket.0);
            shared += statement.execute(params![with.as_str(), agent, ticket, word])?;
        }
        self.news_waits(shared, with, waiting.ticket, due)
    }

    /// Keeps for `heir` too what customers wrote and is kept for somebody else, up to message `before` of the ticket.
    pub fn pass_on_news(
        &self,
        from: &Waiting,
        heir: &AgentId,
        before: MessageKey,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO kept_news (agent, ticket, story, found_again)
                   SELECT ?3, kept_news.ticket, story.id, found_again FROM kept_news JOIN story ON story.id = kept_news.story
                   WHERE agent = ?1 AND kept_news.ticket = ?2 AND shows < ?4
                     AND news = ?5
                   ON CONFLICT (agent, ticket, story) DO NOTHING";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut passed = 0;
        for word in OF_CUSTOMERS {
            passed += statement.execute(params![from.agent.as_str(), from.ticket.0, heir.as_str(), before.0, word])?;
        }
        self.news_waits(passed, heir, from.ticket, due)
    }

    /// So many things more wait for an agent.
    fn news_waits(
        &self,
        count: usize,
        agent: &AgentId,
        ticket: TicketNumber,
        due: Timestamp,
    ) -> Result<(), StoreError> {
        if count == 0 {
            return Ok(());
        }
        self.set_timer_no_later(&Timer::News(Waiting { agent: agent.clone(), ticket }), due)
    }
}
