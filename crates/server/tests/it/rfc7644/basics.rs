//! Sections 1 to 3.2, 3.13, 5 and 7: URLs, messages, versions of the protocol, and comparing names.

use super::{USER, filtered, make};
use crate::harness::{both, texts};
use serde_json::{Value, json};

/// Every value of a name that holds a URL, anywhere in an answer.
fn urls(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| urls(value, found)),
        Value::Object(parts) => {
            for (name, value) in parts {
                match value.as_str().filter(|_| name == "location" || name == "$ref") {
                    Some(url) => found.push(url.to_owned()),
                    None => urls(value, found),
                }
            }
        }
        _ => {}
    }
}

both! {
    /// Section 1.2 and 1.3: the characters of RFC 3986, no query, and the same server answers there.
    async fn every_url_that_is_given_away_leads_back(t) {
        let id = t.user("ann lee+öl?#%&=\"<>@example.com").await;
        t.group("Öl & Gas / 100 %?", &[&id]).await;
        let mut found = Vec::new();
        for path in ["/Users?x=y", "/Groups?count=5", "/Schemas", "/ResourceTypes", "/ServiceProviderConfig?x"] {
            urls(&t.read(path).await, &mut found);
        }
        assert!(found.len() > 8, "{found:?}");
        for url in found {
            let path = url.strip_prefix(&t.scim_url("")).unwrap_or_else(|| panic!("elsewhere: {url}"));
            assert!(path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/:.-_".contains(&byte)), "{url}");
            assert_eq!(t.read(path).await["meta"]["location"], url);
        }
    }

    /// Section 3.1: messages have schemas of their own, which describe no resource.
    async fn messages_say_what_they_are_and_are_no_schemas(t) {
        t.user("ann@example.com").await;
        let messages = "urn:ietf:params:scim:api:messages:2.0:";
        for path in ["/Users", "/Groups", "", "/Schemas", "/ResourceTypes"] {
            assert_eq!(t.read(path).await["schemas"], json!([format!("{messages}ListResponse")]));
        }
        let refused = t.scim("GET", "/Users/nobody", None).await;
        assert_eq!(refused.json()["schemas"], json!([format!("{messages}Error")]));
        let listed = texts(&t.read("/Schemas").await["Resources"], "id");
        assert!(!listed.is_empty() && listed.iter().all(|urn| !urn.contains(":api:")), "{listed:?}");
        for name in ["ListResponse", "SearchRequest", "PatchOp", "BulkRequest", "BulkResponse", "Error"] {
            t.scim("GET", &format!("/Schemas/{messages}{name}"), None).await.scim_error(404, None);
        }
    }

    /// Section 3.13: another version of the protocol is another server, and is not there.
    async fn another_version_of_the_protocol_is_refused(t) {
        let before = t.everything().await;
        let root = t.scim_url("");
        let root = root.strip_suffix("/v2").expect("a version");
        for version in ["/v1", "/v3", "/V1.1", ""] {
            for method in ["GET", "POST"] {
                let request = t.request(method, &format!("{root}{version}/Users")).bearer_auth(&t.scim_token);
                let body = json!({"schemas": [USER], "userName": "ann@example.com"}).to_string();
                let answer = t.send(request.header("content-type", "application/json").body(body)).await;
                answer.scim_error(404, None);
            }
        }
        assert_eq!(t.everything().await, before);
    }

    /// Section 5 and 7.8: names are compared as PRECIS prepares them: width, case, composition.
    async fn user_names_are_prepared_before_they_are_compared(t) {
        for (name, others) in [
            ("Jérôme@example.com", ["je\u{301}ro\u{302}me@example.com", "JÉRÔME@EXAMPLE.COM"]),
            ("ann@example.com", ["ａｎｎ@example.com", "ＡＮＮ＠ＥＸＡＭＰＬＥ．ＣＯＭ"]),
            ("Σας@example.com", ["σασ@example.com", "ΣΑΣ@example.com"]),
            ("\u{212a}im@example.com", ["Kim@example.com", "kim@example.com"]),
        ] {
            let path = make(t, json!({"userName": name})).await;
            let shown = t.read(&path).await;
            assert_eq!(shown["userName"], name, "kept as it was sent");
            for other in others {
                let body = json!({"schemas": [USER], "userName": other});
                t.scim("POST", "/Users", Some(&body)).await.scim_error(409, Some("uniqueness"));
                let found = filtered(t, "/Users", &format!("userName eq \"{other}\"")).await.expect(200);
                assert_eq!(texts(&found["Resources"], "id"), texts(&json!([shown]), "id"), "{other}");
            }
        }
        assert_eq!(t.read("/Users").await["totalResults"], 4);
    }
}
