//! Members on the wire: with roles and policies, two views of the same.

use super::{Answer, Named, Paging, WirePolicy, descending, ids, policy, role, success};
use crate::app::App;
use crate::http::extract::ApiCall;
use crate::service::members::{self, Grants, View};
use crate::service::{Error, Result};
use axum::extract::State;
use domain::member::{Member, Status};
use domain::policy::effective_roles;
use serde::Deserialize;
use serde_json::{Value, json};
use store::member::{Listing, Order};

pub async fn list(State(app): State<App>, call: ApiCall) -> Answer {
    let paging = Paging::of(&call.query)?;
    let listing = Listing {
        status: status(&call)?,
        search: None,
        order: order(&call)?,
        descending: descending(&call.query)?,
        offset: paging.offset(),
        limit: paging.per_page,
    };
    let (views, total) = members::list(&app, &call.caller, &listing).await?;
    Ok(paging.respond(views.iter().map(show).collect(), total))
}

pub async fn get(State(app): State<App>, call: ApiCall) -> Answer {
    Ok(success(&show(&members::get(&app, &call.caller, &call.id).await?)))
}

pub async fn create(State(app): State<App>, call: ApiCall) -> Answer {
    let body: Body = call.json()?;
    let email =
        body.email.clone().ok_or_else(|| Error::invalid("a new member needs an `email`"))?;
    let status = match body.status.as_deref() {
        None | Some("pending") => Status::Pending,
        Some("accepted") => Status::Accepted,
        Some(other) => {
            let message = format!("`status` is pending or accepted, not `{other}`");
            return Err(Error::invalid(message).into());
        }
    };
    let view = members::create(&app, &call.caller, &email, status, &body.grants()).await?;
    Ok(success(&show(&view)))
}

/// `status`, `user`, `id` and `email` may come along, as the SDKs send back what they read.
pub async fn update(State(app): State<App>, call: ApiCall) -> Answer {
    let body: Body = call.json()?;
    let view = members::update(&app, &call.caller, &call.id, &body.grants()).await?;
    Ok(success(&show(&view)))
}

pub async fn delete(State(app): State<App>, call: ApiCall) -> Answer {
    members::delete(&app, &call.caller, &call.id).await?;
    Ok(success(&json!({"id": call.id})))
}

#[derive(Deserialize)]
struct Body {
    email: Option<String>,
    status: Option<String>,
    roles: Option<Vec<Named>>,
    policies: Option<Vec<WirePolicy>>,
}

impl Body {
    fn grants(self) -> Grants {
        let policies = self.policies.map(|policies| policies.into_iter().map(Into::into).collect());
        Grants { roles: self.roles.map(ids), policies }
    }
}

fn status(call: &ApiCall) -> Result<Option<Status>> {
    match call.query.get("status") {
        None => Ok(None),
        Some("accepted") => Ok(Some(Status::Accepted)),
        Some("pending") => Ok(Some(Status::Pending)),
        Some(other) => {
            Err(Error::invalid(format!("`status` is accepted or pending, not `{other}`")))
        }
    }
}

fn order(call: &ApiCall) -> Result<Order> {
    match call.query.get("order") {
        None => Ok(Order::Id),
        Some("user.email") => Ok(Order::Email),
        Some("user.first_name") => Ok(Order::FirstName),
        Some("user.last_name") => Ok(Order::LastName),
        Some("status") => Ok(Order::Status),
        Some(other) => Err(Error::invalid(format!(
            "`order` is user.first_name, user.last_name, user.email or status, not `{other}`"
        ))),
    }
}

fn show(view: &View) -> Value {
    let Member { id, email, status, account_id, .. } = &view.member;
    let roles: Vec<Value> =
        effective_roles(&view.policies, view.member.protected).into_iter().map(role).collect();
    let policies: Vec<Value> = view.policies.iter().map(|one| policy(one, account_id)).collect();
    json!({
        "id": id,
        "email": email,
        "status": status.as_str(),
        "user": user(&view.member),
        "roles": roles,
        "policies": policies,
        "managed": view.member.managed,
        "protected": view.member.protected,
    })
}

pub(super) fn user(member: &Member) -> Value {
    json!({
        "id": member.person_id,
        "email": member.email,
        "first_name": member.first_name,
        "last_name": member.last_name,
        "two_factor_authentication_enabled": false,
    })
}
