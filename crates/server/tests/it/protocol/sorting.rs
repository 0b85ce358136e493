//! Sorting (RFC 7644 section 3.4.2.3).

use super::{Dice, ENTERPRISE, USER, ids, make_users, object, with};
use crate::harness::{Server, both, texts};
use scim::schema::{group_type, user_type};
use scim::sort::{Order, Sort};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// The names of the users in this order.
async fn names(t: &Server, sort_by: &str, order: &str) -> Vec<String> {
    let parameters = [("sortBy", sort_by), ("sortOrder", order), ("count", "1000")];
    let list = t.read(&with("/Users", &parameters)).await;
    let names = texts(&list["Resources"], "userName");
    names.into_iter().map(|name| name.trim_end_matches("@x.y").to_owned()).collect()
}

/// Checks both directions: descending is ascending from behind.
async fn in_order(t: &Server, sort_by: &str, expected: &[&str]) {
    assert_eq!(names(t, sort_by, "ascending").await, expected, "{sort_by}");
    let reversed: Vec<&str> = expected.iter().rev().copied().collect();
    assert_eq!(names(t, sort_by, "descending").await, reversed, "{sort_by}");
}

async fn make(t: &Server, users: &[(&str, Value)]) -> Vec<String> {
    let user = |(name, more): &(&str, Value)| {
        let mut user = json!({"schemas": [USER], "userName": format!("{name}@x.y")});
        for (key, value) in object(more) {
            user[key] = value.clone();
        }
        user
    };
    make_users(t, users.iter().map(user).collect()).await
}

/// Users in which every attribute is missing somewhere, shared somewhere, and spelled in both cases.
fn random_users(dice: &mut Dice, count: usize) -> Vec<Value> {
    let words = [
        "alpha", "Alpha", "beta", "BETA", "Émile", "émile", "Zoë", "zz", "10", "9", "a b", "ﬀ",
        "😀",
    ];
    let urls = ["https://x/a", "https://x/A", "https://x/b"];
    let mut users = Vec::new();
    for number in 0..count {
        let mut user = json!({"schemas": [USER], "userName": format!("{}{number}@x.y", dice.one_of(&words).replace(' ', ""))});
        for name in [
            "displayName",
            "nickName",
            "title",
            "userType",
            "locale",
            "timezone",
            "preferredLanguage",
            "externalId",
        ] {
            if dice.maybe() {
                user[name] = json!(dice.one_of(&words));
            }
        }
        if dice.maybe() {
            user["profileUrl"] = json!(dice.one_of(&urls));
        }
        for name in ["familyName", "givenName", "formatted"] {
            if dice.maybe() {
                user["name"][name] = json!(dice.one_of(&words));
            }
        }
        if dice.maybe() {
            user["active"] = json!(dice.maybe());
        }
        for name in ["emails", "phoneNumbers", "roles", "addresses", "photos", "x509Certificates"] {
            let primary = dice.below(4);
            let values: Vec<Value> = (0..dice.below(4))
                .map(|at| {
                    let mut value = match name {
                        "addresses" => json!({"locality": dice.one_of(&words)}),
                        "photos" => json!({"value": dice.one_of(&urls)}),
                        "x509Certificates" => {
                            json!({"value": dice.one_of(&["TUlJ", "dXNl", "QUJD"])})
                        }
                        _ => json!({"value": format!("{}{number}", dice.one_of(&words))}),
                    };
                    if dice.maybe() {
                        value["type"] = json!(dice.one_of(&["work", "Home", "other"]));
                    }
                    if at == primary {
                        value["primary"] = json!(true);
                    }
                    value
                })
                .collect();
            if !values.is_empty() {
                user[name] = json!(values);
            }
        }
        if dice.maybe() {
            user["schemas"] = json!([USER, ENTERPRISE]);
            user[ENTERPRISE] =
                json!({"department": dice.one_of(&words), "employeeNumber": dice.one_of(&words)});
            if dice.maybe() {
                user[ENTERPRISE]["manager"] = json!({"value": dice.one_of(&words)});
            }
        }
        users.push(user);
    }
    users
}

const USER_PATHS: [&str; 37] = [
    "id",
    "externalId",
    "userName",
    "displayName",
    "nickName",
    "title",
    "userType",
    "locale",
    "timezone",
    "preferredLanguage",
    "profileUrl",
    "active",
    "name.familyName",
    "name.givenName",
    "name.formatted",
    "name.middleName",
    "emails",
    "emails.value",
    "emails.type",
    "emails.primary",
    "emails.display",
    "phoneNumbers.value",
    "roles",
    "roles.type",
    "addresses.locality",
    "addresses.type",
    "photos",
    "x509Certificates",
    "groups",
    "groups.display",
    "groups.type",
    "meta.created",
    "meta.lastModified",
    "meta.resourceType",
    "meta.location",
    "department",
    "manager",
];

