//! The engine: files, connections, the one writer and the readers, migrations, copies. Knows no tickets.

pub mod backup;
pub mod check;
pub mod connection;
pub mod disk;
pub mod error;
pub mod fill;
pub mod guard;
pub mod high_water_mark;
pub mod ids;
pub mod opening;
pub mod readers;
pub mod register;
pub mod rows;
pub mod schema;
pub mod store;
pub mod view;
pub mod workers;
pub mod writer;
