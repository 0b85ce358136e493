//! The verbs of the product. Each requires its permission, does its work in one transaction with its
//! audit event, and knows nothing of HTTP.

pub mod accounts;
pub mod audit;
pub mod caller;
pub mod groups;
pub mod guard;
pub mod limiter;
pub mod members;
pub mod policies;
pub mod provision;
pub mod residence;
pub mod schemas;
pub mod sign_in;
pub mod tokens;
pub mod unit;

pub use caller::Caller;
pub use unit::Unit;

use domain::Refusal;
use domain::permission::Permission;
use thiserror::Error;

/// Why a verb did nothing. Rendered in `http/error`, in the format of the router it came through.
#[derive(Clone, Debug, Error)]
pub enum Error {
    #[error("{0}")]
    Unauthenticated(&'static str),
    #[error("this needs the permission `{}`", .0.advice())]
    Forbidden(Permission),
    #[error("this credential doesn't reach that account")]
    OtherAccount,
    #[error("there is no {what} `{id}`")]
    NotFound { what: &'static str, id: String },
    /// How many seconds to wait.
    #[error("this token makes too many requests; try again in {0} s")]
    TooManyRequests(u64),
    #[error("the resource is at version `{0}` by now; read it again and decide anew")]
    Stale(String),
    #[error(transparent)]
    Scim(#[from] scim::Error),
    #[error(transparent)]
    Refusal(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    #[must_use]
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Error {
        Error::NotFound { what, id: id.into() }
    }

    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Error {
        Error::Refusal(Refusal::Invalid(message.into()))
    }
}

pub type Result<T> = std::result::Result<T, Error>;
