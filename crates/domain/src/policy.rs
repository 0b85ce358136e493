//! What a member or a user group may do: permission groups on resource groups, allowed or denied.

use crate::id::PolicyId;
use crate::limits;
use crate::refusal::Refusal;
use crate::role::{self, Role};

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    Allow,
    Deny,
}

impl Access {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Access::Allow => "allow",
            Access::Deny => "deny",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Policy {
    pub id: PolicyId,
    pub access: Access,
    /// Ids of permission groups, which for account-wide ones are roles seen from the other side.
    pub permission_groups: Vec<String>,
    pub resource_groups: Vec<String>,
}

impl Policy {
    /// The policy that a role is: one permission group on the whole account.
    #[must_use]
    pub fn of_role(id: PolicyId, role: &Role, whole_account: &str) -> Policy {
        Policy {
            id,
            access: Access::Allow,
            permission_groups: vec![role.permission_group()],
            resource_groups: vec![whole_account.to_owned()],
        }
    }

    /// Whether every part exists and the numbers are within bounds.
    pub fn check(&self, whole_account: &str) -> Result<(), Refusal> {
        let parts = [&self.permission_groups, &self.resource_groups];
        if parts.iter().any(|part| part.is_empty() || part.len() > limits::POLICY_PARTS_MAX) {
            return Err(Refusal::Invalid(format!(
                "a policy names 1 to {} permission groups and as many resource groups",
                limits::POLICY_PARTS_MAX
            )));
        }
        let unknown = self
            .permission_groups
            .iter()
            .find(|id| role::of_permission_group(id).is_none())
            .map(|id| {
                format!("there is no permission group `{id}`; list them at iam/permission_groups")
            })
            .or_else(|| {
                self.resource_groups
                    .iter()
                    .find(|id| *id != whole_account)
                    .map(|id| format!("there is no resource group `{id}` in this account"))
            });
        unknown.map_or(Ok(()), |message| Err(Refusal::Invalid(message)))
    }
}

/// The roles that a member's policies amount to: the union of what is allowed, less what is denied. A
/// protected member is Super Administrator whatever they say.
#[must_use]
pub fn effective_roles(policies: &[Policy], protected: bool) -> Vec<&'static Role> {
    let of = |access: Access, group: &String| {
        policies
            .iter()
            .any(|policy| policy.access == access && policy.permission_groups.contains(group))
    };
    role::all()
        .iter()
        .filter(|role| {
            let group = role.permission_group();
            let kept = protected && role.name == role::SUPER_ADMINISTRATOR;
            kept || (of(Access::Allow, &group) && !of(Access::Deny, &group))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Access, Policy, effective_roles};
    use crate::{chance::Chance, id::PolicyId, role, time::Time};

    fn policy(access: Access, roles: &[&str]) -> Policy {
        Policy {
            id: PolicyId::new(Time::from_millis(0), &Chance::seeded(1)),
            access,
            permission_groups: roles
                .iter()
                .map(|name| role::named(name).expect("a role").permission_group())
                .collect(),
            resource_groups: vec!["all".to_owned()],
        }
    }

    #[test]
    fn permissions_are_a_union_and_deny_wins() {
        let names = |policies: &[Policy]| -> Vec<&str> {
            effective_roles(policies, false).iter().map(|role| role.name).collect()
        };
        let allow = policy(Access::Allow, &["Billing", "DNS"]);
        let more = policy(Access::Allow, &["Analytics"]);
        let deny = policy(Access::Deny, &["DNS"]);
        assert_eq!(names(&[]), Vec::<&str>::new());
        assert_eq!(names(&[allow.clone(), more.clone()]), ["Analytics", "Billing", "DNS"]);
        assert_eq!(names(&[allow, more, deny]), ["Analytics", "Billing"]);
        let refused = policy(Access::Deny, &[role::SUPER_ADMINISTRATOR]);
        assert_eq!(effective_roles(&[refused], true).len(), 1, "protected");
    }

    #[test]
    fn a_policy_names_only_what_exists() {
        let mut policy = policy(Access::Allow, &["Billing"]);
        assert!(policy.check("all").is_ok());
        assert!(policy.check("another account").is_err());
        policy.permission_groups.push("0".repeat(32));
        assert!(policy.check("all").is_err());
    }
}
