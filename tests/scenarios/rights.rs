//! Who may do what: every combination of sender, token, standing in the config, verdict on the sender and command, against
//! the rules as docs/manual/leads.md tells them. Whoever may not act changes nothing, and their mail is not lost.

use postroom::model::MailboxId;
use postroom::model::id::{AgentId, MailId, TicketNumber};
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::{Change, Fate, Plan};
use postroom::model::reader::Reader;
use postroom::model::ticket::Status;
use postroom::model::token::{MailClaim, Opening};
use postroom::store::Application;

use super::desk::{self, CONFIG, Desk};

const FROM: [&str; 5] =
    ["anna@shop.example", "anna.nowak@home.example", "jan@shop.example", "mallory@evil.example", "customer"];
const COMMANDS: [&str; 3] = ["#close", "#take", "#assign mary"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    None,
    Address,
    MessageId,
    OfAnotherTicket,
    Mutated,
    /// In the address; the command stands in the subject.
    Subject,
    /// In an address that stands for the command.
    Verb,
    /// Of an agent who is neither who writes nor works on the ticket.
    OfAnotherAgent,
    VerbOfAnotherAgent,
    VerbOfAnotherTicket,
}
const TOKENS: [Token; 10] = [
    Token::None,
    Token::Address,
    Token::MessageId,
    Token::OfAnotherTicket,
    Token::Mutated,
    Token::Subject,
    Token::Verb,
    Token::OfAnotherAgent,
    Token::VerbOfAnotherAgent,
    Token::VerbOfAnotherTicket,
];

impl Token {
    /// Whether the address itself is the command.
    fn is_verb(self) -> bool {
        matches!(self, Self::Verb | Self::VerbOfAnotherAgent | Self::VerbOfAnotherTicket)
    }
}

