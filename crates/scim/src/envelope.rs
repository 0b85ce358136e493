//! The objects that carry a request: a bulk request and a search are opened here.
//!
//! Their attribute names compare without case, as all names do (RFC 7643 section 2.1), and null
//! is absent. PATCH has an envelope of its own, because clients get that one wrong more often.

use serde_json::Value;

use crate::error::{describe, quote};
use crate::resource::check_names;
use crate::schema::parse_number;
use crate::{Document, Error, Result};

/// The body as an object whose `schemas` name `urn`. `what` is for the sentence: `a search`.
pub(crate) fn open<'a>(body: &'a Value, urn: &str, what: &str) -> Result<&'a Document> {
    let Value::Object(body) = body else {
        let found = describe(body);
        return Err(Error::invalid_syntax(format!("{what} must be an object, not {found}")));
    };
    check_names(body, what)?;
    let is_named =
        |value: &Value| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn));
    match member(body, "schemas") {
        Some(Value::Array(urns)) if urns.iter().any(is_named) => Ok(body),
        _ => Err(Error::invalid_syntax(format!(
            "`schemas` of {what} must be an array with {}",
            quote(urn)
        ))),
    }
}

/// The value of a name in any case; null is no value.
pub(crate) fn member<'a>(object: &'a Document, name: &str) -> Option<&'a Value> {
    let found = object.get(name).or_else(|| {
        object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    });
    found.filter(|value| !value.is_null())
}

/// A string member, or none.
pub(crate) fn text<'a>(object: &'a Document, name: &str) -> Result<Option<&'a str>> {
    match member(object, name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(other) => Err(Error::invalid_value(format!(
            "{} must be a string, not {}",
            quote(name),
            describe(other)
        ))),
    }
}

/// A whole number, also in quotes and also as `5.0`. What is too large becomes the largest there
/// is: every use has a maximum far below.
pub(crate) fn whole(object: &Document, name: &str) -> Result<Option<i64>> {
    let Some(value) = member(object, name) else {
        return Ok(None);
    };
    let number = match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => parse_number(text),
        _ => None,
    };
    let read = number.as_ref().and_then(|number| match number.as_f64() {
        _ if number.is_i64() => number.as_i64(),
        Some(float) if float.fract() == 0.0 => Some(float as i64),
        _ => None,
    });
    read.map(Some).ok_or_else(|| {
        let found = match &number {
            Some(number) => quote(&number.to_string()),
            None => describe(value),
        };
        Error::invalid_value(format!("{} must be a whole number, not {found}", quote(name)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers() {
        let check = |value: Value, expected: Option<Option<i64>>| {
            let object = json!({ "COUNT": value });
            let read = whole(object.as_object().unwrap(), "count");
            assert_eq!(read.ok(), expected, "{value}");
        };
        for (value, expected) in [
            (json!(5), Some(5)),
            (json!(-5), Some(-5)),
            (json!("7"), Some(7)),
            (json!(" 7 "), Some(7)),
            (json!(5.0), Some(5)),
            (json!(null), None),
            (json!(u64::MAX), Some(i64::MAX)),
            (json!(1e300), Some(i64::MAX)),
            (json!(-1e300), Some(i64::MIN)),
        ] {
            check(value, Some(expected));
        }
        for value in [json!(1.5), json!("x"), json!(""), json!(true), json!([1]), json!({})] {
            check(value, None);
        }
    }

    #[test]
    fn opening() {
        let check = |body: Value, says: &str| match open(&body, "urn:x", "a search") {
            Ok(_) => assert_eq!(says, "", "{body}"),
            Err(error) => {
                assert!(!says.is_empty() && error.detail.contains(says), "{body}: {error}");
                assert_eq!(error.scim_type, Some(crate::ScimType::InvalidSyntax));
            }
        };
        check(json!({ "schemas": ["urn:x"] }), "");
        check(json!({ "Schemas": [1, "urn:y", "URN:X"] }), "");
        check(json!({ "schemas": [] }), "`schemas` of a search");
        check(json!({ "schemas": "urn:x" }), "`schemas` of a search");
        check(json!({}), "`urn:x`");
        check(json!([]), "not an array");
        check(json!({ "schemas": ["urn:x"], "SCHEMAS": [] }), "twice");
    }
}
