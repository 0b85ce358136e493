//! A SCIM condition as SQL over resources (`r`).
//!
//! Attributes with a column are compared there. Every other attribute is a row of the index, and a
//! comparison with it is `r.id IN (SELECT …)`, which both databases answer from the index for `eq`,
//! `sw` and the orderings; `co` and `ew` read the index entries of that one attribute. Nothing reads
//! documents. Keys were folded by the protocol crate, so that both databases compare bytes.

use crate::db::{Dialect, Value};
use crate::resource::Kind;
use domain::Time;
use scim::filter::{Condition, Literal, Op, Term};
use std::borrow::Cow;

/// Bytes of a value that the index holds; a longer one is found by its beginning and its hash.
const KEY_BYTES: usize = 400;

/// The index key of a value: itself, or for a very long one its beginning and a hash of the whole.
/// So `eq` and `sw` stay exact, and an index entry fits a page of either database.
#[must_use]
pub fn bounded(key: &str) -> Cow<'_, str> {
    if key.len() <= KEY_BYTES {
        return Cow::Borrowed(key);
    }
    let end = (0..=KEY_BYTES).rev().find(|end| key.is_char_boundary(*end)).unwrap_or(0);
    Cow::Owned(format!("{}\u{1}{}", &key[..end], domain::id::derive(key)))
}

/// The condition as an expression; its parameters are pushed behind `values`, of which the first is
/// `$2` and holds the kind.
pub(crate) fn compile<'a>(
    condition: &'a Condition,
    kind: Kind,
    _base: &str,
    dialect: Dialect,
    values: &mut Vec<Value<'a>>,
) -> String {
    Compiler { kind, dialect, values }.condition(condition)
}

struct Compiler<'v, 'a> {
    kind: Kind,
    dialect: Dialect,
    values: &'v mut Vec<Value<'a>>,
}

