//! SQLite: one writer with group commit, a few readers.
//!
//! Each writing transaction is a savepoint inside an outer one. A verb holds the writer while it runs
//! its statements, releases its savepoint and waits; a thread of its own takes the writer after all who
//! were queueing at that moment (the lock is fair) and commits them with a single sync. An answer is
//! sent only after that commit, so what was acknowledged survives `kill -9`.

use super::value::{Cell, Row, Value};
use crate::error::{Error, Result};
use domain::limits::{ANSWER_BYTES_MAX, STATEMENT_TIME_MAX};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ffi};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Instant;
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

/// Connections for look-ups, and for statements that may read a lot: these must not use up those.
const LOOKUPS: usize = 4;
const SCANS: usize = 2;
/// How many steps of SQLite's machine lie between two looks at the clock.
const STEPS_PER_LOOK: i32 = 10_000;
const STATEMENTS_CACHED: usize = 256;
/// In kibibytes, negative as SQLite wants it: with less, a large batch writes pages it needs again.
const WRITER_CACHE: i64 = -16 * 1024;

#[derive(Debug)]
pub(super) struct Sqlite {
    writer: Arc<tokio::sync::Mutex<Writer>>,
    batches: mpsc::Sender<()>,
    lookups: Arc<Pool>,
    scans: Arc<Pool>,
}

#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    /// Whether the outer transaction of a batch is open.
    open: bool,
    waiting: Vec<oneshot::Sender<Result<()>>>,
}

impl Sqlite {
    pub(super) fn open(path: &Path) -> Result<Sqlite> {
        reserve(path)?;
        let mut connection = connect(path, OpenFlags::default())?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(translate)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(translate)?;
        // In pages: a log of some 40 MiB, and the file itself is synced a tenth as often.
        connection.pragma_update(None, "wal_autocheckpoint", 10_000).map_err(translate)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(translate)?;
        connection.pragma_update(None, "cache_size", WRITER_CACHE).map_err(translate)?;
        migrate(&mut connection)?;
        let writer = Writer { connection, open: false, waiting: Vec::new() };
        let writer = Arc::new(tokio::sync::Mutex::new(writer));
        let (batches, begun) = mpsc::channel();
        let shared = Arc::clone(&writer);
        std::thread::Builder::new()
            .name("sqlite-commit".to_owned())
            .spawn(move || commit_batches(&begun, &shared))
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Sqlite {
            writer,
            batches,
            lookups: Pool::open(path, LOOKUPS)?,
            scans: Pool::open(path, SCANS)?,
        })
    }

    pub(super) async fn read(&self) -> Result<Reader> {
        let lease = Some(self.lookups.lease().await?);
        Ok(Reader { lease, scans: Arc::clone(&self.scans) })
    }

    /// Takes the writer and opens a savepoint in it, and the outer transaction if none is open.
    pub(super) async fn write(&self) -> Result<Savepoint> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        // A grave error (a full disk) makes SQLite roll the outer transaction back by itself.
        if writer.open && writer.connection.is_autocommit() {
            writer.fail("the transaction was rolled back by the database");
        }
        if !writer.open {
            writer.connection.execute_batch("BEGIN IMMEDIATE").map_err(translate)?;
            writer.open = true;
            self.batches.send(()).map_err(|_| Error::Unavailable("it is closing".to_owned()))?;
        }
        writer.connection.execute_batch("SAVEPOINT verb").map_err(translate)?;
        Ok(Savepoint { writer: Some(writer) })
    }
}

impl Writer {
    fn fail(&mut self, why: &str) {
        self.open = false;
        for verb in self.waiting.drain(..) {
            // Nobody waits any more when the caller went away.
            let _ = verb.send(Err(Error::Unavailable(why.to_owned())));
        }
    }
}

fn commit_batches(begun: &mpsc::Receiver<()>, writer: &tokio::sync::Mutex<Writer>) {
    while begun.recv().is_ok() {
        let mut writer = writer.blocking_lock();
        if !writer.open {
            continue;
        }
        match writer.connection.execute_batch("COMMIT") {
            Ok(()) => {
                writer.open = false;
                for verb in writer.waiting.drain(..) {
                    // Nobody waits any more when the caller went away; the change stands.
                    let _ = verb.send(Ok(()));
                }
            }
            Err(error) => {
                // Already rolled back, where this fails.
                let _ = writer.connection.execute_batch("ROLLBACK");
                writer.fail(&error.to_string());
            }
        }
    }
}

/// A writing transaction: rolled back when dropped before [`Savepoint::commit`].
#[derive(Debug)]
pub(super) struct Savepoint {
    writer: Option<OwnedMutexGuard<Writer>>,
}

