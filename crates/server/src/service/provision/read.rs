//! Reading SCIM resources: one, or a page of those that a filter finds.

use super::{not_found, resource_type};
use crate::app::App;
use crate::service::{Caller, Result};
use domain::permission::Permission::ScimRead;
use scim::filter::Filter;
use scim::list::{Page, Projection};
use store::Conn;
use store::membership::{self, Pair};
use store::resource::{self, Kind, Resource};

/// A resource, and who is in it or what it is in, where that was asked for.
#[derive(Clone, Debug)]
pub struct View {
    pub resource: Resource,
    pub pairs: Vec<Pair>,
}

pub async fn get(
    app: &App,
    caller: &Caller,
    kind: Kind,
    id: &str,
    projection: &Projection,
) -> Result<View> {
    caller.require(ScimRead)?;
    caller.require_enterprise()?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let resource = resource::find(&mut conn, kind, id).await?.ok_or_else(|| not_found(kind, id))?;
    let mut views = view(&mut conn, kind, vec![resource], projection).await?;
    views.pop().ok_or_else(|| not_found(kind, id))
}

/// What a write answers with: the resource as it now is.
pub async fn after(
    app: &App,
    caller: &Caller,
    resource: Resource,
    projection: &Projection,
) -> Result<View> {
    let (kind, id) = (resource.kind, resource.id.clone());
    let mut conn = app.db.read(&caller.account.id).await?;
    let mut views = view(&mut conn, kind, vec![resource], projection).await?;
    views.pop().ok_or_else(|| not_found(kind, &id))
}

/// A page in a stable order, and how many resources there are in all.
pub async fn list(
    app: &App,
    caller: &Caller,
    kind: Kind,
    filter: Option<&str>,
    base: &str,
    page: &Page,
    projection: &Projection,
) -> Result<(Vec<View>, u64)> {
    caller.require(ScimRead)?;
    caller.require_enterprise()?;
    let limits = domain::limits::scim();
    let condition = match filter {
        None => None,
        Some(text) => Some(Filter::parse(text, &limits)?.bind(resource_type(kind))?),
    };
    let mut conn = app.db.read(&caller.account.id).await?;
    let offset = page.start_index - 1;
    let (resources, total) =
        resource::list(&mut conn, kind, condition.as_ref(), base, offset, page.count).await?;
    Ok((view(&mut conn, kind, resources, projection).await?, total))
}

/// Adds members or groups, unless nobody wants them: then they are never read.
async fn view(
    conn: &mut Conn,
    kind: Kind,
    resources: Vec<Resource>,
    projection: &Projection,
) -> Result<Vec<View>> {
    let ids: Vec<&str> = resources.iter().map(|resource| resource.id.as_str()).collect();
    let pairs = match kind {
        Kind::User if projection.wants("groups") => membership::groups_of(conn, &ids).await?,
        Kind::Group if projection.wants("members") => membership::users_of(conn, &ids).await?,
        _ => Vec::new(),
    };
    let mut views: Vec<View> =
        resources.into_iter().map(|resource| View { resource, pairs: Vec::new() }).collect();
    let mut at: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for (index, view) in views.iter().enumerate() {
        at.insert(view.resource.id.clone(), index);
    }
    for pair in pairs {
        let id = if kind == Kind::User { &pair.member_id } else { &pair.group_id };
        if let Some(view) = at.get(id).and_then(|index| views.get_mut(*index)) {
            view.pairs.push(pair);
        }
    }
    Ok(views)
}
