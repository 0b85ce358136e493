//! Versions and conditions (RFC 7644 section 3.14, RFC 9110 section 13).

use super::{ask, bulk_of};
use crate::harness::{Answer, Server, at_once, both};
use serde_json::{Value, json};

fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").to_owned();
    assert!(tag.starts_with("W/\"") && tag.ends_with('"'), "{tag}: {}", answer.text);
    tag
}

/// The tag of a resource as it is now, which the header and the body agree about.
async fn now(t: &Server, path: &str) -> String {
    let answer = t.scim("GET", path, None).await;
    assert_eq!(answer.expect(200)["meta"]["version"], tag(&answer));
    tag(&answer)
}

async fn put_if(t: &Server, path: &str, condition: (&str, &str), title: &str) -> Answer {
    let body = json!({"userName": "ann@example.com", "title": title});
    ask(t, "PUT", path, &[condition], Some(&body)).await
}

both! {
    /// RFC 7644 section 3.14: a tag in the header, and the same in `meta.version`.
    async fn every_answer_with_a_resource_has_its_tag(t) {
        let body = json!({"userName": "ann@example.com"});
        let made = t.scim("POST", "/Users", Some(&body)).await;
        assert_eq!(made.expect(201)["meta"]["version"], tag(&made));
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        assert_eq!(now(t, &path).await, tag(&made));
        let put = put_if(t, &path, ("if-match", "*"), "boss").await;
        assert_eq!(put.expect(200)["meta"]["version"], tag(&put));
        assert_ne!(tag(&put), tag(&made));
        let patched = t.patch(&path, json!([{"op": "remove", "path": "title"}])).await;
        assert_eq!(patched.expect(200)["meta"]["version"], tag(&patched));
        assert_eq!(t.read("/Users").await["Resources"][0]["meta"]["version"], tag(&patched));
        let group = format!("/Groups/{}", t.group("Sales", &[]).await);
        let quiet = t.patch(&group, json!([{"op": "replace", "path": "displayName", "value": "Sale"}])).await;
        assert_eq!((quiet.status, tag(&quiet)), (204, now(t, &group).await));
    }

    /// RFC 9110 section 13.1.2: what the client has already is not sent again.
    async fn a_get_sends_only_what_is_new(t) {
        let user = format!("/Users/{}", t.user("ann@example.com").await);
        let group = format!("/Groups/{}", t.group("Sales", &[]).await);
        for path in [&user, &group] {
            let tag = now(t, path).await;
            let strong = tag.trim_start_matches("W/").to_owned();
            let bare = strong.trim_matches('"').to_owned();
            for condition in [tag.clone(), strong, bare, format!("\"x\", {tag}"), format!("W/\"0\",{tag} , W/\"00\""), "*".to_owned()] {
                let answer = ask(t, "GET", path, &[("if-none-match", &condition)], None).await;
                assert_eq!((answer.status, answer.text.as_str(), answer.header("etag")), (304, "", &*tag), "{condition}");
            }
            for condition in ["W/\"0\"", "\"x\", \"y\"", "W/\"11\"", "x", "\"*\""] {
                let answer = ask(t, "GET", path, &[("if-none-match", condition)], None).await;
                assert_eq!(answer.expect(200)["meta"]["version"], tag, "{condition}");
            }
            ask(t, "GET", path, &[("if-match", &tag)], None).await.expect(200);
            ask(t, "GET", path, &[("if-match", "W/\"0\"")], None).await.scim_error(412, None);
        }
        ask(t, "GET", "/Users/nobody", &[("if-none-match", "*")], None).await.scim_error(404, None);
    }

    /// RFC 7644 section 3.14: a write with the tag of an earlier state is a 412 and changes nothing.
    async fn a_write_of_an_earlier_state_changes_nothing(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let group = format!("/Groups/{}", t.group("Sales", &[&id]).await);
        let old = now(t, &path).await;
        let old_group = now(t, &group).await;
        t.patch(&path, json!([{"op": "add", "path": "title", "value": "boss"}])).await.expect(200);
        t.patch(&group, json!([{"op": "remove", "path": "members"}])).await.expect(204);
        let before = t.everything().await;
        let patch = |operation: Value| json!({"Operations": [operation]});
        let user_patch = patch(json!({"op": "remove", "path": "title"}));
        let group_patch = patch(json!({"op": "add", "path": "members", "value": [{"value": id}]}));
        let user_body = json!({"userName": "eve@example.com"});
        let group_body = json!({"displayName": "Marketing", "members": [{"value": id}]});
        for (place, old, patch, body) in [(&path, &old, &user_patch, &user_body), (&group, &old_group, &group_patch, &group_body)] {
            let fresh = now(t, place).await;
            for headers in [
                vec![("if-match", old.as_str())],
                vec![("if-match", "\"x\"")],
                vec![("if-match", "")],
                vec![("if-match", "\"*\"")],
                vec![("if-match", "\u{fe}")],
                vec![("if-none-match", fresh.as_str())],
                vec![("if-none-match", "*")],
                vec![("if-match", fresh.as_str()), ("if-none-match", "*")],
            ] {
                for (method, body) in [("PUT", Some(body)), ("PATCH", Some(patch)), ("DELETE", None)] {
                    let detail = ask(t, method, place, &headers, body).await;
                    assert_eq!(detail.status, 412, "{method} {place} {headers:?}: {}", detail.text);
                    detail.scim_error(412, None);
                }
            }
        }
        assert_eq!(t.everything().await, before);
        // With the tag of the present state each of them is done.
        for (place, patch, body) in [(&group, &group_patch, &group_body), (&path, &user_patch, &user_body)] {
            for (method, body) in [("PATCH", Some(patch)), ("PUT", Some(body)), ("DELETE", None)] {
                let fresh = now(t, place).await;
                let answer = ask(t, method, place, &[("if-match", &fresh)], body).await;
                assert!(answer.status < 300, "{method} {place}: {}", answer.text);
            }
        }
    }

    /// Clients send the tag as they like: weak, strong, bare, several, any.
    async fn tags_are_read_as_clients_write_them(t) {
        let path = format!("/Users/{}", t.user("ann@example.com").await);
        for (number, shape) in ["W/\"N\"", "\"N\"", "N", "w/\"N\"", "W/\"0\", W/\"N\"", "\"0\",\"N\"", "*", " W/\"N\" ", "*, \"0\""].into_iter().enumerate() {
            let tag = now(t, &path).await;
            let version = tag.trim_start_matches("W/").trim_matches('"');
            let condition = shape.replace('N', version);
            put_if(t, &path, ("if-match", &condition), &number.to_string()).await.expect(200);
            assert_ne!(now(t, &path).await, tag, "{condition}");
            if !shape.contains('*') {
                put_if(t, &path, ("if-match", &condition), "late").await.scim_error(412, None);
            }
        }
        // A list may come in several lines.
        let tag = now(t, &path).await;
        let body = json!({"userName": "ann@example.com", "title": "lines"});
        ask(t, "PUT", &path, &[("if-match", "\"0\""), ("if-match", &tag)], Some(&body)).await.expect(200);
        ask(t, "PUT", "/Users/nobody", &[("if-match", "*")], Some(&body)).await.scim_error(404, None);
    }

    /// Lost updates are what versions are for: of many who have read the same state, one may write.
    async fn one_of_twenty_writes_and_nineteen_are_told(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        for round in 0..3 {
            let tag = now(t, &path).await;
            let titles: Vec<String> = (0..20).map(|number| format!("{round} {number}")).collect();
            let answers = at_once(titles.iter().map(|title| put_if(t, &path, ("if-match", &tag), title))).await;
            let won: Vec<usize> = answers.iter().enumerate().filter(|(_, answer)| answer.status == 200).map(|(number, _)| number).collect();
            assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
            for answer in answers.iter().filter(|answer| answer.status != 200) {
                answer.scim_error(412, None);
            }
            assert_eq!(t.read(&path).await["title"], titles[won[0]]);
        }
    }

    /// The same with every way to write, and a group.
    async fn one_of_many_ways_wins(t) {
        for round in 0..5 {
            let group = format!("/Groups/{}", t.group(&format!("G{round}"), &[]).await);
            let tag = now(t, &group).await;
            let condition = [("if-match", tag.as_str())];
            let put = json!({"displayName": format!("Put {round}")});
            let patch = json!({"Operations": [{"op": "replace", "path": "displayName", "value": format!("Patch {round}")}]});
            let bulk = bulk_of(&[json!({"method": "PATCH", "path": group, "version": tag, "data": patch})]);
            let (put, patched, deleted, in_bulk) = tokio::join!(
                ask(t, "PUT", &group, &condition, Some(&put)),
                ask(t, "PATCH", &group, &condition, Some(&patch)),
                ask(t, "DELETE", &group, &condition, None),
                t.scim("POST", "/Bulk", Some(&bulk)),
            );
            let in_bulk = in_bulk.expect(200)["Operations"][0]["status"].as_str().unwrap().to_owned();
            let won = [put.status == 200, patched.status == 204, deleted.status == 204, in_bulk == "204"];
            assert_eq!(won.iter().filter(|won| **won).count(), 1, "{} {} {} {in_bulk}", put.status, patched.status, deleted.status);
        }
    }

    /// A version counts changes, not requests.
    async fn a_version_changes_when_the_resource_does(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let group_id = t.group("Sales", &[]).await;
        let group = format!("/Groups/{group_id}");
        let body = t.read(&path).await;
        let tag = now(t, &path).await;
        let events = t.events().await.len();
        for operations in [
            json!([{"op": "replace", "path": "userName", "value": "ann@example.com"}]),
            json!([{"op": "replace", "value": {"active": true}}]),
            json!([{"op": "add", "path": "emails", "value": [{"value": "ann@example.com", "type": "work", "primary": true}]}]),
            json!([{"op": "remove", "path": "title"}]),
            json!([{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "title"}]),
        ] {
            assert_eq!(t.patch(&path, operations.clone()).await.expect(200)["meta"]["version"], tag, "{operations}");
        }
        t.scim("PUT", &path, Some(&body)).await.expect(200);
        assert_eq!(now(t, &path).await, tag);
        let group_tag = now(t, &group).await;
        for operations in [
            json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]),
            json!([{"op": "replace", "path": "displayName", "value": "Sales"}]),
        ] {
            assert_eq!(tag_of_quiet(&t.patch(&group, operations).await), group_tag);
        }
        assert_eq!(t.events().await.len(), events);

        // And each change is one.
        let mut seen = vec![tag];
        for operations in [
            json!([{"op": "add", "path": "title", "value": "x"}]),
            json!([{"op": "replace", "path": "title", "value": "X"}]),
            json!([{"op": "replace", "value": {"active": false}}]),
            json!([{"op": "replace", "value": {"active": true}}]),
        ] {
            t.patch(&path, operations).await.expect(200);
            let tag = now(t, &path).await;
            assert!(!seen.contains(&tag), "{tag} again");
            seen.push(tag);
        }
        let mut seen = vec![group_tag];
        for operations in [
            json!([{"op": "add", "path": "members", "value": [{"value": id}]}]),
            json!([{"op": "remove", "path": "members"}]),
        ] {
            t.patch(&group, operations).await.expect(204);
            let tag = now(t, &group).await;
            assert!(!seen.contains(&tag), "{tag} again");
            seen.push(tag);
        }
    }

    /// By whatever road it changes: an administrator is one too.
    async fn a_version_changes_by_every_road(t) {
        let (ann, bob) = (t.user("ann@example.com").await, t.user("bob@example.com").await);
        let group = format!("/Groups/{}", t.group("Sales", &[&ann, &bob]).await);
        let user = format!("/Users/{ann}");
        let (before, before_group) = (now(t, &user).await, now(t, &group).await);
        t.api("DELETE", &format!("/members/{ann}"), None).await.expect(200);
        assert_eq!(t.read(&user).await["active"], false);
        assert_ne!(now(t, &user).await, before);
        put_if(t, &user, ("if-match", &before), "late").await.scim_error(412, None);
        // A member who is deleted leaves the group.
        t.scim("DELETE", &format!("/Users/{bob}"), None).await.expect(204);
        assert_ne!(now(t, &group).await, before_group);
        // Whoever comes back goes on where they left: no tag of before is true again.
        let deleted = now(t, &user).await;
        t.scim("DELETE", &user, None).await.expect(204);
        assert_eq!(t.user("ann@example.com").await, ann);
        let back = now(t, &user).await;
        assert!(back != before && back != deleted, "{before} {deleted} {back}");
    }

    /// A user's groups are shown with the user, and change without: a cached copy must not pass for fresh,
    /// and a client that has read before may still write, because it writes no groups.
    async fn a_users_tag_follows_the_groups_that_are_shown(t) {
        let id = t.user("ann@example.com").await;
        let path = format!("/Users/{id}");
        let alone = now(t, &path).await;
        let mut tags = vec![alone.clone()];
        let group = t.group("Sales", &[&id]).await;
        for change in [
            json!([]),
            json!([{"op": "replace", "path": "displayName", "value": "Sales EU"}]),
            json!([{"op": "remove", "path": "members"}]),
        ] {
            if change != json!([]) {
                t.patch(&format!("/Groups/{group}"), change).await.expect(204);
            }
            let last = tags.last().unwrap().clone();
            let fresh = ask(t, "GET", &path, &[("if-none-match", &last)], None).await;
            assert_ne!(tag(&fresh), last);
            fresh.expect(200);
            assert_eq!(ask(t, "GET", &path, &[("if-none-match", &tag(&fresh))], None).await.status, 304);
            tags.push(tag(&fresh));
        }
        // Not a member of anything again, and the same state as in the beginning.
        assert_eq!(tags[3], alone);
        for (number, earlier) in tags.iter().enumerate() {
            let number = number.to_string();
            if number == "0" {
                put_if(t, &path, ("if-match", earlier), &number).await.expect(200);
            } else {
                put_if(t, &path, ("if-match", earlier), &number).await.scim_error(412, None);
            }
        }
    }

    /// With its groups shown, without, or with nothing but a name: no version of one passes for another.
    async fn a_304_is_never_stale_whatever_is_shown(t) {
        let id = t.user("ann@example.com").await;
        let whole = format!("/Users/{id}");
        let views = [whole.clone(), format!("{whole}?excludedAttributes=groups"), format!("{whole}?attributes=groups.display"), format!("{whole}?attributes=userName")];
        let mut cached: Vec<(String, Value)> = Vec::new();
        for view in &views {
            let answer = t.scim("GET", view, None).await;
            cached.push((tag(&answer), answer.json()));
        }
        let group = t.group("Sales", &[&id]).await;
        for round in 0..3 {
            match round {
                1 => drop(t.patch(&format!("/Groups/{group}"), json!([{"op": "replace", "path": "displayName", "value": "Marketing"}])).await),
                2 => drop(t.patch(&whole, json!([{"op": "add", "path": "title", "value": "boss"}])).await),
                _ => {}
            }
            for (view, (tag_then, body_then)) in views.iter().zip(&mut cached) {
                let answer = ask(t, "GET", view, &[("if-none-match", tag_then)], None).await;
                if answer.status == 304 {
                    assert_eq!(t.read(view).await, *body_then, "{view} is stale");
                } else {
                    (*tag_then, *body_then) = (tag(&answer), answer.expect(200));
                }
            }
        }
    }

    /// The members of a group are shown with their names, and a name changes without the group.
    async fn a_groups_304_is_not_stale_when_a_member_is_renamed(t) {
        let id = t.user("ann@example.com").await;
        let group = format!("/Groups/{}", t.group("Sales", &[&id]).await);
        let before = t.scim("GET", &group, None).await;
        t.patch(&format!("/Users/{id}"), json!([{"op": "replace", "path": "userName", "value": "eve@example.com"}])).await.expect(200);
        let after = ask(t, "GET", &group, &[("if-none-match", &tag(&before))], None).await;
        if after.status == 304 {
            assert_eq!(t.read(&group).await["members"], before.json()["members"], "stale");
        }
    }
}

fn tag_of_quiet(answer: &Answer) -> String {
    assert_eq!(answer.status, 204, "{}", answer.text);
    tag(answer)
}