/// Where a term lives.
enum Place {
    /// A text column of `r` that always has a value, or never.
    Column(&'static str),
    Nullable(&'static str),
    Active,
    Instant(&'static str),
    Constant(&'static str),
    /// A column of the memberships of `r`.
    Membership(&'static str),
    Index,
}

impl<'a> Compiler<'_, 'a> {
    fn place(&self, name: &str) -> Place {
        match (self.kind, name) {
            (_, "id") => Place::Column("r.id"),
            (Kind::User, "userName") | (Kind::Group, "displayName") => Place::Column("r.name_key"),
            (_, "externalId") => Place::Nullable("r.external_id"),
            (Kind::User, "active") => Place::Active,
            (_, "meta.created") => Place::Instant("r.created_at"),
            (_, "meta.lastModified") => Place::Instant("r.modified_at"),
            (Kind::User, "meta.resourceType") => Place::Constant("User"),
            (Kind::Group, "meta.resourceType") => Place::Constant("Group"),
            (Kind::User, "groups" | "groups.value") => Place::Membership("s.group_id"),
            (Kind::User, "groups.display") => Place::Membership("g.name_key"),
            (Kind::User, "groups.type") => Place::Membership("'direct'"),
            (Kind::Group, "members" | "members.value") => Place::Membership("s.member_id"),
            (Kind::Group, "members.display") => Place::Membership("m.member_key"),
            (Kind::Group, "members.type") => Place::Membership("'user'"),
            _ => Place::Index,
        }
    }

    fn condition(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::And(parts) => self.join(parts, " AND "),
            Condition::Or(parts) => self.join(parts, " OR "),
            Condition::Not(part) => format!("NOT {}", self.condition(part)),
            Condition::Present(term) => self.present(term),
            Condition::Compare { term, op, value } => self.compare(term, *op, value),
            Condition::Any { term, of } => self.any(term, of),
        }
    }

    fn join(&mut self, parts: &'a [Condition], word: &str) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.condition(part)).collect();
        match (parts.is_empty(), word) {
            (false, _) => format!("({})", parts.join(word)),
            (true, " AND ") => "(1 = 1)".to_owned(),
            (true, _) => "(1 = 0)".to_owned(),
        }
    }

    fn present(&mut self, term: &'a Term) -> String {
        match self.place(&term.name) {
            Place::Column(_) | Place::Active | Place::Instant(_) | Place::Constant(_) => {
                "(1 = 1)".to_owned()
            }
            Place::Nullable(column) => format!("({column} IS NOT NULL)"),
            Place::Membership(_) => self.member_of("1 = 1"),
            Place::Index => {
                let path = self.bind(Value::from(&term.name));
                self.indexed(&format!("a.path = {path}"))
            }
        }
    }

    /// `ne` is the negation of `eq` throughout: it holds where there is no value.
    fn compare(&mut self, term: &'a Term, op: Op, value: &'a Literal) -> String {
        let key = match value {
            Literal::Key(key) => key,
            Literal::Null if op == Op::Ne => return self.present(term),
            Literal::Null => return format!("(NOT {})", self.present(term)),
        };
        if op == Op::Ne {
            return format!("(NOT {})", self.compare(term, Op::Eq, value));
        }
        match self.place(&term.name) {
            Place::Column(column) => self.text(column, op, key),
            Place::Nullable(column) => {
                let matches = self.text(column, op, key);
                format!("({column} IS NOT NULL AND {matches})")
            }
            Place::Active if op == Op::Eq => {
                format!("(r.active = {})", if key == "true" { "TRUE" } else { "FALSE" })
            }
            Place::Active => {
                self.text("(CASE WHEN r.active THEN 'true' ELSE 'false' END)", op, key)
            }
            Place::Instant(column) => self.instant(column, op, key),
            Place::Constant(constant) => {
                let constant = self.bind(Value::from(constant));
                self.text(&constant, op, key)
            }
            Place::Membership(column) => {
                let matches = self.text(column, op, key);
                self.member_of(&matches)
            }
            Place::Index => {
                let path = self.bind(Value::from(&term.name));
                let matches = self.text("a.attribute_key", op, key);
                self.indexed(&format!("a.path = {path} AND {matches}"))
            }
        }
    }

    /// One value of a multi-valued attribute fulfils everything.
    fn any(&mut self, term: &'a Term, of: &'a Condition) -> String {
        if let Place::Membership(_) = self.place(&term.name) {
            let inner = self.within(of, &|compiler, part, op, key| match compiler.place(part) {
                Place::Membership(column) => Some(compiler.text(column, op, key)),
                _ => None,
            });
            return self.member_of(&inner);
        }
        // An `eq` that all must fulfil picks the rows; where there is none, the values themselves do.
        let conjuncts = match of {
            Condition::And(parts) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        let driver = conjuncts.iter().rev().find_map(|part| match part {
            Condition::Compare { term, op: Op::Eq, value: Literal::Key(key) } => Some((term, key)),
            _ => None,
        });
        let start = match driver {
            Some((term, key)) => {
                let path = self.bind(Value::from(&term.name));
                format!("a.path = {path} AND {}", self.text("a.attribute_key", Op::Eq, key))
            }
            None => {
                let path = self.bind(Value::from(&term.name));
                format!("a.path = {path}")
            }
        };
        let inner = self.within(of, &|compiler, part, op, key| {
            let path = compiler.bind(Value::from(part));
            let matches = compiler.text("v.attribute_key", op, key);
            Some(same_value(&format!("v.path = {path} AND {matches}")))
        });
        self.indexed(&format!("{start} AND {inner}"))
    }

    /// A condition on the parts of one value; `leaf` says how one comparison reads.
    fn within(&mut self, condition: &'a Condition, leaf: &Leaf<'_, 'a>) -> String {
        match condition {
            Condition::And(parts) => self.join_within(parts, " AND ", leaf),
            Condition::Or(parts) => self.join_within(parts, " OR ", leaf),
            Condition::Not(part) => format!("(NOT {})", self.within(part, leaf)),
            Condition::Any { of, .. } => self.within(of, leaf),
            Condition::Present(term)
            | Condition::Compare { term, op: Op::Ne, value: Literal::Null } => {
                leaf(self, &term.name, Op::Ge, "").unwrap_or_else(|| "(1 = 0)".to_owned())
            }
            Condition::Compare { term, value: Literal::Null, .. } => {
                let present = leaf(self, &term.name, Op::Ge, "");
                format!("(NOT {})", present.unwrap_or_else(|| "(1 = 0)".to_owned()))
            }
            Condition::Compare { term, op, value: Literal::Key(key) } => {
                let positive = if *op == Op::Ne { Op::Eq } else { *op };
                let matches =
                    leaf(self, &term.name, positive, key).unwrap_or_else(|| "(1 = 0)".to_owned());
                if *op == Op::Ne { format!("(NOT {matches})") } else { matches }
            }
        }
    }

    fn join_within(&mut self, parts: &'a [Condition], word: &str, leaf: &Leaf<'_, 'a>) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.within(part, leaf)).collect();
        format!("({})", parts.join(word))
    }

    /// A comparison of a text expression that has a value.
    fn text(&mut self, expression: &str, op: Op, key: &'a str) -> String {
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
                // The greatest character there is: everything that begins with the key lies below.
                let to = self.bind(Value::from(format!("{key}\u{10ffff}")));
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
        let key = self.bind(Value::Text(bounded(key)));
        format!("({expression} {sign} {key})")
    }

    fn instant(&mut self, column: &str, op: Op, key: &'a str) -> String {
        let sign = match op {
            Op::Eq => "=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Ne | Op::Co | Op::Sw | Op::Ew => return "(1 = 0)".to_owned(),
        };
        match Time::parse(key) {
            Some(time) => {
                let time = self.bind(Value::from(time));
                format!("({column} {sign} {time})")
            }
            None => "(1 = 0)".to_owned(),
        }
    }

    fn indexed(&self, matches: &str) -> String {
        format!(
            "(r.id IN (SELECT a.resource_id FROM attribute a WHERE a.account_id = $1 \
             AND a.kind = '{}' AND {matches}))",
            self.kind.as_str()
        )
    }

    fn member_of(&self, matches: &str) -> String {
        let id = match self.kind {
            Kind::User => "s.member_id",
            Kind::Group => "s.group_id",
        };
        format!(
            "(r.id IN (SELECT {id} FROM membership s \
             JOIN member m ON m.account_id = s.account_id AND m.id = s.member_id \
             JOIN user_group g ON g.account_id = s.account_id AND g.id = s.group_id AND g.managed \
             WHERE s.account_id = $1 AND {matches}))"
        )
    }

    /// Values begin at `$2`.
    fn bind(&mut self, value: Value<'a>) -> String {
        self.values.push(value);
        format!("${}", self.values.len() + 1)
    }
}

type Leaf<'l, 'a> = dyn Fn(&mut Compiler<'_, 'a>, &'a str, Op, &'a str) -> Option<String> + 'l;

/// Another part of the value that `a` belongs to.
fn same_value(matches: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM attribute v WHERE v.account_id = $1 \
         AND v.resource_id = a.resource_id AND v.element = a.element AND {matches})"
    )
}

/// Refuses attributes that are made up for each answer, rather than finding nothing by them.
pub fn check(condition: &Condition) -> Result<(), scim::Error> {
    match condition {
        Condition::And(parts) | Condition::Or(parts) => parts.iter().try_for_each(check),
        Condition::Not(part) => check(part),
        Condition::Any { term, of } => check_term(term).and_then(|()| check(of)),
        Condition::Present(term) | Condition::Compare { term, .. } => check_term(term),
    }
}

fn check_term(term: &Term) -> Result<(), scim::Error> {
    const MADE: [&str; 6] =
        ["meta.location", "meta.version", "schemas", "password", "groups.$ref", "members.$ref"];
    if MADE.contains(&term.name.as_str()) {
        return Err(scim::Error::invalid_filter(format!(
            "resources can't be found by `{}`; filter by an attribute that was sent",
            term.name
        )));
    }
    Ok(())
}
