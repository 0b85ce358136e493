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
use domain::Time;
use domain::limits::BULK_TIME_MAX;
use scim::bulk::{Call, Done, Job, Method, Request, Stage};
use store::resource::Kind;

/// After how many operations other requests get a turn on this thread.
const TURN: usize = 16;

pub async fn bulk(State(app): State<App>, call: ScimCall) -> Answer {
    permit(&call.caller)?;
    let until = app.now().plus(BULK_TIME_MAX);
    let (mut care, mut refused) = (Care::Hope, Vec::new());
    loop {
        match attempt(&app, &call, care, &refused, until).await? {
            End::Answer(body) => return Ok(answer(StatusCode::OK, body)),
            End::Spoilt => care = Care::Marks,
            End::InVain(more) => refused.extend(more),
        }
    }
}

/// How one run through the operations ends: with an answer, or with nothing done and the reason to
/// begin anew.
enum End {
    Answer(String),
    /// An operation that failed left something behind.
    Spoilt,
    /// These operations created something before the circle of references that they belong to failed.
    InVain(Vec<(usize, scim::Error)>),
}

async fn attempt(
    app: &App,
    call: &ScimCall,
    care: Care,
    refused: &[(usize, scim::Error)],
    until: Time,
) -> Result<End> {
    let types = call.caller.types.all();
    let mut request = Request::parse(&call.json()?, &types, &domain::limits::scim())?;
    for (index, error) in refused {
        request.refuse(*index, error.clone());
    }
    let mut job = Job::new(request);
    let mut bulk = Bulk::begin(app, &call.caller, care).await?;
    let mut done = 0;
    while let Some(operation) = job.next_call() {
        if operation.stage == Stage::Undo {
            return Ok(End::InVain(job.in_vain()));
        }
        // What was begun is brought to its end.
        let late = app.now() > until && operation.stage != Stage::Completion;
        let result = if late {
            let late = "the bulk request took too long before its turn came: send the rest again";
            Err(scim::Error::new(503, None, late))
        } else {
            let Some(result) = perform(&mut bulk, &call.caller, operation).await? else {
                return Ok(End::Spoilt);
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
    Ok(End::Answer(job.response(&call.base).to_string()))
}

/// One operation; `None` when it failed and left something behind.
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
