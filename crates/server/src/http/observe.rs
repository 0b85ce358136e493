//! What operators see: a line and a measurement for each request, health, readiness, metrics.

use crate::app::App;
use crate::http::error::SCIM_JSON;
use crate::http::extract::RequestId;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::chance::Chance;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::sync::{LazyLock, OnceLock};
use std::time::Instant;

/// Upper bounds of the histogram, in seconds.
const BUCKETS: [f64; 10] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10.0];

/// Gives the request its id, and tells what became of it. Never a query, a header or a body.
pub async fn request(mut request: Request, next: Next) -> Response {
    static CHANCE: LazyLock<Chance> = LazyLock::new(Chance::system);
    let started = Instant::now();
    let id = domain::id::hex(&CHANCE.bytes::<8>());
    request.extensions_mut().insert(RequestId(id.clone()));
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());

    let plain = wants_plain_json(&request);

    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", id);
    }
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == SCIM_JSON) {
        headers.insert(header::VARY, HeaderValue::from_static("accept"));
        if plain {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
    }
    let labels = [("method", known(&method)), ("route", route), ("status", status.to_string())];
    metrics::histogram!("provost_http_request_duration_seconds", &labels)
        .record(elapsed.as_secs_f64());
    let millis = elapsed.as_secs_f64() * 1000.0;
    tracing::info!(request_id = %id, %method, %path, status, millis, "request");
    response
}

/// Whether a SCIM client asks for `application/json` and nothing else (RFC 7644 section 3.8).
fn wants_plain_json(request: &Request) -> bool {
    let lines = request.headers().get_all(header::ACCEPT).iter();
    let mut ranges = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter(|range| !is_refused(range))
        .map(|range| range.split(';').next().unwrap_or_default().trim())
        .peekable();
    ranges.peek().is_some() && ranges.all(|kind| kind.eq_ignore_ascii_case("application/json"))
}

/// `q=0` means "not this" (RFC 9110 section 12.4.2).
fn is_refused(range: &str) -> bool {
    let weight = range.split(';').skip(1).find_map(|part| part.trim().strip_prefix("q="));
    weight.is_some_and(|weight| weight.parse::<f32>() == Ok(0.0))
}

/// Strangers may send any word as a method; a label for each would fill the memory.
fn known(method: &Method) -> String {
    let known = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::HEAD,
        Method::OPTIONS,
    ];
    if known.contains(method) { method.to_string() } else { "other".to_owned() }
}

/// Alive: the process answers.
pub async fn healthz() -> &'static str {
    "ok"
}

/// Ready: the database answers too.
pub async fn readyz(State(app): State<App>) -> Response {
    let ready = async {
        let mut conn = app.db.read_across_accounts().await?;
        conn.query_across_accounts("SELECT COUNT(*) FROM account", &[]).await
    };
    match ready.await {
        Ok(_) => "ready".into_response(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database doesn't answer").into_response()
        }
    }
}

pub async fn metrics() -> impl IntoResponse {
    let text = recorder().map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}

/// The recorder of this process, installed at its first use.
pub fn recorder() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE.get_or_init(install).as_ref()
}

fn install() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().set_buckets(&BUCKETS).ok()?.install_recorder().ok()
}
