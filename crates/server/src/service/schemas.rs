//! Schemas that an account adds to its users or groups while everything runs.
//!
//! What there is stays readable: a schema goes, or changes in a way that values could not survive, only
//! when no resource has such a value. The account is locked meanwhile, which no document is written
//! through (see `store::resource`), so that "no resource" is still true at the end.

use crate::app::App;
use crate::service::provision::Types;
use crate::service::{Caller, Error, Result, Unit};
use domain::Refusal;
use domain::audit::{Change, Subject};
use domain::limits::{SCHEMA_BYTES_MAX, SCHEMAS_MAX};
use domain::permission::Permission::{SchemasRead, SchemasWrite};
use scim::schema::{Change as Fate, Conflict, Extension, Schema};
use serde_json::{Value, json};
use store::account_schema::{self, AccountSchema};
use store::resource::{self, Kind};
use store::{Conn, account};

/// What somebody asks for.
#[derive(Clone, Debug, Default)]
pub struct NewSchema {
    /// `User` or `Group`: whose resources it is for; of a schema that there is, it stays.
    pub resource_type: Option<String>,
    /// Whether each resource must have data of it; left out, it stays, and begins as "no".
    pub required: Option<bool>,
    /// The schema, as RFC 7643 section 7 has it.
    pub definition: Value,
}

impl NewSchema {
    fn kind(&self) -> Result<Option<Kind>> {
        let Some(text) = &self.resource_type else {
            return Ok(None);
        };
        Kind::parse(text).map(Some).ok_or_else(|| {
            Error::invalid(format!("`resource_type` is `User` or `Group`, not `{text}`"))
        })
    }
}

pub async fn create(app: &App, caller: &Caller, new: &NewSchema) -> Result<AccountSchema> {
    permit(caller)?;
    let kind = new.kind()?.ok_or_else(|| {
        Error::invalid("a new schema needs a `resource_type`, which is `User` or `Group`")
    })?;
    let schema = define(&new.definition)?;
    let mut unit = begin(app, caller).await?;
    let others = account_schema::list(&mut unit).await?;
    if others.len() >= SCHEMAS_MAX {
        return Err(Error::invalid(format!(
            "an account has at most {SCHEMAS_MAX} schemas of its own; add attributes to one of them"
        )));
    }
    check_neighbours(&schema, &others)?;
    let required = new.required.unwrap_or_default();
    let made = AccountSchema {
        kind,
        extension: Extension { schema, required },
        created_at: unit.now,
        modified_at: unit.now,
    };
    if required {
        refuse_lacking(&mut unit, &made).await?;
    }
    account_schema::insert(&mut unit, &made).await?;
    unit.commit(Change::create("Create Schema", subject(&made), show(&made))).await?;
    Ok(made)
}

/// Puts a definition in the place of that of the same URN. Nothing is written when nothing changed.
pub async fn update(
    app: &App,
    caller: &Caller,
    urn: &str,
    new: &NewSchema,
) -> Result<AccountSchema> {
    permit(caller)?;
    let schema = define(&new.definition)?;
    let mut unit = begin(app, caller).await?;
    let old = find(&mut unit, urn).await?;
    if !schema.id.eq_ignore_ascii_case(old.urn()) {
        return Err(Error::invalid(format!(
            "the `id` of a schema can't change from `{}` to `{}`; add a schema of that name",
            old.urn(),
            schema.id
        )));
    }
    if new.kind()?.is_some_and(|kind| kind != old.kind) {
        return Err(Error::invalid(format!(
            "`{}` is for resources of type {}; delete it to add it for another type",
            old.urn(),
            old.kind.as_str()
        )));
    }
    let required = new.required.unwrap_or(old.extension.required);
    let extension = Extension { schema, required };
    if extension == old.extension {
        return Ok(old);
    }
    refuse_conflicts(&mut unit, &old, &extension.schema).await?;
    let made = AccountSchema { extension, modified_at: unit.now, ..old.clone() };
    if required && !old.extension.required {
        refuse_lacking(&mut unit, &made).await?;
    }
    account_schema::replace(&mut unit, &made).await?;
    unit.commit(Change::update("Update Schema", subject(&made), show(&old), show(&made))).await?;
    Ok(made)
}

/// Ends a schema that nothing has data of.
pub async fn delete(app: &App, caller: &Caller, urn: &str) -> Result<AccountSchema> {
    permit(caller)?;
    let mut unit = begin(app, caller).await?;
    let old = find(&mut unit, urn).await?;
    let urn = old.urn();
    let users = account_schema::count_users(&mut unit, old.kind, urn).await?;
    if users > 0 {
        let what = plural(users, old.kind);
        return Err(Refusal::InUse(format!(
            "{what} data of `{urn}`; find them by the filter `schemas eq \"{urn}\"` and remove `{urn}` from each first"
        ))
        .into());
    }
    account_schema::delete(&mut unit, urn).await?;
    unit.commit(Change::delete("Delete Schema", subject(&old), show(&old))).await?;
    Ok(old)
}

