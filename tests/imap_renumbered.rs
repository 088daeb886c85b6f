//! UIDVALIDITY changes in five ways: no second ticket, nothing sent for what was known, and what came meanwhile is found.
//!
//! `POSTROOM_RENUMBERED` is the number of mails in the folder (300 without it; the full dose is 10000).
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "support/scene.rs"]
mod scene;
#[path = "support/scripted.rs"]
mod scripted;

use std::sync::atomic::{AtomicUsize, Ordering};

use scene::{Scene, mails};
use scripted::{Held, HeldFolder, Server, always, hurry, say};

/// Mails that come in between, each time.
const NEW: usize = 20;

/// A server with old mails, and new ones to come.
struct Case {
    scene: Scene,
    texts: Vec<String>,
    there: AtomicUsize,
}

impl Case {
    /// All mails taken; then what is due on the server (`\Seen`) can no longer be done.
    async fn new(extra: &str) -> Self {
        let old: usize = std::env::var("POSTROOM_RENUMBERED").map_or(300, |text| text.parse().unwrap());
        let texts: Vec<String> =
            mails(u32::try_from(old + 10 * NEW).unwrap()).into_iter().map(|(_, text)| text).collect();
        let server = Server::holding(Vec::new(), Vec::new(), None).await;
        let case = Self { scene: Scene::on(server, &format!("import = \"all\"\n{extra}")), texts, there: 0.into() };
        case.renumber(7, 1, old);
        case.scene.server.rule(always("UID STORE", &[say("TAG NO not now\r\n")]));
        case.look().await;
        assert_eq!(case.tickets(), old);
        assert_eq!(case.outgoing(), 0, "mail that is older than a day sends nothing");
        case
    }

    /// As many more mails, all numbered from `first` on under this UIDVALIDITY.
    fn renumber(&self, uid_validity: u32, first: u32, more: usize) {
        let old = self.there.load(Ordering::Relaxed);
        let there = self.there.fetch_add(more, Ordering::Relaxed) + more;
        let now = postroom::clock::Clock::System.now().strftime("%d-%b-%Y %H:%M:%S %z").to_string();
        let texts = self.texts.iter().take(there).enumerate();
        let mails: Vec<Held> = (first..)
            .zip(texts)
            .map(|(uid, (index, text))| {
                let held = Held::old(uid, text);
                if old > 0 && index >= self.first_new() { Held { date: now.clone(), ..held } } else { held }
            })
            .collect();
        let uid_next = mails.last().map(|mail| mail.uid + 1);
        self.scene.server.change(|folder| {
            *folder = HeldFolder { uid_validity, uid_next, announce: true, mails };
        });
    }

    fn first_new(&self) -> usize {
        self.texts.len() - 10 * NEW
    }

    async fn look(&self) {
        self.scene.mailbox().run_once().await.unwrap();
    }

    fn tickets(&self) -> usize {
        usize::try_from(self.scene.count("SELECT count(*) FROM ticket")).unwrap()
    }

    fn outgoing(&self) -> i64 {
        self.scene.count("SELECT count(*) FROM outbox")
    }

    /// One ticket a mail, something sent for new mails alone, and nothing due under a numbering that is over.
    fn check(&self) {
        let there = self.there.load(Ordering::Relaxed);
        assert_eq!(self.tickets(), there);
        let known = self.scene.count(&format!(
            "SELECT count(*) FROM outgoing WHERE ticket < (SELECT min(number) FROM ticket) + {}",
            self.first_new()
        ));
        assert_eq!(known, 0, "something is sent for mails that were known");
        let new = i64::try_from(there - self.first_new()).unwrap();
        // a notification each; acknowledgements depend on the department
        assert!(self.outgoing() >= new, "{} mails for {new} new ones", self.outgoing());
        let due = "SELECT count(*) FROM ledger WHERE action_done = 0 AND mail IS NOT NULL
                   AND folder <> (SELECT max(id) FROM folder)";
        assert_eq!(self.scene.count(due), 0, "actions under a numbering that is over are dropped");
        let rows = self.scene.count("SELECT count(*) FROM ledger WHERE folder = (SELECT max(id) FROM folder)");
        assert_eq!(usize::try_from(rows).unwrap(), there, "every UID that stands there has a fate");
    }
}

#[tokio::test]
async fn changed_at_a_start() {
    let case = Case::new("after = \"seen\"").await;
    case.renumber(8, 1, NEW);
    case.look().await;
    case.check();
}

#[tokio::test]
async fn changed_in_the_middle_of_a_session() {
    let case = Case::new("after = \"seen\"\nidle = false").await;
    let changed = std::sync::atomic::AtomicBool::new(false);
    let done = async || {
        if case.scene.server.heard("NOOP") && !changed.swap(true, Ordering::Relaxed) {
            case.renumber(8, 50, NEW);
        }
        changed.load(Ordering::Relaxed) && case.tickets() == case.there.load(Ordering::Relaxed)
    };
    tokio::select! {
        () = case.scene.watch(done) => {}
        () = hurry() => {}
    }
    case.look().await;
    case.check();
}

#[tokio::test]
async fn changed_three_times_in_a_row() {
    let case = Case::new("after = \"seen\"").await;
    for (uid_validity, first) in [(8, 3), (9, 1), (10, 1000)] {
        case.renumber(uid_validity, first, NEW);
        case.look().await;
        case.check();
    }
    // and three times before anybody looks
    for uid_validity in [11, 12, 13] {
        case.renumber(uid_validity, uid_validity, NEW);
    }
    case.look().await;
    case.check();
}

#[tokio::test]
async fn back_to_an_old_value_under_which_uids_name_other_mails() {
    let case = Case::new("after = \"seen\"").await;
    for (uid_validity, first) in [(8, 1), (7, 2), (8, 4)] {
        case.renumber(uid_validity, first, NEW);
        case.look().await;
        case.check();
    }
    eprintln!("{} rows", case.scene.count("SELECT count(*) FROM ledger"));
}

#[tokio::test]
async fn the_folder_is_deleted_and_made_again() {
    for uid_validity in [7, 8] {
        let case = Case::new("after = \"seen\"").await;
        let fates = case.scene.fates().await;
        case.scene.server.rule(always("SELECT", &[say("TAG NO [NONEXISTENT] no such folder\r\n")]));
        case.look().await;
        assert_eq!(case.scene.fates().await, fates);
        case.scene.server.heal();
        // made again and filled by its owner; once under the UIDVALIDITY of before, with fewer mails and lower numbers
        case.scene.server.change(|folder| {
            *folder = HeldFolder { uid_validity, uid_next: Some(1), announce: false, mails: Vec::new() };
        });
        case.look().await;
        assert_eq!(case.tickets(), case.there.load(Ordering::Relaxed));
        case.renumber(uid_validity, 1, NEW);
        case.scene.server.change(|folder| {
            folder.mails.drain(..3 * NEW);
            for (uid, mail) in (1..).zip(&mut folder.mails) {
                mail.uid = uid;
            }
            folder.uid_next = folder.mails.last().map(|mail| mail.uid + 1);
        });
        case.look().await;
        assert_eq!(case.tickets(), case.there.load(Ordering::Relaxed), "UIDVALIDITY {uid_validity}");
    }
}
