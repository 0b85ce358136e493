//! One operation of a bulk request, and what it refers to.
//!
//! An operation that cannot be carried out is kept with its fault: the answer has a result for
//! each (RFC 7644 section 3.7.3), and others may refer to it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Value, json};

use super::location::{self, Location};
use super::{Method, reference};
use crate::envelope::{member, text};
use crate::error::{describe, quote};
use crate::resource::check_names;
use crate::schema::PATCH_OP;
use crate::{Document, Error, Result};

/// An operation as far as it could be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Operation {
    pub(super) method: Option<Method>,
    pub(super) bulk_id: Option<String>,
    pub(super) location: Option<Location>,
    pub(super) version: Option<String>,
    pub(super) data: Option<Value>,
    /// Why it cannot be carried out.
    pub(super) fault: Option<Error>,
    /// The POSTs it refers to, in request order.
    pub(super) references: Vec<usize>,
}

impl Operation {
    pub(super) fn is_post(&self) -> bool {
        self.method == Some(Method::Post)
    }
}

/// Reads an operation; what is wrong with it becomes its fault.
pub(super) fn read(operation: &Value, endpoints: &[String]) -> Operation {
    let mut read = Operation::default();
    read.fault = fill(&mut read, operation, endpoints).err();
    read
}

/// Fills in what can be read, in an order that leaves as much as possible to answer with.
fn fill(into: &mut Operation, operation: &Value, endpoints: &[String]) -> Result<()> {
    let Value::Object(operation) = operation else {
        let found = describe(operation);
        return Err(Error::invalid_syntax(format!("an operation must be an object, not {found}")));
    };
    check_names(operation, "the operation")?;
    into.bulk_id = text(operation, "bulkId")?.filter(|text| !text.is_empty()).map(Into::into);
    let method = method(operation)?;
    into.method = Some(method);
    let path = text(operation, "path")?
        .ok_or_else(|| Error::invalid_value("an operation must have a `path`, as in `/Users`"))?;
    let location = location::read(path, endpoints)?;
    match (method, &location.id) {
        (Method::Post, Some(_)) => {
            return Err(Error::invalid_path(format!(
                "the path {} of a POST must be an endpoint without an id",
                quote(path)
            )));
        }
        (Method::Put | Method::Patch | Method::Delete, None) => {
            return Err(Error::invalid_path(format!(
                "the path {} of a {method} must end in the id of a resource",
                quote(path)
            )));
        }
        _ => into.location = Some(location),
    }
    if method == Method::Post && into.bulk_id.is_none() {
        return Err(Error::invalid_value("a POST must have a `bulkId`"));
    }
    // What a POST creates has no version yet.
    into.version = text(operation, "version")?.filter(|_| method != Method::Post).map(Into::into);
    into.data = data(method, member(operation, "data"))?;
    Ok(())
}

fn method(operation: &Document) -> Result<Method> {
    let value = member(operation, "method");
    value.and_then(Value::as_str).and_then(Method::named).ok_or_else(|| {
        let found = value.map_or("nothing".into(), describe);
        Error::invalid_value(format!(
            "`method` must be `POST`, `PUT`, `PATCH` or `DELETE`, not {found}"
        ))
    })
}

fn data(method: Method, data: Option<&Value>) -> Result<Option<Value>> {
    match (method, data) {
        (Method::Delete, _) => Ok(None),
        (_, Some(Value::Object(_))) => Ok(data.cloned()),
        // The example in section 3.7.3 has the operations of a PATCH without their envelope.
        (Method::Patch, Some(Value::Array(operations))) => {
            Ok(Some(json!({ "schemas": [PATCH_OP], "Operations": operations })))
        }
        (_, None) => Err(Error::invalid_value(format!("a {method} must have `data`"))),
        (_, Some(other)) => {
            let found = describe(other);
            Err(Error::invalid_syntax(format!("`data` must be an object, not {found}")))
        }
    }
}

/// Finds what refers to what, and returns which POST creates what a bulkId stands for. Where two
/// POSTs have the same bulkId the first one has it, and the other is at fault.
pub(super) fn link(operations: &mut [Operation]) -> HashMap<String, usize> {
    let mut creators = HashMap::new();
    for (index, operation) in operations.iter_mut().enumerate() {
        let Some(bulk_id) = operation.bulk_id.clone().filter(|_| operation.is_post()) else {
            continue;
        };
        match creators.entry(bulk_id) {
            Entry::Vacant(entry) => {
                entry.insert(index);
            }
            Entry::Occupied(entry) => {
                let shown = quote(entry.key());
                let detail = format!("the bulkId {shown} belongs to another operation already");
                operation.fault = operation.fault.take().or(Some(Error::invalid_value(detail)));
            }
        }
    }
    for operation in operations.iter_mut().filter(|operation| operation.fault.is_none()) {
        match references(operation, &creators) {
            Ok(references) => operation.references = references,
            Err(fault) => operation.fault = Some(fault),
        }
    }
    creators
}

