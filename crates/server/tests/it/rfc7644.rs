//! Requirements of RFC 7644 that no other test holds, section by section. The table of all of them, with
//! their tests, is `docs/conformance/rfc7644.md`.

mod basics;
mod creating;
mod discovery;
mod modifying;
mod querying;

use crate::harness::{Answer, Server};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// Creates a user from a body without `schemas`; returns its path.
async fn make(t: &Server, mut body: Value) -> String {
    body["schemas"] = json!([USER]);
    let made = t.scim("POST", "/Users", Some(&body)).await.expect(201);
    format!("/Users/{}", made["id"].as_str().expect("an id"))
}

async fn filtered(t: &Server, endpoint: &str, filter: &str) -> Answer {
    let filter = utf8_percent_encode(filter, NON_ALPHANUMERIC);
    t.scim("GET", &format!("{endpoint}?filter={filter}"), None).await
}
