//! SCIM over HTTP (RFC 7644): reads the request, calls one verb, renders the answer.

use crate::app::App;
use crate::http::error::{SCIM_JSON, ScimError};
use crate::http::extract::ScimCall;
use crate::service::provision::read::View;
use crate::service::provision::{group, read, resource_type as type_of, user};
use crate::service::{Error, Result};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::limits::{SCIM_PAGE_DEFAULT, SCIM_PAGE_MAX};
use domain::permission::Permission::ScimRead;
use scim::list::{Page, Projection};
use serde_json::{Map, Value, json};
use store::resource::Kind;

type Answer = std::result::Result<Response, ScimError>;

pub async fn list(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    let projection = projection(kind, &call)?;
    let page = Page::parse(
        call.query.get("startIndex"),
        call.query.get("count"),
        SCIM_PAGE_DEFAULT,
        SCIM_PAGE_MAX,
    )?;
    let filter = call.query.get("filter");
    let (views, total) =
        read::list(&app, &call.caller, kind, filter, &call.base, &page, &projection).await?;
    let resources = views
        .iter()
        .map(|view| render(view, &call, &projection).map(|body| body.to_string()))
        .collect::<Result<Vec<_>>>()?;
    let body = scim::list::response(total, page.start_index, resources);
    Ok(answer(StatusCode::OK, body, &call))
}

pub async fn get(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    let projection = projection(kind, &call)?;
    let view = read::get(&app, &call.caller, kind, &call.id, &projection).await?;
    one(StatusCode::OK, &view, &call, &projection)
}

