//! The database: connections that read, transactions that write, and the few words in which SQLite
//! and PostgreSQL differ. Driver names stand here and in the two files below, nowhere else.
//!
//! SQL is written once, in what both share: `TEXT`, `BIGINT` and `BOOLEAN` columns, `$1` parameters,
//! `ON CONFLICT`, `RETURNING`, window functions. Folding and time come from Rust.

mod postgres;
#[cfg(feature = "scratch")]
pub mod scratch;
mod sqlite;
mod value;

pub use value::{Cell, Row, Value};

use crate::error::{Error, Result};
use crate::resource::{self, Growth};
use domain::id::AccountId;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A database, shared by all who use it.
#[derive(Clone, Debug)]
pub struct Db {
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    Sqlite(Arc<sqlite::Sqlite>),
    Postgres(postgres::Postgres),
}

/// Where the two databases differ. At most eight methods: a ninth is a decision record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Ends a `SELECT` whose row this transaction is about to change. SQLite has one writer anyway.
    #[must_use]
    pub const fn for_update(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE",
        }
    }

    /// Begins an INSERT of several rows in a transaction that is given up when it fails. SQLite would
    /// copy each page it changes to undo a statement halfway, which PostgreSQL can't do either.
    #[must_use]
    pub const fn insert_rows(self) -> &'static str {
        match self {
            Dialect::Sqlite => "INSERT OR FAIL INTO",
            Dialect::Postgres => "INSERT INTO",
        }
    }

    /// Ends a text expression made of no text column: it is ordered by its bytes, as the columns are.
    #[must_use]
    pub const fn bytewise(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " COLLATE \"C\"",
        }
    }

    /// Ends a `SELECT` whose row must stay as it is until this transaction ends. Many may have that of
    /// one row; who changes it waits for them.
    #[must_use]
    pub const fn for_key_share(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR KEY SHARE",
        }
    }

    /// The function that finds a text in a text, from 1; 0 when it is not there.
    #[must_use]
    pub const fn position(self) -> &'static str {
        match self {
            Dialect::Sqlite => "instr",
            Dialect::Postgres => "strpos",
        }
    }
}

/// The file of a `sqlite:` URL.
#[must_use]
pub fn sqlite_path(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?;
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

impl Db {
    /// Opens `sqlite:FILE` or `postgres://…`, makes the file if there is none, and runs the migrations.
    pub async fn open(url: &str) -> Result<Db> {
        let engine = if let Some(path) = sqlite_path(url) {
            Engine::Sqlite(Arc::new(open_sqlite(path).await?))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Engine::Postgres(postgres::Postgres::open(url).await?)
        } else {
            return Err(Error::Unavailable(
                "a database is `sqlite:FILE` or `postgres://USER@HOST/NAME`".to_owned(),
            ));
        };
        Ok(Db { engine })
    }

    /// A connection that reads one account.
    pub async fn read(&self, account: &AccountId) -> Result<Conn> {
        self.reader(account.as_str()).await
    }

    /// A connection that reads whatever it likes: for credentials, which say whose account it is.
    pub async fn read_across_accounts(&self) -> Result<Conn> {
        self.reader("").await
    }

    async fn reader(&self, account: &str) -> Result<Conn> {
        let inner = match &self.engine {
            Engine::Sqlite(sqlite) => Inner::SqliteReader(sqlite.read().await?),
            Engine::Postgres(postgres) => Inner::PostgresReader(postgres.read().await?),
        };
        Ok(Conn { account: account.to_owned(), inner, changes: 0, failed: false })
    }

    /// A transaction that changes one account.
    pub async fn write(&self, account: &AccountId) -> Result<Write> {
        let inner = match &self.engine {
            Engine::Sqlite(sqlite) => Inner::SqliteWriter(sqlite.write().await?),
            Engine::Postgres(postgres) => Inner::PostgresTransaction(postgres.write().await?),
        };
        let account = account.as_str().to_owned();
        let conn = Conn { account, inner, changes: 0, failed: false };
        Ok(Write { conn, growth: Growth::default(), marked: Growth::default() })
    }
}

async fn open_sqlite(path: PathBuf) -> Result<sqlite::Sqlite> {
    if path == Path::new("") || path == Path::new(":memory:") {
        return Err(Error::Unavailable("`sqlite:` needs the name of a file".to_owned()));
    }
    tokio::task::spawn_blocking(move || sqlite::Sqlite::open(&path))
        .await
        .map_err(|error| Error::Unavailable(error.to_string()))?
}

/// A connection that reads. Its account is bound as `$1` in every statement.
#[derive(Debug)]
pub struct Conn {
    account: String,
    inner: Inner,
    /// How many statements have tried to change something.
    changes: u64,
    /// Whether one has failed: what is left of the transaction can only be rolled back.
    failed: bool,
}

#[derive(Debug)]
enum Inner {
    SqliteReader(sqlite::Reader),
    SqliteWriter(sqlite::Savepoint),
    PostgresReader(postgres::Reader),
    PostgresTransaction(postgres::Transaction),
}

impl Conn {
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        match self.inner {
            Inner::SqliteReader(_) | Inner::SqliteWriter(_) => Dialect::Sqlite,
            Inner::PostgresReader(_) | Inner::PostgresTransaction(_) => Dialect::Postgres,
        }
    }

    /// The account this connection is bound to; empty for one across accounts.
    #[must_use]
    pub fn account(&self) -> AccountId {
        AccountId::stored(self.account.clone())
    }

    /// Rows of a statement that an index answers, in the account.
    pub async fn query(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let bound = self.bind(sql, values)?;
        self.run(sql, &bound, true).await
    }

    /// The one row, or none, of a statement that an index answers, in the account.
    pub async fn query_one(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Option<Row>> {
        Ok(self.query(sql, values).await?.pop())
    }

    /// Rows of a statement that may read a lot or was put together for one request, in the account.
    pub async fn scan(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let bound = self.bind(sql, values)?;
        match &mut self.inner {
            Inner::SqliteReader(reader) => reader.query_apart(sql, &bound).await,
            Inner::PostgresReader(reader) => reader.query_apart(sql, &bound).await,
            _ => self.run(sql, &bound, false).await,
        }
    }

    /// Rows of whichever account: only for what says which account it is. Nothing is bound by itself.
    pub async fn query_across_accounts(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>> {
        self.run(sql, values, true).await
    }

    async fn run(&mut self, sql: &str, values: &[Value<'_>], keep: bool) -> Result<Vec<Row>> {
        self.changes += u64::from(changes_something(sql));
        let rows = match &mut self.inner {
            Inner::SqliteReader(reader) => sqlite::query(reader.connection()?, sql, values, keep),
            Inner::SqliteWriter(writer) => sqlite::query(writer.connection()?, sql, values, keep),
            Inner::PostgresReader(reader) => {
                postgres::query(reader.client()?, sql, values, keep).await
            }
            Inner::PostgresTransaction(transaction) => {
                postgres::query(transaction.client()?, sql, values, keep).await
            }
        };
        self.failed |= rows.is_err();
        rows
    }

    /// The account first. A statement that forgets it would read everybody's rows, so it is refused.
    fn bind<'a>(&self, sql: &str, values: &[Value<'a>]) -> Result<Vec<Value<'a>>> {
        if self.account.is_empty() || !(sql.contains("account_id = $1") || sql.contains("($1")) {
            return Err(Error::Corrupt("a statement that doesn't name its account"));
        }
        let mut bound = Vec::with_capacity(values.len() + 1);
        bound.push(Value::from(self.account.clone()));
        bound.extend_from_slice(values);
        Ok(bound)
    }
}

