//! Databases for tests: a new one each, on SQLite and on PostgreSQL, and what must hold in every one
//! of them whatever was done to it.
//!
//! PostgreSQL comes from `PROVOST_TEST_POSTGRES`, a URL under which databases may be made; `./test`
//! starts one. Not part of the server.

use super::{Db, postgres};
use crate::error::{Error, Result};
use domain::chance::Chance;

/// A database of one's own. The SQLite file goes with it; PostgreSQL goes with its cluster.
#[derive(Debug)]
pub struct Scratch {
    pub url: String,
    pub db: Db,
    dir: Option<tempfile::TempDir>,
}

impl Scratch {
    pub async fn sqlite() -> Result<Scratch> {
        let dir = tempfile::tempdir().map_err(|error| Error::Unavailable(error.to_string()))?;
        let url = format!("sqlite:{}", dir.path().join("test.db").display());
        Ok(Scratch { db: Db::open(&url).await?, url, dir: Some(dir) })
    }

    pub async fn postgres() -> Result<Scratch> {
        #[expect(clippy::disallowed_methods, reason = "tests are told by `./test`")]
        let base = std::env::var("PROVOST_TEST_POSTGRES").map_err(|_| {
            Error::Unavailable(
                "PROVOST_TEST_POSTGRES isn't set; run `./test`, or set it to a PostgreSQL URL \
                 under which databases may be made"
                    .to_owned(),
            )
        })?;
        let name = format!("test_{}", domain::id::hex(&Chance::system().bytes::<8>()));
        postgres::create_database(&base, &name).await?;
        let (server, query) = base.split_once('?').unwrap_or((&base, ""));
        let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
        let url = format!("{server}/{name}?{query}");
        Ok(Scratch { db: Db::open(&url).await?, url, dir: None })
    }

    /// The folder of an SQLite database.
    #[must_use]
    pub fn dir(&self) -> Option<&std::path::Path> {
        self.dir.as_ref().map(tempfile::TempDir::path)
    }
}

/// Statements that find what must never be, each with the promise that it would break.
const PROMISES: [(&str, &str); 11] = [
    (
        "no session belongs to a person who is out",
        "SELECT s.id FROM dashboard_session s JOIN member m ON m.account_id = s.account_id \
         AND m.id = s.member_id WHERE m.status <> 'accepted'",
    ),
    (
        "no token belongs to a person who is out",
        "SELECT t.id FROM api_token t JOIN member m ON m.account_id = t.account_id \
         AND m.id = t.owner_id WHERE m.status <> 'accepted'",
    ),
    (
        "no sign-in link belongs to a person who is out",
        "SELECT l.link_key FROM sign_in_link l JOIN member m ON m.account_id = l.account_id \
         AND m.id = l.member_id WHERE m.status = 'removed'",
    ),
    (
        "nobody who is out holds a policy",
        "SELECT g.holder_id FROM policy_grant g JOIN member m ON m.account_id = g.account_id \
         AND m.id = g.holder_id WHERE m.status = 'removed'",
    ),
    (
        "an active SCIM user is a member",
        "SELECT u.id FROM resource u LEFT JOIN member m ON m.account_id = u.account_id \
         AND m.id = u.id AND m.status = 'accepted' AND m.managed \
         WHERE u.kind = 'User' AND u.active AND m.id IS NULL",
    ),
    (
        "an inactive SCIM user is no member, unless protected",
        "SELECT u.id FROM resource u JOIN member m ON m.account_id = u.account_id AND m.id = u.id \
         WHERE u.kind = 'User' AND NOT u.active AND m.status <> 'removed' AND NOT m.protected",
    ),
    (
        "a SCIM group is a managed user group of the same name",
        "SELECT r.id FROM resource r LEFT JOIN user_group g ON g.account_id = r.account_id \
         AND g.id = r.id AND g.managed AND g.name_key = r.name_key \
         WHERE r.kind = 'Group' AND g.id IS NULL",
    ),
    (
        "the index holds nothing of resources that are gone",
        "SELECT a.resource_id FROM attribute a LEFT JOIN resource r \
         ON r.account_id = a.account_id AND r.id = a.resource_id WHERE r.id IS NULL",
    ),
    (
        "no resource has data of a schema that is no more",
        "SELECT a.resource_id FROM attribute a LEFT JOIN account_schema s \
         ON s.account_id = a.account_id AND s.kind = a.kind AND s.urn_key = a.attribute_key \
         WHERE a.path = 'schemas' AND s.urn_key IS NULL \
         AND a.attribute_key <> 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:user'",
    ),
    (
        "a unique value is one that its resource has",
        "SELECT u.resource_id FROM unique_value u LEFT JOIN attribute a \
         ON a.account_id = u.account_id AND a.resource_id = u.resource_id AND a.path = u.path \
         AND a.attribute_key = u.attribute_key WHERE a.resource_id IS NULL",
    ),
    (
        "a request wrote at most one audit event, unless it was a bulk of them",
        "SELECT request_id FROM audit_event WHERE request_id <> '' AND uri NOT LIKE '%/Bulk' \
         GROUP BY request_id HAVING COUNT(*) > 1",
    ),
];

/// Which promises are broken, each with an example.
pub async fn broken_promises(db: &Db) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    let mut conn = db.read_across_accounts().await?;
    for (promise, sql) in PROMISES {
        if let Some(mut row) = conn.query_across_accounts(sql, &[]).await?.into_iter().next() {
            broken.push(format!("{promise}: {}", row.text(0)?));
        }
    }
    for account in crate::account::list(&mut conn).await? {
        let mut conn = db.read(&account.id).await?;
        let role = domain::role::super_administrator();
        if crate::policy::holders(&mut conn, role, 1).await?.is_empty() {
            broken.push(format!("every account has a Super Administrator: {}", account.id));
        }
    }
    Ok(broken)
}

/// The ids of the requests that wrote an audit event.
pub async fn audited_requests(db: &Db) -> Result<Vec<String>> {
    let mut conn = db.read_across_accounts().await?;
    let sql = "SELECT request_id FROM audit_event WHERE request_id <> ''";
    let rows = conn.query_across_accounts(sql, &[]).await?;
    rows.into_iter().map(|mut row| row.text(0)).collect()
}
