//! Files of an answer that show an agent's own address: the answer waits, and its agent is told which file and which address.

use postroom::model::outgoing::OutgoingKind;

use super::desk::Desk;
use super::script::reply_head;

/// A part of a mail: its type with parameters, how it is written down, its content.
type File<'a> = (&'a str, &'a str, &'a str);

/// Anna answers with a file; what Ewa got, and what Anna was told last.
async fn answered((media_type, encoding, content): File<'_>, multipart: &str) -> (Option<Vec<u8>>, String, Desk) {
    let mut desk = Desk::open().await;
    let first = "Message-ID: <1@client.example>\nFrom: Ewa <ewa@client.example>\nTo: returns@shop.example\nSubject: Lamp\n\nBroken.\n";
    desk.take(first).await;
    let head = reply_head(desk.latest("anna@shop.example").unwrap());
    desk.take(&format!(
        "Message-ID: <2@mail.example>\nFrom: Anna Nowak <anna@shop.example>\n{head}MIME-Version: 1.0\n\
         Content-Type: multipart/{multipart}; boundary=\"B\"\n\n--B\nContent-Type: text/plain; charset=utf-8\n\nHere you are, Ewa.\n\
         --B\nContent-Type: {media_type}\nContent-Transfer-Encoding: {encoding}\n\n{content}\n--B--\n"
    ))
    .await;
    let answer = desk.sent.iter().find(|sent| sent.kind == OutgoingKind::Answer).map(|sent| sent.bytes.clone());
    let told = desk.latest("anna@shop.example").map(|sent| sent.mail.text.clone()).unwrap_or_default();
    (answer, told, desk)
}

const ICS: &str = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nORGANIZER;CN=Anna Nowak:mailto:anna.nowak@hom\n e.example\nSUMMARY:Visit\nEND:VEVENT\nEND:VCALENDAR";

#[tokio::test(start_paused = true)]
async fn a_file_with_an_agents_address_holds_the_answer_and_is_named() {
    let mail = "From: Anna <anna.nowak@home.example>\nTo: depot@courier.example\nSubject: parcel\n\nWhere is it?";
    let nested = "MIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\nPGI+YW5uYS5ub3dha0Bob21lLmV4YW1wbGU8L2I+";
    let files: [File<'_>; 9] = [
        ("text/calendar; method=REQUEST; name=\"visit.ics\"", "8bit", ICS),
        ("application/ics; name=\"visit.ics\"", "8bit", ICS),
        ("message/rfc822; name=\"visit.ics\"", "8bit", mail),
        ("application/octet-stream; name=\"visit.ics\"", "8bit", nested),
        ("text/html; name=\"visit.ics\"", "quoted-printable", "<p>anna.nowak&#64;home=2Eexample</p>"),
        ("text/csv; name=\"visit.ics\"", "8bit", "name;mail\nJan;JAN@shop.example;1"),
        ("application/xml; name=\"visit.ics\"", "8bit", "<author mail=\"jan@shop.example\"/>"),
        (
            "application/vnd.ms-outlook; name=\"visit.ics\"",
            "base64",
            "0M8R4GoAYQBuAEAAcwBoAG8AcAAuAGUAeABhAG0AcABsAGUA",
        ),
        ("application/octet-stream; name=\"visit.ics\"", "base64", "MIIWEWphbkBzaG9wLmV4YW1wbGU="),
    ];
    for file in files {
        let (answer, told, mut desk) = answered(file, "mixed").await;
        assert!(answer.is_none(), "{file:?} went out");
        let address = if told.contains("jan@shop.example") { "jan@shop.example" } else { "anna.nowak@home.example" };
        assert!(
            told.contains("“visit.ics”") && told.contains(address) && told.contains("Here you are"),
            "{file:?}: {told}"
        );
        // Who insists has it sent.
        let head = reply_head(desk.latest("anna@shop.example").unwrap());
        desk.take(&format!("Message-ID: <3@mail.example>\nFrom: Anna Nowak <anna@shop.example>\n{head}\n#send\n"))
            .await;
        assert!(desk.sent.iter().any(|sent| sent.kind == OutgoingKind::Answer), "{file:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_invitation_that_is_a_form_of_the_text_does_not_leave_with_an_agents_address() {
    let (answer, told, _) = answered(("text/calendar; method=REQUEST", "8bit", ICS), "alternative").await;
    let leaks = answer.is_some_and(|answer| String::from_utf8_lossy(&answer).contains("nowak"));
    assert!(!leaks, "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_file_with_addresses_of_the_desk_or_of_strangers_goes_out() {
    for file in [
        ("text/csv; name=\"a.csv\"", "8bit", "returns@shop.example;info@shop.example;depot@courier.example"),
        ("application/pdf; name=\"a.pdf\"", "base64", "JVBERi0xLjQKAAEC"),
        ("text/plain; name=\"a.txt\"", "8bit", "joanna@shop.example.org"),
    ] {
        let (answer, told, _) = answered(file, "mixed").await;
        assert!(answer.is_some(), "{file:?}: {told}");
    }
}
