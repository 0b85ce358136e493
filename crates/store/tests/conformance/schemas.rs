//! Schemas of an account: their versions, what resources have of them, and values that are unique.

use crate::{NOW, both, new_account, new_group, new_user};
use scim::schema::{Extension, ResourceType, Schema};
use serde_json::{Value, json};
use store::account_schema::{self, AccountSchema};
use store::resource::{self, Index, Kind, Resource};
use store::{Db, Error, Write, account};

const URN: &str = "urn:example:HR:2.0:User";

fn schema(urn: &str, required: bool) -> AccountSchema {
    let body = json!({"id": urn, "name": "HR", "attributes": [
        {"name": "badge", "uniqueness": "server"},
        {"name": "floor", "type": "integer"},
        {"name": "desks", "type": "complex", "multiValued": true,
         "subAttributes": [{"name": "room"}, {"name": "seat"}]},
    ]});
    let schema = Schema::define(&body, &domain::limits::scim()).expect("a definition");
    let extension = Extension { schema, required };
    AccountSchema { kind: Kind::User, extension, created_at: NOW, modified_at: NOW }
}

/// The type of users with that schema.
fn users() -> ResourceType {
    let mut rt = scim::schema::user_type();
    rt.extensions.push(schema(URN, false).extension);
    rt
}

/// What a document is found by, as somebody knows it who read the account's schemas at a version.
fn index(document: &Value, schema_version: i64) -> Index {
    let document = document.as_object().expect("an object");
    Index {
        leaves: scim::resource::leaves(document, &users(), Kind::User.columns()),
        unique: Some(scim::resource::unique_leaves(document, &users())),
        schema_version,
    }
}

fn user(name: &str, document: &Value) -> Resource {
    Resource {
        kind: Kind::User,
        id: domain::id::derive(name),
        name_key: name.to_owned(),
        external_id: None,
        active: false,
        version: 1,
        created_at: NOW,
        modified_at: NOW,
        body: document.to_string(),
    }
}

/// A user with this data of the schema, who is nobody's member.
async fn put(write: &mut Write, name: &str, data: Value) -> Result<Resource, Error> {
    let document = json!({"userName": name, URN: data});
    let made = user(name, &document);
    resource::insert(write, &made, &index(&document, 1)).await.map(|()| made)
}

async fn version(db: &Db, id: &domain::id::AccountId) -> i64 {
    let mut conn = db.read_across_accounts().await.expect("a connection");
    account::find(&mut conn, id).await.expect("a read").expect("the account").schema_version
}

