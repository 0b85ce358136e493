//! `provost simulate`.

use super::terminal::Terminal;
use clap::{Args, Subcommand};
use simulator::{Auth, Options, Report, Target, entra, okta};
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub enum Simulate {
    /// Okta: connection test, import, assignment, profile updates, group push, offboarding
    Okta {
        #[command(flatten)]
        run: Run,
        /// `catalogue` (PATCH) or `wizard` (PUT): the two kinds of Okta application
        #[arg(long, default_value = "catalogue")]
        flavor: okta::Flavor,
    },
    /// Microsoft Entra ID: connection test, initial and incremental cycles, references, offboarding
    Entra {
        #[command(flatten)]
        run: Run,
        /// `default` or `aadOptscim062020`: how Entra writes its PATCH requests
        #[arg(long, default_value = "default")]
        flavor: entra::Flavor,
    },
}

#[derive(Args, Debug)]
pub struct Run {
    /// Where `/Users` begins, such as http://127.0.0.1:7300/client/v4/accounts/ID/scim/v2
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// API token with the permission "SCIM Provisioning Write"
    #[arg(long, env = "PROVOST_TOKEN", hide_env_values = true)]
    token: String,
    /// People in the invented company
    #[arg(long, default_value_t = 100, value_name = "N")]
    users: usize,
    /// Groups in the invented company
    #[arg(long, default_value_t = 12, value_name = "N")]
    groups: usize,
    /// The same seed is the same company
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Send the token without `Bearer`, as Okta's header authentication does
    #[arg(long)]
    raw_token: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

impl Run {
    fn options(&self) -> Options {
        Options {
            target: Target {
                base_url: self.base_url.clone(),
                token: self.token.clone(),
                auth: if self.raw_token { Auth::Raw } else { Auth::Bearer },
            },
            users: self.users,
            groups: self.groups,
            seed: self.seed,
        }
    }
}

impl Simulate {
    /// Fails when a task failed, as the identity provider would show it.
    pub async fn run(self, terminal: &Terminal) -> anyhow::Result<ExitCode> {
        let (name, json, report) = match self {
            Simulate::Okta { run, flavor } => {
                let mut progress = terminal.progress("Okta");
                ("Okta", run.json, okta::run(&run.options(), flavor, &mut progress).await?)
            }
            Simulate::Entra { run, flavor } => {
                let mut progress = terminal.progress("Entra");
                ("Entra", run.json, entra::run(&run.options(), flavor, &mut progress).await?)
            }
        };
        if json {
            terminal.print(&serde_json::to_string(&report)?);
        } else {
            terminal.say(&summary(name, &report));
            for failure in report.failures.iter().take(20) {
                terminal.say(&format!("  failed: {failure}"));
            }
        }
        Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// A report in one line.
#[must_use]
pub fn summary(name: &str, report: &Report) -> String {
    format!(
        "{name}: {} people, {} groups; {} requests ({} writes, {} creates), {} failed; \
         median {:.1} ms, 99 % within {:.1} ms",
        report.users,
        report.groups,
        report.requests,
        report.writes,
        report.creates,
        report.failed,
        report.p50_ms,
        report.p99_ms,
    )
}
