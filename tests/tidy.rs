//! The rules of the house that no compiler keeps, checked by one walk over the sources.

#![expect(clippy::expect_used, reason = "a test that expects in vain has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may depend on. A new dependency is an edit here, and shows in review.
const DEPENDENCIES: [(&str, &[&str]); 5] = [
    ("scim", &["jiff", "serde", "serde_json", "unicode-normalization"]),
    ("domain", &["aws-lc-rs", "jiff", "scim", "serde", "serde_json", "thiserror", "uuid"]),
    (
        "store",
        &[
            "deadpool-postgres",
            "domain",
            "refinery",
            "rusqlite",
            "scim",
            "serde_json",
            "tempfile",
            "thiserror",
            "tokio",
            "tokio-postgres",
        ],
    ),
    ("simulator", &["reqwest", "serde", "serde_json", "tokio"]),
    (
        "server",
        &[
            "anyhow",
            "askama",
            "axum",
            "base64",
            "clap",
            "domain",
            "governor",
            "hyper",
            "hyper-util",
            "indicatif",
            "metrics",
            "metrics-exporter-prometheus",
            "mimalloc",
            "percent-encoding",
            "reqwest",
            "scim",
            "serde",
            "serde_json",
            "simulator",
            "store",
            "tempfile",
            "thiserror",
            "tokio",
            "toml",
            "tower",
            "tower-http",
            "tracing",
            "tracing-subscriber",
        ],
    ),
];

/// Lines of a production file, tests not counted. A file that needs more says two things.
const LINES_MAX: usize = 400;

/// Files that are longer, and how long they may be. This list only ever shrinks.
const LONGER: [(&str, usize); 1] = [("crates/scim/src/schema/core.rs", 420)];

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The file without its inline tests and without comments.
    fn production(&self) -> String {
        let code = self.text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// Every Rust file below `crates/*/src`.
fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    for (name, _) in DEPENDENCIES {
        walk(&root().join("crates").join(name).join("src"), &mut found);
    }
    assert!(found.len() > 50, "the walk finds the sources");
    found
}

fn walk(folder: &Path, found: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("text");
            let path = path.strip_prefix(root()).expect("below the root");
            found.push(Source { path: path.display().to_string(), text });
        }
    }
}

/// Asserts that no file but the allowed ones holds any of the words.
fn only(words: &[&str], allowed: impl Fn(&str) -> bool, rule: &str) {
    let mut broken = Vec::new();
    for source in sources().iter().filter(|source| !allowed(&source.path)) {
        let code = source.production();
        broken.extend(
            words
                .iter()
                .filter(|word| code.contains(**word))
                .map(|word| (source.path.clone(), *word)),
        );
    }
    assert!(broken.is_empty(), "{rule}: {broken:?}");
}

#[test]
fn crates_depend_only_on_what_they_may() {
    for (name, allowed) in DEPENDENCIES {
        let path = root().join("crates").join(name).join("Cargo.toml");
        let text = fs::read_to_string(path).expect("a manifest");
        let manifest: toml::Table = toml::from_str(&text).expect("TOML");
        let has: BTreeSet<&str> = match manifest.get("dependencies") {
            Some(toml::Value::Table(table)) => table.keys().map(String::as_str).collect(),
            _ => BTreeSet::new(),
        };
        assert_eq!(has, allowed.iter().copied().collect(), "crates/{name}/Cargo.toml");
        let lints = &manifest["lints"]["workspace"];
        assert_eq!(lints.as_bool(), Some(true), "crates/{name} takes the workspace's lints");
    }
}

#[test]
fn drivers_are_named_in_the_database_s_own_files_only() {
    let own =
        |path: &str| path == "crates/store/src/db.rs" || path.starts_with("crates/store/src/db/");
    only(&["rusqlite", "tokio_postgres", "deadpool", "refinery"], own, "drivers stay in store/db");
}

