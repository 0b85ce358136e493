//! More than anybody needs: each limit says what it is, and just below it everything works.

use super::{World, send_bytes};
use crate::harness::{Server, both};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const BODY_BYTES: usize = 4 * 1024 * 1024;

/// Refuses a filter wherever a filter can stand: in a query, and in a PATCH path.
async fn refuse(t: &Server, world: &World, filter: &str, says: &str) {
    let query = utf8_percent_encode(filter, NON_ALPHANUMERIC).to_string();
    // A longer URL does not reach us (RFC 9110 section 15.5.15).
    if query.len() < 60_000 {
        let detail = t
            .scim("GET", &format!("/Users?filter={query}"), None)
            .await
            .scim_error(400, Some("invalidFilter"));
        assert!(detail.contains(says), "{detail}");
        assert!(detail.len() < 300, "{detail}");
    }
    for (place, name) in [(&world.user, "emails"), (&world.group, "members")] {
        let patch = json!([{"op": "remove", "path": format!("{name}[{filter}]")}]);
        let answer = t.patch(place, patch).await;
        let kind = if says == "bytes" { "invalidPath" } else { "invalidFilter" };
        let detail = answer.scim_error(400, Some(kind));
        assert!(detail.contains(says), "{detail}");
    }
}

fn nested(depth: usize, filter: &str) -> String {
    format!("{}{filter}{}", "(".repeat(depth), ")".repeat(depth))
}

fn terms(count: usize) -> String {
    vec!["value eq \"x\""; count].join(" or ")
}