/// Fails unless the page is in this order, ties by id, one way or the other.
fn is_sorted(page: &Value, order: Order, what: &str) {
    let resources = page["Resources"].as_array().expect("resources");
    assert!(resources.len() > 1, "{what}");
    let key = |resource: &Value| -> Option<String> {
        let kind =
            if resource["meta"]["resourceType"] == "User" { user_type() } else { group_type() };
        Sort::parse(what, order, &kind).ok()?.key(object(resource))
    };
    let keys: Vec<_> = resources.iter().map(|it| (key(it), it["id"].as_str().unwrap())).collect();
    for pair in keys.windows(2) {
        let ascending = match (&pair[0].0, &pair[1].0) {
            (Some(left), Some(right)) => left.cmp(right),
            (left, right) => right.is_some().cmp(&left.is_some()),
        };
        let ascending = ascending.then_with(|| pair[0].1.cmp(pair[1].1));
        let expected = if order == Order::Ascending { Ordering::Less } else { Ordering::Greater };
        assert_eq!(ascending, expected, "{what} {order:?}: {pair:?}");
    }
}

both! {
    /// RFC 7644 section 3.4.2.3: the whole order is what the meaning of a sort in memory says it is,
    /// for any attribute, on any data.
    async fn every_attribute_sorts_as_its_type_says(t) {
        let mut dice = Dice(7);
        let made = make_users(t, random_users(&mut dice, 60)).await;
        for (number, name) in ["Zebras", "apes", "Bees"].into_iter().enumerate() {
            let members: Vec<&str> = made.iter().skip(number).step_by(number + 3).map(String::as_str).collect();
            t.group(name, &members).await;
        }
        for id in made.iter().step_by(7) {
            t.patch(&format!("/Users/{id}"), json!([{"op": "add", "path": "ims", "value": [{"value": "x"}]}])).await.expect(200);
        }
        for path in USER_PATHS {
            for (word, order) in [("ascending", Order::Ascending), ("descending", Order::Descending)] {
                let page = t.read(&with("/Users", &[("sortBy", path), ("sortOrder", word), ("count", "1000")])).await;
                assert_eq!(page["Resources"].as_array().map(Vec::len), Some(60), "{path}");
                is_sorted(&page, order, path);
                // And with the same comparison that any user of the library would use.
                let sort = Sort::parse(path, order, &user_type()).unwrap();
                let resources = page["Resources"].as_array().unwrap();
                assert!(resources.is_sorted_by(|a, b| sort.compare(object(a), object(b)).is_le()), "{path} {word}");
            }
        }
    }

    /// RFC 7644 section 3.4.2.1 and 3.4.2.3: at the root the values of both types stand in one order,
    /// and what a type doesn't have counts as absent.
    async fn the_root_sorts_users_and_groups_together(t) {
        let mut dice = Dice(11);
        let made = make_users(t, random_users(&mut dice, 20)).await;
        for name in ["alpha", "Beta", "zoo", "émile"] {
            t.group(name, &[made[0].as_str(), made[3].as_str()]).await;
        }
        for path in ["id", "displayName", "userName", "externalId", "meta.created", "meta.lastModified", "meta.resourceType",
            "meta.location", "schemas", "members.value", "members.type", "members.display", "emails.value", "active", "title", "groups.display"]
        {
            for (word, order) in [("ascending", Order::Ascending), ("descending", Order::Descending)] {
                let page = t.read(&with("", &[("sortBy", path), ("sortOrder", word), ("count", "1000")])).await;
                assert_eq!(page["totalResults"], 24, "{path}");
                is_sorted(&page, order, path);
            }
        }
    }

    /// RFC 7644 section 3.4.2.3: absent values are last if ascending, first if descending.
    async fn what_has_no_value_is_last_and_descending_first(t) {
        make(t, &[("none", json!({})), ("b", json!({"title": "B"})), ("a", json!({"title": "a"})), ("c", json!({"title": "c"}))]).await;
        in_order(t, "title", &["a", "b", "c", "none"]).await;
    }

    /// RFC 7643 section 2.2: strings are not case exact unless the schema says so, as for externalId.
    async fn case_counts_where_the_schema_says_so(t) {
        make(t, &[
            ("one", json!({"title": "b", "externalId": "b"})),
            ("two", json!({"title": "C", "externalId": "C"})),
            ("three", json!({"title": "a", "externalId": "a"})),
        ]).await;
        in_order(t, "title", &["three", "one", "two"]).await;
        in_order(t, "externalId", &["two", "three", "one"]).await;
        in_order(t, "userName", &["one", "three", "two"]).await;
    }

    /// RFC 7644 section 3.4.2.3: of several values the primary one counts, else the first.
    async fn of_several_values_the_primary_one_counts(t) {
        make(t, &[
            ("last", json!({"emails": [{"value": "a@x"}, {"value": "z@x", "primary": true}]})),
            ("first", json!({"emails": [{"value": "b@x"}, {"value": "a@x"}]})),
            ("nobody", json!({})),
            ("middle", json!({"emails": [{"value": "m@x", "primary": true}, {"value": "a@x"}]})),
        ]).await;
        for path in ["emails", "emails.value", "EMAILS.VALUE", "urn:ietf:params:scim:schemas:core:2.0:User:emails.value"] {
            in_order(t, path, &["first", "middle", "last", "nobody"]).await;
        }
    }

    async fn parts_and_extensions_sort_by_their_paths(t) {
        make(t, &[
            ("one", json!({"name": {"familyName": "B", "givenName": "a"}, ENTERPRISE: {"department": "x", "manager": {"value": "2"}}})),
            ("two", json!({"name": {"familyName": "a", "givenName": "B"}, ENTERPRISE: {"department": "Y", "manager": {"value": "1"}}})),
        ]).await;
        in_order(t, "name.familyName", &["two", "one"]).await;
        in_order(t, "Name.GivenName", &["one", "two"]).await;
        for path in ["department".to_owned(), format!("{ENTERPRISE}:department"), format!("{}:DEPARTMENT", ENTERPRISE.to_uppercase())] {
            in_order(t, &path, &["one", "two"]).await;
        }
        for path in ["manager".to_owned(), format!("{ENTERPRISE}:manager.value")] {
            in_order(t, &path, &["two", "one"]).await;
        }
    }

    /// A tie that is broken by chance would show somebody on two pages and somebody else on none.
    async fn ties_are_stable(t) {
        let many: Vec<(String, Value)> = (0..30).map(|number| (format!("u{number}"), json!({"title": "same"}))).collect();
        let many: Vec<(&str, Value)> = many.iter().map(|(name, more)| (name.as_str(), more.clone())).collect();
        let made = make(t, &many).await;
        for path in ["title", "displayName", "active", "meta.resourceType", "groups.display"] {
            for (order, expected) in [("ascending", made.clone()), ("descending", made.iter().rev().cloned().collect())] {
                let mut seen = Vec::new();
                for start in (1..=30).step_by(7) {
                    let start = start.to_string();
                    let page = t.read(&with("/Users", &[("sortBy", path), ("sortOrder", order), ("startIndex", &start), ("count", "7")])).await;
                    seen.extend(ids(&page));
                }
                let mut sorted = expected.clone();
                sorted.sort();
                if order == "descending" {
                    sorted.reverse();
                }
                assert_eq!(seen, sorted, "{path} {order}");
            }
        }
    }

    /// RFC 7644 section 3.4.2.3: ascending by default; the direction alone means nothing.
    async fn the_direction_is_ascending_unless_said(t) {
        make(t, &[("b", json!({})), ("a", json!({}))]).await;
        for (query, expected) in [
            ("?sortBy=userName", ["a@x.y", "b@x.y"]),
            ("?sortBy=userName&sortOrder=", ["a@x.y", "b@x.y"]),
            ("?sortBy=userName&sortOrder=Ascending", ["a@x.y", "b@x.y"]),
            ("?SORTBY=username&SORTORDER=DESCENDING", ["b@x.y", "a@x.y"]),
        ] {
            assert_eq!(texts(&t.read(&format!("/Users{query}")).await["Resources"], "userName"), expected, "{query}");
        }
        let unsorted = ids(&t.read("/Users").await);
        for query in ["?sortOrder=descending", "?sortBy=&sortOrder=descending"] {
            assert_eq!(ids(&t.read(&format!("/Users{query}")).await), unsorted, "{query}");
        }
    }

    /// What can't be sorted by is refused, with advice: a list in some other order would pass for the right one.
    async fn an_unknown_attribute_is_refused(t) {
        t.user("ann@example.com").await;
        for (place, sort_by, says) in [
            ("/Users", "usernme", "userName"),
            ("/Users", "name", "name."),
            ("/Users", "meta", "meta."),
            ("/Users", "password", "never returned"),
            ("/Users", "emails[type eq \"work\"].value", "attribute"),
            ("/Users", "members", "members"),
            ("/Users", "urn:x:y:userName", "userName"),
            ("/Groups", "userName", "userName"),
            ("", "nothing", "nothing"),
            ("", "password", "password"),
        ] {
            let answer = t.scim("GET", &with(place, &[("sortBy", sort_by)]), None).await;
            let detail = answer.scim_error(400, Some("invalidValue"));
            assert!(detail.contains(says), "{place} {sort_by}: {detail}");
        }
        let answer = t.scim("GET", "/Users?sortBy=userName&sortOrder=up", None).await;
        assert!(answer.scim_error(400, Some("invalidValue")).contains("`up`"));
    }

    async fn a_filter_and_an_order_go_together(t) {
        make(t, &[
            ("d", json!({"title": "in", "nickName": "1"})),
            ("c", json!({"title": "out", "nickName": "2"})),
            ("b", json!({"title": "In", "nickName": "3"})),
            ("a", json!({"title": "in"})),
        ]).await;
        let list = t.read(&with("/Users", &[("filter", "title eq \"in\""), ("sortBy", "nickName"), ("sortOrder", "descending")])).await;
        assert_eq!(texts(&list["Resources"], "userName"), ["a@x.y", "b@x.y", "d@x.y"]);
        assert_eq!(list["totalResults"], 3);
        // The attribute need not be shown.
        let list = t.read(&with("/Users", &[("filter", "nickName pr"), ("sortBy", "nickName"), ("attributes", "userName"), ("count", "2")])).await;
        assert_eq!(texts(&list["Resources"], "userName"), ["d@x.y", "c@x.y"]);
        assert_eq!(list["Resources"][0].get("nickName"), None);
    }

    /// A value of any length that is accepted has a place in the order, and a cursor that a URL can hold.
    async fn long_values_have_a_place_too(t) {
        let mut dice = Dice(3);
        let mut long = |start: &str, count: usize| -> String {
            start.chars().chain((0..count).map(|_| char::from(b'a' + u8::try_from(dice.below(26)).unwrap()))).collect()
        };
        // The most that is taken.
        let long_id = long("m", 511);
        let made = make(t, &[
            ("two", json!({"title": long("m", 60_000), "externalId": long_id})),
            ("three", json!({"title": "z", "externalId": "z"})),
            ("one", json!({"title": long("a", 5_000), "externalId": long("a", 450)})),
        ]).await;
        // And one that is looked for is found.
        let shown = t.read(&format!("/Users/{}", made[0])).await;
        assert_eq!(shown["externalId"], long_id);
        let short = long_id.split_at(480).0;
        t.patch(&format!("/Users/{}", made[0]), json!([{"op": "replace", "path": "externalId", "value": short}])).await.expect(200);
        assert_eq!(t.find("/Users", &format!("externalId eq \"{short}\"")).await, [made[0].clone()]);
        assert_eq!(t.find("/Users", &format!("externalId eq \"{}\"", &short[1..])).await, Vec::<String>::new());
        for path in ["title", "externalId"] {
            in_order(t, path, &["one", "two", "three"]).await;
            let mut seen = Vec::new();
            let mut cursor = String::new();
            loop {
                let page = t.read(&with("/Users", &[("sortBy", path), ("count", "1"), ("cursor", &cursor)])).await;
                seen.extend(texts(&page["Resources"], "userName"));
                let Some(next) = page["nextCursor"].as_str() else { break };
                assert!(next.len() < 4_000, "{path}: {}", next.len());
                next.clone_into(&mut cursor);
            }
            assert_eq!(seen, ["one@x.y", "two@x.y", "three@x.y"], "{path}");
        }
    }

    /// The tenth version comes after the ninth.
    async fn versions_sort_as_numbers(t) {
        let made = make(t, &[("ten", json!({})), ("nine", json!({})), ("one", json!({}))]).await;
        for (id, times) in [(&made[0], 9), (&made[1], 8)] {
            for number in 0..times {
                t.patch(&format!("/Users/{id}"), json!([{"op": "replace", "path": "title", "value": number.to_string()}])).await.expect(200);
            }
        }
        in_order(t, "meta.version", &["one", "nine", "ten"]).await;
    }

    /// Groups sort by their name, by their members, and by what is known of every resource.
    async fn groups_sort_by_name_and_members(t) {
        // Of several members the first one counts: they are shown in the order of their ids.
        let mut made = Vec::new();
        for name in ["a", "b", "c"] {
            made.extend(make(t, &[(name, json!({}))]).await);
        }
        for (name, members) in [("Öl", vec![&*made[2]]), ("apples", vec![&*made[1], &*made[0]]), ("Zeta", vec![]), ("Beta", vec![&*made[1]])] {
            t.group(name, &members).await;
        }
        for (path, expected) in [
            ("displayName", ["apples", "Beta", "Zeta", "Öl"]),
            ("members.display", ["apples", "Beta", "Öl", "Zeta"]),
            ("members", ["apples", "Beta", "Öl", "Zeta"]),
        ] {
            let list = t.read(&with("/Groups", &[("sortBy", path)])).await;
            assert_eq!(texts(&list["Resources"], "displayName"), expected, "{path}");
            let list = t.read(&with("/Groups", &[("sortBy", path), ("sortOrder", "descending")])).await;
            let reversed: Vec<&str> = expected.into_iter().rev().collect();
            assert_eq!(texts(&list["Resources"], "displayName"), reversed, "{path}");
        }
    }
}
