//! Section 4: discovery is the same whatever the query says.

use crate::harness::both;

both! {
    async fn queries_change_nothing_in_discovery(t) {
        let queries = [
            "startIndex=2&count=1", "count=0", "sortBy=id&sortOrder=descending", "sortBy=nothing", "attributes=id", "cursor",
            "excludedAttributes=meta,attributes", "attributes=id&excludedAttributes=id", "count=x", "sortOrder=up",
        ];
        for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig", "/ResourceTypes/User"] {
            let whole = t.read(path).await;
            for query in queries {
                assert_eq!(t.read(&format!("{path}?{query}")).await, whole, "{path} {query}");
            }
            for filter in ["id%20pr", "", "nonsense"] {
                t.scim("GET", &format!("{path}?count=1&filter={filter}"), None).await.scim_error(403, None);
            }
        }
    }
}
