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
    /// List the tokens of an account, without their values
    List(List),
    /// End a token: the next request that brings it is refused
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub struct List {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    account: String,
    /// Print `[{"id","name","expires_on","personal"}]`
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Revoke {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    account: String,
    /// Id of the token, as `token list` shows it
    #[arg(long, value_name = "ID")]
    id: String,
}

#[derive(Debug, Args)]
pub struct Create {
    /// Id of the account it opens
    #[arg(long, value_name = "ID")]
    account: String,
    /// What it is for, up to 120 characters
    #[arg(long)]
    name: String,
    /// What it may do; give it again for more: "SCIM Provisioning Read", "SCIM Provisioning Write",
    /// "Account Settings Read", "Account Settings Write"
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
        match self {
            Token::Create(create) => create.run(app, terminal).await,
            Token::List(list) => list.run(app, terminal).await,
            Token::Revoke(revoke) => {
                let caller = accounts::operate(app, &revoke.account).await?;
                tokens::revoke(app, &caller, &revoke.id).await?;
                terminal.say("revoked");
                Ok(())
            }
        }
    }
}

impl Create {
    async fn run(self, app: &App, terminal: &Terminal) -> anyhow::Result<()> {
        let caller = accounts::operate(app, &self.account).await?;
        let new = NewToken {
            name: self.name,
            permissions: self.permissions,
            expires_at: self.expires_on,
            owner: self.owner,
        };
        let (token, secret) = tokens::create(app, &caller, &new).await?;
        if self.json {
            let result = json!({"id": token.id, "value": secret.reveal()});
            terminal.print(&result.to_string());
            return Ok(());
        }
        terminal.say(&format!("token  {}", token.id));
        terminal.say(&format!("value  {}", secret.reveal()));
        terminal.say("       It is not shown again.");
        terminal.say(&format!(
            "SCIM   /client/v4/accounts/{}/scim/v2, below the URL of the server",
            self.account
        ));
        Ok(())
    }
}

impl List {
    async fn run(self, app: &App, terminal: &Terminal) -> anyhow::Result<()> {
        let caller = accounts::operate(app, &self.account).await?;
        let tokens = tokens::list(app, &caller).await?;
        if self.json {
            let rows = tokens.iter().map(|token| {
                json!({
                    "id": token.id,
                    "name": token.name,
                    "expires_on": token.expires_at,
                    "personal": token.owner.is_some(),
                })
            });
            terminal.print(&serde_json::Value::from_iter(rows).to_string());
            return Ok(());
        }
        for token in tokens {
            let until =
                token.expires_at.map_or("for good".to_owned(), |end| format!("until {end}"));
            terminal.say(&format!("{}  {until}  {}", token.id, token.name));
        }
        Ok(())
    }
}
