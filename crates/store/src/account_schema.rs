//! Schemas that an account adds to its users or groups, and what its resources have of them.
//!
//! Each change counts up the version in the account's row. Whoever reads that row knows whether the
//! types at hand are those of now, and a document is only written by them (see `resource`).

use crate::db::{Conn, Row, Write};
use crate::error::{Error, Result};
use crate::resource::Kind;
use crate::values;
use domain::Time;
use scim::schema::{Extension, fold};

#[derive(Clone, Debug, PartialEq)]
pub struct AccountSchema {
    pub kind: Kind,
    pub extension: Extension,
    pub created_at: Time,
    pub modified_at: Time,
}

impl AccountSchema {
    #[must_use]
    pub fn urn(&self) -> &str {
        &self.extension.schema.id
    }
}

const COLUMNS: &str = "kind, body, created_at, modified_at";

pub async fn insert(write: &mut Write, schema: &AccountSchema) -> Result<()> {
    write
        .execute(
            "INSERT INTO account_schema (account_id, urn_key, kind, body, created_at, modified_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
            &values![
                fold(schema.urn()).into_owned(),
                schema.kind.as_str(),
                body(schema)?,
                schema.created_at,
                schema.modified_at,
            ],
        )
        .await?;
    count_up(write).await
}

/// Puts a definition in the place of the one of the same URN.
pub async fn replace(write: &mut Write, schema: &AccountSchema) -> Result<()> {
    write
        .execute(
            "UPDATE account_schema SET body = $3, modified_at = $4 \
             WHERE account_id = $1 AND urn_key = $2",
            &values![fold(schema.urn()).into_owned(), body(schema)?, schema.modified_at],
        )
        .await?;
    count_up(write).await
}

pub async fn delete(write: &mut Write, urn: &str) -> Result<()> {
    write
        .execute(
            "DELETE FROM account_schema WHERE account_id = $1 AND urn_key = $2",
            &values![fold(urn).into_owned()],
        )
        .await?;
    count_up(write).await
}

async fn count_up(write: &mut Write) -> Result<()> {
    let id = write.account();
    write
        .execute_across_accounts(
            "UPDATE account SET schema_version = schema_version + 1 WHERE id = $1",
            &values![id.as_str()],
        )
        .await?;
    Ok(())
}

/// Every schema of the account, in the order they were made.
pub async fn list(conn: &mut Conn) -> Result<Vec<AccountSchema>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM account_schema WHERE account_id = $1 ORDER BY created_at, urn_key"
    );
    conn.query(&sql, &[]).await?.into_iter().map(read).collect()
}

/// The schema of this URN, in any case.
pub async fn find(conn: &mut Conn, urn: &str) -> Result<Option<AccountSchema>> {
    let sql =
        format!("SELECT {COLUMNS} FROM account_schema WHERE account_id = $1 AND urn_key = $2");
    conn.query_one(&sql, &values![fold(urn).into_owned()]).await?.map(read).transpose()
}

/// How many resources have data of this schema.
pub async fn count_users(conn: &mut Conn, kind: Kind, urn: &str) -> Result<u64> {
    let rows = conn
        .query(
            "SELECT COUNT(*) FROM attribute WHERE account_id = $1 AND kind = $2 \
             AND path = 'schemas' AND attribute_key = $3",
            &values![kind.as_str(), fold(urn).into_owned()],
        )
        .await?;
    rows.first().ok_or(Error::Corrupt("a count"))?.count(0)
}

/// Whether any resource has a value at this path.
pub async fn has_values(conn: &mut Conn, kind: Kind, path: &str) -> Result<bool> {
    let found = conn
        .query_one(
            "SELECT element FROM attribute WHERE account_id = $1 AND kind = $2 AND path = $3 LIMIT 1",
            &values![kind.as_str(), path],
        )
        .await?;
    Ok(found.is_some())
}

/// Whether any resource that has data of this schema has nothing at this path. For a path within a
/// complex attribute: whether any value of that attribute has nothing there.
pub async fn lacks_values(conn: &mut Conn, kind: Kind, urn: &str, path: &str) -> Result<bool> {
    let within = path.get(urn.len()..).and_then(|rest| rest.rfind('.'));
    let key = if within.is_some() { String::new() } else { fold(urn).into_owned() };
    let holder = within.map_or("schemas", |dot| &path[..urn.len() + dot]);
    let found = conn
        .query_one(
            "SELECT h.element FROM attribute h WHERE h.account_id = $1 AND h.kind = $2 \
             AND h.path = $3 AND h.attribute_key = $4 AND NOT EXISTS \
             (SELECT 1 FROM attribute a WHERE a.account_id = $1 \
             AND a.resource_id = h.resource_id AND a.path = $5 \
             AND (h.path = 'schemas' OR a.element = h.element)) LIMIT 1",
            &values![kind.as_str(), holder, key, path],
        )
        .await?;
    Ok(found.is_some())
}

fn body(schema: &AccountSchema) -> Result<String> {
    serde_json::to_string(&schema.extension).map_err(|_| Error::Corrupt("a schema"))
}

fn read(mut row: Row) -> Result<AccountSchema> {
    let kind = row.text(0)?;
    Ok(AccountSchema {
        kind: Kind::parse(&kind).ok_or(Error::Corrupt("account_schema.kind"))?,
        extension: serde_json::from_str(&row.text(1)?)
            .map_err(|_| Error::Corrupt("account_schema.body"))?,
        created_at: row.time(2)?,
        modified_at: row.time(3)?,
    })
}
