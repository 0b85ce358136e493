//! The rule of the only Super Administrator, for every road that could break it.
//!
//! A change that may touch the role is watched: who holds it is read before, under a lock that every
//! such change takes, and again after. Where nobody is left, an administrator is refused. The identity
//! provider is not, since it would try again for ever: its data is taken as it says, and one of those
//! who held the role is marked protected, which is to hold it whatever policies say.

use crate::service::{Result, Unit};
use domain::Refusal;
use domain::id::MemberId;
use domain::member::{Member, Status};
use domain::policy::{Policy, effective_roles};
use domain::role;
use store::{account, member, policy};

/// Of how many holders a watch remembers, the longest-standing first.
const REMEMBERED: u64 = 100;

/// Who administered the account before a change. Nobody else changes that until the unit ends.
#[derive(Debug)]
pub struct Watch {
    before: Vec<MemberId>,
}

/// Begins before the change.
pub async fn watch(unit: &mut Unit<'_>) -> Result<Watch> {
    account::lock(unit).await?;
    Ok(Watch { before: holders(unit, REMEMBERED).await? })
}

/// Begins to watch where a user group's or a member's policies speak of the role, to allow or to deny
/// it; where they don't, its members can come and go as they like.
pub async fn watch_holder(unit: &mut Unit<'_>, holder: &str) -> Result<Option<Watch>> {
    if policy::mentions(unit, holder, role::super_administrator()).await? {
        return watch(unit).await.map(Some);
    }
    Ok(None)
}

/// Whether policies that are about to be given speak of the role.
#[must_use]
pub fn is_spoken_of(policies: &[Policy]) -> bool {
    let role = role::super_administrator();
    policies.iter().any(|policy| policy.permission_groups.iter().any(|group| group == role))
}

impl Watch {
    /// After what an administrator asked for.
    pub async fn refuse(self, unit: &mut Unit<'_>) -> Result<()> {
        if !self.before.is_empty() && holders(unit, 1).await?.is_empty() {
            return Err(Refusal::OnlySuperAdministrator.into());
        }
        Ok(())
    }

    /// After what the identity provider asked for. Returns a note about who keeps the role, if
    /// somebody had to.
    pub async fn protect(self, unit: &mut Unit<'_>) -> Result<Option<String>> {
        if !holders(unit, 1).await?.is_empty() {
            return Ok(None);
        }
        for id in self.before {
            let found = member::find_for_update(unit, &id).await?;
            if let Some(mut member) = found.filter(|member| member.status == Status::Accepted) {
                member.protected = true;
                member.modified_at = unit.now;
                member::replace(unit, &member).await?;
                let email = member.email;
                return Ok(Some(format!("protected: `{email}` stays Super Administrator")));
            }
        }
        Ok(None)
    }
}

/// Whether the account would be left without a Super Administrator if this member went.
pub async fn is_sole(unit: &mut Unit<'_>, member: &Member) -> Result<bool> {
    let policies = policy::effective(unit, &member.id).await?;
    let roles = effective_roles(&policies, member.protected);
    if !roles.iter().any(|role| role.name == role::SUPER_ADMINISTRATOR) {
        return Ok(false);
    }
    // Those who go at the same moment must not count on each other.
    account::lock(unit).await?;
    Ok(holders(unit, 2).await? == [member.id.clone()])
}

async fn holders(unit: &mut Unit<'_>, limit: u64) -> Result<Vec<MemberId>> {
    Ok(policy::holders(unit, role::super_administrator(), limit).await?)
}
