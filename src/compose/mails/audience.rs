//! How a mail to an agent says who reads a reply to it: its first line with its colour, the name of its Reply-To, a header for
//! filters, the names of those whom an answer reaches. All of it comes from one [`Reader`].

use super::links::ReplyTo;
use crate::compose::layout::blocks::Block;
use crate::compose::layout::mime::Head;
use crate::compose::texts::{self, TextKey, Texts};
use crate::model::address::Person;
use crate::model::id::TicketNumber;
use crate::model::reader::Reader;
use crate::model::text::{clean_line, clean_name};

/// Characters of a name in Reply-To, so that what stands behind it is seen.
const MAX_NAME: usize = 60;

/// A mail's audience, with what it names of it.
pub struct Audience<'a> {
    /// Who reads a reply.
    pub reader: Reader,
    /// The ticket; 0 for none.
    pub ticket: TicketNumber,
    /// Whom an answer reaches, the requester first.
    pub customers: &'a [Person],
}

impl Audience<'_> {
    /// The line above which one replies. Always the first block.
    pub fn marker(&self, with: &Texts) -> Block {
        Block::Marker(self.reader, with.marker(texts::marker(self.reader)))
    }

    /// Reply-To and the mark for filters.
    pub fn write(&self, head: &mut Head, reply: Option<&ReplyTo>, texts: &Texts) {
        if let Some(reply) = reply {
            head.reply_to(&Person { name: self.name(texts), address: reply.address().clone() });
        }
        head.mark("X-Postroom-Reader", self.reader.as_str());
    }

    /// `Ewa Żak +2 (customers)`, `Note on #1042`, `postroom`.
    fn name(&self, texts: &Texts) -> String {
        match (self.reader, self.customers) {
            (Reader::Customer, [requester, others @ ..]) => {
                let name = clean_line(&clean_name(requester.label()), MAX_NAME);
                let count = others.len().to_string();
                match others {
                    [] => texts.fill(TextKey::ReplyToCustomer, &[("name", &name)]),
                    _ => texts.fill(TextKey::ReplyToCustomers, &[("name", &name), ("count", &count)]),
                }
            }
            (Reader::Customer, []) => texts.get(TextKey::NameOfCustomer).to_owned(),
            (Reader::Note, _) => texts.fill(TextKey::ReplyToNote, &[("number", &self.ticket.to_string())]),
            (Reader::Nobody, _) => "postroom".to_owned(),
        }
    }

    /// Whom an answer reaches, when it is more than one, or another than the customer whose words the mail shows.
    pub fn goes_to(&self, shown: Option<&Person>, texts: &Texts) -> Option<(String, String)> {
        let is_shown = |person: &Person| shown.is_none_or(|shown| shown.address.same_as(&person.address));
        let alone = matches!(self.customers, [one] if is_shown(one));
        let named = self.reader == Reader::Customer && !self.customers.is_empty() && !alone;
        named.then(|| (texts.get(TextKey::LabelGoesTo).to_owned(), listed(self.customers)))
    }

    /// What a reply does, at the foot.
    pub fn hint(&self, with: &Texts) -> Block {
        Block::Hint(with.get(texts::hint(self.reader)).to_owned())
    }
}

/// `Ewa Żak <ewa@client.example>, jo@client.example`; none is left out.
pub fn listed(people: &[Person]) -> String {
    people.iter().map(written_out).collect::<Vec<_>>().join(", ")
}

/// `Ewa Żak <ewa@client.example>`, or the address alone.
pub fn written_out(person: &Person) -> String {
    let name = clean_name(&person.name);
    if name.is_empty() { person.address.to_string() } else { format!("{name} <{}>", person.address) }
}
