//! Binding a filter to a resource type: names become index paths, values become keys.
//!
//! Every tolerance about values is here (a boolean in quotes, a number in quotes, a bare word), so
//! that whoever evaluates a condition needs none. It does not simplify or reorder anything.

use serde_json::Value;

use super::{Condition, Filter, Literal, Op, Term};
use crate::error::{describe, quote};
use crate::path::{AttrPath, Target, resolve, suggest, suggest_sub, within};
use crate::schema::{Attribute, Kind, ResourceType, Returned, fold, index_key, parse_number};
use crate::{Error, Result};

impl Filter {
    /// Checks the filter against a resource type and prepares it for evaluation.
    pub fn bind(&self, rt: &ResourceType) -> Result<Condition> {
        bind(self, Scope::Resource(rt))
    }
}

/// Binds what stands inside the brackets of `parent[…]`, which was written at this byte.
pub(crate) fn bind_within(filter: &Filter, parent: &Target<'_>, at: usize) -> Result<Condition> {
    if !parent.attribute.is_complex() && !parent.attribute.multi_valued {
        return Err(Error::invalid_filter(format!(
            "{} at byte {at} has no sub-attributes to filter by",
            quote(&parent.attribute.name)
        )));
    }
    bind(filter, Scope::Brackets(parent))
}

#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    Brackets(&'a Target<'a>),
}

fn bind(filter: &Filter, scope: Scope<'_>) -> Result<Condition> {
    let all = |parts: &[Filter]| parts.iter().map(|part| bind(part, scope)).collect::<Result<_>>();
    match filter {
        Filter::And(parts) => Ok(Condition::And(all(parts)?)),
        Filter::Or(parts) => Ok(Condition::Or(all(parts)?)),
        Filter::Not(inner) => Ok(Condition::Not(Box::new(bind(inner, scope)?))),
        Filter::Present(path) => Ok(Condition::Present(term(&find(path, scope)?))),
        Filter::Compare { path, op, value } => compare(path, *op, value, scope),
        Filter::Any { path, filter } => {
            let Scope::Resource(_) = scope else {
                return Err(Error::invalid_filter(format!(
                    "brackets cannot nest, as at byte {}",
                    path.at
                )));
            };
            let target = find(path, scope)?;
            if target.sub.is_some() {
                return Err(Error::invalid_filter(format!(
                    "the bracket after {} at byte {} must follow the attribute itself",
                    quote(&path.to_string()),
                    path.at
                )));
            }
            let of = Box::new(bind_within(filter, &target, path.at)?);
            Ok(Condition::Any { term: term(&target), of })
        }
    }
}

fn find<'a>(path: &AttrPath, scope: Scope<'a>) -> Result<Target<'a>> {
    let found = match scope {
        Scope::Resource(rt) => resolve(path, rt),
        Scope::Brackets(parent) => within(path, parent),
    };
    let shown = quote(&path.to_string());
    match found {
        None => {
            let (owner, near) = match scope {
                Scope::Resource(rt) => (&rt.name, suggest(path, rt)),
                Scope::Brackets(parent) => {
                    (&parent.attribute.name, suggest_sub(&path.name, parent.attribute))
                }
            };
            Err(Error::invalid_filter(format!(
                "{owner} has no attribute {shown} at byte {}{near}",
                path.at
            )))
        }
        Some(target) if target.leaf().returned == Returned::Never => Err(Error::invalid_filter(
            format!("{shown} at byte {} is never returned and cannot be searched", path.at),
        )),
        Some(target) => Ok(target),
    }
}

fn term(target: &Target<'_>) -> Term {
    Term {
        name: target.name.clone(),
        attribute: target.leaf().clone(),
        multi_valued: target.is_multi_valued(),
    }
}

fn compare(path: &AttrPath, op: Op, value: &Value, scope: Scope<'_>) -> Result<Condition> {
    let target = find(path, scope)?;
    // RFC 7643 section 2.5: null and absent are the same.
    match (op, value) {
        (Op::Eq, Value::Null) => {
            return Ok(Condition::Not(Box::new(Condition::Present(term(&target)))));
        }
        (Op::Ne, Value::Null) => return Ok(Condition::Present(term(&target))),
        _ => {}
    }
    let target = comparable(target, path)?;
    let value = literal(target.leaf(), op, value, path)?;
    Ok(Condition::Compare { term: term(&target), op, value })
}

/// A complex attribute stands for its `value` (RFC 7644 section 3.4.2.2: `emails co "x"`).
fn comparable<'a>(target: Target<'a>, path: &AttrPath) -> Result<Target<'a>> {
    let attribute = target.leaf();
    if !attribute.is_complex() {
        return Ok(target);
    }
    let value = AttrPath { urn: None, name: "value".into(), sub: None, at: path.at };
    within(&value, &target).filter(|_| target.sub.is_none()).ok_or_else(|| {
        let first = attribute.sub_attributes.first().map_or("value", |sub| sub.name.as_str());
        Error::invalid_filter(format!(
            "{} at byte {} has parts: compare one of them, such as {}",
            quote(&path.to_string()),
            path.at,
            quote(&format!("{path}.{first}"))
        ))
    })
}

fn literal(attribute: &Attribute, op: Op, value: &Value, path: &AttrPath) -> Result<Literal> {
    let allowed = match attribute.kind {
        Kind::String | Kind::Reference | Kind::Complex => true,
        // RFC 7644 table 3: no order among booleans and binaries.
        Kind::Binary => !matches!(op, Op::Gt | Op::Ge | Op::Lt | Op::Le),
        Kind::Boolean => matches!(op, Op::Eq | Op::Ne),
        Kind::Integer | Kind::Decimal | Kind::DateTime => !matches!(op, Op::Co | Op::Sw | Op::Ew),
    };
    let shown = quote(&path.to_string());
    if !allowed {
        let instead = match attribute.kind {
            Kind::Boolean => "`eq`, `ne` or `pr`",
            Kind::Binary => "`eq`, `ne`, `co`, `sw`, `ew` or `pr`",
            _ => "`eq`, `ne`, `gt`, `ge`, `lt`, `le` or `pr`",
        };
        return Err(Error::invalid_filter(format!(
            "{shown} at byte {} is {} and cannot be compared by `{op}`: use {instead}",
            path.at,
            attribute.kind.named()
        )));
    }
    match key(attribute, value) {
        Some(key) => Ok(Literal::Key(key)),
        None => Err(Error::invalid_filter(format!(
            "{shown} at byte {} is {} and cannot be compared with {}",
            path.at,
            attribute.kind.named(),
            describe(value)
        ))),
    }
}

/// The key of a value as written in a filter, where quotes may be missing or too many.
fn key(attribute: &Attribute, value: &Value) -> Option<String> {
    match (attribute.kind, value) {
        (Kind::String | Kind::Reference | Kind::Binary, value) => {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(value) => value.to_string(),
                _ => return None,
            };
            Some(if attribute.case_exact { text } else { fold(&text).into_owned() })
        }
        (Kind::Boolean, Value::String(text)) => ["true", "false"]
            .into_iter()
            .find(|word| word.eq_ignore_ascii_case(text))
            .map(Into::into),
        (Kind::Integer | Kind::Decimal, Value::String(text)) => {
            index_key(attribute, &Value::Number(parse_number(text)?))
        }
        _ => index_key(attribute, value),
    }
}

#[cfg(test)]
mod tests;
