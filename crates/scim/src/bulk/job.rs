//! Carrying a bulk request out: what to do next, what became of it, and the BulkResponse.
//!
//! A job tells its caller one call at a time, with every reference resolved. It counts failures
//! for `failOnErrors` and takes back what a circle of references has created in vain; it does not
//! know how a resource is created.

use serde_json::{Map, Value, json};

use super::operation::Operation;
use super::plan::{self, Step};
use super::{Method, Request, location, reference};
use crate::error::quote;
use crate::schema::BULK_RESPONSE;
use crate::{Error, Result};

/// One thing to do, as if a request of its own had asked for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which operation it belongs to, counting from 0.
    pub index: usize,
    /// What to do.
    pub method: Method,
    /// The place of the resource type in the list given to [`Request::parse`].
    pub resource_type: usize,
    /// The resource, for all but a POST.
    pub id: Option<String>,
    /// The body, for all but a DELETE.
    pub data: Option<Value>,
    /// The version the resource must have, as in `If-Match`.
    pub version: Option<String>,
    /// Whether it is all of the operation.
    pub stage: Stage,
}

/// Which part of an operation a call is. Whoever carries out calls need not look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// All of it.
    Whole,
    /// A POST without the references to what does not exist yet.
    Draft,
    /// The PUT that makes a draft what the client sent.
    Completion,
    /// The DELETE of what was created in reliance on something that failed.
    Undo,
}

/// What a call that succeeded has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The status a request of its own would have had.
    pub status: u16,
    /// The id of the resource.
    pub id: String,
    /// Its version now, if versions are supported and it exists.
    pub version: Option<String>,
}

/// A bulk request on its way.
#[derive(Debug)]
pub struct Job {
    request: Request,
    steps: std::vec::IntoIter<Step>,
    /// Who refers to each operation.
    referrers: Vec<Vec<usize>>,
    results: Vec<Option<Result<Done>>>,
    /// What was created in vain and has to go.
    undo: Vec<Call>,
    running: Option<(usize, Stage)>,
    errors: u64,
}

impl Job {
    /// Plans the operations of a request.
    pub fn new(request: Request) -> Job {
        let mut referrers = vec![Vec::new(); request.operations.len()];
        for (index, operation) in request.operations.iter().enumerate() {
            for target in &operation.references {
                if let Some(referrers) = referrers.get_mut(*target) {
                    referrers.push(index);
                }
            }
        }
        Job {
            steps: plan::order(&request.operations).into_iter(),
            results: vec![None; request.operations.len()],
            request,
            referrers,
            undo: Vec::new(),
            running: None,
            errors: 0,
        }
    }

    /// What to do next; `None` when the answer is ready. Each call wants a [`Job::record`].
    pub fn next_call(&mut self) -> Option<Call> {
        loop {
            if self.request.fail_on_errors.is_some_and(|limit| self.errors >= limit) {
                self.stop();
            }
            if let Some(call) = self.undo.pop() {
                self.running = Some((call.index, call.stage));
                return Some(call);
            }
            let step = self.steps.next()?;
            let (Step::Run(index) | Step::Complete(index)) = step;
            match self.prepare(step) {
                Ok(None) => {}
                Ok(Some(call)) => {
                    self.running = Some((call.index, call.stage));
                    return Some(call);
                }
                Err(error) => self.fail(index, error),
            }
        }
    }

    /// Says what became of the last call.
    pub fn record(&mut self, result: Result<Done>) {
        let Some((index, stage)) = self.running.take() else {
            return;
        };
        match (stage, result) {
            // The operation has failed already, and says why.
            (Stage::Undo, _) => {}
            (_, Err(error)) => self.fail(index, error),
            (Stage::Completion, Ok(done)) => {
                if let Some(Some(Ok(created))) = self.results.get_mut(index) {
                    created.version = done.version;
                }
            }
            (Stage::Whole | Stage::Draft, Ok(done)) => self.settle(index, Ok(done)),
        }
    }

    /// Where what failed was created before, in a circle of references: those operations, and those of
    /// the circle that made them fail, each with its error. A caller that can undo everything at
    /// once refuses them ([`Request::refuse`]) and begins anew, instead of carrying out [`Stage::Undo`].
    pub fn in_vain(&self) -> Vec<(usize, Error)> {
        let running = self.running.iter().filter(|(_, stage)| *stage == Stage::Undo);
        let undone: Vec<usize> = running
            .map(|(index, _)| *index)
            .chain(self.undo.iter().map(|call| call.index))
            .collect();
        let refers = |from: usize, to: usize| {
            self.request.operations.get(from).is_some_and(|it| it.references.contains(&to))
        };
        let near = |index: usize| {
            undone
                .iter()
                .any(|other| *other == index || refers(index, *other) || refers(*other, index))
        };
        let failed = |index: usize| Some((index, self.outcome(index)?.as_ref().err()?.clone()));
        (0..self.results.len()).filter(|index| near(*index)).filter_map(failed).collect()
    }

    /// The BulkResponse: a result for each operation that was reached, in request order. `base` is
    /// the URL before the endpoints.
    pub fn response(&self, base: &str) -> Value {
        let operations: Vec<Value> = self
            .request
            .operations
            .iter()
            .zip(&self.results)
            .filter_map(|(operation, result)| {
                Some(self.describe(operation, result.as_ref()?, base))
            })
            .collect();
        json!({ "schemas": [BULK_RESPONSE], "Operations": operations })
    }

