//! The examples of RFC 7644 section 3.5.2, and the bodies Okta and Entra are known to send.

use serde_json::json;

use super::*;
use crate::schema::{ENTERPRISE_USER as E, group_type};

fn addresses() -> Value {
    json!({ "addresses": [
        { "type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "primary": true },
        { "type": "home", "streetAddress": "456 Hollywood Blvd", "locality": "Hollywood" }
    ] })
}

#[test]
fn adding() {
    check(
        json!({}),
        json!([{ "op": "add", "value": {
            "emails": [{ "value": "babs@jensen.org", "type": "home" }], "nickname": "Babs"
        } }]),
        json!({ "emails": [{ "value": "babs@jensen.org", "type": "home" }], "nickName": "Babs" }),
    );
}

#[test]
fn removing_by_filter() {
    check(
        json!({ "emails": [{ "value": "a@example.com", "type": "work" }, { "value": "a@b.org", "type": "work" }] }),
        remove(r#"emails[type eq "work" and value ew "example.com"]"#),
        json!({ "emails": [{ "value": "a@b.org", "type": "work" }] }),
    );
}

#[test]
fn replacing_addresses() {
    let new = json!({ "type": "work", "streetAddress": "911 Universal City Plaza",
        "locality": "Hollywood", "region": "CA", "postalCode": "91608", "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US", "primary": true });
    let mut after = addresses();
    after["addresses"][0] = new.clone();
    check(addresses(), op("replace", "addresses[type eq \"work\"]", new), after);
    let mut after = addresses();
    after["addresses"][0]["streetAddress"] = json!("1010 Broadway Ave");
    let path = "addresses[type eq \"work\"].streetAddress";
    check(addresses(), op("replace", path, json!("1010 Broadway Ave")), after);
}

#[test]
fn members_removed_and_added_in_one_request() {
    let rt = group_type();
    let body = json!({ "schemas": [PATCH_OP], "Operations": [
        { "op": "remove", "path": "members[value eq\"2819c223\"]" },
        { "op": "add", "path": "members", "value": [
            { "display": "James Smith", "$ref": "https://example.com/v2/Users/08e1d05d", "value": "08e1d05d" }
        ] }
    ] });
    let before = json!({ "displayName": "G" }).as_object().unwrap().clone();
    let patch = Patch::parse(&body, &rt, &Limits::default()).unwrap();
    let outcome = patch.apply(&before, &rt, None).unwrap();
    assert_eq!(outcome.document, before);
    assert_eq!(outcome.members.add, ["08e1d05d"]);
    assert_eq!(outcome.members.remove, ["2819c223"]);
}

#[test]
fn entra_without_its_flag() {
    check(
        json!({ "active": true, "displayName": "a" }),
        json!([
            { "op": "Replace", "path": "displayName", "value": "Pvlo" },
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "t@test.microsoft.com" },
            { "op": "Replace", "path": "name.givenName", "value": "Gtfd" },
            { "op": "Replace", "path": "name.familyName", "value": "Pkqf" },
            { "op": "Replace", "path": "externalId", "value": "Eqpj" },
            { "op": "Replace", "path": format!("{E}:employeeNumber"), "value": "Eqpj" },
            { "op": "Add", "path": format!("{E}:manager"), "value": "54D3" },
            { "op": "Replace", "path": "active", "value": "False" },
            { "op": "Add", "path": "roles", "value": [
                { "primary": "False", "type": "WindowsAzureActiveDirectoryRole", "display": "Admin", "value": "Admin" }
            ] }
        ]),
        json!({
            "active": false, "displayName": "Pvlo", "externalId": "Eqpj",
            "emails": [{ "type": "work", "value": "t@test.microsoft.com" }],
            "name": { "givenName": "Gtfd", "familyName": "Pkqf" },
            "roles": [{ "primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "Admin", "value": "Admin" }],
            E: { "employeeNumber": "Eqpj", "manager": { "value": "54D3" } }
        }),
    );
}

#[test]
fn many_operations_take_little_time() {
    let limits = Limits::default();
    let rt = group_type();
    let drop = |i| json!({ "op": "remove", "path": format!("members[value eq \"{i}\"]") });
    let body = json!({ "Operations": (0..5_000).map(drop).collect::<Vec<_>>() });
    let patch = Patch::parse(&body, &rt, &limits).unwrap();
    let before = json!({ "displayName": "G" }).as_object().unwrap().clone();
    assert_eq!(patch.apply(&before, &rt, None).unwrap().members.remove.len(), 5_000);
    let add = |i| json!({ "op": "add", "path": "emails", "value": { "value": format!("{}", i % 1_000) } });
    let body = json!({ "Operations": (0..5_000).map(add).collect::<Vec<_>>() });
    let rt = user_type();
    let patch = Patch::parse(&body, &rt, &limits).unwrap();
    let outcome = patch.apply(&with_name(json!({})), &rt, None).unwrap();
    assert_eq!(outcome.document["emails"].as_array().unwrap().len(), 1_000);
}
