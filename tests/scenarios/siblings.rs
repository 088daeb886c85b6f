//! One mail to several departments that arrives by several mailboxes, in whatever order and however often.

use postroom::model::id::TicketNumber;
use postroom::model::outgoing::OutgoingKind;
use postroom::model::plan::Fate;

use super::desk::Desk;

/// The copy that reached `address`.
fn copy(address: &str) -> String {
    format!(
        "Delivered-To: {address}\nReceived: by {address}\nMessage-ID: <one@client.example>\nFrom: Ewa <ewa@client.example>\n\
         To: returns@shop.example\nCc: Billing <billing@shop.example>\nSubject: Lamp and invoice\n\nBoth are wrong.\n"
    )
}

#[tokio::test(start_paused = true)]
async fn each_department_has_one_ticket_whichever_copy_comes_first() {
    for copies in [
        ["returns@shop.example", "billing@shop.example", "returns@shop.example"],
        ["billing@shop.example", "returns@shop.example", "billing@shop.example"],
        ["info@shop.example", "billing@shop.example", "returns@shop.example"],
    ] {
        let mut desk = Desk::open().await;
        let mut fates = Vec::new();
        for address in copies {
            fates.push(desk.take(&copy(address)).await.0);
        }
        let first = TicketNumber(1001);
        assert_eq!(
            fates,
            [Fate::Ticket(first), Fate::Duplicate(Some(first)), Fate::Duplicate(Some(first))],
            "{copies:?}"
        );
        let mut departments = Vec::new();
        for number in [1001, 1002] {
            let ticket = desk.store.read(move |view| view.ticket(TicketNumber(number))).await.unwrap().unwrap();
            assert_eq!(ticket.siblings.len(), 1, "{copies:?}");
            departments.push(ticket.department.to_string());
        }
        departments.sort();
        assert_eq!(departments, ["billing", "returns"], "{copies:?}");
        assert!(desk.store.read(|view| view.ticket(TicketNumber(1003))).await.unwrap().is_none());
        let receipts = desk.sent.iter().filter(|sent| sent.kind == OutgoingKind::Acknowledgement).count();
        assert_eq!(receipts, 1, "{copies:?}");
    }
}
