//! What the writer wrote anew, what was quoted, and the signature.
//!
//! When in doubt it stays with the writer's words: a reader can skip a quote, but nobody finds a sentence that was cut.

use crate::parse::html::containers::Marks;
use crate::parse::quotes::attribution::{self, Certainty, Mark};
use crate::parse::quotes::beginnings;
use crate::parse::quotes::budget;
use crate::parse::quotes::device_footers::is_device_line;
pub use crate::parse::quotes::intent::{Intent, is_forward_subject};
use crate::parse::quotes::interleaved;
use crate::parse::quotes::lines::{
    continues_a_form, headers_above, introduces_quote, is_barred, is_broken_quote, is_groupwise, is_notes_block,
    is_unknown_separator,
};
use crate::parse::quotes::lines::{is_quote, is_reply_line, starts_header_block};
use crate::parse::quotes::separators::is_lone_message_word;
use crate::parse::quotes::signature::{self, Cut};

/// Start of the line in our notifications under which everything is ours.
pub const CUT_MARK: &str = "##- ";

/// Marked lines that are looked at for the mark of a mail that is passed on.
const MAX_MARK_BELOW: usize = 4;

/// A text taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// What the writer wrote anew.
    pub reply: String,
    /// What was quoted.
    pub quoted: String,
    /// The signature without its separator.
    pub signature: String,
    /// Whether all of the text was looked at; what was not is kept with the writer's words.
    pub whole: bool,
}

/// Whose words a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The writer's.
    Writer,
    /// A quoted line (`> `).
    Quote,
    /// The line that introduces a quote.
    Attribution,
    /// A line that can introduce a quote and can be a sentence: "Anna wrote:".
    Introduction,
    /// Below a separator: quoted without marks.
    Rest,
}

/// Takes `text` apart. `marks`: what a mail program says is quoted.
pub fn split(text: &str, marks: impl Into<Marks>, intent: Intent) -> Split {
    let Marks { quoted_from, introduced, own } = marks.into();
    let (text, rest) = budget::affordable(text);
    // Each line gets its end back.
    let text = if rest.is_empty() { text } else { text.strip_suffix('\n').unwrap_or(text) };
    let mut lines: Vec<&str> = text.split('\n').flat_map(beginnings::unshare).collect();
    let line_at = |at: usize| {
        let before = text.get(..at).unwrap_or(text);
        // The line ends owed before the mark are not written yet when it is met.
        let filled = (!before.is_empty()).then(|| before.strip_suffix('\n').unwrap_or(before));
        let line = filled.into_iter().flat_map(|text| text.split('\n')).flat_map(beginnings::unshare).count();
        line + lines.iter().skip(line).take_while(|line| line.trim().is_empty()).count()
    };
    let marked = quoted_from.filter(|at| intent != Intent::Forward && *at <= text.len()).map(line_at);
    let introduced =
        introduced.filter(|range| range.end <= text.len()).map(|range| line_at(range.start)..line_at(range.end));
    let own_quotes: Vec<_> = own
        .into_iter()
        .filter(|range| range.end <= text.len())
        .map(|range| line_at(range.start)..line_at(range.end))
        .collect();
    let mut owners = owners_of(&lines, marked, intent);
    if let Some(introduced) = introduced {
        // What a program introduces line by line is quoted, whatever its language.
        set(&mut owners, introduced.start, introduced.len(), Owner::Attribution);
    }
    // What nobody looked at is one line more: quoted when all above it already is, else the writer's.
    let whole = rest.is_empty() || owners.last() == Some(&Owner::Rest);
    if !rest.is_empty() {
        lines.push(rest);
        owners.push(if whole { Owner::Rest } else { Owner::Writer });
    }
    interleaved::release(&lines, &mut owners, intent);
    for own in own_quotes {
        // What the writer set off is the writer's.
        let end = own.end.min(owners.len());
        for owner in owners.get_mut(own.start.min(end)..end).unwrap_or_default() {
            if *owner == Owner::Quote {
                *owner = Owner::Writer;
            }
        }
    }
    assemble(&lines, &owners, whole, marked.is_some())
}

