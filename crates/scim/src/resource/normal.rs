//! The normal form of a document: canonical names, values of the right type, nothing empty.
//!
//! POST, PUT and PATCH all end here, so there is one opinion about what may be stored. It reads
//! attributes only; the members of a group and the `schemas` of a body are looked at elsewhere.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::Value;

use super::scalar;
use crate::error::{describe, quote};
use crate::limits::Limits;
use crate::schema::{Attribute, Mutability, ResourceType, common, find};
use crate::{Document, Error, Result};

/// Puts a document in normal form. Doing it twice changes nothing.
pub(crate) fn normalize(body: &Document, rt: &ResourceType, limits: &Limits) -> Result<Document> {
    let mut document = Document::new();
    for (key, value) in body {
        if let Some(extension) = rt.extension(key) {
            let schema = &extension.schema;
            let part = normalize_extension(value, &schema.attributes, &schema.id, limits)?;
            if !part.is_empty() {
                document.insert(schema.id.clone(), Value::Object(part));
            }
        } else if !rt.is_rows(key) {
            let attribute = rt.schema.attribute(key).or_else(|| find(common(), key));
            store(&mut document, attribute, value, limits)?;
        }
    }
    check_required(&document, &rt.schema.attributes, rt)?;
    for extension in &rt.extensions {
        match document.get(&extension.schema.id) {
            Some(Value::Object(part)) => check_required(part, &extension.schema.attributes, rt)?,
            _ if extension.required => {
                return Err(Error::invalid_value(format!(
                    "the extension {} is required and has no value",
                    quote(&extension.schema.id)
                )));
            }
            _ => {}
        }
    }
    Ok(document)
}

fn normalize_extension(
    value: &Value,
    attributes: &[Attribute],
    urn: &str,
    limits: &Limits,
) -> Result<Document> {
    let mut part = Document::new();
    match value {
        Value::Object(values) => {
            check_names(values, urn)?;
            for (key, value) in values {
                store(&mut part, find(attributes, key), value, limits)?;
            }
        }
        value if is_unassigned(value) => {}
        other => {
            let found = describe(other);
            let detail = format!("{} must be an object, not {found}", quote(urn));
            return Err(Error::invalid_value(detail));
        }
    }
    Ok(part)
}

/// Normalizes a value and keeps it, unless there is no such attribute or it is not the client's.
fn store(
    into: &mut Document,
    attribute: Option<&Attribute>,
    value: &Value,
    limits: &Limits,
) -> Result<()> {
    let Some(attribute) = attribute.filter(|attribute| !attribute.is_read_only()) else {
        return Ok(());
    };
    let value = normalize_attribute(attribute, value, &attribute.name, limits)?;
    // A password is checked and forgotten: nothing may ever return or leak it.
    if let Some(value) = value.filter(|_| attribute.mutability != Mutability::WriteOnly) {
        into.insert(attribute.name.clone(), value);
    }
    Ok(())
}

fn check_required(document: &Document, attributes: &[Attribute], rt: &ResourceType) -> Result<()> {
    let missing = attributes.iter().find(|attribute| {
        attribute.required
            && !rt.is_rows(&attribute.name)
            && !matches!(attribute.mutability, Mutability::ReadOnly | Mutability::WriteOnly)
            && !document.contains_key(&attribute.name)
    });
    match missing {
        None => Ok(()),
        Some(attribute) => Err(Error::invalid_value(format!(
            "{} is required and has no value",
            quote(&attribute.name)
        ))),
    }
}

/// Normalizes the value of one attribute; `None` is no value at all. `at` names it in errors.
pub(crate) fn normalize_attribute(
    attribute: &Attribute,
    value: &Value,
    at: &str,
    limits: &Limits,
) -> Result<Option<Value>> {
    if is_unassigned(value) {
        return Ok(None);
    }
    if attribute.multi_valued {
        return normalize_list(attribute, value, at, limits);
    }
    match value {
        // Entra writes a manager as an array of one.
        Value::Array(values) => match values.as_slice() {
            [only] if !only.is_array() => normalize_one(attribute, only, at, limits),
            _ => Err(scalar::mismatch(attribute, value, at)),
        },
        value => normalize_one(attribute, value, at, limits),
    }
}

fn normalize_list(
    attribute: &Attribute,
    value: &Value,
    at: &str,
    limits: &Limits,
) -> Result<Option<Value>> {
    let sent = match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    };
    too_many(sent.len(), at, limits)?;
    let mut seen = HashSet::new();
    let mut values = Vec::with_capacity(sent.len());
    for value in sent {
        if let Some(value) = normalize_one(attribute, value, at, limits)?
            && has_substance(attribute, &value)
            && seen.insert(value.to_string())
        {
            values.push(value);
        }
    }
    if values.iter().filter(|value| is_primary(value)).count() > 1 {
        let detail = format!("{} has more than one primary value", quote(at));
        return Err(Error::invalid_value(detail));
    }
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}

