//! A PATCH of one operation: the laws that several together need not obey.

use scim::filter::Filter;
use scim::patch::{Outcome, Patch};
use scim::schema::ResourceType;
use scim::{Document, Result};
use serde_json::{Value, json};

use super::fixture::{MEMBERS, generous, limits};
use super::resource::shouted;

/// The only operation of a body, its members by their right names.
pub struct Operation {
    verb: String,
    path: Option<String>,
    value: Option<Value>,
}

impl Operation {
    pub fn of(body: &Value) -> Option<Operation> {
        let [operation] = operations(body) else {
            return None;
        };
        let path = match member(operation, "path") {
            None | Some(Value::Null) => None,
            Some(path) => Some(path.as_str()?.trim().to_owned()).filter(|path| !path.is_empty()),
        };
        let verb = member(operation, "op")?.as_str()?.to_ascii_lowercase();
        Some(Operation { verb, path, value: member(operation, "value").cloned() })
    }

    /// Whether a second time must change nothing: it may not choose values by what they are, for
    /// then it may choose others for its own outcome.
    pub fn is_repeatable(&self) -> bool {
        let chooses = |parts: &Document| names(parts).any(|name| name.contains('['));
        let value = match &self.value {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_object).any(chooses),
            Some(Value::Object(parts)) => chooses(parts),
            _ => false,
        };
        let path = self.path.as_ref().is_some_and(|path| path.contains('['));
        self.verb != "remove" && !path && !value
    }

    /// What is removed is not found any more.
    pub fn is_gone(&self, after: &Document, rt: &ResourceType) {
        let (Some(path), "remove") = (&self.path, self.verb.as_str()) else {
            return;
        };
        // Some clients list what to remove.
        if self.value.is_some() && !path.contains('[') {
            return;
        }
        let rest = if path.ends_with(']') { path.clone() } else { format!("{path} pr") };
        let found = Filter::parse(&rest, &generous()).and_then(|filter| filter.bind(rt));
        assert!(!found.is_ok_and(|found| found.matches(after)), "{path} was removed");
    }

    /// The case of names in a value means nothing.
    pub fn means_the_same_in_capitals(
        &self,
        before: &Document,
        rt: &ResourceType,
        outcome: &Outcome,
    ) {
        // Without a path, names are paths and come in the order of their letters.
        if let (Some(path), Some(value)) = (&self.path, &self.value)
            && !is_schema(path, rt)
        {
            let loud = json!({ "OP": self.verb, "PATH": path, "VALUE": shouted(value) });
            assert_eq!(apply(&loud, before, rt).as_ref(), Ok(outcome), "{path} in capitals");
        }
    }

    /// An attribute means the same as a path, and as a name in a value without one.
    pub fn means_the_same_without_path(
        &self,
        before: &Document,
        rt: &ResourceType,
        outcome: &Outcome,
    ) {
        let (Some(path), Some(value), false) = (&self.path, &self.value, self.verb == "remove")
        else {
            return;
        };
        let bare = json!({ "op": self.verb, "value": { path: value } });
        if let Ok(bare) = apply(&bare, before, rt) {
            // What is not known, or not the client's, is no error there.
            if bare.document != *before || !bare.members.is_empty() {
                assert_eq!(&bare, outcome, "{path} without path");
            }
        }
    }
}

fn is_schema(path: &str, rt: &ResourceType) -> bool {
    path.eq_ignore_ascii_case(&rt.schema.id) || rt.extension(path).is_some()
}

/// Applies one operation on its own.
pub fn apply(operation: &Value, before: &Document, rt: &ResourceType) -> Result<Outcome> {
    let body = json!({ "Operations": [operation] });
    Patch::parse(&body, rt, &limits())?.apply(before, rt, Some(&MEMBERS))
}

pub fn operations(body: &Value) -> &[Value] {
    member(body, "Operations").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The envelope's names come in any case.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let found = value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The names in an object, and in the objects below it.
fn names(parts: &Document) -> impl Iterator<Item = &String> {
    let inner = parts.values().flat_map(|value| match value {
        Value::Array(values) => values.as_slice(),
        single => std::slice::from_ref(single),
    });
    parts.keys().chain(inner.filter_map(Value::as_object).flat_map(Document::keys))
}
