//! Reading the body of a PATCH: from JSON to steps, each with one target.
//!
//! An operation without a path becomes a step for every attribute in its value. Everything that
//! can be wrong without knowing the resource is refused here; nothing is applied.

use serde_json::Value;

use super::tolerance;
use crate::error::{describe, quote};
use crate::filter::{Condition, bind_within};
use crate::limits::Limits;
use crate::path::{Path, Target, resolve};
use crate::resource::check_names;
use crate::schema::ResourceType;
use crate::{Document, Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Add,
    Replace,
    Remove,
}

/// One change of one attribute, or the removal of a whole extension.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Which operation it belongs to, counting from 1.
    pub(super) number: usize,
    pub(super) verb: Verb,
    pub(super) path: Path,
    /// The bound filter of the path.
    pub(super) condition: Option<Condition>,
    pub(super) value: Option<Value>,
}

impl Step {
    pub(super) fn place(&self) -> String {
        format!("operation {}", self.number)
    }
}

/// Reads and checks all operations.
pub(super) fn read(body: &Value, rt: &ResourceType, limits: &Limits) -> Result<Vec<Step>> {
    let Value::Object(body) = body else {
        let found = describe(body);
        return Err(Error::invalid_syntax(format!("a patch must be an object, not {found}")));
    };
    check_names(body, "the patch")?;
    tolerance::check_envelope(tolerance::member(body, "schemas"))?;
    let Some(Value::Array(operations)) = tolerance::member(body, "Operations") else {
        return Err(Error::invalid_syntax("a patch must have an array of `Operations`"));
    };
    if operations.len() > limits.patch_operations {
        return Err(Error::invalid_value(format!(
            "the patch has {} operations, more than the {} allowed",
            operations.len(),
            limits.patch_operations
        )));
    }
    let mut steps = Vec::with_capacity(operations.len());
    for (operation, number) in operations.iter().zip(1..) {
        let read = read_operation(operation, number, rt, limits, &mut steps);
        read.map_err(|error| error.within(&format!("operation {number}")))?;
    }
    Ok(steps)
}

fn read_operation(
    operation: &Value,
    number: usize,
    rt: &ResourceType,
    limits: &Limits,
    steps: &mut Vec<Step>,
) -> Result<()> {
    let Value::Object(operation) = operation else {
        let found = describe(operation);
        return Err(Error::invalid_syntax(format!("it must be an object, not {found}")));
    };
    check_names(operation, "it")?;
    let verb = tolerance::verb(tolerance::member(operation, "op"))?;
    let value = tolerance::member(operation, "value");
    if verb != Verb::Remove && value.is_none() {
        return Err(Error::invalid_value("`add` and `replace` need a `value`"));
    }
    let path = match tolerance::path_text(tolerance::member(operation, "path"))? {
        Some(text) => Some(Path::parse(text, rt, limits)?),
        None => None,
    };
    let reader = Reader { number, verb, rt, limits };
    match path {
        None if verb == Verb::Remove => {
            Err(Error::no_target("`remove` needs a `path` that says what to remove"))
        }
        None => reader.body(value, steps),
        Some(path) if path.attr.is_schema() => reader.schema(path, value, steps),
        Some(path) => {
            steps.extend(reader.step(path, value, Strictness::Named)?);
            Ok(())
        }
    }
}

/// Whether the client named the attribute by a path, or merely included it in a value.
#[derive(Clone, Copy, PartialEq)]
enum Strictness {
    Named,
    Included,
}

struct Reader<'a> {
    number: usize,
    verb: Verb,
    rt: &'a ResourceType,
    limits: &'a Limits,
}

impl Reader<'_> {
    /// The steps of a value without a path.
    fn body(&self, value: Option<&Value>, steps: &mut Vec<Step>) -> Result<()> {
        let attributes = tolerance::attributes(value)?;
        for (path, value) in tolerance::spread(attributes, self.rt, self.limits)? {
            steps.extend(self.included(path, value)?);
        }
        Ok(())
    }

    /// The steps of a path that names a whole schema.
    fn schema(&self, path: Path, value: Option<&Value>, steps: &mut Vec<Step>) -> Result<()> {
        let urn = path.attr.urn.clone().unwrap_or_default();
        let is_core = urn.eq_ignore_ascii_case(&self.rt.schema.id);
        match value {
            value if self.verb == Verb::Remove && !is_core => {
                steps.push(Step { value: value.cloned(), ..self.bare(path) });
                Ok(())
            }
            _ if self.verb == Verb::Remove => {
                Err(Error::mutability("the core schema cannot be removed from a resource"))
            }
            value if is_core => self.body(value, steps),
            value => {
                let mut wrapped = Document::new();
                wrapped.insert(urn, value.cloned().unwrap_or(Value::Null));
                self.body(Some(&Value::Object(wrapped)), steps)
            }
        }
    }

    fn included(&self, path: Path, value: &Value) -> Result<Option<Step>> {
        if path.attr.is_schema() {
            // Adding nothing to an extension leaves it; replacing it by nothing clears it.
            let clears = self.verb == Verb::Replace;
            return Ok(clears.then(|| Step { verb: Verb::Remove, ..self.bare(path) }));
        }
        self.step(path, Some(value), Strictness::Included)
    }

    fn step(
        &self,
        path: Path,
        value: Option<&Value>,
        strictness: Strictness,
    ) -> Result<Option<Step>> {
        let Some(target) = resolve(&path.attr, self.rt) else {
            return Err(crate::path::unknown(&path.attr, self.rt));
        };
        if tolerance::is_derived(&target, self.rt) {
            return Ok(None);
        }
        if target.attribute.is_read_only() || target.leaf().is_read_only() {
            return match strictness {
                Strictness::Included => Ok(None),
                Strictness::Named => Err(read_only(&target)),
            };
        }
        let condition = match &path.filter {
            Some(filter) => Some(bind_within(filter, &target, path.attr.at)?),
            None => None,
        };
        Ok(Some(Step { condition, value: value.cloned(), ..self.bare(path) }))
    }

    fn bare(&self, path: Path) -> Step {
        Step { number: self.number, verb: self.verb, path, condition: None, value: None }
    }
}

fn read_only(target: &Target<'_>) -> Error {
    Error::mutability(format!("{} is read-only", quote(&target.name)))
}
