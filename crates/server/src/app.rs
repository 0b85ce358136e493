//! What every request shares: the database, the clock, chance, and how the outside reaches us.

use crate::service::limiter::Limiter;
use crate::service::provision::bookmarks::Bookmarks;
use crate::service::provision::types::KnownTypes;
use domain::Time;
use domain::chance::Chance;
use domain::id::AccountId;
use domain::seal::SealKey;
use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use store::Db;
use tokio::sync::OnceCell;

#[derive(Clone)]
pub struct App {
    pub db: Db,
    clock: Arc<dyn Fn() -> Time + Send + Sync>,
    pub chance: Arc<Chance>,
    /// Where the outside reaches us, without a slash at its end; `None`: as the request's Host says.
    pub public_url: Option<String>,
    pub bookmarks: Arc<Bookmarks>,
    pub limiter: Arc<Limiter>,
    pub types: Arc<KnownTypes>,
    seal_key: Arc<OnceCell<SealKey>>,
}

impl App {
    #[must_use]
    pub fn new(db: Db, public_url: Option<String>) -> App {
        let public_url = public_url.map(|url| url.trim_end_matches('/').to_owned());
        App {
            db,
            clock: Arc::new(system_time),
            chance: Arc::new(Chance::system()),
            public_url,
            bookmarks: Arc::default(),
            limiter: Arc::new(Limiter::new(0)),
            types: Arc::default(),
            seal_key: Arc::default(),
        }
    }

    /// The same with so many requests a second for each token; 0 for no limit.
    #[must_use]
    pub fn with_rate_limit(self, per_second: u32) -> App {
        App { limiter: Arc::new(Limiter::new(per_second)), ..self }
    }

    /// The same with a clock of the caller's making.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Time + Send + Sync + 'static) -> App {
        App { clock: Arc::new(clock), ..self }
    }

    /// The key of what clients keep for us, the same on every replica.
    pub async fn seal_key(&self, account: &AccountId) -> store::Result<SealKey> {
        let load = async || {
            let mut write = self.db.write(account).await?;
            let key = store::key::ensure(&mut write, "seal", &SealKey::new(&self.chance)).await?;
            write.commit().await?;
            Ok(key)
        };
        self.seal_key.get_or_try_init(load).await.cloned()
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
