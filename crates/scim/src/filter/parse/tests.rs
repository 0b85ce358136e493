//! What the grammar accepts, and how it refuses the rest.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::ScimType;

fn parse(text: &str) -> Result<Filter> {
    Filter::parse(text, &Limits::default())
}

/// Parses and prints; the print shows the grouping.
fn check(text: &str, expected: &str) {
    match parse(text) {
        Ok(filter) => assert_eq!(filter.to_string(), expected, "{text}"),
        Err(error) => panic!("{text}: {error}"),
    }
}

#[test]
fn examples_of_the_rfc() {
    for text in [
        r#"userName eq "bjensen""#,
        r#"name.familyName co "O'Malley""#,
        r#"userName sw "J""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
        "title pr",
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        r#"title pr and userType eq "Employee""#,
        r#"title pr or userType eq "Intern""#,
        r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"emails[type eq "work" and value co "@example.com"]"#,
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    ] {
        check(text, text);
    }
    check(
        r#"userType eq "Employee" and (emails.type eq "work")"#,
        r#"userType eq "Employee" and emails.type eq "work""#,
    );
}

#[test]
fn precedence_and_blanks() {
    check("a pr or b pr and c pr", "a pr or (b pr and c pr)");
    check("(a pr or b pr)and(c pr)", "(a pr or b pr) and c pr");
    check("not(a pr) and b pr", "not (a pr) and b pr");
    check("NOT (not(a pr))", "not (not (a pr))");
    check(r#"members[value eq"x"]"#, r#"members[value eq "x"]"#);
    check(r#"  a   EQ   "x"  AND b Pr"#, r#"a eq "x" and b pr"#);
    check("e[not(a pr) and (b pr or c pr)]", "e[not (a pr) and (b pr or c pr)]");
    check("not eq 5", "not eq 5");
}

#[test]
fn shapes_beyond_the_rfc() {
    check("externalId eq jyoung", r#"externalId eq "jyoung""#);
    check(
        "name.FamilyName eq Employee and (emails.Value co example.com or emails.Value co a.org)",
        r#"name.FamilyName eq "Employee" and (emails.Value co "example.com" or emails.Value co "a.org")"#,
    );
    check(
        "meta.Created gt 2015-10-10T14:38:21.8617979-07:00",
        r#"meta.Created gt "2015-10-10T14:38:21.8617979-07:00""#,
    );
    check(r#"emails[type eq "work"].value eq "x""#, r#"emails[type eq "work" and value eq "x"]"#);
    check(
        r#"emails[primary eq true].value eq "x" and active eq True"#,
        r#"emails[primary eq true and value eq "x"] and active eq "True""#,
    );
    check("emails[type eq work].value pr", r#"emails[type eq "work" and value pr]"#);
}

#[test]
fn values() {
    let value = |text: &str| match parse(&format!("a eq {text}")).unwrap() {
        Filter::Compare { value, .. } => value,
        other => panic!("{other}"),
    };
    for (text, expected) in [
        ("true", json!(true)),
        ("null", json!(null)),
        ("-12", json!(-12)),
        ("1.5", json!(1.5)),
        ("1.8671139730229575e+113", json!(1.8671139730229575e113)),
        ("1.50", json!("1.50")),
        ("007", json!("007")),
        ("123456789012345678901234567890", json!("123456789012345678901234567890")),
        (r#""a\"b\\""#, json!("a\"b\\")),
        (r#""\u00e9\ud83d\ude00""#, json!("é😀")),
        (r#""""#, json!("")),
        (r#"") and (""#, json!(") and (")),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn refusals() {
    for (text, says) in [
        ("", "empty"),
        ("   ", "empty"),
        ("userName", "expected an operator"),
        ("userName eq", "expected a value at byte 11, not the end"),
        (r#"userName is "x""#, "at byte 9, not `is`"),
        (r#"userName eq "x"#, "begins at byte 12"),
        (r#"userName eq "x" userName pr"#, "at byte 16"),
        (r#"userName eq "\ud800""#, "escapes"),
        (r#"userName eq "\x""#, "escapes"),
        ("userName eq 'x'", "double quotes"),
        ("userName eq {}", "double quotes"),
        ("userName eq [1]", "expected a value"),
        ("(a pr", "at byte 5, not the end"),
        ("a pr)", "at byte 4, not `)`"),
        ("a[b[c pr]]", "cannot nest"),
        ("a[]", "expected an attribute name at byte 2"),
        ("a[b pr", "expected `]`"),
        ("a[b pr].", "sub-attribute"),
        ("a[b pr].c", "expected an operator"),
        ("and", "expected an operator"),
        ("a pr and", "expected an attribute name"),
        ("not a pr", "expected `(` at byte 4"),
        ("1a pr", "expected an attribute name"),
        (":a pr", "expected an attribute name"),
        ("\u{0} pr", "expected an attribute name"),
        (r#"userName eq "a\u0000b""#, "U+0000"),
        ("userName eq a\u{0}b", "U+0000"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{text}");
        assert!(error.detail.contains(says), "{text}: {error}");
    }
}

#[test]
fn limits_hold() {
    let generous = Limits {
        filter_bytes: usize::MAX,
        filter_depth: usize::MAX,
        filter_terms: 10,
        ..Limits::default()
    };
    for open in ["(", "not(", "a[", "a[(", "not (not("] {
        let error = Filter::parse(&open.repeat(100_000), &generous).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{open}");
    }
    let deep = format!("{}a pr{}", "(".repeat(200), ")".repeat(200));
    assert!(Filter::parse(&deep, &generous).is_ok());
    assert!(Filter::parse(&deep, &Limits::default()).is_err());
    let long = ["a pr"; 11].join(" and ");
    assert!(Filter::parse(&long, &generous).unwrap_err().detail.contains("too many"));
    assert!(
        parse(&format!("a eq \"{}\"", "x".repeat(10_000))).unwrap_err().detail.contains("8192")
    );
}

fn paths() -> impl Strategy<Value = AttrPath> {
    let urn = prop::option::of("urn:[a-z]{1,5}:[0-9]\\.[0-9]:[A-Z][a-z]{0,4}");
    let name = || {
        let words = prop::sample::select(vec!["not", "and", "or", "pr", "eq", "null", "$ref"]);
        prop_oneof![4 => "[$]?[a-zA-Z][a-zA-Z0-9_-]{0,6}", 1 => words.prop_map(String::from)]
    };
    let sub = prop::option::of(name());
    (urn, name(), sub).prop_map(|(urn, name, sub)| AttrPath { urn, name, sub, at: 0 })
}

fn values_any() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[^\u{0}]{0,12}".prop_map(Value::String),
        any::<i64>().prop_map(|n| json!(n)),
        any::<u64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        prop::sample::select(vec!["true", "null", "1.5", "\"", "\\", ")", "]"])
            .prop_map(Value::from),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ]
}

fn filters(brackets: bool) -> BoxedStrategy<Filter> {
    let op = prop::sample::select(Op::ALL.to_vec());
    let leaf = prop_oneof![
        paths().prop_map(Filter::Present),
        (paths(), op, values_any()).prop_map(|(path, op, value)| Filter::Compare {
            path,
            op,
            value
        }),
    ];
    let leaf = if brackets {
        let any = (paths(), filters(false))
            .prop_map(|(path, filter)| Filter::Any { path, filter: Box::new(filter) });
        prop_oneof![3 => leaf, 1 => any].boxed()
    } else {
        leaf.boxed()
    };
    leaf.prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(filter in filters(true)) {
        prop_assert_eq!(parse(&filter.to_string()), Ok(filter));
    }

    #[test]
    fn any_text_is_safe(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }

    #[test]
    fn any_tokens_are_safe(tokens in prop::collection::vec(
        prop::sample::select(vec!["(", ")", "[", "]", "not", "and", "or", "pr", "eq", "a", ".b", "\"", "\\", "x:y", "1", "null", "é"]), 0..30
    ), blank in any::<bool>()) {
        let _ = parse(&tokens.join(if blank { " " } else { "" }));
    }
}
