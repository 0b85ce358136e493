//! User groups.

use crate::db::{Conn, Row, Write};
use crate::error::{Error, Result};
use crate::values;
use domain::Time;
use domain::group::UserGroup;
use domain::id::{AccountId, GroupId};

const COLUMNS: &str = "account_id, id, name, managed, created_at, modified_at";

pub async fn insert(write: &mut Write, group: &UserGroup) -> Result<()> {
    write
        .execute(
            "INSERT INTO user_group (account_id, id, name, name_key, managed, created_at, \
             modified_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &values![
                group.id.as_str(),
                &group.name,
                scim::schema::fold(&group.name).into_owned(),
                group.managed,
                group.created_at,
                group.modified_at,
            ],
        )
        .await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: &GroupId) -> Result<Option<UserGroup>> {
    let sql = format!("SELECT {COLUMNS} FROM user_group WHERE account_id = $1 AND id = $2");
    conn.query_one(&sql, &values![id.as_str()]).await?.map(read).transpose()
}

pub async fn find_for_update(write: &mut Write, id: &GroupId) -> Result<Option<UserGroup>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM user_group WHERE account_id = $1 AND id = $2{}",
        write.dialect().for_update()
    );
    write.query_one(&sql, &values![id.as_str()]).await?.map(read).transpose()
}

/// The user group of this name, in the transaction that may change it.
pub async fn find_by_name(write: &mut Write, name: &str) -> Result<Option<UserGroup>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM user_group WHERE account_id = $1 AND name_key = $2{}",
        write.dialect().for_update()
    );
    let key = scim::schema::fold(name);
    write.query_one(&sql, &values![key.as_ref()]).await?.map(read).transpose()
}

/// Writes the name, and whether the identity provider manages the group.
pub async fn replace(write: &mut Write, group: &UserGroup) -> Result<()> {
    write
        .execute(
            "UPDATE user_group SET name = $3, name_key = $4, managed = $5, modified_at = $6 \
             WHERE account_id = $1 AND id = $2",
            &values![
                group.id.as_str(),
                &group.name,
                scim::schema::fold(&group.name).into_owned(),
                group.managed,
                group.modified_at,
            ],
        )
        .await?;
    Ok(())
}

/// Marks that members or policies changed.
pub async fn touch(write: &mut Write, id: &GroupId, now: Time) -> Result<()> {
    write
        .execute(
            "UPDATE user_group SET modified_at = $3 WHERE account_id = $1 AND id = $2",
            &values![id.as_str(), now],
        )
        .await?;
    Ok(())
}

/// The group itself; its members and policies go before it.
pub async fn delete(write: &mut Write, id: &GroupId) -> Result<()> {
    write
        .execute("DELETE FROM user_group WHERE account_id = $1 AND id = $2", &values![id.as_str()])
        .await?;
    Ok(())
}

/// How a list of user groups is cut.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    pub id: Option<&'a str>,
    /// The whole name, folded.
    pub name: Option<&'a str>,
    /// A part of the name, folded.
    pub fuzzy_name: Option<&'a str>,
    pub descending: bool,
    pub offset: u64,
    pub limit: u64,
}

/// One page of user groups by name, and how many there are in all.
pub async fn list(conn: &mut Conn, listing: &Listing<'_>) -> Result<(Vec<UserGroup>, u64)> {
    let mut values = Vec::new();
    let mut found = "FROM user_group WHERE account_id = $1".to_owned();
    let contains = format!("{}(name_key, ", conn.dialect().position());
    for (value, before, after) in [
        (listing.id, "id = ", ""),
        (listing.name, "name_key = ", ""),
        (listing.fuzzy_name, contains.as_str(), ") > 0"),
    ] {
        if let Some(value) = value {
            values.push(value.into());
            found.push_str(&format!(" AND {before}${}{after}", values.len() + 1));
        }
    }
    let count = conn.scan(&format!("SELECT COUNT(*) {found}"), &values).await?;
    let total = count.first().ok_or(Error::Corrupt("a count"))?.count(0)?;
    let direction = if listing.descending { "DESC" } else { "ASC" };
    let page = format!(
        "SELECT {COLUMNS} {found} ORDER BY name_key {direction} LIMIT ${} OFFSET ${}",
        values.len() + 2,
        values.len() + 3
    );
    values.extend(values![listing.limit, listing.offset]);
    let rows = conn.scan(&page, &values).await?;
    Ok((rows.into_iter().map(read).collect::<Result<_>>()?, total))
}

fn read(mut row: Row) -> Result<UserGroup> {
    Ok(UserGroup {
        account_id: AccountId::stored(row.text(0)?),
        id: GroupId::stored(row.text(1)?),
        name: row.text(2)?,
        managed: row.bool(3)?,
        created_at: row.time(4)?,
        modified_at: row.time(5)?,
    })
}
