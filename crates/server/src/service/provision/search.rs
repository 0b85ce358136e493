//! Queries over resources: filtered, sorted, and read page by page, by index or by cursor.

use super::cursor::{self, Cursor};
use super::read::{Projections, View, views};
use crate::app::App;
use crate::service::{Caller, Result};
use domain::limits::{SCIM_PAGE_DEFAULT, SCIM_PAGE_MAX};
use domain::permission::Permission::ScimRead;
use scim::filter::{Condition, Filter};
use scim::list::Page;
use scim::search::{Paging, Search};
use scim::sort::{self, Sort};
use store::query::{self, Anchor, Query, Scope, Start};
use store::resource::Kind;
use store::{Conn, resource};

/// A page, and where it lies.
#[derive(Debug)]
pub struct Results {
    pub views: Vec<View>,
    pub total: u64,
    pub place: Place,
}

#[derive(Debug)]
pub enum Place {
    /// The number of the first resource, counting from 1.
    Index(u64),
    Cursor {
        next: Option<String>,
        previous: Option<String>,
    },
}

/// What is asked for, understood.
struct Question {
    conditions: Vec<Option<Condition>>,
    sorts: Vec<Option<Sort>>,
    descending: bool,
    /// Tells this question from every other one.
    fingerprint: String,
}

/// A page of the resources of these kinds. `base` is the URL that locations begin with.
pub async fn search(
    app: &App,
    caller: &Caller,
    kinds: &[Kind],
    search: &Search,
    projections: &Projections,
    base: &str,
) -> Result<Results> {
    caller.require(ScimRead)?;
    caller.require_enterprise()?;
    let question = Question::read(caller, kinds, search)?;
    let scopes = kinds.iter().enumerate().map(|(index, kind)| Scope {
        kind: *kind,
        condition: question.conditions.get(index).and_then(Option::as_ref),
        order: question.sorts.get(index).and_then(Option::as_ref).map(|sort| &sort.term),
    });
    let query = Query { scopes: scopes.collect(), descending: question.descending, base };
    let paging = search.paging(SCIM_PAGE_DEFAULT, SCIM_PAGE_MAX)?;
    let (found, total, place, mut conn) = match paging {
        Paging::Index(page) => {
            let mut conn = app.db.read(&caller.account.id).await?;
            let (found, total) =
                by_index(app, caller, &mut conn, &query, &question.fingerprint, &page).await?;
            (found, total, Place::Index(page.start_index), conn)
        }
        Paging::Cursor { cursor, count } => {
            let key = &app.seal_key(&caller.account.id).await?;
            let sealer = cursor::Sealer { app, caller, key, question: &question.fingerprint };
            let cursor = cursor.map(|text| sealer.open(&text, search.count)).transpose()?;
            let mut conn = app.db.read(&caller.account.id).await?;
            let (found, total, place) =
                by_cursor(&sealer, &mut conn, &query, cursor, count).await?;
            (found, total, place, conn)
        }
    };
    let views = views(&mut conn, found, projections).await?;
    Ok(Results { views, total, place })
}

impl Question {
    fn read(caller: &Caller, kinds: &[Kind], search: &Search) -> Result<Question> {
        let types: Vec<_> = kinds.iter().map(|kind| caller.types.of(*kind)).collect();
        let conditions = match &search.filter {
            None => vec![None; kinds.len()],
            Some(text) => {
                let filter = Filter::parse(text, &domain::limits::scim())?;
                filter.bind_across(&types)?.into_iter().map(Some).collect()
            }
        };
        // What one type is ordered by, another may not have.
        let (mut sorts, mut refusal) = (Vec::new(), None);
        for rt in &types {
            match search.sort(rt) {
                Ok(sort) => sorts.push(sort),
                Err(error) => {
                    sorts.push(None);
                    refusal.get_or_insert(error);
                }
            }
        }
        if let Some(error) = refusal.filter(|_| sorts.iter().all(Option::is_none)) {
            return Err(error.into());
        }
        let descending = search.sort_by.is_some()
            && search.sort_order.unwrap_or_default() == sort::Order::Descending;
        let asked = (kinds, &search.filter, &search.sort_by, descending);
        Ok(Question {
            conditions,
            sorts,
            descending,
            fingerprint: domain::id::derive(&format!("{asked:?}")),
        })
    }
}

