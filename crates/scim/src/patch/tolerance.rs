//! What identity providers send beside the RFC, each quirk as one function.
//!
//! Shapes of single values (a boolean in quotes, a manager as a string) are the same in POST and
//! PUT and live with the normal form of resources. Nothing here weakens a check that protects
//! data: where a client's meaning is unclear, it is refused.

use serde_json::Value;

use super::operation::Verb;
use crate::error::{describe, quote};
use crate::filter::{Filter, Op};
use crate::limits::Limits;
use crate::path::{AttrPath, Path, Target, known_urn, resolve};
use crate::resource::{check_names, is_unassigned, normalize_attribute};
use crate::schema::{Attribute, PATCH_OP, ResourceType, fold};
use crate::{Document, Error, Result};

/// A URN some clients send in place of the one RFC 7644 registers for PATCH.
const MISTAKEN_PATCH_OP: &str = "urn:ietf:params:scim:schemas:core:2.0:PatchOp";

/// Envelope members in any case: `op` and `Op`, `Operations` and `operations`.
pub(super) fn member<'a>(object: &'a Document, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

/// `schemas` of the envelope: may be missing, or the URN clients mistake for the right one.
pub(super) fn check_envelope(schemas: Option<&Value>) -> Result<()> {
    let known = |urn: &Value| {
        urn.as_str().is_some_and(|urn| {
            urn.eq_ignore_ascii_case(PATCH_OP) || urn.eq_ignore_ascii_case(MISTAKEN_PATCH_OP)
        })
    };
    match schemas {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Array(urns)) if urns.is_empty() || urns.iter().any(known) => Ok(()),
        Some(_) => Err(Error::invalid_syntax(format!(
            "`schemas` of a patch must be an array with {}",
            quote(PATCH_OP)
        ))),
    }
}

/// `op` in any case: Entra writes `Add`, `Replace` and `Remove`.
pub(super) fn verb(op: Option<&Value>) -> Result<Verb> {
    let expected = "`op` must be `add`, `replace` or `remove`";
    match op {
        Some(Value::String(op)) if op.eq_ignore_ascii_case("add") => Ok(Verb::Add),
        Some(Value::String(op)) if op.eq_ignore_ascii_case("replace") => Ok(Verb::Replace),
        Some(Value::String(op)) if op.eq_ignore_ascii_case("remove") => Ok(Verb::Remove),
        Some(other) => Err(Error::invalid_syntax(format!("{expected}, not {}", describe(other)))),
        None => Err(Error::invalid_syntax(format!("{expected}, and is missing"))),
    }
}

/// `path`: null and `""` are no path.
pub(super) fn path_text(path: Option<&Value>) -> Result<Option<&str>> {
    match path {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
        Some(other) => {
            Err(Error::invalid_path(format!("`path` must be a string, not {}", describe(other))))
        }
    }
}

/// The value of an operation without path: an object, also as an array of one.
pub(super) fn attributes(value: Option<&Value>) -> Result<&Document> {
    match value.map(alone) {
        Some(Value::Object(attributes)) => Ok(attributes),
        other => Err(Error::invalid_value(format!(
            "without a `path` the `value` must be an object of attributes, not {}",
            describe(other.unwrap_or(&Value::Null))
        ))),
    }
}

/// An array of one is its element, where one value is expected (Entra's `manager`).
pub(super) fn alone(value: &Value) -> &Value {
    match value {
        Value::Array(values) => match values.as_slice() {
            [only] => only,
            _ => value,
        },
        value => value,
    }
}

/// The attributes in a value without path. Keys are names, dotted names (`name.givenName`),
/// names with a URN, and URNs with an object; Entra uses all four. Unknown keys are ignored, as
/// unknown attributes of a resource are.
pub(super) fn spread<'a>(
    attributes: &'a Document,
    rt: &ResourceType,
    limits: &Limits,
) -> Result<Vec<(Path, &'a Value)>> {
    check_names(attributes, "value")?;
    let mut found = Vec::new();
    for (key, value) in attributes {
        let Some(urn) = known_urn(key, rt) else {
            found.extend(known_path(key, rt, limits).map(|path| (path, value)));
            continue;
        };
        match alone(value) {
            Value::Object(inner) if !is_unassigned(value) => {
                check_names(inner, urn)?;
                for (key, value) in inner {
                    let qualified = known_path(&format!("{urn}:{key}"), rt, limits);
                    // Without a URN of its own, a key below a URN is never the core's.
                    let own = || known_path(key, rt, limits).filter(|_| key.contains(':'));
                    let path = qualified.or_else(own);
                    found.extend(path.map(|path| (path, value)));
                }
            }
            value if is_unassigned(value) => {
                if rt.extension(urn).is_some() {
                    found.push((Path { attr: AttrPath::of_schema(urn), filter: None }, value));
                }
            }
            other => {
                let found = describe(other);
                let detail = format!("{} must be an object, not {found}", quote(urn));
                return Err(Error::invalid_value(detail));
            }
        }
    }
    Ok(found)
}

