//! SCIM resources: each the document it is, with columns for what it is found by most and an
//! index of every other attribute. Members of groups are not part of a document (see `membership`).

use crate::db::{Conn, Row, Value, Write};
use crate::error::{Error, Result};
use crate::filter;
use crate::values;
use domain::Time;
use scim::resource::Leaf;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    User,
    Group,
}

impl Kind {
    pub const ALL: [Kind; 2] = [Kind::User, Kind::Group];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Group => "Group",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Where resources of this kind are read, below the base URL.
    #[must_use]
    pub const fn endpoint(self) -> &'static str {
        match self {
            Kind::User => "/Users",
            Kind::Group => "/Groups",
        }
    }

    /// The core schema, which every resource of this kind has.
    #[must_use]
    pub const fn schema(self) -> &'static str {
        match self {
            Kind::User => scim::schema::USER,
            Kind::Group => scim::schema::GROUP,
        }
    }

    /// Attributes that have a column, or a table, and so no rows in the index.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Kind::User => &["userName", "externalId", "active"],
            Kind::Group => &["displayName", "externalId"],
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    pub kind: Kind,
    pub id: String,
    /// The folded `userName` of a user, the folded `displayName` of a group.
    pub name_key: String,
    pub external_id: Option<String>,
    pub active: bool,
    pub version: i64,
    pub created_at: Time,
    pub modified_at: Time,
    /// The document, without id, meta, schemas and members.
    pub body: String,
}

/// What a document is found by, and the schemas it was read by.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub leaves: Vec<Leaf>,
    /// Values that no other resource may have; `None` where no schema of the kind knows any.
    pub unique: Option<Vec<Leaf>>,
    /// The account's version of its schemas.
    pub schema_version: i64,
}

pub(crate) const COLUMNS: &str = "r.kind, r.id, r.name_key, r.external_id, r.active, r.version, r.created_at, r.modified_at, r.body";
pub(crate) const COLUMN_COUNT: usize = 9;

/// Writes a new document, if the schemas are still those it was read by. On PostgreSQL they stay so
/// until the transaction ends: whoever changes them locks the account, as does the foreign key of
/// whatever is written here, so that this costs no lock of its own.
pub async fn insert(write: &mut Write, resource: &Resource, index: &Index) -> Result<()> {
    let sql = format!(
        "INSERT INTO resource (account_id, kind, id, name_key, external_id, active, version, \
         created_at, modified_at, body) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 \
         FROM account WHERE (id, schema_version) = ($1, $11){}",
        write.dialect().for_key_share()
    );
    let inserted = write
        .execute(
            &sql,
            &values![
                resource.kind.as_str(),
                &resource.id,
                &resource.name_key,
                resource.external_id.as_deref(),
                resource.active,
                resource.version,
                resource.created_at,
                resource.modified_at,
                &resource.body,
                index.schema_version,
            ],
        )
        .await?;
    if inserted == 0 {
        return Err(Error::Busy);
    }
    write.growth.add(resource.kind, 1);
    add_to_index(write, resource, index).await
}

/// Writes the next version of a document and rebuilds its index. Whoever changed another version than
/// the one that is stored, or read it by other schemas than those of now, is refused.
pub async fn replace(write: &mut Write, resource: &Resource, index: &Index) -> Result<()> {
    let sql = format!(
        "UPDATE resource SET name_key = $4, external_id = $5, active = $6, version = $7, \
         modified_at = $8, body = $9 \
         WHERE account_id = $1 AND kind = $2 AND id = $3 AND version = $10 AND EXISTS \
         (SELECT 1 FROM account a WHERE (a.id, a.schema_version) = ($1, $11){})",
        write.dialect().for_key_share()
    );
    let replaced = write
        .execute(
            &sql,
            &values![
                resource.kind.as_str(),
                &resource.id,
                &resource.name_key,
                resource.external_id.as_deref(),
                resource.active,
                resource.version,
                resource.modified_at,
                &resource.body,
                resource.version - 1,
                index.schema_version,
            ],
        )
        .await?;
    if replaced == 0 {
        return Err(Error::Busy);
    }
    unindex(write, &resource.id).await?;
    if index.unique.is_some() {
        release(write, resource).await?;
    }
    add_to_index(write, resource, index).await
}

/// Counts a change that is not in the document: of a group's members.
pub async fn touch(write: &mut Write, resource: &Resource) -> Result<()> {
    write
        .execute(
            "UPDATE resource SET version = $4, modified_at = $5 \
             WHERE account_id = $1 AND kind = $2 AND id = $3",
            &values![resource.kind.as_str(), &resource.id, resource.version, resource.modified_at],
        )
        .await?;
    Ok(())
}

/// Counts a change in every group that a user is in: the user is about to go.
pub async fn touch_groups_of(write: &mut Write, user: &str, now: Time) -> Result<()> {
    write
        .execute(
            "UPDATE resource SET version = version + 1, modified_at = $3 \
             WHERE account_id = $1 AND kind = 'Group' AND id IN \
             (SELECT group_id FROM membership WHERE account_id = $1 AND member_id = $2)",
            &values![user, now],
        )
        .await?;
    Ok(())
}

pub async fn delete(write: &mut Write, kind: Kind, id: &str) -> Result<()> {
    unindex(write, id).await?;
    let deleted = write
        .execute(
            "DELETE FROM resource WHERE account_id = $1 AND kind = $2 AND id = $3",
            &values![kind.as_str(), id],
        )
        .await?;
    write.growth.add(kind, -i64::try_from(deleted).unwrap_or_default());
    Ok(())
}

