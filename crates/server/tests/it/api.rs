//! API v4: envelope, paging, members, roles, user groups, audit log.

use crate::harness::both;
use serde_json::{Value, json};

fn names(page: &Value, key: &str) -> Vec<String> {
    let result = page["result"].as_array().expect("a list").iter();
    result.map(|one| one[key].as_str().expect("a text").to_owned()).collect()
}

/// An identity provider that is too fast is told when to come again, and loses nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_makes_so_many_requests_a_second() {
    let scratch = store::db::scratch::Scratch::sqlite().await.expect("SQLite");
    let app = server::app::App::new(scratch.db.clone(), None).with_rate_limit(5);
    let t = crate::harness::Server::of(app, scratch).await;
    let other = t.token(&["Account Settings Read"], None).await;
    let answers = futures(&t).await;
    let refused = answers.iter().find(|answer| answer.status == 429).expect("a refusal");
    refused.scim_error(429, None);
    assert_eq!(refused.header("retry-after"), "1");
    assert!(answers.iter().filter(|answer| answer.status == 200).count() >= 5);
    let members = t.url.clone() + "/client/v4/accounts";
    t.send(t.request("GET", &members).bearer_auth(&other)).await.expect(200);
    let mut last = t.send(t.request("GET", &members).bearer_auth(&other)).await;
    while last.status == 200 {
        last = t.send(t.request("GET", &members).bearer_auth(&other)).await;
    }
    assert_eq!((last.status, last.header("retry-after")), (429, "1"), "{}", last.text);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    t.scim("GET", "/Users", None).await.expect(200);
}

async fn futures(t: &crate::harness::Server) -> Vec<crate::harness::Answer> {
    let mut answers = Vec::new();
    for _ in 0..30 {
        answers.push(t.scim("GET", "/Users?count=0", None).await);
    }
    answers
}

