//! The wire, compared with the examples of the fact sheet.

use serde_json::{Value, json};
use simulator::{Company, Exchange, Person, Presence, Team, entra, okta};

use crate::fake::Fake;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

fn patch(operations: Value) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

fn person(number: usize, user_name: &str) -> Person {
    Person {
        number,
        user_name: user_name.to_owned(),
        email: user_name.to_owned(),
        given_name: "Test".to_owned(),
        family_name: "User".to_owned(),
        ..Person::default()
    }
}

fn company(people: Vec<Person>, members: Vec<usize>) -> Company {
    let team = Team { object_id: "g-1".to_owned(), name: "Test SCIMv2".to_owned(), members };
    Company { people, groups: vec![team], domain: "okta.local".to_owned(), seed: 1 }
}

fn bodies(transcript: &[Exchange], method: &str) -> Vec<Value> {
    let of_method = transcript.iter().filter(|one| one.method == method);
    of_method.filter_map(|one| one.body.clone()).collect()
}

fn lines(transcript: &[Exchange]) -> Vec<String> {
    transcript.iter().map(|one| format!("{} {}", one.method, one.path)).collect()
}

fn okta_people() -> Vec<Person> {
    let mut first = person(0, "test.user@okta.local");
    first.display_name = "Test User".to_owned();
    first.language = "en-US".to_owned();
    first.okta_id = "00ujl29u0le5T6Aj10h7".to_owned();
    vec![first, person(1, "second@okta.local")]
}

#[tokio::test]
async fn okta_creates_as_in_the_reference() {
    let fake = Fake::start().await;
    let company = company(okta_people(), vec![]);
    let mut engine = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
    engine.connect().await.unwrap();
    engine.assign(&company, &company.people[0]).await.unwrap();
    engine.deactivate(&company.people[0]).await.unwrap();
    let transcript = engine.transcript();
    let expected = [
        "GET /Users?startIndex=1&count=2",
        "GET /Groups?startIndex=1&count=100",
        "GET /Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100",
        "POST /Users",
        "PATCH /Users/users-1",
    ];
    assert_eq!(lines(&transcript), expected);
    let mut post = bodies(&transcript, "POST").remove(0);
    let password = post.as_object_mut().unwrap().remove("password").unwrap();
    assert_eq!(password.as_str().unwrap().len(), 8);
    let example = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work"}],
        "displayName": "Test User", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [], "active": true,
    });
    assert_eq!(post, example);
    let off = patch(json!([{"op": "replace", "value": {"active": false}}]));
    assert_eq!(bodies(&transcript, "PATCH"), [off]);
    let world = fake.world.lock().unwrap();
    let seen = &world.seen[2];
    assert!(seen.uri.contains("filter=userName%20eq%20%22test.user%40okta.local%22"));
    for (name, value) in [
        ("accept", "application/scim+json"),
        ("accept-charset", "utf-8"),
        ("content-type", "application/scim+json; charset=utf-8"),
        ("user-agent", "Okta SCIM Client 1.0.0"),
        ("authorization", "Bearer secret"),
        ("connection", "Keep-Alive"),
    ] {
        assert_eq!(seen.headers[name], value);
    }
}

#[tokio::test]
async fn okta_pushes_groups_as_in_the_reference() {
    let fake = Fake::start().await;
    let mut company = company(okta_people(), vec![0]);
    let mut engine = okta::Engine::new(&fake.target(), okta::Flavor::Catalogue).unwrap();
    for person in company.people.clone() {
        engine.assign(&company, &person).await.unwrap();
    }
    engine.push_group(&company, &company.groups[0]).await.unwrap();
    company.groups[0].members = vec![1];
    engine.change_members(&company, &company.groups[0]).await.unwrap();
    company.groups[0].name = "Renamed".to_owned();
    engine.rename_group(&company, &company.groups[0]).await.unwrap();
    engine.unlink_group(&company.groups[0], true).await.unwrap();
    let transcript = engine.transcript();
    let a = json!({"schemas": [GROUP], "displayName": "Test SCIMv2", "members": []});
    assert_eq!(bodies(&transcript, "POST")[2], a);
    let b = |name: &str| {
        patch(json!([{"op": "replace", "value": {"id": "groups-3", "displayName": name}}]))
    };
    let c = patch(json!([
        {"op": "remove", "path": "members[value eq \"users-1\"]"},
        {"op": "add", "path": "members", "value": [{"value": "users-2", "display": "second@okta.local"}]},
    ]));
    let d = patch(json!([{"op": "replace", "path": "members",
        "value": [{"value": "users-1", "display": "test.user@okta.local"}]}]));
    assert_eq!(bodies(&transcript, "PATCH"), [d, b("Test SCIMv2"), c, b("Renamed")]);
    assert_eq!(lines(&transcript).last().unwrap(), "DELETE /Groups/groups-3");
}

