//! One-time links to the dashboard.

use crate::db::{Conn, Write};
use crate::error::Result;
use crate::values;
use domain::Time;
use domain::id::{AccountId, MemberId};
use domain::secret::Secret;

pub async fn insert(
    write: &mut Write,
    secret: &Secret,
    member: &MemberId,
    expires_at: Time,
) -> Result<()> {
    write
        .execute(
            "INSERT INTO sign_in_link (account_id, link_key, link_hash, member_id, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
            &values![secret.key(), secret.hash(), member.as_str(), expires_at],
        )
        .await?;
    Ok(())
}

/// Whom a link lets in, and where. Only [`take`] uses it up.
pub async fn find(conn: &mut Conn, secret: &Secret) -> Result<Option<(AccountId, MemberId)>> {
    let rows = conn
        .query_across_accounts(
            "SELECT account_id, member_id FROM sign_in_link WHERE link_key = $1",
            &values![secret.key()],
        )
        .await?;
    rows.into_iter()
        .next()
        .map(|mut row| Ok((AccountId::stored(row.text(0)?), MemberId::stored(row.text(1)?))))
        .transpose()
}

/// Uses a link up: of two who try, one gets the member.
pub async fn take(write: &mut Write, secret: &Secret, now: Time) -> Result<Option<MemberId>> {
    let row = write
        .query_one(
            "DELETE FROM sign_in_link WHERE account_id = $1 AND link_key = $2 \
             RETURNING member_id, link_hash, expires_at",
            &values![secret.key()],
        )
        .await?;
    let Some(mut row) = row else { return Ok(None) };
    let valid = secret.matches(&row.text(1)?) && now < row.time(2)?;
    let member = MemberId::stored(row.text(0)?);
    Ok(valid.then_some(member))
}

/// Makes every link of a person worthless.
pub async fn delete_of(write: &mut Write, member: &MemberId) -> Result<u64> {
    write
        .execute(
            "DELETE FROM sign_in_link WHERE account_id = $1 AND member_id = $2",
            &values![member.as_str()],
        )
        .await
}
