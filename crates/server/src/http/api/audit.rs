//! The audit log of version 2 on the wire.

use super::{Answer, body};
use crate::app::App;
use crate::http::extract::ApiCall;
use crate::service::{Error, Result, audit};
use axum::extract::State;
use domain::Time;
use domain::audit::Event;
use domain::id::EventId;
use domain::limits::{AUDIT_PAGE_DEFAULT, AUDIT_PAGE_MAX};
use domain::permission::Permission::AuditRead;
use serde_json::{Value, json};
use store::audit::{Field, Listing, Match};

/// Parameters that filter, each also as `NAME.not`.
const FILTERS: [(&str, Field); 16] = [
    ("id", Field::Id),
    ("audit_log_id", Field::Id),
    ("action_type", Field::Kind),
    ("actor_context", Field::ActorContext),
    ("actor_email", Field::ActorEmail),
    ("actor_id", Field::ActorId),
    ("actor_type", Field::ActorKind),
    ("actor_ip_address", Field::Ip),
    ("actor_token_id", Field::TokenId),
    ("actor_token_name", Field::TokenName),
    ("raw_cf_ray_id", Field::RequestId),
    ("raw_method", Field::Method),
    ("raw_uri", Field::Uri),
    ("resource_id", Field::ResourceId),
    ("resource_product", Field::Product),
    ("resource_type", Field::ResourceType),
];

pub async fn list(State(app): State<App>, call: ApiCall) -> Answer {
    // Before the parameters: who may not look needs no advice on how to.
    call.caller.require(AuditRead)?;
    let listing = listing(&call)?;
    let events = audit::list(&app, &call.caller, &listing).await?;
    let full = events.len() as u64 == listing.limit;
    let cursor = events.last().filter(|_| full).map(cursor).unwrap_or_default();
    let result: Vec<Value> =
        events.iter().map(|event| show(event, &call.caller.account.name)).collect();
    // Both places where clients look for the cursor.
    let info = json!({
        "count": result.len(),
        "cursor": cursor,
        "cursors": {"after": cursor},
    });
    Ok(body(&json!({
        "success": true, "errors": [], "messages": [], "result": result, "result_info": info,
    })))
}

fn listing(call: &ApiCall) -> Result<Listing> {
    let query = &call.query;
    let limit = match query.get("limit") {
        None => AUDIT_PAGE_DEFAULT,
        Some(text) => text
            .parse::<u64>()
            .ok()
            .filter(|limit| (1..=AUDIT_PAGE_MAX).contains(limit))
            .ok_or_else(|| {
                Error::invalid(format!("`limit` is a number from 1 to {AUDIT_PAGE_MAX}"))
            })?,
    };
    let ascending = match query.get("direction") {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(other) => {
            return Err(Error::invalid(format!("`direction` is asc or desc, not `{other}`")));
        }
    };
    let after = match query.get("cursor").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(
            position(text)
                .ok_or_else(|| Error::invalid("`cursor` is not one that this log gave out"))?,
        ),
    };
    let matches = FILTERS
        .iter()
        .flat_map(|(name, field)| {
            [(name.to_string(), false), (format!("{name}.not"), true)].map(|(name, not)| Match {
                field: *field,
                not,
                values: query.all(&name).map(str::to_owned).collect(),
            })
        })
        .filter(|one| !one.values.is_empty())
        .collect();
    Ok(Listing {
        since: instant(call, "since")?,
        before: instant(call, "before")?,
        ascending,
        limit,
        after,
        matches,
    })
}

fn instant(call: &ApiCall, name: &str) -> Result<Time> {
    let text = call.query.get(name).unwrap_or_default();
    Time::parse(text).ok_or_else(|| {
        Error::invalid(format!("`{name}` is required: a date or an RFC 3339 instant"))
    })
}

fn cursor(event: &Event) -> String {
    format!("{}-{}", event.at.millis(), event.id)
}

fn position(cursor: &str) -> Option<(Time, EventId)> {
    let (millis, id) = cursor.split_once('-')?;
    Some((Time::from_millis(millis.parse().ok()?), EventId::parse(id)?))
}

fn show(event: &Event, account_name: &str) -> Value {
    json!({
        "id": event.id,
        "account": {"id": event.account_id, "name": account_name},
        "action": {
            "description": event.action,
            "result": "success",
            "time": event.at,
            "type": event.kind,
        },
        "actor": {
            "id": event.actor.id,
            "context": event.actor.context,
            "email": event.actor.email,
            "ip_address": event.actor.ip,
            "token_id": event.actor.token_id,
            "token_name": event.actor.token_name,
            "type": event.actor.kind,
        },
        "raw": {
            "cf_ray_id": event.origin.request_id,
            "method": event.origin.method,
            "uri": event.origin.uri,
            "user_agent": event.origin.user_agent,
        },
        "resource": {
            "id": event.resource_id,
            "name": event.resource_name,
            "product": event.product,
            "scope": "accounts",
            "type": event.resource_type,
            "before": event.before,
            "after": event.after,
        },
        "notes": event.notes,
    })
}
