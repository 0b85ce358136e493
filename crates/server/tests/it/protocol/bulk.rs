//! Bulk requests (RFC 7644 section 3.7).

use super::{
    BULK, ENTERPRISE, USER, bulk_of, bulk_results, id_in, make_many, make_users, post_user,
};
use crate::harness::{Server, at_once, both, texts};
use domain::Time;
use domain::role::SUPER_ADMINISTRATOR;
use serde_json::{Value, json};
use server::app::App;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicI64, Ordering};
use tokio::io::AsyncWriteExt;

fn person(name: &str) -> Value {
    json!({"schemas": [USER], "userName": format!("{name}@example.com")})
}

fn managed(name: &str, manager: &str) -> Value {
    json!({"schemas": [USER, ENTERPRISE], "userName": format!("{name}@example.com"), ENTERPRISE: {"manager": {"value": manager}}})
}

fn post_group(bulk_id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> =
        members.iter().map(|id| json!({"type": "User", "value": id})).collect();
    json!({"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": name, "members": members}})
}

fn patch_of(path: &str, operations: Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}})
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|result| result["status"].as_str().expect("a status is a string")).collect()
}

/// The scimType and the sentence of an operation that failed.
fn failure(result: &Value) -> (Option<&str>, &str) {
    let error = &result["response"];
    assert_eq!(
        error["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"]),
        "{result}"
    );
    assert_eq!(error["status"], result["status"]);
    (error["scimType"].as_str(), error["detail"].as_str().expect("a detail"))
}

async fn manager(t: &Server, id: &str) -> Value {
    t.read(&format!("/Users/{id}")).await[ENTERPRISE]["manager"]["value"].clone()
}

