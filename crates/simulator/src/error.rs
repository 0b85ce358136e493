//! Why a whole run could not be done. A single task that failed is not here: it is a
//! [`crate::Failure`] in the report.

use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The base URL or the token cannot be sent at all.
    BadTarget { value: String, reason: String },
    /// No answer: refused, reset, unknown host, TLS, or silent for too long.
    Unreachable { url: String, reason: String },
    /// The token was refused.
    Unauthorized { request: String, status: u16, detail: String },
    /// Something answers, but not as SCIM 2.0 does.
    NotScim { request: String, status: u16, reason: String },
    /// A flavor that does not exist.
    UnknownFlavor { value: String, known: &'static str },
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadTarget { value, reason } => {
                write!(out, "`{value}` cannot be used as a target: {reason}")
            }
            Self::Unreachable { url, reason } => write!(
                out,
                "no answer from `{url}` ({reason}); check the base URL, and that the server runs \
                 and can be reached from here"
            ),
            Self::Unauthorized { request, status, detail } => write!(
                out,
                "the token was refused: `{request}` was answered {status} ({detail}); create a \
                 token that may provision and pass it with --token"
            ),
            Self::NotScim { request, status, reason } => write!(
                out,
                "the target does not answer as a SCIM 2.0 server: `{request}` was answered \
                 {status}, {reason}; the base URL has to end where `/Users` begins"
            ),
            Self::UnknownFlavor { value, known } => {
                write!(out, "`{value}` is no flavor of this engine; use one of {known}")
            }
        }
    }
}

impl std::error::Error for Error {}
