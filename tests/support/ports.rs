//! Free TCP ports on loopback for servers that must be told their port.
//!
//! A port stays reserved by a file lock while its [`Port`] lives, so that tests in other processes do not take it too.

use std::fs::File;
use std::net::TcpListener;

use super::random::Random;

/// Below the range from which the kernel takes ports for outgoing connections.
const RANGE: std::ops::Range<u64> = 20_000..32_000;

/// A reserved port.
#[derive(Debug)]
pub struct Port {
    /// Its number.
    pub number: u16,
    _lock: File,
}

/// Reserves a port that nobody listens on.
pub fn reserve() -> Port {
    let directory = std::env::temp_dir().join("postroom-test-ports");
    std::fs::create_dir_all(&directory).unwrap();
    let mut random = Random::from_time();
    for _ in 0..1000 {
        let number = u16::try_from(random.between(RANGE)).unwrap();
        let lock = File::create(directory.join(number.to_string())).unwrap();
        if lock.try_lock().is_ok() && TcpListener::bind(("127.0.0.1", number)).is_ok() {
            return Port { number, _lock: lock };
        }
    }
    panic!("no free port on loopback");
}
