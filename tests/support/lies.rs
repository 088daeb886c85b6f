//! Ten ways in which an IMAP server can fail in the middle of an answer.
//!
//! Never touches the bytes of a mail but to show that they were changed.

use super::{Act, say};

/// One of the ten ways to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Half a response and the end of the connection.
    Drop,
    /// Good-bye instead of a response.
    Bye,
    /// A tagged NO instead of it.
    No,
    /// A tagged BAD instead of it.
    Bad,
    /// The response is left out; of a list, one item.
    Missing,
    /// What is left of the answer comes in the opposite order.
    Disorder,
    /// Half a response, then silence.
    Stall,
    /// NIL instead of the value.
    Nil,
    /// A literal or number that is cut in half.
    Short,
    /// The response comes twice, and the second copy is another.
    Doubled,
}

/// All ten.
pub const LIES: [Lie; 10] = [
    Lie::Drop,
    Lie::Bye,
    Lie::No,
    Lie::Bad,
    Lie::Missing,
    Lie::Disorder,
    Lie::Stall,
    Lie::Nil,
    Lie::Short,
    Lie::Doubled,
];

/// A lie that is told once, at the response with this number (counted over all connections).
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    /// What is done.
    pub lie: Lie,
    /// Where.
    pub place: usize,
}

/// Changes an answer, and returns what follows it.
pub fn tell(lie: Lie, at: usize, responses: &mut Vec<String>) -> Vec<Act> {
    let odd = responses[at].clone();
    let half = say(&odd[..odd.len() / 2]);
    match lie {
        Lie::Missing if odd.starts_with("* SEARCH") => responses[at] = without_an_item(&odd),
        Lie::Missing => drop(responses.remove(at)),
        Lie::Disorder => responses[at..].reverse(),
        Lie::Doubled => responses.insert(at + 1, odd.replace("Hello", "HELLO")),
        Lie::Nil => responses[at] = with_nil(&odd),
        Lie::Short => responses[at] = cut_short(&odd),
        Lie::Drop | Lie::Bye | Lie::No | Lie::Bad | Lie::Stall => responses.truncate(at),
    }
    match lie {
        Lie::Drop => vec![half, Act::Close],
        Lie::Bye => vec![say("* BYE going down\r\n"), Act::Close],
        Lie::No => vec![say("TAG NO I cannot\r\n")],
        Lie::Bad => vec![say("TAG BAD I do not know\r\n")],
        Lie::Stall => vec![half, Act::Hang],
        Lie::Missing | Lie::Disorder | Lie::Nil | Lie::Short | Lie::Doubled => Vec::new(),
    }
}

/// Cuts an answer into its responses, literals included.
pub fn responses(answer: &str) -> Vec<String> {
    let mut responses = vec![String::new()];
    let mut rest = answer;
    while let Some((line, after)) = rest.split_once("\r\n") {
        let literal = line.strip_suffix('}').and_then(|line| line.rsplit_once('{')?.1.parse::<usize>().ok());
        let last = responses.last_mut().unwrap();
        last.extend([line, "\r\n", &after[..literal.unwrap_or(0)]]);
        rest = &after[literal.unwrap_or(0)..];
        if literal.is_none() && !rest.is_empty() {
            responses.push(String::new());
        }
    }
    responses
}

/// A list without its item in the middle.
fn without_an_item(list: &str) -> String {
    let mut words: Vec<&str> = list.trim_end().split(' ').collect();
    words.remove(words.len() / 2);
    format!("{}\r\n", words.join(" "))
}

/// The value that matters is NIL.
fn with_nil(response: &str) -> String {
    match response.split_once("BODY[] {") {
        Some((before, _)) => format!("{before}BODY[] NIL)\r\n"),
        None if response.contains("INTERNALDATE") => {
            format!("{}INTERNALDATE NIL)\r\n", response.split("INTERNALDATE").next().unwrap())
        }
        None => format!("{} NIL\r\n", response.split_inclusive(' ').take(2).collect::<String>().trim_end()),
    }
}

/// A literal announced and sent with half its length; of anything else, half the line.
fn cut_short(response: &str) -> String {
    match response.split_once("}\r\n") {
        Some((before, after)) => {
            let half = after.len() / 2;
            format!("{}{{{half}}}\r\n{})\r\n", before.rsplit_once('{').unwrap().0, &after[..half])
        }
        None => format!("{}\r\n", &response[..response.trim_end().len() / 2]),
    }
}
