//! Filters run by the database give what evaluating them in memory gives, on both databases.

use crate::{BASE, matching, new_account, new_group, new_user, scratches};
use scim::filter::Filter;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::resource::Kind;
use store::{Conn, membership};

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
            let (found, total) = matching(&mut conn, Kind::User, &condition).await.expect(text);
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
            let (found, _) = matching(&mut conn, kind, &condition).await.expect(&text);
            let found: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }
}

/// The ids that a filter finds.
async fn find(conn: &mut Conn, kind: Kind, text: &str) -> Vec<String> {
    let types = match kind {
        Kind::User => scim::schema::user_type(),
        Kind::Group => scim::schema::group_type(),
    };
    let condition = Filter::parse(text, &domain::limits::scim())
        .and_then(|filter| filter.bind(&types))
        .expect(text);
    let (found, _) = matching(conn, kind, &condition).await.expect(text);
    found.into_iter().map(|one| one.id).collect()
}

/// What the server adds to a user, asked for in every way; `true` finds her.
const OF_ADA: &[(&str, bool)] = &[
    ("schemas pr", true),
    (r#"schemas eq "{USER}""#, true),
    (r#"schemas eq "{enterprise}""#, true),
    (r#"schemas ne "{enterprise}""#, false),
    (r#"schemas ne "urn:x""#, true),
    (r#"schemas co "Enterprise""#, true),
    (r#"schemas sw "urn:ietf:params:scim:schemas:core""#, true),
    (r#"schemas ew ":2.0:user""#, true),
    (r#"schemas gt "urn:j""#, false),
    ("schemas eq null", false),
    ("meta.location pr", true),
    (r#"meta.location eq "{here}""#, true),
    (r#"meta.location eq "{HERE}""#, false),
    (r#"meta.location ne "{here}""#, false),
    (r#"meta.location eq "{BASE}/Groups/{ada}""#, false),
    (r#"meta.location eq "{ada}""#, false),
    (r#"meta.location eq "{BASE}/Users/""#, false),
    (r#"meta.location co "Users/{near}""#, true),
    (r#"meta.location co "com/client/v4/accounts/a/scim/v2/U""#, true),
    (r#"meta.location co "Groups/{near}""#, false),
    (r#"meta.location ew "s/{ada}""#, true),
    (r#"meta.location ew "x{here}""#, false),
    (r#"meta.location sw "https://example""#, true),
    (r#"meta.location sw "{BASE}/Users/{near}""#, true),
    (r#"meta.location sw "{here}x""#, false),
    (r#"meta.location gt "{BASE}/Users/""#, true),
    (r#"meta.location le "{BASE}/Users/""#, false),
    (r#"meta.location ge "{here}""#, true),
    (r#"meta.location gt "{here}""#, false),
    (r#"meta.location lt "https://f""#, true),
    (r#"groups.$ref eq "{BASE}/Groups/{group}""#, true),
    (r#"groups.$ref eq "{BASE}/Users/{group}""#, false),
    (r#"groups.$ref ne "{BASE}/Groups/{group}""#, false),
    (r#"groups.$ref ew "{group}""#, true),
    ("groups.$ref pr", true),
    (r#"meta.version eq "W/\"1\"""#, true),
    (r#"meta.version eq "W/\"01\"""#, false),
    (r#"meta.version eq "W/\"+1\"""#, false),
    (r#"meta.version eq "w/\"1\"""#, false),
    ("meta.version eq 1", false),
    ("meta.version ne 1", true),
    ("meta.version co 1", true),
    ("meta.version sw W", true),
    (r#"meta.version ew "1\"""#, true),
    (r#"meta.version gt "W""#, true),
    (r#"meta.version lt "W/\"10""#, true),
    // It is 2026-11-22T08:00:00Z, to the millisecond.
    (r#"meta.created eq "2026-11-22T09:30:00.000000+01:30""#, true),
    (r#"meta.created eq "2026-11-22T08:00:00.0005Z""#, false),
    (r#"meta.created ne "2026-11-22T08:00:00.0005Z""#, true),
    (r#"meta.created le "2026-11-22T08:00:00.0005Z""#, true),
    (r#"meta.created lt "2026-11-22T08:00:00.0005Z""#, true),
    (r#"meta.created ge "2026-11-22T08:00:00.0005Z""#, false),
    (r#"meta.created gt "2026-11-22T08:00:00.0005Z""#, false),
    (r#"meta.created ge "2026-11-22T07:59:59.999999999Z""#, true),
    (r#"meta.created gt "2026-11-22T07:59:59.999999999Z""#, true),
    (r#"meta.created le "2026-11-22T07:59:59.999999999Z""#, false),
    // A tenth digit is below what is compared.
    (r#"meta.created eq "2026-11-22T08:00:00.0000000001Z""#, true),
    (r#"meta.created gt "0001-01-01T00:00:00Z""#, true),
    ("meta pr and not (meta eq null)", true),
    (r#"meta[resourceType eq "User" and created gt "2020-01-01T00:00:00Z"]"#, true),
    (r#"meta[resourceType eq "user" or not (created pr)]"#, false),
    (r#"schemas[value eq "{user}" or value sw "x"]"#, true),
    (r#"schemas[value eq "{user}" and value co "enterprise"]"#, false),
    (r#"groups[$ref ew "{group}" and type eq "Direct"]"#, true),
];

/// The filter with what is in its braces put in.
fn about(text: &str, user: &str, group: &str) -> String {
    let here = format!("{BASE}/Users/{user}");
    let values = [
        ("{here}", here.clone()),
        ("{HERE}", here.to_uppercase()),
        ("{ada}", user.to_owned()),
        ("{near}", user[..user.len() - 1].to_owned()),
        ("{group}", group.to_owned()),
        ("{BASE}", BASE.to_owned()),
        ("{user}", scim::schema::USER.to_owned()),
        ("{USER}", scim::schema::USER.to_uppercase()),
        ("{enterprise}", scim::schema::ENTERPRISE_USER.to_owned()),
    ];
    values.into_iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, &value))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_server_adds_is_found() {
    for scratch in scratches().await {
        let account = new_account(&scratch.db).await;
        let mut write = scratch.db.write(&account).await.expect("a transaction");
        let enterprise = scim::schema::ENTERPRISE_USER;
        let ada = json!({"userName": "ada", enterprise: {"department": "Engines"}});
        let ada = new_user(&mut write, ada).await;
        let bob = new_user(&mut write, json!({"userName": "bob"})).await;
        let group = new_group(&mut write, "Design").await;
        let added = membership::add(&mut write, &group, std::slice::from_ref(&ada), crate::NOW);
        added.await.expect("added");
        write.commit().await.expect("a commit");
        let mut conn = scratch.db.read(&account).await.expect("a connection");
        for (text, finds) in OF_ADA {
            let text = about(text, &ada, group.as_str());
            let found = find(&mut conn, Kind::User, &text).await;
            assert_eq!(found.contains(&ada), *finds, "{text} on {}", scratch.url);
        }
        let plain = find(&mut conn, Kind::User, &format!("schemas ne \"{enterprise}\"")).await;
        assert_eq!(plain, [bob], "{}", scratch.url);
        for (text, finds) in [
            (format!("members.$ref eq \"{BASE}/Users/{ada}\""), true),
            (format!("members.$ref eq \"{BASE}/Groups/{ada}\""), false),
            (format!("members[$ref ew \"{ada}\" and type eq \"User\"]"), true),
            (format!("meta.location eq \"{BASE}/Groups/{group}\""), true),
            (format!("schemas eq \"{}\"", scim::schema::GROUP), true),
            (format!("schemas eq \"{}\"", scim::schema::USER), false),
        ] {
            let found = find(&mut conn, Kind::Group, &text).await;
            assert_eq!(found.contains(&group.to_string()), finds, "{text} on {}", scratch.url);
        }
    }
}

/// A key of the index is cut at 400 bytes; a filter must not notice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_values_are_compared_whole() {
    let long = "x".repeat(500);
    for scratch in scratches().await {
        let account = new_account(&scratch.db).await;
        let mut write = scratch.db.write(&account).await.expect("a transaction");
        let title = format!("{long}MIDDLE{long}end");
        let photo = json!([{"value": format!("data:,{long}é"), "type": "photo"}]);
        let ada = json!({"userName": "é".repeat(250), "externalId": format!("{long}E"),
            "title": title, "photos": photo});
        let ada = new_user(&mut write, ada).await;
        write.commit().await.expect("a commit");
        let mut conn = scratch.db.read(&account).await.expect("a connection");
        for (text, finds) in [
            (format!("title eq \"{title}\""), true),
            (format!("title eq \"{long}\""), false),
            (format!("title ne \"{title}\""), false),
            ("title co \"middle\"".to_owned(), true),
            ("title co \"muddle\"".to_owned(), false),
            ("title ew \"END\"".to_owned(), true),
            (format!("title ew \"MIDDLE{long}END\""), true),
            (format!("title sw \"{long}mid\""), true),
            (format!("title sw \"{long}mud\""), false),
            (format!("title gt \"{long}a\""), true),
            (format!("title gt \"{long}n\""), false),
            (format!("title le \"{long}n\""), true),
            (format!("title lt \"{title}\""), false),
            (format!("title le \"{title}\""), true),
            // What stands in the index behind the beginning is nobody's value.
            ("title co \"\\u0001\"".to_owned(), false),
            (format!("title ew \"{}\"", &domain::id::derive(&title.to_lowercase())[30..]), false),
            ("photos[type eq \"photo\" and value ew \"xé\"]".to_owned(), true),
            ("photos[type eq \"photo\" and not (value ew \"xé\")]".to_owned(), false),
            (format!("userName eq \"{}\"", "É".repeat(250)), true),
            (format!("userName sw \"{}\"", "É".repeat(240)), true),
            (format!("externalId eq \"{long}E\""), true),
            (format!("externalId eq \"{long}e\""), false),
        ] {
            let found = find(&mut conn, Kind::User, &text).await;
            assert_eq!(found == [ada.as_str()], finds, "{text} on {}", scratch.url);
        }
    }
}
