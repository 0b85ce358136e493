//! Users and groups with every type of attribute, in the database and as the server would show them.

use super::dice::Dice;
use super::pool;
use crate::{BASE, NOW};
use domain::Time;
use domain::group::UserGroup;
use domain::id::{AccountId, GroupId, MemberId, PersonId};
use domain::member::{Member, Profile, Status};
use scim::Document;
use scim::schema::{Attribute, Extension, Kind as Type, ResourceType, Schema};
use serde_json::{Value, json};
use store::resource::{Index, Kind, Resource};
use store::{Db, Write, account, group, member, membership, resource};

pub const USERS: usize = 80;
pub const GROUPS: usize = 15;
const TYPES: [(&str, Type); 7] = [
    ("text", Type::String),
    ("flag", Type::Boolean),
    ("count", Type::Integer),
    ("ratio", Type::Decimal),
    ("since", Type::DateTime),
    ("link", Type::Reference),
    ("blob", Type::Binary),
];

/// One of each type, and a text in which case counts.
fn one_of_each(prefix: &str) -> Vec<Attribute> {
    let name = |name: &str| format!("{prefix}{name}");
    let exact = Attribute { case_exact: true, ..Attribute::new(&name("exact"), Type::String, "") };
    let others = TYPES.map(|(one, kind)| Attribute::new(&name(one), kind, ""));
    others.into_iter().chain([exact]).collect()
}

fn complex(name: &str, multi_valued: bool) -> Attribute {
    let mut sub_attributes = one_of_each("");
    sub_attributes.push(Attribute::new("value", Type::String, ""));
    sub_attributes.push(Attribute::new("type", Type::String, ""));
    sub_attributes.push(Attribute::new("primary", Type::Boolean, ""));
    Attribute { multi_valued, sub_attributes, ..Attribute::new(name, Type::Complex, "") }
}

/// The resource type with an extension that has everything: single, complex, several, complex several.
pub fn types(kind: Kind) -> ResourceType {
    let mut rt = match kind {
        Kind::User => scim::schema::user_type(),
        Kind::Group => scim::schema::group_type(),
    };
    let mut attributes = one_of_each("my");
    let several = one_of_each("some");
    attributes.extend(several.into_iter().map(|one| Attribute { multi_valued: true, ..one }));
    attributes.push(complex("spot", false));
    attributes.push(complex("items", true));
    let schema = Schema {
        id: format!("urn:example:extension:Everything:2.0:{}", rt.name),
        name: "Everything".to_owned(),
        description: String::new(),
        attributes,
    };
    rt.extensions.push(Extension { schema, required: false });
    rt
}

/// What a resource is asked by, and how it is shown.
#[derive(Debug)]
pub struct Shown {
    pub id: String,
    pub document: Document,
}

fn fill(dice: &Dice, attributes: &[Attribute], percent: usize) -> Document {
    let mut document = Document::new();
    for attribute in attributes.iter().filter(|_| dice.percent(percent)) {
        let count = if attribute.multi_valued { 1 + dice.below(3) } else { 1 };
        let mut values: Vec<Value> = (0..count).map(|_| one(dice, attribute)).collect();
        let mut primaries = 0;
        for value in &mut values {
            primaries += usize::from(value["primary"] == true);
            if primaries > 1 && value["primary"] == true {
                value["primary"] = json!(false);
            }
        }
        let value = if attribute.multi_valued { Value::Array(values) } else { values.remove(0) };
        document.insert(attribute.name.clone(), value);
    }
    document
}

fn one(dice: &Dice, attribute: &Attribute) -> Value {
    match attribute.name.as_str() {
        _ if attribute.kind == Type::Complex => {
            Value::Object(fill(dice, &attribute.sub_attributes, 45))
        }
        "type" => json!(dice.pick(&["work", "Work", "home", "other"])),
        _ => pool::value(dice, attribute.kind),
    }
}

/// A body as a client would send it, with what it must not decide left to the caller.
fn body(dice: &Dice, rt: &ResourceType) -> Document {
    let mut body = fill(dice, &rt.schema.attributes, 25);
    for unwanted in ["userName", "displayName", "password", "groups", "members", "active"] {
        body.remove(unwanted);
    }
    if dice.percent(50) {
        body.insert("externalId".to_owned(), pool::value(dice, Type::String));
    }
    for extension in rt.extensions.iter().filter(|_| dice.percent(70)) {
        let part = fill(dice, &extension.schema.attributes, 30);
        body.insert(extension.schema.id.clone(), Value::Object(part));
    }
    body
}

/// Names are unique without regard to case; few of them are addresses.
fn name(dice: &Dice, number: usize) -> String {
    match number % 8 {
        0 => format!("user{number}@example.com"),
        1 => format!("USER{number}@Example.com"),
        2 => "😀".repeat(110) + &number.to_string(),
        _ => {
            let text = pool::text(dice);
            let short: String = text.chars().take(200).collect();
            format!("{}{number}", short.replace(char::is_control, "x"))
        }
    }
}

async fn insert_users(write: &mut Write, dice: &Dice, rt: &ResourceType) -> Vec<Resource> {
    let mut users = Vec::new();
    for number in 0..USERS {
        let mut body = body(dice, rt);
        body.insert("userName".to_owned(), json!(name(dice, number)));
        body.insert("active".to_owned(), json!(dice.percent(60)));
        let document = read(body, rt);
        let profile = Profile::of(&document);
        let id = MemberId::new(NOW, dice.chance());
        insert_member(write, dice, &id, &profile).await;
        let user = insert(write, dice, Kind::User, id.as_str(), &document, rt, &profile.key).await;
        users.push(user);
    }
    users
}

