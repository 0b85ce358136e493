//! "Did you mean": the known name nearest to an unknown one.
//!
//! It suggests or stays silent; it never corrects anything.

use super::{AttrPath, resolve};
use crate::error::quote;
use crate::schema::{Attribute, ResourceType, common};

/// `; did you mean …?` or nothing.
pub(crate) fn suggest(path: &AttrPath, rt: &ResourceType) -> String {
    let parent = AttrPath { sub: None, ..path.clone() };
    if let (Some(sub), Some(target)) = (&path.sub, resolve(&parent, rt)) {
        let near = nearest(sub, &target.attribute.sub_attributes);
        return phrase(near.map(|near| format!("{}.{near}", target.attribute.name)));
    }
    let extensions = rt.extensions.iter().flat_map(|extension| &extension.schema.attributes);
    let known = rt.schema.attributes.iter().chain(common()).chain(extensions);
    phrase(nearest(&path.name, known).map(Into::into))
}

/// The same for a name inside brackets.
pub(crate) fn suggest_sub(name: &str, attribute: &Attribute) -> String {
    phrase(nearest(name, &attribute.sub_attributes).map(Into::into))
}

fn phrase(near: Option<String>) -> String {
    near.map(|near| format!("; did you mean {}?", quote(&near))).unwrap_or_default()
}

fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a Attribute>) -> Option<&'a str> {
    if name.len() > 40 {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let allowed = if name.len() > 4 { 2 } else { 1 };
    known
        .into_iter()
        .map(|attribute| (distance(&name, &attribute.name.to_ascii_lowercase()), attribute))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, attribute)| attribute.name.as_str())
}

/// How many letters must be added, dropped or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut last = i + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(&b) {
            let cost = diagonal + usize::from(left != *right);
            diagonal = *cell;
            last = cost.min(last + 1).min(diagonal + 1);
            *cell = last;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::user_type;

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("kitten", "sitting", 3),
            ("same", "same", 0),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn suggestions() {
        let rt = user_type();
        let say = |text: &str| suggest(&AttrPath::parse(text, 0).unwrap(), &rt);
        assert_eq!(say("usernme"), "; did you mean `userName`?");
        assert_eq!(say("departmnt"), "; did you mean `department`?");
        assert_eq!(say("emails.vale"), "; did you mean `emails.value`?");
        assert_eq!(say("shoeSize"), "");
    }
}
