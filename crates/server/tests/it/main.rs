//! The server through its front door: real sockets, real databases, both of them.

#![expect(
    clippy::allow_attributes,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by a panic, and `both!` can't know which names a test needs"
)]

mod api;
mod authorization;
mod bad_input;
mod command;
mod dashboard;
mod harness;
mod lifecycle;
mod must_do;
mod protocol;
mod races;
mod rfc7644;
mod schemas;
mod simulators;
mod wire;
