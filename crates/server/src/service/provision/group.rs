//! SCIM groups: create, replace, patch, delete. The user group behind each is found by the same id.
//!
//! Members are never part of the document: a change of one person in a group of ten thousand reads
//! and writes one row.

use super::{document, index, name_taken, resource_of, successor};
use crate::service::guard::Watch;
use crate::service::{Result, Unit, guard};
use domain::audit::{Change, Subject};
use domain::group::{UserGroup, check_name};
use domain::id::GroupId;
use domain::limits::MEMBER_COMPARISONS_MAX;
use scim::Document;
use scim::patch::{Member, MemberChange, Patch};
use scim::resource::{Intake, check_immutable};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use store::resource::{self, Kind, Resource};
use store::{group, membership, policy};

/// Adds a group, or claims the user group of this name that was made by hand: its policies stay.
pub async fn create(unit: &mut Unit<'_>, intake: Intake) -> Result<Resource> {
    let name = display_name(&intake.document).to_owned();
    check_name(&name)?;
    let key = scim::schema::fold(&name).into_owned();
    if resource::find_by_name(unit, Kind::Group, &key).await?.is_some() {
        return Err(name_taken("displayName", &name));
    }
    let mut notes = Vec::new();
    let id = match group::find_by_name(unit, &name).await? {
        Some(mut found) => {
            notes.push("claimed".to_owned());
            found.name.clone_from(&name);
            found.managed = true;
            found.modified_at = unit.now;
            group::replace(unit, &found).await?;
            found.id
        }
        None => insert(unit, &name).await?,
    };
    let resource = resource_of(Kind::Group, id.to_string(), &intake.document, &name, unit)?;
    let index = index(unit, Kind::Group, &intake.document);
    resource::insert(unit, &resource, &index).await?;
    let watch = guard::watch_holder(unit, id.as_str()).await?;
    let added = add(unit, &id, &intake.members.unwrap_or_default()).await?;
    notes.extend(protect(unit, watch).await?);
    let mut after = Value::Object(intake.document);
    after["members"] = json!({"added": added});
    let subject = subject(id.as_str(), &name);
    unit.record(Change::create("Create SCIM Group", subject, after).noting(notes)).await?;
    Ok(resource)
}

async fn insert(unit: &mut Unit<'_>, name: &str) -> Result<GroupId> {
    let id = GroupId::new(unit.now, &unit.app().chance);
    let group = UserGroup {
        account_id: unit.caller().account.id.clone(),
        id: id.clone(),
        name: name.to_owned(),
        managed: true,
        created_at: unit.now,
        modified_at: unit.now,
    };
    group::insert(unit, &group).await?;
    Ok(id)
}

/// Puts a whole new document in the place of the old one, members included. Members that are left
/// out stay: only `[]` empties a group.
pub async fn replace(unit: &mut Unit<'_>, old: Resource, intake: Intake) -> Result<Resource> {
    let members = intake.members.map_or_else(MemberChange::default, |ids| MemberChange {
        clear: true,
        add: ids,
        remove: Vec::new(),
    });
    let kind = unit.caller().types.of(Kind::Group);
    check_immutable(&document(&old)?, &intake.document, kind)?;
    settle(unit, old, intake.document, members, "Replace SCIM Group").await
}

/// Applies every operation or none.
pub async fn patch(unit: &mut Unit<'_>, old: Resource, patch: &Patch) -> Result<Resource> {
    let members = if patch.needs_members() { Some(members(unit, &old.id).await?) } else { None };
    let comparisons = patch.member_terms() * members.as_ref().map_or(0, Vec::len);
    if comparisons > MEMBER_COMPARISONS_MAX {
        return Err(scim::Error::too_many(format!(
            "searching the members would take {comparisons} comparisons, more than the \
             {MEMBER_COMPARISONS_MAX} allowed; name them by `value eq`"
        ))
        .into());
    }
    let kind = unit.caller().types.of(Kind::Group);
    let outcome = patch.apply(&document(&old)?, kind, members.as_deref())?;
    settle(unit, old, outcome.document, outcome.members, "Update SCIM Group").await
}

/// Deletes the group, its memberships and its policies. Nobody's membership of the account ends.
pub async fn delete(unit: &mut Unit<'_>, old: &Resource) -> Result<()> {
    let id = GroupId::stored(old.id.clone());
    group::find_for_update(unit, &id).await?;
    let watch = guard::watch_holder(unit, &old.id).await?;
    let removed = membership::clear(unit, &id).await?;
    let policies = policy::of(unit, &old.id).await?;
    policy::replace(unit, &old.id, &[]).await?;
    resource::delete(unit, Kind::Group, &old.id).await?;
    group::delete(unit, &id).await?;
    let notes: Vec<String> = protect(unit, watch).await?.into_iter().collect();
    let before = document(old)?;
    let name = display_name(&before).to_owned();
    let mut before = Value::Object(before);
    before["members"] = json!({"removed": removed});
    before["policies"] = json!(policies);
    let subject = subject(&old.id, &name);
    unit.record(Change::delete("Delete SCIM Group", subject, before).noting(notes)).await
}

