//! How much one PATCH makes us do: a few megabytes of operations, each reasonable, could together
//! compare or write gigabytes while the caller holds a transaction.
//!
//! Only what multiplies is counted. What is linear in the body is bounded with the body.

use std::cell::Cell;

use serde_json::Value;

use crate::limits::Limits;
use crate::{Error, Result};

/// What it costs to look at a value, beside its bytes.
const LOOK: usize = 64;

/// What it costs to compare two values once they are folded; most differ in their first bytes.
const PAIR: usize = 16;

/// What is left to be compared.
#[derive(Debug)]
pub(super) struct Work {
    allowed: usize,
    left: Cell<usize>,
}

impl Work {
    pub(super) fn new(limits: &Limits) -> Work {
        let allowed = limits.patch_compared_bytes;
        Work { allowed, left: Cell::new(allowed) }
    }

    /// Before each value is compared by each of some terms, which read all of it.
    pub(super) fn search(&self, values: &[Value], terms: usize) -> Result<()> {
        self.spend(read(values).saturating_mul(terms))
    }

    /// Before values are folded, and others compared with each of them and with each other.
    pub(super) fn pair(&self, values: &[Value], others: &[Value]) -> Result<()> {
        let pairs = (values.len() + others.len()).saturating_mul(others.len());
        let folded = read(values).saturating_add(read(others));
        self.spend(pairs.saturating_mul(PAIR).saturating_add(folded))
    }

    fn spend(&self, bytes: usize) -> Result<()> {
        let Some(left) = self.left.get().checked_sub(bytes) else {
            return Err(Error::too_many(format!(
                "the operations would compare more than the {} bytes of values allowed in one patch",
                self.allowed
            )));
        };
        self.left.set(left);
        Ok(())
    }
}

/// Before one value is written to several places: together they may be as long as one value.
pub(super) fn check_copies(value: &Value, copies: usize, limits: &Limits) -> Result<()> {
    let total = sum(value, &str::len).saturating_mul(copies);
    if copies < 2 || total <= limits.value_bytes {
        return Ok(());
    }
    Err(Error::too_many(format!(
        "the path chooses {copies} values, to which {total} bytes would be written, more than the {} allowed",
        limits.value_bytes
    )))
}

/// What it costs to read each value once.
fn read(values: &[Value]) -> usize {
    // Beyond ASCII, text is folded letter by letter.
    let cost = |text: &str| if text.is_ascii() { text.len() } else { text.len() * 8 };
    values.iter().map(|value| LOOK + sum(value, &cost)).sum()
}

/// The sum over all text in a value.
fn sum(value: &Value, of: &dyn Fn(&str) -> usize) -> usize {
    match value {
        Value::String(text) => of(text),
        Value::Array(values) => values.iter().map(|value| sum(value, of)).sum(),
        Value::Object(parts) => parts.values().map(|value| sum(value, of)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
