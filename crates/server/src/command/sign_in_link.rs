//! `provost sign-in-link`.

use super::terminal::Terminal;
use crate::app::App;
use crate::config::{Config, Flags};
use crate::service::{accounts, sign_in};
use clap::Args;
use domain::secret::Secret;

#[derive(Debug, Args)]
pub struct SignInLink {
    /// Id of the account
    #[arg(long, value_name = "ID")]
    account: String,
    /// E-mail address of the member
    #[arg(long)]
    email: String,
}

impl SignInLink {
    pub async fn run(self, app: &App, flags: &Flags, terminal: &Terminal) -> anyhow::Result<()> {
        let caller = accounts::operate(app, &self.account).await?;
        let secret = sign_in::make_link(app, &caller, &self.email).await?;
        let config = Config::decide(flags)?;
        let base = config.public_url.unwrap_or_else(|| format!("http://{}", config.listen));
        terminal.print(&link(&base, &secret));
        Ok(())
    }
}

/// The one-time link, below the server's own URL.
#[must_use]
pub fn link(base: &str, secret: &Secret) -> String {
    format!("{}/sign-in?token={}", base.trim_end_matches('/'), secret.reveal())
}
