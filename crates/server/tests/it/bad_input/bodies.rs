//! Bodies that are no JSON, or no text at all.

use super::{World, send_bytes};
use crate::harness::both;

both! {
    async fn malformed_json_is_invalid_syntax(t) {
        let world = World::new(t).await;
        for body in [
            "", " ", "{", "}", "nul", "{\"userName\":}", "{\"userName\":\"x\"", "{'userName':'x'}",
            "{\"userName\":\"x\"} x", "{\"userName\":\"x\",}", "{userName:\"x\"}", "\u{feff}{\"userName\":\"x\"}",
            "{\"userName\":\"x\n\"}", "{\"userName\":\"\\x\"}", "{\"userName\":01}", "userName=x", "<User/>",
        ] {
            for (method, path) in world.writes() {
                let detail = send_bytes(t, method, &path, body).await.scim_error(400, Some("invalidSyntax"));
                assert!(detail.contains("not JSON"), "{body:?}: {detail}");
            }
        }
        world.is_untouched(t).await;
    }

    async fn json_that_is_no_object_is_invalid_syntax(t) {
        let world = World::new(t).await;
        for body in ["[]", "[{\"userName\":\"x\"}]", "\"userName\"", "42", "-0.5e3", "true", "null"] {
            for (method, path) in world.writes() {
                let detail = send_bytes(t, method, &path, body).await.scim_error(400, Some("invalidSyntax"));
                assert!(detail.contains("object"), "{body}: {detail}");
            }
        }
        world.is_untouched(t).await;
    }

    async fn bytes_that_are_no_utf_8_are_invalid_syntax(t) {
        let world = World::new(t).await;
        for bytes in [&b"\xff"[..], b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\x80"] {
            for (method, path) in world.writes() {
                let name = if path.starts_with("/Users") { "userName" } else { "displayName" };
                let start = if method == "PATCH" {
                    format!("{{\"Operations\":[{{\"op\":\"replace\",\"path\":\"{name}\",\"value\":\"")
                } else {
                    format!("{{\"{name}\":\"")
                };
                let end: &[u8] = if method == "PATCH" { b"\"}]}" } else { b"\"}" };
                let body = [start.as_bytes(), bytes, end].concat();
                send_bytes(t, method, &path, body).await.scim_error(400, Some("invalidSyntax"));
            }
            send_bytes(t, "POST", "/Users", bytes).await.scim_error(400, Some("invalidSyntax"));
        }
        world.is_untouched(t).await;
    }

    /// Half a character: JSON can spell it, no text can hold it.
    async fn lone_surrogates_are_invalid_syntax(t) {
        let world = World::new(t).await;
        for escape in ["\\ud800", "\\udc00", "\\ud800\\u0041", "\\ud800x", "\\udfff\\ud800", "\\uD83D"] {
            for body in [format!("{{\"userName\":\"{escape}\"}}"), format!("{{\"userName\":\"x\",\"{escape}\":1}}")] {
                send_bytes(t, "POST", "/Users", body.clone()).await.scim_error(400, Some("invalidSyntax"));
                send_bytes(t, "PUT", &world.user, body).await.scim_error(400, Some("invalidSyntax"));
            }
            let body = format!("{{\"Operations\":[{{\"op\":\"add\",\"path\":\"displayName\",\"value\":\"{escape}\"}}]}}");
            send_bytes(t, "PATCH", &world.user, body.clone()).await.scim_error(400, Some("invalidSyntax"));
            send_bytes(t, "PATCH", &world.group, body).await.scim_error(400, Some("invalidSyntax"));
        }
        world.is_untouched(t).await;
        // Two halves are a whole.
        let whole = send_bytes(t, "POST", "/Users", "{\"userName\":\"\\ud83d\\ude00@example.com\"}").await;
        assert_eq!(whole.expect(201)["userName"], "😀@example.com");
    }

    async fn a_body_of_another_type_is_a_415(t) {
        let world = World::new(t).await;
        for kind in [
            "text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
            "application/scim+jsonx", "text/json;charset=UTF-8", "application", "application/json, text/html",
        ] {
            for (method, path) in world.writes() {
                let request = t.request(method, &t.scim_url(&path)).bearer_auth(&t.scim_token);
                let answer = t.send(request.header("content-type", kind).body("{\"userName\":\"x\"}")).await;
                let detail = answer.scim_error(415, None);
                assert!(detail.contains("application/scim+json"), "{kind}: {detail}");
            }
        }
        world.is_untouched(t).await;
    }
}
