//! Values that no attribute can have.

use super::{ENTERPRISE, World};
use crate::harness::{Server, both};
use serde_json::{Value, json};

/// Sends a wrong value of a user in every way that a value can be sent.
async fn refuse(t: &Server, world: &World, name: &str, value: &Value) {
    let mut body = json!({"userName": "new@example.com"});
    body[name] = value.clone();
    let says = |detail: String| assert!(detail.contains('`'), "{name} {value}: {detail}");
    says(t.scim("POST", "/Users", Some(&body)).await.scim_error(400, Some("invalidValue")));
    says(t.scim("PUT", &world.user, Some(&body)).await.scim_error(400, Some("invalidValue")));
    for op in ["add", "replace"] {
        let included = json!([{"op": op, "value": {name: value}}]);
        says(t.patch(&world.user, included).await.scim_error(400, Some("invalidValue")));
        let named = json!([{"op": op, "path": name, "value": value}]);
        says(t.patch(&world.user, named).await.scim_error(400, Some("invalidValue")));
    }
}

both! {
    async fn a_value_of_the_wrong_type_is_an_invalid_value(t) {
        let world = World::new(t).await;
        for (name, values) in [
            ("userName", json!([5, true, {"first": "x"}, ["a", "b"], [["a"]]])),
            ("title", json!([5, true, {"x": 1}, ["a", "b"]])),
            ("profileUrl", json!([5, false, {"x": "y"}])),
            ("active", json!(["maybe", 1, 0, {"x": true}, [true, false], "yes"])),
            ("name", json!(["Ann", 5, true, ["a", "b"], {"givenName": 5}, {"givenName": {"x": 1}}, {"familyName": ["a", "b"]}])),
            ("emails", json!([5, true, [[{"value": "x"}]], [{"value": 5}], [{"value": "x", "primary": "maybe"}],
                [{"value": "x", "type": 5}], [{"value": {"x": "y"}}]])),
            ("addresses", json!(["Main Street", 5, [{"locality": 5}], [true]])),
            ("photos", json!([5, [{"value": true}]])),
            ("x509Certificates", json!(["***", [{"value": "="}], [{"value": 5}]])),
            (ENTERPRISE, json!(["x", 5, ["a", "b"], {"department": 5}, {"manager": true}, {"manager": {"value": 5}},
                {"manager": ["a", "b"]}])),
        ] {
            for value in values.as_array().unwrap() {
                refuse(t, &world, name, value).await;
            }
        }
        world.is_untouched(t).await;
    }

    async fn two_values_cannot_both_be_primary(t) {
        let world = World::new(t).await;
        let both = json!([{"value": "a@x", "primary": true}, {"value": "b@x", "primary": "True"}]);
        refuse(t, &world, "emails", &both).await;
        world.is_untouched(t).await;
    }

    async fn a_user_needs_a_user_name(t) {
        let world = World::new(t).await;
        let long = "x".repeat(255);
        for body in [json!({}), json!({"userName": null}), json!({"userName": ""}), json!({"userName": []}),
            json!({"user_name": "x"}), json!({"userName": long})]
        {
            let detail = t.scim("POST", "/Users", Some(&body)).await.scim_error(400, Some("invalidValue"));
            assert!(detail.contains("`userName`"), "{detail}");
            let detail = t.scim("PUT", &world.user, Some(&body)).await.scim_error(400, Some("invalidValue"));
            assert!(detail.contains("`userName`"), "{detail}");
        }
        let long = json!([{"op": "replace", "value": {"userName": long}}]);
        t.patch(&world.user, long).await.scim_error(400, Some("invalidValue"));
        world.is_untouched(t).await;
    }

    async fn a_group_needs_a_name_of_its_own(t) {
        let world = World::new(t).await;
        for name in [json!(5), json!(" "), json!("x".repeat(257)), json!("CF-0123 - Administrator"), json!({"x": 1}), json!(["a", "b"])] {
            let body = json!({"displayName": name});
            t.scim("POST", "/Groups", Some(&body)).await.scim_error(400, Some("invalidValue"));
            t.scim("PUT", &world.group, Some(&body)).await.scim_error(400, Some("invalidValue"));
            for patch in [json!([{"op": "replace", "value": body}]), json!([{"op": "Replace", "path": "displayName", "value": name}])] {
                t.patch(&world.group, patch).await.scim_error(400, Some("invalidValue"));
            }
        }
        for body in [json!({}), json!({"displayName": null}), json!({"displayName": ""})] {
            t.scim("POST", "/Groups", Some(&body)).await.scim_error(400, Some("invalidValue"));
            t.scim("PUT", &world.group, Some(&body)).await.scim_error(400, Some("invalidValue"));
        }
        world.is_untouched(t).await;
    }

    async fn a_member_is_the_id_of_a_user(t) {
        let world = World::new(t).await;
        let other = t.group("Other", &[]).await;
        let before = t.everything().await;
        for members in [
            json!(5), json!([5]), json!([{}]), json!([null]), json!([{"value": ""}]), json!([{"value": 5}]), json!([[world.id()]]),
            json!([{"value": world.id(), "type": "Group"}]), json!([{"value": "nobody"}]), json!([{"value": "a\u{0}"}]),
            json!([{"value": world.id()}, {"value": "nobody"}]), json!([{"value": other}]), json!([{"value": world.id().to_uppercase() + "A"}]),
        ] {
            let body = json!({"displayName": "New", "members": members});
            t.scim("POST", "/Groups", Some(&body)).await.scim_error(400, Some("invalidValue"));
            t.scim("PUT", &world.group, Some(&body)).await.scim_error(400, Some("invalidValue"));
            for op in ["add", "replace"] {
                let patch = json!([{"op": op, "path": "members", "value": members}]);
                t.patch(&world.group, patch).await.scim_error(400, Some("invalidValue"));
                let patch = json!([{"op": op, "value": {"displayName": "New", "members": members}}]);
                t.patch(&world.group, patch).await.scim_error(400, Some("invalidValue"));
            }
        }
        let unknown = json!([{"op": "add", "path": "members", "value": [{"value": "nobody"}]}]);
        let detail = t.patch(&world.group, unknown).await.scim_error(400, Some("invalidValue"));
        assert!(detail.contains("`nobody`"), "{detail}");
        assert_eq!(t.everything().await, before);
    }

    async fn the_character_nul_is_an_invalid_value(t) {
        let world = World::new(t).await;
        for (name, value) in [
            ("userName", json!("a\u{0}b")), ("externalId", json!("\u{0}")), ("title", json!("a\u{0}")),
            ("name", json!({"givenName": "\u{0}"})), ("emails", json!([{"value": "\u{0}@x"}])),
            (ENTERPRISE, json!({"department": "\u{0}"})), (ENTERPRISE, json!({"manager": "\u{0}"})),
        ] {
            refuse(t, &world, name, &value).await;
        }
        let body = json!({"displayName": "a\u{0}"});
        t.scim("POST", "/Groups", Some(&body)).await.scim_error(400, Some("invalidValue"));
        t.scim("PUT", &world.group, Some(&body)).await.scim_error(400, Some("invalidValue"));
        world.is_untouched(t).await;
        // A name that nobody knows is ignored, whatever it holds.
        let odd = json!({"userName": "odd@example.com", "\u{0}": "\u{0}"});
        t.scim("POST", "/Users", Some(&odd)).await.expect(201);
    }

    async fn schemas_name_what_is_sent(t) {
        let world = World::new(t).await;
        for (schemas, kind) in [
            (json!("urn:ietf:params:scim:schemas:core:2.0:User"), "invalidSyntax"),
            (json!([5]), "invalidSyntax"),
            (json!({}), "invalidSyntax"),
            (json!(["urn:example:robot"]), "invalidValue"),
            (json!([ENTERPRISE]), "invalidValue"),
        ] {
            let body = json!({"schemas": schemas, "userName": "new@example.com", "displayName": "New"});
            for (method, path) in world.writes().into_iter().filter(|(method, _)| *method != "PATCH") {
                t.scim(method, &path, Some(&body)).await.scim_error(400, Some(kind));
            }
            let patch = json!({"schemas": schemas, "Operations": [{"op": "replace", "path": "displayName", "value": "New"}]});
            t.scim("PATCH", &world.user, Some(&patch)).await.scim_error(400, Some("invalidSyntax"));
        }
        world.is_untouched(t).await;
    }

    async fn a_name_twice_in_different_case_is_invalid_syntax(t) {
        let world = World::new(t).await;
        for body in [
            json!({"userName": "a@x", "USERNAME": "b@x"}),
            json!({"userName": "a@x", "name": {"givenName": "a", "givenname": "b"}}),
            json!({"userName": "a@x", "active": true, "Active": false}),
        ] {
            t.scim("POST", "/Users", Some(&body)).await.scim_error(400, Some("invalidSyntax"));
            t.scim("PUT", &world.user, Some(&body)).await.scim_error(400, Some("invalidSyntax"));
            t.patch(&world.user, json!([{"op": "replace", "value": body}])).await.scim_error(400, Some("invalidSyntax"));
        }
        world.is_untouched(t).await;
    }

    async fn a_name_that_is_taken_is_a_409_by_every_road(t) {
        let other = t.user("bob@example.com").await;
        t.group("Marketing", &[&other]).await;
        let world = World::new(t).await;
        for name in ["bob@example.com", "BOB@Example.com"] {
            let body = json!({"userName": name, "active": true});
            t.scim("POST", "/Users", Some(&body)).await.scim_error(409, Some("uniqueness"));
            t.scim("PUT", &world.user, Some(&body)).await.scim_error(409, Some("uniqueness"));
            for patch in [json!([{"op": "replace", "value": {"userName": name}}]),
                json!([{"op": "Replace", "path": "title", "value": "x"}, {"op": "Replace", "path": "userName", "value": name}])]
            {
                let detail = t.patch(&world.user, patch).await.scim_error(409, Some("uniqueness"));
                assert!(detail.contains(name), "{detail}");
            }
        }
        for name in ["Marketing", "MARKETING"] {
            let body = json!({"displayName": name});
            t.scim("POST", "/Groups", Some(&body)).await.scim_error(409, Some("uniqueness"));
            t.scim("PUT", &world.group, Some(&body)).await.scim_error(409, Some("uniqueness"));
            t.patch(&world.group, json!([{"op": "replace", "value": body}])).await.scim_error(409, Some("uniqueness"));
        }
        world.is_untouched(t).await;
    }
}
