//! The JSON that Okta sends. Sends nothing itself.

use serde_json::{Map, Value, json};

use super::group::Member;
use crate::chance::Chance;
use crate::company::Person;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) fn user(person: &Person, manager: Option<&Person>) -> Value {
    // A throw-away password, as long as passwords are not synchronized.
    let password =
        Chance::new(person.number as u64, 8).text("abcdefghjkmnpqrstuvwxyz0123456789", 8);
    let empty = json!({"schemas": [USER], "groups": [], "password": password, "active": true});
    overwrite(empty, person, manager)
}

/// The mapped attributes written over `resource`; whatever else is in it stays.
pub(crate) fn overwrite(mut resource: Value, person: &Person, manager: Option<&Person>) -> Value {
    let Some(user) = resource.as_object_mut() else {
        return resource;
    };
    set(user, "userName", &person.user_name);
    set(user, "displayName", &person.display_name);
    set(user, "title", &person.title);
    set(user, "locale", &person.language);
    set(user, "timezone", person.office.time_zone);
    set(user, "externalId", &person.okta_id);
    if let Some(name) = child(user, "name") {
        set(name, "givenName", &person.given_name);
        set(name, "familyName", &person.family_name);
    }
    let email = json!([{"primary": true, "value": person.email, "type": "work"}]);
    user.insert("emails".to_owned(), email);
    replace_array(user, "phoneNumbers", list_phones(person));
    replace_array(user, "addresses", list_addresses(person));
    overwrite_enterprise(user, person, manager);
    resource
}

fn overwrite_enterprise(user: &mut Map<String, Value>, person: &Person, manager: Option<&Person>) {
    let mapped = [
        ("employeeNumber", &person.employee_number),
        ("costCenter", &person.cost_center),
        ("organization", &person.organization),
        ("division", &person.division),
        ("department", &person.department),
    ];
    let empty = manager.is_none() && mapped.iter().all(|(_, value)| value.is_empty());
    if empty && !user.contains_key(ENTERPRISE) {
        return;
    }
    if let Some(extension) = child(user, ENTERPRISE) {
        for (name, value) in mapped {
            set(extension, name, value);
        }
        match manager {
            // Okta has no way to know the manager's id in the target: it maps a login.
            Some(manager) => {
                let value =
                    json!({"value": manager.user_name, "displayName": manager.display_name});
                extension.insert("manager".to_owned(), value);
            }
            None => {
                extension.remove("manager");
            }
        }
    }
    if let Some(schemas) = user.get_mut("schemas").and_then(Value::as_array_mut)
        && !schemas.iter().any(|urn| urn == ENTERPRISE)
    {
        schemas.push(Value::from(ENTERPRISE));
    }
}

/// A cleared attribute is sent as an empty text if the target has one, and not at all otherwise.
fn set(object: &mut Map<String, Value>, name: &str, value: &str) {
    if !value.is_empty() || object.contains_key(name) {
        object.insert(name.to_owned(), Value::from(value));
    }
}

fn child<'a>(object: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    let entry = object.entry(name).or_insert_with(|| json!({}));
    if !entry.is_object() {
        *entry = json!({});
    }
    entry.as_object_mut()
}

fn replace_array(object: &mut Map<String, Value>, name: &str, items: Vec<Value>) {
    if !items.is_empty() || object.contains_key(name) {
        object.insert(name.to_owned(), Value::from(items));
    }
}

fn list_phones(person: &Person) -> Vec<Value> {
    let phones = [("work", &person.phone), ("mobile", &person.mobile), ("fax", &person.fax)];
    let filled = phones.into_iter().filter(|(_, value)| !value.is_empty());
    filled.map(|(kind, value)| json!({"value": value, "type": kind})).collect()
}

fn list_addresses(person: &Person) -> Vec<Value> {
    let office = &person.office;
    if office.street.is_empty() {
        return Vec::new();
    }
    vec![json!({
        "primary": true,
        "type": "work",
        "streetAddress": office.street,
        "locality": office.city,
        "region": office.region,
        "postalCode": office.postal_code,
        "country": office.country,
    })]
}

pub(crate) fn activation(active: bool) -> Value {
    patch(&[json!({"op": "replace", "value": {"active": active}})])
}

pub(crate) fn password(password: &str) -> Value {
    patch(&[json!({"op": "replace", "value": {"password": password}})])
}

/// Body A of the fact sheet: every group is created empty.
pub(crate) fn new_group(name: &str) -> Value {
    json!({"schemas": [GROUP], "displayName": name, "members": []})
}

/// Body B: no path, and the id repeated.
pub(crate) fn group_name(id: &str, name: &str) -> Value {
    patch(&[json!({"op": "replace", "value": {"id": id, "displayName": name}})])
}

/// Body C: one `remove` for each member, one `add` for all of them.
pub(crate) fn member_changes(removed: &[String], added: &[Member]) -> Value {
    let remove = |id: &String| json!({"op": "remove", "path": format!("members[value eq {}]", Value::from(id.as_str()))});
    let mut operations: Vec<Value> = removed.iter().map(remove).collect();
    if !added.is_empty() {
        operations.push(json!({"op": "add", "path": "members", "value": members(added)}));
    }
    patch(&operations)
}

/// Body D.
pub(crate) fn all_members(all: &[Member]) -> Value {
    patch(&[json!({"op": "replace", "path": "members", "value": members(all)})])
}

/// Body E.
pub(crate) fn whole_group(name: &str, all: &[Member]) -> Value {
    json!({"schemas": [GROUP], "displayName": name, "members": members(all)})
}

fn members(list: &[Member]) -> Value {
    list.iter().map(|member| json!({"value": member.id, "display": member.display})).collect()
}

fn patch(operations: &[Value]) -> Value {
    json!({"schemas": [PATCH], "Operations": operations})
}
