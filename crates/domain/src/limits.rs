//! Every maximum of the product, in one place. Each bounds what one caller can make us do or keep.

use std::time::Duration;

/// Bytes of one request body.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a request body that are still received when it is too large, and thrown away: a client
/// that is cut off while it sends never reads why.
pub const BODY_BYTES_DRAINED: usize = 16 * BODY_BYTES_MAX;
/// Bytes of one SCIM resource as it is stored, members not counted.
pub const DOCUMENT_BYTES_MAX: usize = 256 * 1024;
/// Bytes of what was before or after in an audit event; of more, only the size is kept.
pub const AUDIT_VALUE_BYTES_MAX: usize = 32 * 1024;
/// Members and groups of members that one answer shows.
pub const PAIRS_MAX: usize = 250_000;
/// Comparisons that one PATCH makes with the members of a group.
pub const MEMBER_COMPARISONS_MAX: usize = 1_000_000;
/// Connections at once; more wait to be accepted.
pub const CONNECTIONS_MAX: usize = 10_000;
/// How long a client has to send a request's headers, and its body.
pub const HEADERS_TIME_MAX: Duration = Duration::from_secs(30);
pub const BODY_TIME_MAX: Duration = Duration::from_secs(60);
/// Resources on one page of a SCIM list. Okta steps by 100 and would lose users below that.
pub const SCIM_PAGE_MAX: u64 = 1000;
/// Resources on a page when the client asks for no number.
pub const SCIM_PAGE_DEFAULT: u64 = 100;
/// How long a cursor of a SCIM list is good.
pub const CURSOR_LIFETIME: Duration = Duration::from_secs(60 * 60);
/// How long it is remembered where a page by index ended, and how many ends.
pub const BOOKMARK_LIFETIME: Duration = Duration::from_secs(60);
pub const BOOKMARKS_MAX: usize = 10_000;
/// How long the operations of one bulk request may take; those not reached by then are refused. Others
/// who write to the same SQLite file wait meanwhile.
pub const BULK_TIME_MAX: Duration = Duration::from_secs(10);
/// Things on one page of an API v4 list, and when the caller asks for no number.
pub const API_PAGE_MAX: u64 = 50;
pub const API_PAGE_DEFAULT: u64 = 20;
/// Events on one page of the audit log, and when the caller asks for no number.
pub const AUDIT_PAGE_MAX: u64 = 1000;
pub const AUDIT_PAGE_DEFAULT: u64 = 100;
/// Characters of an account's, a token's and a user group's name.
pub const ACCOUNT_NAME_MAX: usize = 100;
pub const TOKEN_NAME_MAX: usize = 120;
pub const GROUP_NAME_MAX: usize = 256;
/// Characters of an e-mail address (RFC 5321 allows 254; it is also a userName).
pub const EMAIL_MAX: usize = 254;
/// Characters of an `externalId`: it is looked up by an index, whose entries have to fit a page.
pub const EXTERNAL_ID_MAX: usize = 512;
/// Policies of one member or user group, and permission or resource groups of one policy.
pub const POLICIES_MAX: usize = 50;
pub const POLICY_PARTS_MAX: usize = 100;
/// Tokens whose requests are counted at the same time, before idle ones are forgotten.
pub const LIMITED_TOKENS_MAX: usize = 10_000;
/// Schemas that an account may add, and bytes of one as it is stored.
pub const SCHEMAS_MAX: usize = 20;
pub const SCHEMA_BYTES_MAX: usize = 64 * 1024;
/// Bytes of schemas, as they are stored, that are kept ready for use.
pub const SCHEMAS_KEPT_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes that one statement of the database may answer with: a page of the largest resources would be more
/// than a server has room for.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long one statement of the database may take.
pub const STATEMENT_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a one-time sign-in link can be used.
pub const SIGN_IN_LINK_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How long a dashboard session lasts.
pub const SESSION_LIFETIME: Duration = Duration::from_secs(12 * 60 * 60);
/// How long the API token of a demo account is valid.
pub const DEMO_TOKEN_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// What one SCIM request may hold.
#[must_use]
pub fn scim() -> scim::limits::Limits {
    scim::limits::Limits {
        filter_bytes: 8 * 1024,
        filter_depth: 32,
        filter_terms: 128,
        patch_operations: 1000,
        patch_compared_bytes: 64 * 1024 * 1024,
        members_per_request: 20_000,
        value_bytes: 64 * 1024,
        values_per_attribute: 500,
        bulk_operations: 1000,
        schema_attributes: 200,
        schema_name_bytes: 200,
        schema_text_bytes: 2000,
    }
}
