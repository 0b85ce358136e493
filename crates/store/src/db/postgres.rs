//! PostgreSQL: a pool of connections; a transaction owns its connection until it is proven idle.
//!
//! A handler's future may be dropped at any await, also during `BEGIN`. So a transaction that was not
//! committed sends `ROLLBACK` on its own connection before the pool gets it back, and a connection
//! where even that fails is closed.

use super::value::{Cell, Row, Value};
use crate::error::{Error, Result};
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod, WeakPool};
use domain::limits::{ANSWER_BYTES_MAX, STATEMENT_TIME_MAX};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

mod migrations {
    refinery::embed_migrations!("migrations/postgres");
}

const CONNECTIONS: usize = 16;
/// How many of them statements that may read a lot get at once.
const SCANS: usize = 6;
/// Any number that nobody else locks by; held only while migrations run.
const MIGRATION_LOCK: i64 = 7_300_001;

/// The database: connections, of which statements that may read a lot get no more than a few.
#[derive(Clone, Debug)]
pub(super) struct Postgres {
    pool: Pool,
    scans: Arc<Semaphore>,
}

impl Postgres {
    pub(super) async fn open(url: &str) -> Result<Postgres> {
        Ok(Postgres { pool: open(url).await?, scans: Arc::new(Semaphore::new(SCANS)) })
    }

    pub(super) async fn read(&self) -> Result<Reader> {
        Ok(Reader { client: Some(connect(&self.pool).await?), postgres: self.clone() })
    }

    pub(super) async fn write(&self) -> Result<Transaction> {
        Transaction::begin(&self.pool).await
    }
}

/// A reading connection.
#[derive(Debug)]
pub(super) struct Reader {
    client: Option<Object>,
    postgres: Postgres,
}

impl Reader {
    pub(super) fn client(&self) -> Result<&Object> {
        self.client.as_ref().ok_or(Error::Corrupt("a reader in use"))
    }

    /// Runs a statement that may take long. Whoever waits for a turn holds no connection.
    pub(super) async fn query_apart(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        self.client = None;
        let closed = |_| Error::Unavailable("it is closing".to_owned());
        let _turn = self.postgres.scans.acquire().await.map_err(closed)?;
        self.client = Some(connect(&self.postgres.pool).await?);
        query(self.client()?, sql, values, false).await
    }
}

async fn open(url: &str) -> Result<Pool> {
    let mut config: tokio_postgres::Config = url
        .parse()
        .map_err(|error: tokio_postgres::Error| Error::Unavailable(error.to_string()))?;
    if config.get_application_name().is_none() {
        config.application_name("provost");
    }
    // Without the first three one caller's statement could run for ever, and a process that hangs would
    // keep its locks. The last plans for any account: for one that is younger than the statistics,
    // PostgreSQL would take its size for nothing and read it whole.
    let millis = STATEMENT_TIME_MAX.as_millis();
    let own = config.get_options().unwrap_or_default().to_owned();
    config.options(format!(
        "-c statement_timeout={millis} -c lock_timeout={} \
         -c idle_in_transaction_session_timeout={millis} -c plan_cache_mode=force_generic_plan {own}",
        millis / 2
    ));
    let manager = Manager::from_config(
        config,
        tokio_postgres::NoTls,
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    let pool = Pool::builder(manager)
        .max_size(CONNECTIONS)
        .build()
        .map_err(|error| Error::Unavailable(error.to_string()))?;
    migrate(&pool).await?;
    tokio::spawn(keep_statistics(pool.weak()));
    Ok(pool)
}

/// Tables that grew threefold since PostgreSQL last looked at them.
const GROWN: &str = "SELECT c.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
                     WHERE s.schemaname = current_schema() \
                     AND s.n_mod_since_analyze > 100 + 2 * greatest(c.reltuples, 0)";

/// Has PostgreSQL look at tables that grow fast. Its own daemon comes by once a minute; until then it
/// plans as for an empty table, and the first import of a company is all over by then.
async fn keep_statistics(pool: WeakPool) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let Some(pool) = pool.upgrade() else { return };
        let Ok(client) = pool.get().await else { continue };
        let Ok(grown) = client.query(GROWN, &[]).await else { continue };
        for table in grown.iter().filter_map(|row| row.try_get::<_, String>(0).ok()) {
            // Whatever keeps it from that, the daemon will do it in its time.
            let _ = client.batch_execute(&format!("ANALYZE {table}")).await;
        }
    }
}

/// Replicas that start together take turns.
async fn migrate(pool: &Pool) -> Result<()> {
    let mut client = connect(pool).await?;
    let lock = format!("SET statement_timeout = 0; SELECT pg_advisory_lock({MIGRATION_LOCK})");
    client.batch_execute(&lock).await.map_err(translate)?;
    let outcome = migrations::migrations::runner().run_async(&mut **client.as_mut()).await;
    // The lock goes with the connection, so that a failure can't leave it behind.
    drop(Object::take(client));
    outcome.map(|_| ()).map_err(|error| Error::Unavailable(format!("migration: {error}")))
}

