//! The parts of RFC 7643, 7644 and 9865 that reach beyond one resource: order, pages, cursors, searches,
//! versions, `/Me`, bulk requests, and what a client may ask the answers to look like.

mod bulk;
mod cursors;
mod me;
mod negotiation;
mod paging;
mod search;
mod sorting;
mod versions;

use crate::harness::{Answer, Server, at_once, texts};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// A request with headers of its own besides the token.
async fn ask(
    t: &Server,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<&Value>,
) -> Answer {
    let mut request = t.request(method, &t.scim_url(path)).bearer_auth(&t.scim_token);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/scim+json").body(body.to_string());
    }
    t.send(request).await
}

/// The path with these parameters.
fn with(path: &str, parameters: &[(&str, &str)]) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// The ids on a page, in its order.
fn ids(page: &Value) -> Vec<String> {
    texts(&page["Resources"], "id")
}

/// A bulk request with these operations.
fn bulk_of(operations: &[Value]) -> Value {
    json!({"schemas": [BULK], "Operations": operations})
}

fn post_user(bulk_id: &str, data: Value) -> Value {
    json!({"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data})
}

/// Sends operations; returns their results.
async fn bulk_results(t: &Server, operations: &[Value]) -> Vec<Value> {
    let answer = t.scim("POST", "/Bulk", Some(&bulk_of(operations))).await.expect(200);
    answer["Operations"].as_array().expect("results").clone()
}

/// The id at the end of a location.
fn id_in(result: &Value) -> String {
    let location = result["location"].as_str().unwrap_or_else(|| panic!("no location: {result}"));
    location.rsplit('/').next().unwrap_or_default().to_owned()
}

/// Creates users all at once; returns their ids in the same order.
async fn make_users(t: &Server, users: Vec<Value>) -> Vec<String> {
    let mut made = Vec::new();
    for chunk in users.chunks(500) {
        let operations: Vec<Value> = chunk
            .iter()
            .enumerate()
            .map(|(number, user)| post_user(&number.to_string(), user.clone()))
            .collect();
        for result in bulk_results(t, &operations).await {
            assert_eq!(result["status"], "201", "{result}");
            made.push(id_in(&result));
        }
    }
    made
}

/// That many users with nothing but a name.
async fn make_many(t: &Server, count: usize) -> Vec<String> {
    let user = |number| json!({"schemas": [USER], "userName": format!("user{number}@example.com")});
    make_users(t, (0..count).map(user).collect()).await
}

/// Deletes users at the same moment; those who are gone already are nobody's business.
async fn delete_users(t: &Server, ids: &[String]) {
    let deletions = ids.iter().map(|id| async move {
        let answer = t.scim("DELETE", &format!("/Users/{id}"), None).await;
        assert!(matches!(answer.status, 204 | 404), "{}", answer.text);
    });
    at_once(deletions).await;
}

/// All but every so-maniest, and the others.
fn every(step: usize, ids: &[String]) -> (Vec<String>, Vec<String>) {
    let (rest, picked): (Vec<_>, Vec<_>) =
        ids.iter().cloned().enumerate().partition(|(number, _)| number % step > 0);
    let only = |pairs: Vec<(usize, String)>| pairs.into_iter().map(|(_, id)| id).collect();
    (only(rest), only(picked))
}

/// A sequence that looks random and is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % end
    }

    fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn maybe(&mut self) -> bool {
        self.below(3) > 0
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}
