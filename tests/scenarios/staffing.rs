//! Who gets a ticket: given out in turn, pulled from a queue by many at once, passed on when somebody is away.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::SignedDuration;
use postroom::model::TicketNumber;
use postroom::model::id::{AgentId, MailboxId};
use postroom::model::mail::Arrival;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::reader::Reader;
use postroom::store::ledger::{FolderKey, SpoolItem};

use super::check_with;
use super::desk::{self, CONFIG, Desk};

/// The desk of the other plays with a third agent, `returns` giving out its tickets like this to all of them.
fn config(lines: &str) -> String {
    let mary = "[[agent]]\nid = \"mary\"\nname = \"Mary Smith\"\naddresses = [\"mary@shop.example\"]\n\n[[department]]";
    let team = format!("agents = [\"anna\", \"jan\", \"mary\"]\n{lines}");
    CONFIG.replacen("[[department]]", mary, 1).replacen("agents = [\"anna\", \"jan\"]", &team, 1)
}

#[tokio::test(start_paused = true)]
async fn tickets_go_from_one_agent_to_the_next() {
    check_with("in_turn", include_str!("in_turn.txt"), &config("assignment = \"round-robin\"\nmax_open = 2")).await;
}

#[tokio::test(start_paused = true)]
async fn a_queue_gives_the_most_urgent_ticket_to_whoever_asks() {
    check_with("queue", include_str!("queue.txt"), &config("assignment = \"pull\"")).await;
}

#[tokio::test(start_paused = true)]
async fn who_is_away_is_stood_in_for_and_welcomed_back() {
    check_with("absence", include_str!("absence.txt"), &config("assignment = \"least-open\"")).await;
}

#[tokio::test(start_paused = true)]
async fn a_released_ticket_is_the_next_agents_or_everybody_hears_of_it() {
    check_with("released", include_str!("released.txt"), &config("assignment = \"round-robin\"\nmax_open = 1")).await;
}

#[tokio::test(start_paused = true)]
async fn somebody_who_is_there_hears_what_an_absent_colleague_was_to_be_told() {
    let sleeps = "addresses = [\"anna@shop.example\", \"anna.nowak@home.example\"]";
    let quiet = format!("{sleeps}\nquiet_hours = {{ from = \"22:00\", to = \"07:00\" }}");
    let config = config("").replacen(sleeps, &quiet, 1);
    check_with("stand_in", include_str!("stand_in.txt"), &config).await;
}

fn customer(number: usize) -> String {
    format!(
        "Message-ID: <q{number}@client.example>\nFrom: c{number}@client.example\nTo: returns@shop.example\n\
         Subject: Lamp {number}\n\nIt is broken.\n"
    )
}

async fn assignee(desk: &Desk, number: i64) -> Option<AgentId> {
    desk.store.read(move |view| view.ticket(TicketNumber(number))).await.unwrap().unwrap().assignee
}

#[tokio::test(start_paused = true)]
async fn whose_turn_it_is_survives_a_kill_and_a_new_config() {
    let config = config("assignment = \"round-robin\"");
    let mut desk = Desk::open_with(&config).await;
    let mut given = Vec::new();
    for number in 0..7 {
        if number % 2 == 1 {
            desk = desk.killed(SignedDuration::ZERO).await;
        }
        desk.reload(&config);
        desk.take(&customer(number)).await;
        let told = desk.sent.iter().rfind(|sent| sent.kind == OutgoingKind::Notification);
        given.push(told.unwrap().recipient.split('@').next().unwrap().to_owned());
    }
    assert_eq!(given, ["anna", "jan", "mary", "anna", "jan", "mary", "anna"]);
}

