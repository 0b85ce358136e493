//! Members: what the operations on them come to.
//!
//! A group may have a hundred thousand members; adding one must not read the others. So this
//! file keeps only the change, and looks at present members when a filter asks for more than ids.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use super::operation::{Step, Verb};
use super::{Member, MemberChange};
use crate::error::quote;
use crate::filter::{Condition, Filter, Op};
use crate::limits::Limits;
use crate::path::resolve;
use crate::resource::{is_unassigned, read_members};
use crate::schema::ResourceType;
use crate::{Error, Result};

/// The change so far. `added` remembers the order.
#[derive(Debug)]
pub(super) struct Membership<'a> {
    present: Option<&'a [Member]>,
    clear: bool,
    added: HashMap<String, usize>,
    removed: BTreeSet<String>,
    clock: usize,
}

/// How many comparisons the steps make with each member. Those that choose members by their ids
/// need not see them.
pub(super) fn terms(steps: &[Step], rt: &ResourceType, limits: &Limits) -> Result<usize> {
    let walks = steps.iter().filter(|step| {
        let filter = step.path.filter.as_ref();
        filter.is_some_and(|filter| ids(filter).is_none())
            && resolve(&step.path.attr, rt).is_some_and(|target| {
                target.extension.is_none() && rt.is_rows(&target.attribute.name)
            })
    });
    let terms = walks.filter_map(|step| step.path.filter.as_ref()).map(Filter::terms).sum();
    if terms > limits.filter_terms {
        return Err(Error::invalid_filter(format!(
            "the operations search the members by {terms} terms, more than the {} allowed",
            limits.filter_terms
        )));
    }
    Ok(terms)
}

/// The ids a filter chooses, if it says so itself: an and/or of `value eq "x"`.
fn ids(filter: &Filter) -> Option<BTreeSet<String>> {
    match filter {
        Filter::Compare { path, op: Op::Eq, value }
            if path.name.eq_ignore_ascii_case("value") && path.sub.is_none() =>
        {
            match value {
                Value::String(id) => Some(BTreeSet::from([id.clone()])),
                Value::Number(id) => Some(BTreeSet::from([id.to_string()])),
                _ => None,
            }
        }
        Filter::Or(parts) => parts.iter().try_fold(BTreeSet::new(), |mut all, part| {
            all.append(&mut ids(part)?);
            Some(all)
        }),
        Filter::And(parts) => {
            let mut sets = parts.iter().map(ids);
            let first = sets.next()??;
            sets.try_fold(first, |common, set| Some(&common & &set?))
        }
        _ => None,
    }
}

impl<'a> Membership<'a> {
    pub(super) fn new(present: Option<&'a [Member]>) -> Membership<'a> {
        Membership {
            present,
            clear: false,
            added: HashMap::new(),
            removed: BTreeSet::new(),
            clock: 0,
        }
    }

    pub(super) fn run(&mut self, step: &Step, rows: &str, limits: &Limits) -> Result<()> {
        let sub = step.path.attr.sub.as_deref();
        // To remove the `value` of a member is to remove the member.
        let whole = sub.is_none_or(|sub| sub.eq_ignore_ascii_case("value"));
        match (&step.path.filter, &step.condition, step.verb) {
            (Some(filter), Some(condition), Verb::Remove) if whole => {
                for id in self.chosen(filter, condition)? {
                    self.remove(&id);
                }
                Ok(())
            }
            (Some(filter), _, _) => self.add_described(step, filter, rows, limits),
            _ if sub.is_some() => Err(immutable(rows)),
            (_, _, verb) => self.whole(verb, step.value.as_ref(), rows, limits),
        }
    }

    pub(super) fn into_change(self) -> MemberChange {
        let mut add: Vec<(String, usize)> = self.added.into_iter().collect();
        add.sort_by_key(|(_, order)| *order);
        MemberChange {
            clear: self.clear,
            add: add.into_iter().map(|(id, _)| id).collect(),
            remove: self.removed.into_iter().collect(),
        }
    }

    fn whole(
        &mut self,
        verb: Verb,
        value: Option<&Value>,
        rows: &str,
        limits: &Limits,
    ) -> Result<()> {
        let value = value.unwrap_or(&Value::Null);
        match verb {
            Verb::Remove if value.is_null() => self.remove_all(),
            Verb::Remove => {
                for id in read_members(value, rows, limits)? {
                    self.remove(&id);
                }
            }
            Verb::Add | Verb::Replace => {
                // A path-less `{"members": ""}` says as little as null.
                let nothing = value.as_str().is_some_and(str::is_empty);
                let sent = if nothing { &Value::Null } else { value };
                let ids = read_members(sent, rows, limits)?;
                if verb == Verb::Replace {
                    self.remove_all();
                }
                ids.into_iter().for_each(|id| self.add(id));
            }
        }
        Ok(())
    }

    /// `add` with `members[value eq "x"]` can only mean that x becomes a member.
    fn add_described(
        &mut self,
        step: &Step,
        filter: &Filter,
        rows: &str,
        limits: &Limits,
    ) -> Result<()> {
        let mut chosen = ids(filter).unwrap_or_default().into_iter();
        let (Some(id), None, Verb::Add, None) =
            (chosen.next(), chosen.next(), step.verb, &step.path.attr.sub)
        else {
            return Err(immutable(rows));
        };
        let sent = match step.value.as_ref() {
            Some(value) if !is_unassigned(value) => read_members(value, rows, limits)?,
            _ => Vec::new(),
        };
        if sent.iter().any(|sent| *sent != id) {
            return Err(immutable(rows));
        }
        for id in read_members(&Value::String(id), rows, limits)? {
            self.add(id);
        }
        Ok(())
    }

    fn chosen(&self, filter: &Filter, condition: &Condition) -> Result<BTreeSet<String>> {
        if let Some(ids) = ids(filter) {
            return Ok(ids);
        }
        let Some(present) = self.present else {
            return Err(Error::new(
                500,
                None,
                "the members are needed to apply this patch and were not given",
            ));
        };
        let fits = |id: &str, kind: &str, display: Option<&str>| {
            let mut member = json!({ "value": id, "type": kind });
            if let (Some(display), Some(parts)) = (display, member.as_object_mut()) {
                parts.insert("display".into(), json!(display));
            }
            condition.matches_value(&member)
        };
        let known: HashSet<&str> = present.iter().map(|member| member.value.as_str()).collect();
        let old = present
            .iter()
            .filter(|member| {
                let gone = self.clear || self.removed.contains(&member.value);
                !gone || self.added.contains_key(&member.value)
            })
            .filter(|member| fits(&member.value, &member.kind, member.display.as_deref()))
            .map(|member| member.value.clone());
        let new = self
            .added
            .keys()
            .filter(|id| !known.contains(id.as_str()) && fits(id, "User", None))
            .cloned();
        Ok(old.chain(new).collect())
    }

    fn add(&mut self, id: String) {
        self.removed.remove(&id);
        self.clock += 1;
        self.added.entry(id).or_insert(self.clock);
    }

    fn remove(&mut self, id: &str) {
        self.added.remove(id);
        if !self.clear {
            self.removed.insert(id.to_owned());
        }
    }

    fn remove_all(&mut self) {
        self.clear = true;
        self.added.clear();
        self.removed.clear();
    }
}

fn immutable(rows: &str) -> Error {
    Error::mutability(format!(
        "a value of {} cannot be changed: remove it and add another",
        quote(rows)
    ))
}
