//! Lines 16, 17 and 17a: the shapes in which attributes are patched.

use super::sent::{self, ENTERPRISE};
use crate::harness::{Server, both};
use serde_json::{Value, json};

/// A fresh user with something to change.
async fn ann(t: &Server) -> String {
    let body = json!({
        "schemas": [sent::USER, ENTERPRISE],
        "userName": "ann@example.com",
        "name": {"givenName": "Ann", "familyName": "Lee"},
        "displayName": "Ann Lee",
        "title": "Engineer",
        "emails": [{"value": "ann@example.com", "type": "work", "primary": true}],
        ENTERPRISE: {"department": "Tools", "manager": {"value": "26"}},
    });
    let made = t.scim("POST", "/Users", Some(&body)).await.expect(201);
    format!("/Users/{}", made["id"].as_str().expect("an id"))
}

/// Applies the operations; what is answered is what is kept.
async fn patched(t: &Server, path: &str, operations: Value) -> Value {
    let answer = t.patch(path, operations).await.expect(200);
    assert_eq!(answer, t.read(path).await);
    answer
}

both! {
    async fn line_16_op_comes_in_any_letter_case(t) {
        let path = ann(t).await;
        for (op, title) in [("replace", "a"), ("Replace", "b"), ("REPLACE", "c"), ("add", "d"), ("Add", "e"), ("ADD", "f")] {
            let user = patched(t, &path, json!([{"op": op, "path": "title", "value": title}])).await;
            assert_eq!(user["title"], title, "{op}");
        }
        for op in ["remove", "Remove", "REMOVE"] {
            patched(t, &path, json!([{"op": "add", "path": "title", "value": "x"}])).await;
            let user = patched(t, &path, json!([{"op": op, "path": "title"}])).await;
            assert!(user.get("title").is_none(), "{op}");
        }
    }

    async fn line_16_active_comes_as_a_boolean_or_a_word(t) {
        let path = ann(t).await;
        for (value, expected) in [
            (json!(false), false), (json!("true"), true), (json!("False"), false), (json!("True"), true),
            (json!("false"), false), (json!(true), true), (json!("FALSE"), false), (json!(["True"]), true),
        ] {
            let named = patched(t, &path, json!([{"op": "Replace", "path": "active", "value": value}])).await;
            assert_eq!(named["active"], expected, "{value}");
            let other = json!(if expected { "False" } else { "True" });
            patched(t, &path, json!([{"op": "Replace", "path": "active", "value": other}])).await;
            let included = patched(t, &path, json!([{"op": "replace", "value": {"active": value}}])).await;
            assert_eq!(included["active"], expected, "{value}");
        }
    }

    async fn line_16_a_path_may_be_missing(t) {
        let path = ann(t).await;
        let okta = json!([{"op": "replace", "value": {"active": false}}]);
        assert_eq!(patched(t, &path, okta).await["active"], false);
        for (operation, title) in [
            (json!({"op": "replace", "value": {"title": "a"}}), "a"),
            (json!({"op": "add", "value": {"title": "b"}}), "b"),
            (json!({"op": "add", "path": null, "value": {"title": "c"}}), "c"),
            (json!({"op": "add", "path": "", "value": [{"title": "d"}]}), "d"),
        ] {
            assert_eq!(patched(t, &path, json!([operation])).await["title"], title);
        }
        let rename = json!([{"op": "replace", "value": {"userName": "ann.lee@example.com"}}]);
        assert_eq!(patched(t, &path, rename).await["userName"], "ann.lee@example.com");
    }

    /// Entra with its flag: one operation, dotted and qualified keys.
    async fn line_16_keys_without_a_path_may_be_dotted_or_qualified(t) {
        let path = ann(t).await;
        let user = patched(t, &path, json!([{"op": "replace", "value": {
            "displayName": "Bjfe",
            "name.givenName": "Kkom",
            "name.familyName": "Unua",
            "emails[type eq \"work\"].value": "bjfe@example.com",
            format!("{ENTERPRISE}:employeeNumber"): "Aklq",
            format!("{ENTERPRISE}:department"): "Sales",
            ENTERPRISE: {"division": "North"},
            "urn:ietf:params:scim:schemas:core:2.0:User:title": "Boss",
        }}])).await;
        assert_eq!(user["name"], json!({"givenName": "Kkom", "familyName": "Unua"}));
        assert_eq!((&user["displayName"], &user["title"]), (&json!("Bjfe"), &json!("Boss")));
        assert_eq!(user["emails"], json!([{"value": "bjfe@example.com", "type": "work", "primary": true}]));
        assert_eq!(user[ENTERPRISE], json!({
            "employeeNumber": "Aklq", "department": "Sales", "division": "North", "manager": {"value": "26"},
        }));
        assert!(user.get(format!("{ENTERPRISE}:department")).is_none());
    }

    /// Entra without its flag: one operation for each path.
    async fn line_16_each_attribute_may_come_in_an_operation_of_its_own(t) {
        let path = ann(t).await;
        let user = patched(t, &path, json!([
            {"op": "Replace", "path": "displayName", "value": "Pvlo"},
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "TestBcwqnm@test.microsoft.com"},
            {"op": "Replace", "path": "name.givenName", "value": "Gtfd"},
            {"op": "Replace", "path": "name.familyName", "value": "Pkqf"},
            {"op": "Replace", "path": "externalId", "value": "Eqpj"},
            {"op": "Replace", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "Eqpj"},
            {"op": "Add", "path": "nickName", "value": "Babs"},
        ])).await;
        assert_eq!(user["name"], json!({"givenName": "Gtfd", "familyName": "Pkqf"}));
        assert_eq!(user["emails"][0]["value"], "TestBcwqnm@test.microsoft.com");
        assert_eq!(user["externalId"], "Eqpj");
        assert_eq!(user[ENTERPRISE]["employeeNumber"], "Eqpj");
        assert_eq!((&user["displayName"], &user["nickName"]), (&json!("Pvlo"), &json!("Babs")));
        // What nobody named is as it was.
        assert_eq!((&user["title"], &user[ENTERPRISE]["department"]), (&json!("Engineer"), &json!("Tools")));
    }

    async fn line_16_a_value_may_be_a_scalar_an_object_or_an_array_of_one(t) {
        let path = ann(t).await;
        let role = json!([{"value": "Admin"}]);
        for value in [json!("Admin"), json!({"value": "Admin"}), json!([{"value": "Admin"}]), json!(["Admin"])] {
            for op in ["Add", "Replace"] {
                let user = patched(t, &path, json!([{"op": op, "path": "roles", "value": value}])).await;
                assert_eq!(user["roles"], role, "{op} {value}");
            }
        }
        for value in [json!("Boss"), json!(["Boss"]), json!({"value": "Boss"}), json!([{"value": "Boss"}])] {
            patched(t, &path, json!([{"op": "remove", "path": "title"}])).await;
            let user = patched(t, &path, json!([{"op": "Replace", "path": "title", "value": value}])).await;
            assert_eq!(user["title"], "Boss", "{value}");
        }
        let complex = json!([{"primary": "False", "type": "WindowsAzureActiveDirectoryRole", "display": "User", "value": "User"}]);
        let user = patched(t, &path, json!([{"op": "Add", "path": "roles", "value": complex}])).await;
        assert_eq!(user["roles"][1], json!({"primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "User", "value": "User"}));
    }

    async fn line_16_a_manager_comes_as_a_string_an_object_or_an_array(t) {
        let path = ann(t).await;
        let id = "2819c223-7f76-453a-919d-413861904646";
        let reference = format!("http://example.com/scim/Users/{id}");
        for value in [json!(id), json!({"value": id}), json!([{"value": id}]), json!([id]), json!([{"$ref": reference, "value": id}])] {
            for at in ["manager".to_owned(), format!("{ENTERPRISE}:manager"), format!("{ENTERPRISE}:manager.value")] {
                if at.ends_with(".value") && value.to_string().contains("$ref") {
                    continue;
                }
                patched(t, &path, json!([{"op": "Remove", "path": "manager"}])).await;
                let user = patched(t, &path, json!([{"op": "Add", "path": at, "value": value}])).await;
                assert_eq!(user[ENTERPRISE]["manager"]["value"], id, "{at} {value}");
            }
        }
        for value in [json!("a"), json!({"value": "b"}), json!([{"value": "c"}])] {
            let user = patched(t, &path, json!([{"op": "Replace", "value": {format!("{ENTERPRISE}:manager"): value}}])).await;
            assert!(user[ENTERPRISE]["manager"]["value"].is_string(), "{value}");
            assert!(user[ENTERPRISE]["manager"].get("$ref").is_none(), "a reference to somebody else: {user}");
        }
    }

    async fn line_16_nothing_as_a_value_clears(t) {
        let path = ann(t).await;
        for nothing in [json!(""), json!(null), json!({"value": ""}), json!([{"value": ""}]), json!([])] {
            for (at, value) in [("title", json!("Engineer")), ("manager", json!("26")), ("nickName", json!("Babs"))] {
                patched(t, &path, json!([{"op": "Add", "path": at, "value": value}])).await;
                let user = patched(t, &path, json!([{"op": "Replace", "path": at, "value": nothing}])).await;
                let holder = if at == "manager" { &user[ENTERPRISE] } else { &user };
                assert!(holder.get(at).is_none(), "{at} {nothing}: {user}");
            }
            patched(t, &path, json!([{"op": "Add", "path": "title", "value": "x"}])).await;
            let user = patched(t, &path, json!([{"op": "Replace", "value": {"title": nothing}}])).await;
            assert!(user.get("title").is_none(), "{nothing}: {user}");
        }
    }

    async fn line_17_a_value_that_a_path_describes_is_created(t) {
        let path = ann(t).await;
        for op in ["Add", "Replace", "add", "replace"] {
            let bare = json!([
                {"op": "Remove", "path": "emails"}, {"op": "Remove", "path": "phoneNumbers"},
                {"op": "Remove", "path": "addresses"}, {"op": "Remove", "path": "roles"},
            ]);
            patched(t, &path, bare).await;
            let user = patched(t, &path, json!([
                {"op": op, "path": "emails[type eq \"work\"].value", "value": "x@joe.com"},
                {"op": op, "path": "phoneNumbers[type eq \"mobile\"].value", "value": "555"},
                {"op": op, "path": "addresses[type eq \"work\"].streetAddress", "value": "1 Main Street"},
                {"op": op, "path": "addresses[type eq \"work\"].locality", "value": "Hollywood"},
                {"op": op, "path": "roles[primary eq \"True\"].value", "value": "Admin"},
            ])).await;
            assert_eq!(user["emails"], json!([{"type": "work", "value": "x@joe.com"}]), "{op}");
            assert_eq!(user["phoneNumbers"], json!([{"type": "mobile", "value": "555"}]), "{op}");
            assert_eq!(user["addresses"], json!([{"type": "work", "streetAddress": "1 Main Street", "locality": "Hollywood"}]), "{op}");
            assert_eq!(user["roles"], json!([{"primary": true, "value": "Admin"}]), "{op}");
        }
    }

    /// The value is made beside the others, and changed where it is there already.
    async fn line_17_other_values_are_left_alone(t) {
        let path = ann(t).await;
        let work = json!({"value": "ann@example.com", "type": "work", "primary": true});
        let user = patched(t, &path, json!([{"op": "Add", "path": "emails[type eq \"home\"].value", "value": "ann@home.example"}])).await;
        assert_eq!(user["emails"], json!([work, {"type": "home", "value": "ann@home.example"}]));
        let user = patched(t, &path, json!([{"op": "Replace", "path": "emails[type eq \"home\"].value", "value": "new@home.example"}])).await;
        assert_eq!(user["emails"], json!([work, {"type": "home", "value": "new@home.example"}]));
        let user = patched(t, &path, json!([{"op": "Replace", "path": "emails[primary eq true].value", "value": "new@example.com"}])).await;
        assert_eq!(user["emails"][0]["value"], "new@example.com");
        assert_eq!(user["emails"][1]["value"], "new@home.example");
    }

    async fn line_17a_a_manager_is_cleared_by_a_filter_that_matches(t) {
        let path = ann(t).await;
        for at in ["manager[value eq \"26\"]".to_owned(), format!("{ENTERPRISE}:manager[value eq \"26\"]")] {
            for op in ["remove", "Remove"] {
                patched(t, &path, json!([{"op": "Add", "path": "manager", "value": "26"}])).await;
                let user = patched(t, &path, json!([{"op": op, "path": at}])).await;
                assert_eq!(user[ENTERPRISE], json!({"department": "Tools"}), "{op} {at}");
            }
        }
    }

    async fn line_17a_a_manager_stays_when_the_filter_names_another(t) {
        let path = ann(t).await;
        let before = t.everything().await;
        for at in ["manager[value eq \"27\"]".to_owned(), format!("{ENTERPRISE}:manager[value eq \"27\"]")] {
            let user = patched(t, &path, json!([{"op": "remove", "path": at}])).await;
            assert_eq!(user[ENTERPRISE]["manager"], json!({"value": "26"}), "{at}");
        }
        assert_eq!(t.everything().await, before);
    }

    /// Entra sends the old or the new value along; neither may be set.
    async fn line_17a_a_remove_with_a_value_clears(t) {
        let path = ann(t).await;
        let home = json!({"type": "home", "value": "ann@home.example"});
        for value in ["updated@example.org", "ann@example.com"] {
            patched(t, &path, json!([{"op": "Replace", "path": "emails", "value": [
                {"type": "work", "value": "ann@example.com"}, home,
            ]}])).await;
            let user = patched(t, &path, json!([{"op": "Remove", "path": "emails[type eq \"work\"].value", "value": value}])).await;
            assert_eq!(user["emails"], json!([home]), "{value}");
            patched(t, &path, json!([{"op": "Add", "path": "title", "value": "x"}])).await;
            let user = patched(t, &path, json!([{"op": "Remove", "path": "title", "value": value}])).await;
            assert!(user.get("title").is_none(), "{value}");
        }
    }
}
