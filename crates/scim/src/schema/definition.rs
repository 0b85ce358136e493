//! A schema that is defined at run time (RFC 7643 section 7): read and checked.
//!
//! What passes can be stored, filtered and patched like the schemas of the RFC. A name or
//! characteristic that nobody knows is refused, because a misspelt `multiValued` would show only
//! when there are values that cannot be changed any more.

use std::collections::HashSet;

use serde_json::Value;

use super::{Attribute, Kind, Mutability, Returned, Schema, Uniqueness, urn};
use crate::envelope::{member, text};
use crate::error::{describe, quote};
use crate::limits::Limits;
use crate::resource::check_names;
use crate::{Document, Error, Result};

/// What every resource has already (RFC 7643 section 3).
const RESERVED: [&str; 4] = ["id", "schemas", "meta", "externalId"];

/// Sub-attributes with a meaning of their own (RFC 7643 section 2.4), and how they are spelled.
const DEFAULT_SUBS: [(&str, Kind); 5] = [
    ("value", Kind::String),
    ("$ref", Kind::Reference),
    ("type", Kind::String),
    ("display", Kind::String),
    ("primary", Kind::Boolean),
];

const KINDS: [(&str, Kind); 8] = [
    ("string", Kind::String),
    ("boolean", Kind::Boolean),
    ("decimal", Kind::Decimal),
    ("integer", Kind::Integer),
    ("dateTime", Kind::DateTime),
    ("binary", Kind::Binary),
    ("reference", Kind::Reference),
    ("complex", Kind::Complex),
];

const MUTABILITIES: [(&str, Mutability); 4] = [
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("readOnly", Mutability::ReadOnly),
    ("writeOnly", Mutability::WriteOnly),
];

const RETURNS: [(&str, Returned); 4] = [
    ("default", Returned::Default),
    ("always", Returned::Always),
    ("request", Returned::Request),
    ("never", Returned::Never),
];

const UNIQUENESSES: [(&str, Uniqueness); 3] =
    [("none", Uniqueness::None), ("server", Uniqueness::Server), ("global", Uniqueness::Global)];

const SCHEMA_NAMES: [&str; 6] = ["schemas", "id", "meta", "name", "description", "attributes"];

const ATTRIBUTE_NAMES: [&str; 12] = [
    "name",
    "type",
    "subAttributes",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
];

impl Schema {
    /// Reads a definition in the form of `/Schemas`. What it leaves out has the defaults of
    /// section 2.2.
    pub fn define(body: &Value, limits: &Limits) -> Result<Schema> {
        let Value::Object(body) = body else {
            let found = describe(body);
            return Err(Error::invalid_syntax(format!("a schema must be an object, not {found}")));
        };
        check_known(body, &SCHEMA_NAMES, "the schema")?;
        let needed = |name: &str| {
            text(body, name)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| {
                Error::invalid_value(format!("a schema must have {} as a string", quote(name)))
            })
        };
        let mut reader = Reader { limits, left: limits.schema_attributes };
        let (id, name) = (needed("id")?, needed("name")?);
        urn::check(id, limits)?;
        reader.short(name, "the `name` of a schema", limits.schema_name_bytes)?;
        let attributes = match member(body, "attributes") {
            Some(Value::Array(attributes)) if !attributes.is_empty() => attributes,
            other => {
                let found = match other {
                    Some(Value::Array(_)) => "an empty one".into(),
                    other => other.map_or("nothing".into(), describe),
                };
                return Err(Error::invalid_value(format!(
                    "a schema must have an array of `attributes`, not {found}"
                )));
            }
        };
        Ok(Schema {
            id: id.into(),
            name: name.into(),
            description: reader.description(body, "the schema")?,
            attributes: reader.attributes(attributes, None)?,
        })
    }
}

fn check_known(object: &Document, known: &[&str], at: &str) -> Result<()> {
    check_names(object, at)?;
    match object.keys().find(|key| !known.iter().any(|name| name.eq_ignore_ascii_case(key))) {
        None => Ok(()),
        Some(key) => Err(Error::invalid_value(format!(
            "{at} has {}, which is no part of a definition",
            quote(key)
        ))),
    }
}

struct Reader<'a> {
    limits: &'a Limits,
    /// How many attributes there may be yet, those within others counted.
    left: usize,
}