/// A page that begins at a number. Where the page before it was just read, its end is remembered: the
/// database need not count its way there, and nobody is skipped who moved up meanwhile.
async fn by_index(
    app: &App,
    caller: &Caller,
    conn: &mut Conn,
    query: &Query<'_>,
    fingerprint: &str,
    page: &Page,
) -> Result<(Vec<resource::Resource>, u64)> {
    let reader = (&caller.account.id, &caller.actor.token_id, fingerprint);
    let mark = |index: u64| domain::id::derive(&format!("{reader:?} {index}"));
    let anchor = app.bookmarks.find(&mark(page.start_index), app.now());
    let start = match &anchor {
        Some(anchor) => Start::After(anchor),
        None => Start::At(page.start_index - 1),
    };
    // Behind a bookmark the total no longer tells whether there is more; one more than asked for does.
    let ahead = u64::from(anchor.is_some() && page.count > 0);
    let mut found = query::page(conn, query, start, page.count + ahead).await?;
    let more = found.len() as u64 > page.count;
    if more {
        found.pop();
    }
    let count = found.len() as u64;
    if let Some(last) = found.last().filter(|_| count == page.count) {
        let next = mark(page.start_index + count);
        app.bookmarks.keep(next, last.anchor.clone(), app.now());
    }
    // A first page that is not full has said it all.
    let total = if page.start_index == 1 && count < page.count {
        count
    } else {
        query::count(conn, query).await?
    };
    // Who was on an earlier page and is gone keeps a number: readers go on until `startIndex` is beyond
    // the total, and must not stop before everybody was shown.
    let shown = page.start_index - 1 + count + u64::from(more);
    let total = if count > 0 { total.max(shown) } else { total };
    Ok((found.into_iter().map(|found| found.resource).collect(), total))
}

/// A page that a cursor points to, or the first one.
async fn by_cursor(
    sealer: &cursor::Sealer<'_>,
    conn: &mut Conn,
    query: &Query<'_>,
    cursor: Option<Cursor>,
    count: u64,
) -> Result<(Vec<resource::Resource>, u64, Place)> {
    let count = cursor.as_ref().map_or(count, |cursor| cursor.count);
    let start = match &cursor {
        None => Start::At(0),
        Some(Cursor { anchor, backward: true, .. }) => Start::Before(anchor),
        Some(Cursor { anchor, .. }) => Start::After(anchor),
    };
    // One more than asked for tells whether there is another page.
    let limit = count.saturating_add(u64::from(count > 0));
    let mut found = query::page(conn, query, start, limit).await?;
    let backward = matches!(start, Start::Before(_)) && !found.is_empty();
    let mut is_first = cursor.is_none();
    if !backward && matches!(start, Start::Before(_)) {
        // Whoever was there is gone, so the page before is the first one.
        found = query::page(conn, query, Start::At(0), limit).await?;
        is_first = true;
    }
    let more = found.len() as u64 > count;
    if more && backward {
        found.remove(0);
    } else if more {
        found.pop();
    }
    let total = match &cursor {
        // Counted once for all pages, where it has to be counted.
        Some(cursor) => cursor.total,
        None if !more && count > 0 => found.len() as u64,
        None => query::count(conn, query).await?,
    };
    let make = |anchor: Option<&Anchor>, backward: bool| {
        let anchor = anchor?.clone();
        Some(sealer.seal(&Cursor { anchor, backward, count, total }))
    };
    let (first, last) = (found.first(), found.last());
    let previous = if backward { more } else { !is_first };
    let next = if backward { true } else { more };
    let place = Place::Cursor {
        previous: make(first.map(|found| &found.anchor).filter(|_| previous), true).transpose()?,
        next: make(last.map(|found| &found.anchor).filter(|_| next), false).transpose()?,
    };
    Ok((found.into_iter().map(|found| found.resource).collect(), total, place))
}
