use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ScimType;
use crate::schema::{BULK_RESPONSE, ENTERPRISE_USER, group_type, user_type};

fn parse(body: &Value) -> Result<Request> {
    let limits = Limits { bulk_operations: 1000, ..Limits::default() };
    Request::parse(body, &[&user_type(), &group_type()], &limits)
}

fn request(operations: Value) -> Request {
    parse(&json!({ "schemas": [BULK_REQUEST], "Operations": operations })).unwrap()
}

/// A service that keeps whatever it is given, refuses the userName `bad`, and names resources
/// after the operation that created them.
#[derive(Default)]
struct Service {
    resources: BTreeMap<String, Value>,
    log: Vec<String>,
    /// The operations whose completion it refuses.
    refuses_completion: Vec<usize>,
}

impl Service {
    fn serve(&mut self, call: Call) -> Result<Done> {
        let Call { index, method, id, data, stage, .. } = call;
        let id = id.unwrap_or_else(|| format!("id{index}"));
        self.log.push(format!("{stage:?} {method} {id}"));
        let data = data.unwrap_or_default();
        assert!(!data.to_string().contains("bulkId:"), "all is resolved: {data}");
        if data["userName"] == "bad"
            || (stage == Stage::Completion && self.refuses_completion.contains(&index))
        {
            return Err(Error::invalid_value("refused"));
        }
        let is_known = self.resources.contains_key(&id);
        match method {
            Method::Post => drop(self.resources.insert(id.clone(), data)),
            _ if !is_known => return Err(Error::not_found("gone")),
            Method::Put => drop(self.resources.insert(id.clone(), data)),
            Method::Patch => {}
            Method::Delete => drop(self.resources.remove(&id)),
        }
        let status = match method {
            Method::Post => 201,
            Method::Delete => 204,
            _ => 200,
        };
        let version = (status != 204).then(|| format!("W/\"{}\"", self.log.len()));
        Ok(Done { status, id, version })
    }

    fn run(&mut self, request: Request) -> Value {
        let mut job = Job::new(request);
        while let Some(call) = job.next_call() {
            let result = self.serve(call);
            job.record(result);
        }
        job.response("https://x/v2/")
    }
}