/// How Anna stands to the ticket when her mail is processed; Jan has it unless she does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Anna {
    Member,
    MemberWhereNobodyLeads,
    Lead,
    Manager,
    Elsewhere,
    ElsewhereWithTheTicket,
    Revoked,
}
const STANDINGS: [Anna; 7] = [
    Anna::Member,
    Anna::MemberWhereNobodyLeads,
    Anna::Lead,
    Anna::Manager,
    Anna::Elsewhere,
    Anna::ElsewhereWithTheTicket,
    Anna::Revoked,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dmarc {
    NotAsked,
    Pass,
    Fail,
    PassOfAnotherDomain,
}
const VERDICTS: [Dmarc; 4] = [Dmarc::NotAsked, Dmarc::Pass, Dmarc::Fail, Dmarc::PassOfAnotherDomain];

/// What docs/manual/leads.md says.
fn may(from: &str, token: Token, anna: Anna, dmarc: Dmarc, command: &str) -> bool {
    let hers =
        from.starts_with("anna") && matches!(token, Token::Address | Token::MessageId | Token::Subject | Token::Verb);
    let verified = matches!(dmarc, Dmarc::NotAsked | Dmarc::Pass);
    let works = !matches!(anna, Anna::Elsewhere | Anna::Revoked);
    let assigns = command == "#close" || anna != Anna::Member;
    hers && verified && works && assigns
}

fn config(anna: Anna, dmarc: Dmarc) -> String {
    let mary = "[[agent]]\nid = \"mary\"\nname = \"Mary Smith\"\naddresses = [\"mary@shop.example\"]\n\n[[department]]";
    let mut config = CONFIG.replacen("[[department]]", mary, 1);
    let members = "agents = [\"anna\", \"jan\"]";
    let elsewhere = "agents = [\"jan\", \"mary\"]";
    let department = match anna {
        Anna::Member => "agents = [\"anna\", \"jan\", \"mary\"]\nleads = [\"mary\"]",
        Anna::MemberWhereNobodyLeads => members,
        Anna::Lead => "agents = [\"anna\", \"jan\", \"mary\"]\nleads = [\"anna\"]",
        Anna::Manager | Anna::Elsewhere | Anna::ElsewhereWithTheTicket | Anna::Revoked => elsewhere,
    };
    config = config.replace(members, department);
    if anna == Anna::Manager {
        config = config.replacen("id = \"anna\"", "id = \"anna\"\nrole = \"manager\"", 1);
    }
    if anna == Anna::Revoked {
        let (before, rest) = config.split_once("[[agent]]\nid = \"anna\"").unwrap();
        let (_, after) = rest.split_once("[[agent]]").unwrap();
        config = format!("{before}[[agent]]{after}").replace("agents = [\"anna\"]", "agents = [\"jan\"]");
    }
    if dmarc != Dmarc::NotAsked {
        config = config.replacen("authserv_id", "require_dmarc = true\nauthserv_id", 1);
    }
    config
}

fn verdict(from: &str, dmarc: Dmarc) -> String {
    let domain = from.split('@').next_back().unwrap();
    let (result, domain) = match dmarc {
        Dmarc::NotAsked => return String::new(),
        Dmarc::Pass => ("pass", domain),
        Dmarc::Fail => ("fail", domain),
        Dmarc::PassOfAnotherDomain => ("pass", "evil.example.invalid"),
    };
    format!("Authentication-Results: mx.shop.example; dmarc={result} header.from={domain}\n")
}

/// The headers that bear Anna's token.
fn bearing(token: Token, ticket: Opening, other: Opening, command: &str) -> String {
    let (signer, anna, piotr) = (desk::signer(), AgentId::new("anna"), AgentId::new("piotr"));
    let info = postroom::model::Address::parse("info@shop.example").unwrap();
    let verb = |ticket, agent: &AgentId| {
        let address = signer.verb_address(&info, "+", ticket, agent, command.trim_start_matches('#')).unwrap();
        format!("To: {address}\n")
    };
    let detail = |ticket| {
        let detail = signer.reply_detail(ticket, &anna, Reader::Customer, None);
        format!("To: info+{detail}@shop.example\n")
    };
    let (kind, reader) = (OutgoingKind::Notification, Reader::Customer);
    let id: MailId = signer.mail_id(&MailClaim { kind, ticket, agent: Some(&anna), reader, serial: 1 });
    match token {
        Token::None => "To: info@shop.example\n".to_owned(),
        Token::Address | Token::Subject => detail(ticket),
        Token::Verb => verb(ticket, &anna),
        Token::VerbOfAnotherAgent => verb(ticket, &piotr),
        Token::VerbOfAnotherTicket => verb(other, &anna),
        Token::OfAnotherAgent => {
            format!("To: info+{}@shop.example\n", signer.reply_detail(ticket, &piotr, Reader::Customer, None))
        }
        Token::MessageId => format!("To: info@shop.example\nIn-Reply-To: <{id}>\n"),
        Token::OfAnotherTicket => detail(other),
        Token::Mutated => {
            detail(ticket).replace(&format!("+{}.", ticket.number), &format!("+{}.", ticket.number.0 + 1))
        }
    }
}

async fn assign(desk: &Desk, number: TicketNumber, to: &str) {
    let change = Change::Assignee(Some(AgentId::new(to)));
    let plan = Plan { changes: vec![(number, change)], ..Plan::default() };
    let now = desk.now();
    let job = move |tx: &postroom::store::Tx<'_>| {
        let fallback_from = postroom::model::Address::parse("info@shop.example").unwrap();
        let mailbox = MailboxId::new("info");
        tx.apply(&Application {
            plan: &plan,
            outgoing: &[],
            cause: None,
            mailbox: &mailbox,
            fallback_from: &fallback_from,
            now,
        })
    };
    desk.store.write(job).await.unwrap();
}

/// A fresh ticket of `returns`, which `owner` has, with its customer.
async fn ticket_of(desk: &mut Desk, owner: &str, count: usize) -> (TicketNumber, String) {
    let customer = format!("customer{count}@client.example");
    let mail = format!(
        "Message-ID: <q{count}@client.example>\nFrom: {customer}\nTo: returns@shop.example\nSubject: Lamp\n\n\
         It is broken.\n"
    );
    let (fate, _) = desk.take(&mail).await;
    let Fate::Ticket(number) = fate else { panic!("{fate:?}") };
    assign(desk, number, owner).await;
    (number, customer)
}

