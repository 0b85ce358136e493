//! The leaves of a document: everything a filter can find it by.
//!
//! One leaf per scalar, and one per complex value so that `emails pr` needs no look at its parts.
//! It reads documents in normal form and drops nothing but what the caller says it keeps
//! elsewhere. Of what the server adds it knows one thing: `schemas` names each extension that has
//! data. The core schema is in every resource, and so in no leaf. No schema has sub-attributes with
//! several values; the leaves of such a one would need more than an element to tell them apart.

use serde_json::Value;

use crate::Document;
use crate::schema::{Attribute, ResourceType, Uniqueness, common, find, index_key};

/// One findable value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// The canonical path, see [`crate::path::Target::name`].
    pub path: String,
    /// Which value of a multi-valued attribute it belongs to; 0 for a singular one.
    pub element: u32,
    /// See [`index_key`]; empty for the presence of a complex value.
    pub key: String,
}

/// The leaves of a document, except those whose path is in `skip`.
pub fn leaves(document: &Document, rt: &ResourceType, skip: &[&str]) -> Vec<Leaf> {
    let mut gather = Gather { skip, leaves: Vec::new() };
    for attribute in rt.schema.attributes.iter().chain(common()) {
        gather.attribute("", attribute, document);
    }
    let schemas = find(common(), "schemas");
    for (element, extension) in (1_u32..).zip(&rt.extensions) {
        let urn = &extension.schema.id;
        if let Some(Value::Object(part)) = document.get(urn) {
            let key = schemas.and_then(|schemas| index_key(schemas, &Value::from(urn.as_str())));
            gather.leaf("schemas", element, key);
            for attribute in &extension.schema.attributes {
                gather.attribute(&format!("{urn}:"), attribute, part);
            }
        }
    }
    gather.leaves
}

/// The values in extensions that no two resources may share. Attributes of the core schemas that are
/// unique are names, and whoever stores resources knows those.
pub fn unique_leaves(document: &Document, rt: &ResourceType) -> Vec<Leaf> {
    let is_unique = |attribute: &&Attribute| attribute.uniqueness != Uniqueness::None;
    let mut gather = Gather { skip: &[], leaves: Vec::new() };
    for extension in &rt.extensions {
        let urn = &extension.schema.id;
        let Some(Value::Object(part)) = document.get(urn) else {
            continue;
        };
        let unique = extension.schema.attributes.iter().filter(is_unique);
        unique.for_each(|attribute| gather.attribute(&format!("{urn}:"), attribute, part));
        for attribute in &extension.schema.attributes {
            if let Some(Value::Object(parts)) = part.get(&attribute.name) {
                let prefix = format!("{urn}:{}.", attribute.name);
                let unique = attribute.sub_attributes.iter().filter(is_unique);
                unique.for_each(|sub| gather.attribute(&prefix, sub, parts));
            }
        }
    }
    gather.leaves
}

struct Gather<'a> {
    skip: &'a [&'a str],
    leaves: Vec<Leaf>,
}

impl Gather<'_> {
    fn attribute(&mut self, prefix: &str, attribute: &Attribute, holder: &Document) {
        let Some(value) = holder.get(&attribute.name) else {
            return;
        };
        let path = format!("{prefix}{}", attribute.name);
        for (element, value) in (0_u32..).zip(values(value)) {
            self.value(&path, element, attribute, value);
        }
    }

    fn value(&mut self, path: &str, element: u32, attribute: &Attribute, value: &Value) {
        match value {
            Value::Object(parts) if attribute.is_complex() => {
                self.leaf(path, element, Some(String::new()));
                for sub in &attribute.sub_attributes {
                    let path = format!("{path}.{}", sub.name);
                    for value in parts.get(&sub.name).map(values).unwrap_or_default() {
                        self.leaf(&path, element, index_key(sub, value));
                    }
                }
            }
            value => self.leaf(path, element, index_key(attribute, value)),
        }
    }

    fn leaf(&mut self, path: &str, element: u32, key: Option<String>) {
        if let Some(key) = key.filter(|_| !self.skip.contains(&path)) {
            self.leaves.push(Leaf { path: path.into(), element, key });
        }
    }
}

fn values(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        single => std::slice::from_ref(single),
    }
}
