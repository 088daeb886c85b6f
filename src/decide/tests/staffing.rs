//! Giving out, the queue, absences: who gets a ticket and who is told.

use super::*;
use crate::model::staff::{Absence, Assignment, AwayBy, WorkItem};

fn agent(id: &str) -> AgentId {
    AgentId::new(id)
}

fn absence(by: AwayBy) -> Absence {
    Absence { since: Timestamp::UNIX_EPOCH, until: None, by }
}

/// A new mail to `support`, where anna and jan work, which gives out its tickets like this.
fn given(how: Assignment) -> Scene {
    new_mail().with(|scene| {
        scene.route.department = DepartmentId::new("support");
        scene.policy.departments[0].giving_out.how = how;
    })
}

#[test]
fn by_default_everybody_is_told_and_nobody_has_it() {
    let scene = given(Assignment::None);
    check(&scene, &["tell anna: new ticket: The lamp is broken.", "tell jan: new ticket: The lamp is broken."]);
    check(&scene, &["!change"]);
}

#[test]
fn in_turn_means_after_whoever_was_given_one_last() {
    let after = |last: &str| {
        given(Assignment::RoundRobin).with(|scene| {
            scene.staff.given.insert(DepartmentId::new("support"), agent(last));
        })
    };
    check(
        &given(Assignment::RoundRobin),
        &["change: anna is given it by support", "tell anna: new ticket: The lamp is broken.", "!tell jan"],
    );
    check(
        &after("anna"),
        &["change: jan is given it by support", "event: postroom assigned: nobody to jan: round-robin", "!tell anna"],
    );
    check(&after("jan"), &["change: anna is given it by support"]);
    check(&after("gone"), &["change: anna is given it by support"]);
}

#[test]
fn the_least_busy_gets_it_and_in_a_tie_whose_turn_it_is() {
    let load = |anna: u32, jan: u32, last: &str| {
        given(Assignment::LeastOpen).with(|scene| {
            scene.staff.open = [(agent("anna"), anna), (agent("jan"), jan)].into();
            scene.staff.given.insert(DepartmentId::new("support"), agent(last));
        })
    };
    check(&load(3, 2, "jan"), &["change: jan is given it by support"]);
    check(&load(2, 2, "anna"), &["change: jan is given it by support"]);
    check(&load(2, 2, "jan"), &["change: anna is given it by support"]);
}

#[test]
fn who_is_away_or_has_enough_is_passed_over() {
    let away = given(Assignment::RoundRobin).with(|scene| {
        scene.staff.away.insert(agent("anna"), absence(AwayBy::Admin));
    });
    check(&away, &["change: jan is given it by support", "!tell anna"]);
    let full = given(Assignment::RoundRobin).with(|scene| {
        scene.policy.departments[0].giving_out.max_open = Some(2);
        scene.staff.open = [(agent("anna"), 2), (agent("jan"), 1)].into();
    });
    check(&full, &["change: jan is given it by support"]);
    let own_limit = full.clone().with(|scene| scene.policy.agents[0].max_open = Some(3));
    check(&own_limit, &["change: anna is given it by support"]);
    let all_full = full.with(|scene| {
        scene.staff.open.insert(agent("jan"), 2);
    });
    let why = "event: postroom assigned: to nobody: everybody has as many open tickets as `max_open` allows";
    check(
        &all_full,
        &[why, "tell anna: new ticket: The lamp is broken.", "tell jan: new ticket: The lamp is broken.", "!change"],
    );
}

#[test]
fn an_agent_is_never_given_his_own_matter() {
    let scene = given(Assignment::RoundRobin).with(|scene| scene.mail.from = Some(person("Anna", "anna@shop.example")));
    check(&scene, &["change: jan is given it by support"]);
}

#[test]
fn from_a_queue_the_idle_are_told_and_all_when_nobody_is() {
    let busy = |anna: u32, jan: u32| {
        given(Assignment::Pull).with(|scene| scene.staff.open = [(agent("anna"), anna), (agent("jan"), jan)].into())
    };
    check(&busy(0, 1), &["tell anna: new ticket: The lamp is broken.", "!tell jan", "!change"]);
    check(&busy(1, 1), &["tell anna: new ticket: The lamp is broken.", "tell jan: new ticket: The lamp is broken."]);
}

#[test]
fn who_is_away_is_told_of_nothing_new_unless_nobody_is_there() {
    let away = |who: &[&str]| {
        given(Assignment::None).with(|scene| {
            scene.staff.away = who.iter().map(|id| (agent(id), absence(AwayBy::Admin))).collect();
        })
    };
    check(&away(&["anna"]), &["tell jan: new ticket: The lamp is broken.", "!tell anna"]);
    check(
        &away(&["anna", "jan"]),
        &["tell anna: new ticket: The lamp is broken.", "tell jan: new ticket: The lamp is broken."],
    );
}

