//! The door and the page behind it.

use crate::harness::{SUPER_ADMIN, Server, both};

async fn page(t: &Server, cookie: &str, path: &str) -> crate::harness::Answer {
    t.send(t.request("GET", &format!("{}{path}", t.url)).header("cookie", cookie)).await
}

both! {
    async fn a_link_opens_the_dashboard_once(t) {
        let link = server::service::sign_in::make_link(&t.app, &t.operator(), SUPER_ADMIN)
            .await
            .expect("a link");
        let path = format!("/sign-in?token={}", link.reveal());
        let scanned = t.send(t.request("HEAD", &format!("{}{path}", t.url))).await;
        assert_eq!(scanned.status, 200);
        let entered = t.get(&path).await;
        assert_eq!((entered.status, entered.header("location")), (303, "/dashboard"));
        let cookie = entered.header("set-cookie").to_owned();
        for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        assert!(!cookie.contains(link.reveal()));
        let again = t.get(&path).await;
        assert_eq!(again.status, 401);
        assert!(again.text.contains("provost sign-in-link"));
    }

    async fn the_page_shows_members_groups_and_changes(t) {
        let ada = t.user("ada@example.com").await;
        t.group("Design & <Build>", &[&ada]).await;
        let cookie = t.cookie(SUPER_ADMIN).await;
        let shown = page(t, &cookie, "/dashboard").await;
        assert_eq!(shown.status, 200);
        for text in ["ada@example.com", "Given Family", "Create SCIM Group", "Minimal Account Access"] {
            assert!(shown.text.contains(text), "{text}");
        }
        assert!(!shown.text.contains("<Build>"), "names are escaped");
        for (name, value) in [
            ("content-security-policy", "default-src 'none'"),
            ("cache-control", "no-store"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert!(shown.header(name).contains(value), "{name}");
        }
        assert!(!shown.header("content-security-policy").contains("unsafe"));
        let found = page(t, &cookie, "/dashboard?q=ADA").await;
        assert!(found.text.contains("ada@example.com"));
        let nobody = page(t, &cookie, "/dashboard?q=%22%3E%3Cscript%3E").await;
        assert!(nobody.text.contains("Show all members") && !nobody.text.contains("<script>"));
    }

    /// One who may not see members sees neither them nor the log.
    async fn the_page_shows_what_its_viewer_may_see(t) {
        t.user("ada@example.com").await;
        t.user("bob@example.com").await;
        let cookie = t.cookie("ada@example.com").await;
        let shown = page(t, &cookie, "/dashboard").await;
        assert_eq!(shown.status, 200);
        assert!(!shown.text.contains("bob@example.com") && !shown.text.contains("Latest changes"));
        assert!(shown.text.contains("Super Administrator can change that"));
    }

    async fn signing_out_ends_the_session(t) {
        let cookie = t.cookie(SUPER_ADMIN).await;
        let url = format!("{}/sign-out", t.url);
        let foreign = t.request("POST", &url).header("cookie", &cookie).header("origin", "http://evil.example");
        assert_eq!(t.send(foreign).await.status, 400);
        assert_eq!(page(t, &cookie, "/dashboard").await.status, 200);
        let own = t.request("POST", &url).header("cookie", &cookie).header("sec-fetch-site", "same-origin");
        assert_eq!(t.send(own).await.status, 200);
        assert_eq!(page(t, &cookie, "/dashboard").await.status, 401);
    }

    async fn an_invited_member_accepts_by_coming(t) {
        let billing = domain::role::named("Billing").expect("a role").id();
        let body = serde_json::json!({"email": "new@example.com", "roles": [billing]});
        let made = t.api("POST", "/members", Some(&body)).await.expect(200);
        t.cookie("new@example.com").await;
        let path = format!("/members/{}", made["result"]["id"].as_str().expect("an id"));
        assert_eq!(t.api("GET", &path, None).await.expect(200)["result"]["status"], "accepted");
    }

    async fn machines_can_watch(t) {
        assert_eq!(t.get("/healthz").await.text, "ok");
        assert_eq!(t.get("/readyz").await.text, "ready");
        t.scim("GET", "/Users", None).await;
        let odd = t.send(t.request("BREW", &format!("{}/healthz", t.url))).await;
        assert_eq!(odd.status, 405);
        let metrics = t.get("/metrics").await.text;
        assert!(!metrics.contains("BREW") && metrics.contains("method=\"other\""), "{metrics}");
        assert!(metrics.contains("provost_http_request_duration_seconds"), "{metrics}");
        assert!(metrics.contains("/client/v4/accounts/{account_id}/scim/v2/Users"), "{metrics}");
        assert!(!metrics.contains(t.account.account.id.as_str()), "labels hold routes, not ids");
    }
}
