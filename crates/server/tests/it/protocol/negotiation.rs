//! What answers look like (RFC 7644 section 3.8), and what the server says it can do (section 4 and 5).

use super::{SEARCH, ask, bulk_of};
use crate::harness::both;
use serde_json::json;

both! {
    /// RFC 7644 section 3.8: `application/scim+json`, unless the client accepts `application/json` alone.
    async fn every_answer_is_of_the_type_that_was_asked_for(t) {
        let id = t.user("ann@example.com").await;
        for (accept, expected) in [
            ("application/json", "application/json"),
            ("application/json, application/scim+json;q=0", "application/json"),
            ("application/json;q=0, */*", "application/scim+json"),
            ("Application/JSON", "application/json"),
            ("application/json;charset=utf-8", "application/json"),
            (" application/json ; q=0.9", "application/json"),
            ("application/scim+json", "application/scim+json"),
            ("application/scim+json, application/json;q=0.5", "application/scim+json"),
            ("application/json;q=0.5, application/scim+json", "application/scim+json"),
            ("*/*", "application/scim+json"),
            ("application/*", "application/scim+json"),
            ("application/jsonp", "application/scim+json"),
            ("text/html", "application/scim+json"),
            ("", "application/scim+json"),
        ] {
            let headers = [("accept", accept)];
            let missing = json!({"userName": ""});
            let search = json!({"schemas": [SEARCH]});
            let bulk = bulk_of(&[]);
            for (method, path, body, status) in [
                ("GET", format!("/Users/{id}"), None, 200),
                ("GET", String::new(), None, 200),
                ("GET", "/ServiceProviderConfig".to_owned(), None, 200),
                ("POST", "/.search".to_owned(), Some(&search), 200),
                ("POST", "/Bulk".to_owned(), Some(&bulk), 200),
                ("GET", "/Users?filter=x".to_owned(), None, 400),
                ("GET", "/Users/nobody".to_owned(), None, 404),
                ("GET", "/Nothing".to_owned(), None, 404),
                ("DELETE", "/Users".to_owned(), None, 405),
                ("POST", "/Users".to_owned(), Some(&missing), 400),
                ("GET", "/Me".to_owned(), None, 501),
            ] {
                let answer = ask(t, method, &path, &headers, body).await;
                assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
                assert_eq!(answer.header("content-type"), expected, "{method} {path}: {accept}");
            assert_eq!(answer.header("vary"), "accept", "{accept}");
            }
        }
        let stranger = t.request("GET", &t.scim_url("/Users")).header("accept", "application/json");
        let answer = t.send(stranger).await;
        assert_eq!((answer.status, answer.header("content-type")), (401, "application/json"));
    }

    /// What has no body has no type.
    async fn an_empty_answer_has_no_type(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let not_modified = ask(t, "GET", &path, &[("if-none-match", "*"), ("accept", "application/json")], None).await;
        let gone = ask(t, "DELETE", &path, &[("accept", "application/json")], None).await;
        for (answer, status) in [(not_modified, 304), (gone, 204)] {
            assert_eq!((answer.status, answer.text.as_str(), answer.header("content-type")), (status, "", ""));
        }
    }

    /// RFC 7643 section 5 and RFC 9865 section 4: what is claimed is what there is.
    async fn the_configuration_says_what_there_is(t) {
        let config = t.read("/ServiceProviderConfig").await;
        assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
        for feature in ["patch", "bulk", "filter", "sort", "etag"] {
            assert_eq!(config[feature]["supported"], true, "{feature}");
        }
        assert_eq!(config["changePassword"]["supported"], false);
        assert_eq!(config["bulk"]["maxOperations"], 1000);
        assert_eq!(config["bulk"]["maxPayloadSize"], 4 * 1024 * 1024);
        assert_eq!(config["filter"]["maxResults"], 1000);
        let pagination = json!({"cursor": true, "index": true, "defaultPaginationMethod": "index", "defaultPageSize": 100,
            "maxPageSize": 1000, "cursorTimeout": 3600});
        assert_eq!(config["pagination"], pagination);
        assert!(config["authenticationSchemes"].as_array().is_some_and(|schemes| !schemes.is_empty()));
        assert_eq!(config["meta"]["resourceType"], "ServiceProviderConfig");
        assert_eq!(config["meta"]["location"], t.scim_url("/ServiceProviderConfig"));
        // RFC 7644 section 4: query parameters change nothing, and a filter is forbidden.
        assert_eq!(t.read("/ServiceProviderConfig?sortBy=x&count=0&startIndex=9&attributes=patch").await, config);
        t.scim("GET", "/ServiceProviderConfig?filter=patch%20pr", None).await.scim_error(403, None);
    }
}
