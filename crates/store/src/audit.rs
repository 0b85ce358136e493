//! The audit log: appended to in the transaction of each change, read by time, never changed.

use crate::db::{Conn, Row, Value, Write};
use crate::error::{Error, Result};
use crate::membership::placeholders;
use crate::values;
use domain::Time;
use domain::audit::{Actor, Event, Origin};
use domain::id::{AccountId, EventId};
use domain::limits::AUDIT_VALUE_BYTES_MAX;

const COLUMNS: &str = "account_id, id, happened_at, action, kind, actor_kind, actor_context, \
                       actor_id, actor_email, token_id, token_name, ip, request_id, method, uri, \
                       user_agent, product, resource_type, resource_id, resource_name, \
                       before_value, after_value, notes";

pub async fn append(write: &mut Write, event: &Event) -> Result<()> {
    let sql = format!("INSERT INTO audit_event ({COLUMNS}) VALUES ($1, {})", placeholders(2, 22));
    let notes = serde_json::to_string(&event.notes).map_err(|_| Error::Corrupt("notes"))?;
    write
        .execute(
            &sql,
            &values![
                event.id.as_str(),
                event.at,
                &event.action,
                &event.kind,
                &event.actor.kind,
                &event.actor.context,
                &event.actor.id,
                &event.actor.email,
                &event.actor.token_id,
                &event.actor.token_name,
                &event.actor.ip,
                &event.origin.request_id,
                &event.origin.method,
                &event.origin.uri,
                &event.origin.user_agent,
                &event.product,
                &event.resource_type,
                &event.resource_id,
                &event.resource_name,
                text(&event.before),
                text(&event.after),
                notes,
            ],
        )
        .await?;
    Ok(())
}

/// What is kept of a value: a log that keeps everything would let one large resource fill it.
fn text(value: &serde_json::Value) -> String {
    let text = value.to_string();
    if text.len() > AUDIT_VALUE_BYTES_MAX {
        return serde_json::json!({"left_out_bytes": text.len()}).to_string();
    }
    text
}

/// What an event can be found by, besides its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Id,
    Kind,
    ActorContext,
    ActorEmail,
    ActorId,
    ActorKind,
    Ip,
    TokenId,
    TokenName,
    RequestId,
    Method,
    Uri,
    Product,
    ResourceId,
    ResourceType,
}

impl Field {
    const fn column(self) -> &'static str {
        match self {
            Field::Id => "id",
            Field::Kind => "kind",
            Field::ActorContext => "actor_context",
            Field::ActorEmail => "actor_email",
            Field::ActorId => "actor_id",
            Field::ActorKind => "actor_kind",
            Field::Ip => "ip",
            Field::TokenId => "token_id",
            Field::TokenName => "token_name",
            Field::RequestId => "request_id",
            Field::Method => "method",
            Field::Uri => "uri",
            Field::Product => "product",
            Field::ResourceId => "resource_id",
            Field::ResourceType => "resource_type",
        }
    }
}

/// One of these values, or none of them.
#[derive(Clone, Debug)]
pub struct Match {
    pub field: Field,
    pub not: bool,
    pub values: Vec<String>,
}

/// Which events, and where to go on.
#[derive(Clone, Debug)]
pub struct Listing {
    pub since: Time,
    pub before: Time,
    pub ascending: bool,
    pub limit: u64,
    /// The last event of the page before.
    pub after: Option<(Time, EventId)>,
    pub matches: Vec<Match>,
}

pub async fn list(conn: &mut Conn, listing: &Listing) -> Result<Vec<Event>> {
    let mut values = Vec::from(values![listing.since, listing.before]);
    let mut sql = format!(
        "SELECT {COLUMNS} FROM audit_event WHERE account_id = $1 AND happened_at >= $2 \
         AND happened_at < $3"
    );
    let (order, beyond) = if listing.ascending { ("ASC", ">") } else { ("DESC", "<") };
    if let Some((at, id)) = &listing.after {
        sql.push_str(&format!(" AND (happened_at, id) {beyond} ($4, $5)"));
        values.extend(values![*at, id.as_str()]);
    }
    for one in listing.matches.iter().filter(|one| !one.values.is_empty()) {
        let list = placeholders(values.len() + 2, one.values.len());
        let not = if one.not { "NOT " } else { "" };
        sql.push_str(&format!(" AND {} {not}IN ({list})", one.field.column()));
        values.extend(one.values.iter().map(Value::from));
    }
    sql.push_str(&format!(" ORDER BY happened_at {order}, id {order} LIMIT ${}", values.len() + 2));
    values.push(listing.limit.into());
    conn.scan(&sql, &values).await?.into_iter().map(read).collect()
}

fn read(mut row: Row) -> Result<Event> {
    let corrupt = |_| Error::Corrupt("audit_event");
    Ok(Event {
        account_id: AccountId::stored(row.text(0)?),
        id: EventId::stored(row.text(1)?),
        at: row.time(2)?,
        action: row.text(3)?,
        kind: row.text(4)?,
        actor: Actor {
            kind: row.text(5)?,
            context: row.text(6)?,
            id: row.text(7)?,
            email: row.text(8)?,
            token_id: row.text(9)?,
            token_name: row.text(10)?,
            ip: row.text(11)?,
        },
        origin: Origin {
            request_id: row.text(12)?,
            method: row.text(13)?,
            uri: row.text(14)?,
            user_agent: row.text(15)?,
        },
        product: row.text(16)?,
        resource_type: row.text(17)?,
        resource_id: row.text(18)?,
        resource_name: row.text(19)?,
        before: serde_json::from_str(&row.text(20)?).map_err(corrupt)?,
        after: serde_json::from_str(&row.text(21)?).map_err(corrupt)?,
        notes: serde_json::from_str(&row.text(22)?).map_err(corrupt)?,
    })
}
