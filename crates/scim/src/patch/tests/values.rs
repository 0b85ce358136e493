//! Attributes of every shape, by path.

use serde_json::json;

use super::*;
use crate::ScimType;

#[test]
fn singular_attributes() {
    for verb in ["add", "Replace"] {
        check(json!({}), op(verb, "title", json!("t")), json!({ "title": "t" }));
        check(json!({ "title": "a" }), op(verb, "TITLE", json!(["t"])), json!({ "title": "t" }));
        for nothing in [json!(null), json!(""), json!({ "value": "" })] {
            check(json!({ "title": "a" }), op(verb, "title", nothing), json!({}));
        }
        for word in [json!(false), json!("False"), json!("false"), json!(["FALSE"])] {
            check(json!({ "active": true }), op(verb, "active", word), json!({ "active": false }));
        }
        check(json!({}), op(verb, "userName", json!("v")), json!({ "userName": "v" }));
        check(json!({}), op(verb, "externalId", json!("x")), json!({ "externalId": "x" }));
    }
    check(json!({ "title": "a" }), remove("title"), json!({}));
    check(json!({}), remove("title"), json!({}));
    check(json!({ "title": "a" }), op("Remove", "title", json!("stray")), json!({}));
    check(json!({ "title": "a" }), json!([]), json!({ "title": "a" }));
}

#[test]
fn complex_attributes() {
    let name = json!({ "name": { "givenName": "G", "familyName": "F" } });
    for verb in ["add", "replace"] {
        check(
            name.clone(),
            op(verb, "name", json!({ "GivenName": "H", "middleName": "M", "nope": 1 })),
            json!({ "name": { "givenName": "H", "familyName": "F", "middleName": "M" } }),
        );
        check(
            name.clone(),
            op(verb, "name", json!({ "givenName": null })),
            json!({ "name": { "familyName": "F" } }),
        );
        check(name.clone(), op(verb, "name", json!({})), name.clone());
        check(name.clone(), op(verb, "name", json!(null)), json!({}));
        check(
            json!({}),
            op(verb, "name.givenName", json!("G")),
            json!({ "name": { "givenName": "G" } }),
        );
        check(
            name.clone(),
            op(verb, "name.givenName", json!("")),
            json!({ "name": { "familyName": "F" } }),
        );
    }
    check(name.clone(), remove("name"), json!({}));
    check(name.clone(), remove("name.familyName"), json!({ "name": { "givenName": "G" } }));
    check(json!({ "name": { "givenName": "G" } }), remove("name.givenName"), json!({}));
}

#[test]
fn multi_valued_attributes() {
    let one = json!({ "emails": [{ "value": "a", "type": "work" }] });
    let two = json!({ "emails": [{ "value": "a", "type": "work" }, { "value": "b" }] });
    for value in [json!({ "value": "b" }), json!([{ "value": "b" }]), json!(["b"]), json!("b")] {
        check(one.clone(), op("add", "emails", value.clone()), two.clone());
        check(one.clone(), op("replace", "emails", value), json!({ "emails": [{ "value": "b" }] }));
    }
    check(two.clone(), op("add", "emails", json!([{ "value": "B" }])), two.clone());
    check(
        one.clone(),
        op("add", "emails", json!([{ "value": "A", "type": "Work", "display": "d" }])),
        json!({ "emails": [{ "value": "a", "type": "work", "display": "d" }] }),
    );
    // Both are kept apart, so what is said of the one must not fall on the other.
    let twins = json!({ "emails": [{ "value": "a" }, { "value": "A", "display": "d" }] });
    check(twins.clone(), op("add", "emails", twins["emails"].clone()), twins);
    for nothing in [json!([]), json!(null), json!("")] {
        check(one.clone(), op("add", "emails", nothing.clone()), one.clone());
        check(one.clone(), op("replace", "emails", nothing), json!({}));
    }
    check(two.clone(), remove("emails"), json!({}));
    check(two.clone(), op("remove", "emails", json!([{ "value": "b" }])), one.clone());
    check(two.clone(), op("remove", "emails", json!({ "value": "B", "type": null })), one.clone());
    check(two.clone(), op("remove", "emails", json!([])), two.clone());
    check(two.clone(), op("remove", "emails", json!(null)), json!({}));
    check(two.clone(), op("remove", "emails", json!(["c"])), two.clone());
    check(
        two.clone(),
        remove("emails.type"),
        json!({ "emails": [{ "value": "a" }, { "value": "b" }] }),
    );
    check(two.clone(), remove("emails.value"), json!({}));
    check(
        json!({}),
        op("add", "emails.value", json!("a")),
        json!({ "emails": [{ "value": "a" }] }),
    );
}