fn changes_something(sql: &str) -> bool {
    ["INSERT", "UPDATE", "DELETE"].iter().any(|verb| sql.trim_start().starts_with(verb))
}

/// A transaction. Dropped without [`Write::commit`], it never was.
#[derive(Debug)]
pub struct Write {
    conn: Conn,
    pub(crate) growth: Growth,
    /// What it was at the mark.
    marked: Growth,
}

impl Write {
    /// Changes rows of the account; returns how many.
    pub async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let bound = self.conn.bind(sql, values)?;
        self.run_execute(sql, &bound).await
    }

    /// Changes rows of whichever account: accounts and people themselves.
    pub async fn execute_across_accounts(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<u64> {
        self.run_execute(sql, values).await
    }

    /// How many statements have tried to change something.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.conn.changes
    }

    async fn run_execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        self.conn.changes += u64::from(changes_something(sql));
        let count = match &mut self.conn.inner {
            Inner::SqliteWriter(writer) => sqlite::execute(writer.connection()?, sql, values),
            Inner::PostgresTransaction(transaction) => {
                postgres::execute(transaction.client()?, sql, values).await
            }
            Inner::SqliteReader(_) | Inner::PostgresReader(_) => {
                Err(Error::Corrupt("a write outside a transaction"))
            }
        };
        self.conn.failed |= count.is_err();
        count
    }

    /// Marks a state of the transaction to which [`Write::roll_back`] returns. Marks don't nest.
    pub async fn mark(&mut self) -> Result<()> {
        self.marked = self.growth;
        self.run_execute("SAVEPOINT operation", &[]).await.map(drop)
    }

    /// Keeps what was done since the mark, as far as the transaction is kept.
    pub async fn keep(&mut self) -> Result<()> {
        self.run_execute("RELEASE SAVEPOINT operation", &[]).await.map(drop)
    }

    /// Undoes everything since the mark.
    pub async fn roll_back(&mut self) -> Result<()> {
        self.run_execute("ROLLBACK TO SAVEPOINT operation", &[]).await?;
        self.growth = self.marked;
        self.conn.failed = false;
        self.keep().await
    }

    /// Returns when the change is on disk.
    pub async fn commit(mut self) -> Result<()> {
        // PostgreSQL would say "committed" of it, and mean that it rolled everything back.
        if self.conn.failed {
            return Err(Error::Unavailable("a statement of the transaction failed".to_owned()));
        }
        resource::count_up(&mut self).await?;
        match self.conn.inner {
            Inner::SqliteWriter(writer) => writer.commit().await,
            Inner::PostgresTransaction(transaction) => transaction.commit().await,
            Inner::SqliteReader(_) | Inner::PostgresReader(_) => Ok(()),
        }
    }
}

impl Deref for Write {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}
