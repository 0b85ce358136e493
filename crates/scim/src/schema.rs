//! Schemas as data: attributes and their characteristics (RFC 7643 sections 2 and 7), and the
//! resource types built from them.
//!
//! The types carry the RFC's names on the wire, so discovery prints them and a schema defined at
//! run time can be read back. This file does not check that a schema is sensible; `definition`
//! does, `change` says what another version of it would break, `core` holds the schemas of the
//! RFC, `key` the text by which a value is found and ordered.

mod change;
mod core;
mod definition;
mod key;
mod urn;

use serde::{Deserialize, Serialize};

pub use self::change::{Change, Conflict};
pub(crate) use self::core::common;
pub use self::core::{group_type, user_type};
pub(crate) use self::key::parse_number;
pub use self::key::{fold, index_key};

/// The core schema of users.
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core schema of groups.
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The extension for users of an enterprise.
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// What a server can do.
pub const SERVICE_PROVIDER_CONFIG: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// A description of a kind of resource.
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// A description of a schema.
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// The envelope of several resources.
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The envelope of a PATCH.
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The envelope of a query in a body.
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// An error.
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The envelope of many operations.
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The envelope of their results.
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// The data type of an attribute (RFC 7643 section 2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// Text.
    #[default]
    String,
    /// True or false.
    Boolean,
    /// A number.
    Decimal,
    /// A number without a fraction.
    Integer,
    /// An instant, as xsd:dateTime.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl Kind {
    /// The type with its article, for a sentence.
    pub(crate) fn named(self) -> &'static str {
        match self {
            Kind::String => "a string",
            Kind::Boolean => "a boolean",
            Kind::Decimal => "a number",
            Kind::Integer => "an integer",
            Kind::DateTime => "a dateTime such as `2026-05-13T04:42:34Z`",
            Kind::Binary => "a base64 string",
            Kind::Reference => "a URI as a string",
            Kind::Complex => "an object",
        }
    }
}

/// When an attribute may be written (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Never: it is the server's.
    ReadOnly,
    /// Always.
    #[default]
    ReadWrite,
    /// Once.
    Immutable,
    /// Always, and never read.
    WriteOnly,
}

/// When an attribute appears in an answer (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Whatever is asked for.
    Always,
    /// Never.
    Never,
    /// Unless something else is asked for.
    #[default]
    Default,
    /// When it is asked for by name.
    Request,
}

/// How far a value must be the only one of its kind (RFC 7643 section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Not at all.
    #[default]
    None,
    /// Within the service.
    Server,
    /// Everywhere.
    Global,
}

/// An attribute, with the defaults of RFC 7643 section 2.2 for what a definition leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// As it is spelled in documents.
    pub name: String,
    /// Its data type.
    #[serde(rename = "type", default)]
    pub kind: Kind,
    /// What a complex one is made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
    /// Whether its value is a list.
    #[serde(default)]
    pub multi_valued: bool,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Whether a resource must have it.
    #[serde(default)]
    pub required: bool,
    /// Values to choose from, as a suggestion.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether values that differ in case differ.
    #[serde(default)]
    pub case_exact: bool,
    /// When it may be written.
    #[serde(default)]
    pub mutability: Mutability,
    /// When it appears in an answer.
    #[serde(default)]
    pub returned: Returned,
    /// How far a value must be the only one.
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// What a reference may lead to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
}

impl Attribute {
    /// A singular attribute with default characteristics.
    pub fn new(name: &str, kind: Kind, description: &str) -> Attribute {
        Attribute {
            name: name.into(),
            kind,
            description: description.into(),
            // RFC 7643 sections 2.3.6 and 2.3.7: binary and reference values are case exact.
            case_exact: matches!(kind, Kind::Binary | Kind::Reference),
            ..Attribute::default()
        }
    }

    /// The sub-attribute of that name; names are case-insensitive (RFC 7643 section 2.1).
    pub fn sub(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    pub(crate) fn is_complex(&self) -> bool {
        self.kind == Kind::Complex
    }

    pub(crate) fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

/// A set of attributes under one URN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Its URN.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// What it adds to a resource.
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// The attribute of that name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.attributes, name)
    }
}

/// A schema that adds attributes to a resource type, below a key that is its URN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The schema.
    pub schema: Schema,
    /// Whether a resource must have it.
    #[serde(default)]
    pub required: bool,
}

/// A kind of resource: where it lives and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    /// `User`
    pub name: String,
    /// `/Users`
    pub endpoint: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// The core schema.
    pub schema: Schema,
    /// What else a resource may have, in the order it is looked at.
    #[serde(default)]
    pub extensions: Vec<Extension>,
    /// The multi-valued attribute that is kept outside the document, `members` of a Group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<String>,
}

impl ResourceType {
    /// The extension with that URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    pub(crate) fn is_rows(&self, name: &str) -> bool {
        self.rows.as_deref().is_some_and(|rows| rows.eq_ignore_ascii_case(name))
    }
}

pub(crate) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wire_names_are_the_rfcs() {
        let attribute = Attribute::new("userName", Kind::DateTime, "x");
        assert_eq!(
            serde_json::to_value(&attribute).unwrap(),
            json!({
                "name": "userName", "type": "dateTime", "multiValued": false, "description": "x",
                "required": false, "caseExact": false, "mutability": "readWrite",
                "returned": "default", "uniqueness": "none"
            })
        );
    }

    #[test]
    fn a_definition_may_leave_out_defaults() {
        let read: Attribute = serde_json::from_value(json!({ "name": "floor" })).unwrap();
        assert_eq!(read, Attribute { name: "floor".into(), ..Attribute::default() });
    }

    #[test]
    fn types_survive_a_round_trip() {
        for rt in [user_type(), group_type()] {
            let text = serde_json::to_string(&rt).unwrap();
            assert_eq!(serde_json::from_str::<ResourceType>(&text).unwrap(), rt);
        }
    }
}
