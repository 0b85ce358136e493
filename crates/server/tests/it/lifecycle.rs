//! The rules of the life cycle that may never be wrong, each by every road there is.

use crate::harness::{SUPER_ADMIN, Server, both, create_account};
use domain::role::{MINIMAL, SUPER_ADMINISTRATOR};
use serde_json::{Value, json};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn patch(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

async fn set_active(t: &Server, id: &str, active: bool) {
    let body = patch(&json!([{"op": "replace", "value": {"active": active}}]));
    let user = t.scim("PATCH", &format!("/Users/{id}"), Some(&body)).await.expect(200);
    assert_eq!(user["active"], active);
}

async fn change_members(t: &Server, group: &str, operation: &str, ids: &[&str]) {
    let value: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
    let body = patch(&json!([{"op": operation, "path": "members", "value": value}]));
    t.scim("PATCH", &format!("/Groups/{group}"), Some(&body)).await.expect(204);
}

/// The member of an id, or `None` for one who is not in.
async fn member(t: &Server, id: &str) -> Option<Value> {
    let answer = t.api("GET", &format!("/members/{id}"), None).await;
    if answer.status == 404 { None } else { Some(answer.expect(200)["result"].clone()) }
}

async fn own_roles(t: &Server, id: &str) -> Vec<String> {
    let member = member(t, id).await.expect("a member");
    let roles = member["roles"].as_array().expect("roles").iter();
    roles.map(|role| role["name"].as_str().expect("a name").to_owned()).collect()
}

/// The roles that reach a member, through groups too.
async fn effective_roles(t: &Server, id: &str) -> Vec<&'static str> {
    let mut conn = t.app.db.read(&t.account.account.id).await.expect("a connection");
    let id = domain::id::MemberId::parse(id).expect("an id");
    let policies = store::policy::effective(&mut conn, &id).await.expect("policies");
    let member = store::member::find(&mut conn, &id).await.expect("a read").expect("a member");
    domain::policy::effective_roles(&policies, member.protected)
        .iter()
        .map(|role| role.name)
        .collect()
}

async fn latest_notes(t: &Server) -> String {
    t.events().await[0]["notes"].to_string()
}

