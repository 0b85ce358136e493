//! What goes into a statement and what comes out: text, integers, booleans, nothing else.

use crate::error::{Error, Result};
use domain::Time;
use std::borrow::Cow;

/// A bound parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Null,
    Text(Cow<'a, str>),
    Int(i64),
    Bool(bool),
}

/// Turns each argument into a [`Value`]; they are bound from `$2` on, after the account.
#[macro_export]
macro_rules! values {
    ($($value:expr),* $(,)?) => { [$($crate::db::Value::from($value)),*] };
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(Cow::Owned(text))
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Int(number)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Time> for Value<'_> {
    fn from(time: Time) -> Self {
        Value::Int(time.millis())
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Value::Bool(truth)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// One column of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Null,
    Text(String),
    Int(i64),
    Bool(bool),
}

/// One row; columns are read by their position in the statement.
#[derive(Debug)]
pub struct Row(pub(super) Vec<Cell>);

impl Row {
    pub fn text(&mut self, column: usize) -> Result<String> {
        self.maybe_text(column)?.ok_or(Error::Corrupt("a text column"))
    }

    /// Takes the text out of the row: read each column once.
    pub fn maybe_text(&mut self, column: usize) -> Result<Option<String>> {
        match self.0.get_mut(column).map(|cell| std::mem::replace(cell, Cell::Null)) {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            _ => Err(Error::Corrupt("a text column")),
        }
    }

    /// How much room its texts take.
    pub(super) fn bytes(&self) -> usize {
        let text = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
        self.0.iter().map(text).sum()
    }

    /// Takes the cell, whatever it is, out of the row.
    pub(crate) fn cell(&mut self, column: usize) -> Cell {
        self.0.get_mut(column).map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null))
    }

    pub fn int(&self, column: usize) -> Result<i64> {
        self.maybe_int(column)?.ok_or(Error::Corrupt("an integer column"))
    }

    pub fn maybe_int(&self, column: usize) -> Result<Option<i64>> {
        match self.0.get(column) {
            Some(Cell::Int(number)) => Ok(Some(*number)),
            Some(Cell::Null) => Ok(None),
            _ => Err(Error::Corrupt("an integer column")),
        }
    }

    pub fn count(&self, column: usize) -> Result<u64> {
        u64::try_from(self.int(column)?).map_err(|_| Error::Corrupt("a count"))
    }

    pub fn time(&self, column: usize) -> Result<Time> {
        self.int(column).map(Time::from_millis)
    }

    pub fn maybe_time(&self, column: usize) -> Result<Option<Time>> {
        Ok(self.maybe_int(column)?.map(Time::from_millis))
    }

    /// SQLite keeps booleans as 0 and 1.
    pub fn bool(&self, column: usize) -> Result<bool> {
        match self.0.get(column) {
            Some(Cell::Bool(truth)) => Ok(*truth),
            Some(Cell::Int(number)) => Ok(*number != 0),
            _ => Err(Error::Corrupt("a boolean column")),
        }
    }
}
