//! Each quirk by itself.

use serde_json::json;

use super::*;
use crate::schema::{ENTERPRISE_USER, Kind, USER, user_type};

fn object(value: &Value) -> &Document {
    value.as_object().unwrap()
}

#[test]
fn envelopes() {
    for (schemas, fits) in [
        (None, true),
        (Some(json!(null)), true),
        (Some(json!([])), true),
        (Some(json!([PATCH_OP])), true),
        (Some(json!([PATCH_OP.to_lowercase(), "urn:x"])), true),
        (Some(json!([MISTAKEN_PATCH_OP])), true),
        (Some(json!([USER])), false),
        (Some(json!(PATCH_OP)), false),
        (Some(json!([1])), false),
    ] {
        assert_eq!(check_envelope(schemas.as_ref()).is_ok(), fits, "{schemas:?}");
    }
    let body = json!({ "operations": 1, "OP": 2 });
    assert_eq!(member(object(&body), "Operations"), Some(&json!(1)));
    assert_eq!(member(object(&body), "op"), Some(&json!(2)));
}

#[test]
fn verbs_and_paths() {
    for (op, expected) in [("add", Verb::Add), ("Replace", Verb::Replace), ("REMOVE", Verb::Remove)]
    {
        assert_eq!(verb(Some(&json!(op))), Ok(expected));
    }
    assert!(verb(Some(&json!("move"))).is_err());
    assert!(verb(None).is_err());
    for none in [json!(null), json!(""), json!(" ")] {
        assert_eq!(path_text(Some(&none)), Ok(None));
    }
    assert_eq!(path_text(Some(&json!(" title "))), Ok(Some("title")));
    assert!(path_text(Some(&json!(5))).is_err());
}

#[test]
fn values_without_a_path() {
    assert!(attributes(Some(&json!([{ "a": 1 }]))).is_ok());
    for bad in [json!(null), json!("x"), json!([]), json!([{}, {}])] {
        assert!(attributes(Some(&bad)).is_err(), "{bad}");
    }
    let value = json!({
        "DisplayName": 1, "name.givenName": 2, "nope": 3, "not a path[": 4, "department": 5,
        ENTERPRISE_USER: { "division": 6, "manager.value": 7, "displayName": 8 },
        format!("{ENTERPRISE_USER}:costCenter"): 9, USER: { "title": 10, "id": 11 },
        "emails[type eq \"work\"].value": 12
    });
    let rt = user_type();
    let found: Vec<String> = spread(object(&value), &rt, &Limits::default())
        .unwrap()
        .iter()
        .map(|(path, value)| format!("{}={value}", path.to_string().replace(ENTERPRISE_USER, "E")))
        .collect();
    assert_eq!(
        found,
        [
            "DisplayName=1",
            "department=5",
            "emails[type eq \"work\"].value=12",
            "name.givenName=2",
            "urn:ietf:params:scim:schemas:core:2.0:User:id=11",
            "urn:ietf:params:scim:schemas:core:2.0:User:title=10",
            "E:division=6",
            "E:manager.value=7",
            "E:costCenter=9",
        ]
    );
    assert!(spread(object(&json!({ USER: 5 })), &rt, &Limits::default()).is_err());
    assert!(spread(object(&json!({ "a": 5, "A": 5 })), &rt, &Limits::default()).is_err());
}

#[test]
fn clearing() {
    let rt = user_type();
    let name = rt.schema.attribute("name").unwrap();
    let title = rt.schema.attribute("title").unwrap();
    for empty in [json!(null), json!(""), json!({ "value": "" }), json!([]), json!([""])] {
        assert!(clears(name, &empty) && clears(title, &empty), "{empty}");
    }
    assert!(!clears(name, &json!({})));
    assert!(clears(title, &json!({})));
    assert!(!clears(title, &json!(false)));
}

#[test]
fn lists_to_remove() {
    assert_eq!(listed(None), None);
    assert_eq!(listed(Some(&json!(null))), None);
    assert_eq!(listed(Some(&json!(""))), None);
    assert_eq!(listed(Some(&json!([]))), Some(&[][..]));
    assert_eq!(listed(Some(&json!("a"))), Some(&[json!("a")][..]));
    let rt = user_type();
    let emails = rt.schema.attribute("emails").unwrap();
    let stored = json!({ "value": "A@x", "type": "work", "primary": true });
    for (other, expected) in [
        (json!({ "value": "a@X" }), true),
        (json!({ "value": "a@x", "type": "work" }), true),
        (json!({ "value": "a@x", "type": "home" }), false),
        (json!({ "value": "a@x", "primary": false }), true),
        (json!({ "type": "work" }), true),
        (json!({ "type": "work", "display": "x" }), false),
    ] {
        let listed = is_listed(&folded(emails, &stored), &folded(emails, &other));
        assert_eq!(listed, expected, "{other}");
    }
}

#[test]
fn filters_that_describe() {
    let rt = user_type();
    let roles = rt.schema.attribute("roles").unwrap();
    let describe = |text: &str| {
        let filter = Filter::parse(text, &Limits::default()).unwrap();
        described(&filter, roles, &Limits::default()).unwrap().map(Value::Object)
    };
    assert_eq!(
        describe("PRIMARY eq \"True\" and type eq \"x\""),
        Some(json!({ "primary": true, "type": "x" }))
    );
    assert_eq!(
        describe("value eq 12 and display eq true"),
        Some(json!({ "value": "12", "display": "true" }))
    );
    for text in [
        "type ne \"x\"",
        "type eq \"x\" or type eq \"y\"",
        "type pr",
        "not (type eq \"x\")",
        "type eq \"x\" and type eq \"y\"",
    ] {
        assert_eq!(describe(text), None, "{text}");
    }
}

#[test]
fn references_follow_their_value() {
    let before = json!({ "value": "1", "$ref": "../1" });
    let after = |sent: bool, mut parts: Value| {
        let parts = parts.as_object_mut().unwrap();
        Reference::of(object(&before)).settle(parts, sent);
        Value::Object(parts.clone())
    };
    assert_eq!(after(false, json!({ "value": "2", "$ref": "../1" })), json!({ "value": "2" }));
    let sent = json!({ "value": "2", "$ref": "../2" });
    assert_eq!(after(true, sent.clone()), sent);
    assert_eq!(after(false, before.clone()), before);
}

#[test]
fn folding_regards_case_where_the_attribute_does() {
    let rt = user_type();
    let photos = rt.schema.attribute("photos").unwrap();
    let photo = json!({ "value": "HTTPS://X", "type": "Photo", "primary": true });
    let expected = json!({ "value": "HTTPS://X", "type": "photo", "primary": true });
    assert_eq!(folded(photos, &photo), expected);
    assert_eq!(folded(&Attribute::new("x", Kind::String, ""), &json!("A")), json!("a"));
}
