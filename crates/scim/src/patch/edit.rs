//! Applying a step to the document.
//!
//! Values pass through the normal form of resources on their way in, so types are checked and
//! names are canonical; whether the whole is still valid is checked once, at the end.

use serde_json::Value;

use super::list;
use super::membership::Membership;
use super::operation::{Step, Verb};
use super::tolerance;
use super::work::Work;
use crate::error::{describe, quote};
use crate::limits::Limits;
use crate::path::{Target, resolve, unknown};
use crate::resource::normalize_attribute;
use crate::schema::{Attribute, Mutability, ResourceType};
use crate::{Document, Error, Result};

/// A resource in the middle of a patch.
#[derive(Debug)]
pub(super) struct Edit<'a> {
    pub(super) document: Document,
    pub(super) membership: Membership<'a>,
    pub(super) rt: &'a ResourceType,
    pub(super) limits: &'a Limits,
    pub(super) work: Work,
}

impl Edit<'_> {
    pub(super) fn run(&mut self, step: &Step) -> Result<()> {
        if step.path.attr.is_schema() {
            if let Some(urn) = &step.path.attr.urn {
                self.document.remove(urn);
            }
            return Ok(());
        }
        let Some(target) = resolve(&step.path.attr, self.rt) else {
            return Err(unknown(&step.path.attr, self.rt));
        };
        if target.extension.is_none() && self.rt.is_rows(&target.attribute.name) {
            return self.membership.run(step, &target.attribute.name, self.limits);
        }
        if target.attribute.mutability == Mutability::WriteOnly {
            let value = step.value.as_ref().filter(|_| step.verb != Verb::Remove);
            let value = value.unwrap_or(&Value::Null);
            normalize_attribute(target.attribute, value, &target.name, self.limits)?;
            return Ok(());
        }
        match target.extension {
            None => change(&mut self.document, step, &target, self.limits, &self.work),
            Some(urn) => {
                let mut part = match self.document.remove(urn) {
                    Some(Value::Object(part)) => part,
                    _ => Document::new(),
                };
                change(&mut part, step, &target, self.limits, &self.work)?;
                if !part.is_empty() {
                    self.document.insert(urn.to_owned(), Value::Object(part));
                }
                Ok(())
            }
        }
    }
}

/// Changes one attribute of a document or an extension.
fn change(
    holder: &mut Document,
    step: &Step,
    target: &Target<'_>,
    limits: &Limits,
    work: &Work,
) -> Result<()> {
    let attribute = target.attribute;
    let before = holder.remove(&attribute.name);
    let change = Change { verb: step.verb, value: step.value.as_ref(), limits, work };
    let after = match (&step.path.filter, &step.condition) {
        (Some(filter), Some(condition)) => {
            let choice = list::Choice { filter, condition, sub: target.sub };
            change.chosen(attribute, before, &choice)?
        }
        _ => match target.sub {
            None => change.whole(attribute, before, &attribute.name)?,
            Some(sub) if attribute.multi_valued => change.every(attribute, sub, before)?,
            Some(sub) => change.part(attribute, sub, before)?,
        },
    };
    match after {
        Some(after) => {
            holder.insert(attribute.name.clone(), after);
            Ok(())
        }
        // RFC 7644 section 3.5.2.2: what is required cannot become unassigned.
        None if attribute.required => Err(Error::mutability(format!(
            "{} is required and cannot be removed",
            quote(&target.name)
        ))),
        None => Ok(()),
    }
}

/// What a step does to a value, wherever the value is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change<'a> {
    pub(super) verb: Verb,
    pub(super) value: Option<&'a Value>,
    pub(super) limits: &'a Limits,
    pub(super) work: &'a Work,
}

impl Change<'_> {
    /// The value to set; `None` if the step removes, or sets to nothing.
    pub(super) fn wanted(&self, attribute: &Attribute) -> Option<&Value> {
        self.value.filter(|value| self.verb != Verb::Remove && !tolerance::clears(attribute, value))
    }

    /// A path without sub-attribute and filter.
    pub(super) fn whole(
        &self,
        attribute: &Attribute,
        before: Option<Value>,
        at: &str,
    ) -> Result<Option<Value>> {
        if attribute.multi_valued {
            return self.list(attribute, before, at);
        }
        match self.wanted(attribute) {
            None => Ok(None),
            Some(value) if attribute.is_complex() => self.merge(attribute, before, value, at),
            Some(value) => normalize_attribute(attribute, value, at, self.limits),
        }
    }

    /// A complex value takes over the parts it is given and keeps the others; RFC 7644 sections
    /// 3.5.2.1 and 3.5.2.3 say so for `add` and `replace` alike.
    pub(super) fn merge(
        &self,
        attribute: &Attribute,
        before: Option<Value>,
        value: &Value,
        at: &str,
    ) -> Result<Option<Value>> {
        let given = match tolerance::alone(value) {
            Value::Object(given) => given.clone(),
            Value::Array(_) | Value::Null => return Err(not_an_object(value, at)),
            scalar if attribute.sub("value").is_some() => {
                Document::from_iter([("value".to_owned(), scalar.clone())])
            }
            scalar => return Err(not_an_object(scalar, at)),
        };
        crate::resource::check_names(&given, at)?;
        let mut after = into_object(before);
        let reference = tolerance::Reference::of(&after);
        for (name, value) in &given {
            let Some(sub) = attribute.sub(name).filter(|sub| !sub.is_read_only()) else {
                continue;
            };
            let inner = Change { value: Some(value), ..*self };
            let old = after.remove(&sub.name);
            if let Some(new) = inner.whole(sub, old, &format!("{at}.{}", sub.name))? {
                after.insert(sub.name.clone(), new);
            }
        }
        let sent = given.keys().any(|name| name.eq_ignore_ascii_case("$ref"));
        reference.settle(&mut after, sent);
        Ok((!after.is_empty()).then_some(Value::Object(after)))
    }

    /// One part of a complex value.
    pub(super) fn part(
        &self,
        attribute: &Attribute,
        sub: &Attribute,
        before: Option<Value>,
    ) -> Result<Option<Value>> {
        let mut after = into_object(before);
        let reference = tolerance::Reference::of(&after);
        let old = after.remove(&sub.name);
        let at = format!("{}.{}", attribute.name, sub.name);
        if let Some(new) = self.whole(sub, old, &at)? {
            after.insert(sub.name.clone(), new);
        }
        reference.settle(&mut after, sub.name == "$ref");
        Ok((!after.is_empty()).then_some(Value::Object(after)))
    }
}

pub(super) fn into_object(value: Option<Value>) -> Document {
    match value {
        Some(Value::Object(parts)) => parts,
        _ => Document::new(),
    }
}

fn not_an_object(value: &Value, at: &str) -> Error {
    let found = describe(value);
    Error::invalid_value(format!("{} must be an object, not {found}", quote(at)))
}
