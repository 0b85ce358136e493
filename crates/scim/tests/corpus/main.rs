//! What the fuzzer found worth keeping, read again without one; and random inputs of the same kind.

#![expect(clippy::expect_used, reason = "a test that expects in vain has failed")]

// Its modules stand beside it, where the fuzz crate finds them too.
#[path = "property.rs"]
mod property;

use std::path::Path;
use std::{fs, panic};

use proptest::prelude::*;

/// What filters, paths and lists of names are made of.
#[rustfmt::skip]
const TOKENS: [&str; 40] = [
    "userName", "emails", "name", "manager", "tags", "sensors", "members", "password", ".value",
    ".type", ".$ref", "value", "type", "display", "reading", "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", ":", " ", " and ", " or ", "not (", "(",
    ")", "[", "]", " eq ", " ne ", " co ", " gt ", " pr", "\"a\"", "\"Work\"", "true", "null", "-1.5", "é",
    ",", "\n", "\\",
];

/// Every input in the corpus of a target.
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        let path = entry.expect("an entry").path();
        let input = fs::read(&path).expect("an input");
        let passed = panic::catch_unwind(|| check(&input));
        assert!(passed.is_ok(), "{} breaks a property", path.display());
        inputs += 1;
    }
    assert!(inputs > 50, "the corpus of {target} has {inputs} inputs");
}

#[test]
fn filters() {
    replay("filter", property::filter);
}

#[test]
fn paths() {
    replay("path", property::path);
}

#[test]
fn patches() {
    replay("patch", property::patch);
}

#[test]
fn resources() {
    replay("resource", property::resource);
}

#[test]
fn lists() {
    replay("list", property::list);
}

proptest! {
    #[test]
    fn any_text(tokens in prop::collection::vec(prop::sample::select(TOKENS.to_vec()), 0..12)) {
        let text = tokens.concat();
        property::filter(text.as_bytes());
        property::path(text.as_bytes());
        property::list(format!("\n\n{text}").as_bytes());
        property::list(format!("1\n2\n\n{text}").as_bytes());
    }

    #[test]
    fn any_request(choices in prop::collection::vec(any::<u8>(), 0..200)) {
        let seed = [b"~".as_slice(), &choices].concat();
        property::resource(&seed);
        property::patch(&seed);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for check in [property::filter, property::path, property::patch, property::resource, property::list] {
            check(&bytes);
        }
    }
}
