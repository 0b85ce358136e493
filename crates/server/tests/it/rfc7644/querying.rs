//! Section 3.4: finding resources.

use super::{GROUP, SEARCH, USER, filtered, make};
use crate::harness::{both, texts};
use serde_json::json;

both! {
    /// Table 3: what has no order is not compared by order; nor is what has no such operator.
    async fn booleans_and_binaries_have_no_order(t) {
        make(t, json!({"userName": "ann@example.com", "x509Certificates": [{"value": "MIID"}],
            "emails": [{"value": "ann@example.com", "primary": true}]})).await;
        for op in ["gt", "ge", "lt", "le"] {
            for filter in [
                format!("active {op} true"),
                format!("active {op} \"False\""),
                format!("emails.primary {op} false"),
                format!("emails[primary {op} true]"),
                format!("x509Certificates.value {op} \"MIIA\""),
                format!("x509Certificates {op} \"MIIA\""),
                format!("userName pr or not (active {op} true)"),
            ] {
                filtered(t, "/Users", &filter).await.scim_error(400, Some("invalidFilter"));
            }
        }
        for unknown in ["regex", "like", "in", "=", "==", "eqq"] {
            let filter = format!("userName {unknown} \"ann\"");
            let detail = filtered(t, "/Users", &filter).await.scim_error(400, Some("invalidFilter"));
            assert!(detail.contains("operator"), "{filter}: {detail}");
        }
        assert_eq!(t.find("/Users", "x509Certificates.value eq \"MIID\" and active eq true").await.len(), 1);
    }

    /// Section 3.4.2.2: a filter holds an expression. Everybody is no answer to one that was lost on its way.
    async fn a_filter_that_is_empty_is_refused(t) {
        t.user("ann@example.com").await;
        for query in ["filter=", "filter", "filter=%20", "filter=+%09&count=5", "FILTER=&startIndex=1"] {
            for endpoint in ["/Users", "/Groups", ""] {
                let detail = t.scim("GET", &format!("{endpoint}?{query}"), None).await.scim_error(400, Some("invalidFilter"));
                assert!(detail.contains("empty"), "{query}: {detail}");
            }
        }
        for filter in ["", "  "] {
            let body = json!({"schemas": [SEARCH], "filter": filter});
            t.scim("POST", "/Users/.search", Some(&body)).await.scim_error(400, Some("invalidFilter"));
        }
        let none = json!({"schemas": [SEARCH], "filter": null});
        assert_eq!(t.scim("POST", "/Users/.search", Some(&none)).await.expect(200)["totalResults"], 1);
    }

    /// Section 3.4.2.2: what the server filled in is found as it was shown.
    async fn a_value_that_was_filled_in_is_found(t) {
        let made = t.scim("POST", "/Users", Some(&json!({"userName": "ann@example.com"}))).await.expect(201);
        assert_eq!(made["active"], true);
        for (filter, total) in [("active eq true", 1), ("active pr", 1), ("active eq false", 0), ("not (active pr)", 0), ("active ne true", 0)] {
            let list = filtered(t, "/Users", filter).await.expect(200);
            assert_eq!(list["totalResults"], total, "{filter}");
        }
    }

    /// Section 3.4.2.2: one value has to satisfy all of a bracket, and any may satisfy an expression without one.
    async fn a_bracket_speaks_of_one_value(t) {
        let path = make(t, json!({"userName": "ann@example.com", "emails": [
            {"value": "ann@work.example", "type": "work"}, {"value": "ann@home.example", "type": "home"}]})).await;
        let id = path["/Users/".len()..].to_owned();
        for (filter, found) in [
            ("emails[type eq \"work\" and value co \"home\"]", false),
            ("emails.type eq \"work\" and emails.value co \"home\"", true),
            ("emails[type eq \"work\" and value co \"work\"]", true),
            ("emails[type eq \"work\" and not (value co \"home\")]", true),
            ("emails[(type eq \"work\" or type eq \"other\") and value ew \"home.example\"]", false),
            // `and` before `or`, `not` before both, parentheses before everything.
            ("userName pr or title pr and nickName pr", true),
            ("(userName pr or title pr) and nickName pr", false),
            ("not (userName pr) or userName pr", true),
            ("not (userName pr or title pr)", false),
        ] {
            let expected = if found { vec![id.clone()] } else { vec![] };
            assert_eq!(t.find("/Users", filter).await, expected, "{filter}");
        }
    }

    /// Section 3.4.2.5 and 3.4.3: what is always returned can't be excluded, what never is can't be chosen.
    async fn what_is_always_returned_cannot_be_excluded(t) {
        let path = make(t, json!({"userName": "ann@example.com", "password": "t1meMa$heen"})).await;
        let id = path["/Users/".len()..].to_owned();
        let group = t.group("Sales", &[&id]).await;
        let lists = "excludedAttributes=id,schemas,ID,meta,active,members,groups";
        for (endpoint, expected) in [
            ("/Users", json!({"schemas": [USER], "id": id, "userName": "ann@example.com"})),
            ("/Groups", json!({"schemas": [GROUP], "id": group, "displayName": "Sales"})),
        ] {
            let list = t.read(&format!("{endpoint}?{lists}")).await;
            assert_eq!(list["Resources"], json!([expected]));
            let body = json!({"schemas": [SEARCH], "excludedAttributes": ["id", "schemas", "meta", "active", "members", "groups"]});
            let found = t.scim("POST", &format!("{endpoint}/.search"), Some(&body)).await.expect(200);
            assert_eq!(found["Resources"], json!([expected]));
            let body = json!({"schemas": [SEARCH], "attributes": ["password", "nothing"]});
            let found = t.scim("POST", &format!("{endpoint}/.search"), Some(&body)).await.expect(200);
            assert_eq!(texts(&found["Resources"], "id").len(), 1);
            assert_eq!(found["Resources"][0].as_object().map(serde_json::Map::len), Some(2), "{found}");
        }
    }
}
