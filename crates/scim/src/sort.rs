//! Sorting (RFC 7644 section 3.4.2.3): which attribute, which direction, and what the order is.
//!
//! Sorting a list is the database's; [`Sort::compare`] is the meaning every query is tested
//! against.

use std::cmp::Ordering;

use serde_json::Value;

use crate::error::quote;
use crate::filter::Term;
use crate::path::{AttrPath, resolve, split, suggest};
use crate::resource::is_primary;
use crate::schema::{ResourceType, Returned, index_key};
use crate::{Document, Error, Result};

/// `sortOrder`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// What has no value comes last.
    #[default]
    Ascending,
    /// What has no value comes first.
    Descending,
}

impl Order {
    /// Reads `ascending` or `descending`, in any case.
    pub fn parse(text: &str) -> Result<Order> {
        [("ascending", Order::Ascending), ("descending", Order::Descending)]
            .into_iter()
            .find_map(|(name, order)| name.eq_ignore_ascii_case(text).then_some(order))
            .ok_or_else(|| {
                Error::invalid_value(format!(
                    "`sortOrder` must be `ascending` or `descending`, not {}",
                    quote(text)
                ))
            })
    }
}

/// An order of resources, bound to a resource type.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    /// The attribute at the end of the path, which is never complex.
    pub term: Term,
    /// The other way round.
    pub descending: bool,
}

impl Sort {
    /// Finds what `sortBy` names, in any case and with or without URN. A complex attribute stands
    /// for its `value`, as it does in a filter.
    pub fn parse(path: &str, order: Order, rt: &ResourceType) -> Result<Sort> {
        let shown = quote(path.trim());
        let Some(read) = AttrPath::parse(path.trim(), 0) else {
            return Err(Error::invalid_value(format!(
                "`sortBy` must be an attribute such as `name.familyName`, not {shown}"
            )));
        };
        let Some(mut target) = resolve(&read, rt) else {
            return Err(Error::invalid_value(format!(
                "`sortBy` names {shown}, which a {} does not have{}",
                rt.name,
                suggest(&read, rt)
            )));
        };
        if target.leaf().is_complex() {
            let value = AttrPath { sub: Some("value".into()), ..read.clone() };
            let Some(found) = resolve(&value, rt).filter(|_| read.sub.is_none()) else {
                let subs = &target.leaf().sub_attributes;
                let first = subs.first().map_or("value", |sub| sub.name.as_str());
                return Err(Error::invalid_value(format!(
                    "`sortBy` names {shown}, which has parts: name one of them, such as {}",
                    quote(&format!("{}.{first}", path.trim()))
                )));
            };
            target = found;
        }
        if [target.attribute, target.leaf()].iter().any(|it| it.returned == Returned::Never) {
            return Err(Error::invalid_value(format!(
                "`sortBy` names {shown}, which is never returned and would show in the order"
            )));
        }
        let term = Term {
            name: target.name.clone(),
            attribute: target.leaf().clone(),
            multi_valued: target.is_multi_valued(),
        };
        Ok(Sort { term, descending: order == Order::Descending })
    }

