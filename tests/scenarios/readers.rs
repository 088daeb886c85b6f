//! Who reads a reply is decided by the mail that it answers, and that mail says so.

use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::MessageKind;

use super::desk::{CONFIG, Desk, Sent};
use super::random::bounce_of;
use super::script::{quoted, reply_head};

const EWA: &str = "ewa@client.example";
const ADAM: &str = "adam@client.example";
const ANNA: &str = "anna@shop.example";
const JAN: &str = "jan@shop.example";

/// A desk with a ticket of one customer, of which Anna and Jan were told.
struct Play {
    desk: Desk,
    mails: usize,
}

impl Play {
    async fn open() -> Self {
        Self::open_with(CONFIG, "").await
    }

    async fn open_with(config: &str, cc: &str) -> Self {
        let mut play = Self { desk: Desk::open_with(config).await, mails: 0 };
        play.take(EWA, &format!("To: returns@shop.example\n{cc}Subject: Lamp\n"), "It is broken.").await;
        play
    }

    async fn take(&mut self, from: &str, head: &str, words: &str) {
        self.mails += 1;
        let id = self.mails;
        let name = if from == EWA { "Ewa Żak <ewa@client.example>" } else { from };
        let mail = format!(
            "Message-ID: <{id}@mail.example>\nFrom: {name}\n{head}MIME-Version: 1.0\n\
             Content-Type: text/plain; charset=utf-8\n\n{words}\n"
        );
        self.desk.take(&mail).await;
    }

    /// An answer to the latest mail that `who` got, as most programs write it.
    async fn reply(&mut self, who: &str, words: &str) {
        let answered = self.desk.latest(who).unwrap();
        let (head, quote) = (reply_head(answered), quoted(answered));
        self.take(who, &head, &format!("{words}\n{quote}")).await;
        self.desk.wait(Duration::from_mins(5)).await;
    }

    /// Jan does something; Anna is told of it in a mail of its own.
    async fn jan(&mut self, words: &str) -> &Sent {
        self.reply(JAN, words).await;
        self.desk.latest(ANNA).unwrap()
    }

    fn to_customers(&self) -> Vec<String> {
        let answers = self.desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer);
        answers.map(|sent| sent.mail.text.lines().next().unwrap_or_default().to_owned()).collect()
    }

    async fn kept(&self, kind: MessageKind) -> Vec<String> {
        let messages = self.desk.store.read(|view| view.messages(TicketNumber(1001))).await.unwrap();
        messages.into_iter().filter(|message| message.kind == kind).map(|message| message.text).collect()
    }

    async fn has_note(&self, words: &str) -> bool {
        self.kept(MessageKind::Note).await.iter().any(|note| note.starts_with(words))
    }
}

fn header(sent: &Sent, name: &str) -> String {
    let raw = String::from_utf8_lossy(&sent.bytes).replace("\r\n ", " ");
    let head = raw.split("\r\n\r\n").next().unwrap_or_default();
    let value = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    value.unwrap_or_default().to_owned()
}

/// Marker, header and the name of Reply-To say the same.
fn says(sent: &Sent, reader: &str) {
    let (marker, name) = match reader {
        "customer" => ("##- To the customer: ", "(customer"),
        "note" => ("##- Note to colleagues: ", "Note on #1001"),
        _ => ("##- Commands only: ", "postroom"),
    };
    assert!(sent.mail.text.starts_with(marker), "{}", sent.mail.text);
    assert_eq!(header(sent, "X-Postroom-Reader"), reader, "{}", sent.mail.text);
    assert!(sent.mail.reply_to[0].name.contains(name), "{:?}", sent.mail.reply_to);
}

/// What Jan does, so that Anna is shown his words alone.
const BY_COLLEAGUES: [(&str, &str); 4] =
    [("note", "#note\nShe is a friend."), ("answer", "We are sorry."), ("taken", "#take"), ("not hers", "")];

