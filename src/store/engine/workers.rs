//! A few threads that stay, for jobs beside the writer: reading, packing, understanding mails.
//!
//! However many mailboxes wake up at once, a few jobs run at a time, and always on the same threads: the C library keeps for
//! each thread the most memory that it ever needed, so that jobs which wander over threads make a daemon grow for hours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;

use tokio::sync::oneshot;

use crate::store::engine::error::StoreError;
use crate::store::engine::writer::panic_text;

/// Threads at least and at most: some wait for the disk while others work.
const FEWEST: usize = 2;
const MOST: usize = 4;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; cheap to clone. They end with the last clone.
#[derive(Clone)]
pub(in crate::store) struct Workers(Sender<Job>);

impl Workers {
    /// Starts them for the database at `path`, which only names what is wrong.
    pub(in crate::store) fn start(path: &Path) -> Result<Self, StoreError> {
        let (sender, jobs) = channel::<Job>();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..Self::at_once() {
            let jobs = Arc::clone(&jobs);
            let thread = std::thread::Builder::new().name("store-worker".to_owned()).spawn(move || work(&jobs));
            thread.map_err(|source| StoreError::File { path: path.to_owned(), source })?;
        }
        Ok(Self(sender))
    }

    /// How many jobs run at a time.
    pub(in crate::store) fn at_once() -> usize {
        available_parallelism().map_or(FEWEST, usize::from).clamp(FEWEST, MOST)
    }

    /// Runs `job` when it is its turn. One that panics is [`StoreError::Panicked`] and ends nothing else.
    pub(in crate::store) async fn run<T, F>(&self, job: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move || {
            let done = catch_unwind(AssertUnwindSafe(job)).map_err(|panic| StoreError::Panicked(panic_text(&*panic)));
            // Who asked may be gone.
            drop(reply.send(done));
        });
        self.0.send(job).map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }
}

fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        job();
    }
}
