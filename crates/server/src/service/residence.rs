//! Being a member: how it begins and how it ends, whoever says so.
//!
//! Ending it is one function, so that no road can forget a credential.

use crate::service::{Error, Result, Unit};
use domain::account::whole;
use domain::id::{MemberId, PersonId, PolicyId};
use domain::member::{Member, Profile, Status};
use domain::policy::Policy;
use domain::role;
use serde_json::json;
use store::{account, link, member, membership, policy, resource, session, token};

/// Whoever has or had this name in the account, locked.
pub async fn namesake(unit: &mut Unit<'_>, key: &str) -> Result<Option<Member>> {
    match member::find_by_key(unit, key).await? {
        Some(member) => Ok(member::find_for_update(unit, &member.id).await?),
        None => Ok(None),
    }
}

/// A member who does not exist yet.
pub async fn newcomer(
    unit: &mut Unit<'_>,
    id: MemberId,
    profile: &Profile,
    status: Status,
) -> Result<Member> {
    Ok(Member {
        account_id: unit.caller().account.id.clone(),
        id,
        person_id: person(unit, &profile.key).await?,
        key: profile.key.clone(),
        email: profile.email.clone(),
        first_name: profile.first_name.clone(),
        last_name: profile.last_name.clone(),
        status,
        managed: false,
        protected: false,
        created_at: unit.now,
        modified_at: unit.now,
    })
}

/// A person is known by the name they sign in with; an address alone is anybody's claim.
async fn person(unit: &mut Unit<'_>, key: &str) -> Result<PersonId> {
    let (id, now) = (PersonId::new(unit.now, &unit.app().chance), unit.now);
    Ok(account::ensure_person(unit, &id, key, now).await?)
}

/// Writes who the person is by the newest word.
pub async fn describe(unit: &mut Unit<'_>, member: &mut Member, profile: &Profile) -> Result<()> {
    if member.key != profile.key {
        member.person_id = person(unit, &profile.key).await?;
    }
    if member.email != profile.email {
        // Groups show their members' addresses: whoever has a copy must not take it for fresh.
        let now = unit.now;
        resource::touch_groups_of(unit, member.id.as_str(), now).await?;
    }
    member.key.clone_from(&profile.key);
    member.email.clone_from(&profile.email);
    member.first_name.clone_from(&profile.first_name);
    member.last_name.clone_from(&profile.last_name);
    member.modified_at = unit.now;
    Ok(())
}

/// The policies of one who has just come: the role Minimal Account Access.
pub async fn grant_minimal(unit: &mut Unit<'_>, id: &MemberId) -> Result<()> {
    let role = role::named(role::MINIMAL).ok_or_else(|| Error::invalid("the role is missing"))?;
    let whole = whole(&unit.caller().account.id);
    let minimal = Policy::of_role(PolicyId::new(unit.now, &unit.app().chance), role, &whole);
    Ok(policy::begin(unit, id.as_str(), &minimal).await?)
}

/// Ends a membership with all that hangs on it. What could be restored stays in the tombstone.
/// `managed_groups_too`: the person is gone from the identity provider as well.
pub async fn end(
    unit: &mut Unit<'_>,
    member: &Member,
    managed_groups_too: bool,
) -> Result<Vec<String>> {
    let mut notes = end_credentials(unit, &member.id).await?;
    let policies = policy::of(unit, member.id.as_str()).await?;
    let groups = membership::groups_joined(unit, &member.id).await?;
    membership::leave(unit, &member.id, false).await?;
    if managed_groups_too {
        membership::leave(unit, &member.id, true).await?;
    }
    policy::replace(unit, member.id.as_str(), &[]).await?;
    let tombstone = json!({"policies": policies, "groups": groups}).to_string();
    let now = unit.now;
    member::bury(unit, &member.id, now, &tombstone).await?;
    notes.insert(0, "membership ended".to_owned());
    Ok(notes)
}

/// Every session, token and sign-in link of a person. The next request that brings one is refused.
pub async fn end_credentials(unit: &mut Unit<'_>, id: &MemberId) -> Result<Vec<String>> {
    let ended = [
        ("sessions", session::delete_of(unit, id).await?),
        ("tokens", token::delete_of(unit, id).await?),
        ("sign-in links", link::delete_of(unit, id).await?),
    ];
    let notes = ended.into_iter().filter(|(_, count)| *count > 0);
    Ok(notes.map(|(what, count)| format!("{what} ended: {count}")).collect())
}
