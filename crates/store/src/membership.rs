//! Who is in which user group: one row each, so that adding the ten-thousandth costs what the first did.

use crate::db::{Conn, Value, Write};
use crate::error::{Error, Result};
use crate::member;
use crate::values;
use domain::Time;
use domain::id::{GroupId, MemberId};
use domain::limits::PAIRS_MAX;
use domain::member::Member;

/// How many ids one statement takes. Lists are cut and padded to these sizes, so that a handful of
/// prepared statements serves every length.
const SIZES: [usize; 4] = [1, 8, 64, 512];

/// `$from, $from+1, …`: `count` parameters for an `IN`.
pub(crate) fn placeholders(from: usize, count: usize) -> String {
    (from..from + count).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ")
}

/// Cuts ids into chunks of a known size, the last one padded by repeating its last id.
fn chunks(ids: &[String]) -> Vec<Vec<&str>> {
    ids.chunks(SIZES[SIZES.len() - 1])
        .map(|chunk| {
            let size = SIZES.into_iter().find(|size| *size >= chunk.len()).unwrap_or(chunk.len());
            let last = chunk.last().map_or("", String::as_str);
            let padding = std::iter::repeat_n(last, size - chunk.len());
            chunk.iter().map(String::as_str).chain(padding).collect()
        })
        .collect()
}

/// Those of the ids that are SCIM users of the account.
pub async fn known_users(conn: &mut Conn, ids: &[String]) -> Result<Vec<String>> {
    let mut known = Vec::with_capacity(ids.len());
    for chunk in chunks(ids) {
        let sql = format!(
            "SELECT id FROM resource WHERE account_id = $1 AND kind = 'User' AND id IN ({})",
            placeholders(2, chunk.len())
        );
        let values: Vec<Value<'_>> = chunk.into_iter().map(Value::from).collect();
        for mut row in conn.query(&sql, &values).await? {
            known.push(row.text(0)?);
        }
    }
    Ok(known)
}

/// Adds members; returns those who were not there before.
pub async fn add(
    write: &mut Write,
    group: &GroupId,
    ids: &[String],
    now: Time,
) -> Result<Vec<String>> {
    let mut added = Vec::new();
    for chunk in chunks(ids) {
        let sql = format!(
            "INSERT INTO membership (account_id, group_id, member_id, created_at) \
             SELECT account_id, $2, id, $3 FROM member WHERE account_id = $1 AND id IN ({}) \
             ON CONFLICT DO NOTHING RETURNING member_id",
            placeholders(4, chunk.len())
        );
        let mut values = Vec::from(values![group.as_str(), now]);
        values.extend(chunk.into_iter().map(Value::from));
        for mut row in write.query(&sql, &values).await? {
            added.push(row.text(0)?);
        }
    }
    Ok(added)
}

/// Removes members; returns those who were there.
pub async fn remove(write: &mut Write, group: &GroupId, ids: &[String]) -> Result<Vec<String>> {
    let mut removed = Vec::new();
    for chunk in chunks(ids) {
        let sql = format!(
            "DELETE FROM membership WHERE account_id = $1 AND group_id = $2 \
             AND member_id IN ({}) RETURNING member_id",
            placeholders(3, chunk.len())
        );
        let mut values = Vec::from(values![group.as_str()]);
        values.extend(chunk.into_iter().map(Value::from));
        for mut row in write.query(&sql, &values).await? {
            removed.push(row.text(0)?);
        }
    }
    Ok(removed)
}

/// Empties a group; returns who was in it.
pub async fn clear(write: &mut Write, group: &GroupId) -> Result<Vec<String>> {
    let rows = write
        .query(
            "DELETE FROM membership WHERE account_id = $1 AND group_id = $2 RETURNING member_id",
            &values![group.as_str()],
        )
        .await?;
    rows.into_iter().map(|mut row| row.text(0)).collect()
}

/// Takes a person out of the user groups that the identity provider manages, or out of all others.
pub async fn leave(write: &mut Write, member: &MemberId, managed: bool) -> Result<u64> {
    write
        .execute(
            "DELETE FROM membership WHERE account_id = $1 AND member_id = $2 AND EXISTS \
             (SELECT 1 FROM user_group g WHERE g.account_id = $1 AND g.id = group_id \
             AND g.managed = $3)",
            &values![member.as_str(), managed],
        )
        .await
}

/// The ids of every user group a person is in.
pub async fn groups_joined(conn: &mut Conn, member: &MemberId) -> Result<Vec<String>> {
    let rows = conn
        .query(
            "SELECT group_id FROM membership WHERE account_id = $1 AND member_id = $2 \
             ORDER BY group_id",
            &values![member.as_str()],
        )
        .await?;
    rows.into_iter().map(|mut row| row.text(0)).collect()
}

