//! API v4: the envelope, the paging, and a file for each resource.

pub mod accounts;
pub mod audit;
pub mod groups;
pub mod members;
pub mod roles;
pub mod schemas;

use crate::http::error::ApiError;
use crate::http::query::Query;
use crate::service::policies::NewPolicy;
use crate::service::{Error, Result};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::account::whole;
use domain::id::AccountId;
use domain::limits::{API_PAGE_DEFAULT, API_PAGE_MAX};
use domain::policy::{Access, Policy};
use domain::role::{self, Role};
use serde::Deserialize;
use serde_json::{Value, json};

pub type Answer = std::result::Result<Response, ApiError>;

fn success(result: &Value) -> Response {
    body(&json!({"success": true, "errors": [], "messages": [], "result": result}))
}

fn body(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// Where a page begins and how long it is. SDKs ask for the next page until one is empty.
#[derive(Clone, Copy, Debug)]
struct Paging {
    page: u64,
    per_page: u64,
}

impl Paging {
    fn of(query: &Query) -> Result<Paging> {
        let number = |name: &str, default: u64| match query.get(name) {
            None => Ok(default),
            Some(text) => text.parse::<u64>().ok().filter(|number| *number > 0).ok_or_else(|| {
                Error::invalid(format!("`{name}` is a number from 1 on, not `{text}`"))
            }),
        };
        let per_page = number("per_page", API_PAGE_DEFAULT)?.min(API_PAGE_MAX);
        Ok(Paging { page: number("page", 1)?, per_page })
    }

    const fn offset(self) -> u64 {
        (self.page - 1).saturating_mul(self.per_page)
    }

    fn respond(self, result: Vec<Value>, total: u64) -> Response {
        let info = json!({
            "page": self.page,
            "per_page": self.per_page,
            "count": result.len(),
            "total_count": total,
            "total_pages": total.div_ceil(self.per_page),
        });
        body(&json!({
            "success": true, "errors": [], "messages": [], "result": result, "result_info": info,
        }))
    }

    /// The page of a list that is in memory.
    fn cut(self, all: Vec<Value>) -> Response {
        let total = all.len() as u64;
        let skip = usize::try_from(self.offset()).unwrap_or(usize::MAX);
        let take = usize::try_from(self.per_page).unwrap_or(usize::MAX);
        self.respond(all.into_iter().skip(skip).take(take).collect(), total)
    }
}

/// `asc` unless it says `desc`.
fn descending(query: &Query) -> Result<bool> {
    match query.get("direction") {
        None | Some("asc") => Ok(false),
        Some("desc") => Ok(true),
        Some(other) => Err(Error::invalid(format!("`direction` is asc or desc, not `{other}`"))),
    }
}

fn role(role: &Role) -> Value {
    let permissions: serde_json::Map<String, Value> = role::AREAS
        .iter()
        .map(|area| {
            let (read, write) = role.area(area);
            ((*area).to_owned(), json!({"read": read, "write": write}))
        })
        .collect();
    json!({
        "id": role.id(),
        "name": role.name,
        "description": role.description,
        "permissions": permissions,
    })
}

fn permission_group(role: &Role) -> Value {
    json!({
        "id": role.permission_group(),
        "name": role.name,
        "meta": {
            "description": role.description,
            "editable": "false",
            "label": role.label(),
            "scopes": "com.cloudflare.api.account",
        },
    })
}

fn resource_group(id: &str, account: &AccountId) -> Value {
    json!({
        "id": id,
        "name": if id == whole(account) { "All of the account" } else { "" },
        "meta": {"key": "editable", "value": "false"},
        "scope": {"key": format!("com.cloudflare.api.account.{account}"), "objects": [{"key": "*"}]},
    })
}

fn policy(policy: &Policy, account: &AccountId) -> Value {
    let permission_groups: Vec<Value> = policy
        .permission_groups
        .iter()
        .map(|id| role::of_permission_group(id).map_or_else(|| json!({"id": id}), permission_group))
        .collect();
    let resource_groups: Vec<Value> =
        policy.resource_groups.iter().map(|id| resource_group(id, account)).collect();
    json!({
        "id": policy.id,
        "access": policy.access,
        "permission_groups": permission_groups,
        "resource_groups": resource_groups,
    })
}

/// An id, bare or in an object: both are documented.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Bare(String),
    Object { id: String },
}

impl Named {
    fn into_id(self) -> String {
        match self {
            Named::Bare(id) | Named::Object { id } => id,
        }
    }
}

/// A policy as callers write it. An id that comes along is theirs to forget: ids change on update.
#[derive(Deserialize)]
struct WirePolicy {
    access: Access,
    permission_groups: Vec<Named>,
    resource_groups: Vec<Named>,
}

fn ids(named: Vec<Named>) -> Vec<String> {
    named.into_iter().map(Named::into_id).collect()
}

impl From<WirePolicy> for NewPolicy {
    fn from(policy: WirePolicy) -> NewPolicy {
        NewPolicy {
            access: policy.access,
            permission_groups: ids(policy.permission_groups),
            resource_groups: ids(policy.resource_groups),
        }
    }
}
