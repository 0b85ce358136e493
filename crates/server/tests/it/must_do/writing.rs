//! Lines 14, 15 and 19 to 22: creating, replacing, deleting, coming back.

use super::sent;
use crate::harness::{Answer, both, texts};
use serde_json::{Value, json};

/// The id in an answer that carries a resource.
fn id_of(resource: &Value) -> String {
    resource["id"].as_str().expect("an id").to_owned()
}

/// A resource that says where it is, both ways.
#[track_caller]
fn check_created(answer: &Answer, expected: &str) -> Value {
    let body = answer.expect(201);
    let location = format!("{expected}/{}", id_of(&body));
    assert_eq!(answer.header("location"), location);
    assert_eq!(body["meta"]["location"], location);
    body
}

both! {
    async fn line_14_a_created_user_comes_back_whole_with_its_location(t) {
        for sent in [sent::by_okta(), sent::by_entra()] {
            let made = check_created(&t.scim("POST", "/Users", Some(&sent)).await, &t.scim_url("/Users"));
            assert_eq!(made["meta"]["resourceType"], "User");
            for name in ["userName", "name", "emails", "externalId", "active"] {
                assert_eq!(made[name], sent[name], "{name}");
            }
            assert_eq!(t.read(&format!("/Users/{}", id_of(&made))).await, made);
        }
    }

    async fn line_14_a_created_group_comes_back_whole_with_its_location(t) {
        let okta = json!({"schemas": [sent::GROUP], "displayName": "Test SCIMv2", "members": []});
        for sent in [okta, sent::group_by_entra()] {
            let made = check_created(&t.scim("POST", "/Groups", Some(&sent)).await, &t.scim_url("/Groups"));
            assert_eq!(made["displayName"], sent["displayName"]);
            assert_eq!(made["externalId"], sent["externalId"]);
            assert_eq!(made["meta"]["resourceType"], "Group");
            assert_eq!(t.read(&format!("/Groups/{}", id_of(&made))).await, made);
        }
    }

    async fn line_14_a_duplicate_user_is_a_409_in_any_case(t) {
        t.scim("POST", "/Users", Some(&sent::by_okta())).await.expect(201);
        let before = t.everything().await;
        for name in ["test.user@okta.local", "TEST.USER@OKTA.LOCAL", "Test.User@okta.local"] {
            let mut again = sent::by_okta();
            again["userName"] = json!(name);
            let detail = t.scim("POST", "/Users", Some(&again)).await.scim_error(409, Some("uniqueness"));
            assert!(detail.contains(name), "{detail}");
        }
        assert_eq!(t.everything().await, before);
    }

    async fn line_14_a_duplicate_group_is_a_409_in_any_case(t) {
        t.scim("POST", "/Groups", Some(&sent::group_by_entra())).await.expect(201);
        let before = t.everything().await;
        for name in ["displayName", "DISPLAYNAME"] {
            let mut again = sent::group_by_entra();
            again["displayName"] = json!(name);
            t.scim("POST", "/Groups", Some(&again)).await.scim_error(409, Some("uniqueness"));
        }
        assert_eq!(t.everything().await, before);
    }

    async fn line_15_what_is_unknown_is_ignored(t) {
        let mut user = sent::by_okta();
        user["schemas"] = json!([sent::USER, "urn:okta:custom:user:1.0", "urn:example:unheard:of"]);
        user["urn:okta:custom:user:1.0"] = json!({"shoeSize": 44});
        user["companyName"] = json!("Example");
        user["favourites"] = json!([{"colour": ["red", null]}, 7]);
        user["name"]["nobiliaryParticle"] = json!("von");
        let made = t.scim("POST", "/Users", Some(&user)).await.expect(201);
        assert_eq!(made["schemas"], json!([sent::USER]));
        for unknown in ["urn:okta:custom:user:1.0", "companyName", "favourites", "password", "groups"] {
            assert!(made.get(unknown).is_none(), "{unknown}: {made}");
        }
        assert_eq!(made["name"], json!({"givenName": "Test", "familyName": "User"}));

        let group = t.scim("POST", "/Groups", Some(&sent::group_by_entra())).await.expect(201);
        assert_eq!(group["schemas"], json!([sent::GROUP]));
        let (user, group) = (id_of(&made), id_of(&group));
        let add = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": user}]}]);
        t.patch(&format!("/Groups/{group}"), add).await.expect(204);
        assert_eq!(t.members(&group).await, [user]);
    }

    /// The password that Okta makes up is no credential and is nowhere to be found again.
    async fn line_15_a_password_is_taken_and_forgotten(t) {
        let id = id_of(&t.scim("POST", "/Users", Some(&sent::by_okta())).await.expect(201));
        let patch = json!([{"op": "replace", "value": {"password": "1mz050nq"}}]);
        t.patch(&format!("/Users/{id}"), patch).await.expect(200);
        let seen = format!("{}{:?}", t.everything().await, t.events().await);
        assert!(!seen.contains("1mz050nq"));
    }

    /// Okta's PUT is what its GET returned, with the mapped attributes overwritten.
    async fn line_15_okta_puts_back_what_it_read(t) {
        let id = id_of(&t.scim("POST", "/Users", Some(&sent::by_okta())).await.expect(201));
        let group = t.group("Sales", &[&id]).await;
        let mut body = t.read(&format!("/Users/{id}")).await;
        assert_eq!(body["groups"][0]["value"], group);
        let unchanged = t.scim("PUT", &format!("/Users/{id}"), Some(&body)).await.expect(200);
        assert_eq!(unchanged, body);

        body["id"] = json!("something else");
        body["meta"] = json!({"resourceType": "Group", "version": "W/\"77\"", "location": null});
        body["groups"] = json!([{"value": "stale"}]);
        body["password"] = json!("1mz050nq");
        body["name"]["givenName"] = json!("Changed");
        let put = t.scim("PUT", &format!("/Users/{id}"), Some(&body)).await.expect(200);
        assert_eq!((&put["id"], &put["name"]["givenName"]), (&json!(id), &json!("Changed")));
        assert_eq!(put["groups"][0]["value"], group);
        assert_eq!(put["meta"]["location"], t.scim_url(&format!("/Users/{id}")));
        assert_eq!(t.members(&group).await, [id]);
    }

    async fn line_19_a_patched_user_is_answered_by_the_whole_user(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let replace = json!([{"op": "Replace", "path": "displayName", "value": "Pvlo"}]);
        let patched = t.patch(&path, replace.clone()).await.expect(200);
        assert_eq!(patched["displayName"], "Pvlo");
        assert_eq!(patched["userName"], "ann@example.com");
        assert_eq!(patched, t.read(&path).await);
        let some = t.patch(&format!("{path}?attributes=userName"), replace).await.expect(200);
        assert_eq!(some, json!({"schemas": [sent::USER], "id": id, "userName": "ann@example.com"}));
    }

    async fn line_19_a_patched_group_is_answered_by_204_unless_attributes_are_asked_for(t) {
        let ann = t.user("ann@example.com").await;
        let group = t.group("Sales", &[]).await;
        let path = format!("/Groups/{group}");
        let rename = json!([{"op": "Replace", "path": "displayName", "value": "Marketing"}]);
        let renamed = t.patch(&path, rename).await;
        assert_eq!((renamed.status, renamed.text.as_str()), (204, ""));
        let add = json!([{"op": "Add", "path": "members", "value": [{"value": ann}]}]);
        let shown = t.patch(&format!("{path}?attributes=displayName,members.value"), add.clone()).await.expect(200);
        assert_eq!(shown, json!({"schemas": [sent::GROUP], "id": group, "displayName": "Marketing", "members": [{"value": ann}]}));
        // Nothing changes any more, and the answers stay the same.
        assert_eq!(t.patch(&path, add.clone()).await.status, 204);
        assert_eq!(t.patch(&format!("{path}?attributes=displayName"), add).await.expect(200)["displayName"], "Marketing");
    }

    async fn line_20_a_deleted_resource_is_gone_and_its_name_is_free(t) {
        let user = id_of(&t.scim("POST", "/Users", Some(&sent::by_entra())).await.expect(201));
        let group = id_of(&t.scim("POST", "/Groups", Some(&sent::group_by_entra())).await.expect(201));
        for (path, body) in [(format!("/Users/{user}"), sent::by_entra()), (format!("/Groups/{group}"), sent::group_by_entra())] {
            let deleted = t.scim("DELETE", &path, None).await;
            assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
            t.scim("GET", &path, None).await.scim_error(404, None);
            t.scim("DELETE", &path, None).await.scim_error(404, None);
            t.scim("PUT", &path, Some(&body)).await.scim_error(404, None);
            t.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "x"}])).await.scim_error(404, None);
            t.patch(&path, json!([])).await.scim_error(404, None);
            let endpoint = &path[..path.rfind('/').unwrap()];
            assert_eq!(t.read(endpoint).await["totalResults"], 0);
            let again = t.scim("POST", endpoint, Some(&body)).await.expect(201);
            assert_eq!(t.read(&format!("{endpoint}/{}", id_of(&again))).await, again);
        }
    }

    async fn line_20_a_deleted_user_is_in_no_group_any_more(t) {
        let (ann, bob) = (t.user("ann@example.com").await, t.user("bob@example.com").await);
        let group = t.group("Sales", &[&ann, &bob]).await;
        t.scim("DELETE", &format!("/Users/{ann}"), None).await.expect(204);
        assert_eq!(t.members(&group).await, [bob]);
        t.user("ann@example.com").await;
        assert_eq!(t.members(&group).await.len(), 1);
    }

    async fn line_21_one_who_comes_back_has_the_same_id(t) {
        let body = sent::by_okta();
        let id = id_of(&t.scim("POST", "/Users", Some(&body)).await.expect(201));
        let path = format!("/Users/{id}");
        let out = json!([{"op": "replace", "value": {"active": false}}]);
        let mut active = t.read(&path).await;
        active["active"] = json!(true);
        for road in ["PATCH", "PUT", "POST", "Entra"] {
            assert_eq!(t.patch(&path, out.clone()).await.expect(200)["active"], false, "{road}");
            let found = t.find("/Users", r#"userName eq "TEST.USER@okta.local""#).await;
            assert_eq!(found, std::slice::from_ref(&id), "{road}");
            let back = match road {
                "PATCH" => t.patch(&path, json!([{"op": "replace", "value": {"active": true}}])).await.expect(200),
                "Entra" => t.patch(&path, json!([{"op": "Replace", "path": "active", "value": "True"}])).await.expect(200),
                "PUT" => t.scim("PUT", &path, Some(&active)).await.expect(200),
                _ => t.scim("POST", "/Users", Some(&body)).await.expect(201),
            };
            assert_eq!((&back["id"], &back["active"]), (&json!(id), &json!(true)), "{road}");
            let members = t.api("GET", "/members", None).await.expect(200);
            let member = members["result"].as_array().unwrap().iter().find(|member| member["id"] == id.as_str());
            assert_eq!(member.expect("a member again")["status"], "accepted", "{road}");
        }
    }

    /// A client that doesn't map `active` must not lock people out, nor let them in.
    async fn line_21_without_active_nobody_is_deactivated(t) {
        let mut body = sent::by_okta();
        body.as_object_mut().unwrap().remove("active");
        let made = t.scim("POST", "/Users", Some(&body)).await.expect(201);
        assert_eq!(made["active"], true);
        let path = format!("/Users/{}", id_of(&made));
        for silent in [Value::Null, json!(""), json!([])] {
            body["active"] = silent;
            assert_eq!(t.scim("PUT", &path, Some(&body)).await.expect(200)["active"], true);
        }
        body.as_object_mut().unwrap().remove("active");
        body["title"] = json!("Engineer");
        assert_eq!(t.scim("PUT", &path, Some(&body)).await.expect(200)["active"], true);

        t.patch(&path, json!([{"op": "replace", "path": "active", "value": false}])).await.expect(200);
        body["title"] = json!("Manager");
        assert_eq!(t.scim("PUT", &path, Some(&body)).await.expect(200)["active"], false);
    }

    /// RFC 7644 section 3.5.2.2: what was removed is unassigned. Where the person stands stays as it is.
    async fn line_21_clearing_active_unassigns_it_and_moves_nobody(t) {
        let path = format!("/Users/{}", t.user("ann@example.com").await);
        let found = async |active: bool| {
            let filter = format!("/Users?filter=active%20eq%20{active}");
            texts(&t.read(&filter).await["Resources"], "userName")
        };
        for active in [false, true] {
            for clear in [json!({"op": "remove", "path": "active"}), json!({"op": "replace", "value": {"active": null}})] {
                t.patch(&path, json!([{"op": "replace", "path": "active", "value": active}])).await.expect(200);
                let cleared = t.patch(&path, json!([clear])).await.expect(200);
                assert_eq!((&cleared, cleared.get("active")), (&t.read(&path).await, None), "{clear}");
                assert_eq!((found(active).await, found(!active).await), (vec!["ann@example.com".to_owned()], vec![]));

                // Another change says nothing about it either; a PUT shows what was left as it is.
                let title = json!([{"op": "replace", "path": "title", "value": clear["op"]}]);
                assert_eq!(t.patch(&path, title).await.expect(200).get("active"), None);
                assert_eq!(found(active).await, ["ann@example.com"]);
                let put = t.scim("PUT", &path, Some(&json!({"userName": "ann@example.com"}))).await.expect(200);
                assert_eq!(put["active"], active);
            }
        }
    }

    async fn line_22_a_patch_without_operations_is_a_success(t) {
        let user = t.user("ann@example.com").await;
        let group = t.group("Sales", &[&user]).await;
        let before = t.everything().await;
        let answer = t.patch(&format!("/Users/{user}"), json!([])).await.expect(200);
        assert_eq!(answer, t.read(&format!("/Users/{user}")).await);
        assert_eq!(t.patch(&format!("/Groups/{group}"), json!([])).await.status, 204);
        assert_eq!(t.everything().await, before);
    }
}