#[tokio::test]
async fn the_wizard_puts_whole_objects() {
    let fake = Fake::start().await;
    let mut company = company(okta_people(), vec![0]);
    let mut engine = okta::Engine::new(&fake.target(), okta::Flavor::Wizard).unwrap();
    for person in company.people.clone() {
        engine.assign(&company, &person).await.unwrap();
    }
    engine.push_group(&company, &company.groups[0]).await.unwrap();
    company.groups[0].members = vec![0, 1];
    engine.change_members(&company, &company.groups[0]).await.unwrap();
    engine.deactivate(&company.people[0]).await.unwrap();
    let puts = bodies(&engine.transcript(), "PUT");
    let e = json!({"schemas": [GROUP], "displayName": "Test SCIMv2",
        "members": [{"value": "users-1", "display": "test.user@okta.local"}]});
    assert_eq!(puts[0], e);
    assert_eq!(puts[1]["members"].as_array().unwrap().len(), 2);
    assert_eq!((&puts[2]["active"], &puts[2]["id"]), (&json!(false), &json!("users-1")));
    assert!(bodies(&engine.transcript(), "PATCH").is_empty());
}

fn entra_people() -> Vec<Person> {
    let mut first = person(0, "Test_User_00aa@testuser.com");
    first.given_name = "givenName".to_owned();
    first.family_name = "familyName".to_owned();
    first.mail_nickname = "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef".to_owned();
    first.object_id = "o-1".to_owned();
    let mut second = person(1, "boss@testuser.com");
    second.object_id = "o-2".to_owned();
    vec![first, second]
}

#[tokio::test]
async fn entra_creates_as_in_the_reference() {
    let fake = Fake::start().await;
    let company = company(entra_people(), vec![0]);
    let mut engine = entra::Engine::new(&fake.target(), entra::Flavor::Default).unwrap();
    engine.cycle(&company).await.unwrap();
    let transcript = engine.transcript();
    let lines = lines(&transcript);
    assert!(lines[0].starts_with("GET /Users?filter=userName+eq+\""), "{}", lines[0]);
    assert_eq!(lines[1], "GET /Users?filter=userName+eq+\"Test_User_00aa%40testuser.com\"");
    let group = "GET /Groups?excludedAttributes=members&filter=displayName+eq+\"Test+SCIMv2\"";
    assert!(lines.iter().any(|line| line == group), "{lines:#?}");
    let posts = bodies(&transcript, "POST");
    let example = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Test_User_00aa@testuser.com",
        "active": true,
        "emails": [{"primary": true, "type": "work", "value": "Test_User_00aa@testuser.com"}],
        "meta": {"resourceType": "User"},
        "name": {"formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName"},
        "roles": [],
    });
    assert_eq!(posts[0], example);
    let adscim = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
    let group = json!({"schemas": [GROUP, adscim], "externalId": "g-1",
        "displayName": "Test SCIMv2", "meta": {"resourceType": "Group"}});
    assert_eq!(posts[2], group);
    let add = patch(json!([{"op": "Add", "path": "members",
        "value": [{"$ref": null, "value": "users-1"}]}]));
    assert_eq!(bodies(&transcript, "PATCH"), [add]);
    let world = fake.world.lock().unwrap();
    for seen in &world.seen {
        assert!(!seen.headers.contains_key("user-agent"));
    }
    assert!(!world.seen[0].headers.contains_key("content-type"));
    assert_ne!(world.seen[0].headers["accept"], "application/scim+json");
    assert_eq!(world.seen[1].headers["accept"], "application/scim+json");
}

