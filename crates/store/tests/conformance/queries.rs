//! Pages of resources: every order is the one that sorting in memory gives, and however it is cut into
//! pages, each resource is on one of them.

use crate::random::world::{self, Shown};
use crate::{BASE, NOW, both, new_account, new_group, new_user};
use domain::chance::Chance;
use domain::seal::SealKey;
use scim::sort::{Order, Sort};
use serde_json::json;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use store::filter::bounded;
use store::query::{self, Anchor, Found, Query, Scope, Start};
use store::resource::{self, Index, Kind};
use store::{Conn, Error, key};

const PATHS_OF_USERS: [&str; 20] = [
    "id",
    "userName",
    "externalId",
    "active",
    "title",
    "name.familyName",
    "emails",
    "emails.type",
    "addresses.locality",
    "meta.created",
    "meta.lastModified",
    "meta.resourceType",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:example:extension:Everything:2.0:User:mytext",
    "urn:example:extension:Everything:2.0:User:myexact",
    "urn:example:extension:Everything:2.0:User:mycount",
    "urn:example:extension:Everything:2.0:User:myratio",
    "urn:example:extension:Everything:2.0:User:mysince",
    "urn:example:extension:Everything:2.0:User:sometext",
    "urn:example:extension:Everything:2.0:User:items.ratio",
];

fn ids(found: &[Found]) -> Vec<String> {
    found.iter().map(|found| found.resource.id.clone()).collect()
}

/// Reads everything in pages of this size, from the front or from the end.
async fn walk(conn: &mut Conn, query: &Query<'_>, size: u64, backward: bool) -> Vec<String> {
    let mut seen = Vec::new();
    let mut anchor: Option<Anchor> = None;
    if backward {
        let all = query::page(conn, query, Start::At(0), 10_000).await.expect("a page");
        let last = all.last().expect("something");
        (anchor, seen) = (Some(last.anchor.clone()), vec![last.resource.id.clone()]);
    }
    loop {
        let start = match &anchor {
            None => Start::At(0),
            Some(anchor) if backward => Start::Before(anchor),
            Some(anchor) => Start::After(anchor),
        };
        let page = query::page(conn, query, start, size).await.expect("a page");
        assert!(page.len() as u64 <= size);
        let edge = if backward { page.first() } else { page.last() };
        let Some(edge) = edge else { return seen };
        anchor = Some(edge.anchor.clone());
        if backward {
            seen.splice(0..0, ids(&page));
        } else {
            seen.extend(ids(&page));
        }
    }
}

/// What sorting in memory gives, but for values that are too long for an index: those are ordered by
/// their beginnings.
fn expected(shown: &[Shown], sort: &Sort) -> Vec<String> {
    let key = |one: &Shown| sort.key(&one.document).map(|key| bounded(&key).into_owned());
    let has_column = Kind::User.columns().contains(&sort.term.name.as_str());
    let is_cut = |one: &Shown| !has_column && key(one) != sort.key(&one.document);
    let mut sorted: Vec<&Shown> = shown.iter().collect();
    sorted.sort_by(|one, other| {
        let way = |order: Ordering| if sort.descending { order.reverse() } else { order };
        let by_key = if is_cut(one) && is_cut(other) {
            way(key(one).cmp(&key(other)))
        } else {
            sort.compare(&one.document, &other.document)
        };
        by_key.then(way(one.id.cmp(&other.id)))
    });
    sorted.into_iter().map(|one| one.id.clone()).collect()
}

