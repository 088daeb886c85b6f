//! What a mail says, as blocks; `page` writes them as plain text, `html` as HTML, so that both always say the same.

use crate::model::reader::Reader;
use crate::model::text::marked;

/// A piece of a mail.
#[derive(Clone, Debug)]
pub enum Block {
    /// The line above which one replies, in the colour of who reads it. Always first.
    Marker(Reader, String),
    /// Running text of ours or of an agent: blank lines part paragraphs, links are links.
    Text(String),
    /// What matters most, in one line.
    Headline(String),
    /// Names and values, a line each.
    Facts(Vec<(String, String)>),
    /// Somebody else's words, as they are: each line is marked, so that none can pass for one of ours.
    Words(String),
    /// The reader's own words, which come back to be sent again: nothing stands between them.
    Own(String),
    /// What somebody else's words stand above: a signature, a quote.
    Below(String),
    /// Words with a markup of their own.
    Designed {
        /// The words.
        plain: String,
        /// The same as HTML.
        html: String,
    },
    /// A list of lines.
    List(Vec<String>),
    /// A line across, between what was written and what can be done.
    Rule,
    /// Words and links.
    Buttons(Vec<(String, String)>),
    /// Small print.
    Hint(String),
    /// The signature, below `-- `.
    Signature {
        /// Its words.
        plain: String,
        /// Its own markup; empty for none.
        html: String,
    },
}

/// The blocks as plain text, line ends `\n`, a blank line between blocks.
pub fn plain(blocks: &[Block]) -> String {
    let mut text = String::with_capacity(1024);
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Marker(_, line) | Block::Headline(line) | Block::Hint(line) => push_lines(&mut text, "", line),
            Block::Text(words) | Block::Own(words) | Block::Designed { plain: words, .. } => {
                push_lines(&mut text, "", words);
            }
            Block::Words(words) | Block::Below(words) => push_lines(&mut text, "", &marked(words)),
            Block::Facts(facts) => push_facts(&mut text, facts),
            Block::List(lines) => {
                for line in lines {
                    push_lines(&mut text, "- ", line);
                }
            }
            Block::Rule => push_lines(&mut text, "", "________________________________"),
            Block::Buttons(links) => {
                for (word, link) in links {
                    push_lines(&mut text, "", &format!("{word}: {link}"));
                }
            }
            Block::Signature { plain, .. } => push_lines(&mut text, "-- \n", plain),
        }
    }
    text
}

fn push_lines(text: &mut String, lead: &str, lines: &str) {
    text.push_str(lead);
    text.push_str(lines.trim_end());
    text.push('\n');
}

fn push_facts(text: &mut String, facts: &[(String, String)]) {
    let width = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, value) in facts {
        let gap = width + 1 - name.chars().count();
        text.push_str(name);
        text.push(':');
        text.extend(std::iter::repeat_n(' ', gap));
        push_lines(text, "", value);
    }
}
