//! Policies as somebody asks for them, checked before they become anybody's.

use crate::service::{Error, Result, Unit};
use domain::account::whole;
use domain::id::PolicyId;
use domain::limits::POLICIES_MAX;
use domain::policy::{Access, Policy};
use domain::role;

/// A policy that has no id yet.
#[derive(Clone, Debug)]
pub struct NewPolicy {
    pub access: Access,
    pub permission_groups: Vec<String>,
    pub resource_groups: Vec<String>,
}

/// Gives each policy an id, and refuses what doesn't exist in this account.
pub fn check(unit: &Unit<'_>, policies: &[NewPolicy]) -> Result<Vec<Policy>> {
    if policies.len() > POLICIES_MAX {
        return Err(Error::invalid(format!("there may be at most {POLICIES_MAX} policies")));
    }
    let whole = whole(&unit.caller().account.id);
    let checked = policies.iter().cloned().map(|new| {
        let policy = Policy {
            id: fresh(unit),
            access: new.access,
            permission_groups: new.permission_groups,
            resource_groups: new.resource_groups,
        };
        policy.check(&whole)?;
        Ok(policy)
    });
    checked.collect()
}

/// The policies that roles are.
pub fn of_roles(unit: &Unit<'_>, ids: &[String]) -> Result<Vec<Policy>> {
    if ids.len() > POLICIES_MAX {
        return Err(Error::invalid(format!("there may be at most {POLICIES_MAX} roles")));
    }
    let whole = whole(&unit.caller().account.id);
    let policies = ids.iter().map(|id| {
        let role = role::of_id(id).ok_or_else(|| {
            Error::invalid(format!("there is no role `{id}`; list them at /roles"))
        })?;
        Ok(Policy::of_role(fresh(unit), role, &whole))
    });
    policies.collect()
}

fn fresh(unit: &Unit<'_>) -> PolicyId {
    PolicyId::new(unit.now, &unit.app().chance)
}