#[test]
fn the_service_knows_nothing_of_http() {
    let elsewhere = |path: &str| !path.starts_with("crates/server/src/service");
    only(
        &["axum", "crate::http", "StatusCode", "HeaderMap"],
        elsewhere,
        "service verbs know no HTTP",
    );
}

#[test]
fn sql_stands_in_the_store_only() {
    let store = |path: &str| path.starts_with("crates/store/");
    // The one exception asks whether the database answers at all.
    let ready = "crates/server/src/http/observe.rs";
    let words = ["\"SELECT ", "INSERT INTO ", "DELETE FROM ", "\"UPDATE ", " WHERE account_id"];
    only(&words, |path| store(path) || path == ready, "no SQL outside store");
}

#[test]
fn pure_crates_do_no_io() {
    let pure =
        |path: &str| !path.starts_with("crates/scim/") && !path.starts_with("crates/domain/");
    let words =
        ["std::fs", "std::net", "std::env", "std::process", "tokio", "async fn", "println!"];
    only(&words, pure, "scim and domain do no IO");
}

#[test]
fn no_file_is_called_after_nothing() {
    let vague =
        ["util", "utils", "common", "helper", "helpers", "manager", "misc", "traits", "mod"];
    let named: Vec<String> = sources()
        .into_iter()
        .map(|source| source.path)
        .filter(|path| {
            let stem = Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            vague.contains(&stem.unwrap_or_default().as_str())
        })
        .collect();
    assert_eq!(named, Vec::<String>::new());
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|source| !source.text.starts_with("//!") && !source.path.ends_with("/tests.rs"))
        .map(|source| source.path)
        .collect();
    assert_eq!(silent, Vec::<String>::new(), "files without a module doc");
}

#[test]
fn files_are_short() {
    let longer: BTreeMap<&str, usize> = LONGER.into_iter().collect();
    for source in sources().iter().filter(|source| !source.path.ends_with("/tests.rs")) {
        let lines = source.production().lines().count();
        let max = longer.get(source.path.as_str()).copied().unwrap_or(LINES_MAX);
        assert!(lines <= max, "{} has {lines} lines of {max}", source.path);
    }
}

