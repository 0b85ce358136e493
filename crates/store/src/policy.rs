//! Policies of members and user groups, and the question they answer: who administers the account.

use crate::db::{Conn, Row, Value, Write};
use crate::error::{Error, Result};
use crate::values;
use domain::id::{MemberId, PolicyId};
use domain::policy::{Access, Policy};
use std::collections::BTreeMap;

/// The policies of each holder, in the order they were given.
pub async fn list(conn: &mut Conn, holders: &[&str]) -> Result<BTreeMap<String, Vec<Policy>>> {
    let mut policies: BTreeMap<String, Vec<Policy>> = BTreeMap::new();
    if holders.is_empty() {
        return Ok(policies);
    }
    let sql = format!(
        "SELECT holder_id, policy_id, access, permission_group, resource_group FROM policy_grant \
         WHERE account_id = $1 AND holder_id IN ({}) ORDER BY holder_id, ordinal",
        super::membership::placeholders(2, holders.len())
    );
    let values: Vec<Value<'_>> = holders.iter().map(|holder| Value::from(*holder)).collect();
    for mut row in conn.query(&sql, &values).await? {
        let of_holder = policies.entry(row.text(0)?).or_default();
        gather(of_holder, &mut row)?;
    }
    Ok(policies)
}

pub async fn of(conn: &mut Conn, holder: &str) -> Result<Vec<Policy>> {
    Ok(list(conn, &[holder]).await?.remove(holder).unwrap_or_default())
}

/// What reaches a member: their own policies and those of their user groups.
pub async fn effective(conn: &mut Conn, member: &MemberId) -> Result<Vec<Policy>> {
    let rows = conn
        .query(
            "SELECT holder_id, policy_id, access, permission_group, resource_group \
             FROM policy_grant WHERE account_id = $1 AND holder_id IN \
             (SELECT id FROM member WHERE account_id = $1 AND id = $2 UNION ALL \
             SELECT group_id FROM membership WHERE account_id = $1 AND member_id = $2) \
             ORDER BY holder_id, ordinal",
            &values![member.as_str()],
        )
        .await?;
    let mut policies = Vec::new();
    for mut row in rows {
        gather(&mut policies, &mut row)?;
    }
    Ok(policies)
}

/// Adds one grant to the policy it is of, which is the last one where the rows are in order.
fn gather(policies: &mut Vec<Policy>, row: &mut Row) -> Result<()> {
    let id = PolicyId::stored(row.text(1)?);
    let access = match row.text(2)?.as_str() {
        "allow" => Access::Allow,
        "deny" => Access::Deny,
        _ => return Err(Error::Corrupt("policy_grant.access")),
    };
    if policies.last().is_none_or(|policy| policy.id != id) {
        let policy =
            Policy { id, access, permission_groups: Vec::new(), resource_groups: Vec::new() };
        policies.push(policy);
    }
    if let Some(policy) = policies.last_mut() {
        for (part, id) in [
            (&mut policy.permission_groups, row.text(3)?),
            (&mut policy.resource_groups, row.text(4)?),
        ] {
            if !part.contains(&id) {
                part.push(id);
            }
        }
    }
    Ok(())
}

/// Puts these policies in the place of all the holder had.
pub async fn replace(write: &mut Write, holder: &str, policies: &[Policy]) -> Result<()> {
    write
        .execute(
            "DELETE FROM policy_grant WHERE account_id = $1 AND holder_id = $2",
            &values![holder],
        )
        .await?;
    for (ordinal, policy) in (0..).zip(policies) {
        insert(write, holder, ordinal, policy).await?;
    }
    Ok(())
}

/// Gives the first policy to a holder who has none.
pub async fn begin(write: &mut Write, holder: &str, policy: &Policy) -> Result<()> {
    insert(write, holder, 0, policy).await
}

async fn insert(write: &mut Write, holder: &str, ordinal: i64, policy: &Policy) -> Result<()> {
    for permission_group in &policy.permission_groups {
        for resource_group in &policy.resource_groups {
            write
                .execute(
                    "INSERT INTO policy_grant (account_id, holder_id, policy_id, ordinal, access, \
                     permission_group, resource_group) VALUES ($1, $2, $3, $4, $5, $6, $7) \
                     ON CONFLICT DO NOTHING",
                    &values![
                        holder,
                        policy.id.as_str(),
                        ordinal,
                        policy.access.as_str(),
                        permission_group,
                        resource_group,
                    ],
                )
                .await?;
        }
    }
    Ok(())
}

/// Whether a holder is allowed or denied a permission group by a policy of its own.
pub async fn mentions(conn: &mut Conn, holder: &str, permission_group: &str) -> Result<bool> {
    let row = conn
        .query_one(
            "SELECT ordinal FROM policy_grant WHERE account_id = $1 AND permission_group = $2 \
             AND holder_id = $3 LIMIT 1",
            &values![permission_group, holder],
        )
        .await?;
    Ok(row.is_some())
}

/// The first members, by seniority, who effectively hold a permission group: allowed directly or
/// through a user group and not denied, or protected.
pub async fn holders(conn: &mut Conn, permission_group: &str, limit: u64) -> Result<Vec<MemberId>> {
    let rows = conn
        .query(
            // Joined from the holders, who are few, to the members, who are many.
            "WITH holder AS (\
               SELECT holder_id AS member_id, access FROM policy_grant \
               WHERE account_id = $1 AND permission_group = $2 \
               UNION ALL \
               SELECT s.member_id, g.access FROM policy_grant g \
               CROSS JOIN membership s \
               WHERE g.account_id = $1 AND g.permission_group = $2 \
               AND s.account_id = $1 AND s.group_id = g.holder_id), \
             allowed AS (SELECT member_id FROM holder WHERE access = 'allow' UNION \
               SELECT id FROM member WHERE account_id = $1 AND protected) \
             SELECT m.id FROM allowed a CROSS JOIN member m \
             WHERE m.account_id = $1 AND m.id = a.member_id AND m.status = 'accepted' \
             AND (m.protected \
               OR m.id NOT IN (SELECT member_id FROM holder WHERE access = 'deny')) \
             ORDER BY m.id LIMIT $3",
            &values![permission_group, limit],
        )
        .await?;
    rows.into_iter().map(|mut row| Ok(MemberId::stored(row.text(0)?))).collect()
}
