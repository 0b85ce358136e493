//! SCIM over HTTP (RFC 7644): reads the request, calls one verb, renders the answer.

pub mod bulk;
pub mod discovery;
pub mod query;

use crate::app::App;
use crate::http::error::{SCIM_JSON, ScimError};
use crate::http::extract::ScimCall;
use crate::service::Result;
use crate::service::provision::read::{Projections, View};
use crate::service::provision::{self, Task, permit, read, version};
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::permission::Permission::ScimRead;
use serde_json::{Map, Value, json};
use store::resource::Kind;

type Answer = std::result::Result<Response, ScimError>;

pub async fn get(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    call.caller.require(ScimRead)?;
    let projections = call.projections()?;
    let view = read::get(&app, &call.caller, kind, &call.id, &projections).await?;
    show(&view, &call, &projections)
}

pub async fn me(State(app): State<App>, call: ScimCall) -> Answer {
    let projections = call.projections()?;
    let view = read::own(&app, &call.caller, &projections).await?;
    show(&view, &call, &projections)
}

/// An answer about the caller says in any case where the caller's resource is for good (RFC 7644
/// section 3.11).
pub async fn about_me<F>(call: ScimCall, verb: impl FnOnce(ScimCall) -> F) -> Response
where
    F: Future<Output = Answer>,
{
    let endpoint = &call.caller.types.of(Kind::User).endpoint;
    let place = format!("{}{endpoint}/{}", call.base, call.id);
    let mut response = verb(call).await.into_response();
    if response.status() != StatusCode::NOT_FOUND {
        set(&mut response, header::LOCATION, &place);
    }
    response
}

/// The resource, unless the client has it already, or wants only the one it has.
fn show(view: &View, call: &ScimCall, projections: &Projections) -> Answer {
    let tag = view.tag();
    call.conditions.check_match(view.resource.version)?;
    if call.conditions.if_none_match.as_ref().is_some_and(|tags| tags.name(&tag)) {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        set(&mut response, header::ETAG, &tag);
        return Ok(response);
    }
    one(StatusCode::OK, view, call, projections)
}

pub async fn create(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    permit(&call.caller)?;
    let projections = call.projections()?;
    let task = Task::create(&call.caller, kind, &call.json()?)?;
    change(StatusCode::CREATED, &app, &call, task, &projections).await
}

pub async fn replace(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    permit(&call.caller)?;
    let projections = call.projections()?;
    let task = Task::replace(&call.caller, kind, call.target(), &call.json()?)?;
    change(StatusCode::OK, &app, &call, task, &projections).await
}

/// A patched group is not sent back: Microsoft asks for that, and a large one would cost more to
/// read than to change. Asking for `attributes` gets it nonetheless (RFC 7644 section 3.5.2).
pub async fn patch(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    permit(&call.caller)?;
    let projections = call.projections()?;
    let task = Task::patch(&call.caller, kind, call.target(), &call.json()?)?;
    let quiet = kind == Kind::Group && call.query.get("attributes").is_none();
    let status = if quiet { StatusCode::NO_CONTENT } else { StatusCode::OK };
    change(status, &app, &call, task, &projections).await
}

pub async fn delete(kind: Kind, State(app): State<App>, call: ScimCall) -> Answer {
    let projections = call.projections()?;
    let task = Task::delete(&call.caller, kind, call.target())?;
    change(StatusCode::NO_CONTENT, &app, &call, task, &projections).await
}

/// Carries out the task and answers with what became of the resource.
async fn change(
    status: StatusCode,
    app: &App,
    call: &ScimCall,
    task: Task,
    projections: &Projections,
) -> Answer {
    let changed = provision::change(app, &call.caller, task).await?;
    let response = match changed {
        Some(resource) if status != StatusCode::NO_CONTENT => {
            let view = read::after(app, &call.caller, resource, projections).await?;
            one(status, &view, call, projections)?
        }
        Some(resource) => {
            let mut response = status.into_response();
            set(&mut response, header::ETAG, &version::tag(resource.version, &[]));
            response
        }
        None => status.into_response(),
    };
    Ok(response)
}

fn one(status: StatusCode, view: &View, call: &ScimCall, projections: &Projections) -> Answer {
    let mut response = answer(status, render(view, call, projections)?.to_string());
    set(&mut response, header::ETAG, &view.tag());
    set(&mut response, header::LOCATION, &location(view, call));
    Ok(response)
}

/// The resource as clients see it: the document, and what the server adds to it.
fn render(view: &View, call: &ScimCall, projections: &Projections) -> Result<Value> {
    let resource = &view.resource;
    let kind = call.caller.types.of(resource.kind);
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
        "location": location(view, call),
        "version": view.tag(),
    });
    body.insert("meta".to_owned(), meta);
    projections.get(resource.kind).apply(&mut body, kind);
    Ok(Value::Object(body))
}

fn location(view: &View, call: &ScimCall) -> String {
    let endpoint = &call.caller.types.of(view.resource.kind).endpoint;
    format!("{}{endpoint}/{}", call.base, view.resource.id)
}

fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, SCIM_JSON)], body).into_response()
}
