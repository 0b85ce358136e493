//! Random filters that a resource type can answer, most of them about what is there.

use super::dice::Dice;
use super::pool;
use super::world::Shown;
use scim::path::{AttrPath, resolve};
use scim::schema::{Attribute, Kind as Type, ResourceType};
use serde_json::{Value, json};

/// An attribute that a filter can name.
#[derive(Debug)]
pub struct Named {
    /// As it may be written.
    paths: Vec<String>,
    attribute: Attribute,
    /// The values it has anywhere.
    values: Vec<Value>,
    /// What stands inside its brackets, if they may follow.
    parts: Vec<Named>,
}

pub struct Grammar<'d> {
    dice: &'d Dice,
    named: Vec<Named>,
}

const COMMON: [&str; 4] = ["id", "externalId", "meta", "schemas"];

impl<'d> Grammar<'d> {
    pub fn new(dice: &'d Dice, rt: &ResourceType, shown: &[Shown]) -> Grammar<'d> {
        let mut named = Vec::new();
        let mut add = |urn: &str, bare: bool, attribute: &Attribute, holders: &[&Value]| {
            let mut paths = vec![format!("{urn}:{}", attribute.name)];
            if bare {
                paths.push(attribute.name.clone());
            }
            named.extend(Named::all(&paths, attribute, holders));
        };
        let documents: Vec<Value> =
            shown.iter().map(|one| Value::Object(one.document.clone())).collect();
        let whole: Vec<&Value> = documents.iter().collect();
        for name in COMMON {
            let path = AttrPath::parse(name, 0).expect("a path");
            let attribute = resolve(&path, rt).expect("a common attribute").attribute;
            add(&rt.schema.id, true, attribute, &whole);
        }
        for attribute in rt.schema.attributes.iter().filter(|one| one.name != "password") {
            add(&rt.schema.id, true, attribute, &whole);
        }
        for extension in &rt.extensions {
            let urn = &extension.schema.id;
            let parts: Vec<&Value> = documents.iter().filter_map(|one| one.get(urn)).collect();
            for attribute in &extension.schema.attributes {
                add(urn, rt.schema.attribute(&attribute.name).is_none(), attribute, &parts);
            }
        }
        Grammar { dice, named }
    }

    pub fn filter(&self, depth: usize) -> String {
        let dice = self.dice;
        if depth == 0 || dice.percent(35) {
            return self.expression();
        }
        let part = || {
            let part = self.filter(depth - 1);
            if part.contains(' ') && dice.percent(60) { format!("({part})") } else { part }
        };
        match dice.below(5) {
            0 | 1 => format!("{} {} {}", part(), dice.recase("and"), part()),
            2 => format!("{} {} {}", part(), dice.recase("or"), part()),
            3 => format!("{} or {} and {}", part(), part(), part()),
            _ => format!("{}({})", dice.recase("not "), self.filter(depth - 1)),
        }
    }

    fn expression(&self) -> String {
        let named = self.dice.pick(&self.named);
        let path = self.path(named);
        if named.parts.is_empty() || self.dice.percent(35) {
            return self.comparison(&path, named);
        }
        let inside = self.inside(&named.parts, 2);
        if self.dice.percent(25) && named.attribute.kind == Type::Complex {
            let part = self.dice.pick(&named.parts);
            let comparison = self.comparison(&self.path(part), part);
            return format!("{path}[{inside}].{comparison}");
        }
        format!("{path}[{inside}]")
    }

    fn path(&self, named: &Named) -> String {
        self.dice.recase(self.dice.pick(&named.paths))
    }

    fn inside(&self, parts: &[Named], depth: usize) -> String {
        let dice = self.dice;
        if depth == 0 || dice.percent(50) {
            let part = dice.pick(parts);
            return self.comparison(&self.path(part), part);
        }
        let (one, other) = (self.inside(parts, depth - 1), self.inside(parts, depth - 1));
        match dice.below(4) {
            0 => format!("({one}) and ({other})"),
            1 => format!("{one} and {other}"),
            2 => format!("{one} or {other}"),
            _ => format!("not ({one})"),
        }
    }

    fn comparison(&self, path: &str, named: &Named) -> String {
        let dice = self.dice;
        // A complex attribute stands for its `value`, where it has one.
        let compared = match named.parts.iter().find(|part| part.paths[0] == "value") {
            Some(value) if named.attribute.kind == Type::Complex => value,
            None if named.attribute.kind == Type::Complex => return format!("{path} pr"),
            _ => named,
        };
        let operators: &[&str] = match compared.attribute.kind {
            Type::Boolean => &["eq", "ne"],
            Type::Binary => &["eq", "ne", "co", "sw", "ew"],
            Type::Integer | Type::Decimal | Type::DateTime => &["eq", "ne", "gt", "ge", "lt", "le"],
            _ => &["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"],
        };
        match dice.below(20) {
            0 => format!("{path} {}", dice.recase("pr")),
            1 => format!("{path} {} null", dice.pick(&["eq", "ne"])),
            _ => {
                let operator = dice.recase(dice.pick(operators));
                format!("{path} {operator} {}", self.literal(compared))
            }
        }
    }

    fn literal(&self, named: &Named) -> String {
        let dice = self.dice;
        let kind = named.attribute.kind;
        let value = match named.values.as_slice() {
            values if !values.is_empty() && dice.percent(85) => dice.pick(values).clone(),
            _ => pool::value(dice, kind),
        };
        match (kind, value) {
            (Type::DateTime, Value::String(text)) => json!(self.near(&text)).to_string(),
            (Type::Boolean, Value::Bool(value)) => {
                let word = dice.recase(value.to_string());
                if dice.percent(50) { format!("\"{word}\"") } else { word }
            }
            (_, Value::Number(number)) => {
                let text = number.to_string();
                let whole = !text.contains(['.', 'e']);
                match dice.below(5) {
                    0 if whole && text.len() < 10 => format!("{text}.0"),
                    1 if whole && text.len() < 10 => format!("{text}e0"),
                    2 => format!("\"{text}\""),
                    _ => text,
                }
            }
            (_, Value::String(text)) => json!(self.vary(text)).to_string(),
            (_, other) => other.to_string(),
        }
    }

    /// The text, or one that is near to it.
    fn vary(&self, text: String) -> String {
        let dice = self.dice;
        match dice.below(10) {
            0..=3 => text,
            4 => dice.recase(&text),
            5 | 6 => dice.piece(&text),
            7 => dice.piece(&dice.recase(&text)),
            8 => text + *dice.pick(&["x", "%", "\u{1}", "\u{10ffff}", "\u{0301}", " "]),
            _ => (*dice.pick(&["", "a", "%", "_", "e", "4", "\u{1}", "é", "\u{10ffff}", "😀"]))
                .to_owned(),
        }
    }

    /// The instant, written otherwise or not quite the same.
    fn near(&self, text: &str) -> String {
        let dice = self.dice;
        let Some(start) = text.strip_suffix('Z').filter(|_| dice.percent(60)) else {
            return text.to_owned();
        };
        let (start, fraction) = start.split_once('.').unwrap_or((start, ""));
        let fraction = match dice.below(4) {
            0 => format!(".{fraction}0"),
            1 => format!(".{fraction:0<3}0005"),
            2 => format!(".{fraction:0<9}"),
            _ => format!(".{fraction:0<3}"),
        };
        format!(
            "{start}{fraction}{}",
            dice.pick(&["Z", "z", "+00:00", "-00:00", "+00:30", "-01:00"])
        )
    }
}

impl Named {
    /// The attribute, and its sub-attributes by their full names.
    fn all(paths: &[String], attribute: &Attribute, holders: &[&Value]) -> Vec<Named> {
        let values: Vec<&Value> =
            holders.iter().flat_map(|holder| values(holder, attribute)).collect();
        let mut all = Vec::new();
        let mut parts = Vec::new();
        for sub in &attribute.sub_attributes {
            let full: Vec<String> =
                paths.iter().map(|path| format!("{path}.{}", sub.name)).collect();
            all.extend(Named::all(&full, sub, &values));
            parts.extend(Named::all(std::slice::from_ref(&sub.name), sub, &values));
        }
        let own: Vec<Value> = values.into_iter().cloned().collect();
        if attribute.multi_valued && parts.is_empty() {
            parts.push(Named {
                paths: vec!["value".to_owned()],
                attribute: attribute.clone(),
                values: own.clone(),
                parts: Vec::new(),
            });
        }
        all.push(Named { paths: paths.to_vec(), attribute: attribute.clone(), values: own, parts });
        all
    }
}

fn values<'v>(holder: &'v Value, attribute: &Attribute) -> Vec<&'v Value> {
    match holder.get(&attribute.name) {
        None => Vec::new(),
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
    }
}
