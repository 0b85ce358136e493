//! What handlers are given: a caller whose credential was proven, a body of bounded size, the query.

use crate::app::App;
use crate::http::error::{ApiError, PageError, ScimError};
use crate::http::query::Query;
use crate::service::provision::Target;
use crate::service::provision::read::Projections;
use crate::service::provision::version::{Conditions, Tags};
use crate::service::{Caller, Error, caller};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri, header};
use base64::Engine;
use domain::audit::Origin;
use domain::id::AccountId;
use domain::limits::{BODY_BYTES_DRAINED, BODY_BYTES_MAX, BODY_TIME_MAX};
use domain::member::Member;
use domain::permission::Permission::ScimRead;
use domain::token::Token;
use scim::search::Search;
use serde::de::DeserializeOwned;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use store::session::Session;

/// The id that every request is given, and that its answer, its log line and its audit event carry.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// A SCIM request: who, what, and how the answer is to look.
#[derive(Debug)]
pub struct ScimCall {
    pub caller: Caller,
    pub id: String,
    pub query: Query,
    /// The URL that locations begin with.
    pub base: String,
    pub conditions: Conditions,
    pub body: Bytes,
}

impl FromRequest<App> for ScimCall {
    type Rejection = ScimError;

    async fn from_request(request: Request, app: &App) -> Result<ScimCall, ScimError> {
        let (mut parts, body) = request.into_parts();
        let caller = caller(&mut parts, app).await?;
        let params = params(&mut parts, app).await?;
        let query = query(&parts)?;
        let body = body_of(&parts, body, &["application/scim+json", "application/json"]).await?;
        Ok(ScimCall {
            base: format!(
                "{}/client/v4/accounts/{}/scim/v2",
                origin_url(app, &parts.headers),
                caller.account.id
            ),
            caller,
            id: id(&params, "id")?,
            query,
            conditions: Conditions {
                if_match: tags(&parts.headers, &header::IF_MATCH),
                if_none_match: tags(&parts.headers, &header::IF_NONE_MATCH),
            },
            body,
        })
    }
}

impl ScimCall {
    /// The resource that the path names, as the client knows it.
    pub fn target(&self) -> Target {
        Target { id: self.id.clone(), conditions: self.conditions.clone() }
    }

    /// The parameters of a query.
    pub fn search(&self) -> Result<Search, Error> {
        Ok(Search::from_query(|name| self.query.get(name))?)
    }

    /// Which attributes the answer is to have.
    pub fn projections(&self) -> Result<Projections, Error> {
        let named = |name| self.query.get(name).map(str::to_owned);
        let search = Search {
            attributes: named("attributes"),
            excluded_attributes: named("excludedAttributes"),
            ..Search::default()
        };
        Projections::of(&search, &self.caller.types)
    }

    /// The body as JSON; what is wrong with it is said with its place.
    pub fn json(&self) -> Result<serde_json::Value, Error> {
        serde_json::from_slice(&self.body).map_err(|error| {
            scim::Error::invalid_syntax(format!("the body is not JSON: {error}")).into()
        })
    }
}

/// A SCIM request about the caller, whoever that is (RFC 7644 section 3.11).
#[derive(Debug)]
pub struct MyCall(pub ScimCall);

impl FromRequest<App> for MyCall {
    type Rejection = ScimError;

    async fn from_request(request: Request, app: &App) -> Result<MyCall, ScimError> {
        let mut call = ScimCall::from_request(request, app).await?;
        let Some(person) = call.caller.person() else {
            call.caller.require(ScimRead)?;
            let nobody =
                "there is no `/Me` for a token that belongs to the account; use a personal one";
            return Err(scim::Error::new(501, None, nobody).into());
        };
        call.id = person.to_string();
        Ok(MyCall(call))
    }
}

/// A call of API v4 in one account.
#[derive(Debug)]
pub struct ApiCall {
    pub caller: Caller,
    pub id: String,
    pub member_id: String,
    pub query: Query,
    body: Bytes,
}

