//! Who may call what: every route without a credential, with one for another account, and with one
//! that lacks the permission. A new route that none of this visits fails here.

use crate::harness::{Answer, Server, both, create_account};
use serde_json::json;

/// Routes that need no credential by their nature.
const OPEN: [&str; 6] = ["/", "/sign-in", "/assets/provost.css", "/healthz", "/readyz", "/metrics"];

/// Routes of people with a browser: a cookie opens them, no token.
const PAGES: [&str; 2] = ["/sign-out", "/dashboard"];

/// Calls a route, with ids of the account that `t` is.
async fn call(t: &Server, method: &str, path: &str, id: &str, token: Option<&str>) -> Answer {
    let path = path
        .replace("{account_id}", t.account.account.id.as_str())
        .replace("{id}", id)
        .replace("{member_id}", id);
    let method = if method == "ANY" { "GET" } else { method };
    let mut request = t.request(method, &format!("{}{path}", t.url));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if matches!(method, "POST" | "PUT" | "PATCH") {
        let body = json!({"name": "X", "userName": "x@x", "displayName": "X", "email": "x@x"});
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    t.send(request).await
}

fn guarded() -> impl Iterator<Item = (&'static str, &'static str)> {
    server::http::routes()
        .into_iter()
        .map(|(method, path, _)| (method, path))
        .filter(|(_, path)| !OPEN.contains(path) && !PAGES.contains(path))
}

both! {
    async fn no_credential_opens_nothing(t) {
        let id = t.user("ada@example.com").await;
        for (method, path) in guarded() {
            let answer = call(t, method, path, &id, None).await;
            assert_eq!(answer.status, 401, "{method} {path}");
            assert!(answer.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
            for garbage in ["garbage", "pvat_0", t.scim_token.trim_end_matches(char::is_alphanumeric)] {
                let answer = call(t, method, path, &id, Some(garbage)).await;
                assert_eq!(answer.status, 401, "{method} {path} {garbage}");
            }
        }
        for path in PAGES {
            let method = if path == "/sign-out" { "POST" } else { "GET" };
            assert_eq!(call(t, method, path, &id, Some(&t.scim_token)).await.status, 401, "{path}");
        }
        for path in OPEN {
            let status = t.get(path).await.status;
            assert!(matches!(status, 200 | 303 | 401), "{path} {status}");
        }
    }

    /// Account B calls every route of account A, and with A's ids in its own account.
    async fn another_account_sees_and_changes_nothing(t) {
        let ada = t.user("ada@example.com").await;
        let group = t.group("Design", &[&ada]).await;
        let before = (t.scim("GET", "/Users", None).await.text, t.events().await.len());
        let other = create_account(&t.app, "Other", "other@example.com").await;
        let theirs = other.token.reveal().to_owned();
        for (method, path) in guarded().filter(|(_, path)| path.contains("{account_id}")) {
            for id in [&ada, &group] {
                let answer = call(t, method, path, id, Some(&theirs)).await;
                assert!(matches!(answer.status, 403 | 404), "{method} {path}: {}", answer.status);
                assert!(!answer.text.contains("ada@example.com"), "{method} {path}");
            }
        }
        // Their own account, our ids.
        for (method, path) in guarded().filter(|(_, path)| path.contains("{id}")) {
            if path.contains("/ResourceTypes/") || path.contains("/Schemas/") {
                continue;
            }
            for id in [&ada, &group] {
                let path = path.replace("{account_id}", other.account.id.as_str());
                let answer = call(t, method, &path, id, Some(&theirs)).await;
                // A body that is wrong in itself may be refused before the id is looked for.
                assert!(matches!(answer.status, 400 | 404), "{method} {path}: {}", answer.status);
            }
        }
        let listed = t.request("GET", &format!("{}/client/v4/accounts", t.url)).bearer_auth(&theirs);
        let listed = t.send(listed).await.expect(200);
        assert_eq!(listed["result_info"]["total_count"], 1);
        let after = (t.scim("GET", "/Users", None).await.text, t.events().await.len());
        assert_eq!(before, after);
    }

    async fn a_token_without_the_permission_is_refused(t) {
        let id = t.user("ada@example.com").await;
        let before = t.events().await.len();
        let account_only = t.token(&["Account Settings Read"], None).await;
        let scim_only = t.token(&["SCIM Provisioning Read"], None).await;
        for (method, path) in guarded() {
            if path == "/client/v4/accounts" {
                continue;
            }
            let reading = method == "GET" || path.ends_with("/.search");
            let scim = path.contains("/scim/v2");
            // There is nobody to write to; its own tests have more.
            if path.ends_with("/Me") && !reading {
                continue;
            }
            // The one that lacks what this route needs.
            let token = if scim && reading {
                &account_only
            } else if scim || !reading || path != "/client/v4/accounts/{account_id}" {
                &scim_only
            } else {
                continue;
            };
            let answer = call(t, method, path, &id, Some(token)).await;
            assert_eq!(answer.status, 403, "{method} {path}: {}", answer.text);
            assert!(answer.text.contains("permission `"), "{method} {path}: {}", answer.text);
        }
        assert_eq!(t.events().await.len(), before + 2, "only the two tokens");
    }

    /// A personal token does what its owner may and no more, and ends with the membership.
    async fn a_personal_token_never_exceeds_its_owner(t) {
        let id = t.user("ada@example.com").await;
        let token = t.token(&["Account Settings Write", "SCIM Provisioning Write"], Some("ada@example.com")).await;
        let members = "/client/v4/accounts/{account_id}/members";
        assert_eq!(call(t, "GET", members, &id, Some(&token)).await.status, 403);
        t.grant(&id, "Administrator Read Only").await;
        assert_eq!(call(t, "GET", members, &id, Some(&token)).await.status, 200);
        assert_eq!(call(t, "POST", members, &id, Some(&token)).await.status, 403);
        let users = "/client/v4/accounts/{account_id}/scim/v2/Users";
        assert_eq!(call(t, "GET", users, &id, Some(&token)).await.status, 200);
        assert_eq!(call(t, "POST", users, &id, Some(&token)).await.status, 403);
    }

    async fn tokens_come_as_each_client_sends_them(t) {
        let url = t.scim_url("/Users");
        let basic = format!("Basic {}", base64(&format!("any:{}", t.scim_token)));
        for header in [
            format!("Bearer {}", t.scim_token),
            format!("bearer   {}", t.scim_token),
            t.scim_token.clone(),
            basic,
        ] {
            let answer = t.send(t.request("GET", &url).header("authorization", &header)).await;
            assert_eq!(answer.status, 200, "{}", header.split(' ').next().unwrap_or_default());
        }
    }
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
