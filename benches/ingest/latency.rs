//! From the delivery of a customer's mail to the agents' notifications handed to SMTP, with IDLE.

use std::time::{Duration, Instant};

use crate::support::sink::Sink;
use crate::support::smtp::Client;
use crate::support::{Desk, DeskConfig, Mail, MailServers, PATIENCE, eventually};
use crate::{Bar, figure};

const MAILS: usize = 200;
const AGENTS: [&str; 2] = ["anna@example.test", "jan@example.test"];

/// Runs it.
pub fn run() {
    let servers = MailServers::dovecot_only();
    let sink = Sink::start();
    let ca = servers.ca_file();
    // A poll would hide a missed IDLE.
    let extra = "idle = true\npoll = \"1h\"";
    let mut desk =
        Desk::new(&DeskConfig::shop().plain_smtp(sink.port).imap("info", "support", &servers.tls(&ca), extra));
    desk.start();
    let mut lmtp = Client::lmtp(servers.lmtp());
    let mut times: Vec<Duration> = (0..MAILS).map(|number| one(&mut lmtp, &sink, number)).collect();
    times.sort();
    let at = |per_cent: usize| times[(times.len() * per_cent / 100).min(times.len() - 1)].as_secs_f64();
    println!(
        "{MAILS} mails, one after the other, to {} agents each; Dovecot waits about 0.5 s by itself",
        AGENTS.len()
    );
    figure("delivery to notification, p50", at(50), "s", Bar::None);
    figure("delivery to notification, p95", at(95), "s", Bar::AtMost(1.5));
    figure("delivery to notification, worst", at(100), "s", Bar::None);
    desk.stop();
}

fn one(lmtp: &mut Client, sink: &Sink, number: usize) -> Duration {
    let from = format!("customer{number}@client.example");
    let mail = Mail::new(&from, "info@example.test", &format!("Question {number}"), "How long does this take?");
    lmtp.deliver(&from, &["info@example.test"], &mail.bytes());
    let delivered = Instant::now();
    let mark = format!("Question {number}");
    let all = eventually(PATIENCE, "the notifications arrive", || {
        let taken = sink.taken();
        let mut of_this = taken.iter().rev().take(8).filter(|taken| taken.mail.subject().ends_with(&mark));
        let times: Vec<Instant> = AGENTS
            .iter()
            .filter_map(|agent| {
                of_this.clone().find(|taken| taken.to.iter().any(|to| to == agent)).map(|taken| taken.at)
            })
            .collect();
        let complete = times.len() == AGENTS.len() && of_this.next().is_some();
        complete.then(|| times.into_iter().max().unwrap())
    });
    all.saturating_duration_since(delivered)
}
