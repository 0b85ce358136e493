//! The server through its front door: real sockets, real databases, both of them.

mod harness;
mod must_do;
