//! SCIM users: create, replace, patch, delete, and the life cycle of the person behind each.

use super::{document, index, name_taken, resource_of, successor};
use crate::service::{Error, Result, Unit, guard, residence};
use domain::audit::{Change, Subject};
use domain::group::is_plain;
use domain::id::MemberId;
use domain::lifecycle::{Consequence, Standing, consequence};
use domain::member::{Member, Profile, Status, is_active, names_agree, says_active};
use scim::Document;
use scim::patch::Patch;
use scim::resource::{Intake, check_immutable};
use serde_json::Value;
use store::resource::{self, Kind, Resource};
use store::{member, membership};

/// Adds a person. One who was here before comes back under the same id; a member who was added by
/// hand under this name is claimed and keeps their roles.
pub async fn create(unit: &mut Unit<'_>, intake: Intake) -> Result<Resource> {
    let mut document = intake.document;
    let profile = check(&document)?;
    let active = is_active(&document);
    document.insert("active".to_owned(), Value::Bool(active));

    let existing = resource::find_by_name(unit, Kind::User, &profile.key).await?;
    let existing = match existing {
        Some(resource) if resource.active || !active => {
            return Err(name_taken("userName", user_name(&document)));
        }
        existing => existing,
    };
    let known = match &existing {
        Some(resource) => Some(its_member(unit, &resource.id).await?),
        None => residence::namesake(unit, &profile.key).await?,
    };
    let was_here = known.is_some();
    let id = known
        .as_ref()
        .map_or_else(|| MemberId::new(unit.now, &unit.app().chance), |member| member.id.clone())
        .to_string();
    refuse_borrowed(unit, &profile, &id).await?;
    let before = existing.as_ref().map_or(Ok(Value::Null), document_value)?;
    let mut notes = arrive(unit, &id, known, &profile, active).await?;
    notes.extend(mismatch(&document));

    let index = index(unit, Kind::User, &document);
    let resource = match existing {
        Some(old) => {
            let resource = successor(&old, &document, user_name(&document), unit)?;
            resource::replace(unit, &resource, &index).await?;
            resource
        }
        None => {
            let mut resource = resource_of(Kind::User, id, &document, user_name(&document), unit)?;
            if was_here {
                // Beyond every version of an earlier life under this id: nobody changes that often.
                resource.version = unit.now.millis().saturating_mul(1000);
            }
            resource::insert(unit, &resource, &index).await?;
            resource
        }
    };
    let after = Value::Object(document);
    let created = Change::create("Create SCIM User", subject(&resource.id, &profile), after);
    unit.record(Change { before, ..created }.noting(notes)).await?;
    Ok(resource)
}

/// Puts a whole new document in the place of the old one. `active` stays as it is when left out,
/// since a client that doesn't map it must not lock people out.
pub async fn replace(unit: &mut Unit<'_>, old: Resource, intake: Intake) -> Result<Resource> {
    let mut after = intake.document;
    after.entry("active").or_insert(Value::Bool(old.active));
    check_immutable(&document(&old)?, &after, unit.caller().types.of(Kind::User))?;
    settle(unit, old, after, "Replace SCIM User").await
}

/// Applies every operation or none.
pub async fn patch(unit: &mut Unit<'_>, old: Resource, patch: &Patch) -> Result<Resource> {
    let user = unit.caller().types.of(Kind::User);
    let after = patch.apply(&document(&old)?, user, None)?.document;
    settle(unit, old, after, "Update SCIM User").await
}

/// Deletes the resource and ends the membership. The id and the history are kept for a return.
pub async fn delete(unit: &mut Unit<'_>, old: &Resource) -> Result<()> {
    let before = document_value(old)?;
    let mut member = its_member(unit, &old.id).await?;
    let was_in = old.active || member.protected;
    let now = unit.now;
    // Before the person leaves them, who may leave by departing.
    resource::touch_groups_of(unit, &old.id, now).await?;
    let notes = depart(unit, &mut member, was_in, Standing::Absent).await?;
    membership::leave(unit, &member.id, true).await?;
    resource::delete(unit, Kind::User, &old.id).await?;
    let subject = subject(&old.id, &Profile::of(&document(old)?));
    unit.record(Change::delete("Delete SCIM User", subject, before).noting(notes)).await
}

