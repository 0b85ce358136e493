//! The default mapping of a non-gallery application: which attribute of a person goes where, how it
//! is read back, and when two values count as the same. `active`, `manager` and `members` have
//! their own rules and are not in the table.

use serde_json::{Map, Value, json};

use crate::answer::{kind, text};
use crate::company::{Person, Team};

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ADSCIM_GROUP: &str =
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Plain(&'static str),
    Name(&'static str),
    Enterprise(&'static str),
    /// A sub-attribute of the element of this `type` in a multi-valued attribute.
    Element(&'static str, &'static str, &'static str),
}

#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) place: Place,
    /// Letter case matters.
    exact: bool,
    source: fn(&Person) -> String,
}

const fn fold(place: Place, source: fn(&Person) -> String) -> Attribute {
    Attribute { place, exact: false, source }
}

#[rustfmt::skip]
pub(crate) static USER_MAPPING: [Attribute; 20] = [
    fold(Place::Plain("userName"), |person| person.user_name.clone()),
    fold(Place::Plain("displayName"), |person| person.display_name.clone()),
    fold(Place::Plain("title"), |person| person.title.clone()),
    fold(Place::Plain("preferredLanguage"), |person| person.language.clone()),
    Attribute { place: Place::Plain("externalId"), exact: true, source: |person| person.mail_nickname.clone() },
    fold(Place::Name("givenName"), |person| person.given_name.clone()),
    fold(Place::Name("familyName"), |person| person.family_name.clone()),
    fold(Place::Name("formatted"), |person| format!("{} {}", person.given_name, person.family_name).trim().to_owned()),
    fold(Place::Enterprise("department"), |person| person.department.clone()),
    fold(Place::Enterprise("employeeNumber"), |person| person.employee_number.clone()),
    fold(Place::Element("emails", "work", "value"), |person| person.email.clone()),
    fold(Place::Element("phoneNumbers", "work", "value"), |person| person.phone.clone()),
    fold(Place::Element("phoneNumbers", "mobile", "value"), |person| person.mobile.clone()),
    fold(Place::Element("phoneNumbers", "fax", "value"), |person| person.fax.clone()),
    fold(Place::Element("addresses", "work", "formatted"), |person| person.office.name.to_owned()),
    fold(Place::Element("addresses", "work", "streetAddress"), |person| person.office.street.to_owned()),
    fold(Place::Element("addresses", "work", "locality"), |person| person.office.city.to_owned()),
    fold(Place::Element("addresses", "work", "region"), |person| person.office.region.to_owned()),
    fold(Place::Element("addresses", "work", "postalCode"), |person| person.office.postal_code.to_owned()),
    fold(Place::Element("addresses", "work", "country"), |person| person.office.country.to_owned()),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Add,
    Replace,
    Remove,
}

#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) place: Place,
    pub(crate) verb: Verb,
    /// What the source has; for a removal, what the target has.
    pub(crate) value: Value,
    found: Value,
}

impl Place {
    pub(crate) fn path(self) -> String {
        match self {
            Self::Plain(name) => name.to_owned(),
            Self::Name(name) => format!("name.{name}"),
            Self::Enterprise(name) => format!("{ENTERPRISE}:{name}"),
            Self::Element(list, kind, name) => format!("{list}[type eq \"{kind}\"].{name}"),
        }
    }

    /// What the target has; an empty text is nothing.
    fn read(self, resource: &Value) -> Option<&Value> {
        let value = match self {
            Self::Plain(name) => resource.get(name),
            Self::Name(name) => resource.get("name").and_then(|complex| complex.get(name)),
            Self::Enterprise(name) => resource.get(ENTERPRISE).and_then(|urn| urn.get(name)),
            Self::Element(list, kind, name) => find_element(resource, list, kind)?.get(name),
        };
        value.filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    fn write(self, resource: &mut Map<String, Value>, value: Value) {
        let (name, object) = match self {
            Self::Plain(name) => (name, Some(resource)),
            Self::Name(name) => (name, child(resource, "name")),
            Self::Enterprise(name) => (name, child(resource, ENTERPRISE)),
            Self::Element(list, kind, name) => (name, element(resource, list, kind)),
        };
        if let Some(object) = object {
            object.insert(name.to_owned(), value);
        }
    }
}

fn find_element<'a>(resource: &'a Value, list: &str, kind: &str) -> Option<&'a Value> {
    let mut elements = resource.get(list)?.as_array()?.iter();
    elements.find(|element| text(element, "type").eq_ignore_ascii_case(kind))
}

fn child<'a>(object: &'a mut Map<String, Value>, name: &str) -> Option<&'a mut Map<String, Value>> {
    object.entry(name).or_insert_with(|| json!({})).as_object_mut()
}

fn element<'a>(
    object: &'a mut Map<String, Value>,
    list: &str,
    kind: &str,
) -> Option<&'a mut Map<String, Value>> {
    let elements = object.entry(list).or_insert_with(|| json!([])).as_array_mut()?;
    let at = elements.iter().position(|element| text(element, "type") == kind);
    let at = at.unwrap_or_else(|| {
        elements.push(match list {
            "emails" => json!({"primary": true, "type": kind}),
            _ => json!({"type": kind}),
        });
        elements.len() - 1
    });
    elements.get_mut(at)?.as_object_mut()
}

/// The POST body: what has no value at the source is left out, and the manager follows later.
pub(crate) fn new_user(person: &Person) -> Value {
    let mut user = Map::new();
    user.insert("schemas".to_owned(), json!([USER, ENTERPRISE]));
    user.insert("active".to_owned(), Value::Bool(true));
    user.insert("meta".to_owned(), json!({"resourceType": "User"}));
    user.insert("roles".to_owned(), json!([]));
    for attribute in &USER_MAPPING {
        let value = (attribute.source)(person);
        if !value.is_empty() {
            attribute.place.write(&mut user, Value::from(value));
        }
    }
    Value::Object(user)
}

