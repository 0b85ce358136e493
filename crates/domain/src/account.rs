//! A tenant.

use crate::id::{self, AccountId};
use crate::time::Time;

/// SCIM provisioning is for [`Kind::Enterprise`] accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Standard,
    Enterprise,
}

impl Kind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Standard => "standard",
            Kind::Enterprise => "enterprise",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Kind> {
        [Kind::Standard, Kind::Enterprise].into_iter().find(|kind| kind.as_str() == text)
    }
}

#[derive(Clone, Debug)]
pub struct Account {
    pub id: AccountId,
    pub name: String,
    pub kind: Kind,
    pub created_at: Time,
    /// How often its schemas have changed; 0 for an account that never had any of its own.
    pub schema_version: i64,
}

/// The id of the built-in resource group that covers a whole account.
#[must_use]
pub fn whole(account: &AccountId) -> String {
    id::derive(&format!("resource group: all of account {account}"))
}
