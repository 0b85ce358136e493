//! The text by which a value is found and ordered.
//!
//! A key compares byte by byte (`COLLATE "C"`) the way the value compares by its type, so a
//! database needs no functions of its own. This file knows nothing of documents: one scalar in,
//! one key out.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Number, Value};
use unicode_normalization::UnicodeNormalization;

use super::{Attribute, Kind};

/// The spelling in which two texts that differ in case alone are equal: NFC, lower case. Wide and
/// narrow forms of letters are the usual ones, as PRECIS prepares user names (RFC 7613 section 3.2).
///
/// It works letter by letter, without regard to neighbours, so that the folded start of a text is
/// the start of the folded text (Greek final sigma would break that).
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let text = usual_width(text);
    let lower = text.nfc().flat_map(char::to_lowercase).map(|c| if c == 'ς' { 'σ' } else { c });
    // Lower-casing may decompose (İ becomes i and a dot), hence NFC once more.
    Cow::Owned(lower.nfc().collect())
}

/// Letters, digits and signs as wide as others of their script. (Narrow Hangul is left alone: its
/// whole decomposition is more than another width.)
fn usual_width(text: &str) -> Cow<'_, str> {
    let is_odd = |c: char| matches!(c, '\u{3000}' | '\u{ff01}'..='\u{ff9f}');
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut usual = String::with_capacity(text.len());
    for c in text.chars() {
        if is_odd(c) {
            usual.extend(c.nfkd());
        } else {
            usual.push(c);
        }
    }
    Cow::Owned(usual)
}

/// The text an attribute's value is found and ordered by, or `None` for a value of another kind.
///
/// Strings are folded unless the attribute is case exact; a dateTime becomes its instant in UTC
/// with nine decimals (which still parses as RFC 3339); numbers, whole or not, become text that
/// sorts as they do.
pub fn index_key(attribute: &Attribute, value: &Value) -> Option<String> {
    match (attribute.kind, value) {
        (Kind::String | Kind::Reference | Kind::Binary, Value::String(text)) => {
            Some(if attribute.case_exact { text.clone() } else { fold(text).into_owned() })
        }
        (Kind::Boolean, Value::Bool(value)) => Some(value.to_string()),
        (Kind::DateTime, Value::String(text)) => instant_key(text),
        (Kind::Integer | Kind::Decimal, Value::Number(number)) => Some(number_key(number)),
        _ => None,
    }
}

/// The JSON number a text spells, if it does.
pub(crate) fn parse_number(text: &str) -> Option<Number> {
    serde_json::from_str(text.trim()).ok()
}

fn instant_key(text: &str) -> Option<String> {
    let (moment, fraction, offset) = split_date_time(text)?;
    // xsd allows any number of decimals; beyond nanoseconds they are cut.
    let fraction = fraction.get(..9).unwrap_or(fraction);
    let dot = if fraction.is_empty() { "" } else { "." };
    let timestamp: Timestamp =
        format!("{moment}{dot}{fraction}{offset}").to_ascii_uppercase().parse().ok()?;
    let key = format!("{timestamp:.9}");
    // Before the year 0 the text has a sign and would sort wrongly.
    (!key.starts_with('-')).then_some(key)
}

/// Splits `YYYY-MM-DDThh:mm:ss[.f](Z|±hh:mm)` (RFC 3339 section 5.6) and refuses other shapes,
/// among them the many more that ISO 8601 and the time library accept.
fn split_date_time(text: &str) -> Option<(&str, &str, &str)> {
    if !text.is_ascii() || text.len() > 64 {
        return None;
    }
    let (moment, rest) = text.split_at_checked(19)?;
    let shaped = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
                b'0' => byte.is_ascii_digit(),
                other => byte.eq_ignore_ascii_case(&other),
            })
    };
    let (fraction, offset) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            (digits > 0).then(|| rest.split_at(digits))?
        }
    };
    let offset_fits = ["Z", "+00:00", "-00:00"].iter().any(|shape| shaped(offset, shape));
    (shaped(moment, "0000-00-00T00:00:00") && offset_fits).then_some((moment, fraction, offset))
}

