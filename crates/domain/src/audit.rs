//! One recorded change: who, by which token, from where, what was before and after.

use crate::id::{AccountId, EventId};
use crate::time::Time;
use serde_json::Value;

/// What kind of change it was, in the words of the audit log's `action.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Create,
    Update,
    Delete,
}

impl Kind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Create => "create",
            Kind::Update => "update",
            Kind::Delete => "delete",
        }
    }
}

/// Who acts, and through what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// `account` (an account-owned token), `user` (a person) or `system` (the command line).
    pub kind: String,
    /// `api_token`, `dash`, or `api` for the command line.
    pub context: String,
    pub id: String,
    pub email: String,
    pub token_id: String,
    pub token_name: String,
    pub ip: String,
}

/// The request that carried the change; empty for the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub request_id: String,
    pub method: String,
    pub uri: String,
    pub user_agent: String,
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The documented name of the action, such as `Update SCIM User`.
    pub action: &'static str,
    pub kind: Kind,
    /// The product the resource belongs to: `members`, `user_groups`, `api_tokens`, `accounts`, `sessions`.
    pub product: &'static str,
    pub resource_type: &'static str,
    pub resource_id: String,
    /// What people call it: an e-mail address, the name of a group.
    pub resource_name: String,
    pub before: Value,
    pub after: Value,
    /// What the change brought about, in words: `claimed`, `protected`, `sessions ended: 2`.
    pub notes: Vec<String>,
}

/// A change as it stands in the log.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub account_id: AccountId,
    pub at: Time,
    pub action: String,
    pub kind: String,
    pub actor: Actor,
    pub origin: Origin,
    pub product: String,
    pub resource_type: String,
    pub resource_id: String,
    pub resource_name: String,
    pub before: Value,
    pub after: Value,
    pub notes: Vec<String>,
}
