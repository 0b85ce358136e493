//! What the store does, written once and run on both databases.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by a panic")]

mod credentials;
mod db;
mod filters;
mod members;
mod migrations;
mod plans;
mod queries;
mod random;
mod resources;
mod schemas;

use domain::Time;
use domain::account::{Account, Kind as AccountKind};
use domain::chance::Chance;
use domain::id::{AccountId, GroupId, MemberId, PersonId};
use domain::member::{Member, Status};
use scim::filter::Condition;
use std::sync::LazyLock;
use store::db::scratch::Scratch;
use store::query::{self, Query, Scope, Start};
use store::resource::{Index, Kind, Resource};
use store::{Conn, Db, Write, account, group, member, resource};

static CHANCE: LazyLock<Chance> = LazyLock::new(Chance::system);
const NOW: Time = Time::from_millis(1_795_334_400_000);

/// Runs each test on SQLite and on PostgreSQL.
macro_rules! both {
    ($($(#[$doc:meta])* async fn $name:ident($db:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn body($db: &store::Db) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                let scratch = store::db::scratch::Scratch::sqlite().await.expect("SQLite");
                body(&scratch.db).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                let scratch = store::db::scratch::Scratch::postgres().await.expect("PostgreSQL");
                body(&scratch.db).await;
            }
        }
    )+};
}
pub(crate) use both;

/// A new account.
async fn new_account(db: &Db) -> AccountId {
    let id = AccountId::new(NOW, &CHANCE);
    let row = Account {
        id: id.clone(),
        name: "Example".to_owned(),
        kind: AccountKind::Enterprise,
        created_at: NOW,
        schema_version: 0,
    };
    let mut write = db.write(&id).await.expect("a transaction");
    account::insert(&mut write, &row).await.expect("an account");
    write.commit().await.expect("a commit");
    id
}

/// A member who is in.
async fn new_member(write: &mut Write, email: &str) -> Member {
    let person = PersonId::new(NOW, &CHANCE);
    let row = Member {
        account_id: write.account(),
        id: MemberId::new(NOW, &CHANCE),
        person_id: account::ensure_person(write, &person, email, NOW).await.expect("a person"),
        key: scim::schema::fold(email).into_owned(),
        email: email.to_owned(),
        first_name: "First".to_owned(),
        last_name: "Last".to_owned(),
        status: Status::Accepted,
        managed: true,
        protected: false,
        created_at: NOW,
        modified_at: NOW,
    };
    member::insert(write, &row).await.expect("a member");
    row
}

/// A SCIM user made of a document, with the member of the same id.
async fn new_user(write: &mut Write, document: serde_json::Value) -> String {
    let user_name = document["userName"].as_str().expect("a userName").to_owned();
    let row = new_member(write, &user_name).await;
    let document = document.as_object().expect("an object").clone();
    let user = Resource {
        kind: Kind::User,
        id: row.id.to_string(),
        name_key: row.key.clone(),
        external_id: document.get("externalId").and_then(|id| id.as_str()).map(str::to_owned),
        active: domain::member::is_active(&document),
        version: 1,
        created_at: NOW,
        modified_at: NOW,
        body: serde_json::Value::Object(document.clone()).to_string(),
    };
    let kind = scim::schema::user_type();
    let leaves = scim::resource::leaves(&document, &kind, Kind::User.columns());
    let index = Index { leaves, ..Index::default() };
    resource::insert(write, &user, &index).await.expect("a resource");
    user.id
}

/// A managed user group with its SCIM group.
async fn new_group(write: &mut Write, name: &str) -> GroupId {
    let id = GroupId::new(NOW, &CHANCE);
    let row = domain::group::UserGroup {
        account_id: write.account(),
        id: id.clone(),
        name: name.to_owned(),
        managed: true,
        created_at: NOW,
        modified_at: NOW,
    };
    group::insert(write, &row).await.expect("a user group");
    let name_key = scim::schema::fold(name).into_owned();
    let scim_group = Resource {
        kind: Kind::Group,
        id: id.to_string(),
        name_key,
        external_id: None,
        active: true,
        version: 1,
        created_at: NOW,
        modified_at: NOW,
        body: serde_json::json!({"displayName": name}).to_string(),
    };
    resource::insert(write, &scim_group, &Index::default()).await.expect("a resource");
    id
}

/// Every resource of a kind that a condition finds, and how many there are. Locations begin with [`BASE`].
async fn matching(
    conn: &mut Conn,
    kind: Kind,
    condition: &Condition,
) -> store::Result<(Vec<Resource>, u64)> {
    let scope = Scope { kind, condition: Some(condition), order: None };
    let query = Query { scopes: vec![scope], descending: false, base: BASE };
    let found = query::page(conn, &query, Start::At(0), 1000).await?;
    let total = query::count(conn, &query).await?;
    Ok((found.into_iter().map(|found| found.resource).collect(), total))
}

/// The URL that locations begin with.
const BASE: &str = "https://example.com/client/v4/accounts/a/scim/v2";

/// Both databases, for tests that compare them.
async fn scratches() -> [Scratch; 2] {
    [Scratch::sqlite().await.expect("SQLite"), Scratch::postgres().await.expect("PostgreSQL")]
}
