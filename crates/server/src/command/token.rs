//! `provost token`.

use super::terminal::Terminal;
use crate::app::App;
use crate::service::accounts;
use crate::service::tokens::{self, NewToken};
use clap::{Args, Subcommand};
use domain::Time;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum Token {
    /// Make an API token; its value is shown once
    Create(Create),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Id of the account it opens
    #[arg(long, value_name = "ID")]
    account: String,
    /// What it is for, up to 120 characters
    #[arg(long)]
    name: String,
    /// A permission, such as "SCIM Provisioning Write"; give it again for more
    #[arg(long = "permission", required = true, value_name = "NAME")]
    permissions: Vec<String>,
    /// Until when it is valid: a date or an RFC 3339 instant, such as 2027-01-31T00:00:00Z
    #[arg(long, value_name = "TIME", value_parser = time)]
    expires_on: Option<Time>,
    /// The member it belongs to, by e-mail address: it ends with the membership
    #[arg(long, value_name = "EMAIL")]
    owner: Option<String>,
    /// Print `{"id","value"}`
    #[arg(long)]
    json: bool,
}

fn time(text: &str) -> Result<Time, String> {
    Time::parse(text).ok_or_else(|| "not a date nor an RFC 3339 instant".to_owned())
}

impl Token {
    pub async fn run(self, app: &App, terminal: &Terminal) -> anyhow::Result<()> {
        let Token::Create(create) = self;
        let caller = accounts::operate(app, &create.account).await?;
        let new = NewToken {
            name: create.name,
            permissions: create.permissions,
            expires_at: create.expires_on,
            owner: create.owner,
        };
        let (token, secret) = tokens::create(app, &caller, &new).await?;
        if create.json {
            let result = json!({"id": token.id, "value": secret.reveal()});
            terminal.print(&result.to_string());
            return Ok(());
        }
        terminal.say(&format!("token  {}", token.id));
        terminal.say(&format!("value  {}", secret.reveal()));
        terminal.say("       It is not shown again.");
        Ok(())
    }
}
