//! What becomes of a body.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ScimType;
use crate::schema::{Attribute, ENTERPRISE_USER, GROUP, Kind, USER, group_type, user_type};

fn user(body: Value) -> Result<Document> {
    read(&body, &user_type(), &Limits::default()).map(|intake| intake.document)
}

/// Reads a user with `userName` "a" and compares what else is kept.
fn check(sent: Value, kept: Value) {
    let mut body = sent.clone();
    body["userName"] = json!("a");
    let mut expected = kept;
    expected["userName"] = json!("a");
    assert_eq!(user(body).map(Value::Object), Ok(expected), "{sent}");
}

fn refuse(body: Value, scim_type: ScimType, says: &str) {
    let error = user(body.clone()).expect_err(&body.to_string());
    assert_eq!(error.scim_type, Some(scim_type), "{body}: {error}");
    assert!(error.detail.contains(says), "{body}: {error}");
}

#[test]
fn names_in_any_case() {
    check(
        json!({ "NICKNAME": "n", "Name": { "GIVENNAME": "g" }, "Emails": [{ "VALUE": "v" }] }),
        json!({ "nickName": "n", "name": { "givenName": "g" }, "emails": [{ "value": "v" }] }),
    );
    check(json!({ "title": { "Value": "t" } }), json!({ "title": "t" }));
    check(
        json!({ ENTERPRISE_USER.to_uppercase(): { "Department": "d" } }),
        json!({ ENTERPRISE_USER: { "department": "d" } }),
    );
    refuse(json!({ "userName": "a", "USERNAME": "a" }), ScimType::InvalidSyntax, "twice");
    refuse(
        json!({ "userName": "a", "name": { "givenName": "a", "givenname": "b" } }),
        ScimType::InvalidSyntax,
        "`name` names",
    );
}

#[test]
fn what_is_ignored() {
    check(
        json!({
            "schemas": [USER.to_uppercase(), "urn:x:y"], "id": "5", "meta": { "created": "x" },
            "groups": [{ "value": "g" }], "password": "secret", "shoeSize": 42, "": 1,
            "urn:example:unknown": { "a": 1 }, "name": { "nope": {} },
            ENTERPRISE_USER: { "manager": { "value": "m", "displayName": "M", "$ref": null } },
            "externalId": "E", "members": 5
        }),
        json!({ "externalId": "E", ENTERPRISE_USER: { "manager": { "value": "m" } } }),
    );
}

#[test]
fn what_is_unassigned() {
    check(
        json!({
            "title": null, "nickName": "", "emails": [], "name": {}, "roles": [null, "", {}],
            "photos": [{ "value": "" }], "phoneNumbers": [{ "type": "work", "value": "" }],
            "name.x": 1, "displayName": { "value": "" }, "ims": null,
            ENTERPRISE_USER: { "manager": { "value": "" }, "division": "" }
        }),
        json!({}),
    );
    check(json!({ ENTERPRISE_USER: null, "active": false }), json!({ "active": false }));
}

#[test]
fn tolerated_types() {
    check(
        json!({
            "active": "False", "title": ["t"], "emails": ["a@b", { "value": "c@d", "primary": "True" }],
            "phoneNumbers": { "value": "1" }, "roles": "admin", "name": [{ "givenName": "g" }],
            ENTERPRISE_USER: { "manager": "26" }
        }),
        json!({
            "active": false, "title": "t", "emails": [{ "value": "a@b" }, { "value": "c@d", "primary": true }],
            "phoneNumbers": [{ "value": "1" }], "roles": [{ "value": "admin" }], "name": { "givenName": "g" },
            ENTERPRISE_USER: { "manager": { "value": "26" } }
        }),
    );
    check(
        json!({ ENTERPRISE_USER: { "manager": [{ "value": "26", "$ref": "../Users/26" }] } }),
        json!({ ENTERPRISE_USER: { "manager": { "value": "26", "$ref": "../Users/26" } } }),
    );
    check(
        json!({ "emails": [{ "value": "a" }, { "value": "a" }, { "Value": "a" }, { "value": "A" }] }),
        json!({ "emails": [{ "value": "a" }, { "value": "A" }] }),
    );
}