impl Savepoint {
    pub(super) fn connection(&mut self) -> Result<&mut Connection> {
        let writer = self.writer.as_mut().ok_or(Error::Corrupt("a finished transaction"))?;
        Ok(&mut writer.connection)
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        let (done, committed) = oneshot::channel();
        self.connection()?.execute_batch("RELEASE verb").map_err(translate)?;
        if let Some(mut writer) = self.writer.take() {
            writer.waiting.push(done);
        }
        committed.await.map_err(|_| Error::Unavailable("it is closing".to_owned()))?
    }
}

impl Drop for Savepoint {
    fn drop(&mut self) {
        if let Some(writer) = &mut self.writer {
            // Fails only where the outer transaction is gone, and this savepoint with it.
            let _ = writer.connection.execute_batch("ROLLBACK TO verb; RELEASE verb");
        }
    }
}

/// Connections that only read.
#[derive(Debug)]
struct Pool {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Pool {
    fn open(path: &Path, count: usize) -> Result<Arc<Pool>> {
        let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let idle = (0..count).map(|_| connect(path, read_only)).collect::<Result<Vec<_>>>()?;
        Ok(Arc::new(Pool { idle: Mutex::new(idle), permits: Arc::new(Semaphore::new(count)) }))
    }

    async fn lease(self: &Arc<Pool>) -> Result<Lease> {
        let closed = |_| Error::Unavailable("it is closing".to_owned());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(closed)?;
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.pop());
        let connection = idle.ok_or_else(|| Error::Unavailable("no reader is left".to_owned()))?;
        Ok(Lease { connection: Some(connection), pool: Arc::clone(self), _permit: permit })
    }
}

/// A reading connection, given back when dropped, wherever that happens.
#[derive(Debug)]
struct Lease {
    connection: Option<Connection>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().ok_or(Error::Corrupt("a reader in use"))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (Some(connection), Ok(mut idle)) = (self.connection.take(), self.pool.idle.lock()) {
            idle.push(connection);
        }
    }
}

#[derive(Debug)]
pub(super) struct Reader {
    lease: Option<Lease>,
    scans: Arc<Pool>,
}

impl Reader {
    pub(super) fn connection(&mut self) -> Result<&mut Connection> {
        self.lease.as_mut().ok_or(Error::Corrupt("a reader in use"))?.connection()
    }

    /// Runs a statement that may take long outside the async workers and for a bounded time. The
    /// lease goes along: when the caller goes away, the connection is given back all the same.
    pub(super) async fn query_apart(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        // Whoever waits for a scan must not hold up the look-ups of others.
        self.lease = None;
        let mut lease = self.scans.lease().await?;
        let sql = sql.to_owned();
        let values: Vec<Value<'static>> = values.iter().map(own).collect();
        let work = tokio::task::spawn_blocking(move || {
            let rows = lease.connection().and_then(|connection| {
                let started = Instant::now();
                let late = move || started.elapsed() > STATEMENT_TIME_MAX;
                connection.progress_handler(STEPS_PER_LOOK, Some(late)).map_err(translate)?;
                let rows = query(connection, &sql, &values, false);
                // What is asked of this connection later has its own time.
                let never: Option<fn() -> bool> = None;
                connection.progress_handler(0, never).map_err(translate)?;
                rows
            });
            (lease, rows)
        });
        let (lease, rows) = work.await.map_err(|error| Error::Unavailable(error.to_string()))?;
        self.lease = Some(lease);
        rows
    }
}

pub(super) fn query(
    connection: &mut Connection,
    sql: &str,
    values: &[Value<'_>],
    keep: bool,
) -> Result<Vec<Row>> {
    let run = |statement: &mut rusqlite::Statement<'_>| {
        let columns = statement.column_count();
        let mut rows = statement.query(rusqlite::params_from_iter(values))?;
        let (mut read, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let cells: rusqlite::Result<Vec<Cell>> =
                (0..columns).map(|column| cell(row.get_ref(column)?)).collect();
            let row = Row(cells?);
            bytes += row.bytes();
            if bytes > ANSWER_BYTES_MAX {
                return Ok(None);
            }
            read.push(row);
        }
        Ok(Some(read))
    };
    let sql = number(sql);
    if keep {
        connection.prepare_cached(&sql).and_then(|mut statement| run(&mut statement))
    } else {
        connection.prepare(&sql).and_then(|mut statement| run(&mut statement))
    }
    .map_err(translate)?
    .ok_or(Error::TooLong)
}

