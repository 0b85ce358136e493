//! Schemas of an account's own: defined while everything runs, and then as good as those of the RFC.

use crate::harness::{Answer, Server, at_once, both, texts};
use domain::account::Kind as AccountKind;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use server::app::App;
use server::listen;
use server::service::accounts;

const URN: &str = "urn:example:hr:2.0:User";

/// One attribute of each type, and of each kind of behaviour.
fn hr() -> Value {
    json!({"id": URN, "name": "HR", "description": "What HR knows", "attributes": [
        {"name": "badge", "uniqueness": "server"},
        {"name": "grade", "caseExact": true},
        {"name": "floor", "type": "integer"},
        {"name": "share", "type": "decimal"},
        {"name": "remote", "type": "boolean"},
        {"name": "since", "type": "dateTime"},
        {"name": "photo", "type": "binary"},
        {"name": "page", "type": "reference", "referenceTypes": ["external"]},
        {"name": "tags", "multiValued": true},
        {"name": "desks", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value"}, {"name": "floor", "type": "integer"}, {"name": "primary", "type": "boolean"}]},
        {"name": "origin", "mutability": "immutable"},
        {"name": "number", "returned": "always"},
        {"name": "secret", "returned": "request"},
    ]})
}

/// A schema with these attributes alone.
fn of(urn: &str, attributes: Value) -> Value {
    json!({"id": urn, "name": "X", "attributes": attributes})
}

async fn add(t: &Server, schema: Value) -> Answer {
    let body = json!({"resource_type": "User", "schema": schema});
    t.api("POST", "/scim/schemas", Some(&body)).await
}

async fn change(t: &Server, schema: Value) -> Answer {
    let path = format!("/scim/schemas/{}", schema["id"].as_str().expect("an id"));
    t.api("PUT", &path, Some(&json!({"schema": schema}))).await
}

/// What an error of API v4 says, after checking its status.
#[track_caller]
fn said(answer: &Answer, status: u16) -> String {
    let body = answer.expect(status);
    assert_eq!((&body["success"], &body["result"]), (&json!(false), &Value::Null));
    body["errors"][0]["message"].as_str().expect("a message").to_owned()
}

/// Creates a user with this data, and returns the answer.
async fn post(t: &Server, name: &str, data: Value) -> Answer {
    let body = json!({"userName": name, "active": true, URN: data});
    t.scim("POST", "/Users", Some(&body)).await
}

/// Creates a user with this data, and returns the id.
async fn user(t: &Server, name: &str, data: Value) -> String {
    post(t, name, data).await.expect(201)["id"].as_str().expect("an id").to_owned()
}

/// The `userName`s of what a query finds, in its order.
async fn names(t: &Server, query: &str) -> Vec<String> {
    texts(&t.read(&format!("/Users?{query}")).await["Resources"], "userName")
}

async fn found(t: &Server, filter: &str) -> String {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    names(t, &format!("filter={filter}")).await.concat()
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(parts) => parts.values().any(has_null),
        _ => false,
    }
}

/// The extensions that a resource type lists, on any server.
async fn extensions(t: &Server, base: &str, kind: &str, token: &str) -> Vec<String> {
    let request = t.request("GET", &format!("{base}/ResourceTypes/{kind}")).bearer_auth(token);
    texts(&t.send(request).await.expect(200)["schemaExtensions"], "schema")
}

