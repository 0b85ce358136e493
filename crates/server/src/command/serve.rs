//! `provost serve`.

use super::terminal::Terminal;
use crate::app::App;
use crate::config::{Config, Flags, LogFormat};
use crate::listen;
use clap::Args;
use store::{Db, account, lock};
use tracing_subscriber::EnvFilter;

#[derive(Debug, Args)]
pub struct Serve {}

impl Serve {
    pub async fn run(self, flags: &Flags, terminal: &Terminal) -> anyhow::Result<()> {
        let config = Config::decide(flags)?;
        log(config.log);
        // Held until the process ends.
        let _lock = store::db::sqlite_path(&config.database)
            .map(|path| lock::acquire(&path))
            .transpose()?;
        let db = Db::open(&config.database).await?;
        let listener = listen::bind(&config.listen).await?;
        let signalled = listen::signalled()?;
        terminal.print(&format!("listening on http://{}", listener.local_addr()?));
        if account::list(&mut db.read_across_accounts().await?).await?.is_empty() {
            terminal
                .print("no account yet: `provost account create --name NAME --super-admin EMAIL`");
        }
        let app = App::new(db, config.public_url).with_rate_limit(config.rate_limit);
        listen::serve(app, listener, signalled).await
    }
}

/// One line for each request, on standard error. `RUST_LOG` chooses how much, as usual.
fn log(format: LogFormat) {
    let filter = EnvFilter::builder()
        .with_default_directive(tracing::level_filters::LevelFilter::INFO.into())
        .from_env_lossy();
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
