//! The schemas of RFC 7643 section 8.7.1, and the common attributes of section 3.1.
//!
//! Where the JSON of the RFC and its prose differ, the prose or the clients decide: `displayName`
//! of a group is required, members have a `display`, addresses a `primary`, and references and
//! binaries are case exact. This file defines nothing that only one product needs.

use std::sync::LazyLock;

use super::{
    Attribute, ENTERPRISE_USER, Extension, GROUP, Kind, Mutability, ResourceType, Returned, Schema,
    USER, Uniqueness,
};

/// Users: the core schema with the enterprise extension.
pub fn user_type() -> ResourceType {
    ResourceType {
        name: "User".into(),
        endpoint: "/Users".into(),
        description: "A person who has, or had, access.".into(),
        schema: Schema {
            id: USER.into(),
            name: "User".into(),
            description: "What is known about a person.".into(),
            attributes: user_attributes(),
        },
        extensions: vec![Extension { schema: enterprise_schema(), required: false }],
        rows: None,
    }
}

/// Groups, whose members are rows and not part of the document.
pub fn group_type() -> ResourceType {
    ResourceType {
        name: "Group".into(),
        endpoint: "/Groups".into(),
        description: "A named set of users.".into(),
        schema: Schema {
            id: GROUP.into(),
            name: "Group".into(),
            description: "A set of users that is given access as one.".into(),
            attributes: vec![
                Attribute {
                    required: true,
                    ..text("displayName", "The name people know the group by.")
                },
                members(),
            ],
        },
        extensions: Vec::new(),
        rows: Some("members".into()),
    }
}

/// `id`, `externalId`, `meta` and `schemas`: in every resource, in no schema.
pub(crate) fn common() -> &'static [Attribute] {
    static COMMON: LazyLock<Vec<Attribute>> = LazyLock::new(|| {
        vec![
            Attribute {
                case_exact: true,
                mutability: Mutability::ReadOnly,
                returned: Returned::Always,
                uniqueness: Uniqueness::Global,
                ..text("id", "The server's identifier of the resource.")
            },
            Attribute {
                case_exact: true,
                ..text("externalId", "The client's own identifier of the resource.")
            },
            read_only(complex(
                "meta",
                "What the server knows about the resource itself.",
                vec![
                    Attribute { case_exact: true, ..text("resourceType", "The resource type.") },
                    Attribute::new("created", Kind::DateTime, "When it was created."),
                    Attribute::new("lastModified", Kind::DateTime, "When it last changed."),
                    Attribute::new("location", Kind::Reference, "Where it can be read."),
                    Attribute { case_exact: true, ..text("version", "Its entity tag.") },
                ],
            )),
            Attribute {
                multi_valued: true,
                returned: Returned::Always,
                mutability: Mutability::ReadOnly,
                ..text("schemas", "The URNs of the schemas that have data here.")
            },
        ]
    });
    &COMMON
}

fn user_attributes() -> Vec<Attribute> {
    let mut attributes = vec![
        Attribute {
            required: true,
            uniqueness: Uniqueness::Server,
            ..text("userName", "The name a person signs in with; no two users share one.")
        },
        name(),
        text("displayName", "The name to show to others."),
        text("nickName", "What friends and colleagues call the person."),
        reference("profileUrl", &["external"], "A page about the person."),
        text("title", "The job title."),
        text("userType", "How the person relates to the organization, such as `Contractor`."),
        text("preferredLanguage", "The languages to address the person in, as in Accept-Language."),
        text("locale", "The locale for dates, numbers and currency, such as `en-US`."),
        text("timezone", "The time zone by its IANA name, such as `Europe/Berlin`."),
        Attribute::new("active", Kind::Boolean, "Whether the person may use their access."),
        Attribute {
            mutability: Mutability::WriteOnly,
            returned: Returned::Never,
            ..text("password", "Accepted from clients that insist on sending one, and not kept.")
        },
    ];
    attributes.extend(user_lists());
    attributes
}

