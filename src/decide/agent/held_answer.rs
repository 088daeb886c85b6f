//! Answers that are held: written to an older state of the ticket than it has, or doubtful in what they carry or whom they
//! are for.
//!
//! Nothing of such a mail is done, unless it is doubtful whom its words are for: then the words alone wait, and all else is
//! done. Its agent is shown why and says what to do: `#send`, `#cancel`, `#note`, or they write another answer in its place:
//! with `#answer` on top where it was asked whom words are for, as other words are asked about again and take no place. Only
//! their own word counts, and it counts once.

use jiff::{SignedDuration, Timestamp};

use super::judgement::{self, Judgement, judge};
use super::understood::{Intent, Reply, understand};
use super::work::Work;
use crate::decide::actions::orphaned::settle;
use crate::decide::commands::{Command, Instructions};
use crate::decide::notify::drafts::Drafts;
use crate::decide::notify::ticket_view::TicketView;
use crate::decide::ticket::finish;
use crate::decide::{AgentReply, HeldMail, Incoming};
use crate::model::done::Done;
use crate::model::event::{Event, EventKind};
use crate::model::facts::Counters;
use crate::model::held::{Doubt, HELD_DAYS, Held, HeldState, HeldStep, Overdue, PendingAnswer};
use crate::model::id::{DepartmentId, MessageKey};
use crate::model::outgoing::NoticeBody;
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::reader::Reader;
use crate::model::refusal::Refusal;
use crate::model::ticket::{MessageKind, Ticket};
use crate::model::visibility::Internal;

/// What an agent says about an answer that is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Send it as it stands.
    Send,
    /// Drop it.
    Cancel,
    /// Keep it as an internal note.
    Note,
}

/// What a mail says about a held answer, by its commands alone: so that what it takes to judge it can be looked up.
pub fn verdict_of(asked: &Instructions, held: Option<&Held>) -> Option<Verdict> {
    of_commands(&asked.commands, held)
}

fn of_commands(commands: &[Command], held: Option<&Held>) -> Option<Verdict> {
    let verdicts = [(Command::Send, Verdict::Send), (Command::Cancel, Verdict::Cancel), (Command::Note, Verdict::Note)];
    // Whom the words are for is what was asked.
    let asked = held.is_some_and(|held| held.named && held.state == HeldState::Held);
    let mut verdicts = verdicts.into_iter().chain(asked.then_some((Command::Answer, Verdict::Send)));
    verdicts.find(|(command, _)| commands.contains(command)).map(|(_, verdict)| verdict)
}

/// What a mail says about a held answer. `#note` with words is a note like any other.
pub(in crate::decide) fn verdict(case: &AgentReply<'_>, reply: &Reply) -> Option<Verdict> {
    let verdict = of_commands(&reply.commands, case.reading.held.as_ref())?;
    let about_it = case.reading.held.as_ref().is_some_and(|held| held.state == HeldState::Held);
    let bare = reply.text.is_empty() && reply.attachments.is_empty();
    match verdict {
        // `#answer` with words is another answer.
        Verdict::Send if !reply.commands.contains(&Command::Send) => bare.then_some(verdict),
        Verdict::Send | Verdict::Cancel => Some(verdict),
        Verdict::Note => (about_it && bare).then_some(verdict),
    }
}

/// Holds the answer of this mail.
pub(in crate::decide) fn hold(mut work: Work<'_>, reply: &Reply, doubts: Vec<Doubt>) -> Plan {
    let text = work.case.mail.words();
    let for_whom = doubts.iter().any(Doubt::is_for_whom);
    let asked_in = for_whom.then(|| work.asking_in());
    if for_whom {
        for command in &reply.commands {
            work.carry_out(command);
        }
        work.pass_on();
        work.tell_of_taking();
    }
    work.record(MessageKind::Returned, text);
    let reasons: Vec<&str> = reply.commands.iter().filter_map(Command::reason).collect();
    if for_whom && !reasons.is_empty() {
        work.note_beside(&reasons.join("\n"));
    }
    if let Some(first) = asked_about(work.case).filter(|_| for_whom) {
        // What waits goes on waiting: words in answer to the question may be no more than that.
        let first_words = work.case.held.map_or("", |held| held.mail.words());
        let terms = Terms { leak: first.leak, asked_in, also: Some(text) };
        return hold_back(work, first.message, doubts, terms, first_words);
    }
    replace(&mut work);
    let message = work.case.counters.next_message;
    hold_back(work, message, doubts, Terms { leak: false, asked_in, also: None }, text)
}

/// What waits for the word for whom it is, when the mail answers that question.
fn asked_about<'a>(case: &AgentReply<'a>) -> Option<&'a Held> {
    case.reading.held.as_ref().filter(|held| held.is_asked_about())
}

/// On what terms an answer is held.
struct Terms<'a> {
    /// Its agent was told that it carries words of a note.
    leak: bool,
    /// Where they were asked whom the words are for.
    asked_in: Option<DepartmentId>,
    /// What they wrote in answer to that.
    also: Option<&'a str>,
}

