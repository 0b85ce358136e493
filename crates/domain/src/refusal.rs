//! When a rule says no.
//!
//! Messages are for the person who sent the request: lower case, one sentence, what to do next.

use thiserror::Error;

/// A request that is well formed, permitted and still against a rule of the product.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    #[error("SCIM provisioning needs an account of type `enterprise`, and this one is `standard`")]
    StandardAccount,
    #[error(
        "the only Super Administrator of an account can't be removed or demoted; give another member that role first"
    )]
    OnlySuperAdministrator,
    #[error(
        "user group `{0}` is managed by the identity provider: its name, members and deletion are changed there, only its policies here"
    )]
    ManagedGroup(String),
    #[error(
        "group names that begin with `CF` are reserved for virtual groups; rename `{0}` in the identity provider"
    )]
    ReservedGroupName(String),
    #[error("`{0}` is already a member of this account")]
    AlreadyMember(String),
    /// Something that there is stands in the way; it says what, and how to find it.
    #[error("{0}")]
    InUse(String),
    #[error("{0}")]
    Invalid(String),
}
