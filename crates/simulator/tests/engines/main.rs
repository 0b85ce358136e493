//! Both engines against an in-memory SCIM server over real sockets.

#![expect(clippy::unwrap_used, reason = "helpers of tests, outside of test functions")]

mod convergence;
mod fake;
mod faults;
mod transcript;
