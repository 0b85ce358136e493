//! `/Me` (RFC 7644 section 3.11): the resource of whoever asks.

use crate::harness::{Answer, Server, both, create_account};
use domain::role::SUPER_ADMINISTRATOR;
use serde_json::{Value, json};

const WRITE: &[&str] = &["SCIM Provisioning Write"];

/// A user with the power to provision, and a personal token of theirs.
async fn administrator(t: &Server, email: &str) -> (String, String) {
    let id = t.user(email).await;
    t.grant(&id, SUPER_ADMINISTRATOR).await;
    (id, t.token(WRITE, Some(email)).await)
}

async fn me(
    t: &Server,
    token: &str,
    method: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    at(t, token, method, "/Me", headers, body).await
}

async fn at(
    t: &Server,
    token: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let mut request = t.request(method, &t.scim_url(path)).bearer_auth(token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/scim+json").body(body.to_string());
    }
    t.send(request).await
}

both! {
    /// RFC 7644 section 3.11: the resource as at its own place, and in any response where that is.
    async fn a_person_reads_and_changes_their_own_resource(t) {
        let (id, token) = administrator(t, "ann@example.com").await;
        let place = t.scim_url(&format!("/Users/{id}"));
        let own = me(t, &token, "GET", &[], None).await;
        assert_eq!(own.header("location"), place);
        assert_eq!(own.expect(200), t.read(&format!("/Users/{id}")).await);
        assert_eq!(own.json()["meta"]["location"], place);
        let parts = at(t, &token, "GET", "/me/?attributes=userName", &[], None).await;
        assert_eq!(parts.expect(200), json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": "ann@example.com"}));

        let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add", "path": "title", "value": "boss"}]});
        let patched = me(t, &token, "PATCH", &[], Some(&patch)).await;
        assert_eq!((&patched.expect(200)["title"], patched.header("location")), (&json!("boss"), &*place));
        let body = json!({"userName": "ann@example.com", "nickName": "Annie"});
        let put = me(t, &token, "PUT", &[], Some(&body)).await;
        assert_eq!((&put.expect(200)["nickName"], put.json().get("title"), put.header("location")), (&json!("Annie"), None, &*place));
        assert_eq!(t.read(&format!("/Users/{id}")).await, put.json());

        // Conditions hold here as they do there.
        let tag = put.header("etag").to_owned();
        let same = me(t, &token, "GET", &[("if-none-match", &tag)], None).await;
        assert_eq!((same.status, same.header("etag"), same.header("location")), (304, &*tag, &*place));
        let stale = me(t, &token, "PUT", &[("if-match", "W/\"1\"")], Some(&body)).await;
        stale.scim_error(412, None);
        assert_eq!(stale.header("location"), place);
        let wrong = me(t, &token, "PUT", &[], Some(&json!({"userName": 5}))).await;
        wrong.scim_error(400, Some("invalidValue"));

        let gone = me(t, &token, "DELETE", &[], None).await;
        assert_eq!((gone.status, gone.header("location")), (204, &*place));
        t.scim("GET", &format!("/Users/{id}"), None).await.scim_error(404, None);
        // The token went with its owner, in the same transaction.
        me(t, &token, "GET", &[], None).await.scim_error(401, None);
    }

    /// A person needs no permission to see who they are, and the usual one to change it.
    async fn reading_oneself_needs_no_permission(t) {
        let id = t.user("ann@example.com").await;
        let token = t.token(&["Account Settings Read"], Some("ann@example.com")).await;
        assert_eq!(me(t, &token, "GET", &[], None).await.expect(200)["id"], id);
        let before = t.read(&format!("/Users/{id}")).await;
        let token = t.token(WRITE, Some("ann@example.com")).await;
        let body = json!({"userName": "ann@example.com", "active": false});
        let patch = json!({"Operations": [{"op": "replace", "path": "userName", "value": "root@example.com"}]});
        for (method, body) in [("PUT", Some(&body)), ("PATCH", Some(&patch)), ("DELETE", None)] {
            me(t, &token, method, &[], body).await.scim_error(403, None);
        }
        at(t, &token, "GET", "/Users", &[], None).await.scim_error(403, None);
        assert_eq!(t.read(&format!("/Users/{id}")).await, before);
    }

    /// RFC 7644 section 3.11: 501 where there is nobody to be "me".
    async fn a_token_of_the_account_is_nobody(t) {
        let body = json!({"userName": "ann@example.com"});
        for (method, body) in [("GET", None), ("PUT", Some(&body)), ("PATCH", Some(&body)), ("DELETE", None)] {
            let detail = t.scim(method, "/Me", body).await.scim_error(501, None);
            assert!(detail.contains("personal"), "{detail}");
        }
    }

    /// Somebody whom no identity provider has sent is a member and no SCIM user.
    async fn a_person_without_a_resource_is_a_404(t) {
        let token = t.token(WRITE, Some(crate::harness::SUPER_ADMIN)).await;
        let patch = json!({"Operations": [{"op": "add", "path": "title", "value": "boss"}]});
        let body = json!({"userName": crate::harness::SUPER_ADMIN});
        for (method, body) in [("GET", None), ("PUT", Some(&body)), ("PATCH", Some(&patch)), ("DELETE", None)] {
            me(t, &token, method, &[], body).await.scim_error(404, None);
        }
    }

    /// Who is out is out, also for themselves; and who puts themselves out is out at once.
    async fn somebody_inactive_is_a_401(t) {
        let (id, token) = administrator(t, "ann@example.com").await;
        me(t, &token, "GET", &[], None).await.expect(200);
        t.patch(&format!("/Users/{id}"), json!([{"op": "replace", "value": {"active": false}}])).await.expect(200);
        me(t, &token, "GET", &[], None).await.scim_error(401, None);
        let (_, token) = administrator(t, "bob@example.com").await;
        let out = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
        assert_eq!(me(t, &token, "PATCH", &[], Some(&out)).await.expect(200)["active"], false);
        me(t, &token, "GET", &[], None).await.scim_error(401, None);
    }

    /// The only Super Administrator can't lock everybody out by way of their own resource either.
    async fn the_only_super_administrator_is_protected_from_themselves(t) {
        let (id, token) = administrator(t, "ann@example.com").await;
        t.grant(t.account.member_id.as_str(), domain::role::MINIMAL).await;
        me(t, &token, "DELETE", &[], None).await.expect(204);
        let member = t.api("GET", &format!("/members/{id}"), None).await.expect(200);
        assert_eq!(member["result"]["status"], "accepted");
        t.grant(t.account.member_id.as_str(), SUPER_ADMINISTRATOR).await;
    }

    /// A person of one account is nobody in another.
    async fn another_account_is_out_of_reach(t) {
        let (_, token) = administrator(t, "ann@example.com").await;
        let other = create_account(&t.app, "Other", "ann@example.com").await;
        let url = format!("{}/client/v4/accounts/{}/scim/v2/Me", t.url, other.account.id);
        t.send(t.request("GET", &url).bearer_auth(token)).await.scim_error(403, None);
    }
}
