//! Single values: checked against the type of their attribute, with the tolerances clients need.
//!
//! A boolean or number may come in quotes; nothing else is converted. Text is kept as it was
//! sent, case and all. No value is dropped here for being empty; that is decided before.

use serde_json::{Number, Value};

use crate::error::{describe, quote};
use crate::limits::Limits;
use crate::schema::{Attribute, Kind, index_key, parse_number};
use crate::{Error, Result};

/// The value in its attribute's type. `at` names the attribute in errors.
pub(crate) fn read(
    attribute: &Attribute,
    value: &Value,
    at: &str,
    limits: &Limits,
) -> Result<Value> {
    let read = match (attribute.kind, value) {
        (Kind::String | Kind::Reference, Value::String(_)) => Some(value.clone()),
        (Kind::Boolean, value) => boolean(value),
        (Kind::Integer, value) => number(value).and_then(|number| whole(&number)),
        (Kind::Decimal, value) => number(value).map(Value::Number),
        (Kind::DateTime, value) => index_key(attribute, value).map(|_| value.clone()),
        (Kind::Binary, Value::String(text)) => is_base64(text).then(|| value.clone()),
        _ => None,
    };
    match read {
        Some(Value::String(text)) => check_text(text, at, limits).map(Value::String),
        Some(value) => Ok(value),
        None => Err(mismatch(attribute, value, at)),
    }
}

/// PostgreSQL cannot hold U+0000 in text, and what one database cannot hold, none gets.
pub(crate) fn check_text(text: String, at: &str, limits: &Limits) -> Result<String> {
    if text.contains('\0') {
        return Err(Error::invalid_value(format!(
            "{} cannot contain the character U+0000",
            quote(at)
        )));
    }
    if text.len() > limits.value_bytes {
        return Err(Error::invalid_value(format!(
            "{} has {} bytes, more than the {} allowed in one value",
            quote(at),
            text.len(),
            limits.value_bytes
        )));
    }
    Ok(text)
}

pub(crate) fn mismatch(attribute: &Attribute, value: &Value, at: &str) -> Error {
    Error::invalid_value(format!(
        "{} must be {}, not {}",
        quote(at),
        attribute.kind.named(),
        describe(value)
    ))
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(Value::Bool(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(Value::Bool(false)),
        _ => None,
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => parse_number(text),
        _ => None,
    }
}

/// A number without a fraction; some serializers write `5.0` for 5.
fn whole(number: &Number) -> Option<Value> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.is_i64() || number.is_u64() {
        return Some(Value::Number(number.clone()));
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= EXACT)?;
    Some(Value::from(float as i64))
}

/// RFC 7643 section 2.3.6: base64 or its URL-safe variant, padding optional; xsd allows blanks.
fn is_base64(text: &str) -> bool {
    let mut digits = 0_usize;
    let mut padding = 0_usize;
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        match byte {
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'+' | b'/' | b'-' | b'_' => digits += 1,
            byte if byte.is_ascii_alphanumeric() => digits += 1,
            _ => return false,
        }
    }
    digits % 4 != 1 && (padding == 0 || (padding <= 2 && (digits + padding).is_multiple_of(4)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: Kind, before: Value, after: Option<Value>) {
        let attribute = Attribute::new("x", kind, "");
        let read = read(&attribute, &before, "x", &Limits::default());
        match after {
            Some(after) => assert_eq!(read, Ok(after), "{kind:?} {before}"),
            None => assert!(read.is_err(), "{kind:?} {before}"),
        }
    }

    #[test]
    fn tolerances() {
        for word in ["true", "True", "TRUE"] {
            check(Kind::Boolean, json!(word), Some(json!(true)));
        }
        check(Kind::Boolean, json!("False"), Some(json!(false)));
        check(Kind::Integer, json!("42"), Some(json!(42)));
        check(Kind::Integer, json!(5.0), Some(json!(5)));
        check(Kind::Integer, json!(u64::MAX), Some(json!(u64::MAX)));
        check(Kind::Decimal, json!("-1.5e3"), Some(json!(-1500.0)));
        check(Kind::Decimal, json!(2), Some(json!(2)));
        check(Kind::Binary, json!("TWFu"), Some(json!("TWFu")));
        check(Kind::Binary, json!("TW E="), Some(json!("TW E=")));
        check(Kind::Binary, json!("_-8"), Some(json!("_-8")));
        check(Kind::DateTime, json!("2026-01-01T00:00:00Z"), Some(json!("2026-01-01T00:00:00Z")));
    }

    #[test]
    fn refusals() {
        for (kind, value) in [
            (Kind::String, json!(1)),
            (Kind::String, json!(true)),
            (Kind::String, json!({ "a": 1 })),
            (Kind::String, json!("a\u{0}b")),
            (Kind::Reference, json!(1)),
            (Kind::Boolean, json!("yes")),
            (Kind::Boolean, json!(1)),
            (Kind::Integer, json!(1.5)),
            (Kind::Integer, json!("1 2")),
            (Kind::Integer, json!(1e300)),
            (Kind::Decimal, json!("NaN")),
            (Kind::Decimal, json!("1e999")),
            (Kind::DateTime, json!("2026-13-01T00:00:00Z")),
            (Kind::DateTime, json!(2026)),
            (Kind::Binary, json!("a")),
            (Kind::Binary, json!("a=b=")),
            (Kind::Binary, json!("TWE==")),
            (Kind::Binary, json!("hé==")),
            (Kind::Complex, json!("x")),
        ] {
            check(kind, value, None);
        }
    }
}
