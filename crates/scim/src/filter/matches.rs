//! Evaluating a condition in memory: the meaning every compiled query is tested against.
//!
//! It expects documents in normal form ([`crate::resource::read`]) with whatever the server adds
//! (`id`, `meta`, `members`, `groups`), and never fails.

use serde_json::Value;

use super::{Condition, Literal, Op, Term};
use crate::Document;
use crate::path::split;
use crate::schema::index_key;

impl Condition {
    /// Whether the resource fulfils the condition.
    pub fn matches(&self, document: &Document) -> bool {
        self.holds(View::Resource(document))
    }

    /// Whether one value of the attribute before the bracket fulfils what stands inside.
    pub(crate) fn matches_value(&self, value: &Value) -> bool {
        self.holds(View::Value(value))
    }

    fn holds(&self, view: View<'_>) -> bool {
        match self {
            Condition::And(parts) => parts.iter().all(|part| part.holds(view)),
            Condition::Or(parts) => parts.iter().any(|part| part.holds(view)),
            Condition::Not(inner) => !inner.holds(view),
            Condition::Present(term) => view.values(term).into_iter().any(is_present),
            Condition::Compare { term, op, value } => compare(&view.values(term), term, *op, value),
            Condition::Any { term, of } => {
                view.values(term).into_iter().any(|value| of.matches_value(value))
            }
        }
    }
}

/// What terms are looked up in.
#[derive(Clone, Copy)]
enum View<'a> {
    Resource(&'a Document),
    Value(&'a Value),
}

impl<'a> View<'a> {
    /// The values at a term; several if some step has several.
    fn values(self, term: &Term) -> Vec<&'a Value> {
        let (extension, name, sub) = split(&term.name);
        let values = match self {
            View::Value(value) => vec![value],
            View::Resource(document) => {
                let holder = match extension {
                    Some(urn) => document.get(urn).and_then(Value::as_object),
                    None => Some(document),
                };
                flatten(holder.and_then(|holder| holder.get(name)))
            }
        };
        match sub {
            None => values,
            Some(sub) => values.into_iter().flat_map(|value| flatten(value.get(sub))).collect(),
        }
    }
}

fn flatten(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}

fn compare(values: &[&Value], term: &Term, op: Op, literal: &Literal) -> bool {
    let any = |op: Op, wanted: &str| {
        values
            .iter()
            .filter_map(|value| index_key(&term.attribute, value))
            .any(|key| op.holds(&key, wanted))
    };
    match (op, literal) {
        (Op::Ne, Literal::Key(wanted)) => !any(Op::Eq, wanted),
        (op, Literal::Key(wanted)) => any(op, wanted),
        (Op::Eq, Literal::Null) => !values.iter().copied().any(is_present),
        (Op::Ne, Literal::Null) => values.iter().copied().any(is_present),
        (_, Literal::Null) => false,
    }
}

/// `pr`: there is a value that is not empty (RFC 7644 table 3).
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(parts) => parts.values().any(is_present),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::filter::Filter;
    use crate::limits::Limits;
    use crate::schema::{ENTERPRISE_USER, group_type, user_type};

    fn barbara() -> Document {
        let value = json!({
            "id": "2819C", "externalId": "Bj", "userName": "BJensen", "active": true,
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "name": { "familyName": "Jensen", "givenName": "Barbara" },
            "emails": [
                { "value": "bjensen@example.com", "type": "work", "primary": true },
                { "value": "babs@jensen.org", "type": "home" }
            ],
            "meta": { "created": "2011-05-13T04:42:34.5Z" },
            ENTERPRISE_USER: { "department": "Tours", "manager": { "value": "26" } }
        });
        value.as_object().unwrap().clone()
    }

    #[test]
    fn over_a_user() {
        let rt = user_type();
        for (text, expected) in [
            ("userName eq \"bjensen\"", true),
            ("id eq \"2819c\"", false),
            ("externalId eq Bj and externalId ne bj", true),
            ("emails co \"EXAMPLE.com\"", true),
            ("emails[type eq \"home\" and value co \"example\"]", false),
            ("emails.type eq \"home\" and emails.value co \"example\"", true),
            ("emails[type eq \"work\"].value eq \"bjensen@example.com\"", true),
            ("emails[primary eq true].value sw \"babs\"", false),
            ("emails[primary ne true].value sw \"babs\"", true),
            ("emails[not (type eq \"work\")]", true),
            ("emails.type ne \"work\"", false),
            ("emails.type ne \"other\"", true),
            ("title pr", false),
            ("title ne \"x\"", true),
            ("title eq null and not (title pr)", true),
            ("title lt \"x\"", false),
            ("name pr and emails pr and active pr", true),
            ("name.familyName ew \"SEN\"", true),
            ("active eq \"True\"", true),
            ("manager eq 26 and department sw t", true),
            ("manager[value eq \"26\"]", true),
            ("manager[value eq \"27\"]", false),
            ("meta.created gt \"2011-05-13T06:42:34+02:00\"", true),
            ("meta.created gt \"2011-05-13T04:42:34.5Z\"", false),
            ("meta.created ge \"2011-05-13T04:42:34.500Z\"", true),
            ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:USER\"", true),
            ("userName gt \"a\" and userName lt \"C\"", true),
            ("phoneNumbers pr or groups pr", false),
            ("title pr or userName pr and not (active eq false)", true),
        ] {
            let condition = Filter::parse(text, &Limits::default()).unwrap().bind(&rt).unwrap();
            assert_eq!(condition.matches(&barbara()), expected, "{text}");
        }
    }

    #[test]
    fn over_members() {
        let group = json!({ "displayName": "A", "members": [{ "value": "1" }, { "value": "2" }] });
        let document = group.as_object().unwrap();
        for (text, expected) in
            [("members eq \"1\"", true), ("members.value eq \"3\"", false), ("members pr", true)]
        {
            let condition =
                Filter::parse(text, &Limits::default()).unwrap().bind(&group_type()).unwrap();
            assert_eq!(condition.matches(document), expected, "{text}");
        }
    }

    #[test]
    fn null_by_hand() {
        let rt = user_type();
        let Ok(Condition::Compare { term, .. }) =
            Filter::parse("title eq x", &Limits::default()).unwrap().bind(&rt)
        else {
            panic!()
        };
        let with = |op| Condition::Compare { term: term.clone(), op, value: Literal::Null };
        assert!(with(Op::Eq).matches(&barbara()));
        assert!(!with(Op::Ne).matches(&barbara()));
        assert!(!with(Op::Gt).matches(&barbara()));
    }
}