/// Makes the stored person what the document says. Nothing is written when nothing changed.
async fn settle(
    unit: &mut Unit<'_>,
    old: Resource,
    after: Document,
    action: &'static str,
) -> Result<Resource> {
    let before = document(&old)?;
    let mut member = its_member(unit, &old.id).await?;
    // Said again of somebody who is protected, "out" may be possible by now.
    let unchanged = before == after;
    if unchanged && (old.active || !member.protected) {
        return Ok(old);
    }
    let profile = check(&after)?;
    if profile.key != old.name_key {
        let holder = resource::find_by_name(unit, Kind::User, &profile.key).await?;
        let namesake = member::find_by_key(unit, &profile.key).await?;
        let taken = namesake
            .is_some_and(|member| member.status != Status::Removed && member.id.as_str() != old.id);
        if holder.is_some() || taken {
            return Err(name_taken("userName", user_name(&after)));
        }
    }
    refuse_borrowed(unit, &profile, &old.id).await?;
    // Clearing `active` says nothing about the person, as leaving it out does.
    let active = says_active(&after).unwrap_or(old.active);
    let mut notes = if active && !old.active {
        arrive(unit, &old.id, Some(member), &profile, true).await?
    } else {
        rename(unit, &mut member, &profile).await?;
        let was_in = old.active || member.protected;
        depart(unit, &mut member, was_in, Standing::of(active)).await?
    };
    if unchanged && notes.is_empty() {
        return Ok(old);
    }
    notes.extend(mismatch(&after));
    let mut resource = successor(&old, &after, user_name(&after), unit)?;
    resource.active = active;
    let index = index(unit, Kind::User, &after);
    resource::replace(unit, &resource, &index).await?;
    let (before, after) = differences(&before, &after);
    unit.record(Change::update(action, subject(&old.id, &profile), before, after).noting(notes))
        .await?;
    Ok(resource)
}

/// The person is in, or at least known: makes the member row say so.
async fn arrive(
    unit: &mut Unit<'_>,
    id: &str,
    known: Option<Member>,
    profile: &Profile,
    active: bool,
) -> Result<Vec<String>> {
    let Some(mut member) = known else {
        let id = MemberId::stored(id.to_owned());
        let status = if active { Status::Accepted } else { Status::Removed };
        let mut member = residence::newcomer(unit, id, profile, status).await?;
        member.managed = true;
        member::insert(unit, &member).await?;
        if active {
            residence::grant_minimal(unit, &member.id).await?;
        }
        return Ok(Vec::new());
    };
    let was = member.status;
    let claimed = was != Status::Removed && !member.managed;
    // Who is in again needs no protection, unless the role would go with it.
    let watch = if member.protected { Some(guard::watch(unit).await?) } else { None };
    residence::describe(unit, &mut member, profile).await?;
    member.managed = true;
    member.protected = false;
    if active {
        member.status = Status::Accepted;
    }
    member::replace(unit, &member).await?;
    let mut notes = Vec::new();
    if let Some(watch) = watch {
        notes.extend(watch.protect(unit).await?);
    }
    if was == Status::Removed && active {
        residence::grant_minimal(unit, &member.id).await?;
        return Ok(vec!["returned".to_owned()]);
    }
    if claimed {
        notes.push("claimed".to_owned());
    }
    // Claimed with `active: false`: the identity provider's first word is "out".
    if !active && was != Status::Removed {
        notes.extend(depart(unit, &mut member, true, Standing::Inactive).await?);
    }
    Ok(notes)
}

