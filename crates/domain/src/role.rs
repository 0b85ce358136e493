//! The account-wide roles, each with the permission group that is its other view.
//!
//! Ids that Cloudflare's API publishes are kept, so that scripts and Terraform files work unchanged;
//! the others follow from the name. A role's id and its permission group's id differ, as they do there.
//! Most of these roles open no door of Provost itself: they are carried for the applications that read
//! them. The ones that do are in [`crate::permission`].

use crate::id;
use std::sync::LazyLock;

#[derive(Debug)]
pub struct Role {
    pub name: &'static str,
    pub description: &'static str,
    known_id: Option<&'static str>,
    areas: &'static str,
}

pub const SUPER_ADMINISTRATOR: &str = "Super Administrator - All Privileges";
pub const MINIMAL: &str = "Minimal Account Access";

/// The areas that a role's `permissions` speak of, on the wire of `GET /accounts/{id}/roles`.
pub const AREAS: [&str; 12] = [
    "analytics",
    "billing",
    "cache_purge",
    "dns",
    "dns_records",
    "lb",
    "logs",
    "organization",
    "ssl",
    "waf",
    "zone_settings",
    "zones",
];

impl Role {
    #[must_use]
    pub fn id(&self) -> String {
        self.known_id.map_or_else(|| id::derive(&format!("role: {}", self.name)), str::to_owned)
    }

    /// The id of the permission group that means the same.
    #[must_use]
    pub fn permission_group(&self) -> String {
        id::derive(&format!("permission group: {}", self.name))
    }

    /// A short machine-readable name, such as `admin_readonly`.
    #[must_use]
    pub fn label(&self) -> String {
        match self.name {
            "Administrator" => "admin".to_owned(),
            "Administrator Read Only" => "admin_readonly".to_owned(),
            SUPER_ADMINISTRATOR => "super_admin".to_owned(),
            name => name
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(str::to_ascii_lowercase)
                .collect::<Vec<_>>()
                .join("_"),
        }
    }

    /// Whether the role may read and write an area.
    #[must_use]
    pub fn area(&self, area: &str) -> (bool, bool) {
        let grant = self.areas.strip_prefix('*').or_else(|| {
            self.areas.split(' ').find_map(|grant| grant.strip_prefix(area)?.strip_prefix(':'))
        });
        (grant.is_some(), grant == Some("rw"))
    }
}

const fn role(
    name: &'static str,
    known_id: Option<&'static str>,
    areas: &'static str,
    description: &'static str,
) -> Role {
    Role { name, description, known_id, areas }
}

/// Every account-wide role: the four that matter most, then by name.
#[must_use]
pub fn all() -> &'static [Role] {
    &ROLES
}

#[must_use]
pub fn named(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name == name)
}

#[must_use]
pub fn of_id(id: &str) -> Option<&'static Role> {
    BY_ID.iter().find(|(role, _, _)| role == id).map(|(_, _, role)| *role)
}

#[must_use]
pub fn of_permission_group(id: &str) -> Option<&'static Role> {
    BY_ID.iter().find(|(_, group, _)| group == id).map(|(_, _, role)| *role)
}

/// The permission group whose last holder is never taken away.
#[must_use]
pub fn super_administrator() -> &'static str {
    static ID: LazyLock<String> = LazyLock::new(|| {
        named(SUPER_ADMINISTRATOR).map(Role::permission_group).unwrap_or_default()
    });
    &ID
}

