//! Filters: what is read prints to itself, and a condition means one thing everywhere.

use scim::filter::{Condition, Filter, Op};
use scim::path::AttrPath;
use scim::resource::leaves;

use super::fixture::{FIXTURES, Fixture, generous, limits};
use super::index;

/// The input is a filter.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let filter = match Filter::parse(text, &limits()) {
        Ok(filter) => filter,
        Err(error) => return assert_eq!(error.status, 400, "{error}"),
    };
    assert!(filter.terms() <= limits().filter_terms, "{filter}");
    let printed = filter.to_string();
    let again = Filter::parse(&printed, &generous());
    assert_eq!(again.as_ref(), Ok(&filter), "{text} became {printed}");
    for fixture in FIXTURES.iter() {
        bound(&filter, fixture);
    }
}

fn bound(filter: &Filter, fixture: &Fixture) {
    let rt = &fixture.rt;
    let condition = match filter.bind(rt) {
        Ok(condition) => condition,
        Err(error) => return assert_eq!(error.status, 400, "{error}"),
    };
    assert_eq!(shouted(filter).bind(rt).as_ref(), Ok(&condition), "{filter} in capitals");
    let not = Filter::Not(Box::new(filter.clone())).bind(rt).expect("its inside is bound");
    for document in [&fixture.stored, &fixture.served] {
        let holds = condition.matches(document);
        assert_eq!(not.matches(document), !holds, "not ({filter})");
        assert_eq!(opposite(&condition).matches(document), !holds, "the opposite of {filter}");
        // The index knows the extensions of a document; what the server shows of them is its own.
        if !filter.to_string().to_ascii_lowercase().contains("schemas") {
            let found = index::holds(&condition, &leaves(document, rt, &[]));
            assert_eq!(found, holds, "the index about {filter}");
        }
    }
}

/// The same with all names in capitals.
fn shouted(filter: &Filter) -> Filter {
    let all = |parts: &[Filter]| parts.iter().map(shouted).collect();
    let loud = |path: &AttrPath| AttrPath {
        urn: path.urn.as_deref().map(str::to_ascii_uppercase),
        name: path.name.to_ascii_uppercase(),
        sub: path.sub.as_deref().map(str::to_ascii_uppercase),
        at: path.at,
    };
    match filter {
        Filter::And(parts) => Filter::And(all(parts)),
        Filter::Or(parts) => Filter::Or(all(parts)),
        Filter::Not(part) => Filter::Not(Box::new(shouted(part))),
        Filter::Present(path) => Filter::Present(loud(path)),
        Filter::Compare { path, op, value } => {
            Filter::Compare { path: loud(path), op: *op, value: value.clone() }
        }
        Filter::Any { path, filter } => {
            Filter::Any { path: loud(path), filter: Box::new(shouted(filter)) }
        }
    }
}

/// The negation by De Morgan's laws: `ne` where `eq` was, and `not` where nothing else will do.
fn opposite(condition: &Condition) -> Condition {
    let all = |parts: &[Condition]| parts.iter().map(opposite).collect();
    match condition {
        Condition::And(parts) => Condition::Or(all(parts)),
        Condition::Or(parts) => Condition::And(all(parts)),
        Condition::Not(part) => (**part).clone(),
        Condition::Compare { term, op: op @ (Op::Eq | Op::Ne), value } => Condition::Compare {
            term: term.clone(),
            op: if *op == Op::Eq { Op::Ne } else { Op::Eq },
            value: value.clone(),
        },
        other => Condition::Not(Box::new(other.clone())),
    }
}
