//! Whose matter a mail is: forms, relays and aliases; other helpdesks' numbers.

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;
use postroom::model::ticket::Status;

use super::desk::Desk;
use super::script::reply_head;

fn receipts(desk: &Desk) -> Vec<&str> {
    let receipts = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Acknowledgement);
    receipts.map(|sent| sent.recipient.as_str()).collect()
}

async fn history(desk: &Desk, number: i64) -> String {
    let events = desk.store.read(move |view| view.events(TicketNumber(number))).await.unwrap();
    events.iter().map(|event| format!("{}: {}", event.kind.word(), event.kind)).collect::<Vec<_>>().join("\n")
}

fn form(number: usize, from: &str, more: &str) -> String {
    format!(
        "Message-ID: <form{number}@web.example>\nFrom: {from}\nReply-To: ola{number}@client.example\nTo: info@shop.example\n\
         Subject: Contact form\n{more}\nThe zip of {number} is broken.\n"
    )
}

#[tokio::test(start_paused = true)]
async fn thirty_forms_of_thirty_people_are_thirty_tickets_each_of_its_own_person() {
    for (from, due) in [
        ("WordPress <wordpress@shop.example>", 30),
        ("Example Shop <info@shop.example>", 30),
        ("Forms <forms@agency.example>", 20),
        ("Jotform <noreply@forms.example>", 20),
    ] {
        let mut desk = Desk::open().await;
        for number in 0..30 {
            desk.take(&form(number, from, "")).await;
        }
        let tickets = desk.tickets().await;
        let requesters: Vec<_> = tickets.iter().map(|ticket| ticket.requester.address.to_string()).collect();
        let people: Vec<_> = (0..30).map(|number| format!("ola{number}@client.example")).collect();
        assert_eq!(requesters, people, "{from}");
        assert!(tickets.iter().all(|ticket| ticket.participants.len() == 1), "{from} is on no ticket");
        assert_eq!(
            receipts(&desk),
            people[..due],
            "{from}: one receipt each, and nobody writes to the world through us"
        );
        let history = history(&desk, 1001).await;
        assert!(history.contains("requester: ola0@client.example: Reply-To names them alone"), "{history}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_a_form_goes_to_the_human_and_their_next_mail_joins() {
    let mut desk = Desk::open().await;
    desk.take(&form(1, "Forms <forms@agency.example>", "").replace("info@", "returns@")).await;
    let head = reply_head(desk.latest("anna@shop.example").unwrap());
    let (_, sent) = desk.take(&format!("Message-ID: <a@anna>\nFrom: anna@shop.example\n{head}\nSend it back.\n")).await;
    let answers = desk.sent[sent..].iter().filter(|sent| sent.kind == OutgoingKind::Answer);
    assert_eq!(answers.map(|sent| sent.recipient.as_str()).collect::<Vec<_>>(), ["ola1@client.example"]);
    for (number, from) in
        [(1, "From: ola1@client.example"), (2, "From: forms@agency.example\nReply-To: ola1@client.example")]
    {
        let head = reply_head(desk.latest("ola1@client.example").unwrap());
        let (fate, _) =
            desk.take(&format!("Message-ID: <o{number}@client.example>\n{from}\n{head}\nDone ({number}).\n")).await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(1001)), "{from}");
    }
    let (fate, _) = desk
        .take("Message-ID: <x@agency.example>\nFrom: forms@agency.example\nTo: info@shop.example\nSubject: Re: [#1001] Contact form\n\nx\n")
        .await;
    assert_eq!(fate, Fate::Ticket(TicketNumber(1002)), "the agency itself is nobody on the ticket");
}

