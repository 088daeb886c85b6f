//! What it means that a person moved a ticket's mail in the mailbox: to another department, to an agent, to what is done.
//!
//! Who it was is not known, so nobody is named and nobody left out. Nothing goes to a customer.

use super::by_hand::{Hand, Knowledge};
use crate::model::event::{Actor, AssignedWhy, MovedWhy, StatusWhy};
use crate::model::id::MailboxId;
use crate::model::mirror::{Place, Stand};
use crate::model::plan::Plan;
use crate::model::policy::Policy;
use crate::model::ticket::{Status, Ticket};

/// What follows when a mail of the ticket lies where a person put it in `mailbox`; nothing when the ticket stands like that
/// already.
pub fn moved_in_mailbox(
    policy: &Policy,
    ticket: &Ticket,
    place: &Place,
    mailbox: &MailboxId,
    knowledge: Knowledge<'_>,
) -> Plan {
    let stand = Stand::of(ticket);
    if stand.may_lie_in(place) {
        return Plan::default();
    }
    // The account stands for the person.
    let name = policy.mailbox(mailbox).map_or_else(|| mailbox.to_string(), |mailbox| mailbox.address.to_string());
    let mut hand = Hand::new(policy, ticket, (Actor::Mailbox(mailbox.clone()), name), knowledge);
    let is_queue = matches!(place, Place::Department(_) | Place::Agent(_));
    // What was done is taken up again by whoever puts it back into a queue.
    if is_queue && stand.is_done() {
        hand.set_status(Status::Open, Some(StatusWhy::Mailbox));
    }
    match place {
        Place::Done => hand.set_status(Status::Closed, Some(StatusWhy::Mailbox)),
        Place::Department(department) => hand.hand_over(department, Some(MovedWhy::Mailbox)),
        Place::Agent(agent) => hand.assign(agent, Some(AssignedWhy::Mailbox)),
    }
    hand.done()
}
