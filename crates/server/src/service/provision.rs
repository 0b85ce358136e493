//! What an identity provider may do: SCIM users and groups, and what follows from them.

pub mod group;
pub mod read;
pub mod user;

use crate::service::{Error, Result, Unit};
use domain::limits::{DOCUMENT_BYTES_MAX, EXTERNAL_ID_MAX};
use scim::Document;
use scim::schema::ResourceType;
use std::sync::LazyLock;
use store::resource::{self, Kind, Resource};

/// The resource type of a kind, with all its schemas.
#[must_use]
pub fn resource_type(kind: Kind) -> &'static ResourceType {
    static USER: LazyLock<ResourceType> = LazyLock::new(scim::schema::user_type);
    static GROUP: LazyLock<ResourceType> = LazyLock::new(scim::schema::group_type);
    match kind {
        Kind::User => &USER,
        Kind::Group => &GROUP,
    }
}

fn not_found(kind: Kind, id: &str) -> Error {
    let what = match kind {
        Kind::User => "user",
        Kind::Group => "group",
    };
    Error::not_found(what, id)
}

fn document(resource: &Resource) -> Result<Document> {
    serde_json::from_str(&resource.body).map_err(|_| store::Error::Corrupt("resource.body").into())
}

fn name_taken(attribute: &str, value: &str) -> Error {
    scim::Error::uniqueness(format!("another resource has the {attribute} `{value}`")).into()
}

/// The resource that a document is, next to the one it was.
fn resource_of(
    kind: Kind,
    id: String,
    document: &Document,
    name: &str,
    unit: &Unit<'_>,
) -> Result<Resource> {
    let body = serde_json::Value::Object(document.clone()).to_string();
    if body.len() > DOCUMENT_BYTES_MAX {
        return Err(scim::Error::invalid_value(format!(
            "the resource would have {} bytes, more than the {DOCUMENT_BYTES_MAX} allowed",
            body.len()
        ))
        .into());
    }
    let external_id = scim::resource::text(document, "externalId").map(str::to_owned);
    if external_id.as_ref().is_some_and(|text| text.chars().count() > EXTERNAL_ID_MAX) {
        return Err(scim::Error::invalid_value(format!(
            "`externalId` has at most {EXTERNAL_ID_MAX} characters"
        ))
        .into());
    }
    Ok(Resource {
        kind,
        id,
        name_key: scim::schema::fold(name).into_owned(),
        external_id,
        active: domain::member::is_active(document),
        version: 1,
        created_at: unit.now,
        modified_at: unit.now,
        body,
    })
}

fn leaves(kind: Kind, document: &Document) -> Vec<scim::resource::Leaf> {
    scim::resource::leaves(document, resource_type(kind), kind.columns())
}

async fn lock(unit: &mut Unit<'_>, kind: Kind, id: &str) -> Result<Resource> {
    resource::find_for_update(unit, kind, id).await?.ok_or_else(|| not_found(kind, id))
}