/// Every schema that the account added, in the order they were made.
pub async fn list(app: &App, caller: &Caller) -> Result<Vec<AccountSchema>> {
    caller.require(SchemasRead)?;
    caller.require_enterprise()?;
    let mut conn = app.db.read(&caller.account.id).await?;
    Ok(account_schema::list(&mut conn).await?)
}

pub async fn get(app: &App, caller: &Caller, urn: &str) -> Result<AccountSchema> {
    caller.require(SchemasRead)?;
    caller.require_enterprise()?;
    let mut conn = app.db.read(&caller.account.id).await?;
    find(&mut conn, urn).await
}

fn permit(caller: &Caller) -> Result<()> {
    caller.require(SchemasWrite)?;
    caller.require_enterprise()
}

/// No document is written, and no other schema changed, until the unit ends.
async fn begin<'a>(app: &'a App, caller: &'a Caller) -> Result<Unit<'a>> {
    let mut unit = Unit::begin(app, caller).await?;
    account::lock(&mut unit).await?;
    Ok(unit)
}

async fn find(conn: &mut Conn, urn: &str) -> Result<AccountSchema> {
    let found = account_schema::find(conn, urn).await?;
    found.ok_or_else(|| Error::not_found("schema", urn))
}

fn define(definition: &Value) -> Result<Schema> {
    if definition.is_null() {
        return Err(Error::invalid(
            "`schema` is missing: the definition, as RFC 7643 section 7 has it",
        ));
    }
    let schema = Schema::define(definition, &domain::limits::scim())?;
    let bytes = json!(schema).to_string().len();
    if bytes > SCHEMA_BYTES_MAX {
        return Err(Error::invalid(format!(
            "the schema has {bytes} bytes, more than the {SCHEMA_BYTES_MAX} allowed; shorten its descriptions, or make two of it"
        )));
    }
    Ok(schema)
}

/// Refuses a URN that is taken, or that reads as an attribute of another schema.
fn check_neighbours(schema: &Schema, others: &[AccountSchema]) -> Result<()> {
    let standard = Types::standard();
    for rt in standard.all() {
        schema.check_beside(&rt.schema)?;
        for extension in &rt.extensions {
            schema.check_beside(&extension.schema)?;
        }
    }
    for other in others {
        schema.check_beside(&other.extension.schema)?;
    }
    Ok(())
}

/// Refuses a new definition that values of the old one would not survive.
async fn refuse_conflicts(unit: &mut Unit<'_>, old: &AccountSchema, new: &Schema) -> Result<()> {
    let conflicts = old.extension.schema.check_change(new).err().unwrap_or_default();
    for conflict in conflicts {
        let path = &conflict.path;
        let broken = match conflict.change {
            Fate::Required => account_schema::lacks_values(unit, old.kind, old.urn(), path).await?,
            _ => account_schema::has_values(unit, old.kind, path).await?,
        };
        if broken {
            let filter = finding(&conflict, old.urn());
            return Err(Refusal::InUse(format!("{conflict}; see the filter `{filter}`")).into());
        }
    }
    Ok(())
}

/// The filter that finds those who are in the way.
fn finding(conflict: &Conflict, urn: &str) -> String {
    let path = &conflict.path;
    match conflict.change {
        Fate::Required => format!("schemas eq \"{urn}\" and not ({path} pr)"),
        _ => format!("{path} pr"),
    }
}

/// Refuses to require what not every resource has.
async fn refuse_lacking(unit: &mut Unit<'_>, schema: &AccountSchema) -> Result<()> {
    let urn = schema.urn();
    let all = resource::count(unit, schema.kind).await?;
    let lacking = all.saturating_sub(account_schema::count_users(unit, schema.kind, urn).await?);
    if lacking == 0 {
        return Ok(());
    }
    let what = plural(lacking, schema.kind);
    Err(Refusal::InUse(format!(
        "{what} no data of `{urn}`, so it can't be required; add it without, give each its data, and require it then (the filter `not (schemas eq \"{urn}\")` finds who lacks it)"
    ))
    .into())
}

fn plural(count: u64, kind: Kind) -> String {
    match (count, kind) {
        (1, Kind::User) => "1 user has".to_owned(),
        (1, Kind::Group) => "1 group has".to_owned(),
        (count, Kind::User) => format!("{count} users have"),
        (count, Kind::Group) => format!("{count} groups have"),
    }
}

fn subject(schema: &AccountSchema) -> Subject {
    Subject {
        product: "accounts",
        kind: "scim_schema",
        id: schema.urn().to_owned(),
        name: schema.extension.schema.name.clone(),
    }
}

/// A schema as it is asked for and shown everywhere.
#[must_use]
pub fn show(schema: &AccountSchema) -> Value {
    json!({
        "id": schema.urn(),
        "resource_type": schema.kind.as_str(),
        "required": schema.extension.required,
        "schema": schema.extension.schema,
    })
}
