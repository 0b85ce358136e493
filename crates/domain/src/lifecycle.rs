//! What a change of a person at the identity provider means for their membership here.
//!
//! Pure: the caller says what was, what is and what stands in the way, and does what it is told.

/// What the identity provider says about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Never assigned, or deleted.
    Absent,
    Inactive,
    Active,
}

impl Standing {
    #[must_use]
    pub const fn of(active: bool) -> Standing {
        if active { Standing::Active } else { Standing::Inactive }
    }
}

/// What has to happen to the membership, in the transaction of the change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing but the profile may have changed.
    Keep,
    /// The person becomes a member with Minimal Account Access, under the id they had before if any.
    Admit,
    /// Membership ends with every session, device and token of the person.
    Dismiss,
    /// As `Dismiss`, but the account would be left without a Super Administrator: the membership and
    /// its role stay, marked protected, until an administrator releases it.
    Protect,
}

/// `sole_super_administrator` is asked only where it matters, and may cost a query.
#[must_use]
pub fn consequence(
    before: Standing,
    after: Standing,
    sole_super_administrator: bool,
) -> Consequence {
    match (before, after) {
        (Standing::Active, Standing::Active) => Consequence::Keep,
        (_, Standing::Active) => Consequence::Admit,
        (Standing::Active, _) if sole_super_administrator => Consequence::Protect,
        (Standing::Active, _) => Consequence::Dismiss,
        (_, _) => Consequence::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::{Consequence, Standing, consequence};

    #[test]
    fn the_whole_table() {
        use Consequence::{Admit, Dismiss, Keep, Protect};
        use Standing::{Absent, Active, Inactive};
        for (before, after, ordinary, sole) in [
            (Absent, Active, Admit, Admit),
            (Inactive, Active, Admit, Admit),
            (Active, Active, Keep, Keep),
            (Active, Inactive, Dismiss, Protect),
            (Active, Absent, Dismiss, Protect),
            (Absent, Inactive, Keep, Keep),
            (Inactive, Inactive, Keep, Keep),
            (Inactive, Absent, Keep, Keep),
        ] {
            assert_eq!(consequence(before, after, false), ordinary, "{before:?} -> {after:?}");
            assert_eq!(consequence(before, after, true), sole, "{before:?} -> {after:?}, sole");
        }
    }
}
