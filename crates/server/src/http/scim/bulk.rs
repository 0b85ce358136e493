//! `POST /Bulk` (RFC 7644 section 3.7): the protocol says what to do next, the service does it.

use super::{Answer, answer};
use crate::app::App;
use crate::http::error::scim_error;
use crate::http::extract::ScimCall;
use crate::service::provision::bulk::{Bulk, Care, Outcome};
use crate::service::provision::version::{Conditions, Tags, tag};
use crate::service::provision::{Target, Task, permit};
use crate::service::{Caller, Result};
use axum::extract::State;
use axum::http::StatusCode;
use domain::limits::BULK_TIME_MAX;
use scim::bulk::{Call, Done, Job, Method, Request};
use store::resource::Kind;

/// After how many operations other requests get a turn on this thread.
const TURN: usize = 16;

pub async fn bulk(State(app): State<App>, call: ScimCall) -> Answer {
    permit(&call.caller)?;
    let body = match attempt(&app, &call, Care::Hope).await? {
        Some(body) => body,
        None => attempt(&app, &call, Care::Marks).await?.ok_or_else(|| {
            store::Error::Unavailable("a task left something behind its mark".to_owned())
        })?,
    };
    Ok(answer(StatusCode::OK, body))
}

/// Carries out the whole request; `None` when it has to be done with more care.
async fn attempt(app: &App, call: &ScimCall, care: Care) -> Result<Option<String>> {
    let types = call.caller.types.all();
    let request = Request::parse(&call.json()?, &types, &domain::limits::scim())?;
    let until = app.now().plus(BULK_TIME_MAX);
    let mut job = Job::new(request);
    let mut bulk = Bulk::begin(app, &call.caller, care).await?;
    let mut done = 0;
    while let Some(operation) = job.next_call() {
        let result = if app.now() > until {
            let late = "the bulk request took too long before its turn came: send the rest again";
            Err(scim::Error::new(503, None, late))
        } else {
            let Some(result) = perform(&mut bulk, &call.caller, operation).await? else {
                return Ok(None);
            };
            result
        };
        job.record(result);
        done += 1;
        if done % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    bulk.finish().await?;
    Ok(Some(job.response(&call.base).to_string()))
}

async fn perform(
    bulk: &mut Bulk<'_>,
    caller: &Caller,
    call: Call,
) -> Result<Option<scim::Result<Done>>> {
    let (method, id) = (call.method, call.id.clone().unwrap_or_default());
    let task = match task(caller, call) {
        Ok(task) => task,
        Err(error) => return Ok(Some(Err(scim_error(&error)))),
    };
    Ok(Some(match bulk.perform(task).await? {
        Outcome::Spoilt => return Ok(None),
        Outcome::Failed(error) => Err(scim_error(&error)),
        Outcome::Done(None) => Ok(Done { status: 204, id, version: None }),
        Outcome::Done(Some(resource)) => Ok(Done {
            status: match (method, resource.kind) {
                (Method::Post, _) => 201,
                // As the request of its own: a patched group is not sent back.
                (Method::Patch, Kind::Group) => 204,
                _ => 200,
            },
            id: resource.id,
            version: Some(tag(resource.version, &[])),
        }),
    }))
}

fn task(caller: &Caller, call: Call) -> Result<Task> {
    let kind = Kind::ALL[call.resource_type];
    let if_match = call.version.as_deref().map(Tags::parse);
    let target = Target {
        id: call.id.unwrap_or_default(),
        conditions: Conditions { if_match, if_none_match: None },
    };
    let data = call.data.unwrap_or_default();
    match call.method {
        Method::Post => Task::create(caller, kind, &data),
        Method::Put => Task::replace(caller, kind, target, &data),
        Method::Patch => Task::patch(caller, kind, target, &data),
        Method::Delete => Task::delete(caller, kind, target),
    }
}
