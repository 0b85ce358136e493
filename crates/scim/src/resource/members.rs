//! The members of a group, as a list of ids.
//!
//! Only ids are taken: names and references are the server's to know. Whether an id exists is not
//! checked here.

use std::collections::HashSet;

use serde_json::Value;

use super::{check_names, scalar};
use crate::error::{describe, quote};
use crate::limits::Limits;
use crate::{Document, Error, Result};

/// Reads a list of members, or a single one. Null is no member; each id comes once.
pub(crate) fn read_members(value: &Value, rows: &str, limits: &Limits) -> Result<Vec<String>> {
    let sent = match value {
        Value::Null => &[],
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    if sent.len() > limits.members_per_request {
        return Err(Error::invalid_value(format!(
            "{} has {} values, more than the {} allowed in one request",
            quote(rows),
            sent.len(),
            limits.members_per_request
        )));
    }
    let mut seen = HashSet::with_capacity(sent.len());
    let mut ids = Vec::with_capacity(sent.len());
    for value in sent {
        let id = read_member(value, rows, limits)?;
        if seen.insert(id.clone()) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn read_member(value: &Value, rows: &str, limits: &Limits) -> Result<String> {
    let at = format!("{rows}.value");
    let id = match value {
        Value::Object(parts) => {
            check_names(parts, rows)?;
            check_kind(parts, rows)?;
            part(parts, "value").unwrap_or(&Value::Null)
        }
        value => value,
    };
    match id {
        Value::String(id) if !id.is_empty() => scalar::check_text(id.clone(), &at, limits),
        other => Err(Error::invalid_value(format!(
            "{} must be the id of a user as a string, not {}",
            quote(&at),
            if other.is_string() { "empty".into() } else { describe(other) }
        ))),
    }
}

fn check_kind(parts: &Document, rows: &str) -> Result<()> {
    match part(parts, "type") {
        Some(Value::String(kind)) if kind.eq_ignore_ascii_case("Group") => {
            Err(Error::invalid_value(format!(
                "{} cannot hold a group: nested groups are not supported, send its users instead",
                quote(rows)
            )))
        }
        _ => Ok(()),
    }
}

fn part<'a>(parts: &'a Document, name: &str) -> Option<&'a Value> {
    parts.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ScimType;

    fn ids(value: Value) -> Result<Vec<String>> {
        read_members(&value, "members", &Limits { members_per_request: 3, ..Limits::default() })
    }

    #[test]
    fn shapes() {
        for (value, expected) in [
            (json!(null), vec![]),
            (json!([]), vec![]),
            (json!([{ "value": "b" }, { "value": "a" }, { "value": "b" }]), vec!["b", "a"]),
            (json!({ "Value": "a" }), vec!["a"]),
            (json!("a"), vec!["a"]),
            (json!(["a", "a"]), vec!["a"]),
            (
                json!([{ "value": "a", "$ref": null, "type": "User", "displayName": "x", "display": 1 }]),
                vec!["a"],
            ),
        ] {
            assert_eq!(ids(value.clone()).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn refusals() {
        for (value, says) in [
            (json!([{ "value": "a", "type": "group" }]), "nested"),
            (json!([{ "value": "" }]), "not empty"),
            (json!([{ "value": 5 }]), "a number"),
            (json!([{}]), "null"),
            (json!([null]), "null"),
            (json!([["a"]]), "an array"),
            (json!(["a\u{0}"]), "U+0000"),
            (json!(["a", "b", "c", "d"]), "more than the 3"),
        ] {
            let error = ids(value.clone()).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{value}");
            assert!(error.detail.contains(says), "{value}: {error}");
        }
        let twice = ids(json!([{ "value": "a", "VALUE": "b" }])).unwrap_err();
        assert_eq!(twice.scim_type, Some(ScimType::InvalidSyntax));
    }
}
