//! What the history of a ticket says of a refused mail: what was wrong, and no advice. Agents are told by `compose`.

use std::fmt;

use super::held::HeldState;
use super::link::Unproven;
use super::refusal::{MAX_TAG, MAX_WAIT_DAYS, Nearest, Refusal, Splittable, listed};

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::In { command, why } => write!(f, "`{command}`: {why}"),
            Self::TooManyCommands(limit) => write!(f, "more than {limit} commands in one mail"),
            Self::Misplaced(line) => write!(f, "`{line}` stands below the words"),
            Self::UnknownCommand(word, None) => write!(f, "unknown command `#{word}`"),
            Self::UnknownCommand(word, Some(meant)) => {
                write!(f, "unknown command `#{word}`, did you mean `#{meant}`?")
            }
            Self::TakesNothing(argument) => write!(f, "takes nothing after it, found `{argument}`"),
            Self::NeedsReason => f.write_str("needs the reason"),
            Self::NothingForwarded => f.write_str("no customer's mail was found below it"),
            Self::NeedsAgent(_) => f.write_str("needs the id of an agent"),
            Self::NoSuchAgent(nearest) => write!(f, "no such agent{}", did_you_mean(nearest)),
            Self::NeedsDepartment(_) => f.write_str("needs the id of a department"),
            Self::NoSuchDepartment(nearest) => write!(f, "no such department{}", did_you_mean(nearest)),
            Self::NoTime => write!(f, "no time like `3d`, `12h` or `30m`, up to {MAX_WAIT_DAYS} days"),
            Self::NoDay => f.write_str("no day like `2026-12-01`"),
            Self::NoPriority => f.write_str("no priority"),
            Self::NoTag => write!(f, "a tag has up to {MAX_TAG} letters, digits, `-`, `_` or `.`"),
            Self::NoAddress => f.write_str("names nobody who could get an answer"),
            Self::NeedsTag => f.write_str("needs a tag"),
            Self::NeedsNumber(_) => f.write_str("needs the number of a ticket"),
            Self::NoNumber(_) => f.write_str("no number of a ticket"),
            Self::NoSpamWish => f.write_str("neither `mute` nor `undo`"),
            Self::StandsAlone(word) => write!(f, "`#{word}` stands alone in its mail"),
            Self::NoAgent(agent) => write!(f, "`{agent}` is no agent any more"),
            Self::NotYours(ticket, department) => {
                write!(f, "ticket #{ticket} is now in department `{department}`, where the agent does not work")
            }
            Self::ForLeads { ticket, owner, department, leads } => write!(
                f,
                "ticket #{ticket} is {owner}'s: in department `{department}` a lead takes or assigns a colleague's \
                 ticket ({})",
                listed(leads, "`", "`")
            ),
            Self::Unverified => f.write_str("the mail server does not confirm the domain in From (DMARC)"),
            Self::NotAhead => f.write_str("that day is not in the future"),
            Self::TooFarAhead => f.write_str("that is more than a year ahead"),
            Self::OneNext => f.write_str("`#next` gives one ticket a mail"),
            Self::HasEnough(open, limit) => write!(f, "the agent has {open} open tickets and `max_open` is {limit}"),
            Self::Unproven(Unproven::OfAnother(agent)) => write!(f, "with the reply address of agent {agent}"),
            Self::Unproven(Unproven::Void(number)) => {
                write!(f, "with a reply address of another state of the database, where #{number} was another ticket")
            }
            Self::Unproven(Unproven::Dead(number)) => {
                write!(f, "with a reply address for #{number} that was seen in a customer's mail")
            }
            Self::Unproven(Unproven::Forged) => f.write_str("with dmarc=fail of our own mail server"),
            Self::Unproven(Unproven::CoAuthors) => f.write_str("with others beside the agent in From"),
            Self::Unproven(Unproven::Unknown) => f.write_str("with a reply address that another secret signed"),
            Self::Unproven(Unproven::Command) => f.write_str("with a command, and nothing proves whose it is"),
            Self::Unproven(Unproven::Lost) => {
                f.write_str("in answer to a mail of ours, and nothing proves whose it is")
            }
            Self::EmptyNote => f.write_str("`#note` without words"),
            Self::AddressIsVerb(verb) => write!(f, "the address means `#{verb}` and sends nothing"),
            Self::PrivateAddress(address) => write!(f, "the words name `{address}`, an agent's own address"),
            Self::NoWords => f.write_str("no words were found above the quoted text"),
            Self::FilesWithoutWords => f.write_str("an attachment, and no words to send it with"),
            Self::NotOnTicket(address, _) => write!(f, "`#to` names `{address}`, which is not on the ticket"),
            Self::CustomerUnknown => f.write_str("the customer's address is not known"),
            Self::CustomerIsOurs(address) => write!(f, "the ticket's customer is `{address}`, an address of our own"),
            Self::HoldsOurMail(line) => write!(f, "the text still holds our notification (`{line}`)"),
            Self::HoldsKey(address) => write!(f, "the text holds `{address}`, which no customer may see"),
            Self::AttachedOurMail(name) => write!(f, "the attachment `{name}` is one of our notifications"),
            Self::ForeignQuote(line) => {
                write!(f, "the text quotes `{line}`, which is not in the customer's latest mail")
            }
            Self::AnswersStranger { customer, stranger, ticket } => write!(
                f,
                "the answer would go to `{customer}` and not to `{stranger}`, who wrote on a ticket that was merged \
                 into #{ticket}"
            ),
            Self::TooManyAnswers(count) => write!(
                f,
                "{count} answers went out on this ticket within an hour, which looks like two answering machines"
            ),
            Self::Echo(count) => write!(
                f,
                "the customer has these words already ({count} times) and repeats himself too, which looks like two \
                 answering machines"
            ),
            Self::NoPeople => f.write_str("needs addresses, with `+` or `-` before each"),
            Self::NoCustomersAddress => f.write_str("an address of ours, of an agent or of a machine"),
            Self::TooManyPeople(limit) => write!(f, "at most {limit} people are on a ticket"),
            Self::NotAmong(known) => write!(f, "not on the ticket, there are {}", known.join(", ")),
            Self::LastCustomer => f.write_str("the last customer on the ticket"),
            Self::AnswerAndNote => f.write_str("`#answer` and `#note` exclude each other"),
            Self::SameTicket => f.write_str("that is this ticket"),
            Self::NoSuchTicket(ticket) => write!(f, "there is no ticket #{ticket}"),
            Self::PartAlready(part, lead) => write!(f, "#{part} is part of #{lead} already"),
            Self::TooManyParts(ticket, count) => write!(f, "#{ticket} consists of {count} tickets already"),
            Self::NothingMerged(ticket) => write!(f, "nothing was merged into #{ticket}"),
            Self::NoPart(part, lead, parts) => {
                write!(f, "#{part} is not part of #{lead}, which consists of {}", listed(parts, "#", ""))
            }
            Self::WhichPart(parts) => write!(f, "which of {}", listed(parts, "#", "")),
            Self::NothingToSplit(ticket) => write!(f, "there are no two mails of customers on #{ticket}"),
            Self::NoSuchMail(ticket, mails) => {
                write!(f, "no mail of a customer on #{ticket} has this number, there are {}", choices(mails))
            }
            Self::WhichMail(mails) => write!(f, "which mail, there are {}", choices(mails)),
            Self::NoSpam(ticket, address) => write!(f, "#{ticket} is not spam, and `{address}` is not muted"),
            Self::MutesReporter(address) => write!(f, "`{address}` reports what cannot be delivered"),
            Self::MutesUs(address) => write!(f, "`{address}` is nobody's address alone"),
            Self::MutesAgent(address) => write!(f, "`{address}` is an agent's"),
            Self::TooManyMutes(count) => write!(f, "{count} addresses are muted already"),
            Self::AcceptedAlready(ticket) => write!(f, "#{ticket} was accepted already"),
            Self::NotHandedOver(ticket) => write!(f, "#{ticket} was not handed over"),
            Self::NothingToReturn(ticket, department) => {
                write!(f, "no other department handed #{ticket} over to `{department}`")
            }
            Self::ReturnedAlready(ticket, department) => {
                write!(f, "#{ticket} is in department `{department}` already")
            }
            Self::OriginGone(ticket, department) => {
                write!(f, "department `{department}`, where #{ticket} came from, is not in the config any more")
            }
            Self::SaidAlready(at) => write!(f, "the customer has these words already, as the answer of {at}"),
            Self::HasLeft(at) => write!(f, "too late: the answer of {at} has left"),
            Self::HeldUnreadable => f.write_str("the held answer cannot be read any more"),
            Self::SendAndCancel => f.write_str("`#send` and `#cancel` exclude each other"),
            Self::VerdictAlone(word) => write!(f, "`{word}` stands alone"),
            Self::NothingHeld => f.write_str("no answer is held on this ticket"),
            Self::HeldNoMore(state) => write!(f, "the answer that was held {}", ended(*state)),
        }
    }
}

fn did_you_mean(nearest: &Nearest) -> String {
    match &nearest.meant {
        Some(meant) => format!(", did you mean `{meant}`?"),
        None => format!(", known are {}", nearest.known.join(", ")),
    }
}

fn choices(mails: &[Splittable]) -> String {
    mails.iter().map(Splittable::choice).collect::<Vec<_>>().join(", ")
}

fn ended(state: HeldState) -> &'static str {
    match state {
        HeldState::Held => "is held",
        HeldState::Sent => "has been sent already",
        HeldState::Cancelled => "was dropped",
        HeldState::Noted => "was kept as an internal note",
        HeldState::Replaced => "was dropped: another one took its place",
        HeldState::Expired => "was dropped after a week",
    }
}
