//! `provost account`.

use super::terminal::Terminal;
use crate::app::App;
use crate::service::accounts;
use clap::{Args, Subcommand, ValueEnum};
use domain::account::Kind;
use serde_json::json;

#[derive(Debug, Subcommand)]
pub enum Account {
    /// Make an account with its first Super Administrator and an API token that holds every permission
    Create(Create),
}

#[derive(Debug, Args)]
pub struct Create {
    /// Name of the account, up to 100 characters
    #[arg(long)]
    name: String,
    /// E-mail address of the first Super Administrator
    #[arg(long, value_name = "EMAIL")]
    super_admin: String,
    /// SCIM provisioning is for `enterprise` accounts
    #[arg(long = "type", value_enum, default_value_t = Type::Enterprise)]
    kind: Type,
    /// Print `{"account_id","member_id","api_token"}`
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    Enterprise,
    Standard,
}

impl Account {
    pub async fn run(self, app: &App, terminal: &Terminal) -> anyhow::Result<()> {
        let Account::Create(create) = self;
        let kind = match create.kind {
            Type::Enterprise => Kind::Enterprise,
            Type::Standard => Kind::Standard,
        };
        let made = accounts::create(app, &create.name, kind, &create.super_admin).await?;
        let (account, member) = (&made.account.id, &made.member_id);
        if create.json {
            let result = json!({
                "account_id": account,
                "member_id": member,
                "api_token": made.token.reveal(),
            });
            terminal.print(&result.to_string());
            return Ok(());
        }
        terminal.say(&format!("account    {account}"));
        terminal.say(&format!("member     {member} ({}, Super Administrator)", create.super_admin));
        terminal.say(&format!("API token  {}", made.token.reveal()));
        terminal.say("           It holds every permission of the account and is not shown again.");
        Ok(())
    }
}
