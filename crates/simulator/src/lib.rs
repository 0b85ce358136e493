//! The provisioning engines of Okta and of Microsoft Entra ID, request by request: raw JSON over
//! HTTP against any SCIM base URL.
//!
//! Nothing here knows the `scim` crate, on purpose: if client and server shared a type, two equal
//! mistakes would cancel out. It also keeps no state between processes. Whatever an engine has to
//! know about the target, it asks the target, as the real ones do after a restart.

mod address;
mod answer;
mod chance;
mod company;
pub mod entra;
mod error;
mod ids;
mod invent;
mod log;
mod names;
mod observer;
pub mod okta;
mod report;
mod story;
mod target;
mod wire;

pub use company::{Company, Office, Person, Presence, Team};
pub use error::Error;
pub use observer::{Observer, Silent};
pub use report::{Exchange, Failure, Report};
pub use target::{Auth, Options, Pace, Target};
