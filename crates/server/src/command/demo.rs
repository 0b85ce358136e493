//! `provost demo`: the main job, with nothing else installed.

use super::sign_in_link::link;
use super::simulate::summary;
use super::terminal::Terminal;
use crate::app::App;
use crate::config::Flags;
use crate::listen;
use crate::service::accounts::{self, Created};
use crate::service::policies::NewPolicy;
use crate::service::tokens::{self, NewToken};
use crate::service::{Caller, groups, sign_in};
use anyhow::{Context, bail};
use clap::Args;
use domain::account::{Kind, whole};
use domain::limits::DEMO_TOKEN_LIFETIME;
use domain::policy::Access;
use domain::role;
use serde_json::json;
use simulator::{Auth, Company, Person, Report, Target, entra, okta};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use store::{Db, lock};
use tokio::net::TcpListener;

const SUPER_ADMIN: &str = "augusta@orchard.example";
const DEFAULT_LISTEN: &str = "127.0.0.1:7300";
/// The company, and one that it bought and that comes with Entra.
const PEOPLE: (usize, usize) = (160, 90);
const GROUPS: (usize, usize) = (14, 9);
const SEEDS: (u64, u64) = (1815, 1852);

#[derive(Debug, Args)]
pub struct Demo {
    /// Keep the database in this folder instead of a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Stop after the story instead of leaving the dashboard open
    #[arg(long)]
    exit: bool,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// What stopped working, and how long after the PATCH was sent it was first refused.
struct Revocation {
    kind: &'static str,
    millis: f64,
}

impl Demo {
    pub async fn run(self, flags: &Flags, terminal: &Terminal) -> anyhow::Result<()> {
        if self.json {
            terminal.be_quiet();
        }
        let (dir, _temporary) = self.folder()?;
        let file = dir.join("demo.db");
        let _lock = lock::acquire(&file)?;
        let app = App::new(Db::open(&format!("sqlite:{}", file.display())).await?, None);
        let listener = bind(flags.listen.as_deref()).await?;
        let url = format!("http://{}", listener.local_addr()?);

        let created = accounts::create(&app, "Orchard", Kind::Enterprise, SUPER_ADMIN).await?;
        let caller = Caller::operator(created.account.clone());
        let base = format!("{url}/client/v4/accounts/{}/scim/v2", created.account.id);
        terminal.say(&format!("Account `Orchard` on {url}"));
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let server = tokio::spawn(listen::serve(app.clone(), listener, async {
            // Dropping the sender stops the server as well.
            let _ = stopped.await;
        }));

        let story = story(&app, &caller, &created, &base, &url, terminal).await?;
        if self.json {
            terminal.print(&story.to_string());
        }
        if !self.exit {
            let secret = sign_in::make_link(&app, &caller, SUPER_ADMIN).await?;
            terminal.say("");
            terminal.say(
                "See who is in, and what the identity providers did (works once, for 15 minutes):",
            );
            terminal.say(&format!("  {}", link(&url, &secret)));
            terminal.say("Ctrl-C stops.");
            listen::signalled()?.await;
        }
        drop(stop);
        server.await?
    }

    fn folder(&self) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
        match &self.data {
            Some(dir) => {
                std::fs::create_dir_all(dir)
                    .with_context(|| format!("`{}` can't be made", dir.display()))?;
                Ok((dir.clone(), None))
            }
            None => {
                let temporary = tempfile::Builder::new()
                    .prefix("provost-demo-")
                    .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700))
                    .tempdir()?;
                Ok((temporary.path().to_owned(), Some(temporary)))
            }
        }
    }
}

/// Where it was told to listen; else the default port, or any when that one is taken.
async fn bind(address: Option<&str>) -> anyhow::Result<TcpListener> {
    match address {
        Some(address) => listen::bind(address).await,
        None => match listen::bind(DEFAULT_LISTEN).await {
            Ok(listener) => Ok(listener),
            Err(_) => listen::bind("127.0.0.1:0").await,
        },
    }
}

/// The report, as the contract says: `{"okta","entra","revocations"}`.
async fn story(
    app: &App,
    caller: &Caller,
    created: &Created,
    base: &str,
    url: &str,
    terminal: &Terminal,
) -> anyhow::Result<serde_json::Value> {
    let new = NewToken {
        name: "identity provider".to_owned(),
        permissions: vec!["SCIM Provisioning Write".to_owned()],
        expires_at: Some(app.now().plus(DEMO_TOKEN_LIFETIME)),
        owner: None,
    };
    let (_, token) = tokens::create(app, caller, &new).await?;
    let target =
        Target { base_url: base.to_owned(), token: token.reveal().to_owned(), auth: Auth::Bearer };

    terminal.say("Okta pushes the company: people, departments, updates, leavers.");
    let company = Company::invent(SEEDS.0, PEOPLE.0, GROUPS.0, okta::DOMAIN);
    let mut engine = okta::Engine::new(&target, okta::Flavor::Catalogue)?;
    let okta = {
        let mut progress = terminal.progress("Okta");
        okta::play(&mut engine, &company, &mut progress).await?
    };
    tell(terminal, "Okta", &okta)?;

    give_policy(app, caller, &engine, &company, terminal).await?;
    terminal.say("Entra pushes a company that was bought.");
    let bought = Company::invent(SEEDS.1, PEOPLE.1, GROUPS.1, entra::DOMAIN);
    let mut second = entra::Engine::new(&target, entra::Flavor::Default)?;
    let entra = {
        let mut progress = terminal.progress("Entra");
        entra::play(&mut second, &bought, &mut progress).await?
    };
    tell(terminal, "Entra", &entra)?;

    let revocations =
        offboard(app, caller, created, &mut engine, &company.second_day(), url, terminal).await?;
    let revocations: Vec<_> =
        revocations.iter().map(|one| json!({"kind": one.kind, "millis": one.millis})).collect();
    Ok(json!({"okta": okta, "entra": entra, "revocations": revocations}))
}