/// A function of the store that no conformance test calls may work on one database only.
#[test]
fn the_conformance_suite_calls_every_function_of_the_store() {
    let folder = root().join("crates/store/tests/conformance");
    let mut tests = Vec::new();
    walk(&folder, &mut tests);
    let tests: String = tests.into_iter().map(|source| source.text).collect();
    let mut missing = Vec::new();
    for source in sources().iter().filter(|source| source.path.starts_with("crates/store/src/")) {
        let module =
            Path::new(&source.path).file_stem().expect("a stem").to_string_lossy().into_owned();
        if source.path.contains("/db") {
            continue;
        }
        for line in source.production().lines() {
            let Some(rest) = line.strip_prefix("pub async fn ") else {
                continue;
            };
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if !tests.contains(&format!("{module}::{name}(")) {
                missing.push(format!("{module}::{name}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

/// A document no machine reads is a document that rots.
#[test]
fn every_path_in_the_documents_exists() {
    let mut missing = Vec::new();
    for document in ["ARCHITECTURE.md", "README.md", CONFORMANCE[0], CONFORMANCE[1]] {
        let text = document_at(document);
        for word in text.split(['`', ' ', '\n', '(', ')', ',']) {
            let word = word.trim_end_matches(['.', ':', ';']);
            let path = word.starts_with("crates/")
                || word.starts_with("docs/")
                || word.starts_with("tests/");
            if path && !word.contains('*') && !root().join(word).exists() {
                missing.push(format!("{document}: {word}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    let architecture = document_at("ARCHITECTURE.md");
    assert!(architecture.lines().count() < 150, "ARCHITECTURE.md stays under 150 lines");
}

/// The pages that say which test holds which requirement.
const CONFORMANCE: [&str; 2] = ["docs/conformance.md", "docs/conformance/rfc7644.md"];

fn document_at(path: &str) -> String {
    fs::read_to_string(root().join(path)).expect("a document")
}

/// Whether a name such as `it::races::one_of_eight` is that of a function in its file. The tests of a
/// module stand in it or in a file of their own.
fn is_a_test(name: &str) -> bool {
    let Some((start, rest)) = name.split_once("::") else {
        return false;
    };
    let folder = match start {
        "it" => "crates/server/tests/it".to_owned(),
        "conformance" => "crates/store/tests/conformance".to_owned(),
        other => format!("crates/{other}/src"),
    };
    let (modules, function) = rest.rsplit_once("::").unwrap_or(("main", rest));
    let inline = modules.strip_suffix("::tests").unwrap_or(modules);
    [modules, inline].iter().any(|modules| {
        let file = root().join(&folder).join(format!("{}.rs", modules.replace("::", "/")));
        let text = fs::read_to_string(file).unwrap_or_default();
        text.lines().map(str::trim_start).any(|line| {
            let line = line.strip_prefix("async ").unwrap_or(line);
            line.strip_prefix("fn ")
                .and_then(|line| line.strip_prefix(function))
                .is_some_and(|rest| rest.starts_with('('))
        })
    })
}

#[test]
fn every_test_in_the_conformance_tables_exists() {
    let mut missing = BTreeSet::new();
    let mut count = 0;
    for document in CONFORMANCE {
        let text = document_at(document);
        let quoted = text.split('`').skip(1).step_by(2);
        for name in quoted.filter(|word| word.contains("::") && !word.ends_with("::")) {
            count += 1;
            if !is_a_test(name) {
                missing.insert(name.to_owned());
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
    assert!(count > 200, "the tables name their tests: {count}");
    assert!(!is_a_test("it::races::no_such_test") && !is_a_test("scim::nowhere::tests::folding"));
}

/// Each section has a row for each word that was counted in it, in order, and the totals are right.
#[test]
fn the_table_of_rfc_7644_is_complete() {
    const LEVELS: [&str; 9] = [
        "MUST",
        "MUST NOT",
        "SHALL",
        "SHALL NOT",
        "REQUIRED",
        "SHOULD",
        "SHOULD NOT",
        "RECOMMENDED",
        "all",
    ];
    let text = document_at(CONFORMANCE[1]);
    let (head, body) = text.split_once("**States.**").expect("two parts");
    let counted: BTreeMap<&str, usize> = rows(head)
        .flat_map(|row| row.chunks(2).map(<[_]>::to_vec).collect::<Vec<_>>())
        .filter_map(|pair| Some((pair[0], pair[1].parse().ok()?)))
        .collect();
    let mut listed: BTreeMap<&str, usize> = BTreeMap::new();
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows(body).filter(|row| row.len() == 5 && row[0].contains('-')) {
        let (section, numbers) = row[0].split_once('-').expect("a section and a number");
        let (first, last) = numbers.split_once('…').unwrap_or((numbers, numbers));
        let (first, last) = (number(first), number(last));
        let before = listed.insert(section, last).unwrap_or_default();
        assert_eq!(first, before + 1, "{}", row[0]);
        assert!(LEVELS.contains(&row[1]), "{}: {}", row[0], row[1]);
        let state = row[3].split([':', ';', ',', ' ']).next().unwrap_or_default();
        assert!(state != "done" || row[4].contains("::"), "{} has a test", row[0]);
        *states.entry(state).or_default() += last + 1 - first;
    }
    assert_eq!(listed, counted);
    let names = ["done", "otherwise", "n/a", "client's", "definition"];
    let totals = rows(body).skip_while(|row| *row != names).nth(1).expect("totals");
    let totals = totals.into_iter().map(number);
    assert_eq!(states, names.into_iter().zip(totals).collect());
}

/// The cells of every row of every table.
fn rows(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'))
        .map(|line| line.split(" | ").map(str::trim).collect())
}

fn number(text: &str) -> usize {
    text.parse().expect(text)
}
