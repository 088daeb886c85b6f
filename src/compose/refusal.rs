//! Why nothing of an agent's mail was done, in his language. Every reason is named, so that none can lack a text.

use super::Desk;
use super::episodes::moment;
use super::sender::{agent_name, department_name};
use super::texts::{BadCommandText as Bad, RefusedText as Text, Texts};
use crate::model::address::Address;
use crate::model::held::HeldState;
use crate::model::id::{DepartmentId, TicketNumber};
use crate::model::link::Unproven;
use crate::model::refusal::{MAX_TAG, MAX_WAIT_DAYS, Nearest, Refusal, Splittable, listed};
use crate::model::text::clean_name;
use crate::model::ticket::Priority;

/// The reason as one line.
pub fn line(refusal: &Refusal, texts: &Texts, desk: &Desk) -> String {
    let one = |key: Text, name: &str, value: &str| texts.fill(key, &[(name, value)]);
    let bad = |key: Bad, name: &str, value: &str| texts.fill(key, &[(name, value)]);
    let numbered = |key: Text, number: &TicketNumber| one(key, "number", &number.to_string());
    let addressed = |key: Text, address: &Address| one(key, "address", address.as_str());
    let placed = |number: &TicketNumber, department: &DepartmentId| {
        [("number", number.to_string()), ("department", department_name(department, desk))]
    };
    match refusal {
        Refusal::In { command, why } => format!("`{command}`: {}", line(why, texts, desk)),
        Refusal::TooManyCommands(limit) => bad(Bad::TooManyCommands, "limit", &limit.to_string()),
        Refusal::Misplaced(command) => bad(Bad::Misplaced, "command", command),
        Refusal::UnknownCommand(word, None) => bad(Bad::UnknownCommand, "command", word),
        Refusal::UnknownCommand(word, Some(meant)) => {
            texts.fill(Bad::UnknownCommandMeant, &[("command", word), ("meant", meant)])
        }
        Refusal::TakesNothing(argument) => bad(Bad::TakesNothing, "argument", argument),
        Refusal::NeedsReason => texts.get(Bad::NeedsReason).to_owned(),
        Refusal::NothingForwarded => texts.get(Bad::NothingForwarded).to_owned(),
        Refusal::NeedsAgent(known) => bad(Bad::NeedsAgent, "known", &listed(known, "`", "`")),
        Refusal::NoSuchAgent(nearest) => no_such(nearest, Bad::NoSuchAgentMeant, Bad::NoSuchAgent, texts),
        Refusal::NeedsDepartment(known) => bad(Bad::NeedsDepartment, "known", &listed(known, "`", "`")),
        Refusal::NoSuchDepartment(nearest) => {
            no_such(nearest, Bad::NoSuchDepartmentMeant, Bad::NoSuchDepartment, texts)
        }
        Refusal::NoTime => bad(Bad::NoTime, "days", &MAX_WAIT_DAYS.to_string()),
        Refusal::NoDay => texts.get(Bad::NoDay).to_owned(),
        Refusal::NoPriority => bad(Bad::NoPriority, "known", &listed(Priority::ALL, "`", "`")),
        Refusal::NoTag => bad(Bad::NoTag, "limit", &MAX_TAG.to_string()),
        Refusal::NoAddress => texts.get(Bad::NoAddress).to_owned(),
        Refusal::NeedsTag => texts.get(Bad::NeedsTag).to_owned(),
        Refusal::NeedsNumber(command) | Refusal::NoNumber(command) => bad(Bad::NeedsNumber, "command", command),
        Refusal::NoSpamWish => texts.get(Bad::NoSpamWish).to_owned(),
        Refusal::NotInSubject => texts.get(Bad::NotInSubject).to_owned(),
        Refusal::StandsAlone(command) => bad(Bad::StandsAlone, "command", command),
        Refusal::NoAgent(agent) => bad(Bad::NoAgent, "agent", agent.as_str()),
        Refusal::NotYours(number, department) => fill(Bad::NotYours, &placed(number, department), texts),
        Refusal::ForLeads { ticket, owner, department, leads } => {
            let [number, department] = placed(ticket, department);
            let (owner, leads) = (("owner", clean_name(owner)), ("leads", listed(leads, "`", "`")));
            fill(Bad::ForLeads, &[number, department, owner, leads], texts)
        }
        Refusal::Unverified => texts.get(Bad::Unverified).to_owned(),
        Refusal::NotAhead => texts.get(Bad::NotAhead).to_owned(),
        Refusal::TooFarAhead => texts.get(Bad::TooFarAhead).to_owned(),
        Refusal::OneNext => texts.get(Bad::OneNext).to_owned(),
        Refusal::HasEnough(open, limit) => {
            fill(Bad::HasEnough, &[("open", open.to_string()), ("limit", limit.to_string())], texts)
        }
        Refusal::Unproven(Unproven::OfAnother(agent)) => one(Text::OfAnotherAgent, "agent", &agent_name(agent, desk)),
        Refusal::Unproven(Unproven::Void(number)) => numbered(Text::OfAnotherTicket, number),
        Refusal::Unproven(Unproven::Dead(number)) => numbered(Text::SeenElsewhere, number),
        Refusal::Unproven(Unproven::CoAuthors) => texts.get(Text::CoAuthors).to_owned(),
        Refusal::Unproven(Unproven::Unknown) => texts.get(Text::NoLongerValid).to_owned(),
        Refusal::Unproven(Unproven::Command) => texts.get(Text::CommandUnproven).to_owned(),
        Refusal::Unproven(Unproven::Lost) => texts.get(Text::ProofLost).to_owned(),
        Refusal::EmptyNote => texts.get(Text::EmptyNote).to_owned(),
        Refusal::AddressIsVerb(verb) => one(Text::AddressIsVerb, "command", verb),
        Refusal::PrivateAddress(address) => one(Text::PrivateAddress, "address", &address.to_string()),
        Refusal::NoWords => texts.get(Text::NoWords).to_owned(),
        Refusal::FilesWithoutWords => texts.get(Text::FilesWithoutWords).to_owned(),
        Refusal::NotOnTicket(address, known) => {
            fill(Text::NotOnTicket, &[("address", address.to_string()), ("known", listed(known, "`", "`"))], texts)
        }
        Refusal::CustomerUnknown => texts.get(Text::CustomerUnknown).to_owned(),
        Refusal::CustomerIsOurs(address) => addressed(Text::CustomerIsOurs, address),
        Refusal::HoldsOurMail(words) => one(Text::HoldsOurMail, "line", words),
        Refusal::HoldsKey(address) => one(Text::HoldsKey, "address", address),
        Refusal::AttachedOurMail(name) => one(Text::AttachedOurMail, "file", name),
        Refusal::ForeignQuote(words) => one(Text::ForeignQuote, "line", words),
        Refusal::AnswersStranger { customer, stranger, ticket } => {
            let people = [("customer", customer.to_string()), ("stranger", stranger.to_string())];
            let [customer, stranger] = people;
            fill(Text::AnswersStranger, &[customer, stranger, ("number", ticket.to_string())], texts)
        }
        Refusal::TooManyAnswers(count) => one(Text::TooManyAnswers, "count", &count.to_string()),
        Refusal::Echo(count) => one(Text::Echo, "count", &count.to_string()),
        Refusal::NoPeople => texts.get(Bad::NoPeople).to_owned(),
        Refusal::NoCustomersAddress => texts.get(Bad::NoCustomersAddress).to_owned(),
        Refusal::TooManyPeople(limit) => bad(Bad::TooManyPeople, "limit", &limit.to_string()),
        Refusal::NotAmong(known) => bad(Bad::NotAmong, "known", &listed(known, "`", "`")),
        Refusal::LastCustomer => texts.get(Bad::LastCustomer).to_owned(),
        Refusal::AnswerAndNote => texts.get(Bad::AnswerAndNote).to_owned(),
        Refusal::SameTicket => texts.get(Text::SameTicket).to_owned(),
        Refusal::NoSuchTicket(number) => numbered(Text::NoSuchTicket, number),
        Refusal::PartAlready(part, number) => {
            fill(Text::PartAlready, &[("part", part.to_string()), ("number", number.to_string())], texts)
        }
        Refusal::TooManyParts(number, count) => {
            fill(Text::TooManyParts, &[("number", number.to_string()), ("count", count.to_string())], texts)
        }
        Refusal::NothingMerged(number) => numbered(Text::NothingMerged, number),
        Refusal::NoPart(part, number, parts) => {
            let parts = ("parts", listed(parts, "#", ""));
            fill(Text::NoPart, &[("part", part.to_string()), ("number", number.to_string()), parts], texts)
        }
        Refusal::WhichPart(parts) => one(Text::WhichPart, "parts", &listed(parts, "#", "")),
        Refusal::NothingToSplit(number) => numbered(Text::NothingToSplit, number),
        Refusal::NoSuchMail(number, mails) => {
            fill(Text::NoSuchMail, &[("number", number.to_string()), ("mails", choices(mails))], texts)
        }
        Refusal::WhichMail(mails) => one(Text::WhichMail, "mails", &choices(mails)),
        Refusal::NoSpam(number, address) => {
            fill(Text::NoSpam, &[("number", number.to_string()), ("address", address.to_string())], texts)
        }
        Refusal::MutesReporter(address) => addressed(Text::MutesReporter, address),
        Refusal::MutesUs(address) => addressed(Text::MutesUs, address),
        Refusal::MutesAgent(address) => addressed(Text::MutesAgent, address),
        Refusal::TooManyMutes(count) => one(Text::TooManyMutes, "count", &count.to_string()),
        Refusal::AcceptedAlready(number) => numbered(Text::AcceptedAlready, number),
        Refusal::NotHandedOver(number) => numbered(Text::NotHandedOver, number),
        Refusal::NothingToReturn(number, department) => fill(Text::NothingToReturn, &placed(number, department), texts),
        Refusal::ReturnedAlready(number, department) => fill(Text::ReturnedAlready, &placed(number, department), texts),
        Refusal::OriginGone(number, department) => fill(Text::OriginGone, &placed(number, department), texts),
        Refusal::SaidAlready(at) => one(Text::SaidAlready, "date", &moment(*at, desk)),
        Refusal::HasLeft(at) => one(Text::HasLeft, "date", &moment(*at, desk)),
        Refusal::HeldUnreadable => texts.get(Text::HeldUnreadable).to_owned(),
        Refusal::SendAndCancel => texts.get(Text::SendAndCancel).to_owned(),
        Refusal::VerdictAlone(word) => one(Text::VerdictAlone, "command", word),
        Refusal::NothingHeld => texts.get(Text::NothingHeld).to_owned(),
        Refusal::HeldNoMore(state) => texts.get(held_no_more(*state)).to_owned(),
    }
}

fn fill(key: impl super::texts::Key, values: &[(&str, String)], texts: &Texts) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    texts.fill(key, &values)
}

fn no_such(nearest: &Nearest, meant: Bad, known: Bad, texts: &Texts) -> String {
    match &nearest.meant {
        Some(id) => texts.fill(meant, &[("meant", id)]),
        None => texts.fill(known, &[("known", &listed(&nearest.known, "`", "`"))]),
    }
}

fn choices(mails: &[Splittable]) -> String {
    mails.iter().map(Splittable::choice).collect::<Vec<_>>().join(", ")
}

fn held_no_more(state: HeldState) -> Text {
    match state {
        HeldState::Held => Text::NothingHeld,
        HeldState::Sent => Text::HeldSent,
        HeldState::Cancelled => Text::HeldCancelled,
        HeldState::Noted => Text::HeldNoted,
        HeldState::Replaced => Text::HeldReplaced,
        HeldState::Expired => Text::HeldDropped,
    }
}