#[test]
fn the_answer_to_an_absent_agent_is_told_to_the_others_too() {
    let scene = follow_up().with(|scene| {
        scene.ticket().assignee = Some(agent("anna"));
        scene.ticket().away = vec![agent("anna")];
    });
    let told = "customer wrote, open again: The lamp is broken.";
    check(&scene, &[&format!("tell anna: {told}"), &format!("tell jan: {told}")]);
    check(&scene.with(|scene| scene.ticket().away.clear()), &[&format!("tell anna: {told}"), "!tell jan"]);
}

fn queued(scene: &mut Scene, number: i64) {
    let ticket = Ticket { number: TicketNumber(number), status: Status::New, ..ticket(NUMBER) };
    let words = Some((person("Ola", "ola@client.example"), "Where is it?".to_owned()));
    scene.staff.next = Some(Box::new(WorkItem { ticket, words, attachments: Arc::from([]) }));
}

#[test]
fn the_next_ticket_is_the_agents_and_told_whole() {
    let scene = agent_writes("#next").with(|scene| queued(scene, 7));
    let text = render(&scene.plan());
    assert!(text.contains("change: #7 assignee anna") || text.contains("assignee anna"), "{text}");
    check(
        &scene,
        &["tell anna: the next one: Where is it?", "event: agent anna assigned: nobody to anna: the next in the queue"],
    );
    check(&agent_writes("#next"), &["notice to anna: Said(NoticeQueueIsEmpty)", "!change"]);
}

#[test]
fn who_has_enough_gets_no_next_one() {
    let full = agent_writes("#next").with(|scene| {
        queued(scene, 7);
        scene.policy.departments[0].giving_out.max_open = Some(2);
        scene.staff.open.insert(agent("anna"), 2);
    });
    let why = "the agent has 2 open tickets and `max_open` is 2";
    check(&full, &[&format!("event: agent anna refused: {why}"), "!change"]);
    check(
        &agent_writes("#next\n#next").with(|scene| queued(scene, 7)),
        &["event: agent anna refused: `#next` gives one ticket a mail"],
    );
}

#[test]
fn what_is_about_himself_an_agent_may_say_anywhere() {
    let elsewhere =
        |words: &str| agent_writes(words).with(|scene| scene.policy.departments[0].agents = vec![agent("jan")]);
    check(&elsewhere("#next"), &["notice to anna: Said(NoticeQueueIsEmpty)"]);
    check(&elsewhere("#away"), &["absent: anna away (command)"]);
    check(&elsewhere("#next\n#close"), &["!change", "!notice to anna: Said(NoticeQueueIsEmpty)"]);
    check(&elsewhere("#away\nHello"), &["!absent", "!answer"]);
}

#[test]
fn the_first_answer_takes_a_ticket_unless_the_department_says_no() {
    check(&agent_writes("Sent."), &["change: assignee anna"]);
    let scene = agent_writes("Sent.").with(|scene| scene.policy.departments[0].giving_out.take_on_reply = false);
    check(&scene, &["!change: assignee", "answer to customer@client.example as support: Sent."]);
}

#[test]
fn a_ticket_that_is_moved_is_given_out_where_it_comes() {
    let scene =
        agent_writes("#move returns").with(|scene| scene.policy.departments[1].giving_out.how = Assignment::RoundRobin);
    check(&scene, &["change: jan is given it by returns", "tell jan: Anna Nowak moved it: It is broken."]);
}

fn unanswered(scene: &mut Scene, numbers: &[i64]) {
    let item = |number: &i64| WorkItem {
        ticket: Ticket {
            number: TicketNumber(*number),
            status: Status::New,
            assignee: Some(agent("anna")),
            ..ticket(NUMBER)
        },
        words: None,
        attachments: Arc::from([]),
    };
    scene.staff.unanswered = numbers.iter().map(item).collect();
}

#[test]
fn what_an_agent_leaves_unanswered_goes_on() {
    let by_hand = agent_writes("#away until 2026-12-01").with(|scene| unanswered(scene, &[7]));
    check(
        &by_hand,
        &[
            "absent: anna away until 2026-12-01T00:00:00Z (command)",
            "event: agent anna away: anna until 2026-12-01: command",
            "change: assignee nobody",
            "event: agent anna assigned: anna to nobody: anna is away",
            "tell jan: free as Anna Nowak is away: ",
            "notice to anna: Away { until: Some(2026-12-01), handed_on: 1 }",
        ],
    );
    let in_turn = by_hand.with(|scene| scene.policy.departments[0].giving_out.how = Assignment::RoundRobin);
    check(&in_turn, &["change: jan is given it by support", "tell jan: yours as Anna Nowak is away: "]);
    let alone = in_turn.with(|scene| {
        scene.staff.away.insert(agent("jan"), absence(AwayBy::Admin));
    });
    check(&alone, &["absent: anna away until 2026-12-01T00:00:00Z (command)", "!change", "!tell"]);
}

#[test]
fn a_day_that_cannot_be_meant_is_a_fault() {
    for (words, why) in [
        ("#away until 2026-11-22", "`#away until 2026-11-22`: that day is not in the future"),
        ("#away until 2028-01-01", "`#away until 2028-01-01`: that is more than a year ahead"),
        ("#away tomorrow", "`#away tomorrow`: no day like `2026-12-01`"),
    ] {
        check(&agent_writes(words), &[&format!("event: agent anna refused: {why}"), "!absent"]);
    }
}