#[test]
fn filtered_values() {
    let both =
        json!({ "emails": [{ "value": "w", "type": "work" }, { "value": "h", "type": "home" }] });
    let work = r#"emails[type eq "work"]"#;
    let work_value = r#"emails[type eq "work"].value"#;
    for verb in ["Add", "Replace"] {
        check(
            both.clone(),
            op(verb, work_value, json!("x")),
            json!({ "emails": [{ "value": "x", "type": "work" }, { "value": "h", "type": "home" }] }),
        );
        check(
            json!({}),
            op(verb, work_value, json!("x")),
            json!({ "emails": [{ "value": "x", "type": "work" }] }),
        );
        check(
            json!({}),
            op(verb, r#"addresses[type eq "work"].streetAddress"#, json!("s")),
            json!({ "addresses": [{ "streetAddress": "s", "type": "work" }] }),
        );
        check(
            json!({}),
            op(verb, r#"roles[primary eq "True"].value"#, json!("r")),
            json!({ "roles": [{ "value": "r", "primary": true }] }),
        );
        check(
            json!({}),
            op(verb, work, json!({ "value": "x" })),
            json!({ "emails": [{ "value": "x", "type": "work" }] }),
        );
        check(
            both.clone(),
            op(verb, work_value, json!("")),
            json!({ "emails": [{ "value": "h", "type": "home" }] }),
        );
        check(json!({}), op(verb, work_value, json!(null)), json!({}));
        refuse(
            json!({}),
            op(verb, r#"emails[type ne "x"].value"#, json!("x")),
            ScimType::NoTarget,
            "emails",
        );
        refuse(
            both.clone(),
            op(verb, r#"emails[type eq "a" or type eq "b"].value"#, json!("x")),
            ScimType::NoTarget,
            "no value matches",
        );
    }
}

#[test]
fn filtered_values_replaced_and_removed() {
    let both =
        json!({ "emails": [{ "value": "w", "type": "work" }, { "value": "h", "type": "home" }] });
    let work = r#"emails[type eq "work"]"#;
    let work_value = r#"emails[type eq "work"].value"#;
    check(
        json!({ "emails": [{ "value": "w", "type": "work", "display": "d" }] }),
        op("replace", work, json!({ "value": "x" })),
        json!({ "emails": [{ "value": "x", "type": "work" }] }),
    );
    check(
        json!({ "emails": [{ "value": "w", "type": "work", "display": "d" }] }),
        op("add", work, json!({ "value": "x" })),
        json!({ "emails": [{ "value": "x", "type": "work", "display": "d" }] }),
    );
    check(both.clone(), remove(work), json!({ "emails": [{ "value": "h", "type": "home" }] }));
    check(both.clone(), remove("emails[value pr]"), json!({}));
    check(
        both.clone(),
        op("Remove", work_value, json!("other@example.org")),
        json!({ "emails": [{ "value": "h", "type": "home" }] }),
    );
    check(
        both.clone(),
        remove(r#"emails[value eq "w"].type"#),
        json!({ "emails": [{ "value": "w" }, { "value": "h", "type": "home" }] }),
    );
    refuse(json!({}), remove(work), ScimType::NoTarget, "operation 1");
}

#[test]
fn primary_moves() {
    let before =
        json!({ "emails": [{ "value": "a", "primary": true }, { "value": "b", "type": "home" }] });
    let after = json!({ "emails": [{ "value": "a", "primary": false }, { "value": "b", "type": "home", "primary": true }] });
    check(
        before.clone(),
        op("replace", r#"emails[type eq "home"].primary"#, json!("True")),
        after.clone(),
    );
    check(
        before.clone(),
        op("add", r#"emails[type eq "home"]"#, json!({ "primary": true })),
        after.clone(),
    );
    check(
        before.clone(),
        op("add", "emails", json!([{ "value": "b", "type": "home", "primary": true }])),
        after,
    );
    check(
        before.clone(),
        op("add", "emails", json!([{ "value": "c", "primary": true }])),
        json!({ "emails": [{ "value": "a", "primary": false }, { "value": "b", "type": "home" }, { "value": "c", "primary": true }] }),
    );
    refuse(
        before,
        op("replace", "emails[value pr].primary", json!(true)),
        ScimType::InvalidValue,
        "no more than one primary",
    );
}
