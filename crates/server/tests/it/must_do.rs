//! What a SCIM server must do to work with every identity provider: one test for each line of the
//! list, named after it.

use crate::harness::both;
use serde_json::json;

both! {
    /// No match is an empty list, never a 404.
    async fn line_07_no_match_is_an_empty_list(t) {
        let found = t.scim("GET", "/Users?filter=userName+eq+\"nobody%40example.com\"", None).await;
        let body = found.expect(200);
        assert_eq!(body["totalResults"], 0);
        assert_eq!(body["Resources"], json!([]));
    }
}
