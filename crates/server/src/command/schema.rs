//! `provost schema`.

use super::terminal::Terminal;
use crate::app::App;
use crate::service::accounts;
use crate::service::schemas::{self, NewSchema};
use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;
use std::io::Read;
use store::account_schema::AccountSchema;

#[derive(Debug, Subcommand)]
pub enum Schema {
    /// List the schemas that an account added to its users and groups
    List(List),
    /// Add a schema: its attributes can be provisioned, filtered and sorted by from then on
    ///
    /// The file holds one definition as RFC 7643 section 7 has it:
    ///
    ///   {"id": "urn:example:hr:2.0:User", "name": "HR",
    ///    "attributes": [{"name": "badge", "type": "string", "uniqueness": "server"},
    ///                   {"name": "floor", "type": "integer"}]}
    ///
    /// What an attribute leaves out has the defaults of section 2.2. A running server knows the schema with
    /// the next request.
    #[command(verbatim_doc_comment)]
    Add(Add),
    /// Put another definition in the place of the one with the same URN
    ///
    /// What values that exist could not survive is refused: an attribute that is gone, of another type, newly
    /// required. Attributes can be added at any time.
    Replace(Replace),
    /// Remove a schema that no user or group has data of
    Remove(Remove),
}

#[derive(Debug, Args)]
pub struct List {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    account: String,
    /// Print `[{"id","resource_type","required","schema"}]`
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    definition: Definition,
    /// Whose resources it is for
    #[arg(long, value_enum, ignore_case = true, default_value_t = Type::User)]
    resource_type: Type,
}

#[derive(Debug, Args)]
pub struct Replace {
    #[command(flatten)]
    definition: Definition,
}

#[derive(Debug, Args)]
struct Definition {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    account: String,
    /// File with the definition in JSON; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    file: String,
    /// Whether each user or group must have data of it: refused as long as one has none. Left out, a schema
    /// that there is keeps what it has
    #[arg(long, value_name = "true|false", num_args = 0..=1, default_missing_value = "true")]
    required: Option<bool>,
    /// Print `{"id","resource_type","required","schema"}`
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Remove {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    account: String,
    /// The schema's URN, as `schema list` shows it
    #[arg(long)]
    urn: String,
    /// Print `{"id"}`
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    #[value(name = "User")]
    User,
    #[value(name = "Group")]
    Group,
}

impl Schema {
    pub async fn run(self, app: &App, terminal: &Terminal) -> anyhow::Result<()> {
        match self {
            Schema::List(list) => list.run(app, terminal).await,
            Schema::Add(Add { definition, resource_type }) => {
                let kind = match resource_type {
                    Type::User => "User",
                    Type::Group => "Group",
                };
                let caller = accounts::operate(app, &definition.account).await?;
                let new = definition.read(Some(kind))?;
                let made = schemas::create(app, &caller, &new).await?;
                definition.report("added", &made, terminal);
                Ok(())
            }
            Schema::Replace(Replace { definition }) => {
                let caller = accounts::operate(app, &definition.account).await?;
                let new = definition.read(None)?;
                let made = schemas::update(app, &caller, urn(&new.definition), &new).await?;
                definition.report("replaced", &made, terminal);
                Ok(())
            }
            Schema::Remove(remove) => {
                let caller = accounts::operate(app, &remove.account).await?;
                let gone = schemas::delete(app, &caller, &remove.urn).await?;
                if remove.json {
                    terminal.print(&serde_json::json!({"id": gone.urn()}).to_string());
                } else {
                    terminal.say(&format!("removed {}", gone.urn()));
                }
                Ok(())
            }
        }
    }
}

impl Definition {
    fn read(&self, kind: Option<&str>) -> anyhow::Result<NewSchema> {
        let text = if self.file == "-" {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("standard input can't be read")?;
            text
        } else {
            let file = &self.file;
            std::fs::read_to_string(file).with_context(|| format!("`{file}` can't be read"))?
        };
        let definition: Value = serde_json::from_str(&text).with_context(|| {
            format!("`{}` is not JSON; `provost schema add --help` shows a definition", self.file)
        })?;
        let resource_type = kind.map(str::to_owned);
        Ok(NewSchema { resource_type, required: self.required, definition })
    }

    fn report(&self, done: &str, made: &AccountSchema, terminal: &Terminal) {
        if self.json {
            terminal.print(&schemas::show(made).to_string());
        } else {
            terminal.say(&format!("{done} {}", line(made)));
        }
    }
}

impl List {
    async fn run(self, app: &App, terminal: &Terminal) -> anyhow::Result<()> {
        let caller = accounts::operate(app, &self.account).await?;
        let listed = schemas::list(app, &caller).await?;
        if self.json {
            let rows = listed.iter().map(schemas::show);
            terminal.print(&Value::from_iter(rows).to_string());
            return Ok(());
        }
        if listed.is_empty() {
            terminal.say("this account has no schemas of its own; `provost schema add` makes one");
        }
        for schema in &listed {
            terminal.say(&line(schema));
        }
        Ok(())
    }
}

/// Names compare without case here as everywhere in a definition.
fn urn(definition: &Value) -> &str {
    let members = definition.as_object().into_iter().flatten();
    let id = members.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("id"));
    id.and_then(|(_, id)| id.as_str()).unwrap_or_default()
}

/// `urn:example:hr:2.0:User  User  required  badge, floor`
fn line(schema: &AccountSchema) -> String {
    let names: Vec<&str> =
        schema.extension.schema.attributes.iter().map(|one| one.name.as_str()).collect();
    let required = if schema.extension.required { "required" } else { "optional" };
    format!("{}  {}  {required}  {}", schema.urn(), schema.kind.as_str(), names.join(", "))
}
