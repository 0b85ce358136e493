//! Pages for people: the door, and one page that shows who is in and what happened last.
//!
//! Server-rendered and without script. Pages call the same verbs as the API.

use crate::app::App;
use crate::http::error::PageError;
use crate::http::extract::{SignedIn, cookie_name, is_https, whence};
use crate::http::page;
use crate::http::query::Query;
use crate::service::{Error, audit, groups, members, sign_in as door};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::audit::Event;
use domain::limits::SESSION_LIFETIME;
use domain::policy::{Access, Policy};
use domain::{Time, role};
use store::{group, member};

type Page = std::result::Result<Response, PageError>;

/// How many of each the page shows.
const SHOWN: u64 = 25;
const EVENTS: u64 = 20;

pub async fn home() -> Redirect {
    Redirect::to("/dashboard")
}

/// Trades the one-time link for a cookie.
pub async fn sign_in(State(app): State<App>, request: Request) -> Page {
    let (parts, _) = request.into_parts();
    // Whoever only looks at the link, as mail scanners do, must not use it up.
    if parts.method == Method::HEAD {
        return Ok(page::message(200, "open this link to sign in"));
    }
    let query = Query::parse(parts.uri.query().unwrap_or_default()).unwrap_or_default();
    let (ip, origin) = whence(&parts);
    let token = query.get("token").unwrap_or_default();
    let (_, secret) = door::redeem(&app, token, &ip, origin).await?;
    let mut response = Redirect::to("/dashboard").into_response();
    set_cookie(&app, &mut response, secret.reveal(), SESSION_LIFETIME.as_secs());
    Ok(response)
}

/// Ends the session. A form of another site can't: browsers say where a request comes from.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap, signed_in: SignedIn) -> Page {
    if !same_site(&headers) {
        return Err(Error::invalid("this form was sent by another site").into());
    }
    door::sign_out(&app, &signed_in.caller, &signed_in.session).await?;
    let mut response = page::message(200, "you are signed out");
    set_cookie(&app, &mut response, "", 0);
    Ok(response)
}

fn same_site(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, origin)| origin == host)
        }
        (None, None, _) => true,
        (None, Some(_), None) => false,
    }
}

fn set_cookie(app: &App, response: &mut Response, value: &str, max_age: u64) {
    let secure = if is_https(app) { "; Secure" } else { "" };
    let name = cookie_name(app);
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    account_name: String,
    account_id: String,
    account_kind: &'static str,
    viewer: String,
    members: Vec<MemberRow>,
    member_count: u64,
    groups: Vec<GroupRow>,
    group_count: u64,
    events: Vec<EventRow>,
    search: String,
    may_see_members: bool,
    may_see_audit: bool,
}

struct MemberRow {
    name: String,
    email: String,
    status: &'static str,
    source: &'static str,
    protected: bool,
    roles: String,
}

struct GroupRow {
    name: String,
    managed: bool,
    count: u64,
    grants: String,
}

struct EventRow {
    action: String,
    kind: String,
    subject: String,
    actor: String,
    notes: Vec<String>,
    ago: String,
    at: String,
}

pub async fn overview(State(app): State<App>, signed_in: SignedIn) -> Page {
    let caller = &signed_in.caller;
    let search = signed_in.query.get("q").unwrap_or_default().to_owned();
    // No address holds it, and PostgreSQL refuses it.
    let folded = scim::schema::fold(&search).replace('\0', "");
    let listing = member::Listing {
        status: None,
        search: (!folded.is_empty()).then_some(folded.as_str()),
        order: member::Order::Email,
        descending: false,
        offset: 0,
        limit: SHOWN,
    };
    let members = allowed(members::list(&app, caller, &listing).await)?;
    let groups = allowed(list_groups(&app, caller).await)?;
    let events = allowed(latest(&app, caller).await)?;
    let (may_see_members, may_see_audit) = (members.is_some(), events.is_some());
    let (members, member_count) = members.unwrap_or_default();
    let (groups, group_count) = groups.unwrap_or_default();
    let now = app.now();
    let page = Overview {
        account_name: caller.account.name.clone(),
        account_id: caller.account.id.to_string(),
        account_kind: caller.account.kind.as_str(),
        viewer: signed_in.member.email.clone(),
        members: members.iter().map(member_row).collect(),
        member_count,
        groups,
        group_count,
        events: events.unwrap_or_default().iter().map(|event| event_row(event, now)).collect(),
        search,
        may_see_members,
        may_see_audit,
    };
    Ok(page::render(StatusCode::OK, &page)?)
}