/// An answer to the notice of a held one takes its place.
pub(in crate::decide) fn replace(work: &mut Work<'_>) {
    let held = work.case.reading.held.as_ref().filter(|held| held.named && held.state == HeldState::Held);
    if let Some(held) = held {
        work.plan.held.push(HeldStep::End(held.message, HeldState::Replaced));
        work.event(EventKind::Replaced { message: held.message });
    }
}

/// Does what an agent says about their held answer.
pub(in crate::decide) fn carry_out(mut work: Work<'_>, reply: &Reply, verdict: Verdict) -> Plan {
    // Their own words they take back wherever the ticket has gone meanwhile, by their own mail perhaps.
    let only_cancels = reply.commands == [Command::Cancel];
    let mut faults = if only_cancels { reply.faults.clone() } else { judgement::faults(&work, reply) };
    faults.extend(beside(reply, verdict));
    if verdict == Verdict::Cancel
        && let Some(leaving) = newest_leaving(work.case)
    {
        if !leaving.waits {
            faults.push(Refusal::HasLeft(leaving.at));
        }
        return if faults.is_empty() { withdraw(work, reply, leaving) } else { work.refuse(faults) };
    }
    let held = match standing(work.case) {
        Ok(held) if faults.is_empty() => held,
        Ok(_) => {
            // Where they have no right any more they get back what they wrote there.
            let lost = faults.iter().any(|fault| matches!(fault, Refusal::NotYours(..)));
            let Some(first) = work.case.held.filter(|_| lost) else { return work.refuse(faults) };
            let (first_words, own) = (first.mail.words(), work.case.mail.words());
            let words = if reply.text.is_empty() { first_words.to_owned() } else { format!("{own}\n\n{first_words}") };
            let files = first.attachments.iter().chain(work.case.attachments.iter()).cloned().collect();
            return work.refuse_with(faults, &words, &files);
        }
        Err(fault) => {
            faults.push(fault);
            return work.refuse(faults);
        }
    };
    match (verdict, work.case.held) {
        (Verdict::Cancel, _) => {
            work.plan.held.push(HeldStep::End(held.message, HeldState::Cancelled));
            work.event(EventKind::Cancelled { message: held.message });
            work.verdict.push(Done::Dropped);
            judgement::carry_out(work, reply)
        }
        (Verdict::Send, Some(mail)) => send(work, reply, held, mail),
        (Verdict::Note, Some(mail)) => keep_as_note(&work, reply, held, mail),
        (Verdict::Send | Verdict::Note, None) => work.refuse(vec![Refusal::HeldUnreadable]),
    }
}

/// The answer that `#cancel` takes back when none that is held is newer, or meant. What was said of a held one before counts:
/// once it is let go, or another took its place, that is an answer like any other, and waits for its hold; a second `#cancel`
/// of one that is dropped means no other.
fn newest_leaving<'a>(case: &AgentReply<'a>) -> Option<&'a PendingAnswer> {
    let leaving = case.reading.leaving.as_ref()?;
    let Some(held) = &case.reading.held else { return Some(leaving) };
    let meant = match held.state {
        HeldState::Held => !held.named && leaving.message > held.message,
        HeldState::Sent | HeldState::Replaced => true,
        HeldState::Cancelled | HeldState::Noted | HeldState::Expired => false,
    };
    (meant && leaving.waits).then_some(leaving)
}

/// Takes an answer back that has not left. The ticket stands as before it, unless something else changed it since.
fn withdraw(mut work: Work<'_>, reply: &Reply, leaving: &PendingAnswer) -> Plan {
    work.plan.held.push(HeldStep::Withdraw(leaving.message));
    let let_go = work.case.reading.held.as_ref().filter(|held| held.state == HeldState::Sent);
    work.plan.held.extend(let_go.map(|held| HeldStep::End(held.message, HeldState::Cancelled)));
    work.event(EventKind::Withdrawn { message: leaving.message });
    work.verdict.push(Done::Withdrawn);
    if let Some((before, after)) = &leaving.change {
        let ticket = work.before;
        if (ticket.status, ticket.wait_until) == (after.status, after.wait_until) {
            work.put_status(before.status, before.wait_until);
        }
        if ticket.assignee == after.assignee {
            work.assign(before.assignee.clone());
        }
    }
    judgement::carry_out(work, reply)
}

/// What must not stand beside a verdict.
fn beside(reply: &Reply, verdict: Verdict) -> Option<Refusal> {
    let both = reply.commands.contains(&Command::Send) && reply.commands.contains(&Command::Cancel);
    if both {
        return Some(Refusal::SendAndCancel);
    }
    if reply.intent == Intent::CommandsOnly || verdict == Verdict::Note {
        return None;
    }
    let word = if verdict == Verdict::Send { "#send" } else { "#cancel" };
    Some(Refusal::VerdictAlone(word))
}

