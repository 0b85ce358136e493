use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ScimType;
use crate::filter::Filter;
use crate::patch::Patch;
use crate::resource;
use crate::schema::{ENTERPRISE_USER, Extension, user_type};

const URN: &str = "urn:example:hr:2.0:User";

fn limits() -> Limits {
    Limits {
        schema_attributes: 6,
        schema_name_bytes: 40,
        schema_text_bytes: 60,
        ..Limits::default()
    }
}

fn define(attributes: Value) -> Result<Schema> {
    Schema::define(&json!({ "id": URN, "name": "HR", "attributes": attributes }), &limits())
}

#[test]
fn defaults_and_everything() {
    let schema = Schema::define(
        &json!({ "schemas": ["x"], "Id": URN, "NAME": "HR", "meta": {}, "attributes": [{ "name": "a" }] }),
        &limits(),
    );
    let plain = Attribute::new("a", Kind::String, "");
    let expected = Schema {
        id: URN.into(),
        name: "HR".into(),
        description: "".into(),
        attributes: vec![plain],
    };
    assert_eq!(schema, Ok(expected));
    let schema = define(json!([
        { "name": "badge", "type": "String", "multiValued": false, "description": "Ä badge.",
            "required": true, "canonicalValues": ["x", "y"], "caseExact": true,
            "mutability": "immutable", "returned": "ALWAYS", "uniqueness": "server",
            "subAttributes": [], "referenceTypes": null },
        { "name": "desks", "type": "complex", "multiValued": true, "caseExact": true, "subAttributes": [
            { "name": "value", "type": "integer" }, { "name": "primary", "type": "boolean" },
            { "name": "$ref", "type": "reference", "referenceTypes": ["external"], "caseExact": false }] },
    ]))
    .unwrap();
    let badge = schema.attribute("badge").unwrap();
    assert_eq!((badge.uniqueness, badge.returned), (Uniqueness::Server, Returned::Always));
    assert_eq!((badge.mutability, badge.required), (Mutability::Immutable, true));
    assert_eq!((badge.canonical_values.len(), badge.case_exact), (2, true));
    let desks = schema.attribute("desks").unwrap();
    assert!(!desks.case_exact && desks.multi_valued);
    assert!(desks.sub("$ref").unwrap().case_exact && !desks.sub("value").unwrap().case_exact);
}

#[test]
fn what_is_described_can_be_defined() {
    // The enterprise extension as `/Schemas` shows it, under a name of one's own.
    let rt = user_type();
    let mut body = crate::discovery::schemas("https://x", &[&rt]).remove(1);
    assert_eq!(body["id"], ENTERPRISE_USER);
    assert!(Schema::define(&body, &Limits::default()).is_err());
    body["id"] = json!(URN);
    let schema = Schema::define(&body, &Limits::default()).unwrap();
    assert_eq!(schema.attributes, rt.extensions[0].schema.attributes);
}