    /// Which of two documents in normal form comes first.
    pub fn compare(&self, left: &Document, right: &Document) -> Ordering {
        let ascending = match (self.key(left), self.key(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            // Without a value: last if ascending, and so first if descending.
            (left, right) => right.is_some().cmp(&left.is_some()),
        };
        if self.descending { ascending.reverse() } else { ascending }
    }

    /// The text a document is ordered by, see [`index_key`]: of several values that of the primary
    /// one, else of the first.
    pub fn key(&self, document: &Document) -> Option<String> {
        let (extension, name, sub) = split(&self.term.name);
        let holder = match extension {
            Some(urn) => document.get(urn)?.as_object()?,
            None => document,
        };
        let value = one(holder.get(name)?)?;
        let value = match sub {
            Some(sub) => one(value.get(sub)?)?,
            None => value,
        };
        index_key(&self.term.attribute, value)
    }
}

fn one(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(values) => values.iter().find(|it| is_primary(it)).or_else(|| values.first()),
        single => Some(single),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::ScimType;
    use crate::schema::{ENTERPRISE_USER, group_type, user_type};

    fn sort(path: &str, order: Order) -> Sort {
        Sort::parse(path, order, &user_type()).unwrap()
    }

    #[test]
    fn paths() {
        for (path, name, multi_valued) in [
            ("username", "userName".to_string(), false),
            (" Name.FamilyName ", "name.familyName".into(), false),
            ("emails", "emails.value".into(), true),
            ("emails.TYPE", "emails.type".into(), true),
            ("manager", format!("{ENTERPRISE_USER}:manager.value"), false),
            ("department", format!("{ENTERPRISE_USER}:department"), false),
            (
                &format!("{ENTERPRISE_USER}:COSTCENTER"),
                format!("{ENTERPRISE_USER}:costCenter"),
                false,
            ),
            ("urn:ietf:params:scim:schemas:core:2.0:User:title", "title".into(), false),
            ("meta.lastModified", "meta.lastModified".into(), false),
            ("id", "id".into(), false),
        ] {
            let term = sort(path, Order::Ascending).term;
            assert_eq!((term.name, term.multi_valued), (name, multi_valued), "{path}");
        }
    }

    #[test]
    fn refusals() {
        for (path, says) in [
            ("", "must be an attribute"),
            ("emails[type eq \"work\"]", "must be an attribute"),
            ("usernme", "did you mean `userName`"),
            ("urn:x:userName", "does not have"),
            ("name", "such as `name.formatted`"),
            ("password", "never returned"),
            ("meta", "has parts"),
        ] {
            let error = Sort::parse(path, Order::Ascending, &user_type()).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{path}");
            assert!(error.detail.contains(says), "{path}: {error}");
        }
        assert!(Sort::parse("userName", Order::Ascending, &group_type()).is_err());
        for (text, expected) in [
            ("ascending", Some(Order::Ascending)),
            ("DESCENDING", Some(Order::Descending)),
            ("desc", None),
            ("", None),
        ] {
            assert_eq!(Order::parse(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn keys() {
        let user = json!({
            "id": "A", "userName": "BJensen", "active": true, "title": "É",
            "emails": [{ "value": "Z@x", "type": "home" }, { "value": "A@x", "primary": true }],
            "phoneNumbers": [{ "value": "2" }, { "value": "1" }],
            "schemas": ["urn:b", "urn:a"],
            "meta": { "created": "2011-05-13T06:42:34+02:00" },
            ENTERPRISE_USER: { "manager": { "value": "26" } }
        });
        for (path, expected) in [
            ("id", Some("A")),
            ("userName", Some("bjensen")),
            ("title", Some("é")),
            ("emails", Some("a@x")),
            ("emails.type", None),
            ("phoneNumbers.value", Some("2")),
            ("schemas", Some("urn:b")),
            ("active", Some("true")),
            ("meta.created", Some("2011-05-13T04:42:34.000000000Z")),
            ("manager", Some("26")),
            ("name.familyName", None),
            ("department", None),
            ("groups", None),
        ] {
            let key = sort(path, Order::Ascending).key(user.as_object().unwrap());
            assert_eq!(key.as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn orders() {
        let check = |path: &str, order: Order, documents: Value, expected: &[&str]| {
            let mut documents: Vec<Document> = documents
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_object().unwrap().clone())
                .collect();
            let sort = sort(path, order);
            documents.sort_by(|left, right| sort.compare(left, right));
            let ids: Vec<&str> =
                documents.iter().map(|document| document["id"].as_str().unwrap()).collect();
            assert_eq!(ids, expected, "{path} {order:?}");
        };
        let users = json!([
            { "id": "none" },
            { "id": "b", "userName": "b", "emails": [{ "value": "x" }], "active": true },
            { "id": "A", "userName": "A", "emails": [{ "value": "z" }, { "value": "a", "primary": true }], "active": false },
            { "id": "C", "userName": "C", "emails": [{ "value": "m" }, { "value": "a" }], "active": true },
        ]);
        check("userName", Order::Ascending, users.clone(), &["A", "b", "C", "none"]);
        check("userName", Order::Descending, users.clone(), &["none", "C", "b", "A"]);
        check("id", Order::Ascending, users.clone(), &["A", "C", "b", "none"]);
        check("emails", Order::Ascending, users.clone(), &["A", "C", "b", "none"]);
        check("active", Order::Ascending, users.clone(), &["A", "b", "C", "none"]);
        check("title", Order::Descending, users, &["none", "b", "A", "C"]);
    }

    proptest! {
        #[test]
        fn descending_is_ascending_reversed(
            left in prop::option::of("[a-cA-C]{0,2}"), right in prop::option::of("[a-cA-C]{0,2}")
        ) {
            let document = |name: Option<String>| {
                let mut document = Document::new();
                document.extend(name.map(|name| ("userName".into(), json!(name))));
                document
            };
            let (left, right) = (document(left), document(right));
            let (up, down) = (sort("userName", Order::Ascending), sort("userName", Order::Descending));
            prop_assert_eq!(up.compare(&left, &right), down.compare(&left, &right).reverse());
            prop_assert_eq!(up.compare(&left, &right), up.compare(&right, &left).reverse());
        }
    }
}
