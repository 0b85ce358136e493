//! A SCIM condition as SQL over resources (`r`).
//!
//! Attributes with a column are compared there. Every other attribute is a row of the index, and a
//! comparison with it is `r.id IN (SELECT …)`, which both databases answer from the index for `eq`,
//! `sw` and the orderings; `co` and `ew` read the index entries of that one attribute. Nothing reads
//! documents. Keys were folded by the protocol crate, so that both databases compare bytes. What
//! [`Condition::matches`] says is right; a random test compares the two.

mod compare;

pub use compare::{beyond, bounded};

use crate::db::{Dialect, Value};
use crate::resource::Kind;
use compare::{KEY_BYTES, is_decisive};
use scim::filter::{Condition, Literal, Op, Term};
use scim::schema::fold;

const TRUE: &str = "(1 = 1)";
const FALSE: &str = "(1 = 0)";

fn truth(holds: bool) -> String {
    if holds { TRUE } else { FALSE }.to_owned()
}

/// The condition as an expression; its parameters are pushed behind `values`, which begin at `$2`.
/// `base` is the URL that locations begin with.
pub(crate) fn compile<'a>(
    condition: &'a Condition,
    kind: Kind,
    base: &str,
    dialect: Dialect,
    values: &mut Vec<Value<'a>>,
) -> String {
    Compiler { kind, base, dialect, values }.condition(condition)
}

struct Compiler<'v, 'a> {
    kind: Kind,
    base: &'v str,
    dialect: Dialect,
    values: &'v mut Vec<Value<'a>>,
}

/// Where a term lives.
pub(crate) enum Place {
    /// With the resource.
    Own(Column),
    /// With the memberships of the resource: one row for each value.
    Shared(Column),
    Meta,
    Schemas,
    Index,
}

