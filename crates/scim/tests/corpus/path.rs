//! Paths: what is read prints to itself, and a canonical name is its own canonical name.

use scim::filter::Filter;
use scim::patch::Patch;
use scim::path::{AttrPath, Path, resolve};
use scim::schema::ResourceType;
use serde_json::json;

use super::fixture::{FIXTURES, generous, limits};

/// The input is the path of a PATCH operation.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some(path) = AttrPath::parse(text, 0) {
        assert_eq!(AttrPath::parse(&path.to_string(), 0), Some(path), "{text}");
    }
    for fixture in FIXTURES.iter() {
        let rt = &fixture.rt;
        match Path::parse(text, rt, &limits()) {
            Ok(path) => read(&path, rt),
            Err(error) => assert_eq!(error.status, 400, "{error}"),
        }
        for verb in ["add", "replace", "remove"] {
            let operation = json!({ "op": verb, "path": text, "value": "x" });
            let patch = Patch::parse(&json!({ "Operations": [operation] }), rt, &limits());
            if let Ok(patch) = patch {
                let _ = patch.apply(&fixture.stored, rt, Some(&[]));
            }
        }
    }
}

fn read(path: &Path, rt: &ResourceType) {
    let printed = path.to_string();
    assert_eq!(Path::parse(&printed, rt, &generous()).as_ref(), Ok(path), "{printed}");
    let Some(target) = resolve(&path.attr, rt) else {
        let urn = path.attr.urn.as_deref().unwrap_or_default();
        let known = urn == rt.schema.id || rt.extension(urn).is_some();
        return assert!(known, "{printed} leads to nothing");
    };
    let canonical = AttrPath::parse(&target.name, 0).expect("a canonical name is a path");
    assert_eq!(resolve(&canonical, rt).as_ref(), Some(&target), "{printed}");
    if let (Some(inside), None) = (&path.filter, &path.attr.sub) {
        let whole = Filter::Any { path: path.attr.clone(), filter: Box::new(inside.clone()) };
        assert_eq!(Filter::parse(&printed, &generous()), Ok(whole), "{printed}");
    }
}