/// The same changes in both shapes: the bodies of the PATCH requests they need.
async fn change_everything(flavor: entra::Flavor, query: &str) -> Vec<Value> {
    let fake = Fake::start().await;
    let mut company = company(entra_people(), vec![0, 1]);
    company.people[0].display_name = "Old".to_owned();
    company.people[0].mobile = "+49 170 1".to_owned();
    company.people[0].employee_number = "1".to_owned();
    company.people[0].title = "Clerk".to_owned();
    let mut target = fake.target();
    target.base_url += query;
    let mut engine = entra::Engine::new(&target, flavor).unwrap();
    engine.cycle(&company).await.unwrap();
    let before = bodies(&engine.transcript(), "PATCH").len();
    let first = &mut company.people[0];
    first.display_name = "Bjfe".to_owned();
    first.given_name = "Kkom".to_owned();
    first.employee_number = "Aklq".to_owned();
    first.department = "Sales".to_owned();
    first.email = "TestMhvaes@test.microsoft.com".to_owned();
    first.mobile.clear();
    first.title.clear();
    first.manager = Some(1);
    company.groups[0].members = vec![1];
    engine.cycle(&company).await.unwrap();
    company.people[0].manager = None;
    engine.cycle(&company).await.unwrap();
    company.people[0].presence = Presence::Left;
    let cycle = engine.cycle(&company).await.unwrap();
    assert_eq!((cycle.writes, cycle.failed), (1, 0));
    assert_eq!(cycle.written, ["Test_User_00aa@testuser.com: `active` is now false, was true"]);
    bodies(&engine.transcript(), "PATCH").split_off(before)
}

#[tokio::test]
async fn entra_patches_one_path_per_operation() {
    let sent = change_everything(entra::Flavor::Default, "").await;
    let profile = patch(json!([
        {"op": "Replace", "path": "displayName", "value": "Bjfe"},
        {"op": "Remove", "path": "title"},
        {"op": "Replace", "path": "name.givenName", "value": "Kkom"},
        {"op": "Replace", "path": "name.formatted", "value": "Kkom familyName"},
        {"op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"},
        {"op": "Replace", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "Aklq"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "TestMhvaes@test.microsoft.com"},
        {"op": "Remove", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 170 1"},
    ]));
    let path = format!("{ENTERPRISE}:manager");
    let manager = patch(json!([{"op": "Add", "path": path, "value": "users-2"}]));
    let members = patch(json!([{"op": "Remove", "path": "members",
        "value": [{"$ref": null, "value": "users-1"}]}]));
    let no_manager = patch(json!([{"op": "Remove", "path": path}]));
    let disable = patch(json!([{"op": "Replace", "path": "active", "value": "False"}]));
    assert_eq!(sent, [profile, manager, members, no_manager, disable]);
}

#[tokio::test]
async fn entra_with_the_flag_shares_one_operation() {
    let flagged = entra::Flavor::AadOptscim062020;
    let sent = change_everything(flagged, "").await;
    let profile = patch(json!([
        {"op": "replace", "value": {"displayName": "Bjfe", "name.givenName": "Kkom",
            "name.formatted": "Kkom familyName", format!("{ENTERPRISE}:employeeNumber"): "Aklq"}},
        {"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "Sales"},
        {"op": "remove", "path": "title"},
        {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "TestMhvaes@test.microsoft.com"},
        {"op": "remove", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 170 1"},
    ]));
    let path = format!("{ENTERPRISE}:manager");
    let manager = patch(json!([{"op": "add", "path": path, "value": "users-2"}]));
    let members = patch(json!([{"op": "remove", "path": "members[value eq \"users-1\"]"}]));
    let no_manager = patch(json!([{"op": "remove", "path": "manager[value eq \"users-2\"]"}]));
    let disable = patch(json!([{"op": "replace", "path": "active", "value": false}]));
    assert_eq!(sent, [profile, manager, members, no_manager, disable]);
    // The flag in the URL is enough, and the query stays out of the path.
    assert_eq!(change_everything(entra::Flavor::Default, "/?aadOptscim062020").await, sent);
}

#[test]
fn flavors_have_names() {
    for (text, flavor) in [("catalogue", "catalogue"), ("OIN", "catalogue"), ("aiw", "wizard")] {
        assert_eq!(text.parse::<okta::Flavor>().unwrap().to_string(), flavor);
    }
    for flavor in [entra::Flavor::Default, entra::Flavor::AadOptscim062020] {
        assert_eq!(flavor.to_string().parse::<entra::Flavor>().unwrap(), flavor);
    }
    assert!("sideways".parse::<entra::Flavor>().unwrap_err().to_string().contains("sideways"));
}
