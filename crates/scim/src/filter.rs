//! Filters (RFC 7644 section 3.4.2.2): the expression as it was written, and the condition it
//! becomes once it is bound to a resource type.
//!
//! `parse` knows grammar and no schema, `bind` knows the schema, `matches` evaluates in memory.
//! Compiling a condition to a query language is for whoever owns the database.

mod across;
mod bind;
mod matches;
mod parse;

use std::fmt;

use serde_json::Value;

pub(crate) use self::bind::bind_within;
pub(crate) use self::parse::Parser;
use crate::path::AttrPath;
use crate::schema::Attribute;

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

impl Op {
    const ALL: [Op; 9] = [Op::Eq, Op::Ne, Op::Co, Op::Sw, Op::Ew, Op::Gt, Op::Ge, Op::Lt, Op::Le];

    pub fn as_str(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::Co => "co",
            Op::Sw => "sw",
            Op::Ew => "ew",
            Op::Gt => "gt",
            Op::Ge => "ge",
            Op::Lt => "lt",
            Op::Le => "le",
        }
    }

    /// The operator of that name, in any case.
    pub fn named(text: &str) -> Option<Op> {
        Op::ALL.into_iter().find(|op| op.as_str().eq_ignore_ascii_case(text))
    }

    /// Whether one key stands in this relation to the one in the filter. `Ne` of an attribute is
    /// more than this: see [`Condition::Compare`].
    #[must_use]
    pub fn holds(self, key: &str, wanted: &str) -> bool {
        match self {
            Op::Eq => key == wanted,
            Op::Ne => key != wanted,
            Op::Co => key.contains(wanted),
            Op::Sw => key.starts_with(wanted),
            Op::Ew => key.ends_with(wanted),
            Op::Gt => key > wanted,
            Op::Ge => key >= wanted,
            Op::Lt => key < wanted,
            Op::Le => key <= wanted,
        }
    }
}

/// A filter as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Present(AttrPath),
    Compare {
        path: AttrPath,
        op: Op,
        value: Value,
    },
    /// `emails[…]`: one value fulfils everything inside.
    Any {
        path: AttrPath,
        filter: Box<Filter>,
    },
}

/// A filter bound to a resource type: its attributes exist and its values have their types.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Present(Term),
    /// `Ne` is the negation of `Eq` throughout: it holds where there is no value, and for several
    /// values when none of them is equal. All others need a value that fulfils them.
    Compare {
        term: Term,
        op: Op,
        value: Literal,
    },
    /// The terms inside carry their full name, such as `emails.type`.
    Any {
        term: Term,
        of: Box<Condition>,
    },
}

/// What a condition looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The canonical index path, see [`crate::path::Target::name`].
    pub name: String,
    /// The attribute at the end of the path.
    pub attribute: Attribute,
    /// Whether some step of the path has several values.
    pub multi_valued: bool,
}

/// What a term is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// No value. `bind` turns `eq null` into `Not(Present)`, so only conditions made by hand hold it.
    Null,
    /// Text that compares with [`crate::schema::index_key`]s.
    Key(String),
}

impl Filter {
    /// How many comparisons it makes of one value, at most.
    #[must_use]
    pub fn terms(&self) -> usize {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().map(Filter::terms).sum(),
            Filter::Not(part) | Filter::Any { filter: part, .. } => part.terms(),
            Filter::Present(_) | Filter::Compare { .. } => 1,
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filter::And(parts) => join(f, parts, " and "),
            Filter::Or(parts) => join(f, parts, " or "),
            Filter::Not(inner) => write!(f, "not ({inner})"),
            Filter::Present(path) => write!(f, "{path} pr"),
            Filter::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Filter::Any { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

/// Parentheses around every group inside a group: precedence never has to be remembered.
fn join(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match part {
            Filter::And(_) | Filter::Or(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}
