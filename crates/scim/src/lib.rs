//! SCIM 2.0 (RFC 7643, RFC 7644, RFC 9865) as pure functions: schemas, paths, filters, resources,
//! PATCH, searches, lists, bulk requests and discovery.
//!
//! Documents go in and documents come out. This crate deliberately does no IO, holds no clock,
//! writes no log and knows no HTTP framework; whoever calls it brings the body, the stored
//! document and the [`limits::Limits`], and gets back a value or an [`Error`] that renders as the
//! SCIM error of RFC 7644 section 3.12.
//!
//! ```
//! use scim::{filter::Filter, limits::Limits, patch::Patch, resource, schema};
//! use serde_json::json;
//!
//! let user = schema::user_type();
//! let limits = Limits::default();
//! let intake = resource::read(&json!({ "userName": "bjensen", "active": "True" }), &user, &limits)?;
//! assert_eq!(intake.document["active"], json!(true));
//!
//! let patch = Patch::parse(
//!     &json!({ "Operations": [{ "op": "Replace", "path": "active", "value": "False" }] }),
//!     &user,
//!     &limits,
//! )?;
//! let outcome = patch.apply(&intake.document, &user, None)?;
//! let inactive = Filter::parse("active eq false", &limits)?.bind(&user)?;
//! assert!(inactive.matches(&outcome.document));
//! # Ok::<(), scim::Error>(())
//! ```

pub mod bulk;
pub mod discovery;
mod envelope;
pub mod error;
pub mod filter;
pub mod limits;
pub mod list;
pub mod patch;
pub mod path;
pub mod resource;
pub mod schema;
pub mod search;
pub mod sort;

pub use error::{Error, ScimType};

/// A SCIM resource, or a part of one, as the JSON object it is.
pub type Document = serde_json::Map<String, serde_json::Value>;

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// The examples in the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