pub(crate) fn too_many(count: usize, at: &str, limits: &Limits) -> Result<()> {
    if count <= limits.values_per_attribute {
        return Ok(());
    }
    Err(Error::invalid_value(format!(
        "{} has {count} values, more than the {} allowed",
        quote(at),
        limits.values_per_attribute
    )))
}

fn normalize_one(
    attribute: &Attribute,
    value: &Value,
    at: &str,
    limits: &Limits,
) -> Result<Option<Value>> {
    if is_unassigned(value) {
        return Ok(None);
    }
    if attribute.is_complex() {
        return normalize_complex(attribute, value, at, limits);
    }
    // `{"value": x}` for x, as some clients write simple multi-valued attributes.
    let only = value.as_object().filter(|parts| parts.len() == 1).and_then(|parts| {
        parts.iter().find(|(name, _)| name.eq_ignore_ascii_case("value")).map(|(_, value)| value)
    });
    let value = only.unwrap_or(value);
    scalar::read(attribute, value, at, limits).map(Some)
}

fn normalize_complex(
    attribute: &Attribute,
    value: &Value,
    at: &str,
    limits: &Limits,
) -> Result<Option<Value>> {
    let parts = complex_parts(attribute, value, at)?;
    check_names(&parts, at)?;
    let mut complex = Document::new();
    for (key, value) in parts.iter() {
        let Some(sub) = attribute.sub(key).filter(|sub| !sub.is_read_only()) else {
            continue;
        };
        let at = format!("{at}.{}", sub.name);
        // A schema without complex attributes inside complex ones cannot nest further.
        if sub.is_complex() {
            let detail = format!("{} cannot hold an object inside an object", quote(&at));
            return Err(Error::invalid_value(detail));
        }
        let value = normalize_attribute(sub, value, &at, limits)?;
        if let Some(value) = value.filter(|_| sub.mutability != Mutability::WriteOnly) {
            complex.insert(sub.name.clone(), value);
        }
    }
    if complex.is_empty() {
        return Ok(None);
    }
    let missing = attribute
        .sub_attributes
        .iter()
        .find(|sub| sub.required && !sub.is_read_only() && !complex.contains_key(&sub.name));
    if let Some(sub) = missing {
        let name = quote(&format!("{at}.{}", sub.name));
        return Err(Error::invalid_value(format!("{name} is required and has no value")));
    }
    Ok(Some(Value::Object(complex)))
}

/// The parts of a complex value. A bare scalar stands for its `value`: `"manager": "26"`,
/// `"emails": ["a@b"]`.
pub(super) fn complex_parts<'a>(
    attribute: &Attribute,
    value: &'a Value,
    at: &str,
) -> Result<Cow<'a, Document>> {
    match value {
        Value::Object(parts) => Ok(Cow::Borrowed(parts)),
        Value::String(_) | Value::Number(_) | Value::Bool(_)
            if attribute.sub("value").is_some() =>
        {
            let mut parts = Document::new();
            parts.insert("value".into(), value.clone());
            Ok(Cow::Owned(parts))
        }
        other => Err(scalar::mismatch(attribute, other, at)),
    }
}

/// Names compare without case (RFC 7643 section 2.1), so a name in two cases is sent twice.
pub(crate) fn check_names(object: &Document, at: &str) -> Result<()> {
    let mut seen = HashSet::with_capacity(object.len());
    match object.keys().find(|key| !seen.insert(key.to_ascii_lowercase())) {
        None => Ok(()),
        Some(key) => Err(Error::invalid_syntax(format!(
            "{} names {} twice, in different case",
            quote(at),
            quote(key)
        ))),
    }
}

/// RFC 7643 section 2.5: null and `[]` are no value; clients add `""`, `{}` and `{"value": ""}`.
pub(crate) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(parts) => {
            let mut parts = parts.iter();
            match (parts.next(), parts.next()) {
                (None, _) => true,
                (Some((key, Value::Null)), None) => key.eq_ignore_ascii_case("value"),
                (Some((key, Value::String(text))), None) => {
                    key.eq_ignore_ascii_case("value") && text.is_empty()
                }
                _ => false,
            }
        }
        Value::Bool(_) | Value::Number(_) => false,
    }
}

pub(crate) fn is_primary(value: &Value) -> bool {
    value.get("primary") == Some(&Value::Bool(true))
}

/// A value with nothing but a `type` and `primary` says nothing: it is what remains of
/// `{"type": "work", "value": ""}`, and of a value Entra cleared by path.
fn has_substance(attribute: &Attribute, value: &Value) -> bool {
    let is_label = |name: &str| name == "type" || name == "primary";
    match value {
        Value::Object(parts) => {
            parts.keys().any(|key| !is_label(key))
                || attribute.sub_attributes.iter().all(|sub| is_label(&sub.name))
        }
        _ => true,
    }
}