async fn insert_member(write: &mut Write, dice: &Dice, id: &MemberId, profile: &Profile) {
    let person = PersonId::new(NOW, dice.chance());
    let row = Member {
        account_id: write.account(),
        id: id.clone(),
        person_id: account::ensure_person(write, &person, &profile.key, NOW)
            .await
            .expect("a person"),
        key: profile.key.clone(),
        email: profile.email.clone(),
        first_name: profile.first_name.clone(),
        last_name: profile.last_name.clone(),
        status: Status::Accepted,
        managed: true,
        protected: false,
        created_at: NOW,
        modified_at: NOW,
    };
    member::insert(write, &row).await.expect("a member");
}

/// Groups with some of the users, and what no resource shows: a member who is no SCIM user in one of
/// them, and a group that is no SCIM group.
async fn insert_groups(
    write: &mut Write,
    dice: &Dice,
    rt: &ResourceType,
    users: &[Resource],
) -> Vec<Resource> {
    let by_hand = crate::new_member(write, "by-hand@example.com").await.id.to_string();
    let mut groups = Vec::new();
    for number in 0..=GROUPS {
        let mut body = body(dice, rt);
        let name = name(dice, number);
        body.insert("displayName".to_owned(), json!(name));
        let id = GroupId::new(NOW, dice.chance());
        let managed = number < GROUPS;
        let row = UserGroup {
            account_id: write.account(),
            id: id.clone(),
            name: name.clone(),
            managed,
            created_at: NOW,
            modified_at: NOW,
        };
        group::insert(write, &row).await.expect("a user group");
        let share = *dice.pick(&[0, 0, 5, 20, 60]);
        let mut ids: Vec<String> =
            users.iter().filter(|_| dice.percent(share)).map(|user| user.id.clone()).collect();
        if number % 5 == 0 {
            ids.push(by_hand.clone());
        }
        membership::add(write, &id, &ids, NOW).await.expect("added");
        if managed {
            let document = read(body, rt);
            let key = scim::schema::fold(&name).into_owned();
            groups.push(insert(write, dice, Kind::Group, id.as_str(), &document, rt, &key).await);
        }
    }
    groups
}

fn read(body: Document, rt: &ResourceType) -> Document {
    let limits = domain::limits::scim();
    scim::resource::read(&Value::Object(body), rt, &limits).expect("a resource").document
}

async fn insert(
    write: &mut Write,
    dice: &Dice,
    kind: Kind,
    id: &str,
    document: &Document,
    rt: &ResourceType,
    key: &str,
) -> Resource {
    let created = NOW.millis() + dice.below(4) as i64 * 1000 + dice.below(3) as i64;
    let row = Resource {
        kind,
        id: id.to_owned(),
        name_key: key.to_owned(),
        external_id: scim::resource::text(document, "externalId").map(str::to_owned),
        active: domain::member::is_active(document),
        version: 1 + dice.below(12) as i64,
        created_at: Time::from_millis(created),
        modified_at: Time::from_millis(created + dice.below(3) as i64 * 500),
        body: Value::Object(document.clone()).to_string(),
    };
    let leaves = scim::resource::leaves(document, rt, kind.columns());
    resource::insert(write, &row, &Index { leaves, ..Index::default() }).await.expect("a resource");
    row
}

/// The resources as clients see them: see `render` in the server.
async fn show(write: &mut Write, rt: &ResourceType, rows: &[Resource]) -> Vec<Shown> {
    let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let (name, pairs) = match rt.name.as_str() {
        "User" => ("groups", membership::groups_of(write, &ids).await.expect("groups")),
        _ => ("members", membership::users_of(write, &ids).await.expect("users")),
    };
    let shown = rows.iter().map(|row| {
        let mut document: Document = serde_json::from_str(&row.body).expect("a document");
        let schemas = json!(scim::resource::schemas(&document, rt));
        let version = format!("W/\"{}\"", row.version);
        let location = format!("{BASE}{}/{}", rt.endpoint, row.id);
        let shared = pairs.iter().filter_map(|pair| match row.kind {
            Kind::User if pair.member_id == row.id => Some(json!({
                "value": pair.group_id, "display": pair.group_name, "type": "direct",
                "$ref": format!("{BASE}/Groups/{}", pair.group_id)})),
            Kind::Group if pair.group_id == row.id => Some(json!({
                "value": pair.member_id, "display": pair.member_email, "type": "User",
                "$ref": format!("{BASE}/Users/{}", pair.member_id)})),
            _ => None,
        });
        let shared: Vec<Value> = shared.collect();
        if !shared.is_empty() {
            document.insert(name.to_owned(), Value::Array(shared));
        }
        document.insert("schemas".to_owned(), schemas);
        document.insert("id".to_owned(), json!(row.id));
        let meta = json!({"resourceType": rt.name, "created": row.created_at,
            "lastModified": row.modified_at, "location": location, "version": version});
        document.insert("meta".to_owned(), meta);
        Shown { id: row.id.clone(), document }
    });
    shown.collect()
}

/// An account full of users and groups, as they are shown.
pub async fn fill_account(db: &Db) -> (AccountId, Vec<Shown>, Vec<Shown>) {
    let dice = Dice::new(7643);
    let account = crate::new_account(db).await;
    let mut write = db.write(&account).await.expect("a transaction");
    let (user, group) = (types(Kind::User), types(Kind::Group));
    let users = insert_users(&mut write, &dice, &user).await;
    let groups = insert_groups(&mut write, &dice, &group, &users).await;
    let users = show(&mut write, &user, &users).await;
    let groups = show(&mut write, &group, &groups).await;
    write.commit().await.expect("a commit");
    (account, users, groups)
}
