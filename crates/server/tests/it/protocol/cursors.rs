//! Paging by cursor (RFC 9865).

use super::{LIST, SEARCH, USER, delete_users, every, ids, make_many, make_users, with};
use crate::harness::{Answer, Server, at_once, both, texts};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Time;
use serde_json::{Value, json};
use server::app::App;
use std::collections::BTreeSet;

/// A page and what is needed for the next one.
async fn page(t: &Server, endpoint: &str, cursor: &str, query: &[(&str, &str)]) -> Value {
    t.read(&with(endpoint, &[&[("cursor", cursor)], query].concat())).await
}

fn cursor<'a>(page: &'a Value, name: &str) -> &'a str {
    page[name].as_str().unwrap_or_else(|| panic!("no {name}: {page}"))
}

/// Every page, by `nextCursor` until there is none.
async fn walk(t: &Server, endpoint: &str, query: &[(&str, &str)]) -> Vec<Value> {
    let mut pages = vec![page(t, endpoint, "", query).await];
    while let Some(next) = pages.last().and_then(|page| page["nextCursor"].as_str()) {
        let next = page(t, endpoint, next, query).await;
        pages.push(next);
    }
    pages
}

fn all_ids(pages: &[Value]) -> Vec<String> {
    pages.iter().flat_map(ids).collect()
}

/// What the replicas answer; the path is below the account.
async fn get(t: &Server, base: &str, path: &str, token: &str) -> Answer {
    t.send(t.request("GET", &format!("{base}{path}")).bearer_auth(token)).await
}

