//! Members as administrators see and change them.

use crate::app::App;
use crate::service::policies::{self, NewPolicy};
use crate::service::{Caller, Error, Result, Unit, accounts, guard, residence};
use domain::Refusal;
use domain::account::Kind as AccountKind;
use domain::audit::{Change, Subject};
use domain::id::MemberId;
use domain::member::{Member, Status};
use domain::permission::Permission::{MembersRead, MembersWrite};
use domain::policy::Policy;
use serde_json::json;
use store::member::Listing;
use store::resource::{self, Kind};
use store::{member, policy};

/// What somebody asks a member's permissions to be. Policies win where both are given.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    /// Ids of roles.
    pub roles: Option<Vec<String>>,
    pub policies: Option<Vec<NewPolicy>>,
}

/// A member with the policies of their own.
#[derive(Clone, Debug)]
pub struct View {
    pub member: Member,
    pub policies: Vec<Policy>,
}

pub async fn list(app: &App, caller: &Caller, listing: &Listing<'_>) -> Result<(Vec<View>, u64)> {
    caller.require(MembersRead)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let (members, total) = member::list(&mut conn, listing).await?;
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let mut policies = policy::list(&mut conn, &ids).await?;
    let views = members.into_iter().map(|member| {
        let policies = policies.remove(member.id.as_str()).unwrap_or_default();
        View { member, policies }
    });
    Ok((views.collect(), total))
}

pub async fn get(app: &App, caller: &Caller, id: &str) -> Result<View> {
    caller.require(MembersRead)?;
    let id = parse(id)?;
    let mut conn = app.db.read(&caller.account.id).await?;
    let member = live(member::find(&mut conn, &id).await?, &id)?;
    let policies = policy::of(&mut conn, id.as_str()).await?;
    Ok(View { member, policies })
}

/// Invites somebody. Adding without an invitation is for enterprise accounts.
pub async fn create(
    app: &App,
    caller: &Caller,
    email: &str,
    status: Status,
    grants: &Grants,
) -> Result<View> {
    caller.require(MembersWrite)?;
    accounts::check_email(email)?;
    if status == Status::Accepted && caller.account.kind != AccountKind::Enterprise {
        return Err(Error::invalid(
            "automatic verification of new members is not allowed: it needs an account of type `enterprise`",
        ));
    }
    let mut unit = Unit::begin(app, caller).await?;
    let policies = policies(&unit, grants)?
        .ok_or_else(|| Error::invalid("a new member needs `roles` or `policies`"))?;
    let profile = accounts::profile(email);
    let known = residence::namesake(&mut unit, &profile.key).await?;
    let member = match known {
        Some(member) if member.status != Status::Removed => {
            return Err(Refusal::AlreadyMember(email.to_owned()).into());
        }
        Some(mut member) => {
            refuse_deactivated(&mut unit, &member).await?;
            residence::describe(&mut unit, &mut member, &profile).await?;
            member.status = status;
            member.managed = false;
            member::replace(&mut unit, &member).await?;
            member
        }
        None => {
            let id = MemberId::new(unit.now, &app.chance);
            let member = residence::newcomer(&mut unit, id, &profile, status).await?;
            member::insert(&mut unit, &member).await?;
            member
        }
    };
    policy::replace(&mut unit, member.id.as_str(), &policies).await?;
    let after = json!({"email": email, "status": status.as_str(), "policies": policies});
    unit.commit(Change::create("Add Member", subject(&member), after)).await?;
    Ok(View { member, policies })
}

/// Replaces a member's own roles or policies.
pub async fn update(app: &App, caller: &Caller, id: &str, grants: &Grants) -> Result<View> {
    caller.require(MembersWrite)?;
    let id = parse(id)?;
    let mut unit = Unit::begin(app, caller).await?;
    let mut member = live(member::find_for_update(&mut unit, &id).await?, &id)?;
    let policies = policies(&unit, grants)?
        .ok_or_else(|| Error::invalid("nothing to change: send `roles` or `policies`"))?;
    let before = policy::of(&mut unit, id.as_str()).await?;
    let watch =
        if member.protected || guard::is_spoken_of(&before) || guard::is_spoken_of(&policies) {
            Some(guard::watch(&mut unit).await?)
        } else {
            None
        };
    policy::replace(&mut unit, id.as_str(), &policies).await?;
    if member.protected {
        // An administrator has decided: the protection is released, if the account can do without.
        member.protected = false;
        member.modified_at = unit.now;
        member::replace(&mut unit, &member).await?;
    }
    if let Some(watch) = watch {
        watch.refuse(&mut unit).await?;
    }
    let (old, new) = (json!({"policies": before}), json!({"policies": policies}));
    unit.commit(Change::update("Update Member", subject(&member), old, new)).await?;
    Ok(View { member, policies })
}

/// Ends a membership. A person whom the identity provider manages is inactive there from now on,
/// so that both sides say the same.
pub async fn delete(app: &App, caller: &Caller, id: &str) -> Result<()> {
    caller.require(MembersWrite)?;
    let id = parse(id)?;
    let mut unit = Unit::begin(app, caller).await?;
    let found = resource::find_for_update(&mut unit, Kind::User, id.as_str()).await?;
    let member = live(member::find_for_update(&mut unit, &id).await?, &id)?;
    // The user may have been made while the member was waited for.
    let found = match found {
        None => resource::find_for_update(&mut unit, Kind::User, id.as_str()).await?,
        found => found,
    };
    if guard::is_sole(&mut unit, &member).await? {
        return Err(Refusal::OnlySuperAdministrator.into());
    }
    let mut notes = residence::end(&mut unit, &member, false).await?;
    if let Some(user) = found.filter(|user| user.active) {
        crate::service::provision::user::deactivate(&mut unit, user).await?;
        notes.push("the SCIM user is inactive".to_owned());
    }
    let before = json!({"email": member.email, "status": member.status.as_str()});
    unit.commit(Change::delete("Remove Member", subject(&member), before).noting(notes)).await
}

/// Nobody comes back by invitation whom the identity provider says is out.
async fn refuse_deactivated(unit: &mut Unit<'_>, member: &Member) -> Result<()> {
    match resource::find(unit, Kind::User, member.id.as_str()).await? {
        None => Ok(()),
        Some(_) => Err(Error::invalid(format!(
            "the identity provider deactivated `{}`; assign the person again there",
            member.email
        ))),
    }
}

fn parse(id: &str) -> Result<MemberId> {
    MemberId::parse(id).ok_or_else(|| Error::not_found("member", id))
}

fn live(member: Option<Member>, id: &MemberId) -> Result<Member> {
    member
        .filter(|member| member.status != Status::Removed)
        .ok_or_else(|| Error::not_found("member", id.as_str()))
}

/// The policies that were asked for; `None` when nothing was said.
fn policies(unit: &Unit<'_>, grants: &Grants) -> Result<Option<Vec<Policy>>> {
    let policies = match (&grants.policies, &grants.roles) {
        (Some(policies), _) => policies::check(unit, policies)?,
        (None, Some(roles)) => policies::of_roles(unit, roles)?,
        (None, None) => return Ok(None),
    };
    if policies.is_empty() {
        return Err(Error::invalid("a member has at least one role or policy"));
    }
    Ok(Some(policies))
}

fn subject(member: &Member) -> Subject {
    Subject {
        product: "members",
        kind: "member",
        id: member.id.to_string(),
        name: member.email.clone(),
    }
}
