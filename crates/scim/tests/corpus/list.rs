//! Lists: pages stay in their bounds, projections only drop, and never what must stay.

use scim::Document;
use scim::list::{Projection, response};
use scim::schema::{Attribute, Returned};
use scim::search::{Paging, Search};
use serde_json::Value;

use super::fixture::{FIXTURES, Fixture, body};

/// The input is four lines: `startIndex`, `count`, `attributes` and `excludedAttributes`; an empty
/// line and a missing one are a missing parameter.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut lines = text.splitn(4, '\n').map(|line| Some(line).filter(|line| !line.is_empty()));
    let mut next = || lines.next().flatten();
    let (start, count, attributes, excluded) = (next(), next(), next(), next());
    paged(start, count);
    for fixture in FIXTURES.iter() {
        match Projection::parse(attributes, excluded, &fixture.rt) {
            Ok(projection) => projected(&projection, fixture),
            Err(error) => assert_eq!(error.status, 400, "{error}"),
        }
    }
}

fn paged(start: Option<&str>, count: Option<&str>) {
    let get = |name: &str| match name {
        "startIndex" => start,
        "count" => count,
        _ => None,
    };
    let page = match Search::from_query(get).and_then(|search| search.paging(20, 100)) {
        Ok(Paging::Index(page)) => page,
        Ok(Paging::Cursor { .. }) => unreachable!("there is no cursor"),
        Err(error) => return assert_eq!(error.status, 400, "{error}"),
    };
    assert!((1..=i64::MAX as u64).contains(&page.start_index), "{page:?}");
    assert!(page.count <= 100, "{page:?}");
    let resources = FIXTURES.iter().map(|fixture| body(&fixture.stored));
    let texts = resources.clone().map(|resource| resource.to_string()).collect();
    let list: Value = serde_json::from_str(&response(page.count, page.start_index, texts))
        .expect("the envelope is JSON");
    assert_eq!(list["startIndex"], page.start_index);
    assert_eq!(list["Resources"], resources.collect::<Value>());
}

fn projected(projection: &Projection, fixture: &Fixture) {
    let Fixture { rt, served, .. } = fixture;
    let mut after = served.clone();
    projection.apply(&mut after, rt);
    let mut again = after.clone();
    projection.apply(&mut again, rt);
    assert_eq!(again, after, "projected twice");
    assert!(is_part(&body(&after), &body(served)), "{after:?} is not of {served:?}");
    for name in ["id", "schemas"] {
        assert_eq!(after.get(name), served.get(name), "{name}");
    }
    for attribute in &rt.schema.attributes {
        kept(attribute, projection, served, &after);
    }
}

fn kept(attribute: &Attribute, projection: &Projection, before: &Document, after: &Document) {
    let name = attribute.name.as_str();
    let (before, after) = (before.get(name), after.get(name));
    match attribute.returned {
        Returned::Always => assert_eq!(after, before, "{name} stays"),
        Returned::Never => assert_eq!(after, None, "{name} is never shown"),
        Returned::Request => assert!(*projection != Projection::all() || after.is_none(), "{name}"),
        Returned::Default => {
            assert!(
                *projection != Projection::all() || after == before,
                "{name} is there by default"
            );
            assert!(projection.wants(name) || after.is_none(), "{name} was not wanted");
        }
    }
}

/// Whether a value is another, less some of its parts.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(parts), Value::Object(whole)) => parts
            .iter()
            .all(|(name, part)| whole.get(name).is_some_and(|whole| is_part(part, whole))),
        (Value::Array(parts), Value::Array(whole)) => {
            let mut rest = whole.iter();
            parts.iter().all(|part| rest.any(|whole| is_part(part, whole)))
        }
        (part, whole) => part == whole,
    }
}