pub(crate) fn new_group(team: &Team) -> Value {
    json!({
        "schemas": [GROUP, ADSCIM_GROUP],
        "externalId": team.object_id,
        "displayName": team.name,
        "meta": {"resourceType": "Group"},
    })
}

/// Which attributes have a value at the source, one bit each.
pub(crate) fn list_filled(person: &Person) -> u32 {
    let filled =
        USER_MAPPING.iter().enumerate().filter(|(_, one)| !(one.source)(person).is_empty());
    filled.fold(0, |mask, (at, _)| mask | 1 << at)
}

/// `flowed` says which attributes ever had a value: an empty one that never had is left alone.
pub(crate) fn compare_user(person: &Person, resource: &Value, flowed: u32) -> Vec<Difference> {
    let compare = |(at, attribute): (usize, &Attribute)| {
        let source = (attribute.source)(person);
        compare_value(attribute.place, attribute.exact, &source, resource, flowed & 1 << at != 0)
    };
    let mut differences: Vec<Difference> =
        USER_MAPPING.iter().enumerate().filter_map(compare).collect();
    differences.extend(compare_active(true, resource));
    differences
}

pub(crate) fn compare_group(team: &Team, resource: &Value) -> Vec<Difference> {
    let mapped = [
        (Place::Plain("displayName"), &team.name, false),
        (Place::Plain("externalId"), &team.object_id, true),
    ];
    let compare = |(place, value, exact): (Place, &String, bool)| {
        compare_value(place, exact, value, resource, false)
    };
    mapped.into_iter().filter_map(compare).collect()
}

pub(crate) fn compare_active(active: bool, resource: &Value) -> Option<Difference> {
    let place = Place::Plain("active");
    let found = place.read(resource);
    if found == Some(&Value::Bool(active)) {
        return None;
    }
    let verb = if found.is_some() { Verb::Replace } else { Verb::Add };
    let found = found.cloned().unwrap_or_default();
    Some(Difference { place, verb, value: Value::Bool(active), found })
}

fn compare_value(
    place: Place,
    exact: bool,
    source: &str,
    resource: &Value,
    flowed: bool,
) -> Option<Difference> {
    let (verb, value, found) = match (source.is_empty(), place.read(resource)) {
        (true, Some(found)) if flowed => (Verb::Remove, found.clone(), found.clone()),
        (true, _) => return None,
        (false, None) => (Verb::Add, Value::from(source), Value::Null),
        (false, Some(found)) => {
            let same = found.as_str().is_some_and(|found| {
                found == source || (!exact && found.to_lowercase() == source.to_lowercase())
            });
            if same {
                return None;
            }
            (Verb::Replace, Value::from(source), found.clone())
        }
    };
    Some(Difference { place, verb, value, found })
}

/// The manager's id in the target. It is an object by now: [`check`] has seen it.
pub(crate) fn read_manager(resource: &Value) -> Option<String> {
    let manager = resource.get(ENTERPRISE)?.get("manager")?;
    let value = text(manager, "value");
    (!value.is_empty()).then(|| value.to_owned())
}

impl Difference {
    pub(crate) fn describe(&self) -> String {
        let (path, value, found) = (self.place.path(), &self.value, &self.found);
        match self.verb {
            Verb::Add => format!("`{path}` is now {value}"),
            Verb::Replace => format!("`{path}` is now {value}, was {found}"),
            Verb::Remove => format!("`{path}` is cleared, was {found}"),
        }
    }

    /// Why this had to be written although nothing changed at the source.
    pub(crate) fn explain(&self) -> String {
        let (path, value, found) = (self.place.path(), &self.value, &self.found);
        match self.verb {
            Verb::Add => format!("the server does not echo `{path}`: {value} was sent again"),
            Verb::Replace => {
                format!("the server echoes `{path}` as {found}: {value} was sent again")
            }
            Verb::Remove => {
                format!("the server still shows `{path}` as {found}, which was removed")
            }
        }
    }
}

/// What Entra cannot deserialize fails the whole object, in every cycle.
pub(crate) fn check(resource: &Value) -> Result<(), String> {
    let managers =
        [resource.get(ENTERPRISE).and_then(|urn| urn.get("manager")), resource.get("manager")];
    for manager in managers.into_iter().flatten() {
        if !manager.is_object() && !manager.is_null() {
            return Err(format!(
                "SystemForCrossDomainIdentityManagementServiceIncompatible: not able to deserialize \
                 the resource: `manager` is {}, not an object",
                kind(manager)
            ));
        }
    }
    if let Some(active) = resource.get("active").filter(|active| !active.is_boolean()) {
        return Err(format!("`active` is {} ({active}), not a boolean", kind(active)));
    }
    for list in ["emails", "phoneNumbers", "addresses", "roles"] {
        check_elements(resource, list)?;
    }
    Ok(())
}

fn check_elements(resource: &Value, list: &str) -> Result<(), String> {
    let mut types = Vec::new();
    for element in resource.get(list).and_then(Value::as_array).into_iter().flatten() {
        if let Some(primary) = element.get("primary").filter(|primary| !primary.is_boolean()) {
            return Err(format!(
                "`{list}.primary` is {} ({primary}), not a boolean",
                kind(primary)
            ));
        }
        let kind = text(element, "type").to_ascii_lowercase();
        if list != "roles" && !kind.is_empty() && types.contains(&kind) {
            return Err(format!("two `{list}` of type `{kind}`: a type must be unique"));
        }
        types.push(kind);
    }
    Ok(())
}
