//! Line 23: discovery.

use super::sent;
use crate::harness::{both, texts};
use serde_json::{Value, json};

/// Every attribute name below a schema, as paths.
fn paths(attributes: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in attributes.as_array().expect("attributes") {
        let name = attribute["name"].as_str().expect("a name");
        found.push(name.to_owned());
        if let Some(subs) = attribute.get("subAttributes") {
            found.extend(paths(subs).iter().map(|sub| format!("{name}.{sub}")));
        }
    }
    found
}

/// Every name in a resource that was sent, as paths.
fn used(resource: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in resource.as_object().expect("an object") {
        if name == "schemas" || name == "externalId" || name.starts_with("urn:") {
            continue;
        }
        found.push(name.clone());
        let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        for value in values.iter().filter(|value| value.is_object()) {
            found.extend(used(value).iter().map(|sub| format!("{name}.{sub}")));
        }
    }
    found
}

/// Fails on nulls, and on an enumeration that isn't written as RFC 7643 does.
fn check_spelling(value: &Value) {
    const WORDS: [(&str, &[&str]); 5] = [
        ("mutability", &["readOnly", "readWrite", "immutable", "writeOnly"]),
        ("returned", &["always", "never", "default", "request"]),
        ("uniqueness", &["none", "server", "global"]),
        (
            "type",
            &[
                "string",
                "boolean",
                "decimal",
                "integer",
                "dateTime",
                "binary",
                "reference",
                "complex",
                "oauthbearertoken",
            ],
        ),
        ("resourceType", &["Schema", "ResourceType", "ServiceProviderConfig"]),
    ];
    match value {
        Value::Null => panic!("a null"),
        Value::Array(values) => values.iter().for_each(check_spelling),
        Value::Object(parts) => {
            for (name, known) in WORDS {
                if let Some(word) = parts.get(name) {
                    assert!(
                        word.as_str().is_some_and(|word| known.contains(&word)),
                        "{name}: {word}"
                    );
                }
            }
            parts.values().for_each(check_spelling);
        }
        _ => {}
    }
}

both! {
    async fn line_23_the_configuration_says_what_is_supported(t) {
        let config = t.read("/ServiceProviderConfig").await;
        check_spelling(&config);
        assert_eq!(config["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
        assert_eq!(config["patch"]["supported"], true);
        assert_eq!(config["filter"]["supported"], true);
        assert!(config["filter"]["maxResults"].as_u64().is_some_and(|most| most >= 100));
        assert!(config["bulk"]["maxOperations"].is_u64() && config["bulk"]["maxPayloadSize"].is_u64());
        for feature in ["bulk", "changePassword", "sort", "etag"] {
            assert!(config[feature]["supported"].is_boolean(), "{feature}");
        }
        let scheme = &config["authenticationSchemes"][0];
        assert_eq!(scheme["type"], "oauthbearertoken");
        assert!(scheme["name"].is_string() && scheme["description"].is_string());
        assert_eq!(config["meta"]["location"], t.scim_url("/ServiceProviderConfig"));
        for feature in ["bulk", "sort", "etag"] {
            assert_eq!(config[feature]["supported"], true, "{feature}");
        }
        assert_eq!(config["pagination"], json!({
            "cursor": true, "index": true, "defaultPaginationMethod": "index",
            "defaultPageSize": 100, "maxPageSize": 1000, "cursorTimeout": 3600,
        }));
    }

    async fn line_23_resource_types_are_a_list_and_each_can_be_read(t) {
        let list = t.read("/ResourceTypes").await;
        check_spelling(&list);
        assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!((&list["totalResults"], &list["itemsPerPage"], &list["startIndex"]), (&json!(2), &json!(2), &json!(1)));
        assert_eq!(texts(&list["Resources"], "name"), ["User", "Group"]);
        for (kind, endpoint, schema) in [("User", "/Users", sent::USER), ("Group", "/Groups", sent::GROUP)] {
            let one = t.read(&format!("/ResourceTypes/{kind}")).await;
            assert!(list["Resources"].as_array().unwrap().contains(&one));
            assert_eq!((&one["id"], &one["name"]), (&json!(kind), &json!(kind)));
            assert_eq!((&one["endpoint"], &one["schema"]), (&json!(endpoint), &json!(schema)));
            assert_eq!(one["meta"]["location"], t.scim_url(&format!("/ResourceTypes/{kind}")));
        }
        let user = t.read("/ResourceTypes/User").await;
        assert_eq!(user["schemaExtensions"], json!([{"schema": sent::ENTERPRISE, "required": false}]));
        t.scim("GET", "/ResourceTypes/Robot", None).await.scim_error(404, None);
    }

    async fn line_23_schemas_are_a_list_and_each_can_be_read(t) {
        let list = t.read("/Schemas").await;
        check_spelling(&list);
        assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
        assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(3), &json!(3)));
        for urn in [sent::USER, sent::GROUP, sent::ENTERPRISE] {
            let one = t.read(&format!("/Schemas/{urn}")).await;
            assert!(list["Resources"].as_array().unwrap().contains(&one), "{urn}");
            assert_eq!((&one["id"], &one["meta"]["resourceType"]), (&json!(urn), &json!("Schema")));
            assert_eq!(one["meta"]["location"], t.scim_url(&format!("/Schemas/{urn}")));
            let encoded = urn.replace(':', "%3A");
            assert_eq!(t.read(&format!("/Schemas/{encoded}")).await, one);
        }
        t.scim("GET", "/Schemas/urn:example:unheard:of", None).await.scim_error(404, None);
    }

    /// Microsoft's suite looks for each mapped attribute.
    async fn line_23_every_attribute_that_is_accepted_is_described(t) {
        let whole = sent::whole();
        for (urn, resource) in [
            (sent::USER, &whole),
            (sent::ENTERPRISE, &whole[sent::ENTERPRISE]),
            (sent::GROUP, &json!({"displayName": "x", "members": [{"value": "x", "$ref": "x", "type": "User", "display": "x"}]})),
        ] {
            let described = paths(&t.read(&format!("/Schemas/{urn}")).await["attributes"]);
            for path in used(resource) {
                assert!(described.contains(&path), "{urn} lacks {path}");
            }
        }
        let user = paths(&t.read(&format!("/Schemas/{}", sent::USER)).await["attributes"]);
        for path in ["password", "groups", "groups.value"] {
            assert!(user.iter().any(|one| one == path), "{path}");
        }
    }
}
