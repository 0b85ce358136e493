//! Section 3.5: replacing and patching resources.

use super::{ENTERPRISE, USER, filtered, make};
use crate::harness::{Server, both};
use serde_json::{Value, json};

fn op(verb: &str, path: &str, value: Value) -> Value {
    json!([{"op": verb, "path": path, "value": value}])
}

async fn count(t: &Server, filter: &str) -> Value {
    filtered(t, "/Users", filter).await.expect(200)["totalResults"].clone()
}

async fn with_emails(t: &Server) -> String {
    make(
        t,
        json!({"userName": "ann@example.com", "title": "boss", "emails": [
        {"value": "a@work.example", "type": "work", "display": "A", "primary": true},
        {"value": "b@work.example", "type": "work"},
        {"value": "c@home.example", "type": "home"}]}),
    )
    .await
}

both! {
    /// Section 3.5.1: a PUT puts all that is sent in the place of all that was there.
    async fn a_put_replaces_every_value(t) {
        let path = with_emails(t).await;
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "Ann@Example.com", "nickName": "Annie", "active": false,
            "emails": [{"value": "new@work.example"}], "password": "new", ENTERPRISE: {"department": "Sales"}});
        let put = t.scim("PUT", &path, Some(&body)).await.expect(200);
        let mut expected = body.clone();
        expected.as_object_mut().unwrap().remove("password");
        for name in ["id", "meta"] {
            expected[name] = put[name].clone();
        }
        assert_eq!(put, expected);
        assert_eq!(t.read(&path).await, put);
        // Nothing and null are no values, and the extension goes with its last one.
        let bare = json!({"schemas": [USER], "userName": "ann@example.com", "emails": [], "nickName": null});
        let put = t.scim("PUT", &path, Some(&bare)).await.expect(200);
        assert_eq!(put["schemas"], json!([USER]));
        for name in ["emails", "nickName", ENTERPRISE] {
            assert_eq!(put.get(name), None, "{name}");
        }
        // What is required has to be there.
        t.scim("PUT", &path, Some(&json!({"schemas": [USER], "title": "x"}))).await.scim_error(400, Some("invalidValue"));
        assert_eq!(t.read(&path).await, put);
    }

    /// Section 3.5.2: `schemas` is what the data says; naming it in a PATCH succeeds and changes nothing by itself.
    async fn schemas_follow_the_data_of_a_patch(t) {
        let path = make(t, json!({"userName": "ann@example.com"})).await;
        let named = t.patch(&path, op("add", "schemas", json!([ENTERPRISE]))).await.expect(200);
        assert_eq!(named["schemas"], json!([USER]));
        let both = json!([
            {"op": "add", "path": "schemas", "value": [ENTERPRISE]},
            {"op": "add", "path": "department", "value": "Sales"},
        ]);
        assert_eq!(t.patch(&path, both).await.expect(200)["schemas"], json!([USER, ENTERPRISE]));
        let gone = t.patch(&path, json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")}])).await.expect(200);
        assert_eq!((&gone["schemas"], gone.get(ENTERPRISE)), (&json!([USER]), None));
        let implied = json!([{"op": "add", "value": {format!("{ENTERPRISE}:costCenter"): "4130"}}]);
        assert_eq!(t.patch(&path, implied).await.expect(200)["schemas"], json!([USER, ENTERPRISE]));
    }

    /// Section 3.5.2.1: what is there already is a success and no change, and no later instant either.
    async fn adding_what_is_there_is_no_change(t) {
        let path = with_emails(t).await;
        let group = format!("/Groups/{}", t.group("Sales", &[&path["/Users/".len()..]]).await);
        let before = (t.everything().await, t.read(&path).await, t.read(&group).await);
        for operation in [
            op("add", "title", json!("boss")),
            op("add", "emails", json!([{"value": "b@work.example", "type": "work"}])),
            op("add", "emails[type eq \"home\"].value", json!("c@home.example")),
            json!([{"op": "add", "value": {"userName": "ann@example.com", "active": true}}]),
            json!([{"op": "add", "path": "title", "value": "clerk"}, {"op": "replace", "path": "title", "value": "boss"}]),
        ] {
            assert_eq!(t.patch(&path, operation).await.expect(200), before.1);
        }
        for operation in [op("add", "displayName", json!("Sales")), op("add", "members", json!([{"value": path["/Users/".len()..]}]))] {
            t.patch(&group, operation).await.expect(204);
        }
        assert_eq!((t.everything().await, t.read(&path).await, t.read(&group).await), before);
    }

    /// Section 3.5.2.2: what was removed has no value, for readers and for filters; the last one takes the attribute along.
    async fn what_is_removed_is_unassigned(t) {
        let path = with_emails(t).await;
        for (target, shown, absent) in [
            ("title", "title", "title pr"),
            ("emails[type eq \"work\"].type", "", "emails.type eq \"work\""),
            ("emails[value eq \"c@home.example\"]", "", "emails.value co \"home\""),
            ("emails[value co \"work\"]", "emails", "emails pr"),
        ] {
            assert_eq!(count(t, absent).await, 1, "{target}");
            let after = t.patch(&path, json!([{"op": "remove", "path": target}])).await.expect(200);
            assert_eq!(after.get(shown), None, "{target}");
            assert_eq!(count(t, absent).await, 0, "{target}");
        }
        let path = make(t, json!({"userName": "bob@example.com", "emails": [{"value": "b@x"}, {"value": "c@x"}]})).await;
        assert_eq!(t.patch(&path, json!([{"op": "remove", "path": "emails"}])).await.expect(200).get("emails"), None);
        assert_eq!(count(t, "emails pr").await, 0);
    }

    /// Section 3.5.2.3: replacing what isn't there adds it, and every value that a filter finds is replaced.
    async fn a_replace_adds_what_is_missing_and_finds_all(t) {
        let path = with_emails(t).await;
        let added = t.patch(&path, op("replace", "nickName", json!("Annie"))).await.expect(200);
        assert_eq!(added["nickName"], "Annie");
        let part = t.patch(&path, op("replace", "emails[type eq \"work\"].display", json!("W"))).await.expect(200);
        assert_eq!(part["emails"], json!([
            {"value": "a@work.example", "type": "work", "display": "W", "primary": true},
            {"value": "b@work.example", "type": "work", "display": "W"},
            {"value": "c@home.example", "type": "home"}]));
        // The whole value, without what the new one doesn't say; two alike are one.
        let whole = t.patch(&path, op("replace", "emails[type eq \"work\"]", json!({"value": "d@work.example"}))).await.expect(200);
        let values: Vec<&Value> = whole["emails"].as_array().unwrap().iter().map(|email| &email["value"]).collect();
        assert!(values.contains(&&json!("d@work.example")) && values.contains(&&json!("c@home.example")));
        assert!(!whole.to_string().contains("a@work") && !whole.to_string().contains("b@work"), "{whole}");
        // A complex attribute keeps the parts that are not named.
        t.patch(&path, op("replace", "name", json!({"givenName": "Ann", "familyName": "Lee"}))).await.expect(200);
        let name = t.patch(&path, op("replace", "name", json!({"familyName": "Li"}))).await.expect(200);
        assert_eq!(name["name"], json!({"givenName": "Ann", "familyName": "Li"}));
        for operation in [op("replace", "name", json!("Ann Li")), op("add", "name", json!(["Ann", "Li"]))] {
            t.patch(&path, operation).await.scim_error(400, Some("invalidValue"));
        }
    }
}