async fn told_by_jan(what: &str, words: &str) -> Play {
    let mut play = Play::open().await;
    if what == "not hers" {
        play.reply(ANNA, "#take").await;
        play.jan("#assign jan").await;
    } else {
        play.jan(words).await;
    }
    says(play.desk.latest(ANNA).unwrap(), "note");
    play
}

#[tokio::test(start_paused = true)]
async fn a_reply_to_what_a_colleague_wrote_or_did_is_a_note_and_never_reaches_the_customer() {
    for (what, words) in BY_COLLEAGUES {
        let mut play = told_by_jan(what, words).await;
        let sent = play.to_customers();
        play.reply(ANNA, "He pays late, be careful.").await;
        assert_eq!(play.to_customers(), sent, "{what}");
        assert!(play.has_note("He pays late, be careful.").await, "{what}");
        let told = play.desk.latest(JAN).unwrap();
        assert!(told.mail.text.contains("He pays late") && told.mail.text.contains("Internal note by Anna"), "{what}");
        says(told, "note");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_told_that_a_ticket_went_elsewhere_can_still_tell_colleagues_what_they_know() {
    let mut play = Play::open().await;
    play.reply(ANNA, "#take").await;
    play.jan("#assign jan").await;
    play.jan("#move billing").await;
    let told = play.desk.latest(ANNA).unwrap();
    says(told, "note");
    play.reply(ANNA, "She called me: it is urgent.").await;
    assert!(play.to_customers().is_empty() && play.has_note("She called me").await);
    assert!(play.desk.latest(JAN).unwrap().mail.text.contains("She called me"));
    // More than that is not theirs any more.
    play.reply(ANNA, "#answer\nWe hurry.").await;
    play.reply(ANNA, "#close").await;
    assert!(play.to_customers().is_empty());
    assert_ne!(play.desk.tickets().await[0].status.as_str(), "closed");
}

#[tokio::test(start_paused = true)]
async fn answer_on_top_of_a_reply_to_a_colleague_sends_it_to_the_customer_and_commands_work_beside_a_note() {
    for (what, words) in BY_COLLEAGUES {
        let mut play = told_by_jan(what, words).await;
        let before = play.to_customers().len();
        play.reply(ANNA, "#answer\nThe lamp is on its way.").await;
        assert_eq!(play.to_customers()[before..], ["The lamp is on its way."], "{what}");
        assert!(!play.has_note("The lamp").await);
    }
    let mut play = told_by_jan("note", "#note\nShe is a friend.").await;
    play.reply(ANNA, "#priority high\nThen we hurry.").await;
    assert!(play.to_customers().is_empty() && play.has_note("Then we hurry.").await);
    assert_eq!(play.desk.tickets().await[0].priority.as_str(), "high");
    // Both at once is a mistake.
    play.desk.wait(Duration::from_mins(5)).await;
    play.reply(JAN, "#answer\n#note\nWhich?").await;
    assert!(play.to_customers().is_empty() && !play.has_note("Which?").await);
    assert!(play.desk.latest(JAN).unwrap().mail.text.contains("#answer"), "it came back");
}

#[tokio::test(start_paused = true)]
async fn words_in_reply_to_a_mail_that_nobody_answers_come_back_with_a_question() {
    for (ask, words) in
        [("#status", "Thank you!"), ("#help", "How does it work?"), ("#show", "I see."), ("#back", "Hello")]
    {
        let mut play = Play::open().await;
        play.reply(ANNA, ask).await;
        says(play.desk.latest(ANNA).unwrap(), "nobody");
        let told_jan = play.desk.sent.iter().filter(|sent| sent.recipient == JAN).count();
        play.reply(ANNA, words).await;
        let question = play.desk.latest(ANNA).unwrap();
        assert!(question.mail.text.contains(words) && question.mail.text.contains("#answer"), "{}", question.mail.text);
        says(question, "nobody");
        assert!(play.to_customers().is_empty() && !play.has_note(words).await, "{ask}");
        assert_eq!(play.kept(MessageKind::Returned).await, [words]);
        assert_eq!(play.desk.sent.iter().filter(|sent| sent.recipient == JAN).count(), told_jan, "{ask}");
        // More words are no answer to the question.
        play.reply(ANNA, "Really?").await;
        assert!(play.to_customers().is_empty());
        says(play.desk.latest(ANNA).unwrap(), "nobody");
    }
}

#[tokio::test(start_paused = true)]
async fn the_question_is_answered_by_one_word_and_the_words_are_intact() {
    for (word, to_customer, note) in
        [("#answer", true, false), ("#send", true, false), ("#note", false, true), ("#cancel", false, false)]
    {
        let mut play = Play::open().await;
        play.reply(ANNA, "#status").await;
        play.reply(ANNA, "It is on its way.\n\nIt comes tomorrow.").await;
        play.reply(ANNA, word).await;
        assert_eq!(!play.to_customers().is_empty(), to_customer, "{word}");
        assert_eq!(play.has_note("It is on its way.\n\nIt comes tomorrow.").await, note, "{word}");
        if to_customer {
            let answer = play.desk.latest(EWA).unwrap();
            assert!(answer.mail.text.starts_with("It is on its way.\n\nIt comes tomorrow."), "{}", answer.mail.text);
        }
    }
    // Written anew, with the word on top, it goes as it is now.
    let mut play = Play::open().await;
    play.reply(ANNA, "#status").await;
    play.reply(ANNA, "It is on its way.").await;
    play.reply(ANNA, "#answer\nIt is there.").await;
    assert_eq!(play.to_customers(), ["It is there."]);
    // And commands work in answer to any of these mails.
    play.reply(ANNA, "#status").await;
    play.reply(ANNA, "#close").await;
    assert_eq!(play.desk.tickets().await[0].status.as_str(), "closed");
}

/// How programs lose parts of what a reply bears.
fn poorer(answered: &Sent, how: &str) -> String {
    let head = reply_head(answered);
    let of = |name: &str| head.lines().skip_while(move |line| !line.starts_with(name)).take(1).collect::<String>();
    let id = answered.mail.message_id.as_ref().unwrap();
    let root = answered.mail.references.first().unwrap();
    let to = format!("{}\n{}\n", of("To: "), of("Subject: "));
    match how {
        "address alone" => to,
        "In-Reply-To alone" => format!("{}In-Reply-To: <{id}>\n", to.replace(&of("To: "), "To: info@shop.example")),
        "References alone" => {
            format!("{}References: <{root}> <{id}>\n", to.replace(&of("To: "), "To: info@shop.example"))
        }
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn who_reads_a_reply_survives_programs_that_keep_the_address_or_one_header_alone() {
    for how in ["address alone", "In-Reply-To alone", "References alone"] {
        let mut play = told_by_jan("note", "#note\nShe is a friend.").await;
        let head = poorer(play.desk.latest(ANNA).unwrap(), how);
        play.take(ANNA, &head, "He pays late.").await;
        assert!(play.to_customers().is_empty() && play.has_note("He pays late.").await, "{how}");
        play.reply(ANNA, "#status").await;
        let head = poorer(play.desk.latest(ANNA).unwrap(), how);
        play.take(ANNA, &head, "Thanks.").await;
        assert!(play.to_customers().is_empty() && !play.has_note("Thanks.").await, "{how}");
        let mut play = Play::open().await;
        let head = poorer(play.desk.latest(ANNA).unwrap(), how);
        play.take(ANNA, &head, "We are sorry.").await;
        assert_eq!(play.to_customers(), ["We are sorry."], "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_plus_addressing_the_message_id_says_who_reads_a_reply() {
    let config = CONFIG.replacen("import = \"all\"", "import = \"all\"\nsubaddress = \"\"", 1);
    let mut play = Play::open_with(&config, "").await;
    play.jan("#note\nShe is a friend.").await;
    says(play.desk.latest(ANNA).unwrap(), "note");
    assert_eq!(play.desk.latest(ANNA).unwrap().mail.reply_to[0].address.as_str(), "info@shop.example");
    play.reply(ANNA, "He pays late.").await;
    assert!(play.to_customers().is_empty() && play.has_note("He pays late.").await);
    play.reply(ANNA, "#status").await;
    play.reply(ANNA, "Thanks.").await;
    assert!(play.to_customers().is_empty() && !play.has_note("Thanks.").await);
}

#[tokio::test(start_paused = true)]
async fn a_reply_whose_address_and_ids_contradict_each_other_reaches_nobody_before_its_agent_says_whom() {
    let mut play = Play::open().await;
    let customers = play.desk.latest(ANNA).unwrap();
    let (address, id) = (customers.mail.reply_to[0].address.to_string(), customers.mail.message_id.clone().unwrap());
    play.jan("#note\nShe is a friend.").await;
    let note = play.desk.latest(ANNA).unwrap();
    let (notes_address, notes_id) = (note.mail.reply_to[0].address.to_string(), note.mail.message_id.clone().unwrap());
    for (index, head) in [
        format!("To: {address}\nSubject: Re: Lamp\nIn-Reply-To: <{notes_id}>\n"),
        format!("To: {notes_address}\nSubject: Re: Lamp\nIn-Reply-To: <{id}>\n"),
        format!("To: {address}\nSubject: Re: Lamp\nReferences: <{id}> <{notes_id}>\n"),
    ]
    .iter()
    .enumerate()
    {
        let words = format!("He pays late {index}.");
        play.take(ANNA, head, &words).await;
        assert!(play.to_customers().is_empty() && !play.has_note(&words).await, "{head}");
        let question = play.desk.latest(ANNA).unwrap();
        assert!(question.mail.text.contains(&words), "{}", question.mail.text);
        says(question, "nobody");
    }
    // References may name older mails of ours: the one that is answered decides.
    let head = format!("To: {address}\nSubject: Re: Lamp\nIn-Reply-To: <{id}>\nReferences: <{notes_id}> <{id}>\n");
    play.take(ANNA, &head, "We are sorry.").await;
    assert_eq!(play.to_customers(), ["We are sorry."]);
    let head = format!("To: info@shop.example\nSubject: Re: Lamp\nReferences: <{id}> <{notes_id}>\n");
    play.take(ANNA, &head, "Let us wait.").await;
    assert!(play.has_note("Let us wait.").await);
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_tells_of_a_note_and_of_what_the_customer_wrote_is_answered_to_the_customer() {
    let mut play = Play::open().await;
    // Within two minutes, so that both are told in one mail.
    let head = reply_head(play.desk.latest(JAN).unwrap());
    play.take(JAN, &head, "#note\nShe is a friend.").await;
    play.take(EWA, "To: returns@shop.example\nSubject: Re: [#1001] Lamp\n", "It smells, too.").await;
    play.desk.wait(Duration::from_mins(5)).await;
    let told = play.desk.latest(ANNA).unwrap();
    assert!(told.mail.text.contains("She is a friend.") && told.mail.text.contains("It smells, too."));
    says(told, "customer");
    play.reply(ANNA, "Please unplug it.").await;
    assert_eq!(play.to_customers(), ["Please unplug it."]);
}

#[tokio::test(start_paused = true)]
async fn a_mail_that_came_back_is_written_again_to_whoever_read_the_first_one() {
    // An answer to what the customer wrote.
    let mut play = Play::open().await;
    play.reply(ANNA, "We are sorry.").await;
    let bounce = bounce_of(play.desk.latest(EWA).unwrap());
    play.desk.take(&bounce).await;
    play.desk.wait(Duration::from_mins(5)).await;
    says(play.desk.latest(ANNA).unwrap(), "customer");
    // An answer that replied to a note.
    let mut play = told_by_jan("note", "#note\nShe is a friend.").await;
    play.reply(ANNA, "#answer\nWe are sorry.").await;
    let bounce = bounce_of(play.desk.latest(EWA).unwrap());
    play.desk.take(&bounce).await;
    play.desk.wait(Duration::from_mins(5)).await;
    says(play.desk.latest(ANNA).unwrap(), "note");
    play.reply(ANNA, "Does anybody know another address?").await;
    assert_eq!(play.to_customers(), ["We are sorry."]);
    // A mail with a mistyped command.
    play.reply(ANNA, "#prioritee high\nHm.").await;
    says(play.desk.latest(ANNA).unwrap(), "note");
}

#[tokio::test(start_paused = true)]
async fn whom_an_answer_reaches_is_seen_before_it_is_written_and_changed_by_cc() {
    let mut play = Play::open_with(CONFIG, "Cc: Adam Lis <adam@client.example>\n").await;
    let told = play.desk.latest(ANNA).unwrap();
    let line = |text: &str| text.lines().find(|line| line.starts_with("Goes to:")).map(str::to_owned);
    let people = "Ewa Żak <ewa@client.example>, Adam Lis <adam@client.example>";
    assert!(line(&told.mail.text).unwrap().ends_with(people), "{}", told.mail.text);
    assert_eq!(told.mail.reply_to[0].name, "Ewa Żak +1 (customers)");
    let sent = play.desk.sent.len();
    play.reply(ANNA, "#cc +jo@client.example -adam@client.example").await;
    let outside = |sent: &Sent| sent.recipient.ends_with("client.example");
    assert!(!play.desk.sent.iter().skip(sent).any(outside), "nobody is written to before the next answer");
    play.reply(ANNA, "#status").await;
    let state = &play.desk.latest(ANNA).unwrap().mail.text;
    assert!(state.contains("jo@client.example") && !state.contains("adam@client.example"), "{state}");
    play.take(EWA, "To: returns@shop.example\nSubject: Re: [#1001] Lamp\n", "Any news?").await;
    play.desk.wait(Duration::from_mins(5)).await;
    let told = play.desk.latest(ANNA).unwrap();
    assert!(line(&told.mail.text).unwrap().ends_with("Ewa Żak <ewa@client.example>, jo@client.example"));
    let sent = play.desk.sent.len();
    play.reply(ANNA, "It is on its way.").await;
    let reached: Vec<&str> =
        play.desk.sent.iter().skip(sent).filter(|sent| outside(sent)).map(|sent| sent.recipient.as_str()).collect();
    assert_eq!(reached, [EWA, "jo@client.example"]);
    // Who asked may leave to whoever stays, the last one may not.
    play.reply(ANNA, "#cc -ewa@client.example").await;
    let ticket = play.desk.tickets().await.remove(0);
    assert_eq!(ticket.requester.address.as_str(), "jo@client.example");
    play.reply(ANNA, "#cc -jo@client.example").await;
    assert!(play.desk.latest(ANNA).unwrap().mail.text.contains("last customer"));
    play.reply(ANNA, "#cc +jan@shop.example").await;
    assert!(play.desk.latest(ANNA).unwrap().mail.text.contains("only customers are added"));
    play.reply(ANNA, "#answer\nGood bye.").await;
    assert_eq!(play.desk.latest("jo@client.example").unwrap().mail.text.lines().next(), Some("Good bye."));
    assert_eq!(
        play.desk.sent.iter().filter(|sent| sent.recipient == ADAM && sent.kind == OutgoingKind::Answer).count(),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn show_tells_the_conversation_with_its_notes_and_history_what_was_done() {
    let mut play = Play::open().await;
    play.jan("#note\nShe is a friend.").await;
    play.reply(ANNA, "#answer\nWe are sorry.").await;
    for (command, history) in [("#show", false), ("#history", true)] {
        play.reply(ANNA, command).await;
        let shown = &play.desk.latest(ANNA).unwrap().mail.text;
        let places: Vec<Option<usize>> =
            ["It is broken.", "Internal note by Jan Kos", "She is a friend.", "We are sorry."]
                .map(|words| shown.find(words))
                .into();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{shown}");
        assert_eq!(shown.contains("Status: new"), history, "{shown}");
        says(play.desk.latest(ANNA).unwrap(), "nobody");
    }
}
