//! User groups as administrators see and change them.

use crate::app::App;
use crate::service::policies::{self, NewPolicy};
use crate::service::{Caller, Error, Result, Unit, guard};
use domain::audit::{Change, Subject};
use domain::group::{UserGroup, check_name};
use domain::id::{GroupId, MemberId};
use domain::member::Member;
use domain::permission::Permission::{GroupsRead, GroupsWrite};
use domain::policy::Policy;
use domain::{Refusal, Time};
use serde_json::json;
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

/// Makes a user group that administrators manage, until an identity provider claims its name.
pub async fn create(app: &App, caller: &Caller, name: &str, new: &[NewPolicy]) -> Result<View> {
    caller.require(GroupsWrite)?;
    check_name(name)?;
    let mut unit = Unit::begin(app, caller).await?;
    let policies = policies::check(&unit, new)?;
    refuse_taken(&mut unit, name, None).await?;
    let group = UserGroup {
        account_id: caller.account.id.clone(),
        id: GroupId::new(unit.now, &app.chance),
        name: name.to_owned(),
        managed: false,
        created_at: unit.now,
        modified_at: unit.now,
    };
    group::insert(&mut unit, &group).await?;
    policy::replace(&mut unit, group.id.as_str(), &policies).await?;
    let after = json!({"policies": policies});
    unit.commit(Change::create("Create User Group", subject(&group), after)).await?;
    Ok(View { group, policies })
}

/// Changes the name, which of a managed group is the identity provider's, and the policies.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: &str,
    name: Option<&str>,
    new: Option<&[NewPolicy]>,
) -> Result<View> {
    caller.require(GroupsWrite)?;
    let mut unit = Unit::begin(app, caller).await?;
    let mut group = lock(&mut unit, id).await?;
    let before = policy::of(&mut unit, id).await?;
    let old_name = group.name.clone();
    if let Some(name) = name.filter(|name| *name != old_name) {
        refuse_managed(&group)?;
        check_name(name)?;
        refuse_taken(&mut unit, name, Some(&group.id)).await?;
        name.clone_into(&mut group.name);
    }
    let mut policies = before.clone();
    if let Some(new) = new {
        policies = policies::check(&unit, new)?;
        if guard::is_spoken_of(&before) || guard::is_spoken_of(&policies) {
            let watch = guard::watch(&mut unit).await?;
            policy::replace(&mut unit, id, &policies).await?;
            watch.refuse(&mut unit).await?;
        } else {
            policy::replace(&mut unit, id, &policies).await?;
        }
    }
    group.modified_at = unit.now;
    group::replace(&mut unit, &group).await?;
    let before = json!({"name": old_name, "policies": before});
    let after = json!({"name": group.name, "policies": policies});
    unit.commit(Change::update("Update User Group", subject(&group), before, after)).await?;
    Ok(View { group, policies })
}

/// Deletes a group that administrators manage. Nobody's membership of the account ends.
pub async fn delete(app: &App, caller: &Caller, id: &str) -> Result<()> {
    caller.require(GroupsWrite)?;
    let mut unit = Unit::begin(app, caller).await?;
    let group = lock(&mut unit, id).await?;
    refuse_managed(&group)?;
    let watch = guard::watch_holder(&mut unit, id).await?;
    let before = json!({"policies": policy::of(&mut unit, id).await?});
    membership::clear(&mut unit, &group.id).await?;
    policy::replace(&mut unit, id, &[]).await?;
    group::delete(&mut unit, &group.id).await?;
    if let Some(watch) = watch {
        watch.refuse(&mut unit).await?;
    }
    unit.commit(Change::delete("Delete User Group", subject(&group), before)).await
}

fn refuse_managed(group: &UserGroup) -> Result<()> {
    if group.managed {
        return Err(Refusal::ManagedGroup(group.name.clone()).into());
    }
    Ok(())
}

async fn refuse_taken(unit: &mut Unit<'_>, name: &str, own: Option<&GroupId>) -> Result<()> {
    match group::find_by_name(unit, name).await? {
        Some(found) if Some(&found.id) != own => {
            Err(Error::invalid(format!("there is a user group `{}` already", found.name)))
        }
        _ => Ok(()),
    }
}

fn subject(group: &UserGroup) -> Subject {
    Subject {
        product: "user_groups",
        kind: "user_group",
        id: group.id.to_string(),
        name: group.name.clone(),
    }
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

async fn lock(unit: &mut Unit<'_>, id: &str) -> Result<UserGroup> {
    let unknown = || Error::not_found("user group", id);
    let id = GroupId::parse(id).ok_or_else(unknown)?;
    group::find_for_update(unit, &id).await?.ok_or_else(unknown)
}

async fn find(conn: &mut store::Conn, id: &str) -> Result<UserGroup> {
    let unknown = || Error::not_found("user group", id);
    let id = GroupId::parse(id).ok_or_else(unknown)?;
    group::find(conn, &id).await?.ok_or_else(unknown)
}
