//! The rule of the only Super Administrator, for every road that could break it.
//!
//! An administrator who would break it is refused. The identity provider is not, since it would try
//! again for ever: its data is taken as it says, and one person keeps the role, marked protected.

use crate::service::{Error, Result, Unit};
use domain::Refusal;
use domain::account::whole;
use domain::id::{MemberId, PolicyId};
use domain::member::Status;
use domain::policy::Policy;
use domain::role;
use store::{account, member, policy};

/// Whether the account would be left without a Super Administrator if this one went.
pub async fn is_sole_super_administrator(unit: &mut Unit<'_>, id: &MemberId) -> Result<bool> {
    if !first_two(unit).await?.contains(id) {
        return Ok(false);
    }
    // Two who go at the same moment must not each count on the other.
    account::lock(unit).await?;
    Ok(first_two(unit).await? == [id.clone()])
}

async fn first_two(unit: &mut Unit<'_>) -> Result<Vec<MemberId>> {
    Ok(policy::holders(unit, role::super_administrator(), 2).await?)
}

/// Whether a change of this holder's policies or members can touch the rule at all.
pub async fn administers(unit: &mut Unit<'_>, holder: &str) -> Result<bool> {
    let administers = policy::mentions(unit, holder, role::super_administrator()).await?;
    if administers {
        account::lock(unit).await?;
    }
    Ok(administers)
}

/// Refuses what an administrator asked for, when it left nobody.
pub async fn refuse_if_nobody_is_left(unit: &mut Unit<'_>) -> Result<()> {
    if first_two(unit).await?.is_empty() {
        return Err(Refusal::OnlySuperAdministrator.into());
    }
    Ok(())
}

/// After what the identity provider asked for: when nobody is left, the longest-standing of those who
/// were taken out keeps the role. Returns who.
pub async fn protect_one(unit: &mut Unit<'_>, taken_out: &[String]) -> Result<Option<MemberId>> {
    if !first_two(unit).await?.is_empty() {
        return Ok(None);
    }
    let mut candidates: Vec<MemberId> =
        taken_out.iter().filter_map(|id| MemberId::parse(id)).collect();
    candidates.sort();
    for id in candidates {
        let found = member::find_for_update(unit, &id).await?;
        if let Some(mut member) = found.filter(|member| member.status == Status::Accepted) {
            member.protected = true;
            member.modified_at = unit.now;
            member::replace(unit, &member).await?;
            grant(unit, &id).await?;
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// Gives the role directly, beside what the person has.
async fn grant(unit: &mut Unit<'_>, id: &MemberId) -> Result<()> {
    let mut policies = policy::of(unit, id.as_str()).await?;
    // A denial of one's own would undo it.
    policies.retain(|policy| {
        policy.access == domain::policy::Access::Allow
            || !policy.permission_groups.iter().any(|group| group == role::super_administrator())
    });
    let role = role::named(role::SUPER_ADMINISTRATOR)
        .ok_or_else(|| Error::invalid("the role is missing"))?;
    let whole = whole(&unit.caller().account.id);
    let policy_id = PolicyId::new(unit.now, &unit.app().chance);
    policies.push(Policy::of_role(policy_id, role, &whole));
    Ok(policy::replace(unit, id.as_str(), &policies).await?)
}