fn references(operation: &Operation, creators: &HashMap<String, usize>) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    let mut unknown: Option<String> = None;
    let mut visit = |bulk_id: &str| match creators.get(bulk_id) {
        Some(index) => found.push(*index),
        None => {
            unknown.get_or_insert_with(|| bulk_id.to_owned());
        }
    };
    if let Some(id) = operation.location.as_ref().and_then(|location| location.id.as_deref())
        && let Some(bulk_id) = reference::named(id)
    {
        visit(bulk_id);
    }
    if let Some(data) = &operation.data {
        reference::each(data, &mut visit);
        if operation.method == Some(Method::Patch) {
            reference::each_in_paths(data, &mut visit);
        }
    }
    if let Some(bulk_id) = unknown {
        let shown = quote(&format!("bulkId:{bulk_id}"));
        return Err(Error::invalid_value(format!("{shown} is not the bulkId of any POST")));
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScimType;

    fn operation(value: Value) -> Operation {
        read(&value, &["/Users".into(), "/Groups".into()])
    }

    #[test]
    fn shapes() {
        let post =
            operation(json!({ "Method": "post", "PATH": "/users", "bulkid": "a", "DATA": {} }));
        assert_eq!((post.method, post.bulk_id.as_deref()), (Some(Method::Post), Some("a")));
        assert_eq!(post.location, Some(Location { resource_type: 0, id: None }));
        assert_eq!((post.fault, post.data), (None, Some(json!({}))));
        let put = operation(
            json!({ "method": "PUT", "path": "Groups/5", "version": "W/\"1\"", "data": {} }),
        );
        assert_eq!((put.version.as_deref(), put.fault), (Some("W/\"1\""), None));
        let delete =
            operation(json!({ "method": "DELETE", "path": "/Users/5", "bulkId": "", "data": 7 }));
        assert_eq!((delete.fault, delete.data, delete.bulk_id), (None, None, None));
        let patch = operation(
            json!({ "method": "Patch", "path": "/Users/5", "data": [{ "op": "remove" }] }),
        );
        assert_eq!(patch.data.unwrap()["Operations"], json!([{ "op": "remove" }]));
    }

    #[test]
    fn faults() {
        use ScimType::{InvalidPath, InvalidSyntax, InvalidValue};
        for (value, scim_type, says) in [
            (json!(5), InvalidSyntax, "not a number"),
            (json!({ "method": "PUT", "Method": "PUT" }), InvalidSyntax, "twice"),
            (json!({ "path": "/Users" }), InvalidValue, "not nothing"),
            (json!({ "method": "GET", "path": "/Users" }), InvalidValue, "`GET`"),
            (json!({ "method": 5 }), InvalidValue, "a number"),
            (json!({ "method": "POST", "bulkId": 5 }), InvalidValue, "`bulkId` must be a string"),
            (json!({ "method": "POST", "bulkId": "a" }), InvalidValue, "`path`"),
            (json!({ "method": "POST", "path": ["/Users"] }), InvalidValue, "an array"),
            (
                json!({ "method": "POST", "path": "/Users/5", "data": {} }),
                InvalidPath,
                "without an id",
            ),
            (json!({ "method": "PUT", "path": "/Users", "data": {} }), InvalidPath, "of a PUT"),
            (json!({ "method": "DELETE", "path": "/Users" }), InvalidPath, "of a DELETE"),
            (json!({ "method": "POST", "path": "/Users", "data": {} }), InvalidValue, "`bulkId`"),
            (
                json!({ "method": "POST", "path": "/Users", "bulkId": "", "data": {} }),
                InvalidValue,
                "`bulkId`",
            ),
            (
                json!({ "method": "POST", "path": "/Users", "bulkId": "a" }),
                InvalidValue,
                "a POST must have `data`",
            ),
            (
                json!({ "method": "PATCH", "path": "/Users/5", "data": null }),
                InvalidValue,
                "a PATCH must",
            ),
            (json!({ "method": "PUT", "path": "/Users/5", "data": [] }), InvalidSyntax, "an array"),
            (json!({ "method": "PATCH", "path": "/Users/5", "data": "x" }), InvalidSyntax, "`x`"),
            (
                json!({ "method": "PUT", "path": "/Users/5", "version": 5 }),
                InvalidValue,
                "`version`",
            ),
        ] {
            let fault = operation(value.clone()).fault.unwrap();
            assert_eq!(fault.scim_type, Some(scim_type), "{value}: {fault}");
            assert!(fault.detail.contains(says), "{value}: {fault}");
        }
        let fault = operation(json!({ "method": "DELETE", "path": "/Devices/5" })).fault.unwrap();
        assert_eq!((fault.status, fault.scim_type), (404, None));
    }

    #[test]
    fn links() {
        let mut operations = [
            json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": { "x": "bulkId:b" } }),
            json!({ "method": "POST", "path": "/Users", "bulkId": "b", "data": { "x": "bulkId:b" } }),
            json!({ "method": "POST", "path": "/Users", "bulkId": "a", "data": {} }),
            json!({ "method": "PATCH", "path": "/Users/bulkId:b", "bulkId": "a", "data": {
                "Operations": [{ "op": "remove", "path": "x[value eq \"bulkId:a\"]" }] } }),
            json!({ "method": "DELETE", "path": "/Users/bulkId:nobody" }),
            json!({ "method": "PUT", "path": "/Users/5", "data": { "x": ["bulkId:b", "bulkId:b"] } }),
            json!({ "method": "POST", "path": "/Users", "bulkId": "c" }),
            json!({ "method": "DELETE", "path": "/Users/bulkId:c" }),
        ]
        .map(operation);
        let creators = link(&mut operations);
        assert_eq!((creators["a"], creators["b"], creators["c"], creators.len()), (0, 1, 6, 3));
        let references: Vec<_> = operations.iter().map(|it| it.references.as_slice()).collect();
        assert_eq!(references, [&[1][..], &[1], &[], &[0, 1], &[], &[1], &[], &[6]]);
        let said = |index: usize| operations[index].fault.as_ref().unwrap().detail.as_str();
        assert_eq!(said(2), "the bulkId `a` belongs to another operation already");
        assert_eq!(said(4), "`bulkId:nobody` is not the bulkId of any POST");
        assert_eq!(said(6), "a POST must have `data`");
        assert!([0, 1, 3, 5, 7].iter().all(|index| operations[*index].fault.is_none()));
    }
}
