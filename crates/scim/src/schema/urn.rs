//! The URN that names a schema.
//!
//! It stands in front of attribute names with a colon between (`urn:…:User:badge`), in lists with
//! commas, in filters and in the path of a URL. So of what RFC 8141 allows only that is taken
//! which means nothing in any of those.

use super::Schema;
use crate::error::quote;
use crate::limits::Limits;
use crate::path::AttrPath;
use crate::{Error, Result};

const IETF: &str = "urn:ietf:params:scim:";
const EXTENSIONS: &str = "urn:ietf:params:scim:schemas:extension:";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:";

/// Checks the id of a schema that somebody defines.
pub(super) fn check(id: &str, limits: &Limits) -> Result<()> {
    if id.len() > limits.schema_name_bytes {
        return Err(Error::invalid_value(format!(
            "the `id` of a schema has {} bytes, more than the {} allowed",
            id.len(),
            limits.schema_name_bytes
        )));
    }
    if !is_urn(id) {
        return Err(Error::invalid_value(format!(
            "the `id` of a schema must be a URN of letters, digits, `-`, `.`, `_`, `~` and single colons, such as `urn:example:hr:2.0:User`, not {}",
            quote(id)
        )));
    }
    // Identity providers have their customers name extensions below the IETF's URN.
    let is_below = |prefix: &str| {
        id.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if is_below(ENTERPRISE) || (is_below(IETF) && !is_below(EXTENSIONS)) {
        return Err(Error::invalid_value(format!("the `id` {} belongs to the RFCs", quote(id))));
    }
    Ok(())
}

impl Schema {
    /// Refuses two schemas that one resource type cannot have: they have one URN, or that of one
    /// reads as an attribute of the other (`urn:x:hr` and `urn:x:hr:badge`).
    pub fn check_beside(&self, other: &Schema) -> Result<()> {
        if self.id.eq_ignore_ascii_case(&other.id) {
            return Err(Error::uniqueness(format!(
                "there is a schema {} already",
                quote(&other.id)
            )));
        }
        let reads_below = |id: &str, base: &str| {
            let urn = AttrPath::parse(id, 0).and_then(|path| path.urn);
            urn.is_some_and(|urn| urn.eq_ignore_ascii_case(base))
        };
        if reads_below(&self.id, &other.id) || reads_below(&other.id, &self.id) {
            return Err(Error::invalid_value(format!(
                "{} and {} cannot stand side by side: one reads as an attribute of the other",
                quote(&self.id),
                quote(&other.id)
            )));
        }
        Ok(())
    }
}

fn is_urn(id: &str) -> bool {
    let mut parts = id.split(':');
    let is_scheme = parts.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn"));
    let is_namespace = parts.next().is_some_and(|name| {
        (2..=32).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-')
    });
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
            })
    };
    let mut rest = parts.peekable();
    is_scheme && is_namespace && rest.peek().is_some() && rest.all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urns() {
        for (id, fits) in [
            ("urn:example:hr:2.0:User", true),
            ("URN:Example:hr", true),
            ("urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", true),
            ("urn:ietf:params:scim:schemas:extension:acme:2.0:User", true),
            ("urn:ietf:params:scim:schemas:extension:2.0:CustomAttributes:User", true),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", false),
            ("URN:IETF:params:scim:schemas:extension:Enterprise:3.0:User", false),
            ("urn:ietf:params:scim:schemas:core:2.0:User:x", false),
            ("urn:ietf:params:scim:api:messages:2.0:Error", false),
            ("urn:ietf:params:scim:other", false),
            ("urn:ietf:params:oauth", true),
            ("", false),
            ("urn", false),
            ("urn:", false),
            ("urn:example", false),
            ("urn:example:", false),
            ("urn:example::a", false),
            ("urn:example:a:", false),
            ("urn:x:a", false),
            ("urn:-x:a", false),
            ("urn:ex.ample:a", false),
            ("http://example.com", false),
            ("urn:example:a b", false),
            ("urn:example:a,b", false),
            ("urn:example:a/b", false),
            ("urn:example:a%20b", false),
            ("urn:example:a[b]", false),
            ("urn:example:é", false),
        ] {
            assert_eq!(check(id, &Limits::default()).is_ok(), fits, "{id}");
        }
        let long = format!("urn:example:{}", "a".repeat(500));
        assert!(check(&long, &Limits::default()).unwrap_err().detail.contains("512 bytes"));
    }

    #[test]
    fn neighbours() {
        let schema = |id: &str| Schema {
            id: id.into(),
            name: String::new(),
            description: String::new(),
            attributes: Vec::new(),
        };
        for (one, other, fits) in [
            ("urn:x1:hr:User", "urn:x1:hr:Group", true),
            ("urn:x1:hr", "urn:X1:HR", false),
            ("urn:x1:hr", "urn:x1:hr:badge", false),
            ("urn:x1:HR:badge.no", "urn:x1:hr", false),
            ("urn:x1:hr", "urn:x1:hr:2.0", true),
            ("urn:x1:hr", "urn:x1:hr:2.0:User", true),
        ] {
            let checked = schema(one).check_beside(&schema(other));
            assert_eq!(checked.is_ok(), fits, "{one} {other}: {checked:?}");
        }
    }
}
