//! References to what another operation creates: `bulkId:qwerty` (RFC 7644 section 3.7.2).
//!
//! A reference is a whole string anywhere in the data, the end of a URL in a `$ref`
//! (`../Users/bulkId:qwerty`), or a whole string in a value filter of a PATCH path
//! (`members[value eq "bulkId:qwerty"]`). What it stands for is not known here.

use std::ops::Range;

use serde_json::Value;

use crate::Document;

/// The bulkId a text refers to, if it is a reference.
pub(super) fn named(text: &str) -> Option<&str> {
    text.strip_prefix("bulkId:")
}

/// Where a reference begins in the text at a key.
fn begin(key: &str, text: &str) -> Option<usize> {
    match named(text) {
        Some(_) => Some(0),
        None if key.eq_ignore_ascii_case("$ref") => text.rfind("/bulkId:").map(|at| at + 1),
        None => None,
    }
}

/// The bulkId that the text at a key refers to.
fn named_at<'a>(key: &str, text: &'a str) -> Option<&'a str> {
    named(text.get(begin(key, text)?..)?)
}

/// Shows every bulkId that data refers to.
pub(super) fn each(data: &Value, visit: &mut dyn FnMut(&str)) {
    each_at("", data, visit);
}

fn each_at(key: &str, data: &Value, visit: &mut dyn FnMut(&str)) {
    match data {
        Value::String(text) => {
            if let Some(bulk_id) = named_at(key, text) {
                visit(bulk_id);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| each_at("", value, visit)),
        Value::Object(parts) => parts.iter().for_each(|(key, value)| each_at(key, value, visit)),
        _ => {}
    }
}

/// The same for the paths of a PATCH.
pub(super) fn each_in_paths(patch: &Value, visit: &mut dyn FnMut(&str)) {
    let operations = patch.as_object().and_then(|body| body.iter().find(is_named("Operations")));
    let operations = operations.and_then(|(_, value)| value.as_array()).into_iter().flatten();
    for operation in operations.filter_map(Value::as_object) {
        if let Some((_, Value::String(path))) = operation.iter().find(is_named("path")) {
            for (_, bulk_id) in quoted(path) {
                visit(&bulk_id);
            }
        }
    }
}

/// Puts ids in the place of references. `id_of` knows every bulkId that [`each`] has shown.
pub(super) fn replace(data: &mut Value, id_of: &dyn Fn(&str) -> Option<String>) {
    replace_at("", data, id_of);
}

fn replace_at(key: &str, data: &mut Value, id_of: &dyn Fn(&str) -> Option<String>) {
    match data {
        Value::String(text) => {
            if let Some(start) = begin(key, text)
                && let Some(id) = named_at(key, text).and_then(id_of)
            {
                text.replace_range(start.., &id);
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace_at("", value, id_of)),
        Value::Object(parts) => {
            parts.iter_mut().for_each(|(key, value)| replace_at(key, value, id_of));
        }
        _ => {}
    }
}

/// The same for the paths of a PATCH.
pub(super) fn replace_in_paths(patch: &mut Value, id_of: &dyn Fn(&str) -> Option<String>) {
    let body = patch.as_object_mut().into_iter().flatten();
    let operations = body
        .filter(|(key, _)| key.eq_ignore_ascii_case("Operations"))
        .filter_map(|(_, value)| value.as_array_mut())
        .flatten();
    for operation in operations.filter_map(Value::as_object_mut) {
        for (_, path) in operation.iter_mut().filter(|(key, _)| key.eq_ignore_ascii_case("path")) {
            let Value::String(text) = path else {
                continue;
            };
            // From the end, so that the ranges in front stay true.
            for (range, bulk_id) in quoted(text).into_iter().rev() {
                if let Some(id) = id_of(&bulk_id) {
                    text.replace_range(range, &Value::String(id).to_string());
                }
            }
        }
    }
}

/// Takes from a resource what refers to something that does not exist yet. The smallest thing that
/// makes sense without it goes: a value of a list, or a whole complex value, for a `manager` with
/// a `displayName` and no `value` is nobody. What is left empty goes as well.
pub(super) fn strip(resource: &mut Document, missing: &dyn Fn(&str) -> bool) {
    resource.retain(|key, value| match value {
        // The resource and its extensions only hold attributes.
        Value::Object(part) if key.contains(':') => {
            let was_empty = part.is_empty();
            strip(part, missing);
            was_empty || !part.is_empty()
        }
        value => keep(key, value, missing),
    });
}

/// Strips a value of what is missing; false if nothing sensible is left of it.
fn keep(key: &str, value: &mut Value, missing: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => !named_at(key, text).is_some_and(missing),
        Value::Array(values) => {
            let was_empty = values.is_empty();
            values.retain_mut(|value| keep("", value, missing));
            was_empty || !values.is_empty()
        }
        Value::Object(parts) => {
            let was_empty = parts.is_empty();
            let mut whole = true;
            parts.retain(|key, value| {
                let kept = keep(key, value, missing);
                whole &= kept || !value.is_string();
                kept
            });
            whole && (was_empty || !parts.is_empty())
        }
        _ => true,
    }
}

/// The references among the quoted strings of a path, and where they stand, quotes included.
fn quoted(path: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut begin = None;
    let mut escaped = false;
    for (at, byte) in path.bytes().enumerate() {
        match (begin, byte) {
            (None, b'"') => begin = Some(at),
            (Some(start), b'"') if !escaped => {
                let literal = path.get(start..=at).unwrap_or_default();
                if let Ok(text) = serde_json::from_str::<String>(literal)
                    && let Some(bulk_id) = named(&text)
                {
                    found.push((start..at + 1, bulk_id.to_owned()));
                }
                begin = None;
            }
            _ => {}
        }
        escaped = begin.is_some() && byte == b'\\' && !escaped;
    }
    found
}

fn is_named(name: &str) -> impl Fn(&(&String, &Value)) -> bool {
    move |(key, _)| key.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::ENTERPRISE_USER;

    fn found(data: &Value) -> Vec<String> {
        let mut names = Vec::new();
        each(data, &mut |name| names.push(name.to_owned()));
        each_in_paths(data, &mut |name| names.push(name.to_owned()));
        names.sort();
        names
    }

    #[test]
    fn finding() {
        for (data, expected) in [
            (json!({ "userName": "a" }), vec![]),
            (
                json!({ "members": [{ "value": "bulkId:a" }, { "value": "bulkId:b" }] }),
                vec!["a", "b"],
            ),
            (json!({ "members": ["bulkId:a", "x bulkId:b", "bulkid:c"] }), vec!["a"]),
            (json!({ "bulkId:a": 1 }), vec![]),
            (json!({ "x": "bulkId:" }), vec![""]),
            (json!({ ENTERPRISE_USER: { "manager": "bulkId:é" } }), vec!["é"]),
            (
                json!({ "operations": [{ "Path": "members[value eq \"bulkId:a\"]" }, {
                    "path": "members[value eq \"5\" or value eq \"bulkId:b\\\"c\"].x" }, 7] }),
                vec!["a", "b\"c"],
            ),
            (json!({ "Operations": [{ "path": "members[value eq \"bulkId:a" }] }), vec![]),
            (json!({ "Operations": [{ "path": 5 }] }), vec![]),
            (json!({ "Operations": { "path": "x[value eq \"bulkId:a\"]" } }), vec![]),
            (json!("bulkId:a"), vec!["a"]),
            (json!({ "$REF": "https://x/Users/bulkId:a/b" }), vec!["a/b"]),
            (json!({ "profileUrl": "https://x/bulkId:a", "$ref": "https://x/Users/5" }), vec![]),
        ] {
            assert_eq!(found(&data), expected, "{data}");
        }
    }

    #[test]
    fn replacing() {
        let id_of = |name: &str| (name != "unknown").then(|| format!("<{name}>"));
        for (mut data, expected) in [
            (json!({ "a": ["bulkId:x", "y"], "b": 1 }), json!({ "a": ["<x>", "y"], "b": 1 })),
            (json!({ "a": "bulkId:unknown" }), json!({ "a": "bulkId:unknown" })),
            (json!({ "$ref": "../Users/bulkId:x" }), json!({ "$ref": "../Users/<x>" })),
            (
                json!({ "Operations": [{ "path":
                    "members[value eq \"bulkId:a\" or value eq \"bulkId:q\\\"r\"].display" }] }),
                json!({ "Operations": [{ "path":
                    "members[value eq \"<a>\" or value eq \"<q\\\"r>\"].display" }] }),
            ),
        ] {
            replace(&mut data, &id_of);
            replace_in_paths(&mut data, &id_of);
            assert_eq!(data, expected);
        }
    }

    #[test]
    fn stripping() {
        let check = |before: Value, after: Value| {
            let mut resource = before.as_object().unwrap().clone();
            strip(&mut resource, &|name| name != "known");
            assert_eq!(Value::Object(resource), after, "{before}");
        };
        check(
            json!({ "userName": "a", "manager": { "value": "bulkId:b" } }),
            json!({ "userName": "a" }),
        );
        check(json!({ "manager": { "value": "bulkId:b", "displayName": "B" } }), json!({}));
        check(json!({ ENTERPRISE_USER: { "manager": { "value": "bulkId:b" } } }), json!({}));
        check(json!({ "manager": { "display": "B", "$ref": "../Users/bulkId:b" } }), json!({}));
        check(
            json!({ ENTERPRISE_USER: { "manager": "bulkId:b", "department": "x" } }),
            json!({ ENTERPRISE_USER: { "department": "x" } }),
        );
        check(
            json!({ "members": [{ "value": "bulkId:b" }, { "value": "bulkId:known" }, "bulkId:c"] }),
            json!({ "members": [{ "value": "bulkId:known" }] }),
        );
        check(json!({ "members": [{ "value": "bulkId:b" }] }), json!({}));
        check(
            json!({ "teams": [{ "name": "x", "people": ["bulkId:b", "c"] }] }),
            json!({ "teams": [{ "name": "x", "people": ["c"] }] }),
        );
        check(json!({ "teams": [{ "people": ["bulkId:b"] }] }), json!({}));
        check(
            json!({ "emails": [], "name": {}, "urn:x": {} }),
            json!({ "emails": [], "name": {}, "urn:x": {} }),
        );
    }
}
