//! Where to provision to, how much, and how patiently.

use std::time::Duration;

#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Where `/Users` begins. A query in it, such as Entra's flags, is sent with every request.
    pub base_url: String,
    pub token: String,
    pub auth: Auth,
}

// The token must not end up in a log.
impl std::fmt::Debug for Target {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = out.debug_struct("Target");
        shown.field("base_url", &self.base_url).field("auth", &self.auth).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auth {
    #[default]
    Bearer,
    /// The token as it is, as Okta's header authentication sends it.
    Raw,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub target: Target,
    pub users: usize,
    pub groups: usize,
    pub seed: u64,
}

/// How long to wait before a request is tried again. Tests make it short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What a second of `Retry-After` lasts.
    pub second: Duration,
    /// Okta's first wait after a 429 without a usable `Retry-After`; doubled every time.
    pub first_wait: Duration,
    /// Entra's first wait after a 5xx; doubled every time.
    pub transient_wait: Duration,
    /// No wait is longer.
    pub longest: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            second: Duration::from_secs(1),
            first_wait: Duration::from_secs(300),
            transient_wait: Duration::from_secs(1),
            longest: Duration::from_secs(3_600),
        }
    }
}

impl Pace {
    /// For tests: whatever the server asks for, a few milliseconds.
    pub fn hurried() -> Self {
        let short = Duration::from_millis(2);
        Self { second: short, first_wait: short, transient_wait: short, longest: 10 * short }
    }
}
