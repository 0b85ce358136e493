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

/// What a person reads who got it wrong: where, and what to do about it.
const MESSAGES: [(&str, &str); 42] = [
    ("", "the filter is empty: expected a comparison such as `userName eq \"x\"` at byte 0"),
    ("  ", "the filter is empty: expected a comparison such as `userName eq \"x\"` at byte 0"),
    ("usrName eq \"x\"", "User has no attribute `usrName` at byte 0; did you mean `userName`?"),
    (
        "title pr and emails.valu eq \"x\"",
        "User has no attribute `emails.valu` at byte 13; did you mean `emails.value`?",
    ),
    ("emails[typ eq \"x\"]", "emails has no attribute `typ` at byte 7; did you mean `type`?"),
    ("shoeSize pr", "User has no attribute `shoeSize` at byte 0"),
    ("urn:x:y:title pr", "User has no attribute `urn:x:y:title` at byte 0; did you mean `title`?"),
    ("active eq \"maybe\"", "`active` at byte 0 is a boolean and cannot be compared with `maybe`"),
    ("active eq 5", "`active` at byte 0 is a boolean and cannot be compared with a number"),
    (
        "title pr and active gt true",
        "`active` at byte 13 is a boolean and cannot be compared by `gt`: use `eq`, `ne` or `pr`",
    ),
    (
        "meta.created gt \"yesterday\"",
        "`meta.created` at byte 0 is a dateTime such as `2026-05-13T04:42:34Z` and cannot be compared with `yesterday`",
    ),
    (
        "meta.created sw \"2011\"",
        "`meta.created` at byte 0 is a dateTime such as `2026-05-13T04:42:34Z` and cannot be compared by `sw`: use `eq`, `ne`, `gt`, `ge`, `lt`, `le` or `pr`",
    ),
    (
        "x509Certificates.value gt \"x\"",
        "`x509Certificates.value` at byte 0 is a base64 string and cannot be compared by `gt`: use `eq`, `ne`, `co`, `sw`, `ew` or `pr`",
    ),
    ("title gt null", "`title` at byte 0 is a string and cannot be compared with null"),
    ("name eq \"x\"", "`name` at byte 0 has parts: compare one of them, such as `name.formatted`"),
    ("title[value eq \"x\"]", "`title` at byte 0 has no sub-attributes to filter by"),
    (
        "emails.value[type eq \"x\"]",
        "the bracket after `emails.value` at byte 0 must follow the attribute itself",
    ),
    ("password eq \"x\"", "`password` at byte 0 is never returned and cannot be searched"),
    ("title eq \"x", "the string that begins at byte 9 has no closing quote"),
    ("title eq \"\\x\"", "the string at byte 9 is not a JSON string: check its escapes"),
    ("title eq x\u{0}y", "the value at byte 9 cannot contain the character U+0000"),
    (
        "title eq 'x'",
        "the value at byte 9 must be a string in double quotes, a number, `true`, `false` or `null`",
    ),
    (
        "title",
        "expected an operator (`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`) at byte 5, not the end",
    ),
    ("title eq", "expected a value at byte 8, not the end"),
    (
        "title is \"x\"",
        "expected an operator (`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`) at byte 6, not `is`",
    ),
    (
        "title = \"x\"",
        "expected an operator (`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`) at byte 6, not `=`",
    ),
    (
        "title == \"x\"",
        "expected an operator (`eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`) at byte 6, not `==`",
    ),
    (
        "title eq \"x\" nickName pr",
        "expected `and`, `or` or the end of the filter at byte 13, not `nickName`",
    ),
    ("title eq \"x\";", "expected `and`, `or` or the end of the filter at byte 12, not `;`"),
    ("title eq a b", "expected `and`, `or` or the end of the filter at byte 11, not `b`"),
    ("title pr \"x\"", "`pr` takes no value, but one begins at byte 9"),
    ("title pr eq \"x\"", "`pr` takes no value, but one begins at byte 9"),
    ("emails[type pr true]", "`pr` takes no value, but one begins at byte 15"),
    ("title pr )", "expected `and`, `or` or the end of the filter at byte 9, not `)`"),
    ("(title pr", "expected `)`, `and` or `or` at byte 9, not the end"),
    ("emails[type eq \"x\"", "expected `]`, `and` or `or` at byte 18, not the end"),
    ("emails[]", "expected an attribute name at byte 7, not `]`"),
    ("emails[emails[type pr]]", "brackets cannot nest, as at byte 13"),
    ("title pr and", "expected an attribute name at byte 12, not the end"),
    ("not title pr", "`not` needs parentheses, as in `not (title pr)`: expected `(` at byte 4"),
    ("é eq \"x\"", "expected an attribute name at byte 0, not `é`"),
    ("title eq \"é\" x", "expected `and`, `or` or the end of the filter at byte 14, not `x`"),
];

#[test]
fn messages() {
    for (text, says) in MESSAGES {
        let error = bound(text, &user_type()).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        assert_eq!(error.detail, says, "{text}");
    }
}
