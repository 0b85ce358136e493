//! One comparison as SQL: of a text, of a key in the attribute index, of an instant, of what is made
//! up for each answer.

use super::{Column, Compiler, FALSE, TRUE, truth};
use crate::db::Value;
use domain::Time;
use scim::filter::Op;
use std::borrow::Cow;

/// Bytes of a key that the index holds; a longer one is found by its beginning and its hash.
pub(super) const KEY_BYTES: usize = 400;
/// Bytes by which a bounded key surely still orders, and begins, as the whole one does: it is cut
/// between two characters, of at most four bytes.
const DECISIVE_BYTES: usize = KEY_BYTES - 4;

/// The index key of a value: itself, or for a very long one its beginning and a hash of the whole.
/// So `eq` stays exact, and an index entry fits a page of either database.
#[must_use]
pub fn bounded(key: &str) -> Cow<'_, str> {
    if key.len() <= KEY_BYTES {
        return Cow::Borrowed(key);
    }
    let end = (0..=KEY_BYTES).rev().find(|end| key.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(format!("{}\u{1}{}", &key[..end], domain::id::derive(key)))
}

/// The whole key, where [`bounded`] had to cut it.
#[must_use]
pub fn beyond(key: &str) -> Option<&str> {
    (key.len() > KEY_BYTES).then_some(key)
}

/// Whether the bounded keys alone answer.
pub(super) fn is_decisive(op: Op, key: &str) -> bool {
    match op {
        Op::Eq | Op::Ne => true,
        Op::Co | Op::Ew => false,
        Op::Sw | Op::Gt | Op::Ge | Op::Lt | Op::Le => key.len() <= DECISIVE_BYTES,
    }
}

/// The least text above all that begin with this one, if there is any.
fn successor(text: &str) -> Option<String> {
    let (end, last) = text.char_indices().rev().find(|(_, character)| *character != char::MAX)?;
    let next = if last == '\u{d7ff}' { '\u{e000}' } else { char::from_u32(u32::from(last) + 1)? };
    Some(format!("{}{next}", &text[..end]))
}

