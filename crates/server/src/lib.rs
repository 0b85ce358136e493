//! Everything with a socket: the server, its command line, its pages.
//!
//! `http` knows requests and answers, `service` the verbs; neither does the other's work.

pub mod app;
pub mod command;
pub mod config;
pub mod http;
pub mod listen;
pub mod service;
