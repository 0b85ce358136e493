//! Requests grown from bytes, each byte a choice: every input is well-formed JSON about attributes
//! that exist, where a fuzzer that changes text breaks most of it before anything is reached.

use std::slice;

use scim::schema::{ENTERPRISE_USER, USER};
use serde_json::{Map, Value, json};

use super::device::RACK;

/// What an input of this kind begins with.
const MARK: u8 = b'~';

#[rustfmt::skip]
const NAMES: [&str; 32] = [
    "userName", "name", "displayName", "title", "active", "emails", "phoneNumbers", "photos",
    "addresses", "roles", "x509Certificates", "externalId", ENTERPRISE_USER, "manager", "password",
    "members", "EMAILS", "Title", "id", "schemas", "floor", "weight", "spare", "key", "site",
    "bought", "notes", "tags", "ports", "checks", "sensors", RACK,
];

#[rustfmt::skip]
const PARTS: [&str; 20] = [
    "value", "type", "primary", "display", "$ref", "formatted", "givenName", "locality", "Value",
    "PRIMARY", "unit", "reading", "department", "manager", "displayName", "row", "owner", "tags",
    "since", "nope",
];

#[rustfmt::skip]
const TEXTS: [&str; 20] = [
    "", "a", "A", "b", "work", "home", "x@y", "true", "False", "3", "-0", "1e2", "TWFu", "é",
    "e\u{301}", "\0", "Group", "2000-01-01T00:00:00Z", "2000-01-01T01:00:00.5+01:00", USER,
];

/// The choices that are left. When none is, the first is taken.
pub struct Seed<'a>(slice::Iter<'a, u8>);

impl Seed<'_> {
    pub fn new(data: &[u8]) -> Option<Seed<'_>> {
        let (first, rest) = data.split_first()?;
        (*first == MARK).then(|| Seed(rest.iter()))
    }

    /// A body with what is required of each type.
    pub fn resource(&mut self) -> Value {
        let mut body = self.object(&NAMES, 6, 3);
        for name in ["userName", "displayName", "serial"] {
            if !body.keys().any(|key| key.eq_ignore_ascii_case(name)) {
                body.insert(name.into(), json!("a"));
            }
        }
        Value::Object(body)
    }

    /// The body of a PATCH.
    pub fn patch(&mut self) -> Value {
        let count = 1 + self.below(4);
        let operations: Vec<Value> = (0..count).map(|_| self.operation()).collect();
        json!({ "Operations": operations })
    }

    fn operation(&mut self) -> Value {
        let verb = self.pick(&["add", "Replace", "remove"]);
        let path = match self.below(5) {
            0 => return json!({ "op": verb, "value": self.object(&NAMES, 4, 3) }),
            1 => self.pick(&NAMES).into(),
            2 => format!("{}.{}", self.pick(&NAMES), self.pick(&PARTS)),
            3 => format!("{}[{}]", self.pick(&NAMES), self.filter()),
            _ => format!("{}[{}].{}", self.pick(&NAMES), self.filter(), self.pick(&PARTS)),
        };
        json!({ "op": verb, "path": path, "value": self.value(3) })
    }

    fn filter(&mut self) -> String {
        let part = self.pick(&PARTS);
        let text = json!(self.pick(&TEXTS));
        match self.below(6) {
            0 => format!("{part} pr"),
            1 => format!("{part} ne {text} and {}", self.filter()),
            2 => format!("{part} eq {text} or {}", self.filter()),
            3 => format!("not ({part} co {text})"),
            4 => format!("{part} eq true"),
            _ => format!("{part} eq {text}"),
        }
    }

    fn object(&mut self, names: &[&str], most: usize, depth: usize) -> Map<String, Value> {
        let count = self.below(most);
        (0..count).map(|_| (self.pick(names).to_owned(), self.value(depth))).collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth == 0 { 4 } else { 8 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => self.pick(&[json!(0), json!(-1), json!(2.5), json!(3.0), json!(u64::MAX)]),
            3 => json!(self.pick(&TEXTS)),
            4 | 5 => {
                let count = self.below(4);
                (0..count).map(|_| self.value(depth - 1)).collect()
            }
            _ => Value::Object(self.object(&PARTS, 4, depth - 1)),
        }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or_default()) % count
    }
}
