//! Transactions: all or nothing, one account each, and none lost when many write at once.

use crate::{both, new_account, new_group, new_member};
use store::{Error, Write, group, member, membership};

async fn members(db: &store::Db, account: &domain::id::AccountId) -> u64 {
    let mut conn = db.read(account).await.expect("a connection");
    let rows = conn
        .query("SELECT COUNT(*) FROM member WHERE account_id = $1", &[])
        .await
        .expect("a count");
    rows[0].count(0).expect("a count")
}

both! {
    async fn a_dropped_transaction_never_was(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        new_member(&mut write, "lost@example.com").await;
        drop(write);
        let mut write = db.write(&account).await.expect("a transaction");
        new_member(&mut write, "kept@example.com").await;
        write.commit().await.expect("a commit");
        assert_eq!(members(db, &account).await, 1);
    }

    /// One failed verb in a batch takes nobody else down with it.
    async fn a_failure_spoils_only_its_own_transaction(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        new_member(&mut write, "first@example.com").await;
        write.commit().await.expect("a commit");
        let verbs = (0..20).map(|number| {
            let (db, account) = (db.clone(), account.clone());
            tokio::spawn(async move {
                let mut write = db.write(&account).await.expect("a transaction");
                let email = format!("person{number}@example.com");
                let mut row = new_member(&mut write, &email).await;
                if number % 2 == 0 {
                    row.id = domain::id::MemberId::new(crate::NOW, &crate::CHANCE);
                    let error = member::insert(&mut write, &row).await.expect_err("a duplicate");
                    assert!(matches!(error, Error::Taken), "{error}");
                    return;
                }
                write.commit().await.expect("a commit");
            })
        });
        for verb in verbs.collect::<Vec<_>>() {
            verb.await.expect("a verb");
        }
        assert_eq!(members(db, &account).await, 11);
    }

    /// Sees its own changes before they are committed; others don't.
    async fn a_transaction_is_isolated(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let row = new_member(&mut write, "me@example.com").await;
        assert!(member::find(&mut write, &row.id).await.expect("a read").is_some());
        assert_eq!(members(db, &account).await, 0);
        write.commit().await.expect("a commit");
        assert_eq!(members(db, &account).await, 1);
    }

    async fn a_statement_without_its_account_is_refused(db) {
        let account = new_account(db).await;
        let mut conn = db.read(&account).await.expect("a connection");
        let error = conn.query("SELECT id FROM member", &[]).await.expect_err("unscoped");
        assert!(matches!(error, Error::Corrupt(_)), "{error}");
        let mut across = db.read_across_accounts().await.expect("a connection");
        let sql = "SELECT id FROM member WHERE account_id = $1";
        assert!(across.query(sql, &[]).await.is_err());
    }

    async fn an_account_never_sees_the_rows_of_another(db) {
        let (mine, other) = (new_account(db).await, new_account(db).await);
        let mut write = db.write(&other).await.expect("a transaction");
        let row = new_member(&mut write, "theirs@example.com").await;
        let theirs = new_group(&mut write, "Theirs").await;
        write.commit().await.expect("a commit");
        let mut write = db.write(&mine).await.expect("a transaction");
        assert!(member::find(&mut write, &row.id).await.expect("a read").is_none());
        assert!(member::find_by_key(&mut write, &row.key).await.expect("a read").is_none());
        assert!(group::find(&mut write, &theirs).await.expect("a read").is_none());
        let ids = [row.id.to_string()];
        let added = membership::add(&mut write, &theirs, &ids, crate::NOW).await;
        assert!(added.is_ok_and(|added| added.is_empty()));
    }

    /// The lost update that read-then-replace has: all of 200 concurrent changes must be kept.
    async fn concurrent_changes_of_one_group_are_all_kept(db) {
        let account = new_account(db).await;
        let mut write = db.write(&account).await.expect("a transaction");
        let group = new_group(&mut write, "Everybody").await;
        let mut people = Vec::new();
        for number in 0..200 {
            people.push(new_member(&mut write, &format!("p{number}@example.com")).await.id);
        }
        write.commit().await.expect("a commit");
        let verbs = people.chunks(25).map(|people| {
            let (db, account, group) = (db.clone(), account.clone(), group.clone());
            let people = people.to_vec();
            tokio::spawn(async move {
                for person in people {
                    let mut write = db.write(&account).await.expect("a transaction");
                    add_counting(&mut write, &group, person.as_str()).await;
                    write.commit().await.expect("a commit");
                }
            })
        });
        for verb in verbs.collect::<Vec<_>>() {
            verb.await.expect("a verb");
        }
        let mut conn = db.read(&account).await.expect("a connection");
        assert_eq!(membership::ids(&mut conn, &group).await.expect("ids").len(), 200);
        let kind = store::resource::Kind::Group;
        let found = store::resource::find(&mut conn, kind, group.as_str()).await;
        assert_eq!(found.expect("a read").expect("a group").version, 201);
    }

    async fn text_survives_whatever_it_holds(db) {
        let account = new_account(db).await;
        let odd = "Zoë O'Neil \"%_\\ 漢字 🦀 \u{10ffff} $1 ?1";
        let mut write = db.write(&account).await.expect("a transaction");
        let row = new_member(&mut write, odd).await;
        write.commit().await.expect("a commit");
        let mut conn = db.read(&account).await.expect("a connection");
        let found = member::find(&mut conn, &row.id).await.expect("a read").expect("a member");
        assert_eq!(found.email, odd);
    }
}

