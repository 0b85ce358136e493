//! What a server says about itself (RFC 7643 sections 5 to 7, RFC 7644 section 4,
//! RFC 9865 section 4).
//!
//! It describes the resource types it is given and the features the caller has; it knows no
//! endpoint beyond them.

use serde_json::{Map, Value, json};

use crate::schema::{RESOURCE_TYPE, ResourceType, SCHEMA, SERVICE_PROVIDER_CONFIG, Schema};

/// The optional parts of the protocol. PATCH and filters are always supported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Features {
    /// The most operations and the most bytes of a bulk request, if bulk is supported.
    pub bulk: Option<(u64, u64)>,
    /// The most resources that one answer has.
    pub filter_max_results: u64,
    /// Whether `sortBy` is obeyed.
    pub sort: bool,
    /// Whether resources have versions.
    pub etag: bool,
    /// Whether a client can set a password.
    pub change_password: bool,
    /// How lists are paged, if that is told (RFC 9865 section 4).
    pub pagination: Option<Pagination>,
}

/// The `pagination` of a ServiceProviderConfig.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pagination {
    /// Whether lists can be paged by cursor.
    pub cursor: bool,
    /// Whether lists can be paged by index, which is then what happens when nobody asks for either.
    pub index: bool,
    /// How many resources a page has when nobody asks for a number.
    pub default_page_size: u64,
    /// How many resources a page has at most.
    pub max_page_size: u64,
    /// For how many seconds a cursor is good, if that is bounded.
    pub cursor_timeout: Option<u64>,
}

/// `/ServiceProviderConfig`. `base` is the URL before it, with or without a slash at the end.
pub fn service_provider_config(base: &str, features: &Features) -> Value {
    let (operations, bytes) = features.bulk.unwrap_or_default();
    let mut config = json!({
        "schemas": [SERVICE_PROVIDER_CONFIG],
        "patch": { "supported": true },
        "bulk": {
            "supported": features.bulk.is_some(),
            "maxOperations": operations,
            "maxPayloadSize": bytes,
        },
        "filter": { "supported": true, "maxResults": features.filter_max_results },
        "changePassword": { "supported": features.change_password },
        "sort": { "supported": features.sort },
        "etag": { "supported": features.etag },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token in the Authorization header.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": meta(base, "ServiceProviderConfig", "/ServiceProviderConfig"),
    });
    if let Some(paging) = &features.pagination {
        config["pagination"] = pagination(paging);
    }
    config
}

/// RFC 9865 section 2.4: index is the default wherever it was there first.
fn pagination(paging: &Pagination) -> Value {
    let mut body = json!({
        "cursor": paging.cursor,
        "index": paging.index,
        "defaultPaginationMethod": if paging.index { "index" } else { "cursor" },
        "defaultPageSize": paging.default_page_size,
        "maxPageSize": paging.max_page_size,
    });
    if let Some(seconds) = paging.cursor_timeout {
        body["cursorTimeout"] = json!(seconds);
    }
    body
}

/// The resources of `/ResourceTypes`.
pub fn resource_types(base: &str, types: &[&ResourceType]) -> Vec<Value> {
    types.iter().map(|rt| resource_type(base, rt)).collect()
}

/// The resources of `/Schemas`: every schema and extension of the types, once.
pub fn schemas(base: &str, types: &[&ResourceType]) -> Vec<Value> {
    let mut listed: Vec<&Schema> = Vec::new();
    for rt in types {
        let extensions = rt.extensions.iter().map(|extension| &extension.schema);
        for schema in std::iter::once(&rt.schema).chain(extensions) {
            if !listed.iter().any(|known| known.id.eq_ignore_ascii_case(&schema.id)) {
                listed.push(schema);
            }
        }
    }
    listed.into_iter().map(|schema| describe(base, schema)).collect()
}

fn resource_type(base: &str, rt: &ResourceType) -> Value {
    let extensions: Vec<Value> = rt
        .extensions
        .iter()
        .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
        .collect();
    json!({
        "schemas": [RESOURCE_TYPE],
        "id": rt.name,
        "name": rt.name,
        "endpoint": rt.endpoint,
        "description": rt.description,
        "schema": rt.schema.id,
        "schemaExtensions": extensions,
        "meta": meta(base, "ResourceType", &format!("/ResourceTypes/{}", rt.name)),
    })
}

