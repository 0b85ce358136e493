//! A condition evaluated over the leaves of a document, as a database evaluates it over its index.

use scim::filter::{Condition, Literal, Op, Term};
use scim::resource::Leaf;

/// Whether the document the leaves are of fulfils the condition.
pub fn holds(condition: &Condition, leaves: &[Leaf]) -> bool {
    match condition {
        Condition::And(parts) => parts.iter().all(|part| holds(part, leaves)),
        Condition::Or(parts) => parts.iter().any(|part| holds(part, leaves)),
        Condition::Not(part) => !holds(part, leaves),
        Condition::Present(term) => at(term, leaves).next().is_some(),
        Condition::Compare { term, op, value: Literal::Key(wanted) } => {
            compare(at(term, leaves).map(|leaf| leaf.key.as_str()), *op, wanted)
        }
        Condition::Compare { .. } => unreachable!("`bind` leaves no null to compare with"),
        Condition::Any { term, of } => at(term, leaves).any(|value| {
            let parts: Vec<Leaf> =
                leaves.iter().filter(|leaf| leaf.element == value.element).cloned().collect();
            holds(of, &parts)
        }),
    }
}

fn at<'a>(term: &Term, leaves: &'a [Leaf]) -> impl Iterator<Item = &'a Leaf> {
    leaves.iter().filter(|leaf| leaf.path == term.name)
}

fn compare<'a>(mut keys: impl Iterator<Item = &'a str>, op: Op, wanted: &str) -> bool {
    match op {
        Op::Eq => keys.any(|key| key == wanted),
        Op::Ne => keys.all(|key| key != wanted),
        Op::Co => keys.any(|key| key.contains(wanted)),
        Op::Sw => keys.any(|key| key.starts_with(wanted)),
        Op::Ew => keys.any(|key| key.ends_with(wanted)),
        Op::Gt => keys.any(|key| key > wanted),
        Op::Ge => keys.any(|key| key >= wanted),
        Op::Lt => keys.any(|key| key < wanted),
        Op::Le => keys.any(|key| key <= wanted),
    }
}