/// The statuses of an answer, and what the service holds after it.
fn check(operations: Value, statuses: &[&str], resources: Value) -> Service {
    let mut service = Service::default();
    let answer = service.run(request(operations.clone()));
    assert_eq!(answer["schemas"], json!([BULK_RESPONSE]));
    let found: Vec<&str> = answer["Operations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|operation| operation["status"].as_str().unwrap())
        .collect();
    assert_eq!(found, statuses, "{operations}");
    assert_eq!(json!(service.resources), resources, "{operations}");
    service
}

fn user(bulk_id: &str, data: Value) -> Value {
    json!({ "method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data })
}

#[test]
fn bodies() {
    for (body, status, scim_type, says) in [
        (json!([]), 400, Some(ScimType::InvalidSyntax), "an object"),
        (json!({ "Operations": [] }), 400, Some(ScimType::InvalidSyntax), "BulkRequest"),
        (json!({ "schemas": [BULK_REQUEST] }), 400, Some(ScimType::InvalidSyntax), "`Operations`"),
        (
            json!({ "schemas": [BULK_REQUEST], "Operations": {} }),
            400,
            Some(ScimType::InvalidSyntax),
            "an object",
        ),
        (
            json!({ "schemas": [BULK_REQUEST], "Operations": vec![1; 1001] }),
            413,
            None,
            "maxOperations of 1000",
        ),
    ] {
        let error = parse(&body).unwrap_err();
        assert_eq!((error.status, error.scim_type), (status, scim_type), "{error}");
        assert!(error.detail.contains(says), "{error}");
    }
    let limit = |value: Value| {
        parse(&json!({ "Schemas": [BULK_REQUEST], "OPERATIONS": [], "FailOnErrors": value }))
    };
    assert_eq!(limit(json!(null)).unwrap().fail_on_errors, None);
    assert_eq!(limit(json!("2")).unwrap().fail_on_errors, Some(2));
    for bad in [json!(0), json!(-1), json!(1.5), json!("x"), json!([1]), json!(true)] {
        assert_eq!(
            limit(bad.clone()).unwrap_err().scim_type,
            Some(ScimType::InvalidValue),
            "{bad}"
        );
    }
    assert!(limit(json!(1)).is_ok());
}

#[test]
fn the_answer_of_section_3_7_3() {
    let mut service = Service::default();
    service.resources.insert("b7".into(), json!({}));
    let answer = service.run(request(json!([
        user("qwerty", json!({ "userName": "Alice" })),
        { "method": "put", "path": "/Users/b7", "version": "W/\"3\"", "data": { "userName": "Bob" } },
        { "method": "PATCH", "path": "/Users/5d%20", "data": { "Operations": [] } },
        { "method": "DELETE", "path": "/Users/b7", "bulkId": "d" },
        { "method": "DELETE" },
        user("ytrewq", json!({ "userName": "bad" })),
        { "method": "HEAD", "path": "/Users/b7" },
    ])));
    let gone = Error::not_found("gone").to_json();
    assert_eq!(
        answer["Operations"],
        json!([
            { "method": "POST", "bulkId": "qwerty", "location": "https://x/v2/Users/id0",
                "version": "W/\"1\"", "status": "201" },
            { "method": "PUT", "location": "https://x/v2/Users/b7", "version": "W/\"2\"",
                "status": "200" },
            { "method": "PATCH", "location": "https://x/v2/Users/5d%20", "status": "404",
                "response": gone },
            { "method": "DELETE", "bulkId": "d", "location": "https://x/v2/Users/b7",
                "status": "204" },
            { "method": "DELETE", "status": "400", "response":
                Error::invalid_value("an operation must have a `path`, as in `/Users`").to_json() },
            { "method": "POST", "bulkId": "ytrewq", "status": "400", "response":
                Error::invalid_value("refused").to_json() },
            { "status": "400", "response": Error::invalid_value(
                "`method` must be `POST`, `PUT`, `PATCH` or `DELETE`, not `HEAD`").to_json() },
        ])
    );
}

#[test]
fn references_forward_and_backward() {
    let service = check(
        json!([
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": {
                "displayName": "A", "members": [{ "value": "bulkId:a" }, { "value": "bulkId:b" }] } },
            user("a", json!({ "userName": "a" })),
            user("b", json!({ "userName": "b", ENTERPRISE_USER: { "manager": { "value": "bulkId:a" } } })),
            { "method": "PATCH", "path": "/Groups/bulkId:g", "data": { "Operations": [
                { "op": "remove", "path": "members[value eq \"bulkId:a\"]" }] } },
            { "method": "DELETE", "path": "/Users/bulkId:a" },
        ]),
        &["201", "201", "201", "200", "204"],
        json!({
            "id0": { "displayName": "A", "members": [{ "value": "id1" }, { "value": "id2" }] },
            "id2": { "userName": "b", ENTERPRISE_USER: { "manager": { "value": "id1" } } },
        }),
    );
    assert_eq!(
        service.log,
        [
            "Whole POST id1",
            "Whole POST id2",
            "Whole POST id0",
            "Whole PATCH id0",
            "Whole DELETE id1"
        ]
    );
    let mut job = Job::new(request(json!([
        user("a", json!({})),
        { "method": "PATCH", "path": "/Groups/5", "data": [
            { "op": "remove", "path": "members[value eq \"bulkId:a\"]" },
            { "op": "add", "path": "members", "value": [{ "value": "bulkId:a" }] }] },
    ])));
    job.next_call();
    job.record(Ok(Done { status: 201, id: "a\"b".into(), version: None }));
    let data = job.next_call().unwrap().data.unwrap();
    assert_eq!(data["Operations"][0]["path"], "members[value eq \"a\\\"b\"]");
    assert_eq!(data["Operations"][1]["value"], json!([{ "value": "a\"b" }]));
}

#[test]
fn circles() {
    let manager = |name: &str| json!({ "manager": { "value": format!("bulkId:{name}") } });
    let service = check(
        json!([user("a", manager("b")), user("b", manager("a"))]),
        &["201", "201"],
        json!({ "id0": { "manager": { "value": "id1" } }, "id1": { "manager": { "value": "id0" } } }),
    );
    assert_eq!(service.log, ["Draft POST id1", "Whole POST id0", "Completion PUT id1"]);
    check(
        json!([user("a", json!({ "userName": "a", "manager": "bulkId:a" }))]),
        &["201"],
        json!({ "id0": { "userName": "a", "manager": "id0" } }),
    );
    // A patch of a draft comes after its completion, or would be undone by it.
    let patch = json!({ "method": "PATCH", "path": "/Users/bulkId:b", "data": {} });
    let service = check(
        json!([patch, user("a", manager("b")), user("b", manager("a"))]),
        &["200", "201", "201"],
        json!({ "id1": { "manager": { "value": "id2" } }, "id2": { "manager": { "value": "id1" } } }),
    );
    assert_eq!(service.log.last().unwrap(), "Whole PATCH id2");
}

#[test]
fn the_version_of_a_completed_draft_is_the_last() {
    let answer =
        Service::default().run(request(json!([user("a", json!({ "manager": "bulkId:a" }))])));
    let operation = &answer["Operations"][0];
    assert_eq!((&operation["status"], &operation["version"]), (&json!("201"), &json!("W/\"2\"")));
}

#[test]
fn failures_spread_to_those_who_refer() {
    let service = check(
        json!([
            user("a", json!({ "userName": "bad" })),
            user("b", json!({ "manager": "bulkId:a" })),
            user("c", json!({ "manager": "bulkId:b" })),
            { "method": "DELETE", "path": "/Users/bulkId:c" },
            user("d", json!({ "manager": "bulkId:nobody" })),
            user("e", json!({})),
        ]),
        &["400", "409", "409", "409", "400", "201"],
        json!({ "id5": {} }),
    );
    assert_eq!(service.log, ["Whole POST id0", "Whole POST id5"]);
    let answer = Service::default().run(request(json!([
        user("a", json!({ "userName": "bad" })),
        { "method": "PUT", "path": "/Users/bulkId:a", "data": {} },
    ])));
    let put = &answer["Operations"][1];
    assert_eq!(put["response"]["detail"], "it refers to `bulkId:a`, which could not be created");
    assert!(put.get("location").is_none());
}

#[test]
fn a_circle_stands_or_falls_as_a_whole() {
    let circle = |first: &str| {
        json!([
            user("a", json!({ "userName": first, "manager": "bulkId:b" })),
            user("b", json!({ "manager": "bulkId:c" })),
            user("c", json!({ "manager": "bulkId:a" })),
            user("d", json!({ "manager": "bulkId:b" })),
            user("e", json!({})),
        ])
    };
    let service = check(circle("bad"), &["400", "409", "409", "409", "201"], json!({ "id4": {} }));
    assert_eq!(
        service.log,
        [
            "Draft POST id2",
            "Whole POST id1",
            "Whole POST id0",
            "Undo DELETE id1",
            "Undo DELETE id2",
            "Whole POST id4"
        ]
    );
    let mut service = Service { refuses_completion: vec![2], ..Service::default() };
    let answer = service.run(request(circle("good")));
    assert_eq!(answer["Operations"][2]["response"]["detail"], "refused");
    assert_eq!(answer["Operations"][0]["status"], "409");
    assert_eq!(json!(service.resources), json!({ "id4": {} }));
}

#[test]
fn fail_on_errors() {
    let run = |limit: u64, operations: Value| {
        let body =
            json!({ "schemas": [BULK_REQUEST], "failOnErrors": limit, "Operations": operations });
        let mut service = Service::default();
        let answer = service.run(parse(&body).unwrap());
        (answer["Operations"].as_array().unwrap().len(), service)
    };
    let mixed = json!([
        user("a", json!({})),
        {},
        user("b", json!({})),
        user("c", json!({ "userName": "bad" })),
        user("d", json!({})),
    ]);
    for (limit, answered, created) in [(1, 2, 1), (2, 4, 2), (3, 5, 3)] {
        let (count, service) = run(limit, mixed.clone());
        assert_eq!((count, service.resources.len()), (answered, created), "{limit}");
    }
    // The failure comes between a draft and its completion: the draft goes.
    let (count, service) = run(
        1,
        json!([
            user("a", json!({ "x": ["bulkId:b", "bulkId:c"] })),
            user("b", json!({ "x": "bulkId:a" })),
            user("c", json!({ "userName": "bad" })),
            user("d", json!({})),
        ]),
    );
    assert_eq!((count, service.resources.len()), (2, 0));
    assert_eq!(service.log, ["Draft POST id1", "Whole POST id2", "Undo DELETE id1"]);
}

#[test]
fn a_thousand_operations_in_a_circle() {
    let all: Vec<Value> = (0..1000)
        .map(|index| {
            let next = format!("bulkId:u{}", (index + 1) % 1000);
            user(
                &format!("u{index}"),
                json!({ "userName": index.to_string(), "manager": { "value": next } }),
            )
        })
        .collect();
    let mut service = Service::default();
    service.run(request(json!(all)));
    assert_eq!((service.resources.len(), service.log.len()), (1000, 1001));
    assert_eq!(service.resources["id999"]["manager"], json!({ "value": "id0" }));
    // The last to run fails, and with it all.
    let mut bad = all;
    bad[0]["data"]["userName"] = json!("bad");
    let mut service = Service::default();
    let answer = service.run(request(json!(bad)));
    assert!(service.resources.is_empty());
    assert_eq!(answer["Operations"].as_array().unwrap().len(), 1000);
}

proptest! {
    /// Whatever refers to whatever: what succeeded exists and is whole, what failed does not.
    #[test]
    fn nothing_is_left_half_done(
        users in prop::collection::vec((prop::collection::vec(0_usize..9, 0..3), prop::bool::weighted(0.15)), 1..9),
        limit in prop::option::of(1_u64..4),
    ) {
        let operations: Vec<Value> = users.iter().enumerate().map(|(index, (targets, bad))| {
            let friends: Vec<String> = targets.iter().map(|target| format!("bulkId:{target}")).collect();
            user(&index.to_string(), json!({ "userName": if *bad { "bad" } else { "good" }, "friends": friends }))
        }).collect();
        let body = json!({ "schemas": [BULK_REQUEST], "failOnErrors": limit, "Operations": operations });
        let mut service = Service::default();
        let answer = service.run(parse(&body).unwrap());
        let mut succeeded = 0;
        for operation in answer["Operations"].as_array().unwrap() {
            let index: usize = operation["bulkId"].as_str().unwrap().parse().unwrap();
            let id = format!("id{index}");
            if operation["status"] == "201" {
                succeeded += 1;
                let friends: Vec<String> = users[index].0.iter().map(|target| format!("id{target}")).collect();
                prop_assert!(friends.iter().all(|friend| service.resources.contains_key(friend)));
                prop_assert_eq!(&service.resources[&id]["friends"], &json!(friends));
            } else {
                prop_assert!(!service.resources.contains_key(&id));
                prop_assert!(operation.get("location").is_none());
            }
        }
        prop_assert_eq!(service.resources.len(), succeeded);
    }

    /// Any mixture, also of what cannot be, comes to an end, and every reference is resolved.
    #[test]
    fn any_mixture_ends(
        rows in prop::collection::vec((
            "POST|put|PATCH|DELETE|GET",
            "/Users|/Groups|/Users/[ab5]|/Users/bulkId:[abc]|/Users/bulkId%3Aa|/X|[a-z/:%?]{0,8}",
            "[abc]?",
            prop::collection::vec("bulkId:[abcd]|x", 0..3),
        ), 0..8),
        outcomes in prop::collection::vec(prop::bool::weighted(0.8), 40),
        limit in prop::option::of(1_u64..4),
    ) {
        let operations: Vec<Value> = rows.iter().map(|(method, path, bulk_id, values)| {
            let filter = format!("members[value eq \"{}\"]", values.first().map_or("x", String::as_str));
            let patch = json!([{ "op": "add", "path": filter, "value": values }]);
            json!({ "method": method, "path": path, "bulkId": bulk_id,
                "data": { "list": values, "Operations": patch } })
        }).collect();
        let body = json!({ "schemas": [BULK_REQUEST], "failOnErrors": limit, "Operations": operations });
        let mut job = Job::new(parse(&body).unwrap());
        let mut calls = 0;
        while let Some(call) = job.next_call() {
            prop_assert!(call.method == Method::Post || call.id.is_some());
            prop_assert!(call.id.is_none_or(|id| !id.starts_with("bulkId:")));
            let data = call.data.unwrap_or_default();
            prop_assert!(!data["list"].to_string().contains("bulkId:"));
            if call.method == Method::Patch {
                prop_assert!(!data.to_string().contains("bulkId:"));
            }
            let done = Done { status: 200, id: format!("id{calls}"), version: None };
            let succeeds = outcomes.get(calls).copied().unwrap_or_default();
            job.record(if succeeds { Ok(done) } else { Err(Error::not_found("no")) });
            calls += 1;
        }
        prop_assert!(calls <= 3 * operations.len());
        let answer = job.response("");
        let results = answer["Operations"].as_array().unwrap();
        prop_assert!(limit.is_some() || results.len() == operations.len());
        let failed = results.iter().filter(|result| result.get("response").is_some()).count();
        prop_assert!(limit.is_some_and(|limit| failed as u64 >= limit) || results.len() == operations.len());
    }
}
