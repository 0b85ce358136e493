//! Members, user groups, policies and who administers an account.

use crate::{CHANCE, NOW, both, new_account, new_group, new_member};
use domain::account::whole;
use domain::id::PolicyId;
use domain::member::Status;
use domain::policy::{Access, Policy};
use domain::role;
use store::member::{Listing, Order};
use store::{Write, account, group, member, membership, policy};

fn policy_of(write: &Write, role: &str, access: Access) -> Policy {
    let role = role::named(role).expect("a role");
    let mut policy = Policy::of_role(PolicyId::new(NOW, &CHANCE), role, &whole(&write.account()));
    policy.access = access;
    policy
}

const EVERYBODY: Listing<'static> = Listing {
    status: None,
    search: None,
    order: Order::Email,
    descending: false,
    offset: 0,
    limit: 100,
};

both! {
    async fn members_are_listed_found_and_buried(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let zoe = new_member(&mut write, "Zoe@Example.com").await;
        let adam = new_member(&mut write, "adam@example.com").await;
        member::bury(&mut write, &zoe.id, NOW, "{\"policies\":[]}").await.expect("buried");
        let (listed, total) = member::list(&mut write, &EVERYBODY).await.expect("a page");
        assert_eq!((listed.len(), total), (1, 1));
        let found = member::find_by_key(&mut write, "zoe@example.com").await.expect("a read");
        assert_eq!(found.expect("a tombstone").status, Status::Removed);

        // Another person under the same name: the living one is found.
        let again = new_member(&mut write, "zoe@example.com").await;
        let found = member::find_by_key(&mut write, "zoe@example.com").await.expect("a read");
        assert_eq!(found.expect("a member").id, again.id);

        let mut renamed = adam.clone();
        renamed.first_name = "Ada".to_owned();
        renamed.key = "ada@example.com".to_owned();
        member::rename(&mut write, &renamed).await.expect("renamed");
        let found = member::find_for_update(&mut write, &adam.id).await.expect("a read");
        assert_eq!(found.expect("a member").first_name, "Ada");
        renamed.status = Status::Pending;
        member::replace(&mut write, &renamed).await.expect("replaced");
        let pending = Listing { status: Some(Status::Pending), ..EVERYBODY };
        assert_eq!(member::list(&mut write, &pending).await.expect("a page").1, 1);
        let search = Listing { search: Some("zoe@"), ..EVERYBODY };
        assert_eq!(member::list(&mut write, &search).await.expect("a page").1, 1);
    }

    /// Both databases order text by its bytes, so pages agree.
    async fn members_are_ordered_by_bytes(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        for email in ["u1@x", "U4@x", "u2@x", "é@x", "_@x"] {
            new_member(&mut write, email).await;
        }
        let (listed, _) = member::list(&mut write, &EVERYBODY).await.expect("a page");
        let emails: Vec<&str> = listed.iter().map(|member| member.email.as_str()).collect();
        assert_eq!(emails, ["U4@x", "_@x", "u1@x", "u2@x", "é@x"]);
    }

    /// Somebody whose `userName` is no address is shown with another text, and found by that.
    async fn members_are_searched_by_what_is_shown(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let id = new_group(&mut write, "Design").await;
        let mut row = new_member(&mut write, "ada").await;
        membership::add(&mut write, &id, &[row.id.to_string()], NOW).await.expect("added");
        for (email, by_rename) in [("Ada@Work.example", true), ("ÄDA@home.example", false)] {
            row.email = email.to_owned();
            if by_rename {
                member::rename(&mut write, &row).await.expect("renamed");
            } else {
                member::replace(&mut write, &row).await.expect("replaced");
            }
            let key = scim::schema::fold(email);
            for (part, expected) in [(key.as_ref(), 1), ("example", 1), ("nobody", 0)] {
                let search = member::Listing { search: Some(part), ..EVERYBODY };
                let (_, total) = member::list(&mut write, &search).await.expect("a page");
                assert_eq!(total, expected, "{part}");
                let cut = membership::Listing {
                    member: None,
                    fuzzy_email: Some(part),
                    descending: false,
                    offset: 0,
                    limit: 3,
                };
                let (_, total) = membership::list(&mut write, &id, &cut).await.expect("a page");
                assert_eq!(total, expected, "{part}");
            }
        }
    }

    async fn groups_and_their_members(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let id = new_group(&mut write, "Design").await;
        let other = new_group(&mut write, "Sales").await;
        let ids: Vec<String> = {
            let mut ids = Vec::new();
            for number in 0..130 {
                let email = format!("p{number:03}@example.com");
                ids.push(new_member(&mut write, &email).await.id.to_string());
            }
            ids
        };
        for count in [1, 7, 9, 70, 130] {
            let added = membership::add(&mut write, &id, &ids[..count], NOW).await;
            assert!(added.is_ok(), "{count}");
            assert_eq!(membership::ids(&mut write, &id).await.expect("ids").len(), count);
        }
        let again = membership::add(&mut write, &id, &ids, NOW).await.expect("nobody");
        assert_eq!(again, Vec::<String>::new());
        assert_eq!(membership::count(&mut write, &id).await.expect("a count"), 130);
        let cut = membership::Listing {
            member: None,
            fuzzy_email: Some("p00"),
            descending: true,
            offset: 0,
            limit: 3,
        };
        let (page, total) = membership::list(&mut write, &id, &cut).await.expect("a page");
        assert_eq!(total, 10);
        let emails: Vec<&str> = page.iter().map(|(member, _)| member.email.as_str()).collect();
        assert_eq!(emails, ["p009@example.com", "p008@example.com", "p007@example.com"]);

        let removed = membership::remove(&mut write, &id, &ids[..9]).await.expect("nine");
        assert_eq!(removed.len(), 9);
        membership::add(&mut write, &other, &ids[20..21], NOW).await.expect("one");
        let person = domain::id::MemberId::stored(ids[20].clone());
        let joined = membership::groups_joined(&mut write, &person).await.expect("groups");
        assert_eq!(joined.len(), 2);
        assert_eq!(membership::leave(&mut write, &person, false).await.expect("none"), 0);
        assert_eq!(membership::leave(&mut write, &person, true).await.expect("two"), 2);
        assert_eq!(membership::clear(&mut write, &id).await.expect("all").len(), 120);
    }

    async fn user_groups_are_listed_by_name(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        for name in ["Zulu", "alpha", "Älter"] {
            new_group(&mut write, name).await;
        }
        let all = group::Listing {
            id: None, name: None, fuzzy_name: None, descending: false, offset: 0, limit: 10,
        };
        let (groups, total) = group::list(&mut write, &all).await.expect("a page");
        let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!((names, total), (vec!["alpha", "Zulu", "Älter"], 3));
        let part = group::Listing { fuzzy_name: Some("ält"), ..all };
        assert_eq!(group::list(&mut write, &part).await.expect("a page").1, 1);
        let one = group::Listing { id: Some(groups[0].id.as_str()), name: Some("alpha"), ..all };
        assert_eq!(group::list(&mut write, &one).await.expect("a page").1, 1);

        let locked = group::find_for_update(&mut write, &groups[0].id).await.expect("a read");
        assert_eq!(locked.expect("a group").name, "alpha");
        let mut found = group::find_by_name(&mut write, "ZULU").await.expect("a read").expect("it");
        found.name = "Yankee".to_owned();
        group::replace(&mut write, &found).await.expect("renamed");
        group::touch(&mut write, &found.id, NOW).await.expect("touched");
        assert!(group::find_by_name(&mut write, "zulu").await.expect("a read").is_none());
        store::resource::delete(&mut write, store::resource::Kind::Group, found.id.as_str())
            .await.expect("deleted");
        group::delete(&mut write, &found.id).await.expect("deleted");
        assert!(group::find(&mut write, &found.id).await.expect("a read").is_none());
    }

    async fn policies_come_back_as_they_were_given(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let person = new_member(&mut write, "a@example.com").await;
        let mut many = policy_of(&write, "Billing", Access::Allow);
        many.permission_groups.push(role::named("DNS").expect("a role").permission_group());
        let deny = policy_of(&write, "Analytics", Access::Deny);
        let given = vec![many, deny];
        policy::replace(&mut write, person.id.as_str(), &given).await.expect("policies");
        let of = policy::of(&mut write, person.id.as_str()).await.expect("policies");
        let sorted = |policies: &[Policy]| {
            let mut policies = policies.to_vec();
            policies.iter_mut().for_each(|policy| policy.permission_groups.sort());
            policies
        };
        assert_eq!(sorted(&of), sorted(&given));
        let group = new_group(&mut write, "G").await;
        let inherited = policy_of(&write, "Firewall", Access::Allow);
        policy::replace(&mut write, group.as_str(), &[inherited]).await.expect("policies");
        membership::add(&mut write, &group, &[person.id.to_string()], NOW).await.expect("added");
        let effective = policy::effective(&mut write, &person.id).await.expect("policies");
        assert_eq!(effective.len(), 3);
        policy::replace(&mut write, person.id.as_str(), &[]).await.expect("policies");
        policy::begin(&mut write, person.id.as_str(), &given[0]).await.expect("a policy");
        let of = policy::of(&mut write, person.id.as_str()).await.expect("policies");
        assert_eq!(of, given[..1]);
        policy::replace(&mut write, person.id.as_str(), &[]).await.expect("policies");
        assert_eq!(policy::effective(&mut write, &person.id).await.expect("policies").len(), 1);
    }

    async fn policies_of_many_come_at_once(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let (one, two) = (new_member(&mut write, "1@x").await, new_member(&mut write, "2@x").await);
        let billing = policy_of(&write, "Billing", Access::Allow);
        policy::replace(&mut write, one.id.as_str(), &[billing]).await.expect("policies");
        let ids = [one.id.as_str(), two.id.as_str()];
        let policies = policy::list(&mut write, &ids).await.expect("policies");
        assert_eq!(policies.keys().collect::<Vec<_>>(), [one.id.as_str()]);
        assert!(policy::list(&mut write, &[]).await.expect("nothing").is_empty());
    }

    async fn accounts_are_found_listed_and_locked(db) {
        let (one, two) = (new_account(db).await, new_account(db).await);
        let mut write = db.write(&one).await.expect("a transaction");
        account::lock(&mut write).await.expect("a lock");
        let found = account::find(&mut write, &two).await.expect("a read").expect("the account");
        assert_eq!(found.name, "Example");
        let listed = account::list(&mut write).await.expect("accounts");
        let mut expected = vec![one, two];
        expected.sort();
        assert_eq!(listed.into_iter().map(|account| account.id).collect::<Vec<_>>(), expected);
    }

    /// Directly, through a group, and not where it is denied or the person is out.
    async fn who_administers_an_account(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let mut people = Vec::new();
        for name in ["direct", "grouped", "denied", "pending", "nobody"] {
            people.push(new_member(&mut write, &format!("{name}@example.com")).await);
        }
        let allow = policy_of(&write, role::SUPER_ADMINISTRATOR, Access::Allow);
        let deny = policy_of(&write, role::SUPER_ADMINISTRATOR, Access::Deny);
        let group = new_group(&mut write, "Admins").await;
        policy::replace(&mut write, group.as_str(), std::slice::from_ref(&allow)).await.expect("set");
        let ids: Vec<String> = people[1..4].iter().map(|one| one.id.to_string()).collect();
        membership::add(&mut write, &group, &ids, NOW).await.expect("added");
        policy::replace(&mut write, people[0].id.as_str(), &[allow]).await.expect("set");
        policy::replace(&mut write, people[2].id.as_str(), &[deny]).await.expect("set");
        people[3].status = Status::Pending;
        let pending = people[3].clone();
        member::replace(&mut write, &pending).await.expect("pending");
        let role = role::super_administrator();
        let holders = policy::holders(&mut write, role, 10).await.expect("holders");
        let mut expected = vec![people[0].id.clone(), people[1].id.clone()];
        expected.sort();
        assert_eq!(holders, expected);
        assert!(policy::mentions(&mut write, group.as_str(), role).await.expect("a read"));
        assert!(!policy::mentions(&mut write, people[4].id.as_str(), role).await.expect("a read"));
    }
}
