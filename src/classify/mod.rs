//! Which department a mail goes to, and why: addresses, keywords, the mailbox.
//!
//! Pure: no clock, no log, no I/O. Linear in the size of the mail, whatever its content.

mod addresses;
mod keywords;
mod reason;
#[cfg(test)]
mod tests;

use crate::model::id::{DepartmentId, MailboxId, TicketNumber};
use crate::model::link::{Route, RouteKind, Score};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;

use self::addresses::Addresses;
use self::keywords::Keywords;

/// The routing of one config: one automaton over all keywords of all departments, built once.
#[derive(Debug)]
pub struct Classifier {
    addresses: Addresses,
    keywords: Keywords,
    /// Departments in the order of the config, with the least score for keywords to decide.
    thresholds: Vec<(DepartmentId, u32)>,
}

impl Classifier {
    /// Builds the automaton.
    pub fn new(policy: &Policy) -> Self {
        Self {
            addresses: Addresses::new(policy),
            keywords: Keywords::new(policy),
            thresholds: policy
                .departments
                .iter()
                .map(|department| (department.id.clone(), department.keyword_threshold))
                .collect(),
        }
    }

    /// Where `mail`, taken from `mailbox`, goes. A follow-up stays with its ticket's department; the keyword scores are
    /// reported all the same.
    ///
    /// `policy` is the one that the classifier was built from. A department that the config no longer has holds no
    /// follow-up: the mail is then routed like a new one.
    pub fn route(
        &self,
        policy: &Policy,
        mail: &ParsedMail,
        mailbox: &MailboxId,
        follow_up: Option<(TicketNumber, &DepartmentId)>,
    ) -> Route {
        let scores = self.keywords.scores(&mail.subject, mail.words());
        let Decision { kind, department, found, detail } = self
            .by_ticket(follow_up)
            .or_else(|| self.addresses.decide(policy, mail))
            .or_else(|| self.by_keywords(&scores))
            .unwrap_or_else(|| self.by_mailbox(policy, mailbox, &scores));
        let detail = match follow_up {
            Some((number, gone)) if kind != RouteKind::FollowUp => {
                format!("department `{gone}` of ticket #{number} is not in the config; {detail}")
            }
            Some(_) | None => detail,
        };
        Route { department, kind, found, detail, scores }
    }

    /// Where else a new mail goes that went to the department of `first`: to every other one that To or Cc name.
    pub fn others(&self, policy: &Policy, mail: &ParsedMail, first: &Route) -> Vec<Route> {
        let others = self.addresses.others(policy, mail, &first.department).into_iter();
        let route = |Decision { kind, department, found, detail }| Route {
            department,
            kind,
            found,
            detail,
            scores: first.scores.clone(),
        };
        others.map(route).collect()
    }

    fn by_ticket(&self, follow_up: Option<(TicketNumber, &DepartmentId)>) -> Option<Decision> {
        let (number, department) = follow_up?;
        let known = self.thresholds.iter().any(|(id, _)| id == department);
        known.then(|| Decision {
            kind: RouteKind::FollowUp,
            department: department.clone(),
            found: Vec::new(),
            detail: format!("stays with ticket #{number}"),
        })
    }

    /// The department with the highest score, if it reaches its threshold; of several the first that does.
    fn by_keywords(&self, scores: &[Score]) -> Option<Decision> {
        let best = scores.first()?.score;
        let winner =
            scores.iter().take_while(|score| score.score == best).find(|score| best >= self.threshold(score))?;
        let next = scores.iter().find(|score| score.department != winner.department);
        Some(Decision {
            kind: RouteKind::Keywords,
            department: winner.department.clone(),
            found: winner.hits.iter().map(|hit| hit.keyword.clone()).collect(),
            detail: reason::keywords(winner, next),
        })
    }

    fn by_mailbox(&self, policy: &Policy, mailbox: &MailboxId, scores: &[Score]) -> Decision {
        let below = scores.first().map(|score| reason::below_threshold(score, self.threshold(score)));
        let (department, mut detail) = match (policy.mailbox(mailbox), policy.departments.first()) {
            (Some(found), _) => (found.department.clone(), format!("mailbox `{mailbox}`")),
            (None, Some(first)) => (
                first.id.clone(),
                format!("mailbox `{mailbox}` is not in the config; the first department takes its mail"),
            ),
            // A checked policy has a department; without one nobody is told, but the mail is kept.
            (None, None) => (DepartmentId::new("none"), "there is no department".to_owned()),
        };
        if let Some(below) = below {
            detail.push_str(&below);
        }
        Decision { kind: RouteKind::Mailbox, department, found: vec![mailbox.to_string()], detail }
    }

    fn threshold(&self, score: &Score) -> u32 {
        self.thresholds.iter().find(|(id, _)| *id == score.department).map_or(1, |(_, threshold)| *threshold)
    }
}

/// What decided, for whom, by what it found, and the reason in words.
struct Decision {
    kind: RouteKind,
    department: DepartmentId,
    found: Vec<String>,
    detail: String,
}