/// The owner of every line.
fn owners_of(lines: &[&str], marked: Option<usize>, intent: Intent) -> Vec<Owner> {
    let mut owners = vec![Owner::Writer; lines.len()];
    let mut index = 0;
    // Whether nothing was written above, as far as one has looked.
    let (mut silent, mut looked) = (true, 0);
    let (mut last_sure, mut own_quotes) = (None, OwnQuotes::new(marked));
    while index < lines.len() {
        let rest = lines.get(index..).unwrap_or_default();
        let line = rest.first().copied().unwrap_or_default();
        let groupwise = is_groupwise(line);
        if intent != Intent::Answer && passes_on(lines, &owners, index) {
            break;
        }
        if !groupwise && (is_quote(line) || is_broken_quote(lines, index)) {
            set(&mut owners, index, 1, Owner::Quote);
            index += 1;
            continue;
        }
        let mark = attribution::mark(line);
        let answers = mark == Some(Mark::Forward) && intent == Intent::Answer && under_device(lines, index);
        if (mark == Some(Mark::Forward) && !answers) || (mark == Some(Mark::Original) && intent == Intent::Forward) {
            // A forwarded mail is what the writer has to say.
            break;
        }
        while silent && looked < index {
            silent = !is_said(lines, &owners, looked);
            looked += 1;
        }
        if silent
            && let Some(length) = introduces_quote(rest)
            && let certainty = beginnings::certainty_of(rest.get(..length).unwrap_or_default())
            && !own_quotes.introduced(lines, index + length, certainty)
        {
            // Answered below.
            set(&mut owners, index, length, introduction(certainty));
            index += length;
            continue;
        }
        let ends = mark.is_some()
            || groupwise
            || is_notes_block(rest)
            || line.trim_start().starts_with(CUT_MARK)
            || is_reply_line(line)
            || is_unknown_separator(rest, intent)
            || marked == Some(index)
            || (intent != Intent::Forward && starts_header_block(rest, intent) && !continues_a_form(lines, index));
        // Marked lines below: between them the writer may go on.
        if ends && let Some(length) = introduces_quote(rest).filter(|_| mark == Some(Mark::Original)) {
            set(&mut owners, index, length, Owner::Attribution);
            index += length;
            continue;
        }
        if ends {
            let ours = lines.iter().any(|line| is_ours(line));
            if silent && !ours && mark.is_none() && marked.is_none() && index < 3 {
                // Nothing new above a block of headers: somebody pasted a mail, which is what they have to say.
                break;
            }
            set(&mut owners, index, lines.len(), Owner::Rest);
            cover_attribution_above(lines, &mut owners, index);
            break;
        }
        if let Some((length, certainty)) = attribution::attribution(rest)
            && !own_quotes.introduced(lines, index + length, certainty)
        {
            let below = rest.iter().skip(length).find(|line| !line.trim().is_empty());
            let quoted = below.is_some_and(|line| is_quote(line) || is_barred(line));
            let above = headers_above(lines, index);
            if quoted {
                let owner = if above > 0 { Owner::Attribution } else { introduction(certainty) };
                set(&mut owners, index - above, above + length, owner);
                index += length;
                while lines.get(index).is_some_and(|line| line.trim().is_empty() || is_barred(line)) {
                    set(&mut owners, index, 1, Owner::Quote);
                    index += 1;
                }
                continue;
            }
            // Above an attribution that leaves no doubt, a doubtful one is a sentence.
            let mut told = || {
                certainty == Certainty::Fair
                    && last_sure
                        .get_or_insert_with(|| beginnings::last_sure_end(lines, marked))
                        .is_some_and(|last| last >= index + length)
            };
            let believed = intent.believes(certainty) || (intent == Intent::Answer && is_from_device(lines, index));
            // What is passed on is what the writer has to say.
            if believed && !told() && intent != Intent::Forward {
                if silent && marked.is_none() && !lines.iter().any(|line| is_ours(line)) {
                    // Nothing above and nothing marked below: the answer stands somewhere in it.
                    break;
                }
                set(&mut owners, index - above, lines.len(), Owner::Rest);
                break;
            }
        }
        index += 1;
    }
    owners
}

/// Whether everything under a line is our own mail.
fn is_ours(line: &str) -> bool {
    line.trim_start_matches(['>', ' ']).starts_with(CUT_MARK)
}

/// `anna@x.example wrote:` right under the line that a device adds.
fn is_from_device(lines: &[&str], index: usize) -> bool {
    lines.get(index).is_some_and(|line| attribution::is_bare_sender(line))
        && lines.iter().take(index).rev().find(|line| !line.trim().is_empty()).is_some_and(|line| is_device_line(line))
}