both! {
    async fn a_body_over_four_mebibytes_is_a_413(t) {
        let world = World::new(t).await;
        for size in [BODY_BYTES + 1, 5 * BODY_BYTES] {
            for (method, path) in world.writes() {
                let body = format!("{{\"userName\":\"{}\"}}", "x".repeat(size - 15));
                assert_eq!(body.len(), size);
                let answer = send_bytes(t, method, &path, body).await;
                let detail = answer.scim_error(413, None);
                assert!(detail.contains("4194304"), "{detail}");
            }
        }
        world.is_untouched(t).await;
        let mut body = String::from("{\"userName\":\"new@example.com\"}");
        body.push_str(&" ".repeat(BODY_BYTES - body.len()));
        send_bytes(t, "POST", "/Users", body).await.expect(201);
    }

    async fn json_two_hundred_levels_deep_is_invalid_syntax(t) {
        let world = World::new(t).await;
        for depth in [200, 100_000] {
            let lists = format!("{{\"userName\":\"x\",\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            let objects = format!("{}1{}", "{\"x\":".repeat(depth), "}".repeat(depth));
            let open = "[".repeat(depth);
            for body in [&lists, &objects, &open] {
                for (method, path) in world.writes() {
                    send_bytes(t, method, &path, body.as_str()).await.scim_error(400, Some("invalidSyntax"));
                }
            }
        }
        world.is_untouched(t).await;
        let depth = 100;
        let body = format!("{{\"userName\":\"new@example.com\",\"x\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        send_bytes(t, "POST", "/Users", body).await.expect(201);
    }

    async fn a_filter_nests_no_deeper_than_32(t) {
        let world = World::new(t).await;
        refuse(t, &world, &nested(33, "value eq \"x\""), "deep").await;
        refuse(t, &world, &format!("{}value eq \"x\"{}", "not (".repeat(33), ")".repeat(33)), "deep").await;
        refuse(t, &world, &"(".repeat(8_000), "deep").await;
        world.is_untouched(t).await;
        for filter in [nested(32, "userName eq \"ann@example.com\""),
            format!("{}userName eq \"ann@example.com\"{}", "not (".repeat(32), ")".repeat(32))]
        {
            assert_eq!(t.find("/Users", &filter).await, [world.id()]);
        }
    }

    async fn a_filter_has_no_more_than_128_comparisons(t) {
        let world = World::new(t).await;
        refuse(t, &world, &terms(129), "too many comparisons").await;
        world.is_untouched(t).await;
        for (name, join) in [("userName", " and "), ("userName", " or "), ("emails.value", " and "), ("emails.value", " or "),
            ("emails[type eq \"work\"].value", " or "), ("groups.display", " or ")]
        {
            // Brackets count as comparisons too.
            let count = if name.contains('[') { 64 } else { 128 };
            let value = if name.starts_with("groups") { "Sales" } else { "ann@example.com" };
            let filter = vec![format!("{name} eq \"{value}\""); count].join(join);
            if filter.len() <= 8_192 {
                assert_eq!(t.find("/Users", &filter).await, [world.id()], "{name}{join}");
            }
        }
        // The widest condition that the length allows.
        let wide = vec!["title co \"y\" or"; 127].join(" ") + " userName sw ann";
        assert_eq!(t.find("/Users", &wide).await, [world.id()]);
    }

    async fn a_filter_is_no_longer_than_8_kibibytes(t) {
        let world = World::new(t).await;
        refuse(t, &world, &format!("value eq \"{}\"", "x".repeat(8_192)), "bytes").await;
        refuse(t, &world, &nested(100_000, "value eq \"x\""), "bytes").await;
        refuse(t, &world, &"[".repeat(100_000), "bytes").await;
        world.is_untouched(t).await;
        let long = format!("userName eq \"{}\"", "x".repeat(8_192 - 14));
        assert_eq!(long.len(), 8_192);
        assert_eq!(t.find("/Users", &long).await, Vec::<String>::new());
    }

    async fn a_patch_has_no_more_than_1000_operations(t) {
        let world = World::new(t).await;
        let operations = |count: usize| -> Value {
            (0..count).map(|number| json!({"op": "replace", "path": "displayName", "value": number.to_string()})).collect()
        };
        for place in [&world.user, &world.group] {
            let detail = t.patch(place, operations(1001)).await.scim_error(400, Some("invalidValue"));
            assert!(detail.contains("1001") && detail.contains("1000"), "{detail}");
        }
        world.is_untouched(t).await;
        assert_eq!(t.patch(&world.user, operations(1000)).await.expect(200)["displayName"], "999");
        assert_eq!(t.patch(&world.group, operations(1000)).await.status, 204);
    }

    async fn a_request_names_no_more_than_20000_members(t) {
        let world = World::new(t).await;
        let members: Value = (0..20_001).map(|number| json!({"value": format!("{number:032x}")})).collect();
        let body = json!({"displayName": "New", "members": members});
        let answers = [
            t.scim("POST", "/Groups", Some(&body)).await,
            t.scim("PUT", &world.group, Some(&body)).await,
            t.patch(&world.group, json!([{"op": "add", "path": "members", "value": members}])).await,
            t.patch(&world.group, json!([{"op": "remove", "path": "members", "value": members}])).await,
            t.patch(&world.group, json!([{"op": "replace", "value": body}])).await,
        ];
        for answer in answers {
            let detail = answer.scim_error(400, Some("invalidValue"));
            assert!(detail.contains("20000"), "{detail}");
        }
        // As many as allowed are looked up, and the first unknown one is named.
        let fewer: Vec<&Value> = members.as_array().unwrap().iter().take(20_000).collect();
        let patch = json!([{"op": "add", "path": "members", "value": fewer}]);
        let detail = t.patch(&world.group, patch).await.scim_error(400, Some("invalidValue"));
        assert!(detail.contains(&format!("`{:032x}`", 0)), "{detail}");
        world.is_untouched(t).await;
    }

    async fn a_value_and_a_list_have_an_end(t) {
        let world = World::new(t).await;
        let long = "x".repeat(64 * 1024 + 1);
        let emails: Vec<Value> = (0..501).map(|number| json!({"value": format!("{number}@x")})).collect();
        for (name, value, says) in [("title", json!(long), "65536"), ("externalId", json!("x".repeat(513)), "512"), ("emails", json!(emails), "500"),
            ("name", json!({"givenName": long}), "65536")]
        {
            let body = json!({"userName": "new@example.com", name: value});
            let patch = json!([{"op": "add", "value": {name: value}}]);
            for answer in [t.scim("POST", "/Users", Some(&body)).await, t.scim("PUT", &world.user, Some(&body)).await,
                t.patch(&world.user, patch).await]
            {
                let detail = answer.scim_error(400, Some("invalidValue"));
                assert!(detail.contains(says) && detail.len() < 300, "{detail}");
            }
        }
        // Not by many operations either.
        let grow: Value = emails.iter().map(|email| json!({"op": "add", "path": "emails", "value": [email]})).collect();
        t.patch(&world.user, grow).await.scim_error(400, Some("invalidValue"));
        world.is_untouched(t).await;
        // No letter twice in a row, or PostgreSQL would make it short enough for anything.
        let external: String = (0..512).filter_map(|number| char::from_u32(0x1f000 + number * 7 % 1021)).collect();
        let body = json!({"userName": "new@example.com", "title": "x".repeat(64 * 1024), "emails": emails[..500],
            "externalId": external});
        t.scim("POST", "/Users", Some(&body)).await.expect(201);
        assert_eq!(t.find("/Users", &format!("externalId eq \"{external}\"")).await.len(), 1);
        let group = json!({"displayName": "New", "externalId": "x".repeat(513)});
        t.scim("POST", "/Groups", Some(&group)).await.scim_error(400, Some("invalidValue"));
    }
}
