//! Versions of resources, and the conditions that clients attach to them (RFC 7644 section 3.14).
//!
//! A tag reads `W/"7"`: the seventh state of the resource. A user's goes on with what the user's groups
//! look like, `W/"7-1f0c…"`, wherever those are shown: they change without the user. Conditions on
//! writes look at the number alone, because groups are not written through users.

use crate::service::{Error, Result};
use store::membership::Pair;

/// The tags of an `If-Match` or `If-None-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    Any,
    Listed(Vec<String>),
}

/// What must hold before a resource is changed. Without conditions everything may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    pub if_match: Option<Tags>,
    pub if_none_match: Option<Tags>,
}

impl Tags {
    /// Reads a header. Quotes and `W/` may be missing: some clients send `meta.version` as they like.
    #[must_use]
    pub fn parse(text: &str) -> Tags {
        // In quotes it is a tag like any other.
        if text.split(',').any(|tag| tag.trim() == "*") {
            return Tags::Any;
        }
        let tags = text.split(',').map(opaque).filter(|tag| !tag.is_empty());
        Tags::Listed(tags.map(str::to_owned).collect())
    }

    /// Whether one of them is the tag, by the weak comparison (RFC 9110 section 8.8.3.2).
    #[must_use]
    pub fn name(&self, tag: &str) -> bool {
        match self {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|listed| listed == opaque(tag)),
        }
    }

    /// Whether one of them speaks of this state of the resource, whatever its groups looked like.
    fn name_version(&self, version: i64) -> bool {
        let version = version.to_string();
        match self {
            Tags::Any => true,
            Tags::Listed(tags) => tags.iter().any(|tag| tag.split('-').next() == Some(&*version)),
        }
    }
}

impl Conditions {
    /// For writes: both hold.
    pub fn check(&self, version: i64) -> Result<()> {
        self.check_match(version)?;
        let unmatched = self.if_none_match.as_ref().is_none_or(|tags| !tags.name_version(version));
        if unmatched { Ok(()) } else { Err(Error::Stale(tag(version, &[]))) }
    }

    /// For reads, to which the other condition says something else.
    pub fn check_match(&self, version: i64) -> Result<()> {
        let matched = self.if_match.as_ref().is_none_or(|tags| tags.name_version(version));
        if matched { Ok(()) } else { Err(Error::Stale(tag(version, &[]))) }
    }
}

/// The tag of a resource as it is shown, with what it shows of others.
#[must_use]
pub fn tag(version: i64, groups: &[Pair]) -> String {
    if groups.is_empty() {
        return format!("W/\"{version}\"");
    }
    let mut seen: Vec<String> =
        groups.iter().map(|pair| format!("{} {}", pair.group_id, pair.group_name)).collect();
    seen.sort();
    format!("W/\"{version}-{}\"", &domain::id::derive(&seen.join("\n"))[..12])
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_as_clients_write_them() {
        for text in ["W/\"7\"", "\"7\"", "7", "w/\"7\"", "W/\"3\", W/\"7\"", "W/\"7-0a\"", "*"] {
            let conditions =
                Conditions { if_match: Some(Tags::parse(text)), ..Conditions::default() };
            assert!(conditions.check(7).is_ok(), "{text}");
            assert_eq!(conditions.check(8).is_ok(), text == "*", "{text}");
            let reverse =
                Conditions { if_none_match: Some(Tags::parse(text)), ..Conditions::default() };
            assert!(reverse.check(7).is_err(), "{text}");
        }
        for text in ["", "W/\"\"", "\"*\"", "W/\"77\"", "x", "7 8"] {
            let conditions =
                Conditions { if_match: Some(Tags::parse(text)), ..Conditions::default() };
            assert!(conditions.check(7).is_err(), "{text}");
        }
        assert!(Conditions::default().check(7).is_ok());
    }

    #[test]
    fn a_tag_follows_the_groups_that_are_shown() {
        let pair = |group: &str, name: &str| Pair {
            group_id: group.to_owned(),
            group_name: name.to_owned(),
            member_id: "m".to_owned(),
            member_email: "e".to_owned(),
        };
        let (a, b) = (pair("a", "Apples"), pair("b", "Berries"));
        let both = tag(7, &[a.clone(), b.clone()]);
        assert_eq!(both, tag(7, &[b.clone(), a.clone()]));
        assert_ne!(both, tag(7, std::slice::from_ref(&a)));
        assert_ne!(both, tag(7, &[pair("a", "Pears"), b]));
        assert!(Tags::parse(&both).name(&both));
        assert_eq!(tag(7, &[]), "W/\"7\"");
    }
}
