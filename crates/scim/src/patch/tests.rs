//! Before, patch, after.

mod clients;
mod members;
mod properties;
mod refusals;
mod rfc;
mod values;

use serde_json::json;

use super::*;
use crate::ScimType;
use crate::schema::{PATCH_OP, user_type};

fn with_name(mut value: Value) -> Document {
    if value.get("userName").is_none() {
        value["userName"] = json!("u");
    }
    value.as_object().unwrap().clone()
}

fn patch(before: &Value, operations: &Value) -> Result<Outcome> {
    let rt = user_type();
    let body = json!({ "schemas": [PATCH_OP], "Operations": operations });
    Patch::parse(&body, &rt, &Limits::default())?.apply(&with_name(before.clone()), &rt, None)
}

/// Users; `userName` is "u" unless given.
fn check(before: Value, operations: Value, after: Value) {
    match patch(&before, &operations) {
        Ok(outcome) => assert_eq!(
            Value::Object(outcome.document),
            Value::Object(with_name(after)),
            "{before} {operations}"
        ),
        Err(error) => panic!("{before} {operations}: {error}"),
    }
}

fn refuse(before: Value, operations: Value, scim_type: ScimType, says: &str) {
    let error = patch(&before, &operations).expect_err(&operations.to_string());
    assert_eq!(error.scim_type, Some(scim_type), "{operations}: {error}");
    assert_eq!(error.status, 400);
    assert!(error.detail.contains(says), "{operations}: {error}");
}

fn op(op: &str, path: &str, value: Value) -> Value {
    json!([{ "op": op, "path": path, "value": value }])
}

fn remove(path: &str) -> Value {
    json!([{ "op": "remove", "path": path }])
}
