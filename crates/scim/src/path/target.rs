//! Finding what a path means in a resource type.
//!
//! Names and URNs compare without case (RFC 7643 section 2.1). Nothing here fails: a path leads
//! to an attribute or to `None`, and the caller knows which error that is.

use super::AttrPath;
use crate::schema::{Attribute, ResourceType, common, find};

/// An attribute of a resource type, found by path.
#[derive(Clone, Debug, PartialEq)]
pub struct Target<'a> {
    /// The URN of the extension it belongs to.
    pub extension: Option<&'a str>,
    pub attribute: &'a Attribute,
    pub sub: Option<&'a Attribute>,
    /// The canonical spelling, which is also the index path: `userName`, `name.familyName`,
    /// `emails.value`, `urn:…:User:department`, `urn:…:User:manager.value`.
    pub name: String,
}

impl<'a> Target<'a> {
    /// The sub-attribute if the path has one, else the attribute.
    pub fn leaf(&self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether some step of the path has several values.
    pub fn is_multi_valued(&self) -> bool {
        self.attribute.multi_valued || self.leaf().multi_valued
    }

    fn new(extension: Option<&'a str>, attribute: &'a Attribute) -> Target<'a> {
        let name = match extension {
            Some(urn) => format!("{urn}:{}", attribute.name),
            None => attribute.name.clone(),
        };
        Target { extension, attribute, sub: None, name }
    }

    fn step(mut self, sub: Option<&str>) -> Option<Target<'a>> {
        if let Some(sub) = sub {
            let sub = self.attribute.sub(sub)?;
            self.name = format!("{}.{}", self.name, sub.name);
            self.sub = Some(sub);
        }
        Some(self)
    }
}

/// Finds the attribute a path names. Without a URN the core schema comes first, then the common
/// attributes, then the extensions (Entra sends a bare `manager`).
pub fn resolve<'a>(path: &AttrPath, rt: &'a ResourceType) -> Option<Target<'a>> {
    let core = || rt.schema.attribute(&path.name).or_else(|| find(common(), &path.name));
    let target = match path.urn.as_deref() {
        Some(urn) if urn.eq_ignore_ascii_case(&rt.schema.id) => Target::new(None, core()?),
        Some(urn) => {
            let schema = &rt.extension(urn)?.schema;
            Target::new(Some(&schema.id), schema.attribute(&path.name)?)
        }
        None => match core() {
            Some(attribute) => Target::new(None, attribute),
            None => rt.extensions.iter().find_map(|extension| {
                let attribute = extension.schema.attribute(&path.name)?;
                Some(Target::new(Some(extension.schema.id.as_str()), attribute))
            })?,
        },
    };
    target.step(path.sub.as_deref())
}

/// Finds a name inside the brackets of `parent[…]`. The values of an attribute that is not
/// complex go by the name `value` (RFC 7643 section 2.4).
pub(crate) fn within<'a>(path: &AttrPath, parent: &Target<'a>) -> Option<Target<'a>> {
    if path.urn.is_some() || path.sub.is_some() {
        return None;
    }
    let whole = Target::new(parent.extension, parent.attribute);
    if !parent.attribute.is_complex() {
        let fits = parent.attribute.multi_valued && path.name.eq_ignore_ascii_case("value");
        return fits.then_some(whole);
    }
    whole.step(Some(&path.name))
}

/// The URN of the core schema or an extension, if the whole text is one.
pub(crate) fn known_urn<'a>(text: &str, rt: &'a ResourceType) -> Option<&'a str> {
    std::iter::once(&rt.schema)
        .chain(rt.extensions.iter().map(|extension| &extension.schema))
        .find(|schema| schema.id.eq_ignore_ascii_case(text))
        .map(|schema| schema.id.as_str())
}

/// Takes a canonical name apart: extension, attribute, sub-attribute.
pub(crate) fn split(name: &str) -> (Option<&str>, &str, Option<&str>) {
    let (extension, rest) = match name.rsplit_once(':') {
        Some((urn, rest)) => (Some(urn), rest),
        None => (None, name),
    };
    match rest.split_once('.') {
        Some((attribute, sub)) => (extension, attribute, Some(sub)),
        None => (extension, rest, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ENTERPRISE_USER, user_type};

    #[test]
    fn canonical_names() {
        let rt = user_type();
        let name =
            |text: &str| resolve(&AttrPath::parse(text, 0).unwrap(), &rt).map(|target| target.name);
        let urn = ENTERPRISE_USER;
        for (text, expected) in [
            ("USERNAME", Some("userName".to_string())),
            ("Name.FamilyName", Some("name.familyName".into())),
            ("emails.VALUE", Some("emails.value".into())),
            ("manager", Some(format!("{urn}:manager"))),
            ("Department", Some(format!("{urn}:department"))),
            ("manager.value", Some(format!("{urn}:manager.value"))),
            ("ID", Some("id".into())),
            ("meta.lastmodified", Some("meta.lastModified".into())),
            ("externalid", Some("externalId".into())),
            ("schemas", Some("schemas".into())),
            ("urn:IETF:params:scim:schemas:core:2.0:user:userName", Some("userName".into())),
            ("urn:ietf:params:scim:schemas:core:2.0:User:id", Some("id".into())),
            ("urn:ietf:params:scim:schemas:core:2.0:User:department", None),
            ("urn:x:department", None),
            ("userName.value", None),
            ("nothing", None),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
        assert_eq!(name(&format!("{urn}:manager.$REF")), Some(format!("{urn}:manager.$ref")));
        assert_eq!(
            name(&format!("{}:Manager", urn.to_uppercase())),
            Some(format!("{urn}:manager"))
        );
    }

    #[test]
    fn leaves_and_splits() {
        let rt = user_type();
        let target = resolve(&AttrPath::parse("emails.type", 0).unwrap(), &rt).unwrap();
        assert_eq!(target.leaf().name, "type");
        assert!(target.is_multi_valued());
        assert_eq!(split("urn:a:2.0:U:m.v"), (Some("urn:a:2.0:U"), "m", Some("v")));
        assert_eq!(split("userName"), (None, "userName", None));
    }
}
