//! The resource types of an account: users and groups with all their schemas.

use scim::schema::ResourceType;
use std::sync::{Arc, LazyLock};
use store::resource::Kind;

#[derive(Debug)]
pub struct Types {
    user: ResourceType,
    group: ResourceType,
}

impl Types {
    /// What every account has.
    #[must_use]
    pub fn standard() -> Arc<Types> {
        static STANDARD: LazyLock<Arc<Types>> = LazyLock::new(|| {
            Arc::new(Types { user: scim::schema::user_type(), group: scim::schema::group_type() })
        });
        Arc::clone(&STANDARD)
    }

    #[must_use]
    pub fn of(&self, kind: Kind) -> &ResourceType {
        match kind {
            Kind::User => &self.user,
            Kind::Group => &self.group,
        }
    }

    #[must_use]
    pub fn all(&self) -> [&ResourceType; 2] {
        [&self.user, &self.group]
    }
}
