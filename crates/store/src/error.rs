//! What can go wrong between a verb and the database.

use thiserror::Error;

#[derive(Clone, Debug, Error)]
pub enum Error {
    /// A unique index said no. Verbs look before they write, so this is a race that was lost.
    #[error("another request took this name at the same moment")]
    Taken,
    /// The value at this path, which no two resources may share, is that of another one.
    #[error("another resource has this value of `{0}`, which has to be unique")]
    NotUnique(String),
    /// Locks were held too long, or a deadlock was broken: trying again helps.
    #[error("the database is busy; try again")]
    Busy,
    /// A statement was cut off, or found more than one answer shows.
    #[error(
        "this would read too much: filter with `eq`, ask for a smaller page, or leave members out with `excludedAttributes=members`"
    )]
    TooLong,
    #[error("the database can't be used: {0}")]
    Unavailable(String),
    /// A row doesn't hold what this version writes.
    #[error("the database holds something unexpected in {0}")]
    Corrupt(&'static str),
}

pub type Result<T> = std::result::Result<T, Error>;
