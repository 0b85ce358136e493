//! What holds for every document and every patch.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn operations() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        "title",
        "active",
        "name",
        "name.givenName",
        "emails",
        "emails.type",
        "manager",
        "roles",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\"].value",
        "emails[primary eq true].primary",
        "manager[value eq \"a\"]",
        "addresses[type eq \"work\"].locality",
        "userName",
        "",
    ]);
    let value = crate::resource::tests::json_values();
    let verb = prop::sample::select(vec!["add", "Replace", "remove"]);
    let one = (verb, path, value)
        .prop_map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }));
    prop::collection::vec(one, 0..4).prop_map(Value::from)
}

proptest! {
    #[test]
    fn outcomes_are_in_normal_form(body in crate::resource::tests::bodies(), operations in operations()) {
        let rt = user_type();
        let limits = Limits::default();
        if let Ok(before) = crate::resource::read(&body, &rt, &limits)
            && let Ok(outcome) = patch(&Value::Object(before.document), &operations)
        {
            let again = crate::resource::read(&Value::Object(outcome.document.clone()), &rt, &limits);
            prop_assert_eq!(again.map(|intake| intake.document), Ok(outcome.document));
        }
    }

    #[test]
    fn replacing_twice_is_replacing_once(body in crate::resource::tests::bodies(), text in "[a-c]{0,2}") {
        let rt = user_type();
        if let Ok(before) = crate::resource::read(&body, &rt, &Limits::default()) {
            for path in ["title", "emails[type eq \"work\"].value", "manager", "name.givenName"] {
                let operations = op("replace", path, json!(text));
                let once = patch(&Value::Object(before.document.clone()), &operations).unwrap().document;
                let twice = patch(&Value::Object(once.clone()), &operations).unwrap().document;
                prop_assert_eq!(once, twice);
            }
        }
    }
}