fn refuse(refusals: Vec<(Value, &str)>) {
    for (attributes, says) in refusals {
        let error = define(attributes.clone()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{attributes}: {error}");
        assert!(error.detail.contains(says), "{attributes}: {error}");
    }
}

#[test]
fn names_that_cannot_be() {
    refuse(vec![
        (json!(null), "not nothing"),
        (json!([]), "not an empty one"),
        (json!({}), "not an object"),
        (json!(["a"]), "an attribute must be an object, not `a`"),
        (json!([{}]), "must have a `name`"),
        (json!([{ "name": 5 }]), "`name` must be a string"),
        (json!([{ "name": "" }]), "no attribute name"),
        (json!([{ "name": "1a" }]), "`1a` is no attribute name"),
        (json!([{ "name": "a.b" }]), "no attribute name"),
        (json!([{ "name": "a:b" }]), "no attribute name"),
        (json!([{ "name": "a$b" }]), "no attribute name"),
        (json!([{ "name": "$ref" }]), "no attribute name"),
        (json!([{ "name": "é" }]), "no attribute name"),
        (json!([{ "name": "a".repeat(41) }]), "41 bytes, more than the 40"),
        (json!([{ "name": "Id" }]), "every resource"),
        (json!([{ "name": "externalid" }]), "every resource"),
        (json!([{ "name": "ab" }, { "name": "AB" }]), "`AB` is defined twice"),
    ]);
}

#[test]
fn characteristics_that_cannot_be() {
    refuse(vec![
        (json!([{ "name": "a", "multivalue": true }]), "`a` has `multivalue`"),
        (json!([{ "name": "a", "type": "text" }]), "`type` of `a` must be one of `string`"),
        (json!([{ "name": "a", "type": 5 }]), "not a number"),
        (
            json!([{ "name": "a", "multiValued": "true" }]),
            "`multiValued` of `a` must be a boolean, not `true`",
        ),
        (json!([{ "name": "a", "mutability": "sometimes" }]), "not `sometimes`"),
        (json!([{ "name": "a", "mutability": "writeOnly" }]), "not kept"),
        (json!([{ "name": "a", "returned": "never" }]), "not kept"),
        (json!([{ "name": "a", "required": true, "mutability": "readOnly" }]), "nobody could"),
        (json!([{ "name": "a", "description": 1 }]), "`description`"),
        (
            json!([{ "name": "a", "description": "x".repeat(61) }]),
            "description of `a` has 61 bytes",
        ),
        (json!([{ "name": "a", "description": "\u{0}" }]), "U+0000"),
        (
            json!([{ "name": "a", "type": "integer", "canonicalValues": ["1"] }]),
            "`canonicalValues`",
        ),
        (json!([{ "name": "a", "canonicalValues": "x" }]), "array of strings, not `x`"),
        (json!([{ "name": "a", "canonicalValues": [1] }]), "array of strings, not a number"),
        (
            json!([{ "name": "a", "canonicalValues": ["1", "2", "3", "4", "5", "6", "7"] }]),
            "7 values",
        ),
        (json!([{ "name": "a", "referenceTypes": ["User"] }]), "`referenceTypes`"),
        (json!([{ "name": "a", "uniqueness": "server", "multiValued": true }]), "unique"),
        (json!([{ "name": "a", "type": "complex" }]), "must have `subAttributes`"),
        (json!([{ "name": "a", "type": "complex", "subAttributes": {} }]), "must be an array"),
        (
            json!([{ "name": "a", "subAttributes": [{ "name": "b" }] }]),
            "only a `type` of `complex`",
        ),
    ]);
}

#[test]
fn sub_attributes_that_cannot_be() {
    let complex = |sub: Value| json!([{ "name": "a", "type": "complex", "multiValued": true, "subAttributes": [sub] }]);
    refuse(vec![
        (complex(json!({ "name": "b", "type": "complex" })), "`a.b` is complex within"),
        (complex(json!({ "name": "b", "uniqueness": "global" })), "`a.b` cannot be unique"),
        (complex(json!({ "name": "Value" })), "spelled `value`"),
        (complex(json!({ "name": "primary" })), "single boolean"),
        (complex(json!({ "name": "$ref" })), "single reference"),
        (complex(json!({ "name": "b", "multiValued": true })), "`a.b` has several values within"),
        (complex(json!({ "name": "$rf" })), "`a.$rf` is no attribute name"),
        (
            json!((0..7).map(|at| json!({ "name": format!("a{at}") })).collect::<Vec<_>>()),
            "6 attributes",
        ),
    ]);
    let within = complex(json!({ "name": "id" }));
    assert!(define(within).is_ok(), "only resources have an id of their own");
    assert!(define(json!([{ "name": "a", "Name": "b" }])).is_err());
}
#[test]
fn bodies() {
    for (body, says) in [
        (json!([]), "must be an object"),
        (json!({ "name": "x", "attributes": [] }), "`id`"),
        (json!({ "id": URN, "attributes": [] }), "`name`"),
        (json!({ "id": URN, "name": " " }), "`name`"),
        (json!({ "id": URN, "name": "x".repeat(41) }), "41 bytes"),
        (json!({ "id": "x", "name": "x" }), "must be a URN"),
        (json!({ "id": URN, "name": "x", "attribute": [] }), "`attribute`, which is no part"),
    ] {
        let error = Schema::define(&body, &limits()).unwrap_err();
        assert!(error.detail.contains(says), "{body}: {error}");
    }
}

#[test]
fn what_is_defined_works() {
    let schema = define(json!([
        { "name": "badge-no", "caseExact": true },
        { "name": "desks", "type": "complex", "multiValued": true, "subAttributes": [
            { "name": "value" }, { "name": "floor", "type": "integer" }] },
    ]))
    .unwrap();
    let mut rt = user_type();
    rt.extensions.push(Extension { schema, required: false });
    let limits = Limits::default();
    let body = json!({ "userName": "a", URN: { "BADGE-NO": "X1" } });
    let user = resource::read(&body, &rt, &limits).unwrap().document;
    assert_eq!(user[URN], json!({ "badge-no": "X1" }));
    let patch = json!({ "Operations": [
        { "op": "add", "path": format!("{URN}:desks"), "value": [{ "value": "d", "floor": "3" }] },
        { "op": "replace", "path": format!("{URN}:desks[value eq \"d\"].floor"), "value": 4 },
    ] });
    let user =
        Patch::parse(&patch, &rt, &limits).unwrap().apply(&user, &rt, None).unwrap().document;
    for (filter, expected) in [
        (format!("{URN}:badge-no eq \"X1\""), true),
        (format!("{URN}:badge-no eq \"x1\""), false),
        (format!("{}:desks[floor gt 3]", URN.to_uppercase()), true),
        (format!("{URN}:desks.value pr and badge-no pr"), true),
    ] {
        let condition = Filter::parse(&filter, &limits).unwrap().bind(&rt).unwrap();
        assert_eq!(condition.matches(&user), expected, "{filter}");
    }
}

proptest! {
    #[test]
    fn any_definition_is_safe_and_what_passes_survives_its_description(
        name in "[a-z$]{0,3}", kind in "string|complex|reference|x", other in "\\PC{0,8}",
        flag in any::<bool>()
    ) {
        let sub = json!({ "name": other, "type": "string" });
        let read = define(json!([{
            "name": name, "type": kind, "multiValued": flag, "caseExact": flag,
            "subAttributes": if flag { json!([sub]) } else { json!([]) }
        }]));
        if let Ok(schema) = read {
            let described = serde_json::to_value(&schema).unwrap();
            prop_assert_eq!(Schema::define(&described, &limits()), Ok(schema));
        }
    }
}
