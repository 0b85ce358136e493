//! Lists and searches: `GET /Users`, `GET /`, `POST /.search` (RFC 7644 section 3.4.2 and 3.4.3).

use super::{Answer, answer, render};
use crate::app::App;
use crate::http::extract::ScimCall;
use crate::service::Result;
use crate::service::provision::read::Projections;
use crate::service::provision::search::{self, Place};
use axum::extract::State;
use axum::http::StatusCode;
use domain::permission::Permission::ScimRead;
use scim::search::Search;
use store::resource::Kind;

/// Resources of one kind, or of all at the root, as the URL asks for them.
pub async fn list(kinds: &'static [Kind], State(app): State<App>, call: ScimCall) -> Answer {
    call.caller.require(ScimRead)?;
    let search = call.search()?;
    page(kinds, &app, &call, &search).await
}

/// The same as a body asks for them, which keeps names out of URLs and logs.
pub async fn search(kinds: &'static [Kind], State(app): State<App>, call: ScimCall) -> Answer {
    call.caller.require(ScimRead)?;
    let search = Search::from_body(&call.json()?)?;
    page(kinds, &app, &call, &search).await
}

async fn page(kinds: &[Kind], app: &App, call: &ScimCall, search: &Search) -> Answer {
    let projections = Projections::of(search, &call.caller.types)?;
    let results =
        search::search(app, &call.caller, kinds, search, &projections, &call.base).await?;
    let resources = results
        .views
        .iter()
        .map(|view| render(view, call, &projections).map(|body| body.to_string()))
        .collect::<Result<Vec<_>>>()?;
    let body = match results.place {
        Place::Index(start) => scim::list::response(results.total, start, resources),
        Place::Cursor { next, previous } => scim::list::cursor_response(
            Some(results.total),
            next.as_deref(),
            previous.as_deref(),
            resources,
        ),
    };
    Ok(answer(StatusCode::OK, body))
}
