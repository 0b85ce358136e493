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

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The product it belongs to: `members`, `user_groups`, `api_tokens`, `accounts`, `sessions`.
    pub product: &'static str,
    /// What it is: `scim_user`, `member`, `api_token`.
    pub kind: &'static str,
    pub id: String,
    /// What people call it: an e-mail address, the name of a group.
    pub name: String,
}

/// What was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The documented name of the action, such as `Update SCIM User`.
    pub action: &'static str,
    pub kind: Kind,
    pub subject: Subject,
    pub before: Value,
    pub after: Value,
    /// What the change brought about, in words: `claimed`, `protected`, `sessions ended: 2`.
    pub notes: Vec<String>,
}

impl Change {
    #[must_use]
    pub fn create(action: &'static str, subject: Subject, after: Value) -> Change {
        Change::new(action, Kind::Create, subject, Value::Null, after)
    }

    #[must_use]
    pub fn update(action: &'static str, subject: Subject, before: Value, after: Value) -> Change {
        Change::new(action, Kind::Update, subject, before, after)
    }

    #[must_use]
    pub fn delete(action: &'static str, subject: Subject, before: Value) -> Change {
        Change::new(action, Kind::Delete, subject, before, Value::Null)
    }

    fn new(
        action: &'static str,
        kind: Kind,
        subject: Subject,
        before: Value,
        after: Value,
    ) -> Change {
        Change { action, kind, subject, before, after, notes: Vec::new() }
    }

    #[must_use]
    pub fn noting(self, notes: Vec<String>) -> Change {
        Change { notes, ..self }
    }
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
