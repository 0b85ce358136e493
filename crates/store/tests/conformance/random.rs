//! Any filter finds in the database what it finds in memory, over resources with every type of
//! attribute. The choices are random and the same in every run.

mod dice;
mod grammar;
mod pool;
pub mod world;

use crate::{both, matching};
use dice::Dice;
use grammar::Grammar;
use scim::filter::{Condition, Filter};
use scim::schema::ResourceType;
use std::collections::BTreeSet;
use store::resource::{Kind, Resource};
use store::{Conn, Db};
use world::Shown;

const FILTERS_OF_USERS: usize = 8_000;
const FILTERS_OF_GROUPS: usize = 2_500;
/// How many of a hundred filters must find some resources and not all.
const TELLING_MIN: usize = 30;

/// The ids that the database finds.
async fn found(conn: &mut Conn, kind: Kind, condition: &Condition, text: &str) -> BTreeSet<String> {
    let (found, total) =
        matching(conn, kind, condition).await.unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(total, found.len() as u64, "{text}");
    found.into_iter().map(|one: Resource| one.id).collect()
}

fn bound(text: &str, rt: &ResourceType) -> Condition {
    let filter = Filter::parse(text, &domain::limits::scim());
    filter.and_then(|filter| filter.bind(rt)).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Asks so many filters; says how many of them found some and not all.
async fn ask(conn: &mut Conn, dice: &Dice, kind: Kind, shown: &[Shown], count: usize) -> usize {
    let rt = world::types(kind);
    let grammar = Grammar::new(dice, &rt, shown);
    let mut telling = 0;
    for number in 0..count {
        let text = grammar.filter(number % 4);
        let condition = bound(&text, &rt);
        let expected: BTreeSet<String> = shown
            .iter()
            .filter(|one| condition.matches(&one.document))
            .map(|one| one.id.clone())
            .collect();
        let found = found(conn, kind, &condition, &text).await;
        if found != expected {
            let wrong: Vec<&String> = found.symmetric_difference(&expected).collect();
            let one = shown.iter().find(|one| &one.id == wrong[0]).map(|one| &one.document);
            panic!(
                "{text:?} is wrong about {} {kind:?}s; the database finds this one: {}\n{}",
                wrong.len(),
                found.contains(wrong[0]),
                serde_json::to_string_pretty(&one).expect("JSON")
            );
        }
        telling += usize::from(!found.is_empty() && found.len() < shown.len());
    }
    telling
}

async fn compare(db: &Db) {
    let dice = Dice::new(7644);
    let (account, users, groups) = world::fill_account(db).await;
    let mut conn = db.read(&account).await.expect("a connection");
    for (kind, shown, count) in
        [(Kind::User, users, FILTERS_OF_USERS), (Kind::Group, groups, FILTERS_OF_GROUPS)]
    {
        let telling = ask(&mut conn, &dice, kind, &shown, count).await;
        assert!(telling * 100 >= count * TELLING_MIN, "only {telling} of {count} for {kind:?}");
    }
}

both! {
    async fn random_filters_find_what_memory_finds(db) {
        compare(db).await;
    }
}
