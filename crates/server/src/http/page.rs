//! What every page is: a template with headers that leave a browser no doubt, and a stylesheet.

use crate::service::Result;
use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    status: u16,
    text: &'a str,
}

/// A page with one sentence.
pub fn message(status: u16, text: &str) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    render(code, &Message { status, text }).unwrap_or_else(|_| code.into_response())
}

pub async fn stylesheet() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=300"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, include_str!("../../assets/provost.css"))
}

/// A page that nobody may frame, keep or add script to.
pub fn render(status: StatusCode, page: &impl Template) -> Result<Response> {
    let html = page.render().map_err(|error| {
        tracing::error!(%error, "a page can't be rendered");
        store::Error::Corrupt("a template")
    })?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    Ok((status, headers, html).into_response())
}
