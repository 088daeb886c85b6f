//! A desk whose domain has letters of its own, as people write them: mails in either form of the domain are its own, and what it
//! sends is said in ASCII, to a server that knows nothing else.

mod support;

use support::sink::Sink;
use support::*;

const PEOPLE: &str = r#"
[[agent]]
id = "anna"
name = "Anna Nowak"
addresses = ["anna@bücher.example"]

[[department]]
id = "support"
name = "Support"
agents = ["anna"]
from = "Bücher Support <info@bücher.example>"
acknowledge = true

[[department]]
id = "returns"
name = "Returns"
addresses = ["returns@bücher.example"]
agents = ["anna"]
from = "Bücher Returns <returns@bücher.example>"
acknowledge = true
"#;

fn desk(sink: &Sink) -> Desk {
    let mut config = DeskConfig::shop().plain_smtp(sink.port);
    PEOPLE.clone_into(&mut config.people);
    config.mailboxes.push(
        "id = \"info\"\naddress = \"info@bücher.example\"\nmaildir = \"info\"\ndepartment = \"support\"\npoll = \"1s\"\n\
         import = \"all\""
            .to_owned(),
    );
    let mut desk = Desk::new(&config);
    desk.write_config(&config.toml().replace("domain = \"example.test\"", "domain = \"bücher.example\""));
    desk.start();
    desk
}

fn letter(number: u32, from: &str, to: &str, more: &str) -> Vec<u8> {
    format!(
        "From: Pat <{from}>\r\nTo: {to}\r\nMessage-ID: <i{number}@client.example>\r\nDate: Mon, 30 Nov 2026 10:11:12 +0100\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n{more}\r\n\r\n\
         Hello\r\n"
    )
    .into_bytes()
}

#[test]
fn a_desk_under_a_domain_of_its_own_letters_knows_itself_and_its_customers_and_sends_ascii() {
    let sink = Sink::start();
    let mut desk = desk(&sink);
    let customer = "pat@xn--kse-qla.example";
    desk.deliver("info", &letter(1, "pat@KÄSE.example", "returns@xn--bcher-kva.example", "Subject: Question"));
    desk.settled(1);
    let ticket = desk.ticket(1001);
    assert_eq!(ticket["department"], "returns", "{ticket}");
    assert_eq!(ticket["requester"]["address"], customer, "{ticket}");
    assert_eq!(ticket["participants"].as_array().map(Vec::len), Some(1), "no copy to ourselves: {ticket}");
    let receipt = &sink.taken_for(customer)[0];
    assert_eq!(receipt.mail.author().1, "returns@xn--bcher-kva.example");

    let told = &sink.taken_for("anna@xn--bcher-kva.example")[0];
    let answer_address = told.mail.answer_address();
    assert!(answer_address.ends_with("@xn--bcher-kva.example"), "{answer_address}");
    let in_letters = answer_address.replace("xn--bcher-kva", "bücher");
    let head = format!("Subject: Re: {}\r\nIn-Reply-To: <{}>", told.mail.subject(), told.mail.message_id());
    desk.deliver("info", &letter(2, "anna@bücher.example", &in_letters, &head));
    desk.settled(2);
    let answers = sink.taken_for(customer);
    assert_eq!(answers.len(), 2, "{}", desk.ticket(1001));
    assert_eq!(answers[1].from, "returns@xn--bcher-kva.example");
    assert_eq!(desk.ticket(1001)["status"], "waiting");

    let head = format!("Subject: Re: {}", answers[1].mail.subject());
    desk.deliver("info", &letter(3, "Pat@xn--kse-qla.example", "info@bücher.example", &head));
    desk.settled(3);
    assert_eq!(desk.tickets().len(), 1, "the other form of the domain is the same customer");
    assert_eq!(desk.ticket(1001)["status"], "open");
    for taken in sink.taken() {
        assert!(taken.mail.raw.is_ascii() && taken.to.iter().all(|to| to.is_ascii()), "{taken:?}");
    }
}
