//! A person in one account.

use crate::id::{AccountId, MemberId, PersonId};
use crate::time::Time;
use scim::Document;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Invited, not yet in.
    Pending,
    /// In.
    Accepted,
    /// Out: what is left is the tombstone, which can be restored.
    Removed,
}

impl Status {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Pending => "pending",
            Status::Accepted => "accepted",
            Status::Removed => "removed",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Status> {
        [Status::Pending, Status::Accepted, Status::Removed]
            .into_iter()
            .find(|status| status.as_str() == text)
    }
}

#[derive(Clone, Debug)]
pub struct Member {
    pub account_id: AccountId,
    pub id: MemberId,
    pub person_id: PersonId,
    /// The folded SCIM `userName`, or the folded e-mail address of a member who was added by hand.
    pub key: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub status: Status,
    /// The identity provider decides whether this person is in.
    pub managed: bool,
    /// The identity provider said "out", and the rule of the only Super Administrator said "stay".
    pub protected: bool,
    pub created_at: Time,
    pub modified_at: Time,
}

/// Who a SCIM User is: what members, lists and the dashboard show of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub key: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
}

impl Profile {
    /// `userName` is the e-mail address where it looks like one; else the primary or first address.
    #[must_use]
    pub fn of(document: &Document) -> Profile {
        let text = |path: &str| scim::resource::text(document, path).unwrap_or_default().to_owned();
        let user_name = text("userName");
        let email = if user_name.contains('@') {
            user_name.clone()
        } else {
            primary_email(document).unwrap_or_else(|| user_name.clone())
        };
        Profile {
            key: scim::schema::fold(&user_name).into_owned(),
            email,
            first_name: text("name.givenName"),
            last_name: text("name.familyName"),
        }
    }
}

fn primary_email(document: &Document) -> Option<String> {
    let emails = document.get("emails")?.as_array()?;
    let primary = emails.iter().find(|email| email["primary"] == true).or(emails.first())?;
    primary["value"].as_str().map(str::to_owned)
}

/// An active SCIM User, unless it says otherwise: a client that leaves `active` out means "in".
#[must_use]
pub fn is_active(document: &Document) -> bool {
    says_active(document).unwrap_or(true)
}

/// What the document says of `active`, if it says anything.
#[must_use]
pub fn says_active(document: &Document) -> Option<bool> {
    document.get("active").and_then(serde_json::Value::as_bool)
}

/// Whether the user principal name and the e-mail address that Entra sent agree, case included.
#[must_use]
pub fn names_agree(document: &Document) -> bool {
    let user_name = scim::resource::text(document, "userName").unwrap_or_default();
    primary_email(document).is_none_or(|email| email == user_name)
}

#[cfg(test)]
mod tests {
    use super::{Profile, is_active, names_agree};
    use serde_json::json;

    fn profile(document: serde_json::Value) -> Profile {
        Profile::of(document.as_object().expect("an object"))
    }

    #[test]
    fn the_user_name_is_the_address_where_it_can_be() {
        let ada = profile(json!({"userName": "Ada@Example.com", "name": {"givenName": "Ada"},
            "emails": [{"value": "other@example.com"}]}));
        assert_eq!((ada.key.as_str(), ada.email.as_str()), ("ada@example.com", "Ada@Example.com"));
        let bob = profile(json!({"userName": "bob", "emails": [
            {"value": "a@example.com"}, {"value": "b@example.com", "primary": true}]}));
        assert_eq!((bob.key.as_str(), bob.email.as_str()), ("bob", "b@example.com"));
        assert_eq!(profile(json!({"userName": "eve"})).email, "eve");
    }

    #[test]
    fn a_user_without_active_is_in() {
        for (document, expected) in
            [(json!({}), true), (json!({"active": true}), true), (json!({"active": false}), false)]
        {
            assert_eq!(is_active(document.as_object().expect("an object")), expected);
        }
    }

    #[test]
    fn entra_names_agree_only_with_their_case() {
        let agree = |email: &str| {
            let document = json!({"userName": "ada@example.com", "emails": [{"value": email}]});
            names_agree(document.as_object().expect("an object"))
        };
        assert!(agree("ada@example.com"));
        assert!(!agree("Ada@example.com"));
    }
}
