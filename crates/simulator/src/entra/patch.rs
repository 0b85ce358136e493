//! The two shapes of Entra's PATCH: today's, and the one behind the flag. Bodies only.

use serde_json::{Map, Value, json};

use super::Flavor;
use super::mapping::{Difference, ENTERPRISE, Place, Verb};

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn envelope(operations: Vec<Value>) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}

fn op(flavor: Flavor, verb: Verb) -> &'static str {
    match (flavor, verb) {
        (Flavor::Default, Verb::Add) => "Add",
        (Flavor::Default, Verb::Replace) => "Replace",
        (Flavor::Default, Verb::Remove) => "Remove",
        (Flavor::AadOptscim062020, Verb::Add) => "add",
        (Flavor::AadOptscim062020, Verb::Replace) => "replace",
        (Flavor::AadOptscim062020, Verb::Remove) => "remove",
    }
}

pub(crate) fn attributes(flavor: Flavor, differences: &[Difference]) -> Value {
    envelope(match flavor {
        Flavor::Default => differences.iter().map(|one| single(flavor, one)).collect(),
        Flavor::AadOptscim062020 => flagged(differences),
    })
}

/// One operation, with a path.
fn single(flavor: Flavor, difference: &Difference) -> Value {
    let Difference { place, verb, value, .. } = difference;
    let op = op(flavor, *verb);
    let path = place.path();
    match (verb, place) {
        // The old value goes along with a filtered path, although it says nothing.
        (Verb::Remove, Place::Element(..)) => json!({"op": op, "path": path, "value": value}),
        (Verb::Remove, _) => json!({"op": op, "path": path}),
        _ => json!({"op": op, "path": path, "value": wire_value(flavor, value)}),
    }
}

/// Without the flag a boolean is written as a capitalized text.
fn wire_value(flavor: Flavor, value: &Value) -> Value {
    match (flavor, value) {
        (Flavor::Default, Value::Bool(true)) => Value::from("True"),
        (Flavor::Default, Value::Bool(false)) => Value::from("False"),
        _ => value.clone(),
    }
}

/// Plain attributes share one operation without a path; the others keep one each. A single one needs
/// no sharing, and `active` never takes part.
fn flagged(differences: &[Difference]) -> Vec<Value> {
    let flavor = Flavor::AadOptscim062020;
    let shared = |one: &Difference| {
        let plain = !matches!(one.place, Place::Element(..) | Place::Plain("active"));
        plain && one.verb != Verb::Remove
    };
    let mut operations = Vec::new();
    for verb in [Verb::Replace, Verb::Add] {
        let together: Vec<&Difference> =
            differences.iter().filter(|one| shared(one) && one.verb == verb).collect();
        match together.as_slice() {
            [] => {}
            [one] => operations.push(single(flavor, one)),
            several => {
                let pairs = several.iter().map(|one| (one.place.path(), one.value.clone()));
                let value: Map<String, Value> = pairs.collect();
                operations.push(json!({"op": op(flavor, verb), "value": value}));
            }
        }
    }
    let apart = differences.iter().filter(|one| !shared(one));
    operations.extend(apart.map(|one| single(flavor, one)));
    operations
}

/// `current` is what the target has, `wanted` what it should have.
pub(crate) fn manager(flavor: Flavor, current: Option<&str>, wanted: Option<&str>) -> Value {
    let path = format!("{ENTERPRISE}:manager");
    envelope(vec![match (wanted, current, flavor) {
        (Some(id), None, _) => json!({"op": op(flavor, Verb::Add), "path": path, "value": id}),
        (Some(id), Some(_), _) => {
            json!({"op": op(flavor, Verb::Replace), "path": path, "value": id})
        }
        (None, Some(id), Flavor::AadOptscim062020) => {
            json!({"op": "remove", "path": format!("manager[value eq {}]", Value::from(id))})
        }
        (None, _, _) => json!({"op": op(flavor, Verb::Remove), "path": path}),
    }])
}

pub(crate) fn add_members(flavor: Flavor, ids: &[&String]) -> Value {
    envelope(vec![json!({
        "op": op(flavor, Verb::Add),
        "path": "members",
        "value": references(ids),
    })])
}

pub(crate) fn remove_members(flavor: Flavor, ids: &[&String]) -> Value {
    envelope(match flavor {
        // The listed ones, and not all: the classic mistake of servers.
        Flavor::Default => {
            vec![json!({"op": "Remove", "path": "members", "value": references(ids)})]
        }
        Flavor::AadOptscim062020 => {
            let filter = |id: &&String| format!("members[value eq {}]", Value::from(id.as_str()));
            ids.iter().map(|id| json!({"op": "remove", "path": filter(id)})).collect()
        }
    })
}

fn references(ids: &[&String]) -> Value {
    ids.iter().map(|id| json!({"$ref": null, "value": id})).collect()
}
