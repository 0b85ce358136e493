//! Resources: the normal form is a fixed point, holds nothing it must not, and can all be found.

use scim::filter::Filter;
use scim::limits::Limits;
use scim::patch::Patch;
use scim::resource::{Leaf, check_immutable, leaves, read, schemas, text};
use scim::schema::{Attribute, Kind, Mutability, ResourceType};
use scim::{Document, path};
use serde_json::{Value, json};

use super::fixture::{FIXTURES, body, generous, limits};
use super::grown::Seed;

/// The input is the body of a POST, or the seed of one.
pub fn check(data: &[u8]) {
    let sent = match Seed::new(data) {
        Some(mut seed) => seed.resource(),
        None => match serde_json::from_slice(data) {
            Ok(sent) => sent,
            Err(_) => return,
        },
    };
    for fixture in FIXTURES.iter() {
        let rt = &fixture.rt;
        let intake = match read(&sent, rt, &limits()) {
            Ok(intake) => intake,
            Err(error) => {
                assert_eq!(error.status, 400, "{error}");
                continue;
            }
        };
        for (index, id) in intake.members.iter().flatten().enumerate() {
            let before = intake.members.iter().flatten().take(index);
            assert!(!id.is_empty() && before.clone().all(|other| other != id), "member {id}");
        }
        assert_eq!(read(&shouted(&sent), rt, &limits()).as_ref(), Ok(&intake), "in capitals");
        normal(&intake.document, rt);
        for leaf in leaves(&intake.document, rt, &[]) {
            found(&leaf, &intake.document, rt);
        }
        echoed(&intake.document, rt);
    }
}

/// The same with all names in capitals.
pub fn shouted(value: &Value) -> Value {
    match value {
        Value::Array(values) => values.iter().map(shouted).collect(),
        Value::Object(parts) => {
            parts.iter().map(|(name, value)| (name.to_ascii_uppercase(), shouted(value))).collect()
        }
        value => value.clone(),
    }
}

/// What holds for every document in normal form.
pub fn normal(document: &Document, rt: &ResourceType) {
    let again = read(&body(document), rt, &limits());
    let again = again.map(|intake| (intake.document, intake.members));
    assert_eq!(again, Ok((document.clone(), None)), "reading twice");
    let stored = serde_json::from_str(&body(document).to_string());
    assert_eq!(stored.ok(), Some(body(document)), "stored and loaded");
    assert_eq!(check_immutable(document, document, rt), Ok(()));
    for attribute in &rt.schema.attributes {
        let kept = !matches!(attribute.mutability, Mutability::ReadOnly | Mutability::WriteOnly);
        let rows = rt.rows.as_deref() == Some(&attribute.name);
        assert!(kept && !rows || !document.contains_key(&attribute.name), "{}", attribute.name);
    }
    for urn in schemas(document, rt) {
        let has_data = document.get(urn).is_some_and(Value::is_object);
        assert!(urn == rt.schema.id || has_data, "{urn}");
    }
}

/// Whatever is in the index is found by a filter.
fn found(leaf: &Leaf, document: &Document, rt: &ResourceType) {
    // The server's own word, which a document in normal form doesn't have.
    if leaf.path == "schemas" {
        return;
    }
    let path = path::AttrPath::parse(&leaf.path, 0).expect("a path");
    let target = path::resolve(&path, rt).expect("a known path");
    let filter = match target.leaf().kind {
        Kind::Complex => format!("{} pr", leaf.path),
        // Their keys are made to be sorted, not to be read.
        Kind::Integer | Kind::Decimal => return,
        _ => format!("{} eq {}", leaf.path, json!(leaf.key)),
    };
    let bound = Filter::parse(&filter, &generous()).and_then(|filter| filter.bind(rt));
    assert!(bound.expect("a filter").matches(document), "{filter}");
    let singular = |attribute: &Attribute| !attribute.multi_valued;
    if singular(target.attribute) && !matches!(target.leaf().kind, Kind::Boolean | Kind::Complex) {
        assert!(text(document, &leaf.path).is_some(), "{}", leaf.path);
    }
}

/// Okta sends back what it was shown: to add or set what is there already changes nothing.
fn echoed(document: &Document, rt: &ResourceType) {
    for verb in ["add", "replace"] {
        let operation = json!({ "op": verb, "value": document });
        let patch = Patch::parse(&json!({ "Operations": [operation] }), rt, &Limits::default());
        let outcome = patch.and_then(|patch| patch.apply(document, rt, None));
        assert_eq!(outcome.map(|outcome| outcome.document).as_ref(), Ok(document), "{verb}");
    }
}
