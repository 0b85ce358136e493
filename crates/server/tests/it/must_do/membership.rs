//! Line 18: the forms in which group membership is changed.

use super::sent;
use crate::harness::{Server, both};
use serde_json::{Value, json};

/// Three users in the order of their ids, and a group of the first two.
struct Team {
    ids: [String; 3],
    group: String,
}

impl Team {
    async fn new(t: &Server) -> Team {
        let mut ids = [
            t.user("ann@example.com").await,
            t.user("bob@example.com").await,
            t.user("cy@example.com").await,
        ];
        ids.sort();
        let group = t.group("Sales", &[&ids[0], &ids[1]]).await;
        Team { ids, group }
    }

    /// Applies the operations and says who is in then: the numbers of the users.
    async fn after(&self, t: &Server, operations: Value) -> Vec<usize> {
        let answer = t.patch(&format!("/Groups/{}", self.group), operations).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
        self.now(t).await
    }

    async fn now(&self, t: &Server) -> Vec<usize> {
        let place = |id: String| self.ids.iter().position(|one| *one == id).expect("one of us");
        t.members(&self.group).await.into_iter().map(place).collect()
    }

    fn only(&self, id: usize) -> String {
        format!("members[value eq \"{}\"]", self.ids[id])
    }
}

both! {
    async fn line_18_adding_members_is_idempotent(t) {
        let team = Team::new(t).await;
        let [a, b, c] = &team.ids;
        for (value, expected) in [
            (json!([{"value": c}]), vec![0, 1, 2]),
            (json!([{"value": c}]), vec![0, 1, 2]),
            (json!([{"value": a}, {"value": b}, {"value": c}, {"value": a}]), vec![0, 1, 2]),
        ] {
            let add = json!([{"op": "add", "path": "members", "value": value}]);
            assert_eq!(team.after(t, add).await, expected, "{value}");
        }
        let before = t.everything().await;
        team.after(t, json!([{"op": "Add", "path": "members", "value": [{"value": a}]}])).await;
        assert_eq!(t.everything().await, before);
    }

    async fn line_18_a_member_needs_neither_type_nor_reference(t) {
        let team = Team::new(t).await;
        let c = &team.ids[2];
        for member in [
            json!({"value": c}),
            json!({"$ref": null, "value": c}),
            json!({"value": c, "display": "test.user@okta.local"}),
            json!({"value": c, "type": "User", "$ref": "../Users/x", "displayName": "C"}),
            json!({"Value": c, "Display": null}),
            json!(c),
        ] {
            for value in [json!([member]), member.clone()] {
                assert_eq!(team.after(t, json!([{"op": "remove", "path": team.only(2)}])).await, [0, 1]);
                let add = json!([{"op": "add", "path": "members", "value": value}]);
                assert_eq!(team.after(t, add).await, [0, 1, 2], "{value}");
            }
        }
        let shown = t.read(&format!("/Groups/{}", team.group)).await;
        let last = &shown["members"].as_array().unwrap()[2];
        assert_eq!((&last["type"], &last["value"]), (&json!("User"), &json!(c)));
        assert_eq!(last["$ref"], t.scim_url(&format!("/Users/{c}")));
    }

    /// What members are called is the server's to know, and the schema says so.
    async fn line_18_the_name_of_a_member_is_read_only(t) {
        let team = Team::new(t).await;
        let path = format!("/Groups/{}", team.group);
        let before = t.read(&path).await;
        assert_eq!(before["members"][0]["display"], "ann@example.com");
        let schema = t.read(&format!("/Schemas/{}", sent::GROUP)).await;
        let members = &schema["attributes"][1]["subAttributes"];
        assert_eq!((&members[3]["name"], &members[3]["mutability"]), (&json!("display"), &json!("readOnly")));
        let named = format!("{}.display", team.only(0));
        let listed = json!([{"value": team.ids[0], "display": "x"}]);
        for (op, path, value) in [("replace", &*named, json!("x")), ("remove", &named, json!(null)), ("add", "members", listed)] {
            assert_eq!(team.after(t, json!([{"op": op, "path": path, "value": value}])).await, [0, 1]);
        }
        assert_eq!(t.read(&path).await, before);
    }

    async fn line_18_a_filter_removes_one_member(t) {
        let team = Team::new(t).await;
        assert_eq!(team.after(t, json!([{"op": "remove", "path": team.only(0)}])).await, [1]);
        // Somebody who isn't in, or isn't at all, is out already.
        assert_eq!(team.after(t, json!([{"op": "remove", "path": team.only(0)}])).await, [1]);
        assert_eq!(team.after(t, json!([{"op": "remove", "path": "members[value eq \"nobody\"]"}])).await, [1]);
        // The RFC's own example has no blank before the quote.
        let tight = format!("members[value eq\"{}\"]", team.ids[1]);
        assert_eq!(team.after(t, json!([{"op": "Remove", "path": tight}])).await, Vec::<usize>::new());
    }

    /// To wipe the group instead is the classic bug.
    async fn line_18_a_remove_with_a_list_removes_only_the_listed(t) {
        let team = Team::new(t).await;
        let [a, b, c] = &team.ids;
        for (value, expected) in [
            (json!([{"$ref": null, "value": a}]), vec![1]),
            (json!([{"value": a}, {"value": c}]), vec![1]),
            (json!({"value": a}), vec![1]),
            (json!([a]), vec![1]),
            (json!([{"value": "nobody"}]), vec![0, 1]),
            (json!([]), vec![0, 1]),
            (json!([{"value": a}, {"value": b}]), vec![]),
        ] {
            let all = json!([{"op": "replace", "path": "members", "value": [{"value": a}, {"value": b}]}]);
            assert_eq!(team.after(t, all).await, [0, 1]);
            for op in ["Remove", "remove"] {
                let remove = json!([{"op": op, "path": "members", "value": value}]);
                assert_eq!(team.after(t, remove).await, expected, "{op} {value}");
            }
        }
    }

    async fn line_18_a_remove_without_a_value_empties_the_group(t) {
        let team = Team::new(t).await;
        for operation in [json!({"op": "remove", "path": "members"}), json!({"op": "Remove", "path": "members", "value": null})] {
            let fill = json!([{"op": "add", "path": "members", "value": [{"value": team.ids[2]}]}]);
            assert!(!team.after(t, fill).await.is_empty());
            assert_eq!(team.after(t, json!([operation])).await, Vec::<usize>::new());
        }
        let shown = t.read(&format!("/Groups/{}", team.group)).await;
        assert_eq!((shown.get("members"), &shown["displayName"]), (None, &json!("Sales")));
    }

    async fn line_18_replacing_members_leaves_exactly_those(t) {
        let team = Team::new(t).await;
        let [a, b, c] = &team.ids;
        for (value, expected) in [
            (json!([{"value": b, "display": "b"}, {"value": c, "display": "c"}]), vec![1, 2]),
            (json!([{"value": a}]), vec![0]),
            (json!([]), vec![]),
            (json!([{"value": c}, {"value": c}]), vec![2]),
        ] {
            let named = json!([{"op": "replace", "path": "members", "value": value}]);
            assert_eq!(team.after(t, named).await, expected, "{value}");
            team.after(t, json!([{"op": "replace", "path": "members", "value": [{"value": b}]}])).await;
            let included = json!([{"op": "replace", "value": {"members": value}}]);
            assert_eq!(team.after(t, included).await, expected, "{value}");
        }
    }

    /// Okta sends this before every change of members.
    async fn line_18_a_rename_without_a_path_leaves_the_members(t) {
        let team = Team::new(t).await;
        for name in ["Sales", "Sales Europe"] {
            let rename = json!([{"op": "replace", "value": {"id": team.group, "displayName": name}}]);
            assert_eq!(team.after(t, rename).await, [0, 1], "{name}");
            assert_eq!(t.read(&format!("/Groups/{}", team.group)).await["displayName"], name);
        }
    }

    async fn line_18_a_put_of_the_whole_group_replaces_its_members(t) {
        let team = Team::new(t).await;
        let path = format!("/Groups/{}", team.group);
        let [a, _, c] = &team.ids;
        let okta = json!({"schemas": [sent::GROUP], "displayName": "Test SCIMv2",
            "members": [{"value": c, "display": "test.user@okta.local"}]});
        let put = t.scim("PUT", &path, Some(&okta)).await.expect(200);
        assert_eq!((&put["id"], &put["displayName"]), (&json!(team.group), &json!("Test SCIMv2")));
        assert_eq!(team.now(t).await, [2]);
        // What GET returned can be put back, with one more.
        let mut whole = t.read(&path).await;
        whole["members"].as_array_mut().unwrap().push(json!({"value": a}));
        t.scim("PUT", &path, Some(&whole)).await.expect(200);
        assert_eq!(team.now(t).await, [0, 2]);
        t.scim("PUT", &path, Some(&json!({"displayName": "Test SCIMv2", "members": []}))).await.expect(200);
        assert_eq!(team.now(t).await, Vec::<usize>::new());
    }

    /// Okta: one removal for each user and one addition for all; authentik: one operation for each.
    async fn line_18_a_request_may_hold_many_operations(t) {
        let team = Team::new(t).await;
        let [a, b, c] = &team.ids;
        let okta = json!([
            {"op": "remove", "path": team.only(0)},
            {"op": "remove", "path": team.only(1)},
            {"op": "add", "path": "members", "value": [{"value": c, "display": "c@example.com"}]},
        ]);
        assert_eq!(team.after(t, okta).await, [2]);
        let authentik = json!([
            {"op": "add", "path": "members", "value": [{"value": a}]},
            {"op": "add", "path": "members", "value": [{"value": b}]},
            {"op": "remove", "path": "members", "value": [{"value": c}]},
        ]);
        assert_eq!(team.after(t, authentik).await, [0, 1]);
        // Each works on the outcome of the one before.
        let order = json!([
            {"op": "add", "path": "members", "value": [{"value": c}]},
            {"op": "remove", "path": team.only(2)},
            {"op": "remove", "path": team.only(0)},
            {"op": "add", "path": "members", "value": [{"value": a}]},
        ]);
        assert_eq!(team.after(t, order).await, [0, 1]);
        let mixed = json!([
            {"op": "Replace", "path": "displayName", "value": "Both"},
            {"op": "Remove", "path": "members"},
            {"op": "Add", "path": "members", "value": [{"value": c}]},
        ]);
        assert_eq!(team.after(t, mixed).await, [2]);
        assert_eq!(t.read(&format!("/Groups/{}", team.group)).await["displayName"], "Both");
    }
}