/// Makes a database next to the one of the URL.
#[cfg(feature = "scratch")]
pub(super) async fn create_database(url: &str, name: &str) -> Result<()> {
    let (client, connection) =
        tokio_postgres::connect(url, tokio_postgres::NoTls).await.map_err(translate)?;
    let driver = tokio::spawn(connection);
    let made = client.batch_execute(&format!("CREATE DATABASE {name}")).await.map_err(translate);
    drop(client);
    // Ends with the client.
    let _ = driver.await;
    made
}

async fn connect(pool: &Pool) -> Result<Object> {
    pool.get().await.map_err(|error| Error::Unavailable(chain(&error)))
}

/// An error and what is behind it: the first sentence alone says only that something failed.
fn chain(error: &dyn std::error::Error) -> String {
    let sources = std::iter::successors(Some(error), |error| error.source());
    sources.last().map_or_else(String::new, ToString::to_string)
}

/// A writing transaction: rolled back when dropped before [`Transaction::commit`].
#[derive(Debug)]
pub(super) struct Transaction {
    client: Option<Object>,
}

impl Transaction {
    async fn begin(pool: &Pool) -> Result<Transaction> {
        let transaction = Transaction { client: Some(connect(pool).await?) };
        transaction.client()?.batch_execute("BEGIN").await.map_err(translate)?;
        Ok(transaction)
    }

    pub(super) fn client(&self) -> Result<&Object> {
        self.client.as_ref().ok_or(Error::Corrupt("a finished transaction"))
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        self.client()?.batch_execute("COMMIT").await.map_err(translate)?;
        self.client.take();
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let (Some(client), Ok(runtime)) =
            (self.client.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(async move {
                if client.batch_execute("ROLLBACK").await.is_err() {
                    drop(Object::take(client));
                }
            });
        }
    }
}

pub(super) async fn query(
    client: &Object,
    sql: &str,
    values: &[Value<'_>],
    keep: bool,
) -> Result<Vec<Row>> {
    let rows = if keep {
        let statement = client.prepare_cached(sql).await.map_err(translate)?;
        client.query(&statement, &borrow(values)).await
    } else {
        let typed: Vec<_> =
            values.iter().map(|value| (value as &(dyn ToSql + Sync), value.kind())).collect();
        client.query_typed(sql, &typed).await
    };
    let rows = rows.map_err(translate)?;
    if rows.iter().map(tokio_postgres::Row::raw_size_bytes).sum::<usize>() > ANSWER_BYTES_MAX {
        return Err(Error::TooLong);
    }
    rows.iter().map(row).collect()
}

pub(super) async fn execute(client: &Object, sql: &str, values: &[Value<'_>]) -> Result<u64> {
    let statement = client.prepare_cached(sql).await.map_err(translate)?;
    client.execute(&statement, &borrow(values)).await.map_err(translate)
}

fn borrow<'a>(values: &'a [Value<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

fn row(row: &tokio_postgres::Row) -> Result<Row> {
    let get = |column: usize| -> std::result::Result<Cell, tokio_postgres::Error> {
        let kind = row.columns().get(column).map(tokio_postgres::Column::type_);
        Ok(match kind {
            Some(&Type::INT8) => row.try_get::<_, Option<i64>>(column)?.map(Cell::Int),
            Some(&Type::BOOL) => row.try_get::<_, Option<bool>>(column)?.map(Cell::Bool),
            _ => row.try_get::<_, Option<String>>(column)?.map(Cell::Text),
        }
        .unwrap_or(Cell::Null))
    };
    let cells = (0..row.len()).map(get).collect::<std::result::Result<Vec<_>, _>>();
    cells.map(Row).map_err(translate)
}

impl Value<'_> {
    const fn kind(&self) -> Type {
        match self {
            Value::Int(_) => Type::INT8,
            Value::Bool(_) => Type::BOOL,
            Value::Null | Value::Text(_) => Type::TEXT,
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut tokio_postgres::types::private::BytesMut,
    ) -> std::result::Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        if *self != Value::Null && *kind != self.kind() {
            return Err(format!("a {} where the database has a {kind}", self.kind()).into());
        }
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Text(text) => text.as_ref().to_sql(kind, out),
            Value::Int(number) => number.to_sql(kind, out),
            Value::Bool(truth) => truth.to_sql(kind, out),
        }
    }

    /// Decided for each value, above.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn translate(error: tokio_postgres::Error) -> Error {
    match error.code() {
        Some(&SqlState::UNIQUE_VIOLATION) => Error::Taken,
        Some(
            &SqlState::T_R_DEADLOCK_DETECTED
            | &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::LOCK_NOT_AVAILABLE,
        ) => Error::Busy,
        Some(&SqlState::QUERY_CANCELED) => Error::TooLong,
        _ => Error::Unavailable(error.as_db_error().map_or_else(
            || error.to_string(),
            |database| format!("{}: {}", database.code().code(), database.message()),
        )),
    }
}
