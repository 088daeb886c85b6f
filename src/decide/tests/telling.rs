//! Kept news is worded as things stand when it is told, to those who may still read it.

use std::collections::BTreeMap;

use super::*;
use crate::model::facts::Answered;
use crate::model::habits::Notify;
use crate::model::news::{Kept, KeptNews, Since};
use crate::model::outgoing::{Draft, News, NotificationDraft};
use crate::model::visibility::Internal;

const NOW: &str = "2026-11-25T12:00:00Z";

fn kept(news: News, shows: i64) -> KeptNews {
    KeptNews {
        at: NOW.parse().unwrap(),
        news,
        author: person("Customer", "customer@client.example"),
        words: Internal::new(format!("words {shows}")),
        below: Internal::new(""),
        files: vec![],
        left_out: vec![],
        route: None,
        shows: MessageKey(shows),
        sender: SenderVerdict::Unknown,
    }
}

fn wrote(shows: i64) -> KeptNews {
    kept(News::CustomerWrote { reopened: false }, shows)
}

fn tell(policy: &Policy, agent: &str, ticket: &Ticket, news: Vec<KeptNews>, answered: &[Answered]) -> Plan {
    let meanwhile = Meanwhile { policy, answered, away: &BTreeMap::new(), now: NOW.parse().unwrap() };
    collected(ticket, &AgentId::new(agent), Kept { news, older: 0 }, meanwhile, new_mail().counters)
}

fn notification(plan: &Plan) -> &NotificationDraft {
    match plan.mails.as_slice() {
        [Draft::Notification(draft)] => draft,
        other => panic!("{other:?}"),
    }
}

fn answer(message: i64, agent: &str) -> Answered {
    Answered { message: MessageKey(message), agent: AgentId::new(agent) }
}

#[test]
fn words_that_were_answered_meanwhile_say_so_and_later_ones_do_not() {
    let (policy, ticket) = (policy(), ticket(TicketNumber(1001)));
    let news = || vec![wrote(5), wrote(9)];
    let plan = tell(&policy, "jan", &ticket, news(), &[answer(7, "anna")]);
    let draft = notification(&plan);
    let since: Vec<Option<Since>> = draft.episodes.iter().map(|episode| episode.since.clone()).collect();
    assert_eq!(since, [Some(Since::Answered("Anna Nowak".to_owned())), None]);
    assert_eq!(draft.shows, MessageKey(9));
    let plan = tell(&policy, "anna", &ticket, news(), &[answer(7, "anna")]);
    assert_eq!(notification(&plan).episodes[0].since, Some(Since::YouAnswered));
    // What a colleague said stands in the mail itself.
    let told = vec![wrote(5), kept(News::ColleagueAnswered("Anna Nowak".to_owned()), 7)];
    let plan = tell(&policy, "jan", &ticket, told, &[answer(7, "anna")]);
    assert!(notification(&plan).episodes.iter().all(|episode| episode.since.is_none()));
}

#[test]
fn a_single_thing_that_was_just_kept_reads_like_any_notification() {
    let plan = tell(&policy(), "jan", &ticket(TicketNumber(1001)), vec![wrote(5)], &[]);
    assert!(notification(&plan).episodes.is_empty());
}

#[test]
fn who_may_not_read_the_ticket_any_more_hears_that_it_is_not_his_and_none_of_its_words() {
    let (policy, mut ticket) = (policy(), ticket(TicketNumber(1001)));
    ticket.department = DepartmentId::new("returns");
    let news = vec![wrote(5), kept(News::NoLongerYours("Jan".to_owned()), 6)];
    let plan = tell(&policy, "anna", &ticket, news, &[]);
    let draft = notification(&plan);
    assert_eq!((draft.body.as_str(), draft.episodes.len()), ("", 0));
    assert_eq!(
        plan.events[0].kind.to_string(),
        "notification: 2 kept for anna, 1 told: anna does not work in `returns`"
    );
    let plan = tell(&policy, "anna", &ticket, vec![wrote(5)], &[]);
    assert!(plan.mails.is_empty() && plan.events.len() == 1, "{plan:?}");
}

#[test]
fn an_agent_who_is_gone_or_wants_nothing_is_told_nothing_and_that_is_written_down() {
    let (mut policy, ticket) = (policy(), ticket(TicketNumber(1001)));
    policy.agents[1].habits.notify = Notify::None;
    for agent in ["jan", "otto"] {
        let plan = tell(&policy, agent, &ticket, vec![wrote(5), kept(News::NoLongerYours("A".to_owned()), 6)], &[]);
        assert!(plan.mails.is_empty() && plan.events.len() == 1, "{agent}: {plan:?}");
    }
}
