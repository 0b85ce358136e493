//! The parameters of a query, from a URL or from the body of `/.search` (RFC 7644 section 3.4.3,
//! RFC 9865).
//!
//! Both say the same and end in the same [`Search`]. What a filter or a path means depends on the
//! resource type and is found later.

use serde_json::Value;

use crate::envelope::{member, open, text, whole};
use crate::error::describe;
use crate::list::{Page, Projection, number};
use crate::schema::{ResourceType, SEARCH_REQUEST};
use crate::sort::{Order, Sort};
use crate::{Error, Result};

/// What a client asks for. A parameter that is empty is not there, but for `cursor` and for `filter`,
/// which is refused then: everybody is no answer to a filter that was lost on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// The filter as it was written.
    pub filter: Option<String>,
    /// The path of the attribute to sort by.
    pub sort_by: Option<String>,
    /// The direction, which means nothing without `sort_by`.
    pub sort_order: Option<Order>,
    /// As asked for; 0 stands for everything below 1.
    pub start_index: Option<u64>,
    /// As asked for; 0 stands for everything negative.
    pub count: Option<u64>,
    /// Where to go on; `""` asks for the first page by cursor.
    pub cursor: Option<String>,
    /// Names with commas between them.
    pub attributes: Option<String>,
    /// Names with commas between them.
    pub excluded_attributes: Option<String>,
}

/// Which part of the results is asked for, and by which of the two methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paging {
    /// RFC 7644 section 3.4.2.4.
    Index(Page),
    /// RFC 9865.
    Cursor {
        /// What an answer gave as `nextCursor` or `previousCursor`; none for the first page.
        cursor: Option<String>,
        /// How many resources at most; 0 asks for the total alone.
        count: u64,
    },
}

impl Search {
    /// Reads the body of a SearchRequest.
    pub fn from_body(body: &Value) -> Result<Search> {
        let body = open(body, SEARCH_REQUEST, "a search")?;
        let given = |name: &str| text(body, name).map(non_blank);
        let cursor = text(body, "cursor")?;
        let amount = |name: &str| Ok(whole(body, name)?.map(|it| u64::try_from(it).unwrap_or(0)));
        let names = |name: &str| match member(body, name) {
            Some(Value::Array(values)) => join(name, values),
            _ => given(name),
        };
        Search {
            filter: text(body, "filter")?.map(Into::into),
            sort_by: given("sortBy")?,
            sort_order: order(text(body, "sortOrder")?)?,
            start_index: amount("startIndex")?,
            count: amount("count").map_err(|error| count_error(error, cursor))?,
            cursor: cursor.map(Into::into),
            attributes: names("attributes")?,
            excluded_attributes: names("excludedAttributes")?,
        }
        .checked()
    }

    /// Reads the parameters of a URL; `get` finds one by name, decoded.
    pub fn from_query<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Search> {
        let cursor = get("cursor");
        Search {
            filter: get("filter").map(Into::into),
            sort_by: non_blank(get("sortBy")),
            sort_order: order(get("sortOrder"))?,
            start_index: number("startIndex", get("startIndex"))?,
            count: number("count", get("count")).map_err(|error| count_error(error, cursor))?,
            cursor: cursor.map(Into::into),
            attributes: non_blank(get("attributes")),
            excluded_attributes: non_blank(get("excludedAttributes")),
        }
        .checked()
    }

    /// The page that is asked for. By index a `count` beyond the maximum is cut down to it; by
    /// cursor it is refused, as table 3 of RFC 9865 has it.
    pub fn paging(&self, default: u64, max: u64) -> Result<Paging> {
        let Some(cursor) = &self.cursor else {
            let start_index = self.start_index.unwrap_or(1).max(1);
            let count = self.count.unwrap_or(default).min(max);
            return Ok(Paging::Index(Page { start_index, count }));
        };
        let count = match self.count {
            None => default.min(max),
            Some(count) if count <= max => count,
            Some(count) => {
                return Err(Error::invalid_count(format!(
                    "`count` must be between 0 and {max} with a cursor, not `{count}`"
                )));
            }
        };
        Ok(Paging::Cursor { cursor: Some(cursor.clone()).filter(|it| !it.is_empty()), count })
    }

    /// The order that is asked for.
    pub fn sort(&self, rt: &ResourceType) -> Result<Option<Sort>> {
        let order = self.sort_order.unwrap_or_default();
        self.sort_by.as_deref().map(|path| Sort::parse(path, order, rt)).transpose()
    }

