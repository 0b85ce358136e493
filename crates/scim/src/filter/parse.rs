//! The grammar of filters, and of the brackets in PATCH paths.
//!
//! It reads what the RFC allows and the shapes clients send besides: values without quotes, and a
//! comparison after the bracket (`emails[type eq "work"].value eq "x"`). It does not know which
//! attributes exist.

use serde_json::Value;

use super::{Filter, Op};
use crate::error::quote;
use crate::limits::Limits;
use crate::path::{AttrPath, is_name};
use crate::schema::parse_number;
use crate::{Error, Result};

/// Parsing recurses; no caller can ask for more than the stack bears.
const DEEPEST: usize = 200;

impl Filter {
    /// Reads a filter. Errors say at which byte.
    pub fn parse(text: &str, limits: &Limits) -> Result<Filter> {
        let mut parser = Parser::new(text, limits, Error::invalid_filter)?;
        if parser.rest().is_none() {
            return Err(Error::invalid_filter(
                "the filter is empty: expected a comparison such as `userName eq \"x\"` at byte 0",
            ));
        }
        let filter = parser.disjunction(false)?;
        match parser.rest() {
            None => Ok(filter),
            Some(_) => Err(parser.expected("`and`, `or` or the end of the filter")),
        }
    }
}

/// A position in a text, and what the limits have left.
#[derive(Debug)]
pub(crate) struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a> {
    /// `refuse` makes the error for a text that is too long.
    pub(crate) fn new(
        text: &'a str,
        limits: &Limits,
        refuse: fn(String) -> Error,
    ) -> Result<Parser<'a>> {
        if text.len() > limits.filter_bytes {
            return Err(refuse(format!(
                "the expression has {} bytes, more than the {} allowed",
                text.len(),
                limits.filter_bytes
            )));
        }
        Ok(Parser {
            text,
            at: 0,
            depth: limits.filter_depth.min(DEEPEST),
            terms: limits.filter_terms,
        })
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Where unread text begins, if there is any.
    pub(crate) fn rest(&mut self) -> Option<usize> {
        self.skip_blanks();
        (self.at < self.text.len()).then_some(self.at)
    }

    /// Reads up to a blank, bracket, parenthesis or quote: the word and its position.
    pub(crate) fn word(&mut self) -> (&'a str, usize) {
        self.skip_blanks();
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let end = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '"'))
            .unwrap_or(rest.len());
        self.at += end;
        (rest.get(..end).unwrap_or_default(), start)
    }

    pub(crate) fn eat(&mut self, wanted: char) -> bool {
        self.skip_blanks();
        let found = self.next() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// What follows an opening bracket, up to and with the closing one.
    pub(crate) fn bracketed(&mut self) -> Result<Filter> {
        let filter = self.nested(|parser| parser.disjunction(true))?;
        if self.eat(']') { Ok(filter) } else { Err(self.expected("`]`, `and` or `or`")) }
    }

    /// `.sub` right after a bracket.
    pub(crate) fn trailing_sub(&mut self) -> Result<Option<String>> {
        if self.next() != Some('.') {
            return Ok(None);
        }
        self.at += 1;
        let (word, at) = self.word();
        if is_name(word) {
            return Ok(Some(word.into()));
        }
        let detail = format!("expected a sub-attribute at byte {at}, not {}", quote(word));
        Err(Error::invalid_path(detail))
    }

    fn next(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn skip_blanks(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Reads a keyword if it is the next word.
    fn eat_word(&mut self, keyword: &str) -> bool {
        let before = self.at;
        let found = self.word().0.eq_ignore_ascii_case(keyword);
        if !found {
            self.at = before;
        }
        found
    }

    fn expected(&mut self, what: &str) -> Error {
        let (word, at) = self.word();
        let found = match (word, self.next()) {
            ("", None) => "the end".into(),
            ("", Some(c)) => quote(&c.to_string()),
            (word, _) => quote(word),
        };
        Error::invalid_filter(format!("expected {what} at byte {at}, not {found}"))
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == 0 {
            let at = self.at;
            return Err(Error::invalid_filter(format!("the filter nests too deep at byte {at}")));
        }
        self.depth -= 1;
        let result = read(self);
        self.depth += 1;
        result
    }

    fn disjunction(&mut self, inside: bool) -> Result<Filter> {
        let mut parts = vec![self.conjunction(inside)?];
        while self.eat_word("or") {
            parts.push(self.conjunction(inside)?);
        }
        Ok(single(parts, Filter::Or))
    }

    fn conjunction(&mut self, inside: bool) -> Result<Filter> {
        let mut parts = vec![self.unit(inside)?];
        while self.eat_word("and") {
            parts.push(self.unit(inside)?);
        }
        Ok(single(parts, Filter::And))
    }

    fn unit(&mut self, inside: bool) -> Result<Filter> {
        if self.eat('(') {
            return self.group(inside);
        }
        let before = self.at;
        if self.eat_word("not") {
            if self.eat('(') {
                return Ok(Filter::Not(Box::new(self.group(inside)?)));
            }
            let (word, at) = self.word();
            if is_name(word) && Op::named(word).is_none() && !word.eq_ignore_ascii_case("pr") {
                return Err(Error::invalid_filter(format!(
                    "`not` needs parentheses, as in `not (title pr)`: expected `(` at byte {at}"
                )));
            }
            self.at = before;
        }
        self.expression(inside)
    }

    fn group(&mut self, inside: bool) -> Result<Filter> {
        let filter = self.nested(|parser| parser.disjunction(inside))?;
        if self.eat(')') { Ok(filter) } else { Err(self.expected("`)`, `and` or `or`")) }
    }

    fn expression(&mut self, inside: bool) -> Result<Filter> {
        let before = self.at;
        let (word, at) = self.word();
        let Some(path) = AttrPath::parse(word, at) else {
            self.at = before;
            return Err(self.expected("an attribute name"));
        };
        if !self.eat('[') {
            return self.comparison(path);
        }
        if inside {
            let at = self.at - 1;
            return Err(Error::invalid_filter(format!("brackets cannot nest, as at byte {at}")));
        }
        let filter = self.bracketed()?;
        let sub_at = self.at + 1;
        // Not in the RFC's grammar; Entra matches users this way.
        let sub = self.trailing_sub().map_err(|error| Error::invalid_filter(error.detail))?;
        let filter = match sub {
            None => filter,
            Some(sub) => {
                let sub = AttrPath { urn: None, name: sub, sub: None, at: sub_at };
                Filter::And(vec![filter, self.comparison(sub)?])
            }
        };
        Ok(Filter::Any { path, filter: Box::new(filter) })
    }

    fn comparison(&mut self, path: AttrPath) -> Result<Filter> {
        if self.terms == 0 {
            return Err(Error::invalid_filter(format!(
                "the filter has too many comparisons, counting to byte {}",
                path.at
            )));
        }
        self.terms -= 1;
        if self.eat_word("pr") {
            return self.ends_here().map(|()| Filter::Present(path));
        }
        let before = self.at;
        let Some(op) = Op::named(self.word().0) else {
            self.at = before;
            return Err(self.expected(
                "an operator (`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`)",
            ));
        };
        let value = self.value()?;
        Ok(Filter::Compare { path, op, value })
    }

    /// Clients that know `eq` give `pr` a value too.
    fn ends_here(&mut self) -> Result<()> {
        self.skip_blanks();
        let before = self.at;
        let (word, at) = self.word();
        let goes_on = ["", "and", "or"].iter().any(|known| known.eq_ignore_ascii_case(word));
        let quoted = word.is_empty() && self.next() == Some('"');
        self.at = before;
        if goes_on && !quoted {
            return Ok(());
        }
        Err(Error::invalid_filter(format!("`pr` takes no value, but one begins at byte {at}")))
    }

    fn value(&mut self) -> Result<Value> {
        self.skip_blanks();
        let at = self.at;
        let value = if self.next() == Some('"') { self.quoted()? } else { self.bare()? };
        match &value {
            Value::String(text) if text.contains('\0') => Err(Error::invalid_filter(format!(
                "the value at byte {at} cannot contain the character U+0000"
            ))),
            _ => Ok(value),
        }
    }

    fn quoted(&mut self) -> Result<Value> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let mut escaped = false;
        let end = rest.bytes().skip(1).position(|byte| {
            let closes = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            closes
        });
        let Some(literal) = end.and_then(|end| rest.get(..end + 2)) else {
            return Err(Error::invalid_filter(format!(
                "the string that begins at byte {start} has no closing quote"
            )));
        };
        self.at += literal.len();
        serde_json::from_str(literal).map(Value::String).map_err(|_| {
            Error::invalid_filter(format!(
                "the string at byte {start} is not a JSON string: check its escapes"
            ))
        })
    }

    /// `true`, `null`, a number, or a word that lacks its quotes (Microsoft's documents have
    /// `externalId eq jyoung` and bare dates).
    fn bare(&mut self) -> Result<Value> {
        let before = self.at;
        let (word, at) = self.word();
        if word.is_empty() {
            self.at = before;
            return Err(self.expected("a value"));
        }
        if word.starts_with(['{', '\'']) {
            return Err(Error::invalid_filter(format!(
                "the value at byte {at} must be a string in double quotes, a number, `true`, `false` or `null`"
            )));
        }
        Ok(match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            // `1.50` or a number beyond 64 bits may be an identifier: keep what was written.
            word => match parse_number(word) {
                Some(number) if number.to_string() == word => Value::Number(number),
                _ => Value::String(word.into()),
            },
        })
    }
}

fn single(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests;
