//! What stands in the plain text of an answer where a picture is: its name, never the Content-ID that its writer's program
//! made up, which names their computer.

use crate::model::mail::Attachment;
use crate::model::rich::Rich;
use crate::model::text::clean_line;

/// Outlook writes `[cid:image001.png@01DA.HOST]`.
const MARK: &str = "[cid:";
/// In front of what a picture on another machine says of itself, and where it lies.
const REMOTE: &str = "[picture: ";
/// Characters of an id, and of a name that is shown.
const MAX_ID: usize = 250;
const MAX_NAME: usize = 80;

/// `text` with the marks of pictures that travel along in words, and without those of others. `rich` is the same text as it
/// was formatted.
pub(in crate::decide) fn named(text: &str, travelling: &[Attachment], rich: Option<&Rich>) -> String {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(MARK) {
        named.push_str(before);
        let id = after.split_once(']').filter(|(id, _)| id.len() <= MAX_ID && !id.contains(char::is_whitespace));
        let Some((id, behind)) = id else {
            named.push_str(MARK);
            rest = after;
            continue;
        };
        if let Some(file) = travelling.iter().find(|file| file.content_id.as_deref() == Some(id)) {
            let name = rich.map_or(Some(file.name.as_str()), |rich| rich.name_of(id));
            let name = clean_line(name.unwrap_or_default(), MAX_NAME);
            named.push_str("[image");
            if !name.is_empty() {
                named.extend([": ", name.as_str()]);
            }
            named.push(']');
        }
        rest = behind;
    }
    named.push_str(rest);
    named
}

/// `text` without the marks that `parse` leaves for pictures on other machines: in an agent's mail they are logos, and name
/// machines that customers have nothing to do with.
pub(in crate::decide) fn without_remote(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(REMOTE) {
        let Some((inside, behind)) = after.split_once(']').filter(|(inside, _)| !inside.contains('\n')) else {
            left.push_str(before);
            left.push_str(REMOTE);
            rest = after;
            continue;
        };
        let kept = if inside.ends_with('>') { before.to_owned() } else { [before, REMOTE, inside, "]"].concat() };
        left.push_str(&kept);
        rest = behind;
    }
    left.push_str(rest);
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::rich::{Look, Piece};

    fn check(text: &str, rich: Option<&Rich>, expected: &str) {
        let file = Attachment {
            name: "shot.png".to_owned(),
            media_type: "image/png".to_owned(),
            inline: true,
            content_id: Some("1.png@HOST".to_owned()),
            content: vec![],
        };
        assert_eq!(named(text, &[file], rich), expected);
    }

    #[test]
    fn a_mark_becomes_a_name_and_that_of_a_picture_that_stays_behind_is_gone() {
        check("See [cid:1.png@HOST] and [cid:logo@HOST].", None, "See [image: shot.png] and .");
        for text in ["[cid:", "[cid:not closed", "[cid:two words]", "no picture"] {
            check(text, None, text);
        }
    }

    #[test]
    fn pictures_on_other_machines_are_left_out_of_an_answer() {
        assert_eq!(without_remote("Yes. [picture: Logo <https://x.example/l.png>]\nAnna"), "Yes. \nAnna");
        for text in ["[picture: of a lamp]", "[picture: ", "[picture: a\n<b>]", "words"] {
            assert_eq!(without_remote(text), text);
        }
    }

    #[test]
    fn it_is_called_as_in_the_formatted_text_so_that_both_say_the_same() {
        let rich = |name: &str| {
            let word = |text: &str| Piece::Word { text: text.to_owned(), glued: false, look: Look::default() };
            let picture = Piece::Picture { id: "1.png@HOST".to_owned(), name: name.to_owned() };
            Rich { pieces: vec![word("See"), picture, word("here.")], links: vec![] }
        };
        for (name, expected) in [("A lamp", "See [image: A lamp] here."), ("", "See [image] here.")] {
            check("See [cid:1.png@HOST] here.", Some(&rich(name)), expected);
            assert!(rich(name).part_that_says(expected).is_some(), "{expected}");
        }
    }
}
