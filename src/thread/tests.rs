//! The rules of threading, one by one.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::model::facts::{RelatedTicket, TicketRelation};
use crate::model::id::MailId;
use crate::model::link::{AgentProof, BounceProof, IdClue, TokenClue, Unproven};
use crate::model::policy::ClosedPolicy;
use crate::model::reader::Reader;
use crate::model::testing::{opening, policy, ticket};
use crate::model::ticket::{Participant, Role, Status};
use crate::model::token::OwnId;
use crate::model::{Person, outgoing::OutgoingKind};

const NUMBER: TicketNumber = TicketNumber(1042);

fn from(address: &str) -> ParsedMail {
    let from = Person { name: String::new(), address: Address::parse(address).unwrap() };
    ParsedMail { from: Some(from), ..ParsedMail::default() }
}

fn facts() -> ThreadFacts {
    ThreadFacts { tickets: vec![ticket(NUMBER)], by_id: vec![(MailId::new("a@x"), NUMBER)], ..ThreadFacts::default() }
}

fn in_reply_to(id: &str) -> Clues {
    let clue = IdClue { id: MailId::new(id), header: HeaderClue::InReplyTo };
    Clues { ids: vec![clue], ..Clues::default() }
}

fn clue(agent: &str, place: TokenPlace) -> TokenClue {
    let seal = Seal::Key(opening(NUMBER).key);
    let (agent, reader) = (AgentId::new(agent), Some(Reader::Customer));
    TokenClue { ticket: NUMBER, seal, agent, reader, place, shows: None, verb: None }
}

fn own_answer() -> OwnId {
    let seal = Seal::Key(opening(NUMBER).key);
    OwnId { kind: OutgoingKind::Answer, ticket: NUMBER, seal, agent: None, reader: None }
}

fn token(agent: &str) -> Clues {
    let token = clue(agent, TokenPlace::Address);
    Clues { tokens: vec![token], ..Clues::default() }
}

fn moment() -> Moment {
    Moment { now: Timestamp::UNIX_EPOCH, silent: false, sent: false }
}

fn unproven(agent: &str, why: Unproven) -> Link {
    Link::Unproven { agent: AgentId::new(agent), why }
}

fn stranger() -> Link {
    Link::New { reason: ThreadReason::Stranger, possibly_related: Some(NUMBER) }
}

#[test]
fn a_participant_joins_by_in_reply_to_and_a_stranger_does_not() {
    let clues = in_reply_to("a@x");
    let link = resolve(&from("CUSTOMER@client.example"), &clues, &facts(), &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::InReplyTo, None));
    assert_eq!(resolve(&from("mallory@evil.example"), &clues, &facts(), &policy(), moment()), stranger());
}

#[test]
fn a_tag_is_worth_something_in_the_hands_of_a_participant_only() {
    let clues = Clues { tags: vec![NUMBER], ..Clues::default() };
    let link = resolve(&from("customer@client.example"), &clues, &facts(), &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::SubjectTag, None));
    assert_eq!(resolve(&from("mallory@evil.example"), &clues, &facts(), &policy(), moment()), stranger());
}

#[test]
fn a_tag_of_a_ticket_that_does_not_exist_is_nothing() {
    let clues = Clues { tags: vec![TicketNumber(9)], ..Clues::default() };
    let link = resolve(&from("customer@client.example"), &clues, &facts(), &policy(), moment());
    assert_eq!(link, Link::New { reason: ThreadReason::Nothing, possibly_related: None });
}

#[test]
fn a_token_counts_only_with_an_address_of_its_agent() {
    let link = resolve(&from("anna.nowak@home.example"), &token("anna"), &facts(), &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::ReplyAddress, Some(AgentId::new("anna"))));
    let other = Link::New { reason: ThreadReason::AgentsToken, possibly_related: Some(NUMBER) };
    assert_eq!(resolve(&from("supplier@else.example"), &token("anna"), &facts(), &policy(), moment()), other);
    for (from_agent, whose) in [("jan", "anna"), ("anna", "revoked")] {
        let mail = from(&format!("{from_agent}@shop.example"));
        let link = resolve(&mail, &token(whose), &facts(), &policy(), moment());
        assert_eq!(link, unproven(from_agent, Unproven::OfAnother(AgentId::new(whose))));
    }
}

