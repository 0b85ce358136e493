//! Identifiers: 32 lower-case hexadecimal digits, one type for each thing they name.
//!
//! They are UUIDs of version 7 without the dashes, so that ids made later sort later and an index
//! grows at its end. Within a millisecond a counter keeps the order (RFC 9562 section 6.2): one bulk
//! request makes many. Nobody may read a meaning into them.

use crate::chance::Chance;
use crate::time::Time;
use std::fmt;

/// Makes 32 hexadecimal digits that sort by `now`.
#[must_use]
pub fn digits(now: Time, chance: &Chance) -> String {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let mut bytes: [u8; 10] = chance.bytes();
    // The first four carry the counter, but for six bits that say version and variant.
    let count = chance.next();
    bytes[..4].copy_from_slice(&[
        (count >> 22) as u8 & 0x0f,
        (count >> 14) as u8,
        (count >> 8) as u8 & 0x3f,
        count as u8,
    ]);
    uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().simple().to_string()
}

/// Thirty-two hexadecimal digits that follow from a text: the ids of what is built in.
#[must_use]
pub fn derive(text: &str) -> String {
    hex(&aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref()[..16])
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn new(now: Time, chance: &Chance) -> $name {
                $name(digits(now, chance))
            }

            /// `None` unless the text is 32 lower-case hexadecimal digits.
            #[must_use]
            pub fn parse(text: &str) -> Option<$name> {
                is_id(text).then(|| $name(text.to_owned()))
            }

            /// What the database gave back: checked when it was written.
            #[must_use]
            pub fn stored(text: String) -> $name {
                $name(text)
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )+};
}

ids! {
    /// A tenant.
    AccountId
    /// A human being, across accounts.
    PersonId
    /// A person in one account. A SCIM User has the same id as the member it provisions.
    MemberId
    /// A user group. A SCIM Group has the same id as the user group it provisions.
    GroupId
    /// One policy of a member or of a user group.
    PolicyId
    /// An API token (not its value).
    TokenId
    /// A dashboard session (not its cookie).
    SessionId
    /// One audit event.
    EventId
}

#[cfg(test)]
mod tests {
    use super::{MemberId, derive, digits};
    use crate::{chance::Chance, time::Time};

    #[test]
    fn ids_sort_by_the_instant_they_were_made() {
        let chance = Chance::system();
        let early = digits(Time::from_millis(1_000), &chance);
        let late = digits(Time::from_millis(1_001), &chance);
        assert!(early < late);
        assert!(MemberId::parse(&early).is_some());
    }

    #[test]
    fn ids_of_one_millisecond_are_in_the_order_they_were_made() {
        let chance = Chance::seeded(7);
        let ids: Vec<String> = (0..5000).map(|_| digits(Time::from_millis(1), &chance)).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn only_lower_case_hexadecimal_is_an_id() {
        for text in ["", "abc", &"g".repeat(32), &"A".repeat(32), &"a".repeat(33)] {
            assert_eq!(MemberId::parse(text), None, "{text}");
        }
        assert!(MemberId::parse(&derive("anything")).is_some());
    }
}