impl FromRequest<App> for ApiCall {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<ApiCall, ApiError> {
        let (mut parts, body) = request.into_parts();
        let caller = caller(&mut parts, app).await?;
        let params = params(&mut parts, app).await?;
        let query = query(&parts)?;
        // PostgreSQL can't be asked for it.
        if query.iter().any(|(_, value)| value.contains('\0')) {
            return Err(Error::invalid("the query contains the character U+0000").into());
        }
        let body = body_of(&parts, body, &["application/json"]).await?;
        Ok(ApiCall {
            caller,
            id: id(&params, "id")?,
            member_id: id(&params, "member_id")?,
            query,
            body,
        })
    }
}

impl ApiCall {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::invalid(format!("the body can't be read: {error}")))
    }
}

/// A valid token in no particular account.
#[derive(Debug)]
pub struct Credential {
    pub token: Token,
    pub query: Query,
}

impl FromRequestParts<App> for Credential {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Credential, ApiError> {
        let token = token(&parts.headers, app).await?;
        Ok(Credential { token, query: query(parts)? })
    }
}

/// Somebody with a dashboard session.
#[derive(Debug)]
pub struct SignedIn {
    pub caller: Caller,
    pub member: Member,
    pub session: Session,
    pub query: Query,
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<SignedIn, PageError> {
        let cookies = parts.headers.get_all(header::COOKIE).iter();
        let cookie = cookies
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| {
                pair.trim().split_once('=').filter(|(name, _)| *name == cookie_name(app))
            })
            .map(|(_, value)| value.to_owned())
            .ok_or(Error::Unauthenticated("sign in first"))?;
        let (ip, origin) = whence(parts);
        let (caller, member, session) = caller::of_session(app, &cookie, &ip, origin).await?;
        Ok(SignedIn { caller, member, session, query: query(parts)? })
    }
}

/// Over https the browser itself binds the cookie to this host, to its root and to encryption.
#[must_use]
pub fn cookie_name(app: &App) -> &'static str {
    if is_https(app) { "__Host-provost" } else { "provost" }
}

#[must_use]
pub fn is_https(app: &App) -> bool {
    app.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
}

async fn caller(parts: &mut Parts, app: &App) -> Result<Caller, Error> {
    let token = token(&parts.headers, app).await?;
    let params = params(parts, app).await?;
    let account = find(&params, "account_id").and_then(|id| AccountId::parse(&id));
    let account = account.ok_or(Error::OtherAccount)?;
    let (ip, origin) = whence(parts);
    caller::of_token(app, token, &account, &ip, origin).await
}

/// `Bearer TOKEN`, the bare token that Okta's header authentication sends, or `Basic` with the token
/// as the password.
async fn token(headers: &HeaderMap, app: &App) -> Result<Token, Error> {
    let header = headers
        .get(header::AUTHORIZATION)
        .ok_or(Error::Unauthenticated("send an API token: `Authorization: Bearer TOKEN`"))?;
    let text = header.to_str().unwrap_or_default().trim();
    let value = match text.split_once(' ') {
        Some((scheme, value)) if scheme.eq_ignore_ascii_case("bearer") => value.trim().to_owned(),
        Some((scheme, value)) if scheme.eq_ignore_ascii_case("basic") => {
            password(value.trim()).unwrap_or_default()
        }
        _ => text.to_owned(),
    };
    caller::token(app, &value).await
}

fn password(basic: &str) -> Option<String> {
    let decoded = base64::engine::general_purpose::STANDARD.decode(basic).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    text.split_once(':').map(|(_, password)| password.to_owned())
}

