//! Lists: pages, projections and the ListResponse (RFC 7644 sections 3.4.2.4, 3.4.2.5, 3.9,
//! RFC 9865).
//!
//! It reads the query parameters and writes the envelope. Sorting and finding are the database's,
//! and resources arrive as JSON text that is not parsed again.

mod projection;

use serde_json::Value;

pub use self::projection::Projection;
use crate::error::quote;
use crate::schema::LIST_RESPONSE;
use crate::{Error, Result};

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// The first resource, counting from 1.
    pub start_index: u64,
    /// How many at most; 0 asks for the total alone.
    pub count: u64,
}

/// A whole number; a negative one counts as 0, and one beyond 63 bits as the last within.
pub(crate) fn number(name: &str, text: Option<&str>) -> Result<Option<u64>> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let found = quote(text);
        return Err(Error::invalid_value(format!("`{name}` must be a whole number, not {found}")));
    }
    if text.starts_with('-') {
        return Ok(Some(0));
    }
    Ok(Some(digits.parse().unwrap_or(u64::MAX).min(i64::MAX as u64)))
}

/// The ListResponse around resources that are JSON text already.
pub fn response(total: u64, start_index: u64, resources: Vec<String>) -> String {
    let place = format!(r#""totalResults":{total},"startIndex":{start_index},"#);
    envelope(&place, &resources)
}

/// The ListResponse of a page by cursor (RFC 9865 section 2). Without `next` it is the last page,
/// without `total` nobody has counted. `previous` is never for the first page.
pub fn cursor_response(
    total: Option<u64>,
    next: Option<&str>,
    previous: Option<&str>,
    resources: Vec<String>,
) -> String {
    let mut place = String::new();
    if let Some(total) = total {
        place.push_str(&format!(r#""totalResults":{total},"#));
    }
    for (name, cursor) in [("previousCursor", previous), ("nextCursor", next)] {
        if let Some(cursor) = cursor {
            place.push_str(&format!(r#""{name}":{},"#, Value::from(cursor)));
        }
    }
    envelope(&place, &resources)
}

fn envelope(place: &str, resources: &[String]) -> String {
    let size: usize = resources.iter().map(|resource| resource.len() + 1).sum();
    let mut text = String::with_capacity(size + place.len() + 120);
    text.push_str(&format!(
        r#"{{"schemas":["{LIST_RESPONSE}"],{place}"itemsPerPage":{},"Resources":["#,
        resources.len()
    ));
    for (index, resource) in resources.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(resource);
    }
    text.push_str("]}");
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn envelopes() {
        let read = |text: String| serde_json::from_str::<Value>(&text).unwrap();
        assert_eq!(
            read(response(0, 1, vec![])),
            json!({ "schemas": [LIST_RESPONSE], "totalResults": 0, "startIndex": 1,
                "itemsPerPage": 0, "Resources": [] })
        );
        let two = read(response(12, 11, vec!["{\"id\":\"1\"}".into(), "{\"id\":\"2\"}".into()]));
        assert_eq!(two["Resources"], json!([{ "id": "1" }, { "id": "2" }]));
        assert_eq!((&two["itemsPerPage"], &two["startIndex"]), (&json!(2), &json!(11)));
        assert_eq!(
            read(cursor_response(Some(7), Some("n"), Some("p\""), vec!["{}".into()])),
            json!({ "schemas": [LIST_RESPONSE], "totalResults": 7, "nextCursor": "n",
                "previousCursor": "p\"", "itemsPerPage": 1, "Resources": [{}] })
        );
        assert_eq!(
            read(cursor_response(None, None, None, vec![])),
            json!({ "schemas": [LIST_RESPONSE], "itemsPerPage": 0, "Resources": [] })
        );
    }
}