fn describe(base: &str, schema: &Schema) -> Value {
    let mut body = Map::new();
    body.insert("schemas".into(), json!([SCHEMA]));
    body.insert("id".into(), json!(schema.id));
    body.insert("name".into(), json!(schema.name));
    body.insert("description".into(), json!(schema.description));
    body.insert("attributes".into(), json!(schema.attributes));
    body.insert("meta".into(), meta(base, "Schema", &format!("/Schemas/{}", schema.id)));
    Value::Object(body)
}

fn meta(base: &str, resource_type: &str, path: &str) -> Value {
    let base = base.trim_end_matches('/');
    json!({ "resourceType": resource_type, "location": format!("{base}{path}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{ENTERPRISE_USER, GROUP, USER, group_type, user_type};

    fn has_null(value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::Array(values) => values.iter().any(has_null),
            Value::Object(parts) => parts.values().any(has_null),
            _ => false,
        }
    }

    #[test]
    fn configuration() {
        let features = Features { filter_max_results: 200, sort: true, ..Features::default() };
        let config = service_provider_config("https://x/scim/v2/", &features);
        assert!(!has_null(&config));
        assert_eq!(config["filter"], json!({ "supported": true, "maxResults": 200 }));
        assert_eq!(config["bulk"]["supported"], json!(false));
        assert_eq!(config["meta"]["location"], json!("https://x/scim/v2/ServiceProviderConfig"));
        assert_eq!(config["authenticationSchemes"][0]["type"], json!("oauthbearertoken"));
        let bulk = Features { bulk: Some((100, 1_000_000)), ..features };
        let config = service_provider_config("", &bulk);
        assert_eq!(
            config["bulk"],
            json!({ "supported": true, "maxOperations": 100, "maxPayloadSize": 1_000_000 })
        );
    }

    #[test]
    fn paging() {
        let config = |pagination| {
            service_provider_config("", &Features { pagination, ..Features::default() })
        };
        assert!(config(None).get("pagination").is_none());
        let both = Pagination {
            cursor: true,
            index: true,
            default_page_size: 100,
            max_page_size: 250,
            cursor_timeout: Some(3600),
        };
        assert_eq!(
            config(Some(both))["pagination"],
            json!({ "cursor": true, "index": true, "defaultPaginationMethod": "index",
                "defaultPageSize": 100, "maxPageSize": 250, "cursorTimeout": 3600 })
        );
        let one = config(Some(Pagination { index: false, cursor_timeout: None, ..both }));
        assert_eq!(one["pagination"]["defaultPaginationMethod"], json!("cursor"));
        assert!(!has_null(&one) && one["pagination"].get("cursorTimeout").is_none());
    }

    #[test]
    fn types_and_schemas() {
        let (user, group) = (user_type(), group_type());
        let types = resource_types("https://x", &[&user, &group]);
        assert_eq!(
            types[0]["schemaExtensions"],
            json!([{ "schema": ENTERPRISE_USER, "required": false }])
        );
        assert_eq!(types[1]["meta"]["location"], json!("https://x/ResourceTypes/Group"));
        assert_eq!(types[1]["schemaExtensions"], json!([]));
        assert!(types[1].get("rows").is_none());
        let schemas = schemas("https://x", &[&user, &group, &user]);
        let ids: Vec<&Value> = schemas.iter().map(|schema| &schema["id"]).collect();
        assert_eq!(ids, [USER, ENTERPRISE_USER, GROUP]);
        assert_eq!(schemas[2]["meta"]["location"], json!(format!("https://x/Schemas/{GROUP}")));
        assert_eq!(schemas[0]["attributes"][0]["uniqueness"], json!("server"));
        assert!(!schemas.iter().any(has_null));
        let read: Schema = serde_json::from_value(schemas[0].clone()).unwrap();
        assert_eq!(read, user.schema);
    }
}