both! {
    async fn rule_1_an_assigned_person_is_a_member_with_minimal_access(t) {
        let id = t.user("ada@example.com").await;
        let member = member(t, &id).await.expect("a member");
        assert_eq!(member["status"], "accepted");
        assert_eq!(member["email"], "ada@example.com");
        assert_eq!(member["user"]["first_name"], "Given");
        assert_eq!(member["managed"], true);
        assert_eq!(own_roles(t, &id).await, [MINIMAL]);
    }

    async fn rules_2_to_4_groups_give_and_take_policies_and_nothing_else(t) {
        let ada = t.user("ada@example.com").await;
        let group = t.group("Finance", &[]).await;
        t.grant(&group, "Billing").await;
        assert_eq!(effective_roles(t, &ada).await, [MINIMAL]);
        change_members(t, &group, "add", &[&ada]).await;
        assert_eq!(effective_roles(t, &ada).await, [MINIMAL, "Billing"]);
        change_members(t, &group, "remove", &[&ada]).await;
        assert_eq!(effective_roles(t, &ada).await, [MINIMAL]);
        assert_eq!(member(t, &ada).await.expect("a member")["status"], "accepted");
    }

    /// The membership of a group waits for the membership of the account.
    async fn rule_2_a_group_waits_for_a_person_who_is_out(t) {
        let ada = t.user("ada@example.com").await;
        set_active(t, &ada, false).await;
        let group = t.group("Finance", &[&ada]).await;
        t.grant(&group, "Billing").await;
        assert!(member(t, &ada).await.is_none());
        set_active(t, &ada, true).await;
        assert_eq!(effective_roles(t, &ada).await, [MINIMAL, "Billing"]);
    }

    async fn rule_4_a_deleted_group_leaves_its_people_in(t) {
        let ada = t.user("ada@example.com").await;
        let group = t.group("Finance", &[&ada]).await;
        t.grant(&group, "Billing").await;
        t.scim("DELETE", &format!("/Groups/{group}"), None).await.expect(204);
        assert_eq!(effective_roles(t, &ada).await, [MINIMAL]);
        t.scim("GET", &format!("/Groups/{group}"), None).await.scim_error(404, None);
        t.api("GET", &format!("/iam/user_groups/{group}"), None).await.expect(404);
    }

    /// By PATCH, by PUT and by DELETE: membership, sessions, tokens and links end in one change.
    async fn rule_5_whoever_is_out_holds_nothing(t) {
        for (number, road) in ["patch", "put", "delete"].into_iter().enumerate() {
            let email = format!("leaver{number}@example.com");
            let id = t.user(&email).await;
            let cookie = t.cookie(&email).await;
            let token = t.token(&["Account Settings Read"], Some(&email)).await;
            let link = server::service::sign_in::make_link(&t.app, &t.operator(), &email)
                .await
                .expect("a link");
            let page = || t.request("GET", &format!("{}/dashboard", t.url)).header("cookie", &cookie);
            let account = format!("{}/client/v4/accounts/{}", t.url, t.account.account.id);
            let call = || t.request("GET", &account).bearer_auth(&token);
            assert_eq!(t.send(page()).await.status, 200, "{road}");
            assert_eq!(t.send(call()).await.status, 200, "{road}");

            let user = format!("/Users/{id}");
            match road {
                "patch" => set_active(t, &id, false).await,
                "put" => {
                    let body = json!({"userName": email, "active": false});
                    let answer = t.scim("PUT", &user, Some(&body)).await.expect(200);
                    assert_eq!(answer["active"], false);
                }
                _ => {
                    t.scim("DELETE", &user, None).await.expect(204);
                }
            }
            assert_eq!(t.send(page()).await.status, 401, "{road}");
            assert_eq!(t.send(call()).await.status, 401, "{road}");
            let used = t.get(&format!("/sign-in?token={}", link.reveal())).await;
            assert_eq!(used.status, 401, "{road}");
            assert!(member(t, &id).await.is_none(), "{road}");
        }
        let notes = t.events().await.iter().map(|event| event["notes"].to_string()).collect::<String>();
        assert!(notes.contains("sessions ended: 1") && notes.contains("tokens ended: 1"), "{notes}");
    }

    async fn rule_6_the_only_super_administrator_stays_when_deactivated(t) {
        let admin = claim_admin(t).await;
        let cookie = t.cookie(SUPER_ADMIN).await;
        set_active(t, &admin, false).await;
        assert!(latest_notes(t).await.contains("protected"));
        let kept = member(t, &admin).await.expect("still a member");
        assert_eq!((kept["protected"].as_bool(), kept["status"].as_str()), (Some(true), Some("accepted")));
        assert_eq!(own_roles(t, &admin).await, [SUPER_ADMINISTRATOR]);
        let page = t.request("GET", &format!("{}/dashboard", t.url)).header("cookie", cookie);
        assert_eq!(t.send(page).await.status, 401, "what the person held ends all the same");
        // Towards the identity provider: what it said, and no loop.
        let shown = t.scim("GET", &format!("/Users/{admin}"), None).await.expect(200);
        assert_eq!(shown["active"], false);
        set_active(t, &admin, false).await;

        set_active(t, &admin, true).await;
        let back = member(t, &admin).await.expect("a member");
        assert_eq!(back["protected"], false);
        assert_eq!(own_roles(t, &admin).await, [SUPER_ADMINISTRATOR]);
    }

    async fn rule_6_the_only_super_administrator_stays_when_deleted(t) {
        let admin = claim_admin(t).await;
        t.scim("DELETE", &format!("/Users/{admin}"), None).await.expect(204);
        t.scim("GET", &format!("/Users/{admin}"), None).await.scim_error(404, None);
        assert_eq!(member(t, &admin).await.expect("a member")["protected"], true);
        // Posted again: the same person, no longer in need of protection.
        assert_eq!(t.user(SUPER_ADMIN).await, admin);
        assert_eq!(member(t, &admin).await.expect("a member")["protected"], false);
        assert_eq!(own_roles(t, &admin).await, [SUPER_ADMINISTRATOR]);
    }

    async fn rule_6_replacing_is_a_road_too(t) {
        let admin = claim_admin(t).await;
        let body = json!({"userName": SUPER_ADMIN, "active": false});
        t.scim("PUT", &format!("/Users/{admin}"), Some(&body)).await.expect(200);
        assert_eq!(member(t, &admin).await.expect("a member")["protected"], true);
    }

    /// The role came through a group: out of the group, and the group itself deleted.
    async fn rule_6_leaving_or_losing_a_group_keeps_one_super_administrator(t) {
        for road in ["remove", "replace", "put", "delete", "delete user"] {
            let (ada, bob) = (t.user("ada@example.com").await, t.user("bob@example.com").await);
            let group = t.group("Admins", &[&ada, &bob]).await;
            t.grant(&group, SUPER_ADMINISTRATOR).await;
            demote_root(t, MINIMAL).await;
            match road {
                "remove" => change_members(t, &group, "remove", &[&ada, &bob]).await,
                "replace" => change_members(t, &group, "replace", &[]).await,
                "put" => {
                    let body = json!({"displayName": "Admins", "members": []});
                    let path = format!("/Groups/{group}");
                    t.scim("PUT", &path, Some(&body)).await.expect(200);
                }
                "delete" => {
                    t.scim("DELETE", &format!("/Groups/{group}"), None).await.expect(204);
                }
                _ => {
                    t.scim("DELETE", &format!("/Users/{bob}"), None).await.expect(204);
                    t.scim("DELETE", &format!("/Users/{ada}"), None).await.expect(204);
                }
            }
            let kept = member(t, &ada).await.expect("the longest-standing one stays");
            assert_eq!(kept["protected"], true, "{road}");
            assert!(effective_roles(t, &ada).await.contains(&SUPER_ADMINISTRATOR), "{road}");
            if road != "delete" && road != "delete user" {
                let shown = t.scim("GET", &format!("/Groups/{group}"), None).await.expect(200);
                assert_eq!(shown.get("members"), None, "{road}: the group shows what was said");
                t.scim("DELETE", &format!("/Groups/{group}"), None).await.expect(204);
            }
            // Released by an administrator, once there is another one.
            demote_root(t, SUPER_ADMINISTRATOR).await;
            t.api("DELETE", &format!("/members/{ada}"), None).await.expect(200);
            for id in [&ada, &bob] {
                t.scim("DELETE", &format!("/Users/{id}"), None).await;
            }
        }
    }

    /// Roads that take nothing away but deny.
    async fn rule_6_denying_is_a_road_too(t) {
        let admin = claim_admin(t).await;
        let bob = t.user("bob@example.com").await;
        for claimed in [false, true] {
            let deny = json!({"access": "deny",
                "permission_groups": [{"id": domain::role::super_administrator()}],
                "resource_groups": [{"id": domain::account::whole(&t.account.account.id)}]});
            let body = json!({"name": "No admins", "policies": [deny]});
            let made = t.api("POST", "/iam/user_groups", Some(&body)).await.expect(200);
            let by_hand = made["result"]["id"].as_str().expect("an id").to_owned();
            let group = if claimed {
                t.group("No admins", &[&admin, &bob]).await
            } else {
                let group = t.group("No admins", &[]).await;
                change_members(t, &group, "add", &[&admin, &bob]).await;
                group
            };
            assert_eq!(group, by_hand);
            assert_eq!(member(t, &admin).await.expect("a member")["protected"], true);
            assert!(effective_roles(t, &admin).await.contains(&SUPER_ADMINISTRATOR));
            // Who never held the role gains nothing by it.
            change_members(t, &group, "remove", &[&bob]).await;
            assert_eq!(effective_roles(t, &bob).await, [MINIMAL]);
            assert_eq!(member(t, &bob).await.expect("a member")["protected"], false);
            t.scim("DELETE", &format!("/Groups/{group}"), None).await.expect(204);
            let body = json!({"roles": [domain::role::named(SUPER_ADMINISTRATOR).expect("it").id()]});
            let released = t.api("PUT", &format!("/members/{admin}"), Some(&body)).await.expect(200);
            assert_eq!(released["result"]["protected"], false);
        }
        // An administrator's own hand is refused.
        let group = t.group("Everybody", &[&admin]).await;
        let deny = json!([{"access": "deny",
            "permission_groups": [{"id": domain::role::super_administrator()}],
            "resource_groups": [{"id": domain::account::whole(&t.account.account.id)}]}]);
        let path = format!("/iam/user_groups/{group}");
        t.api("PUT", &path, Some(&json!({"policies": deny}))).await.expect(400);
        t.api("PUT", &format!("/members/{admin}"), Some(&json!({"policies": deny}))).await.expect(400);
        assert_eq!(own_roles(t, &admin).await, [SUPER_ADMINISTRATOR]);
    }

    /// The protection falls to one who held the role, not to the oldest of those taken out.
    async fn rule_6_the_one_who_held_the_role_keeps_it(t) {
        let (old, held) = (t.user("old@example.com").await, t.user("held@example.com").await);
        let admins = t.group("Admins", &[&old, &held]).await;
        t.grant(&admins, SUPER_ADMINISTRATOR).await;
        let denied = t.group("Denied", &[&old]).await;
        let deny = json!({"policies": [{"access": "deny",
            "permission_groups": [{"id": domain::role::super_administrator()}],
            "resource_groups": [{"id": domain::account::whole(&t.account.account.id)}]}]});
        t.api("PUT", &format!("/iam/user_groups/{denied}"), Some(&deny)).await.expect(200);
        demote_root(t, MINIMAL).await;
        t.scim("DELETE", &format!("/Groups/{admins}"), None).await.expect(204);
        assert_eq!(member(t, &held).await.expect("a member")["protected"], true);
        assert_eq!(member(t, &old).await.expect("a member")["protected"], false);
    }

    /// A protected person goes once somebody else holds the role and the identity provider says so again.
    async fn rule_6_the_protection_ends(t) {
        let admin = claim_admin(t).await;
        set_active(t, &admin, false).await;
        assert_eq!(member(t, &admin).await.expect("a member")["protected"], true);
        let second = t.user("second@example.com").await;
        t.grant(&second, SUPER_ADMINISTRATOR).await;
        set_active(t, &admin, false).await;
        assert!(member(t, &admin).await.is_none(), "said again");

        set_active(t, &second, false).await;
        assert_eq!(member(t, &second).await.expect("a member")["protected"], true);
        set_active(t, &admin, true).await;
        t.grant(&admin, SUPER_ADMINISTRATOR).await;
        t.scim("DELETE", &format!("/Users/{second}"), None).await.expect(204);
        assert!(member(t, &second).await.is_none(), "deleted");
    }

    async fn rule_6_administrators_are_refused(t) {
        let root = t.account.member_id.to_string();
        let refused = t.api("DELETE", &format!("/members/{root}"), None).await.expect(400);
        let said = refused["errors"][0]["message"].as_str().expect("a message");
        assert!(said.contains("only Super Administrator"), "{said}");
        let billing = domain::role::named("Billing").expect("a role").id();
        let body = json!({"roles": [{"id": billing}]});
        t.api("PUT", &format!("/members/{root}"), Some(&body)).await.expect(400);
        assert_eq!(own_roles(t, &root).await, [SUPER_ADMINISTRATOR]);
        // The policies of a group that gives the role.
        let ada = t.user("ada@example.com").await;
        let group = t.group("Admins", &[&ada]).await;
        t.grant(&group, SUPER_ADMINISTRATOR).await;
        demote_root(t, MINIMAL).await;
        let path = format!("/iam/user_groups/{group}");
        t.api("PUT", &path, Some(&json!({"policies": []}))).await.expect(400);
        assert!(effective_roles(t, &ada).await.contains(&SUPER_ADMINISTRATOR));
    }

    async fn rule_7_the_same_id_comes_back(t) {
        let first = t.user("Ada@Example.com").await;
        set_active(t, &first, false).await;
        set_active(t, &first, true).await;
        assert_eq!(own_roles(t, &first).await, [MINIMAL]);

        t.scim("DELETE", &format!("/Users/{first}"), None).await.expect(204);
        assert_eq!(t.user("ada@example.com").await, first, "posted again");
        set_active(t, &first, false).await;
        assert_eq!(t.user("ada@example.com").await, first, "posted again while inactive");
        assert_eq!(member(t, &first).await.expect("a member")["status"], "accepted");
        let body = json!({"userName": "ADA@example.com"});
        t.scim("POST", "/Users", Some(&body)).await.scim_error(409, Some("uniqueness"));
    }

    /// Roles that somebody had before they left are not theirs again just because they are back.
    async fn rule_7_a_return_brings_no_old_role(t) {
        let ada = t.user("ada@example.com").await;
        t.grant(&ada, "Administrator").await;
        set_active(t, &ada, false).await;
        set_active(t, &ada, true).await;
        assert_eq!(own_roles(t, &ada).await, [MINIMAL]);
    }

    async fn rule_7_a_member_added_by_hand_is_claimed_and_keeps_the_roles(t) {
        let billing = domain::role::named("Billing").expect("a role").id();
        let body = json!({"email": "Grace@example.com", "roles": [billing]});
        let invited = t.api("POST", "/members", Some(&body)).await.expect(200);
        assert_eq!(invited["result"]["status"], "pending");
        let listed = t.scim("GET", "/Users", None).await.expect(200);
        assert_eq!(listed["totalResults"], 0, "members added by hand are not SCIM's");

        let id = t.user("grace@example.com").await;
        assert_eq!(id, invited["result"]["id"].as_str().expect("an id"));
        assert!(latest_notes(t).await.contains("claimed"));
        let claimed = member(t, &id).await.expect("a member");
        assert_eq!((claimed["managed"].as_bool(), claimed["status"].as_str()), (Some(true), Some("accepted")));
        assert_eq!(own_roles(t, &id).await, ["Billing"]);
    }

    async fn rule_7_a_group_made_by_hand_is_claimed_and_keeps_the_policies(t) {
        let mut write = t.app.db.write(&t.account.account.id).await.expect("a transaction");
        let by_hand = domain::group::UserGroup {
            account_id: t.account.account.id.clone(),
            id: domain::id::GroupId::new(t.app.now(), &t.app.chance),
            name: "Design".to_owned(),
            managed: false,
            created_at: t.app.now(),
            modified_at: t.app.now(),
        };
        store::group::insert(&mut write, &by_hand).await.expect("a group");
        write.commit().await.expect("a commit");
        t.grant(by_hand.id.as_str(), "Billing").await;
        let id = t.group("design", &[]).await;
        assert_eq!(id, by_hand.id.as_str());
        assert!(latest_notes(t).await.contains("claimed"));
        let group = t.api("GET", &format!("/iam/user_groups/{id}"), None).await.expect(200);
        assert_eq!(group["result"]["policies"][0]["permission_groups"][0]["name"], "Billing");
        let again = json!({"displayName": "DESIGN"});
        t.scim("POST", "/Groups", Some(&again)).await.scim_error(409, Some("uniqueness"));
    }

    async fn rule_7_nothing_is_matched_across_accounts(t) {
        let other = create_account(&t.app, "Other", "shared@example.com").await;
        let mine = t.user("shared@example.com").await;
        assert_ne!(mine, other.member_id.as_str());
        set_active(t, &mine, false).await;
        let mut conn = t.app.db.read(&other.account.id).await.expect("a connection");
        let theirs = store::member::find(&mut conn, &other.member_id).await.expect("a read");
        assert_eq!(theirs.expect("a member").status, domain::member::Status::Accepted);
    }

    async fn rule_9_a_name_that_differs_from_the_address_is_taken_and_noted(t) {
        let body = json!({"userName": "ada@example.com", "emails": [{"value": "Ada@example.com"}]});
        t.scim("POST", "/Users", Some(&body)).await.expect(201);
        assert!(latest_notes(t).await.contains("differ"));
    }

    async fn rule_10_a_new_profile_is_the_member_s(t) {
        let id = t.user("ada@example.com").await;
        let body = patch(&json!([{"op": "Replace", "value":
            {"name.givenName": "Augusta", "userName": "augusta@example.com"}}]));
        t.scim("PATCH", &format!("/Users/{id}"), Some(&body)).await.expect(200);
        let member = member(t, &id).await.expect("a member");
        assert_eq!(member["user"]["first_name"], "Augusta");
        assert_eq!(member["email"], "augusta@example.com");
        t.user("ada@example.com").await;
    }

    async fn rule_11_reserved_group_names_are_refused(t) {
        let body = json!({"displayName": "CF-123 - Administrator"});
        let said = t.scim("POST", "/Groups", Some(&body)).await.scim_error(400, Some("invalidValue"));
        assert!(said.contains("CF"), "{said}");
        let group = t.group("Design", &[]).await;
        let body = patch(&json!([{"op": "replace", "value": {"displayName": "CF-1"}}]));
        let path = format!("/Groups/{group}");
        t.scim("PATCH", &path, Some(&body)).await.scim_error(400, Some("invalidValue"));
    }

    /// An administrator ends a membership: the identity provider's own view says so from then on.
    async fn a_removed_member_is_an_inactive_user(t) {
        let id = t.user("ada@example.com").await;
        t.api("DELETE", &format!("/members/{id}"), None).await.expect(200);
        let user = t.scim("GET", &format!("/Users/{id}"), None).await.expect(200);
        assert_eq!(user["active"], false);
        t.api("DELETE", &format!("/members/{id}"), None).await.expect(404);
    }

    async fn nobody_is_invited_back_whom_the_identity_provider_put_out(t) {
        let id = t.user("ada@example.com").await;
        set_active(t, &id, false).await;
        let billing = domain::role::named("Billing").expect("a role").id();
        let body = json!({"email": "ada@example.com", "roles": [billing], "status": "accepted"});
        let refused = t.api("POST", "/members", Some(&body)).await.expect(400);
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|said| said.contains("deactivated")));
        assert!(member(t, &id).await.is_none());
    }

    /// Nobody is shown, or recorded, under the address of another member.
    async fn an_address_is_not_borrowed(t) {
        let body = json!({"userName": "eve", "emails": [{"value": SUPER_ADMIN, "primary": true}]});
        t.scim("POST", "/Users", Some(&body)).await.scim_error(409, Some("uniqueness"));
        let body = json!({"userName": "eve", "emails": [{"value": "eve@example.com"}]});
        let eve = t.scim("POST", "/Users", Some(&body)).await.expect(201);
        let path = format!("/Users/{}", eve["id"].as_str().expect("an id"));
        let body = patch(&json!([{"op": "replace", "path": "emails", "value": [{"value": SUPER_ADMIN}]}]));
        t.scim("PATCH", &path, Some(&body)).await.scim_error(409, Some("uniqueness"));
        for name in ["  ", "root@example.com ", "a\nb", "\u{202e}x@example.com"] {
            let body = json!({"userName": name});
            t.scim("POST", "/Users", Some(&body)).await.scim_error(400, Some("invalidValue"));
        }
    }

    /// One person can't fill the disk: a resource has a size, and so has what the log keeps of it.
    async fn a_resource_and_its_traces_are_bounded(t) {
        let id = t.user("ada@example.com").await;
        let path = format!("/Users/{id}");
        let photo = |number: usize| json!({"value": format!("https://x.example/{number}{}", "x".repeat(60_000))});
        let add = |from: usize, count: usize| {
            let photos: Vec<Value> = (from..from + count).map(photo).collect();
            patch(&json!([{"op": "add", "path": "photos", "value": photos}]))
        };
        t.scim("PATCH", &path, Some(&add(0, 3))).await.expect(200);
        let said = t.scim("PATCH", &path, Some(&add(3, 3))).await.scim_error(400, Some("invalidValue"));
        assert!(said.contains("bytes"), "{said}");
        let event = &t.events().await[0];
        assert!(event["resource"]["after"]["left_out_bytes"].is_number(), "{event}");
    }

    async fn a_standard_account_has_no_scim(t) {
        let made = server::service::accounts::create(
            &t.app, "Small", domain::account::Kind::Standard, "owner@small.example",
        ).await.expect("an account");
        let url = format!("{}/client/v4/accounts/{}/scim/v2/Users", t.url, made.account.id);
        let answer = t.send(t.request("GET", &url).bearer_auth(made.token.reveal())).await;
        assert!(answer.scim_error(403, None).contains("enterprise"));
    }

    /// Saying again what is already so writes nothing: no event, no new version.
    async fn what_changes_nothing_writes_nothing(t) {
        let id = t.user("ada@example.com").await;
        let group = t.group("Design", &[&id]).await;
        let before = t.events().await.len();
        let version = t.scim("GET", &format!("/Users/{id}"), None).await.header("etag").to_owned();
        set_active(t, &id, true).await;
        change_members(t, &group, "add", &[&id]).await;
        change_members(t, &group, "replace", &[&id]).await;
        let user = t.scim("GET", &format!("/Users/{id}"), None).await;
        let whole = user.json();
        t.scim("PUT", &format!("/Users/{id}"), Some(&whole)).await.expect(200);
        let after = t.scim("GET", &format!("/Users/{id}"), None).await;
        assert_eq!(after.header("etag"), version);
        assert_eq!(after.json(), whole);
        assert_eq!(t.events().await.len(), before);
    }

    async fn every_event_says_who_did_what_to_whom(t) {
        let id = t.user("ada@example.com").await;
        set_active(t, &id, false).await;
        let events = t.events().await;
        let names: Vec<&str> =
            events.iter().map(|event| event["action"]["description"].as_str().expect("a name")).collect();
        assert_eq!(names, ["Update SCIM User", "Create SCIM User", "Create Token", "Create Account"]);
        let event = &events[0];
        assert_eq!(event["resource"]["before"], json!({"active": true}));
        assert_eq!(event["resource"]["after"], json!({"active": false}));
        assert_eq!(event["resource"]["id"], json!(id));
        assert_eq!(event["actor"]["token_name"], "test");
        assert_eq!(event["actor"]["type"], "account");
        assert_eq!(event["actor"]["ip_address"], "127.0.0.1");
        assert_eq!(event["raw"]["method"], "PATCH");
        assert_eq!(event["raw"]["cf_ray_id"].as_str().map(str::len), Some(16));
    }
}

/// The first Super Administrator becomes SCIM-managed, as a customer's own administrators do.
async fn claim_admin(t: &Server) -> String {
    let id = t.user(SUPER_ADMIN).await;
    assert_eq!(id, t.account.member_id.as_str());
    id
}

/// Gives the first administrator another role behind the guard's back, to set a scene.
async fn demote_root(t: &Server, role: &str) {
    t.grant(t.account.member_id.as_str(), role).await;
}
