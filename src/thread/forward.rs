//! An agent's `#fwd`: a customer's mail that reached them and that they send on to the desk. Whoever cannot show that they are an
//! agent forwards as any customer does.

use super::authenticity::is_verified;
use crate::model::link::{AgentProof, Clues, Link};
use crate::model::mail::ParsedMail;
use crate::model::policy::Policy;

/// What stands at the very top of such a mail.
pub const ASKS_TO_FORWARD: &str = "#fwd";

/// Whether the first words of a mail ask to take what it forwards as the customer's own mail.
pub fn asks_to_forward(mail: &ParsedMail) -> bool {
    let first = mail.text.lines().map(bare).find(|line| !line.is_empty());
    first.is_some_and(|line| line.eq_ignore_ascii_case(ASKS_TO_FORWARD))
}

/// White space that programs put around a line, and the mark of a file's beginning.
fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// The forward of an agent: a token of theirs proves it, or our own mail server. With `require_dmarc` not even a token stands in
/// for that. What proves nothing is a mail in an agent's name that begins with a command, and comes back.
pub(super) fn by_agent(mail: &ParsedMail, clues: &Clues, policy: &Policy) -> Option<Link> {
    let customer = &mail.forwarded.as_ref()?.from.as_ref()?.address;
    if mail.automated.is_some() || mail.has_co_authors || !asks_to_forward(mail) {
        return None;
    }
    if policy.is_own(customer) || policy.agent_by_address(customer).is_some() {
        return None;
    }
    let sender = &mail.from.as_ref()?.address;
    let agent = policy.agent_by_address(sender)?;
    let verified = is_verified(mail, policy);
    if policy.desk.require_dmarc && !verified {
        return None;
    }
    let proof = if clues.tokens.iter().any(|token| token.agent == agent.id) {
        AgentProof::Token
    } else if verified {
        AgentProof::Dmarc
    } else {
        return None;
    };
    Some(Link::Forward { agent: agent.id.clone(), proof })
}
