//! The resource types of an account: users and groups with all their schemas, its own included.
//!
//! They are known by the version in the account's row, which every request reads: there is no moment at
//! which a replica goes by schemas that are no more.

use crate::app::App;
use crate::service::Result;
use domain::account::Account;
use domain::id::AccountId;
use domain::limits::SCHEMAS_KEPT_BYTES_MAX;
use scim::Document;
use scim::schema::{Attribute, ResourceType, Uniqueness};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use store::account_schema::{self, AccountSchema};
use store::resource::{Index, Kind};
use store::{Conn, resource};

#[derive(Debug)]
pub struct Types {
    user: ResourceType,
    group: ResourceType,
    /// Whether a schema of the account has values that no two resources may share.
    unique: [bool; 2],
    /// The account's version of its schemas.
    version: i64,
    /// About how much memory they take beyond the standard: the schemas as they are stored.
    bytes: usize,
}

impl Types {
    /// What every account has.
    #[must_use]
    pub fn standard() -> Arc<Types> {
        static STANDARD: LazyLock<Arc<Types>> = LazyLock::new(|| Arc::new(Types::new(0, &[])));
        Arc::clone(&STANDARD)
    }

    fn new(version: i64, added: &[AccountSchema]) -> Types {
        let (mut user, mut group) = (scim::schema::user_type(), scim::schema::group_type());
        for schema in added {
            let of = if schema.kind == Kind::User { &mut user } else { &mut group };
            of.extensions.push(schema.extension.clone());
        }
        let unique = Kind::ALL.map(|kind| {
            let mut of_kind = added.iter().filter(|schema| schema.kind == kind);
            of_kind.any(|schema| any_unique(&schema.extension.schema.attributes))
        });
        let stored = |schema: &AccountSchema| {
            serde_json::to_string(&schema.extension).map_or(0, |text| text.len())
        };
        let bytes = added.iter().map(stored).sum();
        Types { user, group, unique, version, bytes }
    }

    /// Those of an account, on the connection that read it.
    pub async fn of_account(app: &App, conn: &mut Conn, account: &Account) -> Result<Arc<Types>> {
        let version = account.schema_version;
        if version == 0 {
            return Ok(Types::standard());
        }
        if let Some(types) = app.types.find(&account.id, version) {
            return Ok(types);
        }
        // Of a change between the two reads this sees more than the version says; what is written by
        // it is refused then, and nobody asks for that version again.
        let types = Arc::new(Types::new(version, &account_schema::list(conn).await?));
        app.types.keep(&account.id, &types);
        Ok(types)
    }

    #[must_use]
    pub fn of(&self, kind: Kind) -> &ResourceType {
        match kind {
            Kind::User => &self.user,
            Kind::Group => &self.group,
        }
    }

    /// In the order of [`Kind::ALL`].
    #[must_use]
    pub fn all(&self) -> [&ResourceType; 2] {
        Kind::ALL.map(|kind| self.of(kind))
    }

    /// What a document of this kind is found by.
    #[must_use]
    pub fn index(&self, kind: Kind, document: &Document) -> resource::Index {
        let rt = self.of(kind);
        let [users, groups] = self.unique;
        let unique = if kind == Kind::User { users } else { groups };
        Index {
            leaves: scim::resource::leaves(document, rt, kind.columns()),
            unique: unique.then(|| scim::resource::unique_leaves(document, rt)),
            schema_version: self.version,
        }
    }
}

fn any_unique(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.uniqueness != Uniqueness::None || any_unique(&attribute.sub_attributes)
    })
}

/// The types of accounts that were seen lately, each at its newest version. A hint and nothing more.
#[derive(Debug, Default)]
pub struct KnownTypes(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    types: HashMap<AccountId, Arc<Types>>,
    bytes: usize,
}

impl KnownTypes {
    fn find(&self, account: &AccountId, version: i64) -> Option<Arc<Types>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.types.get(account).filter(|types| types.version == version).map(Arc::clone)
    }

    fn keep(&self, account: &AccountId, types: &Arc<Types>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.types.get(account).is_some_and(|newer| newer.version > types.version) {
            return;
        }
        if known.bytes + types.bytes > SCHEMAS_KEPT_BYTES_MAX {
            *known = Known::default();
        }
        let old = known.types.insert(account.clone(), Arc::clone(types));
        known.bytes = known.bytes + types.bytes - old.map_or(0, |old| old.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Time;
    use scim::schema::{Extension, Schema};
    use serde_json::json;

    fn types(version: i64, description: usize) -> Arc<Types> {
        let body = json!({"id": "urn:example:hr", "name": "HR", "attributes": [{"name": "badge"}],
            "description": "x".repeat(description)});
        let limits =
            scim::limits::Limits { schema_text_bytes: usize::MAX, ..domain::limits::scim() };
        let schema = Schema::define(&body, &limits).expect("a definition");
        let extension = Extension { schema, required: false };
        let at = Time::from_millis(0);
        let added = AccountSchema { kind: Kind::Group, extension, created_at: at, modified_at: at };
        Arc::new(Types::new(version, &[added]))
    }

    #[test]
    fn an_account_is_known_at_its_newest_version_alone() {
        let known = KnownTypes::default();
        let account = AccountId::stored("a".to_owned());
        for version in [1, 3, 2] {
            known.keep(&account, &types(version, 0));
        }
        let found = [1, 2, 3].map(|version| known.find(&account, version).is_some());
        assert_eq!(found, [false, false, true]);
        assert!(known.find(&AccountId::stored("b".to_owned()), 3).is_none());
        let bytes = known.0.lock().expect("a lock").bytes;
        assert!((100..2000).contains(&bytes), "{bytes}");
        let types = known.find(&account, 3).expect("the types");
        assert!(types.of(Kind::Group).extension("URN:example:hr").is_some());
        assert!(types.of(Kind::User).extension("urn:example:hr").is_none());
    }

    #[test]
    fn what_is_known_has_a_bound() {
        let known = KnownTypes::default();
        let large = types(1, SCHEMAS_KEPT_BYTES_MAX / 10);
        for number in 0..40 {
            known.keep(&AccountId::stored(number.to_string()), &large);
            let bytes = known.0.lock().expect("a lock").bytes;
            assert!(bytes <= SCHEMAS_KEPT_BYTES_MAX, "{bytes}");
        }
        let last = AccountId::stored("39".to_owned());
        assert!(known.find(&last, 1).is_some());
    }
}