/// Locks the group's row, adds a member, counts the version up from what it read.
async fn add_counting(write: &mut Write, group: &domain::id::GroupId, person: &str) {
    let kind = store::resource::Kind::Group;
    let found = store::resource::find_for_update(write, kind, group.as_str()).await;
    let mut row = found.expect("a read").expect("a group");
    membership::add(write, group, &[person.to_owned()], crate::NOW).await.expect("a member");
    row.version += 1;
    store::resource::touch(write, &row).await.expect("a touch");
}

/// Whoever waits for the writer and goes away leaves it usable.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_go_away_leave_no_transaction_behind() {
    for scratch in crate::scratches().await {
        let db = &scratch.db;
        let account = new_account(db).await;
        for micros in 0..60_u64 {
            let (db, account) = (db.clone(), account.clone());
            let verb = tokio::spawn(async move {
                let mut write = db.write(&account).await.expect("a transaction");
                new_member(&mut write, &format!("gone{micros}@example.com")).await;
                std::future::pending::<()>().await;
            });
            tokio::time::sleep(std::time::Duration::from_micros(micros * 50)).await;
            verb.abort();
        }
        let mut write = db.write(&account).await.expect("a transaction");
        new_member(&mut write, "stays@example.com").await;
        write.commit().await.expect("a commit");
        assert_eq!(members(db, &account).await, 1, "{}", scratch.url);
    }
}

/// Whoever goes away in the middle of a long read gives the connection back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_who_go_away_use_up_no_connection() {
    for scratch in crate::scratches().await {
        let db = &scratch.db;
        let account = new_account(db).await;
        for micros in 0..60_u64 {
            let (db, account) = (db.clone(), account.clone());
            let read = tokio::spawn(async move {
                let mut conn = db.read(&account).await.expect("a connection");
                let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
                           WHERE i < 20000) SELECT COUNT(*) FROM n WHERE 'x' <> ($1)";
                conn.scan(sql, &[]).await.expect("rows").len()
            });
            tokio::time::sleep(std::time::Duration::from_micros(micros * 20)).await;
            read.abort();
        }
        assert_eq!(members(db, &account).await, 0, "{}", scratch.url);
    }
}

/// A statement that would run for ever is cut off, and look-ups go on while it and many like it wait.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_reads_are_cut_off_and_hold_nobody_up() {
    for scratch in crate::scratches().await {
        let (db, account) = (scratch.db.clone(), new_account(&scratch.db).await);
        let endless = (0..20).map(|_| {
            let (db, account) = (db.clone(), account.clone());
            tokio::spawn(async move {
                let mut conn = db.read(&account).await.expect("a connection");
                let sql = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i % 7 + 1 FROM n) \
                           SELECT COUNT(*) FROM n WHERE 'x' <> ($1)";
                conn.scan(sql, &[]).await
            })
        });
        let endless: Vec<_> = endless.collect();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        let looked =
            tokio::time::timeout(std::time::Duration::from_secs(8), members(&db, &account));
        assert_eq!(looked.await.expect("in time"), 0, "{}", scratch.url);
        let first = endless.into_iter().next().expect("one of them").await.expect("an outcome");
        assert!(matches!(first, Err(Error::TooLong)), "{first:?} on {}", scratch.url);
    }
}