/// What one may not see is left out of the page.
fn allowed<T>(outcome: crate::service::Result<T>) -> crate::service::Result<Option<T>> {
    match outcome {
        Ok(thing) => Ok(Some(thing)),
        Err(Error::Forbidden(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn list_groups(
    app: &App,
    caller: &crate::service::Caller,
) -> crate::service::Result<(Vec<GroupRow>, u64)> {
    let listing = group::Listing {
        id: None,
        name: None,
        fuzzy_name: None,
        descending: false,
        offset: 0,
        limit: SHOWN,
    };
    let (views, total) = groups::list(app, caller, &listing).await?;
    let mut rows = Vec::with_capacity(views.len());
    for view in views {
        rows.push(GroupRow {
            count: groups::count(app, caller, &view.group.id).await?,
            managed: view.group.managed,
            grants: grants(&view.policies),
            name: view.group.name,
        });
    }
    Ok((rows, total))
}

async fn latest(app: &App, caller: &crate::service::Caller) -> crate::service::Result<Vec<Event>> {
    let listing = store::audit::Listing {
        since: Time::from_millis(0),
        before: Time::from_millis(i64::MAX),
        ascending: false,
        limit: EVENTS,
        after: None,
        matches: Vec::new(),
    };
    audit::list(app, caller, &listing).await
}

fn member_row(view: &members::View) -> MemberRow {
    let member = &view.member;
    MemberRow {
        name: format!("{} {}", member.first_name, member.last_name).trim().to_owned(),
        email: member.email.clone(),
        status: member.status.as_str(),
        source: if member.managed { "identity provider" } else { "added here" },
        protected: member.protected,
        roles: grants(&view.policies),
    }
}

/// What policies give, in the names people know.
fn grants(policies: &[Policy]) -> String {
    let names = policies.iter().flat_map(|policy| {
        policy.permission_groups.iter().map(|id| {
            let name = role::of_permission_group(id).map_or(id.as_str(), |role| role.name);
            match policy.access {
                Access::Allow => name.to_owned(),
                Access::Deny => format!("not {name}"),
            }
        })
    });
    names.collect::<Vec<_>>().join(", ")
}

fn event_row(event: &Event, now: Time) -> EventRow {
    let actor = [&event.actor.email, &event.actor.token_name]
        .into_iter()
        .find(|text| !text.is_empty())
        .map_or("command line", String::as_str);
    EventRow {
        action: event.action.clone(),
        kind: event.kind.clone(),
        subject: event.resource_name.clone(),
        actor: actor.to_owned(),
        notes: event.notes.clone(),
        ago: ago(event.at, now),
        at: event.at.to_string(),
    }
}

/// How long ago, as people say it.
fn ago(then: Time, now: Time) -> String {
    let seconds = (now.millis() - then.millis()).max(0) / 1000;
    match seconds {
        0..=1 => "just now".to_owned(),
        2..=59 => format!("{seconds} s ago"),
        60..=3599 => format!("{} min ago", seconds / 60),
        3600..=86_399 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::{ago, same_site};
    use axum::http::HeaderMap;
    use domain::Time;

    #[test]
    fn time_is_told_as_people_say_it() {
        let now = Time::from_millis(200_000_000);
        let told = |seconds: i64| ago(Time::from_millis(200_000_000 - seconds * 1000), now);
        assert_eq!(told(0), "just now");
        assert_eq!(told(59), "59 s ago");
        assert_eq!(told(60), "1 min ago");
        assert_eq!(told(7200), "2 h ago");
        assert_eq!(told(172_800), "2 d ago");
    }

    #[test]
    fn only_a_form_of_this_site_may_sign_out() {
        let headers = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().expect("a header"));
            }
            headers
        };
        assert!(same_site(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(!same_site(&headers(&[("sec-fetch-site", "cross-site")])));
        assert!(same_site(&headers(&[("origin", "http://a:1"), ("host", "a:1")])));
        assert!(!same_site(&headers(&[("origin", "http://b:1"), ("host", "a:1")])));
        assert!(!same_site(&headers(&[("origin", "null"), ("host", "a:1")])));
    }
}
