//! The order of a query as SQL, and what it means to stand behind a resource in it.
//!
//! Ties are broken by the id, so that every resource has one place. Descending is the exact reverse of
//! ascending, as RFC 7644 section 3.4.2.3 has it: resources without a value come last, or first.

use super::{Anchor, Key, Query};
use crate::db::Value;
use crate::filter::{self, Column, Place, bind};
use crate::resource::Kind;
use scim::filter::Term;

/// What resources are ordered by before their id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Id,
    /// A column in which every resource has a value, and which an index may serve.
    Column(&'static str),
    /// An expression that some resources have no value for.
    Value(String),
}

pub(super) fn of<'a>(query: &'a Query<'_>, values: &mut Vec<Value<'a>>) -> Order {
    match query.scopes.as_slice() {
        [one] => one.order.map_or(Order::Id, |term| by(term, one.kind, values)),
        several if several.iter().all(|scope| scope.order.is_none_or(is_place)) => {
            Order::Column("r.kind")
        }
        several => {
            let mut cases = String::new();
            for scope in several {
                let Some(term) = scope.order else { continue };
                let key = match by(term, scope.kind, values) {
                    Order::Id => "r.id".to_owned(),
                    Order::Column(column) => column.to_owned(),
                    Order::Value(value) => value,
                };
                cases.push_str(&format!("WHEN '{}' THEN {key} ", scope.kind.as_str()));
            }
            Order::Value(format!("(CASE r.kind {cases}END)"))
        }
    }
}

/// Locations of different kinds differ by their endpoints first, which sort as the kinds do.
fn is_place(term: &Term) -> bool {
    term.name == "meta.location"
}

fn by<'a>(term: &'a Term, kind: Kind, values: &mut Vec<Value<'a>>) -> Order {
    match filter::place(kind, &term.name) {
        // Locations differ by their ids alone.
        Place::Own(Column::Text("r.id") | Column::Location(..)) => Order::Id,
        Place::Own(Column::Text(column)) => Order::Column(column),
        Place::Own(Column::Nullable(column) | Column::Instant(column)) => {
            Order::Value(column.to_owned())
        }
        Place::Own(Column::Active) => {
            Order::Value("(CASE WHEN r.active THEN 'true' ELSE 'false' END)".to_owned())
        }
        Place::Own(Column::Version) | Place::Shared(Column::Version) => {
            Order::Value("r.version".to_owned())
        }
        // The same for all of a kind; the core schemas, which are the first ones, sort as the kinds do.
        Place::Own(Column::Constant(_)) | Place::Schemas => Order::Column("r.kind"),
        Place::Shared(Column::Constant(constant)) => shared(kind, &format!("'{constant}'")),
        Place::Shared(
            Column::Text(column)
            | Column::Nullable(column)
            | Column::Instant(column)
            | Column::Location(_, column),
        ) => shared(kind, column),
        Place::Shared(Column::Active) | Place::Meta | Place::Index => indexed(term, values),
    }
}

/// The first one of those that are shown, in the order in which they are.
fn shared(kind: Kind, column: &str) -> Order {
    let (own, shown) = filter::shown_memberships(kind);
    let other = match kind {
        Kind::User => "s.group_id",
        Kind::Group => "s.member_id",
    };
    Order::Value(format!(
        "(SELECT {column} FROM {shown} AND {own} = r.id ORDER BY {other} LIMIT 1)"
    ))
}

/// An attribute of the index; of several values the primary one, else the first.
fn indexed<'a>(term: &'a Term, values: &mut Vec<Value<'a>>) -> Order {
    let path = bind(values, Value::from(&term.name));
    if !term.multi_valued {
        return Order::Value(format!(
            "(SELECT a.attribute_key FROM attribute a WHERE a.account_id = $1 \
             AND a.resource_id = r.id AND a.path = {path} AND a.element = 0)"
        ));
    }
    let holder = term.name.rsplit_once('.').map_or(term.name.as_str(), |(holder, _)| holder);
    let primary = bind(values, Value::from(format!("{holder}.primary")));
    Order::Value(format!(
        "(SELECT a.attribute_key FROM attribute a WHERE a.account_id = $1 \
         AND a.resource_id = r.id AND a.path = {path} AND a.element = COALESCE(\
         (SELECT MIN(p.element) FROM attribute p WHERE p.account_id = $1 \
         AND p.resource_id = r.id AND p.path = {primary} AND p.attribute_key = 'true'), 0))"
    ))
}

impl Order {
    /// The key as a column of the page.
    pub(super) fn key(&self) -> &str {
        match self {
            Order::Id => "NULL",
            Order::Column(column) => column,
            Order::Value(_) => "q.sort_key",
        }
    }

    const fn id(&self) -> &'static str {
        if matches!(self, Order::Value(_)) { "q.id" } else { "r.id" }
    }

    /// What stands behind ORDER BY.
    pub(super) fn sorted(&self, descending: bool) -> String {
        let (key, id) = (self.key(), self.id());
        let way = if descending { " DESC" } else { "" };
        match self {
            Order::Id => format!("{id}{way}"),
            Order::Column(_) => format!("{key}{way}, {id}{way}"),
            Order::Value(_) => {
                format!("CASE WHEN {key} IS NULL THEN 1 ELSE 0 END{way}, {key}{way}, {id}{way}")
            }
        }
    }

    /// Whether a resource comes after another one.
    pub(super) fn behind<'a>(
        &self,
        anchor: &'a Anchor,
        descending: bool,
        values: &mut Vec<Value<'a>>,
    ) -> String {
        let sign = if descending { "<" } else { ">" };
        let (key, own_id) = (self.key(), self.id());
        let id = bind(values, Value::from(&anchor.id));
        let other = match (&anchor.key, self) {
            (_, Order::Id) => return format!("{own_id} {sign} {id}"),
            (None, _) => {
                // Whoever has no value is last, so everybody with one comes after it on the way back.
                let valued =
                    if descending { format!("{key} IS NOT NULL OR ") } else { String::new() };
                return format!("({valued}({key} IS NULL AND {own_id} {sign} {id}))");
            }
            (Some(Key::Text(text)), _) => bind(values, Value::from(text)),
            (Some(Key::Number(number)), _) => bind(values, Value::from(*number)),
        };
        match self {
            Order::Column(_) => format!("({key}, {own_id}) {sign} ({other}, {id})"),
            Order::Id | Order::Value(_) => {
                let valueless =
                    if descending { String::new() } else { format!(" OR {key} IS NULL") };
                format!(
                    "({key} {sign} {other} OR ({key} = {other} AND {own_id} {sign} {id}){valueless})"
                )
            }
        }
    }
}
