//! Which mailing list brought a mail: the name that every mail of the list bears, whoever wrote it.

use super::addresses;
use super::fields::{Fields, unfold};
use crate::model::text::clean_line;

/// Headers in which a list program puts its own address, when it does not write List-Id (RFC 2919).
const ADDRESSES: [&str; 3] = ["X-BeenThere", "X-Mailing-List", "List-Post"];
/// Characters of a name.
const MAX_NAME: usize = 255;

/// The list's name in lower case; `None` when no list brought the mail.
pub fn name(fields: &Fields<'_>) -> Option<String> {
    let id = fields.text("List-Id").map(|text| {
        let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(id, _)| id.to_owned());
        inner.unwrap_or_else(|| text.into_owned())
    });
    let address = || {
        let mut raw = ADDRESSES.iter().filter_map(|header| fields.raw(header));
        raw.find_map(|raw| {
            let text = unfold(raw).replace("mailto:", "");
            addresses::read(&text).into_iter().next().map(|person| person.address.key())
        })
    };
    let name = id.or_else(address)?.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let name = clean_line(&name, MAX_NAME);
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_its_id_else_by_its_address() {
        for (header, expected) in [
            ("List-Id: Friends of lamps <Lamps.Lists.example>", Some("lamps.lists.example")),
            ("List-Id: <a> <lamps.lists.example>\nX-BeenThere: other@lists.example", Some("lamps.lists.example")),
            ("List-Id: lamps.lists.example", Some("lamps.lists.example")),
            ("X-BeenThere: lamps@Lists.example", Some("lamps@lists.example")),
            ("List-Post: <mailto:lamps@lists.example>", Some("lamps@lists.example")),
            ("List-Id: <>", None),
            ("To: lamps@lists.example", None),
        ] {
            let mail = format!("{header}\n\nbody\n");
            let (fields, _) = Fields::scan(mail.as_bytes(), &mut Vec::new());
            assert_eq!(name(&fields).as_deref(), expected, "{header}");
        }
    }
}