#[test]
fn refused_values() {
    use ScimType::{InvalidSyntax, InvalidValue};
    for (name, value, says) in [
        ("title", json!(5), "`title` must be a string, not a number"),
        ("title", json!(true), "not a boolean"),
        ("title", json!(["a", "b"]), "not an array"),
        ("title", json!([["a"]]), "not an array"),
        ("title", json!({ "a": 1 }), "not an object"),
        ("title", json!("a\u{0}"), "U+0000"),
        ("active", json!("maybe"), "`active` must be a boolean, not `maybe`"),
        ("name", json!("Bob"), "`name` must be an object, not `Bob`"),
        ("name", json!({ "givenName": 1 }), "`name.givenName`"),
        ("emails", json!([{ "value": 1 }]), "`emails.value` must be a string"),
        ("emails", json!([["a"]]), "`emails`"),
        (
            "emails",
            json!([{ "value": "a", "primary": true }, { "value": "b", "primary": "true" }]),
            "primary",
        ),
        ("addresses", json!(["Main Street"]), "`addresses`"),
        ("x509Certificates", json!(["!"]), "base64"),
        ("password", json!(12), "`password` must be a string, not a number"),
        ("externalId", json!(7), "`externalId`"),
        (ENTERPRISE_USER, json!("x"), "must be an object"),
        (ENTERPRISE_USER, json!({ "department": 1 }), "`department`"),
        ("schemas", json!(["urn:x"]), USER),
        ("schemas", json!([]), USER),
    ] {
        refuse(json!({ "userName": "a", name: value }), InvalidValue, says);
    }
    refuse(json!({ "userName": "a", "schemas": USER }), InvalidSyntax, "array");
    refuse(json!({ "userName": "a", "schemas": [1] }), InvalidSyntax, "strings");
    for body in [json!(null), json!([]), json!("x"), json!(1)] {
        refuse(body, InvalidSyntax, "object");
    }
    for body in [json!({}), json!({ "userName": "" }), json!({ "userName": null })] {
        refuse(body, InvalidValue, "`userName` is required");
    }
}

#[test]
fn limits_are_named() {
    let limits = Limits { value_bytes: 4, values_per_attribute: 2, ..Limits::default() };
    for (body, says) in [
        (json!({ "userName": "abcde" }), "more than the 4"),
        (json!({ "userName": "a", "emails": ["1", "2", "3"] }), "more than the 2"),
        (json!({ "userName": "a", "password": "secret" }), "more than the 4"),
    ] {
        let error = read(&body, &user_type(), &limits).unwrap_err();
        assert!(error.detail.contains(says), "{error}");
        assert!(!error.detail.contains("secret"));
    }
}

#[test]
fn groups_and_members() {
    let rt = group_type();
    let group = |body: Value| read(&body, &rt, &Limits::default());
    let okta = group(json!({ "schemas": [GROUP], "displayName": "T", "members": [] })).unwrap();
    assert_eq!(okta.members, Some(vec![]));
    assert_eq!(Value::Object(okta.document), json!({ "displayName": "T" }));
    let entra = group(json!({
        "schemas": [GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],
        "externalId": "e", "displayName": "d", "meta": { "resourceType": "Group" }
    }))
    .unwrap();
    assert_eq!(entra.members, None);
    let filled = group(json!({ "displayName": "d", "MEMBERS": [{ "value": "b" }, "a"] })).unwrap();
    assert_eq!(filled.members, Some(vec!["b".into(), "a".into()]));
    assert!(!filled.document.contains_key("members"));
    assert!(group(json!({ "members": [] })).unwrap_err().detail.contains("displayName"));
}

#[test]
fn a_schema_made_at_run_time() {
    let mut rt = user_type();
    rt.schema.attributes.extend([
        Attribute { multi_valued: true, ..Attribute::new("tags", Kind::String, "") },
        Attribute::new("floor", Kind::Integer, ""),
        Attribute {
            mutability: Mutability::Immutable,
            ..Attribute::new("born", Kind::DateTime, "")
        },
    ]);
    let body = json!({ "userName": "a", "tags": ["x", { "value": "y" }, "x"], "floor": "3",
        "born": "2000-01-01T00:00:00Z" });
    let document = read(&body, &rt, &Limits::default()).unwrap().document;
    assert_eq!(document["tags"], json!(["x", "y"]));
    assert_eq!(document["floor"], json!(3));
    let paths: Vec<_> = leaves(&document, &rt, &["userName"])
        .into_iter()
        .map(|leaf| format!("{} {} {}", leaf.path, leaf.element, leaf.key))
        .collect();
    assert_eq!(
        paths,
        ["tags 0 x", "tags 1 y", "floor 0 250013", "born 0 2000-01-01T00:00:00.000000000Z"]
    );
    let mut after = document.clone();
    assert!(check_immutable(&document, &after, &rt).is_ok());
    after.remove("born");
    let error = check_immutable(&document, &after, &rt).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::Mutability));
    assert!(check_immutable(&after, &document, &rt).is_ok());
}

