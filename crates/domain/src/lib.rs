//! The nouns and rules of Provost, as plain values and pure functions.
//!
//! Nothing here reads a clock, draws a random number, touches a socket or knows SQL: time and chance
//! arrive as parameters. What a change of a person *means* is in [`lifecycle`]; every maximum is in
//! [`limits`].

pub mod account;
pub mod audit;
pub mod chance;
pub mod group;
pub mod id;
pub mod lifecycle;
pub mod limits;
pub mod member;
pub mod permission;
pub mod policy;
pub mod refusal;
pub mod role;
pub mod seal;
pub mod secret;
pub mod time;
pub mod token;

pub use refusal::Refusal;
pub use time::Time;