async fn params(parts: &mut Parts, app: &App) -> Result<Vec<(String, String)>, Error> {
    let params = RawPathParams::from_request_parts(parts, app)
        .await
        .map_err(|_| Error::invalid("the path is not UTF-8 once its percent-encoding is read"))?;
    Ok(params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn find(params: &[(String, String)], name: &str) -> Option<String> {
    params.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// An id from the path. None has U+0000, for which PostgreSQL can't be asked.
fn id(params: &[(String, String)], name: &str) -> Result<String, Error> {
    let id = find(params, name).unwrap_or_default();
    if id.contains('\0') {
        return Err(Error::not_found("resource", id));
    }
    Ok(id)
}

fn query(parts: &Parts) -> Result<Query, Error> {
    Query::parse(parts.uri.query().unwrap_or_default())
        .ok_or_else(|| Error::invalid("the query is not UTF-8 once its percent-encoding is read"))
}

/// The address and the request that a change came from.
pub fn whence(parts: &Parts) -> (String, Origin) {
    let ip = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let id = parts.extensions.get::<RequestId>();
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let origin = Origin {
        request_id: id.map(|id| id.0.clone()).unwrap_or_default(),
        method: parts.method.to_string(),
        // Not the query, where filters carry people's names.
        uri: parts.uri.path().to_owned(),
        user_agent: agent.unwrap_or_default().chars().take(256).collect(),
    };
    (ip.map(|ip| ip.0.ip().to_string()).unwrap_or_default(), origin)
}

async fn body_of(parts: &Parts, body: Body, types: &[&str]) -> Result<Bytes, Error> {
    let bytes = tokio::time::timeout(BODY_TIME_MAX, whole(body))
        .await
        .map_err(|_| scim::Error::new(408, None, "the body took too long to arrive"))??;
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = kind.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    let known =
        essence.is_none_or(|kind| types.iter().any(|known| known.eq_ignore_ascii_case(kind)));
    if bytes.is_empty() || known {
        return Ok(bytes);
    }
    let message = format!("the body's Content-Type is none of: {}", types.join(", "));
    Err(scim::Error::new(415, None, message).into())
}

/// A body, read to its end.
async fn whole(mut body: Body) -> Result<Bytes, Error> {
    let (mut bytes, mut size) = (Vec::new(), 0);
    while size <= BODY_BYTES_DRAINED
        && let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        let frame = frame.map_err(|_| scim::Error::invalid_syntax("the body was cut off"))?;
        let data = frame.into_data().unwrap_or_default();
        size += data.len();
        if size <= BODY_BYTES_MAX {
            bytes.extend_from_slice(&data);
        }
    }
    if size <= BODY_BYTES_MAX {
        return Ok(bytes.into());
    }
    let message = format!("the body is larger than {BODY_BYTES_MAX} bytes");
    Err(scim::Error::new(413, None, message).into())
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    // A line that can't be read is a condition nonetheless, which no version fulfils.
    let lines: Vec<_> =
        headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes())).collect();
    (!lines.is_empty()).then(|| Tags::parse(&lines.join(",")))
}

/// Where the outside reaches us: as configured, else as the request says.
#[must_use]
pub fn origin_url(app: &App, headers: &HeaderMap) -> String {
    app.public_url.clone().unwrap_or_else(|| {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
        // Only what can be a host goes into locations and links.
        let authority = host.and_then(|host| host.parse::<Authority>().ok());
        let plain = authority.filter(|authority| !authority.as_str().contains('@'));
        format!("http://{}", plain.as_ref().map_or("localhost", Authority::as_str))
    })
}

/// SCIM clients write `/Users/`, `/users` and `/USERS`; the router knows `/Users`.
#[must_use]
pub fn regular_path(mut request: Request) -> Request {
    const SEGMENTS: [&str; 8] = [
        "Users",
        "Groups",
        "ServiceProviderConfig",
        "ResourceTypes",
        "Schemas",
        "Me",
        "Bulk",
        ".search",
    ];
    let path = request.uri().path();
    let Some((account, rest)) = path.split_once("/scim/v2/") else {
        return request;
    };
    // A base URL that ends in a slash makes `//Users`.
    let rest = rest.trim_start_matches('/');
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (first, below) = rest.split_once('/').map_or((rest, None), |(a, b)| (a, Some(b)));
    let first = SEGMENTS.iter().find(|known| known.eq_ignore_ascii_case(first)).unwrap_or(&first);
    let slash = if first.is_empty() { "" } else { "/" };
    let mut regular = format!("{account}/scim/v2{slash}{first}");
    if let Some(below) = below {
        let below = if below.eq_ignore_ascii_case(".search") { ".search" } else { below };
        regular.push('/');
        regular.push_str(below);
    }
    if let Some(query) = request.uri().query() {
        regular.push('?');
        regular.push_str(query);
    }
    if let Ok(uri) = regular.parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}
