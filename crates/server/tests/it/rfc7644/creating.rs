//! Section 3.3: creating resources. Section 3.9: what their answers show.

use super::{ENTERPRISE, GROUP, USER, make};
use crate::harness::both;
use serde_json::json;

both! {
    /// Section 3.3 and 3.3.1: what the server decides is ignored when it is sent, the type of the resource too.
    async fn what_is_the_servers_is_ignored(t) {
        let other = t.user("other@example.com").await;
        let theirs = t.group("Theirs", &[&other]).await;
        let meta = json!({"resourceType": "Robot", "created": "1999-01-01T00:00:00Z", "lastModified": 5,
            "location": "https://elsewhere.example/Users/1", "version": "W/\"99\""});
        let user = json!({"schemas": [USER, ENTERPRISE], "id": other, "meta": meta, "userName": "ann@example.com",
            "groups": [{"value": theirs}], ENTERPRISE: {"manager": {"value": other, "displayName": "Nobody"}}});
        let group = json!({"schemas": [GROUP], "id": theirs, "meta": meta, "displayName": "Sales"});
        for (endpoint, body, kind) in [("/Users", user, "User"), ("/Groups", group, "Group")] {
            let made = t.scim("POST", endpoint, Some(&body)).await;
            let shown = made.expect(201);
            let id = shown["id"].as_str().expect("an id");
            assert!(id != other && id != theirs);
            assert_eq!(shown["meta"]["resourceType"], kind);
            assert_eq!(shown["meta"]["location"], made.header("location"));
            assert_eq!(made.header("location"), t.scim_url(&format!("{endpoint}/{id}")));
            assert_eq!(shown["meta"]["version"], made.header("etag"));
            assert_ne!(shown["meta"]["version"], meta["version"]);
            assert_ne!(shown["meta"]["created"], meta["created"]);
            assert!(shown["meta"]["lastModified"].is_string());
            assert_eq!((shown.get("groups"), shown.get("members")), (None, None));
            assert!(!made.text.contains("Nobody") && !made.text.contains("Robot"), "{}", made.text);
        }
        assert_eq!(t.members(&theirs).await, [other]);
    }

    /// Section 3.9: every operation that answers with a resource shows the attributes that were asked for, and
    /// those that are always there.
    async fn every_answer_shows_what_was_asked_for(t) {
        let made = json!({"schemas": [USER], "userName": "ann@example.com", "title": "boss", "nickName": "Annie"});
        let path = make(t, made.clone()).await;
        let patch = json!({"Operations": [{"op": "replace", "path": "nickName", "value": "Ann"}]});
        let mut other = made.clone();
        other["userName"] = json!("bob@example.com");
        for (method, place, body, status) in [
            ("POST", "/Users", Some(&other), 201),
            ("PUT", path.as_str(), Some(&made), 200),
            ("PATCH", path.as_str(), Some(&patch), 200),
            ("GET", path.as_str(), None, 200),
        ] {
            if method == "POST" {
                let chosen = t.scim(method, &format!("{place}?attributes=TITLE"), body).await.expect(status);
                assert_eq!(chosen, json!({"schemas": [USER], "id": chosen["id"], "title": "boss"}));
                continue;
            }
            let id = &path["/Users/".len()..];
            let chosen = t.scim(method, &format!("{place}?attributes=TITLE,nothing"), body).await.expect(status);
            assert_eq!(chosen, json!({"schemas": [USER], "id": id, "title": "boss"}), "{method}");
            let rest = "excludedAttributes=id,schemas,meta,nickName,active";
            let rest = t.scim(method, &format!("{place}?{rest}"), body).await.expect(status);
            let expected = json!({"schemas": [USER], "id": id, "userName": "ann@example.com", "title": "boss"});
            assert_eq!(rest, expected, "{method}");
        }
    }
}