/// How many resources of each kind a transaction has added. It is counted when the transaction ends:
/// whoever changes a part of the count keeps others from it until then.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Growth {
    users: i64,
    groups: i64,
}

impl Growth {
    fn add(&mut self, kind: Kind, by: i64) {
        match kind {
            Kind::User => self.users += by,
            Kind::Group => self.groups += by,
        }
    }
}

/// Adds the growth of a transaction to the count, always in the order of kinds.
pub(crate) async fn count_up(write: &mut Write) -> Result<()> {
    let Growth { users, groups } = std::mem::take(&mut write.growth);
    for (kind, by) in [(Kind::User, users), (Kind::Group, groups)] {
        if by != 0 {
            add_to_count(write, kind, by).await?;
        }
    }
    Ok(())
}

/// How many parts a count has. Those who change the same part wait for each other.
const COUNT_PARTS: u64 = 64;

async fn add_to_count(write: &mut Write, kind: Kind, by: i64) -> Result<()> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let part = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT_PARTS;
    write
        .execute(
            "INSERT INTO resource_count (account_id, kind, part, resources) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (account_id, kind, part) \
             DO UPDATE SET resources = resource_count.resources + $4",
            &values![kind.as_str(), part, by],
        )
        .await?;
    Ok(())
}

/// How many resources of a kind the account has.
pub async fn count(conn: &mut Conn, kind: Kind) -> Result<u64> {
    let rows = conn
        .query(
            "SELECT resources FROM resource_count WHERE account_id = $1 AND kind = $2",
            &values![kind.as_str()],
        )
        .await?;
    let total: i64 = rows.iter().map(|row| row.int(0)).sum::<Result<i64>>()?;
    u64::try_from(total).map_err(|_| Error::Corrupt("resource_count"))
}

/// How many leaves one statement writes; the last chunk is cut to what is left.
const LEAVES: usize = 16;

async fn add_to_index(write: &mut Write, resource: &Resource, index: &Index) -> Result<()> {
    for leaf in index.unique.iter().flatten() {
        claim(write, resource, leaf).await?;
    }
    for chunk in index.leaves.chunks(LEAVES) {
        let rows: Vec<String> = (0..chunk.len())
            .map(|row| {
                let from = 4 + row * 4;
                format!("($1, $2, $3, ${from}, ${}, ${}, ${})", from + 1, from + 2, from + 3)
            })
            .collect();
        let sql = format!(
            "{} attribute (account_id, resource_id, kind, path, element, attribute_key, long_key) \
             VALUES {}",
            write.dialect().insert_rows(),
            rows.join(", ")
        );
        let mut values = Vec::from(values![&resource.id, resource.kind.as_str()]);
        for leaf in chunk {
            values.push(Value::from(&leaf.path));
            values.push(Value::Int(i64::from(leaf.element)));
            values.push(Value::Text(filter::bounded(&leaf.key)));
            values.push(Value::from(filter::beyond(&leaf.key)));
        }
        write.execute(&sql, &values).await?;
    }
    Ok(())
}

/// Takes a value that no two resources may have. Of two who do so at once, the second waits for the
/// first and is refused, if that one stays.
async fn claim(write: &mut Write, resource: &Resource, leaf: &Leaf) -> Result<()> {
    let claimed = write
        .execute(
            "INSERT INTO unique_value (account_id, kind, path, attribute_key, resource_id) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
            &values![
                resource.kind.as_str(),
                &leaf.path,
                filter::bounded(&leaf.key).into_owned(),
                &resource.id,
            ],
        )
        .await?;
    if claimed == 0 { Err(Error::NotUnique(leaf.path.clone())) } else { Ok(()) }
}

async fn release(write: &mut Write, resource: &Resource) -> Result<()> {
    write
        .execute(
            "DELETE FROM unique_value WHERE account_id = $1 AND kind = $2 AND resource_id = $3",
            &values![resource.kind.as_str(), &resource.id],
        )
        .await?;
    Ok(())
}

async fn unindex(write: &mut Write, id: &str) -> Result<()> {
    write
        .execute("DELETE FROM attribute WHERE account_id = $1 AND resource_id = $2", &values![id])
        .await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, kind: Kind, id: &str) -> Result<Option<Resource>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM resource r WHERE r.account_id = $1 AND r.kind = $2 AND r.id = $3"
    );
    conn.query_one(&sql, &values![kind.as_str(), id]).await?.map(read).transpose()
}

pub async fn find_for_update(write: &mut Write, kind: Kind, id: &str) -> Result<Option<Resource>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM resource r WHERE r.account_id = $1 AND r.kind = $2 AND r.id = $3{}",
        write.dialect().for_update()
    );
    write.query_one(&sql, &values![kind.as_str(), id]).await?.map(read).transpose()
}

/// The resource of this folded name, in the transaction that may change it.
pub async fn find_by_name(write: &mut Write, kind: Kind, key: &str) -> Result<Option<Resource>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM resource r \
         WHERE r.account_id = $1 AND r.kind = $2 AND r.name_key = $3{}",
        write.dialect().for_update()
    );
    write.query_one(&sql, &values![kind.as_str(), key]).await?.map(read).transpose()
}

pub(crate) fn read(mut row: Row) -> Result<Resource> {
    Ok(Resource {
        kind: Kind::parse(&row.text(0)?).ok_or(Error::Corrupt("resource.kind"))?,
        id: row.text(1)?,
        name_key: row.text(2)?,
        external_id: row.maybe_text(3)?,
        active: row.bool(4)?,
        version: row.int(5)?,
        created_at: row.time(6)?,
        modified_at: row.time(7)?,
        body: row.text(8)?,
    })
}