/// Anna's answering machine answers a notification.
fn machine(words: &str) -> Scene {
    agent_writes(words).with(|scene| scene.mail.automated = Some(Automated::AutoReply))
}

#[test]
fn an_out_of_office_says_that_its_writer_is_away_and_until_when() {
    let scene = machine("I am out of the office until 1 December.").with(|scene| unanswered(scene, &[7]));
    check(
        &scene,
        &[
            "absent: anna away until 2026-12-01T00:00:00Z (auto-reply)",
            "event: agent anna assigned: anna to nobody: anna is away",
            "tell jan: free as Anna Nowak is away: ",
            "!answer",
            "!notice",
        ],
    );
    check(&machine("I am out."), &["absent: anna away until 2026-11-29T10:00:00Z (auto-reply)"]);
    let quoting = machine("I am out.").with(|scene| scene.mail.text.push_str("\n\n> I need it until 5 December."));
    check(&quoting, &["absent: anna away until 2026-11-29T10:00:00Z (auto-reply)"]);
}

#[test]
fn only_the_agents_own_machine_is_believed() {
    let elsewhere = machine("Away.").with(|scene| scene.mail.from = Some(person("", "robot@else.example")));
    check(&elsewhere, &["!absent"]);
    let unverified = machine("Away.").with(|scene| scene.policy.desk.require_dmarc = true);
    check(&unverified, &["!absent"]);
    let bulk = machine("News.").with(|scene| scene.mail.automated = Some(Automated::Bulk));
    check(&bulk, &["!absent"]);
    let said_himself = machine("Until 1 December.").with(|scene| {
        scene.staff.away.insert(agent("anna"), absence(AwayBy::Command));
    });
    check(&said_himself, &["!absent"]);
}

#[test]
fn his_first_own_mail_ends_what_his_machine_said_and_nothing_else() {
    let away = |by, words: &str| {
        agent_writes(words).with(|scene| {
            scene.staff.away.insert(agent("anna"), absence(by));
        })
    };
    let back = "event: agent anna back: anna: they write again";
    check(&away(AwayBy::AutoReply, "Sent."), &["absent: anna back", back]);
    check(&away(AwayBy::AutoReply, "#tkae"), &["absent: anna back", back]);
    check(&away(AwayBy::Command, "Sent."), &["!absent"]);
    check(&away(AwayBy::Admin, "Sent."), &["!absent"]);
    check(&away(AwayBy::Command, "#back"), &["absent: anna back", "notice to anna: Said(NoticeBack)"]);
    check(&away(AwayBy::AutoReply, "#away"), &["absent: anna away (command)"]);
    let unverified = away(AwayBy::AutoReply, "Sent.").with(|scene| scene.policy.desk.require_dmarc = true);
    check(&unverified, &["!absent"]);
    let forwarded = |proof| {
        new_mail().with(|scene| {
            scene.link = Link::Forward { agent: agent("anna"), proof };
            scene.staff.away.insert(agent("anna"), absence(AwayBy::AutoReply));
        })
    };
    check(&forwarded(AgentProof::Dmarc), &["absent: anna back", back]);
    check(&forwarded(AgentProof::FromAlone), &["!absent"]);
}

#[test]
fn an_absent_colleagues_ticket_is_free_to_take() {
    let scene = agent_writes("#take").with(|scene| {
        scene.ticket().assignee = Some(agent("jan"));
        scene.policy.departments[0].leads = vec![agent("jan")];
        scene.ticket().away = vec![agent("jan")];
    });
    check(&scene, &["change: assignee anna"]);
}

#[test]
fn the_ticket_of_who_left_is_nobodys_with_the_next_mail() {
    let scene = follow_up().with(|scene| scene.ticket().assignee = Some(agent("gone")));
    check(
        &scene,
        &[
            "change: assignee nobody",
            "event: postroom assigned: gone to nobody: gone is not in the config",
            "tell anna: customer wrote, open again: The lamp is broken.",
            "tell jan: customer wrote, open again: The lamp is broken.",
        ],
    );
    let answer = agent_writes("Sent.").with(|scene| scene.ticket().assignee = Some(agent("gone")));
    check(&answer, &["change: assignee nobody", "change: assignee anna"]);
}

#[test]
fn a_mail_that_cannot_be_read_is_told_to_those_who_are_there() {
    let scene = new_mail();
    let told = |away: &[&str]| {
        let mut plan = quarantined(&scene.policy, &scene.raw, "it has no headers", scene.counters, scene.now);
        let away = away.iter().map(|id| (agent(id), absence(AwayBy::Admin))).collect();
        spare_the_absent(&mut plan, &away);
        let text = render(&plan);
        let told = text.lines().filter_map(|line| line.strip_prefix("tell ")?.split_once(':'));
        told.map(|(agent, _)| agent.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(&[]), ["anna", "jan"]);
    assert_eq!(told(&["anna"]), ["jan"]);
    assert_eq!(told(&["anna", "jan"]), ["anna", "jan"]);
}
