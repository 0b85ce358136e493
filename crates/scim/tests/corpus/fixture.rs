//! The documents the inputs meet: rich ones in normal form, and the same as a server shows them.

use std::sync::LazyLock;

use scim::limits::Limits;
use scim::patch::Member;
use scim::schema::{ENTERPRISE_USER, GROUP, ResourceType, USER, group_type, user_type};
use scim::{Document, resource};
use serde_json::{Value, json};

use super::device::{DEVICE, RACK, device_type};

/// A resource type and a document of it.
pub struct Fixture {
    pub rt: ResourceType,
    /// In normal form, as it is stored.
    pub stored: Document,
    /// With what the server adds, and what it must never show.
    pub served: Document,
}

pub static FIXTURES: LazyLock<[Fixture; 3]> = LazyLock::new(|| [user(), group(), device()]);

/// The group's, of whom two are the same but for their id.
pub static MEMBERS: LazyLock<Vec<Member>> = LazyLock::new(|| {
    [("a", Some("Ann")), ("b", Some("Bob")), ("c", Some("Bob")), ("d", None), ("23a35c27", None)]
        .into_iter()
        .map(|(value, display)| Member {
            value: value.into(),
            display: display.map(Into::into),
            kind: "User".into(),
        })
        .collect()
});

/// The limits of whoever reads the input.
pub fn limits() -> Limits {
    Limits::default()
}

/// Limits for what was printed: a print has parentheses that its source could leave out.
pub fn generous() -> Limits {
    Limits { filter_bytes: usize::MAX, filter_depth: 200, ..Limits::default() }
}

/// The document as the input of a request.
pub fn body(document: &Document) -> Value {
    Value::Object(document.clone())
}

fn fixture(rt: ResourceType, sent: &Value, shown: &Value) -> Fixture {
    let read = resource::read(sent, &rt, &limits());
    let stored = read.expect("a fixture is valid").document;
    let mut served = stored.clone();
    served.extend(shown.as_object().expect("an object").clone());
    Fixture { rt, stored, served }
}

fn user() -> Fixture {
    let sent = json!({
        "userName": "bjensen@example.com", "externalId": "00ujl29u0le5T6Aj10h7", "active": true,
        "displayName": "Babs Jensen", "title": "Tour Guide", "locale": "en-US",
        "name": { "formatted": "Ms. Barbara J Jensen", "familyName": "Jensen", "givenName": "Barbara" },
        "emails": [
            { "value": "bjensen@example.com", "type": "work", "primary": true, "display": "B" },
            { "value": "babs@jensen.org", "type": "home" },
            { "value": "BABS@jensen.org", "type": "home" }
        ],
        "phoneNumbers": [{ "value": "+1-201-555-0123", "type": "work" }, { "value": "1" }],
        "photos": [{ "value": "https://photos.example.com/F", "type": "photo" }],
        "addresses": [
            { "type": "work", "locality": "Hollywood", "country": "US", "primary": true },
            { "type": "home", "formatted": "456 Hollywood Blvd\nHollywood, CA 91608 USA" }
        ],
        "roles": [{ "value": "admin", "primary": false }, { "value": "user", "type": "x" }],
        "x509Certificates": [{ "value": "TWFu" }],
        ENTERPRISE_USER: {
            "department": "Tours", "employeeNumber": "701984",
            "manager": { "value": "26118915", "$ref": "../Users/26118915" }
        }
    });
    let shown = json!({
        "id": "2819c223", "schemas": [USER, ENTERPRISE_USER], "password": "t1meMa$heen",
        "groups": [{ "value": "g1", "display": "Tour Guides", "type": "direct" }],
        "meta": { "resourceType": "User", "created": "2010-01-23T04:56:22Z", "version": "W/\"1\"" }
    });
    fixture(user_type(), &sent, &shown)
}

fn group() -> Fixture {
    let sent = json!({ "displayName": "Tour Guides", "externalId": "8aa1a0c0" });
    let shown = json!({
        "id": "abf4dd94", "schemas": [GROUP],
        "members": [{ "value": "a", "type": "User", "display": "Ann" }, { "value": "b" }],
        "meta": { "resourceType": "Group", "lastModified": "2011-05-13T04:42:34.123Z" }
    });
    fixture(group_type(), &sent, &shown)
}

fn device() -> Fixture {
    let sent = json!({
        "serial": "SN-1", "externalId": "x", "floor": 3, "weight": -1.5, "spare": false,
        "key": "TWFu", "site": "https://example.com/Berlin", "bought": "2000-01-01T00:00:00Z",
        "label": "A", "notes": "n", "tags": ["a", "B", "é"], "ports": [22, 443, -1],
        "checks": ["2024-02-29T12:00:00+02:00", "1999-12-31T23:59:59.5Z"],
        "sensors": [
            { "unit": "C", "reading": 21.5, "type": "air", "primary": true },
            { "unit": "C", "reading": 4, "type": "water" }
        ],
        RACK: {
            "row": 7, "tags": ["inner"],
            "owner": { "value": "o", "$ref": "../Users/o", "since": "2020-02-02T02:02:02Z" }
        }
    });
    let shown = json!({ "id": "d1", "schemas": [DEVICE, RACK], "pin": 1234 });
    fixture(device_type(), &sent, &shown)
}
