//! Accounts and the people in them: the two tables that belong to no account.

use crate::db::{Conn, Row, Write};
use crate::error::{Error, Result};
use crate::values;
use domain::Time;
use domain::account::{Account, Kind};
use domain::id::{AccountId, PersonId};

const COLUMNS: &str = "id, name, kind, created_at, schema_version";

pub async fn insert(write: &mut Write, account: &Account) -> Result<()> {
    write
        .execute_across_accounts(
            "INSERT INTO account (id, name, kind, created_at) VALUES ($1, $2, $3, $4)",
            &values![account.id.as_str(), &account.name, account.kind.as_str(), account.created_at],
        )
        .await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: &AccountId) -> Result<Option<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM account WHERE id = $1");
    let rows = conn.query_across_accounts(&sql, &values![id.as_str()]).await?;
    rows.into_iter().next().map(read).transpose()
}

/// Every account, by id. For operators; a caller of the API sees those its credential reaches.
pub async fn list(conn: &mut Conn) -> Result<Vec<Account>> {
    let sql = format!("SELECT {COLUMNS} FROM account ORDER BY id");
    conn.query_across_accounts(&sql, &[]).await?.into_iter().map(read).collect()
}

/// Makes every other change of who administers the account, and of its schemas, wait until this
/// transaction ends; and it waits for all who are writing a document.
pub async fn lock(write: &mut Write) -> Result<()> {
    let sql = format!("SELECT id FROM account WHERE id = $1{}", write.dialect().for_update());
    let id = write.account();
    write.query_across_accounts(&sql, &values![id.as_str()]).await?;
    Ok(())
}

fn read(mut row: Row) -> Result<Account> {
    Ok(Account {
        id: AccountId::stored(row.text(0)?),
        name: row.text(1)?,
        kind: Kind::parse(&row.text(2)?).ok_or(Error::Corrupt("account.kind"))?,
        created_at: row.time(3)?,
        schema_version: row.int(4)?,
    })
}

/// The person with this address, across accounts; a new one when there is none.
pub async fn ensure_person(
    write: &mut Write,
    id: &PersonId,
    email: &str,
    now: Time,
) -> Result<PersonId> {
    let key = scim::schema::fold(email);
    let added = write
        .execute_across_accounts(
            "INSERT INTO person (id, email, email_key, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (email_key) DO NOTHING",
            &values![id.as_str(), email, key.as_ref(), now],
        )
        .await?;
    if added > 0 {
        return Ok(id.clone());
    }
    let rows = write
        .query_across_accounts("SELECT id FROM person WHERE email_key = $1", &values![key.as_ref()])
        .await?;
    let mut row = rows.into_iter().next().ok_or(Error::Corrupt("person"))?;
    Ok(PersonId::stored(row.text(0)?))
}
