//! Attribute paths: `userName`, `name.familyName`, `emails[type eq "work"].value`, each with or
//! without a schema URN in front (RFC 7644 sections 3.4.2.2 and 3.5.2).
//!
//! This file reads the notation; [`resolve`] finds what a path means in a resource type. Neither
//! looks at a document.

mod near;
mod target;

use std::fmt;

pub(crate) use self::near::{suggest, suggest_sub};
pub use self::target::{Target, resolve};
pub(crate) use self::target::{known_urn, split, within};
use crate::error::quote;
use crate::filter::{Filter, Parser, bind_within};
use crate::limits::Limits;
use crate::schema::ResourceType;
use crate::{Error, Result};

/// `[URN ":"] name ["." sub]`
#[derive(Clone, Debug)]
pub struct AttrPath {
    pub urn: Option<String>,
    pub name: String,
    pub sub: Option<String>,
    /// Where it began in the text it was read from, in bytes. Equality ignores it.
    pub at: usize,
}

impl PartialEq for AttrPath {
    fn eq(&self, other: &Self) -> bool {
        (&self.urn, &self.name, &self.sub) == (&other.urn, &other.name, &other.sub)
    }
}

impl Eq for AttrPath {}

impl AttrPath {
    /// Reads a path, or `None` if the text is none. The attribute begins after the last colon:
    /// the dots of a URN (`2.0`) separate nothing.
    pub fn parse(text: &str, at: usize) -> Option<AttrPath> {
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) => (Some(urn), rest),
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let fits =
            urn.is_none_or(|urn| !urn.is_empty()) && is_name(name) && sub.is_none_or(is_name);
        fits.then(|| AttrPath {
            urn: urn.map(Into::into),
            name: name.into(),
            sub: sub.map(Into::into),
            at,
        })
    }

    /// The path of a whole schema: what `path` means when it is a URN and nothing else.
    pub(crate) fn of_schema(urn: &str) -> AttrPath {
        AttrPath { urn: Some(urn.into()), name: String::new(), sub: None, at: 0 }
    }

    pub(crate) fn is_schema(&self) -> bool {
        self.name.is_empty()
    }
}

/// `ATTRNAME` of RFC 7643 section 2.1, or `$ref`.
pub(crate) fn is_name(text: &str) -> bool {
    let name = text.strip_prefix('$').unwrap_or(text);
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            f.write_str(urn)?;
            if !self.is_schema() {
                f.write_str(":")?;
            }
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// The `path` of a PATCH operation. A sub-attribute after the bracket stands in `attr.sub`; a path
/// that names a whole schema has an empty `attr.name`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    pub attr: AttrPath,
    pub filter: Option<Filter>,
}

impl Path {
    /// Reads a path and checks that the resource type has what it names.
    pub fn parse(text: &str, rt: &ResourceType, limits: &Limits) -> Result<Path> {
        let path = Path::read(text, rt, limits)?;
        if path.attr.is_schema() {
            return Ok(path);
        }
        let Some(target) = resolve(&path.attr, rt) else {
            return Err(unknown(&path.attr, rt));
        };
        if let Some(filter) = &path.filter {
            bind_within(filter, &target, path.attr.at)?;
        }
        Ok(path)
    }

    /// Reads the notation alone; the attribute may be unknown.
    pub(crate) fn read(text: &str, rt: &ResourceType, limits: &Limits) -> Result<Path> {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Error::invalid_path("the path is empty"));
        }
        if let Some(urn) = known_urn(trimmed, rt) {
            return Ok(Path { attr: AttrPath::of_schema(urn), filter: None });
        }
        let mut parser = Parser::new(text, limits, Error::invalid_path)?;
        let (word, at) = parser.word();
        let attr = AttrPath::parse(word, at).ok_or_else(|| malformed(word, at))?;
        let mut path = Path { attr, filter: None };
        if parser.eat('[') {
            if path.attr.sub.is_some() {
                return Err(Error::invalid_path(format!(
                    "the bracket at byte {} must follow the attribute itself, as in `emails[type eq \"work\"].value`",
                    parser.at() - 1
                )));
            }
            path.filter = Some(parser.bracketed()?);
            path.attr.sub = parser.trailing_sub()?;
        }
        if let Some(at) = parser.rest() {
            return Err(Error::invalid_path(format!(
                "the path {} should end at byte {at}",
                quote(text)
            )));
        }
        Ok(path)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.filter {
            None => self.attr.fmt(f),
            Some(filter) => {
                let whole = AttrPath { sub: None, ..self.attr.clone() };
                write!(f, "{whole}[{filter}]")?;
                match &self.attr.sub {
                    Some(sub) => write!(f, ".{sub}"),
                    None => Ok(()),
                }
            }
        }
    }
}

fn malformed(word: &str, at: usize) -> Error {
    Error::invalid_path(format!("expected an attribute name at byte {at}, not {}", quote(word)))
}

/// The error for a path to nothing, with the nearest name there is.
pub(crate) fn unknown(path: &AttrPath, rt: &ResourceType) -> Error {
    Error::invalid_path(format!(
        "{} has no attribute {} at byte {}{}",
        rt.name,
        quote(&path.to_string()),
        path.at,
        suggest(path, rt)
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ScimType;
    use crate::schema::{ENTERPRISE_USER, group_type, user_type};

    fn parse(text: &str) -> Result<Path> {
        Path::parse(text, &user_type(), &Limits::default())
    }

    #[test]
    fn shapes() {
        let path = parse("emails[type eq \"work\"].value").unwrap();
        assert_eq!((path.attr.name.as_str(), path.attr.sub.as_deref()), ("emails", Some("value")));
        assert_eq!(path.to_string(), "emails[type eq \"work\"].value");
        let path = parse(&format!("{ENTERPRISE_USER}:manager.value")).unwrap();
        assert_eq!(path.attr.urn.as_deref(), Some(ENTERPRISE_USER));
        assert_eq!(path.attr.sub.as_deref(), Some("value"));
        assert!(parse(&ENTERPRISE_USER.to_uppercase()).unwrap().attr.is_schema());
        assert!(parse(" NAME.GIVENNAME ").is_ok());
        let members = Path::parse("members[value eq\"a\"]", &group_type(), &Limits::default());
        assert!(members.unwrap().filter.is_some());
    }

    #[test]
    fn refusals() {
        for (text, scim_type, says) in [
            ("", ScimType::InvalidPath, "empty"),
            (".", ScimType::InvalidPath, "byte 0"),
            ("userNam", ScimType::InvalidPath, "did you mean `userName`"),
            ("name.givenNme", ScimType::InvalidPath, "did you mean `name.givenName`"),
            ("userName foo", ScimType::InvalidPath, "byte 9"),
            ("emails.value[type eq \"work\"]", ScimType::InvalidPath, "byte 12"),
            ("emails[type eq \"work\"]x", ScimType::InvalidPath, "byte 22"),
            ("emails[type eq \"work\"", ScimType::InvalidFilter, "byte 21"),
            ("emails[typo eq \"work\"]", ScimType::InvalidFilter, "did you mean `type`"),
            ("emails[]", ScimType::InvalidFilter, "byte 7"),
            ("userName[value eq \"x\"]", ScimType::InvalidFilter, "no sub-attributes"),
            ("urn:nobody:knows", ScimType::InvalidPath, "urn:nobody:knows"),
            ("a.b.c", ScimType::InvalidPath, "byte 0"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.scim_type, Some(scim_type), "{text}: {error}");
            assert!(error.detail.contains(says), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }
    }
}
