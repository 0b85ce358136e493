//! How many requests a token may make. Each replica counts for itself: the limit keeps one client from
//! taking the place of all others, and is no quota that is paid for.

use crate::service::{Error, Result};
use domain::id::TokenId;
use domain::limits::LIMITED_TOKENS_MAX;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
pub struct Limiter {
    limiter: Option<RateLimiter<String, HashMapStateStore<String>, DefaultClock>>,
    counted: AtomicUsize,
}

impl Limiter {
    /// So many requests a second for each token, and as many at once; 0 for no limit.
    #[must_use]
    pub fn new(per_second: u32) -> Limiter {
        let quota = NonZeroU32::new(per_second).map(Quota::per_second);
        Limiter { limiter: quota.map(RateLimiter::hashmap), counted: AtomicUsize::new(1) }
    }

    /// Counts one request.
    pub fn admit(&self, token: &TokenId) -> Result<()> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        // Not at every request: it looks at all of them.
        let is_time =
            self.counted.fetch_add(1, Ordering::Relaxed).is_multiple_of(LIMITED_TOKENS_MAX);
        if is_time && limiter.len() > LIMITED_TOKENS_MAX {
            limiter.retain_recent();
        }
        let refused = |until: governor::NotUntil<_>| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            // Okta reads whole seconds and nothing else.
            Error::TooManyRequests(wait.as_secs() + 1)
        };
        limiter.check_key(&token.to_string()).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Time;
    use domain::chance::Chance;

    #[test]
    fn each_token_has_its_own_share() {
        let chance = Chance::seeded(1);
        let token = || TokenId::new(Time::from_millis(0), &chance);
        let (one, other) = (token(), token());
        let limiter = Limiter::new(3);
        for _ in 0..3 {
            assert!(limiter.admit(&one).is_ok());
        }
        assert!(matches!(limiter.admit(&one), Err(Error::TooManyRequests(1))));
        assert!(limiter.admit(&other).is_ok());
        let unlimited = Limiter::new(0);
        assert!((0..1000).all(|_| unlimited.admit(&one).is_ok()));
    }
}