both! {
    async fn a_schema_is_listed_at_once_wherever_schemas_are(t) {
        let made = add(t, hr()).await.expect(200)["result"].clone();
        assert_eq!(made["id"], URN);
        assert_eq!((&made["resource_type"], &made["required"]), (&json!("User"), &json!(false)));
        assert!(made["created_on"].as_str().is_some_and(|text| text.ends_with('Z')));
        let one = t.read(&format!("/Schemas/{}", URN.to_uppercase())).await;
        assert_eq!(one["name"], "HR");
        assert_eq!(one["attributes"][0]["uniqueness"], "server");
        assert_eq!(one["attributes"][2]["type"], "integer");
        let all = t.read("/Schemas").await;
        assert!(texts(&all["Resources"], "id").contains(&URN.to_owned()));
        let types = t.read("/ResourceTypes").await;
        assert!(!has_null(&all) && !has_null(&types), "{all} {types}");
        let token = t.scim_token.clone();
        assert!(extensions(t, &t.scim_url(""), "User", &token).await.contains(&URN.to_owned()));
        assert_eq!(extensions(t, &t.scim_url(""), "Group", &token).await, Vec::<String>::new());
        t.scim("POST", "/Schemas", Some(&hr())).await.scim_error(405, None);

        // Another server on the same database, and one that was started later.
        let listener = listen::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let other = App::new(t.app.db.clone(), None);
        tokio::spawn(listen::serve(other, listener, std::future::pending()));
        let base = format!("http://{address}/client/v4/accounts/{}/scim/v2", t.account.account.id);
        assert!(extensions(t, &base, "User", &token).await.contains(&URN.to_owned()));
        let id = user(t, "ada@example.com", json!({"floor": 3})).await;
        let request = t.request("GET", &format!("{base}/Users/{id}")).bearer_auth(&token);
        assert_eq!(t.send(request).await.expect(200)[URN]["floor"], 3);

        let path = format!("/scim/schemas/{}", utf8_percent_encode(URN, NON_ALPHANUMERIC));
        assert_eq!(t.api("GET", &path, None).await.expect(200)["result"]["schema"]["name"], "HR");
        t.patch(&format!("/Users/{id}"), json!([{"op": "remove", "path": URN}])).await.expect(200);
        t.api("DELETE", &path, None).await.expect(200);
        t.api("GET", &path, None).await.expect(404);
        assert!(!extensions(t, &base, "User", &token).await.contains(&URN.to_owned()));
        t.scim("GET", &format!("/Schemas/{URN}"), None).await.scim_error(404, None);
        let events = t.events().await;
        let of_schemas = events.iter().filter(|event| event["resource"]["id"] == URN);
        let actions: Vec<&Value> = of_schemas.map(|event| &event["action"]["description"]).collect();
        assert_eq!(actions, ["Delete Schema", "Create Schema"]);
    }

    async fn another_account_knows_nothing_of_it(t) {
        add(t, hr()).await.expect(200);
        user(t, "ada@example.com", json!({"badge": "X1"})).await;
        let other = t.stranger().await;
        let base = format!("{}/client/v4/accounts/{}/scim/v2", t.url, other.account.id);
        let token = other.token.reveal();
        assert!(!extensions(t, &base, "User", token).await.contains(&URN.to_owned()));
        let body = json!({"userName": "x@example.org", URN: {"badge": "X1"}}).to_string();
        let request = t.request("POST", &format!("{base}/Users")).bearer_auth(token).body(body);
        assert!(t.send(request).await.expect(201).get(URN).is_none());
        let url = format!("{base}/Users?filter={URN}:badge%20pr");
        t.send(t.request("GET", &url).bearer_auth(token)).await.scim_error(400, Some("invalidFilter"));
        let url = base.replace("/v2", "/schemas");
        let listed = t.send(t.request("GET", &url).bearer_auth(token)).await.expect(200);
        assert_eq!(listed["result"], json!([]));
    }

    async fn values_are_written_by_every_road(t) {
        add(t, hr()).await.expect(200);
        let whole = json!({"badge": "X1", "floor": "3", "remote": "True", "tags": ["a", "b"],
            "desks": [{"value": "D1", "floor": 3, "primary": true}], "unknown": 1});
        let made = post(t, "ada@example.com", whole).await.expect(201);
        assert_eq!(made[URN], json!({"badge": "X1", "floor": 3, "remote": true, "tags": ["a", "b"],
            "desks": [{"value": "D1", "floor": 3, "primary": true}]}));
        assert!(made["schemas"].as_array().is_some_and(|urns| urns.contains(&json!(URN))));
        let path = format!("/Users/{}", made["id"].as_str().expect("an id"));
        let body = json!({"userName": "ada@example.com", URN.to_uppercase(): {"FLOOR": 4, "tags": ["c"]}});
        let put = t.scim("PUT", &path, Some(&body)).await.expect(200);
        assert_eq!(put[URN], json!({"floor": 4, "tags": ["c"]}));
        let desk = format!("{URN}:desks[value eq \"D2\"].floor");
        let mut values = json!({"badge": "X2"});
        for (operation, name, value) in [
            (json!({"op": "replace", "path": format!("{URN}:floor"), "value": "5"}), "floor", json!(5)),
            (json!({"op": "add", "path": "tags", "value": ["d"]}), "tags", json!(["c", "d"])),
            (json!({"op": "add", "value": {format!("{URN}:badge"): "X2"}}), "badge", json!("X2")),
            (json!({"op": "add", "value": {URN: {"share": 0.5}}}), "share", json!(0.5)),
            (json!({"op": "replace", "path": URN, "value": {"remote": false}}), "remote", json!(false)),
            (json!({"op": "add", "path": format!("{URN}:desks"), "value": [{"value": "D2"}]}), "desks", json!([{"value": "D2"}])),
            (json!({"op": "replace", "path": desk, "value": 7}), "desks", json!([{"value": "D2", "floor": 7}])),
            (json!({"op": "remove", "path": format!("{URN}:floor")}), "floor", Value::Null),
        ] {
            let patched = t.patch(&path, json!([operation])).await.expect(200);
            assert_eq!(patched[URN][name], value, "{operation}");
            values = patched[URN].clone();
        }
        assert_eq!(values, t.read(&path).await[URN]);
        let gone = t.patch(&path, json!([{"op": "remove", "path": URN}])).await.expect(200);
        assert!(gone.get(URN).is_none(), "{gone}");
        assert!(!gone["schemas"].as_array().is_some_and(|urns| urns.contains(&json!(URN))));
    }

    async fn a_value_of_another_type_is_refused_by_name(t) {
        add(t, hr()).await.expect(200);
        let ada = user(t, "ada@example.com", json!({"floor": 1})).await;
        for (name, bad) in [
            ("badge", json!(5)),
            ("floor", json!("three")),
            ("floor", json!(1.5)),
            ("share", json!(true)),
            ("remote", json!("maybe")),
            ("since", json!("yesterday")),
            ("photo", json!("&&&")),
            ("page", json!({"a": 1})),
            ("tags", json!([1])),
            ("desks", json!([{"floor": "x"}])),
        ] {
            let refused = post(t, "bob@example.com", json!({name: bad})).await;
            assert!(refused.scim_error(400, Some("invalidValue")).contains(name), "{}", refused.text);
            let operation = json!([{"op": "add", "path": format!("{URN}:{name}"), "value": bad}]);
            let refused = t.patch(&format!("/Users/{ada}"), operation).await;
            assert!(refused.scim_error(400, Some("invalidValue")).contains(name), "{}", refused.text);
        }
        let operation = json!([{"op": "add", "path": format!("{URN}:shoe"), "value": 1}]);
        t.patch(&format!("/Users/{ada}"), operation).await.scim_error(400, Some("invalidPath"));
        assert_eq!(t.read(&format!("/Users/{ada}")).await["meta"]["version"], "W/\"1\"");
    }

    async fn values_are_found_sorted_and_picked_out(t) {
        add(t, hr()).await.expect(200);
        user(t, "a", json!({"badge": "B9", "grade": "Lead", "floor": 10, "share": 0.5, "remote": true,
            "since": "2020-01-01T00:00:00+02:00", "photo": "QUJD", "page": "https://x/A",
            "tags": ["one", "two"], "desks": [{"value": "D1", "floor": 3}]})).await;
        user(t, "b", json!({"badge": "a1", "grade": "lead", "floor": -2, "share": 1e3, "remote": false,
            "since": "2019-12-31T23:00:00Z", "desks": [{"value": "D1", "floor": 4}, {"value": "D2", "floor": 3}]})).await;
        user(t, "c", json!({})).await;
        for (filter, expected) in [
            ("badge eq \"b9\"", "a"),
            ("badge sw \"A\"", "b"),
            ("badge co \"9\"", "a"),
            ("badge ew \"1\"", "b"),
            ("badge ne \"b9\"", "bc"),
            ("badge pr", "ab"),
            ("grade eq \"lead\"", "b"),
            ("grade eq \"Lead\"", "a"),
            ("floor gt 3", "a"),
            ("floor lt 3", "b"),
            ("floor eq 10", "a"),
            ("share ge 0.5", "ab"),
            ("share gt 0.5", "b"),
            ("remote eq true", "a"),
            ("remote ne true", "bc"),
            ("since lt \"2019-12-31T22:30:00Z\"", "a"),
            ("since eq \"2019-12-31T22:00:00Z\"", "a"),
            ("photo eq \"QUJD\"", "a"),
            ("page sw \"https://x/\"", "a"),
            ("page eq \"https://x/a\"", ""),
            ("tags eq \"TWO\"", "a"),
            ("desks.value eq \"d1\"", "ab"),
            ("desks[value eq \"D1\" and floor eq 3]", "a"),
            ("desks eq \"d2\"", "b"),
        ] {
            assert_eq!(found(t, &format!("{URN}:{filter}")).await, expected, "{filter}");
            // Without the URN too, where no other schema has the name.
            assert_eq!(found(t, filter).await, expected, "{filter}");
        }
        assert_eq!(found(t, &format!("schemas eq \"{URN}\"")).await, "ab");
        assert_eq!(found(t, &format!("not ({URN}:floor pr) and userName pr")).await, "c");
        t.scim("GET", &format!("/Users?filter={URN}:shoe%20pr"), None).await.scim_error(400, Some("invalidFilter"));
        t.scim("GET", &format!("/Users?filter={URN}:floor%20sw%201"), None).await.scim_error(400, Some("invalidFilter"));
        for (by, up, down) in [("badge", "bac", "cab"), ("floor", "bac", "cab"), ("share", "abc", "cba"), ("since", "abc", "cba"), ("desks.floor", "abc", "cba")] {
            assert_eq!(names(t, &format!("sortBy={URN}:{by}")).await.concat(), up, "{by}");
            let query = format!("sortBy={by}&sortOrder=descending");
            assert_eq!(names(t, &query).await.concat(), down, "{by}");
        }
        let query = format!("filter=userName%20eq%20%22a%22&attributes={URN}:floor,{URN}:desks.value");
        let shown = t.read(&format!("/Users?{query}")).await["Resources"][0].clone();
        assert_eq!(shown[URN], json!({"floor": 10, "desks": [{"value": "D1"}]}));
        assert!(shown.get("active").is_none());
        for (excluded, kept) in [(URN.to_owned(), Value::Null), (format!("{URN}:tags"), json!(0.5))] {
            let query = format!("filter=userName%20eq%20%22a%22&excludedAttributes={excluded}");
            let shown = t.read(&format!("/Users?{query}")).await["Resources"][0].clone();
            assert_eq!(shown[URN]["share"], kept, "{excluded}");
            assert_eq!(shown[URN]["tags"], Value::Null, "{excluded}");
        }
    }

    async fn each_attribute_is_returned_as_it_says(t) {
        add(t, hr()).await.expect(200);
        let made = post(t, "ada", json!({"floor": 1, "number": "7", "secret": "s"})).await.expect(201);
        assert_eq!(made[URN], json!({"floor": 1, "number": "7"}));
        let path = format!("/Users/{}", made["id"].as_str().expect("an id"));
        let asked = t.read(&format!("{path}?attributes={URN}:secret")).await;
        assert_eq!(asked[URN], json!({"number": "7", "secret": "s"}));
        let asked = t.read(&format!("{path}?attributes=title")).await;
        assert_eq!(asked[URN], json!({"number": "7"}));
        let asked = t.read(&format!("{path}?excludedAttributes={URN}")).await;
        assert_eq!(asked[URN], json!({"number": "7"}));
        assert_eq!(found(t, &format!("{URN}:secret eq \"S\"")).await, "ada");
    }

    async fn an_immutable_value_is_written_once(t) {
        add(t, hr()).await.expect(200);
        let id = user(t, "ada", json!({"floor": 1})).await;
        let path = format!("/Users/{id}");
        let set = |value: &str| json!([{"op": "add", "path": format!("{URN}:origin"), "value": value}]);
        t.patch(&path, set("Kiel")).await.expect(200);
        t.patch(&path, set("Kiel")).await.expect(200);
        t.patch(&path, set("Bonn")).await.scim_error(400, Some("mutability"));
        for data in [json!({"origin": "Bonn"}), json!({"floor": 1})] {
            let body = json!({"userName": "ada", URN: data});
            let refused = t.scim("PUT", &path, Some(&body)).await;
            assert!(refused.scim_error(400, Some("mutability")).contains("origin"));
        }
        let body = json!({"userName": "ada", URN: {"origin": "Kiel", "floor": 2}});
        assert_eq!(t.scim("PUT", &path, Some(&body)).await.expect(200)[URN]["floor"], 2);
    }

    async fn what_is_required_is_demanded_and_only_where_all_have_it(t) {
        let required = |name: &str| of(URN, json!([{"name": name, "required": true}, {"name": "note"}]));
        add(t, required("badge")).await.expect(200);
        let bare = t.user("bare@example.com").await;
        let refused = post(t, "ada", json!({"note": "n"})).await;
        assert!(refused.scim_error(400, Some("invalidValue")).contains("badge"));
        let ada = user(t, "ada", json!({"badge": "1", "note": "n"})).await;
        let remove = json!([{"op": "remove", "path": format!("{URN}:badge")}]);
        t.patch(&format!("/Users/{ada}"), remove).await.scim_error(400, Some("mutability"));

        let path = format!("/scim/schemas/{URN}");
        let all = json!({"required": true, "schema": required("badge")});
        let refused = said(&t.api("PUT", &path, Some(&all)).await, 409);
        assert!(refused.contains("1 user has no data") && refused.contains("not (schemas eq"), "{refused}");
        let more = of(URN, json!([{"name": "badge", "required": true}, {"name": "note"}, {"name": "desk", "required": true}]));
        let refused = said(&change(t, more.clone()).await, 409);
        assert!(refused.contains("desk") && refused.contains(&format!("not ({URN}:desk pr)")), "{refused}");
        t.patch(&format!("/Users/{bare}"), json!([{"op": "add", "path": URN, "value": {"badge": "2", "note": "m"}}])).await.expect(200);
        t.api("PUT", &path, Some(&all)).await.expect(200);
        let shown = t.read("/ResourceTypes/User").await;
        assert_eq!(shown["schemaExtensions"][1], json!({"schema": URN, "required": true}));
        let refused = t.scim("POST", "/Users", Some(&json!({"userName": "cyd"}))).await;
        assert!(refused.scim_error(400, Some("invalidValue")).contains(URN));
        // The way out never closes.
        t.patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": "active", "value": false}])).await.expect(200);
        // `required` of the extension stays when it is left out; `note` is something that all have.
        let note = of(URN, json!([{"name": "badge", "required": true}, {"name": "note", "required": true}]));
        let changed = change(t, note).await.expect(200);
        assert_eq!(changed["result"]["required"], true);
    }

    async fn a_unique_value_is_had_once(t) {
        add(t, hr()).await.expect(200);
        let ada = user(t, "ada", json!({"badge": "X1"})).await;
        let bob = user(t, "bob", json!({"floor": 1})).await;
        for answer in [
            post(t, "cyd", json!({"badge": "x1"})).await,
            t.patch(&format!("/Users/{bob}"), json!([{"op": "add", "path": format!("{URN}:badge"), "value": "X1"}])).await,
            t.scim("PUT", &format!("/Users/{bob}"), Some(&json!({"userName": "bob", URN: {"badge": "X1"}}))).await,
        ] {
            assert!(answer.scim_error(409, Some("uniqueness")).contains(&format!("{URN}:badge")));
        }
        assert!(t.read(&format!("/Users/{bob}")).await[URN].get("badge").is_none());
        // Said again by the one who has it, and free once that one has it no more.
        t.patch(&format!("/Users/{ada}"), json!([{"op": "replace", "path": format!("{URN}:badge"), "value": "x1"}])).await.expect(200);
        t.scim("DELETE", &format!("/Users/{ada}"), None).await.expect(204);
        let badge = |value: &str| json!([{"op": "add", "path": format!("{URN}:badge"), "value": value}]);
        t.patch(&format!("/Users/{bob}"), badge("X1")).await.expect(200);
        t.patch(&format!("/Users/{bob}"), badge("X2")).await.expect(200);
        user(t, "dan", json!({"badge": "X1"})).await;

        // In a bulk request, the one that fails takes nothing with it.
        let operation = |name: &str, badge: &str| {
            json!({"method": "POST", "path": "/Users", "bulkId": name,
                "data": {"userName": name, URN: {"badge": badge}}})
        };
        let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [operation("eve", "X1"), operation("fay", "X3"), operation("gus", "X3")]});
        let answer = t.scim("POST", "/Bulk", Some(&bulk)).await.expect(200);
        assert_eq!(texts(&answer["Operations"], "status"), ["409", "201", "409"], "{answer}");
    }

    async fn of_eight_who_want_one_value_one_gets_it(t) {
        add(t, hr()).await.expect(200);
        let ids = at_once((0..8).map(|number| {
            let name = format!("u{number}");
            async move { user(t, &name, json!({"floor": 1})).await }
        })).await;
        for round in 0..5 {
            let badge = json!([{"op": "add", "path": format!("{URN}:badge"), "value": format!("R{round}")}]);
            let patched = ids.iter().map(|id| format!("/Users/{id}"));
            let paths: Vec<String> = patched.collect();
            let answers = at_once(paths.iter().map(|path| t.patch(path, badge.clone()))).await;
            let won = answers.iter().filter(|answer| answer.status == 200).count();
            assert_eq!(won, 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
            for answer in answers.iter().filter(|answer| answer.status != 200) {
                answer.scim_error(409, Some("uniqueness"));
            }
            let posts = (0..8).map(|number| async move {
                post(t, &format!("r{round}n{number}"), json!({"badge": format!("P{round}")})).await
            });
            let answers = at_once(posts).await;
            assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        }
        assert_eq!(found(t, &format!("{URN}:badge sw \"P\"")).await.len(), 5 * 4);
    }

    async fn what_values_would_not_survive_is_refused_while_there_are_any(t) {
        let old = json!([{"name": "badge"}, {"name": "floor", "type": "integer"},
            {"name": "desk", "type": "complex", "subAttributes": [{"name": "room"}, {"name": "seat"}]}]);
        add(t, of(URN, old.clone())).await.expect(200);
        let ada = user(t, "ada", json!({"badge": "1", "desk": {"room": "A"}})).await;
        let edited = |edit: &dyn Fn(&mut Value)| {
            let mut new = old.clone();
            edit(&mut new);
            of(URN, new)
        };
        for (schema, path) in [
            (edited(&|new| new[0]["type"] = json!("integer")), "badge"),
            (edited(&|new| new[0]["name"] = json!("Badge")), "badge"),
            (edited(&|new| new[0]["multiValued"] = json!(true)), "badge"),
            (edited(&|new| new[0]["caseExact"] = json!(true)), "badge"),
            (edited(&|new| new[0]["uniqueness"] = json!("server")), "badge"),
            (edited(&|new| new[0]["mutability"] = json!("readOnly")), "badge"),
            (edited(&|new| new[2]["subAttributes"][0]["type"] = json!("boolean")), "desk.room"),
            (edited(&|new| new[2] = json!({"name": "desk"})), "desk"),
            (edited(&|new| new[2]["subAttributes"][1]["required"] = json!(true)), "desk.seat"),
            (edited(&|new| new[1]["required"] = json!(true)), "floor"),
        ] {
            let refused = said(&change(t, schema.clone()).await, 409);
            assert!(refused.contains(&format!("{URN}:{path}")) && refused.contains("filter `"), "{refused}");
            // The filter finds who is in the way.
            let filter = refused.rsplit('`').nth(1).expect("a filter");
            assert_eq!(found(t, filter).await, "ada", "{filter}");
        }
        let refused = said(&t.api("DELETE", &format!("/scim/schemas/{URN}"), None).await, 409);
        assert!(refused.contains("1 user has data") && refused.contains(&format!("`schemas eq \"{URN}\"`")), "{refused}");
        // Nobody has these, so they may change; and there may always be more.
        change(t, edited(&|new| new[1] = json!({"name": "level"}))).await.expect(200);
        change(t, edited(&|new| new[2]["subAttributes"] = json!([{"name": "room", "description": "x"}, {"name": "more"}]))).await.expect(200);
        assert_eq!(t.read(&format!("/Users/{ada}")).await[URN], json!({"badge": "1", "desk": {"room": "A"}}));
        // The same again is no change.
        let before = t.events().await.len();
        let schema = t.api("GET", &format!("/scim/schemas/{URN}"), None).await.expect(200)["result"].clone();
        t.api("PUT", &format!("/scim/schemas/{URN}"), Some(&schema)).await.expect(200);
        assert_eq!(t.events().await.len(), before);
        t.scim("DELETE", &format!("/Users/{ada}"), None).await.expect(204);
        t.api("DELETE", &format!("/scim/schemas/{URN}"), None).await.expect(200);
    }

    /// Whichever comes first, no value is left that nothing defines.
    async fn a_change_and_writes_at_the_same_moment_leave_no_orphan(t) {
        let made = t.user("ada@example.com").await;
        let path = format!("/Users/{made}");
        let define = || of(URN, json!([{"name": "floor", "type": "integer"}]));
        for round in 0..6 {
            add(t, define()).await.expect(200);
            let schemas = format!("/scim/schemas/{URN}");
            let names: Vec<String> = (0..4).map(|number| format!("r{round}n{number}")).collect();
            let (deleted, answers, patched) = tokio::join!(
                t.api("DELETE", &schemas, None),
                at_once(names.iter().map(|name| post(t, name, json!({"floor": round})))),
                t.patch(&path, json!([{"op": "add", "path": format!("{URN}:floor"), "value": 1}])),
            );
            let mut with = 0;
            for answer in answers.iter().filter(|answer| answer.status != 503) {
                with += usize::from(answer.expect(201).get(URN).is_some());
            }
            assert!(matches!(patched.status, 200 | 400 | 503), "{}", patched.text);
            with += usize::from(patched.status == 200);
            assert!(deleted.status == 409 || with == 0, "{} {with}", deleted.text);
            if deleted.status == 409 {
                for id in t.find("/Users", &format!("schemas eq \"{URN}\"")).await {
                    t.patch(&format!("/Users/{id}"), json!([{"op": "remove", "path": URN}])).await.expect(200);
                }
                t.api("DELETE", &schemas, None).await.expect(200);
            }
            let bodies = t.read("/Users?count=1000").await.to_string();
            assert!(!bodies.contains(URN), "{bodies}");
        }
    }

    async fn bad_definitions_are_refused_with_a_reason(t) {
        add(t, hr()).await.expect(200);
        for (schema, status, reason) in [
            (of(&URN.to_uppercase(), json!([{"name": "a"}])), 409, "already"),
            (of(&format!("{URN}:badge"), json!([{"name": "a"}])), 400, "side by side"),
            (of("urn:example:hr:2.0", json!([{"name": "User"}])), 400, "side by side"),
            (of("urn:ietf:params:scim:schemas:core:2.0:User", json!([{"name": "a"}])), 400, "belongs to the RFCs"),
            (of("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", json!([{"name": "a"}])), 400, "RFCs"),
            (of("hr", json!([{"name": "a"}])), 400, "URN"),
            (of("urn:example:a", json!([])), 400, "attributes"),
            (of("urn:example:a", json!([{"name": "a", "type": "text"}])), 400, "`type` of `a`"),
            (of("urn:example:a", json!([{"name": "a", "type": "complex", "subAttributes": [{"name": "b", "multiValued": true}]}])), 400, "`a.b`"),
            (of("urn:example:a", json!([{"name": "a", "canonicalValues": vec!["x".repeat(200); 200]}, {"name": "b", "canonicalValues": vec!["x".repeat(200); 200]}])), 400, "bytes"),
            (Value::Null, 400, "`schema` is missing"),
            (json!([]), 400, "object"),
        ] {
            let refused = said(&add(t, schema.clone()).await, status);
            assert!(refused.contains(reason), "{reason}: {refused}");
        }
        for (body, reason) in [
            (json!({"schema": of("urn:example:a", json!([{"name": "a"}]))}), "resource_type"),
            (json!({"resource_type": "Device", "schema": hr()}), "`User` or `Group`"),
            (json!("x"), "the body"),
        ] {
            let refused = said(&t.api("POST", "/scim/schemas", Some(&body)).await, 400);
            assert!(refused.contains(reason), "{refused}");
        }
        let path = format!("/scim/schemas/{URN}");
        for body in [json!({"schema": of("urn:example:a", json!([{"name": "a"}]))}), json!({"resource_type": "Group", "schema": hr()})] {
            said(&t.api("PUT", &path, Some(&body)).await, 400);
        }
        let unknown = json!({"schema": of("urn:example:a", json!([{"name": "a"}]))});
        said(&t.api("PUT", "/scim/schemas/urn:example:a", Some(&unknown)).await, 404);
        said(&t.api("DELETE", "/scim/schemas/urn:example:a", None).await, 404);
        for number in 1..domain::limits::SCHEMAS_MAX {
            add(t, of(&format!("urn:example:n{number}"), json!([{"name": "a"}]))).await.expect(200);
        }
        let refused = said(&add(t, of("urn:example:last", json!([{"name": "a"}]))).await, 400);
        assert!(refused.contains("at most 20"), "{refused}");
        let listed = t.api("GET", "/scim/schemas?per_page=50", None).await.expect(200);
        assert_eq!(listed["result_info"]["total_count"], 20);
        assert_eq!(listed["result"][0]["id"], URN);
    }

    async fn schemas_are_for_administrators_of_enterprise_accounts(t) {
        let standard = accounts::create(&t.app, "Small", AccountKind::Standard, "small@example.org").await;
        let standard = standard.expect("an account");
        let url = format!("{}/client/v4/accounts/{}/scim/schemas", t.url, standard.account.id);
        let body = json!({"resource_type": "User", "schema": hr()}).to_string();
        let request = t.request("POST", &url).bearer_auth(standard.token.reveal()).body(body.clone());
        assert!(said(&t.send(request).await, 403).contains("enterprise"));
        let reader = t.token(&["Account Settings Read"], None).await;
        let url = format!("{}/client/v4/accounts/{}/scim/schemas", t.url, t.account.account.id);
        let request = t.request("POST", &url).bearer_auth(&reader).body(body);
        assert!(said(&t.send(request).await, 403).contains("Account Settings Write"));
        t.send(t.request("GET", &url).bearer_auth(&reader)).await.expect(200);
    }

    async fn groups_have_schemas_too(t) {
        const GROUPS: &str = "urn:example:hr:2.0:Group";
        let schema = of(GROUPS, json!([{"name": "cost", "type": "integer"}, {"name": "code", "uniqueness": "global"}]));
        let body = json!({"resource_type": "Group", "schema": schema});
        t.api("POST", "/scim/schemas", Some(&body)).await.expect(200);
        let body = json!({"displayName": "Design", GROUPS: {"cost": 7, "code": "D"}});
        let made = t.scim("POST", "/Groups", Some(&body)).await.expect(201);
        assert_eq!(made[GROUPS], json!({"cost": 7, "code": "D"}));
        let id = made["id"].as_str().expect("an id");
        assert_eq!(t.find("/Groups", &format!("{GROUPS}:cost ge 7")).await, [id]);
        let body = json!({"displayName": "Other", GROUPS: {"code": "d"}});
        t.scim("POST", "/Groups", Some(&body)).await.scim_error(409, Some("uniqueness"));
        // Members come and go without a look at it, and an administrator's hand keeps it as well.
        let ada = t.user("ada@example.com").await;
        t.patch(&format!("/Groups/{id}"), json!([{"op": "add", "path": "members", "value": [{"value": ada}]}])).await.expect(204);
        t.api("DELETE", &format!("/members/{ada}"), None).await.expect(200);
        assert_eq!(t.find("/Groups", &format!("schemas eq \"{GROUPS}\"")).await, [id]);
        t.scim("DELETE", &format!("/Groups/{id}"), None).await.expect(204);
        t.api("DELETE", &format!("/scim/schemas/{GROUPS}"), None).await.expect(200);
    }

    /// Who is removed by hand keeps what the index knows of them.
    async fn a_removal_by_hand_keeps_the_values(t) {
        add(t, hr()).await.expect(200);
        let ada = user(t, "ada@example.com", json!({"badge": "X1", "floor": 3})).await;
        t.api("DELETE", &format!("/members/{ada}"), None).await.expect(200);
        assert_eq!(found(t, &format!("{URN}:floor eq 3 and active eq false")).await, "ada@example.com");
        post(t, "bob@example.com", json!({"badge": "X1"})).await.scim_error(409, Some("uniqueness"));
        let back = post(t, "ada@example.com", json!({"badge": "X1"})).await.expect(201);
        assert_eq!((&back["id"], &back[URN]), (&json!(ada), &json!({"badge": "X1"})));
    }
}
