//! How much of everything a caller is willing to accept.
//!
//! This file holds parameters, not policy: each server chooses its own numbers. It does not limit
//! the size of a request body or the nesting of its JSON, which are decided before a body becomes
//! a [`serde_json::Value`].

/// The maxima that parsing and reading keep to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a filter, or of a PATCH path.
    pub filter_bytes: usize,
    /// How deep parentheses and brackets may nest in a filter (never more than 200).
    pub filter_depth: usize,
    /// Comparisons in one filter.
    pub filter_terms: usize,
    /// Operations in one PATCH.
    pub patch_operations: usize,
    /// Bytes of stored values that one PATCH compares, those of a value once for each comparison.
    pub patch_compared_bytes: usize,
    /// Members named in one request.
    pub members_per_request: usize,
    /// Bytes of the longest string.
    pub value_bytes: usize,
    /// Values of one multi-valued attribute.
    pub values_per_attribute: usize,
    /// Operations in one bulk request.
    pub bulk_operations: usize,
    /// Attributes of one schema, those within others counted.
    pub schema_attributes: usize,
    /// Bytes of the URN and the name of a schema, of an attribute's name and of each value a
    /// schema suggests.
    pub schema_name_bytes: usize,
    /// Bytes of a description in a schema.
    pub schema_text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            filter_bytes: 8_192,
            filter_depth: 20,
            filter_terms: 100,
            // Okta removes each member by an operation of its own.
            patch_operations: 5_000,
            // Each operation may look at each value of an attribute, if they are short.
            patch_compared_bytes: 536_870_912,
            members_per_request: 100_000,
            // Photos arrive as data URIs, certificates as base64.
            value_bytes: 262_144,
            values_per_attribute: 1_000,
            bulk_operations: 1_000,
            schema_attributes: 200,
            schema_name_bytes: 200,
            schema_text_bytes: 2_000,
        }
    }
}
