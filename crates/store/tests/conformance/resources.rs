//! SCIM resources: their columns, their index, their pages.

use crate::{NOW, both, new_account, new_group, new_user};
use serde_json::json;
use store::resource::{self, Index, Kind};
use store::{Error, membership};

both! {
    async fn a_resource_comes_back_as_it_was_written(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let document = json!({"userName": "Ada@Example.com", "externalId": "e1", "active": true});
        let id = new_user(&mut write, document.clone()).await;
        let mut user =
            resource::find(&mut write, Kind::User, &id).await.expect("a read").expect("the user");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&user.body).expect("JSON"), document);
        assert_eq!(user.name_key, "ada@example.com");
        assert!(resource::find(&mut write, Kind::Group, &id).await.expect("a read").is_none());

        user.version = 2;
        user.active = false;
        resource::replace(&mut write, &user, &Index::default()).await.expect("replaced");
        let found = resource::find_for_update(&mut write, Kind::User, &id).await.expect("a read");
        assert_eq!(found.as_ref(), Some(&user));
        let found = resource::find_by_name(&mut write, Kind::User, "ada@example.com").await;
        assert_eq!(found.expect("a read"), Some(user));
        resource::delete(&mut write, Kind::User, &id).await.expect("deleted");
        assert!(resource::find(&mut write, Kind::User, &id).await.expect("a read").is_none());
    }

    async fn two_of_a_name_are_refused_by_the_database_itself(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        new_user(&mut write, json!({"userName": "a@example.com"})).await;
        write.commit().await.expect("a commit");
        let mut write = db.write(&account).await.expect("a transaction");
        let found = resource::find_by_name(&mut write, Kind::User, "a@example.com").await;
        let mut twin = found.expect("a read").expect("the user");
        twin.id = domain::id::derive("twin");
        let error = resource::insert(&mut write, &twin, &Index::default()).await.expect_err("a duplicate");
        assert!(matches!(error, Error::Taken), "{error}");
    }

    async fn users_and_groups_show_each_other(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let ada = new_user(&mut write, json!({"userName": "ada@example.com"})).await;
        let bob = new_user(&mut write, json!({"userName": "bob@example.com"})).await;
        let (one, two) = (new_group(&mut write, "One").await, new_group(&mut write, "Two").await);
        let ids = [ada.clone(), bob.clone(), domain::id::derive("nobody")];
        let mut known = membership::known_users(&mut write, &ids).await.expect("ids");
        known.sort();
        let mut expected = vec![ada.clone(), bob.clone()];
        expected.sort();
        assert_eq!(known, expected);
        membership::add(&mut write, &one, &ids[..2], NOW).await.expect("added");
        membership::add(&mut write, &two, &ids[..1], NOW).await.expect("added");
        let of = membership::groups_of(&mut write, &[&ada]).await.expect("groups");
        let mut names: Vec<&str> = of.iter().map(|pair| pair.group_name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["One", "Two"]);
        let in_both =
            membership::users_of(&mut write, &[one.as_str(), two.as_str()]).await.expect("users");
        assert_eq!(in_both.len(), 3);
        assert_eq!(membership::users_of(&mut write, &[]).await.expect("nobody"), Vec::new());

        resource::touch_groups_of(&mut write, &ada, NOW).await.expect("touched");
        let found = resource::find(&mut write, Kind::Group, two.as_str()).await.expect("a read");
        assert_eq!(found.expect("the group").version, 2);
    }
}
