//! User groups on the wire.

use super::members::user;
use super::{Answer, Paging, WirePolicy, descending, policy, success};
use crate::app::App;
use crate::http::extract::ApiCall;
use crate::service::Error;
use crate::service::groups::{self, View};
use crate::service::policies::NewPolicy;
use axum::extract::State;
use domain::member::Member;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{group, membership};

pub async fn list(State(app): State<App>, call: ApiCall) -> Answer {
    let paging = Paging::of(&call.query)?;
    let fold = |name| call.query.get(name).map(scim::schema::fold);
    let (name, fuzzy_name) = (fold("name"), fold("fuzzyName"));
    let listing = group::Listing {
        id: call.query.get("id"),
        name: name.as_deref(),
        fuzzy_name: fuzzy_name.as_deref(),
        descending: descending(&call.query)?,
        offset: paging.offset(),
        limit: paging.per_page,
    };
    let (views, total) = groups::list(&app, &call.caller, &listing).await?;
    Ok(paging.respond(views.iter().map(show).collect(), total))
}

pub async fn get(State(app): State<App>, call: ApiCall) -> Answer {
    Ok(success(&show(&groups::get(&app, &call.caller, &call.id).await?)))
}

pub async fn create(State(app): State<App>, call: ApiCall) -> Answer {
    let body: Body = call.json()?;
    let name = body.name.ok_or_else(|| Error::invalid("a new user group needs a `name`"))?;
    let policies: Vec<NewPolicy> =
        body.policies.unwrap_or_default().into_iter().map(Into::into).collect();
    Ok(success(&show(&groups::create(&app, &call.caller, &name, &policies).await?)))
}

pub async fn update(State(app): State<App>, call: ApiCall) -> Answer {
    let body: Body = call.json()?;
    let policies: Option<Vec<NewPolicy>> =
        body.policies.map(|policies| policies.into_iter().map(Into::into).collect());
    let (name, policies) = (body.name.as_deref(), policies.as_deref());
    Ok(success(&show(&groups::update(&app, &call.caller, &call.id, name, policies).await?)))
}

pub async fn delete(State(app): State<App>, call: ApiCall) -> Answer {
    groups::delete(&app, &call.caller, &call.id).await?;
    Ok(success(&json!({"id": call.id})))
}

#[derive(Deserialize)]
struct Body {
    name: Option<String>,
    policies: Option<Vec<WirePolicy>>,
}

pub async fn members(State(app): State<App>, call: ApiCall) -> Answer {
    let paging = Paging::of(&call.query)?;
    let part = call.query.get("fuzzyEmail").map(scim::schema::fold);
    let listing = membership::Listing {
        member: None,
        fuzzy_email: part.as_deref(),
        descending: descending(&call.query)?,
        offset: paging.offset(),
        limit: paging.per_page,
    };
    let (members, total) = groups::members(&app, &call.caller, &call.id, &listing).await?;
    Ok(paging.respond(members.iter().map(|(member, _)| brief(member)).collect(), total))
}

pub async fn member(State(app): State<App>, call: ApiCall) -> Answer {
    let (found, added_at) = groups::member(&app, &call.caller, &call.id, &call.member_id).await?;
    let mut shown = brief(&found);
    shown["created_at"] = json!(added_at);
    shown["user"] = user(&found);
    Ok(success(&shown))
}

fn brief(member: &Member) -> Value {
    json!({"id": member.id, "email": member.email, "status": member.status.as_str()})
}

fn show(view: &View) -> Value {
    let group = &view.group;
    let policies: Vec<Value> =
        view.policies.iter().map(|one| policy(one, &group.account_id)).collect();
    json!({
        "id": group.id,
        "name": group.name,
        "created_on": group.created_at,
        "modified_on": group.modified_at,
        "managed": group.managed,
        "policies": policies,
    })
}