both! {
    /// RFC 9865 section 2: `nextCursor` leads to the last page, which has none, and `previousCursor` back
    /// to the first, which has none; each page is the same from either side.
    async fn a_walk_forth_and_back_shows_the_same_pages(t) {
        let mut made = make_many(t, 23).await;
        made.sort();
        for (sort, size) in [(None, 7), (None, 1), (None, 23), (None, 100), (Some("userName"), 7), (Some("title"), 5), (Some("meta.created"), 10)] {
            let count = size.to_string();
            let mut query = vec![("count", &*count)];
            query.extend(sort.map(|path| ("sortBy", path)));
            for order in ["ascending", "descending"] {
                let query = [&query[..], &[("sortOrder", order)]].concat();
                let pages = walk(t, "/Users", &query).await;
                assert_eq!(pages.len(), 23_usize.div_ceil(size), "{query:?}");
                let seen = all_ids(&pages);
                assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (23, 23), "{query:?}");
                for one in &pages {
                    assert_eq!((&one["schemas"], &one["totalResults"]), (&json!([LIST]), &json!(23)));
                    assert_eq!(one["itemsPerPage"], one["Resources"].as_array().unwrap().len());
                    assert_eq!(one.get("startIndex"), None);
                }
                assert_eq!(pages[0].get("previousCursor"), None);
                let mut at = pages.last().unwrap().clone();
                for expected in pages.iter().rev().skip(1) {
                    at = page(t, "/Users", cursor(&at, "previousCursor"), &query).await;
                    assert_eq!(at["Resources"], expected["Resources"], "{query:?}");
                    // And forth again from here.
                    let forth = page(t, "/Users", cursor(&at, "nextCursor"), &query).await;
                    assert_ne!(forth["Resources"], at["Resources"]);
                }
                assert_eq!(at.get("previousCursor"), None, "{query:?}");
            }
        }
    }

    /// RFC 9865 section 2.2: pages by cursor are sorted; resources without a value have a place too.
    async fn pages_are_sorted_with_and_without_values(t) {
        let users = (0..40).map(|number| {
            let mut user = json!({"schemas": [USER], "userName": format!("u{number}@example.com")});
            if number % 3 > 0 {
                let titles = ["b", "A", "c"];
                user["title"] = json!(titles[number % 7 % 3]);
                user["emails"] = json!([{"value": format!("{}@x", number % 5)}, {"value": "z@x", "primary": number % 2 == 0}]);
            }
            user
        });
        make_users(t, users.collect()).await;
        t.group("Sales", &[]).await;
        for endpoint in ["/Users", ""] {
            for sort in ["title", "emails", "active", "meta.version", "displayName", "meta.resourceType", "id"] {
                for order in ["ascending", "descending"] {
                    let query = [("sortBy", sort), ("sortOrder", order)];
                    let whole = ids(&t.read(&with(endpoint, &query)).await);
                    for count in ["1", "7", "13"] {
                        let query = [&query[..], &[("count", count)]].concat();
                        let pages = walk(t, endpoint, &query).await;
                        assert_eq!(all_ids(&pages), whole, "{endpoint} {query:?}");
                        let mut back = ids(pages.last().unwrap());
                        let mut at = pages.last().unwrap().clone();
                        while let Some(previous) = at["previousCursor"].as_str() {
                            at = page(t, endpoint, previous, &query).await;
                            back.splice(0..0, ids(&at));
                        }
                        assert_eq!(back, whole, "back: {endpoint} {query:?}");
                    }
                }
            }
        }
    }

    /// RFC 9865 table 1: `count=0`, or less, asks for the total alone.
    async fn no_resources_are_no_pages(t) {
        make_many(t, 3).await;
        for count in ["0", "-1"] {
            let page = page(t, "/Users", "", &[("count", count)]).await;
            assert_eq!((&page["totalResults"], &page["itemsPerPage"], &page["Resources"]), (&json!(3), &json!(0), &json!([])));
            assert_eq!((page.get("nextCursor"), page.get("previousCursor")), (None, None));
        }
        let nobody = page(t, "/Users", "", &[("filter", "title pr")]).await;
        assert_eq!((&nobody["totalResults"], &nobody["Resources"]), (&json!(0), &json!([])));
        assert_eq!((nobody.get("nextCursor"), nobody.get("previousCursor")), (None, None));
    }

    /// A page that is exactly full and the last one has no next page.
    async fn the_last_page_may_be_full(t) {
        make_many(t, 14).await;
        let pages = walk(t, "/Users", &[("count", "7")]).await;
        assert_eq!(pages.iter().map(|page| ids(page).len()).collect::<Vec<_>>(), [7, 7]);
    }

    /// RFC 9865 section 2: a parameter without a value is the first page, and `count` need not be repeated.
    async fn a_cursor_without_a_value_is_the_first_page(t) {
        make_many(t, 5).await;
        let first = t.read("/Users?cursor&count=2").await;
        assert_eq!(first["itemsPerPage"], 2);
        let second = t.read(&format!("/Users?Cursor={}", cursor(&first, "nextCursor"))).await;
        assert_eq!(second["itemsPerPage"], 2);
        assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
        // RFC 9865 section 2.4: whoever names no method pages by index, as always.
        let index = t.read("/Users?count=2").await;
        assert_eq!((&index["startIndex"], index.get("nextCursor")), (&json!(1), None));
    }

    /// RFC 9865 section 2.1, table 3.
    async fn each_misuse_has_its_own_keyword(t) {
        make_many(t, 9).await;
        t.group("Sales", &[]).await;
        let query = [("count", "3"), ("filter", "userName pr"), ("sortBy", "userName")];
        let first = page(t, "/Users", "", &query).await;
        let next = cursor(&first, "nextCursor");
        let ask = async |endpoint: &str, cursor: &str, query: &[(&str, &str)]| {
            t.scim("GET", &with(endpoint, &[&[("cursor", cursor)], query].concat()), None).await
        };
        // Of another query.
        for (endpoint, other) in [
            ("/Users", vec![("count", "3"), ("sortBy", "userName")]),
            ("/Users", vec![("count", "3"), ("filter", "userName sw \"u\""), ("sortBy", "userName")]),
            ("/Users", vec![("count", "3"), ("filter", "userName pr")]),
            ("/Users", vec![("count", "3"), ("filter", "userName pr"), ("sortBy", "title")]),
            ("/Users", [&query[..], &[("sortOrder", "descending")]].concat()),
            ("/Groups", vec![("count", "3")]),
            ("", query.to_vec()),
        ] {
            ask(endpoint, next, &other).await.scim_error(400, Some("invalidCursor"));
        }
        // The default said aloud is the same query.
        assert_eq!(ask("/Users", next, &[&query[..], &[("sortOrder", "ascending")]].concat()).await.status, 200);
        // Of another count, or of one that is none.
        for count in ["4", "0", "-1", "x", "1001", "1.5"] {
            let other = [("count", count), query[1], query[2]];
            ask("/Users", next, &other).await.scim_error(400, Some("invalidCount"));
        }
        for count in ["1001", "x"] {
            ask("/Users", "", &[("count", count)]).await.scim_error(400, Some("invalidCount"));
        }
        // Not from here at all.
        for wrong in ["x", "AAAA", "VZUTiyhEQJ94IR", "%00", "a b", "é", "null", &next[..next.len() - 1], &format!("{next}A"), &next[1..], &next.to_lowercase(), &"A".repeat(10_000)] {
            ask("/Users", wrong, &query).await.scim_error(400, Some("invalidCursor"));
        }
        // Both ways at once.
        let both = t.scim("GET", &with("/Users", &[("cursor", next), ("startIndex", "1"), ("count", "3")]), None).await;
        both.scim_error(400, Some("invalidValue"));
    }

    /// RFC 9865 section 5.2: forged cursors are found out, whichever bit of them it is.
    async fn a_cursor_with_any_bit_altered_is_refused(t) {
        make_many(t, 3).await;
        let first = page(t, "/Users", "", &[("count", "1")]).await;
        let next = cursor(&first, "nextCursor");
        let sealed = URL_SAFE_NO_PAD.decode(next).expect("base64");
        let altered: Vec<String> = (0..sealed.len())
            .map(|at| {
                let mut altered = sealed.clone();
                altered[at] ^= 1 << (at % 8);
                with("/Users", &[("cursor", &URL_SAFE_NO_PAD.encode(altered)), ("count", "1")])
            })
            .collect();
        for chunk in altered.chunks(32) {
            for answer in at_once(chunk.iter().map(|path| t.scim("GET", path, None))).await {
                answer.scim_error(400, Some("invalidCursor"));
            }
        }
    }

    /// RFC 9865 section 5.2: opaque, URL-safe, and nobody learns from it who is on the other pages.
    async fn a_cursor_cant_be_read(t) {
        let title = "Chief Secret Officer";
        let user = |name: &str| json!({"schemas": [USER], "userName": format!("{name}@example.com"), "title": title});
        let made = make_users(t, ["ann", "bob", "eve"].map(user).to_vec()).await;
        let mut seen = BTreeSet::new();
        for sort in ["title", "userName", "id", "meta.created"] {
            let page = page(t, "/Users", "", &[("count", "1"), ("sortBy", sort), ("filter", "title sw \"chief\"")]).await;
            let next = cursor(&page, "nextCursor");
            assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)), "{next}");
            let mut text = next.to_lowercase();
            text.push_str(&String::from_utf8_lossy(&URL_SAFE_NO_PAD.decode(next).unwrap()).to_lowercase());
            for word in ["ann", "example", "chief", "secret", "title", &made[0], &*t.account.account.id.to_string(), "count", "{"] {
                // A word of three letters or fewer may be there by chance.
                assert!(word.len() < 4 || !text.contains(word), "{word} in {text}");
            }
            assert!(seen.insert(next.to_owned()), "no two are alike");
        }
        let again = page(t, "/Users", "", &[("count", "1"), ("sortBy", "id"), ("filter", "title sw \"chief\"")]).await;
        assert!(seen.insert(cursor(&again, "nextCursor").to_owned()), "nor is the same one twice");
    }

    /// A cursor gives no access (RFC 9865 section 5.2): neither to another account nor without permission.
    async fn a_cursor_is_no_key(t) {
        make_many(t, 4).await;
        let first = page(t, "/Users", "", &[("count", "2")]).await;
        let path = with("/Users", &[("cursor", cursor(&first, "nextCursor")), ("count", "2")]);
        let stranger = t.stranger().await;
        let other = format!("{}/client/v4/accounts/{}/scim/v2", t.url, stranger.account.id);
        let token = stranger.token.reveal();
        get(t, &other, &path, token).await.scim_error(400, Some("invalidCursor"));
        get(t, &t.scim_url(""), &path, token).await.scim_error(403, None);
        let blind = t.token(&["Account Settings Read"], None).await;
        get(t, &t.scim_url(""), &path, &blind).await.scim_error(403, None);
        // Another reader of the same account may read what they may read anyway.
        let reader = t.token(&["SCIM Provisioning Read"], None).await;
        assert_eq!(get(t, &t.scim_url(""), &path, &reader).await.expect(200)["itemsPerPage"], 2);
    }

    /// RFC 9865 section 2.1: `expiredCursor`, after at least what the ServiceProviderConfig says.
    async fn a_cursor_expires_when_the_configuration_says(t) {
        make_many(t, 3).await;
        let timeout = t.read("/ServiceProviderConfig").await["pagination"]["cursorTimeout"].as_i64().expect("seconds");
        let first = page(t, "/Users", "", &[("count", "1")]).await;
        let path = with("/Users", &[("cursor", cursor(&first, "nextCursor")), ("count", "1")]);
        let made_at = t.app.now().millis();
        for (later, status) in [(timeout - 60, 200), (timeout + 1, 400)] {
            let at = Time::from_millis(made_at + later * 1000);
            let url = t.replica(App::new(t.app.db.clone(), None).with_clock(move || at)).await;
            let answer = get(t, &url, &path, &t.scim_token).await;
            if status == 400 {
                answer.scim_error(400, Some("expiredCursor"));
            } else {
                answer.expect(200);
            }
        }
    }

    /// Nothing is kept here, so a restart in the middle of a walk, or another replica, is not noticed.
    async fn a_walk_goes_on_after_a_restart(t) {
        let mut made = make_many(t, 12).await;
        made.sort();
        let mut seen = Vec::new();
        let mut next = String::new();
        for _ in 0..4 {
            let url = t.replica(App::new(t.app.db.clone(), None)).await;
            let page = get(t, &url, &with("/Users", &[("cursor", &next), ("count", "3")]), &t.scim_token).await.expect(200);
            seen.extend(ids(&page));
            page["nextCursor"].as_str().unwrap_or_default().clone_into(&mut next);
        }
        assert_eq!((seen, next.as_str()), (made, ""));
    }

    /// Whoever is there for the whole walk is seen once, whatever others do meanwhile.
    async fn whoever_stays_is_seen_exactly_once(t) {
        let made = make_many(t, 120).await;
        let (stay, go): (Vec<String>, Vec<String>) = every(2, &made);
        for query in [&[("count", "7")][..], &[("count", "7"), ("sortBy", "userName"), ("sortOrder", "descending")]] {
            let others = async {
                for (number, chunk) in go.chunks(6).enumerate() {
                    // Gone, and back under the same id at the second walk.
                    delete_users(t, chunk).await;
                    let name = format!("{}new{number}@example.com", if number % 2 == 0 { "a" } else { "z" });
                    t.scim("POST", "/Users", Some(&json!({"userName": name}))).await;
                }
            };
            let (pages, ()) = tokio::join!(walk(t, "/Users", query), others);
            let seen = all_ids(&pages);
            let distinct: BTreeSet<&String> = seen.iter().collect();
            assert_eq!(distinct.len(), seen.len(), "somebody was seen twice");
            let lost: Vec<_> = stay.iter().filter(|id| !distinct.contains(id)).collect();
            assert!(lost.is_empty(), "{lost:?}");
        }
    }

    /// The anchor of a cursor may be gone: the walk goes on behind the place where it stood.
    async fn the_last_one_seen_may_go(t) {
        let mut made = make_many(t, 12).await;
        made.sort();
        let first = page(t, "/Users", "", &[("count", "4")]).await;
        for id in &made[..4] {
            t.scim("DELETE", &format!("/Users/{id}"), None).await.expect(204);
        }
        let second = page(t, "/Users", cursor(&first, "nextCursor"), &[("count", "4")]).await;
        assert_eq!(ids(&second), made[4..8]);
        // Nobody is in front any more: the way back ends at once, and the way forth does not.
        let front = page(t, "/Users", cursor(&second, "previousCursor"), &[("count", "4")]).await;
        assert_eq!(front.get("previousCursor"), None);
        let forth = page(t, "/Users", cursor(&front, "nextCursor"), &[("count", "4")]).await;
        let both: BTreeSet<String> = ids(&front).into_iter().chain(ids(&forth)).collect();
        assert!(both.contains(&made[8]) || ids(&front).contains(&made[4]), "{front} {forth}");
    }

    /// RFC 9865 section 3: the same in a body, where nothing has to be encoded.
    async fn searches_take_cursors(t) {
        make_many(t, 5).await;
        t.group("Sales", &[]).await;
        for (endpoint, total) in [("/Users/.search", 5), ("/.search", 6)] {
            let mut seen = Vec::new();
            let mut next = String::new();
            loop {
                let body = json!({"schemas": [SEARCH], "cursor": next, "count": 2, "attributes": ["userName"]});
                let page = t.scim("POST", endpoint, Some(&body)).await.expect(200);
                seen.extend(ids(&page));
                let Some(cursor) = page["nextCursor"].as_str() else { break };
                cursor.clone_into(&mut next);
            }
            assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), total, "{endpoint}");
        }
        // A cursor belongs to the query, not to the way it was sent.
        let first = t.read("/Users?cursor=&count=2&sortBy=userName").await;
        let body = json!({"schemas": [SEARCH], "cursor": cursor(&first, "nextCursor"), "count": 2, "sortBy": "userName"});
        let second = t.scim("POST", "/Users/.search", Some(&body)).await.expect(200);
        assert_eq!(texts(&second["Resources"], "userName"), ["user2@example.com", "user3@example.com"]);
        for (wrong, keyword) in [(json!(5), "invalidValue"), (json!("a b"), "invalidCursor"), (json!("x"), "invalidCursor")] {
            let body = json!({"schemas": [SEARCH], "cursor": wrong});
            t.scim("POST", "/Users/.search", Some(&body)).await.scim_error(400, Some(keyword));
        }
    }
}
