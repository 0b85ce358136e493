//! Queries that can't be answered are refused: an empty list would say that nobody is there.

use super::World;
use crate::harness::{Answer, Server, both};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

async fn filtered(t: &Server, endpoint: &str, filter: &str) -> Answer {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    t.scim("GET", &format!("{endpoint}?filter={filter}"), None).await
}

both! {
    async fn an_unknown_attribute_is_an_invalid_filter(t) {
        World::new(t).await;
        for (endpoint, filter, name) in [
            ("/Users", "nonsense eq \"x\"", "nonsense"),
            ("/Users", "usrName eq \"ann@example.com\"", "usrName"),
            ("/Users", "emails.nonsense eq \"x\"", "emails.nonsense"),
            ("/Users", "emails[nonsense eq \"x\"]", "nonsense"),
            ("/Users", "userName eq \"ann@example.com\" or nonsense pr", "nonsense"),
            ("/Users", "urn:example:x:userName eq \"x\"", "urn:example:x:userName"),
            ("/Users", "not (nonsense eq \"x\")", "nonsense"),
            ("/Groups", "userName eq \"x\"", "userName"),
            ("/Groups", "members[nonsense eq \"x\"]", "nonsense"),
        ] {
            let detail = filtered(t, endpoint, filter).await.scim_error(400, Some("invalidFilter"));
            assert!(detail.contains(&format!("`{name}`")), "{filter}: {detail}");
        }
    }

    async fn what_the_filter_language_cannot_say_is_an_invalid_filter(t) {
        World::new(t).await;
        for filter in [
            "userName", "userName eq", "eq \"x\"", "userName xx \"x\"", "userName = \"x\"", "userName eq \"x", "userName eq x\"",
            "userName eq \"x\" and", "and userName pr", "userName pr pr", "(userName pr", "userName pr)", "()", "not userName pr",
            "not", "emails[", "emails[]", "emails[type eq \"work\"", "emails[emails[value pr]]", "emails[type eq \"work\"].value",
            "userName eq 'x'", "userName eq {\"a\":1}", "userName eq [1]", "userName eq \"\\x\"", "userName eq \"\\ud800\"",
            "active gt true", "active co \"t\"", "active eq \"maybe\"", "active eq 5", "meta.created co \"2026\"",
            "meta.created gt \"yesterday\"", "name eq \"x\"", "emails[type eq \"work\"] eq \"x\"", "5 eq 5", "userName eq \"x\";",
            "userName eq \"x\" -- ", "é eq \"x\"", "userName.a.b eq \"x\"", "userName eq \"\u{0}\"", "userName eq a\u{0}b", "userName eq \"\\u0000\"",
            "password eq \"x\"", "password pr", "userName pr \"x\"",
        ] {
            let answer = filtered(t, "/Users", filter).await;
            assert_eq!(answer.status, 400, "{filter:?}: {}", answer.text);
            let detail = answer.scim_error(400, Some("invalidFilter"));
            assert!(!detail.contains('\u{0}'), "{detail:?}");
        }
        for filter in ["members[", "members eq", "displayName eq"] {
            filtered(t, "/Groups", filter).await.scim_error(400, Some("invalidFilter"));
        }
    }

    /// Counted from where the filter begins, blanks included.
    async fn the_byte_is_named_where_a_filter_goes_wrong(t) {
        World::new(t).await;
        for (filter, says) in [
            ("nonsense eq \"x\"", "`nonsense` at byte 0"),
            ("  nonsense eq \"x\"", "`nonsense` at byte 2"),
            ("userName pr and email co \"x\"", "`email` at byte 16; did you mean `emails`?"),
            ("active gt true", "`active` at byte 0"),
            ("active eq \"maybe\"", "`maybe`"),
            ("title eq \"é\" and userName eq \"x", "begins at byte 30"),
            ("userName is \"x\"", "at byte 9, not `is`"),
            ("userName eq \"x\" userName pr", "at byte 16, not `userName`"),
            ("userName pr \"x\"", "`pr` takes no value, but one begins at byte 12"),
            ("title[value eq \"x\"]", "`title` at byte 0"),
        ] {
            let detail = filtered(t, "/Users", filter).await.scim_error(400, Some("invalidFilter"));
            assert!(detail.contains(says), "{filter}: {detail}");
        }
    }

    /// What looks like SQL is a value like any other.
    async fn a_quote_in_a_filter_stays_a_value(t) {
        let world = World::new(t).await;
        for value in ["' OR '1'='1", "x\\\" or userName pr or userName eq \\\"", "%", "_", "ann%", "$1", "\\u0027", "?"] {
            for op in ["eq", "co", "sw", "ew"] {
                for name in ["userName", "emails.value", "displayName", "externalId", "groups.display"] {
                    let list = filtered(t, "/Users", &format!("{name} {op} \"{value}\"")).await.expect(200);
                    assert_eq!(list["totalResults"], 0, "{name} {op} {value}");
                }
            }
        }
        world.is_untouched(t).await;
    }

    async fn a_page_is_asked_for_in_numbers(t) {
        for endpoint in ["/Users", "/Groups"] {
            for query in ["count=x", "startIndex=x", "count=1.5", "startIndex=1e3", "count=%D9%A3", "count=0x10", "startIndex=-", "count=1%00"] {
                let name = query.split('=').next().unwrap();
                let detail = t.scim("GET", &format!("{endpoint}?{query}"), None).await.scim_error(400, Some("invalidValue"));
                assert!(detail.contains(name), "{query}: {detail}");
            }
            // Out of range is moved into it (RFC 7644 section 3.4.2.4).
            for query in ["count=99999999999999999999", "startIndex=99999999999999999999", "startIndex=9223372036854775807&count=9223372036854775807"] {
                t.read(&format!("{endpoint}?{query}")).await;
            }
        }
    }

    async fn attributes_are_chosen_or_excluded_but_not_both(t) {
        let world = World::new(t).await;
        let query = "attributes=userName&excludedAttributes=emails";
        for path in [&world.user, &world.group, "/Users", "/Groups"] {
            t.scim("GET", &format!("{path}?{query}"), None).await.scim_error(400, Some("invalidValue"));
        }
        let body = serde_json::json!({"userName": "new@example.com", "displayName": "New"});
        for (method, path) in world.writes() {
            t.scim(method, &format!("{path}?{query}"), Some(&body)).await.scim_error(400, Some("invalidValue"));
        }
        world.is_untouched(t).await;
    }

    async fn percent_encoding_that_is_no_utf_8_is_refused(t) {
        let world = World::new(t).await;
        for path in [
            "/Users?filter=userName+eq+%22%FF%22", "/Users?%C3=1", "/Groups?filter=%ED%A0%80", "/Users?count=%80",
            "/Users/%FF", "/Groups/%C3%28", "/Schemas/%FF", "/ResourceTypes/%C0%AF",
        ] {
            let detail = t.scim("GET", path, None).await.scim_error(400, Some("invalidValue"));
            assert!(detail.contains("UTF-8"), "{path}: {detail}");
        }
        let body = serde_json::json!({"userName": "new@example.com", "displayName": "New"});
        for (method, path) in world.writes() {
            t.scim(method, &format!("{path}?x=%FF"), Some(&body)).await.scim_error(400, Some("invalidValue"));
        }
        t.scim("DELETE", "/Users/%FF", None).await.scim_error(400, Some("invalidValue"));
        world.is_untouched(t).await;
    }

    /// PostgreSQL can't hold U+0000, and so must not be asked for it.
    async fn the_character_nul_is_refused_or_ignored(t) {
        let world = World::new(t).await;
        for path in ["/Users?attributes=%00", "/Users?excludedAttributes=a%00b", "/Users?%00=%00", "/Groups?x=%00"] {
            t.read(path).await;
        }
        for path in ["/members?name=%00", "/iam/user_groups?fuzzyName=%00", "/iam/user_groups?id=%00", "/logs/audit?since=2000-01-01&before=2100-01-01&actor_email=a%00"] {
            let answer = t.api("GET", path, None).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        }
        for path in ["/members/%00", "/iam/user_groups/%00", "/iam/user_groups/x/members/%00", "/roles/%00"] {
            let answer = t.api("GET", path, None).await;
            assert_eq!(answer.status, 404, "{path}: {}", answer.text);
        }
        world.is_untouched(t).await;
    }

    async fn discovery_cannot_be_filtered(t) {
        for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
            t.scim("GET", &format!("{path}?filter=name+eq+%22User%22"), None).await.scim_error(403, None);
        }
    }
}