impl<'a> Compiler<'_, 'a> {
    /// A comparison with a column, or with what is made of one.
    pub(super) fn column(&mut self, column: Column, op: Op, key: &'a str) -> String {
        match column {
            Column::Text(column) => self.text(column, op, key),
            Column::Nullable(column) => {
                let matches = self.text(column, op, key);
                format!("({column} IS NOT NULL AND {matches})")
            }
            Column::Active => match (op.holds("true", key), op.holds("false", key)) {
                (true, false) => "(r.active = TRUE)".to_owned(),
                (false, true) => "(r.active = FALSE)".to_owned(),
                (always, _) => truth(always),
            },
            Column::Instant(column) => self.instant(column, op, key),
            Column::Constant(constant) => truth(op.holds(constant, key)),
            Column::Location(endpoint, column) => self.location(endpoint, column, op, key),
            Column::Version => self.version(op, key),
        }
    }

    /// A comparison with a key of the index, whose row is at hand.
    pub(super) fn key(&mut self, row: &str, op: Op, key: &'a str) -> String {
        if op == Op::Eq {
            let key = self.bind(Value::Text(bounded(key)));
            format!("({row}.attribute_key = {key})")
        } else if is_decisive(op, key) {
            self.text(&format!("{row}.attribute_key"), op, key)
        } else {
            self.text(&format!("COALESCE({row}.long_key, {row}.attribute_key)"), op, key)
        }
    }

    /// A comparison of a text expression that has a value.
    pub(super) fn text(&mut self, expression: &str, op: Op, key: &'a str) -> String {
        let sign = match op {
            Op::Eq => "=",
            Op::Ne => "<>",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Co => {
                let key = self.bind(Value::from(key));
                return format!("({}({expression}, {key}) > 0)", self.dialect.position());
            }
            Op::Sw => {
                let from = self.bind(Value::from(key));
                let Some(to) = successor(key) else {
                    return format!("({expression} >= {from})");
                };
                let to = self.bind(Value::from(to));
                return format!("({expression} >= {from} AND {expression} < {to})");
            }
            Op::Ew => {
                let characters = key.chars().count();
                let key = self.bind(Value::from(key));
                return format!(
                    "(substr({expression}, length({expression}) - {characters} + 1) = {key})"
                );
            }
        };
        let key = self.bind(Value::from(key));
        format!("({expression} {sign} {key})")
    }

    /// Columns hold whole milliseconds. What lies between two of them equals none, is above the
    /// former and below the latter.
    fn instant(&mut self, column: &str, op: Op, key: &str) -> String {
        let (millis, rest) = key.split_at_checked(23).unwrap_or((key, ""));
        let Some(time) = Time::parse(&format!("{millis}Z")) else {
            return FALSE.to_owned();
        };
        let between = rest.trim_end_matches('Z').contains(|digit| digit != '0');
        let sign = match op {
            Op::Eq if between => return FALSE.to_owned(),
            Op::Eq => "=",
            Op::Gt => ">",
            Op::Ge if between => ">",
            Op::Ge => ">=",
            Op::Lt if between => "<=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Ne | Op::Co | Op::Sw | Op::Ew => return FALSE.to_owned(),
        };
        let time = self.bind(Value::from(time));
        format!("({column} {sign} {time})")
    }

    /// The URL of a resource: all begin alike, so what is asked of it is asked of the id.
    fn location(&mut self, endpoint: &str, column: &str, op: Op, key: &'a str) -> String {
        let before = format!("{}{endpoint}/", self.base);
        match op {
            Op::Co if op.holds(&before, key) => truth(true),
            Op::Co | Op::Ew => {
                let before = self.bind(Value::from(before));
                self.text(&format!("({before} || {column})"), op, key)
            }
            _ => match key.strip_prefix(&before) {
                Some(id) => self.text(column, op, id),
                // The key ends, or differs, before the id begins.
                None => truth(op.holds(&before, key)),
            },
        }
    }

    /// `W/"3"`: the number where it can be one, else as text.
    fn version(&mut self, op: Op, key: &'a str) -> String {
        if op != Op::Eq {
            let bytewise = self.dialect.bytewise();
            return self.text(&format!("('W/\"' || r.version || '\"'){bytewise}"), op, key);
        }
        // A tag that a client was shown may go on with what it says of others.
        let tag = key.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"'));
        let own = tag.map(|tag| tag.split_once('-').map_or(tag, |(own, _)| own));
        let number = own.and_then(|digits| digits.parse::<i64>().ok());
        match number.filter(|number| Some(&*number.to_string()) == own) {
            Some(number) => {
                let number = self.bind(Value::from(number));
                // Only users in groups are shown with such a mark.
                let marked = if tag == own { TRUE.to_owned() } else { self.member_of(TRUE) };
                format!("(r.version = {number} AND {marked})")
            }
            None => FALSE.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_successor_is_above_all_that_begin_alike() {
        for (text, expected) in [
            ("", None),
            ("a", Some("b")),
            ("az", Some("a{")),
            ("a\u{7f}", Some("a\u{80}")),
            ("\u{d7ff}", Some("\u{e000}")),
            ("\u{ffff}", Some("\u{10000}")),
            ("a\u{10ffff}\u{10ffff}", Some("b")),
            ("\u{10ffff}", None),
        ] {
            assert_eq!(successor(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_bounded_key_is_no_other_key() {
        let long = "é".repeat(KEY_BYTES);
        for key in ["", "x", long.as_str(), &long[..KEY_BYTES], &format!("a{long}")] {
            let bounded = bounded(key);
            assert_eq!(beyond(key).is_some(), bounded.len() > KEY_BYTES, "{key}");
            assert!(bounded.starts_with(&key[..key.floor_char_boundary(DECISIVE_BYTES)]), "{key}");
            assert!(bounded.len() < KEY_BYTES + 40);
        }
    }
}
