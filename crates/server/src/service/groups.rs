//! User groups as administrators see them.

use crate::app::App;
use crate::service::{Caller, Error, Result};
use domain::Time;
use domain::group::UserGroup;
use domain::id::{GroupId, MemberId};
use domain::member::Member;
use domain::permission::Permission::GroupsRead;
use domain::policy::Policy;
use store::{group, membership, policy};

/// A user group with its policies.
#[derive(Clone, Debug)]
pub struct View {
    pub group: UserGroup,
    pub policies: Vec<Policy>,
}

pub async fn list(
    app: &App,
    caller: &Caller,
    listing: &group::Listing<'_>,
) -> Result<(Vec<View>, u64)> {
    caller.require(GroupsRead)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let (groups, total) = group::list(&mut conn, listing).await?;
    let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
    let mut policies = policy::list(&mut conn, &ids).await?;
    let views = groups.into_iter().map(|group| {
        let policies = policies.remove(group.id.as_str()).unwrap_or_default();
        View { group, policies }
    });
    Ok((views.collect(), total))
}

pub async fn get(app: &App, caller: &Caller, id: &str) -> Result<View> {
    caller.require(GroupsRead)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let group = find(&mut conn, id).await?;
    let policies = policy::of(&mut conn, id).await?;
    Ok(View { group, policies })
}

/// One page of who is in a group, and when each was added.
pub async fn members(
    app: &App,
    caller: &Caller,
    id: &str,
    listing: &membership::Listing<'_>,
) -> Result<(Vec<(Member, Time)>, u64)> {
    caller.require(GroupsRead)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let group = find(&mut conn, id).await?;
    Ok(membership::list(&mut conn, &group.id, listing).await?)
}

pub async fn member(app: &App, caller: &Caller, id: &str, member: &str) -> Result<(Member, Time)> {
    let unknown = || Error::not_found("member of this user group", member);
    let wanted = MemberId::parse(member).ok_or_else(unknown)?;
    let listing = membership::Listing {
        member: Some(&wanted),
        fuzzy_email: None,
        descending: false,
        offset: 0,
        limit: 1,
    };
    let (mut members, _) = members(app, caller, id, &listing).await?;
    members.pop().ok_or_else(unknown)
}

/// How many people a group reaches.
pub async fn count(app: &App, caller: &Caller, id: &GroupId) -> Result<u64> {
    caller.require(GroupsRead)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    Ok(membership::count(&mut conn, id).await?)
}

async fn find(conn: &mut store::Conn, id: &str) -> Result<UserGroup> {
    let unknown = || Error::not_found("user group", id);
    let id = GroupId::parse(id).ok_or_else(unknown)?;
    group::find(conn, &id).await?.ok_or_else(unknown)
}