/// As many tasks as there are agents, each asking for the next ticket again and again, on a real store.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_agents_who_pull_at_once_never_get_the_same_ticket() {
    const AGENTS: usize = 20;
    let tickets: usize = std::env::var("POSTROOM_PULLS").ok().and_then(|count| count.parse().ok()).unwrap_or(500);
    let ids: Vec<String> = (0..AGENTS).map(|index| format!("a{index}")).collect();
    let table =
        |id: &String| format!("[[agent]]\nid = \"{id}\"\nname = \"{id}\"\naddresses = [\"{id}@shop.example\"]\n\n");
    let agents: Vec<String> = ids.iter().map(table).collect();
    let quoted: Vec<String> = ids.iter().map(|id| format!("\"{id}\"")).collect();
    let team = format!("agents = [{}]\nassignment = \"pull\"", quoted.join(", "));
    let config = CONFIG.replacen("[[department]]", &format!("{}[[department]]", agents.concat()), 1).replacen(
        "agents = [\"anna\", \"jan\"]",
        &team,
        1,
    );
    let desk = Desk::open_with(&config).await;
    let spool = async |folder: &str, uid: usize, mail: String| {
        let key = FolderKey { mailbox: MailboxId::new("info"), folder: folder.to_owned(), uid_validity: 1 };
        let (now, uid) = (desk.now(), u64::try_from(uid).unwrap());
        desk.store.folder_contact(&key, now).await.unwrap();
        let bytes = mail.replace('\n', "\r\n").into_bytes().into();
        let item = SpoolItem { uid, received_at: now, arrival: Arrival::Live, bytes, omitted: None };
        desk.store.spool(&key, vec![item], now).await.unwrap()
    };
    let mut opened = Vec::new();
    for number in 0..tickets {
        opened.extend(spool("INBOX", number + 1, customer(number)).await);
    }
    desk.pipeline.ingest(opened).await.unwrap();
    let ticket = desk.opening(TicketNumber(1001)).await;
    let mut pulls = tokio::task::JoinSet::new();
    // One round more than there are tickets: the last ones find nothing.
    let rounds = tickets.div_ceil(AGENTS) + 1;
    for (index, id) in ids.iter().enumerate() {
        let token = desk::signer().reply_detail(ticket, &AgentId::new(id), Reader::Customer, None);
        let mut mails = Vec::new();
        for round in 0..rounds {
            let mail = format!(
                "Message-ID: <p{round}@{id}.example>\nFrom: {id}@shop.example\nTo: info+{token}@shop.example\n\
                 Subject: Re\n\n#next\n"
            );
            mails.push(spool(&format!("F{index}"), round + 1, mail).await);
        }
        let pipeline = desk.pipeline.clone();
        pulls.spawn(async move {
            for mail in mails {
                pipeline.ingest(mail).await.unwrap();
            }
        });
    }
    while let Some(done) = pulls.join_next().await {
        done.unwrap();
    }
    let mut owners: BTreeMap<TicketNumber, BTreeSet<String>> = BTreeMap::new();
    let mut times = 0;
    for ticket in desk.tickets().await {
        let events = desk.store.read(move |view| view.events(ticket.number)).await.unwrap();
        for event in events.into_iter().filter(|event| event.kind.word() == "assigned") {
            owners.entry(ticket.number).or_default().insert(event.actor.to_string());
            times += 1;
        }
        assert!(ticket.assignee.is_some(), "#{} was pulled by nobody", ticket.number);
    }
    assert_eq!((owners.len(), times), (tickets, tickets), "every ticket was given once");
    assert!(owners.values().all(|owners| owners.len() == 1), "two owners");
    let pullers: BTreeSet<&String> = owners.values().flatten().collect();
    assert!(pullers.len() > AGENTS / 2, "only {} agents got anything", pullers.len());
}

#[tokio::test(start_paused = true)]
async fn the_next_ticket_is_the_one_whose_customer_has_waited_longest_with_his_files() {
    let mut desk = Desk::open_with(&config("assignment = \"pull\"")).await;
    let say = async |desk: &mut Desk, from: &str, answered: &str, words: &str| {
        let head = super::script::reply_head(desk.latest(answered).unwrap());
        desk.wait(Duration::from_mins(10)).await;
        let id = desk.now();
        desk.take(&format!("Message-ID: <{id}@mail.example>\nFrom: {from}\n{head}\n{words}\n")).await;
    };
    desk.take(&customer(0)).await;
    say(&mut desk, "anna@shop.example", "anna@shop.example", "We look into it.").await;
    say(&mut desk, "anna@shop.example", "anna@shop.example", "#release").await;
    desk.take(&customer(1)).await;
    // The first customer answers after the second wrote: he has waited less, though his ticket is older.
    let answer = "Here is a photo.\n--b\nContent-Type: image/jpeg; name=lamp.jpg\n\nx\n--b--";
    let head = super::script::reply_head(desk.latest("c0@client.example").unwrap());
    desk.wait(Duration::from_mins(10)).await;
    desk.take(&format!(
        "Message-ID: <photo@client.example>\nFrom: c0@client.example\n{head}MIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{answer}\n"
    ))
    .await;
    say(&mut desk, "jan@shop.example", "jan@shop.example", "#next").await;
    assert_eq!(assignee(&desk, 1002).await, Some(AgentId::new("jan")));
    assert_eq!(assignee(&desk, 1001).await, None);
    say(&mut desk, "mary@shop.example", "mary@shop.example", "#next").await;
    assert_eq!(assignee(&desk, 1001).await, Some(AgentId::new("mary")));
    let told = &desk.latest("mary@shop.example").unwrap().mail;
    assert!(told.text.contains("The next ticket from the queue: it's yours"), "{}", told.text);
    assert!(told.text.contains("Here is a photo."), "{}", told.text);
    assert!(told.attachments.iter().any(|file| file.name == "lamp.jpg"), "his file is missing");
}

#[tokio::test(start_paused = true)]
async fn an_absence_ends_on_its_day() {
    let mut desk = Desk::open_with(&config("assignment = \"round-robin\"")).await;
    let until = desk.now() + SignedDuration::from_hours(10);
    desk.pipeline.agent_leaves(AgentId::new("anna"), Some(until)).await.unwrap();
    desk.take(&customer(0)).await;
    assert_eq!(assignee(&desk, 1001).await, Some(AgentId::new("jan")));
    desk.wait(Duration::from_hours(9)).await;
    assert_eq!(desk.store.read(|view| view.absences()).await.unwrap().len(), 1);
    desk.wait(Duration::from_hours(2)).await;
    assert_eq!(desk.store.read(|view| view.absences()).await.unwrap().len(), 0);
}
