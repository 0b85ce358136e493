//! How strictly an answer is read: as strictly as the real engines do, and no more. It deliberately
//! does not validate SCIM; what neither engine minds is let through.

use std::collections::HashSet;

use serde_json::Value;

use crate::report::Failure;

/// A request that did not work out, before it is known which task it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) detail: String,
}

impl Fault {
    pub(crate) fn failure(self, task: impl Into<String>) -> Failure {
        let Self { request, status, detail } = self;
        Failure { task: task.into(), request, status, detail }
    }

    /// A fault that no single answer shows.
    pub(crate) fn found(detail: impl Into<String>) -> Fault {
        Fault { request: String::new(), status: 0, detail: detail.into() }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) request: String,
    pub(crate) status: u16,
    /// `None` when the body is empty or not JSON.
    pub(crate) body: Option<Value>,
    /// The beginning of a body that is not JSON.
    pub(crate) garbage: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) struct List {
    pub(crate) total: u64,
    pub(crate) resources: Vec<Value>,
}

impl Answer {
    pub(crate) fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault { request: self.request.clone(), status: self.status, detail: detail.into() }
    }

    /// The answer if its status is one of `wanted`; otherwise the server's own words.
    pub(crate) fn expect(&self, wanted: &[u16]) -> Result<&Answer, Fault> {
        if wanted.contains(&self.status) {
            return Ok(self);
        }
        if self.status < 400 {
            let wanted: Vec<String> = wanted.iter().map(u16::to_string).collect();
            return Err(self.fault(format!(
                "answered {}, not {}",
                self.status,
                wanted.join(" or ")
            )));
        }
        Err(self.fault(self.detail()))
    }

    fn detail(&self) -> String {
        if let Some(garbage) = &self.garbage {
            return format!("the error is not a SCIM error but `{garbage}`");
        }
        let member = |name: &str| self.body.as_ref()?.get(name)?.as_str().map(str::to_owned);
        let text = member("detail").or_else(|| self.body.as_ref().map(Value::to_string));
        match (member("scimType"), text) {
            (Some(kind), Some(text)) => format!("{kind}: {text}"),
            (None, Some(text)) => text,
            (_, None) => format!("answered {} without a body", self.status),
        }
    }

    /// A 404 counts as `nothing there` only if it is a SCIM error: the page of a proxy says nothing.
    pub(crate) fn is_scim_not_found(&self) -> bool {
        let is_error = |body: &Value| body.get("detail").is_some() || body.get("status").is_some();
        self.status == 404 && self.body.as_ref().is_some_and(is_error)
    }

    fn object(&self) -> Result<&Value, Fault> {
        match (&self.body, &self.garbage) {
            (Some(body), _) if body.is_object() => Ok(body),
            (Some(_), _) => Err(self.fault("the answer is JSON, but not an object")),
            (None, Some(garbage)) => {
                Err(self.fault(format!("the answer is not JSON: `{garbage}`")))
            }
            (None, None) => Err(self.fault("the answer is empty")),
        }
    }

    /// A ListResponse whose numbers are numbers and whose resources each have an own `id`.
    pub(crate) fn list(&self) -> Result<List, Fault> {
        let body = self.expect(&[200])?.object()?;
        let total = self.number(body, "totalResults")?;
        let total = total.ok_or_else(|| self.fault("`totalResults` is missing"))?;
        let resources = match find(body, "Resources") {
            Some(Value::Array(resources)) => resources.clone(),
            Some(other) => {
                return Err(self.fault(format!("`Resources` is {}, not an array", kind(other))));
            }
            None => return Err(self.fault("a list without `Resources`")),
        };
        for name in ["startIndex", "itemsPerPage"] {
            let partial = (resources.len() as u64) < total;
            if self.number(body, name)?.is_none() && partial {
                return Err(self.fault(format!("`{name}` is missing from a part of a list")));
            }
        }
        let mut seen = HashSet::new();
        for resource in &resources {
            let id = self.id(resource)?;
            if !seen.insert(id) {
                return Err(self.fault(format!("`{id}` is in the list twice")));
            }
        }
        Ok(List { total, resources })
    }

    fn number(&self, body: &Value, name: &str) -> Result<Option<u64>, Fault> {
        match find(body, name) {
            None => Ok(None),
            Some(value) if value.is_u64() => Ok(value.as_u64()),
            Some(value) => {
                let detail = format!("`{name}` is {} ({value}), not a number", kind(value));
                Err(self.fault(detail))
            }
        }
    }

    fn id<'a>(&self, resource: &'a Value) -> Result<&'a str, Fault> {
        match resource.get("id") {
            Some(Value::String(id)) if !id.is_empty() => Ok(id),
            Some(Value::String(_)) => Err(self.fault("a resource whose `id` is empty")),
            Some(other) => {
                Err(self.fault(format!("an `id` that is {}, not a string", kind(other))))
            }
            None => Err(self.fault("a resource without `id`")),
        }
    }

    /// A resource with its `id`.
    pub(crate) fn resource(&self) -> Result<(String, Value), Fault> {
        let body = self.object()?;
        Ok((self.id(body)?.to_owned(), body.clone()))
    }
}

/// Old servers write the members of a list in lower case; both engines read them.
fn find<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    body.get(name).or_else(|| body.get(name.to_ascii_lowercase()))
}

pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

pub(crate) fn text<'a>(resource: &'a Value, name: &str) -> &'a str {
    resource.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, body: Value) -> Answer {
        Answer { request: "GET /Users".to_owned(), status, body: Some(body), garbage: None }
    }

    #[track_caller]
    fn refused(body: Value, word: &str) {
        let fault = answer(200, body).list().unwrap_err();
        assert!(fault.detail.contains(word), "{}", fault.detail);
    }

    #[test]
    fn a_list_is_read_strictly() {
        let list = json!({"totalResults": 1, "Resources": [{"id": "a"}]});
        assert_eq!(answer(200, list).list().unwrap().resources.len(), 1);
        let old = json!({"totalresults": 0, "resources": []});
        assert_eq!(answer(200, old).list().unwrap().total, 0);
        refused(json!({"totalResults": "1", "Resources": [{"id": "a"}]}), "not a number");
        refused(json!({"totalResults": 0, "itemsPerPage": "0", "Resources": []}), "itemsPerPage");
        refused(json!({"totalResults": 0}), "without `Resources`");
        refused(json!({"totalResults": 0, "Resources": null}), "not an array");
        refused(json!({"totalResults": 2, "Resources": [{"id": "a"}]}), "startIndex");
        refused(json!({"totalResults": 1, "Resources": [{"userName": "a"}]}), "without `id`");
        refused(json!({"totalResults": 1, "Resources": [{"id": 7}]}), "not a string");
        refused(json!({"totalResults": 2, "Resources": [{"id": "a"}, {"id": "a"}]}), "twice");
    }

    #[test]
    fn the_words_of_an_error_are_kept() {
        let error = json!({"status": "409", "scimType": "uniqueness", "detail": "taken"});
        let fault = answer(409, error).expect(&[201]).unwrap_err();
        assert_eq!((fault.status, fault.detail.as_str()), (409, "uniqueness: taken"));
        let page =
            Answer { garbage: Some("<html>".to_owned()), body: None, ..answer(404, json!({})) };
        assert!(page.expect(&[200]).unwrap_err().detail.contains("<html>"));
        assert!(!page.is_scim_not_found());
        assert!(answer(404, json!({"detail": "no"})).is_scim_not_found());
    }
}
