//! Whatever an agent is told of a ticket stands in one thread of his mail program: programs that go by subject and references
//! (web mails), by the first reference (Outlook) and by the tree of references (Thunderbird) agree, over merges and moves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use postroom::model::id::DepartmentId;
use postroom::model::mirror::Place;
use postroom::model::outgoing::OutgoingKind;

use super::desk::{Desk, Sent, Trouble};
use super::script::reply_head;

const ANNA: &str = "anna@shop.example";
const JAN: &str = "jan@shop.example";

/// All that an agent is told of a ticket; a digest is of many.
const KINDS: [&str; 20] = [
    "new-ticket",
    "customer-wrote",
    "reopened",
    "note",
    "assigned",
    "unassigned",
    "colleague-answered",
    "status",
    "help",
    "refused",
    "held",
    "not-delivered",
    "delivery-failed",
    "wait-over",
    "handed-over",
    "accepted",
    "returned",
    "absorbed",
    "unmerged",
    "split",
];

struct Play {
    desk: Desk,
    number: usize,
}

impl Play {
    async fn customer(&mut self, ticket: &str, words: &str) {
        self.number += 1;
        let number = self.number;
        self.desk.wait(Duration::from_mins(5)).await;
        let mail = format!(
            "Message-ID: <{number}@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
             Subject: {ticket}Lamp: it is dark\n\n{words}\n"
        );
        self.desk.take(&mail).await;
    }

    /// `writer` answers his latest mail about `ticket`; the first one of all with `old`.
    async fn agent(&mut self, writer: &str, ticket: &str, words: &str) {
        self.desk.wait(Duration::from_mins(5)).await;
        let answered = self.desk.latest_for(writer, ticket, "").unwrap();
        let head = reply_head(answered);
        self.mail(writer, &head, words).await;
    }

    async fn mail(&mut self, writer: &str, head: &str, words: &str) {
        self.number += 1;
        let number = self.number;
        let mail = format!("Message-ID: <{number}@home.example>\nFrom: {writer}\n{head}\n{words}\n");
        self.desk.take(&mail).await;
    }
}

/// A header's value, unfolded; read here, not by the program's own parser.
fn header(sent: &Sent, name: &str) -> Option<String> {
    let raw = String::from_utf8_lossy(&sent.bytes).replace("\r\n ", " ");
    let mut lines = raw.split("\r\n").take_while(|line| !line.is_empty());
    lines.find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
}

fn ids(sent: &Sent, name: &str) -> Vec<String> {
    header(sent, name).unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// The subject as programs compare it.
fn topic(sent: &Sent) -> String {
    let subject = header(sent, "Subject").unwrap();
    subject.trim_start_matches("Re: ").to_lowercase()
}

#[tokio::test(start_paused = true)]
async fn all_that_an_agent_is_told_of_a_ticket_is_one_thread() {
    let mut play = Play { desk: Desk::open().await, number: 0 };
    play.customer("", "My lamp is dark.").await;
    let old = reply_head(play.desk.latest(ANNA).unwrap());
    play.customer("[#1001] ", "The second one too.").await;
    play.agent(JAN, "1001", "#note\nShe is right.").await;
    play.agent(JAN, "1001", "#assign anna").await;
    play.agent(JAN, "1001", "#take").await;
    play.agent(JAN, "1001", "#assign anna").await;
    play.agent(JAN, "1001", "Dear Ewa, we look into it.").await;
    for words in ["#status", "#help", "#oops"] {
        play.agent(ANNA, "1001", words).await;
    }
    play.customer("[#1001] ", "Thank you.").await;
    play.mail(ANNA, &old, "Dear Ewa, one moment.").await;
    play.agent(ANNA, "1001", "#cancel").await;
    play.desk.wait(Duration::from_mins(5)).await;
    play.desk.troubles.push_back(Trouble::Refused);
    play.agent(ANNA, "1001", "This one does not arrive.").await;
    play.agent(ANNA, "1001", "This one comes back.").await;
    let answer = play.desk.sent.iter().rev().find(|sent| sent.kind == OutgoingKind::Answer).unwrap();
    let bounce = super::random::bounce_of(answer);
    play.desk.take(&bounce).await;
    play.agent(ANNA, "1001", "#wait 1h").await;
    play.desk.wait(Duration::from_hours(2)).await;
    // Over to another department and back.
    play.agent(ANNA, "1001", "#move billing").await;
    play.agent(JAN, "1001", "#return not ours").await;
    play.agent(ANNA, "1001", "#move billing").await;
    play.agent(JAN, "1001", "#accept").await;
    let first = "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
                 Subject: Lamp: it is dark\n\nMy lamp is dark.\n";
    play.desk.wait(Duration::from_mins(5)).await;
    play.desk.moved(first, Place::Department(DepartmentId::new("returns"))).await;
    // Merged, taken apart, split.
    play.customer("", "Another lamp.").await;
    play.agent(ANNA, "1001", "#take").await;
    play.agent(JAN, "1002", "#merge 1001").await;
    play.agent(JAN, "1001", "#unmerge 1002").await;
    play.agent(JAN, "1001", "#split").await;
    play.desk.wait(Duration::from_mins(5)).await;

    let mut threads: BTreeMap<(String, String), Vec<&Sent>> = BTreeMap::new();
    let mut kinds = BTreeSet::new();
    for sent in play.desk.sent.iter().filter(|sent| [ANNA, JAN].contains(&sent.recipient.as_str())) {
        let ticket = header(sent, "X-Postroom-Ticket").unwrap();
        let reason = header(sent, "X-Postroom-Reason").unwrap();
        kinds.extend(reason.split(';').next().unwrap().split(", ").map(str::to_owned));
        threads.entry((sent.recipient.clone(), ticket)).or_default().push(sent);
    }
    let missing: Vec<&&str> = KINDS.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(missing.is_empty(), "never told: {missing:?} of {kinds:?}");
    let mut roots = BTreeMap::new();
    for ((reader, ticket), mails) in &threads {
        let references = ids(mails[0], "References");
        let (root, subject) = (references[0].clone(), topic(mails[0]));
        // Two tickets are two threads, also where their subjects are alike.
        let of = roots.entry(root.clone()).or_insert_with(|| ticket.clone());
        assert_eq!(of, ticket, "two tickets in one thread");
        assert!(subject.starts_with(&format!("[#{ticket}] ")), "{subject}");
        let mut known: BTreeSet<String> = BTreeSet::from([root.clone()]);
        for mail in mails {
            let references = ids(mail, "References");
            assert_eq!(
                (topic(mail), &references[0]),
                (subject.clone(), &root),
                "{reader} reads #{ticket} in two threads"
            );
            assert!(
                references.contains(&ids(mail, "In-Reply-To")[0]),
                "{reader}: #{ticket} answers what it does not refer to"
            );
            assert!(references.iter().any(|id| known.contains(id)), "{reader}: #{ticket} hangs on nothing");
            assert_eq!(header(mail, "List-Id"), None, "it is no list's");
            known.insert(format!("<{}>", mail.mail.message_id.as_ref().unwrap()));
        }
    }
    assert!(threads.len() >= 5, "{} threads", threads.len());
}
