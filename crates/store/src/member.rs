//! Members, and the tombstones of those who were.

use crate::db::{Conn, Row, Write};
use crate::error::{Error, Result};
use crate::values;
use domain::Time;
use domain::id::{AccountId, MemberId, PersonId};
use domain::member::{Member, Status};
use scim::schema::fold;

const COLUMNS: &str = "account_id, id, person_id, member_key, email, first_name, last_name, status, \
                       managed, protected, created_at, modified_at";

pub async fn insert(write: &mut Write, member: &Member) -> Result<()> {
    let sql = format!(
        "INSERT INTO member ({COLUMNS}, email_key) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
    );
    write
        .execute(
            &sql,
            &values![
                member.id.as_str(),
                member.person_id.as_str(),
                &member.key,
                &member.email,
                &member.first_name,
                &member.last_name,
                member.status.as_str(),
                member.managed,
                member.protected,
                member.created_at,
                member.modified_at,
                fold(&member.email).into_owned(),
            ],
        )
        .await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, id: &MemberId) -> Result<Option<Member>> {
    let sql = format!("SELECT {COLUMNS} FROM member WHERE account_id = $1 AND id = $2");
    conn.query_one(&sql, &values![id.as_str()]).await?.map(read).transpose()
}

pub async fn find_for_update(write: &mut Write, id: &MemberId) -> Result<Option<Member>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM member WHERE account_id = $1 AND id = $2{}",
        write.dialect().for_update()
    );
    write.query_one(&sql, &values![id.as_str()]).await?.map(read).transpose()
}

/// The member of this key; where there is none, the one who left last.
pub async fn find_by_key(conn: &mut Conn, key: &str) -> Result<Option<Member>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM member WHERE account_id = $1 AND member_key = $2 \
         ORDER BY modified_at, id"
    );
    let rows = conn.query(&sql, &values![key]).await?;
    let mut members = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    let live = members.iter().position(|member| member.status != Status::Removed);
    Ok(match live {
        Some(position) => Some(members.swap_remove(position)),
        None => members.pop(),
    })
}

/// Writes everything that can change of a member. A member who is in has no tombstone.
pub async fn replace(write: &mut Write, member: &Member) -> Result<()> {
    write
        .execute(
            "UPDATE member SET person_id = $3, member_key = $4, email = $5, first_name = $6, \
             last_name = $7, status = $8, managed = $9, protected = $10, modified_at = $11, \
             email_key = $12, removed_at = NULL, tombstone = NULL WHERE account_id = $1 AND id = $2",
            &values![
                member.id.as_str(),
                member.person_id.as_str(),
                &member.key,
                &member.email,
                &member.first_name,
                &member.last_name,
                member.status.as_str(),
                member.managed,
                member.protected,
                member.modified_at,
                fold(&member.email).into_owned(),
            ],
        )
        .await?;
    Ok(())
}

/// Writes who the member is, and nothing of whether they are in.
pub async fn rename(write: &mut Write, member: &Member) -> Result<()> {
    write
        .execute(
            "UPDATE member SET person_id = $3, member_key = $4, email = $5, first_name = $6, \
             last_name = $7, modified_at = $8, email_key = $9 WHERE account_id = $1 AND id = $2",
            &values![
                member.id.as_str(),
                member.person_id.as_str(),
                &member.key,
                &member.email,
                &member.first_name,
                &member.last_name,
                member.modified_at,
                fold(&member.email).into_owned(),
            ],
        )
        .await?;
    Ok(())
}

/// Ends a membership and keeps what a restore would need.
pub async fn bury(write: &mut Write, id: &MemberId, now: Time, tombstone: &str) -> Result<()> {
    write
        .execute(
            "UPDATE member SET status = 'removed', protected = FALSE, modified_at = $3, \
             removed_at = $3, tombstone = $4 WHERE account_id = $1 AND id = $2",
            &values![id.as_str(), now, tombstone],
        )
        .await?;
    Ok(())
}

/// How a list of members is ordered and cut.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    pub status: Option<Status>,
    /// Part of the e-mail address, folded.
    pub search: Option<&'a str>,
    pub order: Order,
    pub descending: bool,
    pub offset: u64,
    pub limit: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Id,
    Email,
    FirstName,
    LastName,
    Status,
}

impl Order {
    const fn column(self) -> &'static str {
        match self {
            Order::Id => "id",
            Order::Email => "email",
            Order::FirstName => "first_name",
            Order::LastName => "last_name",
            Order::Status => "status",
        }
    }
}

/// One page of members and how many there are in all.
pub async fn list(conn: &mut Conn, listing: &Listing<'_>) -> Result<(Vec<Member>, u64)> {
    let mut values = vec![match listing.status {
        Some(status) => status.as_str().into(),
        None => "removed".into(),
    }];
    let mut found = format!(
        "FROM member WHERE account_id = $1 AND status {} $2",
        if listing.status.is_some() { "=" } else { "<>" }
    );
    if let Some(search) = listing.search {
        found.push_str(&format!(" AND {}(email_key, $3) > 0", conn.dialect().position()));
        values.push(search.into());
    }
    let count = conn.scan(&format!("SELECT COUNT(*) {found}"), &values).await?;
    let total = count.first().ok_or(Error::Corrupt("a count"))?.count(0)?;
    let direction = if listing.descending { "DESC" } else { "ASC" };
    let page = format!(
        "SELECT {COLUMNS} {found} ORDER BY {} {direction}, id {direction} LIMIT ${} OFFSET ${}",
        listing.order.column(),
        values.len() + 2,
        values.len() + 3
    );
    values.extend(values![listing.limit, listing.offset]);
    let rows = conn.scan(&page, &values).await?;
    Ok((rows.into_iter().map(read).collect::<Result<_>>()?, total))
}

pub(crate) fn read(mut row: Row) -> Result<Member> {
    Ok(Member {
        account_id: AccountId::stored(row.text(0)?),
        id: MemberId::stored(row.text(1)?),
        person_id: PersonId::stored(row.text(2)?),
        key: row.text(3)?,
        email: row.text(4)?,
        first_name: row.text(5)?,
        last_name: row.text(6)?,
        status: Status::parse(&row.text(7)?).ok_or(Error::Corrupt("member.status"))?,
        managed: row.bool(8)?,
        protected: row.bool(9)?,
        created_at: row.time(10)?,
        modified_at: row.time(11)?,
    })
}