pub async fn create(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    let projection = projection(kind, &call)?;
    let body = call.json()?;
    let resource = match kind {
        Kind::User => user::create(&app, &call.caller, &body).await?,
        Kind::Group => group::create(&app, &call.caller, &body).await?,
    };
    let view = read::after(&app, &call.caller, resource, &projection).await?;
    let mut response = one(StatusCode::CREATED, &view, &call, &projection)?;
    if let Ok(location) = HeaderValue::from_str(&location(&view, &call.base)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

pub async fn replace(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    let projection = projection(kind, &call)?;
    let body = call.json()?;
    let resource = match kind {
        Kind::User => user::replace(&app, &call.caller, &call.id, &body).await?,
        Kind::Group => group::replace(&app, &call.caller, &call.id, &body).await?,
    };
    let view = read::after(&app, &call.caller, resource, &projection).await?;
    one(StatusCode::OK, &view, &call, &projection)
}

/// A patched group is not sent back: Microsoft asks for that, and a large one would cost more to
/// read than to change. Asking for `attributes` gets it nonetheless (RFC 7644 section 3.5.2).
pub async fn patch(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    let projection = projection(kind, &call)?;
    let body = call.json()?;
    let resource = match kind {
        Kind::User => user::patch(&app, &call.caller, &call.id, &body).await?,
        Kind::Group => {
            let resource = group::patch(&app, &call.caller, &call.id, &body).await?;
            if call.query.get("attributes").is_none() {
                return Ok(StatusCode::NO_CONTENT.into_response());
            }
            resource
        }
    };
    let view = read::after(&app, &call.caller, resource, &projection).await?;
    one(StatusCode::OK, &view, &call, &projection)
}

pub async fn delete(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    match kind {
        Kind::User => user::delete(&app, &call.caller, &call.id).await?,
        Kind::Group => group::delete(&app, &call.caller, &call.id).await?,
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn service_provider_config(call: ScimCall) -> Answer {
    discovery(&call)?;
    let features = scim::discovery::Features {
        bulk: None,
        filter_max_results: SCIM_PAGE_MAX,
        sort: false,
        etag: false,
        change_password: false,
    };
    let config = scim::discovery::service_provider_config(&call.base, &features);
    Ok(answer(StatusCode::OK, config.to_string(), &call))
}

pub async fn resource_types(call: ScimCall) -> Answer {
    discovery(&call)?;
    let types = scim::discovery::resource_types(&call.base, &types());
    Ok(all(&types, &call))
}

pub async fn resource_type(call: ScimCall) -> Answer {
    discovery(&call)?;
    let types = scim::discovery::resource_types(&call.base, &types());
    named(types, "name", &call)
}

pub async fn schemas(call: ScimCall) -> Answer {
    discovery(&call)?;
    let schemas = scim::discovery::schemas(&call.base, &types());
    Ok(all(&schemas, &call))
}

pub async fn schema(call: ScimCall) -> Answer {
    discovery(&call)?;
    let schemas = scim::discovery::schemas(&call.base, &types());
    named(schemas, "id", &call)
}

/// `/Me` and `/Bulk`, which `ServiceProviderConfig` doesn't announce.
pub async fn not_implemented(call: ScimCall) -> Answer {
    call.caller.require(ScimRead)?;
    Err(scim::Error::new(501, None, "this endpoint is not offered; use /Users and /Groups").into())
}

fn types() -> [&'static scim::schema::ResourceType; 2] {
    [type_of(Kind::User), type_of(Kind::Group)]
}

/// What the server can do is for those who may read, and can't be filtered (RFC 7644 section 4).
fn discovery(call: &ScimCall) -> Result<()> {
    call.caller.require(ScimRead)?;
    call.caller.require_enterprise()?;
    match call.query.get("filter") {
        None => Ok(()),
        Some(_) => Err(scim::Error::new(403, None, "discovery endpoints can't be filtered").into()),
    }
}

fn all(resources: &[Value], call: &ScimCall) -> Response {
    let total = resources.len() as u64;
    let resources = resources.iter().map(Value::to_string).collect();
    answer(StatusCode::OK, scim::list::response(total, 1, resources), call)
}

fn named(resources: Vec<Value>, key: &str, call: &ScimCall) -> Answer {
    let found = resources.into_iter().find(|resource| {
        resource[key].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&call.id))
    });
    let what = if key == "id" { "schema" } else { "resource type" };
    let found = found.ok_or_else(|| Error::not_found(what, call.id.as_str()))?;
    Ok(answer(StatusCode::OK, found.to_string(), call))
}

fn projection(kind: Kind, call: &ScimCall) -> Result<Projection> {
    let (attributes, excluded) =
        (call.query.get("attributes"), call.query.get("excludedAttributes"));
    Ok(Projection::parse(attributes, excluded, type_of(kind))?)
}

fn one(status: StatusCode, view: &View, call: &ScimCall, projection: &Projection) -> Answer {
    let body = render(view, call, projection)?;
    let mut response = answer(status, body.to_string(), call);
    if let Ok(version) = HeaderValue::from_str(&version(view)) {
        response.headers_mut().insert(header::ETAG, version);
    }
    Ok(response)
}

/// The resource as clients see it: the document, and what the server adds to it.
fn render(view: &View, call: &ScimCall, projection: &Projection) -> Result<Value> {
    let resource = &view.resource;
    let kind = type_of(resource.kind);
    let mut body: Map<String, Value> =
        serde_json::from_str(&resource.body).map_err(|_| store::Error::Corrupt("resource.body"))?;
    let schemas = json!(scim::resource::schemas(&body, kind));
    body.insert("schemas".to_owned(), schemas);
    body.insert("id".to_owned(), json!(resource.id));
    let (name, reference) = match resource.kind {
        Kind::User => ("groups", "Groups"),
        Kind::Group => ("members", "Users"),
    };
    if !view.pairs.is_empty() {
        let pairs = view.pairs.iter().map(|pair| {
            let (value, display, relation) = match resource.kind {
                Kind::User => (&pair.group_id, &pair.group_name, "direct"),
                Kind::Group => (&pair.member_id, &pair.member_email, "User"),
            };
            let location = format!("{}/{reference}/{value}", call.base);
            json!({"value": value, "display": display, "type": relation, "$ref": location})
        });
        body.insert(name.to_owned(), pairs.collect());
    }
    let meta = json!({
        "resourceType": kind.name,
        "created": resource.created_at,
        "lastModified": resource.modified_at,
        "location": location(view, &call.base),
        "version": version(view),
    });
    body.insert("meta".to_owned(), meta);
    projection.apply(&mut body, kind);
    Ok(Value::Object(body))
}

fn location(view: &View, base: &str) -> String {
    format!("{base}{}/{}", type_of(view.resource.kind).endpoint, view.resource.id)
}

fn version(view: &View) -> String {
    format!("W/\"{}\"", view.resource.version)
}

fn answer(status: StatusCode, body: String, call: &ScimCall) -> Response {
    let kind = if call.plain_json { "application/json" } else { SCIM_JSON };
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