    /// The call of a step, or why there cannot be one; nothing if the draft failed before.
    fn prepare(&self, step: Step) -> Result<Option<Call>> {
        let (Step::Run(index) | Step::Complete(index)) = step;
        let created = match (step, self.outcome(index)) {
            (Step::Run(_), _) => None,
            (Step::Complete(_), Some(Ok(done))) => Some(done.id.clone()),
            (Step::Complete(_), _) => return Ok(None),
        };
        let Some(operation) = self.request.operations.get(index) else {
            return Ok(None);
        };
        if let Some(fault) = &operation.fault {
            return Err(fault.clone());
        }
        let (Some(method), Some(location)) = (operation.method, &operation.location) else {
            return Ok(None);
        };
        let failed = |target: &&usize| matches!(self.outcome(**target), Some(Err(_)));
        if let Some(target) = operation.references.iter().find(failed) {
            return Err(self.conflict(*target));
        }
        let is_draft = operation.references.iter().any(|target| self.outcome(*target).is_none());
        let (method, stage) = match (&created, is_draft) {
            (Some(_), _) => (Method::Put, Stage::Completion),
            (None, true) => (method, Stage::Draft),
            (None, false) => (method, Stage::Whole),
        };
        let named = || location.id.as_deref().map(|id| self.resource(id).unwrap_or(id.to_owned()));
        Ok(Some(Call {
            index,
            method,
            resource_type: location.resource_type,
            id: created.or_else(named),
            data: operation.data.clone().map(|data| self.resolve(data, stage, method)),
            version: operation.version.clone(),
            stage,
        }))
    }

    /// The data with ids in the place of references; a draft loses those that have none yet.
    fn resolve(&self, mut data: Value, stage: Stage, method: Method) -> Value {
        if let (Stage::Draft, Value::Object(resource)) = (stage, &mut data) {
            reference::strip(resource, &|bulk_id| self.created(bulk_id).is_none());
        }
        reference::replace(&mut data, &|bulk_id| self.created(bulk_id));
        if method == Method::Patch {
            reference::replace_in_paths(&mut data, &|bulk_id| self.created(bulk_id));
        }
        data
    }

    fn outcome(&self, index: usize) -> Option<&Result<Done>> {
        self.results.get(index)?.as_ref()
    }

    /// The id of what the POST with that bulkId has created.
    fn created(&self, bulk_id: &str) -> Option<String> {
        let done = self.outcome(*self.request.creators.get(bulk_id)?)?.as_ref().ok()?;
        Some(done.id.clone())
    }

    /// The id that a path names, unless it is a bulkId that stands for nothing.
    fn resource(&self, id: &str) -> Option<String> {
        match reference::named(id) {
            Some(bulk_id) => self.created(bulk_id),
            None => Some(id.to_owned()),
        }
    }

    fn settle(&mut self, index: usize, result: Result<Done>) {
        self.errors += u64::from(result.is_err());
        if let Some(place) = self.results.get_mut(index) {
            *place = Some(result);
        }
    }

    /// Notes a failure. If the operation had created something, it was a draft, and all that has
    /// relied on it since belongs to the same circle: the circle fails as a whole, and what there
    /// is of it goes. Half a circle could be neither completed nor sent again.
    fn fail(&mut self, index: usize, error: Error) {
        let mut failures = vec![(index, error)];
        while let Some((index, error)) = failures.pop() {
            let created = match self.outcome(index) {
                None => None,
                Some(Ok(done)) => Some(done.id.clone()),
                Some(Err(_)) => continue,
            };
            self.settle(index, Err(error));
            let location = self.request.operations.get(index).and_then(|it| it.location.as_ref());
            let (Some(id), Some(location)) = (created, location) else {
                continue;
            };
            self.undo.push(Call {
                index,
                method: Method::Delete,
                resource_type: location.resource_type,
                id: Some(id),
                data: None,
                version: None,
                stage: Stage::Undo,
            });
            for referrer in self.referrers.get(index).into_iter().flatten() {
                if let Some(Ok(_)) = self.outcome(*referrer) {
                    failures.push((*referrer, self.conflict(index)));
                }
            }
        }
    }

    /// Ends the job early. A draft that is still one cannot stay.
    fn stop(&mut self) {
        for step in std::mem::take(&mut self.steps) {
            if let Step::Complete(index) = step
                && let Some(Ok(_)) = self.outcome(index)
            {
                let detail = "too many operations failed before what it refers to was created";
                self.fail(index, Error::new(409, None, detail));
            }
        }
    }

    fn conflict(&self, target: usize) -> Error {
        let bulk_id = self.request.operations.get(target).and_then(|it| it.bulk_id.as_deref());
        let shown = quote(&format!("bulkId:{}", bulk_id.unwrap_or_default()));
        Error::new(409, None, format!("it refers to {shown}, which could not be created"))
    }

    fn describe(&self, operation: &Operation, result: &Result<Done>, base: &str) -> Value {
        let mut body = Map::new();
        if let Some(method) = operation.method {
            body.insert("method".into(), json!(method.as_str()));
        }
        if let Some(bulk_id) = &operation.bulk_id {
            body.insert("bulkId".into(), json!(bulk_id));
        }
        let named = operation.location.as_ref().and_then(|location| location.id.as_deref());
        let (id, status) = match result {
            Ok(done) => (Some(done.id.clone()), done.status),
            Err(error) => (named.and_then(|id| self.resource(id)), error.status),
        };
        let endpoint = operation.location.as_ref().and_then(|location| {
            self.request.endpoints.get(location.resource_type).map(String::as_str)
        });
        if let (Some(id), Some(endpoint)) = (id, endpoint) {
            body.insert("location".into(), json!(location::write(base, endpoint, &id)));
        }
        body.insert("status".into(), json!(status.to_string()));
        match result {
            Ok(Done { version: Some(version), .. }) => {
                body.insert("version".into(), json!(version));
            }
            Ok(_) => {}
            Err(error) => {
                body.insert("response".into(), error.to_json());
            }
        }
        Value::Object(body)
    }
}
