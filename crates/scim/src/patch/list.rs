//! Changes of multi-valued attributes, and of the values a path's filter chooses.
//!
//! The members of a group are multi-valued too, but are not here: they are not in the document.

use serde_json::Value;

use super::edit::{Change, into_object};
use super::operation::Verb;
use super::tolerance;
use super::work::check_copies;
use crate::error::quote;
use crate::filter::{Condition, Filter};
use crate::resource::{is_primary, normalize_attribute, too_many};
use crate::schema::Attribute;
use crate::{Document, Error, Result};

/// The bracket of a path, and the sub-attribute after it.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    pub(super) filter: &'a Filter,
    pub(super) condition: &'a Condition,
    pub(super) sub: Option<&'a Attribute>,
}

impl Change<'_> {
    /// A multi-valued attribute as a whole: append, replace, remove all or those listed.
    pub(super) fn list(
        &self,
        attribute: &Attribute,
        before: Option<Value>,
        at: &str,
    ) -> Result<Option<Value>> {
        let mut values = into_list(before);
        let sent = self.value.unwrap_or(&Value::Null);
        match self.verb {
            Verb::Replace => return normalize_attribute(attribute, sent, at, self.limits),
            Verb::Add => {
                let added = normalize_attribute(attribute, sent, at, self.limits)?;
                let primary: Vec<bool> = values.iter().map(is_primary).collect();
                self.append(attribute, &mut values, into_list(added))?;
                // Checked at once, so that many operations cannot grow it without end.
                too_many(values.len(), at, self.limits)?;
                settle_primary(&mut values, &primary);
            }
            Verb::Remove => {
                let Some(listed) = tolerance::listed(self.value) else {
                    return Ok(None);
                };
                let listed = Value::Array(listed.to_vec());
                let listed = into_list(normalize_attribute(attribute, &listed, at, self.limits)?);
                self.work.pair(&values, &listed)?;
                let listed: Vec<Value> =
                    listed.iter().map(|listed| tolerance::folded(attribute, listed)).collect();
                values.retain(|value| {
                    let value = tolerance::folded(attribute, value);
                    !listed.iter().any(|listed| tolerance::is_listed(&value, listed))
                });
            }
        }
        Ok(from_list(values))
    }

    /// Appends values unless they are there. The same `value` and `type` is the same value, which
    /// takes over the other parts (RFC 7643 section 2.4: the pair should not repeat).
    fn append(
        &self,
        attribute: &Attribute,
        values: &mut Vec<Value>,
        added: Vec<Value>,
    ) -> Result<()> {
        self.work.pair(values, &added)?;
        let part = |value: &Value, name: &str| {
            Some(tolerance::folded(attribute.sub(name)?, value.get(name)?))
        };
        let identity = |value: &Value| (part(value, "value"), part(value, "type"));
        let mut known: Vec<_> = values.iter().map(identity).collect();
        for new in added {
            // Before any that is merely the same: a resource may hold both `a@b` and `A@b`.
            if values.contains(&new) {
                continue;
            }
            let own = identity(&new);
            let same = known.iter().position(|known| own.0.is_some() && *known == own);
            match (same.and_then(|at| values.get_mut(at)), new) {
                (Some(Value::Object(stored)), Value::Object(new)) => {
                    // The stored spelling of what is the same stays, so that repeating is no change.
                    let extra =
                        new.into_iter().filter(|(name, _)| name != "value" && name != "type");
                    stored.extend(extra);
                }
                (Some(_), _) => {}
                (None, new) => {
                    known.push(own);
                    values.push(new);
                }
            }
        }
        Ok(())
    }

    /// `emails.type`: the part of every value.
    pub(super) fn every(
        &self,
        attribute: &Attribute,
        sub: &Attribute,
        before: Option<Value>,
    ) -> Result<Option<Value>> {
        let mut values = into_list(before);
        self.check_one_primary(attribute, Some(sub), values.len())?;
        if let Some(wanted) = self.wanted(sub) {
            check_copies(wanted, values.len(), self.limits)?;
        }
        let primary: Vec<bool> = values.iter().map(is_primary).collect();
        if values.is_empty() && self.wanted(sub).is_some() {
            values.push(Value::Object(Document::new()));
        }
        let mut after = Vec::with_capacity(values.len());
        for value in values {
            after.extend(self.part(attribute, sub, Some(value))?);
        }
        settle_primary(&mut after, &primary);
        Ok(from_list(after))
    }

    /// The values a filter chooses. A singular complex attribute is a list of at most one here:
    /// Entra clears `manager[value eq "x"]`.
    pub(super) fn chosen(
        &self,
        attribute: &Attribute,
        before: Option<Value>,
        choice: &Choice<'_>,
    ) -> Result<Option<Value>> {
        let mut values = into_list(before);
        let primary: Vec<bool> = values.iter().map(is_primary).collect();
        let wanted = self.wanted(choice.sub.unwrap_or(attribute));
        self.work.search(&values, choice.filter.terms())?;
        let hit: Vec<bool> =
            values.iter().map(|value| choice.condition.matches_value(value)).collect();
        let hits = hit.iter().filter(|hit| **hit).count();
        if let Some(wanted) = wanted {
            check_copies(wanted, hits, self.limits)?;
        }
        self.check_one_primary(attribute, choice.sub, hits)?;
        if hits == 0 {
            match self.verb {
                Verb::Remove if attribute.multi_valued => return Err(no_target(attribute, choice)),
                _ if wanted.is_none() => {}
                _ if !attribute.multi_valued && !values.is_empty() => {
                    return Err(no_target(attribute, choice));
                }
                _ => values.push(self.created(attribute, choice)?),
            }
        } else {
            let mut after = Vec::with_capacity(values.len());
            for (value, hit) in values.into_iter().zip(hit) {
                if hit {
                    after.extend(self.rewritten(attribute, choice, value)?);
                } else {
                    after.push(value);
                }
            }
            values = after;
        }
        if !attribute.multi_valued {
            return Ok(values.pop());
        }
        too_many(values.len(), &attribute.name, self.limits)?;
        settle_primary(&mut values, &primary);
        Ok(from_list(values))
    }

    /// Refuses to make several values primary at once: which one would win?
    fn check_one_primary(
        &self,
        attribute: &Attribute,
        sub: Option<&Attribute>,
        hits: usize,
    ) -> Result<()> {
        let Some(sub) = sub.filter(|sub| hits > 1 && sub.name == "primary") else {
            return Ok(());
        };
        let Some(wanted) = self.wanted(sub) else {
            return Ok(());
        };
        let at = format!("{}.{}", attribute.name, sub.name);
        if normalize_attribute(sub, wanted, &at, self.limits)? != Some(Value::Bool(true)) {
            return Ok(());
        }
        Err(Error::invalid_value(format!(
            "the path chooses {hits} values of {}, and no more than one primary value is allowed",
            quote(&attribute.name)
        )))
    }

    /// A chosen value after the step; `None` if nothing is left of it.
    fn rewritten(
        &self,
        attribute: &Attribute,
        choice: &Choice<'_>,
        value: Value,
    ) -> Result<Option<Value>> {
        if let Some(sub) = choice.sub {
            return self.part(attribute, sub, Some(value));
        }
        let Some(wanted) = self.wanted(attribute) else {
            return Ok(None);
        };
        if !attribute.is_complex() {
            let single = Attribute { multi_valued: false, ..attribute.clone() };
            return normalize_attribute(&single, wanted, &attribute.name, self.limits);
        }
        // RFC 7644 section 3.5.2.3 replaces the whole value. What the filter demanded stays true
        // unless the new value says otherwise: it was how the client named the value.
        let base = match self.verb {
            Verb::Replace if attribute.multi_valued => {
                let described = tolerance::described(choice.filter, attribute, self.limits)?;
                Value::Object(described.unwrap_or_default())
            }
            _ => value,
        };
        self.merge(attribute, Some(base), wanted, &attribute.name)
    }

    /// The value a filter describes, with what the step sets.
    fn created(&self, attribute: &Attribute, choice: &Choice<'_>) -> Result<Value> {
        let described = tolerance::described(choice.filter, attribute, self.limits)?;
        let Some(described) = described else {
            return Err(no_target(attribute, choice));
        };
        let described = Some(Value::Object(described));
        let created = match (choice.sub, self.wanted(attribute)) {
            (Some(sub), _) => self.part(attribute, sub, described)?,
            (None, Some(wanted)) => self.merge(attribute, described, wanted, &attribute.name)?,
            (None, None) => None,
        };
        Ok(Value::Object(into_object(created)))
    }
}

/// RFC 7644 section 3.5.2: a value that becomes primary takes that from the others. `before` tells
/// which values were primary, by position.
fn settle_primary(values: &mut [Value], before: &[bool]) {
    let claims = |index: usize, value: &Value| {
        is_primary(value) && !before.get(index).copied().unwrap_or(false)
    };
    let claimed: Vec<bool> =
        values.iter().enumerate().map(|(index, value)| claims(index, value)).collect();
    if !claimed.contains(&true) {
        return;
    }
    for (value, claimed) in values.iter_mut().zip(claimed) {
        if let (Value::Object(parts), false) = (value, claimed)
            && parts.get("primary") == Some(&Value::Bool(true))
        {
            parts.insert("primary".into(), Value::Bool(false));
        }
    }
}

fn into_list(value: Option<Value>) -> Vec<Value> {
    match value {
        None => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(single) => vec![single],
    }
}

fn from_list(values: Vec<Value>) -> Option<Value> {
    (!values.is_empty()).then_some(Value::Array(values))
}

fn no_target(attribute: &Attribute, choice: &Choice<'_>) -> Error {
    let path = format!("{}[{}]", attribute.name, choice.filter);
    Error::no_target(format!("no value matches {}", quote(&path)))
}
