//! What happens when it happens at the same moment.

use crate::harness::{Server, at_once, both};
use domain::role::SUPER_ADMINISTRATOR;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The ids of those who are members of the account and may use it.
async fn accepted(t: &Server) -> BTreeSet<String> {
    let members = t.api("GET", "/members?per_page=50&status=accepted", None).await.expect(200);
    crate::harness::texts(&members["result"], "id").into_iter().collect()
}

/// How many answers had each status.
fn count(statuses: &[u16], wanted: u16) -> usize {
    statuses.iter().filter(|status| **status == wanted).count()
}

both! {
    async fn a_hundred_and_fifty_members_added_at_once_are_all_kept(t) {
        let names: Vec<String> = (0..150).map(|number| format!("{number}@example.com")).collect();
        let mut ids = at_once(names.iter().map(|name| t.user(name))).await;
        let group = t.group("Everybody", &[]).await;
        let path = format!("/Groups/{group}");
        let add = |id: &String| json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": id}]}]);
        for answer in at_once(ids.iter().map(|id| t.patch(&path, add(id)))).await {
            assert_eq!(answer.status, 204, "{}", answer.text);
        }
        ids.sort();
        assert_eq!(t.members(&group).await, ids);
        // Each was a change of its own, and counted as one.
        assert_eq!(t.read(&path).await["meta"]["version"], "W/\"151\"");
    }

    async fn members_added_and_removed_at_once_end_where_each_said(t) {
        let names: Vec<String> = (0..40).map(|number| format!("{number}@example.com")).collect();
        let ids = at_once(names.iter().map(|name| t.user(name))).await;
        let (stay, come) = ids.split_at(20);
        let group = t.group("Everybody", &stay.iter().map(String::as_str).collect::<Vec<_>>()).await;
        let path = format!("/Groups/{group}");
        let remove = stay[..10].iter().map(|id| json!([{"op": "Remove", "path": "members", "value": [{"value": id}]}]));
        let add = come.iter().map(|id| json!([{"op": "add", "path": "members", "value": [{"value": id}]}]));
        for answer in at_once(remove.chain(add).map(|patch| t.patch(&path, patch))).await {
            assert_eq!(answer.status, 204, "{}", answer.text);
        }
        let mut expected = ids[10..].to_vec();
        expected.sort();
        assert_eq!(t.members(&group).await, expected);
    }

    async fn one_of_eight_creates_the_user_and_seven_are_told(t) {
        for round in 0..5 {
            let body = |number: usize| {
                let name = format!("ann{round}@example.com");
                json!({"userName": if number.is_multiple_of(2) { name } else { name.to_uppercase() }})
            };
            let bodies: Vec<Value> = (0..8).map(body).collect();
            let answers = at_once(bodies.iter().map(|body| t.scim("POST", "/Users", Some(body)))).await;
            let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 7), "{statuses:?}");
            for answer in answers.iter().filter(|answer| answer.status == 409) {
                answer.scim_error(409, Some("uniqueness"));
            }
            assert_eq!(t.find("/Users", &format!("userName eq \"ann{round}@example.com\"")).await.len(), 1);
        }
        assert_eq!(t.read("/Users").await["totalResults"], 5);
    }

    async fn one_of_eight_creates_the_group_and_seven_are_told(t) {
        let bodies: Vec<Value> = ["Sales", "SALES"].repeat(4).iter().map(|name| json!({"displayName": name})).collect();
        let answers = at_once(bodies.iter().map(|body| t.scim("POST", "/Groups", Some(body)))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((count(&statuses, 201), count(&statuses, 409)), (1, 7), "{statuses:?}");
        for answer in answers.iter().filter(|answer| answer.status == 409) {
            answer.scim_error(409, Some("uniqueness"));
        }
        assert_eq!(t.read("/Groups").await["totalResults"], 1);
    }

    async fn one_of_eight_takes_a_name_by_patch(t) {
        let names: Vec<String> = (0..8).map(|number| format!("{number}@example.com")).collect();
        let ids = at_once(names.iter().map(|name| t.user(name))).await;
        let patch = json!([{"op": "replace", "path": "userName", "value": "same@example.com"}]);
        let paths: Vec<String> = ids.iter().map(|id| format!("/Users/{id}")).collect();
        let answers = at_once(paths.iter().map(|path| t.patch(path, patch.clone()))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!((count(&statuses, 200), count(&statuses, 409)), (1, 7), "{statuses:?}");
        assert_eq!(t.find("/Users", "userName eq \"same@example.com\"").await.len(), 1);
    }

    async fn different_attributes_patched_at_once_are_all_kept(t) {
        let path = format!("/Users/{}", t.user("ann@example.com").await);
        let names = ["title", "nickName", "displayName", "userType", "preferredLanguage", "locale", "timezone", "externalId",
            "name.middleName", "name.honorificPrefix", "department", "employeeNumber"];
        for round in 0..3 {
            let patches = names.map(|name| json!([{"op": "Replace", "path": name, "value": format!("{name} {round}")}]));
            for answer in at_once(patches.map(|patch| t.patch(&path, patch))).await {
                answer.expect(200);
            }
            let user = t.read(&path).await;
            for name in names {
                let shown = match name.split_once('.') {
                    Some((name, sub)) => &user[name][sub],
                    None if user.get(name).is_some() => &user[name],
                    None => &user["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"][name],
                };
                assert_eq!(*shown, format!("{name} {round}"), "{name}");
            }
        }
    }

    /// Neither may count on the other to stay.
    async fn of_two_super_administrators_deactivated_at_once_one_stays_a_member(t) {
        let bob = t.user("bob@example.com").await;
        let root = t.user(crate::harness::SUPER_ADMIN).await;
        for round in 0..20 {
            t.grant(&bob, SUPER_ADMINISTRATOR).await;
            t.grant(&root, SUPER_ADMINISTRATOR).await;
            assert_eq!(accepted(t).await, BTreeSet::from([bob.clone(), root.clone()]), "round {round}");
            let paths = [format!("/Users/{bob}"), format!("/Users/{root}")];
            let out = json!([{"op": "replace", "value": {"active": false}}]);
            // By turns both by PATCH, or one of them by DELETE.
            let deletes = round % 2 == 1;
            let answers = tokio::join!(t.patch(&paths[0], out.clone()), async {
                if deletes { t.scim("DELETE", &paths[1], None).await } else { t.patch(&paths[1], out.clone()).await }
            });
            assert_eq!((answers.0.status, answers.1.status), (200, if deletes { 204 } else { 200 }), "round {round}");
            assert_eq!(accepted(t).await.len(), 1, "round {round}");
            // The identity provider sees what it said, and both come back.
            assert_eq!(t.read(&paths[0]).await["active"], false);
            let back = json!([{"op": "replace", "value": {"active": true}}]);
            t.patch(&paths[0], back.clone()).await.expect(200);
            if deletes {
                assert_eq!(t.user(crate::harness::SUPER_ADMIN).await, root);
            } else {
                t.patch(&paths[1], back).await.expect(200);
            }
        }
    }

    /// Six who hold the role, removed by administrators or put out by the identity provider at once.
    async fn of_six_super_administrators_removed_at_once_one_stays(t) {
        for round in 0..6 {
            let names: Vec<String> =
                (0..6).map(|number| format!("sa{number}round{round}@example.com")).collect();
            let ids = at_once(names.iter().map(|name| t.user(name))).await;
            for id in &ids {
                t.grant(id, SUPER_ADMINISTRATOR).await;
            }
            t.grant(t.account.member_id.as_str(), domain::role::MINIMAL).await;
            let paths: Vec<String> = ids.iter().map(|id| format!("/members/{id}")).collect();
            if round % 2 == 0 {
                at_once(paths.iter().map(|path| t.api("DELETE", path, None))).await;
            } else {
                let out = || json!([{"op": "replace", "value": {"active": false}}]);
                let paths: Vec<String> = ids.iter().map(|id| format!("/Users/{id}")).collect();
                at_once(paths.iter().map(|path| t.patch(path, out()))).await;
            }
            let left = accepted(t).await;
            assert_eq!(ids.iter().filter(|id| left.contains(*id)).count(), 1, "round {round}");
            t.grant(t.account.member_id.as_str(), SUPER_ADMINISTRATOR).await;
            for id in &ids {
                t.api("DELETE", &format!("/members/{id}"), None).await;
            }
        }
    }

    /// An administrator deletes what the identity provider claims: either way both sides agree.
    async fn a_claim_and_a_removal_at_once_leave_no_half(t) {
        let billing = domain::role::named("Billing").expect("a role").id();
        for round in 0..15 {
            let email = format!("r{round}@example.com");
            let invited = json!({"email": email, "roles": [billing], "status": "accepted"});
            let made = t.api("POST", "/members", Some(&invited)).await.expect(200);
            let member = format!("/members/{}", made["result"]["id"].as_str().expect("an id"));
            let name = json!({"name": format!("Group {round}")});
            let made = t.api("POST", "/iam/user_groups", Some(&name)).await.expect(200);
            let group = format!("/iam/user_groups/{}", made["result"]["id"].as_str().expect("an id"));
            let user = json!({"userName": email});
            let scim_group = json!({"displayName": format!("Group {round}")});
            let none = json!({"policies": []});
            tokio::join!(
                t.api("DELETE", &member, None),
                t.scim("POST", "/Users", Some(&user)),
                t.api("DELETE", &group, None),
                t.api("PUT", &group, Some(&none)),
                t.scim("POST", "/Groups", Some(&scim_group)),
            );
            // What must agree is checked when the test ends.
        }
    }

    /// Signing in while being put out: whoever is first, nobody who is out is in.
    async fn signing_in_and_being_put_out_at_once_leaves_no_session(t) {
        for round in 0..15 {
            let email = format!("r{round}@example.com");
            let id = t.user(&email).await;
            let link = server::service::sign_in::make_link(&t.app, &t.operator(), &email)
                .await
                .expect("a link");
            let door = format!("/sign-in?token={}", link.reveal());
            let user = format!("/Users/{id}");
            let out = json!([{"op": "replace", "value": {"active": false}}]);
            let (entered, put_out) = tokio::join!(t.get(&door), t.patch(&user, out));
            assert_eq!(put_out.status, 200, "{}", put_out.text);
            assert!(matches!(entered.status, 303 | 401), "{}", entered.text);
        }
    }
}