impl Reader<'_> {
    fn attributes(
        &mut self,
        values: &[Value],
        parent: Option<&Attribute>,
    ) -> Result<Vec<Attribute>> {
        let mut seen = HashSet::new();
        let mut attributes = Vec::new();
        for value in values {
            if self.left == 0 {
                return Err(Error::invalid_value(format!(
                    "a schema may have {} attributes, those within others counted",
                    self.limits.schema_attributes
                )));
            }
            self.left -= 1;
            let attribute = self.attribute(value, parent)?;
            if !seen.insert(attribute.name.to_ascii_lowercase()) {
                let at = place(&attribute.name, parent);
                return Err(Error::invalid_value(format!("{at} is defined twice")));
            }
            attributes.push(attribute);
        }
        Ok(attributes)
    }

    fn attribute(&mut self, value: &Value, parent: Option<&Attribute>) -> Result<Attribute> {
        let Value::Object(object) = value else {
            let found = describe(value);
            return Err(Error::invalid_value(format!(
                "an attribute must be an object, not {found}"
            )));
        };
        let name = text(object, "name")?
            .ok_or_else(|| Error::invalid_value("an attribute must have a `name` as a string"))?;
        let at = place(name, parent);
        check_known(object, &ATTRIBUTE_NAMES, &at)?;
        check_name(name, parent, &at)?;
        self.short(name, &at, self.limits.schema_name_bytes)?;
        let kind = choice(object, "type", &at, &KINDS)?;
        let case_exact = flag(object, "caseExact", &at)?;
        let mut attribute = Attribute {
            name: name.into(),
            kind,
            sub_attributes: Vec::new(),
            multi_valued: flag(object, "multiValued", &at)?,
            description: self.description(object, &at)?,
            required: flag(object, "required", &at)?,
            canonical_values: self.texts(object, "canonicalValues", &at)?,
            // Sections 2.3.6 and 2.3.7 leave no choice, and case is a matter of text.
            case_exact: match kind {
                Kind::String => case_exact,
                kind => matches!(kind, Kind::Binary | Kind::Reference),
            },
            mutability: choice(object, "mutability", &at, &MUTABILITIES)?,
            returned: choice(object, "returned", &at, &RETURNS)?,
            uniqueness: choice(object, "uniqueness", &at, &UNIQUENESSES)?,
            reference_types: self.texts(object, "referenceTypes", &at)?,
        };
        check(&attribute, parent, &at)?;
        let subs = match member(object, "subAttributes") {
            None => &[],
            Some(Value::Array(subs)) => subs.as_slice(),
            Some(other) => return Err(wrong("subAttributes", "an array", other, &at)),
        };
        attribute.sub_attributes = match (kind, subs) {
            (Kind::Complex, []) => {
                Err(Error::invalid_value(format!("{at} is complex and must have `subAttributes`")))
            }
            (Kind::Complex, subs) => self.attributes(subs, Some(&attribute)),
            (_, []) => Ok(Vec::new()),
            _ => Err(Error::invalid_value(format!(
                "{at} has `subAttributes`, which only a `type` of `complex` can have"
            ))),
        }?;
        Ok(attribute)
    }

    fn description(&self, object: &Document, at: &str) -> Result<String> {
        let description = text(object, "description")?.unwrap_or_default();
        self.short(
            description,
            &format!("the description of {at}"),
            self.limits.schema_text_bytes,
        )?;
        Ok(description.into())
    }

    fn texts(&self, object: &Document, name: &str, at: &str) -> Result<Vec<String>> {
        let values = match member(object, name) {
            None => return Ok(Vec::new()),
            Some(Value::Array(values)) => values,
            Some(other) => return Err(wrong(name, "an array of strings", other, at)),
        };
        if values.len() > self.limits.schema_attributes {
            return Err(Error::invalid_value(format!(
                "{at} has {} values in `{name}`, more than the {} allowed",
                values.len(),
                self.limits.schema_attributes
            )));
        }
        let mut texts = Vec::with_capacity(values.len());
        for value in values {
            let Value::String(text) = value else {
                return Err(wrong(name, "an array of strings", value, at));
            };
            self.short(text, &format!("`{name}` of {at}"), self.limits.schema_name_bytes)?;
            texts.push(text.clone());
        }
        Ok(texts)
    }

    fn short(&self, text: &str, at: &str, max: usize) -> Result<()> {
        if text.len() > max {
            let length = text.len();
            return Err(Error::invalid_value(format!(
                "{at} has {length} bytes, more than the {max} allowed"
            )));
        }
        if text.contains('\0') {
            return Err(Error::invalid_value(format!("{at} cannot contain the character U+0000")));
        }
        Ok(())
    }
}

