//! A resource type with what User and Group lack: numbers, dates, simple values in lists, and
//! every mutability and return. Servers define such types at run time.

use scim::schema::{
    Attribute, Extension, Kind, Mutability, ResourceType, Returned, Schema, Uniqueness,
};

pub const DEVICE: &str = "urn:example:params:scim:schemas:Device";
pub const RACK: &str = "urn:example:params:scim:schemas:extension:1.0:Rack";

pub fn device_type() -> ResourceType {
    let rack = schema(
        RACK,
        "Rack",
        vec![plain("row", Kind::Integer), list(plain("tags", Kind::String)), owner()],
    );
    ResourceType {
        name: "Device".into(),
        endpoint: "/Devices".into(),
        description: String::new(),
        schema: schema(DEVICE, "Device", attributes()),
        extensions: vec![Extension { schema: rack, required: false }],
        rows: None,
    }
}

fn schema(id: &str, name: &str, attributes: Vec<Attribute>) -> Schema {
    Schema { id: id.into(), name: name.into(), description: String::new(), attributes }
}

fn attributes() -> Vec<Attribute> {
    vec![
        Attribute {
            required: true,
            case_exact: true,
            uniqueness: Uniqueness::Server,
            ..plain("serial", Kind::String)
        },
        plain("floor", Kind::Integer),
        plain("weight", Kind::Decimal),
        plain("spare", Kind::Boolean),
        plain("key", Kind::Binary),
        plain("site", Kind::Reference),
        Attribute { mutability: Mutability::Immutable, ..plain("bought", Kind::DateTime) },
        Attribute { returned: Returned::Always, ..plain("label", Kind::String) },
        Attribute { returned: Returned::Request, ..plain("notes", Kind::String) },
        Attribute {
            mutability: Mutability::WriteOnly,
            returned: Returned::Never,
            ..plain("pin", Kind::Integer)
        },
        list(plain("tags", Kind::String)),
        list(plain("ports", Kind::Integer)),
        list(plain("checks", Kind::DateTime)),
        list(complex(
            "sensors",
            vec![
                plain("unit", Kind::String),
                plain("reading", Kind::Decimal),
                plain("type", Kind::String),
                plain("primary", Kind::Boolean),
            ],
        )),
    ]
}

fn owner() -> Attribute {
    complex(
        "owner",
        vec![
            Attribute { required: true, ..plain("value", Kind::String) },
            plain("$ref", Kind::Reference),
            Attribute { returned: Returned::Request, ..plain("since", Kind::DateTime) },
            Attribute { mutability: Mutability::ReadOnly, ..plain("display", Kind::String) },
        ],
    )
}

fn plain(name: &str, kind: Kind) -> Attribute {
    Attribute::new(name, kind, "")
}

fn list(attribute: Attribute) -> Attribute {
    Attribute { multi_valued: true, ..attribute }
}

fn complex(name: &str, sub_attributes: Vec<Attribute>) -> Attribute {
    Attribute { sub_attributes, ..plain(name, Kind::Complex) }
}
