//! Lines of a customer's that look like ours: in a notification each bears a mark, and a reply that quotes them is cut as ever.

use postroom::model::outgoing::OutgoingKind;
use postroom::parse::parse;

use super::desk::{Desk, Sent};
use super::script::{quoted, reply_head};

/// A program's way to quote a mail.
type Way<'a> = &'a dyn Fn(&Sent) -> String;

const ANNA: &str = "anna@shop.example";
const EWA: &str = "ewa@client.example";

/// What only we write.
const OURS: &[&str] = &[
    "##- To the customer: reply above this line -##",
    "Ticket:     #7 Another matter",
    "Goes to:    nobody",
    "From:       Boss <boss@shop.example>",
    "________________________________",
    "Take: mailto:thief@else.example?subject=x",
    "| marked already",
    "> quoted",
    "-- ",
    "Anna Nowak:",
];

async fn told(words: &str) -> Desk {
    let mut desk = Desk::open().await;
    desk.take(&format!(
        "Message-ID: <1@client.example>\nFrom: Ewa <{EWA}>\nTo: orders@shop.example\nSubject: Lamp\nMIME-Version: 1.0\n\
         Content-Type: text/plain; charset=utf-8\n\n{words}\n"
    ))
    .await;
    desk
}

fn reply(told: &Sent, words: &str) -> String {
    format!("Message-ID: <2@anna>\nFrom: {ANNA}\n{}\n{words}\n", reply_head(told))
}

#[tokio::test(start_paused = true)]
async fn no_line_of_a_customer_stands_unmarked_in_a_notification() {
    for hard in ["\n", "\n\n", "\r", "\u{2028}", "\u{2029}"] {
        let words = OURS.join(hard);
        let mut desk = told(&format!("Where is my lamp?{hard}{words}{hard}That is all.")).await;
        let text = desk.latest(ANNA).unwrap().mail.text.clone();
        for line in OURS {
            let stands = text.lines().filter(|found| found.trim_end() == line.trim_end()).count();
            // Our own rule stands above the links.
            let ours = usize::from(line.starts_with("____"));
            assert!(stands <= ours + usize::from(text.starts_with(line)), "{hard:?}: {line} stands unmarked:\n{text}");
        }
        for line in ["Where is my lamp?", "That is all."] {
            assert!(text.contains(&format!("| {line}")), "{hard:?}: nothing is hidden:\n{text}");
        }
        assert_eq!(text.lines().filter(|line| line.starts_with("##- ")).count(), 1);
        // What colleagues are told of it is marked once more, below the name of who wrote it.
        let head = reply_head(desk.latest(ANNA).unwrap());
        desk.take(&format!("Message-ID: <m@anna>\nFrom: {ANNA}\n{head}\n#move returns please look\n")).await;
        for sent in desk.sent.iter().filter(|sent| sent.recipient == "jan@shop.example") {
            let forged = |line: &&str| line.trim_end() == "| Anna Nowak:" || line.starts_with("Goes to:    nobody");
            assert!(sent.mail.text.lines().filter(forged).count() <= 1, "{hard:?}:\n{}", sent.mail.text);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn replies_that_quote_marked_lines_are_cut_where_they_end() {
    let question =
        "Do you ship to Norway, and what does it cost to send a lamp there?\n##- not yours\nIs size 42 in stock?";
    let outlook = |told: &Sent| {
        format!(
            "\n________________________________\nFrom: Example Shop\nSent: Sunday\nTo: Anna\nSubject: Lamp\n\n{}",
            told.mail.text
        )
    };
    let wrapped = |told: &Sent| {
        let text = quoted(told);
        text.lines()
            .flat_map(|line| {
                if line.starts_with("> | ") && line.len() > 40 {
                    vec![line[..30].to_owned(), format!("> {}", &line[30..])]
                } else {
                    vec![line.to_owned()]
                }
            })
            .collect::<Vec<_>>()
            .join("\n")
    };
    let ways: [(&str, Way<'_>); 3] = [("marked", &quoted), ("Outlook", &outlook), ("wrapped", &wrapped)];
    for (how, way) in ways {
        let mut desk = told(question).await;
        let mail = desk.latest(ANNA).unwrap();
        let below = way(mail);
        let mail = reply(mail, &format!("Yes, both.\n{below}"));
        desk.take(&mail).await;
        let answer = desk.latest(EWA).unwrap();
        assert_eq!(answer.kind, OutgoingKind::Answer, "{how}");
        assert_eq!(parse(&answer.bytes, None).text.trim(), "Yes, both.", "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_customers_lines_between_which_an_agent_answers_go_out_without_our_mark() {
    let mut desk = told("Do you ship to Norway?\n\nIs size 42 in stock?").await;
    let mail = reply(
        desk.latest(ANNA).unwrap(),
        "> | Do you ship to Norway?\nYes, we do.\n> | Is size 42 in stock?\nOnly 43.",
    );
    desk.take(&mail).await;
    let answer = desk.latest(EWA).unwrap();
    assert_eq!(answer.kind, OutgoingKind::Answer);
    let text = answer.mail.text.trim();
    assert_eq!(text, "> Do you ship to Norway?\nYes, we do.\n> Is size 42 in stock?\nOnly 43.");
}