/// A pushed group gives its members nothing until an administrator says what.
async fn give_policy(
    app: &App,
    caller: &Caller,
    engine: &okta::Engine,
    company: &Company,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let teams = company.second_day().groups;
    let pushed = teams.iter().find_map(|team| Some((team, engine.id_of_group(team)?)));
    let (team, id) = pushed.context("no group was pushed")?;
    let role = role::named("Administrator Read Only").context("a role")?;
    let policy = NewPolicy {
        access: Access::Allow,
        permission_groups: vec![role.permission_group()],
        resource_groups: vec![whole(&caller.account.id)],
    };
    groups::update(app, caller, id, None, Some(&[policy])).await?;
    terminal.say(&format!("  Members of `{}` now have the role {}.", team.name, role.name));
    Ok(())
}

fn tell(terminal: &Terminal, name: &str, report: &Report) -> anyhow::Result<()> {
    terminal.say(&format!("  {}", summary(name, report)));
    if let Some(failure) = report.failures.first() {
        bail!("{name}: {} tasks failed, the first of them: {failure}", report.failed);
    }
    Ok(())
}

/// Somebody works in the dashboard and by a token of their own; Okta deactivates them.
async fn offboard(
    app: &App,
    caller: &Caller,
    created: &Created,
    engine: &mut okta::Engine,
    company: &Company,
    url: &str,
    terminal: &Terminal,
) -> anyhow::Result<Vec<Revocation>> {
    let leaver = company
        .people
        .iter()
        .find(|person| person.is_here() && engine.id_of(&person.user_name).is_some())
        .context("nobody is left in the company")?;
    let (page, script) = settle_in(app, caller, created, leaver, url).await?;
    for (request, what) in [(&page, "dashboard"), (&script, "API")] {
        let status = send(request).await?;
        if status != 200 {
            bail!("before the offboarding the {what} answered {status} to `{}`", leaver.user_name);
        }
    }
    let name = full_name(leaver);
    terminal.say(&format!("{name} is signed in to the dashboard and runs a script with a token."));

    let sent = Instant::now();
    engine.deactivate(leaver).await.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    let patched = millis(sent);
    let mut revocations = Vec::new();
    for (request, kind) in [(&page, "dashboard_session"), (&script, "personal_api_token")] {
        refused(request).await?;
        revocations.push(Revocation { kind, millis: millis(sent) });
    }
    terminal.say(&format!("Okta deactivated {name}: one PATCH, answered after {patched:.1} ms."));
    for one in &revocations {
        let what = one.kind.replace('_', " ");
        terminal.say(&format!(
            "  {what}: the next request was refused, {:.1} ms after the PATCH was sent",
            one.millis
        ));
    }
    Ok(revocations)
}

/// Signs somebody in with a browser, and gives them a token: two requests that they may make now.
async fn settle_in(
    app: &App,
    caller: &Caller,
    created: &Created,
    person: &Person,
    url: &str,
) -> anyhow::Result<(reqwest::RequestBuilder, reqwest::RequestBuilder)> {
    let browser = reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let secret = sign_in::make_link(app, caller, &person.user_name).await?;
    let entered = browser.get(link(url, &secret)).send().await?;
    let cookie = entered
        .headers()
        .get(reqwest::header::SET_COOKIE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .context("the sign-in link gave no session")?
        .to_owned();
    let new = NewToken {
        name: "a script of their own".to_owned(),
        permissions: vec!["Account Settings Read".to_owned()],
        expires_at: None,
        owner: Some(person.user_name.clone()),
    };
    let (_, token) = tokens::create(app, caller, &new).await?;

    let page = browser.get(format!("{url}/dashboard")).header("cookie", cookie);
    let account = format!("{url}/client/v4/accounts/{}", created.account.id);
    let script = browser.get(account).bearer_auth(token.reveal());
    Ok((page, script))
}

fn full_name(person: &Person) -> String {
    format!("{} {}", person.given_name, person.family_name)
}

fn millis(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// Waits until a request is refused; the first one has to be.
async fn refused(request: &reqwest::RequestBuilder) -> anyhow::Result<()> {
    let status = send(request).await?;
    if status != 401 {
        bail!("a revoked credential was answered with {status}");
    }
    Ok(())
}

async fn send(request: &reqwest::RequestBuilder) -> anyhow::Result<u16> {
    let request = request.try_clone().context("a request without a stream")?;
    Ok(request.send().await?.status().as_u16())
}