fn known_path(key: &str, rt: &ResourceType, limits: &Limits) -> Option<Path> {
    let path = Path::read(key, rt, limits).ok()?;
    resolve(&path.attr, rt)?;
    Some(path)
}

/// `schemas` follows from the data, and the names of members from the users they are. Clients that
/// patch them get their way by patching the data.
pub(super) fn is_derived(target: &Target<'_>, rt: &ResourceType) -> bool {
    let attribute = target.attribute.name.as_str();
    let is_rows = rt.rows.as_deref() == Some(attribute);
    target.extension.is_none()
        && (attribute == "schemas" || (is_rows && target.leaf().name == "display"))
}

/// Values that clear a singular attribute: null, `""`, `{"value": ""}`. An empty object clears a
/// simple attribute, but merges nothing into a complex one.
pub(super) fn clears(attribute: &Attribute, value: &Value) -> bool {
    let value = if attribute.multi_valued { value } else { alone(value) };
    let merges_nothing = attribute.is_complex()
        && !attribute.multi_valued
        && value.as_object().is_some_and(Document::is_empty);
    is_unassigned(value) && !merges_nothing
}

/// The values a `remove` lists, if it does. RFC 7644 gives `remove` no value; Entra, JumpCloud
/// and authentik list the members to remove, and wiping the group instead is a known disaster.
/// An empty list therefore removes nothing.
pub(super) fn listed(value: Option<&Value>) -> Option<&[Value]> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.is_empty() => None,
        Some(Value::Array(values)) => Some(values),
        Some(single) => Some(std::slice::from_ref(single)),
    }
}

/// Whether a stored value is one a `remove` lists, both folded: the same `value` (and `type`, if
/// listed), or for values without a `value` all that is listed.
pub(super) fn is_listed(stored: &Value, listed: &Value) -> bool {
    let (Value::Object(stored), Value::Object(listed)) = (stored, listed) else {
        return stored == listed;
    };
    let by_value = listed.contains_key("value");
    listed
        .iter()
        .filter(|(name, _)| !by_value || *name == "value" || *name == "type")
        .all(|(name, value)| stored.get(name) == Some(value))
}

/// A value in normal form as it compares with others of its attribute: without regard to case,
/// where the attribute has none.
pub(super) fn folded(attribute: &Attribute, value: &Value) -> Value {
    match value {
        Value::String(text) if !attribute.case_exact => Value::String(fold(text).into_owned()),
        Value::Object(parts) => {
            let part = |(name, value): (&String, &Value)| {
                let value =
                    attribute.sub(name).map_or_else(|| value.clone(), |sub| folded(sub, value));
                (name.clone(), value)
            };
            Value::Object(parts.iter().map(part).collect())
        }
        value => value.clone(),
    }
}

/// The value a filter describes, to be created when nothing matches: Entra replaces
/// `emails[type eq "work"].value` of users without an e-mail address. Only a conjunction of
/// equalities describes a value; `primary eq "True"` becomes a boolean on the way.
pub(super) fn described(
    filter: &Filter,
    attribute: &Attribute,
    limits: &Limits,
) -> Result<Option<Document>> {
    let mut parts = Document::new();
    if !attribute.is_complex() || !collect(filter, &mut parts) {
        return Ok(None);
    }
    let mut described = Document::new();
    for (name, value) in &parts {
        let Some(sub) = attribute.sub(name) else {
            return Ok(None);
        };
        let at = format!("{}.{}", attribute.name, sub.name);
        if let Some(value) = normalize_attribute(sub, value, &at, limits)? {
            described.insert(sub.name.clone(), value);
        }
    }
    Ok(Some(described))
}

fn collect(filter: &Filter, parts: &mut Document) -> bool {
    match filter {
        Filter::And(filters) => filters.iter().all(|filter| collect(filter, parts)),
        Filter::Compare { path, op: Op::Eq, value } if path.sub.is_none() => {
            // Twice the same attribute describes nothing.
            parts.insert(path.name.to_ascii_lowercase(), quoted(value)).is_none()
        }
        _ => false,
    }
}

/// A filter may lack the quotes of a string (`[value eq 123]`): they are put back, and the normal
/// form takes them off again where the attribute is a number or a boolean.
fn quoted(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => Value::String(value.to_string()),
        value => value.clone(),
    }
}

/// What a `$ref` refers to before a change. It belongs to its `value`: when the value changes and
/// no new reference comes with it, the old one would point to somebody else. The RFC's merge would
/// keep it.
pub(super) struct Reference(Option<Value>);

impl Reference {
    pub(super) fn of(parts: &Document) -> Reference {
        // Most values have no reference, and are not worth a copy.
        Reference(parts.get("$ref").and_then(|_| parts.get("value")).cloned())
    }

    pub(super) fn settle(self, parts: &mut Document, sent: bool) {
        if !sent && self.0.is_some() && self.0.as_ref() != parts.get("value") {
            parts.remove("$ref");
        }
    }
}

#[cfg(test)]
mod tests;