fn user_lists() -> Vec<Attribute> {
    vec![
        list("emails", "E-mail addresses.", Kind::String, &["work", "home", "other"]),
        list(
            "phoneNumbers",
            "Telephone numbers, best written as in RFC 3966.",
            Kind::String,
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        list(
            "ims",
            "Addresses for instant messages.",
            Kind::String,
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        list("photos", "Pictures of the person.", Kind::Reference, &["photo", "thumbnail"]),
        addresses(),
        groups(),
        list("entitlements", "Things the person may use.", Kind::String, &[]),
        list("roles", "Functions the person has.", Kind::String, &[]),
        list("x509Certificates", "Certificates issued to the person, as DER.", Kind::Binary, &[]),
    ]
}

fn name() -> Attribute {
    complex(
        "name",
        "The parts of the person's name.",
        vec![
            text("formatted", "The whole name, ready to be shown."),
            text("familyName", "The family name."),
            text("givenName", "The given name."),
            text("middleName", "Names between the given and the family name."),
            text("honorificPrefix", "What comes before the name, such as `Dr.`."),
            text("honorificSuffix", "What comes after the name, such as `III`."),
        ],
    )
}

fn addresses() -> Attribute {
    let attribute = complex(
        "addresses",
        "Postal addresses.",
        vec![
            text("formatted", "The whole address, ready to be printed."),
            text("streetAddress", "Street, number, and what else stands on that line."),
            text("locality", "City or town."),
            text("region", "State, province or region."),
            text("postalCode", "Postal code."),
            text("country", "Country, as the two letters of ISO 3166-1."),
            kind_of(&["work", "home", "other"]),
            primary(),
        ],
    );
    Attribute { multi_valued: true, ..attribute }
}

fn groups() -> Attribute {
    let attribute = complex(
        "groups",
        "The groups the user is in; changed through the groups.",
        vec![
            text("value", "The id of the group."),
            reference("$ref", &["User", "Group"], "Where the group can be read."),
            text("display", "The name of the group."),
            kind_of(&["direct", "indirect"]),
        ],
    );
    read_only(Attribute { multi_valued: true, ..attribute })
}

fn members() -> Attribute {
    let mut attribute = complex(
        "members",
        "The users in the group.",
        vec![
            text("value", "The id of the user."),
            reference("$ref", &["User", "Group"], "Where the user can be read."),
            kind_of(&["User", "Group"]),
        ],
    );
    for sub in &mut attribute.sub_attributes {
        sub.mutability = Mutability::Immutable;
    }
    attribute.sub_attributes.push(read_only(text("display", "The name of the user.")));
    Attribute { multi_valued: true, ..attribute }
}

fn enterprise_schema() -> Schema {
    Schema {
        id: ENTERPRISE_USER.into(),
        name: "EnterpriseUser".into(),
        description: "Where a person stands in an organization.".into(),
        attributes: vec![
            text("employeeNumber", "The number the organization gave the person."),
            text("costCenter", "The cost center."),
            text("organization", "The organization."),
            text("division", "The division."),
            text("department", "The department."),
            complex(
                "manager",
                "The person's manager.",
                vec![
                    text("value", "The id of the manager."),
                    reference("$ref", &["User"], "Where the manager can be read."),
                    read_only(text("displayName", "The manager's name.")),
                ],
            ),
        ],
    }
}

fn text(name: &str, description: &str) -> Attribute {
    Attribute::new(name, Kind::String, description)
}

fn reference(name: &str, types: &[&str], description: &str) -> Attribute {
    Attribute {
        reference_types: types.iter().map(ToString::to_string).collect(),
        ..Attribute::new(name, Kind::Reference, description)
    }
}

fn complex(name: &str, description: &str, sub_attributes: Vec<Attribute>) -> Attribute {
    Attribute { sub_attributes, ..Attribute::new(name, Kind::Complex, description) }
}

/// Marks an attribute and all below it as the server's alone.
fn read_only(mut attribute: Attribute) -> Attribute {
    attribute.mutability = Mutability::ReadOnly;
    attribute.sub_attributes = attribute.sub_attributes.into_iter().map(read_only).collect();
    attribute
}

/// The shape most multi-valued attributes share (RFC 7643 section 2.4).
fn list(name: &str, description: &str, kind: Kind, types: &[&str]) -> Attribute {
    let value = match kind {
        Kind::Reference => reference("value", &["external"], "The value itself, as a URI."),
        kind => Attribute::new("value", kind, "The value itself."),
    };
    let subs =
        vec![value, text("display", "The value as people read it."), kind_of(types), primary()];
    Attribute { multi_valued: true, ..complex(name, description, subs) }
}

fn kind_of(types: &[&str]) -> Attribute {
    Attribute {
        canonical_values: types.iter().map(ToString::to_string).collect(),
        ..text("type", "What sort of value it is.")
    }
}

fn primary() -> Attribute {
    Attribute::new("primary", Kind::Boolean, "Whether this is the preferred value; one at most.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(attributes: &[Attribute]) -> Vec<&str> {
        attributes.iter().map(|attribute| attribute.name.as_str()).collect()
    }

    #[test]
    fn what_the_rfcs_json_leaves_out_is_here() {
        let user = user_type();
        assert!(user.schema.attribute("ADDRESSES").unwrap().sub("primary").is_some());
        let group = group_type();
        assert!(group.schema.attribute("displayName").unwrap().required);
        assert_eq!(
            names(&group.schema.attribute("members").unwrap().sub_attributes),
            ["value", "$ref", "type", "display"]
        );
    }

    #[test]
    fn the_servers_own_is_read_only_to_the_leaves() {
        let user = user_type();
        assert!(user.schema.attribute("groups").unwrap().sub("value").unwrap().is_read_only());
        let manager = user.extensions[0].schema.attribute("manager").unwrap();
        assert!(manager.sub("displayName").unwrap().is_read_only());
        assert!(!manager.sub("value").unwrap().is_read_only());
        let group = group_type();
        let members = group.schema.attribute("members").unwrap();
        assert!(members.sub("display").unwrap().is_read_only());
        assert!(!members.is_read_only());
        assert_eq!(user.schema.attributes.len(), 21);
    }
}
