//! What is refused, and that nothing happens then.

use serde_json::{Value, json};

use super::*;
use crate::ScimType;
use crate::schema::{ENTERPRISE_USER as E, USER};

#[test]
fn refusals() {
    use ScimType::{InvalidFilter, InvalidPath, InvalidValue, Mutability};
    for (operations, scim_type, says) in [
        (op("replace", "id", json!("x")), Mutability, "`id` is read-only"),
        (op("replace", "meta.created", json!("x")), Mutability, "read-only"),
        (op("add", "groups", json!([{ "value": "g" }])), Mutability, "`groups`"),
        (op("add", "manager.displayName", json!("x")), Mutability, "read-only"),
        (remove("userName"), Mutability, "required"),
        (op("replace", "userName", json!("")), Mutability, "required"),
        (remove(USER), Mutability, "core schema"),
        (op("replace", "usrName", json!("x")), InvalidPath, "did you mean `userName`"),
        (op("replace", "a b", json!("x")), InvalidPath, "operation 1"),
        (json!([{ "op": "add", "path": 5, "value": 1 }]), InvalidPath, "string"),
        (op("replace", "emails[type is 1]", json!("x")), InvalidFilter, "operator"),
        (op("replace", "emails[typ eq 1]", json!("x")), InvalidFilter, "`type`"),
        (json!([{ "op": "add", "path": "title" }]), InvalidValue, "need a `value`"),
        (json!([{ "op": "replace" }]), InvalidValue, "need a `value`"),
    ] {
        refuse(json!({}), operations, scim_type, says);
    }
}

#[test]
fn refused_values() {
    use ScimType::{InvalidSyntax, InvalidValue};
    for (operations, scim_type, says) in [
        (op("replace", "title", json!(5)), InvalidValue, "`title` must be a string"),
        (op("replace", "title", json!({ "a": 1 })), InvalidValue, "an object"),
        (op("replace", "active", json!("x")), InvalidValue, "boolean"),
        (op("replace", "name", json!("x")), InvalidValue, "`name` must be an object"),
        (op("replace", "password", json!(1)), InvalidValue, "`password`"),
        (op("add", "title", json!("a\u{0}")), InvalidValue, "U+0000"),
        (json!([{ "op": "move", "path": "title" }]), InvalidSyntax, "`move`"),
        (json!([{ "path": "title" }]), InvalidSyntax, "missing"),
        (json!(["x"]), InvalidSyntax, "object"),
        (json!([{ "op": "add", "OP": "add" }]), InvalidSyntax, "twice"),
        (json!({ "op": "add" }), InvalidSyntax, "Operations"),
    ] {
        refuse(json!({}), operations, scim_type, says);
    }
}

#[test]
fn refused_bodies() {
    let rt = user_type();
    for body in [json!(null), json!([]), json!({}), json!({ "schemas": [USER], "Operations": [] })]
    {
        let error = Patch::parse(&body, &rt, &Limits::default()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{body}");
    }
    let few = Limits { patch_operations: 1, values_per_attribute: 1, ..Limits::default() };
    let body = json!({ "Operations": [{ "op": "remove", "path": "title" }, { "op": "remove", "path": "title" }] });
    assert!(Patch::parse(&body, &rt, &few).unwrap_err().detail.contains("more than the 1"));
}

/// Operations that are cheap to send must not be dear to apply.
#[test]
fn work_is_bounded() {
    let rt = user_type();
    let limits = Limits { patch_compared_bytes: 20_000, value_bytes: 100, ..Limits::default() };
    let emails: Vec<Value> = (0..10).map(|n| json!({ "value": format!("{n}") })).collect();
    let before = with_name(json!({ "emails": emails }));
    let run = |times: usize, operation: &Value| {
        let body = json!({ "Operations": vec![operation; times] });
        Patch::parse(&body, &rt, &limits).unwrap().apply(&before, &rt, None)
    };
    for operation in [
        json!({ "op": "add", "path": "emails", "value": { "value": "1" } }),
        json!({ "op": "remove", "path": "emails", "value": ["a", "b"] }),
        json!({ "op": "replace", "path": "emails[value eq \"1\" or value eq \"2\"].type", "value": "x" }),
    ] {
        assert!(run(5, &operation).is_ok(), "{operation}");
        let error = run(50, &operation).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::TooMany), "{operation}");
    }
    for path in ["emails.display", "emails[value pr].display", "emails[value pr]"] {
        let write = |length: usize| {
            let text = "x".repeat(length);
            let part = json!({ "display": text });
            let value = if path.ends_with(']') { part } else { json!(text) };
            run(1, &json!({ "op": "replace", "path": path, "value": value }))
        };
        assert!(write(10).is_ok(), "{path}");
        assert_eq!(write(11).unwrap_err().scim_type, Some(ScimType::TooMany), "{path}");
    }
    assert!(run(1, &op("add", "emails", json!({ "value": "x".repeat(100) }))[0]).is_ok());
}

#[test]
fn sequential_and_atomic() {
    check(
        json!({ "title": "a" }),
        json!([
            { "op": "remove", "path": "title" },
            { "op": "add", "path": "emails", "value": [{ "value": "x", "type": "work" }] },
            { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "y" },
            { "op": "add", "path": "title", "value": "b" }
        ]),
        json!({ "title": "b", "emails": [{ "value": "y", "type": "work" }] }),
    );
    refuse(
        json!({ "title": "a" }),
        json!([{ "op": "remove", "path": "title" }, { "op": "remove", "path": "emails[type pr]" }]),
        ScimType::NoTarget,
        "operation 2",
    );
    check(json!({}), op("add", "password", json!("secret")), json!({}));
    check(json!({}), remove("password"), json!({}));
    check(json!({}), op("add", "schemas", json!([E])), json!({}));
}

#[test]
fn immutable_attributes() {
    let mut rt = user_type();
    rt.schema.attributes.push(crate::schema::Attribute {
        mutability: crate::schema::Mutability::Immutable,
        ..crate::schema::Attribute::new("badge", crate::schema::Kind::String, "")
    });
    let run = |before: Value, operations: Value| {
        Patch::parse(&json!({ "Operations": operations }), &rt, &Limits::default())?.apply(
            &with_name(before),
            &rt,
            None,
        )
    };
    assert!(run(json!({}), op("add", "badge", json!("1"))).is_ok());
    assert!(run(json!({ "badge": "1" }), op("replace", "badge", json!("1"))).is_ok());
    for operations in [op("add", "badge", json!("2")), remove("badge")] {
        let error = run(json!({ "badge": "1" }), operations).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::Mutability));
    }
}
