//! Resources as they arrive and as they are kept.
//!
//! [`read`] turns whatever a client sends into one normal form, so that nothing behind it meets a
//! boolean in quotes or an attribute in the wrong case. The normal form holds what the client
//! said and the server cannot derive: no `id`, `meta`, `schemas`, `password`, nothing read-only
//! and no members. This file does not know what is stored already; PATCH is elsewhere.

mod index;
mod members;
mod normal;
mod scalar;

use serde_json::Value;

pub use self::index::{Leaf, leaves, unique_leaves};
pub(crate) use self::members::read_members;
pub(crate) use self::normal::{
    check_names, is_primary, is_unassigned, normalize, normalize_attribute, too_many,
};
use crate::error::{describe, quote};
use crate::limits::Limits;
use crate::path::split;
use crate::schema::{Mutability, ResourceType};
use crate::{Document, Error, Result};

/// A resource a client sent, in normal form.
#[derive(Clone, Debug, PartialEq)]
pub struct Intake {
    pub document: Document,
    /// The ids in the resource type's `rows` attribute, each once, in the order sent; `None` if
    /// the attribute was absent.
    pub members: Option<Vec<String>>,
}

/// Reads the body of a POST or PUT.
pub fn read(body: &Value, rt: &ResourceType, limits: &Limits) -> Result<Intake> {
    let Value::Object(body) = body else {
        let found = describe(body);
        return Err(Error::invalid_syntax(format!("a resource must be an object, not {found}")));
    };
    check_names(body, &rt.name)?;
    let sent = |name: &str| {
        body.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if let Some(schemas) = sent("schemas") {
        check_schemas(schemas, rt)?;
    }
    let members = match &rt.rows {
        Some(rows) => sent(rows).map(|value| read_members(value, rows, limits)).transpose()?,
        None => None,
    };
    Ok(Intake { document: normalize(body, rt, limits)?, members })
}

/// RFC 7643 section 3: `schemas` names the core schema. Other URNs may be anything (Entra sends
/// one of its own), and without `schemas` the endpoint says what is meant.
fn check_schemas(schemas: &Value, rt: &ResourceType) -> Result<()> {
    let urns = match schemas {
        Value::Null => return Ok(()),
        Value::Array(urns) => urns,
        other => {
            let found = describe(other);
            return Err(Error::invalid_syntax(format!(
                "`schemas` must be an array of strings, not {found}"
            )));
        }
    };
    if let Some(other) = urns.iter().find(|urn| !urn.is_string()) {
        return Err(Error::invalid_syntax(format!(
            "`schemas` must hold strings only, not {}",
            describe(other)
        )));
    }
    let named =
        urns.iter().filter_map(Value::as_str).any(|urn| urn.eq_ignore_ascii_case(&rt.schema.id));
    if named {
        return Ok(());
    }
    Err(Error::invalid_value(format!("`schemas` must include {}", quote(&rt.schema.id))))
}

/// What the `schemas` of a resource are: the core schema, and each extension that has data.
pub fn schemas<'a>(document: &Document, rt: &'a ResourceType) -> Vec<&'a str> {
    let extensions = rt.extensions.iter().map(|extension| extension.schema.id.as_str());
    std::iter::once(rt.schema.id.as_str())
        .chain(extensions.filter(|urn| document.contains_key(*urn)))
        .collect()
}

/// The string at a canonical path such as `userName`, `name.givenName` or `emails.value`; of
/// several values the primary one, else the first.
pub fn text<'a>(document: &'a Document, path: &str) -> Option<&'a str> {
    let (extension, name, sub) = split(path);
    let holder = match extension {
        Some(urn) => document.get(urn)?.as_object()?,
        None => document,
    };
    let value = match holder.get(name)? {
        Value::Array(values) => {
            values.iter().find(|value| is_primary(value)).or_else(|| values.first())?
        }
        value => value,
    };
    match sub {
        Some(sub) => value.get(sub)?.as_str(),
        None => value.as_str(),
    }
}

/// Refuses a change of an immutable attribute that had a value (RFC 7643 section 7). [`read`]
/// cannot know that; a PUT checks it against what is stored, PATCH does so by itself.
pub fn check_immutable(before: &Document, after: &Document, rt: &ResourceType) -> Result<()> {
    let empty = Document::new();
    let inside = |document: &Document, urn: &str| match document.get(urn) {
        Some(Value::Object(part)) => part.clone(),
        _ => empty.clone(),
    };
    check_kept(before, after, &rt.schema.attributes)?;
    for extension in &rt.extensions {
        let urn = &extension.schema.id;
        check_kept(&inside(before, urn), &inside(after, urn), &extension.schema.attributes)?;
    }
    Ok(())
}

fn check_kept(
    before: &Document,
    after: &Document,
    attributes: &[crate::schema::Attribute],
) -> Result<()> {
    for attribute in attributes {
        let Some(old) = before.get(&attribute.name) else {
            continue;
        };
        let new = after.get(&attribute.name);
        if attribute.mutability == Mutability::Immutable && new != Some(old) {
            return Err(Error::mutability(format!(
                "{} has a value and cannot be changed",
                quote(&attribute.name)
            )));
        }
        if let (Value::Object(old), Some(Value::Object(new))) = (old, new) {
            check_kept(old, new, &attribute.sub_attributes)
                .map_err(|error| error.within(&quote(&attribute.name)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
