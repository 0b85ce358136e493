//! Both databases have the same migrations, the same tables and the same columns.

use std::collections::BTreeMap;
use std::fs;

/// The SQL of each migration, without what only one database says.
fn migrations(dialect: &str) -> BTreeMap<String, String> {
    let folder = format!("{}/migrations/{dialect}", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(folder).expect("a folder").map(|file| {
        let path = file.expect("a file").path();
        let sql = fs::read_to_string(&path).expect("text");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, sql.replace(" COLLATE \"C\"", "").replace(" WITHOUT ROWID", ""))
    });
    files.collect()
}

#[test]
fn the_two_folders_say_the_same() {
    assert_eq!(migrations("sqlite"), migrations("postgres"));
}

#[test]
fn postgres_orders_every_text_by_its_bytes() {
    let folder = format!("{}/migrations/postgres", env!("CARGO_MANIFEST_DIR"));
    for file in fs::read_dir(folder).expect("a folder") {
        let sql = fs::read_to_string(file.expect("a file").path()).expect("text");
        for line in sql.lines().filter(|line| line.contains(" TEXT")) {
            assert!(line.contains("COLLATE \"C\""), "{line}");
        }
    }
}

/// Opening a database twice changes nothing; opening it from two sides at once doesn't fail.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrations_run_once() {
    for scratch in crate::scratches().await {
        let opened = futures(&scratch.url).await;
        assert!(opened, "{}", scratch.url);
    }
}

async fn futures(url: &str) -> bool {
    let open = |url: String| tokio::spawn(async move { store::Db::open(&url).await.is_ok() });
    let both = (open(url.to_owned()), open(url.to_owned()));
    both.0.await.is_ok_and(|ok| ok) && both.1.await.is_ok_and(|ok| ok)
}
