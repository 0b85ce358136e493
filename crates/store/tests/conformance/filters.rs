//! Filters run by the database give what evaluating them in memory gives, on both databases.

use crate::{new_account, new_group, new_user, scratches};
use scim::filter::Filter;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::membership;
use store::resource::{self, Kind};

fn people() -> Vec<Value> {
    let enterprise = scim::schema::ENTERPRISE_USER;
    vec![
        json!({"userName": "Ada@example.com", "externalId": "E1", "active": true,
            "name": {"givenName": "Ada", "familyName": "Lovelace"}, "title": "Countess",
            "emails": [{"value": "ada@example.com", "type": "work", "primary": true},
                       {"value": "ada@home.org", "type": "home"}],
            enterprise: {"department": "Engines", "manager": {"value": "m1"}}}),
        json!({"userName": "bob%_\\@example.com", "externalId": "e1", "active": false,
            "name": {"givenName": "Bob"}, "displayName": "Bob \"the\" Builder",
            "emails": [{"value": "bob@example.com", "type": "home"}],
            "phoneNumbers": [{"value": "+1", "type": "work"}, {"value": "+2", "type": "mobile"}]}),
        json!({"userName": "Zoë@example.com", "active": true,
            "name": {"familyName": "Ärzte"}, "title": "x".repeat(900),
            "addresses": [{"type": "work", "country": "DE", "locality": "Köln"}],
            enterprise: {"department": "engines", "employeeNumber": "42"}}),
        json!({"userName": "dan@example.com", "externalId": "E 4", "active": true,
            "roles": [{"value": "admin", "primary": true}, {"value": "ops"}]}),
    ]
}

const FILTERS: &[&str] = &[
    "userName eq \"ada@EXAMPLE.com\"",
    "userName ne \"ada@example.com\"",
    "userName sw \"ZOË\"",
    "userName co \"%_\\\\\"",
    "userName ew \"EXAMPLE.com\"",
    "userName ew \"much longer than any user name in this test\"",
    "userName gt \"bob\"",
    "userName le \"bob%_\\\\@example.com\"",
    "externalId eq \"e1\"",
    "externalId ne \"e1\"",
    "externalId pr",
    "externalId eq null",
    "externalId sw \"E\"",
    "not (externalId pr)",
    "active eq true",
    "active eq False",
    "active ne true",
    "active pr",
    "name.givenName eq \"ADA\"",
    "name.familyName eq \"ärzte\"",
    "name.familyName gt \"m\"",
    "name pr",
    "nickName pr",
    "title pr and active eq true",
    "title eq \"countess\"",
    "title sw \"xxxx\"",
    "title ne \"countess\"",
    "emails pr",
    "emails eq \"ada@home.org\"",
    "emails.value ew \"home.org\"",
    "emails.type eq \"work\"",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\" and value co \"home\"]",
    "emails[type eq \"home\" and value co \"home\"]",
    "emails[type eq \"home\" or value co \"ada\"]",
    "emails[not (type eq \"home\")]",
    "emails[type ne \"home\"]",
    "emails[primary pr]",
    "emails[primary eq true].value eq \"ADA@example.com\"",
    "emails[type eq \"work\"].value eq \"ada@home.org\"",
    "emails[value sw \"bob\" and type pr and not (primary eq true)]",
    "phoneNumbers[type eq \"mobile\" and value eq \"+2\"]",
    "phoneNumbers[type eq \"mobile\" and value eq \"+1\"]",
    "addresses.country eq \"de\" or roles.value eq \"ops\"",
    "roles[value eq \"ops\" and primary eq true]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"ENGINES\"",
    "department eq \"engines\" and manager pr",
    "manager eq \"m1\"",
    "manager[value eq \"m1\"]",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber ge \"42\"",
    "(title pr or displayName co \"the\") and not (userName sw \"ada\")",
    "meta.created ge \"2020-01-01T00:00:00Z\"",
    "meta.lastModified lt \"2020-01-01T00:00:00Z\"",
    "meta.resourceType eq \"User\"",
    "id pr",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_database_answers_as_memory_does() {
    let kind = scim::schema::user_type();
    for scratch in scratches().await {
        let account = new_account(&scratch.db).await;
        let mut write = scratch.db.write(&account).await.expect("a transaction");
        let mut documents = Vec::new();
        for person in people() {
            let id = new_user(&mut write, person.clone()).await;
            let mut document = person;
            document["id"] = json!(id);
            document["meta"] = json!({"resourceType": "User", "created": crate::NOW.to_string(),
                "lastModified": crate::NOW.to_string()});
            documents.push((id, document));
        }
        write.commit().await.expect("a commit");
        let mut conn = scratch.db.read(&account).await.expect("a connection");
        for text in FILTERS {
            let filter = Filter::parse(text, &domain::limits::scim()).expect(text);
            let condition = filter.bind(&kind).expect(text);
            let expected: BTreeSet<&str> = documents
                .iter()
                .filter(|(_, document)| condition.matches(document.as_object().expect("an object")))
                .map(|(id, _)| id.as_str())
                .collect();
            let (found, total) =
                resource::list(&mut conn, Kind::User, Some(&condition), 0, 100).await.expect(text);
            let found: BTreeSet<&str> = found.iter().map(|user| user.id.as_str()).collect();
            assert_eq!(found, expected, "{text} on {}", scratch.url);
            assert_eq!(total, expected.len() as u64, "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_are_found_by_members_and_users_by_groups() {
    let (users, groups) = (scim::schema::user_type(), scim::schema::group_type());
    for scratch in scratches().await {
        let account = new_account(&scratch.db).await;
        let mut write = scratch.db.write(&account).await.expect("a transaction");
        let ada = new_user(&mut write, json!({"userName": "ada@example.com"})).await;
        let bob = new_user(&mut write, json!({"userName": "bob@example.com"})).await;
        let group = new_group(&mut write, "Design").await;
        let empty = new_group(&mut write, "Empty").await;
        membership::add(&mut write, &group, std::slice::from_ref(&ada), crate::NOW)
            .await
            .expect("added");
        write.commit().await.expect("a commit");
        let mut conn = scratch.db.read(&account).await.expect("a connection");
        for (kind, text, expected) in [
            (Kind::Group, format!("members eq \"{ada}\""), Some(group.as_str())),
            (Kind::Group, format!("members.value eq \"{bob}\""), None),
            (
                Kind::Group,
                format!("id eq \"{group}\" and members eq \"{ada}\""),
                Some(group.as_str()),
            ),
            (Kind::Group, format!("members[value eq \"{ada}\"]"), Some(group.as_str())),
            (Kind::Group, "displayName eq \"DESIGN\"".to_owned(), Some(group.as_str())),
            (Kind::Group, "not (members pr)".to_owned(), Some(empty.as_str())),
            (Kind::User, format!("groups.value eq \"{group}\""), Some(ada.as_str())),
            (Kind::User, "groups.display sw \"des\"".to_owned(), Some(ada.as_str())),
            (Kind::User, "not (groups pr)".to_owned(), Some(bob.as_str())),
        ] {
            let types = if kind == Kind::User { &users } else { &groups };
            let condition = Filter::parse(&text, &domain::limits::scim())
                .and_then(|filter| filter.bind(types))
                .expect(&text);
            let (found, _) =
                resource::list(&mut conn, kind, Some(&condition), 0, 10).await.expect(&text);
            let found: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }
}
