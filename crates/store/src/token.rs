//! API tokens. The database holds a hash of each value and finds it by its public key.

use crate::db::{Conn, Row, Write};
use crate::error::{Error, Result};
use crate::values;
use domain::id::{AccountId, MemberId, TokenId};
use domain::secret::Secret;
use domain::token::Token;

const COLUMNS: &str =
    "id, account_id, owner_id, name, policies, not_before, expires_at, created_at";

pub async fn insert(write: &mut Write, token: &Token, secret: &Secret) -> Result<()> {
    let policies =
        serde_json::to_string(&token.policies).map_err(|_| Error::Corrupt("token policies"))?;
    write
        .execute(
            "INSERT INTO api_token (account_id, id, owner_id, name, policies, not_before, \
             expires_at, created_at, token_key, token_hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &values![
                token.id.as_str(),
                token.owner.as_ref().map(MemberId::as_str),
                &token.name,
                policies,
                token.not_before,
                token.expires_at,
                token.created_at,
                secret.key(),
                secret.hash(),
            ],
        )
        .await?;
    Ok(())
}

/// The token of this value. Whether it is valid now is for the caller to ask.
pub async fn find(conn: &mut Conn, secret: &Secret) -> Result<Option<Token>> {
    let sql = format!("SELECT {COLUMNS}, token_hash FROM api_token WHERE token_key = $1");
    let rows = conn.query_across_accounts(&sql, &values![secret.key()]).await?;
    let Some(mut row) = rows.into_iter().next() else {
        return Ok(None);
    };
    if !secret.matches(&row.text(8)?) {
        return Ok(None);
    }
    read(row).map(Some)
}

/// Every token of the account, in the order they were made.
pub async fn list(conn: &mut Conn) -> Result<Vec<Token>> {
    let sql = format!("SELECT {COLUMNS} FROM api_token WHERE account_id = $1 ORDER BY id");
    conn.scan(&sql, &[]).await?.into_iter().map(read).collect()
}

/// Ends one token; `None` when the account has no such token.
pub async fn delete(write: &mut Write, id: &TokenId) -> Result<Option<Token>> {
    let sql =
        format!("DELETE FROM api_token WHERE account_id = $1 AND id = $2 RETURNING {COLUMNS}");
    write.query_one(&sql, &values![id.as_str()]).await?.map(read).transpose()
}

/// Ends every token of a person; returns how many there were.
pub async fn delete_of(write: &mut Write, owner: &MemberId) -> Result<u64> {
    write
        .execute(
            "DELETE FROM api_token WHERE account_id = $1 AND owner_id = $2",
            &values![owner.as_str()],
        )
        .await
}

fn read(mut row: Row) -> Result<Token> {
    Ok(Token {
        id: TokenId::stored(row.text(0)?),
        account_id: AccountId::stored(row.text(1)?),
        owner: row.maybe_text(2)?.map(MemberId::stored),
        name: row.text(3)?,
        policies: serde_json::from_str(&row.text(4)?)
            .map_err(|_| Error::Corrupt("api_token.policies"))?,
        not_before: row.maybe_time(5)?,
        expires_at: row.maybe_time(6)?,
        created_at: row.time(7)?,
    })
}