both! {
    async fn the_envelope_is_cloudflare_s(t) {
        let one = t.api("GET", "", None).await.expect(200);
        assert_eq!(one["success"], true);
        assert_eq!((&one["errors"], &one["messages"]), (&json!([]), &json!([])));
        assert_eq!(one["result"]["type"], "enterprise");
        let missing = t.api("GET", "/members/0", None).await.expect(404);
        assert_eq!(missing["success"], false);
        assert_eq!(missing["result"], Value::Null);
        assert!(missing["errors"][0]["code"].as_i64().is_some_and(|code| code >= 1000));
        let nowhere = t.api("GET", "/nowhere", None).await.expect(404);
        assert_eq!(nowhere["errors"][0]["code"], 7003);
        let wrong = t.api("PATCH", "/members", None).await;
        assert_eq!(wrong.expect(405)["success"], false);
    }

    /// The SDKs ask for the next page until one is empty.
    async fn pages_end_with_an_empty_one(t) {
        for number in 0..11 {
            t.user(&format!("u{number:02}@example.com")).await;
        }
        let mut seen = Vec::new();
        for page in 1..=4 {
            let path = format!("/members?page={page}&per_page=5&order=user.email&direction=desc");
            let body = t.api("GET", &path, None).await.expect(200);
            assert_eq!(body["result_info"]["total_count"], 12);
            assert_eq!(body["result_info"]["total_pages"], 3);
            seen.push(names(&body, "email"));
        }
        assert_eq!(seen.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 2, 0]);
        let mut flat = seen.concat();
        assert_eq!(flat[0], "u10@example.com");
        flat.sort();
        flat.dedup();
        assert_eq!(flat.len(), 12);
        for bad in ["page=0", "page=x", "per_page=-1", "order=color", "direction=up", "status=gone"] {
            let answer = t.api("GET", &format!("/members?{bad}"), None).await.expect(400);
            assert!(answer["errors"][0]["message"].as_str().is_some_and(|said| said.contains('`')));
        }
    }

    async fn a_member_is_invited_changed_and_removed(t) {
        let role = |name: &str| domain::role::named(name).expect("a role");
        let body = json!({"email": "Bob@example.com", "roles": [role("Billing").id()]});
        let made = t.api("POST", "/members", Some(&body)).await.expect(200);
        let id = made["result"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(made["result"]["status"], "pending");
        assert_eq!(made["result"]["roles"][0]["name"], "Billing");
        assert_eq!(made["result"]["policies"][0]["permission_groups"][0]["meta"]["label"], "billing");
        let path = format!("/members/{id}");
        let twice = t.api("POST", "/members", Some(&body)).await.expect(400);
        assert!(twice["errors"][0]["message"].as_str().is_some_and(|said| said.contains("already")));

        // Policies win over roles; what the SDK sends back besides is let through.
        let whole = made["result"]["policies"][0]["resource_groups"][0]["id"].clone();
        let body = json!({"id": id, "status": "pending", "roles": [{"id": role("DNS").id()}],
            "policies": [{"access": "allow", "permission_groups": [{"id": role("Analytics").permission_group()}],
                "resource_groups": [{"id": whole}]}]});
        let changed = t.api("PUT", &path, Some(&body)).await.expect(200);
        assert_eq!(changed["result"]["roles"][0]["name"], "Analytics");
        let body = json!({"roles": [role("DNS").id()]});
        let changed = t.api("PUT", &path, Some(&body)).await.expect(200);
        assert_eq!(changed["result"]["roles"][0]["name"], "DNS");
        for bad in [
            json!({}),
            json!({"roles": []}),
            json!({"roles": ["0".repeat(32)]}),
            json!({"policies": [{"access": "allow", "permission_groups": [{"id": "x"}], "resource_groups": [{"id": whole}]}]}),
            json!({"policies": [{"access": "allow", "permission_groups": [{"id": role("DNS").permission_group()}], "resource_groups": [{"id": "x"}]}]}),
            json!({"policies": [{"access": "maybe", "permission_groups": [], "resource_groups": []}]}),
            json!("text"),
        ] {
            t.api("PUT", &path, Some(&bad)).await.expect(400);
        }
        t.api("DELETE", &path, None).await.expect(200);
        t.api("GET", &path, None).await.expect(404);
        // The same person, invited again, is the same member.
        let body = json!({"email": "bob@example.com", "roles": [role("Billing").id()], "status": "accepted"});
        let again = t.api("POST", "/members", Some(&body)).await.expect(200);
        assert_eq!(again["result"]["id"], json!(id));
        assert_eq!(again["result"]["status"], "accepted");
        for email in ["", "nobody", "a@b@c", "a b@c", "@c"] {
            let body = json!({"email": email, "roles": [role("Billing").id()]});
            t.api("POST", "/members", Some(&body)).await.expect(400);
        }
    }

    async fn roles_are_all_there_with_the_ids_that_are_known(t) {
        let mut all = Vec::new();
        for page in 1.. {
            let body = t.api("GET", &format!("/roles?page={page}&per_page=50"), None).await.expect(200);
            let names = names(&body, "name");
            if names.is_empty() {
                break;
            }
            all.extend(names);
        }
        assert_eq!(all.len(), 70);
        let path = "/roles/33666b9c79b9a5273fc7344ff42f953d";
        let role = t.api("GET", path, None).await.expect(200);
        assert_eq!(role["result"]["name"], "Super Administrator - All Privileges");
        assert_eq!(role["result"]["permissions"]["billing"], json!({"read": true, "write": true}));
        t.api("GET", "/roles/unknown", None).await.expect(404);
    }

    async fn user_groups_and_their_members(t) {
        let (ada, bob) = (t.user("ada@example.com").await, t.user("bob@example.com").await);
        let design = t.group("Design", &[&ada, &bob]).await;
        t.group("Sales", &[]).await;
        t.grant(&design, "Billing").await;
        let page = t.api("GET", "/iam/user_groups?direction=desc", None).await.expect(200);
        assert_eq!(names(&page, "name"), ["Sales", "Design"]);
        let found = t.api("GET", "/iam/user_groups?fuzzyName=SIG", None).await.expect(200);
        assert_eq!(names(&found, "name"), ["Design"]);
        let path = format!("/iam/user_groups/{design}");
        let group = t.api("GET", &path, None).await.expect(200);
        assert_eq!(group["result"]["policies"][0]["access"], "allow");
        let page = t.api("GET", &format!("{path}/members?direction=desc"), None).await.expect(200);
        assert_eq!(names(&page, "email"), ["bob@example.com", "ada@example.com"]);
        let one = t.api("GET", &format!("{path}/members/{ada}"), None).await.expect(200);
        assert_eq!(one["result"]["user"]["email"], "ada@example.com");
        assert!(one["result"]["created_at"].is_string());
        t.api("GET", &format!("{path}/members/{}", t.account.member_id), None).await.expect(404);
    }

    async fn a_user_group_is_made_changed_and_deleted(t) {
        let group_of = |name: &str| domain::role::named(name).expect("a role").permission_group();
        let policy = |name: &str| json!({"id": "old", "access": "allow",
            "permission_groups": [{"id": group_of(name)}],
            "resource_groups": [{"id": domain::account::whole(&t.account.account.id)}]});
        let body = json!({"name": "Finance", "policies": [policy("Billing")]});
        let made = t.api("POST", "/iam/user_groups", Some(&body)).await.expect(200);
        let id = made["result"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(made["result"]["policies"][0]["permission_groups"][0]["name"], "Billing");
        let path = format!("/iam/user_groups/{id}");
        let body = json!({"name": "Money", "policies": [policy("Analytics"), policy("DNS")]});
        let changed = t.api("PUT", &path, Some(&body)).await.expect(200);
        assert_eq!(changed["result"]["name"], "Money");
        assert_eq!(changed["result"]["policies"].as_array().map(Vec::len), Some(2));
        let emptied = t.api("PUT", &path, Some(&json!({"policies": []}))).await.expect(200);
        assert_eq!(emptied["result"]["policies"], json!([]));
        for bad in [json!({"name": "CF x"}), json!({"name": " "}), json!({"policies": [{"access": "allow"}]})] {
            t.api("PUT", &path, Some(&bad)).await.expect(400);
        }
        let twin = t.api("POST", "/iam/user_groups", Some(&json!({"name": "money"}))).await;
        assert!(twin.expect(400)["errors"][0]["message"].as_str().is_some_and(|said| said.contains("already")));
        t.api("DELETE", &path, None).await.expect(200);
        t.api("GET", &path, None).await.expect(404);
    }

    /// Of a group that the identity provider manages, only the policies are edited here.
    async fn a_managed_group_keeps_its_name_and_its_life(t) {
        let id = t.group("Design", &[]).await;
        let path = format!("/iam/user_groups/{id}");
        let refused = t.api("PUT", &path, Some(&json!({"name": "Other"}))).await.expect(400);
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|said| said.contains("managed")));
        t.api("DELETE", &path, None).await.expect(400);
        let body = json!({"name": "Design", "policies": []});
        t.api("PUT", &path, Some(&body)).await.expect(200);
    }

    async fn the_audit_log_is_walked_by_cursor(t) {
        for number in 0..7 {
            t.user(&format!("u{number}@example.com")).await;
        }
        let range = "since=2000-01-01&before=2100-01-01";
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/logs/audit?{range}&limit=4&cursor={cursor}");
            let page = t.api("GET", &path, None).await.expect(200);
            assert_eq!(page["result_info"]["cursor"], page["result_info"]["cursors"]["after"]);
            seen.extend(names(&page, "id"));
            cursor = page["result_info"]["cursor"].as_str().unwrap_or_default().to_owned();
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(seen.len(), 9);
        let only = t.api("GET", &format!("/logs/audit?{range}&resource_type=scim_user"), None).await.expect(200);
        assert_eq!(only["result"].as_array().map(Vec::len), Some(7));
        let others = t.api("GET", &format!("/logs/audit?{range}&resource_type.not=scim_user"), None).await.expect(200);
        assert_eq!(others["result"].as_array().map(Vec::len), Some(2));
        for bad in ["", "?since=2000-01-01", &format!("?{range}&limit=0"), &format!("?{range}&cursor=x")] {
            t.api("GET", &format!("/logs/audit{bad}"), None).await.expect(400);
        }
    }

    async fn the_accounts_of_a_token_are_listed(t) {
        let url = format!("{}/client/v4/accounts?name=Example", t.url);
        let listed = t.send(t.request("GET", &url).bearer_auth(&t.scim_token)).await.expect(200);
        assert_eq!(names(&listed, "id"), [t.account.account.id.as_str()]);
        let past = format!("{}/client/v4/accounts?page=2", t.url);
        let listed = t.send(t.request("GET", &past).bearer_auth(&t.scim_token)).await.expect(200);
        assert_eq!(listed["result"], json!([]));
    }
}
