//! PATCH: the outcome is in normal form, and operations on members come to the same one by one.

use std::collections::BTreeSet;

use scim::patch::{Member, MemberChange, Outcome, Patch};
use scim::resource::{check_immutable, read};
use scim::schema::ResourceType;
use scim::{Document, Result};
use serde_json::{Value, json};

use super::fixture::{FIXTURES, Fixture, MEMBERS, limits};
use super::grown::Seed;
use super::operation::{Operation, operations};
use super::resource;

/// The input is the body of a PATCH, a script, or the seed of a resource and a PATCH.
pub fn check(data: &[u8]) {
    let (resource, body) = if let Some(mut seed) = Seed::new(data) {
        (Some(seed.resource()), seed.patch())
    } else if let Ok(body) = serde_json::from_slice::<Value>(data) {
        (None, body)
    } else if let Ok(text) = std::str::from_utf8(data) {
        script(text)
    } else {
        return;
    };
    for Fixture { rt, stored, .. } in FIXTURES.iter() {
        let own = resource.as_ref().and_then(|sent| read(sent, rt, &limits()).ok());
        let before = own.map_or_else(|| stored.clone(), |intake| intake.document);
        match Patch::parse(&body, rt, &limits()) {
            Ok(patch) => patched(&patch, &body, &before, rt),
            Err(error) => assert_eq!(error.status, 400, "{error}"),
        }
    }
}

/// A form of PATCH that a fuzzer breaks less often than JSON: an operation a line, its verb, path
/// and value between tabs, after a line with the resource unless the fixtures will do.
fn script(text: &str) -> (Option<Value>, Value) {
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    let mut resource = None;
    let mut operations = Vec::new();
    for line in text.lines() {
        if line.starts_with('{') {
            resource = Some(value(line));
            continue;
        }
        let parts = ["op", "path", "value"].into_iter().zip(line.splitn(3, '\t'));
        let part = |(name, text): (&str, &str)| {
            (name.to_owned(), if name == "value" { value(text) } else { json!(text) })
        };
        operations.push(Value::Object(parts.map(part).collect()));
    }
    (resource, json!({ "Operations": operations }))
}

fn patched(patch: &Patch, body: &Value, before: &Document, rt: &ResourceType) {
    let outcome = patch.apply(before, rt, Some(&MEMBERS));
    if !patch.needs_members() {
        assert_eq!(patch.apply(before, rt, None), outcome, "without the members");
    }
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return assert_eq!(error.status, 400, "{error}"),
    };
    resource::normal(&outcome.document, rt);
    assert_eq!(check_immutable(before, &outcome.document, rt), Ok(()));
    for extension in &rt.extensions {
        let of = |document: &Document| document.get(&extension.schema.id).cloned();
        referred(of(before), of(&outcome.document), body);
    }
    let members = after(&ids(&MEMBERS), &outcome.members);
    let again = patch.apply(&outcome.document, rt, Some(&people(&members)));
    if let Some(operation) = Operation::of(body) {
        operation.is_gone(&outcome.document, rt);
        operation.means_the_same_in_capitals(before, rt, &outcome);
        operation.means_the_same_without_path(before, rt, &outcome);
        if operation.is_repeatable() {
            let again = again.expect("what could be set once can be set twice");
            assert_eq!(again.document, outcome.document, "set twice");
            assert_eq!(after(&members, &again.members), members, "members set twice");
        }
    }
    if rt.rows.is_some() {
        assert_eq!(one_by_one(body, rt, before), Ok(members), "one by one");
    } else {
        assert!(outcome.members.is_empty(), "{:?}", outcome.members);
    }
}

/// A reference points to its value: it goes with the old one, unless it was sent again.
fn referred(before: Option<Value>, after: Option<Value>, body: &Value) {
    let (Some(Value::Object(before)), Some(after)) = (before, after) else {
        return;
    };
    for (name, old) in &before {
        let Some(new) = after.get(name) else {
            continue;
        };
        let is_kept = |part: &str| old.get(part).is_some() && old.get(part) == new.get(part);
        let sent = || body.to_string().contains(&old["$ref"].to_string());
        let moved = old.get("value").is_some() && !is_kept("value");
        assert!(!moved || !is_kept("$ref") || sent(), "{name}: {old} became {new}");
    }
}

/// The members after each operation on its own. A member who comes back has the name he had.
fn one_by_one(body: &Value, rt: &ResourceType, stored: &Document) -> Result<BTreeSet<String>> {
    let mut members = ids(&MEMBERS);
    let mut document = stored.clone();
    for operation in operations(body) {
        let patch = Patch::parse(&json!({ "Operations": [operation] }), rt, &limits())?;
        let Outcome { document: next, members: change } =
            patch.apply(&document, rt, Some(&people(&members)))?;
        members = after(&members, &change);
        document = next;
    }
    Ok(members)
}

fn after(members: &BTreeSet<String>, change: &MemberChange) -> BTreeSet<String> {
    let added: BTreeSet<String> = change.add.iter().cloned().collect();
    let removed: BTreeSet<String> = change.remove.iter().cloned().collect();
    assert_eq!((added.len(), removed.len()), (change.add.len(), change.remove.len()), "each once");
    assert!(added.is_disjoint(&removed), "{change:?}");
    assert!(!change.clear || removed.is_empty(), "{change:?}");
    let kept = if change.clear { BTreeSet::new() } else { members - &removed };
    &kept | &added
}

fn ids(members: &[Member]) -> BTreeSet<String> {
    members.iter().map(|member| member.value.clone()).collect()
}

fn people(ids: &BTreeSet<String>) -> Vec<Member> {
    let person = |id: &String| {
        let known = MEMBERS.iter().find(|member| member.value == *id).cloned();
        known.unwrap_or(Member { value: id.clone(), display: None, kind: "User".into() })
    };
    ids.iter().map(person).collect()
}
