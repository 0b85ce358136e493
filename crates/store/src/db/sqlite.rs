//! SQLite: one writer with group commit, a few readers.
//!
//! Each writing transaction is a savepoint inside an outer one. A verb holds the writer while it runs
//! its statements, releases its savepoint and waits; a thread of its own takes the writer after all who
//! were queueing at that moment (the lock is fair) and commits them with a single sync. An answer is
//! sent only after that commit, so what was acknowledged survives `kill -9`.

use super::value::{Cell, Row, Value};
use crate::error::{Error, Result};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags, ffi};
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore, oneshot};

mod migrations {
    refinery::embed_migrations!("migrations/sqlite");
}

const READERS: usize = 4;
const STATEMENTS_CACHED: usize = 256;

#[derive(Debug)]
pub(super) struct Sqlite {
    writer: Arc<tokio::sync::Mutex<Writer>>,
    batches: mpsc::Sender<()>,
    readers: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
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
        let mut connection = connect(path, OpenFlags::default())?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(translate)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(translate)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(translate)?;
        migrate(&mut connection)?;
        let read_only = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let readers = (0..READERS).map(|_| connect(path, read_only)).collect::<Result<Vec<_>>>()?;
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
            readers: Arc::new(Mutex::new(readers)),
            permits: Arc::new(Semaphore::new(READERS)),
        })
    }

    pub(super) async fn read(&self) -> Result<Reader> {
        let closed = |_| Error::Unavailable("it is closing".to_owned());
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(closed)?;
        let connection = Some(pop(&self.readers)?);
        let lease = Lease { connection, readers: Arc::clone(&self.readers), _permit: permit };
        Ok(Reader { lease: Some(lease) })
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

/// A reading connection, given back when dropped, wherever that happens.
#[derive(Debug)]
struct Lease {
    connection: Option<Connection>,
    readers: Arc<Mutex<Vec<Connection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    fn connection(&mut self) -> Result<&mut Connection> {
        self.connection.as_mut().ok_or(Error::Corrupt("a reader in use"))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let (Some(connection), Ok(mut readers)) = (self.connection.take(), self.readers.lock()) {
            readers.push(connection);
        }
    }
}

#[derive(Debug)]
pub(super) struct Reader {
    lease: Option<Lease>,
}

impl Reader {
    pub(super) fn connection(&mut self) -> Result<&mut Connection> {
        self.lease.as_mut().ok_or(Error::Corrupt("a reader in use"))?.connection()
    }

    /// Runs a statement that may take long outside the async workers. The lease goes along: when the
    /// caller goes away, the connection is given back once the statement is done.
    pub(super) async fn query_apart(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        let mut lease = self.lease.take().ok_or(Error::Corrupt("a reader in use"))?;
        let sql = sql.to_owned();
        let values: Vec<Value<'static>> = values.iter().map(own).collect();
        let work = tokio::task::spawn_blocking(move || {
            let rows =
                lease.connection().and_then(|connection| query(connection, &sql, &values, false));
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
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let cells: rusqlite::Result<Vec<Cell>> =
                (0..columns).map(|column| cell(row.get_ref(column)?)).collect();
            read.push(Row(cells?));
        }
        Ok(read)
    };
    let sql = number(sql);
    if keep {
        connection.prepare_cached(&sql).and_then(|mut statement| run(&mut statement))
    } else {
        connection.prepare(&sql).and_then(|mut statement| run(&mut statement))
    }
    .map_err(translate)
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

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection = Connection::open_with_flags(path, flags).map_err(|error| {
        Error::Unavailable(format!("`{}` can't be opened: {error}", path.display()))
    })?;
    // The short writes of the command line wait for each other and for a running server.
    connection.busy_timeout(std::time::Duration::from_secs(5)).map_err(translate)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<()> {
    migrations::migrations::runner()
        .run(connection)
        .map_err(|error| Error::Unavailable(format!("migration: {error}")))?;
    Ok(())
}

fn pop(readers: &Mutex<Vec<Connection>>) -> Result<Connection> {
    let taken = readers.lock().ok().and_then(|mut readers| readers.pop());
    taken.ok_or_else(|| Error::Unavailable("no reader is left".to_owned()))
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
            _ => Error::Unavailable(error.to_string()),
        },
        _ => Error::Unavailable(error.to_string()),
    }
}
