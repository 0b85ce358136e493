//! PATCH (RFC 7644 section 3.5.2): all operations or none, each on the result of the one before.
//!
//! [`Patch::parse`] checks everything that can be known without the resource; [`Patch::apply`]
//! works on a copy and returns what became of it. The members of a group are not in the document:
//! for them the outcome says whom to add and remove, and storing that is the caller's. What
//! clients send beside the RFC is in `tolerance`, each quirk once.

mod edit;
mod list;
mod membership;
mod operation;
mod tolerance;
mod work;

use serde_json::Value;

use self::edit::Edit;
use self::membership::Membership;
use self::operation::Step;
use self::work::Work;
use crate::limits::Limits;
use crate::resource::{check_immutable, normalize};
use crate::schema::ResourceType;
use crate::{Document, Result};

/// The operations of a PATCH, checked against a resource type.
#[derive(Clone, Debug)]
pub struct Patch {
    steps: Vec<Step>,
    member_terms: usize,
    limits: Limits,
}

/// A member of a group as filters see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub value: String,
    pub display: Option<String>,
    /// `User`
    pub kind: String,
}

/// What a PATCH comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Equal to the document before if nothing changed.
    pub document: Document,
    pub members: MemberChange,
}

/// The net change of the members: clear first if so told, then add and remove. No id is in both
/// lists, and after `clear` there is nothing to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberChange {
    pub clear: bool,
    pub add: Vec<String>,
    pub remove: Vec<String>,
}

impl MemberChange {
    pub fn is_empty(&self) -> bool {
        !self.clear && self.add.is_empty() && self.remove.is_empty()
    }
}

impl Patch {
    /// Reads the body of a PATCH.
    pub fn parse(body: &Value, rt: &ResourceType, limits: &Limits) -> Result<Patch> {
        let steps = operation::read(body, rt, limits)?;
        let member_terms = membership::terms(&steps, rt, limits)?;
        Ok(Patch { steps, member_terms, limits: *limits })
    }

    /// Whether an operation chooses members by something other than their id, so that `apply`
    /// must be given them.
    pub fn needs_members(&self) -> bool {
        self.member_terms > 0
    }

    /// How many comparisons `apply` makes with each member, at most.
    pub fn member_terms(&self) -> usize {
        self.member_terms
    }

    /// Applies the operations to a document in normal form. `members` are the present members,
    /// needed only if [`Patch::needs_members`].
    pub fn apply(
        &self,
        document: &Document,
        rt: &ResourceType,
        members: Option<&[Member]>,
    ) -> Result<Outcome> {
        let mut edit = Edit {
            document: document.clone(),
            membership: Membership::new(members),
            rt,
            limits: &self.limits,
            work: Work::new(&self.limits),
        };
        for step in &self.steps {
            edit.run(step).map_err(|error| error.within(&step.place()))?;
        }
        let after = normalize(&edit.document, rt, &self.limits)?;
        check_immutable(document, &after, rt)?;
        Ok(Outcome { document: after, members: edit.membership.into_change() })
    }
}

#[cfg(test)]
mod tests;
