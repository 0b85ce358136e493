//! Paging by index (RFC 7644 section 3.4.2.4), also while others create and delete.

use super::{delete_users, every, ids, make_many, with};
use crate::harness::{Server, both};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn page(t: &Server, endpoint: &str, start: u64, count: &str) -> Value {
    let start = start.to_string();
    t.read(&with(endpoint, &[("startIndex", &start), ("count", count)])).await
}

/// Reads on as Okta does: until `startIndex` is beyond the total.
async fn walk(t: &Server, endpoint: &str, count: usize) -> Vec<String> {
    let (mut seen, mut start) = (Vec::new(), 1);
    loop {
        let page = page(t, endpoint, start, &count.to_string()).await;
        let found = ids(&page);
        start += found.len() as u64;
        let done = found.is_empty() || start > page["totalResults"].as_u64().expect("a total");
        seen.extend(found);
        if done {
            return seen;
        }
    }
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

both! {
    /// RFC 7644 section 3.4.2.4: every resource is on exactly one page, whatever the size of pages.
    async fn every_resource_is_seen_exactly_once(t) {
        let made = sorted(make_many(t, 103).await);
        for size in [7, 100, 1000] {
            assert_eq!(walk(t, "/Users", size).await, made, "{size}");
        }
        // From the end to the beginning, and in no order at all: no bookmark is in the way.
        for start in [97, 50, 1, 99, 8] {
            let found = ids(&page(t, "/Users", start, "7").await);
            let from = usize::try_from(start).unwrap() - 1;
            assert_eq!(found, made[from..(from + 7).min(103)], "{start}");
        }
        for chunk in made.chunks(15) {
            delete_users(t, chunk).await;
        }
        assert_eq!(walk(t, "/Users", 1).await, Vec::<String>::new());
    }

    async fn pages_of_one_are_pages(t) {
        let made = sorted(make_many(t, 9).await);
        assert_eq!(walk(t, "/Users", 1).await, made);
        t.group("Sales", &[&made[0]]).await;
        let all = walk(t, "", 1).await;
        assert_eq!((all.len(), sorted(all).len()), (10, 10));
    }

    /// RFC 7644 table 6: what is out of range is moved into it; only what is no number is refused.
    async fn numbers_out_of_range_are_moved_into_it(t) {
        make_many(t, 3).await;
        for (query, start, size) in [
            ("count=0", 1, 0),
            ("count=-1", 1, 0),
            ("count=-9999999999999999999999", 1, 0),
            ("startIndex=0", 1, 3),
            ("startIndex=-5&count=2", 1, 2),
            ("startIndex=3&count=2", 3, 1),
            ("startIndex=4", 4, 0),
            ("startIndex=9223372036854775807&count=1000", i64::MAX, 0),
            ("startIndex=99999999999999999999999", i64::MAX, 0),
            ("count=99999999999999999999999", 1, 3),
            ("startIndex=2&count=0", 2, 0),
        ] {
            let list = t.read(&format!("/Users?{query}")).await;
            assert_eq!((&list["totalResults"], &list["startIndex"], &list["itemsPerPage"]), (&json!(3), &json!(start), &json!(size)), "{query}");
            assert_eq!(list["Resources"].as_array().map(Vec::len), Some(size), "{query}");
        }
        for query in ["count=x", "startIndex=1.5", "startIndex=1e3", "count=%D9%A3", "count=0x10", "startIndex=--1"] {
            t.scim("GET", &format!("/Users?{query}"), None).await.scim_error(400, Some("invalidValue"));
        }
    }

    /// A `count` beyond the maximum is cut to it (RFC 7644 section 3.4.2.4: at most `count`, maybe fewer).
    async fn no_page_is_larger_than_the_maximum(t) {
        make_many(t, 1003).await;
        let list = t.read("/Users?count=5000&attributes=id").await;
        assert_eq!((&list["totalResults"], &list["itemsPerPage"]), (&json!(1003), &json!(1000)));
        let rest = t.read("/Users?count=5000&startIndex=1001&attributes=id").await;
        assert_eq!(rest["itemsPerPage"], 3);
        let default = t.read("/Users?attributes=id").await;
        let config = t.read("/ServiceProviderConfig").await;
        assert_eq!(default["itemsPerPage"], config["pagination"]["defaultPageSize"]);
        assert_eq!(list["itemsPerPage"], config["pagination"]["maxPageSize"]);
    }

    /// A total is of everything that the query finds, on every page and on none.
    async fn the_total_is_right_on_every_page(t) {
        let made = make_many(t, 12).await;
        for id in &made[..5] {
            t.patch(&format!("/Users/{id}"), json!([{"op": "replace", "path": "title", "value": "boss"}])).await.expect(200);
        }
        for (filter, total) in [("title eq \"boss\"", 5), ("not (title pr)", 7), ("userName pr", 12), ("title eq \"x\"", 0)] {
            for (start, count) in [("1", "0"), ("1", "2"), ("3", "2"), ("5", "1"), ("6", "10"), ("100", "10")] {
                let list = t.read(&with("/Users", &[("filter", filter), ("startIndex", start), ("count", count)])).await;
                assert_eq!(list["totalResults"], total, "{filter} {start} {count}");
            }
        }
    }

    /// Peers lose users here: one who is deleted on a page that was read moves everybody behind up by
    /// one, and the first of the next page is never seen. Read in order, each page goes on where the last one ended.
    async fn whoever_stays_is_seen_once_while_others_go(t) {
        let made = sorted(make_many(t, 60).await);
        for sort in [&[][..], &[("sortBy", "userName")][..], &[("sortBy", "title"), ("filter", "userName pr")][..]] {
            let mut seen = Vec::new();
            let mut gone = BTreeSet::new();
            let mut start = 1;
            loop {
                let number = start.to_string();
                let parameters = [sort, &[("startIndex", &*number), ("count", "10")]].concat();
                let list = t.read(&with("/Users", &parameters)).await;
                let found = ids(&list);
                // Half of what was just read goes, and somebody new comes.
                for id in found.iter().take(5) {
                    t.scim("DELETE", &format!("/Users/{id}"), None).await.expect(204);
                    gone.insert(id.clone());
                }
                start += found.len();
                let done = found.is_empty() || start as u64 > list["totalResults"].as_u64().unwrap();
                seen.extend(found);
                if done {
                    break;
                }
            }
            let distinct: BTreeSet<String> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "somebody was seen twice");
            for id in made.iter().filter(|id| !gone.contains(*id)) {
                // Those who went in an earlier round are not to be seen any more.
                if t.scim("GET", &format!("/Users/{id}"), None).await.status == 200 {
                    assert!(distinct.contains(id), "{id} stayed and was not seen");
                }
            }
        }
    }

    /// The same with real traffic beside the walk.
    async fn whoever_stays_is_seen_once_in_a_crowd(t) {
        let made = make_many(t, 150).await;
        let (stay, go): (Vec<String>, Vec<String>) = every(3, &made);
        let leave = async {
            for chunk in go.chunks(10) {
                delete_users(t, chunk).await;
            }
        };
        let come = async {
            for number in 0..30 {
                t.user(&format!("new{number}@example.com")).await;
            }
        };
        let (seen, (), ()) = tokio::join!(walk(t, "/Users", 7), leave, come);
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct.len(), seen.len(), "somebody was seen twice");
        let lost: Vec<_> = stay.iter().filter(|id| !distinct.contains(id)).collect();
        assert!(lost.is_empty(), "{lost:?}");
    }

    /// Where a page ended is one reader's business: a token, a query and a place.
    async fn a_bookmark_serves_its_own_query_only(t) {
        let made = sorted(make_many(t, 30).await);
        assert_eq!(ids(&page(t, "/Users", 1, "10").await), made[..10]);
        t.scim("DELETE", &format!("/Users/{}", made[0]), None).await.expect(204);
        // Another query of the same token, and another token with the same query, count anew.
        let by_id = t.read("/Users?startIndex=11&count=10&sortBy=id").await;
        assert_eq!(ids(&by_id), made[11..21]);
        let other = t.token(&["SCIM Provisioning Read"], None).await;
        let request = t.request("GET", &t.scim_url("/Users?startIndex=11&count=10")).bearer_auth(other);
        assert_eq!(ids(&t.send(request).await.expect(200)), made[11..21]);
        // The reader who goes on misses nobody.
        assert_eq!(ids(&page(t, "/Users", 11, "10").await), made[10..20]);
    }

    /// The server was restarted, or another replica answers: as correct, if not as fast.
    async fn pages_go_on_without_bookmarks(t) {
        let made = sorted(make_many(t, 20).await);
        page(t, "/Users", 1, "10").await;
        let url = t.replica(server::app::App::new(t.app.db.clone(), None)).await;
        let request = t.request("GET", &format!("{url}/Users?startIndex=11&count=10")).bearer_auth(&t.scim_token);
        assert_eq!(ids(&t.send(request).await.expect(200)), made[10..]);
    }
}
