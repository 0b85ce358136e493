//! Roles on the wire.

use super::{Answer, Paging, role, success};
use crate::http::extract::ApiCall;
use crate::service::Error;
use domain::permission::Permission::RolesRead;

pub async fn list(call: ApiCall) -> Answer {
    call.caller.require(RolesRead)?;
    let paging = Paging::of(&call.query)?;
    Ok(paging.cut(domain::role::all().iter().map(role).collect()))
}

pub async fn get(call: ApiCall) -> Answer {
    call.caller.require(RolesRead)?;
    let found = domain::role::of_id(&call.id);
    Ok(success(&role(found.ok_or_else(|| Error::not_found("role", call.id.as_str()))?)))
}