both! {
    async fn every_order_is_that_of_sorting_in_memory(db) {
        let (account, users, _) = world::fill_account(db).await;
        let rt = world::types(Kind::User);
        let mut conn = db.read(&account).await.expect("a connection");
        for path in PATHS_OF_USERS {
            for order in [Order::Ascending, Order::Descending] {
                let sort = Sort::parse(path, order, &rt).expect(path);
                let scope = Scope { kind: Kind::User, condition: None, order: Some(&sort.term) };
                let query = Query { scopes: vec![scope], descending: sort.descending, base: BASE };
                let expected = expected(&users, &sort);
                let whole = query::page(&mut conn, &query, Start::At(0), 1000).await.expect(path);
                assert_eq!(ids(&whole), expected, "{path} {order:?}");
                for (size, backward) in [(7, false), (7, true), (1, false)] {
                    let walked = walk(&mut conn, &query, size, backward).await;
                    assert_eq!(walked, expected, "{path} {order:?} by {size}, backward: {backward}");
                }
                let late = query::page(&mut conn, &query, Start::At(70), 1000).await.expect(path);
                assert_eq!(ids(&late), expected[70..], "{path} {order:?}");
            }
        }
    }

    async fn users_and_groups_make_one_list(db) {
        let (account, users, groups) = world::fill_account(db).await;
        let types = [world::types(Kind::User), world::types(Kind::Group)];
        let mut conn = db.read(&account).await.expect("a connection");
        for (filter, path) in [
            (None, None), (None, Some("displayName")), (None, Some("userName")), (None, Some("externalId")),
            (None, Some("meta.created")), (Some("displayName pr"), None), (Some("not (userName sw \"u\")"), Some("displayName")),
            (Some("members pr"), None), (Some("userName pr and active eq true"), Some("name.givenName")),
        ] {
            let conditions = filter.map(|text| {
                let filter = scim::filter::Filter::parse(text, &domain::limits::scim()).expect(text);
                filter.bind_across(&[&types[0], &types[1]]).expect(text)
            });
            let terms = [0, 1].map(|index| {
                path.and_then(|path| Sort::parse(path, Order::Ascending, &types[index]).ok())
            });
            let scopes = Kind::ALL.iter().enumerate().map(|(index, kind)| Scope {
                kind: *kind,
                condition: conditions.as_ref().map(|conditions| &conditions[index]),
                order: terms[index].as_ref().map(|sort| &sort.term),
            });
            let query = Query { scopes: scopes.collect(), descending: false, base: BASE };
            let wanted: BTreeSet<&String> = [(0, &users), (1, &groups)]
                .into_iter()
                .flat_map(|(index, shown)| shown.iter().map(move |one| (index, one)))
                .filter(|(index, one)| {
                    conditions.as_ref().is_none_or(|conditions| conditions[*index].matches(&one.document))
                })
                .map(|(_, one)| &one.id)
                .collect();
            let walked = walk(&mut conn, &query, 10, false).await;
            assert_eq!(walked.len(), wanted.len(), "{filter:?} {path:?}");
            assert_eq!(walked.iter().collect::<BTreeSet<_>>(), wanted, "{filter:?} {path:?}");
            let total = query::count(&mut conn, &query).await.expect("a count");
            assert_eq!(total, wanted.len() as u64, "{filter:?} {path:?}");
            if !wanted.is_empty() {
                assert_eq!(walk(&mut conn, &query, 9, true).await, walked, "{filter:?} {path:?}");
            }
        }
    }

    async fn what_is_counted_follows_every_change(db) {
        let account = new_account(db).await;
        let count = async |kind: Kind| {
            let mut conn = db.read(&account).await.expect("a connection");
            resource::count(&mut conn, kind).await.expect("a count")
        };
        assert_eq!(count(Kind::User).await, 0);
        let mut write = db.write(&account).await.expect("a transaction");
        let ada = new_user(&mut write, json!({"userName": "ada@example.com"})).await;
        new_user(&mut write, json!({"userName": "bob@example.com"})).await;
        new_group(&mut write, "Ops").await;
        write.commit().await.expect("a commit");
        assert_eq!((count(Kind::User).await, count(Kind::Group).await), (2, 1));
        let mut write = db.write(&account).await.expect("a transaction");
        resource::delete(&mut write, Kind::User, &ada).await.expect("deleted");
        resource::delete(&mut write, Kind::User, &ada).await.expect("nothing to delete");
        drop(write);
        assert_eq!(count(Kind::User).await, 2, "a change that never was counts for nothing");
        let mut write = db.write(&account).await.expect("a transaction");
        resource::delete(&mut write, Kind::User, &ada).await.expect("deleted");
        write.commit().await.expect("a commit");
        assert_eq!(count(Kind::User).await, 1);
    }

    /// Marks, for bulk requests: what failed leaves nothing, what went before stays.
    async fn a_mark_is_returned_to(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        for (name, again) in [("ada", "ada"), ("bob", "carl")] {
            write.mark().await.expect("a mark");
            new_user(&mut write, json!({"userName": name})).await;
            write.keep().await.expect("kept");
            write.mark().await.expect("a mark");
            let mut twin = resource::find_by_name(&mut write, Kind::User, name).await.expect("a read").expect("a user");
            again.clone_into(&mut twin.name_key);
            twin.id = domain::id::derive(again);
            let inserted = resource::insert(&mut write, &twin, &Index::default()).await;
            assert_eq!(inserted.is_err(), name == again);
            write.roll_back().await.expect("rolled back, even after an error of the database");
        }
        write.commit().await.expect("a commit");
        let mut conn = db.read(&account).await.expect("a connection");
        assert_eq!(resource::count(&mut conn, Kind::User).await.expect("a count"), 2);
    }

    /// A page of the largest resources there may be is refused before it fills the memory.
    async fn a_page_has_its_limit_in_bytes(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let photo = "x".repeat(domain::limits::DOCUMENT_BYTES_MAX - 1000);
        for number in 0..300 {
            new_user(&mut write, json!({"userName": number.to_string(), "photo": photo})).await;
        }
        write.commit().await.expect("a commit");
        let mut conn = db.read(&account).await.expect("a connection");
        let scope = Scope { kind: Kind::User, condition: None, order: None };
        let query = Query { scopes: vec![scope], descending: false, base: BASE };
        let page = query::page(&mut conn, &query, Start::At(0), 200).await.expect("a page");
        assert_eq!(page.len(), 200);
        let all = query::page(&mut conn, &query, Start::At(0), 1000).await;
        assert!(matches!(all, Err(Error::TooLong)), "{}", all.is_ok());
    }

    /// PostgreSQL answers "done" to the commit of a transaction that it has given up.
    async fn what_failed_is_not_committed(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        new_user(&mut write, json!({"userName": "ada"})).await;
        write.commit().await.expect("a commit");
        let mut write = db.write(&account).await.expect("a transaction");
        new_user(&mut write, json!({"userName": "bob"})).await;
        let mut twin = resource::find_by_name(&mut write, Kind::User, "bob").await.expect("a read").expect("a user");
        twin.id = domain::id::derive("twin");
        assert!(resource::insert(&mut write, &twin, &Index::default()).await.is_err());
        assert!(write.commit().await.is_err());
        let mut conn = db.read(&account).await.expect("a connection");
        assert_eq!(resource::count(&mut conn, Kind::User).await.expect("a count"), 1);
    }

    /// A version that somebody else has replaced meanwhile is not written over.
    async fn an_old_version_replaces_nothing(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let id = new_user(&mut write, json!({"userName": "ada"})).await;
        let mut user = resource::find(&mut write, Kind::User, &id).await.expect("a read").expect("the user");
        user.version = 2;
        resource::replace(&mut write, &user, &Index::default()).await.expect("replaced");
        assert!(resource::replace(&mut write, &user, &Index::default()).await.is_err());
        user.version = 3;
        user.modified_at = NOW;
        resource::replace(&mut write, &user, &Index::default()).await.expect("replaced");
    }

    async fn a_key_is_made_once(db) {
        let account = new_account(db).await;
        let chance = Chance::system();
        let mut keys = BTreeSet::new();
        for _ in 0..3 {
            let mut write = db.write(&account).await.expect("a transaction");
            let key = key::ensure(&mut write, "seal", &SealKey::new(&chance)).await.expect("a key");
            write.commit().await.expect("a commit");
            keys.insert(key.reveal());
        }
        assert_eq!(keys.len(), 1);
    }
}