    /// The attributes that are asked for.
    pub fn projection(&self, rt: &ResourceType) -> Result<Projection> {
        Projection::parse(self.attributes.as_deref(), self.excluded_attributes.as_deref(), rt)
    }

    /// What can be said about the parameters together.
    fn checked(self) -> Result<Search> {
        let Some(cursor) = &self.cursor else {
            return Ok(self);
        };
        if self.start_index.is_some() {
            return Err(Error::invalid_value(
                "`startIndex` and `cursor` exclude each other: send one of them",
            ));
        }
        // RFC 9865 table 1: the unreserved characters of RFC 3986. The cursor is not repeated.
        let is_unreserved =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if cursor.bytes().all(is_unreserved) {
            return Ok(self);
        }
        Err(Error::invalid_cursor(
            "`cursor` must be empty or the `nextCursor` or `previousCursor` of an answer",
        ))
    }
}

fn non_blank(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(Into::into)
}

fn order(text: Option<&str>) -> Result<Option<Order>> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(Order::parse).transpose()
}

/// RFC 9865 has a keyword of its own for a wrong `count`, but only beside a cursor.
fn count_error(error: Error, cursor: Option<&str>) -> Error {
    if cursor.is_some() { Error::invalid_count(error.detail) } else { error }
}

fn join(name: &str, values: &[Value]) -> Result<Option<String>> {
    let mut names = Vec::with_capacity(values.len());
    for value in values {
        let Value::String(text) = value else {
            let found = describe(value);
            return Err(Error::invalid_value(format!(
                "`{name}` must hold strings only, not {found}"
            )));
        };
        names.push(text.as_str());
    }
    Ok(non_blank(Some(&names.join(","))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::ScimType;
    use crate::schema::user_type;

    fn body(mut parameters: Value) -> Result<Search> {
        parameters["schemas"] = json!([SEARCH_REQUEST]);
        Search::from_body(&parameters)
    }

    fn query(parameters: &[(&str, &str)]) -> Result<Search> {
        Search::from_query(|name| {
            parameters.iter().find(|(key, _)| *key == name).map(|(_, value)| *value)
        })
    }

    #[test]
    fn both_ways_are_one() {
        let expected = Search {
            filter: Some("userName sw \"a\"".into()),
            sort_by: Some("name.familyName".into()),
            sort_order: Some(Order::Descending),
            start_index: Some(11),
            count: Some(5),
            cursor: None,
            attributes: Some("userName,emails".into()),
            excluded_attributes: None,
        };
        let by_body = body(json!({
            "FILTER": "userName sw \"a\"", "sortby": "name.familyName", "SortOrder": "DESCENDING",
            "startIndex": 11, "count": "5", "Attributes": ["userName", "emails"],
            "excludedAttributes": [], "cursor": null, "unknown": 1
        }));
        assert_eq!(by_body, Ok(expected.clone()));
        let by_query = query(&[
            ("filter", "userName sw \"a\""),
            ("sortBy", "name.familyName"),
            ("sortOrder", "Descending"),
            ("startIndex", "11"),
            ("count", "5"),
            ("attributes", "userName,emails"),
            ("excludedAttributes", " "),
        ]);
        assert_eq!(by_query, Ok(expected.clone()));
        assert_eq!(body(json!({})), Ok(Search::default()));
        assert_eq!(
            query(&[("sortOrder", ""), ("sortBy", ""), ("count", "")]),
            Ok(Search::default())
        );
        assert_eq!(
            body(json!({ "attributes": "a,b" })).unwrap().attributes.as_deref(),
            Some("a,b")
        );
        let sort = expected.sort(&user_type()).unwrap().unwrap();
        assert_eq!((sort.term.name.as_str(), sort.descending), ("name.familyName", true));
        assert!(!expected.projection(&user_type()).unwrap().wants("title"));
        assert_eq!(Search::default().sort(&user_type()), Ok(None));
    }

    #[test]
    fn refusals() {
        use ScimType::{InvalidCount, InvalidCursor, InvalidSyntax, InvalidValue};
        for (parameters, scim_type, says) in [
            (json!({ "filter": 5 }), InvalidValue, "`filter` must be a string, not a number"),
            (json!({ "sortBy": ["a"] }), InvalidValue, "`sortBy`"),
            (json!({ "sortOrder": "up" }), InvalidValue, "`up`"),
            (json!({ "sortOrder": true }), InvalidValue, "a boolean"),
            (json!({ "startIndex": "x" }), InvalidValue, "`startIndex`"),
            (json!({ "startIndex": 1.5 }), InvalidValue, "`1.5`"),
            (json!({ "count": {} }), InvalidValue, "`count`"),
            (json!({ "count": "x", "cursor": "" }), InvalidCount, "`count`"),
            (json!({ "cursor": 5 }), InvalidValue, "`cursor`"),
            (json!({ "cursor": "a b" }), InvalidCursor, "`nextCursor`"),
            (json!({ "cursor": "", "startIndex": 1 }), InvalidValue, "exclude"),
            (json!({ "attributes": { "a": 1 } }), InvalidValue, "an object"),
            (json!({ "attributes": ["a", 1] }), InvalidValue, "strings only, not a number"),
            (json!({ "count": 1, "Count": 2 }), InvalidSyntax, "twice"),
        ] {
            let error = body(parameters.clone()).unwrap_err();
            assert_eq!((error.status, error.scim_type), (400, Some(scim_type)), "{parameters}");
            assert!(error.detail.contains(says), "{parameters}: {error}");
        }
        for (parameters, scim_type) in [
            ([("count", "x"), ("cursor", "")], InvalidCount),
            ([("count", "x"), ("filter", "")], InvalidValue),
            ([("startIndex", "1"), ("cursor", "a")], InvalidValue),
            ([("cursor", "é"), ("count", "1")], InvalidCursor),
            ([("sortBy", "id"), ("sortOrder", "asc")], InvalidValue),
        ] {
            let error = query(&parameters).unwrap_err();
            assert_eq!(error.scim_type, Some(scim_type), "{parameters:?}");
        }
        let other = Search::from_body(&json!({ "schemas": ["urn:x"] })).unwrap_err();
        assert!(other.detail.contains("SearchRequest"));
    }

    #[test]
    fn pages() {
        let check = |parameters: Value, expected: Paging| {
            let paging = body(parameters.clone()).unwrap().paging(20, 100);
            assert_eq!(paging, Ok(expected), "{parameters}");
        };
        let index = |start_index, count| Paging::Index(Page { start_index, count });
        check(json!({}), index(1, 20));
        check(json!({ "startIndex": 0, "count": -5 }), index(1, 0));
        check(json!({ "startIndex": -3, "count": 1000 }), index(1, 100));
        check(json!({ "startIndex": 1e300 }), index(i64::MAX as u64, 20));
        let cursor =
            |cursor: Option<&str>, count| Paging::Cursor { cursor: cursor.map(Into::into), count };
        check(json!({ "cursor": "" }), cursor(None, 20));
        check(json!({ "cursor": "VZ-._~9", "count": 100 }), cursor(Some("VZ-._~9"), 100));
        check(json!({ "cursor": "a", "count": -1 }), cursor(Some("a"), 0));
        let beyond = body(json!({ "cursor": "", "count": 101 })).unwrap().paging(20, 100);
        let error = beyond.unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidCount));
        assert!(error.detail.contains("between 0 and 100"), "{error}");
        assert_eq!(Search::default().paging(500, 100), Ok(index(1, 100)));
    }

    #[test]
    fn pages_of_a_url() {
        let page = |start: &str, count: &str, default: u64| {
            let search = query(&[("startIndex", start), ("count", count)])?;
            search.paging(default, 100)
        };
        for (start, count, expected) in [
            ("11", "5", (11, 5)),
            ("0", "0", (1, 0)),
            ("-3", "-1", (1, 0)),
            ("+2", "1000", (2, 100)),
            ("", " 7 ", (1, 7)),
            ("99999999999999999999", "99999999999999999999", (i64::MAX as u64, 100)),
            ("-99999999999999999999", "", (1, 20)),
        ] {
            let (start_index, size) = expected;
            let expected = Paging::Index(Page { start_index, count: size });
            assert_eq!(page(start, count, 20), Ok(expected), "{start:?} {count:?}");
        }
        for bad in ["x", "1.5", "-", "1e3", "٣"] {
            let error = page(bad, "", 20).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{bad}");
        }
        let most = Paging::Index(Page { start_index: 1, count: 100 });
        assert_eq!(page("", "", 500), Ok(most));
    }

    proptest! {
        #[test]
        fn any_text_is_safe(name in "count|startIndex|cursor|sortOrder", value in "\\PC{0,20}") {
            let _ = query(&[(&name, &value)]);
            let mut parameters = json!({});
            parameters[&name] = json!(value);
            let _ = body(parameters);
        }

        #[test]
        fn numbers_mean_the_same_in_both(value in any::<i64>()) {
            prop_assert_eq!(
                query(&[("count", &value.to_string())]),
                body(json!({ "count": value }))
            );
        }
    }
}
