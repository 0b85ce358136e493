//! Tokens, sessions and links: found by key, worth nothing once they are gone.

use crate::{CHANCE, NOW, both, new_account, new_member};
use domain::id::{SessionId, TokenId};
use domain::secret::{Kind, Secret};
use domain::token::Token;
use std::time::Duration;
use store::session::Session;
use store::{audit, link, session, token};

both! {
    async fn a_token_is_found_by_its_value_only(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let owner = new_member(&mut write, "owner@example.com").await;
        let secret = Secret::new(Kind::UserToken, &CHANCE);
        let row = Token {
            id: TokenId::new(NOW, &CHANCE),
            account_id: account.clone(),
            owner: Some(owner.id.clone()),
            name: "a script".to_owned(),
            policies: Vec::new(),
            not_before: None,
            expires_at: Some(NOW),
            created_at: NOW,
        };
        token::insert(&mut write, &row, &secret).await.expect("a token");
        write.commit().await.expect("a commit");
        let mut conn = db.read_across_accounts().await.expect("a connection");
        let found = token::find(&mut conn, &secret).await.expect("a read").expect("the token");
        assert_eq!((found.id, found.expires_at), (row.id.clone(), Some(NOW)));
        let other = Secret::new(Kind::UserToken, &CHANCE);
        assert!(token::find(&mut conn, &other).await.expect("a read").is_none());
        drop(conn);
        let mut write = db.write(&account).await.expect("a transaction");
        assert_eq!(token::list(&mut write).await.expect("a list").len(), 1);
        let mut second = row.clone();
        second.id = TokenId::new(NOW, &CHANCE);
        token::insert(&mut write, &second, &other).await.expect("a token");
        let ended = token::delete(&mut write, &second.id).await.expect("a token");
        assert_eq!(ended.expect("the token").id, second.id);
        assert!(token::delete(&mut write, &second.id).await.expect("a read").is_none());
        assert_eq!(token::delete_of(&mut write, &owner.id).await.expect("one"), 1);
        write.commit().await.expect("a commit");
        let mut conn = db.read_across_accounts().await.expect("a connection");
        assert!(token::find(&mut conn, &secret).await.expect("a read").is_none());
    }

    async fn a_session_opens_until_it_ends(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let person = new_member(&mut write, "a@example.com").await;
        let expires_at = NOW.plus(Duration::from_secs(60));
        let mut cookies = Vec::new();
        for _ in 0..3 {
            let cookie = Secret::new(Kind::Session, &CHANCE);
            let row = Session {
                id: SessionId::new(NOW, &CHANCE),
                account_id: account.clone(),
                member_id: person.id.clone(),
                expires_at,
            };
            session::insert(&mut write, &row, &cookie, NOW).await.expect("a session");
            cookies.push((row.id, cookie));
        }
        assert!(session::find(&mut write, &cookies[0].1, NOW).await.expect("a read").is_some());
        assert!(session::find(&mut write, &cookies[0].1, expires_at).await.expect("a read").is_none());
        session::delete(&mut write, &cookies[0].0).await.expect("deleted");
        assert!(session::find(&mut write, &cookies[0].1, NOW).await.expect("a read").is_none());
        assert_eq!(session::delete_of(&mut write, &person.id).await.expect("two"), 2);
        assert!(session::find(&mut write, &cookies[1].1, NOW).await.expect("a read").is_none());
    }

    async fn a_link_works_once_and_in_time(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let person = new_member(&mut write, "a@example.com").await;
        let late = NOW.plus(Duration::from_secs(60));
        let links: Vec<Secret> =
            (0..4).map(|_| Secret::new(Kind::SignInLink, &CHANCE)).collect();
        for one in &links {
            link::insert(&mut write, one, &person.id, late).await.expect("a link");
        }
        let whose = link::find(&mut write, &links[0]).await.expect("a read");
        assert_eq!(whose, Some((account.clone(), person.id.clone())));
        let first = link::take(&mut write, &links[0], NOW).await.expect("a read");
        assert_eq!(first, Some(person.id.clone()));
        assert_eq!(link::take(&mut write, &links[0], NOW).await.expect("a read"), None);
        assert_eq!(link::take(&mut write, &links[1], late).await.expect("a read"), None);
        assert_eq!(link::delete_of(&mut write, &person.id).await.expect("two"), 2);
    }

    async fn audit_events_are_read_page_by_page(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        for number in 0..25_i64 {
            let event = domain::audit::Event {
                id: domain::id::EventId::new(NOW, &CHANCE),
                account_id: account.clone(),
                // Pairs share an instant, so that the id has to decide.
                at: domain::Time::from_millis(NOW.millis() + number / 2),
                action: "Update SCIM User".to_owned(),
                kind: if number % 5 == 0 { "create" } else { "update" }.to_owned(),
                actor: domain::audit::Actor::default(),
                origin: domain::audit::Origin::default(),
                product: "members".to_owned(),
                resource_type: "scim_user".to_owned(),
                resource_id: format!("r{number}"),
                resource_name: "somebody".to_owned(),
                before: serde_json::Value::Null,
                after: serde_json::json!({"n": number}),
                notes: vec!["returned".to_owned()],
            };
            audit::append(&mut write, &event).await.expect("an event");
        }
        for ascending in [true, false] {
            let mut listing = audit::Listing {
                since: NOW,
                before: NOW.plus(Duration::from_secs(1)),
                ascending,
                limit: 4,
                after: None,
                matches: Vec::new(),
            };
            let mut seen = Vec::new();
            loop {
                let page = audit::list(&mut write, &listing).await.expect("a page");
                seen.extend(page.iter().map(|event| event.id.clone()));
                match page.last() {
                    Some(last) => listing.after = Some((last.at, last.id.clone())),
                    None => break,
                }
            }
            let unique: std::collections::BTreeSet<_> = seen.iter().collect();
            assert_eq!((seen.len(), unique.len()), (25, 25));
        }
        let only = |not| audit::Listing {
            since: NOW,
            before: NOW.plus(Duration::from_secs(1)),
            ascending: true,
            limit: 100,
            after: None,
            matches: vec![audit::Match {
                field: audit::Field::Kind,
                not,
                values: vec!["create".to_owned(), "delete".to_owned()],
            }],
        };
        assert_eq!(audit::list(&mut write, &only(false)).await.expect("a page").len(), 5);
        assert_eq!(audit::list(&mut write, &only(true)).await.expect("a page").len(), 20);
    }
}