static BY_ID: LazyLock<Vec<(String, String, &'static Role)>> =
    LazyLock::new(|| ROLES.iter().map(|role| (role.id(), role.permission_group(), role)).collect());

#[rustfmt::skip]
static ROLES: [Role; COUNT] = [
    role("Administrator", Some("05784afa30c1afe1440e79d9351c7430"), "*rw", "Full use of the account and its subscriptions, except memberships and the billing profile"),
    role("Super Administrator - All Privileges", Some("33666b9c79b9a5273fc7344ff42f953d"), "*rw", "Everything, memberships and billing included"),
    role("Administrator Read Only", Some("f2b20eaa1a5d4af42b53ac16238c99c7"), "*r", "Sees the whole account, changes nothing"),
    role("Minimal Account Access", None, "", "Sees that the account exists and nothing in it"),
    role("Analytics", Some("6ddc5f80969d01105b5a0931e0079365"), "analytics:r", "Reads analytics"),
    role("API Gateway", None, "", "Edits API Shield"),
    role("API Gateway Read", None, "", "Reads API Shield"),
    role("API Token Provisioning", None, "", "Creates account tokens within its own permissions and sees those it made"),
    role("Audit Logs Viewer", Some("9dfa4d1b73034f70ad896bf1c26d78f3"), "logs:r", "Reads the audit log"),
    role("Billing", Some("298ce8e7a2ba08b9d18ce0a32bb458ee"), "billing:rw", "Edits the billing profile and subscriptions"),
    role("Bot Management (Account-wide)", None, "", "Edits bot management on every domain"),
    role("Cache Purge", Some("d1c17a97abf0aa371338074955877ba0"), "cache_purge:rw", "Purges caches"),
    role("Cloudflare Access", None, "", "Edits Access and tunnels"),
    role("Cloudflare CASB", None, "", "Edits CASB"),
    role("Cloudflare CASB Read", None, "", "Reads CASB"),
    role("Cloudflare DEX", None, "", "Edits digital experience monitoring"),
    role("Cloudflare Gateway", None, "", "Edits Gateway and reads Access"),
    role("Cloudflare Images", None, "", "Edits Images"),
    role("Cloudflare R2 Admin", None, "", "Edits R2"),
    role("Cloudflare R2 Read", None, "", "Reads R2"),
    role("Cloudflare Stream", None, "", "Edits Stream"),
    role("Cloudflare Zero Trust", None, "", "Edits all Zero Trust products"),
    role("Cloudflare Zero Trust DNS Locations Write", None, "", "Edits the DNS locations of Gateway"),
    role("Cloudflare Zero Trust PII", None, "", "Sees personal data in Zero Trust"),
    role("Cloudflare Zero Trust Read Only", Some("156a872fa6df06e0e9b85d32afce6990"), "", "Reads all Zero Trust products"),
    role("Cloudflare Zero Trust Reporting", Some("b525e80fc64a4323a9ea666467d1865c"), "analytics:r", "Reads the reports of Zero Trust"),
    role("Connectivity Directory Admin", None, "", "Edits the connectivity directory"),
    role("Connectivity Directory Bind", None, "", "Binds to services of the connectivity directory"),
    role("Connectivity Directory Read", None, "", "Reads the connectivity directory"),
    role("DNS", Some("069fe803647ed3609e93d041d5df6050"), "dns:rw dns_records:rw zones:r", "Edits DNS records"),
    role("Email Configuration Admin", None, "", "Edits the configuration of e-mail security"),
    role("Email Integration Admin", None, "", "Edits the integrations of e-mail security"),
    role("Email Security Analyst", None, "", "Investigates and acts on messages"),
    role("Email Security Policy Admin", None, "", "Edits the policies of e-mail security"),
    role("Email Security Read Only", None, "", "Reads e-mail security"),
    role("Email Security Reporting", None, "", "Reads the reports of e-mail security"),
    role("Firewall", None, "waf:rw zones:r", "Edits the firewall"),
    role("Hyperdrive Admin", None, "", "Edits Hyperdrive"),
    role("Hyperdrive Read", None, "", "Reads Hyperdrive"),
    role("Load Balancer", None, "lb:rw zones:r", "Edits load balancers"),
    role("Log Share", None, "logs:rw", "Edits the export of logs"),
    role("Log Share Reader", None, "logs:r", "Reads exported logs"),
    role("Magic Network Monitoring", None, "", "Uses network monitoring"),
    role("Magic Network Monitoring Admin", None, "", "Edits network monitoring"),
    role("Magic Network Monitoring Read-Only", None, "", "Reads network monitoring"),
    role("Network Services Read (Magic)", None, "", "Reads network services"),
    role("Network Services Write (Magic)", None, "", "Edits network services"),
    role("Page Shield", None, "", "Edits Page Shield"),
    role("Page Shield Read", None, "", "Reads Page Shield"),
    role("Secrets Store Admin", None, "", "Edits the secrets store"),
    role("Secrets Store Deployer", None, "", "Binds secrets to deployments"),
    role("Secrets Store Reporter", None, "", "Lists what the secrets store holds"),
    role("Security Center Brand Protection", None, "", "Uses brand protection"),
    role("Security Center Cloudforce One Admin", None, "", "Edits threat intelligence"),
    role("Security Center Cloudforce One Read", None, "", "Reads threat intelligence"),
    role("SSL/TLS, Caching, Performance, Page Rules, and Customization", Some("75f36071fa06ebfac6da0c3f8ddbc4df"), "ssl:rw zone_settings:rw zones:r", "Edits the settings of domains, except DNS"),
    role("Trust and Safety", None, "", "Answers abuse reports"),
    role("Turnstile", None, "", "Edits Turnstile"),
    role("Turnstile Read", None, "", "Reads Turnstile"),
    role("Vectorize Admin", None, "", "Edits Vectorize"),
    role("Vectorize Read only", None, "", "Reads Vectorize"),
    role("Waiting Room Admin", None, "", "Edits waiting rooms"),
    role("Waiting Room Read", None, "", "Reads waiting rooms"),
    role("Workers Platform (Read-only)", None, "", "Reads the Workers platform"),
    role("Workers Platform Admin", None, "", "Edits the Workers platform"),
    role("Zaraz Admin", None, "", "Edits and publishes Zaraz"),
    role("Zaraz Edit", None, "", "Edits Zaraz"),
    role("Zaraz Read", None, "", "Reads Zaraz"),
    role("Zone Versioning (Account-Wide)", None, "", "Edits the versions of domains"),
    role("Zone Versioning Read (Account-Wide)", None, "", "Reads the versions of domains"),
];

const COUNT: usize = 70;

#[cfg(test)]
mod tests {
    use super::{AREAS, MINIMAL, SUPER_ADMINISTRATOR, all, named, of_id, of_permission_group};
    use std::collections::BTreeSet;

    #[test]
    fn ids_names_and_labels_are_unique_and_lead_back() {
        let ids: BTreeSet<_> =
            all().iter().flat_map(|role| [role.id(), role.permission_group()]).collect();
        let labels: BTreeSet<_> = all().iter().map(super::Role::label).collect();
        assert_eq!(ids.len(), 2 * all().len());
        assert_eq!(labels.len(), all().len());
        for role in all() {
            assert_eq!(of_id(&role.id()).map(|role| role.name), Some(role.name));
            let back = of_permission_group(&role.permission_group());
            assert_eq!(back.map(|role| role.name), Some(role.name));
        }
    }

    #[test]
    fn areas_follow_the_role() {
        let area = |name: &str, area| named(name).expect("a role").area(area);
        assert_eq!(area(SUPER_ADMINISTRATOR, "billing"), (true, true));
        assert_eq!(area("Administrator Read Only", "billing"), (true, false));
        assert_eq!(area("Analytics", "analytics"), (true, false));
        assert_eq!(area("DNS", "dns"), (true, true));
        assert_eq!(area("DNS", "billing"), (false, false));
        assert!(AREAS.iter().all(|name| area(MINIMAL, name) == (false, false)));
    }
}
