//! The command line: what `provost` can be told to do.

pub mod account;
pub mod demo;
pub mod schema;
pub mod serve;
pub mod sign_in_link;
pub mod simulate;
pub mod terminal;
pub mod token;

use crate::app::App;
use crate::config::{Config, Flags};
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use store::Db;
use terminal::Terminal;

/// Keeps a company's people in step with its identity provider.
///
/// Okta, Microsoft Entra ID or any SCIM 2.0 client pushes users and groups into an account; they become
/// members, user groups and permissions, and lose everything the moment the identity provider says so.
///
/// Try it with nothing else installed: `provost demo`.
#[derive(Debug, Parser)]
#[command(name = "provost", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the main job on an invented company: provisioning, offboarding, and how fast it works
    Demo(demo::Demo),
    /// Run the server
    Serve(serve::Serve),
    /// Make accounts
    #[command(subcommand)]
    Account(account::Account),
    /// Make API tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Add attributes of one's own to the users or groups of an account
    #[command(subcommand)]
    Schema(schema::Schema),
    /// Make a link that signs a member in to the dashboard once
    SignInLink(sign_in_link::SignInLink),
    /// Play an identity provider against a SCIM server: this one or any other
    #[command(subcommand)]
    Simulate(simulate::Simulate),
    /// Bring the database up to this version and exit
    Migrate,
}

/// Runs a command: 0 done, 1 failed. Wrong usage (2) never gets here.
#[must_use]
pub fn main(cli: Cli) -> ExitCode {
    let terminal = Terminal::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(cli, &terminal)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            terminal.fail(&error);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli, terminal: &Terminal) -> anyhow::Result<ExitCode> {
    let flags = &cli.flags;
    match cli.command {
        Command::Demo(demo) => demo.run(flags, terminal).await?,
        Command::Serve(serve) => serve.run(flags, terminal).await?,
        Command::Account(account) => account.run(&open(flags).await?, terminal).await?,
        Command::Token(token) => token.run(&open_existing(flags).await?, terminal).await?,
        Command::Schema(schema) => schema.run(&open_existing(flags).await?, terminal).await?,
        Command::SignInLink(link) => {
            link.run(&open_existing(flags).await?, flags, terminal).await?;
        }
        Command::Simulate(simulate) => return simulate.run(terminal).await,
        Command::Migrate => {
            open(flags).await?;
            terminal.say("the database is up to date");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The database of a short command, which may be one that a server is using.
async fn open(flags: &Flags) -> anyhow::Result<App> {
    let config = Config::decide(flags)?;
    Ok(App::new(Db::open(&config.database).await?, config.public_url))
}

/// As [`open`], for commands about an account that exists: a new file would only hide the mistake.
async fn open_existing(flags: &Flags) -> anyhow::Result<App> {
    let config = Config::decide(flags)?;
    if let Some(path) = store::db::sqlite_path(&config.database)
        && !path.exists()
    {
        anyhow::bail!("there is no database at `{}`; is --database right?", path.display());
    }
    open(flags).await
}