both! {
    /// What was changed before an operation failed is undone, members included.
    async fn what_fails_late_leaves_nothing(t) {
        let ada = t.user("ada@example.com").await;
        let group = t.group("Design", &[]).await;
        let path = format!("/Groups/{group}");
        let before = (t.read(&path).await, t.events().await.len());
        let late = json!([
            {"op": "add", "path": "members", "value": [{"value": ada}]},
            {"op": "replace", "path": "externalId", "value": "x".repeat(600)},
        ]);
        let title = json!([{"op": "replace", "path": "title", "value": "Boss"}]);
        let results = bulk_results(t, &[
            post_user("1", person("bob")),
            patch_of(&path, late),
            patch_of(&format!("/Users/{ada}"), title),
        ]).await;
        assert_eq!(statuses(&results), ["201", "400", "200"]);
        assert_eq!((t.read(&path).await, t.events().await.len()), (before.0, before.1 + 2));
    }

    /// A circle that fails leaves alone whom it would have claimed or brought back.
    async fn a_circle_that_fails_ends_nobodys_membership(t) {
        t.user("taken@example.com").await;
        let back = t.user("back@example.com").await;
        t.patch(&format!("/Users/{back}"), json!([{"op": "replace", "path": "active", "value": false}])).await.expect(200);
        let member = t.find("/Users", "userName eq \"back@example.com\"").await;
        let before = (t.read(&format!("/Users/{back}")).await, t.events().await.len());
        for name in ["back", "new"] {
            let results = bulk_results(t, &[
                post_user("a", managed("taken", "bulkId:b")),
                post_user("b", managed(name, "bulkId:a")),
                post_user("c", person(&format!("bystander-of-{name}"))),
            ]).await;
            assert_eq!(statuses(&results), ["409", "409", "201"], "{name}");
            assert_eq!(failure(&results[0]).0, Some("uniqueness"), "{name}");
        }
        let after = (t.read(&format!("/Users/{back}")).await, t.events().await.len());
        assert_eq!(after, (before.0, before.1 + 2));
        assert_eq!(t.find("/Users", "userName eq \"back@example.com\"").await, member);
        assert_eq!(t.find("/Users", "userName eq \"new@example.com\"").await, Vec::<String>::new());
    }

    /// The log and lists in order of creation tell what came first, however fast it went.
    async fn what_came_first_is_first(t) {
        let names: Vec<String> = (0..20).map(|number| format!("user{number:02}")).collect();
        let mut operations: Vec<Value> =
            names.iter().map(|name| post_user(name, person(name))).collect();
        operations.push(json!({"method": "DELETE", "path": "/Users/bulkId:user03"}));
        let results = bulk_results(t, &operations).await;
        assert!(statuses(&results).iter().all(|status| status.starts_with('2')), "{results:?}");
        let listed = texts(&t.read("/Users").await["Resources"], "userName");
        let expected: Vec<String> =
            names.iter().filter(|name| *name != "user03").map(|name| format!("{name}@example.com")).collect();
        assert_eq!(listed, expected);
        // The newest first.
        let newest = &t.events().await[0];
        assert_eq!(newest["action"]["type"], "delete", "{newest}");
    }

    /// RFC 7644 section 3.7.3: the example, with a method of each kind.
    async fn each_method_answers_with_what_became_of_it(t) {
        let made = make_users(t, ["bob", "dave", "pete"].map(person).to_vec()).await;
        let versions: Vec<String> = at_once(made.iter().map(|id| async move {
            t.read(&format!("/Users/{id}")).await["meta"]["version"].as_str().unwrap().to_owned()
        })).await;
        let before = t.events().await.len();
        let answer = t.scim("POST", "/Bulk", Some(&json!({
            "schemas": [BULK],
            "failOnErrors": 1,
            "Operations": [
                post_user("qwerty", person("alice")),
                {"method": "PUT", "path": format!("/Users/{}", made[0]), "version": versions[0], "data": {"schemas": [USER], "userName": "Bob@example.com", "title": "boss"}},
                // As in the example of the RFC, without its envelope.
                {"method": "PATCH", "path": format!("/Users/{}", made[1]), "version": versions[1], "data": [{"op": "remove", "path": "nickName"}, {"op": "add", "path": "title", "value": "x"}]},
                {"method": "DELETE", "path": format!("/Users/{}", made[2]), "version": versions[2]},
            ],
        }))).await;
        let body = answer.expect(200);
        assert_eq!(answer.header("content-type"), "application/scim+json");
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
        let results = body["Operations"].as_array().unwrap();
        assert_eq!(statuses(results), ["201", "200", "200", "204"]);
        assert_eq!(texts(&body["Operations"], "method"), ["POST", "PUT", "PATCH", "DELETE"]);
        assert_eq!((&results[0]["bulkId"], results[1].get("bulkId")), (&json!("qwerty"), None));
        for (result, id) in results[1..].iter().zip(&made) {
            assert_eq!(result["location"], t.scim_url(&format!("/Users/{id}")));
        }
        let alice = id_in(&results[0]);
        for (result, id) in results[..3].iter().zip([&alice, &made[0], &made[1]]) {
            let shown = t.read(&format!("/Users/{id}")).await;
            assert_eq!((&result["version"], &result["location"]), (&shown["meta"]["version"], &shown["meta"]["location"]));
            assert_eq!(result.get("response"), None);
        }
        assert_eq!(results[3].get("version"), None);
        t.scim("GET", &format!("/Users/{}", made[2]), None).await.scim_error(404, None);
        // One event for each, in their order, all of one request.
        let events = t.events().await;
        assert_eq!(events.len(), before + 4);
        let requests: BTreeSet<String> = events[..4].iter().map(|event| event["raw"]["cf_ray_id"].to_string()).collect();
        assert_eq!(requests.len(), 1);
    }

    /// RFC 7644 section 3.7.2: a bulkId stands for what is created, wherever that is in the request.
    async fn references_go_forth_and_back(t) {
        let results = bulk_results(t, &[
            post_group("group", "Tour Guides", &["bulkId:qwerty", "bulkId:ytrewq"]),
            post_user("ytrewq", managed("ann", "bulkId:qwerty")),
            post_user("qwerty", person("alice")),
            post_group("late", "Late", &["bulkId:qwerty"]),
        ]).await;
        assert_eq!(statuses(&results), ["201"; 4]);
        assert_eq!(results.iter().map(|result| result["bulkId"].as_str().unwrap()).collect::<Vec<_>>(), ["group", "ytrewq", "qwerty", "late"]);
        let ids: Vec<String> = results.iter().map(id_in).collect();
        let mut expected = [ids[1].clone(), ids[2].clone()];
        expected.sort();
        assert_eq!(t.members(&ids[0]).await, expected);
        assert_eq!(t.members(&ids[3]).await, [ids[2].clone()]);
        assert_eq!(manager(t, &ids[1]).await, ids[2]);
        let text = t.scim("GET", "/", None).await.text;
        assert!(!text.contains("bulkId"), "{text}");
    }

    /// RFC 7644 section 3.7.1: circles are resolved, and everybody in one is complete at the end.
    async fn circles_are_resolved(t) {
        let before = t.events().await.len();
        let results = bulk_results(t, &[
            post_user("a", managed("ann", "bulkId:b")),
            post_user("b", managed("bob", "bulkId:c")),
            post_user("c", managed("eve", "bulkId:a")),
            post_user("self", managed("sam", "bulkId:self")),
            post_user("x", managed("xan", "bulkId:y")),
            post_user("y", managed("yan", "bulkId:x")),
        ]).await;
        assert_eq!(statuses(&results), ["201"; 6]);
        let ids: Vec<String> = results.iter().map(id_in).collect();
        for (who, whom) in [(0, 1), (1, 2), (2, 0), (3, 3), (4, 5), (5, 4)] {
            assert_eq!(manager(t, &ids[who]).await, ids[whom], "{who}");
        }
        for (result, id) in results.iter().zip(&ids) {
            assert_eq!(result["version"], t.read(&format!("/Users/{id}")).await["meta"]["version"]);
        }
        // Somebody in each circle was created in two steps, and the log says so.
        let events = t.events().await.len() - before;
        assert_eq!(events, 6 + 3);
        assert_eq!(t.find("/Users", &format!("manager eq \"{}\"", ids[3])).await, [ids[3].clone()]);
    }

    /// RFC 7644 section 3.7.2: also in paths, in values, in filters and in `$ref`.
    async fn what_was_just_created_can_be_changed(t) {
        let results = bulk_results(t, &[
            patch_of("/Groups/bulkId:g", json!([{"op": "add", "path": "members", "value": [{"value": "bulkId:a"}, {"value": "bulkId:b"}]}])),
            {
                let mut put = json!({"method": "PUT", "path": "/Users/bulkId:a", "data": person("ann")});
                put["data"][ENTERPRISE] = json!({"manager": {"$ref": "../Users/bulkId:b", "value": "bulkId:b"}});
                put
            },
            json!({"method": "DELETE", "path": "/Users/bulkId:gone"}),
            patch_of("/Groups/bulkId:g", json!([{"op": "remove", "path": "members[value eq \"bulkId:b\"]"}])),
            post_user("a", person("ann")),
            post_user("b", person("bob")),
            post_user("gone", person("eve")),
            post_group("g", "Sales", &[]),
        ]).await;
        assert_eq!(statuses(&results), ["204", "200", "204", "204", "201", "201", "201", "201"]);
        let (ann, bob, group) = (id_in(&results[4]), id_in(&results[5]), id_in(&results[7]));
        assert_eq!(results[1]["location"], t.scim_url(&format!("/Users/{ann}")));
        assert_eq!(manager(t, &ann).await, bob);
        assert_eq!(t.members(&group).await, [ann]);
        t.scim("GET", &format!("/Users/{}", id_in(&results[6])), None).await.scim_error(404, None);
    }

    /// RFC 7644 section 3.7: as many as possible are done; each failure says why, in its own place.
    async fn what_fails_leaves_the_others_alone(t) {
        let taken = t.user("taken@example.com").await;
        let before = t.events().await.len();
        let results = bulk_results(t, &[
            post_user("1", person("ann")),
            post_user("2", person("taken")),
            post_user("3", person("ann")),
            post_user("4", json!({"schemas": [USER]})),
            json!({"method": "PUT", "path": "/Users/nobody", "data": person("x")}),
            patch_of(&format!("/Users/{taken}"), json!([{"op": "replace", "path": "nothing.here", "value": 1}])),
            json!({"method": "DELETE", "path": format!("/Users/{taken}"), "version": "W/\"7\""}),
            post_group("5", "Sales", &["nobody"]),
            post_user("6", person("bob")),
        ]).await;
        assert_eq!(statuses(&results), ["201", "409", "409", "400", "404", "400", "412", "400", "201"]);
        let kinds: Vec<Option<&str>> = results[1..8].iter().map(|result| failure(result).0).collect();
        assert_eq!(kinds, [Some("uniqueness"), Some("uniqueness"), Some("invalidValue"), None, Some("invalidPath"), None, Some("invalidValue")]);
        // RFC 7644 section 3.7: a location for all but a POST that failed.
        for (number, result) in results.iter().enumerate() {
            assert_eq!(result.get("location").is_none(), [1, 2, 3, 7].contains(&number), "{result}");
        }
        let list = t.read("/Users?sortBy=userName").await;
        assert_eq!(texts(&list["Resources"], "userName"), ["ann@example.com", "bob@example.com", "taken@example.com"]);
        assert_eq!(t.read("/Groups").await["totalResults"], 0);
        assert_eq!(t.events().await.len(), before + 2);
        counts_agree(t).await;
    }

    /// RFC 7644 section 3.7.3: after so many errors no more is done; what was done stays, what was not is not listed.
    async fn it_stops_after_so_many_errors(t) {
        for (limit, done, made) in [(json!(1), 2, 1), (json!(2), 4, 2), (json!(3), 6, 3), (json!(null), 6, 3)] {
            let round = limit.to_string();
            let operations: Vec<Value> = (0..6)
                .map(|number| if number % 2 == 0 { post_user(&number.to_string(), person(&format!("{round}-{number}"))) } else { post_user(&number.to_string(), json!({})) })
                .collect();
            let before = t.read("/Users").await["totalResults"].as_u64().unwrap();
            let body = json!({"schemas": [BULK], "failOnErrors": limit, "Operations": operations});
            let results = t.scim("POST", "/Bulk", Some(&body)).await.expect(200)["Operations"].as_array().unwrap().clone();
            assert_eq!(results.len(), done, "{limit}: {results:?}");
            assert_eq!(statuses(&results), ["201", "400", "201", "400", "201", "400"][..done]);
            assert_eq!(t.read("/Users").await["totalResults"].as_u64().unwrap(), before + made, "{limit}");
        }
        for wrong in [json!(0), json!(-1), json!("x"), json!(1.5), json!([])] {
            let body = json!({"schemas": [BULK], "failOnErrors": wrong, "Operations": [post_user("a", person("late"))]});
            t.scim("POST", "/Bulk", Some(&body)).await.scim_error(400, Some("invalidValue"));
        }
        assert_eq!(t.find("/Users", "userName sw \"late\"").await, Vec::<String>::new());
    }

    /// What relies on something that failed fails too, and half a circle is none.
    async fn whoever_relies_on_a_failure_fails(t) {
        t.user("taken@example.com").await;
        let results = bulk_results(t, &[
            post_user("bad", person("taken")),
            post_user("a", managed("ann", "bulkId:bad")),
            post_group("g", "Sales", &["bulkId:a"]),
            patch_of("/Users/bulkId:bad", json!([{"op": "remove", "path": "title"}])),
            post_user("x", managed("xan", "bulkId:y")),
            post_user("y", managed("taken", "bulkId:x")),
            post_user("unknown", managed("unn", "bulkId:nowhere")),
            json!({"method": "DELETE", "path": "/Users/bulkId:nowhere"}),
            post_user("fine", person("fin")),
        ]).await;
        assert_eq!(statuses(&results), ["409", "409", "409", "409", "409", "409", "400", "400", "201"]);
        assert_eq!(failure(&results[0]).0, Some("uniqueness"));
        assert!(failure(&results[1]).1.contains("bulkId:bad"));
        assert!(failure(&results[6]).1.contains("bulkId:nowhere"));
        let list = t.read("/Users?sortBy=userName").await;
        assert_eq!(texts(&list["Resources"], "userName"), ["fin@example.com", "taken@example.com"]);
        assert_eq!(t.read("/Groups").await["totalResults"], 0);
        counts_agree(t).await;
        // Nobody is a member either who was created in vain.
        let members = t.api("GET", "/members?per_page=50&status=accepted", None).await.expect(200);
        assert_eq!(members["result"].as_array().map(Vec::len), Some(3), "{members}");
    }

    /// An operation that makes no sense is one failure among the others (RFC 7644 section 3.7).
    async fn each_operation_that_makes_no_sense_says_why(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let cases = [
            (json!({"method": "GET", "path": path}), "400"),
            (json!({"path": path}), "400"),
            (json!({"method": "POST", "bulkId": "q"}), "400"),
            (json!({"method": "POST", "path": "/Users", "data": person("x")}), "400"),
            (json!({"method": "POST", "path": path, "bulkId": "q", "data": person("x")}), "400"),
            (json!({"method": "POST", "path": "/Users", "bulkId": "w"}), "400"),
            (json!({"method": "PUT", "path": "/Users", "data": person("x")}), "400"),
            (json!({"method": "PUT", "path": path}), "400"),
            (json!({"method": "PATCH", "path": path}), "400"),
            (json!({"method": "PATCH", "path": path, "data": {"schemas": [USER]}}), "400"),
            (json!({"method": "DELETE", "path": "/Users"}), "400"),
            (json!({"method": "DELETE", "path": "/Devices/5"}), "404"),
            (json!({"method": "DELETE", "path": "/Schemas/x"}), "404"),
            (json!({"method": "DELETE", "path": "/Me"}), "404"),
            (json!({"method": "POST", "path": "/Bulk", "bulkId": "e", "data": bulk_of(&[])}), "404"),
            (json!({"method": "DELETE", "path": format!("{path}?x=y")}), "400"),
            (json!({"method": "DELETE", "path": t.scim_url(&path)}), "400"),
            (json!({"method": "DELETE", "path": "/Users/../Users/x"}), "400"),
            (json!({"method": "DELETE", "path": "/Users/%00"}), "400"),
            (json!("DELETE"), "400"),
            (json!(null), "400"),
        ];
        let before = t.everything().await;
        let operations: Vec<Value> = cases.iter().map(|(operation, _)| operation.clone()).collect();
        let results = bulk_results(t, &operations).await;
        assert_eq!(results.len(), cases.len());
        for ((operation, status), result) in cases.iter().zip(&results) {
            assert_eq!(result["status"], *status, "{operation}: {result}");
            assert!(failure(result).1.len() > 10);
        }
        assert_eq!(t.everything().await, before);
        let twice = bulk_results(t, &[post_user("same", person("a")), post_user("same", person("b"))]).await;
        assert_eq!(statuses(&twice), ["201", "400"]);
    }

    /// A request that is none is refused as a whole.
    async fn a_body_that_is_no_bulk_request_is_refused(t) {
        let before = t.everything().await;
        for (body, keyword) in [
            (json!([]), "invalidSyntax"),
            (json!({"Operations": 5, "schemas": [BULK]}), "invalidSyntax"),
            (json!({"schemas": [BULK]}), "invalidSyntax"),
            (json!({"schemas": [USER], "Operations": []}), "invalidSyntax"),
            (json!({"schemas": [BULK], "Operations": [], "operations": []}), "invalidSyntax"),
        ] {
            t.scim("POST", "/Bulk", Some(&body)).await.scim_error(400, Some(keyword));
        }
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            t.scim(method, "/Bulk", None).await.scim_error(405, None);
        }
        assert_eq!(bulk_results(t, &[]).await, Vec::<Value>::new());
        assert_eq!(t.everything().await, before);
        let reader = t.token(&["SCIM Provisioning Read"], None).await;
        let request = t.request("POST", &t.scim_url("/Bulk")).bearer_auth(reader);
        let request = request.header("content-type", "application/scim+json").body(bulk_of(&[]).to_string());
        t.send(request).await.scim_error(403, None);
    }

    /// RFC 7644 section 3.7.4: 413, and which limit it was.
    async fn a_request_beyond_the_limits_is_a_413(t) {
        let before = t.everything().await;
        let config = t.read("/ServiceProviderConfig").await["bulk"].clone();
        let most = usize::try_from(config["maxOperations"].as_u64().unwrap()).unwrap();
        let operations = |count: usize| -> Vec<Value> { (0..count).map(|number| json!({"method": "DELETE", "path": format!("/Users/{number}")})).collect() };
        let answer = t.scim("POST", "/Bulk", Some(&bulk_of(&operations(most + 1)))).await;
        let detail = answer.scim_error(413, None);
        assert!(detail.contains("maxOperations") && detail.contains("1000"), "{detail}");
        assert_eq!(bulk_results(t, &operations(most)).await.len(), most);
        let size = usize::try_from(config["maxPayloadSize"].as_u64().unwrap()).unwrap();
        let mut text = bulk_of(&[]).to_string();
        text.push_str(&" ".repeat(size + 1 - text.len()));
        for (body, status) in [(text.as_str(), 413), (&text[..size], 200)] {
            let request = t.request("POST", &t.scim_url("/Bulk")).bearer_auth(&t.scim_token);
            let answer = t.send(request.header("content-type", "application/json").body(body.to_owned())).await;
            assert_eq!(answer.status, status);
            if status == 413 {
                assert!(answer.scim_error(413, None).contains(&size.to_string()));
            }
        }
        assert_eq!(t.everything().await, before);
    }

    /// RFC 7644 section 3.7: `version` is what `If-Match` is; each operation sees what the ones before it did.
    async fn versions_hold_within_a_bulk(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let tag = t.read(&path).await["meta"]["version"].as_str().unwrap().to_owned();
        let title = |title: &str, version: &str| {
            let mut operation = patch_of(&path, json!([{"op": "add", "path": "title", "value": title}]));
            operation["version"] = json!(version);
            operation
        };
        let results = bulk_results(t, &[title("one", &tag), title("two", &tag), title("three", "*"), title("four", "W/\"3\""), title("five", "\"x\"")]).await;
        assert_eq!(statuses(&results), ["200", "412", "200", "200", "412"]);
        assert_eq!(t.read(&path).await["title"], "four");
        assert_eq!(results[3]["version"], t.read(&path).await["meta"]["version"]);
    }

    /// What a user holds ends with the user, in the transaction of the bulk and no later.
    async fn deactivation_in_a_bulk_ends_sessions_and_tokens(t) {
        let ids = [t.user("ann@example.com").await, t.user("bob@example.com").await];
        let mut held = Vec::new();
        for name in ["ann@example.com", "bob@example.com"] {
            held.push((t.cookie(name).await, t.token(&["Account Settings Read"], Some(name)).await));
        }
        let results = bulk_results(t, &[
            patch_of(&format!("/Users/{}", ids[0]), json!([{"op": "replace", "value": {"active": false}}])),
            json!({"method": "DELETE", "path": format!("/Users/{}", ids[1])}),
        ]).await;
        assert_eq!(statuses(&results), ["200", "204"]);
        for (cookie, token) in held {
            let page = t.send(t.request("GET", &format!("{}/dashboard", t.url)).header("cookie", cookie)).await;
            assert_ne!(page.status, 200);
            let url = format!("{}/client/v4/accounts/{}", t.url, t.account.account.id);
            assert_eq!(t.send(t.request("GET", &url).bearer_auth(token)).await.status, 401);
        }
    }

    /// The rule of the only Super Administrator holds at each operation, whatever the others are.
    async fn a_bulk_cant_lock_everybody_out(t) {
        let ids = make_users(t, ["ann", "bob"].map(person).to_vec()).await;
        for id in &ids {
            t.grant(id, SUPER_ADMINISTRATOR).await;
        }
        t.grant(t.account.member_id.as_str(), domain::role::MINIMAL).await;
        let out = |id: &String| patch_of(&format!("/Users/{id}"), json!([{"op": "replace", "value": {"active": false}}]));
        let mut operations: Vec<Value> = ids.iter().map(out).collect();
        operations.extend(ids.iter().map(|id| json!({"method": "DELETE", "path": format!("/Users/{id}")})));
        let results = bulk_results(t, &operations).await;
        assert_eq!(statuses(&results), ["200", "200", "204", "204"]);
        let left = t.api("GET", "/members?per_page=50&status=accepted", None).await.expect(200);
        let left = texts(&left["result"], "id");
        assert_eq!(ids.iter().filter(|id| left.contains(id)).count(), 1, "{left:?}");
        t.grant(t.account.member_id.as_str(), SUPER_ADMINISTRATOR).await;
    }

    /// A client that goes away in the middle leaves everything of its bulk or nothing.
    async fn a_client_that_goes_away_leaves_all_or_nothing(t) {
        let host = t.url.trim_start_matches("http://").to_owned();
        for round in 0..6_u64 {
            let operations: Vec<Value> = (0..150).map(|number| post_user(&number.to_string(), person(&format!("r{round}-{number}")))).collect();
            let body = bulk_of(&operations).to_string();
            let head = format!(
                "POST {} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                t.target("/Bulk"), t.scim_token, body.len()
            );
            let mut stream = tokio::net::TcpStream::connect(&host).await.expect("a connection");
            stream.write_all(head.as_bytes()).await.expect("to be heard");
            stream.write_all(body.as_bytes()).await.expect("to be heard");
            // Earlier and later in the work; the last one is not cut off at all.
            for _ in 0..round {
                t.get("/healthz").await;
            }
            drop(stream);
            // Whoever takes a name of the bulk waits until it is over, one way or the other.
            let first = t.scim("POST", "/Users", Some(&person(&format!("r{round}-0")))).await.status;
            let found = t.read(&format!("/Users?count=0&filter=userName%20sw%20%22r{round}-%22")).await["totalResults"].clone();
            assert!(found == 150 || found == 1 && first == 201, "round {round}: {found} {first}");
        }
        counts_agree(t).await;
    }

    /// A bulk takes up nothing new after its time, says so of each operation that is left, and keeps the rest.
    async fn what_is_not_reached_in_time_can_be_sent_again(t) {
        let clock = AtomicI64::new(t.app.now().millis());
        let app = App::new(t.app.db.clone(), None);
        let url = t.replica(app.with_clock(move || Time::from_millis(clock.fetch_add(300, Ordering::Relaxed)))).await;
        let mut operations: Vec<Value> = (0..100).map(|number| post_user(&number.to_string(), person(&format!("u{number}")))).collect();
        let mut done = 0;
        for round in 0..6 {
            let request = t.request("POST", &format!("{url}/Bulk")).bearer_auth(&t.scim_token);
            let request = request.header("content-type", "application/json").body(bulk_of(&operations).to_string());
            let results = t.send(request).await.expect(200)["Operations"].as_array().unwrap().clone();
            assert_eq!(results.len(), operations.len());
            let made = statuses(&results).into_iter().take_while(|status| *status == "201").count();
            assert!((made > 10 || made == operations.len()) && statuses(&results)[made..].iter().all(|status| *status == "503"), "{round}: {results:?}");
            done += made;
            assert_eq!(t.read("/Users?count=0").await["totalResults"], done);
            operations.drain(..made);
            if operations.is_empty() {
                break;
            }
            assert!(failure(&results[made]).1.contains("again"));
        }
        assert_eq!(done, 100);
    }

    /// Two at once: each is done as if alone, in whatever order, and nobody is told of a deadlock.
    async fn two_at_once_on_the_same_users_leave_nothing_half_done(t) {
        let ids = make_many(t, 40).await;
        let group = t.group("Sales", &[]).await;
        for round in 0..4 {
            let request = |who: &str, order: Vec<&String>| {
                let change = |id: &String| [
                    patch_of(&format!("/Users/{id}"), json!([{"op": "replace", "value": {"title": format!("{who} {round}"), "nickName": format!("{who} {round}")}}])),
                    patch_of(&format!("/Groups/{group}"), json!([{"op": if who == "one" { "add" } else { "remove" }, "path": "members", "value": [{"value": id}]}])),
                ];
                bulk_of(&order.into_iter().flat_map(change).collect::<Vec<_>>())
            };
            let one = request("one", ids.iter().collect());
            let two = request("two", ids.iter().rev().collect());
            let answers = at_once([&one, &two].map(|body| t.scim("POST", "/Bulk", Some(body)))).await;
            for answer in &answers {
                if answer.status == 503 {
                    assert_eq!(answer.header("retry-after"), "1");
                    continue;
                }
                for result in answer.expect(200)["Operations"].as_array().unwrap() {
                    assert!(matches!(result["status"].as_str(), Some("200" | "204" | "503")), "{result}");
                }
            }
            // Each user is as one of the two has left it, not a mixture.
            let list = t.read("/Users?count=1000").await;
            for user in list["Resources"].as_array().unwrap() {
                assert_eq!(user["title"], user["nickName"], "{user}");
            }
        }
    }

    /// Two companies, or two connectors of one, import at the same time.
    async fn two_imports_at_once_are_both_done(t) {
        let import = |who: &str| {
            let operations: Vec<Value> = (0..200).map(|number| post_user(&number.to_string(), person(&format!("{who}{number}")))).collect();
            bulk_of(&operations)
        };
        let bodies = ["a", "b", "c"].map(import);
        for answer in at_once(bodies.iter().map(|body| t.scim("POST", "/Bulk", Some(body)))).await {
            let results = answer.expect(200)["Operations"].as_array().unwrap().clone();
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for result in &results {
                *counts.entry(result["status"].as_str().unwrap().to_owned()).or_default() += 1;
            }
            assert_eq!(counts, BTreeMap::from([("201".to_owned(), 200)]));
        }
        assert_eq!(t.read("/Users?count=0").await["totalResults"], 600);
    }

    /// Others are not kept waiting until a bulk of an import is over.
    async fn a_single_user_can_be_created_during_an_import(t) {
        let operations: Vec<Value> = (0..300).map(|number| post_user(&number.to_string(), person(&format!("u{number}")))).collect();
        let body = bulk_of(&operations);
        let (import, single) = tokio::join!(t.scim("POST", "/Bulk", Some(&body)), async {
            at_once((0..100).map(|number| async move { t.user(&format!("single{number}@example.com")).await })).await.len()
        });
        assert_eq!(import.expect(200)["Operations"].as_array().map(Vec::len), Some(300));
        assert_eq!(single, 100);
        assert_eq!(t.read("/Users?count=0").await["totalResults"], 400);
    }
}

/// The counts that are kept are what counting says.
async fn counts_agree(t: &Server) {
    for (endpoint, name) in
        [("/Users", "userName"), ("/Groups", "displayName"), ("", "meta.created")]
    {
        let kept = t.read(&format!("{endpoint}?count=0")).await["totalResults"].clone();
        let counted =
            t.read(&format!("{endpoint}?count=0&filter={name}%20pr")).await["totalResults"].clone();
        assert_eq!(kept, counted, "{endpoint}");
    }
}