/// What is not in the index.
pub(crate) enum Column {
    /// A text that always has a value.
    Text(&'static str),
    Nullable(&'static str),
    Active,
    Instant(&'static str),
    /// The same everywhere.
    Constant(&'static str),
    /// The URL of the resource at an endpoint that has the id in this column.
    Location(&'static str, &'static str),
    Version,
}

/// The row that what stands inside brackets is said of.
#[derive(Clone, Copy)]
enum Inside {
    Membership,
    /// The row `a` of the index, and those of the same value.
    Value,
}

pub(crate) fn place(kind: Kind, name: &str) -> Place {
    use Column::{Active, Constant, Instant, Location, Nullable, Text, Version};
    use Place::{Own, Shared};
    match (kind, name) {
        (_, "id") => Own(Text("r.id")),
        (Kind::User, "userName") | (Kind::Group, "displayName") => Own(Text("r.name_key")),
        (_, "externalId") => Own(Nullable("r.external_id")),
        (Kind::User, "active") => Own(Active),
        (_, "meta") => Place::Meta,
        (_, "meta.created") => Own(Instant("r.created_at")),
        (_, "meta.lastModified") => Own(Instant("r.modified_at")),
        (_, "meta.resourceType") => Own(Constant(kind.as_str())),
        (_, "meta.location") => Own(Location(kind.endpoint(), "r.id")),
        (_, "meta.version") => Own(Version),
        (_, "schemas") => Place::Schemas,
        (Kind::User, "groups" | "groups.value") => Shared(Text("s.group_id")),
        (Kind::User, "groups.$ref") => Shared(Location(Kind::Group.endpoint(), "s.group_id")),
        (Kind::User, "groups.display") => Shared(Text("g.name_key")),
        (Kind::User, "groups.type") => Shared(Constant("direct")),
        (Kind::Group, "members" | "members.value") => Shared(Text("s.member_id")),
        (Kind::Group, "members.$ref") => Shared(Location(Kind::User.endpoint(), "s.member_id")),
        (Kind::Group, "members.display") => Shared(Text("m.email_key")),
        (Kind::Group, "members.type") => Shared(Constant("user")),
        _ => Place::Index,
    }
}

impl<'a> Compiler<'_, 'a> {
    fn condition(&mut self, condition: &'a Condition) -> String {
        match condition {
            Condition::And(parts) => self.join(parts, " AND "),
            Condition::Or(parts) => self.join(parts, " OR "),
            Condition::Not(part) => format!("(NOT {})", self.condition(part)),
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
        match place(self.kind, &term.name) {
            Place::Own(Column::Nullable(column)) => format!("({column} IS NOT NULL)"),
            Place::Own(_) | Place::Meta | Place::Schemas => truth(true),
            Place::Shared(_) => self.member_of(TRUE),
            Place::Index => {
                let path = self.bind(Value::from(&term.name));
                format!("(r.id IN ({}))", self.rows(&format!("a.path = {path}")))
            }
        }
    }

    /// `ne` is the negation of `eq` throughout: it holds where there is no value.
    fn compare(&mut self, term: &'a Term, op: Op, value: &'a Literal) -> String {
        let key = match (op, value) {
            (Op::Ne, Literal::Key(_)) => {
                return format!("(NOT {})", self.compare(term, Op::Eq, value));
            }
            (_, Literal::Key(key)) => key,
            (Op::Eq, Literal::Null) => return format!("(NOT {})", self.present(term)),
            (Op::Ne, Literal::Null) => return self.present(term),
            (_, Literal::Null) => return truth(false),
        };
        match place(self.kind, &term.name) {
            Place::Own(column) => self.column(column, op, key),
            Place::Shared(column) => {
                let matches = self.column(column, op, key);
                self.member_of(&matches)
            }
            Place::Schemas if op.holds(&fold(self.kind.schema()), key) => truth(true),
            Place::Schemas | Place::Index => self.indexed(&term.name, op, key),
            // It has no `value` to be compared.
            Place::Meta => truth(false),
        }
    }

    /// Some value of an indexed attribute. Where the bounded keys don't suffice, those that are cut
    /// are read apart, since they are few: the others stay where the index alone answers.
    fn indexed(&mut self, name: &'a str, op: Op, key: &'a str) -> String {
        let path = self.bind(Value::from(name));
        if is_decisive(op, key) {
            let matches = self.key("a", op, key);
            return format!("(r.id IN ({}))", self.rows(&format!("a.path = {path} AND {matches}")));
        }
        let (short, long) =
            (self.text("a.attribute_key", op, key), self.text("a.long_key", op, key));
        format!(
            "(r.id IN ({} UNION ALL {}))",
            self.rows(&format!(
                "a.path = {path} AND octet_length(a.attribute_key) <= {KEY_BYTES} AND {short}"
            )),
            self.rows(&format!("a.path = {path} AND a.long_key IS NOT NULL AND {long}"))
        )
    }

    /// One value of an attribute fulfils everything.
    fn any(&mut self, term: &'a Term, of: &'a Condition) -> String {
        match place(self.kind, &term.name) {
            // There is one `meta`, and its parts are columns.
            Place::Own(_) | Place::Meta => self.condition(of),
            Place::Shared(_) => {
                let inner = self.within(of, Inside::Membership);
                self.member_of(&inner)
            }
            Place::Schemas if self.core_schema_matches(term, of) => truth(true),
            Place::Schemas | Place::Index => self.any_indexed(term, of),
        }
    }

    /// The URN that every resource has is no row, and needs none to be asked.
    fn core_schema_matches(&self, term: &Term, of: &Condition) -> bool {
        let schemas = serde_json::json!({ "schemas": [self.kind.schema()] });
        let any = Condition::Any { term: term.clone(), of: Box::new(of.clone()) };
        schemas.as_object().is_some_and(|document| any.matches(document))
    }

    fn any_indexed(&mut self, term: &'a Term, of: &'a Condition) -> String {
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
                format!("a.path = {path} AND {}", self.key("a", Op::Eq, key))
            }
            None => {
                let path = self.bind(Value::from(&term.name));
                format!("a.path = {path}")
            }
        };
        let inner = self.within(of, Inside::Value);
        format!("(r.id IN ({}))", self.rows(&format!("{start} AND {inner}")))
    }

    /// A condition on the parts of one value.
    fn within(&mut self, condition: &'a Condition, inside: Inside) -> String {
        match condition {
            Condition::And(parts) => self.join_within(parts, " AND ", inside),
            Condition::Or(parts) => self.join_within(parts, " OR ", inside),
            Condition::Not(part) => format!("(NOT {})", self.within(part, inside)),
            Condition::Any { of, .. } => self.within(of, inside),
            Condition::Present(term) => self.part(&term.name, None, inside),
            Condition::Compare { term, op, value } => {
                let name = term.name.as_str();
                match (op, value) {
                    (Op::Ne, Literal::Key(key)) => {
                        format!("(NOT {})", self.part(name, Some((Op::Eq, key)), inside))
                    }
                    (op, Literal::Key(key)) => self.part(name, Some((*op, key)), inside),
                    (Op::Eq, Literal::Null) => format!("(NOT {})", self.part(name, None, inside)),
                    (Op::Ne, Literal::Null) => self.part(name, None, inside),
                    (_, Literal::Null) => truth(false),
                }
            }
        }
    }

    fn join_within(&mut self, parts: &'a [Condition], word: &str, inside: Inside) -> String {
        let parts: Vec<String> = parts.iter().map(|part| self.within(part, inside)).collect();
        format!("({})", parts.join(word))
    }

    /// One part of a value: that it is there, or how it compares.
    fn part(&mut self, name: &'a str, with: Option<(Op, &'a str)>, inside: Inside) -> String {
        match (inside, place(self.kind, name)) {
            (Inside::Membership, Place::Shared(column)) => match with {
                Some((op, key)) => self.column(column, op, key),
                None => truth(true),
            },
            (Inside::Membership, _) => truth(false),
            (Inside::Value, _) => {
                let path = self.bind(Value::from(name));
                let matches = with.map_or(TRUE.to_owned(), |(op, key)| self.key("v", op, key));
                format!(
                    "EXISTS (SELECT 1 FROM attribute v WHERE v.account_id = $1 \
                     AND v.resource_id = a.resource_id AND v.element = a.element \
                     AND v.path = {path} AND {matches})"
                )
            }
        }
    }

    /// The resources that have such a row in the index.
    fn rows(&self, matches: &str) -> String {
        format!(
            "SELECT a.resource_id FROM attribute a WHERE a.account_id = $1 AND a.kind = '{}' \
             AND {matches}",
            self.kind.as_str()
        )
    }

    fn member_of(&self, matches: &str) -> String {
        let (id, shown) = shown_memberships(self.kind);
        format!("(r.id IN (SELECT {id} FROM {shown} AND {matches}))")
    }

    fn bind(&mut self, value: Value<'a>) -> String {
        bind(self.values, value)
    }
}

/// What a resource shows of memberships: SCIM users in managed groups. The column that has the id of the
/// resource, and the rows.
pub(crate) const fn shown_memberships(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::User => (
            "s.member_id",
            "membership s \
             JOIN member m ON m.account_id = s.account_id AND m.id = s.member_id \
             JOIN user_group g ON g.account_id = s.account_id AND g.id = s.group_id AND g.managed \
             WHERE s.account_id = $1",
        ),
        Kind::Group => (
            "s.group_id",
            "membership s \
             JOIN member m ON m.account_id = s.account_id AND m.id = s.member_id \
             JOIN resource u ON u.account_id = s.account_id AND u.kind = 'User' AND u.id = s.member_id \
             JOIN user_group g ON g.account_id = s.account_id AND g.id = s.group_id AND g.managed \
             WHERE s.account_id = $1",
        ),
    }
}

/// Values begin at `$2`.
pub(crate) fn bind<'a>(values: &mut Vec<Value<'a>>, value: Value<'a>) -> String {
    values.push(value);
    format!("${}", values.len() + 1)
}
