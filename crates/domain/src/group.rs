//! A named set of members with policies.

use crate::id::{AccountId, GroupId};
use crate::refusal::Refusal;
use crate::time::Time;

#[derive(Clone, Debug)]
pub struct UserGroup {
    pub account_id: AccountId,
    pub id: GroupId,
    pub name: String,
    /// Name, members and deletion belong to the identity provider; policies are edited here.
    pub managed: bool,
    pub created_at: Time,
    pub modified_at: Time,
}

/// Refuses the names of virtual groups, which would look like roles without being any.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    if name.starts_with("CF") {
        return Err(Refusal::ReservedGroupName(name.to_owned()));
    }
    if name.trim().is_empty() || name.chars().count() > crate::limits::GROUP_NAME_MAX {
        return Err(Refusal::Invalid(format!(
            "the name of a user group has 1 to {} characters",
            crate::limits::GROUP_NAME_MAX
        )));
    }
    Ok(())
}
