//! Patches that mean nothing, or nothing allowed.

use super::{ENTERPRISE, World};
use crate::harness::both;
use serde_json::json;

both! {
    async fn an_unknown_path_is_an_invalid_path(t) {
        let world = World::new(t).await;
        for path in [
            "nonsense", "emails.nonsense", "name.first", "userName.value", "urn:example:x", "urn:example:x:y",
            "emails[type eq \"work\"].nonsense", "emails[type eq \"work\"]x", "emails[type eq \"work\"].", "a..b", ".",
            "name.givenName.x", "[type eq \"work\"]", "user name", "emails]", "5", "é", "'; DROP TABLE resource; --",
        ] {
            for op in ["add", "replace", "remove"] {
                let patch = json!([{"op": op, "path": path, "value": "x"}]);
                t.patch(&world.user, patch).await.scim_error(400, Some("invalidPath"));
            }
        }
        let foreign = format!("{ENTERPRISE}:nonsense");
        for (place, path) in [(&world.user, foreign.as_str()), (&world.group, "userName"), (&world.group, "members.nonsense")] {
            let patch = json!([{"op": "add", "path": path, "value": "x"}]);
            let detail = t.patch(place, patch).await.scim_error(400, Some("invalidPath"));
            assert!(detail.contains(path), "{detail}");
        }
        world.is_untouched(t).await;
    }

    async fn a_bad_filter_in_a_path_is_an_invalid_filter(t) {
        let world = World::new(t).await;
        for path in [
            "emails[", "emails[]", "emails[type]", "emails[type eq]", "emails[type eq \"work]", "emails[type eq \"work\"",
            "emails[type xx \"work\"]", "emails[nonsense eq \"x\"]", "emails[type eq \"a\" and]", "emails[primary gt true]",
            "emails[emails[type eq \"a\"]]", "userName[value eq \"x\"]", "emails[value eq \"\\ud800\"]", "emails[value eq \"\u{0}\"]",
        ] {
            for op in ["add", "replace", "remove"] {
                let patch = json!([{"op": op, "path": path, "value": {"value": "x"}}]);
                let answer = t.patch(&world.user, patch).await;
                assert_eq!(answer.status, 400, "{op} {path}: {}", answer.text);
                answer.scim_error(400, Some("invalidFilter"));
            }
        }
        for path in ["members[value eq", "members[nonsense eq \"x\"]", "members[value eq \"\u{0}\"]"] {
            t.patch(&world.group, json!([{"op": "remove", "path": path}])).await.scim_error(400, Some("invalidFilter"));
        }
        world.is_untouched(t).await;
    }

    async fn what_is_read_only_or_required_says_mutability(t) {
        let world = World::new(t).await;
        for path in ["id", "meta", "meta.created", "meta.resourceType", "groups", "groups.value"] {
            for op in ["add", "replace", "remove"] {
                let patch = json!([{"op": op, "path": path, "value": "x"}]);
                let detail = t.patch(&world.user, patch).await.scim_error(400, Some("mutability"));
                assert!(detail.contains(path), "{detail}");
            }
        }
        for (place, name) in [(&world.user, "userName"), (&world.group, "displayName")] {
            for patch in [json!([{"op": "remove", "path": name}]), json!([{"op": "replace", "path": name, "value": null}]),
                json!([{"op": "replace", "value": {name: ""}}])]
            {
                t.patch(place, patch).await.scim_error(400, Some("mutability"));
            }
        }
        let only = format!("members[value eq \"{}\"].value", world.id());
        t.patch(&world.group, json!([{"op": "replace", "path": only, "value": "x"}])).await.scim_error(400, Some("mutability"));
        world.is_untouched(t).await;
    }

    async fn what_is_not_there_is_no_target(t) {
        let world = World::new(t).await;
        for operation in [
            json!({"op": "remove"}),
            json!({"op": "Remove", "path": "", "value": {"title": "x"}}),
            json!({"op": "remove", "path": "emails[type eq \"other\"]"}),
            json!({"op": "replace", "path": "emails[type ne \"work\"].value", "value": "x"}),
            json!({"op": "replace", "path": "emails[value co \"nowhere\"]", "value": {"type": "home"}}),
        ] {
            t.patch(&world.user, json!([operation])).await.scim_error(400, Some("noTarget"));
        }
        world.is_untouched(t).await;
    }

    async fn an_operation_that_is_none_is_refused(t) {
        let world = World::new(t).await;
        for (operation, kind) in [
            (json!("replace"), "invalidSyntax"),
            (json!(null), "invalidSyntax"),
            (json!({"path": "title", "value": "x"}), "invalidSyntax"),
            (json!({"op": "move", "path": "title", "value": "x"}), "invalidSyntax"),
            (json!({"op": 5, "path": "title", "value": "x"}), "invalidSyntax"),
            (json!({"op": "add", "Op": "remove", "path": "title", "value": "x"}), "invalidSyntax"),
            (json!({"op": "add", "path": 5, "value": "x"}), "invalidPath"),
            (json!({"op": "add", "path": ["title"], "value": "x"}), "invalidPath"),
            (json!({"op": "add", "path": "title"}), "invalidValue"),
            (json!({"op": "replace"}), "invalidValue"),
            (json!({"op": "replace", "value": "x"}), "invalidValue"),
            (json!({"op": "replace", "value": 5}), "invalidValue"),
            (json!({"op": "replace", "value": [{}, {}]}), "invalidValue"),
        ] {
            for place in [&world.user, &world.group] {
                let detail = t.patch(place, json!([operation])).await.scim_error(400, Some(kind));
                assert!(detail.starts_with("operation 1"), "{operation}: {detail}");
            }
        }
        for body in [json!({}), json!({"Operations": null}), json!({"Operations": {}}), json!({"Operations": "x"}),
            json!({"Operations": [], "operations": []})]
        {
            for place in [&world.user, &world.group] {
                t.scim("PATCH", place, Some(&body)).await.scim_error(400, Some("invalidSyntax"));
            }
        }
        world.is_untouched(t).await;
    }

    /// The last of many fails: the ones before it were never done, and it says which one it was.
    async fn a_patch_is_done_whole_or_not_at_all(t) {
        let world = World::new(t).await;
        let bob = t.user("bob@example.com").await;
        let before = t.everything().await;
        let user = json!([
            {"op": "replace", "path": "active", "value": false},
            {"op": "replace", "path": "displayName", "value": "Changed"},
            {"op": "replace", "path": "emails[type ne \"work\"].value", "value": "x"},
        ]);
        let detail = t.patch(&world.user, user).await.scim_error(400, Some("noTarget"));
        assert!(detail.starts_with("operation 3"), "{detail}");
        for last in [
            json!({"op": "add", "path": "members", "value": [{"value": "nobody"}]}),
            json!({"op": "replace", "path": "displayName", "value": "CF"}),
        ] {
            let group = json!([
                {"op": "remove", "path": "members"},
                {"op": "add", "path": "members", "value": [{"value": bob}]},
                {"op": "replace", "path": "externalId", "value": "x"},
                last,
            ]);
            t.patch(&world.group, group).await.scim_error(400, Some("invalidValue"));
        }
        assert_eq!(t.everything().await, before);
    }
}
