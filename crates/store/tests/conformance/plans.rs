//! Every statement finds its rows by an index: its cost follows what it finds, not the account.
//!
//! SQLite knows nothing of the data when it plans, so a plan is a property of the statement. The
//! statements are read from the sources; those put together at run time stand below.

use crate::new_account;
use std::collections::BTreeMap;
use std::fs;

/// Tables that grow with an account.
const LARGE: [&str; 8] = [
    "attribute",
    "audit_event",
    "member",
    "membership",
    "policy_grant",
    "resource",
    "person",
    "unique_value",
];

/// Pages as they are put together.
const PAGES: [&str; 8] = [
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User' AND (r.name_key = $2)) \
     AND (1 = 1) ORDER BY r.id LIMIT $3 OFFSET $4",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User' \
     AND (r.external_id IS NOT NULL AND (r.external_id = $2))) AND (1 = 1) ORDER BY r.id LIMIT $3 OFFSET $4",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User' AND (r.id IN \
     (SELECT a.resource_id FROM attribute a WHERE a.account_id = $1 AND a.kind = 'User' \
     AND a.path = $2 AND (a.attribute_key = $3)))) AND (1 = 1) ORDER BY r.id LIMIT $4 OFFSET $5",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User' AND (r.id IN \
     (SELECT s.group_id FROM membership s \
     JOIN member m ON m.account_id = s.account_id AND m.id = s.member_id \
     JOIN user_group g ON g.account_id = s.account_id AND g.id = s.group_id AND g.managed \
     WHERE s.account_id = $1 AND (s.member_id = $2)))) AND (1 = 1) ORDER BY r.id LIMIT $3 OFFSET $4",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User') \
     AND r.id > $2 ORDER BY r.id LIMIT $3 OFFSET $4",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User') \
     AND r.id < $2 ORDER BY r.id DESC LIMIT $3 OFFSET $4",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 AND (r.kind = 'User') \
     AND (r.name_key, r.id) > ($2, $3) ORDER BY r.name_key, r.id LIMIT $4 OFFSET $5",
    "SELECT r.body FROM resource r WHERE r.account_id = $1 \
     AND (r.kind, r.id) > ($2, $3) ORDER BY r.kind, r.id LIMIT $4 OFFSET $5",
];

/// The whole statements in the sources of the store, each with its file.
fn statements() -> Vec<(String, String)> {
    let folder = format!("{}/src", env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for file in fs::read_dir(folder).expect("a folder") {
        let path = file.expect("a file").path();
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for literal in text.split('"').skip(1).step_by(2) {
            let words: Vec<&str> = literal.split_whitespace().collect();
            let statement =
                words.join(" ").replace("\\ ", "").replace("{COLUMNS}", "*").replace("){})", "))");
            let statement = statement.trim_end_matches("{}").to_owned();
            let verb = statement.split(' ').next().unwrap_or_default();
            let whole = ["SELECT", "WITH", "UPDATE", "DELETE"].contains(&verb);
            if whole && statement.contains("$1") && !statement.contains('{') {
                found.push((name.clone(), statement));
            }
        }
    }
    assert!(found.len() > 30, "only {} statements", found.len());
    found.extend(PAGES.iter().map(|page| ("query.rs".to_owned(), (*page).to_owned())));
    found
}

fn parameters(statement: &str) -> usize {
    (1..=30).rev().find(|number| statement.contains(&format!("${number}"))).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_uses_an_index() {
    let scratch = store::db::scratch::Scratch::sqlite().await.expect("SQLite");
    new_account(&scratch.db).await;
    let mut conn = scratch.db.read_across_accounts().await.expect("a connection");
    let mut slow: BTreeMap<String, String> = BTreeMap::new();
    for (file, statement) in statements() {
        let values = vec![store::db::Value::from("x"); parameters(&statement)];
        let plan = conn
            .query_across_accounts(&format!("EXPLAIN QUERY PLAN {statement}"), &values)
            .await
            .unwrap_or_else(|error| panic!("{file}: {error}: {statement}"));
        for mut row in plan {
            let step = row.text(3).expect("a step");
            // A list of everything is bounded where it is asked for, by LIMIT or by the group.
            // Protected members are few by their nature.
            // Tokens are listed whole, for the operator, by hand. An account has a handful of schemas.
            let few = ["member_protected", "api_token", "account_schema"]
                .iter()
                .any(|word| step.contains(word));
            let whole = step.ends_with("(account_id=?)") && !few;
            let scan = LARGE.iter().any(|table| step == format!("SCAN {table}"));
            let sort = file == "query.rs"
                && step.contains("TEMP B-TREE FOR")
                && statement.contains(" > (");
            if whole || scan || sort {
                slow.insert(format!("{file}: {statement}"), step);
            }
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}

/// PostgreSQL looks at its tables; it has to do so while they grow, not a minute later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_knows_a_table_that_grew() {
    let scratch = store::db::scratch::Scratch::postgres().await.expect("PostgreSQL");
    let account = new_account(&scratch.db).await;
    let mut write = scratch.db.write(&account).await.expect("a transaction");
    for number in 0..300 {
        let document = serde_json::json!({"userName": format!("u{number}@example.com")});
        crate::new_user(&mut write, document).await;
    }
    write.commit().await.expect("a commit");
    let sql = "SELECT COUNT(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = 'public' AND c.relname = 'resource' AND c.reltuples >= 300";
    for _ in 0..300 {
        let mut conn = scratch.db.read_across_accounts().await.expect("a connection");
        let rows = conn.query_across_accounts(sql, &[]).await.expect("a count");
        if rows[0].count(0).expect("a count") == 1 {
            return;
        }
        drop(conn);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("PostgreSQL still takes the table for empty");
}
