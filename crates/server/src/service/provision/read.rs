//! Resources as they are shown: with the groups of a user and the members of a group, where wanted.

use super::{Types, not_found, version};
use crate::app::App;
use crate::service::{Caller, Result};
use domain::permission::Permission::ScimRead;
use scim::list::Projection;
use scim::search::Search;
use store::Conn;
use store::membership::{self, Pair};
use store::resource::{self, Kind, Resource};

/// A resource, and who is in it or what it is in, where that was asked for.
#[derive(Clone, Debug)]
pub struct View {
    pub resource: Resource,
    pub pairs: Vec<Pair>,
}

impl View {
    /// The version of what is shown.
    #[must_use]
    pub fn tag(&self) -> String {
        match self.resource.kind {
            Kind::User => version::tag(self.resource.version, &self.pairs),
            // A change of its members is a change of the group.
            Kind::Group => version::tag(self.resource.version, &[]),
        }
    }
}

/// Which attributes are shown, for each kind of resource.
#[derive(Clone, Debug)]
pub struct Projections {
    user: Projection,
    group: Projection,
}

impl Projections {
    pub fn of(search: &Search, types: &Types) -> Result<Projections> {
        Ok(Projections {
            user: search.projection(types.of(Kind::User))?,
            group: search.projection(types.of(Kind::Group))?,
        })
    }

    #[must_use]
    pub fn get(&self, kind: Kind) -> &Projection {
        match kind {
            Kind::User => &self.user,
            Kind::Group => &self.group,
        }
    }
}

/// One resource.
pub async fn get(
    app: &App,
    caller: &Caller,
    kind: Kind,
    id: &str,
    projections: &Projections,
) -> Result<View> {
    caller.require(ScimRead)?;
    find(app, caller, kind, id, projections).await
}

/// The user that the caller is, which needs no permission.
pub async fn own(app: &App, caller: &Caller, projections: &Projections) -> Result<View> {
    let id = caller.person().map_or("", |person| person.as_str());
    find(app, caller, Kind::User, id, projections).await
}

async fn find(
    app: &App,
    caller: &Caller,
    kind: Kind,
    id: &str,
    projections: &Projections,
) -> Result<View> {
    caller.require_enterprise()?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let resource = resource::find(&mut conn, kind, id).await?.ok_or_else(|| not_found(kind, id))?;
    view(&mut conn, resource, projections).await
}

/// What a write answers with: the resource as it now is.
pub async fn after(
    app: &App,
    caller: &Caller,
    resource: Resource,
    projections: &Projections,
) -> Result<View> {
    let mut conn = app.db.read(&caller.account.id).await?;
    view(&mut conn, resource, projections).await
}

async fn view(conn: &mut Conn, resource: Resource, projections: &Projections) -> Result<View> {
    let (kind, id) = (resource.kind, resource.id.clone());
    let mut views = views(conn, vec![resource], projections).await?;
    views.pop().ok_or_else(|| not_found(kind, &id))
}

/// Adds members or groups, unless nobody wants them: then they are never read.
pub(super) async fn views(
    conn: &mut Conn,
    resources: Vec<Resource>,
    projections: &Projections,
) -> Result<Vec<View>> {
    let ids = |kind: Kind| -> Vec<&str> {
        let of_kind = resources.iter().filter(|resource| resource.kind == kind);
        of_kind.map(|resource| resource.id.as_str()).collect()
    };
    let mut pairs: Vec<(String, Pair)> = Vec::new();
    if projections.user.wants("groups") {
        let found = membership::groups_of(conn, &ids(Kind::User)).await?;
        pairs.extend(found.into_iter().map(|pair| (pair.member_id.clone(), pair)));
    }
    if projections.group.wants("members") {
        let found = membership::users_of(conn, &ids(Kind::Group)).await?;
        pairs.extend(found.into_iter().map(|pair| (pair.group_id.clone(), pair)));
    }
    let mut at: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for (index, resource) in resources.iter().enumerate() {
        at.insert(resource.id.clone(), index);
    }
    let mut views: Vec<View> =
        resources.into_iter().map(|resource| View { resource, pairs: Vec::new() }).collect();
    for (id, pair) in pairs {
        if let Some(view) = at.get(&id).and_then(|index| views.get_mut(*index)) {
            view.pairs.push(pair);
        }
    }
    Ok(views)
}