/// Whether a line stands right under the one that a device adds: Mail.ru's app calls the mail that it answers one passed on.
fn under_device(lines: &[&str], index: usize) -> bool {
    let mut above = lines.iter().take(index).rev().filter(|line| !line.trim().is_empty());
    above.next().is_some_and(|line| is_device_line(line)) && above.next().is_some_and(|line| line.trim() == "--")
}

/// Whether marked lines begin here that nothing introduces but the mark of a mail that is passed on, as Apple Mail writes it.
fn passes_on(lines: &[&str], owners: &[Owner], index: usize) -> bool {
    let above = index.checked_sub(1).and_then(|above| owners.get(above));
    if above.is_some_and(|owner| *owner != Owner::Writer) {
        return false;
    }
    let marked = lines.iter().skip(index).take(MAX_MARK_BELOW).take_while(|line| is_quote(line));
    let first = marked.map(|line| line.trim_start_matches(['>', ' '])).find(|line| !line.trim().is_empty());
    first.is_some_and(|line| attribution::mark(line) == Some(Mark::Forward))
}

/// What the lines above a quote are, by how sure they are.
fn introduction(certainty: Certainty) -> Owner {
    match certainty {
        Certainty::Weak => Owner::Introduction,
        Certainty::Fair | Certainty::Strong => Owner::Attribution,
    }
}

/// Quotes of the writer's own, introduced by themselves: they write on below them, and further down their program says where the
/// mail begins that they answer.
struct OwnQuotes {
    marked: Option<usize>,
    /// The line behind the last one above that at which the writer goes on; found when somebody asks.
    end: Option<usize>,
}

impl OwnQuotes {
    fn new(marked: Option<usize>) -> Self {
        Self { marked, end: None }
    }

    /// Whether what stands from the line `under` on is introduced by the writer.
    fn introduced(&mut self, lines: &[&str], under: usize, certainty: Certainty) -> bool {
        let Some(marked) = self.marked.filter(|marked| under < *marked && certainty != Certainty::Strong) else {
            return false;
        };
        let goes_on = |index: &usize| {
            let rest = lines.get(*index..).unwrap_or_default();
            let line = rest.first().copied().unwrap_or_default();
            let quoted = is_quote(line) || is_barred(line) || is_broken_quote(lines, *index);
            !line.trim().is_empty() && !quoted && attribution::attribution(rest).is_none()
        };
        let end = self.end.get_or_insert_with(|| (0..marked).rev().find(goes_on).map_or(0, |last| last + 1));
        *end > under
    }
}

/// Whether a line is the writer's and says more than what a device adds.
fn is_said(lines: &[&str], owners: &[Owner], index: usize) -> bool {
    let line = lines.get(index).copied().unwrap_or_default();
    owners.get(index) == Some(&Owner::Writer) && !line.trim().is_empty() && !signature::is_signature_start(line)
}

fn set(owners: &mut [Owner], from: usize, count: usize, owner: Owner) {
    for slot in owners.iter_mut().skip(from).take(count) {
        *slot = owner;
    }
}

/// The line above a cut mark often is "Anna via Returns <…> wrote:".
fn cover_attribution_above(lines: &[&str], owners: &mut [Owner], cut: usize) {
    let mut above = cut;
    while above > 0 && lines.get(above - 1).is_some_and(|line| line.trim().is_empty()) {
        above -= 1;
    }
    if above.checked_sub(1).and_then(|last| lines.get(last)).is_some_and(|line| is_lone_message_word(line)) {
        set(owners, above - 1, cut - above + 1, Owner::Attribution);
        return;
    }
    for length in 1..=above.min(4) {
        let start = above - length;
        let ends_there =
            lines.get(start..above).and_then(attribution::attribution).filter(|(found, _)| *found == length);
        // The writer may as well say whose words follow.
        if let Some((_, certainty)) = ends_there {
            if certainty == Certainty::Weak {
                return;
            }
            set(owners, start, cut - start, Owner::Attribution);
            return;
        }
    }
}

