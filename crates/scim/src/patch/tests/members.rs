//! What operations on members come to.

use serde_json::{Value, json};

use super::*;
use crate::schema::{GROUP, group_type};
use crate::{Error, ScimType};

fn group(operations: Value, members: Option<&[Member]>) -> Result<(bool, Outcome)> {
    let rt = group_type();
    let patch = Patch::parse(&json!({ "Operations": operations }), &rt, &Limits::default())?;
    let before = json!({ "displayName": "G" });
    let outcome = patch.apply(before.as_object().unwrap(), &rt, members)?;
    Ok((patch.needs_members(), outcome))
}

fn check_members(operations: Value, expected: &str) {
    let (needs, outcome) = group(operations.clone(), None).unwrap();
    assert!(!needs, "{operations}");
    assert_eq!(show(&outcome.members), expected, "{operations}");
}

/// `clear +a +b -c`
fn show(change: &MemberChange) -> String {
    let mut words: Vec<String> = change.clear.then(|| "clear".into()).into_iter().collect();
    words.extend(change.add.iter().map(|id| format!("+{id}")));
    words.extend(change.remove.iter().map(|id| format!("-{id}")));
    words.join(" ")
}

#[test]
fn members_by_id() {
    let add = |ids: Value| json!({ "op": "Add", "path": "members", "value": ids });
    let set = |ids: Value| json!({ "op": "replace", "path": "members", "value": ids });
    let drop = |filter: &str| json!({ "op": "remove", "path": format!("members[{filter}]") });
    let (drop_a, drop_b) = (drop("value eq \"a\""), drop("value eq\"b\""));
    let clear = json!({ "op": "remove", "path": "members" });
    check_members(json!([add(json!([{ "$ref": null, "value": "a" }, "b", "a"]))]), "+a +b");
    check_members(json!([drop_a, drop_b, drop_a]), "-a -b");
    check_members(json!([clear]), "clear");
    check_members(json!([set(json!([{ "value": "a" }]))]), "clear +a");
    check_members(json!([set(json!(null))]), "clear");
    check_members(json!([add(json!(["a"])), drop_a]), "-a");
    check_members(json!([drop_a, add(json!(["a"]))]), "+a");
    check_members(
        json!([clear, add(json!(["c", "a", "b"])), drop_a, drop("value eq z")]),
        "clear +c +b",
    );
    check_members(json!([drop_a, clear]), "clear");
    check_members(json!([set(json!(["a"])), set(json!(["b"])), add(json!(["a"]))]), "clear +b +a");
    check_members(json!([drop("value eq \"a\" or (value eq 7)")]), "-7 -a");
    check_members(json!([drop("value eq \"a\" and value eq \"b\"")]), "");
    check_members(json!([]), "");
}

#[test]
fn members_in_other_shapes() {
    let bare = |op: &str, ids: Value| json!([{ "op": op, "value": { "MEMBERS": ids } }]);
    check_members(bare("replace", json!([{ "value": "a" }])), "clear +a");
    check_members(bare("add", json!([{ "value": "a" }])), "+a");
    check_members(bare("add", json!(null)), "");
    let listed = |ids: Value| json!([{ "op": "Remove", "path": "members", "value": ids }]);
    check_members(listed(json!([{ "$ref": null, "value": "a" }, { "value": "b" }])), "-a -b");
    check_members(listed(json!({ "value": "a" })), "-a");
    check_members(listed(json!([])), "");
    check_members(listed(json!(null)), "clear");
    let named =
        |op: &str, path: &str, value: Value| json!([{ "op": op, "path": path, "value": value }]);
    check_members(named("remove", &format!("{GROUP}:members[value eq 7]"), json!(null)), "-7");
    check_members(named("add", "members[value eq \"a\"]", json!({})), "+a");
    check_members(named("replace", "members[value eq \"a\"].display", json!("x")), "");
}

#[test]
fn renaming_leaves_members_alone() {
    let okta = json!([{ "op": "replace", "value": { "id": "abf4", "displayName": "New" } }]);
    let (_, outcome) = group(okta, None).unwrap();
    assert_eq!(outcome.document["displayName"], json!("New"));
    assert!(outcome.members.is_empty());
}

#[test]
fn members_by_filter() {
    let member = |id: &str, display: &str| Member {
        value: id.into(),
        display: Some(display.into()),
        kind: "User".into(),
    };
    let present = [member("1", "Ann"), member("2", "Bob"), member("3", "Anton")];
    let by = |filter: &str| json!({ "op": "remove", "path": format!("members[{filter}]") });
    let check = |operations: Value, expected: &str| {
        let (needs, outcome) = group(operations.clone(), Some(&present)).unwrap();
        assert!(needs);
        assert_eq!(show(&outcome.members), expected, "{operations}");
    };
    check(json!([by("display sw \"an\"")]), "-1 -3");
    check(json!([by("type eq \"User\" and value ne \"2\"")]), "-1 -3");
    check(json!([by("display eq \"nobody\"")]), "");
    let ids = json!({ "op": "remove", "path": "members[display sw \"an\"].value" });
    check(json!([ids]), "-1 -3");
    let add = json!({ "op": "add", "path": "members", "value": ["4", "1"] });
    check(json!([add, by("type eq \"user\"")]), "-1 -2 -3 -4");
    let replace = json!({ "op": "replace", "path": "members", "value": ["4", "1"] });
    check(json!([replace, by("display sw \"a\"")]), "clear +4");
    let error = group(json!([by("display pr")]), None).unwrap_err();
    assert_eq!((error.status, error.scim_type), (500, None));
}

#[test]
fn refused_members() {
    for (operations, scim_type) in [
        (op("add", "members", json!([{ "value": "a", "type": "Group" }])), ScimType::InvalidValue),
        (op("add", "members", json!([{ "display": "x" }])), ScimType::InvalidValue),
        (op("remove", "members", json!("")), ScimType::InvalidValue),
        (op("replace", "members[value eq \"a\"]", json!({ "value": "b" })), ScimType::Mutability),
        (op("add", "members[value eq \"a\"]", json!({ "value": "b" })), ScimType::Mutability),
        (op("replace", "members[value eq \"a\"].value", json!("b")), ScimType::Mutability),
        (op("remove", "members[value eq \"a\"].type", json!(null)), ScimType::Mutability),
        (op("replace", "members.value", json!("b")), ScimType::Mutability),
        (remove("displayName"), ScimType::Mutability),
    ] {
        let error: Error = group(operations.clone(), None).unwrap_err();
        assert_eq!(error.scim_type, Some(scim_type), "{operations}: {error}");
    }
    let walks: Vec<Value> =
        (0..200).map(|_| json!({ "op": "remove", "path": "members[display pr]" })).collect();
    assert_eq!(group(json!(walks), None).unwrap_err().scim_type, Some(ScimType::InvalidFilter));
}
