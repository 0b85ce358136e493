//! What an identity provider may do: SCIM users and groups, and what follows from them.
//!
//! Every change is a [`Task`]: a request of its own, or one operation among many of a bulk request.

pub mod bookmarks;
pub mod bulk;
pub mod cursor;
pub mod group;
pub mod read;
pub mod search;
pub mod types;
pub mod user;
pub mod version;

use crate::app::App;
use crate::service::{Caller, Error, Result, Unit};
use domain::limits::{DOCUMENT_BYTES_MAX, EXTERNAL_ID_MAX};
use domain::permission::Permission::ScimWrite;
use scim::Document;
use scim::patch::Patch;
use scim::resource::Intake;
use serde_json::Value;
use store::resource::{self, Kind, Resource};
pub use types::Types;
use version::Conditions;

/// One change, with everything checked that needs no look at what is stored.
#[derive(Debug)]
pub struct Task {
    kind: Kind,
    action: Action,
}

#[derive(Debug)]
enum Action {
    Create(Intake),
    Replace(Target, Intake),
    Patch(Target, Patch),
    Delete(Target),
}

/// The resource to change, if it is at the version that the client has in mind.
#[derive(Clone, Debug)]
pub struct Target {
    pub id: String,
    pub conditions: Conditions,
}

impl Task {
    pub fn create(caller: &Caller, kind: Kind, body: &Value) -> Result<Task> {
        let intake = read(caller, kind, body)?;
        Ok(Task { kind, action: Action::Create(intake) })
    }

    pub fn replace(caller: &Caller, kind: Kind, target: Target, body: &Value) -> Result<Task> {
        let intake = read(caller, kind, body)?;
        Ok(Task { kind, action: Action::Replace(target, intake) })
    }

    pub fn patch(caller: &Caller, kind: Kind, target: Target, body: &Value) -> Result<Task> {
        permit(caller)?;
        let patch = Patch::parse(body, caller.types.of(kind), &domain::limits::scim())?;
        Ok(Task { kind, action: Action::Patch(target, patch) })
    }

    pub fn delete(caller: &Caller, kind: Kind, target: Target) -> Result<Task> {
        permit(caller)?;
        Ok(Task { kind, action: Action::Delete(target) })
    }
}

fn read(caller: &Caller, kind: Kind, body: &Value) -> Result<Intake> {
    permit(caller)?;
    Ok(scim::resource::read(body, caller.types.of(kind), &domain::limits::scim())?)
}

/// Who may provision at all. Whoever may not is told so before anything else.
pub fn permit(caller: &Caller) -> Result<()> {
    caller.require(ScimWrite)?;
    caller.require_enterprise()
}

/// Carries out one task in a transaction of its own. Answers with the resource as it now is, unless it
/// is gone.
pub async fn change(app: &App, caller: &Caller, task: Task) -> Result<Option<Resource>> {
    let mut unit = Unit::begin(app, caller).await?;
    let resource = perform(&mut unit, task).await?;
    unit.finish().await?;
    Ok(resource)
}

async fn perform(unit: &mut Unit<'_>, task: Task) -> Result<Option<Resource>> {
    match (task.kind, task.action) {
        (Kind::User, Action::Create(intake)) => user::create(unit, intake).await.map(Some),
        (Kind::Group, Action::Create(intake)) => group::create(unit, intake).await.map(Some),
        (kind, Action::Replace(target, intake)) => {
            let old = lock(unit, kind, &target).await?;
            match kind {
                Kind::User => user::replace(unit, old, intake).await.map(Some),
                Kind::Group => group::replace(unit, old, intake).await.map(Some),
            }
        }
        (kind, Action::Patch(target, patch)) => {
            let old = lock(unit, kind, &target).await?;
            match kind {
                Kind::User => user::patch(unit, old, &patch).await.map(Some),
                Kind::Group => group::patch(unit, old, &patch).await.map(Some),
            }
        }
        (kind, Action::Delete(target)) => {
            let old = lock(unit, kind, &target).await?;
            match kind {
                Kind::User => user::delete(unit, &old).await?,
                Kind::Group => group::delete(unit, &old).await?,
            }
            Ok(None)
        }
    }
}

async fn lock(unit: &mut Unit<'_>, kind: Kind, target: &Target) -> Result<Resource> {
    let found = resource::find_for_update(unit, kind, &target.id).await?;
    let found = found.ok_or_else(|| not_found(kind, &target.id))?;
    target.conditions.check(found.version)?;
    Ok(found)
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

/// The next version of a resource.
fn successor(old: &Resource, document: &Document, name: &str, unit: &Unit<'_>) -> Result<Resource> {
    let new = resource_of(old.kind, old.id.clone(), document, name, unit)?;
    Ok(Resource { version: old.version + 1, created_at: old.created_at, ..new })
}

/// The first version of a resource, which is a document.
fn resource_of(
    kind: Kind,
    id: String,
    document: &Document,
    name: &str,
    unit: &Unit<'_>,
) -> Result<Resource> {
    let body = serde_json::to_string(document)
        .map_err(|_| store::Error::Corrupt("a document that is no JSON"))?;
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

fn index(unit: &Unit<'_>, kind: Kind, document: &Document) -> resource::Index {
    unit.caller().types.index(kind, document)
}
