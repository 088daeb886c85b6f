//! postroom, an email-native helpdesk: it watches shared mailboxes, threads mails into tickets, routes each to a
//! department, answers in the department's name and notifies the right people.
//!
//! The modules stand in the order in which a mail passes through them; `pipeline` is the one file that shows the flow.
//! ARCHITECTURE.md has the picture, the invariants and two walkthroughs.

pub mod model;

pub mod users;

pub mod terminal;

pub mod config;

pub mod parse;

pub mod thread;

pub mod classify;

pub mod decide;

pub mod compose;

pub mod store;

pub mod pipeline;

pub mod clock;

pub mod heartbeat;

pub mod net;

pub mod oauth;

pub mod intake;

pub mod send;

pub mod report;

pub mod daemon;

pub mod cli;
