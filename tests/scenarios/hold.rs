//! `[desk] hold`: an answer waits before it leaves, and its agent can take it back until then.

use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::ticket::{Status, Visibility};

use super::desk::{CONFIG, Desk};
use super::script::reply_head;

const NUMBER: TicketNumber = TicketNumber(1001);

/// A desk that holds answers for half a minute, with a ticket of Ewa's.
async fn opened() -> Desk {
    let config = CONFIG.replacen("[desk]\n", "[desk]\nhold = \"30s\"\n", 1);
    let mut desk = Desk::open_with(&config).await;
    desk.take(
        "Message-ID: <first@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
         Subject: Lamp\n\nIt is broken.\n",
    )
    .await;
    desk
}

async fn anna(desk: &mut Desk, number: usize, words: &str) {
    anna_copies(desk, number, words, "").await;
}

/// Our mail server vouches for her, so that her key stays though others see it.
async fn anna_copies(desk: &mut Desk, number: usize, words: &str, cc: &str) {
    let vouched = "Authentication-Results: mx.shop.example; dmarc=pass header.from=shop.example\n";
    let head = format!("{vouched}{}{cc}", reply_head(desk.latest_for("anna@shop.example", "", "new").unwrap()));
    let mail = format!("Message-ID: <anna-{number}@shop.example>\nFrom: anna@shop.example\n{head}\n{words}\n");
    desk.take(&mail).await;
}

/// Anna answers what Ewa wrote before her second mail; the head of a reply to the question about it.
async fn held(desk: &mut Desk) -> String {
    desk.take(
        "Message-ID: <second@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
         In-Reply-To: <first@client.example>\nSubject: Re: Lamp\n\nIt works again.\n",
    )
    .await;
    anna(desk, 1, "Send it back.").await;
    reply_head(desk.latest_for("anna@shop.example", "", "held").unwrap())
}

fn to_ewa(desk: &Desk) -> usize {
    desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer).count()
}

fn told_jan(desk: &Desk) -> usize {
    desk.sent.iter().filter(|sent| sent.recipient == "jan@shop.example").count()
}

