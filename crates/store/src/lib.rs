//! The only crate that knows SQL. One file per table, one SQL text for both databases.
//!
//! A function takes a [`Conn`] when it reads and a [`Write`] when it changes something, so that a
//! change outside a transaction can't be written down. The account is bound by the connection as `$1`;
//! a statement that doesn't use it is refused.

pub mod account;
pub mod account_schema;
pub mod audit;
pub mod db;
pub mod error;
pub mod filter;
pub mod group;
pub mod key;
pub mod link;
pub mod lock;
pub mod member;
pub mod membership;
pub mod policy;
pub mod query;
pub mod resource;
pub mod session;
pub mod token;

pub use db::{Conn, Db, Write};
pub use error::{Error, Result};
