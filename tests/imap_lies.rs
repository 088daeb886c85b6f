//! Ten lies at fifty places of a conversation: once the server is honest again, every mail has arrived, once and whole.
//!
//! `POSTROOM_LIES=500` tells all of them; without it every eighth. Time-outs run by a clock that is in a hurry.

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;

use std::collections::BTreeMap;

use postroom::model::digest::sha256;
use scene::{Scene, mails};
use scripted::lies::{LIES, Planned};
use scripted::{Held, Server, hurry};

const MAILS: u32 = 50;
const PLACES: usize = 50;
/// Responses of the whole conversation: greeting, capabilities, login, folder, list, sizes and bodies.
const RESPONSES: usize = 115;

#[tokio::test]
async fn after_a_lie_at_any_place_every_mail_arrives_once() {
    let dose: usize = std::env::var("POSTROOM_LIES").map_or(60, |text| text.parse().unwrap());
    let all: Vec<Planned> =
        (0..PLACES).flat_map(|place| LIES.map(|lie| Planned { lie, place: place * RESPONSES / PLACES })).collect();
    let step = (all.len() / dose.clamp(1, all.len())).max(1);
    // not a divisor of ten, so that every kind of lie has its turn
    let step = if step > 1 && step.is_multiple_of(2) { step + 1 } else { step };
    let mut told = 0;
    for planned in all.iter().step_by(step) {
        told += usize::from(check(*planned).await);
    }
    let cases = all.len().div_ceil(step);
    eprintln!("{told} of {cases} lies were told");
    assert_eq!(told, cases, "a place that the conversation does not reach proves nothing");
}

async fn check(planned: Planned) -> bool {
    let texts = mails(MAILS);
    let held = texts.iter().map(|(uid, text)| Held::old(*uid, text)).collect();
    let scene = Scene::on(Server::holding(held, Vec::new(), Some(planned)).await, "import = \"all\"\nidle = false");
    let expected = BTreeMap::from([("ticket".to_owned(), i64::from(MAILS))]);
    tokio::select! {
        () = scene.watch(async || scene.fates().await.get("ticket") == expected.get("ticket") && scene.server.lied()) => {}
        () = hurry() => {}
    }
    assert_eq!(scene.fates().await, expected, "{planned:?}");
    let mut hashes: Vec<Vec<u8>> = texts.iter().map(|(_, text)| sha256(text.as_bytes()).to_vec()).collect();
    hashes.sort();
    assert!(scene.hashes() == hashes, "{planned:?}: a mail is not as it was sent");
    assert_eq!(scene.count("SELECT count(*) FROM ticket"), i64::from(MAILS), "{planned:?}");
    scene.server.lied()
}
