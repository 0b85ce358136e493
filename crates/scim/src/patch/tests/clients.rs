//! Managers, extensions and values without a path: where clients differ most.

use serde_json::{Value, json};

use super::*;
use crate::ScimType;
use crate::schema::{ENTERPRISE_USER as E, USER};

#[test]
fn managers() {
    let manager = json!({ E: { "manager": { "value": "1", "$ref": "../Users/1" } } });
    let path = format!("{E}:manager");
    for path in [path.as_str(), "manager"] {
        for value in [json!("2"), json!({ "value": "2" }), json!([{ "value": "2" }])] {
            for verb in ["Add", "Replace"] {
                let after = json!({ E: { "manager": { "value": "2" } } });
                check(manager.clone(), op(verb, path, value.clone()), after.clone());
                check(json!({}), op(verb, path, value.clone()), after);
            }
        }
        for nothing in
            [json!(""), json!(null), json!({ "value": "" }), json!({ "value": null }), json!([])]
        {
            check(manager.clone(), op("Replace", path, nothing), json!({}));
        }
        check(manager.clone(), remove(path), json!({}));
        check(manager.clone(), remove(&format!("{path}[value eq \"1\"]")), json!({}));
        check(manager.clone(), remove(&format!("{path}[value eq \"2\"]")), manager.clone());
        check(json!({}), remove(&format!("{path}[value eq \"2\"]")), json!({}));
        check(
            manager.clone(),
            remove(&format!("{path}.$ref")),
            json!({ E: { "manager": { "value": "1" } } }),
        );
    }
}

#[test]
fn references_of_managers() {
    let manager = json!({ E: { "manager": { "value": "1", "$ref": "../Users/1" } } });
    check(
        manager.clone(),
        op("replace", "manager", json!({ "value": "2", "$ref": "../2", "displayName": "ignored" })),
        json!({ E: { "manager": { "value": "2", "$ref": "../2" } } }),
    );
    check(manager.clone(), op("replace", "manager.value", json!("1")), manager.clone());
    check(
        manager.clone(),
        op("replace", "manager[value eq \"1\"].value", json!("2")),
        json!({ E: { "manager": { "value": "2" } } }),
    );
    refuse(
        manager,
        op("replace", "manager[value eq \"9\"].value", json!("2")),
        ScimType::NoTarget,
        "9",
    );
}

#[test]
fn extensions() {
    let department = format!("{E}:department");
    check(json!({}), op("Replace", &department, json!("d")), json!({ E: { "department": "d" } }));
    check(json!({ E: { "department": "d" } }), remove(&department.to_uppercase()), json!({}));
    let both = json!({ E: { "department": "d", "division": "v" } });
    check(both.clone(), remove(E), json!({}));
    for verb in ["add", "replace"] {
        check(
            json!({ E: { "division": "v" } }),
            op(verb, E, json!({ "department": "d" })),
            both.clone(),
        );
    }
    check(both.clone(), op("replace", E, json!(null)), json!({}));
    check(both.clone(), op("add", E, json!(null)), both.clone());
    check(
        both,
        op("replace", USER, json!({ "title": "t" })),
        json!({ "title": "t", E: { "department": "d", "division": "v" } }),
    );
}

#[test]
fn without_a_path() {
    let bare = |verb: &str, value: Value| json!([{ "op": verb, "value": value }]);
    check(
        json!({ "active": true }),
        bare("replace", json!({ "active": false })),
        json!({ "active": false }),
    );
    check(
        json!({ "name": { "familyName": "F" }, E: { "division": "v" } }),
        bare(
            "replace",
            json!({
                "displayName": "Bjfe", "name.givenName": "Kkom", format!("{E}:employeeNumber"): "Aklq",
                E: { "department": "d", "manager": "m" }
            }),
        ),
        json!({
            "displayName": "Bjfe", "name": { "familyName": "F", "givenName": "Kkom" },
            E: { "division": "v", "employeeNumber": "Aklq", "department": "d", "manager": { "value": "m" } }
        }),
    );
    check(
        json!({ "emails": [{ "value": "a" }] }),
        bare("add", json!({ "emails": [{ "value": "b" }], "nickName": "n" })),
        json!({ "emails": [{ "value": "a" }, { "value": "b" }], "nickName": "n" }),
    );
    check(
        json!({ "emails": [{ "value": "a" }] }),
        bare("replace", json!({ "emails": [{ "value": "b" }] })),
        json!({ "emails": [{ "value": "b" }] }),
    );
    check(
        json!({ "title": "t" }),
        bare(
            "replace",
            json!({
                "id": "5", "meta": { "created": "x" }, "schemas": [USER], "groups": [1], "shoe": 5,
                "password": "p", "userName": "v", "title": null
            }),
        ),
        json!({ "userName": "v" }),
    );
    check(
        json!({}),
        json!([{ "op": "add", "path": "", "value": [{ "title": "t" }] }]),
        json!({ "title": "t" }),
    );
    refuse(json!({}), json!([{ "op": "remove" }]), ScimType::NoTarget, "path");
    refuse(json!({}), bare("add", json!("x")), ScimType::InvalidValue, "object");
}
