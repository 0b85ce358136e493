//! Lines 7 to 13: reading.

use super::sent;
use crate::harness::{both, texts};
use serde_json::{Value, json};

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(parts) => parts.values().any(has_null),
        _ => false,
    }
}

both! {
    async fn line_07_no_match_is_an_empty_list(t) {
        t.user("somebody@example.com").await;
        for path in [
            "/Users?filter=userName+eq+%22nobody%40example.com%22",
            "/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100",
            "/Groups?excludedAttributes=members&filter=displayName+eq+%22nothing%22",
            "/Users?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22nobody%40example.com%22",
        ] {
            let body = t.read(path).await;
            assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
            assert_eq!(body["totalResults"], 0, "{path}");
            assert_eq!(body["Resources"], json!([]), "{path}");
        }
    }

    async fn line_08_an_unknown_id_is_a_404_with_a_reason(t) {
        for path in [
            "/Users/010101001010101011001010101011",
            "/Users/00919288221112222",
            "/Users/23a35c27-23d3-4c03-b4c5-6443c09e7173",
            "/Groups/abf4dd94-a4c0-4f67-89c9-76b03340cb9b",
        ] {
            let answer = t.scim("GET", path, None).await;
            let detail = answer.scim_error(404, None);
            assert!(detail.contains(path.rsplit('/').next().unwrap()), "{detail}");
            assert_eq!(answer.header("content-type"), "application/scim+json");
        }
    }

    async fn line_09_the_numbers_of_a_list_are_numbers(t) {
        for name in ["a", "b", "c", "d", "e"] {
            t.user(&format!("{name}@example.com")).await;
        }
        for (query, total, start, size) in [
            ("", 5, 1, 5),
            ("?startIndex=1&count=2", 5, 1, 2),
            ("?count=1&startIndex=1", 5, 1, 1),
            ("?startIndex=4&count=100", 5, 4, 2),
            ("?startIndex=101&count=100", 5, 101, 0),
            ("?count=0", 5, 1, 0),
            ("?count=-1", 5, 1, 0),
            ("?startIndex=0", 5, 1, 5),
            ("?startIndex=-7&count=5", 5, 1, 5),
            ("?startIndex=2", 5, 2, 4),
            ("?filter=userName+eq+%22nobody%22&startIndex=1&count=100", 0, 1, 0),
        ] {
            let list = t.read(&format!("/Users{query}")).await;
            assert_eq!(list["totalResults"], total, "{query}");
            assert_eq!(list["startIndex"], start, "{query}");
            assert_eq!(list["itemsPerPage"], size, "{query}");
            assert_eq!(list["Resources"].as_array().map(Vec::len), Some(size), "{query}");
        }
        let groups = t.read("/Groups?startIndex=1&count=100").await;
        assert_eq!((&groups["totalResults"], &groups["startIndex"], &groups["itemsPerPage"]), (&json!(0), &json!(1), &json!(0)));
        assert_eq!(groups["Resources"], json!([]));
    }

    /// Okta's import reads on until `startIndex` is beyond the total; nobody may be lost or seen twice.
    async fn line_09_pages_have_a_stable_order(t) {
        let mut made = Vec::new();
        for number in [5, 1, 8, 0, 7, 3, 6, 2, 9, 4, 10] {
            made.push(t.user(&format!("{number}@example.com")).await);
        }
        let mut seen = Vec::new();
        for start in [1, 5, 9] {
            let page = t.read(&format!("/Users?startIndex={start}&count=4")).await;
            seen.extend(texts(&page["Resources"], "id"));
            // A change in the middle of an import moves nobody.
            t.patch(&format!("/Users/{}", made[0]), json!([{"op": "replace", "path": "title", "value": format!("{start}")}])).await.expect(200);
        }
        assert_eq!(seen.len(), 11);
        assert_eq!(seen, texts(&t.read("/Users").await["Resources"], "id"));
        seen.sort();
        made.sort();
        assert_eq!(seen, made);
    }

    async fn line_10_users_are_found_by_every_filter_clients_send(t) {
        let ann = json!({
            "schemas": [sent::USER, sent::ENTERPRISE],
            "userName": "Ann.Lee@example.com", "externalId": "jyoung", "displayName": "Ann Lee",
            "name": {"familyName": "Employee", "givenName": "Ann"},
            "roles": [{"value": "Admin", "primary": "True"}, {"value": "Ops", "primary": "False"}],
            "emails": [
                {"value": "ann@work.example", "type": "work", "primary": true},
                {"value": "ann@home.example", "type": "home"},
            ],
            sent::ENTERPRISE: {"manager": "2819c223-7f76-453a-919d-413861904646"},
        });
        let ann = t.scim("POST", "/Users", Some(&ann)).await.expect(201)["id"].as_str().unwrap().to_owned();
        t.user("bob@example.com").await;
        for filter in [
            r#"userName eq "Ann.Lee@example.com""#,
            r#"userName eq "ANN.LEE@EXAMPLE.COM""#,
            r#"username Eq "ann.lee@example.com""#,
            r#"USERNAME EQ "ann.lee@example.com""#,
            "userName eq ann.lee@example.com",
            r#"externalId eq "jyoung""#,
            "externalId eq jyoung",
            "externalid eq jyoung",
            r#"displayName eq "ann lee""#,
            r#"DisplayName eq "Ann Lee""#,
            r#"emails.value eq "ann@work.example""#,
            r#"emails.value eq "ANN@home.example""#,
            r#"emails eq "ann@home.example""#,
            r#"emails Co "work.example""#,
            r#"emails[type eq "work"].value eq "ann@work.example""#,
            r#"emails[type eq "home"].value eq "ann@home.example""#,
            r#"emails[primary eq true].value eq "ann@work.example""#,
            r#"emails[primary eq "True"].value eq "ann@work.example""#,
            r#"emails[type eq "work" and value eq "ann@work.example"]"#,
            "name.FamilyName eq Employee and (emails.Value co work.example or emails.Value co example.org)",
            r#"emails[value eq "ann@home.example"]"#,
            r#"emails[type eq work].value eq ann@work.example"#,
            r#"EMAILS[TYPE EQ "work"].VALUE EQ "ann@work.example""#,
            r#"roles[primary eq "True"].value eq "admin""#,
            r#"username Eq "ann.lee@example.com" and emails Co "home""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann.lee@example.com""#,
            r#"userName sw "a""#,
            "userName sw A",
            "meta.Created gt 2015-10-10T14:38:21.8617979-07:00 and userName sw ann",
        ] {
            assert_eq!(t.find("/Users", filter).await, std::slice::from_ref(&ann), "{filter}");
        }
        for filter in [
            format!(r#"id eq "{ann}""#),
            format!("ID EQ {ann}"),
            format!(r#"id eq "{ann}" and manager eq "2819c223-7f76-453a-919d-413861904646""#),
            format!(r#"id eq "{ann}" and {}:manager.value eq "2819c223-7f76-453a-919d-413861904646""#, sent::ENTERPRISE),
            format!(r#"id eq "{ann}" and {}:manager eq "2819c223-7f76-453a-919d-413861904646""#, sent::ENTERPRISE),
            format!(r#"manager[value eq "2819c223-7f76-453a-919d-413861904646"] and schemas eq "{}""#, sent::ENTERPRISE),
        ] {
            assert_eq!(t.find("/Users", &filter).await, std::slice::from_ref(&ann), "{filter}");
        }
    }

    /// What looks alike must not be found: a filter that finds too much links the wrong people.
    async fn line_10_filters_find_nobody_else(t) {
        let body = json!({"userName": "ann@example.com", "externalId": "jYoung", "emails": [
            {"value": "ann@work.example", "type": "work", "primary": true},
            {"value": "ann@home.example", "type": "home"},
        ]});
        let id = t.scim("POST", "/Users", Some(&body)).await.expect(201)["id"].as_str().unwrap().to_owned();
        for filter in [
            "externalId eq jyoung",
            r#"externalId eq "JYOUNG""#,
            r#"userName eq "ann@example.co""#,
            r#"emails[type eq "home"].value eq "ann@work.example""#,
            r#"emails[primary eq true].value eq "ann@home.example""#,
            r#"userName eq "ann@example.com" and manager eq "nobody""#,
            r#"not (userName eq "ann@example.com")"#,
        ] {
            assert_eq!(t.find("/Users", filter).await, Vec::<String>::new(), "{filter}");
        }
        for filter in [format!(r#"id eq "{}""#, id.to_uppercase()), format!(r#"id eq "{}""#, &id[..31])] {
            // An id of digits alone has no other case.
            if !filter.contains(&id) {
                assert_eq!(t.find("/Users", &filter).await, Vec::<String>::new(), "{filter}");
            }
        }
    }

    async fn line_10_groups_are_found_by_name_id_and_member(t) {
        let (ann, bob) = (t.user("ann@example.com").await, t.user("bob@example.com").await);
        let sales = t.group("Sales \"EU\" & Öl", &[&ann]).await;
        let name = json!([{"op": "Add", "path": "externalId", "value": "8aa1a0c0"}]);
        assert_eq!(t.patch(&format!("/Groups/{sales}"), name).await.status, 204);
        t.group("Other", &[&bob]).await;
        for filter in [
            r#"displayName eq "Sales \"EU\" & Öl""#.to_owned(),
            r#"DISPLAYNAME Eq "SALES \"eu\" & ÖL""#.to_owned(),
            format!(r#"id eq "{sales}""#),
            format!(r#"members.value eq "{ann}""#),
            format!(r#"members eq "{ann}""#),
            format!(r#"members[value eq "{ann}"]"#),
            r#"externalId eq "8aa1a0c0""#.to_owned(),
            "displayName sw SALES".to_owned(),
            format!(r#"id eq "{sales}" and members eq "{ann}""#),
        ] {
            assert_eq!(t.find("/Groups", &filter).await, std::slice::from_ref(&sales), "{filter}");
        }
        let other = format!(r#"id eq "{sales}" and members eq "{bob}""#);
        assert_eq!(t.find("/Groups", &other).await, Vec::<String>::new());
        let check = t.read(&format!("/Groups?filter=id%20eq%20%22{sales}%22%20and%20members%20eq%20%22{ann}%22&attributes=id")).await;
        assert_eq!(check["Resources"], json!([{"schemas": [sent::GROUP], "id": sales}]));
    }

    /// What the server itself adds is found by as it is shown.
    async fn line_10_what_is_shown_is_found(t) {
        let (ann, bob) = (t.user("ann@example.com").await, t.user("bob").await);
        let sales = t.group("Sales", &[&ann, &bob]).await;
        let (user, group) = (t.read(&format!("/Users/{bob}")).await, t.read(&format!("/Groups/{sales}")).await);
        for (endpoint, shown) in [("/Users", &user), ("/Groups", &group)] {
            for name in ["resourceType", "created", "lastModified", "location", "version"] {
                let filter = format!("meta.{name} eq {} and meta pr", shown["meta"][name]);
                let found = t.find(endpoint, &filter).await;
                assert!(found.iter().any(|id| shown["id"] == id.as_str()), "{filter}");
            }
            let filter = format!("meta.location eq {}", shown["meta"]["location"]);
            assert_eq!(t.find(endpoint, &filter).await.len(), 1, "{filter}");
            assert!(!t.find(endpoint, &format!("schemas eq {}", shown["schemas"][0])).await.is_empty());
        }
        let (joined, member) = (&user["groups"][0], group["members"].as_array().unwrap());
        for name in ["value", "$ref", "display", "type"] {
            let found = t.find("/Users", &format!("groups.{name} eq {}", joined[name])).await;
            assert_eq!(found.len(), 2, "{name}");
            for member in member {
                let filter = format!("members[{name} eq {} and value eq {}]", member[name], member["value"]);
                assert_eq!(t.find("/Groups", &filter).await, std::slice::from_ref(&sales), "{filter}");
            }
        }
    }

    /// Each client writes blanks and signs in its own way. (A bare `"` is no URI; hyper refuses it.)
    async fn line_10_queries_come_encoded_or_not(t) {
        let id = t.user("test+user@okta.local").await;
        for query in [
            "filter=userName+eq+%22test%2Buser%40okta.local%22",
            "filter=userName%20eq%20%22test%2Buser%40okta.local%22&startIndex=1&count=100",
            "filter=userName+eq+%22test%2buser@okta.local%22",
            "filter=%75serName%09eq%20%22test%2Buser@okta.local%22%20",
            "FILTER=userName+eq+test%2Buser@okta.local",
        ] {
            let found = t.bare("GET", &format!("/Users?{query}"), "").await.expect(200);
            assert_eq!(texts(&found["Resources"], "id"), std::slice::from_ref(&id), "{query}");
        }
    }

    async fn line_11_inactive_users_are_shown_everywhere(t) {
        let id = t.user("ann@example.com").await;
        t.patch(&format!("/Users/{id}"), json!([{"op": "Replace", "path": "active", "value": "False"}])).await.expect(200);
        assert_eq!(t.read(&format!("/Users/{id}")).await["active"], false);
        for query in [
            "",
            "?filter=userName+eq+%22ann%40example.com%22",
            "?filter=active+eq+false",
            "?filter=active+eq+%22False%22",
            "?filter=emails%5Btype+eq+%22work%22%5D.value+eq+%22ann%40example.com%22",
        ] {
            let list = t.read(&format!("/Users{query}")).await;
            assert_eq!(list["totalResults"], 1, "{query}");
            assert_eq!(list["Resources"][0]["active"], false, "{query}");
        }
        assert_eq!(t.find("/Users", "active eq true").await, Vec::<String>::new());
    }

    async fn line_12_members_can_be_left_out_and_ids_alone_asked_for(t) {
        let ann = t.user("ann@example.com").await;
        let group = t.group("Sales", &[&ann]).await;
        let only_id = json!({"schemas": [sent::GROUP], "id": group});
        for query in ["", "&filter=displayName+eq+%22Sales%22"] {
            let list = t.read(&format!("/Groups?excludedAttributes=members{query}")).await;
            assert_eq!(list["Resources"][0]["displayName"], "Sales");
            assert!(list["Resources"][0]["meta"]["location"].is_string());
            assert!(list["Resources"][0].get("members").is_none(), "{list}");
            let list = t.read(&format!("/Groups?attributes=id{query}")).await;
            assert_eq!(list["Resources"], json!([only_id]));
        }
        let one = t.read(&format!("/Groups/{group}?excludedAttributes=members")).await;
        assert_eq!((&one["displayName"], one.get("members")), (&json!("Sales"), None));
        assert_eq!(t.read(&format!("/Groups/{group}?attributes=id")).await, only_id);
        assert_eq!(texts(&t.read(&format!("/Groups/{group}")).await["members"], "value"), [ann.as_str()]);
        let some = t.read(&format!("/Users/{ann}?attributes=userName,emails%5Btype%20eq%20%22work%22%5D")).await;
        assert_eq!(some, json!({"schemas": [sent::USER], "id": ann, "userName": "ann@example.com",
            "emails": [{"value": "ann@example.com", "type": "work", "primary": true}]}));
    }

    /// What isn't echoed, Entra patches again in every cycle.
    async fn line_13_everything_that_was_sent_is_echoed(t) {
        let sent = sent::whole();
        let made = t.scim("POST", "/Users", Some(&sent)).await.expect(201);
        let id = made["id"].as_str().expect("an id is a string");
        assert!(!id.is_empty() && !id.contains("bulkId"));
        let list = t.read("/Users").await;
        for shown in [&made, &t.read(&format!("/Users/{id}")).await, &list["Resources"][0]] {
            for (name, value) in sent.as_object().unwrap() {
                assert_eq!(&shown[name], value, "{name}");
            }
        }
    }

    async fn line_13_output_is_of_the_right_type_whatever_the_input_was(t) {
        let body = json!({
            "schemas": [sent::USER, sent::ENTERPRISE],
            "userName": "ann@example.com",
            "active": "True",
            "nickName": null, "title": "", "addresses": null, "phoneNumbers": [],
            "name": {"givenName": "Ann", "familyName": null},
            "emails": [{"value": "ann@example.com", "type": "work", "primary": "True", "display": null}],
            "roles": [{"value": "Admin", "primary": "False"}],
            sent::ENTERPRISE: {"manager": "myuser", "department": null},
        });
        let made = t.scim("POST", "/Users", Some(&body)).await.expect(201);
        let shown = t.read(&format!("/Users/{}", made["id"].as_str().unwrap())).await;
        for shown in [made, shown] {
            assert!(!has_null(&shown), "{shown}");
            assert_eq!(shown["active"], true);
            assert_eq!(shown["emails"][0]["primary"], true);
            assert_eq!(shown["roles"][0]["primary"], false);
            assert_eq!(shown["name"], json!({"givenName": "Ann"}));
            assert_eq!(shown[sent::ENTERPRISE], json!({"manager": {"value": "myuser"}}));
            for absent in ["nickName", "title", "addresses", "phoneNumbers", "password", "groups"] {
                assert!(shown.get(absent).is_none(), "{absent}");
            }
        }
    }

    async fn line_13_an_id_is_never_used_again_for_somebody_else(t) {
        let ann = t.user("ann@example.com").await;
        let sales = t.group("Sales", &[]).await;
        t.scim("DELETE", &format!("/Users/{ann}"), None).await.expect(204);
        t.scim("DELETE", &format!("/Groups/{sales}"), None).await.expect(204);
        assert_ne!(t.user("bob@example.com").await, ann);
        assert_ne!(t.group("Marketing", &[]).await, sales);
        t.scim("GET", &format!("/Users/{ann}"), None).await.scim_error(404, None);
    }
}
