//! What every request shares: the database, the clock, chance, and how the outside reaches us.

use domain::Time;
use domain::chance::Chance;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use store::Db;

#[derive(Clone)]
pub struct App {
    pub db: Db,
    clock: Arc<dyn Fn() -> Time + Send + Sync>,
    pub chance: Arc<Chance>,
    /// Where the outside reaches us, without a slash at its end; `None`: as the request's Host says.
    pub public_url: Option<String>,
}

impl App {
    #[must_use]
    pub fn new(db: Db, public_url: Option<String>) -> App {
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        App { db, clock: Arc::new(system_time), chance: Arc::new(Chance::system()), public_url }
    }

    /// The same with a clock of the caller's making.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Time + Send + Sync + 'static) -> App {
        App { clock: Arc::new(clock), ..self }
    }

    #[must_use]
    pub fn now(&self) -> Time {
        (self.clock)()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App").field("db", &self.db).finish_non_exhaustive()
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn system_time() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
