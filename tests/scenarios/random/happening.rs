//! What may happen, drawn at random. What fits the state of the desk is looked up when it happens: here stand only wishes.

use std::time::Duration;

use postroom::model::id::{AgentId, DepartmentId};
use postroom::model::mirror::Place;
use proptest::prelude::*;

use super::{CUSTOMERS, STAFF};
use crate::desk::Trouble;

/// How the desk is set up.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Answers wait for half a minute.
    pub hold: bool,
    /// `returns` has agents with quiet hours, a digest, and `notify = "mine"`.
    pub habits: bool,
    /// `returns` gives its tickets out in turn.
    pub in_turn: bool,
}

#[derive(Clone, Debug)]
pub enum Happening {
    /// Any mail of anybody, fitting or not.
    Mail(Step),
    /// A customer writes to what is his.
    Customer {
        who: &'static str,
        via: Via,
        quote: Quote,
        html: bool,
        machine: bool,
    },
    /// An agent answers a notification; not always the latest one.
    Answer {
        who: &'static str,
        which: u16,
        answer: AnswerWords,
        quote: Quote,
        html: bool,
        file: bool,
    },
    /// An agent gives a command that fits how things stand.
    Fitting {
        which: u16,
        pick: u16,
        how: How,
        words: bool,
    },
    /// An agent's answering machine answers the latest notification that he got.
    OutOfOffice(&'static str),
    /// An agent's answer to a customer's mail lies in the Sent folder of the account.
    Filed {
        who: &'static str,
        pick: u16,
    },
    /// A person moves a ticket's mail in the mailbox.
    Moved {
        pick: u16,
        to: Place,
    },
    /// Somebody at the command line.
    Line(&'static str),
    /// The latest mail arrives once more.
    Again,
    /// A server reports that our latest mail to this person cannot be delivered.
    Bounce(&'static str),
    /// An agent passes on a customer's mail, with a remark.
    Forward,
    /// The next mails that leave get into trouble.
    Troubles(Vec<Trouble>),
    Pause(Duration),
}

/// How a command is given.
#[derive(Clone, Copy, Debug)]
pub enum How {
    Line,
    Subject,
    /// The link in the mail, where it has one.
    Link,
}

#[derive(Clone, Copy, Debug)]
pub enum AnswerWords {
    Plain,
    /// With words of a note that stands on the ticket.
    Careless,
    WithCommand(&'static str),
    Note,
    /// `#answer` on top, whatever it replies to.
    Insist,
    Signed,
}

/// One mail in.
#[derive(Clone, Debug)]
pub struct Step {
    pub writer: &'static str,
    /// Marks of a machine in its header.
    pub machine: bool,
    pub via: Via,
    pub words: Words,
    pub quote: Quote,
    pub copy: Option<&'static str>,
    /// Written as HTML beside the plain text.
    pub html: bool,
}

/// How a mail finds us.
#[derive(Clone, Copy, Debug)]
pub enum Via {
    New,
    /// In answer to the latest mail that this person got, his own or not.
    Reply(&'static str),
    /// To that mail's address, without its ids.
    Bare(&'static str),
    Tag,
}

#[derive(Clone, Copy, Debug)]
pub enum Words {
    Plain,
    Note,
    NoteBelow,
    MoveWithNote,
    Command(&'static str),
    Return,
    Signed,
    Nothing,
}

/// What a mail program leaves below the words.
#[derive(Clone, Copy, Debug)]
pub enum Quote {
    None,
    Marked,
    /// The whole mail, without marks.
    Raw,
    /// Lines of it between the words, our marker taken out.
    Inline,
}

const COMMANDS: &str = "take|release|close|open|assign jan|oops|move support|move returns|move billing|accept|merge 1001|merge 1002|merge 1003|\
    unmerge|unmerge 1001|split|split 1|split 2|spam|spam mute|spam undo|send|cancel|status|next|away|back";
const LINES: [&str; 4] = ["agent away anna", "agent back anna", "agent away jan", "agent handover anna jan"];
const BESIDE: [&str; 5] = ["close", "resolve", "take", "priority urgent", "wait 1d"];

fn pick<T: Clone + std::fmt::Debug + 'static>(choices: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(choices.to_vec())
}

fn anybody() -> impl Strategy<Value = &'static str> {
    prop_oneof![pick(&CUSTOMERS), pick(&STAFF[..3])]
}

pub fn setting() -> impl Strategy<Value = Setting> {
    let odds = (proptest::bool::weighted(0.4), proptest::bool::weighted(0.3), proptest::bool::weighted(0.2));
    odds.prop_map(|(hold, habits, in_turn)| Setting { hold, habits, in_turn })
}

pub fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        5 => step().prop_map(Happening::Mail),
        6 => customer(),
        8 => answer(),
        14 => fitting(),
        1 => pick(&STAFF).prop_map(Happening::OutOfOffice),
        1 => (pick(&STAFF[..2]), any::<u16>()).prop_map(|(who, pick)| Happening::Filed { who, pick }),
        2 => (any::<u16>(), pick(&places())).prop_map(|(pick, to)| Happening::Moved { pick, to }),
        1 => pick(&LINES).prop_map(Happening::Line),
        1 => Just(Happening::Again),
        1 => anybody().prop_map(Happening::Bounce),
        1 => Just(Happening::Forward),
        2 => troubles(),
        7 => pause(),
    ]
}

fn places() -> Vec<Place> {
    let department = |id| Place::Department(DepartmentId::new(id));
    let agent = |id| Place::Agent(AgentId::new(id));
    vec![department("returns"), department("support"), department("billing"), agent("anna"), agent("jan"), Place::Done]
}

fn pause() -> impl Strategy<Value = Happening> {
    let seconds = [10, 20, 150, 150, 150, 2_400, 36_000, 93_600, 260_000, 780_000];
    pick(&seconds).prop_map(|seconds| Happening::Pause(Duration::from_secs(seconds)))
}

fn troubles() -> impl Strategy<Value = Happening> {
    let trouble = pick(&[Trouble::Busy, Trouble::Refused, Trouble::Unheard, Trouble::Killed]);
    proptest::collection::vec(trouble, 1..4).prop_map(Happening::Troubles)
}

fn quote() -> impl Strategy<Value = Quote> {
    pick(&[Quote::None, Quote::Marked, Quote::Raw, Quote::Inline])
}

fn customer() -> impl Strategy<Value = Happening> {
    let who = prop_oneof![5 => Just(CUSTOMERS[0]), 3 => Just(CUSTOMERS[1]), 1 => Just(CUSTOMERS[2])];
    (who, pick(&[0, 1, 1, 1, 2, 3]), quote(), any::<bool>(), proptest::bool::weighted(0.05)).prop_map(
        |(who, via, quote, html, machine)| {
            let via = [Via::New, Via::Reply(who), Via::Bare(who), Via::Tag][via];
            Happening::Customer { who, via, quote, html, machine }
        },
    )
}

fn answer() -> impl Strategy<Value = Happening> {
    let words = prop_oneof![
        5 => Just(AnswerWords::Plain),
        4 => Just(AnswerWords::Careless),
        2 => pick(&BESIDE).prop_map(AnswerWords::WithCommand),
        3 => Just(AnswerWords::Note),
        3 => Just(AnswerWords::Insist),
        1 => Just(AnswerWords::Signed),
    ];
    let quote = prop_oneof![4 => Just(Quote::Marked), 1 => quote()];
    let who = prop_oneof![5 => pick(&STAFF[..2]), 1 => pick(&STAFF[3..])];
    (who, any::<u16>(), words, quote, any::<bool>(), proptest::bool::weighted(0.2))
        .prop_map(|(who, which, answer, quote, html, file)| Happening::Answer { who, which, answer, quote, html, file })
}

fn fitting() -> impl Strategy<Value = Happening> {
    let how = prop_oneof![4 => Just(How::Line), 1 => Just(How::Subject), 1 => Just(How::Link)];
    (any::<u16>(), any::<u16>(), how, proptest::bool::weighted(0.15))
        .prop_map(|(which, pick, how, words)| Happening::Fitting { which, pick, how, words })
}

fn step() -> impl Strategy<Value = Step> {
    let via = prop_oneof![
        2 => Just(Via::New),
        6 => anybody().prop_map(Via::Reply),
        2 => anybody().prop_map(Via::Bare),
        1 => Just(Via::Tag),
    ];
    let words = prop_oneof![
        3 => Just(Words::Plain),
        2 => Just(Words::Note),
        1 => Just(Words::NoteBelow),
        1 => Just(Words::MoveWithNote),
        6 => pick(&COMMANDS.split('|').collect::<Vec<_>>()).prop_map(Words::Command),
        1 => Just(Words::Return),
        1 => Just(Words::Signed),
        1 => Just(Words::Nothing),
    ];
    let copy = proptest::option::of(anybody());
    (anybody(), proptest::bool::weighted(0.1), via, words, quote(), copy, any::<bool>()).prop_map(
        |(writer, machine, via, words, quote, copy, html)| Step { writer, machine, via, words, quote, copy, html },
    )
}
