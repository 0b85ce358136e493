//! Settings: flags, then the environment, then a file, then the defaults that are the manual.

use anyhow::Context;
use clap::{Args, ValueEnum};
use serde::Deserialize;
use std::path::PathBuf;

const DEFAULTS: &str = include_str!("config.default.toml");

/// Settings as flags and environment variables; what is absent comes from a file.
#[derive(Args, Clone, Debug, Default)]
pub struct Flags {
    /// Where everything is kept: `sqlite:FILE` or `postgres://USER@HOST/NAME` [default: sqlite:provost.db]
    #[arg(
        long,
        env = "PROVOST_DATABASE",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<String>,
    /// Where the server listens: ADDRESS:PORT [default: 127.0.0.1:7300]
    #[arg(long, env = "PROVOST_LISTEN", global = true, value_name = "ADDR")]
    pub listen: Option<String>,
    /// A file with settings, as in `config.default.toml`
    #[arg(long, env = "PROVOST_CONFIG", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How the outside reaches the server, such as `https://provost.example.com`
    #[arg(long, env = "PROVOST_PUBLIC_URL", global = true, value_name = "URL")]
    pub public_url: Option<String>,
    /// Requests a second that one API token may make; 0 for as many as it likes [default: 0]
    #[arg(long, env = "PROVOST_RATE_LIMIT", global = true, value_name = "N")]
    pub rate_limit: Option<u32>,
    /// How log lines look [default: text]
    #[arg(long, env = "PROVOST_LOG", global = true, value_name = "FORMAT")]
    pub log: Option<LogFormat>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// Every setting, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub listen: String,
    pub database: String,
    pub public_url: Option<String>,
    pub rate_limit: u32,
    pub log: LogFormat,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    listen: Option<String>,
    database: Option<String>,
    public_url: Option<String>,
    rate_limit: Option<u32>,
    log: Option<LogFormat>,
}

impl Config {
    pub fn decide(flags: &Flags) -> anyhow::Result<Config> {
        let defaults: File = toml::from_str(DEFAULTS).context("config.default.toml")?;
        let file: File = match &flags.config {
            None => File::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("`{}` can't be read", path.display()))?;
                toml::from_str(&text).with_context(|| format!("in `{}`", path.display()))?
            }
        };
        let text = |flag: Option<&str>, file: Option<String>, default: Option<String>| {
            flag.map(str::to_owned).or(file).or(default).unwrap_or_default()
        };
        let public_url = text(flags.public_url.as_deref(), file.public_url, defaults.public_url);
        Ok(Config {
            listen: text(flags.listen.as_deref(), file.listen, defaults.listen),
            database: text(flags.database.as_deref(), file.database, defaults.database),
            public_url: Some(public_url).filter(|url| !url.is_empty()),
            rate_limit: flags.rate_limit.or(file.rate_limit).or(defaults.rate_limit).unwrap_or(0),
            log: flags.log.or(file.log).or(defaults.log).unwrap_or(LogFormat::Text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, DEFAULTS, Flags};

    #[test]
    fn a_flag_wins_over_a_file_and_a_file_over_the_defaults() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "listen = \"127.0.0.1:1\"\ndatabase = \"sqlite:file.db\"\n")
            .expect("written");
        let flags = Flags {
            database: Some("sqlite:flag.db".to_owned()),
            config: Some(file.path().to_owned()),
            ..Flags::default()
        };
        let config = Config::decide(&flags).expect("a configuration");
        assert_eq!(config.database, "sqlite:flag.db");
        assert_eq!(config.listen, "127.0.0.1:1");
        assert_eq!(config.public_url, None);
    }

    #[test]
    fn an_unknown_key_is_an_error_that_names_it() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "lissten = \"x\"\n").expect("written");
        let flags = Flags { config: Some(file.path().to_owned()), ..Flags::default() };
        let error = Config::decide(&flags).expect_err("an unknown key");
        assert!(format!("{error:#}").contains("lissten"));
    }

    #[test]
    fn every_default_is_explained() {
        let lines: Vec<&str> = DEFAULTS.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.contains(" = ") && !line.starts_with('#') {
                assert!(lines[number - 1].starts_with('#'), "{line}");
            }
        }
    }
}
