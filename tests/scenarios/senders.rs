//! What our own mail server says of a customer's mail: believed when it is ours and says it clearly, shown in each notification.

use std::time::Duration;

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::Desk;
use super::script::reply_head;

const ANNA: &str = "anna@shop.example";

fn verdict(desk: &Desk) -> String {
    let head = String::from_utf8_lossy(&desk.latest(ANNA).unwrap().bytes).into_owned();
    head.lines().find_map(|line| line.strip_prefix("X-Postroom-Sender: ")).unwrap_or("none").trim().to_owned()
}

#[tokio::test(start_paused = true)]
async fn twenty_six_forms_of_a_verdict_are_read_as_they_are_meant() {
    let ours = "Authentication-Results: mx.shop.example";
    let near = "Received: from mx.shop.example by imap.shop.example; Sun, 22 Nov 2026 10:00:00 +0100\n";
    let foreign = "Received: from a by relay.evil.example; Sun, 22 Nov 2026 10:00:00 +0100\n";
    let forms = [
        (format!("{ours}; dmarc=pass header.from=client.example\n"), "verified"),
        (
            format!("{ours} 1; spf=pass smtp.mailfrom=x.example; dmarc=pass (p=none) header.from=CLIENT.example.\n"),
            "verified",
        ),
        (
            format!("{ours};\n dkim=pass header.d=y;\n DMARC/1 = Pass (p=reject) header.from=client.example\n"),
            "verified",
        ),
        (format!("{near}{ours}; dmarc=pass header.from=client.example\n"), "verified"),
        (format!("{ours}; dmarc=pass header.from=client.example\n{ours}; dmarc=none\n"), "verified"),
        ("Authentication-Results: MX.Shop.Example.; dmarc=pass header.from=client.example\n".to_owned(), "verified"),
        (format!("{ours}; dmarc=fail header.from=client.example\n"), "failed"),
        (format!("{ours}; DMARC=FAIL action=quarantine\n"), "failed"),
        (format!("{ours};\n spf=pass;\n dkim=pass header.d=client.example;\n dmarc = fail (p=reject)\n"), "failed"),
        (format!("{near}{ours}; dmarc=fail\n"), "failed"),
        (format!("{ours}; dmarc=fail (dmarc=pass header.from=client.example)\n"), "failed"),
        (format!("{ours}; dmarc=fail reason=\"; dmarc=pass header.from=client.example\"\n"), "failed"),
        (format!("{ours}; dmarc=pass header.from=client.example; dmarc=fail\n"), "failed"),
        (format!("{ours}; spf=none\n{ours}; dmarc=fail\n"), "failed"),
        (format!("{ours}; dmarc=fail\n{ours}; dmarc=pass header.from=client.example\n"), "failed"),
        (String::new(), "unknown"),
        (format!("{ours}; none\n"), "unknown"),
        (format!("{ours}; dmarc=none header.from=client.example\n"), "unknown"),
        (format!("{ours}; dmarc=temperror\n"), "unknown"),
        (format!("{ours}; dmarc=pass\n"), "unknown"),
        (format!("{ours}; dmarc=pass header.from=evil.example\n"), "unknown"),
        (format!("{ours}; dmarc=none\n{ours}; dmarc=pass header.from=client.example\n"), "unknown"),
        (format!("{foreign}{ours}; dmarc=pass header.from=client.example\n"), "unknown"),
        (format!("{foreign}{ours}; dmarc=fail\n"), "unknown"),
        ("Authentication-Results: mx.evil.example; dmarc=pass header.from=client.example\n".to_owned(), "unknown"),
        (
            "ARC-Authentication-Results: i=1; mx.shop.example; dmarc=pass header.from=client.example\n".to_owned(),
            "unknown",
        ),
    ];
    for (number, (head, expected)) in forms.into_iter().enumerate() {
        let mut desk = Desk::open().await;
        let mail = "From: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Lamp\n\nIt is broken.\n";
        desk.take(&format!("{head}Message-ID: <{number}@client.example>\n{mail}")).await;
        assert_eq!(verdict(&desk), expected, "{head}");
        let warned = desk.latest(ANNA).unwrap().mail.text.contains("DMARC failed");
        assert_eq!(warned, expected == "failed", "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_notification_bears_the_verdict_on_the_mail_that_it_shows() {
    let mut desk = Desk::open().await;
    let results =
        |result: &str| format!("Authentication-Results: mx.shop.example; dmarc={result} header.from=client.example\n");
    let first = "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Lamp\n\nBroken.\n";
    desk.take(&format!("{}{first}", results("pass"))).await;
    assert_eq!(verdict(&desk), "verified");
    let receipt = desk.latest("ewa@client.example").unwrap().mail.message_id.clone().unwrap();
    let again = |number: usize, result: &str| {
        format!(
            "{}Message-ID: <{number}@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\n\
             In-Reply-To: <{receipt}>\nSubject: Re: Lamp\n\nWords {number}.\n",
            results(result)
        )
    };
    // Told together, the worse one counts, and stands where it belongs.
    for (number, result) in [(2, "fail"), (3, "pass")] {
        assert_eq!(desk.take(&again(number, result)).await.0, Fate::Ticket(TicketNumber(1001)));
    }
    desk.wait(Duration::from_mins(10)).await;
    assert_eq!(verdict(&desk), "failed");
    assert_eq!(desk.latest(ANNA).unwrap().mail.text.matches("DMARC failed").count(), 1);
    // What tells of no new mail bears the verdict on the latest one.
    desk.take(&again(4, "fail")).await;
    desk.wait(Duration::from_mins(10)).await;
    let head = reply_head(desk.latest("jan@shop.example").unwrap());
    desk.take(&format!("Message-ID: <j@jan>\nFrom: jan@shop.example\n{head}\n#assign anna\n")).await;
    desk.wait(Duration::from_mins(10)).await;
    assert_eq!(verdict(&desk), "failed");
    desk.take(&again(5, "none")).await;
    desk.wait(Duration::from_mins(10)).await;
    assert_eq!(verdict(&desk), "unknown");
}

#[tokio::test(start_paused = true)]
async fn a_forward_in_an_agents_name_that_nothing_proves_comes_back() {
    let without = super::desk::CONFIG.replace("authserv_id = \"mx.shop.example\"\n", "");
    for config in [super::desk::CONFIG, &without] {
        for command in ["#fwd", "#FWD please", "#forward", "№fwd", "\n\n#fwd"] {
            let mut desk = Desk::open_with(config).await;
            let mail = format!(
                "Message-ID: <f@shop.example>\nFrom: Anna Nowak <{ANNA}>\nTo: returns@shop.example\nSubject: Fwd: Lamp\n\n{command}\n\n\
                 ---------- Forwarded message ---------\nFrom: Ewa <ewa@client.example>\nDate: Sat, 21 Nov 2026 08:00:00 +0100\n\
                 Subject: Lamp\nTo: Anna\n\nIt is broken.\n"
            );
            let (fate, _) = desk.take(&mail).await;
            assert!(matches!(fate, Fate::Ignored(_)), "{fate:?} of {command}");
            assert!(desk.tickets().await.is_empty(), "{command}");
            let to: Vec<_> = desk.sent.iter().map(|sent| (sent.recipient.as_str(), sent.kind)).collect();
            assert_eq!(to, [(ANNA, OutgoingKind::Notice)], "{command}");
        }
    }
}
