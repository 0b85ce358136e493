//! API tokens: who owns one, what it may do, and when it is valid.

use crate::id::{AccountId, MemberId, TokenId};
use crate::permission::{Permission, TokenPermission};
use crate::policy::Access;
use crate::time::Time;
use serde::{Deserialize, Serialize};

/// One policy of a token, on the wire and in the database alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPolicy {
    pub effect: Access,
    /// Ids of [`TokenPermission`]s.
    pub permission_groups: Vec<String>,
    /// Resource keys, such as `com.cloudflare.api.account.<id>`.
    pub resources: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub id: TokenId,
    /// The account it belongs to; what it may reach is in its policies.
    pub account_id: AccountId,
    /// The person it belongs to. It ends with that person's membership.
    pub owner: Option<MemberId>,
    pub name: String,
    pub policies: Vec<TokenPolicy>,
    pub not_before: Option<Time>,
    pub expires_at: Option<Time>,
    pub created_at: Time,
}

/// The resource key of an account.
#[must_use]
pub fn account_key(account: &AccountId) -> String {
    format!("{ACCOUNT}{account}")
}

const ACCOUNT: &str = "com.cloudflare.api.account.";
const ALL_ACCOUNTS: &str = "com.cloudflare.api.account.*";

impl Token {
    #[must_use]
    pub fn is_valid_at(&self, now: Time) -> bool {
        self.not_before.is_none_or(|start| start <= now)
            && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether any policy names the account at all: without that the account does not exist for it.
    #[must_use]
    pub fn reaches(&self, account: &AccountId) -> bool {
        let key = account_key(account);
        let named = |policy: &TokenPolicy| {
            policy.resources.iter().any(|resource| *resource == key || resource == ALL_ACCOUNTS)
        };
        self.policies.iter().any(|policy| policy.effect == Access::Allow && named(policy))
    }

    /// The accounts that its policies name; `None` when they name all.
    #[must_use]
    pub fn named_accounts(&self) -> Option<Vec<AccountId>> {
        let resources = || self.policies.iter().flat_map(|policy| &policy.resources);
        if resources().any(|resource| resource == ALL_ACCOUNTS) {
            return None;
        }
        let ids = resources().filter_map(|resource| resource.strip_prefix(ACCOUNT));
        let mut accounts: Vec<AccountId> = ids.filter_map(AccountId::parse).collect();
        accounts.sort();
        accounts.dedup();
        Some(accounts)
    }

    /// Explicit deny, then explicit allow, then deny.
    #[must_use]
    pub fn grants(&self, permission: Permission, account: &AccountId) -> bool {
        let key = account_key(account);
        let covers = |policy: &TokenPolicy| {
            policy.resources.iter().any(|resource| *resource == key || resource == ALL_ACCOUNTS)
                && policy
                    .permission_groups
                    .iter()
                    .filter_map(|id| TokenPermission::of_id(id))
                    .any(|group| group.grants.contains(&permission))
        };
        let any = |effect: Access| {
            self.policies.iter().any(|policy| policy.effect == effect && covers(policy))
        };
        !any(Access::Deny) && any(Access::Allow)
    }
}

#[cfg(test)]
mod tests {
    use super::{Token, TokenPolicy, account_key};
    use crate::chance::Chance;
    use crate::id::{AccountId, TokenId};
    use crate::permission::{Permission, TokenPermission};
    use crate::policy::Access;
    use crate::time::Time;

    fn ids() -> (AccountId, AccountId) {
        let chance = Chance::seeded(7);
        let now = Time::from_millis(1);
        (AccountId::new(now, &chance), AccountId::new(now, &chance))
    }

    fn token(policies: Vec<TokenPolicy>) -> Token {
        Token {
            id: TokenId::new(Time::from_millis(0), &Chance::seeded(3)),
            account_id: ids().0,
            owner: None,
            name: "okta".to_owned(),
            policies,
            not_before: Some(Time::from_millis(10)),
            expires_at: Some(Time::from_millis(20)),
            created_at: Time::from_millis(0),
        }
    }

    fn policy(effect: Access, permission: &str, resource: String) -> TokenPolicy {
        let group = TokenPermission::named(permission).expect("a token permission");
        TokenPolicy { effect, permission_groups: vec![group.id()], resources: vec![resource] }
    }

    #[test]
    fn a_token_reaches_only_the_accounts_it_names() {
        let (mine, other) = ids();
        let token =
            token(vec![policy(Access::Allow, "SCIM Provisioning Write", account_key(&mine))]);
        assert!(token.grants(Permission::ScimWrite, &mine));
        assert!(!token.grants(Permission::MembersWrite, &mine));
        assert!(!token.grants(Permission::ScimWrite, &other));
        assert!(token.reaches(&mine) && !token.reaches(&other));
        assert_eq!(token.named_accounts(), Some(vec![mine]));
    }

    #[test]
    fn an_explicit_deny_wins() {
        let (mine, other) = ids();
        let token = token(vec![
            policy(
                Access::Allow,
                "SCIM Provisioning Write",
                "com.cloudflare.api.account.*".to_owned(),
            ),
            policy(Access::Deny, "SCIM Provisioning Write", account_key(&other)),
        ]);
        assert!(token.grants(Permission::ScimWrite, &mine));
        assert!(!token.grants(Permission::ScimWrite, &other));
        assert_eq!(token.named_accounts(), None);
    }

    #[test]
    fn a_token_is_valid_from_its_start_until_just_before_its_end() {
        let token = token(Vec::new());
        let valid = |millis| token.is_valid_at(Time::from_millis(millis));
        assert_eq!([9, 10, 19, 20].map(valid), [false, true, true, false]);
    }
}