/// Makes the stored group what the request says. Nothing is written when nothing changed.
async fn settle(
    unit: &mut Unit<'_>,
    old: Resource,
    after: Document,
    members: MemberChange,
    action: &'static str,
) -> Result<Resource> {
    let before = document(&old)?;
    let id = GroupId::stored(old.id.clone());
    if display_name(&before) != display_name(&after) {
        rename(unit, &old, &id, display_name(&after)).await?;
    }
    let (add_ids, remove_ids) = net(unit, &id, members).await?;
    let watch = if add_ids.is_empty() && remove_ids.is_empty() {
        None
    } else {
        // Its policies must not begin to speak of the role meanwhile.
        group::find_for_update(unit, &id).await?;
        guard::watch_holder(unit, &old.id).await?
    };
    let added = add(unit, &id, &add_ids).await?;
    let removed = membership::remove(unit, &id, &remove_ids).await?;
    if before == after && added.is_empty() && removed.is_empty() {
        return Ok(old);
    }
    let notes: Vec<String> = protect(unit, watch).await?.into_iter().collect();

    let resource = successor(&old, &after, display_name(&after), unit)?;
    // The group before the account, which a document is written through: as whoever edits policies does.
    let now = unit.now;
    group::touch(unit, &id, now).await?;
    if before == after {
        resource::touch(unit, &resource).await?;
    } else {
        let index = index(unit, Kind::Group, &after);
        resource::replace(unit, &resource, &index).await?;
    }
    let name = display_name(&after).to_owned();
    let (mut before, mut after) = (Value::Object(before), Value::Object(after));
    if !removed.is_empty() {
        before["members"] = json!({"removed": removed});
    }
    if !added.is_empty() {
        after["members"] = json!({"added": added});
    }
    unit.record(Change::update(action, subject(&old.id, &name), before, after).noting(notes))
        .await?;
    Ok(resource)
}

async fn rename(unit: &mut Unit<'_>, old: &Resource, id: &GroupId, name: &str) -> Result<()> {
    check_name(name)?;
    let namesake = group::find_by_name(unit, name).await?;
    if namesake.is_some_and(|namesake| namesake.id.as_str() != old.id) {
        return Err(name_taken("displayName", name));
    }
    let Some(mut group) = group::find_for_update(unit, id).await? else {
        return Err(store::Error::Corrupt("user group of a SCIM group").into());
    };
    name.clone_into(&mut group.name);
    group.modified_at = unit.now;
    Ok(group::replace(unit, &group).await?)
}

/// Whom to add and whom to remove. Only a change that replaces everybody has to know who is there.
async fn net(
    unit: &mut Unit<'_>,
    id: &GroupId,
    change: MemberChange,
) -> Result<(Vec<String>, Vec<String>)> {
    if !change.clear {
        return Ok((change.add, change.remove));
    }
    let current: BTreeSet<String> = membership::ids(unit, id).await?.into_iter().collect();
    let wanted: BTreeSet<String> = change.add.into_iter().collect();
    let add = wanted.difference(&current).cloned().collect();
    let remove = current.difference(&wanted).cloned().collect();
    Ok((add, remove))
}

async fn add(unit: &mut Unit<'_>, id: &GroupId, ids: &[String]) -> Result<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let known: BTreeSet<String> = membership::known_users(unit, ids).await?.into_iter().collect();
    if let Some(unknown) = ids.iter().find(|id| !known.contains(*id)) {
        return Err(scim::Error::invalid_value(format!(
            "`members` names `{unknown}`, and there is no such user; create the user first"
        ))
        .into());
    }
    let now = unit.now;
    Ok(membership::add(unit, id, ids, now).await?)
}

async fn members(unit: &mut Unit<'_>, id: &str) -> Result<Vec<Member>> {
    let pairs = membership::users_of(unit, &[id]).await?;
    let member = |pair: membership::Pair| Member {
        value: pair.member_id,
        display: Some(pair.member_email),
        kind: "User".to_owned(),
    };
    Ok(pairs.into_iter().map(member).collect())
}

async fn protect(unit: &mut Unit<'_>, watch: Option<Watch>) -> Result<Option<String>> {
    match watch {
        Some(watch) => watch.protect(unit).await,
        None => Ok(None),
    }
}

fn display_name(document: &Document) -> &str {
    scim::resource::text(document, "displayName").unwrap_or_default()
}

fn subject(id: &str, name: &str) -> Subject {
    Subject { product: "user_groups", kind: "scim_group", id: id.to_owned(), name: name.to_owned() }
}
