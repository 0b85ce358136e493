//! Whatever comes in, the answer is a SCIM error with the right status, the right `scimType` and a
//! sentence that helps, and nothing is written.

mod bodies;
mod credentials;
mod limits;
mod patches;
mod places;
mod queries;
mod values;

use crate::harness::{Answer, Server};
use serde_json::Value;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// A user and a group with that user in it, and everything as it was when they were made.
struct World {
    user: String,
    group: String,
    before: Value,
}

impl World {
    async fn new(t: &Server) -> World {
        let user = t.user("ann@example.com").await;
        let group = t.group("Sales", &[&user]).await;
        World {
            before: t.everything().await,
            user: format!("/Users/{user}"),
            group: format!("/Groups/{group}"),
        }
    }

    /// The id of the user.
    fn id(&self) -> &str {
        &self.user["/Users/".len()..]
    }

    /// The places that take a body, with the methods to send it by.
    fn writes(&self) -> [(&'static str, String); 6] {
        [
            ("POST", "/Users".to_owned()),
            ("POST", "/Groups".to_owned()),
            ("PUT", self.user.clone()),
            ("PUT", self.group.clone()),
            ("PATCH", self.user.clone()),
            ("PATCH", self.group.clone()),
        ]
    }

    /// Fails if anything was written since.
    async fn is_untouched(&self, t: &Server) {
        assert_eq!(t.everything().await, self.before, "something was written");
    }
}

/// Sends a body of any bytes.
async fn send_bytes(t: &Server, method: &str, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let request = t
        .request(method, &t.scim_url(path))
        .bearer_auth(&t.scim_token)
        .header("content-type", "application/scim+json");
    t.send(request.body(body.into())).await
}