#[test]
fn unique_values_have_leaves_of_their_own() {
    let urn = "urn:example:hr";
    let schema = crate::schema::Schema::define(
        &json!({ "id": urn, "name": "HR", "attributes": [
            { "name": "badge", "uniqueness": "server" }, { "name": "floor", "type": "integer" },
            { "name": "desk", "type": "complex", "subAttributes": [
                { "name": "number", "uniqueness": "global" }, { "name": "note" }] }] }),
        &Limits::default(),
    )
    .unwrap();
    let mut rt = user_type();
    rt.extensions.push(crate::schema::Extension { schema, required: false });
    let body = json!({ "userName": "B", urn: { "badge": "X1", "floor": 1,
        "desk": { "number": "D1", "note": "n" } } });
    let document = read(&body, &rt, &Limits::default()).unwrap().document;
    let found: Vec<_> = unique_leaves(&document, &rt)
        .into_iter()
        .map(|leaf| format!("{} {} {}", leaf.path, leaf.element, leaf.key))
        .collect();
    assert_eq!(found, [format!("{urn}:badge 0 x1"), format!("{urn}:desk.number 0 d1")]);
    assert!(unique_leaves(&user(json!({ "userName": "B" })).unwrap(), &rt).is_empty());
}

#[test]
fn leaves_of_a_user() {
    let document = user(json!({
        "userName": "B", "externalId": "E", "active": true, "name": { "givenName": "Bé" },
        "emails": [{ "value": "W@x", "primary": true }, { "value": "h@x", "type": "home" }],
        ENTERPRISE_USER: { "department": "D", "manager": "26" }
    }))
    .unwrap();
    let rt = user_type();
    let found: Vec<_> = leaves(&document, &rt, &["userName", "externalId"])
        .into_iter()
        .map(|leaf| (leaf.path.replace(ENTERPRISE_USER, "E"), leaf.element, leaf.key))
        .collect();
    let urn = ENTERPRISE_USER.to_ascii_lowercase();
    let expected = [
        ("name", 0, ""),
        ("name.givenName", 0, "bé"),
        ("active", 0, "true"),
        ("emails", 0, ""),
        ("emails.value", 0, "w@x"),
        ("emails.primary", 0, "true"),
        ("emails", 1, ""),
        ("emails.value", 1, "h@x"),
        ("emails.type", 1, "home"),
        ("schemas", 1, urn.as_str()),
        ("E:department", 0, "d"),
        ("E:manager", 0, ""),
        ("E:manager.value", 0, "26"),
    ];
    let found: Vec<_> = found.iter().map(|(p, e, k)| (p.as_str(), *e, k.as_str())).collect();
    assert_eq!(found, expected);
    assert_eq!(schemas(&document, &rt), [USER, ENTERPRISE_USER]);
    assert_eq!(text(&document, "emails.value"), Some("W@x"));
    assert_eq!(text(&document, "name.givenName"), Some("Bé"));
    assert_eq!(text(&document, &format!("{ENTERPRISE_USER}:manager.value")), Some("26"));
    assert_eq!(text(&document, "active"), None);
}

pub(crate) fn json_values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["", "a", "True", "work", "a@b", "TWFu", "\u{0}"])
            .prop_map(Value::from),
    ];
    let names = prop::sample::select(vec![
        "value",
        "type",
        "primary",
        "display",
        "givenName",
        "$ref",
        "Value",
        "manager",
        "department",
        "formatted",
    ]);
    leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(names.clone().prop_map(String::from), inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

pub(crate) fn bodies() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "name",
        "emails",
        "roles",
        "addresses",
        "active",
        "title",
        "photos",
        "x509Certificates",
        ENTERPRISE_USER,
        "externalId",
        "password",
        "id",
        "schemas",
        "nope",
    ]);
    prop::collection::btree_map(names.prop_map(String::from), json_values(), 0..5).prop_map(|map| {
        let mut body: Document = map.into_iter().collect();
        body.insert("userName".into(), json!("a"));
        Value::Object(body)
    })
}

proptest! {
    #[test]
    fn reading_twice_changes_nothing(body in bodies()) {
        if let Ok(once) = user(body) {
            prop_assert_eq!(user(Value::Object(once.clone())), Ok(once));
        }
    }

    #[test]
    fn every_leaf_is_found_by_a_filter(body in bodies()) {
        let rt = user_type();
        if let Ok(mut document) = user(body) {
            let found = leaves(&document, &rt, &[]);
            document.insert("schemas".into(), json!(schemas(&document, &rt)));
            for leaf in found {
                let text = if leaf.key.is_empty() {
                    format!("{} pr", leaf.path)
                } else {
                    format!("{} eq {}", leaf.path, json!(leaf.key))
                };
                let filter = crate::filter::Filter::parse(&text, &Limits::default()).unwrap();
                prop_assert!(filter.bind(&rt).unwrap().matches(&document), "{}", text);
            }
        }
    }
}
