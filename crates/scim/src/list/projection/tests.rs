//! What projections keep.

use serde_json::json;

use super::*;
use crate::schema::{ENTERPRISE_USER as E, Kind, USER, group_type, user_type};

fn resource() -> Value {
    json!({
        "schemas": [USER, E], "id": "1", "externalId": "e", "userName": "u", "active": true,
        "name": { "givenName": "g", "familyName": "f" }, "meta": { "created": "c", "version": "v" },
        "emails": [{ "value": "a", "type": "work" }, { "value": "b" }],
        E: { "department": "d", "manager": { "value": "m" } }
    })
}

fn check(attributes: Option<&str>, excluded: Option<&str>, expected: Value) {
    let rt = user_type();
    let mut document = resource().as_object().unwrap().clone();
    Projection::parse(attributes, excluded, &rt).unwrap().apply(&mut document, &rt);
    assert_eq!(Value::Object(document), expected, "{attributes:?} {excluded:?}");
}

fn only(mut rest: Value) -> Value {
    rest["id"] = json!("1");
    rest["schemas"] = json!([USER, E]);
    rest
}

#[test]
fn chosen_attributes() {
    check(None, Some(""), resource());
    check(Some("id"), None, only(json!({})));
    check(
        Some("USERNAME, emails"),
        None,
        only(json!({ "userName": "u", "emails": resource()["emails"] })),
    );
    check(Some("emails[type eq \"a,b]\"]"), None, only(json!({ "emails": resource()["emails"] })));
    check(
        Some("name.givenName,meta.version"),
        None,
        only(json!({ "name": { "givenName": "g" }, "meta": { "version": "v" } })),
    );
    check(Some("emails.type"), None, only(json!({ "emails": [{ "type": "work" }] })));
    check(Some("nonsense,,[,"), None, only(json!({})));
    check(Some("password"), None, only(json!({})));
    check(Some(E), None, only(json!({ E: resource()[E] })));
    check(Some(&format!("{E}:department")), None, only(json!({ E: { "department": "d" } })));
    check(Some("manager.value"), None, only(json!({ E: { "manager": { "value": "m" } } })));
}

#[test]
fn excluded_attributes() {
    let without = |pointers: &[(&str, &str)]| {
        let mut value = resource();
        for (holder, name) in pointers {
            value.pointer_mut(holder).unwrap().as_object_mut().unwrap().remove(*name);
        }
        value
    };
    check(None, Some("id,schemas,nope"), resource());
    check(None, Some("emails, META"), without(&[("", "emails"), ("", "meta")]));
    check(None, Some("emails.value"), {
        let mut value = resource();
        value["emails"] = json!([{ "type": "work" }]);
        value
    });
    check(None, Some("name.givenName,name.familyName"), without(&[("", "name")]));
    check(None, Some(E), without(&[("", E)]));
    check(None, Some("manager"), without(&[(&format!("/{E}"), "manager")]));
}

#[test]
fn decided_before_the_query() {
    let rt = group_type();
    let wants = |attributes: Option<&str>, excluded: Option<&str>| {
        Projection::parse(attributes, excluded, &rt).unwrap().wants("members")
    };
    assert!(wants(None, None));
    assert!(!wants(None, Some("members")));
    assert!(!wants(None, Some(&format!("{}:Members", rt.schema.id))));
    assert!(wants(None, Some("members.display")));
    assert!(!wants(Some("displayName"), None));
    assert!(wants(Some("MEMBERS.value"), None));
    assert!(wants(Some(&rt.schema.id), None));
    assert!(Projection::parse(Some("id"), Some("members"), &rt).is_err());
    assert_eq!(Projection::parse(Some(""), None, &rt).unwrap(), Projection::all());
}

#[test]
fn returned_on_request() {
    let mut rt = user_type();
    rt.schema.attributes.push(Attribute {
        returned: Returned::Request,
        ..Attribute::new("secret", Kind::String, "")
    });
    for (attributes, kept) in [(None, false), (Some("secret"), true)] {
        let mut document = json!({ "id": "1", "secret": "s" }).as_object().unwrap().clone();
        Projection::parse(attributes, None, &rt).unwrap().apply(&mut document, &rt);
        assert_eq!(document.contains_key("secret"), kept);
    }
}
