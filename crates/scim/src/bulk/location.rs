//! The path of an operation, and the URL of a resource.
//!
//! A path is relative to the service: `/Users`, `/Users/2819c223`, `/Users/bulkId:qwerty`. A query
//! in it is refused, not ignored: bulk answers hold no resource that it could choose parts of.

use crate::error::quote;
use crate::{Error, Result};

/// What a path names: a resource type by its place in the caller's list, and maybe a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) resource_type: usize,
    pub(super) id: Option<String>,
}

/// Reads a path. Endpoints compare without case, and slashes at both ends may be missing.
pub(super) fn read(path: &str, endpoints: &[String]) -> Result<Location> {
    if path.contains("://") {
        return Err(Error::invalid_path(format!(
            "the path {} must be relative to the service, as in `/Users`",
            quote(path)
        )));
    }
    if path.contains(['?', '#']) {
        return Err(Error::invalid_path(format!(
            "the path {} has a query, which an operation cannot have",
            quote(path)
        )));
    }
    let bare = path.strip_prefix('/').unwrap_or(path);
    let found = endpoints.iter().enumerate().find_map(|(index, endpoint)| {
        let endpoint = endpoint.trim_matches('/');
        let (start, rest) = bare.split_at_checked(endpoint.len())?;
        let ends = rest.is_empty() || rest.starts_with('/');
        (ends && start.eq_ignore_ascii_case(endpoint)).then_some((index, rest))
    });
    let Some((resource_type, rest)) = found else {
        let known: Vec<String> = endpoints.iter().map(|endpoint| quote(endpoint)).collect();
        return Err(Error::not_found(format!(
            "the path {} leads to no endpoint: there is {}",
            quote(path),
            known.join(", ")
        )));
    };
    let segment = rest.strip_prefix('/').unwrap_or(rest);
    if segment.is_empty() {
        return Ok(Location { resource_type, id: None });
    }
    let segment = segment.strip_suffix('/').unwrap_or(segment);
    match decode(segment).filter(|id| !id.is_empty() && !segment.contains('/')) {
        Some(id) => Ok(Location { resource_type, id: Some(id) }),
        None => Err(Error::invalid_path(format!(
            "the path {} must end in one id, percent-encoded UTF-8",
            quote(path)
        ))),
    }
}

/// The URL of a resource. `base` may end in a slash.
pub(super) fn write(base: &str, endpoint: &str, id: &str) -> String {
    let mut url = format!("{}/{}/", base.trim_end_matches('/'), endpoint.trim_matches('/'));
    for byte in id.bytes() {
        match byte {
            // Unreserved by RFC 3986, and what may stand in a segment besides.
            b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b'!' | b'$' => url.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => url.push(char::from(byte)),
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

fn decode(segment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.contains(char::is_control))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(path: &str) -> Result<Location> {
        read(path, &["/Users".into(), "/Groups".into(), "/Access/Roles".into()])
    }

    #[test]
    fn paths() {
        for (path, resource_type, id) in [
            ("/Users", 0, None),
            ("Users", 0, None),
            ("/Users/", 0, None),
            ("/users/5", 0, Some("5")),
            ("GROUPS/5/", 1, Some("5")),
            ("/Users/bulkId:qwerty", 0, Some("bulkId:qwerty")),
            ("/Users/bulkId%3Aa%20b", 0, Some("bulkId:a b")),
            ("/Users/a%2Fb", 0, Some("a/b")),
            ("/Users/%C3%A9", 0, Some("é")),
            ("/Users/é", 0, Some("é")),
            ("/Users/..", 0, Some("..")),
            ("/access/roles/7", 2, Some("7")),
        ] {
            let id = id.map(Into::into);
            assert_eq!(at(path), Ok(Location { resource_type, id }), "{path}");
        }
    }

    #[test]
    fn refusals() {
        for (path, status, says) in [
            ("", 404, "no endpoint"),
            ("/", 404, "no endpoint"),
            ("/Userss", 404, "`/Users`, `/Groups`"),
            ("/User/5", 404, "`/User/5`"),
            ("//Users", 404, "no endpoint"),
            ("/v2/Users/5", 404, "no endpoint"),
            ("/Usersé", 404, "no endpoint"),
            ("/Access", 404, "no endpoint"),
            ("/Me", 404, "no endpoint"),
            ("https://x/Users/5", 400, "relative"),
            ("/Users/5?attributes=id", 400, "query"),
            ("/Users#5", 400, "query"),
            ("/Users/5/6", 400, "one id"),
            ("/Users//", 400, "one id"),
            ("/Users//5", 400, "one id"),
            ("/Users/%", 400, "percent-encoded"),
            ("/Users/%4", 400, "percent-encoded"),
            ("/Users/%zz", 400, "percent-encoded"),
            ("/Users/%+1", 400, "percent-encoded"),
            ("/Users/%ff", 400, "UTF-8"),
            ("/Users/%00", 400, "UTF-8"),
        ] {
            let error = at(path).unwrap_err();
            assert_eq!(error.status, status, "{path}: {error}");
            assert!(error.detail.contains(says), "{path}: {error}");
        }
    }

    #[test]
    fn urls() {
        assert_eq!(write("https://x/v2/", "/Users", "5"), "https://x/v2/Users/5");
        assert_eq!(write("", "Users", "a/b é%"), "/Users/a%2Fb%20%C3%A9%25");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(id in "\\PC{1,20}") {
            prop_assume!(!id.contains(char::is_control));
            prop_assert_eq!(at(&write("", "/Users", &id)).unwrap().id, Some(id));
        }

        #[test]
        fn any_path_is_safe(path in "\\PC{0,30}") {
            let _ = at(&path);
        }
    }
}