#[test]
fn an_agents_name_without_a_token_joins_nothing_and_comes_back() {
    let clues = in_reply_to("a@x");
    let link = resolve(&from("anna@shop.example"), &clues, &facts(), &policy(), moment());
    assert_eq!(link, unproven("anna", Unproven::Lost));
}

#[test]
fn someone_merely_proposed_is_a_stranger() {
    let mut facts = facts();
    let person = Person { name: String::new(), address: Address::parse("cc@client.example").unwrap() };
    facts.tickets[0].participants.push(Participant { person, role: Role::Proposed });
    assert_eq!(resolve(&from("cc@client.example"), &in_reply_to("a@x"), &facts, &policy(), moment()), stranger());
}

#[test]
fn an_out_of_office_from_elsewhere_joins_what_it_refers_to_and_no_other_robot_does() {
    let robot = |automated| ParsedMail { automated: Some(automated), ..from("robot@client.example") };
    let link = |kind, clues: &Clues| resolve(&robot(kind), clues, &facts(), &policy(), moment());
    let joined = joined(NUMBER, ThreadReason::InReplyTo, None);
    assert_eq!(link(Automated::AutoReply, &in_reply_to("a@x")), joined);
    for kind in [Automated::Notice, Automated::Bulk, Automated::List, Automated::Bounce] {
        assert_eq!(link(kind, &in_reply_to("a@x")), stranger(), "{kind:?}");
    }
    let tagged = Clues { tags: vec![NUMBER], ..Clues::default() };
    assert_eq!(link(Automated::AutoReply, &tagged), stranger());
}

#[test]
fn an_agents_answering_machine_is_his_wherever_it_writes_from_and_a_human_there_is_a_stranger() {
    let token = clue("anna", TokenPlace::MessageId);
    let clues = Clues { tokens: vec![token], ..in_reply_to("a@x") };
    let human = from("anna@phone.example");
    let other = Link::New { reason: ThreadReason::AgentsToken, possibly_related: Some(NUMBER) };
    assert_eq!(resolve(&human, &clues, &facts(), &policy(), moment()), other);
    let robot = ParsedMail { automated: Some(Automated::AutoReply), ..human };
    let link = resolve(&robot, &clues, &facts(), &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::NotificationId, Some(AgentId::new("anna"))));
}

#[test]
fn a_customer_who_shows_an_agents_token_is_still_a_customer() {
    let clues = Clues { ids: in_reply_to("a@x").ids, ..token("anna") };
    let link = resolve(&from("customer@client.example"), &clues, &facts(), &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::InReplyTo, None));
}

#[test]
fn a_mail_without_a_sender_proves_nothing() {
    let other = Link::New { reason: ThreadReason::AgentsToken, possibly_related: Some(NUMBER) };
    let clues = Clues { ids: in_reply_to("a@x").ids, tags: vec![NUMBER], ..token("anna") };
    assert_eq!(resolve(&ParsedMail::default(), &clues, &facts(), &policy(), moment()), other);
}

#[test]
fn the_nearest_id_of_a_ticket_that_the_sender_is_on_wins() {
    let other = TicketNumber(7);
    let mut facts = facts();
    facts.tickets.push(Ticket { participants: vec![], ..ticket(other) });
    facts.by_id.push((MailId::new("b@x"), other));
    let clues = Clues { ids: [in_reply_to("b@x").ids, in_reply_to("a@x").ids].concat(), ..Clues::default() };
    let link = resolve(&from("customer@client.example"), &clues, &facts, &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::InReplyTo, None));
}

#[test]
fn a_lists_mail_joins_tickets_of_that_list_and_no_other() {
    let list = |name: &str, address: &str| ParsedMail { list: Some(name.to_owned()), ..from(address) };
    let mut facts = facts();
    let clues = in_reply_to("a@x");
    let member = list("lamps.lists.example", "member@else.example");
    assert_eq!(resolve(&member, &clues, &facts, &policy(), moment()), stranger(), "a ticket of no list");
    facts.tickets[0].list = Some("lamps.lists.example".to_owned());
    let link = resolve(&member, &clues, &facts, &policy(), moment());
    assert_eq!(link, joined(NUMBER, ThreadReason::SameList, None));
    let other = list("other.lists.example", "member@else.example");
    assert_eq!(resolve(&other, &clues, &facts, &policy(), moment()), stranger());
    assert_eq!(resolve(&from("member@else.example"), &clues, &facts, &policy(), moment()), stranger());
}