/// The held answer that the mail is about.
fn standing<'a>(case: &AgentReply<'a>) -> Result<&'a Held, Refusal> {
    let held = case.reading.held.as_ref().ok_or(Refusal::NothingHeld)?;
    if held.state == HeldState::Held { Ok(held) } else { Err(Refusal::HeldNoMore(held.state)) }
}

/// Sends a held answer as if it had come now. What its agent was told of does not count again: the case holds only what is
/// newer than the notice.
fn send(work: Work<'_>, reply: &Reply, held: &Held, mail: &HeldMail) -> Plan {
    let case = as_held(work.case, mail);
    let mut answer = Work::new(&case);
    let mut original = understand(&answer);
    original.confirmed = true;
    if held.asked_in.is_some() {
        answer.was_told(&original.commands);
        original.commands.retain(|command| matches!(command, Command::To(_)));
    }
    match judge(&answer, &original) {
        Judgement::Go => {
            answer.plan.held.push(HeldStep::End(held.message, HeldState::Sent));
            answer.event(EventKind::Sent { message: held.message });
            answer.verdict.push(Done::Sent);
            original.commands.extend(reply.commands.iter().cloned());
            judgement::carry_out(answer, &original)
        }
        Judgement::Refuse(faults) => work.refuse_with(faults, mail.mail.words(), &mail.attachments),
        Judgement::Silence(why) => work.hold(&why),
        Judgement::Hold(doubts) => {
            let mut work = work;
            work.record(MessageKind::Note, work.case.mail.reply.trim());
            let terms = Terms { leak: held.leak, asked_in: held.asked_in.clone(), also: None };
            hold_back(work, held.message, doubts, terms, mail.mail.words())
        }
    }
}

/// The case as if the held mail had come now.
fn as_held<'a>(case: &AgentReply<'a>, mail: &'a HeldMail) -> AgentReply<'a> {
    let HeldMail { mail, attachments, rich, asked } = mail;
    let incoming = Incoming { mail, attachments, ..case.incoming };
    AgentReply { incoming, rich: rich.as_ref(), asked, read_by: Some(Reader::Customer), ..*case }
}

/// The words become a note; the commands of the held mail are not carried out, those of this one are.
fn keep_as_note(work: &Work<'_>, reply: &Reply, held: &Held, mail: &HeldMail) -> Plan {
    let case = as_held(work.case, mail);
    let mut note = Work::new(&case);
    for command in &reply.commands {
        note.carry_out(command);
    }
    note.pass_on();
    note.tell_of_taking();
    let text = understand(&note).text;
    note.note(if text.is_empty() { mail.mail.reply.trim() } else { &text });
    note.plan.held.push(HeldStep::End(held.message, HeldState::Noted));
    note.verdict.push(Done::Noted);
    note.confirm(&reply.commands);
    note.done()
}

/// Notes that the answer which `message` keeps is held, and asks its agent.
fn hold_back(mut work: Work<'_>, message: MessageKey, doubts: Vec<Doubt>, terms: Terms<'_>, text: &str) -> Plan {
    let case = work.case;
    let shows = case.counters.next_message;
    let mut why = Vec::new();
    if !case.reading.newer.is_empty() {
        why.push("there are messages that its agent had not seen".to_owned());
    }
    why.extend(doubts.iter().map(Doubt::to_string));
    let why = why.join("; ");
    work.plan.withheld.push(format!("answer: held, {why}"));
    work.event(EventKind::Held { message, why });
    let leak = terms.leak || doubts.iter().any(|doubt| matches!(doubt, Doubt::Note(_)));
    let agent = work.agent.clone();
    work.plan.held.push(HeldStep::Hold { message, agent, shows, leak, asked_in: terms.asked_in });
    work.drafts.seen = Some(shows);
    work.notice(NoticeBody::Held {
        message,
        newer: case.reading.newer.clone(),
        doubts,
        text: Internal::new(text),
        also: terms.also.map(Internal::new),
        until: until(case.now),
    });
    work.done()
}

fn until(now: Timestamp) -> Timestamp {
    now.checked_add(SignedDuration::from_hours(HELD_DAYS * 24)).unwrap_or(Timestamp::MAX)
}

/// A held answer whose agent said nothing for a week is dropped; they get their words back.
pub fn expired(policy: &Policy, ticket: &Ticket, overdue: &Overdue, counters: Counters) -> Plan {
    let mut plan = Plan::default();
    let mut shown = TicketView::of(ticket);
    settle(&mut shown, policy, None, &mut plan);
    let mut drafts = Drafts::new(counters.next_serial);
    drafts.notice(
        policy,
        &shown,
        &overdue.agent,
        NoticeBody::Expired { text: Internal::new(overdue.text.clone()) },
        Vec::new(),
    );
    let days = u32::try_from(HELD_DAYS).unwrap_or(0);
    let kind = EventKind::Expired { agent: overdue.agent.clone(), days, message: overdue.message };
    plan.events.push(Event::of_desk(ticket.number, kind));
    plan.held.push(HeldStep::End(overdue.message, HeldState::Expired));
    finish(plan, drafts)
}
