//! Pages of SCIM resources: which ones, in which order, from where on.
//!
//! A page begins behind a resource (its [`Anchor`]) or, for whoever jumps, at a number. Behind an
//! anchor a page costs the same wherever it lies. An order that an index serves reads the page alone;
//! any other sorts the keys of what was found, never the documents.

mod order;

use crate::db::{Cell, Conn, Dialect, Row, Value};
use crate::error::{Error, Result};
use crate::filter;
use crate::resource::{self, COLUMN_COUNT, COLUMNS, Kind, Resource};
use order::Order;
use scim::filter::{Condition, Term};

/// What to find and how to order it.
#[derive(Clone, Debug)]
pub struct Query<'a> {
    /// One for each kind of resource that is looked for.
    pub scopes: Vec<Scope<'a>>,
    pub descending: bool,
    /// The URL that locations begin with.
    pub base: &'a str,
}

#[derive(Clone, Debug)]
pub struct Scope<'a> {
    pub kind: Kind,
    pub condition: Option<&'a Condition>,
    /// What to order by; without it the order of creation.
    pub order: Option<&'a Term>,
}

/// Where a resource stands in the order of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub key: Option<Key>,
    pub id: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    Text(String),
    Number(i64),
}

/// Where a page begins.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// After this many resources, which are counted off one by one.
    At(u64),
    After(&'a Anchor),
    /// The page that ends right before it.
    Before(&'a Anchor),
}

#[derive(Debug)]
pub struct Found {
    pub resource: Resource,
    pub anchor: Anchor,
}

/// At most `limit` resources, in the order of the query.
pub async fn page(
    conn: &mut Conn,
    query: &Query<'_>,
    start: Start<'_>,
    limit: u64,
) -> Result<Vec<Found>> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let mut text = Text { query, dialect: conn.dialect(), values: Vec::new() };
    let backward = matches!(start, Start::Before(_));
    let sql = text.page(start, limit);
    let rows = conn.scan(&sql, &text.values).await?;
    let mut found = rows.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    if backward {
        found.reverse();
    }
    Ok(found)
}

/// How many resources the query finds. Where everything is found, that is kept and not counted.
pub async fn count(conn: &mut Conn, query: &Query<'_>) -> Result<u64> {
    if query.scopes.iter().all(|scope| scope.condition.is_none()) {
        let mut total = 0;
        for scope in &query.scopes {
            total += resource::count(conn, scope.kind).await?;
        }
        return Ok(total);
    }
    let mut text = Text { query, dialect: conn.dialect(), values: Vec::new() };
    let sql = format!("SELECT COUNT(*) FROM resource r WHERE {}", text.found());
    let rows = conn.scan(&sql, &text.values).await?;
    rows.first().ok_or(Error::Corrupt("a count"))?.count(0)
}

struct Text<'q, 'a> {
    query: &'q Query<'a>,
    dialect: Dialect,
    values: Vec<Value<'q>>,
}

impl<'q> Text<'q, '_> {
    fn page(&mut self, start: Start<'q>, limit: u64) -> String {
        let found = self.found();
        let order = order::of(self.query, &mut self.values);
        let descending = self.query.descending != matches!(start, Start::Before(_));
        let sorted = order.sorted(descending);
        let (from, offset) = match start {
            Start::At(offset) => ("(1 = 1)".to_owned(), offset),
            Start::After(anchor) | Start::Before(anchor) => {
                (order.behind(anchor, descending, &mut self.values), 0)
            }
        };
        let (limit, offset) = (self.bind(Value::from(limit)), self.bind(Value::from(offset)));
        let key = order.key();
        match &order {
            Order::Id | Order::Column(_) => format!(
                "SELECT {COLUMNS}, {key} FROM resource r WHERE {found} AND {from} \
                 ORDER BY {sorted} LIMIT {limit} OFFSET {offset}"
            ),
            Order::Value(value) => format!(
                "WITH q AS MATERIALIZED \
                 (SELECT r.kind, r.id, {value} AS sort_key FROM resource r WHERE {found}), \
                 p AS MATERIALIZED (SELECT q.kind, q.id, q.sort_key FROM q \
                 WHERE {from} ORDER BY {sorted} LIMIT {limit} OFFSET {offset}) \
                 SELECT {COLUMNS}, q.sort_key FROM p q \
                 JOIN resource r ON r.account_id = $1 AND r.kind = q.kind AND r.id = q.id \
                 ORDER BY {sorted}"
            ),
        }
    }

    /// What a resource must fulfil to be found at all.
    fn found(&mut self) -> String {
        let scopes = &self.query.scopes;
        // Said of each kind, it would hide from the databases that the order is that of an index.
        if scopes.len() == Kind::ALL.len() && scopes.iter().all(|scope| scope.condition.is_none()) {
            return "r.account_id = $1".to_owned();
        }
        let of_one: Vec<String> = scopes.iter().map(|scope| self.of(scope)).collect();
        format!("r.account_id = $1 AND ({})", of_one.join(" OR "))
    }

    fn of(&mut self, scope: &Scope<'q>) -> String {
        let kind = scope.kind.as_str();
        match scope.condition {
            None => format!("r.kind = '{kind}'"),
            Some(condition) => {
                let condition = filter::compile(
                    condition,
                    scope.kind,
                    self.query.base,
                    self.dialect,
                    &mut self.values,
                );
                format!("r.kind = '{kind}' AND {condition}")
            }
        }
    }

    fn bind(&mut self, value: Value<'q>) -> String {
        filter::bind(&mut self.values, value)
    }
}

fn read(mut row: Row) -> Result<Found> {
    let key = match row.cell(COLUMN_COUNT) {
        Cell::Text(text) => Some(Key::Text(text)),
        Cell::Int(number) => Some(Key::Number(number)),
        Cell::Null | Cell::Bool(_) => None,
    };
    let resource = resource::read(row)?;
    Ok(Found { anchor: Anchor { key, id: resource.id.clone() }, resource })
}