#[tokio::test(start_paused = true)]
async fn our_own_form_is_acknowledged_to_its_visitor_though_a_machine_sent_it() {
    for (mail, visitor) in [
        (form(3, "noreply <noreply@shop.example>", "Auto-Submitted: auto-generated\n"), "ola3@client.example"),
        (form(4, "Forms <forms@agency.example>", "Auto-Submitted: auto-generated\n"), "ola4@client.example"),
        (
            "Message-ID: <f@shop.example>\nFrom: Example Shop website <info@shop.example>\nTo: info@shop.example\n\
             Subject: Contact form\n\nName: Ola Nowak\nE-Mail: ola5@client.example\n\nThe zip is broken.\n"
                .to_owned(),
            "ola5@client.example",
        ),
    ] {
        let mut desk = Desk::open().await;
        desk.take(&mail).await;
        assert_eq!(desk.tickets().await[0].requester.address.as_str(), visitor);
        assert_eq!(receipts(&desk), [visitor]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reply_to_of_ours_of_an_agent_or_of_a_list_leaves_the_author_the_requester() {
    for (number, more) in [
        "Reply-To: returns@shop.example",
        "Reply-To: anna@shop.example",
        "Reply-To: info+1001.anna.x@shop.example",
        "Reply-To: lamps@lists.example\nList-Id: <lamps.lists.example>",
    ]
    .into_iter()
    .enumerate()
    {
        let mut desk = Desk::open().await;
        desk.take(&format!(
            "Message-ID: <{number}@client.example>\nFrom: Kim <kim@client.example>\n{more}\nTo: info@shop.example\nSubject: Lamp\n\nHello\n"
        ))
        .await;
        assert_eq!(desk.tickets().await[0].requester.address.as_str(), "kim@client.example", "{more}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_alias_that_the_envelope_proves_gets_no_copy_and_its_writer_a_receipt() {
    for (envelope, alias) in [
        ("X-Original-To: sklep@shop.example\nDelivered-To: info@shop.example\nReceived: by mx\n", "sklep@shop.example"),
        ("Envelope-To: sklep@shop.example\n", "sklep@shop.example"),
        ("Delivered-To: shop@brand.example\nReceived: by mx\n", "shop@brand.example"),
        ("Received: by mx\nDelivered-To: sklep@shop.example\n", "sklep@shop.example"),
        ("", "sklep@shop.example"),
    ] {
        let mut desk = Desk::open().await;
        let letter = |more: &str| {
            format!(
                "{envelope}Message-ID: <a@client.example>\nFrom: Pat <pat@client.example>\nTo: Sklep <{alias}>\n{more}Subject: Lamp\n\nrefund\n"
            )
        };
        desk.take(&letter("")).await;
        assert_eq!(receipts(&desk), ["pat@client.example"], "{envelope}");
        let head = reply_head(desk.latest("anna@shop.example").unwrap());
        let (_, sent) =
            desk.take(&format!("Message-ID: <b@anna>\nFrom: anna@shop.example\n{head}\nSend it back.\n")).await;
        let answers = desk.sent[sent..].iter().filter(|sent| sent.kind == OutgoingKind::Answer);
        assert_eq!(
            answers.map(|sent| sent.recipient.as_str()).collect::<Vec<_>>(),
            ["pat@client.example"],
            "{envelope}"
        );
        let more = letter("").replace("<a@", "<c@").replace("Subject: ", "Subject: Re: [#1001] ");
        assert_eq!(desk.take(&more).await.0, Fate::Ticket(TicketNumber(1001)), "{envelope}");
        assert_eq!(desk.tickets().await[0].participants.len(), 1, "the alias is nobody: {envelope}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_customers_own_address_in_delivered_to_makes_them_no_alias_of_ours() {
    let mut desk = Desk::open().await;
    desk.take(
        "Received: by mx\nDelivered-To: lee@client.example\nMessage-ID: <a@client.example>\nFrom: pat@client.example\n\
         To: info@shop.example\nCc: lee@client.example\nSubject: Lamp\n\nHello\n",
    )
    .await;
    assert_eq!(desk.tickets().await[0].participants.len(), 2);
}

/// A partner's helpdesk that is on our #1001, which is about pallets.
async fn with_partner() -> Desk {
    let mut desk = Desk::open().await;
    desk.take(
        "Message-ID: <first@partner.example>\nFrom: Partner <support@partner.example>\nTo: returns@shop.example\n\
         Subject: Pallets for December\n\nHow many?\n",
    )
    .await;
    desk
}

#[tokio::test(start_paused = true)]
async fn a_number_above_another_subject_joins_nothing_and_a_foreign_number_hides_ours_not() {
    for (subject, ticket) in [
        ("Re: [#1001] Pallets for December", 1001),
        ("[#77] Re: [#1001] Pallets for December", 1001),
        ("Re: [#1001] Pallets for December [#1002]", 1001),
        ("Re: [#1001] Pallets for\n December", 1001),
        ("[EXTERNAL] RE: [#1001] Pallets for December", 1001),
        ("Re: [#1001]", 1001),
        ("[#1001] Invoice 7 is overdue", 1002),
        ("Re: [#1001] Pallets", 1002),
        ("Re: [Ticket#1001] other", 1002),
        ("Order #1001 late", 1002),
    ] {
        let mut desk = with_partner().await;
        let (fate, _) = desk
            .take(&format!(
                "Message-ID: <second@partner.example>\nFrom: support@partner.example\nTo: info@shop.example\nSubject: {subject}\n\nx\n"
            ))
            .await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(ticket)), "{subject}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_customers_helpdesk_finds_its_own_number_in_all_that_we_send() {
    for (subject, numbers, ours) in [
        ("Re: [#55512] Your delivery", "[#1001] [#55512]", "Re: [#1001] [#55512] Your delivery"),
        ("[#55512] Re: Your delivery", "[#1001] [#55512]", "Re: [#1001] [#55512] Your delivery"),
        ("[#9999999999] big", "[#1001] [#9999999999]", "Re: [#1001] [#9999999999] big"),
        ("[JIRA] (PROJ-12) x", "[#1001]", "Re: [#1001] [JIRA] (PROJ-12) x"),
        ("[#1001] theirs, by chance", "[#1001]", "Re: [#1001] theirs, by chance"),
    ] {
        let mut desk = Desk::open().await;
        desk.take(&format!(
            "Message-ID: <a@partner.example>\nFrom: support@partner.example\nTo: returns@shop.example\nSubject: {subject}\n\nHello\n"
        ))
        .await;
        let receipt = &desk.latest("support@partner.example").unwrap().mail.subject;
        assert_eq!(*receipt, format!("{numbers} Example Shop: we have your message"));
        let head = reply_head(desk.latest("anna@shop.example").unwrap());
        desk.take(&format!("Message-ID: <b@anna>\nFrom: anna@shop.example\n{head}\nIt left today.\n")).await;
        assert_eq!(desk.latest("support@partner.example").unwrap().mail.subject, ours);
        let last = "Message-ID: <c@partner.example>\nFrom: support@partner.example\nTo: info@shop.example\n";
        let (fate, _) = desk.take(&format!("{last}Subject: Re: {ours}\n\nThank you\n")).await;
        assert_eq!(fate, Fate::Ticket(TicketNumber(1001)), "{subject}");
        assert_eq!(desk.tickets().await[0].status, Status::Open);
    }
}
