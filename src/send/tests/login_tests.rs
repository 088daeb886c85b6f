//! A submission account that refuses the password, for a day of tokio's clock: few logins, and mail leaves soon after the fault is mended.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::liar::{Act, Liar, Tls, Whim};
use super::loop_tests::{Desk, in_state};
use crate::clock::Clock;
use crate::model::outgoing::OutgoingKind;
use crate::model::policy::Smtp;
use crate::send::Timeouts;

/// One step of the clock.
const STEP: Duration = Duration::from_secs(30);
/// A mended fault is noticed after this at the latest.
const QUARTER: SignedDuration = SignedDuration::from_mins(15);

struct Scene {
    liar: Liar,
    desk: Desk,
    mended: Arc<AtomicBool>,
    logins: Arc<Mutex<Vec<Timestamp>>>,
    /// Keeps tokio's clock from running ahead of the database.
    _hold: std::sync::mpsc::Sender<()>,
}

impl Scene {
    async fn new(mails: usize) -> Self {
        let (hold, held) = std::sync::mpsc::channel();
        tokio::task::spawn_blocking(move || held.recv());
        let clock = Clock::simulated("2026-11-22T09:00:00Z".parse().unwrap());
        let (mended, logins) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let (good, noted) = (Arc::clone(&mended), Arc::clone(&logins));
        let whim: Whim = Arc::new(move |step, _| {
            (step == "auth").then_some(())?;
            noted.lock().unwrap().push(clock.now());
            (!good.load(Ordering::Relaxed)).then_some(Act::Say("535 5.7.8 wrong password"))
        });
        let liar = Liar::start_whimsical(vec![], whim, Tls::None, "127.0.0.1").await;
        let mut desk = Desk::new(Smtp::Server(liar.server_with_login()));
        (desk.clock, desk.timeouts) = (clock, Timeouts::default());
        desk.queue(OutgoingKind::Answer, 0, mails).await;
        Self { liar, desk, mended, logins, _hold: hold }
    }

    /// Lets `time` pass, in steps after each of which the loop does what there is to do.
    async fn pass(&self, time: Duration) {
        let mut passed = Duration::ZERO;
        while passed < time {
            tokio::time::advance(STEP).await;
            passed += STEP;
            self.desk.settle().await;
        }
    }

    /// Minutes until everything has left.
    async fn minutes_until_back(&self, limit: u64) -> u64 {
        for minute in 0..=limit {
            if self.desk.rows().await.is_empty() {
                return minute;
            }
            self.pass(Duration::from_mins(1)).await;
        }
        panic!("not back within {limit} minutes: {:?}", self.desk.rows().await.first());
    }

    /// Plays `play` while the outbox loop runs.
    async fn play(&self, play: impl AsyncFnOnce(&Self)) {
        tokio::select! {
            _ = self.desk.run(|_| false) => unreachable!(),
            () = play(self) => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_password_for_a_day_costs_thirty_logins_and_a_reload_ends_it_at_once() {
    let scene = Scene::new(20).await;
    scene
        .play(async |scene| {
            scene.pass(Duration::from_hours(24)).await;
            let logins = scene.logins.lock().unwrap().clone();
            println!("{} logins in a day", logins.len());
            assert!((10..=30).contains(&logins.len()), "{logins:?}");
            let gaps = logins.windows(2).map(|pair| pair[1].duration_since(pair[0]).as_secs());
            assert!(gaps.clone().all(|gap| gap >= 60), "{logins:?}");
            let first_hour = logins.iter().filter(|at| at.duration_since(logins[0]).as_hours() < 1).count();
            assert!(first_hour <= 5, "{logins:?}");
            let rows = scene.desk.rows().await;
            assert_eq!((in_state(&rows, "queued"), rows.iter().map(|row| row.attempts).sum::<u32>()), (20, 0));
            assert!(rows.iter().any(|row| row.reason.contains("535 5.7.8")), "{rows:?}");
            scene.mended.store(true, Ordering::Relaxed);
            scene.desk.settings.send(Smtp::Server(scene.liar.server_with_login())).unwrap();
            // At once, as far as twenty real connections go while the clock is turned.
            assert!(scene.minutes_until_back(15).await <= 5);
            assert_eq!(scene.liar.mails().len(), 20);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn who_mends_the_password_on_the_server_asks_for_one_mail_and_all_leave() {
    let scene = Scene::new(20).await;
    scene
        .play(async |scene| {
            scene.pass(Duration::from_hours(5)).await;
            scene.mended.store(true, Ordering::Relaxed);
            let (id, now) = (scene.desk.rows().await[3].id, scene.desk.clock.now());
            scene.desk.store.write(move |tx| tx.outbox_retry(id, now)).await.unwrap();
            assert!(scene.minutes_until_back(15).await <= 5);
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn asking_again_and_again_makes_no_storm() {
    let scene = Scene::new(1).await;
    scene
        .play(async |scene| {
            for _ in 0..60 {
                let (id, now) = (scene.desk.rows().await[0].id, scene.desk.clock.now());
                // Refused while it is being sent, which is as well.
                scene.desk.store.write(move |tx| tx.outbox_retry(id, now)).await.ok();
                scene.pass(STEP).await;
            }
            let logins = scene.logins.lock().unwrap().clone();
            assert!(logins.len() > 5, "{logins:?}");
            assert!(logins.windows(2).all(|pair| pair[1].duration_since(pair[0]).as_secs() >= 60), "{logins:?}");
        })
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_that_is_mended_soon_is_noticed_soon() {
    for minutes in [0, 3, 8, 16] {
        let scene = Scene::new(3).await;
        scene
            .play(async |scene| {
                scene.pass(Duration::from_mins(minutes)).await;
                let (mended, refused) = (scene.desk.clock.now(), scene.logins.lock().unwrap().len());
                scene.mended.store(true, Ordering::Relaxed);
                scene.minutes_until_back(60).await;
                let back = scene.desk.clock.now();
                let logins = scene.logins.lock().unwrap().clone();
                let noticed = logins[refused];
                assert!(noticed.duration_since(mended) <= QUARTER, "mended after {minutes} minutes: {logins:?}");
                // As in the others: at once, as far as real connections go while the clock is turned.
                assert!(back.duration_since(noticed).as_mins() <= 5, "noticed {noticed}, back {back}: {logins:?}");
            })
            .await;
    }
}
