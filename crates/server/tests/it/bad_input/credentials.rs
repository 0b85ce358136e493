//! Those who may not: 401 without a valid credential, 403 with one that doesn't reach that far.

use super::World;
use crate::harness::{Server, both};
use domain::Time;
use serde_json::json;
use server::service::accounts;
use server::service::tokens::{self, NewToken};

/// Every SCIM request there is, with what a valid one would carry.
fn requests(world: &World) -> Vec<(&'static str, String, String)> {
    let user = json!({"userName": "new@example.com"}).to_string();
    let group = json!({"displayName": "New"}).to_string();
    let patch = json!({"Operations": [{"op": "replace", "path": "displayName", "value": "New"}]})
        .to_string();
    let mut all: Vec<_> = [
        "/Users",
        "/Groups",
        "/Schemas",
        "/ResourceTypes",
        "/ServiceProviderConfig",
        "/Schemas/x",
        "/ResourceTypes/User",
        "",
    ]
    .map(|path| ("GET", path.to_owned(), String::new()))
    .into();
    for path in ["/.search", "/Users/.search", "/Groups/.search"] {
        all.push(("GET by POST", path.to_owned(), String::new()));
    }
    all.push(("POST", "/Bulk".to_owned(), String::new()));
    for (endpoint, one, body) in [("/Users", &world.user, user), ("/Groups", &world.group, group)] {
        all.push(("GET", one.clone(), String::new()));
        all.push(("POST", endpoint.to_owned(), body.clone()));
        all.push(("PUT", one.clone(), body));
        all.push(("PATCH", one.clone(), patch.clone()));
        all.push(("DELETE", one.clone(), String::new()));
    }
    all
}

/// Refuses each request that `chosen` picks when it comes with this `Authorization`, or with none.
async fn refuse(
    t: &Server,
    world: &World,
    credential: Option<&str>,
    status: u16,
    chosen: fn(&str) -> bool,
) {
    for (method, path, body) in requests(world).into_iter().filter(|(method, _, _)| chosen(method))
    {
        let method = method.rsplit(' ').next().unwrap_or(method);
        let mut request =
            t.request(method, &t.scim_url(&path)).header("content-type", "application/scim+json");
        if let Some(credential) = credential {
            request = request.header("authorization", credential);
        }
        let answer = t.send(request.body(body)).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        answer.scim_error(status, None);
        assert_eq!(!answer.header("www-authenticate").is_empty(), status == 401);
    }
    world.is_untouched(t).await;
}

fn every(_: &str) -> bool {
    true
}

both! {
    async fn without_a_credential_it_is_a_401(t) {
        let world = World::new(t).await;
        refuse(t, &world, None, 401, every).await;
    }

    async fn a_credential_of_nobody_is_a_401(t) {
        let world = World::new(t).await;
        let token = &t.scim_token;
        let mut forged = token.clone();
        forged.replace_range(20..21, if &token[20..21] == "x" { "y" } else { "x" });
        for credential in [
            String::new(), "Bearer".to_owned(), format!("Bearer {forged}"), forged.clone(), format!("Bearer {}", &token[..token.len() - 1]),
            format!("Bearer {token}x"), format!("Bearer Bearer {token}"), format!("Token {token}"), format!("Bearer {}", token.to_uppercase()),
            format!("Bearer {}", "x".repeat(5_000)), "Basic AAAA".to_owned(), "Bearer pvat_".to_owned(), "\t".to_owned(),
        ] {
            refuse(t, &world, Some(&credential), 401, |method| method == "GET" || method == "DELETE").await;
        }
        refuse(t, &world, Some(&format!("Bearer {forged}")), 401, every).await;
    }

    async fn an_expired_token_is_a_401(t) {
        let world = World::new(t).await;
        let soon = Time::from_millis(t.app.now().millis() + 300);
        let new = NewToken {
            name: "short".to_owned(),
            permissions: vec!["SCIM Provisioning Write".to_owned()],
            expires_at: Some(soon),
            owner: None,
        };
        let (_, secret) = tokens::create(&t.app, &t.operator(), &new).await.expect("a token");
        let world = World { before: t.everything().await, ..world };
        let bearer = format!("Bearer {}", secret.reveal());
        let get = t.request("GET", &t.scim_url("/Users")).header("authorization", &bearer);
        let early = t.send(get).await.status;
        while t.app.now() <= soon {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(early, 200, "the token was good while it lasted");
        refuse(t, &world, Some(&bearer), 401, every).await;
    }

    async fn a_token_without_the_permission_is_a_403(t) {
        let other = t.token(&["Account Settings Write"], None).await;
        let reader = t.token(&["SCIM Provisioning Read"], None).await;
        let world = World::new(t).await;
        refuse(t, &world, Some(&format!("Bearer {other}")), 403, every).await;
        refuse(t, &world, Some(&format!("Bearer {reader}")), 403, |method| !method.starts_with("GET")).await;
        let get = t.request("GET", &t.scim_url("/Users")).bearer_auth(&reader);
        assert_eq!(t.send(get).await.expect(200)["totalResults"], 1);
    }

    /// A personal token can do no more than its owner, and ends with the owner's membership.
    async fn a_personal_token_reaches_as_far_as_its_owner(t) {
        let world = World::new(t).await;
        let token = t.token(&["SCIM Provisioning Write"], Some("ann@example.com")).await;
        let world = World { before: t.everything().await, ..world };
        refuse(t, &world, Some(&format!("Bearer {token}")), 403, every).await;
        t.patch(&world.user, json!([{"op": "replace", "value": {"active": false}}])).await.expect(200);
        let world = World { before: t.everything().await, ..world };
        refuse(t, &world, Some(&format!("Bearer {token}")), 401, every).await;
    }

    async fn a_token_of_another_account_is_a_403(t) {
        let world = World::new(t).await;
        let stranger = t.stranger().await;
        refuse(t, &world, Some(&format!("Bearer {}", stranger.token.reveal())), 403, every).await;
        // Nor does ours reach theirs, or an account that isn't one: the answers don't tell them apart.
        let mut details = Vec::new();
        for account in [stranger.account.id.as_str(), "0123456789abcdef0123456789abcdef", "x", "%00", "..%2F..", "%F0%9F%92%A5"] {
            let url = format!("{}/client/v4/accounts/{account}/scim/v2/Users", t.url);
            let answer = t.send(t.request("GET", &url).bearer_auth(&t.scim_token)).await;
            details.push(answer.scim_error(403, None));
        }
        details.dedup();
        assert_eq!(details.len(), 1, "{details:?}");
    }

    async fn a_standard_account_has_no_scim(t) {
        let standard = accounts::create(&t.app, "Standard", domain::account::Kind::Standard, "std@example.net").await.expect("an account");
        for (method, path) in [("GET", "/Users"), ("POST", "/Users"), ("GET", "/Schemas"), ("DELETE", "/Groups/x"), ("PATCH", "/Users/x")] {
            let url = format!("{}/client/v4/accounts/{}/scim/v2{path}", t.url, standard.account.id);
            let request = t.request(method, &url).bearer_auth(standard.token.reveal());
            let body = json!({"userName": "x", "Operations": []}).to_string();
            let detail = t.send(request.header("content-type", "application/json").body(body)).await.scim_error(403, None);
            assert!(detail.contains("enterprise"), "{detail}");
        }
    }
}