/// `whole`: whether all of the lines were looked at; `named`: whether a mail program says where the quoted mail begins.
fn assemble(lines: &[&str], owners: &[Owner], whole: bool, named: bool) -> Split {
    let pick = |wanted: &dyn Fn(Owner) -> bool| {
        let mut text = String::new();
        for (line, _) in lines.iter().zip(owners).filter(|(_, owner)| wanted(**owner)) {
            text.push_str(line);
            text.push('\n');
        }
        text
    };
    let written = pick(&|owner| owner == Owner::Writer);
    let quoted = pick(&|owner| owner != Owner::Writer);
    let only_marks = owners.iter().all(|owner| matches!(owner, Owner::Writer | Owner::Quote));
    let bare = lines.iter().map(|line| line.trim_start_matches(['>', ' '])).find(|line| !line.is_empty());
    let introduced = bare.is_some_and(|line| attribution::attribution(&[line]).is_some() || line.starts_with(CUT_MARK));
    if only_marks && written.trim().is_empty() && !introduced && !named {
        // Nobody introduces these lines as somebody else's.
        return Split { reply: tidy(&quoted), whole, ..Split::default() };
    }
    // A signature in the middle of what somebody wrote is none.
    let (reply, signature) = if whole { sign(lines, owners) } else { (written, String::new()) };
    Split { reply: tidy(&reply), quoted: tidy(&quoted), signature: tidy(&signature), whole }
}

/// The writer's words and their signature. What stands below a quote is no signature of what stands above it.
fn sign(lines: &[&str], owners: &[Owner]) -> (String, String) {
    let (mut words, mut signature) = (String::new(), String::new());
    let mut piece = String::new();
    let ends = owners.iter().skip(1).map(|owner| *owner != Owner::Writer).chain([true]);
    for ((line, owner), ends) in lines.iter().zip(owners).zip(ends) {
        if *owner != Owner::Writer {
            continue;
        }
        piece.push_str(line);
        piece.push('\n');
        if ends {
            let Cut { words: above, signature: below, more } = signature::cut(&piece);
            words.push_str(above);
            words.push_str(more);
            signature.push_str(below);
            piece.clear();
        }
    }
    (words, signature)
}

