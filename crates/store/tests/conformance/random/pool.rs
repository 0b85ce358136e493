//! Values that are easily got wrong, for each type of attribute.

use super::dice::Dice;
use scim::schema::Kind;
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Longer than a key of the index may be; some differ beyond its end alone, or end where it does.
static LONG: LazyLock<Vec<String>> = LazyLock::new(|| {
    let start = "Long ".repeat(79);
    vec![
        "x".repeat(400),
        "x".repeat(401),
        format!("{}Tail", "x".repeat(401)),
        format!("{start}12345one"),
        format!("{start}12345TWO"),
        format!("{start}1é34"),
        format!("{start}1234é67"),
        format!("{start}12😀4"),
        "Ärger%_".repeat(70),
    ]
});

const TEXTS: [&str; 44] = [
    "Ada",
    "ada",
    "ADA",
    "Adam",
    "Bob",
    "bo",
    "z",
    "Zoë",
    "Zoe\u{308}",
    "ZOË",
    "zoe",
    "Straße",
    "STRASSE",
    "ΣΑΣ",
    "σας",
    "İstanbul",
    "istanbul",
    "ı",
    "\u{212a}elvin",
    "kelvin",
    "100%",
    "50_50",
    "50x50",
    "back\\slash",
    "quo\"te",
    "it's",
    "a b",
    " a",
    "a\tb",
    "\u{1}",
    "a\u{1}b",
    "a\u{7f}",
    "😀",
    "a😀b",
    "a\u{10ffff}",
    "a\u{10ffff}b",
    "\u{ffff}z",
    "\u{e000}",
    "\u{d7ff}a",
    "1",
    "1.0",
    "true",
    "null",
    "2011-05-13T04:42:34Z",
];

const DATES: [&str; 14] = [
    "2011-05-13T04:42:34Z",
    "2011-05-13T06:42:34+02:00",
    "2011-05-13t04:42:34.000z",
    "2011-05-13T04:42:34.5Z",
    "2011-05-12T20:42:34.500-08:00",
    "2011-05-13T04:42:34.123456789Z",
    "2011-05-13T04:42:34.12345678901Z",
    "2011-05-13T04:42:35Z",
    "1969-12-31T23:59:59.9995Z",
    "1970-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-30T00:00:00Z",
    "2016-02-29T12:00:00+05:45",
    "2026-11-22T08:00:00.0005Z",
];

/// A value of the type, as a client sends it.
pub fn value(dice: &Dice, kind: Kind) -> Value {
    match kind {
        Kind::String => json!(text(dice)),
        Kind::Boolean => json!(dice.percent(50)),
        Kind::Integer => dice
            .pick(&[
                json!(0),
                json!(1),
                json!(-1),
                json!(42),
                json!(43),
                json!(-1000),
                json!(9_007_199_254_740_992_i64),
                json!(9_007_199_254_740_993_i64),
                json!(i64::MIN),
                json!(i64::MAX),
                json!(u64::MAX),
            ])
            .clone(),
        Kind::Decimal => dice
            .pick(&[
                json!(0),
                json!(-0.0),
                json!(1),
                json!(1.0),
                json!(1.5),
                json!(-1.5),
                json!(0.1),
                json!(10),
                json!(9.99),
                json!(5e-324),
                json!(1e300),
                json!(-1e300),
                json!(9_007_199_254_740_993_i64),
            ])
            .clone(),
        Kind::DateTime => json!(dice.pick(&DATES)),
        Kind::Binary => json!(binary(dice)),
        Kind::Reference => json!(reference(dice)),
        Kind::Complex => Value::Null,
    }
}

pub fn text(dice: &Dice) -> String {
    if dice.percent(8) { dice.pick(&LONG).clone() } else { (*dice.pick(&TEXTS)).to_owned() }
}

fn binary(dice: &Dice) -> String {
    if dice.percent(10) {
        return "TWFu".repeat(150);
    }
    (*dice.pick(&["TWFu", "twfu", "TWE=", "TWE", "-_-_", "+/+/", "AAAA"])).to_owned()
}

fn reference(dice: &Dice) -> String {
    if dice.percent(10) {
        return format!("data:image/png;base64,{}", "AAAA".repeat(120));
    }
    let urls = [
        "https://example.com/a",
        "https://example.com/A",
        "https://example.com/a?b=%20_",
        "urn:x:y",
        "x",
    ];
    (*dice.pick(&urls)).to_owned()
}
