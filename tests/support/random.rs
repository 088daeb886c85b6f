//! Small deterministic random numbers (SplitMix64): the same seed gives the same mails and the same moments to kill.

use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};

/// The time since 1970.
#[expect(clippy::disallowed_methods, reason = "the tests are outside the program, whose clock is injected")]
pub fn unix_now() -> Duration {
    std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

/// A generator.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator that always gives the same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator that gives other numbers every time.
    pub fn from_time() -> Self {
        let now = unix_now();
        Self((u64::from(now.subsec_nanos()) << 32) ^ now.as_secs() ^ (u64::from(std::process::id()) << 17))
    }

    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in the range.
    pub fn between(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    /// An index below `len`.
    pub fn index(&mut self, len: usize) -> usize {
        usize::try_from(self.between(0..len as u64)).unwrap()
    }

    /// One of the choices.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// Whether an event of this many per cent happens.
    pub fn per_cent(&mut self, chance: u64) -> bool {
        self.between(0..100) < chance
    }

    /// Bytes that do not compress.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(len + 8);
        while bytes.len() < len {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(len);
        bytes
    }
}
