//! What the server says about itself (RFC 7644 section 4).

use super::{Answer, answer};
use crate::http::extract::ScimCall;
use crate::service::{Error, Result};
use axum::http::StatusCode;
use axum::response::Response;
use domain::limits::{BODY_BYTES_MAX, CURSOR_LIFETIME, SCIM_PAGE_DEFAULT, SCIM_PAGE_MAX};
use domain::permission::Permission::ScimRead;
use scim::discovery::Pagination;
use serde_json::Value;

pub async fn service_provider_config(call: ScimCall) -> Answer {
    open(&call)?;
    let features = scim::discovery::Features {
        bulk: Some((domain::limits::scim().bulk_operations as u64, BODY_BYTES_MAX as u64)),
        filter_max_results: SCIM_PAGE_MAX,
        sort: true,
        etag: true,
        change_password: false,
        pagination: Some(Pagination {
            cursor: true,
            index: true,
            default_page_size: SCIM_PAGE_DEFAULT,
            max_page_size: SCIM_PAGE_MAX,
            cursor_timeout: Some(CURSOR_LIFETIME.as_secs()),
        }),
    };
    let config = scim::discovery::service_provider_config(&call.base, &features);
    Ok(answer(StatusCode::OK, config.to_string()))
}

pub async fn resource_types(call: ScimCall) -> Answer {
    open(&call)?;
    let types = scim::discovery::resource_types(&call.base, &call.caller.types.all());
    Ok(all(&types))
}

pub async fn resource_type(call: ScimCall) -> Answer {
    open(&call)?;
    let types = scim::discovery::resource_types(&call.base, &call.caller.types.all());
    named(types, "name", &call)
}

pub async fn schemas(call: ScimCall) -> Answer {
    open(&call)?;
    let schemas = scim::discovery::schemas(&call.base, &call.caller.types.all());
    Ok(all(&schemas))
}

pub async fn schema(call: ScimCall) -> Answer {
    open(&call)?;
    let schemas = scim::discovery::schemas(&call.base, &call.caller.types.all());
    named(schemas, "id", &call)
}

/// What the server can do is for those who may read, and can't be filtered (RFC 7644 section 4).
fn open(call: &ScimCall) -> Result<()> {
    call.caller.require(ScimRead)?;
    call.caller.require_enterprise()?;
    match call.query.get("filter") {
        None => Ok(()),
        Some(_) => Err(scim::Error::new(403, None, "discovery endpoints can't be filtered").into()),
    }
}

fn all(resources: &[Value]) -> Response {
    let total = resources.len() as u64;
    let resources = resources.iter().map(Value::to_string).collect();
    answer(StatusCode::OK, scim::list::response(total, 1, resources))
}

fn named(resources: Vec<Value>, key: &str, call: &ScimCall) -> Answer {
    let found = resources.into_iter().find(|resource| {
        resource[key].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&call.id))
    });
    let what = if key == "id" { "schema" } else { "resource type" };
    let found = found.ok_or_else(|| Error::not_found(what, call.id.as_str()))?;
    Ok(answer(StatusCode::OK, found.to_string()))
}