/// Without blank lines at both ends and white space at the end.
fn tidy(text: &str) -> String {
    let start = text.len() - text.trim_start_matches(['\n', '\r']).len();
    // A first line of blanks only is blank too.
    let mut text = text.get(start..).unwrap_or_default();
    while let Some((line, rest)) = text.split_once('\n').filter(|(line, _)| line.trim().is_empty()) {
        let _ = line;
        text = rest;
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, intent: Intent, reply: &str) {
        assert_eq!(split(text, Marks::default(), intent).reply, reply, "{text}");
    }

    #[test]
    fn what_a_human_wrote_is_never_cut() {
        for text in [
            "As your colleague wrote:\n\"we will refund you\"\nbut nothing came.",
            "Zamówienie z dnia 3.11.2026 nie dotarło. Kurier napisał:\nnikogo nie było.\nTo nieprawda.",
            "Hi,\n\nOn Monday 3 Nov 2026 at 10:15 your agent Anna said:\n\nthe refund takes 5 days.",
            "В 10:15 3 ноября 2026 ваш оператор написал:\nждите\nЯ жду уже неделю.",
            "Name: Kim\nDate: 2026-11-03\nTo: London\nFrom: Paris\nSubject: trip\nPlease book it.",
            "From: Paris\nDate: 2026-11-03\nTo: London\nSubject: trip\nPlease book it.",
            "2026-11-03 10:15 Server <root@x.example> log:\nerror 5\nPlease help",
            "Steps:\n- open\n- close\n- crash",
            "We sent it --- did you get it?\n---\nOrder 4711\n---\nplease check",
        ] {
            check(text, Intent::New, text);
        }
    }

    #[test]
    fn an_answer_may_introduce_its_quote_without_an_address() {
        let text = "Yes.\n\nOn Tue, Nov 3, 2026 at 10:15 AM Anna wrote:\n\nShall we?";
        check(text, Intent::Answer, "Yes.");
        check(text, Intent::New, text);
    }

    #[test]
    fn a_forwarded_mail_is_what_the_writer_has_to_say() {
        let text = "See below.\n\n---------- Forwarded message ---------\nFrom: A <a@b.example>\nDate: today\nSubject: x\n\nOn 1 Jan 2026 B <b@c.example> wrote:\nold";
        check(text, Intent::Forward, text);
    }

    #[test]
    fn everything_under_our_mark_is_quoted() {
        check("Done.\n##- reply above -##\nTicket 5, internal", Intent::New, "Done.");
        check("> ##- reply above -##\n> Ticket 5, internal\n\nDone.", Intent::Answer, "Done.");
        let outlook = "From: Kim <k@x.example>\nSent: today\nTo: a\nSubject: b\n\n##- reply above -##\ninternal";
        check(outlook, Intent::Answer, "");
        check(
            "Yes.\n\n> ##- reply above -##\n> internal\n\nand no.\n\n> more\n\nend",
            Intent::Answer,
            "Yes.\n\n\nand no.\n\n\nend",
        );
    }

    #[test]
    fn a_quote_that_the_writer_introduces_above_his_programs_mark_is_his() {
        let own = "Your colleague wrote to me:\n> We will pay.\n\nIs that so?";
        let text = format!("{own}\n\nOn Tue, Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:\n> old");
        assert_eq!(split(&text, Some(own.len() + 1), Intent::Answer).reply, own);
        let nested = "On Tue, Nov 3, 2026 at 10:15 AM Anna wrote:\n> old\n> On Mon, Nov 2, 2026 Ewa wrote:\n>> older";
        let text = format!("Yes.\n\n{nested}");
        assert_eq!(split(&text, text.find("> On"), Intent::Answer).reply, "Yes.");
    }

    #[test]
    fn a_quote_of_the_writers_own_above_the_mail_that_is_answered_is_kept() {
        let introduced = "On Tue, Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:\n> old";
        check(
            &format!("The manual says:\n> press twice\n\n{introduced}"),
            Intent::Answer,
            "The manual says:\n> press twice",
        );
        check(&format!("Yes.\n\n{introduced}\n{introduced}"), Intent::Answer, "Yes.");
        check("Yes.\n> press twice", Intent::Answer, "Yes.");
    }

    #[test]
    fn whose_words_follow_is_the_writers_to_say() {
        let gmail = "On Tue, Nov 3, 2026 at 10:15 AM Anna <anna@x.example> wrote:\n> old";
        let outlook = "-----Original Message-----\nFrom: Anna <anna@x.example>\nSent: today\nSubject: x\n\nold";
        for own in [
            "That is not what your colleague wrote:",
            "Engraving:\n\nLe 4 mai 2020 à 12:00, Marie a écrit :\n« oui »\n\nIs it possible?",
            "As Shakespeare wrote:\n> To be\n\nPut that on the mug.",
            "Our call:\n\nAnna said:\n> 5 days\n\nKim said:\n> too long\n\nRight?",
        ] {
            check(&format!("{own}\n\n{gmail}"), Intent::Answer, own);
            check(&format!("{own}\n\n{outlook}"), Intent::Answer, own);
        }
        check("As Shakespeare wrote:\n> To be\n\nYes.", Intent::Answer, "Yes.");
        check("As Shakespeare wrote:\n> To be\n\nYes.", Intent::New, "As Shakespeare wrote:\n> To be\n\nYes.");
    }

    #[test]
    fn a_block_of_headers_in_a_new_mail_is_pasted() {
        let form = "A new message:\n\nFrom: Kim <kim@y.example>\nSubject: Lamp\nDate: 3.11.2026 10:15\n\nIt hums.";
        check(form, Intent::New, form);
        check(form, Intent::Answer, "A new message:");
        let drawn = form.replace("\n\nFrom", "\n\n________________________________\nFrom");
        check(&drawn, Intent::New, "A new message:");
        let trip = "Please book:\n\nFrom: Paris\nTo: Manila\nDate: 3 December\nSubject: cot";
        check(
            &format!("{trip}\n\nFrom: Anna <a@x.example>\nSent: Tue 10:15\nTo: Kim\nSubject: x\n\nold"),
            Intent::Answer,
            trip,
        );
    }

    #[test]
    fn words_on_the_line_of_an_attribution_are_kept() {
        let yahoo = "Yes.\n\n  On Tue, Nov 3, 2026 at 10:15 AM, Anna<anna@x.example> wrote:   Hello,\nShall we?";
        check(yahoo, Intent::New, "Yes.");
        check("reply On Wed, Nov 4, 2026 at 3:59 PM, bob@x.example wrote:\n> Hi", Intent::New, "reply");
        // The program's mark is counted in the lines that are parted.
        let text = "One. On Wed, Nov 4, 2026 at 3:59 PM, bob@x.example wrote:\n> Hi\n\nTwo.\nold";
        assert!(split(text, text.find("old"), Intent::Answer).reply.ends_with("Two."));
    }
}
