//! Places that aren't there, and methods they don't know.

use super::World;
use crate::harness::both;
use serde_json::{Value, json};

both! {
    async fn an_unknown_path_is_a_404_in_scims_own_words(t) {
        let world = World::new(t).await;
        for path in ["/Robots", "/Userss", "/.search/x", "/Bulk/x", "/Me/x", "/Users/x/y", "/Groups/x/members", "/Schemas/a/b", "/v2/Users", "/%55sers/x/y"] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let answer = t.scim(method, path, Some(&json!({"userName": "x"}))).await;
                answer.scim_error(404, None);
                assert_eq!(answer.header("content-type"), "application/scim+json");
            }
        }
        world.is_untouched(t).await;
    }

    async fn a_wrong_method_is_a_405_that_says_which_are_right(t) {
        let world = World::new(t).await;
        for (method, path, allowed) in [
            ("PUT", "/Users", "GET"), ("PATCH", "/Users", "POST"), ("DELETE", "/Users", "GET"),
            ("PUT", "/Groups", "POST"), ("PATCH", "/Groups", "GET"), ("DELETE", "/Groups", "GET"),
            ("POST", &world.user, "PATCH"), ("POST", &world.group, "DELETE"), ("GET", "/Users/.search", "POST"), ("PUT", "/.search", "POST"),
            ("PUT", "", "GET"), ("GET", "/Bulk", "POST"), ("POST", "/Me", "GET"),
            ("POST", "/Schemas", "GET"), ("DELETE", "/ResourceTypes", "GET"), ("PUT", "/ServiceProviderConfig", "GET"),
            ("PATCH", "/Schemas/x", "GET"), ("OPTIONS", "/Users", "GET"), ("TRACE", "/Users", "GET"), ("BREW", &world.user, "GET"),
        ] {
            let answer = t.scim(method, path, None).await;
            let detail = answer.scim_error(405, None);
            assert!(detail.contains(method), "{detail}");
            assert!(answer.header("allow").contains(allowed), "{method} {path}: {}", answer.header("allow"));
        }
        world.is_untouched(t).await;
    }

    async fn a_malformed_id_is_a_404(t) {
        let world = World::new(t).await;
        let upper = world.id().to_uppercase();
        let long = "a".repeat(5_000);
        for id in [
            "1", "x", "%00", "a%00b", "%20", "%0A", "%22", "'%20OR%20'1'='1", "%25", "%F0%9F%92%A5", "..%2F..%2Fetc%2Fpasswd",
            "-1", "null", "*", "bulkId:1", "%7Bid%7D", &upper, &long, &world.id()[1..], &format!("{}0", world.id()),
        ] {
            if id == world.id() {
                continue;
            }
            for endpoint in ["/Users", "/Groups"] {
                let path = format!("{endpoint}/{id}");
                let body = json!({"userName": "new@example.com", "displayName": "New"});
                t.scim("GET", &path, None).await.scim_error(404, None);
                t.scim("PUT", &path, Some(&body)).await.scim_error(404, None);
                t.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "x"}])).await.scim_error(404, None);
                t.scim("DELETE", &path, None).await.scim_error(404, None);
            }
        }
        world.is_untouched(t).await;
    }

    async fn a_user_is_no_group_and_a_group_no_user(t) {
        let world = World::new(t).await;
        let group = &world.group["/Groups/".len()..];
        let body = json!({"userName": "new@example.com", "displayName": "New"});
        for path in [format!("/Groups/{}", world.id()), format!("/Users/{group}")] {
            t.scim("GET", &path, None).await.scim_error(404, None);
            t.scim("PUT", &path, Some(&body)).await.scim_error(404, None);
            t.patch(&path, json!([])).await.scim_error(404, None);
            t.scim("DELETE", &path, None).await.scim_error(404, None);
        }
        world.is_untouched(t).await;
    }

    /// The ids of another account don't exist here, nor do its people.
    async fn an_id_of_another_account_is_a_404_and_changes_neither(t) {
        let world = World::new(t).await;
        let stranger = t.stranger().await;
        let theirs = |path: &str| format!("{}/client/v4/accounts/{}/scim/v2{path}", t.url, stranger.account.id);
        let ask = async |method: &str, path: &str, body: Option<&Value>| {
            let request = t.request(method, &theirs(path)).bearer_auth(stranger.token.reveal());
            let body = body.map(Value::to_string).unwrap_or_default();
            t.send(request.header("content-type", "application/json").body(body)).await
        };
        let user = ask("POST", "/Users", Some(&json!({"userName": "zed@example.org"}))).await.expect(201);
        let user = user["id"].as_str().unwrap();
        let group = json!({"displayName": "Theirs", "members": [{"value": user}]});
        let group = ask("POST", "/Groups", Some(&group)).await.expect(201);
        let group = group["id"].as_str().unwrap();
        let before = (ask("GET", "/Users", None).await.text, ask("GET", "/Groups", None).await.text);

        let body = json!({"userName": "taken@example.com", "displayName": "Taken"});
        for path in [format!("/Users/{user}"), format!("/Groups/{group}")] {
            t.scim("GET", &path, None).await.scim_error(404, None);
            t.scim("PUT", &path, Some(&body)).await.scim_error(404, None);
            t.patch(&path, json!([{"op": "replace", "path": "displayName", "value": "Taken"}])).await.scim_error(404, None);
            t.scim("DELETE", &path, None).await.scim_error(404, None);
        }
        let members = json!([{"value": user}]);
        for answer in [
            t.scim("POST", "/Groups", Some(&json!({"displayName": "New", "members": members}))).await,
            t.scim("PUT", &world.group, Some(&json!({"displayName": "Sales", "members": members}))).await,
            t.patch(&world.group, json!([{"op": "add", "path": "members", "value": members}])).await,
        ] {
            answer.scim_error(400, Some("invalidValue"));
        }
        for filter in [format!("id eq \"{user}\""), format!("groups.value eq \"{group}\"")] {
            assert_eq!(t.find("/Users", &filter).await, Vec::<String>::new(), "{filter}");
        }
        assert_eq!(t.find("/Groups", &format!("members eq \"{user}\"")).await, Vec::<String>::new());
        world.is_untouched(t).await;
        assert_eq!((ask("GET", "/Users", None).await.text, ask("GET", "/Groups", None).await.text), before);
    }
}