/// The ids of everybody in a group.
pub async fn ids(conn: &mut Conn, group: &GroupId) -> Result<Vec<String>> {
    let rows = conn
        .query(
            "SELECT member_id FROM membership WHERE account_id = $1 AND group_id = $2 \
             ORDER BY member_id",
            &values![group.as_str()],
        )
        .await?;
    rows.into_iter().map(|mut row| row.text(0)).collect()
}

/// A SCIM user in a SCIM group, as either resource shows the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub group_id: String,
    pub group_name: String,
    pub member_id: String,
    pub member_email: String,
}

/// The SCIM users of each group, in the order of their ids; too many are refused.
pub async fn users_of(conn: &mut Conn, groups: &[&str]) -> Result<Vec<Pair>> {
    pairs(conn, "s.group_id", groups).await
}

/// The SCIM groups of each user.
pub async fn groups_of(conn: &mut Conn, users: &[&str]) -> Result<Vec<Pair>> {
    pairs(conn, "s.member_id", users).await
}

async fn pairs(conn: &mut Conn, column: &str, ids: &[&str]) -> Result<Vec<Pair>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT s.group_id, g.name, s.member_id, m.email FROM membership s \
         JOIN resource u ON u.account_id = s.account_id AND u.kind = 'User' AND u.id = s.member_id \
         JOIN member m ON m.account_id = s.account_id AND m.id = s.member_id \
         JOIN user_group g ON g.account_id = s.account_id AND g.id = s.group_id \
         WHERE s.account_id = $1 AND g.managed AND {column} IN ({}) \
         ORDER BY s.group_id, s.member_id LIMIT ${}",
        placeholders(2, ids.len()),
        ids.len() + 2
    );
    let mut values: Vec<Value<'_>> = ids.iter().map(|id| Value::from(*id)).collect();
    values.push(Value::Int(PAIRS_MAX as i64 + 1));
    // A group may have a hundred thousand users; a user is in few groups.
    let rows = if ids.len() == 1 && column == "s.member_id" {
        conn.query(&sql, &values).await?
    } else {
        conn.scan(&sql, &values).await?
    };
    if rows.len() > PAIRS_MAX {
        return Err(Error::TooLong);
    }
    rows.into_iter()
        .map(|mut row| {
            Ok(Pair {
                group_id: row.text(0)?,
                group_name: row.text(1)?,
                member_id: row.text(2)?,
                member_email: row.text(3)?,
            })
        })
        .collect()
}

/// How a list of a group's members is cut.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    pub member: Option<&'a MemberId>,
    /// A part of the e-mail address, folded.
    pub fuzzy_email: Option<&'a str>,
    pub descending: bool,
    pub offset: u64,
    pub limit: u64,
}

/// One page of a group's members by e-mail address, when each was added, and how many there are.
pub async fn list(
    conn: &mut Conn,
    group: &GroupId,
    listing: &Listing<'_>,
) -> Result<(Vec<(Member, Time)>, u64)> {
    let mut values = Vec::from(values![group.as_str()]);
    let mut found = "FROM membership s JOIN member m ON m.account_id = s.account_id \
                     AND m.id = s.member_id WHERE s.account_id = $1 AND s.group_id = $2 \
                     AND m.status <> 'removed'"
        .to_owned();
    if let Some(member) = listing.member {
        values.push(member.as_str().into());
        found.push_str(&format!(" AND m.id = ${}", values.len() + 1));
    }
    if let Some(part) = listing.fuzzy_email {
        values.push(part.into());
        let position = conn.dialect().position();
        found.push_str(&format!(" AND {position}(m.email_key, ${}) > 0", values.len() + 1));
    }
    let count = conn.scan(&format!("SELECT COUNT(*) {found}"), &values).await?;
    let total = count.first().ok_or(Error::Corrupt("a count"))?.count(0)?;
    let direction = if listing.descending { "DESC" } else { "ASC" };
    let page = format!(
        "SELECT m.account_id, m.id, m.person_id, m.member_key, m.email, m.first_name, \
         m.last_name, m.status, m.managed, m.protected, m.created_at, m.modified_at, s.created_at \
         {found} ORDER BY m.email {direction}, m.id {direction} LIMIT ${} OFFSET ${}",
        values.len() + 2,
        values.len() + 3
    );
    values.extend(values![listing.limit, listing.offset]);
    let rows = conn.scan(&page, &values).await?;
    let members = rows.into_iter().map(|row| {
        let added_at = row.time(12)?;
        Ok((member::read(row)?, added_at))
    });
    Ok((members.collect::<Result<_>>()?, total))
}

/// How many members each group has, of those who are in.
pub async fn count(conn: &mut Conn, group: &GroupId) -> Result<u64> {
    let rows = conn
        .scan(
            "SELECT COUNT(*) FROM membership s JOIN member m ON m.account_id = s.account_id \
             AND m.id = s.member_id WHERE s.account_id = $1 AND s.group_id = $2 \
             AND m.status = 'accepted'",
            &values![group.as_str()],
        )
        .await?;
    rows.first().ok_or(Error::Corrupt("a count"))?.count(0)
}
