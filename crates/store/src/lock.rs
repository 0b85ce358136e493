//! One `serve` for each SQLite file: a lock file beside it, held for the life of the process.
//!
//! The short writes of the command line don't take it: SQLite's own locks order those.

use crate::error::{Error, Result};
use std::fs::File;
use std::path::Path;

/// Held while the database is served; the operating system frees it, also after `kill -9`.
#[derive(Debug)]
pub struct ServeLock {
    _file: File,
}

/// Refuses when another process serves this database file.
pub fn acquire(database: &Path) -> Result<ServeLock> {
    let mut path = database.as_os_str().to_owned();
    path.push("-serve");
    let unavailable = |error: std::io::Error| {
        Error::Unavailable(format!("lock file `{}`: {error}", path.display()))
    };
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(unavailable)?;
    file.try_lock().map_err(|_| {
        Error::Unavailable(format!(
            "`{}` is served by another process; stop that one, or give this one its own --database",
            database.display()
        ))
    })?;
    Ok(ServeLock { _file: file })
}
