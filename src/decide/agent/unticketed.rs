//! An agent's answer to a mail of ours that stands on no ticket, such as a digest: nobody is meant by it, so nothing is done.
//!
//! Opens no ticket and reaches no customer; the agent gets their words back, and what they can do instead.

use std::sync::Arc;

use super::loop_limits;
use crate::decide::Incoming;
use crate::decide::actions::absence;
use crate::model::id::AgentId;
use crate::model::outgoing::{Draft, NoticeBody, NoticeDraft};
use crate::model::plan::{Fate, Plan};
use crate::model::reader::Reader;
use crate::model::visibility::Internal;

const BY_A_MACHINE: &str = "an agent's answering machine answered a mail of ours that stands on no ticket";
const TOLD: &str = "an agent answered a mail of ours that stands on no ticket: they are told";
const TOLD_ENOUGH: &str =
    "an agent answered a mail of ours that stands on no ticket, and was sent too many automatic mails";

/// What happens because of it.
pub(in crate::decide) fn mail(case: &Incoming<'_>, agent: &AgentId) -> Plan {
    let fate = |why: &str| Some(Fate::Ignored(why.to_owned()));
    if case.mail.automated.is_some() {
        return Plan { fate: fate(BY_A_MACHINE), ..absence::believe_machine(case, agent) };
    }
    if loop_limits::notices_on_none_spent(case) {
        let stopped = loop_limits::notices_spent(case).then(|| loop_limits::stopped(agent));
        return Plan { fate: fate(TOLD_ENOUGH), stopped: stopped.into_iter().collect(), ..Plan::default() };
    }
    let notice = NoticeDraft {
        ticket: None,
        subject: case.mail.subject.clone(),
        agent: agent.clone(),
        mailbox: case.raw.mailbox.clone(),
        department: case.route.department.clone(),
        body: NoticeBody::Unticketed {
            text: Internal::new(case.mail.words()),
            attachments: Arc::clone(case.attachments),
        },
        references: case.mail.message_id.iter().cloned().collect(),
        answered: Reader::Nobody,
        customers: Vec::new(),
        shows: None,
        serial: case.counters.next_serial,
    };
    Plan { fate: fate(TOLD), mails: vec![Draft::Notice(notice)], ..Plan::default() }
}
