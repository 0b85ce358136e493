//! One filter over several resource types (RFC 7644 section 3.4.2.1): what a type doesn't have, none of
//! its resources have a value for.

use super::{Condition, Filter};
use crate::path::{AttrPath, resolve};
use crate::schema::ResourceType;
use crate::{Error, Result};

impl Filter {
    /// The condition for each of the types, in their order. An attribute that no type has is refused.
    pub fn bind_across(&self, types: &[&ResourceType]) -> Result<Vec<Condition>> {
        if let [one] = types {
            return Ok(vec![self.bind(one)?]);
        }
        let unknown = self.find(&|path| types.iter().all(|rt| resolve(path, rt).is_none()));
        if let (Some(path), Some(first)) = (unknown, types.first()) {
            // Says what is wrong with it, as it would for one type.
            let lonely = Filter::Present(path.clone());
            lonely.bind(first)?;
            return Err(Error::invalid_filter(format!("nothing has the attribute `{path}`")));
        }
        types.iter().map(|rt| self.without(rt).bind(rt)).collect()
    }

    /// The first path outside of brackets for which the test holds.
    fn find(&self, test: &dyn Fn(&AttrPath) -> bool) -> Option<&AttrPath> {
        match self {
            Filter::And(parts) | Filter::Or(parts) => parts.iter().find_map(|part| part.find(test)),
            Filter::Not(part) => part.find(test),
            Filter::Present(path) | Filter::Compare { path, .. } | Filter::Any { path, .. } => {
                Some(path).filter(|path| test(path))
            }
        }
    }

    /// The same with everything decided that the type has no attribute for.
    fn without(&self, rt: &ResourceType) -> Filter {
        let all = |parts: &[Filter]| parts.iter().map(|part| part.without(rt)).collect();
        match self {
            Filter::And(parts) => Filter::And(all(parts)),
            Filter::Or(parts) => Filter::Or(all(parts)),
            Filter::Not(part) => Filter::Not(Box::new(part.without(rt))),
            Filter::Present(path) | Filter::Any { path, .. } if resolve(path, rt).is_none() => {
                Filter::Or(Vec::new())
            }
            Filter::Compare { path, op, value } if resolve(path, rt).is_none() => {
                // No value differs from every value, and equals null.
                if (*op == super::Op::Ne) != value.is_null()
                    && matches!(op, super::Op::Eq | super::Op::Ne)
                {
                    Filter::And(Vec::new())
                } else {
                    Filter::Or(Vec::new())
                }
            }
            kept => kept.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::limits::Limits;
    use crate::schema::{group_type, user_type};

    #[test]
    fn what_a_type_lacks_is_absent() {
        let (user, group) = (user_type(), group_type());
        let ada = json!({"userName": "ada", "displayName": "Ada"});
        let ops = json!({"displayName": "Ops"});
        for (text, ada_found, ops_found) in [
            ("userName pr", true, false),
            ("not (userName pr)", false, true),
            ("userName eq \"ada\" or displayName eq \"ops\"", true, true),
            ("userName eq \"ada\" and displayName eq \"ops\"", false, false),
            ("userName ne \"bob\"", true, true),
            ("userName eq null", false, true),
            ("userName ne null", true, false),
            ("emails[type eq \"work\"]", false, false),
            ("not (emails[type eq \"work\"])", true, true),
            ("members pr", false, false),
            ("displayName sw \"o\"", false, true),
        ] {
            let filter = Filter::parse(text, &Limits::default()).unwrap();
            let conditions = filter.bind_across(&[&user, &group]).unwrap();
            let found = |index: usize, document: &serde_json::Value| {
                conditions[index].matches(document.as_object().unwrap())
            };
            assert_eq!((found(0, &ada), found(1, &ops)), (ada_found, ops_found), "{text}");
        }
    }

    #[test]
    fn what_nobody_has_is_refused() {
        let (user, group) = (user_type(), group_type());
        let filter = Filter::parse("displayName pr and usrName pr", &Limits::default()).unwrap();
        let error = filter.bind_across(&[&user, &group]).unwrap_err();
        assert!(error.detail.contains("`usrName` at byte 19"), "{error}");
        let filter = Filter::parse("active gt true", &Limits::default()).unwrap();
        assert!(filter.bind_across(&[&user, &group]).is_err());
    }
}