/// The path of an attribute, quoted.
fn place(name: &str, parent: Option<&Attribute>) -> String {
    match parent {
        Some(parent) => quote(&format!("{}.{name}", parent.name)),
        None => quote(name),
    }
}

/// Section 2.1 of RFC 7643 allows `$` in a name, the grammar of filters in RFC 7644 does not: an
/// attribute that cannot be asked for is refused. `$ref` is the exception in both.
fn check_name(name: &str, parent: Option<&Attribute>, at: &str) -> Result<()> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(is_letter);
    let is_reference = parent.is_some() && name.eq_ignore_ascii_case("$ref");
    if !fits && !is_reference {
        return Err(Error::invalid_value(format!(
            "{at} is no attribute name: it must begin with a letter and go on with letters, digits, `-` or `_`"
        )));
    }
    let reserved = RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name));
    if parent.is_none() && reserved {
        return Err(Error::invalid_value(format!(
            "{at} is an attribute of every resource already"
        )));
    }
    let default = DEFAULT_SUBS.iter().find(|(sub, _)| sub.eq_ignore_ascii_case(name));
    match default {
        Some((sub, _)) if parent.is_some() && *sub != name => {
            Err(Error::invalid_value(format!("{at} must be spelled `{sub}`")))
        }
        _ => Ok(()),
    }
}

/// What can be said about the characteristics together.
fn check(attribute: &Attribute, parent: Option<&Attribute>, at: &str) -> Result<()> {
    let kind = attribute.kind;
    let refuse = |what: &str| Err(Error::invalid_value(format!("{at} {what}")));
    if parent.is_some() {
        if kind == Kind::Complex {
            return refuse("is complex within a complex attribute, which cannot be");
        }
        let is_wrong = |sub: &str, expected: Kind| {
            attribute.name == sub && (kind != expected || attribute.multi_valued)
        };
        // Any type will do for a `value`, and text for the rest; these two are looked at.
        if is_wrong("primary", Kind::Boolean) {
            return refuse("must be a single boolean");
        }
        if is_wrong("$ref", Kind::Reference) {
            return refuse("must be a single reference");
        }
        if attribute.multi_valued {
            return refuse(
                "has several values within one value, which no filter could tell apart: make the attribute around it multi-valued",
            );
        }
    }
    if attribute.mutability == Mutability::WriteOnly {
        return refuse(
            "has a `mutability` of `writeOnly`: a value that is never shown is not kept",
        );
    }
    if attribute.returned == Returned::Never {
        return refuse("has `returned` of `never`: a value that is never shown is not kept");
    }
    if attribute.required && attribute.is_read_only() {
        return refuse("is required and read-only, so that nobody could provide it");
    }
    if !attribute.canonical_values.is_empty() && kind != Kind::String {
        return refuse("has `canonicalValues`, which only a `type` of `string` can have");
    }
    if !attribute.reference_types.is_empty() && kind != Kind::Reference {
        return refuse("has `referenceTypes`, which only a `type` of `reference` can have");
    }
    let is_plural = attribute.multi_valued || parent.is_some_and(|parent| parent.multi_valued);
    if attribute.uniqueness != Uniqueness::None && (is_plural || kind == Kind::Complex) {
        return refuse("cannot be unique: only a single value that is not complex can");
    }
    Ok(())
}

fn choice<T: Copy + Default>(
    object: &Document,
    name: &str,
    at: &str,
    known: &[(&str, T)],
) -> Result<T> {
    let Some(value) = member(object, name) else {
        return Ok(T::default());
    };
    let found = value.as_str().and_then(|text| {
        known.iter().find(|(word, _)| word.eq_ignore_ascii_case(text)).map(|(_, choice)| *choice)
    });
    found.ok_or_else(|| {
        let words: Vec<String> = known.iter().map(|(word, _)| quote(word)).collect();
        wrong(name, &format!("one of {}", words.join(", ")), value, at)
    })
}

fn flag(object: &Document, name: &str, at: &str) -> Result<bool> {
    match member(object, name) {
        None => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(wrong(name, "a boolean", other, at)),
    }
}

fn wrong(name: &str, expected: &str, value: &Value, at: &str) -> Error {
    let found = describe(value);
    Error::invalid_value(format!("`{name}` of {at} must be {expected}, not {found}"))
}

#[cfg(test)]
mod tests;