both! {
    async fn each_change_counts_up_the_version(db) {
        let id = new_account(db).await;
        let other = new_account(db).await;
        assert_eq!(version(db, &id).await, 0);
        let mut write = db.write(&id).await.expect("a transaction");
        let mut one = schema(URN, false);
        account_schema::insert(&mut write, &one).await.expect("inserted");
        let twin = schema(&URN.to_lowercase(), false);
        write.mark().await.expect("a mark");
        let taken = account_schema::insert(&mut write, &twin).await.expect_err("a duplicate");
        assert!(matches!(taken, Error::Taken), "{taken}");
        write.roll_back().await.expect("rolled back");
        write.commit().await.expect("a commit");
        assert_eq!(version(db, &id).await, 1);

        let mut write = db.write(&id).await.expect("a transaction");
        one.extension.required = true;
        account_schema::replace(&mut write, &one).await.expect("replaced");
        let second = schema("urn:example:a", false);
        account_schema::insert(&mut write, &second).await.expect("inserted");
        write.commit().await.expect("a commit");
        let mut conn = db.read(&id).await.expect("a connection");
        let listed = account_schema::list(&mut conn).await.expect("a list");
        assert_eq!(listed, [second, one.clone()]);
        let found = account_schema::find(&mut conn, &URN.to_uppercase()).await.expect("a read");
        assert_eq!(found, Some(one));
        drop(conn);
        assert_eq!(version(db, &id).await, 3);

        let mut write = db.write(&id).await.expect("a transaction");
        account_schema::delete(&mut write, &URN.to_lowercase()).await.expect("deleted");
        assert_eq!(account_schema::find(&mut write, URN).await.expect("a read"), None);
        write.commit().await.expect("a commit");
        assert_eq!((version(db, &id).await, version(db, &other).await), (4, 0));
        let mut conn = db.read(&other).await.expect("a connection");
        assert_eq!(account_schema::list(&mut conn).await.expect("a list"), []);
    }

    async fn a_document_is_written_by_the_schemas_of_now(db) {
        let id = new_account(db).await;
        let mut write = db.write(&id).await.expect("a transaction");
        let ada = new_user(&mut write, json!({"userName": "ada@example.com"})).await;
        account_schema::insert(&mut write, &schema(URN, false)).await.expect("inserted");
        write.commit().await.expect("a commit");

        let mut write = db.write(&id).await.expect("a transaction");
        let document = json!({"userName": "bob@example.com"});
        let bob = user("bob@example.com", &document);
        for stale in [0, 2] {
            let refused = resource::insert(&mut write, &bob, &index(&document, stale)).await;
            assert!(matches!(refused, Err(Error::Busy)), "{stale}");
        }
        let found = resource::find_for_update(&mut write, Kind::User, &ada).await;
        let mut ada = found.expect("a read").expect("the user");
        ada.version += 1;
        let refused = resource::replace(&mut write, &ada, &Index::default()).await;
        assert!(matches!(refused, Err(Error::Busy)));
        resource::insert(&mut write, &bob, &index(&document, 1)).await.expect("inserted");
        resource::replace(&mut write, &ada, &index(&document, 1)).await.expect("replaced");
    }

    async fn what_resources_have_of_a_schema_is_known(db) {
        let id = new_account(db).await;
        let mut write = db.write(&id).await.expect("a transaction");
        new_group(&mut write, "Design").await;
        account_schema::insert(&mut write, &schema(URN, false)).await.expect("inserted");
        let path = |name: &str| format!("{URN}:{name}");
        assert_eq!(account_schema::count_users(&mut write, Kind::User, URN).await.expect("a count"), 0);
        let whole = json!({"floor": 3, "desks": [{"room": "A", "seat": "1"}, {"room": "B"}]});
        put(&mut write, "a", whole).await.expect("a user");
        put(&mut write, "b", json!({"desks": [{"room": "C"}]})).await.expect("a user");
        write.commit().await.expect("a commit");
        let mut write = db.write(&id).await.expect("a transaction");
        let all = [(Kind::User, 2), (Kind::Group, 1)];
        for (kind, expected) in all {
            assert_eq!(resource::count(&mut write, kind).await.expect("a count"), expected);
        }
        for (kind, expected) in [(Kind::User, 2), (Kind::Group, 0)] {
            let urn = URN.to_uppercase();
            let count = account_schema::count_users(&mut write, kind, &urn).await;
            assert_eq!(count.expect("a count"), expected);
        }
        // Of those who have something at all: has anybody this, lacks anybody this.
        for (name, has, lacks) in [
            ("floor", true, true),
            ("badge", false, true),
            ("desks", true, false),
            ("desks.room", true, false),
            ("desks.seat", true, true),
            ("none", false, true),
            ("badge.none", false, false),
        ] {
            let path = path(name);
            let found = account_schema::has_values(&mut write, Kind::User, &path).await;
            assert_eq!(found.expect("a look"), has, "{name}");
            let found = account_schema::lacks_values(&mut write, Kind::User, URN, &path).await;
            assert_eq!(found.expect("a look"), lacks, "{name}");
            let other = account_schema::has_values(&mut write, Kind::Group, &path).await;
            assert!(!other.expect("a look"), "{name}");
        }
    }

    async fn a_unique_value_is_taken_once_and_goes_with_its_resource(db) {
        let id = new_account(db).await;
        let mut write = db.write(&id).await.expect("a transaction");
        account_schema::insert(&mut write, &schema(URN, false)).await.expect("inserted");
        let mut ada = put(&mut write, "ada", json!({"badge": "X1"})).await.expect("a user");
        let mut bob = put(&mut write, "bob", json!({"badge": "X2"})).await.expect("a user");
        write.mark().await.expect("a mark");
        let refused = put(&mut write, "cyd", json!({"badge": "x1"})).await.expect_err("a twin");
        assert!(matches!(&refused, Error::NotUnique(path) if *path == format!("{URN}:badge")), "{refused}");
        write.roll_back().await.expect("rolled back");

        // What Ada has anyway she keeps; what she gives up Bob may have.
        let (same, other) = (json!({"userName": "ada", URN: {"badge": "X1"}}), json!({"userName": "ada"}));
        for document in [same, other] {
            ada.version += 1;
            resource::replace(&mut write, &ada, &index(&document, 1)).await.expect("replaced");
        }
        bob.version += 1;
        let document = json!({"userName": "bob", URN: {"badge": "X1"}});
        resource::replace(&mut write, &bob, &index(&document, 1)).await.expect("replaced");
        put(&mut write, "dan", json!({"badge": "X2"})).await.expect("a user");
        resource::delete(&mut write, Kind::User, &bob.id).await.expect("deleted");
        put(&mut write, "eve", json!({"badge": "X1"})).await.expect("a user");
        write.commit().await.expect("a commit");
        let stranger = new_account(db).await;
        let mut write = db.write(&stranger).await.expect("a transaction");
        account_schema::insert(&mut write, &schema(URN, false)).await.expect("inserted");
        put(&mut write, "ada", json!({"badge": "X1"})).await.expect("a user of another account");
    }

    async fn a_write_that_waited_for_a_change_is_refused(db) {
        let id = new_account(db).await;
        let mut write = db.write(&id).await.expect("a transaction");
        let ada = new_user(&mut write, json!({"userName": "ada"})).await;
        let found = resource::find(&mut write, Kind::User, &ada).await;
        let mut ada = found.expect("a read").expect("the user");
        ada.version += 1;
        write.commit().await.expect("a commit");

        let mut change = db.write(&id).await.expect("a transaction");
        account::lock(&mut change).await.expect("a lock");
        account_schema::insert(&mut change, &schema(URN, true)).await.expect("inserted");
        let bob = user("bob", &json!({"userName": "bob"}));
        let writers = [(bob, true), (ada, false)].map(|(user, new)| {
            let (db, id) = (db.clone(), id.clone());
            tokio::spawn(async move {
                let mut write = db.write(&id).await.expect("a transaction");
                if new {
                    resource::insert(&mut write, &user, &Index::default()).await
                } else {
                    resource::replace(&mut write, &user, &Index::default()).await
                }
            })
        });
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        change.commit().await.expect("a commit");
        for writer in writers {
            let refused = writer.await.expect("a writer");
            assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
        }
    }

    /// Whoever changes schemas waits for those who are writing documents, and they for the change.
    async fn a_change_of_schemas_and_a_write_take_turns(db) {
        let id = new_account(db).await;
        let mut write = db.write(&id).await.expect("a transaction");
        account_schema::insert(&mut write, &schema(URN, false)).await.expect("inserted");
        write.commit().await.expect("a commit");
        for round in 0..8 {
            let known = version(db, &id).await;
            let change = async {
                let mut write = db.write(&id).await.expect("a transaction");
                account::lock(&mut write).await.expect("a lock");
                let users = account_schema::count_users(&mut write, Kind::User, URN).await;
                if users.expect("a count") > 0 {
                    return false;
                }
                tokio::task::yield_now().await;
                account_schema::delete(&mut write, URN).await.expect("deleted");
                write.commit().await.expect("a commit");
                true
            };
            let write = async {
                for _ in 0..round {
                    tokio::task::yield_now().await;
                }
                let mut write = db.write(&id).await.expect("a transaction");
                let document = json!({"userName": "u", URN: {"floor": 1}});
                let index = index(&document, known);
                match resource::insert(&mut write, &user("u", &document), &index).await {
                    Ok(()) => {}
                    Err(error) => {
                        assert!(matches!(error, Error::Busy), "{error}");
                        return false;
                    }
                }
                tokio::task::yield_now().await;
                write.commit().await.expect("a commit");
                true
            };
            let (changed, written) = tokio::join!(change, write);
            assert!(changed != written, "round {round}: one of them came first");
            let mut write = db.write(&id).await.expect("a transaction");
            if changed {
                account_schema::insert(&mut write, &schema(URN, false)).await.expect("inserted");
            } else {
                let user = domain::id::derive("u");
                resource::delete(&mut write, Kind::User, &user).await.expect("deleted");
            }
            write.commit().await.expect("a commit");
        }
    }
}
