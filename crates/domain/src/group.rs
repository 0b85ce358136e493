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

/// Refuses the names of virtual groups, which would look like roles without being any, and names
/// that look like another one.
pub fn check_name(name: &str) -> Result<(), Refusal> {
    if name.starts_with("CF") {
        return Err(Refusal::ReservedGroupName(name.to_owned()));
    }
    if !is_plain(name) || name.chars().count() > crate::limits::GROUP_NAME_MAX {
        return Err(Refusal::Invalid(format!(
            "the name of a user group has 1 to {} characters, no blank at either end and none that \
             can't be seen",
            crate::limits::GROUP_NAME_MAX
        )));
    }
    Ok(())
}

/// Whether people see a name as it is: not blank, no blank at either end, no control character, and
/// none that is invisible or turns the direction of writing.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    let unseen = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    !name.is_empty() && name.trim() == name && !name.contains(unseen)
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn a_name_is_what_it_looks_like() {
        for name in ["Engineering / SRE", "Žilina", "財務", "cf-lower"] {
            assert!(check_name(name).is_ok(), "{name}");
        }
        for name in
            ["", " ", "CF-1 - Administrator", "Admins ", "Ad\u{200b}mins", "\u{202e}x", "a\nb"]
        {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_name(&"x".repeat(257)).is_err());
    }
}