#[test]
fn an_answer_to_the_lists_address_joins_the_lists_ticket() {
    let mut facts = facts();
    facts.tickets[0].list = Some("lamps.lists.example".to_owned());
    let to = |address: &str| ParsedMail {
        to: vec![Person { name: String::new(), address: Address::parse(address).unwrap() }],
        ..from("member@else.example")
    };
    let check = |mail: &ParsedMail, facts: &ThreadFacts| resolve(mail, &in_reply_to("a@x"), facts, &policy(), moment());
    let link = joined(NUMBER, ThreadReason::SameList, None);
    assert_eq!(check(&to("Lamps@lists.example"), &facts), link);
    assert_eq!(check(&to("info@shop.example"), &facts), stranger());
    // A group address of our own house is no list: who writes to it is a stranger to the others.
    facts.tickets[0].list = Some("help.shop.example".to_owned());
    let group = ParsedMail { list: facts.tickets[0].list.clone(), ..to("help@shop.example") };
    assert_eq!(check(&group, &facts), stranger());
}

#[test]
fn a_lists_answer_without_its_parent_joins_by_list_and_subject_and_nobody_elses_does() {
    let mut facts = ThreadFacts {
        by_id: vec![],
        kin: vec![RelatedTicket { number: NUMBER, bond: TicketRelation::ListSubject }],
        ..facts()
    };
    let check = |mail: &ParsedMail, facts: &ThreadFacts| resolve(mail, &Clues::default(), facts, &policy(), moment());
    let member = ParsedMail {
        list: Some("lamps.lists.example".to_owned()),
        return_path: Address::parse("lamps-bounces@lists.example"),
        ..from("member@else.example")
    };
    let new = Link::New { reason: ThreadReason::Nothing, possibly_related: None };
    assert_eq!(check(&member, &facts), new, "a ticket of no list");
    assert_eq!(check(&from("customer@client.example"), &facts), new, "not even a participant");
    facts.tickets[0].list.clone_from(&member.list);
    assert_eq!(check(&member, &facts), joined(NUMBER, ThreadReason::ListSubject, None));
    assert_eq!(check(&from("member@else.example"), &facts), new);
    for envelope in ["member@else.example", ""] {
        let forged = ParsedMail { return_path: Address::parse(envelope), ..member.clone() };
        assert_eq!(check(&forged, &facts), new, "a name that anybody can write, from {envelope:?}");
    }
}

#[test]
fn a_mail_that_went_to_two_lists_is_one_whatever_tags_they_gave_it() {
    let mut facts = ThreadFacts {
        by_id: vec![],
        kin: vec![RelatedTicket { number: NUMBER, bond: TicketRelation::SameId }],
        ..facts()
    };
    facts.tickets[0].subject = "[lamps] Which bulb?".to_owned();
    facts.tickets[0].list = Some("lamps.lists.example".to_owned());
    let check = |mail: &ParsedMail| resolve(mail, &Clues::default(), &facts, &policy(), moment());
    let copy = |to: &str, subject: &str| ParsedMail {
        list: Some("halls.lists.example".to_owned()),
        to: vec![Person { name: String::new(), address: Address::parse(to).unwrap() }],
        subject: subject.to_owned(),
        ..from("member@else.example")
    };
    let new = Link::New { reason: ThreadReason::Nothing, possibly_related: None };
    assert_eq!(
        check(&copy("lamps@lists.example", "[halls] Which bulb?")),
        joined(NUMBER, ThreadReason::SameList, None)
    );
    assert_eq!(check(&copy("lamps@lists.example", "[halls] Another bulb")), new);
    assert_eq!(check(&copy("halls@lists.example", "[halls] Which bulb?")), new);
}