/// The person is out: ends the membership, unless the account would lose its last administrator.
async fn depart(
    unit: &mut Unit<'_>,
    member: &mut Member,
    was_active: bool,
    to: Standing,
) -> Result<Vec<String>> {
    let sole = was_active && to != Standing::Active && guard::is_sole(unit, member).await?;
    match consequence(Standing::of(was_active), to, sole) {
        Consequence::Dismiss => residence::end(unit, member, to == Standing::Absent).await,
        Consequence::Protect if member.protected => Ok(Vec::new()),
        Consequence::Protect => {
            member.protected = true;
            member::replace(unit, member).await?;
            // Out is out for what the person holds, whatever the account needs.
            let mut notes = residence::end_credentials(unit, &member.id).await?;
            notes.push("protected: the only Super Administrator stays a member".to_owned());
            Ok(notes)
        }
        Consequence::Keep | Consequence::Admit => Ok(Vec::new()),
    }
}

/// Makes a user inactive whose membership an administrator ended.
pub async fn deactivate(unit: &mut Unit<'_>, mut user: Resource) -> Result<()> {
    let mut after = document(&user)?;
    after.insert("active".to_owned(), Value::Bool(false));
    user.active = false;
    user.version += 1;
    user.modified_at = unit.now;
    user.body = Value::Object(after.clone()).to_string();
    let index = index(unit, Kind::User, &after);
    Ok(resource::replace(unit, &user, &index).await?)
}

/// Who the person is by the newest word, without a word on whether they are in.
async fn rename(unit: &mut Unit<'_>, member: &mut Member, profile: &Profile) -> Result<()> {
    residence::describe(unit, member, profile).await?;
    Ok(member::rename(unit, member).await?)
}

/// Somebody whose `userName` is no address is shown with an e-mail address, which must not be the name
/// of another member: lists and the audit log would take the one for the other.
async fn refuse_borrowed(unit: &mut Unit<'_>, profile: &Profile, id: &str) -> Result<()> {
    let address = scim::schema::fold(&profile.email);
    if address == profile.key {
        return Ok(());
    }
    match member::find_by_key(unit, &address).await? {
        Some(other) if other.status != Status::Removed && other.id.as_str() != id => {
            Err(name_taken("e-mail address", &profile.email))
        }
        _ => Ok(()),
    }
}

async fn its_member(unit: &mut Unit<'_>, id: &str) -> Result<Member> {
    let id = MemberId::stored(id.to_owned());
    let member = member::find_for_update(unit, &id).await?;
    member.ok_or(Error::Store(store::Error::Corrupt("member of a user")))
}

fn check(document: &Document) -> Result<Profile> {
    let profile = Profile::of(document);
    if profile.key.chars().count() > domain::limits::EMAIL_MAX {
        return Err(scim::Error::invalid_value(format!(
            "`userName` has at most {} characters",
            domain::limits::EMAIL_MAX
        ))
        .into());
    }
    if !is_plain(user_name(document)) {
        return Err(scim::Error::invalid_value(
            "`userName` begins or ends with a blank, or holds characters that can't be seen",
        )
        .into());
    }
    Ok(profile)
}

fn user_name(document: &Document) -> &str {
    scim::resource::text(document, "userName").unwrap_or_default()
}

fn mismatch(document: &Document) -> Option<String> {
    let note = "userName and the primary e-mail address differ: in Entra, map `mail` and \
                `userPrincipalName` to the same value, case included";
    (!names_agree(document)).then(|| note.to_owned())
}

fn document_value(resource: &Resource) -> Result<Value> {
    document(resource).map(Value::Object)
}

/// Only what changed, on both sides.
fn differences(before: &Document, after: &Document) -> (Value, Value) {
    let of = |one: &Document, other: &Document| {
        let changed = one.iter().filter(|(name, value)| other.get(*name) != Some(value));
        Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    (of(before, after), of(after, before))
}

fn subject(id: &str, profile: &Profile) -> Subject {
    Subject {
        product: "members",
        kind: "scim_user",
        id: id.to_owned(),
        name: profile.email.clone(),
    }
}
