//! What a new version of a schema would do to the values there are.
//!
//! This file knows no values: it says which attributes a server has to look at.

use std::fmt;

use super::{Attribute, Schema};
use crate::Error;
use crate::error::quote;

/// Something that values of the old schema may not survive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The canonical path of the attribute, see [`crate::path::Target::name`].
    pub path: String,
    /// What happens to it.
    pub change: Change,
}

/// What happens to an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It is gone, or spelled in another case, which values are not.
    Removed,
    /// It has another type.
    Kind,
    /// It has several values now, or one.
    MultiValued,
    /// Its values compare in another way.
    CaseExact,
    /// Its values must be unique now, or need not be.
    Uniqueness,
    /// It must have a value now.
    Required,
    /// Nobody can write it now, and what nobody can write is not kept.
    ReadOnly,
}

impl Schema {
    /// Compares a schema with the one that is to take its place. Whatever is listed is safe as
    /// long as no resource has a value at its path, or for [`Change::Required`] as long as none
    /// lacks one.
    pub fn check_change(&self, new: &Schema) -> Result<(), Vec<Conflict>> {
        let mut conflicts = Vec::new();
        let attributes = if self.id == new.id { new.attributes.as_slice() } else { &[] };
        compare(&self.attributes, attributes, &format!("{}:", self.id), &mut conflicts);
        if conflicts.is_empty() { Ok(()) } else { Err(conflicts) }
    }
}

fn compare(old: &[Attribute], new: &[Attribute], prefix: &str, conflicts: &mut Vec<Conflict>) {
    for before in old {
        let mut note = |change| {
            conflicts.push(Conflict { path: format!("{prefix}{}", before.name), change });
        };
        let Some(after) = new.iter().find(|after| after.name == before.name) else {
            note(Change::Removed);
            continue;
        };
        if after.kind != before.kind {
            note(Change::Kind);
            continue;
        }
        if after.multi_valued != before.multi_valued {
            note(Change::MultiValued);
        }
        if after.case_exact != before.case_exact {
            note(Change::CaseExact);
        }
        if after.uniqueness != before.uniqueness {
            note(Change::Uniqueness);
        }
        if after.required && !before.required {
            note(Change::Required);
        }
        if after.is_read_only() && !before.is_read_only() {
            note(Change::ReadOnly);
        }
        let prefix = format!("{prefix}{}.", before.name);
        compare(&before.sub_attributes, &after.sub_attributes, &prefix, conflicts);
    }
    for after in new.iter().filter(|after| after.required) {
        if !old.iter().any(|before| before.name == after.name) {
            let path = format!("{prefix}{}", after.name);
            conflicts.push(Conflict { path, change: Change::Required });
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = quote(&self.path);
        match self.change {
            Change::Removed => write!(f, "{path} cannot be removed or renamed while it has values"),
            Change::Kind => write!(f, "the `type` of {path} cannot change while it has values"),
            Change::MultiValued => {
                write!(f, "`multiValued` of {path} cannot change while it has values")
            }
            Change::CaseExact => {
                write!(f, "`caseExact` of {path} cannot change while it has values")
            }
            Change::Uniqueness => {
                write!(f, "the `uniqueness` of {path} cannot change while it has values")
            }
            Change::ReadOnly => write!(f, "{path} cannot become read-only while it has values"),
            Change::Required => write!(f, "{path} cannot be required while a resource lacks it"),
        }
    }
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Error {
        Error::invalid_value(conflict.to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::limits::Limits;

    const URN: &str = "urn:example:hr:2.0:User";

    fn schema(attributes: Value) -> Schema {
        let body = json!({ "id": URN, "name": "HR", "attributes": attributes });
        Schema::define(&body, &Limits::default()).unwrap()
    }

    #[test]
    fn conflicts() {
        let old = || {
            json!([
                { "name": "badge", "caseExact": true, "uniqueness": "server" },
                { "name": "desk", "type": "complex", "subAttributes": [
                    { "name": "floor", "type": "integer" }, { "name": "note", "required": true }] },
            ])
        };
        let check = |edit: &dyn Fn(&mut Value), expected: &[(&str, Change)]| {
            let mut new = old();
            edit(&mut new);
            let found = schema(old()).check_change(&schema(new.clone())).err().unwrap_or_default();
            let found: Vec<(String, Change)> =
                found.into_iter().map(|conflict| (conflict.path, conflict.change)).collect();
            let expected: Vec<(String, Change)> =
                expected.iter().map(|(path, change)| (format!("{URN}:{path}"), *change)).collect();
            assert_eq!(found, expected, "{new}");
        };
        check(&|_| {}, &[]);
        check(&|new| new[0]["description"] = json!("x"), &[]);
        check(&|new| new[0]["mutability"] = json!("immutable"), &[]);
        check(&|new| new[0]["canonicalValues"] = json!(["x"]), &[]);
        check(&|new| new[1]["subAttributes"][1]["required"] = json!(false), &[]);
        check(&|new| new.as_array_mut().unwrap().push(json!({ "name": "extra" })), &[]);
        check(&|new| new.as_array_mut().unwrap().reverse(), &[]);
        check(&|new| new[0]["mutability"] = json!("readOnly"), &[("badge", Change::ReadOnly)]);
        check(&|new| new[0]["name"] = json!("Badge"), &[("badge", Change::Removed)]);
        check(
            &|new| new[1]["subAttributes"][0] = json!({ "name": "room", "required": true }),
            &[("desk.floor", Change::Removed), ("desk.room", Change::Required)],
        );
        check(
            &|new| new[1] = json!({ "name": "desk", "multiValued": true }),
            &[("desk", Change::Kind)],
        );
        check(&|new| new[1]["multiValued"] = json!(true), &[("desk", Change::MultiValued)]);
        check(
            &|new| new[0] = json!({ "name": "badge", "required": true }),
            &[
                ("badge", Change::CaseExact),
                ("badge", Change::Uniqueness),
                ("badge", Change::Required),
            ],
        );
        check(
            &|new| new[1]["subAttributes"][0]["type"] = json!("decimal"),
            &[("desk.floor", Change::Kind)],
        );
    }

    #[test]
    fn another_schema_keeps_nothing() {
        let (old, mut new) = (schema(json!([{ "name": "a" }])), schema(json!([{ "name": "a" }])));
        new.id = "urn:example:other".into();
        let conflicts = old.check_change(&new).unwrap_err();
        assert_eq!(conflicts.len(), 1);
        let error = Error::from(conflicts[0].clone());
        assert_eq!(error.scim_type, Some(crate::ScimType::InvalidValue));
        assert_eq!(
            error.detail,
            "`urn:example:hr:2.0:User:a` cannot be removed or renamed while it has values"
        );
    }
}
