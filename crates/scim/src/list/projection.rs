//! `attributes` and `excludedAttributes` (RFC 7644 section 3.4.2.5, RFC 7643 section 7).
//!
//! A projection is decided before the query, so that nobody reads a hundred thousand members to
//! drop them; it never fails on a name it does not know.

use serde_json::Value;

use crate::path::{AttrPath, known_urn, resolve};
use crate::schema::{Attribute, ResourceType, Returned, common};
use crate::{Document, Error, Result};

/// Which attributes an answer holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projection {
    mode: Mode,
    picks: Vec<Pick>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Default,
    Only,
    Except,
}

/// A name in the list: a whole extension, an attribute, or a part of one. Canonical spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pick {
    extension: Option<String>,
    attribute: Option<String>,
    sub: Option<String>,
}

/// How much of an attribute the list names.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named<'a> {
    Not,
    Whole,
    Parts(Vec<&'a str>),
}

impl Projection {
    /// Everything that is returned by default.
    pub fn all() -> Projection {
        Projection { mode: Mode::Default, picks: Vec::new() }
    }

    /// Reads the two parameters, of which one may be given.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        rt: &ResourceType,
    ) -> Result<Projection> {
        let given = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
        let (mode, text) = match (given(attributes), given(excluded)) {
            (false, false) => return Ok(Projection::all()),
            (true, false) => (Mode::Only, attributes),
            (false, true) => (Mode::Except, excluded),
            (true, true) => {
                return Err(Error::invalid_value(
                    "`attributes` and `excludedAttributes` exclude each other: send one of them",
                ));
            }
        };
        let picks = names(text.unwrap_or_default())
            .iter()
            .filter_map(|name| Pick::find(name, rt))
            .collect();
        Ok(Projection { mode, picks })
    }

    /// Whether an attribute that is returned by default has to be there before
    /// [`Projection::apply`]; ask before reading it.
    pub fn wants(&self, attribute: &str) -> bool {
        let named = |pick: &&Pick| {
            pick.extension.is_none()
                && pick.attribute.as_deref().is_none_or(|name| name.eq_ignore_ascii_case(attribute))
        };
        match self.mode {
            Mode::Default => true,
            Mode::Only => self.picks.iter().any(|pick| named(&pick)),
            Mode::Except => !self.picks.iter().filter(named).any(|pick| pick.sub.is_none()),
        }
    }

    /// Drops from a resource what the answer must not hold. `id` and `schemas` always stay.
    pub fn apply(&self, resource: &mut Document, rt: &ResourceType) {
        let core = rt.schema.attributes.iter().chain(common());
        for attribute in core {
            self.project(resource, None, attribute);
        }
        for extension in &rt.extensions {
            let urn = &extension.schema.id;
            let Some(Value::Object(part)) = resource.get_mut(urn) else {
                continue;
            };
            for attribute in &extension.schema.attributes {
                self.project(part, Some(urn), attribute);
            }
            if part.is_empty() {
                resource.remove(urn);
            }
        }
    }

    fn project(&self, holder: &mut Document, extension: Option<&str>, attribute: &Attribute) {
        let named = self.named(extension, &attribute.name);
        if !self.keeps(attribute.returned, &named) {
            holder.remove(&attribute.name);
            return;
        }
        let Some(value) = holder.get_mut(&attribute.name) else {
            return;
        };
        let values = match value {
            Value::Array(values) => values.as_mut_slice(),
            single => std::slice::from_mut(single),
        };
        for value in values.iter_mut().filter_map(Value::as_object_mut) {
            for sub in &attribute.sub_attributes {
                let named = match &named {
                    Named::Parts(parts) if parts.contains(&sub.name.as_str()) => Named::Whole,
                    Named::Parts(_) => Named::Not,
                    // To name the whole of an attribute is to want its default parts.
                    Named::Whole if sub.returned == Returned::Default => Named::Whole,
                    _ if sub.returned == Returned::Request => Named::Not,
                    other => other.clone(),
                };
                if !self.keeps(sub.returned, &named) {
                    value.remove(&sub.name);
                }
            }
        }
        drop_hollow(holder, &attribute.name);
    }

    fn keeps(&self, returned: Returned, named: &Named<'_>) -> bool {
        match (returned, self.mode) {
            (Returned::Always, _) => true,
            (Returned::Never, _) => false,
            (_, Mode::Only) => *named != Named::Not,
            (Returned::Request, _) => false,
            (Returned::Default, Mode::Except) => *named != Named::Whole,
            (Returned::Default, Mode::Default) => true,
        }
    }

    fn named(&self, extension: Option<&str>, attribute: &str) -> Named<'_> {
        let mut parts = Vec::new();
        for pick in self.picks.iter().filter(|pick| pick.extension.as_deref() == extension) {
            match (pick.attribute.as_deref(), pick.sub.as_deref()) {
                (None, _) => return Named::Whole,
                (Some(name), None) if name == attribute => return Named::Whole,
                (Some(name), Some(sub)) if name == attribute => parts.push(sub),
                _ => {}
            }
        }
        if parts.is_empty() { Named::Not } else { Named::Parts(parts) }
    }
}

impl Pick {
    fn find(name: &str, rt: &ResourceType) -> Option<Pick> {
        if let Some(urn) = known_urn(name, rt) {
            // The core schema as a name means its attributes.
            let extension = rt.extension(urn).map(|extension| extension.schema.id.clone());
            return Some(Pick { extension, attribute: None, sub: None });
        }
        let target = resolve(&AttrPath::parse(name, 0)?, rt)?;
        Some(Pick {
            extension: target.extension.map(Into::into),
            attribute: Some(target.attribute.name.clone()),
            sub: target.sub.map(|sub| sub.name.clone()),
        })
    }
}

/// Splits at commas outside brackets, and drops the brackets: Microsoft's collection asks for
/// `attributes=emails[type eq "work"]`.
fn names(text: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0_usize;
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => names.push(String::new()),
            c if depth == 0 && !c.is_whitespace() => {
                if let Some(name) = names.last_mut() {
                    name.push(c);
                }
            }
            _ => {}
        }
    }
    names
}

/// Drops complex values of which nothing is left.
fn drop_hollow(holder: &mut Document, name: &str) {
    let is_hollow = |value: &Value| value.as_object().is_some_and(Document::is_empty);
    let hollow = match holder.get_mut(name) {
        Some(Value::Array(values)) if values.iter().any(is_hollow) => {
            values.retain(|value| !is_hollow(value));
            values.is_empty()
        }
        Some(value) => is_hollow(value),
        None => false,
    };
    if hollow {
        holder.remove(name);
    }
}

#[cfg(test)]
mod tests;
