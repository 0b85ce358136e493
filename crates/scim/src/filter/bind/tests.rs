//! What filters are bound to.

use super::*;
use crate::ScimType;
use crate::limits::Limits;
use crate::schema::{ENTERPRISE_USER, group_type, user_type};

fn bound(text: &str, rt: &ResourceType) -> Result<Condition> {
    Filter::parse(text, &Limits::default())?.bind(rt)
}

/// The name, operator and key a comparison comes down to.
fn check(text: &str, rt: &ResourceType, name: &str, op: Op, key: &str, multi_valued: bool) {
    match bound(text, rt) {
        Ok(Condition::Compare { term, op: actual, value: Literal::Key(actual_key) }) => {
            assert_eq!(
                (term.name.as_str(), actual, actual_key.as_str(), term.multi_valued),
                (name, op, key, multi_valued),
                "{text}"
            );
        }
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn comparisons() {
    let user = user_type();
    let group = group_type();
    let manager = format!("{ENTERPRISE_USER}:manager.value");
    check("USERNAME Eq \"BJensen\"", &user, "userName", Op::Eq, "bjensen", false);
    check("id eq \"AbC\"", &user, "id", Op::Eq, "AbC", false);
    check("externalId eq 12", &user, "externalId", Op::Eq, "12", false);
    check("emails co \"Ex\"", &user, "emails.value", Op::Co, "ex", true);
    check("emails.type sw W", &user, "emails.type", Op::Sw, "w", true);
    check("manager eq \"x\"", &user, &manager, Op::Eq, "x", false);
    check("active ne \"True\"", &user, "active", Op::Ne, "true", false);
    check("emails.primary eq true", &user, "emails.primary", Op::Eq, "true", true);
    check("members eq \"m\"", &group, "members.value", Op::Eq, "m", true);
    check(
        "meta.Created gt 2015-10-10T14:38:21.8617979-07:00",
        &user,
        "meta.created",
        Op::Gt,
        "2015-10-10T21:38:21.861797900Z",
        false,
    );
    check("displayName eq true", &user, "displayName", Op::Eq, "true", false);
}

#[test]
fn brackets_keep_full_names() {
    let Ok(Condition::Any { term, of }) =
        bound("emails[type eq \"work\"].value eq \"X\"", &user_type())
    else {
        panic!()
    };
    assert_eq!(term.name, "emails");
    let Condition::And(parts) = *of else { panic!() };
    assert_eq!(parts.len(), 2);
    assert!(matches!(&parts[1], Condition::Compare { term, value: Literal::Key(key), .. }
        if term.name == "emails.value" && key == "x" && term.multi_valued));
}

#[test]
fn null_is_absence() {
    for (text, negated) in [("title eq null", true), ("emails ne null", false)] {
        let condition = bound(text, &user_type()).unwrap();
        assert_eq!(matches!(condition, Condition::Not(_)), negated, "{text}");
    }
}

#[test]
fn refusals() {
    for (text, says) in [
        ("usrName eq \"x\"", "did you mean `userName`"),
        ("a pr and title pr", "`a` at byte 0"),
        ("title pr and active gt true", "byte 13"),
        ("active co \"t\"", "cannot be compared by `co`"),
        ("active eq maybe", "`maybe`"),
        ("x509Certificates.value gt \"x\"", "base64"),
        ("meta.created gt \"yesterday\"", "dateTime"),
        ("meta.created sw \"2011\"", "`gt`"),
        ("name eq \"x\"", "`name.formatted`"),
        ("addresses co \"x\"", "`addresses.formatted`"),
        ("password eq \"x\"", "never returned"),
        ("title co null", "null"),
        ("emails[typ eq \"x\"]", "did you mean `type`"),
        ("emails.value[type eq \"x\"]", "must follow"),
        ("title[value eq \"x\"]", "no sub-attributes"),
        ("urn:x:y:title pr", "no attribute"),
    ] {
        let error = bound(text, &user_type()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        assert!(error.detail.contains(says), "{text}: {error}");
    }
}