#[tokio::test(start_paused = true)]
async fn an_answer_leaves_when_its_hold_is_over_and_its_colleagues_are_told_then() {
    let mut desk = opened().await;
    let told = told_jan(&desk);
    anna(&mut desk, 1, "Send it back.").await;
    desk.wait(Duration::from_secs(29)).await;
    assert_eq!((to_ewa(&desk), told_jan(&desk)), (0, told));
    desk.wait(Duration::from_secs(1)).await;
    assert_eq!(to_ewa(&desk), 1);
    // Jan was told of the ticket less than two minutes ago.
    desk.wait(Duration::from_mins(2)).await;
    assert_eq!(told_jan(&desk), told + 1);
    anna(&mut desk, 2, "#cancel").await;
    let notice = desk.latest("anna@shop.example").unwrap();
    assert!(notice.mail.text.contains("too late"), "{}", notice.mail.text);
    assert_eq!(desk.tickets().await[0].status, Status::Waiting);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_answer_never_leaves_and_its_ticket_stands_as_before() {
    let mut desk = opened().await;
    let told = told_jan(&desk);
    anna(&mut desk, 1, "#close\nSend it back.").await;
    let ticket = desk.tickets().await.remove(0);
    assert_eq!((ticket.status, ticket.assignee.is_some()), (Status::Closed, true));
    desk.wait(Duration::from_secs(10)).await;
    assert_eq!(
        desk.rows("story"),
        1,
        "Jan was told of the ticket a moment ago: the news of the answer is kept for him"
    );
    anna(&mut desk, 2, "#cancel").await;
    assert_eq!((desk.rows("story"), desk.rows("kept_news")), (0, 0), "nothing tells that it was answered");
    let ticket = desk.tickets().await.remove(0);
    assert_eq!((ticket.status, ticket.assignee), (Status::New, None));
    desk.wait(Duration::from_hours(1)).await;
    assert_eq!((to_ewa(&desk), told_jan(&desk)), (0, told), "neither the answer nor the news of it");
    let messages = desk.store.read(|view| view.messages(NUMBER)).await.unwrap();
    let public = messages.iter().filter(|message| message.visibility == Visibility::Public);
    assert_eq!(public.count(), 1, "Ewa's mail alone: a customer never reads the rest");
    anna(&mut desk, 3, "#cancel").await;
    let notice = desk.latest("anna@shop.example").unwrap();
    assert!(notice.mail.text.contains("you have no held answer"), "{}", notice.mail.text);
}

#[tokio::test(start_paused = true)]
async fn what_changed_since_an_answer_stays_when_it_is_withdrawn() {
    let mut desk = opened().await;
    anna(&mut desk, 1, "Send it back.").await;
    desk.take(
        "Message-ID: <second@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
         In-Reply-To: <first@client.example>\nSubject: Re: Lamp\n\nIt works again.\n",
    )
    .await;
    anna(&mut desk, 2, "#cancel").await;
    let ticket = desk.tickets().await.remove(0);
    assert_eq!((ticket.status, ticket.assignee), (Status::Open, None), "her mail opened it");
    desk.wait(Duration::from_hours(1)).await;
    assert_eq!(to_ewa(&desk), 0);
}

#[tokio::test(start_paused = true)]
async fn what_else_was_kept_stays_and_nobody_hears_of_an_answer_that_may_be_taken_back() {
    let config = CONFIG.replacen("[desk]\n", "[desk]\nhold = \"10m\"\n", 1);
    let mut desk = Desk::open_with(&config).await;
    let ewa = |number: usize, words: &str| {
        format!(
            "Message-ID: <{number}@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
             Subject: {}Lamp\n\n{words}\n",
            if number == 0 { "" } else { "Re: [#1001] " }
        )
    };
    desk.take(&ewa(0, "It is broken.")).await;
    desk.take(&ewa(1, "Both bulbs, I mean.")).await;
    let told = told_jan(&desk);
    anna(&mut desk, 2, "#note\nShe means the bulbs.").await;
    anna(&mut desk, 3, "Send it back.").await;
    anna(&mut desk, 4, "#send").await;
    desk.wait(Duration::from_mins(5)).await;
    assert_eq!(told_jan(&desk), told, "not as long as the answer is here");
    anna(&mut desk, 5, "#cancel").await;
    desk.wait(Duration::from_mins(10)).await;
    let news = desk.latest("jan@shop.example").unwrap();
    assert_eq!((told_jan(&desk), to_ewa(&desk)), (told + 1, 0));
    assert!(news.mail.text.contains("Both bulbs") && news.mail.text.contains("She means"), "{}", news.mail.text);
    assert!(!news.mail.text.contains("Send it back"), "{}", news.mail.text);
}

#[tokio::test(start_paused = true)]
async fn only_its_own_agent_takes_an_answer_back() {
    let mut desk = opened().await;
    let head = reply_head(desk.latest("jan@shop.example").unwrap());
    anna(&mut desk, 1, "Send it back.").await;
    desk.take(&format!("Message-ID: <jan-1@shop.example>\nFrom: jan@shop.example\n{head}\n#cancel\n")).await;
    desk.wait(Duration::from_mins(1)).await;
    assert_eq!(to_ewa(&desk), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_let_go_is_withdrawn_by_reply_to_the_question_about_it() {
    let mut desk = opened().await;
    let head = held(&mut desk).await;
    for (number, word) in ["#send", "#cancel"].iter().enumerate() {
        desk.take(&format!("Message-ID: <word-{number}@shop.example>\nFrom: anna@shop.example\n{head}\n{word}\n"))
            .await;
        desk.wait(Duration::from_secs(10)).await;
    }
    assert_eq!(desk.tickets().await[0].status, Status::New, "as before the answer");
    desk.wait(Duration::from_hours(1)).await;
    assert_eq!(to_ewa(&desk), 0);
    desk.take(&format!("Message-ID: <late@shop.example>\nFrom: anna@shop.example\n{head}\n#cancel\n")).await;
    let notice = desk.latest("anna@shop.example").unwrap();
    assert!(notice.mail.text.contains("was discarded, as you said"), "{}", notice.mail.text);
}

#[tokio::test(start_paused = true)]
async fn who_joined_by_a_withdrawn_answer_gets_nothing_that_follows() {
    let mut desk = opened().await;
    anna_copies(&mut desk, 1, "Send it back.", "Cc: wrong@courier.example\n").await;
    anna(&mut desk, 10, "#send").await;
    anna(&mut desk, 2, "#cancel").await;
    anna(&mut desk, 3, "Please send it back.").await;
    desk.wait(Duration::from_hours(1)).await;
    let answers = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Answer);
    assert_eq!(answers.map(|sent| sent.recipient.as_str()).collect::<Vec<_>>(), ["ewa@client.example"]);
    anna_copies(&mut desk, 4, "The courier comes.", "Cc: fast@courier.example\n").await;
    anna(&mut desk, 11, "#send").await;
    desk.wait(Duration::from_hours(1)).await;
    anna(&mut desk, 5, "He is on his way.").await;
    desk.wait(Duration::from_hours(1)).await;
    assert_eq!(to_ewa(&desk), 5, "two answers for two, and one for one");
}

#[tokio::test(start_paused = true)]
async fn a_second_cancel_of_a_dropped_answer_takes_no_other_back() {
    let mut desk = opened().await;
    let head = held(&mut desk).await;
    let cancel =
        |number: u8| format!("Message-ID: <word-{number}@shop.example>\nFrom: anna@shop.example\n{head}\n#cancel\n");
    desk.take(&cancel(1)).await;
    desk.wait(Duration::from_mins(3)).await;
    let told = reply_head(desk.latest("anna@shop.example").unwrap());
    desk.take(&format!("Message-ID: <anna-2@shop.example>\nFrom: anna@shop.example\n{told}\nGood to hear.\n")).await;
    desk.take(&cancel(2)).await;
    let notice = desk.latest("anna@shop.example").unwrap();
    assert!(notice.mail.text.contains("was discarded, as you said"), "{}", notice.mail.text);
    desk.wait(Duration::from_hours(1)).await;
    assert_eq!(to_ewa(&desk), 1, "the other answer leaves");
}

#[tokio::test(start_paused = true)]
async fn words_beside_a_move_are_dropped_or_taken_back_and_the_move_stays() {
    for words in [&["#cancel"][..], &["#send", "#cancel"]] {
        let mut desk = opened().await;
        anna(&mut desk, 1, "#move billing\nBilling writes to you.").await;
        assert_eq!(desk.tickets().await[0].department.as_str(), "billing");
        for (index, word) in (2..).zip(words) {
            anna(&mut desk, index, word).await;
        }
        desk.wait(Duration::from_hours(1)).await;
        let ticket = desk.tickets().await.remove(0);
        assert_eq!(to_ewa(&desk), 0, "{words:?}");
        assert_eq!((ticket.department.as_str(), ticket.status), ("billing", Status::New), "{words:?}");
    }
}
