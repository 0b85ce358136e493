//! Dashboard sessions. A session is a row; without it the cookie is worth nothing.

use crate::db::{Conn, Write};
use crate::error::Result;
use crate::values;
use domain::Time;
use domain::id::{AccountId, MemberId, SessionId};
use domain::secret::Secret;

#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub account_id: AccountId,
    pub member_id: MemberId,
    pub expires_at: Time,
}

pub async fn insert(
    write: &mut Write,
    session: &Session,
    secret: &Secret,
    now: Time,
) -> Result<()> {
    write
        .execute(
            "INSERT INTO dashboard_session (account_id, id, member_id, session_key, session_hash, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &values![
                session.id.as_str(),
                session.member_id.as_str(),
                secret.key(),
                secret.hash(),
                now,
                session.expires_at,
            ],
        )
        .await?;
    Ok(())
}

/// The session that a cookie opens, if it opens one now.
pub async fn find(conn: &mut Conn, secret: &Secret, now: Time) -> Result<Option<Session>> {
    let rows = conn
        .query_across_accounts(
            "SELECT id, account_id, member_id, session_hash, expires_at FROM dashboard_session \
             WHERE session_key = $1",
            &values![secret.key()],
        )
        .await?;
    let Some(mut row) = rows.into_iter().next() else {
        return Ok(None);
    };
    let session = Session {
        id: SessionId::stored(row.text(0)?),
        account_id: AccountId::stored(row.text(1)?),
        member_id: MemberId::stored(row.text(2)?),
        expires_at: row.time(4)?,
    };
    Ok((secret.matches(&row.text(3)?) && now < session.expires_at).then_some(session))
}

pub async fn delete(write: &mut Write, id: &SessionId) -> Result<()> {
    write
        .execute(
            "DELETE FROM dashboard_session WHERE account_id = $1 AND id = $2",
            &values![id.as_str()],
        )
        .await?;
    Ok(())
}

/// Ends every session of a person; returns how many there were.
pub async fn delete_of(write: &mut Write, member: &MemberId) -> Result<u64> {
    write
        .execute(
            "DELETE FROM dashboard_session WHERE account_id = $1 AND member_id = $2",
            &values![member.as_str()],
        )
        .await
}