pub(super) fn execute(connection: &mut Connection, sql: &str, values: &[Value<'_>]) -> Result<u64> {
    let run = || -> rusqlite::Result<usize> {
        connection.prepare_cached(&number(sql))?.execute(rusqlite::params_from_iter(values))
    };
    run().map(|rows| rows as u64).map_err(translate)
}

/// SQLite numbers its parameters `?1`, the shared text `$1`.
fn number(sql: &str) -> String {
    sql.replace('$', "?")
}

/// Makes the file for its owner alone; SQLite gives its log the same rights.
fn reserve(path: &Path) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let made = std::fs::File::options().create_new(true).write(true).mode(0o600).open(path);
    match made {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            Err(Error::Unavailable(format!("`{}` can't be made: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags).map_err(|error| {
        Error::Unavailable(format!("`{}` can't be opened: {error}", path.display()))
    })?;
    // The short writes of the command line wait for each other and for a running server.
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(translate)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // Else a statement with an ORDER BY or a LIMIT is prepared again at each of its uses.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(translate)?;
    // Savepoints would copy the pages they change into a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(translate)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<()> {
    migrations::migrations::runner()
        .run(connection)
        .map_err(|error| Error::Unavailable(format!("migration: {error}")))?;
    describe(connection).map_err(translate)
}

/// What a large account looks like: how many rows there are, then how many of them agree in the first
/// column of the index, in the first two, and so on. Without it SQLite takes every account for small
/// and is content with the first column of any index.
const SHAPES: [(&str, &str, &str); 19] = [
    ("member", "sqlite_autoindex_member_1", "1000000 100000 1"),
    ("member", "member_by_live_key", "1000000 100000 1"),
    ("member", "member_by_key", "1000000 100000 2"),
    ("member", "member_protected", "10 2 1"),
    ("user_group", "sqlite_autoindex_user_group_1", "10000 1000 1"),
    ("user_group", "user_group_by_name", "10000 1000 1"),
    ("membership", "membership", "5000000 500000 500 1"),
    ("membership", "membership_by_member", "5000000 500000 5 1"),
    ("policy_grant", "policy_grant", "2000000 200000 2 2 1 1"),
    ("policy_grant", "policy_grant_by_permission", "2000000 200000 2000 2 1"),
    ("resource", "sqlite_autoindex_resource_1", "1000000 100000 90000 1"),
    ("resource", "resource_by_name", "1000000 100000 90000 1"),
    ("resource", "resource_by_external_id", "1000000 100000 90000 2 1"),
    ("attribute", "attribute", "20000000 2000000 20 2 1"),
    ("attribute", "attribute_by_key", "20000000 2000000 2000000 200000 20 2"),
    ("attribute", "attribute_long", "20000 2000 2000 1000 1"),
    ("audit_event", "sqlite_autoindex_audit_event_1", "10000000 1000000 2 1"),
    ("audit_event", "audit_event_by_resource", "10000000 1000000 10 2"),
    ("api_token", "api_token_by_owner", "10000 1000 5"),
];

fn describe(connection: &mut Connection) -> rusqlite::Result<()> {
    let known = "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    if connection.query_row(known, [], |row| row.get::<_, i64>(0))? == 0 {
        connection.execute_batch("ANALYZE")?;
    }
    let described = "SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl = ?1 AND idx = ?2 AND stat = ?3";
    let mut wrong = false;
    for shape in SHAPES {
        wrong |= connection.query_row(described, shape, |row| row.get::<_, i64>(0))? != 1;
    }
    if wrong {
        let change = connection.transaction()?;
        change.execute("DELETE FROM sqlite_stat1", [])?;
        for shape in SHAPES {
            change
                .execute("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)", shape)?;
        }
        change.commit()?;
        connection.execute_batch("ANALYZE sqlite_schema")?;
    }
    Ok(())
}

fn own(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) => Value::Text(text.clone().into_owned().into()),
        Value::Int(number) => Value::Int(*number),
        Value::Bool(truth) => Value::Bool(*truth),
    }
}

fn cell(value: ValueRef<'_>) -> rusqlite::Result<Cell> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        text => Cell::Text(text.as_str()?.to_owned()),
    })
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Bool(truth) => ValueRef::Integer(i64::from(*truth)),
        }))
    }
}

pub(super) fn translate(error: rusqlite::Error) -> Error {
    match &error {
        rusqlite::Error::SqliteFailure(failure, _) => match failure.extended_code {
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY => Error::Taken,
            _ if matches!(
                failure.code,
                rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked
            ) =>
            {
                Error::Busy
            }
            _ if failure.code == rusqlite::ErrorCode::OperationInterrupted => Error::TooLong,
            _ => Error::Unavailable(error.to_string()),
        },
        _ => Error::Unavailable(error.to_string()),
    }
}
