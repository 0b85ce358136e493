//! The one error of this crate, and its JSON (RFC 7644 section 3.12).
//!
//! A detail is one lower-case sentence with the offending input in backticks. This file does not
//! decide which status a transport finally answers with; it only suggests one.

use std::fmt;

use serde_json::{Map, Value, json};

use crate::schema;

/// Why a request cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The HTTP status.
    pub status: u16,
    /// The detail error keyword, for the statuses that have one.
    pub scim_type: Option<ScimType>,
    /// One sentence for a person.
    pub detail: String,
}

/// The detail error keywords of RFC 7644 table 9 and RFC 9865.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// A filter that cannot be understood.
    InvalidFilter,
    /// More results or work than the server will do.
    TooMany,
    /// A value that another resource has.
    Uniqueness,
    /// A change of what cannot be changed.
    Mutability,
    /// A body of the wrong shape.
    InvalidSyntax,
    /// A path that leads nowhere.
    InvalidPath,
    /// A path whose filter finds no value.
    NoTarget,
    /// A value that is missing or does not fit.
    InvalidValue,
    /// A version of the protocol that is not spoken.
    InvalidVers,
    /// Personal data where it must not be.
    Sensitive,
    /// A cursor that no answer has given.
    InvalidCursor,
    /// A cursor that has been kept too long.
    ExpiredCursor,
    /// A `count` that does not fit the cursor.
    InvalidCount,
}

impl ScimType {
    /// The keyword as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ScimType::InvalidFilter => "invalidFilter",
            ScimType::TooMany => "tooMany",
            ScimType::Uniqueness => "uniqueness",
            ScimType::Mutability => "mutability",
            ScimType::InvalidSyntax => "invalidSyntax",
            ScimType::InvalidPath => "invalidPath",
            ScimType::NoTarget => "noTarget",
            ScimType::InvalidValue => "invalidValue",
            ScimType::InvalidVers => "invalidVers",
            ScimType::Sensitive => "sensitive",
            ScimType::InvalidCursor => "invalidCursor",
            ScimType::ExpiredCursor => "expiredCursor",
            ScimType::InvalidCount => "invalidCount",
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// An error of any status.
    pub fn new(status: u16, scim_type: Option<ScimType>, detail: impl Into<String>) -> Self {
        Error { status, scim_type, detail: detail.into() }
    }

    fn bad(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Error::new(400, Some(scim_type), detail)
    }

    /// A filter that cannot be understood.
    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidFilter, detail)
    }

    /// More results or work than the server will do.
    pub fn too_many(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::TooMany, detail)
    }

    /// Another resource has the value already: 409.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Error::new(409, Some(ScimType::Uniqueness), detail)
    }

    /// A change of what cannot be changed.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::Mutability, detail)
    }

    /// A body of the wrong shape.
    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidSyntax, detail)
    }

    /// A path that leads nowhere.
    pub fn invalid_path(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidPath, detail)
    }

    /// A path whose filter finds no value.
    pub fn no_target(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::NoTarget, detail)
    }

    /// A value that is missing or does not fit.
    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidValue, detail)
    }

    /// A version of the protocol that is not spoken.
    pub fn invalid_version(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidVers, detail)
    }

    /// Personal data in a URI, where logs would keep it.
    pub fn sensitive(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::Sensitive, detail)
    }

    /// A cursor that no answer has given.
    pub fn invalid_cursor(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidCursor, detail)
    }

    /// A cursor that has been kept too long.
    pub fn expired_cursor(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::ExpiredCursor, detail)
    }

    /// A `count` that does not fit the cursor.
    pub fn invalid_count(detail: impl Into<String>) -> Self {
        Error::bad(ScimType::InvalidCount, detail)
    }

    /// The resource does not exist: 404.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Error::new(404, None, detail)
    }

    /// The error document. `status` is a string, as section 3.12 demands.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("schemas".into(), json!([schema::ERROR]));
        body.insert("status".into(), json!(self.status.to_string()));
        if let Some(scim_type) = self.scim_type {
            body.insert("scimType".into(), json!(scim_type.as_str()));
        }
        body.insert("detail".into(), json!(self.detail));
        Value::Object(body)
    }

    /// The same error, saying where it happened first.
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.detail = format!("{place}: {}", self.detail);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Error {}

/// The input in backticks, cut to a length that fits a sentence.
pub(crate) fn quote(text: &str) -> String {
    const SHOWN: usize = 80;
    let mut shown: String =
        text.chars().take(SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// What a JSON value is, for a sentence that expected something else.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "a boolean".into(),
        Value::Number(_) => "a number".into(),
        Value::String(text) => quote(text),
        Value::Array(_) => "an array".into(),
        Value::Object(_) => "an object".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_has_a_string_status() {
        let error = Error::uniqueness("`bjensen` is taken");
        assert_eq!(
            error.to_json(),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "status": "409", "scimType": "uniqueness", "detail": "`bjensen` is taken"
            })
        );
        assert!(Error::not_found("gone").to_json().get("scimType").is_none());
    }

    #[test]
    fn quoting_is_short_and_printable() {
        assert_eq!(quote("a\u{0}b"), "`a\u{fffd}b`");
        assert_eq!(quote(&"é".repeat(500)).chars().count(), 83);
    }
}