#[test]
fn what_mails_share_counts_under_the_tickets_subject_for_who_wrote_on_it() {
    let kin = |bond| ThreadFacts { by_id: vec![], kin: vec![RelatedTicket { number: NUMBER, bond }], ..facts() };
    let customer = |subject: &str| ParsedMail { subject: subject.to_owned(), ..from("customer@client.example") };
    let new = Link::New { reason: ThreadReason::Nothing, possibly_related: None };
    let shared = joined(NUMBER, ThreadReason::SharedReference, None);
    let check = |mail: &ParsedMail, bond| resolve(mail, &Clues::default(), &kin(bond), &policy(), moment());
    assert_eq!(check(&customer("AW: Broken lamp"), TicketRelation::Reference), shared);
    assert_eq!(check(&customer("Re: broken LAMP"), TicketRelation::SameId), shared);
    let talk = joined(NUMBER, ThreadReason::ThreadIndex, None);
    assert_eq!(check(&customer("AW: Broken lamp"), TicketRelation::ThreadIndex), talk);
    let robot = ParsedMail { automated: Some(Automated::Notice), ..customer("Broken lamp") };
    let mallory = ParsedMail { subject: "Broken lamp".to_owned(), ..from("mallory@evil.example") };
    for bond in [TicketRelation::SameId, TicketRelation::ThreadIndex, TicketRelation::Reference] {
        for mail in [&customer("Your parcel"), &robot, &mallory] {
            assert_eq!(check(mail, bond), new, "{bond:?}");
        }
    }
}

#[test]
fn who_merely_stands_in_cc_joins_by_their_own_mail_or_one_of_ours_to_them() {
    let (kim, id) = (crate::model::testing::person("", "kim@partner.example"), MailId::new("a@x"));
    let mut facts = facts();
    facts.tickets[0].participants.push(Participant { person: kim.clone(), role: Role::Participant });
    let mail = ParsedMail { subject: "Re: Broken lamp".to_owned(), ..from("kim@partner.example") };
    let tagged = Clues { tags: vec![NUMBER], ..Clues::default() };
    let check = |clues: &Clues, facts: &ThreadFacts| resolve(&mail, clues, facts, &policy(), moment());
    let new = Link::New { reason: ThreadReason::InManyHands, possibly_related: Some(NUMBER) };
    assert_eq!(check(&in_reply_to("a@x"), &facts), new);
    assert_eq!(check(&tagged, &facts), new);
    let held = ThreadFacts { held_by: vec![(id, kim.address.clone())], ..facts.clone() };
    assert_eq!(check(&in_reply_to("a@x"), &held), joined(NUMBER, ThreadReason::InReplyTo, None));
    let told = ThreadFacts { told: vec![(NUMBER, kim.address.clone())], ..facts.clone() };
    assert_eq!(check(&tagged, &told), joined(NUMBER, ThreadReason::SubjectTag, None));
    assert_eq!(check(&in_reply_to("a@x"), &told), new);
    let wrote = ThreadFacts { wrote: vec![(NUMBER, kim.address)], ..facts };
    assert_eq!(check(&in_reply_to("a@x"), &wrote), joined(NUMBER, ThreadReason::InReplyTo, None));
    let other = ParsedMail { subject: "Your letter".to_owned(), ..mail.clone() };
    assert_eq!(resolve(&other, &in_reply_to("a@x"), &wrote, &policy(), moment()), new);
}

#[test]
fn who_is_not_believed_joins_by_an_id_alone_that_we_signed_and_sent_to_them() {
    let mut policy = policy();
    policy.desk.authserv_id = Some("mx.shop.example".to_owned());
    let fails = crate::model::mail::AuthenticationResults {
        authserv_id: "mx.shop.example".to_owned(),
        dmarc_fail: true,
        ..Default::default()
    };
    let mail = ParsedMail { authentication: vec![fails], ..from("customer@client.example") };
    let (customer, id) = (Address::parse("customer@client.example").unwrap(), MailId::new("a@x"));
    let held = ThreadFacts { held_by: vec![(id.clone(), customer)], ..facts() };
    let forged = Link::New { reason: ThreadReason::Forged, possibly_related: Some(NUMBER) };
    let tagged = Clues { tags: vec![NUMBER], ..Clues::default() };
    for clues in [&in_reply_to("a@x"), &tagged] {
        assert_eq!(resolve(&mail, clues, &held, &policy, moment()), forged, "{clues:?}");
    }
    let minted = Clues { minted: vec![id], ..in_reply_to("a@x") };
    assert_eq!(resolve(&mail, &minted, &facts(), &policy, moment()), forged, "it was sent to somebody else");
    assert_eq!(resolve(&mail, &minted, &held, &policy, moment()), joined(NUMBER, ThreadReason::InReplyTo, None));
}

