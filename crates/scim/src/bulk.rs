//! Bulk requests (RFC 7644 section 3.7): many operations, which may refer to what others create.
//!
//! [`Request::parse`] reads them, [`Job`] says what to do next and gathers what became of it. The
//! caller's part is a loop over calls that each look like one request of their own:
//!
//! ```
//! # use scim::{bulk::{Done, Job, Request}, limits::Limits, schema};
//! # let body = serde_json::json!({ "schemas": [schema::BULK_REQUEST], "Operations": [] });
//! let (user, group) = (schema::user_type(), schema::group_type());
//! let request = Request::parse(&body, &[&user, &group], &Limits::default())?;
//! let mut job = Job::new(request);
//! while let Some(call) = job.next_call() {
//!     let result = Ok(Done { status: 204, id: call.id.unwrap_or_default(), version: None });
//!     job.record(result);
//! }
//! let answer = job.response("https://example.com/scim/v2");
//! # assert_eq!(answer["Operations"], serde_json::json!([]));
//! # Ok::<(), scim::Error>(())
//! ```
//!
//! Nothing here is atomic across operations: section 3.7 has as many of them done as possible.

mod job;
mod location;
mod operation;
mod plan;
mod reference;

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

pub use self::job::{Call, Done, Job, Stage};
use self::operation::Operation;
use crate::envelope::{member, open, whole};
use crate::error::describe;
use crate::limits::Limits;
use crate::schema::{BULK_REQUEST, ResourceType};
use crate::{Error, Result};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Creates a resource.
    Post,
    /// Replaces a resource.
    Put,
    /// Changes a resource.
    Patch,
    /// Deletes a resource.
    Delete,
}

impl Method {
    const ALL: [Method; 4] = [Method::Post, Method::Put, Method::Patch, Method::Delete];

    /// The method in upper case.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
        }
    }

    fn named(text: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A bulk request whose operations are read, each good or with the error it will answer with.
#[derive(Clone, Debug)]
pub struct Request {
    fail_on_errors: Option<u64>,
    operations: Vec<Operation>,
    /// Which POST creates what a bulkId stands for.
    creators: HashMap<String, usize>,
    /// Where each resource type lives, in the order the caller has them.
    endpoints: Vec<String>,
}

impl Request {
    /// Reads the body. It fails only for what spoils the whole request; an operation that cannot
    /// be carried out becomes a failure of that operation, since section 3.7 wants the others done.
    pub fn parse(body: &Value, types: &[&ResourceType], limits: &Limits) -> Result<Request> {
        let body = open(body, BULK_REQUEST, "a bulk request")?;
        let fail_on_errors = match whole(body, "failOnErrors")? {
            None => None,
            Some(number) => {
                Some(u64::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| {
                    Error::invalid_value(format!(
                        "`failOnErrors` must be at least 1, not `{number}`"
                    ))
                })?)
            }
        };
        let operations = match member(body, "Operations") {
            Some(Value::Array(operations)) => operations,
            other => {
                let found = other.map_or("nothing".into(), describe);
                return Err(Error::invalid_syntax(format!(
                    "a bulk request must have an array of `Operations`, not {found}"
                )));
            }
        };
        if operations.len() > limits.bulk_operations {
            // RFC 7644 section 3.7.4: the answer says which limit it was.
            return Err(Error::new(
                413,
                None,
                format!(
                    "the bulk request has {} operations, more than the maxOperations of {}",
                    operations.len(),
                    limits.bulk_operations
                ),
            ));
        }
        let endpoints: Vec<String> = types.iter().map(|rt| rt.endpoint.clone()).collect();
        let mut operations: Vec<Operation> =
            operations.iter().map(|operation| operation::read(operation, &endpoints)).collect();
        let creators = operation::link(&mut operations);
        Ok(Request { fail_on_errors, operations, creators, endpoints })
    }

    /// Has an operation fail with this error when its turn comes.
    pub fn refuse(&mut self, index: usize, error: Error) {
        if let Some(operation) = self.operations.get_mut(index) {
            operation.fault = Some(error);
        }
    }
}

#[cfg(test)]
mod tests;