/// Writes a number as 0.ddd × 10^e: a sign class, the exponent, the digits. For negative numbers
/// everything after the class is complemented and closed by a character above the digits, so that
/// the larger magnitude comes first.
fn number_key(number: &Number) -> String {
    let text = number.to_string();
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_matches('0');
    if significant.is_empty() {
        return "1".into();
    }
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    let shift = whole.len() as i64 - zeros as i64;
    let exponent = exponent.parse::<i64>().unwrap_or(0).saturating_add(shift).clamp(-4999, 4999);
    let body = format!("{:04}{significant}", exponent + 5000);
    if negative {
        let complement: String =
            body.bytes().map(|digit| char::from(b'9' - digit + b'0')).collect();
        format!("0{complement}~")
    } else {
        format!("2{body}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn key(kind: Kind, value: Value) -> Option<String> {
        index_key(&Attribute::new("x", kind, ""), &value)
    }

    #[test]
    fn folding() {
        assert_eq!(fold("BJensen"), "bjensen");
        assert!(matches!(fold("bjensen"), Cow::Borrowed(_)));
        assert_eq!(fold("JÉRÔME"), fold("je\u{301}ro\u{302}me"));
        assert_eq!(fold("ΣΑΣ"), "σασ");
        assert_eq!(fold("σας"), "σασ");
        assert_eq!(fold("\u{212a}"), "k");
        assert_eq!(fold("ＡＮＮ＠Example.ｃｏｍ"), "ann@example.com");
        assert_eq!(fold("ﾊﾞﾝﾄﾞ\u{3000}ﾡ"), "バンド ﾡ");
    }

    #[test]
    fn date_times() {
        let at = |text: &str| key(Kind::DateTime, json!(text));
        assert_eq!(at("2011-05-13T04:42:34Z").unwrap(), "2011-05-13T04:42:34.000000000Z");
        assert_eq!(at("2011-05-13t06:42:34.5+02:00").unwrap(), "2011-05-13T04:42:34.500000000Z");
        assert_eq!(
            at("2015-10-10T14:38:21.8617979-07:00").unwrap(),
            "2015-10-10T21:38:21.861797900Z"
        );
        assert_eq!(at("2011-05-13T04:42:34.12345678901234Z"), at("2011-05-13T04:42:34.123456789Z"));
        for bad in [
            "",
            "2011",
            "2011-05-13",
            "2011-05-13T04:42:34",
            "2011-02-30T00:00:00Z",
            "x",
            "2011-05-13 04:42:34Z",
            "2011-05-13T25:00:00Z",
            "2011-05-13T04:42:34.Z",
            "2011-05-13T04:42:34Z[UTC]",
            "0000-01-01T00:00:00+14:00",
            "+002011-05-13T04:42:34Z",
            "2011-05-13T04:42:34+99:99",
            "２011-05-13T04:42:34Z",
            "9999-12-31T23:59:59-23:59",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }

    #[test]
    fn kinds_do_not_mix() {
        assert_eq!(key(Kind::Boolean, json!("true")), None);
        assert_eq!(key(Kind::Boolean, json!(true)).unwrap(), "true");
        assert_eq!(key(Kind::Integer, json!("5")), None);
        assert_eq!(key(Kind::String, json!(5)), None);
        assert_eq!(key(Kind::Complex, json!({})), None);
        assert_eq!(key(Kind::Reference, json!("HTTP://A")).unwrap(), "HTTP://A");
        assert_eq!(key(Kind::String, json!("ABC")).unwrap(), "abc");
    }

    #[test]
    fn numbers_in_order() {
        let sorted = [
            json!(-1e300),
            json!(i64::MIN),
            json!(-11),
            json!(-10.5),
            json!(-10),
            json!(-1),
            json!(-0.12),
            json!(-0.1),
            json!(-5e-324),
            json!(0),
            json!(5e-324),
            json!(0.001),
            json!(0.5),
            json!(1),
            json!(1.5),
            json!(2),
            json!(9),
            json!(10),
            json!(10.01),
            json!(99),
            json!(100),
            json!(u64::MAX),
            json!(1e300),
        ];
        let keys: Vec<_> = sorted.iter().map(|n| key(Kind::Decimal, n.clone()).unwrap()).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(key(Kind::Decimal, json!(3.0)), key(Kind::Integer, json!(3)));
        assert_eq!(key(Kind::Decimal, json!(-0.0)), key(Kind::Integer, json!(0)));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,20}") {
            let once = fold(&text).into_owned();
            prop_assert_eq!(fold(&once), once.as_str());
        }

        #[test]
        fn decimal_keys_sort_as_numbers(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let (ka, kb) = (key(Kind::Decimal, json!(a)), key(Kind::Decimal, json!(b)));
            prop_assert_eq!(a.partial_cmp(&b), ka.partial_cmp(&kb));
        }

        #[test]
        fn integer_keys_sort_as_numbers(a in any::<i64>(), b in any::<i64>()) {
            prop_assert_eq!(a.cmp(&b), key(Kind::Integer, json!(a)).cmp(&key(Kind::Integer, json!(b))));
        }

        #[test]
        fn any_text_is_safe_as_a_date(text in "\\PC{0,40}") {
            key(Kind::DateTime, json!(text));
        }
    }
}