fn closed(policy: &mut Policy, closed: ClosedPolicy) -> ThreadFacts {
    policy.departments[0].closed = closed;
    let mut facts = facts();
    facts.tickets[0].status = Status::Closed;
    facts.tickets[0].closed_at = Some(Timestamp::UNIX_EPOCH);
    facts
}

#[test]
fn a_closed_ticket_is_opened_again_for_as_long_as_its_department_says() {
    let day = SignedDuration::from_hours(24);
    let new = Link::New { reason: ThreadReason::Closed, possibly_related: Some(NUMBER) };
    let old = joined(NUMBER, ThreadReason::InReplyTo, None);
    for (rule, hours, expected) in [
        (ClosedPolicy::Reopen, 10_000, &old),
        (ClosedPolicy::New, 0, &new),
        (ClosedPolicy::ReopenWithin(day), 24, &old),
        (ClosedPolicy::ReopenWithin(day), 25, &new),
    ] {
        let mut policy = policy();
        let facts = closed(&mut policy, rule);
        let later =
            Moment { now: Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours), silent: false, sent: false };
        let mail = from("customer@client.example");
        assert_eq!(resolve(&mail, &in_reply_to("a@x"), &facts, &policy, later), *expected, "{rule:?}");
        let robot = Moment { silent: true, ..later };
        assert_eq!(resolve(&mail, &in_reply_to("a@x"), &facts, &policy, robot), old, "{rule:?}");
    }
}

#[test]
fn an_agents_forward_is_proved_by_token_or_dmarc_and_else_comes_back() {
    let forwarded = crate::model::mail::Forwarded {
        from: Some(crate::model::testing::person("", "ewa@client.example")),
        ..Default::default()
    };
    let mail = ParsedMail { text: "\n #FWD\nx".to_owned(), forwarded: Some(forwarded), ..from("anna@shop.example") };
    let anna = |proof| Link::Forward { agent: AgentId::new("anna"), proof };
    let mut policy = policy();
    let none = Clues::default();
    assert_eq!(resolve(&mail, &token("anna"), &facts(), &policy, moment()), anna(AgentProof::Token));
    assert_eq!(resolve(&mail, &none, &facts(), &policy, moment()), unproven("anna", Unproven::Command));
    policy.desk.authserv_id = Some("mx.shop.example".to_owned());
    let new = Link::New { reason: ThreadReason::Nothing, possibly_related: None };
    assert_eq!(resolve(&mail, &none, &facts(), &policy, moment()), unproven("anna", Unproven::Command));
    let verified = crate::model::mail::AuthenticationResults {
        authserv_id: "mx.shop.example".to_owned(),
        dmarc_pass: Some("shop.example".to_owned()),
        dmarc_fail: false,
        received_by: vec![],
    };
    let mail = ParsedMail { authentication: vec![verified], ..mail };
    assert_eq!(resolve(&mail, &none, &facts(), &policy, moment()), anna(AgentProof::Dmarc));
    policy.desk.require_dmarc = true;
    assert_eq!(resolve(&mail, &none, &facts(), &policy, moment()), anna(AgentProof::Dmarc));
    let unverified = ParsedMail { authentication: vec![], ..mail.clone() };
    assert_eq!(
        resolve(&unverified, &token("anna"), &facts(), &policy, moment()),
        joined(NUMBER, ThreadReason::ReplyAddress, Some(AgentId::new("anna")))
    );
    let machine = ParsedMail { automated: Some(Automated::AutoReply), ..mail.clone() };
    assert_eq!(resolve(&machine, &none, &facts(), &policy, moment()), new);
    let unasked = ParsedMail { text: "x\n#fwd".to_owned(), ..mail };
    assert_eq!(resolve(&unasked, &none, &facts(), &policy, moment()), new);
}

