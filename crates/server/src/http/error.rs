//! The one place where an error becomes an answer: a SCIM error, an API envelope, or a page.

use crate::http::page;
use crate::service::Error;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Refusal;
use scim::ScimType;
use serde_json::{Value, json};
use std::any::Any;
use tower::{Layer, ServiceExt};
use tower_http::catch_panic::{CatchPanicLayer, ResponseForPanic};

pub const SCIM_JSON: &str = "application/scim+json";
const WENT_WRONG: &str = "something went wrong on this side; try again, and ask whoever runs the \
                          server to look into its log";
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
            WENT_WRONG.to_owned()
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
    let path = request.uri().path();
    elsewhere(404, path, &format!("there is nothing at `{path}`"))
}

pub async fn wrong_method(request: Request) -> Response {
    let path = request.uri().path();
    elsewhere(405, path, &format!("`{path}` doesn't answer to {}", request.method()))
}

fn elsewhere(status: u16, path: &str, message: &str) -> Response {
    if path.contains("/scim/") {
        answer(status, SCIM_JSON, &scim::Error::new(status, None, message).to_json())
    } else if path.starts_with("/client/v4") {
        let code = if status == 500 { 1000 } else { 7003 };
        let error = json!({"code": code, "message": message});
        answer(status, "application/json", &envelope_of(error))
    } else {
        page::message(status, message)
    }
}

/// A defect of ours ends one request, in the words of the router it was in.
pub async fn survive(request: Request, next: Next) -> Response {
    let defect = Defect { path: request.uri().path().to_owned() };
    let Ok(answer) = CatchPanicLayer::custom(defect).layer(next).oneshot(request).await;
    answer.map(Body::new)
}

/// Where a handler panics, if it does.
#[derive(Clone)]
struct Defect {
    path: String,
}

impl ResponseForPanic for Defect {
    type ResponseBody = Body;

    /// What happened is for the log, and no word of it for the outside.
    fn response_for_panic(&mut self, panic: Box<dyn Any + Send>) -> Response {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        tracing::error!(panic = text.unwrap_or("unknown"), "a handler panicked");
        elsewhere(500, &self.path, WENT_WRONG)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::routing::get;

    /// RFC 7644 section 3.12: also the error that nobody foresaw.
    #[tokio::test]
    async fn a_panic_is_answered_in_the_words_of_its_place() {
        async fn defect() -> Response {
            panic!("a secret")
        }
        for (path, kind, says) in [
            ("/client/v4/accounts/a/scim/v2/Users", SCIM_JSON, "\"status\":\"500\""),
            ("/client/v4/accounts", "application/json", "\"success\":false"),
            ("/dashboard", "text/html; charset=utf-8", "went wrong"),
        ] {
            let router = Router::new().route(path, get(defect));
            let router = router.layer(axum::middleware::from_fn(survive));
            let request = Request::get(path).body(Body::empty()).expect("a request");
            let answer = router.oneshot(request).await.expect("an answer");
            assert_eq!(answer.status(), 500, "{path}");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], kind, "{path}");
            let bytes = axum::body::to_bytes(answer.into_body(), 100_000).await.expect("a body");
            let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
            assert!(text.contains(says) && !text.contains("secret"), "{path}: {text}");
        }
    }
}
