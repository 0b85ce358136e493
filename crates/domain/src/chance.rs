//! Randomness as a value, so that tests can fix it.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// A source of random bytes: the operating system's, or a seeded one in tests.
pub struct Chance {
    fill: Box<Fill>,
    /// How many ids were made.
    made: AtomicU32,
}

impl Chance {
    /// The cryptographic generator of the machine.
    ///
    /// # Panics
    /// When the operating system can't give random bytes: nothing safe can be done after that.
    #[must_use]
    pub fn system() -> Chance {
        Chance::of(|bytes| {
            #[expect(clippy::expect_used, reason = "without randomness no secret is one")]
            aws_lc_rs::rand::fill(bytes).expect("the operating system gives random bytes");
        })
    }

    /// The same bytes for the same seed; never for secrets.
    #[must_use]
    pub fn seeded(seed: u64) -> Chance {
        let state = std::sync::atomic::AtomicU64::new(seed);
        Chance::of(move |bytes| {
            for chunk in bytes.chunks_mut(8) {
                let step = 0x9e37_79b9_7f4a_7c15;
                let mut z = state.fetch_add(step, std::sync::atomic::Ordering::Relaxed);
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
            }
        })
    }

    fn of(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Chance {
        Chance { fill: Box::new(fill), made: AtomicU32::new(0) }
    }

    /// A number for each id, in the order they are made; it begins again after 64 million.
    pub(crate) fn next(&self) -> u32 {
        self.made.fetch_add(1, Ordering::Relaxed) % (1 << 26)
    }

    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.fill)(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chance")
    }
}