/// A play on who may do what, with headers by which our mail server confirms each agent, unless a step brings its own.
#[tokio::test(start_paused = true)]
async fn a_colleagues_ticket_is_taken_by_a_lead_or_when_he_is_away() {
    let config = config(Anna::Member, Dmarc::Pass).replacen("leads = [\"mary\"]", "leads = [\"jan\"]", 1);
    let verdict = "Authentication-Results: mx.shop.example; dmarc=pass header.from=shop.example\n";
    let script: Vec<String> = include_str!("rights.txt")
        .split("\n---\n")
        .map(|step| match step.find("\nReply: ") {
            Some(place) if !step.contains("Authentication-Results") => {
                let (before, after) = step.split_at(place + 1);
                format!("{before}{verdict}{after}")
            }
            _ => step.to_owned(),
        })
        .collect();
    super::check_with("rights", &script.join("\n---\n"), &config).await;
}

#[tokio::test(start_paused = true)]
async fn nobody_acts_without_his_token_his_address_and_his_place() {
    let mut desk = Desk::open().await;
    ticket_of(&mut desk, "jan", 0).await;
    let (mut count, mut acted, mut wrong) = (0, 0, Vec::new());
    for (anna, dmarc) in STANDINGS.into_iter().flat_map(|anna| VERDICTS.map(|dmarc| (anna, dmarc))) {
        desk.reload(&config(anna, dmarc));
        let owner = if anna == Anna::ElsewhereWithTheTicket { "anna" } else { "jan" };
        let mut fresh = None;
        let combinations = FROM.into_iter().flat_map(|from| TOKENS.map(|token| (from, token)));
        let combinations = combinations.flat_map(|(from, token)| COMMANDS.map(|word| (from, token, word)));
        // No address stands for a command that names somebody.
        let combinations = combinations.filter(|(_, token, command)| !(token.is_verb() && command.contains(' ')));
        for (from, token, command) in combinations {
            count += 1;
            let (number, customer) = match fresh.take() {
                Some(untouched) => untouched,
                None => ticket_of(&mut desk, owner, count).await,
            };
            let from = if from == "customer" { customer.as_str() } else { from };
            let (ticket, other) = (desk.opening(number).await, desk.opening(TicketNumber(1001)).await);
            let (verdict, bearing) = (verdict(from, dmarc), bearing(token, ticket, other, command));
            let in_subject = token == Token::Subject;
            let subject = if in_subject { format!("Re: [#{number}] {command}") } else { "Re".to_owned() };
            let words = if in_subject || token.is_verb() { "" } else { command };
            let head =
                format!("{verdict}Message-ID: <a{count}@mail.example>\nFrom: {from}\n{bearing}Subject: {subject}\n");
            let last_event = desk.store.read(|view| view.last_event()).await.unwrap();
            let (fate, sent) = desk.take(&format!("{head}\n{words}\n")).await;
            let allowed = may(from, token, anna, dmarc, command);
            let before = (Status::New, owner);
            let expected = match command {
                _ if !allowed => before,
                "#close" => (Status::Closed, owner),
                "#take" => (Status::New, "anna"),
                _ => (Status::New, "mary"),
            };
            let ticket = desk.store.read(move |view| view.ticket(number)).await.unwrap().unwrap();
            let found = (ticket.status, ticket.assignee.as_ref().map_or("nobody", AgentId::as_str));
            // Whoever did nothing on the ticket is refused there, is its customer, gets the mail back, or has a ticket of his own now.
            let events = desk.store.read(move |view| view.events_since(last_event)).await.unwrap();
            let refused = events.iter().any(|kind| kind.word() == "refused");
            let told = fate != Fate::Ticket(number) || allowed || refused || from == customer;
            let ignored = matches!(&fate, Fate::Ignored(why) if why.starts_with("in the name of agent"));
            let kept = matches!(fate, Fate::Ticket(_)) || (ignored && !allowed && from != customer);
            if found != expected || !kept || !told {
                wrong.push(format!("{anna:?} {dmarc:?} {from} {token:?} {command}: {found:?} {fate:?}"));
            }
            let leaked = desk.sent.iter().skip(sent).any(|mail| mail.kind == OutgoingKind::Answer);
            assert!(!leaked, "a command went to a customer: {anna:?} {from} {token:?}");
            acted += usize::from(allowed);
            if found == before {
                fresh = Some((number, customer));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!((count, acted), (3_780, 192), "combinations, and those of them that may act");
}