#[test]
fn our_own_mail_come_back_is_nothing_new() {
    let facts = ThreadFacts { is_own: true, ..facts() };
    assert_eq!(resolve(&from("customer@client.example"), &in_reply_to("a@x"), &facts, &policy(), moment()), Link::Own);
}

#[test]
fn a_bounce_goes_to_the_ticket_of_the_mail_that_it_reports_on() {
    let own = own_answer();
    let clues = Clues { bounced: Some(own.clone()), ..Clues::default() };
    let mail = ParsedMail { automated: Some(Automated::Bounce), ..from("mailer-daemon@mx.example") };
    let check = |mail: &ParsedMail, to: &[&str], proof| {
        let bounced_to = to.iter().map(|address| Address::parse(address).unwrap()).collect();
        let facts = ThreadFacts { bounced_to, ..facts() };
        let link = resolve(mail, &clues, &facts, &policy(), moment());
        assert_eq!(link, Link::Bounce { number: NUMBER, of: own.clone(), proof }, "{to:?}");
    };
    check(&mail, &["customer@client.example"], BounceProof::Sent);
    check(&mail, &["customer@client.example", "kim@partner.example"], BounceProof::Words);
    check(&mail, &[], BounceProof::Words);
    let recipient = crate::model::mail::BounceRecipient {
        address: Address::parse("CUSTOMER@client.example").unwrap(),
        action: "failed".to_owned(),
        status: String::new(),
        diagnostic: String::new(),
    };
    let named = ParsedMail {
        bounce: Some(crate::model::mail::Bounce { recipients: vec![recipient], ..Default::default() }),
        ..mail
    };
    check(&named, &["kim@partner.example", "customer@client.example"], BounceProof::Sent);
    check(&named, &["kim@partner.example"], BounceProof::Words);
}

#[test]
fn a_bounce_without_our_id_is_known_by_the_tag_and_the_address_of_someone_on_the_ticket() {
    let clues = Clues { tags: vec![NUMBER], ..Clues::default() };
    let prose = |text: &str| ParsedMail {
        automated: Some(Automated::Bounce),
        bounce: Some(crate::model::mail::Bounce::default()),
        text: text.to_owned(),
        ..from("postmaster@mx.example")
    };
    let own = own_answer();
    let link = resolve(&prose("Delivery to Customer@client.example failed."), &clues, &facts(), &policy(), moment());
    assert_eq!(link, Link::Bounce { number: NUMBER, of: own, proof: BounceProof::Words });
    let link = resolve(&prose("Delivery to somebody@else.example failed."), &clues, &facts(), &policy(), moment());
    assert_eq!(link, stranger());
}

#[test]
fn a_mail_that_came_another_way_joins_whatever_was_made_of_its_subject() {
    let facts = ThreadFacts {
        by_id: vec![],
        kin: vec![RelatedTicket { number: NUMBER, bond: TicketRelation::SameMail }],
        ..facts()
    };
    let check = |mail: &ParsedMail| resolve(mail, &Clues::default(), &facts, &policy(), moment());
    let copy = ParsedMail { subject: "[bugs] #7: Lamp".to_owned(), ..from("customer@client.example") };
    let listed = ParsedMail { list: Some("bugs.lists.example".to_owned()), ..copy.clone() };
    for mail in [&copy, &listed] {
        assert_eq!(check(mail), joined(NUMBER, ThreadReason::SameMail, None));
    }
    let new = Link::New { reason: ThreadReason::Nothing, possibly_related: None };
    assert_eq!(check(&from("mallory@evil.example")), new);
}

#[test]
fn the_tag_of_the_quoted_mail_counts_for_a_participant_alone() {
    let clues = Clues { quoted_tag: Some((NUMBER, "Re: [#1042] Broken lamp".to_owned())), ..Clues::default() };
    let check = |mail: &ParsedMail| resolve(mail, &clues, &facts(), &policy(), moment());
    assert_eq!(check(&from("customer@client.example")), joined(NUMBER, ThreadReason::QuotedTag, None));
    let new = Link::New { reason: ThreadReason::Nothing, possibly_related: None };
    assert_eq!(check(&from("mallory@evil.example")), new);
}
