//! Queries by POST (RFC 7644 section 3.4.3) and over all types (section 3.4.2.1).

use super::{LIST, SEARCH, USER, ask, ids, make_users, with};
use crate::harness::{Server, both, texts};
use serde_json::{Value, json};

async fn search(t: &Server, endpoint: &str, mut body: Value) -> Value {
    body["schemas"] = json!([SEARCH]);
    t.scim("POST", &format!("{endpoint}/.search"), Some(&body)).await.expect(200)
}

async fn company(t: &Server) -> Vec<String> {
    let user = |name: &str, title: &str| {
        json!({"schemas": [USER], "userName": format!("{name}@example.com"), "displayName": name, "title": title,
            "emails": [{"value": format!("{name}@example.com"), "type": "work", "primary": true}]})
    };
    let made = make_users(
        t,
        vec![user("smith", "boss"), user("jones", "clerk"), user("smithers", "clerk")],
    )
    .await;
    t.group("Smiths", &[&made[0], &made[2]]).await;
    t.group("Others", &[&made[1]]).await;
    made
}

both! {
    /// RFC 7644 section 3.4.3: the same as the GET form, in every parameter.
    async fn a_search_answers_as_the_get_does(t) {
        company(t).await;
        for endpoint in ["/Users", "/Groups", ""] {
            for parameters in [
                vec![],
                vec![("filter", "displayName sw \"smith\"")],
                vec![("filter", "displayName pr"), ("sortBy", "displayName"), ("sortOrder", "descending")],
                vec![("sortBy", "meta.created"), ("startIndex", "2"), ("count", "1")],
                vec![("count", "0")],
                vec![("startIndex", "-1"), ("count", "-1")],
                vec![("attributes", "displayName,meta.location")],
                vec![("excludedAttributes", "members,emails,meta,groups")],
            ] {
                let got = t.read(&with(endpoint, &parameters)).await;
                let mut body = json!({});
                for (name, value) in &parameters {
                    body[name] = match *name {
                        "attributes" | "excludedAttributes" => json!(value.split(',').collect::<Vec<_>>()),
                        "startIndex" | "count" => json!(value.parse::<i64>().unwrap()),
                        _ => json!(value),
                    };
                }
                assert_eq!(search(t, endpoint, body).await, got, "{endpoint} {parameters:?}");
            }
        }
    }

    /// RFC 7644 section 3.4.2.1: a query at the root finds resources of all types, each as its own type has it.
    async fn the_root_shows_every_type(t) {
        let made = company(t).await;
        for path in ["", "/", "/?count=100"] {
            let list = t.read(path).await;
            assert_eq!((&list["schemas"], &list["totalResults"]), (&json!([LIST]), &json!(5)), "{path}");
            for resource in list["Resources"].as_array().unwrap() {
                let kind = resource["meta"]["resourceType"].as_str().unwrap();
                assert_eq!(resource["schemas"], json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")]));
                let one = t.read(&format!("/{kind}s/{}", resource["id"].as_str().unwrap())).await;
                assert_eq!(*resource, one);
            }
        }
        // The example of section 3.4.3, over two types.
        let found = search(t, "", json!({"attributes": ["displayName", "userName"], "filter": "displayName sw \"smith\"", "startIndex": 1, "count": 10})).await;
        let mut names = texts(&found["Resources"], "displayName");
        names.sort();
        assert_eq!(names, ["Smiths", "smith", "smithers"]);
        for (filter, total) in [
            ("meta.resourceType eq \"User\"", 3),
            ("meta.resourceType eq \"Group\" or title eq \"boss\"", 3),
            ("meta.resourceType eq User and displayName co th", 2),
            ("id eq \"nobody\"", 0),
        ] {
            assert_eq!(search(t, "", json!({"filter": filter})).await["totalResults"], total, "{filter}");
        }
        let one = search(t, "", json!({"filter": format!("id eq \"{}\"", made[0])})).await;
        assert_eq!(ids(&one), [made[0].clone()]);
    }

    /// RFC 7644 section 3.4.2.1: an attribute that a type doesn't have has no value there, so that resources
    /// of that type don't match, and are not an error.
    async fn what_only_one_type_has_is_absent_in_the_other(t) {
        let made = company(t).await;
        for (filter, total) in [
            ("userName sw \"smith\"", 2),
            ("userName pr", 3),
            ("not (userName pr)", 2),
            ("userName ne \"smith@example.com\"", 4),
            ("members pr", 2),
            ("members.value pr or title eq \"clerk\"", 4),
            ("emails[type eq \"work\" and value co \"jones\"]", 1),
            ("userName pr and members pr", 0),
        ] {
            assert_eq!(search(t, "", json!({"filter": filter})).await["totalResults"], total, "{filter}");
        }
        let by_member = search(t, "", json!({"filter": format!("members eq \"{}\"", made[1])})).await;
        assert_eq!(texts(&by_member["Resources"], "displayName"), ["Others"]);
        // What no type has is a mistake (and never an empty list, on which clients create anew).
        for filter in ["usernme pr", "urn:x:y pr", "userName zz \"x\"", "userName eq", "password eq \"x\""] {
            let body = json!({"schemas": [SEARCH], "filter": filter});
            t.scim("POST", "/.search", Some(&body)).await.scim_error(400, Some("invalidFilter"));
        }
    }

    /// RFC 7644 section 3.4.3: the body is a SearchRequest and says so.
    async fn a_body_that_is_no_search_is_refused(t) {
        company(t).await;
        for (body, keyword) in [
            (json!([]), "invalidSyntax"),
            (json!("x"), "invalidSyntax"),
            (json!(null), "invalidSyntax"),
            (json!({"schemas": [USER]}), "invalidSyntax"),
            (json!({"schemas": [LIST], "filter": "title pr"}), "invalidSyntax"),
            (json!({"schemas": [SEARCH], "filter": 5}), "invalidValue"),
            (json!({"schemas": [SEARCH], "filter": ["title pr"]}), "invalidValue"),
            (json!({"schemas": [SEARCH], "sortBy": {}}), "invalidValue"),
            (json!({"schemas": [SEARCH], "sortOrder": "up"}), "invalidValue"),
            (json!({"schemas": [SEARCH], "count": "many"}), "invalidValue"),
            (json!({"schemas": [SEARCH], "startIndex": [1]}), "invalidValue"),
            (json!({"schemas": [SEARCH], "startIndex": true}), "invalidValue"),
            (json!({"schemas": [SEARCH], "attributes": [1]}), "invalidValue"),
            (json!({"schemas": [SEARCH], "attributes": {"userName": true}}), "invalidValue"),
            (json!({"schemas": [SEARCH], "attributes": ["title"], "excludedAttributes": ["title"]}), "invalidValue"),
            (json!({"schemas": [SEARCH], "filter": "title pr", "FILTER": "title pr"}), "invalidSyntax"),
        ] {
            for endpoint in ["/.search", "/Users/.search", "/Groups/.search"] {
                let answer = t.scim("POST", endpoint, Some(&body)).await;
                assert_eq!(answer.status, 400, "{endpoint} {body}: {}", answer.text);
                answer.scim_error(400, Some(keyword));
            }
        }
        let empty = ask(t, "POST", "/Users/.search", &[("content-type", "application/scim+json")], None).await;
        empty.scim_error(400, Some("invalidSyntax"));
    }

    /// What a client adds of its own is nobody's business, nor is the spelling of names.
    async fn unknown_names_are_ignored_and_known_ones_found_in_any_case(t) {
        company(t).await;
        let list = search(t, "/Users", json!({"Filter": "TITLE eq \"CLERK\"", "SORTBY": "username", "attributes": ["USERNAME", "nothing"], "flavour": "sweet", "cursor": null})).await;
        assert_eq!(texts(&list["Resources"], "userName"), ["jones@example.com", "smithers@example.com"]);
        assert_eq!(list["Resources"][0].get("title"), None);
        // A string of names does too.
        let list = search(t, "/Users", json!({"attributes": "userName,title", "count": "1"})).await;
        assert!(list["Resources"][0]["title"].is_string());
        assert_eq!((&list["itemsPerPage"], list["Resources"][0].get("emails")), (&json!(1), None));
    }

    /// A search reads, whatever its method: a token that may read may search, and nothing is written.
    async fn a_search_needs_permission_to_read(t) {
        company(t).await;
        let reader = t.token(&["SCIM Provisioning Read"], None).await;
        let blind = t.token(&["Account Settings Read"], None).await;
        let events = t.events().await.len();
        for (token, status) in [(reader, 200), (blind, 403)] {
            for endpoint in ["/.search", "/Users/.search", "/Groups/.search"] {
                let request = t.request("POST", &t.scim_url(endpoint)).bearer_auth(&token);
                let request = request.header("content-type", "application/scim+json");
                let answer = t.send(request.body(json!({"schemas": [SEARCH]}).to_string())).await;
                assert_eq!(answer.status, status, "{endpoint}: {}", answer.text);
            }
            let request = t.request("GET", &t.scim_url("")).bearer_auth(&token);
            assert_eq!(t.send(request).await.status, status);
        }
        assert_eq!(t.events().await.len(), events);
    }

    /// A path that is close to it is not it.
    async fn searches_are_posted_to_their_place(t) {
        company(t).await;
        for path in ["/.search/", "/users/.search", "//.search", "/.SEARCH"] {
            t.scim("POST", path, Some(&json!({"schemas": [SEARCH]}))).await.expect(200);
        }
        for (method, path) in [("GET", "/.search"), ("GET", "/Users/.search"), ("PUT", "/.search"), ("POST", "/"), ("DELETE", "/")] {
            let answer = t.scim(method, path, None).await;
            answer.scim_error(405, None);
        }
        for path in ["/Schemas/.search", "/Nothing/.search"] {
            let answer = t.scim("POST", path, Some(&json!({"schemas": [SEARCH]}))).await;
            assert!(matches!(answer.status, 404 | 405), "{path}: {}", answer.text);
        }
    }
}
