//! The one place where an error becomes an answer: a SCIM error, an API envelope, or a page.

use crate::http::page;
use crate::service::Error;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use scim::ScimType;
use serde_json::{Value, json};
use std::any::Any;

pub const SCIM_JSON: &str = "application/scim+json";
const DOCUMENTATION: &str = "https://developers.cloudflare.com/api/";

#[derive(Debug)]
pub struct ScimError(Error);

#[derive(Debug)]
pub struct ApiError(Error);

#[derive(Debug)]
pub struct PageError(pub Error);

impl<E: Into<Error>> From<E> for ScimError {
    fn from(error: E) -> Self {
        ScimError(error.into())
    }
}

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        ApiError(error.into())
    }
}

impl<E: Into<Error>> From<E> for PageError {
    fn from(error: E) -> Self {
        PageError(error.into())
    }
}

/// The status of an error, whatever it is dressed in.
fn status(error: &Error) -> u16 {
    match error {
        Error::Unauthenticated(_) => 401,
        Error::Forbidden(_) | Error::OtherAccount | Error::Refusal(Refusal::StandardAccount) => 403,
        Error::NotFound { .. } => 404,
        Error::Stale(_) => 412,
        Error::TooManyRequests(_) => 429,
        Error::Scim(error) => error.status,
        Error::Refusal(Refusal::InUse(_))
        | Error::Store(store::Error::Taken | store::Error::NotUnique(_)) => 409,
        Error::Refusal(_) | Error::Store(store::Error::TooLong) => 400,
        Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => 503,
        Error::Store(_) => 500,
    }
}

/// What the caller is told. What went wrong inside is for the log alone.
fn detail(error: &Error) -> String {
    match error {
        Error::Store(store::Error::Unavailable(_) | store::Error::Corrupt(_)) => {
            tracing::error!(%error, "a request failed");
            "something went wrong on this side; try again, and ask whoever runs the server to look into its log".to_owned()
        }
        Error::Scim(error) => error.detail.clone(),
        error => error.to_string(),
    }
}

/// An error as SCIM puts it.
#[must_use]
pub fn scim_error(error: &Error) -> scim::Error {
    let scim_type = match error {
        Error::Scim(error) => error.scim_type,
        Error::Store(store::Error::Taken | store::Error::NotUnique(_)) => {
            Some(ScimType::Uniqueness)
        }
        Error::Store(store::Error::TooLong) => Some(ScimType::TooMany),
        Error::Refusal(Refusal::Invalid(_) | Refusal::ReservedGroupName(_)) => {
            Some(ScimType::InvalidValue)
        }
        _ => None,
    };
    scim::Error::new(status(error), scim_type, detail(error))
}

impl IntoResponse for ScimError {
    fn into_response(self) -> Response {
        let error = scim_error(&self.0);
        later(&self.0, answer(error.status, SCIM_JSON, &error.to_json()))
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = status(&self.0);
        let code = match &self.0 {
            Error::Unauthenticated(_) | Error::Forbidden(_) => 10000,
            Error::OtherAccount => 9109,
            Error::NotFound { .. } => 7003,
            Error::Refusal(_) | Error::Scim(_) | Error::Stale(_) => 1001,
            Error::TooManyRequests(_) => 971,
            Error::Store(_) => 1000,
        };
        let mut error = json!({"code": code, "message": detail(&self.0)});
        if status == 403 {
            error["documentation_url"] = json!(DOCUMENTATION);
        }
        let mut response = answer(status, "application/json", &envelope_of(error));
        if status == 409 {
            // The official SDKs try a 409 again unless they are told not to.
            let no = HeaderValue::from_static("false");
            response.headers_mut().insert("x-should-retry", no);
        }
        later(&self.0, response)
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = status(&self.0);
        page::message(status, &detail(&self.0))
    }
}

fn envelope_of(error: Value) -> Value {
    json!({"success": false, "errors": [error], "messages": [], "result": null})
}

fn answer(status: u16, kind: &'static str, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if status == 401 {
        let bearer = HeaderValue::from_static("Bearer realm=\"Provost\"");
        headers.insert(header::WWW_AUTHENTICATE, bearer);
    }
    response
}

/// Says when to come again, where that helps.
fn later(error: &Error, mut response: Response) -> Response {
    let seconds = match error {
        Error::TooManyRequests(seconds) => *seconds,
        _ if response.status() == StatusCode::SERVICE_UNAVAILABLE => 1,
        _ => return response,
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// No such path, in the words of the router it would have been in.
pub async fn no_route(request: Request) -> Response {
    elsewhere(404, &request, &format!("there is nothing at `{}`", request.uri().path()))
}

pub async fn wrong_method(request: Request) -> Response {
    let message = format!("`{}` doesn't answer to {}", request.uri().path(), request.method());
    elsewhere(405, &request, &message)
}

fn elsewhere(status: u16, request: &Request, message: &str) -> Response {
    let path = request.uri().path();
    if path.contains("/scim/v2") {
        answer(status, SCIM_JSON, &scim::Error::new(status, None, message).to_json())
    } else if path.starts_with("/client/v4") {
        let error = json!({"code": 7003, "message": message});
        answer(status, "application/json", &envelope_of(error))
    } else {
        page::message(status, message)
    }
}

/// A defect of ours: logged, and no word of it outside.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands it over")]
pub fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
    let error = json!({"code": 1000, "message": "something went wrong on this side"});
    answer(500, "application/json", &envelope_of(error))
}
