//! Why nothing of an agent's mail was done, in their language. Every reason is named, so that none can lack a text.

use crate::compose::Desk;
use crate::compose::layout::sender::{agent_name, department_name};
use crate::compose::texts::{CountedKey, TextKey, Texts};
use crate::compose::when::moment;
use crate::model::address::Address;
use crate::model::held::HeldState;
use crate::model::id::{DepartmentId, TicketNumber};
use crate::model::link::Unproven;
use crate::model::refusal::{MAX_TAG, MAX_WAIT_DAYS, Nearest, Refusal, Splittable, listed};
use crate::model::text::clean_name;
use crate::model::ticket::Priority;

/// The reason as one line.
pub fn line(refusal: &Refusal, texts: &Texts, desk: &Desk) -> String {
    let one = |key: TextKey, name: &str, value: &str| texts.fill(key, &[(name, value)]);
    let numbered = |key: TextKey, number: &TicketNumber| one(key, "number", &number.to_string());
    let addressed = |key: TextKey, address: &Address| one(key, "address", address.as_str());
    let placed = |number: &TicketNumber, department: &DepartmentId| {
        [("number", number.to_string()), ("department", department_name(department, texts, desk))]
    };
    match refusal {
        Refusal::In { command, why } => format!("`{command}`: {}", line(why, texts, desk)),
        Refusal::TooManyCommands(limit) => texts.count(CountedKey::RefusedTooManyCommands, ("limit", *limit), &[]),
        Refusal::Misplaced(command) => one(TextKey::RefusedMisplaced, "command", command),
        Refusal::UnknownCommand(word, None) => one(TextKey::RefusedUnknownCommand, "command", word),
        Refusal::UnknownCommand(word, Some(meant)) => {
            texts.fill(TextKey::RefusedUnknownCommandMeant, &[("command", word), ("meant", meant)])
        }
        Refusal::TakesNothing(argument) => one(TextKey::RefusedTakesNothing, "argument", argument),
        Refusal::NeedsReason => texts.get(TextKey::RefusedNeedsReason).to_owned(),
        Refusal::NothingForwarded => texts.get(TextKey::RefusedNothingForwarded).to_owned(),
        Refusal::NeedsAgent(known) => one(TextKey::RefusedNeedsAgent, "known", &listed(known, "`", "`")),
        Refusal::NoSuchAgent(nearest) => {
            no_such(nearest, TextKey::RefusedNoSuchAgentMeant, TextKey::RefusedNoSuchAgent, texts)
        }
        Refusal::NeedsDepartment(known) => one(TextKey::RefusedNeedsDepartment, "known", &listed(known, "`", "`")),
        Refusal::NoSuchDepartment(nearest) => {
            no_such(nearest, TextKey::RefusedNoSuchDepartmentMeant, TextKey::RefusedNoSuchDepartment, texts)
        }
        Refusal::NoTime => texts.count(CountedKey::RefusedNoTime, ("days", MAX_WAIT_DAYS), &[]),
        Refusal::NoDay => texts.get(TextKey::RefusedNoDay).to_owned(),
        Refusal::NoPriority => one(TextKey::RefusedNoPriority, "known", &listed(Priority::ALL, "`", "`")),
        Refusal::NoTag => texts.count(CountedKey::RefusedNoTag, ("limit", MAX_TAG), &[]),
        Refusal::NoAddress => texts.get(TextKey::RefusedNoAddress).to_owned(),
        Refusal::NeedsTag => texts.get(TextKey::RefusedNeedsTag).to_owned(),
        Refusal::NeedsNumber(command) | Refusal::NoNumber(command) => {
            one(TextKey::RefusedNeedsNumber, "command", command)
        }
        Refusal::NoSpamWish => texts.get(TextKey::RefusedNoSpamWish).to_owned(),
        Refusal::StandsAlone(command) => one(TextKey::RefusedStandsAlone, "command", command),
        Refusal::NoAgent(agent) => one(TextKey::RefusedNoAgent, "agent", agent.as_str()),
        Refusal::NotYours(number, department) => fill(TextKey::RefusedNotYours, &placed(number, department), texts),
        Refusal::ForLeads { ticket, owner, department, leads } => {
            let [number, department] = placed(ticket, department);
            let (owner, leads) = (("owner", clean_name(owner)), ("leads", listed(leads, "`", "`")));
            fill(TextKey::RefusedForLeads, &[number, department, owner, leads], texts)
        }
        Refusal::Unverified => texts.get(TextKey::RefusedUnverified).to_owned(),
        Refusal::NotAhead => texts.get(TextKey::RefusedNotAhead).to_owned(),
        Refusal::TooFarAhead => texts.get(TextKey::RefusedTooFarAhead).to_owned(),
        Refusal::OneNext => texts.get(TextKey::RefusedOneNext).to_owned(),
        Refusal::HasEnough(open, limit) => {
            texts.count(CountedKey::RefusedHasEnough, ("open", *open), &[("limit", &limit.to_string())])
        }
        Refusal::Unproven(Unproven::OfAnother(agent)) => {
            one(TextKey::RefusedOfAnotherAgent, "agent", &agent_name(agent, desk))
        }
        Refusal::Unproven(Unproven::Void(number)) => numbered(TextKey::RefusedOfAnotherTicket, number),
        Refusal::Unproven(Unproven::Dead(number)) => numbered(TextKey::RefusedSeenElsewhere, number),
        Refusal::Unproven(Unproven::Forged) => texts.get(TextKey::RefusedForgedSender).to_owned(),
        Refusal::Unproven(Unproven::CoAuthors) => texts.get(TextKey::RefusedCoAuthors).to_owned(),
        Refusal::Unproven(Unproven::Unknown) => texts.get(TextKey::RefusedNoLongerValid).to_owned(),
        Refusal::Unproven(Unproven::Command) => texts.get(TextKey::RefusedCommandUnproven).to_owned(),
        Refusal::Unproven(Unproven::Lost) => texts.get(TextKey::RefusedProofLost).to_owned(),
        Refusal::EmptyNote => texts.get(TextKey::RefusedEmptyNote).to_owned(),
        Refusal::AddressIsVerb(verb) => one(TextKey::RefusedAddressIsVerb, "command", verb),
        Refusal::PrivateAddress(address) => one(TextKey::RefusedPrivateAddress, "address", &address.to_string()),
        Refusal::NoWords => texts.get(TextKey::RefusedNoWordsOfYours).to_owned(),
        Refusal::FilesWithoutWords => texts.get(TextKey::RefusedFilesWithoutWords).to_owned(),
        Refusal::NotOnTicket(address, known) => fill(
            TextKey::RefusedNotOnTicket,
            &[("address", address.to_string()), ("known", listed(known, "`", "`"))],
            texts,
        ),
        Refusal::CustomerUnknown => texts.get(TextKey::RefusedCustomerUnknown).to_owned(),
        Refusal::CustomerIsOurs(address) => addressed(TextKey::RefusedCustomerIsOurs, address),
        Refusal::HoldsOurMail(words) => one(TextKey::RefusedHoldsOurMail, "line", words),
        Refusal::HoldsKey(address) => one(TextKey::RefusedHoldsKey, "address", address),
        Refusal::AttachedOurMail(name) => one(TextKey::RefusedAttachedOurMail, "file", name),
        Refusal::ForeignQuote(words) => one(TextKey::RefusedForeignQuote, "line", words),
        Refusal::AnswersStranger { customer, stranger, ticket } => {
            let people = [("customer", customer.to_string()), ("stranger", stranger.to_string())];
            let [customer, stranger] = people;
            fill(TextKey::RefusedAnswersStranger, &[customer, stranger, ("number", ticket.to_string())], texts)
        }
        Refusal::TooManyAnswers(count) => texts.count(CountedKey::RefusedTooManyAnswers, ("count", *count), &[]),
        Refusal::Echo(count) => texts.count(CountedKey::RefusedEcho, ("count", *count), &[]),
        Refusal::NoPeople => texts.get(TextKey::RefusedNoPeople).to_owned(),
        Refusal::NoCustomersAddress => texts.get(TextKey::RefusedNoCustomersAddress).to_owned(),
        Refusal::TooManyPeople(limit) => texts.count(CountedKey::RefusedTooManyPeople, ("limit", *limit), &[]),
        Refusal::NotAmong(known) => one(TextKey::RefusedNotAmong, "known", &listed(known, "`", "`")),
        Refusal::LastCustomer => texts.get(TextKey::RefusedLastCustomer).to_owned(),
        Refusal::AnswerAndNote => texts.get(TextKey::RefusedAnswerAndNote).to_owned(),
        Refusal::SameTicket => texts.get(TextKey::RefusedSameTicket).to_owned(),
        Refusal::NoSuchTicket(number) => numbered(TextKey::RefusedNoSuchTicket, number),
        Refusal::PartAlready(part, number) => {
            fill(TextKey::RefusedPartAlready, &[("part", part.to_string()), ("number", number.to_string())], texts)
        }
        Refusal::TooManyParts(number, count) => {
            texts.count(CountedKey::RefusedTooManyParts, ("count", *count), &[("number", &number.to_string())])
        }
        Refusal::NothingMerged(number) => numbered(TextKey::RefusedNothingMerged, number),
        Refusal::NoPart(part, number, parts) => {
            let parts = ("parts", listed(parts, "#", ""));
            fill(TextKey::RefusedNoPart, &[("part", part.to_string()), ("number", number.to_string()), parts], texts)
        }
        Refusal::WhichPart(parts) => one(TextKey::RefusedWhichPart, "parts", &listed(parts, "#", "")),
        Refusal::NothingToSplit(number) => numbered(TextKey::RefusedNothingToSplit, number),
        Refusal::NoSuchMail(number, mails) => {
            fill(TextKey::RefusedNoSuchMail, &[("number", number.to_string()), ("mails", choices(mails))], texts)
        }
        Refusal::WhichMail(mails) => one(TextKey::RefusedWhichMail, "mails", &choices(mails)),
        Refusal::NoSpam(number, address) => {
            fill(TextKey::RefusedIsNoSpam, &[("number", number.to_string()), ("address", address.to_string())], texts)
        }
        Refusal::MutesReporter(address) => addressed(TextKey::RefusedMutesReporter, address),
        Refusal::MutesUs(address) => addressed(TextKey::RefusedMutesUs, address),
        Refusal::MutesAgent(address) => addressed(TextKey::RefusedMutesAgent, address),
        Refusal::TooManyMutes(count) => texts.count(CountedKey::RefusedTooManyMutes, ("count", *count), &[]),
        Refusal::AcceptedAlready(number) => numbered(TextKey::RefusedAcceptedAlready, number),
        Refusal::NotHandedOver(number) => numbered(TextKey::RefusedNotHandedOver, number),
        Refusal::NothingToReturn(number, department) => {
            fill(TextKey::RefusedNothingToReturn, &placed(number, department), texts)
        }
        Refusal::ReturnedAlready(number, department) => {
            fill(TextKey::RefusedReturnedAlready, &placed(number, department), texts)
        }
        Refusal::OriginGone(number, department) => fill(TextKey::RefusedOriginGone, &placed(number, department), texts),
        Refusal::SaidAlready(at) => one(TextKey::RefusedSaidAlready, "date", &moment(*at, texts, desk)),
        Refusal::HasLeft(at) => one(TextKey::RefusedHasLeft, "date", &moment(*at, texts, desk)),
        Refusal::HeldUnreadable => texts.get(TextKey::RefusedHeldUnreadable).to_owned(),
        Refusal::SendAndCancel => texts.get(TextKey::RefusedSendAndCancel).to_owned(),
        Refusal::VerdictAlone(word) => one(TextKey::RefusedVerdictAlone, "command", word),
        Refusal::NothingHeld => texts.get(TextKey::RefusedNothingHeld).to_owned(),
        Refusal::HeldNoMore(state) => texts.get(held_no_more(*state)).to_owned(),
    }
}

fn fill(key: TextKey, values: &[(&str, String)], texts: &Texts) -> String {
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    texts.fill(key, &values)
}

fn no_such(nearest: &Nearest, meant: TextKey, known: TextKey, texts: &Texts) -> String {
    match &nearest.meant {
        Some(id) => texts.fill(meant, &[("meant", id)]),
        None => texts.fill(known, &[("known", &listed(&nearest.known, "`", "`"))]),
    }
}

fn choices(mails: &[Splittable]) -> String {
    mails.iter().map(Splittable::choice).collect::<Vec<_>>().join(", ")
}

fn held_no_more(state: HeldState) -> TextKey {
    match state {
        HeldState::Held => TextKey::RefusedNothingHeld,
        HeldState::Sent => TextKey::RefusedHeldSent,
        HeldState::Cancelled => TextKey::RefusedHeldCancelled,
        HeldState::Noted => TextKey::RefusedHeldNoted,
        HeldState::Replaced => TextKey::RefusedHeldReplaced,
        HeldState::Expired => TextKey::RefusedHeldDropped,
    }
}
