//! What a verb of the product requires, and who holds it: by a role, or by an API token.

use crate::id;
use crate::role::{self, Role};

/// Every verb requires exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    AccountRead,
    MembersRead,
    MembersWrite,
    RolesRead,
    GroupsRead,
    GroupsWrite,
    AuditRead,
    ScimRead,
    ScimWrite,
    SchemasRead,
    SchemasWrite,
}

use Permission::{
    AccountRead, AuditRead, GroupsRead, GroupsWrite, MembersRead, MembersWrite, RolesRead,
    SchemasRead, SchemasWrite, ScimRead, ScimWrite,
};

impl Permission {
    pub const ALL: [Permission; 11] = [
        AccountRead,
        MembersRead,
        MembersWrite,
        RolesRead,
        GroupsRead,
        GroupsWrite,
        AuditRead,
        ScimRead,
        ScimWrite,
        SchemasRead,
        SchemasWrite,
    ];

    /// What a caller without it is told to ask for.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            AccountRead | MembersRead | RolesRead | GroupsRead | AuditRead | SchemasRead => {
                "Account Settings Read"
            }
            MembersWrite | GroupsWrite | SchemasWrite => "Account Settings Write",
            ScimRead => "SCIM Provisioning Read",
            ScimWrite => "SCIM Provisioning Write",
        }
    }
}

/// A permission group of API tokens: what the create form offers, and what it opens.
#[derive(Debug)]
pub struct TokenPermission {
    pub name: &'static str,
    pub grants: &'static [Permission],
}

const READ_ACCOUNT: &[Permission] =
    &[AccountRead, MembersRead, RolesRead, GroupsRead, AuditRead, SchemasRead];

/// What an API token can be given, in the dashboard's names ("Edit" there is "Write" here).
///
/// The SCIM token sees members besides, since a connector that can't find whom it made can't be
/// diagnosed; it doesn't write them, since that would let the identity provider hand out any role.
pub static TOKEN_PERMISSIONS: [TokenPermission; 4] = [
    TokenPermission { name: "Account Settings Read", grants: READ_ACCOUNT },
    TokenPermission {
        name: "Account Settings Write",
        grants: &[
            AccountRead,
            MembersRead,
            MembersWrite,
            RolesRead,
            GroupsRead,
            GroupsWrite,
            AuditRead,
            SchemasRead,
            SchemasWrite,
        ],
    },
    TokenPermission { name: "SCIM Provisioning Read", grants: &[AccountRead, ScimRead] },
    TokenPermission {
        name: "SCIM Provisioning Write",
        grants: &[AccountRead, MembersRead, GroupsRead, ScimRead, ScimWrite],
    },
];

impl TokenPermission {
    #[must_use]
    pub fn id(&self) -> String {
        id::derive(&format!("token permission: {}", self.name))
    }

    #[must_use]
    pub fn named(name: &str) -> Option<&'static TokenPermission> {
        TOKEN_PERMISSIONS.iter().find(|group| group.name.eq_ignore_ascii_case(name))
    }

    #[must_use]
    pub fn of_id(id: &str) -> Option<&'static TokenPermission> {
        TOKEN_PERMISSIONS.iter().find(|group| group.id() == id)
    }
}

/// Whether a person with this role may do it, in the dashboard or by a token of their own.
#[must_use]
pub fn role_grants(role: &Role, permission: Permission) -> bool {
    match role.name {
        role::SUPER_ADMINISTRATOR => true,
        // Memberships are for Super Administrators; SCIM changes them, and a schema may stop it.
        "Administrator" => {
            !matches!(permission, MembersWrite | GroupsWrite | ScimWrite | SchemasWrite)
        }
        "Administrator Read Only" => READ_ACCOUNT.contains(&permission) || permission == ScimRead,
        "Audit Logs Viewer" => matches!(permission, AccountRead | AuditRead),
        _ => permission == AccountRead,
    }
}

#[cfg(test)]
mod tests {
    use super::{Permission, TOKEN_PERMISSIONS, TokenPermission, role_grants};
    use crate::role;

    /// Who may do what, to be read in one look; a changed mark is a changed rule.
    #[test]
    fn the_matrix_of_roles_and_permissions() {
        let names = [
            role::SUPER_ADMINISTRATOR,
            "Administrator",
            "Administrator Read Only",
            "Audit Logs Viewer",
            "Billing",
            role::MINIMAL,
        ];
        let row = |permission: Permission| {
            let marks = names.map(|name| {
                if role_grants(role::named(name).expect("a role"), permission) { "x" } else { "." }
            });
            format!("{:<13}{}", format!("{permission:?}"), marks.join(" "))
        };
        let matrix: Vec<String> = Permission::ALL.map(row).to_vec();
        assert_eq!(
            matrix.join("\n"),
            "AccountRead  x x x x x x\n\
             MembersRead  x x x . . .\n\
             MembersWrite x . . . . .\n\
             RolesRead    x x x . . .\n\
             GroupsRead   x x x . . .\n\
             GroupsWrite  x . . . . .\n\
             AuditRead    x x x x . .\n\
             ScimRead     x x x . . .\n\
             ScimWrite    x . . . . .\n\
             SchemasRead  x x x . . .\n\
             SchemasWrite x . . . . ."
        );
    }

    #[test]
    fn every_permission_can_be_given_to_a_token() {
        for permission in Permission::ALL {
            assert!(TOKEN_PERMISSIONS.iter().any(|group| group.grants.contains(&permission)));
            let advised = TokenPermission::named(permission.advice()).expect("advice that exists");
            assert!(advised.grants.contains(&permission), "{permission:?}");
        }
    }
}
